/* One revision: its files, and its mapping once somebody asked for it. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

xw__chapter *xw__chapter_create(const xw_store_facts *facts, const char *store)
{
    xw__chapter *c = calloc(1, sizeof *c);
    char *path = strdup(store);
    if (!c || !path) {
        free(c);
        free(path);
        return NULL;
    }
    c->facts = *facts;
    c->store = path;
    atomic_init(&c->refs, 1);
    atomic_init(&c->open, NULL);
    atomic_init(&c->wanted, false);
    (void)pthread_mutex_init(&c->lock, NULL);
    return c;
}

static void set_open(xw__chapter *c, xw_snapshot *s)
{
    c->box = xw_model_box(xw_snapshot_model(s));
    atomic_store_explicit(&c->open, s, memory_order_release);
    atomic_store(&c->wanted, false);
}

xw__chapter *xw__chapter_of_snapshot(xw_snapshot *s)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_store_facts f = {.revision = m->revision,
                        .effective_unix = m->effective_unix,
                        .digest = xw_store_model_digest(m),
                        .n_grids = m->n_grids};
    for (uint32_t i = 0; m->n_levels > 0 && i < m->levels[0].n_grids; i++) {
        f.households += m->grids[m->levels[0].first_grid + i].households;
    }
    (void)snprintf(f.published, sizeof f.published, "%s", xw_model_text(m, m->published));
    xw__chapter *c = xw__chapter_create(&f, "");
    if (c) set_open(c, s);
    return c;
}

void xw__chapter_release(xw__chapter *c)
{
    if (!c || atomic_fetch_sub(&c->refs, 1) > 1) return;
    xw_snapshot_close(atomic_load(&c->open));
    (void)pthread_mutex_destroy(&c->lock);
    free(c->store);
    free(c);
}

bool xw__chapter_move(xw__chapter *c, const char *store)
{
    char *path = strdup(store);
    if (!path) return false;
    (void)pthread_mutex_lock(&c->lock);
    char *old = c->store;
    c->store = path;
    c->failure = (xw_error){XW_OK, ""};
    (void)pthread_mutex_unlock(&c->lock);
    free(old);
    return true;
}

/* What another try may mend is not kept as the answer to everybody. */
static bool is_final(xw_status st)
{
    return st != XW_CANCELLED && st != XW_NOMEM && st != XW_CONFLICT;
}

static xw_status open_locked(xw__chapter *c, const xw_job *job, bool compile, xw_error *err)
{
    xw_snapshot *s = NULL;
    if (atomic_load_explicit(&c->open, memory_order_acquire)) return XW_OK;
    if (c->failure.status) {
        return xw_fail(err, c->failure.status, "%s", c->failure.text);
    }
    if (!xw__open_ready(c->store, c->facts.digest, &s)) {
        if (!compile) {
            atomic_store(&c->wanted, true);
            return xw_fail(err, XW_CONFLICT, "revision %u is being compiled, ask again in a moment",
                           c->facts.revision);
        }
        xw_error why = {XW_OK, ""};
        const xw_status st = xw__open_compiled(c->store, c->facts.digest, job, &s, &why);
        if (st) {
            if (is_final(st)) c->failure = why;
            return xw_fail(err, st, "%s", why.text);
        }
    }
    set_open(c, s);
    return XW_OK;
}

xw_status xw__chapter_open(xw__chapter *c, const xw_job *job, bool compile, xw_error *err)
{
    if (atomic_load_explicit(&c->open, memory_order_acquire)) return XW_OK;
    if (!compile && atomic_load(&c->wanted)) { /* the mapping was tried already */
        return xw_fail(err, XW_CONFLICT, "revision %u is being compiled, ask again in a moment",
                       c->facts.revision);
    }
    (void)pthread_mutex_lock(&c->lock);
    const xw_status st = open_locked(c, job, compile, err);
    (void)pthread_mutex_unlock(&c->lock);
    return st;
}

static char *path_of(xw__chapter *c)
{
    (void)pthread_mutex_lock(&c->lock);
    char *path = strdup(c->store);
    (void)pthread_mutex_unlock(&c->lock);
    return path;
}

xw_status xw__chapter_compile(xw__chapter *c, const xw_job *job, xw_error *err)
{
    xw_error why = {XW_OK, ""};
    xw_snapshot *s = NULL;
    char *path = path_of(c);
    xw_status st = path ? XW_OK : xw_fail(&why, XW_NOMEM, "path of a revision");
    if (!st && !xw__open_ready(path, c->facts.digest, &s)) {
        st = xw__open_compiled(path, c->facts.digest, job, &s, &why);
    }
    (void)pthread_mutex_lock(&c->lock);
    if (st) {
        if (is_final(st)) c->failure = why;
        atomic_store(&c->wanted, false);
    } else if (atomic_load(&c->open)) {
        xw_snapshot_close(s);
    } else {
        set_open(c, s);
    }
    (void)pthread_mutex_unlock(&c->lock);
    free(path);
    return st ? xw_fail(err, st, "%s", why.text) : XW_OK;
}

bool xw__chapter_is_ready(xw__chapter *c)
{
    if (atomic_load_explicit(&c->open, memory_order_acquire)) return true;
    xw_buf snapshot;
    xw_buf_init(&snapshot, 1 << 16);
    (void)pthread_mutex_lock(&c->lock);
    const bool hopeless = c->failure.status != XW_OK;
    xw_store_snapshot_path(c->store, &snapshot);
    (void)pthread_mutex_unlock(&c->lock);
    const bool ready =
        hopeless || (!snapshot.failed && xw_snapshot_probe(snapshot.data, NULL) == XW_OK);
    xw_buf_finish(&snapshot);
    return ready;
}
