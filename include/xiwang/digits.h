/**
 * @file digits.h
 * Numbers to and from decimal digits without printf, for what is written a million times a second:
 * the same characters, a tenth of the time. Threads: pure functions. Layer: base
 */
#ifndef XW_DIGITS_H
#define XW_DIGITS_H

#include <stddef.h>
#include <stdint.h>

/** Bytes that the longest number needs. No NUL is written. */
#define XW_DIGITS_MAX 24

/** What "%llu" writes. @return the number of bytes */
size_t xw_digits_u64(char *to, uint64_t v);
/** What "%lld" writes. */
size_t xw_digits_i64(char *to, int64_t v);
/** What "%016llx" writes: always 16 bytes. */
void xw_digits_hex16(char *to, uint64_t v);
/** What "%.*f" writes (rounded correctly, ties to even), without zeros at the end of the fraction
 *  and the point before nothing, and 0 for -0. @p decimals 0 to 9.
 *  @return the number of bytes, 0 when only printf knows: infinities, NaN, numbers of 2^42 /
 * 10^decimals and more, and those next to the middle of two decimals */
size_t xw_digits_fixed(char *to, double v, int decimals);

/** Reads a strict JSON number at p. One that touches @p end may go on behind it. Rounded correctly
 *  (Clinger, "How to read floating point numbers accurately", PLDI 1990: a quotient of two exact
 *  doubles; strtod for the rest). @return where it ends; NULL when there is none, or it is not
 *  finite, or has more than 400 bytes */
const char *xw_digits_read(const char *p, const char *end, double *out);

#endif
