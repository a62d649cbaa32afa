/* What is computed from a model when it is compiled, before it is written. Internal. */
#ifndef XW_SNAPSHOT_COMPILE_H
#define XW_SNAPSHOT_COMPILE_H

#include "format.h"

typedef struct snapshot_parts {
    uint8_t *ranks;         /* n_pts */
    uint8_t *shades;        /* n_grids */
    snapshot_shape *shapes; /* grids, plots, divisions */
    size_t n_shapes;
    xw_outline_ring *rings;
    size_t n_rings, cap_rings;
    uint32_t *refs;
    size_t n_refs, cap_refs;
    xw_box *boxes; /* buildings, lines, edges */
    size_t n_boxes;
    uint32_t *order;
    size_t n_order;
    xw_box *nodes;
    size_t n_nodes;
    void *locator;
    size_t locator_size;
} snapshot_parts;

xw_status xw__parts_create(const xw_model *m, const xw_job *job, snapshot_parts *out,
                           xw_error *err);
void xw__snapshot_parts_finish(snapshot_parts *p);

#endif
