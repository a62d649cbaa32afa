#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_NODE = 400, TIGHT_PERCENT = 3 };

/* Working arrays over the whole graph. */
typedef struct job_state {
    const xw_graph *g;
    const xw_aggregate_options *o;
    const xw_job *job;
    uint32_t conn;      /* arcs of at least this kind connect nodes with households */
    uint32_t *group_of; /* the result; XW_NONE: not yet */
    uint8_t *core;
    uint32_t n_groups;
    uint32_t *comp;  /* component of each node among the nodes that are not alone; XW_NONE: alone */
    uint32_t *order; /* nodes component by component */
    uint32_t *local; /* place of a node within its component */
    uint32_t bound;  /* sum of the components' bounds */
} job_state;

static int descending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

/* L2 for a threshold t: weights above cap - t need a bin each, those above half too, and what does
 * not fit beside the latter fills bins of its own. */
static uint32_t bound_at(const uint32_t *w, uint32_t n, uint32_t cap, uint32_t t)
{
    uint64_t big = 0, half = 0, room = 0, small = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (w[i] > cap - t) {
            big++;
        } else if (2 * (uint64_t)w[i] > cap) {
            half++;
            room += cap - w[i];
        } else if (w[i] >= t) {
            small += w[i];
        }
    }
    const uint64_t rest = small > room ? (small - room + cap - 1) / cap : 0;
    return (uint32_t)(big + half + rest);
}

uint32_t xw_bin_bound(const xw_graph_node *nodes, uint32_t n, uint32_t cap)
{
    uint64_t sum = 0, alone = 0;
    uint32_t k = 0, best;
    uint32_t *w = malloc(((size_t)n + 1) * sizeof *w);
    for (uint32_t i = 0; i < n; i++) {
        if (nodes[i].weight > cap) {
            alone++;
        } else {
            sum += nodes[i].weight;
            if (w && nodes[i].weight > 0) w[k++] = nodes[i].weight;
        }
    }
    best = (uint32_t)((sum + cap - 1) / cap);
    if (w) { /* without memory the simple bound must do */
        qsort(w, k, sizeof *w, descending);
        for (uint32_t t = 1; 2 * (uint64_t)t <= cap && t <= 64; t++) {
            const uint32_t b = bound_at(w, k, cap, t);
            if (b > best) best = b;
        }
    }
    free(w);
    return best + (uint32_t)alone;
}

/* Components of the nodes for which comp is 0 on entry (XW_NONE: left out), over arcs of at least
 * `kind`. Fills order and local. @return how many; starts[c] is where component c begins in order
 */
static uint32_t find_components(job_state *s, uint32_t kind, uint32_t *starts)
{
    const xw_graph *g = s->g;
    uint32_t n = 0, tail = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        if (s->comp[v] != XW_NONE) s->comp[v] = XW_NONE - 1; /* wanted, not reached */
    }
    for (uint32_t r = 0; r < g->n; r++) {
        if (s->comp[r] != XW_NONE - 1) continue;
        uint32_t head = tail;
        starts[n] = tail;
        s->comp[r] = n;
        s->order[tail++] = r;
        while (head < tail) {
            const uint32_t v = s->order[head++];
            for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
                const uint32_t u = g->arcs[i].to;
                if (s->comp[u] != XW_NONE - 1 || g->arcs[i].kind < kind) continue;
                s->comp[u] = n;
                s->order[tail++] = u;
            }
        }
        n++;
    }
    starts[n] = tail;
    /* Back to the order of the graph, in which neighbours are near: local counts what is filled. */
    for (uint32_t c = 0; c < n; c++) s->local[c] = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        if (s->comp[v] != XW_NONE) s->order[starts[s->comp[v]] + s->local[s->comp[v]]++] = v;
    }
    for (uint32_t i = 0; i < tail; i++) s->local[s->order[i]] = i - starts[s->comp[s->order[i]]];
    return n;
}

/* The graph of one component; arcs that leave it are dropped. */
static xw_status cut_out(const job_state *s, const uint32_t *nodes, uint32_t n, xw_graph *out,
                         xw_error *err)
{
    const xw_graph *g = s->g;
    size_t room = 1, k = 0;
    for (uint32_t i = 0; i < n; i++) room += g->start[nodes[i] + 1] - g->start[nodes[i]];
    xw_graph_pair *pairs = calloc(room, sizeof *pairs);
    if (!pairs) return xw_fail(err, XW_NOMEM, "component of %u nodes", n);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = nodes[i];
        for (uint32_t j = g->start[v]; j < g->start[v + 1]; j++) {
            const xw_arc a = g->arcs[j];
            if (a.to < v || s->comp[a.to] != s->comp[v]) continue;
            pairs[k++] = (xw_graph_pair){i, s->local[a.to], a.len, a.cost, a.kind};
        }
    }
    const xw_status st = xw_graph_create(n, pairs, k, out, err);
    free(pairs);
    if (st) return st;
    for (uint32_t i = 0; i < n; i++) out->nodes[i] = g->nodes[nodes[i]];
    return XW_OK;
}

/* How many groups a component may have: its share of what is wanted, at least its bound. */
static uint32_t wanted(const job_state *s, uint32_t bound)
{
    if (s->o->groups == 0 || s->bound == 0) return bound + bound * TIGHT_PERCENT / 100;
    const uint32_t share = (uint32_t)((uint64_t)s->o->groups * bound / s->bound);
    return share > bound ? share : bound;
}

/* One way to group a component; kept when it has fewer groups than *n_groups. */
static xw_status try_component(const job_state *s, const xw_graph *g, const uint32_t *nodes,
                               uint32_t want, uint64_t seed, uint32_t *n_groups, xw_error *err)
{
    xw__parts p;
    const uint64_t steps =
        s->o->steps > 0 ? s->o->steps * g->n / s->g->n : (uint64_t)g->n * STEPS_PER_NODE;
    xw_status st = xw__parts_init(&p, g, s->o->cap, s->conn, err);
    if (!st) st = xw__solve(&p, want, steps, seed, s->job, err);
    if (!st && p.n_groups < *n_groups) {
        *n_groups = p.n_groups;
        for (uint32_t i = 0; i < g->n; i++) s->group_of[nodes[i]] = p.of[i];
    }
    xw__parts_finish(&p);
    return st;
}

/* Groups one component by itself: group_of gets numbers from 0 on. Touches nothing else that
 * another component reads. A small one that has more groups than wanted is tried again: little room
 * has little choice, and a group more or less is a large share of it. */
static xw_status solve_component(const job_state *s, const uint32_t *nodes, uint32_t n,
                                 uint32_t *n_groups, xw_error *err)
{
    enum { SMALL = 512, TRIES = 3 };
    xw_graph g;
    xw_status st = cut_out(s, nodes, n, &g, err);
    if (st) return st;
    const uint32_t want = wanted(s, xw_bin_bound(g.nodes, n, s->o->cap));
    *n_groups = XW_NONE;
    for (uint64_t i = 0; i < (n <= SMALL ? TRIES : 1) && *n_groups > want && !st; i++) {
        st = try_component(s, &g, nodes, want, s->o->seed + nodes[0] + (i << 32), n_groups, err);
    }
    for (uint32_t i = 0; i < n; i++) s->core[nodes[i]] = 1;
    xw_graph_finish(&g);
    return st;
}

/* Nodes above the cap stay alone, whatever lies around them. */
static void set_apart(job_state *s)
{
    for (uint32_t v = 0; v < s->g->n; v++) {
        s->comp[v] = 0;
        s->group_of[v] = XW_NONE;
        if (s->g->nodes[v].weight <= s->o->cap) continue;
        s->comp[v] = XW_NONE;
        s->group_of[v] = s->n_groups++;
        s->core[v] = 1;
    }
}

static uint64_t households_of(const job_state *s, const uint32_t *nodes, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += s->g->nodes[nodes[i]].households;
    return sum;
}

typedef struct peopled { /* the components that hold households, in the order of their numbers */
    const job_state *s;
    const uint32_t *starts;
    uint32_t *comp, *made; /* which, and how many groups it became */
} peopled;

static xw_status solve_nth(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    const peopled *k = ctx;
    const uint32_t c = k->comp[i];
    (void)thread;
    return solve_component(k->s, k->s->order + k->starts[c], k->starts[c + 1] - k->starts[c],
                           &k->made[i], err);
}

static xw_status solve_peopled(job_state *s, uint32_t *starts, xw_error *err)
{
    const uint32_t n = find_components(s, s->conn, starts);
    peopled k = {s, starts, malloc(((size_t)n + 1) * sizeof *k.comp),
                 malloc(((size_t)n + 1) * sizeof *k.made)};
    xw_graph_node *nodes = malloc(((size_t)s->g->n + 1) * sizeof *nodes);
    size_t m = 0;
    xw_status st = XW_OK;
    if (!nodes || !k.comp || !k.made) {
        st = xw_fail(err, XW_NOMEM, "grouping of %u nodes", s->g->n);
        goto fail;
    }
    for (uint32_t c = 0; c < n; c++) {
        const uint32_t size = starts[c + 1] - starts[c];
        for (uint32_t i = 0; i < size; i++) nodes[i] = s->g->nodes[s->order[starts[c] + i]];
        s->bound += xw_bin_bound(nodes, size, s->o->cap);
        if (households_of(s, s->order + starts[c], size) > 0) k.comp[m++] = c;
    }
    st = xw_parallel(xw_job_threads(s->job), m, solve_nth, &k, err);
    for (size_t i = 0; i < m && !st; i++) {
        for (uint32_t j = starts[k.comp[i]]; j < starts[k.comp[i] + 1]; j++) {
            s->group_of[s->order[j]] += s->n_groups;
        }
        s->n_groups += k.made[i];
    }
fail:
    free(k.comp);
    free(k.made);
    free(nodes);
    return st;
}

typedef struct pick {
    uint32_t group;
    double score;
} pick;

/* The group next to v that takes it: the longest shared boundary, an open one counting double. A
 * node above the cap has a group to itself and takes nobody in. */
static pick best_host(const job_state *s, const uint64_t *load, const uint8_t *alone, uint32_t v)
{
    const xw_graph *g = s->g;
    pick best = {XW_NONE, -1};
    for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
        const uint32_t k = s->group_of[g->arcs[i].to];
        if (k == XW_NONE || alone[k] || load[k] + g->nodes[v].weight > s->o->cap) continue;
        double score = 0;
        for (uint32_t j = g->start[v]; j < g->start[v + 1]; j++) {
            const xw_arc *a = &g->arcs[j];
            if (s->group_of[a->to] != k) continue;
            score += (double)a->len * (a->kind == XW_ARC_OPEN ? 2 : 1);
        }
        if (score > best.score || (score == best.score && k < best.group)) best = (pick){k, score};
    }
    return best;
}

/* Nodes that no household can be reached from join whom they touch, ring by ring: everyone chooses
 * by the state of the ring before, so the order of the nodes does not matter (but for the caps). */
static xw_status attach_rest(job_state *s, xw_error *err)
{
    const xw_graph *g = s->g;
    uint64_t *load = calloc((size_t)g->n + 1, sizeof *load);
    uint8_t *alone = calloc((size_t)g->n + 1, 1);
    uint32_t *ring = malloc(((size_t)g->n + 1) * sizeof *ring);
    uint32_t *host = malloc(((size_t)g->n + 1) * sizeof *host);
    uint32_t *seen = calloc((size_t)g->n + 1, sizeof *seen);
    const bool ok = load && alone && ring && host && seen;
    uint32_t n = 0, round = 0;
    for (uint32_t v = 0; ok && v < g->n; v++) {
        if (s->group_of[v] == XW_NONE) {
            ring[n++] = v;
            continue;
        }
        load[s->group_of[v]] += g->nodes[v].weight;
        if (g->nodes[v].weight > s->o->cap) alone[s->group_of[v]] = 1;
    }
    while (ok && n > 0) {
        uint32_t next = 0, chosen = 0;
        round++;
        for (uint32_t i = 0; i < n; i++) host[i] = best_host(s, load, alone, ring[i]).group;
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t v = ring[i];
            if (host[i] != XW_NONE && load[host[i]] + g->nodes[v].weight <= s->o->cap) {
                load[host[i]] += g->nodes[v].weight;
                s->group_of[v] = host[i];
                s->core[v] = 0;
                chosen++;
                continue;
            }
            /* The neighbours of the newly joined look again; the others wait in the same list. */
            ring[next++] = v;
        }
        n = next;
        if (chosen == 0) break;
    }
    free(load);
    free(alone);
    free(ring);
    free(host);
    free(seen);
    return ok ? XW_OK : xw_fail(err, XW_NOMEM, "attaching land of %u nodes", g->n);
}

/* What touches nobody that could take it: the first piece that open boundaries hold together makes
 * groups of its own, its neighbours across a barrier join it, and so on. */
static xw_status solve_leftover(job_state *s, uint32_t *starts, xw_error *err)
{
    for (;;) {
        uint32_t left = 0;
        for (uint32_t v = 0; v < s->g->n; v++) {
            const bool free_node = s->group_of[v] == XW_NONE;
            s->comp[v] = free_node ? 0 : XW_NONE;
            left += free_node;
        }
        if (left == 0) return XW_OK;
        (void)find_components(s, s->conn, starts);
        uint32_t made = 0;
        xw_status st = solve_component(s, s->order, starts[1] - starts[0], &made, err);
        for (uint32_t i = 0; i < starts[1] && !st; i++) s->group_of[s->order[i]] += s->n_groups;
        s->n_groups += made;
        if (!st) st = attach_rest(s, err);
        if (st) return st;
    }
}

/* Numbers the groups by their first node. */
static void renumber(job_state *s, uint32_t *to)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < s->n_groups; k++) to[k] = XW_NONE;
    for (uint32_t v = 0; v < s->g->n; v++) {
        if (to[s->group_of[v]] == XW_NONE) to[s->group_of[v]] = n++;
        s->group_of[v] = to[s->group_of[v]];
    }
    s->n_groups = n;
}

xw_status xw_aggregate(const xw_graph *g, const xw_aggregate_options *o, const xw_job *job,
                       uint32_t *group_of, uint8_t *core, uint32_t *n_groups, xw_error *err)
{
    *n_groups = 0;
    if (o->cap == 0) return xw_fail(err, XW_INPUT, "cap 0");
    if (g->n == 0) return XW_OK;
    const size_t n = (size_t)g->n + 2;
    job_state s = {.g = g, .o = o, .job = job, .group_of = group_of};
    s.conn = o->far_connects ? XW_ARC_FAR : XW_ARC_OPEN;
    s.core = calloc(n, 1);
    s.comp = malloc(n * sizeof *s.comp);
    s.order = malloc(n * sizeof *s.order);
    s.local = malloc(n * sizeof *s.local);
    uint32_t *starts = malloc(n * sizeof *starts);
    xw_status st = XW_OK;
    if (!s.core || !s.comp || !s.order || !s.local || !starts) {
        st = xw_fail(err, XW_NOMEM, "grouping of %u nodes", g->n);
        goto fail;
    }
    set_apart(&s);
    st = solve_peopled(&s, starts, err);
    if (!st) st = attach_rest(&s, err);
    if (!st) st = solve_leftover(&s, starts, err);
    if (st) goto fail;
    renumber(&s, starts);
    if (core) memcpy(core, s.core, g->n);
    *n_groups = s.n_groups;
fail:
    free(s.core);
    free(s.comp);
    free(s.order);
    free(s.local);
    free(starts);
    return st;
}
