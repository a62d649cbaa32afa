/* Texts of addresses as they are compared: characters, numerals, marks of numbers, tokens. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { RAW_MAX = 2 * XW__FOLD_MAX };

typedef struct folding {
    uint32_t raw[RAW_MAX]; /* folded characters; ' ' parts words */
    size_t n;
    xw__folded *out;
} folding;

static void read_chars(folding *f, const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < n && f->n + 3 < RAW_MAX;) {
        uint32_t c, to[3];
        const size_t k = xw__utf8_read(s + i, n - i, &c);
        if (k == 0) {
            i++;
            continue;
        }
        i += k;
        if (c == '\'' || c == 0x2019) continue; /* O'Brien */
        const size_t m = xw__fold_char(c, to);
        if (m == 0) f->raw[f->n++] = ' ';
        for (size_t j = 0; j < m; j++) {
            if (to[j] != UINT32_MAX) f->raw[f->n++] = to[j];
        }
    }
    f->raw[f->n] = 0; /* ends every look ahead */
}

/* 0 to 9; 10, 100, 1000 for the units; -1: no numeral. */
static int numeral(uint32_t c)
{
    switch (c) {
    case 0x96F6:
        return 0;
    case 0x3007:
        return 0;
    case 0x4E00:
        return 1;
    case 0x4E8C:
        return 2;
    case 0x4E24:
        return 2;
    case 0x4E09:
        return 3;
    case 0x56DB:
        return 4;
    case 0x4E94:
        return 5;
    case 0x516D:
        return 6;
    case 0x4E03:
        return 7;
    case 0x516B:
        return 8;
    case 0x4E5D:
        return 9;
    case 0x5341:
        return 10;
    case 0x767E:
        return 100;
    case 0x5343:
        return 1000;
    default:
        return -1;
    }
}

enum {
    HAO = 0x53F7,
    DONG = 0x680B,
    ZUO = 0x5EA7,
    DAN = 0x5355,
    YUAN = 0x5143,
    SHI = 0x5BA4,
    HU = 0x6237,
    FANG = 0x623F,
    LOU = 0x697C,
    CENG = 0x5C42,
    LONG = 0x5F04,
    DI = 0x7B2C
};

static bool is_mark(uint32_t c)
{
    return c == HAO || c == DONG || c == ZUO || c == DAN || c == SHI || c == HU || c == FANG ||
           c == LOU || c == CENG || c == LONG;
}

/* 十二 is 12, 一百零三 is 103, 一二〇三 is 1203; -1: no number. */
static long chinese_value(const uint32_t *c, size_t n)
{
    long sum = 0, digit = -1;
    bool units = false;
    for (size_t i = 0; i < n; i++) units = units || numeral(c[i]) >= 10;
    for (size_t i = 0; i < n; i++) {
        const int v = numeral(c[i]);
        if (!units) {
            sum = 10 * sum + v;
        } else if (v >= 10) {
            sum += v * (digit < 0 ? 1 : digit);
            digit = -1;
        } else if (v > 0) {
            digit = v;
        }
    }
    return n > 8 ? -1 : sum + (units && digit > 0 ? digit : 0);
}

/* Numerals before a mark become digits; others are part of a name (五一路). */
static void read_numerals(folding *f)
{
    size_t to = 0;
    uint32_t *r = f->raw;
    for (size_t i = 0; i < f->n;) {
        size_t k = i;
        while (k < f->n && numeral(r[k]) >= 0) k++;
        const long v = k > i && is_mark(r[k]) ? chinese_value(r + i, k - i) : -1;
        if (v < 0) {
            const size_t end = k > i ? k : i + 1;
            while (i < end) r[to++] = r[i++];
            continue;
        }
        char digits[24]; /* never longer than the numerals, but for 十 */
        const int m = snprintf(digits, sizeof digits, "%ld", v);
        if ((size_t)m > k - to) { /* 十 grows by one: there is room only where something was cut */
            if (f->n + 1 >= RAW_MAX) {
                while (i < k) r[to++] = r[i++];
                continue;
            }
            memmove(r + k + 1, r + k, (f->n - k + 1) * sizeof *r);
            f->n++;
            k++;
        }
        for (int d = 0; d < m; d++) r[to++] = (uint32_t)digits[d];
        i = k;
    }
    f->n = to;
    r[to] = 0;
}

static bool is_letter(uint32_t c)
{
    return c > ' ' && c != '#' && !xw__is_digit(c) && !xw__is_han(c);
}

/* Adds a token; false: full. */
static bool add(xw__folded *o, xw__token_kind kind, const uint32_t *c, size_t n)
{
    if (o->n_tokens == XW__TOKENS_MAX) return false;
    const bool beside_han =
        kind == XW__HAN || o->n_tokens == 0 || o->tokens[o->n_tokens - 1].kind == XW__HAN;
    if (o->n + n + !beside_han > XW__FOLD_MAX) return false;
    if (!beside_han) o->c[o->n++] = ' ';
    o->tokens[o->n_tokens++] = (xw__token){kind, (uint16_t)o->n, (uint16_t)n};
    memcpy(o->c + o->n, c, n * sizeof *c);
    o->n += n;
    o->n_nums += kind == XW__NUM;
    return true;
}

/* Characters of the marks behind a number, which say nothing but that it ends; a floor is taken
 * out. */
static size_t skip_marks(const folding *f, size_t i, bool *is_floor)
{
    const uint32_t *r = f->raw;
    *is_floor = false;
    if (r[i] == CENG || (r[i] == LOU && f->out->n_nums > 0)) {
        *is_floor = true;
        return 1;
    }
    if (r[i] == HAO && r[i + 1] == LOU) return 2;
    if (r[i] == '#' && r[i + 1] == LOU) return 2;
    if (r[i] == DAN && r[i + 1] == YUAN) return 2;
    return r[i] == HAO || r[i] == DONG || r[i] == ZUO || r[i] == SHI || r[i] == HU ||
           r[i] == FANG || r[i] == LOU || r[i] == '#';
}

static size_t take_number(folding *f, size_t i)
{
    const uint32_t *r = f->raw;
    size_t first = i, end = i;
    bool is_floor;
    while (xw__is_digit(r[end])) end++;
    while (first + 1 < end && r[first] == '0') first++;
    const bool letter = is_letter(r[end]) && !is_letter(r[end + 1]); /* 12a */
    size_t at = end; /* of a mark, which may stand apart: 12 号 */
    while (r[at] == ' ') at++;
    size_t marks = letter ? 0 : skip_marks(f, at, &is_floor);
    if (marks > 0) marks += at - end;
    if (!letter && is_floor && end - first <= 3) {
        int v = 0;
        for (size_t k = first; k < end; k++) v = 10 * v + (int)(r[k] - '0');
        f->out->has_floor = true;
        f->out->floor = v;
        return end + marks;
    }
    return add(f->out, XW__NUM, r + first, end + letter - first) ? end + letter + marks : f->n;
}

typedef struct synonym {
    const char *from, *to;
} synonym;

/* What people shorten, and the word for a number before it, which is left out. */
static bool word_for(const uint32_t *c, size_t n, uint32_t out[16], size_t *m)
{
    static const synonym all[] = {
        {"st", "street"},    {"str", "strasse"},    {"rd", "road"},       {"ave", "avenue"},
        {"av", "avenue"},    {"blvd", "boulevard"}, {"dr", "drive"},      {"ln", "lane"},
        {"pl", "place"},     {"ct", "court"},       {"sq", "square"},     {"hwy", "highway"},
        {"pkwy", "parkway"}, {"bldg", "building"},  {"apt", "apartment"},
    };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        size_t i = 0;
        while (i < n && all[k].from[i] && c[i] == (uint32_t)all[k].from[i]) i++;
        if (i < n || all[k].from[i]) continue;
        *m = strlen(all[k].to);
        for (i = 0; i < *m; i++) out[i] = (uint32_t)all[k].to[i];
        return true;
    }
    return false;
}

static bool is_word(const uint32_t *c, size_t n, const char *word)
{
    size_t i = 0;
    while (i < n && word[i] && c[i] == (uint32_t)word[i]) i++;
    return i == n && !word[i];
}

static size_t take_word(folding *f, size_t i)
{
    const uint32_t *r = f->raw;
    size_t end = i, m;
    uint32_t other[16];
    while (is_letter(r[end])) end++;
    size_t next = end;
    while (r[next] == ' ') next++;
    if (xw__is_digit(r[next]) && (is_word(r + i, end - i, "no") || is_word(r + i, end - i, "nr"))) {
        return next;
    }
    xw__token *last = f->out->n_tokens ? &f->out->tokens[f->out->n_tokens - 1] : NULL;
    if (end - i == 1 && last && last->kind == XW__NUM && r[next] == 0 &&
        xw__is_digit(f->out->c[f->out->n - 1]) && f->out->n < XW__FOLD_MAX) { /* 12 a */
        f->out->c[f->out->n++] = r[i];
        last->n++;
        return end;
    }
    const bool known = word_for(r + i, end - i, other, &m);
    if (!known) return add(f->out, XW__WORD, r + i, end - i) ? end : f->n;
    return add(f->out, XW__WORD, other, m) ? end : f->n;
}

static size_t take_han(folding *f, size_t i)
{
    const uint32_t *r = f->raw;
    size_t end = i;
    while (xw__is_han(r[end])) end++;
    const size_t n = end - i - (r[end - 1] == DI && xw__is_digit(r[end])); /* 第3单元 */
    return n == 0 || add(f->out, XW__HAN, r + i, n) ? end : f->n;
}

static void take_tokens(folding *f)
{
    for (size_t i = 0; i < f->n;) {
        const uint32_t c = f->raw[i];
        if (c == ' ' || c == '#') {
            i++;
        } else if (xw__is_digit(c)) {
            i = take_number(f, i);
        } else {
            i = xw__is_han(c) ? take_han(f, i) : take_word(f, i);
        }
    }
}

/* 30 hudson street is hudson street 30: the first number goes behind the words. */
static void turn(xw__folded *o)
{
    xw__folded t = {.has_floor = o->has_floor, .floor = o->floor};
    if (o->n_tokens < 2 || o->tokens[0].kind != XW__NUM || o->tokens[1].kind == XW__HAN) return;
    size_t first = 0, words = 0;
    while (first < o->n_tokens && o->tokens[first].kind == XW__NUM) first++;
    while (first + words < o->n_tokens && o->tokens[first + words].kind == XW__WORD) words++;
    if (words == 0) return;
    for (size_t k = 0; k < o->n_tokens; k++) {
        const size_t at = k < words ? first + k : k < words + first ? k - words : k;
        const xw__token *u = &o->tokens[at];
        (void)add(&t, u->kind, o->c + u->first, u->n);
    }
    *o = t;
}

void xw__fold(const char *text, size_t n, xw__folded *out)
{
    folding f;
    f.n = 0;
    f.out = out;
    out->n = out->n_tokens = out->n_nums = 0;
    out->has_floor = false;
    out->floor = 0;
    read_chars(&f, text, n);
    read_numerals(&f);
    take_tokens(&f);
    turn(out);
}

const xw__token *xw__nth_num(const xw__folded *f, size_t k)
{
    for (size_t i = 0; i < f->n_tokens; i++) {
        if (f->tokens[i].kind == XW__NUM && k-- == 0) return &f->tokens[i];
    }
    return NULL;
}

int xw__num_value(const xw__folded *f, const xw__token *t)
{
    int v = 0;
    for (size_t i = 0; i < t->n && i < 9 && xw__is_digit(f->c[t->first + i]); i++) {
        v = 10 * v + (int)(f->c[t->first + i] - '0');
    }
    return v;
}
