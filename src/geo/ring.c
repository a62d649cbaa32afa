#include "xiwang/ring.h"

#include <math.h>

xw_box xw_ring_box(xw_ring r)
{
    xw_box b = XW_BOX_EMPTY;
    for (uint32_t i = 0; i < r.n; i++) b = xw_box_grow(b, r.pts[i]);
    return b;
}

int64_t xw_ring_area2(xw_ring r)
{
    if (r.n < 3) return 0;
    const xw_pt o = r.pts[0]; /* relative to a vertex, so that products stay small */
    xw_i128 sum = 0;
    for (uint32_t i = 1; i + 1 < r.n; i++) {
        const int64_t ax = (int64_t)r.pts[i].x - o.x, ay = (int64_t)r.pts[i].y - o.y;
        const int64_t bx = (int64_t)r.pts[i + 1].x - o.x, by = (int64_t)r.pts[i + 1].y - o.y;
        sum += (xw_i128)ax * by - (xw_i128)ay * bx;
    }
    return (int64_t)sum;
}

/* Parity of the edges strictly right of p. An edge spans p.y half-open, so a vertex on the ray is
 * counted once; pointing every edge upward makes both neighbours compute the same number. */
bool xw_ring_owns(xw_ring r, xw_pt p)
{
    bool in = false;
    for (uint32_t i = 0, j = r.n - 1; i < r.n; j = i++) {
        xw_pt a = r.pts[j], b = r.pts[i];
        if ((a.y > p.y) == (b.y > p.y)) continue;
        if (a.y > b.y) {
            const xw_pt t = a;
            a = b;
            b = t;
        }
        if (xw_orient(a, b, p) > 0) in = !in;
    }
    return in;
}

bool xw_ring_touches(xw_ring r, xw_pt p)
{
    for (uint32_t i = 0, j = r.n - 1; i < r.n; j = i++) {
        if (xw_on_segment(r.pts[j], r.pts[i], p)) return true;
    }
    return false;
}

xw_scale xw_scale_at(int32_t lat)
{
    const double a = 6378137.0, f = 1.0 / 298.257222101, e2 = f * (2.0 - f);
    const double phi = xw_deg(lat) * (M_PI / 180.0), s = sin(phi);
    const double w2 = 1.0 - e2 * s * s, w = sqrt(w2);
    const double unit = M_PI / 180.0 / XW_UNITS_PER_DEG;
    return (xw_scale){a / w * cos(phi) * unit, a * (1.0 - e2) / (w2 * w) * unit};
}

/* Latitude of the centroid, kept within the box: a ring that crosses itself may have it anywhere.
 */
static int32_t centroid_lat(xw_ring r, int64_t area2)
{
    const xw_pt o = r.pts[0];
    double moment = 0.0; /* six times that of the area about o */
    for (uint32_t i = 1; i + 1 < r.n; i++) {
        const double ax = (double)r.pts[i].x - o.x, ay = (double)r.pts[i].y - o.y;
        const double bx = (double)r.pts[i + 1].x - o.x, by = (double)r.pts[i + 1].y - o.y;
        moment += (ax * by - ay * bx) * (ay + by);
    }
    const xw_box b = xw_ring_box(r);
    const double lat = o.y + moment / 3.0 / (double)area2;
    return (int32_t)lround(lat < b.min.y ? b.min.y : lat > b.max.y ? b.max.y : lat);
}

/* The scale falls almost evenly with the latitude: at the centroid what is too much on one side is
 * too little on the other, and only the second order of the height is left. */
double xw_ring_area_m2(xw_ring r)
{
    const int64_t area2 = xw_ring_area2(r);
    if (area2 == 0) return 0.0;
    const xw_scale s = xw_scale_at(centroid_lat(r, area2));
    return 0.5 * (double)area2 * s.mx * s.my;
}

double xw_line_length_m(const xw_pt *pts, size_t n)
{
    double sum = 0.0;
    for (size_t i = 1; i < n; i++) {
        const xw_scale s = xw_scale_at((int32_t)(((int64_t)pts[i].y + pts[i - 1].y) / 2));
        const double dx = ((double)pts[i].x - pts[i - 1].x) * s.mx;
        const double dy = ((double)pts[i].y - pts[i - 1].y) * s.my;
        sum += hypot(dx, dy);
    }
    return sum;
}
