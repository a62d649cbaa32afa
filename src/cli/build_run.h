/* One store, from the sources to the snapshot: what `xiwang build` runs once, or once a part. */
#ifndef XW_CLI_BUILD_RUN_H
#define XW_CLI_BUILD_RUN_H

#include "build_part.h"
#include "config.h"
#include "report.h"
#include "xiwang/cli.h"

#include <stdio.h>

typedef struct xw__stage {
    const char *name;
    double seconds, cpu_seconds; /* by the clock; of all threads, user and system */
    long peak_mib;
} xw__stage;

enum { XW__STAGES_MAX = 8 };

typedef struct xw__build {
    xw_cli *cli;
    const char *command;       /* "build" or "rebuild": for messages */
    const char *before;        /* the store that is rebuilt, else NULL */
    const char *add, *removed; /* of a rebuild: buildings that come (SRC), ids of those that go */
    const xw_model *old;       /* of a rebuild: the revision before */
    xw_import_options in;
    const char *out, *config_path, *profile, *effective, *report_path;
    uint32_t effort;         /* per cent of the usual steps of the grids; 0: 100 */
    const char *only, *each; /* codes of divisions; a level or codes */
    const xw__part *part;    /* of the divisions to build, NULL: all */
    int64_t effective_unix;  /* set by xw__build_date */
    bool force, json;
    xw__config config;
    xw_import_counts counts;
    xw_import_change change; /* of add and removed */
    bool input_waits;        /* the input of the model is written, under another name still */
    xw_territory land;       /* empty again once the model is there */
    xw_model model;
    xw_carving carving; /* empty without exclusive areas */
    xw__report report;
    FILE *say; /* where people read: standard error when the report has standard output */
    xw__stage stages[XW__STAGES_MAX];
    size_t n_stages;
    int64_t started;   /* monotonic, microseconds */
    double cpu_before; /* of the process when the stage began */
} xw__build;

/* Reads when the revision takes effect: from now, unless a date is given. */
xw_status xw__build_date(xw__build *b, xw_error *err);
/* All stages. The model stays for reports. */
xw_status xw__build_run(xw__build *b, xw_error *err);
/* The findings' file of a build that ended with a status. @return the status, or what the file says
 */
xw_status xw__build_report(xw__build *b, xw_status st, xw_error *err);
/* Frees what a run leaves: land, model, report. */
void xw__build_clear(xw__build *b);

xw__findings xw__build_findings(const xw__build *b);
uint64_t xw__households_of(const xw_model *m);
size_t xw__divisions_with_land(const xw_model *m);
long xw__peak_mib(void);

/* The steps of a run, for who has another way between them. A stage ends: its time is noted. */
void xw__build_begin(xw__build *b);
void xw__build_stage(xw__build *b, const char *name);
/* Import and plots: the model but for the grids. */
xw_status xw__build_land(xw__build *b, xw_error *err);
/* build_input.c: fills the land from the input kept beside the store, and what is added and
 * removed. */
xw_status xw__build_changed(xw__build *b, xw_error *err);
/* Writes the land beside the store, under another name; gives it its own, or takes it away when st
 * is a failure, which it returns. */
xw_status xw__build_keep_input(xw__build *b, xw_error *err);
xw_status xw__build_end_input(xw__build *b, xw_status st, xw_error *err);
/* Dates the model (as revision 1 unless it has a number) and writes store and snapshot. */
xw_status xw__build_write(xw__build *b, xw_error *err);

/* build.c: the options of both commands, and what they ask for. @return the exit code */
int xw__build_command(xw_cli *cli, int argc, char **argv);
/* rebuild.c: all of `xiwang rebuild`, from the options on. @return the exit code's status */
xw_status xw__rebuild_store(xw__build *b, xw_error *err);

/* Builds one store a division into the folder b->out (build_each.c). */
xw_status xw__build_each(xw__build *b, xw_error *err);

#endif
