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

/* Shortens best_m by the edges of a cell, unless the whole cell is further away. */
static void nearest_in_cell(const search *s, const locator_cell *c, double *best_m)
{
    const int64_t side = INT64_C(1) << c->shift;
    if (ENTRY_TAG(c->entry) == TAG_LABEL) return;
    const int64_t gx = c->x0 > s->px ? c->x0 - s->px : s->px - c->x0 - side;
    const int64_t gy = c->y0 > s->py ? c->y0 - s->py : s->py - c->y0 - side;
    const double dx = gx > 0 ? (double)gx * s->scale.mx : 0.0;
    const double dy = gy > 0 ? (double)gy * s->scale.my : 0.0;
    if (dx * dx + dy * dy > *best_m * *best_m) return;
    if (ENTRY_TAG(c->entry) == TAG_SPLIT) {
        for (uint32_t k = 0; k < 16; k++) {
            const locator_cell child = child_of(s, c, k);
            nearest_in_cell(s, &child, best_m);
        }
        return;
    }
    locator_item own[LEAF_EDGES_MAX];
    const locator_item *it;
    const size_t n = xw__leaf_edges(c, locator_grain(s->h, c->entry), own, &it);
    for (size_t i = 0; i < n; i++) {
        double nx, ny;
        const double d = nearest(s, &it[i], &nx, &ny);
        if (d < *best_m) *best_m = d;
    }
}

/* Top cell (i, j). */
static locator_cell top_cell(const locator_head *h, int64_t i, int64_t j)
{
    const size_t at = cell_at(h->tx, (uint32_t)i, (uint32_t)j);
    return (locator_cell){locator_entries(h)[at], h->shift, h->ox + (i << h->shift),
                          h->oy + (j << h->shift)};
}

static int64_t within(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

/* Columns i0, i0 + step ... i1 of row j of top cells, those up to `east`. */
static void nearest_in_row(const search *s, int64_t j, int64_t i0, int64_t i1, int64_t step,
                           int64_t east, double *best_m)
{
    for (int64_t i = i0; i <= i1; i += step) {
        if (i < 0 || i > east) continue;
        const locator_cell c = top_cell(s->h, i, j);
        nearest_in_cell(s, &c, best_m);
    }
}

/* Looks through square rings of top cells round the point's own, until a ring is too far. */
double xw_locator_nearest_m(const xw_locator *l, xw_pt p, double max_m)
{
    const locator_head *h = locator_get_head(l);
    double best_m = max_m;
    if (!h || h->n_grains == 0 || !(max_m > 0.0)) return max_m;
    const search s = {.h = h, .px = p.x, .py = p.y, .scale = xw_scale_at(p.y)};
    const int64_t side = INT64_C(1) << h->shift, east = h->w >> h->shift;
    const int64_t north = h->h >> h->shift;
    const int64_t dx = (int64_t)p.x - h->ox, dy = (int64_t)p.y - h->oy;
    const int64_t ci = dx >> h->shift, cj = dy >> h->shift;
    const int64_t off_x = ci < 0 ? -ci : ci - east, off_y = cj < 0 ? -cj : cj - north;
    int64_t k = off_x > off_y ? off_x : off_y; /* the first ring that meets the grid */
    for (k = k > 0 ? k : 0;; k++) {
        const int64_t ring_x = dx - ci * side,
                      ring_y = dy - cj * side; /* in the point's own cell */
        const int64_t gap_x = ring_x < side - ring_x ? ring_x : side - ring_x;
        const int64_t gap_y = ring_y < side - ring_y ? ring_y : side - ring_y;
        const double rim_m = fmin((double)(gap_x + (k - 1) * side) * s.scale.mx,
                                  (double)(gap_y + (k - 1) * side) * s.scale.my);
        if (k > 0 && rim_m > best_m) break;
        const int64_t i0 = within(ci - k, 0, east), i1 = within(ci + k, 0, east);
        const int64_t j0 = within(cj - k, 0, north), j1 = within(cj + k, 0, north);
        for (int64_t j = j0; j <= j1; j++) {
            if (j == cj - k || j == cj + k) {
                nearest_in_row(&s, j, i0, i1, 1, east, &best_m);
            } else {
                nearest_in_row(&s, j, ci - k, ci + k, 2 * k, east, &best_m);
            }
        }
        if (ci - k <= 0 && ci + k >= east && cj - k <= 0 && cj + k >= north) break;
    }
    return best_m;
}

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
