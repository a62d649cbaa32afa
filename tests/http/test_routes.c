#include "service.h"

#include "internal.h"

#include <libdeflate.h>
#include <string.h>

static void test_every_route_answers_everyone(void **state)
{
    (void)state;
    for (size_t i = 0; every_route[i]; i++) {
        xw_http_response rs =
            ask_with((xw_http_request){.method = "GET", .target = every_route[i]});
        if (rs.status != 200) print_error("%s: %d\n", every_route[i], rs.status);
        assert_int_equal(rs.status, 200);
        assert_true(rs.body.n > 0 || rs.fixed_size > 0);
        assert_non_null(rs.type);
        assert_string_equal(xw_http_response_header(&rs, "Access-Control-Allow-Origin"), "*");
        assert_string_equal(xw_http_response_header(&rs, "X-Content-Type-Options"), "nosniff");
        xw_http_response_finish(&rs);
    }
}

static void test_methods_are_refused_with_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; every_route[i]; i++) {
        const bool posts = strncmp(every_route[i], "/locate", 7) == 0;
        static const char *const wrong[] = {"PUT", "DELETE", "PATCH", "get", "", "POST"};
        for (size_t k = 0; k < 6; k++) {
            if (posts && k == 5) continue;
            xw_http_response rs =
                ask_with((xw_http_request){.method = wrong[k], .target = every_route[i]});
            assert_int_equal(rs.status, 405);
            assert_string_equal(rs.type, "application/problem+json");
            assert_string_equal(xw_http_response_header(&rs, "Allow"),
                                posts ? "GET, HEAD, OPTIONS, POST" : "GET, HEAD, OPTIONS");
            xw_http_response_finish(&rs);
        }
        xw_http_response rs =
            ask_with((xw_http_request){.method = "OPTIONS", .target = every_route[i]});
        assert_int_equal(rs.status, 204);
        assert_int_equal(rs.body.n, 0);
        assert_non_null(xw_http_response_header(&rs, "Access-Control-Allow-Methods"));
        xw_http_response_finish(&rs);
        rs = ask_with((xw_http_request){.method = "HEAD", .target = every_route[i]});
        assert_int_equal(rs.status, 200);
        xw_http_response_finish(&rs);
    }
}

static void test_what_is_not_there_is_a_problem_that_names_it(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int status;
        const char *names;
    } cases[] = {
        {"/nothing", 404, "/nothing"},
        {"/collections/nope", 404, "nope"},
        {"/collections/nope/items", 404, "nope"},
        {"/collections/teams/items/nope", 404, "nope"},
        {"/collections/teams/", 404, "/collections/teams/"},
        {"/collections//items", 404, "/collections//items"},
        {"/tiles/2/0/0/0.mvt", 404, "\"2\""},
        {"/tiles/1-0000000000000000/0/0/0.mvt", 404, "1-0000000000000000"},
        {"/tiles/1/x/0/0.mvt", 400, "\"x\""},
        {"/tiles/1/23/0/0.mvt", 404, "z of the tile is 23"},
        {"/tiles/1/3/8/0.mvt", 404, "x of the tile is 8"},
        {"/tiles/1/3/0/-1.mvt", 404, "y of the tile is -1"},
        {"/tiles/1/3/0/.mvt", 404, "/tiles/1/3/0/.mvt"},
        {"/tiles/1/3/0/99999999999999999999.mvt", 400, "y of the tile"},
        {"/tiles/1/3/0/0.png", 404, "0.png"},
        {"/grids/123", 404, "123"},
        {"/locate", 400, "lon"},
        {"/locate?lon=1", 400, "lat"},
        {"/locate?lon=x&lat=2", 400, "\"x\""},
        {"/locate?lon=1&lat=2&accuracy=-1", 400, "accuracy"},
        {"/locate?lon=1&lat=2&accuracy=10001", 400, "accuracy"},
        {"/locate?lon=1&lat=2&floor=1.5", 400, "floor"},
        {"/locate?lon=1&lat=2&crs=%2Bproj%3Dlonglat", 400, "+proj=longlat"},
        {"/locate?lon=1&lat=2&crs=EPSG:999999", 400, "EPSG:999999"},
        {"/locate?lon=200&lat=2", 400, "lon"},
        {"/locate?lon=1&lat=2&colour=red", 400, "colour"},
        {"/search", 400, "q"},
        {"/search?q=", 400, "q"},
        {"/search?q=x&limit=101", 400, "limit"},
        {"/healthz?x=1", 400, "\"x\""},
        {"/collections?f=xml", 400, "xml"},
        {"/?f=xml", 400, "xml"},
        {"/%zz", 400, "path"},
        {"nothing", 400, "slash"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_http_response rs = ask(cases[i].target);
        if (rs.status != cases[i].status) print_error("%s: %d\n", cases[i].target, rs.status);
        assert_int_equal(rs.status, cases[i].status);
        assert_string_equal(rs.type, "application/problem+json");
        json_t *doc = json_loadb(rs.body.data, rs.body.n, 0, NULL);
        const char *detail = json_string_value(json_object_get(doc, "detail"));
        if (!detail || !strstr(detail, cases[i].names))
            print_error("%s: %s\n", cases[i].target, detail);
        assert_non_null(strstr(detail, cases[i].names));
        assert_int_equal(json_integer_value(json_object_get(doc, "status")), cases[i].status);
        assert_null(xw_http_response_header(&rs, "ETag"));
        json_decref(doc);
        xw_http_response_finish(&rs);
    }
}

static void test_the_page_goes_to_browsers_and_json_to_programs(void **state)
{
    (void)state;
    static const struct {
        const char *target, *accept, *type;
        int status;
    } cases[] = {
        {"/", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", 200},
        {"/", "*/*", "application/json", 200},
        {"/", NULL, "application/json", 200},
        {"/", "application/json", "application/json", 200},
        {"/?f=json", "text/html", "application/json", 200},
        {"/?f=html", "application/json", "text/html; charset=utf-8", 200},
        {"/?utm=1", "text/html", "text/html; charset=utf-8", 200},
        {"/index.html", "text/html", "text/html; charset=utf-8", 200},
        {"/", "application/xml", "application/problem+json", 406},
        {"/collections", "application/xml", "application/problem+json", 406},
        {"/collections?f=json", "application/xml", "application/json", 200},
        {"/collections", "text/html", "application/json", 200},
        {"/collections/teams/items", "application/geo+json", "application/geo+json", 200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_http_response rs = ask_with((xw_http_request){
            .method = "GET", .target = cases[i].target, .accept = cases[i].accept});
        assert_int_equal(rs.status, cases[i].status);
        assert_string_equal(rs.type, cases[i].type);
        xw_http_response_finish(&rs);
    }
}

static void test_a_known_answer_is_not_made_again(void **state)
{
    (void)state;
    for (size_t i = 0; every_route[i]; i++) {
        xw_http_request rq = {.method = "GET", .target = every_route[i]};
        xw_http_response rs = ask_with(rq);
        const char *etag = xw_http_response_header(&rs, "ETag");
        if (!etag) {
            xw_http_response_finish(&rs);
            continue; /* health, metrics: never kept */
        }
        rq.if_none_match = etag;
        xw_http_response again = ask_with(rq);
        assert_int_equal(again.status, 304);
        assert_int_equal(again.body.n, 0);
        assert_null(again.fixed);
        assert_string_equal(xw_http_response_header(&again, "ETag"), etag);
        const char *a = xw_http_response_header(&rs, "Cache-Control");
        assert_string_equal(a ? a : "", xw_http_response_header(&again, "Cache-Control"));
        /* another host has other links: not the same answer */
        if (rs.type && strcmp(rs.type, "text/html; charset=utf-8") != 0) {
            rq.host = "elsewhere.test";
            xw_http_response other = ask_with(rq);
            assert_int_equal(other.status, 200);
            xw_http_response_finish(&other);
        }
        xw_http_response_finish(&again);
        xw_http_response_finish(&rs);
    }
}

static void test_a_tile_of_a_numbered_revision_is_kept_for_ever(void **state)
{
    (void)state;
    char target[200];
    (void)snprintf(target, sizeof target, "/tiles/1-%s/17/108910/55666.mvt",
                   xw_snapshot_digest(service_snapshot));
    xw_http_response rs = ask(target);
    assert_int_equal(rs.status, 200);
    assert_string_equal(rs.type, "application/vnd.mapbox-vector-tile");
    assert_non_null(strstr(xw_http_response_header(&rs, "Cache-Control"), "immutable"));
    xw_http_response_finish(&rs);
    rs = ask("/tiles/current/17/108910/55666.mvt");
    assert_int_equal(rs.status, 200);
    assert_null(strstr(xw_http_response_header(&rs, "Cache-Control"), "immutable"));
    xw_http_response_finish(&rs);
    rs = ask("/tiles/current/17/0/0.mvt");
    assert_int_equal(rs.status, 204);
    assert_int_equal(rs.body.n, 0);
    xw_http_response_finish(&rs);
    json_t *tj = ask_json("/tiles.json", 200);
    const char *url = json_string_value(json_array_get(json_object_get(tj, "tiles"), 0));
    (void)snprintf(target, sizeof target, "/tiles/1-%s/{z}/{x}/{y}.mvt",
                   xw_snapshot_digest(service_snapshot));
    assert_string_equal(path_of(url), target);
    assert_int_equal(json_array_size(json_object_get(tj, "levels")), 3);
    assert_true(json_is_array(json_object_get(tj, "vector_layers")));
    json_decref(tj);
}

static void test_gzip_is_the_same_answer_packed(void **state)
{
    (void)state;
    xw_http_request rq = {.method = "GET", .target = "/openapi.json", .now_unix = 1};
    xw_http_response plain = ask_with(rq);
    rq.accept_encoding = "gzip, deflate, br";
    xw_http_response packed = ask_with(rq);
    assert_true(packed.gzipped);
    assert_string_equal(xw_http_response_header(&packed, "Content-Encoding"), "gzip");
    assert_null(xw_http_response_header(&plain, "Content-Encoding"));
    assert_true(packed.body.n * 3 < plain.body.n);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    char *room = test_malloc(plain.body.n);
    size_t n = 0;
    assert_int_equal(
        libdeflate_gzip_decompress(d, packed.body.data, packed.body.n, room, plain.body.n, &n),
        LIBDEFLATE_SUCCESS);
    assert_int_equal(n, plain.body.n);
    assert_memory_equal(room, plain.body.data, n);
    libdeflate_free_decompressor(d);
    test_free(room);
    xw_http_response_finish(&plain);
    xw_http_response_finish(&packed);

    rq = (xw_http_request){.method = "GET", .target = "/index.html"};
    plain = ask_with(rq); /* kept packed, sent plain to whom wants it so */
    assert_int_equal(strncmp(plain.body.n ? plain.body.data : plain.fixed, "<!doctype html>", 15),
                     0);
    xw_http_response_finish(&plain);
}

static void test_links_follow_a_sane_host_or_the_public_url(void **state)
{
    (void)state;
    static const struct {
        const char *host, *public_url, *want;
    } cases[] = {
        {"map.test", NULL, "http://map.test/collections"},
        {"evil\"<>", NULL, "http://127.0.0.1:80/collections"},
        {NULL, NULL, "http://127.0.0.1:80/collections"},
        {"map.test", "https://grid.example.org/wang//",
         "https://grid.example.org/wang/collections"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_http_app *app;
        xw_error err;
        assert_int_equal(xw_http_app_create(service_timeline, cases[i].public_url,
                                            "http://127.0.0.1:80", &app, &err),
                         XW_OK);
        xw_http_response rs;
        const xw_http_request rq = {
            .method = "GET", .target = "/", .host = cases[i].host, .accept = "application/json"};
        xw_http_handle(app, &rq, &rs);
        json_t *doc = json_loadb(rs.body.data, rs.body.n, 0, NULL);
        assert_string_equal(link_of(doc, "data"), cases[i].want);
        json_decref(doc);
        xw_http_response_finish(&rs);
        xw_http_app_destroy(app);
    }
    static const char *const bad[] = {"",           "grid.example.org", "ftp://x",   "http://",
                                      "http://a b", "https://x?y=1",    "http://\"x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        xw_http_app *app;
        xw_error err;
        assert_int_equal(xw_http_app_create(service_timeline, bad[i], NULL, &app, &err), XW_USAGE);
        assert_null(app);
    }
}

static void test_the_api_document_says_every_route_and_resolves(void **state)
{
    (void)state;
    json_t *doc = ask_json("/openapi.json", 200);
    json_t *paths = json_object_get(doc, "paths");
    size_t n;
    const xw__route *routes = xw__routes(&n);
    for (size_t i = 0; i < n; i++) {
        if (routes[i].flags & XW__HIDDEN) continue;
        json_t *p = json_object_get(paths, routes[i].pattern);
        assert_non_null(p);
        assert_true(!routes[i].get == !json_object_get(p, "get"));
        assert_true(!routes[i].post == !json_object_get(p, "post"));
    }
    const json_t *known = json_object_get(json_object_get(doc, "components"), "parameters");
    const char *name;
    json_t *p;
    size_t used = 0;
    json_object_foreach(paths, name, p)
    {
        const json_t *list = json_object_get(json_object_get(p, "get"), "parameters");
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *ref = json_string_value(json_object_get(json_array_get(list, i), "$ref"));
            if (!ref) continue;
            assert_non_null(json_object_get(known, ref + strlen("#/components/parameters/")));
            used++;
        }
        /* each {name} of a path is a parameter of it */
        size_t braces = 0, in_path = 0;
        for (const char *s = name; *s; s++) braces += *s == '{';
        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *ref = json_string_value(json_object_get(json_array_get(list, i), "$ref"));
            const json_t *f = ref ? json_object_get(known, strrchr(ref, '/') + 1) : NULL;
            in_path += f && strcmp(json_string_value(json_object_get(f, "in")), "path") == 0;
        }
        assert_int_equal(braces, in_path);
    }
    assert_true(used > 50);
    assert_non_null(json_object_get(paths, "/collections/teams/items"));
    json_decref(doc);
}

static xw_http_response post(const char *target, const char *type, const char *body)
{
    return ask_with((xw_http_request){.method = "POST",
                                      .target = target,
                                      .content_type = type,
                                      .body = body,
                                      .body_size = strlen(body)});
}

static void test_many_points_give_as_many_answers_in_order(void **state)
{
    (void)state;
    static const char body[] = "[[119.13015,26.15015],[0,0],[119.1304,26.1501]]";
    xw_http_response rs = post("/locate?accuracy=5", "application/json", body);
    assert_int_equal(rs.status, 200);
    json_t *many = json_loadb(rs.body.data, rs.body.n, 0, NULL);
    assert_int_equal(json_array_size(many), 3);
    static const char *const single[] = {"/locate?accuracy=5&lon=119.13015&lat=26.15015",
                                         "/locate?accuracy=5&lon=0&lat=0",
                                         "/locate?accuracy=5&lon=119.1304&lat=26.1501"};
    for (size_t i = 0; i < 3; i++) {
        json_t *one = ask_json(single[i], 200);
        assert_true(json_equal(one, json_array_get(many, i)));
        json_decref(one);
    }
    json_decref(many);
    xw_http_response_finish(&rs);

    static const struct {
        const char *target, *type, *body;
        int status;
    } bad[] = {
        {"/locate", "application/json", "[[1,", 400},
        {"/locate", "application/json", "", 400},
        {"/locate", "application/json", "[[200,0]]", 400},
        {"/locate", "text/plain", "1,2", 415},
        {"/locate?lon=1", "application/json", "[[1,2]]", 400},
        {"/locate?floor=x", "application/json", "[[1,2]]", 400},
        {"/locate?crs=nope", "application/json", "[[1,2]]", 400},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rs = post(bad[i].target, bad[i].type, bad[i].body);
        assert_int_equal(rs.status, bad[i].status);
        xw_http_response_finish(&rs);
    }
}

static void test_a_card_has_the_family_of_its_grid(void **state)
{
    (void)state;
    json_t *card = ask_json("/grids/99910100100100102", 200);
    assert_string_equal(json_string_value(json_object_get(card, "code")), "99910100100100102");
    assert_int_equal(json_integer_value(json_object_get(card, "households")), 12);
    const json_t *parents = json_object_get(card, "parents");
    assert_int_equal(json_array_size(parents), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(parents, 0), "code")),
                        "999101001001001");
    const json_t *children = json_object_get(card, "children");
    assert_int_equal(json_array_size(children), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(children, 1), "code")),
                        "9991010010010010202");
    assert_int_equal(json_array_size(json_object_get(card, "bbox")), 4);
    assert_int_equal(json_array_size(json_object_get(card, "label")), 2);
    json_decref(card);
    json_t *team = ask_json("/grids/9991010010010010202", 200);
    assert_int_equal(json_array_size(json_object_get(team, "children")), 0);
    assert_int_equal(json_array_size(json_object_get(team, "parents")), 2);
    json_decref(team);
}

static json_t *hits(const char *q, size_t n)
{
    char target[300];
    (void)snprintf(target, sizeof target, "/search?q=%s", q);
    json_t *doc = ask_json(target, 200);
    if (json_array_size(json_object_get(doc, "results")) != n) print_error("%s\n", target);
    assert_int_equal(json_array_size(json_object_get(doc, "results")), n);
    return doc;
}

static void test_search_finds_text_inside_and_exact_matches_first(void **state)
{
    (void)state;
    json_t *doc = hits("peace%20road", 1); /* letters fold */
    const json_t *first = json_array_get(json_object_get(doc, "results"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "address");
    assert_true(json_is_number(json_object_get(first, "lon")));
    json_decref(doc);
    doc = hits("%E5%92%8C%E5%B9%B3%E6%9D%91", 8); /* 和平村: the village, then its seven grids */
    first = json_array_get(json_object_get(doc, "results"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "kind")), "division");
    json_decref(doc);
    json_decref(hits("12%E5%8F%B7", 1));
    json_decref(hits("nowhere", 0));
    doc = ask_json("/search?q=9&limit=3", 200);
    assert_int_equal(json_integer_value(json_object_get(doc, "numberReturned")), 3);
    json_decref(doc);
}

static void test_metrics_count_what_was_asked(void **state)
{
    (void)state;
    xw_http_response rs = ask("/grids/none");
    xw_http_count(service, &rs, 2000000);
    xw_http_response_finish(&rs);
    rs = ask("/metrics");
    assert_non_null(
        strstr(rs.body.data, "xiwang_http_requests_total{route=\"/grids/{code}\",code=\"404\"}"));
    assert_non_null(strstr(
        rs.body.data, "xiwang_http_request_duration_seconds_sum{route=\"/grids/{code}\"} 0.002"));
    assert_non_null(strstr(rs.body.data, "xiwang_tiles_drawn_total "));
    xw_http_response_finish(&rs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_answers_everyone),
        cmocka_unit_test(test_methods_are_refused_with_what_is_allowed),
        cmocka_unit_test(test_what_is_not_there_is_a_problem_that_names_it),
        cmocka_unit_test(test_the_page_goes_to_browsers_and_json_to_programs),
        cmocka_unit_test(test_a_known_answer_is_not_made_again),
        cmocka_unit_test(test_a_tile_of_a_numbered_revision_is_kept_for_ever),
        cmocka_unit_test(test_gzip_is_the_same_answer_packed),
        cmocka_unit_test(test_links_follow_a_sane_host_or_the_public_url),
        cmocka_unit_test(test_the_api_document_says_every_route_and_resolves),
        cmocka_unit_test(test_many_points_give_as_many_answers_in_order),
        cmocka_unit_test(test_a_card_has_the_family_of_its_grid),
        cmocka_unit_test(test_search_finds_text_inside_and_exact_matches_first),
        cmocka_unit_test(test_metrics_count_what_was_asked),
    };
    return cmocka_run_group_tests(tests, service_start, service_stop);
}
