/* From a request to a handler and back: the table of routes, methods, conditions, headers. */
#include "internal.h"
#include "xiwang/digits.h"
#include "xiwang/fnv.h"

#include <stdlib.h>
#include <string.h>

#define JSON  "application/json"
#define ITEMS "f limit offset cursor bbox bbox-crs crs datetime revision"

/* /openapi.json is made from this table, so a route cannot be missing there. */
static const xw__route routes[] = {
    {"/", xw__get_root, NULL, NULL, XW__PERHAPS, JSON,
     "The map page for browsers, else the landing page"},
    {"/healthz", xw__get_healthz, NULL, "", 0, "text/plain", "Is the process alive?"},
    {"/readyz", xw__get_readyz, NULL, "", XW__PERHAPS, JSON, "Is a revision in force and served?"},
    {"/metrics", xw__get_metrics, NULL, "", XW__PERHAPS, "text/plain",
     "Counters in the Prometheus format"},
    {"/openapi.json", xw__get_openapi, NULL, "f", XW__SNAPSHOT | XW__ANY,
     "application/vnd.oai.openapi+json;version=3.0", "This description"},
    {"/api", xw__get_openapi, NULL, "f", XW__SNAPSHOT | XW__ANY | XW__HIDDEN,
     "application/vnd.oai.openapi+json;version=3.0", "This description"},
    {"/conformance", xw__get_conformance, NULL, "f", XW__SNAPSHOT | XW__ANY | XW__JSON_ONLY, JSON,
     "Conformance classes of OGC API Features"},
    {"/collections", xw__get_collections, NULL, "f datetime revision", XW__SNAPSHOT | XW__JSON_ONLY,
     JSON, "All feature collections"},
    {"/collections/{collectionId}", xw__get_collection, NULL, "f datetime revision",
     XW__SNAPSHOT | XW__JSON_ONLY, JSON, "One feature collection"},
    {"/collections/{collectionId}/items", xw__get_items, NULL, ITEMS,
     XW__SNAPSHOT | XW__JSON_ONLY | XW__COLUMNS, XW__TYPE_GEOJSON,
     "Features, page by page in a fixed order"},
    {"/collections/{collectionId}/items/{featureId}", xw__get_item, NULL, "f crs datetime revision",
     XW__SNAPSHOT | XW__JSON_ONLY, XW__TYPE_GEOJSON, "One feature"},
    {"/revisions", xw__get_revisions, NULL, "f net", XW__JSON_ONLY, JSON,
     "All revisions: past, in force, scheduled"},
    {"/tiles.json", xw__get_tilejson, NULL, "f time revision", XW__SNAPSHOT | XW__JSON_ONLY, JSON,
     "TileJSON of the vector tiles"},
    {"/tiles/{revision}/{z}/{x}/{y}.mvt", xw__get_tile, NULL, "", XW__SNAPSHOT | XW__TILE,
     "application/vnd.mapbox-vector-tile", "One vector tile"},
    {"/locate", xw__get_locate, xw__post_locate,
     "f lon lat q crs accuracy floor snap nearest custody answer fields net time revision",
     XW__SNAPSHOT | XW__JSON_ONLY, JSON,
     "Which grids own a point or an address (POST: many points)"},
    {"/locate/grids", xw__get_locate_grids, NULL, "f net time revision",
     XW__SNAPSHOT | XW__JSON_ONLY, JSON,
     "The grids by the numbers that the binary form of POST /locate answers"},
    {"/grids/{code}", xw__get_grid, NULL, "f net time revision", XW__SNAPSHOT | XW__JSON_ONLY, JSON,
     "The card of a grid: its facts, parents and children"},
    {"/search", xw__get_search, NULL, "f q limit net time revision", XW__SNAPSHOT | XW__JSON_ONLY,
     JSON, "Addresses, buildings, divisions and grids by a piece of their text"},
    {"/events", xw__get_events, xw__post_events, "f grid category status from to bbox limit cursor",
     XW__JSON_ONLY | XW__PERHAPS, JSON,
     "Events by grid, category, status, time and place (POST: one or many as NDJSON)"},
    {"/events/{eventId}", xw__get_event, NULL, "f", XW__JSON_ONLY, JSON, "One event"},
    {"/stream", xw__get_stream, NULL, "grid after", 0, "text/event-stream",
     "Events as they come, resumable with Last-Event-ID"},
    {"/style.json", xw__get_style, NULL, "f", XW__SNAPSHOT | XW__ANY, JSON,
     "MapLibre style of the map"},
};
enum { N_ROUTES = sizeof routes / sizeof *routes, ROUTE_ASSET = N_ROUTES, ROUTE_NONE };
_Static_assert((int)ROUTE_NONE < (int)XW__ROUTES_MAX, "counters for every route");

const xw__route *xw__routes(size_t *n)
{
    *n = N_ROUTES;
    return routes;
}

const char *xw__route_name(unsigned route)
{
    return route < N_ROUTES ? routes[route].pattern : route == ROUTE_ASSET ? "asset" : "none";
}

/* Matches segment by segment; captured segments are copied behind each other to @p room. */
static bool match(const char *pattern, const char *path, const char **args, char *room)
{
    unsigned n = 0;
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++) return false;
            continue;
        }
        pattern = strchr(pattern, '}') + 1;
        const size_t tail_n = strcspn(pattern, "/"); /* what follows the name: ".mvt" */
        size_t k = strcspn(path, "/");
        if (k <= tail_n || memcmp(path + k - tail_n, pattern, tail_n) != 0 || n == XW__PATH_MAX) {
            return false;
        }
        args[n++] = room;
        memcpy(room, path, k - tail_n);
        room[k - tail_n] = '\0';
        room += k - tail_n + 1;
        pattern += tail_n;
        path += k;
    }
    return *path == '\0';
}

static unsigned find_route(xw__cx *cx)
{
    for (unsigned i = 0; i < N_ROUTES; i++) {
        if (match(routes[i].pattern, cx->path, cx->args, cx->room)) return i;
    }
    return ROUTE_NONE;
}

/* @p is_read: a GET, whose answer has the type of the route. */
static bool check_params(const xw__cx *cx, const xw__route *r, bool is_read, xw_http_response *rs)
{
    if (!r->params) return true;
    const char *f = xw__is_word_of(r->params, "f") ? xw__param_get(cx, "f") : NULL;
    if (f && strcmp(f, "json") != 0 && strcmp(f, "geojson") != 0) {
        xw__problem(rs, 400, "parameter \"f\" is \"%s\", only \"json\" is offered here", f);
        return false;
    }
    for (unsigned i = 0; i < cx->n_params && !(r->flags & XW__COLUMNS); i++) {
        if (xw__is_word_of(r->params, cx->params[i].name)) continue;
        xw__problem(rs, 400, "parameter \"%s\" is unknown here%s%s", cx->params[i].name,
                    *r->params ? ", known are: " : "", r->params);
        return false;
    }
    const char *accept = cx->rq->accept;
    if (is_read && r->flags & XW__JSON_ONLY && !f && !xw__accepts(accept, JSON) &&
        !xw__accepts(accept, r->type) && !xw__accepts(accept, "text/html")) {
        xw__problem(rs, 406, "this is offered as %s, the request accepts \"%s\"", r->type, accept);
        return false;
    }
    return true;
}

/* One tag for one URL on one revision and program: links depend on the host, texts on the version,
 * and an answer says until when it is valid. */
static void make_etag(const xw__cx *cx, char etag[64])
{
    char scratch[300];
    const char *parts[] = {xw__base_url(cx, scratch), cx->rq->target, XW_VERSION};
    uint64_t h = XW_FNV;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) h = xw_fnv_text(h, parts[i]);
    h = (h ^ (uint64_t)cx->pin.revision->valid_until) * UINT64_C(1099511628211);
    const char *digest = xw_snapshot_digest(cx->pin.snapshot);
    const size_t n = strlen(digest); /* 16 */
    memcpy(etag, "W/\"", 3);
    memcpy(etag + 3, digest, n);
    etag[3 + n] = '-';
    xw_digits_hex16(etag + 4 + n, h);
    memcpy(etag + 20 + n, "\"", 2);
}

static void run_get(xw__cx *cx, const xw__route *r, xw_http_response *rs)
{
    if (!check_params(cx, r, true, rs) || !xw__pin_revision(cx, r, rs)) return;
    if (!(r->flags & XW__SNAPSHOT)) {
        r->get(cx, rs);
        return;
    }
    if (r->get == xw__get_locate && xw__asks_all_nets(cx)) { /* of several snapshots: no tag */
        r->get(cx, rs);
        if (rs->status == 200) xw__header_fixed(rs, "Cache-Control", "no-cache");
        return;
    }
    char etag[64];
    make_etag(cx, etag);
    if (xw__etag_matches(cx->rq->if_none_match, etag)) {
        rs->status = 304;
    } else {
        r->get(cx, rs);
    }
    if (rs->status == 200 || rs->status == 204 || rs->status == 304) {
        xw__header_text(rs, "ETag", etag);
        xw__header_fixed(rs, "Cache-Control",
                         r->flags & XW__TILE ? xw__tile_cache_control(cx) : "no-cache");
    }
}

static void allow(xw_http_response *rs, const char *name, const xw__route *r)
{
    xw__header(rs, name, "%sOPTIONS%s", r->get ? "GET, HEAD, " : "", r->post ? ", POST" : "");
}

static void dispatch(xw__cx *cx, const xw__route *r, xw_http_response *rs)
{
    const char *method = cx->rq->method ? cx->rq->method : "";
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        run_get(cx, r, rs);
    } else if (strcmp(method, "POST") == 0 && r->post) {
        /* an upload has its revision from when it began */
        if (check_params(cx, r, false, rs) && (cx->rq->upload || xw__pin_revision(cx, r, rs))) {
            r->post(cx, rs);
        }
    } else if (strcmp(method, "OPTIONS") == 0) {
        rs->status = 204;
        allow(rs, "Allow", r);
        allow(rs, "Access-Control-Allow-Methods", r);
        xw__header_fixed(
            rs, "Access-Control-Allow-Headers",
            "Content-Type, Content-Encoding, If-None-Match, Idempotency-Key, Last-Event-ID");
        xw__header_fixed(rs, "Access-Control-Max-Age", "86400");
    } else {
        xw__problem(rs, 405, "method \"%.32s\" is not offered for %s", method, r->pattern);
        allow(rs, "Allow", r);
    }
}

static void get_asset(xw__cx *cx, xw_http_response *rs)
{
    /* the page's build puts a hash of the content into every name below /assets/ */
    const bool hashed = strncmp(cx->path, "/assets/", 8) == 0;
    xw__asset_send(cx, xw__asset_find(cx->path),
                   hashed ? "public, max-age=31536000, immutable" : "no-cache", rs);
}

xw_http_upload *xw_http_upload_begin(xw_http_app *app, const xw_http_request *rq, bool *stream)
{
    xw__cx cx = {.app = app, .rq = rq};
    xw_http_response refused;
    xw_http_upload *u = NULL;
    *stream = false;
    if (!rq->method || strcmp(rq->method, "POST") != 0) return NULL;
    xw__response_init(&refused);
    if (xw__request_parse(&cx, &refused)) {
        const unsigned route = find_route(&cx);
        *stream = route != ROUTE_NONE && routes[route].post == xw__post_locate;
        if (*stream && check_params(&cx, &routes[route], false, &refused) &&
            xw__pin_revision(&cx, &routes[route], &refused)) {
            u = xw__locate_upload(&cx, &refused);
        }
    }
    xw_http_response_finish(&refused);
    xw_pin_release(&cx.pin);
    free(cx.memory);
    return u;
}

/* What every response gets at last. */
static void complete(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs)
{
    if (!rs->stream) xw__response_seal(app, rq, rs);
    if (rs->body.n == 0 && !rs->fixed && rs->fd < 0 && !rs->stream) rs->type = NULL;
    xw__header_fixed(rs, "Vary", "Accept, Accept-Encoding");
    xw__header_fixed(rs, "X-Content-Type-Options", "nosniff");
    xw__header_fixed(rs, "Access-Control-Allow-Origin", "*");
    xw__header_fixed(rs, "Access-Control-Expose-Headers",
                     "ETag, Link, Location, Xiwang-Points, Xiwang-Errors");
    xw__counter *c = &app->counters[rs->route];
    atomic_fetch_add_explicit(&c->by_code[xw__code_slot(rs->status)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->bytes, xw__response_size(rs), memory_order_relaxed);
}

void xw_http_begin(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs)
{
    static const xw__route asset = {"a file of the page", get_asset, NULL, NULL, 0, NULL, NULL};
    xw__cx cx = {.app = app, .rq = rq};
    xw__response_init(rs);
    rs->route = ROUTE_NONE;
    if (xw__request_parse(&cx, rs)) {
        rs->route = find_route(&cx);
        if (rs->route == ROUTE_NONE && xw__asset_find(cx.path)) rs->route = ROUTE_ASSET;
        if (rs->route == ROUTE_NONE) {
            xw__problem(rs, 404, "there is nothing at %s, see /openapi.json", cx.path);
        } else {
            dispatch(&cx, rs->route == ROUTE_ASSET ? &asset : &routes[rs->route], rs);
        }
    }
    free(cx.memory);
    xw_pin_release(&cx.pin);
    if (!rs->later) complete(app, rq, rs);
}

void xw_http_end(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs)
{
    xw__later_end(rs);
    complete(app, rq, rs);
}

void xw_http_handle(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs)
{
    xw_http_begin(app, rq, rs);
    if (!rs->later) return;
    xw__later_wait(rs);
    xw_http_end(app, rq, rs);
}
