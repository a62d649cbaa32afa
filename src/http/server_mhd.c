/* libmicrohttpd in front of xw_http_handle(): sockets, threads, uploads, limits.
 *
 * The memory of a connection stays small (32 KiB): the library clears that pool for each request,
 * so a large one costs more than the request itself. Bodies are gathered through the upload
 * callback into a buffer of ours with a ceiling. */
#include "stream_mhd.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY = 32 << 10,
    CONNECTIONS_MAX = 1000,
    CONNECTIONS_PER_IP = 600,
    TIMEOUT_S = 30,
    BACKLOG = 1024,
};

struct xw_http_server {
    struct MHD_Daemon *daemon;
    xw_http_app *app;
    FILE *log;
    xw__waiting waiting; /* connections that wait for the disk or for events */
};

/* What is kept of one request while it arrives. */
typedef struct exchange {
    char *target;
    bool started, too_large;
    bool streams; /* the body goes to the upload, or nowhere when that is NULL */
    xw_http_upload *upload;
    xw_buf body;
    xw_http_server *server;
    struct MHD_Connection *connection;
    bool waits; /* rs waits for the disk, or did */
    int64_t from;
    xw_http_response rs;
} exchange;

static int64_t now_ns(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The only place where the library shows the URL as it was sent, with its escapes. */
static void *on_uri(void *user, const char *uri, struct MHD_Connection *connection)
{
    (void)user;
    (void)connection;
    exchange *x = calloc(1, sizeof *x);
    if (!x) return NULL;
    xw_buf_init(&x->body, XW_HTTP_BODY_MAX);
    x->target = strdup(uri);
    if (x->target) return x;
    free(x);
    return NULL;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)user;
    (void)connection;
    (void)code;
    exchange *x = *state;
    *state = NULL;
    if (!x) return;
    free(x->target);
    xw_http_upload_destroy(x->upload);
    xw_buf_finish(&x->body);
    if (x->waits) xw_http_response_finish(&x->rs);
    free(x);
}

/* Hands the response over to the library, which frees the body when it is sent. */
static enum MHD_Result send_response(struct MHD_Connection *connection, xw_http_response *rs)
{
    struct MHD_Response *r;
    if (rs->fixed) {
        union { /* the library's old signature; persistent memory is only read */
            const void *in;
            void *out;
        } bytes = {rs->fixed};
        r = MHD_create_response_from_buffer(rs->fixed_size, bytes.out, MHD_RESPMEM_PERSISTENT);
    } else if (rs->fd >= 0) {
        r = MHD_create_response_from_fd64(rs->fd_size, rs->fd);
        if (r) rs->fd = -1; /* taken */
    } else if (rs->body.n == 0) {
        r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        r = MHD_create_response_from_buffer(rs->body.n, rs->body.data, MHD_RESPMEM_MUST_FREE);
        if (r) xw_buf_init(&rs->body, 0); /* taken */
    }
    if (!r) return MHD_NO;
    if (rs->type) (void)MHD_add_response_header(r, "Content-Type", rs->type);
    for (unsigned i = 0; i < rs->n_headers; i++) {
        (void)MHD_add_response_header(r, rs->headers[i].name, rs->headers[i].value);
    }
    const enum MHD_Result ok = MHD_queue_response(connection, (unsigned)rs->status, r);
    MHD_destroy_response(r);
    return ok;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void log_line(const xw_http_server *s, const xw_http_request *rq, const xw_http_response *rs,
                     int64_t ns)
{
    if (!s->log) return;
    /* the target is the client's text: only plain characters reach the log */
    char target[200];
    size_t n = 0;
    for (const char *c = rq->target; *c && n + 1 < sizeof target; c++) {
        target[n++] = (char)(*c > 0x20 && *c < 0x7F ? *c : '?');
    }
    target[n] = '\0';
    (void)fprintf(s->log, "%s %s %d %llu %.3f ms\n", rq->method, target, rs->status,
                  (unsigned long long)xw__response_size(rs), (double)ns / 1e6);
}

static xw_http_request request_of(struct MHD_Connection *c, const char *method, const exchange *x)
{
    return (xw_http_request){
        .method = method,
        .target = x->target,
        .host = header(c, "Host"),
        .accept = header(c, "Accept"),
        .accept_encoding = header(c, "Accept-Encoding"),
        .if_none_match = header(c, "If-None-Match"),
        .content_type = header(c, "Content-Type"),
        .content_encoding = header(c, "Content-Encoding"),
        .upload = x->upload,
        .idempotency_key = header(c, "Idempotency-Key"),
        .last_event_id = header(c, "Last-Event-ID"),
        .body = x->body.n ? x->body.data : "",
        .body_size = x->body.n,
        .now_unix = now_ns(CLOCK_REALTIME) / 1000000000,
    };
}

/* Sends what is complete. */
static enum MHD_Result finish(xw_http_server *s, struct MHD_Connection *c,
                              const xw_http_request *rq, xw_http_response *rs, int64_t from)
{
    const int64_t ns = now_ns(CLOCK_MONOTONIC) - from;
    xw_http_count(s->app, rs, (uint64_t)ns);
    log_line(s, rq, rs, ns);
    const enum MHD_Result ok = rs->stream && strcmp(rq->method, "HEAD") != 0
                                   ? xw__stream_send(&s->waiting, s->app, c, rs)
                                   : send_response(c, rs);
    xw_http_response_finish(rs);
    return ok;
}

/* From the thread that writes events. */
static void on_durable(void *user)
{
    exchange *x = user;
    xw__waiting *w = &x->server->waiting;
    MHD_resume_connection(x->connection);
    xw__waiting_leave(w);
}

/* An answer that waits for the disk lets its thread go on to other requests: the connection sleeps
 * until the writer wakes it, so that one sync serves all that came meanwhile. */
static enum MHD_Result answer(xw_http_server *s, struct MHD_Connection *c, const char *method,
                              exchange *x)
{
    const xw_http_request rq = request_of(c, method, x);
    if (x->waits) {
        xw_http_end(s->app, &rq, &x->rs);
        x->waits = false;
        return finish(s, c, &rq, &x->rs, x->from);
    }
    x->from = now_ns(CLOCK_MONOTONIC);
    xw_http_begin(s->app, &rq, &x->rs);
    if (!x->rs.later) return finish(s, c, &rq, &x->rs, x->from);
    if (!xw__waiting_enter(&s->waiting)) {
        xw_http_response_finish(&x->rs);
        xw_http_problem(&x->rs, 503, "the server stops");
        return finish(s, c, &rq, &x->rs, x->from);
    }
    x->waits = true;
    x->server = s;
    x->connection = c;
    MHD_suspend_connection(c);
    xw_http_later_start(&x->rs, on_durable, x);
    return MHD_YES;
}

static enum MHD_Result refuse_body(struct MHD_Connection *c)
{
    char detail[80];
    xw_http_response rs;
    (void)snprintf(detail, sizeof detail, "the body has more than %zu bytes", XW_HTTP_BODY_MAX);
    xw_http_problem(&rs, 413, detail);
    const enum MHD_Result ok = send_response(c, &rs);
    xw_http_response_finish(&rs);
    return ok;
}

/* The header is there. A body that is too long by its own word is refused before it comes. */
static enum MHD_Result begin(const xw_http_server *s, struct MHD_Connection *c, const char *method,
                             exchange *x)
{
    const xw_http_request rq = request_of(c, method, x);
    x->started = true;
    x->upload = xw_http_upload_begin(s->app, &rq, &x->streams);
    const char *length = header(c, "Content-Length");
    if (!x->streams && length && strtoull(length, NULL, 10) > XW_HTTP_BODY_MAX) {
        return refuse_body(c);
    }
    return MHD_YES;
}

/* A body that grows too large, or is refused, is read to its end and thrown away, or the client,
 * still sending, would never see the answer. */
static void take(exchange *x, const char *bytes, size_t n)
{
    if (x->streams) {
        if (x->upload) xw_http_upload_feed(x->upload, bytes, n);
        return;
    }
    if (!x->too_large) xw_buf_add(&x->body, bytes, n);
    if (x->body.failed && !x->too_large) {
        x->too_large = true;
        xw_buf_finish(&x->body);
    }
}

/* Called once with the header, then for each piece of the body, then once more at its end. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_n, void **state)
{
    (void)url;
    (void)version;
    exchange *x = *state;
    if (!x) return MHD_NO; /* no memory when the URL came */
    if (!x->started) return begin(user, c, method, x);
    if (*upload_n > 0) {
        take(x, upload, *upload_n);
        *upload_n = 0;
        return MHD_YES;
    }
    if (x->too_large) return refuse_body(c);
    return answer(user, c, method, x);
}

static xw_status split_address(const char *address, char host[256], char port[16], xw_error *err)
{
    const char *colon = strrchr(address, ':');
    int64_t number;
    if (!colon || !xw__parse_int(colon + 1, 0, 65535, &number) || strlen(colon + 1) >= 16) {
        return xw_fail(err, XW_USAGE, "listen address \"%s\" is not HOST:PORT", address);
    }
    const char *from = address;
    size_t n = (size_t)(colon - address);
    if (n >= 2 && *from == '[' && from[n - 1] == ']') {
        from++;
        n -= 2;
    }
    if (n == 0 || n >= 256) {
        return xw_fail(err, XW_USAGE, "listen address \"%s\" is not HOST:PORT", address);
    }
    memcpy(host, from, n);
    host[n] = '\0';
    (void)snprintf(port, 16, "%s", colon + 1);
    return XW_OK;
}

static unsigned port_of(int fd, bool *v6)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof a;
    char port[16];
    *v6 = false;
    if (getsockname(fd, (struct sockaddr *)&a, &n)) return 0;
    *v6 = a.ss_family == AF_INET6;
    if (getnameinfo((struct sockaddr *)&a, n, NULL, 0, port, sizeof port, NI_NUMERICSERV)) return 0;
    return (unsigned)strtoul(port, NULL, 10);
}

xw_status xw_http_bind(const char *address, int *fd, unsigned *port, char url[128], xw_error *err)
{
    char host[256], service[16];
    bool v6;
    struct addrinfo *found = NULL;
    const struct addrinfo want = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                  .ai_socktype = SOCK_STREAM};
    *fd = -1;
    const xw_status st = split_address(address, host, service, err);
    if (st) return st;
    const int rc = getaddrinfo(host, service, &want, &found);
    if (rc || !found) {
        return xw_fail(err, XW_USAGE, "listen address \"%s\": %s", address, gai_strerror(rc));
    }
    const int on = 1;
    int s = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                   found->ai_protocol);
    bool ok = s >= 0 && setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    ok = ok && bind(s, found->ai_addr, found->ai_addrlen) == 0 && listen(s, BACKLOG) == 0;
    const int why = errno;
    freeaddrinfo(found);
    if (!ok) {
        if (s >= 0) (void)close(s);
        if (why == EADDRINUSE) {
            return xw_fail(err, XW_IO, "port %s of %s is taken by another program", service, host);
        }
        return xw_fail(err, XW_IO, "port %s of %s: %s", service, host, strerror(why));
    }
    *fd = s;
    *port = port_of(s, &v6);
    /* an address that stands for all of them is reached under the loopback name */
    const bool any = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
    const char *name = any ? (v6 ? "::1" : "127.0.0.1") : host;
    (void)snprintf(url, 128, v6 ? "http://[%.90s]:%u" : "http://%.90s:%u", name, *port);
    return XW_OK;
}

xw_status xw_http_server_start(xw_http_app *app, int fd, const xw_http_listen *how,
                               xw_http_server **out, xw_error *err)
{
    *out = NULL;
    xw_http_server *s = calloc(1, sizeof *s);
    if (!s) {
        (void)close(fd);
        return xw_fail(err, XW_NOMEM, "HTTP server");
    }
    s->app = app;
    s->log = how->log;
    const unsigned threads = how->threads > 0 ? how->threads : 1;
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME;
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0u, /* 1 would be a pool of one */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_PER_IP,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_URI_LOG_CALLBACK, on_uri,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (!s->daemon) { /* the library has closed the socket */
        free(s);
        return xw_fail(err, XW_IO, "the HTTP server with %u threads does not start", threads);
    }
    *out = s;
    return XW_OK;
}

void xw_http_server_stop(xw_http_server *server)
{
    if (!server) return;
    xw__waiting_end(&server->waiting, server->app);
    MHD_stop_daemon(server->daemon);
    free(server);
}
