#include "service.h"

#include <string.h>

static xw_addresses *addresses;

static int start(void **state)
{
    if (service_start(state)) return -1;
    if (xw_addresses_create(service_timeline, NULL, false, NULL, &addresses, NULL)) return -1;
    xw_http_app_set_addresses(service, addresses);
    return 0;
}

static int stop(void **state)
{
    xw_addresses_destroy(addresses);
    return service_stop(state);
}

#define ROAD12 "%E5%92%8C%E5%B9%B3%E8%B7%AF12"

static const char *text_at(const json_t *doc, const char *name)
{
    return json_string_value(json_object_get(doc, name));
}

static void test_an_address_gives_the_usual_answer_its_units_and_the_rule(void **state)
{
    (void)state;
    json_t *doc = ask_json("/locate?q=" ROAD12 "%E5%8F%B7", 200); /* 和平路12号, a tower */
    assert_string_equal(text_at(doc, "rule"), "address");
    assert_int_equal(json_array_size(json_object_get(doc, "candidates")), 2);
    const json_t *address = json_object_get(doc, "address");
    assert_true(json_is_true(json_object_get(address, "used")));
    assert_string_equal(text_at(address, "choice"), "clear");
    const json_t *match = json_array_get(json_object_get(address, "matches"), 0);
    assert_float_equal(json_number_value(json_object_get(match, "score")), 1.0, 1e-9);
    assert_string_equal(text_at(match, "kind"), "address");
    assert_int_equal(json_array_size(json_object_get(match, "units")), 3);
    json_decref(doc);

    doc = ask_json("/locate?q=" ROAD12 "&floor=3", 200);
    assert_int_equal(json_array_size(json_object_get(doc, "candidates")), 1);
    json_decref(doc);
}

static void test_an_address_beats_a_coordinate_which_answers_when_it_is_not_found(void **state)
{
    (void)state;
    json_t *point = ask_json("/locate?lon=119.13015&lat=26.15015", 200);
    json_t *both = ask_json("/locate?q=" ROAD12 "&lon=119.13015&lat=26.15015", 200);
    json_t *lost = ask_json("/locate?q=Xyzzy%2099&lon=119.13015&lat=26.15015", 200);
    assert_string_equal(text_at(both, "rule"), "address");
    assert_string_equal(text_at(lost, "rule"), text_at(point, "rule"));
    assert_false(json_equal(json_object_get(both, "plot"), json_object_get(point, "plot")));
    assert_true(json_equal(json_object_get(lost, "plot"), json_object_get(point, "plot")));
    assert_true(json_is_false(json_object_get(json_object_get(lost, "address"), "used")));
    json_decref(point);
    json_decref(both);
    json_decref(lost);
}

static void test_what_is_not_clear_is_listed_and_nobody_named(void **state)
{
    (void)state;
    json_t *doc = ask_json("/locate?q=%E5%92%8C%E5%B9%B3", 200); /* 和平 */
    assert_string_equal(text_at(doc, "rule"), "ambiguous");
    assert_int_equal(json_object_size(json_object_get(doc, "levels")), 0);
    assert_true(json_array_size(json_object_get(json_object_get(doc, "address"), "matches")) > 0);
    json_decref(doc);
}

static void test_bad_texts_are_problems_that_name_the_parameter(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        int status;
        const char *says;
    } cases[] = {
        {"/locate?q=", 400, "is empty"},
        {"/locate?q=%20%E3%80%80", 400, "is empty"},
        {"/locate?q=a%0Ab", 400, "control character U+000A"},
        {"/locate?q=a%00b", 400, ""},
        {"/locate?q=%FF", 400, "no UTF-8"},
        {"/locate?q=%ED%A0%80", 400, "no UTF-8"},
        {"/locate?q=Xyzzy%2099", 404, "no address is like"},
        {"/locate?q=" ROAD12 "&lon=1", 400, "\"lat\" is missing"},
        {"/locate?q=" ROAD12 "&lon=1&lat=x", 400, "\"x\""},
        {"/locate?q=" ROAD12 "&floor=up", 400, "floor"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *doc = ask_json(cases[i].target, cases[i].status);
        if (!strstr(text_at(doc, "detail"), cases[i].says)) {
            fail_msg("%s: %s", cases[i].target, text_at(doc, "detail"));
        }
        json_decref(doc);
    }
    char longer[600] = "/locate?q=";
    memset(longer + 10, 'a', 300);
    json_t *doc = ask_json(longer, 400);
    assert_non_null(strstr(text_at(doc, "detail"), "\"q\": the address has 300 bytes"));
    json_decref(doc);
    xw_http_response rs = ask_with((xw_http_request){
        .method = "POST", .target = "/locate?q=a", .content_type = "application/json"});
    assert_int_equal(rs.status, 400);
    xw_http_response_finish(&rs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_address_gives_the_usual_answer_its_units_and_the_rule),
        cmocka_unit_test(test_an_address_beats_a_coordinate_which_answers_when_it_is_not_found),
        cmocka_unit_test(test_what_is_not_clear_is_listed_and_nobody_named),
        cmocka_unit_test(test_bad_texts_are_problems_that_name_the_parameter),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
