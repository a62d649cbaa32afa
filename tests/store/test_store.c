#include "store/place.h"
#include "support/same_model.h"
#include "xiwang/store.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void test_write_then_read_gives_an_equal_model(void **state)
{
    place *p = *state;
    xw_model back;
    place_write(p);
    if (xw_store_read(p->path, &back, &p->err)) fail_msg("%s", p->err.text);
    assert_same_model(&p->m, &back);
    assert_int_equal(xw_model_validate(&back, NULL), XW_OK);
    xw_model_finish(&back);
    assert_int_equal(place_files(p->dir), 1);
}

static void test_extreme_values_and_strange_texts_come_back(void **state)
{
    place *p = *state;
    xw_model *m = &p->m, back;
    const char *const odd[] = {"'; DROP TABLE plots; --",
                               "\"quoted\" \\ back",
                               "line\nbreak\ttab",
                               "\xF0\x9F\x8F\xA0 𠮷野家 \u00e9",
                               "  ",
                               "%s%n%w",
                               "0"};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(xw_strings_add(&m->text, odd[i], &m->buildings[i].name, NULL), XW_OK);
        assert_int_equal(xw_strings_add(&m->text, odd[i], &m->grids[i].name, NULL), XW_OK);
        m->edges[i].name = m->plots[i].name = m->buildings[i].name;
    }
    m->name = m->buildings[0].name;
    m->revision = UINT32_MAX;
    m->effective_unix = INT64_MIN;
    m->plots[0].area_m2 = 1e300;
    m->plots[1].area_m2 = 4.9e-324;
    m->plots[2].area_m2 = -0.0;
    m->plots[3].block = UINT32_MAX - 1;
    m->plots[4].block = XW_NONE;
    m->edges[0].length_m = 3.4e38f;
    m->edges[0].flags = 255;
    m->edges[0].custody = 9;
    m->buildings[1].height_m = 1e-40f;
    m->buildings[2].height_m = -16777216;
    m->buildings[2].floors = UINT16_MAX;
    m->buildings[2].estimated = 255;
    m->units[5].floor_min = INT16_MIN;
    m->units[5].floor_max = 0;
    m->lines[0].cls = XW_CLASS_NONE;
    m->lines[0].flags = 255;
    m->grids[7].label = (xw_pt){-XW_LON_MAX, XW_LAT_MAX};
    m->grids[7].floor_min = 0;
    m->addresses[1].at = (xw_pt){XW_LON_MAX, -XW_LAT_MAX};
    m->levels[0].cap = UINT32_MAX;
    m->levels[1].floor = UINT32_MAX;
    m->levels[2].never = (1u << XW_CLASS_COUNT) - 1;
    place_write(p);
    if (xw_store_read(p->path, &back, &p->err)) fail_msg("%s", p->err.text);
    assert_same_model(m, &back);
    xw_model_finish(&back);
}

static void test_an_empty_model_is_written_and_read(void **state)
{
    place *p = *state;
    xw_model_finish(&p->m);
    p->m.revision = 1;
    xw_model back;
    place_write(p);
    if (xw_store_read(p->path, &back, &p->err)) fail_msg("%s", p->err.text);
    assert_same_model(&p->m, &back);
    xw_model_finish(&back);
}

static void test_two_writes_give_the_same_bytes(void **state)
{
    place *p = *state;
    size_t n, again_n;
    place_write(p);
    char *bytes = file_bytes(p->path, &n);
    xw_model back;
    assert_int_equal(xw_store_read(p->path, &back, NULL), XW_OK);
    assert_int_equal(xw_store_write(&back, p->path, true, NULL, NULL), XW_OK);
    char *again = file_bytes(p->path, &again_n);
    assert_int_equal(n, again_n);
    assert_memory_equal(bytes, again, n);
    xw_model_finish(&back);
    free(bytes);
    free(again);
}

static void test_an_existing_store_needs_force(void **state)
{
    place *p = *state;
    place_write(p);
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_EXISTS);
    assert_non_null(strstr(p->err.text, p->path));

    char wal[128]; /* of the file that goes: it must not be replayed into the new one */
    (void)snprintf(wal, sizeof wal, "%s-wal", p->path);
    file_put(wal, "old", 3);
    place_write(p);
    assert_int_equal(place_files(p->dir), 1);
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
        assert_int_equal(place_files(p->dir), 0);
    }
}

static void test_a_cancelled_write_keeps_the_old_store(void **state)
{
    place *p = *state;
    const volatile sig_atomic_t stop = 1;
    const xw_job job = {.cancel = &stop};
    size_t n, n_after;
    place_write(p);
    char *before = file_bytes(p->path, &n);
    assert_int_equal(xw_store_write(&p->m, p->path, true, &job, &p->err), XW_CANCELLED);
    char *after = file_bytes(p->path, &n_after);
    assert_int_equal(n, n_after);
    assert_memory_equal(before, after, n);
    assert_int_equal(place_files(p->dir), 1);
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
    p->m.buildings[2].use = 77;
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    assert_string_equal(p->err.text, "building 3: no such use");
    p->m.buildings[2].use = XW_USE_HOUSE;
    p->m.lines[1].cls = 77;
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    assert_string_equal(p->err.text, "barrier 2: no such class");
    p->m.lines[1].cls = XW_CLASS_RIVER;
    assert_int_equal(xw_strings_add(&p->m.text, "plot", &p->m.levels[1].key, NULL), XW_OK);
    assert_int_equal(xw_store_write(&p->m, p->path, false, NULL, &p->err), XW_INPUT);
    assert_non_null(strstr(p->err.text, "\"plot\""));
    assert_int_equal(place_files(p->dir), 0);
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
    char got[300] = "no row";
    char *why = NULL;
    if (sqlite3_exec(db, sql, to_text, got, &why) != SQLITE_OK) fail_msg("%s: %s", sql, why);
    if (strcmp(got, value) != 0) fail_msg("%s: %s, not %s", sql, got, value);
}

static void test_the_file_is_a_geopackage(void **state)
{
    place *p = *state;
    sqlite3 *db = NULL;
    place_write(p);
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_sql(db, "PRAGMA application_id", "1196444487");
    assert_sql(db, "PRAGMA user_version", "10300");
    assert_sql(db, "PRAGMA integrity_check", "ok");
    assert_sql(db, "SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_sql(db,
               "SELECT group_concat(table_name) FROM (SELECT table_name FROM gpkg_contents"
               " WHERE data_type='features' ORDER BY rowid)",
               "divisions,zones,sections,teams,plots,units,buildings,edges,barriers,addresses,"
               "findings,lineage");
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
        assert_int_equal(place_files(p->dir), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_write_then_read_gives_an_equal_model),
        PLACE_TEST(test_extreme_values_and_strange_texts_come_back),
        PLACE_TEST(test_an_empty_model_is_written_and_read),
        PLACE_TEST(test_two_writes_give_the_same_bytes),
        PLACE_TEST(test_an_existing_store_needs_force),
        PLACE_TEST(test_a_place_that_cannot_be_written_is_named),
        PLACE_TEST(test_a_full_disk_leaves_nothing_behind),
        PLACE_TEST(test_a_cancelled_write_keeps_the_old_store),
        PLACE_TEST(test_a_broken_model_is_not_written),
        PLACE_TEST(test_the_file_is_a_geopackage),
        PLACE_TEST(test_any_failed_allocation_of_a_write_is_reported),
        cmocka_unit_test(test_the_snapshot_lies_beside_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
