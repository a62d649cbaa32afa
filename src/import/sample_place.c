/* One cell being built: its borders on the canvas, and its roads. */
#include "sample_internal.h"

#include <stdio.h>
#include <stdlib.h>

double xw__road_half(unsigned cls)
{
    switch (cls) {
    case XW_CLASS_PRIMARY:
        return 8.0;
    case XW_CLASS_SECONDARY:
        return 6.0;
    case XW_CLASS_TERTIARY:
        return 4.5;
    case XW_CLASS_RESIDENTIAL:
        return 2.6;
    default:
        return 2.2;
    }
}

void xw__place_item(xw__place *p, const vec2 *q, unsigned n, xw__item_kind kind, double clear,
                    unsigned tag)
{
    xw__item it = {.clear = clear, .n = (uint8_t)n, .kind = (uint8_t)kind, .tag = (uint16_t)tag};
    for (unsigned k = 0; k < n; k++) it.p[k] = q[k];
    if (!p->g->st) p->g->st = xw__canvas_add(&p->canvas, &it, p->g->err);
}

static void add_borders(xw__place *p)
{
    const xw__world *w = p->g->w;
    for (unsigned side = 0; side < 4; side++) {
        const uint32_t e = xw__side_edge(w, p->cell, side);
        const unsigned kind = w->edges[e].kind;
        const double clear = kind & XW__RIVER    ? w->river_half + 8.0
                             : kind & XW__RAIL   ? 13.0
                             : kind & XW__STREAM ? 6.0
                                                 : 3.0;
        xw__edge_line l;
        xw__edge_shape(w, e, &l);
        for (uint32_t k = 0; k + 1 < l.n; k++) xw__place_item(p, l.p + k, 2, XW__HARD, clear, 0);
    }
}

xw_status xw__place_start(xw__place *p, xw__gen *g, uint32_t cell)
{
    const xw__world *w = g->w;
    const xw__cell *c = w->cells + cell;
    p->g = g;
    p->cell = cell;
    p->rng = xw__rng(w, XW__FOR_CELL, cell);
    p->n_pts = p->n_roads = 0;
    p->n_lanes = 0;
    p->want = c->budget;
    p->town = c->kind == XW__MARKET || c->kind == XW__CITY;
    p->hall_due = c->kind == XW__VILLAGE;
    (void)snprintf(p->stem, sizeof p->stem, "%s", w->villages[c->village].stem);
    if (c->kind == XW__HAMLET) xw__name_stem(g->w, p->stem);
    p->n_ring = xw__cell_ring(w, cell, p->ring);
    vec2 lo = p->ring[0], hi = lo;
    for (uint32_t k = 1; k < p->n_ring; k++) {
        lo = (vec2){fmin(lo.x, p->ring[k].x), fmin(lo.y, p->ring[k].y)};
        hi = (vec2){fmax(hi.x, p->ring[k].x), fmax(hi.y, p->ring[k].y)};
    }
    if (!g->st) g->st = xw__canvas_start(&p->canvas, lo, hi, g->err);
    if (!g->st) add_borders(p);
    return g->st;
}

void xw__place_finish(xw__place *p)
{
    xw__canvas_finish(&p->canvas);
    free(p->pts);
    free(p->roads);
    *p = (xw__place){0};
}

uint32_t xw__place_road(xw__place *p, const vec2 *pts, uint32_t n, unsigned cls, const char *name,
                        bool emit)
{
    xw__gen *g = p->g;
    if (g->st) return XW_NONE;
    if (!xw_grow((void **)&p->pts, &p->cap_pts, p->n_pts + n, sizeof *p->pts) ||
        !xw_grow((void **)&p->roads, &p->cap_roads, p->n_roads + 1, sizeof *p->roads)) {
        g->st = xw_fail(g->err, XW_NOMEM, "%zu roads in a cell", p->n_roads + 1);
        return XW_NONE;
    }
    const uint32_t ix = (uint32_t)p->n_roads;
    xw__road *r = p->roads + p->n_roads++;
    *r = (xw__road){.first = (uint32_t)p->n_pts,
                    .n = n,
                    .cls = (uint8_t)cls,
                    .emit = emit,
                    .used = true,
                    .parent = XW_NONE,
                    .half = xw__road_half(cls),
                    .number = {1, 2}};
    (void)snprintf(r->name, sizeof r->name, "%s", name);
    for (uint32_t k = 0; k < n; k++) {
        p->pts[p->n_pts++] = pts[k];
        if (!k) continue;
        r->length += v_len(v_sub(pts[k], pts[k - 1]));
        xw__place_item(p, pts + k - 1, 2, XW__ROAD, r->half, ix);
    }
    return ix;
}

vec2 xw__road_at(const xw__place *p, const xw__road *r, double s, vec2 *dir)
{
    const vec2 *q = p->pts + r->first;
    uint32_t k = 0;
    double l = v_len(v_sub(q[1], q[0]));
    while (s > l && k + 2 < r->n) {
        s -= l;
        k++;
        l = v_len(v_sub(q[k + 1], q[k]));
    }
    const vec2 u = v_unit(v_sub(q[k + 1], q[k]));
    if (dir) *dir = u;
    return v_mad(q[k], u, s);
}

bool xw__place_owns(const xw__place *p, vec2 at)
{
    bool in = false;
    for (uint32_t k = 0, j = p->n_ring - 1; k < p->n_ring; j = k++) {
        const vec2 a = p->ring[j], b = p->ring[k];
        if ((a.y > at.y) == (b.y > at.y)) continue;
        if (at.x < a.x + (b.x - a.x) * (at.y - a.y) / (b.y - a.y)) in = !in;
    }
    return in;
}

void xw__place_emit_roads(xw__place *p)
{
    for (size_t k = 0; k < p->n_roads; k++) {
        const xw__road *r = p->roads + k;
        if (!r->emit || !r->used) continue;
        const xw_text name = xw__emit_text(p->g, r->name);
        xw__emit_line(p->g, p->pts + r->first, r->n, r->cls, 0, name);
    }
}
