/* xiwang events import. */
#ifndef XW_CLI_EVENTS_IMPORT_H
#define XW_CLI_EVENTS_IMPORT_H

#include "events_map.h"

#include "xiwang/job.h"

typedef struct events_import {
    const char *store, *file, *events, *report; /* report may be NULL */
    bool by_time;        /* the revision in force at the time of the event, not now */
    bool find_addresses; /* rows without coordinates are looked for by their address */
    bool dry, json;
    events_map map;
    const xw_job *job;
} events_import;

/* @p some_bad: rows were refused */
xw_status xw__events_import(events_import *im, bool *some_bad, xw_error *err);

#endif
