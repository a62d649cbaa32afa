/* xiwang locate: who is responsible here? One point for people or as JSON, many as CSV. */
#include "commands.h"

#include "locate_address.h"
#include "locate_bulk.h"
#include "locate_csv.h"

#include "xiwang/nets.h"
#include "xiwang/table.h"
#include "xiwang/timeline.h"

#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

typedef struct options {
    const char *store, *at, *address, *crs, *csv, *in, *format;
    bool brief;
    const char *nets[XW_NETS_MAX];
    size_t n_nets;
    xw_nets *other;
    unsigned fields;
    xw_bulk_times *times;
    xw_query query;
    int64_t time;
    bool has_time, json;
} options;

static int read_metres(const char *name, double *out)
{
    if (xw_cli_num(optarg, out)) return 0;
    return xw_cli_usage("locate", "--%s \"%s\" is no number of metres", name, optarg);
}

static int read_option(int opt, char **argv, options *o)
{
    long long floor;
    xw_error err;
    switch (opt) {
    case 'a':
        o->at = optarg;
        if (xw_cli_pair(optarg, &o->query.x, &o->query.y)) return 0;
        return xw_cli_usage("locate", "--at \"%s\" is not LON,LAT", optarg);
    case 'd':
        o->address = optarg;
        return 0;
    case 'c':
        o->crs = optarg;
        return 0;
    case 'm':
        return read_metres("accuracy", &o->query.accuracy_m);
    case 's':
        return read_metres("snap", &o->query.snap_m);
    case 'n':
        return read_metres("nearest", &o->query.nearest_m);
    case 'r':
        o->query.custody = true;
        return 0;
    case 'f':
        if (!xw_cli_int(optarg, -1000, 1000, &floor)) {
            return xw_cli_usage("locate", "--floor \"%s\" is no number from -1000 to 1000", optarg);
        }
        o->query.has_floor = true;
        o->query.floor = (int)floor;
        return 0;
    case 'v':
        o->csv = optarg;
        return 0;
    case 't':
        o->has_time = xw_when_parse(optarg, &o->time);
        if (o->has_time) return 0;
        return xw_cli_usage("locate", "--time \"%s\" is no RFC 3339 time or date", optarg);
    case 'i':
        o->in = optarg;
        return 0;
    case 'o':
        o->format = optarg;
        return 0;
    case 'b':
        o->brief = true;
        return 0;
    case 'k':
        if (xw_answer_fields(optarg, &o->fields, &err)) {
            return xw_cli_usage("locate", "--fields: %s", err.text);
        }
        return 0;
    case 'w':
        if (o->n_nets == XW_NETS_MAX) {
            return xw_cli_usage("locate", "more than %d --net", XW_NETS_MAX);
        }
        o->nets[o->n_nets++] = optarg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    default:
        return xw_cli_usage("locate", "option \"%s\" is unknown or lacks its value",
                            argv[optind - 1]);
    }
}

static int read_options(int argc, char **argv, options *o)
{
    static const struct option known[] = {{"at", required_argument, NULL, 'a'},
                                          {"crs", required_argument, NULL, 'c'},
                                          {"accuracy", required_argument, NULL, 'm'},
                                          {"floor", required_argument, NULL, 'f'},
                                          {"snap", required_argument, NULL, 's'},
                                          {"nearest", required_argument, NULL, 'n'},
                                          {"custody", no_argument, NULL, 'r'},
                                          {"csv", required_argument, NULL, 'v'},
                                          {"time", required_argument, NULL, 't'},
                                          {"in", required_argument, NULL, 'i'},
                                          {"format", required_argument, NULL, 'o'},
                                          {"short", no_argument, NULL, 'b'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"address", required_argument, NULL, 'd'},
                                          {"fields", required_argument, NULL, 'k'},
                                          {"net", required_argument, NULL, 'w'},
                                          {NULL, 0, NULL, 0}};
    opterr = 0;
    optind = 0; /* from the start, whatever was read before */
    for (int opt; (opt = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        const int bad = read_option(opt, argv, o);
        if (bad) return bad;
    }
    if (optind == argc) return xw_cli_usage("locate", "which store");
    o->store = argv[optind];
    if (optind + 1 < argc) return xw_cli_usage("locate", "unexpected \"%s\"", argv[optind + 1]);
    if ((o->at || o->address) + (o->csv != NULL) + (o->in != NULL) != 1) {
        return xw_cli_usage("locate",
                            "one of --at LON,LAT, --address TEXT, --csv FILE and --in FILE");
    }
    if (o->n_nets > 0 && !o->at) {
        return xw_cli_usage("locate", "--net belongs to --at LON,LAT");
    }
    if (!o->in && (o->format || o->brief)) {
        return xw_cli_usage("locate", "--format and --short belong to --in FILE");
    }
    return 0;
}

static void print_chain(const xw_model *m, const xw_answer *a)
{
    for (uint32_t l = 0; l < m->n_levels && a->grid != XW_NONE; l++) {
        const xw_grid *g = &m->grids[xw_model_grid_at(m, a->grid, l)];
        (void)printf("%s  %s  %s", xw_model_text(m, m->levels[l].name), xw_model_text(m, g->code),
                     xw_model_text(m, g->name));
        if (a->level_probability[l] < 0.99995) {
            (void)printf("  %.1f %%", 100.0 * a->level_probability[l]);
        }
        (void)printf("\n");
    }
}

static void print_doubt(const xw_model *m, const xw_answer *a)
{
    if (a->n_candidates > 1 || (a->grid == XW_NONE && a->n_candidates > 0)) {
        (void)printf("candidates within %.1f m:\n", a->accuracy_m);
        for (uint32_t i = 0; i < a->n_candidates; i++) {
            const xw_grid *g = &m->grids[a->candidates[i].grid];
            (void)printf("  %5.1f %%  %s  %s  %.1f m\n", 100.0 * a->candidates[i].probability,
                         xw_model_text(m, g->code), xw_model_text(m, g->name),
                         a->candidates[i].distance_m);
        }
    }
    if (a->grid == XW_NONE) return;
    (void)printf("certain to: %s\n", a->certain_level == XW_NONE
                                         ? "no level"
                                         : xw_model_text(m, m->levels[a->certain_level].name));
}

/* What is beside the point: a wall it was snapped to, a road, another reading of its numbers. */
static void print_around(const xw_model *m, const xw_answer *a)
{
    if (a->building_distance_m > 0.0) {
        (void)printf("%.1f m from building %s\n", a->building_distance_m,
                     xw_model_text(m, m->buildings[a->building].source));
    }
    if (a->road_edge != XW_NONE) {
        const xw_edge *e = &m->edges[a->road_edge];
        const uint32_t by = e->custody == XW_NONE ? XW_NONE : xw_plot_team(m, e->custody);
        (void)printf("on the carriageway of %s (%s), %.1f m from its middle, looked after by %s\n",
                     xw_model_text(m, e->name), xw_class_get(e->cls)->zh, a->road_distance_m,
                     by == XW_NONE ? "nobody" : xw_model_text(m, m->grids[by].code));
    }
    if (a->suspect_crs) {
        const uint32_t grid = xw_plot_team(m, a->suspect_plot);
        (void)printf("are these %s coordinates? then it is in %s\n", a->suspect_crs,
                     grid == XW_NONE ? "no grid" : xw_model_text(m, m->grids[grid].code));
    }
}

static void print_revision(const xw_revision *r)
{
    char from[XW_WHEN_TEXT], to[XW_WHEN_TEXT];
    xw_when_text(r->effective_unix, from);
    xw_when_text(r->valid_until, to);
    (void)printf("revision %u, in force from %s%s%s\n", r->number, from,
                 r->valid_until == XW_TIME_OPEN_END ? "" : " to ",
                 r->valid_until == XW_TIME_OPEN_END ? "" : to);
}

static void print_people(const xw_model *m, const xw_answer *a, const xw_revision *r)
{
    if (a->plot == XW_NONE) {
        (void)printf("outside: no grid at %.7f,%.7f\n", xw_deg(a->at.x), xw_deg(a->at.y));
        if (a->grid != XW_NONE) {
            (void)printf("nearest, %.1f m away:\n", a->distance_m);
            print_chain(m, a);
        }
    } else {
        const xw_model_division *d = &m->divisions[m->plots[a->plot].division];
        (void)printf("%s  %s\n", xw_model_text(m, d->code), xw_model_text(m, d->name));
        print_chain(m, a);
        const char *name =
            a->building == XW_NONE ? "" : xw_model_text(m, m->buildings[a->building].name);
        (void)printf("plot %u, %s%s%s\n", a->plot + 1, xw_plot_kind_text(m->plots[a->plot].kind),
                     name[0] ? ", " : "", name);
    }
    (void)printf("rule: %s", xw_rule_text(a->rule));
    if (a->on_boundary) {
        const uint32_t other = a->other_plot == XW_NONE ? XW_NONE : xw_plot_team(m, a->other_plot);
        (void)printf(", on the boundary; other side: %s",
                     other == XW_NONE ? "no grid" : xw_model_text(m, m->grids[other].code));
    }
    (void)printf("\n");
    print_around(m, a);
    print_doubt(m, a);
    (void)printf("same answer within %.1f m\n", a->same_answer_within_m);
    print_revision(r);
}

/* The other nets at the place. */
static xw_status print_nets(const options *o, xw_error *err)
{
    xw_timeline *t;
    for (size_t i = 0; o->other && (t = xw_nets_other(o->other, i)) != NULL; i++) {
        xw_pin pin;
        xw_answer a;
        xw_status st = xw_timeline_pin_at(t, o->time, &pin, err);
        if (st == XW_NOT_FOUND) {
            (void)printf("\n%s: %s\n", o->nets[i], err->text);
            continue;
        }
        if (!st) st = xw_answer_locate(pin.snapshot, &o->query, &a, err);
        if (!st) {
            const xw_model *m = xw_snapshot_model(pin.snapshot);
            (void)printf("\n%s  %s\n", xw_model_text(m, m->net), xw_model_text(m, m->net_name));
            print_people(m, &a, pin.revision);
        }
        xw_pin_release(&pin);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status print_json(const xw_pin *pin, const xw_answer *a, const options *o, xw_error *err)
{
    xw_status nets = XW_OK;
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    xw_json j = xw_json_on(&out);
    xw_answer_json_some(pin->snapshot, a, pin->revision->valid_until, o->fields, &j);
    if (o->other) nets = xw_nets_json(o->other, a, &o->query, o->time, o->fields, &out, err);
    xw_buf_add(&out, "\n", 1);
    const xw_status st = nets ? nets : xw_buf_status(&out, "the answer", err);
    if (!st) (void)fwrite(out.data, 1, out.n, stdout);
    xw_buf_finish(&out);
    return st;
}

static xw_status answer(xw_timeline *t, const xw_pin *pin, const options *o, const xw_job *job,
                        int *code, xw_error *err)
{
    if (o->csv) {
        const locate_csv csv = {o->csv, &o->query, o->json, o->fields, o->times, job};
        bool some_bad;
        const xw_status st = xw__locate_csv(pin, &csv, &some_bad, err);
        *code = some_bad ? 1 : 0;
        return st;
    }
    if (o->in) {
        const locate_bulk bulk = {o->in,    o->format, &o->query, pin->revision->valid_until,
                                  o->brief, o->fields, o->times,  job};
        bool some_bad;
        const xw_status st = xw__locate_bulk(pin->snapshot, &bulk, &some_bad, err);
        *code = some_bad ? 1 : 0;
        return st;
    }
    xw_answer a;
    if (o->address) {
        const locate_address ask = {o->store, o->address, &o->query, o->at != NULL,
                                    o->json,  o->fields,  job};
        bool named;
        const xw_status found = xw__locate_address(t, pin, &ask, &a, &named, err);
        if (found == XW_OK && named && !o->json) {
            print_people(xw_snapshot_model(pin->snapshot), &a, pin->revision);
        }
        *code = found == XW_OK && named && a.grid != XW_NONE ? 0 : 1;
        if (found != XW_NOT_FOUND) return found;
        (void)fprintf(stderr, "xiwang locate: %s\n", err->text);
        return XW_OK;
    }
    xw_status st = xw_answer_locate(pin->snapshot, &o->query, &a, err);
    if (!st && o->json) st = print_json(pin, &a, o, err);
    if (!st && !o->json) {
        print_people(xw_snapshot_model(pin->snapshot), &a, pin->revision);
        st = print_nets(o, err);
    }
    if (!st) *code = a.grid == XW_NONE ? 1 : 0;
    return st;
}

static int run(xw_cli *cli, int argc, char **argv)
{
    options o = {.fields = XW_ANSWER_ALL};
    const int usage = read_options(argc, argv, &o);
    if (usage) return usage;

    xw_error err = {XW_OK, ""};
    xw_crs *crs = NULL;
    xw_timeline *t = NULL;
    xw_pin pin = {0};
    int code = 0;
    xw_status st = o.crs ? xw_crs_create(o.crs, &crs, &err) : XW_OK;
    o.query.crs = crs;
    if (!o.has_time) o.time = g_get_real_time() / G_USEC_PER_SEC;
    if (!st) st = xw_timeline_open(o.store, &cli->job, &t, &err);
    if (!st) st = xw_bulk_times_create(t, &o.times, &err);
    if (!st && o.n_nets > 0) {
        st = xw_nets_open(t, o.nets, o.n_nets, &cli->job, &o.other, &err);
    }
    if (!st) st = xw_timeline_pin_at(t, o.time, &pin, &err);
    if (st == XW_NOT_FOUND && t) { /* a no, not a failure */
        (void)fprintf(stderr, "xiwang locate: %s\n", err.text);
        st = XW_OK;
        code = 1;
    } else if (!st) {
        st = answer(t, &pin, &o, &cli->job, &code, &err);
    }
    xw_bulk_times_destroy(o.times);
    xw_nets_close(o.other);
    xw_pin_release(&pin);
    xw_timeline_close(t);
    xw_crs_destroy(crs);
    if (!st && (fflush(stdout) || ferror(stdout))) {
        st = xw_fail(&err, XW_IO, "standard output cannot be written");
    }
    return st ? xw_cli_fail("locate", &err) : code;
}

const xw_command xw__cmd_locate = {
    .name = "locate",
    .summary = "who is responsible at a place",
    .help =
        "usage: xiwang locate STORE --at LON,LAT [--crs CRS] [--accuracy M] [--floor F] [--snap "
        "M]\n"
        "                     [--nearest M] [--custody] [--time T] [--json]\n"
        "       xiwang locate STORE --address TEXT [--at LON,LAT] [the same]\n"
        "       xiwang locate STORE --csv FILE|- [the same]\n"
        "       xiwang locate STORE --in FILE|- [--format csv|ndjson|geojson|json|binary] "
        "[--short]\n"
        "                     [the same]\n"
        "\n"
        "Names the grids of every level at a point, how sure that is, and the rule that decided.\n"
        "STORE is a GeoPackage made by xiwang build, or the snapshot compiled from one. The\n"
        "revision in force answers, among those of the store and of STORE.history.\n"
        "\n"
        "  --at LON,LAT   the point, in degrees or in units of the CRS\n"
        "  --address TEXT an address or the name of a building; it beats --at, which only chooses\n"
        "                 among equal ones. Several that are alike are listed, with a score\n"
        "  --crs CRS      wgs84, cgcs2000 (default), gcj02, bd09, EPSG:4549 and what else PROJ "
        "knows\n"
        "  --accuracy M   the point is somewhere within M metres, every place equally likely\n"
        "  --floor F      floor in a tower, 1 is the ground floor\n"
        "  --snap M       a point in no building but within M metres of one belongs to it\n"
        "  --nearest M    a point outside gets the nearest grid within M metres\n"
        "  --custody      on a carriageway the grid that looks after the road answers\n"
        "  --time T       the revision in force at an RFC 3339 time or a date (00:00 UTC); now\n"
        "  --net STORE    with --at: a store of another net over the same land answers too\n"
        "  --fields A,B   members of the JSON answer that are wanted: levels,rule,certain_to …\n"
        "  --json         the whole answer for machines; with --csv one object a line\n"
        "  --csv FILE|-   many points: a table with a header and the columns lon,lat (or x,y) and\n"
        "                 perhaps accuracy, floor, time, id. Written out with the same columns "
        "and\n"
        "                 code_LEVEL of each level, certain_to, rule, probability, error. A bad\n"
        "                 line gets its reason in error and the rest goes on.\n"
        "\n"
        "Exit codes: 0 found, 1 outside, no such address or several, or before the first\n"
        "revision (with --csv: some lines were bad), 2 usage, 3 bad input.\n",
    .run = run,
};
