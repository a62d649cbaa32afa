#include "postgis.h"

#ifndef BENCH_LIBPQ

xw_status bench_postgis_measure(const char *where, const bench_cover *c, const xw_locator *l,
                                uint64_t seed, bench_postgis *out, xw_error *err)
{
    (void)where, (void)c, (void)l, (void)seed;
    *out = (bench_postgis){0};
    return xw_fail(err, XW_USAGE, "built without libpq");
}

#else

#include "xiwang/buf.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SINGLE = 20000, JOIN = 100000 };

static xw_status failed(PGconn *db, const char *what, xw_error *err)
{
    return xw_fail(err, XW_IO, "PostGIS: %s: %.200s", what, PQerrorMessage(db));
}

static xw_status run(PGconn *db, const char *sql, xw_error *err)
{
    PGresult *r = PQexec(db, sql);
    const ExecStatusType got = PQresultStatus(r);
    PQclear(r);
    const bool fine = got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK || got == PGRES_COPY_IN;
    return fine ? XW_OK : failed(db, sql, err);
}

static double number(PGconn *db, const char *sql)
{
    PGresult *r = PQexec(db, sql);
    const double v = PQresultStatus(r) == PGRES_TUPLES_OK ? strtod(PQgetvalue(r, 0, 0), NULL) : 0;
    PQclear(r);
    return v;
}

/* Processor time of the server process of this connection. */
static double server_s(PGconn *db)
{
    char name[64], line[1024] = "";
    unsigned long user = 0, kernel = 0;
    (void)snprintf(name, sizeof name, "/proc/%d/stat", PQbackendPID(db));
    FILE *f = fopen(name, "r");
    if (!f) return 0;
    const char *end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
    (void)fclose(f);
    if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                       &kernel) != 2) {
        return 0;
    }
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void put_ring(xw_buf *b, const bench_cover *c, const bench_ring *r)
{
    for (uint32_t i = 0; i <= r->n; i++) {
        const xw_pt p = c->pts[r->first + i % r->n];
        xw_buf_fmt(b, "%s%d %d", i ? "," : "(", p.x, p.y);
    }
    xw_buf_text(b, ")");
}

static void put_polygon(xw_buf *b, const bench_cover *c, size_t i)
{
    xw_buf_fmt(b, "%zu\tMULTIPOLYGON(", i + 1);
    for (uint32_t r = c->start[i]; r < c->start[i + 1]; r++) {
        if (r > c->start[i]) xw_buf_text(b, c->rings[r].hole ? "," : "),");
        if (!c->rings[r].hole) xw_buf_text(b, "(");
        put_ring(b, c, &c->rings[r]);
    }
    xw_buf_text(b, "))\n");
}

static xw_status end_copy(PGconn *db, bool sent, xw_error *err)
{
    if (!sent || PQputCopyEnd(db, NULL) != 1) return failed(db, "COPY", err);
    PGresult *r = PQgetResult(db);
    const bool fine = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    while ((r = PQgetResult(db))) PQclear(r);
    return fine ? XW_OK : failed(db, "COPY", err);
}

static xw_status load(PGconn *db, const bench_cover *c, const xw_pt *p, xw_error *err)
{
    xw_buf b;
    bool sent = true;
    xw_status st = run(db, "COPY area FROM STDIN", err);
    xw_buf_init(&b, SIZE_MAX);
    for (size_t i = 0; !st && sent && i < c->n_polygons; i++) {
        xw_buf_clear(&b);
        put_polygon(&b, c, i);
        sent = !b.failed && PQputCopyData(db, b.data, (int)b.n) == 1;
    }
    xw_buf_finish(&b);
    if (!st) st = end_copy(db, sent, err);
    if (!st) st = run(db, "COPY spot FROM STDIN", err);
    for (size_t i = 0; !st && sent && i < JOIN; i++) {
        char line[64];
        const int n = snprintf(line, sizeof line, "%zu\tPOINT(%d %d)\n", i, p[i].x, p[i].y);
        sent = PQputCopyData(db, line, n) == 1;
    }
    return st ? st : end_copy(db, sent, err);
}

static xw_status prepare(PGconn *db, const bench_cover *c, const xw_pt *p, bench_postgis *out,
                         xw_error *err)
{
    xw_status st = run(db,
                       "SET jit = off; SET max_parallel_workers_per_gather = 0;"
                       "CREATE EXTENSION IF NOT EXISTS postgis;"
                       "CREATE TEMP TABLE area (id int, g geometry);"
                       "CREATE TEMP TABLE spot (id int, g geometry)",
                       err);
    const double start = server_s(db);
    if (!st) st = load(db, c, p, err);
    if (!st) st = run(db, "CREATE INDEX ON area USING gist (g); ANALYZE area; ANALYZE spot", err);
    out->build_s = server_s(db) - start;
    out->bytes = number(db, "SELECT pg_total_relation_size('area')");
    return st;
}

static xw_status ask_one_by_one(PGconn *db, const xw_pt *p, const xw_locator *l, bench_postgis *out,
                                xw_error *err)
{
    PGresult *r = PQprepare(db, "at",
                            "SELECT id FROM area WHERE "
                            "ST_Intersects(g, ST_MakePoint($1::float8, $2::float8)) LIMIT 1",
                            2, NULL);
    const bool ready = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    if (!ready) return failed(db, "PREPARE", err);
    const double start = server_s(db);
    for (size_t i = 0; i < SINGLE; i++) {
        char x[16], y[16];
        const char *const values[2] = {x, y};
        (void)snprintf(x, sizeof x, "%d", p[i].x);
        (void)snprintf(y, sizeof y, "%d", p[i].y);
        r = PQexecPrepared(db, "at", 2, values, NULL, NULL, 0);
        if (PQresultStatus(r) != PGRES_TUPLES_OK) {
            PQclear(r);
            return failed(db, "SELECT", err);
        }
        const uint32_t label = PQntuples(r) ? (uint32_t)strtoul(PQgetvalue(r, 0, 0), NULL, 10) : 0;
        out->differ += label != xw_locator_find(l, p[i]);
        PQclear(r);
    }
    out->single_s = server_s(db) - start;
    out->n_single = SINGLE;
    return XW_OK;
}

xw_status bench_postgis_measure(const char *where, const bench_cover *c, const xw_locator *l,
                                uint64_t seed, bench_postgis *out, xw_error *err)
{
    *out = (bench_postgis){0};
    xw_pt *p = malloc(JOIN * sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "%d points", JOIN);
    bench_points_uniform(c, seed, p, JOIN);
    PGconn *db = PQconnectdb(where);
    xw_status st = PQstatus(db) == CONNECTION_OK ? XW_OK : failed(db, where, err);
    if (!st) st = prepare(db, c, p, out, err);
    if (!st) st = ask_one_by_one(db, p, l, out, err);
    const double start = server_s(db);
    if (!st) {
        st = run(db, "SELECT sum(area.id) FROM spot JOIN area ON ST_Intersects(area.g, spot.g)",
                 err);
    }
    out->join_s = server_s(db) - start;
    out->n_join = st ? 0 : JOIN;
    PQfinish(db);
    free(p);
    return st;
}

#endif
