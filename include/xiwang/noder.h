/**
 * @file noder.h
 * Snap rounding on the lattice: any set of segments becomes edges that meet at their ends only.
 *
 * Every end point and every proper crossing (rounded to the lattice) is a hot pixel; every segment
 * is rerouted through the centres of the half-open hot pixels it passes. Nothing moves by more than
 * half a lattice unit each way, and no segment passes over a vertex (Hobby, "Practical segment
 * intersection with finite precision output", Comput. Geom. 13(4), 1999,
 * doi:10.1016/S0925-7721(99)00021-8; Guibas and Marimont, "Rounding arrangements dynamically",
 * IJCGA 8(2), 1998, doi:10.1142/S0218195998000096). All predicates are exact integers.
 *
 * Cost: close to linear for segments of map data, through a uniform grid. Threads: the call is
 * pure; inside it uses the job's threads, and the result is the same for any number and for any
 * order of the input segments (up to the numbering of their tags). The seam between what different
 * threads do is exact, for nothing is computed from a part of the picture: crossings are found cell
 * by cell and are a set (a pair that shares two cells finds the same point twice); nodes are that
 * set in order, sorted in bands of x and y; every segment is rerouted on its own through all nodes
 * near it; edges are the pieces by their two nodes, merged in bands of the first.
 */
#ifndef XW_NODER_H
#define XW_NODER_H

#include "xiwang/job.h"
#include "xiwang/lattice.h"

#include <stddef.h>

/** Most lattice units that the box of all segments may span each way (53 degrees). */
#define XW_NODER_EXTENT_MAX (INT64_C(1) << 29)

typedef struct xw_segment {
    xw_pt a, b;   /**< equal ends give no edge but make a hot pixel */
    uint32_t tag; /**< the caller's; below 2^31 */
} xw_segment;

typedef struct xw_noded_edge {
    uint32_t a, b;              /**< nodes, a < b */
    uint32_t first_tag, n_tags; /**< into tags: segments that run along the edge, ascending */
} xw_noded_edge;

typedef struct xw_noded {
    xw_pt *nodes; /**< ascending by x, then y; each once; nodes without an edge are possible */
    size_t n_nodes;
    xw_noded_edge *edges; /**< ascending by a, then b; each once */
    size_t n_edges;
    uint32_t *tags; /**< tag << 1 | 1 if the segment runs from b to a */
    size_t n_tags;
} xw_noded;

/** @return XW_LIMIT when the box is too large or there are more than 2^30 segments; XW_NOMEM */
xw_status xw_node(const xw_segment *segments, size_t n, const xw_job *job, xw_noded *out,
                  xw_error *err);
/**
 * The same, with less work, when the first @p n_noded segments meet at their ends only, as any of
 * the edges of one earlier result do: no crossing is looked for between them. They are rerouted
 * like all others, for an edge may pass the pixel of a node without passing the node.
 */
xw_status xw_node_onto(const xw_segment *segments, size_t n, size_t n_noded, const xw_job *job,
                       xw_noded *out, xw_error *err);
void xw_noded_finish(xw_noded *n);

#endif
