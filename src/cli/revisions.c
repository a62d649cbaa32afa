/* xiwang revisions: what a store was, is and will be. */
#include "commands.h"

#include "xiwang/json.h"
#include "xiwang/timeline.h"

#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_people(const xw_revision *list, size_t n, size_t now)
{
    (void)printf("%8s  %-20s  %-20s  %-20s  %10s  %7s  %-16s  %s\n", "revision", "effective",
                 "until", "published", "households", "grids", "digest", "state");
    for (size_t i = 0; i < n; i++) {
        const xw_revision *r = &list[i];
        char from[XW_WHEN_TEXT], to[XW_WHEN_TEXT] = "-";
        xw_when_text(r->effective_unix, from);
        if (r->valid_until != XW_TIME_OPEN_END) xw_when_text(r->valid_until, to);
        (void)printf("%8u  %-20s  %-20s  %-20s  %10llu  %7llu  %016llx  %s\n", r->number, from, to,
                     r->published, (unsigned long long)r->households,
                     (unsigned long long)r->n_grids, (unsigned long long)r->digest,
                     xw_revision_state_text(i, n, now));
    }
}

static void time_json(xw_json *j, const char *key, int64_t unix_s)
{
    char when[XW_WHEN_TEXT];
    xw_when_text(unix_s, when);
    xw_json_kstr(j, key, unix_s == XW_TIME_OPEN_END ? NULL : when);
}

static xw_status print_json(const xw_revision *list, size_t n, size_t now, xw_error *err)
{
    xw_buf out;
    xw_buf_init(&out, 64 << 20);
    xw_json j = xw_json_on(&out);
    xw_json_open(&j, '[');
    for (size_t i = 0; i < n; i++) {
        const xw_revision *r = &list[i];
        char digest[20];
        (void)snprintf(digest, sizeof digest, "%016llx", (unsigned long long)r->digest);
        xw_json_open(&j, '{');
        xw_json_kint(&j, "revision", r->number);
        time_json(&j, "effective", r->effective_unix);
        time_json(&j, "valid_until", r->valid_until);
        xw_json_kstr(&j, "published", r->published);
        xw_json_kstr(&j, "state", xw_revision_state_text(i, n, now));
        xw_json_kint(&j, "households", (int64_t)r->households);
        xw_json_kint(&j, "grids", (int64_t)r->n_grids);
        xw_json_kstr(&j, "content_digest", digest);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_buf_add(&out, "\n", 1);
    const xw_status st = xw_buf_status(&out, "the list", err);
    if (!st) (void)fwrite(out.data, 1, out.n, stdout);
    xw_buf_finish(&out);
    return st;
}

/* What is left out belongs to the answer, but not into a table for machines. */
static void print_problems(xw_timeline *t)
{
    xw_buf text;
    xw_buf_init(&text, 1 << 20);
    (void)xw_timeline_problems(t, &text);
    if (text.n > 0 && !text.failed) (void)fputs(text.data, stderr);
    xw_buf_finish(&text);
}

static int run(xw_cli *cli, int argc, char **argv)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    bool json = false;
    opterr = 0;
    for (int opt; (opt = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (opt != 'j') {
            return xw_cli_usage("revisions", "option \"%s\" is unknown", argv[optind - 1]);
        }
        json = true;
    }
    if (optind == argc) return xw_cli_usage("revisions", "which store");
    if (optind + 1 < argc) {
        return xw_cli_usage("revisions", "unexpected \"%s\"", argv[optind + 1]);
    }
    xw_error err = {XW_OK, ""};
    xw_timeline *t;
    xw_revision *list = NULL;
    size_t n;
    xw_status st = xw_timeline_open(argv[optind], &cli->job, &t, &err);
    if (!st) st = xw_timeline_list(t, &list, &n, &err);
    if (!st) {
        const size_t now =
            xw_revision_in_force(list, n, g_get_real_time() / (int64_t)G_USEC_PER_SEC);
        print_problems(t);
        if (json) {
            st = print_json(list, n, now, &err);
        } else {
            print_people(list, n, now);
        }
    }
    free(list);
    xw_timeline_close(t);
    if (!st && (fflush(stdout) || ferror(stdout))) {
        st = xw_fail(&err, XW_IO, "standard output cannot be written");
    }
    return st ? xw_cli_fail("revisions", &err) : 0;
}

const xw_command xw__cmd_revisions = {
    .name = "revisions",
    .summary = "list the revisions of a store: past, in force, scheduled",
    .help = "usage: xiwang revisions STORE [--json]\n"
            "\n"
            "Lists the revision of a store and those kept in STORE.history by the time from which\n"
            "they are in force. At any time it is the one that took effect last, of two that took\n"
            "effect together the one with the higher number.\n"
            "\n"
            "  --json  an array for machines\n"
            "\n"
            "What is left out because it cannot be read is told on standard error.\n"
            "Exit codes: 0 fine, 2 usage, 3 the store cannot be read.\n",
    .run = run,
};
