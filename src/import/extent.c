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

/* ---- how far it reaches --------------------------------------------------------------------- */

typedef struct farthest {
    xw_pt middle, at;
    int64_t distance;
    const char *layer;
    xw_text source;
} farthest;

static void look(farthest *f, xw_pt p, const char *layer, xw_text source)
{
    const int64_t dx = (int64_t)p.x - f->middle.x, dy = (int64_t)p.y - f->middle.y;
    const int64_t ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy;
    if ((ax > ay ? ax : ay) <= f->distance) return;
    f->distance = ax > ay ? ax : ay;
    f->at = p;
    f->layer = layer;
    f->source = source;
}

static void look_at_area(farthest *f, const xw_territory *t, xw_area a, const char *layer,
                         xw_text source)
{
    const xw_box b = xw_area_box(t, a);
    if (xw_box_is_empty(b)) return;
    look(f, b.min, layer, source);
    look(f, b.max, layer, source);
}

static int by_number(const void *a, const void *b)
{
    const int32_t p = *(const int32_t *)a, q = *(const int32_t *)b;
    return (p > q) - (p < q);
}

/* The median of one vertex a building: what lies far from it is the mistake, not the town. */
static xw_status find_middle(const xw_territory *t, xw_pt *out, xw_error *err)
{
    const size_t n = t->n_buildings;
    int32_t *v = calloc(2 * n + 2, sizeof *v);
    *out = (xw_pt){0, 0};
    if (!v) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    for (size_t i = 0; i < n; i++) {
        const xw_pt p = t->pts[t->rings[t->buildings[i].area.first_ring].first];
        v[i] = p.x;
        v[n + i] = p.y;
    }
    qsort(v, n, sizeof *v, by_number);
    qsort(v + n, n, sizeof *v, by_number);
    if (n > 0) *out = (xw_pt){v[n / 2], v[n + n / 2]};
    free(v);
    return XW_OK;
}

xw_status xw__extent_check(const xw__import *im, xw_error *err)
{
    const xw_territory *t = im->t;
    xw_box all = XW_BOX_EMPTY;
    for (size_t i = 0; i < t->n_buildings; i++) { /* not all of pts: strays are there still */
        all = xw_box_join(all, xw_area_box(t, t->buildings[i].area));
    }
    for (size_t i = 0; i < t->n_waters; i++) {
        all = xw_box_join(all, xw_area_box(t, t->waters[i].area));
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        all = xw_box_join(all, xw_area_box(t, t->divisions[i].area));
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        for (uint32_t k = 0; k < b->n; k++) all = xw_box_grow(all, t->pts[b->first + k]);
    }
    const int64_t w = (int64_t)all.max.x - all.min.x, h = (int64_t)all.max.y - all.min.y;
    if (xw_box_is_empty(all) || (w <= XW_TERRITORY_SPAN_MAX && h <= XW_TERRITORY_SPAN_MAX))
        return XW_OK;
    farthest f = {.distance = -1, .layer = ""};
    const xw_status st = find_middle(t, &f.middle, err);
    if (st) return st;
    for (size_t i = 0; i < t->n_buildings; i++) {
        look_at_area(&f, t, t->buildings[i].area, "buildings", t->buildings[i].source);
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        for (uint32_t k = 0; k < b->n; k++) {
            look(&f, t->pts[b->first + k], xw_class_get(b->cls)->code, b->source);
        }
    }
    for (size_t i = 0; i < t->n_waters; i++) {
        look_at_area(&f, t, t->waters[i].area, "water", t->waters[i].source);
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        if (strcmp(xw_territory_text(t, t->divisions[i].level), "extent") == 0) continue; /* ours */
        look_at_area(&f, t, t->divisions[i].area, "divisions", t->divisions[i].source);
    }
    return xw_fail(err, XW_INPUT,
                   "%s %.100s reaches %.7f,%.7f, far from the buildings near %.3f,%.3f: the map "
                   "would span %.1f x %.1f degrees, more than %.0f",
                   f.layer, xw_territory_text(t, f.source), xw_deg(f.at.x), xw_deg(f.at.y),
                   xw_deg(f.middle.x), xw_deg(f.middle.y), (double)w / XW_UNITS_PER_DEG,
                   (double)h / XW_UNITS_PER_DEG,
                   floor((double)XW_TERRITORY_SPAN_MAX / XW_UNITS_PER_DEG));
}
