/* Partitions within partitions: moves that every level survives, and excess carried along them. */
#include "nest_parts.h"

#include <stdlib.h>

void xw__strata_finish(xw__strata *s)
{
    xw__parts_finish(&s->p);
    free(s->moved);
    *s = (xw__strata){0};
}

/* Does the coarser group of v at level j hold together without v? Breadth-first from one of v's
 * neighbours in it until all the others are met. */
static bool up_holds(xw__strata *s, uint32_t v, uint32_t j)
{
    xw__parts *p = &s->p;
    const xw_graph *g = p->g;
    const uint32_t *up = s->up[j], own = up[p->of[v]];
    const uint32_t stamp = xw__parts_stamp(p);
    uint32_t head = 0, tail = 0, missing = 0;
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const uint32_t u = g->arcs[i].to;
        if (g->arcs[i].kind < XW_ARC_FAR || up[p->of[u]] != own) continue;
        if (tail == 0) {
            p->mark[u] = stamp;
            p->queue[tail++] = u;
        } else {
            missing++;
        }
    }
    p->mark[v] = stamp;
    while (head < tail && missing > 0) {
        const uint32_t w = p->queue[head++];
        for (uint32_t i = g->start[w]; i < g->start[w + 1]; i++) {
            const uint32_t u = g->arcs[i].to;
            if (p->mark[u] == stamp || g->arcs[i].kind < XW_ARC_FAR || up[p->of[u]] != own)
                continue;
            p->mark[u] = stamp;
            p->queue[tail++] = u;
            for (uint32_t k = g->start[u]; k < g->start[u + 1]; k++) {
                if (g->arcs[k].to == v && g->arcs[k].kind >= XW_ARC_FAR) missing--;
            }
        }
    }
    return tail > 0 && missing == 0;
}

bool xw__strata_may_go(xw__strata *s, uint32_t v, uint32_t to)
{
    const uint32_t from = s->p.of[v];
    if (!xw__parts_may_leave(&s->p, v)) return false;
    for (uint32_t j = 0; j < s->n_up; j++) {
        if (s->up[j][from] == s->up[j][to]) break; /* the same above, too */
        if (!up_holds(s, v, j)) return false;
    }
    return true;
}

bool xw__strata_move(xw__strata *s, uint32_t v, uint32_t to)
{
    if (!xw_grow((void **)&s->moved, &s->cap_moved, s->n_moved + 1, sizeof *s->moved)) return false;
    s->moved[s->n_moved][0] = v;
    s->moved[s->n_moved++][1] = s->p.of[v];
    xw__parts_move(&s->p, v, to);
    return true;
}

void xw__strata_rewind(xw__strata *s, size_t n)
{
    while (s->n_moved > n) {
        s->n_moved--;
        xw__parts_move(&s->p, s->moved[s->n_moved][0], s->moved[s->n_moved][1]);
    }
}

double xw__strata_dearer(const xw__strata *s, uint32_t v, uint32_t to, bool *touches)
{
    const xw__parts *p = &s->p;
    const xw__links l = xw__parts_links(p, v, to);
    double change = l.own_cost - l.other_cost;
    *touches = l.touches;
    for (uint32_t j = 0; j < s->n_up; j++) {
        const uint32_t a = s->up[j][p->of[v]], b = s->up[j][to];
        if (a == b) break;
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            const uint32_t k = s->up[j][p->of[p->g->arcs[i].to]];
            if (k == a) change += XW__UP_COST * (double)p->g->arcs[i].cost;
            if (k == b) change -= XW__UP_COST * (double)p->g->arcs[i].cost;
        }
    }
    return change;
}
