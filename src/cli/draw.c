/* xiwang draw: a picture of a part of a store. */
#include "commands.h"

#include "open_store.h"

#include "xiwang/json.h"
#include "xiwang/picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PICTURE_MAX ((size_t)256 << 20)

typedef struct order {
    const char *store, *path, *what, *grid, *title;
    double bbox[4], at[2], size_m;
    bool has_bbox, has_at, has_size, json;
    long long width;
} order;

static bool parse_bbox(const char *text, double out[4])
{
    char word[64];
    for (int i = 0; i < 4; i++) {
        const char *const comma = strchr(text, ',');
        const size_t n = comma ? (size_t)(comma - text) : strlen(text);
        if ((comma == NULL) != (i == 3) || n >= sizeof word) return false;
        memcpy(word, text, n);
        word[n] = '\0';
        if (!xw_cli_num(word, &out[i])) return false;
        if (comma) text = comma + 1;
    }
    return out[0] < out[2] && out[1] < out[3];
}

/* @return 0, or the exit code of a usage error that has been printed */
static int parse_value(order *o, const char *name, const char *value)
{
    if (strcmp(name, "-o") == 0) {
        o->path = value;
    } else if (strcmp(name, "--what") == 0) {
        o->what = value;
    } else if (strcmp(name, "--grid") == 0) {
        o->grid = value;
    } else if (strcmp(name, "--title") == 0) {
        o->title = value;
    } else if (strcmp(name, "--bbox") == 0) {
        o->has_bbox = parse_bbox(value, o->bbox);
        if (!o->has_bbox) {
            return xw_cli_usage("draw", "--bbox %s: is not W,S,E,N in degrees", value);
        }
    } else if (strcmp(name, "--at") == 0) {
        o->has_at = xw_cli_pair(value, &o->at[0], &o->at[1]);
        if (!o->has_at) return xw_cli_usage("draw", "--at %s: is not LON,LAT", value);
    } else if (strcmp(name, "--size") == 0) {
        o->has_size = xw_cli_num(value, &o->size_m) && o->size_m >= 5 && o->size_m <= 1e6;
        if (!o->has_size) {
            return xw_cli_usage("draw", "--size %s: is no number of metres from 5 to 1000000",
                                value);
        }
    } else if (!xw_cli_int(value, XW_PICTURE_WIDTH_MIN, XW_PICTURE_WIDTH_MAX, &o->width)) {
        return xw_cli_usage("draw", "--width %s: a whole number of pixels from %d to %d", value,
                            XW_PICTURE_WIDTH_MIN, XW_PICTURE_WIDTH_MAX);
    }
    return 0;
}

static int parse(int argc, char **argv, order *o)
{
    static const char *const valued[] = {"-o",     "--what", "--grid", "--title",
                                         "--bbox", "--at",   "--size", "--width"};
    *o = (order){.width = 1200, .size_m = 300};
    for (int i = 1; i < argc; i++) {
        const char *const a = argv[i];
        bool has_value = false;
        for (size_t k = 0; k < sizeof valued / sizeof *valued; k++) {
            has_value = has_value || strcmp(a, valued[k]) == 0;
        }
        if (has_value) {
            if (i + 1 == argc) return xw_cli_usage("draw", "%s needs a value", a);
            const int bad = parse_value(o, a, argv[++i]);
            if (bad) return bad;
        } else if (strcmp(a, "--json") == 0) {
            o->json = true;
        } else if (a[0] == '-' && a[1] != '\0') {
            return xw_cli_usage("draw", "no option %s", a);
        } else if (o->store) {
            return xw_cli_usage("draw", "one store only, not also %s", a);
        } else {
            o->store = a;
        }
    }
    if (!o->store) return xw_cli_usage("draw", "the store is missing");
    if (!o->path) return xw_cli_usage("draw", "-o PICTURE.svg is missing");
    if (o->has_bbox + o->has_at + (o->grid != NULL) > 1) {
        return xw_cli_usage("draw", "only one of --bbox, --grid and --at");
    }
    if (o->has_size && !o->has_at) return xw_cli_usage("draw", "--size goes with --at");
    if (o->json && strcmp(o->path, "-") == 0) {
        return xw_cli_usage("draw", "--json and a picture do not both go to standard output");
    }
    return 0;
}

/* ---- which part ---- */

static xw_status box_of_grid(const xw_snapshot *s, const char *code, xw_picture_options *out,
                             xw_error *err)
{
    const uint32_t g = xw_model_grid_by_code(xw_snapshot_model(s), code);
    if (g == XW_NONE)
        return xw_fail(err, XW_NOT_FOUND, "--grid %.80s: no grid has this code", code);
    const xw_box b = xw_snapshot_shape(s, XW_SHAPE_GRID, g).box;
    const int32_t dx = (int32_t)(((int64_t)b.max.x - b.min.x) / 6);
    const int32_t dy = (int32_t)(((int64_t)b.max.y - b.min.y) / 6);
    out->focus = g;
    out->box = (xw_box){{b.min.x - dx, b.min.y - dy}, {b.max.x + dx, b.max.y + dy}};
    return XW_OK;
}

static xw_status box_of(const order *o, const xw_snapshot *s, xw_picture_options *out,
                        xw_error *err)
{
    if (o->grid) return box_of_grid(s, o->grid, out, err);
    double b[4] = {o->bbox[0], o->bbox[1], o->bbox[2], o->bbox[3]};
    if (o->has_at) {
        xw_pt at;
        if (!xw_pt_from_deg(o->at[0], o->at[1], &at)) {
            return xw_fail(err, XW_INPUT, "--at %g,%g: is no place in degrees", o->at[0], o->at[1]);
        }
        const xw_scale k = xw_scale_at(at.y);
        const double dx = o->size_m / 2 / k.mx / XW_UNITS_PER_DEG;
        const double dy = o->size_m / 2 / k.my / XW_UNITS_PER_DEG;
        b[0] = o->at[0] - dx;
        b[1] = o->at[1] - dy;
        b[2] = o->at[0] + dx;
        b[3] = o->at[1] + dy;
    }
    if (!o->has_at && !o->has_bbox) return XW_OK;
    if (!xw_pt_from_deg(b[0], b[1], &out->box.min) || !xw_pt_from_deg(b[2], b[3], &out->box.max)) {
        return xw_fail(err, XW_INPUT, "%g,%g,%g,%g: is no box in degrees", b[0], b[1], b[2], b[3]);
    }
    return XW_OK;
}

/* ---- what ---- */

/* The finest level with few enough grids for a picture. */
static xw_status fitting_level(const xw_snapshot *s, xw_picture_options *out, xw_error *err)
{
    enum { MOST = 400 };
    const xw_model *m = xw_snapshot_model(s);
    uint32_t *ix = NULL;
    size_t n = 0, cap = 0, per_level[XW_LEVELS_MAX] = {0};
    const xw_box box = xw_box_is_empty(out->box) ? xw_model_box(m) : out->box;
    const xw_status st = xw_snapshot_query(s, XW_SHAPE_GRID, box, &ix, &n, &cap, err);
    for (size_t i = 0; i < n && !st; i++) per_level[m->grids[ix[i]].level % XW_LEVELS_MAX]++;
    out->level = m->n_levels - 1;
    while (out->level > 0 && per_level[out->level] > MOST) out->level--;
    free(ix);
    return st;
}

/* A level by its key, with or without an s; a word that is none is answered with all of them. */
static xw_status what_of(const order *o, const xw_snapshot *s, xw_picture_options *out,
                         xw_error *err)
{
    const xw_model *m = xw_snapshot_model(s);
    char words[300] = "given, plots", plural[80];
    out->what = XW_PICTURE_GRIDS;
    if (!o->what && out->focus == XW_NONE) return fitting_level(s, out, err);
    if (!o->what) {
        out->level = m->grids[out->focus].level;
        if (out->level + 1 < m->n_levels) out->level++;
        return XW_OK;
    }
    if (strcmp(o->what, "given") == 0 || strncmp(o->what, "plots", 5) == 0) {
        out->what = o->what[0] == 'g' ? XW_PICTURE_GIVEN : XW_PICTURE_PLOTS;
        if (o->what[5] == '\0') return XW_OK;
    }
    if (strcmp(o->what, "plot") == 0) {
        out->what = XW_PICTURE_PLOTS;
        return XW_OK;
    }
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const char *const key = xw_model_text(m, m->levels[l].key);
        (void)snprintf(plural, sizeof plural, "%ss", key);
        if (strcmp(o->what, key) == 0 || strcmp(o->what, plural) == 0) {
            out->level = l;
            out->what = XW_PICTURE_GRIDS;
            return XW_OK;
        }
        const size_t used = strlen(words);
        (void)snprintf(words + used, sizeof words - used, ", %s", plural);
    }
    return xw_fail(err, XW_USAGE, "--what %.80s: is none of %s", o->what, words);
}

/* ---- writing ---- */

/* Whole or not at all: under another name first. */
static xw_status write_file(const char *path, const xw_buf *svg, xw_error *err)
{
    if (strcmp(path, "-") == 0) {
        if (fwrite(svg->data, 1, svg->n, stdout) == svg->n && !fflush(stdout)) return XW_OK;
        return xw_fail(err, XW_IO, "standard output cannot be written");
    }
    xw_buf temp;
    xw_buf_init(&temp, 1 << 16);
    xw_buf_fmt(&temp, "%s.new-%ld", path, (long)getpid());
    xw_status st = xw_buf_status(&temp, "name of the picture", err);
    FILE *const f = st ? NULL : fopen(temp.data, "wb");
    if (!st && !f) st = xw_fail(err, XW_IO, "%.300s: %s", path, strerror(errno));
    if (f) {
        const bool whole = fwrite(svg->data, 1, svg->n, f) == svg->n;
        const bool closed = fclose(f) == 0;
        if (!whole || !closed || rename(temp.data, path) != 0) {
            st = xw_fail(err, XW_IO, "%.300s: %s", path, strerror(errno));
            (void)unlink(temp.data);
        }
    }
    xw_buf_finish(&temp);
    return st;
}

static void report(const order *o, const xw_picture_counts *n, size_t bytes)
{
    if (strcmp(o->path, "-") == 0) return;
    if (!o->json) {
        (void)printf("%s: %u x %u, %.2f m a pixel; %zu grids, %zu plots, %zu buildings, %zu lines, "
                     "%zu borders, %zu labels; %.1f kB\n",
                     o->path, n->width, n->height, n->m_per_px, n->grids, n->plots, n->buildings,
                     n->lines, n->borders, n->labels, (double)bytes / 1e3);
        return;
    }
    xw_buf out;
    xw_buf_init(&out, 1 << 16);
    xw_json j = xw_json_on(&out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "file", o->path);
    xw_json_kint(&j, "width", n->width);
    xw_json_kint(&j, "height", n->height);
    xw_json_knum(&j, "m_per_px", n->m_per_px, 4);
    xw_json_key(&j, "bbox");
    xw_json_open(&j, '[');
    const int32_t b[4] = {n->box.min.x, n->box.min.y, n->box.max.x, n->box.max.y};
    for (int i = 0; i < 4; i++) xw_json_num(&j, xw_deg(b[i]), 7);
    xw_json_close(&j, ']');
    xw_json_kint(&j, "grids", (int64_t)n->grids);
    xw_json_kint(&j, "plots", (int64_t)n->plots);
    xw_json_kint(&j, "buildings", (int64_t)n->buildings);
    xw_json_kint(&j, "lines", (int64_t)n->lines);
    xw_json_kint(&j, "borders", (int64_t)n->borders);
    xw_json_kint(&j, "labels", (int64_t)n->labels);
    xw_json_kint(&j, "bytes", (int64_t)bytes);
    xw_json_close(&j, '}');
    if (!out.failed) (void)puts(out.data);
    xw_buf_finish(&out);
}

static xw_status draw(const order *o, const xw_job *job, xw_error *err)
{
    xw_snapshot *s = NULL;
    xw_buf svg;
    xw_buf_init(&svg, PICTURE_MAX);
    xw_status st = xw__cli_open_snapshot(o->store, job, &s, err);
    xw_picture_options pic = {
        .box = XW_BOX_EMPTY, .focus = XW_NONE, .width = (uint32_t)o->width, .title = o->title};
    xw_picture_counts n;
    if (!st) st = box_of(o, s, &pic, err);
    if (!st) st = what_of(o, s, &pic, err);
    if (!st) st = xw_picture_draw(s, &pic, &svg, &n, err);
    if (!st) st = write_file(o->path, &svg, err);
    if (!st) report(o, &n, svg.n);
    xw_buf_finish(&svg);
    xw_snapshot_close(s);
    return st;
}

static int run(xw_cli *cli, int argc, char **argv)
{
    order o;
    const int bad = parse(argc, argv, &o);
    if (bad) return bad;
    xw_error err = {XW_OK, ""};
    const xw_status st = draw(&o, &cli->job, &err);
    return st ? xw_cli_fail("draw", &err) : 0;
}

const xw_command xw__cmd_draw = {
    "draw", "draw a part of it as a picture (SVG)",
    "usage: xiwang draw STORE [--bbox W,S,E,N | --grid CODE | --at LON,LAT [--size M]]\n"
    "                   [--what WHAT] [--width PX] [--title TEXT] [--json] -o PICTURE.svg\n"
    "\n"
    "Draws the published revision for people: title, legend, scale bar, north.\n"
    "\n"
    "  STORE           the store, e.g. town.gpkg, or its snapshot\n"
    "  --bbox W,S,E,N  the part between these degrees (all of it)\n"
    "  --grid CODE     a grid and what is round it, framed\n"
    "  --at LON,LAT    a square of --size M metres (300) round a place\n"
    "  --what WHAT     given: what came in (before). plots: every building's plot. zones, "
    "sections,\n"
    "                  teams … : the grids of a level (the finest with at most 400 in the\n"
    "                  picture; with --grid its children)\n"
    "  --width PX      300-8000 pixels (1200); the height follows from the part\n"
    "  --title TEXT    instead of the name of the territory\n"
    "  --json          the summary as JSON\n"
    "  -o FILE         an SVG file, which is replaced; - is standard output\n",
    run};
