/* One division: its nodes (plots, and whole exclusive areas) inherit, then each level is repaired
 * on the graph of the level below. */
#include "carve.h"
#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_OF_TOWER = 64 }; /* teams of one tower that are all tied to each other */

typedef struct site {
    xw__rebuild *r;
    const xw_model_division *d;
    uint32_t division, old; /* old: its index in the old model, XW_NONE */
    uint32_t first_unit, n_units;
    xw__nodes nodes;        /* of the finest level */
    xw_graph g;             /* of the level below the one at hand */
    uint32_t *home, *mass;  /* by node */
    uint8_t *frozen, *core; /* by node */
    uint8_t *whole;         /* by finest grid: is an exclusive area */
    uint32_t *first_grid;   /* by node of the finest level: the first of its grids */
    uint32_t *n_grids;      /* by node: how many */
} site;

static xw__plan_level *plan_of(const site *s, uint32_t l)
{
    return &s->r->plans[s->division].levels[l];
}
static xw__remade *remade_of(const site *s, uint32_t l)
{
    return &s->r->remade[(size_t)s->division * s->r->c->n_levels + l];
}
static uint32_t finest(const site *s) { return s->r->c->n_levels - 1; }

/* Old grids of this division at a level: *list receives the first of them. */
static uint32_t old_grids(const site *s, uint32_t l, const uint32_t **list)
{
    if (s->old == XW_NONE) return 0;
    const uint32_t *first = s->r->old_first + (size_t)s->old * s->r->c->n_levels + l;
    *list = s->r->old_list + first[0];
    return first[1] - first[0];
}

/* Place of an old grid in the list of its level here; XW_NONE when it was in another division. */
static uint32_t local_of(const site *s, uint32_t grid)
{
    if (grid == XW_NONE || s->r->old->grids[grid].division != s->old) return XW_NONE;
    return s->r->old_local[grid];
}

static uint32_t unit_home(const site *s, uint32_t u)
{
    return local_of(s, xw__old_grid(s->r, s->r->match.unit[u], finest(s)));
}

static uint32_t n_units(const site *s, uint32_t v)
{
    return s->nodes.first[v + 1] - s->nodes.first[v];
}
static uint32_t unit_of(const site *s, uint32_t v, uint32_t i)
{
    return s->nodes.unit[s->nodes.first[v] + i];
}

/* The grid that most of a node's households had. */
static void inherit_node(site *s, uint32_t v)
{
    uint64_t most = 0;
    s->home[v] = XW_NONE;
    s->mass[v] = 0;
    for (uint32_t a = 0; a < n_units(s, v); a++) {
        const uint32_t label = unit_home(s, unit_of(s, v, a));
        uint64_t sum = 0;
        uint32_t same = 0;
        if (label == XW_NONE || label == s->home[v]) continue;
        for (uint32_t b = 0; b < n_units(s, v); b++) {
            const uint32_t u = unit_of(s, v, b);
            if (unit_home(s, u) != label) continue;
            sum += (uint64_t)s->r->match.same[u] * 64 + 1;
            same += s->r->match.same[u];
        }
        if (sum <= most) continue;
        most = sum;
        s->home[v] = label;
        s->mass[v] = same;
    }
}

/* Room for what a level is written into. */
static bool room(site *s, uint32_t l, uint32_t children, uint32_t grids)
{
    xw__plan_level *p = plan_of(s, l);
    xw__remade *k = remade_of(s, l);
    p->first = malloc(((size_t)grids + 2) * sizeof *p->first);
    p->child = malloc(((size_t)children + 1) * sizeof *p->child);
    p->number = calloc((size_t)grids + 1, sizeof *p->number);
    p->used = calloc((size_t)grids + 1, sizeof *p->used);
    k->label = malloc(((size_t)grids + 1) * sizeof *k->label);
    k->founded = calloc((size_t)grids + 1, 1);
    k->why = calloc((size_t)children + 1, 1);
    k->of = malloc(((size_t)children + 1) * sizeof *k->of);
    return p->first && p->child && p->number && p->used && k->label && k->founded && k->why &&
           k->of;
}

/* A grid with the label (place in the list, or XW_NONE), still without children. */
static uint32_t add_grid(site *s, uint32_t l, uint32_t label, unsigned founded, uint32_t filled)
{
    const uint32_t *list = NULL;
    xw__plan_level *p = plan_of(s, l);
    xw__remade *k = remade_of(s, l);
    (void)old_grids(s, l, &list);
    p->first[p->n] = filled;
    p->first[p->n + 1] = filled; /* grows with the children */
    k->label[p->n] = label == XW_NONE ? XW_NONE : list[label];
    k->founded[p->n] = (uint8_t)founded;
    k->n = p->n + 1;
    return p->n++;
}

/* At the finest level the children are numbered within the division for `of` and `why`. */
static void add_child(site *s, uint32_t l, uint32_t child, unsigned why)
{
    xw__plan_level *p = plan_of(s, l);
    xw__remade *k = remade_of(s, l);
    const uint32_t at = l == finest(s) ? child - s->first_unit : child;
    p->child[p->first[p->n]++] = child;
    k->of[at] = p->n - 1;
    k->why[at] = (uint8_t)why;
}

/* --- towers ---------------------------------------------------------------------------------- */

typedef struct stack { /* scratch for one tower */
    uint32_t *households, *home, *same, *end, *label;
} stack;

static uint32_t filled(const site *s, uint32_t l)
{
    const xw__plan_level *p = plan_of(s, l);
    return p->n ? p->first[p->n] : 0;
}

static void add_runs(site *s, uint32_t v, const stack *k, uint32_t n_runs, uint8_t *taken)
{
    const uint32_t l = finest(s);
    s->first_grid[v] = plan_of(s, l)->n;
    s->n_grids[v] = n_runs;
    for (uint32_t i = 0, u = 0; i < n_runs; i++) {
        const uint32_t label = k->label[i];
        if (label != XW_NONE) taken[label] = 1;
        bool before = false; /* somebody of before is in the run */
        for (uint32_t x = u; x < k->end[i]; x++) before = before || k->same[x] > 0;
        (void)add_grid(s, l, label, before ? XW_LINEAGE_CAP : XW_LINEAGE_BUILDING, filled(s, l));
        for (; u < k->end[i]; u++) {
            const uint32_t unit = unit_of(s, v, u);
            const bool stays = label != XW_NONE && unit_home(s, unit) == label;
            add_child(s, l, unit, stays ? 0 : k->same[u] ? XW_LINEAGE_CAP : XW_LINEAGE_BUILDING);
        }
    }
}

/* Is the node an exclusive area? */
static bool is_whole(const site *s, uint32_t v)
{
    const xw_carving *c = s->r->c->carving;
    return c && c->of && c->of[s->r->m->units[unit_of(s, v, 0)].plot] != XW_NONE;
}

/* An exclusive area is one grid, the heir of what most of it was. */
static void add_whole(site *s, uint32_t v, uint8_t *taken)
{
    const uint32_t l = finest(s);
    const uint32_t label = s->home[v] != XW_NONE && !taken[s->home[v]] ? s->home[v] : XW_NONE;
    s->first_grid[v] = plan_of(s, l)->n;
    s->n_grids[v] = 1;
    if (label != XW_NONE) taken[label] = 1;
    s->whole[add_grid(s, l, label, XW_LINEAGE_EXCLUSIVE, filled(s, l))] = 1;
    for (uint32_t u = 0; u < n_units(s, v); u++) {
        const uint32_t unit = unit_of(s, v, u);
        const bool stays = label != XW_NONE && unit_home(s, unit) == label;
        add_child(s, l, unit, stays ? 0 : XW_LINEAGE_EXCLUSIVE);
    }
}

/* taken: by label, whether a grid has it already */
static xw_status cut_tower(site *s, uint32_t v, uint8_t *taken, xw_error *err)
{
    const xw__rebuild *r = s->r;
    const size_t n = (size_t)n_units(s, v) + 1;
    uint32_t n_runs = 0, *all = malloc(5 * n * sizeof *all);
    if (!all) return xw_fail(err, XW_NOMEM, "tower of %u units", n_units(s, v));
    const stack k = {all, all + n, all + 2 * n, all + 3 * n, all + 4 * n};
    for (uint32_t u = 0; u < n_units(s, v); u++) {
        const uint32_t unit = unit_of(s, v, u), label = unit_home(s, unit);
        k.households[u] = r->m->units[unit].households;
        k.home[u] = label != XW_NONE && taken[label] ? XW_NONE : label;
        k.same[u] = r->match.same[unit];
    }
    const uint32_t land = s->nodes.glued[v]; /* it goes with the lowest floors */
    const xw_status st =
        xw__rebuild_tower(k.households + land, k.home + land, k.same + land, n_units(s, v) - land,
                          r->c->levels[finest(s)].cap, k.end, k.label, &n_runs, err);
    for (uint32_t i = 0; i < n_runs && !st; i++) k.end[i] += land;
    if (!st) add_runs(s, v, &k, n_runs, taken);
    free(all);
    return st;
}

/* --- levels ---------------------------------------------------------------------------------- */

/* A node of the finest level in its grid: its units go there. */
static void add_node(site *s, uint32_t v, uint32_t home, unsigned why)
{
    const uint32_t l = finest(s);
    s->first_grid[v] = plan_of(s, l)->n - 1;
    s->n_grids[v] = 1;
    for (uint32_t u = 0; u < n_units(s, v); u++) {
        const uint32_t unit = unit_of(s, v, u);
        const bool stays = unit_home(s, unit) == home;
        add_child(s, l, unit, stays ? 0 : why ? why : XW_LINEAGE_BUILDING);
    }
}

/* Writes the groups of the repair as grids. grid_of receives the grid of each node. */
static void write_groups(site *s, uint32_t l, const xw__heal *h, uint32_t *grid_of)
{
    for (uint32_t k = 0; k < h->n_groups; k++) {
        if (h->groups[k].count == 0) continue;
        const uint32_t label = k < h->n_homes ? k : XW_NONE;
        const uint32_t grid = add_grid(s, l, label, h->founded[k], filled(s, l));
        for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
            const unsigned why = h->of[v] == h->home[v] ? 0 : h->why[v];
            grid_of[v] = grid;
            if (l == finest(s)) {
                add_node(s, v, k, why);
            } else {
                add_child(s, l, v, why);
            }
        }
    }
}

/* How many of a node's grids touch its neighbours: all teams of a tower, but where land comes with
 * the lowest floors those alone, for it may be the land that touches. */
static uint32_t reach_of(const site *s, uint32_t v)
{
    return s->nodes.glued[v] > 0 ? 1 : s->n_grids[v];
}

/* Finest grids as nodes: the teams of one tower are nodes of their own on the same land. */
static xw_status finest_graph(site *s, xw_graph *out, xw_error *err)
{
    const xw_graph *g = &s->g;
    const uint32_t n = plan_of(s, finest(s))->n;
    size_t k = 0, most = 1;
    for (uint32_t v = 0; v < g->n; v++) {
        const size_t own = s->n_grids[v];
        most += own * own;
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            if (g->arcs[i].to > v) most += own * s->n_grids[g->arcs[i].to];
        }
    }
    xw_graph_pair *pairs = malloc(most * sizeof *pairs);
    if (!pairs) return xw_fail(err, XW_NOMEM, "%zu pairs of grids", most);
    for (uint32_t v = 0; v < g->n; v++) {
        const uint32_t a0 = s->first_grid[v], a1 = a0 + s->n_grids[v];
        const float rim = (float)g->nodes[v].perimeter;
        for (uint32_t a = a0; a < a1; a++) {
            const uint32_t end = a1 - a0 > PAIRS_OF_TOWER && a + 2 < a1 ? a + 2 : a1;
            for (uint32_t b = a + 1; b < end; b++) {
                pairs[k++] = (xw_graph_pair){a, b, 0.0F, rim, XW_ARC_OPEN};
            }
        }
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *arc = &g->arcs[i];
            if (arc->to < v) continue;
            const bool both = s->core[v] && s->core[arc->to];
            const uint32_t b0 = s->first_grid[arc->to], b1 = b0 + reach_of(s, arc->to);
            for (uint32_t a = a0; a < a0 + reach_of(s, v); a++) {
                for (uint32_t b = b0; b < b1; b++) {
                    if (a == b) continue;
                    pairs[k++] =
                        (xw_graph_pair){a, b, arc->len, arc->cost, both ? arc->kind : XW_ARC_SHUT};
                }
            }
        }
    }
    const xw_status st = xw_graph_create(n, pairs, k, out, err);
    free(pairs);
    return st;
}

/* Places, areas and households of the finest grids. */
static void measure_finest(site *s, xw_graph *up)
{
    const xw_graph *g = &s->g;
    const xw__plan_level *p = plan_of(s, finest(s));
    for (uint32_t v = 0; v < g->n; v++) {
        const double part = 1.0 / s->n_grids[v];
        for (uint32_t i = 0; i < s->n_grids[v]; i++) {
            xw_graph_node *to = &up->nodes[s->first_grid[v] + i];
            to->x += g->nodes[v].x * g->nodes[v].area * part;
            to->y += g->nodes[v].y * g->nodes[v].area * part;
            to->area += g->nodes[v].area * part;
            to->perimeter += g->nodes[v].perimeter;
        }
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const uint32_t a = s->first_grid[v];
            if (s->first_grid[g->arcs[i].to] != a) continue;
            up->nodes[a].perimeter -= (double)g->arcs[i].len;
        }
    }
    for (uint32_t k = 0; k < up->n; k++) {
        xw_graph_node *to = &up->nodes[k];
        if (to->area > 0) {
            to->x /= to->area;
            to->y /= to->area;
        }
        to->weight = 1;
        for (uint32_t i = p->first[k]; i < p->first[k + 1]; i++) {
            to->households += s->r->m->units[p->child[i]].households;
        }
        /* Somebody looks after an exclusive area without households, too: barriers matter. */
        if (s->whole[k] && to->households == 0) to->households = 1;
    }
    for (uint32_t v = 0; v < g->n;
         v++) { /* nor may empty floors of a tower join others across one */
        for (uint32_t i = 0; i < s->n_grids[v] && g->nodes[v].households > 0; i++) {
            uint32_t *households = &up->nodes[s->first_grid[v] + i].households;
            if (*households == 0) *households = 1;
        }
    }
}

static void replace_graph(site *s, xw_graph *up)
{
    xw_graph_finish(&s->g);
    s->g = *up;
}

static xw_status make_finest(site *s, xw_error *err)
{
    xw__rebuild *r = s->r;
    const uint32_t l = finest(s), cap = r->c->levels[l].cap, n = s->g.n;
    const uint32_t *list = NULL, n_homes = old_grids(s, l, &list);
    const xw__heal_options o = {
        .cap = cap, .chain_most = r->chain_most ? r->chain_most : (cap + 1) / 2, .seed = 1};
    xw__heal h = {0};
    xw_graph up = {0};
    uint32_t *grid_of = malloc(((size_t)n + 1) * sizeof *grid_of);
    uint8_t *taken = calloc((size_t)n_homes + 1, 1);
    xw_status st = XW_OK;
    if (!grid_of || !taken || !room(s, l, s->n_units, s->n_units)) {
        st = xw_fail(err, XW_NOMEM, "%u units", s->n_units);
        goto fail;
    }
    for (uint32_t i = 0; i < n; i++) {
        inherit_node(s, i);
        s->frozen[i] = s->g.nodes[i].weight > cap;
    }
    st = xw__heal_init(&h, &s->g, &o, n_homes, s->home, s->mass, s->frozen, err);
    if (!st && !xw__rebuild_room(r, s->old, &h)) {
        st = xw_fail(err, XW_NOMEM, "%u units", s->n_units);
    }
    if (st) goto fail;
    for (uint32_t k = 0; k < n_homes; k++) h.groups[k].lost = r->old_lost[list[k]];
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t u = 0; u < n_units(s, i) && s->home[i] == XW_NONE; u++) {
            if (r->match.same[unit_of(s, i, u)] > 0) h.why[i] = XW_LINEAGE_DIVISION;
        }
    }
    st = xw__heal_run(&h, r->job, err);
    if (st) goto fail;
    for (uint32_t k = 0; k < n_homes; k++) taken[k] = h.groups[k].count > 0;
    write_groups(s, l, &h, grid_of);
    for (uint32_t i = 0; i < n && !st; i++) {
        if (!s->frozen[i]) continue;
        if (is_whole(s, i)) {
            add_whole(s, i, taken);
        } else {
            st = cut_tower(s, i, taken, err);
        }
    }
    if (!st) xw__heal_core(&h, s->core);
    if (!st) st = finest_graph(s, &up, err);
    if (!st) {
        measure_finest(s, &up);
        replace_graph(s, &up);
    }
fail:
    free(h.parent);
    free(h.spare);
    xw__heal_finish(&h);
    free(grid_of);
    free(taken);
    return st;
}

/* Old children of each home that have nobody in their place. */
static void count_lost(site *s, uint32_t l, xw__heal *h, const uint32_t *list)
{
    const xw__remade *below = remade_of(s, l + 1);
    for (uint32_t k = 0; k < h->n_homes; k++)
        h->groups[k].lost = s->r->old->grids[list[k]].children;
    for (uint32_t i = 0; i < below->n; i++) {
        if (below->label[i] == XW_NONE) continue;
        const uint32_t k = local_of(s, s->r->old->grids[below->label[i]].parent);
        if (k != XW_NONE) h->groups[k].lost--;
    }
}

static void inherit_grids(site *s, uint32_t l)
{
    const xw__remade *below = remade_of(s, l + 1);
    for (uint32_t i = 0; i < below->n; i++) {
        const uint32_t label = below->label[i];
        s->home[i] = label == XW_NONE ? XW_NONE : local_of(s, s->r->old->grids[label].parent);
        s->mass[i] = s->g.nodes[i].households;
    }
}

static xw_status make_level(site *s, uint32_t l, xw_error *err)
{
    xw__rebuild *r = s->r;
    const uint32_t n = s->g.n, *list = NULL, n_homes = old_grids(s, l, &list);
    const xw__heal_options o = {.cap = r->c->levels[l].cap,
                                .chain_most = l + 1 == finest(s) ? r->c->levels[l + 1].cap - 1 : 0,
                                .far = true,
                                .seed = 1};
    xw__heal h = {0};
    xw_graph up = {0};
    uint32_t *grid_of = malloc(((size_t)n + 1) * sizeof *grid_of);
    xw_status st = XW_OK;
    if (!grid_of || !room(s, l, n, n)) {
        st = xw_fail(err, XW_NOMEM, "%u grids", n);
        goto fail;
    }
    inherit_grids(s, l);
    st = xw__heal_init(&h, &s->g, &o, n_homes, s->home, s->mass, NULL, err);
    if (st) goto fail;
    count_lost(s, l, &h, list);
    for (uint32_t k = 0; k < n_homes; k++) h.groups[k].closed = xw__rebuild_runs_out(r, l, list[k]);
    for (uint32_t i = 0; i < n; i++) {
        if (s->home[i] == XW_NONE) h.why[i] = remade_of(s, l + 1)->founded[i];
    }
    st = xw__heal_run(&h, r->job, err);
    if (st) goto fail;
    write_groups(s, l, &h, grid_of);
    if (l > 0) {
        xw__heal_core(&h, s->core);
        st = xw_graph_contract(&s->g, grid_of, plan_of(s, l)->n, s->core, &up, err);
        if (!st) replace_graph(s, &up);
    }
fail:
    xw__heal_finish(&h);
    free(grid_of);
    return st;
}

xw_status xw__rebuild_division(xw__rebuild *r, uint32_t division, xw_error *err)
{
    const xw_model_division *d = &r->m->divisions[division];
    site s = {.r = r, .d = d, .division = division, .old = r->match.division[division]};
    if (d->n_plots == 0) return XW_OK;
    const xw_plot *last = &r->m->plots[d->first_plot + d->n_plots - 1];
    s.first_unit = r->m->plots[d->first_plot].first_unit;
    s.n_units = last->first_unit + last->n_units - s.first_unit;
    const size_t n = (size_t)s.n_units + 1; /* no level has more nodes */
    xw_status st = xw_graph_of_division(r->m, division, r->edge_item + r->edge_start[division],
                                        r->edge_start[division + 1] - r->edge_start[division],
                                        &r->rules, &s.g, err);
    if (!st) {
        st = xw__nodes_make(r->m, division, r->c->carving, r->c->levels[r->c->n_levels - 1].cap,
                            &s.g, &s.nodes, err);
    }
    s.home = malloc(n * sizeof *s.home);
    s.mass = malloc(n * sizeof *s.mass);
    s.frozen = calloc(n, 1);
    s.core = calloc(n, 1);
    s.whole = calloc(n, 1);
    s.first_grid = malloc(n * sizeof *s.first_grid);
    s.n_grids = malloc(n * sizeof *s.n_grids);
    if (!st &&
        (!s.home || !s.mass || !s.frozen || !s.core || !s.whole || !s.first_grid || !s.n_grids)) {
        st = xw_fail(err, XW_NOMEM, "%u plots", d->n_plots);
    }
    if (!st) st = make_finest(&s, err);
    for (uint32_t l = r->c->n_levels - 1; l-- > 0 && !st;) st = make_level(&s, l, err);
    free(s.home);
    free(s.mass);
    free(s.frozen);
    free(s.core);
    free(s.whole);
    free(s.first_grid);
    free(s.n_grids);
    xw__nodes_finish(&s.nodes);
    xw_graph_finish(&s.g);
    return st ? xw_fail_within(err, st, "division %s", xw_model_text(r->m, d->code)) : XW_OK;
}
