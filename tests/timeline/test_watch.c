/* Readers on several threads while revisions are published: to be run under ThreadSanitizer too. */
#include "publisher.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { JANUARY = 1767225600, READERS = 3, REVISIONS = 12 };

typedef struct town {
    xw_timeline *t;
    atomic_bool stop;
    atomic_uint newest; /* that was published */
    atomic_ullong answers, wrong, failed;
} town;

static void sleep_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* Asks for now and for each number; what comes must be what was asked for, and whole. */
static void *read_all_the_time(void *user)
{
    town *w = user;
    uint32_t seen = 0;
    for (uint32_t i = 0; !atomic_load(&w->stop); i++) {
        xw_pin pin;
        const uint32_t wanted = i % 4 == 0 && seen > 0 ? 1 + i % seen : 0;
        const xw_status st = wanted ? xw_timeline_pin_number(w->t, wanted, &pin, NULL)
                                    : xw_timeline_pin_at(w->t, INT64_MAX, &pin, NULL);
        if (st) {
            atomic_fetch_add(&w->failed, st != XW_CONFLICT);
            continue;
        }
        xw_answer a;
        const xw_query q = {.x = 119.13015, .y = 26.15015};
        const uint32_t number = pin.revision->number;
        const bool right =
            xw_snapshot_model(pin.snapshot)->revision == number &&
            xw_answer_locate(pin.snapshot, &q, &a, NULL) == XW_OK && a.plot != XW_NONE &&
            (wanted ? number == wanted : number >= seen && number <= atomic_load(&w->newest));
        if (!wanted) seen = number;
        atomic_fetch_add(&w->answers, 1);
        atomic_fetch_add(&w->wrong, !right);
        xw_pin_release(&pin);
    }
    return NULL;
}

static void start(town *w, pthread_t threads[READERS])
{
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, w), 0);
    }
}

static void stop(town *w, pthread_t threads[READERS])
{
    atomic_store(&w->stop, true);
    for (int i = 0; i < READERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    print_message("%llu answers\n", atomic_load(&w->answers));
    assert_int_equal(atomic_load(&w->wrong), 0);
    assert_int_equal(atomic_load(&w->failed), 0);
    assert_true(atomic_load(&w->answers) > 0);
}

static void test_readers_on_all_threads_see_whole_revisions_only(void **state)
{
    publisher *p = *state;
    town w = {0};
    pthread_t threads[READERS];
    xw_error err;
    publish(p, JANUARY);
    atomic_store(&w.newest, 1);
    assert_int_equal(xw_timeline_open(p->store, NULL, &w.t, &err), XW_OK);
    start(&w, threads);
    for (uint32_t i = 2; i <= REVISIONS; i++) {
        bool changed;
        atomic_store(&w.newest, i);
        publish(p, JANUARY + (int64_t)i);
        if (xw_timeline_refresh(w.t, false, &changed, &err)) fail_msg("%s", err.text);
        assert_true(changed);
    }
    stop(&w, threads);
    xw_timeline_close(w.t);
}

typedef struct lines {
    pthread_mutex_t lock;
    char text[4000];
} lines;

static void note(void *user, const char *line)
{
    lines *l = user;
    (void)pthread_mutex_lock(&l->lock);
    const size_t n = strlen(l->text);
    (void)snprintf(l->text + n, sizeof l->text - n, "%s\n", line);
    (void)pthread_mutex_unlock(&l->lock);
}

static bool noted(lines *l, const char *words)
{
    (void)pthread_mutex_lock(&l->lock);
    const bool yes = strstr(l->text, words) != NULL;
    (void)pthread_mutex_unlock(&l->lock);
    return yes;
}

/* Waits until the newest revision is that one; milliseconds that it took, at most 20 s. */
static long wait_for(xw_timeline *t, uint32_t number)
{
    for (long ms = 0; ms < 20000; ms += 20) {
        xw_pin pin;
        assert_int_equal(xw_timeline_pin_newest(t, &pin, NULL), XW_OK);
        const uint32_t now = pin.revision->number;
        xw_pin_release(&pin);
        if (now == number) return ms;
        sleep_ms(20);
    }
    fail_msg("revision %u is not served after 20 s", number);
    return -1;
}

static void test_a_watch_serves_what_is_published_and_tells_what_is_damaged(void **state)
{
    publisher *p = *state;
    town w = {0};
    pthread_t threads[READERS];
    xw_timeline_watch *watch;
    lines l = {.text = ""};
    xw_error err;
    (void)pthread_mutex_init(&l.lock, NULL);
    publish(p, JANUARY);
    atomic_store(&w.newest, 1);
    assert_int_equal(xw_timeline_open(p->store, NULL, &w.t, &err), XW_OK);
    assert_int_equal(xw_timeline_watch_start(w.t, note, &l, &watch, &err), XW_OK);
    start(&w, threads);
    atomic_store(&w.newest, 3);
    publish(p, JANUARY + 2);
    print_message("served after %ld ms\n", wait_for(w.t, 2));
    char snapshot[120];
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", p->store);
    assert_int_equal(link(p->store, kept(p, 2, "")), 0); /* half of a publication */
    assert_int_equal(link(snapshot, kept(p, 2, ".snapshot")), 0);
    spoil(p->store, "broken");
    for (int i = 0; i < 1000 && xw_timeline_problems(w.t, NULL) == 0; i++) sleep_ms(20);
    assert_int_equal(xw_timeline_problems(w.t, NULL), 1);
    publish_as(p->store, 3, JANUARY + 3);
    (void)wait_for(w.t, 3);
    for (int i = 0; i < 1000 && xw_timeline_problems(w.t, NULL) > 0; i++) sleep_ms(20);
    assert_int_equal(xw_timeline_problems(w.t, NULL), 0);
    stop(&w, threads);
    xw_timeline_watch_stop(watch);
    xw_timeline_watch_stop(NULL);
    xw_timeline_close(w.t);
    assert_true(noted(&l, "the newest revision is 2 now, in force from 2026-01-01T00:00:02Z"));
    assert_true(noted(&l, "not served: "));
    (void)pthread_mutex_destroy(&l.lock);
}

static void test_a_watch_compiles_what_readers_wait_for(void **state)
{
    publisher *p = *state;
    xw_timeline *t;
    xw_timeline_watch *watch;
    xw_pin pin;
    xw_error err;
    struct {
        char first[160], second[160];
    } snapshots;
    for (int i = 0; i < 3; i++) publish(p, JANUARY + i);
    (void)snprintf(snapshots.first, sizeof snapshots.first, "%s", kept(p, 1, ".snapshot"));
    (void)snprintf(snapshots.second, sizeof snapshots.second, "%s", kept(p, 2, ".snapshot"));
    assert_int_equal(unlink(snapshots.first), 0); /* seen at once */
    flip(snapshots.second, 5000);                 /* seen when it is read */
    assert_int_equal(xw_timeline_open(p->store, NULL, &t, &err), XW_OK);
    assert_int_equal(xw_timeline_watch_start(t, NULL, NULL, &watch, &err), XW_OK);
    for (uint32_t number = 1; number <= 2; number++) {
        xw_status st = XW_CONFLICT;
        for (int i = 0; i < 1000 && st == XW_CONFLICT; i++) {
            st = xw_timeline_pin_number(t, number, &pin, &err);
            if (st) sleep_ms(20);
        }
        if (st) fail_msg("%s", err.text);
        assert_int_equal(xw_snapshot_model(pin.snapshot)->revision, number);
        xw_pin_release(&pin);
    }
    xw_timeline_watch_stop(watch);
    xw_timeline_close(t);
    assert_int_equal(xw_snapshot_probe(snapshots.first, NULL), XW_OK);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, publisher_start, publisher_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_readers_on_all_threads_see_whole_revisions_only),
        CASE(test_a_watch_serves_what_is_published_and_tells_what_is_damaged),
        CASE(test_a_watch_compiles_what_readers_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
