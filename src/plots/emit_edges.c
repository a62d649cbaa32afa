/* Edges of the model: chains of half-edges between different plots, cut at nodes where three or
 * more meet and where the kind of boundary changes. */
#include "emit.h"

#include "xiwang/radix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct looks { /* what an edge of the fabric is */
    uint32_t barrier;  /* of the territory, XW_NONE */
    uint32_t beyond;   /* plot beyond a seam, XW_NONE */
    uint8_t basis, cls, flags;
    bool kept;
} looks;

/* Class of the barrier that was bent round a footprint here. */
static uint8_t bent_class(const fabric *f, uint32_t l, uint32_t r)
{
    uint8_t best = XW_CLASS_NONE;
    const uint32_t side[2] = {f->region[l], f->region[r]};
    for (int k = 0; k < 2; k++) {
        if (side[k] >= fabric_buildings(f)) continue;
        const uint8_t cls = f->s->bent[side[k]];
        if (class_strength(cls) < class_strength(best)) best = cls;
    }
    return best;
}

static looks look(const emit *e, size_t at)
{
    const fabric *f = e->f;
    const uint32_t l = f->map.face[2 * at], r = f->map.face[2 * at + 1];
    looks k = {XW_NONE, XW_NONE, XW_BASIS_BETWEEN, XW_CLASS_NONE, 0, f->plot[l] != f->plot[r]};
    if (!k.kept) return k;
    const xw_noded_edge *d = &f->noded.edges[at];
    for (uint32_t i = 0; i < d->n_tags; i++) {
        const uint32_t tag = f->noded.tags[d->first_tag + i] >> 1;
        if (tag >= f->n_scene) break;
        k.basis = XW_BASIS_BUILDING;
        const scene_edge *s = &f->s->edge[tag];
        if (s->crossed) k.flags |= XW_EDGE_CROSSED;
        if (class_strength(s->cls) < class_strength(k.cls)) {
            k.cls = s->cls;
            k.barrier = s->barrier;
        }
    }
    if (e->seam) k.beyond = e->seam->at[at].plot;
    if (k.cls == XW_CLASS_NONE && fabric_block(f, l) != fabric_block(f, r)) {
        k.cls = k.beyond == XW_NONE ? bent_class(f, l, r) : e->seam->at[at].cls;
        if (k.cls != XW_CLASS_NONE) k.flags |= XW_EDGE_DETOUR;
    }
    /* The territory ends where its divisions do, also where they are bent round a footprint that
     * reaches out, a piece of it, or a road beside them. */
    if (k.cls != XW_CLASS_DIVISION && k.beyond == XW_NONE &&
        (f->plot[l] == XW_NONE) != (f->plot[r] == XW_NONE)) {
        k.cls = XW_CLASS_DIVISION;
        k.barrier = XW_NONE;
        k.flags |= XW_EDGE_DETOUR;
    }
    if (k.cls != XW_CLASS_NONE) k.basis = (uint8_t)xw_basis_of_class(k.cls);
    return k;
}

static xw_text barrier_name(const emit *e, uint32_t barrier)
{
    return barrier == XW_NONE ? 0 : e->f->s->t->barriers[barrier].name;
}

static bool alike(const emit *e, const looks *a, const looks *b)
{
    return a->basis == b->basis && a->cls == b->cls && a->beyond == b->beyond &&
           (a->flags & XW_EDGE_DETOUR) == (b->flags & XW_EDGE_DETOUR) &&
           barrier_name(e, a->barrier) == barrier_name(e, b->barrier);
}

typedef struct chains {
    emit *e;
    const looks *looks;
    uint8_t *degree; /* by node: edges kept, at most 255 */
    uint8_t *done;   /* by edge of the fabric */
    xw_pt *pts;      /* of the chain being walked */
    size_t n_pts, cap_pts;
} chains;

/* The kept half-edge that goes on at the end of h (clockwise, so the left plot stays on the left).
 */
static uint32_t go_on(const chains *c, uint32_t h)
{
    const xw_map *m = &c->e->f->map;
    uint32_t g = m->next[h];
    while (!c->looks[g >> 1].kept) g = m->next[g ^ 1];
    return g;
}

static bool ends_at(const chains *c, uint32_t h, uint32_t g)
{
    const uint32_t node = xw_map_target(&c->e->f->map, h);
    return c->degree[node] != 2 || !alike(c->e, &c->looks[h >> 1], &c->looks[g >> 1]);
}

static xw_status add_point(chains *c, xw_pt p, xw_error *err)
{
    if (!xw_grow((void **)&c->pts, &c->cap_pts, c->n_pts + 1, sizeof *c->pts)) {
        return xw_fail(err, XW_NOMEM, "edge of %zu vertices", c->n_pts);
    }
    c->pts[c->n_pts++] = p;
    return XW_OK;
}

/* Short chains take one scale: within 22 m of latitude it changes by less than 2e-6. */
double emit_length_m(const xw_pt *p, size_t n)
{
    enum { ONE_SCALE = 2000 };
    int32_t lo = p[0].y, hi = p[0].y;
    for (size_t i = 1; i < n; i++) {
        if (p[i].y < lo) lo = p[i].y;
        if (p[i].y > hi) hi = p[i].y;
    }
    if ((int64_t)hi - lo > ONE_SCALE) return xw_line_length_m(p, n);
    const xw_scale k = xw_scale_at(lo + (hi - lo) / 2);
    double sum = 0.0;
    for (size_t i = 1; i < n; i++) {
        const double dx = ((double)p[i].x - p[i - 1].x) * k.mx;
        const double dy = ((double)p[i].y - p[i - 1].y) * k.my;
        sum += sqrt(dx * dx + dy * dy);
    }
    return sum;
}

uint32_t emit_custody(const xw_edge *e, xw_pt from, xw_pt to)
{
    if (e->basis != XW_BASIS_ROAD) return XW_NONE;
    if (e->right == XW_NONE) return e->left;
    const bool right = to.y != from.y ? to.y > from.y : to.x < from.x;
    return right ? e->right : e->left;
}

/* Keeps what the edge cannot say itself. */
static xw_status note_seam(chains *c, xw_edge *out, uint32_t plot, uint32_t tail, xw_error *err)
{
    emit_seam *s = c->e->seam;
    if (!xw_grow((void **)&s->edges, &s->cap_edges, s->n_edges + 1, sizeof *s->edges)) {
        return xw_fail(err, XW_NOMEM, "%zu edges", s->n_edges);
    }
    out->pad = 1;
    out->custody = (uint32_t)s->n_edges;
    s->edges[s->n_edges++] = (seam_edge){plot, tail};
    return XW_OK;
}

/* The chain of vertices that starts with half-edge h and ends with half-edge `last`. */
static xw_status add_edge(chains *c, uint32_t h, uint32_t last, unsigned flags, xw_error *err)
{
    emit *e = c->e;
    const looks *k = &c->looks[h >> 1];
    uint32_t first;
    xw_status st = xw_model_add_pts(e->m, c->pts, c->n_pts, &first, err);
    if (st) return st;
    xw_edge *out = XW_MODEL_ADD(e->m, edges);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu edges", e->m->n_edges);
    out->first = first;
    out->n = (uint32_t)c->n_pts;
    out->left = emit_plot_of(e, e->f->map.face[h]);
    out->right = emit_plot_of(e, e->f->map.face[h ^ 1]);
    out->basis = k->basis;
    out->cls = k->cls;
    out->flags = (uint8_t)flags;
    out->length_m = (float)emit_length_m(c->pts, c->n_pts);
    out->custody = emit_custody(out, c->pts[0], c->pts[c->n_pts - 1]);
    if (k->beyond != XW_NONE) st = note_seam(c, out, k->beyond, c->looks[last >> 1].barrier, err);
    if (st || k->barrier == XW_NONE) return st;
    const xw_barrier *b = &e->f->s->t->barriers[k->barrier];
    st = emit_text(e, b->source, &out->source, err);
    return st ? st : emit_text(e, b->name, &out->name, err);
}

/* Walks a chain from half-edge h to its end, or round until it is back. */
static xw_status walk(chains *c, uint32_t start, xw_error *err)
{
    const xw_map *m = &c->e->f->map;
    unsigned flags = 0;
    c->n_pts = 0;
    xw_status st = add_point(c, xw_map_from(m, start), err);
    uint32_t h = start;
    while (!st) {
        st = add_point(c, xw_map_to(m, h), err);
        flags |= c->looks[h >> 1].flags;
        c->done[h >> 1] = 1;
        const uint32_t g = go_on(c, h);
        if (g == start || ends_at(c, h, g)) break;
        h = g;
    }
    return st ? st : add_edge(c, start, h, flags, err);
}

/* Half-edges are walked with the smaller plot on their left (outside is the largest). */
static bool is_forward(const chains *c, uint32_t h)
{
    const emit *e = c->e;
    return emit_plot_of(e, e->f->map.face[h]) < emit_plot_of(e, e->f->map.face[h ^ 1]);
}

static bool starts_chain(const chains *c, uint32_t h)
{
    const uint32_t back =
        go_on(c, h ^ 1); /* what lies behind the origin, seen from the other side */
    return ends_at(c, h ^ 1, back);
}

/* The half-edge of a closed chain whose origin is its smallest node. */
static uint32_t smallest(const chains *c, uint32_t start)
{
    const xw_map *m = &c->e->f->map;
    uint32_t best = start;
    for (uint32_t h = go_on(c, start); h != start; h = go_on(c, h)) {
        if (xw_map_origin(m, h) < xw_map_origin(m, best)) best = h;
    }
    return best;
}

static bool goes_before(const xw_model *m, const xw_edge *p, const xw_edge *q)
{
    const xw_pt *a = m->pts + p->first, *b = m->pts + q->first;
    return xw_pt_less(a[0], b[0]) || (xw_pt_eq(a[0], b[0]) && xw_pt_less(a[1], b[1]));
}

/* Edges by left plot, then right plot, then place: order[i] has the edge in its low 32 bits. */
static void order_edges(const xw_model *m, uint64_t *order, uint64_t *spare)
{
    const size_t n = m->n_edges;
    for (size_t i = 0; i < n; i++) order[i] = (uint64_t)m->edges[i].right << 32 | i;
    xw_radix_sort(order, spare, n, 32, 64); /* outside is XW_NONE: all bits count */
    for (size_t i = 0; i < n; i++) {
        const uint32_t e = (uint32_t)order[i];
        order[i] = (uint64_t)m->edges[e].left << 32 | e;
    }
    xw_radix_sort(order, spare, n, 32, 32 + xw_bits_of(m->n_plots));
    for (size_t i = 1; i < n; i++) { /* few have the same sides, and they are almost in order */
        const uint64_t v = order[i];
        const xw_edge *e = &m->edges[(uint32_t)v];
        size_t at = i;
        for (; at > 0; at--) {
            const xw_edge *p = &m->edges[(uint32_t)order[at - 1]];
            if (p->left != e->left || p->right != e->right || !goes_before(m, e, p)) break;
            order[at] = order[at - 1];
        }
        order[at] = v;
    }
}

/* Edges and their vertices in canonical order. */
static xw_status sort_edges(xw_model *m, xw_error *err)
{
    uint64_t *order = malloc((2 * m->n_edges + 1) * sizeof *order);
    xw_edge *edges = malloc((m->n_edges + 1) * sizeof *edges);
    xw_pt *pts = malloc((m->n_pts + 1) * sizeof *pts);
    if (!order || !edges || !pts) {
        free(order);
        free(edges);
        free(pts);
        return xw_fail(err, XW_NOMEM, "%zu edges", m->n_edges);
    }
    order_edges(m, order, order + m->n_edges);
    size_t n = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        edges[i] = m->edges[(uint32_t)order[i]];
        memcpy(pts + n, m->pts + edges[i].first, edges[i].n * sizeof *pts);
        edges[i].first = (uint32_t)n;
        n += edges[i].n;
    }
    free(order);
    free(m->edges);
    m->edges = edges;
    m->cap_edges = m->n_edges + 1;
    memcpy(m->pts, pts, n * sizeof *pts);
    free(pts);
    return XW_OK;
}

xw_status emit_edges(emit *e, xw_error *err)
{
    const fabric *f = e->f;
    const size_t n = f->noded.n_edges;
    looks *all = malloc((n + 1) * sizeof *all);
    chains c = {.e = e, .looks = all};
    c.degree = calloc(f->noded.n_nodes + 1, 1);
    c.done = calloc(n + 1, 1);
    xw_status st = all && c.degree && c.done ? XW_OK : xw_fail(err, XW_NOMEM, "%zu edges", n);
    for (size_t i = 0; i < n && !st; i++) {
        all[i] = look(e, i);
        if (!all[i].kept) continue;
        uint8_t *a = &c.degree[f->noded.edges[i].a], *b = &c.degree[f->noded.edges[i].b];
        if (*a < 255) ++*a;
        if (*b < 255) ++*b;
    }
    for (size_t i = 0; e->seam && i < f->noded.n_nodes && !st; i++) {
        if (e->seam->pin[i]) c.degree[i] = 255;
    }
    for (uint32_t h = 0; h < 2 * n && !st; h++) {
        if (!all[h >> 1].kept || c.done[h >> 1] || !is_forward(&c, h) || !starts_chain(&c, h)) {
            continue;
        }
        st = walk(&c, h, err);
    }
    for (uint32_t h = 0; h < 2 * n && !st; h++) {
        if (!all[h >> 1].kept || c.done[h >> 1] || !is_forward(&c, h)) continue;
        st = walk(&c, smallest(&c, h), err);
    }
    if (!st) st = sort_edges(e->m, err);
    free(all);
    free(c.degree);
    free(c.done);
    free(c.pts);
    return st;
}
