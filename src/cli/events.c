/* xiwang events import: tables of events into the store of events. */
#include "commands.h"
#include "events_import.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int read_order(const char *text, events_order *out)
{
    static const char *const names[] = {"", "mdy", "dmy", "ymd"};
    for (int k = ORDER_MDY; k <= ORDER_YMD; k++) {
        if (strcmp(text, names[k]) != 0) continue;
        *out = (events_order)k;
        return 0;
    }
    return xw_cli_usage("events", "--dates \"%s\" is not mdy, dmy or ymd", text);
}

static int read_zone(const char *text, GTimeZone **out)
{
    if (*out) g_time_zone_unref(*out);
    *out = g_time_zone_new_identifier(text);
    return *out ? 0 : xw_cli_usage("events", "--zone \"%s\" is no time zone", text);
}

static int read_encoding(const char *text, GIConv *out)
{
    if (*out) (void)g_iconv_close(*out);
    *out = g_iconv_open("UTF-8", text);
    if (*out != (GIConv)-1) return 0;
    *out = NULL;
    return xw_cli_usage("events", "--encoding \"%s\" is not known", text);
}

static int read_option(int opt, char **argv, events_import *im)
{
    xw_error err = {XW_OK, ""};
    switch (opt) {
    case 'e':
        im->events = optarg;
        return 0;
    case 'm':
    case 's':
        if (xw__events_assign(&im->map, optarg, opt == 's', &err)) {
            return xw_cli_usage("events", "%s", err.text);
        }
        return 0;
    case 'd':
        return read_order(optarg, &im->map.order);
    case 'z':
        return read_zone(optarg, &im->map.zone);
    case 'c':
        return read_encoding(optarg, &im->map.from);
    case 'r':
        im->report = optarg;
        return 0;
    case 'u':
        im->map.cut = true;
        return 0;
    case 't':
        im->by_time = true;
        return 0;
    case 'a':
        im->find_addresses = true;
        return 0;
    case 'n':
        im->dry = true;
        return 0;
    case 'j':
        im->json = true;
        return 0;
    default:
        return xw_cli_usage("events", "option \"%s\" is unknown or lacks its value",
                            argv[optind - 1]);
    }
}

static int read_options(int argc, char **argv, events_import *im)
{
    static const struct option known[] = {{"events", required_argument, NULL, 'e'},
                                          {"map", required_argument, NULL, 'm'},
                                          {"set", required_argument, NULL, 's'},
                                          {"dates", required_argument, NULL, 'd'},
                                          {"zone", required_argument, NULL, 'z'},
                                          {"encoding", required_argument, NULL, 'c'},
                                          {"report", required_argument, NULL, 'r'},
                                          {"cut", no_argument, NULL, 'u'},
                                          {"by-time", no_argument, NULL, 't'},
                                          {"find-addresses", no_argument, NULL, 'a'},
                                          {"dry-run", no_argument, NULL, 'n'},
                                          {"json", no_argument, NULL, 'j'},
                                          {NULL, 0, NULL, 0}};
    opterr = 0;
    optind = 0; /* from the start, whatever was read before */
    for (int opt; (opt = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        const int bad = read_option(opt, argv, im);
        if (bad) return bad;
    }
    const int n = argc - optind;
    if (n == 0 || strcmp(argv[optind], "import") != 0) {
        return xw_cli_usage("events", "what to do: import");
    }
    if (n != 3) return xw_cli_usage("events", "one STORE and one FILE.csv are needed");
    im->store = argv[optind + 1];
    im->file = argv[optind + 2];
    return 0;
}

/* Ids without a source are those of the file's name. */
static void name_source(events_import *im)
{
    const char *slash = strrchr(im->file, '/');
    const char *name = slash ? slash + 1 : im->file;
    if (strcmp(name, "-") == 0) name = "import";
    const char *dot = strrchr(name, '.');
    const size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    (void)snprintf(im->map.source, sizeof im->map.source, "%.*s", (int)(n < 64 ? n : 64), name);
}

static int run(xw_cli *cli, int argc, char **argv)
{
    events_import im = {.job = &cli->job};
    xw_error err = {XW_OK, ""};
    xw_buf beside;
    bool some_bad = false;
    xw_buf_init(&beside, 1 << 16);
    int code = read_options(argc, argv, &im);
    if (code == 0) {
        name_source(&im);
        xw_buf_fmt(&beside, "%s.events.db", im.store);
        xw_status st = xw_buf_status(&beside, "path of the events", &err);
        if (!im.events) im.events = beside.data;
        if (!st) st = xw__events_import(&im, &some_bad, &err);
        if (!st && (fflush(stdout) || ferror(stdout))) {
            st = xw_fail(&err, XW_IO, "standard output cannot be written");
        }
        code = st ? xw_cli_fail("events", &err) : some_bad ? 1 : 0;
    }
    if (im.map.zone) g_time_zone_unref(im.map.zone);
    if (im.map.from) (void)g_iconv_close(im.map.from);
    xw_buf_finish(&beside);
    return code;
}

const xw_command xw__cmd_events = {
    .name = "events",
    .summary = "take tables of events in",
    .help =
        "usage: xiwang events import STORE FILE.csv|- [--events FILE.db] [--map FIELD=COLUMN]...\n"
        "                            [--set FIELD=VALUE]... [--dates mdy|dmy|ymd] [--zone ZONE]\n"
        "                            [--encoding NAME] [--cut] [--by-time] [--find-addresses]\n"
        "                            [--dry-run] [--report OUT.csv] [--json]\n"
        "\n"
        "Binds every row of a table to its grids as POST /events does, or says why not. A repeat\n"
        "adds nothing: events go by source and source_event_id. Fields are service_code, lat, "
        "long,\n"
        "crs, accuracy, floor, requested_datetime, source, source_event_id, status,\n"
        "address_string, description and jurisdiction_id.\n"
        "\n"
        "  --events FILE.db     the store of events (default: STORE.events.db), made when it is "
        "not\n"
        "                       there; a server that keeps events in it has to be stopped\n"
        "  --map FIELD=COLUMN   the column that says a field; A+B joins two with a blank. Columns\n"
        "                       with usual names (lat, longitude, unique key, created date …) are\n"
        "                       found without it. Columns about persons are never read\n"
        "  --set FIELD=VALUE    the same for every row: service_code=crash, crs=gcj02. Without a\n"
        "                       source it is the name of the file; without ids equal rows are one\n"
        "  --dates ORDER        of dates like 01/31/2022; 2022-01-31 needs none\n"
        "  --zone ZONE          of times that say none (Asia/Shanghai); UTC\n"
        "  --encoding NAME      of the file (GB18030); UTF-8\n"
        "  --cut                cut texts that are longer than what is kept, else they refuse a "
        "row\n"
        "  --by-time            the revision in force at the time of the event, not the one now\n"
        "  --find-addresses     rows without coordinates are looked for by address_string\n"
        "  --dry-run            bind and count, write nothing\n"
        "  --report OUT.csv     what became of every row: line, outcome, event, rule, reason\n"
        "  --json               the summary for machines\n"
        "\n"
        "Exit codes: 0 all rows taken or known, 1 some refused, 2 usage, 3 bad input, 4 the store\n"
        "of events is in use or cannot be written.\n",
    .run = run,
};
