/* Fewer vertices for the lines between buildings. The diagram of sites every 2 m zigzags by
 * centimetres around the true line; chains between the same two neighbours are thinned to 50 mm
 * (Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727). Ends, where three lines meet or a
 * wall is touched, stay. */
#include "voronoi.h"

#include <math.h>
#include <stdlib.h>

static const double tolerance_m = 0.05;

typedef struct tip { /* one end of a line */
    xw_pt at;
    uint32_t line, end;
} tip;

static int by_point(const void *a, const void *b)
{
    const tip *p = a, *q = b;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    if (p->line != q->line) return p->line < q->line ? -1 : 1;
    return (p->end > q->end) - (p->end < q->end);
}

typedef struct thinning {
    betweens *l;
    uint32_t *joined; /* by 2 * line + end: the tip it continues at, XW_NONE where a chain ends */
    uint8_t *done;
    xw_pt *pts;
    uint8_t *keep;
    uint32_t *stack;
    size_t n, cap_pts, cap_keep, cap_stack;
    between *out;
    size_t n_out;
    xw_scale scale;
} thinning;

static bool same_sides(const between *a, const between *b)
{
    return (a->left == b->left && a->right == b->right) ||
           (a->left == b->right && a->right == b->left);
}

static xw_status join_tips(thinning *t, xw_error *err)
{
    const betweens *l = t->l;
    tip *tips = malloc((2 * l->n + 1) * sizeof *tips);
    if (!tips) return xw_fail(err, XW_NOMEM, "%zu lines", l->n);
    for (uint32_t i = 0; i < l->n; i++) {
        tips[2 * i] = (tip){l->b[i].a, i, 0};
        tips[2 * i + 1] = (tip){l->b[i].b, i, 1};
        t->joined[2 * i] = t->joined[2 * i + 1] = XW_NONE;
    }
    const size_t n = 2 * l->n;
    qsort(tips, n, sizeof *tips, by_point);
    for (size_t i = 0; i < n;) {
        size_t k = i + 1;
        while (k < n && xw_pt_eq(tips[k].at, tips[i].at)) k++;
        if (k - i == 2 && tips[i].line != tips[i + 1].line &&
            same_sides(&l->b[tips[i].line], &l->b[tips[i + 1].line])) {
            const uint32_t p = 2 * tips[i].line + tips[i].end;
            const uint32_t q = 2 * tips[i + 1].line + tips[i + 1].end;
            t->joined[p] = q;
            t->joined[q] = p;
        }
        i = k;
    }
    free(tips);
    return XW_OK;
}

static xw_pt tip_at(const thinning *t, uint32_t tip_ix)
{
    const between *b = &t->l->b[tip_ix >> 1];
    return tip_ix & 1 ? b->b : b->a;
}

static xw_status add_point(thinning *t, xw_pt p, xw_error *err)
{
    if (!xw_grow((void **)&t->pts, &t->cap_pts, t->n + 1, sizeof *t->pts) ||
        !xw_grow((void **)&t->keep, &t->cap_keep, t->n + 1, sizeof *t->keep)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    t->keep[t->n] = 0;
    t->pts[t->n++] = p;
    return XW_OK;
}

/* Distance in metres of p from the segment ab. */
static double distance(const thinning *t, xw_pt a, xw_pt b, xw_pt p)
{
    const double dx = ((double)b.x - a.x) * t->scale.mx, dy = ((double)b.y - a.y) * t->scale.my;
    const double px = ((double)p.x - a.x) * t->scale.mx, py = ((double)p.y - a.y) * t->scale.my;
    const double d2 = dx * dx + dy * dy;
    const double s = d2 > 0.0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / d2)) : 0.0;
    return hypot(px - s * dx, py - s * dy);
}

static xw_status thin(thinning *t, xw_error *err)
{
    size_t n = 0;
    t->keep[0] = t->keep[t->n - 1] = 1;
    if (!xw_grow((void **)&t->stack, &t->cap_stack, 2 * t->n + 2, sizeof *t->stack)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    t->stack[n++] = 0;
    t->stack[n++] = (uint32_t)t->n - 1;
    while (n > 0) {
        const uint32_t hi = t->stack[--n], lo = t->stack[--n];
        double far = tolerance_m;
        uint32_t at = 0;
        for (uint32_t i = lo + 1; i < hi; i++) {
            const double d = distance(t, t->pts[lo], t->pts[hi], t->pts[i]);
            if (d > far) {
                far = d;
                at = i;
            }
        }
        if (at == 0) continue;
        t->keep[at] = 1;
        t->stack[n++] = lo;
        t->stack[n++] = at;
        t->stack[n++] = at;
        t->stack[n++] = hi;
    }
    return XW_OK;
}

/* Walks the chain that starts at a tip, thins it, and writes its lines. */
static xw_status do_chain(thinning *t, uint32_t start, xw_error *err)
{
    const between *first = &t->l->b[start >> 1];
    const uint32_t left = start & 1 ? first->right : first->left;
    const uint32_t right = start & 1 ? first->left : first->right;
    t->n = 0;
    xw_status st = add_point(t, tip_at(t, start), err);
    for (uint32_t at = start; !st && at != XW_NONE && !t->done[at >> 1]; at = t->joined[at ^ 1]) {
        t->done[at >> 1] = 1;
        st = add_point(t, tip_at(t, at ^ 1), err);
    }
    if (!st) st = thin(t, err);
    xw_pt from = t->pts[0];
    for (size_t i = 1; i < t->n && !st; i++) {
        if (!t->keep[i] || xw_pt_eq(from, t->pts[i])) continue;
        t->out[t->n_out++] = (between){from, t->pts[i], left, right};
        from = t->pts[i];
    }
    return st;
}

xw_status voronoi_simplify(betweens *l, xw_error *err)
{
    if (l->n == 0) return XW_OK;
    thinning t = {.l = l, .scale = xw_scale_at(l->b[0].a.y)};
    t.joined = malloc(2 * l->n * sizeof *t.joined);
    t.done = calloc(l->n, 1);
    t.out = malloc(l->n * sizeof *t.out);
    xw_status st = t.joined && t.done && t.out ? XW_OK : xw_fail(err, XW_NOMEM, "%zu lines", l->n);
    if (!st) st = join_tips(&t, err);
    for (uint32_t i = 0; i < 2 * l->n && !st; i++) { /* chains with ends, then closed ones */
        if (!t.done[i >> 1] && t.joined[i] == XW_NONE) st = do_chain(&t, i, err);
    }
    for (uint32_t i = 0; i < l->n && !st; i++) {
        if (!t.done[i]) st = do_chain(&t, 2 * i, err);
    }
    if (!st) {
        free(l->b);
        l->b = t.out;
        l->cap = l->n;
        l->n = t.n_out;
        t.out = NULL;
    }
    free(t.joined);
    free(t.done);
    free(t.pts);
    free(t.keep);
    free(t.stack);
    free(t.out);
    return st;
}
