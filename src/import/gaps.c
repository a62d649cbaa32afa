/* Land that no division covers but that lies between them. Two borders of one line that were drawn
 * twice leave slivers; a village that is missing leaves a hole.
 *
 * Gaps are what a closing (Serra, Image Analysis and Mathematical Morphology, 1982) by half of
 * GAP_UNITS adds to the union of the divisions: land narrower than that. A closing rounds the
 * concave corners of a clean outline too; such a fillet is told from a gap by its open side: a gap
 * touches the divisions nearly all round, two of them at least or everywhere. All is computed on
 * the lattice (overlay of precision 1), so that a gap and its neighbours share their vertices. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_UNITS   1800.0 /* 20 m along a meridian */
#define OPEN_SHARE  0.25   /* of the rim of a gap may be open */
#define TOUCH_UNITS 2.5    /* from the rim to a division, after rounding twice */
#define WIDE_UNITS  10.0   /* mean width of a gap within one division */
#define TELL_M2     0.1    /* less is rounding: closed without a word */

typedef struct leaf {
    uint32_t ix; /* division of the territory */
    GEOSGeometry *area;
    xw_box box;
} leaf;

typedef struct gaps {
    xw__import *im;
    GEOSContextHandle_t geos;
    leaf *leaf;
    size_t n;
    bool open; /* a gap may be open to the outside */
} gaps;

/* ---- between the territory and GEOS ---------------------------------------------------------- */

/* The rings of a division as the shape of the import: GEOS geometry is made from there. */
static xw_status shape_of(xw__import *im, xw_area a, xw_error *err)
{
    xw__shape *s = &im->shape;
    s->n_pts = s->n_rings = s->n_lines = 0;
    for (uint32_t r = 0; r < a.n_rings; r++) {
        const xw_ring ring = xw_territory_ring(im->t, a.first_ring + r);
        if (!xw_grow((void **)&s->pts, &s->cap_pts, s->n_pts + ring.n, sizeof *s->pts) ||
            !xw_grow((void **)&s->rings, &s->cap_rings, s->n_rings + 1, sizeof *s->rings)) {
            return xw_fail(err, XW_NOMEM, "%u vertices", ring.n);
        }
        memcpy(s->pts + s->n_pts, ring.pts, ring.n * sizeof *ring.pts);
        s->rings[s->n_rings++] = (xw__part){(uint32_t)s->n_pts, ring.n, true};
        s->n_pts += ring.n;
    }
    return XW_OK;
}

static xw_status open_gaps(gaps *g, xw_error *err)
{
    const xw_territory *t = g->im->t;
    g->leaf = calloc(t->n_divisions + 1, sizeof *g->leaf);
    if (!g->leaf) return xw_fail(err, XW_NOMEM, "%zu divisions", t->n_divisions);
    for (uint32_t i = 0; i < t->n_divisions; i++) {
        const xw_area a = t->divisions[i].area;
        if (a.n_rings == 0) continue;
        const xw_status st = shape_of(g->im, a, err);
        if (st) return st;
        leaf *l = &g->leaf[g->n];
        *l = (leaf){i, xw__shape_area_xor(g->geos, &g->im->shape), xw_area_box(t, a)};
        if (!l->area) return xw_fail(err, XW_NOMEM, "division %u", i);
        g->n++;
    }
    return XW_OK;
}

static void close_gaps(gaps *g)
{
    for (size_t i = 0; i < g->n; i++) GEOSGeom_destroy_r(g->geos, g->leaf[i].area);
    free(g->leaf);
}

static GEOSGeometry *union_of(const gaps *g)
{
    GEOSGeometry **all = calloc(g->n + 1, sizeof(GEOSGeometry *));
    bool ok = all != NULL;
    for (size_t i = 0; i < g->n && ok; i++) {
        all[i] = GEOSGeom_clone_r(g->geos, g->leaf[i].area);
        ok = all[i] != NULL;
    }
    GEOSGeometry *many =
        ok ? GEOSGeom_createCollection_r(g->geos, GEOS_GEOMETRYCOLLECTION, all, (unsigned)g->n)
           : NULL;
    for (size_t i = 0; all && !many && i < g->n; i++) GEOSGeom_destroy_r(g->geos, all[i]);
    free(all);
    GEOSGeometry *u = many ? GEOSUnaryUnionPrec_r(g->geos, many, 1.0) : NULL;
    GEOSGeom_destroy_r(g->geos, many);
    return xw__areas_only(g->geos, u);
}

/* ---- whose a piece is ------------------------------------------------------------------------ */

typedef struct touch {
    double rim, open; /* lattice units */
    double area;
    double *by;       /* of each leaf */
    uint32_t best, n; /* leaf with most, how many touch */
} touch;

static double distance(const gaps *g, const leaf *l, double x, double y)
{
    if (x < l->box.min.x - 3.0 || x > l->box.max.x + 3.0 || y < l->box.min.y - 3.0 ||
        y > l->box.max.y + 3.0) {
        return INFINITY;
    }
    double d = INFINITY;
    GEOSGeometry *p = GEOSGeom_createPointFromXY_r(g->geos, x, y);
    if (!p || !GEOSDistance_r(g->geos, p, l->area, &d)) d = INFINITY;
    GEOSGeom_destroy_r(g->geos, p);
    return d;
}

/* Each edge of the rim belongs to the division nearest to its middle. */
static void touch_ring(const gaps *g, const GEOSGeometry *ring, touch *t)
{
    const GEOSCoordSequence *c = GEOSGeom_getCoordSeq_r(g->geos, ring);
    unsigned n = 0;
    if (!c || !GEOSCoordSeq_getSize_r(g->geos, c, &n)) return;
    for (unsigned i = 1; i < n; i++) {
        double x0, y0, x1, y1, nearest = TOUCH_UNITS;
        uint32_t whose = XW_NONE;
        GEOSCoordSeq_getXY_r(g->geos, c, i - 1, &x0, &y0);
        GEOSCoordSeq_getXY_r(g->geos, c, i, &x1, &y1);
        const double length = hypot(x1 - x0, y1 - y0);
        for (uint32_t k = 0; k < g->n; k++) {
            const double d = distance(g, &g->leaf[k], (x0 + x1) / 2.0, (y0 + y1) / 2.0);
            if (d < nearest) {
                nearest = d;
                whose = k;
            }
        }
        t->rim += length;
        if (whose == XW_NONE)
            t->open += length;
        else
            t->by[whose] += length;
    }
}

/* @return false for lack of memory */
static bool touch_piece(const gaps *g, const GEOSGeometry *piece, touch *t)
{
    *t = (touch){.by = calloc(g->n + 1, sizeof *t->by), .best = XW_NONE};
    if (!t->by) return false;
    (void)GEOSArea_r(g->geos, piece, &t->area);
    touch_ring(g, GEOSGetExteriorRing_r(g->geos, piece), t);
    const int holes = GEOSGetNumInteriorRings_r(g->geos, piece);
    for (int i = 0; i < holes; i++) {
        touch_ring(g, GEOSGetInteriorRingN_r(g->geos, piece, i), t);
    }
    for (uint32_t k = 0; k < g->n; k++) {
        if (t->by[k] <= 0.0) continue;
        t->n++;
        if (t->best == XW_NONE || t->by[k] > t->by[t->best]) t->best = k;
    }
    return true;
}

/* ---- what becomes of it ---------------------------------------------------------------------- */

/* The piece as the rings of the shape, normalised. */
static xw_status take_piece(const gaps *g, const GEOSGeometry *piece, xw_error *err)
{
    xw__shape *s = &g->im->shape;
    s->n_pts = s->n_rings = s->n_lines = 0;
    xw_status st = xw__shape_take(g->geos, s, piece, err);
    return st ? st : xw__shape_repair(g->geos, s, err);
}

/* Puts the rings of the division and the new ones in one row. */
static xw_status widen(xw__import *im, uint32_t ix, xw_error *err)
{
    xw_territory *t = im->t;
    const xw_area old = t->divisions[ix].area;
    const xw_area now = {(uint32_t)t->n_rings, old.n_rings + (uint32_t)im->shape.n_rings};
    for (uint32_t r = 0; r < old.n_rings; r++) {
        if (!xw_grow((void **)&t->rings, &t->cap_rings, t->n_rings + 1, sizeof *t->rings)) {
            return xw_fail(err, XW_NOMEM, "%zu rings", t->n_rings + 1);
        }
        t->rings[t->n_rings++] = t->rings[old.first_ring + r];
    }
    xw_area more;
    const xw_status st = xw__shape_put_area(&im->shape, t, &more, err);
    if (!st) t->divisions[ix].area = now;
    return st;
}

static xw_status close_piece(const gaps *g, const GEOSGeometry *piece, uint32_t ix, xw_error *err)
{
    xw__import *im = g->im;
    xw_territory *t = im->t;
    xw_status st = take_piece(g, piece, err);
    if (st || im->shape.n_rings == 0) return st;
    const size_t ring = t->n_rings + t->divisions[ix].area.n_rings;
    st = widen(im, ix, err);
    if (st) return st;
    const xw_area gap = {(uint32_t)ring, (uint32_t)im->shape.n_rings};
    const double m2 = xw_area_m2(t, gap);
    if (m2 < TELL_M2) return XW_OK;
    char source[64];
    (void)snprintf(source, sizeof source, "%s", xw_territory_text(t, t->divisions[ix].source));
    return xw_territory_find(t, "division-gap", "divisions", source, xw__area_point(t, gap), err,
                             "%.1f m2 between divisions belong to none, given to %s", m2,
                             xw_territory_text(t, t->divisions[ix].name));
}

/* None when the divisions are read alone: then a hole stays a hole. */
static size_t buildings_in(const xw_territory *t, xw_area a)
{
    const xw_box box = xw_area_box(t, a);
    size_t n = 0;
    for (size_t i = 0; i < t->n_buildings; i++) {
        const xw_pt p = t->pts[t->rings[t->buildings[i].area.first_ring].first];
        n += xw_box_has(box, p) && xw_area_owns(t, a, p);
    }
    return n;
}

/* A hole with buildings is a division that is missing. Its parent is its neighbour's, set later. */
static xw_status fill_hole(const gaps *g, const GEOSGeometry *piece, const touch *by, xw_error *err)
{
    xw__import *im = g->im;
    xw_territory *t = im->t;
    const size_t n_pts = t->n_pts, n_rings = t->n_rings;
    xw_division d = {0};
    xw_status st = take_piece(g, piece, err);
    if (!st && im->shape.n_rings) st = xw__shape_put_area(&im->shape, t, &d.area, err);
    if (st || d.area.n_rings == 0 || by->best == XW_NONE) return st;
    const xw_pt at = xw__area_point(t, d.area);
    const double ha = xw_area_m2(t, d.area) / 1e4;
    const size_t n = buildings_in(t, d.area);
    if (n == 0) {
        t->n_pts = n_pts;
        t->n_rings = n_rings;
        return xw_territory_find(t, "division-hole", "divisions", "", at, err,
                                 "%.2f ha inside the divisions belong to none and have no "
                                 "buildings",
                                 ha);
    }
    const xw_division *neighbour = &t->divisions[g->leaf[by->best].ix];
    d.level = neighbour->level;
    d.source = neighbour->source; /* until xw__gaps_set_parents */
    char name[64];
    (void)snprintf(name, sizeof name, "未划区%zu", ++im->n_made);
    st = xw__intern(im, name, &d.name, err);
    if (!st && im->n_made == 1) im->first_made = (uint32_t)t->n_divisions;
    if (!st) st = xw_territory_add_division(t, &d, err);
    if (st) return st;
    return xw_territory_find(t, "division-missing", "divisions", "", at, err,
                             "%.2f ha inside the divisions belong to none and have %zu buildings: "
                             "division %s is made",
                             ha, n, name);
}

void xw__gaps_set_parents(xw__import *im)
{
    xw_territory *t = im->t;
    for (size_t i = 0; i < im->n_made; i++) {
        xw_division *d = &t->divisions[im->first_made + i];
        for (size_t k = 0; k < im->first_made; k++) {
            if (t->divisions[k].area.n_rings == 0 || t->divisions[k].source != d->source) continue;
            d->parent_code = t->divisions[k].parent_code;
            d->parent_name = t->divisions[k].parent_name;
            break;
        }
        d->source = 0;
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef struct piece {
    const GEOSGeometry *g;
    double x, y; /* smallest corner, so that the order is that of the places */
} piece;

static int by_place(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* The polygons of @p all in a fixed order, the caller's to free. NULL for lack of memory. */
static piece *pieces_of(const gaps *g, const GEOSGeometry *all, size_t *n)
{
    const int many = GEOSGetNumGeometries_r(g->geos, all);
    piece *p = calloc((size_t)(many > 0 ? many : 0) + 1, sizeof *p);
    *n = 0;
    for (int i = 0; p && i < many; i++) {
        const GEOSGeometry *at = GEOSGetGeometryN_r(g->geos, all, i);
        if (GEOSGeomTypeId_r(g->geos, at) != GEOS_POLYGON || GEOSisEmpty_r(g->geos, at)) continue;
        p[*n].g = at;
        (void)GEOSGeom_getXMin_r(g->geos, at, &p[*n].x);
        (void)GEOSGeom_getYMin_r(g->geos, at, &p[(*n)++].y);
    }
    if (p && *n) qsort(p, *n, sizeof *p, by_place);
    return p;
}

static bool is_gap(const gaps *g, const touch *t)
{
    if (t->best == XW_NONE || (!g->open && t->open > 0.0) ||
        t->open > OPEN_SHARE * (t->rim - t->open))
        return false;
    /* A fillet of a few units is so near to its corner that it seems to touch all round. */
    return t->n > 1 || (t->open <= 0.0 && 2.0 * t->area > WIDE_UNITS * t->rim);
}

/* Closes what is narrow. @param covered  in and out: the union with the gaps that were closed */
static xw_status close_narrow(const gaps *g, GEOSGeometry **covered, xw_error *err)
{
    GEOSGeometry *wide = GEOSBuffer_r(g->geos, *covered, GAP_UNITS / 2.0, 8);
    GEOSGeometry *closed = wide ? GEOSBuffer_r(g->geos, wide, -GAP_UNITS / 2.0, 8) : NULL;
    GEOSGeometry *rest = closed ? GEOSDifferencePrec_r(g->geos, closed, *covered, 1.0) : NULL;
    size_t n = 0;
    piece *p = rest ? pieces_of(g, rest, &n) : NULL;
    xw_status st = p ? XW_OK : xw_fail(err, XW_NOMEM, "gaps of %zu divisions", g->n);
    for (size_t i = 0; i < n && !st; i++) {
        touch t;
        if (!touch_piece(g, p[i].g, &t)) st = xw_fail(err, XW_NOMEM, "%zu divisions", g->n);
        if (!st && is_gap(g, &t)) {
            st = close_piece(g, p[i].g, g->leaf[t.best].ix, err);
            GEOSGeometry *more = GEOSUnionPrec_r(g->geos, *covered, p[i].g, 1.0);
            more = xw__areas_only(g->geos, more);
            if (more) {
                GEOSGeom_destroy_r(g->geos, *covered);
                *covered = more;
            }
        }
        free(t.by);
    }
    free(p);
    GEOSGeom_destroy_r(g->geos, rest);
    GEOSGeom_destroy_r(g->geos, closed);
    GEOSGeom_destroy_r(g->geos, wide);
    return st;
}

static xw_status fill_holes(const gaps *g, const GEOSGeometry *covered, xw_error *err)
{
    const int many = GEOSGetNumGeometries_r(g->geos, covered);
    xw_status st = XW_OK;
    GEOSGeometry *all = NULL;
    GEOSGeometry **hole = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < many; i++) {
        const GEOSGeometry *at = GEOSGetGeometryN_r(g->geos, covered, i);
        if (GEOSGeomTypeId_r(g->geos, at) != GEOS_POLYGON) continue;
        const int holes = GEOSGetNumInteriorRings_r(g->geos, at);
        for (int k = 0; k < holes; k++) {
            GEOSGeometry *ring = GEOSGeom_clone_r(g->geos, GEOSGetInteriorRingN_r(g->geos, at, k));
            GEOSGeometry *area = ring ? GEOSGeom_createPolygon_r(g->geos, ring, NULL, 0) : NULL;
            if (!area || !xw_grow((void **)&hole, &cap, n + 1, sizeof(GEOSGeometry *))) {
                GEOSGeom_destroy_r(g->geos, area);
                st = xw_fail(err, XW_NOMEM, "%zu holes", n);
                goto done;
            }
            hole[n++] = area;
        }
    }
    if (n == 0) goto done;
    /* islands in a hole are divisions themselves: not a part of it */
    GEOSGeometry *many_holes =
        GEOSGeom_createCollection_r(g->geos, GEOS_GEOMETRYCOLLECTION, hole, (unsigned)n);
    if (many_holes) n = 0;
    /* an island may have holes of its own, so holes may lie in holes */
    GEOSGeometry *filled = many_holes ? GEOSUnaryUnionPrec_r(g->geos, many_holes, 1.0) : NULL;
    filled = xw__areas_only(g->geos, filled);
    all = filled ? GEOSDifferencePrec_r(g->geos, filled, covered, 1.0) : NULL;
    GEOSGeom_destroy_r(g->geos, filled);
    GEOSGeom_destroy_r(g->geos, many_holes);
    size_t n_pieces = 0;
    piece *p = all ? pieces_of(g, all, &n_pieces) : NULL;
    if (!p) {
        st = xw_fail(err, all ? XW_NOMEM : XW_INPUT, "holes of %zu divisions cannot be computed",
                     g->n);
    }
    for (size_t i = 0; i < n_pieces && !st; i++) {
        touch t;
        if (!touch_piece(g, p[i].g, &t)) st = xw_fail(err, XW_NOMEM, "%zu divisions", g->n);
        if (!st) st = fill_hole(g, p[i].g, &t, err);
        free(t.by);
    }
    free(p);
done:
    for (size_t i = 0; i < n; i++) GEOSGeom_destroy_r(g->geos, hole[i]);
    free(hole);
    GEOSGeom_destroy_r(g->geos, all);
    return st;
}

xw_status xw__gaps_close(xw__import *im, bool open, xw_error *err)
{
    gaps g = {.im = im, .geos = im->geos, .open = open};
    xw_status st = open_gaps(&g, err);
    GEOSGeometry *covered = NULL;
    if (!st && g.n > 0) {
        covered = union_of(&g);
        if (!covered) st = xw_fail(err, XW_NOMEM, "union of %zu divisions", g.n);
        if (!st) st = close_narrow(&g, &covered, err);
        if (!st) st = fill_holes(&g, covered, err);
    }
    GEOSGeom_destroy_r(g.geos, covered);
    close_gaps(&g);
    return st;
}
