/* The moves of a partition: every figure of a group is kept up to date by each. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

xw_status xw__parts_init(xw__parts *p, const xw_graph *g, uint32_t cap, uint32_t conn,
                         xw_error *err)
{
    const size_t n = (size_t)g->n + 1;
    memset(p, 0, sizeof *p);
    p->g = g;
    p->cap = cap;
    p->conn = conn;
    p->of = malloc(n * sizeof *p->of);
    p->next = malloc(n * sizeof *p->next);
    p->prev = malloc(n * sizeof *p->prev);
    p->groups = calloc(n, sizeof *p->groups);
    p->mark = calloc(n, sizeof *p->mark);
    p->queue = malloc(n * sizeof *p->queue);
    if (!p->of || !p->next || !p->prev || !p->groups || !p->mark || !p->queue) {
        xw__parts_finish(p);
        return xw_fail(err, XW_NOMEM, "partition of %u nodes", g->n);
    }
    for (uint32_t v = 0; v < g->n; v++) {
        const xw_graph_node *node = &g->nodes[v];
        p->of[v] = v;
        p->next[v] = p->prev[v] = XW_NONE;
        p->groups[v] = (xw__group){v,
                                   1,
                                   node->weight,
                                   node->area,
                                   node->perimeter,
                                   xw__shape(node->area, node->perimeter)};
    }
    p->n_groups = g->n;
    return XW_OK;
}

void xw__parts_finish(xw__parts *p)
{
    free(p->of);
    free(p->next);
    free(p->prev);
    free(p->groups);
    free(p->mark);
    free(p->queue);
    memset(p, 0, sizeof *p);
}

uint32_t xw__parts_stamp(xw__parts *p)
{
    if (++p->stamp == 0) { /* after 2^32 searches the old marks could be mistaken for new ones */
        memset(p->mark, 0, (size_t)p->g->n * sizeof *p->mark);
        p->stamp = 1;
    }
    return p->stamp;
}

static void unlink_node(xw__parts *p, uint32_t v, xw__group *from)
{
    if (p->prev[v] != XW_NONE) {
        p->next[p->prev[v]] = p->next[v];
    } else {
        from->head = p->next[v];
    }
    if (p->next[v] != XW_NONE) p->prev[p->next[v]] = p->prev[v];
    from->count--;
}

static void link_node(xw__parts *p, uint32_t v, xw__group *to)
{
    p->prev[v] = XW_NONE;
    p->next[v] = to->count > 0 ? to->head : XW_NONE;
    if (to->count > 0) p->prev[to->head] = v;
    to->head = v;
    to->count++;
}

xw__links xw__parts_links(const xw__parts *p, uint32_t v, uint32_t other)
{
    const xw_graph *g = p->g;
    const uint32_t own = p->of[v];
    xw__links s = {0, 0, 0, 0, false};
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const xw_arc *a = &g->arcs[i];
        const uint32_t k = p->of[a->to];
        if (k == own) {
            s.own_len += (double)a->len;
            s.own_cost += (double)a->cost;
        } else if (k == other) {
            s.other_len += (double)a->len;
            s.other_cost += (double)a->cost;
            s.touches = s.touches || a->kind >= p->conn;
        }
    }
    return s;
}

void xw__parts_move(xw__parts *p, uint32_t v, uint32_t to)
{
    const xw_graph_node *node = &p->g->nodes[v];
    const xw__links s = xw__parts_links(p, v, to);
    xw__group *a = &p->groups[p->of[v]], *b = &p->groups[to];
    unlink_node(p, v, a);
    a->weight -= node->weight;
    a->area -= node->area;
    a->perimeter += 2 * s.own_len - node->perimeter;
    if (a->count == 0) a->area = a->perimeter = 0;
    link_node(p, v, b);
    b->weight += node->weight;
    b->area += node->area;
    b->perimeter += node->perimeter - 2 * s.other_len;
    p->of[v] = to;
    a->shape = xw__shape(a->area, a->perimeter);
    b->shape = xw__shape(b->area, b->perimeter);
}

bool xw__parts_may_leave(xw__parts *p, uint32_t v)
{
    const xw_graph *g = p->g;
    const uint32_t own = p->of[v];
    if (p->groups[own].count < 2) return false;
    uint32_t wanted = 0, first = XW_NONE;
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        if (p->of[g->arcs[i].to] != own || g->arcs[i].kind < p->conn) continue;
        if (first == XW_NONE) first = g->arcs[i].to;
        wanted++;
    }
    if (wanted <= 1) return true;
    /* Breadth-first from one neighbour until all the others are met: mostly soon, round v. */
    const uint32_t near = xw__parts_stamp(p), stamp = xw__parts_stamp(p);
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const xw_arc *a = &g->arcs[i];
        if (p->of[a->to] == own && a->kind >= p->conn) p->mark[a->to] = near;
    }
    uint32_t head = 0, tail = 0;
    p->mark[v] = stamp;
    p->mark[first] = stamp;
    p->queue[tail++] = first;
    while (head < tail) {
        const uint32_t w = p->queue[head++];
        for (uint32_t i = g->start[w]; i < g->start[w + 1]; i++) {
            const uint32_t u = g->arcs[i].to;
            if (p->of[u] != own || p->mark[u] == stamp || g->arcs[i].kind < p->conn) continue;
            if (p->mark[u] == near && --wanted == 1) return true;
            p->mark[u] = stamp;
            p->queue[tail++] = u;
        }
    }
    return false;
}

void xw__parts_merge(xw__parts *p, uint32_t a, uint32_t b)
{
    while (p->groups[b].count > 0) xw__parts_move(p, p->groups[b].head, a);
    xw__parts_drop(p, b);
}

void xw__parts_drop(xw__parts *p, uint32_t b)
{
    const uint32_t last = --p->n_groups;
    if (b == last) return;
    p->groups[b] = p->groups[last];
    for (uint32_t v = p->groups[b].head; v != XW_NONE; v = p->next[v]) p->of[v] = b;
    p->groups[last] = (xw__group){XW_NONE, 0, 0, 0, 0, 0};
}
