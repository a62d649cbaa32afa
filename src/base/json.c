#include "xiwang/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void before(xw_json *j)
{
    if (j->comma) xw_buf_add(j->out, ",", 1);
    j->comma = true;
}

void xw_json_open(xw_json *j, char bracket)
{
    before(j);
    xw_buf_add(j->out, &bracket, 1);
    j->comma = false;
}

void xw_json_close(xw_json *j, char bracket)
{
    xw_buf_add(j->out, &bracket, 1);
    j->comma = true;
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
        while (run < n && s[run] >= 0x20 && s[run] < 0x80 && s[run] != '"' && s[run] != '\\') run++;
        xw_buf_add(b, s, run);
        s += run;
        n -= run;
        if (n == 0) break;
        size_t len = utf8_len(s, n);
        if (len > 1) {
            xw_buf_add(b, s, len);
        } else if (len == 0) {
            xw_buf_add(b, "\xEF\xBF\xBD", 3);
            len = 1;
        } else if (*s == '"' || *s == '\\') {
            xw_buf_fmt(b, "\\%c", *s);
        } else if (*s == '\n') {
            xw_buf_add(b, "\\n", 2);
        } else {
            xw_buf_fmt(b, "\\u%04x", *s);
        }
        s += len;
        n -= len;
    }
    xw_buf_add(b, "\"", 1);
}

void xw_json_key(xw_json *j, const char *key)
{
    before(j);
    quoted(j->out, key);
    xw_buf_add(j->out, ":", 1);
    j->comma = false;
}

void xw_json_str(xw_json *j, const char *text)
{
    if (!text) {
        xw_json_null(j);
        return;
    }
    before(j);
    quoted(j->out, text);
}

void xw_json_int(xw_json *j, int64_t v)
{
    before(j);
    xw_buf_fmt(j->out, "%lld", (long long)v);
}

void xw_json_num(xw_json *j, double v, int decimals)
{
    if (!isfinite(v)) {
        xw_json_null(j);
        return;
    }
    char text[400];
    int n = snprintf(text, sizeof text, "%.*f",
                     decimals < 0    ? 0
                     : decimals > 17 ? 17
                                     : decimals,
                     v);
    if (strchr(text, '.')) {
        while (n > 0 && text[n - 1] == '0') n--;
        if (n > 0 && text[n - 1] == '.') n--;
    }
    before(j);
    if (n == 2 && text[0] == '-' && text[1] == '0') {
        xw_buf_add(j->out, "0", 1);
    } else {
        xw_buf_add(j->out, text, (size_t)n);
    }
}

void xw_json_bool(xw_json *j, bool v) { xw_json_raw(j, v ? "true" : "false"); }
void xw_json_null(xw_json *j) { xw_json_raw(j, "null"); }

void xw_json_raw(xw_json *j, const char *json)
{
    before(j);
    xw_buf_text(j->out, json);
}

static char *units(char *at, int32_t v)
{
    uint32_t u = v < 0 ? (uint32_t) - (int64_t)v : (uint32_t)v;
    if (v < 0) *at++ = '-';
    char digits[16];
    const int n = snprintf(digits, sizeof digits, "%u.%07u", u / 10000000u, u % 10000000u);
    int keep = n;
    while (digits[keep - 1] == '0') keep--;
    if (digits[keep - 1] == '.') keep--;
    memcpy(at, digits, (size_t)keep);
    return at + keep;
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
    before(j);
    xw_buf_add(j->out, text, (size_t)(at - text));
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
