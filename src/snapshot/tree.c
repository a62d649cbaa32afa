#include "tree.h"

#include <stdlib.h>

static size_t parents(size_t n) { return (n + TREE_FAN - 1) / TREE_FAN; }

size_t xw__tree_nodes(size_t n)
{
    size_t total = n;
    while (n > 1) total += n = parents(n);
    return total;
}

typedef struct entry {
    uint64_t key;
    uint32_t ix;
} entry;

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->ix > y->ix) - (x->ix < y->ix);
}

/* Distance along the Hilbert curve of order 32. */
static uint64_t hilbert(uint32_t x, uint32_t y)
{
    uint64_t d = 0;
    for (uint32_t s = UINT32_C(1) << 31; s > 0; s >>= 1) {
        const uint32_t rx = (x & s) != 0, ry = (y & s) != 0;
        d = d << 2 | ((3 * rx) ^ ry);
        if (ry == 0) { /* turn the quadrant */
            if (rx) {
                x = ~x;
                y = ~y;
            }
            const uint32_t t = x;
            x = y;
            y = t;
        }
    }
    return d;
}

static uint32_t centre(int32_t lo, int32_t hi)
{
    return (uint32_t)(((int64_t)lo + hi) / 2 - INT32_MIN);
}

xw_status xw__tree_build(const xw_box *boxes, size_t n, uint32_t *order, xw_box *nodes,
                         xw_error *err)
{
    entry *e = malloc((n + 1) * sizeof *e);
    if (!e) return xw_fail(err, XW_NOMEM, "tree of %zu boxes", n);
    for (size_t i = 0; i < n; i++) {
        const xw_box b = boxes[i];
        const bool none = xw_box_is_empty(b); /* nothing to find: to the end of the order */
        e[i] =
            (entry){none ? UINT64_MAX : hilbert(centre(b.min.x, b.max.x), centre(b.min.y, b.max.y)),
                    (uint32_t)i};
    }
    if (n > 0) qsort(e, n, sizeof *e, by_key);
    for (size_t i = 0; i < n; i++) {
        order[i] = e[i].ix;
        nodes[i] = boxes[order[i]];
    }
    free(e);
    const xw_box *below = nodes;
    nodes += n;
    while (n > 1) {
        const size_t up = parents(n);
        for (size_t k = 0; k < up; k++) {
            nodes[k] = XW_BOX_EMPTY;
            for (size_t i = k * TREE_FAN; i < n && i < (k + 1) * TREE_FAN; i++) {
                nodes[k] = xw_box_join(nodes[k], below[i]);
            }
        }
        below = nodes;
        nodes += up;
        n = up;
    }
    return XW_OK;
}

typedef struct walk {
    const uint32_t *order;
    const xw_box *level[TREE_LEVELS_MAX]; /* from the objects up */
    size_t count[TREE_LEVELS_MAX];
    xw_box box;
    bool (*fn)(void *user, uint32_t ix);
    void *user;
} walk;

/* The children first … first + TREE_FAN - 1 of a node that meets the box. */
static bool visit(const walk *w, int level, size_t first)
{
    const xw_box *boxes = w->level[level];
    const size_t left = w->count[level] - first;
    const size_t end = first + (left < TREE_FAN ? left : TREE_FAN);
    for (size_t i = first; i < end; i++) {
        if (!xw_box_meets(boxes[i], w->box)) continue;
        if (level == 0 ? !w->fn(w->user, w->order[i]) : !visit(w, level - 1, i * TREE_FAN)) {
            return false;
        }
    }
    return true;
}

bool xw__tree_walk(size_t n, const uint32_t *order, const xw_box *nodes, xw_box box,
                   bool (*fn)(void *user, uint32_t ix), void *user)
{
    walk w = {.order = order, .box = box, .fn = fn, .user = user};
    int levels = 0;
    for (;; n = parents(n)) {
        w.level[levels] = nodes;
        w.count[levels++] = n;
        nodes += n;
        if (n <= TREE_FAN) break;
    }
    return visit(&w, levels - 1, 0);
}
