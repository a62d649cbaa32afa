/* Queries for the owner of a point: the check of the bytes, and the choice of the vector unit. */
#include "find.h"

#include <string.h>

/* Leaves hold no references, so they only have to be there. Blocks come in the order in which they
 * are met, so each is met once. */
static bool check_entry(const locator_head *h, uint32_t entry, uint32_t shift, uint64_t *next_block)
{
    const uint64_t at = ENTRY_VALUE(entry), n = h->n_grains;
    switch (ENTRY_TAG(entry)) {
    case TAG_LABEL:
        return true;
    case TAG_CHAIN:
        return shift <= LEAF_SHIFT_MAX && at < n;
    case TAG_FAN:
    case TAG_FAN4:
        return shift <= LEAF_SHIFT_MAX && at + 1 < n;
    case TAG_LIST: {
        if (at >= n) return false;
        const list_leaf *list = locator_grain(h, entry);
        return at + list_grains(list->n) <= n;
    }
    case TAG_SPLIT: {
        if (shift < 2 || at < *next_block || at + 1 >= n) return false;
        *next_block = at + 2;
        const uint32_t *block = locator_grain(h, entry);
        for (int k = 0; k < 16; k++) {
            if (!check_entry(h, block[k], shift - 2, next_block)) return false;
        }
        return true;
    }
    default:
        return false;
    }
}

static xw_status check_head(const locator_head *h, size_t size, xw_error *err)
{
    if (h->magic != LOCATOR_MAGIC) return xw_fail(err, XW_INPUT, "locator: is none");
    if (h->version != LOCATOR_VERSION) {
        return xw_fail(err, XW_INPUT, "locator: version %u, this program reads version %u",
                       h->version, LOCATOR_VERSION);
    }
    const uint64_t n_tiles = (uint64_t)h->tx * h->ty;
    if (h->shift > 30 || n_tiles == 0 || n_tiles > UINT32_MAX / TILE_CELLS ||
        h->w >= LOCATOR_SPAN || h->h >= LOCATOR_SPAN || h->w >> h->shift >> TILE_SHIFT >= h->tx ||
        h->h >> h->shift >> TILE_SHIFT >= h->ty || h->ox > XW_LON_MAX || h->ox < -XW_LON_MAX - 1 ||
        h->oy > XW_LON_MAX || h->oy < -XW_LON_MAX - 1) {
        return xw_fail(err, XW_INPUT, "locator: grid of %u x %u tiles of 2^%u units", h->tx, h->ty,
                       h->shift);
    }
    const uint64_t grains_at = locator_grains_at(n_tiles);
    if (h->grains_at != grains_at || grains_at + (uint64_t)h->n_grains * GRAIN_SIZE != size) {
        return xw_fail(err, XW_INPUT, "locator: %llu tiles and %u grains in %zu bytes",
                       (unsigned long long)n_tiles, h->n_grains, size);
    }
    return XW_OK;
}

xw_status xw_locator_view(const void *bytes, size_t size, xw_locator *out, xw_error *err)
{
    *out = (xw_locator){0};
    if (size < sizeof(locator_head) || (uintptr_t)bytes % 8 != 0) {
        return xw_fail(err, XW_INPUT, "locator: %zu bytes", size);
    }
    const xw_locator l = {bytes, size};
    const locator_head *h = locator_get_head(&l);
    const xw_status st = check_head(h, size, err);
    if (st) return st;
    uint64_t next_block = 0;
    const size_t n = (size_t)h->tx * h->ty * TILE_CELLS;
    for (size_t k = 0; k < n; k++) {
        if (!check_entry(h, locator_entries(h)[k], h->shift, &next_block)) {
            return xw_fail(err, XW_INPUT, "locator: cell %zu is damaged", k);
        }
    }
    *out = l;
    return XW_OK;
}

locator_engine xw__locator_engine(void)
{
#ifdef LOCATE_X86
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? ENGINE_AVX2
                                                                            : ENGINE_SSE2;
#else
    return ENGINE_SCALAR;
#endif
}

uint32_t xw__locator_find_with(locator_engine e, const xw_locator *l, xw_pt p)
{
    const locator_head *h = locator_get_head(l);
    if (!h) return 0;
#ifdef LOCATE_X86
    if (e == ENGINE_AVX2) return xw__find_avx2(h, p);
    if (e == ENGINE_SSE2) return xw__find_sse2(h, p);
#endif
    (void)e;
    return xw__find_scalar(h, p);
}

void xw__locator_find_many_with(locator_engine e, const xw_locator *l, const xw_pt *p, size_t n,
                                uint32_t *out)
{
    const locator_head *h = locator_get_head(l);
    if (!h) {
        memset(out, 0, n * sizeof *out);
        return;
    }
#ifdef LOCATE_X86
    if (e == ENGINE_AVX2) {
        xw__find_many_avx2(h, p, n, out);
        return;
    }
    if (e == ENGINE_SSE2) {
        xw__find_many_sse2(h, p, n, out);
        return;
    }
#endif
    (void)e;
    xw__find_many_scalar(h, p, n, out);
}

uint32_t xw_locator_find(const xw_locator *l, xw_pt p)
{
    return xw__locator_find_with(xw__locator_engine(), l, p);
}

void xw_locator_find_many(const xw_locator *l, const xw_pt *p, size_t n, uint32_t *out)
{
    xw__locator_find_many_with(xw__locator_engine(), l, p, n, out);
}
