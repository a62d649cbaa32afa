/* bench-locate: lookups beside a GEOS STRtree over prepared polygons, on the same polygons and
 * points, in turn within one run, and beside the exact rings. Prints Markdown tables. Exits 1 when
 * an answer differs. */
#include "cover.h"
#include "measure.h"
#include "oracle.h"
#include "peer.h"
#include "postgis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES_MAX = 4, RESULTS_MAX = 8, POSTGIS_MAX = 200000 };

typedef struct options {
    long long runs, points, seed, exact;
    long long polygons[SIZES_MAX];
    size_t n_sizes;
    const char *postgis; /* where, NULL: not */
} options;

enum { FAST, BATCH, PEER, ENGINES };

typedef struct row { /* one coverage with one kind of points */
    const char *kind;
    bench_time time[ENGINES]; /* of all points */
    size_t n_points, hits, differ, boundary;
} row;

typedef struct result { /* one coverage */
    char name[64];
    size_t polygons, edges, invalid;
    double xw_build_s, xw_bytes, peer_build_s, peer_bytes;
    row rows[2];
    bench_exact exact;
    bench_postgis postgis;
} result;

static uint32_t *calloc_labels(size_t n) { return calloc(n + 1, sizeof(uint32_t)); }

static bench_time pass(int engine, const xw_locator *l, bench_peer *peer, const xw_pt *p, size_t n,
                       uint32_t *out)
{
    const bench_time start = bench_now();
    if (engine == FAST) {
        for (size_t i = 0; i < n; i++) out[i] = xw_locator_find(l, p[i]);
    } else if (engine == BATCH) {
        xw_locator_find_many(l, p, n, out);
    } else {
        for (size_t i = 0; i < n; i++) out[i] = bench_peer_find(peer, p[i]);
    }
    return bench_since(start);
}

/* On a shared boundary GEOS finds both sides and names either; the boundary rule names one. */
static bool only_boundary(bench_peer *peer, xw_pt p, uint32_t ours, uint32_t theirs)
{
    if (ours && !bench_peer_has(peer, ours, p, true)) return false;
    return !theirs || !bench_peer_has(peer, theirs, p, false);
}

static xw_status measure_points(const options *o, const xw_locator *l, bench_peer *peer,
                                const xw_pt *p, row *r, xw_error *err)
{
    bench_time times[ENGINES][BENCH_RUNS_MAX];
    uint32_t *labels[ENGINES];
    const size_t n = (size_t)o->points;
    bool ok = true;
    for (int e = 0; e < ENGINES; e++) ok = (labels[e] = calloc_labels(n)) && ok;
    for (long long run = 0; ok && run < o->runs; run++) {
        for (int e = 0; e < ENGINES; e++) times[e][run] = pass(e, l, peer, p, n, labels[e]);
    }
    r->n_points = n;
    for (int e = 0; ok && e < ENGINES; e++) {
        r->time[e] = bench_time_median(times[e], (size_t)o->runs);
    }
    for (size_t i = 0; ok && i < n; i++) {
        const uint32_t ours = labels[FAST][i], theirs = labels[PEER][i];
        r->hits += ours != 0;
        if (ours == theirs && labels[BATCH][i] == ours) continue;
        const bool fine = labels[BATCH][i] == ours && only_boundary(peer, p[i], ours, theirs);
        r->boundary += fine;
        r->differ += !fine;
    }
    for (int e = 0; e < ENGINES; e++) free(labels[e]);
    return ok ? XW_OK : xw_fail(err, XW_NOMEM, "%zu answers", n);
}

static xw_status both_kinds(const options *o, const bench_cover *c, const xw_locator *l,
                            bench_peer *peer, result *r, xw_error *err)
{
    const size_t n = (size_t)o->points;
    xw_pt *p = calloc(n + 1, sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "%zu points", n);
    r->rows[0].kind = "uniform";
    r->rows[1].kind = "clustered";
    bench_points_uniform(c, (uint64_t)o->seed, p, n);
    xw_status st = measure_points(o, l, peer, p, &r->rows[0], err);
    bench_points_clustered(c, (uint64_t)o->seed, p, n);
    if (!st) st = measure_points(o, l, peer, p, &r->rows[1], err);
    free(p);
    return st;
}

/* Builds both indexes in turn and keeps the last ones. */
static xw_status build_both(const options *o, const bench_cover *c, result *r, void **bytes,
                            size_t *size, bench_peer **peer, xw_error *err)
{
    double ours[BENCH_RUNS_MAX], theirs[BENCH_RUNS_MAX];
    for (long long run = 0; run < o->runs; run++) {
        free(*bytes);
        *bytes = NULL;
        bench_time start = bench_now();
        xw_status st = xw_locator_build(c->edges, c->n_edges, NULL, bytes, size, err);
        if (st) return st;
        ours[run] = bench_since(start).cpu_s;
        bench_peer_destroy(*peer);
        const size_t before = bench_heap_bytes();
        start = bench_now();
        st = bench_peer_create(c, peer, err);
        if (st) return st;
        theirs[run] = bench_since(start).cpu_s;
        r->peer_bytes = (double)(bench_heap_bytes() - before);
    }
    r->xw_build_s = bench_median(ours, (size_t)o->runs);
    r->peer_build_s = bench_median(theirs, (size_t)o->runs);
    r->xw_bytes = (double)*size;
    return XW_OK;
}

static xw_status measure(const options *o, const char *name, size_t n_name, const bench_cover *c,
                         result *r, xw_error *err)
{
    void *bytes = NULL;
    size_t size = 0;
    bench_peer *peer = NULL;
    xw_locator l;
    memset(r, 0, sizeof *r);
    (void)snprintf(r->name, sizeof r->name, "%.*s", (int)n_name, name);
    (void)fprintf(stderr, "locate: %s\n", r->name);
    r->polygons = c->n_polygons;
    r->edges = c->n_edges;
    xw_status st = build_both(o, c, r, &bytes, &size, &peer, err);
    if (!st) st = xw_locator_view(bytes, size, &l, err);
    if (!st) r->invalid = bench_peer_invalid(peer);
    if (!st) st = both_kinds(o, c, &l, peer, r, err);
    if (!st) st = bench_exact_check(c, &l, (uint64_t)o->seed, (size_t)o->exact, &r->exact, err);
    if (!st && o->postgis && c->n_polygons <= POSTGIS_MAX) {
        st = bench_postgis_measure(o->postgis, c, &l, (uint64_t)o->seed, &r->postgis, err);
    }
    bench_peer_destroy(peer);
    free(bytes);
    return st;
}

/* A square honeycomb of about that many cells. */
static xw_status measure_comb(const options *o, long long polygons, result *r, xw_error *err)
{
    uint32_t side = 1;
    while ((long long)(side + 1) * (side + 1) <= polygons) side++;
    bench_cover c;
    xw_status st = bench_cover_honeycomb(side, side, (uint64_t)o->seed, &c, err);
    if (st) return st;
    char name[32];
    const int n = snprintf(name, sizeof name, "honeycomb-%u", side * side);
    st = measure(o, name, (size_t)n, &c, r, err);
    bench_cover_finish(&c);
    return st;
}

/* NAME=SNAPSHOT */
static xw_status measure_plots(const options *o, const char *arg, result *r, xw_error *err)
{
    const char *eq = strchr(arg, '=');
    if (!eq) return xw_fail(err, XW_USAGE, "%.200s: not NAME=SNAPSHOT", arg);
    xw_snapshot *s = NULL;
    bench_cover c;
    xw_status st = xw_snapshot_open(eq + 1, &s, err);
    if (st) return st;
    st = bench_cover_snapshot(s, &c, err);
    xw_snapshot_close(s);
    if (st) return st;
    st = measure(o, arg, (size_t)(eq - arg), &c, r, err);
    bench_cover_finish(&c);
    return st;
}

static double ns(const row *r, int engine)
{
    return r->time[engine].cpu_s / (double)r->n_points * 1e9;
}

static void print_lookups(const result *r, size_t n)
{
    double slower = 1;
    (void)puts("| polygons | points | one by one | in a batch | GEOS | GEOS ÷ one by one | GEOS ÷ "
               "batch | found | differ | on a boundary |\n"
               "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 2; k++) {
            const row *w = &r[i].rows[k];
            const double one = ns(w, FAST), many = ns(w, BATCH), peer = ns(w, PEER);
            (void)printf("| %s | ", r[i].name);
            bench_print_count(w->n_points);
            (void)printf(" %s | %.1f ns, %.1f M/s | %.1f ns, %.1f M/s | %.0f ns, %.2f M/s | %.1f | "
                         "%.1f | %.1f %% | %zu | %zu |\n",
                         w->kind, one, 1e3 / one, many, 1e3 / many, peer, 1e3 / peer, peer / one,
                         peer / many, 100.0 * (double)w->hits / (double)w->n_points, w->differ,
                         w->boundary);
            for (int e = 0; e < ENGINES; e++) {
                const double ratio = w->time[e].wall_s / w->time[e].cpu_s;
                if (ratio > slower) slower = ratio;
            }
        }
    }
    (void)printf("\nOne thread, processor time; the wall clock showed up to %.2f times as much.\n",
                 slower);
}

static void print_indexes(const result *r, size_t n)
{
    (void)puts("\n| polygons | number | edges | build | GEOS build, eager | ratio | bytes a "
               "polygon | GEOS | ratio | invalid for GEOS |\n"
               "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        const double k = r[i].polygons ? (double)r[i].polygons : 1;
        (void)printf("| %s | ", r[i].name);
        bench_print_count(r[i].polygons);
        (void)printf(" | ");
        bench_print_count(r[i].edges);
        (void)printf(" | %.3f s | %.3f s | %.1f | %.0f | %.0f | %.1f | %zu |\n", r[i].xw_build_s,
                     r[i].peer_build_s, r[i].peer_build_s / r[i].xw_build_s, r[i].xw_bytes / k,
                     r[i].peer_bytes / k, r[i].peer_bytes / r[i].xw_bytes, r[i].invalid);
    }
    (void)puts("");
}

static void print_exact(const result *r, size_t n)
{
    (void)puts(
        "\n| polygons | number | points beside the exact rings | of them for vertices and edges | "
        "owned | differ | with two owners |\n|---|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        const bench_exact *e = &r[i].exact;
        (void)printf("| %s | ", r[i].name);
        bench_print_count(r[i].polygons);
        (void)printf(" | ");
        bench_print_count(e->n_points);
        (void)printf(" | ");
        bench_print_count(e->n_on_lines);
        (void)printf(" | ");
        bench_print_count(e->n_owned);
        (void)printf(" | %zu | %zu |\n", e->n_differ, e->n_ambiguous);
    }
    (void)puts("");
}

static void print_postgis(const result *r, size_t n)
{
    (void)puts(
        "\n| polygons | PostGIS, one SELECT a point | ÷ one by one | PostGIS, one join | ÷ batch | "
        "load and index | bytes a polygon | answers not the same |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        const bench_postgis *p = &r[i].postgis;
        if (p->n_join == 0) continue;
        const double one = p->single_s / (double)p->n_single * 1e9;
        const double many = p->join_s / (double)p->n_join * 1e9;
        (void)printf("| %s | %.0f ns | %.0f | %.0f ns | %.0f | %.2f s | %.0f | %zu of %zu |\n",
                     r[i].name, one, one / ns(&r[i].rows[0], FAST), many,
                     many / ns(&r[i].rows[0], BATCH), p->build_s, p->bytes / (double)r[i].polygons,
                     p->differ, p->n_single);
    }
    (void)puts("\nUniform points; processor time of the server.\n");
}

static int usage(void)
{
    (void)fputs(
        "usage: bench-locate [--runs 5] [--points 1000000] [--polygons 102400]… [--exact 0] "
        "[--seed 1] [--postgis WHERE] [NAME=SNAPSHOT …]\n",
        stderr);
    return 2;
}

static bool read_options(int argc, char **argv, options *o, int *rest)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool ok = false;
        if (strcmp(name, "--runs") == 0) ok = bench_number(name, value, 1, 15, &o->runs);
        if (strcmp(name, "--points") == 0) ok = bench_number(name, value, 1, 100000000, &o->points);
        if (strcmp(name, "--exact") == 0) ok = bench_number(name, value, 0, 100000000, &o->exact);
        if (strcmp(name, "--polygons") == 0 && o->n_sizes < SIZES_MAX) {
            ok = bench_number(name, value, 4, 4000000, &o->polygons[o->n_sizes++]);
        }
        if (strcmp(name, "--seed") == 0) ok = bench_number(name, value, 0, INT32_MAX, &o->seed);
        if (strcmp(name, "--postgis") == 0) ok = (o->postgis = value) != NULL;
        if (!ok) return false;
    }
    if (o->n_sizes == 0) o->polygons[o->n_sizes++] = 102400;
    *rest = i;
    return argc - i <= RESULTS_MAX - SIZES_MAX;
}

int main(int argc, char **argv)
{
    options o = {.runs = 5, .points = 1000000, .seed = 1};
    result results[RESULTS_MAX];
    int rest;
    if (!read_options(argc, argv, &o, &rest)) return usage();
    xw_error err = {XW_OK, ""};
    size_t n = 0, differ = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; !st && i < o.n_sizes; i++) {
        st = measure_comb(&o, o.polygons[i], &results[n++], &err);
    }
    for (int i = rest; !st && i < argc; i++) st = measure_plots(&o, argv[i], &results[n++], &err);
    if (st) {
        (void)fprintf(stderr, "bench-locate: %s\n", err.text);
        return 3;
    }
    print_lookups(results, n);
    print_indexes(results, n);
    if (o.exact > 0) print_exact(results, n);
    if (o.postgis) print_postgis(results, n);
    for (size_t i = 0; i < n; i++) {
        differ += results[i].rows[0].differ + results[i].rows[1].differ;
        differ += results[i].exact.n_differ + results[i].exact.n_ambiguous;
    }
    return differ ? 1 : 0;
}
