#include "xiwang/locate.h"

#include "locate/scene.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

typedef struct index_ {
    void *bytes;
    size_t size;
    xw_locator l;
} index_;

static void build(index_ *ix, const xw_label_edge *edges, size_t n)
{
    xw_error err = {0};
    if (xw_locator_build(edges, n, NULL, &ix->bytes, &ix->size, &err)) fail_msg("%s", err.text);
    if (xw_locator_view(ix->bytes, ix->size, &ix->l, &err)) fail_msg("%s", err.text);
}

/* A unit square of 10 x 10 with label 7. */
static const xw_label_edge box7[4] = {{{0, 0}, {10, 0}, 7, 0},
                                      {{10, 0}, {10, 10}, 7, 0},
                                      {{10, 10}, {0, 10}, 7, 0},
                                      {{0, 10}, {0, 0}, 7, 0}};

static bool count_edge(void *user, const xw_near_edge *e)
{
    (void)e;
    (*(int *)user)++;
    return true;
}

static void test_an_empty_index_answers_outside(void **state)
{
    (void)state;
    index_ ix;
    build(&ix, NULL, 0);
    const xw_pt p[2] = {{0, 0}, {INT32_MAX, INT32_MIN}};
    uint32_t out[2] = {9, 9};
    int n = 0;
    assert_int_equal(xw_locator_find(&ix.l, p[0]), 0);
    xw_locator_find_many(&ix.l, p, 2, out);
    assert_int_equal(out[0] | out[1], 0);
    xw_locator_near(&ix.l, p[0], 1e9, count_edge, &n);
    assert_int_equal(n, 0);
    free(ix.bytes);
}

static void test_a_square_owns_its_west_and_south_rim(void **state)
{
    (void)state;
    index_ ix;
    build(&ix, box7, 4);
    for (int32_t y = -3; y < 14; y++) {
        for (int32_t x = -3; x < 14; x++) {
            const bool in = x >= 0 && x < 10 && y >= 0 && y < 10;
            assert_int_equal(xw_locator_find(&ix.l, (xw_pt){x, y}), in ? 7 : 0);
        }
    }
    free(ix.bytes);
}

static void test_every_lattice_point_of_1000_small_scenes_has_one_owner(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("small scenes");
    for (int k = 0; k < 1000; k++) {
        scene s;
        index_ ix;
        const int32_t side = xw_rng_in(&r, 1, 6), step = xw_rng_in(&r, 4, k % 8 ? 12 : 40);
        const xw_pt o = {xw_rng_in(&r, -1700000000, 1700000000),
                         xw_rng_in(&r, -800000000, 800000000)};
        scene_build(&s, &r, side, step, o, 1 + xw_rng_below(&r, 9));
        build(&ix, s.edges, s.n_edges);
        for (int32_t y = o.y - step; y <= o.y + (side + 1) * step; y++) {
            for (int32_t x = o.x - step; x <= o.x + (side + 1) * step; x++) {
                int owners;
                const uint32_t want = scene_owner(&s, (xw_pt){x, y}, &owners);
                const uint32_t got = xw_locator_find(&ix.l, (xw_pt){x, y});
                if (owners > 1 || got != want) {
                    fail_msg("scene %d, point %d,%d: %d owners, label %u, found %u", k, x, y,
                             owners, want, got);
                }
            }
        }
        free(ix.bytes);
        scene_finish(&s);
    }
}

static void test_a_million_points_agree_with_the_rings_single_and_batch(void **state)
{
    (void)state;
    enum { BATCH = 1000, BATCHES = 1000 };
    xw_rng r = rng_from_env("million points");
    scene s;
    index_ ix;
    scene_build(&s, &r, 70, 20000, (xw_pt){1193000000, 260000000}, 400);
    build(&ix, s.edges, s.n_edges);
    xw_pt *p = malloc(BATCH * sizeof *p);
    uint32_t *got = malloc(BATCH * sizeof *got);
    for (int b = 0; b < BATCHES; b++) {
        for (int i = 0; i < BATCH; i++) p[i] = scene_point(&s, &r);
        xw_locator_find_many(&ix.l, p, BATCH, got);
        for (int i = 0; i < BATCH; i++) {
            int owners;
            const uint32_t want = scene_owner(&s, p[i], &owners);
            assert_in_range(owners, 0, 1);
            assert_int_equal(got[i], want);
            assert_int_equal(xw_locator_find(&ix.l, p[i]), want);
        }
    }
    free(got);
    free(p);
    free(ix.bytes);
    scene_finish(&s);
}

/* A dense corner in a wide empty land, and edges of tens of degrees: cells are split many times. */
static void test_density_and_size_do_not_change_answers(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("density");
    scene s;
    scene_build(&s, &r, 20, 16, (xw_pt){1000000000, 300000000}, 50);
    xw_label_edge *e = malloc((s.n_edges + 4) * sizeof *e);
    memcpy(e, s.edges, s.n_edges * sizeof *e);
    size_t n = s.n_edges;
    for (size_t i = 0; i < n; i++) { /* the land around is label 1000 instead of outside */
        if (e[i].left == 0) e[i].left = 1000;
        if (e[i].right == 0) e[i].right = 1000;
    }
    const xw_pt c[4] = {{800000000, 100000000},
                        {1500000003, 100000001},
                        {1400000001, 500000000},
                        {799999999, 480000007}};
    for (int k = 0; k < 4; k++) e[n++] = (xw_label_edge){c[k], c[(k + 1) % 4], 1000, 0};
    index_ ix;
    build(&ix, e, n);
    for (int i = 0; i < 100000; i++) {
        const bool wide = i % 4 == 0;
        const xw_pt p =
            wide ? (xw_pt){xw_rng_in(&r, 790000000, 1510000000), xw_rng_in(&r, 90000000, 510000000)}
                 : scene_point(&s, &r);
        int owners;
        uint32_t want = 0;
        if (!wide) want = scene_owner(&s, p, &owners);
        if (want == 0 && xw_ring_owns((xw_ring){c, 4}, p)) want = 1000;
        assert_int_equal(xw_locator_find(&ix.l, p), want);
    }
    free(ix.bytes);
    free(e);
    scene_finish(&s);
}

static bool shortest(void *user, const xw_near_edge *e)
{
    double *best = user;
    if (e->distance_m < *best) *best = e->distance_m;
    return true;
}

static void test_the_nearest_edge_is_found_from_anywhere(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("nearest");
    for (int k = 0; k < 40; k++) {
        scene s;
        index_ ix;
        const int32_t side = xw_rng_in(&r, 1, 12), step = k % 2 ? 3000 : 50;
        scene_build(&s, &r, side, step, (xw_pt){1193000000, 260000000}, 1 + xw_rng_below(&r, 30));
        build(&ix, s.edges, s.n_edges);
        for (int i = 0; i < 500; i++) {
            xw_pt p = scene_point(&s, &r);
            const int32_t away = i % 5 == 0 ? 100 * side * step : 0;
            p.x += xw_rng_in(&r, -away, away);
            p.y += xw_rng_in(&r, -away, away);
            const double max_m = i % 7 == 0 ? 0.05 : i % 3 == 0 ? 2.0 : 1e6;
            double want = max_m;
            xw_locator_near(&ix.l, p, max_m, shortest, &want);
            assert_true(xw_locator_nearest_m(&ix.l, p, max_m) == want);
        }
        free(ix.bytes);
        scene_finish(&s);
    }
}

typedef struct touch {
    xw_pt p;
    bool found;
} touch;

static bool look_for_touch(void *user, const xw_near_edge *e)
{
    touch *t = user;
    t->found = xw_on_segment(e->a, e->b, t->p);
    return !t->found;
}

/* Vertices, middles of edges with even differences, and anywhere, in small and in large cells. */
static void test_a_point_on_an_edge_is_known(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("on an edge");
    unsigned on = 0, off = 0;
    for (int k = 0; k < 60; k++) {
        static const int32_t steps[] = {6, 50, 3000, 9000000};
        scene s;
        index_ ix;
        const int32_t side = k % 4 == 3 ? 3 : xw_rng_in(&r, 1, 12), step = steps[k % 4];
        scene_build(&s, &r, side, step, (xw_pt){1193000000, 260000000}, 1 + xw_rng_below(&r, 30));
        build(&ix, s.edges, s.n_edges);
        for (int i = 0; i < 400; i++) {
            const xw_label_edge *e = &s.edges[xw_rng_below(&r, (uint32_t)s.n_edges)];
            touch t = {i % 3 == 0 ? e->a
                       : i % 3 == 1
                           ? (xw_pt){e->a.x + (e->b.x - e->a.x) / 2, e->a.y + (e->b.y - e->a.y) / 2}
                           : scene_point(&s, &r),
                       false};
            xw_locator_near(&ix.l, t.p, 0.05, look_for_touch, &t);
            assert_int_equal(xw_locator_on_edge(&ix.l, t.p), t.found);
            on += t.found;
            off += !t.found;
        }
        free(ix.bytes);
        scene_finish(&s);
    }
    assert_true(on > 1000 && off > 1000);
}

typedef struct seen {
    xw_near_edge e[4096];
    size_t n;
} seen;

static bool collect(void *user, const xw_near_edge *e)
{
    seen *v = user;
    assert_true(v->n < 4096);
    v->e[v->n++] = *e;
    return true;
}

static double distance_to(xw_pt a, xw_pt b, xw_pt p)
{
    const xw_scale s = xw_scale_at(p.y);
    const double ax = ((double)a.x - p.x) * s.mx, ay = ((double)a.y - p.y) * s.my;
    const double dx = ((double)b.x - a.x) * s.mx, dy = ((double)b.y - a.y) * s.my;
    double best = 1e300;
    for (int k = 0; k <= 1000; k++) { /* ternary search by brute force: fine steps along the edge */
        const double x = ax + dx * k / 1000.0, y = ay + dy * k / 1000.0;
        const double d2 = x * x + y * y;
        if (d2 < best) best = d2;
    }
    return __builtin_sqrt(best);
}

static void test_near_gives_each_edge_within_the_radius_once(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("near");
    seen *v = malloc(sizeof *v);
    for (int k = 0; k < 60; k++) {
        scene s;
        index_ ix;
        const int32_t step = k % 2 ? 2000 : 40;
        scene_build(&s, &r, 8, step, (xw_pt){1193000000, 260000000}, 30);
        build(&ix, s.edges, s.n_edges);
        const xw_pt p = scene_point(&s, &r);
        const double unit = xw_scale_at(p.y).my, radius = unit * step * 3.0 * xw_rng_unit(&r);
        v->n = 0;
        xw_locator_near(&ix.l, p, radius, collect, v);
        double nearest = radius;
        for (size_t i = 0; i < v->n; i++) nearest = __builtin_fmin(nearest, v->e[i].distance_m);
        assert_true(xw_locator_nearest_m(&ix.l, p, radius) == nearest);
        for (size_t i = 0; i < v->n; i++) {
            assert_true(v->e[i].distance_m <= radius);
            for (size_t j = 0; j < i; j++) {
                assert_false(xw_pt_eq(v->e[i].a, v->e[j].a) && xw_pt_eq(v->e[i].b, v->e[j].b));
            }
        }
        for (size_t i = 0; i < s.n_edges; i++) {
            const xw_label_edge *e = &s.edges[i];
            if (e->left == e->right) continue;
            const double d = distance_to(e->a, e->b, p), slack = 0.01 * unit * step;
            bool found = false;
            for (size_t j = 0; j < v->n; j++) {
                const bool same = xw_pt_eq(v->e[j].a, e->a) && xw_pt_eq(v->e[j].b, e->b);
                const bool turned = xw_pt_eq(v->e[j].a, e->b) && xw_pt_eq(v->e[j].b, e->a);
                if (!same && !turned) continue;
                found = true;
                assert_true(v->e[j].distance_m <= d + 1e-9 && v->e[j].distance_m >= d - slack);
                assert_int_equal(v->e[j].left, same ? e->left : e->right);
                assert_int_equal(v->e[j].right, same ? e->right : e->left);
            }
            if (d <= radius) assert_true(found);
            if (d > radius + slack) assert_false(found);
        }
        free(ix.bytes);
        scene_finish(&s);
    }
    free(v);
}

static void expect_refused(const xw_label_edge *e, size_t n, xw_status want, const char *text)
{
    void *bytes = &bytes;
    size_t size;
    xw_error err = {0};
    assert_int_equal(xw_locator_build(e, n, NULL, &bytes, &size, &err), want);
    assert_null(bytes);
    if (!strstr(err.text, text)) fail_msg("\"%s\" does not say \"%s\"", err.text, text);
}

static void test_contradicting_labels_are_refused_with_the_edge(void **state)
{
    (void)state;
    xw_label_edge e[5];
    memcpy(e, box7, sizeof box7);
    e[2].left = 8;
    expect_refused(e, 4, XW_INPUT, "");
    memcpy(e, box7, sizeof box7);
    e[1].left = 0, e[1].right = 7; /* the sides of one edge changed over: the keys still cancel */
    expect_refused(e, 4, XW_INPUT, "edge 1");
    memcpy(e, box7, sizeof box7);
    expect_refused(e, 3, XW_INPUT, "");
    e[4] = (xw_label_edge){{3, 3}, {3, 3}, 1, 2};
    expect_refused(e, 5, XW_INPUT, "edge 4: both ends at 3,3");
}

static void test_one_wrong_label_in_a_scene_is_always_found(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("wrong label");
    for (int k = 0; k < 300; k++) {
        scene s;
        scene_build(&s, &r, 4, 20, (xw_pt){0, 0}, 12);
        xw_label_edge *e = &s.edges[xw_rng_below(&r, (uint32_t)s.n_edges)];
        *(k % 2 ? &e->left : &e->right) += 1 + xw_rng_below(&r, 5);
        if (e->left != e->right) expect_refused(s.edges, s.n_edges, XW_INPUT, "");
        scene_finish(&s);
    }
}

static void test_a_span_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    const xw_label_edge far[3] = {{{-1700000000, 0}, {1700000000, 0}, 1, 0},
                                  {{1700000000, 0}, {0, 800000000}, 1, 0},
                                  {{0, 800000000}, {-1700000000, 0}, 1, 0}};
    expect_refused(far, 3, XW_LIMIT, "degrees");
    const xw_label_edge off[1] = {{{0, 0}, {0, 2000000000}, 1, 0}};
    expect_refused(off, 1, XW_INPUT, "lattice");
}

static void test_damaged_bytes_are_refused_or_safe(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("damage");
    scene s;
    index_ ix;
    scene_build(&s, &r, 10, 64, (xw_pt){500, -500}, 20);
    build(&ix, s.edges, s.n_edges);
    unsigned char *copy = malloc(ix.size);
    size_t refused = 0;
    for (int k = 0; k < 20000; k++) {
        memcpy(copy, ix.bytes, ix.size);
        const size_t hits = 1 + xw_rng_below(&r, 3);
        for (size_t i = 0; i < hits; i++) {
            const uint32_t at = xw_rng_below(&r, k % 2 ? 64 : (uint32_t)ix.size);
            copy[at] = (unsigned char)xw_rng_next(&r);
        }
        xw_locator l;
        if (xw_locator_view(copy, ix.size, &l, NULL)) {
            refused++;
            continue;
        }
        int n = 0;
        for (int i = 0; i < 8; i++) (void)xw_locator_find(&l, scene_point(&s, &r));
        xw_locator_near(&l, scene_point(&s, &r), 0.5, count_edge, &n);
        (void)xw_locator_nearest_m(&l, scene_point(&s, &r), 0.5);
    }
    assert_true(refused > 100);
    xw_locator l;
    for (size_t n = 0; n < ix.size; n += 1 + n / 8) {
        assert_int_equal(xw_locator_view(ix.bytes, n, &l, NULL), XW_INPUT);
    }
    free(copy);
    free(ix.bytes);
    scene_finish(&s);
}

static void test_equal_edges_give_equal_bytes_and_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_rng r = {5};
    scene s;
    index_ ix;
    scene_build(&s, &r, 12, 30, (xw_pt){0, 0}, 20);
    build(&ix, s.edges, s.n_edges);
    for (int n = 0;; n++) {
        void *bytes;
        size_t size;
        fail_alloc_at(n);
        const xw_status st = xw_locator_build(s.edges, s.n_edges, NULL, &bytes, &size, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            assert_int_equal(size, ix.size);
            assert_memory_equal(bytes, ix.bytes, size);
            free(bytes);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_null(bytes);
    }
    free(ix.bytes);
    scene_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_index_answers_outside),
        cmocka_unit_test(test_a_square_owns_its_west_and_south_rim),
        cmocka_unit_test(test_every_lattice_point_of_1000_small_scenes_has_one_owner),
        cmocka_unit_test(test_a_million_points_agree_with_the_rings_single_and_batch),
        cmocka_unit_test(test_density_and_size_do_not_change_answers),
        cmocka_unit_test(test_a_point_on_an_edge_is_known),
        cmocka_unit_test(test_the_nearest_edge_is_found_from_anywhere),
        cmocka_unit_test(test_near_gives_each_edge_within_the_radius_once),
        cmocka_unit_test(test_contradicting_labels_are_refused_with_the_edge),
        cmocka_unit_test(test_one_wrong_label_in_a_scene_is_always_found),
        cmocka_unit_test(test_a_span_beyond_the_limit_is_refused),
        cmocka_unit_test(test_damaged_bytes_are_refused_or_safe),
        cmocka_unit_test(test_equal_edges_give_equal_bytes_and_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
