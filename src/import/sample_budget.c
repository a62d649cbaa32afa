/* Households to villages by chance and size, to the cells of a village, and to urban cells by how
 * near the middle of the town they are. Shares are handed out so that they add up exactly. */
#include "sample_internal.h"

#include <stdlib.h>

/* The next share of what is left, when @p weight of @p all is due; both go down. */
static uint32_t share(uint64_t *left, double *all, double weight)
{
    const double part = *all > 0.0 ? (double)*left * (weight / *all) : 0.0;
    uint64_t n = *all - weight < 1e-9 ? *left : (uint64_t)(part + 0.5);
    if (n > *left) n = *left;
    *left -= n;
    *all -= weight;
    return (uint32_t)n;
}

static double cell_weight(const xw__world *w, uint32_t c)
{
    const xw__cell *cell = w->cells + c;
    if (cell->kind == XW__MARKET) return 1300.0;
    const vec2 middle = xw__cell_middle(w, c);
    double d = 1e30, reach = 1.0;
    for (uint32_t k = 0; k < w->n_cities; k++) {
        const double dk = v_len(v_sub(middle, xw__cell_middle(w, w->towns[k].cell)));
        if (dk < d) {
            d = dk;
            reach = XW__CELL_M * (0.6 + 0.6 * sqrt(w->towns[k].n_urban));
        }
    }
    xw_rng r = xw__rng(w, XW__FOR_BUDGET, c);
    return fmax(0.35, 1.5 - d / reach) * 2500.0 * xw__between(&r, 0.8, 1.2);
}

static void budget_urban(xw__world *w)
{
    uint64_t left = w->urban;
    double all = 0.0;
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        const unsigned k = w->cells[c].kind;
        if (k == XW__CITY || k == XW__MARKET) all += cell_weight(w, c);
    }
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        const unsigned k = w->cells[c].kind;
        if (k == XW__CITY || k == XW__MARKET)
            w->cells[c].budget = share(&left, &all, cell_weight(w, c));
    }
}

/* Up to two hamlets beside the main place take a part of the village. */
static void make_hamlets(xw__world *w, uint32_t *taken)
{
    for (uint32_t c = 0; c < xw__n_cells(w); c++) {
        if (w->cells[c].kind != XW__LAND || w->cells[c].village == XW_NONE) continue;
        const uint32_t v = w->cells[c].village;
        const xw__village *village = w->villages + v;
        const uint32_t all = (uint32_t)village->weight;
        xw_rng r = xw__rng(w, XW__FOR_BUDGET, c);
        if (village->community || all < 150 || taken[v] >= (all > 400 ? 3u : 2u)) continue;
        if (!xw__chance(&r, all > 400 ? 0.6 : 0.35)) continue;
        const uint32_t n = (uint32_t)(all * xw__between(&r, 0.12, 0.24));
        w->cells[c].kind = XW__HAMLET;
        w->cells[c].budget = n;
        w->cells[village->seat].budget -= n;
        taken[v]++;
    }
}

xw_status xw__budgets_make(xw__world *w, xw_error *err)
{
    uint32_t *taken = calloc(w->n_villages, sizeof *taken);
    if (!taken) return xw_fail(err, XW_NOMEM, "%zu villages", w->n_villages);
    uint64_t left = w->households - w->urban;
    double all = 0.0;
    if (w->urban) budget_urban(w);
    for (size_t k = 0; k < w->n_villages; k++) {
        xw__village *v = w->villages + k;
        xw_rng r = xw__rng(w, XW__FOR_BUDGET, (uint64_t)1 << 40 | k);
        v->weight = v->community ? 0.0 : xw__between(&r, 0.55, 1.45);
        all += v->weight;
    }
    for (size_t k = 0; k < w->n_villages; k++) {
        xw__village *v = w->villages + k;
        if (v->community) continue;
        const uint32_t n = share(&left, &all, v->weight);
        w->cells[v->seat].budget = n;
        v->weight = n;
    }
    make_hamlets(w, taken);
    free(taken);
    return XW_OK;
}
