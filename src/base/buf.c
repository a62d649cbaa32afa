#include "xiwang/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xw_buf_init(xw_buf *b, size_t ceiling) { *b = (xw_buf){.ceiling = ceiling}; }

void xw_buf_finish(xw_buf *b)
{
    free(b->data);
    *b = (xw_buf){.ceiling = b->ceiling};
}

void xw_buf_clear(xw_buf *b)
{
    b->n = 0;
    b->failed = b->too_big = false;
    if (b->data) b->data[0] = '\0';
}

void *xw_buf_more(xw_buf *b, size_t n)
{
    if (b->failed) return NULL;
    if (n > b->ceiling || b->n > b->ceiling - n) {
        b->failed = b->too_big = true;
        return NULL;
    }
    /* The sum is at most the ceiling, but one more for the NUL may not be a size any more. */
    const size_t whole = b->n + n;
    if (whole == SIZE_MAX ||
        !xw_grow((void **)&b->data, &b->cap, whole < 1024 ? 1024 : whole + 1, 1)) {
        b->failed = true;
        return NULL;
    }
    char *at = b->data + b->n;
    b->n += n;
    b->data[b->n] = '\0';
    return at;
}

void xw_buf_add(xw_buf *b, const void *bytes, size_t n)
{
    char *at = xw_buf_room(b, n);
    if (at && n > 0) memcpy(at, bytes, n);
}

void xw_buf_text(xw_buf *b, const char *text) { xw_buf_add(b, text, strlen(text)); }

void xw_buf_varint(xw_buf *b, uint64_t v)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) bytes[n++] = (unsigned char)(v | 0x80);
    bytes[n++] = (unsigned char)v;
    xw_buf_add(b, bytes, n);
}

void xw_buf_fmt(xw_buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < sizeof small) {
        xw_buf_add(b, small, (size_t)n);
    } else {
        char *at = xw_buf_room(b, (size_t)n);
        if (at) (void)vsnprintf(at, (size_t)n + 1, fmt, again);
    }
    va_end(again);
}

xw_status xw_buf_status(const xw_buf *b, const char *what, xw_error *err)
{
    if (!b->failed) return XW_OK;
    if (b->too_big) {
        return xw_fail(err, XW_LIMIT, "%s is larger than %zu bytes", what, b->ceiling);
    }
    return xw_fail(err, XW_NOMEM, "%s", what);
}

bool xw_array_bytes(size_t n, size_t size, size_t *out)
{
    return !__builtin_mul_overflow(n, size, out);
}

bool xw_grow(void **array, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap) return true;
    size_t bigger = *cap ? *cap : 16;
    while (bigger < need) {
        if (bigger > SIZE_MAX / 2) return false;
        bigger *= 2;
    }
    size_t bytes;
    if (!xw_array_bytes(bigger, size, &bytes)) return false;
    void *moved = realloc(*array, bytes);
    if (!moved) return false;
    *array = moved;
    *cap = bigger;
    return true;
}
