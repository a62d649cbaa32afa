#include "rebuild_parts.h"

#include <stdlib.h>
#include <string.h>

static void put_text(char *to, size_t size, const xw_model *m, xw_text t)
{
    const char *text = xw_model_text(m, t);
    const size_t n = strlen(text);
    if (n < size) memcpy(to, text, n); /* longer ones are no configuration's; the check says so */
}

xw_grids_config xw_rebuild_config(const xw_model *old)
{
    xw_grids_config c;
    memset(&c, 0, sizeof c);
    c.n_levels = old->n_levels;
    for (uint32_t l = 0; l < old->n_levels; l++) {
        const xw_level *from = &old->levels[l];
        xw_level_rule *to = &c.levels[l];
        put_text(to->key, sizeof to->key, old, from->key);
        put_text(to->name, sizeof to->name, old, from->name);
        to->cap = from->cap;
        to->floor = from->floor;
        to->never = from->never;
        to->code_width = from->code_width;
    }
    put_text(c.net, sizeof c.net, old, old->net);
    put_text(c.net_name, sizeof c.net_name, old, old->net_name);
    return c;
}

static xw_status check_levels(const xw_model *old, const xw_grids_config *c, xw_error *err)
{
    const xw_status st = xw_grids_config_check(c, err);
    if (st) return st;
    if (old->n_levels == 0) return xw_fail(err, XW_INPUT, "the old revision has no grids");
    if (old->n_levels != c->n_levels) {
        return xw_fail(err, XW_INPUT, "%u levels, the old revision has %u", c->n_levels,
                       old->n_levels);
    }
    for (uint32_t l = 0; l < c->n_levels; l++) {
        const char *key = xw_model_text(old, old->levels[l].key);
        if (strcmp(key, c->levels[l].key) != 0) {
            return xw_fail(err, XW_INPUT, "level %s: the old revision has %s there",
                           c->levels[l].key, key);
        }
        if (old->levels[l].code_width != c->levels[l].code_width) {
            return xw_fail(err, XW_INPUT, "level %s: %u digits, the old revision has %u", key,
                           c->levels[l].code_width, old->levels[l].code_width);
        }
    }
    return XW_OK;
}

/* Edges by division, each on both its sides. */
static bool sort_edges(xw__rebuild *r)
{
    const xw_model *m = r->m;
    r->edge_start = calloc(m->n_divisions + 2, sizeof *r->edge_start);
    r->edge_item = malloc((2 * m->n_edges + 1) * sizeof *r->edge_item);
    if (!r->edge_start || !r->edge_item) return false;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t e = 0; e < m->n_edges; e++) {
            const uint32_t p[2] = {m->edges[e].left, m->edges[e].right};
            uint32_t last = XW_NONE;
            for (int i = 0; i < 2; i++) {
                const uint32_t d = p[i] == XW_NONE ? XW_NONE : m->plots[p[i]].division;
                if (d == XW_NONE || d == last) continue;
                last = d;
                if (pass == 0) {
                    r->edge_start[d + 2]++;
                } else {
                    r->edge_item[r->edge_start[d + 1]++] = e;
                }
            }
        }
        for (size_t d = 0; pass == 0 && d < m->n_divisions; d++) {
            r->edge_start[d + 2] += r->edge_start[d + 1];
        }
    }
    return true;
}

/* The old grids by division and level. */
static bool sort_old(xw__rebuild *r)
{
    const xw_model *old = r->old;
    const uint32_t n = (uint32_t)old->n_divisions * r->c->n_levels;
    r->old_first = calloc(n + 2, sizeof *r->old_first);
    r->old_list = malloc((old->n_grids + 1) * sizeof *r->old_list);
    r->old_local = malloc((old->n_grids + 1) * sizeof *r->old_local);
    if (!r->old_first || !r->old_list || !r->old_local) return false;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t g = 0; g < old->n_grids; g++) {
            const size_t at = (size_t)old->grids[g].division * r->c->n_levels + old->grids[g].level;
            if (pass == 0) {
                r->old_first[at + 2]++;
            } else {
                r->old_list[r->old_first[at + 1]++] = g;
            }
        }
        for (size_t i = 0; pass == 0 && i < n; i++) r->old_first[i + 2] += r->old_first[i + 1];
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = r->old_first[i]; k < r->old_first[i + 1]; k++) {
            r->old_local[r->old_list[k]] = k - r->old_first[i];
        }
    }
    return true;
}

static xw_status prepare(xw__rebuild *r, xw_error *err)
{
    const xw_model *old = r->old;
    const size_t levels = r->c->n_levels, n = r->m->n_divisions, o = old->n_divisions;
    r->plans = calloc(n + 1, sizeof *r->plans);
    r->remade = calloc(n * levels + 1, sizeof *r->remade);
    r->new_first = calloc((n > o ? n : o) * levels + 1, sizeof *r->new_first);
    r->old_kept = calloc(old->n_grids + 1, 1);
    r->old_lost = calloc(old->n_grids + 1, sizeof *r->old_lost);
    r->old_used = calloc(old->n_grids + n + 1, sizeof *r->old_used);
    if (!r->plans || !r->remade || !r->new_first || !r->old_kept || !r->old_lost || !r->old_used ||
        !sort_edges(r) || !sort_old(r)) {
        return xw_fail(err, XW_NOMEM, "grids of %zu divisions", n);
    }
    const xw_status st = xw__match_make(old, r->m, &r->match, err);
    if (st) return st;
    for (size_t u = 0; u < old->n_units; u++) {
        r->old_lost[old->units[u].grid] += old->units[u].households - r->match.still[u];
    }
    xw__rebuild_used(r);
    return XW_OK;
}

static void finish(xw__rebuild *r)
{
    for (size_t d = 0; r->plans && r->remade && d < r->m->n_divisions; d++) {
        for (uint32_t l = 0; l < r->c->n_levels; l++) {
            xw__plan_level *p = &r->plans[d].levels[l];
            xw__remade *k = &r->remade[d * r->c->n_levels + l];
            free(p->first);
            free(p->child);
            free(p->number);
            free(p->used);
            free(k->label);
            free(k->founded);
            free(k->of);
            free(k->why);
        }
    }
    free(r->plans);
    free(r->remade);
    free(r->new_first);
    free(r->claim);
    free(r->old_kept);
    free(r->old_lost);
    free(r->old_used);
    free(r->old_first);
    free(r->old_list);
    free(r->old_local);
    free(r->edge_start);
    free(r->edge_item);
    xw__match_finish(&r->match);
}

static void count(const xw__rebuild *r, xw_rebuild_report *out)
{
    memset(out, 0, sizeof *out);
    out->revision = r->m->revision;
    out->n_levels = r->c->n_levels;
    out->buildings_same = r->match.buildings_same;
    out->buildings_new = r->match.buildings_new;
    out->buildings_gone = r->match.buildings_gone;
    out->buildings_changed = r->match.buildings_changed;
    for (size_t u = 0; u < r->m->n_units; u++) {
        out->households_after += r->m->units[u].households;
        out->households_same += r->match.same[u];
    }
    for (size_t u = 0; u < r->old->n_units; u++) {
        out->households_before += r->old->units[u].households;
    }
}

static void clear_grids(xw_model *m)
{
    m->n_grids = m->n_grid_units = m->n_lineage = 0;
    m->n_levels = 0;
    for (size_t u = 0; u < m->n_units; u++) m->units[u].grid = XW_NONE;
}

static xw_status one_division(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    (void)thread;
    return xw__rebuild_division(ctx, (uint32_t)i, err);
}

xw_status xw_rebuild(const xw_model *old, xw_model *m, const xw_grids_config *c,
                     const xw_rebuild_options *o, const xw_job *job, xw_rebuild_report *out,
                     xw_error *err)
{
    xw__rebuild r = {.old = old, .m = m, .c = c, .job = job, .rules = xw__barrier_rules(c)};
    xw_rebuild_report own;
    if (!out) out = &own;
    memset(out, 0, sizeof *out);
    if (o) r.chain_most = o->chain_most;
    xw_status st = check_levels(old, c, err);
    if (st) return st;
    clear_grids(m);
    m->revision = old->revision + 1;
    st = xw_job_step(job, "grids", 0, 1, err);
    if (!st) st = prepare(&r, err);
    if (!st) count(&r, out);
    if (!st) st = xw_parallel(xw_job_threads(job), m->n_divisions, one_division, &r, err);
    if (!st) st = xw__rebuild_numbers(&r, err);
    if (!st) st = xw__plan_publish(m, c, r.plans, err);
    if (!st) st = xw__rebuild_lineage(&r, out, err);
    if (!st) st = xw_job_step(job, "grids", 1, 1, err);
    if (st) clear_grids(m); /* no half a plan */
    finish(&r);
    return st;
}
