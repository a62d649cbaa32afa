/* Codes read back as what they say, wrong ones are refused by name, and the crosswalk to 15 digits
 * is one to one between units and numbers. */
#include "xiwang/check.h"
#include "xiwang/code.h"

#include "support/block_town.h"
#include "support/test.h"
#include "xiwang/grids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void build(const block_town_options *o, uint64_t seed, const xw_grids_config *c, xw_model *m)
{
    xw_rng rng = {seed};
    xw_error err = {XW_OK, ""};
    block_town_build(o, &rng, m);
    if (xw_grids_make(m, c, NULL, &err)) fail_msg("%s", err.text);
}

static const block_town_options town = {
    .columns = 20, .rows = 20, .divisions = 2, .road_every = 4, .households_most = 6};

static void test_every_code_says_its_place(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("codes");
    for (int i = 0; i < 12; i++) {
        xw_model m;
        xw_grids_config c = xw_profile_at((size_t)i % 3)->config;
        const block_town_options o = block_town_draw(&rng);
        for (uint32_t l = 0; l < c.n_levels; l++) c.levels[l].code_width += xw_rng_below(&rng, 3);
        build(&o, xw_rng_next(&rng), &c, &m);
        for (uint32_t g = 0; g < m.n_grids; g++) {
            const char *text = xw_model_text(&m, m.grids[g].code);
            xw_code code;
            char again[80];
            assert_int_equal(xw_code_read(&m, text, &code, NULL), XW_OK);
            assert_int_equal(code.level, m.grids[g].level);
            assert_int_equal(code.division, m.grids[g].division);
            int n = snprintf(again, sizeof again, "%s",
                             xw_model_text(&m, m.divisions[code.division].code));
            for (uint32_t l = 0; l <= code.level; l++) {
                n += snprintf(again + n, sizeof again - (size_t)n, "%0*u",
                              (int)m.levels[l].code_width, code.number[l]);
            }
            assert_string_equal(again, text);
        }
        xw_check_report r;
        assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
        assert_true(xw_check_find(&r, "codes_wrong")->hard);
        assert_true(xw_check_find(&r, "codes_wrong")->value == 0);
        xw_check_report_finish(&r);
        xw_model_finish(&m);
    }
}

static void test_wrong_codes_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"", "0 digits"},
        {"99900100100", "11 digits"},
        {"999001001009001", "no division"},
        {"99900100100101", "no level has codes of 14 digits"},
        {"999001001001001010199", "no level has codes of 21 digits"},
        {"9990010010010010", "no level has codes of 16 digits"},
        {"999001001001000", "zone has the number 0"},
        {"99900100100100100", "section has the number 0"},
        {"99900100100100a", "not only digits"},
        {" 999001001001001", "not only digits"},
    };
    xw_model m;
    xw_code code;
    const xw_grids_config c = xw_grids_default();
    build(&town, 1, &c, &m);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        xw_error err = {XW_OK, ""};
        assert_int_equal(xw_code_read(&m, wrong[i][0], &code, &err), XW_INPUT);
        if (!strstr(err.text, wrong[i][1])) fail_msg("%s: %s", wrong[i][0], err.text);
    }
    assert_int_equal(xw_code_read(&m, "999001001001", &code, NULL), XW_OK);
    assert_int_equal(code.level, XW_NONE);
    xw_model_finish(&m);
}

/* Units are one to one with their numbers; what lies below has the unit of its ancestor. */
static void verify(const xw_model *m, uint32_t level, const xw_crossrow *rows, size_t n)
{
    size_t units = 0, expected = 0;
    for (uint32_t l = level; l < m->n_levels; l++) expected += m->levels[l].n_grids;
    assert_int_equal(n, expected);
    for (size_t i = 0; i < n; i++) {
        const xw_grid *g = &m->grids[rows[i].grid];
        assert_int_equal(strspn(rows[i].unit, "0123456789"), XW_UNIT_DIGITS);
        assert_memory_equal(rows[i].unit, xw_model_text(m, m->divisions[g->division].code), 12);
        if (i > 0) {
            assert_true(strcmp(xw_model_text(m, m->grids[rows[i - 1].grid].code),
                               xw_model_text(m, g->code)) < 0);
        }
        assert_int_equal(rows[i].is_unit, g->level == level);
        units += rows[i].is_unit;
        for (size_t k = 0; k < i; k++) {
            uint32_t a = rows[i].grid, b = rows[k].grid;
            while (m->grids[a].level > level) a = m->grids[a].parent;
            while (m->grids[b].level > level) b = m->grids[b].parent;
            assert_int_equal(a == b, strcmp(rows[i].unit, rows[k].unit) == 0);
        }
    }
    assert_int_equal(units, m->levels[level].n_grids);
}

static void test_the_crosswalk_is_one_to_one(void **state)
{
    (void)state;
    xw_model m;
    xw_crossrow *rows;
    size_t n;
    const xw_grids_config c = xw_grids_default();
    build(&town, 2, &c, &m);
    assert_int_equal(xw_unit_level(&m), 0);
    assert_int_equal(xw_crosswalk_make(&m, XW_NONE, &rows, &n, NULL), XW_OK);
    verify(&m, 0, rows, n);
    for (size_t i = 0; i < n; i++) { /* the head of the code */
        assert_memory_equal(rows[i].unit, xw_model_text(&m, m.grids[rows[i].grid].code), 15);
    }
    free(rows);
    for (uint32_t l = 1; l < 3; l++) { /* numbered: 001, 002 … in each division */
        assert_int_equal(xw_crosswalk_make(&m, l, &rows, &n, NULL), XW_OK);
        verify(&m, l, rows, n);
        assert_string_equal(rows[0].unit, "999001001001001");
        free(rows);
    }
    xw_model_finish(&m);
}

static void test_what_cannot_have_15_digits_is_refused(void **state)
{
    (void)state;
    xw_model m;
    xw_crossrow *rows;
    size_t n;
    xw_error err = {XW_OK, ""};
    xw_grids_config c = xw_profile_find("urban")->config;
    build(&town, 3, &c, &m); /* 14, 16 and 18 digits */
    assert_int_equal(xw_unit_level(&m), XW_NONE);
    assert_int_equal(xw_crosswalk_make(&m, XW_NONE, &rows, &n, &err), XW_INPUT);
    assert_null(rows);
    assert_int_equal(xw_crosswalk_make(&m, 1, &rows, &n, NULL), XW_OK);
    verify(&m, 1, rows, n);
    free(rows);
    assert_int_equal(xw_crosswalk_make(&m, 7, &rows, &n, NULL), XW_INPUT);
    xw_model_finish(&m);
    const block_town_options large = {
        .columns = 34, .rows = 32, .divisions = 1, .households_most = 1};
    c = xw_grids_default();
    c.levels[2].cap = 1; /* 1 088 teams */
    build(&large, 1, &c, &m);
    err = (xw_error){XW_OK, ""};
    assert_int_equal(xw_crosswalk_make(&m, 2, &rows, &n, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "team 1000"));
    assert_non_null(strstr(err.text, "999001001001"));
    xw_model_finish(&m);
}

static void test_the_check_finds_codes_that_say_something_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {"99900100100100109", "9990010010010010", "99900100100100a",
                                        "999001001001000", "888001001001001"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        xw_model m;
        xw_check_report r;
        const xw_grids_config c = xw_grids_default();
        const block_town_options one = {
            .columns = 2, .rows = 2, .divisions = 1, .households_most = 1};
        build(&one, 1, &c, &m);
        assert_int_equal(xw_strings_add(&m.text, wrong[i], &m.grids[0].code, NULL), XW_OK);
        assert_int_equal(xw_check(&m, NULL, &r, NULL), XW_OK);
        assert_false(r.ok);
        assert_true(xw_check_find(&r, "codes_wrong")->value >= 1);
        xw_check_report_finish(&r);
        xw_model_finish(&m);
    }
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_model m;
    const xw_grids_config c = xw_grids_default();
    build(&town, 2, &c, &m);
    for (int n = 0;; n++) {
        xw_crossrow *rows;
        size_t k;
        fail_alloc_at(n);
        const xw_status st = xw_crosswalk_make(&m, 2, &rows, &k, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            free(rows);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_null(rows);
    }
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_says_its_place),
        cmocka_unit_test(test_wrong_codes_are_refused_by_name),
        cmocka_unit_test(test_the_crosswalk_is_one_to_one),
        cmocka_unit_test(test_what_cannot_have_15_digits_is_refused),
        cmocka_unit_test(test_the_check_finds_codes_that_say_something_else),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
