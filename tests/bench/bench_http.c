/* Processor time of requests, without sockets: bench-http STORE [--runs N] [--points N]
 * GET /locate beside the constant /healthz, and POST /locate in each format. The points are uniform
 * over the box of the store and the same for every run. */
#include "measure.h"

#include "xiwang/http.h"
#include "xiwang/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32 << 10, TARGETS = 4096 };

typedef struct bench {
    xw_http_app *app;
    xw_box box;
    size_t n;
    long long runs;
    uint64_t random;
    int64_t now;
} bench;

static double unit(bench *b)
{
    b->random = b->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(b->random >> 11) * 0x1p-53;
}

static xw_pt a_point(bench *b)
{
    const double w = (double)b->box.max.x - b->box.min.x, h = (double)b->box.max.y - b->box.min.y;
    return (xw_pt){b->box.min.x + (int32_t)(unit(b) * w), b->box.min.y + (int32_t)(unit(b) * h)};
}

static void fail(const char *what, const xw_http_response *rs)
{
    (void)fprintf(stderr, "bench-http: %s: status %d %.300s\n", what, rs->status,
                  rs->body.data ? rs->body.data : "");
    exit(3);
}

static double get_ns(const bench *b, char (*targets)[100], size_t n_targets, size_t *bytes)
{
    const size_t n = b->n * 4;
    *bytes = 0;
    const bench_time from = bench_now();
    for (size_t i = 0; i < n; i++) {
        const xw_http_request rq = {.method = "GET",
                                    .target = targets[i % n_targets],
                                    .host = "127.0.0.1:8080",
                                    .now_unix = b->now};
        xw_http_response rs;
        xw_http_handle(b->app, &rq, &rs);
        if (rs.status != 200) fail(rq.target, &rs);
        *bytes += rs.body.n;
        xw_http_response_finish(&rs);
    }
    *bytes /= n;
    return bench_since(from).cpu_s * 1e9 / (double)n;
}

static double post_ns(const bench *b, const char *target, const char *type, const xw_buf *body,
                      size_t *bytes)
{
    bool stream;
    xw_http_request rq = {.method = "POST",
                          .target = target,
                          .host = "127.0.0.1:8080",
                          .content_type = type,
                          .now_unix = b->now};
    xw_http_response rs;
    const bench_time from = bench_now();
    rq.upload = xw_http_upload_begin(b->app, &rq, &stream);
    for (size_t at = 0; rq.upload && at < body->n; at += PIECE) {
        const size_t left = body->n - at;
        xw_http_upload_feed(rq.upload, body->data + at, left < PIECE ? left : PIECE);
    }
    xw_http_handle(b->app, &rq, &rs);
    xw_http_upload_destroy(rq.upload);
    const double ns = bench_since(from).cpu_s * 1e9 / (double)b->n;
    if (rs.status != 200) fail(target, &rs);
    *bytes = (rs.fd >= 0 ? (size_t)rs.fd_size : rs.body.n) / b->n;
    xw_http_response_finish(&rs);
    return ns;
}

static void put_int32(xw_buf *out, int32_t v)
{
    const uint32_t u = (uint32_t)v;
    const unsigned char bytes[4] = {(unsigned char)u, (unsigned char)(u >> 8),
                                    (unsigned char)(u >> 16), (unsigned char)(u >> 24)};
    xw_buf_add(out, bytes, sizeof bytes);
}

static void put_point(xw_buf *out, char kind, xw_pt p, bool first)
{
    const double lon = xw_deg(p.x), lat = xw_deg(p.y);
    switch (kind) {
    case 'j':
        xw_buf_fmt(out, "%s[%.7f,%.7f]", first ? "" : ",", lon, lat);
        break;
    case 'n':
        xw_buf_fmt(out, "[%.7f,%.7f]\n", lon, lat);
        break;
    case 'c':
        xw_buf_fmt(out, "%.7f,%.7f\n", lon, lat);
        break;
    case 'g':
        xw_buf_fmt(out,
                   "%s{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Point\","
                   "\"coordinates\":[%.7f,%.7f]}}",
                   first ? "" : ",", lon, lat);
        break;
    default:
        put_int32(out, p.x);
        put_int32(out, p.y);
    }
}

static void make_body(bench *b, char kind, xw_buf *out)
{
    const char *heads[] = {"j[", "clon,lat\n", "g{\"type\":\"FeatureCollection\",\"features\":["};
    const char *ends[] = {"j]", "g]}"};
    xw_buf_init(out, (size_t)1 << 30);
    for (size_t i = 0; i < 3; i++) {
        if (heads[i][0] == kind) xw_buf_text(out, heads[i] + 1);
    }
    if (kind == 'b') {
        xw_buf_text(out, "XWPT");
        put_int32(out, 1);
        put_int32(out, (int32_t)b->n);
        put_int32(out, 0);
    }
    for (size_t i = 0; i < b->n; i++) put_point(out, kind, a_point(b), i == 0);
    for (size_t i = 0; i < 2; i++) {
        if (ends[i][0] == kind) xw_buf_text(out, ends[i] + 1);
    }
}

static void row(const char *what, double *ns, size_t n, size_t bytes)
{
    const double median = bench_median(ns, n); /* sorts */
    (void)printf("| %s | %.0f ns | %.0f ns | %zu |\n", what, median, ns[0], bytes);
}

static void measure_get(bench *b, const char *what, const char *format)
{
    static char targets[TARGETS][100];
    double ns[BENCH_RUNS_MAX];
    size_t bytes = 0, n = TARGETS;
    for (size_t i = 0; i < n; i++) {
        const xw_pt p = a_point(b);
        (void)snprintf(targets[i], sizeof targets[i], format, xw_deg(p.x), xw_deg(p.y));
    }
    for (long long r = 0; r < b->runs; r++) ns[r] = get_ns(b, targets, n, &bytes);
    row(what, ns, (size_t)b->runs, bytes);
}

static void measure_post(bench *b, const char *what, const char *target, char kind)
{
    static const char *const types[] = {"japplication/json", "napplication/x-ndjson", "ctext/csv",
                                        "gapplication/geo+json", "bapplication/vnd.xiwang.points"};
    double ns[BENCH_RUNS_MAX];
    size_t bytes = 0, t = 0;
    xw_buf body;
    while (types[t][0] != kind) t++;
    make_body(b, kind, &body);
    for (long long r = 0; r < b->runs; r++) {
        ns[r] = post_ns(b, target, types[t] + 1, &body, &bytes);
    }
    row(what, ns, (size_t)b->runs, bytes);
    xw_buf_finish(&body);
}

static void measure(bench *b)
{
    static const char brief[] = "/locate?answer=short";
    (void)printf("| request | median | least | bytes an answer |\n|---|--:|--:|--:|\n");
    measure_get(b, "GET /healthz", "/healthz");
    measure_get(b, "GET /locate", "/locate?lon=%.7f&lat=%.7f");
    measure_get(b, "GET /locate, 15 m", "/locate?lon=%.7f&lat=%.7f&accuracy=15");
    measure_post(b, "POST /locate, a point: int32", brief, 'b');
    measure_post(b, "JSON, short", brief, 'j');
    measure_post(b, "NDJSON, short", brief, 'n');
    measure_post(b, "CSV", brief, 'c');
    measure_post(b, "GeoJSON", brief, 'g');
    measure_post(b, "JSON, full", "/locate", 'j');
}

static xw_status run(const char *store, bench *b, xw_error *err)
{
    xw_timeline *t = NULL;
    xw_pin pin;
    const xw_job job = {.threads = 1};
    xw_status st = xw_timeline_open(store, &job, &t, err);
    if (!st) st = xw_timeline_pin_newest(t, &pin, err);
    if (!st) {
        b->box = xw_model_box(xw_snapshot_model(pin.snapshot));
        b->now = pin.revision->effective_unix + 1;
        xw_pin_release(&pin);
        st = xw_http_app_create(t, NULL, "http://127.0.0.1:8080", &b->app, err);
    }
    if (!st) measure(b);
    xw_http_app_destroy(b->app);
    xw_timeline_close(t);
    return st;
}

int main(int argc, char **argv)
{
    bench b = {.runs = 5, .random = 1};
    long long points = 10000;
    const char *store = NULL;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--runs") == 0) {
            if (!bench_number(argv[i++], value, 1, BENCH_RUNS_MAX, &b.runs)) return 2;
        } else if (strcmp(argv[i], "--points") == 0) {
            if (!bench_number(argv[i++], value, 1, 10000000, &points)) return 2;
        } else {
            store = argv[i];
        }
    }
    if (!store) {
        (void)fprintf(stderr, "bench-http: which store\n");
        return 2;
    }
    xw_error err = {XW_OK, ""};
    b.n = (size_t)points;
    if (!run(store, &b, &err)) return 0;
    (void)fprintf(stderr, "bench-http: %s\n", err.text);
    return 4;
}
