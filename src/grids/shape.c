#include "xiwang/shape.h"

#include <stdlib.h>

struct xw_shapes {
    const xw_model *m;
    xw_edge_index ix;
    xw_tracer *tracer;
    xw_outline outline;
    uint32_t *parents; /* by division: index of the division above, XW_NONE for none */
    uint32_t *plots;   /* of the row */
    size_t n_plots, cap_plots;
    xw_pt *pts; /* of the row's rings */
    size_t n_pts, cap_pts;
    xw_wkb_ring *rings;
    size_t cap_rings;
};

/* Equal texts are one text, so codes compare as numbers. */
static uint32_t division_by_code(const xw_model *m, xw_text code)
{
    for (size_t i = 0; i < m->n_divisions && code; i++) {
        if (m->divisions[i].code == code) return (uint32_t)i;
    }
    return XW_NONE;
}

xw_status xw_shapes_create(const xw_model *m, xw_shapes **out, xw_error *err)
{
    *out = NULL;
    xw_status st = XW_NOMEM;
    xw_shapes *s = calloc(1, sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "shapes");
    s->m = m;
    s->parents = calloc(m->n_divisions + 1, sizeof *s->parents);
    if (!s->parents) {
        (void)xw_fail(err, XW_NOMEM, "%zu divisions", m->n_divisions);
        goto fail;
    }
    for (size_t i = 0; i < m->n_divisions; i++) {
        s->parents[i] = division_by_code(m, m->divisions[i].parent_code);
    }
    st = xw_edge_index_create(m, &s->ix, err);
    if (st) goto fail;
    st = xw_tracer_create(m, &s->ix, &s->tracer, err);
    if (st) goto fail;
    *out = s;
    return XW_OK;

fail:
    xw_shapes_destroy(s);
    return st;
}

void xw_shapes_destroy(xw_shapes *s)
{
    if (!s) return;
    xw_tracer_destroy(s->tracer);
    xw_edge_index_finish(&s->ix);
    xw_outline_finish(&s->outline);
    free(s->parents);
    free(s->plots);
    free(s->pts);
    free(s->rings);
    free(s);
}

xw_wkb_kind xw_table_kind(xw_table t)
{
    switch (t) {
    case XW_TABLE_DIVISION:
    case XW_TABLE_GRID:
    case XW_TABLE_PLOT:
    case XW_TABLE_BUILDING:
        return XW_WKB_MULTIPOLYGON;
    case XW_TABLE_EDGE:
    case XW_TABLE_LINE:
        return XW_WKB_LINE;
    case XW_TABLE_UNIT:
    case XW_TABLE_ADDRESS:
    case XW_TABLE_FINDING:
    case XW_TABLE_LINEAGE:
        return XW_WKB_POINT;
    case XW_TABLE_COUNT:
        break;
    }
    return XW_WKB_NONE;
}

static xw_status one_ring(xw_shapes *s, const xw_pt *pts, uint32_t n, xw_shape *out, xw_error *err)
{
    if (!xw_grow((void **)&s->rings, &s->cap_rings, 1, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "ring");
    }
    s->rings[0] = (xw_wkb_ring){.pts = pts, .n = n};
    out->n_rings = 1;
    return XW_OK;
}

static xw_status building_rings(xw_shapes *s, const xw_model_building *b, xw_shape *out,
                                xw_error *err)
{
    if (b->n_rings == 0) {
        out->kind = XW_WKB_NONE;
        return XW_OK;
    }
    if (!xw_grow((void **)&s->rings, &s->cap_rings, b->n_rings, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "%u rings", b->n_rings);
    }
    for (uint32_t i = 0; i < b->n_rings; i++) {
        const xw_span span = s->m->rings[b->first_ring + i];
        const xw_pt *pts = s->m->pts + span.first;
        const bool hole = i > 0 && xw_ring_area2((xw_ring){pts, span.n}) < 0;
        s->rings[i] = (xw_wkb_ring){.pts = pts, .n = span.n, .hole = hole};
    }
    out->n_rings = b->n_rings;
    return XW_OK;
}

/* Traces s->plots. */
static xw_status traced_rings(xw_shapes *s, xw_shape *out, xw_error *err)
{
    xw_status st = xw_tracer_trace(s->tracer, s->plots, s->n_plots, &s->outline, err);
    if (st) return st;
    const size_t n = s->outline.n_rings;
    if (n == 0) {
        out->kind = XW_WKB_NONE;
        return XW_OK;
    }
    if (!xw_grow((void **)&s->rings, &s->cap_rings, n, sizeof *s->rings)) {
        return xw_fail(err, XW_NOMEM, "%zu rings", n);
    }
    s->n_pts = 0;
    for (size_t i = 0; i < n; i++) { /* the vertices may move while they grow: note lengths first */
        const size_t first = s->n_pts;
        st = xw_outline_points(s->m, &s->outline, &s->outline.rings[i], &s->pts, &s->n_pts,
                               &s->cap_pts, err);
        if (st) return st;
        s->rings[i] =
            (xw_wkb_ring){.n = (uint32_t)(s->n_pts - first), .hole = s->outline.rings[i].hole};
    }
    const xw_pt *at = s->pts;
    for (size_t i = 0; i < n; i++) {
        s->rings[i].pts = at;
        at += s->rings[i].n;
    }
    out->n_rings = n;
    return XW_OK;
}

/* The plots of a division and of every one below it. */
static xw_status division_plots(xw_shapes *s, uint32_t row, xw_error *err)
{
    const xw_model *m = s->m;
    s->n_plots = 0;
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        const xw_model_division *d = &m->divisions[i];
        uint32_t up = i;
        for (int steps = 0; up != row && up != XW_NONE && steps < 16; steps++) up = s->parents[up];
        if (up != row || d->n_plots == 0) continue;
        if (!xw_grow((void **)&s->plots, &s->cap_plots, s->n_plots + d->n_plots,
                     sizeof *s->plots)) {
            return xw_fail(err, XW_NOMEM, "%zu plots", s->n_plots + d->n_plots);
        }
        for (uint32_t k = 0; k < d->n_plots; k++) s->plots[s->n_plots++] = d->first_plot + k;
    }
    return XW_OK;
}

static xw_status polygon_rings(xw_shapes *s, xw_table t, uint32_t row, xw_shape *out, xw_error *err)
{
    xw_status st = XW_OK;
    if (t == XW_TABLE_DIVISION) {
        st = division_plots(s, row, err);
    } else if (t == XW_TABLE_GRID) {
        st = xw_grid_plots(s->m, row, &s->plots, &s->n_plots, &s->cap_plots, err);
    } else {
        s->n_plots = 0;
        if (!xw_grow((void **)&s->plots, &s->cap_plots, 1, sizeof *s->plots)) {
            return xw_fail(err, XW_NOMEM, "plot");
        }
        s->plots[s->n_plots++] = row;
    }
    if (!st) st = traced_rings(s, out, err);
    return st ? xw_fail_within(err, st, "%s %u", xw_table_name(t), row + 1) : XW_OK;
}

xw_status xw_shapes_get(xw_shapes *s, xw_table t, uint32_t row, xw_shape *out, xw_error *err)
{
    const xw_model *m = s->m;
    *out = (xw_shape){.kind = xw_table_kind(t), .box = XW_BOX_EMPTY};
    xw_status st = XW_OK;
    switch (t) {
    case XW_TABLE_DIVISION:
    case XW_TABLE_GRID:
    case XW_TABLE_PLOT:
        st = polygon_rings(s, t, row, out, err);
        break;
    case XW_TABLE_BUILDING:
        st = building_rings(s, &m->buildings[row], out, err);
        break;
    case XW_TABLE_EDGE:
        st = one_ring(s, m->pts + m->edges[row].first, m->edges[row].n, out, err);
        break;
    case XW_TABLE_LINE:
        st = one_ring(s, m->pts + m->lines[row].first, m->lines[row].n, out, err);
        break;
    case XW_TABLE_UNIT:
        st = one_ring(s, &m->plots[m->units[row].plot].anchor, 1, out, err);
        break;
    case XW_TABLE_ADDRESS:
        st = one_ring(s, &m->addresses[row].at, 1, out, err);
        break;
    case XW_TABLE_FINDING:
        st = one_ring(s, &m->findings[row].at, 1, out, err);
        break;
    case XW_TABLE_LINEAGE:
        st = one_ring(s, &m->lineage[row].at, 1, out, err);
        break;
    case XW_TABLE_COUNT:
        break;
    }
    if (st) return st;
    out->rings = s->rings;
    for (size_t i = 0; i < out->n_rings; i++) {
        if (s->rings[i].hole) continue;
        out->box = xw_box_join(out->box, xw_ring_box((xw_ring){s->rings[i].pts, s->rings[i].n}));
    }
    return XW_OK;
}

void xw_shape_wkb(const xw_shape *shape, xw_buf *out)
{
    switch (shape->kind) {
    case XW_WKB_POINT:
        xw_wkb_point(out, shape->rings[0].pts[0]);
        break;
    case XW_WKB_LINE:
        xw_wkb_line(out, shape->rings[0].pts, shape->rings[0].n);
        break;
    case XW_WKB_MULTIPOLYGON:
        xw_wkb_multipolygon(out, shape->rings, shape->n_rings);
        break;
    case XW_WKB_NONE:
        break;
    }
}
