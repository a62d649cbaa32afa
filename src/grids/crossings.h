/* Grids with households on both sides of barriers, and why: from the stored result alone. */
#ifndef XW_GRIDS_CROSSINGS_H
#define XW_GRIDS_CROSSINGS_H

#include "xiwang/outline.h"
#include "xiwang/report.h"

/* Classes that a grid of the finest level should not have on both sides. */
#define XW__MAIN_ROADS                                                  \
    (UINT32_C(1) << XW_CLASS_MOTORWAY | UINT32_C(1) << XW_CLASS_TRUNK | \
     UINT32_C(1) << XW_CLASS_PRIMARY)

typedef struct xw__crossings {
    xw_crossing *list; /* by grid */
    size_t n, cap;
} xw__crossings;

/* The grids of a level (exclusive ones excepted) whose households only edges of the classes tie
 * together. The reasons are those of households, so they tell for the finest level. */
xw_status xw__crossings_make(const xw_model *m, const xw_edge_index *ix, uint32_t level,
                             uint32_t classes, xw__crossings *out, xw_error *err);
void xw__crossings_finish(xw__crossings *c);

#endif
