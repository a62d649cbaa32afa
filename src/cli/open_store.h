/* Opens what a STORE argument names, ready for drawing: the newest revision of a GeoPackage, in
 * force or not, or a compiled snapshot itself. What depends on a time opens a timeline instead. */
#ifndef XW_CLI_OPEN_STORE_H
#define XW_CLI_OPEN_STORE_H

#include "xiwang/job.h"
#include "xiwang/snapshot.h"

/* As xw_revision_open in timeline.h. */
xw_status xw__cli_open_snapshot(const char *store, const xw_job *job, xw_snapshot **out,
                                xw_error *err);

#endif
