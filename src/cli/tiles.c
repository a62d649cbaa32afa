/* xiwang tiles: all vector tiles of a revision in one file. */
#include "commands.h"
#include "open_store.h"

#include "xiwang/archive.h"
#include "xiwang/json.h"
#include "xiwang/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ZOOM_FROM = 8,
    ZOOM_TO = 16,
    BATCH = 1024,        /* tiles between two reports of progress */
    TILE_MAX = 64 << 20, /* bytes of one tile */
    THREADS_MAX = 64     /* as xw_parallel */
};

typedef struct order {
    const char *store, *path;
    unsigned from, to;
    bool force, json;
} order;

/* Tiles of one zoom that may hold something, in the order of their numbers. */
typedef struct numbers {
    uint64_t *ids;
    size_t n, cap;
} numbers;

typedef struct plant {
    const xw_snapshot *s;
    const uint64_t *ids; /* of the batch */
    xw_buf raw[THREADS_MAX];
    xw_packer *packer[THREADS_MAX];
    xw_buf gzip[BATCH];
    uint64_t n_tiles, n_bytes;
    size_t largest;
    uint64_t largest_id;
} plant;

static xw_status draw_one(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    plant *p = ctx;
    unsigned z;
    uint32_t x, y;
    xw_tile_of_id(p->ids[i], &z, &x, &y);
    xw_buf *const raw = &p->raw[thread];
    xw_buf_clear(raw);
    xw_buf_clear(&p->gzip[i]);
    const xw_status st = xw_tile_draw(p->s, z, x, y, raw, err);
    if (st || raw->n == 0) return st;
    return xw_packer_pack(p->packer[thread], raw->data, raw->n, &p->gzip[i], err);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Tiles of a zoom that meet the box of a division. */
static xw_status find_tiles(const xw_snapshot *s, xw_box box, unsigned zoom, numbers *out,
                            xw_error *err)
{
    const xw_pt corner[2] = {{box.min.x, box.max.y}, {box.max.x, box.min.y}};
    uint32_t x[2], y[2], *found = NULL;
    size_t n_found, cap_found = 0;
    xw_status st = XW_OK;
    for (int i = 0; i < 2; i++) xw_tile_of(zoom, corner[i], &x[i], &y[i]);
    out->n = 0;
    /* One more all round: the buffer. */
    const uint32_t last = (uint32_t)((UINT64_C(1) << zoom) - 1);
    const uint32_t x1 = x[1] < last ? x[1] + 1 : last, y1 = y[1] < last ? y[1] + 1 : last;
    for (uint32_t col = x[0] > 0 ? x[0] - 1 : 0; col <= x1 && !st; col++) {
        for (uint32_t row = y[0] > 0 ? y[0] - 1 : 0; row <= y1 && !st; row++) {
            n_found = 0;
            st =
                xw_snapshot_query(s, XW_SHAPE_DIVISION, xw_tile_box(zoom, col, row, XW_TILE_BUFFER),
                                  &found, &n_found, &cap_found, err);
            if (st || n_found == 0) continue;
            if (!xw_grow((void **)&out->ids, &out->cap, out->n + 1, sizeof *out->ids)) {
                st = xw_fail(err, XW_NOMEM, "%zu tiles of zoom %u", out->n, zoom);
                continue;
            }
            out->ids[out->n++] = xw_tile_id(zoom, col, row);
        }
    }
    free(found);
    if (!st && out->n > 0) qsort(out->ids, out->n, sizeof *out->ids, by_value);
    return st;
}

static xw_status write_zoom(plant *p, xw_archive *a, const numbers *all, unsigned zoom,
                            const xw_job *job, xw_error *err)
{
    char stage[32];
    (void)snprintf(stage, sizeof stage, "tiles of zoom %u", zoom);
    for (size_t done = 0; done < all->n;) {
        const size_t n = all->n - done < BATCH ? all->n - done : BATCH;
        xw_status st = xw_job_step(job, stage, done, all->n, err);
        p->ids = all->ids + done;
        if (!st) st = xw_parallel(xw_job_threads(job), n, draw_one, p, err);
        for (size_t i = 0; i < n && !st; i++) {
            const xw_buf *const b = &p->gzip[i];
            if (b->n == 0) continue;
            unsigned z;
            uint32_t x, y;
            xw_tile_of_id(p->ids[i], &z, &x, &y);
            st = xw_archive_add(a, z, x, y, b->data, b->n, err);
            p->n_tiles++;
            p->n_bytes += b->n;
            if (b->n > p->largest) {
                p->largest = b->n;
                p->largest_id = p->ids[i];
            }
        }
        if (st) return st;
        done += n;
    }
    return xw_job_step(job, stage, all->n, all->n, err);
}

static xw_status write_archive(plant *p, const order *o, const xw_job *job, xw_error *err)
{
    const xw_model *m = xw_snapshot_model(p->s);
    char version[16];
    (void)snprintf(version, sizeof version, "%u", m->revision);
    const char *const name = xw_model_text(m, m->name);
    xw_buf layers;
    xw_buf_init(&layers, 1 << 20);
    xw_tile_layers_json(m, &layers);
    numbers all = {0};
    xw_archive *a = NULL;
    xw_status st = xw_buf_status(&layers, "layers", err);
    const xw_box box = xw_model_box(m);
    if (!st && xw_box_is_empty(box)) {
        st = xw_fail(err, XW_INPUT, "%s: has no plots", o->store);
    }
    if (!st) {
        const xw_archive_info info = {.name = *name ? name : "xiwang",
                                      .description = xw_model_text(m, m->net_name),
                                      .version = version,
                                      .layers_json = layers.data,
                                      .box = box,
                                      .min_zoom = o->from,
                                      .max_zoom = o->to};
        st = xw_archive_create(o->path, &info, o->force, &a, err);
    }
    for (unsigned zoom = o->from; zoom <= o->to && !st; zoom++) {
        st = find_tiles(p->s, box, zoom, &all, err);
        if (!st) st = write_zoom(p, a, &all, zoom, job, err);
    }
    if (!st) st = xw_archive_finish(a, err);
    xw_archive_destroy(a);
    xw_buf_finish(&layers);
    free(all.ids);
    return st;
}

static xw_status make_tiles(const order *o, const xw_job *job, plant *p, xw_error *err)
{
    xw_snapshot *s = NULL;
    xw_status st = xw__cli_open_snapshot(o->store, job, &s, err);
    const unsigned threads = xw_job_threads(job);
    for (unsigned i = 0; i < threads && i < THREADS_MAX && !st; i++) {
        st = xw_packer_create(&p->packer[i], err);
    }
    p->s = s;
    if (!st) st = write_archive(p, o, job, err);
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        xw_packer_destroy(p->packer[i]);
        xw_buf_finish(&p->raw[i]);
    }
    for (size_t i = 0; i < BATCH; i++) xw_buf_finish(&p->gzip[i]);
    xw_snapshot_close(s);
    return st;
}

/* "8-16" or "14" */
static bool parse_zooms(const char *text, unsigned *from, unsigned *to)
{
    char first[8];
    const char *const dash = strchr(text, '-');
    const size_t n = dash ? (size_t)(dash - text) : strlen(text);
    long long a, b;
    if (n >= sizeof first) return false;
    memcpy(first, text, n);
    first[n] = '\0';
    if (!xw_cli_int(first, 0, XW_TILE_ZOOM_MAX, &a)) return false;
    b = a;
    if (dash && !xw_cli_int(dash + 1, a, XW_TILE_ZOOM_MAX, &b)) return false;
    *from = (unsigned)a;
    *to = (unsigned)b;
    return true;
}

/* @return 0, or the exit code of a usage error that has been printed */
static int parse(int argc, char **argv, order *o)
{
    *o = (order){.from = ZOOM_FROM, .to = ZOOM_TO};
    for (int i = 1; i < argc; i++) {
        const char *const a = argv[i];
        const bool has_value = strcmp(a, "-o") == 0 || strcmp(a, "--zoom") == 0;
        if (has_value && i + 1 == argc) return xw_cli_usage("tiles", "%s needs a value", a);
        if (strcmp(a, "-o") == 0) {
            o->path = argv[++i];
        } else if (strcmp(a, "--zoom") == 0) {
            if (!parse_zooms(argv[++i], &o->from, &o->to)) {
                return xw_cli_usage("tiles", "--zoom %s: is no range within 0-%d", argv[i],
                                    XW_TILE_ZOOM_MAX);
            }
        } else if (strcmp(a, "--force") == 0) {
            o->force = true;
        } else if (strcmp(a, "--json") == 0) {
            o->json = true;
        } else if (a[0] == '-' && a[1] != '\0') {
            return xw_cli_usage("tiles", "no option %s", a);
        } else if (o->store) {
            return xw_cli_usage("tiles", "one store only, not also %s", a);
        } else {
            o->store = a;
        }
    }
    if (!o->store) return xw_cli_usage("tiles", "the store is missing");
    if (!o->path) return xw_cli_usage("tiles", "-o FILE is missing");
    if (!xw_archive_knows(o->path)) {
        return xw_cli_usage("tiles", "%s: ends neither in .mbtiles nor .pmtiles", o->path);
    }
    return 0;
}

static void report(const order *o, const plant *p)
{
    unsigned z;
    uint32_t x, y;
    xw_tile_of_id(p->largest_id, &z, &x, &y);
    if (!o->json) {
        (void)printf("%s: %llu tiles of zooms %u-%u, %.1f MB, the largest %u/%u/%u with %.1f kB\n",
                     o->path, (unsigned long long)p->n_tiles, o->from, o->to,
                     (double)p->n_bytes / 1e6, z, x, y, (double)p->largest / 1e3);
        return;
    }
    xw_buf out;
    xw_buf_init(&out, 1 << 16);
    xw_json j = xw_json_on(&out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "file", o->path);
    xw_json_kint(&j, "tiles", (int64_t)p->n_tiles);
    xw_json_kint(&j, "bytes", (int64_t)p->n_bytes);
    xw_json_kint(&j, "zoom_min", o->from);
    xw_json_kint(&j, "zoom_max", o->to);
    xw_json_kint(&j, "largest_bytes", (int64_t)p->largest);
    xw_json_close(&j, '}');
    if (!out.failed) (void)puts(out.data);
    xw_buf_finish(&out);
}

static int run(xw_cli *cli, int argc, char **argv)
{
    order o;
    const int bad = parse(argc, argv, &o);
    if (bad) return bad;
    plant *p = calloc(1, sizeof *p);
    xw_error err = {XW_OK, ""};
    if (!p) {
        (void)xw_fail(&err, XW_NOMEM, "tiles");
        return xw_cli_fail("tiles", &err);
    }
    for (size_t i = 0; i < THREADS_MAX; i++) xw_buf_init(&p->raw[i], TILE_MAX);
    for (size_t i = 0; i < BATCH; i++) xw_buf_init(&p->gzip[i], TILE_MAX);
    const xw_status st = make_tiles(&o, &cli->job, p, &err);
    if (!st) report(&o, p);
    free(p);
    return st ? xw_cli_fail("tiles", &err) : 0;
}

const xw_command xw__cmd_tiles = {
    "tiles", "write vector tiles as MBTiles or PMTiles",
    "usage: xiwang tiles STORE -o FILE.mbtiles|FILE.pmtiles [--zoom A-B] [--force] [--json]\n"
    "\n"
    "Writes all vector tiles (Mapbox Vector Tiles, gzip) of the published revision to one file.\n"
    "\n"
    "  STORE       the store, e.g. town.gpkg\n"
    "  -o FILE     the kind follows from the suffix\n"
    "  --zoom A-B  zooms to draw, within 0-22 (8-16)\n"
    "  --force     replace FILE if it is there\n"
    "  --json      the summary as JSON\n",
    run};
