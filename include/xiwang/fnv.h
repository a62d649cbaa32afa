/**
 * @file fnv.h
 * FNV-1a, 64 bits (Fowler, Noll, Vo): finds damage, names versions, fills hash tables;
 * keeps no secret and stops no forger. Start with XW_FNV and feed what counts, in order. Threads:
 * pure functions.
 * Layer: base
 */
#ifndef XW_FNV_H
#define XW_FNV_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XW_FNV UINT64_C(0xcbf29ce484222325)

static inline uint64_t xw_fnv_byte(uint64_t h, unsigned char byte)
{
    return (h ^ byte) * UINT64_C(0x100000001b3);
}
static inline uint64_t xw_fnv(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++) h = xw_fnv_byte(h, b[i]);
    return h;
}
/** A text with its NUL, so that "a", "bc" and "ab", "c" differ. */
static inline uint64_t xw_fnv_text(uint64_t h, const char *text)
{
    return xw_fnv(h, text, strlen(text) + 1);
}
/** A number, lowest byte first on every machine. */
static inline uint64_t xw_fnv_u64(uint64_t h, uint64_t v)
{
    for (int i = 0; i < 8; i++) h = xw_fnv_byte(h, (unsigned char)(v >> (8 * i)));
    return h;
}

#endif
