/* xiwang check: the table of what a partition must show. */
#include "commands.h"

#include "xiwang/check.h"
#include "xiwang/report.h"
#include "xiwang/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct options {
    const char *store, *spots, *report;
    bool json;
} options;

static bool write_file(const char *path, const xw_buf *b)
{
    FILE *f = fopen(path, "wb");
    if (!f) return false;
    const bool all = fwrite(b->data, 1, b->n, f) == b->n;
    return fclose(f) == 0 && all;
}

/* A counting line shows whole numbers, others two digits after the point. */
static void print_line(const xw_check_line *l)
{
    char value[64];
    const bool whole = l->value == (double)(long long)l->value && strcmp(l->unit, "%") != 0;
    (void)snprintf(value, sizeof value, whole ? "%.0f" : "%.3f", l->value);
    const char *mark = !l->hard ? "    " : l->value > 0 ? "FAIL" : "ok  ";
    (void)printf("%s  %14s %-8s  %s  %s\n", mark, value, l->unit, l->text, l->zh);
}

static void print_report(const xw_check_report *r)
{
    enum { SHOWN = 5 };
    for (size_t i = 0; i < r->n_lines; i++) {
        print_line(&r->lines[i]);
        int shown = 0;
        for (size_t k = 0; k < r->n_spots && r->lines[i].hard; k++) {
            const xw_spot *s = &r->spots[k];
            if (s->line != i || s->exception || shown++ >= SHOWN) continue;
            (void)printf("      %.7f,%.7f  %s\n", xw_deg(s->at.x), xw_deg(s->at.y), s->text);
        }
    }
    (void)printf("%s\n", r->ok ? "passed 通过" : "failed 未通过");
}

/* Output of a report; the exit code. */
static int tell(const options *o, const xw_check_report *r)
{
    xw_error err = {XW_OK, ""};
    xw_buf b;
    int code = r->ok ? 0 : 1;
    xw_buf_init(&b, (size_t)1 << 30);
    if (o->spots) {
        xw_check_write_spots(r, &b);
        if (!xw_buf_status(&b, "spots", &err) && !write_file(o->spots, &b)) {
            (void)xw_fail(&err, XW_IO, "%s: %s", o->spots, strerror(errno));
        }
        xw_buf_clear(&b);
    }
    if (!err.status && o->json) {
        xw_check_write_json(r, &b);
        if (!xw_buf_status(&b, "report", &err)) (void)printf("%s\n", b.data);
    } else if (!err.status) {
        print_report(r);
    }
    if (!err.status && fflush(stdout))
        (void)xw_fail(&err, XW_IO, "standard output: %s", strerror(errno));
    xw_buf_finish(&b);
    if (err.status) code = xw_cli_fail("check", &err);
    return code;
}

/* Bounds, what was reached and why, as a file. */
static xw_status write_quality(const char *path, const xw_model *m, xw_error *err)
{
    xw_quality q;
    xw_buf b;
    xw_status st = xw_quality_make(m, &q, err);
    if (st) return st;
    xw_buf_init(&b, (size_t)1 << 30);
    xw_quality_write_json(m, &q, &b);
    xw_buf_text(&b, "\n");
    st = xw_buf_status(&b, "report", err);
    if (!st && !write_file(path, &b)) st = xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
    xw_buf_finish(&b);
    xw_quality_finish(&q);
    return st;
}

static int run(xw_cli *cli, int argc, char **argv)
{
    options o = {0};
    bool only_names = false;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!only_names && strcmp(a, "--") == 0) {
            only_names = true;
        } else if (!only_names && strcmp(a, "--json") == 0) {
            o.json = true;
        } else if (!only_names && strcmp(a, "--spots") == 0) {
            if (i + 1 >= argc) return xw_cli_usage("check", "--spots needs a file name");
            o.spots = argv[++i];
        } else if (!only_names && strcmp(a, "--report") == 0) {
            if (i + 1 >= argc) return xw_cli_usage("check", "--report needs a file name");
            o.report = argv[++i];
        } else if (!only_names && a[0] == '-' && a[1] != '\0') {
            return xw_cli_usage("check", "no option %s", a);
        } else if (o.store) {
            return xw_cli_usage("check", "more than one store: %s", a);
        } else {
            o.store = a;
        }
    }
    if (!o.store) return xw_cli_usage("check", "which store");
    xw_error err = {XW_OK, ""};
    xw_model m;
    xw_check_report r = {0};
    xw_model_init(&m);
    xw_status st = xw_store_read(o.store, &m, &err);
    if (!st) st = xw_check(&m, &cli->job, &r, &err);
    if (!st && o.report) st = write_quality(o.report, &m, &err);
    const int code = st ? xw_cli_fail("check", &err) : tell(&o, &r);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
    return code;
}

const xw_command xw__cmd_check = {
    .name = "check",
    .summary = "verify a partition and measure it",
    .help =
        "usage: xiwang check STORE [--spots FILE.geojson] [--report FILE.json] [--json]\n"
        "\n"
        "Reads the stored revision and computes, from it alone, what a partition must show:\n"
        "no gaps, no overlaps, no building cut, no cap exceeded, every unit in one grid, every\n"
        "grid connected, in one division and on one side of motorways, rivers and railways that\n"
        "nothing crosses; then how good it is. Every hard line must be 0.\n"
        "\n"
        "  --spots FILE  writes the places of violations and exceptions as GeoJSON\n"
        "  --report FILE writes, for each level, the least number of grids by two bounds, how "
        "many\n"
        "                there are and the reason of each one more, boundary by class, "
        "compactness\n"
        "  --json        prints the report as JSON\n"
        "\n"
        "Exit codes: 0 every hard line is 0; 1 one is not; 2 usage; 3 bad input; 4 environment.\n",
    .run = run,
};
