#include "xiwang/outline.h"

#include <stdlib.h>
#include <string.h>

xw_status xw_edge_index_create(const xw_model *m, xw_edge_index *out, xw_error *err)
{
    *out = (xw_edge_index){.n_plots = m->n_plots};
    out->start = calloc(m->n_plots + 2, sizeof *out->start);
    if (!out->start) return xw_fail(err, XW_NOMEM, "edges of %zu plots", m->n_plots);
    uint32_t *start = out->start + 1; /* one slot ahead: placing moves each to its final value */
    for (size_t i = 0; i < m->n_edges; i++) {
        const uint32_t side[2] = {m->edges[i].left, m->edges[i].right};
        for (int k = 0; k < 2; k++) {
            if (side[k] != XW_NONE) start[side[k] + 1]++;
        }
    }
    for (size_t p = 1; p <= m->n_plots; p++) start[p] += start[p - 1];
    out->item = malloc((start[m->n_plots] + 1) * sizeof *out->item);
    if (!out->item) {
        xw_edge_index_finish(out);
        return xw_fail(err, XW_NOMEM, "edges of %zu plots", m->n_plots);
    }
    for (size_t i = 0; i < m->n_edges; i++) {
        const uint32_t side[2] = {m->edges[i].left, m->edges[i].right};
        for (int k = 0; k < 2; k++) {
            if (side[k] != XW_NONE) out->item[start[side[k]]++] = (uint32_t)i;
        }
    }
    return XW_OK;
}

void xw_edge_index_finish(xw_edge_index *ix)
{
    free(ix->start);
    free(ix->item);
    *ix = (xw_edge_index){0};
}

void xw_outline_finish(xw_outline *o)
{
    free(o->refs);
    free(o->rings);
    *o = (xw_outline){0};
}

typedef struct half { /* a boundary edge with the set on its left */
    xw_pt from;
    uint32_t ref;
    bool used;
} half;

struct xw_tracer {
    const xw_model *m;
    const xw_edge_index *ix;
    uint32_t *mark; /* by plot: the number of the call that put it in the set */
    uint32_t call;
    half *halves;
    size_t n_halves, cap_halves;
    uint32_t *stack; /* halves of the walk */
    size_t n_stack, cap_stack;
    uint32_t *depth; /* by first half of a node: 1 + position in the stack, 0: not on it */
    size_t cap_depth;
    xw_pt *pts; /* vertices of all rings of the call, for areas and nesting */
    size_t n_pts, cap_pts;
    xw_span *spans; /* of pts, ring by ring */
    size_t cap_spans;
};

xw_status xw_tracer_create(const xw_model *m, const xw_edge_index *ix, xw_tracer **out,
                           xw_error *err)
{
    *out = NULL;
    xw_tracer *t = calloc(1, sizeof *t);
    if (!t) return xw_fail(err, XW_NOMEM, "tracer");
    t->m = m;
    t->ix = ix;
    t->mark = calloc(m->n_plots + 1, sizeof *t->mark);
    if (!t->mark) {
        free(t);
        return xw_fail(err, XW_NOMEM, "tracer");
    }
    *out = t;
    return XW_OK;
}

void xw_tracer_destroy(xw_tracer *t)
{
    if (!t) return;
    free(t->mark);
    free(t->halves);
    free(t->stack);
    free(t->depth);
    free(t->pts);
    free(t->spans);
    free(t);
}

/* Vertex k of a reference in its own direction. */
static xw_pt ref_pt(const xw_model *m, uint32_t ref, uint32_t k)
{
    const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
    return m->pts[e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - k : k)];
}

static xw_pt ref_end(const xw_model *m, uint32_t ref)
{
    return ref_pt(m, ref, m->edges[XW_REF_EDGE(ref)].n - 1);
}

static int by_start(const void *a, const void *b)
{
    const half *x = a, *y = b;
    if (!xw_pt_eq(x->from, y->from)) return xw_pt_less(x->from, y->from) ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

static xw_status collect(xw_tracer *t, const uint32_t *plots, size_t n, xw_error *err)
{
    if (++t->call == 0) { /* the counter went round: forget all marks */
        memset(t->mark, 0, (t->m->n_plots + 1) * sizeof *t->mark);
        t->call = 1;
    }
    for (size_t i = 0; i < n; i++) t->mark[plots[i]] = t->call;
    t->n_halves = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t p = plots[i];
        for (uint32_t k = t->ix->start[p]; k < t->ix->start[p + 1]; k++) {
            const uint32_t e = t->ix->item[k];
            const xw_edge *edge = &t->m->edges[e];
            const bool is_left = edge->left == p;
            const uint32_t other = is_left ? edge->right : edge->left;
            if (other != XW_NONE && t->mark[other] == t->call) continue;
            if (!xw_grow((void **)&t->halves, &t->cap_halves, t->n_halves + 1, sizeof *t->halves)) {
                return xw_fail(err, XW_NOMEM, "outline of %zu plots", n);
            }
            const uint32_t ref = e << 1 | (is_left ? 0 : 1);
            t->halves[t->n_halves++] = (half){ref_pt(t->m, ref, 0), ref, false};
        }
    }
    if (t->n_halves) qsort(t->halves, t->n_halves, sizeof *t->halves, by_start);
    return XW_OK;
}

typedef struct vec {
    int64_t x, y;
} vec;
static vec vec_of(xw_pt from, xw_pt to)
{
    return (vec){(int64_t)to.x - from.x, (int64_t)to.y - from.y};
}
static int sign_cross(vec a, vec b)
{
    const xw_i128 c = (xw_i128)a.x * b.y - (xw_i128)a.y * b.x;
    return (c > 0) - (c < 0);
}

/* Quarter of the clockwise turn from base to d: 0 within (0,pi), 1 pi, 2 beyond, 3 none or full. */
static int turn_part(vec base, vec d)
{
    const int c = sign_cross(base, d);
    if (c) return c < 0 ? 0 : 2;
    return (xw_i128)base.x * d.x + (xw_i128)base.y * d.y < 0 ? 1 : 3;
}

static bool first_clockwise(vec base, vec a, vec b)
{
    const int pa = turn_part(base, a), pb = turn_part(base, b);
    return pa != pb ? pa < pb : sign_cross(a, b) < 0;
}

/* Index of the first half that starts at p, or n_halves. */
static size_t find_start(const xw_tracer *t, xw_pt p)
{
    size_t lo = 0, hi = t->n_halves;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(t->halves[mid].from, p)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* The half that continues ref at its end: the first one clockwise from where ref came, so that the
 * wedge on the left stays the set. */
static size_t next_half(const xw_tracer *t, uint32_t ref, size_t node)
{
    const xw_pt at = ref_end(t->m, ref);
    const vec back = vec_of(at, ref_pt(t->m, ref, t->m->edges[XW_REF_EDGE(ref)].n - 2));
    size_t best = t->n_halves;
    vec best_dir = {0, 0};
    for (size_t i = node; i < t->n_halves && xw_pt_eq(t->halves[i].from, at); i++) {
        if (t->halves[i].used) continue;
        const vec dir = vec_of(at, ref_pt(t->m, t->halves[i].ref, 1));
        if (best == t->n_halves || first_clockwise(back, dir, best_dir)) {
            best = i;
            best_dir = dir;
        }
    }
    return best;
}

/* Moves the top of the stack, from position `from`, out as one ring. */
static xw_status emit(xw_tracer *t, size_t from, xw_outline *out, xw_error *err)
{
    const size_t n = t->n_stack - from;
    if (!xw_grow((void **)&out->refs, &out->cap_refs, out->n_refs + n, sizeof *out->refs) ||
        !xw_grow((void **)&out->rings, &out->cap_rings, out->n_rings + 1, sizeof *out->rings) ||
        !xw_grow((void **)&t->spans, &t->cap_spans, out->n_rings + 1, sizeof *t->spans)) {
        return xw_fail(err, XW_NOMEM, "outline");
    }
    xw_outline_ring *r = &out->rings[out->n_rings];
    memset(r, 0, sizeof *r);
    r->first = (uint32_t)out->n_refs;
    r->n = (uint32_t)n;
    for (size_t i = from; i < t->n_stack; i++) {
        out->refs[out->n_refs++] = t->halves[t->stack[i]].ref;
    }
    t->n_stack = from;
    const size_t first = t->n_pts;
    const xw_status st = xw_outline_points(t->m, out, r, &t->pts, &t->n_pts, &t->cap_pts, err);
    if (st) return st;
    t->spans[out->n_rings] = (xw_span){(uint32_t)first, (uint32_t)(t->n_pts - first)};
    r->area2 = xw_ring_area2((xw_ring){t->pts + first, (uint32_t)(t->n_pts - first)});
    r->hole = r->area2 < 0;
    out->n_rings++;
    return XW_OK;
}

/* Walks from one half until it closes; each time a node comes again, a simple ring has closed. */
static xw_status walk(xw_tracer *t, size_t start, xw_outline *out, xw_error *err)
{
    size_t at = start;
    t->n_stack = 0;
    do {
        half *h = &t->halves[at];
        const size_t node = find_start(t, h->from);
        if (!xw_grow((void **)&t->stack, &t->cap_stack, t->n_stack + 1, sizeof *t->stack)) {
            return xw_fail(err, XW_NOMEM, "outline");
        }
        h->used = true;
        t->depth[node] = (uint32_t)t->n_stack + 1;
        t->stack[t->n_stack++] = (uint32_t)at;
        const xw_pt end = ref_end(t->m, h->ref);
        const size_t end_node = find_start(t, end);
        if (end_node < t->n_halves && t->depth[end_node] > 0) {
            const size_t from = t->depth[end_node] - 1;
            for (size_t i = from; i < t->n_stack; i++) {
                t->depth[find_start(t, t->halves[t->stack[i]].from)] = 0;
            }
            const xw_status st = emit(t, from, out, err);
            if (st) return st;
            if (t->n_stack == 0) return XW_OK;
        }
        at = next_half(t, h->ref, end_node);
    } while (at < t->n_halves);
    const xw_pt p = ref_end(t->m, t->halves[t->stack[t->n_stack - 1]].ref);
    return xw_fail(err, XW_INTERNAL, "outline does not close at %.7f,%.7f", xw_deg(p.x),
                   xw_deg(p.y));
}

static xw_ring ring_of(const xw_tracer *t, size_t i)
{
    return (xw_ring){t->pts + t->spans[i].first, t->spans[i].n};
}

/* Is ring `in` inside ring `around`? They may touch, so a vertex off the line decides. */
static bool is_inside(const xw_tracer *t, size_t in, size_t around)
{
    const xw_ring r = ring_of(t, in), outer = ring_of(t, around);
    const xw_box box = xw_ring_box(outer);
    if (!xw_box_has(box, r.pts[0])) return false;
    for (uint32_t i = 0; i < r.n; i++) {
        if (!xw_ring_touches(outer, r.pts[i])) return xw_ring_owns(outer, r.pts[i]);
    }
    return true;
}

static int64_t abs64(int64_t v) { return v < 0 ? -v : v; }

/* Puts each hole behind the smallest outer ring around it. */
static xw_status nest(xw_tracer *t, xw_outline *out, xw_error *err)
{
    const size_t n = out->n_rings;
    size_t n_outer = 0, only = 0;
    for (size_t i = 0; i < n; i++) {
        if (!out->rings[i].hole) {
            n_outer++;
            only = i;
        }
    }
    if (n < 2) return XW_OK;
    uint32_t *owner = malloc(n * sizeof *owner);
    xw_outline_ring *sorted = malloc(n * sizeof *sorted);
    if (!owner || !sorted) {
        free(owner);
        free(sorted);
        return xw_fail(err, XW_NOMEM, "outline of %zu rings", n);
    }
    for (size_t i = 0; i < n; i++) {
        owner[i] = (uint32_t)(n_outer == 1 ? only : i);
        if (!out->rings[i].hole || n_outer == 1) continue;
        for (size_t k = 0; k < n; k++) {
            const bool better =
                owner[i] == i || abs64(out->rings[k].area2) < abs64(out->rings[owner[i]].area2);
            if (!out->rings[k].hole && better && is_inside(t, i, k)) owner[i] = (uint32_t)k;
        }
    }
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (out->rings[i].hole) continue;
        sorted[at++] = out->rings[i];
        for (size_t k = 0; k < n; k++) {
            if (out->rings[k].hole && owner[k] == i) sorted[at++] = out->rings[k];
        }
    }
    const bool all = at == n; /* a hole in no outer ring: the edges contradict themselves */
    if (all) memcpy(out->rings, sorted, n * sizeof *sorted);
    free(owner);
    free(sorted);
    return all ? XW_OK : xw_fail(err, XW_INTERNAL, "outline has a hole outside its rings");
}

xw_status xw_tracer_trace(xw_tracer *t, const uint32_t *plots, size_t n, xw_outline *out,
                          xw_error *err)
{
    out->n_refs = out->n_rings = 0;
    t->n_pts = 0;
    xw_status st = collect(t, plots, n, err);
    if (st) return st;
    if (!xw_grow((void **)&t->depth, &t->cap_depth, t->n_halves + 1, sizeof *t->depth)) {
        return xw_fail(err, XW_NOMEM, "outline of %zu plots", n);
    }
    memset(t->depth, 0, (t->n_halves + 1) * sizeof *t->depth);
    for (size_t i = 0; i < t->n_halves; i++) {
        if (t->halves[i].used) continue;
        st = walk(t, i, out, err);
        if (st) return st;
    }
    return nest(t, out, err);
}

xw_status xw_outline_points(const xw_model *m, const xw_outline *o, const xw_outline_ring *r,
                            xw_pt **pts, size_t *n, size_t *cap, xw_error *err)
{
    size_t total = *n;
    for (uint32_t i = 0; i < r->n; i++) {
        total += m->edges[XW_REF_EDGE(o->refs[r->first + i])].n - 1;
    }
    if (!xw_grow((void **)pts, cap, total, sizeof **pts)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu vertices", total - *n);
    }
    for (uint32_t i = 0; i < r->n; i++) {
        const uint32_t ref = o->refs[r->first + i];
        const uint32_t last = m->edges[XW_REF_EDGE(ref)].n - 1;
        for (uint32_t k = 0; k < last; k++) (*pts)[(*n)++] = ref_pt(m, ref, k);
    }
    return XW_OK;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

xw_status xw_grid_plots(const xw_model *m, uint32_t grid, uint32_t **out, size_t *n, size_t *cap,
                        xw_error *err)
{
    /* The finest grids below a grid are consecutive: walk down its first and its last child. */
    uint32_t lo = grid, hi = grid;
    while (m->grids[lo].level + 1 < m->n_levels) {
        lo = m->grids[lo].first_child;
        hi = m->grids[hi].first_child + m->grids[hi].children - 1;
    }
    *n = 0;
    for (uint32_t g = lo; g <= hi; g++) {
        const xw_grid *fine = &m->grids[g];
        if (!xw_grow((void **)out, cap, *n + fine->n_units, sizeof **out)) {
            return xw_fail(err, XW_NOMEM, "plots of grid %u", grid);
        }
        for (uint32_t i = 0; i < fine->n_units; i++) {
            (*out)[(*n)++] = m->units[m->grid_units[fine->first_child + i]].plot;
        }
    }
    if (*n == 0) return XW_OK;
    qsort(*out, *n, sizeof **out, by_value);
    size_t keep = 1;
    for (size_t i = 1; i < *n; i++) {
        if ((*out)[i] != (*out)[keep - 1]) (*out)[keep++] = (*out)[i];
    }
    *n = keep;
    return XW_OK;
}
