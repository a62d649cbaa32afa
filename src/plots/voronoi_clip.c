#include "voronoi.h"

#include <math.h>
#include <stdlib.h>

static void rim_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const xw_segment *s = (const xw_segment *)ctx + i;
    *a = s->a;
    *b = s->b;
}

static bool is_land(const scene *s, uint32_t face, uint32_t block)
{
    return s->block[face] == block && s->building[face] == XW_NONE;
}

xw_status land_create(const scene *s, const uint32_t *faces, size_t n, uint32_t block, land *out,
                      xw_error *err)
{
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_land(s, faces[i], block)) continue;
        for (uint32_t k = s->faces.start[faces[i]]; k < s->faces.start[faces[i] + 1]; k++) {
            const uint32_t h = s->faces.half[k];
            if (is_land(s, s->map.face[h ^ 1], block)) continue;
            if (out->n == out->cap &&
                !xw_grow((void **)&out->rim, &out->cap, out->n + 1, sizeof *out->rim)) {
                return xw_fail(err, XW_NOMEM, "rim of a block");
            }
            out->rim[out->n++] = (xw_segment){xw_map_from(&s->map, h), xw_map_to(&s->map, h), 0};
        }
    }
    xw_cells_finish(&out->cells);
    const xw_status st = xw_cells_create_with(&out->cells, rim_ends, out->rim, out->n, 8, err);
    out->per_cell = 1.0 / (double)((int64_t)1 << out->cells.shift);
    return st;
}

void land_finish(land *l)
{
    free(l->rim);
    xw_cells_finish(&l->cells);
    *l = (land){0};
}

static uint32_t cell_number(double v, uint32_t n)
{
    return v < 0.0 ? 0 : v >= (double)n ? n - 1 : (uint32_t)v;
}
/* Cell of a coordinate, clamped; the rim of a crossing counts in the cell of the crossing only. */
static uint32_t cell_col(const land *l, double x)
{
    return cell_number((x - l->cells.box.min.x) * l->per_cell, l->cells.nx);
}
static uint32_t cell_row(const land *l, double y)
{
    return cell_number((y - l->cells.box.min.y) * l->per_cell, l->cells.ny);
}

static bool in_box(const land *l, spot p)
{
    const xw_box b = l->cells.box;
    return p.x >= b.min.x && p.x <= b.max.x && p.y >= b.min.y && p.y <= b.max.y;
}

/* Parity of the rims west of p. */
bool land_has(const land *l, spot p)
{
    if (!in_box(l, p)) return false;
    const xw_cells *c = &l->cells;
    const uint32_t cy = cell_row(l, p.y);
    bool in = false;
    for (uint32_t cx = cell_col(l, p.x) + 1; cx-- > 0;) {
        const size_t cell = xw_cell_at(c, cx, cy);
        for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
            const xw_segment *r = &l->rim[c->item[k]];
            if ((r->a.y > p.y) == (r->b.y > p.y)) continue;
            const double x =
                r->a.x + (p.y - r->a.y) * ((double)r->b.x - r->a.x) / ((double)r->b.y - r->a.y);
            if (x < p.x && cell_col(l, x) == cx) in = !in;
        }
    }
    return in;
}

bool box_cut(spot min, spot max, spot *p, spot *q, bool *p_moved, bool *q_moved)
{
    *p_moved = *q_moved = false;
    const double lo[2] = {min.x, min.y}, hi[2] = {max.x, max.y};
    const double from[2] = {p->x, p->y}, d[2] = {q->x - p->x, q->y - p->y};
    double t0 = 0.0, t1 = 1.0;
    for (int k = 0; k < 2; k++) {
        if (d[k] == 0.0) {
            if (from[k] < lo[k] || from[k] > hi[k]) return false;
            continue;
        }
        double u = (lo[k] - from[k]) / d[k], v = (hi[k] - from[k]) / d[k];
        if (u > v) {
            const double w = u;
            u = v;
            v = w;
        }
        if (u > t0) t0 = u;
        if (v < t1) t1 = v;
    }
    if (!(t0 < t1)) return false;
    *p_moved = t0 > 0.0;
    *q_moved = t1 < 1.0;
    if (*q_moved) *q = (spot){from[0] + t1 * d[0], from[1] + t1 * d[1]};
    if (*p_moved) *p = (spot){from[0] + t0 * d[0], from[1] + t0 * d[1]};
    return true;
}

bool land_cut_to_box(const land *l, spot *p, spot *q, bool *p_moved, bool *q_moved)
{
    *p_moved = *q_moved = false;
    if (in_box(l, *p) && in_box(l, *q)) return true;
    const xw_box b = l->cells.box;
    return box_cut((spot){b.min.x, b.min.y}, (spot){b.max.x, b.max.y}, p, q, p_moved, q_moved);
}

/* Keeps the few cuts in order. */
static size_t add_cut(double *cut, size_t n, double t)
{
    if (!(t >= 0.0 && t < 1.0) || n == LAND_CUTS_MAX) return n;
    size_t at = n;
    for (; at > 0 && cut[at - 1] > t; at--) cut[at] = cut[at - 1];
    cut[at] = t;
    return n + 1;
}

/* The box of a segment with room for what whole units lose. */
static xw_box around(xw_pt a, xw_pt b)
{
    const xw_box box = xw_box_grow((xw_box){a, a}, b);
    return (xw_box){{box.min.x - 2, box.min.y - 2}, {box.max.x + 2, box.max.y + 2}};
}

static bool misses(const xw_segment *r, xw_box b)
{
    return (r->a.x < b.min.x && r->b.x < b.min.x) || (r->a.x > b.max.x && r->b.x > b.max.x) ||
           (r->a.y < b.min.y && r->b.y < b.min.y) || (r->a.y > b.max.y && r->b.y > b.max.y);
}

size_t land_cuts(const land *l, spot p, spot q, double *cut)
{
    const xw_cells *c = &l->cells;
    /* Whole units are near enough: the cells are searched two units around. */
    const xw_pt a = {(int32_t)p.x, (int32_t)p.y}, b = {(int32_t)q.x, (int32_t)q.y};
    const double dx = q.x - p.x, dy = q.y - p.y;
    const xw_box box = around(a, b);
    size_t n = 0;
    uint32_t cx0, cx1;
    xw_cells_columns(c, a, b, &cx0, &cx1);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows = xw_cells_rows(c, a, b, cx);
        for (uint32_t cy = rows.y0; cy <= rows.y1; cy++) {
            const size_t cell = xw_cell_at(c, cx, cy);
            for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
                const xw_segment *r = &l->rim[c->item[k]];
                if (misses(r, box)) continue;
                const double u = dx * (r->a.y - p.y) - dy * (r->a.x - p.x);
                const double v = dx * (r->b.y - p.y) - dy * (r->b.x - p.x);
                if ((u > 0.0) == (v > 0.0)) continue;
                const double w = u / (u - v);
                const spot at = {r->a.x + w * ((double)r->b.x - r->a.x),
                                 r->a.y + w * ((double)r->b.y - r->a.y)};
                if (cell_col(l, at.x) != cx || cell_row(l, at.y) != cy) continue;
                n = add_cut(cut, n, fabs(dx) > fabs(dy) ? (at.x - p.x) / dx : (at.y - p.y) / dy);
            }
        }
    }
    return n;
}
