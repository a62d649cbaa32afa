#include "xiwang/cells.h"

#include "xiwang/buf.h"

#include <stdlib.h>

/* Cells so large that on average a segment passes a few of them, and not many more cells than
 * segments. */
static void choose_size(xw_cells *c, xw_ends *ends, const void *ctx, size_t n)
{
    uint64_t length = 0;
    for (size_t i = 0; i < n; i++) {
        xw_pt a, b;
        ends(ctx, i, &a, &b);
        length += (uint64_t)llabs((int64_t)b.x - a.x) + (uint64_t)llabs((int64_t)b.y - a.y);
    }
    const uint64_t w = (uint64_t)((int64_t)c->box.max.x - c->box.min.x) + 1;
    const uint64_t h = (uint64_t)((int64_t)c->box.max.y - c->box.min.y) + 1;
    c->shift = 3;
    while ((length >> c->shift) > 2 * (uint64_t)n + 64 ||
           ((w >> c->shift) + 1) * ((h >> c->shift) + 1) > 2 * (uint64_t)n + 1024) {
        c->shift++;
    }
    c->nx = (uint32_t)((w - 1) >> c->shift) + 1;
    c->ny = (uint32_t)((h - 1) >> c->shift) + 1;
}

/* Visits the cells of segment i: counts (item == NULL) or places. */
static void visit(xw_cells *c, xw_pt a, xw_pt b, uint32_t i, uint32_t *slot)
{
    uint32_t cx0, cx1;
    xw_cells_columns(c, a, b, &cx0, &cx1);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows r = xw_cells_rows(c, a, b, cx);
        for (uint32_t cy = r.y0; cy <= r.y1; cy++) {
            const size_t k = xw_cell_at(c, cx, cy);
            if (c->item) {
                c->item[slot[k]++] = i;
            } else {
                slot[k]++;
            }
        }
    }
}

xw_status xw_cells_create(xw_cells *c, xw_ends *ends, const void *ctx, size_t n, xw_error *err)
{
    *c = (xw_cells){.box = XW_BOX_EMPTY};
    for (size_t i = 0; i < n; i++) {
        xw_pt a, b;
        ends(ctx, i, &a, &b);
        c->box = xw_box_grow(xw_box_grow(c->box, a), b);
    }
    if (n == 0) c->box = (xw_box){{0, 0}, {0, 0}};
    choose_size(c, ends, ctx, n);
    const size_t cells = (size_t)c->nx * c->ny;
    c->start = calloc(cells + 2, sizeof *c->start);
    if (!c->start) return xw_fail(err, XW_NOMEM, "%zu cells", cells);
    uint32_t *slot = c->start + 1;
    uint64_t total = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            xw_pt a, b;
            ends(ctx, i, &a, &b);
            visit(c, a, b, (uint32_t)i, pass == 0 ? slot + 1 : slot);
        }
        if (pass == 1) break;
        for (size_t k = 1; k <= cells; k++) {
            total += slot[k];
            slot[k] = (uint32_t)total;
        }
        if (total < UINT32_MAX) c->item = malloc((size_t)(total + 1) * sizeof *c->item);
        if (!c->item) {
            xw_cells_finish(c);
            return xw_fail(err, XW_NOMEM, "%llu cell entries", (unsigned long long)total);
        }
    }
    return XW_OK;
}

void xw_cells_finish(xw_cells *c)
{
    free(c->start);
    free(c->item);
    *c = (xw_cells){0};
}
