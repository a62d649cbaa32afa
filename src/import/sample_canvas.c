/* What stands in a cell, in square buckets. Room is tested with separating axes, which may refuse
 * near corners what would just fit, and never the other way round. */
#include "sample_internal.h"

#include <stdlib.h>

#define BUCKET_M 24.0

xw_status xw__canvas_start(xw__canvas *c, vec2 min, vec2 max, xw_error *err)
{
    c->min = min;
    c->side = BUCKET_M;
    c->nx = 1 + (int)((max.x - min.x) / BUCKET_M);
    c->ny = 1 + (int)((max.y - min.y) / BUCKET_M);
    c->n_items = c->n_links = 0;
    const size_t n = (size_t)c->nx * (size_t)c->ny;
    if (!xw_grow((void **)&c->head, &c->cap_head, n, sizeof *c->head)) {
        return xw_fail(err, XW_NOMEM, "%zu buckets", n);
    }
    for (size_t k = 0; k < n; k++) c->head[k] = -1;
    return XW_OK;
}

void xw__canvas_finish(xw__canvas *c)
{
    free(c->head);
    free(c->links);
    free(c->items);
    *c = (xw__canvas){0};
}

typedef struct cover {
    int x0, y0, x1, y1;
} cover;

static int bucket(double v, int n)
{
    const int k = (int)floor(v / BUCKET_M);
    return k < 0 ? 0 : k >= n ? n - 1 : k;
}

static cover cover_of(const xw__canvas *c, const vec2 *p, unsigned n, double by)
{
    vec2 lo = p[0], hi = p[0];
    for (unsigned k = 1; k < n; k++) {
        lo = (vec2){fmin(lo.x, p[k].x), fmin(lo.y, p[k].y)};
        hi = (vec2){fmax(hi.x, p[k].x), fmax(hi.y, p[k].y)};
    }
    return (cover){bucket(lo.x - by - c->min.x, c->nx), bucket(lo.y - by - c->min.y, c->ny),
                   bucket(hi.x + by - c->min.x, c->nx), bucket(hi.y + by - c->min.y, c->ny)};
}

xw_status xw__canvas_add(xw__canvas *c, const xw__item *it, xw_error *err)
{
    const cover k = cover_of(c, it->p, it->n, it->clear);
    const size_t most = c->n_links + (size_t)(k.x1 - k.x0 + 1) * (size_t)(k.y1 - k.y0 + 1);
    if (!xw_grow((void **)&c->items, &c->cap_items, c->n_items + 1, sizeof *c->items) ||
        !xw_grow((void **)&c->links, &c->cap_links, most, sizeof *c->links)) {
        return xw_fail(err, XW_NOMEM, "%zu things in a cell", c->n_items + 1);
    }
    c->items[c->n_items] = *it;
    for (int y = k.y0; y <= k.y1; y++) {
        for (int x = k.x0; x <= k.x1; x++) {
            int32_t *head = c->head + (size_t)y * (size_t)c->nx + (size_t)x;
            c->links[c->n_links] = (struct xw__canvas_link){(int32_t)c->n_items, *head};
            *head = (int32_t)c->n_links++;
        }
    }
    c->n_items++;
    return XW_OK;
}

/* The gap between two convex shapes seen along an axis. */
static double gap_along(vec2 axis, const vec2 *p, unsigned n, const vec2 *q, unsigned m)
{
    double p0 = 1e30, p1 = -1e30, q0 = 1e30, q1 = -1e30;
    for (unsigned k = 0; k < n; k++) {
        const double v = v_dot(axis, p[k]);
        p0 = fmin(p0, v);
        p1 = fmax(p1, v);
    }
    for (unsigned k = 0; k < m; k++) {
        const double v = v_dot(axis, q[k]);
        q0 = fmin(q0, v);
        q1 = fmax(q1, v);
    }
    return fmax(q0 - p1, p0 - q1);
}

static bool apart(const vec2 *p, unsigned n, const vec2 *q, unsigned m, double need)
{
    for (unsigned k = 0; k < n; k++) {
        const vec2 along = v_unit(v_sub(p[(k + 1) % n], p[k]));
        if (gap_along(v_left(along), p, n, q, m) >= need) return true;
        if (n == 2 && gap_along(along, p, n, q, m) >= need) return true;
    }
    for (unsigned k = 0; k < m; k++) {
        const vec2 along = v_unit(v_sub(q[(k + 1) % m], q[k]));
        if (gap_along(v_left(along), p, n, q, m) >= need) return true;
        if (m == 2 && gap_along(along, p, n, q, m) >= need) return true;
    }
    return false;
}

bool xw__canvas_clear(const xw__canvas *c, const vec2 *p, unsigned n, const xw__gaps *gaps)
{
    double widest = 0.0;
    for (int k = 0; k < XW__ITEM_KINDS; k++) widest = fmax(widest, gaps->gap[k]);
    const cover k = cover_of(c, p, n, widest);
    for (int y = k.y0; y <= k.y1; y++) {
        for (int x = k.x0; x <= k.x1; x++) {
            int32_t l = c->head[(size_t)y * (size_t)c->nx + (size_t)x];
            for (; l >= 0; l = c->links[l].next) {
                const xw__item *it = c->items + c->links[l].item;
                if (it->kind == XW__ROAD &&
                    (it->tag == gaps->skip[0] || it->tag == gaps->skip[1])) {
                    continue;
                }
                if (!apart(p, n, it->p, it->n, it->clear + gaps->gap[it->kind])) return false;
            }
        }
    }
    return true;
}
