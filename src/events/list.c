/* Reading events: one, and pages by filter. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

sqlite3 *xw__pool_take(xw_events *e, xw_error *err)
{
    sqlite3 *db = NULL;
    (void)pthread_mutex_lock(&e->pool_lock);
    if (e->n_pool > 0) db = e->pool[--e->n_pool];
    (void)pthread_mutex_unlock(&e->pool_lock);
    if (!db) (void)xw__db_open(e->path, false, &db, err);
    return db;
}

void xw__pool_give(xw_events *e, sqlite3 *db)
{
    (void)pthread_mutex_lock(&e->pool_lock);
    if (e->n_pool < XW__READERS_MAX) {
        e->pool[e->n_pool++] = db;
        db = NULL;
    }
    (void)pthread_mutex_unlock(&e->pool_lock);
    (void)sqlite3_close(db);
}

#define COLUMNS \
    "SELECT id, answer, long, lat, crs, accuracy, floor, address_string, description FROM event "

static const char *text_of(sqlite3_stmt *s, int i)
{
    return (const char *)sqlite3_column_text(s, i);
}

static void number(xw_json *j, sqlite3_stmt *s, int i, const char *name)
{
    xw_json_key(j, name);
    if (sqlite3_column_type(s, i) == SQLITE_NULL) {
        xw_json_null(j);
    } else {
        xw_json_num(j, sqlite3_column_double(s, i), 9);
    }
}

/* The first answer, and behind it what the answer leaves out. */
static xw_status write_row(sqlite3_stmt *s, xw_json *j, xw_error *err)
{
    xw_buf text;
    const char *tail = text_of(s, 1);
    const size_t n = (size_t)sqlite3_column_bytes(s, 1);
    xw_buf_init(&text, n + 8192);
    xw__answer_text(&text, sqlite3_column_int64(s, 0), tail ? tail : "", n ? n - 1 : 0);
    xw_json more = {&text, true};
    number(&more, s, 2, "long");
    number(&more, s, 3, "lat");
    xw_json_kstr(&more, "crs", text_of(s, 4));
    number(&more, s, 5, "accuracy");
    number(&more, s, 6, "floor");
    xw_json_kstr(&more, "address_string", text_of(s, 7));
    xw_json_kstr(&more, "description", text_of(s, 8));
    xw_buf_text(&text, "}");
    const xw_status st = xw_buf_status(&text, "an event", err);
    if (!st) xw_json_raw(j, text.data);
    xw_buf_finish(&text);
    return st;
}

xw_status xw_events_get(xw_events *e, int64_t id, xw_json *j, xw_error *err)
{
    sqlite3_stmt *s = NULL;
    xw_error why = {XW_OK, ""};
    sqlite3 *db = xw__pool_take(e, &why);
    if (!db) return xw_fail(err, why.status, "%s", why.text);
    xw_status st = XW_OK;
    if (sqlite3_prepare_v2(db, COLUMNS "WHERE id = ?1", -1, &s, NULL) != SQLITE_OK) {
        st = xw__db_fail(db, e->path, err);
    } else {
        (void)sqlite3_bind_int64(s, 1, id);
        const int rc = sqlite3_step(s);
        st = rc == SQLITE_ROW ? write_row(s, j, err)
             : rc == SQLITE_DONE
                 ? xw_fail(err, XW_NOT_FOUND, "there is no event %lld", (long long)id)
                 : xw__db_fail(db, e->path, err);
    }
    (void)sqlite3_finalize(s);
    xw__pool_give(e, db);
    return st;
}

/* Every value is bound: no text of a client becomes SQL. */
static void write_sql(const xw_events_filter *f, xw_buf *sql)
{
    xw_buf_text(sql, COLUMNS "WHERE id > ?1");
    if (f->grid) xw_buf_text(sql, " AND grid >= ?2 AND grid < ?3");
    if (f->category) xw_buf_text(sql, " AND service_code = ?4");
    if (f->status) xw_buf_text(sql, " AND status = ?5");
    if (f->has_from) xw_buf_text(sql, " AND requested >= ?6");
    if (f->has_to) xw_buf_text(sql, " AND requested < ?7");
    if (f->has_box) xw_buf_text(sql, " AND x BETWEEN ?8 AND ?9 AND y BETWEEN ?10 AND ?11");
    xw_buf_text(sql, " ORDER BY id LIMIT ?12");
}

static void bind_filter(sqlite3_stmt *s, const xw_events_filter *f, const char *above)
{
    (void)sqlite3_bind_int64(s, 1, f->after);
    if (f->grid) {
        (void)sqlite3_bind_text(s, 2, f->grid, -1, SQLITE_STATIC);
        (void)sqlite3_bind_text(s, 3, above, -1, SQLITE_STATIC);
    }
    if (f->category) (void)sqlite3_bind_text(s, 4, f->category, -1, SQLITE_STATIC);
    if (f->status) (void)sqlite3_bind_text(s, 5, f->status, -1, SQLITE_STATIC);
    if (f->has_from) (void)sqlite3_bind_int64(s, 6, f->from);
    if (f->has_to) (void)sqlite3_bind_int64(s, 7, f->to);
    if (f->has_box) {
        (void)sqlite3_bind_int(s, 8, f->box.min.x);
        (void)sqlite3_bind_int(s, 9, f->box.max.x);
        (void)sqlite3_bind_int(s, 10, f->box.min.y);
        (void)sqlite3_bind_int(s, 11, f->box.max.y);
    }
    (void)sqlite3_bind_int64(s, 12, (int64_t)f->limit + 1); /* one more tells whether it goes on */
}

static xw_status write_rows(xw_events *e, sqlite3 *db, sqlite3_stmt *s, uint32_t limit, xw_json *j,
                            size_t *n, int64_t *last, xw_error *err)
{
    int64_t id = 0;
    for (;;) {
        const int rc = sqlite3_step(s);
        if (rc == SQLITE_DONE) return XW_OK;
        if (rc != SQLITE_ROW) return xw__db_fail(db, e->path, err);
        if (*n == limit) {
            *last = id;
            return XW_OK;
        }
        const xw_status st = write_row(s, j, err);
        if (st) return st;
        id = sqlite3_column_int64(s, 0);
        (*n)++;
    }
}

xw_status xw_events_list(xw_events *e, const xw_events_filter *f, xw_json *j, size_t *n,
                         int64_t *last, xw_error *err)
{
    char above[80]; /* the first text behind everything that begins with the code */
    xw_buf sql;
    sqlite3_stmt *s = NULL;
    xw_error why = {XW_OK, ""};
    *n = 0;
    *last = 0;
    if (f->limit == 0 || f->limit > XW_EVENTS_PAGE_MAX) {
        return xw_fail(err, XW_INPUT, "limit is %u, 1 to %d are possible", f->limit,
                       XW_EVENTS_PAGE_MAX);
    }
    if (f->grid && strlen(f->grid) >= sizeof above - 1) {
        return xw_fail(err, XW_INPUT, "grid \"%.60s…\" is no code", f->grid);
    }
    (void)snprintf(above, sizeof above, "%s\x7F", f->grid ? f->grid : "");
    sqlite3 *db = xw__pool_take(e, &why);
    if (!db) return xw_fail(err, why.status, "%s", why.text);
    xw_buf_init(&sql, 4096);
    write_sql(f, &sql);
    xw_status st = xw_buf_status(&sql, "a query", err);
    if (!st && sqlite3_prepare_v2(db, sql.data, -1, &s, NULL) != SQLITE_OK) {
        st = xw__db_fail(db, e->path, err);
    }
    if (!st) {
        bind_filter(s, f, above);
        st = write_rows(e, db, s, f->limit, j, n, last, err);
    }
    (void)sqlite3_finalize(s);
    xw_buf_finish(&sql);
    xw__pool_give(e, db);
    return st;
}
