#include "xiwang/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { THREADS_MAX = 64 };

xw_status xw_job_step(const xw_job *job, const char *stage, uint64_t done, uint64_t total,
                      xw_error *err)
{
    if (!job) return XW_OK;
    /* Set by a signal handler, perhaps while another thread runs it. */
    if (xw_job_cancelled(job)) {
        return xw_fail(err, XW_CANCELLED, "stopped during %s", stage);
    }
    if (job->progress) job->progress(job->user, stage, done, total);
    return XW_OK;
}

unsigned xw_job_threads(const xw_job *job) { return job && job->threads > 0 ? job->threads : 1; }

typedef struct crew {
    atomic_size_t next;
    atomic_bool stop;
    size_t n;
    xw_status (*fn)(void *ctx, size_t i, unsigned thread, xw_error *err);
    void *ctx;
    pthread_mutex_t lock;
    size_t failed_at; /* smallest item that failed, n: none */
    xw_status status;
    xw_error error;
} crew;

typedef struct hand {
    crew *crew;
    unsigned thread;
} hand;

static void *work(void *arg)
{
    const hand *h = arg;
    crew *c = h->crew;
    while (!atomic_load(&c->stop)) {
        const size_t i = atomic_fetch_add(&c->next, 1);
        if (i >= c->n) break;
        xw_error err = {XW_OK, ""};
        const xw_status st = c->fn(c->ctx, i, h->thread, &err);
        if (st) {
            (void)pthread_mutex_lock(&c->lock);
            if (i < c->failed_at) {
                c->failed_at = i;
                c->status = st;
                c->error = err;
            }
            (void)pthread_mutex_unlock(&c->lock);
            atomic_store(&c->stop, true);
        }
    }
    return NULL;
}

xw_status xw_parallel(unsigned threads, size_t n,
                      xw_status (*fn)(void *ctx, size_t i, unsigned thread, xw_error *err),
                      void *ctx, xw_error *err)
{
    crew c = {.n = n, .fn = fn, .ctx = ctx, .failed_at = n};
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    if (threads > n) threads = (unsigned)n;
    if (threads == 0) threads = 1;
    pthread_t ids[THREADS_MAX];
    hand hands[THREADS_MAX];
    (void)pthread_mutex_init(&c.lock, NULL);
    unsigned started = 0;
    for (unsigned t = 1; t < threads; t++) {
        hands[t] = (hand){&c, t};
        if (pthread_create(&ids[t], NULL, work, &hands[t])) break; /* fewer hands, same work */
        started = t;
    }
    hands[0] = (hand){&c, 0};
    (void)work(&hands[0]);
    for (unsigned t = 1; t <= started; t++) (void)pthread_join(ids[t], NULL);
    (void)pthread_mutex_destroy(&c.lock);
    if (c.status && err) *err = c.error;
    return c.status;
}
