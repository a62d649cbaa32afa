/* Items once each and in order, the first failure and no other, an end when asked for one. */
#include "support/test.h"

#include "xiwang/job.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

enum { N = 5000 };

typedef struct work {
    atomic_uint times[N];
    atomic_size_t started; /* calls so far */
    size_t order[N];       /* by call: the item */
    unsigned threads;
    atomic_bool wrong_thread;
    const bool *fails; /* NULL: none */
    const xw_job *job; /* NULL: not asked */
    volatile sig_atomic_t *cancel_at_half;
} work;

static xw_status one(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    work *w = ctx;
    w->order[atomic_fetch_add(&w->started, 1)] = i;
    atomic_fetch_add(&w->times[i], 1);
    if (thread >= w->threads) atomic_store(&w->wrong_thread, true);
    if (i % 7 == 0) (void)sched_yield();
    if (w->cancel_at_half && i == N / 2) __atomic_store_n(w->cancel_at_half, 1, __ATOMIC_RELAXED);
    if (w->fails && w->fails[i]) {
        return xw_fail(err, i % 2 ? XW_LIMIT : XW_INPUT, "item %zu", i);
    }
    return w->job ? xw_job_step(w->job, "items", i, N, err) : XW_OK;
}

static void test_every_item_runs_once(void **state)
{
    (void)state;
    const unsigned threads[] = {0, 1, 2, 3, 8, 64, 1000};
    static work w;
    for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
        const size_t counts[] = {0, 1, 2, 3, 63, 64, 65, N};
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            memset(&w, 0, sizeof w);
            w.threads = threads[k] ? threads[k] : 1;
            assert_int_equal(xw_parallel(threads[k], counts[c], one, &w, NULL), XW_OK);
            for (size_t i = 0; i < N; i++) assert_int_equal(w.times[i], i < counts[c]);
            assert_false(w.wrong_thread);
        }
    }
}

static void test_one_thread_runs_in_order(void **state)
{
    (void)state;
    static work w;
    w.threads = 1;
    assert_int_equal(xw_parallel(1, N, one, &w, NULL), XW_OK);
    for (size_t i = 0; i < N; i++) assert_int_equal(w.order[i], i);
}

/* Items are handed out in order, so the smallest failing one always runs. */
static void test_the_first_failure_wins_on_any_threads(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("job");
    static work w;
    static bool fails[N];
    for (int round = 0; round < 300; round++) {
        const size_t first = xw_rng_below(&r, N);
        for (size_t i = 0; i < N; i++) fails[i] = i > first && xw_rng_below(&r, 3) == 0;
        fails[first] = true;
        memset(&w, 0, sizeof w);
        w.threads = 1 + xw_rng_below(&r, 8);
        w.fails = fails;
        char want[40];
        (void)snprintf(want, sizeof want, "item %zu", first);
        xw_error err = {XW_OK, ""};
        assert_int_equal(xw_parallel(w.threads, N, one, &w, &err), first % 2 ? XW_LIMIT : XW_INPUT);
        assert_int_equal(err.status, first % 2 ? XW_LIMIT : XW_INPUT);
        assert_string_equal(err.text, want);
        for (size_t i = 0; i <= first; i++) assert_int_equal(w.times[i], 1);
        if (w.threads == 1) assert_int_equal(w.started, first + 1); /* the rest is not begun */
    }
    memset(&w, 0, sizeof w);
    w.threads = 2;
    w.fails = fails;
    assert_int_not_equal(xw_parallel(2, N, one, &w, NULL), XW_OK); /* nobody listens */
}

static void test_success_leaves_the_error_alone(void **state)
{
    (void)state;
    static work w;
    w.threads = 4;
    xw_error err = {XW_IO, "from before"};
    assert_int_equal(xw_parallel(4, N, one, &w, &err), XW_OK);
    assert_string_equal(err.text, "from before");
}

typedef struct heard {
    unsigned calls;
    char stage[20];
    uint64_t done, total;
} heard;

static void hear(void *user, const char *stage, uint64_t done, uint64_t total)
{
    heard *h = user;
    h->calls++;
    (void)snprintf(h->stage, sizeof h->stage, "%s", stage);
    h->done = done;
    h->total = total;
}

static void test_steps_report_until_they_are_stopped(void **state)
{
    (void)state;
    volatile sig_atomic_t cancel = 0;
    heard h = {0};
    const xw_job job = {.progress = hear, .user = &h, .cancel = &cancel};
    xw_error err;
    assert_int_equal(xw_job_step(NULL, "plots", 1, 2, &err), XW_OK);
    assert_int_equal(xw_job_step(&(xw_job){0}, "plots", 1, 2, &err), XW_OK);
    assert_int_equal(xw_job_step(&job, "plots", 3, 10, &err), XW_OK);
    assert_int_equal(h.calls, 1);
    assert_string_equal(h.stage, "plots");
    assert_int_equal(h.done, 3);
    assert_int_equal(h.total, 10);
    cancel = 1;
    assert_int_equal(xw_job_step(&job, "plots", 4, 10, &err), XW_CANCELLED);
    assert_int_equal(err.status, XW_CANCELLED);
    assert_non_null(strstr(err.text, "plots"));
    assert_int_equal(h.calls, 1);
}

static void test_a_cancelled_job_ends_early(void **state)
{
    (void)state;
    static work w;
    for (unsigned threads = 1; threads < 5; threads++) {
        volatile sig_atomic_t cancel = 0;
        const xw_job job = {.cancel = &cancel, .threads = threads};
        memset(&w, 0, sizeof w);
        w.threads = threads;
        w.job = &job;
        w.cancel_at_half = &cancel;
        xw_error err;
        assert_int_equal(xw_parallel(xw_job_threads(&job), N, one, &w, &err), XW_CANCELLED);
        assert_string_equal(err.text, "stopped during items");
        if (threads == 1) assert_int_equal(w.started, N / 2 + 1);
        for (size_t i = 0; i <= N / 2; i++) assert_int_equal(w.times[i], 1);
    }
}

static void test_there_is_always_one_thread(void **state)
{
    (void)state;
    assert_int_equal(xw_job_threads(NULL), 1);
    assert_int_equal(xw_job_threads(&(xw_job){.threads = 0}), 1);
    assert_int_equal(xw_job_threads(&(xw_job){.threads = 7}), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_item_runs_once),
        cmocka_unit_test(test_one_thread_runs_in_order),
        cmocka_unit_test(test_the_first_failure_wins_on_any_threads),
        cmocka_unit_test(test_success_leaves_the_error_alone),
        cmocka_unit_test(test_steps_report_until_they_are_stopped),
        cmocka_unit_test(test_a_cancelled_job_ends_early),
        cmocka_unit_test(test_there_is_always_one_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
