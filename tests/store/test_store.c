#include "support/same_model.h"
#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/store.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of its own for each test, and a toy in it. */
typedef struct place {
    char dir[64], path[96];
    xw_model m;
    xw_error err;
} place;

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-store-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->path, sizeof p->path, "%s/toy.gpkg", p->dir);
    assert_true(toy_model_make(&p->m));
    *state = p;
    return 0;
}

static int files_in(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

static int tear_down(void **state)
{
    place *p = *state;
    DIR *d = opendir(p->dir);
    char name[400];
    for (const struct dirent *e; d && (e = readdir(d));) {
        (void)snprintf(name, sizeof name, "%s/%s", p->dir, e->d_name);
        if (e->d_name[0] != '.') (void)unlink(name);
    }
    (void)closedir(d);
    (void)rmdir(p->dir);
    xw_model_finish(&p->m);
    free(p);
    return 0;
}

static void write_toy(place *p)
{
    if (xw_store_write(&p->m, p->path, true, NULL, &p->err)) fail_msg("%s", p->err.text);
}

static char *bytes_of(const char *path, size_t *n)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    *n = fread(bytes, 1, (size_t)info.st_size, f);
    assert_int_equal(*n, info.st_size);
    (void)fclose(f);
    return bytes;
}

static void put_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void test_write_then_read_gives_an_equal_model(void **state)
{
    place *p = *state;
    xw_model back;
    write_toy(p);
    if (xw_store_read(p->path, &back, &p->err)) fail_msg("%s", p->err.text);
    assert_same_model(&p->m, &back);
    assert_int_equal(xw_model_validate(&back, NULL), XW_OK);
    xw_model_finish(&back);
    assert_int_equal(files_in(p->dir), 1);
}

static void test_an_empty_model_is_written_and_read(void **state)
{
    place *p = *state;
    xw_model_finish(&p->m);
    p->m.revision = 1;
    xw_model back;
    write_toy(p);
    if (xw_store_read(p->path, &back, &p->err)) fail_msg("%s", p->err.text);
    assert_same_model(&p->m, &back);
    xw_model_finish(&back);
}

static void test_two_writes_give_the_same_bytes(void **state)
{
    place *p = *state;
    size_t n, again_n;
    write_toy(p);
    char *bytes = bytes_of(p->path, &n);
    xw_model back;
    assert_int_equal(xw_store_read(p->path, &back, NULL), XW_OK);
    assert_int_equal(xw_store_write(&back, p->path, true, NULL, NULL), XW_OK);
    char *again = bytes_of(p->path, &again_n);
    assert_int_equal(n, again_n);
    assert_memory_equal(bytes, again, n);
    xw_model_finish(&back);
    free(bytes);
    free(again);
}

static void test_an_existing_store_needs_force(void **state)
{
    place *p = *state;
    write_toy(p);
    assert_int_equal(xw_store_probe(p->path, false, &p->err), XW_EXISTS);
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_EXISTS);
    assert_non_null(strstr(p->err.text, p->path));
    assert_int_equal(xw_store_probe(p->path, true, &p->err), XW_OK);

    char wal[128]; /* of the file that goes: it must not be replayed into the new one */
    (void)snprintf(wal, sizeof wal, "%s-wal", p->path);
    put_bytes(wal, "old", 3);
    write_toy(p);
    assert_int_equal(files_in(p->dir), 1);
}

static void test_a_place_that_cannot_be_written_is_named(void **state)
{
    place *p = *state;
    char path[128];
    assert_int_equal(xw_store_write(&p->m, p->dir, true, NULL, &p->err), XW_IO);
    assert_non_null(strstr(p->err.text, p->dir));
    (void)snprintf(path, sizeof path, "%s/none/toy.gpkg", p->dir);
    assert_int_equal(xw_store_write(&p->m, path, false, NULL, &p->err), XW_IO);
    assert_non_null(strstr(p->err.text, "none"));
    assert_int_equal(xw_store_probe("/dev/null", true, &p->err), XW_IO);
    assert_int_equal(xw_store_probe("", true, &p->err), XW_USAGE);
    assert_int_equal(xw_store_probe("bare-name.gpkg", false, &p->err), XW_OK);
}

static void test_a_full_disk_leaves_nothing_behind(void **state)
{
    place *p = *state;
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size < 100000; size += 40000) {
        const struct rlimit small = {size, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const xw_status st = xw_store_write(&p->m, p->path, false, NULL, &p->err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(st, XW_IO);
        assert_non_null(strstr(p->err.text, p->path));
        assert_int_equal(files_in(p->dir), 0);
    }
}

static void test_a_cancelled_write_keeps_the_old_store(void **state)
{
    place *p = *state;
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    size_t n, n_after;
    write_toy(p);
    char *before = bytes_of(p->path, &n);
    assert_int_equal(xw_store_write(&p->m, p->path, true, &job, &p->err), XW_CANCELLED);
    char *after = bytes_of(p->path, &n_after);
    assert_int_equal(n, n_after);
    assert_memory_equal(before, after, n);
    assert_int_equal(files_in(p->dir), 1);
    free(before);
    free(after);
}

static void test_a_broken_model_is_not_written(void **state)
{
    place *p = *state;
    p->m.units[0].households++;
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    p->m.units[0].households--;
    p->m.plots[3].area_m2 = 0.0 / 0.0;
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    assert_non_null(strstr(p->err.text, "plot 4"));
    p->m.plots[3].area_m2 = 1;
    assert_int_equal(xw_strings_add(&p->m.text, "plot", &p->m.levels[1].key, NULL), XW_OK);
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    assert_non_null(strstr(p->err.text, "\"plot\""));
    assert_int_equal(files_in(p->dir), 0);
}

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
    put_bytes(p->path, junk, sizeof junk);
    refused(p, XW_INPUT, "not a GeoPackage");
    put_bytes(p->path, "", 0);
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
    write_toy(p);
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
    write_toy(p);
    char *bytes = bytes_of(p->path, &n);
    char *bad = malloc(n);
    assert_non_null(bad);
    for (int i = 0; i < 400; i++) {
        xw_model back;
        memcpy(bad, bytes, n);
        const uint32_t flips = 1 + xw_rng_below(&r, 8);
        for (uint32_t k = 0; k < flips; k++) {
            bad[xw_rng_below(&r, (uint32_t)n)] ^= (char)(1 << xw_rng_below(&r, 8));
        }
        put_bytes(p->path, bad, i % 16 ? n : xw_rng_below(&r, (uint32_t)n));
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

static int to_text(void *user, int n, char **values, char **names)
{
    (void)names;
    assert_int_equal(n, 1);
    (void)snprintf(user, 200, "%s", values[0] ? values[0] : "null");
    return 0;
}

static void assert_sql(sqlite3 *db, const char *sql, const char *value)
{
    char got[200] = "no row";
    char *why = NULL;
    if (sqlite3_exec(db, sql, to_text, got, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    if (strcmp(got, value) != 0) fail_msg("%s: %s, not %s", sql, got, value);
}

static void test_the_file_is_a_geopackage(void **state)
{
    place *p = *state;
    sqlite3 *db = NULL;
    write_toy(p);
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_sql(db, "PRAGMA application_id", "1196444487");
    assert_sql(db, "PRAGMA user_version", "10300");
    assert_sql(db, "PRAGMA integrity_check", "ok");
    assert_sql(db, "SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_sql(db,
               "SELECT group_concat(table_name) FROM (SELECT table_name FROM gpkg_contents"
               " WHERE data_type='features' ORDER BY rowid)",
               "divisions,zones,sections,teams,plots,units,buildings,edges,barriers,addresses,"
               "findings");
    assert_sql(db, "SELECT group_concat(srs_id) FROM gpkg_spatial_ref_sys", "-1,0,4326,4490");
    assert_sql(db, "SELECT last_change FROM gpkg_contents LIMIT 1", "2026-01-01T00:00:00.000Z");
    assert_sql(db, "SELECT count(*) FROM plots", "10");
    assert_sql(db, "SELECT count(*) FROM teams WHERE floor_min IS NOT NULL", "2");
    assert_sql(db, "SELECT length(geom) FROM units WHERE fid=1", "29");
    assert_sql(db, "SELECT count(*) FROM divisions WHERE geom IS NULL", "0");
    assert_sql(db, "SELECT name FROM gpkg_data_columns WHERE column_name='households' LIMIT 1",
               "户数");
    assert_sql(db, "SELECT rtreecheck('rtree_plots_geom')", "ok");
    assert_sql(db,
               "SELECT group_concat(id) FROM rtree_plots_geom WHERE minx<=119.13001"
               " AND maxx>=119.13 AND miny<=26.15001 AND maxy>=26.15",
               "1");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_any_failed_allocation_of_a_write_is_reported(void **state)
{
    place *p = *state;
    for (int n = 0;; n++) {
        fail_alloc_at(n);
        const xw_status st = xw_store_write(&p->m, p->path, false, NULL, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_int_equal(files_in(p->dir), 0);
    }
}

static void test_any_failed_allocation_of_a_read_is_reported(void **state)
{
    place *p = *state;
    write_toy(p);
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

static void test_the_snapshot_lies_beside_the_store(void **state)
{
    (void)state;
    xw_buf path;
    xw_buf_init(&path, 100);
    xw_store_snapshot_path("a/li.gpkg", &path);
    assert_string_equal(path.data, "a/li.gpkg.snapshot");
    xw_buf_finish(&path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_write_then_read_gives_an_equal_model),
        TEST(test_an_empty_model_is_written_and_read),
        TEST(test_two_writes_give_the_same_bytes),
        TEST(test_an_existing_store_needs_force),
        TEST(test_a_place_that_cannot_be_written_is_named),
        TEST(test_a_full_disk_leaves_nothing_behind),
        TEST(test_a_cancelled_write_keeps_the_old_store),
        TEST(test_a_broken_model_is_not_written),
        TEST(test_what_is_no_store_is_refused_with_its_reason),
        TEST(test_damage_and_edits_are_refused_with_their_table),
        TEST(test_wrong_geometry_is_refused_with_its_row),
        TEST(test_flipped_bytes_never_give_another_model),
        TEST(test_the_file_is_a_geopackage),
        TEST(test_any_failed_allocation_of_a_write_is_reported),
        TEST(test_any_failed_allocation_of_a_read_is_reported),
        cmocka_unit_test(test_the_snapshot_lies_beside_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
