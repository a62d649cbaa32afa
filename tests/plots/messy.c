#include "plots/messy.h"

#include "xiwang/rng.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

enum { X0 = 1190000000, Y0 = 262000000, SIDE = 30000 /* about 300 m */ };

typedef struct scene {
    xw_territory *t;
    xw_rng r;
    int32_t step; /* of the places: coarse steps make things meet */
} scene;

static void must(xw_status st)
{
    assert(st == XW_OK);
    (void)st;
}

static uint32_t below(scene *s, uint32_t n) { return xw_rng_below(&s->r, n); }
static int32_t in(scene *s, int32_t lo, int32_t hi) { return xw_rng_in(&s->r, lo, hi); }

static xw_text text(xw_territory *t, const char *s, size_t n)
{
    char line[48];
    xw_text out;
    (void)snprintf(line, sizeof line, "%s%zu", s, n);
    must(xw_strings_add(&t->text, line, &out, NULL));
    return out;
}

static xw_pt place(scene *s)
{
    return (xw_pt){X0 + in(s, 0, SIDE / s->step) * s->step,
                   Y0 + in(s, 0, SIDE / s->step) * s->step};
}

/* The ring counter-clockwise without equal neighbours; what has no area is no building here: the
 * import sees to that. */
static void add_ring(scene *s, xw_pt *p, uint32_t n)
{
    xw_territory *t = s->t;
    const int64_t area2 = xw_ring_area2((xw_ring){p, n});
    if (area2 == 0) return;
    for (uint32_t i = 0; i < n / 2 && area2 < 0; i++) {
        const xw_pt x = p[i];
        p[i] = p[n - 1 - i];
        p[n - 1 - i] = x;
    }
    xw_building b = {.area = {(uint32_t)t->n_rings, 1}, .floors = 1, .height_m = 3};
    must(xw_territory_add_ring(t, p, n, NULL));
    b.households = in(s, 0, 3);
    if (below(s, 15) == 0) {
        b.households = 36;
        b.floors = 9;
    }
    b.source = text(t, "house/", t->n_buildings);
    must(xw_territory_add_building(t, &b, NULL, NULL));
}

static void add_box(scene *s, xw_pt at, int32_t w, int32_t h)
{
    xw_pt p[4] = {at, {at.x + w, at.y}, {at.x + w, at.y + h}, {at.x, at.y + h}};
    add_ring(s, p, 4);
}

static void add_triangle(scene *s, xw_pt a, xw_pt b, xw_pt c)
{
    xw_pt p[3] = {a, b, c};
    add_ring(s, p, 3);
}

/* Corners on one circle, as far as the lattice lets: all their bisectors meet in its middle. */
static void add_circle(scene *s, xw_pt at)
{
    const int n = 3 + (int)below(s, 10), radius = in(s, 500, 4000), size = in(s, 100, 400);
    for (int i = 0; i < n; i++) {
        const double a = 2.0 * 3.14159265358979 * i / n;
        add_box(s,
                (xw_pt){at.x + (int32_t)lround(radius * cos(a)),
                        at.y + (int32_t)lround(radius * sin(a))},
                size, size);
    }
}

static void add_courtyard(scene *s, xw_pt at)
{
    xw_territory *t = s->t;
    const int32_t w = in(s, 900, 3000), d = in(s, 100, 300);
    const xw_pt hole[4] = {{at.x + d, at.y + d},
                           {at.x + d, at.y + w - d},
                           {at.x + w - d, at.y + w - d},
                           {at.x + w - d, at.y + d}};
    add_box(s, at, w, w);
    must(xw_territory_add_ring(t, hole, 4, NULL));
    t->buildings[t->n_buildings - 1].area.n_rings = 2;
    if (below(s, 2))
        add_box(s, (xw_pt){at.x + 2 * d, at.y + 2 * d}, d, d); /* a house in the yard */
    if (below(s, 4) == 0)
        add_box(s, (xw_pt){at.x + d, at.y + d}, w - 2 * d, w - 2 * d); /* fills it */
}

static void add_group(scene *s)
{
    const xw_pt at = place(s);
    const int32_t w = in(s, 200, 1500), h = in(s, 200, 1500);
    switch (below(s, 12)) {
    case 0: /* touch in one corner */
        add_box(s, at, w, h);
        add_box(s, (xw_pt){at.x + w, at.y + h}, h, w);
        break;
    case 1: /* touch along a part of a wall */
        add_box(s, at, w, h);
        add_box(s, (xw_pt){at.x + w, at.y + h / 3}, h, w);
        break;
    case 2: /* cross like a plus */
        add_box(s, (xw_pt){at.x - w, at.y}, 3 * w, h);
        add_box(s, (xw_pt){at.x, at.y - h}, w, 3 * h);
        break;
    case 3: /* nested, three deep, sharing a corner now and then */
        add_box(s, at, 4 * w, 4 * h);
        add_box(s, (xw_pt){at.x + (below(s, 2) ? w : 0), at.y}, 2 * w, 2 * h);
        add_box(s, (xw_pt){at.x + w, at.y + h / 2}, w / 2 + 1, h / 2 + 1);
        break;
    case 4: /* doubled, or shifted by one unit */
        add_box(s, at, w, h);
        add_box(s, (xw_pt){at.x + in(s, -1, 1), at.y + in(s, -1, 1)}, w, h);
        break;
    case 5: /* a row on one line, walls shared */
        for (int32_t i = 0; i < 5; i++) add_box(s, (xw_pt){at.x + i * w, at.y}, w, h);
        break;
    case 6: /* slivers: one unit wide, long */
        add_box(s, at, 1, h);
        add_box(s, (xw_pt){at.x + 1, at.y}, 1, h + 7);
        add_triangle(s, (xw_pt){at.x + 9, at.y}, (xw_pt){at.x + 9 + w, at.y + 1},
                     (xw_pt){at.x + 9 + 2 * w, at.y + 1});
        break;
    case 7: /* one unit apart, one unit of overlap */
        add_box(s, at, w, h);
        add_box(s, (xw_pt){at.x + w + 1, at.y}, w, h);
        add_box(s, (xw_pt){at.x, at.y + h - 1}, w, h);
        break;
    case 8:
        add_circle(s, at);
        break;
    case 9:
        add_courtyard(s, at);
        break;
    case 10: /* slanted, crossing each other nearly in parallel */
        add_triangle(s, at, (xw_pt){at.x + 3 * w, at.y + h}, (xw_pt){at.x, at.y + 3 * h});
        add_triangle(s, (xw_pt){at.x, at.y + 1}, (xw_pt){at.x + 3 * w, at.y + h + 1},
                     (xw_pt){at.x + w, at.y - h});
        break;
    default:
        add_box(s, at, 1, 1);
        add_box(s, (xw_pt){at.x + in(s, 0, 3), at.y + in(s, 0, 3)}, 3, 3);
    }
}

static void add_line(scene *s, unsigned cls, unsigned flags, const xw_pt *p, uint32_t n)
{
    xw_barrier b = {.n = n, .cls = (uint8_t)cls, .flags = (uint8_t)flags};
    for (uint32_t i = 1; i < n; i++) {
        if (xw_pt_eq(p[i], p[i - 1])) return;
    }
    b.source = text(s->t, "line/", s->t->n_barriers);
    must(xw_territory_add_pts(s->t, p, n, &b.first, NULL));
    must(xw_territory_add_barrier(s->t, &b, NULL));
}

static xw_pt corner(scene *s)
{
    const xw_territory *t = s->t;
    if (t->n_buildings == 0) return place(s);
    const xw_span r = t->rings[t->buildings[below(s, (uint32_t)t->n_buildings)].area.first_ring];
    return t->pts[r.first + below(s, r.n)];
}

static void add_barrier(scene *s)
{
    static const unsigned classes[] = {XW_CLASS_PRIMARY,  XW_CLASS_RESIDENTIAL, XW_CLASS_SERVICE,
                                       XW_CLASS_MOTORWAY, XW_CLASS_WALL,        XW_CLASS_RIVER,
                                       XW_CLASS_RAIL};
    const unsigned cls = classes[below(s, 7)];
    const unsigned flags = cls >= XW_CLASS_RIVER ? XW_BARRIER_IMPASSABLE
                           : below(s, 6) == 0    ? XW_BARRIER_BRIDGE
                           : below(s, 8) == 0    ? XW_BARRIER_TUNNEL
                                                 : 0;
    xw_pt p[3] = {place(s), place(s), place(s)};
    switch (below(s, 5)) {
    case 0: /* along a wall, from corner to corner */
        p[0] = corner(s);
        p[1] = corner(s);
        break;
    case 1: /* right through, level */
        p[0] = (xw_pt){X0 - 100, p[0].y};
        p[1] = (xw_pt){X0 + SIDE + 100, p[0].y};
        break;
    case 2: /* there and back */
        p[2] = p[0];
        break;
    case 3: /* beside another, one unit off */
        if (s->t->n_barriers) {
            const xw_barrier *b = &s->t->barriers[below(s, (uint32_t)s->t->n_barriers)];
            p[0] = s->t->pts[b->first];
            p[1] = s->t->pts[b->first + 1];
            p[1].y++;
        }
        break;
    default:
        break;
    }
    add_line(s, cls, flags, p, 2 + below(s, 2));
}

static void add_division(scene *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    xw_territory *t = s->t;
    const xw_pt p[4] = {
        {X0 + x0, Y0 + y0}, {X0 + x1, Y0 + y0}, {X0 + x1, Y0 + y1}, {X0 + x0, Y0 + y1}};
    xw_division d = {.area = {(uint32_t)t->n_rings, 1}};
    must(xw_territory_add_ring(t, p, 4, NULL));
    d.code = text(t, "99900000000", t->n_divisions);
    d.name = text(t, "村", t->n_divisions);
    d.level = text(t, "village", 0);
    must(xw_territory_add_division(t, &d, NULL));
}

static void add_divisions(scene *s)
{
    const int32_t cut = in(s, 5000, 25000);
    switch (below(s, 5)) {
    case 0:
        add_division(s, 0, 0, SIDE, SIDE);
        break;
    case 1:
        add_division(s, 0, 0, cut, SIDE);
        add_division(s, cut, 0, SIDE, SIDE);
        break;
    case 2: /* one unit of overlap */
        add_division(s, 0, 0, cut, SIDE);
        add_division(s, cut - 1, 0, SIDE, SIDE);
        break;
    case 3: /* much of it */
        add_division(s, 0, 0, cut + 2000, SIDE);
        add_division(s, cut - 2000, 0, SIDE, SIDE);
        break;
    default: /* one in the other */
        add_division(s, 0, 0, SIDE, SIDE);
        add_division(s, 4000, 4000, cut, cut);
    }
}

void messy_scene(uint32_t number, xw_territory *t)
{
    scene s = {.t = t, .r = {UINT64_C(0x6d657373) << 32 | number}};
    xw_territory_init(t);
    s.step = (int32_t[]){1, 100, 1000}[below(&s, 3)];
    const uint32_t groups = below(&s, 14), lines = below(&s, 10);
    for (uint32_t i = 0; i < groups; i++) add_group(&s);
    for (uint32_t i = 0; i < lines; i++) add_barrier(&s);
    if (below(&s, 3) == 0) {
        const xw_pt a = place(&s);
        const xw_pt ring[3] = {a, {a.x + 9000, a.y + 700}, {a.x + 8000, a.y + 4000}};
        const xw_water w = {.area = {(uint32_t)t->n_rings, 1}, .source = text(t, "water/", 0)};
        must(xw_territory_add_ring(t, ring, 3, NULL));
        must(xw_territory_add_water(t, &w, NULL));
    }
    add_divisions(&s);
}
