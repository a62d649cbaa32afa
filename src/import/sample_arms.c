/* The roads that come into a cell: from its hub to the portal of each linked edge. Two cells meet
 * in the portal with the same tangent; over water and rails there is a straight crossing. */
#include "sample_internal.h"

#include <stdio.h>

typedef struct arm {
    vec2 end, out; /* where it ends in this cell, and the direction outward */
    unsigned side, cls;
} arm;

static unsigned find_arms(const xw__place *p, arm out[4])
{
    const xw__world *w = p->g->w;
    unsigned n = 0;
    for (unsigned side = 0; side < 4; side++) {
        const uint32_t e = xw__side_edge(w, p->cell, side);
        if (!w->edges[e].link) continue;
        const xw__portal portal = xw__edge_portal(w, e);
        const double sign = side == XW__S || side == XW__E ? -1.0 : 1.0;
        const vec2 outward = v_mul(portal.left, sign);
        out[n++] =
            (arm){v_mad(portal.at, outward, -portal.span), outward, side, w->edges[e].link - 1u};
    }
    return n;
}

/* The crossing itself belongs to the cell on the left of the edge, or the only one. */
static void emit_crossing(xw__place *p, const arm *a)
{
    const xw__world *w = p->g->w;
    const uint32_t e = xw__side_edge(w, p->cell, a->side);
    const xw__portal portal = xw__edge_portal(w, e);
    uint32_t left, right;
    xw__edge_cells(w, e, &left, &right);
    if (portal.span <= 0.0 || p->cell != (left == XW_NONE ? right : left)) return;
    const vec2 q[3] = {a->end, portal.at, v_mad(portal.at, a->out, portal.span)};
    const bool level = w->edges[e].kind & XW__RAIL && a->cls > XW_CLASS_SECONDARY;
    char name[64] = "";
    if (w->edges[e].kind & XW__RIVER) (void)snprintf(name, sizeof name, "%s大桥", p->stem);
    xw__emit_line(p->g, q, 3, a->cls, level ? 0 : XW_BARRIER_BRIDGE, xw__emit_text(p->g, name));
}

static void name_arm(const xw__place *p, const arm *a, char out[XW__NAME])
{
    static const char *const sides[] = {"南", "东", "北", "西"};
    const unsigned kind = p->g->w->cells[p->cell].kind;
    if (kind == XW__LAND) {
        (void)snprintf(out, XW__NAME, "%s",
                       a->cls == XW_CLASS_PRIMARY     ? "999省道"
                       : a->cls == XW_CLASS_SECONDARY ? "099县道"
                                                      : "");
    } else {
        (void)snprintf(out, XW__NAME, "%s%s路", p->stem, sides[a->side]);
    }
}

/* Where the roads of the cell meet: between their ends, nearer to the middle the more there are. */
static vec2 find_hub(const xw__place *p, const arm *arms, unsigned n)
{
    const vec2 middle = xw__cell_middle(p->g->w, p->cell);
    xw_rng r = xw__rng(p->g->w, XW__FOR_ARM, p->cell);
    vec2 sum = {0.0, 0.0};
    for (unsigned k = 0; k < n; k++) sum = v_add(sum, arms[k].end);
    const double pull = n == 2 ? 0.7 : n > 2 ? 0.5 : 0.0;
    const vec2 hub = n ? v_lerp(middle, v_mul(sum, 1.0 / n), pull) : middle;
    const double east = xw__between(&r, -45.0, 45.0), north = xw__between(&r, -45.0, 45.0);
    return v_add(hub, (vec2){east, north});
}

/* The arm that runs on beyond the hub: of the pair of best class, opposite ones first. */
static unsigned partner(const arm *arms, unsigned n, unsigned k)
{
    unsigned best = k, score = 1000;
    for (unsigned a = 0; a < n; a++) {
        for (unsigned b = a + 1; b < n; b++) {
            const unsigned s =
                4 * (arms[a].cls + arms[b].cls) + ((arms[a].side + 2) % 4 == arms[b].side ? 0 : 3);
            if (s >= score) continue;
            score = s;
            best = a == k ? b : b == k ? a : k;
        }
    }
    return best;
}

enum { ARM_PTS = 48 };

static void add_arm(xw__place *p, const arm *arms, unsigned n, unsigned k)
{
    const arm *a = arms + k;
    const double length = v_len(v_sub(a->end, p->hub));
    const unsigned other = partner(arms, n, k);
    const vec2 leave = v_unit(v_sub(a->end, other == k ? p->hub : arms[other].end));
    const vec2 m0 = v_mul(leave, length), m1 = v_mul(a->out, length);
    uint32_t steps = (uint32_t)(length / 21.0);
    steps = steps < 3 ? 3 : steps >= ARM_PTS ? ARM_PTS - 1 : steps;
    const double crook = a->cls >= XW_CLASS_TERTIARY ? 7.0 : 1.5;
    const double ph = xw__between(&p->rng, 0.0, 6.28), f = xw__between(&p->rng, 4.0, 9.0);
    vec2 q[ARM_PTS];
    for (uint32_t i = 0; i <= steps; i++) {
        const double t = (double)i / steps, t2 = t * t, t3 = t2 * t;
        vec2 at = v_mul(p->hub, 2 * t3 - 3 * t2 + 1);
        at = v_mad(at, m0, t3 - 2 * t2 + t);
        at = v_mad(at, a->end, 3 * t2 - 2 * t3);
        at = v_mad(at, m1, t3 - t2);
        const double bow = sin(3.141592653589793 * t);
        q[i] = v_mad(at, v_left(leave), crook * bow * bow * sin(ph + f * t));
    }
    q[0] = p->hub;
    q[steps] = a->end;
    char name[XW__NAME];
    name_arm(p, a, name);
    (void)xw__place_road(p, q, steps + 1, a->cls, name, true);
}

void xw__place_arms(xw__place *p)
{
    arm arms[4];
    const unsigned n = find_arms(p, arms);
    const bool city = p->g->w->cells[p->cell].kind == XW__CITY;
    if (!city) p->hub = find_hub(p, arms, n);
    for (unsigned k = 0; k < n; k++) {
        if (!city) add_arm(p, arms, n, k);
        emit_crossing(p, arms + k);
    }
}
