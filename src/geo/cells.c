#include "xiwang/cells.h"

#include "xiwang/buf.h"

#include <stdlib.h>

/* Cells so large that on average a segment passes a few of them, and not more than `most` cells a
 * segment. */
static void choose_size(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, unsigned most)
{
    uint64_t length = 0;
    for (size_t i = 0; i < n; i++) {
        xw_pt a, b;
        ends(ctx, i, &a, &b);
        c->box = xw_box_grow(xw_box_grow(c->box, a), b);
        length += (uint64_t)llabs((int64_t)b.x - a.x) + (uint64_t)llabs((int64_t)b.y - a.y);
    }
    if (n == 0) c->box = (xw_box){{0, 0}, {0, 0}};
    const uint64_t w = (uint64_t)((int64_t)c->box.max.x - c->box.min.x) + 1;
    const uint64_t h = (uint64_t)((int64_t)c->box.max.y - c->box.min.y) + 1;
    c->shift = 3;
    while ((length >> c->shift) > 2 * (uint64_t)n + 64 ||
           ((w >> c->shift) + 1) * ((h >> c->shift) + 1) > most * (uint64_t)n + 1024) {
        c->shift++;
    }
    c->nx = (uint32_t)((w - 1) >> c->shift) + 1;
    c->ny = (uint32_t)((h - 1) >> c->shift) + 1;
}

/* Most segments touch a square of at most two cells by two: its first cell << 2 | one more row << 1
 * | one more column. LONG for all others. */
#define LONG     UINT32_MAX
#define CELL_MAX (UINT32_C(1) << 29)

static uint32_t square_of(const xw_cells *c, xw_pt a, xw_pt b)
{
    uint32_t cx0, cx1;
    xw_cells_columns(c, a, b, &cx0, &cx1);
    if (cx1 - cx0 > 1 || llabs((long long)a.y - b.y) > 1LL << c->shift) return LONG;
    const xw_cell_rows r = xw_cells_rows(c, a, b, cx0); /* the same in both columns */
    const size_t k = xw_cell_at(c, cx0, r.y0);
    if (r.y1 - r.y0 > 1 || k >= CELL_MAX) return LONG;
    return (uint32_t)k << 2 | (r.y1 - r.y0) << 1 | (cx1 - cx0);
}

/* Counts segment i in a cell (item == NULL) or places it. */
static inline void touch(xw_cells *c, size_t k, uint32_t i, uint32_t *slot)
{
    if (c->item) {
        c->item[slot[k]++] = i;
    } else {
        slot[k]++;
    }
}

static void touch_square(xw_cells *c, uint32_t square, uint32_t i, uint32_t *slot)
{
    const size_t k = square >> 2;
    touch(c, k, i, slot);
    if (square & 1) touch(c, k + 1, i, slot);
    if (square & 2) touch(c, k + c->nx, i, slot);
    if ((square & 3) == 3) touch(c, k + c->nx + 1, i, slot);
}

static void touch_all(xw_cells *c, xw_pt a, xw_pt b, uint32_t i, uint32_t *slot)
{
    uint32_t cx0, cx1;
    xw_cells_columns(c, a, b, &cx0, &cx1);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows r = xw_cells_rows(c, a, b, cx);
        for (uint32_t cy = r.y0; cy <= r.y1; cy++) touch(c, xw_cell_at(c, cx, cy), i, slot);
    }
}

static void visit(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, uint32_t *square,
                  uint32_t *slot)
{
    for (size_t i = 0; i < n; i++) {
        if (c->item && square[i] != LONG) {
            touch_square(c, square[i], (uint32_t)i, slot);
            continue;
        }
        xw_pt a, b;
        ends(ctx, i, &a, &b);
        square[i] = square_of(c, a, b);
        if (square[i] != LONG) {
            touch_square(c, square[i], (uint32_t)i, slot);
        } else {
            touch_all(c, a, b, (uint32_t)i, slot);
        }
    }
}

xw_status xw_cells_create(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, xw_error *err)
{
    return xw_cells_create_with(c, ends, ctx, n, 2, err);
}

xw_status xw_cells_create_with(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, unsigned most,
                               xw_error *err)
{
    *c = (xw_cells){.box = XW_BOX_EMPTY};
    choose_size(c, ends, ctx, n, most);
    const size_t cells = (size_t)c->nx * c->ny;
    uint32_t *square = malloc((n + 1) * sizeof *square);
    c->start = calloc(cells + 2, sizeof *c->start);
    uint64_t total = 0;
    if (c->start && square) {
        uint32_t *slot = c->start + 1;
        visit(c, ends, ctx, n, square, slot + 1);
        for (size_t k = 1; k <= cells; k++) {
            total += slot[k];
            slot[k] = (uint32_t)total;
        }
        if (total < UINT32_MAX) c->item = malloc((size_t)(total + 1) * sizeof *c->item);
        if (c->item) visit(c, ends, ctx, n, square, slot);
    }
    free(square);
    if (c->item) return XW_OK;
    xw_cells_finish(c);
    return xw_fail(err, XW_NOMEM, "%zu cells with %llu entries", cells, (unsigned long long)total);
}

void xw_cells_finish(xw_cells *c)
{
    free(c->start);
    free(c->item);
    *c = (xw_cells){0};
}
