/* MBTiles 1.3: one SQLite file, rows counted from the south. Equal tiles are stored once: `tiles`
 * is a view over `map` and `images`, as readers have known it from the first MBTiles files on. */
#include "archive_kinds.h"

#include "xiwang/fnv.h"
#include "xiwang/json.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct mbtiles {
    sqlite3 *db;
    sqlite3_stmt *find, *image, *map;
    const xw_archive_info *info;
} mbtiles;

static xw_status fail_sql(const mbtiles *m, xw_error *err)
{
    const int code = m->db ? sqlite3_errcode(m->db) : SQLITE_NOMEM;
    const char *text = m->db ? sqlite3_errmsg(m->db) : "out of memory";
    return xw_fail(err, code == SQLITE_NOMEM ? XW_NOMEM : XW_IO, "%s", text);
}

static xw_status run(const mbtiles *m, const char *sql, xw_error *err)
{
    return sqlite3_exec(m->db, sql, NULL, NULL, NULL) == SQLITE_OK ? XW_OK : fail_sql(m, err);
}

static const char schema[] =
    "PRAGMA application_id=0x4d504258;"
    "PRAGMA page_size=8192;"
    "PRAGMA journal_mode=OFF;" /* the file has another name until it is whole */
    "PRAGMA synchronous=OFF;"
    "PRAGMA locking_mode=EXCLUSIVE;"
    "BEGIN;"
    "CREATE TABLE metadata(name TEXT PRIMARY KEY NOT NULL, value TEXT);"
    "CREATE TABLE map(zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL,"
    " tile_row INTEGER NOT NULL, tile_id INTEGER NOT NULL,"
    " PRIMARY KEY(zoom_level, tile_column, tile_row)) WITHOUT ROWID;"
    "CREATE TABLE images(tile_id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, tile_data BLOB NOT "
    "NULL);"
    "CREATE INDEX images_hash ON images(hash);"
    "CREATE VIEW tiles AS SELECT zoom_level, tile_column, tile_row, tile_data"
    " FROM map JOIN images USING(tile_id);";

static void put(mbtiles *m, sqlite3_stmt *s, xw_status *st, const char *name, const char *value,
                xw_error *err)
{
    if (*st) return;
    if (sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_text(s, 2, value, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(s) != SQLITE_DONE || sqlite3_reset(s) != SQLITE_OK) {
        *st = fail_sql(m, err);
    }
}

static xw_status put_metadata(mbtiles *m, xw_error *err)
{
    const xw_archive_info *const i = m->info;
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(m->db, "INSERT INTO metadata VALUES(?1, ?2)", -1, &s, NULL)) {
        return fail_sql(m, err);
    }
    char bounds[128], center[96], low[8], high[8];
    (void)snprintf(bounds, sizeof bounds, "%.7f,%.7f,%.7f,%.7f", xw_deg(i->box.min.x),
                   xw_deg(i->box.min.y), xw_deg(i->box.max.x), xw_deg(i->box.max.y));
    (void)snprintf(center, sizeof center, "%.7f,%.7f,%u",
                   (xw_deg(i->box.min.x) + xw_deg(i->box.max.x)) / 2,
                   (xw_deg(i->box.min.y) + xw_deg(i->box.max.y)) / 2, i->min_zoom);
    (void)snprintf(low, sizeof low, "%u", i->min_zoom);
    (void)snprintf(high, sizeof high, "%u", i->max_zoom);
    xw_buf json;
    xw_buf_init(&json, SIZE_MAX / 2);
    xw_json j = xw_json_on(&json);
    xw_json_open(&j, '{');
    xw_json_key(&j, "vector_layers");
    xw_json_raw(&j, i->layers_json);
    xw_json_close(&j, '}');
    xw_status st = xw_buf_status(&json, "metadata", err);
    put(m, s, &st, "name", i->name, err);
    put(m, s, &st, "format", "pbf", err);
    put(m, s, &st, "bounds", bounds, err);
    put(m, s, &st, "center", center, err);
    put(m, s, &st, "minzoom", low, err);
    put(m, s, &st, "maxzoom", high, err);
    put(m, s, &st, "type", "overlay", err);
    put(m, s, &st, "version", i->version, err);
    put(m, s, &st, "description", i->description, err);
    if (!st) put(m, s, &st, "json", json.data, err);
    xw_buf_finish(&json);
    (void)sqlite3_finalize(s);
    return st;
}

static void destroy(void *self)
{
    mbtiles *m = self;
    if (!m) return;
    (void)sqlite3_finalize(m->find);
    (void)sqlite3_finalize(m->image);
    (void)sqlite3_finalize(m->map);
    (void)sqlite3_close(m->db);
    free(m);
}

static xw_status create(const char *path, const xw_archive_info *info, void **out, xw_error *err)
{
    *out = NULL;
    mbtiles *m = calloc(1, sizeof *m);
    if (!m) return xw_fail(err, XW_NOMEM, "archive");
    m->info = info;
    xw_status st = XW_OK;
    if (sqlite3_open_v2(path, &m->db, SQLITE_OPEN_READWRITE, NULL)) {
        st = fail_sql(m, err);
    }
    if (!st) st = run(m, schema, err);
    if (!st) st = put_metadata(m, err);
    if (!st &&
        (sqlite3_prepare_v2(m->db, "SELECT tile_id FROM images WHERE hash=?1 AND tile_data=?2", -1,
                            &m->find, NULL) ||
         sqlite3_prepare_v2(m->db, "INSERT INTO images(hash, tile_data) VALUES(?1, ?2)", -1,
                            &m->image, NULL) ||
         sqlite3_prepare_v2(m->db, "INSERT INTO map VALUES(?1, ?2, ?3, ?4)", -1, &m->map, NULL))) {
        st = fail_sql(m, err);
    }
    if (st) {
        destroy(m);
        return st;
    }
    *out = m;
    return XW_OK;
}

/* The number of the image with these bytes; it is stored when it is new. */
static xw_status image_of(mbtiles *m, const void *gzip, size_t n, sqlite3_int64 *id, xw_error *err)
{
    const sqlite3_int64 hash = (sqlite3_int64)(xw_fnv(XW_FNV, gzip, n) >> 1);
    (void)sqlite3_bind_int64(m->find, 1, hash);
    int code = sqlite3_bind_blob64(m->find, 2, gzip, n, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_step(m->find);
    if (code == SQLITE_ROW) *id = sqlite3_column_int64(m->find, 0);
    const xw_status st = code == SQLITE_ROW || code == SQLITE_DONE ? XW_OK : fail_sql(m, err);
    (void)sqlite3_reset(m->find);
    if (st || code == SQLITE_ROW) return st;
    (void)sqlite3_bind_int64(m->image, 1, hash);
    (void)sqlite3_bind_blob64(m->image, 2, gzip, n, SQLITE_STATIC);
    code = sqlite3_step(m->image);
    if (code != SQLITE_DONE) return fail_sql(m, err);
    (void)sqlite3_reset(m->image);
    *id = sqlite3_last_insert_rowid(m->db);
    return XW_OK;
}

static xw_status add(void *self, unsigned z, uint32_t x, uint32_t y, const void *gzip, size_t n,
                     xw_error *err)
{
    mbtiles *m = self;
    sqlite3_int64 id = 0;
    const xw_status st = image_of(m, gzip, n, &id, err);
    if (st) return st;
    (void)sqlite3_bind_int64(m->map, 1, z);
    (void)sqlite3_bind_int64(m->map, 2, x);
    (void)sqlite3_bind_int64(m->map, 3, (sqlite3_int64)((UINT32_C(1) << z) - 1 - y));
    (void)sqlite3_bind_int64(m->map, 4, id);
    if (sqlite3_step(m->map) != SQLITE_DONE) return fail_sql(m, err);
    (void)sqlite3_reset(m->map);
    return XW_OK;
}

static xw_status finish(void *self, xw_error *err) { return run(self, "COMMIT", err); }

const xw__archive_kind xw__mbtiles = {".mbtiles", create, add, finish, destroy};
