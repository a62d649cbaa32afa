/* The sample as one GeoPackage. GDAL reports some failures only through its error handler or when
 * the file is closed, so all of them are collected there and asked for at the end. */
#include "xiwang/file.h"
#include "xiwang/sample.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct writer {
    const xw_territory *t;
    const xw_job *job;
    const char *path;
    GDALDatasetH ds;
    OGRLayerH layer;
    OGRFeatureH feature; /* reused */
    xw_error *err;
    xw_status st;
    char gdal[300]; /* the first failure GDAL told of */
} writer;

static void CPL_STDCALL on_error(CPLErr level, CPLErrorNum number, const char *text)
{
    writer *w = CPLGetErrorHandlerUserData();
    (void)number;
    if (level < CE_Failure || w->gdal[0]) return;
    (void)snprintf(w->gdal, sizeof w->gdal, "%s", text);
    for (char *c = w->gdal; *c; c++) {
        if (*c == '\n') *c = ' ';
    }
}

static void fail_io(writer *w)
{
    if (w->st) return;
    w->st = xw_fail(w->err, XW_IO, "%s: %s", w->path, w->gdal[0] ? w->gdal : "cannot be written");
}

typedef struct column {
    const char *name;
    OGRFieldType type;
} column;

static void start_layer(writer *w, const char *name, OGRwkbGeometryType type, const column *cols,
                        size_t n)
{
    if (w->st) return;
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    if (OSRImportFromEPSG(crs, 4490) == OGRERR_NONE) {
        w->layer = GDALDatasetCreateLayer(w->ds, name, crs, type, NULL);
    }
    OSRDestroySpatialReference(crs);
    if (!w->layer) {
        fail_io(w);
        return;
    }
    for (size_t k = 0; k < n && !w->st; k++) {
        OGRFieldDefnH f = OGR_Fld_Create(cols[k].name, cols[k].type);
        if (OGR_L_CreateField(w->layer, f, TRUE) != OGRERR_NONE) fail_io(w);
        OGR_Fld_Destroy(f);
    }
    w->feature = OGR_F_Create(OGR_L_GetLayerDefn(w->layer));
}

static void end_layer(writer *w)
{
    OGR_F_Destroy(w->feature);
    w->feature = NULL;
    w->layer = NULL;
}

static void text(writer *w, int field, xw_text value)
{
    if (value) {
        OGR_F_SetFieldString(w->feature, field, xw_territory_text(w->t, value));
    } else {
        OGR_F_SetFieldNull(w->feature, field);
    }
}

static void put(writer *w, OGRGeometryH g)
{
    if (w->st) {
        OGR_G_DestroyGeometry(g);
        return;
    }
    (void)OGR_F_SetFID(w->feature, OGRNullFID);
    if (OGR_F_SetGeometryDirectly(w->feature, g) != OGRERR_NONE ||
        OGR_L_CreateFeature(w->layer, w->feature) != OGRERR_NONE || w->gdal[0]) {
        fail_io(w);
    }
}

static void step(writer *w, const char *stage, size_t done, size_t total)
{
    if (!w->st && done % 1024 == 0) w->st = xw_job_step(w->job, stage, done, total, w->err);
}

static OGRGeometryH line_of(const xw_territory *t, uint32_t first, uint32_t n)
{
    OGRGeometryH g = OGR_G_CreateGeometry(wkbLineString);
    OGR_G_SetPointCount(g, (int)n);
    for (uint32_t k = 0; k < n; k++) {
        OGR_G_SetPoint_2D(g, (int)k, xw_deg(t->pts[first + k].x), xw_deg(t->pts[first + k].y));
    }
    return g;
}

static OGRGeometryH ring_of(const xw_territory *t, uint32_t ring)
{
    const xw_span s = t->rings[ring];
    OGRGeometryH g = OGR_G_CreateGeometry(wkbLinearRing);
    OGR_G_SetPointCount(g, (int)s.n + 1);
    for (uint32_t k = 0; k <= s.n; k++) {
        const xw_pt p = t->pts[s.first + k % s.n];
        OGR_G_SetPoint_2D(g, (int)k, xw_deg(p.x), xw_deg(p.y));
    }
    return g;
}

/* One polygon, or several when the area has more than one outer ring. Each hole of the sample's
 * areas lies in the outer ring that owns its first vertex. */
static OGRGeometryH area_of(const xw_territory *t, xw_area a, bool multi)
{
    OGRGeometryH all = multi ? OGR_G_CreateGeometry(wkbMultiPolygon) : NULL;
    for (uint32_t o = 0; o < a.n_rings; o++) {
        const xw_ring outer = xw_territory_ring(t, a.first_ring + o);
        if (xw_ring_area2(outer) < 0) continue;
        OGRGeometryH g = OGR_G_CreateGeometry(wkbPolygon);
        (void)OGR_G_AddGeometryDirectly(g, ring_of(t, a.first_ring + o));
        for (uint32_t h = 0; h < a.n_rings; h++) {
            const xw_ring hole = xw_territory_ring(t, a.first_ring + h);
            if (xw_ring_area2(hole) >= 0) continue;
            uint32_t k = 0;
            while (k + 1 < hole.n && xw_ring_touches(outer, hole.pts[k])) k++;
            if (xw_ring_owns(outer, hole.pts[k])) {
                (void)OGR_G_AddGeometryDirectly(g, ring_of(t, a.first_ring + h));
            }
        }
        if (!multi) return g;
        (void)OGR_G_AddGeometryDirectly(all, g);
    }
    return all;
}

static void write_lines(writer *w, bool rail)
{
    static const column roads[] = {
        {"name", OFTString}, {"class", OFTString}, {"bridge", OFTString}, {"tunnel", OFTString}};
    static const column rails[] = {
        {"name", OFTString}, {"class", OFTString}, {"bridge", OFTString}};
    start_layer(w, rail ? "rail" : "roads", wkbLineString, rail ? rails : roads, rail ? 3 : 4);
    for (size_t i = 0; i < w->t->n_barriers && !w->st; i++) {
        const xw_barrier *b = w->t->barriers + i;
        step(w, "write roads", i, w->t->n_barriers);
        const bool water = b->cls == XW_CLASS_RIVER || b->cls == XW_CLASS_STREAM;
        if (water || (b->cls == XW_CLASS_RAIL) != rail) continue;
        text(w, 0, b->name);
        OGR_F_SetFieldString(w->feature, 1, xw_class_get(b->cls)->code);
        OGR_F_SetFieldString(w->feature, 2, b->flags & XW_BARRIER_BRIDGE ? "yes" : "no");
        if (!rail) OGR_F_SetFieldString(w->feature, 3, b->flags & XW_BARRIER_TUNNEL ? "yes" : "no");
        put(w, line_of(w->t, b->first, b->n));
    }
    end_layer(w);
}

static void write_water(writer *w)
{
    static const column cols[] = {{"name", OFTString}, {"class", OFTString}};
    start_layer(w, "water", wkbUnknown, cols, 2);
    for (size_t i = 0; i < w->t->n_waters && !w->st; i++) {
        text(w, 0, w->t->waters[i].name);
        OGR_F_SetFieldString(w->feature, 1, "river");
        put(w, area_of(w->t, w->t->waters[i].area, false));
    }
    for (size_t i = 0; i < w->t->n_barriers && !w->st; i++) {
        const xw_barrier *b = w->t->barriers + i;
        if (b->cls != XW_CLASS_RIVER && b->cls != XW_CLASS_STREAM) continue;
        text(w, 0, b->name);
        OGR_F_SetFieldString(w->feature, 1, xw_class_get(b->cls)->code);
        put(w, line_of(w->t, b->first, b->n));
    }
    end_layer(w);
}

/* What kind of building, in the words of building=*. */
static const char *use_word(const xw_territory *t, const xw_building *b)
{
    const char *name = xw_territory_text(t, b->name);
    switch (b->use) {
    case XW_USE_FLATS:
        return "apartments";
    case XW_USE_OUTBUILDING:
        return "shed";
    case XW_USE_WORK:
        return strstr(name, "厂") ? "industrial" : "retail";
    case XW_USE_PUBLIC:
        return strstr(name, "学") ? "school" : "public";
    default:
        return "house";
    }
}

static void write_buildings(writer *w)
{
    static const column cols[] = {{"building_id", OFTString}, {"name", OFTString},
                                  {"households", OFTInteger}, {"floors", OFTInteger},
                                  {"height", OFTReal},        {"use", OFTString},
                                  {"addr_street", OFTString}, {"addr_number", OFTString}};
    const xw_territory *t = w->t;
    size_t a = 0; /* addresses come in the order of their buildings */
    start_layer(w, "buildings", wkbPolygon, cols, sizeof cols / sizeof cols[0]);
    for (size_t i = 0; i < t->n_buildings && !w->st; i++) {
        const xw_building *b = t->buildings + i;
        step(w, "write buildings", i, t->n_buildings);
        while (a < t->n_addresses && t->addresses[a].building < i) a++;
        const bool has = a < t->n_addresses && t->addresses[a].building == i;
        text(w, 0, b->source);
        text(w, 1, b->name);
        OGR_F_SetFieldInteger(w->feature, 2, b->households);
        OGR_F_SetFieldInteger(w->feature, 3, b->floors);
        OGR_F_SetFieldDouble(w->feature, 4, round((double)b->height_m * 10.0) / 10.0);
        OGR_F_SetFieldString(w->feature, 5, use_word(t, b));
        text(w, 6, has ? t->addresses[a].street : 0);
        text(w, 7, has ? t->addresses[a].number : 0);
        put(w, area_of(t, b->area, false));
    }
    end_layer(w);
}

static void write_divisions(writer *w)
{
    static const column cols[] = {
        {"code", OFTString}, {"name", OFTString}, {"level", OFTString}, {"parent_code", OFTString}};
    start_layer(w, "divisions", wkbMultiPolygon, cols, 4);
    for (size_t i = 0; i < w->t->n_divisions && !w->st; i++) {
        const xw_division *d = w->t->divisions + i;
        text(w, 0, d->code);
        text(w, 1, d->name);
        text(w, 2, d->level);
        text(w, 3, d->parent_code);
        put(w, area_of(w->t, d->area, true));
    }
    end_layer(w);
}

static void write_addresses(writer *w)
{
    static const column cols[] = {{"text", OFTString},
                                  {"street", OFTString},
                                  {"number", OFTString},
                                  {"building_id", OFTString}};
    const xw_territory *t = w->t;
    start_layer(w, "addresses", wkbPoint, cols, 4);
    for (size_t i = 0; i < t->n_addresses && !w->st; i++) {
        const xw_address *a = t->addresses + i;
        step(w, "write addresses", i, t->n_addresses);
        text(w, 0, a->text);
        text(w, 1, a->street);
        text(w, 2, a->number);
        text(w, 3, a->building == XW_NONE ? 0 : t->buildings[a->building].source);
        OGRGeometryH g = OGR_G_CreateGeometry(wkbPoint);
        OGR_G_SetPoint_2D(g, 0, xw_deg(a->at.x), xw_deg(a->at.y));
        put(w, g);
    }
    end_layer(w);
}

/* Schools and factories may be grids of their own: their buildings, as areas. */
static void write_exclusive(writer *w)
{
    static const column cols[] = {{"code", OFTString}, {"name", OFTString}, {"kind", OFTString}};
    start_layer(w, "exclusive", wkbPolygon, cols, 3);
    for (size_t i = 0; i < w->t->n_buildings && !w->st; i++) {
        const xw_building *b = &w->t->buildings[i];
        const char *word = use_word(w->t, b);
        if (strcmp(word, "school") != 0 && strcmp(word, "industrial") != 0) continue;
        text(w, 0, b->source);
        text(w, 1, b->name);
        OGR_F_SetFieldString(w->feature, 2, word);
        put(w, area_of(w->t, b->area, false));
    }
    end_layer(w);
}

static void write_all(writer *w, const char *part)
{
    GDALDriverH driver = GDALGetDriverByName("GPKG");
    w->ds = driver ? GDALCreate(driver, part, 0, 0, 0, GDT_Unknown, NULL) : NULL;
    if (!w->ds || GDALDatasetStartTransaction(w->ds, FALSE) != OGRERR_NONE) fail_io(w);
    if (!w->st) {
        write_lines(w, false);
        write_water(w);
        write_lines(w, true);
        write_buildings(w);
        write_divisions(w);
        write_addresses(w);
        write_exclusive(w);
    }
    if (!w->st && GDALDatasetCommitTransaction(w->ds) != OGRERR_NONE) fail_io(w);
    if (w->ds) GDALClose(w->ds);
    if (w->gdal[0]) fail_io(w);
}

static void make_file(writer *w, const char *temp)
{
    GDALAllRegister();
    CPLPushErrorHandlerEx(on_error, w);
    /* A fixed date and a fixed size of pages: the same territory gives the same bytes. */
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", "2024-01-01T00:00:00.000Z");
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF");
    write_all(w, temp);
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", NULL);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", NULL);
    CPLPopErrorHandler();
}

static void remove_temp(xw_buf *temp)
{
    (void)unlink(temp->data);
    xw_buf_text(temp, "-journal");
    if (!temp->failed) (void)unlink(temp->data);
}

xw_status xw_sample_write(const xw_territory *t, const char *path, bool force, const xw_job *job,
                          xw_error *err)
{
    xw_buf temp;
    xw_status st = xw_file_probe(path, force, err);
    if (st) return st;
    xw_buf_init(&temp, 1u << 20);
    st = xw_file_temp(path, &temp, err);
    if (!st) {
        writer w = {.t = t, .job = job, .path = path, .err = err};
        (void)unlink(temp.data); /* the driver wants to create it */
        make_file(&w, temp.data);
        st = w.st;
        if (!st) st = xw_file_commit(temp.data, path, force, err);
        if (st) remove_temp(&temp);
    }
    xw_buf_finish(&temp);
    return st;
}
