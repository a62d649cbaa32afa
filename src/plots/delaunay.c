#include "delaunay.h"

#include "xiwang/buf.h"

#include <math.h>
#include <stdlib.h>

static int64_t orient(xw_pt a, xw_pt b, xw_pt c)
{
    return ((int64_t)b.x - a.x) * ((int64_t)c.y - a.y) -
           ((int64_t)b.y - a.y) * ((int64_t)c.x - a.x);
}

static int in_circle_exact(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    const int64_t ax = (int64_t)a.x - d.x, ay = (int64_t)a.y - d.y;
    const int64_t bx = (int64_t)b.x - d.x, by = (int64_t)b.y - d.y;
    const int64_t cx = (int64_t)c.x - d.x, cy = (int64_t)c.y - d.y;
    const xw_i128 det = (xw_i128)(ax * ax + ay * ay) * (bx * cy - cx * by) +
                        (xw_i128)(bx * bx + by * by) * (cx * ay - ax * cy) +
                        (xw_i128)(cx * cx + cy * cy) * (ax * by - bx * ay);
    return (det > 0) - (det < 0);
}

enum { NEAR = 23170 }; /* with such differences every sum below stays under 2^62 */

/* All within 23 m of d, as most are: exact in 64 bits. */
static int in_circle_near(int64_t ax, int64_t ay, int64_t bx, int64_t by, int64_t cx, int64_t cy)
{
    const int64_t det = (ax * ax + ay * ay) * (bx * cy - cx * by) +
                        (bx * bx + by * by) * (cx * ay - ax * cy) +
                        (cx * cx + cy * cy) * (ax * by - bx * ay);
    return (det > 0) - (det < 0);
}

static bool is_near(int64_t x, int64_t y)
{
    return (uint64_t)(x + NEAR) <= 2 * NEAR && (uint64_t)(y + NEAR) <= 2 * NEAR;
}

int delaunay_in_circle(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    const int64_t iax = (int64_t)a.x - d.x, iay = (int64_t)a.y - d.y;
    const int64_t ibx = (int64_t)b.x - d.x, iby = (int64_t)b.y - d.y;
    const int64_t icx = (int64_t)c.x - d.x, icy = (int64_t)c.y - d.y;
    if (is_near(iax, iay) && is_near(ibx, iby) && is_near(icx, icy)) {
        return in_circle_near(iax, iay, ibx, iby, icx, icy);
    }
    const double ax = (double)a.x - d.x, ay = (double)a.y - d.y;
    const double bx = (double)b.x - d.x, by = (double)b.y - d.y;
    const double cx = (double)c.x - d.x, cy = (double)c.y - d.y;
    const double bc = bx * cy, cb = cx * by, ca = cx * ay, ac = ax * cy, ab = ax * by, ba = bx * ay;
    const double al = ax * ax + ay * ay, bl = bx * bx + by * by, cl = cx * cx + cy * cy;
    const double det = al * (bc - cb) + bl * (ca - ac) + cl * (ab - ba);
    const double bound = 1.2e-15 * (al * (fabs(bc) + fabs(cb)) + bl * (fabs(ca) + fabs(ac)) +
                                    cl * (fabs(ab) + fabs(ba)));
    if (det > bound) return 1;
    if (det < -bound) return -1;
    return in_circle_exact(a, b, c, d);
}

static bool room_for(delaunay *d, size_t points, size_t corners)
{
    if (points <= d->cap_pts && corners <= d->cap_v && corners <= d->cap_mate) return true;
    return xw_grow((void **)&d->pt, &d->cap_pts, points, sizeof *d->pt) &&
           xw_grow((void **)&d->v, &d->cap_v, corners, sizeof *d->v) &&
           xw_grow((void **)&d->mate, &d->cap_mate, corners, sizeof *d->mate);
}

static void link_corners(delaunay *d, uint32_t c, uint32_t m)
{
    d->mate[c] = m;
    if (m != UINT32_MAX) d->mate[m] = c;
}

xw_status delaunay_reset(delaunay *d, size_t n, xw_error *err)
{
    const int32_t far_away = 4 * DELAUNAY_EXTENT - 1;
    static const uint32_t v[6] = {0, 1, 2, 0, 2, 3};
    if (!room_for(d, n + DELAUNAY_CORNERS, 6 * n + 6))
        return xw_fail(err, XW_NOMEM, "triangulation");
    d->pt[0] = (xw_pt){-far_away, -far_away};
    d->pt[1] = (xw_pt){far_away, -far_away};
    d->pt[2] = (xw_pt){far_away, far_away};
    d->pt[3] = (xw_pt){-far_away, far_away};
    for (uint32_t c = 0; c < 6; c++) {
        d->v[c] = v[c];
        d->mate[c] = UINT32_MAX;
    }
    link_corners(d, 2, 3); /* the diagonal */
    d->n_pts = DELAUNAY_CORNERS;
    d->n_triangles = 2;
    d->last = 0;
    return XW_OK;
}

void delaunay_finish(delaunay *d)
{
    free(d->pt);
    free(d->v);
    free(d->mate);
    free(d->stack);
    *d = (delaunay){0};
}

/* The triangle that holds p, edges included: step over the first edge that p lies beyond. */
static uint32_t walk(const delaunay *d, xw_pt p)
{
    uint32_t t = d->last, from = UINT32_MAX;
    for (;;) {
        uint32_t k = 0;
        for (; k < 3; k++) {
            const uint32_t c = 3 * t + k;
            if (c == from || d->mate[c] == UINT32_MAX) continue;
            if (orient(d->pt[d->v[c]], d->pt[d->v[corner_next(c)]], p) < 0) {
                from = d->mate[c];
                t = from / 3;
                break;
            }
        }
        if (k == 3) return t;
    }
}

static bool push(delaunay *d, size_t *n, uint32_t c)
{
    if (*n == d->cap_stack && !xw_grow((void **)&d->stack, &d->cap_stack, *n + 1, sizeof *d->stack))
        return false;
    d->stack[(*n)++] = c;
    return true;
}

/* Flips edge c (opposite to the new vertex s, at corner prev(c)) until the circle of every triangle
 * around s is empty. */
static xw_status restore(delaunay *d, uint32_t s, size_t n, xw_error *err)
{
    while (n > 0) {
        const uint32_t c = d->stack[--n], o = d->mate[c];
        if (o == UINT32_MAX) continue;
        const uint32_t cn = corner_next(c), on = corner_next(o), op = corner_prev(o);
        if (delaunay_in_circle(d->pt[d->v[c]], d->pt[d->v[cn]], d->pt[s], d->pt[d->v[op]]) <= 0) {
            continue;
        }
        const uint32_t far_c = d->mate[cn], far_o = d->mate[on];
        d->v[cn] = d->v[op];
        d->v[on] = s;
        link_corners(d, c, far_o);
        link_corners(d, o, far_c);
        link_corners(d, cn, on);
        if (!push(d, &n, c) || !push(d, &n, op)) return xw_fail(err, XW_NOMEM, "triangulation");
    }
    return XW_OK;
}

/* Splits triangle t at s into three. A point on an edge makes a flat triangle that the first flip
 * removes. */
static xw_status split(delaunay *d, uint32_t t, uint32_t s, xw_error *err)
{
    const uint32_t e = 3 * t, f = 3 * d->n_triangles, g = f + 3;
    const uint32_t a = d->v[e], b = d->v[e + 1], c = d->v[e + 2];
    const uint32_t m1 = d->mate[e + 1], m2 = d->mate[e + 2];
    d->n_triangles += 2;
    d->v[e + 2] = s;
    d->v[f] = b;
    d->v[f + 1] = c;
    d->v[f + 2] = s;
    d->v[g] = c;
    d->v[g + 1] = a;
    d->v[g + 2] = s;
    link_corners(d, f, m1);
    link_corners(d, g, m2);
    link_corners(d, e + 1, f + 2);
    link_corners(d, f + 1, g + 2);
    link_corners(d, g + 1, e + 2);
    size_t n = 0;
    if (!push(d, &n, e) || !push(d, &n, f) || !push(d, &n, g)) {
        return xw_fail(err, XW_NOMEM, "triangulation");
    }
    return restore(d, s, n, err);
}

xw_status delaunay_add(delaunay *d, xw_pt p, uint32_t *vertex, xw_error *err)
{
    const uint32_t t = walk(d, p);
    d->last = t;
    for (uint32_t k = 0; k < 3; k++) {
        *vertex = d->v[3 * t + k];
        if (xw_pt_eq(d->pt[*vertex], p)) return XW_OK;
    }
    if (!room_for(d, (size_t)d->n_pts + 1, 3 * ((size_t)d->n_triangles + 2))) {
        return xw_fail(err, XW_NOMEM, "triangulation of %u points", d->n_pts);
    }
    *vertex = d->n_pts;
    d->pt[d->n_pts++] = p;
    return split(d, t, *vertex, err);
}
