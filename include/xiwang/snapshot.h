/**
 * @file snapshot.h
 * A revision compiled for serving: one file, mapped read-only, from which lookups, features and
 * tiles are served without touching the database. Holds the model's arrays as they are, the
 * outlines of all grids, plots and divisions, zoom ranks of the vertices, boxes, and the
 * point-location index.
 *
 * The file is versioned, checksummed, position-independent and written whole or not at all
 * (temporary file, fsync, rename). Equal models give equal bytes. Threads: immutable after open:
 * share freely. Nothing is built on first read.
 */
#ifndef XW_SNAPSHOT_H
#define XW_SNAPSHOT_H

#include "xiwang/job.h"
#include "xiwang/locate.h"
#include "xiwang/model.h"
#include "xiwang/outline.h"

typedef struct xw_snapshot xw_snapshot;

/** Compiles @p m into @p path (replacing a file there in one step). */
xw_status xw_snapshot_write(const xw_model *m, const char *path, const xw_job *job, xw_error *err);

/** Maps and validates a file (structure, checksum). XW_NOT_FOUND, XW_INPUT (not ours, damaged,
 *  another version), XW_IO, XW_NOMEM. */
xw_status xw_snapshot_open(const char *path, xw_snapshot **out, xw_error *err);
void xw_snapshot_close(xw_snapshot *s);
/** Looks at the head only: XW_OK when it promises a file that xw_snapshot_open takes. */
xw_status xw_snapshot_probe(const char *path, xw_error *err);

const xw_model *xw_snapshot_model(const xw_snapshot *s);     /**< borrowed from s */
const char *xw_snapshot_digest(const xw_snapshot *s);        /**< 16 hex digits over the content */
const xw_locator *xw_snapshot_locator(const xw_snapshot *s); /**< labels: plot index + 1 */
/** Zoom rank (simplify.h) of each vertex of model->pts that belongs to an edge; 0 elsewhere. */
const uint8_t *xw_snapshot_ranks(const xw_snapshot *s);
/** Map colour (tile.h) of each grid. */
const uint8_t *xw_snapshot_shades(const xw_snapshot *s);

typedef enum xw_shape_kind {
    XW_SHAPE_GRID, /**< index into model->grids */
    XW_SHAPE_PLOT,
    XW_SHAPE_DIVISION,
    XW_SHAPE_BUILDING, /**< box and query only: rings are model->rings */
    XW_SHAPE_LINE,     /**< box and query only */
    XW_SHAPE_EDGE,     /**< box and query only */
    XW_SHAPE_ADDRESS,  /**< query only */
    XW_SHAPE_KINDS
} xw_shape_kind;

/** Outline of a grid, plot or division: borrowed from the snapshot. */
typedef struct xw_shape {
    const xw_outline_ring *rings; /**< ring.first counts from refs */
    uint32_t n_rings;
    const uint32_t *refs;
    xw_box box;
} xw_shape;
xw_shape xw_snapshot_shape(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix);
xw_box xw_snapshot_box(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix);

/** Indices of all objects of a kind whose box meets @p box, ascending, appended to an array that
 *  grows by xw_grow. O(log n + k) for small boxes. */
xw_status xw_snapshot_query(const xw_snapshot *s, xw_shape_kind kind, xw_box box, uint32_t **ix,
                            size_t *n, size_t *cap, xw_error *err);

#endif
