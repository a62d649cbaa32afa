/* The start of a partition, and its repair: agglomeration under the cap, dissolving, splitting. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct offer { /* to merge two groups, a < b; void when either has changed since */
    double score;
    uint32_t a, b, age_a, age_b;
    uint32_t owner; /* a or b: whose best offer it was */
} offer;

typedef struct market {
    offer *heap;
    size_t n, cap;
    uint32_t *age;     /* of each group, grows with every change */
    double *shared;    /* scratch: boundary cost to a group */
    uint32_t *met;     /* scratch: groups met */
    uint32_t *best_to; /* not owned: unused groups carry XW_NONE heads */
} market;

/* Larger score first; the numbers of the groups break ties, so the order never depends on chance.
 */
static bool before(const offer *x, const offer *y)
{
    if (x->score != y->score) return x->score > y->score;
    if (x->a != y->a) return x->a < y->a;
    return x->b < y->b;
}

static bool push(market *k, offer o)
{
    if (!xw_grow((void **)&k->heap, &k->cap, k->n + 1, sizeof *k->heap)) return false;
    size_t i = k->n++;
    for (; i > 0 && before(&o, &k->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        k->heap[i] = k->heap[(i - 1) / 2];
    }
    k->heap[i] = o;
    return true;
}

static offer pop(market *k)
{
    const offer top = k->heap[0], last = k->heap[--k->n];
    size_t i = 0;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= k->n) break;
        if (c + 1 < k->n && before(&k->heap[c + 1], &k->heap[c])) c++;
        if (!before(&k->heap[c], &last)) break;
        k->heap[i] = k->heap[c];
        i = c;
    }
    if (k->n > 0) k->heap[i] = last;
    return top;
}

/* Shared boundary cost of group a with each neighbour group, in k->met and k->shared. */
static uint32_t meet(const xw__parts *p, market *k, uint32_t a)
{
    uint32_t n = 0;
    for (uint32_t v = p->groups[a].head; v != XW_NONE; v = p->next[v]) {
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            const xw_arc *arc = &p->g->arcs[i];
            const uint32_t b = p->of[arc->to];
            if (b == a || arc->kind < p->conn) continue;
            if (k->shared[b] < 0) {
                k->shared[b] = 0;
                k->met[n++] = b;
            }
            k->shared[b] += (double)arc->cost + 1e-3;
        }
    }
    return n;
}

/* Offers the best merge of group a. One is good when the two share much of the smaller one's
 * boundary. Two groups without weight wait until one of them has joined households: this keeps
 * fields from growing together.
 *
 * One offer a group is enough: the best pair of all is the best of whichever of the two has changed
 * last, and a group whose partner has changed asks again when its offer comes up. All pairs of a
 * field with a thousand neighbours, at each of its thousand merges, would be millions. */
static bool offer_best(const xw__parts *p, market *k, uint32_t a)
{
    const uint32_t n = meet(p, k, a);
    offer best = {.a = XW_NONE};
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t b = k->met[i];
        const xw__group *ga = &p->groups[a], *gb = &p->groups[b];
        const double shared = k->shared[b];
        k->shared[b] = -1;
        const uint64_t sum = (uint64_t)ga->weight + gb->weight;
        if (sum > p->cap || (sum == 0 && !p->dry)) continue;
        const double small = ga->perimeter < gb->perimeter ? ga->perimeter : gb->perimeter;
        const uint32_t x = a < b ? a : b, y = a < b ? b : a;
        const offer o = {shared / (small > 1 ? small : 1), x, y, k->age[x], k->age[y], a};
        if (best.a == XW_NONE || before(&o, &best)) best = o;
    }
    return best.a == XW_NONE || push(k, best);
}

/* Empty groups have been left behind: numbers them away. */
static void close_ranks(xw__parts *p, uint32_t *to)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < p->n_groups; a++) {
        if (p->groups[a].count == 0) continue;
        to[a] = n;
        p->groups[n++] = p->groups[a];
    }
    for (uint32_t v = 0; v < p->g->n; v++) p->of[v] = to[p->of[v]];
    for (uint32_t a = n; a < p->n_groups; a++) p->groups[a] = (xw__group){XW_NONE, 0, 0, 0, 0, 0};
    p->n_groups = n;
}

xw_status xw__agglomerate(xw__parts *p, xw_error *err)
{
    const size_t n = (size_t)p->n_groups + 1;
    xw_status st = XW_OK;
    market k = {0};
    k.age = calloc(n, sizeof *k.age);
    k.shared = malloc(n * sizeof *k.shared);
    k.met = malloc(n * sizeof *k.met);
    bool ok = k.age && k.shared && k.met;
    if (ok) {
        p->dry = true;
        for (uint32_t a = 0; a < p->n_groups; a++) {
            k.shared[a] = -1;
            if (p->groups[a].weight > 0) p->dry = false;
        }
    }
    for (uint32_t a = 0; ok && a < p->n_groups; a++) ok = offer_best(p, &k, a);
    while (ok && k.n > 0) {
        const offer o = pop(&k);
        if (k.age[o.a] != o.age_a || k.age[o.b] != o.age_b) {
            const uint32_t age = o.owner == o.a ? o.age_a : o.age_b;
            if (k.age[o.owner] == age) ok = offer_best(p, &k, o.owner);
            continue;
        }
        const bool b_into_a = p->groups[o.a].count >= p->groups[o.b].count;
        const uint32_t to = b_into_a ? o.a : o.b, from = b_into_a ? o.b : o.a;
        while (p->groups[from].count > 0) xw__parts_move(p, p->groups[from].head, to);
        k.age[to]++;
        k.age[from]++;
        ok = offer_best(p, &k, to);
    }
    if (ok) {
        close_ranks(p, k.met);
    } else {
        st = xw_fail(err, XW_NOMEM, "merging %u nodes", p->g->n);
    }
    free(k.heap);
    free(k.age);
    free(k.shared);
    free(k.met);
    return st;
}

/* The neighbour of group a that is lightest, then shares most; XW_NONE without any. */
static uint32_t lightest_neighbour(const xw__parts *p, uint32_t a)
{
    uint32_t best = XW_NONE;
    double best_cost = 0;
    for (uint32_t v = p->groups[a].head; v != XW_NONE; v = p->next[v]) {
        for (uint32_t i = p->g->start[v]; i < p->g->start[v + 1]; i++) {
            const xw_arc *arc = &p->g->arcs[i];
            const uint32_t b = p->of[arc->to];
            if (b == a || arc->kind < p->conn) continue;
            const bool lighter = best == XW_NONE || p->groups[b].weight < p->groups[best].weight;
            const bool same = best != XW_NONE && p->groups[b].weight == p->groups[best].weight;
            if (lighter || (same && (double)arc->cost > best_cost)) {
                best = b;
                best_cost = (double)arc->cost;
            }
        }
    }
    return best;
}

void xw__force_down(xw__parts *p, uint32_t want)
{
    while (p->n_groups > want && p->n_groups > 1) {
        uint32_t a = 0;
        for (uint32_t i = 1; i < p->n_groups; i++) {
            if (p->groups[i].weight < p->groups[a].weight) a = i;
        }
        const uint32_t b = lightest_neighbour(p, a);
        if (b == XW_NONE) return;
        xw__parts_merge(p, b, a);
    }
}

xw_status xw__split_heavy(xw__parts *p, xw_error *err)
{
    const uint32_t n = p->n_groups;
    for (uint32_t a = 0; a < n; a++) {
        if (p->groups[a].weight <= p->cap) continue;
        while (p->groups[a].count > 1) { /* to single nodes; the agglomeration does the rest */
            const uint32_t fresh = p->n_groups++;
            p->groups[fresh] = (xw__group){XW_NONE, 0, 0, 0, 0, 0};
            xw__parts_move(p, p->groups[a].head, fresh);
        }
    }
    return xw__agglomerate(p, err);
}
