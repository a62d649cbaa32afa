/* The river with its area and centre line, streams, and the railway with its bridge. */
#include "sample_internal.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct line {
    vec2 *p;
    size_t n, cap;
} line;

static void append(xw__gen *g, line *l, vec2 p)
{
    if (g->st) return;
    if (!xw_grow((void **)&l->p, &l->cap, l->n + 1, sizeof *l->p)) {
        g->st = xw_fail(g->err, XW_NOMEM, "a line of %zu vertices", l->n + 1);
        return;
    }
    l->p[l->n++] = p;
}

static void append_edge(xw__gen *g, line *l, uint32_t e)
{
    xw__edge_line s;
    xw__edge_shape(g->w, e, &s);
    for (uint32_t k = l->n ? 1 : 0; k < s.n; k++) append(g, l, s.p[k]);
}

/* A bank vertex: on the bisector, so that a polygon's end is its neighbour's beginning. */
static vec2 bank(const line *l, size_t k, double half)
{
    const vec2 a = k ? v_unit(v_sub(l->p[k], l->p[k - 1])) : v_unit(v_sub(l->p[1], l->p[0]));
    const vec2 b = k + 1 < l->n ? v_unit(v_sub(l->p[k + 1], l->p[k])) : a;
    return v_mad(l->p[k], v_left(v_unit(v_add(a, b))), half);
}

enum { REACH = 96 }; /* vertices of centre line a polygon */

static void emit_reach(xw__gen *g, const line *l, size_t a, size_t b, xw_text name)
{
    xw_pt ring[2 * REACH + 2];
    size_t n = 0;
    for (size_t k = a; k <= b; k++) ring[n++] = xw__to_lattice(g->w, bank(l, k, -g->w->river_half));
    for (size_t k = b + 1; k-- > a;) ring[n++] = xw__to_lattice(g->w, bank(l, k, g->w->river_half));
    const xw_water water = {.area = {(uint32_t)g->t->n_rings, 1}, .name = name};
    if (!g->st) g->st = xw_territory_add_ring(g->t, ring, n, g->err);
    if (!g->st) g->st = xw_territory_add_water(g->t, &water, g->err);
}

static void river(xw__gen *g)
{
    line l = {0};
    const xw_text name = xw__emit_text(g, g->w->river);
    for (uint32_t i = 0; i < g->w->nx; i++) {
        const uint32_t e = g->w->river_row * g->w->nx + i;
        if (g->w->edges[e].kind & XW__RIVER) append_edge(g, &l, e);
    }
    for (size_t a = 0; a + 1 < l.n && !g->st; a += REACH) {
        emit_reach(g, &l, a, a + REACH < l.n ? a + REACH : l.n - 1, name);
    }
    xw__emit_line(g, l.p, l.n, XW_CLASS_RIVER, XW_BARRIER_IMPASSABLE, name);
    free(l.p);
}

static void stream(xw__gen *g, uint32_t col, uint32_t j, uint32_t *count)
{
    line l = {0};
    const uint32_t first = xw__n_level(g->w) + col, step = g->w->nx + 1;
    for (; j < g->w->ny && g->w->edges[first + j * step].kind & XW__STREAM; j++) {
        append_edge(g, &l, first + j * step);
        if (j + 1 == g->w->river_row) break;
    }
    char text[64], number[16];
    xw__name_number(++*count, number);
    (void)snprintf(text, sizeof text, "%s%s溪", g->w->stem, number);
    xw__emit_line(g, l.p, l.n, XW_CLASS_STREAM, 0, xw__emit_text(g, text));
    free(l.p);
}

static void streams(xw__gen *g)
{
    const xw__world *w = g->w;
    uint32_t count = 0;
    for (uint32_t col = 0; col <= w->nx; col++) {
        for (uint32_t j = 0; j < w->ny; j++) {
            const uint32_t e = xw__n_level(w) + j * (w->nx + 1) + col;
            const bool here = w->edges[e].kind & XW__STREAM;
            const bool before =
                j > 0 && j != w->river_row && w->edges[e - (w->nx + 1)].kind & XW__STREAM;
            if (here && !before) stream(g, col, j, &count);
        }
    }
}

static void railway(xw__gen *g)
{
    const xw__world *w = g->w;
    line l = {0};
    size_t bridge = 0; /* vertex in the middle of the river */
    for (uint32_t j = 0; j < w->ny; j++) {
        const uint32_t e = xw__n_level(w) + j * (w->nx + 1) + w->rail_col;
        if (!(w->edges[e].kind & XW__RAIL)) continue;
        if (j == w->river_row && l.n) bridge = l.n - 1;
        append_edge(g, &l, e);
    }
    char text[48];
    (void)snprintf(text, sizeof text, "%s铁路", w->stem);
    const xw_text name = xw__emit_text(g, text);
    const unsigned flags = XW_BARRIER_IMPASSABLE;
    if (bridge >= 3 && bridge + 3 < l.n) {
        xw__emit_line(g, l.p, bridge - 1, XW_CLASS_RAIL, flags, name);
        xw__emit_line(g, l.p + bridge - 2, 5, XW_CLASS_RAIL, flags | XW_BARRIER_BRIDGE, name);
        xw__emit_line(g, l.p + bridge + 2, l.n - bridge - 2, XW_CLASS_RAIL, flags, name);
    } else {
        xw__emit_line(g, l.p, l.n, XW_CLASS_RAIL, flags, name);
    }
    free(l.p);
}

void xw__emit_waters(xw__gen *g)
{
    if (g->w->river_row != XW_NONE) river(g);
    streams(g);
    railway(g);
}
