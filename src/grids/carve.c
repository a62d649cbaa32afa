#include "carve.h"

#include <stdlib.h>
#include <string.h>

/* By plot of the division. */
typedef struct cast {
    uint32_t n;        /* plots */
    uint32_t *of_plot; /* node */
    uint32_t *host;    /* tower whose node takes the plot in, XW_NONE */
    uint32_t *of_item; /* by item of the carving: its node */
    uint8_t *whole;    /* the plot is of an exclusive area; then, by node */
} cast;

static void cast_finish(cast *c)
{
    free(c->of_plot);
    free(c->host);
    free(c->of_item);
    free(c->whole);
}

static uint32_t item_of(const xw_model_division *d, const xw_carving *carving, uint32_t plot)
{
    return carving && carving->of ? carving->of[d->first_plot + plot] : XW_NONE;
}

/* Nodes in the order of their first plots. @return how many; whole[node] is 1 for an exclusive
 * area from here on. */
static uint32_t number_nodes(const xw_model_division *d, const xw_carving *carving, cast *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->n_plots; i++) c->of_plot[i] = XW_NONE;
    for (uint32_t i = 0; i < d->n_plots; i++) {
        const uint32_t item = item_of(d, carving, i), seat = c->host[i] == XW_NONE ? i : c->host[i];
        uint32_t *node = item != XW_NONE ? &c->of_item[item] : &c->of_plot[seat];
        if (*node == XW_NONE) {
            c->whole[n] = item != XW_NONE;
            *node = n++;
        }
        c->of_plot[i] = *node;
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

/* What is one node may lie on both sides of a hard barrier where nobody lives, but it is no way
 * across: core is 0 for all but the largest side of an exclusive area, and that of the tower. */
static void find_sides(const xw_graph *g, const cast *c, uint32_t *root, uint32_t *best,
                       double *area, uint8_t *core)
{
    const uint32_t *of = c->of_plot;
    for (uint32_t v = 0; v < g->n; v++) {
        root[v] = v;
        area[v] = 0;
        best[of[v]] = XW_NONE;
    }
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc *a = &g->arcs[i];
            if (a->kind == XW_ARC_SHUT || of[a->to] != of[v]) continue;
            const uint32_t x = find(root, v), y = find(root, a->to);
            root[x > y ? x : y] = x < y ? x : y;
        }
    }
    for (uint32_t v = 0; v < g->n; v++) area[find(root, v)] += g->nodes[v].area;
    for (uint32_t v = 0; v < g->n; v++) {
        uint32_t *b = &best[of[v]];
        if (root[v] == v && (*b == XW_NONE || area[v] > area[*b])) *b = v;
    }
    for (uint32_t v = 0; v < g->n; v++) {
        if (c->host[v] != XW_NONE) best[of[v]] = find(root, c->host[v]);
    }
    for (uint32_t v = 0; v < g->n; v++) core[v] = find(root, v) == best[of[v]];
}

static xw_status contract_sides(uint32_t n, const cast *c, const xw_graph *g, xw_graph *out,
                                xw_error *err)
{
    const size_t size = (size_t)g->n + 1;
    uint32_t *root = malloc(size * sizeof *root), *best = malloc(size * sizeof *best);
    double *area = malloc(size * sizeof *area);
    uint8_t *core = malloc(size);
    xw_status st =
        root && best && area && core ? XW_OK : xw_fail(err, XW_NOMEM, "nodes of %u plots", g->n);
    if (!st) {
        find_sides(g, c, root, best, area, core);
        st = xw_graph_contract(g, c->of_plot, n, core, out, err);
    }
    free(root);
    free(best);
    free(area);
    free(core);
    return st;
}

/* Groups of plots become one node each; every other node keeps what it was. */
static xw_status contract(const xw__nodes *nodes, const cast *c, uint32_t cap, xw_graph *g,
                          xw_error *err)
{
    xw_graph out = {0};
    const xw_status st = contract_sides(nodes->n, c, g, &out, err);
    if (st) return st;
    for (uint32_t i = 0; i < g->n; i++) {
        const uint32_t v = c->of_plot[i];
        if (!c->whole[v] && nodes->glued[v] == 0) out.nodes[v] = g->nodes[i];
    }
    for (uint32_t v = 0; v < nodes->n; v++) {
        if (nodes->glued[v] > 0) out.nodes[v].weight = out.nodes[v].households;
        if (!c->whole[v]) continue;
        /* Also without households somebody looks after it: barriers matter. */
        if (out.nodes[v].households == 0) out.nodes[v].households = 1;
        out.nodes[v].weight = cap + 1;
    }
    xw_graph_finish(g);
    *g = out;
    return XW_OK;
}

/* Land that a tower takes in comes before its floors. */
static void list_units(const xw_model *m, const xw_model_division *d, const cast *c, xw__nodes *out)
{
    memset(out->first, 0, ((size_t)out->n + 2) * sizeof *out->first);
    memset(out->glued, 0, ((size_t)out->n + 1) * sizeof *out->glued);
    for (uint32_t i = 0; i < d->n_plots; i++) {
        out->first[c->of_plot[i] + 2] += m->plots[d->first_plot + i].n_units;
    }
    for (uint32_t v = 0; v < out->n; v++) out->first[v + 2] += out->first[v + 1];
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < d->n_plots; i++) {
            const xw_plot *p = &m->plots[d->first_plot + i];
            if ((c->host[i] == XW_NONE) != (pass == 1)) continue;
            if (pass == 0) out->glued[c->of_plot[i]] += p->n_units;
            for (uint32_t u = 0; u < p->n_units; u++) {
                out->unit[out->first[c->of_plot[i] + 1]++] = p->first_unit + u;
            }
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

static bool cast_alloc(cast *c, uint32_t n, size_t items)
{
    c->n = n;
    c->of_plot = malloc(((size_t)n + 1) * sizeof *c->of_plot);
    c->host = malloc(((size_t)n + 1) * sizeof *c->host);
    c->of_item = malloc((items + 1) * sizeof *c->of_item);
    c->whole = malloc((size_t)n + 1);
    if (!c->of_plot || !c->host || !c->of_item || !c->whole) return false;
    memset(c->of_item, 0xff, (items + 1) * sizeof *c->of_item);
    return true;
}

xw_status xw__nodes_make(const xw_model *m, uint32_t division, const xw_carving *carving,
                         uint32_t cap, xw_graph *g, xw__nodes *out, xw_error *err)
{
    const xw_model_division *d = &m->divisions[division];
    cast c = {0};
    size_t units = 0;
    xw_status st = XW_OK;
    *out = (xw__nodes){0};
    for (uint32_t i = 0; i < d->n_plots; i++) units += m->plots[d->first_plot + i].n_units;
    out->first = malloc(((size_t)d->n_plots + 2) * sizeof *out->first);
    out->unit = malloc((units + 1) * sizeof *out->unit);
    out->glued = malloc(((size_t)d->n_plots + 1) * sizeof *out->glued);
    out->runs = malloc(((size_t)d->n_plots + 1) * sizeof *out->runs);
    if (!cast_alloc(&c, d->n_plots, carving ? carving->n_items : 0) || !out->first || !out->unit ||
        !out->glued || !out->runs) {
        st = xw_fail(err, XW_NOMEM, "%u plots", d->n_plots);
        goto fail;
    }
    for (uint32_t i = 0; i < d->n_plots; i++) c.whole[i] = item_of(d, carving, i) != XW_NONE;
    st = xw__find_hosts(m, division, c.whole, cap, g, c.host, err);
    if (st) goto fail;
    out->n = number_nodes(d, carving, &c);
    list_units(m, d, &c, out);
    for (uint32_t v = 0; v < out->n; v++) {
        out->runs[v] = c.whole[v] ? 1 : count_runs(m, out, v, cap);
    }
    if (out->n < d->n_plots || memchr(c.whole, 1, out->n)) {
        st = contract(out, &c, cap, g, err);
    }
fail:
    cast_finish(&c);
    if (st) xw__nodes_finish(out);
    return st;
}

void xw__nodes_finish(xw__nodes *n)
{
    free(n->first);
    free(n->unit);
    free(n->glued);
    free(n->runs);
    *n = (xw__nodes){0};
}
