/* A feature comes out with the bytes it came in with; the answer is put into its properties. */
#include "bulk.h"

#include <jansson.h>
#include <stdlib.h>

/* The members of the answer that become properties, without brackets. */
static void put_properties(const xw_bulk *b, const xw_brief *a, xw_json *j)
{
    const xw_model *m = b->m;
    char name[80];
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const char *code = a->grid == XW_NONE
                               ? NULL
                               : xw_model_text(m, m->grids[xw_model_grid_at(m, a->grid, l)].code);
        (void)snprintf(name, sizeof name, "code_%.70s", xw_model_text(m, m->levels[l].key));
        xw_json_kstr(j, name, code);
    }
    xw_json_kstr(j, "certain_to",
                 a->certain_level == XW_NONE ? NULL
                                             : xw_model_text(m, m->levels[a->certain_level].key));
    xw_json_kstr(j, "rule", xw_rule_text(a->rule));
    xw_json_knum(j, "probability", a->probability, 4);
}

/* The properties of the answer as a tree; NULL without memory. */
static json_t *properties_of(const xw_bulk *b, const xw_brief *a, const char *error)
{
    xw_buf text;
    xw_buf_init(&text, 1 << 16);
    xw_json j = xw_json_on(&text);
    xw_json_open(&j, '{');
    if (error) {
        xw_json_kstr(&j, "error", error);
    } else {
        put_properties(b, a, &j);
    }
    xw_json_close(&j, '}');
    json_t *doc = text.failed ? NULL : json_loadb(text.data, text.n, 0, NULL);
    xw_buf_finish(&text);
    return doc;
}

/* Where the value of the member "properties" stands in the text of a feature that is JSON. */
static bool find_properties(const char *p, const char *end, const char **from, const char **to)
{
    bool deep;
    p = bulk_scan_space(p, end) + 1; /* '{' */
    for (;;) {
        p = bulk_scan_space(p, end);
        if (p >= end || *p == '}') return false;
        const char *key = p;
        bulk_walk w = {0};
        p = bulk_walk_on(&w, p, end, &deep);
        if (!p) return false;
        const bool mine = p - key == 12 && memcmp(key, "\"properties\"", 12) == 0;
        p = bulk_scan_space(bulk_scan_space(p, end) + 1, end); /* ':' */
        w = (bulk_walk){0};
        const char *stop = bulk_walk_on(&w, p, end, &deep);
        if (!stop) return false;
        if (mine) {
            *from = p;
            *to = stop;
            return true;
        }
        p = bulk_scan_space(stop, end);
        if (p < end && *p == ',') p++;
    }
}

static bool clash(const json_t *properties, json_t *added)
{
    const char *key;
    json_t *value;
    json_object_foreach(added, key, value)
    {
        if (json_object_get(properties, key)) return true;
    }
    return false;
}

/* Writes through the tree: for a feature that has columns of these names already. */
static void put_replaced(xw_bulk *b, json_t *feature, json_t *properties, json_t *added)
{
    (void)json_object_update(properties, added);
    char *text = json_dumps(feature, JSON_COMPACT);
    if (text) {
        xw_buf_text(&b->out, text);
    } else {
        b->out.failed = true;
    }
    free(text);
}

static void put_feature(xw_bulk *b, const char *p, size_t n, json_t *feature, json_t *added)
{
    const char *end = p + n, *from, *to;
    json_t *properties = json_object_get(feature, "properties");
    bulk_comma(b);
    if (json_is_object(properties) && clash(properties, added)) {
        put_replaced(b, feature, properties, added);
        return;
    }
    char *text = json_dumps(added, JSON_COMPACT);
    if (!text) {
        b->out.failed = true;
        return;
    }
    if (!find_properties(p, end, &from, &to)) { /* as a last member */
        while (end[-1] != '}') end--;
        xw_buf_add(&b->out, p, (size_t)(end - 1 - p));
        xw_buf_text(&b->out,
                    json_object_size(feature) > 0 ? ",\"properties\":" : "\"properties\":");
        xw_buf_text(&b->out, text);
        xw_buf_add(&b->out, "}", 1);
    } else if (!json_is_object(properties)) { /* null, usually */
        xw_buf_add(&b->out, p, (size_t)(from - p));
        xw_buf_text(&b->out, text);
        xw_buf_add(&b->out, to, (size_t)(end - to));
    } else {
        xw_buf_add(&b->out, p, (size_t)(to - 1 - p));
        if (json_object_size(properties) > 0) xw_buf_add(&b->out, ",", 1);
        xw_buf_text(&b->out, text + 1); /* without '{', with '}' */
        xw_buf_add(&b->out, to, (size_t)(end - to));
    }
    free(text);
}

xw_status bulk_feature(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    const uint64_t number = b->n_points + b->n_errors;
    json_error_t where;
    json_t *feature = json_loadb(p, n, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(feature)) {
        json_decref(feature);
        return xw_fail(err, XW_INPUT, "feature %llu is no JSON object: %s",
                       (unsigned long long)number, feature ? "another value" : where.text);
    }
    xw__point *points = NULL;
    size_t count = 0;
    xw_brief a = {0};
    xw_error why = {XW_OK, ""};
    xw_status st = xw__points_of_feature(feature, number, &points, &count, &why);
    if (!st && count != 1) {
        st = xw_fail(&why, XW_INPUT, "feature %llu has %zu points, one is needed",
                     (unsigned long long)number, count);
    }
    if (!st) st = bulk_brief(b, &points[0], &a, &why);
    free(points);
    if (st == XW_INPUT) {
        bulk_note_bad(b, "feature", number, &why);
    } else if (!st) {
        b->n_points++;
    }
    if (!st || st == XW_INPUT) {
        json_t *added = properties_of(b, &a, st ? why.text : NULL);
        st = added ? XW_OK : xw_fail(&why, XW_NOMEM, "a feature");
        if (added) put_feature(b, p, n, feature, added);
        json_decref(added);
    }
    json_decref(feature);
    if (st) {
        if (err) *err = why;
        return st;
    }
    return bulk_write_out(b, false, err);
}
