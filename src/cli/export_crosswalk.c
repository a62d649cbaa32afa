/* The crosswalk between the codes of the store and 15 digits, as CSV. */
#include "export.h"

#include "xiwang/code.h"

#include <stdlib.h>
#include <string.h>

/* RFC 4180: what holds a comma, a quote or a line end stands between quotes. */
static void put_field(xw_buf *out, const char *s)
{
    if (!strpbrk(s, ",\"\r\n")) {
        xw_buf_text(out, s);
        return;
    }
    xw_buf_text(out, "\"");
    for (; *s; s++) {
        if (*s == '"') xw_buf_text(out, "\"");
        xw_buf_add(out, s, 1);
    }
    xw_buf_text(out, "\"");
}

xw_status xw__export_crosswalk(const xw_model *m, const char *unit, xw_buf *out, size_t *n,
                               xw_error *err)
{
    xw_crossrow *rows = NULL;
    const uint32_t level = unit ? xw_model_level(m, unit) : xw_unit_level(m);
    *n = 0;
    if (unit && level == XW_NONE) {
        return xw_fail(err, XW_USAGE, "--unit %s: the store has no such level", unit);
    }
    if (level == XW_NONE) {
        return xw_fail(err, XW_USAGE,
                       "no level of the store has codes of %d digits: --unit LEVEL names the one "
                       "to number",
                       XW_UNIT_DIGITS);
    }
    const xw_status st = xw_crosswalk_make(m, level, &rows, n, err);
    if (st) return st;
    xw_buf_text(out, "code,unit_code,level,name,is_unit\n");
    for (size_t i = 0; i < *n; i++) {
        const xw_grid *g = &m->grids[rows[i].grid];
        put_field(out, xw_model_text(m, g->code));
        xw_buf_fmt(out, ",%s,", rows[i].unit);
        put_field(out, xw_model_text(m, m->levels[g->level].key));
        xw_buf_text(out, ",");
        put_field(out, xw_model_text(m, g->name));
        xw_buf_fmt(out, ",%d\n", rows[i].is_unit);
    }
    free(rows);
    return xw_buf_status(out, "crosswalk", err);
}
