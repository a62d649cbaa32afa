/* Streams of events over libmicrohttpd: a connection with nothing to send is suspended and costs no
 * thread and no poll; one whose client does not read is simply not asked for more. */
#include "stream_mhd.h"

#include <stdlib.h>
#include <time.h>

enum { BLOCK = 16 << 10 };

typedef struct stream {
    xw__waiting *waiting;
    struct MHD_Connection *connection;
    xw_events_reader *reader;
    bool refused; /* to sleep */
} stream;

bool xw__waiting_enter(xw__waiting *w)
{
    atomic_fetch_add(&w->n, 1);
    if (!atomic_load(&w->ended)) return true;
    atomic_fetch_sub(&w->n, 1);
    return false;
}

void xw__waiting_leave(xw__waiting *w) { atomic_fetch_sub(&w->n, 1); }

void xw__waiting_end(xw__waiting *w, xw_http_app *app)
{
    const struct timespec moment = {0, 1000000};
    atomic_store(&w->ended, true);
    if (app->events) xw_events_end_readers(app->events);
    while (atomic_load(&w->n) > 0) (void)nanosleep(&moment, NULL);
}

static void on_sleep(void *user)
{
    stream *s = user;
    s->refused = !xw__waiting_enter(s->waiting);
    if (!s->refused) MHD_suspend_connection(s->connection);
}

static void on_wake(void *user)
{
    stream *s = user;
    if (s->refused) return;
    xw__waiting *w = s->waiting;
    MHD_resume_connection(s->connection);
    xw__waiting_leave(w);
}

static ssize_t on_read(void *user, uint64_t at, char *out, size_t size)
{
    stream *s = user;
    (void)at;
    const int64_t n = xw_events_reader_read(s->reader, out, size);
    if (n < 0 || (n == 0 && s->refused)) return MHD_CONTENT_READER_END_OF_STREAM;
    return (ssize_t)n;
}

static void on_free(void *user)
{
    stream *s = user;
    xw_events_reader_close(s->reader);
    free(s);
}

enum MHD_Result xw__stream_send(xw__waiting *w, xw_http_app *app, struct MHD_Connection *c,
                                xw_http_response *rs)
{
    stream *s = calloc(1, sizeof *s);
    if (!s) return MHD_NO;
    s->waiting = w;
    s->connection = c;
    const xw_events_hooks hooks = {on_sleep, on_wake, s};
    if (xw_events_reader_open(app->events, rs->stream_after,
                              rs->stream_grid[0] ? rs->stream_grid : NULL, &hooks, &s->reader,
                              NULL)) {
        free(s);
        return MHD_NO;
    }
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, s, on_free);
    if (!r) {
        on_free(s);
        return MHD_NO;
    }
    (void)MHD_add_response_header(r, "Content-Type", rs->type);
    for (unsigned i = 0; i < rs->n_headers; i++) {
        (void)MHD_add_response_header(r, rs->headers[i].name, rs->headers[i].value);
    }
    const enum MHD_Result ok = MHD_queue_response(c, (unsigned)rs->status, r);
    MHD_destroy_response(r);
    return ok;
}
