/* No boundary enters a footprint, no footprint leaves its plot: exact, on the vertices as they are.
 */
#include "checking.h"

typedef struct place { /* twice a lattice point, so that middles are whole */
    int64_t x, y;
} place;

static place twice(xw_pt p) { return (place){2 * (int64_t)p.x, 2 * (int64_t)p.y}; }
static place middle(xw_pt a, xw_pt b) { return (place){(int64_t)a.x + b.x, (int64_t)a.y + b.y}; }

/* Where p lies to the line ab, all doubled: 1 left, 0 on it, -1 right. */
static int side(place a, place b, place p)
{
    const xw_i128 v = (xw_i128)(b.x - a.x) * (p.y - a.y) - (xw_i128)(b.y - a.y) * (p.x - a.x);
    return (v > 0) - (v < 0);
}

/* One segment against p: toggles *inside when the ray to the east crosses it; true when p is on it.
 */
static bool pass(xw_pt a, xw_pt b, place p, bool *inside)
{
    place s = twice(a), t = twice(b);
    if (s.y > t.y) {
        const place swap = s;
        s = t;
        t = swap;
    }
    if (p.y < s.y || p.y > t.y) return false;
    const int where = side(s, t, p);
    if (where == 0) {
        const int64_t lo = s.x < t.x ? s.x : t.x, hi = s.x < t.x ? t.x : s.x;
        if (p.x >= lo && p.x <= hi) return true;
    }
    if (s.y <= p.y && p.y < t.y && where > 0) *inside = !*inside;
    return false;
}

static xw_ring ring_of(const xw_model *m, uint32_t r)
{
    return (xw_ring){m->pts + m->rings[r].first, m->rings[r].n};
}

static bool strictly_in_footprint(const xw_model *m, const xw_model_building *b, place p)
{
    bool inside = false;
    for (uint32_t r = 0; r < b->n_rings; r++) {
        const xw_ring ring = ring_of(m, b->first_ring + r);
        for (uint32_t i = 0, j = ring.n - 1; i < ring.n; j = i++) {
            if (pass(ring.pts[j], ring.pts[i], p, &inside)) return false;
        }
    }
    return inside;
}

/* Inside the plot or on its boundary. */
static bool in_plot(const xw__checker *c, uint32_t plot, place p)
{
    const xw_model *m = c->m;
    bool inside = false;
    for (uint32_t i = c->edges.start[plot]; i < c->edges.start[plot + 1]; i++) {
        const xw_edge *e = &m->edges[c->edges.item[i]];
        for (uint32_t k = 0; k + 1 < e->n; k++) {
            if (pass(m->pts[e->first + k], m->pts[e->first + k + 1], p, &inside)) return true;
        }
    }
    return inside;
}

static bool crosses_wall(const xw_model *m, const xw_model_building *b, xw_pt p, xw_pt q)
{
    for (uint32_t r = 0; r < b->n_rings; r++) {
        const xw_ring ring = ring_of(m, b->first_ring + r);
        for (uint32_t i = 0, j = ring.n - 1; i < ring.n; j = i++) {
            const xw_pt u = ring.pts[j], v = ring.pts[i];
            if (xw_orient(p, q, u) * xw_orient(p, q, v) < 0 &&
                xw_orient(u, v, p) * xw_orient(u, v, q) < 0) {
                return true;
            }
        }
    }
    return false;
}

/* Does a boundary of the plot enter the footprint? */
static bool is_cut(const xw__checker *c, const xw_model_building *b, xw_box box)
{
    const xw_model *m = c->m;
    for (uint32_t i = c->edges.start[b->plot]; i < c->edges.start[b->plot + 1]; i++) {
        const xw_edge *e = &m->edges[c->edges.item[i]];
        for (uint32_t k = 0; k + 1 < e->n; k++) {
            const xw_pt p = m->pts[e->first + k], q = m->pts[e->first + k + 1];
            if (!xw_box_meets(xw_box_grow((xw_box){p, p}, q), box)) continue;
            if (crosses_wall(m, b, p, q) || strictly_in_footprint(m, b, twice(p)) ||
                strictly_in_footprint(m, b, twice(q)) ||
                strictly_in_footprint(m, b, middle(p, q))) {
                return true;
            }
        }
    }
    return false;
}

/* The corners and the middles of the walls are in the plot. */
static bool is_home(const xw__checker *c, const xw_model_building *b)
{
    for (uint32_t r = 0; r < b->n_rings; r++) {
        const xw_ring ring = ring_of(c->m, b->first_ring + r);
        for (uint32_t i = 0, j = ring.n - 1; i < ring.n; j = i++) {
            if (!in_plot(c, b->plot, twice(ring.pts[i])) ||
                !in_plot(c, b->plot, middle(ring.pts[j], ring.pts[i]))) {
                return false;
            }
        }
    }
    return true;
}

xw_status xw__check_buildings(xw__checker *c)
{
    const xw_model *m = c->m;
    const uint32_t line = xw__check_line_add(c, true, "", 0, "buildings_cut",
                                             "buildings cut by a boundary", "被切割的建筑");
    for (uint32_t i = 0; i < m->n_buildings; i++) {
        const xw_model_building *b = &m->buildings[i];
        if (b->plot == XW_NONE) continue;
        xw_box box = XW_BOX_EMPTY;
        for (uint32_t r = 0; r < b->n_rings; r++) {
            box = xw_box_join(box, xw_ring_box(ring_of(m, b->first_ring + r)));
        }
        if (xw_box_is_empty(box)) continue;
        if (is_cut(c, b, box) || !is_home(c, b)) {
            xw__check_hit(c, line, 1, box.min, "building %u %s", i, xw_model_text(m, b->source));
        }
    }
    return XW_OK;
}
