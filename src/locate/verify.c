/* What is checked of every leaf as it is built, from its bytes. */
#include "build.h"
#include "eval.h"

/* Keys of the edges that end at a vertex must cancel: a walk round it comes back to the same label.
 * Then every path between two points gives the same answer. Each vertex lies in one leaf, which
 * holds all its edges. */
static xw_status check_vertices(const locator_cell *c, const locator_item *items,
                                const uint32_t *ids, size_t n, xw_error *err)
{
    const int64_t side = INT64_C(1) << c->shift;
    for (size_t i = 0; i < 2 * n; i++) {
        const locator_item *e = &items[i / 2];
        const xw_pt v = i % 2 ? (xw_pt){e->bx, e->by} : (xw_pt){e->ax, e->ay};
        if (v.x < c->x0 || v.x >= c->x0 + side || v.y < c->y0 || v.y >= c->y0 + side) continue;
        uint32_t key = 0;
        for (size_t j = 0; j < n; j++) {
            const locator_item *o = &items[j];
            const uint32_t ends = (uint32_t)((o->ax == v.x) & (o->ay == v.y)) |
                                  (uint32_t)((o->bx == v.x) & (o->by == v.y));
            key ^= (o->left ^ o->right) & -ends;
        }
        if (key != 0) {
            return xw_fail(err, XW_INPUT, "edge %u: the labels around %d,%d do not close",
                           ids[i / 2], v.x, v.y);
        }
    }
    return XW_OK;
}

static uint32_t owner_in_leaf(const locator_cell *c, const void *leaf, int64_t px, int64_t py)
{
    const int32_t x = from_middle((uint32_t)(px - c->x0), c->shift);
    const int32_t y = from_middle((uint32_t)(py - c->y0), c->shift);
    switch (ENTRY_TAG(c->entry)) {
    case TAG_CHAIN:
        return chain_label(leaf, chain_scalar(leaf, x, y));
    case TAG_FAN:
        return fan_label_of(leaf, 3, fan_scalar(leaf, 3, x, y));
    case TAG_FAN4:
        return fan_label_of(leaf, 4, fan_scalar(leaf, 4, x, y));
    default: {
        const list_leaf *list = leaf;
        return list->label ^ cross_items(list->items, list->n, 1, px, py, c->x0, c->y0);
    }
    }
}

/* The owner of the middle of an edge, in doubled coordinates, must be its label on the east, or
 * north of a horizontal one. That catches wrong labels, and edges that lie on or across each other.
 * And the evaluation of the leaf must agree with the walk to the corner. */
xw_status xw__leaf_verify(const locator_cell *c, const void *leaf, uint32_t label,
                          const locator_item *items, const uint32_t *ids, size_t n, xw_error *err)
{
    const int64_t side = INT64_C(1) << c->shift;
    locator_item own[LEAF_EDGES_MAX];
    const locator_item *read;
    xw_status st = check_vertices(c, items, ids, n, err);
    if (st) return st;
    if (xw__leaf_edges(c, leaf, own, &read) != n) {
        return xw_fail(err, XW_INTERNAL, "edge %u: lost from the locator", ids[0]);
    }
    for (size_t i = 0; i < n; i++) {
        const locator_item *e = &items[i];
        const int64_t x2 = (int64_t)e->ax + e->bx, y2 = (int64_t)e->ay + e->by;
        const int64_t x = x2 >> 1, y = y2 >> 1;
        if (x < c->x0 || x >= c->x0 + side || y < c->y0 || y >= c->y0 + side) continue;
        const uint32_t want = e->ay == e->by ? e->left : e->right;
        const uint32_t got = label ^ cross_items(read, n, 2, x2, y2, 2 * c->x0, 2 * c->y0);
        if (got != want) {
            return xw_fail(err, XW_INPUT,
                           "edge %u (%d,%d to %d,%d): label %u on one side, found %u", ids[i],
                           e->ax, e->ay, e->bx, e->by, want, got);
        }
        if (owner_in_leaf(c, leaf, x, y) != (label ^ cross_items(read, n, 1, x, y, c->x0, c->y0))) {
            return xw_fail(err, XW_INPUT, "edge %u (%d,%d to %d,%d): crosses another one", ids[i],
                           e->ax, e->ay, e->bx, e->by);
        }
    }
    return XW_OK;
}
