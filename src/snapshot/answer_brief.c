#include "xiwang/answer.h"

#include "format.h"

enum { CHUNK = 256 };

static const double on_edge_at_most_m = 0.05; /* what is further off needs no exact test */

xw_brief xw_brief_of(const xw_snapshot *s, const xw_answer *a)
{
    const uint32_t finest = s->model.n_levels - 1;
    return (xw_brief){a->grid, a->certain_level,
                      a->grid == XW_NONE ? 0.0 : a->level_probability[finest], a->rule};
}

typedef struct rim {
    xw_pt at;
    bool found;
} rim;

static bool look_at_edge(void *user, const xw_near_edge *e)
{
    rim *r = user;
    r->found = xw_on_segment(e->a, e->b, r->at);
    return !r->found;
}

/* Grid of a plot whose units are all in one, XW_NONE for a plot that is shared out. */
static uint32_t only_grid(const xw_model *m, const xw_plot *p)
{
    if (p->n_units == 0) return XW_NONE;
    const xw_unit *u = m->units + p->first_unit;
    for (uint32_t i = 1; i < p->n_units; i++) {
        if (u[i].grid != u[0].grid) return XW_NONE;
    }
    return u[0].grid;
}

static xw_status the_long_way(const xw_snapshot *s, xw_pt at, xw_brief *out, xw_error *err)
{
    xw_answer a;
    const xw_query q = {.x = xw_deg(at.x), .y = xw_deg(at.y)};
    const xw_status st = xw_answer_locate(s, &q, &a, err);
    if (!st) *out = xw_brief_of(s, &a);
    return st;
}

/* The memory of a batch is asked for before it is needed: plots, then units. */
static void fetch(const xw_model *m, const uint32_t *label, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (label[i] > 0 && label[i] <= m->n_plots) __builtin_prefetch(&m->plots[label[i] - 1]);
    }
    for (size_t i = 0; i < n; i++) {
        if (label[i] > 0 && label[i] <= m->n_plots) {
            __builtin_prefetch(&m->units[m->plots[label[i] - 1].first_unit]);
        }
    }
}

static xw_status some(const xw_snapshot *s, const xw_pt *at, size_t n, xw_brief *out, xw_error *err)
{
    const xw_model *m = &s->model;
    uint32_t label[CHUNK];
    xw_locator_find_many(&s->locator, at, n, label);
    fetch(m, label, n);
    for (size_t i = 0; i < n; i++) {
        out[i] = (xw_brief){XW_NONE, XW_NONE, 0.0, XW_RULE_OUTSIDE};
        if (label[i] == 0 || label[i] > m->n_plots) continue;
        const uint32_t grid = only_grid(m, &m->plots[label[i] - 1]);
        if (grid == XW_NONE) {
            const xw_status st = the_long_way(s, at[i], &out[i], err);
            if (st) return st;
            continue;
        }
        rim r = {at[i], false};
        if (m->grids[grid].kind != XW_GRID_RESERVED) {
            xw_locator_near(&s->locator, at[i], on_edge_at_most_m, look_at_edge, &r);
        }
        const xw_rule rule = m->grids[grid].kind == XW_GRID_RESERVED ? XW_RULE_RESERVED
                             : r.found                               ? XW_RULE_BOUNDARY
                                                                     : XW_RULE_INSIDE;
        out[i] = (xw_brief){grid, m->n_levels - 1, 1.0, rule};
    }
    return XW_OK;
}

xw_status xw_brief_many(const xw_snapshot *s, const xw_pt *at, size_t n, xw_brief *out,
                        xw_error *err)
{
    for (size_t from = 0; from < n; from += CHUNK) {
        const size_t k = n - from < CHUNK ? n - from : CHUNK;
        const xw_status st = some(s, at + from, k, out + from, err);
        if (st) return st;
    }
    return XW_OK;
}
