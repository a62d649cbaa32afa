#include "xiwang/clip.h"

#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

typedef enum side { WEST, EAST, NORTH, SOUTH, SIDES } side;

void xw_clipper_finish(xw_clipper *c)
{
    free(c->from);
    free(c->to);
    *c = (xw_clipper){0};
}

static bool keeps(const xw_tbox *b, side s, xw_tpt p)
{
    switch (s) {
    case WEST:
        return p.x >= b->min.x;
    case EAST:
        return p.x <= b->max.x;
    case NORTH:
        return p.y >= b->min.y;
    default:
        return p.y <= b->max.y;
    }
}

/* v0 + (at - u0) * (v1 - v0) / (u1 - u0) for u0 < u1, rounded half up. With coordinates within 2^30
 * the doubled product stays below 2^63. */
static int32_t between(int64_t u0, int64_t v0, int64_t u1, int64_t v1, int64_t at)
{
    const int64_t den = 2 * (u1 - u0), num = 2 * (at - u0) * (v1 - v0) + (u1 - u0);
    int64_t q = num / den;
    if (num % den < 0) q--;
    return (int32_t)(v0 + q);
}

/* The vertex where ab crosses a side; the same for ba. */
static xw_tpt cross(const xw_tbox *box, side s, xw_tpt a, xw_tpt b)
{
    if (s == WEST || s == EAST) {
        const int32_t x = s == WEST ? box->min.x : box->max.x;
        return a.x < b.x ? (xw_tpt){x, between(a.x, a.y, b.x, b.y, x)}
                         : (xw_tpt){x, between(b.x, b.y, a.x, a.y, x)};
    }
    const int32_t y = s == NORTH ? box->min.y : box->max.y;
    return a.y < b.y ? (xw_tpt){between(a.y, a.x, b.y, b.x, y), y}
                     : (xw_tpt){between(b.y, b.x, a.y, a.x, y), y};
}

static bool on_one_side(const xw_tbox *b, xw_tpt p, xw_tpt q, xw_tpt r)
{
    return (p.x == q.x && q.x == r.x && (q.x == b->min.x || q.x == b->max.x)) ||
           (p.y == q.y && q.y == r.y && (q.y == b->min.y || q.y == b->max.y));
}

/* Drops repeated vertices and, along the sides of the box, the middle one of three: what is joined
 * there needs no detours. Works in place. */
static size_t tidy(const xw_tbox *box, xw_tpt *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (k > 0 && xw_tpt_eq(p[k - 1], p[i])) continue;
        while (k > 1 && on_one_side(box, p[k - 2], p[k - 1], p[i])) k--;
        if (k > 0 && xw_tpt_eq(p[k - 1], p[i])) continue;
        p[k++] = p[i];
    }
    size_t first = 0;
    for (bool again = true; again && k - first > 2;) { /* the same over the seam */
        again = false;
        if (xw_tpt_eq(p[k - 1], p[first]) || on_one_side(box, p[k - 2], p[k - 1], p[first])) {
            k--;
            again = true;
        } else if (on_one_side(box, p[k - 1], p[first], p[first + 1])) {
            first++;
            again = true;
        }
    }
    if (first > 0) memmove(p, p + first, (k - first) * sizeof *p);
    return k - first;
}

static xw_status room(xw_tpt **pts, size_t *cap, size_t n, xw_error *err)
{
    return xw_grow((void **)pts, cap, n, sizeof **pts) ? XW_OK
                                                       : xw_fail(err, XW_NOMEM, "%zu vertices", n);
}

/* One side: from c->from to c->to, then swapped, so the result is in c->from again. */
static xw_status cut(xw_clipper *c, const xw_tbox *box, side s, size_t *n, xw_error *err)
{
    const size_t n_in = *n;
    const xw_status st = room(&c->to, &c->cap_to, 2 * n_in, err);
    if (st) return st;
    size_t k = 0;
    for (size_t i = 0, j = n_in - 1; i < n_in; j = i++) {
        const xw_tpt a = c->from[j], b = c->from[i];
        const bool b_in = keeps(box, s, b);
        if (keeps(box, s, a) != b_in) c->to[k++] = cross(box, s, a, b);
        if (b_in) c->to[k++] = b;
    }
    xw_tpt *const t = c->from;
    const size_t cap = c->cap_from;
    c->from = c->to;
    c->cap_from = c->cap_to;
    c->to = t;
    c->cap_to = cap;
    *n = k;
    return XW_OK;
}

xw_status xw_clip_ring(xw_clipper *c, const xw_tpt *ring, size_t n, xw_tbox box, const xw_tpt **out,
                       size_t *n_out, xw_error *err)
{
    *out = NULL;
    *n_out = 0;
    if (n < 3) return XW_OK;
    xw_status st = room(&c->from, &c->cap_from, n, err);
    if (st) return st;
    memcpy(c->from, ring, n * sizeof *ring);
    for (side s = WEST; s < SIDES && n > 0; s++) {
        bool all = true;
        for (size_t i = 0; i < n && all; i++) all = keeps(&box, s, c->from[i]);
        if (!all) st = cut(c, &box, s, &n, err);
        if (st) return st;
    }
    n = n > 0 ? tidy(&box, c->from, n) : 0;
    *out = c->from;
    *n_out = n < 3 ? 0 : n;
    return XW_OK;
}

/* Cuts ab to the box; false when nothing of it is inside. */
static bool cut_segment(const xw_tbox *box, xw_tpt *a, xw_tpt *b)
{
    for (side s = WEST; s < SIDES; s++) {
        const bool a_in = keeps(box, s, *a), b_in = keeps(box, s, *b);
        if (!a_in && !b_in) return false;
        if (a_in && b_in) continue;
        const xw_tpt p = cross(box, s, *a, *b);
        *(a_in ? b : a) = p;
    }
    return true;
}

xw_status xw_clip_line(xw_clipper *c, const xw_tpt *line, size_t n, xw_tbox box,
                       void (*part)(void *user, const xw_tpt *pts, size_t n), void *user,
                       xw_error *err)
{
    const xw_status st = room(&c->to, &c->cap_to, n + 1, err);
    if (st) return st;
    size_t k = 0;
    for (size_t i = 1; i < n; i++) {
        xw_tpt a = line[i - 1], b = line[i];
        const bool is_in = cut_segment(&box, &a, &b);
        if (k > 0 && (!is_in || !xw_tpt_eq(c->to[k - 1], a))) {
            if (k > 1) part(user, c->to, k);
            k = 0;
        }
        if (!is_in) continue;
        if (k == 0) c->to[k++] = a;
        if (!xw_tpt_eq(c->to[k - 1], b)) c->to[k++] = b;
    }
    if (k > 1) part(user, c->to, k);
    return XW_OK;
}

int64_t xw_tring_area2(const xw_tpt *pts, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        sum += (int64_t)pts[j].x * pts[i].y - (int64_t)pts[i].x * pts[j].y;
    }
    return sum;
}
