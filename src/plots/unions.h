/* Disjoint sets over indices with path halving; the smallest member is the root, so that the result
 * does not depend on the order of the joins. Shared inside the layer. */
#ifndef XW_PLOTS_UNIONS_H
#define XW_PLOTS_UNIONS_H

#include <stddef.h>
#include <stdint.h>

static inline void unions_init(uint32_t *up, size_t n)
{
    for (uint32_t i = 0; i < n; i++) up[i] = i;
}

static inline uint32_t unions_find(uint32_t *up, uint32_t i)
{
    while (up[i] != i) i = up[i] = up[up[i]];
    return i;
}

static inline void unions_join(uint32_t *up, uint32_t a, uint32_t b)
{
    a = unions_find(up, a);
    b = unions_find(up, b);
    if (a < b) {
        up[b] = a;
    } else {
        up[a] = b;
    }
}

#endif
