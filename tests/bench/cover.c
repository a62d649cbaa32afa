#include "cover.h"

#include "xiwang/noder.h"
#include "xiwang/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double tau = 6.283185307179586;

void bench_cover_finish(bench_cover *c)
{
    free(c->pts);
    free(c->rings);
    free(c->start);
    free(c->edges);
    memset(c, 0, sizeof *c);
}

static bool add_pt(bench_cover *c, xw_pt p)
{
    if (!xw_grow((void **)&c->pts, &c->cap_pts, c->n_pts + 1, sizeof *c->pts)) return false;
    c->pts[c->n_pts++] = p;
    c->box = xw_box_grow(c->box, p);
    return true;
}

static bool add_edge(bench_cover *c, xw_label_edge e)
{
    if (!xw_grow((void **)&c->edges, &c->cap_edges, c->n_edges + 1, sizeof *c->edges)) return false;
    c->edges[c->n_edges++] = e;
    return true;
}

/* The vertices added since `first` are one ring. */
static bool end_ring(bench_cover *c, size_t first, bool hole)
{
    if (!xw_grow((void **)&c->rings, &c->cap_rings, c->n_rings + 1, sizeof *c->rings)) return false;
    c->rings[c->n_rings++] = (bench_ring){(uint32_t)first, (uint32_t)(c->n_pts - first), hole};
    return true;
}

/* The rings added since the last call are one polygon; the first call opens the list. */
static bool end_polygon(bench_cover *c, bool open)
{
    const size_t n = open ? 0 : c->n_polygons + 1;
    if (!xw_grow((void **)&c->start, &c->cap_start, n + 1, sizeof *c->start)) return false;
    c->n_polygons = n;
    c->start[n] = (uint32_t)c->n_rings;
    return true;
}

/* --- the honeycomb: a brick wall, corner (k, j) being the k-th of line j; every cell has three
 * corners on the line below and three on the one above --- */

typedef struct comb {
    uint32_t columns, rows;
    uint64_t seed;
    double width, height; /* of the regular honeycomb, in sides of a cell */
} comb;

typedef struct spot {
    double x, y;
} spot;

enum { SIDE_MAX = 8 }; /* pieces of a side */

static xw_rng rng_of(const comb *h, uint64_t what)
{
    xw_rng r = {h->seed ^ what * UINT64_C(0xd1342543de82ef95)};
    (void)xw_rng_next(&r);
    return r;
}

static spot corner(const comb *h, uint32_t k, uint32_t j)
{
    xw_rng r = rng_of(h, (uint64_t)j << 32 | k);
    const double up = (k & 1) == (j & 1) ? 0.25 : -0.25;
    return (spot){0.8660254 * k + 0.4 * (xw_rng_unit(&r) - 0.5),
                  1.5 * j + up + 0.4 * (xw_rng_unit(&r) - 0.5)};
}

/* Pulls [0, 1] together around c, monotonically. */
static double gather(double u, double c)
{
    return u - 0.6 / tau * (sin(tau * (u - c)) + sin(tau * c));
}

static xw_pt place(const comb *h, spot s)
{
    const double u = s.x / h->width, v = s.y / h->height;
    return (xw_pt){
        (int32_t)lround(1190000000 + 3500 * h->width * gather(u + 0.02 * sin(7 * v), .45)),
        (int32_t)lround(262000000 + 3100 * h->height * gather(v + 0.02 * sin(9 * u), .55))};
}

/* Writes the points of a side after its first corner: midpoints moved sideways, again and again. */
static size_t bend(const comb *h, spot a, spot b, unsigned depth, xw_rng *r, xw_pt *out)
{
    if (depth == 0) {
        out[0] = place(h, b);
        return 1;
    }
    const double by = 0.16 * (xw_rng_unit(r) - 0.5);
    const spot m = {(a.x + b.x) / 2 - (b.y - a.y) * by, (a.y + b.y) / 2 + (b.x - a.x) * by};
    const size_t n = bend(h, a, m, depth - 1, r, out);
    return n + bend(h, m, b, depth - 1, r, out + n);
}

/* The points of the side from corner (k0, j0) to (k1, j1), both ends included, the same ones in
 * either direction. @return how many */
static size_t side(const comb *h, const uint32_t from[2], const uint32_t to[2], xw_pt *out)
{
    const uint64_t a = (uint64_t)from[1] << 32 | from[0], b = (uint64_t)to[1] << 32 | to[0];
    const uint32_t *lo = a < b ? from : to, *hi = a < b ? to : from;
    xw_rng r = rng_of(h, (a < b ? a : b) * 4 + (lo[1] == hi[1] ? 1 : 2));
    const spot s = corner(h, lo[0], lo[1]);
    out[0] = place(h, s);
    const unsigned depth = 1 + xw_rng_below(&r, 3);
    const size_t n = 1 + bend(h, s, corner(h, hi[0], hi[1]), depth, &r, out + 1);
    for (size_t i = 0; a > b && i < n / 2; i++) {
        const xw_pt t = out[i];
        out[i] = out[n - 1 - i];
        out[n - 1 - i] = t;
    }
    return n;
}

static uint32_t label_at(const comb *h, int64_t i, int64_t j)
{
    if (i < 0 || j < 0 || i >= h->columns || j >= h->rows) return 0;
    return (uint32_t)(j * h->columns + i + 1);
}

static bool add_cell(bench_cover *c, const comb *h, uint32_t i, uint32_t j)
{
    const uint32_t odd = j & 1, k = 2 * i + odd;
    const uint32_t corners[6][2] = {{k, j},         {k + 1, j},     {k + 2, j},
                                    {k + 2, j + 1}, {k + 1, j + 1}, {k, j + 1}};
    const int64_t west = (int64_t)i - !odd, east = west + 1; /* in the lines below and above */
    const uint32_t own = label_at(h, i, j);
    const uint32_t other[6] = {label_at(h, west, (int64_t)j - 1), label_at(h, east, (int64_t)j - 1),
                               label_at(h, (int64_t)i + 1, j),    label_at(h, east, (int64_t)j + 1),
                               label_at(h, west, (int64_t)j + 1), label_at(h, (int64_t)i - 1, j)};
    const size_t first = c->n_pts;
    for (unsigned s = 0; s < 6; s++) {
        xw_pt p[SIDE_MAX + 1];
        const size_t n = side(h, corners[s], corners[(s + 1) % 6], p);
        for (size_t v = 0; v + 1 < n; v++) {
            if (!add_pt(c, p[v])) return false;
            const bool mine = other[s] == 0 || own < other[s];
            if (mine && !add_edge(c, (xw_label_edge){p[v], p[v + 1], own, other[s]})) return false;
        }
    }
    return end_ring(c, first, false) && end_polygon(c, false);
}

/* Snap rounding leaves the edges of a coverage as they are. */
static xw_status prove(const bench_cover *c, xw_error *err)
{
    xw_segment *s = calloc(c->n_edges + 1, sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "%zu edges", c->n_edges);
    for (size_t i = 0; i < c->n_edges; i++) {
        s[i] = (xw_segment){c->edges[i].a, c->edges[i].b, 0};
    }
    xw_noded noded;
    xw_status st = xw_node(s, c->n_edges, NULL, &noded, err);
    free(s);
    if (st) return st;
    if (noded.n_edges != c->n_edges || noded.n_tags != c->n_edges) {
        st = xw_fail(err, XW_INTERNAL, "honeycomb: %zu edges become %zu when noded", c->n_edges,
                     noded.n_edges);
    }
    xw_noded_finish(&noded);
    return st;
}

xw_status bench_cover_honeycomb(uint32_t columns, uint32_t rows, uint64_t seed, bench_cover *out,
                                xw_error *err)
{
    const comb h = {columns, rows, seed, 0.8660254 * (2 * columns + 1), 1.5 * rows};
    memset(out, 0, sizeof *out);
    out->box = XW_BOX_EMPTY;
    bool ok = end_polygon(out, true);
    for (uint32_t j = 0; ok && j < rows; j++) {
        for (uint32_t i = 0; ok && i < columns; i++) ok = add_cell(out, &h, i, j);
    }
    const xw_status st = ok ? prove(out, err) : xw_fail(err, XW_NOMEM, "honeycomb");
    if (st) bench_cover_finish(out);
    return st;
}

/* --- the plots of a snapshot --- */

static bool add_chain(bench_cover *c, const xw_model *m, uint32_t ref)
{
    const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
    for (uint32_t v = 0; v + 1 < e->n; v++) {
        if (!add_pt(c, m->pts[e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - v : v)])) return false;
    }
    return true;
}

static bool add_shape(bench_cover *c, const xw_model *m, xw_shape shape)
{
    for (uint32_t r = 0; r < shape.n_rings; r++) {
        const xw_outline_ring *ring = &shape.rings[r];
        const size_t first = c->n_pts;
        for (uint32_t i = 0; i < ring->n; i++) {
            if (!add_chain(c, m, shape.refs[ring->first + i])) return false;
        }
        if (!end_ring(c, first, ring->hole)) return false;
    }
    return end_polygon(c, false);
}

static uint32_t label_of(uint32_t plot) { return plot == XW_NONE ? 0 : plot + 1; }

xw_status bench_cover_snapshot(const xw_snapshot *s, bench_cover *out, xw_error *err)
{
    const xw_model *m = xw_snapshot_model(s);
    memset(out, 0, sizeof *out);
    out->box = XW_BOX_EMPTY;
    bool ok = end_polygon(out, true);
    for (uint32_t i = 0; ok && i < m->n_plots; i++) {
        ok = add_shape(out, m, xw_snapshot_shape(s, XW_SHAPE_PLOT, i));
    }
    for (size_t i = 0; ok && i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        for (uint32_t v = 0; ok && v + 1 < e->n; v++) {
            ok = add_edge(out, (xw_label_edge){m->pts[e->first + v], m->pts[e->first + v + 1],
                                               label_of(e->left), label_of(e->right)});
        }
    }
    if (ok) return XW_OK;
    bench_cover_finish(out);
    return xw_fail(err, XW_NOMEM, "%zu plots", m->n_plots);
}

/* --- points --- */

void bench_points_uniform(const bench_cover *c, uint64_t seed, xw_pt *p, size_t n)
{
    xw_rng r = {seed};
    for (size_t i = 0; i < n; i++) {
        p[i].x = xw_rng_in(&r, c->box.min.x, c->box.max.x);
        p[i].y = xw_rng_in(&r, c->box.min.y, c->box.max.y);
    }
}

static int32_t held(double v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : (int32_t)v;
}

void bench_points_clustered(const bench_cover *c, uint64_t seed, xw_pt *p, size_t n)
{
    enum { PLACES = 200, UNITS_PER_M = 90 };
    xw_pt at[PLACES];
    double sigma[PLACES];
    xw_rng r = {seed};
    if (c->n_pts == 0) {
        bench_points_uniform(c, seed, p, n);
        return;
    }
    for (size_t i = 0; i < PLACES; i++) {
        at[i] = c->pts[xw_rng_next(&r) % c->n_pts];
        sigma[i] = UNITS_PER_M * (30 + 270 * xw_rng_unit(&r));
    }
    for (size_t i = 0; i < n; i++) {
        const double w = xw_rng_unit(&r);
        const size_t k = (size_t)(w * w * PLACES);
        const double far = sigma[k] * sqrt(-2 * log(1 - xw_rng_unit(&r)));
        const double turn = tau * xw_rng_unit(&r);
        p[i].x = held(at[k].x + far * cos(turn), c->box.min.x, c->box.max.x);
        p[i].y = held(at[k].y + far * sin(turn), c->box.min.y, c->box.max.y);
    }
}
