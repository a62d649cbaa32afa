/* Any bytes as an address: folded within bounds, found with scores in order, or refused. */
#include "support/toy_model.h"

#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static xw_snapshot *snapshot;
static xw_address_index *ix;

static void start(void)
{
    xw_model m;
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/xw-fuzz-address-%ld", (long)getpid());
    if (!toy_model_make(&m) || xw_snapshot_write(&m, path, NULL, NULL) ||
        xw_snapshot_open(path, &snapshot, NULL) || xw_address_index_build(&m, NULL, &ix, NULL)) {
        __builtin_trap();
    }
    (void)unlink(path);
    xw_model_finish(&m);
}

static void check_fold(const char *text, size_t n)
{
    xw__folded f;
    xw__fold(text, n, &f);
    size_t end = 0, nums = 0;
    if (f.n > XW__FOLD_MAX || f.n_tokens > XW__TOKENS_MAX) __builtin_trap();
    for (size_t k = 0; k < f.n_tokens; k++) {
        if (f.tokens[k].n == 0 || f.tokens[k].first < end) __builtin_trap();
        end = (size_t)f.tokens[k].first + f.tokens[k].n;
        nums += f.tokens[k].kind == XW__NUM;
    }
    if (end > f.n || nums != f.n_nums) __builtin_trap();
    const xw__score own = xw__compare(&f, &f);
    if (f.n > 0 && (own.score < 1.0 || own.door != 0)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!snapshot) start();
    xw_address_found f;
    xw_error err = {XW_OK, ""};
    check_fold((const char *)data, size);
    const xw_address_query q = {.text = (const char *)data,
                                .n = size,
                                .has_near = size % 2 == 0,
                                .near = {TOY_X + 1500, TOY_Y + 1500}};
    const xw_status st = xw_address_search(ix, snapshot, &q, &f, &err);
    if (st && (st == XW_INTERNAL || st == XW_IO || !err.text[0])) __builtin_trap();
    if (!st && (f.n == 0 || f.n > XW_ADDRESS_MATCHES_MAX)) __builtin_trap();
    for (uint32_t i = 0; !st && i < f.n; i++) {
        xw_answer a;
        const xw_query none = {0};
        const xw_address_match *m = &f.matches[i];
        if (m->score > 1.0 + 1e-9 || (i > 0 && m->score > m[-1].score + 1e-9)) __builtin_trap();
        if (xw_address_answer(snapshot, m, &none, &a, &err)) __builtin_trap();
    }
    return 0;
}
