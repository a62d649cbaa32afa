/* Groups that no longer hang together. First what is free is taken to bridge the gap: land that
 * belongs to nobody now, or a new building that still has room in the group; by the path that takes
 * the least weight (Dijkstra). Else the part with most of the group's households of before stays
 * and the others become loose. */
#include "rebuild_heal.h"

enum { BRIDGE_MOST = 400 }; /* loose nodes looked at for one bridge */

typedef struct part { /* a connected part of a group, by its first node */
    uint64_t mass, weight;
    uint32_t first;
    bool peopled;
} part;

static bool ties(const xw__heal *h, uint32_t v, const xw_arc *a, bool open)
{
    return open ? xw__heal_tie_open(h, a) : xw__heal_tie_any(h, v, a);
}

/* Marks the part of s with a stamp and sums it up. */
static part flood(xw__heal *h, uint32_t s, uint32_t k, bool open, uint32_t stamp)
{
    part p = {.first = s};
    uint32_t n = 0;
    h->queue[n++] = s;
    h->mark[s] = stamp;
    for (uint32_t done = 0; done < n; done++) {
        const uint32_t v = h->queue[done];
        const xw_graph_node *node = &h->g->nodes[v];
        p.mass += h->home[v] == k ? h->mass[v] : 0;
        p.weight += node->weight;
        p.peopled = p.peopled || node->households > 0;
        if (v < p.first) p.first = v;
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const xw_arc *a = &h->g->arcs[i];
            if (h->of[a->to] != k || h->mark[a->to] == stamp || !ties(h, v, a, open)) continue;
            h->mark[a->to] = stamp;
            h->queue[n++] = a->to;
        }
    }
    return p;
}

static bool is_better(const part *a, const part *b)
{
    if (a->mass != b->mass) return a->mass > b->mass;
    if (a->weight != b->weight) return a->weight > b->weight;
    return a->first < b->first;
}

/* The part that stays; parts: how many there are (only those with households when open). Its nodes
 * end up marked with *stamp, no others do. */
static part main_part(xw__heal *h, uint32_t k, bool open, uint32_t *parts, uint32_t *stamp)
{
    const uint32_t from = h->stamp;
    part best = {0};
    *parts = 0;
    for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
        if (h->mark[v] > from) continue; /* in a part seen already: stamps only grow */
        if (open && h->g->nodes[v].households == 0) continue;
        const part p = flood(h, v, k, open, xw__heal_stamp(h));
        if (++*parts == 1 || is_better(&p, &best)) best = p;
    }
    *stamp = xw__heal_stamp(h);
    if (*parts > 0) (void)flood(h, best.first, k, open, *stamp);
    return best;
}

static bool may_bridge(const xw__heal *h, uint32_t v, bool open)
{
    return xw__heal_is_loose(h, v) && h->mass[v] == 0 && (open || h->g->nodes[v].households == 0);
}

/* Dijkstra over loose nodes from the nodes marked `main` to others of group k; the path joins. */
static bool bridge(xw__heal *h, uint32_t k, bool open, uint32_t main)
{
    uint32_t node[BRIDGE_MOST], from[BRIDGE_MOST], n = 0;
    uint64_t cost[BRIDGE_MOST];
    bool done[BRIDGE_MOST];
    const uint64_t room = h->groups[k].weight < h->o.cap ? h->o.cap - h->groups[k].weight : 0;
    const uint32_t seen = xw__heal_stamp(h); /* of loose nodes in the list */
    for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
        if (h->mark[v] != main) continue;
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1] && n < BRIDGE_MOST; i++) {
            const xw_arc *a = &h->g->arcs[i];
            const uint64_t w = h->g->nodes[a->to].weight;
            if (!may_bridge(h, a->to, open) || h->mark[a->to] == seen || !ties(h, v, a, open))
                continue;
            if (w > room) continue;
            h->mark[a->to] = seen;
            node[n] = a->to;
            from[n] = XW_NONE;
            cost[n] = w;
            done[n++] = false;
        }
    }
    for (;;) {
        uint32_t at = XW_NONE;
        for (uint32_t i = 0; i < n; i++) {
            if (done[i]) continue;
            if (at == XW_NONE || cost[i] < cost[at] ||
                (cost[i] == cost[at] && node[i] < node[at])) {
                at = i;
            }
        }
        if (at == XW_NONE) return false;
        done[at] = true;
        const uint32_t v = node[at];
        for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
            const xw_arc *a = &h->g->arcs[i];
            if (!ties(h, v, a, open)) continue;
            const bool other = h->of[a->to] == k && h->mark[a->to] != main &&
                               (!open || h->g->nodes[a->to].households > 0);
            if (other) {
                for (uint32_t p = at; p != XW_NONE; p = from[p]) {
                    xw__heal_put(h, node[p], k, h->why[node[p]]);
                }
                return true;
            }
            const uint64_t c = cost[at] + h->g->nodes[a->to].weight;
            if (!may_bridge(h, a->to, open) || h->mark[a->to] == seen || c > room) continue;
            if (n == BRIDGE_MOST) continue;
            h->mark[a->to] = seen;
            node[n] = a->to;
            from[n] = at;
            cost[n] = c;
            done[n++] = false;
        }
    }
}

/* Lets go what is not marked: everything, or only parts with households when open. */
static void drop(xw__heal *h, uint32_t k, bool open, uint32_t main)
{
    uint32_t n = 0;
    const uint32_t from = h->stamp;
    for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
        if (h->mark[v] == main || h->mark[v] > from) continue;
        if (open && h->g->nodes[v].households == 0) continue;
        const uint32_t stamp = xw__heal_stamp(h);
        (void)flood(h, v, k, open, stamp);
    }
    for (uint32_t v = h->groups[k].head; v != XW_NONE; v = h->next[v]) {
        if (open ? h->mark[v] > from : h->mark[v] != main) h->list[n++] = v;
    }
    for (uint32_t i = 0; i < n; i++) xw__heal_put(h, h->list[i], XW_NONE, XW_LINEAGE_TORN);
}

void xw__heal_settle(xw__heal *h, uint32_t k)
{
    for (int open = 1; open >= 0;) {
        uint32_t parts, stamp;
        if (h->groups[k].count < 2) return;
        (void)main_part(h, k, open, &parts, &stamp);
        if (parts < 2) {
            open--;
            continue;
        }
        if (bridge(h, k, open, stamp)) continue;
        drop(h, k, open, stamp);
    }
}
