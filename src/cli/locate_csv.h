/* Many points from a table to a table. */
#ifndef XW_CLI_LOCATE_CSV_H
#define XW_CLI_LOCATE_CSV_H

#include "xiwang/bulk.h"
#include "xiwang/timeline.h"

typedef struct locate_csv {
    const char *path;       /* "-": standard input */
    const xw_query *common; /* crs, and accuracy and floor where a line has none */
    bool json;              /* one object a line instead of a table */
    unsigned fields;        /* of the answers in it */
    xw_bulk_times *times;   /* for lines with a time */
    const xw_job *job;
} locate_csv;

/* Reads line by line and writes to standard output, with bounded memory. A bad line gets its reason
 * and the rest goes on. */
xw_status xw__locate_csv(const xw_pin *pin, const locate_csv *o, bool *some_bad, xw_error *err);

#endif
