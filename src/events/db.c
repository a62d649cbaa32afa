/* The file: schema, and how one event gets in exactly once. */
#include "internal.h"

#include "xiwang/digits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    APPLICATION = 0x58574556, /* "XWEV" */
    SCHEMA = 1,
    LOG_PAGES = 4000, /* of the log before it is copied back */
    LOG_BYTES = LOG_PAGES * 4120 + 32,
};

xw_status xw__db_fail(sqlite3 *db, const char *path, xw_error *err)
{
    const int rc = sqlite3_errcode(db) & 0xFF;
    const xw_status st = rc == SQLITE_NOMEM                            ? XW_NOMEM
                         : rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT ? XW_INPUT
                                                                       : XW_IO;
    return xw_fail(err, st, "%s: %s", path, sqlite3_errmsg(db));
}

xw_status xw__db_exec(sqlite3 *db, const char *path, const char *sql, xw_error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? XW_OK
                                                                : xw__db_fail(db, path, err);
}

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS event("
    " id INTEGER PRIMARY KEY, source TEXT, source_event_id TEXT, idempotency_key TEXT,"
    " hash INTEGER NOT NULL, received INTEGER NOT NULL, requested INTEGER NOT NULL,"
    " service_code TEXT NOT NULL, status TEXT NOT NULL, grid TEXT NOT NULL,"
    " revision INTEGER NOT NULL, rule TEXT NOT NULL, certain_to TEXT,"
    " long REAL, lat REAL, x INTEGER, y INTEGER, crs TEXT, accuracy REAL, floor INTEGER,"
    " address_string TEXT, description TEXT, answer TEXT NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS event_source ON event(source, source_event_id)"
    " WHERE source IS NOT NULL;"
    "CREATE UNIQUE INDEX IF NOT EXISTS event_key ON event(idempotency_key)"
    " WHERE idempotency_key IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS event_grid ON event(grid);"
    "CREATE INDEX IF NOT EXISTS event_requested ON event(requested);"
    "PRAGMA application_id=1482114390; PRAGMA user_version=1; COMMIT;";

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int v = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        v = sqlite3_column_int(s, 0);
    }
    (void)sqlite3_finalize(s);
    return v;
}

/* Fills the log with zeros to the size it reaches anyway. SQLite reads a log to the first frame
 * whose checksum does not fit, so what lies behind does not count, and it writes a log over in
 * place once it is copied back. Syncing blocks that a file has already takes a hundredth of the
 * time of syncing a file that grows (0.1 ms against 9 ms on a busy virtual disk), and every
 * acknowledgement waits for a sync. Without room for it the log simply grows as it goes. */
static void fill_log(const char *path)
{
    static const char zeros[1 << 16];
    struct stat was;
    char name[4096];
    const int n = snprintf(name, sizeof name, "%s-wal", path);
    if (n < 0 || (size_t)n >= sizeof name) return;
    const int fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (fstat(fd, &was) == 0) {
        for (off_t at = was.st_size; at < LOG_BYTES; at += (off_t)sizeof zeros) {
            if (pwrite(fd, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros) break;
        }
        (void)fsync(fd);
    }
    (void)close(fd);
}

static xw_status prepare_file(sqlite3 *db, const char *path, xw_error *err)
{
    const int tables = number(db, "SELECT count(*) FROM sqlite_schema");
    if (tables < 0) return xw__db_fail(db, path, err);
    const bool ours = number(db, "PRAGMA application_id") == APPLICATION &&
                      number(db, "PRAGMA user_version") == SCHEMA;
    if (tables > 0 && !ours) {
        return xw_fail(err, XW_INPUT, "%s: is no store of events of this version", path);
    }
    xw_status st = xw__db_exec(
        db, path,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
        "PRAGMA cache_size=-65536; PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY",
        err);
    if (!st && !ours) st = xw__db_exec(db, path, schema, err);
    if (!st) fill_log(path);
    return st;
}

xw_status xw__db_open(const char *path, bool writer, sqlite3 **out, xw_error *err)
{
    const int flags = SQLITE_OPEN_NOMUTEX |
                      (writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE);
    xw_status st = XW_OK;
    *out = NULL;
    if (sqlite3_open_v2(path, out, flags, NULL) != SQLITE_OK) {
        st = *out ? xw__db_fail(*out, path, err) : xw_fail(err, XW_NOMEM, "%s", path);
        if (st == XW_INPUT) st = XW_IO;
    } else {
        (void)sqlite3_busy_timeout(*out, 10000);
        st = writer ? prepare_file(*out, path, err)
                    : xw__db_exec(*out, path, "PRAGMA query_only=ON; PRAGMA cache_size=-4096", err);
    }
    if (!st) return XW_OK;
    (void)sqlite3_close(*out);
    *out = NULL;
    return st;
}

xw_status xw__inserter_open(sqlite3 *db, const char *path, xw__inserter *in, xw_error *err)
{
    static const char insert[] =
        "INSERT OR IGNORE INTO event VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
        "?16,?17,?18,?19,?20,?21,?22,?23)";
    static const char by_key[] = "SELECT id, hash, answer FROM event WHERE idempotency_key = ?1";
    static const char by_source[] =
        "SELECT id, hash, answer FROM event WHERE source = ?1 AND source_event_id = ?2";
    const unsigned flags = SQLITE_PREPARE_PERSISTENT;
    if (sqlite3_prepare_v3(db, insert, -1, flags, &in->insert, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(db, by_key, -1, flags, &in->by_key, NULL) != SQLITE_OK ||
        sqlite3_prepare_v3(db, by_source, -1, flags, &in->by_source, NULL) != SQLITE_OK) {
        return xw__db_fail(db, path, err);
    }
    return XW_OK;
}

void xw__inserter_close(xw__inserter *in)
{
    (void)sqlite3_finalize(in->insert);
    (void)sqlite3_finalize(in->by_key);
    (void)sqlite3_finalize(in->by_source);
    *in = (xw__inserter){0};
}

static void bind_text(sqlite3_stmt *s, int i, const char *text)
{
    if (text) {
        (void)sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_null(s, i);
    }
}

static void bind_row(sqlite3_stmt *s, const xw__event *ev, int64_t id)
{
    (void)sqlite3_bind_int64(s, 1, id);
    bind_text(s, 2, ev->source);
    bind_text(s, 3, ev->source_event_id);
    bind_text(s, 4, ev->key);
    (void)sqlite3_bind_int64(s, 5, (int64_t)ev->hash);
    (void)sqlite3_bind_int64(s, 6, ev->received);
    (void)sqlite3_bind_int64(s, 7, ev->requested);
    bind_text(s, 8, ev->service_code);
    bind_text(s, 9, ev->status);
    bind_text(s, 10, ev->grid);
    (void)sqlite3_bind_int64(s, 11, ev->revision);
    bind_text(s, 12, ev->rule);
    bind_text(s, 13, ev->certain_to);
    (void)sqlite3_bind_double(s, 14, ev->x);
    (void)sqlite3_bind_double(s, 15, ev->y);
    (void)sqlite3_bind_int(s, 16, ev->at.x);
    (void)sqlite3_bind_int(s, 17, ev->at.y);
    bind_text(s, 18, ev->crs);
    if (ev->has_accuracy) {
        (void)sqlite3_bind_double(s, 19, ev->accuracy);
    } else {
        (void)sqlite3_bind_null(s, 19);
    }
    if (ev->has_floor) {
        (void)sqlite3_bind_int(s, 20, ev->floor);
    } else {
        (void)sqlite3_bind_null(s, 20);
    }
    bind_text(s, 21, ev->address);
    bind_text(s, 22, ev->description);
    (void)sqlite3_bind_text(s, 23, ev->tail, (int)ev->tail_n, SQLITE_STATIC);
}

size_t xw__answer_head(char out[XW__ANSWER_HEAD], int64_t id)
{
    static const char before[] = "{\"event_id\":", between[] = ",\"service_request_id\":\"";
    char *at = out;
    memcpy(at, before, sizeof before - 1);
    at += sizeof before - 1;
    at += xw_digits_i64(at, id);
    memcpy(at, between, sizeof between - 1);
    at += sizeof between - 1;
    at += xw_digits_i64(at, id);
    *at++ = '"';
    return (size_t)(at - out);
}

void xw__answer_text(xw_buf *out, int64_t id, const char *tail, size_t n)
{
    char head[XW__ANSWER_HEAD];
    xw_buf_add(out, head, xw__answer_head(head, id));
    xw_buf_add(out, tail, n);
}

/* The answer of a new event: its beginning goes before the tail. */
static void complete(xw__event *ev, int64_t id)
{
    char head[XW__ANSWER_HEAD];
    const size_t n = xw__answer_head(head, id);
    char *text = ev->tail - n;
    memcpy(text, head, n);
    ev->result = (xw_event_result){XW_EVENT_CREATED, id, text, n + ev->tail_n};
}

static xw_status set_answer(xw__arena *a, xw__event *ev, int64_t id, const char *tail, size_t n,
                            xw_error *err)
{
    char *text = xw__arena_take(a, XW__ANSWER_HEAD + n + 1);
    if (!text) return xw_fail(err, XW_NOMEM, "an answer");
    const size_t head = xw__answer_head(text, id);
    memcpy(text + head, tail, n);
    text[head + n] = '\0';
    ev->result.id = id;
    ev->result.text = text;
    ev->result.size = head + n;
    return XW_OK;
}

static xw_status conflict(xw__arena *a, xw__event *ev, int64_t id, bool key, xw_error *err)
{
    char text[300];
    (void)snprintf(text, sizeof text, "%s \"%.100s\" belongs to event %lld, which says otherwise",
                   key ? "Idempotency-Key" : "source_event_id", key ? ev->key : ev->source_event_id,
                   (long long)id);
    ev->result.outcome = XW_EVENT_CONFLICT;
    ev->result.text = xw__arena_copy(a, text, strlen(text));
    ev->result.size = strlen(text);
    return ev->result.text ? XW_OK : xw_fail(err, XW_NOMEM, "an answer");
}

/* Answers with the event that the statement finds, if it finds one. */
static xw_status look(xw_events *e, sqlite3_stmt *s, xw__arena *a, xw__event *ev, bool key,
                      int64_t *found, xw_error *err)
{
    xw_status st = XW_OK;
    const int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        const int64_t id = sqlite3_column_int64(s, 0);
        const bool same = (uint64_t)sqlite3_column_int64(s, 1) == ev->hash;
        if (!same || (*found && *found != id)) {
            st = conflict(a, ev, id, key, err);
        } else if (!*found) {
            ev->result.outcome = XW_EVENT_REPEAT;
            const char *tail = (const char *)sqlite3_column_text(s, 2);
            st = set_answer(a, ev, id, tail ? tail : "", (size_t)sqlite3_column_bytes(s, 2), err);
        }
        *found = id;
    } else if (rc != SQLITE_DONE) {
        st = xw__db_fail(e->db, e->path, err);
    }
    (void)sqlite3_reset(s);
    return st;
}

static xw_status find_first(xw_events *e, xw__arena *a, xw__event *ev, xw_error *err)
{
    xw__inserter *in = &e->inserter;
    int64_t found = 0;
    xw_status st = XW_OK;
    if (ev->key) {
        bind_text(in->by_key, 1, ev->key);
        st = look(e, in->by_key, a, ev, true, &found, err);
    }
    if (!st && ev->source && ev->result.outcome != XW_EVENT_CONFLICT) {
        bind_text(in->by_source, 1, ev->source);
        bind_text(in->by_source, 2, ev->source_event_id);
        st = look(e, in->by_source, a, ev, false, &found, err);
    }
    if (!st && !found) st = xw_fail(err, XW_INTERNAL, "an event is neither new nor known");
    return st;
}

xw_status xw__insert(xw_events *e, xw__arena *a, xw__event *ev, int64_t *id, xw_error *err)
{
    sqlite3_stmt *s = e->inserter.insert;
    bind_row(s, ev, *id);
    const int rc = sqlite3_step(s);
    const bool created = rc == SQLITE_DONE && sqlite3_changes(e->db) > 0;
    const xw_status st = rc == SQLITE_DONE ? XW_OK : xw__db_fail(e->db, e->path, err);
    (void)sqlite3_reset(s);
    if (st) return st;
    if (!created) return find_first(e, a, ev, err);
    complete(ev, (*id)++);
    return XW_OK;
}
