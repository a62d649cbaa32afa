/* Any bytes given as a snapshot are refused or safe to ask. The input is a file whose magic, size
 * and digest are put right first, so that the search gets past the door. */
#include "xiwang/answer.h"

#include "snapshot/format.h"

#include <stdlib.h>
#include <string.h>

static void forge_head(unsigned char *bytes, size_t size)
{
    snapshot_head h;
    memcpy(&h, bytes, sizeof h);
    h.magic = SNAPSHOT_MAGIC;
    h.version = SNAPSHOT_VERSION;
    h.n_sections = SECTION_COUNT;
    h.size = size;
    snapshot_hash hash;
    xw__hash_init(&hash);
    xw__hash_add(&hash, bytes + sizeof h, size - sizeof h);
    h.digest = xw__hash_end(&hash);
    memcpy(bytes, &h, sizeof h);
}

static void ask(const xw_snapshot *s)
{
    const xw_model *m = xw_snapshot_model(s);
    const xw_box box = xw_model_box(m);
    uint32_t *ix = NULL;
    size_t n = 0, cap = 0;
    for (int k = 0; k < XW_SHAPE_KINDS; k++) {
        (void)xw_snapshot_query(s, (xw_shape_kind)k, box, &ix, &n, &cap, NULL);
    }
    free(ix);
    xw_buf out;
    xw_buf_init(&out, 1 << 20);
    for (int k = 0; k < 16 && !xw_box_is_empty(box); k++) {
        const double w = (double)box.max.x - box.min.x, h = (double)box.max.y - box.min.y;
        const xw_query q = {.x = (box.min.x + w * (k % 4) / 3.0) / XW_UNITS_PER_DEG,
                            .y = (box.min.y + h * (k / 4) / 3.0) / XW_UNITS_PER_DEG,
                            .accuracy_m = k % 3 * 20.0,
                            .has_floor = k % 2,
                            .floor = k / 4};
        xw_answer a;
        if (xw_answer_locate(s, &q, &a, NULL)) continue;
        xw_json j = xw_json_on(&out);
        xw_answer_json(s, &a, &j);
        xw_buf_clear(&out);
    }
    xw_buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < sizeof(snapshot_head)) return 0;
    size -= size % SNAPSHOT_ALIGN;
    void *bytes;
    if (posix_memalign(&bytes, SNAPSHOT_ALIGN, size)) return 0;
    memcpy(bytes, data, size);
    forge_head(bytes, size);
    xw_snapshot *s;
    if (xw__snapshot_view(bytes, size, "input", &s, NULL) == XW_OK) {
        ask(s);
        xw_snapshot_close(s);
    }
    free(bytes);
    return 0;
}
