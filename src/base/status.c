#include "xiwang/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Control characters would break the one-line promise; UTF-8 bytes pass. A cut in the middle of a
 * UTF-8 sequence is trimmed back to the last whole character. */
static void make_one_line(char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)text[i] < 0x20) text[i] = ' ';
    }
    if (n + 1 < sizeof((xw_error *)0)->text) return;
    size_t lead = n;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80) lead--;
    const unsigned char c = lead > 0 ? (unsigned char)text[lead - 1] : 0;
    const size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    if (lead == 0 || n - (lead - 1) != need) text[lead > 0 ? lead - 1 : 0] = '\0';
}

xw_status xw_fail(xw_error *err, xw_status s, const char *fmt, ...)
{
    if (!err) {
        return s;
    }
    va_list ap;
    va_start(ap, fmt);
    err->status = s;
    (void)vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    make_one_line(err->text);
    return s;
}

xw_status xw_fail_within(xw_error *err, xw_status s, const char *fmt, ...)
{
    if (!err) {
        return s;
    }
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    const size_t at = n > 0 ? (size_t)n : 0;
    if (at > 0 && at + 3 < sizeof err->text) {
        memcpy(err->text + at, ": ", 2);
        memcpy(err->text + at + 2, old, sizeof old - at - 2);
        err->text[sizeof err->text - 1] = '\0';
    }
    err->status = s;
    make_one_line(err->text);
    return s;
}

const char *xw_status_text(xw_status s)
{
    static const char *const texts[] = {
#define X(name, text) text,
        XW_STATUS_MAP(X)
#undef X
    };
    return (unsigned)s < sizeof texts / sizeof *texts ? texts[s] : "unknown status";
}
