/* bench-edit: what a patch of one edited building costs. Random edits of each territory: a building
 * moves by a few metres, grows, goes, or a new one comes beside it. Prints two Markdown tables. */
#include "measure.h"
#include "xiwang/edit.h"
#include "xiwang/import.h"
#include "xiwang/rng.h"
#include "xiwang/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct options {
    long long edits, applies, threads, households;
    const char *name;
    xw_import_options in;
} options;

typedef struct sample_of { /* one edit */
    double cpu_ms;
    uint32_t buildings; /* in the blocks touched */
    uint32_t blocks;
    bool whole;
} sample_of;

static void must(xw_status st, const xw_error *err)
{
    if (st == XW_OK) return;
    (void)fprintf(stderr, "bench-edit: %s\n", err->text);
    exit(3);
}

enum { MOVES, GROWS, GOES, COMES, KINDS };

/* A building with its vertices moved, or widened about its first one. */
static void add_changed(const xw_editor *e, uint32_t building, xw_rng *r, unsigned kind,
                        xw_territory *out)
{
    xw_error err;
    const xw_territory *t = xw_editor_territory(e);
    xw_building b = t->buildings[xw_editor_building(e, building)];
    const int32_t far = kind == COMES ? 4000 : 300;
    const int32_t dx = xw_rng_in(r, -far, far), dy = xw_rng_in(r, -far, far);
    const uint32_t first = b.area.first_ring;
    b.area.first_ring = (uint32_t)out->n_rings;
    for (uint32_t i = 0; i < b.area.n_rings; i++) {
        const xw_ring g = xw_territory_ring(t, first + i);
        xw_pt *p = malloc(g.n * sizeof *p);
        if (!p) exit(3);
        for (uint32_t k = 0; k < g.n; k++) {
            const xw_pt o = g.pts[0];
            p[k] = kind == GROWS
                       ? (xw_pt){o.x + (g.pts[k].x - o.x) / 4 * 5, o.y + (g.pts[k].y - o.y) / 4 * 5}
                       : (xw_pt){g.pts[k].x + dx, g.pts[k].y + dy};
        }
        must(xw_territory_add_ring(out, p, g.n, &err), &err);
        free(p);
    }
    must(xw_strings_add(&out->text, kind == COMES ? "new" : xw_territory_text(t, b.source),
                        &b.source, &err),
         &err);
    b.name = 0;
    must(xw_territory_add_building(out, &b, NULL, &err), &err);
}

static uint32_t count_buildings(const xw_editor *e, const xw_patch *p)
{
    const xw_model *m = xw_editor_model(e);
    uint32_t n = 0;
    for (size_t i = 0; i < p->n_gone; i++) n += m->plots[p->gone[i]].building != XW_NONE;
    return n;
}

static double random_edit(xw_editor *e, xw_rng *r, bool apply, sample_of *out)
{
    xw_error err;
    const unsigned kind = xw_rng_below(r, KINDS);
    const uint32_t b = xw_rng_below(r, (uint32_t)xw_editor_model(e)->n_buildings);
    xw_territory added;
    xw_territory_init(&added);
    if (kind != GOES) add_changed(e, b, r, kind, &added);
    const xw_edit edit = {&b, kind == COMES ? 0 : 1, &added};
    xw_patch p;
    bench_time start = bench_now();
    must(apply ? xw_editor_apply(e, &edit, &err) : xw_editor_patch(e, &edit, &p, &err), &err);
    const double ms = 1e3 * bench_since(start).cpu_s;
    if (!apply) {
        *out = (sample_of){ms, count_buildings(e, &p), p.n_blocks, p.whole};
        xw_patch_finish(&p);
    }
    xw_territory_finish(&added);
    return ms;
}

static int by_cost(const void *a, const void *b)
{
    const sample_of *p = a, *q = b;
    return (p->cpu_ms > q->cpu_ms) - (p->cpu_ms < q->cpu_ms);
}

static double share(const sample_of *s, size_t n, double q)
{
    const size_t at = (size_t)(q * (double)(n - 1) + 0.5);
    return n ? s[at].cpu_ms : 0.0;
}

static void print_row(const char *name, sample_of *s, size_t n)
{
    double sum = 0.0;
    if (n) qsort(s, n, sizeof *s, by_cost);
    for (size_t i = 0; i < n; i++) sum += s[i].cpu_ms;
    (void)printf("| %s | %zu | %.2f | %.2f | %.2f | %.2f | %.2f |\n", name, n,
                 n ? sum / (double)n : 0.0, share(s, n, 0.5), share(s, n, 0.95), share(s, n, 0.99),
                 n ? s[n - 1].cpu_ms : 0.0);
}

static void print_classes(sample_of *s, size_t n)
{
    static const uint32_t limit[] = {10, 25, 50, 100, 200, UINT32_MAX};
    sample_of *some = malloc((n + 1) * sizeof *some);
    if (!some) exit(3);
    uint32_t from = 0;
    for (size_t c = 0; c < sizeof limit / sizeof *limit; c++) {
        size_t k = 0;
        for (size_t i = 0; i < n; i++) {
            if (s[i].buildings >= from && s[i].buildings < limit[c]) some[k++] = s[i];
        }
        char name[48];
        if (limit[c] == UINT32_MAX) {
            (void)snprintf(name, sizeof name, "%u buildings or more", from);
        } else {
            (void)snprintf(name, sizeof name, "%u to %u buildings", from, limit[c] - 1);
        }
        if (k) print_row(name, some, k);
        from = limit[c];
    }
    free(some);
}

static void read_territory(const options *o, xw_territory *t)
{
    xw_error err;
    const xw_job job = {.threads = (unsigned)o->threads};
    xw_territory_init(t);
    if (o->households) {
        must(xw_sample_make(&(xw_sample_options){(uint64_t)o->households, 1}, &job, t, &err), &err);
    } else {
        must(xw_import(&o->in, &job, t, NULL, &err), &err);
    }
}

static int measure(const options *o)
{
    xw_error err;
    xw_territory t;
    xw_editor *e;
    xw_rng r = {1};
    const xw_job job = {.threads = (unsigned)o->threads};
    read_territory(o, &t);
    const size_t before = bench_heap_bytes();
    const bench_time start = bench_now();
    must(xw_editor_create(&t, NULL, &job, &e, &err), &err);
    const bench_time made = bench_since(start);
    const double mib = (double)(bench_heap_bytes() - before) / 1048576.0;
    const size_t n = (size_t)o->edits;
    sample_of *s = calloc(n + 1, sizeof *s);
    double *applies = calloc((size_t)o->applies + 1, sizeof *applies);
    if (!s || !applies) return 3;
    size_t many = 0, whole = 0;
    for (size_t i = 0; i < n; i++) {
        (void)random_edit(e, &r, false, &s[i]);
        many += s[i].blocks > 1;
        whole += s[i].whole;
    }
    for (long long i = 0; i < o->applies; i++) applies[i] = random_edit(e, &r, true, NULL);
    (void)printf("**%s**: %zu buildings, %zu plots; the editor is made in %.2f s of processor time "
                 "and keeps %.0f MiB; applying takes %.1f ms (median of %lld). More than one "
                 "block: %zu of %zu edits; everything anew: %zu.\n\n",
                 o->name, t.n_buildings, xw_editor_model(e)->n_plots, made.cpu_s, mib,
                 bench_median(applies, (size_t)o->applies), o->applies, many, n, whole);
    (void)printf("| patch, ms of one processor | edits | mean | p50 | p95 | p99 | most |\n"
                 "|---|---:|---:|---:|---:|---:|---:|\n");
    print_row("all", s, n);
    print_classes(s, n);
    (void)printf("\n");
    free(s);
    free(applies);
    xw_editor_destroy(e);
    xw_territory_finish(&t);
    return whole * 100 > n ? 1 : 0;
}

static int usage(const char *why)
{
    (void)fprintf(stderr,
                  "bench-edit: %s\nusage: bench-edit --name NAME (--households N | [--osm F] "
                  "[--division-level N] [--buildings F] [--roads F]) [--edits N] [--applies N] "
                  "[--threads N]\n",
                  why);
    return 2;
}

int main(int argc, char **argv)
{
    options o = {.edits = 1000, .applies = 9, .threads = 1, .name = "territory"};
    for (int i = 1; i < argc; i += 2) {
        const char *k = argv[i], *v = i + 1 < argc ? argv[i + 1] : NULL;
        long long level = 0;
        if (!v) return usage(k);
        if (!strcmp(k, "--name")) {
            o.name = v;
        } else if (!strcmp(k, "--osm")) {
            o.in.osm = v;
        } else if (!strcmp(k, "--buildings")) {
            o.in.buildings = v;
        } else if (!strcmp(k, "--roads")) {
            o.in.roads = v;
        } else if (!strcmp(k, "--division-level")) {
            if (!bench_number(k, v, 1, 15, &level)) return 2;
            o.in.division_level = (int)level;
        } else if (!strcmp(k, "--households")) {
            if (!bench_number(k, v, XW_SAMPLE_MIN, XW_SAMPLE_MAX, &o.households)) return 2;
        } else if (!strcmp(k, "--edits")) {
            if (!bench_number(k, v, 1, 100000, &o.edits)) return 2;
        } else if (!strcmp(k, "--applies")) {
            if (!bench_number(k, v, 1, 1000, &o.applies)) return 2;
        } else if (!strcmp(k, "--threads")) {
            if (!bench_number(k, v, 1, 64, &o.threads)) return 2;
        } else {
            return usage(k);
        }
    }
    return measure(&o);
}
