#include "support/test.h"

#include "support/toy_model.h"
#include "xiwang/events.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1767225600)

static xw_snapshot *snapshot;
static char dir[64], path[96];

static int set_up(void **state)
{
    (void)state;
    char file[96];
    xw_model m;
    xw_error err;
    (void)snprintf(dir, sizeof dir, "/tmp/xw-events-%ld", (long)getpid());
    (void)snprintf(file, sizeof file, "%s/toy.snapshot", dir);
    (void)snprintf(path, sizeof path, "%s/e.db", dir);
    if (mkdir(dir, 0700) || !toy_model_make(&m)) return -1;
    xw_status st = xw_snapshot_write(&m, file, NULL, &err);
    if (!st) st = xw_snapshot_open(file, &snapshot, &err);
    xw_model_finish(&m);
    (void)unlink(file);
    return st ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    xw_snapshot_close(snapshot);
    return rmdir(dir);
}

static int remove_file(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];
    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    return 0;
}

static xw_events *open_with(const xw_events_options *o)
{
    xw_events *e;
    xw_error err = {XW_OK, ""};
    if (xw_events_open(path, o, &e, &err)) print_error("%s\n", err.text);
    assert_non_null(e);
    return e;
}

/* One event through a batch of its own; the answer is copied to text. */
static xw_event_outcome post(xw_events *e, const char *json, const char *key, int64_t now,
                             char text[2000])
{
    xw_events_batch *b;
    assert_int_equal(xw_events_batch_create(e, &b, NULL), XW_OK);
    assert_int_equal(xw_events_batch_add(b, snapshot, json, strlen(json), key, now, NULL), XW_OK);
    xw_events_batch_submit(b, NULL, NULL);
    xw_events_batch_wait(b);
    assert_int_equal(xw_events_batch_size(b), 1);
    const xw_event_result r = xw_events_batch_result(b, 0);
    if (text) (void)snprintf(text, 2000, "%.*s", (int)r.size, r.text);
    xw_events_batch_destroy(b);
    return r.outcome;
}

static const char *event_json(char out[400], const char *category, int id)
{
    (void)snprintf(out, 400,
                   "{\"service_code\":\"%s\",\"lat\":%.4f,\"long\":%.4f,\"source\":\"t\","
                   "\"source_event_id\":\"%d\"}",
                   category, 26.1501 + 0.0001 * (id % 3), 119.1301 + 0.0001 * (id % 5), id);
    return out;
}

static size_t count_of(xw_events *e, const xw_events_filter *f, int64_t *last, char **text)
{
    xw_buf out;
    size_t n;
    xw_error err = {XW_OK, ""};
    xw_buf_init(&out, 64 << 20);
    xw_json j = xw_json_on(&out);
    if (xw_events_list(e, f, &j, &n, last, &err)) fail_msg("%s", err.text);
    if (text) {
        *text = out.data;
    } else {
        xw_buf_finish(&out);
    }
    return n;
}

static void test_a_repeat_gets_the_first_answer_also_after_a_restart(void **state)
{
    char first[2000], again[2000], json[400];
    (void)state;
    xw_events *e = open_with(NULL);
    assert_int_equal(post(e, event_json(json, "a", 1), "key", NOW, first), XW_EVENT_CREATED);
    assert_int_equal(post(e, json, "key", NOW + 60, again), XW_EVENT_REPEAT);
    assert_string_equal(first, again);
    assert_int_equal(post(e, json, NULL, NOW + 60, again), XW_EVENT_REPEAT);
    assert_string_equal(first, again);
    assert_int_equal(post(e, event_json(json, "b", 1), NULL, NOW, again), XW_EVENT_CONFLICT);
    assert_int_equal(post(e, event_json(json, "a", 2), "key", NOW, again), XW_EVENT_CONFLICT);
    assert_non_null(strstr(again, "\"key\" belongs to event 1"));
    xw_events_close(e);
    e = open_with(NULL);
    assert_int_equal(xw_events_last(e), 1);
    assert_int_equal(post(e, event_json(json, "a", 1), "key", NOW + 90, again), XW_EVENT_REPEAT);
    assert_string_equal(first, again);
    assert_int_equal(post(e, event_json(json, "a", 2), NULL, NOW, again), XW_EVENT_CREATED);
    assert_int_equal(xw_events_last(e), 2);
    xw_events_close(e);
}

static void test_what_is_wrong_is_named(void **state)
{
    static const char *const cases[][2] = {
        {"", "no JSON"},
        {"[]", "no object"},
        {"{}", "\"service_code\" is missing"},
        {"{\"service_code\":\"a\"}", "\"lat\" is missing"},
        {"{\"service_code\":\"a\",\"lat\":1}", "\"long\" is missing"},
        {"{\"service_code\":\"a\",\"lat\":\"1\",\"long\":1}", "\"lat\" is no number"},
        {"{\"service_code\":\"\",\"lat\":1,\"long\":1}", "\"service_code\" is empty"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"source\":\"x\"}", "source_event_id"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"accuracy\":-1}", "\"accuracy\" is -1"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"accuracy\":1e9}", "\"accuracy\" is 1e+09"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"floor\":1.5}", "\"floor\""},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"crs\":\"+proj=x\"}", "\"crs\" is \"+proj"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"crs\":\"EPSG:1\"}", "\"crs\" is \"EPSG:1"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"status\":\"x\"}", "\"status\" is \"x\""},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"requested_datetime\":\"2026-02-29T00:00:"
         "00Z\"}",
         "2026-02-29"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"device_id\":null}",
         "\"device_id\" is refused"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"Phone\":\"1\"}", "\"Phone\" is refused"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"media_url\":\"1\"}",
         "\"media_url\" is refused"},
        {"{\"service_code\":\"a\",\"lat\":1,\"long\":1,\"colour\":\"1\"}", "\"colour\" is unknown"},
        {"{\"service_code\":\"a\",\"lat\":91,\"long\":1}", ""},
        {"{\"service_code\":\"a\",\"lat\":1e400,\"long\":1}", ""},
        {"{\"service_code\":\"a\",\"lat\":1,\"lat\":1,\"long\":1}", "duplicate"},
    };
    char text[2000];
    (void)state;
    xw_events *e = open_with(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(post(e, cases[i][0], NULL, NOW, text), XW_EVENT_REFUSED);
        if (!strstr(text, cases[i][1])) fail_msg("%s: %s", cases[i][0], text);
    }
    assert_int_equal(post(e, "{\"service_code\":\"a\",\"lat\":0,\"long\":0}", NULL, NOW, text),
                     XW_EVENT_OUTSIDE);
    assert_int_equal(xw_events_last(e), 0);
    xw_events_close(e);
}

static void test_filters_find_what_a_scan_finds(void **state)
{
    char json[400], *all;
    int64_t last;
    (void)state;
    xw_events *e = open_with(NULL);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(post(e, event_json(json, i % 3 ? "a" : "b", i), NULL, NOW + i, NULL),
                         XW_EVENT_CREATED);
    }
    assert_int_equal(count_of(e, &(xw_events_filter){.limit = 1000}, &last, &all), 60);
    const char *code = strstr(all, "\"candidates\":[{\"code\":\"");
    assert_non_null(code);
    char grid[24] = "";
    (void)snprintf(grid, sizeof grid, "%.19s", code + 23);
    size_t wanted = 0;
    for (const char *at = all; (at = strstr(at, "\"team\":{\"code\":\"")) != NULL; at++) {
        wanted += strncmp(at + 16, grid, 19) == 0;
    }
    free(all);
    assert_true(wanted > 0);
    assert_int_equal(count_of(e, &(xw_events_filter){.limit = 1000, .grid = grid}, &last, NULL),
                     wanted);
    grid[4] = '\0'; /* everything is below the county */
    assert_int_equal(count_of(e, &(xw_events_filter){.limit = 1000, .grid = grid}, &last, NULL),
                     60);
    assert_int_equal(count_of(e, &(xw_events_filter){.limit = 1000, .category = "b"}, &last, NULL),
                     20);
    assert_int_equal(
        count_of(e, &(xw_events_filter){.limit = 1000, .status = "closed"}, &last, NULL), 0);
    assert_int_equal(
        count_of(
            e,
            &(xw_events_filter){
                .limit = 1000, .has_from = true, .from = NOW + 10, .has_to = true, .to = NOW + 20},
            &last, NULL),
        10);
    xw_events_filter box = {.limit = 1000, .has_box = true};
    box.box = (xw_box){{1191301000, 261500999}, {1191301000, 261501001}};
    assert_int_equal(count_of(e, &box, &last, NULL), 4); /* multiples of 15 */
    xw_events_close(e);
}

typedef struct load {
    xw_events *e;
    int n;
    atomic_bool done;
} load;

static void *post_many(void *arg)
{
    load *l = arg;
    char json[400];
    for (int i = 0; i < l->n; i++) (void)post(l->e, event_json(json, "a", i), NULL, NOW, NULL);
    atomic_store(&l->done, true);
    return NULL;
}

static void test_pages_are_complete_and_without_repeats_while_events_arrive(void **state)
{
    (void)state;
    load l = {.e = open_with(NULL), .n = 300};
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, post_many, &l), 0);
    int64_t after = 0, last;
    size_t sum = 0;
    for (;;) {
        const bool done = atomic_load(&l.done);
        char *text;
        const xw_events_filter f = {.limit = 7, .after = after};
        const size_t n = count_of(l.e, &f, &last, &text);
        const char *at = text;
        for (size_t i = 0; i < n; i++, at++) {
            char name[40];
            (void)snprintf(name, sizeof name, "{\"event_id\":%lld,", (long long)++after);
            at = strstr(at, "{\"event_id\":");
            assert_non_null(at);
            assert_int_equal(strncmp(at, name, strlen(name)), 0);
        }
        free(text);
        sum += n;
        if (done && n == 0) break;
    }
    assert_int_equal(sum, 300);
    (void)pthread_join(t, NULL);
    xw_events_close(l.e);
}

static void test_coordinates_expire_and_the_binding_stays(void **state)
{
    char json[400], *text, answer[2000];
    int64_t last;
    (void)state;
    xw_events *e = open_with(NULL);
    for (int i = 0; i < 5; i++) (void)post(e, event_json(json, "a", i), NULL, NOW, answer);
    xw_events_close(e);
    e = open_with(&(xw_events_options){.coordinates_keep_days = 1}); /* NOW is long ago */
    for (int i = 0; i < 300; i++) {
        (void)count_of(e, &(xw_events_filter){.limit = 10}, &last, &text);
        const bool gone = strstr(text, "\"long\":119") == NULL;
        if (gone) break;
        free(text);
        text = NULL;
        (void)usleep(10000);
    }
    assert_non_null(text);
    assert_non_null(strstr(text, "\"rule\":\"inside\""));
    assert_non_null(strstr(text, "\"long\":null,\"lat\":null"));
    free(text);
    char again[2000];
    assert_int_equal(post(e, json, NULL, NOW, again), XW_EVENT_REPEAT);
    assert_string_equal(answer, again);
    xw_events_close(e);
    e = open_with(&(xw_events_options){.keep_days = 1});
    for (int i = 0; i < 300 && count_of(e, &(xw_events_filter){.limit = 10}, &last, NULL) > 1;
         i++) {
        (void)usleep(10000);
    }
    assert_int_equal(count_of(e, &(xw_events_filter){.limit = 10}, &last, NULL), 1);
    xw_events_close(e);
    e = open_with(NULL);
    assert_int_equal(post(e, event_json(json, "a", 77), NULL, NOW, answer), XW_EVENT_CREATED);
    assert_int_equal(xw_events_last(e), 6); /* no id comes twice */
    xw_events_close(e);
}

typedef struct ear {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool awake;
} ear;

static void on_sleep(void *user) { ((ear *)user)->awake = false; }
static void on_wake(void *user)
{
    ear *x = user;
    (void)pthread_mutex_lock(&x->lock);
    x->awake = true;
    (void)pthread_cond_signal(&x->cond);
    (void)pthread_mutex_unlock(&x->lock);
}

/* Reads until the id was seen; gives the number of messages. Insists on the order without gaps. */
static int64_t read_to(xw_events_reader *r, ear *x, int64_t from, int64_t to)
{
    char part[700], line[64];
    size_t n_line = 0;
    while (from < to) {
        const int64_t n = xw_events_reader_read(r, part, sizeof part);
        if (n < 0) break;
        if (n == 0) {
            (void)pthread_mutex_lock(&x->lock);
            while (!x->awake) (void)pthread_cond_wait(&x->cond, &x->lock);
            (void)pthread_mutex_unlock(&x->lock);
        }
        for (int64_t i = 0; i < n; i++) {
            if (part[i] != '\n') {
                if (n_line + 1 < sizeof line) line[n_line++] = part[i];
                continue;
            }
            line[n_line] = '\0';
            n_line = 0;
            if (strncmp(line, "event: resync", 13) == 0) return -from;
            if (strncmp(line, "id: ", 4) == 0) {
                assert_int_equal(strtoll(line + 4, NULL, 10), from + 1);
                from++;
            }
        }
    }
    return from;
}

static void test_a_reader_gets_all_in_order_from_the_file_and_the_ring(void **state)
{
    (void)state;
    char json[400];
    ear x = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true};
    const xw_events_hooks hooks = {on_sleep, on_wake, &x};
    xw_events_reader *r;
    xw_events *e = open_with(NULL);
    for (int i = 0; i < 250; i++) (void)post(e, event_json(json, "b", 1000 + i), NULL, NOW, NULL);
    xw_events_close(e);
    load l = {.e = open_with(&(xw_events_options){.beat_ms = 5}), .n = 200};
    pthread_t t;
    assert_int_equal(xw_events_reader_open(l.e, 3, NULL, &hooks, &r, NULL), XW_OK);
    assert_int_equal(pthread_create(&t, NULL, post_many, &l), 0);
    assert_int_equal(read_to(r, &x, 3, 450), 450);
    (void)pthread_join(t, NULL);
    xw_events_reader_close(r);
    xw_events_close(l.e);
}

static void test_a_slow_reader_is_told_where_to_go_on(void **state)
{
    (void)state;
    char json[400];
    ear x = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true};
    const xw_events_hooks hooks = {on_sleep, on_wake, &x};
    xw_events_reader *r;
    xw_events *e = open_with(&(xw_events_options){.ring = 4});
    assert_int_equal(xw_events_reader_open(e, -1, NULL, &hooks, &r, NULL), XW_OK);
    (void)post(e, event_json(json, "a", 0), NULL, NOW, NULL);
    assert_int_equal(read_to(r, &x, 0, 1), 1);
    for (int i = 1; i < 20; i++) (void)post(e, event_json(json, "a", i), NULL, NOW, NULL);
    assert_int_equal(read_to(r, &x, 1, 20), -1);
    char byte;
    assert_int_equal(xw_events_reader_read(r, &byte, 1), -1);
    xw_events_reader_close(r);
    assert_int_equal(xw_events_reader_open(e, 1, NULL, &hooks, &r, NULL), XW_OK);
    assert_int_equal(read_to(r, &x, 1, 20), 20);
    xw_events_reader_close(r);
    xw_events_close(e);
}

static void test_a_file_of_others_is_refused(void **state)
{
    (void)state;
    xw_events *e;
    xw_error err = {XW_OK, ""};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("this is a text of somebody, longer than the head of a database ............."
                "....................................................................",
                f);
    (void)fclose(f);
    assert_int_equal(xw_events_open(path, NULL, &e, &err), XW_INPUT);
    assert_null(e);
    assert_non_null(strstr(err.text, "e.db"));
    assert_int_equal(xw_events_open("/nowhere/e.db", NULL, &e, &err), XW_IO);
}

#define EACH(f) cmocka_unit_test_teardown(f, remove_file)
int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(test_a_repeat_gets_the_first_answer_also_after_a_restart),
        EACH(test_what_is_wrong_is_named),
        EACH(test_filters_find_what_a_scan_finds),
        EACH(test_pages_are_complete_and_without_repeats_while_events_arrive),
        EACH(test_coordinates_expire_and_the_binding_stays),
        EACH(test_a_reader_gets_all_in_order_from_the_file_and_the_ring),
        EACH(test_a_slow_reader_is_told_where_to_go_on),
        EACH(test_a_file_of_others_is_refused),
    };
    return cmocka_run_group_tests_name("events", tests, set_up, tear_down);
}
