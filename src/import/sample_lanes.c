/* Crooked lanes: they leave a road at one of its vertices, drift, keep a house's depth off other
 * roads, and end blind or, where one is near, in another road. */
#include "sample_internal.h"

#include <stdio.h>

enum { LANE_PTS = 16 };

static vec2 turned(vec2 v, double by)
{
    const double c = cos(by), s = sin(by);
    return (vec2){c * v.x - s * v.y, s * v.x + c * v.y};
}

static bool step_clear(const xw__place *p, vec2 a, vec2 b, uint32_t skip)
{
    const vec2 q[2] = {a, b};
    const xw__gaps gaps = {
        .gap = {[XW__HARD] = 14.0, [XW__ROAD] = 27.0, [XW__WALL] = 5.0, [XW__HOUSE] = 4.0},
        .skip = {skip == XW_NONE ? -1 : (int)skip, -1}};
    return xw__canvas_clear(&p->canvas, q, 2, &gaps) && xw__place_owns(p, b);
}

/* Ends the lane in the vertex of another road ahead. */
static bool join(const xw__place *p, const vec2 *q, uint32_t n, vec2 dir, uint32_t parent,
                 vec2 *out)
{
    const vec2 from = q[n - 1];
    double best = 80.0;
    uint32_t road = XW_NONE;
    for (uint32_t k = 0; k < p->n_roads; k++) {
        const xw__road *r = p->roads + k;
        if (k == parent) continue;
        for (uint32_t i = 1; i < r->n; i++) {
            const vec2 d = v_sub(p->pts[r->first + i], from);
            const double l = v_len(d);
            if (l >= best || l < 8.0 || v_dot(d, dir) < 0.55 * l) continue;
            best = l;
            road = k;
            *out = p->pts[r->first + i];
        }
    }
    if (road == XW_NONE || !p->roads[road].used) return false;
    const vec2 s[2] = {from, *out};
    const xw__gaps gaps = {
        .gap = {[XW__HARD] = 5.0, [XW__ROAD] = 7.0, [XW__WALL] = 4.0, [XW__HOUSE] = 3.8},
        .skip = {(int)road, (int)parent}};
    return xw__canvas_clear(&p->canvas, s, 2, &gaps);
}

static void name_lane(xw__place *p, char out[XW__NAME])
{
    char number[16];
    xw__name_number(++p->n_lanes, number);
    (void)snprintf(out, XW__NAME, "%s%s%s", p->stem, number, p->town ? "街" : "巷");
}

uint32_t xw__lane_grow(xw__place *p, uint32_t parent, uint32_t vertex, unsigned side,
                       double longest)
{
    const xw__road *r = p->roads + parent;
    if (p->g->st || vertex == 0 || vertex + 1 >= r->n) return XW_NONE;
    vec2 q[LANE_PTS];
    uint32_t n = 0;
    q[n++] = p->pts[r->first + vertex];
    const vec2 along = v_unit(v_sub(p->pts[r->first + vertex + 1], p->pts[r->first + vertex - 1]));
    vec2 dir = turned(v_left(along), xw__between(&p->rng, -0.14, 0.14));
    if (side) dir = v_mul(dir, -1.0);
    double length = 0.0;
    while (n < LANE_PTS - 1 && length < longest) {
        const double step = xw__between(&p->rng, 17.0, 22.0);
        const uint32_t skip = n < 3 ? parent : XW_NONE;
        dir = turned(dir, xw__between(&p->rng, -0.13, 0.13));
        vec2 next = v_mad(q[n - 1], dir, step);
        if (!step_clear(p, q[n - 1], next, skip)) {
            const double veer = xw__chance(&p->rng, 0.5) ? 0.4 : -0.4;
            next = v_mad(q[n - 1], turned(dir, veer), step);
            if (n < 2 || !step_clear(p, q[n - 1], next, skip)) break;
            dir = turned(dir, veer);
        }
        q[n++] = next;
        length += step;
    }
    if (n < 3) return XW_NONE;
    vec2 end;
    if (join(p, q, n, dir, parent, &end) && xw__chance(&p->rng, 0.75)) {
        const vec2 from = q[n - 1];
        if (v_len(v_sub(end, from)) > 36.0 && n + 1 < LANE_PTS) q[n++] = v_mid(from, end);
        q[n++] = end;
    } else if (n < 4) {
        return XW_NONE;
    }
    char name[XW__NAME];
    name_lane(p, name);
    const uint32_t ix = xw__place_road(p, q, n, XW_CLASS_RESIDENTIAL, name, true);
    if (ix == XW_NONE) return ix;
    p->roads[ix].used = false;
    p->roads[ix].parent = parent;
    return ix;
}
