/* One band: the lists of its cells, the labels at their corners along each row from the west, where
 * it is outside, and then the leaves in the order of the entries. */
#include "build.h"
#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
    LIST_MAX = 8,   /* a LIST with more edges than this is split ... */
    SPLIT_SHIFT = 4 /* ... unless the children would be smaller than 4 units */
};

typedef struct maker {
    const band_input *in;
    band *out;
    locator_item *items; /* of the cell at hand */
    size_t cap_items;
} maker;

void xw__band_finish(band *b)
{
    free(b->grains);
    free(b->blocks);
    *b = (band){0};
}

/* Room for n more grains. What fills a cache line starts on one; the grain that is left out then is
 * for the next CHAIN. */
static xw_status add_grains(band *b, uint32_t tag, uint64_t n, size_t *at, xw_error *err)
{
    if (tag == TAG_CHAIN && b->gap > 0) {
        *at = b->gap;
        b->gap = 0;
        return XW_OK;
    }
    size_t from = b->n_grains;
    if (tag != TAG_CHAIN && tag != TAG_LIST && from % 2 > 0) b->gap = from++;
    const size_t end = from + (size_t)n;
    if (end > XW_LOCATOR_LABEL_MAX) return xw_fail(err, XW_LIMIT, "locator: too many edges");
    if (!xw_grow((void **)&b->grains, &b->cap_grains, end, GRAIN_SIZE)) {
        return xw_fail(err, XW_NOMEM, "%zu bytes of locator", end * GRAIN_SIZE);
    }
    memset(b->grains + b->n_grains * GRAIN_SIZE, 0, (end - b->n_grains) * GRAIN_SIZE);
    b->n_grains = end;
    *at = from;
    return XW_OK;
}

static uint32_t entry_of(uint32_t tag, size_t at) { return tag << 28 | (uint32_t)at; }

/* Labels change across the south side of a cell, from its corner to the next one. */
static uint32_t south_change(const maker *m, const uint32_t *ids, size_t n, int64_t x0, int64_t y0,
                             int64_t x1)
{
    uint32_t key = 0;
    for (size_t i = 0; i < n; i++) {
        const locator_item e = item_upward(&m->in->given[ids[i]]);
        if (e.ay > y0 || e.by <= y0) continue;
        const wide_edge w = {e.ax, e.ay, e.bx, e.by};
        if (is_left(&w, x0, y0) != is_left(&w, x1, y0)) key ^= e.left ^ e.right;
    }
    return key;
}

static xw_status make_list(maker *m, size_t n, uint32_t label, locator_cell *cell, xw_error *err)
{
    size_t at;
    const xw_status st = add_grains(m->out, TAG_LIST, list_grains(n), &at, err);
    if (st) return st;
    unsigned char *const to = m->out->grains + at * GRAIN_SIZE;
    const list_leaf head = {label, (uint32_t)n};
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, m->items, n * sizeof *m->items);
    cell->entry = entry_of(TAG_LIST, at);
    return XW_OK;
}

static xw_status make_cell(maker *m, const uint32_t *ids, size_t n, uint32_t label,
                           locator_cell *cell, xw_error *err);

static xw_status make_children(maker *m, const uint32_t *ids, size_t n, uint32_t label,
                               locator_cell *cell, xw_error *err)
{
    const frame f = {cell->x0, cell->y0, cell->shift - 2, 4, 4, false, 0};
    edge_lists lists = {0};
    size_t at;
    xw_status st = add_grains(m->out, TAG_SPLIT, 2, &at, err);
    if (!st && !xw_grow((void **)&m->out->blocks, &m->out->cap_blocks, m->out->n_blocks + 1,
                        sizeof *m->out->blocks)) {
        st = xw_fail(err, XW_NOMEM, "%zu blocks", m->out->n_blocks);
    }
    if (!st && !xw__lists_fill(&lists, &f, m->in->given, ids, n)) {
        st = xw_fail(err, XW_NOMEM, "%zu edges in a cell", n);
    }
    if (!st) m->out->blocks[m->out->n_blocks++] = (uint32_t)at;
    for (uint32_t k = 0; !st && k < 16; k++) {
        locator_cell child = {0, f.shift, f.ox + ((int64_t)(k % 4) << f.shift),
                              f.oy + ((int64_t)(k / 4) << f.shift)};
        uint32_t change = 0;
        for (size_t i = 0; i < n; i++) {
            const locator_item e = item_upward(&m->in->given[ids[i]]);
            change ^= cross_items(&e, 1, 1, child.x0, child.y0, cell->x0, cell->y0);
        }
        st = make_cell(m, lists.id + lists.start[k], lists.start[k + 1] - lists.start[k],
                       label ^ change, &child, err);
        memcpy(m->out->grains + at * GRAIN_SIZE + k * sizeof child.entry, &child.entry,
               sizeof child.entry);
    }
    xw__lists_finish(&lists);
    cell->entry = entry_of(TAG_SPLIT, at);
    return st;
}

static xw_status make_leaf(maker *m, const uint32_t *ids, size_t n, uint32_t label,
                           locator_cell *cell, xw_error *err)
{
    leaf_bytes leaf;
    size_t at;
    if (!xw__leaf_encode(m->items, n, cell, label, &leaf)) {
        if (n > LIST_MAX && cell->shift >= SPLIT_SHIFT) {
            return make_children(m, ids, n, label, cell, err);
        }
        const xw_status st = make_list(m, n, label, cell, err);
        if (st) return st;
        at = ENTRY_VALUE(cell->entry);
    } else {
        const size_t size = leaf.tag == TAG_CHAIN ? sizeof leaf.u.chain : sizeof leaf.u.fan;
        const xw_status st = add_grains(m->out, leaf.tag, size / GRAIN_SIZE, &at, err);
        if (st) return st;
        memcpy(m->out->grains + at * GRAIN_SIZE, &leaf.u, size);
        cell->entry = entry_of(leaf.tag, at);
    }
    return xw__leaf_verify(cell, m->out->grains + at * GRAIN_SIZE, label, m->items, ids, n, err);
}

static xw_status make_cell(maker *m, const uint32_t *ids, size_t n, uint32_t label,
                           locator_cell *cell, xw_error *err)
{
    if (n == 0) {
        /* A label beyond the limit is the sum of contradicting ones, found at their edges. */
        cell->entry = ENTRY_VALUE(label);
        return XW_OK;
    }
    if (!xw_grow((void **)&m->items, &m->cap_items, n, sizeof *m->items)) {
        return xw_fail(err, XW_NOMEM, "%zu edges in a cell", n);
    }
    for (size_t i = 0; i < n; i++) m->items[i] = item_upward(&m->in->given[ids[i]]);
    return make_leaf(m, ids, n, label, cell, err);
}

/* The labels at the south-west corners of the top cells, by entry. */
static void label_corners(const maker *m, const edge_lists *lists, uint32_t *corner)
{
    const frame *f = &m->in->top;
    for (int64_t j = 0; j < f->ny; j++) {
        const int64_t y0 = f->oy + (j << f->shift);
        uint32_t label = 0;
        for (int64_t i = 0; i < f->nx; i++) {
            const size_t k = cell_at(f->tx, (uint32_t)i, (uint32_t)j);
            const size_t from = lists->start[k], n = lists->start[k + 1] - from;
            const int64_t x0 = f->ox + (i << f->shift), x1 = x0 + (INT64_C(1) << f->shift);
            corner[k] = label;
            if (n > 0) label ^= south_change(m, lists->id + from, n, x0, y0, x1);
        }
    }
}

/* Top cell of an entry: the inverse of cell_at(). */
static void cell_of(const frame *f, size_t k, locator_cell *c)
{
    const int64_t tile = (int64_t)(k / TILE_CELLS), in = (int64_t)(k % TILE_CELLS);
    const int64_t i = (tile % f->tx << TILE_SHIFT) | (in >> 2 & 28) | (in & 3);
    const int64_t j = (tile / f->tx << TILE_SHIFT) | (in >> 5 & 28) | (in >> 2 & 3);
    *c = (locator_cell){0, f->shift, f->ox + (i << f->shift), f->oy + (j << f->shift)};
}

xw_status xw__band_build(const band_input *in, band *out, xw_error *err)
{
    maker m = {.in = in, .out = out};
    const size_t n_cells = (size_t)(in->top.nx * in->top.ny);
    edge_lists lists = {0};
    xw_status st = XW_OK;
    uint32_t *corner = malloc(n_cells * sizeof *corner);
    if (!corner || !xw__lists_fill(&lists, &in->top, in->given, in->ids, in->n_ids)) {
        st = xw_fail(err, XW_NOMEM, "%zu cells", n_cells);
    }
    if (!st) label_corners(&m, &lists, corner);
    for (size_t k = 0; !st && k < n_cells; k++) {
        locator_cell c;
        const size_t from = lists.start[k];
        cell_of(&in->top, k, &c);
        st = make_cell(&m, lists.id + from, lists.start[k + 1] - from, corner[k], &c, err);
        out->entries[k] = c.entry;
    }
    size_t end;
    if (!st && out->n_grains % 2 > 0) st = add_grains(out, TAG_LIST, 1, &end, err);
    free(corner);
    free(m.items);
    xw__lists_finish(&lists);
    return st;
}
