/* What lies far from everything: a building at 0,0, a road 3 000 km away. The bulk is the box of
 * the middle four fifths of the buildings each way, with the divisions; round it lies a margin of
 * four times its size, 2 degrees at least. What is wholly outside is left out. With fewer than ten
 * buildings nothing is the bulk: then the check of the extent speaks. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

#define FEW    10
#define MARGIN (2 * XW_UNITS_PER_DEG)
#define TIMES  4

typedef struct bulk { /* 64 bits: the margin may leave the lattice */
    int64_t x0, y0, x1, y1;
} bulk;

static int by_value(const void *a, const void *b)
{
    const int32_t p = *(const int32_t *)a, q = *(const int32_t *)b;
    return (p > q) - (p < q);
}

static bool is_in(const bulk *b, xw_box box)
{
    return box.max.x >= b->x0 && box.min.x <= b->x1 && box.max.y >= b->y0 && box.min.y <= b->y1;
}

static xw_status find_bulk(const xw__import *im, bulk *out, xw_error *err)
{
    const xw_territory *t = im->t;
    const size_t n = t->n_buildings, cut = n / 10;
    int32_t *v = malloc((2 * n + 1) * sizeof *v);
    if (!v) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    for (size_t i = 0; i < n; i++) {
        const xw_pt p = t->pts[t->rings[t->buildings[i].area.first_ring].first];
        v[i] = p.x;
        v[n + i] = p.y;
    }
    qsort(v, n, sizeof *v, by_value);
    qsort(v + n, n, sizeof *v, by_value);
    xw_box box = {{v[cut], v[n + cut]}, {v[n - 1 - cut], v[2 * n - 1 - cut]}};
    free(v);
    for (size_t i = 0; i < im->found.n_divisions; i++) {
        if (im->found.divisions[i].area.n_rings == 0) continue;
        box = xw_box_join(box, xw_area_box(&im->found, im->found.divisions[i].area));
    }
    const int64_t w = (int64_t)box.max.x - box.min.x, h = (int64_t)box.max.y - box.min.y;
    const int64_t size = TIMES * (w > h ? w : h), margin = size > MARGIN ? size : MARGIN;
    *out = (bulk){box.min.x - margin, box.min.y - margin, box.max.x + margin, box.max.y + margin};
    return XW_OK;
}

static xw_status tell(xw__import *im, const char *layer, xw_text source, xw_pt at, xw_error *err)
{
    char id[XW__TEXT_MAX]; /* a copy: the pool moves */
    (void)snprintf(id, sizeof id, "%s", xw_territory_text(im->t, source));
    return xw_territory_find(im->t, "stray", layer, id, at, err,
                             "lies far from the buildings of the territory, left out");
}

static xw_box line_box(const xw_territory *t, const xw_barrier *b)
{
    xw_box box = XW_BOX_EMPTY;
    for (uint32_t i = 0; i < b->n; i++) box = xw_box_grow(box, t->pts[b->first + i]);
    return box;
}

static const char *layer_of(unsigned cls)
{
    if (cls == XW_CLASS_RAIL) return "rail";
    return cls == XW_CLASS_RIVER || cls == XW_CLASS_STREAM ? "water" : "roads";
}

/* @param now  of each building its place afterwards */
static xw_status drop_buildings(xw__import *im, const bulk *in, uint32_t *now, xw_error *err)
{
    xw_territory *t = im->t;
    size_t n = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_buildings && !st; i++) {
        const xw_building b = t->buildings[i];
        now[i] = XW_NONE;
        if (is_in(in, xw_area_box(t, b.area))) {
            now[i] = (uint32_t)n;
            t->buildings[n++] = b;
            continue;
        }
        im->counts->buildings_used--;
        im->counts->buildings_listed++;
        *(b.estimated ? &im->counts->households_estimated : &im->counts->households_given) -= 1;
        st = tell(im, "buildings", b.source, t->pts[t->rings[b.area.first_ring].first], err);
    }
    if (!st) t->n_buildings = n;
    return st;
}

static xw_status drop_lines(xw__import *im, const bulk *in, xw_error *err)
{
    xw_territory *t = im->t;
    size_t n = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_barriers && !st; i++) {
        const xw_barrier b = t->barriers[i];
        if (is_in(in, line_box(t, &b))) {
            t->barriers[n++] = b;
        } else {
            st = tell(im, layer_of(b.cls), b.source, t->pts[b.first], err);
        }
    }
    if (!st) t->n_barriers = n;
    return st;
}

static xw_status drop_waters(xw__import *im, const bulk *in, xw_error *err)
{
    xw_territory *t = im->t;
    size_t n = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_waters && !st; i++) {
        const xw_water w = t->waters[i];
        if (is_in(in, xw_area_box(t, w.area))) {
            t->waters[n++] = w;
        } else {
            st = tell(im, "water", w.source, t->pts[t->rings[w.area.first_ring].first], err);
        }
    }
    if (!st) t->n_waters = n;
    return st;
}

static xw_status drop_addresses(xw__import *im, const bulk *in, const uint32_t *now, xw_error *err)
{
    xw_territory *t = im->t;
    size_t n = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_addresses && !st; i++) {
        xw_address a = t->addresses[i];
        const bool door = i < im->cap_door && im->door[i];
        if (!is_in(in, (xw_box){a.at, a.at})) {
            st = tell(im, "addresses", a.text, a.at, err);
            continue;
        }
        if (a.building != XW_NONE) a.building = now[a.building];
        if (n < im->cap_door) im->door[n] = door;
        t->addresses[n++] = a;
    }
    if (!st) t->n_addresses = n;
    return st;
}

/* Is there any stray at all? The common answer is no and costs no copy. */
static bool is_clean(const xw__import *im, const bulk *in)
{
    const xw_territory *t = im->t;
    for (size_t i = 0; i < t->n_buildings; i++) {
        if (!is_in(in, xw_area_box(t, t->buildings[i].area))) return false;
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        if (!is_in(in, line_box(t, &t->barriers[i]))) return false;
    }
    for (size_t i = 0; i < t->n_waters; i++) {
        if (!is_in(in, xw_area_box(t, t->waters[i].area))) return false;
    }
    for (size_t i = 0; i < t->n_addresses; i++) {
        const xw_pt p = t->addresses[i].at;
        if (!is_in(in, (xw_box){p, p})) return false;
    }
    return true;
}

xw_status xw__strays_drop(xw__import *im, xw_error *err)
{
    bulk in = {0};
    if (im->t->n_buildings < FEW) return XW_OK;
    xw_status st = find_bulk(im, &in, err);
    if (st || is_clean(im, &in)) return st;
    uint32_t *now = malloc((im->t->n_buildings + 1) * sizeof *now);
    if (!now) return xw_fail(err, XW_NOMEM, "%zu buildings", im->t->n_buildings);
    st = drop_buildings(im, &in, now, err);
    if (!st) st = drop_lines(im, &in, err);
    if (!st) st = drop_waters(im, &in, err);
    if (!st) st = drop_addresses(im, &in, now, err);
    free(now);
    return st;
}
