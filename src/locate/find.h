/* The same queries for each vector unit. Internal to the layer; the tests compare them. */
#ifndef XW_LOCATE_FIND_H
#define XW_LOCATE_FIND_H

#include "eval.h"

typedef enum locator_engine { ENGINE_SCALAR, ENGINE_SSE2, ENGINE_AVX2, ENGINES } locator_engine;

/* The best one that this machine has. */
locator_engine xw__locator_engine(void);

uint32_t xw__locator_find_with(locator_engine e, const xw_locator *l, xw_pt p);
void xw__locator_find_many_with(locator_engine e, const xw_locator *l, const xw_pt *p, size_t n,
                                uint32_t *out);

#define DECLARE_ENGINE(name)                                  \
    uint32_t xw__find_##name(const locator_head *h, xw_pt p); \
    void xw__find_many_##name(const locator_head *h, const xw_pt *p, size_t n, uint32_t *out);
DECLARE_ENGINE(scalar)
#ifdef LOCATE_X86
DECLARE_ENGINE(sse2)
DECLARE_ENGINE(avx2)
#endif

#endif
