/* Stores that were cut, edited, or made to do harm. */
#include "store/place.h"
#include "support/same_model.h"
#include "xiwang/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void refused(place *p, xw_status st, const char *word)
{
    xw_model back;
    const xw_status got = xw_store_read(p->path, &back, &p->err);
    if (got != st || !strstr(p->err.text, word) || !strstr(p->err.text, p->path)) {
        fail_msg("status %d, \"%s\", looked for \"%s\"", got, p->err.text, word);
    }
    xw_model_finish(&back);
}

static void test_what_is_no_store_is_refused_with_its_reason(void **state)
{
    place *p = *state;
    static const char junk[2000] = "<html>this is no database</html>";
    refused(p, XW_NOT_FOUND, "No such file");
    file_put(p->path, junk, sizeof junk);
    refused(p, XW_INPUT, "not a GeoPackage");
    file_put(p->path, "", 0);
    refused(p, XW_INPUT, "not a store");
    assert_int_equal(unlink(p->path), 0);
    (void)memcpy(p->path, p->dir, sizeof p->dir);
    refused(p, XW_INPUT, "folder");
}

/* GeoPackage programs bring these functions; the triggers of a layer call them. */
static void zero(sqlite3_context *c, int n, sqlite3_value **values)
{
    (void)n;
    (void)values;
    sqlite3_result_int(c, 0);
}

static void edit(const char *path, const char *sql)
{
    static const char *const functions[] = {"ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY",
                                            "ST_MaxY"};
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (int i = 0; i < 5; i++) {
        const int code = sqlite3_create_function(
            db, functions[i], 1, SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, zero, NULL, NULL);
        assert_int_equal(code, SQLITE_OK);
    }
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Changes the toy's store by SQL, then reads it. */
static void changed(place *p, const char *sql, const char *word)
{
    place_write(p);
    edit(p->path, sql);
    refused(p, XW_INPUT, word);
}

static void test_damage_and_edits_are_refused_with_their_table(void **state)
{
    place *p = *state;
    static const char *const cases[][2] = {
        {"DROP TABLE xw_meta", "not a store"},
        {"DELETE FROM xw_meta", "store_version"},
        {"UPDATE xw_meta SET value='99' WHERE key='store_version'", "newer"},
        {"DROP TABLE xw_grid", "table xw_grid is missing"},
        {"DROP TABLE findings; CREATE VIEW findings AS SELECT 1", "table findings is missing"},
        {"ALTER TABLE findings RENAME TO x; CREATE VIRTUAL TABLE findings USING rtree(id,a,b)",
         "table findings is missing"},
        {"DELETE FROM xw_revision", "no published revision"},
        {"UPDATE xw_revision SET state='draft'", "no published revision"},
        {"UPDATE xw_revision SET digest='?'", "digest"},
        {"DELETE FROM findings WHERE fid=1", "damaged or edited"},
        {"DELETE FROM addresses WHERE fid=1", "addresses, row 1"},
        {"DELETE FROM xw_plot WHERE fid=3", "plots, row 3: x is no"},
        {"UPDATE xw_plot SET division=77 WHERE fid=3", "plots, row 3: division"},
        {"UPDATE xw_plot SET x=4000000000", "plots, row 1: x"},
        {"UPDATE xw_grid SET units=x'0102' WHERE fid=6", "teams, row 1: units"},
        {"UPDATE xw_grid SET units=x'ffffffff' WHERE fid=6", "toy.gpkg: grid"},
        {"UPDATE xw_level SET first_grid=1", "xw_level, row 1"},
        {"UPDATE units SET team_code='1' WHERE fid=5", "units, row 5: team_code"},
        {"UPDATE units SET plot_id='11' WHERE fid=5", "units, row 5: plot_id"},
        {"UPDATE units SET plot_id='-1' WHERE fid=5", "units, row 5: plot_id"},
        {"UPDATE units SET households=1 WHERE fid=5", "households do not add up"},
        {"UPDATE plots SET kind='castle' WHERE fid=2", "plots, row 2: kind"},
        {"UPDATE plots SET households='many' WHERE fid=2", "plots, row 2: households"},
        {"UPDATE edges SET left_plot='4294967295'", "toy.gpkg: edge"},
        {"UPDATE edges SET class='canyon' WHERE fid=4", "edges, row 4: class"},
        {"UPDATE addresses SET text='elsewhere'", "damaged or edited"},
        {"UPDATE addresses SET text=x'00' WHERE fid=2", "addresses, row 2: text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) changed(p, cases[i][0], cases[i][1]);
}

static void test_wrong_geometry_is_refused_with_its_row(void **state)
{
    place *p = *state;
    static const char *const cases[][2] = {
        {"UPDATE edges SET geom=substr(geom,1,60) WHERE fid=2",
         "edges, row 2: geom geometry is cut"},
        {"UPDATE edges SET geom=(SELECT geom FROM units LIMIT 1) WHERE fid=2",
         "edges, row 2: geom is another kind"},
        {"UPDATE addresses SET geom=NULL WHERE fid=2", "addresses, row 2: geom is no geometry"},
        {"UPDATE units SET geom=x'00' WHERE fid=2; UPDATE plots SET geom=NULL;"
         "UPDATE buildings SET geom=x'47500001' WHERE fid=3",
         "buildings, row 3: geom geometry is cut"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) changed(p, cases[i][0], cases[i][1]);
}

/* Property: whatever bytes are changed, a store that is read is the store that was written. */
static void test_flipped_bytes_never_give_another_model(void **state)
{
    place *p = *state;
    xw_rng r = rng_from_env("store");
    size_t n;
    int read = 0;
    place_write(p);
    char *bytes = file_bytes(p->path, &n);
    char *bad = malloc(n);
    assert_non_null(bad);
    for (int i = 0; i < 400; i++) {
        xw_model back;
        memcpy(bad, bytes, n);
        const uint32_t flips = 1 + xw_rng_below(&r, 8);
        for (uint32_t k = 0; k < flips; k++) {
            bad[xw_rng_below(&r, (uint32_t)n)] ^= (char)(1 << xw_rng_below(&r, 8));
        }
        file_put(p->path, bad, i % 16 ? n : xw_rng_below(&r, (uint32_t)n));
        if (xw_store_read(p->path, &back, &p->err) == XW_OK) {
            assert_same_model(&p->m, &back);
            read++;
        }
        xw_model_finish(&back);
    }
    assert_in_range(read, 1, 399); /* else the flips prove nothing */
    free(bytes);
    free(bad);
}

static void test_any_failed_allocation_of_a_read_is_reported(void **state)
{
    place *p = *state;
    place_write(p);
    for (int n = 0;; n++) {
        xw_model back;
        fail_alloc_at(n);
        const xw_status st = xw_store_read(p->path, &back, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        assert_int_equal(failed ? back.n_plots : 10, failed ? 0 : 10);
        xw_model_finish(&back);
        if (!failed) {
            assert_true(n > 10);
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_what_is_no_store_is_refused_with_its_reason),
        PLACE_TEST(test_damage_and_edits_are_refused_with_their_table),
        PLACE_TEST(test_wrong_geometry_is_refused_with_its_row),
        PLACE_TEST(test_flipped_bytes_never_give_another_model),
        PLACE_TEST(test_any_failed_allocation_of_a_read_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
