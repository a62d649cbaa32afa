/* Retention: events and coordinates that are too old go, a piece at a time. */
#include "internal.h"

enum { PIECE = 5000, DAY = 86400 };

/* The last id, of the next PIECE above @p from, before the first that is younger than @p limit; ids
 * are in the order of receipt. */
static xw_status old_to(xw_events *e, int64_t from, int64_t limit, int64_t *to, bool *more,
                        xw_error *err)
{
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(
        e->db, "SELECT id, received FROM event WHERE id > ?1 ORDER BY id LIMIT ?2", -1, &s, NULL);
    *to = from;
    int n = 0;
    if (rc == SQLITE_OK) {
        (void)sqlite3_bind_int64(s, 1, from);
        (void)sqlite3_bind_int(s, 2, PIECE);
        while ((rc = sqlite3_step(s)) == SQLITE_ROW && sqlite3_column_int64(s, 1) < limit) {
            *to = sqlite3_column_int64(s, 0);
            n++;
        }
    }
    *more = *more || n == PIECE;
    const xw_status st =
        rc == SQLITE_ROW || rc == SQLITE_DONE ? XW_OK : xw__db_fail(e->db, e->path, err);
    (void)sqlite3_finalize(s);
    return st;
}

static xw_status run(xw_events *e, const char *sql, int64_t from, int64_t to, xw_error *err)
{
    sqlite3_stmt *s = NULL;
    xw_status st = XW_OK;
    if (sqlite3_prepare_v2(e->db, sql, -1, &s, NULL) == SQLITE_OK) {
        (void)sqlite3_bind_int64(s, 1, from);
        (void)sqlite3_bind_int64(s, 2, to);
    }
    if (sqlite3_step(s) != SQLITE_DONE) st = xw__db_fail(e->db, e->path, err);
    (void)sqlite3_finalize(s);
    return st;
}

xw_status xw__keep(xw_events *e, int64_t now_unix, bool *more, xw_error *err)
{
    int64_t to;
    xw_status st = XW_OK;
    *more = false;
    if (e->options.coordinates_keep_days) {
        const int64_t limit = now_unix - (int64_t)e->options.coordinates_keep_days * DAY;
        st = old_to(e, e->expired_to, limit, &to, more, err);
        if (!st && to > e->expired_to) {
            st = run(e,
                     "UPDATE event SET long = NULL, lat = NULL, x = NULL, y = NULL"
                     " WHERE id > ?1 AND id <= ?2 AND x IS NOT NULL",
                     e->expired_to, to, err);
            if (!st) e->expired_to = to;
        }
    }
    if (!st && e->options.keep_days) {
        const int64_t limit = now_unix - (int64_t)e->options.keep_days * DAY;
        st = old_to(e, 0, limit, &to, more, err);
        if (!st && to >= e->last_id) to = e->last_id - 1; /* ids go on from the newest row */
        if (!st && to > 0) st = run(e, "DELETE FROM event WHERE id > ?1 AND id <= ?2", 0, to, err);
    }
    return st;
}
