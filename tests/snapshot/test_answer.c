#include "xiwang/answer.h"

#include "support/test.h"
#include "support/toy_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void assert_near(double got, double want, double within)
{
    if (!(fabs(got - want) <= within)) fail_msg("%.9g is not %.9g", got, want);
}

/* Indices of the toy. */
enum { A00, A10, A01, A02, A11, A12, POND, B20, B21, B22 };
enum { ZONE_A = 0, TEAM_1 = 5, TEAM_2 = 6, TOWER_LOW = 7, TOWER_HIGH = 8, TEAM_B = 9, SCHOOL = 10 };

static char path[64];
static xw_snapshot *snap;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/xw-answer-XXXXXX");
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

/* Asks for a point so many units east and north of the toy's south-west corner. */
static xw_answer ask(int32_t dx, int32_t dy, double accuracy_m, int floor)
{
    const xw_query q = {.x = xw_deg(TOY_X + dx),
                        .y = xw_deg(TOY_Y + dy),
                        .accuracy_m = accuracy_m,
                        .has_floor = floor != 0,
                        .floor = floor};
    xw_answer a;
    xw_error err = {0};
    if (xw_answer_locate(snap, &q, &a, &err)) fail_msg("%s", err.text);
    return a;
}

static void test_a_house_has_one_sure_answer(void **state)
{
    (void)state;
    const xw_answer a = ask(1500, 1500, 0, 0);
    assert_int_equal(a.rule, XW_RULE_INSIDE);
    assert_false(a.on_boundary);
    assert_int_equal(a.plot, A00);
    assert_int_equal(a.building, 4);
    assert_int_equal(a.grid, TEAM_1);
    assert_int_equal(a.certain_level, 2);
    assert_int_equal(a.n_candidates, 1);
    assert_int_equal(a.candidates[0].grid, TEAM_1);
    assert_true(a.candidates[0].probability == 1.0 && a.candidates[0].distance_m == 0.0);
    assert_true(a.level_probability[0] == 1.0 && a.level_probability[2] == 1.0);
    const xw_scale s = xw_scale_at(TOY_Y + 1500);
    assert_near(a.same_answer_within_m, 1500 * s.mx, 0.01);
}

static void test_the_court_of_a_house_is_no_part_of_its_building(void **state)
{
    (void)state;
    assert_int_equal(ask(4500, 1500, 0, 0).building, XW_NONE);
    assert_int_equal(ask(4500 + 400, 1500, 0, 0).building, 0);
    assert_int_equal(ask(4500, 1500, 0, 0).plot, A10);
}

static void test_every_point_is_in_the_plot_whose_rings_own_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("answers");
    const xw_model *m = xw_snapshot_model(snap);
    for (int i = 0; i < 20000; i++) {
        const int32_t dx = xw_rng_in(&r, -2000, 11000), dy = xw_rng_in(&r, -2000, 11000);
        const xw_pt p = {TOY_X + dx, TOY_Y + dy};
        uint32_t want = XW_NONE;
        for (uint32_t k = 0; k < m->n_plots; k++) {
            const xw_shape s = xw_snapshot_shape(snap, XW_SHAPE_PLOT, k);
            bool in = false;
            for (uint32_t g = 0; g < s.n_rings; g++) {
                xw_pt *pts = NULL;
                size_t n = 0, cap = 0;
                const xw_outline o = {.refs = (uint32_t *)(uintptr_t)s.refs};
                assert_int_equal(xw_outline_points(m, &o, &s.rings[g], &pts, &n, &cap, NULL),
                                 XW_OK);
                in ^= xw_ring_owns((xw_ring){pts, (uint32_t)n}, p);
                free(pts);
            }
            if (in) {
                assert_int_equal(want, XW_NONE);
                want = k;
            }
        }
        assert_int_equal(ask(dx, dy, 0, 0).plot, want);
    }
}

static void test_a_point_on_an_edge_goes_east_or_north_and_names_the_other_side(void **state)
{
    (void)state;
    xw_answer a = ask(3000, 1500, 0, 0); /* A00 | A10 */
    assert_int_equal(a.rule, XW_RULE_BOUNDARY);
    assert_true(a.on_boundary);
    assert_int_equal(a.plot, A10);
    assert_int_equal(a.other_plot, A00);
    assert_true(a.same_answer_within_m == 0.0);
    assert_int_equal(a.grid, TEAM_1);
    a = ask(0, 1500, 0, 0); /* the west rim belongs to the land on its east */
    assert_int_equal(a.plot, A00);
    assert_true(a.on_boundary);
    assert_int_equal(a.other_plot, XW_NONE);
    a = ask(9000, 1500, 0, 0); /* and the east rim to nobody */
    assert_int_equal(a.rule, XW_RULE_OUTSIDE);
    assert_true(a.on_boundary);
    assert_int_equal(a.other_plot, B20);
    a = ask(1500, 0, 0, 0);
    assert_int_equal(a.plot, A00);
    a = ask(1500, 9000, 0, 0);
    assert_int_equal(a.rule, XW_RULE_OUTSIDE);
    a = ask(3000, 3000, 0, 0); /* a corner of four */
    assert_true(a.on_boundary);
    assert_int_equal(a.other_plot, A00);
    assert_false(ask(3001, 1500, 0, 0).on_boundary);
}

static void test_a_tower_shares_by_households_until_a_floor_is_named(void **state)
{
    (void)state;
    xw_answer a = ask(4500, 7500, 0, 0);
    assert_int_equal(a.rule, XW_RULE_TOWER);
    assert_int_equal(a.building, 3);
    assert_int_equal(a.n_candidates, 2);
    assert_int_equal(a.candidates[0].grid, TOWER_LOW);
    assert_near(a.candidates[0].probability, 8.0 / 12.0, 1e-12);
    assert_int_equal(a.candidates[1].grid, TOWER_HIGH);
    assert_near(a.candidates[1].probability, 4.0 / 12.0, 1e-12);
    assert_int_equal(a.certain_level, 1); /* both in one section */
    assert_int_equal(a.grid, TOWER_LOW);
    assert_near(a.level_probability[2], 8.0 / 12.0, 1e-12);
    for (int floor = 1; floor <= 3; floor++) {
        a = ask(4500, 7500, 0, floor);
        assert_int_equal(a.rule, XW_RULE_FLOOR);
        assert_int_equal(a.n_candidates, 1);
        assert_int_equal(a.grid, floor < 3 ? TOWER_LOW : TOWER_HIGH);
        assert_int_equal(a.certain_level, 2);
    }
    a = ask(4500, 7500, 0, 9); /* the tower has no such floor */
    assert_int_equal(a.rule, XW_RULE_TOWER);
    assert_int_equal(a.n_candidates, 2);
    assert_int_equal(ask(1500, 1500, 0, 9).rule, XW_RULE_INSIDE); /* a house does not ask */
}

static void test_outside_is_an_answer_and_the_disc_may_still_reach_in(void **state)
{
    (void)state;
    xw_answer a = ask(-1000, 1500, 0, 0);
    assert_int_equal(a.rule, XW_RULE_OUTSIDE);
    assert_int_equal(a.n_candidates, 0);
    assert_int_equal(a.grid, XW_NONE);
    assert_int_equal(a.certain_level, XW_NONE);
    assert_near(a.same_answer_within_m, 1000 * xw_scale_at(TOY_Y).mx, 0.01);
    a = ask(-1000, 1500, 15, 0);
    assert_int_equal(a.rule, XW_RULE_OUTSIDE);
    assert_int_equal(a.n_candidates, 1);
    assert_int_equal(a.candidates[0].grid, TEAM_1);
    assert_near(a.candidates[0].distance_m, 1000 * xw_scale_at(TOY_Y).mx, 0.01);
    assert_in_range((uintmax_t)(a.candidates[0].probability * 1000), 1, 200);
    assert_int_equal(a.certain_level, XW_NONE);
    a = ask(-100000000, 0, 0, 0);
    assert_true(a.same_answer_within_m == XW_SAME_ANSWER_MAX_M);
}

/* Area of a circle beyond a chord: the disc of 15 m, 5 m inside a straight edge, is 70.8 % inside.
 */
static void test_a_straight_edge_cuts_the_disc_as_the_formula_says(void **state)
{
    (void)state;
    const double mx = xw_scale_at(TOY_Y + 1500).mx;
    const int32_t dx = 6000 - (int32_t)lround(5.0 / mx);
    const double h = (6000 - dx) * mx, r = 9.0,
                 out = (acos(h / r) - h / r * sqrt(1 - h * h / r / r)) / M_PI;
    const xw_answer a = ask(dx, 1500, r, 0);
    assert_int_equal(a.n_candidates, 2);
    assert_int_equal(a.candidates[0].grid, TEAM_1);
    assert_int_equal(a.candidates[1].grid, TEAM_B);
    assert_near(a.candidates[0].probability, 1 - out, 1e-6);
    assert_near(a.candidates[1].probability, out, 1e-6);
    assert_near(a.candidates[1].distance_m, h, 1e-6);
    assert_int_equal(a.certain_level, XW_NONE); /* another zone */
}

static void check_against_samples(xw_rng *r, int32_t dx, int32_t dy, double radius_m)
{
    enum { SAMPLES = 40000 };
    const xw_model *m = xw_snapshot_model(snap);
    const xw_answer a = ask(dx, dy, radius_m, 0);
    const xw_scale s = xw_scale_at(TOY_Y + dy);
    static double share[64];
    memset(share, 0, sizeof share);
    for (int k = 0; k < SAMPLES; k++) {
        const double d = radius_m * sqrt(xw_rng_unit(r)), w = 2 * M_PI * xw_rng_unit(r);
        const xw_pt p = {TOY_X + dx + (int32_t)lround(d * cos(w) / s.mx),
                         TOY_Y + dy + (int32_t)lround(d * sin(w) / s.my)};
        const uint32_t label = xw_locator_find(xw_snapshot_locator(snap), p);
        if (label == 0) continue;
        const xw_plot *plot = &m->plots[label - 1];
        for (uint32_t u = plot->first_unit; u < plot->first_unit + plot->n_units; u++) {
            share[m->units[u].grid] +=
                plot->n_units > 1 ? (double)m->units[u].households / plot->households : 1.0;
        }
    }
    double last = 2;
    for (uint32_t g = 0; g < m->n_grids; g++) {
        double p = 0;
        for (uint32_t c = 0; c < a.n_candidates; c++) {
            if (a.candidates[c].grid == g) p = a.candidates[c].probability;
        }
        if (fabs(p - share[g] / SAMPLES) > 0.015) {
            fail_msg("at %d,%d within %.2f m: grid %u has %.4f, samples say %.4f", dx, dy, radius_m,
                     g, p, share[g] / SAMPLES);
        }
    }
    for (uint32_t c = 0; c < a.n_candidates; c++) {
        assert_true(a.candidates[c].probability <= last);
        last = a.candidates[c].probability;
    }
}

static void test_probabilities_agree_with_samples(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("samples");
    for (int i = 0; i < 250; i++) {
        int32_t dx = xw_rng_in(&r, -1500, 10500), dy = xw_rng_in(&r, -1500, 10500);
        if (i % 5 == 0) dx = 3000 * xw_rng_in(&r, 0, 3); /* on edges and corners */
        if (i % 10 == 0) dy = 3000 * xw_rng_in(&r, 0, 3);
        check_against_samples(&r, dx, dy, 0.5 + 60 * xw_rng_unit(&r));
    }
    /* circles through nodes, and touching edges */
    const xw_scale s = xw_scale_at(TOY_Y + 4500);
    check_against_samples(&r, 1500, 1500, 1500 * s.mx);
    check_against_samples(&r, 4500, 4500, 500 * s.mx);
    check_against_samples(&r, 4500, 4500, 1500 * s.mx);
    check_against_samples(&r, 4500, 4500, 5000.0);
}

/* Distance to the nearest edge by a look at each. */
static double nearest_edge(xw_pt p)
{
    const xw_model *m = xw_snapshot_model(snap);
    const xw_scale s = xw_scale_at(p.y);
    double best = XW_SAME_ANSWER_MAX_M;
    for (size_t i = 0; i < m->n_edges; i++) {
        for (uint32_t k = 1; k < m->edges[i].n; k++) {
            const xw_pt *v = m->pts + m->edges[i].first + k;
            const double ax = (v[-1].x - p.x) * s.mx, ay = (v[-1].y - p.y) * s.my;
            const double dx = (v[0].x - v[-1].x) * s.mx, dy = (v[0].y - v[-1].y) * s.my;
            const double t = fmax(0.0, fmin(1.0, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
            best = fmin(best, hypot(ax + t * dx, ay + t * dy));
        }
    }
    return best;
}

static void test_the_answer_is_the_same_within_the_radius_it_says(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("same answer");
    for (int i = 0; i < 2000; i++) {
        const int32_t dx = xw_rng_in(&r, -20000, 29000), dy = xw_rng_in(&r, -20000, 29000);
        const xw_answer a = ask(dx, dy, 0, 0);
        const xw_scale s = xw_scale_at(TOY_Y + dy);
        assert_near(a.same_answer_within_m, nearest_edge(a.at), 1e-6);
        for (int k = 0; k < 20; k++) {
            const double w = 2 * M_PI * k / 20, in = a.same_answer_within_m - 0.02;
            if (in <= 0) continue;
            const xw_answer b =
                ask(dx + (int32_t)(in * cos(w) / s.mx), dy + (int32_t)(in * sin(w) / s.my), 0, 0);
            assert_int_equal(a.plot, b.plot);
        }
    }
}

static void expect_refused(xw_query q, const char *text)
{
    xw_answer a;
    xw_error err = {0};
    assert_int_equal(xw_answer_locate(snap, &q, &a, &err), XW_INPUT);
    if (!strstr(err.text, text)) fail_msg("\"%s\" does not say \"%s\"", err.text, text);
}

static void test_impossible_questions_are_refused_with_their_number(void **state)
{
    (void)state;
    expect_refused((xw_query){.x = NAN, .y = 26}, "nan");
    expect_refused((xw_query){.x = 119, .y = INFINITY}, "inf");
    expect_refused((xw_query){.x = 181, .y = 26}, "longitude 181");
    expect_refused((xw_query){.x = 119, .y = 91}, "latitude 91");
    expect_refused((xw_query){.x = 119, .y = 26, .accuracy_m = -1}, "accuracy -1");
    expect_refused((xw_query){.x = 119, .y = 26, .accuracy_m = 1e9}, "accuracy 1e+09");
    expect_refused((xw_query){.x = 119, .y = 26, .accuracy_m = NAN}, "accuracy");
}

static void test_a_crs_moves_the_point_and_adds_its_error(void **state)
{
    (void)state;
    xw_crs *gcj;
    double lon, lat;
    assert_int_equal(xw_crs_create("gcj02", &gcj, NULL), XW_OK);
    xw_gcj02_from_wgs84(xw_deg(TOY_X + 1500), xw_deg(TOY_Y + 1500), &lon, &lat);
    const xw_query q = {.x = lon, .y = lat, .crs = gcj, .accuracy_m = 12};
    xw_answer a;
    assert_int_equal(xw_answer_locate(snap, &q, &a, NULL), XW_OK);
    assert_int_equal(a.plot, A00);
    assert_in_range(a.at.x, TOY_X + 1499, TOY_X + 1501);
    assert_near(a.accuracy_m, 13.0, 1e-9);
    xw_crs_destroy(gcj);
}

static void test_an_address_is_where_its_building_is_and_not_its_point(void **state)
{
    (void)state;
    xw_query q = {.x = xw_deg(TOY_X + 4500), .y = xw_deg(TOY_Y + 6500), .accuracy_m = 30};
    xw_answer a;
    assert_int_equal(xw_answer_address(snap, &q, 4, &a, NULL), XW_OK); /* the house in A00 */
    assert_int_equal(a.rule, XW_RULE_ADDRESS);
    assert_int_equal(a.plot, A00);
    assert_int_equal(a.building, 4);
    assert_int_equal(a.grid, TEAM_1);
    assert_true(a.accuracy_m == 0.0 && a.same_answer_within_m == 0.0);
    assert_int_equal(a.n_candidates, 1);
    assert_int_equal(a.certain_level, 2);
    assert_int_equal(xw_answer_address(snap, &q, XW_NONE, &a, NULL), XW_OK); /* the point then */
    assert_int_equal(a.plot, ask(4500, 6500, 0, 0).plot);
    assert_int_equal(a.rule, XW_RULE_ADDRESS);
    assert_true(a.same_answer_within_m > 0.0);
    q.x = 400;
    assert_int_equal(xw_answer_address(snap, &q, 4, &a, NULL), XW_INPUT);
    assert_string_equal(xw_rule_text(XW_RULE_ADDRESS), "address");
}

static void test_json_says_it_all(void **state)
{
    (void)state;
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    xw_json j = xw_json_on(&out);
    xw_answer a = ask(3000, 1500, 0, 0);
    xw_answer_json(snap, &a, XW_ANSWER_OPEN_END, &j);
    const char *const parts[] = {
        "{\"location\":{\"lon\":119.1303,\"lat\":26.15015},\"rule\":\"boundary\",\"distance_m\":0,"
        "\"on_boundary\":true",
        "\"other_side\":{\"plot_id\":\"1\",\"code\":\"9991010010010010101\",\"name\":"
        "\"和平村1区1片1队\"}",
        "\"accuracy_m\":0,\"same_answer_within_m\":0,\"certain_to\":\"team\",\"revision\":1,"
        "\"effective\":\"2026-01-01T00:00:00Z\",\"valid_until\":null",
        "\"division\":{\"code\":\"999101001001\",\"name\":\"和平村\"}",
        "\"code\":\"999101001001001\",\"name\":\"和平村1区\",\"probability\":1}",
        "\"distance_m\":0,\"levels\":{\"zone\":{\"code\":\"999101001001001\"",
        "\"plot\":{\"plot_id\":\"2\",\"kind\":\"building\",\"block_id\":\"1\",\"households\":6}",
        "\"building\":null",
        "\"posts\":[]}",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!strstr(out.data, parts[i])) fail_msg("no %s in %s", parts[i], out.data);
    }
    xw_buf_clear(&out);
    j = xw_json_on(&out);
    a = ask(-5000, 0, 0, 0);
    xw_answer_json(snap, &a, XW_ANSWER_OPEN_END, &j);
    assert_non_null(
        strstr(out.data,
               "\"rule\":\"outside\",\"distance_m\":0,\"on_boundary\":false,\"other_side\":null"));
    assert_non_null(strstr(out.data, "\"certain_to\":null"));
    assert_non_null(strstr(out.data, "\"division\":null,\"levels\":{},\"candidates\":[],"
                                     "\"building\":null,\"plot\":null,\"road\":null,"
                                     "\"suspect_crs\":null,\"posts\":[]}"));
    xw_buf_finish(&out);
}

/* Any set of members is the whole answer with the others struck out. */
static void test_wanted_fields_are_the_whole_answer_without_the_others(void **state)
{
    (void)state;
    static const char *const names[] = {
#define X(name) #name,
        XW_ANSWER_FIELDS_MAP(X)
#undef X
    };
    xw_rng r = rng_from_env("fields");
    xw_buf all, some, joined;
    xw_error err;
    xw_buf_init(&all, 1 << 20);
    xw_buf_init(&some, 1 << 20);
    xw_buf_init(&joined, 1 << 20);
    for (int round = 0; round < 300; round++) {
        unsigned fields = xw_rng_below(&r, XW_ANSWER_ALL) + 1, again;
        const xw_answer a =
            ask(xw_rng_in(&r, -500, 9500), xw_rng_in(&r, -500, 9500), round % 2 ? 20.0 : 0.0, 0);
        char list[400] = "";
        xw_buf_clear(&joined);
        for (unsigned f = 0; f < XW_ANSWER_FIELDS; f++) { /* one by one, without their braces */
            if (!(fields >> f & 1)) continue;
            xw_buf_clear(&some);
            xw_json j = xw_json_on(&some);
            xw_answer_json_some(snap, &a, 5, 1u << f, &j);
            xw_buf_add(&joined, joined.n ? "," : "{", 1);
            xw_buf_add(&joined, some.data + 1, some.n - 2);
            (void)snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s",
                           *list ? "," : "", names[f]);
        }
        xw_buf_add(&joined, "}", 1);
        xw_buf_clear(&some);
        xw_json j = xw_json_on(&some);
        xw_answer_json_some(snap, &a, 5, fields, &j);
        assert_string_equal(some.data, joined.data);
        assert_int_equal(xw_answer_fields(list, &again, &err), XW_OK);
        assert_int_equal(again, fields);
        xw_buf_clear(&all);
        j = xw_json_on(&all);
        xw_answer_json(snap, &a, 5, &j);
        xw_buf_clear(&some);
        j = xw_json_on(&some);
        xw_answer_json_some(snap, &a, 5, XW_ANSWER_ALL, &j);
        assert_string_equal(all.data, some.data);
    }
    unsigned none;
    assert_int_equal(xw_answer_fields("rule,rules", &none, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "\"rules\", known are location rule"));
    assert_int_equal(xw_answer_fields("", &none, &err), XW_INPUT);
    xw_buf_finish(&all);
    xw_buf_finish(&some);
    xw_buf_finish(&joined);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    const xw_query q = {.x = xw_deg(TOY_X + 4500), .y = xw_deg(TOY_Y + 6000), .accuracy_m = 30};
    xw_answer a;
    int n;
    for (n = 0;; n++) {
        fail_alloc_at(n);
        const xw_status st = xw_answer_locate(snap, &q, &a, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_house_has_one_sure_answer),
        cmocka_unit_test(test_the_court_of_a_house_is_no_part_of_its_building),
        cmocka_unit_test(test_every_point_is_in_the_plot_whose_rings_own_it),
        cmocka_unit_test(test_a_point_on_an_edge_goes_east_or_north_and_names_the_other_side),
        cmocka_unit_test(test_a_tower_shares_by_households_until_a_floor_is_named),
        cmocka_unit_test(test_outside_is_an_answer_and_the_disc_may_still_reach_in),
        cmocka_unit_test(test_a_straight_edge_cuts_the_disc_as_the_formula_says),
        cmocka_unit_test(test_probabilities_agree_with_samples),
        cmocka_unit_test(test_the_answer_is_the_same_within_the_radius_it_says),
        cmocka_unit_test(test_impossible_questions_are_refused_with_their_number),
        cmocka_unit_test(test_a_crs_moves_the_point_and_adds_its_error),
        cmocka_unit_test(test_an_address_is_where_its_building_is_and_not_its_point),
        cmocka_unit_test(test_json_says_it_all),
        cmocka_unit_test(test_wanted_fields_are_the_whole_answer_without_the_others),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
