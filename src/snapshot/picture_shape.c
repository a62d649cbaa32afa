/* Geometry of a picture: from the lattice to the map, clipped; room for labels. */
#include "picture_parts.h"

#include "xiwang/tile.h"

#include <math.h>

static int32_t to_tenths(double v)
{
    const double far = XW_TILE_FAR - 1;
    v = floor(v + 0.5);
    return (int32_t)(v < -far ? -far : v > far ? far : v);
}

xw_tpt xw__pic_project(const xw__pic *p, xw_pt at)
{
    const xw_box b = p->n.box;
    return (xw_tpt){to_tenths(((double)at.x - b.min.x) * p->x_scale),
                    to_tenths(((double)b.max.y - at.y) * p->y_scale)};
}

xw_status xw__pic_find(const xw__pic *p, xw_shape_kind kind, xw__pic_found *f, xw_error *err)
{
    f->n = 0;
    return xw_snapshot_query(p->s, kind, p->reach, &f->ix, &f->n, &f->cap, err);
}

static xw_tbox clip_box(const xw__pic *p)
{
    return (xw_tbox){
        {-XW__PIC_REACH, -XW__PIC_REACH},
        {p->map_w * XW__PIC_UNIT + XW__PIC_REACH, p->map_h * XW__PIC_UNIT + XW__PIC_REACH}};
}

static xw_status room_for(xw__pic *p, size_t n, xw_error *err)
{
    return xw_grow((void **)&p->pts, &p->cap_pts, p->n_pts + n, sizeof *p->pts)
               ? XW_OK
               : xw_fail(err, XW_NOMEM, "outline of %zu vertices", p->n_pts + n);
}

static void add_pt(xw__pic *p, xw_pt at)
{
    const xw_tpt t = xw__pic_project(p, at);
    if (p->n_pts == 0 || !xw_tpt_eq(p->pts[p->n_pts - 1], t)) p->pts[p->n_pts++] = t;
}

/* Clips p->pts and appends what is left to p->shape. */
static xw_status take_ring(xw__pic *p, xw_error *err)
{
    const xw_tpt *r;
    size_t n;
    const xw_status st = xw_clip_ring(&p->clipper, p->pts, p->n_pts, clip_box(p), &r, &n, err);
    if (st || n < 3) return st;
    if (!xw_grow((void **)&p->shape, &p->cap_shape, p->n_shape + n, sizeof *p->shape) ||
        !xw_grow((void **)&p->ring_end, &p->cap_rings, p->n_rings + 1, sizeof *p->ring_end)) {
        return xw_fail(err, XW_NOMEM, "outline of %zu vertices", p->n_shape + n);
    }
    for (size_t i = 0; i < n; i++) p->shape[p->n_shape++] = r[i];
    p->ring_end[p->n_rings++] = (uint32_t)p->n_shape;
    return XW_OK;
}

static xw_tbox shape_box(const xw__pic *p)
{
    xw_tbox b = {{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}};
    for (size_t i = 0; i < p->n_shape; i++) {
        const xw_tpt t = p->shape[i];
        if (t.x < b.min.x) b.min.x = t.x;
        if (t.y < b.min.y) b.min.y = t.y;
        if (t.x > b.max.x) b.max.x = t.x;
        if (t.y > b.max.y) b.max.y = t.y;
    }
    return b;
}

/* What lies only in the strip under the frame is not in the picture. */
static void drop_unseen(xw__pic *p)
{
    const xw_tbox b = shape_box(p);
    if (p->n_shape > 0 && b.min.x < p->map_w * XW__PIC_UNIT && b.max.x > 0 &&
        b.min.y < p->map_h * XW__PIC_UNIT && b.max.y > 0) {
        return;
    }
    p->n_shape = p->n_rings = 0;
}

xw_status xw__pic_shape(xw__pic *p, xw_shape shape, xw_error *err)
{
    const uint8_t *rank = xw_snapshot_ranks(p->s);
    p->n_shape = p->n_rings = 0;
    for (uint32_t i = 0; i < shape.n_rings; i++) {
        const xw_outline_ring *r = &shape.rings[i];
        p->n_pts = 0;
        for (uint32_t k = 0; k < r->n; k++) {
            const uint32_t ref = shape.refs[r->first + k];
            const xw_edge *e = &p->m->edges[XW_REF_EDGE(ref)];
            const xw_status st = room_for(p, e->n, err);
            if (st) return st;
            for (uint32_t j = 0; j + 1 < e->n; j++) {
                const uint32_t v = e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - j : j);
                if (rank[v] <= p->zoom) add_pt(p, p->m->pts[v]);
            }
        }
        const xw_status st = take_ring(p, err);
        if (st) return st;
    }
    drop_unseen(p);
    return XW_OK;
}

xw_status xw__pic_footprint(xw__pic *p, const xw_model_building *b, xw_error *err)
{
    p->n_shape = p->n_rings = 0;
    for (uint32_t i = 0; i < b->n_rings; i++) {
        const xw_span *r = &p->m->rings[b->first_ring + i];
        p->n_pts = 0;
        xw_status st = room_for(p, r->n, err);
        for (uint32_t k = 0; k < r->n && !st; k++) add_pt(p, p->m->pts[r->first + k]);
        if (!st) st = take_ring(p, err);
        if (st) return st;
    }
    drop_unseen(p);
    return XW_OK;
}

bool xw__pic_is_below(const xw__pic *p, int32_t px)
{
    if (p->n_shape == 0) return true;
    const xw_tbox b = shape_box(p);
    return b.max.x - b.min.x < px * XW__PIC_UNIT && b.max.y - b.min.y < px * XW__PIC_UNIT;
}

void xw__pic_open_path(xw__pic *p, const char *cls)
{
    xw_buf_fmt(p->out, "<path class=\"%s\" d=\"", cls);
    size_t from = 0;
    for (size_t r = 0; r < p->n_rings; r++) {
        xw__svg_path(p->out, p->shape + from, p->ring_end[r] - from, true);
        from = p->ring_end[r];
    }
    xw_buf_text(p->out, "\">");
}

/* ---- room for labels ---- */

#define TEXT_SHAPE 0.625 /* texts are wider than high: distances across count less */

/* Distance of a place to the outline, negative outside, with x made shorter. */
static double depth(const xw__pic *p, double x, double y)
{
    bool in = false;
    double best = INFINITY;
    size_t from = 0;
    for (size_t r = 0; r < p->n_rings; r++) {
        const size_t end = p->ring_end[r];
        for (size_t i = from, j = end - 1; i < end; j = i++) {
            const double ax = TEXT_SHAPE * p->shape[j].x - TEXT_SHAPE * x, ay = p->shape[j].y - y;
            const double bx = TEXT_SHAPE * p->shape[i].x - TEXT_SHAPE * x, by = p->shape[i].y - y;
            if ((ay > 0) != (by > 0) && ax + (bx - ax) * (-ay / (by - ay)) > 0) in = !in;
            const double dx = bx - ax, dy = by - ay, len2 = dx * dx + dy * dy;
            double t = len2 > 0 ? -(ax * dx + ay * dy) / len2 : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            const double qx = ax + t * dx, qy = ay + t * dy, d2 = qx * qx + qy * qy;
            if (d2 < best) best = d2;
        }
        from = end;
    }
    return in ? sqrt(best) : -sqrt(best);
}

/* The deepest of a square of places, then of smaller squares round the best one. */
bool xw__pic_room(const xw__pic *p, xw_tpt *at, int32_t *room)
{
    enum { STEPS = 12, ROUNDS = 5 };
    xw_tbox b = shape_box(p);
    const int32_t w = p->map_w * XW__PIC_UNIT, h = p->map_h * XW__PIC_UNIT;
    if (b.min.x < 0) b.min.x = 0;
    if (b.min.y < 0) b.min.y = 0;
    if (b.max.x > w) b.max.x = w;
    if (b.max.y > h) b.max.y = h;
    if (p->n_shape == 0 || b.max.x - b.min.x < 80 || b.max.y - b.min.y < 80) return false;
    double dx = (double)(b.max.x - b.min.x) / STEPS, dy = (double)(b.max.y - b.min.y) / STEPS;
    double x = b.min.x + dx / 2, y = b.min.y + dy / 2, best = -INFINITY, bx = x, by = y;
    int steps = STEPS;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < steps * steps; i++) {
            const double px = x + dx * (i % steps), py = y + dy * (double)(i / steps);
            const double d = depth(p, px, py);
            if (d > best) {
                best = d;
                bx = px;
                by = py;
            }
        }
        steps = 5;
        dx /= 2;
        dy /= 2;
        x = bx - 2 * dx;
        y = by - 2 * dy;
    }
    *at = (xw_tpt){to_tenths(bx), to_tenths(by)};
    *room = to_tenths(best);
    return best > 0;
}
