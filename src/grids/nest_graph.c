/* Pieces of graphs: components, subgraphs, lists of groups. */
#include "nest_parts.h"

#include <stdlib.h>
#include <string.h>

uint32_t xw__components(const xw_graph *g, uint32_t kind, uint32_t *comp, uint32_t *queue)
{
    const uint32_t unseen = XW_NONE - 1;
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        if (comp[v] != XW_NONE) comp[v] = unseen;
    }
    for (uint32_t r = 0; r < g->n; r++) {
        if (comp[r] != unseen) continue;
        uint32_t head = 0, tail = 0;
        comp[r] = n;
        queue[tail++] = r;
        while (head < tail) {
            const uint32_t v = queue[head++];
            for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
                const uint32_t u = g->arcs[i].to;
                if (comp[u] != unseen || g->arcs[i].kind < kind) continue;
                comp[u] = n;
                queue[tail++] = u;
            }
        }
        n++;
    }
    return n;
}

xw_status xw__subgraph(const xw_graph *g, const uint32_t *list, uint32_t n, uint32_t *local,
                       xw_graph *out, xw_error *err)
{
    size_t n_arcs = 0, k = 0;
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < n; i++) {
        n_arcs += g->start[list[i] + 1] - g->start[list[i]];
        local[list[i]] = i;
    }
    xw_graph_pair *pairs = calloc(n_arcs + 1, sizeof *pairs);
    xw_status st = XW_NOMEM;
    if (!pairs) {
        (void)xw_fail(err, XW_NOMEM, "part of %u nodes", n);
        goto fail;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = g->start[list[i]]; j < g->start[list[i] + 1]; j++) {
            const xw_arc *a = &g->arcs[j];
            if (a->to < list[i] || local[a->to] == XW_NONE) continue;
            pairs[k++] = (xw_graph_pair){i, local[a->to], a->len, a->cost, a->kind};
        }
    }
    st = xw_graph_create(n, pairs, k, out, err);
    for (uint32_t i = 0; i < n && !st; i++) out->nodes[i] = g->nodes[list[i]];
fail:
    free(pairs);
    for (uint32_t i = 0; i < n; i++) local[list[i]] = XW_NONE;
    return st;
}

void xw__list_groups(const uint32_t *of, uint32_t n, uint32_t n_groups, uint32_t *start,
                     uint32_t *order)
{
    memset(start, 0, ((size_t)n_groups + 2) * sizeof *start);
    for (uint32_t v = 0; v < n; v++) {
        if (of[v] != XW_NONE) start[of[v] + 2]++;
    }
    for (uint32_t k = 0; k < n_groups; k++) start[k + 2] += start[k + 1];
    for (uint32_t v = 0; v < n; v++) {
        if (of[v] != XW_NONE) order[start[of[v] + 1]++] = v;
    }
}

uint32_t xw__close_gaps(uint32_t *of, uint32_t n, uint32_t n_groups, uint32_t *to)
{
    uint32_t k = 0;
    memset(to, 0xff, ((size_t)n_groups + 1) * sizeof *to);
    for (uint32_t v = 0; v < n; v++) {
        if (to[of[v]] == XW_NONE) to[of[v]] = k++;
        of[v] = to[of[v]];
    }
    return k;
}
