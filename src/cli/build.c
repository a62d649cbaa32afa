/* xiwang build: import, plots, grids, store, snapshot. */
#include "commands.h"
#include "config.h"
#include "report.h"
#include "xiwang/file.h"
#include "xiwang/grids.h"
#include "xiwang/import.h"
#include "xiwang/json.h"
#include "xiwang/plots.h"
#include "xiwang/snapshot.h"
#include "xiwang/store.h"

#include <errno.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct stage {
    const char *name;
    double seconds, cpu_seconds; /* by the clock; of all threads, user and system */
    long peak_mib;
} stage;

enum { STAGES_MAX = 8 };

typedef struct build {
    xw_cli *cli;
    xw_import_options in;
    const char *out, *config_path, *effective, *report_path;
    int64_t effective_unix;
    bool force, json;
    xw__config config;
    xw_import_counts counts;
    xw_territory land; /* empty again once the model is there */
    xw_model model;
    xw__report report;
    FILE *say; /* where people read: standard error when the report has standard output */
    stage stages[STAGES_MAX];
    size_t n_stages;
    gint64 started;
    double cpu_before; /* of the process when the stage began */
} build;

static long peak_mib(void)
{
    struct rusage u;
    return getrusage(RUSAGE_SELF, &u) == 0 ? u.ru_maxrss / 1024 : 0;
}

static double cpu_seconds(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) != 0) return 0.0;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void stage_ends(build *b, const char *name)
{
    const gint64 now = g_get_monotonic_time();
    if (b->n_stages < STAGES_MAX) {
        b->stages[b->n_stages++] = (stage){name, (double)(now - b->started) / 1e6,
                                           cpu_seconds() - b->cpu_before, peak_mib()};
    }
    b->cpu_before = cpu_seconds();
    b->started = now;
}

/* Revision 1 is in force from now, unless a date is given. */
static xw_status read_date(build *b, xw_error *err)
{
    if (!b->effective) {
        b->effective_unix = g_get_real_time() / G_USEC_PER_SEC;
        return XW_OK;
    }
    GTimeZone *utc = g_time_zone_new_utc();
    GDateTime *from = g_date_time_new_from_iso8601(b->effective, utc);
    g_time_zone_unref(utc);
    if (!from) {
        return xw_fail(err, XW_USAGE, "--effective %s: not a date and time (RFC 3339)",
                       b->effective);
    }
    b->effective_unix = g_date_time_to_unix(from);
    g_date_time_unref(from);
    return XW_OK;
}

static xw_status date_revision(build *b, xw_error *err)
{
    GDateTime *now = g_date_time_new_now_utc();
    char *text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_date_time_unref(now);
    b->model.revision = 1;
    b->model.effective_unix = b->effective_unix;
    const xw_status st = xw_strings_add(&b->model.text, text, &b->model.published, err);
    g_free(text);
    return st;
}

/* Some buildings outside are findings; all of them are a wrong file. */
static xw_status check_inside(const build *b, const xw_territory *t, xw_error *err)
{
    for (size_t i = 0; i < b->model.n_buildings; i++) {
        if (b->model.buildings[i].plot != XW_NONE) return XW_OK;
    }
    if (t->n_buildings == 0) return XW_OK; /* the import's to refuse */
    const xw_building *first = &t->buildings[0];
    const xw_pt at = t->pts[t->rings[first->area.first_ring].first];
    return xw_fail(err, XW_INPUT,
                   "%.200s: none of the %zu buildings is in a division, the first of them (%.60s) "
                   "is at %.7f,%.7f",
                   b->in.divisions ? b->in.divisions
                   : b->in.osm     ? b->in.osm
                                   : b->in.buildings,
                   t->n_buildings, xw_territory_text(t, first->source), xw_deg(at.x), xw_deg(at.y));
}

static xw_status import_and_plot(build *b, xw_error *err)
{
    xw_status st = xw_import(&b->in, &b->cli->job, &b->land, &b->counts, err);
    stage_ends(b, "import");
    if (!st) {
        st = xw_plots_build(&b->land, &b->config.plots, &b->cli->job, &b->model, err);
        stage_ends(b, "plots");
    }
    if (!st) st = check_inside(b, &b->land, err);
    if (!st) xw_territory_finish(&b->land);
    return st;
}

/* The snapshot is made under another name first and gets its own when the store has its: a failure
 * leaves what was there before, whole and fitting together. */
static xw_status write_both(build *b, const char *snapshot, const char *temp, xw_error *err)
{
    xw_status st = xw_snapshot_write(&b->model, temp, &b->cli->job, err);
    stage_ends(b, "snapshot");
    if (!st) st = xw_store_write(&b->model, b->out, b->force, &b->cli->job, err);
    stage_ends(b, "store");
    if (!st && rename(temp, snapshot) != 0) { /* a folder has the name: the store is whole */
        st = xw_fail(err, XW_IO, "%.300s: %s", snapshot, strerror(errno));
    }
    if (st) (void)unlink(temp);
    return st;
}

static xw_status write_result(build *b, xw_error *err)
{
    xw_buf path, temp;
    xw_buf_init(&path, 1 << 16);
    xw_buf_init(&temp, 1 << 16);
    xw_store_snapshot_path(b->out, &path);
    xw_buf_fmt(&temp, "%s.snapshot.new-%ld", b->out, (long)getpid());
    xw_status st = xw_buf_status(&path, "path of the snapshot", err);
    if (!st) st = xw_buf_status(&temp, "path of the snapshot", err);
    if (!st) st = write_both(b, path.data, temp.data, err);
    xw_buf_finish(&path);
    xw_buf_finish(&temp);
    return st;
}

static xw_status run_stages(build *b, xw_error *err)
{
    xw_status st = read_date(b, err);
    if (!st) st = xw_file_probe(b->out, b->force, err);
    if (!st) st = xw__report_open(&b->report, b->report_path, err);
    if (!st) st = import_and_plot(b, err);
    if (!st) {
        st = xw_grids_make(&b->model, &b->config.grids, &b->cli->job, err);
        stage_ends(b, "grids");
    }
    if (!st) st = date_revision(b, err);
    return st ? st : write_result(b, err);
}

static uint64_t households_of(const xw_model *m)
{
    uint64_t n = 0;
    for (size_t i = 0; i < m->n_units; i++) n += m->units[i].households;
    return n;
}

static size_t leaf_divisions(const xw_model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_divisions; i++) n += m->divisions[i].n_plots > 0;
    return n;
}

/* Those of the model, which has the import's too; before there is one, those of the import. */
static xw__findings findings_of(const build *b)
{
    if (b->model.n_findings) {
        return (xw__findings){&b->model.text, b->model.findings, b->model.n_findings};
    }
    return (xw__findings){&b->land.text, b->land.findings, b->land.n_findings};
}

/* The report of a build that failed tells what was found until then; only where the input is to
 * blame, else the failure has nothing to do with it. */
static xw_status write_report(build *b, xw_status st, xw_error *err)
{
    if (!st) return xw__report_write(&b->report, findings_of(b), NULL, err);
    if (st == XW_INPUT || st == XW_NOT_FOUND || st == XW_LIMIT) {
        xw_error own = {XW_OK, ""};
        if (xw__report_write(&b->report, findings_of(b), err, &own)) {
            (void)xw_fail_within(err, st, "%s; also", own.text);
        }
    }
    return st;
}

static void print_text(const build *b)
{
    const xw_model *m = &b->model;
    const xw_import_counts *c = &b->counts;
    (void)fprintf(b->say, "%s\n", b->out);
    (void)fprintf(
        b->say,
        "  buildings  %llu in the input: %llu used, %llu listed; households given for %llu, "
        "counted from addresses for %llu, estimated for %llu\n",
        (unsigned long long)c->buildings_in, (unsigned long long)c->buildings_used,
        (unsigned long long)c->buildings_listed, (unsigned long long)c->households_given,
        (unsigned long long)c->households_counted, (unsigned long long)c->households_estimated);
    (void)fprintf(b->say, "  lines      %llu roads, %llu waters, %llu rails; %zu addresses\n",
                  (unsigned long long)c->roads_in, (unsigned long long)c->water_in,
                  (unsigned long long)c->rail_in, m->n_addresses);
    (void)fprintf(b->say,
                  "  map        %zu divisions, %zu plots, %zu units, %zu edges, %llu households\n",
                  leaf_divisions(m), m->n_plots, m->n_units, m->n_edges,
                  (unsigned long long)households_of(m));
    (void)fprintf(b->say, "  grids     ");
    for (uint32_t l = 0; l < m->n_levels; l++) {
        (void)fprintf(b->say, " %u %s", m->levels[l].n_grids, xw_model_text(m, m->levels[l].name));
    }
    (void)fprintf(b->say, "\n");
    (void)xw__findings_print(b->say, findings_of(b), NULL);
    (void)fprintf(b->say, "  time      ");
    double total = 0;
    for (size_t i = 0; i < b->n_stages; i++) {
        (void)fprintf(b->say, " %s %.1f s", b->stages[i].name, b->stages[i].seconds);
        total += b->stages[i].seconds;
    }
    (void)fprintf(b->say, ", together %.1f s, peak %ld MiB\n", total, peak_mib());
}

static void print_json(const build *b)
{
    const xw_model *m = &b->model;
    xw_buf out;
    xw_buf_init(&out, (size_t)1 << 24);
    xw_json j = xw_json_on(&out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "store", b->out);
    xw_json_kint(&j, "buildings_in", (int64_t)b->counts.buildings_in);
    xw_json_kint(&j, "buildings_used", (int64_t)b->counts.buildings_used);
    xw_json_kint(&j, "buildings_listed", (int64_t)b->counts.buildings_listed);
    xw_json_kint(&j, "households_given", (int64_t)b->counts.households_given);
    xw_json_kint(&j, "households_counted", (int64_t)b->counts.households_counted);
    xw_json_kint(&j, "households_estimated", (int64_t)b->counts.households_estimated);
    xw_json_kint(&j, "divisions", (int64_t)leaf_divisions(m));
    xw_json_kint(&j, "plots", (int64_t)m->n_plots);
    xw_json_kint(&j, "units", (int64_t)m->n_units);
    xw_json_kint(&j, "households", (int64_t)households_of(m));
    xw_json_key(&j, "grids");
    xw_json_open(&j, '{');
    for (uint32_t l = 0; l < m->n_levels; l++) {
        xw_json_kint(&j, xw_model_text(m, m->levels[l].key), m->levels[l].n_grids);
    }
    xw_json_close(&j, '}');
    xw_json_key(&j, "findings");
    xw_json_open(&j, '{');
    xw__kind_count *kinds;
    size_t n_kinds;
    (void)xw__findings_count(findings_of(b), &kinds, &n_kinds, NULL);
    for (size_t i = 0; i < n_kinds; i++) {
        xw_json_kint(&j, xw_model_text(m, kinds[i].kind), (int64_t)kinds[i].n);
    }
    free(kinds);
    xw_json_close(&j, '}');
    xw_json_key(&j, "stages");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < b->n_stages; i++) {
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "name", b->stages[i].name);
        xw_json_knum(&j, "seconds", b->stages[i].seconds, 3);
        xw_json_knum(&j, "cpu_seconds", b->stages[i].cpu_seconds, 3);
        xw_json_kint(&j, "peak_mib", b->stages[i].peak_mib);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
    if (!out.failed && out.n) (void)puts(out.data);
    xw_buf_finish(&out);
}

enum {
    OPT_OSM = 256,
    OPT_ROADS,
    OPT_WATER,
    OPT_RAIL,
    OPT_BUILDINGS,
    OPT_DIVISIONS,
    OPT_ADDRESSES,
    OPT_LEVEL,
    OPT_CONFIG,
    OPT_FORCE,
    OPT_JSON,
    OPT_THREADS,
    OPT_EFFECTIVE,
    OPT_PATHS,
    OPT_HOUSEHOLDS,
    OPT_CRS,
    OPT_ENCODING,
    OPT_REPORT
};

static const struct option options[] = {{"osm", required_argument, NULL, OPT_OSM},
                                        {"roads", required_argument, NULL, OPT_ROADS},
                                        {"water", required_argument, NULL, OPT_WATER},
                                        {"rail", required_argument, NULL, OPT_RAIL},
                                        {"buildings", required_argument, NULL, OPT_BUILDINGS},
                                        {"divisions", required_argument, NULL, OPT_DIVISIONS},
                                        {"addresses", required_argument, NULL, OPT_ADDRESSES},
                                        {"division-level", required_argument, NULL, OPT_LEVEL},
                                        {"config", required_argument, NULL, OPT_CONFIG},
                                        {"force", no_argument, NULL, OPT_FORCE},
                                        {"json", no_argument, NULL, OPT_JSON},
                                        {"threads", required_argument, NULL, OPT_THREADS},
                                        {"effective", required_argument, NULL, OPT_EFFECTIVE},
                                        {"paths", no_argument, NULL, OPT_PATHS},
                                        {"households", required_argument, NULL, OPT_HOUSEHOLDS},
                                        {"crs", required_argument, NULL, OPT_CRS},
                                        {"encoding", required_argument, NULL, OPT_ENCODING},
                                        {"report", required_argument, NULL, OPT_REPORT},
                                        {NULL, 0, NULL, 0}};

typedef struct asked { /* options that must win over the configuration file */
    const char *households, *crs, *crs_of[XW_ROLE_COUNT], *encoding;
    bool paths;
} asked;

/* "CRS" is of all layers, "roads=CRS" of one. @param value  in and out: without the layer */
static const char **crs_option(asked *a, const char **value)
{
    static const char *const roles[XW_ROLE_COUNT] = {
#define X(name, text) text,
        XW_ROLE_MAP(X)
#undef X
    };
    for (size_t i = 0; i < XW_ROLE_COUNT; i++) {
        const size_t n = strlen(roles[i]);
        if (strncmp(*value, roles[i], n) != 0 || (*value)[n] != '=') continue;
        *value += n + 1;
        return &a->crs_of[i];
    }
    return &a->crs;
}

/* last: the word of the command line at which getopt stands, for its errors */
static int read_option(build *b, asked *a, int opt, const char *last)
{
    const char *value = optarg, **to;
    const char **text[] = {&b->in.osm,       &b->in.roads,     &b->in.water,    &b->in.rail,
                           &b->in.buildings, &b->in.divisions, &b->in.addresses};
    long long n;
    if (opt >= OPT_OSM && opt <= OPT_ADDRESSES) {
        *text[opt - OPT_OSM] = optarg;
        return 0;
    }
    switch (opt) {
    case 'o':
        b->out = optarg;
        return 0;
    case OPT_CONFIG:
        b->config_path = optarg;
        return 0;
    case OPT_FORCE:
        b->force = true;
        return 0;
    case OPT_JSON:
        b->json = true;
        return 0;
    case OPT_PATHS:
        a->paths = true;
        return 0;
    case OPT_HOUSEHOLDS:
        a->households = optarg;
        return 0;
    case OPT_CRS:
        to = crs_option(a, &value);
        *to = value;
        return 0;
    case OPT_ENCODING:
        a->encoding = optarg;
        return 0;
    case OPT_REPORT:
        b->report_path = optarg;
        return 0;
    case OPT_EFFECTIVE:
        b->effective = optarg;
        return 0;
    case OPT_LEVEL:
        if (!xw_cli_int(optarg, 1, 12, &n)) {
            return xw_cli_usage("build", "--division-level %s: a whole number from 1 to 12",
                                optarg);
        }
        b->in.division_level = (int)n;
        return 0;
    case OPT_THREADS:
        if (!xw_cli_int(optarg, 1, 64, &n)) {
            return xw_cli_usage("build", "--threads %s: a whole number from 1 to 64", optarg);
        }
        b->cli->job.threads = (unsigned)n;
        return 0;
    default:
        return xw_cli_usage("build", "option \"%s\" is unknown or lacks its value", last);
    }
}

static int run(xw_cli *cli, int argc, char **argv)
{
    build b = {.cli = cli, .say = stdout};
    asked a = {0};
    optind = 1;
    opterr = 0;
    for (int opt; (opt = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
        const int code = read_option(&b, &a, opt, argv[optind - 1]);
        if (code) return code;
    }
    if (optind < argc) return xw_cli_usage("build", "unexpected \"%s\"", argv[optind]);
    if (!b.out) return xw_cli_usage("build", "-o STORE is missing");
    if (!b.in.osm && !b.in.buildings) {
        return xw_cli_usage("build", "no input: --osm FILE, or --roads and --buildings");
    }
    const bool piped = b.report_path && strcmp(b.report_path, "-") == 0;
    if (piped && b.json) return xw_cli_usage("build", "--json and --report - both need the output");
    if (piped) b.say = stderr;
    xw_error err = {XW_OK, ""};
    xw_status st = xw__config_read(b.config_path, &b.config, &b.in, &err);
    if (st) return xw_cli_fail("build", &err);
    if (a.households) b.in.col_households = a.households;
    if (a.crs) b.in.crs = a.crs;
    for (size_t i = 0; i < XW_ROLE_COUNT; i++) {
        if (a.crs_of[i]) b.in.crs_of[i] = a.crs_of[i];
    }
    if (a.encoding) b.in.encoding = a.encoding;
    if (a.paths) b.in.paths = true;
    b.started = g_get_monotonic_time();
    b.cpu_before = cpu_seconds();
    st = write_report(&b, run_stages(&b, &err), &err);
    if (cli->job.progress) (void)fputc('\n', stderr);
    if (!st && b.json) print_json(&b);
    if (!st && !b.json) print_text(&b);
    xw__report_close(&b.report);
    xw_territory_finish(&b.land);
    xw_model_finish(&b.model);
    xw__config_finish(&b.config);
    return st ? xw_cli_fail("build", &err) : 0;
}

const xw_command xw__cmd_build = {
    "build", "import, partition and publish a territory",
    "usage: xiwang build [--osm FILE.osm.pbf] [--roads SRC] [--water SRC] [--rail SRC]\n"
    "                    [--buildings SRC] [--divisions SRC] [--addresses SRC] -o STORE\n"
    "\n"
    "Cuts a territory into plots along roads and buildings, and the households into nested grids\n"
    "(区 zone, 片 section, 队 team; 10 each unless the configuration says otherwise). SRC is any\n"
    "vector source that GDAL reads, PATH or PATH:LAYER. STORE is a GeoPackage that is written "
    "whole\n"
    "or not at all; STORE.snapshot beside it is what the other commands and the server read.\n"
    "\n"
    "  --division-level N   admin_level of OpenStreetMap boundaries (default: the finest that "
    "covers)\n"
    "  --households COLUMN  column of the buildings with the number of households\n"
    "  --crs [LAYER=]CRS    of the GIS layers, or of one (buildings=gcj02), instead of what they "
    "say\n"
    "  --encoding NAME      of attribute text that is not UTF-8 (GBK)\n"
    "  --report FILE        every finding as GeoJSON points; written too when the input is to "
    "blame\n"
    "                       for a failure; - is standard output\n"
    "  --paths              foot and cycle paths bound blocks too\n"
    "  --effective TIME     when the revision takes effect (RFC 3339; default: now)\n"
    "  --config FILE        levels, caps, names, columns, barrier classes\n"
    "  --threads N          default: all cores; the result is the same for any number\n"
    "  --force              replace an existing STORE\n"
    "  --json               the report as one line of JSON\n",
    run};
