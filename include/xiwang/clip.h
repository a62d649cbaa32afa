/**
 * @file clip.h
 * Clips rings and lines on a tile's grid to a box.
 *
 * Where a segment crosses a side of the box, the new vertex is computed from the segment's ends in
 * a fixed order and rounded the same way, so two polygons that share the segment, in opposite
 * directions, still share it after the clip. Sides are cut one after the other (Sutherland and
 * Hodgman 1974, doi:10.1145/360767.360802): a ring stays one ring, and parts of it may be joined
 * along the sides of the box, which lie in the buffer, outside the tile; mosaic.h parts them.
 * Coordinates are within XW_TILE_FAR. Threads: one at a time per clipper.
 */
#ifndef XW_CLIP_H
#define XW_CLIP_H

#include "xiwang/mercator.h"
#include "xiwang/status.h"

#include <stddef.h>

/** Closed box in tile units. */
typedef struct xw_tbox {
    xw_tpt min, max;
} xw_tbox;

/** The tile with its buffer. */
#define XW_TILE_CLIP                               \
    ((xw_tbox){{-XW_TILE_BUFFER, -XW_TILE_BUFFER}, \
               {XW_TILE_EXTENT + XW_TILE_BUFFER, XW_TILE_EXTENT + XW_TILE_BUFFER}})

/** Scratch memory that is reused from call to call; zeroed by the caller. */
typedef struct xw_clipper {
    xw_tpt *from, *to;
    size_t cap_from, cap_to;
} xw_clipper;
void xw_clipper_finish(xw_clipper *c);

/**
 * Clips a ring (closed, first vertex not repeated; repeated vertices in a row are dropped).
 * @param out    receives the ring, borrowed from the clipper until its next use
 * @param n_out  its vertices; 0 when fewer than three are left
 * @return XW_OK or XW_NOMEM
 */
xw_status xw_clip_ring(xw_clipper *c, const xw_tpt *ring, size_t n, xw_tbox box, const xw_tpt **out,
                       size_t *n_out, xw_error *err);

/**
 * Clips an open line and calls @p part for every piece inside, in the line's order; a piece has at
 * least two vertices and none twice in a row. @return XW_OK or XW_NOMEM
 */
xw_status xw_clip_line(xw_clipper *c, const xw_tpt *line, size_t n, xw_tbox box,
                       void (*part)(void *user, const xw_tpt *pts, size_t n), void *user,
                       xw_error *err);

/** Twice the signed area by the surveyor's formula; > 0 for an exterior ring of a tile (clockwise
 * as seen, since y grows southward). Exact for rings within the tile and its buffer. */
int64_t xw_tring_area2(const xw_tpt *pts, size_t n);

#endif
