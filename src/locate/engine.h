/* The queries in terms of CHAIN and FAN, the evaluation of one vector unit. Included once by each
 * engine_*.c, which sets TARGET, NAME(), CHAIN() and FAN().
 *
 * One lookup is two loads, the second one depending on the first: the entry, then the leaf. Many
 * lookups go in groups that are three stages apart, so that the loads of a group are under way
 * while others are computed. */
#include "find.h"
#include "leaf.h"

enum { GROUP = 32 };

TARGET static inline uint32_t NAME(leaf_owner)(const locator_head *h, uint32_t entry,
                                               uint32_t shift, uint32_t dx, uint32_t dy)
{
    const void *leaf = locator_grain(h, entry);
    const int32_t x = from_middle(dx, shift), y = from_middle(dy, shift);
    switch (ENTRY_TAG(entry)) {
    case TAG_CHAIN:
        return chain_label(leaf, CHAIN(leaf, x, y));
    case TAG_FAN:
        return fan_label_of(leaf, 3, FAN(leaf, 3, x, y));
    default:
        return fan_label_of(leaf, 4, FAN(leaf, 4, x, y));
    }
}

/* From a cell that is no plain leaf down to the owner. */
TARGET static __attribute__((noinline)) uint32_t
NAME(descend)(const locator_head *h, uint32_t entry, uint32_t dx, uint32_t dy)
{
    uint32_t shift = h->shift;
    while (ENTRY_TAG(entry) == TAG_SPLIT) { /* the bytes were checked: at most shift / 2 times */
        const uint32_t *block = locator_grain(h, entry);
        shift -= 2;
        entry = block[block_at(dx >> shift, dy >> shift)];
    }
    if (ENTRY_TAG(entry) == TAG_LABEL) return entry;
    if (ENTRY_TAG(entry) != TAG_LIST) return NAME(leaf_owner)(h, entry, shift, dx, dy);
    const list_leaf *list = locator_grain(h, entry);
    const int64_t x0 = h->ox + (int64_t)(dx >> shift << shift);
    const int64_t y0 = h->oy + (int64_t)(dy >> shift << shift);
    return list->label ^
           cross_items(list->items, list->n, 1, h->ox + (int64_t)dx, h->oy + (int64_t)dy, x0, y0);
}

TARGET uint32_t NAME(xw__find)(const locator_head *h, xw_pt p)
{
    const uint32_t dx = (uint32_t)p.x - (uint32_t)h->ox, dy = (uint32_t)p.y - (uint32_t)h->oy;
    if (dx > h->w || dy > h->h) return 0;
    const uint32_t entry = locator_entries(h)[cell_at(h->tx, dx >> h->shift, dy >> h->shift)];
    if (ENTRY_TAG(entry) == TAG_LABEL) return entry;
    if (ENTRY_TAG(entry) <= TAG_FAN4) return NAME(leaf_owner)(h, entry, h->shift, dx, dy);
    return NAME(descend)(h, entry, dx, dy);
}

typedef struct group {
    uint32_t dx[GROUP], dy[GROUP], entry[GROUP], at[GROUP];
    uint32_t inside[GROUP]; /* all ones, or 0 */
    uint32_t n;
} group;

/* Stage 1: where the entries are. */
TARGET static inline void NAME(ask_entries)(const locator_head *h, const xw_pt *p, size_t n,
                                            group *g)
{
    const uint32_t *entries = locator_entries(h);
    uint32_t cell[GROUP];
    for (size_t i = 0; i < n; i++) {
        const uint32_t dx = (uint32_t)p[i].x - (uint32_t)h->ox;
        const uint32_t dy = (uint32_t)p[i].y - (uint32_t)h->oy;
        const bool in = dx <= h->w && dy <= h->h;
        g->inside[i] = -(uint32_t)in;
        g->dx[i] = in ? dx : 0;
        g->dy[i] = in ? dy : 0;
        cell[i] = (uint32_t)cell_at(h->tx, g->dx[i] >> h->shift, g->dy[i] >> h->shift);
    }
    for (size_t i = 0; i < n; i++) {
        g->at[i] = cell[i];
        __builtin_prefetch(entries + cell[i]);
    }
    g->n = (uint32_t)n;
}

/* Stage 2: the answers that are there already, and where the leaves of the others are. */
TARGET static inline void NAME(ask_leaves)(const locator_head *h, group *g, uint32_t *out)
{
    const uint32_t *entries = locator_entries(h);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n; i++) {
        const uint32_t entry = entries[g->at[i]] & g->inside[i];
        out[i] = entry;
        g->dx[n] = g->dx[i];
        g->dy[n] = g->dy[i];
        g->entry[n] = entry;
        g->at[n] = i;
        const bool leaf = ENTRY_TAG(entry) != TAG_LABEL;
        __builtin_prefetch(leaf ? locator_grain(h, entry) : (const void *)h);
        n += leaf;
    }
    g->n = n;
}

/* Stage 3: the leaves. */
TARGET static inline void NAME(read_leaves)(const locator_head *h, const group *g, uint32_t *out)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const uint32_t entry = g->entry[i];
        out[g->at[i]] = ENTRY_TAG(entry) <= TAG_FAN4
                            ? NAME(leaf_owner)(h, entry, h->shift, g->dx[i], g->dy[i])
                            : NAME(descend)(h, entry, g->dx[i], g->dy[i]);
    }
}

TARGET void NAME(xw__find_many)(const locator_head *h, const xw_pt *p, size_t n, uint32_t *out)
{
    group g[3];
    const size_t n_groups = (n + GROUP - 1) / GROUP;
    for (size_t k = 0; k < n_groups + 2; k++) {
        const size_t at = k * GROUP;
        if (k < n_groups) {
            NAME(ask_entries)(h, p + at, n - at < GROUP ? n - at : GROUP, &g[k % 3]);
        }
        if (k >= 1 && k - 1 < n_groups) NAME(ask_leaves)(h, &g[(k - 1) % 3], out + at - GROUP);
        if (k >= 2) NAME(read_leaves)(h, &g[(k - 2) % 3], out + at - 2 * GROUP);
    }
}
