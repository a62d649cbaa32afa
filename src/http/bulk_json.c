/* A JSON array of points, or a FeatureCollection, element by element: the brackets round the
 * elements are walked here, an element is read when its end is there. */
#include "bulk.h"

#include <jansson.h>
#include <stdlib.h>

static bool is_geojson(const xw_bulk *b) { return b->how.format == XW_BULK_GEOJSON; }

static xw_status broken(const xw_bulk *b, char c, const char *needed, xw_error *err)
{
    char shown[16];
    const unsigned char u = (unsigned char)c;
    (void)snprintf(shown, sizeof shown, u > 0x20 && u < 0x7F ? "'%c'" : "byte %d", u);
    return xw_fail(err, XW_INPUT, "the body is no JSON behind point %llu: %s instead of %s",
                   (unsigned long long)(b->n_points + b->n_errors), shown, needed);
}

static xw_status too_long(const xw_bulk *b, xw_error *err)
{
    return xw_fail(err, XW_LIMIT, "point %llu has more than %zu bytes",
                   (unsigned long long)(b->n_points + b->n_errors), XW_BULK_ITEM_MAX);
}

static xw_status element_by_tree(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    xw__point *points = NULL;
    size_t count = 0;
    xw_status st = xw__points_of_element(p, n, b->n_points, &points, &count, err);
    for (size_t i = 0; !st && i < count; i++) {
        const uint64_t number = b->n_points;
        st = bulk_answer(b, &points[i], NULL, err);
        if (st == XW_INPUT) {
            (void)xw_fail_within(err, st, "point %llu", (unsigned long long)number);
        }
    }
    free(points);
    return st;
}

static xw_status take_element(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    b->state = BULK_AFTER_ELEMENT;
    if (n > XW_BULK_ITEM_MAX) return too_long(b, err);
    return is_geojson(b) ? bulk_feature(b, p, n, err) : element_by_tree(b, p, n, err);
}

static xw_status keep(xw_bulk *b, const char *p, const char *end, size_t most, xw_error *err)
{
    if (b->pending.n + (size_t)(end - p) > most) {
        return most == XW_BULK_ITEM_MAX
                   ? too_long(b, err)
                   : xw_fail(err, XW_LIMIT, "the body is one object of more than %zu bytes", most);
    }
    xw_buf_add(&b->pending, p, (size_t)(end - p));
    return xw_buf_status(&b->pending, "a piece of the body", err);
}

/* Goes on through an element or value; *value is its text when its end is there. */
static xw_status walk(xw_bulk *b, const char **p, const char *end, const char **value, size_t *n,
                      xw_error *err)
{
    bool deep;
    *value = NULL;
    const char *stop = bulk_walk_on(&b->walk, *p, end, &deep);
    if (deep) {
        return xw_fail(err, XW_INPUT, "point %llu has more than %d brackets within each other",
                       (unsigned long long)(b->n_points + b->n_errors), XW_BULK_DEPTH_MAX);
    }
    if (stop && b->pending.n == 0) {
        *value = *p;
        *n = (size_t)(stop - *p);
    } else {
        const xw_status st = keep(b, *p, stop ? stop : end, XW_BULK_ITEM_MAX, err);
        if (st) return st;
        if (stop) {
            *value = b->pending.data ? b->pending.data : "";
            *n = b->pending.n;
        }
    }
    *p = stop ? stop : end;
    return XW_OK;
}

static xw_status in_element(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    const char *value;
    size_t n;
    xw_status st = walk(b, p, end, &value, &n, err);
    if (!st && value) {
        st = take_element(b, value, n, err);
        xw_buf_clear(&b->pending);
    }
    return st;
}

/* Points in a row that need no more than their short answers. Stands before an element; ends before
 * the first that is unusual, or behind one. */
static xw_status take_exact(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    xw_status st = XW_OK;
    for (const char *q; !st; *p = bulk_scan_space(q + 1, end)) {
        xw_pt at;
        q = bulk_scan_exact(*p, end, &at);
        if (!q) return XW_OK;
        st = bulk_exact(b, at, err);
        if (q == end || *q != ',') {
            *p = q;
            b->state = BULK_AFTER_ELEMENT;
            return st;
        }
        b->state = BULK_ELEMENT;
    }
    return st;
}

/* The whole of [number,number] in this piece is the usual case and needs no walk. */
static xw_status begin_element(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    xw__point point = {0};
    if (bulk_is_exact(b) && !is_geojson(b)) {
        const char *from = *p;
        const xw_status st = take_exact(b, p, end, err);
        if (st || *p != from) return st;
    }
    const char *q = is_geojson(b) ? NULL : bulk_scan_pair(*p, end, &point.x, &point.y);
    if (!q) {
        b->walk = (bulk_walk){0};
        b->state = BULK_IN_ELEMENT;
        return XW_OK;
    }
    const uint64_t number = b->n_points;
    *p = q;
    b->state = BULK_AFTER_ELEMENT;
    const xw_status st = bulk_answer(b, &point, NULL, err);
    if (st == XW_INPUT) (void)xw_fail_within(err, st, "point %llu", (unsigned long long)number);
    return st;
}

/* ---- the object round the features ---------------------------------------------------------- */

static xw_status in_key(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    const char *key;
    size_t n;
    xw_status st = walk(b, p, end, &key, &n, err);
    if (st || !key) return st;
    xw_buf_clear(&b->key);
    xw_buf_add(&b->key, key, n);
    xw_buf_clear(&b->pending);
    b->state = BULK_COLON;
    return xw_buf_status(&b->key, "the name of a member", err);
}

static bool key_is(const xw_bulk *b, const char *name)
{
    const size_t n = strlen(name);
    return b->key.n == n + 2 && memcmp(b->key.data + 1, name, n) == 0;
}

static xw_status begin_value(xw_bulk *b, const char **p, xw_error *err)
{
    bulk_comma(b);
    xw_buf_add(&b->out, b->key.data, b->key.n);
    xw_buf_add(&b->out, ":", 1);
    if (!key_is(b, "features")) {
        b->walk = (bulk_walk){0};
        b->state = BULK_IN_VALUE;
        return XW_OK;
    }
    if (**p != '[' || b->has_features) {
        return xw_fail(err, XW_INPUT, "the FeatureCollection has not one array \"features\"");
    }
    ++*p;
    xw_buf_add(&b->out, "[", 1);
    b->any = false;
    b->has_features = true;
    b->state = BULK_ELEMENT_OR_END;
    return XW_OK;
}

/* Other members come out as they were, once it is sure that they are JSON. */
static xw_status in_value(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    const char *value;
    size_t n;
    json_error_t where;
    const xw_status st = walk(b, p, end, &value, &n, err);
    if (st || !value) return st;
    json_t *v = json_loadb(value, n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &where);
    if (!v) {
        return xw_fail(err, XW_INPUT, "member %.60s of the FeatureCollection is no JSON: %s",
                       b->key.data, where.text);
    }
    if (key_is(b, "type") && json_is_string(v)) {
        b->is_collection = strcmp(json_string_value(v), "FeatureCollection") == 0;
    }
    json_decref(v);
    xw_buf_add(&b->out, value, n);
    xw_buf_clear(&b->pending);
    b->state = BULK_AFTER_VALUE;
    return bulk_write_out(b, false, err);
}

static xw_status begin_body(xw_bulk *b, const char **p, xw_error *err)
{
    const char c = **p;
    if (!is_geojson(b) && c == '{') {
        b->state = BULK_WHOLE;
        return XW_OK;
    }
    if (c != (is_geojson(b) ? '{' : '[')) {
        return broken(b, c, is_geojson(b) ? "'{' of a FeatureCollection" : "'[' or '{'", err);
    }
    xw_buf_add(&b->out, &c, 1);
    b->state = is_geojson(b) ? BULK_MEMBER_OR_END : BULK_ELEMENT_OR_END;
    ++*p;
    return XW_OK;
}

/* Behind an element or a member: a comma, or the end of what it is in. */
static xw_status after(xw_bulk *b, char c, xw_error *err)
{
    const bool element = b->state == BULK_AFTER_ELEMENT || b->state == BULK_ELEMENT_OR_END;
    if (c == ',' && (b->state == BULK_AFTER_ELEMENT || b->state == BULK_AFTER_VALUE)) {
        b->state = element ? BULK_ELEMENT : BULK_MEMBER;
        return XW_OK;
    }
    if (c != (element ? ']' : '}')) return broken(b, c, element ? "',' or ']'" : "',' or '}'", err);
    const xw_status st = bulk_flush_batch(b, err);
    xw_buf_add(&b->out, &c, 1);
    b->any = true;
    b->state = element && is_geojson(b) ? BULK_AFTER_VALUE : BULK_DONE;
    return st;
}

static xw_status begin_key(xw_bulk *b, char c, xw_error *err)
{
    if (c != '"') return broken(b, c, "the name of a member", err);
    b->walk = (bulk_walk){0};
    b->state = BULK_IN_KEY;
    return XW_OK;
}

static xw_status step(xw_bulk *b, const char **p, const char *end, xw_error *err)
{
    switch (b->state) {
    case BULK_START:
        return begin_body(b, p, err);
    case BULK_ELEMENT_OR_END:
        if (**p == ']') return after(b, *(*p)++, err);
        return begin_element(b, p, end, err);
    case BULK_ELEMENT:
        return begin_element(b, p, end, err);
    case BULK_MEMBER_OR_END:
        if (**p == '}') return after(b, *(*p)++, err);
        return begin_key(b, **p, err);
    case BULK_MEMBER:
        return begin_key(b, **p, err);
    case BULK_COLON:
        b->state = BULK_VALUE;
        return *(*p)++ == ':' ? XW_OK : broken(b, (*p)[-1], "':'", err);
    case BULK_VALUE:
        return begin_value(b, p, err);
    case BULK_AFTER_ELEMENT:
    case BULK_AFTER_VALUE:
        return after(b, *(*p)++, err);
    default: /* BULK_DONE; the others stand within a text */
        return broken(b, **p, "the end", err);
    }
}

xw_status bulk_feed_json(xw_bulk *b, const char *p, const char *end, xw_error *err)
{
    xw_status st = XW_OK;
    while (!st) {
        if (b->state == BULK_IN_ELEMENT) {
            if (p == end) return XW_OK;
            st = in_element(b, &p, end, err);
        } else if (b->state == BULK_IN_KEY || b->state == BULK_IN_VALUE) {
            if (p == end) return XW_OK;
            st = b->state == BULK_IN_KEY ? in_key(b, &p, end, err) : in_value(b, &p, end, err);
        } else if (b->state == BULK_WHOLE) {
            return keep(b, p, end, XW_BULK_OBJECT_MAX, err);
        } else {
            p = bulk_scan_space(p, end);
            if (p == end) return XW_OK;
            st = step(b, &p, end, err);
        }
    }
    return st;
}

static xw_status end_whole(xw_bulk *b, xw_error *err)
{
    xw__point *points;
    size_t n;
    xw_status st = xw__points_parse(b->pending.data, b->pending.n, &points, &n, err);
    if (st) return st;
    xw_buf_add(&b->out, "[", 1);
    for (size_t i = 0; !st && i < n; i++) {
        st = bulk_answer(b, &points[i], NULL, err);
        if (st == XW_INPUT) (void)xw_fail_within(err, st, "point %zu", i);
    }
    free(points);
    if (!st) st = bulk_flush_batch(b, err);
    xw_buf_add(&b->out, "]", 1);
    return st;
}

xw_status bulk_end_json(xw_bulk *b, xw_error *err)
{
    if (b->state == BULK_WHOLE) return end_whole(b, err);
    if (b->state == BULK_START) return xw_fail(err, XW_INPUT, "the body is no JSON: it is empty");
    if (b->state != BULK_DONE) {
        return xw_fail(err, XW_INPUT, "the body is no JSON: it ends behind point %llu",
                       (unsigned long long)(b->n_points + b->n_errors));
    }
    if (is_geojson(b) && (!b->has_features || !b->is_collection)) {
        return xw_fail(err, XW_INPUT, "the body is no FeatureCollection with \"features\"");
    }
    return XW_OK;
}
