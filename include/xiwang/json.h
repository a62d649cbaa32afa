/**
 * @file json.h
 * Writes JSON onto a buffer as it goes, without a tree: commas are placed by the writer. Texts are
 * escaped; bytes that are not UTF-8 become U+FFFD, so the output is always valid JSON.
 * Threads: one at a time per writer.
 */
#ifndef XW_JSON_H
#define XW_JSON_H

#include "xiwang/buf.h"

#include <string.h>

typedef struct xw_json {
    xw_buf *out; /**< borrowed */
    bool comma;  /**< something stands before in this object or array */
} xw_json;

static inline xw_json xw_json_on(xw_buf *out) { return (xw_json){out, false}; }
void xw_json_open(xw_json *j, char bracket);  /**< '{' or '[' */
void xw_json_close(xw_json *j, char bracket); /**< '}' or ']' */
void xw_json_key(xw_json *j, const char *key);
void xw_json_str(xw_json *j, const char *text); /**< NULL writes null */
void xw_json_int(xw_json *j, int64_t v);
/** At most @p decimals digits after the point, trailing zeros cut; NaN and infinities write null.
 */
void xw_json_num(xw_json *j, double v, int decimals);
void xw_json_bool(xw_json *j, bool v);
void xw_json_null(xw_json *j);
/** Raw text that is valid JSON by itself. */
void xw_json_raw(xw_json *j, const char *json);
/** [lon,lat] in degrees with at most 7 decimals from units of 1e-7 degree: exact. */
void xw_json_pt(xw_json *j, int32_t lon_units, int32_t lat_units);
/** A key that is a literal, and needs no escape: the same, faster. */
#define XW_JSON_KEY(j, literal) \
    xw_json_written((j), ",\"" literal "\":", sizeof(",\"" literal "\":") - 1)
/** n bytes of text that begin with a comma, which is left out where none is due, and end behind the
 *  colon of a key. */
static inline void xw_json_written(xw_json *j, const char *text, size_t n)
{
    char *at = (char *)xw_buf_room(j->out, n - !j->comma);
    if (at && j->comma) memcpy(at, text, n);
    if (at && !j->comma) memcpy(at, text + 1, n - 1);
    j->comma = false;
}

/* key and value in one */
void xw_json_kstr(xw_json *j, const char *key, const char *text);
void xw_json_kint(xw_json *j, const char *key, int64_t v);
void xw_json_knum(xw_json *j, const char *key, double v, int decimals);
void xw_json_kbool(xw_json *j, const char *key, bool v);

#endif
