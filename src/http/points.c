/* The points of a POST /locate: [[lon,lat],…], [{"lon":…,"lat":…},…], or GeoJSON points. */
#include "internal.h"

#include "xiwang/when.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    xw__point *points;
    size_t n, cap;
    uint64_t first; /* number of the first one, for people */
    xw_error *err;
} reader;

static unsigned long long number_of(const reader *r) { return r->first + r->n; }

/* jansson makes a tree of some 100 bytes a value. What could become many more values than the
 * points that are allowed is refused before it grows. */
static xw_status check_size(const char *body, size_t size, xw_error *err)
{
    size_t opens = 0, commas = 0;
    for (size_t i = 0; i < size; i++) {
        opens += body[i] == '[' || body[i] == '{';
        commas += body[i] == ',';
    }
    if (opens > (size_t)XW_HTTP_POINTS_MAX * 5 || commas > (size_t)XW_HTTP_POINTS_MAX * 30) {
        return xw_fail(err, XW_LIMIT, "the body has more than %d points", XW_HTTP_POINTS_MAX);
    }
    return XW_OK;
}

static xw_status add(reader *r, const xw__point *p)
{
    if (r->n == XW_HTTP_POINTS_MAX) {
        return xw_fail(r->err, XW_LIMIT, "the body has more than %d points", XW_HTTP_POINTS_MAX);
    }
    if (!xw_grow((void **)&r->points, &r->cap, r->n + 1, sizeof *r->points)) {
        return xw_fail(r->err, XW_NOMEM, "%zu points", r->n + 1);
    }
    r->points[r->n++] = *p;
    return XW_OK;
}

/* Accuracy, floor and time, when an object has them. */
static xw_status take_extras(reader *r, json_t *o, xw__point *p)
{
    const json_t *accuracy = json_object_get(o, "accuracy");
    const json_t *level = json_object_get(o, "floor");
    if (accuracy && !json_is_null(accuracy)) {
        p->accuracy_m = json_number_value(accuracy);
        p->has_accuracy = true;
        if (!json_is_number(accuracy) || p->accuracy_m < 0 || p->accuracy_m > XW__ACCURACY_MAX) {
            return xw_fail(r->err, XW_INPUT,
                           "accuracy of point %llu is no number of metres from 0 to %d",
                           number_of(r), XW__ACCURACY_MAX);
        }
    }
    if (level && !json_is_null(level)) {
        const json_int_t v = json_integer_value(level);
        if (!json_is_integer(level) || v < -XW__FLOOR_MAX || v > XW__FLOOR_MAX) {
            return xw_fail(r->err, XW_INPUT, "floor of point %llu is no whole number within %d",
                           number_of(r), XW__FLOOR_MAX);
        }
        p->floor = (int)v;
        p->has_floor = true;
    }
    const json_t *time = json_object_get(o, "time");
    if (time && !json_is_null(time)) {
        p->has_time = true;
        if (!json_is_string(time) || !xw_when_parse(json_string_value(time), &p->time)) {
            return xw_fail(r->err, XW_INPUT, "time of point %llu is no RFC 3339 time or date",
                           number_of(r));
        }
    }
    return XW_OK;
}

/* [lon,lat] with an optional height, which GeoJSON allows and nobody needs here. */
static xw_status take_position(reader *r, const json_t *a, const xw__point *like)
{
    xw__point p = *like;
    const size_t n = json_array_size(a);
    const json_t *x = json_array_get(a, 0), *y = json_array_get(a, 1);
    if (!json_is_array(a) || n < 2 || n > 3 || !json_is_number(x) || !json_is_number(y)) {
        return xw_fail(r->err, XW_INPUT, "point %llu is not [lon,lat]", number_of(r));
    }
    p.x = json_number_value(x);
    p.y = json_number_value(y);
    return add(r, &p);
}

static xw_status take_plain_object(reader *r, json_t *o)
{
    xw__point p = {0};
    const json_t *x = json_object_get(o, "lon"), *y = json_object_get(o, "lat");
    if (!json_is_number(x) || !json_is_number(y)) {
        return xw_fail(r->err, XW_INPUT, "point %llu has no numbers \"lon\" and \"lat\"",
                       number_of(r));
    }
    p.x = json_number_value(x);
    p.y = json_number_value(y);
    const xw_status st = take_extras(r, o, &p);
    return st ? st : add(r, &p);
}

static xw_status take_geometry(reader *r, json_t *g, const xw__point *like)
{
    const char *type = json_string_value(json_object_get(g, "type"));
    json_t *coordinates = json_object_get(g, "coordinates");
    if (type && strcmp(type, "Point") == 0) return take_position(r, coordinates, like);
    if (!type || strcmp(type, "MultiPoint") != 0 || !json_is_array(coordinates)) {
        return xw_fail(r->err, XW_INPUT,
                       "point %llu: geometry is %.40s, Point or MultiPoint is needed", number_of(r),
                       type ? type : "missing");
    }
    for (size_t i = 0; i < json_array_size(coordinates); i++) {
        const xw_status st = take_position(r, json_array_get(coordinates, i), like);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status take_feature(reader *r, json_t *f)
{
    xw__point like = {0};
    json_t *properties = json_object_get(f, "properties");
    if (json_is_object(properties)) {
        const xw_status st = take_extras(r, properties, &like);
        if (st) return st;
    }
    return take_geometry(r, json_object_get(f, "geometry"), &like);
}

static xw_status take_object(reader *r, json_t *o)
{
    static const xw__point none = {0};
    const char *type = json_string_value(json_object_get(o, "type"));
    if (!type) return take_plain_object(r, o);
    if (strcmp(type, "Feature") == 0) return take_feature(r, o);
    if (strcmp(type, "FeatureCollection") != 0) return take_geometry(r, o, &none);
    json_t *features = json_object_get(o, "features");
    if (!json_is_array(features)) {
        return xw_fail(r->err, XW_INPUT, "the FeatureCollection has no array \"features\"");
    }
    for (size_t i = 0; i < json_array_size(features); i++) {
        const xw_status st = take_feature(r, json_array_get(features, i));
        if (st) return st;
    }
    return XW_OK;
}

static xw_status take_element(reader *r, json_t *e)
{
    static const xw__point none = {0};
    return json_is_object(e) ? take_object(r, e) : take_position(r, e, &none);
}

static xw_status take_root(reader *r, json_t *root)
{
    if (json_is_object(root)) return take_object(r, root);
    for (size_t i = 0; i < json_array_size(root); i++) {
        const xw_status st = take_element(r, json_array_get(root, i));
        if (st) return st;
    }
    return XW_OK;
}

/* Hands the points over, or the error. */
static xw_status finish(reader *r, xw_status st, xw__point **out, size_t *n, xw_error *err)
{
    if (st) {
        if (err) *err = *r->err;
        free(r->points);
        return st;
    }
    *out = r->points;
    *n = r->n;
    return XW_OK;
}

static xw_status load(const char *text, size_t size, const char *what, json_t **out, xw_error *err)
{
    json_error_t where;
    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (*out) return XW_OK;
    if (json_error_code(&where) == json_error_out_of_memory) {
        return xw_fail(err, XW_NOMEM, "%s", what);
    }
    return xw_fail(err, XW_INPUT, "%s is no JSON: line %d, column %d: %s", what, where.line,
                   where.column, where.text);
}

xw_status xw__points_of_element(const char *text, size_t size, uint64_t first, xw__point **out,
                                size_t *n, xw_error *err)
{
    char what[40];
    json_t *e;
    xw_error mine = {XW_OK, ""};
    reader r = {.first = first, .err = &mine};
    *out = NULL;
    *n = 0;
    (void)snprintf(what, sizeof what, "point %llu", (unsigned long long)first);
    xw_status st = load(text, size, what, &e, &mine);
    if (!st) st = take_element(&r, e);
    json_decref(e);
    return finish(&r, st, out, n, err);
}

/* A text or a number, as JSON; longer than fits counts as wrong. */
static xw_status take_id(const json_t *o, char *id, size_t id_size, xw_error *err)
{
    const json_t *v = json_object_get(o, "id");
    if (!v || json_is_null(v)) return XW_OK;
    if (!json_is_string(v) && !json_is_number(v)) {
        return xw_fail(err, XW_INPUT, "\"id\" is neither a text nor a number");
    }
    const size_t k = json_dumpb(v, id, id_size - 1, JSON_ENCODE_ANY);
    if (k == 0 || k > id_size - 1) {
        *id = '\0';
        return xw_fail(err, XW_INPUT, "\"id\" is longer than %zu bytes", id_size - 3);
    }
    id[k] = '\0';
    return XW_OK;
}

xw_status xw__points_of_line(const char *text, size_t size, xw__point **out, size_t *n, char *id,
                             size_t id_size, xw_error *err)
{
    json_t *e;
    xw_error mine = {XW_OK, ""};
    reader r = {.err = &mine};
    *out = NULL;
    *n = 0;
    *id = '\0';
    xw_status st = load(text, size, "the line", &e, &mine);
    if (!st) st = take_id(e, id, id_size, &mine);
    if (!st) st = take_element(&r, e);
    json_decref(e);
    return finish(&r, st, out, n, err);
}

xw_status xw__points_of_feature(struct json_t *feature, uint64_t first, xw__point **out, size_t *n,
                                xw_error *err)
{
    xw_error mine = {XW_OK, ""};
    reader r = {.first = first, .err = &mine};
    *out = NULL;
    *n = 0;
    return finish(&r, take_feature(&r, feature), out, n, err);
}

xw_status xw__points_parse(const void *body, size_t size, xw__point **out, size_t *n, xw_error *err)
{
    json_t *root;
    xw_error mine = {XW_OK, ""};
    reader r = {.err = &mine};
    *out = NULL;
    *n = 0;
    xw_status st = check_size(body, size, &mine);
    if (!st) st = load(body ? body : "", size, "the body", &root, &mine);
    if (!st) {
        st = take_root(&r, root);
        json_decref(root);
    }
    return finish(&r, st, out, n, err);
}
