/* Walled compounds: a wall with one gate, service roads inside, and buildings in rows that face
 * south: towers or slabs with many households, a school, a factory. */
#include "sample_internal.h"

#include <stdio.h>

enum { YARD_MOST = 40 };

typedef struct spec {
    double w0, w1, d, gap_x, gap_y;
    uint32_t most, floors0, floors1;
    xw_use use;
} spec;

static const spec specs[] = {
    [XW__TOWERS] = {24.0, 30.0, 16.5, 15.0, 26.0, 16, 9, 33, XW_USE_FLATS},
    [XW__SLABS] = {36.0, 54.0, 12.0, 9.0, 17.0, 30, 5, 7, XW_USE_FLATS},
    [XW__SCHOOL] = {40.0, 52.0, 12.0, 14.0, 24.0, 3, 3, 5, XW_USE_PUBLIC},
    [XW__WORKS] = {36.0, 60.0, 22.0, 9.0, 10.0, 6, 1, 3, XW_USE_WORK},
};

bool xw__yard_fits(xw__place *p, const xw__yard *y)
{
    for (int k = 0; k < 4; k++) {
        if (!xw__place_owns(p, y->q[k])) return false;
        if (v_len(v_sub(y->q[(k + 1) % 4], y->q[k])) < 45.0) return false;
        if (v_cross(v_sub(y->q[(k + 1) % 4], y->q[k]),
                    v_sub(y->q[(k + 2) % 4], y->q[(k + 1) % 4])) <= 0.0) {
            return false;
        }
    }
    const xw__gaps gaps = {.gap = {4.0, 2.0, 3.0, 3.0}, .skip = {-1, -1}};
    return xw__canvas_clear(&p->canvas, y->q, 4, &gaps);
}

static void wall_and_ways(xw__place *p, const xw__yard *y)
{
    const vec2 along = v_unit(v_sub(y->q[1], y->q[0]));
    const vec2 g = v_mad(y->q[0], along, v_dot(v_sub(y->gate, y->q[0]), along));
    const vec2 wall[6] = {v_mad(g, along, 4.0), y->q[1], y->q[2], y->q[3], y->q[0],
                          v_mad(g, along, -4.0)};
    xw__emit_line(p->g, wall, 6, XW_CLASS_WALL, XW_BARRIER_IMPASSABLE, 0);
    for (int k = 0; k < 5; k++) xw__place_item(p, wall + k, 2, XW__WALL, 0.5, 0);
    const vec2 far = v_mid(y->q[2], y->q[3]), in = v_unit(v_sub(far, g));
    const double depth = v_len(v_sub(far, g));
    const bool homes = y->kind == XW__TOWERS || y->kind == XW__SLABS;
    const vec2 c = v_mad(g, in, depth * (homes ? 0.5 : 0.25)), left = v_mid(y->q[3], y->q[0]),
               right = v_mid(y->q[1], y->q[2]);
    const vec2 spine[4] = {y->gate, g, c, v_mad(g, in, depth - 15.0)};
    (void)xw__place_road(p, spine, homes && depth > 60.0 ? 4 : 3, XW_CLASS_SERVICE, "", true);
    if (!homes) return;
    const vec2 cross[3] = {v_mad(left, v_unit(v_sub(c, left)), 15.0), c,
                           v_mad(right, v_unit(v_sub(c, right)), 15.0)};
    (void)xw__place_road(p, cross, 3, XW_CLASS_SERVICE, "", true);
}

/* Rows along the axis that is nearest to east, as houses face south. @return buildings */
static uint32_t fill(xw__place *p, const xw__yard *y, const spec *s, double w,
                     vec2 at[YARD_MOST][4])
{
    const vec2 a = v_unit(v_sub(y->q[1], y->q[0])), b = v_left(a);
    vec2 ex = fabs(a.x) > fabs(b.x) ? a : b;
    if (ex.x < 0.0) ex = v_mul(ex, -1.0);
    const vec2 ey = v_left(ex), o = y->q[0];
    double lo[2] = {0.0, 0.0}, hi[2] = {0.0, 0.0};
    for (int k = 1; k < 4; k++) {
        const double x = v_dot(v_sub(y->q[k], o), ex), v = v_dot(v_sub(y->q[k], o), ey);
        lo[0] = fmin(lo[0], x), hi[0] = fmax(hi[0], x);
        lo[1] = fmin(lo[1], v), hi[1] = fmax(hi[1], v);
    }
    const xw__gaps gaps = {.gap = {4.0, 1.8, 4.0, 5.0}, .skip = {-1, -1}};
    uint32_t n = 0;
    for (double v = lo[1] + 4.6; v + s->d < hi[1] && n < s->most;) {
        const uint32_t before = n;
        for (double x = lo[0] + 4.6; x + w < hi[0] && n < s->most;) {
            vec2 *q = at[n];
            q[0] = v_mad(v_mad(o, ex, x), ey, v);
            q[1] = v_mad(q[0], ex, w);
            q[2] = v_mad(q[1], ey, s->d);
            q[3] = v_mad(q[0], ey, s->d);
            bool in = true;
            for (int k = 0; k < 4 && in; k++) {
                const vec2 side = v_sub(y->q[(k + 1) % 4], y->q[k]);
                in = v_cross(side, v_sub(v_mid(q[0], q[2]), y->q[k])) > 0.0;
            }
            if (in && xw__canvas_clear(&p->canvas, q, 4, &gaps)) {
                n++;
                x += w + s->gap_x;
            } else {
                x += 3.0;
            }
        }
        v += n > before ? s->d + s->gap_y : 3.0;
    }
    return n;
}

static void name_yard(xw__place *p, xw__yard_kind kind, char out[64])
{
    if (kind == XW__SCHOOL) {
        (void)snprintf(out, 64, "%s%s", p->stem,
                       p->town && xw__chance(&p->rng, 0.4) ? "中学" : "小学");
    } else if (kind == XW__WORKS) {
        char name[48];
        xw__name_works(&p->rng, p->stem, name);
        (void)snprintf(out, 64, "%s", name);
    } else {
        char name[XW__NAME];
        xw__name_estate(&p->rng, name);
        (void)snprintf(out, 64, "%s", name);
    }
}

/* Floors so that @p n buildings hold about @p want; fewer buildings when even low ones hold more.
 */
static uint32_t choose_floors(const spec *s, uint32_t per_floor, uint32_t want, uint32_t *n)
{
    const uint32_t low = per_floor * s->floors0;
    if (*n > (want + low - 1) / low) *n = (want + low - 1) / low;
    if (!*n) *n = 1;
    uint32_t floors = (want + *n * per_floor / 2) / (*n * per_floor);
    floors = floors < s->floors0 ? s->floors0 : floors;
    return floors > s->floors1 ? s->floors1 : floors;
}

uint32_t xw__yard_build(xw__place *p, const xw__yard *y)
{
    const spec *s = specs + y->kind;
    const bool homes = s->use == XW_USE_FLATS;
    wall_and_ways(p, y);
    vec2 at[YARD_MOST][4];
    double w = xw__between(&p->rng, s->w0, s->w1);
    if (y->kind == XW__SLABS) w = 13.0 * floor(w / 13.0 + 0.25);
    uint32_t n = fill(p, y, s, w, at), made = 0;
    if (!n) { /* a narrow yard: shorter buildings */
        w = 26.0;
        n = fill(p, y, s, w, at);
    }
    const uint32_t per_floor =
        y->kind == XW__TOWERS ? (w > 27.0 ? 6 : 4) : 2 * (uint32_t)(w / 13.0);
    uint32_t floors = s->floors0 + xw_rng_below(&p->rng, s->floors1 - s->floors0 + 1);
    if (homes && n) floors = choose_floors(s, per_floor, y->want, &n);
    char yard[64], name[96], place[96];
    name_yard(p, y->kind, yard);
    xw__road *r = p->roads + y->road;
    const uint32_t number = r->number[y->side];
    r->number[y->side] += 2;
    for (uint32_t k = 0; k < n; k++) {
        xw__house h = {.use = s->use,
                       .floors = floors,
                       .name = name,
                       .place = place,
                       .street = r->name,
                       .number = r->name[0] ? number : 0,
                       .door = v_mid(at[k][0], at[k][2])};
        (void)snprintf(name, sizeof name, homes ? "%s%u栋" : k ? "%s%u号楼" : "%s", yard, k + 1);
        (void)snprintf(place, sizeof place, "%s", name);
        const int64_t left = p->want - made;
        h.households = homes ? floors * per_floor : 0;
        if (left < (int64_t)h.households) h.households = left > 0 ? (uint32_t)left : 0;
        if (homes && !h.households) break;
        if (homes) h.floors = (h.households + per_floor - 1) / per_floor;
        h.height_m = h.floors * (y->kind == XW__WORKS ? 6.0 : 3.0) + 1.5;
        made += h.households;
        xw__emit_building(p->g, at[k], 4, NULL, &h);
        xw__place_item(p, at[k], 4, XW__HOUSE, 0.0, 0);
    }
    xw__place_item(p, y->q, 4, XW__WALL, 0.5, 0); /* nothing else in here */
    p->want -= made;
    return made;
}
