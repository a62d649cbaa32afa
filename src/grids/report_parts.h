/* Parts of the land that open boundaries connect, for the report. */
#ifndef XW_GRIDS_REPORT_PARTS_H
#define XW_GRIDS_REPORT_PARTS_H

#include "xiwang/report.h"

typedef struct xw__part_of {
    uint64_t weight;   /* what the grids of the level hold in it */
    uint64_t least;    /* weight by cap, rounded up */
    uint64_t bins;     /* with whole buildings */
    uint64_t achieved; /* grids */
    uint32_t division;
    xw_pt at;
    bool tower;
} xw__part_of;

typedef struct xw__land_parts {
    xw__part_of *parts; /* in the order of their first plots, hence by division */
    size_t n;
    uint32_t *of; /* by plot; XW_NONE in an exclusive grid at the finest level */
} xw__land_parts;

/* The parts of a level with everything counted. */
xw_status xw__land_parts_make(const xw_model *m, uint32_t level, xw__land_parts *out,
                              xw_error *err);
void xw__land_parts_finish(xw__land_parts *p);

#endif
