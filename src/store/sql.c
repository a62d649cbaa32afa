#include "internal.h"

#include <stdarg.h>
#include <string.h>

xw_status xw__sql_fail(const xw__db *db, const char *what, xw_error *err)
{
    const int code = sqlite3_errcode(db->sql);
    const int os = sqlite3_system_errno(db->sql);
    const char *const colon = what[0] ? ": " : "";
    if (code == SQLITE_NOMEM) return xw_fail(err, XW_NOMEM, "%s", db->path);
    if (code == SQLITE_NOTADB) {
        return xw_fail(err, XW_INPUT, "%s: not a GeoPackage", db->path);
    }
    if (db->reading && code == SQLITE_BUSY) {
        return xw_fail(err, XW_IO, "%s: another program is writing it", db->path);
    }
    const bool of_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_PERM ||
                           code == SQLITE_READONLY || code == SQLITE_FULL;
    if (of_system || !db->reading) {
        const char *why = code == SQLITE_FULL ? "no space left on the device"
                          : os                ? strerror(os)
                                              : sqlite3_errmsg(db->sql);
        return xw_fail(err, XW_IO, "%s: %s", db->path, why);
    }
    return xw_fail(err, XW_INPUT, "%s: %s%s%s", db->path, what, colon, sqlite3_errmsg(db->sql));
}

xw_status xw__sql_exec(const xw__db *db, const char *sql, xw_error *err)
{
    return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ? XW_OK
                                                                     : xw__sql_fail(db, "", err);
}

xw_status xw__sql_execf(const xw__db *db, xw_error *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *sql = sqlite3_vmprintf(fmt, ap);
    va_end(ap);
    if (!sql) return xw_fail(err, XW_NOMEM, "%s", db->path);
    const xw_status st = xw__sql_exec(db, sql, err);
    sqlite3_free(sql);
    return st;
}

xw_status xw__sql_prepare(const xw__db *db, const char *sql, sqlite3_stmt **out, xw_error *err)
{
    *out = NULL;
    return sqlite3_prepare_v2(db->sql, sql, -1, out, NULL) == SQLITE_OK ? XW_OK
                                                                        : xw__sql_fail(db, "", err);
}

xw_status xw__sql_put(const xw__db *db, sqlite3_stmt *insert, const char *what, xw_error *err)
{
    if (sqlite3_step(insert) != SQLITE_DONE) return xw__sql_fail(db, what, err);
    (void)sqlite3_reset(insert);
    return XW_OK;
}
