/* The lines of one block: chains of Voronoi edges between the same two neighbours, walked from
 * triangle to triangle, clipped to the land and thinned. The diagram of sites every 2.3 m zigzags
 * by centimetres around the true line; what lies on the land is thinned to a few of them (Douglas
 * and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727). Ends, where three lines meet or a wall is
 * touched, stay. */
#include "voronoi.h"

#include <math.h>
#include <string.h>

static const double tolerance_mm = 60.0;

/* Squared distance in millimetres of p from the segment ab. */
static double distance2(const desk *k, spot a, spot b, spot p)
{
    const double dx = (b.x - a.x) * k->frame.kx, dy = (b.y - a.y) * k->frame.ky;
    const double px = (p.x - a.x) * k->frame.kx, py = (p.y - a.y) * k->frame.ky;
    const double d2 = dx * dx + dy * dy;
    const double s = d2 > 0.0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / d2)) : 0.0;
    const double ex = px - s * dx, ey = py - s * dy;
    return ex * ex + ey * ey;
}

static xw_status thin(desk *k, xw_error *err)
{
    if (!xw_grow((void **)&k->stack, &k->cap_stack, 2 * k->n_run + 2, sizeof *k->stack) ||
        !xw_grow((void **)&k->keep, &k->cap_keep, k->n_run, sizeof *k->keep)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    memset(k->keep, 0, k->n_run);
    k->keep[0] = k->keep[k->n_run - 1] = 1;
    size_t n = 0;
    k->stack[n++] = 0;
    k->stack[n++] = (uint32_t)k->n_run - 1;
    while (n > 0) {
        const uint32_t hi = k->stack[--n], lo = k->stack[--n];
        double far = tolerance_mm * tolerance_mm;
        uint32_t at = 0;
        for (uint32_t i = lo + 1; i < hi; i++) {
            const double d = distance2(k, k->run[lo], k->run[hi], k->run[i]);
            if (d > far) {
                far = d;
                at = i;
            }
        }
        if (at == 0) continue;
        k->keep[at] = 1;
        k->stack[n++] = lo;
        k->stack[n++] = at;
        k->stack[n++] = at;
        k->stack[n++] = hi;
    }
    return XW_OK;
}

static xw_pt rounded(spot p) { return (xw_pt){(int32_t)lrint(p.x), (int32_t)lrint(p.y)}; }

xw_status voronoi_end_run(desk *k, uint32_t left, uint32_t right, betweens *out, xw_error *err)
{
    const size_t n = k->n_run;
    if (n < 2) {
        k->n_run = 0;
        return XW_OK;
    }
    const xw_status st = thin(k, err);
    if (st) return st;
    if (!xw_grow((void **)&out->b, &out->cap, out->n + n, sizeof *out->b)) {
        return xw_fail(err, XW_NOMEM, "%zu lines between buildings", out->n);
    }
    xw_pt from = rounded(k->run[0]);
    for (size_t i = 1; i < n; i++) {
        if (!k->keep[i]) continue;
        const xw_pt to = rounded(k->run[i]);
        if (xw_pt_eq(from, to)) continue;
        out->b[out->n++] = (between){from, to, left, right, k->whole != NULL, XW_NONE};
        from = to;
    }
    k->n_run = 0;
    return XW_OK;
}

static spot between_of(spot p, spot q, double t)
{
    return (spot){p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
}

/* The parts of the chain on the land. On and off it goes at each rim; only after a rim, and where
 * the chain enters the box of the block, the state is asked for anew. */
static xw_status clip_chain(desk *k, uint32_t left, uint32_t right, betweens *out, xw_error *err)
{
    const land *l = &k->land;
    if (l->n == 0 || k->n_chain < 2) return XW_OK;
    if (!xw_grow((void **)&k->run, &k->cap_run, k->n_chain + 2, sizeof *k->run)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    xw_status st = XW_OK;
    bool in = false, known = false;
    k->n_run = 0;
    for (size_t i = 1; i < k->n_chain && !st; i++) {
        spot p = k->chain[i - 1], q = k->chain[i];
        bool p_moved, q_moved;
        if (!land_cut_to_box(l, &p, &q, &p_moved, &q_moved)) {
            known = false;
            continue;
        }
        if (p_moved || !known) in = !p_moved && land_has(l, p);
        double cut[LAND_CUTS_MAX];
        const size_t n = land_cuts(l, p, q, cut);
        if (!in) k->n_run = 0;
        if (in && k->n_run == 0) k->run[k->n_run++] = p;
        for (size_t j = 0; j < n && !st; j++) {
            k->run[k->n_run++] = between_of(p, q, cut[j]);
            if (in) st = voronoi_end_run(k, left, right, out, err);
            in = !in;
        }
        if (in) k->run[k->n_run++] = q;
        known = n == 0 && !q_moved;
        if (!st && !known && in) {
            /* the state at q is asked for anew: keep the run if it goes on */
            known = !q_moved && land_has(l, q);
            if (!known) st = voronoi_end_run(k, left, right, out, err);
        }
    }
    return st ? st : voronoi_end_run(k, left, right, out, err);
}

static xw_status add_centre(desk *k, uint32_t t, xw_error *err)
{
    if (k->n_chain == k->cap_chain &&
        !xw_grow((void **)&k->chain, &k->cap_chain, k->n_chain + 1, sizeof *k->chain)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    k->chain[k->n_chain++] = frame_out(&k->frame, voronoi_centre(k, t));
    return XW_OK;
}

static uint32_t label_of(const desk *k, uint32_t corner) { return k->label[k->d.v[corner]]; }

/* Is there a line across the edge of corner c? */
static bool parts(const desk *k, uint32_t c)
{
    if (k->d.mate[c] == UINT32_MAX) return false;
    const uint32_t a = label_of(k, c), b = label_of(k, corner_next(c));
    return a != b && a != XW_NONE && b != XW_NONE;
}

static void mark(desk *k, uint32_t c) { k->done[c] = k->done[k->d.mate[c]] = 1; }

/* The corner across which the line that came in by corner c leaves its triangle; NONE where it
 * ends, for three lines meet or the last site is a far corner. */
static uint32_t go_on(const desk *k, uint32_t c)
{
    const uint32_t third = label_of(k, corner_prev(c));
    if (third == label_of(k, c)) return corner_next(c);
    return third == label_of(k, corner_next(c)) ? corner_prev(c) : UINT32_MAX;
}

/* Walks the line that leaves the triangle of corner c across its edge. */
static xw_status walk_chain(desk *k, uint32_t c, betweens *out, xw_error *err)
{
    const uint32_t left = label_of(k, corner_next(c)), right = label_of(k, c);
    k->n_chain = 0;
    xw_status st = add_centre(k, c / 3, err);
    while (!st && c != UINT32_MAX && !k->done[c]) {
        mark(k, c);
        st = add_centre(k, k->d.mate[c] / 3, err);
        c = go_on(k, k->d.mate[c]);
    }
    if (st) return st;
    return k->whole ? voronoi_clip_behind(k, left, right, out, err)
                    : clip_chain(k, left, right, out, err);
}

xw_status voronoi_chains(desk *k, betweens *out, xw_error *err)
{
    const size_t n = 3 * (size_t)k->d.n_triangles;
    if (!xw_grow((void **)&k->done, &k->cap_done, n, sizeof *k->done)) {
        return xw_fail(err, XW_NOMEM, "%zu corners", n);
    }
    memset(k->done, 0, n);
    xw_status st = XW_OK;
    for (uint32_t c = 0; c < n && !st; c++) { /* chains with ends */
        if (k->done[c]) continue;
        if (!parts(k, c)) {
            k->done[c] = 1;
        } else if (go_on(k, c) == UINT32_MAX) {
            st = walk_chain(k, c, out, err);
        }
    }
    for (uint32_t c = 0; c < n && !st; c++) { /* closed ones */
        if (!k->done[c]) st = walk_chain(k, c, out, err);
    }
    return st;
}
