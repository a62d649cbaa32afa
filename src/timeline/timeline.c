/* Which revision is in force, and the table of them that readers share. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { SKIPS = 20, PROBLEMS_MAX = 1 << 20 };

xw__table *xw__table_acquire(xw_timeline *t)
{
    (void)pthread_mutex_lock(&t->lock);
    xw__table *table = t->table;
    atomic_fetch_add(&table->refs, 1);
    (void)pthread_mutex_unlock(&t->lock);
    return table;
}

void xw__table_release(xw__table *table)
{
    if (!table || atomic_fetch_sub(&table->refs, 1) > 1) return;
    for (size_t i = 0; i < table->n; i++) xw__chapter_release(table->chapters[i]);
    free(table->revisions);
    free(table->chapters);
    free(table);
}

static int by_time(const void *a, const void *b)
{
    const xw__chapter *p = *(xw__chapter *const *)a, *q = *(xw__chapter *const *)b;
    if (p->facts.effective_unix != q->facts.effective_unix) {
        return p->facts.effective_unix < q->facts.effective_unix ? -1 : 1;
    }
    return p->facts.revision < q->facts.revision ? -1 : 1;
}

/* An empty table with room. */
static xw__table *table_create(size_t room)
{
    xw__table *table = calloc(1, sizeof *table);
    if (!table) return NULL;
    atomic_init(&table->refs, 1);
    table->revisions = calloc(room, sizeof *table->revisions);
    table->chapters = calloc(room, sizeof *table->chapters);
    if (table->revisions && table->chapters) return table;
    xw__table_release(table);
    return NULL;
}

/* Sorts the chapters and says from when to when each is in force. */
static void table_finish(xw__table *table, const xw__chapter *newest)
{
    qsort(table->chapters, table->n, sizeof(xw__chapter *), by_time);
    for (size_t i = 0; i < table->n; i++) {
        const xw_store_facts *f = &table->chapters[i]->facts;
        const bool last = i + 1 == table->n;
        xw_revision *r = &table->revisions[i];
        *r = (xw_revision){.number = f->revision,
                           .effective_unix = f->effective_unix,
                           .valid_until = last ? XW_TIME_OPEN_END
                                               : table->chapters[i + 1]->facts.effective_unix,
                           .households = f->households,
                           .n_grids = f->n_grids,
                           .digest = f->digest};
        memcpy(r->published, f->published, sizeof r->published);
        if (table->chapters[i] == newest) table->newest = i;
    }
}

/* The chapter of the same revision, if it was served before. */
static xw__chapter *find_same(const xw__table *old, const xw_store_facts *f)
{
    for (size_t i = 0; old && i < old->n; i++) {
        const xw_store_facts *o = &old->chapters[i]->facts;
        if (o->revision == f->revision && o->digest == f->digest) return old->chapters[i];
    }
    return NULL;
}

static xw_status make_table(const xw__table *old, const xw__founds *found, xw__table **out,
                            xw_error *err)
{
    const xw__chapter *newest = NULL;
    xw__table *table = table_create(found->n);
    *out = NULL;
    bool ok = table != NULL;
    for (size_t i = 0; ok && i < found->n; i++) {
        xw__chapter *c = find_same(old, &found->at[i].facts);
        if (c) {
            ok = xw__chapter_move(c, found->at[i].store);
            if (ok) atomic_fetch_add(&c->refs, 1);
        } else {
            c = xw__chapter_create(&found->at[i].facts, found->at[i].store);
            ok = c != NULL;
        }
        if (ok) table->chapters[table->n++] = c;
        if (i == 0) newest = c;
    }
    if (!ok) {
        xw__table_release(table);
        return xw_fail(err, XW_NOMEM, "revisions");
    }
    table_finish(table, newest);
    *out = table;
    return XW_OK;
}

static size_t count_lines(const xw_buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) n += b->data[i] == '\n';
    return n;
}

/* Takes both; a NULL table leaves the one that is served. */
static void swap(xw_timeline *t, xw__table *table, xw_buf *problems)
{
    const size_t n = count_lines(problems);
    (void)pthread_mutex_lock(&t->lock);
    xw__table *old = table ? t->table : NULL;
    xw_buf before = t->problems;
    if (table) t->table = table;
    t->problems = *problems;
    t->n_problems = n;
    (void)pthread_mutex_unlock(&t->lock);
    xw__table_release(old);
    xw_buf_finish(&before);
    xw_buf_init(problems, PROBLEMS_MAX);
}

static xw_status load(xw_timeline *t, bool patient, xw_buf *problems, xw__table **out,
                      xw_error *err)
{
    xw__founds found;
    *out = NULL;
    xw_status st = xw__scan(t->store, t->history, &found, problems, err);
    if (st) return st;
    st = make_table(t->table, &found, out, err);
    if (!st) st = xw__chapter_open((*out)->chapters[(*out)->newest], &t->job, !patient, err);
    if (st) {
        xw__table_release(*out);
        *out = NULL;
    }
    xw__founds_finish(&found);
    return st;
}

static bool same(const xw__signature *a, const xw__signature *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static xw_status refresh(xw_timeline *t, bool patient, bool *changed, xw_error *err)
{
    const xw__signature now = xw__signature_of(t->store, t->history);
    if (t->has_seen && same(&now, &t->seen)) return XW_OK;
    const bool told = t->has_failed && same(&now, &t->failed);
    if (told && t->skips > 0) {
        t->skips--;
        return XW_OK;
    }
    xw_buf problems;
    xw__table *table;
    xw_error why = {XW_OK, ""};
    xw_buf_init(&problems, PROBLEMS_MAX);
    const xw_status st = load(t, patient, &problems, &table, &why);
    if (!st) {
        swap(t, table, &problems);
        t->seen = now;
        t->has_seen = *changed = true;
        t->has_failed = false;
    } else if (st != XW_CONFLICT) {
        xw_buf_fmt(&problems, "not served: %s\n", why.text);
        swap(t, NULL, &problems);
        t->failed = now;
        t->has_failed = true;
        t->has_seen = false; /* the file of before may come back */
        t->skips = SKIPS;
    }
    xw_buf_finish(&problems);
    if (!st || told) return XW_OK;
    return xw_fail(err, st, "%s", why.text);
}

xw_status xw_timeline_refresh(xw_timeline *t, bool patient, bool *changed, xw_error *err)
{
    *changed = false;
    if (!t->store) return XW_OK;
    (void)pthread_mutex_lock(&t->refreshing);
    const xw_status st = refresh(t, patient, changed, err);
    (void)pthread_mutex_unlock(&t->refreshing);
    return st;
}

static xw_timeline *timeline_create(void)
{
    xw_timeline *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_mutex_init(&t->refreshing, NULL);
    atomic_init(&t->watched, false);
    xw_buf_init(&t->problems, PROBLEMS_MAX);
    return t;
}

void xw_timeline_close(xw_timeline *t)
{
    if (!t) return;
    xw__table_release(t->table);
    xw_buf_finish(&t->problems);
    (void)pthread_mutex_destroy(&t->lock);
    (void)pthread_mutex_destroy(&t->refreshing);
    free(t->store);
    free(t->history);
    free(t);
}

xw_status xw_timeline_of_snapshot(xw_snapshot *s, xw_timeline **out, xw_error *err)
{
    *out = NULL;
    xw_timeline *t = timeline_create();
    xw__chapter *c = xw__chapter_of_snapshot(s);
    xw__table *table = table_create(1);
    if (!c) xw_snapshot_close(s);
    if (!t || !c || !table) {
        xw__chapter_release(c);
        xw__table_release(table);
        xw_timeline_close(t);
        return xw_fail(err, XW_NOMEM, "timeline");
    }
    table->chapters[table->n++] = c;
    table_finish(table, c);
    t->table = table;
    *out = t;
    return XW_OK;
}

xw_status xw_timeline_open(const char *store, const xw_job *job, xw_timeline **out, xw_error *err)
{
    *out = NULL;
    bool changed;
    if (xw__is_snapshot(store)) {
        xw_snapshot *s;
        const xw_status st = xw_snapshot_open(store, &s, err);
        return st ? st : xw_timeline_of_snapshot(s, out, err);
    }
    xw_timeline *t = timeline_create();
    xw_buf history;
    xw_buf_init(&history, 1 << 16);
    xw_buf_fmt(&history, "%s.history", store);
    xw_status st = xw_buf_status(&history, "path of the history", err);
    if (t && !st) {
        if (job) t->job = *job;
        t->store = strdup(store);
        t->history = strdup(history.data);
    }
    if (!st && (!t || !t->store || !t->history)) st = xw_fail(err, XW_NOMEM, "timeline");
    if (!st) st = xw_timeline_refresh(t, false, &changed, err);
    if (st) {
        xw_timeline_close(t);
    } else {
        *out = t;
    }
    xw_buf_finish(&history);
    return st;
}

size_t xw_revision_in_force(const xw_revision *list, size_t n, int64_t unix_s)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (list[mid].effective_unix <= unix_s) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo > 0 ? lo - 1 : n;
}

const char *xw_revision_state_text(size_t ix, size_t n, size_t now)
{
    if (now == n) return "scheduled"; /* not even the first has begun */
    return ix == now ? "in force" : ix < now ? "past" : "scheduled";
}

/* Takes the reference to the table. */
static xw_status pin(xw_timeline *t, xw__table *table, size_t at, xw_pin *out, xw_error *err)
{
    xw__chapter *c = table->chapters[at];
    const xw_status st = xw__chapter_open(c, &t->job, !atomic_load(&t->watched), err);
    if (st) {
        xw__table_release(table);
        return st;
    }
    *out = (xw_pin){&table->revisions[at], atomic_load_explicit(&c->open, memory_order_acquire),
                    c->box, table};
    return XW_OK;
}

xw_status xw_timeline_pin_at(xw_timeline *t, int64_t unix_s, xw_pin *out, xw_error *err)
{
    xw__table *table = xw__table_acquire(t);
    const size_t at = xw_revision_in_force(table->revisions, table->n, unix_s);
    *out = (xw_pin){0};
    if (at < table->n) return pin(t, table, at, out, err);
    char when[XW_WHEN_TEXT], first[XW_WHEN_TEXT];
    xw_when_text(unix_s, when);
    xw_when_text(table->revisions[0].effective_unix, first);
    xw__table_release(table);
    return xw_fail(err, XW_NOT_FOUND, "no revision is in force at %s, the first takes effect at %s",
                   when, first);
}

xw_status xw_timeline_pin_number(xw_timeline *t, uint32_t number, xw_pin *out, xw_error *err)
{
    xw__table *table = xw__table_acquire(t);
    *out = (xw_pin){0};
    for (size_t i = 0; i < table->n; i++) {
        if (table->revisions[i].number == number) return pin(t, table, i, out, err);
    }
    const uint32_t newest = table->revisions[table->newest].number;
    xw__table_release(table);
    return xw_fail(err, XW_NOT_FOUND, "there is no revision %u, the newest is %u", number, newest);
}

xw_status xw_timeline_pin_newest(xw_timeline *t, xw_pin *out, xw_error *err)
{
    xw__table *table = xw__table_acquire(t);
    *out = (xw_pin){0};
    return pin(t, table, table->newest, out, err);
}

void xw_pin_release(xw_pin *p)
{
    xw__table_release(p->held);
    *p = (xw_pin){0};
}

xw_status xw_timeline_list(xw_timeline *t, xw_revision **out, size_t *n, xw_error *err)
{
    xw__table *table = xw__table_acquire(t);
    *n = 0;
    *out = calloc(table->n, sizeof **out);
    if (*out) {
        *n = table->n;
        memcpy(*out, table->revisions, table->n * sizeof **out);
    }
    xw__table_release(table);
    return *out ? XW_OK : xw_fail(err, XW_NOMEM, "list of revisions");
}

size_t xw_timeline_problems(xw_timeline *t, xw_buf *out)
{
    (void)pthread_mutex_lock(&t->lock);
    const size_t n = t->n_problems;
    if (out && t->problems.n > 0) xw_buf_add(out, t->problems.data, t->problems.n);
    (void)pthread_mutex_unlock(&t->lock);
    return n;
}
