/* /locate: who is responsible here? */
#include "internal.h"

#include "xiwang/answer.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWERS_MAX = 256 << 20 };

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
    if (!read_coordinate(cx, "lon", &q->x, rs) || !read_coordinate(cx, "lat", &q->y, rs) ||
        !read_common(cx, q, rs)) {
        return;
    }
    if (xw_answer_locate(cx->pin.snapshot, q, &a, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    atomic_fetch_add_explicit(&cx->app->points_located, 1, memory_order_relaxed);
    xw_json j = xw__json_body(rs, "application/json", 1 << 20);
    xw_answer_json(cx->pin.snapshot, &a, cx->pin.revision->valid_until, &j);
}

void xw__get_locate(xw__cx *cx, xw_http_response *rs)
{
    xw_crs *crs;
    if (!open_crs(cx, &crs, rs)) return;
    xw_query q = {.crs = crs};
    one(cx, &q, rs);
    xw_crs_destroy(crs);
}

static void many(xw__cx *cx, const xw_query *common, const xw__point *points, size_t n,
                 xw_http_response *rs)
{
    xw_json j = xw__json_body(rs, "application/json", ANSWERS_MAX);
    xw_json_open(&j, '[');
    for (size_t i = 0; i < n && !rs->body.failed; i++) {
        xw_query q = *common;
        xw_answer a;
        xw_error err;
        q.x = points[i].x;
        q.y = points[i].y;
        if (points[i].has_accuracy) q.accuracy_m = points[i].accuracy_m;
        if (points[i].has_floor) {
            q.has_floor = true;
            q.floor = points[i].floor;
        }
        const xw_status st = xw_answer_locate(cx->pin.snapshot, &q, &a, &err);
        if (st) {
            (void)xw_fail_within(&err, st, "point %zu", i);
            xw__problem_of(rs, &err);
            return;
        }
        xw_answer_json(cx->pin.snapshot, &a, cx->pin.revision->valid_until, &j);
    }
    xw_json_close(&j, ']');
    atomic_fetch_add_explicit(&cx->app->points_located, n, memory_order_relaxed);
}

void xw__post_locate(xw__cx *cx, xw_http_response *rs)
{
    xw_query q = {0};
    xw__point *points = NULL;
    size_t n;
    xw_error err;
    xw_crs *crs = NULL;
    const char *type = cx->rq->content_type;
    /* curl says a form where nothing is said: it is read as JSON too */
    if (type && !strstr(type, "json") && !strstr(type, "x-www-form-urlencoded")) {
        xw__problem(rs, 415, "the body is \"%s\", application/json is read here", type);
        return;
    }
    if (xw__param_get(cx, "lon") || xw__param_get(cx, "lat")) {
        xw__problem(rs, 400,
                    "parameters \"lon\" and \"lat\" belong to GET, a POST has its points in "
                    "the body");
        return;
    }
    if (!read_common(cx, &q, rs) || !open_crs(cx, &crs, rs)) return;
    q.crs = crs;
    if (xw__points_parse(cx->rq->body, cx->rq->body_size, &points, &n, &err)) {
        xw__problem_of(rs, &err);
    } else {
        many(cx, &q, points, n, rs);
    }
    free(points);
    xw_crs_destroy(crs);
}
