/* What the files of a timeline share. */
#ifndef XW_TIMELINE_INTERNAL_H
#define XW_TIMELINE_INTERNAL_H

#include "xiwang/store.h"
#include "xiwang/timeline.h"

#include <pthread.h>
#include <stdatomic.h>

/* open.c */
bool xw__is_snapshot(const char *path);
/* The snapshot beside a store, if it is whole and has that content. */
bool xw__open_ready(const char *store, uint64_t digest, xw_snapshot **out);
/* Compiles it; XW_CONFLICT when the store has another content by now. */
xw_status xw__open_compiled(const char *store, uint64_t digest, const xw_job *job,
                            xw_snapshot **out, xw_error *err);

/* chapter.c: one revision of the timeline, shared by the tables that have it. */
typedef struct xw__chapter {
    xw_store_facts facts;
    atomic_uint refs;
    _Atomic(xw_snapshot *) open; /* set once, after box */
    xw_box box;
    atomic_bool wanted;   /* a reader waits for its compilation */
    pthread_mutex_t lock; /* of what follows, and of opening */
    char *store;          /* path; moves when a newer revision takes its place */
    xw_error failure;     /* why it cannot be opened; status XW_OK: nobody tried in vain */
} xw__chapter;

xw__chapter *xw__chapter_create(const xw_store_facts *facts, const char *store);
xw__chapter *xw__chapter_of_snapshot(xw_snapshot *s); /* takes s when it succeeds */
void xw__chapter_release(xw__chapter *c);
/* The file is elsewhere now; a failure of the old place is forgotten. False without memory. */
bool xw__chapter_move(xw__chapter *c, const char *store);
/* Makes c->open ready. Without @p compile a snapshot that is not there is XW_CONFLICT. */
xw_status xw__chapter_open(xw__chapter *c, const xw_job *job, bool compile, xw_error *err);
/* Compiles without keeping readers out. */
xw_status xw__chapter_compile(xw__chapter *c, const xw_job *job, xw_error *err);
/* Does the head of its snapshot promise that it opens? */
bool xw__chapter_is_ready(xw__chapter *c);

/* scan.c */
typedef struct xw__found {
    xw_store_facts facts;
    char *store; /* owned */
} xw__found;
typedef struct xw__founds {
    xw__found *at; /* the newest first */
    size_t n, cap;
} xw__founds;
/* Reads the facts of the store and of what its history keeps. Kept files that do not fit are a line
 * each in problems. Fails only for the store itself. */
xw_status xw__scan(const char *store, const char *history, xw__founds *out, xw_buf *problems,
                   xw_error *err);
void xw__founds_finish(xw__founds *f);

/* A state of the files, to see that they changed. */
typedef struct xw__signature {
    int64_t store[5], history[5];
} xw__signature;
xw__signature xw__signature_of(const char *store, const char *history);

typedef struct xw__table {
    atomic_uint refs;
    size_t n, newest;
    xw_revision *revisions; /* by effective time and number */
    xw__chapter **chapters;
} xw__table;

struct xw_timeline {
    char *store, *history; /* NULL: a snapshot alone */
    xw_job job;
    atomic_bool watched;
    pthread_mutex_t lock; /* of table, problems */
    xw__table *table;
    xw_buf problems;
    size_t n_problems;
    pthread_mutex_t refreshing; /* of what follows */
    bool has_seen, has_failed;
    xw__signature seen, failed;
    unsigned skips; /* looks at a file that failed before it is tried again */
};

xw__table *xw__table_acquire(xw_timeline *t);
void xw__table_release(xw__table *table);

#endif
