/* What the solver hands to the numbering: for each division the grids of every level as lists of
 * what lies in them, in no particular order. */
#ifndef XW_GRIDS_PLAN_H
#define XW_GRIDS_PLAN_H

#include "xiwang/grids.h"

typedef struct xw__plan_level {
    uint32_t n;       /* grids */
    uint32_t *first;  /* n + 1 */
    uint32_t *child;  /* grids of the next finer level of the same plan; units at the finest */
    uint32_t *number; /* n, or NULL: the number a grid keeps, 0 for one that gets a new number */
    uint32_t *used;   /* n, or NULL for 0: highest number any child of the grid ever had */
} xw__plan_level;

typedef struct xw__plan {
    xw__plan_level levels[XW_LEVELS_MAX]; /* coarsest first */
    uint32_t used; /* highest number any grid of the coarsest level ever had */
} xw__plan;

/* Numbers, names and measures the grids and writes them into the model. @p plans: one a division.
 */
xw_status xw__plan_publish(xw_model *m, const xw_grids_config *c, const xw__plan *plans,
                           xw_error *err);

#endif
