/* What an answer says of the surroundings, against looking at everything. */
#include "xiwang/answer.h"

#include "support/test.h"
#include "support/toy_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static xw_snapshot *snap;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "around-test-XXXXXX");
    const int fd = mkstemp(path);
    xw_model m;
    xw_error err = {0};
    if (fd < 0 || close(fd) || !toy_model_make(&m)) return -1;
    if (xw_snapshot_write(&m, path, NULL, &err) || xw_snapshot_open(path, &snap, &err)) {
        (void)fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    xw_model_finish(&m);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    xw_snapshot_close(snap);
    (void)unlink(path);
    return 0;
}

static xw_answer ask(xw_query q)
{
    xw_answer a;
    xw_error err = {0};
    if (xw_answer_locate(snap, &q, &a, &err)) fail_msg("%s", err.text);
    return a;
}

static xw_query at(int32_t dx, int32_t dy)
{
    return (xw_query){.x = xw_deg(TOY_X + dx), .y = xw_deg(TOY_Y + dy)};
}

/* By sampling the segment finely: within a millimetre for sides of 30 m. */
static double sampled_m(xw_scale k, xw_pt p, xw_pt a, xw_pt b)
{
    double best = INFINITY;
    for (int i = 0; i <= 4000; i++) {
        const double t = i / 4000.0;
        best = fmin(best, hypot((a.x + t * (b.x - a.x) - p.x) * k.mx,
                                (a.y + t * (b.y - a.y) - p.y) * k.my));
    }
    return best;
}

static double nearest_wall_m(xw_pt p, uint32_t b)
{
    const xw_model *m = xw_snapshot_model(snap);
    const xw_scale k = xw_scale_at(p.y);
    double best = INFINITY;
    const xw_model_building *x = &m->buildings[b];
    for (uint32_t r = x->first_ring; r < x->first_ring + x->n_rings; r++) {
        const xw_span s = m->rings[r];
        for (uint32_t i = 0; i < s.n; i++) {
            best = fmin(best, sampled_m(k, p, m->pts[s.first + i],
                                        m->pts[s.first + (i + 1 == s.n ? 0 : i + 1)]));
        }
    }
    return best;
}

static double edge_m(xw_pt p, uint32_t edge)
{
    const xw_model *m = xw_snapshot_model(snap);
    const xw_edge *e = &m->edges[edge];
    double best = INFINITY;
    for (uint32_t v = e->first; v + 1 < e->first + e->n; v++) {
        best = fmin(best, sampled_m(xw_scale_at(p.y), p, m->pts[v], m->pts[v + 1]));
    }
    return best;
}

static void test_a_point_near_a_wall_belongs_to_the_nearest_building(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("snap");
    const xw_model *m = xw_snapshot_model(snap);
    int snapped = 0, moved = 0;
    for (int i = 0; i < 600; i++) {
        xw_query q = at(xw_rng_in(&r, -1000, 10000), xw_rng_in(&r, -1000, 10000));
        const xw_answer plain = ask(q);
        q.snap_m = 12;
        const xw_answer a = ask(q);
        if (plain.building != XW_NONE) {
            assert_int_equal(a.building, plain.building);
            assert_int_equal(a.plot, plain.plot);
            assert_true(a.building_distance_m == 0.0);
            continue;
        }
        double best = INFINITY;
        for (uint32_t b = 0; b < m->n_buildings; b++) best = fmin(best, nearest_wall_m(a.at, b));
        if (a.building == XW_NONE) {
            assert_true(best > 12 - 0.002);
            continue;
        }
        snapped++;
        if (fabs(a.building_distance_m - best) > 0.002) {
            fail_msg("%.4f m is not %.4f m", a.building_distance_m, best);
        }
        assert_int_equal(a.plot, m->buildings[a.building].plot);
        if (a.plot != plain.plot) {
            moved++;
            assert_true(a.rule == XW_RULE_BUILDING || a.rule == XW_RULE_TOWER);
        }
    }
    assert_true(snapped > 50 && moved > 0);
}

static void test_a_point_outside_gets_the_nearest_grid_and_says_so(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("nearest");
    const xw_model *m = xw_snapshot_model(snap);
    int found = 0, none = 0;
    for (int i = 0; i < 300; i++) {
        xw_query q = at(xw_rng_in(&r, -8000, 17000), xw_rng_in(&r, -8000, 17000));
        const xw_answer plain = ask(q);
        q.nearest_m = 40;
        const xw_answer a = ask(q);
        if (plain.plot != XW_NONE) {
            assert_int_equal(a.rule, plain.rule);
            assert_true(a.distance_m == 0.0);
            continue;
        }
        assert_int_equal(plain.rule, XW_RULE_OUTSIDE);
        double best = INFINITY;
        for (uint32_t e = 0; e < m->n_edges; e++) best = fmin(best, edge_m(a.at, e));
        assert_int_equal(a.plot, XW_NONE);
        assert_int_equal(a.certain_level, XW_NONE);
        if (a.rule == XW_RULE_OUTSIDE) {
            assert_true(best > 40 - 0.002);
            none++;
            continue;
        }
        assert_int_equal(a.rule, XW_RULE_NEAREST);
        assert_true(a.grid != XW_NONE && fabs(a.distance_m - best) < 0.002);
        assert_int_equal(a.n_candidates > 0, 1);
        assert_true(a.candidates[0].probability == 0.0 && a.level_probability[0] == 0.0);
        found++;
    }
    assert_true(found > 20 && none > 20);
}

static void test_a_carriageway_is_the_custodians_when_asked(void **state)
{
    (void)state;
    const xw_model *m = xw_snapshot_model(snap);
    int on = 0;
    for (int32_t dy = 2000; dy <= 4000; dy += 25) {
        xw_query q = at(1500, dy);
        const xw_answer plain = ask(q);
        if (plain.building != XW_NONE) {
            assert_int_equal(plain.road_edge, XW_NONE);
            continue;
        }
        if (plain.road_edge == XW_NONE) continue;
        const xw_edge *e = &m->edges[plain.road_edge];
        const double off = edge_m(plain.at, plain.road_edge);
        assert_true(fabs(plain.road_distance_m - off) < 0.002);
        assert_true(off <= xw_carriageway_half_m(e->cls) + 0.002);
        assert_string_equal(xw_model_text(m, e->name), "和平路");
        q.custody = true;
        const xw_answer a = ask(q);
        if (e->custody == XW_NONE) {
            assert_int_equal(a.rule, plain.rule);
            continue;
        }
        assert_int_equal(a.rule, XW_RULE_CUSTODY);
        assert_int_equal(a.plot, e->custody);
        on++;
    }
    assert_true(on > 5);
    assert_int_equal(ask(at(1500, TOY_STEP * 2 - 200)).road_edge, XW_NONE);
    assert_true(xw_carriageway_half_m(XW_CLASS_RIVER) == 0.0);
    assert_true(xw_carriageway_half_m(XW_CLASS_MOTORWAY) == XW_CARRIAGEWAY_MAX_M);
    assert_true(xw_carriageway_half_m(XW_CLASS_NONE) == 0.0);
}

static void test_numbers_of_another_system_are_suspected(void **state)
{
    (void)state;
    xw_query q = at(1500, 1500);
    const uint32_t plot = ask(q).plot;
    assert_null(ask(q).suspect_crs);

    xw_query gcj = q, bd = q;
    xw_gcj02_from_wgs84(q.x, q.y, &gcj.x, &gcj.y);
    xw_bd09_from_gcj02(gcj.x, gcj.y, &bd.x, &bd.y);
    xw_answer a = ask(gcj); /* said to be CGCS2000 */
    assert_int_equal(a.plot, XW_NONE);
    assert_string_equal(a.suspect_crs, "gcj02");
    assert_int_equal(a.suspect_plot, plot);
    a = ask(bd);
    assert_string_equal(a.suspect_crs, "bd09");
    assert_int_equal(a.suspect_plot, plot);

    xw_crs *crs = NULL;
    assert_int_equal(xw_crs_create("gcj02", &crs, NULL), XW_OK);
    q.crs = crs; /* plain numbers, said to be GCJ-02 */
    a = ask(q);
    assert_int_equal(a.plot, XW_NONE);
    assert_string_equal(a.suspect_crs, "wgs84");
    gcj.crs = crs;
    assert_null(ask(gcj).suspect_crs);
    xw_crs_destroy(crs);

    const xw_query far = {.x = -73.9, .y = 40.7}; /* the formula does nothing there */
    assert_null(ask(far).suspect_crs);
}

static void expect_refused(xw_query q, const char *text)
{
    xw_answer a;
    xw_error err = {0};
    assert_int_equal(xw_answer_locate(snap, &q, &a, &err), XW_INPUT);
    if (!strstr(err.text, text)) fail_msg("no \"%s\" in \"%s\"", text, err.text);
}

static void test_impossible_distances_are_refused(void **state)
{
    (void)state;
    expect_refused((xw_query){.x = 119, .y = 26, .snap_m = -1}, "snap -1");
    expect_refused((xw_query){.x = 119, .y = 26, .snap_m = 21}, "snap 21");
    expect_refused((xw_query){.x = 119, .y = 26, .nearest_m = NAN}, "nearest");
    expect_refused((xw_query){.x = 119, .y = 26, .nearest_m = 1001}, "nearest 1001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_point_near_a_wall_belongs_to_the_nearest_building),
        cmocka_unit_test(test_a_point_outside_gets_the_nearest_grid_and_says_so),
        cmocka_unit_test(test_a_carriageway_is_the_custodians_when_asked),
        cmocka_unit_test(test_numbers_of_another_system_are_suspected),
        cmocka_unit_test(test_impossible_distances_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
