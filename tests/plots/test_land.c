/* Divisions that overlap, and buildings on their borders. */
#include "support/test.h"

#include "xiwang/outline.h"
#include "xiwang/plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { X0 = 1190000000, Y0 = 262000000 };

static xw_territory t;
static xw_model m;

static xw_text text(const char *s)
{
    xw_text out;
    assert_int_equal(xw_strings_add(&t.text, s, &out, NULL), XW_OK);
    return out;
}

static xw_area box(int32_t x, int32_t y, int32_t w, int32_t h)
{
    const xw_pt p[4] = {
        {X0 + x, Y0 + y}, {X0 + x + w, Y0 + y}, {X0 + x + w, Y0 + y + h}, {X0 + x, Y0 + y + h}};
    const xw_area a = {(uint32_t)t.n_rings, 1};
    assert_int_equal(xw_territory_add_ring(&t, p, 4, NULL), XW_OK);
    return a;
}

static void add_division(const char *code, int32_t x, int32_t y, int32_t w, int32_t h)
{
    const xw_division d = {
        .area = box(x, y, w, h), .code = text(code), .name = text(code), .source = text(code)};
    assert_int_equal(xw_territory_add_division(&t, &d, NULL), XW_OK);
}

static void add_house(const char *id, int32_t x, int32_t y, int32_t w, int32_t h)
{
    const xw_building b = {
        .area = box(x, y, w, h), .source = text(id), .households = 1, .floors = 1, .height_m = 3};
    assert_int_equal(xw_territory_add_building(&t, &b, NULL, NULL), XW_OK);
}

static void build(void)
{
    xw_error err = {XW_OK, ""};
    if (xw_plots_build(&t, NULL, NULL, &m, &err)) fail_msg("%s", err.text);
    assert_int_equal(xw_model_validate(&m, NULL), XW_OK);
}

static size_t findings_of(const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < m.n_findings; i++) {
        n += strcmp(xw_model_text(&m, m.findings[i].kind), kind) == 0;
    }
    return n;
}

/* Square units of the plots of a division. */
static double land_of(const char *code)
{
    const xw_scale k = xw_scale_at(Y0);
    double sum = 0.0;
    for (size_t i = 0; i < m.n_plots; i++) {
        const xw_model_division *d = &m.divisions[m.plots[i].division];
        if (strcmp(xw_model_text(&m, d->code), code) == 0) sum += m.plots[i].area_m2;
    }
    return sum / k.mx / k.my;
}

static bool is_about(double got, double wanted) { return fabs(got / wanted - 1.0) < 1e-4; }

static int begin(void **state)
{
    (void)state;
    xw_territory_init(&t);
    xw_model_init(&m);
    return 0;
}

static int end(void **state)
{
    (void)state;
    xw_territory_finish(&t);
    xw_model_finish(&m);
    return 0;
}

static void test_the_smaller_of_two_overlapping_divisions_keeps_the_land(void **state)
{
    (void)state;
    add_division("999000000001", 0, 0, 10000, 10000);
    add_division("999000000002", 9000, 0, 5000, 10000);
    add_house("a", 9200, 500, 800, 800); /* in both: the smaller has it */
    build();
    assert_int_equal(findings_of("division-overlap"), 1);
    assert_true(is_about(land_of("999000000001"), 9000.0 * 10000.0));
    assert_true(is_about(land_of("999000000002"), 5000.0 * 10000.0));
    assert_string_equal(xw_model_text(&m, m.divisions[m.plots[m.buildings[0].plot].division].code),
                        "999000000002");
}

static void test_of_two_equal_divisions_one_has_the_land_in_any_order(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        add_division(turn ? "999000000001" : "999000000002", 0, 0, 10000, 10000);
        add_division(turn ? "999000000002" : "999000000001", 0, 0, 10000, 10000);
        add_house("a", 500, 500, 800, 800);
        build();
        assert_int_equal(findings_of("division-overlap"), 1);
        assert_true(land_of("999000000001") == 0.0);
        assert_true(is_about(land_of("999000000002"), 1e8));
        (void)end(state);
        (void)begin(state);
    }
}

static void test_borders_one_unit_apart_are_no_finding(void **state)
{
    (void)state;
    add_division("999000000001", 0, 0, 10000, 1000);
    add_division("999000000002", 0, 999, 10000, 1000);
    add_house("a", 500, 100, 300, 300);
    build();
    assert_int_equal(findings_of("division-overlap"), 1); /* 1 cm by 100 m is 1 m2 */
    (void)end(state);
    (void)begin(state);
    add_division("999000000001", 0, 0, 900, 1000);
    add_division("999000000002", 0, 999, 900, 1000);
    add_house("a", 500, 100, 300, 300);
    build();
    assert_int_equal(findings_of("division-overlap"), 0);
}

static void test_a_border_bends_round_the_house_that_stands_on_it(void **state)
{
    (void)state;
    add_division("999000000001", 0, 0, 10000, 5000);
    add_division("999000000002", 0, 5000, 10000, 5000);
    add_house("a", 2000, 4700, 1000, 1000); /* seven tenths in the north */
    build();
    assert_int_equal(findings_of("building-across"), 1);
    assert_true(is_about(land_of("999000000001"), 5e7 - 300.0 * 1000.0));
    assert_true(is_about(land_of("999000000002"), 5e7 + 300.0 * 1000.0));
}

static void test_of_a_building_in_two_parts_the_larger_is_its_land(void **state)
{
    (void)state;
    add_division("999000000001", 0, 0, 20000, 10000);
    const xw_area a = box(1000, 1000, 900, 900), b = box(9000, 1000, 1000, 1000);
    (void)b;
    const xw_building two = {.area = {a.first_ring, 2},
                             .source = text("two"),
                             .households = 4,
                             .floors = 1,
                             .height_m = 3};
    assert_int_equal(xw_territory_add_building(&t, &two, NULL, NULL), XW_OK);
    add_house("between", 5000, 1000, 900, 900);
    build();
    assert_int_equal(m.n_buildings, 2);
    uint64_t households = 0;
    for (size_t i = 0; i < m.n_units; i++) households += m.units[i].households;
    assert_int_equal(households, 5);
    for (size_t i = 0; i < m.n_buildings; i++) assert_true(m.buildings[i].plot != XW_NONE);
}

int main(void)
{
#define LAND(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        LAND(test_the_smaller_of_two_overlapping_divisions_keeps_the_land),
        LAND(test_of_two_equal_divisions_one_has_the_land_in_any_order),
        LAND(test_borders_one_unit_apart_are_no_finding),
        LAND(test_a_border_bends_round_the_house_that_stands_on_it),
        LAND(test_of_a_building_in_two_parts_the_larger_is_its_land),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
