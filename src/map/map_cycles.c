/* Cycles in strips. Edges are ascending by their first node, so a run of half-edges is a strip of
 * the map. In each strip the walks along next are followed until they leave it: closed cycles, and
 * stretches that begin and end at its rim. A stretch knows its part of the area as an exact integer
 * about one origin for all, its smallest half-edge and its smallest node; stretches are joined one
 * after the other afterwards, and nothing of the result shows where the strips were. */
#include "map_cycles.h"

#include "xiwang/buf.h"
#include "xiwang/radix.h"

#include <stdlib.h>

enum { STRIPS = 64 };

typedef struct stretch {
    xw_i128 area2;
    uint32_t first, leftmost, west; /* west: the node of leftmost */
    uint32_t next;                  /* half-edge that it goes on with, UINT32_MAX: closed */
    uint32_t cycle;                 /* UINT32_MAX until it is known */
} stretch;

typedef struct strip {
    stretch *s;
    size_t n, cap;
} strip;

typedef struct tracing {
    const xw_map *m;
    xw__cycles *out;
    uint8_t *entered; /* by half-edge: the one before it lies in the same strip */
    strip strips[STRIPS];
    size_t width; /* half-edges of a strip */
    xw_pt origin;
    uint32_t *rank; /* by cycle as found: its number */
} tracing;

static size_t strip_end(const tracing *t, size_t k)
{
    return (k + 1) * t->width < t->m->n_halves ? (k + 1) * t->width : t->m->n_halves;
}

/* Follows next from h while it stays in the strip. */
static stretch follow(const tracing *t, uint32_t h, size_t lo, size_t hi, uint32_t number)
{
    const xw_map *m = t->m;
    const xw_pt *nodes = m->noded->nodes;
    uint32_t node = xw_map_origin(m, h);
    stretch s = {0, h, h, node, UINT32_MAX, UINT32_MAX};
    xw_pt a = nodes[node];
    uint32_t at = h;
    do {
        const uint32_t to = xw_map_target(m, at);
        const xw_pt b = nodes[to];
        s.area2 += ((int64_t)a.x - t->origin.x) * ((int64_t)b.y - t->origin.y) -
                   ((int64_t)a.y - t->origin.y) * ((int64_t)b.x - t->origin.x);
        if (at < s.first) s.first = at;
        if (node < s.west || (node == s.west && at < s.leftmost)) { /* numbered by x, then y */
            s.west = node;
            s.leftmost = at;
        }
        t->out->of_half[at] = number;
        at = m->next[at];
        node = to;
        a = b;
        if (at < lo || at >= hi) {
            s.next = at;
            break;
        }
    } while (at != h);
    return s;
}

static xw_status add_stretch(tracing *t, size_t k, uint32_t h, xw_error *err)
{
    strip *l = &t->strips[k];
    if (l->n == l->cap && !xw_grow((void **)&l->s, &l->cap, l->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu faces", l->n);
    }
    l->s[l->n] = follow(t, h, k * t->width, strip_end(t, k), (uint32_t)l->n);
    l->n++;
    return XW_OK;
}

/* First what comes in from other strips, then what is left: closed cycles. */
static xw_status trace_strip(void *ctx, size_t k, unsigned thread, xw_error *err)
{
    (void)thread;
    tracing *t = ctx;
    const size_t lo = k * t->width, hi = strip_end(t, k);
    for (size_t h = lo; h < hi; h++) {
        const uint32_t next = t->m->next[h];
        if (next >= lo && next < hi) t->entered[next] = 1;
        t->out->of_half[h] = UINT32_MAX;
    }
    xw_status st = XW_OK;
    for (size_t h = lo; h < hi && !st; h++) {
        if (!t->entered[h]) st = add_stretch(t, k, (uint32_t)h, err);
    }
    for (size_t h = lo; h < hi && !st; h++) {
        if (t->out->of_half[h] == UINT32_MAX) st = add_stretch(t, k, (uint32_t)h, err);
    }
    return st;
}

static stretch *stretch_of(const tracing *t, uint32_t half)
{
    return &t->strips[half / t->width].s[t->out->of_half[half]];
}

/* Adds up the stretches of the cycle that begins with s. */
static xw__cycle join(const tracing *t, stretch *s, uint32_t number)
{
    xw_i128 area2 = 0;
    uint32_t first = s->first, leftmost = s->leftmost, west = s->west;
    while (s->cycle == UINT32_MAX) {
        s->cycle = number;
        area2 += s->area2;
        if (s->first < first) first = s->first;
        if (s->west < west || (s->west == west && s->leftmost < leftmost)) {
            west = s->west;
            leftmost = s->leftmost;
        }
        if (s->next == UINT32_MAX) break;
        s = stretch_of(t, s->next);
    }
    return (xw__cycle){(int64_t)area2, first, leftmost, UINT32_MAX};
}

/* Cycles are numbered by their smallest half-edge; rank[i] is the number of the one found as i. */
static xw_status sort_cycles(const tracing *t, xw__cycle *found, uint32_t *rank, xw_error *err)
{
    const size_t n = t->out->n;
    uint64_t *key = malloc((2 * n + 1) * sizeof *key);
    if (!key) return xw_fail(err, XW_NOMEM, "%zu faces", n);
    for (size_t i = 0; i < n; i++) key[i] = (uint64_t)found[i].first << 32 | i;
    xw_radix_sort(key, key + n, n, 32, 32 + xw_bits_of(t->m->n_halves));
    for (uint32_t i = 0; i < n; i++) {
        rank[(uint32_t)key[i]] = i;
        t->out->c[i] = found[(uint32_t)key[i]];
    }
    free(key);
    return XW_OK;
}

static xw_status join_all(tracing *t, xw_error *err)
{
    size_t n = 0;
    for (size_t k = 0; k < STRIPS; k++) n += t->strips[k].n;
    xw__cycle *found = malloc((n + 1) * sizeof *found);
    t->rank = malloc((n + 1) * sizeof *t->rank);
    t->out->c = malloc((n + 1) * sizeof *t->out->c);
    xw_status st = found && t->rank && t->out->c ? XW_OK : xw_fail(err, XW_NOMEM, "%zu faces", n);
    for (size_t k = 0; k < STRIPS && !st; k++) {
        for (size_t i = 0; i < t->strips[k].n; i++) {
            stretch *s = &t->strips[k].s[i];
            if (s->cycle != UINT32_MAX) continue;
            found[t->out->n] = join(t, s, (uint32_t)t->out->n);
            t->out->n++;
        }
    }
    if (!st) st = sort_cycles(t, found, t->rank, err);
    free(found);
    return st;
}

static xw_status number_strip(void *ctx, size_t k, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    tracing *t = ctx;
    const strip *l = &t->strips[k];
    for (size_t h = k * t->width; h < strip_end(t, k); h++) {
        t->out->of_half[h] = t->rank[l->s[t->out->of_half[h]].cycle];
    }
    return XW_OK;
}

xw_status xw__find_cycles(const xw_map *m, unsigned threads, xw__cycles *out, xw_error *err)
{
    tracing t = {.m = m, .out = out, .width = m->n_halves / STRIPS + 1};
    if (m->noded->n_nodes > 0) t.origin = m->noded->nodes[0];
    out->of_half = malloc((m->n_halves + 1) * sizeof *out->of_half);
    t.entered = calloc(m->n_halves + 1, 1);
    xw_status st =
        out->of_half && t.entered ? XW_OK : xw_fail(err, XW_NOMEM, "%zu half-edges", m->n_halves);
    if (!st) st = xw_parallel(threads, STRIPS, trace_strip, &t, err);
    if (!st) st = join_all(&t, err);
    if (!st) st = xw_parallel(threads, STRIPS, number_strip, &t, err);
    for (size_t k = 0; k < STRIPS; k++) free(t.strips[k].s);
    free(t.entered);
    free(t.rank);
    return st;
}

void xw__cycles_finish(xw__cycles *c)
{
    free(c->c);
    free(c->of_half);
    *c = (xw__cycles){0};
}
