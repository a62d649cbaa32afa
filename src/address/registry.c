/* The indexes that are in use, shared by all revisions with the same texts. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 4, KNOWN = 64, WANTED = 8, PATH_MAX_BYTES = 1 << 16 };

/* A revision's key, so that its texts are hashed once, or why it has none. */
typedef struct known {
    char digest[20];
    uint64_t key;
    xw_error failure; /* told once, then tried again */
} known;

typedef struct entry {
    xw_address_index *index;
    unsigned users;
    uint64_t used; /* by the count of uses */
} entry;

struct xw_addresses {
    xw_timeline *timeline;
    char *path; /* of the file, or NULL */
    bool has_thread;
    xw_job job;
    pthread_t thread;
    pthread_mutex_t building; /* one builds, the others wait; only without a thread */
    pthread_mutex_t lock;     /* of all below */
    pthread_cond_t work;
    volatile sig_atomic_t stop;
    uint32_t wanted[WANTED]; /* revisions */
    size_t n_wanted;
    entry *entries;
    size_t n_entries, cap_entries;
    uint64_t uses;
    known known[KNOWN];
    size_t n_known;
};

static known *find_known(xw_addresses *a, const char *digest)
{
    for (size_t i = 0; i < KNOWN && i < a->n_known; i++) {
        if (strcmp(a->known[i].digest, digest) == 0) return &a->known[i];
    }
    return NULL;
}

static void know(xw_addresses *a, const char *digest, uint64_t key, const xw_error *failure)
{
    known *k = find_known(a, digest);
    if (!k) k = &a->known[a->n_known++ % KNOWN];
    *k = (known){.key = key, .failure = *failure};
    (void)snprintf(k->digest, sizeof k->digest, "%s", digest);
}

static entry *find_entry(xw_addresses *a, uint64_t key)
{
    for (size_t i = 0; i < a->n_entries; i++) {
        if (a->entries[i].index->key == key) return &a->entries[i];
    }
    return NULL;
}

/* Lets the one go that nobody has used for longest. */
static void drop_oldest(xw_addresses *a)
{
    size_t n = 0, oldest = SIZE_MAX;
    for (size_t i = 0; i < a->n_entries; i++) {
        if (a->entries[i].users > 0) continue;
        n++;
        if (oldest == SIZE_MAX || a->entries[i].used < a->entries[oldest].used) oldest = i;
    }
    if (n <= KEPT) return;
    xw_address_index_destroy(a->entries[oldest].index);
    a->entries[oldest] = a->entries[--a->n_entries];
}

/* Takes the index; false without memory. */
static bool add_entry(xw_addresses *a, xw_address_index *ix)
{
    if (find_entry(a, ix->key)) {
        xw_address_index_destroy(ix);
        return true;
    }
    if (!xw_grow((void **)&a->entries, &a->cap_entries, a->n_entries + 1, sizeof *a->entries)) {
        xw_address_index_destroy(ix);
        return false;
    }
    a->entries[a->n_entries++] = (entry){.index = ix, .used = ++a->uses};
    drop_oldest(a);
    return true;
}

static bool is_newest(xw_timeline *t, const xw_pin *pin)
{
    xw_pin newest;
    if (xw_timeline_pin_newest(t, &newest, NULL)) return false;
    const bool same = newest.snapshot == pin->snapshot;
    xw_pin_release(&newest);
    return same;
}

/* From the file, else built, and then saved if it is the newest's. A folder that cannot be written
 * is no failure: the index is there. */
static xw_status make_index(xw_addresses *a, const xw_pin *pin, uint64_t key,
                            xw_address_index **out, xw_error *err)
{
    const bool file = a->path && is_newest(a->timeline, pin);
    if (file && xw_address_index_open(a->path, key, out, NULL) == XW_OK) return XW_OK;
    const xw_status st =
        xw_address_index_build(xw_snapshot_model(pin->snapshot), &a->job, out, err);
    if (!st && file) (void)xw_address_index_save(*out, a->path, NULL);
    return st;
}

/* Makes what the pinned revision needs and notes it. */
static xw_status prepare(xw_addresses *a, const xw_pin *pin, xw_error *err)
{
    xw_error why = {XW_OK, ""};
    xw_address_index *ix = NULL;
    const uint64_t key = xw_address_key(xw_snapshot_model(pin->snapshot));
    (void)pthread_mutex_lock(&a->lock);
    const bool there = find_entry(a, key) != NULL;
    (void)pthread_mutex_unlock(&a->lock);
    xw_status st = there ? XW_OK : make_index(a, pin, key, &ix, &why);
    (void)pthread_mutex_lock(&a->lock);
    if (ix && !add_entry(a, ix)) st = xw_fail(&why, XW_NOMEM, "index of addresses");
    know(a, xw_snapshot_digest(pin->snapshot), key, &why);
    (void)pthread_mutex_unlock(&a->lock);
    return st ? xw_fail(err, st, "%s", why.text) : XW_OK;
}

static void *run(void *user)
{
    xw_addresses *a = user;
    (void)pthread_mutex_lock(&a->lock);
    while (!a->stop) {
        if (a->n_wanted == 0) {
            (void)pthread_cond_wait(&a->work, &a->lock);
            continue;
        }
        const uint32_t number = a->wanted[0];
        (void)pthread_mutex_unlock(&a->lock);
        xw_pin pin;
        if (xw_timeline_pin_number(a->timeline, number, &pin, NULL) == XW_OK) {
            (void)prepare(a, &pin, NULL);
            xw_pin_release(&pin);
        }
        (void)pthread_mutex_lock(&a->lock);
        a->n_wanted--; /* only now: who asks meanwhile does not put it there again */
        memmove(a->wanted, a->wanted + 1, a->n_wanted * sizeof *a->wanted);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return NULL;
}

xw_status xw_addresses_create(xw_timeline *timeline, const char *store, bool background,
                              const xw_job *job, xw_addresses **out, xw_error *err)
{
    xw_buf path;
    *out = NULL;
    xw_addresses *a = calloc(1, sizeof *a);
    if (!a) return xw_fail(err, XW_NOMEM, "addresses");
    a->timeline = timeline;
    if (job) a->job = *job;
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_mutex_init(&a->building, NULL);
    (void)pthread_cond_init(&a->work, NULL);
    xw_buf_init(&path, PATH_MAX_BYTES);
    if (store) xw_buf_fmt(&path, "%s.addresses", store);
    if (store && !path.failed) a->path = strdup(path.data);
    xw_buf_finish(&path);
    bool ok = !store || a->path;
    if (background) {
        a->job = (xw_job){.cancel = &a->stop, .threads = 1}; /* the others serve */
        a->has_thread = ok && pthread_create(&a->thread, NULL, run, a) == 0;
        ok = a->has_thread;
    }
    if (!ok) {
        xw_addresses_destroy(a);
        return xw_fail(err, XW_NOMEM, "addresses");
    }
    *out = a;
    return XW_OK;
}

void xw_addresses_destroy(xw_addresses *a)
{
    if (!a) return;
    if (a->has_thread) {
        (void)pthread_mutex_lock(&a->lock);
        __atomic_store_n(&a->stop, 1, __ATOMIC_RELAXED);
        (void)pthread_cond_signal(&a->work);
        (void)pthread_mutex_unlock(&a->lock);
        (void)pthread_join(a->thread, NULL);
    }
    for (size_t i = 0; i < a->n_entries; i++) xw_address_index_destroy(a->entries[i].index);
    free(a->entries);
    free(a->path);
    (void)pthread_cond_destroy(&a->work);
    (void)pthread_mutex_destroy(&a->building);
    (void)pthread_mutex_destroy(&a->lock);
    free(a);
}

/* Puts a revision onto the thread's list, once. A full list forgets it: the caller asks again. */
static void want(xw_addresses *a, uint32_t number)
{
    for (size_t i = 0; i < a->n_wanted; i++) {
        if (a->wanted[i] == number) return;
    }
    if (a->n_wanted == WANTED) return;
    a->wanted[a->n_wanted++] = number;
    (void)pthread_cond_signal(&a->work);
}

/* Under the lock. XW_NOT_FOUND: has to be made. */
static xw_status take(xw_addresses *a, const char *digest, xw_address_index **out, xw_error *err)
{
    known *k = find_known(a, digest);
    if (!k) return XW_NOT_FOUND;
    if (k->failure.status) {
        const xw_status st = xw_fail(err, k->failure.status, "%s", k->failure.text);
        k->digest[0] = '\0';
        return st;
    }
    entry *e = find_entry(a, k->key);
    if (!e) return XW_NOT_FOUND;
    e->users++;
    e->used = ++a->uses;
    *out = e->index;
    return XW_OK;
}

xw_status xw_addresses_acquire(xw_addresses *a, const xw_pin *pin, xw_address_index **out,
                               xw_error *err)
{
    const char *digest = xw_snapshot_digest(pin->snapshot);
    *out = NULL;
    (void)pthread_mutex_lock(&a->lock);
    xw_status st = take(a, digest, out, err);
    if (st == XW_NOT_FOUND && a->has_thread) {
        want(a, pin->revision->number);
        st = xw_fail(err, XW_CONFLICT,
                     "the addresses of revision %u are being indexed, ask again in a moment",
                     pin->revision->number);
    }
    (void)pthread_mutex_unlock(&a->lock);
    if (st != XW_NOT_FOUND) return st;
    (void)pthread_mutex_lock(&a->building);
    st = prepare(a, pin, err);
    (void)pthread_mutex_unlock(&a->building);
    (void)pthread_mutex_lock(&a->lock);
    xw_error again;
    const xw_status taken = take(a, digest, out, &again);
    (void)pthread_mutex_unlock(&a->lock);
    if (st) return st;
    return taken == XW_OK ? XW_OK : xw_fail(err, XW_INTERNAL, "the index of addresses was lost");
}

void xw_addresses_release(xw_addresses *a, xw_address_index *ix)
{
    if (!ix) return;
    (void)pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < a->n_entries; i++) {
        if (a->entries[i].index == ix) a->entries[i].users--;
    }
    drop_oldest(a);
    (void)pthread_mutex_unlock(&a->lock);
}
