/* Footprints that stand on the rim: where a vertex of the rim has come or gone, their walls have it
 * or lose it too. */
#include "edit_apply.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Is p -> q, the building on its left, a piece of the old rim of this plot? */
static bool on_old_rim(const edit_run *r, uint32_t plot, xw_pt p, xw_pt q)
{
    size_t lo = 0, hi = r->n_old; /* the part lies on the left of the other direction */
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(r->old[mid].a, q)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    for (; lo < r->n_old && xw_pt_eq(r->old[lo].a, q); lo++) {
        if (r->old[lo].plot == plot && xw_pt_eq(r->old[lo].b, p)) return true;
    }
    return false;
}

typedef struct piece { /* of the new rim of one plot, the plot on its left */
    xw_pt from, to;
} piece;

static int by_from(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (!xw_pt_eq(p->from, q->from)) return xw_pt_less(p->from, q->from) ? -1 : 1;
    return xw_pt_eq(p->to, q->to) ? 0 : xw_pt_less(p->to, q->to) ? -1 : 1;
}

typedef struct pieces {
    piece *p;
    size_t n, cap;
} pieces;

static xw_status new_rim_of(const merge *g, uint32_t plot, pieces *out, xw_error *err)
{
    const xw_model *m = g->part;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *d = &m->edges[i];
        if (!d->pad || g->r->seam.edges[d->custody].plot != plot) continue;
        if (!xw_grow((void **)&out->p, &out->cap, out->n + d->n, sizeof *out->p)) {
            return xw_fail(err, XW_NOMEM, "walls on the rim");
        }
        for (uint32_t k = 1; k < d->n; k++) {
            out->p[out->n++] = (piece){m->pts[d->first + k], m->pts[d->first + k - 1]};
        }
    }
    if (out->n) qsort(out->p, out->n, sizeof *out->p, by_from);
    return XW_OK;
}

static double agreement(xw_pt a, xw_pt b, xw_pt c)
{
    const double ux = (double)b.x - a.x, uy = (double)b.y - a.y;
    const double vx = (double)c.x - a.x, vy = (double)c.y - a.y;
    return (ux * vx + uy * vy) / (hypot(ux, uy) * hypot(vx, vy));
}

/* The piece of the new rim that starts at p, in about the direction of q. */
static const piece *piece_at(const pieces *l, xw_pt p, xw_pt q)
{
    const piece *best = NULL;
    size_t lo = 0, hi = l->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(l->p[mid].from, p)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    for (; lo < l->n && xw_pt_eq(l->p[lo].from, p); lo++) {
        if (!best || agreement(p, q, l->p[lo].to) > agreement(p, q, best->to)) best = &l->p[lo];
    }
    return best;
}

typedef struct ring {
    xw_pt *p;
    size_t n, cap;
} ring;

static xw_status add_vertex(ring *r, xw_pt p, xw_error *err)
{
    if (!xw_grow((void **)&r->p, &r->cap, r->n + 1, sizeof *r->p)) {
        return xw_fail(err, XW_NOMEM, "walls on the rim");
    }
    r->p[r->n++] = p;
    return XW_OK;
}

/* Walks the new rim from p until it is at q, where the wall leaves the old one. */
static xw_status follow(const pieces *l, xw_pt p, xw_pt toward, xw_pt q, ring *out, xw_error *err)
{
    xw_status st = XW_OK;
    for (size_t steps = 0; !st; steps++) {
        const piece *at = piece_at(l, p, toward);
        if (!at || steps > l->n) {
            return xw_fail(err, XW_CONFLICT, "the wall at %.7f,%.7f has moved", xw_deg(p.x),
                           xw_deg(p.y));
        }
        if (xw_pt_eq(at->to, q)) return XW_OK;
        st = add_vertex(out, at->to, err);
        p = at->to;
        toward = q;
    }
    return st;
}

static xw_status splice(const merge *g, uint32_t plot, const pieces *l, const xw_pt *p, uint32_t n,
                        ring *out, xw_error *err)
{
    const edit_run *r = g->r;
    uint32_t start = 0; /* a vertex where the wall does not come along the rim, or stays on it */
    while (start < n && on_old_rim(r, plot, p[(start + n - 1) % n], p[start])) start++;
    if (start == n) {
        for (start = 0; start < n && !piece_at(l, p[start], p[(start + 1) % n]);) start++;
    }
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < n && !st;) {
        const uint32_t a = (start + i) % n;
        uint32_t k = i; /* the wall follows the rim up to the vertex with this number */
        while (k < n && on_old_rim(r, plot, p[(start + k) % n], p[(start + k + 1) % n])) k++;
        st = add_vertex(out, p[a], err);
        if (k > i && !st) {
            st = follow(l, p[a], p[(a + 1) % n], p[(start + k) % n], out, err);
            i = k;
        } else {
            i++;
        }
    }
    return st;
}

static bool segment_less(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    const bool ab = xw_pt_less(b, a), cd = xw_pt_less(d, c);
    const xw_pt a0 = ab ? b : a, a1 = ab ? a : b, c0 = cd ? d : c, c1 = cd ? c : d;
    return xw_pt_eq(a0, c0) ? xw_pt_less(a1, c1) : xw_pt_less(a0, c0);
}

/* Rings start with their smallest wall, as the walk round a footprint finds them. */
static xw_status add_rotated(merge *g, const ring *r, xw_error *err)
{
    const uint32_t n = (uint32_t)r->n;
    uint32_t first = 0;
    for (uint32_t i = 1; i < n; i++) {
        if (segment_less(r->p[i], r->p[(i + 1) % n], r->p[first], r->p[(first + 1) % n])) first = i;
    }
    xw_span s = {(uint32_t)g->m.n_pts, n};
    uint32_t at;
    xw_status st = xw_model_add_pts(&g->m, r->p + first, n - first, &at, err);
    if (!st) st = xw_model_add_pts(&g->m, r->p, first, &at, err);
    if (st) return st;
    xw_span *out = XW_MODEL_ADD(&g->m, rings);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu rings", g->m.n_rings);
    *out = s;
    return XW_OK;
}

static bool touches_rim(const edit_run *r, uint32_t plot, const xw_pt *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (on_old_rim(r, plot, p[i], p[i + 1 < n ? i + 1 : 0])) return true;
    }
    return false;
}

static xw_status add_ring(merge *g, const xw_pt *p, uint32_t n, xw_error *err)
{
    xw_span s = {0, n};
    const xw_status st = xw_model_add_pts(&g->m, p, n, &s.first, err);
    if (st) return st;
    xw_span *out = XW_MODEL_ADD(&g->m, rings);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu rings", g->m.n_rings);
    *out = s;
    return XW_OK;
}

xw_status merge_rings(merge *g, uint32_t old_building, uint32_t *n_rings, xw_error *err)
{
    const xw_model_building *b = &g->old->buildings[old_building];
    pieces l = {0};
    ring out = {0};
    xw_status st = XW_OK;
    *n_rings = 0;
    for (uint32_t i = 0; i < b->n_rings && !st; i++) {
        const xw_span s = g->old->rings[b->first_ring + i];
        const xw_pt *p = g->old->pts + s.first;
        if (g->beyond[b->plot] && touches_rim(g->r, b->plot, p, s.n)) {
            if (l.n == 0) st = new_rim_of(g, b->plot, &l, err);
            out.n = 0;
            if (!st) st = splice(g, b->plot, &l, p, s.n, &out, err);
            if (!st) st = add_rotated(g, &out, err);
        } else {
            st = add_ring(g, p, s.n, err);
        }
        ++*n_rings;
    }
    free(l.p);
    free(out.p);
    return st;
}
