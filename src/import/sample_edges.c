/* The shape of an edge of the grid, computed from its number, so that every polygon, river and
 * street that uses it has the same vertices. */
#include "sample_internal.h"

static bool is_straight(const xw__world *w, uint32_t e)
{
    uint32_t a, b;
    xw__edge_cells(w, e, &a, &b);
    return (a != XW_NONE && w->cells[a].kind == XW__CITY) ||
           (b != XW_NONE && w->cells[b].kind == XW__CITY);
}

/* Corner before a or after b on the line of the edge, mirrored at the border of the grid. */
static vec2 line_corner(const xw__world *w, uint32_t e, bool after)
{
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    const uint32_t step = b - a, row = w->nx + 1;
    const vec2 pa = w->corners[a], pb = w->corners[b];
    const bool level = xw__edge_is_level(w, e);
    const bool exists = after ? (level ? b % row + 1 < row : b / row + 1 <= w->ny)
                              : (level ? a % row > 0 : a / row > 0);
    if (!exists) return after ? v_mad(pb, v_sub(pb, pa), 1.0) : v_mad(pa, v_sub(pa, pb), 1.0);
    return w->corners[after ? b + step : a - step];
}

/* Catmull-Rom through the corners of the line; a river swings out in each edge besides. */
static void smooth(const xw__world *w, uint32_t e, xw__edge_line *out)
{
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    const vec2 p0 = line_corner(w, e, false), p1 = w->corners[a], p2 = w->corners[b],
               p3 = line_corner(w, e, true);
    const vec2 m1 = v_mul(v_sub(p2, p0), 0.5), m2 = v_mul(v_sub(p3, p1), 0.5);
    xw_rng r = xw__rng(w, XW__FOR_EDGE, e);
    const double swing = w->edges[e].kind & XW__RIVER ? xw__between(&r, -45.0, 45.0) : 0.0;
    const vec2 left = v_left(v_unit(v_sub(p2, p1)));
    out->n = XW__EDGE_PTS;
    for (uint32_t k = 0; k < out->n; k++) {
        const double t = k / 16.0, t2 = t * t, t3 = t2 * t;
        vec2 p = v_mul(p1, 2 * t3 - 3 * t2 + 1);
        p = v_mad(p, m1, t3 - 2 * t2 + t);
        p = v_mad(p, p2, 3 * t2 - 2 * t3);
        p = v_mad(p, m2, t3 - t2);
        const double s = sin(6.283185307179586 * t);
        out->p[k] = v_mad(p, left, swing * s * fabs(s));
    }
    out->p[0] = p1;
    out->p[16] = p2;
}

/* Midpoint displacement. */
static void crooked(const xw__world *w, uint32_t e, xw__edge_line *out)
{
    static const double amount[] = {0.09, 0.08, 0.07, 0.05};
    const double calm = w->edges[e].kind & XW__CALM ? 0.2 : 1.0;
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    xw_rng r = xw__rng(w, XW__FOR_EDGE, e);
    out->n = XW__EDGE_PTS;
    out->p[0] = w->corners[a];
    out->p[16] = w->corners[b];
    for (uint32_t step = 16, depth = 0; step > 1; step /= 2, depth++) {
        for (uint32_t k = 0; k < 16; k += step) {
            const vec2 p = out->p[k], q = out->p[k + step];
            out->p[k + step / 2] = v_mad(v_mid(p, q), v_left(v_sub(q, p)),
                                         calm * xw__between(&r, -amount[depth], amount[depth]));
        }
    }
}

double xw__edge_offset(const xw__world *w, unsigned kind)
{
    if (kind & XW__RIVER) return w->river_half + 40.0;
    return kind & XW__RAIL ? 38.0 : kind & XW__STREAM ? 20.0 : 0.0;
}

/* How far the streets along an edge stay from one of its corners: what the edges across need. */
static double step_back(const xw__world *w, uint32_t e, bool at_end)
{
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    const uint32_t c = at_end ? b : a, i = c % (w->nx + 1), j = c / (w->nx + 1);
    unsigned kind = 0;
    if (xw__edge_is_level(w, e)) {
        if (j < w->ny) kind |= w->edges[xw__n_level(w) + c].kind;
        if (j > 0) kind |= w->edges[xw__n_level(w) + c - (w->nx + 1)].kind;
    } else {
        if (i < w->nx) kind |= w->edges[j * w->nx + i].kind;
        if (i > 0) kind |= w->edges[j * w->nx + i - 1].kind;
    }
    return xw__edge_offset(w, kind);
}

void xw__edge_nodes(const xw__world *w, uint32_t e, vec2 node[5])
{
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    const vec2 p = w->corners[a], d = v_sub(w->corners[b], p);
    const double length = v_len(d);
    xw_rng r = xw__rng(w, XW__FOR_NODE, e);
    const double near = xw__between(&r, 0.23, 0.28), far = xw__between(&r, 0.72, 0.77);
    const double t[5] = {step_back(w, e, false) / length, near, 0.5, far,
                         1.0 - step_back(w, e, true) / length};
    for (int k = 0; k < 5; k++) node[k] = v_mad(p, d, t[k]);
    if (t[4] == 1.0) node[4] = w->corners[b];
}

/* All vertices that streets along the edge have, so that border and street agree exactly. */
static void straight(const xw__world *w, uint32_t e, xw__edge_line *out)
{
    uint32_t a, b, n = 0;
    xw__edge_corners(w, e, &a, &b);
    vec2 q[5];
    xw__edge_nodes(w, e, q);
    out->p[n++] = w->corners[a];
    if (step_back(w, e, false) > 0.0) out->p[n++] = q[0];
    for (int k = 0; k < 4; k++) {
        out->p[n++] = v_mid(q[k], q[k + 1]);
        if (k < 3) out->p[n++] = q[k + 1];
    }
    if (step_back(w, e, true) > 0.0) out->p[n++] = q[4];
    out->p[n++] = w->corners[b];
    out->n = n;
}

void xw__edge_shape(const xw__world *w, uint32_t e, xw__edge_line *out)
{
    if (w->edges[e].kind & (XW__RIVER | XW__RAIL)) {
        smooth(w, e, out);
    } else if (is_straight(w, e)) {
        straight(w, e, out);
    } else {
        crooked(w, e, out);
    }
}

xw__portal xw__edge_portal(const xw__world *w, uint32_t e)
{
    uint32_t a, b;
    xw__edge_corners(w, e, &a, &b);
    const unsigned kind = w->edges[e].kind;
    xw__portal out = {.left = v_left(v_unit(v_sub(w->corners[b], w->corners[a])))};
    if (!(kind & (XW__RIVER | XW__RAIL)) && is_straight(w, e)) {
        vec2 q[5];
        xw__edge_nodes(w, e, q);
        out.at = q[2];
    } else {
        xw__edge_line l;
        xw__edge_shape(w, e, &l);
        out.at = l.p[8];
    }
    if (kind & XW__RIVER) {
        out.span = w->river_half + 10.0;
    } else if (kind & XW__RAIL) {
        out.span = 14.0;
    } else if (kind & XW__STREAM) {
        out.span = 9.0;
    }
    return out;
}

uint32_t xw__cell_ring(const xw__world *w, uint32_t cell, vec2 *ring)
{
    uint32_t n = 0;
    for (unsigned side = 0; side < 4; side++) {
        xw__edge_line l;
        xw__edge_shape(w, xw__side_edge(w, cell, side), &l);
        const bool forward = side == XW__S || side == XW__E;
        for (uint32_t k = 0; k + 1 < l.n; k++) ring[n++] = forward ? l.p[k] : l.p[l.n - 1 - k];
    }
    return n;
}

static bool cross(vec2 a, vec2 b, vec2 c, vec2 d)
{
    const vec2 ab = v_sub(b, a), cd = v_sub(d, c);
    return v_cross(ab, v_sub(c, a)) * v_cross(ab, v_sub(d, a)) <= 0.0 &&
           v_cross(cd, v_sub(a, c)) * v_cross(cd, v_sub(b, c)) <= 0.0;
}

/* Neighbours on the ring may meet in their common vertex, but not fold back. */
static bool is_simple(const vec2 *ring, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const vec2 a = ring[i], b = ring[(i + 1) % n];
        if (v_dot(v_unit(v_sub(b, a)), v_unit(v_sub(ring[(i + 2) % n], b))) < -0.94) return false;
        for (uint32_t k = i + 2; k < n; k++) {
            if ((k + 1) % n != i && cross(a, b, ring[k], ring[(k + 1) % n])) return false;
        }
    }
    return true;
}

void xw__edges_calm(xw__world *w)
{
    vec2 ring[4 * XW__EDGE_PTS];
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        if (!xw__in_county(w, c) || is_simple(ring, xw__cell_ring(w, c, ring))) continue;
        for (unsigned s = 0; s < 4; s++) w->edges[xw__side_edge(w, c, s)].kind |= XW__CALM;
    }
}
