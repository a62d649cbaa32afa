/* The text pool of buf.h: interned by open addressing over FNV-1a hashes. */
#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const char *text, size_t n)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)text[i]) * UINT32_C(16777619);
    return h;
}

static bool same(const xw_strings *s, uint32_t at, const char *text, size_t n)
{
    return at + n < s->n && memcmp(s->bytes + at, text, n) == 0 && s->bytes[at + n] == '\0';
}

static bool grow_slots(xw_strings *s)
{
    const size_t n_slots = s->n_slots ? s->n_slots * 2 : 64;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < s->n_slots; i++) {
        const uint32_t at = s->slots[i];
        if (at == 0) continue;
        size_t k = hash_of(s->bytes + at, strlen(s->bytes + at)) & (n_slots - 1);
        while (slots[k]) k = (k + 1) & (n_slots - 1);
        slots[k] = at;
    }
    free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    return true;
}

xw_status xw_strings_add_n(xw_strings *s, const char *text, size_t n, xw_text *out, xw_error *err)
{
    *out = 0;
    const char *nul = n ? memchr(text, '\0', n) : NULL;
    if (nul) n = (size_t)(nul - text);
    if (n == 0) return XW_OK;
    if (s->n_texts * 2 >= s->n_slots && !grow_slots(s)) return xw_fail(err, XW_NOMEM, "text index");
    size_t k = hash_of(text, n) & (s->n_slots - 1);
    for (; s->slots[k]; k = (k + 1) & (s->n_slots - 1)) {
        if (same(s, s->slots[k], text, n)) {
            *out = s->slots[k];
            return XW_OK;
        }
    }
    const size_t at = s->n ? s->n : 1;
    if (at + n + 1 > UINT32_MAX) return xw_fail(err, XW_LIMIT, "texts are larger than 4 GiB");
    if (!xw_grow((void **)&s->bytes, &s->cap, at + n + 1, 1)) {
        return xw_fail(err, XW_NOMEM, "texts");
    }
    s->bytes[0] = '\0';
    memcpy(s->bytes + at, text, n);
    s->bytes[at + n] = '\0';
    s->n = at + n + 1;
    s->slots[k] = (uint32_t)at;
    s->n_texts++;
    *out = (xw_text)at;
    return XW_OK;
}

xw_status xw_strings_add(xw_strings *s, const char *text, xw_text *out, xw_error *err)
{
    return xw_strings_add_n(s, text, text ? strlen(text) : 0, out, err);
}

const char *xw_strings_get(const xw_strings *s, xw_text t) { return t < s->n ? s->bytes + t : ""; }

void xw_strings_finish(xw_strings *s)
{
    free(s->bytes);
    free(s->slots);
    *s = (xw_strings){0};
}
