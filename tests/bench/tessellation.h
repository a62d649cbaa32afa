/* Plots beside a reference tessellation: a GeoPackage with the layers buildings, streets and
 * tessellation, whose rows share the column uID. */
#ifndef XW_BENCH_TESSELLATION_H
#define XW_BENCH_TESSELLATION_H

#include "xiwang/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { TESSELLATION_MAX = 4096 };

typedef struct tessellation_cell {
    char id[32];
    double iou;      /* intersection over union with the reference cell, cut to the streets */
    double beyond;   /* of what differs, the share that lies on this side of a street and that the
                        reference gives to buildings on the other */
    double less;     /* of what differs, the share that the reference cell has and the plot not */
    double own_side; /* intersection over union without that land beyond */
} tessellation_cell;

typedef struct tessellation {
    tessellation_cell cell[TESSELLATION_MAX]; /* the least alike first */
    size_t n, below, below_own_side;          /* below: under 0.95 */
    size_t missing;                           /* rows of the reference without a plot */
    double mean, mean_own_side;
} tessellation;

/**
 * Builds the plots of the buildings on the streets, without open land, and overlays them with the
 * reference, which is cut along the streets first: a cell keeps what lies on its building's side.
 * They are compared where the reference has land; it ends nearer to the outermost buildings.
 */
xw_status tessellation_compare(const char *path, tessellation *out, xw_error *err);

#endif
