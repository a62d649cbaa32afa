/* Filling a territory: indices, texts, areas with holes, limits and no memory. */
#include "support/test.h"

#include "xiwang/territory.h"

#include <math.h>
#include <string.h>

static void test_classes_are_found_by_their_codes(void **state)
{
    (void)state;
    for (unsigned c = 0; c < XW_CLASS_COUNT; c++) {
        const xw_class_info *info = xw_class_get(c);
        assert_int_equal(xw_class_find(info->code), c);
        assert_true(info->zh[0] != '\0');
        assert_true(info->cost >= 0.0 && info->cost < 1.0);
    }
    assert_true(xw_class_get(XW_CLASS_RIVER)->hard);
    assert_false(xw_class_get(XW_CLASS_PRIMARY)->hard);
    assert_int_equal(xw_class_find(""), XW_CLASS_NONE);
    assert_int_equal(xw_class_find("Motorway"), XW_CLASS_NONE);
    for (unsigned c = XW_CLASS_COUNT; c < 300; c++) {
        assert_string_equal(xw_class_get(c)->code, "");
        assert_true(xw_class_get(c)->cost == 1.0);
        assert_false(xw_class_get(c)->hard);
    }
}

static xw_status add_square(xw_territory *t, int32_t x, int32_t y, int32_t side, bool hole,
                            xw_error *err)
{
    const xw_pt r[4] = {{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}};
    const xw_pt turned[4] = {r[0], r[3], r[2], r[1]};
    return xw_territory_add_ring(t, hole ? turned : r, 4, err);
}

static void test_elements_keep_their_order_and_texts(void **state)
{
    (void)state;
    enum { N = 300 };
    xw_territory t;
    xw_territory_init(&t);
    for (uint32_t i = 0; i < N; i++) {
        char code[24];
        (void)snprintf(code, sizeof code, "way/%u", i);
        xw_building b = {.area = {i, 1}, .households = (int32_t)i, .floors = 2};
        xw_barrier w = {.n = 2, .cls = XW_CLASS_STREAM};
        xw_address a = {.at = {(int32_t)i, 1}, .building = i};
        const xw_water water = {.area = {i, 1}};
        const xw_division d = {.area = {i, 1}};
        uint32_t ix = XW_NONE;
        assert_int_equal(add_square(&t, (int32_t)i * 10, 0, 5, false, NULL), XW_OK);
        assert_int_equal(xw_strings_add(&t.text, code, &b.source, NULL), XW_OK);
        w.source = b.source;
        const xw_pt line[2] = {{0, 0}, {(int32_t)i, 9}};
        assert_int_equal(xw_territory_add_pts(&t, line, 2, &w.first, NULL), XW_OK);
        assert_int_equal(xw_territory_add_building(&t, &b, &ix, NULL), XW_OK);
        assert_int_equal(ix, i);
        assert_int_equal(xw_territory_add_barrier(&t, &w, NULL), XW_OK);
        assert_int_equal(xw_territory_add_address(&t, &a, NULL), XW_OK);
        assert_int_equal(xw_territory_add_water(&t, &water, NULL), XW_OK);
        assert_int_equal(xw_territory_add_division(&t, &d, NULL), XW_OK);
        assert_int_equal(
            xw_territory_find(&t, "kind", "roads", i % 2 ? code : NULL, a.at, NULL, "number %u", i),
            XW_OK);
    }
    assert_int_equal(xw_territory_add_building(&t, &(xw_building){0}, NULL, NULL), XW_OK);
    for (uint32_t i = 0; i < N; i++) {
        char code[24], line[24];
        (void)snprintf(code, sizeof code, "way/%u", i);
        (void)snprintf(line, sizeof line, "number %u", i);
        assert_string_equal(xw_territory_text(&t, t.buildings[i].source), code);
        assert_int_equal(t.barriers[i].source, t.buildings[i].source);
        assert_int_equal(t.pts[t.barriers[i].first + 1].x, i);
        assert_int_equal(t.buildings[i].households, i);
        assert_int_equal(t.addresses[i].building, i);
        assert_int_equal(t.waters[i].area.first_ring, i);
        assert_int_equal(t.divisions[i].area.first_ring, i);
        assert_string_equal(xw_territory_text(&t, t.findings[i].text), line);
        assert_string_equal(xw_territory_text(&t, t.findings[i].source), i % 2 ? code : "");
        assert_string_equal(xw_territory_text(&t, t.findings[i].layer), "roads");
        assert_int_equal(xw_territory_ring(&t, i).n, 4);
        assert_int_equal(xw_territory_ring(&t, i).pts[0].x, i * 10);
    }
    xw_territory_finish(&t);
    assert_int_equal(t.n_buildings, 0);
    xw_territory_finish(&t);
}

/* Two outer squares, a hole in the first, an island in the hole. */
static void test_areas_have_holes_and_several_outer_rings(void **state)
{
    (void)state;
    enum { K = 10000 };
    xw_territory t;
    xw_territory_init(&t);
    assert_int_equal(add_square(&t, 900, 900, 5, false, NULL), XW_OK); /* another area's */
    assert_int_equal(add_square(&t, 0, 0, 12 * K, false, NULL), XW_OK);
    assert_int_equal(add_square(&t, 3 * K, 3 * K, 6 * K, true, NULL), XW_OK);
    assert_int_equal(add_square(&t, 5 * K, 5 * K, 2 * K, false, NULL), XW_OK);
    assert_int_equal(add_square(&t, 20 * K, -5 * K, 3 * K, false, NULL), XW_OK);
    const xw_area a = {1, 4};
    const xw_box box = xw_area_box(&t, a), want = {{0, -5 * K}, {23 * K, 12 * K}};
    assert_memory_equal(&box, &want, sizeof box);
    assert_true(xw_box_is_empty(xw_area_box(&t, (xw_area){0, 0})));
    const xw_scale s = xw_scale_at(0);
    const double m2 = (144 - 36 + 4 + 9) * (double)K * K * s.mx * s.my;
    assert_true(fabs(xw_area_m2(&t, a) / m2 - 1) < 1e-6);
    for (int32_t x = -2; x < 50; x++) {
        for (int32_t y = -12; y < 28; y++) {
            const int32_t h = K / 2; /* in half squares, so that sides and corners are hit */
            const bool outer = x >= 0 && x < 24 && y >= 0 && y < 24;
            const bool hole = x >= 6 && x < 18 && y >= 6 && y < 18;
            const bool island = x >= 10 && x < 14 && y >= 10 && y < 14;
            const bool second = x >= 40 && x < 46 && y >= -10 && y < -4;
            assert_int_equal(xw_area_owns(&t, a, (xw_pt){x * h, y * h}),
                             (outer && !hole) || island || second);
        }
    }
    xw_territory_finish(&t);
}

static void test_a_finding_is_one_line_of_whole_characters(void **state)
{
    (void)state;
    xw_territory t;
    xw_territory_init(&t);
    char name[700];
    for (size_t i = 0; i + 3 < sizeof name; i += 3) memcpy(name + i, "网", 4);
    for (int shift = 0; shift < 3; shift++) {
        assert_int_equal(xw_territory_find(&t, "k", "l", "s", (xw_pt){0, 0}, NULL, "%.*s\n%s",
                                           shift, "aa", name),
                         XW_OK);
        const char *text = xw_territory_text(&t, t.findings[shift].text);
        assert_null(strchr(text, '\n'));
        const size_t n = strlen(text);
        assert_true(n > 390 && n < 400);
        assert_string_equal(text + n - 3, "网");
    }
    xw_territory_finish(&t);
}

static void test_more_vertices_than_indices_are_refused(void **state)
{
    (void)state;
    xw_territory t;
    xw_territory_init(&t);
    t.n_pts = XW_NONE - 2; /* as if they were there; none is read */
    uint32_t first;
    xw_error err;
    const xw_pt pts[3] = {{0, 0}, {1, 0}, {1, 1}};
    assert_int_equal(xw_territory_add_pts(&t, pts, 3, &first, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "vertices"));
    assert_int_equal(xw_territory_add_ring(&t, pts, 3, &err), XW_LIMIT);
    assert_int_equal(t.n_rings, 0);
    t.n_pts = 0;
    xw_territory_finish(&t);
}

static xw_status fill(xw_territory *t, xw_error *err)
{
    const xw_barrier w = {.n = 2};
    const xw_building b = {.floors = 1};
    const xw_address a = {.building = XW_NONE};
    xw_status st = XW_OK;
    for (int32_t i = 0; i < 40 && !st; i++) {
        st = add_square(t, i, i, 5, false, err);
        if (!st) st = xw_territory_add_barrier(t, &w, err);
        if (!st) st = xw_territory_add_building(t, &b, NULL, err);
        if (!st) st = xw_territory_add_address(t, &a, err);
        if (!st) st = xw_territory_add_water(t, &(xw_water){{0, 0}, 0, 0}, err);
        if (!st) st = xw_territory_add_division(t, &(xw_division){.area = {0, 0}}, err);
        if (!st) st = xw_territory_find(t, "k", "l", "s", (xw_pt){0, 0}, err, "finding %d", i);
    }
    return st;
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int k = 0;; k++) {
        xw_territory t;
        xw_error err = {XW_OK, ""};
        xw_territory_init(&t);
        fail_alloc_at(k);
        const xw_status st = fill(&t, &err);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        assert_int_equal(err.status, st);
        xw_territory_finish(&t);
        if (!failed) {
            assert_true(k > 16);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_are_found_by_their_codes),
        cmocka_unit_test(test_elements_keep_their_order_and_texts),
        cmocka_unit_test(test_areas_have_holes_and_several_outer_rings),
        cmocka_unit_test(test_a_finding_is_one_line_of_whole_characters),
        cmocka_unit_test(test_more_vertices_than_indices_are_refused),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
