#include "xiwang/json.h"

#include "xiwang/digits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Room for n bytes behind the comma that is due; NULL when the buffer has failed. */
static char *room(xw_json *j, size_t n)
{
    char *at = xw_buf_room(j->out, n + j->comma);
    if (at && j->comma) *at++ = ',';
    j->comma = true;
    return at;
}

static void before(xw_json *j)
{
    if (j->comma) xw_buf_add(j->out, ",", 1);
    j->comma = true;
}

void xw_json_open(xw_json *j, char bracket)
{
    char *at = room(j, 1);
    if (at) *at = bracket;
    j->comma = false;
}

void xw_json_close(xw_json *j, char bracket)
{
    xw_buf_add(j->out, &bracket, 1);
    j->comma = true;
}

/* Does a text need no escape? Eight bytes at a time: the top bit of a byte is set in `bad` when it
 * is above 0x7F, below a space, a quote or a backslash (the first such byte at the latest). */
static bool is_plain(const char *text, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t bad = 0;
    for (; n >= 8; text += 8, n -= 8) {
        uint64_t v;
        memcpy(&v, text, 8);
        const uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';
        bad |= v | (v - ones * 0x20) | (quote - ones) | (slash - ones);
    }
    for (; n > 0; text++, n--) {
        const unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') return false;
    }
    return (bad & tops) == 0;
}

/* Length of the UTF-8 sequence at s (n bytes left), 0 if it is none (overlong, surrogate, cut). */
static size_t utf8_len(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80) return 1;
    const size_t len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || len > n) return 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)) {
        return 0;
    }
    return len;
}

static void quoted(xw_buf *b, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = strlen(text);
    xw_buf_add(b, "\"", 1);
    while (n > 0) {
        size_t run = 0; /* bytes that need no care go out in one piece */
        while (run < n && s[run] >= 0x20 && s[run] != '"' && s[run] != '\\') {
            const size_t len = utf8_len(s + run, n - run);
            if (len == 0) break;
            run += len;
        }
        xw_buf_add(b, s, run);
        s += run;
        n -= run;
        if (n == 0) break;
        if (*s >= 0x80) {
            xw_buf_add(b, "\xEF\xBF\xBD", 3);
        } else if (*s == '"' || *s == '\\') {
            xw_buf_fmt(b, "\\%c", *s);
        } else if (*s == '\n') {
            xw_buf_add(b, "\\n", 2);
        } else {
            xw_buf_fmt(b, "\\u%04x", *s);
        }
        s++;
        n--;
    }
    xw_buf_add(b, "\"", 1);
}

void xw_json_key(xw_json *j, const char *key)
{
    const size_t n = strlen(key);
    if (is_plain(key, n)) {
        char *at = room(j, n + 3);
        if (at) {
            *at = '"';
            memcpy(at + 1, key, n);
            memcpy(at + 1 + n, "\":", 2);
        }
    } else {
        before(j);
        quoted(j->out, key);
        xw_buf_add(j->out, ":", 1);
    }
    j->comma = false;
}

void xw_json_str(xw_json *j, const char *text)
{
    if (!text) {
        xw_json_null(j);
        return;
    }
    const size_t n = strlen(text);
    if (!is_plain(text, n)) {
        before(j);
        quoted(j->out, text);
        return;
    }
    char *at = room(j, n + 2);
    if (!at) return;
    *at = '"';
    memcpy(at + 1, text, n);
    at[n + 1] = '"';
}

void xw_json_int(xw_json *j, int64_t v)
{
    char text[XW_DIGITS_MAX];
    const size_t n = xw_digits_i64(text, v);
    char *at = room(j, n);
    if (at) memcpy(at, text, n);
}

/* What xw_digits_fixed() leaves to printf. */
static size_t print_num(char text[400], double v, int decimals)
{
    int n = snprintf(text, 400, "%.*f", decimals, v);
    if (strchr(text, '.')) {
        while (n > 0 && text[n - 1] == '0') n--;
        if (n > 0 && text[n - 1] == '.') n--;
    }
    if (n == 2 && text[0] == '-' && text[1] == '0') {
        text[0] = '0';
        n = 1;
    }
    return (size_t)n;
}

void xw_json_num(xw_json *j, double v, int decimals)
{
    char text[400];
    const int d = decimals < 0 ? 0 : decimals > 17 ? 17 : decimals;
    size_t n = xw_digits_fixed(text, v, d);
    if (n == 0) {
        if (!isfinite(v)) {
            xw_json_null(j);
            return;
        }
        n = print_num(text, v, d);
    }
    char *at = room(j, n);
    if (at) memcpy(at, text, n);
}

void xw_json_bool(xw_json *j, bool v) { xw_json_raw(j, v ? "true" : "false"); }
void xw_json_null(xw_json *j) { xw_json_raw(j, "null"); }

void xw_json_raw(xw_json *j, const char *json)
{
    const size_t n = strlen(json);
    char *at = room(j, n);
    if (at) memcpy(at, json, n);
}

static char *units(char *at, int32_t v)
{
    uint32_t u = v < 0 ? (uint32_t) - (int64_t)v : (uint32_t)v;
    if (v < 0) *at++ = '-';
    at += xw_digits_u64(at, u / 10000000u);
    uint32_t rest = u % 10000000u;
    if (rest == 0) return at;
    *at = '.';
    int keep = 7;
    for (; rest % 10 == 0; keep--) rest /= 10;
    for (int i = keep; i > 0; i--, rest /= 10) at[i] = (char)('0' + rest % 10);
    return at + 1 + keep;
}

void xw_json_pt(xw_json *j, int32_t lon_units, int32_t lat_units)
{
    char text[40];
    char *at = text;
    *at++ = '[';
    at = units(at, lon_units);
    *at++ = ',';
    at = units(at, lat_units);
    *at++ = ']';
    const size_t n = (size_t)(at - text);
    char *to = room(j, n);
    if (to) memcpy(to, text, n);
}

void xw_json_kstr(xw_json *j, const char *key, const char *text)
{
    xw_json_key(j, key);
    xw_json_str(j, text);
}

void xw_json_kint(xw_json *j, const char *key, int64_t v)
{
    xw_json_key(j, key);
    xw_json_int(j, v);
}

void xw_json_knum(xw_json *j, const char *key, double v, int decimals)
{
    xw_json_key(j, key);
    xw_json_num(j, v, decimals);
}

void xw_json_kbool(xw_json *j, const char *key, bool v)
{
    xw_json_key(j, key);
    xw_json_bool(j, v);
}
