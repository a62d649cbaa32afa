/* Seeded random numbers for property tests: the seed is printed, XW_SEED replays a failure. */
#ifndef XW_TEST_RNG_H
#define XW_TEST_RNG_H

#include "xiwang/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline xw_rng rng_from_env(const char *test)
{
    const char *e = getenv("XW_SEED");
    const xw_rng r = {e ? strtoull(e, NULL, 0) : (uint64_t)time(NULL)};
    fprintf(stderr, "# %s: XW_SEED=%llu\n", test, (unsigned long long)r.s);
    return r;
}

#endif
