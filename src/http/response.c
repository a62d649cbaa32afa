#include "internal.h"

#include <libdeflate.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PROBLEM_MAX = 16384,
    GZIP_LEVEL = 4,  /* tiles and pages: within 4 % of level 6 in size for half the time */
    GZIP_FROM = 512, /* bytes; smaller bodies fit one packet anyway */
};

void xw__response_init(xw_http_response *rs)
{
    *rs = (xw_http_response){.status = 200, .fd = -1};
    xw_buf_init(&rs->body, PROBLEM_MAX);
}

static void drop_file(xw_http_response *rs)
{
    if (rs->fd >= 0) (void)close(rs->fd);
    rs->fd = -1;
}

static void drop_headers(xw_http_response *rs)
{
    for (unsigned i = 0; i < rs->n_headers; i++) free(rs->headers[i].owned);
    rs->n_headers = 0;
}

uint64_t xw__response_size(const xw_http_response *rs)
{
    return rs->fixed ? rs->fixed_size : rs->fd >= 0 ? rs->fd_size : rs->body.n;
}

void xw_http_response_finish(xw_http_response *rs)
{
    xw__later_drop(rs);
    drop_headers(rs);
    drop_file(rs);
    xw_buf_finish(&rs->body);
}

const char *xw_http_response_header(const xw_http_response *rs, const char *name)
{
    for (unsigned i = 0; i < rs->n_headers; i++) {
        if (strcmp(rs->headers[i].name, name) == 0) return rs->headers[i].value;
    }
    return NULL;
}

void xw__header_fixed(xw_http_response *rs, const char *name, const char *value)
{
    if (rs->n_headers == XW_HTTP_HEADERS_MAX) return;
    rs->headers[rs->n_headers++] = (xw_http_header){name, value, NULL};
}

/* A header that cannot be stored is left out; none of ours is needed for a right answer. Values
 * with control characters are refused, so that no text of a client can begin a header of its own.
 */
void xw__header_text(xw_http_response *rs, const char *name, const char *value)
{
    const size_t n = strlen(value);
    if (rs->n_headers == XW_HTTP_HEADERS_MAX) return;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7F) return;
    }
    char *copy = malloc(n + 1);
    if (!copy) return;
    memcpy(copy, value, n + 1);
    rs->headers[rs->n_headers++] = (xw_http_header){name, copy, copy};
}

void xw__header(xw_http_response *rs, const char *name, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text) return;
    xw__header_text(rs, name, text);
}

const char *xw__status_title(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 302:
        return "Found";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 409:
        return "Conflict";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 422:
        return "Unprocessable Content";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

static void problem(xw_http_response *rs, int status, const char *detail)
{
    xw_buf_clear(&rs->body);
    rs->body.ceiling = PROBLEM_MAX;
    drop_headers(rs);
    drop_file(rs);
    rs->fixed = NULL;
    rs->gzipped = false;
    rs->status = status;
    rs->type = "application/problem+json";
    xw_json j = xw_json_on(&rs->body);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "type", "about:blank");
    xw_json_kstr(&j, "title", xw__status_title(status));
    xw_json_kint(&j, "status", status);
    if (detail && *detail) xw_json_kstr(&j, "detail", detail);
    /* the words of OGC API Features for the same two things, for clients that read only those */
    xw_json_kstr(&j, "code", xw__status_title(status));
    if (detail && *detail) xw_json_kstr(&j, "description", detail);
    xw_json_close(&j, '}');
    if (rs->body.failed) { /* no memory even for this: a body that needs none */
        static const char plain[] = "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\","
                                    "\"status\":500,\"detail\":\"out of memory\"}";
        rs->status = 500;
        rs->fixed = plain;
        rs->fixed_size = sizeof plain - 1;
    }
}

void xw_http_problem(xw_http_response *rs, int status, const char *detail)
{
    xw__response_init(rs);
    problem(rs, status, detail);
    xw__header_fixed(rs, "Access-Control-Allow-Origin", "*");
}

void xw__problem(xw_http_response *rs, int status, const char *fmt, ...)
{
    char detail[600];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    problem(rs, status, detail);
}

void xw__problem_of(xw_http_response *rs, const xw_error *err)
{
    switch (err->status) {
    case XW_INPUT:
    case XW_USAGE:
        xw__problem(rs, 400, "%s", err->text);
        break;
    case XW_NOT_FOUND:
        xw__problem(rs, 404, "%s", err->text);
        break;
    case XW_LIMIT:
        xw__problem(rs, 413, "%s", err->text);
        break;
    case XW_NOMEM:
        xw__problem(rs, 500, "out of memory");
        break;
    default:
        xw__problem(rs, 500, "the request could not be answered");
        break;
    }
}

xw_json xw__json_body(xw_http_response *rs, const char *type, size_t ceiling)
{
    xw_buf_clear(&rs->body);
    rs->body.ceiling = ceiling;
    rs->type = type;
    return xw_json_on(&rs->body);
}

static struct libdeflate_compressor *take_press(xw_http_app *app)
{
    struct libdeflate_compressor *c = NULL;
    (void)pthread_mutex_lock(&app->lock);
    if (app->n_presses > 0) c = app->presses[--app->n_presses];
    (void)pthread_mutex_unlock(&app->lock);
    return c ? c : libdeflate_alloc_compressor(GZIP_LEVEL);
}

static void give_press(xw_http_app *app, struct libdeflate_compressor *c)
{
    (void)pthread_mutex_lock(&app->lock);
    if (app->n_presses < XW__PRESSES_MAX) {
        app->presses[app->n_presses++] = c;
        c = NULL;
    }
    (void)pthread_mutex_unlock(&app->lock);
    libdeflate_free_compressor(c);
}

/* Without memory the body simply stays as it is. */
static void compress(xw_http_app *app, xw_http_response *rs)
{
    struct libdeflate_compressor *c = take_press(app);
    if (!c) return;
    xw_buf packed;
    xw_buf_init(&packed, rs->body.n);
    void *room = xw_buf_room(&packed, rs->body.n);
    const size_t n =
        room ? libdeflate_gzip_compress(c, rs->body.data, rs->body.n, room, rs->body.n) : 0;
    give_press(app, c);
    if (n == 0) { /* does not get smaller */
        xw_buf_finish(&packed);
        return;
    }
    packed.n = n;
    xw_buf_finish(&rs->body);
    rs->body = packed;
    rs->gzipped = true;
}

void xw__response_seal(xw_http_app *app, const xw_http_request *rq, xw_http_response *rs)
{
    xw_error err;
    if (!rs->fixed && xw_buf_status(&rs->body, "the answer", &err)) {
        if (err.status == XW_LIMIT) {
            xw__problem(rs, 413, "%s, ask for less at once", err.text);
        } else {
            xw__problem_of(rs, &err);
        }
    }
    if (!rs->fixed && rs->fd < 0 && !rs->gzipped && rs->body.n >= GZIP_FROM &&
        xw__accepts_gzip(rq->accept_encoding)) {
        compress(app, rs);
    }
    if (rs->gzipped) xw__header_fixed(rs, "Content-Encoding", "gzip");
}

/* Weak comparison over a list of tags; "*" fits all. */
bool xw__etag_matches(const char *if_none_match, const char *etag)
{
    if (!if_none_match || !etag) return false;
    if (strncmp(etag, "W/", 2) == 0) etag += 2;
    const size_t n = strlen(etag);
    for (const char *s = if_none_match; *s;) {
        while (*s == ' ' || *s == '\t' || *s == ',') s++;
        if (*s == '*') return true;
        if (strncmp(s, "W/", 2) == 0) s += 2;
        if (strncmp(s, etag, n) == 0 && (s[n] == '\0' || strchr(" \t,", s[n]))) return true;
        while (*s && *s != ',') s++;
    }
    return false;
}

void xw__box_json(xw_json *j, xw_box b)
{
    xw_json_open(j, '[');
    xw_json_num(j, xw_deg(b.min.x), 7);
    xw_json_num(j, xw_deg(b.min.y), 7);
    xw_json_num(j, xw_deg(b.max.x), 7);
    xw_json_num(j, xw_deg(b.max.y), 7);
    xw_json_close(j, ']');
}

void xw__json_link(xw_json *j, const char *base, const char *path, const char *rel,
                   const char *type, const char *title)
{
    char href[XW_HTTP_TARGET_MAX + 600];
    const int n = snprintf(href, sizeof href, "%s%s", base, path);
    if (n < 0 || (size_t)n >= sizeof href) return;
    xw_json_open(j, '{');
    xw_json_kstr(j, "href", href);
    xw_json_kstr(j, "rel", rel);
    if (type) xw_json_kstr(j, "type", type);
    if (title) xw_json_kstr(j, "title", title);
    xw_json_close(j, '}');
}

void xw__url_encode(xw_buf *b, const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        const bool plain = (*s >= '0' && *s <= '9') || (*s >= 'a' && *s <= 'z') ||
                           (*s >= 'A' && *s <= 'Z') || *s == '-' || *s == '_' || *s == '.' ||
                           *s == '~' || *s == ',' || *s == ':';
        if (plain) {
            xw_buf_add(b, s, 1);
        } else {
            xw_buf_fmt(b, "%%%02X", *s);
        }
    }
}
