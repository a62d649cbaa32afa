#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Usual names of columns; upper and lower case are one. */
#define NAMES \
    "name fullname full_name road_name rd_name 名称 名字 道路名称 路名 label street street_name"

typedef struct ways {
    int cls, name, bridge, tunnel, service, footway;
    uint64_t n_unknown; /* of a class nobody knows, the first of them here: */
    xw_pt unknown_at;
} ways;

static const char *text(const xw__source *s, OGRFeatureH f, int field, char buf[XW__TEXT_MAX])
{
    return xw__field_text(f, field, s->encoding, buf);
}

static xw_status find_ways(const xw__source *s, const char *configured, ways *w, xw_error *err)
{
    *w = (ways){0};
    xw_status st = xw__source_field(s, configured,
                                    "class fclass highway waterway railway kind_detail road_class "
                                    "roadclass type category kind 类型 类别 道路等级 等级",
                                    &w->cls, err);
    if (!st) st = xw__source_field(s, NULL, NAMES, &w->name, err);
    if (!st) st = xw__source_field(s, NULL, "bridge is_bridge 桥 桥梁", &w->bridge, err);
    if (!st) st = xw__source_field(s, NULL, "tunnel is_tunnel covered 隧道", &w->tunnel, err);
    if (!st) st = xw__source_field(s, NULL, "service", &w->service, err);
    if (!st) st = xw__source_field(s, NULL, "footway", &w->footway, err);
    return st;
}

static unsigned flags_of(const xw__source *s, OGRFeatureH f, const ways *w)
{
    char buf[XW__TEXT_MAX];
    unsigned flags = 0;
    if (xw__is_yes(text(s, f, w->bridge, buf))) flags |= XW_BARRIER_BRIDGE;
    if (xw__is_yes(text(s, f, w->tunnel, buf))) flags |= XW_BARRIER_TUNNEL;
    return flags;
}

static bool is_minor(const xw__source *s, OGRFeatureH f, const ways *w, unsigned cls)
{
    char buf[XW__TEXT_MAX];
    const char *v = text(s, f, w->service, buf);
    if (cls == XW_CLASS_SERVICE &&
        (!strcmp(v, "driveway") || !strcmp(v, "parking_aisle") || !strcmp(v, "drive-through"))) {
        return true;
    }
    v = text(s, f, w->footway, buf);
    return !strcmp(v, "sidewalk") || !strcmp(v, "crossing");
}

static xw_status take_road(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx, xw_error *err)
{
    ways *w = ctx;
    char value[XW__TEXT_MAX], name[XW__TEXT_MAX], id[XW__TEXT_MAX];
    unsigned cls = xw__road_class(text(s, f, w->cls, value)), flags = flags_of(s, f, w);
    im->counts->roads_in++;
    if (cls == XW__DROP || is_minor(s, f, w, cls)) return XW_OK;
    if (cls == XW_CLASS_NONE) {
        cls = XW_CLASS_RESIDENTIAL;
        if (w->n_unknown++ == 0) w->unknown_at = im->shape.at;
    }
    if (cls == XW_CLASS_PATH && !im->o->paths && !flags) return XW_OK;
    if (cls > XW_CLASS_PATH) flags |= XW_BARRIER_IMPASSABLE;
    return xw__barriers_add(im, cls, flags, text(s, f, w->name, name), xw__source_id(s, f, id),
                            s->role, err);
}

/* Lines are rivers or streams by their class, else by their name: 江, 河, River. */
static xw_status take_water(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx, xw_error *err)
{
    const ways *w = ctx;
    char value[XW__TEXT_MAX], name[XW__TEXT_MAX], id[XW__TEXT_MAX];
    unsigned cls = xw__water_class(text(s, f, w->cls, value));
    (void)text(s, f, w->name, name);
    (void)xw__source_id(s, f, id);
    im->counts->water_in++;
    if (im->shape.n_lines > 0 && cls != XW__DROP) {
        if (cls == XW_CLASS_NONE) {
            const bool big = strstr(name, "江") || strstr(name, "河") || strstr(name, "River");
            cls = big ? XW_CLASS_RIVER : XW_CLASS_STREAM;
        }
        const xw_status st = xw__barriers_add(im, cls, flags_of(s, f, w) | XW_BARRIER_IMPASSABLE,
                                              name, id, s->role, err);
        if (st) return st;
    }
    return xw__water_add(im, name, id, err);
}

static xw_status take_rail(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx, xw_error *err)
{
    const ways *w = ctx;
    char value[XW__TEXT_MAX], name[XW__TEXT_MAX], id[XW__TEXT_MAX];
    im->counts->rail_in++;
    if (xw__rail_class(text(s, f, w->cls, value)) == XW__DROP) return XW_OK;
    return xw__barriers_add(im, XW_CLASS_RAIL, flags_of(s, f, w) | XW_BARRIER_IMPASSABLE,
                            text(s, f, w->name, name), xw__source_id(s, f, id), s->role, err);
}

static xw_status import_ways(xw__import *im, const char *src, const char *role,
                             const char *configured, xw__feature_fn fn, xw_error *err)
{
    xw__source s;
    ways w;
    xw_status st = xw__source_open(im, src, role, &s, err);
    if (st) return st;
    st = find_ways(&s, configured, &w, err);
    if (!st) st = xw__source_each(im, &s, fn, &w, err);
    if (!st && w.n_unknown) {
        st = xw_territory_find(im->t, "class-unknown", role, "", w.unknown_at, err,
                               "%s: %llu of %llu lines have no known class, taken for residential "
                               "roads",
                               s.label + s.brief, (unsigned long long)w.n_unknown,
                               (unsigned long long)s.n);
    }
    xw__source_close(&s);
    return st;
}

xw_status xw__import_roads(xw__import *im, xw_error *err)
{
    return import_ways(im, im->o->roads, "roads", im->o->col_class, take_road, err);
}

xw_status xw__import_water(xw__import *im, xw_error *err)
{
    return import_ways(im, im->o->water, "water", NULL, take_water, err);
}

xw_status xw__import_rail(xw__import *im, xw_error *err)
{
    return import_ways(im, im->o->rail, "rail", NULL, take_rail, err);
}

/* ---- buildings ----------------------------------------------------------------------------- */

typedef struct building_fields {
    int name, households, floors, height, use, street, number;
} building_fields;

static xw_status find_building_fields(const xw__import *im, const xw__source *s, building_fields *b,
                                      xw_error *err)
{
    const xw_import_options *o = im->o;
    xw_status st = xw__source_field(s, o->col_name, "name 名称 楼名 楼栋名称", &b->name, err);
    if (!st) {
        st = xw__source_field(s, o->col_households,
                              "households hu 户数 总户数 dwellings dwelling_units units "
                              "total_dwelling_units num_units units_res unitsres building:flats",
                              &b->households, err);
    }
    if (!st) {
        st = xw__source_field(s, o->col_floors,
                              "floors levels building:levels building_levels stories storeys "
                              "num_floors numfloors max_floor_lvl floor 层数 楼层 楼层数",
                              &b->floors, err);
    }
    if (!st) {
        st = xw__source_field(s, o->col_height,
                              "height height_m building_height bldg_height 高度 建筑高度 楼高",
                              &b->height, err);
    }
    if (!st) {
        st = xw__source_field(s, o->col_use,
                              "use building kind_detail usage function type landuse 用途 建筑用途 "
                              "类型 建筑类型",
                              &b->use, err);
    }
    if (!st) st = xw__source_field(s, NULL, "addr_street addr:street 街道 街路巷", &b->street, err);
    if (!st) {
        st = xw__source_field(
            s, NULL, "addr_number addr_housenumber addr:housenumber housenumber 门牌号 门牌",
            &b->number, err);
    }
    return st;
}

static xw_status take_building(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx,
                               xw_error *err)
{
    const building_fields *c = ctx;
    char name[XW__TEXT_MAX], id[XW__TEXT_MAX], use[XW__TEXT_MAX];
    char street[XW__TEXT_MAX], number[XW__TEXT_MAX];
    uint32_t ix;
    const xw__building_facts b = {
        .name = text(s, f, c->name, name),
        .source = xw__source_id(s, f, id),
        .households = xw__field_number(f, c->households),
        .floors = xw__field_number(f, c->floors),
        .height_m = xw__field_number(f, c->height),
        .use = xw__use_of(text(s, f, c->use, use)),
    };
    const xw_status st = xw__building_add(im, &b, &ix, err);
    if (st || ix == XW_NONE || im->o->addresses) return st;
    return xw__address_add(im, xw__area_point(im->t, im->t->buildings[ix].area), NULL,
                           text(s, f, c->street, street), text(s, f, c->number, number), "", "", ix,
                           err);
}

xw_status xw__import_buildings(xw__import *im, xw_error *err)
{
    xw__source s;
    building_fields c;
    xw_status st = xw__source_open(im, im->o->buildings, "buildings", &s, err);
    if (st) return st;
    st = find_building_fields(im, &s, &c, err);
    if (!st) st = xw__source_each(im, &s, take_building, &c, err);
    if (!st) st = xw__dots_settle(im, err);
    xw__source_close(&s);
    return st;
}
