#include "internal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The layers of the OSM driver that are read, with the positions of their fields. */
typedef struct points_fields {
    OGRLayerH layer;
    int number, street, place, city, full;
} points_fields;

typedef struct lines_fields {
    OGRLayerH layer;
    int id, name, highway, waterway, railway, barrier, area, bridge, tunnel, covered, service,
        footway;
} lines_fields;

typedef struct areas_fields {
    OGRLayerH layer;
    int id, way_id, name, boundary, level, ref, building, levels, flats, height, natural, waterway,
        landuse, barrier, amenity, shop, office, tourism, man_made;
    points_fields addr;
} areas_fields;

typedef struct osm {
    GDALDatasetH ds;
    points_fields points;
    lines_fields lines;
    areas_fields areas;
    uint64_t n, n_bad;
} osm;

static int field(OGRLayerH layer, const char *name)
{
    return OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(layer), name);
}

static points_fields addr_fields(OGRLayerH l)
{
    return (points_fields){l,
                           field(l, "addr_housenumber"),
                           field(l, "addr_street"),
                           field(l, "addr_place"),
                           field(l, "addr_city"),
                           field(l, "addr_full")};
}

static bool find_fields(osm *x)
{
    const OGRLayerH p = GDALDatasetGetLayerByName(x->ds, "points");
    const OGRLayerH l = GDALDatasetGetLayerByName(x->ds, "lines");
    const OGRLayerH a = GDALDatasetGetLayerByName(x->ds, "multipolygons");
    if (!p || !l || !a) return false;
    x->points = addr_fields(p);
    x->lines = (lines_fields){
        .layer = l,
        .id = field(l, "osm_id"),
        .name = field(l, "name"),
        .highway = field(l, "highway"),
        .waterway = field(l, "waterway"),
        .railway = field(l, "railway"),
        .barrier = field(l, "barrier"),
        .area = field(l, "area"),
        .bridge = field(l, "bridge"),
        .tunnel = field(l, "tunnel"),
        .covered = field(l, "covered"),
        .service = field(l, "service"),
        .footway = field(l, "footway"),
    };
    x->areas = (areas_fields){
        .layer = a,
        .id = field(a, "osm_id"),
        .way_id = field(a, "osm_way_id"),
        .name = field(a, "name"),
        .boundary = field(a, "boundary"),
        .level = field(a, "admin_level"),
        .ref = field(a, "ref"),
        .building = field(a, "building"),
        .levels = field(a, "building_levels"),
        .flats = field(a, "building_flats"),
        .height = field(a, "height"),
        .natural = field(a, "natural"),
        .waterway = field(a, "waterway"),
        .landuse = field(a, "landuse"),
        .barrier = field(a, "barrier"),
        .amenity = field(a, "amenity"),
        .shop = field(a, "shop"),
        .office = field(a, "office"),
        .tourism = field(a, "tourism"),
        .man_made = field(a, "man_made"),
        .addr = addr_fields(a),
    };
    return true;
}

/* Borrowed text of a tag, "" when absent. The driver gives UTF-8. */
static const char *tag(OGRFeatureH f, int field)
{
    return field >= 0 && OGR_F_IsFieldSetAndNotNull(f, field) ? OGR_F_GetFieldAsString(f, field)
                                                              : "";
}

static bool is_any(const char *value, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(value, *words) == 0) return true;
    }
    return false;
}
#define IS_ANY(value, ...) is_any(value, (const char *const[]){__VA_ARGS__, NULL})

/* ---- lines --------------------------------------------------------------------------------- */

static unsigned line_flags(OGRFeatureH f, const lines_fields *l)
{
    unsigned flags = 0;
    if (xw__is_yes(tag(f, l->bridge))) flags |= XW_BARRIER_BRIDGE;
    if (xw__is_yes(tag(f, l->tunnel)) || xw__is_yes(tag(f, l->covered))) flags |= XW_BARRIER_TUNNEL;
    return flags;
}

static xw_status take_road(xw__import *im, OGRFeatureH f, const lines_fields *l, unsigned flags,
                           const char *id, xw_error *err)
{
    unsigned cls = xw__road_class(tag(f, l->highway));
    im->counts->roads_in++;
    if (cls == XW_CLASS_NONE) cls = XW_CLASS_PATH; /* a made-up value is not worth a boundary */
    if (cls == XW__DROP || xw__is_yes(tag(f, l->area))) return XW_OK;
    if (cls == XW_CLASS_SERVICE && IS_ANY(tag(f, l->service), "driveway", "parking_aisle",
                                          "drive-through", "emergency_access")) {
        return XW_OK;
    }
    if (IS_ANY(tag(f, l->footway), "sidewalk", "crossing", "traffic_island")) return XW_OK;
    if (cls == XW_CLASS_PATH && !im->o->paths && !flags) return XW_OK;
    return xw__barriers_add(im, cls, flags, tag(f, l->name), id, "roads", err);
}

static xw_status take_line(xw__import *im, osm *x, OGRFeatureH f, xw_error *err)
{
    const lines_fields *l = &x->lines;
    const xw_import_options *o = im->o;
    const unsigned flags = line_flags(f, l), closed = flags | XW_BARRIER_IMPASSABLE;
    const char *rail = tag(f, l->railway), *water = tag(f, l->waterway);
    char id[40];
    (void)snprintf(id, sizeof id, "way/%.30s", tag(f, l->id));
    if (*tag(f, l->highway)) return o->roads ? XW_OK : take_road(im, f, l, flags, id, err);
    if (*rail) {
        if (o->rail) return XW_OK;
        im->counts->rail_in++;
        if (xw__rail_class(rail) != XW_CLASS_RAIL) return XW_OK;
        if (IS_ANY(rail, "subway", "monorail") && flags) return XW_OK;
        return xw__barriers_add(im, XW_CLASS_RAIL, closed, tag(f, l->name), id, "rail", err);
    }
    if (*water) {
        if (o->water) return XW_OK;
        im->counts->water_in++;
        const unsigned cls = xw__water_class(water);
        if (cls != XW_CLASS_RIVER && cls != XW_CLASS_STREAM) return XW_OK;
        return xw__barriers_add(im, cls, closed, tag(f, l->name), id, "water", err);
    }
    if (IS_ANY(tag(f, l->barrier), "wall", "fence", "city_wall") && !o->roads) {
        return xw__barriers_add(im, XW_CLASS_WALL, closed, tag(f, l->name), id, "walls", err);
    }
    return XW_OK;
}

/* ---- areas --------------------------------------------------------------------------------- */

/* building=yes says nothing: what else the area is decides. */
static xw_use use_of(OGRFeatureH f, const areas_fields *a)
{
    xw_use use = xw__use_of(tag(f, a->building));
    if (use == XW_USE_UNKNOWN) use = xw__use_of(tag(f, a->amenity));
    if (use == XW_USE_UNKNOWN) use = xw__use_of(tag(f, a->man_made));
    if (use == XW_USE_UNKNOWN) use = xw__use_of(tag(f, a->tourism));
    if (use == XW_USE_UNKNOWN && (*tag(f, a->shop) || *tag(f, a->office))) use = XW_USE_WORK;
    return use;
}

static xw_status take_address(xw__import *im, OGRFeatureH f, const points_fields *p, xw_pt at,
                              uint32_t building, xw_error *err)
{
    const char *number = tag(f, p->number), *full = tag(f, p->full);
    if (im->o->addresses || (!*number && !*full)) return XW_OK;
    const char *place = tag(f, p->place);
    if (!*place) place = tag(f, p->city);
    return xw__address_add(im, at, *number ? NULL : full, tag(f, p->street), number, place, "",
                           building, err);
}

static xw_status take_building(xw__import *im, osm *x, OGRFeatureH f, const char *id, xw_error *err)
{
    const areas_fields *a = &x->areas;
    uint32_t ix;
    const xw__building_facts b = {
        .name = tag(f, a->name),
        .source = id,
        .households = xw__number(tag(f, a->flats)),
        .floors = xw__number(tag(f, a->levels)),
        .height_m = xw__number(tag(f, a->height)),
        .use = use_of(f, a),
    };
    const xw_status st = xw__building_add(im, &b, &ix, err);
    if (st || ix == XW_NONE) return st;
    return take_address(im, f, &a->addr, xw__area_point(im->t, im->t->buildings[ix].area), ix, err);
}

/* The rings of an area as closed lines: compounds are often mapped as land use with a wall. */
static xw_status take_wall(xw__import *im, OGRFeatureH f, const areas_fields *a, const char *id,
                           xw_error *err)
{
    im->shape.n_lines = 0;
    const xw_status st = xw__shape_rings_to_lines(&im->shape, err);
    if (st || im->shape.n_lines == 0) return st;
    return xw__barriers_add(im, XW_CLASS_WALL, XW_BARRIER_IMPASSABLE, tag(f, a->name), id, "walls",
                            err);
}

static bool is_water(OGRFeatureH f, const areas_fields *a)
{
    return strcmp(tag(f, a->natural), "water") == 0 ||
           strcmp(tag(f, a->landuse), "reservoir") == 0 ||
           IS_ANY(tag(f, a->waterway), "riverbank", "dock", "river", "canal");
}

/* Off unless the kind is asked for. */
static xw_status take_exclusive(xw__import *im, OGRFeatureH f, const areas_fields *a,
                                const char *id, bool is_building, xw_error *err)
{
    if (!im->o->exclusive_kinds || im->o->exclusive || is_water(f, a)) return XW_OK;
    const char *kind =
        xw__exclusive_kind(tag(f, a->amenity), tag(f, a->landuse), tag(f, a->man_made));
    if (!kind || !xw__exclusive_asked(im->o, kind) || !xw__part_has(im, is_building)) return XW_OK;
    xw_exclusive x = {.code = 0};
    xw_status st = xw__intern(im, tag(f, a->name), &x.name, err);
    if (!st) st = xw__intern(im, kind, &x.kind, err);
    if (!st) st = xw__intern(im, id, &x.source, err);
    return st ? st : xw__exclusive_add(im, &x, !is_building, err);
}

static xw_status take_area(xw__import *im, osm *x, OGRFeatureH f, xw_error *err)
{
    const areas_fields *a = &x->areas;
    const xw_import_options *o = im->o;
    char id[40];
    const char *way = tag(f, a->way_id);
    (void)snprintf(id, sizeof id, "%s/%.24s", *way ? "way" : "relation",
                   *way ? way : tag(f, a->id));
    xw_status st = XW_OK;
    if (strcmp(tag(f, a->boundary), "administrative") == 0 && !o->divisions && !o->part) {
        const double level = xw__number(tag(f, a->level));
        im->counts->divisions_in++;
        if (level >= 1.0 && level <= 12.0) {
            char word[8];
            (void)snprintf(word, sizeof word, "%d", (int)level);
            st = xw__division_add(im, (int)level, tag(f, a->ref), tag(f, a->name), word, "", id,
                                  err);
        }
    }
    const bool is_building = xw__is_yes(tag(f, a->building)) && !o->buildings;
    if (st || im->scout) return st;
    st = take_exclusive(im, f, a, id, is_building, err);
    if (st || !xw__part_has(im, is_building)) return st;
    if (is_building) {
        return take_building(im, x, f, id, err);
    }
    if (is_water(f, a) && !o->water) {
        im->counts->water_in++;
        return xw__water_add(im, tag(f, a->name), id, err);
    }
    if (IS_ANY(tag(f, a->barrier), "wall", "fence", "city_wall") && !o->roads) {
        return take_wall(im, f, a, id, err);
    }
    return st;
}

/* ---- all ----------------------------------------------------------------------------------- */

static xw_status take_feature(xw__import *im, osm *x, OGRLayerH layer, OGRFeatureH f, xw_error *err)
{
    const bool point = layer == x->points.layer;
    if (im->scout && (layer != x->areas.layer || !*tag(f, x->areas.boundary))) return XW_OK;
    if (point && !*tag(f, x->points.number) && !*tag(f, x->points.full)) return XW_OK;
    if (!point && layer != x->lines.layer && layer != x->areas.layer) return XW_OK;
    xw_status st =
        xw__shape_read(&im->shape, OGR_F_GetGeometryRef(f), (xw__frame){NULL, 0.0, false}, err);
    if (st) return st;
    if (im->shape.bad) x->n_bad++;
    if (layer == x->areas.layer) return take_area(im, x, f, err);
    if (!xw__part_has(im, point)) return XW_OK;
    if (!point) return take_line(im, x, f, err);
    if (im->shape.bad || !im->shape.points) return XW_OK;
    im->counts->addresses_in++;
    return take_address(im, f, &x->points, im->shape.at, XW_NONE, err);
}

static xw_status read_all(xw__import *im, osm *x, xw_error *err)
{
    xw_status st = XW_OK;
    OGRLayerH layer = NULL;
    OGRFeatureH f;
    double part = 0.0;
    CPLErrorReset();
    GDALDatasetResetReading(x->ds);
    while (!st && (f = GDALDatasetGetNextFeature(x->ds, &layer, &part, NULL, NULL)) != NULL) {
        st = take_feature(im, x, layer, f, err);
        OGR_F_Destroy(f);
        if (!st && ++x->n % 512 == 0) {
            st = xw_job_step(im->job, "osm", (uint64_t)(part * 1000.0), 1000, err);
        }
    }
    if (st) return st;
    if (CPLGetLastErrorType() >= CE_Failure) {
        const char *why = CPLGetLastErrorMsg();
        return xw_fail(err, XW_INPUT, "%.150s: after %llu features: %.*s", im->o->osm,
                       (unsigned long long)x->n, (int)strcspn(why, "\n"), why);
    }
    if (x->n == 0) return xw_fail(err, XW_INPUT, "%.200s: has no features", im->o->osm);
    return XW_OK;
}

xw_status xw__import_osm(xw__import *im, xw_error *err)
{
    osm x = {0};
    char conf[64], option[96];
    /* The driver reads its configuration from a file: one in memory, named after this import. */
    (void)snprintf(conf, sizeof conf, "/vsimem/xiwang-osm-%p.ini", (void *)im);
    (void)snprintf(option, sizeof option, "CONFIG_FILE=%s", conf);
    const char *const options[] = {option, "MAX_TMPFILE_SIZE=512", NULL};
    /* Closed ways with these tags alone are lines unless they are wanted as areas. */
    GByte *text = (GByte *)CPLStrdup(CPLSPrintf(
        "%s%s", im->o->exclusive_kinds ? "closed_ways_are_polygons=amenity,man_made," : "",
        xw__osm_conf + (im->o->exclusive_kinds ? strlen("closed_ways_are_polygons=") : 0)));
    VSILFILE *mem = VSIFileFromMemBuffer(conf, text, strlen((const char *)text), 1);
    if (!mem) return xw_fail(err, XW_NOMEM, "configuration of the OSM reader");
    (void)VSIFCloseL(mem);
    xw_status st = xw__dataset_open(im->o->osm, options, &x.ds, err);
    if (!st && !find_fields(&x)) {
        st = xw_fail(err, XW_INPUT, "%.200s: not OpenStreetMap data", im->o->osm);
    }
    if (!st) st = read_all(im, &x, err);
    if (x.ds) GDALClose(x.ds);
    (void)VSIUnlink(conf);
    return st;
}
