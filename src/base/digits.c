#include "xiwang/digits.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 400 }; /* bytes that are read; more say nothing */

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
                            "34353637383940414243444546474849505152535455565758596061626364656667"
                            "6869707172737475767778798081828384858687888990919293949596979899";

size_t xw_digits_u64(char *to, uint64_t v)
{
    char text[XW_DIGITS_MAX];
    char *at = text + sizeof text;
    for (; v >= 100; v /= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (v % 100), 2);
    }
    if (v >= 10) {
        at -= 2;
        memcpy(at, pairs + 2 * v, 2);
    } else {
        *--at = (char)('0' + v);
    }
    const size_t n = (size_t)(text + sizeof text - at);
    memcpy(to, at, n);
    return n;
}

size_t xw_digits_i64(char *to, int64_t v)
{
    if (v >= 0) return xw_digits_u64(to, (uint64_t)v);
    *to = '-';
    return 1 + xw_digits_u64(to + 1, 0 - (uint64_t)v);
}

void xw_digits_hex16(char *to, uint64_t v)
{
    for (int i = 15; i >= 0; i--, v >>= 4) to[i] = "0123456789abcdef"[v & 15];
}

size_t xw_digits_fixed(char *to, double v, int decimals)
{
    static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    static const double middle = 1.0 / 256; /* the product below is off by 2^-11 at most */
    if (decimals < 0 || decimals > 9) return 0;
    const double scaled = fabs(v) * ten[decimals];
    if (!(scaled < 0x1p42)) return 0;
    uint64_t whole = (uint64_t)scaled;
    const double rest = scaled - (double)whole;
    if (fabs(rest - 0.5) < middle) return 0;
    whole += rest > 0.5;
    char digits[XW_DIGITS_MAX];
    char *at = to;
    int kept = decimals;
    for (; kept > 0 && whole % 10 == 0; kept--) whole /= 10;
    if (v < 0 && whole > 0) *at++ = '-';
    const size_t n = xw_digits_u64(digits, whole);
    const size_t k = (size_t)kept;
    if (k == 0) {
        memcpy(at, digits, n);
        return (size_t)(at - to) + n;
    }
    if (n > k) {
        memcpy(at, digits, n - k);
        at += n - k;
    } else {
        *at++ = '0';
    }
    *at++ = '.';
    for (size_t i = n; i < k; i++) *at++ = '0';
    const size_t tail = n < k ? n : k;
    memcpy(at, digits + n - tail, tail);
    return (size_t)(at - to) + tail;
}

/* What the quick way does not hold exactly. */
static bool slow_number(const char *p, size_t n, double *out)
{
    char text[NUMBER_MAX + 1];
    if (n > NUMBER_MAX) return false;
    memcpy(text, p, n);
    text[n] = '\0';
    *out = strtod(text, NULL);
    return isfinite(*out);
}

const char *xw_digits_read(const char *p, const char *end, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *from = p;
    const bool minus = p < end && *p == '-';
    if (minus) p++;
    const char *digits = p;
    uint64_t v = 0;
    while (p < end && *p >= '0' && *p <= '9') v = v * 10 + (uint64_t)(*p++ - '0');
    long n = p - digits, scale = 0;
    if (n == 0 || (n > 1 && *digits == '0')) return NULL;
    if (p < end && *p == '.') {
        const char *point = ++p;
        while (p < end && *p >= '0' && *p <= '9') v = v * 10 + (uint64_t)(*p++ - '0');
        scale = p - point;
        if (scale == 0) return NULL;
        n += scale;
    }
    bool quick = n <= 19 && v <= UINT64_C(1) << 53 && scale <= 22; /* 19 digits fit 64 bits */
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '-' || *p == '+')) p++;
        if (p == end || *p < '0' || *p > '9') return NULL;
        while (p < end && *p >= '0' && *p <= '9') p++;
        quick = false;
    }
    if (quick) {
        const double d = (double)v / ten[scale];
        *out = minus ? -d : d;
        return p;
    }
    return slow_number(from, (size_t)(p - from), out) ? p : NULL;
}
