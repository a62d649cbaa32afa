/* A valid model with one thing wrong is refused by the name of that thing, one by one. */
#include "support/test.h"

#include "support/block_town.h"
#include "support/toy_model.h"

#include <string.h>

static xw_model m; /* of the case that runs; made anew for each */

/* The toy: 3 divisions, 10 plots, 12 units, 9 buildings, 21 edges, 2 lines, 2 addresses, 1 finding;
 * grids 0-1 zones, 2-4 sections, 5-10 teams. */
static const uint32_t far = UINT32_MAX - 5;

#define CORRUPTIONS(X)                                                                           \
    /* the pool of texts */                                                                      \
    X(m.text.bytes[0] = 'x', "text pool")                                                        \
    X(m.text.bytes[m.text.n - 1] = 'x', "text pool")                                             \
    /* divisions and their plots */                                                              \
    X(m.divisions[0].code = (xw_text)m.text.n, "division 0: text")                               \
    X(m.divisions[1].name = far, "division 1: text")                                             \
    X(m.divisions[2].level = far, "division 2: text")                                            \
    X(m.divisions[1].parent_code = far, "division 1: text")                                      \
    X(m.divisions[1].source = far, "division 1: text")                                           \
    X(m.divisions[1].first_plot = 1, "division 1: plots are not consecutive")                    \
    X(m.divisions[2].first_plot = far, "division 2: plots are not consecutive")                  \
    X(m.divisions[2].n_plots++, "division 2: plots are not consecutive")                         \
    X(m.divisions[2].n_plots = UINT32_MAX, "division 2: plots are not consecutive")              \
    X(m.divisions[2].n_plots--, "plot 9: has no division")                                       \
    X(m.plots[8].division = 1, "plot 8: is not in its division")                                 \
    /* plots and their units */                                                                  \
    X(m.plots[2].building = 9, "plot 2: no such building")                                       \
    X(m.plots[2].name = far, "plot 2: kind, anchor or name")                                     \
    X(m.plots[2].kind = 3, "plot 2: kind, anchor or name")                                       \
    X(m.plots[2].anchor.x = XW_LON_MAX + 1, "plot 2: kind, anchor or name")                      \
    X(m.plots[2].anchor.y = -XW_LAT_MAX - 1, "plot 2: kind, anchor or name")                     \
    X(m.plots[3].first_unit = 0, "plot 3: units are not consecutive")                            \
    X(m.plots[3].n_units = 0, "plot 3: units are not consecutive")                               \
    X(m.plots[9].n_units = UINT32_MAX, "plot 9: units are not consecutive")                      \
    X(m.units[2].plot = 1, "unit 2: is not in its plot")                                         \
    X(m.units[2].plot = far, "unit 2: is not in its plot")                                       \
    X(m.units[2].building = 9, "unit 2: no such building")                                       \
    X(m.units[0].households++, "plot 0: households do not add up")                               \
    X(m.plots[0].households++, "plot 0: households do not add up")                               \
    X(XW_MODEL_ADD(&m, units), "unit 12: has no plot")                                           \
    X(XW_MODEL_ADD(&m, plots), "plot 10: has no division")                                       \
    /* vertices, rings, buildings */                                                             \
    X(m.pts[5].x = XW_LON_MAX + 1, "vertex 5: outside the lattice")                              \
    X(m.pts[5].y = INT32_MIN, "vertex 5: outside the lattice")                                   \
    X(m.rings[1].n = 2, "ring 1: vertices")                                                      \
    X(m.rings[1].n = UINT32_MAX, "ring 1: vertices")                                             \
    X(m.rings[1].first = (uint32_t)m.n_pts - 3, "ring 1: vertices")                              \
    X(m.rings[1].first = UINT32_MAX, "ring 1: vertices")                                         \
    X(m.buildings[3].plot = 10, "building 3: no such plot")                                      \
    X(m.buildings[3].n_rings = 100, "building 3: rings")                                         \
    X(m.buildings[3].first_ring = UINT32_MAX, "building 3: rings")                               \
    X(m.buildings[3].name = far, "building 3: text")                                             \
    X(m.buildings[3].source = far, "building 3: text")                                           \
    /* edges and lines */                                                                        \
    X(m.edges[4].n = 1, "edge 4: vertices")                                                      \
    X(m.edges[4].n = UINT32_MAX, "edge 4: vertices")                                             \
    X(m.edges[4].first = (uint32_t)m.n_pts - 1, "edge 4: vertices")                              \
    X(m.edges[4].left = 10, "edge 4: no such plot, or the same on both sides")                   \
    X(m.edges[4].right = far, "edge 4: no such plot, or the same on both sides")                 \
    X(m.edges[4].right = m.edges[4].left, "edge 4: no such plot, or the same on both sides")     \
    X(m.edges[4].left = m.edges[4].right = XW_NONE, "edge 4: no such plot, or the same")         \
    X(m.edges[4].custody = 10, "edge 4: no such plot")                                           \
    X(m.edges[4].name = far, "edge 4: basis, class or text")                                     \
    X(m.edges[4].source = far, "edge 4: basis, class or text")                                   \
    X(m.edges[4].basis = XW_BASIS_BETWEEN + 1, "edge 4: basis, class or text")                   \
    X(m.edges[4].cls = XW_CLASS_COUNT, "edge 4: basis, class or text")                           \
    X(m.edges[4].cls = XW_CLASS_NONE - 1, "edge 4: basis, class or text")                        \
    X(m.pts[m.edges[4].first + 1] = m.pts[m.edges[4].first], "edge 4: repeats a vertex")         \
    X(m.lines[1].n = 1, "barrier 1: vertices")                                                   \
    X(m.lines[1].first = far, "barrier 1: vertices")                                             \
    X(m.lines[1].name = far, "barrier 1: vertices or text")                                      \
    X(m.lines[1].source = far, "barrier 1: vertices or text")                                    \
    /* addresses, findings, the revision */                                                      \
    X(m.addresses[1].text = far, "address 1: text")                                              \
    X(m.addresses[1].street = far, "address 1: text")                                            \
    X(m.addresses[1].number = far, "address 1: text")                                            \
    X(m.addresses[1].place = far, "address 1: text")                                             \
    X(m.addresses[0].building = 9, "address 0: text, place or building")                         \
    X(m.addresses[0].at.x = INT32_MIN, "address 0: text, place or building")                     \
    X(m.findings[0].kind = far, "finding 0: text")                                               \
    X(m.findings[0].layer = far, "finding 0: text")                                              \
    X(m.findings[0].source = far, "finding 0: text")                                             \
    X(m.findings[0].text = far, "finding 0: text")                                               \
    X(m.findings[0].at.y = INT32_MAX, "finding 0: text or place")                                \
    X(m.name = far, "revision 1: text")                                                          \
    X(m.net = far, "revision 1: text")                                                           \
    X(m.net_name = far, "revision 1: text")                                                      \
    X(m.published = far, "revision 1: text")                                                     \
    /* levels */                                                                                 \
    X(m.n_levels = XW_LEVELS_MAX + 1, "level 9: too many")                                       \
    X(m.levels[1].key = far, "level 1")                                                          \
    X(m.levels[1].name = far, "level 1")                                                         \
    X(m.levels[1].first_grid = 3, "level 1: grids are not consecutive")                          \
    X(m.levels[1].n_grids = 2, "level 2: grids are not consecutive")                             \
    X(m.levels[2].n_grids = UINT32_MAX, "level 2: grids are not consecutive")                    \
    X(m.levels[2].n_grids--, "grid 10: has no level")                                            \
    X(m.n_levels = 2, "grid 5: has no level")                                                    \
    /* grids: themselves, parents, children */                                                   \
    X(m.grids[3].level = 0, "grid 3: level, text, division or kind")                             \
    X(m.grids[3].code = far, "grid 3: level, text, division or kind")                            \
    X(m.grids[3].name = far, "grid 3: level, text, division or kind")                            \
    X(m.grids[3].label.x = INT32_MAX, "grid 3: level, text, division or kind")                   \
    X(m.grids[3].division = 3, "grid 3: level, text, division or kind")                          \
    X(m.grids[3].division = XW_NONE, "grid 3: level, text, division or kind")                    \
    X(m.grids[3].kind = XW_GRID_RESERVED + 1, "grid 3: level, text, division or kind")           \
    X(m.grids[0].parent = 1, "grid 0: parent is not one level up")                               \
    X(m.grids[6].parent = 0, "grid 2: child of another")                                         \
    X(m.grids[10].parent = XW_NONE, "grid 4: child of another")                                  \
    X((m.grids[0].children = 1, m.grids[0].households = 18),                                     \
      "level 1: has a grid that is no child")                                                    \
    X(m.grids[0].n_units = 1, "grid 0: children are not one level down")                         \
    X(m.grids[0].children = 0, "grid 0: children are not one level down")                        \
    X(m.grids[0].children = UINT32_MAX, "grid 0: children are not one level down")               \
    X(m.grids[0].first_child = 1, "grid 0: children are not one level down")                     \
    X(m.grids[1].first_child = 5, "grid 1: children are not one level down")                     \
    X(m.grids[1].first_child = 3, "grid 1: child of another")                                    \
    X(m.grids[0].children = 1, "grid 0: households do not add up")                               \
    X(m.grids[0].households--, "grid 0: households do not add up")                               \
    X(m.grids[4].households++, "grid 1: households do not add up")                               \
    /* teams and their units */                                                                  \
    X(m.grids[6].first_child = 3, "grid 6: units are not consecutive")                           \
    X(m.grids[10].n_units = UINT32_MAX, "grid 10: units are not consecutive")                    \
    X(m.grid_units[3] = 12, "grid 6: foreign unit")                                              \
    X(m.grid_units[3] = UINT32_MAX, "grid 6: foreign unit")                                      \
    X(m.grid_units[3] = 0, "grid 6: foreign unit")                                               \
    X(m.units[3].grid = 7, "grid 6: foreign unit")                                               \
    X(m.units[3].grid = XW_NONE, "grid 6: foreign unit")                                         \
    X(m.units[8].grid = 10, "grid 6: foreign unit")                                              \
    X((m.units[0].households++, m.plots[0].households++), "grid 5: households do not add up")    \
    X((m.grids[5].households++, m.grids[2].households++, m.grids[0].households++),               \
      "grid 5: households do not add up")                                                        \
    X(m.grids[10].n_units = 0, "unit 11: is in no grid")                                         \
    X((m.grids[10].n_units = 0, m.n_grid_units--), "unit 12: not in one grid")                   \
    X((m.grids[10].n_units = 0, m.n_grid_units--, m.units[11].grid = XW_NONE),                   \
      "unit 11: has no grid")                                                                    \
    X((m.grids[10].n_units = 0, m.n_grid_units--, m.units[11].grid = 0), "unit 11: has no grid") \
    X((m.n_levels = 0, m.n_grids = 0, m.n_grid_units = 0), "unit 0: has no grid")                \
    /* order */                                                                                  \
    X(m.grids[6].code = m.grids[5].code, "grid 6: codes are not ascending")                      \
    X(m.grids[1].code = 0, "grid 1: codes are not ascending")

static void assert_refused(const char *what, const char *text)
{
    xw_error err = {XW_OK, ""};
    const xw_status st = xw_model_validate(&m, &err);
    if (st != XW_INPUT) fail_msg("%s: status %d %s, wanted \"%s\"", what, st, err.text, text);
    if (!strstr(err.text, text)) fail_msg("%s: \"%s\", wanted \"%s\"", what, err.text, text);
    assert_int_equal(xw_model_validate(&m, NULL), XW_INPUT);
    xw_model_finish(&m);
}

static void test_each_corruption_is_refused_by_name(void **state)
{
    (void)state;
    int n = 0;
#define X(corrupt, text)             \
    assert_true(toy_model_make(&m)); \
    (void)(corrupt);                 \
    assert_refused(#corrupt, text);  \
    n++;
    CORRUPTIONS(X)
#undef X
    assert_true(n > 100);
}

static void test_valid_models_are_accepted(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("model");
    xw_error err = {XW_OK, ""};
    xw_model_init(&m);
    assert_int_equal(xw_model_validate(&m, &err), XW_OK);
    assert_true(toy_model_make(&m));
    if (xw_model_validate(&m, &err)) fail_msg("toy: %s", err.text);
    xw_model_finish(&m);
    for (int round = 0; round < 50; round++) {
        const block_town_options town = block_town_draw(&r);
        block_town_build(&town, &r, &m);
        if (xw_model_validate(&m, &err)) fail_msg("town: %s", err.text);
        xw_model_finish(&m);
    }
}

static void test_grids_are_found_by_code_and_level(void **state)
{
    (void)state;
    assert_true(toy_model_make(&m));
    for (uint32_t g = 0; g < m.n_grids; g++) {
        assert_int_equal(xw_model_grid_by_code(&m, xw_model_text(&m, m.grids[g].code)), g);
        for (uint32_t l = 0; l <= m.grids[g].level; l++) {
            uint32_t up = g;
            for (uint32_t k = m.grids[g].level; k > l; k--) up = m.grids[up].parent;
            assert_int_equal(xw_model_grid_at(&m, g, l), up);
            assert_int_equal(m.grids[up].level, l);
        }
    }
    assert_int_equal(xw_model_grid_at(&m, XW_NONE, 0), XW_NONE);
    static const char *const none[] = {"", "9", "99910100100100", "9991010010010010103", "网"};
    for (size_t i = 0; i < 5; i++) assert_int_equal(xw_model_grid_by_code(&m, none[i]), XW_NONE);
    assert_int_equal(xw_model_level(&m, "zone"), 0);
    assert_int_equal(xw_model_level(&m, "team"), 2);
    assert_int_equal(xw_model_level(&m, "Team"), XW_NONE);
    const xw_box box = xw_model_box(&m);
    const xw_box want = {{TOY_X, TOY_Y}, {TOY_X + 3 * TOY_STEP, TOY_Y + 3 * TOY_STEP}};
    assert_memory_equal(&box, &want, sizeof box);
    xw_model_finish(&m);
    assert_true(xw_box_is_empty(xw_model_box(&m)));
    assert_int_equal(xw_model_grid_by_code(&m, "9"), XW_NONE);
}

static void test_words_of_codes_are_never_null(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(xw_plot_kind_text(i)[0] != '\0', i <= XW_PLOT_WATER);
        assert_int_equal(xw_basis_text(i)[0] != '\0', i <= XW_BASIS_BETWEEN);
        assert_int_equal(xw_grid_kind_text(i)[0] != '\0', i <= XW_GRID_RESERVED);
        if (i >= XW_CLASS_COUNT) assert_int_equal(xw_basis_of_class(i), XW_BASIS_BETWEEN);
    }
    assert_int_equal(xw_basis_of_class(XW_CLASS_RESIDENTIAL), XW_BASIS_ROAD);
    assert_int_equal(xw_basis_of_class(XW_CLASS_STREAM), XW_BASIS_WATER);
    assert_int_equal(xw_basis_of_class(XW_CLASS_DIVISION), XW_BASIS_DIVISION);
}

static void test_more_elements_than_indices_are_refused(void **state)
{
    (void)state;
    xw_model_init(&m);
    m.n_plots = XW_NONE - 1; /* as if they were there; none is read */
    assert_null(XW_MODEL_ADD(&m, plots));
    assert_int_equal(m.n_plots, XW_NONE - 1);
    m.n_pts = XW_NONE - 1;
    uint32_t first;
    const xw_pt two[2] = {{0, 0}, {1, 1}};
    assert_int_equal(xw_model_add_pts(&m, two, 2, &first, NULL), XW_LIMIT);
    xw_model_init(&m);
}

static void test_borrowed_arrays_are_left_alone(void **state)
{
    (void)state;
    xw_model owner;
    assert_true(toy_model_make(&owner));
    m = owner;
    m.borrowed = true;
    xw_model_finish(&m);
    assert_int_equal(m.n_plots, 0);
    assert_int_equal(xw_model_validate(&owner, NULL), XW_OK);
    xw_model_finish(&owner);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int k = 0;; k++) {
        xw_model t;
        fail_alloc_at(k);
        const bool made = toy_model_make(&t);
        const bool failed = fail_alloc_stop();
        assert_int_equal(made, !failed);
        xw_model_finish(&t);
        if (!failed) {
            assert_true(k > 20);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_corruption_is_refused_by_name),
        cmocka_unit_test(test_valid_models_are_accepted),
        cmocka_unit_test(test_grids_are_found_by_code_and_level),
        cmocka_unit_test(test_words_of_codes_are_never_null),
        cmocka_unit_test(test_more_elements_than_indices_are_refused),
        cmocka_unit_test(test_borrowed_arrays_are_left_alone),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
