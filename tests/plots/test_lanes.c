/* Land beside long dead ends, against brute force: each place belongs to the nearest building that
 * sees it over the dead end. Metres as in test_rules.c. */
#include "support/test.h"

#include "xiwang/plots.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct place { /* metres */
    double x, y;
} place;

enum { HOUSES_MAX = 24, SIDE = 120 };
static const double house_m = 8.0;

typedef struct town {
    xw_territory t;
    xw_model m;
    place house[HOUSES_MAX]; /* south-western corners */
    int n;
    place lane[2]; /* from the southern rim to its end */
} town;

static xw_pt at(place p)
{
    const xw_scale k = xw_scale_at(262000000);
    return (xw_pt){1190000000 + (int32_t)lround(p.x / k.mx),
                   262000000 + (int32_t)lround(p.y / k.my)};
}

static xw_area add_box(xw_territory *t, place p, double w, double h)
{
    const xw_area a = {(uint32_t)t->n_rings, 1};
    const xw_pt ring[4] = {at(p), at((place){p.x + w, p.y}), at((place){p.x + w, p.y + h}),
                           at((place){p.x, p.y + h})};
    assert_int_equal(xw_territory_add_ring(t, ring, 4, NULL), XW_OK);
    return a;
}

static void begin(town *w, double end_x, double end_y)
{
    xw_territory_init(&w->t);
    xw_model_init(&w->m);
    w->n = 0;
    w->lane[0] = (place){SIDE / 2, 0};
    w->lane[1] = (place){end_x, end_y};
    xw_division d = {.area = add_box(&w->t, (place){0, 0}, SIDE, SIDE)};
    assert_int_equal(xw_strings_add(&w->t.text, "999000000000", &d.code, NULL), XW_OK);
    assert_int_equal(xw_territory_add_division(&w->t, &d, NULL), XW_OK);
    const xw_pt line[2] = {at(w->lane[0]), at(w->lane[1])};
    xw_barrier b = {.n = 2, .cls = XW_CLASS_RESIDENTIAL};
    assert_int_equal(xw_strings_add(&w->t.text, "way/7", &b.source, NULL), XW_OK);
    assert_int_equal(xw_territory_add_pts(&w->t, line, 2, &b.first, NULL), XW_OK);
    assert_int_equal(xw_territory_add_barrier(&w->t, &b, NULL), XW_OK);
}

static void add_house(town *w, double x, double y)
{
    char id[16];
    xw_building b = {.households = 1, .floors = 1, .height_m = 3.0f};
    w->house[w->n] = (place){x, y};
    b.area = add_box(&w->t, w->house[w->n], house_m, house_m);
    (void)snprintf(id, sizeof id, "%d", w->n++);
    assert_int_equal(xw_strings_add(&w->t.text, id, &b.source, NULL), XW_OK);
    assert_int_equal(xw_territory_add_building(&w->t, &b, NULL, NULL), XW_OK);
}

static void build(town *w)
{
    xw_error err = {XW_OK, ""};
    if (xw_plots_build(&w->t, NULL, NULL, &w->m, &err)) fail_msg("%s", err.text);
    assert_int_equal(xw_model_validate(&w->m, NULL), XW_OK);
}

static void end(town *w)
{
    xw_territory_finish(&w->t);
    xw_model_finish(&w->m);
}

/* Metres of border along the dead end; all of it has the class and source of the road. */
static double road_m(const xw_model *m)
{
    double sum = 0.0;
    for (size_t i = 0; i < m->n_edges; i++) {
        if (m->edges[i].basis != XW_BASIS_ROAD) continue;
        assert_int_equal(m->edges[i].cls, XW_CLASS_RESIDENTIAL);
        assert_string_equal(xw_model_text(m, m->edges[i].source), "way/7");
        sum += (double)m->edges[i].length_m;
    }
    return sum;
}

/* Houses all along the west side, one near the mouth and one far off in the east. */
static void test_a_dead_end_is_a_border_to_its_last_metre(void **state)
{
    (void)state;
    town w;
    begin(&w, 60, 90);
    for (int i = 0; i < 5; i++) add_house(&w, 46, 5 + 20 * i);
    add_house(&w, 66, 8);
    add_house(&w, 104, 60);
    build(&w);
    assert_true(fabs(road_m(&w.m) - 90.0) < 0.1);
    end(&w);
}

static void test_a_house_at_the_end_has_land_on_both_sides(void **state)
{
    (void)state;
    town w;
    begin(&w, 60, 80);
    add_house(&w, 30, 10);
    add_house(&w, 82, 10);
    add_house(&w, 56, 83);
    build(&w);
    assert_int_equal(w.m.n_plots, 3);
    assert_true(road_m(&w.m) > 30.0 && road_m(&w.m) < 70.0);
    end(&w);
}

static void test_where_one_side_has_nobody_the_other_keeps_it(void **state)
{
    (void)state;
    town w;
    begin(&w, 60, 80);
    for (int i = 0; i < 4; i++) add_house(&w, 46, 5 + 20 * i);
    build(&w);
    assert_true(road_m(&w.m) == 0.0);
    end(&w);
}

/* --- brute force --- */

static double cross(place a, place b, place p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

static bool crosses(place p, place q, const place *l)
{
    return (cross(p, q, l[0]) > 0.0) != (cross(p, q, l[1]) > 0.0) &&
           (cross(l[0], l[1], p) > 0.0) != (cross(l[0], l[1], q) > 0.0);
}

static double clamp(double v, double lo) { return fmin(fmax(v, lo), lo + house_m); }

static place foot(const town *w, int house, place p)
{
    const place h = w->house[house];
    return (place){clamp(p.x, h.x), clamp(p.y, h.y)};
}

/* The nearest house that sees p; -1 where the next one, or one that does not see it, is so near to
 * the same that centimetres decide. */
static int owner(const town *w, place p)
{
    double best = INFINITY, second = INFINITY;
    int found = -1;
    for (int i = 0; i < w->n; i++) {
        const place f = foot(w, i, p);
        const double d = hypot(p.x - f.x, p.y - f.y);
        if (crosses(f, p, w->lane)) continue;
        if (d < best) {
            second = best;
            best = d;
            found = i;
        } else if (d < second) {
            second = d;
        }
    }
    return second - best > 0.4 ? found : -1;
}

/* The plot on whose land p lies: of the first border east of it. */
static uint32_t plot_of(const xw_model *m, xw_pt p)
{
    double best = INFINITY;
    uint32_t found = XW_NONE;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        for (uint32_t k = e->first + 1; k < e->first + e->n; k++) {
            const xw_pt a = m->pts[k - 1], b = m->pts[k];
            if ((a.y > p.y) == (b.y > p.y)) continue;
            const double x =
                a.x + ((double)p.y - a.y) * ((double)b.x - a.x) / ((double)b.y - a.y) - p.x;
            if (x < 0.0 || x >= best) continue;
            best = x;
            found = b.y > a.y ? e->left : e->right;
        }
    }
    return found;
}

/* Houses beside the dead end in no order, none on it, at its end or on another. */
static void add_houses(town *w, xw_rng *r)
{
    for (int tries = 0; tries < 60 && w->n < 14; tries++) {
        const place p = {xw_rng_below(r, SIDE - 9), xw_rng_below(r, SIDE - 9)};
        bool free = p.x + house_m < 57.0 || p.x > 63.0;
        for (int i = 0; i < w->n; i++) {
            free = free && (fabs(w->house[i].x - p.x) > 10.0 || fabs(w->house[i].y - p.y) > 10.0);
        }
        if (free) add_house(w, p.x, p.y);
    }
}

static void test_land_is_of_the_nearest_house_that_sees_it(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("lanes");
    size_t asked = 0, wrong = 0;
    for (int scene = 0; scene < 60; scene++) {
        town w;
        begin(&w, 60, 40 + xw_rng_below(&r, 50));
        add_houses(&w, &r);
        build(&w);
        for (int i = 0; i < 200; i++) {
            const place p = {0.5 + xw_rng_below(&r, 1190) / 10.0,
                             0.5 + xw_rng_below(&r, 1190) / 10.0};
            const int want = owner(&w, p);
            const uint32_t plot = plot_of(&w.m, at(p));
            if (want < 0 || plot == XW_NONE || w.m.plots[plot].building == XW_NONE) continue;
            const xw_model_building *b = &w.m.buildings[w.m.plots[plot].building];
            char id[16];
            (void)snprintf(id, sizeof id, "%d", want);
            asked++;
            wrong += strcmp(id, xw_model_text(&w.m, b->source)) != 0;
        }
        end(&w);
    }
    print_message("%zu of %zu places\n", wrong, asked);
    assert_true(asked > 8000 && 200 * wrong < asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_dead_end_is_a_border_to_its_last_metre),
        cmocka_unit_test(test_a_house_at_the_end_has_land_on_both_sides),
        cmocka_unit_test(test_where_one_side_has_nobody_the_other_keeps_it),
        cmocka_unit_test(test_land_is_of_the_nearest_house_that_sees_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
