/* bench-build: whole programs, run as a person runs them: `xiwang build` stage by stage, `check`
 * and `serve`. Prints two Markdown tables. Exits 1 when a build fails or a check says no. */
#include "measure.h"
#include "xiwang/store.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RESULTS_MAX = 16, STAGES = 5, ARGS_MAX = 32 };

static const char *const stage_names[STAGES] = {"import", "plots", "grids", "snapshot", "store"};

typedef struct options {
    long long runs;
    const char *xiwang, *dir;
} options;

typedef struct result {
    const char *name;
    long long buildings, households;
    double stage_s[STAGES];
    long long stage_mib[STAGES];
    bench_time build, check;
    double peak_mib, check_mib, ready_s;
    int build_exit, check_exit;
    double store_mib, snapshot_mib;
} result;

/* One run of the build: its report, unless it failed, and what it took. */
static xw_status build_once(const char *const argv[], json_t **report, bench_process *p,
                            xw_error *err)
{
    xw_buf out;
    xw_buf_init(&out, (size_t)1 << 24);
    xw_status st = bench_process_run(argv, &out, p, err);
    if (!st) st = xw_buf_status(&out, "report of the build", err);
    if (!st && p->exit_code == 0) {
        *report = json_loadb(out.data ? out.data : "", out.n, 0, NULL);
        if (!*report) st = xw_fail(err, XW_INPUT, "the report of the build is no JSON");
    }
    xw_buf_finish(&out);
    return st;
}

static void read_stages(const json_t *report, result *r, double seconds[STAGES])
{
    size_t i;
    json_t *stage;
    json_array_foreach(json_object_get(report, "stages"), i, stage)
    {
        const char *name = json_string_value(json_object_get(stage, "name"));
        for (size_t k = 0; name && k < STAGES; k++) {
            if (strcmp(name, stage_names[k]) != 0) continue;
            const long long mib = json_integer_value(json_object_get(stage, "peak_mib"));
            seconds[k] = json_number_value(json_object_get(stage, "seconds"));
            if (mib > r->stage_mib[k]) r->stage_mib[k] = mib;
        }
    }
    r->buildings = json_integer_value(json_object_get(report, "buildings_used"));
    r->households = json_integer_value(json_object_get(report, "households"));
}

static xw_status measure_build(const options *o, const char *const argv[], result *r, xw_error *err)
{
    double seconds[STAGES][BENCH_RUNS_MAX] = {{0}};
    bench_time times[BENCH_RUNS_MAX];
    for (long long run = 0; run < o->runs; run++) {
        json_t *report = NULL;
        double stage[STAGES] = {0};
        bench_process p;
        (void)fprintf(stderr, "build: %s, run %lld of %lld\n", r->name, run + 1, o->runs);
        const xw_status st = build_once(argv, &report, &p, err);
        if (st) return xw_fail_within(err, st, "%.60s", r->name);
        r->build_exit = p.exit_code;
        if (r->build_exit) return XW_OK;
        read_stages(report, r, stage);
        json_decref(report);
        for (size_t k = 0; k < STAGES; k++) seconds[k][run] = stage[k];
        times[run] = p.time;
        if (p.peak_mib > r->peak_mib) r->peak_mib = p.peak_mib;
    }
    for (size_t k = 0; k < STAGES; k++) {
        r->stage_s[k] = bench_median(seconds[k], (size_t)o->runs);
    }
    r->build = bench_time_median(times, (size_t)o->runs);
    return XW_OK;
}

static xw_status measure_after(const options *o, const char *store, result *r, xw_error *err)
{
    const char *check[] = {o->xiwang, "check", store, NULL};
    const char *serve[] = {o->xiwang, "serve", store, "--listen", "127.0.0.1:0", NULL};
    bench_time times[BENCH_RUNS_MAX];
    double ready[BENCH_RUNS_MAX];
    for (long long run = 0; run < o->runs; run++) {
        bench_process p;
        xw_status st = bench_process_run(check, NULL, &p, err);
        if (!st && p.exit_code > 1) st = xw_fail(err, XW_IO, "check ends with %d", p.exit_code);
        if (!st) st = bench_process_ready(serve, &ready[run], err);
        if (st) return xw_fail_within(err, st, "%.60s", r->name);
        times[run] = p.time;
        r->check_exit = p.exit_code;
        if (p.peak_mib > r->check_mib) r->check_mib = p.peak_mib;
    }
    r->check = bench_time_median(times, (size_t)o->runs);
    r->ready_s = bench_median(ready, (size_t)o->runs);
    return XW_OK;
}

static double size_mib(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? (double)s.st_size / (1 << 20) : 0;
}

/* args: NAME and the arguments of the build without -o */
static xw_status measure(const options *o, char **args, int n, result *r, xw_error *err)
{
    const char *argv[ARGS_MAX + 8] = {o->xiwang, "build"};
    int k = 2;
    memset(r, 0, sizeof *r);
    if (n < 2 || n > ARGS_MAX) return xw_fail(err, XW_USAGE, "an input wants NAME ARGUMENTS");
    r->name = args[0];
    for (int i = 1; i < n; i++) argv[k++] = args[i];
    xw_buf store, snapshot;
    xw_buf_init(&store, 1 << 16);
    xw_buf_init(&snapshot, 1 << 16);
    xw_buf_fmt(&store, "%s/%s.gpkg", o->dir, r->name);
    xw_status st = xw_buf_status(&store, "path", err);
    if (!st) {
        argv[k++] = "--json";
        argv[k++] = "--force";
        argv[k++] = "-o";
        argv[k++] = store.data;
        xw_store_snapshot_path(store.data, &snapshot);
        st = xw_buf_status(&snapshot, "path", err);
    }
    if (!st) st = measure_build(o, argv, r, err);
    if (!st && r->build_exit == 0) st = measure_after(o, store.data, r, err);
    if (!st && r->build_exit == 0) {
        r->store_mib = size_mib(store.data);
        r->snapshot_mib = size_mib(snapshot.data);
    }
    xw_buf_finish(&store);
    xw_buf_finish(&snapshot);
    return st;
}

static void print_build(const result *r, size_t n)
{
    (void)puts(
        "| input | buildings | households | import | plots | grids | snapshot | store | whole "
        "program, wall | processor | plots stage a building |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        if (r[i].build_exit) {
            (void)printf("| %s | the build ends with %d | | | | | | | | | |\n", r[i].name,
                         r[i].build_exit);
            continue;
        }
        (void)printf("| %s | ", r[i].name);
        bench_print_count((unsigned long long)r[i].buildings);
        (void)printf(" | ");
        bench_print_count((unsigned long long)r[i].households);
        for (size_t k = 0; k < STAGES; k++) {
            (void)printf(" | %.2f s, %lld MiB", r[i].stage_s[k], r[i].stage_mib[k]);
        }
        const double plots = r[i].buildings ? r[i].stage_s[1] / (double)r[i].buildings : 0;
        (void)printf(" | %.2f s, %.0f MiB | %.2f s | %.1f µs |\n", r[i].build.wall_s, r[i].peak_mib,
                     r[i].build.cpu_s, plots * 1e6);
    }
    (void)puts(
        "\nStages: wall clock, and the most memory of the program so far (it only grows).\n");
}

static void print_after(const result *r, size_t n)
{
    (void)puts("| input | store | snapshot | `check`, wall | processor | memory | its answer | "
               "`serve` ready |\n|---|--:|--:|--:|--:|--:|---|--:|");
    for (size_t i = 0; i < n; i++) {
        if (r[i].build_exit) continue; /* nothing was made that could be checked */
        (void)printf(
            "| %s | %.1f MiB | %.1f MiB | %.2f s | %.2f s | %.0f MiB | %s | %.0f ms |\n", r[i].name,
            r[i].store_mib, r[i].snapshot_mib, r[i].check.wall_s, r[i].check.cpu_s, r[i].check_mib,
            r[i].check_exit ? "a hard line is not 0" : "all hard lines 0", r[i].ready_s * 1e3);
    }
    (void)puts("");
}

static int usage(void)
{
    (void)fputs("usage: bench-build --xiwang PROGRAM --dir DIR [--runs 3] (-- NAME ARGUMENTS of "
                "xiwang build)…\nThe stores are DIR/NAME.gpkg.\n",
                stderr);
    return 2;
}

static bool read_options(int argc, char **argv, options *o, int *rest)
{
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!value) return false;
        if (strcmp(name, "--runs") == 0) {
            if (!bench_number(name, value, 1, BENCH_RUNS_MAX, &o->runs)) return false;
        } else if (strcmp(name, "--xiwang") == 0) {
            o->xiwang = value;
        } else if (strcmp(name, "--dir") == 0) {
            o->dir = value;
        } else {
            return false;
        }
    }
    *rest = i;
    return o->xiwang && o->dir && i < argc;
}

int main(int argc, char **argv)
{
    options o = {.runs = 3};
    result results[RESULTS_MAX];
    int i;
    if (!read_options(argc, argv, &o, &i)) return usage();
    xw_error err = {XW_OK, ""};
    xw_status st = XW_OK;
    size_t n = 0;
    while (!st && i < argc && n < RESULTS_MAX) {
        const int first = ++i;
        while (i < argc && strcmp(argv[i], "--") != 0) i++;
        st = measure(&o, argv + first, i - first, &results[n++], &err);
    }
    if (st) {
        (void)fprintf(stderr, "bench-build: %s\n", err.text);
        return 3;
    }
    print_build(results, n);
    print_after(results, n);
    int failed = 0;
    for (size_t k = 0; k < n; k++) failed |= results[k].build_exit || results[k].check_exit;
    return failed;
}
