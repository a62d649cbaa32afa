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

/* How many of the edges in `turned`, sorted, does a feature have? */
static size_t n_shared(const mosaic_edges *have, const mosaic_edges *turned)
{
    size_t n = 0;
    for (size_t i = 0; i < have->n; i++) {
        n += bsearch(&have->at[i], turned->at, turned->n, sizeof *turned->at, by_value) != NULL;
    }
    return n;
}

static int winding_of_edges(const xw_mosaic *m, const mosaic_edges *e, mosaic_edge ab)
{
    int w = 0;
    for (size_t i = 0; i < e->n; i++) {
        w += xw__wind(m->pt[e->at[i].a], m->pt[e->at[i].b], m->pt[ab.a], m->pt[ab.b]);
    }
    return w;
}

/* The neighbour with most of the loop's edges, turned round. One that has all of them is an island
 * which would vanish: then the feature around it is looked for. MOSAIC_NO_ID: nobody. */
static xw_status find_taker(xw_mosaic *m, size_t giver, const mosaic_loop *l,
                            const mosaic_edges *turned, uint32_t *taker, xw_error *err)
{
    size_t most = 0;
    *taker = MOSAIC_NO_ID;
    const mosaic_edge first = turned->at[0];
    for (int around = 0; around < 2 && *taker == MOSAIC_NO_ID; around++) {
        for (uint32_t i = 0; i < m->n_feature; i++) {
            mosaic_feature *const f = &m->feature[i];
            if (i == giver || !xw__boxes_meet(&f->box, &l->box)) continue;
            const bool was_open = f->is_open;
            const xw_status st = open_feature(m, f, err);
            if (st) return st;
            f->is_open = was_open; /* its edges are there, but nothing has changed */
            const size_t n = n_shared(&f->edges, turned);
            if (around ? n == 0 && winding_of_edges(m, &f->edges, first) > 0
                       : n > most && n < turned->n) {
                *taker = i;
                most = n;
                if (around) break;
            }
        }
    }
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

/* Each hand-over makes the ground that is wound below 0 smaller, as long as a taker covers it; the
 * bound is for those that do not. */
xw_status xw__mosaic_mend(xw_mosaic *m, xw_error *err)
{
    size_t left = 4 * m->n_feature + 64;
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
            const mosaic_loop l = m->loop[k];
            uint32_t taker = MOSAIC_NO_ID;
            if (l.area2 > 0 || l.winding > 0) continue;
            st = turn_loop(m, &l, &m->moved, err);
            if (!st && left > 0) st = find_taker(m, i, &l, &m->moved, &taker, err);
            if (st) break;
            left -= left > 0;
            st = hand_over(m, f, taker == MOSAIC_NO_ID ? NULL : &m->feature[taker], &m->moved, err);
            f->is_due = true;
            if (taker < back) back = taker;
        }
        if (st) return st;
        i = back;
    }
    return XW_OK;
}
