/* Numbers and points out of JSON text, without a tree. simdjson, which does this fastest, is C++;
 * points are so regular that one pass over the bytes is enough. */
#include "bulk.h"

#include "xiwang/digits.h"

#include <math.h>

const char *bulk_scan_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) p++;
    return p;
}

const char *bulk_scan_pair(const char *p, const char *end, double *x, double *y)
{
    if (p == end || *p != '[') return NULL;
    p = xw_digits_read(bulk_scan_space(p + 1, end), end, x);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    if (p == end || *p != ',') return NULL;
    p = xw_digits_read(bulk_scan_space(p + 1, end), end, y);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    return p < end && *p == ']' ? p + 1 : NULL;
}

/* A number of at most 7 decimals as units of 1e-7. Up to 3 digits before the point. */
static const char *scan_units(const char *p, const char *end, int64_t *out)
{
    static const int32_t ten[] = {10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    const bool minus = p < end && *p == '-';
    p += minus;
    const char *digits = p;
    int64_t v = 0;
    while (p < end && p - digits < 4 && (unsigned char)(*p - '0') < 10) {
        v = v * 10 + (*p++ - '0');
    }
    const long n = p - digits;
    long scale = 0;
    if (n < 1 || n > 3 || (n > 1 && *digits == '0')) return NULL;
    if (p < end && *p == '.') {
        const char *point = ++p;
        while (p < end && p - point < 8 && (unsigned char)(*p - '0') < 10) {
            v = v * 10 + (*p++ - '0');
        }
        scale = p - point;
        if (scale < 1 || scale > 7) return NULL;
    }
    if (p == end || *p == 'e' || *p == 'E') return NULL;
    v *= ten[scale];
    *out = minus ? -v : v;
    return p;
}

const char *bulk_scan_exact(const char *p, const char *end, xw_pt *out)
{
    int64_t x, y;
    if (p == end || *p != '[') return NULL;
    p = scan_units(bulk_scan_space(p + 1, end), end, &x);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    if (p == end || *p != ',') return NULL;
    p = scan_units(bulk_scan_space(p + 1, end), end, &y);
    if (!p) return NULL;
    p = bulk_scan_space(p, end);
    if (p == end || *p != ']') return NULL;
    if (x < -XW_LON_MAX || x > XW_LON_MAX || y < -XW_LAT_MAX || y > XW_LAT_MAX) return NULL;
    *out = (xw_pt){(int32_t)x, (int32_t)y};
    return p + 1;
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
        p = xw_digits_read(number, end, &v);
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
