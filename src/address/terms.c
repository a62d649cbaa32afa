/* What texts are found by: terms of FTS5. A run of Han is its characters and its pairs of
 * characters. A word is itself and, behind a 1, itself backwards, so that one of its halves is a
 * beginning whatever character is wrong. A number is itself behind an n. */
#include "internal.h"

#include <string.h>

enum { HALVES_FROM = 4, PREFIX_FROM = 2 };

static void put(xw_buf *out, uint32_t c)
{
    char bytes[4];
    xw_buf_add(out, bytes, xw__utf8_write(c, bytes));
}

static void put_all(xw_buf *out, const uint32_t *c, size_t n)
{
    for (size_t i = 0; i < n; i++) put(out, c[i]);
}

static void put_back(xw_buf *out, const uint32_t *c, size_t n)
{
    xw_buf_text(out, "1");
    while (n > 0) put(out, c[--n]);
}

void xw__terms_of(const xw__folded *f, xw_buf *out)
{
    for (size_t k = 0; k < f->n_tokens; k++) {
        const xw__token *t = &f->tokens[k];
        const uint32_t *c = f->c + t->first;
        if (t->kind == XW__NUM) {
            xw_buf_text(out, "n");
            put_all(out, c, t->n);
        } else if (t->kind == XW__WORD) {
            put_all(out, c, t->n);
            xw_buf_text(out, " ");
            if (t->n >= HALVES_FROM) put_back(out, c, t->n);
        } else {
            for (size_t i = 0; i < t->n; i++) {
                put(out, c[i]);
                xw_buf_text(out, " ");
                if (i + 1 < t->n) put_all(out, c + i, 2);
                xw_buf_text(out, " ");
            }
        }
        xw_buf_text(out, " ");
    }
}

/* Opens the next condition of a list. */
static void next(xw_buf *out, bool *some, const char *with)
{
    if (*some) xw_buf_text(out, with);
    *some = true;
    xw_buf_text(out, "\"");
}

/* The first numbers, all of them. */
static bool ask_numbers(const xw__ask *a, bool some, size_t n_nums)
{
    for (size_t k = 0; k < n_nums; k++) {
        const xw__token *t = xw__nth_num(a->q, k);
        if (!t) break;
        next(a->out, &some, " AND ");
        xw_buf_text(a->out, "n");
        put_all(a->out, a->q->c + t->first, t->n);
        xw_buf_text(a->out, "\"");
    }
    return some;
}

bool xw__ask_all(const xw__ask *a, bool names, size_t n_nums)
{
    const xw__folded *q = a->q;
    bool some = false;
    xw_buf_clear(a->out);
    for (size_t k = 0; names && k < q->n_tokens; k++) {
        const xw__token *t = &q->tokens[k];
        const uint32_t *c = q->c + t->first;
        if (t->kind == XW__NUM) continue;
        const bool pairs = t->kind == XW__HAN && t->n > 1;
        for (size_t i = 0; i < (pairs ? t->n - 1U : 1U); i++) {
            next(a->out, &some, " AND ");
            put_all(a->out, c + i, pairs ? 2 : t->n);
            xw_buf_text(a->out, "\"");
        }
        const bool last = k + 1 == q->n_tokens;
        if (last && t->kind == XW__WORD && t->n >= PREFIX_FROM) xw_buf_text(a->out, "*");
    }
    if (names && !some) return false;
    return ask_numbers(a, some, n_nums);
}

/* One term of an OR. */
static void one_of(const xw__ask *a, bool *some, const uint32_t *c, size_t n)
{
    next(a->out, some, " OR ");
    put_all(a->out, c, n);
    xw_buf_text(a->out, "\"");
}

static bool is_common(const xw__ask *a, const uint32_t *c, size_t n)
{
    char term[4 * XW__FOLD_MAX + 1];
    size_t size = 0;
    for (size_t i = 0; i < n; i++) size += xw__utf8_write(c[i], term + size);
    term[size] = '\0';
    return xw__is_common(a->ix, term);
}

/* A word, its first half, its second; what may be a piece of one as a whole. */
static void ask_word(const xw__ask *a, bool *some, const uint32_t *c, size_t n)
{
    const size_t half = n < HALVES_FROM ? n : n / 2;
    one_of(a, some, c, half);
    xw_buf_text(a->out, "*");
    next(a->out, some, " OR ");
    put_back(a->out, c + (n < HALVES_FROM ? 0 : half), n < HALVES_FROM ? n : n - half);
    xw_buf_text(a->out, "\"*");
}

static void ask_han(const xw__ask *a, bool *some, bool common, const uint32_t *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (common || !is_common(a, c + i, 1)) one_of(a, some, c + i, 1);
        if (i + 1 < n && (common || !is_common(a, c + i, 2))) one_of(a, some, c + i, 2);
    }
}

bool xw__ask_some(const xw__ask *a, bool common, bool number)
{
    const xw__folded *q = a->q;
    bool some = false, numbers = false;
    xw_buf_clear(a->out);
    xw_buf_text(a->out, "(");
    for (size_t k = 0; k < q->n_tokens; k++) {
        const xw__token *t = &q->tokens[k];
        const uint32_t *c = q->c + t->first;
        if (t->kind == XW__HAN) {
            ask_han(a, &some, common, c, t->n);
        } else if (t->kind == XW__WORD && t->n >= PREFIX_FROM &&
                   (common || !is_common(a, c, t->n))) {
            ask_word(a, &some, c, t->n);
        }
    }
    if (!some) return false;
    xw_buf_text(a->out, ")");
    for (size_t k = 0; number && k < q->n_nums; k++) {
        const xw__token *t = xw__nth_num(q, k);
        xw_buf_text(a->out, numbers ? " OR \"n" : " AND (\"n");
        put_all(a->out, q->c + t->first, t->n);
        xw_buf_text(a->out, "\"");
        numbers = true;
    }
    if (numbers) xw_buf_text(a->out, ")");
    return true;
}
