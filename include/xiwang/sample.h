/**
 * @file sample.h
 * A made-up but believable Chinese county of any size, from a seed: for trying things out, for
 * tests and for benchmarks. All names and codes are invented (division codes under the unassigned
 * prefix 999); it lies near 119.0 E, 26.2 N, and no real place is meant.
 *
 * Clean by construction: divisions tile exactly (they share vertices), no building overlaps
 * another, touches a road, or leaves its village; houses in a row share the two vertices of each
 * common wall. Where a railway or river is crossed there is a bridge or a level crossing.
 *
 * Threads: pure functions of their arguments; one at a time per territory. Cost: linear, about
 * 100 000 households in a second for the making.
 */
#ifndef XW_SAMPLE_H
#define XW_SAMPLE_H

#include "xiwang/job.h"
#include "xiwang/territory.h"

#define XW_SAMPLE_MIN 100
#define XW_SAMPLE_MAX 3000000

typedef struct xw_sample_options {
    uint64_t households; /**< XW_SAMPLE_MIN to XW_SAMPLE_MAX; the sum over buildings is this */
    uint64_t seed;
} xw_sample_options;

/**
 * Makes the territory in memory. Same options, same bytes, on every machine.
 * Divisions come at three levels, "county", "town" and "village", each tiling the one above; all
 * have 12 digits (statistics code, filled with zeros) and the parent's code.
 * @param out  receives the territory, owned by the caller; empty on failure
 * @return XW_OK; XW_USAGE for a number out of range; XW_CANCELLED, XW_NOMEM, XW_LIMIT
 */
xw_status xw_sample_make(const xw_sample_options *o, const xw_job *job, xw_territory *out,
                         xw_error *err);

/**
 * Writes a territory through GDAL as one GeoPackage (EPSG:4490) with the layers roads, water, rail,
 * buildings, divisions, addresses; walls are roads of class "wall". The same territory gives the
 * same bytes. It is written beside the target and renamed, so there is never half a file.
 * @return XW_OK; XW_EXISTS when there is a file and @p force is false; XW_IO (disk full, not
 *         writable), with the path; XW_CANCELLED, XW_NOMEM
 */
xw_status xw_sample_write(const xw_territory *t, const char *path, bool force, const xw_job *job,
                          xw_error *err);

#endif
