#include "publisher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JANUARY = 1767225600, FEBRUARY = 1769904000, MARCH = 1772323200 };

static xw_timeline *open_ok(const publisher *p)
{
    xw_timeline *t;
    xw_error err = {XW_OK, ""};
    if (xw_timeline_open(p->store, NULL, &t, &err)) fail_msg("%s", err.text);
    return t;
}

/* Households of all units, as the store's facts must have them. */
static uint64_t households(xw_timeline *t)
{
    xw_pin pin;
    uint64_t n = 0;
    assert_int_equal(xw_timeline_pin_newest(t, &pin, NULL), XW_OK);
    const xw_model *m = xw_snapshot_model(pin.snapshot);
    for (size_t i = 0; i < m->n_units; i++) n += m->units[i].households;
    xw_pin_release(&pin);
    return n;
}

/* The number in force, 0: none. */
static uint32_t in_force(xw_timeline *t, int64_t when)
{
    xw_pin pin;
    xw_error err = {XW_OK, ""};
    const xw_status st = xw_timeline_pin_at(t, when, &pin, &err);
    if (st == XW_NOT_FOUND) return 0;
    if (st) fail_msg("%s", err.text);
    const uint32_t number = pin.revision->number;
    assert_int_equal(xw_snapshot_model(pin.snapshot)->revision, number);
    xw_pin_release(&pin);
    return number;
}

static void assert_problem(xw_timeline *t, const char *words)
{
    xw_buf text;
    xw_buf_init(&text, 1 << 16);
    assert_true(xw_timeline_problems(t, &text) > 0);
    if (!strstr(text.data, words)) fail_msg("\"%s\" is not in: %s", words, text.data);
    xw_buf_finish(&text);
}

static void test_the_latest_that_has_begun_is_in_force(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("in force");
    for (int round = 0; round < 2000; round++) {
        xw_revision list[12] = {0};
        const size_t n = 1 + xw_rng_below(&r, 12);
        int64_t from = -5;
        for (size_t i = 0; i < n; i++) { /* as a timeline sorts them */
            from += (int64_t)xw_rng_below(&r, 3);
            list[i] = (xw_revision){.number = (uint32_t)i + 1, .effective_unix = from};
        }
        for (int64_t at = -8; at < 30; at++) {
            size_t best = n;
            for (size_t i = 0; i < n; i++) {
                if (list[i].effective_unix > at) continue;
                if (best == n || list[i].effective_unix > list[best].effective_unix ||
                    (list[i].effective_unix == list[best].effective_unix &&
                     list[i].number > list[best].number)) {
                    best = i;
                }
            }
            assert_int_equal(xw_revision_in_force(list, n, at), best);
        }
    }
}

static void test_each_time_has_its_revision_with_its_validity(void **state)
{
    publisher *p = *state;
    publish(p, JANUARY);
    publish(p, MARCH); /* scheduled, then the plan changed: the next one begins before it */
    publish(p, FEBRUARY);
    publish(p, MARCH);
    xw_timeline *t = open_ok(p);
    assert_int_equal(xw_timeline_problems(t, NULL), 0);
    assert_int_equal(in_force(t, JANUARY - 1), 0);
    assert_int_equal(in_force(t, JANUARY), 1);
    assert_int_equal(in_force(t, FEBRUARY - 1), 1);
    assert_int_equal(in_force(t, FEBRUARY), 3);
    assert_int_equal(in_force(t, MARCH - 1), 3);
    assert_int_equal(in_force(t, MARCH), 4); /* of two that begin together the higher number */
    assert_int_equal(in_force(t, INT64_MAX), 4);

    xw_revision *list;
    size_t n;
    assert_int_equal(xw_timeline_list(t, &list, &n, NULL), XW_OK);
    static const uint32_t numbers[] = {1, 3, 2, 4};
    static const int64_t until[] = {FEBRUARY, MARCH, MARCH, XW_TIME_OPEN_END};
    static const char *const states[] = {"past", "in force", "scheduled", "scheduled"};
    assert_int_equal(n, 4);
    const size_t now = xw_revision_in_force(list, n, FEBRUARY + 1);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].number, numbers[i]);
        assert_true(list[i].valid_until == until[i]);
        assert_int_equal(list[i].households, households(t));
        assert_int_equal(list[i].n_grids, 11);
        assert_true(list[i].digest != list[(i + 1) % n].digest);
        assert_string_equal(list[i].published, "2026-01-01T00:00:00Z");
        assert_string_equal(xw_revision_state_text(i, n, now), states[i]);
    }
    free(list);

    xw_error err;
    xw_pin pin;
    assert_int_equal(xw_timeline_pin_at(t, JANUARY - 1, &pin, &err), XW_NOT_FOUND);
    assert_null(pin.snapshot);
    assert_non_null(strstr(err.text, "2026-01-01T00:00:00Z"));
    for (uint32_t i = 1; i <= 4; i++) {
        assert_int_equal(xw_timeline_pin_number(t, i, &pin, &err), XW_OK);
        assert_int_equal(xw_snapshot_model(pin.snapshot)->revision, i);
        xw_pin_release(&pin);
    }
    assert_int_equal(xw_timeline_pin_number(t, 5, &pin, &err), XW_NOT_FOUND);
    assert_non_null(strstr(err.text, "revision 5"));
    assert_int_equal(xw_timeline_pin_newest(t, &pin, &err), XW_OK);
    assert_int_equal(pin.revision->number, 4);
    xw_pin_release(&pin);
    xw_pin_release(&pin); /* a released pin is nothing */
    xw_timeline_close(t);
}

static void test_a_kept_snapshot_that_is_no_use_is_compiled_again(void **state)
{
    publisher *p = *state;
    struct stat whole, again;
    for (int i = 0; i < 6; i++) publish(p, JANUARY + i);
    assert_int_equal(stat(kept(p, 1, ".snapshot"), &whole), 0);
    assert_int_equal(unlink(kept(p, 1, ".snapshot")), 0);
    flip(kept(p, 2, ".snapshot"), 8);                       /* the version */
    flip(kept(p, 3, ".snapshot"), (long)whole.st_size / 2); /* the content */
    spoil(kept(p, 4, ".snapshot"), "");
    assert_int_equal(rename(kept(p, 5, ".snapshot"), kept(p, 1, ".snapshot")), 0); /* another's */
    xw_timeline *t = open_ok(p);
    for (int i = 0; i < 6; i++) assert_int_equal(in_force(t, JANUARY + i), i + 1);
    assert_int_equal(xw_timeline_problems(t, NULL), 0);
    xw_timeline_close(t);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(stat(kept(p, i, ".snapshot"), &again), 0);
        assert_int_equal(again.st_size, whole.st_size);
        assert_int_equal(xw_snapshot_probe(kept(p, i, ".snapshot"), NULL), XW_OK);
    }
}

static void test_a_kept_store_that_cannot_be_read_is_left_out_and_told(void **state)
{
    publisher *p = *state;
    for (int i = 0; i < 4; i++) publish(p, JANUARY + i);
    spoil(kept(p, 1, ""), "no database");
    publish_as(kept(p, 2, ""), 7, JANUARY); /* not what its name says */
    publish_as(kept(p, 9, ""), 9, JANUARY); /* newer than the store's */
    (void)mkdir(kept(p, 8, ""), 0700);
    xw_timeline *t = open_ok(p);
    assert_int_equal(xw_timeline_problems(t, NULL), 4);
    assert_problem(t, "0001.gpkg: not a GeoPackage");
    assert_problem(t, "0002.gpkg: holds revision 7");
    assert_problem(t, "0009.gpkg: is not older than revision 4");
    assert_problem(t, "0008.gpkg: is a folder");
    assert_int_equal(in_force(t, JANUARY + 1), 0);
    assert_int_equal(in_force(t, JANUARY + 2), 3);
    assert_int_equal(in_force(t, JANUARY + 3), 4);
    xw_timeline_close(t);
}

static void test_a_kept_store_that_is_damaged_inside_answers_with_its_reason(void **state)
{
    publisher *p = *state;
    xw_pin pin;
    xw_error err;
    struct stat info;
    publish(p, JANUARY);
    publish(p, MARCH);
    assert_int_equal(unlink(kept(p, 1, ".snapshot")), 0);
    assert_int_equal(stat(kept(p, 1, ""), &info), 0);
    assert_int_equal(truncate(kept(p, 1, ""), info.st_size / 2), 0);
    xw_timeline *t = open_ok(p);
    if (xw_timeline_problems(t, NULL) == 0) { /* its facts lie in the first half */
        for (int i = 0; i < 2; i++) {
            assert_int_equal(xw_timeline_pin_at(t, JANUARY, &pin, &err), XW_INPUT);
            assert_non_null(strstr(err.text, "0001.gpkg"));
        }
    }
    assert_int_equal(in_force(t, MARCH), 2);
    xw_timeline_close(t);
}

static void test_a_new_store_is_served_and_old_readers_keep_theirs(void **state)
{
    publisher *p = *state;
    bool changed;
    xw_error err;
    xw_pin old;
    publish(p, JANUARY);
    xw_timeline *t = open_ok(p);
    assert_int_equal(xw_timeline_pin_at(t, MARCH, &old, &err), XW_OK);
    assert_true(old.revision->valid_until == XW_TIME_OPEN_END);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_OK);
    assert_false(changed);
    publish(p, FEBRUARY);
    assert_int_equal(in_force(t, MARCH), 1); /* nobody has looked yet */
    assert_int_equal(xw_timeline_refresh(t, true, &changed, &err), XW_OK);
    assert_true(changed);
    assert_int_equal(in_force(t, MARCH), 2);
    assert_int_equal(in_force(t, JANUARY), 1);
    xw_pin same;
    assert_int_equal(xw_timeline_pin_number(t, 1, &same, &err), XW_OK);
    assert_true(same.snapshot == old.snapshot); /* the mapping goes on, it is not made twice */
    assert_true(same.revision->valid_until == FEBRUARY);
    xw_pin_release(&same);

    spoil(p->store, "half a store");
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_INPUT);
    assert_false(changed);
    assert_non_null(strstr(err.text, "town.gpkg: not a GeoPackage"));
    assert_problem(t, "not served: ");
    assert_int_equal(in_force(t, MARCH), 2);
    assert_int_equal(in_force(t, JANUARY), 1);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_OK); /* told once */
    assert_int_equal(xw_timeline_problems(t, NULL), 1);
    assert_int_equal(unlink(p->store), 0);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_NOT_FOUND);
    assert_int_equal(in_force(t, MARCH), 2);

    publish_as(p->store, 3, MARCH);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_OK);
    assert_true(changed);
    assert_int_equal(xw_timeline_problems(t, NULL), 0);
    assert_int_equal(in_force(t, MARCH), 3);
    assert_int_equal(xw_snapshot_model(old.snapshot)->revision, 1);
    xw_pin_release(&old);
    xw_timeline_close(t);
}

static void test_patience_waits_for_the_snapshot_of_a_new_store(void **state)
{
    publisher *p = *state;
    char snapshot[120], aside[120];
    bool changed;
    xw_error err;
    publish(p, JANUARY);
    xw_timeline *t = open_ok(p);
    publish(p, FEBRUARY);
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", p->store);
    (void)snprintf(aside, sizeof aside, "%s.aside", p->store);
    assert_int_equal(rename(snapshot, aside), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(xw_timeline_refresh(t, true, &changed, &err), XW_CONFLICT);
        assert_int_equal(in_force(t, MARCH), 1);
        assert_int_equal(access(snapshot, F_OK), -1); /* nobody compiles */
    }
    assert_int_equal(xw_timeline_problems(t, NULL), 0);
    assert_int_equal(rename(aside, snapshot), 0);
    assert_int_equal(xw_timeline_refresh(t, true, &changed, &err), XW_OK);
    assert_int_equal(in_force(t, MARCH), 2);
    publish(p, MARCH);
    assert_int_equal(unlink(snapshot), 0);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, &err), XW_OK); /* compiled */
    assert_int_equal(in_force(t, MARCH), 3);
    xw_timeline_close(t);
}

static void test_a_snapshot_alone_is_a_timeline_of_one(void **state)
{
    publisher *p = *state;
    char snapshot[120];
    xw_timeline *t, *whole;
    xw_revision *one, *same;
    size_t n;
    bool changed;
    publish(p, JANUARY);
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", p->store);
    assert_int_equal(xw_timeline_open(snapshot, NULL, &t, NULL), XW_OK);
    whole = open_ok(p);
    assert_int_equal(xw_timeline_list(t, &one, &n, NULL), XW_OK);
    assert_int_equal(n, 1);
    assert_int_equal(xw_timeline_list(whole, &same, &n, NULL), XW_OK);
    assert_int_equal(one->number, same->number);
    assert_true(one->digest == same->digest && one->households == same->households);
    assert_true(one->n_grids == same->n_grids && one->effective_unix == same->effective_unix);
    assert_string_equal(one->published, same->published);
    assert_int_equal(xw_timeline_refresh(t, false, &changed, NULL), XW_OK);
    assert_false(changed);
    assert_int_equal(in_force(t, JANUARY), 1);
    free(one);
    free(same);
    xw_timeline_close(t);
    xw_timeline_close(whole);
    xw_timeline_close(NULL);
}

static void test_what_is_no_store_is_refused(void **state)
{
    publisher *p = *state;
    xw_timeline *t;
    xw_error err;
    assert_int_equal(xw_timeline_open(p->store, NULL, &t, &err), XW_NOT_FOUND);
    assert_null(t);
    spoil(p->store, "nothing");
    assert_int_equal(xw_timeline_open(p->store, NULL, &t, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "town.gpkg"));
    spoil(p->store, "XWSNAP and nothing else");
    assert_int_equal(xw_timeline_open(p->store, NULL, &t, &err), XW_INPUT);
}

static void test_lack_of_memory_is_told_and_nothing_is_lost(void **state)
{
    publisher *p = *state;
    for (int i = 0; i < 3; i++) publish(p, JANUARY + i);
    for (int n = 0;; n++) {
        xw_timeline *t = NULL;
        xw_pin pin = {0};
        xw_error err = {XW_OK, ""};
        fail_alloc_at(n);
        xw_status st = xw_timeline_open(p->store, NULL, &t, &err);
        if (!st) st = xw_timeline_pin_number(t, 1, &pin, &err);
        const bool failed = fail_alloc_stop();
        if (st && st != XW_NOMEM) fail_msg("%d: %s", n, err.text);
        if (!st) assert_int_equal(pin.revision->number, 1);
        xw_pin_release(&pin);
        if (t && st) assert_int_equal(in_force(t, JANUARY), 1); /* the next try is fine */
        xw_timeline_close(t);
        if (!failed) {
            assert_int_equal(st, XW_OK);
            assert_true(n > 10);
            return;
        }
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, publisher_start, publisher_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_latest_that_has_begun_is_in_force),
        CASE(test_each_time_has_its_revision_with_its_validity),
        CASE(test_a_kept_snapshot_that_is_no_use_is_compiled_again),
        CASE(test_a_kept_store_that_cannot_be_read_is_left_out_and_told),
        CASE(test_a_kept_store_that_is_damaged_inside_answers_with_its_reason),
        CASE(test_a_new_store_is_served_and_old_readers_keep_theirs),
        CASE(test_patience_waits_for_the_snapshot_of_a_new_store),
        CASE(test_a_snapshot_alone_is_a_timeline_of_one),
        CASE(test_what_is_no_store_is_refused),
        CASE(test_lack_of_memory_is_told_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
