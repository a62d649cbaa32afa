/* Reading trusts nothing: a store may be cut, edited, or made to do harm. Every value is checked on
 * its way in, every index by xw_model_validate, and the whole against its digest. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static xw_status open_file(xw__db *db, xw_error *err)
{
    struct stat info;
    if (stat(db->path, &info) != 0) {
        const bool gone = errno == ENOENT || errno == ENOTDIR;
        return xw_fail(err, gone ? XW_NOT_FOUND : XW_IO, "%s: %s", db->path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) return xw_fail(err, XW_INPUT, "%s: is a folder", db->path);
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(db->path, &db->sql, flags, NULL) != SQLITE_OK) {
        return db->sql ? xw__sql_fail(db, "", err) : xw_fail(err, XW_NOMEM, "%s", db->path);
    }
    (void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db->sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_limit(db->sql, SQLITE_LIMIT_LENGTH, 1 << 28);
    return xw__sql_exec(db, "PRAGMA cell_size_check=ON; PRAGMA cache_size=-65536; BEGIN", err);
}

/* XW_NOT_FOUND when there is no plain table of that name; a virtual one could run code of others.
 */
static xw_status check_table(const xw__db *db, const char *name, xw_error *err)
{
    sqlite3_stmt *st = NULL;
    xw_status status = xw__sql_prepare(
        db, "SELECT 1 FROM sqlite_master WHERE type='table' AND name=? AND rootpage>0", &st, err);
    if (status) return status;
    (void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    const int code = sqlite3_step(st);
    if (code == SQLITE_DONE) {
        status = xw_fail(err, XW_NOT_FOUND, "%s: table %s is missing", db->path, name);
    } else if (code != SQLITE_ROW) {
        status = xw__sql_fail(db, "", err);
    }
    (void)sqlite3_finalize(st);
    return status;
}

static xw_status check_version(const xw__db *db, xw_error *err)
{
    sqlite3_stmt *st = NULL;
    xw_status status = check_table(db, "xw_meta", err);
    if (status == XW_NOT_FOUND) {
        return xw_fail(err, XW_INPUT, "%s: a database, but not a store of xiwang", db->path);
    }
    if (status) return status;
    status = xw__sql_prepare(
        db, "SELECT CAST(value AS INTEGER) FROM xw_meta WHERE key='store_version'", &st, err);
    if (status) return status;
    const int code = sqlite3_step(st);
    const sqlite3_int64 version = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = xw__sql_fail(db, "xw_meta", err);
    } else if (version < 1) {
        status = xw_fail(err, XW_INPUT, "%s: xw_meta: store_version is missing", db->path);
    } else if (version > XW__STORE_VERSION) {
        status = xw_fail(err, XW_INPUT,
                         "%s: made by a newer xiwang (store version %lld, this one reads %d)",
                         db->path, (long long)version, XW__STORE_VERSION);
    }
    (void)sqlite3_finalize(st);
    return status;
}

static xw_status check_tables(const xw__db *db, xw_error *err)
{
    static const char *const needed[] = {
        "xw_revision", "xw_level", "xw_division", "xw_plot", "xw_edge",  "xw_grid",   "divisions",
        "plots",       "units",    "buildings",   "edges",   "barriers", "addresses", "findings"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const xw_status st = check_table(db, needed[i], err);
        if (st == XW_NOT_FOUND) {
            return xw_fail(err, XW_INPUT, "%s: table %s is missing", db->path, needed[i]);
        }
        if (st) return st;
    }
    return XW_OK;
}

/* The revision in force is the newest published one. */
static xw_status read_revision(const xw__db *db, xw_model *m, uint64_t *digest, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "xw_revision",
                  "SELECT 1,fid,effective_unix,published,net,net_name,territory,digest"
                  " FROM xw_revision WHERE state='published' ORDER BY fid DESC LIMIT 1",
                  err);
    bool found = false;
    if (xw__rows_next(&r)) {
        found = true;
        m->revision = (uint32_t)xw__rows_int(&r, 1, 1, XW_NONE);
        m->effective_unix = xw__rows_int(&r, 2, INT64_MIN, INT64_MAX);
        m->published = xw__rows_text(&r, 3);
        m->net = xw__rows_text(&r, 4);
        m->net_name = xw__rows_text(&r, 5);
        m->name = xw__rows_text(&r, 6);
        const char *hex = xw__rows_chars(&r, 7);
        *digest = 0;
        if (strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16) {
            xw__rows_bad(&r, 7, "is no digest");
            hex = "";
        }
        for (; *hex; hex++) {
            *digest = *digest << 4 | (uint64_t)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        }
    }
    const xw_status st = xw__rows_close(&r);
    if (st || found) return st;
    return xw_fail(err, XW_INPUT, "%s: xw_revision: no published revision", db->path);
}

static xw_status read_lineage(const xw__db *db, xw_model *m, xw_error *err)
{
    const xw_status st = check_table(db, "lineage", NULL);
    if (st == XW_NOT_FOUND) return XW_OK;
    return st ? check_table(db, "lineage", err) : xw__read_lineage(db, m, err);
}

static xw_status read_all(xw__db *db, xw_model *m, xw_error *err)
{
    uint64_t digest = 0;
    xw_status st = open_file(db, err);
    if (!st) st = check_version(db, err);
    if (!st) st = check_tables(db, err);
    if (!st) st = read_revision(db, m, &digest, err);
    if (!st) st = xw__read_levels(db, m, err);
    if (!st) st = xw__read_rules(db, m, err);
    if (!st) st = xw__read_land(db, m, err);
    if (!st) st = xw__read_grids(db, m, err);
    if (!st) st = read_lineage(db, m, err);
    if (st) return st;
    st = xw_model_validate(m, err);
    if (st) return xw_fail_within(err, st, "%s", db->path);
    if (xw__model_digest(m) != digest) {
        return xw_fail(err, XW_INPUT,
                       "%s: damaged or edited: revision %u is not what was published", db->path,
                       m->revision);
    }
    return XW_OK;
}

xw_status xw_store_read(const char *path, xw_model *out, xw_error *err)
{
    xw__db db = {.path = path, .reading = true};
    xw_model_init(out);
    const xw_status st = read_all(&db, out, err);
    (void)sqlite3_close(db.sql);
    if (st) xw_model_finish(out);
    return st;
}

/* Households counted in the coarsest grids, of which there are few; every unit is in one. */
static xw_status read_households(const xw__db *db, xw_model *m, uint64_t *out, xw_error *err)
{
    xw__rows r;
    xw_buf layer;
    xw_buf_init(&layer, 1u << 16);
    if (m->n_levels > 0) xw__layer_name(m, XW_TABLE_GRID, 0, &layer);
    xw_status st = xw_buf_status(&layer, "name of a layer", err);
    if (!st && layer.n > 0) st = check_table(db, layer.data, err);
    if (!st && layer.n > 0) {
        char *sql = sqlite3_mprintf("SELECT 1,COALESCE(sum(households),0) FROM \"%w\"", layer.data);
        st = sql ? XW_OK : xw_fail(err, XW_NOMEM, "%s", db->path);
        if (!st) {
            xw__rows_open(&r, db, m, layer.data, sql, err);
            if (xw__rows_next(&r)) *out = (uint64_t)xw__rows_int(&r, 1, 0, INT64_MAX);
            st = xw__rows_close(&r);
        }
        sqlite3_free(sql);
    }
    xw_buf_finish(&layer);
    return st == XW_NOT_FOUND ? XW_INPUT : st;
}

xw_status xw_store_facts_read(const char *path, xw_store_facts *out, xw_error *err)
{
    xw__db db = {.path = path, .reading = true};
    xw_model m;
    *out = (xw_store_facts){0};
    xw_model_init(&m);
    xw_status st = open_file(&db, err);
    if (!st) st = check_version(&db, err);
    if (!st) st = check_tables(&db, err);
    if (!st) st = read_revision(&db, &m, &out->digest, err);
    if (!st) st = xw__read_levels(&db, &m, err);
    if (!st) st = read_households(&db, &m, &out->households, err);
    if (!st) {
        out->revision = m.revision;
        out->effective_unix = m.effective_unix;
        for (uint32_t l = 0; l < m.n_levels; l++) out->n_grids += m.levels[l].n_grids;
        (void)snprintf(out->published, sizeof out->published, "%s", xw_model_text(&m, m.published));
    }
    (void)sqlite3_close(db.sql);
    xw_model_finish(&m);
    return st;
}

xw_status xw_store_digest(const char *path, uint64_t *out, xw_error *err)
{
    xw_store_facts facts;
    const xw_status st = xw_store_facts_read(path, &facts, err);
    *out = st ? 0 : facts.digest;
    return st;
}

uint64_t xw_store_model_digest(const xw_model *m) { return xw__model_digest(m); }
