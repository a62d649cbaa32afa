/* Any shapes through the importer's door: bytes become geometries (GeoJSON, WKB, or figures on a
 * small grid, where everything touches everything), these become a territory, plots and grids. What
 * is accepted must be a valid model that passes the check. */
#include "import/internal.h"
#include "xiwang/check.h"
#include "xiwang/grids.h"
#include "xiwang/plots.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPES_MAX = 40, PTS_MAX = 400, ROLES = 4 };

typedef struct bytes {
    const uint8_t *at, *end;
    size_t n_pts;
} bytes;

static const xw_import_options options = {.buildings = "input"};

static void must(bool ok)
{
    if (!ok) __builtin_trap();
}

static uint8_t take(bytes *b) { return b->at < b->end ? *b->at++ : 0; }

/* One shape for one role, as the readers of layers do it. */
static xw_status put(xw__import *im, OGRGeometryH g, xw__frame f, unsigned role, uint8_t how,
                     xw_error *err)
{
    const xw__building_facts facts = {.name = "",
                                      .source = "b",
                                      .households = how % 2 ? NAN : how % 32,
                                      .floors = how % 64 > 40 ? 12 : NAN,
                                      .height_m = NAN,
                                      .use = (xw_use)(how % XW_USE_COUNT)};
    const xw_status st = xw__shape_read(&im->shape, g, f, err);
    if (st) return st;
    switch (role % ROLES) {
    case 0:
        return xw__building_add(im, &facts, NULL, err);
    case 1:
        return xw__barriers_add(im, how % XW_CLASS_COUNT, how >> 5, "road", "r", "roads", err);
    case 2:
        return xw__water_add(im, "lake", "w", err);
    default:
        return xw__division_add(im, 7, "", "village", "village", "", "d", err);
    }
}

/* Kind, size, then points: two bytes each on a grid of 256 steps. */
static OGRGeometryH take_figure(bytes *b, unsigned role)
{
    static const double steps[] = {1e-7, 5e-7, 5e-6, 5e-5};
    const uint8_t head = take(b);
    const double step = steps[head >> 6];
    const bool is_line = role % ROLES == 1;
    OGRGeometryH g = OGR_G_CreateGeometry(is_line ? wkbLineString : wkbPolygon);
    OGRGeometryH r = is_line ? g : OGR_G_CreateGeometry(wkbLinearRing);
    for (unsigned i = 0; i < 2 + head % 30u && b->at < b->end && b->n_pts < PTS_MAX; i++) {
        const double x = take(b) * step, y = take(b) * step;
        OGR_G_AddPoint_2D(r, 119.0 + x, 26.0 + y);
        b->n_pts++;
    }
    if (!is_line) {
        OGR_G_CloseRings(r);
        OGR_G_AddGeometryDirectly(g, r);
    }
    return g;
}

static xw_status add_figures(xw__import *im, bytes *b, xw_error *err)
{
    xw_status st = XW_OK;
    for (int i = 0; i < SHAPES_MAX && b->at < b->end && !st; i++) {
        const unsigned role = take(b);
        const uint8_t how = take(b);
        OGRGeometryH g = take_figure(b, role > 250 ? 3 : role % 3);
        st = put(im, g, (xw__frame){NULL, 0.0, false}, role > 250 ? 3 : role % 3, how, err);
        OGR_G_DestroyGeometry(g);
    }
    return st;
}

static OGRGeometryH read_text(const bytes *b, bool json)
{
    OGRGeometryH g = NULL;
    const size_t n = (size_t)(b->end - b->at);
    if (json) {
        char *text = calloc(n + 1, 1);
        must(text != NULL);
        memcpy(text, b->at, n);
        g = OGR_G_CreateGeometryFromJson(text);
        free(text);
    } else if (OGR_G_CreateFromWkb(b->at, NULL, &g, (int)n) != OGRERR_NONE) {
        g = NULL;
    }
    return g;
}

static xw_status add_text(xw__import *im, bytes *b, bool json, xw_error *err)
{
    static xw_crs *zone; /* CGCS2000, 3 degrees, 120 E */
    const unsigned role = take(b);
    const uint8_t how = take(b);
    if (!zone) must(xw_crs_create("EPSG:4549", &zone, NULL) == XW_OK);
    OGRGeometryH g = read_text(b, json);
    const xw__frame f = role > 127 ? (xw__frame){zone, 1.0, false} : (xw__frame){NULL, 0.0, false};
    const xw_status st = g ? put(im, g, f, role, how, err) : XW_OK;
    OGR_G_DestroyGeometry(g);
    return st;
}

/* So that there is always something to build: a house by a road. */
static xw_status add_hamlet(xw__import *im, xw_error *err)
{
    bytes road = {.at = (const uint8_t *)"\xc0\0\0\xff\xff"},
          house = {.at = (const uint8_t *)"\x82"
                                          "AAQAQQAQ"};
    road.end = road.at + 5;
    house.end = house.at + 9;
    OGRGeometryH a = take_figure(&road, 1), b = take_figure(&house, 0);
    xw_status st = put(im, a, (xw__frame){NULL, 0.0, false}, 1, XW_CLASS_PRIMARY, err);
    if (!st) st = put(im, b, (xw__frame){NULL, 0.0, false}, 0, 8, err);
    OGR_G_DestroyGeometry(a);
    OGR_G_DestroyGeometry(b);
    return st;
}

/* Far corners only cost time here: what is wider than half a degree is not planned. */
static bool is_small(const xw_territory *t)
{
    xw_box b = XW_BOX_EMPTY;
    for (size_t i = 0; i < t->n_pts; i++) b = xw_box_grow(b, t->pts[i]);
    return (int64_t)b.max.x - b.min.x < 5000000 && (int64_t)b.max.y - b.min.y < 5000000;
}

static void plan(const xw_territory *t)
{
    xw_model m;
    xw_error err = {XW_OK, ""};
    const xw_grids_config c = xw_grids_default();
    xw_status st = xw_plots_build(t, NULL, NULL, &m, &err);
    must(!st || (err.text[0] && (st == XW_INPUT || st == XW_LIMIT)));
    if (st) return;
    must(xw_grids_make(&m, &c, NULL, &err) == XW_OK);
    must(xw_model_validate(&m, &err) == XW_OK);
    xw_check_report r = {0};
    must(xw_check(&m, NULL, &r, &err) == XW_OK);
    for (size_t i = 0; i < r.n_lines && !r.ok; i++) {
        if (r.lines[i].hard && r.lines[i].value > 0) {
            (void)fprintf(stderr, "%s: %g\n", r.lines[i].key, r.lines[i].value);
        }
    }
    must(r.ok);
    xw_check_report_finish(&r);
    xw_model_finish(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xw_territory t;
    xw_import_counts counts = {0};
    xw_error err = {XW_OK, ""};
    xw__import im = {.o = &options, .t = &t, .counts = &counts, .file = "input"};
    bytes b = {.at = data, .end = data + size};
    const unsigned mode = take(&b) % 4;
    xw_territory_init(&t);
    xw_territory_init(&im.found);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    im.geos = GEOS_init_r();
    xw_status st = add_hamlet(&im, &err);
    if (!st) st = mode < 2 ? add_text(&im, &b, mode == 0, &err) : add_figures(&im, &b, &err);
    if (!st) st = xw__dots_settle(&im, &err);
    if (!st) st = xw__strays_drop(&im, &err);
    if (!st) st = xw__divisions_finish(&im, false, &err);
    if (!st) st = xw__extent_check(&im, &err);
    GEOS_finish_r(im.geos);
    CPLPopErrorHandler();
    must(!st || (err.text[0] && (st == XW_INPUT || st == XW_LIMIT)));
    must(counts.buildings_in == counts.buildings_used + counts.buildings_listed);
    if (!st && is_small(&t)) plan(&t);
    xw__shape_finish(&im.shape);
    xw_territory_finish(&im.found);
    free(im.seen);
    free(im.rank);
    free(im.dots);
    free(im.door);
    xw_territory_finish(&t);
    return 0;
}
