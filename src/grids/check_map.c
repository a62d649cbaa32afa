/* The coverage. Two claims make it exact: edges meet at common vertices only, and around every node
 * the side that one edge shows is the side the next one shows. Then every face has one plot; what
 * is left are faces that belong to nobody (gaps) and plots that are inside out. */
#include "checking.h"
#include "xiwang/cells.h"

#include <stdlib.h>

/* --- segments that meet where they must not -------------------------------------------------- */

typedef struct segment {
    uint32_t edge, at; /* from vertex at to at + 1 of the edge */
} segment;

typedef struct segments {
    const xw_model *m;
    segment *list;
    size_t n;
} segments;

static void ends_of(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const segments *s = ctx;
    const xw_pt *p = s->m->pts + s->m->edges[s->list[i].edge].first + s->list[i].at;
    *a = p[0];
    *b = p[1];
}

/* p lies on ab but is none of its ends. */
static bool strictly_on(xw_pt a, xw_pt b, xw_pt p)
{
    return !xw_pt_eq(a, p) && !xw_pt_eq(b, p) && xw_on_segment(a, b, p);
}

/* Do the segments share more than a common end? */
static bool meet_badly(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    if (!xw_box_meets(xw_box_grow((xw_box){a, a}, b), xw_box_grow((xw_box){c, c}, d))) return false;
    if ((xw_pt_eq(a, c) && xw_pt_eq(b, d)) || (xw_pt_eq(a, d) && xw_pt_eq(b, c))) return true;
    if (strictly_on(a, b, c) || strictly_on(a, b, d) || strictly_on(c, d, a) ||
        strictly_on(c, d, b)) {
        return true;
    }
    return xw_orient(a, b, c) * xw_orient(a, b, d) < 0 &&
           xw_orient(c, d, a) * xw_orient(c, d, b) < 0;
}

/* Each pair is looked at in every cell that both pass, and told once: in the order of the pairs of
 * one cell, when no earlier cell of the first segment has both. Telling twice would only raise a
 * number that is wrong already, so the cheap rule is enough: neighbours in the list of spots. */
static void find_crossings(xw__checker *c, const segments *s, const xw_cells *cells, uint32_t line)
{
    const size_t n = (size_t)cells->nx * cells->ny;
    for (size_t k = 0; k < n; k++) {
        for (uint32_t i = cells->start[k]; i < cells->start[k + 1]; i++) {
            xw_pt a, b;
            ends_of(s, cells->item[i], &a, &b);
            for (uint32_t j = i + 1; j < cells->start[k + 1]; j++) {
                xw_pt d, e;
                ends_of(s, cells->item[j], &d, &e);
                if (!meet_badly(a, b, d, e)) continue;
                xw__check_hit(c, line, 1, a, "edges %u and %u meet between their vertices",
                              s->list[cells->item[i]].edge, s->list[cells->item[j]].edge);
            }
        }
    }
}

static xw_status check_crossings(xw__checker *c, uint32_t line)
{
    const xw_model *m = c->m;
    segments s = {m, NULL, 0};
    size_t n = 0;
    for (size_t i = 0; i < m->n_edges; i++) n += m->edges[i].n - 1;
    if (n >= UINT32_MAX) return xw_fail(c->err, XW_LIMIT, "%zu segments", n);
    s.list = malloc((n + 1) * sizeof *s.list);
    if (!s.list) return xw_fail(c->err, XW_NOMEM, "%zu segments", n);
    for (uint32_t i = 0; i < m->n_edges; i++) {
        for (uint32_t k = 0; k + 1 < m->edges[i].n; k++) s.list[s.n++] = (segment){i, k};
    }
    xw_cells cells = {0};
    const xw_status st = xw_cells_create(&cells, ends_of, &s, s.n, c->err);
    if (!st) find_crossings(c, &s, &cells, line);
    xw_cells_finish(&cells);
    free(s.list);
    return st;
}

/* --- the sides around a node ---------------------------------------------------------------------
 */

typedef struct ray { /* an edge as it leaves a node */
    xw_pt node, to;
    uint32_t left, right, edge;
} ray;

/* 0 for directions in [0, 180) degrees, 1 for the rest. */
static int upper(const ray *r)
{
    return r->to.y < r->node.y || (r->to.y == r->node.y && r->to.x < r->node.x);
}

static int around(const void *x, const void *y)
{
    const ray *a = x, *b = y;
    if (!xw_pt_eq(a->node, b->node)) return xw_pt_less(a->node, b->node) ? -1 : 1;
    const int ha = upper(a), hb = upper(b);
    if (ha != hb) return ha - hb;
    const int turn = xw_orient(a->node, a->to, b->to);
    if (turn != 0) return turn > 0 ? -1 : 1;
    return (a->edge > b->edge) - (a->edge < b->edge);
}

static void check_node(xw__checker *c, uint32_t line, const ray *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const ray *a = &r[i], *b = &r[(i + 1) % n];
        if (a->left == b->right) continue;
        xw__check_hit(c, line, 1, a->node, "edge %u shows plot %d, the next edge %u plot %d",
                      a->edge, (int)a->left, b->edge, (int)b->right);
    }
}

static xw_status check_nodes(xw__checker *c, uint32_t line)
{
    const xw_model *m = c->m;
    ray *r = malloc((2 * m->n_edges + 1) * sizeof *r);
    if (!r) return xw_fail(c->err, XW_NOMEM, "%zu edges", m->n_edges);
    size_t n = 0;
    for (uint32_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const xw_pt *p = m->pts + e->first;
        r[n++] = (ray){p[0], p[1], e->left, e->right, i};
        r[n++] = (ray){p[e->n - 1], p[e->n - 2], e->right, e->left, i};
    }
    qsort(r, n, sizeof *r, around);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && xw_pt_eq(r[j].node, r[i].node); j++) {
        }
        check_node(c, line, r + i, j - i);
    }
    free(r);
    return XW_OK;
}

/* --- areas ---------------------------------------------------------------------------------------
 */

/* Twice the area under an edge, exact. */
static xw_i128 edge_area2(const xw_model *m, const xw_edge *e)
{
    xw_i128 sum = 0;
    for (uint32_t k = 0; k + 1 < e->n; k++) {
        const xw_pt a = m->pts[e->first + k], b = m->pts[e->first + k + 1];
        sum += (xw_i128)a.x * b.y - (xw_i128)b.x * a.y;
    }
    return sum;
}

/* A plot whose boundary encloses nothing or runs the wrong way round lies over others. */
static xw_status check_plots(xw__checker *c, uint32_t line)
{
    const xw_model *m = c->m;
    xw_i128 *area2 = calloc(m->n_plots + 1, sizeof *area2);
    if (!area2) return xw_fail(c->err, XW_NOMEM, "%zu plots", m->n_plots);
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const xw_i128 a = edge_area2(m, e);
        if (e->left != XW_NONE) area2[e->left] += a;
        if (e->right != XW_NONE) area2[e->right] -= a;
    }
    for (uint32_t p = 0; p < m->n_plots; p++) {
        if (area2[p] > 0) continue;
        const double by = area2[p] < 0 ? -(double)area2[p] : 1;
        xw__check_hit(c, line, by, m->plots[p].anchor, "plot %u is inside out or empty", p);
    }
    free(area2);
    return XW_OK;
}

/* A hole of the territory is someone else's land only if a division's border runs all around it. */
static bool all_division(const xw_model *m, const xw_outline *o, const xw_outline_ring *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (m->edges[XW_REF_EDGE(o->refs[r->first + i])].cls != XW_CLASS_DIVISION) return false;
    }
    return true;
}

static xw_status check_gaps(xw__checker *c, uint32_t line)
{
    const xw_model *m = c->m;
    xw_tracer *t = NULL;
    xw_outline o = {0};
    uint32_t *all = malloc((m->n_plots + 1) * sizeof *all);
    xw_status st = all ? XW_OK : xw_fail(c->err, XW_NOMEM, "%zu plots", m->n_plots);
    for (uint32_t p = 0; !st && p < m->n_plots; p++) all[p] = p;
    if (!st) st = xw_tracer_create(m, &c->edges, &t, c->err);
    if (!st) st = xw_tracer_trace(t, all, m->n_plots, &o, c->err);
    for (size_t i = 0; !st && i < o.n_rings; i++) {
        const xw_outline_ring *r = &o.rings[i];
        if (!r->hole || all_division(m, &o, r)) continue;
        const xw_edge *e = &m->edges[XW_REF_EDGE(o.refs[r->first])];
        xw__check_hit(c, line, -(double)r->area2, m->pts[e->first],
                      "nobody's land, bounded by edge %u", XW_REF_EDGE(o.refs[r->first]));
    }
    xw_outline_finish(&o);
    xw_tracer_destroy(t);
    free(all);
    return st;
}

xw_status xw__check_map(xw__checker *c)
{
    const uint32_t gaps = xw__check_line_add(c, true, "units2/2", 0, "gaps_area",
                                             "area that no plot covers", "缝隙面积");
    const uint32_t overlaps = xw__check_line_add(c, true, "units2/2", 0, "overlaps_area",
                                                 "area covered more than once", "重叠面积");
    const uint32_t unmatched = xw__check_line_add(c, true, "", 0, "unmatched_edges",
                                                  "edges without a matching twin", "边不匹配");
    const uint32_t crossing = xw__check_line_add(c, true, "", 0, "crossing_edges",
                                                 "edges that cross each other", "边相交");
    xw_status st = check_nodes(c, unmatched);
    if (!st) st = check_crossings(c, crossing);
    if (!st) st = check_plots(c, overlaps);
    /* Rings close only where the sides agree; where they do not, that line already says so. */
    if (!st && !c->failed && c->out->lines[unmatched].value == 0) st = check_gaps(c, gaps);
    return st;
}
