/* Where borders have changed places (mosaic.h): loops that are wound -1 go to a neighbour. */
#include "mosaic_parts.h"

#include <stdlib.h>

/* ---- edges of a feature ---- */

static xw_status add_edge(mosaic_edges *out, mosaic_edge e, xw_error *err)
{
    if (!xw_grow((void **)&out->at, &out->cap, out->n + 1, sizeof *out->at)) {
        return xw_fail(err, XW_NOMEM, "outline of %zu edges", out->n);
    }
    out->at[out->n++] = e;
    return XW_OK;
}

/* The last descendants of a segment, walked from the vertex `from`. The depth is at most the number
 * of passes of the noding. */
static xw_status add_broken(const xw_mosaic *m, uint32_t seg, uint32_t from, mosaic_edges *out,
                            xw_error *err)
{
    const mosaic_segment *s = &m->seg[seg];
    if (s->n_children == 0) {
        return add_edge(out, (mosaic_edge){from, from == s->a ? s->b : s->a}, err);
    }
    const bool forward = from == s->a;
    uint32_t at = from;
    for (uint32_t i = 0; i < s->n_children; i++) {
        const uint32_t c = m->children[s->child + (forward ? i : s->n_children - 1 - i)];
        const xw_status st = add_broken(m, c, at, out, err);
        if (st) return st;
        at = m->seg[c].a == at ? m->seg[c].b : m->seg[c].a;
    }
    return XW_OK;
}

xw_status xw__mosaic_edges_of(xw_mosaic *m, const mosaic_feature *f, mosaic_edges *out,
                              xw_error *err)
{
    out->n = 0;
    for (uint32_t r = f->first_ring; r < f->first_ring + f->n_rings; r++) {
        const mosaic_span ring = m->ring[r];
        for (uint32_t i = ring.first; i < ring.first + ring.n; i++) {
            const xw_status st = add_broken(m, m->way_seg[i], m->way[i], out, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

static xw_status open_feature(xw_mosaic *m, mosaic_feature *f, xw_error *err)
{
    if (f->is_open) return XW_OK;
    const xw_status st = xw__mosaic_edges_of(m, f, &f->edges, err);
    f->is_open = !st;
    return st;
}

/* ---- who takes a loop ---- */

static int by_value(const void *x, const void *y)
{
    const mosaic_edge *p = x, *q = y;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

/* How many of the edges in `turned`, sorted, does a feature have? Its own are cancelled. */
static size_t n_shared(const mosaic_edges *have, const mosaic_edges *turned)
{
    size_t n = 0;
    for (size_t i = 0; i < have->n; i++) {
        const mosaic_edge *e = &have->at[i];
        if (i > 0 && by_value(e, e - 1) == 0) continue;
        n += bsearch(e, turned->at, turned->n, sizeof *turned->at, by_value) != NULL;
    }
    return n;
}

/* Winding numbers of a feature on the two sides of an edge, which it may have, either way. As in
 * find_levels: what xw__wind sees is the ground to the east. */
static void windings_beside(const xw_mosaic *m, const mosaic_edges *e, mosaic_edge ab, int *on_left,
                            int *on_right)
{
    const xw_tpt a = m->pt[ab.a], b = m->pt[ab.b];
    int east = 0, step = 0;
    for (size_t i = 0; i < e->n; i++) {
        const mosaic_edge at = e->at[i];
        east += xw__wind(m->pt[at.a], m->pt[at.b], a, b);
        step += at.a == ab.a && at.b == ab.b;
        step -= at.a == ab.b && at.b == ab.a;
    }
    const bool east_is_right = b.y > a.y || (b.y == a.y && b.x < a.x);
    *on_right = east_is_right ? east : east - step;
    *on_left = *on_right + step;
}

/* The neighbour with most of the loop's edges, turned round. One that has all of them and nothing
 * beyond is an island, which would vanish: rather the feature around it, and it itself only if
 * there is another such island. MOSAIC_NO_ID: nobody. */
static xw_status find_taker(xw_mosaic *m, size_t giver, const mosaic_loop *l,
                            const mosaic_edges *turned, uint32_t *taker, xw_error *err)
{
    size_t most = 0, n_islands = 0;
    uint32_t around = MOSAIC_NO_ID, island = MOSAIC_NO_ID;
    *taker = MOSAIC_NO_ID;
    for (uint32_t i = 0; i < m->n_feature; i++) {
        mosaic_feature *const f = &m->feature[i];
        if (i == giver || !xw__boxes_meet(&f->box, &l->box)) continue;
        if (!f->is_open) { /* its edges are as they came */
            const xw_status st = xw__mosaic_edges_of(m, f, &f->edges, err);
            if (st) return st;
        }
        xw__mosaic_cancel(&f->edges);
        const size_t n = n_shared(&f->edges, turned);
        int inside = 0, outside = 0;
        if (n == 0 || n == turned->n) {
            windings_beside(m, &f->edges, turned->at[0], &inside, &outside);
        }
        const bool covers = n == 0 ? inside > 0 : n < turned->n || outside > 0 || inside > 1;
        if (n > most && covers) {
            *taker = i;
            most = n;
        } else if (n == 0 && covers && around == MOSAIC_NO_ID) {
            around = i;
        } else if (n == turned->n && !covers && n_islands++ == 0) {
            island = i;
        }
    }
    if (*taker == MOSAIC_NO_ID) *taker = around;
    if (*taker == MOSAIC_NO_ID && n_islands > 1) *taker = island;
    return XW_OK;
}

/* ---- handing over ---- */

static xw_status turn_loop(const xw_mosaic *m, const mosaic_loop *l, mosaic_edges *out,
                           xw_error *err)
{
    out->n = 0;
    for (uint32_t i = l->first, j = l->first + l->n - 1; i < l->first + l->n; j = i++) {
        const xw_status st = add_edge(out, (mosaic_edge){m->loop_way[i], m->loop_way[j]}, err);
        if (st) return st;
    }
    qsort(out->at, out->n, sizeof *out->at, by_value);
    return XW_OK;
}

/* Takes the loop away from one feature and gives it to the other, if any. */
static xw_status hand_over(xw_mosaic *m, mosaic_feature *from, mosaic_feature *to,
                           const mosaic_edges *turned, xw_error *err)
{
    xw_status st = to ? open_feature(m, to, err) : XW_OK;
    for (size_t i = 0; i < turned->n && !st; i++) {
        const mosaic_edge e = turned->at[i];
        st = add_edge(&from->edges, e, err);
        if (!st && to) st = add_edge(&to->edges, (mosaic_edge){e.b, e.a}, err);
        if (to) {
            xw__box_grow(&to->box, m->pt[e.a]);
            to->is_open = to->is_due = true;
        }
    }
    return st;
}

size_t xw__mosaic_owner(const xw_mosaic *m, size_t at)
{
    const mosaic_loop *l = &m->loop[at];
    const mosaic_edge first = {m->loop_way[l->first], m->loop_way[l->first + 1]};
    size_t best = at;
    for (size_t i = 0; i < m->n_loop; i++) {
        const mosaic_loop *o = &m->loop[i];
        if (o->level != l->level || (o->area2 > 0) == (l->area2 > 0)) continue;
        if (!xw__boxes_meet(&o->box, &l->box)) continue;
        if (best != at && llabs(o->area2) >= llabs(m->loop[best].area2)) continue;
        if (xw__mosaic_winding(m, o, first) != 0) best = i;
    }
    return best;
}

/* Gives away the ground inside loop k, which is wound too low, without what is inside of it and
 * wound higher again. */
static xw_status give(xw_mosaic *m, size_t giver, size_t k, uint32_t *taker, bool may_take,
                      xw_error *err)
{
    const mosaic_loop l = m->loop[k];
    *taker = MOSAIC_NO_ID;
    xw_status st = turn_loop(m, &l, &m->moved, err);
    if (!st && may_take) st = find_taker(m, giver, &l, &m->moved, taker, err);
    mosaic_feature *const to = *taker == MOSAIC_NO_ID ? NULL : &m->feature[*taker];
    if (!st) st = hand_over(m, &m->feature[giver], to, &m->moved, err);
    for (size_t i = 0; i < m->n_loop && !st; i++) {
        if (m->loop[i].area2 < 0 || m->loop[i].level != l.level) continue;
        if (xw__mosaic_owner(m, i) != k) continue;
        const mosaic_loop inner = m->loop[i];
        st = turn_loop(m, &inner, &m->moved, err);
        if (!st) st = hand_over(m, &m->feature[giver], to, &m->moved, err);
    }
    return st;
}

/* Each hand-over makes the ground that is wound below 0 smaller, as long as a taker covers it; the
 * bound is for those that do not. */
xw_status xw__mosaic_mend(xw_mosaic *m, xw_error *err)
{
    size_t left = 16 * m->n_feature + 256;
    for (size_t i = 0; i < m->n_feature;) {
        mosaic_feature *const f = &m->feature[i];
        if (!f->is_due) {
            i++;
            continue;
        }
        f->is_due = false;
        xw_status st = xw__mosaic_trace(m, &f->edges, err);
        size_t back = i;
        for (size_t k = 0; k < m->n_loop && !st; k++) {
            if (m->loop[k].area2 > 0 || m->loop[k].level > 0) continue;
            uint32_t taker;
            st = give(m, i, k, &taker, left > 0, err);
            left -= left > 0;
            f->is_due = true;
            if (taker < back) back = taker;
        }
        if (st) return st;
        i = back;
    }
    return XW_OK;
}
