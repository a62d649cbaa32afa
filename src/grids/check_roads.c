/* Grids with households on both sides of what they should not cross: the classes that their level
 * never crosses (a violation), and main roads at the finest level (an exception with its reason:
 * the households of the smaller side, which would be a grid too many by themselves). */
#include "checking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAIN_ROADS                                                      \
    (UINT32_C(1) << XW_CLASS_MOTORWAY | UINT32_C(1) << XW_CLASS_TRUNK | \
     UINT32_C(1) << XW_CLASS_PRIMARY)

typedef struct sides {
    xw__checker *c;
    uint32_t *root, *grid; /* by plot: union-find; grid it was last seen in */
    uint64_t *weight;      /* households of a root */
    uint32_t *plots;
    size_t n_plots, cap_plots;
} sides;

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

/* Ties the plots of a grid over edges that are of none of the classes and not shut. */
static void tie(sides *s, uint32_t grid, uint32_t classes)
{
    const xw_model *m = s->c->m;
    const xw_edge_index *ix = &s->c->edges;
    for (size_t i = 0; i < s->n_plots; i++) {
        s->root[s->plots[i]] = s->plots[i];
        s->grid[s->plots[i]] = grid;
        s->weight[s->plots[i]] = 0;
    }
    for (size_t i = 0; i < s->n_plots; i++) {
        for (uint32_t k = ix->start[s->plots[i]]; k < ix->start[s->plots[i] + 1]; k++) {
            const xw_edge *e = &m->edges[ix->item[k]];
            if (e->left == XW_NONE || e->right == XW_NONE || xw__edge_shut(e)) continue;
            if (s->grid[e->left] != grid || s->grid[e->right] != grid) continue;
            if (e->cls < XW_CLASS_COUNT && classes >> e->cls & 1) continue;
            const uint32_t a = find(s->root, e->left), b = find(s->root, e->right);
            s->root[a > b ? a : b] = a < b ? a : b;
        }
    }
}

/* Peopled pieces; *least: households of the smallest, *at: a plot of it. */
static uint32_t count_sides(sides *s, uint64_t *least, xw_pt *at)
{
    const xw_model *m = s->c->m;
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_plots; i++) {
        s->weight[find(s->root, s->plots[i])] += m->plots[s->plots[i]].households;
    }
    *least = UINT64_MAX;
    for (size_t i = 0; i < s->n_plots; i++) {
        const uint32_t p = s->plots[i];
        if (s->root[p] != p || s->weight[p] == 0) continue;
        n++;
        if (s->weight[p] >= *least) continue;
        *least = s->weight[p];
        *at = m->plots[p].anchor;
    }
    return n;
}

static xw_status check_level(sides *s, uint32_t l, uint32_t classes, bool hard, const char *key,
                             const char *text, const char *zh)
{
    const xw_model *m = s->c->m;
    const xw_level *v = &m->levels[l];
    const uint32_t line = xw__check_line_add(s->c, hard, "", 0, key, text, zh);
    memset(s->grid, 0xff, (m->n_plots + 1) * sizeof *s->grid);
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids && !s->c->failed; i++) {
        uint64_t least, some;
        xw_pt at = m->grids[i].label, other;
        if (m->grids[i].kind == XW_GRID_EXCLUSIVE) continue;
        s->n_plots = 0;
        const xw_status st = xw_grid_plots(m, i, &s->plots, &s->n_plots, &s->cap_plots, s->c->err);
        if (st) return st;
        tie(s, i, 0);
        const uint32_t before = count_sides(s, &some, &other);
        tie(s, i, classes);
        const uint32_t after = count_sides(s, &least, &at);
        if (after <= before) continue;
        const char *code = xw_model_text(m, m->grids[i].code);
        if (hard) {
            xw__check_hit(s->c, line, 1, at, "%s: %llu households on the other side", code,
                          (unsigned long long)least);
        } else {
            s->c->out->lines[line].value += 1;
            xw__check_except(
                s->c, line, at, "%s: the smaller side has %llu of %u households, one %s more", code,
                (unsigned long long)least, m->grids[i].households, xw_model_text(m, v->key));
        }
    }
    return XW_OK;
}

xw_status xw__check_roads(xw__checker *c)
{
    const xw_model *m = c->m;
    const size_t n = m->n_plots + 1;
    sides s = {.c = c};
    xw_status st = XW_OK;
    if (m->n_levels == 0) return XW_OK;
    s.root = malloc(n * sizeof *s.root);
    s.grid = malloc(n * sizeof *s.grid);
    s.weight = malloc(n * sizeof *s.weight);
    if (!s.root || !s.grid || !s.weight) st = xw_fail(c->err, XW_NOMEM, "%zu plots", n);
    for (uint32_t l = m->n_levels; l-- > 0 && !st;) {
        char key[56];
        if (m->levels[l].never == 0) continue;
        (void)snprintf(key, sizeof key, "%.30ss_across_never", xw_model_text(m, m->levels[l].key));
        st = check_level(&s, l, m->levels[l].never, true, key,
                         "grids across a barrier that their level never crosses",
                         "跨越本级不可跨界线的网格");
    }
    if (!st) {
        st = check_level(&s, m->n_levels - 1, MAIN_ROADS, false, "across_main_roads",
                         "finest grids across a main road", "跨主干道的最细网格");
    }
    free(s.root);
    free(s.grid);
    free(s.weight);
    free(s.plots);
    return st;
}
