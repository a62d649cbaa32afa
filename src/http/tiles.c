/* Vector tiles and what describes them. A revision in a tile's path is "current", its number, or
 * its number and digest ("1-3f2a9c0112ab34cd"). A published revision never changes, so what has a
 * number may be kept for ever; /tiles.json says the digest too, which also tells stores apart that
 * were begun anew. */
#include "internal.h"

#include "xiwang/tile.h"

#include <math.h>
#include <string.h>

enum { TILE_MAX = 64 << 20, ZOOM_MIN = 0, ZOOM_MAX = 18 };

const char *xw__tile_cache_control(const xw__cx *cx)
{
    return strcmp(cx->args[0], "current") != 0 ? "public, max-age=31536000, immutable"
                                               : "public, max-age=5, must-revalidate";
}

static bool number(const char *name, const char *text, int64_t hi, uint32_t *out,
                   xw_http_response *rs)
{
    int64_t v;
    if (!xw__parse_int(text, INT64_MIN, INT64_MAX, &v)) {
        xw__problem(rs, 400, "%s of the tile is \"%s\", a whole number is needed", name, text);
        return false;
    }
    if (v < 0 || v > hi) {
        xw__problem(rs, 404, "%s of the tile is %lld, it ends at %lld", name, (long long)v,
                    (long long)hi);
        return false;
    }
    *out = (uint32_t)v;
    return true;
}

void xw__get_tile(xw__cx *cx, xw_http_response *rs)
{
    uint32_t z, x, y;
    xw_error err;
    if (!number("z", cx->args[1], 22, &z, rs)) return;
    const int64_t last = (INT64_C(1) << z) - 1;
    if (!number("x", cx->args[2], last, &x, rs) || !number("y", cx->args[3], last, &y, rs)) return;
    rs->body.ceiling = TILE_MAX;
    if (xw_tile_draw(cx->pin.snapshot, z, x, y, &rs->body, &err)) {
        xw__problem_of(rs, &err);
        return;
    }
    atomic_fetch_add_explicit(&cx->app->tiles_drawn, 1, memory_order_relaxed);
    rs->type = "application/vnd.mapbox-vector-tile";
    if (rs->body.n == 0 && !rs->body.failed) {
        rs->status = 204;
        atomic_fetch_add_explicit(&cx->app->tiles_empty, 1, memory_order_relaxed);
    }
}

/* The zoom at which the territory fills about two tiles. */
static int zoom_to_fit(xw_box b)
{
    const double width = xw_deg(b.max.x) - xw_deg(b.min.x);
    const double height = (xw_deg(b.max.y) - xw_deg(b.min.y)) * 1.5;
    const double span = width > height ? width : height;
    const int z = span > 0 ? (int)floor(log2(720 / span)) : ZOOM_MAX;
    return z < ZOOM_MIN ? ZOOM_MIN : z > ZOOM_MAX ? ZOOM_MAX : z;
}

/* Coarsest first; the map has a layer for each. */
static void levels_json(const xw_model *m, xw_json *j)
{
    xw_json_key(j, "levels");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < m->n_levels; i++) {
        xw_json_open(j, '{');
        xw_json_kstr(j, "key", xw_model_text(m, m->levels[i].key));
        xw_json_kstr(j, "name", xw_model_text(m, m->levels[i].name));
        xw_json_kint(j, "cap", m->levels[i].cap);
        xw_json_close(j, '}');
    }
    xw_json_close(j, ']');
}

void xw__get_tilejson(xw__cx *cx, xw_http_response *rs)
{
    char scratch[300], url[500];
    const xw_box b = cx->pin.box;
    const char *name = xw_model_text(cx->m, cx->m->name);
    (void)snprintf(url, sizeof url, "%s/tiles/%u-%s/{z}/{x}/{y}.mvt", xw__base_url(cx, scratch),
                   cx->m->revision, xw_snapshot_digest(cx->pin.snapshot));
    xw_json j = xw__json_body(rs, "application/json", 1 << 20);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "tilejson", "3.0.0");
    xw_json_kstr(&j, "name", *name ? name : "Xiwang 细网");
    xw_json_kstr(&j, "version", "1.0.0");
    xw_json_kstr(&j, "scheme", "xyz");
    xw_json_key(&j, "tiles");
    xw_json_open(&j, '[');
    xw_json_str(&j, url);
    xw_json_close(&j, ']');
    xw_json_kint(&j, "minzoom", ZOOM_MIN);
    xw_json_kint(&j, "maxzoom", ZOOM_MAX);
    if (!xw_box_is_empty(b)) {
        xw_json_key(&j, "bounds");
        xw__box_json(&j, b);
        xw_json_key(&j, "center");
        xw_json_open(&j, '[');
        xw_json_num(&j, (xw_deg(b.min.x) + xw_deg(b.max.x)) / 2, 7);
        xw_json_num(&j, (xw_deg(b.min.y) + xw_deg(b.max.y)) / 2, 7);
        xw_json_int(&j, zoom_to_fit(b));
        xw_json_close(&j, ']');
    }
    xw_json_key(&j, "vector_layers");
    xw_tile_layers_json(cx->m, &rs->body);
    j.comma = true;
    levels_json(cx->m, &j);
    xw__revision_json(cx, &j);
    xw_json_close(&j, '}');
}

/* The style asks for "/tiles.json"; MapLibre needs whole addresses there. */
void xw__get_style(xw__cx *cx, xw_http_response *rs)
{
    static const char wanted[] = "\"/tiles.json\"";
    char scratch[300];
    const xw_http_asset *a = xw__asset_find("/style.json");
    if (!a) {
        xw__problem(rs, 404, "this server was built without a map style");
        return;
    }
    xw_buf text;
    xw_buf_init(&text, TILE_MAX);
    xw__asset_text(a, &text);
    rs->body.ceiling = TILE_MAX;
    rs->type = "application/json";
    const char *at = text.n > 0 ? text.data : "";
    for (const char *hit; (hit = strstr(at, wanted)) != NULL; at = hit + sizeof wanted - 1) {
        xw_buf_add(&rs->body, at, (size_t)(hit - at));
        xw_buf_fmt(&rs->body, "\"%s/tiles.json\"", xw__base_url(cx, scratch));
    }
    xw_buf_text(&rs->body, at);
    if (text.failed) rs->body.failed = true;
    xw_buf_finish(&text);
}
