/* xiwang export: tables of a store as files of other programs. */
#include "export.h"
#include "commands.h"
#include "xiwang/file.h"
#include "xiwang/json.h"
#include "xiwang/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct options {
    const char *store, *what, *file, *format, *unit;
    bool force, json;
} options;

/* The singular of each table's name, as --what takes it. */
static const char *const words[XW_TABLE_COUNT] = {
    [XW_TABLE_DIVISION] = "division", [XW_TABLE_PLOT] = "plot",
    [XW_TABLE_UNIT] = "unit",         [XW_TABLE_BUILDING] = "building",
    [XW_TABLE_EDGE] = "edge",         [XW_TABLE_LINE] = "barrier",
    [XW_TABLE_ADDRESS] = "address",   [XW_TABLE_FINDING] = "finding",
    [XW_TABLE_LINEAGE] = "lineage",
};

static bool select_rows(const xw_model *m, const char *what, xw__selection *out)
{
    for (int t = 0; t < XW_TABLE_COUNT; t++) {
        if (!words[t] || strcmp(words[t], what) != 0) continue;
        *out = (xw__selection){.table = (xw_table)t, .n = (uint32_t)xw_table_rows(m, (xw_table)t)};
        (void)snprintf(out->layer, sizeof out->layer, "%s", xw_table_name((xw_table)t));
        return true;
    }
    const uint32_t level = xw_model_level(m, what);
    if (level == XW_NONE) return false;
    *out = (xw__selection){.table = XW_TABLE_GRID,
                           .first = m->levels[level].first_grid,
                           .n = m->levels[level].n_grids};
    (void)snprintf(out->layer, sizeof out->layer, "%ss", what);
    return true;
}

static int no_such_table(const xw_model *m, const char *what)
{
    xw_buf list;
    xw_buf_init(&list, 4096);
    for (uint32_t l = 0; l < m->n_levels; l++) {
        xw_buf_fmt(&list, "%s, ", xw_model_text(m, m->levels[l].key));
    }
    for (int t = 0; t < XW_TABLE_COUNT; t++) {
        if (words[t]) xw_buf_fmt(&list, "%s, ", words[t]);
    }
    xw_buf_text(&list, "crosswalk, graph");
    const int code = xw_cli_usage("export", "--what %s: there is %s", what,
                                  list.failed ? "no such table" : list.data);
    xw_buf_finish(&list);
    return code;
}

xw_status xw__export_bytes(const char *path, const char *bytes, size_t n, bool force, xw_error *err)
{
    if (strcmp(path, "-") == 0) {
        const bool all = fwrite(bytes, 1, n, stdout) == n && fflush(stdout) == 0;
        return all ? XW_OK : xw_fail(err, XW_IO, "standard output: %s", strerror(errno));
    }
    return xw_file_write(path, bytes, n, force, err);
}

/* The tables that are no layers of GDAL. */
static bool is_graph(const options *o) { return strcmp(o->what, "graph") == 0; }
static bool is_crosswalk(const options *o) { return strcmp(o->what, "crosswalk") == 0; }

static xw_status export_own(const xw_model *m, const options *o, size_t *n, xw_error *err)
{
    xw_buf out;
    xw_buf_init(&out, (size_t)4 << 30);
    xw_status st;
    if (is_graph(o)) {
        st = xw__export_graph(m, &out, err);
        *n = m->n_plots;
    } else {
        st = xw__export_crosswalk(m, o->unit, &out, n, err);
    }
    if (!st) st = xw__export_bytes(o->file, out.data, out.n, o->force, err);
    xw_buf_finish(&out);
    return st;
}

static void tell(const options *o, const char *layer, const char *format, size_t n)
{
    xw_buf line;
    if (strcmp(o->file, "-") == 0) return;
    xw_buf_init(&line, 1u << 20);
    if (o->json) {
        xw_json j = xw_json_on(&line);
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "file", o->file);
        xw_json_kstr(&j, "layer", layer);
        xw_json_kstr(&j, "format", format);
        xw_json_kint(&j, "features", (int64_t)n);
        xw_json_close(&j, '}');
    } else {
        xw_buf_fmt(&line, "%s: %zu %s", o->file, n, layer);
    }
    if (!line.failed) (void)puts(line.data);
    xw_buf_finish(&line);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat p, q;
    return stat(a, &p) == 0 && stat(b, &q) == 0 && p.st_dev == q.st_dev && p.st_ino == q.st_ino;
}

/* Everything that needs no store is refused before one is read. */
static int check_options(const options *o, const xw__format **format)
{
    if (!o->store) return xw_cli_usage("export", "which store");
    if (!o->what) return xw_cli_usage("export", "--what is missing");
    if (!o->file) return xw_cli_usage("export", "-o is missing");
    const bool to_stdout = strcmp(o->file, "-") == 0;
    if (is_same_file(o->file, o->store)) {
        return xw_cli_usage("export", "-o %s is the store itself", o->file);
    }
    if (to_stdout && o->json) return xw_cli_usage("export", "--json needs a file behind -o");
    if (o->unit && !is_crosswalk(o)) return xw_cli_usage("export", "--unit is for a crosswalk");
    if (is_graph(o) || is_crosswalk(o)) {
        if (o->format && strcmp(o->format, is_graph(o) ? "json" : "csv") != 0) {
            return xw_cli_usage("export", "--format %s: a %s", o->format,
                                is_graph(o) ? "graph is json" : "crosswalk is csv");
        }
        return 0;
    }
    *format = xw__format_find(to_stdout && !o->format ? "geojson" : o->format, o->file);
    if (!*format) {
        if (o->format)
            return xw_cli_usage("export", "--format %s: there is no such format", o->format);
        return xw_cli_usage("export", "%s: no format has this ending, --format names one", o->file);
    }
    const char *const name = (*format)->name;
    if (to_stdout && strncmp(name, "geojson", 7) != 0 && strcmp(name, "csv") != 0) {
        return xw_cli_usage("export", "--format %s needs a file behind -o", name);
    }
    return 0;
}

static int parse(int argc, char **argv, options *o)
{
    bool only_names = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        const char **value = NULL;
        if (only_names || a[0] != '-' || a[1] == '\0') {
            if (o->store) return xw_cli_usage("export", "more than one store: %s", a);
            o->store = a;
            continue;
        }
        if (strcmp(a, "--what") == 0) value = &o->what;
        if (strcmp(a, "-o") == 0 || strcmp(a, "--output") == 0) value = &o->file;
        if (strcmp(a, "--format") == 0) value = &o->format;
        if (strcmp(a, "--unit") == 0) value = &o->unit;
        if (value) {
            if (i + 1 >= argc) return xw_cli_usage("export", "%s needs a value", a);
            *value = argv[++i];
        } else if (strcmp(a, "--") == 0) {
            only_names = true;
        } else if (strcmp(a, "--force") == 0) {
            o->force = true;
        } else if (strcmp(a, "--json") == 0) {
            o->json = true;
        } else {
            return xw_cli_usage("export", "no option %s", a);
        }
    }
    return 0;
}

static int run(xw_cli *cli, int argc, char **argv)
{
    options o = {0};
    const xw__format *format = NULL;
    xw_error err = {XW_OK, ""};
    xw_model m;
    int code = parse(argc, argv, &o);
    if (!code) code = check_options(&o, &format);
    if (code) return code;
    if (strcmp(o.file, "-") != 0 && xw_file_probe(o.file, o.force, &err)) {
        return xw_cli_fail("export", &err);
    }
    xw_status st = xw_store_read(o.store, &m, &err);
    if (st) return xw_cli_fail("export", &err);
    xw__selection s;
    size_t n = 0;
    if (is_graph(&o) || is_crosswalk(&o)) {
        st = export_own(&m, &o, &n, &err);
        if (!st) tell(&o, is_graph(&o) ? "plots" : "codes", is_graph(&o) ? "graph" : "csv", n);
    } else if (!select_rows(&m, o.what, &s)) {
        code = no_such_table(&m, o.what);
    } else {
        st = xw__export_layer(&m, &s, format, o.file, o.force, &cli->job, &n, &err);
        if (!st) tell(&o, s.layer, format->name, n);
    }
    xw_model_finish(&m);
    return st ? xw_cli_fail("export", &err) : code;
}

const xw_command xw__cmd_export = {
    .name = "export",
    .summary = "write a table of a store as GeoJSON, GPKG, FlatGeobuf, Shapefile or CSV",
    .help =
        "usage: xiwang export STORE --what TABLE -o FILE [--format FORMAT] [--force] [--json]\n"
        "\n"
        "Writes one table of the stored revision; neighbours share every vertex.\n"
        "\n"
        "  --what TABLE     a level of the store (team, section, zone), division, plot, unit,\n"
        "                   building, edge, barrier, address, finding, lineage; crosswalk: every\n"
        "                   code with its 15-digit form, as CSV; graph: the plots and their "
        "shared\n"
        "                   boundaries as JSON, for partitioners\n"
        "  --unit LEVEL     of a crosswalk: number the grids of this level through each division,\n"
        "                   001 to 999 (default: the level whose codes have 15 digits as they "
        "are)\n"
        "  -o FILE          the format follows the ending: .geojson .json .geojsonl .gpkg .fgb\n"
        "                   .shp .csv; \"-\" is GeoJSON on standard output\n"
        "  --format FORMAT  geojson, geojsonseq, gpkg, flatgeobuf, shapefile or csv, whatever\n"
        "                   the ending\n"
        "  --force          replaces a file that exists\n"
        "  --json           prints what was written as one line of JSON\n"
        "\n"
        "GeoJSON is RFC 7946 with 7 decimals, which is exact. The other formats are in CGCS2000\n"
        "(EPSG:4490). Texts are UTF-8 (.cpg beside a shapefile, whose column names are cut to 10\n"
        "letters). FlatGeobuf leaves out rows without geometry. CSV has longitude and latitude as "
        "X, Y for points and WKT for the rest.\n"
        "\n"
        "Exit codes: 0 written; 2 usage; 3 bad input; 4 environment (file exists, disk full).\n",
    .run = run,
};
