/* POST /locate: a body of any size, answered while it comes in, with memory that stays the same.
 *
 * The answers wait until the body is complete: beyond a megabyte in an unlinked file. HTTP allows
 * to send them earlier, but a client that writes its whole body before it reads (nearly all do)
 * would then block with the server for ever, the library cannot do it, and the status could no
 * longer say that a body was bad. */
#include "upload.h"

#include "xiwang/bulk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { IN_MEMORY = 1 << 20 };

#define FILE_MAX ((uint64_t)16 << 30) /* bytes of one answer */

struct xw_http_upload {
    xw_http_app *app;
    xw_pin pin; /* the revision that answers, for as long as the body comes in */
    xw_bulk *bulk;
    xw_bulk_times *times;
    xw_crs *crs;
    upload_gzip *in, *out;
    const char *type;
    xw_buf memory; /* the answers, while they are few */
    int fd;        /* else here, -1: not yet */
    uint64_t size;
    xw_error failed;
};

static const struct {
    const char *type; /* of the body */
    const char *answer;
    xw_bulk_format format;
} formats[] = {
    {"application/json", "application/json", XW_BULK_JSON},
    {"application/x-www-form-urlencoded", "application/json", XW_BULK_JSON}, /* curl's default */
    {"application/geo+json", "application/geo+json", XW_BULK_GEOJSON},
    {"application/x-ndjson", "application/x-ndjson", XW_BULK_NDJSON},
    {"application/ndjson", "application/x-ndjson", XW_BULK_NDJSON},
    {"application/jsonl", "application/x-ndjson", XW_BULK_NDJSON},
    {"text/csv", "text/csv; charset=utf-8", XW_BULK_CSV},
    {"application/vnd.xiwang.points", "application/vnd.xiwang.points", XW_BULK_BINARY},
};

/* The row of a Content-Type without its parameters; no type counts as JSON. */
static int find_format(const char *type)
{
    if (!type) return 0;
    size_t n = strcspn(type, ";");
    while (n > 0 && type[n - 1] == ' ') n--;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strlen(formats[i].type) == n && strncasecmp(formats[i].type, type, n) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* An unlinked file where large temporary files belong. */
static xw_status open_file(int *fd, xw_error *err)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    const int n =
        snprintf(path, sizeof path, "%s/xiwang-XXXXXX", folder && *folder ? folder : "/var/tmp");
    *fd = n > 0 && (size_t)n < sizeof path ? mkstemp(path) : -1;
    if (*fd < 0) return xw_fail(err, XW_IO, "no temporary file: %s", strerror(errno));
    (void)unlink(path);
    (void)fcntl(*fd, F_SETFD, FD_CLOEXEC);
    return XW_OK;
}

static xw_status write_file(xw_http_upload *u, const char *p, size_t n, xw_error *err)
{
    while (n > 0) {
        const ssize_t k = write(u->fd, p, n);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return xw_fail(err, XW_IO, "temporary file: %s", strerror(errno));
        p += k;
        n -= (size_t)k;
    }
    return XW_OK;
}

static xw_status store(void *user, const void *bytes, size_t n, xw_error *err)
{
    xw_http_upload *u = user;
    if (u->size + n > FILE_MAX) {
        return xw_fail(err, XW_LIMIT, "the answer has more than %llu bytes",
                       (unsigned long long)FILE_MAX);
    }
    u->size += n;
    if (u->fd < 0 && u->size <= IN_MEMORY) {
        xw_buf_add(&u->memory, bytes, n);
        return xw_buf_status(&u->memory, "the answer", err);
    }
    if (u->fd < 0) {
        xw_status st = open_file(&u->fd, err);
        if (!st && u->memory.n > 0) st = write_file(u, u->memory.data, u->memory.n, err);
        xw_buf_finish(&u->memory);
        if (st) return st;
    }
    return write_file(u, bytes, n, err);
}

static xw_status take_answers(void *user, const void *bytes, size_t n, xw_error *err)
{
    xw_http_upload *u = user;
    return u->out ? upload_gzip_feed(u->out, bytes, n, false, err) : store(u, bytes, n, err);
}

static xw_status take_body(void *user, const void *bytes, size_t n, xw_error *err)
{
    xw_http_upload *u = user;
    return xw_bulk_feed(u->bulk, bytes, n, err);
}

/* gzip or nothing. False: a problem was written. */
static bool check_encoding(const xw_http_request *rq, bool *gzip, xw_http_response *rs)
{
    const char *e = rq->content_encoding;
    *gzip = e && (strcasecmp(e, "gzip") == 0 || strcasecmp(e, "x-gzip") == 0);
    if (!e || *gzip || strcasecmp(e, "identity") == 0) return true;
    xw__problem(rs, 415, "the body is packed with \"%s\", gzip is read here", e);
    return false;
}

static bool check_type(const xw__cx *cx, int *format, xw_http_response *rs)
{
    const xw_http_request *rq = cx->rq;
    *format = find_format(rq->content_type);
    if (*format < 0) {
        xw__problem(rs, 415,
                    "the body is \"%s\", read are application/json, application/geo+json, "
                    "application/x-ndjson, text/csv, application/vnd.xiwang.points",
                    rq->content_type);
        return false;
    }
    char plain[64];
    (void)snprintf(plain, sizeof plain, "%s", formats[*format].answer);
    plain[strcspn(plain, ";")] = '\0';
    if (xw__accepts(rq->accept, plain)) return true;
    xw__problem(rs, 406, "this is answered as %s, the request accepts \"%s\"", plain, rq->accept);
    return false;
}

static bool check_answer(const xw__cx *cx, bool *is_short, xw_http_response *rs)
{
    const char *text = xw__param_get(cx, "answer");
    *is_short = text && strcmp(text, "short") == 0;
    if (!text || *is_short || strcmp(text, "full") == 0) return true;
    xw__problem(rs, 400, "parameter \"answer\" is \"%s\", short or full is needed", text);
    return false;
}

/* Only the full answer has members to choose from. */
static bool check_fields(const xw_bulk_how *how, xw_bulk_format format, xw_http_response *rs)
{
    const bool full = !how->short_answer && (format == XW_BULK_JSON || format == XW_BULK_NDJSON);
    if (!full && how->nets) {
        xw__problem(rs, 400,
                    "parameter \"net\" is \"all\", which is for the full answer in JSON or "
                    "NDJSON");
        return false;
    }
    if (full || how->fields == XW_ANSWER_ALL) return true;
    xw__problem(rs, 400, "parameter \"fields\" is for the full answer in JSON or NDJSON");
    return false;
}

xw_http_upload *xw__upload_open(xw__cx *cx, const xw_query *common, xw_crs *crs,
                                xw_http_response *rs)
{
    int format;
    bool packed;
    const char *net = xw__param_get(cx, "net");
    xw_bulk_how how = {.common = *common, .write = take_answers, .at = cx->at};
    if (net && strcmp(net, "all") == 0) how.nets = cx->app->nets;
    if (!check_type(cx, &format, rs) || !check_encoding(cx->rq, &packed, rs) ||
        !check_answer(cx, &how.short_answer, rs) || !xw__read_fields(cx, &how.fields, rs) ||
        !check_fields(&how, formats[format].format, rs)) {
        xw_crs_destroy(crs);
        return NULL;
    }
    xw_http_upload *u = calloc(1, sizeof *u);
    if (!u) {
        xw_crs_destroy(crs);
        xw__problem(rs, 500, "out of memory");
        return NULL;
    }
    u->app = cx->app;
    u->pin = cx->pin;
    cx->pin = (xw_pin){0};
    how.valid_until = u->pin.revision->valid_until;
    u->crs = crs;
    u->fd = -1;
    u->type = formats[format].answer;
    xw_buf_init(&u->memory, IN_MEMORY);
    how.format = formats[format].format;
    how.user = u;
    const bool pack = xw__accepts_gzip(cx->rq->accept_encoding);
    u->in = packed ? upload_gunzip_create(take_body, u) : NULL;
    u->out = pack ? upload_gzip_create(store, u) : NULL;
    if (xw_bulk_times_create(cx->timeline, &u->times, NULL) == XW_OK) {
        how.at_time = xw_bulk_times_at;
        how.times = u->times;
    }
    if (!u->times || xw_bulk_create(u->pin.snapshot, &how, &u->bulk, NULL) || (packed && !u->in) ||
        (pack && !u->out)) {
        xw_http_upload_destroy(u);
        xw__problem(rs, 500, "out of memory");
        return NULL;
    }
    return u;
}

void xw_http_upload_destroy(xw_http_upload *u)
{
    if (!u) return;
    xw_bulk_destroy(u->bulk);
    xw_bulk_times_destroy(u->times);
    xw_pin_release(&u->pin);
    xw_crs_destroy(u->crs);
    upload_gzip_destroy(u->in);
    upload_gzip_destroy(u->out);
    xw_buf_finish(&u->memory);
    if (u->fd >= 0) (void)close(u->fd);
    free(u);
}

void xw_http_upload_feed(xw_http_upload *u, const void *bytes, size_t n)
{
    if (u->failed.status) return;
    u->failed.status = u->in ? upload_gunzip(u->in, bytes, n, &u->failed)
                             : xw_bulk_feed(u->bulk, bytes, n, &u->failed);
}

/* The answers become the body of the response. */
static void hand_over(xw_http_upload *u, xw_http_response *rs)
{
    uint64_t points, errors;
    xw_bulk_counts(u->bulk, &points, &errors);
    atomic_fetch_add_explicit(&u->app->points_located, points, memory_order_relaxed);
    rs->type = u->type;
    rs->gzipped = u->out != NULL;
    xw__header(rs, "Xiwang-Points", "%llu", (unsigned long long)points);
    xw__header(rs, "Xiwang-Errors", "%llu", (unsigned long long)errors);
    if (u->fd >= 0) {
        rs->fd = u->fd;
        rs->fd_size = u->size;
        u->fd = -1;
        return;
    }
    xw_buf_finish(&rs->body);
    rs->body = u->memory;
    xw_buf_init(&u->memory, 0);
}

void xw__upload_finish(xw_http_upload *u, xw_http_response *rs)
{
    xw_error err = u->failed;
    if (!err.status && u->in) err.status = upload_gunzip_end(u->in, &err);
    if (!err.status) err.status = xw_bulk_end(u->bulk, &err);
    if (!err.status && u->out) err.status = upload_gzip_feed(u->out, "", 0, true, &err);
    if (err.status == XW_CONFLICT) { /* a revision that is being compiled */
        xw__problem(rs, 503, "%s", err.text);
        xw__header(rs, "Retry-After", "2");
    } else if (err.status) {
        xw__problem_of(rs, &err);
    } else {
        hand_over(u, rs);
    }
}
