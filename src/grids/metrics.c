/* How good a partition is, beyond being right. Figures of the finest level unless the line says
 * another; a tower that holds several teams counts as one shape. */
#include "checking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct shape {
    double perimeter;
    uint32_t block; /* XW_NONE before the first plot */
    bool blocks;    /* more than one */
} shape;

/* Sum over divisions of ceil(children / cap), the least number of grids of a level. */
static double least_grids(const xw_model *m, uint32_t l, uint64_t *sums)
{
    const bool finest = l + 1 == m->n_levels;
    double least = 0;
    memset(sums, 0, m->n_divisions * sizeof *sums);
    for (uint32_t i = 0; i < m->levels[l].n_grids; i++) {
        const xw_grid *g = &m->grids[m->levels[l].first_grid + i];
        if (finest && g->kind == XW_GRID_EXCLUSIVE) {
            least += 1; /* whatever lives in it */
            continue;
        }
        sums[g->division] += finest ? g->households : g->children;
    }
    for (size_t d = 0; d < m->n_divisions; d++) {
        const uint64_t cap = m->levels[l].cap;
        if (m->divisions[d].n_plots == 0) continue;
        least += sums[d] > 0 ? (double)((sums[d] + cap - 1) / cap) : 1;
    }
    return least;
}

static xw_status add_counts(xw__checker *c)
{
    const xw_model *m = c->m;
    uint64_t *sums = malloc((m->n_divisions + 1) * sizeof *sums);
    if (!sums) return xw_fail(c->err, XW_NOMEM, "%zu divisions", m->n_divisions);
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const xw_level *v = &m->levels[l];
        const char *key = xw_model_text(m, v->key), *name = xw_model_text(m, v->name);
        char line[56], text[96], zh[96];
        (void)snprintf(line, sizeof line, "%.40ss", key);
        (void)snprintf(text, sizeof text, "number of %.40ss", key);
        (void)snprintf(zh, sizeof zh, "%.40s数", name);
        (void)xw__check_line_add(c, false, "", v->n_grids, line, text, zh);
        const double least = least_grids(m, l, sums);
        (void)snprintf(line, sizeof line, "%.40s_fill", key);
        (void)snprintf(text, sizeof text, "least possible %.30ss / %.30ss", key, key);
        (void)snprintf(zh, sizeof zh, "%.40s满员率", name);
        (void)xw__check_line_add(c, false, "%", v->n_grids ? 100 * least / v->n_grids : 100, line,
                                 text, zh);
    }
    free(sums);
    return XW_OK;
}

static uint32_t grid_of(const xw_model *m, uint32_t plot)
{
    return plot == XW_NONE ? XW_NONE : m->units[m->plots[plot].first_unit].grid;
}

/* Lengths of the boundaries between teams, and with it the perimeter of each. */
static void add_boundaries(xw__checker *c, shape *shapes)
{
    const xw_model *m = c->m;
    double total = 0, barrier = 0, between = 0, weighted = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const uint32_t a = grid_of(m, e->left), b = grid_of(m, e->right);
        if (a == b) continue;
        const double len = (double)e->length_m;
        if (a != XW_NONE) shapes[a].perimeter += len;
        if (b != XW_NONE) shapes[b].perimeter += len;
        if (a == XW_NONE || b == XW_NONE) continue; /* the rim is nobody's choice */
        total += len;
        weighted += len * xw_class_get(e->cls)->cost;
        if (e->basis == XW_BASIS_BETWEEN || e->basis == XW_BASIS_BUILDING) {
            between += len;
        } else {
            barrier += len;
        }
    }
    (void)xw__check_line_add(c, false, "%", total > 0 ? 100 * barrier / total : 100,
                             "boundary_on_barriers", "team boundary on roads, water, rail, borders",
                             "以路水铁路区划为界");
    (void)xw__check_line_add(c, false, "%", total > 0 ? 100 * between / total : 0,
                             "boundary_between_buildings", "team boundary between buildings",
                             "以房屋之间为界");
    (void)xw__check_line_add(c, false, "km", weighted / 1000, "weighted_cut",
                             "length of team boundary, weighted by class", "加权边界长度");
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Shapes: a part of a tower has the shape of the tower's plot, hence the first of its parts is
 * taken for all. */
static xw_status add_shapes(xw__checker *c, const shape *shapes)
{
    const xw_model *m = c->m;
    const xw_level *v = &m->levels[m->n_levels - 1];
    size_t n = 0;
    double sum = 0;
    double *values = malloc(((size_t)v->n_grids + 1) * sizeof *values);
    if (!values) return xw_fail(c->err, XW_NOMEM, "%u shapes", v->n_grids);
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids; i++) {
        const double p = shapes[i].perimeter;
        if (p <= 0) continue;
        values[n] = 4 * 3.14159265358979323846 * m->grids[i].area_m2 / (p * p);
        sum += values[n++];
    }
    qsort(values, n, sizeof *values, ascending);
    (void)xw__check_line_add(c, false, "", n ? sum / (double)n : 0, "compactness_mean",
                             "compactness (Polsby-Popper), mean", "紧凑度均值");
    (void)xw__check_line_add(c, false, "", n ? values[n / 10] : 0, "compactness_p10",
                             "compactness (Polsby-Popper), 10th percentile", "紧凑度十分位");
    free(values);
    return XW_OK;
}

static void add_blocks_and_loads(xw__checker *c, shape *shapes)
{
    const xw_model *m = c->m;
    const xw_level *v = &m->levels[m->n_levels - 1];
    uint32_t many = 0, least = UINT32_MAX, empty = 0, slices = 0;
    for (size_t u = 0; u < m->n_units; u++) {
        shape *s = &shapes[m->units[u].grid];
        const uint32_t block = m->plots[m->units[u].plot].block;
        if (s->block == XW_NONE) s->block = block;
        s->blocks = s->blocks || s->block != block;
    }
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids; i++) {
        many += shapes[i].blocks;
        empty += m->grids[i].households == 0;
        slices += m->grids[i].floor_max != 0 || m->grids[i].floor_min != 0;
        if (m->grids[i].households < least) least = m->grids[i].households;
    }
    (void)xw__check_line_add(c, false, "", many, "across_blocks", "teams over more than one block",
                             "跨街块的最细网格");
    (void)xw__check_line_add(c, false, "", v->n_grids ? least : 0, "households_least",
                             "fewest households of a team", "最少户数");
    (void)xw__check_line_add(c, false, "", empty, "empty_teams", "teams without households",
                             "无户网格");
    (void)xw__check_line_add(c, false, "", slices, "tower_teams",
                             "teams that are floors of a tower", "楼层网格");
}

xw_status xw__check_metrics(xw__checker *c)
{
    const xw_model *m = c->m;
    size_t exceptions = 0;
    for (size_t i = 0; i < c->out->n_spots; i++) exceptions += c->out->spots[i].exception;
    (void)xw__check_line_add(c, false, "", (double)exceptions, "exceptions",
                             "accepted exceptions (see spots)", "例外");
    if (m->n_levels == 0) return XW_OK;
    xw_status st = add_counts(c);
    if (st) return st;
    shape *shapes = calloc(m->n_grids + 1, sizeof *shapes);
    if (!shapes) return xw_fail(c->err, XW_NOMEM, "%zu grids", m->n_grids);
    for (size_t i = 0; i < m->n_grids; i++) shapes[i].block = XW_NONE;
    add_boundaries(c, shapes);
    st = add_shapes(c, shapes);
    if (!st) add_blocks_and_loads(c, shapes);
    free(shapes);
    return st;
}
