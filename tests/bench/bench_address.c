/* bench-address STORE [--asked N]: how long a search for an address takes, and where the address
 * stands that was meant: by its own text, with one wrong character, by its beginning. */
#include "measure.h"

#include "xiwang/address.h"
#include "xiwang/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASKED_DEFAULT = 5000, FIRST = 5 };

typedef struct bench {
    xw_address_index *ix;
    const xw_snapshot *s;
    const xw_model *m;
    xw_rng rng;
    size_t asked;
    double *us;
} bench;

static size_t starts_of(const char *text, size_t starts[XW_ADDRESS_BYTES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; text[i] && i < XW_ADDRESS_BYTES_MAX; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) starts[n++] = i;
    }
    return n;
}

/* Another character of the same kind, drawn from another address: what people mistype. */
static void spoil(bench *b, const char *text, char *out)
{
    size_t starts[XW_ADDRESS_BYTES_MAX], others[XW_ADDRESS_BYTES_MAX];
    const size_t n = starts_of(text, starts);
    const size_t at = xw_rng_below(&b->rng, (uint32_t)n);
    const size_t end = at + 1 < n ? starts[at + 1] : strlen(text);
    for (int tries = 0; tries < 100; tries++) {
        const uint32_t i = xw_rng_below(&b->rng, (uint32_t)b->m->n_addresses);
        const char *from = xw_model_text(b->m, b->m->addresses[i].text);
        const size_t k = starts_of(from, others);
        const size_t c = xw_rng_below(&b->rng, (uint32_t)k);
        const size_t size = (c + 1 < k ? others[c + 1] : strlen(from)) - others[c];
        if (size == end - starts[at] && memcmp(from + others[c], text + starts[at], size) == 0) {
            continue;
        }
        (void)snprintf(out, XW_ADDRESS_BYTES_MAX + 8, "%.*s%.*s%s", (int)starts[at], text,
                       (int)size, from + others[c], text + end);
        return;
    }
    (void)snprintf(out, XW_ADDRESS_BYTES_MAX + 8, "%s", text);
}

static void cut(const char *text, char *out)
{
    size_t starts[XW_ADDRESS_BYTES_MAX];
    const size_t n = starts_of(text, starts);
    (void)snprintf(out, XW_ADDRESS_BYTES_MAX + 8, "%.*s", (int)starts[n > 3 ? 3 : n - 1], text);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef enum kind { WHOLE, WRONG, START, KINDS } kind;

static void measure(bench *b, kind k)
{
    static const char *const names[] = {"its own text", "one wrong character", "its beginning"};
    size_t first = 0, five = 0, none = 0, crowded = 0;
    for (size_t i = 0; i < b->asked; i++) {
        const uint32_t a = xw_rng_below(&b->rng, (uint32_t)b->m->n_addresses);
        const char *text = xw_model_text(b->m, b->m->addresses[a].text);
        char asked[XW_ADDRESS_BYTES_MAX + 8];
        if (k == WRONG) {
            spoil(b, text, asked);
        } else if (k == START) {
            cut(text, asked);
        } else {
            (void)snprintf(asked, sizeof asked, "%s", text);
        }
        const xw_address_query q = {.text = asked, .n = strlen(asked)};
        xw_address_found f;
        const bench_time from = bench_now();
        const xw_status st = xw_address_search(b->ix, b->s, &q, &f, NULL);
        b->us[i] = 1e6 * bench_since(from).cpu_s;
        none += st != XW_OK;
        uint32_t at = XW_ADDRESS_MATCHES_MAX;
        for (uint32_t r = 0; !st && r < f.n && at == XW_ADDRESS_MATCHES_MAX; r++) {
            const uint32_t found = f.matches[r].address;
            if (found != XW_NONE &&
                strcmp(text, xw_model_text(b->m, b->m->addresses[found].text)) == 0) {
                at = r;
            }
        }
        first += at == 0;
        five += at < FIRST;
        crowded += !st && at >= FIRST && f.matches[FIRST - 1].score >= f.matches[0].score - 1e-9;
    }
    qsort(b->us, b->asked, sizeof *b->us, by_size);
    const double n = (double)b->asked;
    (void)printf("| %s | %.0f | %.0f | %.0f | %.2f %% | %.2f %% | %.2f %% | %.2f %% |\n", names[k],
                 b->us[b->asked / 2], b->us[b->asked * 99 / 100], b->us[b->asked - 1],
                 100.0 * (double)first / n, 100.0 * (double)five / n, 100.0 * (double)crowded / n,
                 100.0 * (double)none / n);
}

static xw_status run(const char *store, size_t asked, xw_error *err)
{
    xw_timeline *t = NULL;
    xw_pin pin = {0};
    bench b = {.rng = {1}, .asked = asked, .us = calloc(asked, sizeof *b.us)};
    xw_status st = b.us ? XW_OK : xw_fail(err, XW_NOMEM, "%zu times", asked);
    if (!st) st = xw_timeline_open(store, NULL, &t, err);
    if (!st) st = xw_timeline_pin_newest(t, &pin, err);
    if (!st) {
        b.s = pin.snapshot;
        b.m = xw_snapshot_model(pin.snapshot);
        const bench_time from = bench_now();
        st = xw_address_index_build(b.m, NULL, &b.ix, err);
        if (!st && b.m->n_addresses == 0)
            st = xw_fail(err, XW_NOT_FOUND, "%s: no addresses", store);
        if (!st) {
            (void)printf("%zu addresses, index built in %.2f s of processor time, %zu bytes\n\n",
                         b.m->n_addresses, bench_since(from).cpu_s, xw_address_index_size(b.ix));
            (void)printf(
                "| asked by | p50, us | p99, us | max, us | first | in the first five | five "
                "as near as the best | not found |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
            for (kind k = WHOLE; k < KINDS; k++) measure(&b, k);
        }
    }
    xw_address_index_destroy(b.ix);
    xw_pin_release(&pin);
    xw_timeline_close(t);
    free(b.us);
    return st;
}

int main(int argc, char **argv)
{
    long long asked = ASKED_DEFAULT;
    xw_error err = {XW_OK, ""};
    const bool given = argc == 4 && strcmp(argv[2], "--asked") == 0;
    if ((argc != 2 && !given) || (given && !bench_number("asked", argv[3], 1, 10000000, &asked))) {
        (void)fprintf(stderr, "usage: bench-address STORE [--asked N]\n");
        return 2;
    }
    if (run(argv[1], (size_t)asked, &err)) {
        (void)fprintf(stderr, "bench-address: %s\n", err.text);
        return 3;
    }
    return 0;
}
