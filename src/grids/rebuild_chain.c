/* Ejection chains (rebuild.h): a group that gets too heavy passes one node on to a neighbour, which
 * may pass another on, until one has room. The search is Dijkstra's over moves (node, new group):
 * cheapest mass first, then the boundary that the moves make. */
#include "rebuild_heal.h"

#include <stdlib.h>

enum { MOVES_MOST = 4000, LENGTH_MOST = 8 };
#define FOUND (XW_NONE - 1) /* as a group: one of its own */

typedef struct move {
    uint64_t cost;
    uint32_t mass, node, to,
        from_move; /* from_move: index of the move before, XW_NONE: the first */
    uint32_t length;
} move;

typedef struct search {
    xw__heal *h;
    move *moves;
    uint32_t n, n_heap, *heap; /* binary heap of moves by (cost, index) */
    uint32_t start;            /* the group that is too heavy, XW_NONE for a loose node */
    uint32_t stamp;
    uint32_t most; /* mass of a chain */
    bool founds;   /* chains may end with a group that begins */
} search;

static bool before(const search *s, uint32_t a, uint32_t b)
{
    const move *x = &s->moves[a], *y = &s->moves[b];
    return x->cost != y->cost ? x->cost < y->cost : a < b;
}

static void push(search *s, move m)
{
    if (s->n == MOVES_MOST) return;
    s->moves[s->n] = m;
    uint32_t i = s->n_heap++;
    s->heap[i] = s->n++;
    while (i > 0 && before(s, s->heap[i], s->heap[(i - 1) / 2])) {
        const uint32_t t = s->heap[i];
        s->heap[i] = s->heap[(i - 1) / 2];
        s->heap[(i - 1) / 2] = t;
        i = (i - 1) / 2;
    }
}

static uint32_t pop(search *s)
{
    const uint32_t top = s->heap[0];
    s->heap[0] = s->heap[--s->n_heap];
    for (uint32_t i = 0;;) {
        uint32_t least = i;
        for (uint32_t c = 2 * i + 1; c < 2 * i + 3 && c < s->n_heap; c++) {
            if (before(s, s->heap[c], s->heap[least])) least = c;
        }
        if (least == i) return top;
        const uint32_t t = s->heap[i];
        s->heap[i] = s->heap[least];
        s->heap[least] = t;
        i = least;
    }
}

/* Is group k part of the chain that ends with a move? */
static bool in_chain(const search *s, uint32_t at, uint32_t k)
{
    for (; at != XW_NONE; at = s->moves[at].from_move) {
        if (s->moves[at].to == k) return true;
    }
    return s->start == k;
}

/* All ways to send v on to a neighbour group; own: the group it leaves, XW_NONE when loose. */
static void push_moves(search *s, uint32_t v, uint32_t own, uint32_t from_move)
{
    const xw__heal *h = s->h;
    const move *m = from_move == XW_NONE ? NULL : &s->moves[from_move];
    const uint32_t length = m ? m->length + 1 : 1;
    for (uint32_t i = h->g->start[v]; i < h->g->start[v + 1]; i++) {
        const xw_arc *a = &h->g->arcs[i];
        const uint32_t k = h->of[a->to];
        if (k == XW_NONE || k == own || !xw__heal_tie_open(h, a)) continue;
        if (h->groups[k].closed && h->home[v] != k) continue;
        if (h->arc_mark[i] == s->stamp) continue;
        if (in_chain(s, from_move, k)) continue;
        for (uint32_t j = i; j < h->g->start[v + 1]; j++) {
            if (h->of[h->g->arcs[j].to] == k) h->arc_mark[j] = s->stamp;
        }
        const bool leaves = own != XW_NONE && h->home[v] == own;
        const uint32_t mass = (m ? m->mass : 0) + (leaves ? h->mass[v] : 0);
        if (mass > s->most) continue;
        double worse = (own == XW_NONE ? 0 : xw__heal_cost(h, v, own)) - xw__heal_cost(h, v, k);
        worse = worse < -60000 ? -60000 : worse > 60000 ? 60000 : worse;
        const uint64_t cost = (m ? m->cost & 0xffffffff : 0) + (uint64_t)(worse + 65536) * 16;
        push(s, (move){((uint64_t)mass << 32) + cost, mass, v, k, from_move, length});
    }
}

/* Node v of group k begins a group of its own. */
static void push_found(search *s, uint32_t v, uint32_t k, uint32_t from_move)
{
    const xw__heal *h = s->h;
    const move *m = &s->moves[from_move];
    const uint32_t mass = m->mass + (h->home[v] == k ? h->mass[v] : 0);
    if (mass > s->most) return;
    push(s, (move){((uint64_t)mass << 32) + (m->cost & 0xffffffff), mass, v, FOUND, from_move,
                   m->length + 1});
}

/* The nodes that group k, with `plus` in it, can pass on to be rid of an excess. */
static void push_next(search *s, uint32_t k, uint32_t plus, uint32_t excess, uint32_t from_move)
{
    xw__heal *h = s->h;
    for (uint32_t q = h->groups[k].head; q != XW_NONE; q = h->next[q]) {
        const uint32_t w = h->g->nodes[q].weight;
        if (w == 0 || w < excess) continue;
        bool rim = false;
        for (uint32_t i = h->g->start[q]; i < h->g->start[q + 1] && !rim; i++) {
            const uint32_t t = h->of[h->g->arcs[i].to];
            rim = t != XW_NONE && t != k && xw__heal_tie_open(h, &h->g->arcs[i]);
        }
        const bool founds = s->founds && from_move != XW_NONE && xw__heal_has_spare(h, k);
        if ((!rim && !founds) || !xw__heal_valid(h, k, plus, q)) continue;
        if (rim) push_moves(s, q, k, from_move);
        if (founds) push_found(s, q, k, from_move);
    }
}

/* Makes the moves of a chain, the last one first: it makes room for the one before. */
static void make(search *s, uint32_t at, unsigned why)
{
    for (; at != XW_NONE; at = s->moves[at].from_move) {
        const move *m = &s->moves[at];
        uint32_t to = m->to;
        if (to == FOUND) {
            to = xw__heal_found_in(s->h, why, s->h->parent[s->h->of[m->node]]);
        }
        xw__heal_put(s->h, m->node, to, why);
    }
}

static bool run(search *s, unsigned why)
{
    xw__heal *h = s->h;
    while (s->n_heap > 0) {
        const uint32_t at = pop(s);
        const move m = s->moves[at];
        if (m.to == FOUND) {
            make(s, at, why);
            return true;
        }
        const uint64_t weight = (uint64_t)h->groups[m.to].weight + h->g->nodes[m.node].weight;
        if (weight <= h->o.cap) {
            if (!xw__heal_valid(h, m.to, m.node, XW_NONE)) continue;
            make(s, at, why);
            return true;
        }
        if (m.length < LENGTH_MOST) {
            push_next(s, m.to, m.node, (uint32_t)(weight - h->o.cap), at);
        }
    }
    return false;
}

xw_status xw__heal_chain(xw__heal *h, uint32_t v, uint32_t k, unsigned why, bool founds, bool *done,
                         xw_error *err)
{
    search s = {.h = h, .start = k, .stamp = xw__heal_stamp(h), .founds = founds};
    /* Else all of a group would move one level up, which costs about the cap. */
    s.most = founds && h->o.cap > 2 + h->o.chain_most ? h->o.cap - 2 : h->o.chain_most;
    *done = false;
    s.moves = malloc(MOVES_MOST * sizeof *s.moves);
    s.heap = malloc(MOVES_MOST * sizeof *s.heap);
    if (!s.moves || !s.heap) {
        free(s.moves);
        free(s.heap);
        return xw_fail(err, XW_NOMEM, "chain of moves");
    }
    if (v != XW_NONE) {
        push_moves(&s, v, XW_NONE, XW_NONE);
    } else {
        const uint32_t excess = h->groups[k].weight - h->o.cap;
        push_next(&s, k, XW_NONE, excess, XW_NONE);
        *done = run(&s, why);
        if (!*done) { /* in several steps, then */
            s.n = s.n_heap = 0;
            s.stamp = xw__heal_stamp(h);
            push_next(&s, k, XW_NONE, 1, XW_NONE);
        }
    }
    if (!*done) *done = run(&s, why);
    free(s.moves);
    free(s.heap);
    return XW_OK;
}
