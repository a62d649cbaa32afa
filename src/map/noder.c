#include "xiwang/noder.h"

#include "pixel.h"
#include "xiwang/buf.h"
#include "xiwang/cells.h"
#include "xiwang/radix.h"

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

static xw_box box_of(const xw_segment *s) { return xw_box_grow((xw_box){s->a, s->a}, s->b); }

/* All proper crossings of the pairs of one cell. A pair that shares two cells is found twice; equal
 * points fall together later. */
static xw_status cross_cell(const work *w, size_t cell, struct points *out, xw_error *err)
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

/* A point as a number in the order of nodes: x, then y. */
static uint64_t key_of(const work *w, unsigned bits_y, xw_pt p)
{
    return (uint64_t)((int64_t)p.x - w->box.min.x) << bits_y |
           (uint64_t)((int64_t)p.y - w->box.min.y);
}

/* The ends and the crossings as keys; a segment that goes on where the last one ended gives one. */
static size_t fill_keys(const work *w, unsigned bits_y, uint64_t *key)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        const xw_segment *s = &w->seg[i];
        if (i == 0 || !xw_pt_eq(s->a, s[-1].b)) key[n++] = key_of(w, bits_y, s->a);
        key[n++] = key_of(w, bits_y, s->b);
    }
    for (size_t i = 0; i < w->n_cell_chunks; i++) {
        for (size_t k = 0; k < w->found[i].n; k++) {
            key[n++] = key_of(w, bits_y, w->found[i].p[k]);
        }
    }
    return n;
}

/* Nodes are the ends and the crossings, each once, in order. */
static xw_status collect_nodes(work *w, xw_error *err)
{
    size_t total = 2 * w->n;
    for (size_t i = 0; i < w->n_cell_chunks; i++) total += w->found[i].n;
    uint64_t *key = malloc((total + 1) * sizeof *key);
    uint64_t *spare = malloc((total + 1) * sizeof *spare);
    if (!key || !spare) {
        free(key);
        free(spare);
        return xw_fail(err, XW_NOMEM, "%zu nodes", total);
    }
    const unsigned bits_y = xw_bits_of((uint64_t)((int64_t)w->box.max.y - w->box.min.y));
    const unsigned bits_x = xw_bits_of((uint64_t)((int64_t)w->box.max.x - w->box.min.x));
    const size_t n = fill_keys(w, bits_y, key);
    xw_radix_sort(key, spare, n, 0, bits_x + bits_y);
    free(spare);
    const uint64_t low = (UINT64_C(1) << bits_y) - 1;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used == 0 || key[i] != key[used - 1]) key[used++] = key[i];
    }
    w->nodes = malloc((used + 1) * sizeof *w->nodes);
    if (!w->nodes) {
        free(key);
        return xw_fail(err, XW_NOMEM, "%zu nodes", used);
    }
    for (size_t i = 0; i < used; i++) {
        w->nodes[i] = (xw_pt){(int32_t)((int64_t)(key[i] >> bits_y) + w->box.min.x),
                              (int32_t)((int64_t)(key[i] & low) + w->box.min.y)};
    }
    w->n_nodes = used;
    free(key);
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

/* Most nodes have one or two pieces that start there. */
static void sort_pieces(struct piece *p, uint32_t n)
{
    if (n > 32) {
        qsort(p, n, sizeof *p, by_end);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        const struct piece v = p[i];
        uint32_t at = i;
        for (; at > 0 && by_end(&p[at - 1], &v) > 0; at--) p[at] = p[at - 1];
        p[at] = v;
    }
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
        sort_pieces(all + lo, n);
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
    work w = {.seg = segments, .n = n, .n_noded = n_noded};
    const unsigned threads = xw_job_threads(job);
    xw_status st = check_input(segments, n, &w.box, err);
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
