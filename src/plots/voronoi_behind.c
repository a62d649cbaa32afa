/* Lines in the shadow of dead ends: half-way between the buildings that see the land there. They
 * are those of a triangulation of the sites of these buildings alone, as far as the shadow goes. */
#include "voronoi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_group(const void *a, const void *b)
{
    const witness *p = a, *q = b;
    if (p->group != q->group) return p->group < q->group ? -1 : 1;
    if (p->label != q->label) return p->label < q->label ? -1 : 1;
    return (p->vertex > q->vertex) - (p->vertex < q->vertex);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

static xw_status take(shadows *w, uint32_t v, uint32_t mark, size_t *n, xw_error *err)
{
    if (w->seen[v] == mark) return XW_OK;
    if (*n == w->cap_queue &&
        !xw_grow((void **)&w->queue, &w->cap_queue, *n + 1, sizeof *w->queue)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", *n);
    }
    w->seen[v] = mark;
    w->queue[(*n)++] = v;
    return XW_OK;
}

/* The sites of the witnesses in [lo, hi) that see the shadow at least as often as not; false if
 * they are of one building only. */
static xw_status take_sites(desk *k, size_t lo, size_t hi, bool *several, xw_error *err)
{
    shadows *w = &k->shadows;
    size_t n = 0, labels = 0;
    xw_status st = XW_OK;
    const uint32_t mark = w->witnesses[lo].group + 1;
    for (size_t i = lo; i < hi && !st;) {
        size_t end = i, sees = 0;
        for (; end < hi && w->witnesses[end].label == w->witnesses[i].label; end++) {
            sees += w->witnesses[end].sees;
        }
        const bool taken = 2 * sees >= end - i;
        labels += taken;
        for (; i < end && !st; i++) {
            if (taken && w->witnesses[i].sees) {
                st = take(w, w->witnesses[i].vertex, mark, &n, err);
            }
        }
        i = end;
    }
    *several = labels > 1;
    if (st || !*several) return st;
    qsort(w->queue, n, sizeof *w->queue, by_number);
    k->behind->all.n = 0;
    for (size_t i = 0; i < n && !st; i++) {
        const uint32_t v = w->queue[i];
        st = site_add(&k->behind->all, k->d.pt[v], k->label[v], XW_NONE, err);
    }
    return st;
}

xw_status voronoi_behind(desk *k, betweens *out, xw_error *err)
{
    shadows *w = &k->shadows;
    if (w->n_witnesses == 0) return XW_OK;
    if (!k->behind) k->behind = calloc(1, sizeof *k->behind);
    if (!k->behind) return xw_fail(err, XW_NOMEM, "dead ends");
    desk *b = k->behind;
    b->whole = k;
    b->frame = k->frame;
    qsort(w->witnesses, w->n_witnesses, sizeof *w->witnesses, by_group);
    xw_status st = XW_OK;
    for (size_t lo = 0, hi = 0; lo < w->n_witnesses && !st; lo = hi) {
        while (hi < w->n_witnesses && w->witnesses[hi].group == w->witnesses[lo].group) hi++;
        bool several = false;
        st = take_sites(k, lo, hi, &several, err);
        if (st || !several) continue;
        b->group = w->witnesses[lo].group;
        shadow_box(b, lo, hi);
        st = voronoi_triangulate(b, err);
        if (!st) st = voronoi_chains(b, out, err);
    }
    return st;
}

/* --- the parts of a line in the shadow --- */

static const double step_mm = 500.0, near_mm = 30.0, over_mm = 30.0;
enum { STEPS_MAX = 400, HALVINGS = 24 };

static spot at_share(spot p, spot q, double t)
{
    return (spot){p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
}

static double length_mm(const desk *k, spot p, spot q)
{
    const double dx = (q.x - p.x) * k->frame.kx, dy = (q.y - p.y) * k->frame.ky;
    return sqrt(dx * dx + dy * dy);
}

/* A piece of a chain, and whether a rim of the land crosses it. */
typedef struct piece {
    spot p, q;
    double length; /* mm */
    bool cut;
} piece;

static bool has(desk *k, const piece *l, double t)
{
    const spot at = at_share(l->p, l->q, t);
    return shadow_has(k, at) && (!l->cut || land_has(&k->whole->land, at));
}

/* Where between shares a and b the shadow, which has one of them, ends: a little outside, or at the
 * end of the piece where that is near. */
static double border(desk *k, const piece *l, double a, double b, bool enters)
{
    for (int i = 0; i < HALVINGS && (b - a) * l->length > 1.0; i++) {
        const double mid = (a + b) / 2;
        if (has(k, l, mid) == enters) {
            b = mid;
        } else {
            a = mid;
        }
    }
    if (a * l->length < near_mm) return 0.0;
    if ((1.0 - b) * l->length < near_mm) return 1.0;
    return enters ? fmax(0.0, a - over_mm / l->length) : fmin(1.0, b + over_mm / l->length);
}

static void add_point(desk *k, spot p)
{
    const spot *last = k->n_run ? &k->run[k->n_run - 1] : NULL;
    if (!last || last->x != p.x || last->y != p.y) k->run[k->n_run++] = p;
}

typedef struct walker { /* along a chain: is the place where it stands in the shadow, on the land?
                         */
    uint32_t left, right;
    bool in, in_known, on, on_known;
} walker;

static xw_status walk_piece(desk *k, walker *w, const piece *l, betweens *out, xw_error *err)
{
    xw_status st = XW_OK;
    if (!w->in_known) {
        st = voronoi_end_run(k, w->left, w->right, out, err);
        w->in = has(k, l, 0.0);
    }
    if (w->in) add_point(k, l->p);
    const int n = (int)fmin(STEPS_MAX, ceil(l->length / step_mm));
    for (int j = 1; j <= n && !st; j++) {
        if (has(k, l, (double)j / n) == w->in) continue;
        const double t = border(k, l, (double)(j - 1) / n, (double)j / n, !w->in);
        add_point(k, at_share(l->p, l->q, t));
        if (w->in) st = voronoi_end_run(k, w->left, w->right, out, err);
        w->in = !w->in;
    }
    if (w->in) add_point(k, l->q);
    return st;
}

xw_status voronoi_clip_behind(desk *k, uint32_t left, uint32_t right, betweens *out, xw_error *err)
{
    if (!xw_grow((void **)&k->run, &k->cap_run, 2 * k->n_chain + 2, sizeof *k->run)) {
        return xw_fail(err, XW_NOMEM, "line between buildings");
    }
    const land *open = &k->whole->land;
    xw_status st = XW_OK;
    walker w = {.left = left, .right = right};
    k->n_run = 0;
    for (size_t i = 1; i < k->n_chain && !st; i++) {
        piece l = {.p = k->chain[i - 1], .q = k->chain[i]};
        bool p_moved, q_moved;
        if (!box_cut(k->lo, k->hi, &l.p, &l.q, &p_moved, &q_moved)) {
            w.in_known = w.on_known = false;
            continue;
        }
        l.length = length_mm(k, l.p, l.q);
        if (l.length < 1.0) continue;
        double cut[LAND_CUTS_MAX];
        l.cut = land_cuts(open, l.p, l.q, cut) > 0;
        if (!l.cut && (p_moved || !w.on_known)) w.on = land_has(open, l.p);
        w.in_known = w.in_known && !p_moved;
        const bool asked = l.cut || w.on; /* elsewhere there is no shadow to look for */
        if (asked) st = walk_piece(k, &w, &l, out, err);
        w.in_known = asked && !q_moved;
        w.on_known = !l.cut && !q_moved;
    }
    return st ? st : voronoi_end_run(k, left, right, out, err);
}
