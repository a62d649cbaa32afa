#include "xiwang/noder.h"

#include "pixel.h"
#include "xiwang/buf.h"
#include "xiwang/cells.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 14 }; /* segments or cells of one work item */

typedef struct work {
    const xw_segment *seg;
    size_t n;
    xw_cells cells;
    xw_pt *nodes;
    size_t n_nodes;
    uint32_t *node_start, *node_item; /* nodes by cell */
    struct points {
        xw_pt *p;
        size_t n, cap;
    } * found; /* crossings, chunk by chunk */
    struct pieces {
        struct piece {
            uint32_t a, b, tag;
        } * p;
        size_t n, cap;
    } * pieces; /* rerouted segments, chunk by chunk */
    size_t n_cell_chunks, n_seg_chunks;
} work;

static void segment_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const xw_segment *s = (const xw_segment *)ctx + i;
    *a = s->a;
    *b = s->b;
}

static bool boxes_meet(const xw_segment *s, const xw_segment *t)
{
    const xw_box a = xw_box_grow((xw_box){s->a, s->a}, s->b);
    const xw_box b = xw_box_grow((xw_box){t->a, t->a}, t->b);
    return xw_box_meets(a, b);
}

/* All proper crossings of the pairs of one cell. A pair that shares two cells is found twice; equal
 * points fall together later. */
static xw_status cross_cell(const work *w, size_t cell, struct points *out, xw_error *err)
{
    const uint32_t lo = w->cells.start[cell], hi = w->cells.start[cell + 1];
    for (uint32_t i = lo; i < hi; i++) {
        const xw_segment *s = &w->seg[w->cells.item[i]];
        for (uint32_t k = i + 1; k < hi; k++) {
            const xw_segment *t = &w->seg[w->cells.item[k]];
            xw_pt p;
            if (!boxes_meet(s, t) || !xw__crossing(s->a, s->b, t->a, t->b, &p)) continue;
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

static int by_point(const void *a, const void *b)
{
    const xw_pt *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* Nodes are the ends and the crossings, each once, in order. */
static xw_status collect_nodes(work *w, xw_error *err)
{
    size_t total = 2 * w->n;
    for (size_t i = 0; i < w->n_cell_chunks; i++) total += w->found[i].n;
    w->nodes = malloc((total + 1) * sizeof *w->nodes);
    if (!w->nodes) return xw_fail(err, XW_NOMEM, "%zu nodes", total);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        w->nodes[n++] = w->seg[i].a;
        w->nodes[n++] = w->seg[i].b;
    }
    for (size_t i = 0; i < w->n_cell_chunks; i++) {
        if (w->found[i].n) memcpy(w->nodes + n, w->found[i].p, w->found[i].n * sizeof *w->nodes);
        n += w->found[i].n;
    }
    if (n) qsort(w->nodes, n, sizeof *w->nodes, by_point);
    for (size_t i = 0; i < n; i++) {
        if (w->n_nodes == 0 || !xw_pt_eq(w->nodes[w->n_nodes - 1], w->nodes[i])) {
            w->nodes[w->n_nodes++] = w->nodes[i];
        }
    }
    return XW_OK;
}

static size_t cell_of(const xw_cells *c, xw_pt p)
{
    return xw_cell_at(c, xw_cell_x(c, p.x), xw_cell_y(c, p.y));
}

static xw_status bucket_nodes(work *w, xw_error *err)
{
    const size_t n_cells = (size_t)w->cells.nx * w->cells.ny;
    w->node_start = calloc(n_cells + 2, sizeof *w->node_start);
    w->node_item = malloc((w->n_nodes + 1) * sizeof *w->node_item);
    if (!w->node_start || !w->node_item) return xw_fail(err, XW_NOMEM, "%zu nodes", w->n_nodes);
    uint32_t *slot = w->node_start + 1;
    for (size_t i = 0; i < w->n_nodes; i++) slot[cell_of(&w->cells, w->nodes[i]) + 1]++;
    for (size_t k = 1; k <= n_cells; k++) slot[k] += slot[k - 1];
    for (size_t i = 0; i < w->n_nodes; i++) {
        w->node_item[slot[cell_of(&w->cells, w->nodes[i])]++] = (uint32_t)i;
    }
    return XW_OK;
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
        for (uint32_t cy = rows.y0; cy <= rows.y1; cy++) {
            const size_t cell = xw_cell_at(&w->cells, cx, cy);
            for (uint32_t k = w->node_start[cell]; k < w->node_start[cell + 1]; k++) {
                const uint32_t node = w->node_item[k];
                if (!xw__probe_hits(&probe, w->nodes[node])) continue;
                if (!xw_grow((void **)&r->node, &r->cap, r->n + 1, sizeof *r->node)) {
                    return xw_fail(err, XW_NOMEM, "route");
                }
                size_t at = r->n++; /* insertion: routes are short and almost in order */
                for (; at > 0 && walks_before(w, s, node, r->node[at - 1]); at--) {
                    r->node[at] = r->node[at - 1];
                }
                r->node[at] = node;
            }
        }
    }
    return XW_OK;
}

static xw_status route_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    work *w = ctx;
    struct pieces *out = &w->pieces[chunk];
    route r = {0};
    xw_status st = XW_OK;
    size_t hi = (chunk + 1) * CHUNK;
    if (hi > w->n) hi = w->n;
    for (size_t i = chunk * CHUNK; i < hi && !st; i++) {
        const xw_segment *s = &w->seg[i];
        if (xw_pt_eq(s->a, s->b)) continue;
        st = route_segment(w, s, &r, err);
        if (!st && !xw_grow((void **)&out->p, &out->cap, out->n + r.n, sizeof *out->p)) {
            st = xw_fail(err, XW_NOMEM, "%zu pieces", out->n + r.n);
        }
        for (size_t k = 1; k < r.n && !st; k++) {
            const uint32_t a = r.node[k - 1], b = r.node[k];
            out->p[out->n++] =
                a < b ? (struct piece){a, b, s->tag << 1} : (struct piece){b, a, s->tag << 1 | 1};
        }
    }
    free(r.node);
    return st;
}

static int by_end(const void *a, const void *b)
{
    const struct piece *p = a, *q = b;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    return (p->tag > q->tag) - (p->tag < q->tag);
}

/* Pieces that run between the same two nodes become one edge: counting sort by the first node, then
 * a small sort by the second. */
static xw_status merge_pieces(work *w, xw_noded *out, xw_error *err)
{
    size_t total = 0;
    for (size_t c = 0; c < w->n_seg_chunks; c++) total += w->pieces[c].n;
    if (total > UINT32_MAX) return xw_fail(err, XW_LIMIT, "%zu pieces of segments", total);
    uint32_t *start = calloc(w->n_nodes + 2, sizeof *start);
    struct piece *all = malloc((total + 1) * sizeof *all);
    out->tags = malloc((total + 1) * sizeof *out->tags);
    out->edges = malloc((total + 1) * sizeof *out->edges);
    if (!start || !all || !out->tags || !out->edges) {
        free(start);
        free(all);
        return xw_fail(err, XW_NOMEM, "%zu pieces of segments", total);
    }
    uint32_t *slot = start + 1;
    for (size_t c = 0; c < w->n_seg_chunks; c++) {
        for (size_t i = 0; i < w->pieces[c].n; i++) slot[w->pieces[c].p[i].a + 1]++;
    }
    for (size_t k = 1; k <= w->n_nodes; k++) slot[k] += slot[k - 1];
    for (size_t c = 0; c < w->n_seg_chunks; c++) {
        for (size_t i = 0; i < w->pieces[c].n; i++) {
            all[slot[w->pieces[c].p[i].a]++] = w->pieces[c].p[i];
        }
        free(w->pieces[c].p);
        w->pieces[c] = (struct pieces){0};
    }
    for (size_t a = 0; a < w->n_nodes; a++) {
        const uint32_t lo = start[a], n = start[a + 1] - lo;
        if (n > 1) qsort(all + lo, n, sizeof *all, by_end);
        for (uint32_t i = lo; i < lo + n; i++) {
            if (i == lo || all[i].b != all[i - 1].b) {
                out->edges[out->n_edges++] =
                    (xw_noded_edge){all[i].a, all[i].b, (uint32_t)out->n_tags, 0};
            }
            out->tags[out->n_tags++] = all[i].tag;
            out->edges[out->n_edges - 1].n_tags++;
        }
    }
    free(start);
    free(all);
    return XW_OK;
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

static xw_status check_input(const xw_segment *seg, size_t n, xw_error *err)
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
    return XW_OK;
}

xw_status xw_node(const xw_segment *segments, size_t n, const xw_job *job, xw_noded *out,
                  xw_error *err)
{
    *out = (xw_noded){0};
    work w = {.seg = segments, .n = n};
    const unsigned threads = xw_job_threads(job);
    xw_status st = check_input(segments, n, err);
    if (!st) st = xw_cells_create(&w.cells, segment_ends, segments, n, err);
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
    if (!st) st = xw_parallel(threads, w.n_cell_chunks, cross_chunk, &w, err);
    if (!st) st = collect_nodes(&w, err);
    if (!st) st = bucket_nodes(&w, err);
    if (!st) st = xw_job_step(job, "noding", 1, 3, err);
    if (!st) st = xw_parallel(threads, w.n_seg_chunks, route_chunk, &w, err);
    if (!st) st = xw_job_step(job, "noding", 2, 3, err);
    if (!st) st = merge_pieces(&w, out, err);
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
