/* Land that holds no team together: set aside before the nesting, joined to it afterwards. */
#include "nest_parts.h"

#include <stdlib.h>
#include <string.h>

/* Marks the land no household can be reached from over open boundaries, and that touches, perhaps
 * through more of its kind, a node that takes it in. */
static xw_status mark_land(xw__nesting *k, uint8_t *aside, xw_error *err)
{
    const xw_graph *g = k->g;
    const size_t n = (size_t)g->n + 2;
    const uint32_t cap = k->o->caps[k->o->n_levels - 1];
    uint32_t *comp = calloc(n, sizeof *comp), *queue = malloc(n * sizeof *queue);
    uint8_t *lived = calloc(n, 1);
    bool *linked = calloc(n, sizeof *linked);
    if (!comp || !queue || !lived || !linked) {
        free(comp);
        free(queue);
        free(lived);
        free(linked);
        return xw_fail(err, XW_NOMEM, "land of %u nodes", g->n);
    }
    for (uint32_t v = 0; v < g->n; v++) {
        if (g->nodes[v].weight > cap) comp[v] = XW_NONE;
    }
    (void)xw__components(g, XW_ARC_OPEN, comp, queue);
    for (uint32_t v = 0; v < g->n; v++) {
        if (comp[v] == XW_NONE) continue;
        if (g->nodes[v].households > 0) lived[comp[v]] = 1;
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (comp[a->to] == XW_NONE && a->kind >= XW_ARC_FAR) linked[comp[v]] = true;
        }
    }
    uint32_t head = 0, tail = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        if (comp[v] != XW_NONE && lived[comp[v]]) queue[tail++] = v;
    }
    while (head < tail) {
        const uint32_t v = queue[head++];
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const uint32_t u = g->arcs[i].to;
            if (aside[u] || comp[u] == XW_NONE || lived[comp[u]]) continue;
            aside[u] = 1;
            queue[tail++] = u;
        }
    }
    for (uint32_t v = 0; v < g->n; v++) {
        if (comp[v] == XW_NONE || lived[comp[v]] || aside[v]) continue;
        if (!linked[comp[v]]) k->outcast = true;
    }
    free(comp);
    free(queue);
    free(lived);
    free(linked);
    return XW_OK;
}

xw_status xw__put_land_aside(xw__nesting *k, xw_error *err)
{
    const uint32_t n = k->g->n;
    uint8_t *aside = calloc((size_t)n + 1, 1);
    xw_status st = aside ? mark_land(k, aside, err) : xw_fail(err, XW_NOMEM, "land of %u nodes", n);
    uint32_t kept = 0, *local = NULL;
    k->in = k->g;
    k->in_pieces = k->pieces;
    for (uint32_t v = 0; v < n && !st; v++) kept += !aside[v];
    if (!st && kept < n && !k->outcast) {
        k->list = malloc(((size_t)kept + 1) * sizeof *k->list);
        k->in_pieces = malloc(((size_t)kept + 1) * sizeof *k->in_pieces);
        local = malloc(((size_t)n + 1) * sizeof *local);
        if (!k->list || !k->in_pieces || !local) {
            st = xw_fail(err, XW_NOMEM, "land of %u nodes", n);
        } else {
            memset(local, 0xff, (size_t)n * sizeof *local);
            for (uint32_t v = 0, i = 0; v < n; v++) {
                if (!aside[v]) k->list[i++] = v;
            }
            for (uint32_t i = 0; i < kept; i++) k->in_pieces[i] = k->pieces[k->list[i]];
            st = xw__subgraph(k->g, k->list, kept, local, &k->own, err);
            k->in = &k->own;
        }
    }
    free(local);
    free(aside);
    return st;
}

/* The team next to v that takes it: the longest shared boundary, an open one counting double. */
static uint32_t host_of(const xw__nesting *k, const uint32_t *of, uint32_t v)
{
    const xw_graph *g = k->g;
    uint32_t best = XW_NONE;
    double best_score = -1;
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const uint32_t to = g->arcs[i].to, t = of[to];
        if (t == XW_NONE || g->nodes[to].weight > k->o->caps[k->o->n_levels - 1]) continue;
        double score = 0;
        for (uint32_t j = g->start[v]; j < g->start[v + 1]; j++) {
            const xw_arc *a = &g->arcs[j];
            if (of[a->to] == t) score += (double)a->len * (a->kind == XW_ARC_OPEN ? 2 : 1);
        }
        if (score > best_score || (score == best_score && t < best)) {
            best = t;
            best_score = score;
        }
    }
    return best;
}

/* The land put aside joins ring by ring; everyone chooses by the ring before. */
xw_status xw__join_land(const xw__nesting *k, xw__nest_level *team, xw_error *err)
{
    const uint32_t n = k->g->n;
    if (!k->list) return XW_OK;
    uint32_t *of = malloc(((size_t)n + 1) * sizeof *of),
             *host = malloc(((size_t)n + 1) * sizeof *host);
    uint32_t *ring = malloc(((size_t)n + 1) * sizeof *ring), left = 0;
    if (!of || !host || !ring) {
        free(of);
        free(host);
        free(ring);
        return xw_fail(err, XW_NOMEM, "land of %u nodes", n);
    }
    memset(of, 0xff, (size_t)n * sizeof *of);
    for (uint32_t i = 0; i < k->in->n; i++) of[k->list[i]] = team->of[i];
    for (uint32_t v = 0; v < n; v++) {
        if (of[v] == XW_NONE) ring[left++] = v;
    }
    for (uint32_t before = left + 1; left > 0 && left < before;) {
        before = left;
        left = 0;
        for (uint32_t i = 0; i < before; i++) host[i] = host_of(k, of, ring[i]);
        for (uint32_t i = 0; i < before; i++) {
            of[ring[i]] = host[i];
            if (host[i] == XW_NONE) ring[left++] = ring[i];
        }
    }
    free(team->of);
    team->of = of;
    free(host);
    free(ring);
    return XW_OK;
}

/* The team in the same section that touches team t over any boundary and takes its land. */
static uint32_t absorber_of(const xw__nesting *k, const xw__nest_level *team, const uint32_t *up,
                            const uint32_t *list, uint32_t n)
{
    const xw_graph *g = k->in;
    const uint32_t cap = k->o->caps[k->o->n_levels - 1];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t t = team->of[list[i]];
        for (uint32_t j = g->start[list[i]]; j < g->start[list[i] + 1]; j++) {
            const uint32_t to = g->arcs[j].to;
            if (team->of[to] == t || up[team->of[to]] != up[t]) continue;
            if (g->arcs[j].kind == XW_ARC_FAR || g->nodes[to].weight > cap) continue;
            return team->of[to];
        }
    }
    return XW_NONE;
}

xw_status xw__absorb_land(const xw__nesting *k, xw__nest_level *team, xw__nest_level *section,
                          xw_error *err)
{
    const uint32_t n = k->in->n;
    xw_status st = XW_OK;
    uint32_t *start = malloc(((size_t)n + 2) * sizeof *start);
    uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
    uint64_t *lived = calloc((size_t)n + 1, sizeof *lived);
    if (!start || !order || !lived) {
        st = xw_fail(err, XW_NOMEM, "land of %u nodes", n);
        goto fail;
    }
    xw__list_groups(team->of, n, team->n, start, order);
    for (uint32_t v = 0; v < n; v++) lived[team->of[v]] += k->in->nodes[v].households;
    for (uint32_t t = 0; t < team->n; t++) {
        if (lived[t] > 0) continue;
        const uint32_t *list = order + start[t], size = start[t + 1] - start[t];
        const uint32_t to = absorber_of(k, team, section->of, list, size);
        if (to == XW_NONE) continue;
        /* The taker is not empty afterwards even if it was: two empty teams do not swap. */
        lived[to]++;
        for (uint32_t i = 0; i < size; i++) team->of[list[i]] = to;
    }
    uint32_t *to = start; /* new numbers; those gone leave no gap */
    const uint32_t was = team->n;
    for (uint32_t t = 0; t < was; t++) order[t] = XW_NONE;
    for (uint32_t v = 0; v < n; v++) order[team->of[v]] = 0;
    team->n = 0;
    for (uint32_t t = 0; t < was; t++) {
        if (order[t] == XW_NONE) continue;
        section->of[team->n] = section->of[t];
        team->pieces[team->n] = team->pieces[t];
        to[t] = team->n++;
    }
    for (uint32_t v = 0; v < n; v++) team->of[v] = to[team->of[v]];
fail:
    free(start);
    free(order);
    free(lived);
    return st;
}
