/**
 * @file shape.h
 * The geometry of any row of any table of table.h, traced from the edges where it is a polygon
 * (outline.h), so that the store, the exports and the server draw the same vertices.
 *
 * Layer: grids
 * Cost: that of the rings of the row; a division or a coarse grid costs its plots.
 * Threads: one thread at a time per object; several objects may share a model.
 */
#ifndef XW_SHAPE_H
#define XW_SHAPE_H

#include "xiwang/outline.h"
#include "xiwang/table.h"
#include "xiwang/wkb.h"

typedef struct xw_shape {
    xw_wkb_kind kind;         /**< XW_WKB_NONE: the row has no geometry */
    const xw_wkb_ring *rings; /**< an outer ring, its holes, the next outer ring …; a line or a
                                   point is one "ring"; borrowed until the next call */
    size_t n_rings;
    xw_box box;
} xw_shape;

typedef struct xw_shapes xw_shapes;

/** @param m  borrowed; must outlive the shapes unchanged, and be valid (xw_model_validate) */
xw_status xw_shapes_create(const xw_model *m, xw_shapes **out, xw_error *err);
void xw_shapes_destroy(xw_shapes *s);

/** What every row of a table is: multipolygon, line or point. */
xw_wkb_kind xw_table_kind(xw_table t);

/** The geometry of one row. A division without plots of its own is the union of those below it.
 *  XW_INTERNAL when edges do not close, naming the row; XW_NOMEM. */
xw_status xw_shapes_get(xw_shapes *s, xw_table t, uint32_t row, xw_shape *out, xw_error *err);

/** Appends the shape as WKB; nothing for XW_WKB_NONE. */
void xw_shape_wkb(const xw_shape *shape, xw_buf *out);

#endif
