/* xiwang locate --address. */
#ifndef XW_CLI_LOCATE_ADDRESS_H
#define XW_CLI_LOCATE_ADDRESS_H

#include "xiwang/address.h"
#include "xiwang/timeline.h"

typedef struct locate_address {
    const char *store, *text;
    const xw_query *query;
    bool has_point, json;
    unsigned fields; /* of the JSON answer */
    const xw_job *job;
} locate_address;

/* Prints what was found, and with json the answer. @p named: somebody is, in @p out. */
xw_status xw__locate_address(xw_timeline *t, const xw_pin *pin, const locate_address *how,
                             xw_answer *out, bool *named, xw_error *err);

#endif
