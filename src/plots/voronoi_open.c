#include "voronoi.h"

#include <math.h>
#include <stdlib.h>

/* Sites of buildings by square cell of one reach, so that nine cells answer "is anything near?". */
typedef struct near_cells {
    int64_t x0, y0; /* cell of the south-west corner */
    uint32_t nx, ny;
    double reach_mm;
    uint32_t *start, *item;
    const site *s;
} near_cells;

static int64_t cell_of(const near_cells *c, int32_t v) { return (int64_t)floor(v / c->reach_mm); }

static xw_status fill_cells(near_cells *c, const sites *all, xw_error *err)
{
    xw_box box = XW_BOX_EMPTY;
    for (size_t i = 0; i < all->n; i++) box = xw_box_grow(box, all->s[i].at);
    c->x0 = cell_of(c, box.min.x);
    c->y0 = cell_of(c, box.min.y);
    c->nx = (uint32_t)(cell_of(c, box.max.x) - c->x0 + 1);
    c->ny = (uint32_t)(cell_of(c, box.max.y) - c->y0 + 1);
    c->s = all->s;
    const size_t n = (size_t)c->nx * c->ny;
    c->start = calloc(n + 2, sizeof *c->start);
    c->item = malloc((all->n + 1) * sizeof *c->item);
    if (!c->start || !c->item) return xw_fail(err, XW_NOMEM, "%zu cells of open land", n);
    uint32_t *slot = c->start + 1;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all->n; i++) {
            const size_t k = (size_t)(cell_of(c, all->s[i].at.y) - c->y0) * c->nx +
                             (size_t)(cell_of(c, all->s[i].at.x) - c->x0);
            if (pass == 0) {
                slot[k + 1]++;
            } else {
                c->item[slot[k]++] = (uint32_t)i;
            }
        }
        for (size_t k = 1; pass == 0 && k <= n; k++) slot[k] += slot[k - 1];
    }
    return XW_OK;
}

static bool anything_near(const near_cells *c, xw_pt p)
{
    const int64_t cx = cell_of(c, p.x) - c->x0, cy = cell_of(c, p.y) - c->y0;
    for (int64_t y = cy - 1; y <= cy + 1; y++) {
        for (int64_t x = cx - 1; x <= cx + 1; x++) {
            if (x < 0 || y < 0 || x >= c->nx || y >= c->ny) continue;
            const size_t cell = (size_t)y * c->nx + (size_t)x;
            for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
                const xw_pt q = c->s[c->item[k]].at;
                if (hypot((double)q.x - p.x, (double)q.y - p.y) < c->reach_mm) return true;
            }
        }
    }
    return false;
}

/* Rows of a triangular lattice of half a reach, fixed to the globe so that an edit elsewhere in the
 * block does not shift it. */
xw_status voronoi_open_sites(const land *l, const frame *f, double reach_m, sites *all,
                             xw_error *err)
{
    if (l->n == 0 || all->n == 0) return XW_OK;
    near_cells c = {.reach_mm = reach_m * 1000.0};
    const double dx = c.reach_mm / 2.0 / f->kx, dy = c.reach_mm / 2.0 * 0.8660254037844386 / f->ky;
    const xw_box b = l->cells.box;
    xw_status st = fill_cells(&c, all, err);
    const int64_t j0 = (int64_t)ceil(b.min.y / dy), j1 = (int64_t)floor(b.max.y / dy);
    sites open = {0};
    for (int64_t j = j0; j <= j1 && !st; j++) {
        const double shift = (j & 1) ? 0.5 : 0.0, y = (double)j * dy;
        const int64_t i0 = (int64_t)ceil(b.min.x / dx - shift);
        const int64_t i1 = (int64_t)floor(b.max.x / dx - shift);
        for (int64_t i = i0; i <= i1 && !st; i++) {
            const double x = ((double)i + shift) * dx;
            const xw_pt p = {(int32_t)lround((x - f->x0) * f->kx),
                             (int32_t)lround((y - f->y0) * f->ky)};
            if (anything_near(&c, p) || !land_has(l, (spot){x, y})) continue;
            st = site_add(&open, f, x, y, OPEN_LABEL, err);
        }
    }
    if (!st && !xw_grow((void **)&all->s, &all->cap, all->n + open.n, sizeof *all->s)) {
        st = xw_fail(err, XW_NOMEM, "%zu sites", all->n + open.n);
    }
    for (size_t i = 0; i < open.n && !st; i++) all->s[all->n++] = open.s[i];
    free(open.s);
    free(c.start);
    free(c.item);
    return st;
}
