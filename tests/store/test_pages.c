/* Tables written as pages are what SQLite reads, checks, and goes on with. */
#include "internal.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xw-pages-XXXXXX";

static sqlite3 *open_db(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
}

/* A new file with the empty tables t and u. */
static void begin(xw__sheets *to)
{
    assert_int_equal(truncate(path, 0), 0);
    xw__db db = {.path = path, .sql = open_db()};
    run(db.sql, "PRAGMA page_size=4096;"
                "CREATE TABLE t (fid INTEGER PRIMARY KEY, a INTEGER, b REAL, c TEXT, d BLOB);"
                "CREATE TABLE u (fid INTEGER PRIMARY KEY, a TEXT);");
    assert_int_equal(xw__sheets_read(&db, to, NULL), XW_OK);
    assert_int_equal(sqlite3_close(db.sql), SQLITE_OK);
    assert_int_equal(xw__pages_open(&to->pages, path, path, NULL), XW_OK);
}

static void end(xw__sheets *to)
{
    assert_int_equal(xw__pages_close(&to->pages, XW_OK, NULL), XW_OK);
    xw__sheets_finish(to);
}

static int64_t whole_number(xw_rng *r)
{
    static const int64_t edges[] = {0,    1,     -1,     127,     128,        -128,
                                    -129, 32767, -32769, 8388607, 2147483648, 140737488355328};
    if (xw_rng_below(r, 3) == 0) return edges[xw_rng_below(r, 12)];
    const uint64_t v = xw_rng_next(r) >> xw_rng_below(r, 64);
    return (int64_t)(xw_rng_below(r, 2) ? v : ~v);
}

/* Lengths round what stays in a leaf (4061), and of several pages. */
static size_t length(xw_rng *r, uint32_t most)
{
    static const size_t edges[] = {0, 1, 57, 58, 4000, 4040, 4092, 8184, 20000};
    if (xw_rng_below(r, 40) == 0) return edges[xw_rng_below(r, 9)];
    return xw_rng_below(r, most);
}

static void expect(sqlite3_stmt *st, int64_t row, int64_t a, double b, const char *bytes, size_t n,
                   bool text)
{
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_true(sqlite3_column_int64(st, 0) == row);
    assert_true(sqlite3_column_int64(st, 1) == a);
    const double got = sqlite3_column_double(st, 2);
    assert_memory_equal(&got, &b, sizeof b);
    assert_int_equal(sqlite3_column_bytes(st, text ? 3 : 4), n);
    if (n) assert_memory_equal(sqlite3_column_blob(st, text ? 3 : 4), bytes, n);
    assert_int_equal(sqlite3_column_type(st, text ? 4 : 3), SQLITE_NULL);
}

/* Both passes draw the same rows: the first writes them, the second compares. */
static void draw_rows(uint64_t seed, uint32_t n, uint32_t most, xw__sheet *s, sqlite3_stmt *st)
{
    xw_rng r = {seed};
    char *bytes = malloc(20001);
    assert_non_null(bytes);
    int64_t row = 0;
    for (uint32_t i = 0; i < n; i++) {
        row += 1 + (xw_rng_below(&r, 10) == 0 ? (int64_t)xw_rng_below(&r, 1u << 30) : 0);
        const int64_t a = whole_number(&r);
        const double b = (double)xw_rng_next(&r) / 7;
        const size_t len = length(&r, most);
        const bool text = xw_rng_below(&r, 2);
        memset(bytes, 'a' + (int)xw_rng_below(&r, 26), len);
        bytes[len] = '\0';
        if (!s) {
            expect(st, row, a, b, bytes, len, text);
            continue;
        }
        xw__sheet_null(s);
        xw__sheet_int(s, a);
        xw__sheet_real(s, b);
        if (text) {
            xw__sheet_text(s, bytes);
            xw__sheet_null(s);
        } else {
            xw__sheet_null(s);
            xw__sheet_blob(s, bytes, len);
        }
        assert_int_equal(xw__sheet_row(s, row, NULL), XW_OK);
    }
    free(bytes);
}

static void expect_whole(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(st, 0), "ok");
    (void)sqlite3_finalize(st);
}

static void test_sqlite_reads_what_was_written(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 2, 60, 300, 5000, 40000};
    xw_rng r = rng_from_env("pages");
    for (int i = 0; i < 14; i++) {
        const uint32_t n = sizes[i % 7], most = i < 7 ? 40 : n > 5000 ? 100 : 5000;
        const uint64_t seed = xw_rng_next(&r), other = xw_rng_next(&r);
        xw__sheets to;
        xw__sheet s;
        begin(&to);
        assert_int_equal(xw__sheets_begin(&to, "%s", "t", &s, NULL), XW_OK);
        draw_rows(seed, n, most, &s, NULL);
        assert_int_equal(xw__sheet_end(&s, XW_OK, NULL), XW_OK);
        assert_int_equal(xw__sheets_begin(&to, "%s", "u", &s, NULL), XW_OK);
        xw__sheet_null(&s);
        xw__sheet_text(&s, "second");
        assert_int_equal(xw__sheet_row(&s, (int64_t)(other >> 2), NULL), XW_OK);
        assert_int_equal(xw__sheet_end(&s, XW_OK, NULL), XW_OK);
        end(&to);
        sqlite3 *db = open_db();
        sqlite3_stmt *st = NULL;
        expect_whole(db);
        assert_int_equal(sqlite3_prepare_v2(db, "SELECT * FROM t ORDER BY fid", -1, &st, NULL),
                         SQLITE_OK);
        draw_rows(seed, n, most, NULL, st);
        assert_int_equal(sqlite3_step(st), SQLITE_DONE);
        (void)sqlite3_finalize(st);
        run(db, "DELETE FROM t WHERE fid % 3 = 1; UPDATE t SET c = 'longer than it was before';"
                "INSERT INTO t (a) SELECT a FROM t; INSERT INTO u (fid, a) VALUES (-5, 'x');");
        expect_whole(db);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
    }
}

static void test_a_table_that_is_not_there_is_named(void **state)
{
    (void)state;
    xw__sheets to;
    xw__sheet s;
    xw_error err;
    begin(&to);
    assert_int_equal(xw__sheets_begin(&to, "rtree_%s_geom_node", "none", &s, &err), XW_INTERNAL);
    assert_non_null(strstr(err.text, "rtree_none_geom_node"));
    end(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sqlite_reads_what_was_written),
        cmocka_unit_test(test_a_table_that_is_not_there_is_named),
    };
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
