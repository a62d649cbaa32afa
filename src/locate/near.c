/* Edges around a point. An edge lies in many cells; it is reported from the one leaf that its point
 * nearest to the centre falls in, so no memory of what was seen is needed. Leaves hold every edge
 * within one unit, which is more than the rounding of that point can be off. */
#include "leaf.h"
#include "xiwang/ring.h"

#include <math.h>

typedef struct search {
    const locator_head *h;
    int64_t px, py;
    double radius_m;
    xw_scale scale;
    int64_t x_min, y_min, x_max, y_max; /* closed box in lattice units */
    bool (*fn)(void *user, const xw_near_edge *e);
    void *user;
} search;

/* Nearest point of the edge, in units relative to the centre. @return the distance in metres */
static double nearest(const search *s, const locator_item *e, double *nx, double *ny)
{
    const double ax = (double)(e->ax - s->px), ay = (double)(e->ay - s->py);
    const double dx = (double)e->bx - e->ax, dy = (double)e->by - e->ay;
    const double mx = s->scale.mx, my = s->scale.my;
    const double len2 = dx * mx * dx * mx + dy * my * dy * my;
    double t = len2 > 0.0 ? -(ax * mx * dx * mx + ay * my * dy * my) / len2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    *nx = ax + t * dx;
    *ny = ay + t * dy;
    return hypot(*nx * mx, *ny * my);
}

static bool report_leaf(const search *s, const locator_cell *c)
{
    const int64_t side = INT64_C(1) << c->shift;
    locator_item own[LEAF_EDGES_MAX];
    const locator_item *it;
    const size_t n = xw__leaf_edges(c, locator_grain(s->h, c->entry), own, &it);
    for (size_t i = 0; i < n; i++) {
        double nx, ny;
        const double d = nearest(s, &it[i], &nx, &ny);
        if (!(d <= s->radius_m)) continue;
        const int64_t fx = s->px + (int64_t)floor(nx), fy = s->py + (int64_t)floor(ny);
        if (fx < c->x0 || fx >= c->x0 + side || fy < c->y0 || fy >= c->y0 + side) continue;
        const xw_near_edge e = {
            it[i].left, it[i].right, d, {it[i].ax, it[i].ay}, {it[i].bx, it[i].by}};
        if (!s->fn(s->user, &e)) return false;
    }
    return true;
}

/* Child k of a split cell. */
static locator_cell child_of(const search *s, const locator_cell *c, uint32_t k)
{
    const uint32_t *block = locator_grain(s->h, c->entry), shift = c->shift - 2;
    return (locator_cell){block[k], shift, c->x0 + ((int64_t)(k % 4) << shift),
                          c->y0 + ((int64_t)(k / 4) << shift)};
}

static bool search_cell(const search *s, const locator_cell *c)
{
    const int64_t side = INT64_C(1) << c->shift;
    if (ENTRY_TAG(c->entry) == TAG_LABEL) return true;
    if (c->x0 > s->x_max || c->y0 > s->y_max || c->x0 + side <= s->x_min ||
        c->y0 + side <= s->y_min) {
        return true;
    }
    if (ENTRY_TAG(c->entry) != TAG_SPLIT) return report_leaf(s, c);
    for (uint32_t k = 0; k < 16; k++) {
        const locator_cell child = child_of(s, c, k);
        if (!search_cell(s, &child)) return false;
    }
    return true;
}

/* Top cell (i, j). */
static locator_cell top_cell(const locator_head *h, int64_t i, int64_t j)
{
    const size_t at = cell_at(h->tx, (uint32_t)i, (uint32_t)j);
    return (locator_cell){locator_entries(h)[at], h->shift, h->ox + (i << h->shift),
                          h->oy + (j << h->shift)};
}

static int64_t within(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* Lattice units that cover a length, at most far more than the lattice. */
static int64_t units(double metres, double metres_a_unit)
{
    const double u = metres / metres_a_unit;
    return u >= 0.0 && u < 8e9 ? (int64_t)u + 2 : INT64_C(8000000000);
}

void xw_locator_near(const xw_locator *l, xw_pt p, double radius_m,
                     bool (*fn)(void *user, const xw_near_edge *e), void *user)
{
    const locator_head *h = locator_get_head(l);
    if (!h || h->n_grains == 0 || !(radius_m >= 0.0)) return;
    search s = {.h = h,
                .px = p.x,
                .py = p.y,
                .radius_m = radius_m,
                .scale = xw_scale_at(p.y),
                .fn = fn,
                .user = user};
    const int64_t rx = units(radius_m, s.scale.mx), ry = units(radius_m, s.scale.my);
    s.x_min = p.x - rx;
    s.x_max = p.x + rx;
    s.y_min = p.y - ry;
    s.y_max = p.y + ry;
    if (s.x_max < h->ox || s.y_max < h->oy || s.x_min > (int64_t)h->ox + h->w ||
        s.y_min > (int64_t)h->oy + h->h) {
        return;
    }
    const int64_t i0 = within(s.x_min - h->ox, 0, h->w) >> h->shift;
    const int64_t i1 = within(s.x_max - h->ox, 0, h->w) >> h->shift;
    const int64_t j0 = within(s.y_min - h->oy, 0, h->h) >> h->shift;
    const int64_t j1 = within(s.y_max - h->oy, 0, h->h) >> h->shift;
    for (int64_t j = j0; j <= j1; j++) {
        for (int64_t i = i0; i <= i1; i++) {
            const locator_cell c = top_cell(h, i, j);
            if (!search_cell(&s, &c)) return;
        }
    }
}

/* (0, 0) on the segment between these vertices? They are below 2^31, their products below 2^63. */
static bool crosses_origin(int64_t ax, int64_t ay, int64_t bx, int64_t by)
{
    if ((ax > 0 && bx > 0) || (ax < 0 && bx < 0) || (ay > 0 && by > 0) || (ay < 0 && by < 0)) {
        return false;
    }
    return ax * by == ay * bx;
}

/* Which lanes of a leaf are edges, and where its vertices are. */
static uint32_t edges_of(const locator_cell *c, const void *leaf, const leaf_vertex **v)
{
    if (ENTRY_TAG(c->entry) == TAG_CHAIN) {
        *v = ((const chain_leaf *)leaf)->v;
        return (UINT32_C(1) << (CHAIN_VERTICES - 1)) - 1;
    }
    const fan_leaf *f = leaf;
    const uint32_t faces = ENTRY_TAG(c->entry) == TAG_FAN ? 3 : 4;
    uint32_t lanes = 0;
    for (uint32_t k = 0; k < faces; k++) lanes |= f->face[k].mask;
    *v = f->v;
    return lanes & 0x7fff & ~((UINT32_C(1) << 2 * faces) - 1);
}

static bool on_list(const list_leaf *list, xw_pt p)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const locator_item *e = &list->items[i];
        if (xw_on_segment((xw_pt){e->ax, e->ay}, (xw_pt){e->bx, e->by}, p)) return true;
    }
    return false;
}

/* Every edge through the point is in the leaf of its cell. */
bool xw_locator_on_edge(const xw_locator *l, xw_pt p)
{
    const locator_head *h = locator_get_head(l);
    if (!h || !locator_covers(h, p)) return false;
    const uint32_t dx = (uint32_t)p.x - (uint32_t)h->ox, dy = (uint32_t)p.y - (uint32_t)h->oy;
    locator_cell c = {locator_entries(h)[cell_at(h->tx, dx >> h->shift, dy >> h->shift)], h->shift,
                      0, 0};
    while (ENTRY_TAG(c.entry) == TAG_SPLIT) {
        const uint32_t *block = locator_grain(h, c.entry);
        c.shift -= 2;
        c.entry = block[block_at(dx >> c.shift, dy >> c.shift)];
    }
    if (ENTRY_TAG(c.entry) == TAG_LABEL) return false;
    const void *leaf = locator_grain(h, c.entry);
    if (ENTRY_TAG(c.entry) == TAG_LIST) return on_list(leaf, p);
    const int32_t x = from_middle(dx, c.shift), y = from_middle(dy, c.shift);
    const leaf_vertex *v;
    for (uint32_t lanes = edges_of(&c, leaf, &v), i = 0; lanes >> i; i++) {
        if (!(lanes >> i & 1)) continue;
        /* the last vertex of a short CHAIN is repeated: an edge of no length, on its own end */
        if (crosses_origin(v[i].x - x, v[i].y - y, v[i + 1].x - x, v[i + 1].y - y)) return true;
    }
    return false;
}
