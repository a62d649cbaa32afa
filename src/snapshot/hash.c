#include "format.h"

#include <string.h>

static uint64_t turn(uint64_t v, int by) { return v << by | v >> (64 - by); }

void xw__hash_init(snapshot_hash *h)
{
    *h = (snapshot_hash){{UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xbf58476d1ce4e5b9),
                          UINT64_C(0x94d049bb133111eb), UINT64_C(0xd6e8feb86659fd93)},
                         0};
}

void xw__hash_add(snapshot_hash *h, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    uint64_t a = h->lane[0], b = h->lane[1], c = h->lane[2], d = h->lane[3];
    for (size_t i = 0; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, at + i, sizeof w);
        a = turn((a ^ w[0]) * UINT64_C(0x9fb21c651e98df25), 29);
        b = turn((b ^ w[1]) * UINT64_C(0x9fb21c651e98df25), 29);
        c = turn((c ^ w[2]) * UINT64_C(0x9fb21c651e98df25), 29);
        d = turn((d ^ w[3]) * UINT64_C(0x9fb21c651e98df25), 29);
    }
    h->lane[0] = a;
    h->lane[1] = b;
    h->lane[2] = c;
    h->lane[3] = d;
    h->n += n;
}

uint64_t xw__hash_end(const snapshot_hash *h)
{
    uint64_t v = h->n;
    for (int i = 0; i < 4; i++) {
        v = (v ^ h->lane[i]) * UINT64_C(0xff51afd7ed558ccd);
        v ^= v >> 32;
    }
    v *= UINT64_C(0xc4ceb9fe1a85ec53);
    return v ^ v >> 29;
}
