/* What the files of the events layer share. */
#ifndef XW_EVENTS_INTERNAL_H
#define XW_EVENTS_INTERNAL_H

#include "xiwang/events.h"

#include <pthread.h>
#include <sqlite3.h>

enum {
    XW__ANSWER_HEAD = 96, /* bytes that the answer's beginning, with the id, takes at most */
    XW__FLOOR_LIMIT = 1000,
    XW__READERS_MAX = 64, /* idle connections for reading */
    XW__SELECT_COLUMNS = 10,
};

/* Memory of a batch, freed at once. */
typedef struct xw__block {
    struct xw__block *next;
    size_t at, size;
    char bytes[];
} xw__block;

typedef struct xw__arena {
    xw__block *head;
} xw__arena;
void *xw__arena_take(xw__arena *a, size_t n); /* aligned; NULL for lack of memory */
char *xw__arena_copy(xw__arena *a, const char *text, size_t n);
void xw__arena_finish(xw__arena *a);

typedef struct xw__event {
    const char *source, *source_event_id, *key; /* NULL: none */
    const char *service_code, *status, *crs, *address, *description;
    const char *grid; /* finest code */
    uint64_t hash;    /* of the fields as they came */
    int64_t received, requested;
    double x, y, accuracy;
    bool has_accuracy, has_floor, has_requested;
    int floor;
    xw_pt at;
    uint32_t revision;
    const char *rule, *certain_to;
    char *tail; /* the answer behind its id; XW__ANSWER_HEAD bytes are free before it */
    size_t tail_n;
    xw_event_result result;
} xw__event;

struct xw_events_batch {
    xw_events *owner;
    xw__arena arena;
    xw__event *events;
    size_t n, cap;
    xw_buf scratch;
    struct { /* the last CRS, made once for many lines */
        char name[48];
        xw_crs *crs;
    } crs;
    xw_events_batch *next; /* in the queue */
    void (*done)(void *user);
    void *user;
    bool is_done;
};

/* fields.c: from JSON to an event. XW_INPUT names the field. */
xw_status xw__event_read(const char *json, size_t n, xw__arena *a, xw__event *out, xw_error *err);
/* The same, slower: what the quick reader of plain objects is held against. */
xw_status xw__event_read_by_tree(const char *json, size_t n, xw__arena *a, xw__event *out,
                                 xw_error *err);
/* The name as PROJ and we know it; false for a text that strangers may not say. */
bool xw__event_crs_name(const char *given, char name[48]);

/* bind.c: whose it is, and the answer's tail. XW_NOT_FOUND: in no grid */
xw_status xw__event_bind(const xw_snapshot *s, const xw_crs *crs, xw_events_batch *b, xw__event *ev,
                         xw_error *err);

/* db.c */
xw_status xw__db_fail(sqlite3 *db, const char *path, xw_error *err);
xw_status xw__db_open(const char *path, bool writer, sqlite3 **out, xw_error *err);
xw_status xw__db_exec(sqlite3 *db, const char *path, const char *sql, xw_error *err);
typedef struct xw__inserter {
    sqlite3_stmt *insert, *by_key, *by_source;
} xw__inserter;
xw_status xw__inserter_open(sqlite3 *db, const char *path, xw__inserter *in, xw_error *err);
void xw__inserter_close(xw__inserter *in);
/* @p id is the next free one; used up when the event is created. */
xw_status xw__insert(xw_events *e, xw__arena *a, xw__event *ev, int64_t *id, xw_error *err);
/* How every answer begins. @return bytes */
size_t xw__answer_head(char out[XW__ANSWER_HEAD], int64_t id);
/* The answer from its parts. */
void xw__answer_text(xw_buf *out, int64_t id, const char *tail, size_t n);

/* stream.c: the ring of the newest events, ready to be sent */
typedef struct xw__message {
    char *text;
    size_t n;
    char grid[40];
} xw__message;

struct xw_events_reader {
    xw_events *owner;
    xw_events_reader *prev, *next; /* in the list of all */
    xw_events_hooks hooks;
    int64_t at; /* next id */
    bool live, sleeping, ending;
    uint64_t beat;
    char grid[40];
    size_t grid_n;
    xw_buf out;
    size_t out_at;
};

struct xw_events {
    char *path;
    xw_events_options options;
    sqlite3 *db; /* the writer's */
    int lock_fd; /* holds the lock of the only writer; -1 */
    xw__inserter inserter;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock; /* of the queue and of is_done */
    pthread_cond_t work, done;
    xw_events_batch *first, *last;
    bool stopping;

    pthread_mutex_t pool_lock;
    sqlite3 *pool[XW__READERS_MAX];
    unsigned n_pool;

    pthread_mutex_t hub; /* of all below */
    xw__message *ring;
    uint32_t n_ring;
    int64_t first_id, last_id; /* in the ring: first_id to last_id; empty when last_id < first_id */
    xw_events_reader *readers;
    uint64_t beat;
    bool ended;

    int64_t expired_to; /* ids up to here have no coordinates any more */
    int64_t next_beat_ms, next_keep_ms;
};

/* Puts a created event into the ring. */
void xw__stream_push(xw_events *e, const xw__event *ev);
void xw__stream_text(xw_buf *out, int64_t id, int64_t received, const char *answer, size_t n);
/* Wakes the sleeping readers; @p beat: with a heartbeat. */
void xw__stream_wake(xw_events *e, bool beat);

/* list.c */
sqlite3 *xw__pool_take(xw_events *e, xw_error *err);
void xw__pool_give(xw_events *e, sqlite3 *db);

/* keep.c: what is too old, some of it; more says that there is more. Called by the writer. */
xw_status xw__keep(xw_events *e, int64_t now_unix, bool *more, xw_error *err);

#endif
