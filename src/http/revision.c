/* Which revision answers a request, and the list of all of them. */
#include "internal.h"
#include "xiwang/when.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 16 << 20 };

/* What a request says about it. */
typedef struct wish {
    const char *name; /* of the parameter, or NULL for the path */
    const char *text; /* a revision as it was named; NULL: by time */
    uint32_t number;
    const char *digest; /* behind the number; NULL: any */
    int64_t at;
} wish;

static bool is_offered(const xw__route *r, const char *name)
{
    return r->params && xw__is_word_of(r->params, name);
}

/* "3", "3-3f2a9c0112ab34cd"; anything else names none */
static void read_name(wish *w)
{
    char digits[12] = "";
    const size_t n = strspn(w->text, "0123456789");
    int64_t v = 0;
    if (n < sizeof digits) memcpy(digits, w->text, n);
    if (n > 0 && n < sizeof digits && (w->text[n] == '\0' || w->text[n] == '-')) {
        (void)xw__parse_int(digits, 0, UINT32_MAX, &v);
    }
    w->number = (uint32_t)v;
    w->digest = w->text[n] == '-' ? w->text + n + 1 : NULL;
}

static bool read_time(const xw__cx *cx, const char *name, const char *text, wish *w,
                      xw_http_response *rs)
{
    const bool interval = strcmp(name, "datetime") == 0;
    const bool ok =
        interval ? xw__datetime_parse(text, cx->rq->now_unix, &w->at) : xw_when_parse(text, &w->at);
    if (ok) return true;
    xw__problem(rs, 400, "parameter \"%s\" is \"%s\", an RFC 3339 time or date%s is needed", name,
                text, interval ? " or an interval of them" : "");
    return false;
}

static bool read_wish(const xw__cx *cx, const xw__route *r, wish *w, xw_http_response *rs)
{
    *w = (wish){.at = cx->rq->now_unix};
    const char *given = NULL, *name = NULL;
    static const char *const times[] = {"time", "datetime"};
    for (int i = 0; i < 2 && !given; i++) {
        name = times[i];
        given = xw__param_get(cx, name);
        if (given && !is_offered(r, name)) given = NULL;
    }
    if (r->flags & XW__TILE) {
        w->text = cx->args[0];
    } else {
        w->text = xw__param_get(cx, "revision");
        if (w->text && !is_offered(r, "revision")) w->text = NULL;
    }
    if (w->text && given) {
        xw__problem(rs, 400, "parameters \"revision\" and \"%s\" exclude each other", name);
        return false;
    }
    if (w->text && strcmp(w->text, "current") == 0) w->text = NULL;
    if (w->text) read_name(w);
    return !given || read_time(cx, name, given, w, rs);
}

static void refuse(const xw__cx *cx, const wish *w, const xw_error *err, xw_http_response *rs)
{
    if (err->status == XW_NOMEM) {
        xw__problem_of(rs, err);
    } else if (err->status == XW_NOT_FOUND && w->text) {
        xw_pin now;
        if (xw_timeline_pin_at(cx->timeline, cx->rq->now_unix, &now, NULL)) {
            xw__problem(rs, 404, "revision \"%s\" is not served, see /revisions", w->text);
            return;
        }
        xw__problem(rs, 404, "revision \"%s\" is not served, the one in force is %u-%s", w->text,
                    now.revision->number, xw_snapshot_digest(now.snapshot));
        xw_pin_release(&now);
    } else if (err->status == XW_NOT_FOUND) {
        xw__problem(rs, 404, "%s", err->text);
    } else {
        xw__problem(rs, 503, "%s", err->text);
        if (err->status == XW_CONFLICT) xw__header(rs, "Retry-After", "2");
    }
}

xw_timeline *xw__net_timeline(const xw__cx *cx, xw_http_response *rs)
{
    const char *key = xw__param_get(cx, "net");
    if (!key || strcmp(key, "all") == 0) return cx->app->timeline;
    xw_timeline *t = cx->app->nets ? xw_nets_find(cx->app->nets, key) : NULL;
    if (t) return t;
    xw__problem(rs, 404, "net \"%.60s\" is not served%s%s", key,
                cx->app->nets ? ", known are " : "",
                cx->app->nets ? xw_nets_keys(cx->app->nets) : "");
    return NULL;
}

bool xw__asks_all_nets(const xw__cx *cx)
{
    const char *key = xw__param_get(cx, "net");
    return cx->app->nets && (key ? strcmp(key, "all") == 0 : !xw__param_get(cx, "revision"));
}

bool xw__put_nets(const xw__cx *cx, const xw_answer *a, const xw_query *q, unsigned fields,
                  xw_http_response *rs)
{
    xw_error err = {XW_OK, ""};
    if (!xw__asks_all_nets(cx)) return true;
    const xw_status st = xw_nets_json(cx->app->nets, a, q, cx->at, fields, &rs->body, &err);
    if (st == XW_CONFLICT) {
        xw__problem(rs, 503, "%s", err.text);
        xw__header(rs, "Retry-After", "2");
    } else if (st) {
        xw__problem_of(rs, &err);
    }
    return st == XW_OK;
}

bool xw__pin_revision(xw__cx *cx, const xw__route *r, xw_http_response *rs)
{
    wish w;
    xw_error err = {XW_OK, ""};
    if (!(r->flags & (XW__SNAPSHOT | XW__PERHAPS))) return true;
    xw_timeline *t = is_offered(r, "net") ? xw__net_timeline(cx, rs) : cx->app->timeline;
    if (!t || !read_wish(cx, r, &w, rs)) return false;
    cx->timeline = t;
    cx->at = w.at;
    xw_status st = w.text ? xw_timeline_pin_number(t, w.number, &cx->pin, &err)
                          : xw_timeline_pin_at(t, w.at, &cx->pin, &err);
    if (!st && w.digest && strcmp(w.digest, xw_snapshot_digest(cx->pin.snapshot)) != 0) {
        xw_pin_release(&cx->pin);
        st = xw_fail(&err, XW_NOT_FOUND, "no such digest");
    }
    if (st == XW_NOT_FOUND && r->flags & XW__ANY) st = xw_timeline_pin_newest(t, &cx->pin, &err);
    if (st && r->flags & XW__PERHAPS) return true;
    if (st) {
        refuse(cx, &w, &err, rs);
        return false;
    }
    cx->m = xw_snapshot_model(cx->pin.snapshot);
    return true;
}

static void time_json(xw_json *j, const char *key, int64_t unix_s)
{
    char when[XW_WHEN_TEXT];
    xw_when_text(unix_s, when);
    xw_json_kstr(j, key, unix_s == XW_TIME_OPEN_END ? NULL : when);
}

static void facts_json(xw_json *j, const xw_revision *r)
{
    xw_json_kint(j, "revision", r->number);
    time_json(j, "effective", r->effective_unix);
    time_json(j, "valid_until", r->valid_until);
    xw_json_kstr(j, "published", r->published);
}

void xw__revision_json(const xw__cx *cx, xw_json *j)
{
    facts_json(j, cx->pin.revision);
    xw_json_kstr(j, "digest", xw_snapshot_digest(cx->pin.snapshot));
}

static void list_json(const xw__cx *cx, const xw_revision *list, size_t n, xw_json *j)
{
    char scratch[300], path[80], digest[20];
    const char *base = xw__base_url(cx, scratch);
    const size_t now = xw_revision_in_force(list, n, cx->rq->now_unix);
    for (size_t i = 0; i < n; i++) {
        const xw_revision *r = &list[i];
        xw_json_open(j, '{');
        facts_json(j, r);
        xw_json_kstr(j, "state", xw_revision_state_text(i, n, now));
        xw_json_kint(j, "households", (int64_t)r->households);
        xw_json_kint(j, "grids", (int64_t)r->n_grids);
        (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
        xw_json_kstr(j, "content_digest", digest);
        xw_json_key(j, "links");
        xw_json_open(j, '[');
        (void)snprintf(path, sizeof path, "/collections?revision=%u", r->number);
        xw__json_link(j, base, path, "data", "application/json", NULL);
        (void)snprintf(path, sizeof path, "/tiles.json?revision=%u", r->number);
        xw__json_link(j, base, path, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                      "application/json", NULL);
        xw_json_close(j, ']');
        xw_json_close(j, '}');
    }
}

void xw__get_revisions(xw__cx *cx, xw_http_response *rs)
{
    xw_revision *list;
    size_t n;
    xw_error err;
    xw_timeline *t = xw__net_timeline(cx, rs);
    if (!t) return;
    if (xw_timeline_list(t, &list, &n, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    const size_t now = xw_revision_in_force(list, n, cx->rq->now_unix);
    xw_json j = xw__json_body(rs, "application/json", LIST_MAX);
    xw_json_open(&j, '{');
    xw_json_key(&j, "in_force");
    if (now < n) {
        xw_json_int(&j, list[now].number);
    } else {
        xw_json_null(&j);
    }
    xw_json_key(&j, "revisions");
    xw_json_open(&j, '[');
    list_json(cx, list, n, &j);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
    xw__header(rs, "Cache-Control", "no-cache");
    free(list);
}
