/* /events: taken in, listed, shown; /stream. */
#include "internal.h"

#include "xiwang/digits.h"
#include "xiwang/when.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 64 << 20, LINES_MAX = 256 << 20 };

enum { LINES_A_PART = 4096, PARTS_MAX = XW_EVENTS_BATCH_MAX / LINES_A_PART + 1 };

/* The lines of a long body go to the writer in parts, so that the first are written while the last
 * are read. The writer takes parts in their order, so when the last one is durable all are. */
struct xw__later {
    xw_events_batch *parts[PARTS_MAX];
    unsigned n, n_sent;
    bool lines;
};

static bool have_events(const xw__cx *cx, xw_http_response *rs)
{
    if (cx->app->events) return true;
    xw__problem(rs, 404, "no events are kept here: the server was started without --events");
    return false;
}

static int status_of(xw_event_outcome o)
{
    switch (o) {
    case XW_EVENT_CREATED:
        return 201;
    case XW_EVENT_REPEAT:
        return 200;
    case XW_EVENT_CONFLICT:
        return 409;
    case XW_EVENT_REFUSED:
        return 400;
    case XW_EVENT_OUTSIDE:
        return 422;
    case XW_EVENT_FAILED:
        break;
    }
    return 503;
}

/* The next line that is not only spaces; false at the end. */
static bool next_line(const char **at, const char *end, const char **line, size_t *n)
{
    while (*at < end) {
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        if (!stop) stop = end;
        const char *from = *line = *at;
        *n = (size_t)(stop - from);
        *at = stop + 1;
        while (from < stop && (*from == ' ' || *from == '\t' || *from == '\r')) from++;
        if (from < stop) return true;
    }
    return false;
}

static xw_status next_part(xw__cx *cx, struct xw__later *l, xw_error *err)
{
    if (l->n > 0) {
        l->n_sent = l->n;
        xw_events_batch_submit(l->parts[l->n - 1], NULL, NULL);
    }
    const xw_status st = xw_events_batch_create(cx->app->events, &l->parts[l->n], err);
    if (!st) l->n++;
    return st;
}

/* One event a line. A refused line is a result like the others, so results and lines that are not
 * empty go together. Too many are refused before the first is stored. */
static xw_status add_lines(xw__cx *cx, struct xw__later *l, xw_error *err)
{
    const char *at = cx->rq->body, *end = at + cx->rq->body_size, *line;
    size_t n, count = 0;
    while (next_line(&at, end, &line, &n)) count++;
    if (count > XW_EVENTS_BATCH_MAX) {
        return xw_fail(err, XW_LIMIT, "there are more than %d events", XW_EVENTS_BATCH_MAX);
    }
    xw_status st = count == 0 ? next_part(cx, l, err) : XW_OK;
    at = cx->rq->body;
    for (size_t i = 0; !st && next_line(&at, end, &line, &n); i++) {
        if (i % LINES_A_PART == 0) st = next_part(cx, l, err);
        if (!st) {
            st = xw_events_batch_add(l->parts[l->n - 1], cx->pin.snapshot, line, n, NULL,
                                     cx->rq->now_unix, err);
        }
    }
    return st;
}

static xw_status add_one(xw__cx *cx, struct xw__later *l, xw_error *err)
{
    const xw_status st = next_part(cx, l, err);
    return st ? st
              : xw_events_batch_add(l->parts[0], cx->pin.snapshot, cx->rq->body, cx->rq->body_size,
                                    cx->rq->idempotency_key, cx->rq->now_unix, err);
}

static void destroy(struct xw__later *l)
{
    if (!l) return;
    for (unsigned i = 0; i < l->n; i++) {
        if (i < l->n_sent) xw_events_batch_wait(l->parts[i]);
        xw_events_batch_destroy(l->parts[i]);
    }
    free(l);
}

void xw__post_events(xw__cx *cx, xw_http_response *rs)
{
    const char *type = cx->rq->content_type ? cx->rq->content_type : "application/json";
    const bool lines = strstr(type, "ndjson") || strstr(type, "jsonl");
    xw_error err = {XW_OK, ""};
    if (!have_events(cx, rs)) return;
    if (!lines && !strstr(type, "json") && !strstr(type, "x-www-form-urlencoded")) {
        xw__problem(rs, 415, "the body is \"%s\", application/json or application/x-ndjson is read",
                    type);
        return;
    }
    if (!cx->pin.snapshot) {
        xw__problem(rs, 503, "no revision is in force now, so nobody can be named for an event");
        return;
    }
    if (lines && cx->rq->idempotency_key) {
        xw__problem(rs, 400,
                    "Idempotency-Key is for one event, the lines of many have source and "
                    "source_event_id");
        return;
    }
    struct xw__later *later = calloc(1, sizeof *later);
    xw_status st = later ? XW_OK : xw_fail(&err, XW_NOMEM, "events");
    if (!st) st = lines ? add_lines(cx, later, &err) : add_one(cx, later, &err);
    if (st) {
        destroy(later);
        xw__problem_of(rs, &err);
        return;
    }
    later->lines = lines;
    rs->later = later;
}

static void end_one(const xw_event_result *r, xw_http_response *rs)
{
    const int status = status_of(r->outcome);
    if (status >= 400) {
        xw__problem(rs, status, "%.*s", (int)r->size, r->text);
        return;
    }
    rs->body.ceiling = LIST_MAX;
    rs->status = status;
    rs->type = "application/json";
    xw_buf_add(&rs->body, r->text, r->size);
    xw__header(rs, "Location", "/events/%lld", (long long)r->id);
}

static void end_line(xw_buf *out, size_t i, const xw_event_result *r)
{
    char number[XW_DIGITS_MAX];
    const int status = status_of(r->outcome);
    xw_buf_add(out, "{\"index\":", 9);
    xw_buf_add(out, number, xw_digits_u64(number, i));
    xw_buf_add(out, ",\"status\":", 10);
    xw_buf_add(out, number, xw_digits_i64(number, status));
    if (status < 400) {
        xw_buf_add(out, ",\"event\":", 9);
        xw_buf_add(out, r->text, r->size);
    } else {
        xw_buf_add(out, ",", 1);
        xw_json j = xw_json_on(out);
        xw_json_kstr(&j, "detail", r->text);
    }
    xw_buf_add(out, "}\n", 2);
}

static void end_lines(const struct xw__later *l, xw_http_response *rs)
{
    rs->body.ceiling = LINES_MAX;
    rs->type = "application/x-ndjson";
    size_t line = 0;
    for (unsigned p = 0; p < l->n; p++) {
        const size_t n = xw_events_batch_size(l->parts[p]);
        for (size_t i = 0; i < n; i++) {
            const xw_event_result r = xw_events_batch_result(l->parts[p], i);
            end_line(&rs->body, line++, &r);
        }
    }
}

void xw_http_later_start(xw_http_response *rs, void (*wake)(void *user), void *user)
{
    xw_events_batch_submit(rs->later->parts[rs->later->n - 1], wake, user);
}

void xw__later_wait(xw_http_response *rs)
{
    xw_events_batch *last = rs->later->parts[rs->later->n - 1];
    xw_events_batch_submit(last, NULL, NULL);
    xw_events_batch_wait(last);
}

void xw__later_end(xw_http_response *rs)
{
    if (rs->later->lines) {
        end_lines(rs->later, rs);
    } else {
        const xw_event_result r = xw_events_batch_result(rs->later->parts[0], 0);
        end_one(&r, rs);
    }
    xw__later_drop(rs);
}

void xw__later_drop(xw_http_response *rs)
{
    destroy(rs->later);
    rs->later = NULL;
}

static bool read_time(const xw__cx *cx, const char *name, bool *has, int64_t *out,
                      xw_http_response *rs)
{
    const char *text = xw__param_get(cx, name);
    *has = text != NULL;
    if (!text || xw_when_parse(text, out)) return true;
    xw__problem(rs, 400, "parameter \"%s\" is \"%s\", RFC 3339 is needed", name, text);
    return false;
}

static bool read_grid(const xw__cx *cx, const char **out, xw_http_response *rs)
{
    *out = xw__param_get(cx, "grid");
    if (!*out || (**out && strlen(*out) < 40)) return true;
    xw__problem(rs, 400, "parameter \"grid\" is \"%.60s\", the code of a grid is needed", *out);
    return false;
}

static bool read_filter(const xw__cx *cx, xw_events_filter *f, xw_http_response *rs)
{
    int64_t limit;
    xw_error err;
    xw__bbox bbox;
    if (!xw__param_int(cx, "limit", 1, INT64_MAX, XW_HTTP_LIMIT_DEFAULT, &limit, rs) ||
        !xw__param_int(cx, "cursor", 0, INT64_MAX, 0, &f->after, rs) ||
        !read_time(cx, "from", &f->has_from, &f->from, rs) ||
        !read_time(cx, "to", &f->has_to, &f->to, rs) || !read_grid(cx, &f->grid, rs)) {
        return false;
    }
    f->limit = (uint32_t)(limit < XW_EVENTS_PAGE_MAX ? limit : XW_EVENTS_PAGE_MAX);
    f->category = xw__param_get(cx, "category");
    f->status = xw__param_get(cx, "status");
    const char *text = xw__param_get(cx, "bbox");
    if (!text) return true;
    if (xw__bbox_parse(text, &bbox, &err)) {
        xw__problem_of(rs, &err);
        return false;
    }
    if (bbox.n != 1) {
        xw__problem(rs, 400, "parameter \"bbox\" crosses the antimeridian, ask for each side");
        return false;
    }
    f->has_box = true;
    f->box = bbox.box[0];
    return true;
}

/* The same query from another cursor. */
static void next_link(const xw__cx *cx, int64_t last, xw_json *j)
{
    char scratch[300], number[24];
    xw_buf path;
    xw_buf_init(&path, XW_HTTP_TARGET_MAX * 3);
    (void)snprintf(number, sizeof number, "%lld", (long long)last);
    xw_buf_fmt(&path, "/events?cursor=%s", number);
    for (unsigned i = 0; i < cx->n_params; i++) {
        if (strcmp(cx->params[i].name, "cursor") == 0) continue;
        xw_buf_fmt(&path, "&%s=", cx->params[i].name);
        xw__url_encode(&path, cx->params[i].value);
    }
    if (!path.failed) {
        xw__json_link(j, xw__base_url(cx, scratch), path.data, "next", "application/json",
                      "the next page");
    }
    xw_buf_finish(&path);
}

void xw__get_events(xw__cx *cx, xw_http_response *rs)
{
    xw_events_filter f = {0};
    size_t n;
    int64_t last;
    xw_error err = {XW_OK, ""};
    if (!have_events(cx, rs) || !read_filter(cx, &f, rs)) return;
    xw_json j = xw__json_body(rs, "application/json", LIST_MAX);
    xw_json_open(&j, '{');
    xw_json_key(&j, "events");
    xw_json_open(&j, '[');
    if (xw_events_list(cx->app->events, &f, &j, &n, &last, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    xw_json_close(&j, ']');
    xw_json_kint(&j, "numberReturned", (int64_t)n);
    xw_json_key(&j, "links");
    xw_json_open(&j, '[');
    if (last) next_link(cx, last, &j);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
    xw__header(rs, "Cache-Control", "no-store");
}

void xw__get_event(xw__cx *cx, xw_http_response *rs)
{
    int64_t id;
    xw_error err = {XW_OK, ""};
    if (!have_events(cx, rs)) return;
    if (!xw__parse_int(cx->args[0], 1, INT64_MAX, &id)) {
        xw__problem(rs, 404, "there is no event \"%.60s\"", cx->args[0]);
        return;
    }
    xw_json j = xw__json_body(rs, "application/json", 1 << 20);
    if (xw_events_get(cx->app->events, id, &j, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    xw__header(rs, "Cache-Control", "no-store");
}

/* The server opens the reader when it has the connection; the request is only checked here. */
void xw__get_stream(xw__cx *cx, xw_http_response *rs)
{
    const char *grid, *after = cx->rq->last_event_id;
    int64_t id = -1;
    if (!have_events(cx, rs) || !read_grid(cx, &grid, rs)) return;
    if (!after) after = xw__param_get(cx, "after");
    if (after && !xw__parse_int(after, 0, INT64_MAX, &id)) {
        xw__problem(rs, 400, "Last-Event-ID is \"%.60s\", the id of an event is needed", after);
        return;
    }
    rs->type = "text/event-stream";
    rs->stream = true;
    rs->stream_after = id;
    (void)snprintf(rs->stream_grid, sizeof rs->stream_grid, "%s", grid ? grid : "");
    xw__header(rs, "Cache-Control", "no-store");
    xw__header(rs, "X-Accel-Buffering", "no");
}
