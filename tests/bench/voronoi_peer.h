/* The peer of the plots stage: GEOS's Voronoi diagram of sites every two metres along the
 * footprints, block by block, as one would call it to make plots. Its cells still have to be
 * joined by building, cut to the block and kept out of the footprints; that is not counted. */
#ifndef XW_BENCH_VORONOI_PEER_H
#define XW_BENCH_VORONOI_PEER_H

#include "measure.h"
#include "xiwang/model.h"

typedef struct voronoi_peer {
    uint64_t blocks, buildings, sites;
    uint64_t failed; /* blocks where GEOS gives an error, or not one cell for each site */
    bench_time time;
} voronoi_peer;

/* Every k-th block, so that about `buildings_max` buildings are measured at most. */
xw_status voronoi_peer_measure(const xw_model *m, size_t buildings_max, voronoi_peer *out,
                               xw_error *err);

#endif
