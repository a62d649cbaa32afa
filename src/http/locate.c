/* /locate: who is responsible here? */
#include "internal.h"

#include "xiwang/answer.h"

#include <string.h>

/* PROJ reads files and grids that a text names, so strangers may only say names that cannot: ours,
 * and codes of the EPSG register. @p name receives what xw_crs_create understands. */
static bool crs_name(const char *given, char name[48])
{
    static const char uri[] = "http://www.opengis.net/def/crs/EPSG/0/";
    static const char *const ours[] = {"wgs84", "cgcs2000", "gcj02", "bd09"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcmp(given, ours[i]) == 0) {
            (void)snprintf(name, 48, "%s", ours[i]);
            return true;
        }
    }
    if (strcmp(given, "OGC:CRS84") == 0 || strcmp(given, "CRS84") == 0 ||
        strcmp(given, "http://www.opengis.net/def/crs/OGC/1.3/CRS84") == 0) {
        (void)snprintf(name, 48, "wgs84");
        return true;
    }
    const char *code = strncmp(given, "EPSG:", 5) == 0            ? given + 5
                       : strncmp(given, uri, sizeof uri - 1) == 0 ? given + sizeof uri - 1
                                                                  : "";
    int64_t v;
    if (*code < '0' || *code > '9' || !xw__parse_int(code, 1, 999999, &v)) return false;
    (void)snprintf(name, 48, "EPSG:%d", (int)v);
    return true;
}

/* NULL with a true result means longitude and latitude. */
static bool open_crs(const xw__cx *cx, xw_crs **out, xw_http_response *rs)
{
    char name[48];
    xw_error err;
    const char *given = xw__param_get(cx, "crs");
    *out = NULL;
    if (!given) return true;
    if (!crs_name(given, name)) {
        xw__problem(rs, 400,
                    "parameter \"crs\" is \"%s\", known are wgs84, cgcs2000, gcj02, bd09, "
                    "OGC:CRS84 and EPSG:n",
                    given);
        return false;
    }
    if (xw_crs_create(name, out, &err)) {
        xw__problem(rs, err.status == XW_NOMEM ? 500 : 400, "parameter \"crs\" is \"%s\": %s",
                    given, err.text);
        return false;
    }
    return true;
}

static bool read_custody(const xw__cx *cx, bool *out, xw_http_response *rs)
{
    const char *text = xw__param_get(cx, "custody");
    *out = text && strcmp(text, "true") == 0;
    if (!text || *out || strcmp(text, "false") == 0) return true;
    xw__problem(rs, 400, "parameter \"custody\" is \"%s\", true or false is needed", text);
    return false;
}

bool xw__read_fields(const xw__cx *cx, unsigned *out, xw_http_response *rs)
{
    xw_error err;
    const char *text = xw__param_get(cx, "fields");
    *out = XW_ANSWER_ALL;
    if (!text || xw_answer_fields(text, out, &err) == XW_OK) return true;
    xw__problem(rs, 400, "parameter \"fields\": %s", err.text);
    return false;
}

/* What the parameters say for every point of the request. */
static bool read_common(const xw__cx *cx, xw_query *q, xw_http_response *rs)
{
    int64_t level;
    if (!xw__param_num(cx, "accuracy", 0, XW__ACCURACY_MAX, 0, &q->accuracy_m, rs) ||
        !xw__param_num(cx, "snap", 0, XW_SNAP_MAX_M, 0, &q->snap_m, rs) ||
        !xw__param_num(cx, "nearest", 0, XW_NEAREST_MAX_M, 0, &q->nearest_m, rs) ||
        !read_custody(cx, &q->custody, rs) ||
        !xw__param_int(cx, "floor", -XW__FLOOR_MAX, XW__FLOOR_MAX, 0, &level, rs)) {
        return false;
    }
    q->has_floor = xw__param_get(cx, "floor") != NULL;
    q->floor = (int)level;
    return true;
}

static bool read_coordinate(const xw__cx *cx, const char *name, double *out, xw_http_response *rs)
{
    const char *text = xw__param_get(cx, name);
    if (!text) {
        xw__problem(rs, 400, "parameter \"%s\" is missing: /locate?lon=…&lat=…", name);
        return false;
    }
    if (!xw__parse_num(text, out)) {
        xw__problem(rs, 400, "parameter \"%s\" is \"%s\", a number is needed", name, text);
        return false;
    }
    return true;
}

static void one(xw__cx *cx, xw_query *q, xw_http_response *rs)
{
    xw_answer a;
    xw_error err;
    unsigned fields;
    const bool address = xw__param_get(cx, "q") != NULL;
    const bool point = !address || xw__param_get(cx, "lon") || xw__param_get(cx, "lat");
    if ((point &&
         (!read_coordinate(cx, "lon", &q->x, rs) || !read_coordinate(cx, "lat", &q->y, rs))) ||
        !read_common(cx, q, rs) || !xw__read_fields(cx, &fields, rs)) {
        return;
    }
    if (address) {
        xw__answer_address(cx, q, point, fields, rs);
        return;
    }
    if (xw_answer_locate(cx->pin.snapshot, q, &a, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    atomic_fetch_add_explicit(&cx->app->points_located, 1, memory_order_relaxed);
    xw_json j = xw__json_body(rs, "application/json", 1 << 20);
    xw_answer_json_some(cx->pin.snapshot, &a, cx->pin.revision->valid_until, fields, &j);
    (void)xw__put_nets(cx, &a, q, fields, rs);
}

void xw__get_locate(xw__cx *cx, xw_http_response *rs)
{
    xw_crs *crs;
    if (xw__param_get(cx, "answer")) {
        xw__problem(rs, 400, "parameter \"answer\" belongs to POST");
        return;
    }
    if (!open_crs(cx, &crs, rs)) return;
    xw_query q = {.crs = crs};
    one(cx, &q, rs);
    xw_crs_destroy(crs);
}

xw_http_upload *xw__locate_upload(xw__cx *cx, xw_http_response *rs)
{
    xw_query q = {0};
    xw_crs *crs;
    if (xw__param_get(cx, "lon") || xw__param_get(cx, "lat") || xw__param_get(cx, "q")) {
        xw__problem(rs, 400,
                    "parameters \"lon\", \"lat\" and \"q\" belong to GET, a POST has its points "
                    "in the body");
        return NULL;
    }
    if (!read_common(cx, &q, rs) || !open_crs(cx, &crs, rs)) return NULL;
    q.crs = crs;
    return xw__upload_open(cx, &q, crs, rs);
}

void xw__post_locate(xw__cx *cx, xw_http_response *rs)
{
    xw_http_upload *u = cx->rq->upload;
    if (!u) {
        u = xw__locate_upload(cx, rs);
        if (!u) return;
        xw_http_upload_feed(u, cx->rq->body, cx->rq->body_size);
    }
    xw__upload_finish(u, rs);
    if (u != cx->rq->upload) xw_http_upload_destroy(u);
}
