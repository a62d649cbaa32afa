/* Any bytes as a body of each bulk format. The first byte picks the format, whether the answer is
 * short, and how the body is cut; the cuts must not change what comes out. */
#include "support/toy_model.h"
#include "xiwang/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static xw_snapshot *opened(void)
{
    static xw_snapshot *s;
    if (s) return s;
    char path[64];
    xw_model m;
    (void)snprintf(path, sizeof path, "/tmp/xw-fuzz-bulk-%ld.snapshot", (long)getpid());
    if (!toy_model_make(&m) || xw_snapshot_write(&m, path, NULL, NULL) ||
        xw_snapshot_open(path, &s, NULL)) {
        __builtin_trap();
    }
    xw_model_finish(&m);
    (void)unlink(path);
    return s;
}

static xw_status gather(void *user, const void *bytes, size_t n, xw_error *err)
{
    xw_buf_add(user, bytes, n);
    return xw_buf_status(user, "what came out", err);
}

static xw_status run(unsigned pick, const uint8_t *p, size_t n, size_t step, xw_buf *out)
{
    xw_bulk *b;
    xw_error err = {XW_OK, ""};
    const xw_bulk_how how = {.format = (xw_bulk_format)(pick % 5),
                             .short_answer = pick / 5 % 2 == 1,
                             .valid_until = XW_ANSWER_OPEN_END,
                             .write = gather,
                             .user = out};
    xw_buf_init(out, 256 << 20);
    xw_status st = xw_bulk_create(opened(), &how, &b, &err);
    for (size_t at = 0; !st && at < n; at += step) {
        st = xw_bulk_feed(b, p + at, n - at < step ? n - at : step, &err);
    }
    if (!st) st = xw_bulk_end(b, &err);
    xw_bulk_destroy(b);
    if (st && (!err.text[0] || st == XW_INTERNAL)) __builtin_trap();
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    xw_buf whole, cut;
    const unsigned pick = data[0];
    const xw_status st = run(pick, data + 1, size - 1, size, &whole);
    const xw_status same = run(pick, data + 1, size - 1, 1 + pick / 10, &cut);
    if (st != same) __builtin_trap();
    if (!st && (whole.n != cut.n || (whole.n > 0 && memcmp(whole.data, cut.data, whole.n) != 0))) {
        __builtin_trap();
    }
    xw_buf_finish(&whole);
    xw_buf_finish(&cut);
    return 0;
}
