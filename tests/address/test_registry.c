#include "street_map.h"

#include "support/test.h"

#include "xiwang/address.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

enum { ASKERS = 4, ROUNDS = 200 };

static xw_timeline *timeline;
static xw_snapshot *snapshot;

static int set_up(void **state)
{
    (void)state;
    xw_model m;
    xw_rng rng = rng_from_env("registry");
    street_map_make(&rng, 200, &m);
    snapshot = street_map_snapshot(&m);
    xw_model_finish(&m);
    assert_int_equal(xw_timeline_of_snapshot(snapshot, &timeline, NULL), XW_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    xw_timeline_close(timeline);
    return 0;
}

static xw_status acquire_patiently(xw_addresses *a, const xw_pin *pin, xw_address_index **out)
{
    xw_status st = XW_CONFLICT;
    for (int i = 0; i < 3000 && st == XW_CONFLICT; i++) {
        xw_error err = {XW_OK, ""};
        const struct timespec pause = {0, 2000000};
        st = xw_addresses_acquire(a, pin, out, &err);
        if (st != XW_CONFLICT) break;
        assert_non_null(strstr(err.text, "revision 1"));
        (void)nanosleep(&pause, NULL);
    }
    return st;
}

static void test_the_thread_builds_and_the_others_are_told_to_come_back(void **state)
{
    (void)state;
    xw_addresses *a = NULL;
    xw_pin pin;
    xw_address_index *first = NULL, *second = NULL;
    assert_int_equal(xw_addresses_create(timeline, NULL, true, NULL, &a, NULL), XW_OK);
    assert_int_equal(xw_timeline_pin_newest(timeline, &pin, NULL), XW_OK);
    assert_int_equal(xw_addresses_acquire(a, &pin, &first, NULL), XW_CONFLICT);
    assert_null(first);
    assert_int_equal(acquire_patiently(a, &pin, &first), XW_OK);
    assert_int_equal(xw_addresses_acquire(a, &pin, &second, NULL), XW_OK);
    assert_ptr_equal(first, second);
    xw_addresses_release(a, first);
    xw_addresses_release(a, second);
    xw_pin_release(&pin);
    xw_addresses_destroy(a);
}

typedef struct asker {
    pthread_t thread;
    xw_addresses *all;
    unsigned bad;
} asker;

static void *ask(void *user)
{
    asker *k = user;
    xw_pin pin;
    const xw_address_query q = {.text = "和平路12号", .n = strlen("和平路12号")};
    k->bad += xw_timeline_pin_newest(timeline, &pin, NULL) != XW_OK;
    for (int i = 0; i < ROUNDS; i++) {
        xw_address_index *ix = NULL;
        xw_address_found f;
        k->bad += acquire_patiently(k->all, &pin, &ix) != XW_OK;
        if (!ix) break;
        k->bad += xw_address_search(ix, pin.snapshot, &q, &f, NULL) != XW_OK;
        k->bad += f.choice != XW_ADDRESS_CLEAR;
        xw_addresses_release(k->all, ix);
    }
    xw_pin_release(&pin);
    return NULL;
}

static void test_many_threads_get_the_same_answers(void **state)
{
    (void)state;
    for (int background = 0; background < 2; background++) {
        asker askers[ASKERS] = {0};
        xw_addresses *a = NULL;
        assert_int_equal(xw_addresses_create(timeline, NULL, background == 1, NULL, &a, NULL),
                         XW_OK);
        for (int k = 0; k < ASKERS; k++) {
            askers[k].all = a;
            assert_int_equal(pthread_create(&askers[k].thread, NULL, ask, &askers[k]), 0);
        }
        for (int k = 0; k < ASKERS; k++) {
            assert_int_equal(pthread_join(askers[k].thread, NULL), 0);
            assert_int_equal(askers[k].bad, 0);
        }
        xw_addresses_destroy(a);
    }
}

static void test_a_registry_that_ends_while_it_builds_leaves_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        xw_addresses *a = NULL;
        xw_pin pin;
        xw_address_index *ix = NULL;
        assert_int_equal(xw_addresses_create(timeline, NULL, true, NULL, &a, NULL), XW_OK);
        assert_int_equal(xw_timeline_pin_newest(timeline, &pin, NULL), XW_OK);
        (void)xw_addresses_acquire(a, &pin, &ix, NULL);
        if (ix) xw_addresses_release(a, ix);
        xw_pin_release(&pin);
        xw_addresses_destroy(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_thread_builds_and_the_others_are_told_to_come_back),
        cmocka_unit_test(test_many_threads_get_the_same_answers),
        cmocka_unit_test(test_a_registry_that_ends_while_it_builds_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
