#include "xiwang/radix.h"

#include <string.h>

enum { DIGITS_MAX = 1 << 11, SMALL = 40 };

static void insertion(uint64_t *k, size_t n, unsigned low, uint64_t mask)
{
    for (size_t i = 1; i < n; i++) {
        const uint64_t v = k[i], key = v >> low & mask;
        size_t at = i;
        for (; at > 0 && (k[at - 1] >> low & mask) > key; at--) k[at] = k[at - 1];
        k[at] = v;
    }
}

/* One stable pass over the digit at a shift. */
static void pass(const uint64_t *from, uint64_t *to, size_t n, unsigned shift, uint64_t mask)
{
    uint32_t slot[DIGITS_MAX];
    memset(slot, 0, (size_t)(mask + 1) * sizeof *slot);
    for (size_t i = 0; i < n; i++) slot[from[i] >> shift & mask]++;
    uint32_t sum = 0;
    for (size_t d = 0; d <= mask; d++) {
        const uint32_t here = slot[d];
        slot[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++) to[slot[from[i] >> shift & mask]++] = from[i];
}

void xw_radix_sort(uint64_t *keys, uint64_t *spare, size_t n, unsigned low, unsigned bits)
{
    if (low >= bits) return;
    const uint64_t all = bits - low == 64 ? UINT64_MAX : (UINT64_C(1) << (bits - low)) - 1;
    if (n <= SMALL) {
        insertion(keys, n, low, all);
        return;
    }
    const unsigned digit = n < 2000 ? 6 : n < 20000 ? 8 : 11;
    uint64_t *from = keys, *to = spare;
    for (unsigned shift = low; shift < bits; shift += digit) {
        const unsigned width = bits - shift < digit ? bits - shift : digit;
        pass(from, to, n, shift, (UINT64_C(1) << width) - 1);
        uint64_t *const t = from;
        from = to;
        to = t;
    }
    if (from != keys) memcpy(keys, from, n * sizeof *keys);
}
