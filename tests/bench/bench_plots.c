/* bench-plots: the plots stage alone: what it costs by sub-stage and size, and how fair its
 * boundaries are. Prints Markdown tables.
 *   bench-plots [--runs N] [--threads N] [--worst N] [--peer BUILDINGS] [--reference FILE]
 *               -- NAME source … -- NAME source …
 * A source is what `xiwang build` takes (--osm, --roads, --buildings …), "--sample N" for a made-up
 * territory, or "--store FILE" for a finished one, which is only looked at. --worst names the N
 * worst places of each; --peer measures GEOS on as many buildings; --reference compares with a
 * reference tessellation. */
#include "bisector.h"
#include "measure.h"
#include "tessellation.h"
#include "voronoi_peer.h"
#include "xiwang/import.h"
#include "xiwang/plots.h"
#include "xiwang/sample.h"
#include "xiwang/store.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS_MAX = 16, STAGES_MAX = 8 };

typedef struct options {
    long long runs, threads, worst, peer;
    const char *reference;
} options;

typedef struct source {
    const char *name, *store;
    long long sample, division_level;
    xw_import_options in;
} source;

typedef struct stage {
    char name[24];
    double cpu_s;
} stage;

typedef struct result {
    const char *name;
    bool measured; /* false: a store, nothing was built */
    size_t buildings, barriers, plots, edges, vertices;
    bench_time import, one, many;
    stage stages[STAGES_MAX]; /* of the last run on one thread */
    size_t n_stages;
    double before_mib, peak_mib; /* memory of the process before and at most during the plots */
    bisector fair;
    voronoi_peer geos;
} result;

/* --- memory --- */

/* A line of /proc/self/status in MiB, 0 where there is none. */
static double status_mib(const char *key)
{
    char line[256];
    long kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) == 0) kib = strtol(line + strlen(key), NULL, 10);
    }
    if (f) (void)fclose(f);
    return (double)kib / 1024;
}

/* The high-water mark starts again from what is in use now. */
static void forget_peak(void)
{
    (void)malloc_trim(0);
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f) return;
    (void)fputs("5", f);
    (void)fclose(f);
}

/* --- time --- */

typedef struct watch {
    stage *stages;
    size_t n;
    bench_time last;
} watch;

static void tick(void *user, const char *name, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    watch *w = user;
    const bool same = w->n > 0 && strcmp(w->stages[w->n - 1].name, name) == 0;
    const bench_time now = bench_now();
    if (w->n > 0) w->stages[w->n - 1].cpu_s += now.cpu_s - w->last.cpu_s;
    w->last = now;
    if (same || w->n == STAGES_MAX) return;
    (void)snprintf(w->stages[w->n].name, sizeof w->stages[w->n].name, "%s", name);
    w->stages[w->n++].cpu_s = 0.0;
}

static xw_status build_once(const xw_territory *t, unsigned threads, xw_model *m, bench_time *time,
                            result *r, xw_error *err)
{
    watch w = {.stages = r->stages};
    const xw_job watched = {.progress = tick, .user = &w, .threads = 1};
    const xw_job plain = {.threads = threads};
    const bench_time start = bench_now();
    const xw_status st = xw_plots_build(t, NULL, threads == 1 ? &watched : &plain, m, err);
    *time = bench_since(start);
    if (threads == 1) {
        tick(&w, "", 0, 0);
        r->n_stages = w.n - 1;
    }
    return st;
}

static xw_status measure_plots(const options *o, const xw_territory *t, result *r, xw_model *m,
                               xw_error *err)
{
    bench_time one[BENCH_RUNS_MAX], many[BENCH_RUNS_MAX];
    xw_status st = XW_OK;
    for (long long i = 0; !st && i < o->runs; i++) {
        xw_model_finish(m);
        if (o->threads > 1) {
            st = build_once(t, (unsigned)o->threads, m, &many[i], r, err);
            xw_model_finish(m);
        }
        if (i == 0) {
            forget_peak();
            r->before_mib = status_mib("VmRSS:");
        }
        if (!st) st = build_once(t, 1, m, &one[i], r, err);
        if (i == 0) r->peak_mib = status_mib("VmHWM:");
    }
    if (st) return st;
    r->one = bench_time_median(one, (size_t)o->runs);
    if (o->threads > 1) r->many = bench_time_median(many, (size_t)o->runs);
    r->measured = true;
    r->buildings = t->n_buildings;
    r->barriers = t->n_barriers;
    return XW_OK;
}

static xw_status read_territory(const options *o, const source *s, xw_territory *t, xw_error *err)
{
    const xw_job job = {.threads = (unsigned)o->threads};
    if (s->sample == 0) return xw_import(&s->in, &job, t, NULL, err);
    const xw_sample_options made = {(uint64_t)s->sample, 1};
    return xw_sample_make(&made, &job, t, err);
}

static xw_status measure(const options *o, const source *s, result *r, xw_error *err)
{
    xw_model m;
    xw_territory t;
    xw_status st;
    xw_model_init(&m);
    r->name = s->name;
    (void)fprintf(stderr, "plots: %s\n", s->name);
    if (s->store) {
        st = xw_store_read(s->store, &m, err);
        r->buildings = m.n_buildings;
    } else {
        xw_territory_init(&t);
        const bench_time start = bench_now();
        st = read_territory(o, s, &t, err);
        r->import = bench_since(start);
        if (!st) st = measure_plots(o, &t, r, &m, err);
        xw_territory_finish(&t);
    }
    r->plots = m.n_plots;
    r->edges = m.n_edges;
    r->vertices = m.n_pts;
    if (!st) st = bisector_measure(&m, &r->fair, err);
    if (!st && o->peer) st = voronoi_peer_measure(&m, (size_t)o->peer, &r->geos, err);
    xw_model_finish(&m);
    return st ? xw_fail_within(err, st, "%.60s", s->name) : XW_OK;
}

/* --- tables --- */

static void print_cell(unsigned long long n)
{
    bench_print_count(n);
    (void)printf(" | ");
}

static double per_building(const result *r, double seconds)
{
    return r->buildings ? seconds * 1e6 / (double)r->buildings : 0.0;
}

static void print_time(const options *o, const result *r, size_t n)
{
    (void)printf("| input | buildings | barriers | plots | vertices | import | plots stage | µs a "
                 "building | memory before | at most | with %lld threads, processor | wall |\n"
                 "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
                 o->threads);
    for (size_t i = 0; i < n; i++) {
        if (!r[i].measured) continue;
        (void)printf("| %s | ", r[i].name);
        print_cell(r[i].buildings);
        print_cell(r[i].barriers);
        print_cell(r[i].plots);
        print_cell(r[i].vertices);
        (void)printf("%.2f s | %.2f s | %.1f | %.0f MiB | %.0f MiB | ", r[i].import.cpu_s,
                     r[i].one.cpu_s, per_building(&r[i], r[i].one.cpu_s), r[i].before_mib,
                     r[i].peak_mib);
        const bench_time many = o->threads > 1 ? r[i].many : r[i].one;
        (void)printf("%.2f s | %.2f s |\n", many.cpu_s, many.wall_s);
    }
}

/* Stages by the names that the work reports; a name that comes back is told where it came first. */
static void print_stages(const result *r, size_t n)
{
    const result *first = NULL;
    for (size_t i = 0; i < n && !first; i++) first = r[i].measured ? &r[i] : NULL;
    if (!first) return;
    (void)printf("\n| µs a building | ");
    for (size_t k = 0; k < first->n_stages; k++) (void)printf("%s | ", first->stages[k].name);
    (void)printf("all |\n|---|");
    for (size_t k = 0; k <= first->n_stages; k++) (void)printf("--:|");
    (void)putchar('\n');
    for (size_t i = 0; i < n; i++) {
        if (!r[i].measured) continue;
        double all = 0.0;
        (void)printf("| %s | ", r[i].name);
        for (size_t k = 0; k < r[i].n_stages; k++) {
            const double us = per_building(&r[i], r[i].stages[k].cpu_s);
            all += us;
            (void)printf("%.1f | ", us);
        }
        (void)printf("%.1f |\n", all);
    }
    (void)puts("\nOne thread, processor time. A stage lasts until the next one reports itself: "
               "\"coverage\" has the tables of the model in it.");
}

static void print_fairness(const options *o, const result *r, size_t n)
{
    (void)puts(
        "\n| boundary between buildings | edges | km | points | p50 | p90 | p95 | p99 | max | "
        "not the two nearest | km |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        const bisector *b = &r[i].fair;
        (void)printf("| %s | ", r[i].name);
        print_cell(b->edges);
        (void)printf("%.1f | ", b->metres / 1e3);
        print_cell(b->points);
        (void)printf("%.1f | %.1f | %.1f | %.1f | %.0f | ", b->p50, b->p90, b->p95, b->p99, b->max);
        print_cell(b->not_nearest);
        (void)printf("%.2f |\n", b->wrong_metres / 1e3);
    }
    (void)puts("\nHalf the difference of the distances to the two footprints in millimetres, at "
               "points every half metre.\n");
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < r[i].fair.n_worst && (long long)k < o->worst; k++) {
            const bisector_spot *s = &r[i].fair.worst[k];
            (void)printf("%s %.7f,%.7f edge %u: %.0f mm\n", r[i].name, s->lon, s->lat, s->edge,
                         s->error_mm);
        }
    }
}

static void print_peer(const result *r, size_t n)
{
    (void)puts("| beside GEOSVoronoiDiagram | blocks | buildings | sites | GEOS, µs a site | µs a "
               "building | plots stage, µs a building | ratio | blocks where GEOS fails |\n"
               "|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        const voronoi_peer *g = &r[i].geos;
        const double us = g->buildings ? g->time.cpu_s * 1e6 / (double)g->buildings : 0.0;
        const double own = per_building(&r[i], r[i].one.cpu_s);
        if (!r[i].measured || g->buildings == 0) continue;
        (void)printf("| %s | ", r[i].name);
        print_cell(g->blocks);
        print_cell(g->buildings);
        print_cell(g->sites);
        (void)printf("%.1f | %.1f | %.1f | %.1f | ", g->time.cpu_s * 1e6 / (double)g->sites, us,
                     own, us / own);
        bench_print_count(g->failed);
        (void)puts(" |");
    }
    (void)puts("\nGEOS makes the bare diagram of sites every 2 m along the footprints, block by "
               "block; the plots stage\nmakes plots from barriers and buildings, with all there is "
               "to it. Fails: an error, or not one cell a site.\n");
}

static xw_status print_tessellation(const char *path, xw_error *err)
{
    tessellation *t = calloc(1, sizeof *t);
    if (!t) return xw_fail(err, XW_NOMEM, "reference");
    const xw_status st = tessellation_compare(path, t, err);
    if (!st) {
        (void)printf(
            "| reference tessellation, cut to the streets | plots | rows without a plot | mean "
            "intersection over union | under 0.95 | mean without land that the reference gives "
            "across a street | under 0.95 |\n|---|--:|--:|--:|--:|--:|--:|\n"
            "| bubenec | %zu | %zu | %.4f | %zu | %.4f | %zu |\n\n"
            "| outlier | intersection over union | of the difference, land that the reference "
            "gives across a street | without it |\n|---|--:|--:|--:|\n",
            t->n, t->missing, t->mean, t->below, t->mean_own_side, t->below_own_side);
    }
    for (size_t i = 0; !st && i < t->below; i++) {
        const tessellation_cell *c = &t->cell[i];
        (void)printf("| building %s | %.3f | %.0f %% | %.3f |\n", c->id, c->iou, c->beyond * 100.0,
                     c->own_side);
    }
    if (!st) {
        (void)puts("\nThe reference is the morphological tessellation that comes with the data of "
                   "momepy (Fleischmann 2019,\ndoi:10.21105/joss.01807); it ignores streets.\n");
    }
    free(t);
    return st;
}

/* --- options --- */

static bool read_source(int argc, char **argv, int *i, source *s)
{
    s->name = argv[(*i)++];
    for (; *i < argc && strcmp(argv[*i], "--") != 0; *i += 2) {
        const char *name = argv[*i], *value = argv[*i + 1];
        const struct {
            const char *name, **text;
        } texts[] = {{"--osm", &s->in.osm},
                     {"--roads", &s->in.roads},
                     {"--water", &s->in.water},
                     {"--rail", &s->in.rail},
                     {"--buildings", &s->in.buildings},
                     {"--divisions", &s->in.divisions},
                     {"--addresses", &s->in.addresses},
                     {"--households", &s->in.col_households},
                     {"--store", &s->store}};
        bool ok = false;
        for (size_t k = 0; value && k < sizeof texts / sizeof *texts; k++) {
            if (strcmp(name, texts[k].name) != 0) continue;
            *texts[k].text = value;
            ok = true;
        }
        if (strcmp(name, "--sample") == 0) {
            ok = bench_number(name, value, XW_SAMPLE_MIN, XW_SAMPLE_MAX, &s->sample);
        }
        if (strcmp(name, "--division-level") == 0) {
            ok = bench_number(name, value, 1, 15, &s->division_level);
            s->in.division_level = (int)s->division_level;
        }
        if (strcmp(name, "--config") == 0) ok = true; /* of the grids, which are not made here */
        if (!ok) return false;
    }
    return true;
}

static bool read_options(int argc, char **argv, options *o, source *s, size_t *n)
{
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        bool ok = false;
        if (strcmp(name, "--runs") == 0) ok = bench_number(name, value, 1, 15, &o->runs);
        if (strcmp(name, "--threads") == 0) ok = bench_number(name, value, 1, 64, &o->threads);
        if (strcmp(name, "--peer") == 0) ok = bench_number(name, value, 0, 10000000, &o->peer);
        if (strcmp(name, "--reference") == 0 && value) {
            o->reference = value;
            ok = true;
        }
        if (strcmp(name, "--worst") == 0) {
            ok = bench_number(name, value, 0, BISECTOR_WORST, &o->worst);
        }
        if (!ok) return false;
    }
    while (i + 1 < argc && *n < INPUTS_MAX) {
        i++; /* "--" */
        if (!read_source(argc, argv, &i, &s[(*n)++])) return false;
    }
    return (*n > 0 || o->reference) && i >= argc;
}

int main(int argc, char **argv)
{
    options o = {.runs = 3, .threads = 2};
    source s[INPUTS_MAX];
    static result r[INPUTS_MAX];
    size_t n = 0;
    xw_error err = {XW_OK, ""};
    memset(s, 0, sizeof s);
    if (!read_options(argc, argv, &o, s, &n)) {
        (void)fputs("usage: bench-plots [--runs 3] [--threads 2] [--worst 0] [--peer 0] "
                    "[--reference FILE]\n"
                    "         -- NAME --sample N | --store FILE | sources of a build …\n",
                    stderr);
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        if (measure(&o, &s[i], &r[i], &err)) {
            (void)fprintf(stderr, "bench-plots: %s\n", err.text);
            return 3;
        }
    }
    if (n > 0) {
        print_time(&o, r, n);
        print_stages(r, n);
        print_fairness(&o, r, n);
        if (o.peer) print_peer(r, n);
    }
    if (o.reference && print_tessellation(o.reference, &err)) {
        (void)fprintf(stderr, "bench-plots: %s\n", err.text);
        return 3;
    }
    return 0;
}
