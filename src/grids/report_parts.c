#include "report_parts.h"

#include "checking.h"
#include "xiwang/aggregate.h"

#include <stdlib.h>
#include <string.h>

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

static const xw_grid *team_of(const xw_model *m, uint32_t plot)
{
    return &m->grids[m->units[m->plots[plot].first_unit].grid];
}

/* Plots that are grids by themselves at the finest level: towers and exclusive areas. */
static bool stands_alone(const xw_model *m, uint32_t plot)
{
    return team_of(m, plot)->kind == XW_GRID_EXCLUSIVE ||
           m->plots[plot].households > m->levels[m->n_levels - 1].cap;
}

static void connect(const xw_model *m, uint32_t level, bool finest, uint32_t *root)
{
    const uint32_t never = m->levels[level].never;
    for (uint32_t p = 0; p < m->n_plots; p++) root[p] = p;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE || xw__edge_shut(e)) continue;
        if (m->plots[e->left].division != m->plots[e->right].division) continue;
        if (e->cls < XW_CLASS_COUNT && never >> e->cls & 1) continue;
        if (finest && (stands_alone(m, e->left) || stands_alone(m, e->right))) continue;
        const uint32_t a = find(root, e->left), b = find(root, e->right);
        if (a != b) root[a > b ? a : b] = a < b ? a : b; /* the first plot stays the root */
    }
}

static xw_status number_parts(const xw_model *m, bool finest, uint32_t *root, xw__land_parts *out,
                              xw_error *err)
{
    out->parts = calloc(m->n_plots + 1, sizeof *out->parts);
    if (!out->parts) return xw_fail(err, XW_NOMEM, "parts of %zu plots", m->n_plots);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        if (finest && team_of(m, p)->kind == XW_GRID_EXCLUSIVE) {
            out->of[p] = XW_NONE;
            continue;
        }
        const uint32_t r = find(root, p);
        if (r == p) {
            out->parts[out->n] = (xw__part_of){.division = m->plots[p].division,
                                               .at = m->plots[p].anchor,
                                               .tower = finest && stands_alone(m, p)};
            out->of[p] = (uint32_t)out->n++;
        } else {
            out->of[p] = out->of[r];
        }
    }
    return XW_OK;
}

/* The grids of the finest level in a grid of any: from *from up to *to. */
static void finest_of(const xw_model *m, uint32_t grid, uint32_t *from, uint32_t *to)
{
    *from = grid;
    *to = grid + 1;
    for (uint32_t l = m->grids[grid].level; l + 1 < m->n_levels; l++) {
        const xw_grid *end = &m->grids[*to - 1];
        *to = end->first_child + end->children;
        *from = m->grids[*from].first_child;
    }
}

/* The part a grid of any level counts for: where somebody lives in it, else where its first unit
 * is. */
static uint32_t part_of_grid(const xw_model *m, const xw__land_parts *p, uint32_t grid)
{
    uint32_t some = XW_NONE, from, to;
    finest_of(m, grid, &from, &to);
    for (uint32_t g = from; g < to; g++) {
        for (uint32_t k = 0; k < m->grids[g].n_units; k++) {
            const uint32_t plot = m->units[m->grid_units[m->grids[g].first_child + k]].plot;
            if (p->of[plot] == XW_NONE) continue;
            if (m->plots[plot].households) return p->of[plot];
            if (some == XW_NONE) some = p->of[plot];
        }
    }
    return some;
}

static void count_grids(const xw_model *m, uint32_t level, xw__land_parts *p)
{
    const bool finest = level + 1 == m->n_levels;
    const xw_level *own = &m->levels[level], *held = finest ? NULL : own + 1;
    for (uint32_t i = 0; i < own->n_grids; i++) {
        const uint32_t part = part_of_grid(m, p, own->first_grid + i);
        if (part != XW_NONE) p->parts[part].achieved++;
    }
    for (uint32_t i = 0; held && i < held->n_grids; i++) {
        const uint32_t part = part_of_grid(m, p, held->first_grid + i);
        if (part != XW_NONE) p->parts[part].weight++;
    }
    for (uint32_t q = 0; finest && q < m->n_plots; q++) {
        if (p->of[q] != XW_NONE) p->parts[p->of[q]].weight += m->plots[q].households;
    }
    for (size_t k = 0; k < p->n; k++) {
        p->parts[k].least = p->parts[k].bins = (p->parts[k].weight + own->cap - 1) / own->cap;
    }
}

/* Whole floors from the lowest: the fewest runs under the cap. */
static uint64_t runs_of(const xw_model *m, const xw_plot *p, uint32_t cap)
{
    uint64_t runs = 1, sum = 0;
    for (uint32_t u = 0; u < p->n_units; u++) {
        const uint32_t h = m->units[p->first_unit + u].households;
        if (u > 0 && sum + h > cap) {
            runs++;
            sum = 0;
        }
        sum += h;
    }
    return runs;
}

/* The bound with whole buildings: plots part by part, each part's by xw_bin_bound. */
static xw_status pack(const xw_model *m, xw__land_parts *p, xw_error *err)
{
    const uint32_t cap = m->levels[m->n_levels - 1].cap;
    uint32_t *start = calloc(p->n + 2, sizeof *start);
    xw_graph_node *nodes = calloc(m->n_plots + 1, sizeof *nodes);
    if (!start || !nodes) {
        free(start);
        free(nodes);
        return xw_fail(err, XW_NOMEM, "parts of %zu plots", m->n_plots);
    }
    for (uint32_t q = 0; q < m->n_plots; q++) {
        if (p->of[q] != XW_NONE) start[p->of[q] + 2]++;
    }
    for (size_t k = 0; k < p->n; k++) start[k + 2] += start[k + 1];
    for (uint32_t q = 0; q < m->n_plots; q++) {
        if (p->of[q] == XW_NONE) continue;
        nodes[start[p->of[q] + 1]++].weight = m->plots[q].households;
        if (p->parts[p->of[q]].tower) p->parts[p->of[q]].bins = runs_of(m, &m->plots[q], cap);
    }
    for (size_t k = 0; k < p->n; k++) {
        if (p->parts[k].tower || p->parts[k].weight == 0) continue;
        p->parts[k].bins = xw_bin_bound(nodes + start[k], start[k + 1] - start[k], cap);
    }
    free(start);
    free(nodes);
    return XW_OK;
}

typedef struct held { /* a grid of the level below */
    uint32_t part;
    uint32_t stack; /* the tower that all of it is floors of, XW_NONE - 1 - i for none */
} held;

/* The plot above the cap that holds all units of a grid; XW_NONE. */
static uint32_t tower_of(const xw_model *m, uint32_t grid)
{
    uint32_t plot = XW_NONE, from, to;
    finest_of(m, grid, &from, &to);
    for (uint32_t g = from; g < to; g++) {
        for (uint32_t k = 0; k < m->grids[g].n_units; k++) {
            const uint32_t own = m->units[m->grid_units[m->grids[g].first_child + k]].plot;
            if (plot != XW_NONE && own != plot) return XW_NONE;
            plot = own;
        }
    }
    const bool tall = plot != XW_NONE && m->plots[plot].households > m->levels[m->n_levels - 1].cap;
    return tall && m->grids[from].kind != XW_GRID_EXCLUSIVE ? plot : XW_NONE;
}

static int by_part(const void *a, const void *b)
{
    const held *x = a, *y = b;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    return (x->stack > y->stack) - (x->stack < y->stack);
}

/* Bins of the held grids h[from] .. h[to - 1] of one part: a tower's stay together, or are full
 * grids of their own where they are more than one may hold. */
static uint64_t bins_of(const held *h, size_t from, size_t to, uint32_t cap, xw_graph_node *nodes)
{
    uint64_t alone = 0;
    uint32_t n = 0;
    for (size_t i = from, next; i < to; i = next) {
        for (next = i + 1; next < to && h[next].stack == h[i].stack;) next++;
        const size_t size = next - i;
        if (size > cap) {
            alone += (size + cap - 1) / cap;
        } else {
            nodes[n++].weight = (uint32_t)size;
        }
    }
    return alone + (n > 0 ? xw_bin_bound(nodes, n, cap) : 0);
}

/* The bound with whole towers of a level above the finest. */
static xw_status pack_upper(const xw_model *m, uint32_t level, xw__land_parts *p, xw_error *err)
{
    const xw_level *below = &m->levels[level + 1];
    held *h = malloc(((size_t)below->n_grids + 1) * sizeof *h);
    xw_graph_node *nodes = calloc((size_t)below->n_grids + 1, sizeof *nodes);
    if (!h || !nodes) {
        free(h);
        free(nodes);
        return xw_fail(err, XW_NOMEM, "parts of %u grids", below->n_grids);
    }
    for (uint32_t i = 0; i < below->n_grids; i++) {
        const uint32_t tower = tower_of(m, below->first_grid + i);
        h[i] = (held){part_of_grid(m, p, below->first_grid + i),
                      tower == XW_NONE ? XW_NONE - 1 - i : tower};
    }
    qsort(h, below->n_grids, sizeof *h, by_part);
    for (size_t i = 0, next; i < below->n_grids; i = next) {
        for (next = i + 1; next < below->n_grids && h[next].part == h[i].part;) next++;
        if (h[i].part == XW_NONE) continue;
        p->parts[h[i].part].bins = bins_of(h, i, next, m->levels[level].cap, nodes);
    }
    free(h);
    free(nodes);
    return XW_OK;
}

xw_status xw__land_parts_make(const xw_model *m, uint32_t level, xw__land_parts *out, xw_error *err)
{
    const bool finest = level + 1 == m->n_levels;
    *out = (xw__land_parts){0};
    out->of = malloc((m->n_plots + 1) * sizeof *out->of);
    uint32_t *root = malloc((m->n_plots + 1) * sizeof *root);
    xw_status st = out->of && root ? XW_OK : xw_fail(err, XW_NOMEM, "%zu plots", m->n_plots);
    if (!st) connect(m, level, finest, root);
    if (!st) st = number_parts(m, finest, root, out, err);
    if (!st) count_grids(m, level, out);
    if (!st) st = finest ? pack(m, out, err) : pack_upper(m, level, out, err);
    free(root);
    if (st) xw__land_parts_finish(out);
    return st;
}

void xw__land_parts_finish(xw__land_parts *p)
{
    free(p->parts);
    free(p->of);
    *p = (xw__land_parts){0};
}
