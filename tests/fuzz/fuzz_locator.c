/* Any bytes given to xw_locator_view are refused or safe to query. */
#include "xiwang/locate.h"

#include <stdlib.h>
#include <string.h>

static bool take(void *user, const xw_near_edge *e)
{
    (void)e;
    return ++*(int *)user < 100;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *aligned = malloc(size + 1);
    if (!aligned) return 0;
    memcpy(aligned, data, size);
    xw_locator l;
    if (xw_locator_view(aligned, size, &l, NULL) == XW_OK) {
        int32_t origin[2];
        memcpy(origin, (const unsigned char *)aligned + 16, sizeof origin);
        for (int k = 0; k < 64; k++) {
            const xw_pt p = {(int32_t)((uint32_t)origin[0] + (uint32_t)(k % 8) * 3u),
                             (int32_t)((uint32_t)origin[1] + (uint32_t)(k / 8) * 5u)};
            uint32_t many;
            xw_locator_find_many(&l, &p, 1, &many);
            if (many != xw_locator_find(&l, p)) __builtin_trap();
            int n = 0;
            xw_locator_near(&l, p, 0.2 * k, take, &n);
        }
    }
    free(aligned);
    return 0;
}
