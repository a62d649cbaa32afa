/* The owner of a point in a CHAIN or FAN, in portable C and with the vector units of x86. Internal
 * to the layer. All give the same answer (for vertices within LEAF_REACH).
 *
 * Let a and b be the ends of an edge relative to the point. The point is moved east by an
 * infinitesimal step and north by a much smaller one, so a vertex level with it counts as west. An
 * edge that runs east is crossed by the ray to the north when the turn a x b is to the right (< 0).
 * When the turn is 0 the step decides: 1 is subtracted for an edge that rises, and for one that is
 * level and runs west. For an edge that runs west all is mirrored. */
#ifndef XW_LOCATE_EVAL_H
#define XW_LOCATE_EVAL_H

#include "format.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define LOCATE_X86 1
#include <immintrin.h>
#define TARGET_AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))
#define TARGET_AVX512 \
    __attribute__((target("avx2,popcnt,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl")))
#endif

/* Bits of 16 lanes: crossed edges, and vertices to the east of the point. */
typedef struct lane_bits {
    uint32_t crossed, east;
} lane_bits;

static inline lane_bits lanes_scalar(const leaf_vertex *v, uint32_t first, uint32_t n, int32_t x,
                                     int32_t y)
{
    lane_bits r = {0, 0};
    for (uint32_t i = first; i < n; i++) {
        const int32_t ax = v[i].x - x, ay = v[i].y - y;
        r.east |= (uint32_t)(ax > 0) << i;
        if (i + 1 == n) break;
        const int32_t bx = v[i + 1].x - x, by = v[i + 1].y - y;
        const bool from_east = ax > 0, to_east = bx > 0;
        const int64_t turn = (int64_t)ax * by - (int64_t)ay * bx;
        const bool tie = by > ay || (by == ay && from_east);
        const bool right = turn - tie < 0;
        r.crossed |= (uint32_t)((from_east != to_east) & (right != from_east)) << i;
    }
    return r;
}

static inline lane_bits chain_scalar(const chain_leaf *c, int32_t x, int32_t y)
{
    return lanes_scalar((const leaf_vertex *)(const void *)c, 2, 8, x, y);
}

static inline lane_bits fan_scalar(const fan_leaf *f, uint32_t faces, int32_t x, int32_t y)
{
    return lanes_scalar(f->v, 2 * faces, LINE_LANES, x, y);
}

#ifdef LOCATE_X86

static inline int32_t pack16(int32_t x, int32_t y)
{
    return (int32_t)(((uint32_t)x & 0xffff) | (uint32_t)y << 16);
}

/* Sign bits: the edge from a to b turns right round the point. The madd computes
 * (ax - x)(by - y) + (y - ay)(bx - x); a difference b - a above 0x7fff as int32 is an edge that
 * rises, or is level and runs west. */
static inline uint32_t right_sse2(__m128i a, __m128i b, __m128i q, __m128i minus)
{
    const __m128i d = _mm_sub_epi16(b, a), back = _mm_sub_epi16(b, q);
    const __m128i turned = _mm_or_si128(_mm_slli_epi32(back, 16), _mm_srli_epi32(back, 16));
    const __m128i ahead =
        _mm_add_epi16(_mm_xor_si128(a, _mm_set1_epi32((int32_t)0xffff0000)), minus);
    const __m128i tie = _mm_cmpgt_epi32(d, _mm_set1_epi32(0x7fff));
    const __m128i turn = _mm_add_epi32(_mm_madd_epi16(ahead, turned), tie);
    return (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(turn));
}

static inline uint32_t east_sse2(__m128i a, __m128i q)
{
    return (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(_mm_slli_epi32(_mm_cmpgt_epi16(a, q), 16)));
}

static inline lane_bits join_bits(uint32_t right, uint32_t east)
{
    return (lane_bits){(east ^ (east >> 1)) & (right ^ east), east};
}

static inline lane_bits chain_sse2(const chain_leaf *c, int32_t x, int32_t y)
{
    const __m128i *line = (const __m128i *)(const void *)c;
    const __m128i q = _mm_set1_epi32(pack16(x, y)), minus = _mm_set1_epi32(pack16(-x, y + 1));
    const __m128i a0 = _mm_loadu_si128(line), a1 = _mm_loadu_si128(line + 1);
    const __m128i b0 = _mm_or_si128(_mm_srli_si128(a0, 4), _mm_slli_si128(a1, 12));
    const __m128i b1 = _mm_srli_si128(a1, 4);
    return join_bits(right_sse2(a0, b0, q, minus) | right_sse2(a1, b1, q, minus) << 4,
                     east_sse2(a0, q) | east_sse2(a1, q) << 4);
}

static inline lane_bits fan_sse2(const fan_leaf *f, uint32_t faces, int32_t x, int32_t y)
{
    const __m128i *line = (const __m128i *)(const void *)f;
    const __m128i q = _mm_set1_epi32(pack16(x, y)), minus = _mm_set1_epi32(pack16(-x, y + 1));
    uint32_t right = 0, east = 0;
    (void)faces;
    __m128i a = _mm_loadu_si128(line);
    for (int k = 0; k < 4; k++) {
        const __m128i next = k < 3 ? _mm_loadu_si128(line + k + 1) : a;
        const __m128i b = _mm_or_si128(_mm_srli_si128(a, 4), _mm_slli_si128(next, 12));
        right |= right_sse2(a, b, q, minus) << (4 * k);
        east |= east_sse2(a, q) << (4 * k);
        a = next;
    }
    return join_bits(right, east);
}

TARGET_AVX2 static inline uint32_t right_avx2(__m256i a, __m256i b, __m256i q, __m256i minus)
{
    const __m256i d = _mm256_sub_epi16(b, a), back = _mm256_sub_epi16(b, q);
    const __m256i turned =
        _mm256_or_si256(_mm256_slli_epi32(back, 16), _mm256_srli_epi32(back, 16));
    const __m256i ahead =
        _mm256_add_epi16(_mm256_xor_si256(a, _mm256_set1_epi32((int32_t)0xffff0000)), minus);
    const __m256i tie = _mm256_cmpgt_epi32(d, _mm256_set1_epi32(0x7fff));
    const __m256i turn = _mm256_add_epi32(_mm256_madd_epi16(ahead, turned), tie);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(turn));
}

TARGET_AVX2 static inline uint32_t east_avx2(__m256i a, __m256i q)
{
    return (uint32_t)_mm256_movemask_ps(
        _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cmpgt_epi16(a, q), 16)));
}

TARGET_AVX2 static inline lane_bits chain_avx2(const chain_leaf *c, int32_t x, int32_t y)
{
    const __m256i q = _mm256_set1_epi32(pack16(x, y));
    const __m256i minus = _mm256_set1_epi32(pack16(-x, y + 1));
    const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)c);
    const __m256i b = _mm256_permutevar8x32_epi32(a, _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 7));
    return join_bits(right_avx2(a, b, q, minus), east_avx2(a, q));
}

TARGET_AVX2 static inline lane_bits fan_avx2(const fan_leaf *f, uint32_t faces, int32_t x,
                                             int32_t y)
{
    (void)faces;
    const __m256i q = _mm256_set1_epi32(pack16(x, y));
    const __m256i minus = _mm256_set1_epi32(pack16(-x, y + 1));
    const __m256i a0 = _mm256_loadu_si256((const __m256i *)(const void *)f);
    const __m256i a1 = _mm256_loadu_si256((const __m256i *)(const void *)f + 1);
    const __m256i b0 = _mm256_loadu_si256((const __m256i *)(const void *)(f->v + 1));
    const __m256i b1 = _mm256_permutevar8x32_epi32(a1, _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 7));
    return join_bits(right_avx2(a0, b0, q, minus) | right_avx2(a1, b1, q, minus) << 8,
                     east_avx2(a0, q) | east_avx2(a1, q) << 8);
}

#endif /* LOCATE_X86 */

/* Label from the bits: vertices of a CHAIN are in lanes 2 to 7. */
static inline uint32_t chain_label(const chain_leaf *c, lane_bits b)
{
    const uint32_t l0 = c->label[0], l1 = c->label[1];
    const uint32_t ends = (l0 >> 24 & 0x80) | (l1 >> 29 & 4);
    const bool turn = __builtin_parity((b.crossed & 0x7c) | (~b.east & ends) << 8);
    return (turn ? l1 : l0) & XW_LOCATOR_LABEL_MAX;
}

static inline uint32_t fan_label_of(const fan_leaf *f, uint32_t faces, lane_bits b)
{
    const uint32_t word = (b.crossed & 0xffff) | 1 | ~b.east << 16;
    uint32_t label = 0;
    for (uint32_t i = 0; i < 3; i++) {
        label ^= f->face[i].label & -(uint32_t)__builtin_parity(word & f->face[i].mask);
    }
    if (faces == 4) label ^= f->face[3].label & -(uint32_t)__builtin_parity(word & f->face[3].mask);
    return label;
}

#endif
