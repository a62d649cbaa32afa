/**
 * @file http.h
 * The HTTP service: requests in, responses out, over the revisions of one timeline.
 *
 * xw_http_handle() is the whole service without a socket: a pure function of the app, the timeline
 * and the request (the time of day is part of the request, and decides which revision is in force),
 * so that every route can be tested and fuzzed as plain bytes. xw_http_server puts libmicrohttpd in
 * front of it.
 *
 * Routes and parameters are listed by the service itself under /openapi.json. Errors are RFC 9457
 * problem documents that name the parameter and the value. Reads are open to every origin (CORS).
 * Threads: an app is internally locked, share it freely; a request and a response belong to one
 * thread.
 *
 * Layer: http.
 */
#ifndef XW_HTTP_H
#define XW_HTTP_H

#include "xiwang/address.h"
#include "xiwang/buf.h"
#include "xiwang/events.h"
#include "xiwang/nets.h"
#include "xiwang/timeline.h"

#include <stdio.h>

#define XW_HTTP_TARGET_MAX    8192               /**< bytes of path and query; longer is 414 */
#define XW_HTTP_BODY_MAX      ((size_t)16 << 20) /**< bytes of a request body; more is 413 */
#define XW_HTTP_LIMIT_MAX     10000              /**< features a page */
#define XW_HTTP_LIMIT_DEFAULT 100
#define XW_HTTP_POINTS_MAX    50000 /**< points of a POST /locate that is one JSON object */

typedef struct xw_http_app xw_http_app;

/**
 * @param timeline    borrowed; must outlive the app
 * @param public_url  base of all links ("https://grid.example.org/map", no slash at the end
 * needed); NULL: taken from a sane Host header, else from @p listen_url. XW_USAGE when it is no
 * http(s) URL
 * @param listen_url  the base to use when nothing better is known, may be NULL
 */
xw_status xw_http_app_create(xw_timeline *timeline, const char *public_url, const char *listen_url,
                             xw_http_app **out, xw_error *err);
void xw_http_app_destroy(xw_http_app *app);
/** Serves /events and /stream too. @p events is borrowed and outlives the app; before any request.
 */
void xw_http_app_set_events(xw_http_app *app, xw_events *events);

/** Answers /locate?q= too. @p addresses is borrowed and outlives the app; before any request. */
void xw_http_app_set_addresses(xw_http_app *app, xw_addresses *addresses);

/** Answers for other nets too: /locate by all of them, and what has the parameter net by the one it
 *  names. @p nets is borrowed, has the app's timeline as its main one and outlives the app; before
 *  any request. */
void xw_http_app_set_nets(xw_http_app *app, const xw_nets *nets);

/** A body that is taken in pieces, see xw_http_upload_begin(). */
typedef struct xw_http_upload xw_http_upload;

/** One request; every pointer is borrowed and may be NULL where a client sent nothing. */
typedef struct xw_http_request {
    const char *method; /**< "GET" */
    const char *target; /**< path and query as sent, still percent-encoded: "/locate?lon=1&lat=2" */
    const char *host;
    const char *accept;
    const char *accept_encoding;
    const char *if_none_match;
    const char *content_type;
    const char *content_encoding;
    xw_http_upload *upload; /**< the body was fed to this; NULL: it is in body */
    const char *idempotency_key, *last_event_id;
    const void *body;
    size_t body_size;
    int64_t now_unix; /**< seconds: what is in force, and timeStamp */
} xw_http_request;

#define XW_HTTP_HEADERS_MAX 16

typedef struct xw_http_header {
    const char *name;  /**< static */
    const char *value; /**< static, or owned */
    char *owned;       /**< by the response; NULL: value is static */
} xw_http_header;

struct xw__later;

typedef struct xw_http_response {
    struct xw__later *later; /**< not NULL: the answer waits for the disk, see xw_http_begin() */
    bool stream;             /**< the body is a stream of events, which the server sends */
    int64_t stream_after;    /**< id of the last event the client knows, -1: none */
    char stream_grid[40];    /**< only this subtree; "": all */
    int status;
    unsigned route;    /**< for xw_http_count() */
    bool gzipped;      /**< the body is gzip; the header is already there */
    const char *type;  /**< static; NULL: no content type */
    xw_buf body;       /**< owned */
    const void *fixed; /**< when not NULL the body is these borrowed bytes, which outlive all */
    size_t fixed_size;
    int fd; /**< when not -1 the body is in this file, from its beginning; owned */
    uint64_t fd_size;
    xw_http_header headers[XW_HTTP_HEADERS_MAX];
    unsigned n_headers;
} xw_http_response;

/** Answers a request. Always fills @p rs (500 when memory runs out); finish it afterwards. */
void xw_http_handle(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs);
/** The same without waiting for the disk. When rs->later is set afterwards: xw_http_later_start(),
 *  and when @p wake was called (from another thread) xw_http_end() completes the response. */
void xw_http_begin(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs);
void xw_http_later_start(xw_http_response *rs, void (*wake)(void *user), void *user);
void xw_http_end(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs);
void xw_http_response_finish(xw_http_response *rs);
/** Value of a header of the response, or NULL. */
const char *xw_http_response_header(const xw_http_response *rs, const char *name);
/** Takes the body of POST /locate while it comes in: feed the pieces, then answer the request with
 *  the upload in it, then destroy it. Bodies of any size cost the same memory; large answers wait
 * in an unlinked file below TMPDIR (or /var/tmp).
 *  @param stream  true: this request takes its body in no other way. Then NULL says that the
 *                 request is refused whatever the body is: throw it away and answer without one */
xw_http_upload *xw_http_upload_begin(xw_http_app *app, const xw_http_request *rq, bool *stream);
/** A failure is kept for the answer; nothing needs to be fed after it. */
void xw_http_upload_feed(xw_http_upload *u, const void *bytes, size_t n);
void xw_http_upload_destroy(xw_http_upload *u);
/** A problem document for errors that happen before there is a request (413 in an upload). */
void xw_http_problem(xw_http_response *rs, int status, const char *detail);
/** Adds the time that a request took to the metrics. */
void xw_http_count(xw_http_app *app, const xw_http_response *rs, uint64_t nanoseconds);

typedef struct xw_http_server xw_http_server;

typedef struct xw_http_listen {
    const char *address; /**< "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0"; port 0: any free port */
    unsigned threads;    /**< 0 counts as 1 */
    FILE *log;           /**< one line a request; NULL: none; borrowed */
} xw_http_listen;

/** A listening socket that is not yet served. XW_USAGE for an address that cannot be read, XW_IO
 * when the port is taken or forbidden (the text names it). */
xw_status xw_http_bind(const char *address, int *fd, unsigned *port, char url[128], xw_error *err);

/** Serves @p app on @p fd (taken, also on failure) until stopped. */
xw_status xw_http_server_start(xw_http_app *app, int fd, const xw_http_listen *how,
                               xw_http_server **out, xw_error *err);
/** Finishes running requests, then frees the server; NULL is fine. */
void xw_http_server_stop(xw_http_server *server);

/** One embedded file of the page. */
typedef struct xw_http_asset {
    const char *path; /**< "/index.html" */
    const char *type;
    const char *etag; /**< without quotes */
    const unsigned char *bytes;
    size_t size;     /**< of bytes */
    size_t raw_size; /**< uncompressed */
    bool gzipped;
} xw_http_asset;

#endif
