#include "voronoi.h"

#include "xiwang/radix.h"

#include <math.h>
#include <stdlib.h>

/* Sites of buildings by square cell of one reach, sorted, so that nine cells answer "is anything
 * near?" and memory follows the buildings, not the extent of the block. */
typedef struct near_cells {
    double reach_mm;
    const site *s;
    int64_t cx0, cy0;      /* of the most south-western cell of the ring */
    unsigned bits_x, bits; /* of a cell's number; the site comes in the 32 bits below it */
    uint64_t *e;           /* cell << 32 | site, ascending */
    size_t n;
    uint64_t *ring; /* cells with a building within two cells, ascending, each once */
    size_t n_ring;
} near_cells;

enum { RING = 2 };

static int64_t floor_div(double v, double side)
{
    const int64_t k = (int64_t)(v / side);
    return k - ((double)k * side > v);
}

static uint64_t key_of(const near_cells *c, int64_t cx, int64_t cy)
{
    return (uint64_t)(cy - c->cy0) << c->bits_x | (uint64_t)(cx - c->cx0);
}
static int64_t key_x(const near_cells *c, uint64_t key)
{
    return (int64_t)(key & ((UINT64_C(1) << c->bits_x) - 1)) + c->cx0;
}
static int64_t key_y(const near_cells *c, uint64_t key)
{
    return (int64_t)(key >> c->bits_x) + c->cy0;
}

/* The cells around those that hold a site. */
static xw_status fill_ring(near_cells *c, xw_error *err)
{
    enum { SIDE = 2 * RING + 1 };
    size_t used = 0;
    for (size_t i = 0; i < c->n; i++) used += i == 0 || c->e[i] >> 32 != c->e[i - 1] >> 32;
    c->ring = malloc(2 * used * SIDE * SIDE * sizeof *c->ring);
    if (!c->ring) return xw_fail(err, XW_NOMEM, "open land");
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++) {
        const uint64_t key = c->e[i] >> 32;
        if (i > 0 && key == c->e[i - 1] >> 32) continue;
        for (int64_t dy = -RING; dy <= RING; dy++) {
            for (int64_t dx = -RING; dx <= RING; dx++) {
                c->ring[n++] = key_of(c, key_x(c, key) + dx, key_y(c, key) + dy);
            }
        }
    }
    xw_radix_sort(c->ring, c->ring + n, n, 0, c->bits);
    size_t keep = 1;
    for (size_t i = 1; i < n; i++) {
        if (c->ring[i] != c->ring[keep - 1]) c->ring[keep++] = c->ring[i];
    }
    c->n_ring = keep;
    return XW_OK;
}

/* Cells lie within 2^28 of the origin, and a ring beyond: a number has at most 32 bits while the
 * reach is 8 m or more over the largest extent. */
static xw_status fill_cells(near_cells *c, const sites *all, xw_error *err)
{
    xw_box box = XW_BOX_EMPTY;
    for (size_t i = 0; i < all->n; i++) box = xw_box_grow(box, all->s[i].at);
    c->s = all->s;
    c->n = all->n;
    c->cx0 = floor_div(box.min.x, c->reach_mm) - RING - 1;
    c->cy0 = floor_div(box.min.y, c->reach_mm) - RING - 1;
    c->bits_x = xw_bits_of((uint64_t)(floor_div(box.max.x, c->reach_mm) + RING + 1 - c->cx0));
    c->bits =
        c->bits_x + xw_bits_of((uint64_t)(floor_div(box.max.y, c->reach_mm) + RING + 1 - c->cy0));
    if (c->bits > 32) return xw_fail(err, XW_LIMIT, "a reach of %.3f m", c->reach_mm / 1000.0);
    c->e = malloc(2 * c->n * sizeof *c->e);
    if (!c->e) return xw_fail(err, XW_NOMEM, "open land");
    for (size_t i = 0; i < c->n; i++) {
        const xw_pt p = all->s[i].at;
        c->e[i] = key_of(c, floor_div(p.x, c->reach_mm), floor_div(p.y, c->reach_mm)) << 32 | i;
    }
    xw_radix_sort(c->e, c->e + c->n, c->n, 32, 32 + c->bits);
    return fill_ring(c, err);
}

static size_t first_of(const near_cells *c, uint64_t key)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (c->e[mid] >> 32 < key) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* The sites of a cell and its eight neighbours, in three spans: cells of a row lie together. */
typedef struct around {
    size_t first[3], end[3];
} around;

static around around_cell(const near_cells *c, int64_t cx, int64_t cy)
{
    static const int64_t rows[3] = {0, -1, 1};
    around a;
    for (int k = 0; k < 3; k++) {
        const uint64_t last = key_of(c, cx + 1, cy + rows[k]);
        a.first[k] = first_of(c, last - 2);
        a.end[k] = first_of(c, last + 1);
    }
    return a;
}

/* Is a site of a building within reach of p? */
static bool anything_near(const near_cells *c, const around *a, xw_pt p)
{
    for (int k = 0; k < 3; k++) {
        for (size_t i = a->first[k]; i < a->end[k]; i++) {
            const xw_pt q = c->s[(uint32_t)c->e[i]].at;
            const double dx = (double)q.x - p.x, dy = (double)q.y - p.y;
            if (dx * dx + dy * dy < c->reach_mm * c->reach_mm) return true;
        }
    }
    return false;
}

/* The points of the triangular lattice in one cell of the ring. It is fixed to the globe, so that
 * an edit elsewhere in the block does not shift it. */
static xw_status add_cell(const near_cells *c, uint64_t key, const land *l, const frame *f,
                          sites *open, xw_error *err)
{
    const int64_t cx = key_x(c, key), cy = key_y(c, key);
    const double dx = c->reach_mm / 2.0 / f->kx,
                 dy = c->reach_mm / 2.0 * 0.8660254037844386 / f->ky;
    const double west = f->x0 + (double)cx * c->reach_mm / f->kx;
    const double south = f->y0 + (double)cy * c->reach_mm / f->ky;
    const int64_t j0 = floor_div(south, dy), i0 = floor_div(west, dx) - 1;
    const around beside = around_cell(c, cx, cy);
    for (int64_t j = j0; j <= j0 + 4; j++) {
        const double y = (double)j * dy, py = (y - f->y0) * f->ky;
        if (fabs(py) > (double)INT32_MAX) continue;
        const int32_t row = (int32_t)lrint(py);
        if (floor_div(row, c->reach_mm) != cy) continue;
        for (int64_t i = i0; i <= i0 + 4; i++) {
            const double x = ((double)i + ((j & 1) ? 0.5 : 0.0)) * dx, px = (x - f->x0) * f->kx;
            if (fabs(px) > (double)INT32_MAX) continue;
            const xw_pt p = {(int32_t)lrint(px), row};
            if (floor_div(p.x, c->reach_mm) != cx || anything_near(c, &beside, p) ||
                !land_has(l, (spot){x, y})) {
                continue;
            }
            const xw_status st = site_add(open, p, OPEN_LABEL, XW_NONE, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

xw_status voronoi_open_sites(desk *k, double reach_m, xw_error *err)
{
    if (k->land.n == 0 || k->all.n == 0) return XW_OK;
    near_cells c = {.reach_mm = reach_m * 1000.0};
    sites open = {0};
    xw_status st = fill_cells(&c, &k->all, err);
    for (size_t i = 0; i < c.n_ring && !st; i++) {
        st = add_cell(&c, c.ring[i], &k->land, &k->frame, &open, err);
    }
    for (size_t i = 0; i < open.n && !st; i++) {
        st = site_add(&k->all, open.s[i].at, OPEN_LABEL, XW_NONE, err);
    }
    free(open.s);
    free(c.e);
    free(c.ring);
    return st;
}
