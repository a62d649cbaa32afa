/* Numbers and points out of JSON text, without a tree. simdjson, which does this fastest, is C++;
 * points are so regular that one pass over the bytes is enough. */
#include "bulk.h"

#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX = 400 }; /* bytes; more say nothing about a place */

const char *bulk_scan_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

/* What the quick way does not hold exactly. */
static bool slow_number(const char *p, size_t n, double *out)
{
    char text[NUMBER_MAX + 1];
    if (n > NUMBER_MAX) return false;
    memcpy(text, p, n);
    text[n] = '\0';
    *out = strtod(text, NULL);
    return isfinite(*out);
}

const char *bulk_scan_number(const char *p, const char *end, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *from = p;
    const bool minus = p < end && *p == '-';
    if (minus) p++;
    const char *digits = p;
    uint64_t v = 0;
    while (p < end && *p >= '0' && *p <= '9') v = v * 10 + (uint64_t)(*p++ - '0');
    long n = p - digits, scale = 0;
    if (n == 0 || (n > 1 && *digits == '0')) return NULL;
    if (p < end && *p == '.') {
        const char *point = ++p;
        while (p < end && *p >= '0' && *p <= '9') v = v * 10 + (uint64_t)(*p++ - '0');
        scale = p - point;
        if (scale == 0) return NULL;
        n += scale;
    }
    bool quick = n <= 19 && v <= UINT64_C(1) << 53 && scale <= 22; /* 19 digits fit 64 bits */
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '-' || *p == '+')) p++;
        if (p == end || *p < '0' || *p > '9') return NULL;
        while (p < end && *p >= '0' && *p <= '9') p++;
        quick = false;
    }
    if (quick) {
        const double d = (double)v / ten[scale];
        *out = minus ? -d : d;
        return p;
    }
    return slow_number(from, (size_t)(p - from), out) ? p : NULL;
}

const char *bulk_scan_pair(const char *p, const char *end, double *x, double *y)
{
    if (p == end || *p != '[') return NULL;
    p = bulk_scan_number(bulk_scan_space(p + 1, end), end, x);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    if (p == end || *p != ',') return NULL;
    p = bulk_scan_number(bulk_scan_space(p + 1, end), end, y);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    return p < end && *p == ']' ? p + 1 : NULL;
}

/* A member of a plain point; the bit says which. */
static const char *scan_member(const char *p, const char *end, xw__point *out, unsigned *seen)
{
    static const char *const names[] = {"\"lon\"", "\"lat\"", "\"accuracy\"", "\"floor\""};
    for (unsigned i = 0; i < 4; i++) {
        const size_t n = strlen(names[i]);
        if ((size_t)(end - p) < n || memcmp(p, names[i], n) != 0) continue;
        double v;
        p = bulk_scan_space(p + n, end);
        if (p == end || *p != ':') return NULL;
        const char *number = bulk_scan_space(p + 1, end);
        p = bulk_scan_number(number, end, &v);
        if (!p || *seen & 1u << i) return NULL;
        *seen |= 1u << i;
        if (i == 0) out->x = v;
        if (i == 1) out->y = v;
        if (i == 2) {
            if (v < 0 || v > XW__ACCURACY_MAX) return NULL;
            out->accuracy_m = v;
            out->has_accuracy = true;
        }
        if (i == 3) {
            if (v < -XW__FLOOR_MAX || v > XW__FLOOR_MAX || v != floor(v)) return NULL;
            for (const char *c = number; c < p; c++) { /* 2.0 and 2e0 are no whole numbers here */
                if (*c != '-' && (*c < '0' || *c > '9')) return NULL;
            }
            out->floor = (int)v;
            out->has_floor = true;
        }
        return p;
    }
    return NULL;
}

const char *bulk_scan_object(const char *p, const char *end, xw__point *out)
{
    unsigned seen = 0;
    *out = (xw__point){0};
    if (p == end || *p != '{') return NULL;
    p++;
    for (;;) {
        p = scan_member(bulk_scan_space(p, end), end, out, &seen);
        if (!p) return NULL;
        p = bulk_scan_space(p, end);
        if (p == end) return NULL;
        if (*p == '}') return (seen & 3) == 3 ? p + 1 : NULL;
        if (*p++ != ',') return NULL;
    }
}

static bool ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

const char *bulk_walk_on(bulk_walk *w, const char *p, const char *end, bool *too_deep)
{
    *too_deep = false;
    for (; p < end; p++) {
        const char c = *p;
        if (w->in_string) {
            if (w->escaped) {
                w->escaped = false;
            } else if (c == '\\') {
                w->escaped = true;
            } else if (c == '"') {
                w->in_string = false;
                if (w->depth == 0) return p + 1;
            }
        } else if (w->scalar) {
            if (ends_scalar(c)) return p;
        } else if (c == '"') {
            w->in_string = true;
        } else if (c == '[' || c == '{') {
            if (++w->depth > XW_BULK_DEPTH_MAX) {
                *too_deep = true;
                return NULL;
            }
        } else if (c == ']' || c == '}') {
            if (w->depth == 0) return p; /* no value begins so: the parser says it */
            if (--w->depth == 0) return p + 1;
        } else if (w->depth == 0) {
            w->scalar = true;
        }
    }
    return NULL;
}
