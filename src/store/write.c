#include "internal.h"
#include "xiwang/file.h"

#include <string.h>
#include <unistd.h>

/* The standard wants milliseconds: "2026-01-01T00:00:00Z" becomes "2026-01-01T00:00:00.000Z". */
static void last_change(const xw_model *m, char out[32])
{
    const char *published = xw_model_text(m, m->published);
    const bool plain = strlen(published) == 20 && published[19] == 'Z';
    (void)sqlite3_snprintf(32, out, "%.19s.000Z", plain ? published : "1970-01-01T00:00:00");
}

static xw_status open_db(xw__db *db, const char *temp, xw_error *err)
{
    if (sqlite3_open_v2(temp, &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK) {
        return XW_OK;
    }
    return db->sql ? xw__sql_fail(db, "", err) : xw_fail(err, XW_NOMEM, "%s", db->path);
}

static xw_status close_db(xw__db *db, xw_status st, xw_error *err)
{
    if (sqlite3_close(db->sql) != SQLITE_OK && !st) {
        st = xw_fail(err, XW_INTERNAL, "%s: a statement is still open", db->path);
    }
    db->sql = NULL;
    return st;
}

/* The empty tables, and where they are. */
static xw_status create_tables(const xw_model *m, const char *temp, const char *path,
                               const xw__layers *layers, xw__sheets *sheets, xw_error *err)
{
    xw__db db = {.path = path};
    xw_status st = open_db(&db, temp, err);
    if (!st) st = xw__schema_create(&db, err);
    if (!st) st = xw__layers_create(&db, m, layers, err);
    if (!st) st = xw__tables_create(&db, m, err);
    if (!st) st = xw__sheets_read(&db, sheets, err);
    if (!st) st = xw__sql_exec(&db, "COMMIT", err);
    return close_db(&db, st, err);
}

static xw_status fill_tables(const xw_model *m, const char *temp, const char *path,
                             xw__layers *layers, xw__sheets *sheets, const xw_job *job,
                             xw_error *err)
{
    xw_status st = xw__pages_open(&sheets->pages, temp, path, err);
    if (!st) st = xw__layers_fill(sheets, m, layers, job, err);
    if (!st) st = xw__tables_fill(sheets, m, err);
    return xw__pages_close(&sheets->pages, st, err);
}

static xw_status finish_tables(const xw_model *m, const char *temp, const char *path,
                               const xw__layers *layers, xw_error *err)
{
    char when[32];
    xw__db db = {.path = path};
    last_change(m, when);
    xw_status st = open_db(&db, temp, err);
    if (!st) st = xw__schema_reopen(&db, err);
    if (!st) st = xw__layers_register(&db, m, layers, when, err);
    if (!st) st = xw__tables_register(&db, m, when, err);
    if (!st) st = xw__sql_exec(&db, "COMMIT", err);
    return close_db(&db, st, err);
}

static xw_status write_temp(const xw_model *m, const char *temp, const char *path,
                            const xw_job *job, xw_error *err)
{
    xw__layers layers;
    xw__sheets sheets = {.pages = {.fd = -1}};
    xw_status st = xw__layers_plan(m, &layers, err);
    if (!st) st = create_tables(m, temp, path, &layers, &sheets, err);
    if (!st) st = fill_tables(m, temp, path, &layers, &sheets, job, err);
    if (!st) st = finish_tables(m, temp, path, &layers, err);
    xw__sheets_finish(&sheets);
    return st;
}

/* What a database program left beside a file that is replaced would be taken for the new one's. */
static xw_status remove_sidecars(const char *path, xw_error *err)
{
    static const char *const tails[] = {"-wal", "-shm", "-journal"};
    xw_buf name;
    xw_status st = XW_OK;
    xw_buf_init(&name, 1u << 20);
    for (int i = 0; i < 3 && !st; i++) {
        xw_buf_clear(&name);
        xw_buf_text(&name, path);
        xw_buf_text(&name, tails[i]);
        st = xw_buf_status(&name, "path of the store", err);
        if (!st) (void)unlink(name.data);
    }
    xw_buf_finish(&name);
    return st;
}

xw_status xw_store_write(const xw_model *m, const char *path, bool force, const xw_job *job,
                         xw_error *err)
{
    xw_buf temp;
    xw_status st = xw_file_probe(path, force, err);
    if (st) return st;
    st = xw_model_validate(m, err);
    if (st) return st;
    xw_buf_init(&temp, 1u << 20);
    st = xw_file_temp(path, &temp, err);
    if (!st) {
        st = write_temp(m, temp.data, path, job, err);
        if (!st && force) st = remove_sidecars(path, err);
        if (!st) st = xw_file_commit(temp.data, path, force, err);
        if (st) (void)unlink(temp.data);
    }
    xw_buf_finish(&temp);
    return st;
}

void xw_store_snapshot_path(const char *path, xw_buf *out)
{
    xw_buf_text(out, path);
    xw_buf_text(out, ".snapshot");
}
