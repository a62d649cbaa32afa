/* Builds the bytes of format.h: the size of the top cells, the edges of each band, the bands, and
 * all of it in one block. */
#include "build.h"

#include <stdlib.h>
#include <string.h>

enum {
    BYTES_AN_EDGE = 60, /* the top cells are as small as this allows, all in all */
    BANDS_MAX = 1024,
    CHUNK = 1 << 16, /* edges that are dealt out to bands at a time */
    CACHE_LINE = 64
};

typedef struct builder {
    const xw_label_edge *given;
    size_t n;
    xw_box box;
    uint64_t n_edges; /* without those with equal labels */
    uint64_t length;  /* of all edges, along x and along y */
    locator_head head;
    uint32_t band_rows, n_bands; /* tile rows of a band */
    size_t n_chunks;
    size_t *place; /* n_bands x n_chunks: where the edges of a chunk go in id */
    uint32_t *id;
    uint32_t *entries; /* of the top cells */
    band *bands;
    size_t *first_grain; /* of each band, and of the end */
    unsigned char *bytes;
} builder;

static uint64_t distance(int32_t a, int32_t b) { return (uint64_t)llabs((int64_t)a - b); }

static xw_status look_at_edges(builder *b, xw_error *err)
{
    for (size_t i = 0; i < b->n; i++) {
        const xw_label_edge *g = &b->given[i];
        if (xw_pt_eq(g->a, g->b)) {
            return xw_fail(err, XW_INPUT, "edge %zu: both ends at %d,%d", i, g->a.x, g->a.y);
        }
        if (g->left == g->right) continue;
        if (g->left > XW_LOCATOR_LABEL_MAX || g->right > XW_LOCATOR_LABEL_MAX) {
            return xw_fail(err, XW_LIMIT, "edge %zu: label %u is more than %u", i,
                           g->left > g->right ? g->left : g->right, XW_LOCATOR_LABEL_MAX);
        }
        b->box = xw_box_grow(xw_box_grow(b->box, g->a), g->b);
        b->n_edges++;
        b->length += distance(g->a.x, g->b.x) + distance(g->a.y, g->b.y);
    }
    return XW_OK;
}

static uint64_t tiles(uint64_t span, uint32_t shift) { return (span >> (shift + TILE_SHIFT)) + 1; }

/* Smaller cells are more often of one label, and cost memory: an entry each, and a leaf for each
 * one that an edge crosses. */
static xw_status choose_grid(builder *b, xw_error *err)
{
    b->head = (locator_head){.magic = LOCATOR_MAGIC, .version = LOCATOR_VERSION, .tx = 1, .ty = 1};
    if (b->n_edges == 0) return XW_OK;
    const xw_box box = b->box;
    const uint64_t w = distance(box.max.x, box.min.x) + 1, h = distance(box.max.y, box.min.y) + 1;
    if (box.min.x < -XW_LON_MAX || box.max.x > XW_LON_MAX || box.min.y < -XW_LAT_MAX ||
        box.max.y > XW_LAT_MAX) {
        return xw_fail(err, XW_INPUT, "edges leave the lattice");
    }
    if (w >= LOCATOR_SPAN - 2 || h >= LOCATOR_SPAN - 2) {
        return xw_fail(err, XW_LIMIT, "edges span %.1f x %.1f degrees",
                       (double)w / XW_UNITS_PER_DEG, (double)h / XW_UNITS_PER_DEG);
    }
    uint32_t shift = 30;
    while (shift > 0) {
        const uint32_t s = shift - 1;
        const uint64_t cells = tiles(w, s) * tiles(h, s) * TILE_CELLS;
        const uint64_t crossed = b->length >> s;
        if (4 * cells + 40 * crossed > BYTES_AN_EDGE * b->n_edges + 4 * TILE_CELLS) break;
        shift = s;
    }
    b->head.shift = shift;
    b->head.ox = box.min.x - 1;
    b->head.oy = box.min.y - 1;
    b->head.w = (uint32_t)w;
    b->head.h = (uint32_t)h;
    b->head.tx = (uint32_t)tiles(w, shift);
    b->head.ty = (uint32_t)tiles(h, shift);
    return XW_OK;
}

/* Bands that the edge comes within a unit of. */
static void bands_of(const builder *b, const xw_label_edge *e, uint32_t *from, uint32_t *to)
{
    const uint32_t shift = b->head.shift + TILE_SHIFT;
    const int64_t lo = (e->a.y < e->b.y ? e->a.y : e->b.y) - (int64_t)b->head.oy - 1;
    const int64_t hi = (e->a.y < e->b.y ? e->b.y : e->a.y) - (int64_t)b->head.oy + 1;
    const uint32_t last = b->n_bands - 1;
    /* A band also takes what touches its north side. */
    const int64_t low = ((lo > 0 ? lo - 1 : 0) >> shift) / b->band_rows;
    const int64_t high = (hi >> shift) / b->band_rows;
    *from = low > last ? last : (uint32_t)low;
    *to = high > last ? last : (uint32_t)high;
}

static size_t *place_at(const builder *b, uint32_t i, size_t chunk)
{
    return &b->place[i * b->n_chunks + chunk];
}

/* Counts the edges of a chunk in each band, or places them. */
static void deal(const builder *b, size_t chunk, bool count)
{
    const size_t end = (chunk + 1) * CHUNK < b->n ? (chunk + 1) * CHUNK : b->n;
    for (size_t i = chunk * CHUNK; i < end; i++) {
        const xw_label_edge *e = &b->given[i];
        uint32_t from, to;
        if (e->left == e->right) continue;
        bands_of(b, e, &from, &to);
        for (uint32_t k = from; k <= to; k++) {
            size_t *const at = place_at(b, k, chunk);
            if (!count) b->id[*at] = (uint32_t)i;
            ++*at;
        }
    }
}

static xw_status count_chunk(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    (void)thread, (void)err;
    deal(ctx, i, true);
    return XW_OK;
}

static xw_status place_chunk(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    (void)thread, (void)err;
    deal(ctx, i, false);
    return XW_OK;
}

/* Edges of each band, ascending, whatever thread placed them. */
static xw_status deal_edges(builder *b, unsigned threads, xw_error *err)
{
    const size_t n = b->n_bands * b->n_chunks;
    b->place = calloc(n + 1, sizeof *b->place);
    if (!b->place) return xw_fail(err, XW_NOMEM, "%zu edges", b->n);
    xw_status st = xw_parallel(threads, b->n_chunks, count_chunk, b, err);
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t here = b->place[i];
        b->place[i] = sum;
        sum += here;
    }
    b->id = malloc((sum + 1) * sizeof *b->id);
    if (!b->id) return xw_fail(err, XW_NOMEM, "%zu edges in bands", sum);
    if (!st) st = xw_parallel(threads, b->n_chunks, place_chunk, b, err);
    return st;
}

static xw_status build_band(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    builder *b = ctx;
    (void)thread;
    const uint32_t shift = b->head.shift, row = (uint32_t)i * b->band_rows;
    const uint32_t rows = b->head.ty - row < b->band_rows ? b->head.ty - row : b->band_rows;
    /* Placing has moved each place to the start of the next. */
    const size_t from = i == 0 ? 0 : *place_at(b, (uint32_t)i - 1, b->n_chunks - 1);
    const size_t to = *place_at(b, (uint32_t)i, b->n_chunks - 1);
    const band_input in = {.given = b->given,
                           .ids = b->id + from,
                           .n_ids = to - from,
                           .top = {b->head.ox, b->head.oy + ((int64_t)row << (shift + TILE_SHIFT)),
                                   shift, (int64_t)b->head.tx << TILE_SHIFT,
                                   (int64_t)rows << TILE_SHIFT, true, b->head.tx}};
    b->bands[i].entries = b->entries + (size_t)row * b->head.tx * TILE_CELLS;
    return xw__band_build(&in, &b->bands[i], err);
}

static void move_entry(uint32_t *entry, size_t by)
{
    if (ENTRY_TAG(*entry) != TAG_LABEL) *entry += (uint32_t)by;
}

/* Copies the grains of a band to their place and lets its entries point there. */
static xw_status move_band(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    builder *b = ctx;
    band *x = &b->bands[i];
    (void)thread, (void)err;
    const size_t first = b->first_grain[i], row_cells = (size_t)b->head.tx * TILE_CELLS;
    uint32_t *const entries = (uint32_t *)(void *)(b->bytes + sizeof b->head);
    unsigned char *const grains = b->bytes + b->head.grains_at;
    const uint32_t row = (uint32_t)i * b->band_rows;
    const uint32_t rows = b->head.ty - row < b->band_rows ? b->head.ty - row : b->band_rows;
    uint32_t *const top = entries + row * row_cells;
    memcpy(top, x->entries, rows * row_cells * sizeof *top);
    for (size_t k = 0; k < rows * row_cells; k++) move_entry(&top[k], first);
    if (x->n_grains > 0) memcpy(grains + first * GRAIN_SIZE, x->grains, x->n_grains * GRAIN_SIZE);
    for (size_t k = 0; k < x->n_blocks; k++) {
        uint32_t *const block = (uint32_t *)(void *)(grains + (first + x->blocks[k]) * GRAIN_SIZE);
        for (int c = 0; c < 16; c++) move_entry(&block[c], first);
    }
    xw__band_finish(x);
    return XW_OK;
}

static xw_status assemble(builder *b, unsigned threads, size_t *size, xw_error *err)
{
    size_t n = 0;
    for (uint32_t i = 0; i < b->n_bands; i++) {
        b->first_grain[i] = n;
        n += b->bands[i].n_grains;
    }
    if (n > XW_LOCATOR_LABEL_MAX) return xw_fail(err, XW_LIMIT, "locator: too many edges");
    b->head.n_grains = (uint32_t)n;
    b->head.grains_at = locator_grains_at((uint64_t)b->head.tx * b->head.ty);
    *size = b->head.grains_at + n * GRAIN_SIZE;
    b->bytes = aligned_alloc(CACHE_LINE, *size); /* bands have whole lines, so the size does too */
    if (!b->bytes) return xw_fail(err, XW_NOMEM, "%zu bytes of locator", *size);
    memcpy(b->bytes, &b->head, sizeof b->head);
    const xw_status st = xw_parallel(threads, b->n_bands, move_band, b, err);
    if (!st) xw__free_fill((locator_head *)(void *)b->bytes);
    return st;
}

static xw_status build(builder *b, const xw_job *job, size_t *size, xw_error *err)
{
    const unsigned threads = xw_job_threads(job);
    xw_status st = look_at_edges(b, err);
    if (!st) st = choose_grid(b, err);
    if (!st) st = xw_job_step(job, "index", 0, b->n, err);
    if (st) return st;
    b->band_rows = (b->head.ty + BANDS_MAX - 1) / BANDS_MAX;
    b->n_bands = (b->head.ty + b->band_rows - 1) / b->band_rows;
    b->n_chunks = b->n / CHUNK + 1;
    const size_t n_cells = (size_t)b->head.tx * b->head.ty * TILE_CELLS;
    b->entries = malloc(n_cells * sizeof *b->entries);
    b->bands = calloc(b->n_bands, sizeof *b->bands);
    b->first_grain = calloc(b->n_bands, sizeof *b->first_grain);
    if (!b->entries || !b->bands || !b->first_grain) {
        return xw_fail(err, XW_NOMEM, "%zu cells", n_cells);
    }
    st = deal_edges(b, threads, err);
    if (!st) st = xw_parallel(threads, b->n_bands, build_band, b, err);
    if (!st) st = xw_job_step(job, "index", b->n, b->n, err);
    return st ? st : assemble(b, threads, size, err);
}

xw_status xw_locator_build(const xw_label_edge *edges, size_t n, const xw_job *job, void **bytes,
                           size_t *size, xw_error *err)
{
    *bytes = NULL;
    *size = 0;
    if (n > INT32_MAX) return xw_fail(err, XW_LIMIT, "%zu edges", n);
    builder b = {.given = edges, .n = n, .box = XW_BOX_EMPTY};
    xw_locator l;
    xw_status st = build(&b, job, size, err);
    if (!st) st = xw_locator_view(b.bytes, *size, &l, err);
    for (uint32_t i = 0; b.bands && i < b.n_bands; i++) xw__band_finish(&b.bands[i]);
    free(b.bands);
    free(b.first_grain);
    free(b.entries);
    free(b.place);
    free(b.id);
    if (st) {
        free(b.bytes);
        *size = 0;
        return st;
    }
    *bytes = b.bytes;
    return XW_OK;
}
