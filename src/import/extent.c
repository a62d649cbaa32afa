#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN_M 30.0

static int by_place(const void *a, const void *b)
{
    const xw_pt *p = a, *q = b;
    return p->x != q->x ? (p->x > q->x) - (p->x < q->x) : (p->y > q->y) - (p->y < q->y);
}

/* Convex hull by Andrew's monotone chain (Information Processing Letters 9(5), 1979), counter-
 * clockwise from the smallest point. @param hull  room for 2 n points. @return how many */
static size_t hull_of(xw_pt *p, size_t n, xw_pt *hull)
{
    size_t k = 0;
    qsort(p, n, sizeof *p, by_place);
    for (size_t i = 0; i < n; i++) {
        while (k >= 2 && xw_orient(hull[k - 2], hull[k - 1], p[i]) <= 0) k--;
        if (k == 0 || !xw_pt_eq(hull[k - 1], p[i])) hull[k++] = p[i];
    }
    const size_t lower = k + 1;
    for (size_t i = n - 1; i-- > 0;) {
        while (k >= lower && xw_orient(hull[k - 2], hull[k - 1], p[i]) <= 0) k--;
        if (!xw_pt_eq(hull[k - 1], p[i])) hull[k++] = p[i];
    }
    return k > 1 && xw_pt_eq(hull[k - 1], hull[0]) ? k - 1 : k;
}

static int32_t clamp(double v, int32_t max)
{
    return (int32_t)lround(fmax(-(double)max, fmin((double)max, v)));
}

/* Eight points round each hull vertex: their hull is the hull widened by the margin. */
static size_t widen(const xw_pt *hull, size_t n, xw_pt *out)
{
    static const double way[8][2] = {{1, 0},  {0.7071, 0.7071},   {0, 1},  {-0.7071, 0.7071},
                                     {-1, 0}, {-0.7071, -0.7071}, {0, -1}, {0.7071, -0.7071}};
    for (size_t i = 0; i < n; i++) {
        const xw_scale s = xw_scale_at(hull[i].y);
        for (size_t k = 0; k < 8; k++) {
            out[8 * i + k] = (xw_pt){
                clamp(hull[i].x + MARGIN_M * way[k][0] / fmax(s.mx, 1e-5), XW_LON_MAX),
                clamp(hull[i].y + MARGIN_M * way[k][1] / s.my, XW_LAT_MAX),
            };
        }
    }
    return 8 * n;
}

/* Everything that lives on the land counts: buildings, roads, addresses. Rivers and railways may
 * run far out of an extract and only cut it. */
static size_t gather(const xw_territory *t, xw_pt *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_buildings; i++) {
        const xw_area a = t->buildings[i].area;
        for (uint32_t r = 0; r < a.n_rings; r++) {
            const xw_span ring = t->rings[a.first_ring + r];
            if (out) memcpy(out + n, t->pts + ring.first, ring.n * sizeof *out);
            n += ring.n;
        }
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        if (b->flags & XW_BARRIER_IMPASSABLE) continue;
        if (out) memcpy(out + n, t->pts + b->first, b->n * sizeof *out);
        n += b->n;
    }
    for (size_t i = 0; i < t->n_addresses; i++) {
        if (out) out[n] = t->addresses[i].at;
        n++;
    }
    return n;
}

xw_status xw__division_extent(xw__import *im, const char *name, xw_error *err)
{
    xw_territory *t = im->t;
    xw_division d = {.area = {(uint32_t)t->n_rings, 1}};
    const size_t n = gather(t, NULL);
    xw_pt *all = calloc(n + 1, sizeof *all), *hull = calloc(2 * n + 2, sizeof *hull), *wide = NULL;
    xw_status st = XW_NOMEM;
    if (!all || !hull) goto fail;
    (void)gather(t, all);
    const size_t corners = n ? hull_of(all, n, hull) : 0;
    wide = calloc(24 * corners + 1, sizeof *wide);
    if (!wide) goto fail;
    const size_t m = widen(hull, corners, wide);
    const size_t ring = m ? hull_of(wide, m, wide + m) : 0;
    if (ring < 3) {
        st = xw_fail(err, XW_INPUT, "nothing to draw a boundary round");
        goto done;
    }
    st = xw_territory_add_ring(t, wide + m, ring, err);
    if (!st) st = xw__intern(im, name, &d.name, err);
    if (!st) st = xw__intern(im, "extent", &d.level, err);
    if (!st) st = xw_territory_add_division(t, &d, err);
    goto done;
fail:
    st = xw_fail(err, XW_NOMEM, "hull of %zu points", n);
done:
    free(wide);
    free(hull);
    free(all);
    return st;
}
