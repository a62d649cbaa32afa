/**
 * @file status.h
 * One way to fail. Fallible functions return an xw_status and fill a caller-owned xw_error, so a
 * text can never be stale or belong to another thread. Messages are one UTF-8 line without a full
 * stop that names the datum that was wrong ("cell 17: ring has 2 vertices").
 */
#ifndef XW_STATUS_H
#define XW_STATUS_H

/** One code per decision a caller can make; the rest is text. */
#define XW_STATUS_MAP(X)        \
    X(OK, "ok")                 \
    X(USAGE, "wrong use")       \
    X(INPUT, "bad input")       \
    X(NOT_FOUND, "not found")   \
    X(EXISTS, "exists already") \
    X(CONFLICT, "conflict")     \
    X(LIMIT, "limit reached")   \
    X(NOMEM, "out of memory")   \
    X(IO, "input/output")       \
    X(CANCELLED, "cancelled")   \
    X(INTERNAL, "internal")

typedef enum xw_status {
#define X(name, text) XW_##name,
    XW_STATUS_MAP(X)
#undef X
} xw_status;

typedef struct xw_error {
    xw_status status;
    char text[400]; /**< UTF-8, one line, no trailing full stop */
} xw_error;

/** Fills @p err (if not NULL) and returns @p s, so that callers can `return xw_fail(...)`. */
xw_status xw_fail(xw_error *err, xw_status s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Puts "prefix: " before the text of @p err (if not NULL) and returns its status unchanged. */
xw_status xw_fail_within(xw_error *err, xw_status s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** The short English text of a status, never NULL. */
const char *xw_status_text(xw_status s);

#endif
