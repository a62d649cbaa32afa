/* Any bytes given as a snapshot are refused or safe to ask. The input is a file, or (first byte
 * odd) changes of the toy's snapshot; magic, size and digest are put right, so that the search gets
 * past the door. */
#include "snapshot/format.h"
#include "support/toy_model.h"
#include "xiwang/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned char *toy;
static size_t n_toy;

static void must(bool ok)
{
    if (!ok) __builtin_trap();
}

static void make_toy(void)
{
    char path[] = "/tmp/xw-fuzz-snapshot-XXXXXX";
    xw_model m;
    const int fd = mkstemp(path);
    must(fd >= 0 && close(fd) == 0 && toy_model_make(&m));
    must(xw_snapshot_write(&m, path, NULL, NULL) == XW_OK);
    xw_model_finish(&m);
    FILE *f = fopen(path, "rb");
    must(f && fseek(f, 0, SEEK_END) == 0);
    n_toy = (size_t)ftell(f);
    toy = malloc(n_toy);
    must(toy && fseek(f, 0, SEEK_SET) == 0 && fread(toy, 1, n_toy, f) == n_toy);
    (void)fclose(f);
    (void)unlink(path);
}

/* Eight bytes a change: where, how, with what. */
static void edit(unsigned char *bytes, size_t size, const uint8_t *data, size_t n)
{
    for (; n >= 8; data += 8, n -= 8) {
        uint32_t v;
        const size_t at = (data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % (size - 3);
        memcpy(&v, data + 4, 4);
        uint32_t old;
        memcpy(&old, bytes + at / 4 * 4, 4);
        switch (data[3] % 4) {
        case 0:
            bytes[at] = data[4];
            break;
        case 1:
            memcpy(bytes + at / 4 * 4, &v, 4);
            break;
        case 2: /* a little more or less */
            old = old + data[4] - 128u;
            memcpy(bytes + at / 4 * 4, &old, 4);
            break;
        default: /* another number of the file */
            memcpy(bytes + at / 4 * 4, bytes + v % (size - 3) / 4 * 4, 4);
            break;
        }
    }
}

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
        xw_answer_json(s, &a, XW_ANSWER_OPEN_END, &j);
        xw_buf_clear(&out);
    }
    xw_buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!toy) make_toy();
    const bool edits = size > 0 && data[0] % 2;
    const size_t n = edits ? n_toy : size - size % SNAPSHOT_ALIGN;
    if (n < sizeof(snapshot_head)) return 0;
    void *bytes;
    if (posix_memalign(&bytes, SNAPSHOT_ALIGN, n)) return 0;
    memcpy(bytes, edits ? toy : data, n);
    if (edits) edit(bytes, n, data + 1, size - 1);
    forge_head(bytes, n);
    xw_snapshot *s;
    if (xw__snapshot_view(bytes, n, "input", &s, NULL) == XW_OK) {
        ask(s);
        xw_snapshot_close(s);
    } else {
        must(!edits || size >= 9); /* the toy itself is good */
    }
    free(bytes);
    return 0;
}
