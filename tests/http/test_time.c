/* Which revision answers, with the clock in the request. */
#include "timeline/publisher.h"

#include "xiwang/http.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JANUARY = 1767225600, MARCH = 1772323200, MAY = 1777593600 };
#define POINT "lon=119.13015&lat=26.15015"

typedef struct town {
    publisher *p;
    xw_timeline *t;
    xw_http_app *app;
    int64_t now;
} town;

/* Revision 1 since January, 2 since March, 3 scheduled for May; now it is April. */
static int start(void **state)
{
    town *w = calloc(1, sizeof *w);
    xw_error err;
    if (publisher_start((void **)&w->p)) return -1;
    publish(w->p, JANUARY);
    publish(w->p, MARCH);
    publish(w->p, MAY);
    w->now = MAY - 30 * 86400;
    *state = w;
    return xw_timeline_open(w->p->store, NULL, &w->t, &err) ||
                   xw_http_app_create(w->t, NULL, "http://grid.test", &w->app, &err)
               ? -1
               : 0;
}

static int stop(void **state)
{
    town *w = *state;
    xw_http_app_destroy(w->app);
    xw_timeline_close(w->t);
    (void)publisher_stop((void **)&w->p);
    free(w);
    return 0;
}

static xw_http_response ask(const town *w, const char *method, const char *target, const char *body)
{
    xw_http_response rs;
    const xw_http_request rq = {.method = method,
                                .target = target,
                                .accept = "application/json",
                                .content_type = "application/json",
                                .body = body ? body : "",
                                .body_size = body ? strlen(body) : 0,
                                .now_unix = w->now};
    xw_http_handle(w->app, &rq, &rs);
    return rs;
}

static json_t *get(const town *w, const char *target, int status)
{
    xw_http_response rs = ask(w, "GET", target, NULL);
    if (rs.status != status) {
        fail_msg("%s: %d %.*s", target, rs.status, (int)rs.body.n, rs.body.n ? rs.body.data : "");
    }
    json_t *doc = json_loadb(rs.body.data, rs.body.n, 0, NULL);
    assert_non_null(doc);
    xw_http_response_finish(&rs);
    return doc;
}

static const char *text_of(const json_t *doc, const char *key)
{
    return json_string_value(json_object_get(doc, key));
}

/* The revision that a JSON answer is of. */
static json_int_t revision(const town *w, const char *target)
{
    json_t *doc = get(w, target, 200);
    const json_int_t v = json_integer_value(json_object_get(doc, "revision"));
    json_decref(doc);
    return v;
}

static void assert_problem(const town *w, const char *target, int status, const char *words)
{
    json_t *doc = get(w, target, status);
    const char *detail = text_of(doc, "detail");
    if (!detail || !strstr(detail, words)) fail_msg("%s: %s", target, detail ? detail : "nothing");
    json_decref(doc);
}

static void test_a_lookup_is_answered_by_the_revision_of_its_time(void **state)
{
    town *w = *state;
    assert_int_equal(revision(w, "/locate?" POINT), 2);
    assert_int_equal(revision(w, "/locate?" POINT "&time=2026-01-01"), 1);
    assert_int_equal(revision(w, "/locate?" POINT "&time=2026-02-28T23:59:59Z"), 1);
    assert_int_equal(revision(w, "/locate?" POINT "&time=2026-03-01T08:00:00%2B08:00"), 2);
    assert_int_equal(revision(w, "/locate?" POINT "&time=2030-01-01"), 3);
    assert_int_equal(revision(w, "/locate?" POINT "&revision=3"), 3);
    assert_int_equal(revision(w, "/locate?" POINT "&revision=current"), 2);
    assert_problem(w, "/locate?" POINT "&time=2025-12-31", 404, "2026-01-01T00:00:00Z");
    assert_problem(w, "/locate?" POINT "&time=yesterday", 400, "yesterday");
    assert_problem(w, "/locate?" POINT "&time=2026-02-30", 400, "2026-02-30");
    assert_problem(w, "/locate?" POINT "&revision=4", 404, "\"4\"");
    assert_problem(w, "/locate?" POINT "&revision=1&time=2026-01-01", 400, "exclude");
    json_t *doc = get(w, "/locate?" POINT, 200);
    assert_string_equal(text_of(doc, "effective"), "2026-03-01T00:00:00Z");
    assert_string_equal(text_of(doc, "valid_until"), "2026-05-01T00:00:00Z");
    assert_string_equal(text_of(doc, "published"), "2026-01-01T00:00:00Z");
    json_decref(doc);
    doc = get(w, "/locate?" POINT "&time=2030-01-01", 200);
    assert_true(json_is_null(json_object_get(doc, "valid_until")));
    json_decref(doc);

    xw_http_response rs =
        ask(w, "POST", "/locate?time=2026-02-01", "[[119.13015,26.15015],[119.1304,26.1501]]");
    assert_int_equal(rs.status, 200);
    doc = json_loadb(rs.body.data, rs.body.n, 0, NULL);
    assert_int_equal(json_array_size(doc), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(doc, 1), "revision")), 1);
    json_decref(doc);
    xw_http_response_finish(&rs);
}

static xw_http_response post(const town *w, const char *target, const char *type, const char *body)
{
    xw_http_response rs;
    const xw_http_request rq = {.method = "POST",
                                .target = target,
                                .accept = "*/*",
                                .content_type = type,
                                .body = body,
                                .body_size = strlen(body),
                                .now_unix = w->now};
    xw_http_handle(w->app, &rq, &rs);
    return rs;
}

static void assert_post(const town *w, const char *target, const char *type, const char *body,
                        int status, const char *answer)
{
    xw_http_response rs = post(w, target, type, body);
    const char *got = rs.body.n ? rs.body.data : "";
    if (rs.status != status || !strstr(got, answer)) {
        fail_msg("%s: %d, no %s in %s", body, rs.status, answer, got);
    }
    xw_http_response_finish(&rs);
}

/* Each point has the revision of its time, whatever stands beside it. */
static void test_every_point_may_have_a_time_of_its_own(void **state)
{
    town *w = *state;
    assert_post(w, "/locate?fields=revision", "application/x-ndjson",
                "{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2026-01-05\"}\n"
                "[119.13015,26.15015]\n"
                "{\"id\":7,\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2030-01-01T00:00:00Z\"}\n"
                "{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"1999-01-01\"}\n"
                "{\"lon\":119.13015,\"lat\":26.15015,\"time\":5}\n"
                "{\"lon\":119.13015,\"lat\":26.15015,\"time\":null}\n",
                200,
                "{\"revision\":1,\"effective\":\"2026-01-01T00:00:00Z\",\"valid_until\":"
                "\"2026-03-01T00:00:00Z\",\"published\":\"2026-01-01T00:00:00Z\"}\n"
                "{\"revision\":2,");
    assert_post(
        w, "/locate?fields=revision&answer=full", "application/x-ndjson",
        "{\"id\":7,\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2030-01-01T00:00:00Z\"}\n"
        "{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"1999-01-01\"}\n"
        "{\"lon\":119.13015,\"lat\":26.15015,\"time\":5}\n"
        "{\"lon\":119.13015,\"lat\":26.15015,\"time\":null}\n",
        200,
        "{\"id\":7,\"revision\":3,\"effective\":\"2026-05-01T00:00:00Z\",\"valid_until\":null,"
        "\"published\":\"2026-01-01T00:00:00Z\"}\n"
        "{\"line\":2,\"error\":\"time: ");
    assert_post(w, "/locate?fields=revision", "application/x-ndjson",
                "{\"lon\":119.13015,\"lat\":26.15015,\"time\":5}\n[119.13015,26.15015]\n", 200,
                "{\"line\":1,\"error\":\"time of point 0 is no RFC 3339 time or date\"}\n"
                "{\"revision\":2,");
    assert_post(
        w, "/locate?fields=revision", "application/json",
        "[{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2026-01-05\"},[119.13015,26.15015]]", 200,
        "},{\"revision\":2,");
    assert_post(w, "/locate", "application/json",
                "[{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"1999-01-05\"}]", 400, "time: ");
    assert_post(
        w, "/locate?answer=short", "application/x-ndjson",
        "{\"lon\":119.13015,\"lat\":26.15015,\"time\":\"2026-01-05\"}\n[119.13015,26.15015]\n", 200,
        "{\"code\":\"9991010010010010101\",\"certain_to\":\"team\",\"probability\":1,"
        "\"rule\":\"inside\"}\n"
        "{\"code\":\"9991010010010010101\",\"certain_to\":\"team\",\"probability\":1,"
        "\"rule\":\"inside\"}\n");
    assert_post(
        w, "/locate", "text/csv",
        "lon,lat,time\n119.13015,26.15015,2026-01-05\n119.13015,26.15015,\n"
        "119.13015,26.15015,1999-01-05\n119.13015,26.15015,never\n",
        200,
        "119.13015,26.15015,2026-01-05,999101001001001,99910100100100101,9991010010010010101,"
        "team,inside,1.0000,\n"
        "119.13015,26.15015,,999101001001001,99910100100100101,9991010010010010101,team,inside,"
        "1.0000,\n"
        "119.13015,26.15015,1999-01-05,,,,,,,\"time: ");
    assert_post(
        w, "/locate", "application/geo+json",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":"
        "{\"time\":\"1999-01-01\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":"
        "[119.13015,26.15015]}},{\"type\":\"Feature\",\"properties\":"
        "{\"time\":\"2026-02-01\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":"
        "[119.13015,26.15015]}}]}",
        200, "\"error\":\"time: ");
}

static void test_wanted_fields_are_checked(void **state)
{
    town *w = *state;
    json_t *doc = get(w, "/locate?" POINT "&fields=levels,rule", 200);
    assert_int_equal(json_object_size(doc), 2);
    assert_non_null(text_of(doc, "rule"));
    json_decref(doc);
    assert_problem(w, "/locate?" POINT "&fields=", 400, "there is no field \"\"");
    assert_problem(w, "/locate?" POINT "&fields=rule,phone", 400, "there is no field \"phone\"");
    assert_problem(w, "/locate?" POINT "&fields=rule,", 400, "there is no field \"\"");
    assert_post(w, "/locate?fields=what", "application/json", "[]", 400, "\\\"what\\\"");
    assert_post(w, "/locate?fields=rule&answer=short", "application/json", "[]", 400,
                "full answer");
    assert_post(w, "/locate?fields=rule", "text/csv", "lon,lat\n", 400, "full answer");
}

static void test_a_scheduled_revision_comes_into_force_by_itself(void **state)
{
    town *w = *state;
    static const char *const routes[] = {("/locate?" POINT), "/tiles.json",
                                         "/grids/99910100100100102", "/readyz", "/?f=json"};
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        w->now = MAY - 1;
        assert_int_equal(revision(w, routes[i]), 2);
        w->now = MAY;
        assert_int_equal(revision(w, routes[i]), 3);
    }
    w->now = JANUARY - 1;
    assert_problem(w, "/locate?" POINT, 404, "2026-01-01T00:00:00Z");
    assert_problem(w, "/tiles/current/3/0/0.mvt", 404, "2026-01-01T00:00:00Z");
    assert_problem(w, "/collections", 404, "2026-01-01T00:00:00Z");
    json_decref(get(w, "/openapi.json", 200));
    json_decref(get(w, "/?f=json", 200));
    json_t *doc = get(w, "/readyz", 503);
    assert_true(json_is_false(json_object_get(doc, "ready")));
    json_decref(doc);
    assert_int_equal(revision(w, "/locate?" POINT "&revision=1"), 1);
}

static void test_all_revisions_are_listed_with_their_state(void **state)
{
    town *w = *state;
    static const char *const states[] = {"past", "in force", "scheduled"};
    json_t *doc = get(w, "/revisions", 200);
    const json_t *list = json_object_get(doc, "revisions");
    assert_int_equal(json_integer_value(json_object_get(doc, "in_force")), 2);
    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *r = json_array_get(list, i);
        assert_int_equal(json_integer_value(json_object_get(r, "revision")), i + 1);
        assert_string_equal(text_of(r, "state"), states[i]);
        assert_int_equal(json_integer_value(json_object_get(r, "households")), 39);
        assert_int_equal(strlen(text_of(r, "content_digest")), 16);
        const json_t *links = json_object_get(r, "links");
        for (size_t k = 0; k < json_array_size(links); k++) { /* they lead somewhere */
            const char *href = text_of(json_array_get(links, k), "href");
            json_decref(get(w, href + strlen("http://grid.test"), 200));
        }
    }
    json_decref(doc);
}

static const char *cache_of(const town *w, const char *target, int status, char out[100])
{
    xw_http_response rs = ask(w, "GET", target, NULL);
    if (rs.status != status) fail_msg("%s: %d", target, rs.status);
    const char *v = xw_http_response_header(&rs, "Cache-Control");
    (void)snprintf(out, 100, "%s", v ? v : "");
    xw_http_response_finish(&rs);
    return out;
}

static void test_tiles_go_by_number_and_are_kept_for_ever_then(void **state)
{
    town *w = *state;
    char cache[100], target[200];
    for (unsigned i = 1; i <= 3; i++) {
        (void)snprintf(target, sizeof target, "/tiles/%u/17/108910/55666.mvt", i);
        assert_non_null(strstr(cache_of(w, target, 200, cache), "immutable"));
        (void)snprintf(target, sizeof target, "/tiles.json?revision=%u", i);
        json_t *doc = get(w, target, 200);
        const char *url = json_string_value(json_array_get(json_object_get(doc, "tiles"), 0));
        const char *digest = text_of(doc, "digest");
        (void)snprintf(target, sizeof target, "/tiles/%u-%s/17/108910/55666.mvt", i, digest);
        assert_non_null(strstr(url, digest));
        assert_non_null(strstr(cache_of(w, target, 200, cache), "immutable"));
        (void)snprintf(target, sizeof target, "/tiles/%u-%s/17/108910/55666.mvt", i % 3 + 1,
                       digest);
        assert_string_equal(cache_of(w, target, 404, cache), "");
        json_decref(doc);
    }
    assert_null(strstr(cache_of(w, "/tiles/current/17/108910/55666.mvt", 200, cache), "immutable"));
    static const char *const wrong[] = {
        "4", "0", "-1", "1-", "x", "1x", "99999999999999999999", "4294967297"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        (void)snprintf(target, sizeof target, "/tiles/%s/3/0/0.mvt", wrong[i]);
        assert_problem(w, target, 404, wrong[i]);
    }
}

static void test_features_are_of_the_revision_in_force_at_datetime(void **state)
{
    town *w = *state;
    static const struct {
        const char *query;
        int revision;
    } cases[] = {
        {"", 2},
        {"&revision=1", 1},
        {"&datetime=2026-01-15", 1},
        {"&datetime=2026-06-01T00:00:00Z", 3},
        {"&datetime=2025-01-01/2026-02-01", 1},
        {"&datetime=2026-01-15/..", 2},
        {"&datetime=2027-01-15/..", 3},
        {"&datetime=../2026-02-01", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[200], words[40];
        (void)snprintf(target, sizeof target, "/collections/teams/items?limit=2%s", cases[i].query);
        (void)snprintf(words, sizeof words, "revision=%d&", cases[i].revision);
        json_t *doc = get(w, target, 200);
        const json_t *links = json_object_get(doc, "links");
        const char *next = NULL;
        for (size_t k = 0; k < json_array_size(links); k++) {
            const json_t *l = json_array_get(links, k);
            if (strcmp(text_of(l, "rel"), "next") == 0) next = text_of(l, "href");
        }
        assert_non_null(next);
        if (!strstr(next, words)) fail_msg("%s: %s", target, next);
        const int64_t now = w->now; /* the next page is of the same revision, also after a change */
        w->now = MAY + 1;
        json_decref(get(w, next + strlen("http://grid.test"), 200));
        w->now = now;
        json_decref(doc);
    }
    assert_problem(w, "/collections/teams/items?datetime=2025-01-01", 404, "2026-01-01T00:00:00Z");
    json_t *doc = get(w, "/collections/teams", 200);
    const json_t *time = json_object_get(json_object_get(doc, "extent"), "temporal");
    const json_t *interval = json_array_get(json_object_get(time, "interval"), 0);
    assert_string_equal(json_string_value(json_array_get(interval, 0)), "2026-01-01T00:00:00Z");
    assert_true(json_is_null(json_array_get(interval, 1)));
    json_decref(doc);
}

static void test_an_answer_is_made_again_when_its_validity_changes(void **state)
{
    town *w = *state;
    bool changed;
    xw_http_request rq = {.method = "GET", .target = "/locate?" POINT, .now_unix = MAY + 1};
    xw_http_response rs, again;
    xw_http_handle(w->app, &rq, &rs);
    rq.if_none_match = xw_http_response_header(&rs, "ETag");
    xw_http_handle(w->app, &rq, &again);
    assert_int_equal(again.status, 304);
    xw_http_response_finish(&again);
    publish(w->p, MAY + 1000);
    assert_int_equal(xw_timeline_refresh(w->t, false, &changed, NULL), XW_OK);
    xw_http_handle(w->app, &rq, &again);
    assert_int_equal(again.status, 200);
    xw_http_response_finish(&again);
    xw_http_response_finish(&rs);
}

static bool metric(const town *w, const char *line)
{
    xw_http_response rs = ask(w, "GET", "/metrics", NULL);
    const bool there = strstr(rs.body.data, line) != NULL;
    xw_http_response_finish(&rs);
    return there;
}

static void test_a_damaged_new_store_is_told_and_the_old_one_answers(void **state)
{
    town *w = *state;
    bool changed;
    assert_true(metric(w, "\nxiwang_revision_problems 0\n"));
    assert_true(metric(w, "\nxiwang_revisions 3\nxiwang_revision_newest 3\n") ||
                metric(w, "\nxiwang_revision_newest 3\n"));
    assert_true(metric(w, "xiwang_snapshot_info{revision=\"2\""));
    spoil(w->p->store, "half");
    assert_int_equal(xw_timeline_refresh(w->t, false, &changed, NULL), XW_INPUT);
    assert_true(metric(w, "\nxiwang_revision_problems 1\n"));
    assert_int_equal(revision(w, "/locate?" POINT), 2);
    json_t *doc = get(w, "/readyz", 200);
    const json_t *problems = json_object_get(doc, "problems");
    assert_int_equal(json_array_size(problems), 1);
    assert_non_null(strstr(json_string_value(json_array_get(problems, 0)), "town.gpkg"));
    json_decref(doc);
}

static void test_a_revision_that_cannot_be_mapped_yet_is_asked_for_again(void **state)
{
    town *w = *state;
    xw_timeline_watch *watch;
    assert_int_equal(unlink(kept(w->p, 1, ".snapshot")), 0);
    /* a second timeline, whose watch does the work; the first one does it by itself */
    xw_timeline *t;
    xw_http_app *app;
    assert_int_equal(xw_timeline_open(w->p->store, NULL, &t, NULL), XW_OK);
    assert_int_equal(xw_http_app_create(t, NULL, NULL, &app, NULL), XW_OK);
    assert_int_equal(xw_timeline_watch_start(t, NULL, NULL, &watch, NULL), XW_OK);
    int status = 503;
    for (int i = 0; i < 1000 && status == 503; i++) {
        xw_http_response rs;
        const xw_http_request rq = {
            .method = "GET", .target = "/locate?" POINT "&revision=1", .now_unix = w->now};
        xw_http_handle(app, &rq, &rs);
        status = rs.status;
        if (status == 503) {
            assert_string_equal(xw_http_response_header(&rs, "Retry-After"), "2");
            (void)usleep(20000);
        }
        xw_http_response_finish(&rs);
    }
    assert_int_equal(status, 200);
    xw_timeline_watch_stop(watch);
    xw_http_app_destroy(app);
    xw_timeline_close(t);
    assert_int_equal(revision(w, "/locate?" POINT "&revision=1"), 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_lookup_is_answered_by_the_revision_of_its_time),
        CASE(test_every_point_may_have_a_time_of_its_own),
        CASE(test_wanted_fields_are_checked),
        CASE(test_a_scheduled_revision_comes_into_force_by_itself),
        CASE(test_all_revisions_are_listed_with_their_state),
        CASE(test_tiles_go_by_number_and_are_kept_for_ever_then),
        CASE(test_features_are_of_the_revision_in_force_at_datetime),
        CASE(test_an_answer_is_made_again_when_its_validity_changes),
        CASE(test_a_damaged_new_store_is_told_and_the_old_one_answers),
        CASE(test_a_revision_that_cannot_be_mapped_yet_is_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
