/* bench-tiles: tiles drawn a second, zoom by zoom, and a whole archive beside GDAL's MVT driver on
 * the same store. Prints two Markdown tables. */
#include "measure.h"
#include "xiwang/store.h"
#include "xiwang/tile.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RESULTS_MAX = 8, ZOOM_FROM = 10, ZOOM_TO = 16, ZOOMS = ZOOM_TO - ZOOM_FROM + 1 };

typedef struct options {
    long long runs;
    const char *xiwang, *ogr2ogr;
} options;

typedef struct zoom {
    size_t tiles, filled, bytes, largest;
    bench_time time;
} zoom;

typedef struct result {
    char name[64];
    zoom zooms[ZOOMS];
    bench_process ours, peer; /* archives */
    bool has_archives;
} result;

/* Draws all tiles of a zoom over the box once. */
static xw_status draw_zoom(const xw_snapshot *s, unsigned z, xw_box box, xw_buf *out, zoom *of,
                           xw_error *err)
{
    uint32_t x0, y0, x1, y1;
    xw_tile_of(z, (xw_pt){box.min.x, box.max.y}, &x0, &y0);
    xw_tile_of(z, (xw_pt){box.max.x, box.min.y}, &x1, &y1);
    *of = (zoom){.tiles = (size_t)(x1 - x0 + 1) * (y1 - y0 + 1)};
    for (uint32_t y = y0; y <= y1; y++) {
        for (uint32_t x = x0; x <= x1; x++) {
            xw_buf_clear(out);
            const xw_status st = xw_tile_draw(s, z, x, y, out, err);
            if (st) return st;
            of->filled += out->n > 0;
            of->bytes += out->n;
            if (out->n > of->largest) of->largest = out->n;
        }
    }
    return XW_OK;
}

static xw_status measure_draw(const options *o, const char *store, result *r, xw_error *err)
{
    xw_buf path, out;
    xw_snapshot *s = NULL;
    xw_buf_init(&path, 1 << 16);
    xw_buf_init(&out, (size_t)1 << 28);
    xw_store_snapshot_path(store, &path);
    xw_status st = xw_buf_status(&path, "path", err);
    if (!st) st = xw_snapshot_open(path.data, &s, err);
    const xw_box box = st ? XW_BOX_EMPTY : xw_model_box(xw_snapshot_model(s));
    for (unsigned k = 0; !st && k < ZOOMS; k++) {
        bench_time times[BENCH_RUNS_MAX];
        for (long long run = 0; !st && run < o->runs; run++) {
            const bench_time start = bench_now();
            st = draw_zoom(s, ZOOM_FROM + k, box, &out, &r->zooms[k], err);
            times[run] = bench_since(start);
        }
        r->zooms[k].time = bench_time_median(times, (size_t)o->runs);
    }
    xw_snapshot_close(s);
    xw_buf_finish(&path);
    xw_buf_finish(&out);
    return st;
}

/* The layers that we draw, from the same zooms on (GDAL draws no labels of its own), without limits
 * that drop features. */
static const char *const peer_args[] = {
    "-q",
    "-f",
    "MVT",
    "-dsco",
    "FORMAT=MBTILES",
    "-dsco",
    "MINZOOM=10",
    "-dsco",
    "MAXZOOM=16",
    "-dsco",
    "MAX_SIZE=100000000",
    "-dsco",
    "MAX_FEATURES=10000000",
    "-dsco",
    "CONF={\"divisions\":{\"minzoom\":10},\"zones\":{\"minzoom\":10},\"sections\":{\"minzoom\":11},"
    "\"teams\":{\"minzoom\":13},\"plots\":{\"minzoom\":16},\"barriers\":{\"minzoom\":10},"
    "\"buildings\":{\"minzoom\":13}}",
    NULL};
static const char *const peer_layers[] = {"divisions", "zones",     "sections", "teams",
                                          "plots",     "buildings", "barriers", NULL};

static xw_status run_archive(const char *const argv[], bench_process *p, xw_error *err)
{
    const xw_status st = bench_process_run(argv, NULL, p, err);
    if (st || p->exit_code == 0) return st;
    return xw_fail(err, XW_IO, "%.200s ends with %d", argv[0], p->exit_code);
}

/* Both archives in turn; the files are thrown away. */
static xw_status measure_archives(const options *o, const char *store, result *r, xw_error *err)
{
    const char *ours[] = {o->xiwang, "tiles", store,     "-o", NULL,
                          "--zoom",  "10-16", "--force", NULL};
    const char *peer[40] = {o->ogr2ogr};
    bench_time our_times[BENCH_RUNS_MAX], peer_times[BENCH_RUNS_MAX];
    char file[1024];
    const int n = snprintf(file, sizeof file, "%s.bench.mbtiles", store);
    if (n < 0 || (size_t)n >= sizeof file) return xw_fail(err, XW_USAGE, "%.200s: too long", store);
    size_t k = 1;
    for (size_t i = 0; peer_args[i]; i++) peer[k++] = peer_args[i];
    peer[k++] = file;
    peer[k++] = store;
    for (size_t i = 0; peer_layers[i]; i++) peer[k++] = peer_layers[i];
    ours[4] = file;
    xw_status st = XW_OK;
    for (long long run = 0; !st && run < o->runs; run++) {
        (void)unlink(file);
        st = run_archive(ours, &r->ours, err);
        (void)unlink(file);
        if (!st) st = run_archive(peer, &r->peer, err);
        our_times[run] = r->ours.time;
        peer_times[run] = r->peer.time;
    }
    (void)unlink(file);
    if (st) return st;
    r->ours.time = bench_time_median(our_times, (size_t)o->runs);
    r->peer.time = bench_time_median(peer_times, (size_t)o->runs);
    r->has_archives = true;
    return XW_OK;
}

/* NAME=STORE */
static xw_status measure(const options *o, const char *arg, result *r, xw_error *err)
{
    const char *eq = strchr(arg, '=');
    memset(r, 0, sizeof *r);
    if (!eq) return xw_fail(err, XW_USAGE, "%.200s: not NAME=STORE", arg);
    (void)snprintf(r->name, sizeof r->name, "%.*s", (int)(eq - arg), arg);
    (void)fprintf(stderr, "tiles: %s\n", r->name);
    const xw_status st = measure_draw(o, eq + 1, r, err);
    if (st || !o->xiwang || !o->ogr2ogr) return st;
    (void)fprintf(stderr, "tiles: %s, archives\n", r->name);
    return measure_archives(o, eq + 1, r, err);
}

static void print_zoom(const char *name, const char *zooms, const zoom *z)
{
    const double tiles = (double)z->tiles, filled = z->filled ? (double)z->filled : 1;
    (void)printf("| %s | %s | ", name, zooms);
    bench_print_count(z->tiles);
    (void)printf(" | ");
    bench_print_count(z->filled);
    (void)printf(" | %.0f | %.0f | %.1f µs | %.1f KiB | %.0f KiB |\n", tiles / z->time.cpu_s,
                 (double)z->filled / z->time.cpu_s, z->time.cpu_s / filled * 1e6,
                 (double)z->bytes / filled / 1024, (double)z->largest / 1024);
}

static void print_draw(const result *r, size_t n)
{
    (void)puts("| store | zoom | tiles over its box | not empty | tiles/s | not empty/s | a tile | "
               "mean size | largest |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (size_t i = 0; i < n; i++) {
        zoom all = {0};
        for (unsigned k = 0; k < ZOOMS; k++) {
            const zoom *z = &r[i].zooms[k];
            char text[16];
            (void)snprintf(text, sizeof text, "%u", ZOOM_FROM + k);
            print_zoom(r[i].name, text, z);
            all.tiles += z->tiles;
            all.filled += z->filled;
            all.bytes += z->bytes;
            all.time.cpu_s += z->time.cpu_s;
            if (z->largest > all.largest) all.largest = z->largest;
        }
        print_zoom(r[i].name, "10–16", &all);
    }
    (void)puts("\nOne thread, processor time, bytes before compression; \"a tile\" is one that is "
               "not empty.\n");
}

static void print_archives(const result *r, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (!r[i].has_archives) continue;
        if (!any) {
            (void)puts(
                "| MBTiles of zooms 10–16 | `xiwang tiles`, wall | processor | memory | GDAL "
                "MVT, wall | processor | memory | GDAL ÷ xiwang, processor |\n"
                "|---|--:|--:|--:|--:|--:|--:|--:|");
        }
        any = true;
        const bench_process *a = &r[i].ours, *b = &r[i].peer;
        (void)printf("| %s | %.2f s | %.2f s | %.0f MiB | %.2f s | %.2f s | %.0f MiB | %.1f |\n",
                     r[i].name, a->time.wall_s, a->time.cpu_s, a->peak_mib, b->time.wall_s,
                     b->time.cpu_s, b->peak_mib, b->time.cpu_s / a->time.cpu_s);
    }
    if (any) {
        (void)puts("\nThe same polygon and line layers from the same zooms on; ours also have "
                   "labels, water and towers cut by floors.\n");
    }
}

static bool read_options(int argc, char **argv, options *o, int *rest)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!value) return false;
        if (strcmp(name, "--runs") == 0) {
            if (!bench_number(name, value, 1, BENCH_RUNS_MAX, &o->runs)) return false;
        } else if (strcmp(name, "--xiwang") == 0) {
            o->xiwang = value;
        } else if (strcmp(name, "--ogr2ogr") == 0) {
            o->ogr2ogr = value;
        } else {
            return false;
        }
    }
    *rest = i;
    return i < argc && argc - i <= RESULTS_MAX;
}

int main(int argc, char **argv)
{
    options o = {.runs = 3};
    result results[RESULTS_MAX];
    int rest;
    if (!read_options(argc, argv, &o, &rest)) {
        (void)fputs("usage: bench-tiles [--runs 3] [--xiwang PROGRAM --ogr2ogr PROGRAM] "
                    "NAME=STORE …\n",
                    stderr);
        return 2;
    }
    xw_error err = {XW_OK, ""};
    xw_status st = XW_OK;
    size_t n = 0;
    for (int i = rest; !st && i < argc; i++) st = measure(&o, argv[i], &results[n++], &err);
    if (st) {
        (void)fprintf(stderr, "bench-tiles: %s\n", err.text);
        return 3;
    }
    print_draw(results, n);
    print_archives(results, n);
    return 0;
}
