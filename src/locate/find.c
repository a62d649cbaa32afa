/* Queries for the owner of a point. One look-up is a chain of dependent loads (top cell, child,
 * items); many look-ups go in groups so that those loads overlap. */
#include "format.h"

#include <string.h>

enum { GROUP = 32 };

xw_status xw_locator_view(const void *bytes, size_t size, xw_locator *out, xw_error *err)
{
    *out = (xw_locator){0};
    if (size < sizeof(locator_head) || (uintptr_t)bytes % 8 != 0) {
        return xw_fail(err, XW_INPUT, "locator: %zu bytes", size);
    }
    locator_head h;
    memcpy(&h, bytes, sizeof h);
    if (h.magic != LOCATOR_MAGIC || h.version != LOCATOR_VERSION) {
        return xw_fail(err, XW_INPUT, "locator: not version %u", LOCATOR_VERSION);
    }
    const uint64_t n_top = (uint64_t)h.nx * h.ny;
    const uint64_t need = sizeof h + ((uint64_t)h.n_cells + 1) * sizeof(locator_cell) +
                          (uint64_t)h.n_items * sizeof(locator_item);
    if (h.n_items >= CELL_SPLIT || h.n_cells >= CELL_SPLIT || need != size) {
        return xw_fail(err, XW_INPUT, "locator: %u cells and %u items in %zu bytes", h.n_cells,
                       h.n_items, size);
    }
    if (h.shift > 30 || n_top > h.n_cells || (h.nx == 0) != (h.n_cells == 0) ||
        (n_top > 0 && ((h.w >> h.shift) >= h.nx || (h.h >> h.shift) >= h.ny)) ||
        h.ox > XW_LON_MAX || h.oy > XW_LON_MAX) {
        return xw_fail(err, XW_INPUT, "locator: grid of %u x %u cells of 2^%u units", h.nx, h.ny,
                       h.shift);
    }
    const xw_locator l = {bytes, size};
    const locator_cell *cells = locator_cells(&l);
    uint64_t child = n_top;
    uint32_t last = 0;
    for (uint32_t k = 0; k <= h.n_cells; k++) {
        const uint32_t start = cells[k].start & ~CELL_SPLIT;
        const bool split = cells[k].start != start;
        if (start < last || start > h.n_items || (split && cells[k].value != child) ||
            (k == h.n_cells && (split || start != h.n_items))) {
            return xw_fail(err, XW_INPUT, "locator: cell %u is damaged", k);
        }
        last = start;
        child += split ? 16 : 0;
    }
    if (child != h.n_cells) return xw_fail(err, XW_INPUT, "locator: %u cells", h.n_cells);
    *out = l;
    return XW_OK;
}

uint32_t xw_locator_find(const xw_locator *l, xw_pt p)
{
    const locator_head *h = locator_get_head(l);
    if (!h || h->n_cells == 0 || !locator_covers(h, p)) return 0;
    const locator_cell *cells = locator_cells(l);
    const locator_leaf f = locator_descend(l, locator_top(h, p), p.x, p.y);
    const locator_cell c = cells[f.cell];
    if (c.start & CELL_SPLIT) return 0; /* only in damaged bytes */
    return c.value ^
           cross_items(locator_items(l) + c.start, leaf_count(cells, f.cell), p.x, p.y, f.x0, f.y0);
}

static void find_group(const xw_locator *l, const xw_pt *p, size_t n, uint32_t *out)
{
    const locator_head *h = locator_get_head(l);
    const locator_cell *cells = locator_cells(l);
    const locator_item *items = locator_items(l);
    locator_leaf leaf[GROUP];
    size_t at[GROUP], n_in = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
        if (!locator_covers(h, p[i])) continue;
        leaf[n_in].cell = locator_top(h, p[i]);
        __builtin_prefetch(cells + leaf[n_in].cell);
        at[n_in++] = i;
    }
    for (size_t k = 0; k < n_in; k++) {
        const locator_cell c = cells[leaf[k].cell];
        if (c.start & CELL_SPLIT) __builtin_prefetch(cells + c.value);
    }
    for (size_t k = 0; k < n_in; k++) {
        leaf[k] = locator_descend(l, leaf[k].cell, p[at[k]].x, p[at[k]].y);
        const locator_item *first = items + (cells[leaf[k].cell].start & ~CELL_SPLIT);
        __builtin_prefetch(first);
        __builtin_prefetch((const char *)first + 64);
    }
    for (size_t k = 0; k < n_in; k++) {
        const locator_cell c = cells[leaf[k].cell];
        const xw_pt q = p[at[k]];
        if (c.start & CELL_SPLIT) continue;
        out[at[k]] = c.value ^ cross_items(items + c.start, leaf_count(cells, leaf[k].cell), q.x,
                                           q.y, leaf[k].x0, leaf[k].y0);
    }
}

void xw_locator_find_many(const xw_locator *l, const xw_pt *p, size_t n, uint32_t *out)
{
    const locator_head *h = locator_get_head(l);
    if (!h || h->n_cells == 0) {
        memset(out, 0, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i += GROUP) {
        find_group(l, p + i, n - i < GROUP ? n - i : GROUP, out + i);
    }
}
