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
    *out = (land){0};
    for (size_t i = 0; i < n; i++) {
        if (!is_land(s, faces[i], block)) continue;
        for (uint32_t k = s->faces.start[faces[i]]; k < s->faces.start[faces[i] + 1]; k++) {
            const uint32_t h = s->faces.half[k];
            if (is_land(s, s->map.face[h ^ 1], block)) continue;
            if (!xw_grow((void **)&out->rim, &out->cap, out->n + 1, sizeof *out->rim)) {
                return xw_fail(err, XW_NOMEM, "rim of a block");
            }
            out->rim[out->n++] = (xw_segment){xw_map_from(&s->map, h), xw_map_to(&s->map, h), 0};
        }
    }
    return xw_cells_create(&out->cells, rim_ends, out->rim, out->n, err);
}

void land_finish(land *l)
{
    free(l->rim);
    xw_cells_finish(&l->cells);
    *l = (land){0};
}

/* Cell of a coordinate, clamped; the rim of a crossing counts in the cell of the crossing only. */
static uint32_t cell_col(const xw_cells *c, double x)
{
    const double k = floor((x - c->box.min.x) / (double)((int64_t)1 << c->shift));
    return k < 0 ? 0 : k >= c->nx ? c->nx - 1 : (uint32_t)k;
}
static uint32_t cell_row(const xw_cells *c, double y)
{
    const double k = floor((y - c->box.min.y) / (double)((int64_t)1 << c->shift));
    return k < 0 ? 0 : k >= c->ny ? c->ny - 1 : (uint32_t)k;
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
    const uint32_t cy = cell_row(c, p.y);
    bool in = false;
    for (uint32_t cx = cell_col(c, p.x) + 1; cx-- > 0;) {
        const size_t cell = xw_cell_at(c, cx, cy);
        for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
            const xw_segment *r = &l->rim[c->item[k]];
            if ((r->a.y > p.y) == (r->b.y > p.y)) continue;
            const double x =
                r->a.x + (p.y - r->a.y) * ((double)r->b.x - r->a.x) / ((double)r->b.y - r->a.y);
            if (x < p.x && cell_col(c, x) == cx) in = !in;
        }
    }
    return in;
}

/* Cuts p-q back to the box of the land; false when nothing is left. */
static bool cut_to_box(const land *l, spot *p, spot *q, bool *p_moved)
{
    const xw_box b = l->cells.box;
    const double lo[2] = {b.min.x - 4.0, b.min.y - 4.0}, hi[2] = {b.max.x + 4.0, b.max.y + 4.0};
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
    *q = (spot){from[0] + t1 * d[0], from[1] + t1 * d[1]};
    *p = (spot){from[0] + t0 * d[0], from[1] + t0 * d[1]};
    return true;
}

enum { CUTS_MAX = 64 };

static int by_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where p-q crosses the rims, as shares of its length, ascending. */
static size_t find_cuts(const land *l, spot p, spot q, double *cut)
{
    const xw_cells *c = &l->cells;
    const xw_pt a = {(int32_t)lround(p.x), (int32_t)lround(p.y)};
    const xw_pt b = {(int32_t)lround(q.x), (int32_t)lround(q.y)};
    const double dx = q.x - p.x, dy = q.y - p.y;
    size_t n = 0;
    uint32_t cx0, cx1;
    xw_cells_columns(c, a, b, &cx0, &cx1);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows = xw_cells_rows(c, a, b, cx);
        for (uint32_t cy = rows.y0; cy <= rows.y1; cy++) {
            const size_t cell = xw_cell_at(c, cx, cy);
            for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
                const xw_segment *r = &l->rim[c->item[k]];
                const double u = dx * (r->a.y - p.y) - dy * (r->a.x - p.x);
                const double v = dx * (r->b.y - p.y) - dy * (r->b.x - p.x);
                if ((u > 0.0) == (v > 0.0)) continue;
                const double w = u / (u - v);
                const spot at = {r->a.x + w * ((double)r->b.x - r->a.x),
                                 r->a.y + w * ((double)r->b.y - r->a.y)};
                if (cell_col(c, at.x) != cx || cell_row(c, at.y) != cy) continue;
                const double t = fabs(dx) > fabs(dy) ? (at.x - p.x) / dx : (at.y - p.y) / dy;
                if (t >= 0.0 && t < 1.0 && n < CUTS_MAX) cut[n++] = t;
            }
        }
    }
    if (n > 1) qsort(cut, n, sizeof *cut, by_double);
    return n;
}

static xw_pt rounded(spot p) { return (xw_pt){(int32_t)lround(p.x), (int32_t)lround(p.y)}; }

xw_status land_clip(const land *l, spot p, spot q, uint32_t left, uint32_t right, betweens *out,
                    xw_error *err)
{
    bool p_moved = false;
    if (l->n == 0 || !cut_to_box(l, &p, &q, &p_moved)) return XW_OK;
    double cut[CUTS_MAX + 1];
    size_t n = find_cuts(l, p, q, cut);
    bool in = !p_moved && land_has(l, p);
    cut[n++] = 1.0;
    double from = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (in) {
            const xw_pt a = rounded((spot){p.x + from * (q.x - p.x), p.y + from * (q.y - p.y)});
            const xw_pt b = rounded((spot){p.x + cut[i] * (q.x - p.x), p.y + cut[i] * (q.y - p.y)});
            if (!xw_pt_eq(a, b)) {
                if (!xw_grow((void **)&out->b, &out->cap, out->n + 1, sizeof *out->b)) {
                    return xw_fail(err, XW_NOMEM, "%zu lines between buildings", out->n);
                }
                out->b[out->n++] = (between){a, b, left, right};
            }
        }
        from = cut[i];
        in = !in;
    }
    return XW_OK;
}
