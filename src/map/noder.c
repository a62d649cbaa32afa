#include "xiwang/noder.h"

#include "noder.h"
#include "pixel.h"
#include "xiwang/buf.h"
#include "xiwang/cells.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 14 }; /* segments or cells of one work item */

typedef struct work {
    const xw_segment *seg;
    size_t n, n_noded; /* the first n_noded meet at their ends only */
    xw_box box;
    xw_cells cells;
    xw_pt *nodes;
    size_t n_nodes;
    uint32_t *node_start, *node_item; /* nodes by cell, column by column */
    xw__points *found;                /* crossings, chunk by chunk */
    xw__pieces *pieces;               /* rerouted segments, chunk by chunk */
    size_t n_cell_chunks, n_seg_chunks;
    unsigned threads;
} work;

static void segment_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const xw_segment *s = (const xw_segment *)ctx + i;
    *a = s->a;
    *b = s->b;
}

static xw_box box_of(const xw_segment *s) { return xw_box_grow((xw_box){s->a, s->a}, s->b); }

/* All proper crossings of the pairs of one cell. A pair that shares two cells is found twice; equal
 * points fall together later. */
static xw_status cross_cell(const work *w, size_t cell, xw__points *out, xw_error *err)
{
    const uint32_t lo = w->cells.start[cell], hi = w->cells.start[cell + 1];
    uint32_t fresh = lo; /* items are ascending: those that are noded already come first */
    while (fresh < hi && w->cells.item[fresh] < w->n_noded) fresh++;
    if (fresh == hi) return XW_OK;
    for (uint32_t i = lo; i < hi; i++) {
        const xw_segment *s = &w->seg[w->cells.item[i]];
        const xw_box box = box_of(s);
        for (uint32_t k = i < fresh ? fresh : i + 1; k < hi; k++) {
            const xw_segment *t = &w->seg[w->cells.item[k]];
            xw_pt p;
            if (!xw_box_meets(box, box_of(t)) || !xw__crossing(s->a, s->b, t->a, t->b, &p)) {
                continue;
            }
            if (!xw_grow((void **)&out->p, &out->cap, out->n + 1, sizeof *out->p)) {
                return xw_fail(err, XW_NOMEM, "%zu crossings", out->n);
            }
            out->p[out->n++] = p;
        }
    }
    return XW_OK;
}

static xw_status cross_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    work *w = ctx;
    const size_t n_cells = (size_t)w->cells.nx * w->cells.ny;
    size_t hi = (chunk + 1) * CHUNK;
    if (hi > n_cells) hi = n_cells;
    for (size_t cell = chunk * CHUNK; cell < hi; cell++) {
        const xw_status st = cross_cell(w, cell, &w->found[chunk], err);
        if (st) return st;
    }
    return XW_OK;
}

/* Nodes are ascending by x, so those of a column of cells lie together, and columns can be filled
 * on their own. */
static xw_status bucket_column(void *ctx, size_t cx, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    work *w = ctx;
    const xw_cells *c = &w->cells;
    const int64_t west = c->box.min.x + ((int64_t)cx << c->shift);
    const size_t lo = xw__first_node(w->nodes, w->n_nodes, west);
    const size_t hi = xw__first_node(w->nodes, w->n_nodes, west + ((int64_t)1 << c->shift));
    uint32_t *start = w->node_start + cx * c->ny;
    for (size_t i = lo; i < hi; i++) start[xw_cell_y(c, w->nodes[i].y)]++;
    uint32_t sum = (uint32_t)lo;
    for (uint32_t cy = 0; cy < c->ny; cy++) start[cy] = sum += start[cy];
    for (size_t i = hi; i-- > lo;) {
        w->node_item[--start[xw_cell_y(c, w->nodes[i].y)]] = (uint32_t)i;
    }
    return XW_OK;
}

static xw_status bucket_nodes(work *w, xw_error *err)
{
    const size_t n_cells = (size_t)w->cells.nx * w->cells.ny;
    w->node_start = calloc(n_cells + 1, sizeof *w->node_start);
    w->node_item = malloc((w->n_nodes + 1) * sizeof *w->node_item);
    if (!w->node_start || !w->node_item) return xw_fail(err, XW_NOMEM, "%zu nodes", w->n_nodes);
    w->node_start[n_cells] = (uint32_t)w->n_nodes;
    return xw_parallel(w->threads, w->cells.nx, bucket_column, w, err);
}

/* The nodes a segment passes, in the order of the walk. Inside one column of pixels a straight line
 * is monotone, so sorting by x and then y in its own directions is the order along it. */
typedef struct route {
    uint32_t *node;
    size_t n, cap;
} route;

static bool walks_before(const work *w, const xw_segment *s, uint32_t i, uint32_t k)
{
    const xw_pt p = w->nodes[i], q = w->nodes[k];
    if (p.x != q.x && s->a.x != s->b.x) return (p.x < q.x) == (s->a.x < s->b.x);
    return (p.y < q.y) == (s->a.y < s->b.y) && p.y != q.y;
}

static xw_status route_segment(const work *w, const xw_segment *s, route *r, xw_error *err)
{
    r->n = 0;
    uint32_t cx0, cx1;
    xw_cells_columns(&w->cells, s->a, s->b, &cx0, &cx1);
    const xw__probe probe = xw__probe_of(s->a, s->b);
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows = xw_cells_rows(&w->cells, s->a, s->b, cx);
        const uint32_t *start = w->node_start + (size_t)cx * w->cells.ny;
        for (uint32_t k = start[rows.y0]; k < start[rows.y1 + 1]; k++) { /* rows lie together */
            const uint32_t node = w->node_item[k];
            if (!xw__probe_hits(&probe, w->nodes[node])) continue;
            if (r->n == r->cap && !xw_grow((void **)&r->node, &r->cap, r->n + 1, sizeof *r->node)) {
                return xw_fail(err, XW_NOMEM, "route");
            }
            size_t at = r->n++; /* insertion: routes are short and almost in order */
            for (; at > 0 && walks_before(w, s, node, r->node[at - 1]); at--) {
                r->node[at] = r->node[at - 1];
            }
            r->node[at] = node;
        }
    }
    return XW_OK;
}

static xw_status route_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    work *w = ctx;
    xw__pieces *out = &w->pieces[chunk];
    route r = {0};
    xw_status st = XW_OK;
    size_t hi = (chunk + 1) * CHUNK;
    if (hi > w->n) hi = w->n;
    for (size_t i = chunk * CHUNK; i < hi && !st; i++) {
        const xw_segment *s = &w->seg[i];
        if (xw_pt_eq(s->a, s->b)) continue;
        st = route_segment(w, s, &r, err);
        if (!st && out->n + r.n > out->cap &&
            !xw_grow((void **)&out->p, &out->cap, out->n + r.n, sizeof *out->p)) {
            st = xw_fail(err, XW_NOMEM, "%zu pieces", out->n + r.n);
        }
        for (size_t k = 1; k < r.n && !st; k++) {
            const uint32_t a = r.node[k - 1], b = r.node[k];
            out->p[out->n++] =
                a < b ? (xw__piece){a, b, s->tag << 1} : (xw__piece){b, a, s->tag << 1 | 1};
        }
    }
    free(r.node);
    return st ? st : xw__pieces_band(out, w->n_nodes, err);
}

static void finish(work *w)
{
    xw_cells_finish(&w->cells);
    for (size_t i = 0; w->found && i < w->n_cell_chunks; i++) free(w->found[i].p);
    for (size_t i = 0; w->pieces && i < w->n_seg_chunks; i++) free(w->pieces[i].p);
    free(w->found);
    free(w->pieces);
    free(w->nodes);
    free(w->node_start);
    free(w->node_item);
}

static xw_status check_input(const xw_segment *seg, size_t n, xw_box *box, xw_error *err)
{
    if (n > (size_t)1 << 30) return xw_fail(err, XW_LIMIT, "%zu segments", n);
    xw_box b = XW_BOX_EMPTY;
    for (size_t i = 0; i < n; i++) b = xw_box_grow(xw_box_grow(b, seg[i].a), seg[i].b);
    if (n > 0 && ((int64_t)b.max.x - b.min.x > XW_NODER_EXTENT_MAX ||
                  (int64_t)b.max.y - b.min.y > XW_NODER_EXTENT_MAX)) {
        return xw_fail(err, XW_LIMIT, "the map spans %.1f x %.1f degrees, more than 53",
                       ((double)b.max.x - b.min.x) / XW_UNITS_PER_DEG,
                       ((double)b.max.y - b.min.y) / XW_UNITS_PER_DEG);
    }
    *box = n > 0 ? b : (xw_box){{0, 0}, {0, 0}};
    return XW_OK;
}

xw_status xw_node(const xw_segment *segments, size_t n, const xw_job *job, xw_noded *out,
                  xw_error *err)
{
    return xw_node_onto(segments, n, 0, job, out, err);
}

xw_status xw_node_onto(const xw_segment *segments, size_t n, size_t n_noded, const xw_job *job,
                       xw_noded *out, xw_error *err)
{
    *out = (xw_noded){0};
    work w = {.seg = segments, .n = n, .n_noded = n_noded, .threads = xw_job_threads(job)};
    xw_status st = check_input(segments, n, &w.box, err);
    if (!st) st = xw_cells_create_with(&w.cells, segment_ends, segments, n, 8, err);
    if (st) goto fail;
    w.n_cell_chunks = ((size_t)w.cells.nx * w.cells.ny + CHUNK - 1) / CHUNK;
    w.n_seg_chunks = (n + CHUNK - 1) / CHUNK;
    w.found = calloc(w.n_cell_chunks + 1, sizeof *w.found);
    w.pieces = calloc(w.n_seg_chunks + 1, sizeof *w.pieces);
    if (!w.found || !w.pieces) {
        st = xw_fail(err, XW_NOMEM, "%zu segments", n);
        goto fail;
    }
    st = xw_job_step(job, "noding", 0, 3, err);
    if (!st) st = xw_parallel(w.threads, w.n_cell_chunks, cross_chunk, &w, err);
    if (!st) {
        const xw__node_input in = {segments, n, w.box, w.found, w.n_cell_chunks, w.threads};
        st = xw__collect_nodes(&in, &w.nodes, &w.n_nodes, err);
    }
    if (!st) st = bucket_nodes(&w, err);
    if (!st) st = xw_job_step(job, "noding", 1, 3, err);
    if (!st) st = xw_parallel(w.threads, w.n_seg_chunks, route_chunk, &w, err);
    if (!st) st = xw_job_step(job, "noding", 2, 3, err);
    if (!st) st = xw__merge_pieces(w.pieces, w.n_seg_chunks, w.n_nodes, w.threads, out, err);
    if (st) goto fail;
    out->nodes = w.nodes;
    out->n_nodes = w.n_nodes;
    w.nodes = NULL;
    finish(&w);
    return XW_OK;

fail:
    finish(&w);
    xw_noded_finish(out);
    return st;
}

void xw_noded_finish(xw_noded *n)
{
    free(n->nodes);
    free(n->edges);
    free(n->tags);
    *n = (xw_noded){0};
}
