/**
 * @file rng.h
 * Seeded random numbers: splitmix64 (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
 * The same seed gives the same numbers on every machine. Not for secrets.
 *
 * Layer: base.
 */
#ifndef XW_RNG_H
#define XW_RNG_H

#include <stdint.h>

typedef struct xw_rng {
    uint64_t s; /**< the seed, then the state */
} xw_rng;

static inline uint64_t xw_rng_next(xw_rng *r)
{
    uint64_t z = (r->s += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/** Uniform in [0, n); 0 for n == 0. */
static inline uint32_t xw_rng_below(xw_rng *r, uint32_t n)
{
    return (uint32_t)(((xw_rng_next(r) >> 32) * n) >> 32);
}

/** Uniform in [0, 1). */
static inline double xw_rng_unit(xw_rng *r) { return (double)(xw_rng_next(r) >> 11) * 0x1p-53; }

/** Uniform in [lo, hi]. */
static inline int32_t xw_rng_in(xw_rng *r, int32_t lo, int32_t hi)
{
    return (int32_t)(lo + (int64_t)(xw_rng_next(r) % (uint64_t)((int64_t)hi - lo + 1)));
}

#endif
