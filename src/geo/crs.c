#include "xiwang/crs.h"

#include <proj.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum crs_kind { KIND_DEGREES, KIND_GCJ02, KIND_BD09, KIND_PROJ } crs_kind;

struct xw_crs {
    crs_kind kind;
    bool projected;
    PJ_CONTEXT *ctx; /* KIND_PROJ only, like to_deg */
    PJ *to_deg;      /* forward: the CRS to longitude, latitude in degrees */
    bool has_area;
    double west, south, east, north; /* of the area of use */
};

static const struct {
    const char *name;
    crs_kind kind;
} own_names[] = {
    {"wgs84", KIND_DEGREES},     {"cgcs2000", KIND_DEGREES},  {"EPSG:4326", KIND_DEGREES},
    {"EPSG:4490", KIND_DEGREES}, {"OGC:CRS84", KIND_DEGREES}, {"CRS84", KIND_DEGREES},
    {"gcj02", KIND_GCJ02},       {"gcj-02", KIND_GCJ02},      {"bd09", KIND_BD09},
    {"bd-09", KIND_BD09},        {"bd09ll", KIND_BD09},
};

static bool is_same(PJ_CONTEXT *ctx, const PJ *a, const PJ *b)
{
    return a && b &&
           proj_is_equivalent_to_with_ctx(ctx, a, b, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS);
}

static bool is_projected(PJ_CONTEXT *ctx, const PJ *crs)
{
    PJ_TYPE type = proj_get_type(crs);
    if (type == PJ_TYPE_BOUND_CRS) {
        PJ *base = proj_get_source_crs(ctx, crs);
        type = base ? proj_get_type(base) : type;
        proj_destroy(base);
    }
    if (type == PJ_TYPE_COMPOUND_CRS) {
        PJ *flat = proj_crs_get_sub_crs(ctx, crs, 0);
        type = flat ? proj_get_type(flat) : type;
        proj_destroy(flat);
    }
    return type == PJ_TYPE_PROJECTED_CRS || type == PJ_TYPE_ENGINEERING_CRS;
}

/* PROJ looks a plain word up as a part of any name it knows; only the whole name counts here. */
static bool is_word(const char *name) { return !strpbrk(name, ":=[{+"); }
static bool is_named(const PJ *crs, const char *name)
{
    const char *full = proj_get_name(crs);
    return full && strcasecmp(full, name) == 0;
}

/* PROJ takes "+proj=…" for an operation unless it is told that a CRS is meant. */
static PJ *create_named(PJ_CONTEXT *ctx, const char *name)
{
    char full[1024];
    if (name[0] != '+' || strstr(name, "type=crs") || strlen(name) > sizeof full - 16) {
        return proj_create(ctx, name);
    }
    (void)snprintf(full, sizeof full, "%s +type=crs", name);
    return proj_create(ctx, full);
}

/* The target is the geographic CRS of the same datum when that is CGCS2000, and WGS 84 for all
 * others, so that the zones of CGCS2000 are a pure projection without a datum step. */
static xw_status open_proj(xw_crs *c, const char *name, xw_error *err)
{
    PJ *src = NULL, *geodetic = NULL, *cgcs = NULL, *wgs = NULL, *raw = NULL;
    xw_status st = XW_OK;
    c->kind = KIND_PROJ;
    c->ctx = proj_context_create();
    if (!c->ctx) return xw_fail(err, XW_NOMEM, "PROJ context");
    proj_context_set_enable_network(c->ctx, 0);
    proj_log_level(c->ctx, PJ_LOG_NONE);
    src = create_named(c->ctx, name);
    if (!src || !proj_is_crs(src) || (is_word(name) && !is_named(src, name))) {
        st = xw_fail(err, XW_INPUT, "coordinate reference system \"%.200s\" is not known", name);
        goto fail;
    }
    cgcs = proj_create(c->ctx, "EPSG:4490");
    wgs = proj_create(c->ctx, "EPSG:4326");
    geodetic = proj_crs_get_geodetic_crs(c->ctx, src);
    c->projected = is_projected(c->ctx, src);
    c->has_area =
        proj_get_area_of_use(c->ctx, src, &c->west, &c->south, &c->east, &c->north, NULL) &&
        c->west > -180.0 && c->west < c->east; /* -1000: not known; across 180: rare */
    if (!c->projected && (is_same(c->ctx, src, cgcs) || is_same(c->ctx, src, wgs))) {
        c->kind = KIND_DEGREES;
        goto fail;
    }
    raw = wgs && cgcs ? proj_create_crs_to_crs_from_pj(
                            c->ctx, src, is_same(c->ctx, geodetic, cgcs) ? cgcs : wgs, NULL, NULL)
                      : NULL;
    c->to_deg = raw ? proj_normalize_for_visualization(c->ctx, raw) : NULL;
    if (!c->to_deg) {
        st = xw_fail(err, XW_INPUT, "no way from \"%.200s\" to longitude and latitude", name);
    }
fail:
    proj_destroy(raw);
    proj_destroy(wgs);
    proj_destroy(cgcs);
    proj_destroy(geodetic);
    proj_destroy(src);
    return st;
}

bool xw_crs_area(const xw_crs *c, double *west, double *south, double *east, double *north)
{
    *west = c->west;
    *south = c->south;
    *east = c->east;
    *north = c->north;
    return c->has_area;
}

xw_status xw_crs_create(const char *name, xw_crs **out, xw_error *err)
{
    *out = NULL;
    xw_crs *c = calloc(1, sizeof *c);
    if (!c) return xw_fail(err, XW_NOMEM, "coordinate reference system");
    xw_status st = XW_OK;
    bool known = false;
    for (size_t i = 0; i < sizeof own_names / sizeof own_names[0] && !known; i++) {
        known = strcasecmp(name, own_names[i].name) == 0;
        if (known) c->kind = own_names[i].kind;
    }
    if (!known) st = open_proj(c, name, err);
    if (st) {
        xw_crs_destroy(c);
        return st;
    }
    *out = c;
    return XW_OK;
}

void xw_crs_destroy(xw_crs *c)
{
    if (!c) return;
    proj_destroy(c->to_deg);
    proj_context_destroy(c->ctx);
    free(c);
}

static xw_status fail_at(double x, double y, xw_error *err)
{
    return xw_fail(err, XW_INPUT, "coordinates %.9g %.9g have no longitude and latitude", x, y);
}

static bool is_deg(double lon, double lat)
{
    return fabs(lon) <= 180.0 && fabs(lat) <= 90.0; /* false for NaN */
}

xw_status xw_crs_to_deg(const xw_crs *c, double x, double y, double *lon_deg, double *lat_deg,
                        xw_error *err)
{
    double lon = x, lat = y;
    *lon_deg = *lat_deg = 0.0;
    if (!isfinite(x) || !isfinite(y)) return fail_at(x, y, err);
    if (c->kind == KIND_PROJ) {
        const PJ_COORD p = proj_trans(c->to_deg, PJ_FWD, proj_coord(x, y, 0.0, HUGE_VAL));
        lon = p.xy.x;
        lat = p.xy.y;
        if (!isfinite(lon) || !isfinite(lat)) proj_errno_reset(c->to_deg);
    } else if (!is_deg(x, y)) {
        return fail_at(x, y, err);
    }
    if (c->kind == KIND_BD09) xw_gcj02_from_bd09(lon, lat, &lon, &lat);
    if (c->kind == KIND_BD09 || c->kind == KIND_GCJ02) xw_wgs84_from_gcj02(lon, lat, &lon, &lat);
    if (!is_deg(lon, lat)) return fail_at(x, y, err);
    *lon_deg = lon;
    *lat_deg = lat;
    return XW_OK;
}

xw_status xw_crs_from_deg(const xw_crs *c, double lon_deg, double lat_deg, double *x, double *y,
                          xw_error *err)
{
    double cx = lon_deg, cy = lat_deg;
    *x = *y = 0.0;
    if (!is_deg(lon_deg, lat_deg)) return fail_at(lon_deg, lat_deg, err);
    if (c->kind == KIND_BD09 || c->kind == KIND_GCJ02) xw_gcj02_from_wgs84(cx, cy, &cx, &cy);
    if (c->kind == KIND_BD09) xw_bd09_from_gcj02(cx, cy, &cx, &cy);
    if (c->kind == KIND_PROJ) {
        const PJ_COORD p = proj_trans(c->to_deg, PJ_INV, proj_coord(cx, cy, 0.0, HUGE_VAL));
        cx = p.xy.x;
        cy = p.xy.y;
    }
    if (!isfinite(cx) || !isfinite(cy)) {
        if (c->kind == KIND_PROJ) proj_errno_reset(c->to_deg);
        return xw_fail(err, XW_INPUT, "longitude %.9g latitude %.9g has no image", lon_deg,
                       lat_deg);
    }
    *x = cx;
    *y = cy;
    return XW_OK;
}

xw_status xw_crs_to_lattice(const xw_crs *c, double x, double y, xw_pt *out, xw_error *err)
{
    double lon, lat;
    *out = (xw_pt){0, 0};
    const xw_status st = xw_crs_to_deg(c, x, y, &lon, &lat, err);
    if (st) return st;
    return xw_pt_from_deg(lon, lat, out) ? XW_OK : fail_at(x, y, err);
}

double xw_crs_error_m(const xw_crs *c)
{
    return c->kind == KIND_GCJ02 || c->kind == KIND_BD09 ? 5.0 : 0.0;
}

const char *xw_crs_own_name(const xw_crs *c)
{
    switch (c->kind) {
    case KIND_DEGREES:
        return "wgs84";
    case KIND_GCJ02:
        return "gcj02";
    case KIND_BD09:
        return "bd09";
    default:
        return NULL;
    }
}

bool xw_crs_is_projected(const xw_crs *c) { return c->projected; }
