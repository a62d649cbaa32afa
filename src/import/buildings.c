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

static bool is_given(const xw__building_facts *f)
{
    return f->households >= 0.0 && f->households <= XW__HOUSEHOLDS_MAX;
}

/* ---- one building -------------------------------------------------------------------------- */

static xw_status list(xw__import *im, const char *kind, const char *source, const char *why,
                      xw_error *err)
{
    im->counts->buildings_listed++;
    return xw_territory_find(im->t, kind, "buildings", source, im->shape.at, err, "%s", why);
}

static int32_t within(int32_t v, int32_t most) { return v > most ? most : v < -most ? -most : v; }

xw_status xw__shape_square(xw__shape *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1,
                           xw_error *err)
{
    if (!xw_grow((void **)&s->pts, &s->cap_pts, 4, sizeof *s->pts) ||
        !xw_grow((void **)&s->rings, &s->cap_rings, 1, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "4 vertices");
    }
    s->pts[0] = (xw_pt){x0, y0};
    s->pts[1] = (xw_pt){x1, y0};
    s->pts[2] = (xw_pt){x1, y1};
    s->pts[3] = (xw_pt){x0, y1};
    s->n_pts = 4;
    s->rings[0] = (xw__part){0, 4, true};
    s->n_rings = 1;
    return XW_OK;
}

/* A footprint that has no extent on the lattice is kept as a square of three units (3 cm), so that
 * its households are not lost. */
static xw_status put_square(xw__shape *s, xw_error *err)
{
    const int32_t x = within(s->at.x, XW_LON_MAX - 2), y = within(s->at.y, XW_LAT_MAX - 2);
    return xw__shape_square(s, x - 1, y - 1, x + 2, y + 2, err);
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
    if (!st && !isnan(f->households) && !is_given(f)) {
        st = xw_territory_find(im->t, "building-households", "buildings", f->source, im->shape.at,
                               err, "%g households, the rule is used instead", f->households);
    }
    if (!st && (f->floors < 0.0 || f->floors > XW__FLOORS_MAX)) {
        st = xw_territory_find(im->t, "building-attribute", "buildings", f->source, im->shape.at,
                               err, "%g floors, taken as not given", f->floors);
    }
    if (!st && (f->height_m < 0.0 || f->height_m >= XW__HEIGHT_MAX)) {
        st = xw_territory_find(im->t, "building-attribute", "buildings", f->source, im->shape.at,
                               err, "%g m high, taken as not given", f->height_m);
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

/* Of two features with one footprint the one with households wins, then more of them, then the
 * smaller id: whichever comes first in the file. */
static bool is_better(const xw_territory *t, const xw__building_facts *f, const xw_building *old)
{
    const bool given = is_given(f);
    if (given == (bool)old->estimated) return given;
    if (given && lround(f->households) != old->households) {
        return lround(f->households) > old->households;
    }
    return strcmp(f->source, xw_territory_text(t, old->source)) < 0;
}

static xw_status list_twin(xw__import *im, const char *source, const char *kept, double households,
                           xw_error *err)
{
    char lost[60] = "";
    if (households > 0.0) {
        (void)snprintf(lost, sizeof lost, "; its %.0f households are not counted", households);
    }
    im->counts->buildings_listed++;
    return xw_territory_find(im->t, "building-duplicate", "buildings", source, im->shape.at, err,
                             "same footprint as %s%s", kept, lost);
}

static xw_status fill(xw__import *im, const xw__building_facts *f, xw_building *b, xw_error *err)
{
    xw__dwellings_fill(f, xw_area_m2(im->t, b->area), b);
    *(b->estimated ? &im->counts->households_estimated : &im->counts->households_given) += 1;
    const xw_status st = xw__intern(im, f->name, &b->name, err);
    return st ? st : xw__intern(im, f->source, &b->source, err);
}

/* One of the two is listed, the other has the footprint. */
static xw_status settle_twin(xw__import *im, const xw__building_facts *f, uint32_t twin,
                             xw_error *err)
{
    xw_building *b = &im->t->buildings[twin];
    char old[XW__TEXT_MAX];
    (void)snprintf(old, sizeof old, "%s", xw_territory_text(im->t, b->source));
    if (!is_better(im->t, f, b)) return list_twin(im, f->source, old, f->households, err);
    const double lost = b->estimated ? 0.0 : b->households;
    *(b->estimated ? &im->counts->households_estimated : &im->counts->households_given) -= 1;
    const xw_status st = fill(im, f, b, err);
    return st ? st : list_twin(im, old, f->source, lost, err);
}

xw_status xw__building_put(xw__import *im, const xw__building_facts *f, uint32_t *ix, xw_error *err)
{
    xw__shape *s = &im->shape;
    xw_building b = {0};
    uint32_t twin, own;
    xw_status st = xw__shape_repair(im->geos, s, err);
    const bool collapsed = s->n_rings == 0;
    if (!st && collapsed) st = put_square(s, err);
    if (!st) st = put_footprint(im, &b.area, &twin, err);
    if (st) return st;
    if (twin != XW_NONE) return settle_twin(im, f, twin, err);
    st = fill(im, f, &b, err);
    if (!st) st = xw_territory_add_building(im->t, &b, &own, err);
    if (!st) st = note_shape(im, f, collapsed, err);
    if (st) return st;
    im->counts->buildings_used++;
    if (ix) *ix = own;
    return XW_OK;
}

xw_status xw__building_add(xw__import *im, const xw__building_facts *f, uint32_t *ix, xw_error *err)
{
    const xw__shape *s = &im->shape;
    if (ix) *ix = XW_NONE;
    im->counts->buildings_in++;
    if (s->bad) {
        return list(im, "building-coordinates", f->source, "coordinates are no place on earth",
                    err);
    }
    if (!s->has_at) return list(im, "building-empty", f->source, "no geometry", err);
    if (s->n_rings > 0 || s->collapsed) return xw__building_put(im, f, ix, err);
    if (s->points) return xw__dot_add(im, f, err);
    return list(im, "building-no-area", f->source, "a line, not an area", err);
}
