#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Segments of a projected CRS are straight on its plane and bend on the lattice: cut shorter. */
#define LONGEST_M 200.0
#define CUTS_MAX  100000.0
/* Metres of a projected CRS that are on earth: half way round it, and eastings that begin with the
 * number of a zone of 60. Beyond, the inverse projections go round and round. */
#define NORTHING_MAX 21.0e6
#define EASTING_MAX  61.0e6

void xw__shape_finish(xw__shape *s)
{
    free(s->pts);
    free(s->rings);
    free(s->lines);
    free(s->xy);
    *s = (xw__shape){0};
}

static void clear(xw__shape *s)
{
    s->n_pts = s->n_rings = s->n_lines = 0;
    s->has_at = s->points = s->bad = s->collapsed = s->repaired = false;
    s->at = (xw_pt){0, 0};
    s->notes = 0;
}

static void note(xw__shape *s, unsigned what) { s->notes |= 1u << what; }

static bool is_on_earth(const double *xy, xw__frame f)
{
    return !(f.metres > 0.0) ||
           (fabs(xy[0]) * f.metres <= EASTING_MAX && fabs(xy[1]) * f.metres <= NORTHING_MAX);
}

bool xw__frame_put(xw__frame f, double x, double y, xw_pt *out)
{
    const double xy[2] = {f.swap ? y : x, f.swap ? x : y};
    if (!is_on_earth(xy, f)) return false;
    return f.crs ? xw_crs_to_lattice(f.crs, xy[0], xy[1], out, NULL) == XW_OK
                 : xw_pt_from_deg(xy[0], xy[1], out);
}

/* One vertex onto the lattice; equal neighbours fall together. False: not a place on earth. */
static bool put(xw__shape *s, size_t start, double x, double y, xw__frame f)
{
    xw_pt p;
    const bool ok =
        f.crs ? xw_crs_to_lattice(f.crs, x, y, &p, NULL) == XW_OK : xw_pt_from_deg(x, y, &p);
    if (!ok) {
        s->bad = true;
        return false;
    }
    if (!s->has_at) s->at = p;
    s->has_at = true;
    if (s->n_pts == start || !xw_pt_eq(s->pts[s->n_pts - 1], p)) {
        s->pts[s->n_pts++] = p;
    } else {
        note(s, XW__NOTE_REPEATED);
    }
    return true;
}

static double cuts_of(const double *a, const double *b, xw__frame f)
{
    const double m = f.metres * hypot(b[0] - a[0], b[1] - a[1]);
    return m > LONGEST_M ? fmin(ceil(m / LONGEST_M), CUTS_MAX) : 1.0; /* 1 for NaN too */
}

/* The inner points of a long segment are counted from its smaller end, so that two neighbours that
 * run along it in opposite directions get the very same ones. */
static bool put_cuts(xw__shape *s, size_t start, const double *a, const double *b, double cuts,
                     xw__frame f)
{
    const bool swap = b[0] < a[0] || (b[0] == a[0] && b[1] < a[1]);
    const double *lo = swap ? b : a, *hi = swap ? a : b;
    for (double k = 1.0; k < cuts; k += 1.0) {
        const double w = (swap ? cuts - k : k) / cuts;
        if (!put(s, start, lo[0] + w * (hi[0] - lo[0]), lo[1] + w * (hi[1] - lo[1]), f)) {
            return false;
        }
    }
    return true;
}

/* The vertices of a simple curve, converted, onto s->pts. */
static xw_status put_vertices(xw__shape *s, OGRGeometryH g, xw__frame f, xw_error *err)
{
    const int n = OGR_G_GetPointCount(g);
    const size_t start = s->n_pts;
    if (n <= 0) return XW_OK;
    if (!xw_grow((void **)&s->xy, &s->cap_xy, (size_t)n * 2, sizeof *s->xy)) {
        return xw_fail(err, XW_NOMEM, "%d vertices", n);
    }
    const int step = 2 * (int)sizeof *s->xy;
    OGR_G_GetPoints(g, s->xy + f.swap, step, s->xy + !f.swap, step, NULL, 0);
    double total = n;
    for (int i = 0; i < n; i++) {
        if (is_on_earth(s->xy + 2 * i, f)) continue;
        s->bad = true;
        return XW_OK;
    }
    for (int i = 1; i < n && f.metres > 0.0; i++) {
        total += cuts_of(s->xy + 2 * (i - 1), s->xy + 2 * i, f) - 1.0;
    }
    if (total > 1e8) return xw_fail(err, XW_LIMIT, "a line of more than 100 million vertices");
    if (!xw_grow((void **)&s->pts, &s->cap_pts, start + (size_t)total, sizeof *s->pts)) {
        return xw_fail(err, XW_NOMEM, "%d vertices", n);
    }
    for (int i = 0; i < n; i++) {
        const double *a = s->xy + 2 * i;
        if (i > 0 && f.metres > 0.0) {
            const double cuts = cuts_of(a - 2, a, f);
            if (cuts > 1.0 && !put_cuts(s, start, a - 2, a, cuts, f)) return XW_OK;
        }
        if (!put(s, start, a[0], a[1], f)) return XW_OK;
    }
    return XW_OK;
}

static xw_status read_line(xw__shape *s, OGRGeometryH g, xw__frame f, xw_error *err)
{
    const size_t first = s->n_pts;
    const xw_status st = put_vertices(s, g, f, err);
    if (st || s->bad) return st;
    const size_t n = s->n_pts - first;
    if (n < 2) {
        s->n_pts = first;
        s->collapsed |= n == 1;
        return XW_OK;
    }
    if (!xw_grow((void **)&s->lines, &s->cap_lines, s->n_lines + 1, sizeof *s->lines)) {
        return xw_fail(err, XW_NOMEM, "%zu lines", s->n_lines + 1);
    }
    s->lines[s->n_lines++] = (xw__part){(uint32_t)first, (uint32_t)n, false};
    return XW_OK;
}

static int64_t area2_of(const xw__shape *s, size_t ring)
{
    return xw_ring_area2((xw_ring){s->pts + s->rings[ring].first, s->rings[ring].n});
}

/* The hole that was read last against the outer ring before it: all formats turn them the opposite
 * way, whichever that is. */
static void look_at_turn(xw__shape *s)
{
    size_t outer = s->n_rings - 1;
    while (outer > 0 && !s->rings[outer].outer) outer--;
    if ((area2_of(s, outer) > 0) == (area2_of(s, s->n_rings - 1) > 0)) note(s, XW__NOTE_TURNED);
}

/* @param alive  in and out: false once the outer ring of the polygon was nothing */
static xw_status read_ring(xw__shape *s, OGRGeometryH g, xw__frame f, bool outer, bool *alive,
                           xw_error *err)
{
    const size_t first = s->n_pts;
    const xw_status st = put_vertices(s, g, f, err);
    if (st || s->bad) return st;
    if (s->n_pts - first > 1 && !xw_pt_eq(s->pts[s->n_pts - 1], s->pts[first])) {
        note(s, XW__NOTE_UNCLOSED);
    }
    while (s->n_pts - first > 1 && xw_pt_eq(s->pts[s->n_pts - 1], s->pts[first])) s->n_pts--;
    if (s->n_pts - first < 3 || (!outer && !*alive)) {
        s->n_pts = first;
        s->collapsed |= outer;
        if (outer) *alive = false;
        return XW_OK;
    }
    if (!xw_grow((void **)&s->rings, &s->cap_rings, s->n_rings + 1, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "%zu rings", s->n_rings + 1);
    }
    s->rings[s->n_rings++] = (xw__part){(uint32_t)first, (uint32_t)(s->n_pts - first), outer};
    if (!outer) look_at_turn(s);
    return XW_OK;
}

static xw_status read_point(xw__shape *s, OGRGeometryH g, xw__frame f, xw_error *err)
{
    const size_t first = s->n_pts;
    const xw_status st = put_vertices(s, g, f, err);
    if (st || s->bad) return st;
    if (s->n_pts > first && !s->points) {
        s->at = s->pts[first];
        s->points = true;
    }
    s->n_pts = first;
    return XW_OK;
}

static xw_status read_part(xw__shape *s, OGRGeometryH g, xw__frame f, int depth, xw_error *err)
{
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(g));
    const int n = OGR_G_GetGeometryCount(g);
    xw_status st = XW_OK;
    if (depth > 16 || OGR_G_IsEmpty(g)) return XW_OK;
    if (type == wkbPoint) return read_point(s, g, f, err);
    if (type == wkbLineString || type == wkbLinearRing) return read_line(s, g, f, err);
    bool alive = true;
    for (int i = 0; i < n && !st && !s->bad; i++) {
        const OGRGeometryH part = OGR_G_GetGeometryRef(g, i);
        st = type == wkbPolygon || type == wkbTriangle ? read_ring(s, part, f, i == 0, &alive, err)
                                                       : read_part(s, part, f, depth + 1, err);
    }
    return st;
}

xw_status xw__shape_read(xw__shape *s, OGRGeometryH g, xw__frame f, xw_error *err)
{
    clear(s);
    if (!g) return XW_OK;
    OGRGeometryH linear = NULL;
    if (OGR_G_HasCurveGeometry(g, 1)) linear = OGR_G_GetLinearGeometry(g, 0.0, NULL);
    if (linear) note(s, XW__NOTE_CURVE);
    if (OGR_G_Is3D(g) || OGR_G_IsMeasured(g)) note(s, XW__NOTE_Z);
    const xw_status st = read_part(s, linear ? linear : g, f, 0, err);
    if (linear) s->notes &= ~(1u << XW__NOTE_REPEATED); /* ours: a small arc has short edges */
    OGR_G_DestroyGeometry(linear);
    if (s->bad) {
        s->n_rings = s->n_lines = 0;
        s->points = false;
    }
    return st;
}

xw_status xw__shape_close_lines(xw__shape *s, xw_error *err)
{
    for (size_t i = 0; i < s->n_lines && (s->n_rings == 0 || s->notes & 1u << XW__NOTE_LINE); i++) {
        const xw__part l = s->lines[i];
        if (l.n < 4 || !xw_pt_eq(s->pts[l.first], s->pts[l.first + l.n - 1])) continue;
        if (!xw_grow((void **)&s->rings, &s->cap_rings, s->n_rings + 1, sizeof *s->rings)) {
            return xw_fail(err, XW_NOMEM, "%zu rings", s->n_rings + 1);
        }
        s->rings[s->n_rings++] = (xw__part){l.first, l.n - 1, true};
        note(s, XW__NOTE_LINE);
    }
    return XW_OK;
}

xw_status xw__shape_put_area(const xw__shape *s, xw_territory *t, xw_area *out, xw_error *err)
{
    *out = (xw_area){(uint32_t)t->n_rings, (uint32_t)s->n_rings};
    for (size_t i = 0; i < s->n_rings; i++) {
        const xw__part r = s->rings[i];
        const xw_status st = xw_territory_add_ring(t, s->pts + r.first, r.n, err);
        if (st) return st;
    }
    return XW_OK;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Crossings of the area's rings with the line y = mid + 1/2: no vertex lies on it, so they pair. */
static size_t crossings(const xw_territory *t, xw_area a, double y, double *x, size_t cap)
{
    size_t n = 0;
    for (uint32_t r = 0; r < a.n_rings; r++) {
        const xw_ring ring = xw_territory_ring(t, a.first_ring + r);
        for (uint32_t i = 0; i < ring.n; i++) {
            const xw_pt p = ring.pts[i], q = ring.pts[i + 1 < ring.n ? i + 1 : 0];
            if ((p.y < y) == (q.y < y) || n == cap) continue;
            x[n++] = p.x + (y - p.y) / ((double)q.y - p.y) * ((double)q.x - p.x);
        }
    }
    return n;
}

xw_pt xw__area_point(const xw_territory *t, xw_area a)
{
    if (a.n_rings == 0) return (xw_pt){0, 0};
    const xw_box b = xw_area_box(t, a);
    const double y = floor(((double)b.min.y + b.max.y) / 2.0) + 0.5;
    double x[2048], best = -1.0, mid = 0.0;
    const size_t n = crossings(t, a, y, x, sizeof x / sizeof x[0]);
    qsort(x, n, sizeof x[0], by_value);
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (x[i + 1] - x[i] <= best) continue;
        best = x[i + 1] - x[i];
        mid = (x[i] + x[i + 1]) / 2.0;
    }
    for (int up = 0; up < 2 && best >= 0.0; up++) {
        const xw_pt p = {(int32_t)floor(mid), (int32_t)floor(y) + up};
        if (xw_area_owns(t, a, p)) return p;
    }
    return t->pts[t->rings[a.first_ring].first];
}
