/* xiwang build: options and reports. */
#include "build_run.h"
#include "commands.h"
#include "xiwang/json.h"
#include "xiwang/report.h"

#include <getopt.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* One line a level: bounds, reached, and what the difference is for. */
static void print_quality(const xw__build *b)
{
    const xw_model *m = &b->model;
    xw_quality q;
    if (xw_quality_make(m, &q, NULL)) return; /* a report is not worth a failed build */
    for (uint32_t l = m->n_levels; l-- > 0;) {
        const xw_level_report *r = &q.levels[l];
        (void)fprintf(b->say, "  %-9s  %llu of at least %llu (%s: %llu), compactness %.2f",
                      xw_model_text(m, m->levels[l].key), (unsigned long long)r->achieved,
                      (unsigned long long)r->bound_sum,
                      l + 1 == m->n_levels ? "whole buildings"
                                           : "part by part", /* grids may join parts */
                      (unsigned long long)r->bound_bins, r->pp_mean);
        for (unsigned w = 0; w < XW_WASTE_COUNT; w++) {
            if (!r->waste[w]) continue;
            (void)fprintf(b->say, ", %s %llu", xw_waste_text(w), (unsigned long long)r->waste[w]);
        }
        (void)fprintf(b->say, "\n");
    }
    xw_quality_finish(&q);
}

static void print_text(const xw__build *b)
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
                  xw__divisions_with_land(m), m->n_plots, m->n_units, m->n_edges,
                  (unsigned long long)xw__households_of(m));
    (void)fprintf(b->say, "  grids     ");
    for (uint32_t l = 0; l < m->n_levels; l++) {
        (void)fprintf(b->say, " %u %s", m->levels[l].n_grids, xw_model_text(m, m->levels[l].name));
    }
    (void)fprintf(b->say, "\n");
    print_quality(b);
    (void)xw__findings_print(b->say, xw__build_findings(b), NULL);
    (void)fprintf(b->say, "  time      ");
    double total = 0;
    for (size_t i = 0; i < b->n_stages; i++) {
        (void)fprintf(b->say, " %s %.1f s", b->stages[i].name, b->stages[i].seconds);
        total += b->stages[i].seconds;
    }
    (void)fprintf(b->say, ", together %.1f s, peak %ld MiB\n", total, xw__peak_mib());
}

static void put_quality(const xw__build *b, xw_json *j)
{
    xw_quality q;
    if (xw_quality_make(&b->model, &q, NULL)) return; /* a report is not worth a failed build */
    xw_json_key(j, "quality");
    xw_quality_write_summary(&b->model, &q, j);
    xw_quality_finish(&q);
}

static void print_json(const xw__build *b)
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
    xw_json_kint(&j, "divisions", (int64_t)xw__divisions_with_land(m));
    xw_json_kint(&j, "plots", (int64_t)m->n_plots);
    xw_json_kint(&j, "units", (int64_t)m->n_units);
    xw_json_kint(&j, "households", (int64_t)xw__households_of(m));
    xw_json_key(&j, "grids");
    xw_json_open(&j, '{');
    for (uint32_t l = 0; l < m->n_levels; l++) {
        xw_json_kint(&j, xw_model_text(m, m->levels[l].key), m->levels[l].n_grids);
    }
    xw_json_close(&j, '}');
    put_quality(b, &j);
    xw_json_key(&j, "findings");
    xw_json_open(&j, '{');
    xw__kind_count *kinds;
    size_t n_kinds;
    (void)xw__findings_count(xw__build_findings(b), &kinds, &n_kinds, NULL);
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
    OPT_EXCLUSIVE,
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
    OPT_REPORT,
    OPT_ONLY,
    OPT_EACH,
    OPT_PROFILE,
    OPT_EFFORT,
    OPT_ADD,
    OPT_REMOVE
};

static const struct option options[] = {{"osm", required_argument, NULL, OPT_OSM},
                                        {"roads", required_argument, NULL, OPT_ROADS},
                                        {"water", required_argument, NULL, OPT_WATER},
                                        {"rail", required_argument, NULL, OPT_RAIL},
                                        {"buildings", required_argument, NULL, OPT_BUILDINGS},
                                        {"divisions", required_argument, NULL, OPT_DIVISIONS},
                                        {"addresses", required_argument, NULL, OPT_ADDRESSES},
                                        {"exclusive", required_argument, NULL, OPT_EXCLUSIVE},
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
                                        {"only", required_argument, NULL, OPT_ONLY},
                                        {"each", required_argument, NULL, OPT_EACH},
                                        {"profile", required_argument, NULL, OPT_PROFILE},
                                        {"effort", required_argument, NULL, OPT_EFFORT},
                                        {"add", required_argument, NULL, OPT_ADD},
                                        {"remove", required_argument, NULL, OPT_REMOVE},
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
static int read_option(xw__build *b, asked *a, int opt, const char *last)
{
    const char *value = optarg, **to;
    const char **text[] = {&b->in.osm,       &b->in.roads,     &b->in.water,     &b->in.rail,
                           &b->in.buildings, &b->in.divisions, &b->in.addresses, &b->in.exclusive};
    long long n;
    if (opt >= OPT_OSM && opt <= OPT_EXCLUSIVE) {
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
    case OPT_ONLY:
        b->only = optarg;
        return 0;
    case OPT_EACH:
        b->each = optarg;
        return 0;
    case OPT_PROFILE:
        b->profile = optarg;
        return 0;
    case OPT_EFFORT:
        if (!xw_cli_int(optarg, 10, 5000, &n)) {
            return xw_cli_usage(b->command, "--effort %s: a whole number from 10 to 5000", optarg);
        }
        b->effort = (uint32_t)n;
        return 0;
    case OPT_ADD:
        b->add = optarg;
        return 0;
    case OPT_REMOVE:
        b->removed = optarg;
        return 0;
    case OPT_EFFECTIVE:
        b->effective = optarg;
        return 0;
    case OPT_LEVEL:
        if (!xw_cli_int(optarg, 1, 12, &n)) {
            return xw_cli_usage(b->command, "--division-level %s: a whole number from 1 to 12",
                                optarg);
        }
        b->in.division_level = (int)n;
        return 0;
    case OPT_THREADS:
        if (!xw_cli_int(optarg, 1, 64, &n)) {
            return xw_cli_usage(b->command, "--threads %s: a whole number from 1 to 64", optarg);
        }
        b->cli->job.threads = (unsigned)n;
        return 0;
    default:
        return xw_cli_usage(b->command, "option \"%s\" is unknown or lacks its value", last);
    }
}

/* All of the land, some divisions of it, or one store a division. */
static xw_status run_asked(xw__build *b, xw_error *err)
{
    if (b->before) return xw__rebuild_store(b, err);
    if (b->each) return xw__build_each(b, err);
    if (!b->only) return xw__build_report(b, xw__build_run(b, err), err);
    xw_territory divisions;
    xw__part part = {0};
    xw_status st = xw_import_divisions(&b->in, &b->cli->job, &divisions, err);
    if (!st) st = xw__part_open(&divisions, b->only, &part, err);
    b->part = &part;
    if (!st) st = xw__build_report(b, xw__build_run(b, err), err);
    b->part = NULL;
    xw__part_close(&part);
    xw_territory_finish(&divisions);
    return st;
}

static int list_profiles(void)
{
    const xw_profile *p;
    for (size_t i = 0; (p = xw_profile_at(i)) != NULL; i++) {
        (void)printf("%-10s %s  %s\n", p->name, p->zh, p->text);
        for (uint32_t l = 0; l < p->config.n_levels; l++) {
            const xw_level_rule *v = &p->config.levels[l];
            const bool finest = l + 1 == p->config.n_levels;
            (void)printf("    %s %s: at most %u %s", v->key, v->name, v->cap,
                         finest ? "households" : p->config.levels[l + 1].key);
            if (!finest) (void)printf("s");
            if (v->floor) (void)printf(", at least %u wanted", v->floor);
            (void)printf(", %u digits", v->code_width);
            for (unsigned k = 0, n = 0; k < XW_CLASS_COUNT; k++) {
                if (!(v->never >> k & 1)) continue;
                (void)printf("%s%s", n++ ? ", " : ", never across ", xw_class_get(k)->code);
            }
            (void)printf("\n");
        }
    }
    return fflush(stdout) == 0 ? 0 : 4;
}

static int check_rebuild(const xw__build *b)
{
    const xw_import_options *in = &b->in;
    if (!b->before) return xw_cli_usage(b->command, "which store");
    if (b->only || b->each) return xw_cli_usage(b->command, "--only and --each are of build");
    if ((b->add || b->removed) && (in->osm || in->roads || in->water || in->rail || in->buildings ||
                                   in->divisions || in->addresses || in->exclusive)) {
        return xw_cli_usage(b->command, "--add and --remove change the inputs of the store: either "
                                        "these or all inputs");
    }
    return 0;
}

static int check_asked(const xw__build *b)
{
    if (strcmp(b->command, "rebuild") == 0) {
        const int bad = check_rebuild(b);
        if (bad || b->add || b->removed) return bad;
    } else {
        if (!b->out) return xw_cli_usage(b->command, "-o STORE is missing");
        if (b->add || b->removed) {
            return xw_cli_usage(b->command, "--add and --remove are of rebuild");
        }
    }
    if (!b->in.osm && !b->in.buildings) {
        return xw_cli_usage(b->command, "no input: --osm FILE, or --roads and --buildings");
    }
    if (b->only && b->each) return xw_cli_usage(b->command, "either --only or --each");
    if (b->each && b->report_path) {
        return xw_cli_usage(b->command, "--report goes with one store, not with --each");
    }
    if ((b->only || b->each) && !b->in.divisions && !(b->in.osm && b->in.division_level)) {
        return xw_cli_usage(b->command, "%s needs --divisions, or --osm with --division-level",
                            b->only ? "--only" : "--each");
    }
    return 0;
}

int xw__build_command(xw_cli *cli, int argc, char **argv)
{
    xw__build b = {.cli = cli, .command = argv[0], .say = stdout};
    asked a = {0};
    optind = 1;
    opterr = 0;
    for (int opt; (opt = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
        const int code = read_option(&b, &a, opt, argv[optind - 1]);
        if (code) return code;
    }
    if (optind < argc && strcmp(b.command, "rebuild") == 0) b.before = argv[optind++];
    if (optind < argc) return xw_cli_usage(b.command, "unexpected \"%s\"", argv[optind]);
    if (b.profile && strcmp(b.profile, "list") == 0) return list_profiles();
    const int bad = check_asked(&b);
    if (bad) return bad;
    const bool piped = b.report_path && strcmp(b.report_path, "-") == 0;
    if (piped && b.json)
        return xw_cli_usage(b.command, "--json and --report - both need the output");
    if (piped) b.say = stderr;
    xw_error err = {XW_OK, ""};
    xw_status st = xw__config_read(b.config_path, b.profile, &b.config, &b.in, &err);
    if (st) return xw_cli_fail(b.command, &err);
    b.config.grids.effort = b.effort;
    if (a.households) b.in.col_households = a.households;
    if (a.crs) b.in.crs = a.crs;
    for (size_t i = 0; i < XW_ROLE_COUNT; i++) {
        if (a.crs_of[i]) b.in.crs_of[i] = a.crs_of[i];
    }
    if (a.encoding) b.in.encoding = a.encoding;
    if (a.paths) b.in.paths = true;
    st = xw__build_date(&b, &err);
    if (!st) st = run_asked(&b, &err);
    if (cli->job.progress) (void)fputc('\n', stderr);
    const bool built = !st && !b.each && !b.before; /* the others have told already */
    if (built && b.json) print_json(&b);
    if (built && !b.json) print_text(&b);
    xw__build_clear(&b);
    xw__config_finish(&b.config);
    return st ? xw_cli_fail(b.command, &err) : 0;
}

const xw_command xw__cmd_build = {
    "build", "import, partition and publish a territory",
    "usage: xiwang build [--osm FILE.osm.pbf] [--roads SRC] [--water SRC] [--rail SRC]\n"
    "                    [--buildings SRC] [--divisions SRC] [--addresses SRC] [--exclusive "
    "SRC]\n"
    "                    [--only CODES | --each LEVEL|CODES] -o STORE|FOLDER\n"
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
    "  --only CODE[,CODE…]  these divisions alone, or those under a town or county: only what "
    "lies\n"
    "                       in and next to them is kept in memory, the result is theirs in the "
    "whole\n"
    "  --each LEVEL|CODES   one store for each division of a level (village, town …; a number for\n"
    "                       OpenStreetMap) or each code, into the folder -o FOLDER, with\n"
    "                       manifest.json; run again, it goes on where it stopped\n"
    "  --paths              foot and cycle paths bound blocks too\n"
    "  --effective TIME     when the revision takes effect (RFC 3339; default: now)\n"
    "  --exclusive SRC      areas that are grids of their own (school, factory): code, name, kind\n"
    "  --profile NAME       a ready set of levels and caps; `--profile list` shows them\n"
    "  --effort PER_CENT    time spent on the grids, 100 the usual; 400 saves a few per cent of "
    "their\n"
    "                       boundaries\n"
    "  --config FILE        levels, caps, names, columns, barrier classes\n"
    "  --threads N          default: all cores; the result is the same for any number\n"
    "  --force              replace an existing STORE\n"
    "  --json               the report as one line of JSON\n",
    xw__build_command};
