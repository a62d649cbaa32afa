/* Many points from a file to standard output, in the formats of the HTTP service. */
#ifndef XW_CLI_LOCATE_BULK_H
#define XW_CLI_LOCATE_BULK_H

#include "xiwang/bulk.h"
#include "xiwang/job.h"

typedef struct locate_bulk {
    const char *path;   /* "-": standard input */
    const char *format; /* csv, ndjson, geojson, json, binary; NULL: from the name of the file */
    const xw_query *common; /* crs, and accuracy and floor where a point has none */
    int64_t valid_until;
    bool short_answer;
    unsigned fields;      /* of the full answer */
    xw_bulk_times *times; /* for points with a time of their own */
    const xw_job *job;
} locate_bulk;

/* Memory stays the same however long the file is. XW_USAGE for a format that nobody knows. */
xw_status xw__locate_bulk(const xw_snapshot *s, const locate_bulk *o, bool *some_bad,
                          xw_error *err);

#endif
