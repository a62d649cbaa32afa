/**
 * @file bulk.h
 * Many points in, as many answers out, as a stream: bytes of a body or a file are fed in pieces of
 * any size, answers leave through a callback in pieces of about 64 KiB, and memory stays the same
 * however long the body is. What comes out does not depend on where the pieces are cut.
 *
 * Formats. The answer has the format of the question.
 * * JSON: an array of [lon,lat], {"lon", "lat", "accuracy", "floor", "time"}, or GeoJSON points and
 *   features with points; out comes an array of answers (answer.h). One object (a feature
 *   collection, a feature, a geometry, a point) is read too, up to XW_BULK_OBJECT_MAX bytes. The
 *   first bad point ends it.
 * * NDJSON: one of the same a line, with one point each. A bad line is answered
 *   {"line":n,"error":"…"} and the rest goes on. A member "id" comes back. Empty lines are passed
 *   over.
 * * CSV: a header with lon,lat (or x,y) and perhaps accuracy, floor, time, then a point a line. The
 * same columns come out, then code_LEVEL of each level, certain_to, rule, probability, error. A bad
 *   line has its reason in error and the rest goes on.
 * * GEOJSON: a FeatureCollection; it comes out as it was, each feature with the properties
 *   code_LEVEL, certain_to, rule, probability; or error, and the rest goes on.
 * * BINARY, little-endian. In: 16 bytes of head, "XWPT", version 1 (uint8), kind (uint8; 0: int32
 *   longitude, latitude in 1e-7 degree; 1: float64 longitude, latitude in degrees or units of the
 *   CRS), two zero bytes, the number of points (uint64; all bits set: to the end of the body); then
 *   the points. Out: "XWGX", version 1, kind 2, two zero bytes, the number as it was given; then a
 *   uint32 a point: the index of the finest grid in the table of grids, 0xFFFFFFFF for none. The
 *   first bad point ends it.
 *
 * A time (RFC 3339) of a point, also as a property of a GeoJSON feature, picks the revision in
 * force then for this point; the columns are those of the levels of the first.
 *
 * Numbers of JSON are read strictly and rounded correctly (Clinger, "How to read floating point
 * numbers accurately", PLDI 1990: a quotient or product of two exact doubles; strtod for the rest).
 *
 * Cost: short answers to exact points are looked up a batch at a time; the full answer costs some
 * microseconds a point. Threads: one at a time per object.
 *
 * Layer: http.
 */
#ifndef XW_BULK_H
#define XW_BULK_H

#include "xiwang/answer.h"
#include "xiwang/nets.h"
#include "xiwang/timeline.h"

#define XW_BULK_OBJECT_MAX  ((size_t)16 << 20)  /**< bytes of a JSON body that is one object */
#define XW_BULK_ITEM_MAX    ((size_t)256 << 10) /**< bytes of a line, a feature, an element */
#define XW_BULK_DEPTH_MAX   64                  /**< brackets within brackets */
#define XW_BULK_TO_THE_END  UINT64_MAX          /**< number of points in a binary head: not known */
#define XW_BULK_BINARY_HEAD 16                  /**< bytes */

typedef enum xw_bulk_format {
    XW_BULK_JSON,
    XW_BULK_GEOJSON,
    XW_BULK_NDJSON,
    XW_BULK_CSV,
    XW_BULK_BINARY
} xw_bulk_format;

typedef struct xw_bulk xw_bulk;

typedef struct xw_bulk_how {
    xw_bulk_format format;
    xw_query common;   /**< crs, snap, nearest, custody; accuracy and floor where a point has none.
                            The CRS is borrowed */
    bool short_answer; /**< JSON, NDJSON: {"code", "certain_to", "probability", "rule"} only, of the
                            finest grid */
    int64_t valid_until; /**< of the revision, for the full answer (xw_answer_json) */
    unsigned fields;     /**< of the full answer (xw_answer_fields); 0: all */
    /** The revision in force at the time of a point, which stays until the next call; NULL: points
     *  with a time of their own are refused. xw_bulk_times_at fits. */
    xw_status (*at_time)(void *times, int64_t unix_s, const xw_snapshot **s, int64_t *valid_until,
                         xw_error *err);
    void *times;
    const xw_nets
        *nets;  /**< the full answer has those of other nets too (xw_nets_json); NULL: not */
    int64_t at; /**< for them, where a point has no time of its own */
    /** Takes what is ready. What it returns ends the whole unless it is XW_OK. */
    xw_status (*write)(void *user, const void *bytes, size_t n, xw_error *err);
    void *user;
} xw_bulk_how;

/** @param s borrowed, must outlive the object */
xw_status xw_bulk_create(const xw_snapshot *s, const xw_bulk_how *how, xw_bulk **out,
                         xw_error *err);
void xw_bulk_destroy(xw_bulk *b);

/** The next bytes. XW_INPUT for what cannot be read (the text names the point or line), XW_LIMIT
 *  for an item that is too long or nested too deeply, XW_NOMEM, or what write says. After a failure
 *  the same is returned again. */
xw_status xw_bulk_feed(xw_bulk *b, const void *bytes, size_t n, xw_error *err);
/** Nothing follows: answers the rest and hands everything out. XW_INPUT for a body that is cut
 *  short, or when no line at all could be answered (the text names the first). */
xw_status xw_bulk_end(xw_bulk *b, xw_error *err);

/** Revisions for points with a time of their own, of one timeline. */
typedef struct xw_bulk_times xw_bulk_times;
/** @param timeline  borrowed */
xw_status xw_bulk_times_create(xw_timeline *timeline, xw_bulk_times **out, xw_error *err);
/** NULL is fine. */
void xw_bulk_times_destroy(xw_bulk_times *t);
/** For xw_bulk_how: @p times is an xw_bulk_times. XW_INPUT before the first revision; XW_CONFLICT
 * while the revision is being compiled: this ends the whole. */
xw_status xw_bulk_times_at(void *times, int64_t unix_s, const xw_snapshot **s, int64_t *valid_until,
                           xw_error *err);

/** Points that were answered, and lines or features that were answered with an error. */
void xw_bulk_counts(const xw_bulk *b, uint64_t *points, uint64_t *errors);

#endif
