/* The plot graph as JSON, for partitioners and their scorers: see xw__export_graph. */
#include "export.h"

#include "xiwang/json.h"

#include <stdlib.h>

typedef struct border { /* all boundary of one class between two plots */
    uint32_t a, b;
    uint8_t road, cls;
    double length_m;
} border;

/* 0 inside a block, 1 main road, 2 secondary, 3 lane: from what a cut along the class costs. */
static uint8_t graph_class(unsigned cls)
{
    const double cost = xw_class_get(cls)->cost;
    if (cost >= 1) return 0;
    return cost <= 0.075 ? 1 : cost <= 0.2 ? 2 : 3;
}

static int by_pair(const void *x, const void *y)
{
    const border *p = x, *q = y;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    if (p->cls != q->cls) return p->cls < q->cls ? -1 : 1;
    if (p->road != q->road) return p->road < q->road ? -1 : 1;
    return (p->length_m > q->length_m) - (p->length_m < q->length_m); /* one order of the sum */
}

/* The borders between plots, each pair and class once; perimeters of all plots on the way. */
static size_t collect(const xw_model *m, border *borders, double *perimeters)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const uint32_t a = e->left < e->right ? e->left : e->right;
        const uint32_t b = e->left < e->right ? e->right : e->left;
        perimeters[a] += (double)e->length_m;
        if (b == XW_NONE) continue;
        perimeters[b] += (double)e->length_m;
        borders[n++] =
            (border){a, b, e->basis == XW_BASIS_ROAD, graph_class(e->cls), (double)e->length_m};
    }
    if (n == 0) return 0;
    qsort(borders, n, sizeof *borders, by_pair);
    size_t keep = 0;
    for (size_t i = 1; i < n; i++) {
        border *last = &borders[keep];
        const border *now = &borders[i];
        if (last->a == now->a && last->b == now->b && last->cls == now->cls &&
            last->road == now->road) {
            last->length_m += now->length_m;
        } else {
            borders[++keep] = *now;
        }
    }
    return keep + 1;
}

static void put_cells(const xw_model *m, const double *perimeters, xw_json *j)
{
    const xw_box box = xw_model_box(m);
    const xw_scale scale = xw_scale_at((int32_t)(((int64_t)box.min.y + box.max.y) / 2));
    xw_json_key(j, "cells");
    xw_json_open(j, '[');
    for (size_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        xw_json_open(j, '{');
        xw_json_kint(j, "id", (int64_t)i);
        xw_json_knum(j, "x", (double)((int64_t)p->anchor.x - box.min.x) * scale.mx, 3);
        xw_json_knum(j, "y", (double)((int64_t)p->anchor.y - box.min.y) * scale.my, 3);
        xw_json_knum(j, "area", p->area_m2, 4);
        xw_json_knum(j, "perimeter", perimeters[i], 4);
        xw_json_kint(j, "h", p->households);
        xw_json_kint(j, "block", p->block);
        xw_json_kint(j, "b", p->building != XW_NONE);
        xw_json_close(j, '}');
    }
    xw_json_close(j, ']');
}

static void put_borders(const border *borders, size_t n, xw_json *j)
{
    xw_json_key(j, "edges");
    xw_json_open(j, '[');
    for (size_t i = 0; i < n; i++) {
        xw_json_open(j, '{');
        xw_json_kint(j, "a", borders[i].a);
        xw_json_kint(j, "b", borders[i].b);
        xw_json_knum(j, "len", borders[i].length_m, 4);
        xw_json_kint(j, "road", borders[i].road);
        xw_json_kint(j, "cls", borders[i].cls);
        xw_json_close(j, '}');
    }
    xw_json_close(j, ']');
}

xw_status xw__export_graph(const xw_model *m, xw_buf *out, xw_error *err)
{
    border *borders = calloc(m->n_edges + 1, sizeof *borders);
    double *perimeters = calloc(m->n_plots + 1, sizeof *perimeters);
    if (!borders || !perimeters) {
        free(borders);
        free(perimeters);
        return xw_fail(err, XW_NOMEM, "graph of %zu plots", m->n_plots);
    }
    const size_t n = collect(m, borders, perimeters);
    xw_json j = xw_json_on(out);
    uint64_t households = 0;
    for (size_t i = 0; i < m->n_plots; i++) households += m->plots[i].households;
    xw_json_open(&j, '{');
    xw_json_key(&j, "meta");
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "name", xw_model_text(m, m->name));
    xw_json_kint(&j, "households", (int64_t)households);
    xw_json_kint(&j, "cells", (int64_t)m->n_plots);
    xw_json_kint(&j, "edges", (int64_t)n);
    xw_json_close(&j, '}');
    put_cells(m, perimeters, &j);
    put_borders(borders, n, &j);
    xw_json_close(&j, '}');
    xw_buf_text(out, "\n");
    free(borders);
    free(perimeters);
    return xw_buf_status(out, "graph", err);
}
