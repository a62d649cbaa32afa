/* Land with nothing but towers round it: the yard of an estate, the green between high houses. No
 * team of houses can take it, so each plot of it goes to the lowest floors of the tower it shares
 * most with, and is looked after by somebody. */
#include "carve.h"

#include <stdlib.h>
#include <string.h>

typedef struct yards {
    const xw_model *m;
    const xw_model_division *d;
    const xw_graph *g;
    const uint8_t *whole; /* by plot: of an exclusive area */
    uint32_t cap;
    uint32_t *piece, *queue; /* piece of land of each plot; XW_NONE: somebody lives there */
    uint32_t *chosen;
    double *shared; /* by plot: of a tower with the plot at hand */
} yards;

static bool is_tower(const yards *y, uint32_t v)
{
    const xw_plot *p = &y->m->plots[y->d->first_plot + v];
    return !y->whole[v] && p->households > y->cap && p->n_units > 1 &&
           y->m->units[p->first_unit].households <= y->cap;
}

static bool is_land(const yards *y, uint32_t v)
{
    return !y->whole[v] && y->g->nodes[v].households == 0;
}

/* The piece that v lies in, over any boundary: queue[0] .. queue[n - 1]. @return n */
static uint32_t gather(yards *y, uint32_t v)
{
    const xw_graph *g = y->g;
    uint32_t head = 0, tail = 0;
    y->piece[v] = v;
    y->queue[tail++] = v;
    while (head < tail) {
        const uint32_t w = y->queue[head++];
        for (uint32_t i = g->start[w]; i < g->start[w + 1]; i++) {
            const uint32_t u = g->arcs[i].to;
            if (y->piece[u] != XW_NONE || !is_land(y, u)) continue;
            y->piece[u] = v;
            y->queue[tail++] = u;
        }
    }
    return tail;
}

/* Is there a tower round the piece, and nobody else who may take the land? */
static bool towers_only(const yards *y, uint32_t n)
{
    const xw_graph *g = y->g;
    bool any = false;
    for (uint32_t k = 0; k < n; k++) {
        for (uint32_t i = g->start[y->queue[k]]; i < g->start[y->queue[k] + 1]; i++) {
            const uint32_t to = g->arcs[i].to;
            if (is_land(y, to)) continue;
            if (!y->whole[to] && g->nodes[to].weight <= y->cap) return false;
            any = any || (is_tower(y, to) && g->arcs[i].len > 0);
        }
    }
    return any;
}

/* The tower that plot v shares most with, itself or by land it has already, an open boundary
 * counting double; XW_NONE when there is none yet. */
static uint32_t host_of(yards *y, const uint32_t *host, uint32_t v)
{
    const xw_graph *g = y->g;
    uint32_t best = XW_NONE;
    for (int pass = 0; pass < 2; pass++) { /* sums to 0, then what they come to */
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            const uint32_t to = is_tower(y, a->to) ? a->to : host[a->to];
            if (to == XW_NONE || a->len <= 0) continue;
            double *s = &y->shared[to];
            *s = pass == 0 ? 0 : *s + (double)a->len * (a->kind == XW_ARC_OPEN ? 2 : 1);
        }
    }
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const xw_arc *a = &g->arcs[i];
        const uint32_t to = is_tower(y, a->to) ? a->to : host[a->to];
        if (to == XW_NONE || a->len <= 0) continue;
        if (best == XW_NONE || y->shared[to] > y->shared[best] ||
            (y->shared[to] >= y->shared[best] && to < best)) {
            best = to;
        }
    }
    return best;
}

/* Ring by ring; everyone chooses by the ring before. */
static void share_out(yards *y, uint32_t n, uint32_t *host)
{
    uint32_t *ring = y->queue, *chosen = y->chosen;
    for (uint32_t before = n + 1; n > 0 && n < before;) {
        before = n;
        n = 0;
        for (uint32_t k = 0; k < before; k++) chosen[k] = host_of(y, host, ring[k]);
        for (uint32_t k = 0; k < before; k++) {
            host[ring[k]] = chosen[k];
            if (chosen[k] == XW_NONE) ring[n++] = ring[k];
        }
    }
}

xw_status xw__find_hosts(const xw_model *m, uint32_t division, const uint8_t *whole, uint32_t cap,
                         const xw_graph *g, uint32_t *host, xw_error *err)
{
    const size_t n = (size_t)g->n + 1;
    yards y = {.m = m, .d = &m->divisions[division], .g = g, .whole = whole, .cap = cap};
    y.piece = malloc(n * sizeof *y.piece);
    y.queue = malloc(n * sizeof *y.queue);
    y.chosen = malloc(n * sizeof *y.chosen);
    y.shared = calloc(n, sizeof *y.shared);
    const bool ok = y.piece && y.queue && y.chosen && y.shared;
    xw_status st = ok ? XW_OK : xw_fail(err, XW_NOMEM, "land of %u plots", g->n);
    memset(host, 0xff, (size_t)g->n * sizeof *host);
    for (uint32_t v = 0; v < g->n && !st; v++) y.piece[v] = XW_NONE;
    for (uint32_t v = 0; v < g->n && !st; v++) {
        if (y.piece[v] != XW_NONE || !is_land(&y, v)) continue;
        const uint32_t size = gather(&y, v);
        if (towers_only(&y, size)) share_out(&y, size, host);
    }
    free(y.piece);
    free(y.queue);
    free(y.chosen);
    free(y.shared);
    return st;
}
