/* A crossing grid's smaller side is the piece with the fewest households that the grid falls into
 * without the classes. Its surroundings are the part of the division's land that it lies in when
 * nobody crosses them, buildings above the cap left out, since their teams take nobody in. */
#include "crossings.h"

#include "checking.h"

#include <stdlib.h>
#include <string.h>

typedef struct surroundings { /* of one part of the land: who else could take the side in */
    uint64_t room;
    uint32_t grids;
} surroundings;

typedef struct finder {
    const xw_model *m;
    const xw_edge_index *ix;
    const xw_level *level;
    uint32_t classes, cap;
    uint32_t *root, *grid; /* by plot: union-find; grid it was last seen in */
    uint64_t *weight;      /* households of a root */
    uint32_t *land;        /* part of each plot */
    surroundings *parts;   /* by the part's root */
    uint32_t *seen;        /* by the part's root: grid that was counted last */
    uint32_t *plots;
    size_t n_plots, cap_plots;
} finder;

static const struct {
    const char *text, *zh;
} reasons[] = {
#define X(name, text, zh) {text, zh},
    XW_CROSSING_MAP(X)
#undef X
};

const char *xw_crossing_text(unsigned r) { return r < XW_CROSSING_COUNT ? reasons[r].text : ""; }
const char *xw_crossing_zh(unsigned r) { return r < XW_CROSSING_COUNT ? reasons[r].zh : ""; }

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

static void unite(uint32_t *root, uint32_t a, uint32_t b)
{
    a = find(root, a);
    b = find(root, b);
    root[a > b ? a : b] = a < b ? a : b;
}

static bool in_classes(const xw_edge *e, uint32_t classes)
{
    return e->cls < XW_CLASS_COUNT && (classes >> e->cls & 1) != 0;
}

/* Ties the plots of a grid over edges that are of none of the classes and not shut. */
static void tie(finder *s, uint32_t grid, uint32_t classes)
{
    const xw_model *m = s->m;
    for (size_t i = 0; i < s->n_plots; i++) {
        s->root[s->plots[i]] = s->plots[i];
        s->grid[s->plots[i]] = grid;
        s->weight[s->plots[i]] = 0;
    }
    for (size_t i = 0; i < s->n_plots; i++) {
        for (uint32_t k = s->ix->start[s->plots[i]]; k < s->ix->start[s->plots[i] + 1]; k++) {
            const xw_edge *e = &m->edges[s->ix->item[k]];
            if (e->left == XW_NONE || e->right == XW_NONE || xw__edge_shut(e)) continue;
            if (s->grid[e->left] != grid || s->grid[e->right] != grid) continue;
            if (!in_classes(e, classes)) unite(s->root, e->left, e->right);
        }
    }
}

/* Peopled pieces; *least: the root of the one with the fewest households. */
static uint32_t count_sides(finder *s, uint32_t *least)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_plots; i++) {
        s->weight[find(s->root, s->plots[i])] += s->m->plots[s->plots[i]].households;
    }
    *least = XW_NONE;
    for (size_t i = 0; i < s->n_plots; i++) {
        const uint32_t p = s->plots[i];
        if (s->root[p] != p || s->weight[p] == 0) continue;
        n++;
        if (*least == XW_NONE || s->weight[p] < s->weight[*least]) *least = p;
    }
    return n;
}

/* The largest class on the way from the side to the rest of the grid; any that is in between when
 * they touch nowhere. */
static uint32_t class_between(finder *s, uint32_t grid, uint32_t side)
{
    uint32_t best = XW_CLASS_NONE;
    for (size_t i = 0; i < s->n_plots; i++) {
        const uint32_t p = s->plots[i];
        if (find(s->root, p) != side) continue;
        for (uint32_t k = s->ix->start[p]; k < s->ix->start[p + 1]; k++) {
            const xw_edge *e = &s->m->edges[s->ix->item[k]];
            if (e->left == XW_NONE || e->right == XW_NONE || !in_classes(e, s->classes)) continue;
            if (s->grid[e->left] != grid || s->grid[e->right] != grid) continue;
            if (e->cls < best) best = e->cls;
        }
    }
    return best;
}

/* What the other grids around the side have to offer. */
static void explain(const finder *s, const xw_grid *g, xw_crossing *c, uint32_t side)
{
    const surroundings *at = &s->parts[s->land[side]];
    const uint64_t own = s->cap > g->households ? s->cap - g->households : 0;
    c->others = at->grids > 0 ? at->grids - 1 : 0; /* the grid is one of them */
    c->room = (uint32_t)(at->room > own ? at->room - own : 0);
    c->reason = c->others == 0            ? XW_CROSSING_CUT_OFF
                : c->room < c->households ? XW_CROSSING_FULL
                                          : XW_CROSSING_SEARCH;
}

static xw_status look_at(finder *s, uint32_t i, xw__crossings *out, xw_error *err)
{
    const xw_grid *g = &s->m->grids[i];
    uint32_t some, side;
    s->n_plots = 0;
    const xw_status st = xw_grid_plots(s->m, i, &s->plots, &s->n_plots, &s->cap_plots, err);
    if (st) return st;
    tie(s, i, 0);
    const uint32_t before = count_sides(s, &some);
    tie(s, i, s->classes);
    if (count_sides(s, &side) <= before) return XW_OK;
    if (!xw_grow((void **)&out->list, &out->cap, out->n + 1, sizeof *out->list)) {
        return xw_fail(err, XW_NOMEM, "crossings");
    }
    xw_crossing *c = &out->list[out->n++];
    *c = (xw_crossing){.grid = i,
                       .cls = class_between(s, i, side),
                       .households = (uint32_t)s->weight[side],
                       .at = s->m->plots[side].anchor};
    explain(s, g, c, side);
    return XW_OK;
}

/* Parts of the land that nobody leaves over the classes, and what the grids in them have room for.
 */
static xw_status survey(finder *s, xw_error *err)
{
    const xw_model *m = s->m;
    const uint32_t finest = m->levels[m->n_levels - 1].cap;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        s->land[p] = p;
        s->seen[p] = XW_NONE;
    }
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE || xw__edge_shut(e)) continue;
        if (m->plots[e->left].division != m->plots[e->right].division) continue;
        if (m->plots[e->left].households > finest || m->plots[e->right].households > finest) {
            continue;
        }
        if (!in_classes(e, s->classes)) unite(s->land, e->left, e->right);
    }
    for (uint32_t p = 0; p < m->n_plots; p++) s->land[p] = find(s->land, p);
    for (uint32_t i = s->level->first_grid; i < s->level->first_grid + s->level->n_grids; i++) {
        const xw_grid *g = &m->grids[i];
        if (g->kind == XW_GRID_EXCLUSIVE) continue;
        s->n_plots = 0;
        const xw_status st = xw_grid_plots(m, i, &s->plots, &s->n_plots, &s->cap_plots, err);
        if (st) return st;
        for (size_t k = 0; k < s->n_plots; k++) {
            const uint32_t part = s->land[s->plots[k]];
            if (m->plots[s->plots[k]].households == 0 || s->seen[part] == i) continue;
            s->seen[part] = i;
            s->parts[part].grids++;
            s->parts[part].room += s->cap > g->households ? s->cap - g->households : 0;
        }
    }
    return XW_OK;
}

xw_status xw__crossings_make(const xw_model *m, const xw_edge_index *ix, uint32_t level,
                             uint32_t classes, xw__crossings *out, xw_error *err)
{
    const xw_level *v = &m->levels[level];
    const size_t n = m->n_plots + 1;
    finder s = {.m = m, .ix = ix, .level = v, .classes = classes, .cap = v->cap};
    *out = (xw__crossings){0};
    s.root = malloc(n * sizeof *s.root);
    s.grid = malloc(n * sizeof *s.grid);
    s.weight = malloc(n * sizeof *s.weight);
    s.land = malloc(n * sizeof *s.land);
    s.seen = malloc(n * sizeof *s.seen);
    s.parts = calloc(n, sizeof *s.parts);
    const bool ok = s.root && s.grid && s.weight && s.land && s.seen && s.parts;
    xw_status st = ok ? survey(&s, err) : xw_fail(err, XW_NOMEM, "crossings of %zu plots", n);
    if (!st) memset(s.grid, 0xff, n * sizeof *s.grid);
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids && !st; i++) {
        if (m->grids[i].kind != XW_GRID_EXCLUSIVE) st = look_at(&s, i, out, err);
    }
    free(s.root);
    free(s.grid);
    free(s.weight);
    free(s.land);
    free(s.seen);
    free(s.parts);
    free(s.plots);
    if (st) xw__crossings_finish(out);
    return st;
}

void xw__crossings_finish(xw__crossings *c)
{
    free(c->list);
    *c = (xw__crossings){0};
}
