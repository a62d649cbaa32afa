/* Road ends that nearly reach another road are joined to it: drawings stop a little short, and a
 * gap of a metre would merge two blocks. */
#include "scene.h"
#include "xiwang/cells.h"

#include <math.h>
#include <stdlib.h>

static const double gap_m = 3.0;

typedef struct road { /* one segment of a barrier that bounds blocks */
    xw_pt a, b;
    uint32_t barrier;
} road;

typedef struct roads {
    road *r;
    size_t n, cap;
    xw_cells cells;
} roads;

static void road_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const road *r = (const road *)ctx + i;
    *a = r->a;
    *b = r->b;
}

static bool is_road(const xw_barrier *b)
{
    return xw_basis_of_class(b->cls) == XW_BASIS_ROAD &&
           !(b->flags & (XW_BARRIER_BRIDGE | XW_BARRIER_TUNNEL));
}

static xw_status collect(const xw_territory *t, roads *out, xw_error *err)
{
    for (uint32_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        if (!is_road(b)) continue;
        for (uint32_t k = 1; k < b->n; k++) {
            if (!xw_grow((void **)&out->r, &out->cap, out->n + 1, sizeof *out->r)) {
                return xw_fail(err, XW_NOMEM, "%zu road segments", out->n);
            }
            out->r[out->n++] = (road){t->pts[b->first + k - 1], t->pts[b->first + k], i};
        }
    }
    return xw_cells_create(&out->cells, road_ends, out->r, out->n, err);
}

/* Nearest point of segment ab to p, on the lattice; its distance in metres. */
static double nearest_on(const road *r, xw_pt p, xw_scale k, xw_pt *at)
{
    const double dx = ((double)r->b.x - r->a.x) * k.mx, dy = ((double)r->b.y - r->a.y) * k.my;
    const double px = ((double)p.x - r->a.x) * k.mx, py = ((double)p.y - r->a.y) * k.my;
    const double d2 = dx * dx + dy * dy;
    const double s = d2 > 0.0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / d2)) : 0.0;
    at->x = (int32_t)lround(r->a.x + s * ((double)r->b.x - r->a.x));
    at->y = (int32_t)lround(r->a.y + s * ((double)r->b.y - r->a.y));
    return hypot(px - s * dx, py - s * dy);
}

/* The point that end p of a barrier should reach; false when it touches something already, or
 * nothing is near. Among equally near points the smallest, so that the input order does not matter.
 */
static bool find_target(const roads *l, uint32_t barrier, xw_pt p, xw_pt *target)
{
    const xw_scale k = xw_scale_at(p.y);
    const int32_t rx = (int32_t)(gap_m / k.mx) + 1, ry = (int32_t)(gap_m / k.my) + 1;
    const xw_pt lo = {p.x - rx, p.y - ry}, hi = {p.x + rx, p.y + ry};
    double best = gap_m;
    bool found = false;
    uint32_t cx0, cx1;
    xw_cells_columns(&l->cells, lo, hi, &cx0, &cx1);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows =
            xw_cells_rows(&l->cells, (xw_pt){p.x, lo.y}, (xw_pt){p.x, hi.y}, cx);
        for (uint32_t cy = rows.y0; cy <= rows.y1; cy++) {
            const size_t cell = xw_cell_at(&l->cells, cx, cy);
            for (uint32_t i = l->cells.start[cell]; i < l->cells.start[cell + 1]; i++) {
                const road *r = &l->r[l->cells.item[i]];
                if (r->barrier == barrier) continue;
                if (xw_on_segment(r->a, r->b, p)) return false;
                xw_pt at;
                const double d = nearest_on(r, p, k, &at);
                if (d < best || (found && d == best && xw_pt_less(at, *target))) {
                    best = d;
                    *target = at;
                    found = true;
                }
            }
        }
    }
    return found;
}

xw_status scene_close_gaps(scene *s, segments *out, xw_error *err)
{
    const xw_territory *t = s->t;
    roads l = {0};
    xw_status st = collect(t, &l, err);
    for (uint32_t i = 0; i < t->n_barriers && !st && l.n > 0; i++) {
        const xw_barrier *b = &t->barriers[i];
        if (!is_road(b)) continue;
        const xw_pt end[2] = {t->pts[b->first], t->pts[b->first + b->n - 1]};
        if (xw_pt_eq(end[0], end[1])) continue;
        for (int k = 0; k < 2 && !st; k++) {
            xw_pt target;
            if (!find_target(&l, i, end[k], &target)) continue;
            st = segments_add(out, end[k], target, TAG_OF(TAG_BARRIER, i), err);
        }
    }
    free(l.r);
    xw_cells_finish(&l.cells);
    return st;
}
