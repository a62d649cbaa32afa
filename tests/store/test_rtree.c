#include "internal.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/xw-rtree-XXXXXX"; /* a file, empty between the tests */

static xw__db open_db(void)
{
    xw__db db = {.path = path};
    assert_int_equal(sqlite3_open(path, &db.sql), SQLITE_OK);
    assert_int_equal(xw__sql_exec(&db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", NULL),
                     XW_OK);
    return db;
}

/* A file with the tree alone. */
static xw_status write_tree(xw__rtree *t)
{
    assert_int_equal(truncate(path, 0), 0);
    xw__sheets to = {.pages = {.fd = -1}};
    xw__db db = open_db();
    assert_int_equal(xw__sql_exec(&db, "PRAGMA page_size=4096", NULL), XW_OK);
    xw_status st = xw__rtree_create(&db, "t", NULL);
    if (!st) st = xw__sheets_read(&db, &to, NULL);
    assert_int_equal(sqlite3_close(db.sql), SQLITE_OK);
    if (!st) st = xw__pages_open(&to.pages, path, path, NULL);
    if (!st) st = xw__pages_close(&to.pages, xw__rtree_write(&to, "t", t, NULL), NULL);
    xw__sheets_finish(&to);
    return st;
}

static int64_t ask(const xw__db *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    const int64_t v = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return v;
}

static xw_box random_box(xw_rng *r, int32_t world, int32_t side)
{
    const xw_pt p = {1190000000 + xw_rng_in(r, 0, world), 260000000 + xw_rng_in(r, 0, world)};
    return (xw_box){p, {p.x + xw_rng_in(r, 0, side), p.y + xw_rng_in(r, 0, side)}};
}

/* Every box that meets the window is found; what is found beyond is within a float's rounding. */
static void check_windows(const xw__db *db, const xw_box *boxes, uint32_t n, xw_rng *r)
{
    sqlite3_stmt *st = NULL;
    bool *found = calloc(n + 1, sizeof *found);
    assert_non_null(found);
    assert_int_equal(sqlite3_prepare_v2(db->sql,
                                        "SELECT id FROM rtree_t_geom WHERE minx<=?3 AND maxx>=?1"
                                        " AND miny<=?4 AND maxy>=?2",
                                        -1, &st, NULL),
                     SQLITE_OK);
    for (int i = 0; i < 20; i++) {
        const xw_box w = random_box(r, 1000000, 100000);
        const double v[4] = {xw_deg(w.min.x), xw_deg(w.min.y), xw_deg(w.max.x), xw_deg(w.max.y)};
        for (int k = 0; k < 4; k++) (void)sqlite3_bind_double(st, k + 1, v[k]);
        for (uint32_t k = 0; k < n; k++) found[k] = false;
        while (sqlite3_step(st) == SQLITE_ROW) {
            const uint32_t k = (uint32_t)sqlite3_column_int64(st, 0) - 1;
            assert_true(k < n && !found[k]);
            found[k] = true;
            const xw_box near = {{w.min.x - 200, w.min.y - 200}, {w.max.x + 200, w.max.y + 200}};
            assert_true(xw_box_meets(boxes[k], near));
        }
        for (uint32_t k = 0; k < n; k++) assert_true(found[k] || !xw_box_meets(boxes[k], w));
        (void)sqlite3_reset(st);
    }
    (void)sqlite3_finalize(st);
    free(found);
}

/* Sizes round the rooms of a node (51) and of two levels (2601); SQLite's own check, and windows
 * against brute force. */
static void test_windows_find_what_brute_force_finds(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 2, 51, 52, 53, 102, 103, 2601, 2602, 2653, 9000};
    xw_rng r = rng_from_env("rtree");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint32_t n = sizes[i];
        xw__rtree t = {0};
        xw_box *boxes = malloc((n + 1) * sizeof *boxes);
        assert_non_null(boxes);
        for (uint32_t k = 0; k < n; k++) {
            boxes[k] = random_box(&r, 1000000, k % 7 == 0 ? 0 : 20000);
            assert_int_equal(xw__rtree_add(&t, k + 1, boxes[k], NULL), XW_OK);
        }
        assert_int_equal(write_tree(&t), XW_OK);
        xw__db db = open_db();
        assert_int_equal(ask(&db, "SELECT rtreecheck('rtree_t_geom')='ok'"), 1);
        assert_int_equal(ask(&db, "SELECT count(*) FROM rtree_t_geom"), n);
        check_windows(&db, boxes, n, &r);
        free(boxes);
        xw__rtree_finish(&t);
        assert_int_equal(sqlite3_close(db.sql), SQLITE_OK);
    }
}

/* The module goes on with the tree as if it had made it. */
static void test_rows_can_be_put_in_and_taken_out_afterwards(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("rtree");
    xw__rtree t = {0};
    for (uint32_t k = 0; k < 3000; k++) {
        assert_int_equal(xw__rtree_add(&t, k + 1, random_box(&r, 1000000, 20000), NULL), XW_OK);
    }
    assert_int_equal(write_tree(&t), XW_OK);
    xw__db db = open_db();
    for (int k = 0; k < 2000; k++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "DELETE FROM rtree_t_geom WHERE id=%u",
                       1 + xw_rng_below(&r, 3000));
        assert_int_equal(sqlite3_exec(db.sql, sql, NULL, NULL, NULL), SQLITE_OK);
        (void)snprintf(sql, sizeof sql, "INSERT INTO rtree_t_geom VALUES(%d,119,119.1,26,26.1)",
                       10000 + k);
        assert_int_equal(sqlite3_exec(db.sql, sql, NULL, NULL, NULL), SQLITE_OK);
    }
    assert_int_equal(ask(&db, "SELECT rtreecheck('rtree_t_geom')='ok'"), 1);
    xw__rtree_finish(&t);
    assert_int_equal(sqlite3_close(db.sql), SQLITE_OK);
}

static void test_a_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        xw__rtree t = {0};
        fail_alloc_at(n);
        xw_status st = xw__rtree_add(&t, 1, (xw_box){{0, 0}, {1, 1}}, NULL);
        if (!st) st = write_tree(&t);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw__rtree_finish(&t);
        if (!failed) return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_find_what_brute_force_finds),
        cmocka_unit_test(test_rows_can_be_put_in_and_taken_out_afterwards),
        cmocka_unit_test(test_a_failed_allocation_is_reported),
    };
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
