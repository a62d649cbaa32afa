/* The county, its towns and villages as polygons traced along edges of the grid. Two that meet in a
 * corner only are kept apart there, so every ring is simple. */
#include "sample_internal.h"

#include <stdlib.h>

typedef struct traced {
    uint32_t label, first, n; /* vertices */
    bool hole;
} traced;

typedef struct tracer {
    xw__gen *g;
    uint32_t *label; /* of each cell; XW_NONE outside */
    uint8_t *seen;   /* sides of each cell */
    xw_pt *pts;
    size_t n_pts, cap_pts;
    traced *rings;
    size_t n_rings, cap_rings;
} tracer;

static uint32_t label_of(const tracer *t, uint32_t cell)
{
    return cell == XW_NONE ? XW_NONE : t->label[cell];
}

static void append_side(tracer *t, uint32_t cell, unsigned side)
{
    xw__gen *g = t->g;
    xw__edge_line l;
    xw__edge_shape(g->w, xw__side_edge(g->w, cell, side), &l);
    const bool forward = side == XW__S || side == XW__E;
    if (!xw_grow((void **)&t->pts, &t->cap_pts, t->n_pts + l.n, sizeof *t->pts)) {
        g->st = xw_fail(g->err, XW_NOMEM, "%zu vertices of divisions", t->n_pts + l.n);
        return;
    }
    for (uint32_t k = 0; k + 1 < l.n; k++) {
        t->pts[t->n_pts++] = xw__to_lattice(g->w, forward ? l.p[k] : l.p[l.n - 1 - k]);
    }
}

/* Walks with the region on the left. At a corner the turn to the right comes first: it follows the
 * region behind a touching point, whose two sides then belong to two rings. */
static void trace(tracer *t, uint32_t cell, unsigned side)
{
    xw__gen *g = t->g;
    const uint32_t label = t->label[cell];
    traced r = {.label = label, .first = (uint32_t)t->n_pts};
    while (!g->st && !(t->seen[cell] >> side & 1)) {
        t->seen[cell] |= (uint8_t)(1u << side);
        append_side(t, cell, side);
        const uint32_t left = xw__beyond(g->w, cell, (side + 1) % 4);
        const uint32_t outside = xw__beyond(g->w, cell, side);
        uint32_t right = XW_NONE;
        if (left != XW_NONE) right = xw__beyond(g->w, left, side);
        if (left == XW_NONE && outside != XW_NONE)
            right = xw__beyond(g->w, outside, (side + 1) % 4);
        if (label_of(t, right) == label) {
            cell = right;
            side = (side + 3) % 4;
        } else if (label_of(t, left) == label) {
            cell = left;
        } else {
            side = (side + 1) % 4;
        }
    }
    if (g->st) return;
    r.n = (uint32_t)(t->n_pts - r.first);
    r.hole = xw_ring_area2((xw_ring){t->pts + r.first, r.n}) < 0;
    if (!xw_grow((void **)&t->rings, &t->cap_rings, t->n_rings + 1, sizeof *t->rings)) {
        g->st = xw_fail(g->err, XW_NOMEM, "%zu rings of divisions", t->n_rings + 1);
        return;
    }
    t->rings[t->n_rings++] = r;
}

static int by_label(const void *a, const void *b)
{
    const traced *p = a, *q = b;
    if (p->label != q->label) return p->label < q->label ? -1 : 1;
    if (p->hole != q->hole) return p->hole ? 1 : -1;
    return p->first < q->first ? -1 : p->first > q->first;
}

typedef struct facts {
    const char *code, *name, *level, *parent_code, *parent_name;
} facts;

static facts facts_of(const xw__world *w, int level, uint32_t label)
{
    if (level == 0) return (facts){w->code, w->name, "county", "", ""};
    if (level == 1) {
        const xw__town *t = w->towns + label;
        return (facts){t->code, t->name, "town", w->code, w->name};
    }
    const xw__village *v = w->villages + label;
    const xw__town *t = w->towns + v->town;
    return (facts){v->code, v->name, "village", t->code, t->name};
}

static void emit(tracer *t, int level)
{
    xw__gen *g = t->g;
    for (size_t a = 0, b; a < t->n_rings && !g->st; a = b) {
        const uint32_t label = t->rings[a].label;
        xw_division d = {.area = {(uint32_t)g->t->n_rings, 0}};
        for (b = a; b < t->n_rings && t->rings[b].label == label && !g->st; b++) {
            const traced *r = t->rings + b;
            g->st = xw_territory_add_ring(g->t, t->pts + r->first, r->n, g->err);
            d.area.n_rings++;
        }
        const facts f = facts_of(g->w, level, label);
        d.code = xw__emit_text(g, f.code);
        d.source = d.code;
        d.name = xw__emit_text(g, f.name);
        d.level = xw__emit_text(g, f.level);
        d.parent_code = xw__emit_text(g, f.parent_code);
        d.parent_name = xw__emit_text(g, f.parent_name);
        if (!g->st) g->st = xw_territory_add_division(g->t, &d, g->err);
    }
}

static void one_level(tracer *t, int level)
{
    const xw__world *w = t->g->w;
    const uint32_t nc = xw__n_cells(w);
    t->n_pts = t->n_rings = 0;
    for (uint32_t c = 0; c < nc; c++) {
        const uint32_t v = w->cells[c].village;
        t->seen[c] = 0;
        t->label[c] = v == XW_NONE || level == 2 ? v : level == 1 ? w->villages[v].town : 0;
    }
    for (uint32_t c = 0; c < nc && !t->g->st; c++) {
        for (unsigned s = 0; s < 4 && t->label[c] != XW_NONE && !t->g->st; s++) {
            if (label_of(t, xw__beyond(w, c, s)) != t->label[c] && !(t->seen[c] >> s & 1)) {
                trace(t, c, s);
            }
        }
    }
    if (t->n_rings) qsort(t->rings, t->n_rings, sizeof *t->rings, by_label);
    emit(t, level);
}

void xw__emit_divisions(xw__gen *g)
{
    tracer t = {.g = g};
    if (g->st) return;
    t.label = calloc(xw__n_cells(g->w), sizeof *t.label);
    t.seen = calloc(xw__n_cells(g->w), 1);
    if (!t.label || !t.seen) g->st = xw_fail(g->err, XW_NOMEM, "%u cells", xw__n_cells(g->w));
    for (int level = 0; level < 3 && !g->st; level++) one_level(&t, level);
    free(t.label);
    free(t.seen);
    free(t.pts);
    free(t.rings);
}
