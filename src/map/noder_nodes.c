/* Nodes from the ends and crossings: points become numbers in the order of nodes, are cut into
 * bands of equal width by their leading bits, and each band is sorted and thinned on its own. What
 * is in a band depends on the points alone, so neither chunks nor threads show. */
#include "noder.h"
#include "xiwang/radix.h"

#include <stdlib.h>

enum { CHUNK = 1 << 16, BANDS = 256 };

typedef struct bands {
    const xw__node_input *in;
    unsigned bits_y, shift; /* key >> shift is the band */
    uint64_t *key, *spare;
    uint32_t (*slot)[BANDS]; /* by chunk: counts, then places */
    size_t n_chunks;
    size_t start[BANDS + 1]; /* of the keys of a band */
    size_t used[BANDS];      /* keys that differ */
    size_t first[BANDS];     /* their place among the nodes */
    xw_pt *nodes;
    bool placing;
} bands;

static uint64_t key_of(const bands *b, xw_pt p)
{
    return (uint64_t)((int64_t)p.x - b->in->box.min.x) << b->bits_y |
           (uint64_t)((int64_t)p.y - b->in->box.min.y);
}

static void take(bands *b, uint32_t *slot, xw_pt p)
{
    const uint64_t key = key_of(b, p);
    uint32_t *at = &slot[key >> b->shift];
    if (b->placing) b->key[*at] = key;
    ++*at;
}

/* Counts or places the points of a chunk of segments, or of a chunk of crossings. A segment that
 * goes on where the last one ended gives one point. */
static xw_status scan_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    bands *b = ctx;
    uint32_t *slot = b->slot[chunk];
    const size_t n_seg_chunks = b->n_chunks - b->in->n_found;
    if (chunk >= n_seg_chunks) {
        const xw__points *f = &b->in->found[chunk - n_seg_chunks];
        for (size_t i = 0; i < f->n; i++) take(b, slot, f->p[i]);
        return XW_OK;
    }
    size_t hi = (chunk + 1) * CHUNK;
    if (hi > b->in->n) hi = b->in->n;
    for (size_t i = chunk * CHUNK; i < hi; i++) {
        const xw_segment *s = &b->in->seg[i];
        if (i == 0 || !xw_pt_eq(s->a, s[-1].b)) take(b, slot, s->a);
        take(b, slot, s->b);
    }
    return XW_OK;
}

static xw_status sort_band(void *ctx, size_t band, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    bands *b = ctx;
    uint64_t *key = b->key + b->start[band];
    const size_t n = b->start[band + 1] - b->start[band];
    xw_radix_sort(key, b->spare + b->start[band], n, 0, b->shift);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used == 0 || key[i] != key[used - 1]) key[used++] = key[i];
    }
    b->used[band] = used;
    return XW_OK;
}

static xw_status unpack_band(void *ctx, size_t band, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    bands *b = ctx;
    const uint64_t *key = b->key + b->start[band], low = (UINT64_C(1) << b->bits_y) - 1;
    xw_pt *out = b->nodes + b->first[band];
    for (size_t i = 0; i < b->used[band]; i++) {
        out[i] = (xw_pt){(int32_t)((int64_t)(key[i] >> b->bits_y) + b->in->box.min.x),
                         (int32_t)((int64_t)(key[i] & low) + b->in->box.min.y)};
    }
    return XW_OK;
}

/* Counts become places: band by band, and in a band chunk by chunk. */
static size_t place_bands(bands *b)
{
    size_t sum = 0;
    for (size_t band = 0; band < BANDS; band++) {
        b->start[band] = sum;
        for (size_t c = 0; c < b->n_chunks; c++) {
            const uint32_t n = b->slot[c][band];
            b->slot[c][band] = (uint32_t)sum;
            sum += n;
        }
    }
    b->start[BANDS] = sum;
    b->placing = true;
    return sum;
}

static xw_status run(bands *b, size_t *n_nodes, xw_error *err)
{
    const unsigned threads = b->in->threads;
    xw_status st = xw_parallel(threads, b->n_chunks, scan_chunk, b, err);
    const size_t n = st ? 0 : place_bands(b);
    if (n > UINT32_MAX) st = xw_fail(err, XW_LIMIT, "%zu ends and crossings", n);
    if (st) return st;
    b->key = malloc((n + 1) * sizeof *b->key);
    b->spare = malloc((n + 1) * sizeof *b->spare);
    if (!b->key || !b->spare) return xw_fail(err, XW_NOMEM, "%zu nodes", n);
    st = xw_parallel(threads, b->n_chunks, scan_chunk, b, err);
    if (!st) st = xw_parallel(threads, BANDS, sort_band, b, err);
    if (st) return st;
    *n_nodes = 0;
    for (size_t band = 0; band < BANDS; band++) {
        b->first[band] = *n_nodes;
        *n_nodes += b->used[band];
    }
    free(b->spare);
    b->spare = NULL;
    b->nodes = malloc((*n_nodes + 1) * sizeof *b->nodes);
    if (!b->nodes) return xw_fail(err, XW_NOMEM, "%zu nodes", *n_nodes);
    return xw_parallel(threads, BANDS, unpack_band, b, err);
}

xw_status xw__collect_nodes(const xw__node_input *in, xw_pt **nodes, size_t *n_nodes, xw_error *err)
{
    bands b = {.in = in};
    b.bits_y = xw_bits_of((uint64_t)((int64_t)in->box.max.y - in->box.min.y));
    const unsigned bits = b.bits_y + xw_bits_of((uint64_t)((int64_t)in->box.max.x - in->box.min.x));
    b.shift = bits > 8 ? bits - 8 : 0;
    b.n_chunks = (in->n + CHUNK - 1) / CHUNK + in->n_found;
    b.slot = calloc(b.n_chunks + 1, sizeof *b.slot);
    xw_status st =
        b.slot ? run(&b, n_nodes, err) : xw_fail(err, XW_NOMEM, "%zu bands of nodes", b.n_chunks);
    free(b.slot);
    free(b.key);
    free(b.spare);
    if (st) {
        free(b.nodes);
        b.nodes = NULL;
    }
    *nodes = b.nodes;
    return st;
}

size_t xw__first_node(const xw_pt *nodes, size_t n, int64_t x)
{
    size_t lo = 0;
    while (lo < n) {
        const size_t mid = lo + (n - lo) / 2;
        if (nodes[mid].x < x) {
            lo = mid + 1;
        } else {
            n = mid;
        }
    }
    return lo;
}
