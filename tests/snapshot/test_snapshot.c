#include "xiwang/snapshot.h"

#include "format.h"
#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct fixture {
    char folder[64], path[96], other[96];
    xw_model m;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/xw-snapshot-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->path, sizeof f->path, "%s/toy.snapshot", f->folder);
    (void)snprintf(f->other, sizeof f->other, "%s/other.snapshot", f->folder);
    assert_true(toy_model_make(&f->m));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    (void)unlink(f->path);
    (void)unlink(f->other);
    assert_int_equal(rmdir(f->folder), 0); /* nothing else was left behind */
    xw_model_finish(&f->m);
    free(f);
    return 0;
}

static xw_snapshot *open_ok(const char *path)
{
    xw_snapshot *s;
    xw_error err = {0};
    if (xw_snapshot_open(path, &s, &err)) fail_msg("%s", err.text);
    return s;
}

static void write_ok(const xw_model *m, const char *path)
{
    xw_error err = {0};
    if (xw_snapshot_write(m, path, NULL, &err)) fail_msg("%s", err.text);
}

/* The whole file, on a multiple of 64. */
static unsigned char *slurp(const char *path, size_t *n)
{
    struct stat info;
    void *bytes;
    assert_int_equal(stat(path, &info), 0);
    *n = (size_t)info.st_size;
    assert_int_equal(posix_memalign(&bytes, 64, *n), 0);
    FILE *f = fopen(path, "rb");
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    (void)fclose(f);
    return bytes;
}

static void spill(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

#define SAME_ARRAY(a, b, array)                                                           \
    do {                                                                                  \
        assert_int_equal((a)->n_##array, (b)->n_##array);                                 \
        assert_memory_equal((a)->array, (b)->array, (a)->n_##array * sizeof *(a)->array); \
    } while (0)

static void test_an_opened_snapshot_has_the_model_that_was_written(void **state)
{
    fixture *f = *state;
    write_ok(&f->m, f->path);
    xw_snapshot *s = open_ok(f->path);
    const xw_model *m = xw_snapshot_model(s);
    assert_true(m->borrowed);
    SAME_ARRAY(m, &f->m, pts);
    SAME_ARRAY(m, &f->m, rings);
    SAME_ARRAY(m, &f->m, divisions);
    SAME_ARRAY(m, &f->m, plots);
    SAME_ARRAY(m, &f->m, units);
    SAME_ARRAY(m, &f->m, buildings);
    SAME_ARRAY(m, &f->m, edges);
    SAME_ARRAY(m, &f->m, lines);
    SAME_ARRAY(m, &f->m, addresses);
    SAME_ARRAY(m, &f->m, findings);
    SAME_ARRAY(m, &f->m, grids);
    SAME_ARRAY(m, &f->m, grid_units);
    assert_int_equal(m->text.n, f->m.text.n);
    assert_memory_equal(m->text.bytes, f->m.text.bytes, m->text.n);
    assert_int_equal(m->n_levels, f->m.n_levels);
    assert_memory_equal(m->levels, f->m.levels, m->n_levels * sizeof *m->levels);
    assert_int_equal(m->revision, f->m.revision);
    assert_int_equal(m->effective_unix, f->m.effective_unix);
    assert_string_equal(xw_model_text(m, m->name), "细网镇");
    assert_string_equal(xw_model_text(m, m->net_name), "综治网");
    assert_int_equal(strlen(xw_snapshot_digest(s)), 16);
    xw_snapshot_close(s);
}

static void test_equal_models_give_equal_bytes_and_another_gives_another_digest(void **state)
{
    fixture *f = *state;
    xw_model again;
    assert_true(toy_model_make(&again));
    write_ok(&f->m, f->path);
    write_ok(&again, f->other);
    size_t n, k;
    unsigned char *a = slurp(f->path, &n), *b = slurp(f->other, &k);
    assert_int_equal(n, k);
    assert_memory_equal(a, b, n);
    char first[17];
    xw_snapshot *s = open_ok(f->other);
    (void)snprintf(first, sizeof first, "%s", xw_snapshot_digest(s));
    xw_snapshot_close(s);
    again.revision = 2;
    write_ok(&again, f->other); /* replaces */
    s = open_ok(f->other);
    assert_string_not_equal(first, xw_snapshot_digest(s));
    assert_int_equal(xw_snapshot_model(s)->revision, 2);
    xw_snapshot_close(s);
    free(a);
    free(b);
    xw_model_finish(&again);
}

static void test_an_empty_model_can_be_written_and_opened(void **state)
{
    fixture *f = *state;
    xw_model none;
    xw_model_init(&none);
    write_ok(&none, f->path);
    xw_snapshot *s = open_ok(f->path);
    uint32_t *ix = NULL;
    size_t n = 0, cap = 0;
    for (int k = 0; k < XW_SHAPE_KINDS; k++) {
        assert_int_equal(xw_snapshot_query(s, (xw_shape_kind)k,
                                           (xw_box){{INT32_MIN, INT32_MIN}, {INT32_MAX, INT32_MAX}},
                                           &ix, &n, &cap, NULL),
                         XW_OK);
    }
    assert_int_equal(n, 0);
    assert_int_equal(xw_locator_find(xw_snapshot_locator(s), (xw_pt){0, 0}), 0);
    xw_snapshot_close(s);
    xw_model_finish(&none);
}

/* Twice the area of a shape from its rings' vertices, and whether it owns a point. */
static int64_t shape_area2(const xw_snapshot *s, xw_shape shape, xw_pt p, bool *owns)
{
    const xw_model *m = xw_snapshot_model(s);
    int64_t sum = 0;
    *owns = false;
    for (uint32_t r = 0; r < shape.n_rings; r++) {
        xw_pt pts[256];
        uint32_t n = 0;
        for (uint32_t i = 0; i < shape.rings[r].n; i++) {
            const uint32_t ref = shape.refs[shape.rings[r].first + i];
            const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
            for (uint32_t k = 0; k + 1 < e->n; k++) {
                pts[n++] = m->pts[e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - k : k)];
                assert_true(xw_box_has(shape.box, pts[n - 1]));
            }
        }
        const xw_ring ring = {pts, n};
        assert_int_equal(xw_ring_area2(ring), shape.rings[r].area2);
        assert_int_equal(shape.rings[r].hole, shape.rings[r].area2 < 0);
        sum += shape.rings[r].area2;
        *owns ^= xw_ring_owns(ring, p);
    }
    return sum;
}

static void test_outlines_are_those_of_their_plots(void **state)
{
    fixture *f = *state;
    write_ok(&f->m, f->path);
    xw_snapshot *s = open_ok(f->path);
    const xw_model *m = xw_snapshot_model(s);
    int64_t area2[64], total = 0;
    bool owns;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        area2[p] =
            shape_area2(s, xw_snapshot_shape(s, XW_SHAPE_PLOT, p), m->plots[p].anchor, &owns);
        assert_true(owns);
        total += area2[p];
    }
    assert_int_equal(total, 2 * INT64_C(3) * TOY_STEP * 3 * TOY_STEP);
    uint32_t *plots = NULL;
    size_t n = 0, cap = 0;
    for (uint32_t g = 0; g < m->n_grids; g++) {
        int64_t want = 0;
        assert_int_equal(xw_grid_plots(m, g, &plots, &n, &cap, NULL), XW_OK);
        for (size_t i = 0; i < n; i++) want += area2[plots[i]];
        const xw_shape shape = xw_snapshot_shape(s, XW_SHAPE_GRID, g);
        assert_int_equal(shape_area2(s, shape, m->grids[g].label, &owns), want);
        assert_true(owns);
    }
    free(plots);
    /* The town has the plots of its two villages. */
    const xw_shape town = xw_snapshot_shape(s, XW_SHAPE_DIVISION, 0);
    assert_int_equal(shape_area2(s, town, m->plots[0].anchor, &owns), total);
    assert_int_equal(town.n_rings, 1);
    assert_int_equal(xw_snapshot_shape(s, XW_SHAPE_DIVISION, 99).n_rings, 0);
    xw_snapshot_close(s);
}

static void test_ranks_and_colours_are_those_of_the_tiles(void **state)
{
    fixture *f = *state;
    write_ok(&f->m, f->path);
    xw_snapshot *s = open_ok(f->path);
    uint8_t *ranks = malloc(f->m.n_pts), *shades = malloc(f->m.n_grids);
    assert_int_equal(xw_tile_ranks(&f->m, ranks, NULL), XW_OK);
    assert_int_equal(xw_tile_shades(&f->m, shades, NULL), XW_OK);
    assert_memory_equal(xw_snapshot_ranks(s), ranks, f->m.n_pts);
    assert_memory_equal(xw_snapshot_shades(s), shades, f->m.n_grids);
    free(ranks);
    free(shades);
    xw_snapshot_close(s);
}

static void test_box_queries_agree_with_a_look_at_every_box(void **state)
{
    fixture *f = *state;
    xw_rng r = rng_from_env("queries");
    for (int i = 0; i < 3000; i++) { /* enough addresses for three levels of the tree */
        xw_address *a = XW_MODEL_ADD(&f->m, addresses);
        a->at = (xw_pt){TOY_X + xw_rng_in(&r, 0, 9000), TOY_Y + xw_rng_in(&r, 0, 9000)};
        a->building = XW_NONE;
    }
    write_ok(&f->m, f->path);
    xw_snapshot *s = open_ok(f->path);
    uint32_t *ix = NULL;
    size_t cap = 0;
    for (int i = 0; i < 2000; i++) {
        const xw_shape_kind kind = (xw_shape_kind)(i % XW_SHAPE_KINDS);
        const int32_t size = xw_rng_in(&r, 0, i % 3 ? 2000 : 20000);
        const xw_pt p = {TOY_X + xw_rng_in(&r, -4000, 12000), TOY_Y + xw_rng_in(&r, -4000, 12000)};
        const xw_box box = {p, {p.x + size, p.y + size}};
        size_t n = 1, want = 1;
        assert_true(xw_grow((void **)&ix, &cap, 1, sizeof *ix));
        ix[0] = 12345; /* appended, not overwritten */
        assert_int_equal(xw_snapshot_query(s, kind, box, &ix, &n, &cap, NULL), XW_OK);
        assert_int_equal(ix[0], 12345);
        for (uint32_t k = 0; k < xw__shape_count(xw_snapshot_model(s), kind); k++) {
            const xw_box b = xw_snapshot_box(s, kind, k);
            if (xw_box_is_empty(b) || !xw_box_meets(b, box)) continue;
            assert_true(want < n);
            assert_int_equal(ix[want++], k);
        }
        assert_int_equal(want, n);
    }
    free(ix);
    xw_snapshot_close(s);
}

static void expect_refused(const char *path, xw_status want, const char *text)
{
    xw_snapshot *s = (void *)&s;
    xw_error err = {0};
    assert_int_equal(xw_snapshot_open(path, &s, &err), want);
    assert_null(s);
    if (!strstr(err.text, text) || !strstr(err.text, path)) fail_msg("%s", err.text);
}

static void test_what_is_no_whole_snapshot_is_refused_by_name(void **state)
{
    fixture *f = *state;
    expect_refused(f->path, XW_NOT_FOUND, "No such file");
    expect_refused(f->folder, XW_IO, "is no file");
    spill(f->path, "", 0);
    expect_refused(f->path, XW_INPUT, "is no snapshot");
    write_ok(&f->m, f->path);
    size_t n;
    unsigned char *bytes = slurp(f->path, &n);
    spill(f->other, bytes, n - 64);
    expect_refused(f->other, XW_INPUT, "is cut");
    unsigned char *copy = malloc(n);
    xw_rng r = rng_from_env("damage");
    for (int i = 0; i < 300; i++) {
        const size_t at = 64 + xw_rng_below(&r, (uint32_t)n - 64);
        memcpy(copy, bytes, n);
        copy[at] ^= (unsigned char)(1u << xw_rng_below(&r, 8));
        spill(f->other, copy, n);
        expect_refused(f->other, XW_INPUT, "is damaged");
    }
    memcpy(copy, bytes, n);
    copy[8]++;
    spill(f->other, copy, n);
    char next[32];
    (void)snprintf(next, sizeof next, "version %u", SNAPSHOT_VERSION + 1);
    expect_refused(f->other, XW_INPUT, next);
    memcpy(copy, bytes, n);
    for (int i = 0; i < 8; i++) copy[i] = bytes[7 - i];
    spill(f->other, copy, n);
    expect_refused(f->other, XW_INPUT, "byte order");
    copy[0] = 'x';
    spill(f->other, copy, n);
    expect_refused(f->other, XW_INPUT, "is no snapshot");
    free(copy);
    free(bytes);
}

/* Reads a vertex of every edge of every outline, wherever the file says they are. */
static void touch_shapes(const xw_snapshot *s)
{
    const xw_model *m = xw_snapshot_model(s);
    volatile int32_t sum = 0;
    for (int kind = XW_SHAPE_GRID; kind <= XW_SHAPE_DIVISION; kind++) {
        for (uint32_t ix = 0; ix < xw__shape_count(m, (xw_shape_kind)kind); ix++) {
            const xw_shape shape = xw_snapshot_shape(s, (xw_shape_kind)kind, ix);
            for (uint32_t r = 0; r < shape.n_rings; r++) {
                for (uint32_t i = 0; i < shape.rings[r].n; i++) {
                    const uint32_t ref = shape.refs[shape.rings[r].first + i];
                    const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
                    sum ^= m->pts[e->first + e->n - 1].x;
                }
                sum ^= shape.rings[r].hole;
            }
        }
    }
    (void)sum;
}

/* Whoever forges the digest too must still not bring a reader down. */
static void test_forged_bytes_are_refused_or_safe(void **state)
{
    fixture *f = *state;
    write_ok(&f->m, f->path);
    size_t n;
    unsigned char *bytes = slurp(f->path, &n);
    unsigned char *copy = slurp(f->path, &n);
    xw_rng r = rng_from_env("forgery");
    int opened = 0, refused = 0;
    for (int i = 0; i < 20000; i++) {
        memcpy(copy, bytes, n);
        for (uint32_t k = xw_rng_below(&r, 3) + 1; k > 0; k--) {
            const uint32_t span = i % 3 ? (uint32_t)n - 64 : 576;
            copy[64 + xw_rng_below(&r, span)] = (unsigned char)xw_rng_next(&r);
        }
        snapshot_hash h;
        xw__hash_init(&h);
        xw__hash_add(&h, copy + 64, n - 64);
        const uint64_t digest = xw__hash_end(&h);
        memcpy(copy + offsetof(snapshot_head, digest), &digest, sizeof digest);
        xw_snapshot *s;
        if (xw__snapshot_view(copy, n, "forged", &s, NULL)) {
            refused++;
            continue;
        }
        opened++;
        uint32_t *ix = NULL;
        size_t found = 0, cap = 0;
        const xw_box all = {{TOY_X, TOY_Y}, {TOY_X + 9000, TOY_Y + 9000}};
        for (int k = 0; k < XW_SHAPE_KINDS; k++) {
            assert_int_equal(xw_snapshot_query(s, (xw_shape_kind)k, all, &ix, &found, &cap, NULL),
                             XW_OK);
        }
        (void)xw_locator_find(xw_snapshot_locator(s), (xw_pt){TOY_X + 100, TOY_Y + 100});
        touch_shapes(s);
        free(ix);
        xw_snapshot_close(s);
    }
    assert_true(opened > 100 && refused > 100);
    free(copy);
    free(bytes);
}

static void test_a_broken_model_is_refused_and_leaves_the_old_file(void **state)
{
    fixture *f = *state;
    write_ok(&f->m, f->path);
    xw_error err = {0};
    f->m.edges[3].left = 1000;
    assert_int_equal(xw_snapshot_write(&f->m, f->path, NULL, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "edge 3"));
    xw_snapshot_close(open_ok(f->path));
}

static void test_labels_that_contradict_each_other_are_refused(void **state)
{
    fixture *f = *state;
    xw_error err = {0};
    xw_edge *e = &f->m.edges[5];
    const uint32_t t = e->left;
    e->left = e->right;
    e->right = t;
    assert_int_not_equal(xw_snapshot_write(&f->m, f->path, NULL, &err), XW_OK);
}

static void test_a_place_that_cannot_be_written_is_named(void **state)
{
    fixture *f = *state;
    xw_error err = {0};
    char path[128];
    (void)snprintf(path, sizeof path, "%s/none/toy.snapshot", f->folder);
    assert_int_equal(xw_snapshot_write(&f->m, path, NULL, &err), XW_IO);
    assert_non_null(strstr(err.text, path));
    /* a folder has the name: everything is written but cannot take it, and is removed again */
    assert_int_equal(mkdir(f->path, 0777), 0);
    assert_int_equal(xw_snapshot_write(&f->m, f->path, NULL, &err), XW_IO);
    assert_non_null(strstr(err.text, f->path));
    assert_int_equal(rmdir(f->path), 0);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    fixture *f = *state;
    int n;
    for (n = 0;; n++) {
        fail_alloc_at(n);
        const xw_status st = xw_snapshot_write(&f->m, f->path, NULL, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            break;
        }
        if (st != XW_OK) assert_true(st == XW_NOMEM || st == XW_IO);
        if (st != XW_OK) assert_int_not_equal(access(f->path, F_OK), 0);
    }
    assert_true(n > 20);
    for (n = 0;; n++) {
        xw_snapshot *s;
        fail_alloc_at(n);
        const xw_status st = xw_snapshot_open(f->path, &s, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            xw_snapshot_close(s);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
    }
    xw_snapshot_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_an_opened_snapshot_has_the_model_that_was_written),
        TEST(test_equal_models_give_equal_bytes_and_another_gives_another_digest),
        TEST(test_an_empty_model_can_be_written_and_opened),
        TEST(test_outlines_are_those_of_their_plots),
        TEST(test_ranks_and_colours_are_those_of_the_tiles),
        TEST(test_box_queries_agree_with_a_look_at_every_box),
        TEST(test_what_is_no_whole_snapshot_is_refused_by_name),
        TEST(test_forged_bytes_are_refused_or_safe),
        TEST(test_a_broken_model_is_refused_and_leaves_the_old_file),
        TEST(test_labels_that_contradict_each_other_are_refused),
        TEST(test_a_place_that_cannot_be_written_is_named),
        TEST(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
