/* How fair are the boundaries between buildings? Measured on a finished model, so it does not
 * depend on how the boundaries were made: points every half metre along the edges that are said to
 * run half way between two buildings, and the exact distances from there to the two footprints. */
#ifndef XW_BENCH_BISECTOR_H
#define XW_BENCH_BISECTOR_H

#include "xiwang/model.h"

enum { BISECTOR_WORST = 20 };

typedef struct bisector_spot {
    double lon, lat, error_mm;
    uint32_t edge;
} bisector_spot;

typedef struct bisector {
    uint64_t edges, points;         /* measured: a footprint on both sides */
    uint64_t beside_open;           /* edges of the same basis with open land on a side: left out */
    uint64_t not_nearest;           /* edges in whose middle a third building of the block stands
                                       nearer than one of the two, by more than 100 mm */
    double metres, wrong_metres;    /* of the edges measured, of those not nearest */
    double p50, p90, p95, p99, max; /* |dA - dB| / 2 over the points, millimetres */
    bisector_spot worst[BISECTOR_WORST]; /* one an edge, the largest first */
    size_t n_worst;
} bisector;

/* Cost: samples times the vertices of two footprints, and for each edge the buildings of its block.
 */
xw_status bisector_measure(const xw_model *m, bisector *out, xw_error *err);

#endif
