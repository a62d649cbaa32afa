#include "xiwang/answer.h"

#include "format.h"

enum { CHUNK = 256 };

xw_brief xw_brief_of(const xw_snapshot *s, const xw_answer *a)
{
    const uint32_t finest = s->model.n_levels - 1;
    return (xw_brief){a->grid, a->certain_level,
                      a->grid == XW_NONE ? 0.0 : a->level_probability[finest], a->rule};
}

static xw_status the_long_way(const xw_snapshot *s, xw_pt at, xw_brief *out, xw_error *err)
{
    xw_answer a;
    const xw_query q = {.x = xw_deg(at.x), .y = xw_deg(at.y), .near_only = true};
    const xw_status st = xw_answer_locate(s, &q, &a, err);
    if (!st) *out = xw_brief_of(s, &a);
    return st;
}

static xw_rule rule_of(const xw_snapshot *s, xw_pt at, uint32_t grid, bool with_rule)
{
    if (!with_rule) return XW_RULE_INSIDE;
    if (s->model.grids[grid].kind == XW_GRID_RESERVED) return XW_RULE_RESERVED;
    return xw_locator_on_edge(&s->locator, at) ? XW_RULE_BOUNDARY : XW_RULE_INSIDE;
}

static xw_status some(const xw_snapshot *s, const xw_pt *at, size_t n, bool with_rule,
                      xw_brief *out, xw_error *err)
{
    const xw_model *m = &s->model;
    uint32_t label[CHUNK];
    xw_locator_find_many(&s->locator, at, n, label);
    for (size_t i = 0; i < n; i++) {
        out[i] = (xw_brief){XW_NONE, XW_NONE, 0.0, XW_RULE_OUTSIDE};
        if (label[i] == 0 || label[i] > m->n_plots) continue;
        const uint32_t grid = s->only_grid[label[i] - 1];
        if (grid == XW_NONE) {
            const xw_status st = the_long_way(s, at[i], &out[i], err);
            if (st) return st;
            continue;
        }
        out[i] = (xw_brief){grid, m->n_levels - 1, 1.0, rule_of(s, at[i], grid, with_rule)};
    }
    return XW_OK;
}

xw_status xw_brief_many(const xw_snapshot *s, const xw_pt *at, size_t n, bool with_rule,
                        xw_brief *out, xw_error *err)
{
    for (size_t from = 0; from < n; from += CHUNK) {
        const size_t k = n - from < CHUNK ? n - from : CHUNK;
        const xw_status st = some(s, at + from, k, with_rule, out + from, err);
        if (st) return st;
    }
    return XW_OK;
}
