#include "xiwang/sample.h"
#include "commands.h"
#include "xiwang/file.h"
#include "xiwang/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: xiwang sample --households N [--seed S] -o DIR|FILE.gpkg [--force] [--json]\n"
    "\n"
    "Writes a made-up but believable county: towns, villages, a river, a railway, roads, lanes,\n"
    "walled compounds, houses, towers and addresses. No real place is meant; division codes are\n"
    "under the unassigned prefix 999.\n"
    "\n"
    "  --households N   how many, 100 to 3000000\n"
    "  --seed S         another seed, another county (default 1); the same one gives the same "
    "bytes\n"
    "  -o PATH          a GeoPackage, or a folder that gets sample.gpkg\n"
    "  --force          replace a file that exists\n"
    "  --json           the summary as JSON\n"
    "\n"
    "Layers: roads, water, rail, buildings, divisions, addresses, exclusive (EPSG:4490). All of it "
    "can be "
    "given\n"
    "to the build:\n"
    "  xiwang build --roads F:roads --water F:water --rail F:rail --buildings F:buildings \\\n"
    "               --divisions F:divisions --addresses F:addresses -o STORE\n";

typedef struct options {
    xw_sample_options make;
    const char *out;
    bool force, json, has_households;
} options;

/* @return 0, or the exit code of a wrong use */
static int parse(int argc, char **argv, options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        long long v;
        if (strcmp(a, "--force") == 0) {
            o->force = true;
        } else if (strcmp(a, "--json") == 0) {
            o->json = true;
        } else if (strcmp(a, "--households") != 0 && strcmp(a, "--seed") != 0 &&
                   strcmp(a, "-o") != 0) {
            return xw_cli_usage("sample", "no option \"%s\"", a);
        } else if (i + 1 >= argc) {
            return xw_cli_usage("sample", "%s needs a value", a);
        } else if (strcmp(a, "-o") == 0) {
            o->out = argv[++i];
        } else if (strcmp(a, "--households") == 0) {
            if (!xw_cli_int(argv[++i], XW_SAMPLE_MIN, XW_SAMPLE_MAX, &v)) {
                return xw_cli_usage("sample", "--households %s: not a number from %d to %d",
                                    argv[i], XW_SAMPLE_MIN, XW_SAMPLE_MAX);
            }
            o->make.households = (uint64_t)v;
            o->has_households = true;
        } else {
            if (!xw_cli_int(argv[++i], 0, INT64_MAX, &v)) {
                return xw_cli_usage("sample", "--seed %s: not a whole number", argv[i]);
            }
            o->make.seed = (uint64_t)v;
        }
    }
    if (!o->has_households) return xw_cli_usage("sample", "--households is missing");
    if (!o->out || !o->out[0]) return xw_cli_usage("sample", "-o is missing");
    return 0;
}

static void summary(const xw_territory *t, const char *path, bool json)
{
    uint64_t households = 0;
    for (size_t i = 0; i < t->n_buildings; i++) households += (uint64_t)t->buildings[i].households;
    if (!json) {
        (void)printf("%s: %s, %llu households in %zu buildings, %zu divisions, %zu lines\n", path,
                     xw_territory_text(t, t->name), (unsigned long long)households, t->n_buildings,
                     t->n_divisions, t->n_barriers);
        return;
    }
    xw_buf b;
    xw_buf_init(&b, 1u << 16);
    xw_json j = xw_json_on(&b);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "path", path);
    xw_json_kstr(&j, "name", xw_territory_text(t, t->name));
    xw_json_kint(&j, "households", (int64_t)households);
    xw_json_kint(&j, "buildings", (int64_t)t->n_buildings);
    xw_json_kint(&j, "divisions", (int64_t)t->n_divisions);
    xw_json_kint(&j, "addresses", (int64_t)t->n_addresses);
    xw_json_close(&j, '}');
    if (!b.failed) (void)puts(b.data);
    xw_buf_finish(&b);
}

static int run(xw_cli *cli, int argc, char **argv)
{
    options o = {.make = {.seed = 1}};
    const int usage = parse(argc, argv, &o);
    if (usage) return usage;
    char path[4096];
    struct stat s;
    const bool folder = stat(o.out, &s) == 0 && S_ISDIR(s.st_mode);
    const char *slash = o.out[strlen(o.out) - 1] == '/' ? "" : "/";
    const int n = snprintf(path, sizeof path, "%s%s%s", o.out, folder ? slash : "",
                           folder ? "sample.gpkg" : "");
    if (n < 0 || (size_t)n >= sizeof path)
        return xw_cli_usage("sample", "-o: the path is too long");

    xw_error err;
    xw_territory t;
    if (xw_file_probe(path, o.force, &err)) return xw_cli_fail("sample", &err);
    if (xw_sample_make(&o.make, &cli->job, &t, &err)) return xw_cli_fail("sample", &err);
    const xw_status st = xw_sample_write(&t, path, o.force, &cli->job, &err);
    if (!st) summary(&t, path, o.json);
    xw_territory_finish(&t);
    return st ? xw_cli_fail("sample", &err) : 0;
}

const xw_command xw__cmd_sample = {"sample", "write a made-up territory of any size", help, run};
