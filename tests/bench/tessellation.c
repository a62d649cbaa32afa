#include "tessellation.h"

#include "xiwang/import.h"
#include "xiwang/outline.h"
#include "xiwang/plots.h"

#include <gdal.h>
#include <geos_c.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Land further than this from a building would be open land: here nothing is. */
static const double no_open_land_m = 5000.0;

typedef struct cell { /* in lattice units */
    char id[32];
    GEOSGeometry *whole;     /* the reference cell as it is */
    GEOSGeometry *shape;     /* the piece of it on its building's side of the streets */
    GEOSGeometry *far;       /* the rest: the building is on the other side */
    GEOSGeometry *footprint; /* NULL: the reference has no such building */
    GEOSGeometry *plot;
} cell;

typedef struct table {
    GEOSContextHandle_t g;
    GDALDatasetH ds;
    OGRCoordinateTransformationH to_deg;
    cell *c;
    size_t n;
    GEOSGeometry *streets;
} table;

static int to_units(double *x, double *y, void *user)
{
    (void)user;
    *x = round(*x * XW_UNITS_PER_DEG);
    *y = round(*y * XW_UNITS_PER_DEG);
    return 1;
}

/* A valid geometry in lattice units, or NULL. */
static GEOSGeometry *geometry_of(const table *t, OGRFeatureH f)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    if (!g || OGR_G_Transform(g, t->to_deg) != OGRERR_NONE) return NULL;
    const size_t size = OGR_G_WkbSizeEx(g);
    unsigned char *wkb = malloc(size);
    if (!wkb) return NULL;
    (void)OGR_G_ExportToWkb(g, wkbNDR, wkb);
    GEOSGeometry *deg = GEOSGeomFromWKB_buf_r(t->g, wkb, size);
    GEOSGeometry *raw = deg ? GEOSGeom_transformXY_r(t->g, deg, to_units, NULL) : NULL;
    GEOSGeometry *out = raw ? GEOSMakeValid_r(t->g, raw) : NULL;
    GEOSGeom_destroy_r(t->g, raw);
    GEOSGeom_destroy_r(t->g, deg);
    free(wkb);
    return out;
}

static void read_id(OGRFeatureH f, char id[32])
{
    const int field = OGR_F_GetFieldIndex(f, "uID");
    (void)snprintf(id, 32, "%.0f", field < 0 ? -1.0 : OGR_F_GetFieldAsDouble(f, field));
}

static cell *cell_of(const table *t, const char *id)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->c[i].id, id) == 0) return &t->c[i];
    }
    return NULL;
}

static OGRLayerH layer_of(const table *t, const char *name, xw_error *err)
{
    OGRLayerH l = GDALDatasetGetLayerByName(t->ds, name);
    if (!l) (void)xw_fail(err, XW_INPUT, "the reference has no layer %s", name);
    return l;
}

static xw_status read_cells(table *t, xw_error *err)
{
    OGRLayerH cells = layer_of(t, "tessellation", err), homes = layer_of(t, "buildings", err);
    if (!cells || !homes) return XW_INPUT;
    t->c = calloc(TESSELLATION_MAX, sizeof *t->c);
    if (!t->c) return xw_fail(err, XW_NOMEM, "reference");
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(cells)); OGR_F_Destroy(f)) {
        if (t->n == TESSELLATION_MAX) return xw_fail(err, XW_LIMIT, "too many reference cells");
        cell *c = &t->c[t->n];
        read_id(f, c->id);
        c->whole = geometry_of(t, f);
        if (c->whole) t->n++;
    }
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(homes)); OGR_F_Destroy(f)) {
        char id[32];
        read_id(f, id);
        cell *c = cell_of(t, id);
        if (c && !c->footprint) c->footprint = geometry_of(t, f);
    }
    return XW_OK;
}

static xw_status read_streets(table *t, xw_error *err)
{
    OGRLayerH l = layer_of(t, "streets", err);
    if (!l) return XW_INPUT;
    t->streets = GEOSGeom_createEmptyCollection_r(t->g, GEOS_MULTILINESTRING);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(l)); OGR_F_Destroy(f)) {
        GEOSGeometry *street = geometry_of(t, f);
        GEOSGeometry *more = street ? GEOSUnion_r(t->g, t->streets, street) : NULL;
        GEOSGeom_destroy_r(t->g, street);
        if (!more) continue;
        GEOSGeom_destroy_r(t->g, t->streets);
        t->streets = more;
    }
    return XW_OK;
}

static double area_of(const table *t, GEOSGeometry *g)
{
    double a = 0.0;
    if (g) (void)GEOSArea_r(t->g, g, &a);
    GEOSGeom_destroy_r(t->g, g);
    return a;
}

/* The pieces into which the streets cut a cell. */
static GEOSGeometry *pieces_of(const table *t, const cell *c)
{
    GEOSGeometry *rim = GEOSBoundary_r(t->g, c->whole);
    GEOSGeometry *lines = rim ? GEOSUnion_r(t->g, rim, t->streets) : NULL;
    const GEOSGeometry *in[1] = {lines};
    GEOSGeometry *pieces = lines ? GEOSPolygonize_r(t->g, in, 1) : NULL;
    GEOSGeom_destroy_r(t->g, lines);
    GEOSGeom_destroy_r(t->g, rim);
    return pieces;
}

/* Cells keep the piece that has most of their building. */
static void cut_cells(table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        cell *c = &t->c[i];
        GEOSGeometry *pieces = c->footprint ? pieces_of(t, c) : NULL;
        const int n = pieces ? GEOSGetNumGeometries_r(t->g, pieces) : 0;
        double most = 0.0;
        int best = -1;
        for (int k = 0; k < n; k++) {
            const GEOSGeometry *piece = GEOSGetGeometryN_r(t->g, pieces, k);
            const double a = area_of(t, GEOSIntersection_r(t->g, piece, c->footprint));
            if (a <= most) continue;
            most = a;
            best = k;
        }
        if (best >= 0) {
            c->shape = GEOSIntersection_r(t->g, c->whole, GEOSGetGeometryN_r(t->g, pieces, best));
            c->far = c->shape ? GEOSDifference_r(t->g, c->whole, c->shape) : NULL;
        }
        GEOSGeom_destroy_r(t->g, pieces);
    }
}

/* --- the plots --- */

static GEOSGeometry *ring_of(const table *t, const xw_pt *p, size_t n)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(t->g, (unsigned)n + 1, 2);
    for (size_t i = 0; s && i <= n; i++) {
        (void)GEOSCoordSeq_setXY_r(t->g, s, (unsigned)i, p[i % n].x, p[i % n].y);
    }
    return s ? GEOSGeom_createLinearRing_r(t->g, s) : NULL;
}

/* Every plot is one polygon: an outer ring and its holes. */
static GEOSGeometry *polygon_of(const table *t, const xw_model *m, const xw_outline *o)
{
    enum { HOLES_MAX = 256 };
    GEOSGeometry *outer = NULL, *hole[HOLES_MAX];
    unsigned n_holes = 0;
    for (size_t r = 0; r < o->n_rings && n_holes < HOLES_MAX; r++) {
        xw_pt *pts = NULL;
        size_t n = 0, cap = 0;
        if (xw_outline_points(m, o, &o->rings[r], &pts, &n, &cap, NULL) == XW_OK) {
            GEOSGeometry *ring = ring_of(t, pts, n);
            if (o->rings[r].hole) {
                hole[n_holes++] = ring;
            } else {
                outer = ring;
            }
        }
        free(pts);
    }
    return outer ? GEOSGeom_createPolygon_r(t->g, outer, hole, n_holes) : NULL;
}

static xw_status trace_plots(table *t, const xw_model *m, xw_error *err)
{
    xw_edge_index ix = {0};
    xw_tracer *tracer = NULL;
    xw_outline o = {0};
    xw_status st = xw_edge_index_create(m, &ix, err);
    if (!st) st = xw_tracer_create(m, &ix, &tracer, err);
    for (uint32_t i = 0; !st && i < m->n_plots; i++) {
        if (m->plots[i].building == XW_NONE) continue;
        const xw_model_building *b = &m->buildings[m->plots[i].building];
        cell *c = cell_of(t, xw_model_text(m, b->source));
        if (!c || c->plot) continue;
        st = xw_tracer_trace(tracer, &i, 1, &o, err);
        if (!st) c->plot = polygon_of(t, m, &o);
    }
    xw_outline_finish(&o);
    xw_tracer_destroy(tracer);
    xw_edge_index_finish(&ix);
    return st;
}

static xw_status build_plots(table *t, const char *path, xw_error *err)
{
    char roads[512], buildings[512];
    (void)snprintf(roads, sizeof roads, "%s:streets", path);
    (void)snprintf(buildings, sizeof buildings, "%s:buildings", path);
    const xw_import_options in = {.roads = roads, .buildings = buildings};
    const xw_plots_options how = {.reach_m = no_open_land_m};
    xw_territory land;
    xw_model m;
    xw_territory_init(&land);
    xw_model_init(&m);
    xw_status st = xw_import(&in, NULL, &land, NULL, err);
    if (!st) st = xw_plots_build(&land, &how, NULL, &m, err);
    if (!st) st = trace_plots(t, &m, err);
    xw_model_finish(&m);
    xw_territory_finish(&land);
    return st;
}

/* --- comparison --- */

/* Area of `of` within the reference cells, or only what they have beyond a street. */
static double within_cells(const table *t, const GEOSGeometry *of, bool only_far)
{
    double sum = 0.0;
    for (size_t i = 0; of && i < t->n; i++) {
        const GEOSGeometry *with = only_far ? t->c[i].far : t->c[i].whole;
        if (with) sum += area_of(t, GEOSIntersection_r(t->g, with, of));
    }
    return sum;
}

static void compare_cell(const table *t, const cell *c, tessellation_cell *out)
{
    GEOSGeometry *more = GEOSDifference_r(t->g, c->plot, c->shape);
    const double both = area_of(t, GEOSIntersection_r(t->g, c->plot, c->shape));
    const double less = area_of(t, GEOSDifference_r(t->g, c->shape, c->plot));
    const double covered = within_cells(t, more, false);
    const double beyond = within_cells(t, more, true);
    GEOSGeom_destroy_r(t->g, more);
    const double differs = less + covered; /* where the reference has land */
    (void)snprintf(out->id, sizeof out->id, "%s", c->id);
    out->iou = both / (both + differs);
    out->beyond = differs > 0.0 ? beyond / differs : 0.0;
    out->less = differs > 0.0 ? less / differs : 0.0;
    out->own_side = both / (both + differs - beyond);
}

static int least_alike_first(const void *a, const void *b)
{
    const tessellation_cell *p = a, *q = b;
    if (p->iou != q->iou) return p->iou < q->iou ? -1 : 1;
    return strcmp(p->id, q->id);
}

static void compare_all(const table *t, tessellation *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (!t->c[i].plot || !t->c[i].shape) {
            out->missing++;
            continue;
        }
        tessellation_cell *c = &out->cell[out->n++];
        compare_cell(t, &t->c[i], c);
        out->mean += c->iou;
        out->mean_own_side += c->own_side;
        out->below += c->iou < 0.95;
        out->below_own_side += c->own_side < 0.95;
    }
    if (out->n == 0) return;
    out->mean /= (double)out->n;
    out->mean_own_side /= (double)out->n;
    qsort(out->cell, out->n, sizeof *out->cell, least_alike_first);
}

static void finish(table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        GEOSGeom_destroy_r(t->g, t->c[i].shape);
        GEOSGeom_destroy_r(t->g, t->c[i].far);
        GEOSGeom_destroy_r(t->g, t->c[i].whole);
        GEOSGeom_destroy_r(t->g, t->c[i].footprint);
        GEOSGeom_destroy_r(t->g, t->c[i].plot);
    }
    GEOSGeom_destroy_r(t->g, t->streets);
    GEOS_finish_r(t->g);
    free(t->c);
    if (t->to_deg) OCTDestroyCoordinateTransformation(t->to_deg);
    if (t->ds) (void)GDALClose(t->ds);
}

static xw_status open_reference(table *t, const char *path, xw_error *err)
{
    GDALAllRegister();
    t->ds = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    if (!t->ds) return xw_fail(err, XW_NOT_FOUND, "%.200s cannot be opened", path);
    OGRLayerH l = layer_of(t, "tessellation", err);
    if (!l) return XW_INPUT;
    OGRSpatialReferenceH deg = OSRNewSpatialReference(NULL);
    (void)OSRImportFromEPSG(deg, 4490);
    OSRSetAxisMappingStrategy(deg, OAMS_TRADITIONAL_GIS_ORDER);
    t->to_deg = OCTNewCoordinateTransformation(OGR_L_GetSpatialRef(l), deg);
    OSRDestroySpatialReference(deg);
    return t->to_deg ? XW_OK : xw_fail(err, XW_INPUT, "%.200s: CRS unknown", path);
}

xw_status tessellation_compare(const char *path, tessellation *out, xw_error *err)
{
    table t = {.g = GEOS_init_r()};
    memset(out, 0, sizeof *out);
    xw_status st = open_reference(&t, path, err);
    if (!st) st = read_cells(&t, err);
    if (!st) st = read_streets(&t, err);
    if (!st) cut_cells(&t);
    if (!st) st = build_plots(&t, path, err);
    if (!st) compare_all(&t, out);
    finish(&t);
    return st;
}
