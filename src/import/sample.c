#include "xiwang/sample.h"
#include "sample_internal.h"

#include <string.h>

static void build_cell(xw__place *p)
{
    xw__gen *g = p->g;
    const unsigned kind = g->w->cells[p->cell].kind;
    if (kind != XW__LAND) {
        const int64_t most = p->want / 2 + 20, extra = g->carry < most ? g->carry : most;
        p->want += extra;
        g->carry -= extra;
    }
    xw__place_arms(p);
    if (kind == XW__CITY) {
        xw__city(p);
    } else if (kind != XW__LAND) {
        xw__settle(p);
    }
    xw__place_emit_roads(p);
    if (kind != XW__LAND) g->carry += p->want;
}

static void build_cells(xw__gen *g)
{
    const uint32_t n = xw__n_cells(g->w);
    xw__place place = {0};
    for (uint32_t c = 0; c < n && !g->st; c++) {
        g->st = xw_job_step(g->job, "sample", c, n, g->err);
        if (g->st || !xw__in_county(g->w, c)) continue;
        if (!xw__place_start(&place, g, c)) build_cell(&place);
    }
    xw__place_finish(&place);
}

/* Households that found no room live with others: one more in a house here and there. */
static void settle_rest(xw__gen *g)
{
    xw_territory *t = g->t;
    uint64_t left = g->w->households > g->made ? g->w->households - g->made : 0;
    for (int round = 0; round < 8 && left && !g->st; round++) {
        const size_t step = left < t->n_buildings / 4 ? t->n_buildings / (size_t)left : 1;
        for (size_t k = step / 2; k < t->n_buildings && left; k += step) {
            xw_building *b = t->buildings + k;
            if (b->use != XW_USE_HOUSE || b->households >= 3 + round) continue;
            b->households++;
            g->made++;
            left--;
        }
    }
}

static xw_status make(const xw_sample_options *o, const xw_job *job, xw_territory *t, xw_error *err)
{
    xw__world w;
    xw_status st = xw__world_create(o, &w, err);
    if (st) return st;
    st = xw__seats_make(&w, err);
    if (!st) st = xw__regions_make(&w, err);
    if (!st) st = xw__budgets_make(&w, err);
    if (!st) xw__edges_calm(&w);
    if (!st) st = xw__routes_make(&w, err);
    xw__gen g = {.w = &w, .t = t, .job = job, .st = st, .err = err};
    if (!g.st) {
        t->name = xw__emit_text(&g, w.name);
        xw__emit_divisions(&g);
        xw__emit_waters(&g);
        build_cells(&g);
        settle_rest(&g);
    }
    xw__world_destroy(&w);
    return g.st;
}

xw_status xw_sample_make(const xw_sample_options *o, const xw_job *job, xw_territory *out,
                         xw_error *err)
{
    xw_territory_init(out);
    if (o->households < XW_SAMPLE_MIN || o->households > XW_SAMPLE_MAX) {
        return xw_fail(err, XW_USAGE, "%llu households: 100 to 3000000 can be made",
                       (unsigned long long)o->households);
    }
    const xw_status st = make(o, job, out, err);
    if (st) xw_territory_finish(out);
    return st;
}
