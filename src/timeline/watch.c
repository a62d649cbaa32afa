/* Looks at the files while others serve from them. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_MS = 250, PATIENCE = 4 /* looks, about a second */ };

struct xw_timeline_watch {
    xw_timeline *t;
    void (*tell)(void *user, const char *line);
    void *user;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    volatile sig_atomic_t stop; /* set under the lock; also the cancel of the job */
    xw_job job, before;         /* the watch's; the timeline's until then */
    unsigned waited;            /* looks at a store whose snapshot does not fit yet */
    uint64_t told;              /* digest of the problems that were told */
    bool is_prepared;           /* nothing has to be compiled but what readers ask for */
};

static void tell(const xw_timeline_watch *w, const char *line)
{
    if (w->tell) w->tell(w->user, line);
}

/* Problems are told when they change. */
static void tell_problems(xw_timeline_watch *w)
{
    xw_buf text;
    uint64_t h = 14695981039346656037u;
    xw_buf_init(&text, 1 << 20);
    (void)xw_timeline_problems(w->t, &text);
    for (size_t i = 0; i < text.n; i++) h = (h ^ (unsigned char)text.data[i]) * 1099511628211u;
    if (h != w->told && text.n > 0 && !text.failed) {
        for (char *line = text.data; *line;) {
            char *end = strchr(line, '\n');
            if (!end) break;
            *end = '\0';
            tell(w, line);
            line = end + 1;
        }
    }
    w->told = h;
    xw_buf_finish(&text);
}

static void tell_newest(xw_timeline_watch *w)
{
    xw_pin pin;
    char line[120], when[XW_WHEN_TEXT];
    if (xw_timeline_pin_newest(w->t, &pin, NULL)) return;
    xw_when_text(pin.revision->effective_unix, when);
    (void)snprintf(line, sizeof line, "the newest revision is %u now, in force from %s",
                   pin.revision->number, when);
    xw_pin_release(&pin);
    tell(w, line);
}

static void look(xw_timeline_watch *w)
{
    bool changed;
    xw_error err = {XW_OK, ""};
    const xw_status st = xw_timeline_refresh(w->t, w->waited < PATIENCE, &changed, &err);
    w->waited = st == XW_CONFLICT ? w->waited + 1 : 0;
    if (changed) {
        w->is_prepared = false;
        tell_newest(w);
    }
    tell_problems(w);
}

/* Compiles what readers wait for, and what the next ones would wait for. */
static void prepare(xw_timeline_watch *w)
{
    xw__table *table = xw__table_acquire(w->t);
    for (size_t i = 0; i < table->n && !xw_job_cancelled(&w->job); i++) {
        xw__chapter *c = table->chapters[i];
        if (!atomic_load(&c->wanted) && (w->is_prepared || xw__chapter_is_ready(c))) continue;
        xw_error err = {XW_OK, ""};
        if (xw__chapter_compile(c, &w->job, &err) && err.status != XW_CANCELLED) {
            char line[480];
            (void)snprintf(line, sizeof line, "revision %u cannot be served: %s", c->facts.revision,
                           err.text);
            tell(w, line);
        }
    }
    w->is_prepared = true;
    xw__table_release(table);
}

static bool sleep_unless_stopped(xw_timeline_watch *w)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&w->lock);
    int rc = 0;
    while (!w->stop && rc == 0) rc = pthread_cond_timedwait(&w->wake, &w->lock, &until);
    const bool go_on = !w->stop;
    (void)pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *run(void *user)
{
    xw_timeline_watch *w = user;
    tell_problems(w);
    do {
        prepare(w);
        if (!sleep_unless_stopped(w)) break;
        look(w);
    } while (true);
    return NULL;
}

xw_status xw_timeline_watch_start(xw_timeline *t, void (*tell_line)(void *user, const char *line),
                                  void *user, xw_timeline_watch **out, xw_error *err)
{
    *out = NULL;
    xw_timeline_watch *w = calloc(1, sizeof *w);
    if (!w) return xw_fail(err, XW_NOMEM, "watch of the store");
    pthread_condattr_t attr;
    w->t = t;
    w->tell = tell_line;
    w->user = user;
    w->job = (xw_job){.cancel = &w->stop, .threads = 1}; /* the others serve */
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&w->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    w->before = t->job;
    t->job = w->job;
    atomic_store(&t->watched, true);
    if (pthread_create(&w->thread, NULL, run, w) != 0) {
        atomic_store(&t->watched, false);
        t->job = w->before;
        (void)pthread_cond_destroy(&w->wake);
        (void)pthread_mutex_destroy(&w->lock);
        free(w);
        return xw_fail(err, XW_NOMEM, "thread that watches the store");
    }
    *out = w;
    return XW_OK;
}

void xw_timeline_watch_stop(xw_timeline_watch *w)
{
    if (!w) return;
    (void)pthread_mutex_lock(&w->lock);
    __atomic_store_n(&w->stop, 1, __ATOMIC_RELAXED);
    (void)pthread_cond_signal(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    atomic_store(&w->t->watched, false);
    w->t->job = w->before;
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}
