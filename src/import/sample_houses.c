/* Houses along a road: one by one, each facing it, of a kind that fits the place. What does not fit
 * is not built. */
#include "sample_internal.h"

#include <stdio.h>

bool xw__place_try(xw__place *p, const vec2 *q, unsigned n, double road_gap, double house_gap)
{
    const xw__gaps gaps = {
        .gap = {[XW__HARD] = 1.0, [XW__ROAD] = road_gap, [XW__WALL] = 1.5, [XW__HOUSE] = house_gap},
        .skip = {-1, -1}};
    if (!xw__canvas_clear(&p->canvas, q, n, &gaps)) return false;
    vec2 mid = {0.0, 0.0};
    for (unsigned k = 0; k < n; k++) mid = v_mad(mid, q[k], 1.0 / n);
    return xw__place_owns(p, mid);
}

typedef struct lot {
    vec2 front, along, back; /* middle of the front; unit vectors; back points off the road */
    double w, d;
} lot;

static vec2 lot_at(const lot *l, double x, double y)
{
    return v_mad(v_mad(l->front, l->along, x * l->w), l->back, y * l->d);
}

static void lot_quad(const lot *l, vec2 q[4])
{
    q[0] = lot_at(l, -0.5, 0.0);
    q[1] = lot_at(l, 0.5, 0.0);
    q[2] = lot_at(l, 0.5, 1.0);
    q[3] = lot_at(l, -0.5, 1.0);
}

static uint32_t at_most(xw__place *p, uint32_t n)
{
    return p->want < (int64_t)n ? (uint32_t)(p->want > 0 ? p->want : 0) : n;
}

static void take(xw__place *p, xw__house *h, xw__road *r, unsigned side)
{
    h->street = r->name;
    h->height_m = h->floors * 3.1 + 0.7;
    if (h->use != XW_USE_OUTBUILDING && r->name[0]) {
        h->number = r->number[side];
        r->number[side] += 2;
    }
    p->want -= h->households;
    for (xw__road *u = r; !u->used && u->parent != XW_NONE; u = p->roads + u->parent)
        u->used = true;
}

static uint32_t pick(xw_rng *r, const uint8_t *weights, uint32_t n)
{
    uint32_t all = 0;
    for (uint32_t k = 0; k < n; k++) all += weights[k];
    uint32_t x = xw_rng_below(r, all), k = 0;
    while (x >= weights[k]) x -= weights[k++];
    return k;
}

/* A shed behind the house, where there is room. */
static void shed(xw__place *p, const lot *house)
{
    lot l = *house;
    l.w = xw__between(&p->rng, 2.8, 5.5);
    l.d = xw__between(&p->rng, 2.5, 4.0);
    const double aside = xw__between(&p->rng, -0.3, 0.3), behind = xw__between(&p->rng, 2.0, 5.0);
    l.front =
        v_mad(v_mad(house->front, house->back, house->d + behind), house->along, aside * house->w);
    vec2 q[4];
    lot_quad(&l, q);
    if (!xw__place_try(p, q, 4, 1.0, 1.5)) return;
    const xw__house h = {
        .floors = 1, .height_m = xw__between(&p->rng, 2.2, 3.2), .use = XW_USE_OUTBUILDING};
    xw__emit_building(p->g, q, 4, NULL, &h);
    xw__place_item(p, q, 4, XW__HOUSE, 0.0, 0);
}

enum { PLAIN, ELL, COURT };

static void build_house(xw__place *p, const lot *l, unsigned kind, xw__road *r, unsigned side)
{
    static const uint8_t floors[2][5] = {{14, 36, 36, 12, 2}, {4, 16, 40, 28, 12}};
    xw__house h = {.use = XW_USE_HOUSE, .households = 1, .door = lot_at(l, 0.0, 0.12)};
    h.floors = 1 + pick(&p->rng, floors[p->town], 5);
    if (kind == COURT) h.floors = 1 + xw_rng_below(&p->rng, 2);
    if (xw__chance(&p->rng, h.floors >= 3 || kind == COURT ? 0.3 : 0.1)) h.households++;
    if (h.households == 2 && xw__chance(&p->rng, 0.25)) h.households++;
    char name[64];
    if (p->hall_due) {
        p->hall_due = false;
        (void)snprintf(name, sizeof name, "%s村委会", p->stem);
        h = (xw__house){.use = XW_USE_PUBLIC, .floors = 3, .name = name, .door = h.door};
    }
    h.households = at_most(p, h.households);
    take(p, &h, r, side);
    vec2 q[6], hole[4];
    lot_quad(l, q);
    if (kind == ELL) {
        const double x = xw__between(&p->rng, -0.1, 0.15), y = xw__between(&p->rng, 0.45, 0.6);
        const double s = xw__chance(&p->rng, 0.5) ? 1.0 : -1.0;
        const vec2 ell[6] = {lot_at(l, -0.5 * s, 0.0), lot_at(l, 0.5 * s, 0.0),
                             lot_at(l, 0.5 * s, y),    lot_at(l, x * s, y),
                             lot_at(l, x * s, 1.0),    lot_at(l, -0.5 * s, 1.0)};
        xw__emit_building(p->g, ell, 6, NULL, &h);
    } else if (kind == COURT) {
        hole[0] = lot_at(l, -0.2, 0.28);
        hole[1] = lot_at(l, 0.2, 0.28);
        hole[2] = lot_at(l, 0.2, 0.66);
        hole[3] = lot_at(l, -0.2, 0.66);
        xw__emit_building(p->g, q, 4, hole, &h);
    } else {
        xw__emit_building(p->g, q, 4, NULL, &h);
    }
    xw__place_item(p, q, 4, XW__HOUSE, 0.0, 0);
    if (!p->town && xw__chance(&p->rng, 0.3)) shed(p, l);
}

static const char *const shops[] = {"超市",   "饭店",   "药店", "五金店",
                                    "理发店", "粮油店", "茶行", "服装店"};

/* Houses that share their walls: neighbours use the same two vertices. */
static void build_row(xw__place *p, const lot *l, uint32_t units, xw__road *r, unsigned side)
{
    static const uint8_t weights[5] = {2, 12, 40, 30, 16};
    const uint32_t floors = 1 + pick(&p->rng, weights, 5);
    vec2 all[4];
    lot_quad(l, all);
    for (uint32_t k = 0; k < units && !p->g->st; k++) {
        const double a = (double)k / units - 0.5, b = (double)(k + 1) / units - 0.5;
        const vec2 q[4] = {lot_at(l, a, 0.0), lot_at(l, b, 0.0), lot_at(l, b, 1.0),
                           lot_at(l, a, 1.0)};
        xw__house h = {.use = XW_USE_HOUSE, .door = lot_at(l, (a + b) / 2.0, 0.15)};
        char name[64];
        h.floors = floors + (xw__chance(&p->rng, 0.2) ? 1 : 0);
        h.households = at_most(p, 1 + pick(&p->rng, (const uint8_t[]){60, 32, 8}, 3));
        if (p->town && r->cls <= XW_CLASS_TERTIARY && xw__chance(&p->rng, 0.13)) {
            (void)snprintf(name, sizeof name, "%s%s", p->stem, shops[xw_rng_below(&p->rng, 8)]);
            h.name = name;
            h.use = XW_USE_WORK;
            h.households = 0;
        }
        take(p, &h, r, side);
        xw__emit_building(p->g, q, 4, NULL, &h);
    }
    xw__place_item(p, all, 4, XW__HOUSE, 0.0, 0);
}

/* The lot on the road from s on: its front is parallel to the chord. */
static lot lot_on(const xw__place *p, const xw__road *r, double s, double w, double d, double off,
                  unsigned side)
{
    const vec2 a = xw__road_at(p, r, s, NULL), b = xw__road_at(p, r, s + w, NULL);
    const vec2 u = v_unit(v_sub(b, a)), n = v_mul(v_left(u), side ? -1.0 : 1.0);
    return (lot){v_mad(v_mid(a, b), n, r->half + off), u, n, w, d};
}

static double try_row(xw__place *p, uint32_t road, unsigned side, double s, double s1)
{
    const xw__road *r = p->roads + road;
    const double unit = xw__between(&p->rng, 4.2, 6.0), d = xw__between(&p->rng, 10.5, 14.0);
    uint32_t units = 3 + xw_rng_below(&p->rng, p->town ? 8 : 4);
    while (units > 2 && s + units * unit > s1) units--;
    const lot l = lot_on(p, r, s, units * unit, d, xw__between(&p->rng, 1.6, 2.6), side);
    vec2 q[4];
    lot_quad(&l, q);
    if (s + l.w > s1 || !xw__place_try(p, q, 4, 1.2, 1.6)) return 0.0;
    build_row(p, &l, units, p->roads + road, side);
    return l.w + xw__between(&p->rng, 1.6, p->town ? 3.0 : 6.0);
}

static double try_house(xw__place *p, uint32_t road, unsigned side, double s, double s1)
{
    const xw__road *r = p->roads + road;
    const unsigned kind = pick(&p->rng, (const uint8_t[]){78, 16, 6}, 3);
    const double w = kind == COURT ? xw__between(&p->rng, 15.0, 19.0)
                     : kind == ELL ? xw__between(&p->rng, 11.0, 15.0)
                                   : xw__between(&p->rng, 8.0, 12.5);
    const double d =
        kind == COURT ? xw__between(&p->rng, 16.0, 20.0) : xw__between(&p->rng, 9.0, 13.0);
    lot l = lot_on(p, r, s, w, d, xw__between(&p->rng, 1.6, 4.5), side);
    const double turn = xw__between(&p->rng, -0.05, 0.05);
    l.along = v_unit(v_mad(l.along, l.back, turn));
    l.back = v_mul(v_left(l.along), side ? -1.0 : 1.0);
    vec2 q[4];
    lot_quad(&l, q);
    if (s + w > s1 || !xw__place_try(p, q, 4, 1.2, 1.4)) return 0.0;
    build_house(p, &l, kind, p->roads + road, side);
    return w + xw__between(&p->rng, 1.5, p->town ? 3.0 : 5.5);
}

void xw__frontage(xw__place *p, uint32_t road, unsigned side, double s0, double s1)
{
    double s = s0;
    const bool main_road = p->roads[road].cls <= XW_CLASS_TERTIARY;
    const double rows = p->town ? (main_road ? 0.85 : 0.6) : (main_road ? 0.22 : 0.04);
    if (s1 > p->roads[road].length) s1 = p->roads[road].length;
    while (s + 8.0 < s1 && p->want > 0 && !p->g->st) {
        double step = 0.0;
        if (xw__chance(&p->rng, rows)) step = try_row(p, road, side, s, s1);
        if (step <= 0.0) step = try_house(p, road, side, s, s1);
        s += step > 0.0 ? step : 3.0;
    }
}
