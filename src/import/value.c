#include "internal.h"

#include <cpl_conv.h>
#include <cpl_string.h>

#include <glib.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Copies the text without blanks at the ends and control characters, cut at a whole character. */
static void tidy(const char *s, char buf[XW__TEXT_MAX])
{
    size_t n = 0;
    while (*s && isspace((unsigned char)*s)) s++;
    for (; *s && n < XW__TEXT_MAX - 1; s++) {
        const unsigned char c = (unsigned char)*s;
        buf[n++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
    }
    if (*s) { /* cut: not in the middle of a UTF-8 sequence */
        while (n > 0 && ((unsigned char)*s & 0xc0) == 0x80) {
            s--;
            n--;
        }
    }
    while (n > 0 && buf[n - 1] == ' ') n--;
    buf[n] = '\0';
}

bool xw__has_foreign_text(OGRFeatureH f)
{
    const int n = OGR_F_GetFieldCount(f);
    for (int i = 0; i < n; i++) {
        if (OGR_Fld_GetType(OGR_F_GetFieldDefnRef(f, i)) != OFTString) continue;
        if (OGR_F_IsFieldSetAndNotNull(f, i) && !CPLIsUTF8(OGR_F_GetFieldAsString(f, i), -1)) {
            return true;
        }
    }
    return false;
}

xw_status xw__encoding_check(const char *encoding, xw_error *err)
{
    GIConv c = g_iconv_open("UTF-8", encoding);
    if (c == (GIConv)-1) {
        return xw_fail(err, XW_INPUT, "encoding \"%.60s\" is not known", encoding);
    }
    (void)g_iconv_close(c);
    return XW_OK;
}

/* Letters of GB 18030 that are not ASCII have two bytes or four, all but a few of them above 0x80:
 * a text whose high bytes all stand alone is Western. */
static const char *guess(const char *raw)
{
    bool pair = false;
    for (const char *c = raw; *c; c++) pair |= (c[0] & 0x80) && (c[1] & 0x80);
    return pair ? "GB18030" : "ISO-8859-1";
}

const char *xw__field_text(OGRFeatureH f, int field, const char *encoding, char buf[XW__TEXT_MAX])
{
    buf[0] = '\0';
    if (field < 0 || !OGR_F_IsFieldSetAndNotNull(f, field)) return buf;
    const char *raw = OGR_F_GetFieldAsString(f, field);
    if (CPLIsUTF8(raw, -1)) {
        tidy(raw, buf);
        return buf;
    }
    char *utf8 = CPLRecode(raw, encoding ? encoding : guess(raw), CPL_ENC_UTF8);
    if (utf8 && CPLIsUTF8(utf8, -1)) tidy(utf8, buf);
    CPLFree(utf8);
    return buf;
}

double xw__number(const char *text)
{
    char plain[64];
    size_t n = 0;
    while (*text && isspace((unsigned char)*text)) text++;
    for (; text[n] && n < sizeof plain - 1; n++) {
        plain[n] = text[n];
        if (text[n] == ',') plain[n] = '.';
    }
    plain[n] = '\0';
    if (!isdigit((unsigned char)plain[0]) && plain[0] != '-' && plain[0] != '.') return NAN;
    char *end = NULL;
    double v = CPLStrtod(plain, &end);
    if (end == plain || !isfinite(v)) return NAN;
    while (*end == ' ') end++;
    if (*end == '\'' || strncasecmp(end, "ft", 2) == 0) v *= 0.3048;
    return v;
}

double xw__field_number(OGRFeatureH f, int field)
{
    if (field < 0 || !OGR_F_IsFieldSetAndNotNull(f, field)) return NAN;
    const OGRFieldType type = OGR_Fld_GetType(OGR_F_GetFieldDefnRef(f, field));
    if (type == OFTInteger || type == OFTInteger64 || type == OFTReal) {
        const double v = OGR_F_GetFieldAsDouble(f, field);
        return isfinite(v) ? v : NAN;
    }
    return xw__number(OGR_F_GetFieldAsString(f, field));
}

bool xw__is_yes(const char *text)
{
    static const char *const no[] = {"", "no", "false", "f", "n", "0", "否", "无", "none"};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        if (strcasecmp(text, no[i]) == 0) return false;
    }
    return true;
}

/* Any of CJK Unified Ideographs: U+3400 to U+9FFF are e3 90 80 to e9 bf bf in UTF-8. */
bool xw__has_chinese(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if ((*p >= 0xe4 && *p <= 0xe9) || (*p == 0xe3 && p[1] >= 0x90)) return true;
    }
    return false;
}

xw_status xw__intern(xw__import *im, const char *text, xw_text *out, xw_error *err)
{
    return xw_strings_add(&im->t->text, text, out, err);
}
