/* Who went where and why, written down; and the counts for the report. */
#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct step { /* households from an old grid to a new one; either may be XW_NONE */
    uint32_t level, old, now;
    uint32_t households;
    uint8_t reason;
} step;

typedef struct writer {
    xw__rebuild *r;
    xw_rebuild_report *out;
    step *steps;
    size_t n_steps, cap_steps;
    uint32_t *still;                /* by old grid: households that are still there */
    uint32_t *claim_of;             /* by grid of the model: old grid whose code it keeps */
    uint8_t *founded;               /* by grid of the model: xw_lineage_reason */
    uint8_t *old_named, *new_named; /* by old grid, by grid of the model: is in a step */
} writer;

/* Where a unit is at each level, by the plans, and why each step of it moved. */
static void trace(const writer *w, uint32_t unit, uint32_t *at, unsigned *why)
{
    const xw__rebuild *r = w->r;
    const uint32_t d = r->m->plots[r->m->units[unit].plot].division, n = r->c->n_levels;
    uint32_t child = unit - r->m->plots[r->m->divisions[d].first_plot].first_unit;
    for (uint32_t l = n; l-- > 0;) {
        const xw__remade *k = &r->remade[(size_t)d * n + l];
        at[l] = k->of[child];
        why[l] = k->why[child];
        child = at[l];
    }
}

/* The reason of a change of code at a level: its own, else of what carried it along from below,
 * else of what changed above. */
static unsigned reason_of(const unsigned *why, uint32_t level, uint32_t n_levels)
{
    for (uint32_t l = level; l < n_levels; l++) {
        if (why[l]) return why[l];
    }
    for (uint32_t l = level; l-- > 0;) {
        if (why[l]) return why[l];
    }
    return XW_LINEAGE_PARENT;
}

static xw_status add_step(writer *w, step s, xw_error *err)
{
    if (!xw_grow((void **)&w->steps, &w->cap_steps, w->n_steps + 1, sizeof *w->steps)) {
        return xw_fail(err, XW_NOMEM, "%zu rows of lineage", w->n_steps);
    }
    w->steps[w->n_steps++] = s;
    if (s.old != XW_NONE) w->old_named[s.old] = 1;
    if (s.now != XW_NONE) w->new_named[s.now] = 1;
    return XW_OK;
}

/* One unit: notes what its grids are, and its steps where the code changes. */
static xw_status look(writer *w, uint32_t u, xw_error *err)
{
    const xw__rebuild *r = w->r;
    const uint32_t n = r->c->n_levels, same = r->match.same[u];
    const uint32_t d = r->m->plots[r->m->units[u].plot].division;
    uint32_t at[XW_LEVELS_MAX], now = r->m->units[u].grid;
    unsigned why[XW_LEVELS_MAX];
    trace(w, u, at, why);
    for (uint32_t l = n; l-- > 0; now = r->m->grids[now].parent) {
        const size_t i = (size_t)d * n + l;
        w->claim_of[now] = r->claim[r->new_first[i] + at[l]];
        w->founded[now] = r->remade[i].founded[at[l]];
        if (same == 0) continue;
        const uint32_t old = xw__old_grid(r, r->match.unit[u], l);
        w->still[old] += same;
        if (w->claim_of[now] == old) continue;
        const step s = {l, old, now, same, (uint8_t)reason_of(why, l, n)};
        const xw_status st = add_step(w, s, err);
        if (st) return st;
        w->out->levels[l].moved += same;
        if (l + 1 == n) w->out->reasons[s.reason] += same;
    }
    return XW_OK;
}

/* Grids that begin or end and that no step names. */
static xw_status add_rest(writer *w, xw_error *err)
{
    const xw__rebuild *r = w->r;
    xw_status st = XW_OK;
    for (uint32_t g = 0; g < r->m->n_grids && !st; g++) {
        if (w->claim_of[g] != XW_NONE || w->new_named[g]) continue;
        const unsigned why = w->founded[g] ? w->founded[g] : XW_LINEAGE_BUILDING;
        const xw_grid *x = &r->m->grids[g];
        st = add_step(w, (step){x->level, XW_NONE, g, x->households, (uint8_t)why}, err);
    }
    for (uint32_t o = 0; o < r->old->n_grids && !st; o++) {
        if (r->old_kept[o] || w->old_named[o]) continue;
        st = add_step(w, (step){r->old->grids[o].level, o, XW_NONE, 0, XW_LINEAGE_GONE}, err);
    }
    return st;
}

/* Old grids are in the order of their codes, new ones too; nobody comes first. */
static int by_step(const void *x, const void *y)
{
    const step *a = x, *b = y;
    if (a->level != b->level) return a->level < b->level ? -1 : 1;
    if (a->old != b->old) return a->old + 1 < b->old + 1 ? -1 : 1;
    if (a->now != b->now) return a->now + 1 < b->now + 1 ? -1 : 1;
    return (a->reason > b->reason) - (a->reason < b->reason);
}

static xw_status put_row(writer *w, const step *s, uint32_t households, xw_error *err)
{
    xw__rebuild *r = w->r;
    xw_model *m = r->m;
    xw_lineage row = {.revision = m->revision, .households = households, .reason = s->reason};
    row.level = m->levels[s->level].key;
    xw_status st = XW_OK;
    if (s->old != XW_NONE) {
        st = xw_strings_add(&m->text, xw_model_text(r->old, r->old->grids[s->old].code),
                            &row.old_code, err);
        row.of = w->still[s->old];
        row.old_ends = !r->old_kept[s->old];
        row.at = r->old->grids[s->old].label;
    }
    if (s->now != XW_NONE) {
        row.new_code = m->grids[s->now].code;
        row.new_begins = w->claim_of[s->now] == XW_NONE;
        row.at = m->grids[s->now].label;
    }
    xw_lineage *to = st ? NULL : XW_MODEL_ADD(m, lineage);
    if (to) *to = row;
    return st || to ? st : xw_fail(err, XW_NOMEM, "%zu rows of lineage", m->n_lineage);
}

static xw_status put_rows(writer *w, xw_error *err)
{
    xw_status st = XW_OK;
    w->out->first_row = w->r->m->n_lineage;
    if (w->n_steps > 0) qsort(w->steps, w->n_steps, sizeof *w->steps, by_step);
    for (size_t i = 0; i < w->n_steps && !st;) {
        const step *s = &w->steps[i];
        uint32_t sum = 0;
        for (; i < w->n_steps && by_step(&w->steps[i], s) == 0; i++) sum += w->steps[i].households;
        st = put_row(w, s, sum, err);
    }
    return st;
}

static xw_status copy_rows(const xw_model *old, xw_model *m, xw_error *err)
{
    m->n_lineage = 0;
    for (size_t i = 0; i < old->n_lineage; i++) {
        xw_lineage *to = XW_MODEL_ADD(m, lineage);
        if (!to) return xw_fail(err, XW_NOMEM, "%zu rows of lineage", old->n_lineage);
        *to = old->lineage[i];
        to->level = to->old_code = to->new_code = 0;
        const xw_lineage *from = &old->lineage[i];
        xw_status st = xw_strings_add(&m->text, xw_model_text(old, from->level), &to->level, err);
        if (!st)
            st = xw_strings_add(&m->text, xw_model_text(old, from->old_code), &to->old_code, err);
        if (!st)
            st = xw_strings_add(&m->text, xw_model_text(old, from->new_code), &to->new_code, err);
        if (st) return st;
    }
    return XW_OK;
}

/* Heirs keep what people may have given them: the name, and that they are reserved. The name of an
 * exclusive grid is that of its area. */
static xw_status keep_names(writer *w, xw_error *err)
{
    const xw__rebuild *r = w->r;
    xw_status st = XW_OK;
    for (uint32_t g = 0; g < r->m->n_grids && !st; g++) {
        if (w->claim_of[g] == XW_NONE) continue;
        const xw_grid *old = &r->old->grids[w->claim_of[g]];
        xw_grid *now = &r->m->grids[g];
        if (old->kind == XW_GRID_RESERVED) now->kind = old->kind;
        if (old->kind != now->kind || now->kind == XW_GRID_EXCLUSIVE) continue;
        st = xw_strings_add(&r->m->text, xw_model_text(r->old, old->name), &now->name, err);
    }
    return st;
}

static void count_levels(const writer *w)
{
    const xw__rebuild *r = w->r;
    for (size_t g = 0; g < r->m->n_grids; g++) {
        xw_rebuild_level *l = &w->out->levels[r->m->grids[g].level];
        l->after++;
        if (w->claim_of[g] == XW_NONE) {
            l->begun++;
        } else {
            l->kept++;
        }
    }
    for (size_t o = 0; o < r->old->n_grids; o++) {
        xw_rebuild_level *l = &w->out->levels[r->old->grids[o].level];
        l->before++;
        l->ended += !r->old_kept[o];
    }
}

xw_status xw__rebuild_lineage(xw__rebuild *r, xw_rebuild_report *out, xw_error *err)
{
    writer w = {.r = r, .out = out};
    const size_t n = r->m->n_grids + 1, n_old = r->old->n_grids + 1;
    xw_status st = XW_OK;
    w.still = calloc(n_old, sizeof *w.still);
    w.claim_of = malloc(n * sizeof *w.claim_of);
    w.founded = calloc(n, 1);
    w.old_named = calloc(n_old, 1);
    w.new_named = calloc(n, 1);
    if (!w.still || !w.claim_of || !w.founded || !w.old_named || !w.new_named) {
        st = xw_fail(err, XW_NOMEM, "lineage of %zu grids", n);
    }
    for (uint32_t u = 0; u < r->m->n_units && !st; u++) st = look(&w, u, err);
    if (!st) st = keep_names(&w, err);
    if (!st) st = add_rest(&w, err);
    if (!st) st = copy_rows(r->old, r->m, err);
    if (!st) st = put_rows(&w, err);
    if (!st) count_levels(&w);
    free(w.steps);
    free(w.still);
    free(w.claim_of);
    free(w.founded);
    free(w.old_named);
    free(w.new_named);
    return st;
}
