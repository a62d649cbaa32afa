/* Values of a store changed at will: the reader answers, and what it gives is a valid model. The
 * bytes are edits: which column, which row, which type, then the value. */
#include "support/toy_model.h"
#include "xiwang/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const columns[][2] = {
    {"xw_meta", "value"},
    {"xw_revision", "fid"},
    {"xw_revision", "digest"},
    {"xw_level", "key"},
    {"xw_level", "first_grid"},
    {"xw_level", "n_grids"},
    {"xw_level", "cap"},
    {"xw_division", "first_plot"},
    {"xw_division", "n_plots"},
    {"xw_plot", "division"},
    {"xw_plot", "x"},
    {"xw_plot", "area_m2"},
    {"xw_edge", "custody"},
    {"xw_edge", "length_m"},
    {"xw_grid", "division"},
    {"xw_grid", "parent"},
    {"xw_grid", "first_child"},
    {"xw_grid", "y"},
    {"xw_grid", "base_m"},
    {"xw_grid", "units"},
    {"divisions", "code"},
    {"divisions", "geom"},
    {"plots", "block_id"},
    {"plots", "building_id"},
    {"plots", "kind"},
    {"plots", "households"},
    {"plots", "name"},
    {"units", "building_id"},
    {"units", "plot_id"},
    {"units", "households"},
    {"units", "floor_min"},
    {"units", "floor_max"},
    {"units", "team_code"},
    {"buildings", "geom"},
    {"buildings", "households"},
    {"buildings", "floors"},
    {"buildings", "height"},
    {"buildings", "plot_id"},
    {"buildings", "use"},
    {"edges", "geom"},
    {"edges", "basis"},
    {"edges", "class"},
    {"edges", "left_plot"},
    {"edges", "right_plot"},
    {"edges", "flags"},
    {"barriers", "geom"},
    {"barriers", "class"},
    {"addresses", "geom"},
    {"addresses", "building_id"},
    {"findings", "geom"},
    {"findings", "text"},
    {"teams", "code"},
    {"teams", "kind"},
    {"teams", "households"},
    {"teams", "children"},
    {"teams", "floor_min"},
    {"zones", "children"},
    {"sections", "children"},
    {"sections", "households"},
    {"teams", "fid"},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static char path[] = "/tmp/xw-fuzz-store-XXXXXX";
static char *fresh; /* the bytes of the toy's store, without triggers */
static size_t n_fresh;

static void remove_file(void) { (void)unlink(path); }

static void must(bool ok)
{
    if (!ok) __builtin_trap();
}

static void drop_triggers(sqlite3 *db)
{
    sqlite3_stmt *st = NULL;
    must(sqlite3_prepare_v2(db,
                            "SELECT group_concat('DROP TRIGGER \"'||name||'\"',';') FROM"
                            " sqlite_master WHERE type='trigger'",
                            -1, &st, NULL) == SQLITE_OK);
    must(sqlite3_step(st) == SQLITE_ROW);
    char *drop = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_finalize(st);
    must(drop && sqlite3_exec(db, drop, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_free(drop);
}

static void start(void)
{
    xw_model m;
    sqlite3 *db = NULL;
    const int fd = mkstemp(path);
    must(fd >= 0 && close(fd) == 0 && toy_model_make(&m));
    must(xw_store_write(&m, path, true, NULL, NULL) == XW_OK);
    xw_model_finish(&m);
    (void)atexit(remove_file);
    must(sqlite3_open(path, &db) == SQLITE_OK);
    drop_triggers(db);
    must(sqlite3_close(db) == SQLITE_OK);
    FILE *f = fopen(path, "rb");
    must(f && fseek(f, 0, SEEK_END) == 0);
    n_fresh = (size_t)ftell(f);
    fresh = malloc(n_fresh);
    must(fresh && fseek(f, 0, SEEK_SET) == 0 && fread(fresh, 1, n_fresh, f) == n_fresh);
    (void)fclose(f);
}

static sqlite3 *open_fresh(void)
{
    sqlite3 *db = NULL;
    FILE *f = fopen(path, "wb");
    must(f && fwrite(fresh, 1, n_fresh, f) == n_fresh && fclose(f) == 0);
    must(sqlite3_open(path, &db) == SQLITE_OK);
    (void)sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN", NULL, NULL,
                       NULL);
    return db;
}

static void bind(sqlite3_stmt *st, int type, const uint8_t *v, int n)
{
    int64_t i = 0;
    double r = 0;
    memcpy(&i, v, (size_t)(n < 8 ? n : 8));
    memcpy(&r, v, (size_t)(n < 8 ? n : 8));
    switch (type % 6) {
    case 0:
        (void)sqlite3_bind_int64(st, 1, i);
        break;
    case 1:
        (void)sqlite3_bind_int64(st, 1, i % 16);
        break;
    case 2:
        (void)sqlite3_bind_double(st, 1, r);
        break;
    case 3:
        (void)sqlite3_bind_text(st, 1, (const char *)v, n, SQLITE_TRANSIENT);
        break;
    case 4:
        (void)sqlite3_bind_blob(st, 1, v, n, SQLITE_TRANSIENT);
        break;
    default:
        (void)sqlite3_bind_null(st, 1);
        break;
    }
}

/* Changes or deletes; the statement may be refused (a key twice), which is fine. */
static void edit(sqlite3 *db, const uint8_t *head, const uint8_t *v, int n)
{
    const char *const *c = columns[head[0] % N_COLUMNS];
    const bool deletes = head[1] == 255;
    const int row = 1 + (deletes ? head[2] : head[1]) % 32;
    sqlite3_stmt *st = NULL;
    char *sql = deletes
                    ? sqlite3_mprintf("DELETE FROM \"%w\" WHERE rowid=%d", c[0], row)
                    : sqlite3_mprintf("UPDATE \"%w\" SET \"%w\"=? WHERE rowid=%d", c[0], c[1], row);
    must(sql != NULL);
    must(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK);
    if (!deletes) bind(st, head[2], v, n);
    (void)sqlite3_step(st);
    (void)sqlite3_finalize(st);
    sqlite3_free(sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fresh) start();
    sqlite3 *db = open_fresh();
    while (size >= 4) {
        const int n = (int)(data[3] < size - 4 ? data[3] : size - 4);
        edit(db, data, data + 4, n);
        data += 4 + n;
        size -= 4 + (size_t)n;
    }
    (void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    must(sqlite3_close(db) == SQLITE_OK);
    xw_model m;
    xw_error err = {XW_OK, ""};
    const xw_status st = xw_store_read(path, &m, &err);
    must(st ? err.text[0] != '\0' : xw_model_validate(&m, NULL) == XW_OK);
    xw_model_finish(&m);
    return 0;
}
