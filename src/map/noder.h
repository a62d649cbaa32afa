/* The two ends of the noder: nodes from points, edges from pieces. Both are cut into bands that are
 * worked on side by side. Shared inside the layer. */
#ifndef XW_MAP_NODER_H
#define XW_MAP_NODER_H

#include "xiwang/noder.h"

typedef struct xw__points {
    xw_pt *p;
    size_t n, cap;
} xw__points;

typedef struct xw__piece { /* of a segment, from node a to node b, a < b */
    uint32_t a, b, tag;    /* tag << 1 | 1 if the segment runs from b to a */
} xw__piece;

enum { XW__BANDS = 64 };

typedef struct xw__pieces {
    xw__piece *p;
    size_t n, cap;
    uint32_t band[XW__BANDS + 1]; /* where the pieces of a band of nodes begin */
} xw__pieces;

typedef struct xw__node_input {
    const xw_segment *seg;
    size_t n;
    xw_box box; /* of all segments */
    const xw__points *found;
    size_t n_found;
    unsigned threads;
} xw__node_input;

/* The ends and the points found, each once, ascending. */
xw_status xw__collect_nodes(const xw__node_input *in, xw_pt **nodes, size_t *n_nodes,
                            xw_error *err);
/* The first node at x or further east. */
size_t xw__first_node(const xw_pt *nodes, size_t n, int64_t x);

/* Orders the pieces of one chunk by the band of their first node. */
xw_status xw__pieces_band(xw__pieces *l, size_t n_nodes, xw_error *err);
/* Pieces that run between the same two nodes become one edge. Frees the pieces. */
xw_status xw__merge_pieces(xw__pieces *chunks, size_t n_chunks, size_t n_nodes, unsigned threads,
                           xw_noded *out, xw_error *err);

#endif
