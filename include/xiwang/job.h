/**
 * @file job.h
 * How long work reports its progress, learns that it should stop, and runs on several threads.
 *
 * The core has no clock, no terminal and no signals: whoever starts a job hands these in.
 */
#ifndef XW_JOB_H
#define XW_JOB_H

#include "xiwang/status.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xw_job {
    /** Called from one thread now and then; NULL for none. @p total 0 means unknown. */
    void (*progress)(void *user, const char *stage, uint64_t done, uint64_t total);
    void *user;
    const volatile sig_atomic_t *cancel; /**< not 0: stop soon with XW_CANCELLED; NULL: never */
    unsigned threads;                    /**< 0 counts as 1 */
} xw_job;

/** Reports progress; @p job may be NULL. @return XW_CANCELLED when asked to stop, else XW_OK */
xw_status xw_job_step(const xw_job *job, const char *stage, uint64_t done, uint64_t total,
                      xw_error *err);

/** Was @p job (may be NULL) asked to stop? */
static inline bool xw_job_cancelled(const xw_job *job)
{
    return job && job->cancel && __atomic_load_n(job->cancel, __ATOMIC_RELAXED);
}

/** Number of threads of @p job, at least 1; @p job may be NULL. */
unsigned xw_job_threads(const xw_job *job);

/**
 * Calls fn(ctx, i, thread) once for each i in [0, n), i handed out in order over @p threads
 * threads. The result must not depend on which thread ran an item. The first failure (smallest i
 * that failed) stops the rest and is returned.
 */
xw_status xw_parallel(unsigned threads, size_t n,
                      xw_status (*fn)(void *ctx, size_t i, unsigned thread, xw_error *err),
                      void *ctx, xw_error *err);

#endif
