/* The road network between cells: main roads from the cities to the border of the county, then each
 * town to the next better road, each village, each hamlet, and a few field tracks. A route prefers
 * roads and bridges that exist. */
#include "sample_internal.h"

#include <stdlib.h>

typedef struct router {
    xw__world *w;
    double *dist;
    uint32_t *stamp, *from; /* from: the side that leads back */
    uint8_t *best;          /* best class + 1 that reaches the cell, 0: none */
    xw__heap heap;
    uint32_t round;
} router;

static double step_cost(const xw__world *w, uint32_t e)
{
    const xw__edge *edge = w->edges + e;
    xw_rng r = xw__rng(w, XW__FOR_ROUTE, e);
    double cost = xw__between(&r, 0.75, 1.25);
    if (edge->link) return 0.45 * cost;
    if (edge->kind & XW__RIVER) cost += 9.0;
    if (edge->kind & XW__RAIL) cost += 2.0;
    if (edge->kind & XW__STREAM) cost += 0.5;
    return cost;
}

static void set_link(router *r, uint32_t cell, unsigned side, unsigned cls)
{
    const uint32_t other = xw__beyond(r->w, cell, side);
    uint8_t *link = &r->w->edges[xw__side_edge(r->w, cell, side)].link;
    const uint8_t code = (uint8_t)(cls + 1);
    if (!*link || *link > code) *link = code;
    if (!r->best[cell] || r->best[cell] > code) r->best[cell] = code;
    if (other == XW_NONE || !xw__in_county(r->w, other)) return;
    if (!r->best[other] || r->best[other] > code) r->best[other] = code;
}

/* From a cell to the target, or to any cell that a road of the class or better reaches. */
static xw_status route(router *r, uint32_t start, uint32_t target, unsigned cls, xw_error *err)
{
    xw__world *w = r->w;
    if (target == XW_NONE && r->best[start] && r->best[start] <= cls + 1) return XW_OK;
    r->round++;
    r->heap.n = 0;
    r->dist[start] = 0.0;
    r->stamp[start] = r->round;
    r->from[start] = 4;
    xw_status st = xw__heap_push(&r->heap, (xw__heap_item){0.0, start, 0}, err);
    uint32_t end = XW_NONE;
    while (!st && r->heap.n && end == XW_NONE) {
        const xw__heap_item it = xw__heap_pop(&r->heap);
        const uint32_t c = it.cell;
        if (it.key > r->dist[c]) continue;
        if (target == XW_NONE ? r->best[c] && r->best[c] <= cls + 1 : c == target) {
            end = c;
            break;
        }
        for (unsigned s = 0; s < 4 && !st; s++) {
            const uint32_t b = xw__beyond(w, c, s);
            if (!xw__in_county(w, b)) continue;
            const double d = it.key + step_cost(w, xw__side_edge(w, c, s));
            if (r->stamp[b] == r->round && r->dist[b] <= d) continue;
            r->stamp[b] = r->round;
            r->dist[b] = d;
            r->from[b] = (s + 2) % 4;
            st = xw__heap_push(&r->heap, (xw__heap_item){d, b, c}, err);
        }
    }
    while (end != XW_NONE && end != start) {
        const unsigned side = r->from[end];
        const uint32_t back = xw__beyond(w, end, side);
        set_link(r, end, side, cls);
        end = back;
    }
    return st;
}

/* The border cell in the direction of a side, and a road out of it. */
static xw_status leave(router *r, uint32_t start, unsigned side, unsigned cls, xw_error *err)
{
    uint32_t c = start;
    for (uint32_t b = c; xw__in_county(r->w, b); b = xw__beyond(r->w, b, side)) c = b;
    const xw_status st = route(r, start, c, cls, err);
    if (!st) set_link(r, c, side, cls);
    return st;
}

static void link_city(router *r)
{
    xw__world *w = r->w;
    for (uint32_t e = 0; e < xw__n_edges(w); e++) {
        uint32_t a, b;
        xw__edge_cells(w, e, &a, &b);
        if (a == XW_NONE || b == XW_NONE) continue;
        if (w->cells[a].kind != XW__CITY || w->cells[b].kind != XW__CITY) continue;
        const unsigned kind = w->edges[e].kind;
        if (!(kind & XW__CROSSED)) w->edges[e].kind |= XW__STREET;
        if (kind & XW__RIVER && e % 3 != 1) continue;
        if (kind & XW__RAIL && e / w->nx % 2) continue;
        set_link(r, a, xw__edge_is_level(w, e) ? XW__S : XW__E, XW_CLASS_TERTIARY);
    }
}

/* Dead ends into the fields from cells that have a road. */
static void add_tracks(router *r)
{
    xw__world *w = r->w;
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        if (w->cells[c].kind != XW__LAND || r->best[c]) continue;
        xw_rng rng = xw__rng(w, XW__FOR_ROUTE, (uint64_t)1 << 40 | c);
        if (xw__hills(w, xw__cell_middle(w, c)) > 0.9 || xw__chance(&rng, 0.35)) continue;
        const unsigned first = xw_rng_below(&rng, 4);
        for (unsigned k = 0; k < 4; k++) {
            const unsigned s = (first + k) % 4;
            const uint32_t b = xw__beyond(w, c, s);
            if (!xw__in_county(w, b) || !r->best[b] || w->cells[b].kind == XW__CITY) continue;
            if (w->edges[xw__side_edge(w, c, s)].kind & XW__CROSSED) continue;
            set_link(r, c, s, XW_CLASS_TRACK);
            break;
        }
    }
}

static xw_status make_all(router *r, xw_error *err)
{
    xw__world *w = r->w;
    const unsigned main_class = w->urban ? XW_CLASS_PRIMARY : XW_CLASS_SECONDARY;
    const uint32_t n_main = w->n_cities ? w->n_cities : 1;
    xw_status st = XW_OK;
    for (uint32_t t = 0; t < n_main && !st; t++) {
        st = leave(r, w->towns[t].cell, XW__W, main_class, err);
        if (!st) st = leave(r, w->towns[t].cell, XW__E, main_class, err);
        if (!st && w->ny >= 6) st = leave(r, w->towns[t].cell, XW__N, main_class, err);
        if (!st && w->ny >= 6) st = leave(r, w->towns[t].cell, XW__S, main_class, err);
    }
    link_city(r);
    for (uint32_t t = 0; t < w->n_towns && !st; t++) {
        st = route(r, w->towns[t].cell, XW_NONE, XW_CLASS_SECONDARY, err);
    }
    for (size_t v = 0; v < w->n_villages && !st; v++) {
        st = route(r, w->villages[v].seat, XW_NONE, XW_CLASS_TERTIARY, err);
        xw_rng rng = xw__rng(w, XW__FOR_ROUTE, (uint64_t)2 << 40 | v);
        if (!xw__chance(&rng, 0.3) || w->villages[v].community) continue;
        const uint32_t k = xw_rng_below(&rng, 4), b = xw__beyond(w, w->villages[v].seat, k);
        if (!xw__in_county(w, b) ||
            w->edges[xw__side_edge(w, w->villages[v].seat, k)].kind & XW__CROSSED) {
            continue;
        }
        set_link(r, w->villages[v].seat, k, XW_CLASS_TERTIARY); /* a second way out */
    }
    for (uint32_t c = 0; c < xw__n_cells(w) && !st; c++) {
        if (w->cells[c].kind == XW__HAMLET) st = route(r, c, XW_NONE, XW_CLASS_RESIDENTIAL, err);
    }
    if (!st) add_tracks(r);
    return st;
}

xw_status xw__routes_make(xw__world *w, xw_error *err)
{
    const uint32_t nc = xw__n_cells(w);
    router r = {.w = w,
                .dist = calloc(nc, sizeof *r.dist),
                .stamp = calloc(nc, sizeof *r.stamp),
                .from = calloc(nc, sizeof *r.from),
                .best = calloc(nc, 1)};
    xw_status st = XW_OK;
    if (!r.dist || !r.stamp || !r.from || !r.best) st = xw_fail(err, XW_NOMEM, "%u cells", nc);
    if (!st) st = make_all(&r, err);
    free(r.dist);
    free(r.stamp);
    free(r.from);
    free(r.best);
    free(r.heap.at);
    return st;
}
