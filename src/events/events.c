/* Batches, their queue, and the one thread that writes them. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum {
    BLOCK = 8192, /* the first of a batch, which is often one event */
    BLOCK_MORE = 65536,
    ROWS_A_COMMIT = 50000, /* a batch more is taken while there are fewer */
    KEEP_EACH_MS = 60000,
    BEAT_MS = 15000,
    RING = 16384,
};

void *xw__arena_take(xw__arena *a, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    if (!a->head || a->head->size - a->head->at < n) {
        const size_t usual = a->head ? BLOCK_MORE : BLOCK, size = n > usual ? n : usual;
        xw__block *b = malloc(sizeof *b + size);
        if (!b) return NULL;
        b->next = a->head;
        b->at = 0;
        b->size = size;
        a->head = b;
    }
    void *p = a->head->bytes + a->head->at;
    a->head->at += n;
    return p;
}

char *xw__arena_copy(xw__arena *a, const char *text, size_t n)
{
    char *p = xw__arena_take(a, n + 1);
    if (!p) return NULL;
    memcpy(p, text, n);
    p[n] = '\0';
    return p;
}

void xw__arena_finish(xw__arena *a)
{
    while (a->head) {
        xw__block *next = a->head->next;
        free(a->head);
        a->head = next;
    }
}

xw_status xw_events_batch_create(xw_events *e, xw_events_batch **out, xw_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return xw_fail(err, XW_NOMEM, "a batch of events");
    (*out)->owner = e;
    return XW_OK;
}

void xw_events_batch_destroy(xw_events_batch *b)
{
    if (!b) return;
    xw__arena_finish(&b->arena);
    xw_crs_destroy(b->crs.crs);
    xw_buf_finish(&b->scratch);
    free(b->events);
    free(b);
}

static xw_status open_crs(xw_events_batch *b, const char *name, const xw_crs **out, xw_error *err)
{
    *out = NULL;
    if (!name) return XW_OK;
    if (!b->crs.crs || strcmp(b->crs.name, name) != 0) {
        xw_crs_destroy(b->crs.crs);
        b->crs.crs = NULL;
        xw_error why = {XW_OK, ""};
        const xw_status st = xw_crs_create(name, &b->crs.crs, &why);
        if (st) return xw_fail(err, st, "\"crs\" is \"%s\": %s", name, why.text);
        (void)snprintf(b->crs.name, sizeof b->crs.name, "%s", name);
    }
    *out = b->crs.crs;
    return XW_OK;
}

static xw_status read_key(xw_events_batch *b, const char *key, xw__event *ev, xw_error *err)
{
    if (!key) return XW_OK;
    const size_t n = strlen(key);
    if (n == 0 || n > 255) {
        return xw_fail(err, XW_INPUT, "Idempotency-Key has %zu bytes, 1 to 255 are needed", n);
    }
    ev->key = xw__arena_copy(&b->arena, key, n);
    return ev->key ? XW_OK : xw_fail(err, XW_NOMEM, "an event");
}

xw_status xw_events_batch_add(xw_events_batch *b, const xw_snapshot *s, const char *json, size_t n,
                              const char *key, int64_t now_unix, xw_error *err)
{
    const xw_crs *crs;
    xw_error why = {XW_OK, ""};
    if (b->n == XW_EVENTS_BATCH_MAX) {
        return xw_fail(err, XW_LIMIT, "there are more than %d events", XW_EVENTS_BATCH_MAX);
    }
    if (!xw_grow((void **)&b->events, &b->cap, b->n + 1, sizeof *b->events)) {
        return xw_fail(err, XW_NOMEM, "an event");
    }
    xw__event *ev = &b->events[b->n];
    *ev = (xw__event){.received = now_unix};
    xw_status st = read_key(b, key, ev, &why);
    if (!st) st = xw__event_read(json, n, &b->arena, ev, &why);
    if (!ev->has_requested) ev->requested = now_unix;
    if (!st) st = open_crs(b, ev->crs, &crs, &why);
    if (!st) st = xw__event_bind(s, crs, b, ev, &why);
    if (st == XW_NOMEM) return xw_fail(err, XW_NOMEM, "an event");
    if (st) {
        ev->tail = NULL;
        ev->result.outcome = st == XW_NOT_FOUND ? XW_EVENT_OUTSIDE : XW_EVENT_REFUSED;
        ev->result.size = strlen(why.text);
        ev->result.text = xw__arena_copy(&b->arena, why.text, ev->result.size);
        if (!ev->result.text) return xw_fail(err, XW_NOMEM, "an event");
    }
    b->n++;
    return XW_OK;
}

size_t xw_events_batch_size(const xw_events_batch *b) { return b->n; }
const char *xw_events_batch_rule(const xw_events_batch *b, size_t i)
{
    return b->events[i].tail ? b->events[i].rule : "";
}
xw_event_result xw_events_batch_result(const xw_events_batch *b, size_t i)
{
    return b->events[i].result;
}

void xw_events_batch_submit(xw_events_batch *b, void (*done)(void *user), void *user)
{
    xw_events *e = b->owner;
    b->done = done;
    b->user = user;
    b->next = NULL;
    b->is_done = false;
    (void)pthread_mutex_lock(&e->lock);
    if (e->last) {
        e->last->next = b;
    } else {
        e->first = b;
    }
    e->last = b;
    (void)pthread_cond_signal(&e->work);
    (void)pthread_mutex_unlock(&e->lock);
}

void xw_events_batch_wait(xw_events_batch *b)
{
    xw_events *e = b->owner;
    (void)pthread_mutex_lock(&e->lock);
    while (!b->is_done) (void)pthread_cond_wait(&e->done, &e->lock);
    (void)pthread_mutex_unlock(&e->lock);
}

static xw_status insert_all(xw_events *e, xw_events_batch *list, xw_error *err)
{
    int64_t id = e->last_id + 1; /* only this thread moves last_id */
    xw_status st = xw__db_exec(e->db, e->path, "BEGIN IMMEDIATE", err);
    for (xw_events_batch *b = list; b && !st; b = b->next) {
        for (size_t i = 0; i < b->n && !st; i++) {
            if (b->events[i].tail) st = xw__insert(e, &b->arena, &b->events[i], &id, err);
        }
    }
    return st ? st : xw__db_exec(e->db, e->path, "COMMIT", err);
}

/* Nothing of the transaction is in the file: nobody is told otherwise. */
static void fail_all(xw_events *e, xw_events_batch *list)
{
    static const char text[] = "the event could not be stored";
    (void)sqlite3_exec(e->db, "ROLLBACK", NULL, NULL, NULL);
    for (xw_events_batch *b = list; b; b = b->next) {
        for (size_t i = 0; i < b->n; i++) {
            if (!b->events[i].tail) continue;
            b->events[i].result = (xw_event_result){XW_EVENT_FAILED, 0, text, sizeof text - 1};
        }
    }
}

static void write_list(xw_events *e, xw_events_batch *list)
{
    if (insert_all(e, list, NULL)) fail_all(e, list);
    for (xw_events_batch *b = list; b; b = b->next) {
        for (size_t i = 0; i < b->n; i++) {
            if (b->events[i].result.outcome == XW_EVENT_CREATED) xw__stream_push(e, &b->events[i]);
        }
    }
    while (list) {
        xw_events_batch *b = list;
        list = b->next;
        void (*done)(void *) = b->done;
        void *user = b->user;
        if (done) {
            done(user); /* the batch may be gone now */
            continue;
        }
        (void)pthread_mutex_lock(&e->lock);
        b->is_done = true;
        (void)pthread_cond_broadcast(&e->done);
        (void)pthread_mutex_unlock(&e->lock);
    }
    xw__stream_wake(e, false);
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void do_chores(xw_events *e)
{
    const int64_t now = now_ms(CLOCK_MONOTONIC);
    if (now >= e->next_beat_ms) {
        e->next_beat_ms = now + e->options.beat_ms;
        xw__stream_wake(e, true);
    }
    if (now >= e->next_keep_ms) {
        bool more = false;
        const xw_status st = xw__keep(e, now_ms(CLOCK_REALTIME) / 1000, &more, NULL);
        e->next_keep_ms = now + (st || !more ? KEEP_EACH_MS : 20);
    }
}

/* Takes the front of the queue; waits for it until something else is due. */
static xw_events_batch *take_list(xw_events *e, bool *stop)
{
    (void)pthread_mutex_lock(&e->lock);
    if (!e->first && !e->stopping) {
        const int64_t due = e->next_beat_ms < e->next_keep_ms ? e->next_beat_ms : e->next_keep_ms;
        const struct timespec until = {(time_t)(due / 1000), (long)(due % 1000) * 1000000};
        (void)pthread_cond_timedwait(&e->work, &e->lock, &until);
    }
    xw_events_batch *list = e->first, *end = NULL;
    size_t rows = 0;
    for (xw_events_batch *b = list; b && (!end || rows < ROWS_A_COMMIT); b = b->next) {
        rows += b->n;
        end = b;
    }
    if (end) {
        e->first = end->next;
        end->next = NULL;
    }
    if (!e->first) e->last = NULL;
    *stop = e->stopping && !list;
    (void)pthread_mutex_unlock(&e->lock);
    return list;
}

static void *writer(void *arg)
{
    xw_events *e = arg;
    for (bool stop = false; !stop;) {
        xw_events_batch *list = take_list(e, &stop);
        if (list) write_list(e, list);
        if (!stop) do_chores(e);
    }
    return NULL;
}

static xw_status find_last(xw_events *e, xw_error *err)
{
    sqlite3_stmt *s = NULL;
    xw_status st = XW_OK;
    if (sqlite3_prepare_v2(e->db, "SELECT max(id) FROM event", -1, &s, NULL) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_ROW) {
        st = xw__db_fail(e->db, e->path, err);
    } else {
        e->last_id = sqlite3_column_int64(s, 0);
        e->first_id = e->last_id + 1;
    }
    (void)sqlite3_finalize(s);
    return st;
}

/* Ids are counted in memory, so there is one writer. flock has nothing to do with the locks of
 * SQLite, but closing any descriptor of the file drops those: it is closed last. */
static xw_status lock(xw_events *e, const char *path, xw_error *err)
{
    e->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (e->lock_fd < 0) return xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
    if (flock(e->lock_fd, LOCK_EX | LOCK_NB) == 0) return XW_OK;
    if (errno != EWOULDBLOCK) return xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
    return xw_fail(err, XW_CONFLICT, "%s: another process keeps events there, a server perhaps",
                   path);
}

static xw_status start(xw_events *e, const char *path, xw_error *err)
{
    e->path = strdup(path);
    e->n_ring = e->options.ring ? e->options.ring : RING;
    if (!e->options.beat_ms) e->options.beat_ms = BEAT_MS;
    e->ring = calloc(e->n_ring, sizeof *e->ring);
    if (!e->path || !e->ring) return xw_fail(err, XW_NOMEM, "store of events");
    xw_status st = xw__db_open(path, true, &e->db, err);
    if (!st) st = lock(e, path, err);
    if (!st) st = xw__inserter_open(e->db, path, &e->inserter, err);
    if (!st) st = find_last(e, err);
    if (st) return st;
    e->next_keep_ms = now_ms(CLOCK_MONOTONIC);
    e->next_beat_ms = e->next_keep_ms + e->options.beat_ms;
    if (pthread_create(&e->thread, NULL, writer, e)) {
        return xw_fail(err, XW_IO, "the thread that writes events does not start");
    }
    e->has_thread = true;
    return XW_OK;
}

xw_status xw_events_open(const char *path, const xw_events_options *options, xw_events **out,
                         xw_error *err)
{
    pthread_condattr_t attr;
    *out = NULL;
    xw_events *e = calloc(1, sizeof *e);
    if (!e) return xw_fail(err, XW_NOMEM, "store of events");
    if (options) e->options = *options;
    e->lock_fd = -1;
    (void)pthread_mutex_init(&e->lock, NULL);
    (void)pthread_mutex_init(&e->pool_lock, NULL);
    (void)pthread_mutex_init(&e->hub, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&e->work, &attr);
    (void)pthread_cond_init(&e->done, NULL);
    (void)pthread_condattr_destroy(&attr);
    const xw_status st = start(e, path, err);
    if (st) {
        xw_events_close(e);
        return st;
    }
    *out = e;
    return XW_OK;
}

void xw_events_close(xw_events *e)
{
    if (!e) return;
    if (e->has_thread) {
        (void)pthread_mutex_lock(&e->lock);
        e->stopping = true;
        (void)pthread_cond_signal(&e->work);
        (void)pthread_mutex_unlock(&e->lock);
        (void)pthread_join(e->thread, NULL);
    }
    xw__inserter_close(&e->inserter);
    for (unsigned i = 0; i < e->n_pool; i++) (void)sqlite3_close(e->pool[i]);
    (void)sqlite3_close(e->db);
    if (e->lock_fd >= 0) (void)close(e->lock_fd);
    for (uint32_t i = 0; e->ring && i < e->n_ring; i++) free(e->ring[i].text);
    free(e->ring);
    free(e->path);
    (void)pthread_cond_destroy(&e->work);
    (void)pthread_cond_destroy(&e->done);
    (void)pthread_mutex_destroy(&e->lock);
    (void)pthread_mutex_destroy(&e->pool_lock);
    (void)pthread_mutex_destroy(&e->hub);
    free(e);
}

int64_t xw_events_last(xw_events *e)
{
    (void)pthread_mutex_lock(&e->hub);
    const int64_t id = e->last_id;
    (void)pthread_mutex_unlock(&e->hub);
    return id;
}
