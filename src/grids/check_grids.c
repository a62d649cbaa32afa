/* The assignment, the caps, and the connectedness of every grid of every level. */
#include "checking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- assignment ----------------------------------------------------------------------------------
 */

static bool is_finest_grid(const xw_model *m, uint32_t g)
{
    return g < m->n_grids && m->n_levels > 0 && m->grids[g].level + 1 == m->n_levels;
}

static xw_pt unit_place(const xw_model *m, uint32_t u)
{
    const uint32_t p = m->units[u].plot;
    return p < m->n_plots ? m->plots[p].anchor : (xw_pt){0, 0};
}

void xw__check_assignment(xw__checker *c)
{
    const xw_model *m = c->m;
    const uint32_t without = xw__check_line_add(c, true, "", 0, "units_without_grid",
                                                "units without a grid", "未入网格的户单元");
    const uint32_t twice = xw__check_line_add(c, true, "", 0, "units_in_two", "units in two grids",
                                              "重复归属的户单元");
    uint8_t *times = calloc(m->n_units + 1, 1);
    if (!times) {
        c->failed = true;
        return;
    }
    for (size_t i = 0; i < m->n_grids; i++) {
        const xw_grid *g = &m->grids[i];
        if (!is_finest_grid(m, (uint32_t)i)) continue;
        for (uint32_t k = 0; k < g->n_units; k++) {
            const uint64_t at = (uint64_t)g->first_child + k;
            const uint32_t u = at < m->n_grid_units ? m->grid_units[at] : XW_NONE;
            if (u < m->n_units && times[u] < 2) times[u]++;
        }
    }
    for (uint32_t u = 0; u < m->n_units; u++) {
        if (times[u] > 1) {
            xw__check_hit(c, twice, 1, unit_place(m, u), "unit %u is listed twice", u);
        }
    }
    for (uint32_t u = 0; u < m->n_units; u++) {
        if (times[u] == 0 || !is_finest_grid(m, m->units[u].grid)) {
            xw__check_hit(c, without, 1, unit_place(m, u), "unit %u", u);
        }
    }
    free(times);
}

/* --- caps ----------------------------------------------------------------------------------------
 */

static void check_level_caps(xw__checker *c, uint32_t l)
{
    const xw_model *m = c->m;
    const xw_level *v = &m->levels[l];
    const char *key = xw_model_text(m, v->key), *name = xw_model_text(m, v->name);
    const bool finest = l + 1 == m->n_levels;
    char line_key[56], text[96], zh[96];
    (void)snprintf(line_key, sizeof line_key, "%.40ss_over_cap", key);
    (void)snprintf(text, sizeof text, "%.30ss of more than %u %.30s%s", key, v->cap,
                   finest ? "household" : xw_model_text(m, m->levels[l + 1].key), "s");
    (void)snprintf(zh, sizeof zh, "超过%u%.30s的%.30s", v->cap,
                   finest ? "户" : xw_model_text(m, m->levels[l + 1].name), name);
    const uint32_t line = xw__check_line_add(c, true, "", 0, line_key, text, zh);
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids; i++) {
        const xw_grid *g = &m->grids[i];
        const uint32_t load = finest ? g->households : g->children;
        if (load <= v->cap || g->kind == XW_GRID_EXCLUSIVE) continue;
        if (finest && g->n_units == 1) {
            xw__check_except(c, line, g->label, "%s: one unit of %u households",
                             xw_model_text(m, g->code), load);
        } else {
            xw__check_hit(c, line, 1, g->label, "%s holds %u", xw_model_text(m, g->code), load);
        }
    }
}

/* A floor is a wish: what stays below is listed, and is no violation. */
static void check_level_floor(xw__checker *c, uint32_t l)
{
    const xw_model *m = c->m;
    const xw_level *v = &m->levels[l];
    const char *key = xw_model_text(m, v->key), *name = xw_model_text(m, v->name);
    const bool finest = l + 1 == m->n_levels;
    char line_key[56], text[96], zh[96];
    if (v->floor == 0) return;
    (void)snprintf(line_key, sizeof line_key, "%.40ss_under_floor", key);
    (void)snprintf(text, sizeof text, "%.30ss of less than %u %.30ss", key, v->floor,
                   finest ? "household" : xw_model_text(m, m->levels[l + 1].key));
    (void)snprintf(zh, sizeof zh, "不足%u%.30s的%.30s", v->floor,
                   finest ? "户" : xw_model_text(m, m->levels[l + 1].name), name);
    const uint32_t line = xw__check_line_add(c, false, "", 0, line_key, text, zh);
    for (uint32_t i = v->first_grid; i < v->first_grid + v->n_grids && !c->failed; i++) {
        const xw_grid *g = &m->grids[i];
        const uint32_t load = finest ? g->households : g->children;
        if (load >= v->floor || g->kind == XW_GRID_EXCLUSIVE) continue;
        c->out->lines[line].value += 1;
        xw__check_except(c, line, g->label, "%s holds %u", xw_model_text(m, g->code), load);
    }
}

void xw__check_caps(xw__checker *c)
{
    for (uint32_t l = c->m->n_levels; l-- > 0;) check_level_caps(c, l);
    for (uint32_t l = c->m->n_levels; l-- > 0;) check_level_floor(c, l);
}

/* --- connectedness -------------------------------------------------------------------------------
 */

typedef struct tied {
    xw__checker *c;
    uint32_t *land; /* piece of land of each plot: a plot of it */
    uint32_t *root; /* union-find over the plots of the grid at hand, any edge */
    uint32_t *open; /* the same over edges that are not shut */
    uint32_t *grid; /* the grid each plot was last seen in */
    uint32_t *seen, stamp;
    uint32_t *plots; /* of the grid at hand */
    size_t n_plots, cap_plots;
    uint32_t disconnected, across_division, across_barrier; /* lines */
} tied;

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

/* The smaller number stays the root. */
static void unite(uint32_t *root, uint32_t a, uint32_t b)
{
    a = find(root, a);
    b = find(root, b);
    if (a < b) {
        root[b] = a;
    } else {
        root[a] = b;
    }
}

static void find_land(tied *t)
{
    const xw_model *m = t->c->m;
    for (uint32_t p = 0; p < m->n_plots; p++) t->land[p] = p;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE) continue;
        if (m->plots[e->left].division == m->plots[e->right].division) {
            unite(t->land, e->left, e->right);
        }
    }
    for (uint32_t p = 0; p < m->n_plots; p++) t->land[p] = find(t->land, p);
}

/* Different values of of[] among the plots; peopled: only those with households. */
static uint32_t count_pieces(tied *t, uint32_t *of, bool peopled)
{
    uint32_t n = 0;
    t->stamp++;
    for (size_t i = 0; i < t->n_plots; i++) {
        const uint32_t p = t->plots[i];
        if (peopled && t->c->m->plots[p].households == 0) continue;
        const uint32_t r = of == t->land ? t->land[p] : find(of, p);
        if (t->seen[r] == t->stamp) continue;
        t->seen[r] = t->stamp;
        n++;
    }
    return n;
}

static void tie_plots(tied *t, uint32_t grid)
{
    const xw_model *m = t->c->m;
    const xw_edge_index *ix = &t->c->edges;
    for (size_t i = 0; i < t->n_plots; i++) {
        t->root[t->plots[i]] = t->open[t->plots[i]] = t->plots[i];
        t->grid[t->plots[i]] = grid;
    }
    for (size_t i = 0; i < t->n_plots; i++) {
        for (uint32_t k = ix->start[t->plots[i]]; k < ix->start[t->plots[i] + 1]; k++) {
            const xw_edge *e = &m->edges[ix->item[k]];
            if (e->left == XW_NONE || e->right == XW_NONE) continue;
            if (t->grid[e->left] != grid || t->grid[e->right] != grid) continue;
            unite(t->root, e->left, e->right);
            if (!xw__edge_shut(e)) unite(t->open, e->left, e->right);
        }
    }
}

static void check_grid(tied *t, uint32_t i)
{
    const xw_model *m = t->c->m;
    const xw_grid *g = &m->grids[i];
    const char *code = xw_model_text(m, g->code);
    for (size_t k = 0; k < t->n_plots; k++) {
        if (m->plots[t->plots[k]].division == g->division) continue;
        xw__check_hit(t->c, t->across_division, 1, m->plots[t->plots[k]].anchor,
                      "%s holds plot %u of another division", code, t->plots[k]);
        return; /* what follows would only say the same again */
    }
    if (g->parent != XW_NONE && m->grids[g->parent].division != g->division) {
        xw__check_hit(t->c, t->across_division, 1, g->label, "%s has a parent elsewhere", code);
    }
    tie_plots(t, i);
    const uint32_t land = count_pieces(t, t->land, false), parts = count_pieces(t, t->root, false);
    if (parts > land) {
        xw__check_hit(t->c, t->disconnected, 1, g->label, "%s is in %u pieces", code, parts);
        return;
    }
    if (parts > 1) {
        xw__check_except(t->c, t->disconnected, g->label, "%s: the land itself is in %u pieces",
                         code, parts);
    }
    const uint32_t sides = count_pieces(t, t->open, true);
    if (sides > count_pieces(t, t->land, true)) {
        xw__check_hit(t->c, t->across_barrier, 1, g->label, "%s: %u sides of a barrier", code,
                      sides);
    }
}

/* The plots of a grid by walking its units; a plot whose units are in one run is met once. */
static xw_status check_ties(tied *t)
{
    const xw_model *m = t->c->m;
    for (uint32_t i = 0; i < m->n_grids; i++) {
        t->n_plots = 0;
        const xw_status st = xw_grid_plots(m, i, &t->plots, &t->n_plots, &t->cap_plots, t->c->err);
        if (st) return st;
        check_grid(t, i);
    }
    return XW_OK;
}

xw_status xw__check_grids(xw__checker *c)
{
    const size_t n = c->m->n_plots + 1;
    tied t = {.c = c};
    t.disconnected = xw__check_line_add(c, true, "", 0, "disconnected_grids",
                                        "grids in several pieces", "不连通的网格");
    t.across_division = xw__check_line_add(c, true, "", 0, "grids_across_division",
                                           "grids across a division's border", "跨行政区划的网格");
    t.across_barrier = xw__check_line_add(c, true, "", 0, "grids_across_hard_barrier",
                                          "grids across an uncrossed barrier", "跨硬界线的网格");
    t.land = malloc(n * sizeof *t.land);
    t.root = malloc(n * sizeof *t.root);
    t.open = malloc(n * sizeof *t.open);
    t.grid = malloc(n * sizeof *t.grid);
    t.seen = calloc(n, sizeof *t.seen);
    xw_status st = XW_OK;
    if (!t.land || !t.root || !t.open || !t.grid || !t.seen) {
        st = xw_fail(c->err, XW_NOMEM, "%zu plots", n);
    } else {
        memset(t.grid, 0xff, n * sizeof *t.grid);
        find_land(&t);
        st = check_ties(&t);
    }
    free(t.land);
    free(t.root);
    free(t.open);
    free(t.grid);
    free(t.seen);
    free(t.plots);
    return st;
}
