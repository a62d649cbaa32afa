/* Any points, most of them on few lines and circles: after each the triangulation is whole, and at
 * the end every edge is Delaunay by 128-bit integers. */
#include "plots/delaunay.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 300 };

static void must(bool ok)
{
    if (!ok) __builtin_trap();
}

static xw_i128 orient(xw_pt a, xw_pt b, xw_pt c)
{
    return (xw_i128)((int64_t)b.x - a.x) * ((int64_t)c.y - a.y) -
           (xw_i128)((int64_t)b.y - a.y) * ((int64_t)c.x - a.x);
}

/* > 0 inside the circle, by the definition. */
static int in_circle(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    const xw_i128 ax = a.x - (int64_t)d.x, ay = a.y - (int64_t)d.y;
    const xw_i128 bx = b.x - (int64_t)d.x, by = b.y - (int64_t)d.y;
    const xw_i128 cx = c.x - (int64_t)d.x, cy = c.y - (int64_t)d.y;
    const xw_i128 det = (ax * ax + ay * ay) * (bx * cy - by * cx) -
                        (bx * bx + by * by) * (ax * cy - ay * cx) +
                        (cx * cx + cy * cy) * (ax * by - ay * bx);
    return (det > 0) - (det < 0);
}

static void check(const delaunay *d)
{
    const int64_t side = 2 * (4 * (int64_t)DELAUNAY_EXTENT - 1);
    xw_i128 sum = 0;
    must(d->n_triangles == 2 * (d->n_pts - DELAUNAY_CORNERS) + 2);
    for (uint32_t c = 0; c < 3 * d->n_triangles; c++) {
        const xw_pt a = d->pt[d->v[c]], b = d->pt[d->v[corner_next(c)]];
        const xw_pt far_c = d->pt[d->v[corner_prev(c)]];
        if (c % 3 == 0) {
            must(orient(a, b, far_c) > 0);
            sum += orient(a, b, far_c);
        }
        const uint32_t m = d->mate[c];
        if (m == UINT32_MAX) continue;
        must(d->mate[m] == c && d->v[m] == d->v[corner_next(c)]);
        const xw_pt far_m = d->pt[d->v[corner_prev(m)]];
        must(in_circle(a, b, far_c, far_m) <= 0);
        must(delaunay_in_circle(a, b, far_c, far_m) == in_circle(a, b, far_c, far_m));
    }
    must(sum == (xw_i128)(2 * side) * side);
}

/* Four bytes a point: kind, then numbers that are few, near, or anything. */
static xw_pt point_of(const uint8_t *p)
{
    static const int32_t ring[12][2] = {{5, 0},  {4, 3},   {3, 4},   {0, 5},  {-3, 4}, {-4, 3},
                                        {-5, 0}, {-4, -3}, {-3, -4}, {0, -5}, {3, -4}, {4, -3}};
    const int32_t e = DELAUNAY_EXTENT - 1;
    const int32_t x = (int8_t)p[1], y = (int8_t)p[2], z = (int8_t)p[3];
    switch (p[0] % 6) {
    case 0:
        return (xw_pt){x, y};
    case 1:
        return (xw_pt){x * (e / 128) + z, y * (e / 128)};
    case 2:
        return (xw_pt){ring[p[1] % 12][0] * (1 + p[2] * 100000),
                       ring[p[1] % 12][1] * (1 + p[2] * 100000)};
    case 3:
        return (xw_pt){x * 1000003, z % 3};
    case 4:
        return (xw_pt){x < 0 ? -e : e, y < 0 ? -e : e};
    default:
        return (xw_pt){x * 4099 + z, y * 4099 - z};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    delaunay d = {0};
    must(delaunay_reset(&d, 0, NULL) == XW_OK);
    for (size_t i = 0; i + 4 <= size && i < 4 * (size_t)MOST; i += 4) {
        const xw_pt p = point_of(data + i);
        const uint32_t before = d.n_pts;
        uint32_t v = 0, again = 0;
        must(delaunay_add(&d, p, &v, NULL) == XW_OK && v < d.n_pts && xw_pt_eq(d.pt[v], p));
        must(d.n_pts <= before + 1);
        must(delaunay_add(&d, p, &again, NULL) == XW_OK && again == v);
    }
    check(&d);
    delaunay_finish(&d);
    return 0;
}
