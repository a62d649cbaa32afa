/* Teams inside given sections. Each section gets its share of the wanted number of teams and is
 * grouped by itself; where that takes more than its share, teams are dissolved and their households
 * carried by chains to the nearest room, also across the borders of sections; what still exceeds
 * the cap of a section moves as whole teams to a section with room, or becomes a section. */
#include "nest_parts.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_NODE = 120, LIGHTEST_TRIED = 3, SECTIONS_TRIED = 8 };

typedef struct share { /* of one section */
    uint32_t section;
    uint32_t weight; /* of the nodes within the cap */
    uint32_t closed; /* teams of the nodes above it */
    uint32_t want, have;
    uint32_t first; /* the teams from here on, `have` of them at first */
    double rest;    /* what rounding took */
} share;

typedef struct inside {
    const xw__inside *in;
    uint32_t n_sections, n_teams;
    uint32_t *of, *up, *section;
    uint32_t *start, *order; /* nodes by section */
    uint32_t *local;
    share *shares;
    xw__strata s;
    xw__chain *chain;
    xw_rng rng;
} inside;

static int by_rest(const void *a, const void *b)
{
    const share *x = a, *y = b;
    if (x->rest != y->rest) return x->rest > y->rest ? -1 : 1;
    return (x->section > y->section) - (x->section < y->section);
}

static int by_section(const void *a, const void *b)
{
    const share *x = a, *y = b;
    return (x->section > y->section) - (x->section < y->section);
}

/* The wanted teams by largest remainder; no section gets more than it has room for. */
static void apportion(inside *w)
{
    const xw__inside *in = w->in;
    uint64_t total = 0, closed = 0, given = 0;
    for (uint32_t k = 0; k < w->n_sections; k++) {
        share *s = &w->shares[k];
        *s = (share){.section = k};
        for (uint32_t i = w->start[k]; i < w->start[k + 1]; i++) {
            const uint32_t v = w->order[i];
            if (in->g->nodes[v].weight > in->cap) {
                s->closed += in->pieces[v];
            } else {
                s->weight += in->g->nodes[v].weight;
            }
        }
        total += s->weight;
        closed += s->closed;
    }
    const uint64_t want = in->want > closed ? in->want - closed : 0;
    for (uint32_t k = 0; k < w->n_sections; k++) {
        share *s = &w->shares[k];
        const double ideal = total > 0 ? (double)want * s->weight / (double)total : 0;
        const uint32_t room = in->cap_up > s->closed ? in->cap_up - s->closed : 0;
        s->want = (uint32_t)ideal;
        if (s->want == 0 && s->weight > 0) s->want = 1;
        if (s->want > room) s->want = room;
        s->rest = s->want < room ? ideal - s->want : -1;
        given += s->want;
    }
    qsort(w->shares, w->n_sections, sizeof *w->shares, by_rest);
    for (uint32_t k = 0; k < w->n_sections && given < want; k++) {
        if (w->shares[k].rest <= 0) break;
        w->shares[k].want++;
        given++;
    }
    qsort(w->shares, w->n_sections, sizeof *w->shares, by_section);
}

static xw_status solve_one(inside *w, share *s, xw_error *err)
{
    const xw__inside *in = w->in;
    uint32_t *list = w->order + w->start[s->section], n = 0;
    const uint32_t size = w->start[s->section + 1] - w->start[s->section];
    for (uint32_t i = 0; i < size; i++) { /* nodes above the cap are teams; the others move up */
        const uint32_t v = list[i];
        if (in->g->nodes[v].weight > in->cap) {
            w->up[w->n_teams] = s->section;
            w->of[v] = w->n_teams++;
        } else {
            list[n++] = v;
        }
    }
    if (n == 0) return XW_OK;
    xw_graph g = {0};
    uint32_t *local_of = malloc((size_t)n * sizeof *local_of);
    uint8_t *core = malloc(n);
    xw_job job = in->job ? *in->job : (xw_job){0};
    job.threads = 1; /* the sections are small, the divisions run side by side */
    xw_status st = local_of && core ? xw__subgraph(in->g, list, n, w->local, &g, err)
                                    : xw_fail(err, XW_NOMEM, "section of %u nodes", n);
    const xw_aggregate_options o = {.cap = in->cap,
                                    .groups = s->want,
                                    .steps = (uint64_t)n * STEPS_PER_NODE * in->effort / 100,
                                    .seed = in->seed + s->section};
    if (!st) st = xw_aggregate(&g, &o, &job, local_of, core, &s->have, err);
    s->first = w->n_teams;
    for (uint32_t k = 0; k < s->have && !st; k++) w->up[w->n_teams++] = s->section;
    for (uint32_t i = 0; i < n && !st; i++) {
        w->of[list[i]] = s->first + local_of[i];
        if (core[i]) continue;
        /* Land behind a hard barrier waits alone: a team must hold together without it. */
        w->up[w->n_teams] = s->section;
        w->of[list[i]] = w->n_teams++;
    }
    free(local_of);
    free(core);
    xw_graph_finish(&g);
    return st;
}

/* The lightest of n teams of a section from `first` on that comes after team `after`. */
static uint32_t lightest(const inside *w, uint32_t first, uint32_t n, uint32_t after)
{
    const xw__group *groups = w->s.p.groups;
    uint32_t best = XW_NONE;
    for (uint32_t k = first; k < first + n; k++) {
        const uint32_t weight = groups[k].weight;
        if (groups[k].count == 0 || weight > w->in->cap) continue;
        if (after != XW_NONE &&
            (weight < groups[after].weight || (weight == groups[after].weight && k <= after))) {
            continue;
        }
        if (best == XW_NONE || weight < groups[best].weight) best = k;
    }
    return best;
}

/* The team of the same section that node v touches and that is lightest. */
static uint32_t host_within(const inside *w, uint32_t v)
{
    const xw__parts *p = &w->s.p;
    uint32_t best = XW_NONE;
    for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
        const xw_arc *a = &p->g->arcs[i];
        const uint32_t k = p->of[a->to];
        if (a->kind < p->conn || k == p->of[v] || w->up[k] != w->up[p->of[v]]) continue;
        if (p->groups[k].count == 1 && p->groups[k].weight > p->cap) continue;
        if (best == XW_NONE || p->groups[k].weight < p->groups[best].weight) best = k;
    }
    return best;
}

/* Gives the nodes of team k to its neighbours in the section, then carries their excess away; all
 * or nothing. */
static xw_status dissolve(inside *w, uint32_t k, bool *done, xw_error *err)
{
    xw__parts *p = &w->s.p;
    uint32_t *hosts = w->order, n = 0; /* the lists of the sections are done with */
    xw_status st = XW_OK;
    bool ok = true;
    w->s.n_moved = 0;
    while (ok && p->groups[k].count > 0) {
        ok = false;
        for (uint32_t v = p->groups[k].head; v != XW_NONE; v = p->next[v]) {
            const uint32_t host = host_within(w, v);
            if (host == XW_NONE) continue;
            if (!xw__strata_move(&w->s, v, host)) return xw_fail(err, XW_NOMEM, "dissolving");
            hosts[n++] = host;
            ok = true;
            break;
        }
    }
    for (uint32_t i = 0; i < n && ok && !st; i++) {
        st = xw__chain_relieve(w->chain, hosts[i], &ok, err);
    }
    if (!ok) xw__strata_rewind(&w->s, 0);
    *done = ok;
    return st;
}

static xw_status shrink(inside *w, share *s, xw_error *err)
{
    const uint32_t n = s->have;
    xw_status st = XW_OK;
    while (s->have > s->want && !st) {
        bool done = false;
        uint32_t k = XW_NONE;
        for (int t = 0; t < LIGHTEST_TRIED && !done && !st; t++) {
            k = lightest(w, s->first, n, k);
            if (k == XW_NONE) break;
            st = dissolve(w, k, &done, err);
        }
        if (!done) break;
        s->have--;
    }
    return st;
}

/* Whole teams from sections above their cap to sections with room, or into new sections; then
 * sections that the others have room for are dissolved. */
static xw_status settle_sections(inside *w, xw_error *err)
{
    const xw__inside *in = w->in;
    xw_graph teams = {0};
    xw__parts p = {0};
    xw_status st = xw_graph_contract(in->g, w->of, w->n_teams, NULL, &teams, err);
    if (st) return st;
    for (uint32_t v = 0; v < in->g->n; v++) {
        if (in->g->nodes[v].weight <= in->cap) continue;
        /* One that is more than a section by itself is a full one here. */
        const uint32_t pieces = in->pieces[v] < in->cap_up ? in->pieces[v] : in->cap_up;
        teams.nodes[w->of[v]].weight = pieces;
    }
    st = xw__parts_from(&p, &teams, in->cap_up, XW_ARC_FAR, w->up, w->n_sections, err);
    if (!st) st = xw__fit_up(&p, &w->rng, err);
    uint32_t least = xw_bin_bound(teams.nodes, teams.n, in->cap_up);
    if (least < (in->want + in->cap_up - 1) / in->cap_up) {
        least = (in->want + in->cap_up - 1) / in->cap_up;
    }
    if (!st) st = xw__fit_down(&p, least, SECTIONS_TRIED, &w->rng, err);
    if (!st) {
        memcpy(w->up, p.of, (size_t)w->n_teams * sizeof *w->up);
        w->n_sections = p.n_groups;
    }
    xw__parts_finish(&p);
    xw_graph_finish(&teams);
    return st;
}

/* Everything after the sections have been grouped one by one. */
static xw_status repair(inside *w, xw_error *err)
{
    const xw__inside *in = w->in;
    w->s.n_up = 1;
    w->s.up[0] = w->up;
    xw_status st = xw__parts_from(&w->s.p, in->g, in->cap, XW_ARC_OPEN, w->of, w->n_teams, err);
    if (!st) st = xw__chain_create(&w->s, &w->rng, &w->chain, err);
    for (uint32_t k = 0; k < w->n_sections && !st; k++) {
        st = shrink(w, &w->shares[k], err);
    }
    if (st) return st;
    memcpy(w->of, w->s.p.of, (size_t)in->g->n * sizeof *w->of);
    /* Without the dissolved: their numbers are given to the others. */
    uint32_t *to = w->order, n = 0;
    for (uint32_t k = 0; k < w->n_teams; k++) {
        if (w->s.p.groups[k].count == 0) continue;
        to[k] = n;
        w->up[n++] = w->up[k];
    }
    for (uint32_t v = 0; v < in->g->n; v++) w->of[v] = to[w->of[v]];
    w->n_teams = n;
    return settle_sections(w, err);
}

xw_status xw__inside_solve(const xw__inside *in, uint32_t *section, uint32_t *n_sections,
                           uint32_t *of, uint32_t *n_teams, uint32_t *up, xw_error *err)
{
    const size_t n = (size_t)in->g->n + 2, k = (size_t)*n_sections + 2;
    xw_status st = XW_OK;
    inside w = {.in = in,
                .n_sections = *n_sections,
                .of = of,
                .up = up,
                .section = section,
                .rng = {in->seed}};
    w.start = malloc(k * sizeof *w.start);
    w.order = malloc(n * sizeof *w.order);
    w.local = malloc(n * sizeof *w.local);
    w.shares = calloc(k, sizeof *w.shares);
    if (!w.start || !w.order || !w.local || !w.shares) {
        st = xw_fail(err, XW_NOMEM, "teams of %u nodes", in->g->n);
        goto fail;
    }
    memset(w.local, 0xff, n * sizeof *w.local);
    xw__list_groups(section, in->g->n, w.n_sections, w.start, w.order);
    apportion(&w);
    for (uint32_t s = 0; s < w.n_sections && !st; s++) st = solve_one(&w, &w.shares[s], err);
    if (!st) st = repair(&w, err);
    if (st) goto fail;
    for (uint32_t v = 0; v < in->g->n; v++) section[v] = up[of[v]];
    *n_sections = w.n_sections;
    *n_teams = w.n_teams;
fail:
    xw__chain_destroy(w.chain);
    xw__strata_finish(&w.s);
    free(w.start);
    free(w.order);
    free(w.local);
    free(w.shares);
    return st;
}
