/**
 * @file cli.h
 * The command line: one file a command under src/cli, one table in src/cli/main.c.
 *
 * Exit codes: 0 fine, 1 the answer is no, 2 usage, 3 bad input, 4 environment, 130 stopped by
 * Ctrl-C.
 *
 * Layer: cli.
 */
#ifndef XW_CLI_H
#define XW_CLI_H

#include "xiwang/job.h"
#include "xiwang/status.h"

#include <stdbool.h>

/** What main hands to every command. */
typedef struct xw_cli {
    const char *program; /**< argv[0] */
    xw_job job;          /**< progress on stderr when it is a terminal; Ctrl-C sets cancel */
} xw_cli;

typedef struct xw_command {
    const char *name;
    const char *summary; /**< one line */
    const char *help;    /**< the whole --help text, ends with a newline */
    /** argv[0] is the command's name. @return the exit code; messages are already printed */
    int (*run)(xw_cli *cli, int argc, char **argv);
} xw_command;

/** Runs the program. @return the exit code */
int xw_cli_main(int argc, char **argv);

/* Helpers shared by the commands (src/cli/common.c). */

/** Prints "xiwang <command>: <text>" on stderr and returns the exit code of the status. */
int xw_cli_fail(const char *command, const xw_error *err);
/** Prints a usage error with a hint to --help and returns 2. */
int xw_cli_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int xw_cli_exit_code(xw_status s);
/** Whole decimal number in [lo, hi]; false if the text is anything else. */
bool xw_cli_int(const char *text, long long lo, long long hi, long long *out);
/** Finite decimal number with a point, whatever the locale. */
bool xw_cli_num(const char *text, double *out);
/** "LON,LAT" in degrees (or metres of a projected CRS). */
bool xw_cli_pair(const char *text, double *x, double *y);

#endif
