/* Counting sort of edges into the cells that they come within one unit of. */
#include "build.h"
#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); } /* b > 0 */
static int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

/* Cells k of a row whose closed span, widened by one unit, meets [lo, hi]. */
static void cell_range(int64_t lo, int64_t hi, uint32_t shift, int64_t n, int64_t *k0, int64_t *k1)
{
    const int64_t side = INT64_C(1) << shift;
    *k0 = max64(((lo - 1 + side - 1) >> shift) - 1, 0);
    *k1 = min64((hi + 1) >> shift, n - 1);
}

/* The part of row j that the edge comes within a unit of. */
static void row_range(const frame *f, const locator_item *e, int64_t j, int64_t *i0, int64_t *i1)
{
    const int64_t dx = (int64_t)e->bx - e->ax, dy = (int64_t)e->by - e->ay;
    int64_t lo = min64(e->ax, e->bx), hi = max64(e->ax, e->bx);
    if (dy > 0 && dx != 0) {
        const int64_t y0 = max64(e->ay, f->oy + (j << f->shift) - 1);
        const int64_t y1 = min64(e->by, f->oy + ((j + 1) << f->shift) + 1);
        const int64_t x0 = e->ax + floor_div(dx * (y0 - e->ay), dy);
        const int64_t x1 = e->ax + floor_div(dx * (y1 - e->ay), dy);
        lo = max64(lo, min64(x0, x1));
        hi = min64(hi, max64(x0, x1) + 1);
    }
    cell_range(lo - f->ox, hi - f->ox, f->shift, f->nx, i0, i1);
}

static size_t place_of(const frame *f, int64_t i, int64_t j)
{
    return f->tiled ? cell_at(f->tx, (uint32_t)i, (uint32_t)j) : (size_t)(j * f->nx + i);
}

/* Counts edge ix in each of its cells (id NULL), or places it before end[k] of each. */
static void scatter(const frame *f, const xw_label_edge *given, uint32_t ix, size_t *end,
                    uint32_t *id)
{
    const locator_item e = item_upward(&given[ix]);
    int64_t j0, j1, i0, i1;
    cell_range(e.ay - f->oy, e.by - f->oy, f->shift, f->ny, &j0, &j1);
    for (int64_t j = j0; j <= j1; j++) {
        if (j0 == j1) {
            cell_range(min64(e.ax, e.bx) - f->ox, max64(e.ax, e.bx) - f->ox, f->shift, f->nx, &i0,
                       &i1);
        } else {
            row_range(f, &e, j, &i0, &i1);
        }
        for (int64_t i = i0; i <= i1; i++) {
            size_t *const k = &end[place_of(f, i, j)];
            if (id) {
                id[--*k] = ix;
            } else {
                ++*k;
            }
        }
    }
}

bool xw__lists_fill(edge_lists *s, const frame *f, const xw_label_edge *given, const uint32_t *ids,
                    size_t n)
{
    const size_t n_cells = (size_t)(f->nx * f->ny);
    if (!xw_grow((void **)&s->start, &s->cap_start, n_cells + 1, sizeof *s->start)) return false;
    size_t *const end = s->start;
    memset(end, 0, (n_cells + 1) * sizeof *end);
    for (size_t i = 0; i < n; i++) scatter(f, given, ids[i], end, NULL);
    size_t sum = 0;
    for (size_t k = 0; k < n_cells; k++) end[k] = sum += end[k];
    end[n_cells] = s->n = sum;
    if (!xw_grow((void **)&s->id, &s->cap_id, sum + 1, sizeof *s->id)) return false;
    for (size_t i = n; i-- > 0;) scatter(f, given, ids[i], end, s->id);
    return true;
}

void xw__lists_finish(edge_lists *s)
{
    free(s->start);
    free(s->id);
    *s = (edge_lists){0};
}
