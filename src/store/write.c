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

static xw_status fill(const xw__db *db, const xw_model *m, const xw_job *job, xw_error *err)
{
    char when[32];
    last_change(m, when);
    xw_status st = xw__schema_create(db, err);
    if (!st) st = xw__layers_write(db, m, when, job, err);
    if (!st) st = xw__tables_write(db, m, when, err);
    return st ? st : xw__sql_exec(db, "COMMIT", err);
}

static xw_status write_temp(const xw_model *m, const char *temp, const char *path,
                            const xw_job *job, xw_error *err)
{
    xw__db db = {.path = path};
    xw_status st = XW_OK;
    if (sqlite3_open_v2(temp, &db.sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        st = db.sql ? xw__sql_fail(&db, "", err) : xw_fail(err, XW_NOMEM, "%s", path);
    } else {
        st = fill(&db, m, job, err);
    }
    if (sqlite3_close(db.sql) != SQLITE_OK && !st) {
        st = xw_fail(err, XW_INTERNAL, "%s: a statement is still open", path);
    }
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
