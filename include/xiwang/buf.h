/**
 * @file buf.h
 * Growable bytes with a ceiling, growable arrays, and a pool of texts.
 *
 * A buffer that has failed once (no memory, ceiling) stays failed and ignores further appends, so
 * that a writer checks once at the end. Threads: one at a time per object.
 */
#ifndef XW_BUF_H
#define XW_BUF_H

#include "xiwang/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xw_buf {
    char *data; /**< NUL-terminated while not failed and n > 0; may be NULL when n == 0 */
    size_t n;   /**< bytes, without the NUL */
    size_t cap;
    size_t ceiling; /**< most bytes; appending beyond it fails the buffer */
    bool failed;
    bool too_big; /**< failed at the ceiling, not for lack of memory */
} xw_buf;

/** An empty buffer that never grows beyond @p ceiling bytes. */
void xw_buf_init(xw_buf *b, size_t ceiling);
/** Frees the memory; a zeroed buffer is fine. */
void xw_buf_finish(xw_buf *b);
/** Forgets the content and a failure, keeps the memory. */
void xw_buf_clear(xw_buf *b);
void xw_buf_add(xw_buf *b, const void *bytes, size_t n);
void xw_buf_text(xw_buf *b, const char *text);
void xw_buf_fmt(xw_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Appends a base-128 varint, least significant group first (Protocol Buffers, PMTiles). */
void xw_buf_varint(xw_buf *b, uint64_t v);
/** The rest of xw_buf_room(): grows, or fails the buffer. */
void *xw_buf_more(xw_buf *b, size_t n);
/** Makes room for @p n bytes and returns where they start (their content is undefined), or NULL. */
static inline void *xw_buf_room(xw_buf *b, size_t n)
{
    if (b->failed || n >= b->cap - b->n || b->n + n > b->ceiling) return xw_buf_more(b, n);
    char *at = b->data + b->n;
    b->n += n;
    b->data[b->n] = '\0';
    return at;
}
/** XW_OK, XW_LIMIT or XW_NOMEM, with @p what in the text. */
xw_status xw_buf_status(const xw_buf *b, const char *what, xw_error *err);

/**
 * Grows an array so that it holds at least @p need elements of @p size bytes (doubling).
 * @return false for lack of memory; the array is unchanged then
 */
bool xw_grow(void **array, size_t *cap, size_t need, size_t size);

/** n * size without overflow; false if it does not fit. */
bool xw_array_bytes(size_t n, size_t size, size_t *out);

/** Position of a text in an xw_strings; 0 is the empty text. */
typedef uint32_t xw_text;

/** Texts one after the other, each NUL-terminated; at most 4 GiB. Equal texts are stored once. */
typedef struct xw_strings {
    char *bytes;
    size_t n, cap;
    uint32_t *slots; /**< open addressing over the texts; NULL in a mapped pool */
    size_t n_slots, n_texts;
} xw_strings;

/** Adds a text (NULL counts as ""). @return XW_NOMEM or XW_LIMIT on failure, then *out = 0 */
xw_status xw_strings_add(xw_strings *s, const char *text, xw_text *out, xw_error *err);
/** The same for @p n bytes that need no NUL. */
xw_status xw_strings_add_n(xw_strings *s, const char *text, size_t n, xw_text *out, xw_error *err);
/** Borrowed; valid until the next add. Never NULL. */
const char *xw_strings_get(const xw_strings *s, xw_text t);
void xw_strings_finish(xw_strings *s);

#endif
