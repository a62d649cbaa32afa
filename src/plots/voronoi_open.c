#include "voronoi.h"

#include <math.h>
#include <stdlib.h>

/* Sites of buildings by square cell of one reach, sorted, so that nine cells answer "is anything
 * near?" and memory follows the buildings, not the extent of the block. */
typedef struct entry {
    uint64_t key;
    uint32_t site;
} entry;

typedef struct near_cells {
    double reach_mm;
    const site *s;
    entry *e;
    size_t n;
    uint64_t *ring; /* cells with a building within two cells, ascending, each once */
    size_t n_ring;
} near_cells;

enum { RING = 2 };

static int64_t cell_of(const near_cells *c, int32_t v) { return (int64_t)floor(v / c->reach_mm); }

/* Cells lie within 2^28 of the origin; the offset keeps keys positive and rows in order. */
static uint64_t key_of(int64_t cx, int64_t cy)
{
    const int64_t offset = INT64_C(1) << 30;
    return (uint64_t)(cy + offset) << 32 | (uint64_t)(cx + offset);
}
static int64_t key_x(uint64_t key) { return (int64_t)(key & UINT32_MAX) - (INT64_C(1) << 30); }
static int64_t key_y(uint64_t key) { return (int64_t)(key >> 32) - (INT64_C(1) << 30); }

static int by_entry(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->key != q->key) return p->key < q->key ? -1 : 1;
    return (p->site > q->site) - (p->site < q->site);
}

static int by_key(const void *a, const void *b)
{
    const uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
    return (p > q) - (p < q);
}

static xw_status fill_ring(near_cells *c, xw_error *err)
{
    size_t cap = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0 && c->e[i].key == c->e[i - 1].key) continue;
        const size_t side = 2 * RING + 1;
        if (!xw_grow((void **)&c->ring, &cap, c->n_ring + side * side, sizeof *c->ring)) {
            return xw_fail(err, XW_NOMEM, "open land");
        }
        for (int64_t dy = -RING; dy <= RING; dy++) {
            for (int64_t dx = -RING; dx <= RING; dx++) {
                c->ring[c->n_ring++] = key_of(key_x(c->e[i].key) + dx, key_y(c->e[i].key) + dy);
            }
        }
    }
    qsort(c->ring, c->n_ring, sizeof *c->ring, by_key);
    size_t keep = 1;
    for (size_t i = 1; i < c->n_ring; i++) {
        if (c->ring[i] != c->ring[keep - 1]) c->ring[keep++] = c->ring[i];
    }
    c->n_ring = keep;
    return XW_OK;
}

static xw_status fill_cells(near_cells *c, const sites *all, xw_error *err)
{
    c->s = all->s;
    c->n = all->n;
    c->e = malloc(c->n * sizeof *c->e);
    if (!c->e) return xw_fail(err, XW_NOMEM, "open land");
    for (size_t i = 0; i < c->n; i++) {
        c->e[i] =
            (entry){key_of(cell_of(c, all->s[i].at.x), cell_of(c, all->s[i].at.y)), (uint32_t)i};
    }
    qsort(c->e, c->n, sizeof *c->e, by_entry);
    return fill_ring(c, err);
}

static size_t first_of(const near_cells *c, uint64_t key)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (c->e[mid].key < key) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static bool anything_near(const near_cells *c, xw_pt p)
{
    const int64_t cx = cell_of(c, p.x), cy = cell_of(c, p.y);
    for (int64_t y = cy - 1; y <= cy + 1; y++) {
        for (size_t i = first_of(c, key_of(cx - 1, y)); i < c->n; i++) {
            if (c->e[i].key > key_of(cx + 1, y)) break; /* three cells of a row lie together */
            const xw_pt q = c->s[c->e[i].site].at;
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
    const double dx = c->reach_mm / 2.0 / f->kx,
                 dy = c->reach_mm / 2.0 * 0.8660254037844386 / f->ky;
    const double west = f->x0 + (double)key_x(key) * c->reach_mm / f->kx;
    const double south = f->y0 + (double)key_y(key) * c->reach_mm / f->ky;
    const int64_t j0 = (int64_t)floor(south / dy), i0 = (int64_t)floor(west / dx) - 1;
    for (int64_t j = j0; j <= j0 + 4; j++) {
        for (int64_t i = i0; i <= i0 + 4; i++) {
            const double x = ((double)i + ((j & 1) ? 0.5 : 0.0)) * dx, y = (double)j * dy;
            const double px = (x - f->x0) * f->kx, py = (y - f->y0) * f->ky;
            if (fabs(px) > (double)INT32_MAX || fabs(py) > (double)INT32_MAX) continue;
            const xw_pt p = {(int32_t)lround(px), (int32_t)lround(py)};
            if (key_of(cell_of(c, p.x), cell_of(c, p.y)) != key || anything_near(c, p) ||
                !land_has(l, (spot){x, y})) {
                continue;
            }
            const xw_status st = site_add(open, f, x, y, OPEN_LABEL, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

xw_status voronoi_open_sites(const land *l, const frame *f, double reach_m, sites *all,
                             xw_error *err)
{
    if (l->n == 0 || all->n == 0) return XW_OK;
    near_cells c = {.reach_mm = reach_m * 1000.0};
    sites open = {0};
    xw_status st = fill_cells(&c, all, err);
    for (size_t i = 0; i < c.n_ring && !st; i++) st = add_cell(&c, c.ring[i], l, f, &open, err);
    if (!st && !xw_grow((void **)&all->s, &all->cap, all->n + open.n, sizeof *all->s)) {
        st = xw_fail(err, XW_NOMEM, "%zu sites", all->n + open.n);
    }
    for (size_t i = 0; i < open.n && !st; i++) all->s[all->n++] = open.s[i];
    free(open.s);
    free(c.e);
    free(c.ring);
    return st;
}
