#include "carve.h"

#include <stdlib.h>
#include <string.h>

/* Nodes in the order of their first plots. @return how many; of_plot receives the node of each
 * plot, whole[node] is 1 for an exclusive area. */
static uint32_t number_nodes(const xw_model_division *d, const xw_carving *carving,
                             uint32_t *of_item, uint32_t *of_plot, uint8_t *whole)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->n_plots; i++) {
        const uint32_t item = carving && carving->of ? carving->of[d->first_plot + i] : XW_NONE;
        if (item != XW_NONE && of_item[item] != XW_NONE) {
            of_plot[i] = of_item[item];
            continue;
        }
        whole[n] = item != XW_NONE;
        if (item != XW_NONE) of_item[item] = n;
        of_plot[i] = n++;
    }
    return n;
}

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

/* An area where nobody lives may lie on both sides of a hard barrier, but it is no way across:
 * core is 0 for all but its largest side. root, best: room for a plot each. */
static void find_sides(const xw_graph *g, const uint32_t *of_plot, const uint8_t *whole,
                       uint32_t *root, uint32_t *best, double *area, uint8_t *core)
{
    for (uint32_t v = 0; v < g->n; v++) root[v] = v;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1] && whole[of_plot[v]]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (a->kind == XW_ARC_SHUT || of_plot[a->to] != of_plot[v]) continue;
            const uint32_t x = find(root, v), y = find(root, a->to);
            root[x > y ? x : y] = x < y ? x : y;
        }
    }
    for (uint32_t v = 0; v < g->n; v++) {
        area[v] = 0;
        best[of_plot[v]] = XW_NONE;
    }
    for (uint32_t v = 0; v < g->n; v++) area[find(root, v)] += g->nodes[v].area;
    for (uint32_t v = 0; v < g->n; v++) {
        uint32_t *b = &best[of_plot[v]];
        if (root[v] == v && (*b == XW_NONE || area[v] > area[*b])) *b = v;
    }
    for (uint32_t v = 0; v < g->n; v++) {
        core[v] = !whole[of_plot[v]] || find(root, v) == best[of_plot[v]];
    }
}

static xw_status contract_sides(uint32_t n, const uint32_t *of_plot, const uint8_t *whole,
                                const xw_graph *g, xw_graph *out, xw_error *err)
{
    const size_t size = (size_t)g->n + 1;
    uint32_t *root = malloc(size * sizeof *root), *best = malloc(size * sizeof *best);
    double *area = malloc(size * sizeof *area);
    uint8_t *core = malloc(size);
    xw_status st = root && best && area && core
                       ? XW_OK
                       : xw_fail(err, XW_NOMEM, "exclusive areas over %u plots", g->n);
    if (!st) {
        find_sides(g, of_plot, whole, root, best, area, core);
        st = xw_graph_contract(g, of_plot, n, core, out, err);
    }
    free(root);
    free(best);
    free(area);
    free(core);
    return st;
}

/* Groups of plots become one node each; every other node keeps what it was. */
static xw_status contract(uint32_t n, const uint32_t *of_plot, const uint8_t *whole, uint32_t cap,
                          xw_graph *g, xw_error *err)
{
    xw_graph out = {0};
    const xw_status st = contract_sides(n, of_plot, whole, g, &out, err);
    if (st) return st;
    for (uint32_t i = 0; i < g->n; i++) {
        if (!whole[of_plot[i]]) out.nodes[of_plot[i]] = g->nodes[i];
    }
    for (uint32_t v = 0; v < n; v++) {
        if (!whole[v]) continue;
        /* Also without households somebody looks after it: barriers matter. */
        if (out.nodes[v].households == 0) out.nodes[v].households = 1;
        out.nodes[v].weight = cap + 1;
    }
    xw_graph_finish(g);
    *g = out;
    return XW_OK;
}

static void list_units(const xw_model *m, const xw_model_division *d, const uint32_t *of_plot,
                       xw__nodes *out)
{
    memset(out->first, 0, ((size_t)out->n + 2) * sizeof *out->first);
    for (uint32_t i = 0; i < d->n_plots; i++) {
        out->first[of_plot[i] + 2] += m->plots[d->first_plot + i].n_units;
    }
    for (uint32_t v = 0; v < out->n; v++) out->first[v + 2] += out->first[v + 1];
    for (uint32_t i = 0; i < d->n_plots; i++) {
        const xw_plot *p = &m->plots[d->first_plot + i];
        for (uint32_t u = 0; u < p->n_units; u++) {
            out->unit[out->first[of_plot[i] + 1]++] = p->first_unit + u;
        }
    }
}

/* The runs of floors under the cap, from the lowest. */
static uint32_t count_runs(const xw_model *m, const xw__nodes *nodes, uint32_t v, uint32_t cap)
{
    uint32_t runs = 1;
    uint64_t sum = 0;
    for (uint32_t i = nodes->first[v]; i < nodes->first[v + 1]; i++) {
        const uint32_t h = m->units[nodes->unit[i]].households;
        if (i > nodes->first[v] && sum + h > cap) {
            runs++;
            sum = 0;
        }
        sum += h;
    }
    return runs;
}

xw_status xw__nodes_make(const xw_model *m, uint32_t division, const xw_carving *carving,
                         uint32_t cap, xw_graph *g, xw__nodes *out, xw_error *err)
{
    const xw_model_division *d = &m->divisions[division];
    const size_t items = carving ? carving->n_items : 0;
    size_t units = 0;
    xw_status st = XW_OK;
    *out = (xw__nodes){0};
    for (uint32_t i = 0; i < d->n_plots; i++) units += m->plots[d->first_plot + i].n_units;
    uint32_t *of_plot = malloc(((size_t)d->n_plots + 1) * sizeof *of_plot);
    uint32_t *of_item = malloc((items + 1) * sizeof *of_item);
    uint8_t *whole = malloc((size_t)d->n_plots + 1);
    out->first = malloc(((size_t)d->n_plots + 2) * sizeof *out->first);
    out->unit = malloc((units + 1) * sizeof *out->unit);
    out->runs = malloc(((size_t)d->n_plots + 1) * sizeof *out->runs);
    if (!of_plot || !of_item || !whole || !out->first || !out->unit || !out->runs) {
        st = xw_fail(err, XW_NOMEM, "%u plots", d->n_plots);
        goto fail;
    }
    memset(of_item, 0xff, (items + 1) * sizeof *of_item);
    out->n = number_nodes(d, carving, of_item, of_plot, whole);
    list_units(m, d, of_plot, out);
    for (uint32_t v = 0; v < out->n; v++) out->runs[v] = whole[v] ? 1 : count_runs(m, out, v, cap);
    if (memchr(whole, 1, out->n)) st = contract(out->n, of_plot, whole, cap, g, err);
fail:
    free(of_plot);
    free(of_item);
    free(whole);
    if (st) xw__nodes_finish(out);
    return st;
}

void xw__nodes_finish(xw__nodes *n)
{
    free(n->first);
    free(n->unit);
    free(n->runs);
    *n = (xw__nodes){0};
}
