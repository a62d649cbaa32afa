#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- twins: an open-addressing set over the footprints ------------------------------------- */

static uint64_t hash_area(const xw_territory *t, xw_area a)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (uint32_t r = 0; r < a.n_rings; r++) {
        const xw_ring ring = xw_territory_ring(t, a.first_ring + r);
        for (uint32_t i = 0; i < ring.n; i++) {
            const uint64_t xy = (uint64_t)(uint32_t)ring.pts[i].x << 32 | (uint32_t)ring.pts[i].y;
            h = (h ^ xy) * UINT64_C(0x9e3779b97f4a7c15);
            h ^= h >> 29;
        }
    }
    return h;
}

/* Rings are normalised, so equal areas have equal vertices in equal order. */
static bool same_area(const xw_territory *t, xw_area a, xw_area b)
{
    if (a.n_rings != b.n_rings) return false;
    for (uint32_t r = 0; r < a.n_rings; r++) {
        const xw_ring p = xw_territory_ring(t, a.first_ring + r);
        const xw_ring q = xw_territory_ring(t, b.first_ring + r);
        if (p.n != q.n || memcmp(p.pts, q.pts, p.n * sizeof *p.pts) != 0) return false;
    }
    return true;
}

static uint32_t *slot_of(const xw__import *im, xw_area a)
{
    size_t k = (size_t)hash_area(im->t, a) & (im->n_seen - 1);
    while (im->seen[k] && !same_area(im->t, im->t->buildings[im->seen[k] - 1].area, a)) {
        k = (k + 1) & (im->n_seen - 1);
    }
    return &im->seen[k];
}

static xw_status grow_seen(xw__import *im, xw_error *err)
{
    const size_t n = im->n_seen ? im->n_seen * 2 : 1024;
    uint32_t *old = im->seen;
    uint32_t *seen = calloc(n, sizeof *seen);
    if (!seen) return xw_fail(err, XW_NOMEM, "%zu footprints", n);
    im->seen = seen;
    im->n_seen = n;
    for (size_t i = 0; i < im->t->n_buildings; i++) {
        *slot_of(im, im->t->buildings[i].area) = (uint32_t)i + 1;
    }
    free(old);
    return XW_OK;
}

/* ---- one building -------------------------------------------------------------------------- */

static xw_status list(xw__import *im, const char *kind, const char *source, const char *why,
                      xw_error *err)
{
    im->counts->buildings_listed++;
    return xw_territory_find(im->t, kind, "buildings", source, im->shape.at, err, "%s", why);
}

/* A footprint that has no extent on the lattice is kept as a square of three units (3 cm), so that
 * its households are not lost. */
static xw_status put_square(xw__shape *s, xw_error *err)
{
    const int32_t x = s->at.x > XW_LON_MAX - 2   ? XW_LON_MAX - 2
                      : s->at.x < 1 - XW_LON_MAX ? 1 - XW_LON_MAX
                                                 : s->at.x;
    const int32_t y = s->at.y > XW_LAT_MAX - 2   ? XW_LAT_MAX - 2
                      : s->at.y < 1 - XW_LAT_MAX ? 1 - XW_LAT_MAX
                                                 : s->at.y;
    if (!xw_grow((void **)&s->pts, &s->cap_pts, 4, sizeof *s->pts) ||
        !xw_grow((void **)&s->rings, &s->cap_rings, 1, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "4 vertices");
    }
    s->pts[0] = (xw_pt){x - 1, y - 1};
    s->pts[1] = (xw_pt){x + 2, y - 1};
    s->pts[2] = (xw_pt){x + 2, y + 2};
    s->pts[3] = (xw_pt){x - 1, y + 2};
    s->n_pts = 4;
    s->rings[0] = (xw__part){0, 4, true};
    s->n_rings = 1;
    return XW_OK;
}

static xw_status note_shape(xw__import *im, const xw__building_facts *f, bool collapsed,
                            xw_error *err)
{
    xw_status st = XW_OK;
    if (collapsed) {
        st = xw_territory_find(im->t, "building-collapsed", "buildings", f->source, im->shape.at,
                               err, "footprint without extent, kept as a square of 3 cm");
    } else if (im->shape.repaired) {
        st = xw_territory_find(im->t, "building-repaired", "buildings", f->source, im->shape.at,
                               err, "footprint crossed itself and was made valid");
    }
    if (!st && f->households < 0.0) {
        st = xw_territory_find(im->t, "building-households", "buildings", f->source, im->shape.at,
                               err, "%g households, the rule is used instead", f->households);
    }
    return st;
}

/* Puts the area at the end of the territory's rings and takes it back when there is a twin. */
static xw_status put_footprint(xw__import *im, xw_area *area, uint32_t *twin, xw_error *err)
{
    xw_territory *t = im->t;
    const size_t n_pts = t->n_pts, n_rings = t->n_rings;
    *twin = XW_NONE;
    xw_status st = XW_OK;
    if (2 * (t->n_buildings + 1) > im->n_seen) st = grow_seen(im, err);
    if (!st) st = xw__shape_put_area(&im->shape, t, area, err);
    if (st) return st;
    uint32_t *slot = slot_of(im, *area);
    if (*slot) {
        *twin = *slot - 1;
        t->n_pts = n_pts;
        t->n_rings = n_rings;
    } else {
        *slot = (uint32_t)t->n_buildings + 1;
    }
    return XW_OK;
}

static xw_status list_twin(xw__import *im, const xw__building_facts *f, uint32_t twin,
                           xw_error *err)
{
    xw_territory *t = im->t;
    const xw_building *b = &t->buildings[twin];
    char lost[60] = "";
    if (f->households > 0.0) {
        (void)snprintf(lost, sizeof lost, "; its %.0f households are not counted", f->households);
    }
    im->counts->buildings_listed++;
    return xw_territory_find(t, "building-duplicate", "buildings", f->source, im->shape.at, err,
                             "same footprint as %s%s", xw_territory_text(t, b->source), lost);
}

xw_status xw__building_add(xw__import *im, const xw__building_facts *f, uint32_t *ix, xw_error *err)
{
    xw__shape *s = &im->shape;
    xw_building b = {0};
    uint32_t twin, own;
    if (ix) *ix = XW_NONE;
    im->counts->buildings_in++;
    if (s->bad) {
        return list(im, "building-coordinates", f->source, "coordinates are no place on earth",
                    err);
    }
    if (!s->has_at) return list(im, "building-empty", f->source, "no geometry", err);
    if (s->n_rings == 0 && !s->collapsed) {
        return list(im, "building-no-area", f->source, "a point or line, not an area", err);
    }
    xw_status st = xw__shape_repair(im->geos, s, err);
    const bool collapsed = s->n_rings == 0;
    if (!st && collapsed) st = put_square(s, err);
    if (!st) st = put_footprint(im, &b.area, &twin, err);
    if (st) return st;
    if (twin != XW_NONE) return list_twin(im, f, twin, err);
    xw__dwellings_fill(f, xw_area_m2(im->t, b.area), &b);
    st = xw__intern(im, f->name, &b.name, err);
    if (!st) st = xw__intern(im, f->source, &b.source, err);
    if (!st) st = xw_territory_add_building(im->t, &b, &own, err);
    if (!st) st = note_shape(im, f, collapsed, err);
    if (st) return st;
    im->counts->buildings_used++;
    *(b.estimated ? &im->counts->households_estimated : &im->counts->households_given) += 1;
    if (ix) *ix = own;
    return XW_OK;
}
