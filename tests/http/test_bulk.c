#include "service.h"

#include "xiwang/bulk.h"

#include <math.h>
#include <string.h>

static xw_status gather(void *user, const void *bytes, size_t n, xw_error *err)
{
    xw_buf_add(user, bytes, n);
    return xw_buf_status(user, "what came out", err);
}

/* Feeds a body in pieces: of @p step bytes, or of random sizes when that is 0. */
static xw_status run(xw_bulk_format format, bool is_short, const void *body, size_t n, size_t step,
                     xw_rng *r, xw_buf *out, xw_error *err)
{
    xw_bulk *b;
    const xw_bulk_how how = {.format = format,
                             .valid_until = XW_ANSWER_OPEN_END,
                             .short_answer = is_short,
                             .write = gather,
                             .user = out};
    xw_buf_init(out, 64 << 20);
    xw_status st = xw_bulk_create(service_snapshot, &how, &b, err);
    for (size_t at = 0; !st && at < n;) {
        size_t k = step ? step : 1 + xw_rng_below(r, 40);
        if (k > n - at) k = n - at;
        char *exact = test_malloc(k); /* a read beyond the piece is seen */
        memcpy(exact, (const char *)body + at, k);
        st = xw_bulk_feed(b, exact, k, err);
        test_free(exact);
        at += k;
    }
    if (!st) st = xw_bulk_end(b, err);
    xw_bulk_destroy(b);
    return st;
}

static const char ndjson[] =
    "\xEF\xBB\xBF[119.13015,26.15015]\n"
    "\n"
    " {\"lon\":119.1304,\"lat\":26.1501}\r\n"
    "{\"lon\":119.1304,\"lat\":26.1501,\"accuracy\":15,\"floor\":2,\"id\":\"a\\u00e9\"}\n"
    "[0,0]\n"
    "[119,\n"
    "{\"type\":\"Point\",\"coordinates\":[119.1301,26.1501]}\n"
    "[NaN,1]\n"
    "[1e999,1]\n"
    "[181,1]\n"
    "{\"lon\":119,\"lat\":26,\"accuracy\":-1}\n"
    "{\"lon\":119,\"lat\":26,\"accuracy\":1e9}\n"
    "{\"lon\":\"119\",\"lat\":26}\n"
    "[119.13015e0,+26]\n"
    "[119.13015,26.15015]";

static const char csv[] = "id,lon,lat,accuracy,floor,note\r\n"
                          "1,119.13015,26.15015,,,\"a, \"\"b\"\"\"\n"
                          "2,119.1304,26.1501,15,2,x\n"
                          "3,0,0,,,\n"
                          "4,nan,1,,,\n"
                          "5,inf,1,,,\n"
                          "6,119,26,-1,,\n"
                          "7,119,26,1e9,,\n"
                          "8,119\n"
                          "9,119,26,,,\"open\n"
                          "10,119.13015,26.15015,,,";

static const char json[] = "[[119.13015,26.15015] , {\"lon\":119.1304,\"lat\":26.1501,\"floor\":2},"
                           "{\"type\":\"MultiPoint\",\"coordinates\":[[0,0],[119.1301,26.1501]]}]";

static const char geojson[] =
    "{ \"type\":\"FeatureCollection\",\"name\":\"a \\\"]}\",\"features\" : [\n"
    "{\"type\":\"Feature\",\"properties\":{\"a\":[1,{\"b\":\"}\"}]},\"geometry\":"
    "{\"type\":\"Point\",\"coordinates\":[119.13015,26.150150000]}},\n"
    "{\"type\":\"Feature\",\"properties\":null,\"geometry\":"
    "{\"type\":\"Point\",\"coordinates\":[0,0]}},\n"
    "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[119.1301,26.1501]}},"
    "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"LineString\"}},"
    "{\"type\":\"Feature\",\"properties\":{\"rule\":\"old\",\"x\":1},\"geometry\":"
    "{\"type\":\"Point\",\"coordinates\":[119.1301,26.1501]}}"
    "],\"bbox\":[1,2,3,4]}";

static const struct {
    xw_bulk_format format;
    const char *text;
    size_t n;
} bodies[] = {{XW_BULK_NDJSON, ndjson, sizeof ndjson - 1},
              {XW_BULK_CSV, csv, sizeof csv - 1},
              {XW_BULK_JSON, json, sizeof json - 1},
              {XW_BULK_GEOJSON, geojson, sizeof geojson - 1}};

static void test_the_cuts_of_a_body_change_nothing(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("bulk cuts");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        for (int s = 0; s < 2; s++) {
            xw_buf whole, cut;
            xw_error err = {XW_OK, ""};
            const xw_status st = run(bodies[i].format, s == 1, bodies[i].text, bodies[i].n,
                                     bodies[i].n, &r, &whole, &err);
            if (st) print_error("%s\n", err.text);
            assert_int_equal(st, XW_OK);
            for (int round = 0; round < 40; round++) {
                assert_int_equal(run(bodies[i].format, s == 1, bodies[i].text, bodies[i].n,
                                     round == 0 ? 1 : 0, &r, &cut, &err),
                                 XW_OK);
                assert_int_equal(cut.n, whole.n);
                assert_memory_equal(cut.data, whole.data, whole.n);
                xw_buf_finish(&cut);
            }
            xw_buf_finish(&whole);
        }
    }
}

static json_t *line_of(const char **at)
{
    const char *end = strchr(*at, '\n');
    assert_non_null(end);
    json_t *doc = json_loadb(*at, (size_t)(end - *at), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    *at = end + 1;
    return doc;
}

static void test_a_bad_line_is_named_and_the_rest_goes_on(void **state)
{
    (void)state;
    static const int bad_lines[] = {6, 8, 9, 10, 11, 12, 13, 14};
    xw_buf out;
    xw_error err;
    assert_int_equal(run(XW_BULK_NDJSON, false, ndjson, sizeof ndjson - 1, 7, NULL, &out, &err),
                     XW_OK);
    const char *at = out.data;
    int bad = 0;
    for (int i = 0; i < 14; i++) {
        json_t *doc = line_of(&at);
        const json_t *line = json_object_get(doc, "line");
        if (line) {
            assert_int_equal(json_integer_value(line), bad_lines[bad++]);
            assert_true(strlen(json_string_value(json_object_get(doc, "error"))) > 5);
        } else {
            assert_true(json_is_object(json_object_get(doc, "levels")));
        }
        if (i == 2) assert_string_equal(json_string_value(json_object_get(doc, "id")), "aé");
        json_decref(doc);
    }
    assert_int_equal(bad, 8);
    assert_int_equal(*at, '\0');
    xw_buf_finish(&out);
}

/* Lines without their ends, in brackets and parted by commas. */
static void as_array(const xw_buf *lines, xw_buf *out)
{
    xw_buf_init(out, 1 << 20);
    xw_buf_text(out, "[");
    for (size_t i = 0; i + 1 < lines->n; i++) {
        xw_buf_add(out, lines->data[i] == '\n' ? "," : &lines->data[i], 1);
    }
    xw_buf_text(out, "]");
}

/* The same points as one array, with the same answers. */
static void compare_arrays(const xw_buf *lines, const xw_buf *answers)
{
    xw_buf array, want, out;
    xw_error err;
    as_array(lines, &array);
    as_array(answers, &want);
    assert_int_equal(run(XW_BULK_JSON, true, array.data, array.n, 4096, NULL, &out, &err), XW_OK);
    assert_int_equal(out.n, want.n);
    assert_memory_equal(out.data, want.data, want.n);
    xw_buf_finish(&array);
    xw_buf_finish(&want);
    xw_buf_finish(&out);
}

/* The short answers, looked up in batches, against the full ones, one by one. */
static void test_short_answers_say_what_full_ones_say(void **state)
{
    (void)state;
    enum { POINTS = 3000 };
    xw_rng r = rng_from_env("bulk short");
    const xw_model *m = xw_snapshot_model(service_snapshot);
    const xw_box box = xw_model_box(m);
    xw_buf body, out;
    xw_error err;
    xw_buf_init(&body, 1 << 20);
    static xw_pt points[POINTS];
    for (int i = 0; i < POINTS; i++) {
        points[i] = (xw_pt){
            box.min.x - 500 + (int32_t)xw_rng_below(&r, (uint32_t)(box.max.x - box.min.x + 1000)),
            box.min.y - 500 + (int32_t)xw_rng_below(&r, (uint32_t)(box.max.y - box.min.y + 1000))};
        if (i % 3 == 0) points[i] = m->pts[xw_rng_below(&r, (uint32_t)m->n_pts)];
        xw_buf_fmt(&body, "[%.7f,%.7f]\n", xw_deg(points[i].x), xw_deg(points[i].y));
    }
    assert_int_equal(run(XW_BULK_NDJSON, true, body.data, body.n, 4096, NULL, &out, &err), XW_OK);
    compare_arrays(&body, &out);
    const char *at = out.data;
    for (int i = 0; i < POINTS; i++) {
        xw_answer a;
        const xw_query q = {.x = xw_deg(points[i].x), .y = xw_deg(points[i].y)};
        assert_int_equal(xw_answer_locate(service_snapshot, &q, &a, &err), XW_OK);
        json_t *doc = line_of(&at);
        const char *code = json_string_value(json_object_get(doc, "code"));
        assert_string_equal(code ? code : "",
                            a.grid == XW_NONE ? "" : xw_model_text(m, m->grids[a.grid].code));
        assert_string_equal(json_string_value(json_object_get(doc, "rule")), xw_rule_text(a.rule));
        const char *certain = json_string_value(json_object_get(doc, "certain_to"));
        assert_string_equal(
            certain ? certain : "",
            a.certain_level == XW_NONE ? "" : xw_model_text(m, m->levels[a.certain_level].key));
        assert_true(fabs(json_number_value(json_object_get(doc, "probability")) -
                         a.level_probability[m->n_levels - 1]) < 1e-4);
        json_decref(doc);
    }
    xw_buf_finish(&body);
    xw_buf_finish(&out);
}

static void test_features_come_out_as_they_were_with_the_answer(void **state)
{
    (void)state;
    xw_buf out;
    xw_error err;
    assert_int_equal(run(XW_BULK_GEOJSON, false, geojson, sizeof geojson - 1, 5, NULL, &out, &err),
                     XW_OK);
    json_t *doc = json_loadb(out.data, out.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    assert_non_null(strstr(out.data, "[119.13015,26.150150000]"));
    assert_int_equal(json_array_size(json_object_get(doc, "bbox")), 4);
    const json_t *features = json_object_get(doc, "features");
    assert_int_equal(json_array_size(features), 5);
    for (size_t i = 0; i < 5; i++) {
        const json_t *p = json_object_get(json_array_get(features, i), "properties");
        assert_true(json_is_object(p));
        assert_int_equal(json_object_get(p, "error") != NULL, i == 3);
        const char *rule = json_string_value(json_object_get(p, "rule"));
        if (i != 3) assert_string_equal(rule, i == 1 ? "outside" : "inside");
        if (i == 0) assert_true(json_is_array(json_object_get(p, "a")));
        if (i == 4) assert_int_equal(json_integer_value(json_object_get(p, "x")), 1);
    }
    json_decref(doc);
    xw_buf_finish(&out);
}

static void put_head(xw_buf *b, unsigned kind, uint64_t n)
{
    unsigned char head[16] = {'X', 'W', 'P', 'T', 1, (unsigned char)kind};
    for (unsigned i = 0; i < 8; i++) head[8 + i] = (unsigned char)(n >> 8 * i);
    xw_buf_add(b, head, sizeof head);
}

static void test_binary_points_give_the_index_of_their_grid(void **state)
{
    (void)state;
    const double deg[][2] = {{119.13015, 26.15015}, {0, 0}, {119.1301, 26.1501}};
    xw_error err;
    for (unsigned kind = 0; kind < 2; kind++) {
        xw_buf body, out;
        xw_buf_init(&body, 4096);
        put_head(&body, kind, kind ? 3 : XW_BULK_TO_THE_END);
        for (int i = 0; i < 3; i++) {
            xw_pt p;
            assert_true(xw_pt_from_deg(deg[i][0], deg[i][1], &p));
            xw_buf_add(&body, kind ? (const void *)deg[i] : &p, kind ? 16 : 8);
        }
        for (size_t step = 1; step < 20; step++) {
            assert_int_equal(run(XW_BULK_BINARY, false, body.data, body.n, step, NULL, &out, &err),
                             XW_OK);
            assert_int_equal(out.n, 16 + 12);
            assert_memory_equal(out.data, "XWGX\1\2\0\0", 8);
            for (int i = 0; i < 3; i++) {
                xw_answer a;
                uint32_t got;
                const xw_query q = {.x = deg[i][0], .y = deg[i][1]};
                assert_int_equal(xw_answer_locate(service_snapshot, &q, &a, &err), XW_OK);
                memcpy(&got, out.data + 16 + 4 * i, 4);
                assert_int_equal(got, a.grid);
            }
            xw_buf_finish(&out);
        }
        xw_buf_finish(&body);
    }
}

static void test_what_cannot_be_read_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        xw_bulk_format format;
        const char *text, *named;
        xw_status status;
    } bad[] = {
        {XW_BULK_JSON, "", "empty", XW_INPUT},
        {XW_BULK_JSON, "7", "'7'", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],[3", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2]]x", "'x'", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2] [3,4]]", "'['", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],[1,NaN]]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],[1,1e400]]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],[01,4]]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],[1,91]]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[[1,2],true]", "point 1", XW_INPUT},
        {XW_BULK_JSON, "[{\"lon\":1,\"lat\":2,\"accuracy\":1e9}]", "accuracy", XW_INPUT},
        {XW_BULK_GEOJSON, "[]", "'['", XW_INPUT},
        {XW_BULK_GEOJSON, "{\"type\":\"FeatureCollection\"}", "features", XW_INPUT},
        {XW_BULK_GEOJSON, "{\"features\":[]}", "FeatureCollection", XW_INPUT},
        {XW_BULK_GEOJSON, "{\"features\":[{]}]}", "feature 0", XW_INPUT},
        {XW_BULK_GEOJSON, "{\"a\":nul,\"features\":[]}", "\"a\"", XW_INPUT},
        {XW_BULK_NDJSON, "x\ny\n", "line 1", XW_INPUT},
        {XW_BULK_CSV, "", "header", XW_INPUT},
        {XW_BULK_CSV, "a,b\n1,2\n", "lon", XW_INPUT},
        {XW_BULK_CSV, "lon,lat\nx,2\n", "line 2", XW_INPUT},
        {XW_BULK_BINARY, "XWPT", "head", XW_INPUT},
        {XW_BULK_BINARY, "nonsense of sixteen bytes", "XWPT", XW_INPUT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t step = 1; step < 30; step += 7) {
            xw_buf out;
            xw_error err = {XW_OK, ""};
            const xw_status st =
                run(bad[i].format, false, bad[i].text, strlen(bad[i].text), step, NULL, &out, &err);
            if (st != bad[i].status || !strstr(err.text, bad[i].named)) {
                print_error("%s: %d, %s\n", bad[i].text, (int)st, err.text);
            }
            assert_int_equal(st, bad[i].status);
            assert_non_null(strstr(err.text, bad[i].named));
            xw_buf_finish(&out);
        }
    }
}

static void test_brackets_without_end_are_refused_at_once(void **state)
{
    (void)state;
    enum { N = 10 << 20 };
    static const xw_bulk_format formats[] = {XW_BULK_JSON, XW_BULK_NDJSON, XW_BULK_GEOJSON};
    char *body = test_malloc(N);
    for (size_t i = 0; i < 3; i++) {
        xw_buf out;
        xw_error err;
        memset(body, '[', N);
        if (formats[i] == XW_BULK_GEOJSON) memcpy(body, "{\"a\":", 5);
        assert_int_equal(run(formats[i], false, body, N, 32768, NULL, &out, &err), XW_INPUT);
        xw_buf_finish(&out);
    }
    test_free(body);
}

static void test_binary_numbers_that_are_none_are_refused(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY, 181, 1e300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const double p[4] = {119, 26, bad[i], 26};
        xw_buf body, out;
        xw_error err;
        xw_buf_init(&body, 4096);
        put_head(&body, 1, 2);
        xw_buf_add(&body, p, sizeof p);
        assert_int_equal(run(XW_BULK_BINARY, false, body.data, body.n, 5, NULL, &out, &err),
                         XW_INPUT);
        assert_non_null(strstr(err.text, "point 1"));
        xw_buf_finish(&out);
        /* too few, too many */
        memcpy(body.data + 32, p, 8);
        for (int k = 0; k < 2; k++) {
            body.data[8] = k ? 3 : 1;
            assert_int_equal(run(XW_BULK_BINARY, false, body.data, body.n, 99, NULL, &out, &err),
                             XW_INPUT);
            xw_buf_finish(&out);
        }
        xw_buf_finish(&body);
    }
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        for (int n = 0;; n++) {
            xw_bulk *b;
            xw_buf sink;
            xw_error err = {XW_OK, ""};
            const xw_bulk_how how = {.format = bodies[i].format, .write = gather, .user = &sink};
            xw_buf_init(&sink, 1 << 20);
            fail_alloc_at(n);
            xw_status st = xw_bulk_create(service_snapshot, &how, &b, &err);
            if (!st) st = xw_bulk_feed(b, bodies[i].text, bodies[i].n, &err);
            if (!st) st = xw_bulk_end(b, &err);
            const bool failed = fail_alloc_stop();
            xw_bulk_destroy(b);
            xw_buf_finish(&sink);
            if (!failed) {
                assert_int_equal(st, XW_OK);
                break;
            }
            assert_true(n < 2000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cuts_of_a_body_change_nothing),
        cmocka_unit_test(test_a_bad_line_is_named_and_the_rest_goes_on),
        cmocka_unit_test(test_short_answers_say_what_full_ones_say),
        cmocka_unit_test(test_features_come_out_as_they_were_with_the_answer),
        cmocka_unit_test(test_binary_points_give_the_index_of_their_grid),
        cmocka_unit_test(test_what_cannot_be_read_is_refused_by_name),
        cmocka_unit_test(test_brackets_without_end_are_refused_at_once),
        cmocka_unit_test(test_binary_numbers_that_are_none_are_refused),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, service_start, service_stop);
}
