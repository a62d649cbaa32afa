/* Rings of the directed edges of one feature (mosaic.h). */
#include "mosaic_parts.h"

#include <stdlib.h>

/* One end of an edge, seen from its vertex. */
typedef struct mosaic_spoke {
    uint32_t vertex, edge;
    int32_t dx, dy;
    bool is_out;
} mosaic_spoke;

/* ---- to and fro ---- */

static int by_ends(const void *x, const void *y)
{
    const mosaic_edge *p = x, *q = y;
    const uint32_t p0 = p->a < p->b ? p->a : p->b, q0 = q->a < q->b ? q->a : q->b;
    if (p0 != q0) return p0 < q0 ? -1 : 1;
    const uint32_t p1 = p->a < p->b ? p->b : p->a, q1 = q->a < q->b ? q->b : q->a;
    if (p1 != q1) return p1 < q1 ? -1 : 1;
    return (p->a > q->a) - (p->a < q->a);
}

void xw__mosaic_cancel(mosaic_edges *e)
{
    if (e->n > 0) qsort(e->at, e->n, sizeof *e->at, by_ends);
    size_t k = 0;
    for (size_t i = 0; i < e->n;) {
        const mosaic_edge first = e->at[i];
        size_t same = 0, opposite = 0;
        for (; i < e->n; i++) { /* those from the smaller number come first */
            if (e->at[i].a == first.a && e->at[i].b == first.b) {
                same++;
            } else if (e->at[i].a == first.b && e->at[i].b == first.a) {
                opposite++;
            } else {
                break;
            }
        }
        for (; same > opposite; same--) e->at[k++] = first;
        for (; opposite > same; opposite--) e->at[k++] = (mosaic_edge){first.b, first.a};
    }
    e->n = k;
}

/* ---- which edge follows which ---- */

static int half(const mosaic_spoke *s) { return s->dy < 0 || (s->dy == 0 && s->dx < 0); }

/* Round each vertex, counter-clockwise as seen with y upward. */
static int by_angle(const void *x, const void *y)
{
    const mosaic_spoke *p = x, *q = y;
    if (p->vertex != q->vertex) return p->vertex < q->vertex ? -1 : 1;
    if (half(p) != half(q)) return half(p) - half(q);
    const int64_t turn = (int64_t)p->dx * q->dy - (int64_t)p->dy * q->dx;
    if (turn != 0) return turn > 0 ? -1 : 1;
    /* Of edges that run side by side the first is on the left of the others, seen from both ends.
     */
    const int order = (p->edge > q->edge) - (p->edge < q->edge);
    return p->is_out ? -order : order;
}

/* An edge that comes in is followed by the one that goes out and bounds the same ground, which is
 * on the left of both: the first one clockwise that is not taken by another in between, like
 * brackets. */
static void pair(xw_mosaic *m, const mosaic_spoke *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i].is_out) continue;
        size_t open = 0, k = i;
        for (;;) {
            k = k == 0 ? n - 1 : k - 1;
            if (!s[k].is_out) {
                open++;
            } else if (open == 0) {
                break;
            } else {
                open--;
            }
        }
        m->next[s[i].edge] = s[k].edge;
    }
}

static xw_status link_edges(xw_mosaic *m, const mosaic_edges *e, xw_error *err)
{
    const size_t n = 2 * e->n;
    if (!xw_grow((void **)&m->spoke, &m->cap_spoke, n + 1, sizeof *m->spoke) ||
        !xw_grow((void **)&m->next, &m->cap_next, e->n + 1, sizeof *m->next)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu edges", e->n);
    }
    for (uint32_t i = 0; i < e->n; i++) {
        const xw_tpt a = m->pt[e->at[i].a], b = m->pt[e->at[i].b];
        m->spoke[2 * i] = (mosaic_spoke){e->at[i].a, i, b.x - a.x, b.y - a.y, true};
        m->spoke[2 * i + 1] = (mosaic_spoke){e->at[i].b, i, a.x - b.x, a.y - b.y, false};
    }
    if (n > 0) qsort(m->spoke, n, sizeof *m->spoke, by_angle);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && m->spoke[end].vertex == m->spoke[i].vertex) end++;
        pair(m, m->spoke + i, end - i);
        i = end;
    }
    return XW_OK;
}

/* ---- loops ---- */

/* Takes the vertices of m->stack from `from` on. */
static xw_status add_loop(xw_mosaic *m, size_t from, size_t n, xw_error *err)
{
    if (!xw_grow((void **)&m->loop, &m->cap_loop, m->n_loop + 1, sizeof *m->loop)) {
        return xw_fail(err, XW_NOMEM, "%zu rings", m->n_loop);
    }
    mosaic_loop l = {.first = (uint32_t)m->n_loop_way,
                     .n = (uint32_t)(n - from),
                     .edge = m->came[from + 1],
                     .box = mosaic_no_box};
    for (size_t i = from, j = n - 1; i < n; j = i++) {
        const xw_tpt p = m->pt[m->stack[j]], q = m->pt[m->stack[i]];
        l.area2 += (int64_t)p.x * q.y - (int64_t)q.x * p.y;
        xw__box_grow(&l.box, q);
        m->loop_way[m->n_loop_way++] = m->stack[i];
    }
    m->loop[m->n_loop++] = l;
    return XW_OK;
}

/* Follows the edges from `start`; where a vertex comes again, what lies between is a loop. */
static xw_status follow(xw_mosaic *m, const mosaic_edges *e, uint32_t start, xw_error *err)
{
    size_t n = 0;
    xw_status st = XW_OK;
    for (uint32_t at = start; m->next[at] != MOSAIC_NO_ID && !st;) {
        const uint32_t v = e->at[at].b, follower = m->next[at];
        if (m->mark[v] != MOSAIC_NO_ID) {
            const size_t from = m->mark[v];
            /* The edge that closes the loop ends where it begins: the first edge is the next. */
            st = add_loop(m, from, n, err);
            while (n > from) m->mark[m->stack[--n]] = MOSAIC_NO_ID;
        }
        m->mark[v] = (uint32_t)n;
        m->came[n] = at;
        m->stack[n++] = v;
        m->next[at] = MOSAIC_NO_ID;
        at = follower;
    }
    if (n > 0 && !st) st = add_loop(m, 0, n, err);
    while (n > 0) m->mark[m->stack[--n]] = MOSAIC_NO_ID;
    return st;
}

int xw__mosaic_winding(const xw_mosaic *m, const mosaic_loop *l, mosaic_edge ab)
{
    const uint32_t *const way = m->loop_way + l->first;
    int w = 0;
    for (size_t i = 0, j = l->n - 1; i < l->n; j = i++) {
        w += xw__wind(m->pt[way[j]], m->pt[way[i]], m->pt[ab.a], m->pt[ab.b]);
    }
    return w;
}

/* xw__wind does not count an edge for its own middle: it sees the ground to the east, or above a
 * level edge. So what lies to the left is that, and the edges side by side if left is the other
 * way. */
static void find_levels(xw_mosaic *m, const mosaic_edges *e)
{
    for (size_t i = 0; i < m->n_loop; i++) {
        mosaic_loop *const l = &m->loop[i];
        const mosaic_edge at = e->at[l->edge];
        const xw_tpt a = m->pt[at.a], b = m->pt[at.b];
        uint32_t first = l->edge, end = l->edge + 1;
        while (first > 0 && e->at[first - 1].a == at.a && e->at[first - 1].b == at.b) first--;
        while (end < e->n && e->at[end].a == at.a && e->at[end].b == at.b) end++;
        int level = b.y > a.y || (b.y == a.y && b.x < a.x) ? (int)(end - first) : 0;
        level -= (int)(l->edge - first);
        const mosaic_box box = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, a.x < b.x ? b.x : a.x,
                                a.y < b.y ? b.y : a.y};
        for (size_t k = 0; k < m->n_loop; k++) {
            if (!xw__boxes_meet(&m->loop[k].box, &box)) continue;
            level += xw__mosaic_winding(m, &m->loop[k], at);
        }
        l->level = level;
    }
}

xw_status xw__mosaic_trace(xw_mosaic *m, mosaic_edges *edges, xw_error *err)
{
    m->n_loop = m->n_loop_way = 0;
    xw__mosaic_cancel(edges);
    xw_status st = link_edges(m, edges, err);
    if (st) return st;
    if (!xw_grow((void **)&m->stack, &m->cap_stack, edges->n + 1, sizeof *m->stack) ||
        !xw_grow((void **)&m->came, &m->cap_came, edges->n + 1, sizeof *m->came) ||
        !xw_grow((void **)&m->loop_way, &m->cap_loop_way, edges->n + 1, sizeof *m->loop_way)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu edges", edges->n);
    }
    for (uint32_t i = 0; i < edges->n && !st; i++) {
        if (m->next[i] != MOSAIC_NO_ID) st = follow(m, edges, i, err);
    }
    if (!st) find_levels(m, edges);
    return st;
}
