#include "compile.h"
#include "tree.h"
#include "xiwang/buf.h"
#include "xiwang/tile.h"

#include <stdlib.h>
#include <string.h>

enum { SHAPES_A_STEP = 1024, DIVISIONS_DEEP = 8 };

void xw__snapshot_parts_finish(snapshot_parts *p)
{
    free(p->ranks);
    free(p->shades);
    free(p->shapes);
    free(p->rings);
    free(p->refs);
    free(p->boxes);
    free(p->order);
    free(p->nodes);
    free(p->locator);
    *p = (snapshot_parts){0};
}

static xw_box span_box(const xw_model *m, uint32_t first, uint32_t n)
{
    return xw_ring_box((xw_ring){m->pts + first, n});
}

static xw_status make_ranks(const xw_model *m, snapshot_parts *p, xw_error *err)
{
    p->ranks = calloc(m->n_pts + 1, 1);
    p->shades = calloc(m->n_grids + 1, 1);
    if (!p->ranks || !p->shades) return xw_fail(err, XW_NOMEM, "ranks");
    const xw_status st = xw_tile_ranks(m, p->ranks, err);
    return st ? st : xw_tile_shades(m, p->shades, err);
}

typedef struct drafts { /* of outlines: what tracing needs */
    const xw_model *m;
    xw_edge_index edges;
    xw_tracer *tracer;
    xw_outline outline;
    uint32_t *plots;
    size_t n_plots, cap_plots;
    uint32_t *above; /* by division */
} drafts;

static xw_status add_plots(drafts *d, uint32_t first, uint32_t n, xw_error *err)
{
    if (!xw_grow((void **)&d->plots, &d->cap_plots, d->n_plots + n, sizeof *d->plots)) {
        return xw_fail(err, XW_NOMEM, "plots of an outline");
    }
    for (uint32_t i = 0; i < n; i++) d->plots[d->n_plots++] = first + i;
    return XW_OK;
}

/* The division above each one. Equal texts have equal positions in the pool. */
static xw_status find_parents(drafts *d, xw_error *err)
{
    const xw_model *m = d->m;
    d->above = malloc((m->n_divisions + 1) * sizeof *d->above);
    if (!d->above) return xw_fail(err, XW_NOMEM, "divisions");
    for (size_t i = 0; i < m->n_divisions; i++) {
        const xw_text parent = m->divisions[i].parent_code;
        d->above[i] = XW_NONE;
        for (uint32_t k = 0; parent != 0 && k < m->n_divisions && d->above[i] == XW_NONE; k++) {
            if (m->divisions[k].code == parent) d->above[i] = k;
        }
    }
    return XW_OK;
}

/* A division has its own plots, and those of every division below it. */
static xw_status division_plots(drafts *d, uint32_t division, xw_error *err)
{
    const xw_model *m = d->m;
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        uint32_t up = m->divisions[i].n_plots > 0 ? i : XW_NONE;
        for (int steps = 0; up != XW_NONE && up != division && steps < DIVISIONS_DEEP; steps++) {
            up = d->above[up];
        }
        if (up != division) continue;
        const xw_status st = add_plots(d, m->divisions[i].first_plot, m->divisions[i].n_plots, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status plots_of_shape(drafts *d, size_t shape, xw_error *err)
{
    const xw_model *m = d->m;
    d->n_plots = 0;
    if (shape < m->n_grids) {
        return xw_grid_plots(m, (uint32_t)shape, &d->plots, &d->n_plots, &d->cap_plots, err);
    }
    shape -= m->n_grids;
    if (shape < m->n_plots) return add_plots(d, (uint32_t)shape, 1, err);
    return division_plots(d, (uint32_t)(shape - m->n_plots), err);
}

static xw_status add_outline(drafts *d, snapshot_parts *p, size_t shape, xw_error *err)
{
    const xw_model *m = d->m;
    const xw_outline *o = &d->outline;
    xw_status st = plots_of_shape(d, shape, err);
    if (!st) st = xw_tracer_trace(d->tracer, d->plots, d->n_plots, &d->outline, err);
    if (st) return st;
    if (p->n_refs + o->n_refs >= XW_NONE || p->n_rings + o->n_rings >= XW_NONE) {
        return xw_fail(err, XW_LIMIT, "more than 4 billion edges in outlines");
    }
    if (!xw_grow((void **)&p->rings, &p->cap_rings, p->n_rings + o->n_rings, sizeof *p->rings) ||
        !xw_grow((void **)&p->refs, &p->cap_refs, p->n_refs + o->n_refs, sizeof *p->refs)) {
        return xw_fail(err, XW_NOMEM, "outlines");
    }
    snapshot_shape *const f = &p->shapes[shape];
    f->first_ring = (uint32_t)p->n_rings;
    f->n_rings = (uint32_t)o->n_rings;
    f->box = XW_BOX_EMPTY;
    for (size_t i = 0; i < o->n_rings; i++) {
        xw_outline_ring *const r = &p->rings[p->n_rings++];
        memset(r, 0, sizeof *r); /* the padding too */
        r->first = (uint32_t)p->n_refs + o->rings[i].first;
        r->n = o->rings[i].n;
        r->hole = o->rings[i].hole;
        r->area2 = o->rings[i].area2;
    }
    for (size_t i = 0; i < o->n_refs; i++) {
        const xw_edge *e = &m->edges[XW_REF_EDGE(o->refs[i])];
        p->refs[p->n_refs++] = o->refs[i];
        f->box = xw_box_join(f->box, span_box(m, e->first, e->n));
    }
    return XW_OK;
}

static xw_status make_outlines(const xw_model *m, const xw_job *job, snapshot_parts *p,
                               xw_error *err)
{
    drafts d = {.m = m};
    p->n_shapes = m->n_grids + m->n_plots + m->n_divisions;
    p->shapes = calloc(p->n_shapes + 1, sizeof *p->shapes);
    xw_status st = p->shapes ? XW_OK : xw_fail(err, XW_NOMEM, "outlines");
    if (!st) st = xw_edge_index_create(m, &d.edges, err);
    if (!st) st = xw_tracer_create(m, &d.edges, &d.tracer, err);
    if (!st) st = find_parents(&d, err);
    for (size_t i = 0; !st && i < p->n_shapes; i++) {
        if (i % SHAPES_A_STEP == 0) st = xw_job_step(job, "outlines", i, p->n_shapes, err);
        if (!st) st = add_outline(&d, p, i, err);
    }
    free(d.plots);
    free(d.above);
    xw_outline_finish(&d.outline);
    xw_tracer_destroy(d.tracer);
    xw_edge_index_finish(&d.edges);
    return st;
}

static xw_status make_boxes(const xw_model *m, snapshot_parts *p, xw_error *err)
{
    p->n_boxes = m->n_buildings + m->n_lines + m->n_edges;
    p->boxes = calloc(p->n_boxes + 1, sizeof *p->boxes);
    if (!p->boxes) return xw_fail(err, XW_NOMEM, "boxes");
    xw_box *at = p->boxes;
    for (size_t i = 0; i < m->n_buildings; i++, at++) {
        const xw_model_building *b = &m->buildings[i];
        *at = XW_BOX_EMPTY;
        for (uint32_t r = b->first_ring; r < b->first_ring + b->n_rings; r++) {
            *at = xw_box_join(*at, span_box(m, m->rings[r].first, m->rings[r].n));
        }
    }
    for (size_t i = 0; i < m->n_lines; i++) *at++ = span_box(m, m->lines[i].first, m->lines[i].n);
    for (size_t i = 0; i < m->n_edges; i++) *at++ = span_box(m, m->edges[i].first, m->edges[i].n);
    return XW_OK;
}

static xw_box box_of(const xw_model *m, const snapshot_parts *p, xw_shape_kind kind, size_t i)
{
    switch (kind) {
    case XW_SHAPE_GRID:
        return p->shapes[i].box;
    case XW_SHAPE_PLOT:
        return p->shapes[m->n_grids + i].box;
    case XW_SHAPE_DIVISION:
        return p->shapes[m->n_grids + m->n_plots + i].box;
    case XW_SHAPE_BUILDING:
        return p->boxes[i];
    case XW_SHAPE_LINE:
        return p->boxes[m->n_buildings + i];
    case XW_SHAPE_EDGE:
        return p->boxes[m->n_buildings + m->n_lines + i];
    default:
        return (xw_box){m->addresses[i].at, m->addresses[i].at};
    }
}

/* The tree's order counts the roads; it becomes that of the edges. */
static xw_status make_road_tree(const xw_model *m, const snapshot_parts *p, xw_box *boxes,
                                uint32_t *order, xw_box *nodes, xw_error *err)
{
    uint32_t *ix = malloc((m->n_edges + 1) * sizeof *ix);
    if (!ix) return xw_fail(err, XW_NOMEM, "tree of roads");
    const size_t n = xw__roads(m, ix);
    for (size_t i = 0; i < n; i++) boxes[i] = box_of(m, p, XW_SHAPE_EDGE, ix[i]);
    const xw_status st = xw__tree_build(boxes, n, order, nodes, err);
    for (size_t i = 0; !st && i < n; i++) order[i] = ix[order[i]];
    free(ix);
    return st;
}

static xw_status make_trees(const xw_model *m, snapshot_parts *p, xw_error *err)
{
    size_t most = 0;
    for (int k = 0; k < XW_SHAPE_KINDS; k++) {
        const size_t n = xw__shape_count(m, (xw_shape_kind)k);
        p->n_order += n;
        p->n_nodes += xw__tree_nodes(n);
        most = n > most ? n : most;
    }
    const size_t n_roads = xw__roads(m, NULL);
    p->n_order += n_roads;
    p->n_nodes += xw__tree_nodes(n_roads);
    p->order = calloc(p->n_order + 1, sizeof *p->order);
    p->nodes = calloc(p->n_nodes + 1, sizeof *p->nodes);
    xw_box *boxes = calloc(most + 1, sizeof *boxes);
    xw_status st = XW_OK;
    if (!p->order || !p->nodes || !boxes) st = xw_fail(err, XW_NOMEM, "trees");
    uint32_t *order = p->order;
    xw_box *nodes = p->nodes;
    for (int k = 0; !st && k < XW_SHAPE_KINDS; k++) {
        const size_t n = xw__shape_count(m, (xw_shape_kind)k);
        for (size_t i = 0; i < n; i++) boxes[i] = box_of(m, p, (xw_shape_kind)k, i);
        st = xw__tree_build(boxes, n, order, nodes, err);
        order += n;
        nodes += xw__tree_nodes(n);
    }
    if (!st) st = make_road_tree(m, p, boxes, order, nodes, err);
    free(boxes);
    return st;
}

static xw_status make_locator(const xw_model *m, const xw_job *job, snapshot_parts *p,
                              xw_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_edges; i++) n += m->edges[i].n - 1;
    xw_label_edge *s = malloc((n + 1) * sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "%zu segments", n);
    n = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        for (uint32_t k = 1; k < e->n; k++) { /* XW_NONE + 1 is 0, the outside */
            const xw_pt *v = m->pts + e->first + k;
            s[n++] = (xw_label_edge){v[-1], v[0], e->left + 1, e->right + 1};
        }
    }
    const xw_status st = xw_locator_build(s, n, job, &p->locator, &p->locator_size, err);
    free(s);
    return st;
}

xw_status xw__parts_create(const xw_model *m, const xw_job *job, snapshot_parts *out, xw_error *err)
{
    *out = (snapshot_parts){0};
    xw_status st = make_ranks(m, out, err);
    if (!st) st = make_outlines(m, job, out, err);
    if (!st) st = make_boxes(m, out, err);
    if (!st) st = make_trees(m, out, err);
    if (!st) st = make_locator(m, job, out, err);
    if (st) xw__snapshot_parts_finish(out);
    return st;
}
