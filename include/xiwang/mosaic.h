/**
 * @file mosaic.h
 * Makes valid polygons of the rings of one layer of a tile, without tearing shared borders.
 *
 * Rounding to the tile's grid, simplification and the clip leave rings that touch, cross or run
 * back on themselves. Here the segments of all features of the layer are noded together: where two
 * cross, both get the crossing, rounded to the grid; where a vertex lies on a segment, the segment
 * gets the vertex; again until nothing changes (iterated rounding; after some rounds with hot
 * pixels, Hobby 1999, doi:10.1016/S0925-7721(99)00021-8, which ends it). Both sides of a border are
 * one segment and get the same vertices.
 *
 * A feature is then the set of its directed segments: what runs to and fro cancels, and the rest is
 * traced into rings, each vertex at most once in a ring, outer rings and their holes by winding
 * numbers. A ring round which a feature is wound -1 (two borders have changed places) goes to the
 * neighbour that covers its ground, which is the same as taking it from that neighbour: the sum
 * over all features stays as it was at every point, so that edges that had their opposite still
 * have it, and ground that had one owner still has one. What is wound twice is kept once.
 *
 * A feature that has nothing of this passes through as it came. Coordinates are within
 * +-XW_MOSAIC_FAR. The same input gives the same rings. Cost: about linear in the vertices for
 * evenly spread segments, plus O(r^2) for the r rings of one feature; a third of the time in which
 * a dense tile is drawn. Threads: one at a time per object.
 */
#ifndef XW_MOSAIC_H
#define XW_MOSAIC_H

#include "xiwang/mercator.h"
#include "xiwang/status.h"

#include <stddef.h>

#define XW_MOSAIC_FAR (1 << 16)

typedef struct xw_mosaic xw_mosaic;

/** A ring of a result: vertices first .. first + n - 1 of xw_mosaic_pts, the first not repeated. */
typedef struct xw_mosaic_ring {
    uint32_t first, n;
    bool is_hole; /**< holes follow their outer ring */
} xw_mosaic_ring;

/** @return XW_OK or XW_NOMEM */
xw_status xw_mosaic_create(xw_mosaic **out, xw_error *err);
void xw_mosaic_destroy(xw_mosaic *m);
/** Forgets all features and keeps the memory. */
void xw_mosaic_clear(xw_mosaic *m);

/** Starts a feature; they are numbered from 0. @return XW_OK or XW_NOMEM */
xw_status xw_mosaic_feature(xw_mosaic *m, xw_error *err);
/**
 * A closed ring of the feature that was started last, first vertex not repeated: outer rings have
 * xw_tring_area2 > 0, holes < 0, in any order. Rings of fewer than three vertices are ignored.
 * @return XW_OK, XW_NOMEM or XW_INPUT for a vertex that is too far
 */
xw_status xw_mosaic_add(xw_mosaic *m, const xw_tpt *pts, size_t n, xw_error *err);
/** Makes the results, once after the last ring. @return XW_OK or XW_NOMEM */
xw_status xw_mosaic_weave(xw_mosaic *m, xw_error *err);

/** The rings of a feature after xw_mosaic_weave: borrowed until the next call that is not a get. */
const xw_mosaic_ring *xw_mosaic_rings(const xw_mosaic *m, size_t feature, size_t *n);
const xw_tpt *xw_mosaic_pts(const xw_mosaic *m);

#endif
