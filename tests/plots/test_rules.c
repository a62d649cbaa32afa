/* Each rule of the manual on the smallest territory that shows it. Metres become lattice units near
 * 26.2 N, where a degree of longitude is about 99.9 km and of latitude 110.8 km. */
#include "support/test.h"

#include "xiwang/plots.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static xw_pt at(double x_m, double y_m)
{
    const xw_scale k = xw_scale_at(262000000);
    return (xw_pt){1190000000 + (int32_t)lround(x_m / k.mx),
                   262000000 + (int32_t)lround(y_m / k.my)};
}

static xw_territory t;
static xw_model m;

static void add_box(double x, double y, double w, double h)
{
    const xw_pt ring[4] = {at(x, y), at(x + w, y), at(x + w, y + h), at(x, y + h)};
    assert_int_equal(xw_territory_add_ring(&t, ring, 4, NULL), XW_OK);
}

static void add_division(double x, double y, double w, double h)
{
    xw_division d = {.area = {(uint32_t)t.n_rings, 1}};
    char code[16];
    (void)snprintf(code, sizeof code, "9990000000%02zu", t.n_divisions);
    add_box(x, y, w, h);
    assert_int_equal(xw_strings_add(&t.text, code, &d.code, NULL), XW_OK);
    assert_int_equal(xw_territory_add_division(&t, &d, NULL), XW_OK);
}

static void add_house(double x, double y, double w, double h, int households, int floors)
{
    xw_building b = {.area = {(uint32_t)t.n_rings, 1},
                     .households = households,
                     .floors = (uint16_t)floors,
                     .height_m = 3.0f * (float)floors};
    char source[24];
    (void)snprintf(source, sizeof source, "house/%zu", t.n_buildings);
    add_box(x, y, w, h);
    assert_int_equal(xw_strings_add(&t.text, source, &b.source, NULL), XW_OK);
    assert_int_equal(xw_territory_add_building(&t, &b, NULL, NULL), XW_OK);
}

static void add_line(unsigned cls, unsigned flags, double x0, double y0, double x1, double y1)
{
    const xw_pt p[2] = {at(x0, y0), at(x1, y1)};
    xw_barrier b = {.n = 2, .cls = (uint8_t)cls, .flags = (uint8_t)flags};
    assert_int_equal(xw_territory_add_pts(&t, p, 2, &b.first, NULL), XW_OK);
    assert_int_equal(xw_territory_add_barrier(&t, &b, NULL), XW_OK);
}

static void build(void)
{
    xw_error err = {XW_OK, ""};
    if (xw_plots_build(&t, NULL, NULL, &m, &err)) fail_msg("%s", err.text);
    assert_int_equal(xw_model_validate(&m, NULL), XW_OK);
}

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

static double length_where(int basis, int cls)
{
    double sum = 0.0;
    for (size_t i = 0; i < m.n_edges; i++) {
        const xw_edge *e = &m.edges[i];
        if (e->right != XW_NONE && (basis < 0 || e->basis == basis) && (cls < 0 || e->cls == cls)) {
            sum += (double)e->length_m;
        }
    }
    return sum;
}

static size_t plots_of_kind(unsigned kind)
{
    size_t n = 0;
    for (size_t i = 0; i < m.n_plots; i++) n += m.plots[i].kind == kind;
    return n;
}

static size_t findings_of(const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < m.n_findings; i++) {
        n += strcmp(xw_model_text(&m, m.findings[i].kind), kind) == 0;
    }
    return n;
}

static size_t blocks(void)
{
    uint32_t most = 0;
    for (size_t i = 0; i < m.n_plots; i++) most = m.plots[i].block > most ? m.plots[i].block : most;
    return m.n_plots ? most + 1 : 0;
}

/* A lane into the block with houses on both sides of it, not opposite to each other. */
static void lane_of(double length)
{
    add_division(0, 0, 120, 120);
    add_line(XW_CLASS_RESIDENTIAL, 0, 60, 0, 60, length);
    for (int i = 0; i < 4; i++) {
        add_house(42, 5 + 30 * i, 10, 10, 1, 1);
        add_house(66, 17 + 30 * i, 10, 10, 1, 1);
    }
    build();
    assert_int_equal(m.n_plots, 8);
}

static void test_a_long_dead_end_parts_the_houses_beside_it(void **state)
{
    (void)state;
    lane_of(80);
    assert_true(fabs(length_where(XW_BASIS_ROAD, XW_CLASS_RESIDENTIAL) - 80) < 12);
}

static void test_a_short_dead_end_is_nobodys_border(void **state)
{
    (void)state;
    lane_of(25);
    assert_true(length_where(XW_BASIS_ROAD, -1) == 0.0);
}

static void test_a_road_that_stops_two_metres_short_is_joined(void **state)
{
    (void)state;
    add_division(0, 0, 100, 100);
    add_line(XW_CLASS_PRIMARY, 0, 0, 60, 100, 60);
    add_line(XW_CLASS_RESIDENTIAL, 0, 50, 0, 50, 58);
    build();
    assert_int_equal(blocks(), 3);
}

static void test_a_road_that_stops_five_metres_short_is_not_joined(void **state)
{
    (void)state;
    add_division(0, 0, 100, 100);
    add_line(XW_CLASS_PRIMARY, 0, 0, 60, 100, 60);
    add_line(XW_CLASS_RESIDENTIAL, 0, 50, 0, 50, 55);
    build();
    assert_int_equal(blocks(), 2);
}

static void test_a_dual_carriageway_leaves_no_sliver(void **state)
{
    (void)state;
    add_division(0, 0, 200, 200);
    add_line(XW_CLASS_PRIMARY, 0, 0, 95, 200, 95);
    add_line(XW_CLASS_PRIMARY, 0, 0, 105, 200, 105);
    add_house(50, 50, 10, 10, 1, 1);
    add_house(50, 150, 10, 10, 1, 1);
    build();
    assert_int_equal(blocks(), 2);
    assert_true(fabs(length_where(XW_BASIS_ROAD, XW_CLASS_PRIMARY) - 200) < 1);
}

static void test_a_wide_strip_between_roads_is_a_block(void **state)
{
    (void)state;
    add_division(0, 0, 200, 200);
    add_line(XW_CLASS_PRIMARY, 0, 0, 80, 200, 80);
    add_line(XW_CLASS_PRIMARY, 0, 0, 120, 200, 120);
    build();
    assert_int_equal(blocks(), 3);
}

static void test_a_lone_house_does_not_own_the_fields(void **state)
{
    (void)state;
    add_division(0, 0, 900, 900);
    add_house(400, 400, 10, 10, 1, 1);
    build();
    assert_int_equal(plots_of_kind(XW_PLOT_BUILDING), 1);
    assert_true(plots_of_kind(XW_PLOT_OPEN) >= 1);
    double house = 0.0;
    for (size_t i = 0; i < m.n_plots; i++) {
        if (m.plots[i].kind == XW_PLOT_BUILDING) house += m.plots[i].area_m2;
    }
    assert_true(house > 2000.0 && house < 3.15 * 90 * 90);
}

static void test_a_house_across_a_road_goes_where_most_of_it_lies(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_line(XW_CLASS_RESIDENTIAL, 0, 0, 30, 60, 30);
    add_house(25, 24, 10, 20, 2, 1); /* six metres south, fourteen north */
    build();
    assert_int_equal(findings_of("building-across"), 1);
    assert_int_equal(m.n_plots, 2);
    bool detour = false;
    for (size_t i = 0; i < m.n_edges; i++) detour |= (m.edges[i].flags & XW_EDGE_DETOUR) != 0;
    assert_true(detour);
    for (size_t i = 0; i < m.n_plots; i++) {
        const double half = 60.0 * 30.0, moved = 10.0 * 6.0;
        const double want = m.plots[i].kind == XW_PLOT_BUILDING ? half + moved : half - moved;
        assert_true(fabs(m.plots[i].area_m2 - want) < 2.0);
    }
}

static void river_with(unsigned flags, bool road)
{
    add_division(0, 0, 100, 100);
    add_line(XW_CLASS_RIVER, XW_BARRIER_IMPASSABLE, 0, 50, 100, 50);
    if (road) add_line(XW_CLASS_RESIDENTIAL, flags, 50, 0, 50, 100);
    add_house(10, 10, 10, 10, 1, 1);
    add_house(10, 80, 10, 10, 1, 1);
    build();
}

static bool any_crossed(void)
{
    bool crossed = false;
    for (size_t i = 0; i < m.n_edges; i++) {
        if (m.edges[i].cls == XW_CLASS_RIVER) crossed |= (m.edges[i].flags & XW_EDGE_CROSSED) != 0;
    }
    return crossed;
}

static void test_a_bridge_opens_a_river(void **state)
{
    (void)state;
    river_with(XW_BARRIER_BRIDGE, true);
    assert_true(any_crossed());
}

static void test_a_tunnel_opens_a_river_and_bounds_nothing(void **state)
{
    (void)state;
    river_with(XW_BARRIER_TUNNEL, true);
    assert_true(any_crossed());
    assert_int_equal(blocks(), 2);
}

static void test_a_river_without_a_bridge_stays_shut(void **state)
{
    (void)state;
    river_with(0, false);
    assert_false(any_crossed());
}

static void test_a_shared_wall_is_the_border_of_row_houses(void **state)
{
    (void)state;
    add_division(0, 0, 40, 40);
    add_house(10, 15, 8, 10, 1, 1);
    add_house(18, 15, 8, 10, 1, 1);
    build();
    assert_int_equal(m.n_plots, 2);
    assert_true(fabs(length_where(XW_BASIS_BUILDING, -1) - 10.0) < 0.3);
    /* the rest runs straight on to the rim: half of what is left of 40 m each way */
    assert_true(fabs(length_where(XW_BASIS_BETWEEN, -1) - 30.0) < 0.5);
}

static void test_the_smaller_of_two_overlapping_houses_wins(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(10, 10, 30, 30, 1, 1);
    add_house(35, 15, 10, 10, 1, 1);
    build();
    assert_int_equal(findings_of("building-overlap"), 1);
    assert_int_equal(m.n_plots, 2);
    assert_int_equal(length_where(XW_BASIS_BUILDING, -1) > 15.0, 1);
}

static void test_everybody_who_loses_land_to_an_overlap_is_named(void **state)
{
    (void)state;
    add_division(0, 0, 80, 60);
    add_house(10, 10, 20, 20, 1, 1);
    add_house(30, 10, 20, 21, 1, 1);
    add_house(25, 15, 10, 10, 1, 1);
    build();
    assert_int_equal(findings_of("building-overlap"), 2);
}

static void test_an_overlap_wider_than_the_lattice_is_listed_however_small(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(10, 10, 20, 20, 1, 1);
    add_house(29.96, 15, 10, 1, 1, 1); /* 4 cm over a metre */
    build();
    assert_int_equal(findings_of("building-overlap"), 1);
}

static void test_a_part_that_lies_behind_another_house_is_listed(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(5, 20, 10, 20, 1, 1);
    add_box(45, 20, 8, 20); /* its second part */
    t.buildings[0].area.n_rings = 2;
    add_house(20, 0, 20, 60, 1, 1);
    build();
    assert_int_equal(findings_of("building-parts"), 1);
    assert_int_equal(findings_of("building-overlap"), 0);
}

static void test_a_tower_becomes_floors(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(20, 20, 20, 20, 48, 12);
    build();
    assert_int_equal(m.n_units, 12);
    for (size_t i = 0; i < m.n_units; i++) {
        assert_int_equal(m.units[i].households, 4);
        assert_int_equal(m.units[i].floor_min, i + 1);
    }
}

static void test_a_floor_above_the_cap_becomes_doors(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(20, 20, 20, 20, 25, 1);
    build();
    assert_int_equal(m.n_units, 3);
    for (size_t i = 0; i < m.n_units; i++) assert_true(m.units[i].households <= 10);
}

/* Whatever the tower: every household is in a unit, floors ascend, only a floor above ten is cut,
 * and where all floors are, full runs of doors leave no room but in the last. */
static void test_any_tower_keeps_its_households_and_floors(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("towers");
    add_division(0, 0, 3000, 60);
    int households[40], floors[40];
    for (int i = 0; i < 40; i++) {
        floors[i] = 1 + (int)xw_rng_below(&rng, 50);
        households[i] = 11 + (int)xw_rng_below(&rng, (uint32_t)floors[i] * 30);
        add_house(20 + 70 * i, 20, 20, 20, households[i], floors[i]);
    }
    build();
    for (size_t b = 0; b < m.n_buildings; b++) {
        const xw_plot *p = &m.plots[m.buildings[b].plot];
        const uint32_t all = m.buildings[b].households, high = m.buildings[b].floors;
        uint32_t sum = 0, room = 0, runs = 0;
        for (uint32_t u = p->first_unit; u < p->first_unit + p->n_units; u++) {
            const xw_unit *v = &m.units[u];
            const uint32_t on_floor = (uint32_t)((uint64_t)v->floor_min * all / high -
                                                 ((uint64_t)v->floor_min - 1) * all / high);
            assert_int_equal(v->floor_min, v->floor_max);
            assert_true(v->households <= 10);
            if (u == p->first_unit) {
                assert_int_equal(v->floor_min, 1);
            } else {
                const int step = v->floor_min - v[-1].floor_min;
                assert_true(step == 1 || (step == 0 && on_floor > 10));
            }
            if (v->households > room) {
                runs++;
                room = 10;
            }
            room -= v->households;
            sum += v->households;
        }
        assert_int_equal(m.units[p->first_unit + p->n_units - 1].floor_min, high);
        assert_int_equal(sum, all);
        if (all / high > 10) assert_int_equal(runs, (all + 9) / 10);
    }
}

static void test_streets_drawn_as_one_parcel_are_land(void **state)
{
    (void)state;
    add_division(0, 0, 500, 500);
    for (int i = 1; i < 5; i++) add_line(XW_CLASS_RESIDENTIAL, 0, 100 * i, 0, 100 * i, 500);
    add_house(50, 200, 400, 100, 0, 1);
    build();
    assert_int_equal(findings_of("building-land"), 1);
    assert_int_equal(plots_of_kind(XW_PLOT_BUILDING), 0);
    assert_int_equal(blocks(), 5);
}

static void test_a_house_outside_is_listed_and_has_no_plot(void **state)
{
    (void)state;
    add_division(0, 0, 60, 60);
    add_house(20, 20, 10, 10, 1, 1);
    add_house(200, 20, 10, 10, 1, 1);
    build();
    assert_int_equal(findings_of("building-outside"), 1);
    assert_int_equal(m.n_plots, 1);
    assert_int_equal(m.n_units, 1);
}

/* Area between the equator and a latitude, by radian of longitude (CGCS2000): what authalic
 * latitude is made of. */
static double zone_m2(double lat)
{
    const double a = 6378137.0, f = 1.0 / 298.257222101, e2 = f * (2.0 - f), e = sqrt(e2);
    const double s = sin(lat / XW_UNITS_PER_DEG * (M_PI / 180.0));
    return a * a * (1.0 - e2) / 2.0 * (s / (1.0 - e2 * s * s) + atanh(e * s) / e);
}

/* A wedge of 25 km with its broad end in the north, in thin slices. */
static void test_a_tall_plot_has_its_area_on_the_ellipsoid(void **state)
{
    (void)state;
    const xw_pt ring[3] = {at(0, 0), at(4000, 25000), at(0, 25000)};
    xw_division d = {.area = {0, 1}};
    assert_int_equal(xw_territory_add_ring(&t, ring, 3, NULL), XW_OK);
    assert_int_equal(xw_strings_add(&t.text, "999000000000", &d.code, NULL), XW_OK);
    assert_int_equal(xw_territory_add_division(&t, &d, NULL), XW_OK);
    build();
    assert_int_equal(m.n_plots, 1);
    enum { SLICES = 20000 };
    const double south = ring[0].y, step = ((double)ring[1].y - south) / SLICES;
    double want = 0.0;
    for (int i = 0; i < SLICES; i++) {
        const double width = (i + 0.5) / SLICES * ((double)ring[1].x - ring[0].x);
        want += width / XW_UNITS_PER_DEG * (M_PI / 180.0) *
                (zone_m2(south + (i + 1) * step) - zone_m2(south + i * step));
    }
    assert_true(fabs(m.plots[0].area_m2 / want - 1.0) < 1e-6);
}

int main(void)
{
#define RULE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        RULE(test_a_long_dead_end_parts_the_houses_beside_it),
        RULE(test_a_short_dead_end_is_nobodys_border),
        RULE(test_a_road_that_stops_two_metres_short_is_joined),
        RULE(test_a_road_that_stops_five_metres_short_is_not_joined),
        RULE(test_a_dual_carriageway_leaves_no_sliver),
        RULE(test_a_wide_strip_between_roads_is_a_block),
        RULE(test_a_lone_house_does_not_own_the_fields),
        RULE(test_a_house_across_a_road_goes_where_most_of_it_lies),
        RULE(test_a_bridge_opens_a_river),
        RULE(test_a_tunnel_opens_a_river_and_bounds_nothing),
        RULE(test_a_river_without_a_bridge_stays_shut),
        RULE(test_a_shared_wall_is_the_border_of_row_houses),
        RULE(test_the_smaller_of_two_overlapping_houses_wins),
        RULE(test_everybody_who_loses_land_to_an_overlap_is_named),
        RULE(test_an_overlap_wider_than_the_lattice_is_listed_however_small),
        RULE(test_a_part_that_lies_behind_another_house_is_listed),
        RULE(test_a_tower_becomes_floors),
        RULE(test_a_floor_above_the_cap_becomes_doors),
        RULE(test_any_tower_keeps_its_households_and_floors),
        RULE(test_streets_drawn_as_one_parcel_are_land),
        RULE(test_a_house_outside_is_listed_and_has_no_plot),
        RULE(test_a_tall_plot_has_its_area_on_the_ellipsoid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
