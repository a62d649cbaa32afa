#include "tree.h"

#include <stdlib.h>

static size_t parents(size_t n) { return (n + TREE_FAN - 1) / TREE_FAN; }

size_t xw__tree_nodes(size_t n)
{
    size_t total = 0;
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
    for (size_t i = 0; i < n; i++) order[i] = e[i].ix;
    free(e);
    const xw_box *below = NULL;
    while (n > 1) {
        const size_t up = parents(n);
        for (size_t k = 0; k < up; k++) {
            nodes[k] = XW_BOX_EMPTY;
            for (size_t i = k * TREE_FAN; i < n && i < (k + 1) * TREE_FAN; i++) {
                nodes[k] = xw_box_join(nodes[k], below ? below[i] : boxes[order[i]]);
            }
        }
        below = nodes;
        nodes += up;
        n = up;
    }
    return XW_OK;
}

typedef struct walk {
    const xw_box *level[TREE_LEVELS_MAX];
    size_t count[TREE_LEVELS_MAX]; /* of what lies below each level: objects, then nodes */
    xw_box box;
    bool (*fn)(void *user, size_t first, size_t n);
    void *user;
} walk;

static bool visit(const walk *w, int level, size_t node)
{
    if (!xw_box_meets(w->level[level][node], w->box)) return true;
    const size_t first = node * TREE_FAN, left = w->count[level] - first;
    const size_t n = left < TREE_FAN ? left : TREE_FAN;
    if (level == 0) return w->fn(w->user, first, n);
    for (size_t i = first; i < first + n; i++) {
        if (!visit(w, level - 1, i)) return false;
    }
    return true;
}

bool xw__tree_walk(size_t n, const xw_box *nodes, xw_box box,
                   bool (*fn)(void *user, size_t first, size_t n), void *user)
{
    if (n == 0) return true;
    if (n == 1) return fn(user, 0, 1);
    walk w = {.box = box, .fn = fn, .user = user};
    int levels = 0;
    while (n > 1) {
        w.level[levels] = nodes;
        w.count[levels++] = n;
        n = parents(n);
        nodes += n;
    }
    return visit(&w, levels - 1, 0);
}
