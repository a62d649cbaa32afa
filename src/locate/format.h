/* The bytes of a locator, and the one exact test everything rests on. Internal to the layer.
 *
 *   head | cells (top grid row by row from the south-west, then blocks of 4 x 4) | one end mark |
 * items
 *
 * A cell is a square of 2^shift lattice units. It is a leaf: the label at its south-west corner and
 * the edges that come within one unit of it; or it is split: the index of its 16 children. Split
 * cells take their blocks in order, so the cells are a tree by construction. The items of cell k
 * are item[cell[k].start] up to, without, item[cell[k + 1].start]. */
#ifndef XW_LOCATE_FORMAT_H
#define XW_LOCATE_FORMAT_H

#include "xiwang/locate.h"

#define LOCATOR_MAGIC   UINT64_C(0x31434f4c47574958) /* also tells the byte order */
#define LOCATOR_VERSION UINT32_C(1)
#define LOCATOR_SPAN    (INT64_C(1) << 30) /* doubled coordinates still fit the int64 products */
#define CELL_SPLIT      (UINT32_C(1) << 31)

typedef struct locator_head {
    uint64_t magic;
    uint32_t version;
    uint32_t shift;  /* of a top cell */
    int32_t ox, oy;  /* south-west corner of the top grid: one unit outside the edges */
    uint32_t w, h;   /* points with x - ox > w or y - oy > h are outside */
    uint32_t nx, ny; /* top cells */
    uint32_t n_cells, n_items;
    uint64_t pad[2];
} locator_head;

typedef struct locator_cell {
    uint32_t start; /* first item, with CELL_SPLIT for a split cell */
    uint32_t value; /* label at the corner, or the first of the 16 children */
} locator_cell;

typedef struct locator_item { /* an edge, upward, or eastward when horizontal */
    int32_t ax, ay, bx, by;
    uint32_t left, right;
} locator_item;

_Static_assert(sizeof(locator_head) == 64, "head is written as it is");
_Static_assert(sizeof(locator_cell) == 8, "cell is written as it is");
_Static_assert(sizeof(locator_item) == 24, "item is written as it is");

static inline const locator_head *locator_get_head(const xw_locator *l)
{
    return (const locator_head *)(const void *)l->bytes;
}

static inline const locator_cell *locator_cells(const xw_locator *l)
{
    return (const locator_cell *)(const void *)(l->bytes + sizeof(locator_head));
}

static inline const locator_item *locator_items(const xw_locator *l)
{
    return (const locator_item *)(const void *)(locator_cells(l) + locator_get_head(l)->n_cells +
                                                1);
}

/* An edge in coordinates that may be doubled. */
typedef struct wide_edge {
    int64_t ax, ay, bx, by;
} wide_edge;

/* Is (x, y), moved by an infinitesimal step east and a much smaller one north, on the left of the
 * edge: west of it, or north of a horizontal one? Unsigned, because damaged bytes may overflow. */
static inline bool is_left(const wide_edge *e, int64_t x, int64_t y)
{
    const uint64_t l = (uint64_t)(e->bx - e->ax) * (uint64_t)(y - e->ay);
    const uint64_t r = (uint64_t)(e->by - e->ay) * (uint64_t)(x - e->ax);
    return (int64_t)(l - r) + (e->ay == e->by) > 0;
}

/* Parity of the crossings of an upward edge with the path from (px, py) west to x0, then south to
 * y0, both ends moved as above. Each leg is crossed when the edge spans it, half-open, and its ends
 * lie on different sides. */
static inline bool path_crosses(const wide_edge *e, int64_t px, int64_t py, int64_t x0, int64_t y0)
{
    const bool spans_y = e->ay <= py && py < e->by;
    const bool a_east = e->ax > x0, b_east = e->bx > x0;
    if (a_east && b_east) return spans_y && !is_left(e, px, py);
    if (!a_east && !b_east) return false;
    const bool turn_left = is_left(e, x0, py);
    return (spans_y && turn_left != is_left(e, px, py)) != (turn_left != is_left(e, x0, y0));
}

static inline uint32_t cross_items(const locator_item *it, size_t n, int64_t px, int64_t py,
                                   int64_t x0, int64_t y0)
{
    uint32_t key = 0;
    for (size_t i = 0; i < n; i++) {
        const wide_edge e = {it[i].ax, it[i].ay, it[i].bx, it[i].by};
        key ^= (it[i].left ^ it[i].right) & -(uint32_t)path_crosses(&e, px, py, x0, y0);
    }
    return key;
}

/* Where a point falls: a leaf and its south-west corner. */
typedef struct locator_leaf {
    uint32_t cell;
    int64_t x0, y0;
} locator_leaf;

/* From a top cell down to the leaf of (x, y), which lies in it. */
static inline locator_leaf locator_descend(const xw_locator *l, uint32_t cell, int64_t x, int64_t y)
{
    const locator_head *h = locator_get_head(l);
    const locator_cell *cells = locator_cells(l);
    const uint64_t dx = (uint64_t)(x - h->ox), dy = (uint64_t)(y - h->oy);
    uint32_t shift = h->shift;
    while ((cells[cell].start & CELL_SPLIT) && shift >= 2) {
        shift -= 2;
        cell = cells[cell].value + (uint32_t)((dy >> shift & 3) * 4 + (dx >> shift & 3));
    }
    return (locator_leaf){cell, h->ox + (int64_t)(dx >> shift << shift),
                          h->oy + (int64_t)(dy >> shift << shift)};
}

static inline uint32_t locator_top(const locator_head *h, xw_pt p)
{
    const uint32_t dx = (uint32_t)p.x - (uint32_t)h->ox, dy = (uint32_t)p.y - (uint32_t)h->oy;
    return (dy >> h->shift) * h->nx + (dx >> h->shift);
}

static inline bool locator_covers(const locator_head *h, xw_pt p)
{
    return (uint32_t)p.x - (uint32_t)h->ox <= h->w && (uint32_t)p.y - (uint32_t)h->oy <= h->h;
}

static inline size_t leaf_count(const locator_cell *cells, uint32_t cell)
{
    return (cells[cell + 1].start & ~CELL_SPLIT) - (cells[cell].start & ~CELL_SPLIT);
}

#endif
