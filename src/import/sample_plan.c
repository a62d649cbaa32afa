/* The land: how large the county is, its outline, the warped grid of corners, and what runs along
 * edges. */
#include "sample_internal.h"

#include <stdlib.h>
#include <string.h>

uint32_t xw__side_edge(const xw__world *w, uint32_t cell, unsigned side)
{
    const uint32_t i = cell % w->nx, j = cell / w->nx;
    switch (side) {
    case XW__S:
        return j * w->nx + i;
    case XW__N:
        return (j + 1) * w->nx + i;
    case XW__W:
        return xw__n_level(w) + j * (w->nx + 1) + i;
    default:
        return xw__n_level(w) + j * (w->nx + 1) + i + 1;
    }
}

uint32_t xw__beyond(const xw__world *w, uint32_t cell, unsigned side)
{
    const uint32_t i = cell % w->nx, j = cell / w->nx;
    switch (side) {
    case XW__S:
        return j > 0 ? cell - w->nx : XW_NONE;
    case XW__N:
        return j + 1 < w->ny ? cell + w->nx : XW_NONE;
    case XW__W:
        return i > 0 ? cell - 1 : XW_NONE;
    default:
        return i + 1 < w->nx ? cell + 1 : XW_NONE;
    }
}

void xw__edge_cells(const xw__world *w, uint32_t e, uint32_t *left, uint32_t *right)
{
    const uint32_t level = xw__n_level(w);
    *left = *right = XW_NONE;
    if (e < level) {
        const uint32_t i = e % w->nx, j = e / w->nx;
        if (j < w->ny) *left = j * w->nx + i;
        if (j > 0) *right = (j - 1) * w->nx + i;
    } else {
        const uint32_t i = (e - level) % (w->nx + 1), j = (e - level) / (w->nx + 1);
        if (i > 0) *left = j * w->nx + i - 1;
        if (i < w->nx) *right = j * w->nx + i;
    }
    if (!xw__in_county(w, *left)) *left = XW_NONE;
    if (!xw__in_county(w, *right)) *right = XW_NONE;
}

void xw__edge_corners(const xw__world *w, uint32_t e, uint32_t *a, uint32_t *b)
{
    const uint32_t level = xw__n_level(w);
    if (e < level) {
        *a = xw__corner(w, e % w->nx, e / w->nx);
        *b = *a + 1;
    } else {
        *a = e - level;
        *b = *a + w->nx + 1;
    }
}

vec2 xw__cell_middle(const xw__world *w, uint32_t cell)
{
    const vec2 *c = w->corners + xw__corner(w, cell % w->nx, cell / w->nx);
    return v_mid(v_mid(c[0], c[1]), v_mid(c[w->nx + 1], c[w->nx + 2]));
}

double xw__hills(const xw__world *w, vec2 p)
{
    return sin(p.x / 2600.0 + w->phase[0]) + sin(p.y / 3100.0 + w->phase[1]) +
           sin((p.x + p.y) / 1900.0 + w->phase[2]);
}

/* Corner of the grid: long waves, a little noise (none where a river or railway will run, they are
 * smooth), then the county is turned so that nothing runs along a meridian. */
static vec2 corner_at(const xw__world *w, uint32_t i, uint32_t j)
{
    vec2 p = {((double)i - w->nx * 0.5) * XW__CELL_M, ((double)j - w->ny * 0.5) * XW__CELL_M};
    const vec2 q = p;
    p.x += 250.0 * sin(q.y / 1270.0 + w->phase[3]) + 60.0 * sin((q.x + q.y) / 560.0 + w->phase[4]);
    p.y += 250.0 * sin(q.x / 1270.0 + w->phase[5]) + 60.0 * sin((q.x - q.y) / 560.0 + w->phase[0]);
    xw_rng r = xw__rng(w, XW__FOR_CORNER, xw__corner(w, i, j));
    const double k = j == w->river_row || i == w->rail_col ? 0.0 : 0.17 * XW__CELL_M;
    p.x += xw__between(&r, -k, k);
    p.y += xw__between(&r, -k, k);
    const double c = cos(w->angle), s = sin(w->angle);
    return (vec2){c * p.x - s * p.y, s * p.x + c * p.y};
}

/* Each row of cells is one interval, and neighbours overlap: the county is in one piece, without
 * holes, and never touches itself in a corner. */
static void cut_outline(xw__world *w)
{
    xw_rng r = xw__rng(w, XW__FOR_SHAPE, 0);
    const bool ragged = xw__n_cells(w) >= 48;
    const double nx = w->nx;
    double west = 0.0, east = 0.0;
    for (uint32_t j = 0; j < w->ny; j++) {
        const double t = 2.0 * (j + 0.5) / w->ny - 1.0, inset = nx * 0.17 * t * t;
        west = fmin(fmax(west + xw__between(&r, -1.1, 1.1), 0.0), nx * 0.12);
        east = fmin(fmax(east + xw__between(&r, -1.1, 1.1), 0.0), nx * 0.12);
        const uint32_t a = ragged ? (uint32_t)(inset + west) : 0;
        const uint32_t b = ragged ? (uint32_t)ceil(nx - inset - east) : w->nx;
        for (uint32_t i = 0; i < w->nx; i++) {
            xw__cell *c = w->cells + (size_t)j * w->nx + i;
            c->village = XW_NONE;
            c->kind = i >= a && i < b ? XW__LAND : XW__OUT;
        }
    }
}

static void set_size(xw__world *w)
{
    const uint64_t n = w->households;
    w->urban = n >= 2000 ? n / 3 : 0;
    const uint64_t rural = n - w->urban;
    w->want_villages = rural <= 600 ? 1 : rural <= 1200 ? 2 : (uint32_t)((rural + 165) / 330);
    w->want_towns = w->want_villages < 21 ? 1 : (w->want_villages + 7) / 14;
    w->n_cities = w->urban >= 1500 ? 1 + (uint32_t)(n / 600000) : 0;
    double blocks = w->want_villages * 1.12 + (double)w->urban / 9000.0;
    if (w->urban) blocks += w->want_towns * 0.25;
    if (blocks >= 12.0) blocks *= 1.25;
    uint32_t bx = (uint32_t)ceil(sqrt(blocks * 1.3)), by;
    if (w->want_villages <= 2) bx = w->want_villages;
    by = w->want_villages <= 2 ? 1 : (uint32_t)ceil(blocks / bx);
    w->nx = 2 * bx;
    w->ny = 2 * by;
    w->river_half = n < 5000 ? 14.0 : n < 50000 ? 26.0 : 42.0;
    w->river_row = n >= 800 ? (w->ny <= 2 ? 1 : (uint32_t)(w->ny * 0.45)) : XW_NONE;
    /* Past a single village the railway goes along its border, so that no layer is ever empty. */
    w->rail_col = w->nx > 2 ? (uint32_t)(w->nx * 0.66) : w->nx;
}

static bool both_in(const xw__world *w, uint32_t e, bool any)
{
    uint32_t a, b;
    xw__edge_cells(w, e, &a, &b);
    return any ? a != XW_NONE || b != XW_NONE : a != XW_NONE && b != XW_NONE;
}

static void run_river_and_rail(xw__world *w)
{
    for (uint32_t i = 0; i < w->nx && w->river_row != XW_NONE; i++) {
        const uint32_t e = w->river_row * w->nx + i;
        if (both_in(w, e, true)) w->edges[e].kind |= XW__RIVER;
    }
    for (uint32_t j = 0; j < w->ny; j++) {
        const uint32_t e = xw__n_level(w) + j * (w->nx + 1) + w->rail_col;
        if (both_in(w, e, true)) w->edges[e].kind |= XW__RAIL;
    }
}

xw_status xw__world_create(const xw_sample_options *o, xw__world *w, xw_error *err)
{
    *w = (xw__world){.seed = o->seed, .households = o->households};
    set_size(w);
    xw_rng r = xw__rng(w, XW__FOR_PLAN, 0);
    for (int k = 0; k < 6; k++) w->phase[k] = xw__between(&r, 0.0, 6.2831853);
    w->angle = xw__between(&r, 0.12, 0.45);
    if (!xw__chance(&r, 0.5)) w->angle = -w->angle;
    w->scale = xw_scale_at(262000000);
    const size_t nc = xw__n_cells(w), n_corners = (size_t)(w->nx + 1) * (w->ny + 1);
    w->cells = calloc(nc, sizeof *w->cells);
    w->edges = calloc(xw__n_edges(w), sizeof *w->edges);
    w->corners = calloc(n_corners, sizeof *w->corners);
    if (!w->cells || !w->edges || !w->corners) {
        xw__world_destroy(w);
        return xw_fail(err, XW_NOMEM, "a county of %zu cells", nc);
    }
    for (uint32_t j = 0; j <= w->ny; j++) {
        for (uint32_t i = 0; i <= w->nx; i++) w->corners[xw__corner(w, i, j)] = corner_at(w, i, j);
    }
    cut_outline(w);
    run_river_and_rail(w);
    return XW_OK;
}

void xw__world_destroy(xw__world *w)
{
    free(w->cells);
    free(w->edges);
    free(w->corners);
    free(w->villages);
    free(w->towns);
    memset(w, 0, sizeof *w);
}
