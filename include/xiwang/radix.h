/**
 * @file radix.h
 * Sorting whole numbers in linear time: least significant digit first.
 *
 * For keys that name a place or a pair of indices, where comparing sorts are what a stage spends
 * its time with. Threads: pure.
 */
#ifndef XW_RADIX_H
#define XW_RADIX_H

#include <stddef.h>
#include <stdint.h>

/**
 * Sorts @p n keys (fewer than 2^32) by their bits from @p low up to, without, @p bits; keys that
 * agree in these keep their order. Fewer bits, fewer passes.
 *
 * @param spare  room for as many; its content is undefined afterwards
 * @param bits   at most 64; higher bits are not looked at
 */
void xw_radix_sort(uint64_t *keys, uint64_t *spare, size_t n, unsigned low, unsigned bits);

/** Number of low bits that are needed for @p v. */
static inline unsigned xw_bits_of(uint64_t v)
{
    return v ? 64u - (unsigned)__builtin_clzll(v) : 0u;
}

#endif
