/* Where the towns are: spread by taking, again and again, the cell farthest from all seats so far;
 * then the cells each of them builds on. Streams come after them, for they go round cities. */
#include "sample_internal.h"

#include <stdlib.h>

static uint32_t n_sides_in(const xw__world *w, uint32_t cell)
{
    uint32_t n = 0;
    for (unsigned s = 0; s < 4; s++) n += xw__in_county(w, xw__beyond(w, cell, s));
    return n;
}

static xw_status add_town(xw__world *w, uint32_t cell, uint32_t city, xw_error *err)
{
    if (!xw_grow((void **)&w->towns, &w->cap_towns, w->n_towns + 1, sizeof *w->towns)) {
        return xw_fail(err, XW_NOMEM, "%zu towns", w->n_towns + 1);
    }
    w->towns[w->n_towns++] = (xw__town){.cell = cell, .city = city, .is_city = city != XW_NONE};
    return XW_OK;
}

/* The county's seat lies in the middle, on the north bank. */
static uint32_t first_seat(const xw__world *w)
{
    const uint32_t j = w->river_row != XW_NONE && w->river_row < w->ny ? w->river_row : w->ny / 2;
    uint32_t i = w->nx / 2;
    if (w->rail_col == i && i > 0) i--;
    return j * w->nx + i;
}

static void lower_distances(const xw__world *w, double *dist, uint32_t from)
{
    const vec2 p = xw__cell_middle(w, from);
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        const vec2 d = v_sub(xw__cell_middle(w, c), p);
        dist[c] = fmin(dist[c], v_dot(d, d));
    }
}

static uint32_t farthest(const xw__world *w, const double *dist, uint32_t round)
{
    uint32_t best = XW_NONE;
    double most = 0.0;
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        if (w->cells[c].kind != XW__LAND) continue;
        xw_rng r = xw__rng(w, XW__FOR_SEAT, (uint64_t)round << 32 | c);
        double d = dist[c] * xw__between(&r, 0.7, 1.0);
        if (n_sides_in(w, c) < 4) d *= 0.4;
        if (xw__hills(w, xw__cell_middle(w, c)) > 0.8) d *= 0.5;
        if (d > most) {
            most = d;
            best = c;
        }
    }
    return best;
}

/* The n cells nearest to the seat (with a little noise) that hang together. */
static xw_status build_on(xw__world *w, xw__town *t, uint32_t n, xw_error *err)
{
    xw__heap heap = {0};
    xw_status st = xw__heap_push(&heap, (xw__heap_item){0.0, t->cell, 0}, err);
    const vec2 middle = xw__cell_middle(w, t->cell);
    const xw__cell_kind kind = t->is_city ? XW__CITY : XW__MARKET;
    while (!st && heap.n && t->n_urban < n) {
        const uint32_t c = xw__heap_pop(&heap).cell;
        if (w->cells[c].kind != XW__LAND) continue;
        w->cells[c].kind = (uint8_t)kind;
        t->n_urban++;
        for (unsigned s = 0; s < 4 && !st; s++) {
            const uint32_t b = xw__beyond(w, c, s);
            if (!xw__in_county(w, b) || w->cells[b].kind != XW__LAND) continue;
            xw_rng r = xw__rng(w, XW__FOR_SEAT, b);
            const double d = v_len(v_sub(xw__cell_middle(w, b), middle));
            const double water = w->edges[xw__side_edge(w, c, s)].kind & XW__RIVER ? 500.0 : 0.0;
            st = xw__heap_push(&heap,
                               (xw__heap_item){d + water + xw__between(&r, 0.0, 700.0), b, c}, err);
        }
    }
    free(heap.at);
    return st;
}

/* A city of many cells has several street offices. */
static xw_status add_offices(xw__world *w, uint32_t city_town, const uint32_t *owner, double *dist,
                             xw_error *err)
{
    const uint32_t n = w->towns[city_town].n_urban / 30;
    for (uint32_t c = 0; c < xw__n_cells(w); c++) dist[c] = 1e30;
    uint32_t last = w->towns[city_town].cell;
    for (uint32_t k = 1; k < n; k++) {
        lower_distances(w, dist, last);
        uint32_t best = XW_NONE;
        for (uint32_t c = 0; c < xw__n_cells(w); c++) {
            if (owner[c] != city_town || dist[c] <= 0.0) continue;
            if (best == XW_NONE || dist[c] > dist[best]) best = c;
        }
        if (best == XW_NONE) break;
        const xw_status st = add_town(w, best, w->towns[city_town].city, err);
        if (st) return st;
        w->towns[w->n_towns - 1].street_office = true;
        last = best;
    }
    return XW_OK;
}

static void mark_stream(xw__world *w, uint32_t col, uint32_t from, int step, uint32_t length)
{
    int64_t j = step > 0 ? (int64_t)from : (int64_t)from - 1;
    for (uint32_t k = 0; k < length && j >= 0 && j < w->ny; k++, j += step) {
        const uint32_t e = xw__n_level(w) + (uint32_t)j * (w->nx + 1) + col;
        uint32_t a, b;
        xw__edge_cells(w, e, &a, &b);
        if (a == XW_NONE || b == XW_NONE) return;
        if (w->cells[a].kind == XW__CITY || w->cells[b].kind == XW__CITY) return;
        w->edges[e].kind |= XW__STREAM;
    }
}

static void run_streams(xw__world *w)
{
    if (w->river_row == XW_NONE) {
        mark_stream(w, w->nx / 2, 0, 1, w->ny);
        return;
    }
    xw_rng r = xw__rng(w, XW__FOR_SHAPE, 1);
    for (uint32_t col = 2 + xw_rng_below(&r, 3); col + 1 < w->nx; col += 3 + xw_rng_below(&r, 5)) {
        const uint32_t up = 3 + xw_rng_below(&r, 6), down = 3 + xw_rng_below(&r, 6);
        const bool near_rail = col + 1 >= w->rail_col && col <= w->rail_col + 1;
        if (near_rail) continue;
        if (xw__chance(&r, 0.75)) mark_stream(w, col, w->river_row, 1, up);
        if (xw__chance(&r, 0.75)) mark_stream(w, col, w->river_row, -1, down);
    }
}

static void split_urban(xw__world *w)
{
    const uint32_t markets = (uint32_t)w->n_towns - w->n_cities;
    const uint64_t in_cities = !w->n_cities ? 0 : markets ? w->urban * 3 / 5 : w->urban;
    for (uint32_t t = 0; t < w->n_towns; t++) {
        xw__town *town = w->towns + t;
        town->budget = town->is_city ? (uint32_t)(in_cities / w->n_cities)
                                     : (uint32_t)((w->urban - in_cities) / markets);
    }
}

xw_status xw__seats_make(xw__world *w, xw_error *err)
{
    const uint32_t nc = xw__n_cells(w);
    double *dist = malloc(nc * sizeof *dist);
    uint32_t *owner = malloc(nc * sizeof *owner);
    xw_status st = dist && owner ? XW_OK : xw_fail(err, XW_NOMEM, "%u cells", nc);
    for (uint32_t c = 0; !st && c < nc; c++) {
        dist[c] = 1e30;
        owner[c] = XW_NONE;
    }
    for (uint32_t k = 0; !st && k < w->want_towns; k++) {
        const uint32_t c = k ? farthest(w, dist, k) : first_seat(w);
        if (c == XW_NONE) break;
        st = add_town(w, c, k < w->n_cities ? k : XW_NONE, err);
        lower_distances(w, dist, c);
        dist[c] = 0.0;
    }
    if (!st) split_urban(w);
    for (uint32_t t = 0; !st && t < w->n_towns && w->urban; t++) {
        xw__town *town = w->towns + t;
        const uint32_t per = town->is_city ? 2500 : 1300;
        st = build_on(w, town, (town->budget + per - 1) / per, err);
    }
    /* Which city a cell belongs to: the nearest one, for they are far apart. */
    for (uint32_t c = 0; !st && c < nc; c++) {
        if (w->cells[c].kind != XW__CITY) continue;
        double best = 1e30;
        for (uint32_t t = 0; t < w->n_cities; t++) {
            const double d =
                v_len(v_sub(xw__cell_middle(w, c), xw__cell_middle(w, w->towns[t].cell)));
            if (d < best) owner[c] = t, best = d;
        }
    }
    for (uint32_t t = 0; !st && t < w->n_cities; t++) st = add_offices(w, t, owner, dist, err);
    if (!st) run_streams(w);
    free(dist);
    free(owner);
    return st;
}
