/* The builder's parts. Internal to the layer.
 *
 * The top grid is cut into bands of whole tile rows, which depend only on the input. Bands are
 * built on their own, in any order and on any thread, and then put one after the other. */
#ifndef XW_LOCATE_BUILD_H
#define XW_LOCATE_BUILD_H

#include "leaf.h"

/* A grid of square cells: the top cells of a band, or the 4 x 4 of a split cell. */
typedef struct frame {
    int64_t ox, oy;
    uint32_t shift;
    int64_t nx, ny;
    bool tiled;  /* the order of the top grid, else row by row */
    uint32_t tx; /* tiles a row */
} frame;

/* Lists of edges, by index into the given ones: cell k has id[start[k]] to id[start[k + 1] - 1]. */
typedef struct edge_lists {
    size_t *start;
    uint32_t *id;
    size_t cap_start, cap_id, n;
} edge_lists;

bool xw__lists_fill(edge_lists *s, const frame *f, const xw_label_edge *given, const uint32_t *ids,
                    size_t n);
void xw__lists_finish(edge_lists *s);

/* Upward, or eastward when horizontal. */
static inline locator_item item_upward(const xw_label_edge *e)
{
    const bool up = e->a.y < e->b.y || (e->a.y == e->b.y && e->a.x < e->b.x);
    return up ? (locator_item){e->a.x, e->a.y, e->b.x, e->b.y, e->left, e->right}
              : (locator_item){e->b.x, e->b.y, e->a.x, e->a.y, e->right, e->left};
}

/* What a band becomes. Grain numbers in entries start at 0 in each band. */
typedef struct band {
    uint32_t *entries; /* borrowed: the band's stretch of the top grid */
    unsigned char *grains;
    size_t n_grains, cap_grains; /* even when finished: bands start on a cache line */
    size_t gap;                  /* a grain that is free, 0: none */
    uint32_t *blocks;            /* grains where SPLIT blocks start */
    size_t n_blocks, cap_blocks;
} band;

typedef struct band_input {
    const xw_label_edge *given;
    const uint32_t *ids; /* of the edges near the band, ascending */
    size_t n_ids;
    frame top;
} band_input;

/* Fills in the entries and grains, and verifies them: XW_INPUT names an edge whose labels
 * contradict the rest. */
xw_status xw__band_build(const band_input *in, band *out, xw_error *err);
void xw__band_finish(band *b);

/* Verifies a finished leaf (`leaf` NULL: its entry is the label) against the edges near its cell,
 * of which `ids` are the indexes. */
xw_status xw__leaf_verify(const locator_cell *cell, const void *leaf, uint32_t label,
                          const locator_item *items, const uint32_t *ids, size_t n, xw_error *err);

/* nearest.c: fills `free` of format.h from the entries. */
void xw__free_fill(locator_head *h);

#endif
