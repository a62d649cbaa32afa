/* Any bytes given to xw_locator_view are refused or safe to query. The input is an index, or (first
 * byte odd) changes of one that was built. */
#include "locate/scene.h"

#include <stdlib.h>
#include <string.h>

static void *built;
static size_t n_built;

static void must(bool ok)
{
    if (!ok) __builtin_trap();
}

static void build(void)
{
    xw_rng r = {1};
    scene s;
    scene_build(&s, &r, 6, 4000, (xw_pt){1190000000, 260000000}, 5);
    must(xw_locator_build(s.edges, s.n_edges, NULL, &built, &n_built, NULL) == XW_OK);
    scene_finish(&s);
}

static bool take(void *user, const xw_near_edge *e)
{
    (void)e;
    return ++*(int *)user < 100;
}

/* Eight bytes a change: where, how, with what. */
static void edit(unsigned char *bytes, size_t size, const uint8_t *data, size_t n)
{
    for (; n >= 8; data += 8, n -= 8) {
        const size_t at = (data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % (size - 3);
        uint32_t v;
        memcpy(&v, bytes + at, 4);
        if (data[3] % 3 == 0) memcpy(&v, data + 4, 4);
        if (data[3] % 3 == 1) v = v + data[4] - 128u;
        if (data[3] % 3 == 2) v ^= UINT32_C(1) << data[4] % 32;
        memcpy(bytes + at, &v, 4);
    }
}

static void ask(const xw_locator *l, const unsigned char *bytes)
{
    int32_t origin[2];
    memcpy(origin, bytes + 16, sizeof origin);
    for (int k = 0; k < 64; k++) {
        const int32_t step = k % 2 ? 1 : 3000;
        const xw_pt p = {(int32_t)((uint32_t)origin[0] + (uint32_t)(k % 8 * step)),
                         (int32_t)((uint32_t)origin[1] + (uint32_t)(k / 8 * step))};
        uint32_t many;
        xw_locator_find_many(l, &p, 1, &many);
        must(many == xw_locator_find(l, p));
        int n = 0;
        xw_locator_near(l, p, 2.0 * k, take, &n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!built) build();
    const bool edits = size > 0 && data[0] % 2;
    const size_t n = edits ? n_built : size;
    unsigned char *aligned = malloc(n + 1);
    if (!aligned) return 0;
    memcpy(aligned, edits ? built : data, n);
    if (edits) edit(aligned, n, data + 1, size - 1);
    xw_locator l;
    if (xw_locator_view(aligned, n, &l, NULL) == XW_OK) {
        ask(&l, aligned);
    } else {
        must(!edits || size >= 9); /* the index as built is good */
    }
    free(aligned);
    return 0;
}
