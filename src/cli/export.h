/* What the files of the export command share. */
#ifndef XW_CLI_EXPORT_H
#define XW_CLI_EXPORT_H

#include "xiwang/job.h"
#include "xiwang/table.h"

/* Rows of one table that go out together. */
typedef struct xw__selection {
    xw_table table;
    uint32_t first, n;
    char layer[80]; /* "teams" */
} xw__selection;

typedef struct xw__format {
    const char *name;      /* of --format */
    const char *extension; /* of the file, without the dot */
    const char *driver;    /* of GDAL */
    bool one_file;         /* written beside the target and renamed */
} xw__format;

/* By --format, or by the ending of the path; NULL if there is none. */
const xw__format *xw__format_find(const char *name, const char *path);

/* Writes a selection through GDAL. path "-" is standard output. XW_EXISTS without force.
 * n_written: rows in the file; FlatGeobuf holds none without geometry. */
xw_status xw__export_layer(const xw_model *m, const xw__selection *s, const xw__format *f,
                           const char *path, bool force, const xw_job *job, size_t *n_written,
                           xw_error *err);

/* The plot graph: cells in metres from the corner of the territory, and the boundaries between. */
xw_status xw__export_graph(const xw_model *m, xw_buf *out, xw_error *err);

/* The crosswalk to 15 digits as CSV. unit: key of the level that has them; NULL: see code.h. */
xw_status xw__export_crosswalk(const xw_model *m, const char *unit, xw_buf *out, size_t *n,
                               xw_error *err);

/* Writes bytes to a file, whole or not at all, or to standard output for "-". */
xw_status xw__export_bytes(const char *path, const char *bytes, size_t n, bool force,
                           xw_error *err);

#endif
