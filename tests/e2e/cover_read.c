#include "cover_oracle.h"

#include <gdal.h>
#include <math.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double units_per_deg = 1e7;

void die(const char *what, const char *which)
{
    (void)fprintf(stderr, "cover_oracle: %s: %s\n", which, what);
    exit(2);
}

/* --- lattice --- */

typedef struct scaling {
    const reader *r;
    bool round, off;
} scaling;

static int to_units(double *x, double *y, void *user)
{
    scaling *s = user;
    const double u = *x * units_per_deg, v = *y * units_per_deg;
    if (fabs(u - round(u)) > 1e-3 || fabs(v - round(v)) > 1e-3) s->off = true;
    *x = round(u) - s->r->x0;
    *y = round(v) - s->r->y0;
    return 1;
}

static void set_origin(reader *r, OGRLayerH from)
{
    OGREnvelope box;
    if (r->has_origin || OGR_L_GetExtent(from, &box, 1)) return;
    r->x0 = round(box.MinX * units_per_deg);
    r->y0 = round(box.MinY * units_per_deg);
    r->has_origin = true;
}

static wide ring_area2(GEOSContextHandle_t g, const GEOSGeometry *ring)
{
    const GEOSCoordSequence *s = GEOSGeom_getCoordSeq_r(g, ring);
    unsigned n = 0;
    wide sum = 0;
    (void)GEOSCoordSeq_getSize_r(g, s, &n);
    for (unsigned i = 0; i + 1 < n; i++) {
        double ax, ay, bx, by;
        (void)GEOSCoordSeq_getXY_r(g, s, i, &ax, &ay);
        (void)GEOSCoordSeq_getXY_r(g, s, i + 1, &bx, &by);
        sum += (wide)llround(ax) * llround(by) - (wide)llround(ay) * llround(bx);
    }
    return sum < 0 ? -sum : sum;
}

wide area2_of(GEOSContextHandle_t g, const GEOSGeometry *shape)
{
    wide sum = 0;
    const int n = GEOSGetNumGeometries_r(g, shape);
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *p = GEOSGetGeometryN_r(g, shape, i);
        if (GEOSGeomTypeId_r(g, p) != GEOS_POLYGON || GEOSisEmpty_r(g, p)) continue;
        sum += ring_area2(g, GEOSGetExteriorRing_r(g, p));
        for (int k = 0; k < GEOSGetNumInteriorRings_r(g, p); k++) {
            sum -= ring_area2(g, GEOSGetInteriorRingN_r(g, p, k));
        }
    }
    return sum;
}

GEOSGeometry *union_of(GEOSContextHandle_t g, const GEOSGeometry *const *shapes, size_t n)
{
    if (n == 0) return NULL;
    GEOSGeometry **copies = calloc(n, sizeof(GEOSGeometry *));
    if (!copies) die("out of memory", "union");
    for (size_t i = 0; i < n; i++) copies[i] = GEOSGeom_clone_r(g, shapes[i]);
    GEOSGeometry *all =
        GEOSGeom_createCollection_r(g, GEOS_GEOMETRYCOLLECTION, copies, (unsigned)n);
    GEOSGeometry *u = all ? GEOSUnaryUnion_r(g, all) : NULL;
    if (!u) die("GEOS cannot unite the polygons", "union");
    GEOSGeom_destroy_r(g, all);
    free(copies);
    return u;
}

typedef struct reach {
    GEOSContextHandle_t g;
    const GEOSPreparedGeometry *to;
    double most, x, y; /* and where */
} reach;

static int measure_vertex(double *x, double *y, void *user)
{
    reach *r = user;
    double d = 0.0;
    GEOSGeometry *p = GEOSGeom_createPointFromXY_r(r->g, *x, *y);
    if (p && GEOSPreparedDistance_r(r->g, r->to, p, &d) && d > r->most) {
        *r = (reach){r->g, r->to, d, *x, *y};
    }
    GEOSGeom_destroy_r(r->g, p);
    return 1;
}

double farthest_vertex(const reader *rd, const GEOSGeometry *from, const GEOSGeometry *to,
                       piece *where)
{
    GEOSContextHandle_t g = rd->g;
    if (GEOSisEmpty_r(g, from)) return 0.0;
    if (GEOSisEmpty_r(g, to)) return INFINITY;
    reach r = {g, GEOSPrepare_r(g, to), 0.0, 0.0, 0.0};
    GEOSGeom_destroy_r(g, GEOSGeom_transformXY_r(g, from, measure_vertex, &r));
    GEOSPreparedGeom_destroy_r(g, r.to);
    where->lon = (r.x + rd->x0) / units_per_deg;
    where->lat = (r.y + rd->y0) / units_per_deg;
    return r.most;
}

/* --- layers --- */

static OGRLayerH open_layer(const char *path, const char *name, bool update, GDALDatasetH *ds)
{
    static const char *const drivers[] = {"GPKG", NULL};
    GDALAllRegister();
    *ds = GDALOpenEx(path, GDAL_OF_VECTOR | (update ? GDAL_OF_UPDATE : 0), update ? drivers : NULL,
                     NULL, NULL);
    if (!*ds) die("cannot be opened", path);
    OGRLayerH l = name ? GDALDatasetGetLayerByName(*ds, name) : GDALDatasetGetLayer(*ds, 0);
    if (!l) die("has no such layer", name ? name : path);
    return l;
}

static GEOSGeometry *geometry_of(const reader *r, OGRFeatureH f, bool round, bool *off)
{
    OGRGeometryH geometry = OGR_F_GetGeometryRef(f);
    if (!geometry) return GEOSGeom_createEmptyPolygon_r(r->g);
    OGR_G_FlattenTo2D(geometry);
    const size_t size = OGR_G_WkbSizeEx(geometry);
    unsigned char *wkb = malloc(size);
    if (!wkb) die("out of memory", "geometry");
    (void)OGR_G_ExportToWkb(geometry, wkbNDR, wkb);
    GEOSGeometry *raw = GEOSGeomFromWKB_buf_r(r->g, wkb, size);
    free(wkb);
    scaling s = {r, round, false};
    GEOSGeometry *out = raw ? GEOSGeom_transformXY_r(r->g, raw, to_units, &s) : NULL;
    GEOSGeom_destroy_r(r->g, raw);
    *off = s.off && !round;
    return out ? out : GEOSGeom_createEmptyPolygon_r(r->g);
}

static void copy_column(OGRFeatureH f, const char *column, char out[64])
{
    if (strcmp(column, "fid") == 0) {
        (void)snprintf(out, 64, "%lld", (long long)OGR_F_GetFID(f));
        return;
    }
    if (strcmp(column, "osm") == 0) {
        const int way = OGR_F_GetFieldIndex(f, "osm_way_id"),
                  any = OGR_F_GetFieldIndex(f, "osm_id");
        const bool is_way = way >= 0 && OGR_F_IsFieldSetAndNotNull(f, way);
        (void)snprintf(out, 64, "%s/%.40s", is_way ? "way" : "relation",
                       OGR_F_GetFieldAsString(f, is_way ? way : any));
        return;
    }
    const int field = OGR_F_GetFieldIndex(f, column);
    if (field < 0) die("there is no such column", column);
    (void)snprintf(out, 64, "%.60s", OGR_F_GetFieldAsString(f, field));
}

static void read_piece(const reader *r, OGRFeatureH f, bool round, piece *p)
{
    p->shape = geometry_of(r, f, round, &p->off_lattice);
    p->area2 = area2_of(r->g, p->shape);
    p->pieces = GEOSisEmpty_r(r->g, p->shape) ? 0 : GEOSGetNumGeometries_r(r->g, p->shape);
    double x = 0.0, y = 0.0;
    if (p->pieces) {
        (void)GEOSGeom_getXMin_r(r->g, p->shape, &x);
        (void)GEOSGeom_getYMin_r(r->g, p->shape, &y);
    }
    p->lon = (x + r->x0) / units_per_deg;
    p->lat = (y + r->y0) / units_per_deg;
}

layer read_layer(reader *r, const char *path, const char *name, const char *id, const char *group,
                 const char *where, bool round)
{
    GDALDatasetH ds;
    size_t cap = 0;
    layer out = {NULL, 0};
    OGRLayerH l = open_layer(path, name, false, &ds);
    if (where && OGR_L_SetAttributeFilter(l, where)) die("no such filter", where);
    set_origin(r, l);
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(l)); OGR_F_Destroy(f)) {
        if (out.n == cap) {
            cap = cap ? 2 * cap : 1024;
            piece *more = realloc(out.p, cap * sizeof *more);
            if (!more) die("out of memory", path);
            out.p = more;
        }
        piece *p = &out.p[out.n++];
        memset(p, 0, sizeof *p);
        copy_column(f, id, p->id);
        if (group) copy_column(f, group, p->group);
        read_piece(r, f, round, p);
    }
    (void)GDALClose(ds);
    return out;
}

void finish_layer(reader *r, layer *l)
{
    for (size_t i = 0; i < l->n; i++) GEOSGeom_destroy_r(r->g, l->p[i].shape);
    free(l->p);
    *l = (layer){NULL, 0};
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const piece *)a)->id, ((const piece *)b)->id);
}

static int by_group(const void *a, const void *b)
{
    const int c = strcmp(((const piece *)a)->group, ((const piece *)b)->group);
    return c ? c : by_id(a, b);
}

void sort_by_id(layer *l)
{
    if (l->n) qsort(l->p, l->n, sizeof *l->p, by_id);
}

void sort_by_group(layer *l)
{
    if (l->n) qsort(l->p, l->n, sizeof *l->p, by_group);
}

static int id_is(const void *id, const void *p) { return strcmp(id, ((const piece *)p)->id); }

piece *find_piece(const layer *l, const char *id)
{
    return l->n ? bsearch(id, l->p, l->n, sizeof *l->p, id_is) : NULL;
}

/* --- spoiling --- */

/* Ring 0 of the first polygon. */
static OGRGeometryH outer_ring(OGRFeatureH f)
{
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    if (g && OGR_GT_Flatten(OGR_G_GetGeometryType(g)) == wkbMultiPolygon) {
        g = OGR_G_GetGeometryRef(g, 0);
    }
    return g ? OGR_G_GetGeometryRef(g, 0) : NULL;
}

static void shift_vertices(OGRGeometryH ring, int first, int last, double by)
{
    for (int i = first; i <= last; i++) {
        OGR_G_SetPoint_2D(ring, i, OGR_G_GetX(ring, i) + by, OGR_G_GetY(ring, i));
    }
}

void spoil_store(const char *path, const char *how)
{
    GDALDatasetH ds;
    OGRLayerH l = open_layer(path, strcmp(how, "building") == 0 ? "buildings" : "plots", true, &ds);
    /* A plot of a building in the middle of the table: it has neighbours. */
    (void)OGR_L_SetAttributeFilter(l, "households > 0");
    (void)OGR_L_SetNextByIndex(l, OGR_L_GetFeatureCount(l, 1) / 2);
    OGRFeatureH f = OGR_L_GetNextFeature(l);
    OGRGeometryH ring = f ? outer_ring(f) : NULL;
    if (!ring) die("has nothing to spoil", path);
    const int n = OGR_G_GetPointCount(ring);
    bool ok;
    if (strcmp(how, "drop") == 0) {
        ok = OGR_L_DeleteFeature(l, OGR_F_GetFID(f)) == OGRERR_NONE;
    } else if (strcmp(how, "vertex") == 0) { /* by one lattice unit */
        shift_vertices(ring, 1, 1, 1.0 / units_per_deg);
        ok = OGR_L_SetFeature(l, f) == OGRERR_NONE;
    } else { /* "plot", "building": all of it, by some metres */
        shift_vertices(ring, 0, n - 1, 500.0 / units_per_deg);
        ok = OGR_L_SetFeature(l, f) == OGRERR_NONE;
    }
    OGR_F_Destroy(f);
    (void)GDALClose(ds);
    if (!ok) die("cannot be edited", path);
}
