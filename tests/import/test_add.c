/* Buildings that come, change and go on a territory that is there. */
#include "support/test.h"

#include "files.h"

#include <stdio.h>
#include <string.h>

#define HOUSE(x) "\"POLYGON((" x " 40," x "1 40," x "1 40.0001," x " 40.0001," x " 40))\""

static void read_base(xw_territory *t)
{
    xw_import_counts n;
    put_text(ROADS, PLAIN_ROADS);
    put_text(HOUSES, "WKT,building_id,households\n" HOUSE("116.000") ",a,1\n" HOUSE(
                         "116.001") ",b,2\n" HOUSE("116.002") ",c,3\n");
    xw_import_options o = PLAIN;
    o.crs = "wgs84";
    read_all(o, t, &n);
    assert_int_equal(t->n_buildings, 3);
    const xw_address at = {.building = 2};
    assert_int_equal(xw_territory_add_address(t, &at, NULL), XW_OK);
}

static xw_status add(xw_territory *t, const char *rows, const char *removed, xw_import_change *c,
                     xw_error *err)
{
    char text[2000];
    (void)snprintf(text, sizeof text, "WKT,building_id,households\n%s", rows ? rows : "");
    put_text(HOUSES, text);
    const xw_import_options o = {.buildings = rows ? HOUSES : NULL, .crs = "wgs84"};
    return xw_import_add(t, &o, removed, NULL, c, err);
}

static int32_t households(const xw_territory *t, const char *id)
{
    int32_t sum = -1;
    for (size_t i = 0; i < t->n_buildings; i++) {
        if (strcmp(xw_territory_text(t, t->buildings[i].source), id) != 0) continue;
        assert_int_equal(sum, -1);
        sum = t->buildings[i].households;
    }
    return sum;
}

static void test_they_come_change_and_go(void **state)
{
    (void)state;
    xw_territory t;
    xw_import_change c;
    xw_error err = {XW_OK, ""};
    read_base(&t);
    const xw_status st = add(&t,
                             HOUSE("116.003") ",d,4\n"  /* new */
                             HOUSE("116.001") ",b,7\n"  /* other households */
                             HOUSE("116.002") ",e,9\n"  /* where c is */
                                              ",f,1\n", /* nowhere */
                             "a", &c, &err);
    if (st) fail_msg("%s", err.text);
    assert_int_equal(c.added, 1);
    assert_int_equal(c.replaced, 1);
    assert_int_equal(c.removed, 1);
    assert_int_equal(c.listed, 2);
    assert_int_equal(t.n_buildings, 3);
    assert_int_equal(households(&t, "a"), -1);
    assert_int_equal(households(&t, "b"), 7);
    assert_int_equal(households(&t, "c"), 3);
    assert_int_equal(households(&t, "d"), 4);
    assert_int_equal(count_findings(&t, "building-duplicate", NULL), 1);
    assert_int_equal(count_findings(&t, "building-empty", NULL), 1);
    const uint32_t at = t.addresses[t.n_addresses - 1].building; /* it moved up with c */
    assert_string_equal(xw_territory_text(&t, t.buildings[at].source), "c");
    xw_territory_finish(&t);
}

static void test_what_is_not_there_cannot_go(void **state)
{
    (void)state;
    xw_territory t;
    xw_import_change c;
    xw_error err = {XW_OK, ""};
    read_base(&t);
    assert_int_equal(add(&t, NULL, "c,nobody,a", &c, &err), XW_NOT_FOUND);
    assert_non_null(strstr(err.text, "nobody"));
    xw_territory_finish(&t);
    read_base(&t);
    assert_int_equal(add(&t, NULL, "c,,a", &c, &err), XW_OK);
    assert_int_equal(c.removed, 2);
    assert_int_equal(t.addresses[t.n_addresses - 1].building, XW_NONE);
    xw_territory_finish(&t);
}

static void test_a_house_on_the_other_side_of_the_world_is_refused(void **state)
{
    (void)state;
    xw_territory t;
    xw_import_change c;
    xw_error err = {XW_OK, ""};
    read_base(&t);
    assert_int_equal(add(&t, HOUSE("11.000") ",far,1\n", NULL, &c, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "far"));
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_come_change_and_go),
        cmocka_unit_test(test_what_is_not_there_cannot_go),
        cmocka_unit_test(test_a_house_on_the_other_side_of_the_world_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
