#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
    xw_model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    assert_true(toy_model_make(m));
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    xw_model_finish(*state);
    free(*state);
    return 0;
}

/* A whole row as one text: "name=value name=value". */
static void row_text(const xw_model *m, xw_table t, uint32_t row, xw_buf *out)
{
    size_t n;
    const xw_column *columns = xw_table_columns(t, &n);
    xw_buf_clear(out);
    for (size_t c = 0; c < n; c++) {
        char scratch[64];
        const xw_value v = xw_table_value(m, t, row, c, scratch);
        if (c) xw_buf_text(out, " ");
        xw_buf_fmt(out, "%s=", columns[c].name);
        if (v.type == XW_COL_TEXT) xw_buf_text(out, v.s);
        if (v.type == XW_COL_INT) xw_buf_fmt(out, "%lld", (long long)v.i);
        if (v.type == XW_COL_REAL) xw_buf_fmt(out, "%.17g", v.r);
        if (v.type == XW_COL_NULL) xw_buf_text(out, "-");
        if (v.type != XW_COL_NULL) assert_int_equal(v.type, columns[c].type);
    }
}

static void assert_row(const xw_model *m, xw_table t, uint32_t row, const char *text)
{
    xw_buf b;
    xw_buf_init(&b, 4096);
    row_text(m, t, row, &b);
    assert_string_equal(b.data, text);
    xw_buf_finish(&b);
}

static void test_every_table_says_its_rows(void **state)
{
    const xw_model *m = *state;
    assert_row(m, XW_TABLE_DIVISION, 1,
               "code=999101001001 name=和平村 level=village parent_code=999101001"
               " source_id=relation/1");
    assert_row(m, XW_TABLE_GRID, 7,
               "grid_id=ce02d17842e89409 code=9991010010010010201 name=和平村1区2片1队 net=zz"
               " level=team parent_code=99910100100100102 kind=basic households=8 children=8"
               " buildings=1 floor_min=1 floor_max=2 area_m2=972.09000000000003");
    assert_row(m, XW_TABLE_PLOT, 5,
               "plot_id=6 block_id=2 building_id=4 kind=building households=12"
               " team_code=9991010010010010201 division_code=999101001001 n_teams=2 name=-"
               " area_m2=972.09000000000003");
    assert_row(m, XW_TABLE_UNIT, 7,
               "unit_id=8 building_id=4 plot_id=6 households=4 floor_min=3 floor_max=3"
               " team_code=9991010010010010202");
    assert_row(m, XW_TABLE_BUILDING, 3,
               "building_id=4 name=和平大厦 households=12 floors=3 height=9.3000000000000007"
               " plot_id=6 source_id=way/13 use=flats estimated=0");
    assert_row(m, XW_TABLE_EDGE, 1,
               "edge_id=2 basis=road class=residential left_plot=1 right_plot=3"
               " length_m=30.18 custody_code=9991010010010010101 name=和平路 source_id=way/20"
               " flags=0");
    assert_row(m, XW_TABLE_LINE, 1,
               "barrier_id=2 class=river name=清水河 source_id=way/21 flags=4");
    assert_row(m, XW_TABLE_ADDRESS, 0,
               "address_id=1 text=和平路12号 street=和平路 number=12号 place=和平村"
               " building_id=4");
    assert_row(m, XW_TABLE_FINDING, 0,
               "finding_id=1 kind=building-outside layer=buildings source_id=way/17"
               " text=the building lies in no division");
    assert_row(m, XW_TABLE_LINEAGE, 0,
               "lineage_id=1 revision=1 level=team old_code=9991010010010010109"
               " new_code=9991010010010010101 households=3 of_households=4 reason=merged old_ends=1"
               " new_begins=0");
}

static void test_what_is_absent_has_no_value(void **state)
{
    const xw_model *m = *state;
    char scratch[64];
    assert_row(m, XW_TABLE_UNIT, 8,
               "unit_id=9 building_id=- plot_id=7 households=0 floor_min=- floor_max=-"
               " team_code=9991010010010010102");
    assert_row(m, XW_TABLE_BUILDING, 7,
               "building_id=8 name=岗亭 households=0 floors=2 height=6.5 plot_id=-"
               " source_id=way/17 use=house estimated=0");
    assert_int_equal(xw_table_value(m, XW_TABLE_PLOT, 10, 0, scratch).type, XW_COL_NULL);
    assert_int_equal(xw_table_value(m, XW_TABLE_PLOT, 0, 99, scratch).type, XW_COL_NULL);
    assert_int_equal(xw_table_value(m, XW_TABLE_COUNT, 0, 0, scratch).type, XW_COL_NULL);
    /* the zone has no parent and no floors */
    assert_int_equal(xw_table_value(m, XW_TABLE_GRID, 0, 5, scratch).type, XW_COL_NULL);
    assert_int_equal(xw_table_value(m, XW_TABLE_GRID, 0, 10, scratch).type, XW_COL_NULL);
}

static void test_names_and_labels_are_there_and_unique_in_a_table(void **state)
{
    (void)state;
    for (int t = 0; t < XW_TABLE_COUNT; t++) {
        size_t n;
        const xw_column *c = xw_table_columns((xw_table)t, &n);
        assert_true(n > 3);
        assert_true(xw_table_name((xw_table)t)[0] != '\0');
        for (size_t i = 0; i < n; i++) {
            assert_true(c[i].name[0] && c[i].zh[0]);
            for (size_t k = 0; k < i; k++) {
                assert_string_not_equal(c[i].name, c[k].name);
                assert_string_not_equal(c[i].zh, c[k].zh);
            }
        }
    }
}

/* The columns that the design promises come first, in its order. */
static void test_the_contract_columns_stand(void **state)
{
    (void)state;
    static const struct {
        xw_table table;
        const char *columns;
    } promised[] = {
        {XW_TABLE_GRID, "grid_id, code, name, net, level, parent_code, kind, households, children,"
                        " buildings, floor_min, floor_max, area_m2"},
        {XW_TABLE_PLOT, "plot_id, block_id, building_id, kind, households, team_code"},
        {XW_TABLE_UNIT,
         "unit_id, building_id, plot_id, households, floor_min, floor_max, team_code"},
        {XW_TABLE_BUILDING, "building_id, name, households, floors, height, plot_id, source_id"},
        {XW_TABLE_EDGE, "edge_id, basis, class, left_plot, right_plot, length_m, custody_code"},
        {XW_TABLE_DIVISION, "code, name, level, parent_code"},
    };
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++) {
        size_t n;
        const xw_column *c = xw_table_columns(promised[i].table, &n);
        xw_buf b;
        xw_buf_init(&b, 1000);
        for (size_t k = 0; k < n; k++) xw_buf_fmt(&b, "%s%s", k ? ", " : "", c[k].name);
        assert_int_equal(strncmp(b.data, promised[i].columns, strlen(promised[i].columns)), 0);
        xw_buf_finish(&b);
    }
}

static void test_the_number_of_a_grid_depends_on_net_level_and_code(void **state)
{
    xw_model *m = *state;
    const uint64_t id = xw_grid_id(m, 5);
    for (uint32_t g = 0; g < m->n_grids; g++) {
        for (uint32_t k = 0; k < g; k++) assert_true(xw_grid_id(m, g) != xw_grid_id(m, k));
    }
    assert_int_equal(xw_strings_add(&m->text, "dj", &m->net, NULL), XW_OK);
    assert_true(xw_grid_id(m, 5) != id);
}

/* Property: a float's column is a short decimal that reads back as the same float. */
static void test_heights_are_short_and_exact(void **state)
{
    xw_model *m = *state;
    xw_rng r = rng_from_env("table");
    char scratch[64];
    for (int i = 0; i < 5000; i++) {
        const float f = (float)xw_rng_below(&r, 1u << (1 + i % 31)) /
                        (float)(1 + xw_rng_below(&r, 1u << (i % 20)));
        m->buildings[0].height_m = f;
        const xw_value v = xw_table_value(m, XW_TABLE_BUILDING, 0, 4, scratch);
        assert_true((float)v.r == f);
    }
    m->buildings[0].height_m = 0.1f;
    assert_true(xw_table_value(m, XW_TABLE_BUILDING, 0, 4, scratch).r == 0.1);
}

static int64_t area2_of(const xw_shape *s)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s->n_rings; i++) {
        const int64_t a = xw_ring_area2((xw_ring){s->rings[i].pts, s->rings[i].n});
        assert_true(s->rings[i].hole ? a < 0 : a > 0);
        sum += a;
    }
    return sum;
}

/* Exactly, in lattice units: plots sum to the divisions and to each level (a tower's plot counts
 * for each of the teams that share it). */
static void test_polygons_of_plots_divisions_and_levels_cover_the_same_land(void **state)
{
    const xw_model *m = *state;
    xw_shapes *s = NULL;
    xw_shape shape;
    int64_t plots[10], all = 0, divisions = 0, town = 0, level[3] = {0};
    assert_int_equal(xw_shapes_create(m, &s, NULL), XW_OK);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(xw_shapes_get(s, XW_TABLE_PLOT, i, &shape, NULL), XW_OK);
        plots[i] = area2_of(&shape);
        all += plots[i];
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(xw_shapes_get(s, XW_TABLE_DIVISION, i, &shape, NULL), XW_OK);
        *(i == 0 ? &town : &divisions) += area2_of(&shape);
    }
    for (uint32_t i = 0; i < 11; i++) {
        assert_int_equal(xw_shapes_get(s, XW_TABLE_GRID, i, &shape, NULL), XW_OK);
        level[m->grids[i].level] += area2_of(&shape);
    }
    assert_true(town == all);
    assert_true(divisions == all);
    assert_true(level[0] == all);
    assert_true(level[1] == all);
    assert_true(level[2] == all + plots[5]);
    xw_shapes_destroy(s);
}

static void test_shapes_have_their_kind_box_and_holes(void **state)
{
    const xw_model *m = *state;
    xw_shapes *s = NULL;
    xw_shape shape;
    assert_int_equal(xw_shapes_create(m, &s, NULL), XW_OK);
    assert_int_equal(xw_shapes_get(s, XW_TABLE_PLOT, 4, &shape, NULL), XW_OK);
    assert_int_equal(shape.n_rings, 2); /* the open land has the pond as its hole */
    assert_true(shape.rings[1].hole);
    assert_int_equal(xw_shapes_get(s, XW_TABLE_BUILDING, 0, &shape, NULL), XW_OK);
    assert_int_equal(shape.n_rings, 2);
    assert_true(shape.rings[1].hole);
    assert_int_equal(xw_shapes_get(s, XW_TABLE_BUILDING, 7, &shape, NULL), XW_OK);
    assert_int_equal(shape.kind, XW_WKB_NONE);
    assert_int_equal(xw_shapes_get(s, XW_TABLE_EDGE, 0, &shape, NULL), XW_OK);
    assert_int_equal(shape.kind, XW_WKB_LINE);
    assert_int_equal(shape.n_rings, 1);
    assert_int_equal(xw_shapes_get(s, XW_TABLE_UNIT, 5, &shape, NULL), XW_OK);
    assert_int_equal(shape.kind, XW_WKB_POINT);
    assert_true(xw_pt_eq(shape.box.min, m->plots[5].anchor));
    assert_true(xw_pt_eq(shape.box.max, m->plots[5].anchor));
    xw_shapes_destroy(s);
}

static void test_any_failed_allocation_of_a_shape_is_reported(void **state)
{
    const xw_model *m = *state;
    for (int n = 0;; n++) {
        xw_shapes *s = NULL;
        xw_shape shape;
        fail_alloc_at(n);
        xw_status st = xw_shapes_create(m, &s, NULL);
        if (!st) st = xw_shapes_get(s, XW_TABLE_DIVISION, 0, &shape, NULL);
        if (!st) st = xw_shapes_get(s, XW_TABLE_GRID, 0, &shape, NULL);
        if (!st) st = xw_shapes_get(s, XW_TABLE_BUILDING, 0, &shape, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_shapes_destroy(s);
        if (!failed) {
            assert_true(n > 5);
            return;
        }
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_table_says_its_rows),
        TEST(test_what_is_absent_has_no_value),
        TEST(test_names_and_labels_are_there_and_unique_in_a_table),
        TEST(test_the_contract_columns_stand),
        TEST(test_the_number_of_a_grid_depends_on_net_level_and_code),
        TEST(test_heights_are_short_and_exact),
        TEST(test_polygons_of_plots_divisions_and_levels_cover_the_same_land),
        TEST(test_shapes_have_their_kind_box_and_holes),
        TEST(test_any_failed_allocation_of_a_shape_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
