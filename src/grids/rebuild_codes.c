/* Heirs and numbers. New grids are counted through: division by division, level by level, in plan
 * order (new_first). */
#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct share { /* households of an old grid that are in a new one */
    uint32_t old, now;
    uint64_t households; /* << 1, lowest bit: the new one has the place of the old */
} share;

static uint32_t number_in(const char *code, uint32_t width)
{
    const size_t n = strlen(code);
    uint32_t v = 0;
    if (n < width) return 0;
    for (const char *c = code + n - width; *c; c++) {
        if (*c < '0' || *c > '9') return 0;
        v = v * 10 + (uint32_t)(*c - '0');
    }
    return v;
}

static int by_pair(const void *x, const void *y)
{
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* New grid (counted through) of a unit at a level, by the plans. */
static uint32_t new_grid(const xw__rebuild *r, uint32_t unit, uint32_t level)
{
    const uint32_t d = r->m->plots[r->m->units[unit].plot].division, n = r->c->n_levels;
    const xw_model_division *v = &r->m->divisions[d];
    uint32_t at = unit - r->m->plots[v->first_plot].first_unit;
    for (uint32_t l = n; l-- > level;) at = r->remade[(size_t)d * n + l].of[at];
    return r->new_first[(size_t)d * n + level] + at;
}

/* Pairs (old, new) of one level for all units with households of before, sorted. */
static uint64_t *pairs_of(const xw__rebuild *r, uint32_t level, size_t *n)
{
    uint64_t *pairs = malloc((r->m->n_units + 1) * 2 * sizeof *pairs);
    *n = 0;
    for (uint32_t u = 0; pairs && u < r->m->n_units; u++) {
        if (r->match.same[u] == 0) continue;
        const uint32_t old = xw__old_grid(r, r->match.unit[u], level), now = new_grid(r, u, level);
        pairs[2 * *n] = (uint64_t)old << 32 | now;
        pairs[2 * (*n)++ + 1] = r->match.same[u];
    }
    if (pairs && *n > 0) qsort(pairs, *n, 2 * sizeof *pairs, by_pair);
    return pairs;
}

typedef struct heirs {
    xw__rebuild *r;
    const uint32_t *label; /* by new grid counted through: old grid whose place it has */
    share *best_of_old;    /* by old grid */
    share *best_of_new;    /* by new grid */
} heirs;

static bool is_larger(const share *a, const share *b)
{
    if (b->old == XW_NONE) return true;
    if (a->households != b->households) return a->households > b->households;
    return a->now != b->now ? a->now < b->now : a->old < b->old;
}

static void offer(heirs *k, uint32_t old, uint32_t now, uint64_t households)
{
    const share s = {old, now, households << 1 | (k->label[now] == old)};
    if (is_larger(&s, &k->best_of_old[old])) k->best_of_old[old] = s;
}

/* The heir of each old grid of a level, and of which old grid each new one is the heir. */
static xw_status find_heirs(heirs *k, uint32_t level, xw_error *err)
{
    const xw__rebuild *r = k->r;
    const uint32_t n_levels = r->c->n_levels;
    size_t n;
    uint64_t *pairs = pairs_of(r, level, &n);
    if (!pairs) return xw_fail(err, XW_NOMEM, "%zu units", r->m->n_units);
    for (size_t i = 0; i < n;) {
        const uint64_t pair = pairs[2 * i];
        uint64_t sum = 0;
        for (; i < n && pairs[2 * i] == pair; i++) sum += pairs[2 * i + 1];
        offer(k, (uint32_t)(pair >> 32), (uint32_t)pair, sum);
    }
    free(pairs);
    for (size_t d = 0; d < r->m->n_divisions; d++) { /* land without households stays itself, too */
        const uint32_t first = r->new_first[d * n_levels + level];
        for (uint32_t i = 0; i < r->plans[d].levels[level].n; i++) {
            const uint32_t old = k->label[first + i];
            if (old != XW_NONE) offer(k, old, first + i, 0);
        }
    }
    const xw_level *v = &r->old->levels[level];
    for (uint32_t o = v->first_grid; o < v->first_grid + v->n_grids; o++) {
        const share *s = &k->best_of_old[o];
        if (s->old != XW_NONE && is_larger(s, &k->best_of_new[s->now])) k->best_of_new[s->now] = *s;
    }
    return XW_OK;
}

/* Numbers of one level of one division; those above have theirs. */
static void number_level(heirs *k, uint32_t d, uint32_t level)
{
    xw__rebuild *r = k->r;
    const uint32_t n_levels = r->c->n_levels, first = r->new_first[(size_t)d * n_levels + level];
    xw__plan_level *p = &r->plans[d].levels[level];
    const xw__plan_level *up = level > 0 ? &r->plans[d].levels[level - 1] : NULL;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t old = k->best_of_new[first + i].old;
        if (old == XW_NONE) continue;
        const xw_grid *g = &r->old->grids[old];
        if (up) {
            const uint32_t at = r->remade[(size_t)d * n_levels + level - 1].of[i];
            const uint32_t parent = r->new_first[(size_t)d * n_levels + level - 1] + at;
            if (r->claim[parent] != g->parent) continue;
        } else if (g->division != r->match.division[d]) {
            continue;
        }
        p->number[i] = number_in(xw_model_text(r->old, g->code), r->c->levels[level].code_width);
        if (p->number[i] == 0) continue;
        p->used[i] = r->old_used[old];
        r->claim[first + i] = old;
        r->old_kept[old] = 1;
    }
}

static xw_status count_through(xw__rebuild *r, uint32_t *n, uint32_t **label, xw_error *err)
{
    const uint32_t levels = r->c->n_levels;
    uint64_t total = 0;
    for (size_t i = 0; i < r->m->n_divisions * levels; i++) {
        r->new_first[i] = (uint32_t)total;
        total += r->plans[i / levels].levels[i % levels].n;
    }
    if (total >= XW_NONE) return xw_fail(err, XW_LIMIT, "%llu grids", (unsigned long long)total);
    *n = (uint32_t)total;
    *label = malloc((total + 1) * sizeof **label);
    r->claim = malloc((total + 1) * sizeof *r->claim);
    if (!*label || !r->claim) return xw_fail(err, XW_NOMEM, "%u grids", *n);
    memset(r->claim, 0xff, total * sizeof *r->claim);
    for (size_t i = 0; i < r->m->n_divisions * levels; i++) {
        if (r->remade[i].n > 0) {
            memcpy(*label + r->new_first[i], r->remade[i].label, r->remade[i].n * sizeof **label);
        }
    }
    return XW_OK;
}

xw_status xw__rebuild_numbers(xw__rebuild *r, xw_error *err)
{
    heirs k = {.r = r};
    uint32_t n = 0, *label = NULL;
    xw_status st = count_through(r, &n, &label, err);
    k.label = label;
    k.best_of_old = malloc((r->old->n_grids + 1) * sizeof *k.best_of_old);
    k.best_of_new = malloc(((size_t)n + 1) * sizeof *k.best_of_new);
    if (!st && (!k.best_of_old || !k.best_of_new)) st = xw_fail(err, XW_NOMEM, "%u grids", n);
    if (!st) {
        for (size_t i = 0; i < r->old->n_grids; i++) k.best_of_old[i].old = XW_NONE;
        for (uint32_t i = 0; i < n; i++) k.best_of_new[i].old = XW_NONE;
    }
    for (uint32_t l = 0; l < r->c->n_levels && !st; l++) {
        st = find_heirs(&k, l, err);
        for (uint32_t d = 0; d < r->m->n_divisions && !st; d++) number_level(&k, d, l);
    }
    for (size_t d = 0; d < r->m->n_divisions && !st; d++) {
        r->plans[d].used = r->old_used[r->old->n_grids + d];
    }
    free(label);
    free(k.best_of_old);
    free(k.best_of_new);
    return st;
}

/* --- what was ever used ---------------------------------------------------------------------- */

static void note(uint32_t *used, uint32_t number)
{
    if (number > *used) *used = number;
}

/* A code of a lineage row: its number counts for its parent, if that is still there. */
static void note_code(xw__rebuild *r, uint32_t level, const char *code)
{
    const xw_model *old = r->old;
    const uint32_t width = old->levels[level].code_width;
    char parent[128];
    const size_t n = strlen(code);
    if (n <= width || n - width >= sizeof parent) return;
    memcpy(parent, code, n - width);
    parent[n - width] = '\0';
    if (level > 0) {
        const uint32_t g = xw_model_grid_by_code(old, parent);
        if (g != XW_NONE) note(&r->old_used[g], number_in(code, width));
        return;
    }
    for (size_t d = 0; d < r->m->n_divisions; d++) {
        if (strcmp(xw_model_text(r->m, r->m->divisions[d].code), parent) != 0) continue;
        note(&r->old_used[old->n_grids + d], number_in(code, width));
    }
}

void xw__rebuild_used(xw__rebuild *r)
{
    const xw_model *old = r->old;
    uint32_t *new_of = r->new_first; /* not in use yet: new division of an old one */
    for (size_t d = 0; d < old->n_divisions; d++) new_of[d] = XW_NONE;
    for (uint32_t d = 0; d < r->m->n_divisions; d++) {
        if (r->match.division[d] != XW_NONE) new_of[r->match.division[d]] = d;
    }
    for (size_t i = 0; i < old->n_grids; i++) {
        const xw_grid *g = &old->grids[i];
        const uint32_t v = number_in(xw_model_text(old, g->code), old->levels[g->level].code_width);
        if (g->parent != XW_NONE) {
            note(&r->old_used[g->parent], v);
        } else if (new_of[g->division] != XW_NONE) {
            note(&r->old_used[old->n_grids + new_of[g->division]], v);
        }
    }
    for (size_t i = 0; i < old->n_lineage; i++) {
        const xw_lineage *row = &old->lineage[i];
        const uint32_t l = xw_model_level(old, xw_model_text(old, row->level));
        if (l == XW_NONE) continue;
        if (row->old_ends) note_code(r, l, xw_model_text(old, row->old_code));
        if (row->new_begins) note_code(r, l, xw_model_text(old, row->new_code));
    }
}
