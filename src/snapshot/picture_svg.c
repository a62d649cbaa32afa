/* Numbers, paths and texts of SVG. */
#include "picture_parts.h"

#include <string.h>

/* One character of UTF-8 from n > 0 bytes; U+FFFD for what is none or XML does not allow. */
static uint32_t next_char(const unsigned char *s, size_t n, size_t *used)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t len = s[0] < 0x80             ? 1
                       : (s[0] & 0xE0) == 0xC0 ? 2
                       : (s[0] & 0xF0) == 0xE0 ? 3
                       : (s[0] & 0xF8) == 0xF0 ? 4
                                               : 0;
    *used = 1;
    if (len == 0 || len > n) return 0xFFFD;
    uint32_t c = len == 1 ? s[0] : s[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0xFFFD;
        c = c << 6 | (s[i] & 0x3Fu);
    }
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0xFFFD;
    *used = len;
    if (c < 0x20 || c == 0x7F || (c & 0xFFFE) == 0xFFFE)
        return c == '\t' || c == '\n' ? ' ' : 0xFFFD;
    return c;
}

void xw__svg_text(xw_buf *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    const size_t n = strlen(text);
    for (size_t i = 0, used; i < n; i += used) {
        const uint32_t c = next_char(s + i, n - i, &used);
        if (c == '&') {
            xw_buf_text(out, "&amp;");
        } else if (c == '<') {
            xw_buf_text(out, "&lt;");
        } else if (c == '>') {
            xw_buf_text(out, "&gt;");
        } else if (c == '"') {
            xw_buf_text(out, "&quot;");
        } else if (c == 0xFFFD) {
            xw_buf_text(out, "\xEF\xBF\xBD");
        } else if (c == ' ') {
            xw_buf_text(out, " ");
        } else {
            xw_buf_add(out, s + i, used);
        }
    }
}

int32_t xw__svg_text_width(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    const size_t n = strlen(text);
    int32_t width = 0;
    for (size_t i = 0, used; i < n && width < 1000000; i += used) {
        const uint32_t c = next_char(s + i, n - i, &used);
        width += c >= 0x1100 ? 100 : c == ' ' || c == 0xB7 ? 30 : 58;
    }
    return width;
}

void xw__svg_tenths(xw_buf *out, int32_t v)
{
    const char *sign = v < 0 ? "-" : "";
    const uint32_t a = v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
    if (a % 10 == 0) {
        xw_buf_fmt(out, "%s%u", sign, a / 10);
    } else if (a < 10) {
        xw_buf_fmt(out, "%s.%u", sign, a);
    } else {
        xw_buf_fmt(out, "%s%u.%u", sign, a / 10, a % 10);
    }
}

void xw__svg_path(xw_buf *out, const xw_tpt *pts, size_t n, bool closed)
{
    if (n == 0) return;
    xw_buf_text(out, "M");
    xw__svg_tenths(out, pts[0].x);
    xw_buf_text(out, " ");
    xw__svg_tenths(out, pts[0].y);
    for (size_t i = 1; i < n; i++) {
        xw_buf_text(out, i == 1 ? "l" : pts[i].x >= pts[i - 1].x ? " " : "");
        xw__svg_tenths(out, pts[i].x - pts[i - 1].x);
        if (pts[i].y >= pts[i - 1].y) xw_buf_text(out, " ");
        xw__svg_tenths(out, pts[i].y - pts[i - 1].y);
    }
    if (closed) xw_buf_text(out, "z");
}
