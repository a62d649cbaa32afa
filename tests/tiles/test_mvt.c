#include "xiwang/clip.h"
#include "xiwang/mvt.h"

#include "support/test.h"
#include "tiles/mvt_decode.h"

#include <stdio.h>
#include <string.h>

static xw_mvt *new_tile(void)
{
    xw_mvt *t = NULL;
    assert_int_equal(xw_mvt_create(1 << 24, &t, NULL), XW_OK);
    return t;
}

/* The bytes of the specification's own examples (4.3.5): point (25, 17); line (2,2) (2,10) (10,10);
 * polygon (3,6) (8,12) (20,34). */
static void test_the_examples_of_the_specification(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x1A, 60,                                               /* layer */
        0x0A, 1,    'a',                                        /* name */
        0x12, 9,    0x08, 7,   0x18, 1, 0x22, 3, 9,   50,   34, /* feature 7: point */
        0x12, 12,   0x18, 2,   0x22, 8, 9,    4, 4,   18,   0,    16,   16,   0,  0x12, 17,
        0x12, 2,    0,    0,   0x18, 3, 0x22, 9, 9,   6,    12,   18,   10,   12, 24,   44,
        15,   0x1A, 1,    'k', 0x22, 3, 0x0A, 1, 'v', 0x28, 0x80, 0x20, 0x78, 2};
    xw_mvt *t = new_tile();
    xw_mvt_layer(t, "a");
    xw_mvt_feature(t, 7, XW_MVT_POINT);
    xw_mvt_point(t, (xw_tpt){25, 17});
    xw_mvt_feature(t, 0, XW_MVT_LINE);
    xw_mvt_line(t, (const xw_tpt[]){{2, 2}, {2, 10}, {2, 10}, {10, 10}}, 4);
    xw_mvt_feature(t, 0, XW_MVT_POLYGON);
    xw_mvt_tag_text(t, "k", "v");
    assert_true(xw_mvt_ring(t, (const xw_tpt[]){{3, 6}, {8, 12}, {20, 34}, {3, 6}}, 4, false));
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    assert_int_equal(xw_mvt_take(t, &out, NULL), XW_OK);
    assert_int_equal(out.n, sizeof want + 0u);
    assert_memory_equal(out.data, want, sizeof want);
    xw_buf_finish(&out);
    xw_mvt_destroy(t);
}

enum { FEATURES = 300 };

static void add_attributes(xw_mvt *t, uint32_t i, char name[16])
{
    (void)snprintf(name, 16, "网格 %u", i % 50);
    xw_mvt_tag_text(t, "name", name);
    xw_mvt_tag_int(t, "n", (int64_t)(i % 7) - 3);
    xw_mvt_tag_real(t, "height", (float)i / 4);
    xw_mvt_tag_bool(t, "even", i % 2 == 0);
    if (i % 3 == 0) xw_mvt_tag_int(t, "big", INT64_C(1) << 40);
}

static void check_attributes(const mvt_layer *l, const mvt_feature *f, uint32_t i)
{
    char name[16];
    (void)snprintf(name, sizeof name, "网格 %u", i % 50);
    assert_string_equal(mvt_text(l, f, "name"), name);
    assert_true(mvt_number(l, f, "n") == (double)(i % 7) - 3);
    assert_true(mvt_number(l, f, "height") == (double)i / 4);
    assert_int_equal(mvt_get(l, f, "height")->type, 'f');
    assert_int_equal(mvt_get(l, f, "even")->type, 'b');
    assert_true(mvt_number(l, f, "even") == (i % 2 == 0));
    if (i % 3 == 0) {
        assert_true(mvt_get(l, f, "big")->i == INT64_C(1) << 40);
    } else {
        assert_null(mvt_get(l, f, "big"));
    }
}

/* decode(encode(x)) = x for random lines and points, with attributes, in several layers. */
static void test_a_decoder_reads_back_what_was_written(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("mvt");
    xw_mvt *t = new_tile();
    static xw_tpt pts[FEATURES][8];
    size_t n[FEATURES];
    char name[16];
    static const char *const names[] = {"teams", "空", "zones"};
    for (int layer = 0; layer < 3; layer++) {
        xw_mvt_layer(t, names[layer]);
        if (layer == 1) continue; /* without features: is not written */
        for (uint32_t i = 0; i < FEATURES; i++) {
            if (layer == 0) {
                n[i] = i % 5 == 0 ? 1 + xw_rng_below(&r, 2) : 2 + xw_rng_below(&r, 7);
                for (size_t k = 0; k < n[i]; k++) {
                    pts[i][k] = (xw_tpt){xw_rng_in(&r, -64, 4160),
                                         2 * xw_rng_in(&r, -32, 2000) + (int32_t)(k & 1)};
                }
            }
            const bool is_point = i % 5 == 0;
            xw_mvt_feature(t, i + 1, is_point ? XW_MVT_POINT : XW_MVT_LINE);
            assert_false(xw_mvt_has_geometry(t));
            for (size_t k = 0; k < n[i] && is_point; k++) xw_mvt_point(t, pts[i][k]);
            if (!is_point) xw_mvt_line(t, pts[i], n[i]);
            assert_true(xw_mvt_has_geometry(t));
            add_attributes(t, i, name);
        }
    }
    xw_buf out;
    xw_buf_init(&out, 1 << 24);
    assert_int_equal(xw_mvt_take(t, &out, NULL), XW_OK);
    mvt_tile d = mvt_decode(out.data, out.n);
    assert_null(d.fault);
    assert_int_equal(d.n_layers, 2);
    assert_null(mvt_find(&d, "空"));
    for (size_t layer = 0; layer < 2; layer++) {
        const mvt_layer *l = &d.layers[layer];
        assert_string_equal(l->name, names[layer * 2]);
        assert_int_equal(l->extent, XW_TILE_EXTENT);
        assert_int_equal(l->n_features, FEATURES);
        assert_int_equal(l->n_keys, 5);
        assert_int_equal(l->n_values, 50 + 7 + FEATURES + 2 + 1);
        for (uint32_t i = 0; i < FEATURES; i++) {
            const mvt_feature *f = &l->features[i];
            assert_int_equal(f->id, i + 1);
            check_attributes(l, f, i);
            assert_int_equal(f->n_paths, 1);
            assert_int_equal(f->paths[0].n, n[i]);
            assert_memory_equal(f->paths[0].pts, pts[i], n[i] * sizeof(xw_tpt));
        }
    }
    mvt_free(&d);
    xw_buf_finish(&out);
    xw_mvt_destroy(t);
}

static void test_collapsed_and_turned_rings_are_dropped(void **state)
{
    (void)state;
    xw_mvt *t = new_tile();
    const xw_tpt ring[] = {{0, 0}, {0, 0}, {10, 0}, {10, 10}, {10, 10}, {0, 10}, {0, 0}};
    const xw_tpt turned[] = {{2, 2}, {2, 8}, {8, 8}};
    const xw_tpt flat[] = {{0, 0}, {5, 5}, {10, 10}, {5, 5}};
    xw_mvt_layer(t, "a");
    xw_mvt_feature(t, 1, XW_MVT_POLYGON);
    assert_false(xw_mvt_ring(t, turned, 3, false));
    assert_false(xw_mvt_ring(t, flat, 4, false));
    assert_false(xw_mvt_ring(t, flat, 4, true));
    assert_false(xw_mvt_ring(t, ring, 2, false));
    assert_false(xw_mvt_ring(t, ring, 0, false));
    assert_false(xw_mvt_has_geometry(t));
    xw_mvt_tag_text(t, "k", "a feature without geometry is not written");
    xw_mvt_feature(t, 2, XW_MVT_LINE);
    xw_mvt_line(t, flat, 1);
    xw_mvt_line(t, ring, 2);
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    assert_int_equal(xw_mvt_take(t, &out, NULL), XW_OK);
    assert_int_equal(out.n, 0);

    xw_mvt_layer(t, "a"); /* the object is as new */
    xw_mvt_feature(t, 3, XW_MVT_POLYGON);
    assert_true(xw_mvt_ring(t, ring, 7, false));
    assert_false(xw_mvt_ring(t, ring, 7, true));
    assert_true(xw_mvt_ring(t, turned, 3, true));
    assert_int_equal(xw_mvt_take(t, &out, NULL), XW_OK);
    mvt_tile d = mvt_decode(out.data, out.n);
    assert_null(d.fault);
    assert_int_equal(d.layers[0].n_features, 1);
    const mvt_feature *f = &d.layers[0].features[0];
    assert_int_equal(f->n_paths, 2);
    assert_int_equal(f->paths[0].n, 4);
    assert_true(f->paths[0].area2 == 200 && f->paths[1].area2 == -36);
    mvt_free(&d);
    xw_buf_finish(&out);
    xw_mvt_destroy(t);
}

static void test_a_tile_beyond_the_ceiling_is_refused(void **state)
{
    (void)state;
    xw_mvt *t = NULL;
    assert_int_equal(xw_mvt_create(2000, &t, NULL), XW_OK);
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    for (int round = 0; round < 2; round++) {
        xw_error err = {0};
        xw_mvt_layer(t, "a");
        char name[16];
        for (uint32_t i = 0; i < 500; i++) {
            xw_mvt_feature(t, 1, XW_MVT_POINT);
            xw_mvt_point(t, (xw_tpt){1, 2});
            add_attributes(t, i, name);
        }
        assert_int_equal(xw_mvt_take(t, &out, &err), XW_LIMIT);
        assert_int_equal(out.n, 0);
        assert_non_null(strstr(err.text, "2000"));
    }
    xw_mvt_layer(t, "a");
    xw_mvt_feature(t, 1, XW_MVT_POINT);
    xw_mvt_point(t, (xw_tpt){1, 2});
    assert_int_equal(xw_mvt_take(t, &out, NULL), XW_OK);
    assert_true(out.n > 0);
    xw_buf_finish(&out);
    xw_mvt_destroy(t);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    int n_hits = 0;
    for (int n = 0;; n++) {
        xw_mvt *t = NULL;
        xw_buf out;
        xw_buf_init(&out, 1 << 20);
        fail_alloc_at(n);
        xw_status st = xw_mvt_create(1 << 20, &t, NULL);
        if (!st) {
            char name[16];
            xw_mvt_layer(t, "a");
            for (uint32_t i = 0; i < 200; i++) {
                xw_mvt_feature(t, 1, XW_MVT_POINT);
                xw_mvt_point(t, (xw_tpt){1, 2});
                add_attributes(t, i, name);
            }
            st = xw_mvt_take(t, &out, NULL);
        }
        const bool hit = fail_alloc_stop();
        xw_mvt_destroy(t);
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (!hit) assert_true(out.n > 0);
        xw_buf_finish(&out);
        if (!hit) break;
        n_hits++;
    }
    assert_true(n_hits > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_specification),
        cmocka_unit_test(test_a_decoder_reads_back_what_was_written),
        cmocka_unit_test(test_collapsed_and_turned_rings_are_dropped),
        cmocka_unit_test(test_a_tile_beyond_the_ceiling_is_refused),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
