/* The service over the toy model without a socket: one snapshot in a temporary folder. */
#ifndef XW_TEST_SERVICE_H
#define XW_TEST_SERVICE_H

#include "support/test.h"

#include "xiwang/http.h"

#include <jansson.h>

/* Group set-up and tear-down for cmocka. */
int service_start(void **state);
int service_stop(void **state);

extern xw_http_app *service;
extern xw_timeline *service_timeline;
extern const xw_snapshot *service_snapshot; /* its one revision */

/* The time of requests that say none: half a year after the toy model takes effect. */
#define SERVICE_NOW INT64_C(1782864000)

/* A target of every route that answers 200; NULL ends it. */
extern const char *const every_route[];

/* Answers GET target as JSON lovers ask it; the caller finishes the response. */
xw_http_response ask(const char *target);
/* The same with everything said. */
xw_http_response ask_with(xw_http_request rq);
/* Asks, insists on a status, and gives the parsed body (owned by the caller; NULL when empty). */
json_t *ask_json(const char *target, int status);
/* Path and query of an absolute link of ours. */
const char *path_of(const char *href);
/* href of the link with that rel, or NULL. */
const char *link_of(const json_t *doc, const char *rel);

#endif
