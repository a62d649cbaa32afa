/* Many points from a table to a table. */
#ifndef XW_CLI_LOCATE_CSV_H
#define XW_CLI_LOCATE_CSV_H

#include "xiwang/answer.h"

#include <signal.h>

/* Reads path ("-": standard input) line by line and writes to standard output, with bounded memory.
 * common: crs, and accuracy and floor where a line has none. code: 1 when some lines were bad. */
xw_status xw__locate_csv(const xw_snapshot *s, const xw_query *common, const char *path,
                         const volatile sig_atomic_t *cancel, int *code, xw_error *err);

#endif
