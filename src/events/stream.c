/* The stream: a ring of the newest events, and readers that pull from it or from the file. */
#include "internal.h"

#include "xiwang/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OUT_FILL = 32 << 10, /* bytes gathered for a reader at once */
    OUT_MAX = 1 << 20,
    PAGE = 100, /* events read from the file at once */
};

/* One message of text/event-stream with a CloudEvents 1.0 envelope. */
void xw__stream_text(xw_buf *out, int64_t id, int64_t received, const char *answer, size_t n)
{
    char when[XW_WHEN_TEXT];
    xw_when_text(received, when);
    xw_buf_fmt(out,
               "id: %lld\nevent: xiwang.event.bound.v1\ndata: {\"specversion\":\"1.0\","
               "\"id\":\"%lld\",\"source\":\"/events\",\"type\":\"xiwang.event.bound.v1\","
               "\"time\":\"%s\",\"sequence\":\"%lld\",\"data\":",
               (long long)id, (long long)id, when, (long long)id);
    xw_buf_add(out, answer, n);
    xw_buf_text(out, "}\n\n");
}

/* While nobody reads the ring stays empty: who comes then reads the file first. */
static bool nobody_reads(xw_events *e, int64_t id)
{
    (void)pthread_mutex_lock(&e->hub);
    const bool nobody = !e->readers;
    if (nobody) {
        e->last_id = id;
        e->first_id = id + 1;
    }
    (void)pthread_mutex_unlock(&e->hub);
    return nobody;
}

void xw__stream_push(xw_events *e, const xw__event *ev)
{
    xw_buf text;
    if (nobody_reads(e, ev->result.id)) return;
    xw_buf_init(&text, ev->result.size + 1024);
    xw__stream_text(&text, ev->result.id, ev->received, ev->result.text, ev->result.size);
    (void)pthread_mutex_lock(&e->hub);
    xw__message *m = &e->ring[ev->result.id % e->n_ring];
    free(m->text);
    if (text.failed) { /* no memory: readers take it from the file, as everything before */
        xw_buf_finish(&text);
        m->text = NULL;
        e->first_id = ev->result.id + 1;
    } else {
        m->text = text.data;
        m->n = text.n;
        (void)snprintf(m->grid, sizeof m->grid, "%s", ev->grid);
    }
    e->last_id = ev->result.id;
    if (e->last_id - e->first_id >= (int64_t)e->n_ring) {
        e->first_id = e->last_id - (int64_t)e->n_ring + 1;
    }
    (void)pthread_mutex_unlock(&e->hub);
}

void xw__stream_wake(xw_events *e, bool beat)
{
    (void)pthread_mutex_lock(&e->hub);
    e->beat += beat;
    for (xw_events_reader *r = e->readers; r; r = r->next) {
        if (!r->sleeping || (!beat && !e->ended && r->at > e->last_id)) continue;
        r->sleeping = false;
        r->hooks.wake(r->hooks.user);
    }
    (void)pthread_mutex_unlock(&e->hub);
}

void xw_events_end_readers(xw_events *e)
{
    (void)pthread_mutex_lock(&e->hub);
    e->ended = true;
    (void)pthread_mutex_unlock(&e->hub);
    xw__stream_wake(e, false);
}

xw_status xw_events_reader_open(xw_events *e, int64_t after, const char *grid,
                                const xw_events_hooks *hooks, xw_events_reader **out, xw_error *err)
{
    *out = NULL;
    if (grid && strlen(grid) >= sizeof(*out)->grid) {
        return xw_fail(err, XW_INPUT, "grid \"%.60s\" is no code", grid);
    }
    xw_events_reader *r = calloc(1, sizeof *r);
    if (!r) return xw_fail(err, XW_NOMEM, "a reader of events");
    r->owner = e;
    r->hooks = *hooks;
    (void)snprintf(r->grid, sizeof r->grid, "%s", grid ? grid : "");
    r->grid_n = strlen(r->grid);
    xw_buf_init(&r->out, OUT_MAX);
    xw_buf_text(&r->out, "retry: 1000\n: hello\n\n");
    (void)pthread_mutex_lock(&e->hub);
    r->at = after < 0 || after > e->last_id ? e->last_id + 1 : after + 1;
    r->beat = e->beat;
    r->next = e->readers;
    if (e->readers) e->readers->prev = r;
    e->readers = r;
    (void)pthread_mutex_unlock(&e->hub);
    *out = r;
    return XW_OK;
}

void xw_events_reader_close(xw_events_reader *r)
{
    if (!r) return;
    xw_events *e = r->owner;
    (void)pthread_mutex_lock(&e->hub);
    if (r->next) r->next->prev = r->prev;
    if (r->prev) {
        r->prev->next = r->next;
    } else {
        e->readers = r->next;
    }
    (void)pthread_mutex_unlock(&e->hub);
    xw_buf_finish(&r->out);
    free(r);
}

/* Under the lock: from the ring. */
static void fill_from_ring(xw_events *e, xw_events_reader *r)
{
    r->live = true;
    for (; r->at <= e->last_id && r->out.n < OUT_FILL; r->at++) {
        const xw__message *m = &e->ring[r->at % e->n_ring];
        if (strncmp(m->grid, r->grid, r->grid_n) == 0) xw_buf_add(&r->out, m->text, m->n);
    }
}

/* Without the lock. */
static xw_status fill_from_file(xw_events *e, xw_events_reader *r)
{
    sqlite3_stmt *s = NULL;
    sqlite3 *db = xw__pool_take(e, NULL);
    if (!db) return XW_IO;
    int64_t at = r->at;
    int n = 0, rc = sqlite3_prepare_v2(db,
                                       "SELECT id, received, answer, grid FROM event WHERE id >= ?1"
                                       " ORDER BY id LIMIT ?2",
                                       -1, &s, NULL);
    (void)sqlite3_bind_int64(s, 1, at);
    (void)sqlite3_bind_int(s, 2, PAGE);
    while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        n++;
        at = sqlite3_column_int64(s, 0);
        const char *grid = (const char *)sqlite3_column_text(s, 3);
        if (r->grid_n && (!grid || strncmp(grid, r->grid, r->grid_n) != 0)) continue;
        xw_buf answer;
        const char *tail = (const char *)sqlite3_column_text(s, 2);
        const size_t size = (size_t)sqlite3_column_bytes(s, 2);
        xw_buf_init(&answer, size + 100);
        xw__answer_text(&answer, at, tail ? tail : "", size);
        if (answer.failed) rc = SQLITE_NOMEM;
        xw__stream_text(&r->out, at, sqlite3_column_int64(s, 1), answer.data, answer.n);
        xw_buf_finish(&answer);
    }
    (void)sqlite3_finalize(s);
    xw__pool_give(e, db);
    if (rc != SQLITE_DONE) return XW_IO;
    if (n > 0) r->at = at + 1;
    return XW_OK;
}

typedef enum step { GOT, ASLEEP, FILE_NEXT, THE_END } step;

static step fill(xw_events *e, xw_events_reader *r)
{
    step s = GOT;
    (void)pthread_mutex_lock(&e->hub);
    if (e->ended) {
        s = THE_END;
    } else if (r->beat != e->beat) {
        r->beat = e->beat;
        xw_buf_text(&r->out, ": beat\n\n");
    } else if (r->at > e->last_id) {
        r->live = true;
        r->sleeping = true;
        r->hooks.sleep(r->hooks.user);
        s = ASLEEP;
    } else if (r->at >= e->first_id) {
        fill_from_ring(e, r);
    } else if (r->live) {
        xw_buf_fmt(&r->out, "event: resync\ndata: {\"last_event_id\":\"%lld\"}\n\n",
                   (long long)(r->at - 1));
        r->ending = true;
    } else {
        s = FILE_NEXT;
    }
    (void)pthread_mutex_unlock(&e->hub);
    return s;
}

int64_t xw_events_reader_read(xw_events_reader *r, char *out, size_t size)
{
    xw_events *e = r->owner;
    while (r->out_at == r->out.n) {
        if (r->ending || r->out.failed) return -1;
        xw_buf_clear(&r->out);
        r->out_at = 0;
        switch (fill(e, r)) {
        case GOT:
            break;
        case ASLEEP:
            return 0;
        case THE_END:
            return -1;
        case FILE_NEXT: {
            const int64_t was = r->at;
            if (fill_from_file(e, r)) return -1;
            /* rows between have gone by retention: on to where the ring begins */
            if (r->at == was) {
                (void)pthread_mutex_lock(&e->hub);
                r->at = e->first_id;
                (void)pthread_mutex_unlock(&e->hub);
            }
            break;
        }
        }
    }
    if (r->out.failed) return -1;
    const size_t left = r->out.n - r->out_at, n = left < size ? left : size;
    memcpy(out, r->out.data + r->out_at, n);
    r->out_at += n;
    return (int64_t)n;
}
