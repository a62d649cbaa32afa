/* Opens what a STORE argument names, ready for serving. */
#ifndef XW_CLI_OPEN_STORE_H
#define XW_CLI_OPEN_STORE_H

#include "xiwang/job.h"
#include "xiwang/snapshot.h"

/* store: a GeoPackage, or a compiled snapshot itself. The snapshot beside a store is used when it
 * is whole and of the revision in force, else it is compiled again; where the folder cannot be
 * written, in a file that disappears with the process. */
xw_status xw__cli_open_snapshot(const char *store, const xw_job *job, xw_snapshot **out,
                                xw_error *err);

#endif
