#include "plots/scenes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { X0 = 1190000000, Y0 = 262000000, SIDE = 40000 /* about 400 m */ };

static void must(xw_status st)
{
    assert(st == XW_OK);
    (void)st;
}

static xw_text text(xw_territory *t, const char *s, unsigned n)
{
    char line[48];
    xw_text out;
    (void)snprintf(line, sizeof line, "%s%u", s, n);
    must(xw_strings_add(&t->text, line, &out, NULL));
    return out;
}

static xw_pt place(xw_rng *r, int32_t step)
{
    return (xw_pt){X0 + xw_rng_in(r, 0, SIDE / step) * step,
                   Y0 + xw_rng_in(r, 0, SIDE / step) * step};
}

static void add_line(xw_territory *t, xw_rng *r, unsigned cls, unsigned flags, int32_t step)
{
    xw_pt p[4];
    uint32_t n = 0;
    const uint32_t want = 2 + xw_rng_below(r, 3);
    while (n < want) {
        p[n] = place(r, step);
        if (n == 0 || !xw_pt_eq(p[n], p[n - 1])) n++;
    }
    xw_barrier b = {.n = n, .cls = (uint8_t)cls, .flags = (uint8_t)flags};
    b.source = text(t, "line/", (unsigned)t->n_barriers);
    must(xw_territory_add_pts(t, p, n, &b.first, NULL));
    must(xw_territory_add_barrier(t, &b, NULL));
}

static void add_box(xw_territory *t, xw_rng *r, xw_pt at, int32_t w, int32_t h)
{
    const xw_pt ring[4] = {at, {at.x + w, at.y}, {at.x + w, at.y + h}, {at.x, at.y + h}};
    xw_building b = {.area = {(uint32_t)t->n_rings, 1}, .floors = 1, .height_m = 3};
    must(xw_territory_add_ring(t, ring, 4, NULL));
    if (w > 900 && h > 900 && xw_rng_below(r, 4) == 0) { /* a courtyard */
        const xw_pt hole[4] = {{at.x + 300, at.y + 300},
                               {at.x + 300, at.y + h - 300},
                               {at.x + w - 300, at.y + h - 300},
                               {at.x + w - 300, at.y + 300}};
        must(xw_territory_add_ring(t, hole, 4, NULL));
        b.area.n_rings = 2;
    }
    b.households = (int32_t)xw_rng_below(r, 4);
    if (xw_rng_below(r, 12) == 0) {
        b.households = 36;
        b.floors = 9;
    }
    b.source = text(t, "house/", (unsigned)t->n_buildings);
    must(xw_territory_add_building(t, &b, NULL, NULL));
}

static void add_buildings(xw_territory *t, xw_rng *r, int32_t step)
{
    const uint32_t n = xw_rng_below(r, 40);
    for (uint32_t i = 0; i < n; i++) {
        xw_pt at = place(r, step);
        const int32_t w = 1 + xw_rng_in(r, 0, 1800), h = 1 + xw_rng_in(r, 0, 1800);
        const uint32_t row = xw_rng_below(r, 4) == 0 ? 2 + xw_rng_below(r, 4) : 1;
        for (uint32_t k = 0; k < row; k++, at.x += w) add_box(t, r, at, w, h);
        if (xw_rng_below(r, 20) == 0) add_box(t, r, at, w, h); /* beside or over the next */
        if (xw_rng_below(r, 20) == 0) add_box(t, r, at, 1, 1); /* one lattice unit */
    }
}

static void add_divisions(xw_territory *t, xw_rng *r)
{
    const uint32_t n = 1 + xw_rng_below(r, 3);
    for (uint32_t i = 0; i < n; i++) {
        const int32_t x = X0 + SIDE / (int32_t)n * (int32_t)i;
        const int32_t e = i + 1 == n ? X0 + SIDE : x + SIDE / (int32_t)n;
        const xw_pt ring[4] = {{x, Y0}, {e, Y0}, {e, Y0 + SIDE}, {x, Y0 + SIDE}};
        xw_division d = {.area = {(uint32_t)t->n_rings, 1}};
        must(xw_territory_add_ring(t, ring, 4, NULL));
        d.code = text(t, "99900000000", i);
        d.name = text(t, "村", i);
        d.level = text(t, "village", 0);
        must(xw_territory_add_division(t, &d, NULL));
    }
}

void scene_random(xw_rng *r, xw_territory *t)
{
    xw_territory_init(t);
    const int32_t step = (int32_t[]){1, 200, 1000}[xw_rng_below(r, 3)];
    static const unsigned roads[] = {XW_CLASS_PRIMARY, XW_CLASS_RESIDENTIAL, XW_CLASS_SERVICE,
                                     XW_CLASS_MOTORWAY, XW_CLASS_WALL};
    const uint32_t n = xw_rng_below(r, 12);
    for (uint32_t i = 0; i < n; i++) {
        const unsigned flags = xw_rng_below(r, 6) == 0   ? XW_BARRIER_BRIDGE
                               : xw_rng_below(r, 8) == 0 ? XW_BARRIER_TUNNEL
                                                         : 0;
        add_line(t, r, roads[xw_rng_below(r, 5)], flags, step);
    }
    if (xw_rng_below(r, 2)) add_line(t, r, XW_CLASS_RIVER, XW_BARRIER_IMPASSABLE, step);
    if (xw_rng_below(r, 2)) add_line(t, r, XW_CLASS_RAIL, XW_BARRIER_IMPASSABLE, step);
    if (xw_rng_below(r, 2)) {
        const xw_pt a = place(r, step);
        const xw_pt ring[3] = {a, {a.x + 9000, a.y + 700}, {a.x + 8000, a.y + 4000}};
        const xw_water w = {.area = {(uint32_t)t->n_rings, 1}, .source = text(t, "water/", 0)};
        must(xw_territory_add_ring(t, ring, 3, NULL));
        must(xw_territory_add_water(t, &w, NULL));
    }
    add_buildings(t, r, step);
    add_divisions(t, r);
}

static uint32_t *permutation(xw_rng *r, size_t n)
{
    uint32_t *p = malloc((n + 1) * sizeof *p);
    assert(p);
    for (uint32_t i = 0; i < n; i++) p[i] = i;
    for (uint32_t i = (uint32_t)n; i > 1; i--) {
        const uint32_t k = xw_rng_below(r, i), x = p[i - 1];
        p[i - 1] = p[k];
        p[k] = x;
    }
    return p;
}

static xw_text copy_text(const xw_territory *from, xw_territory *to, xw_text x)
{
    xw_text out;
    must(xw_strings_add(&to->text, xw_territory_text(from, x), &out, NULL));
    return out;
}

static xw_area copy_area(const xw_territory *from, xw_territory *to, xw_area a)
{
    const xw_area out = {(uint32_t)to->n_rings, a.n_rings};
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_ring r = xw_territory_ring(from, a.first_ring + i);
        must(xw_territory_add_ring(to, r.pts, r.n, NULL));
    }
    return out;
}

void scene_shuffle(xw_rng *r, const xw_territory *from, xw_territory *to)
{
    xw_territory_init(to);
    uint32_t *p = permutation(r, from->n_buildings);
    for (size_t i = 0; i < from->n_buildings; i++) {
        xw_building b = from->buildings[p[i]];
        b.area = copy_area(from, to, b.area);
        b.source = copy_text(from, to, b.source);
        must(xw_territory_add_building(to, &b, NULL, NULL));
    }
    free(p);
    p = permutation(r, from->n_barriers);
    for (size_t i = 0; i < from->n_barriers; i++) {
        xw_barrier b = from->barriers[p[i]];
        must(xw_territory_add_pts(to, from->pts + b.first, b.n, &b.first, NULL));
        b.source = copy_text(from, to, b.source);
        must(xw_territory_add_barrier(to, &b, NULL));
    }
    free(p);
    for (size_t i = 0; i < from->n_waters; i++) {
        xw_water w = from->waters[i];
        w.area = copy_area(from, to, w.area);
        w.source = copy_text(from, to, w.source);
        must(xw_territory_add_water(to, &w, NULL));
    }
    p = permutation(r, from->n_divisions);
    for (size_t i = 0; i < from->n_divisions; i++) {
        xw_division d = from->divisions[p[i]];
        d.area = copy_area(from, to, d.area);
        d.code = copy_text(from, to, d.code);
        d.name = copy_text(from, to, d.name);
        d.level = copy_text(from, to, d.level);
        must(xw_territory_add_division(to, &d, NULL));
    }
    free(p);
}
