/* Edges after an edit: those between plots that stay, then those of the part, in one order. */
#include "edit_apply.h"

#include <stdlib.h>
#include <string.h>

typedef struct sorted { /* an edge on its way, with its vertices still where they come from */
    xw_edge edge;
    const xw_pt *pts;
    bool back; /* runs against them */
} sorted;

static xw_pt vertex(const sorted *s, uint32_t i) { return s->pts[s->back ? s->edge.n - 1 - i : i]; }

static int by_sides(const void *a, const void *b)
{
    const sorted *p = a, *q = b;
    if (p->edge.left != q->edge.left) return p->edge.left < q->edge.left ? -1 : 1;
    if (p->edge.right != q->edge.right) return p->edge.right < q->edge.right ? -1 : 1;
    for (uint32_t i = 0; i < 2; i++) {
        const xw_pt x = vertex(p, i), y = vertex(q, i);
        if (!xw_pt_eq(x, y)) return xw_pt_less(x, y) ? -1 : 1;
    }
    return 0;
}

static sorted old_edge(const merge *g, const xw_edge *d)
{
    sorted s = {*d, g->old->pts + d->first, false};
    s.edge.left = merge_map(g->plot_of_old, d->left);
    s.edge.right = merge_map(g->plot_of_old, d->right);
    s.edge.custody = merge_map(g->plot_of_old, d->custody);
    return s;
}

/* An edge of the seam has the smaller plot on its left like any other. When that is the plot
 * beyond, it is walked from its other end, whose barrier gives the source then. */
static xw_status seam_edge_of(merge *g, sorted *s, xw_error *err)
{
    const seam_edge *more = &g->r->seam.edges[s->edge.custody];
    const xw_territory *t = &g->r->e->t;
    const uint32_t plot = g->plot_of_old[more->plot];
    s->edge.pad = 0;
    s->edge.right = plot;
    if (plot > s->edge.left) return XW_OK;
    s->edge.right = s->edge.left;
    s->edge.left = plot;
    s->back = true;
    if (more->tail == XW_NONE) {
        s->edge.source = s->edge.name = 0;
        return XW_OK;
    }
    const xw_barrier *b = &t->barriers[more->tail];
    xw_status st =
        xw_strings_add(&g->m.text, xw_territory_text(t, b->source), &s->edge.source, err);
    if (st) return st;
    return xw_strings_add(&g->m.text, xw_territory_text(t, b->name), &s->edge.name, err);
}

static xw_status new_edge(merge *g, const xw_edge *d, sorted *out, xw_error *err)
{
    sorted s = {*d, g->part->pts + d->first, false};
    xw_status st = merge_text(g, d->source, &s.edge.source, err);
    if (!st) st = merge_text(g, d->name, &s.edge.name, err);
    s.edge.left = g->plot_of_new[d->left];
    if (d->pad) {
        if (!st) st = seam_edge_of(g, &s, err);
        s.edge.custody = emit_custody(&s.edge, vertex(&s, 0), vertex(&s, d->n - 1));
    } else {
        s.edge.right = merge_map(g->plot_of_new, d->right);
        s.edge.custody = merge_map(g->plot_of_new, d->custody);
    }
    *out = s;
    return st;
}

static xw_status add_edge(merge *g, const sorted *s, bool measure, xw_error *err)
{
    xw_edge *out = XW_MODEL_ADD(&g->m, edges);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu edges", g->m.n_edges);
    *out = s->edge;
    const xw_status st = xw_model_add_pts(&g->m, s->pts, s->edge.n, &out->first, err);
    if (st) return st;
    xw_pt *pts = g->m.pts + out->first;
    for (uint32_t i = 0, k = out->n - 1; s->back && i < k; i++, k--) {
        const xw_pt p = pts[i];
        pts[i] = pts[k];
        pts[k] = p;
    }
    if (measure) out->length_m = (float)emit_length_m(pts, out->n);
    return XW_OK;
}

xw_status merge_edges(merge *g, xw_error *err)
{
    const size_t n = g->part->n_edges;
    sorted *new = malloc((n + 1) * sizeof *new);
    xw_status st = new ? XW_OK : xw_fail(err, XW_NOMEM, "%zu edges", n);
    for (size_t i = 0; i < n && !st; i++) st = new_edge(g, &g->part->edges[i], &new[i], err);
    if (!st && n) qsort(new, n, sizeof *new, by_sides);
    size_t k = 0;
    for (size_t i = 0; i < g->old->n_edges && !st; i++) {
        const xw_edge *d = &g->old->edges[i];
        if (edit_goes(g->r, d->left) || edit_goes(g->r, d->right)) continue;
        const sorted s = old_edge(g, d);
        for (; k < n && by_sides(&new[k], &s) < 0 && !st; k++) st = add_edge(g, &new[k], true, err);
        if (!st) st = add_edge(g, &s, false, err);
    }
    for (; k < n && !st; k++) st = add_edge(g, &new[k], true, err);
    free(new);
    return st;
}
