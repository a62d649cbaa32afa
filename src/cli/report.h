/* The report of a build: its findings as GeoJSON, and grouped by kind for people.
 *
 * The file is a FeatureCollection (RFC 7946, WGS 84) of one point a finding, `geometry` null where
 * the input says no place. Properties: kind, kind_zh, severity, layer, source_id, text, action.
 * Members beside the features: status ("built" or "failed"), error (the text of the failure),
 * findings (how many) and counts (by kind). Written under another name and renamed, so that it is
 * there whole or not at all. */
#ifndef XW_CLI_REPORT_H
#define XW_CLI_REPORT_H

#include "xiwang/territory.h"

#include <stdio.h>

typedef struct xw__findings { /* borrowed, from a territory or a model */
    const xw_strings *text;
    const xw_finding *f;
    size_t n;
} xw__findings;

typedef struct xw__report { /* an open report, or {0} for none */
    const char *path;       /* "-": standard output */
    xw_buf temp;
    FILE *file;
} xw__report;

/* Begins the file, so that a place that cannot be written is known before the work. XW_IO. */
xw_status xw__report_open(xw__report *r, const char *path, xw_error *err);
/* Writes and renames. @param failure  of the build, NULL when it was built */
xw_status xw__report_write(xw__report *r, xw__findings all, const xw_error *failure, xw_error *err);
/* Gives up what was not written. */
void xw__report_close(xw__report *r);

typedef struct xw__kind_count {
    xw_text kind;
    size_t n;
} xw__kind_count;

/* Findings by kind, in the order of first appearance. *out is the caller's to free. */
xw_status xw__findings_count(xw__findings all, xw__kind_count **out, size_t *n, xw_error *err);
/* One line a kind: count, kind, Chinese name, what was done; worst first. */
xw_status xw__findings_print(FILE *to, xw__findings all, xw_error *err);

#endif
