/**
 * @file import.h
 * GIS files in, a clean territory out: any vector source GDAL reads, any CRS.
 */
#ifndef XW_IMPORT_H
#define XW_IMPORT_H

#include "xiwang/job.h"
#include "xiwang/territory.h"

typedef struct xw_import_options { /* texts borrowed, NULL: not given. SRC is PATH or PATH:LAYER */
    const char *osm, *roads, *water, *rail, *buildings, *divisions, *addresses;
    int division_level; /**< admin_level of OSM boundaries; 0: choose */
    bool paths;         /**< foot and cycle paths bound blocks too */
    /** Names of columns, NULL: the usual ones (config [columns]). */
    const char *col_households, *col_floors, *col_height, *col_name, *col_use, *col_class;
    const char *col_code, *col_division_name;
    const char *crs;      /**< of all GIS sources instead of what they say, e.g. "gcj02"; NULL: theirs */
    const char *encoding; /**< of attribute text, e.g. "GBK"; NULL: what the file says */
} xw_import_options;

typedef struct xw_import_counts {
    uint64_t buildings_in, buildings_used, buildings_listed; /**< in = used + listed */
    uint64_t households_given, households_estimated;         /**< buildings with each */
    uint64_t roads_in, water_in, rail_in, addresses_in, divisions_in;
} xw_import_counts;

/** Reads all sources. Errors name file, layer, feature and place. */
xw_status xw_import(const xw_import_options *o, const xw_job *job, xw_territory *out,
                    xw_import_counts *counts, xw_error *err);

#endif
