#include "xiwang/cli.h"

#include <glib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int xw_cli_exit_code(xw_status s)
{
    switch (s) {
    case XW_OK:
        return 0;
    case XW_NOT_FOUND:
    case XW_INPUT:
    case XW_LIMIT:
        return 3;
    case XW_USAGE:
        return 2;
    case XW_CANCELLED:
        return 130;
    default:
        return 4;
    }
}

int xw_cli_fail(const char *command, const xw_error *err)
{
    (void)fprintf(stderr, "xiwang %s: %s\n", command, err->text);
    return xw_cli_exit_code(err->status);
}

int xw_cli_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fprintf(stderr, "xiwang %s: ", command);
    (void)vfprintf(stderr, fmt, ap);
    (void)fprintf(stderr, " (see xiwang %s --help)\n", command);
    va_end(ap);
    return 2;
}

bool xw_cli_int(const char *text, long long lo, long long hi, long long *out)
{
    gint64 v;
    if (!g_ascii_string_to_signed(text, 10, lo, hi, &v, NULL)) return false;
    *out = v;
    return true;
}

bool xw_cli_num(const char *text, double *out)
{
    char *end;
    const double v = g_ascii_strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(v)) return false;
    *out = v;
    return true;
}

bool xw_cli_pair(const char *text, double *x, double *y)
{
    const char *comma = strchr(text, ',');
    char first[64];
    if (!comma || (size_t)(comma - text) >= sizeof first) return false;
    memcpy(first, text, (size_t)(comma - text));
    first[comma - text] = '\0';
    return xw_cli_num(first, x) && xw_cli_num(comma + 1, y);
}
