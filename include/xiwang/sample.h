/**
 * @file sample.h
 * A made-up but believable territory of any size, from a seed; all names and codes are invented
 * (division codes under the unassigned prefix 999).
 */
#ifndef XW_SAMPLE_H
#define XW_SAMPLE_H

#include "xiwang/job.h"
#include "xiwang/territory.h"

typedef struct xw_sample_options {
    uint64_t households; /**< about this many, 100 to 3 000 000 */
    uint64_t seed;
} xw_sample_options;

/** Makes the territory in memory. Same options, same bytes. */
xw_status xw_sample_make(const xw_sample_options *o, const xw_job *job, xw_territory *out,
                         xw_error *err);
/** Writes it through GDAL as one GeoPackage (EPSG:4490) with the layers roads, water, rail,
 * buildings, divisions, addresses. XW_EXISTS when there is a file and @p force is false. */
xw_status xw_sample_write(const xw_territory *t, const char *path, bool force, const xw_job *job,
                          xw_error *err);

#endif
