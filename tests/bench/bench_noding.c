/* bench-noding: snap rounding and faces beside GEOS on the same lattice coordinates. Prints two
 * Markdown tables. */
#include "measure.h"
#include "xiwang/import.h"
#include "xiwang/map.h"
#include "xiwang/sample.h"

#include <geos_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    long long runs, threads;
    const char *roads, *buildings, *name;
    long long households;
} options;

typedef struct result {
    char name[64];
    size_t segments, edges, peer_edges, faces, peer_faces;
    bench_time one, many, peer; /* noding: one thread, all threads, GEOS */
    bench_time map, peer_map;
} result;

/* What is noded: open lines over the territory's vertices, closed rings when `rings`. */
typedef struct line_set {
    const xw_territory *t;
    bool rings; /* also the outlines of buildings, waters and divisions */
} line_set;

static size_t n_lines(const line_set *l)
{
    return l->t->n_barriers + (l->rings ? l->t->n_rings : 0);
}

/* Vertex v of line i; a ring comes back to its first. @return vertices of the line */
static uint32_t line_size(const line_set *l, size_t i)
{
    return i < l->t->n_barriers ? l->t->barriers[i].n : l->t->rings[i - l->t->n_barriers].n + 1;
}

static xw_pt line_pt(const line_set *l, size_t i, uint32_t v)
{
    if (i < l->t->n_barriers) return l->t->pts[l->t->barriers[i].first + v];
    const xw_span *r = &l->t->rings[i - l->t->n_barriers];
    return l->t->pts[r->first + v % r->n];
}

static xw_status make_segments(const line_set *l, xw_segment **out, size_t *n, xw_error *err)
{
    size_t k = 0;
    for (size_t i = 0; i < n_lines(l); i++) k += line_size(l, i) - 1;
    *out = calloc(k + 1, sizeof **out);
    if (!*out) return xw_fail(err, XW_NOMEM, "%zu segments", k);
    *n = 0;
    for (size_t i = 0; i < n_lines(l); i++) {
        for (uint32_t v = 0; v + 1 < line_size(l, i); v++) {
            (*out)[(*n)++] = (xw_segment){line_pt(l, i, v), line_pt(l, i, v + 1), (uint32_t)i};
        }
    }
    return XW_OK;
}

static GEOSGeometry *make_multiline(GEOSContextHandle_t g, const line_set *l)
{
    const size_t n = n_lines(l);
    GEOSGeometry **parts = calloc(n + 1, sizeof(GEOSGeometry *));
    for (size_t i = 0; parts && i < n; i++) {
        GEOSCoordSequence *s = GEOSCoordSeq_create_r(g, line_size(l, i), 2);
        for (uint32_t v = 0; v < line_size(l, i); v++) {
            const xw_pt p = line_pt(l, i, v);
            (void)GEOSCoordSeq_setXY_r(g, s, v, p.x, p.y);
        }
        parts[i] = GEOSGeom_createLineString_r(g, s);
    }
    GEOSGeometry *all =
        parts ? GEOSGeom_createCollection_r(g, GEOS_MULTILINESTRING, parts, (unsigned)n) : NULL;
    free(parts);
    return all;
}

static size_t count_edges(GEOSContextHandle_t g, const GEOSGeometry *noded)
{
    const int n = GEOSGetNumGeometries_r(g, noded);
    size_t edges = 0;
    for (int i = 0; i < n; i++) {
        const int points = GEOSGeomGetNumPoints_r(g, GEOSGetGeometryN_r(g, noded, i));
        edges += points > 0 ? (size_t)points - 1 : 0;
    }
    return edges;
}

static xw_status node_ours(const xw_segment *s, size_t n, unsigned threads, xw_noded *out,
                           bench_time *t, xw_error *err)
{
    const xw_job job = {.threads = threads};
    const bench_time start = bench_now();
    const xw_status st = xw_node(s, n, &job, out, err);
    *t = bench_since(start);
    return st;
}

/* One round: ours with one thread, ours with all, the peer, and the faces of either. */
static xw_status round_of(const options *o, const xw_segment *s, size_t n, GEOSContextHandle_t g,
                          const GEOSGeometry *all, bench_time t[5], result *r, xw_error *err)
{
    xw_noded noded;
    xw_map map;
    xw_status st = node_ours(s, n, (unsigned)o->threads, &noded, &t[1], err);
    if (st) return st;
    xw_noded_finish(&noded);
    st = node_ours(s, n, 1, &noded, &t[0], err);
    if (st) return st;
    bench_time start = bench_now();
    st = xw_map_create(&noded, &map, err);
    t[3] = bench_since(start);
    if (!st) {
        r->faces = map.n_faces - 1;
        xw_map_finish(&map);
    }
    r->edges = noded.n_edges;
    xw_noded_finish(&noded);
    if (st) return st;

    start = bench_now();
    GEOSGeometry *u = GEOSUnaryUnionPrec_r(g, all, 1.0);
    t[2] = bench_since(start);
    if (!u) return xw_fail(err, XW_INTERNAL, "GEOS cannot node %s", r->name);
    const GEOSGeometry *in[1] = {u};
    start = bench_now();
    GEOSGeometry *faces = GEOSPolygonize_r(g, in, 1);
    t[4] = bench_since(start);
    r->peer_edges = count_edges(g, u);
    r->peer_faces = faces ? (size_t)GEOSGetNumGeometries_r(g, faces) : 0;
    GEOSGeom_destroy_r(g, faces);
    GEOSGeom_destroy_r(g, u);
    return XW_OK;
}

static xw_status measure(const options *o, const line_set *l, result *r, xw_error *err)
{
    xw_segment *s = NULL;
    bench_time times[BENCH_RUNS_MAX][5], column[BENCH_RUNS_MAX];
    bench_time *to[5] = {&r->one, &r->many, &r->peer, &r->map, &r->peer_map};
    (void)fprintf(stderr, "noding: %s\n", r->name);
    xw_status st = make_segments(l, &s, &r->segments, err);
    if (st) return st;
    GEOSContextHandle_t g = GEOS_init_r();
    GEOSGeometry *all = make_multiline(g, l);
    if (!all) st = xw_fail(err, XW_NOMEM, "%zu lines", n_lines(l));
    for (long long i = 0; !st && i < o->runs; i++) {
        st = round_of(o, s, r->segments, g, all, times[i], r, err);
    }
    for (int k = 0; !st && k < 5; k++) {
        for (long long i = 0; i < o->runs; i++) column[i] = times[i][k];
        *to[k] = bench_time_median(column, (size_t)o->runs);
    }
    GEOSGeom_destroy_r(g, all);
    GEOS_finish_r(g);
    free(s);
    return st;
}

static xw_status measure_territory(const options *o, const char *name, const xw_territory *t,
                                   result *r, xw_error *err)
{
    (void)snprintf(r[0].name, sizeof r[0].name, "%s, barriers", name);
    (void)snprintf(r[1].name, sizeof r[1].name, "%s, barriers and outlines", name);
    const xw_status st = measure(o, &(line_set){t, false}, &r[0], err);
    return st ? st : measure(o, &(line_set){t, true}, &r[1], err);
}

/* The lines of the files, else those of a sample. */
static xw_status read_territory(const options *o, xw_territory *t, xw_error *err)
{
    const xw_job job = {.threads = (unsigned)o->threads};
    xw_territory_init(t);
    if (o->roads) {
        const xw_import_options in = {.roads = o->roads, .buildings = o->buildings};
        return xw_import(&in, &job, t, NULL, err);
    }
    const xw_sample_options made = {(uint64_t)o->households, 1};
    return xw_sample_make(&made, &job, t, err);
}

static void print_noding(const options *o, const result *r, size_t n)
{
    (void)printf(
        "| lines | segments | xw_node | with %lld threads, wall | GEOSUnaryUnionPrec, grid "
        "1 | GEOS ÷ xw_node | edges | GEOS |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
        o->threads);
    for (size_t i = 0; i < n; i++) {
        (void)printf("| %s | ", r[i].name);
        bench_print_count(r[i].segments);
        (void)printf(" | %.1f ms | %.1f ms | %.1f ms | %.1f | ", r[i].one.cpu_s * 1e3,
                     r[i].many.wall_s * 1e3, r[i].peer.cpu_s * 1e3,
                     r[i].peer.cpu_s / r[i].one.cpu_s);
        bench_print_count(r[i].edges);
        (void)printf(" | ");
        bench_print_count(r[i].peer_edges);
        (void)puts(" |");
    }
}

static void print_faces(const result *r, size_t n)
{
    (void)puts("\n| lines, noded by either | xw_map_create | GEOSPolygonize | ratio | faces | GEOS "
               "|\n|---|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        (void)printf("| %s | %.1f ms | %.1f ms | %.1f | ", r[i].name, r[i].map.cpu_s * 1e3,
                     r[i].peer_map.cpu_s * 1e3, r[i].peer_map.cpu_s / r[i].map.cpu_s);
        bench_print_count(r[i].faces);
        (void)printf(" | ");
        bench_print_count(r[i].peer_faces);
        (void)puts(" |");
    }
    (void)puts("\nProcessor time where nothing else is said.\n");
}

static bool read_options(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool ok = false;
        if (strcmp(name, "--runs") == 0) ok = bench_number(name, value, 1, 15, &o->runs);
        if (strcmp(name, "--threads") == 0) ok = bench_number(name, value, 1, 64, &o->threads);
        if (strcmp(name, "--households") == 0) {
            ok = bench_number(name, value, XW_SAMPLE_MIN, XW_SAMPLE_MAX, &o->households);
        }
        const char **text = strcmp(name, "--roads") == 0       ? &o->roads
                            : strcmp(name, "--buildings") == 0 ? &o->buildings
                            : strcmp(name, "--name") == 0      ? &o->name
                                                               : NULL;
        if (text && value) {
            *text = value;
            ok = true;
        }
        if (!ok) return false;
    }
    return !o->roads == !o->buildings;
}

int main(int argc, char **argv)
{
    options o = {.runs = 5, .threads = 2, .households = 100000, .name = "sample"};
    if (!read_options(argc, argv, &o)) {
        (void)fputs("usage: bench-noding [--runs 5] [--threads 2] [--name NAME]\n"
                    "         [--households 100000 | --roads FILE --buildings FILE]\n",
                    stderr);
        return 2;
    }
    result r[2];
    xw_territory t;
    xw_error err = {XW_OK, ""};
    memset(r, 0, sizeof r);
    xw_status st = read_territory(&o, &t, &err);
    if (!st) st = measure_territory(&o, o.name, &t, r, &err);
    xw_territory_finish(&t);
    if (st) {
        (void)fprintf(stderr, "bench-noding: %s\n", err.text);
        return 3;
    }
    print_noding(&o, r, 2);
    print_faces(r, 2);
    return 0;
}
