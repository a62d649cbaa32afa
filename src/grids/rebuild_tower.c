/* A tower is cut into runs of floors again: exact, by dynamic programming over the end of the last
 * run. Least of what changes its run, then the fewest runs; two runs next to each other never have
 * the same label, which takes the best two last labels for each end. */
#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct state { /* the best runs up to a unit whose last one has a certain label */
    uint64_t cost;
    uint32_t runs, label, from;
    uint32_t rank; /* of the state before: best[from][rank] */
} state;

typedef struct tower {
    const uint32_t *households, *home, *same;
    uint32_t n, cap;
    state (*best)[2];                   /* n + 1 */
    uint32_t *names, n_names, *name_of; /* labels that occur; by unit its place, XW_NONE */
    uint64_t *held;                     /* by name: mass in the run at hand */
} tower;

static const state nowhere = {UINT64_MAX, UINT32_MAX, XW_NONE, 0, 0};

static uint64_t mass_of(const tower *t, uint32_t u)
{
    return t->home[u] == XW_NONE ? 0 : (uint64_t)t->same[u] * 64 + 1;
}

static bool is_better(const state *a, const state *b)
{
    return a->cost != b->cost ? a->cost < b->cost : a->runs < b->runs;
}

/* Keeps the two best of different labels; new runs (XW_NONE) may stand side by side. */
static void offer(state best[2], state s)
{
    if (is_better(&s, &best[0])) {
        if (best[0].label != s.label) best[1] = best[0];
        best[0] = s;
    } else if (s.label != best[0].label && is_better(&s, &best[1])) {
        best[1] = s;
    }
}

/* A last run from j to i with a label, after the best that does not end with the same. */
static void extend(tower *t, uint32_t j, uint32_t i, uint32_t label, uint64_t cost)
{
    for (uint32_t rank = 0; rank < 2; rank++) {
        const state *b = &t->best[j][rank];
        if (b->cost == UINT64_MAX) continue;
        if (j > 0 && label != XW_NONE && b->label == label) continue;
        offer(t->best[i], (state){b->cost + cost, b->runs + 1, label, j, rank});
        return;
    }
}

static void solve(tower *t)
{
    t->best[0][0] = (state){0, 0, XW_NONE, 0, 0};
    t->best[0][1] = nowhere;
    for (uint32_t i = 1; i <= t->n; i++) {
        uint64_t weight = 0, mass = 0;
        uint32_t most = XW_NONE;
        memset(t->held, 0, t->n_names * sizeof *t->held);
        t->best[i][0] = t->best[i][1] = nowhere;
        for (uint32_t j = i; j-- > 0;) {
            weight += t->households[j];
            if (weight > t->cap && j + 1 < i) break;
            const uint32_t name = t->name_of[j];
            mass += mass_of(t, j);
            if (name != XW_NONE) {
                t->held[name] += mass_of(t, j);
                if (most == XW_NONE || t->held[name] > t->held[most] ||
                    (t->held[name] == t->held[most] && name < most)) {
                    most = name;
                }
            }
            if (most != XW_NONE) extend(t, j, i, t->names[most], mass - t->held[most]);
            extend(t, j, i, XW_NONE, mass);
        }
    }
}

static uint64_t held_by(const tower *t, uint32_t from, uint32_t end, uint32_t label)
{
    uint64_t sum = 0;
    for (uint32_t u = from; u < end; u++) sum += t->home[u] == label ? mass_of(t, u) : 0;
    return sum;
}

/* A label that two runs have stays with the one that holds more of it. */
static void part_labels(const tower *t, const uint32_t *end, uint32_t *label, uint32_t n)
{
    for (uint32_t a = 0; a < n; a++) {
        for (uint32_t b = a + 1; b < n && label[a] != XW_NONE; b++) {
            if (label[b] != label[a]) continue;
            const uint64_t x = held_by(t, a ? end[a - 1] : 0, end[a], label[a]);
            const uint64_t y = held_by(t, end[b - 1], end[b], label[a]);
            label[x >= y ? b : a] = XW_NONE;
        }
    }
}

xw_status xw__rebuild_tower(const uint32_t *households, const uint32_t *home, const uint32_t *same,
                            uint32_t n, uint32_t cap, uint32_t *end, uint32_t *label,
                            uint32_t *n_runs, xw_error *err)
{
    tower t = {.households = households, .home = home, .same = same, .n = n, .cap = cap};
    xw_status st = XW_OK;
    t.best = malloc(((size_t)n + 1) * sizeof *t.best);
    t.names = malloc(((size_t)n + 1) * sizeof *t.names);
    t.name_of = malloc(((size_t)n + 1) * sizeof *t.name_of);
    t.held = calloc((size_t)n + 1, sizeof *t.held);
    if (!t.best || !t.names || !t.name_of || !t.held) {
        st = xw_fail(err, XW_NOMEM, "tower of %u units", n);
        goto fail;
    }
    for (uint32_t u = 0; u < n; u++) {
        uint32_t k = 0;
        while (k < t.n_names && t.names[k] != home[u]) k++;
        if (home[u] != XW_NONE && k == t.n_names) t.names[t.n_names++] = home[u];
        t.name_of[u] = home[u] == XW_NONE ? XW_NONE : k;
    }
    solve(&t);
    *n_runs = t.best[n][0].runs;
    for (uint32_t at = n, rank = 0, i = *n_runs; i-- > 0;) {
        const state *s = &t.best[at][rank];
        end[i] = at;
        label[i] = s->label;
        rank = s->rank;
        at = s->from;
    }
    part_labels(&t, end, label, *n_runs);
fail:
    free(t.best);
    free(t.names);
    free(t.name_of);
    free(t.held);
    return st;
}
