/* Edges from the pieces of rerouted segments, band by band of their first nodes. An edge lies in
 * one band, and its pieces are ordered by tag, so neither chunks nor threads show. */
#include "noder.h"

#include <stdlib.h>
#include <string.h>

static size_t band_width(size_t n_nodes) { return n_nodes / XW__BANDS + 1; }

xw_status xw__pieces_band(xw__pieces *l, size_t n_nodes, xw_error *err)
{
    const uint32_t width = (uint32_t)band_width(n_nodes);
    xw__piece *p = malloc((l->n + 1) * sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "%zu pieces", l->n);
    uint32_t slot[XW__BANDS + 1] = {0};
    for (size_t i = 0; i < l->n; i++) slot[l->p[i].a / width + 1]++;
    for (int k = 0; k < XW__BANDS; k++) slot[k + 1] += slot[k];
    memcpy(l->band, slot, sizeof slot);
    for (size_t i = 0; i < l->n; i++) p[slot[l->p[i].a / width]++] = l->p[i];
    free(l->p);
    l->p = p;
    l->cap = l->n + 1;
    return XW_OK;
}

typedef struct merge {
    const xw__pieces *chunks;
    size_t n_chunks, n_nodes;
    xw_noded *out;
    xw__piece *all;
    uint32_t *start;             /* by node */
    size_t first[XW__BANDS + 1]; /* piece of a band */
    size_t n_edges[XW__BANDS];   /* of a band */
    size_t edge_at[XW__BANDS];   /* where they go */
} merge;

static int by_end(const void *a, const void *b)
{
    const xw__piece *p = a, *q = b;
    if (p->b != q->b) return p->b < q->b ? -1 : 1;
    return (p->tag > q->tag) - (p->tag < q->tag);
}

/* Most nodes have one or two pieces that start there. */
static void sort_pieces(xw__piece *p, uint32_t n)
{
    if (n > 32) {
        qsort(p, n, sizeof *p, by_end);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        const xw__piece v = p[i];
        uint32_t at = i;
        for (; at > 0 && by_end(&p[at - 1], &v) > 0; at--) p[at] = p[at - 1];
        p[at] = v;
    }
}

/* Counting sort of a band's pieces by first node, a small sort by the second, and the number of
 * edges they make. */
static xw_status sort_band(void *ctx, size_t band, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    merge *m = ctx;
    const size_t width = band_width(m->n_nodes), lo = band * width;
    const size_t hi = lo + width < m->n_nodes ? lo + width : m->n_nodes;
    if (lo >= hi) return XW_OK;
    for (size_t c = 0; c < m->n_chunks; c++) {
        const xw__pieces *l = &m->chunks[c];
        for (uint32_t i = l->band[band]; i < l->band[band + 1]; i++) m->start[l->p[i].a]++;
    }
    uint32_t sum = (uint32_t)m->first[band];
    for (size_t v = lo; v < hi; v++) m->start[v] = sum += m->start[v];
    for (size_t c = m->n_chunks; c-- > 0;) {
        const xw__pieces *l = &m->chunks[c];
        for (uint32_t i = l->band[band + 1]; i-- > l->band[band];) {
            m->all[--m->start[l->p[i].a]] = l->p[i];
        }
    }
    size_t n = 0;
    for (size_t v = lo; v < hi; v++) {
        const size_t end = v + 1 < hi ? m->start[v + 1] : m->first[band + 1];
        xw__piece *p = m->all + m->start[v];
        const uint32_t count = (uint32_t)(end - m->start[v]);
        sort_pieces(p, count);
        for (uint32_t i = 0; i < count; i++) n += i == 0 || p[i].b != p[i - 1].b;
    }
    m->n_edges[band] = n;
    return XW_OK;
}

static xw_status write_band(void *ctx, size_t band, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    merge *m = ctx;
    xw_noded_edge *e = m->out->edges + m->edge_at[band];
    for (size_t i = m->first[band]; i < m->first[band + 1]; i++) {
        const xw__piece *p = &m->all[i];
        if (i == m->first[band] || p->a != p[-1].a || p->b != p[-1].b) {
            *e++ = (xw_noded_edge){p->a, p->b, (uint32_t)i, 0};
        }
        m->out->tags[i] = p->tag;
        e[-1].n_tags++;
    }
    return XW_OK;
}

static xw_status merge_all(merge *m, xw__pieces *chunks, unsigned threads, xw_error *err)
{
    xw_status st = xw_parallel(threads, XW__BANDS, sort_band, m, err);
    for (size_t c = 0; c < m->n_chunks; c++) {
        free(chunks[c].p);
        chunks[c] = (xw__pieces){0};
    }
    if (st) return st;
    size_t n = 0;
    for (size_t band = 0; band < XW__BANDS; band++) {
        m->edge_at[band] = n;
        n += m->n_edges[band];
    }
    m->out->n_edges = n;
    m->out->n_tags = m->first[XW__BANDS];
    m->out->edges = malloc((n + 1) * sizeof *m->out->edges);
    m->out->tags = malloc((m->out->n_tags + 1) * sizeof *m->out->tags);
    if (!m->out->edges || !m->out->tags) return xw_fail(err, XW_NOMEM, "%zu edges", n);
    return xw_parallel(threads, XW__BANDS, write_band, m, err);
}

xw_status xw__merge_pieces(xw__pieces *chunks, size_t n_chunks, size_t n_nodes, unsigned threads,
                           xw_noded *out, xw_error *err)
{
    merge m = {.chunks = chunks, .n_chunks = n_chunks, .n_nodes = n_nodes, .out = out};
    for (size_t band = 0; band < XW__BANDS; band++) {
        m.first[band + 1] = m.first[band];
        for (size_t c = 0; c < n_chunks; c++) {
            m.first[band + 1] += chunks[c].band[band + 1] - chunks[c].band[band];
        }
    }
    const size_t total = m.first[XW__BANDS];
    if (total > UINT32_MAX) return xw_fail(err, XW_LIMIT, "%zu pieces of segments", total);
    m.start = calloc(n_nodes + 1, sizeof *m.start);
    m.all = malloc((total + 1) * sizeof *m.all);
    const xw_status st = m.start && m.all ? merge_all(&m, chunks, threads, err)
                                          : xw_fail(err, XW_NOMEM, "%zu pieces of segments", total);
    free(m.start);
    free(m.all);
    return st;
}
