#include "service.h"

#include "support/toy_model.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

xw_http_app *service;
xw_timeline *service_timeline;
const xw_snapshot *service_snapshot;

const char *const every_route[] = {
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/api",
    "/conformance",
    "/collections",
    "/collections/teams",
    "/collections/teams/items",
    "/collections/teams/items/9991010010010010202",
    "/revisions",
    "/tiles.json",
    "/tiles/current/17/108910/55666.mvt",
    "/locate?lon=119.1301&lat=26.1501",
    "/grids/9991010010010010202",
    "/search?q=%E5%92%8C%E5%B9%B3",
    NULL,
};

int service_start(void **state)
{
    (void)state;
    char dir[64], path[80];
    xw_model m;
    xw_error err = {XW_OK, ""};
    (void)snprintf(dir, sizeof dir, "/tmp/xw-http-%ld", (long)getpid());
    if (mkdir(dir, 0700) || !toy_model_make(&m)) return -1;
    (void)snprintf(path, sizeof path, "%s/toy.snapshot", dir);
    xw_status st = xw_snapshot_write(&m, path, NULL, &err);
    xw_snapshot *snapshot = NULL;
    if (!st) st = xw_snapshot_open(path, &snapshot, &err);
    if (!st) st = xw_timeline_of_snapshot(snapshot, &service_timeline, &err);
    if (!st) {
        service_snapshot = snapshot;
        st = xw_http_app_create(service_timeline, NULL, "http://127.0.0.1:80", &service, &err);
    }
    xw_model_finish(&m);
    (void)unlink(path); /* the mapping stays */
    (void)rmdir(dir);
    if (st) print_error("%s\n", err.text);
    return st ? -1 : 0;
}

int service_stop(void **state)
{
    (void)state;
    xw_http_app_destroy(service);
    xw_timeline_close(service_timeline);
    return 0;
}

xw_http_response ask_with(xw_http_request rq)
{
    xw_http_response rs;
    if (rq.now_unix == 0) rq.now_unix = SERVICE_NOW;
    xw_http_handle(service, &rq, &rs);
    return rs;
}

xw_http_response ask(const char *target)
{
    return ask_with((xw_http_request){.method = "GET",
                                      .target = target,
                                      .host = "grid.test:8080",
                                      .accept = "application/json",
                                      .now_unix = 1767225600});
}

json_t *ask_json(const char *target, int status)
{
    xw_http_response rs = ask(target);
    json_error_t e;
    if (rs.status != status) {
        print_error("%s: %d, %.*s\n", target, rs.status, (int)rs.body.n,
                    rs.body.n ? rs.body.data : "");
    }
    assert_int_equal(rs.status, status);
    json_t *doc =
        rs.body.n ? json_loadb(rs.body.data, rs.body.n, JSON_REJECT_DUPLICATES, &e) : NULL;
    if (rs.body.n && !doc) print_error("%s: %s\n%s\n", target, e.text, rs.body.data);
    assert_true(rs.body.n == 0 || doc);
    xw_http_response_finish(&rs);
    return doc;
}

const char *path_of(const char *href)
{
    const char *base = "http://grid.test:8080";
    assert_int_equal(strncmp(href, base, strlen(base)), 0);
    return href + strlen(base);
}

const char *link_of(const json_t *doc, const char *rel)
{
    const json_t *links = json_object_get(doc, "links");
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *l = json_array_get(links, i);
        if (strcmp(json_string_value(json_object_get(l, "rel")), rel) == 0) {
            return json_string_value(json_object_get(l, "href"));
        }
    }
    return NULL;
}
