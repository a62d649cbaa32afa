/* Making and reading one leaf, and the exact tests with whole edges. Internal to the layer. */
#ifndef XW_LOCATE_LEAF_H
#define XW_LOCATE_LEAF_H

#include "format.h"

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

/* Labels changed on the path from (px, py) to (x0, y0), all in coordinates times `scale`. */
static inline uint32_t cross_items(const locator_item *it, size_t n, int64_t scale, int64_t px,
                                   int64_t py, int64_t x0, int64_t y0)
{
    uint32_t key = 0;
    for (size_t i = 0; i < n; i++) {
        const wide_edge e = {it[i].ax * scale, it[i].ay * scale, it[i].bx * scale,
                             it[i].by * scale};
        key ^= (it[i].left ^ it[i].right) & -(uint32_t)path_crosses(&e, px, py, x0, y0);
    }
    return key;
}

enum { LEAF_EDGES_MAX = 16 };

/* A leaf before it is written: the encoded bytes of a CHAIN or FAN. */
typedef struct leaf_bytes {
    uint32_t tag;
    union {
        chain_leaf chain;
        fan_leaf fan;
    } u;
} leaf_bytes;

/* Encodes the edges (n <= LEAF_EDGES_MAX) that come near a cell as a CHAIN or a FAN; `label` is the
 * one at its south-west corner. @return false when they do not fit, or contradict the label. */
bool xw__leaf_encode(const locator_item *edges, size_t n, const locator_cell *cell, uint32_t label,
                     leaf_bytes *out);

/* Reads the edges of a leaf back, upward, in lattice coordinates. `own` has room for
 * LEAF_EDGES_MAX; a LIST is borrowed from the bytes. @return how many */
size_t xw__leaf_edges(const locator_cell *cell, const void *leaf, locator_item *own,
                      const locator_item **out);

#endif
