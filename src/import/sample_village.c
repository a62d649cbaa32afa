/* A village, hamlet or market town: it grows from its hub outward along the roads, lanes first,
 * then the houses between them, until its households are housed. */
#include "sample_internal.h"

/* A compound beside an arm, with its gate at a vertex. */
static bool yard_beside(xw__place *p, uint32_t road, uint32_t vertex, unsigned side, xw__yard *y,
                        double w, double d)
{
    const xw__road *r = p->roads + road;
    const vec2 at = p->pts[r->first + vertex];
    const vec2 dir = v_unit(v_sub(p->pts[r->first + vertex + 1], p->pts[r->first + vertex - 1]));
    const vec2 n = v_mul(v_left(dir), side ? -1.0 : 1.0), along = {n.y, -n.x};
    const vec2 front = v_mad(at, n, r->half + 7.0);
    y->gate = at;
    y->road = road;
    y->side = side;
    y->q[0] = v_mad(front, along, -w / 2.0);
    y->q[1] = v_mad(front, along, w / 2.0);
    y->q[2] = v_mad(y->q[1], n, d);
    y->q[3] = v_mad(y->q[0], n, d);
    return xw__yard_fits(p, y);
}

static void put_yard(xw__place *p, xw__yard_kind kind, double w, double d, double near, double far,
                     uint32_t n_arms, uint32_t want)
{
    for (unsigned tries = 0; tries < 12 && n_arms; tries++) {
        const uint32_t road = xw_rng_below(&p->rng, n_arms);
        const xw__road *r = p->roads + road;
        const double s = xw__between(&p->rng, near, far);
        const uint32_t v = (uint32_t)(s / 21.0);
        if (v < 1 || v + 1 >= r->n) continue;
        xw__yard y = {.kind = kind, .want = want};
        if (!yard_beside(p, road, v, xw_rng_below(&p->rng, 2), &y, w, d)) continue;
        (void)xw__yard_build(p, &y);
        return;
    }
}

static void put_yards(xw__place *p, uint32_t n_arms)
{
    xw_rng *r = &p->rng;
    const unsigned kind = p->g->w->cells[p->cell].kind;
    if (kind == XW__MARKET || (kind == XW__VILLAGE && p->want > 150 && xw__chance(r, 0.25))) {
        const double w = xw__between(r, 75.0, 110.0), d = xw__between(r, 70.0, 95.0);
        put_yard(p, XW__SCHOOL, w, d, 60.0, 200.0, n_arms, 0);
    }
    if (kind == XW__MARKET || (kind == XW__VILLAGE && xw__chance(r, 0.1))) {
        const double w = xw__between(r, 90.0, 140.0), d = xw__between(r, 70.0, 110.0);
        put_yard(p, XW__WORKS, w, d, 180.0, 300.0, n_arms, 0);
    }
    for (int64_t k = 0; kind == XW__MARKET && k < p->want / 350; k++) {
        const double d = xw__between(r, 80.0, 110.0), w = xw__between(r, 90.0, 130.0);
        put_yard(p, XW__SLABS, w, d, 70.0, 240.0, n_arms, 160);
    }
}

/* Lanes from the vertices of a road between two distances from its start. */
static void grow_lanes(xw__place *p, uint32_t road, double from, double to, double chance,
                       double longest)
{
    double s = 0.0;
    for (uint32_t v = 1; v + 1 < p->roads[road].n && !p->g->st; v++) {
        const vec2 *q = p->pts + p->roads[road].first;
        s += v_len(v_sub(q[v], q[v - 1]));
        if (s < from || s >= to) continue;
        for (unsigned side = 0; side < 2; side++) {
            if (!xw__chance(&p->rng, chance)) continue;
            (void)xw__lane_grow(p, road, v, side, longest * xw__between(&p->rng, 0.5, 1.1));
        }
    }
}

static void both_fronts(xw__place *p, uint32_t road, double from, double to)
{
    xw__frontage(p, road, 0, from, to);
    xw__frontage(p, road, 1, from, to);
}

/* Without a road there is at least a lane to begin with. */
static uint32_t first_roads(xw__place *p)
{
    if (p->n_roads) return (uint32_t)p->n_roads;
    const double turn = xw__between(&p->rng, 0.0, 3.1);
    const vec2 dir = {cos(turn), sin(turn)};
    vec2 q[9];
    for (int k = 0; k < 9; k++) q[k] = v_mad(p->hub, dir, 22.0 * (k - 4));
    (void)xw__place_road(p, q, 9, XW_CLASS_RESIDENTIAL, p->stem, true);
    return (uint32_t)p->n_roads;
}

void xw__settle(xw__place *p)
{
    const double ring = 42.0, longest = p->want > 60 ? 170.0 : 90.0;
    const uint32_t n_arms = first_roads(p);
    put_yards(p, n_arms);
    for (double from = 0.0; from < 460.0 && p->want > 0 && !p->g->st; from += ring) {
        const uint32_t first = (uint32_t)p->n_roads;
        for (uint32_t k = 0; k < n_arms; k++) {
            if (p->roads[k].cls != XW_CLASS_TRACK) {
                grow_lanes(p, k, from + 14.0, from + 14.0 + ring, 0.85, longest);
            }
        }
        const uint32_t second = (uint32_t)p->n_roads;
        for (uint32_t k = first; k < second; k++) grow_lanes(p, k, 30.0, 400.0, 0.6, 110.0);
        for (uint32_t k = 0; k < n_arms; k++) both_fronts(p, k, from, from + ring);
        for (uint32_t k = first; k < p->n_roads; k++) both_fronts(p, k, 4.0, 1e9);
    }
    /* Still people without a house: more lanes off the lanes. */
    for (uint32_t k = n_arms; k < p->n_roads && p->want > 0 && !p->g->st; k++) {
        if (!p->roads[k].used) continue;
        const uint32_t first = (uint32_t)p->n_roads;
        grow_lanes(p, k, 20.0, 400.0, 0.9, 120.0);
        for (uint32_t i = first; i < p->n_roads; i++) both_fronts(p, i, 4.0, 1e9);
    }
}
