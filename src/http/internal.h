/* What the files of the HTTP layer share: the context of a request, responses, parameters. */
#ifndef XW_HTTP_INTERNAL_H
#define XW_HTTP_INTERNAL_H

#include "xiwang/answer.h"
#include "xiwang/http.h"
#include "xiwang/json.h"
#include "xiwang/table.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    XW__QUERY_MAX = 48, /* parameters of one request */
    XW__PATH_MAX = 4,   /* captured path segments */
    XW__ROUTES_MAX = 32,
    XW__CODES = 20,           /* statuses that are counted apart */
    XW__PRESSES_MAX = 64,     /* compressors kept for reuse */
    XW__ACCURACY_MAX = 10000, /* metres; who knows less does not ask for a house */
    XW__FLOOR_MAX = 1000,
};

struct libdeflate_compressor;

typedef struct xw__counter {
    atomic_ullong by_code[XW__CODES];
    atomic_ullong n, nanoseconds, bytes;
} xw__counter;

struct xw_http_app {
    xw_timeline *timeline;
    char *public_url; /* without a slash at the end, or NULL */
    char *listen_url;
    xw_events *events;       /* or NULL */
    xw_addresses *addresses; /* or NULL */
    const xw_nets *nets;     /* or NULL */
    atomic_ullong tiles_drawn, tiles_empty, points_located;
    xw__counter counters[XW__ROUTES_MAX];
    pthread_mutex_t lock; /* of presses */
    struct libdeflate_compressor *presses[XW__PRESSES_MAX];
    unsigned n_presses;
};

typedef struct xw__param {
    const char *name, *value;
} xw__param;

/* A request with its path and query taken apart. */
typedef struct xw__cx {
    xw_http_app *app;
    xw_pin pin;            /* the revision that answers; zeroed where the route needs none */
    xw_timeline *timeline; /* of the net that answers; set with the pin */
    int64_t at;            /* the time that was asked for, or now */
    const xw_model *m;     /* its model */
    const xw_http_request *rq;
    const char *path;  /* decoded */
    const char *query; /* as sent, without '?'; "" when there is none */
    const char *args[XW__PATH_MAX];
    xw__param params[XW__QUERY_MAX];
    unsigned n_params;
    char *memory; /* the decoded texts */
    char *room;   /* in memory: for the captured segments */
} xw__cx;

typedef void xw__handler(xw__cx *cx, xw_http_response *rs);

typedef struct xw__route {
    const char *pattern; /* "/collections/{collectionId}/items" */
    xw__handler *get, *post;
    const char *params; /* allowed query parameters, parted by spaces; NULL: any */
    unsigned flags;
    const char *type; /* media type of the answer, for /openapi.json */
    const char *summary;
} xw__route;

enum {
    XW__SNAPSHOT = 1,  /* the answer depends on the snapshot and the URL only: ETag and 304 */
    XW__COLUMNS = 2,   /* columns of the collection are parameters too: the handler checks them */
    XW__JSON_ONLY = 4, /* 406 unless the client takes JSON */
    XW__HIDDEN = 8,    /* an alias that /openapi.json does not list */
    XW__TILE = 16,     /* its Cache-Control depends on the revision in the path */
    XW__ANY = 32,      /* with XW__SNAPSHOT: the newest revision speaks when none is in force yet */
    XW__PERHAPS = 64,  /* tells the revision in force, and answers without one too */
};

const xw__route *xw__routes(size_t *n);
const char *xw__route_name(unsigned route); /* never NULL */
const char *xw__tile_cache_control(const xw__cx *cx);

/* request.c: the texts of a request */
bool xw__request_parse(xw__cx *cx, xw_http_response *rs);
const char *xw__param_get(const xw__cx *cx, const char *name);
/* How much the client wants a media type, 0 (not at all) to 1000. */
int xw__accepts(const char *accept, const char *type);
bool xw__accepts_gzip(const char *accept_encoding);
/* Is the word one of a list that is parted by spaces? */
bool xw__is_word_of(const char *list, const char *word);
/* Numbers of the outside: the whole text or nothing, independent of the locale. */
bool xw__parse_num(const char *text, double *out);
bool xw__parse_int(const char *text, int64_t lo, int64_t hi, int64_t *out);
/* Parameter in [lo, hi]; @p fallback when absent. false: a problem was written. */
bool xw__param_int(const xw__cx *cx, const char *name, int64_t lo, int64_t hi, int64_t fallback,
                   int64_t *out, xw_http_response *rs);
bool xw__param_num(const xw__cx *cx, const char *name, double lo, double hi, double fallback,
                   double *out, xw_http_response *rs);
/* Scheme, host and prefix of all links, without a slash at the end. */
const char *xw__base_url(const xw__cx *cx, char scratch[300]);
bool xw__host_is_sane(const char *host);
/* An RFC 3339 time or date, or an interval "a/b" of them where one end may be ".." or empty. @p at
 * is the time whose map is meant: the end of an interval, now when that is open, but not before its
 * start. */
bool xw__datetime_parse(const char *datetime, int64_t now, int64_t *at);

/* revision.c: which revision answers. Pins what the path, revision=, time= or datetime= says, else
 * the one in force now; false: a problem was written. The pin is released by the router. */
bool xw__pin_revision(xw__cx *cx, const xw__route *r, xw_http_response *rs);
/* The timeline of the net that the parameter net names, else the main one; NULL: a problem was
 * written. */
xw_timeline *xw__net_timeline(const xw__cx *cx, xw_http_response *rs);
/* Does the request ask for all nets, and are there several? */
bool xw__asks_all_nets(const xw__cx *cx);
/* Puts net and nets, the answers of the others, behind the last member of the answer in the body.
 * False: a problem was written. */
bool xw__put_nets(const xw__cx *cx, const xw_answer *a, const xw_query *q, unsigned fields,
                  xw_http_response *rs);
/* The members revision, effective, valid_until, published and digest of the pinned one. */
void xw__revision_json(const xw__cx *cx, xw_json *j);

/* response.c */
void xw__response_init(xw_http_response *rs);
uint64_t xw__response_size(const xw_http_response *rs);
void xw__header(xw_http_response *rs, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a value that is a literal, and for one that is there. */
void xw__header_fixed(xw_http_response *rs, const char *name, const char *value);
void xw__header_text(xw_http_response *rs, const char *name, const char *value);
/* Replaces whatever is in the response by a problem document. */
void xw__problem(xw_http_response *rs, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The problem of a failed call of a lower layer. */
void xw__problem_of(xw_http_response *rs, const xw_error *err);
/* Begins a JSON body with a ceiling. */
xw_json xw__json_body(xw_http_response *rs, const char *type, size_t ceiling);
/* Checks the body for a failure and compresses it where the client wants that. */
void xw__response_seal(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs);
bool xw__etag_matches(const char *if_none_match, const char *etag);
const char *xw__status_title(int status);

/* [west,south,east,north] in degrees. */
void xw__box_json(xw_json *j, xw_box b);
/* One link object {href, rel, type, title}; @p path is put behind the base. */
void xw__json_link(xw_json *j, const char *base, const char *path, const char *rel,
                   const char *type, const char *title);
/* Bytes that need care in a URL are percent-encoded. */
void xw__url_encode(xw_buf *b, const char *text);

/* collections.c: what can be asked as features */
typedef struct xw__collection {
    xw_table table;
    uint32_t level;         /* of grids, else XW_NONE */
    uint32_t first, n_rows; /* rows of the table */
    char id[64];
} xw__collection;
size_t xw__collections(const xw_model *m, xw__collection out[XW_TABLE_COUNT + XW_LEVELS_MAX]);
bool xw__collection_find(const xw_model *m, const char *id, xw__collection *out);
const char *xw__collection_title(const xw_model *m, const xw__collection *c, char scratch[200]);

/* feature_json.c */
#define XW__TYPE_GEOJSON "application/geo+json"
/* The feature without its closing brace, so that members can be added. */
void xw__feature_json(const xw_snapshot *s, const xw__collection *c, uint32_t row, xw_json *j);
void xw__properties_json(const xw_model *m, xw_table t, uint32_t row, xw_json *j);
void xw__geometry_json(const xw_snapshot *s, xw_table t, uint32_t row, xw_json *j);
void xw__value_json(const xw_value *v, xw_json *j);
/* Row of the collection by feature id, or XW_NONE. */
uint32_t xw__feature_find(const xw_model *m, const xw__collection *c, const char *fid);

/* feature_filter.c */
typedef struct xw__bbox {
    xw_box box[2]; /* two when it crosses the antimeridian */
    unsigned n;
} xw__bbox;
bool xw__bbox_parse(const char *text, xw__bbox *out, xw_error *err);
/* Does the geometry of the row meet the closed box? Exact. */
bool xw__feature_meets(const xw_snapshot *s, xw_table t, uint32_t row, xw_box box);

typedef struct xw__filter {
    bool has_bbox;
    xw__bbox bbox;
    struct {
        size_t col;
        const char *text;
        int64_t i;
        double r;
    } equals[XW__QUERY_MAX];
    unsigned n_equals;
} xw__filter;
/* Rows that pass, ascending; the array grows by xw_grow. */
xw_status xw__filter_rows(const xw_snapshot *s, const xw__collection *c, const xw__filter *f,
                          uint32_t **rows, size_t *n, size_t *cap, xw_error *err);

/* the handlers */
xw__handler xw__get_root, xw__get_healthz, xw__get_readyz, xw__get_metrics, xw__get_openapi,
    xw__get_conformance, xw__get_collections, xw__get_collection, xw__get_items, xw__get_item,
    xw__get_tilejson, xw__get_tile, xw__get_locate, xw__get_locate_grids, xw__post_locate,
    xw__get_grid, xw__get_search, xw__get_style, xw__get_revisions, xw__get_events, xw__post_events,
    xw__get_event, xw__get_stream;

/* events.c: the answers that wait for the disk */
void xw__later_wait(xw_http_response *rs);
void xw__later_end(xw_http_response *rs);
void xw__later_drop(xw_http_response *rs);

/* points.c: the points of a JSON body */
typedef struct xw__point {
    double x, y, accuracy_m;
    int64_t time;
    int floor;
    bool has_accuracy, has_floor, has_time;
} xw__point;
xw_status xw__points_parse(const void *body, size_t size, xw__point **out, size_t *n,
                           xw_error *err);
/* The points of one element of an array; @p first is the number of the first in messages. */
xw_status xw__points_of_element(const char *text, size_t size, uint64_t first, xw__point **out,
                                size_t *n, xw_error *err);
/* The same of a line, with its member "id" as JSON; "" when there is none. */
xw_status xw__points_of_line(const char *text, size_t size, xw__point **out, size_t *n, char *id,
                             size_t id_size, xw_error *err);
struct json_t;
xw_status xw__points_of_feature(struct json_t *feature, uint64_t first, xw__point **out, size_t *n,
                                xw_error *err);

/* upload.c: @p crs and the pin are taken. NULL: a problem was written */
xw_http_upload *xw__upload_open(xw__cx *cx, const xw_query *common, xw_crs *crs,
                                xw_http_response *rs);
void xw__upload_finish(xw_http_upload *u, xw_http_response *rs);
/* locate_address.c: GET /locate?q=…, with the parameters read; has_point: a coordinate too */
void xw__answer_address(xw__cx *cx, const xw_query *q, bool has_point, unsigned fields,
                        xw_http_response *rs);
/* locate.c: the parameter fields; all without it. False: a problem was written */
bool xw__read_fields(const xw__cx *cx, unsigned *out, xw_http_response *rs);
/* locate.c: from the parameters of a POST */
xw_http_upload *xw__locate_upload(xw__cx *cx, xw_http_response *rs);

/* assets.c */
const xw_http_asset *xw__asset_find(const char *path);
/* Appends the unpacked bytes; a damaged asset fails the buffer. */
void xw__asset_text(const xw_http_asset *a, xw_buf *out);
/* Sends an asset with its ETag; @p cache is its Cache-Control. */
void xw__asset_send(const xw__cx *cx, const xw_http_asset *a, const char *cache,
                    xw_http_response *rs);
/* The table that the build makes out of the page's files. */
extern const xw_http_asset xw__assets[];
extern const size_t xw__n_assets;

/* metrics.c */
int xw__code_slot(int status);
int xw__slot_code(int slot);
void xw__metrics_write(const xw__cx *cx, xw_buf *out);

#endif
