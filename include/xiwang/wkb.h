/**
 * @file wkb.h
 * Lattice geometry as ISO well-known binary (little-endian, 2-D) and back, and the GeoPackage
 * envelope around it (OGC 12-128r18, 2.1.3). A coordinate is written as units / 1e7 in double
 * precision, which is the double nearest to the 7-decimal number, so reading it back is exact.
 *
 * Rings are lattice rings (closed, first vertex not repeated); WKB repeats it.
 * Errors of writing: the buffer's (buf.h). Threads: pure functions on the caller's buffers.
 */
#ifndef XW_WKB_H
#define XW_WKB_H

#include "xiwang/buf.h"
#include "xiwang/ring.h"

/** One ring of a multipolygon; a hole belongs to the outer ring before it. */
typedef struct xw_wkb_ring {
    const xw_pt *pts; /**< borrowed */
    uint32_t n;       /**< >= 3 */
    bool hole;
} xw_wkb_ring;

/** The GeoPackage header, WKB follows. @param box  NULL: no envelope, as points have it */
void xw_wkb_gpkg_header(xw_buf *out, int32_t srs_id, const xw_box *box);
void xw_wkb_point(xw_buf *out, xw_pt p);
void xw_wkb_line(xw_buf *out, const xw_pt *pts, size_t n);
/** MultiPolygon; no rings give an empty one. */
void xw_wkb_multipolygon(xw_buf *out, const xw_wkb_ring *rings, size_t n);

typedef enum xw_wkb_kind {
    XW_WKB_NONE, /**< nothing read */
    XW_WKB_POINT = 1,
    XW_WKB_LINE = 2,
    XW_WKB_MULTIPOLYGON = 6
} xw_wkb_kind;

typedef struct xw_wkb_part { /* a ring; a line or a point is one part */
    size_t first;
    uint32_t n;
    bool hole;
} xw_wkb_part;

/** A geometry that was read; the memory is used again from call to call. */
typedef struct xw_wkb_shape {
    xw_wkb_kind kind;
    xw_pt *pts;
    size_t n_pts, cap_pts;
    xw_wkb_part *parts;
    size_t n_parts, cap_parts;
} xw_wkb_shape;
void xw_wkb_shape_finish(xw_wkb_shape *s);

/**
 * Reads a GeoPackage blob with a 2-D point, line, polygon or multipolygon (a polygon counts as a
 * multipolygon of one) of either byte order.
 * @return XW_INPUT when it is cut, has bytes left over, another type, a ring of fewer than 3
 *         vertices or that is not closed, or a coordinate that is not on the lattice; XW_NOMEM
 */
xw_status xw_wkb_read_gpkg(const void *bytes, size_t n, xw_wkb_shape *out, xw_error *err);

#endif
