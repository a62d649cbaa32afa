/* Several nets over the same land, each with revisions of its own. */
#include "support/toy_model.h"
#include "timeline/publisher.h"

#include "xiwang/http.h"
#include "xiwang/store.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JANUARY = 1767225600, MARCH = 1772323200, MAY = 1777593600 };
#define POINT "lon=119.13015&lat=26.15015"

typedef struct town {
    publisher *p;
    char other[112], snapshot[128];
    xw_timeline *t;
    xw_nets *nets;
    xw_http_app *app;
    int64_t now;
} town;

/* The main net since January, with a revision in May; 城管网 since March. */
static int start(void **state)
{
    town *w = calloc(1, sizeof *w);
    xw_model m;
    xw_error err = {XW_OK, ""};
    if (publisher_start((void **)&w->p)) return -1;
    publish(w->p, JANUARY);
    publish(w->p, MAY);
    (void)snprintf(w->other, sizeof w->other, "%s/cg.gpkg", w->p->folder);
    (void)snprintf(w->snapshot, sizeof w->snapshot, "%s.snapshot", w->other);
    assert_true(toy_model_make(&m));
    assert_int_equal(xw_strings_add(&m.text, "cg", &m.net, NULL), XW_OK);
    assert_int_equal(xw_strings_add(&m.text, "城管网", &m.net_name, NULL), XW_OK);
    m.effective_unix = MARCH;
    assert_int_equal(xw_store_write(&m, w->other, false, NULL, &err), XW_OK);
    xw_model_finish(&m);
    w->now = MARCH + 86400;
    const char *stores[] = {w->other};
    xw_status st = xw_timeline_open(w->p->store, NULL, &w->t, &err);
    if (!st) st = xw_nets_open(w->t, stores, 1, NULL, &w->nets, &err);
    if (!st) st = xw_http_app_create(w->t, NULL, "http://grid.test", &w->app, &err);
    if (st) print_error("%s\n", err.text);
    if (!st) xw_http_app_set_nets(w->app, w->nets);
    *state = w;
    return st ? -1 : 0;
}

static int stop(void **state)
{
    town *w = *state;
    xw_http_app_destroy(w->app);
    xw_nets_close(w->nets);
    xw_timeline_close(w->t);
    (void)unlink(w->other);
    (void)unlink(w->snapshot);
    (void)publisher_stop((void **)&w->p);
    free(w);
    return 0;
}

static json_t *get(const town *w, const char *target, int status)
{
    xw_http_response rs;
    const xw_http_request rq = {.method = "GET", .target = target, .now_unix = w->now};
    xw_http_handle(w->app, &rq, &rs);
    if (rs.status != status) {
        fail_msg("%s: %d %.*s", target, rs.status, (int)rs.body.n, rs.body.n ? rs.body.data : "");
    }
    json_t *doc = json_loadb(rs.body.data, rs.body.n, JSON_REJECT_DUPLICATES, NULL);
    if (!doc) fail_msg("%s: %s", target, rs.body.data);
    xw_http_response_finish(&rs);
    return doc;
}

static void test_one_question_is_answered_by_all_nets_at_its_time(void **state)
{
    town *w = *state;
    json_t *doc = get(w, "/locate?" POINT "&accuracy=20&crs=gcj02", 200);
    assert_string_equal(json_string_value(json_object_get(doc, "net")), "zz");
    const json_t *other = json_object_get(json_object_get(doc, "nets"), "cg");
    assert_string_equal(json_string_value(json_object_get(other, "effective")),
                        "2026-03-01T00:00:00Z");
    assert_string_equal(json_string_value(json_object_get(doc, "effective")),
                        "2026-01-01T00:00:00Z");
    /* the same land: the same place, doubt and candidates */
    static const char *const same[] = {"location", "accuracy_m", "candidates", "levels", "plot"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(json_equal(json_object_get(doc, same[i]), json_object_get(other, same[i])));
    }
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&time=2026-02-01", 200);
    assert_true(json_is_null(json_object_get(json_object_get(doc, "nets"), "cg")));
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&fields=rule", 200);
    assert_int_equal(json_object_size(doc), 3);
    assert_int_equal(json_object_size(json_object_get(json_object_get(doc, "nets"), "cg")), 1);
    json_decref(doc);
}

static void test_one_net_is_picked_by_its_key(void **state)
{
    town *w = *state;
    json_t *doc = get(w, "/locate?" POINT "&net=cg", 200);
    assert_null(json_object_get(doc, "nets"));
    assert_string_equal(json_string_value(json_object_get(doc, "effective")),
                        "2026-03-01T00:00:00Z");
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&net=zz", 200);
    assert_null(json_object_get(doc, "nets"));
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&revision=2", 200); /* of the main net */
    assert_null(json_object_get(doc, "nets"));
    json_decref(doc);
    doc = get(w, "/revisions?net=cg", 200);
    assert_int_equal(json_array_size(json_object_get(doc, "revisions")), 1);
    json_decref(doc);
    doc = get(w, "/revisions", 200);
    assert_int_equal(json_array_size(json_object_get(doc, "revisions")), 2);
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&net=xx", 404);
    assert_non_null(strstr(json_string_value(json_object_get(doc, "detail")),
                           "\"xx\" is not served, known are zz, cg"));
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&net=cg&time=2026-02-01", 404);
    json_decref(doc);
}

static void test_answers_of_several_nets_have_no_tag_that_could_be_old(void **state)
{
    town *w = *state;
    xw_http_response rs;
    xw_http_request rq = {.method = "GET", .target = "/locate?" POINT, .now_unix = w->now};
    xw_http_handle(w->app, &rq, &rs);
    assert_int_equal(rs.status, 200);
    assert_null(xw_http_response_header(&rs, "ETag"));
    xw_http_response_finish(&rs);
    rq.target = "/locate?" POINT "&net=zz";
    xw_http_handle(w->app, &rq, &rs);
    assert_non_null(xw_http_response_header(&rs, "ETag"));
    xw_http_response_finish(&rs);
}

static void test_many_points_go_to_the_net_that_is_named(void **state)
{
    town *w = *state;
    static const char body[] = "[{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2026-03-05\"}]";
    static const struct {
        const char *target;
        int status;
        const char *says;
    } cases[] = {{"/locate?net=cg", 200, "\"effective\":\"2026-03-01T00:00:00Z\""},
                 {"/locate?net=zz", 200, "\"effective\":\"2026-01-01T00:00:00Z\""},
                 {"/locate", 200, "\"effective\":\"2026-01-01T00:00:00Z\""},
                 {"/locate?net=all", 200, "\"net\":\"zz\",\"nets\":{\"cg\":{\"location\""},
                 {"/locate?net=all&fields=rule", 200,
                  "[{\"rule\":\"inside\",\"net\":\"zz\",\"nets\":{\"cg\":{\"rule\":\"inside\"}}}]"},
                 {"/locate?net=all&answer=short", 400, "for the full answer"},
                 {"/locate?net=xx", 404, "not served"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_http_response rs;
        const xw_http_request rq = {.method = "POST",
                                    .target = cases[i].target,
                                    .content_type = "application/json",
                                    .body = body,
                                    .body_size = sizeof body - 1,
                                    .now_unix = w->now};
        xw_http_handle(w->app, &rq, &rs);
        if (rs.status != cases[i].status || !strstr(rs.body.data, cases[i].says)) {
            fail_msg("%s: %d %s", cases[i].target, rs.status, rs.body.data);
        }
        xw_http_response_finish(&rs);
    }
}

static void test_two_stores_of_one_net_are_refused(void **state)
{
    town *w = *state;
    xw_nets *nets = NULL;
    xw_error err = {XW_OK, ""};
    const char *twice[] = {w->other, w->other}, *mine[] = {w->p->store}, *none[] = {"none.gpkg"};
    assert_int_equal(xw_nets_open(w->t, twice, 2, NULL, &nets, &err), XW_USAGE);
    assert_non_null(strstr(err.text, "net \"cg\" already"));
    assert_int_equal(xw_nets_open(w->t, mine, 1, NULL, &nets, &err), XW_USAGE);
    assert_int_equal(xw_nets_open(w->t, none, 1, NULL, &nets, &err), XW_NOT_FOUND);
    assert_null(nets);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(test_one_question_is_answered_by_all_nets_at_its_time),
        CASE(test_one_net_is_picked_by_its_key),
        CASE(test_answers_of_several_nets_have_no_tag_that_could_be_old),
        CASE(test_many_points_go_to_the_net_that_is_named),
        CASE(test_two_stores_of_one_net_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
