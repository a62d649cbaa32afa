/* Single characters: decoding, and what does not count in an address. */
#include "internal.h"

size_t xw__utf8_read(const unsigned char *s, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (n == 0) return 0;
    const size_t k = s[0] < 0x80   ? 1
                     : s[0] < 0xC2 ? 0
                     : s[0] < 0xE0 ? 2
                     : s[0] < 0xF0 ? 3
                     : s[0] < 0xF5 ? 4
                                   : 0;
    if (k == 0 || k > n) return 0;
    uint32_t v = k == 1 ? s[0] : s[0] & (0x7FU >> k);
    for (size_t i = 1; i < k; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
        v = v << 6 | (s[i] & 0x3FU);
    }
    if (v < least[k] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000)) return 0;
    *c = v;
    return k;
}

size_t xw__utf8_write(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t k = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = k - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
    static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(heads[k] | c);
    return k;
}

bool xw__is_han(uint32_t c) { return (c >= 0x2E80 && c < 0xFF00) || c >= 0x20000; }

bool xw__is_digit(uint32_t c) { return c >= '0' && c <= '9'; }

/* Letters of Latin-1 and Latin Extended-A without their accents: what stands at c - 0xC0. The two
 * that give two letters are told apart by the caller. */
static const char plain[] = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                            "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static size_t fold_latin(uint32_t c, uint32_t out[3])
{
    if (c == 0xD7 || c == 0xF7) return 0;
    const uint32_t first = (uint32_t)(unsigned char)plain[c - 0xC0];
    out[0] = first;
    const bool two = c == 0xC6 || c == 0xE6 || c == 0xDF || c == 0x152 || c == 0x153;
    if (two) out[1] = c == 0xDF ? 's' : 'e';
    return two ? 2 : 1;
}

/* Traditional characters that addresses are full of, and variants of one mark. */
static uint32_t fold_han(uint32_t c)
{
    switch (c) {
    case 0x865F: /* 號 */
        return 0x53F7;
    case 0x68DF: /* 棟 */
        return 0x680B;
    case 0x5E62: /* 幢 */
        return 0x680B;
    case 0x55AE: /* 單 */
        return 0x5355;
    case 0x6A13: /* 樓 */
        return 0x697C;
    case 0x5C64: /* 層 */
        return 0x5C42;
    case 0x93AE: /* 鎮 */
        return 0x9547;
    case 0x7E23: /* 縣 */
        return 0x53BF;
    case 0x5340: /* 區 */
        return 0x533A;
    case 0x9109: /* 鄉 */
        return 0x4E61;
    case 0x9580: /* 門 */
        return 0x95E8;
    case 0x6771: /* 東 */
        return 0x4E1C;
    case 0x5712: /* 園 */
        return 0x56ED;
    case 0x5EE3: /* 廣 */
        return 0x5E7F;
    case 0x5834: /* 場 */
        return 0x573A;
    case 0x83EF: /* 華 */
        return 0x534E;
    case 0x570B: /* 國 */
        return 0x56FD;
    case 0x5B78: /* 學 */
        return 0x5B66;
    case 0x9577: /* 長 */
        return 0x957F;
    case 0x9F8D: /* 龍 */
        return 0x9F99;
    case 0x6A4B: /* 橋 */
        return 0x6865;
    case 0x5EE0: /* 廠 */
        return 0x5382;
    case 0x7063: /* 灣 */
        return 0x6E7E;
    case 0x5CF6: /* 島 */
        return 0x5C9B;
    case 0x96F2: /* 雲 */
        return 0x4E91;
    case 0x99AC: /* 馬 */
        return 0x9A6C;
    case 0x967D: /* 陽 */
        return 0x9633;
    default:
        return c;
    }
}

size_t xw__fold_char(uint32_t c, uint32_t out[3])
{
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0; /* full width */
    if (c >= 'A' && c <= 'Z') c += 32;
    if ((c >= 'a' && c <= 'z') || xw__is_digit(c) || c == '#') {
        out[0] = c;
        return 1;
    }
    if (c < 0xC0) return 0;
    if (c <= 0x17F) return fold_latin(c, out);
    if (c >= 0x300 && c <= 0x36F) { /* an accent that stands apart */
        out[0] = UINT32_MAX;
        return 1;
    }
    if (c >= 0x391 && c <= 0x3A9) c += 0x20; /* Greek */
    if (c >= 0x410 && c <= 0x42F) c += 0x20; /* Cyrillic */
    if (c >= 0x400 && c <= 0x40F) c += 0x50;
    if (c >= 0x2000 && c < 0x2E80) return 0; /* punctuation, signs, arrows */
    if (c >= 0x3000 && c <= 0x3020 && c != 0x3005 && c != 0x3007) return 0; /* 、。「」 */
    if (c >= 0xFE30 && c <= 0xFE4F) return 0;
    if (c >= 0xFF00 && c < 0x20000) return 0;
    out[0] = c > 0x2E80 ? fold_han(c) : c;
    return 1;
}
