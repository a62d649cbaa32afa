#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Validity is decided on the lattice itself: coordinates go to GEOS as the integers they are (exact
 * in doubles), and what comes back is rounded onto integers by its snap-rounding, which keeps it
 * valid. So the rings that leave here are valid as lattice polygons, not only before rounding. */

static GEOSGeometry *ring_of(GEOSContextHandle_t geos, const xw__shape *s, xw__part r)
{
    GEOSCoordSequence *seq = GEOSCoordSeq_create_r(geos, r.n + 1, 2);
    if (!seq) return NULL;
    for (uint32_t i = 0; i <= r.n; i++) {
        const xw_pt p = s->pts[r.first + (i < r.n ? i : 0)];
        GEOSCoordSeq_setXY_r(geos, seq, i, p.x, p.y);
    }
    return GEOSGeom_createLinearRing_r(geos, seq);
}

/* One polygon from rings[i .. j): an outer ring and its holes. */
static GEOSGeometry *polygon_of(GEOSContextHandle_t geos, const xw__shape *s, size_t i, size_t j)
{
    const size_t n_holes = j - i - 1;
    GEOSGeometry **holes = n_holes ? calloc(n_holes, sizeof(GEOSGeometry *)) : NULL;
    GEOSGeometry *shell = ring_of(geos, s, s->rings[i]);
    bool ok = shell && (holes || !n_holes);
    for (size_t k = 0; k < n_holes && ok; k++) {
        holes[k] = ring_of(geos, s, s->rings[i + 1 + k]);
        ok = holes[k] != NULL;
    }
    GEOSGeometry *g = NULL;
    if (ok) { /* takes the rings, not the array */
        g = GEOSGeom_createPolygon_r(geos, shell, holes, (unsigned)n_holes);
    } else {
        GEOSGeom_destroy_r(geos, shell);
        for (size_t k = 0; holes && k < n_holes; k++) GEOSGeom_destroy_r(geos, holes[k]);
    }
    free(holes);
    return g;
}

static GEOSGeometry *area_of(GEOSContextHandle_t geos, const xw__shape *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_rings; i++) n += s->rings[i].outer;
    GEOSGeometry **parts = calloc(n ? n : 1, sizeof(GEOSGeometry *));
    if (!parts) return NULL;
    size_t k = 0;
    bool ok = true;
    for (size_t i = 0, j; i < s->n_rings && ok; i = j) {
        for (j = i + 1; j < s->n_rings && !s->rings[j].outer; j++) {
        }
        parts[k] = polygon_of(geos, s, i, j);
        ok = parts[k++] != NULL;
    }
    GEOSGeometry *g = NULL;
    if (ok && n == 1) {
        g = parts[0];
    } else if (ok) {
        g = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, parts, (unsigned)n);
    } else {
        for (size_t i = 0; i < k; i++) GEOSGeom_destroy_r(geos, parts[i]);
    }
    free(parts);
    return g;
}

static GEOSGeometry *make_valid(GEOSContextHandle_t geos, const GEOSGeometry *g)
{
    GEOSMakeValidParams *how = GEOSMakeValidParams_create_r(geos);
    if (!how) return NULL;
    GEOSMakeValidParams_setMethod_r(geos, how, GEOS_MAKE_VALID_STRUCTURE);
    GEOSMakeValidParams_setKeepCollapsed_r(geos, how, 0);
    GEOSGeometry *valid = GEOSMakeValidWithParams_r(geos, g, how);
    GEOSMakeValidParams_destroy_r(geos, how);
    if (!valid) return NULL;
    GEOSGeometry *snapped = GEOSGeom_setPrecision_r(geos, valid, 1.0, 0);
    GEOSGeom_destroy_r(geos, valid);
    return snapped;
}

/* What a ring encloses, also of one that touches itself. */
static GEOSGeometry *disc_of(GEOSContextHandle_t geos, const xw__shape *s, xw__part r)
{
    GEOSGeometry *ring = ring_of(geos, s, r);
    GEOSGeometry *area = ring ? GEOSGeom_createPolygon_r(geos, ring, NULL, 0) : NULL;
    if (!area || GEOSisValid_r(geos, area) == 1) return area;
    GEOSGeometry *valid = make_valid(geos, area);
    GEOSGeom_destroy_r(geos, area);
    return valid;
}

GEOSGeometry *xw__areas_only(GEOSContextHandle_t geos, GEOSGeometry *g)
{
    if (!g || GEOSGeomTypeId_r(geos, g) != GEOS_GEOMETRYCOLLECTION) return g;
    const int n = GEOSGetNumGeometries_r(geos, g);
    GEOSGeometry **areas = calloc((size_t)n + 1, sizeof(GEOSGeometry *));
    GEOSGeometry *out = NULL;
    unsigned k = 0;
    bool ok = areas != NULL;
    for (int i = 0; i < n && ok; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(geos, g, i);
        if (GEOSGeomTypeId_r(geos, part) != GEOS_POLYGON) continue;
        areas[k] = GEOSGeom_clone_r(geos, part);
        ok = areas[k++] != NULL;
    }
    if (ok) out = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, areas, k);
    for (unsigned i = 0; i < k && !ok; i++) GEOSGeom_destroy_r(geos, areas[i]);
    free(areas);
    GEOSGeom_destroy_r(geos, g);
    return out;
}

GEOSGeometry *xw__shape_area_xor(GEOSContextHandle_t geos, const xw__shape *s)
{
    GEOSGeometry *sum = NULL;
    for (size_t i = 0; i < s->n_rings; i++) {
        GEOSGeometry *area = disc_of(geos, s, s->rings[i]);
        GEOSGeometry *both = sum && area ? GEOSSymDifferencePrec_r(geos, sum, area, 1.0) : NULL;
        both = xw__areas_only(geos, both);
        if (sum) {
            GEOSGeom_destroy_r(geos, sum);
            GEOSGeom_destroy_r(geos, area);
            sum = both;
        } else {
            sum = area;
        }
        if (!sum) return NULL;
    }
    return sum;
}

static xw_status take_ring(GEOSContextHandle_t geos, xw__shape *s, const GEOSGeometry *ring,
                           bool outer, xw_error *err)
{
    const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned n = 0;
    const size_t first = s->n_pts;
    if (!seq || !GEOSCoordSeq_getSize_r(geos, seq, &n) || n < 4) return XW_OK;
    if (!xw_grow((void **)&s->pts, &s->cap_pts, first + n, sizeof *s->pts) ||
        !xw_grow((void **)&s->rings, &s->cap_rings, s->n_rings + 1, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "%u vertices", n);
    }
    for (unsigned i = 0; i + 1 < n; i++) { /* the last repeats the first */
        double x, y;
        GEOSCoordSeq_getXY_r(geos, seq, i, &x, &y);
        const xw_pt p = {(int32_t)llround(x), (int32_t)llround(y)};
        if (s->n_pts == first || !xw_pt_eq(s->pts[s->n_pts - 1], p)) s->pts[s->n_pts++] = p;
    }
    s->rings[s->n_rings++] = (xw__part){(uint32_t)first, (uint32_t)(s->n_pts - first), outer};
    return XW_OK;
}

xw_status xw__shape_take(GEOSContextHandle_t geos, xw__shape *s, const GEOSGeometry *g,
                         xw_error *err)
{
    const int type = GEOSGeomTypeId_r(geos, g);
    xw_status st = XW_OK;
    if (type == GEOS_POLYGON && !GEOSisEmpty_r(geos, g)) {
        st = take_ring(geos, s, GEOSGetExteriorRing_r(geos, g), true, err);
        const int holes = GEOSGetNumInteriorRings_r(geos, g);
        for (int i = 0; i < holes && !st; i++) {
            st = take_ring(geos, s, GEOSGetInteriorRingN_r(geos, g, i), false, err);
        }
    } else if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        const int n = GEOSGetNumGeometries_r(geos, g);
        for (int i = 0; i < n && !st; i++) {
            st = xw__shape_take(geos, s, GEOSGetGeometryN_r(geos, g, i), err);
        }
    }
    return st;
}

static void reverse(xw_pt *p, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        const xw_pt x = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = x;
    }
}

/* Turns the ring so that its smallest vertex is first and its direction is the agreed one. */
static void normalise(xw_pt *p, size_t n, bool outer)
{
    const bool ccw = xw_ring_area2((xw_ring){p, (uint32_t)n}) > 0;
    size_t low = 0;
    if (ccw != outer) reverse(p, n);
    for (size_t i = 1; i < n; i++) {
        if (xw_pt_less(p[i], p[low])) low = i;
    }
    reverse(p, low); /* rotation by three reversals */
    reverse(p + low, n - low);
    reverse(p, n);
}

/* Outer rings first, then holes, each by its vertices, so that equal areas have equal rings. An
 * insertion sort: areas have few rings. */
static bool ring_before(const xw__shape *s, xw__part a, xw__part b)
{
    const uint32_t n = a.n < b.n ? a.n : b.n;
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt p = s->pts[a.first + i], q = s->pts[b.first + i];
        if (!xw_pt_eq(p, q)) return xw_pt_less(p, q);
    }
    return a.n < b.n;
}

static void sort_rings(xw__shape *s)
{
    if (s->n_rings > 2000) return; /* a lake with islands: its order from GEOS is as good */
    for (size_t i = 1; i < s->n_rings; i++) {
        const xw__part r = s->rings[i];
        size_t k = i;
        for (; k > 0; k--) {
            const xw__part q = s->rings[k - 1];
            const bool before = r.outer != q.outer ? r.outer : ring_before(s, r, q);
            if (!before) break;
            s->rings[k] = q;
        }
        s->rings[k] = r;
    }
}

xw_status xw__shape_repair(GEOSContextHandle_t geos, xw__shape *s, xw_error *err)
{
    xw_status st = XW_OK;
    if (s->n_rings == 0) return XW_OK;
    GEOSGeometry *g = area_of(geos, s), *valid = NULL;
    if (!g) return xw_fail(err, XW_NOMEM, "polygon of %zu rings", s->n_rings);
    if (GEOSisValid_r(geos, g) != 1) {
        valid = make_valid(geos, g);
        s->repaired = true;
        s->n_rings = 0;
        if (valid) st = xw__shape_take(geos, s, valid, err);
    }
    if (s->n_rings == 0) s->collapsed = true;
    for (size_t i = 0; i < s->n_rings && !st; i++) {
        normalise(s->pts + s->rings[i].first, s->rings[i].n, s->rings[i].outer);
    }
    sort_rings(s);
    GEOSGeom_destroy_r(geos, valid);
    GEOSGeom_destroy_r(geos, g);
    return st;
}
