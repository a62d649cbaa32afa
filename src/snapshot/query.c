/* Shapes, boxes and box queries of an open snapshot. */
#include "format.h"
#include "tree.h"
#include "xiwang/answer.h"
#include "xiwang/buf.h"

#include <stdlib.h>

/* Where the shapes of a kind begin; only grids, plots and divisions have one. */
static const snapshot_shape *shape_of(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix)
{
    const xw_model *m = &s->model;
    const size_t before = kind == XW_SHAPE_GRID   ? 0
                          : kind == XW_SHAPE_PLOT ? m->n_grids
                                                  : m->n_grids + m->n_plots;
    return &s->shapes[before + ix];
}

xw_shape xw_snapshot_shape(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix)
{
    if (kind > XW_SHAPE_DIVISION || ix >= xw__shape_count(&s->model, kind)) {
        return (xw_shape){.refs = s->refs, .box = XW_BOX_EMPTY};
    }
    const snapshot_shape *f = shape_of(s, kind, ix);
    return (xw_shape){s->rings + f->first_ring, f->n_rings, s->refs, f->box};
}

xw_box xw_snapshot_box(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix)
{
    const xw_model *m = &s->model;
    if (ix >= xw__shape_count(m, kind)) return XW_BOX_EMPTY;
    switch (kind) {
    case XW_SHAPE_BUILDING:
        return s->boxes[ix];
    case XW_SHAPE_LINE:
        return s->boxes[m->n_buildings + ix];
    case XW_SHAPE_EDGE:
        return s->boxes[m->n_buildings + m->n_lines + ix];
    case XW_SHAPE_ADDRESS:
        return (xw_box){m->addresses[ix].at, m->addresses[ix].at};
    default:
        return shape_of(s, kind, ix)->box;
    }
}

size_t xw__roads(const xw_model *m, uint32_t *ix)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        if (xw_carriageway_half_m(m->edges[i].cls) <= 0.0) continue;
        if (ix) ix[n] = (uint32_t)i;
        n++;
    }
    return n;
}

typedef struct gather {
    uint32_t **ix;
    size_t *n, *cap;
} gather;

static bool take(void *user, uint32_t ix)
{
    gather *g = user;
    if (!xw_grow((void **)g->ix, g->cap, *g->n + 1, sizeof **g->ix)) return false;
    (*g->ix)[(*g->n)++] = ix;
    return true;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

xw_status xw_snapshot_query(const xw_snapshot *s, xw_shape_kind kind, xw_box box, uint32_t **ix,
                            size_t *n, size_t *cap, xw_error *err)
{
    if (xw_box_is_empty(box) || (unsigned)kind >= XW_SHAPE_KINDS) return XW_OK;
    const size_t had = *n;
    gather g = {ix, n, cap};
    if (!xw__tree_walk(xw__shape_count(&s->model, kind), s->order[kind], s->nodes[kind], box, take,
                       &g)) {
        return xw_fail(err, XW_NOMEM, "objects in a box");
    }
    if (*n > had) qsort(*ix + had, *n - had, sizeof **ix, by_value);
    return XW_OK;
}
