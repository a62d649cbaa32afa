/* The closed walks along next, before they have faces. Shared inside the layer. */
#ifndef XW_MAP_CYCLES_H
#define XW_MAP_CYCLES_H

#include "xiwang/map.h"

typedef struct xw__cycle {
    int64_t area2;
    uint32_t first;    /* smallest half-edge */
    uint32_t leftmost; /* half-edge whose origin is the smallest node of the cycle */
    uint32_t face;     /* UINT32_MAX until it is known */
} xw__cycle;

typedef struct xw__cycles {
    xw__cycle *c; /* ascending by first */
    size_t n;
    uint32_t *of_half;
} xw__cycles;

/* Needs m->next. */
xw_status xw__find_cycles(const xw_map *m, unsigned threads, xw__cycles *out, xw_error *err);
void xw__cycles_finish(xw__cycles *c);

#endif
