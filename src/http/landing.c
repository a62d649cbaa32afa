/* The pages that say what there is: landing, conformance, collections, health, metrics. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define JSON "application/json"
enum { PAGE_MAX = 1 << 20 };

static const char openapi_type[] = "application/vnd.oai.openapi+json;version=3.0";

static void landing(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300];
    const char *base = xw__base_url(cx, scratch);
    const char *name = cx->m ? xw_model_text(cx->m, cx->m->name) : "";
    xw_json j = xw__json_body(rs, JSON, PAGE_MAX);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "title", *name ? name : "Xiwang 细网");
    xw_json_kstr(
        &j, "description",
        "Nested grids of households along roads and buildings: features, vector tiles, and "
        "who is responsible where");
    xw_json_key(&j, "links");
    xw_json_open(&j, '[');
    xw__json_link(&j, base, "/?f=json", "self", JSON, "this document");
    xw__json_link(&j, base, "/", "alternate", "text/html", "the map");
    xw__json_link(&j, base, "/openapi.json", "service-desc", openapi_type, "the API definition");
    xw__json_link(&j, base, "/conformance", "conformance", JSON, "conformance classes");
    xw__json_link(&j, base, "/collections", "data", JSON, "the collections");
    xw__json_link(&j, base, "/revisions", "version-history", JSON, "all revisions");
    xw__json_link(&j, base, "/tiles.json", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                  JSON, "vector tiles (TileJSON)");
    xw__json_link(&j, base, "/style.json", "http://www.opengis.net/def/rel/ogc/1.0/styles", JSON,
                  "map style (MapLibre)");
    xw_json_close(&j, ']');
    if (cx->m) xw__revision_json(cx, &j);
    xw_json_close(&j, '}');
}

void xw__get_root(xw__cx *cx, xw_http_response *rs)
{
    const char *f = xw__param_get(cx, "f");
    const char *accept = cx->rq->accept;
    if (f && strcmp(f, "json") != 0 && strcmp(f, "html") != 0) {
        xw__problem(rs, 400, "parameter \"f\" is \"%s\", \"json\" and \"html\" are offered here",
                    f);
        return;
    }
    const int html = f ? strcmp(f, "html") == 0 : xw__accepts(accept, "text/html");
    const int json = f ? !html : xw__accepts(accept, JSON);
    if (!html && !json) {
        xw__problem(rs, 406, "this is offered as text/html and %s, the request accepts \"%s\"",
                    JSON, accept);
        return;
    }
    const xw_http_asset *page = html > json ? xw__asset_find("/index.html") : NULL;
    if (page) {
        xw__asset_send(cx, page, "no-cache", rs);
    } else {
        landing(cx, rs);
    }
}

void xw__get_conformance(xw__cx *cx, xw_http_response *rs)
{
    (void)cx;
    static const char *const classes[] = {
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    };
    xw_json j = xw__json_body(rs, JSON, PAGE_MAX);
    xw_json_open(&j, '{');
    xw_json_key(&j, "conformsTo");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) xw_json_str(&j, classes[i]);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}

/* From the first revision on: what datetime may ask for. */
static void temporal_extent(const xw__cx *cx, xw_json *j)
{
    xw_revision *list;
    size_t n;
    char when[XW_WHEN_TEXT];
    if (xw_timeline_list(cx->app->timeline, &list, &n, NULL)) return;
    xw_when_text(list[0].effective_unix, when);
    free(list);
    xw_json_key(j, "temporal");
    xw_json_open(j, '{');
    xw_json_key(j, "interval");
    xw_json_open(j, '[');
    xw_json_open(j, '[');
    xw_json_str(j, when);
    xw_json_null(j);
    xw_json_close(j, ']');
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}

static void spatial_extent(const xw__cx *cx, xw_json *j)
{
    const xw_box b = cx->pin.box;
    if (xw_box_is_empty(b)) return;
    xw_json_key(j, "spatial");
    xw_json_open(j, '{');
    xw_json_key(j, "bbox");
    xw_json_open(j, '[');
    xw__box_json(j, b);
    xw_json_close(j, ']');
    xw_json_kstr(j, "crs", "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
    xw_json_close(j, '}');
}

static void collection(const xw__cx *cx, const xw__collection *c, const char *base, xw_json *j)
{
    char title[200], path[128];
    xw_json_open(j, '{');
    xw_json_kstr(j, "id", c->id);
    xw_json_kstr(j, "title", xw__collection_title(cx->m, c, title));
    xw_json_kstr(j, "itemType", "feature");
    xw_json_kint(j, "numberOfItems", c->n_rows);
    xw_json_key(j, "extent");
    xw_json_open(j, '{');
    spatial_extent(cx, j);
    temporal_extent(cx, j);
    xw_json_close(j, '}');
    xw_json_key(j, "crs");
    xw_json_open(j, '[');
    xw_json_str(j, "http://www.opengis.net/def/crs/OGC/1.3/CRS84");
    xw_json_close(j, ']');
    xw_json_key(j, "links");
    xw_json_open(j, '[');
    (void)snprintf(path, sizeof path, "/collections/%s", c->id);
    xw__json_link(j, base, path, "self", JSON, NULL);
    (void)snprintf(path, sizeof path, "/collections/%s/items", c->id);
    xw__json_link(j, base, path, "items", XW__TYPE_GEOJSON, c->id);
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}

void xw__get_collections(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300];
    const char *base = xw__base_url(cx, scratch);
    xw__collection all[XW_TABLE_COUNT + XW_LEVELS_MAX];
    const size_t n = xw__collections(cx->m, all);
    xw_json j = xw__json_body(rs, JSON, PAGE_MAX);
    xw_json_open(&j, '{');
    xw_json_key(&j, "links");
    xw_json_open(&j, '[');
    xw__json_link(&j, base, "/collections", "self", JSON, NULL);
    xw_json_close(&j, ']');
    xw_json_key(&j, "collections");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < n; i++) collection(cx, &all[i], base, &j);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}

void xw__get_collection(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300];
    xw__collection c;
    if (!xw__collection_find(cx->m, cx->args[0], &c)) {
        xw__problem(rs, 404, "there is no collection \"%s\", see /collections", cx->args[0]);
        return;
    }
    xw_json j = xw__json_body(rs, JSON, PAGE_MAX);
    collection(cx, &c, xw__base_url(cx, scratch), &j);
}

void xw__get_healthz(xw__cx *cx, xw_http_response *rs)
{
    (void)cx;
    rs->type = "text/plain; charset=utf-8";
    xw_buf_text(&rs->body, "ok\n");
    xw__header(rs, "Cache-Control", "no-store");
}

static void problems_json(const xw__cx *cx, xw_json *j)
{
    xw_buf text;
    xw_buf_init(&text, PAGE_MAX);
    (void)xw_timeline_problems(cx->app->timeline, &text);
    xw_json_key(j, "problems");
    xw_json_open(j, '[');
    for (char *line = text.n > 0 && !text.failed ? text.data : NULL; line && *line;) {
        char *end = strchr(line, '\n');
        if (!end) break;
        *end = '\0';
        xw_json_str(j, line);
        line = end + 1;
    }
    xw_json_close(j, ']');
    xw_buf_finish(&text);
}

/* A server has its newest revision open before it listens; ready it is when one is in force. */
void xw__get_readyz(xw__cx *cx, xw_http_response *rs)
{
    xw_json j = xw__json_body(rs, JSON, PAGE_MAX);
    xw_json_open(&j, '{');
    xw_json_kbool(&j, "ready", cx->m != NULL);
    if (cx->m) xw__revision_json(cx, &j);
    problems_json(cx, &j);
    xw_json_close(&j, '}');
    if (!cx->m) rs->status = 503;
    xw__header(rs, "Cache-Control", "no-store");
}

void xw__get_metrics(xw__cx *cx, xw_http_response *rs)
{
    rs->type = "text/plain; version=0.0.4; charset=utf-8";
    rs->body.ceiling = PAGE_MAX;
    xw__metrics_write(cx, &rs->body);
    xw__header(rs, "Cache-Control", "no-store");
}
