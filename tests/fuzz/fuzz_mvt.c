/* Any bytes as vertices: what is clipped and encoded is a valid tile. And any bytes as a tile for
 * the decoder of the tests. */
#include "tiles/mvt_decode.h"
#include "xiwang/clip.h"
#include "xiwang/mvt.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 512 };

static void add_line(void *user, const xw_tpt *pts, size_t n) { xw_mvt_line(user, pts, n); }

static void encode(const uint8_t *data, size_t size)
{
    static xw_tpt pts[MOST];
    const size_t n = size / 4 < MOST ? size / 4 : MOST;
    for (size_t i = 0; i < n; i++) {
        int16_t v[2];
        memcpy(v, data + 4 * i, 4);
        const int32_t far = i % 16 == 15 ? 30000 : 1; /* some far outside */
        pts[i] = (xw_tpt){v[0] * far, v[1] * far};
    }
    xw_mvt *t = NULL;
    xw_clipper c = {0};
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    if (xw_mvt_create(1 << 20, &t, NULL)) return;
    xw_mvt_layer(t, "rings");
    xw_mvt_feature(t, 1, XW_MVT_POLYGON);
    const size_t half = n / 2;
    for (size_t k = 0; k < 2; k++) {
        const xw_tpt *ring;
        size_t n_ring;
        if (xw_clip_ring(&c, pts + k * half, half, XW_TILE_CLIP, &ring, &n_ring, NULL)) abort();
        if (!xw_mvt_ring(t, ring, n_ring, k > 0)) break;
    }
    xw_mvt_layer(t, "lines");
    xw_mvt_feature(t, 2, XW_MVT_LINE);
    if (xw_clip_line(&c, pts, n, XW_TILE_CLIP, add_line, t, NULL)) abort();
    if (xw_mvt_take(t, &out, NULL)) abort();
    mvt_tile d = mvt_decode(out.data, out.n);
    if (d.fault) abort();
    mvt_free(&d);
    xw_buf_finish(&out);
    xw_clipper_finish(&c);
    xw_mvt_destroy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mvt_tile t = mvt_decode(data, size);
    mvt_free(&t);
    encode(data, size);
    return 0;
}
