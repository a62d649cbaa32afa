#include "nest_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TIGHT_PERCENT = 3, GOOD_PERCENT = 4, SPARED = 2 };

void xw__nest_finish(xw__nest *n)
{
    for (uint32_t l = 0; l < XW_LEVELS_MAX; l++) {
        free(n->levels[l].of);
        free(n->levels[l].pieces);
    }
    memset(n, 0, sizeof *n);
}

static uint32_t divide_up(uint64_t a, uint32_t b) { return (uint32_t)((a + b - 1) / b); }

/* --- measures ---------------------------------------------------------------------------------
 */

/* Fewest grids of the level above the finest for a component: its towers are indivisible while they
 * fit, the other teams are not. */
static uint32_t bound_above(const xw__nesting *k, const uint32_t *list, uint32_t n, uint32_t teams,
                            xw_graph_node *nodes)
{
    const uint32_t last = k->o->n_levels - 1, cap = k->o->caps[last - 1];
    uint32_t towers = 0, apart = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t pieces = k->pieces[list[i]];
        if (k->g->nodes[list[i]].weight <= k->o->caps[last]) continue;
        teams -= pieces;
        if (pieces > cap) {
            apart += divide_up(pieces, cap);
        } else {
            nodes[towers++].weight = pieces;
        }
    }
    for (uint32_t i = 0; i < teams; i++) nodes[towers + i].weight = 1;
    return apart + xw_bin_bound(nodes, towers + teams, cap);
}

/* The bounds of every level: of each component by what it weighs, then of what these need. */
static xw_status find_bounds(xw__nesting *k, xw_error *err)
{
    const xw_graph *g = k->g;
    const size_t n = (size_t)g->n + 2;
    const uint32_t last = k->o->n_levels - 1, cap = k->o->caps[last];
    xw_status st = XW_OK;
    uint32_t *far_of = calloc(n, sizeof *far_of), *comp = calloc(n, sizeof *comp);
    uint32_t *queue = malloc(n * sizeof *queue), *start = malloc(n * sizeof *start);
    uint32_t *need = calloc(n, sizeof *need);
    xw_graph_node *nodes = malloc(n * sizeof *nodes);
    if (!far_of || !comp || !queue || !start || !need || !nodes) {
        st = xw_fail(err, XW_NOMEM, "bounds of %u nodes", g->n);
        goto fail;
    }
    const uint32_t n_far = xw__components(g, XW_ARC_FAR, far_of, queue);
    for (uint32_t v = 0; v < g->n; v++) {
        if (g->nodes[v].weight <= cap) continue;
        comp[v] = XW_NONE;
        need[far_of[v]] += k->pieces[v];
    }
    const uint32_t n_open = xw__components(g, XW_ARC_OPEN, comp, queue);
    xw__list_groups(comp, g->n, n_open, start, queue);
    for (uint32_t c = 0; c < n_open; c++) {
        const uint32_t *of = queue + start[c], size = start[c + 1] - start[c];
        for (uint32_t i = 0; i < size; i++) nodes[i] = g->nodes[of[i]];
        need[far_of[of[0]]] += xw_bin_bound(nodes, size, cap);
    }
    xw__list_groups(far_of, g->n, n_far, start, queue);
    for (uint32_t c = 0; c < n_far; c++) {
        k->bounds[last] += need[c];
        if (last > 0)
            need[c] = bound_above(k, queue + start[c], start[c + 1] - start[c], need[c], nodes);
        for (uint32_t l = last; l-- > 0;
             need[c] = divide_up(need[c], l > 0 ? k->o->caps[l - 1] : 1)) {
            k->bounds[l] += need[c];
        }
    }
fail:
    free(far_of);
    free(comp);
    free(queue);
    free(start);
    free(need);
    free(nodes);
    return st;
}

static uint64_t grids_of(const xw__nest_level *l)
{
    uint64_t sum = 0;
    for (uint32_t k = 0; k < l->n; k++) sum += l->pieces[k];
    return sum;
}

/* What a level may have when the finest is to have `want`: what these need, or a little above the
 * bound. */
static uint64_t limit_of(const xw__nesting *k, uint32_t level, uint32_t want)
{
    uint64_t need = want, limit = 0;
    for (uint32_t l = k->o->n_levels; l-- > level;) {
        const uint64_t bound = k->bounds[l], some = bound + bound * GOOD_PERCENT / 100;
        limit = some > need ? some : need;
        if (l > 0) need = divide_up(limit, k->o->caps[l - 1]);
    }
    return limit;
}

/* Grids by bound, summed over the levels; where that is the same within one per cent a level, the
 * cut. */
static bool is_better(const xw__nesting *k, const xw__nest *a, const xw__nest *b)
{
    const double same = 0.01 * k->o->n_levels;
    double count_a = 0, count_b = 0, cut_a = 0, cut_b = 0;
    for (uint32_t l = 0; l < k->o->n_levels; l++) {
        const double bound = a->levels[l].bound > 0 ? a->levels[l].bound : 1;
        count_a += (double)grids_of(&a->levels[l]) / bound;
        count_b += (double)grids_of(&b->levels[l]) / bound;
        cut_a += a->levels[l].cut;
        cut_b += b->levels[l].cut;
    }
    if (count_a < count_b - same) return true;
    return count_a <= count_b + same && cut_a < cut_b;
}

static double cut_of(const xw_graph *g, const uint32_t *of)
{
    double sum = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            if (of[v] < of[g->arcs[i].to]) sum += (double)g->arcs[i].cost;
        }
    }
    return sum;
}

/* --- levels ------------------------------------------------------------------------------------
 */

static xw_status level_alloc(xw__nest_level *l, uint32_t n, xw_error *err)
{
    l->of = malloc(((size_t)n + 1) * sizeof *l->of);
    l->pieces = malloc(((size_t)n + 1) * sizeof *l->pieces);
    return l->of && l->pieces ? XW_OK : xw_fail(err, XW_NOMEM, "level of %u nodes", n);
}

/* Pieces of every group, from those of the nodes of the level. */
static void count_pieces(const xw_graph *g, const uint32_t *node_pieces, uint32_t cap,
                         xw__nest_level *l)
{
    for (uint32_t i = 0; i < l->n; i++) l->pieces[i] = 1;
    for (uint32_t v = 0; v < g->n; v++) {
        if (g->nodes[v].weight <= cap) continue;
        l->pieces[l->of[v]] = node_pieces ? node_pieces[v] : divide_up(g->nodes[v].weight, cap);
    }
}

/* The graph of the groups of a level, each weighing its pieces. */
static xw_status climb(const xw_graph *g, const xw__nest_level *l, const uint8_t *core,
                       xw_graph *out, xw_error *err)
{
    const xw_status st = xw_graph_contract(g, l->of, l->n, core, out, err);
    for (uint32_t i = 0; i < l->n && !st; i++) out->nodes[i].weight = l->pieces[i];
    return st;
}

/* Cuts the levels from `level` up out of the graph of the level below, which it takes. join: what
 * nobody lives in may join a group across a barrier. */
static xw_status cut_upper(const xw__nesting *k, xw_graph *below, uint32_t level, bool join,
                           xw__nest *out, xw_error *err)
{
    xw_status st = XW_OK;
    uint8_t *core = malloc((size_t)below->n + 1);
    if (!core) st = xw_fail(err, XW_NOMEM, "level of %u nodes", below->n);
    for (uint32_t l = level + 1; l-- > 0 && !st;) {
        xw__nest_level *at = &out->levels[l];
        xw_graph up = {0};
        const xw__cut_options o = {.cap = k->o->caps[l],
                                   .conn = XW_ARC_FAR,
                                   .effort = k->effort,
                                   .seed = k->o->seed + l,
                                   .hard = true};
        st = level_alloc(at, below->n, err);
        if (!st) st = xw__cut_all(below, &o, k->job, at->of, join ? core : NULL, &at->n, err);
        if (!st) count_pieces(below, NULL, o.cap, at);
        if (!st) st = climb(below, at, join ? core : NULL, &up, err);
        xw_graph_finish(below);
        *below = up;
    }
    free(core);
    xw_graph_finish(below);
    return st;
}

/* Numbers the groups of every level by their first node; what lies above follows. */
static xw_status renumber(const xw__nesting *k, xw__nest *n, xw_error *err)
{
    const uint32_t most = k->g->n;
    uint32_t *to = malloc(((size_t)most + 1) * sizeof *to);
    uint32_t *was = malloc(((size_t)most + 1) * sizeof *was);
    if (!to || !was) {
        free(to);
        free(was);
        return xw_fail(err, XW_NOMEM, "levels of %u nodes", most);
    }
    for (uint32_t l = k->o->n_levels, n_below = most; l-- > 0;) {
        xw__nest_level *at = &n->levels[l];
        (void)xw__close_gaps(at->of, n_below, at->n, to);
        memcpy(was, at->pieces, (size_t)at->n * sizeof *was);
        for (uint32_t i = 0; i < at->n; i++) at->pieces[to[i]] = was[i];
        if (l > 0) {
            uint32_t *up = n->levels[l - 1].of;
            memcpy(was, up, (size_t)at->n * sizeof *was);
            for (uint32_t i = 0; i < at->n; i++) up[to[i]] = was[i];
        }
        n_below = at->n;
    }
    free(to);
    free(was);
    return XW_OK;
}

/* Measures the levels once all of them are there. */
static xw_status measure(const xw__nesting *k, xw__nest *n, xw_error *err)
{
    const uint32_t last = k->o->n_levels - 1;
    const xw_status st = renumber(k, n, err);
    if (st) return st;
    uint32_t *of = malloc(((size_t)k->g->n + 1) * sizeof *of);
    if (!of) return xw_fail(err, XW_NOMEM, "measure of %u nodes", k->g->n);
    for (uint32_t l = last + 1; l-- > 0;) {
        for (uint32_t v = 0; v < k->g->n; v++) {
            of[v] = l == last ? n->levels[l].of[v] : n->levels[l].of[of[v]];
        }
        n->levels[l].cut = cut_of(k->g, of);
        n->levels[l].bound = k->bounds[l];
    }
    free(of);
    return XW_OK;
}

static xw_status bottom_up(const xw__nesting *k, xw__nest *out, xw_error *err)
{
    const uint32_t last = k->o->n_levels - 1;
    xw__nest_level *at = &out->levels[last];
    const uint64_t steps = (uint64_t)k->g->n * 4 * k->effort; /* 400 a node */
    const xw_aggregate_options o = {.cap = k->o->caps[last], .steps = steps, .seed = k->o->seed};
    xw_graph up = {0};
    uint8_t *core = malloc((size_t)k->g->n + 1);
    xw_status st =
        core ? level_alloc(at, k->g->n, err) : xw_fail(err, XW_NOMEM, "level of %u nodes", k->g->n);
    if (!st) st = xw_aggregate(k->g, &o, k->job, at->of, core, &at->n, err);
    if (!st) count_pieces(k->g, k->pieces, o.cap, at);
    if (!st && last > 0) st = climb(k->g, at, core, &up, err);
    if (!st && last > 0) st = cut_upper(k, &up, last - 1, true, out, err);
    if (!st && last > 0) {
        xw__nesting all = *k; /* no land was put aside */
        all.in = k->g;
        st = xw__absorb_land(&all, out, err);
    }
    free(core);
    return st ? st : measure(k, out, err);
}

/* --- top-down ----------------------------------------------------------------------------------
 */

/* The nodes with what they weigh in a section: households, or as many as its teams would hold. */
static xw_status section_graph(const xw__nesting *k, double dense, xw_graph *out, xw_error *err)
{
    const xw_graph *g = k->in;
    const uint32_t last = k->o->n_levels - 1, cap = k->o->caps[last], up = k->o->caps[last - 1];
    xw_graph_node *nodes = malloc(((size_t)g->n + 1) * sizeof *nodes);
    if (!nodes) return xw_fail(err, XW_NOMEM, "sections of %u nodes", g->n);
    memcpy(nodes, g->nodes, (size_t)g->n * sizeof *nodes);
    for (uint32_t v = 0; v < g->n; v++) {
        if (nodes[v].weight <= cap) continue;
        const double worth = (double)k->in_pieces[v] * cap / dense;
        nodes[v].weight = k->in_pieces[v] > up ? UINT32_MAX / 2 : (uint32_t)(worth + 0.5);
        if (nodes[v].weight == 0) nodes[v].weight = 1;
    }
    *out = *g; /* borrows the arcs */
    out->nodes = nodes;
    return XW_OK;
}

/* Steps 2 and 3 of the method: the two finest levels of k->in. */
static xw_status cut_lowest(const xw__nesting *k, uint32_t want, xw__nest *out, xw_error *err)
{
    const xw_graph *g = k->in;
    const uint32_t last = k->o->n_levels - 1;
    xw__nest_level *team = &out->levels[last], *section = &out->levels[last - 1];
    const uint32_t cap = k->o->caps[last], cap_up = k->o->caps[last - 1];
    uint64_t weight = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        weight += g->nodes[v].weight > cap ? (uint64_t)k->in_pieces[v] * cap : g->nodes[v].weight;
    }
    const double dense = weight > 0 ? (double)want * cap / (double)weight : 1;
    const uint64_t full = (uint64_t)cap * cap_up, most = UINT32_MAX / 4;
    const xw__cut_options o = {.cap = (uint32_t)(full < most ? full : most),
                               .conn = XW_ARC_FAR,
                               .effort = k->effort,
                               .seed = k->o->seed,
                               .dense = dense < 1 ? 1 : dense};
    const xw__inside in = {g, k->in_pieces, cap, cap_up, want, k->effort, k->o->seed, k->job};
    xw_graph weighed = {0};
    uint32_t *section_of = malloc(((size_t)g->n + 1) * sizeof *section_of);
    xw_status st = section_of ? section_graph(k, o.dense, &weighed, err)
                              : xw_fail(err, XW_NOMEM, "sections of %u nodes", g->n);
    if (!st) st = level_alloc(team, g->n, err);
    if (!st) st = level_alloc(section, g->n, err);
    if (!st) st = xw__cut_all(&weighed, &o, k->job, section_of, NULL, &section->n, err);
    if (!st) {
        st = xw__inside_solve(&in, section_of, &section->n, team->of, &team->n, section->of, err);
    }
    if (!st) count_pieces(g, k->in_pieces, cap, team);
    free(weighed.nodes);
    free(section_of);
    return st;
}

/* Step 5. */
static xw_status polish(const xw__nesting *k, xw__nest *n, xw_error *err)
{
    static const uint32_t steps[] = {20, 150, 600}; /* a node */
    const uint32_t last = k->o->n_levels - 1;
    xw_graph own = {0};
    const xw_graph *g = k->in;
    xw_rng rng = {k->o->seed ^ 0x6e657374};
    xw_status st = XW_OK;
    for (uint32_t l = last + 1; l-- > 0 && !st;) {
        xw__nest_level *at = &n->levels[l];
        uint32_t *up[XW_LEVELS_MAX] = {NULL};
        xw__strata s = {.n_up = l};
        for (uint32_t j = 0; j < l && !st; j++) {
            const uint32_t *of = n->levels[l - 1 - j].of;
            up[j] = malloc(((size_t)at->n + 1) * sizeof *up[j]);
            if (!up[j]) st = xw_fail(err, XW_NOMEM, "level of %u groups", at->n);
            for (uint32_t i = 0; i < at->n && up[j]; i++) up[j][i] = of[j > 0 ? up[j - 1][i] : i];
            s.up[j] = up[j];
        }
        const uint32_t conn = l == last ? XW_ARC_OPEN : XW_ARC_FAR, height = last - l;
        if (!st) st = xw__parts_from(&s.p, g, k->o->caps[l], conn, at->of, at->n, err);
        if (!st) {
            const uint64_t all = (uint64_t)g->n * steps[height < 2 ? height : 2];
            st = xw__strata_polish(&s, all * k->effort / 100, &rng, k->job, err);
        }
        if (!st) memcpy(at->of, s.p.of, (size_t)g->n * sizeof *at->of);
        xw__strata_finish(&s);
        for (uint32_t j = 0; j < l; j++) free(up[j]);
        xw_graph next = {0};
        if (!st && l > 0) st = climb(g, at, NULL, &next, err);
        xw_graph_finish(&own);
        own = next;
        g = &own;
    }
    xw_graph_finish(&own);
    return st;
}

/* Sections made of the finished teams instead of those cut from the nodes, if they are fewer: among
 * towers that do not fit side by side. */
static xw_status regroup(const xw__nesting *k, const xw_graph *teams, xw__nest_level *section,
                         xw_error *err)
{
    const uint32_t level = k->o->n_levels - 2;
    const xw__cut_options o = {.cap = k->o->caps[level],
                               .conn = XW_ARC_FAR,
                               .effort = k->effort,
                               .seed = k->o->seed + level,
                               .hard = true};
    xw__nest_level made = {0};
    xw_status st = level_alloc(&made, teams->n, err);
    if (!st) st = xw__cut_all(teams, &o, k->job, made.of, NULL, &made.n, err);
    if (!st) {
        count_pieces(teams, NULL, o.cap, &made);
        if (grids_of(&made) < grids_of(section)) {
            const xw__nest_level was = *section;
            *section = made;
            made = was;
        }
    }
    free(made.of);
    free(made.pieces);
    return st;
}

static xw_status top_down(const xw__nesting *k, uint32_t want, xw__nest *out, xw_error *err)
{
    const uint32_t last = k->o->n_levels - 1;
    xw__nest_level *section = &out->levels[last - 1];
    xw_graph teams = {0}, sections = {0};
    xw_status st = cut_lowest(k, want, out, err);
    if (!st) st = climb(k->in, &out->levels[last], NULL, &teams, err);
    if (!st) {
        count_pieces(&teams, NULL, k->o->caps[last - 1], section);
        if (grids_of(section) > limit_of(k, last - 1, want)) st = regroup(k, &teams, section, err);
    }
    if (!st && last > 1) st = climb(&teams, &out->levels[last - 1], NULL, &sections, err);
    xw_graph_finish(&teams);
    if (!st && last > 1) st = cut_upper(k, &sections, last - 2, false, out, err);
    if (!st) st = polish(k, out, err);
    if (!st) st = xw__absorb_land(k, out, err);
    if (!st) st = xw__join_land(k, &out->levels[last], err);
    return st ? st : measure(k, out, err);
}

/* --- the whole ---------------------------------------------------------------------------------
 */

/* Keeps the better of two. */
static void keep(const xw__nesting *k, xw__nest *best, xw__nest *other)
{
    if (is_better(k, other, best)) {
        const xw__nest was = *best;
        *best = *other;
        *other = was;
    }
    xw__nest_finish(other);
}

static xw_status best_of(xw__nesting *k, xw__nest *out, xw_error *err)
{
    const uint32_t last = k->o->n_levels - 1, bound = k->bounds[last];
    if (last == 0 || bound == 0 || k->outcast) return bottom_up(k, out, err);
    xw__nest other = {0};
    /* Rather full sections than one more for a team or two that could be spared. */
    const uint32_t loose = bound + bound * TIGHT_PERCENT / 100, over = loose % k->o->caps[last - 1];
    const uint32_t want = over <= SPARED && loose - over >= bound ? loose - over : loose;
    xw_status st = top_down(k, want, out, err);
    const uint64_t reached = grids_of(&out->levels[last]), limit = limit_of(k, last, want);
    if (st || reached <= limit) return st;
    st = top_down(k, (uint32_t)reached, &other, err);
    if (!st) keep(k, out, &other);
    if (!st && grids_of(&out->levels[last]) > limit) {
        st = bottom_up(k, &other, err);
        if (!st) keep(k, out, &other);
    }
    xw__nest_finish(&other);
    return st;
}

/* Large divisions get fewer steps a node: what annealing gains falls with every step. */
static uint32_t effort_of(const xw__nesting *k)
{
    enum { LARGE = 16384 };
    const double asked = k->o->effort > 0 ? k->o->effort : 100, n = k->g->n;
    const double effort = n > LARGE ? asked * sqrt(LARGE / n) : asked;
    return effort > 1 ? (uint32_t)effort : 1;
}

static xw_status prepare(xw__nesting *k, xw_error *err)
{
    const uint32_t n = k->g->n, cap = k->o->caps[k->o->n_levels - 1];
    k->effort = effort_of(k);
    k->pieces = malloc(((size_t)n + 1) * sizeof *k->pieces);
    if (!k->pieces) return xw_fail(err, XW_NOMEM, "nesting of %u nodes", n);
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t w = k->g->nodes[v].weight;
        k->pieces[v] = w <= cap ? 1 : k->o->pieces ? k->o->pieces[v] : divide_up(w, cap);
    }
    xw_status st = find_bounds(k, err);
    return st ? st : xw__put_land_aside(k, err);
}

xw_status xw__nest_make(const xw_graph *g, const xw__nest_options *o, const xw_job *job,
                        xw__nest *out, xw_error *err)
{
    xw__nesting k = {.g = g, .o = o, .job = job};
    memset(out, 0, sizeof *out);
    if (o->n_levels == 0 || o->n_levels > XW_LEVELS_MAX) {
        return xw_fail(err, XW_INPUT, "%u levels", o->n_levels);
    }
    for (uint32_t l = 0; l < o->n_levels; l++) {
        if (o->caps[l] == 0) return xw_fail(err, XW_INPUT, "level %u: cap 0", l);
    }
    xw_status st = prepare(&k, err);
    if (!st) st = best_of(&k, out, err);
    if (st) xw__nest_finish(out);
    if (k.in_pieces != k.pieces) free(k.in_pieces);
    free(k.pieces);
    free(k.list);
    xw_graph_finish(&k.own);
    return st;
}
