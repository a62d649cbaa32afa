/* The app: what all requests share, and the counters of /metrics. */
#include "internal.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a base URL without slashes at its end; NULL stays NULL. */
static xw_status copy_url(const char *url, char **out, xw_error *err)
{
    *out = NULL;
    if (!url) return XW_OK;
    size_t n = strlen(url);
    const bool http = strncmp(url, "http://", 7) == 0 && n > 7;
    const bool https = strncmp(url, "https://", 8) == 0 && n > 8;
    bool plain = n < 256;
    for (const unsigned char *s = (const unsigned char *)url; *s; s++) {
        plain = plain && *s > 0x20 && *s < 0x7F && !strchr("\"<>\\?#", *s);
    }
    if ((!http && !https) || !plain) {
        return xw_fail(err, XW_USAGE, "public URL \"%.200s\" is no http:// or https:// address",
                       url);
    }
    while (url[n - 1] == '/') n--;
    *out = malloc(n + 1);
    if (!*out) return xw_fail(err, XW_NOMEM, "public URL");
    memcpy(*out, url, n);
    (*out)[n] = '\0';
    return XW_OK;
}

xw_status xw_http_app_create(xw_timeline *timeline, const char *public_url, const char *listen_url,
                             xw_http_app **out, xw_error *err)
{
    *out = NULL;
    xw_http_app *app = calloc(1, sizeof *app);
    if (!app) return xw_fail(err, XW_NOMEM, "HTTP service");
    app->timeline = timeline;
    (void)pthread_mutex_init(&app->lock, NULL);
    xw_status st = copy_url(public_url, &app->public_url, err);
    if (!st) st = copy_url(listen_url, &app->listen_url, err);
    if (st) {
        xw_http_app_destroy(app);
        return st;
    }
    *out = app;
    return XW_OK;
}

void xw_http_app_destroy(xw_http_app *app)
{
    if (!app) return;
    for (unsigned i = 0; i < app->n_presses; i++) libdeflate_free_compressor(app->presses[i]);
    (void)pthread_mutex_destroy(&app->lock);
    free(app->public_url);
    free(app->listen_url);
    free(app);
}

void xw_http_app_set_nets(xw_http_app *app, const xw_nets *nets) { app->nets = nets; }

void xw_http_app_set_addresses(xw_http_app *app, xw_addresses *addresses)
{
    app->addresses = addresses;
}

void xw_http_app_set_events(xw_http_app *app, xw_events *events) { app->events = events; }

static const int codes[XW__CODES] = {200, 201, 204, 302, 304, 400, 404, 405, 406,
                                     409, 413, 414, 415, 422, 500, 503, 0};

int xw__code_slot(int status)
{
    int i = 0;
    while (codes[i] != status && codes[i] != 0) i++;
    return i;
}

int xw__slot_code(int slot) { return codes[slot]; }

void xw_http_count(xw_http_app *app, const xw_http_response *rs, uint64_t nanoseconds)
{
    xw__counter *c = &app->counters[rs->route];
    atomic_fetch_add_explicit(&c->n, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&c->nanoseconds, nanoseconds, memory_order_relaxed);
}

static unsigned long long get(const atomic_ullong *v)
{
    return atomic_load_explicit((atomic_ullong *)(uintptr_t)v, memory_order_relaxed);
}

static void head(xw_buf *b, const char *name, const char *type, const char *help)
{
    xw_buf_fmt(b, "# HELP xiwang_%s %s\n# TYPE xiwang_%s %s\n", name, help, name, type);
}

static void by_route(const xw_http_app *app, xw_buf *b)
{
    size_t n;
    (void)xw__routes(&n);
    n += 2; /* assets, and what has no route */
    head(b, "http_requests_total", "counter", "Requests by route and status.");
    for (unsigned i = 0; i < n; i++) {
        for (int k = 0; k < XW__CODES; k++) {
            const unsigned long long v = get(&app->counters[i].by_code[k]);
            if (v == 0) continue;
            xw_buf_fmt(b, "xiwang_http_requests_total{route=\"%s\",code=\"%d\"} %llu\n",
                       xw__route_name(i), xw__slot_code(k), v);
        }
    }
    head(b, "http_response_bytes_total", "counter", "Bytes of bodies by route.");
    for (unsigned i = 0; i < n; i++) {
        const unsigned long long v = get(&app->counters[i].bytes);
        if (v == 0) continue;
        xw_buf_fmt(b, "xiwang_http_response_bytes_total{route=\"%s\"} %llu\n", xw__route_name(i),
                   v);
    }
    head(b, "http_request_duration_seconds", "summary", "Time to make an answer, by route.");
    for (unsigned i = 0; i < n; i++) {
        const unsigned long long v = get(&app->counters[i].n);
        if (v == 0) continue;
        xw_buf_fmt(b,
                   "xiwang_http_request_duration_seconds_sum{route=\"%s\"} %.9f\n"
                   "xiwang_http_request_duration_seconds_count{route=\"%s\"} %llu\n",
                   xw__route_name(i), (double)get(&app->counters[i].nanoseconds) / 1e9,
                   xw__route_name(i), v);
    }
}

static void revisions(const xw__cx *cx, xw_buf *b)
{
    xw_revision *list;
    size_t n;
    if (xw_timeline_list(cx->app->timeline, &list, &n, NULL)) return;
    uint32_t newest = 0;
    for (size_t i = 0; i < n; i++) newest = list[i].number > newest ? list[i].number : newest;
    free(list);
    head(b, "revisions", "gauge", "Revisions that can be asked for.");
    xw_buf_fmt(b, "xiwang_revisions %zu\n", n);
    head(b, "revision_newest", "gauge", "Number of the newest revision, in force or not.");
    xw_buf_fmt(b, "xiwang_revision_newest %u\n", newest);
    head(b, "revision_problems", "gauge",
         "Stores that cannot be served: a new one that is damaged, kept ones that are left out.");
    xw_buf_fmt(b, "xiwang_revision_problems %zu\n", xw_timeline_problems(cx->app->timeline, NULL));
    if (!cx->m) return;
    head(b, "snapshot_info", "gauge", "The revision in force.");
    xw_buf_fmt(b, "xiwang_snapshot_info{revision=\"%u\",digest=\"%s\",version=\"%s\"} 1\n",
               cx->m->revision, xw_snapshot_digest(cx->pin.snapshot), XW_VERSION);
}

void xw__metrics_write(const xw__cx *cx, xw_buf *b)
{
    const xw_http_app *app = cx->app;
    by_route(app, b);
    head(b, "tiles_drawn_total", "counter", "Vector tiles drawn, empty ones too.");
    xw_buf_fmt(b, "xiwang_tiles_drawn_total %llu\n", get(&app->tiles_drawn));
    head(b, "tiles_empty_total", "counter", "Vector tiles with nothing in them.");
    xw_buf_fmt(b, "xiwang_tiles_empty_total %llu\n", get(&app->tiles_empty));
    head(b, "points_located_total", "counter", "Points looked up.");
    xw_buf_fmt(b, "xiwang_points_located_total %llu\n", get(&app->points_located));
    revisions(cx, b);
}
