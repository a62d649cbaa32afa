#include "internal.h"

#include <stdlib.h>
#include <string.h>

void xw__rows_open(xw__rows *r, const xw__db *db, xw_model *m, const char *table, const char *sql,
                   xw_error *err)
{
    *r = (xw__rows){.db = db, .m = m, .table = table, .row = XW_NONE, .err = err};
    r->status = xw__sql_prepare(db, sql, &r->st, err);
}

void xw__rows_bad(xw__rows *r, int col, const char *why)
{
    if (r->status) return;
    const char *name = sqlite3_column_name(r->st, col);
    r->status = xw_fail(r->err, XW_INPUT, "%s: %s, row %u: %s %s", r->db->path, r->table,
                        r->row + 1, name ? name : "", why);
}

bool xw__rows_next(xw__rows *r)
{
    if (r->status) return false;
    const int code = sqlite3_step(r->st);
    if (code == SQLITE_DONE) return false;
    if (code != SQLITE_ROW) {
        r->status = xw__sql_fail(r->db, r->table, r->err);
        return false;
    }
    r->row++; /* from XW_NONE to 0 */
    if (sqlite3_column_int64(r->st, 0) != (sqlite3_int64)r->row + 1) {
        xw__rows_bad(r, 0, "is not the next number");
        return false;
    }
    return true;
}

xw_status xw__rows_close(xw__rows *r)
{
    (void)sqlite3_finalize(r->st);
    r->st = NULL;
    return r->status;
}

bool xw__rows_null(const xw__rows *r, int col)
{
    return sqlite3_column_type(r->st, col) == SQLITE_NULL;
}

int64_t xw__rows_int(xw__rows *r, int col, int64_t lo, int64_t hi)
{
    if (sqlite3_column_type(r->st, col) != SQLITE_INTEGER) {
        xw__rows_bad(r, col, "is no whole number");
        return 0;
    }
    const int64_t v = sqlite3_column_int64(r->st, col);
    if (v < lo || v > hi) {
        xw__rows_bad(r, col, "is out of range");
        return 0;
    }
    return v;
}

uint32_t xw__rows_u32(xw__rows *r, int col)
{
    return xw__rows_null(r, col) ? XW_NONE : (uint32_t)xw__rows_int(r, col, 0, XW_NONE - 1);
}

const char *xw__rows_chars(xw__rows *r, int col)
{
    const int type = sqlite3_column_type(r->st, col);
    if (type == SQLITE_NULL) return "";
    if (type != SQLITE_TEXT) {
        xw__rows_bad(r, col, "is no text");
        return "";
    }
    const char *s = (const char *)sqlite3_column_text(r->st, col);
    if (!s) {
        if (!r->status) r->status = xw_fail(r->err, XW_NOMEM, "%s", r->db->path);
        return "";
    }
    if (strlen(s) != (size_t)sqlite3_column_bytes(r->st, col)) {
        xw__rows_bad(r, col, "has a NUL inside");
        return "";
    }
    return s;
}

uint32_t xw__rows_id(xw__rows *r, int col)
{
    if (xw__rows_null(r, col)) return XW_NONE;
    const char *s = xw__rows_chars(r, col);
    uint64_t v = 0;
    size_t n = 0;
    for (; s[n] >= '0' && s[n] <= '9' && n < 10; n++) v = v * 10 + (uint64_t)(s[n] - '0');
    if (n == 0 || s[n] != '\0' || s[0] == '0' || v > XW_NONE) {
        xw__rows_bad(r, col, "is no row number");
        return XW_NONE;
    }
    return (uint32_t)(v - 1);
}

double xw__rows_real(xw__rows *r, int col)
{
    if (sqlite3_column_type(r->st, col) != SQLITE_FLOAT) {
        xw__rows_bad(r, col, "is no number");
        return 0;
    }
    return sqlite3_column_double(r->st, col);
}

xw_text xw__rows_text(xw__rows *r, int col)
{
    xw_text t = 0;
    const char *s = xw__rows_chars(r, col);
    if (!r->status) r->status = xw_strings_add(&r->m->text, s, &t, r->err);
    return t;
}

unsigned xw__rows_one_of(xw__rows *r, int col, const char *(*text)(unsigned), unsigned n)
{
    const char *s = xw__rows_chars(r, col);
    for (unsigned i = 0; i < n; i++) {
        if (strcmp(text(i), s) == 0) return i;
    }
    xw__rows_bad(r, col, "is not one of its words");
    return 0;
}

void xw__rows_shape(xw__rows *r, int col, xw_wkb_kind kind, bool may_miss, xw_wkb_shape *out)
{
    out->kind = XW_WKB_NONE;
    if (r->status || (may_miss && xw__rows_null(r, col))) return;
    const void *bytes = sqlite3_column_blob(r->st, col);
    const int n = sqlite3_column_bytes(r->st, col);
    if (sqlite3_column_type(r->st, col) != SQLITE_BLOB || !bytes) {
        xw__rows_bad(r, col, "is no geometry");
        return;
    }
    xw_error why = {0};
    const xw_status st = xw_wkb_read_gpkg(bytes, (size_t)n, out, &why);
    if (st == XW_INPUT) {
        xw__rows_bad(r, col, why.text);
    } else if (st) {
        r->status = xw_fail(r->err, st, "%s: %s", r->db->path, why.text);
    } else if (out->kind != kind || (kind == XW_WKB_POINT && out->n_pts != 1)) {
        xw__rows_bad(r, col, "is another kind of geometry");
    }
    if (r->status) out->kind = XW_WKB_NONE;
}
