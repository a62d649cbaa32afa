#include "rebuild_heal.h"

#include "xiwang/aggregate.h"

#include <stdlib.h>
#include <string.h>

xw_status xw__heal_init(xw__heal *h, const xw_graph *g, const xw__heal_options *o, uint32_t n_homes,
                        const uint32_t *home, const uint32_t *mass, const uint8_t *frozen,
                        xw_error *err)
{
    const size_t n = (size_t)g->n + 1, groups = (size_t)n_homes + n;
    *h = (xw__heal){.g = g, .o = *o, .home = home, .mass = mass, .frozen = frozen};
    h->of = malloc(n * sizeof *h->of);
    h->why = calloc(n, 1);
    h->founded = calloc(groups, 1);
    h->groups = calloc(groups, sizeof *h->groups);
    h->next = malloc(n * sizeof *h->next);
    h->prev = malloc(n * sizeof *h->prev);
    h->mark = calloc(n, sizeof *h->mark);
    h->open = calloc(n, sizeof *h->open);
    h->queue = malloc(n * sizeof *h->queue);
    h->list = malloc(n * sizeof *h->list);
    h->arc_mark = calloc((size_t)g->start[g->n] + 1, sizeof *h->arc_mark);
    if (!h->of || !h->why || !h->founded || !h->groups || !h->next || !h->prev || !h->mark ||
        !h->open || !h->queue || !h->list || !h->arc_mark) {
        xw__heal_finish(h);
        return xw_fail(err, XW_NOMEM, "repair of %u nodes", g->n);
    }
    h->n_homes = h->n_groups = n_homes;
    for (uint32_t k = 0; k < n_homes; k++) h->groups[k].head = XW_NONE;
    for (uint32_t v = 0; v < g->n; v++) h->of[v] = XW_NONE;
    for (uint32_t v = 0; v < g->n; v++) {
        if (!xw__heal_is_frozen(h, v) && home[v] != XW_NONE) xw__heal_put(h, v, home[v], 0);
    }
    return XW_OK;
}

void xw__heal_finish(xw__heal *h)
{
    free(h->of);
    free(h->why);
    free(h->founded);
    free(h->groups);
    free(h->next);
    free(h->prev);
    free(h->mark);
    free(h->open);
    free(h->queue);
    free(h->list);
    free(h->arc_mark);
    memset(h, 0, sizeof *h);
}

uint32_t xw__heal_stamp(xw__heal *h) { return ++h->stamp; }

void xw__heal_put(xw__heal *h, uint32_t v, uint32_t k, unsigned why)
{
    const uint32_t was = h->of[v];
    if (was != XW_NONE) {
        xw__heal_group *from = &h->groups[was];
        if (h->prev[v] != XW_NONE) {
            h->next[h->prev[v]] = h->next[v];
        } else {
            from->head = h->next[v];
        }
        if (h->next[v] != XW_NONE) h->prev[h->next[v]] = h->prev[v];
        from->count--;
        from->weight -= h->g->nodes[v].weight;
    }
    h->of[v] = k;
    h->why[v] = (uint8_t)why;
    if (k == XW_NONE) return;
    xw__heal_group *to = &h->groups[k];
    h->next[v] = to->head;
    h->prev[v] = XW_NONE;
    if (to->head != XW_NONE) h->prev[to->head] = v;
    to->head = v;
    to->count++;
    to->weight += h->g->nodes[v].weight;
}

uint32_t xw__heal_found(xw__heal *h, unsigned why)
{
    h->groups[h->n_groups] = (xw__heal_group){.head = XW_NONE};
    h->founded[h->n_groups] = (uint8_t)why;
    return h->n_groups++;
}

uint32_t xw__heal_found_in(xw__heal *h, unsigned why, uint32_t parent)
{
    const uint32_t k = xw__heal_found(h, why);
    if (h->parent && parent != XW_NONE) {
        h->parent[k] = parent;
        if (h->spare[parent] > 0) h->spare[parent]--;
    }
    return k;
}

/* Number of nodes reached from s among those with mark == in; open: over ties of households. */
static uint32_t reach(xw__heal *h, uint32_t s, uint32_t in, bool open, uint32_t *seen,
                      uint32_t stamp)
{
    uint32_t n = 0, done = 0;
    h->queue[n++] = s;
    seen[s] = stamp;
    while (done < n) {
        const uint32_t v = h->queue[done++];
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const xw_arc *a = &h->g->arcs[i];
            const bool inside = h->mark[a->to] == in || h->mark[a->to] == stamp;
            if (!inside || seen[a->to] == stamp) continue;
            if (open ? !xw__heal_tie_open(h, a) : !xw__heal_tie_any(h, v, a)) continue;
            seen[a->to] = stamp;
            h->queue[n++] = a->to;
        }
    }
    return n;
}

bool xw__heal_valid(xw__heal *h, uint32_t k, uint32_t plus, uint32_t minus)
{
    const uint32_t in = xw__heal_stamp(h), seen = xw__heal_stamp(h);
    uint32_t n = 0, peopled = XW_NONE;
    for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
        if (v != minus) h->list[n++] = v;
    }
    if (plus != XW_NONE) h->list[n++] = plus;
    for (uint32_t i = 0; i < n; i++) {
        h->mark[h->list[i]] = in;
        if (h->g->nodes[h->list[i]].households > 0) peopled = h->list[i];
    }
    if (n == 0) return false;
    if (n == 1) return true;
    if (peopled != XW_NONE) {
        (void)reach(h, peopled, in, true, h->open, seen);
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t v = h->list[i];
            if (h->g->nodes[v].households > 0 && h->open[v] != seen) return false;
        }
    }
    return reach(h, h->list[0], in, false, h->mark, seen) == n;
}

void xw__heal_core(xw__heal *h, uint8_t *core)
{
    memset(core, 0, h->g->n);
    for (uint32_t k = 0; k < h->n_groups; k++) {
        const uint32_t in = xw__heal_stamp(h), seen = xw__heal_stamp(h);
        uint32_t from = XW_NONE;
        for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
            h->mark[v] = in;
            if (from == XW_NONE || h->g->nodes[v].households > h->g->nodes[from].households ||
                (h->g->nodes[v].households == h->g->nodes[from].households && v < from)) {
                from = v;
            }
        }
        if (from == XW_NONE) continue;
        const uint32_t n = reach(h, from, in, true, h->open, seen);
        for (uint32_t i = 0; i < n; i++) core[h->queue[i]] = 1;
    }
    for (uint32_t v = 0; v < h->g->n; v++) core[v] = core[v] || xw__heal_is_frozen(h, v);
}

double xw__heal_cost(const xw__heal *h, uint32_t v, uint32_t k)
{
    double sum = 0;
    for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
        const xw_arc *a = &h->g->arcs[i];
        if (h->of[a->to] == k && a->kind != XW_ARC_SHUT) sum += (double)a->cost;
    }
    return sum;
}

bool xw__heal_fits(xw__heal *h, uint32_t v, uint32_t k)
{
    const xw__heal_group *to = &h->groups[k];
    const uint32_t weight = h->g->nodes[v].weight;
    if (to->count == 0 || (to->closed && h->home[v] != k)) return false;
    if (weight > 0 && (uint64_t)to->weight + weight > h->o.cap) return false;
    return xw__heal_valid(h, k, v, XW_NONE);
}

/* What kind of arc v may join over: ties of households first, then land across a barrier, then land
 * that touches nothing. */
typedef enum way { WAY_OPEN, WAY_SHUT, WAY_FAR } way;

static bool is_way(const xw__heal *h, uint32_t v, const xw_arc *a, way w)
{
    switch (w) {
    case WAY_OPEN:
        return xw__heal_tie_open(h, a);
    case WAY_SHUT:
        return a->kind == XW_ARC_SHUT && h->g->nodes[v].households == 0;
    default:
        return a->kind == XW_ARC_FAR && xw__heal_tie_any(h, v, a);
    }
}

/* Joins v to the neighbour with the dearest common boundary that has room. */
static bool join(xw__heal *h, uint32_t v, way w, unsigned why)
{
    uint32_t tried[64], n = 0;
    while (n < 64) {
        uint32_t best = XW_NONE;
        double most = -1;
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const xw_arc *a = &h->g->arcs[i];
            const uint32_t k = h->of[a->to];
            bool known = k == XW_NONE || !is_way(h, v, a, w);
            for (uint32_t t = 0; t < n && !known; t++) known = tried[t] == k;
            if (known) continue;
            const double cost = xw__heal_cost(h, v, k) + (h->home[v] == k ? 1e9 : 0);
            if (cost < most || (best != XW_NONE && !(cost > most) && k >= best)) continue;
            best = k;
            most = cost;
        }
        if (best == XW_NONE) return false;
        if (xw__heal_fits(h, v, best)) {
            xw__heal_put(h, v, best, why);
            return true;
        }
        tried[n++] = best;
    }
    return false;
}

/* Joins loose nodes, with weight or without, until nothing moves any more. */
static void join_all(xw__heal *h, bool heavy, way w)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t v = 0; v < h->g->n; v++) {
            if (!xw__heal_is_loose(h, v) || (h->g->nodes[v].weight > 0) != heavy) continue;
            moved = join(h, v, w, h->why[v]) || moved;
        }
    }
}

/* The loose nodes with weight that hang together with s, in h->list; their weight. */
static uint32_t cluster_of(xw__heal *h, uint32_t s, uint64_t *weight)
{
    const uint32_t seen = xw__heal_stamp(h);
    uint32_t n = 0;
    *weight = 0;
    h->list[n++] = s;
    h->mark[s] = seen;
    for (uint32_t done = 0; done < n; done++) {
        const uint32_t v = h->list[done];
        *weight += h->g->nodes[v].weight;
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const xw_arc *a = &h->g->arcs[i];
            if (h->mark[a->to] == seen || !xw__heal_is_loose(h, a->to)) continue;
            if (h->g->nodes[a->to].weight == 0 || !xw__heal_tie_open(h, a)) continue;
            h->mark[a->to] = seen;
            h->list[n++] = a->to;
        }
    }
    return n;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The graph of some nodes: arcs among them. */
static xw_status sub_graph(const xw__heal *h, const uint32_t *nodes, uint32_t n, uint32_t *local,
                           xw_graph *out, xw_error *err)
{
    size_t k = 0, most = 1;
    for (uint32_t i = 0; i < n; i++) {
        local[nodes[i]] = i;
        most += h->g->start[nodes[i] + 1] - h->g->start[nodes[i]];
    }
    xw_graph_pair *pairs = calloc(most, sizeof *pairs);
    if (!pairs) return xw_fail(err, XW_NOMEM, "estate of %u nodes", n);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = h->g->start[nodes[i]]; j < h->g->start[nodes[i] + 1]; j++) {
            const xw_arc *a = &h->g->arcs[j];
            const uint32_t to = local[a->to];
            if (to >= n || nodes[to] != a->to || to <= i) continue;
            pairs[k++] = (xw_graph_pair){i, to, a->len, a->cost, a->kind};
        }
    }
    const xw_status st = xw_graph_create(n, pairs, k, out, err);
    free(pairs);
    for (uint32_t i = 0; i < n && !st; i++) out->nodes[i] = h->g->nodes[nodes[i]];
    return st;
}

/* Groups some nodes among themselves as new groups. The nodes stay where they are if they already
 * belong to group `keep` and are the heaviest part (by mass, then weight) of it. */
static xw_status regroup(xw__heal *h, const uint32_t *nodes, uint32_t n, uint32_t keep,
                         unsigned why, const xw_job *job, xw_error *err)
{
    const xw_aggregate_options o = {.cap = h->o.cap, .seed = h->o.seed, .far_connects = h->o.far};
    uint32_t n_groups = 0, *local = calloc((size_t)h->g->n + 1, sizeof *local);
    uint32_t *group = malloc(((size_t)n + 1) * sizeof *group);
    uint64_t *mass = NULL;
    xw_graph g = {0};
    xw_status st = local && group ? sub_graph(h, nodes, n, local, &g, err)
                                  : xw_fail(err, XW_NOMEM, "estate of %u nodes", n);
    if (!st) st = xw_aggregate(&g, &o, job, group, NULL, &n_groups, err);
    if (!st && !(mass = calloc((size_t)n_groups + 1, sizeof *mass))) {
        st = xw_fail(err, XW_NOMEM, "estate of %u groups", n_groups);
    }
    if (!st) {
        uint32_t heir = XW_NONE, first = h->n_groups;
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t m = h->home[nodes[i]] == keep ? h->mass[nodes[i]] : 0;
            mass[group[i]] += ((uint64_t)m << 32) + h->g->nodes[nodes[i]].weight;
        }
        for (uint32_t k = 0; k < n_groups && keep != XW_NONE; k++) {
            if (heir == XW_NONE || mass[k] > mass[heir]) heir = k;
        }
        for (uint32_t k = 0; k < n_groups; k++) {
            if (k != heir) (void)xw__heal_found(h, why);
        }
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t k = group[i];
            if (k == heir) continue;
            xw__heal_put(h, nodes[i], first + k - (heir != XW_NONE && k > heir), why);
        }
    }
    free(local);
    free(group);
    free(mass);
    xw_graph_finish(&g);
    return st;
}

/* Clusters too heavy for one group are grouped at once. */
static xw_status found_estates(xw__heal *h, const xw_job *job, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t v = 0; v < h->g->n && !st; v++) {
        if (!xw__heal_is_loose(h, v) || h->g->nodes[v].weight == 0) continue;
        uint64_t weight;
        const uint32_t n = cluster_of(h, v, &weight);
        if (weight <= h->o.cap) continue;
        uint32_t *nodes = malloc(n * sizeof *nodes);
        if (!nodes) return xw_fail(err, XW_NOMEM, "estate of %u nodes", n);
        memcpy(nodes, h->list, n * sizeof *nodes);
        qsort(nodes, n, sizeof *nodes, ascending);
        unsigned why = XW_LINEAGE_ESTATE;
        for (uint32_t i = 0; i < n; i++) {
            if (h->home[nodes[i]] != XW_NONE) why = h->why[nodes[i]];
        }
        st = regroup(h, nodes, n, XW_NONE, why, job, err);
        free(nodes);
    }
    return st;
}

/* A parent with room of a neighbour of v. */
static uint32_t spare_near(const xw__heal *h, uint32_t v)
{
    for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
        const uint32_t k = h->of[h->g->arcs[i].to];
        const bool tied = k != XW_NONE && xw__heal_tie_open(h, &h->g->arcs[i]);
        if (tied && xw__heal_has_spare(h, k)) return h->parent[k];
    }
    return XW_NONE;
}

/* A group of its own for v and the loose nodes with weight next to it, up to the cap. */
static void found_small(xw__heal *h, uint32_t v)
{
    uint64_t weight;
    const unsigned why = h->why[v];
    const uint32_t parent = spare_near(h, v);
    const uint32_t n = cluster_of(h, v, &weight), k = xw__heal_found_in(h, why, parent);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t u = h->list[i], w = h->g->nodes[u].weight;
        if (sum > 0 && sum + w > h->o.cap) continue;
        bool tied = i == 0; /* to those taken before: the list is in breadth-first order */
        for (uint32_t j = h->g->start[u]; j < h->g->start[u + 1] && !tied; j++) {
            tied = h->of[h->g->arcs[j].to] == k && xw__heal_tie_open(h, &h->g->arcs[j]);
        }
        if (!tied) continue;
        xw__heal_put(h, u, k, h->why[u]);
        sum += w;
    }
}

static xw_status place_heavy(xw__heal *h, xw_error *err)
{
    for (uint32_t v = 0; v < h->g->n; v++) {
        if (!xw__heal_is_loose(h, v) || h->g->nodes[v].weight == 0) continue;
        bool done = join(h, v, WAY_OPEN, h->why[v]);
        if (!done && h->o.chain_most > 0) {
            xw_status st = xw__heal_chain(h, v, XW_NONE, h->why[v], false, &done, err);
            /* A group more, then: here when a parent has room for it, else where one has. */
            if (!st && !done && h->parent && spare_near(h, v) == XW_NONE) {
                st = xw__heal_chain(h, v, XW_NONE, h->why[v], true, &done, err);
            }
            if (st) return st;
        }
        if (!done && h->g->nodes[v].households == 0) done = join(h, v, WAY_SHUT, h->why[v]);
        if (!done) found_small(h, v);
    }
    return XW_OK;
}

/* Nodes of a group that is too heavy leave it: along chains, else it is split. */
static xw_status relieve(xw__heal *h, uint32_t k, const xw_job *job, xw_error *err)
{
    while (h->groups[k].weight > h->o.cap && h->groups[k].count > 1) {
        bool done = false;
        xw_status st = XW_OK;
        if (h->o.chain_most > 0)
            st = xw__heal_chain(h, XW_NONE, k, XW_LINEAGE_CAP, false, &done, err);
        if (st) return st;
        if (done) continue;
        const uint32_t n = h->groups[k].count;
        uint32_t *nodes = malloc(n * sizeof *nodes), i = 0;
        if (!nodes) return xw_fail(err, XW_NOMEM, "group of %u nodes", n);
        for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) nodes[i++] = v;
        qsort(nodes, n, sizeof *nodes, ascending);
        st = regroup(h, nodes, n, k, XW_LINEAGE_CAP, job, err);
        free(nodes);
        return st;
    }
    return XW_OK;
}

/* Merges k into a neighbour when both lost weight, one is at most half full, and both fit. */
static xw_status merge(xw__heal *h, uint32_t k, xw_error *err)
{
    const xw__heal_group *a = &h->groups[k];
    uint32_t best = XW_NONE;
    double most = -1;
    if (a->count == 0 || a->lost == 0 || 2 * (uint64_t)a->weight > h->o.cap) return XW_OK;
    for (uint32_t v = a->head; v != XW_NONE; v = h->next[v]) {
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const uint32_t t = h->of[h->g->arcs[i].to];
            if (t == XW_NONE || t == k || !xw__heal_tie_open(h, &h->g->arcs[i])) continue;
            const xw__heal_group *b = &h->groups[t];
            if (b->lost == 0 || b->closed || (uint64_t)a->weight + b->weight > h->o.cap) continue;
            double cost = 0;
            for (uint32_t u = a->head; u != XW_NONE; u = h->next[u]) cost += xw__heal_cost(h, u, t);
            if (cost < most || (best != XW_NONE && !(cost > most) && t >= best)) continue;
            best = t;
            most = cost;
        }
    }
    if (best == XW_NONE) return XW_OK;
    const uint32_t to = h->groups[best].weight >= a->weight ? best : k, from = to == k ? best : k;
    uint32_t n = 0;
    for (uint32_t v = h->groups[from].head; v != XW_NONE; v = h->next[v]) h->list[n++] = v;
    uint32_t *moved = malloc(((size_t)n + 1) * sizeof *moved);
    if (!moved) return xw_fail(err, XW_NOMEM, "group of %u nodes", n);
    memcpy(moved, h->list, n * sizeof *moved);
    for (uint32_t i = 0; i < n; i++) xw__heal_put(h, moved[i], to, XW_LINEAGE_MERGED);
    if (!xw__heal_valid(h, to, XW_NONE, XW_NONE)) {
        for (uint32_t i = 0; i < n; i++) xw__heal_put(h, moved[i], from, 0);
    }
    free(moved);
    return XW_OK;
}

/* Groups that lost all their weight: their land is free for the neighbours. */
static void dissolve_empty(xw__heal *h)
{
    for (uint32_t k = 0; k < h->n_homes; k++) {
        if (h->groups[k].weight > 0 || h->groups[k].lost == 0) continue;
        while (h->groups[k].head != XW_NONE) {
            xw__heal_put(h, h->groups[k].head, XW_NONE, XW_LINEAGE_GONE);
        }
    }
}

xw_status xw__heal_run(xw__heal *h, const xw_job *job, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t v = 0; v < h->g->n; v++) {
        if (h->home[v] == XW_NONE && h->why[v] == 0) h->why[v] = XW_LINEAGE_BUILDING;
    }
    dissolve_empty(h);
    for (uint32_t k = 0; k < h->n_homes; k++) xw__heal_settle(h, k);
    join_all(h, false, WAY_OPEN);
    for (uint32_t k = 0; k < h->n_homes && !st; k++) st = relieve(h, k, job, err);
    join_all(h, true, WAY_OPEN);
    if (!st) st = found_estates(h, job, err);
    join_all(h, false, WAY_OPEN);
    if (!st) st = place_heavy(h, err);
    for (int w = WAY_OPEN; w <= WAY_FAR; w++) join_all(h, false, (way)w);
    join_all(h, false, WAY_OPEN); /* what touches only land that came across a barrier */
    for (uint32_t v = 0; v < h->g->n && !st; v++) {
        if (!xw__heal_is_loose(h, v)) continue;
        const uint32_t k = xw__heal_found(h, h->why[v]);
        xw__heal_put(h, v, k, h->why[v]);
        for (int w = WAY_OPEN; w <= WAY_FAR; w++) join_all(h, false, (way)w);
    }
    for (uint32_t k = 0; k < h->n_homes && !st; k++) st = merge(h, k, err);
    return st;
}
