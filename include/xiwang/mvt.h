/**
 * @file mvt.h
 * Writes one Mapbox Vector Tile, version 2.1 (https://github.com/mapbox/vector-tile-spec), layer by
 * layer and feature by feature, without a protobuf library and without a tree in memory.
 *
 *   xw_mvt_layer(t, "teams");
 *   xw_mvt_feature(t, 7, XW_MVT_POLYGON);
 *   xw_mvt_ring(t, pts, n, false);
 *   xw_mvt_tag_text(t, "code", "01");
 *   …
 *   st = xw_mvt_take(t, out, err);
 *
 * Keys and values are stored once a layer. A feature without geometry and a layer without features
 * are not written. Geometry must be within the int32 range of tile units. Texts are borrowed for
 * the call. Errors are kept until xw_mvt_take. Threads: one at a time per object.
 */
#ifndef XW_MVT_H
#define XW_MVT_H

#include "xiwang/buf.h"
#include "xiwang/mercator.h"

/** Most different keys of one layer; more is a fault of the caller. */
#define XW_MVT_KEYS_MAX 32

typedef enum xw_mvt_type { XW_MVT_POINT = 1, XW_MVT_LINE = 2, XW_MVT_POLYGON = 3 } xw_mvt_type;

typedef struct xw_mvt xw_mvt;

/** @param ceiling  most bytes of the tile @return XW_OK or XW_NOMEM */
xw_status xw_mvt_create(size_t ceiling, xw_mvt **out, xw_error *err);
void xw_mvt_destroy(xw_mvt *t);

/** Starts a layer (and ends the one before). @p name is copied; it must be
 *  unique in the tile and have 1 to 63 bytes. */
void xw_mvt_layer(xw_mvt *t, const char *name);
/** Starts a feature (and ends the one before). @p id 0 means none. */
void xw_mvt_feature(xw_mvt *t, uint64_t id, xw_mvt_type type);

/** Attributes of the feature that was started last. @p key must be a string literal or live as long
 *  as the layer. */
void xw_mvt_tag_text(xw_mvt *t, const char *key, const char *text);
void xw_mvt_tag_int(xw_mvt *t, const char *key, int64_t v);
void xw_mvt_tag_real(xw_mvt *t, const char *key, float v);
void xw_mvt_tag_bool(xw_mvt *t, const char *key, bool v);

/** Geometry of the feature that was started last; several calls make a multi-geometry. */
void xw_mvt_point(xw_mvt *t, xw_tpt p);
/** An open line; vertices repeated in a row are dropped, and a line of fewer than two. */
void xw_mvt_line(xw_mvt *t, const xw_tpt *pts, size_t n);
/**
 * A ring, first vertex not repeated. An outer ring is written if its area (xw_tring_area2) is > 0,
 * a hole, which follows its outer ring, if its area is < 0; anything else has collapsed on the grid
 * or turned over, and is dropped. Vertices repeated in a row are dropped.
 * @return true if the ring was written
 */
bool xw_mvt_ring(xw_mvt *t, const xw_tpt *pts, size_t n, bool is_hole);
/** Has the feature that was started last any geometry yet? Whoever writes geometry first and asks,
 *  leaves no unused attributes behind. */
bool xw_mvt_has_geometry(const xw_mvt *t);

/** Ends the tile and appends its bytes to @p out: nothing if no layer has a feature. The object is
 *  empty afterwards and can be used again. @return XW_OK, XW_LIMIT or XW_NOMEM */
xw_status xw_mvt_take(xw_mvt *t, xw_buf *out, xw_error *err);

#endif
