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

/* Working arrays of absorbing. */
typedef struct sponge {
    const xw__nesting *k;
    xw__nest *nest;
    uint32_t *start, *order; /* nodes by team */
    uint64_t *lived;         /* households of each team */
    uint32_t *mark, *queue;  /* of nodes */
    uint32_t stamp;
} sponge;

/* The grid of a team at a coarser level. */
static uint32_t up_of(const sponge *s, uint32_t team, uint32_t level)
{
    for (uint32_t l = s->k->o->n_levels - 1; l-- > level;) team = s->nest->levels[l].of[team];
    return team;
}

/* Does the grid of team t at a level hold together without it, and is there more of it? */
static bool holds_without(sponge *s, uint32_t t, uint32_t level)
{
    const xw_graph *g = s->k->in;
    const uint32_t *team = s->nest->levels[s->k->o->n_levels - 1].of, own = up_of(s, t, level);
    uint32_t head = 0, tail = 0, left = 0;
    s->stamp++;
    for (uint32_t v = 0; v < g->n; v++) {
        if (team[v] == t || up_of(s, team[v], level) != own) continue;
        left++;
        if (tail > 0) continue;
        s->mark[v] = s->stamp;
        s->queue[tail++] = v;
    }
    while (head < tail) {
        const uint32_t v = s->queue[head++];
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const uint32_t u = g->arcs[i].to;
            if (s->mark[u] == s->stamp || g->arcs[i].kind < XW_ARC_FAR || team[u] == t) continue;
            if (up_of(s, team[u], level) != own) continue;
            s->mark[u] = s->stamp;
            s->queue[tail++] = u;
        }
    }
    return left > 0 && tail == left;
}

/* May the land of team t go to a team of another section? */
static bool may_leave(sponge *s, uint32_t t, uint32_t to)
{
    for (uint32_t l = s->k->o->n_levels - 1; l-- > 0;) {
        if (up_of(s, t, l) == up_of(s, to, l)) return true;
        if (!holds_without(s, t, l)) return false;
    }
    return true;
}

/* The team that takes the land of team t, which it touches over any boundary, the longest: one of
 * its own section, else one that people live in and whose taking it leaves the sections whole. */
static uint32_t absorber_of(sponge *s, uint32_t t, bool inside)
{
    const xw_graph *g = s->k->in;
    const uint32_t last = s->k->o->n_levels - 1, cap = s->k->o->caps[last];
    const uint32_t *team = s->nest->levels[last].of, *up = s->nest->levels[last - 1].of;
    uint32_t best = XW_NONE;
    float best_len = 0;
    for (uint32_t i = s->start[t]; i < s->start[t + 1]; i++) {
        const uint32_t v = s->order[i];
        for (uint32_t j = g->start[v]; j < g->start[v + 1]; j++) {
            const xw_arc *a = &g->arcs[j];
            const uint32_t k = team[a->to];
            if (k == t || a->len <= best_len || g->nodes[a->to].weight > cap) continue;
            if (inside ? up[k] != up[t] : s->lived[k] == 0 || !may_leave(s, t, k)) continue;
            best = k;
            best_len = a->len;
        }
    }
    return best;
}

static bool absorb(sponge *s, uint32_t was)
{
    bool any = false;
    uint32_t *of = s->nest->levels[s->k->o->n_levels - 1].of;
    for (uint32_t t = 0; t < was; t++) {
        if (s->lived[t] > 0) continue;
        uint32_t to = absorber_of(s, t, true);
        if (to == XW_NONE) to = absorber_of(s, t, false);
        if (to == XW_NONE) continue;
        /* A taker that is empty itself waits for the next time: two empty teams do not swap. */
        s->lived[to]++;
        any = true;
        for (uint32_t i = s->start[t]; i < s->start[t + 1]; i++) of[s->order[i]] = to;
    }
    return any;
}

/* New numbers for the teams that are left; those gone leave no gap. */
static void close_teams(sponge *s, uint32_t was)
{
    const uint32_t n = s->k->in->n, last = s->k->o->n_levels - 1;
    xw__nest_level *team = &s->nest->levels[last], *section = &s->nest->levels[last - 1];
    uint32_t *to = s->start;
    for (uint32_t t = 0; t < was; t++) s->order[t] = XW_NONE;
    for (uint32_t v = 0; v < n; v++) s->order[team->of[v]] = 0;
    team->n = 0;
    for (uint32_t t = 0; t < was; t++) {
        if (s->order[t] == XW_NONE) continue;
        section->of[team->n] = section->of[t];
        team->pieces[team->n] = team->pieces[t];
        to[t] = team->n++;
    }
    for (uint32_t v = 0; v < n; v++) team->of[v] = to[team->of[v]];
}

xw_status xw__absorb_land(const xw__nesting *k, xw__nest *nest, xw_error *err)
{
    const uint32_t n = k->in->n, last = k->o->n_levels - 1;
    xw_status st = XW_OK;
    sponge s = {.k = k, .nest = nest};
    s.start = malloc(((size_t)n + 2) * sizeof *s.start);
    s.order = malloc(((size_t)n + 1) * sizeof *s.order);
    s.lived = calloc((size_t)n + 1, sizeof *s.lived);
    s.mark = calloc((size_t)n + 1, sizeof *s.mark);
    s.queue = malloc(((size_t)n + 1) * sizeof *s.queue);
    if (s.start && s.order && s.lived && s.mark && s.queue) {
        for (bool again = true; again;) {
            const uint32_t was = nest->levels[last].n;
            xw__list_groups(nest->levels[last].of, n, was, s.start, s.order);
            memset(s.lived, 0, (size_t)was * sizeof *s.lived);
            for (uint32_t v = 0; v < n; v++) {
                s.lived[nest->levels[last].of[v]] += k->in->nodes[v].households;
            }
            again = absorb(&s, was);
            close_teams(&s, was);
        }
    } else {
        st = xw_fail(err, XW_NOMEM, "land of %u nodes", n);
    }
    free(s.start);
    free(s.order);
    free(s.lived);
    free(s.mark);
    free(s.queue);
    return st;
}
