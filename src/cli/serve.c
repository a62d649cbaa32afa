/* xiwang serve: the map, features, tiles and lookups of a store over HTTP. */
#include "commands.h"

#include "xiwang/http.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef struct options {
    const char *store, *listen, *public_url, *events;
    const char *nets[XW_NETS_MAX];
    size_t n_nets;
    uint32_t events_keep, coordinates_keep; /* days */
    unsigned threads;
    bool log;
} options;

static int read_options(int argc, char **argv, options *o)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {"public-url", required_argument, NULL, 'u'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"log", no_argument, NULL, 'g'},
                                          {"net", required_argument, NULL, 'n'},
                                          {"events", required_argument, NULL, 'e'},
                                          {"events-keep", required_argument, NULL, 'k'},
                                          {"coordinates-keep", required_argument, NULL, 'c'},
                                          {NULL, 0, NULL, 0}};
    long long n;
    opterr = 0;
    for (int opt; (opt = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (opt) {
        case 'l':
            o->listen = optarg;
            break;
        case 'u':
            o->public_url = optarg;
            break;
        case 't':
            if (!xw_cli_int(optarg, 1, 256, &n)) {
                return xw_cli_usage("serve", "--threads \"%s\" is no number from 1 to 256", optarg);
            }
            o->threads = (unsigned)n;
            break;
        case 'e':
            o->events = optarg;
            break;
        case 'k':
        case 'c':
            if (!xw_cli_int(optarg, 1, 36500, &n)) {
                return xw_cli_usage("serve", "--%s \"%s\" is no number of days from 1 to 36500",
                                    opt == 'k' ? "events-keep" : "coordinates-keep", optarg);
            }
            *(opt == 'k' ? &o->events_keep : &o->coordinates_keep) = (uint32_t)n;
            break;
        case 'n':
            if (o->n_nets == XW_NETS_MAX) {
                return xw_cli_usage("serve", "more than %d --net", XW_NETS_MAX);
            }
            o->nets[o->n_nets++] = optarg;
            break;
        case 'g':
            o->log = true;
            break;
        default:
            return xw_cli_usage("serve", "option \"%s\" is unknown or lacks its value",
                                argv[optind - 1]);
        }
    }
    if (optind == argc) return xw_cli_usage("serve", "which store");
    o->store = argv[optind];
    if (optind + 1 < argc) return xw_cli_usage("serve", "unexpected \"%s\"", argv[optind + 1]);
    return 0;
}

static void tell(void *user, const char *line)
{
    (void)user;
    (void)fprintf(stderr, "xiwang serve: %s\n", line);
}

/* Serves until Ctrl-C or SIGTERM. The signals are blocked before the server's threads begin, so
 * they reach this thread only, and only while it waits for them: none can fall in between. */
static xw_status serve(const xw_cli *cli, const options *o, xw_timeline *t, xw_nets *nets,
                       xw_http_app *app, int fd, const char *url, xw_error *err)
{
    sigset_t stops, before;
    xw_http_server *server;
    const xw_http_listen how = {.threads = o->threads, .log = o->log ? stderr : NULL};
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &stops, &before);
    xw_timeline_watch *watch = NULL;
    xw_status st = xw_timeline_watch_start(t, tell, NULL, &watch, err);
    if (!st && nets) st = xw_nets_watch(nets, tell, NULL, err);
    if (st) {
        (void)close(fd);
    } else {
        st = xw_http_server_start(app, fd, &how, &server, err);
    }
    if (!st) {
        (void)printf("%s/\n", url);
        (void)fflush(stdout);
        while (!*cli->job.cancel) (void)sigsuspend(&before);
        xw_http_server_stop(server);
    }
    xw_timeline_watch_stop(watch);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return st;
}

/* So that the index is there when somebody asks: the first question begins it. */
static void prepare_addresses(xw_timeline *t, xw_addresses *addresses)
{
    xw_pin pin;
    xw_address_index *ix;
    if (xw_timeline_pin_newest(t, &pin, NULL)) return;
    if (xw_addresses_acquire(addresses, &pin, &ix, NULL) == XW_OK) {
        xw_addresses_release(addresses, ix);
    }
    xw_pin_release(&pin);
}

static int run(xw_cli *cli, int argc, char **argv)
{
    options o = {.listen = "127.0.0.1:8080", .threads = cli->job.threads};
    const int usage = read_options(argc, argv, &o);
    if (usage) return usage;

    xw_error err = {XW_OK, ""};
    xw_timeline *timeline = NULL;
    xw_http_app *app = NULL;
    xw_events *events = NULL;
    xw_addresses *addresses = NULL;
    xw_nets *nets = NULL;
    const xw_events_options keep = {.keep_days = o.events_keep,
                                    .coordinates_keep_days = o.coordinates_keep};
    int fd;
    unsigned port;
    char url[128];
    /* the port first: it fails at once, a large store takes its time */
    xw_status st = xw_http_bind(o.listen, &fd, &port, url, &err);
    if (st) return xw_cli_fail("serve", &err);
    st = xw_timeline_open(o.store, &cli->job, &timeline, &err);
    if (!st) st = xw_http_app_create(timeline, o.public_url, url, &app, &err);
    if (!st && o.events) st = xw_events_open(o.events, &keep, &events, &err);
    if (!st && o.n_nets > 0) {
        st = xw_nets_open(timeline, o.nets, o.n_nets, &cli->job, &nets, &err);
    }
    if (!st) st = xw_addresses_create(timeline, o.store, true, NULL, &addresses, &err);
    if (st) {
        (void)close(fd);
    } else {
        xw_http_app_set_events(app, events);
        xw_http_app_set_addresses(app, addresses);
        xw_http_app_set_nets(app, nets);
        prepare_addresses(timeline, addresses);
        st = serve(cli, &o, timeline, nets, app, fd, url, &err);
    }
    xw_http_app_destroy(app);
    xw_addresses_destroy(addresses);
    xw_nets_close(nets);
    xw_events_close(events);
    xw_timeline_close(timeline);
    return st ? xw_cli_fail("serve", &err) : 0;
}

const xw_command xw__cmd_serve = {
    .name = "serve",
    .summary = "serve the map, features, tiles and lookups over HTTP",
    .help =
        "usage: xiwang serve STORE [--listen 127.0.0.1:8080] [--public-url URL] [--threads N] "
        "[--log]\n"
        "       [--net STORE]... [--events FILE [--events-keep DAYS] [--coordinates-keep DAYS]]\n"
        "\n"
        "Serves the revision in force of a store: the map page, OGC API Features, vector tiles,\n"
        "/locate, /search, /grids/CODE and /openapi.json, which lists them all. Past and "
        "scheduled\n"
        "revisions (STORE.history) answer by time and by number, see /revisions. A newly "
        "published\n"
        "store is served within two seconds; one that is damaged is told and the old one stays.\n"
        "Prints one line, the address, when it is ready. Ctrl-C or SIGTERM ends it.\n"
        "\n"
        "  --listen HOST:PORT  where to listen; port 0 is any free port; [::1]:8080 for IPv6\n"
        "  --public-url URL    base of all links when a proxy stands in front\n"
        "  --threads N         threads that answer (default: one for each core)\n"
        "  --net STORE         a store of another net over the same land: /locate answers by all "
        "of "
        "them,\n"
        "                      ?net=KEY picks one\n"
        "  --events FILE       take events in under /events and keep them in this file (SQLite), "
        "made\n"
        "                      when it is not there; STORE.events.db is a good name\n"
        "  --events-keep DAYS  events older than this are deleted (default: never)\n"
        "  --coordinates-keep DAYS  raw coordinates of events older than this are deleted, the "
        "grids\n"
        "                      they were bound to stay (default: never)\n"
        "  --log               one line for each request on standard error\n"
        "\n"
        "Exit codes: 0 ended, 2 usage, 3 the store cannot be read, 4 the port is taken.\n",
    .run = run,
};
