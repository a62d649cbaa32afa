/* A table of points, out with the same columns and the answers behind them. */
#include "bulk.h"

#include "xiwang/when.h"

#include <stdio.h>
#include <strings.h>

enum { NO_COLUMN = -1 };

/* Cuts a copy of the line into fields, quotes taken off. False when a quote is not closed. */
static bool cut_line(bulk_csv *t, size_t n)
{
    bool quoted = false;
    memcpy(t->cut, t->line, n + 1);
    char *at = t->cut;
    t->n_fields = 0;
    while (t->n_fields < BULK_COLUMNS_MAX) {
        t->field[t->n_fields++] = at;
        char *to = at;
        quoted = *at == '"';
        if (quoted) at++;
        while (*at && (quoted || *at != ',')) {
            if (quoted && *at == '"') {
                if (at[1] != '"') {
                    quoted = false;
                    at++;
                    continue;
                }
                at++;
            }
            *to++ = *at++;
        }
        const bool more = *at == ',';
        *to = '\0';
        if (!more) break;
        at++;
    }
    return !quoted;
}

static int find_column(const bulk_csv *t, const char *name, const char *other)
{
    for (int i = 0; i < t->n_fields; i++) {
        if (strcasecmp(t->field[i], name) == 0 || strcasecmp(t->field[i], other) == 0) return i;
    }
    return NO_COLUMN;
}

static xw_status take_header(xw_bulk *b, size_t n, xw_error *err)
{
    bulk_csv *t = &b->csv;
    if (!cut_line(t, n)) return xw_fail(err, XW_INPUT, "the header has an open quote");
    t->n_columns = t->n_fields;
    t->x = find_column(t, "lon", "x");
    t->y = find_column(t, "lat", "y");
    t->accuracy = find_column(t, "accuracy", "accuracy_m");
    t->floor = find_column(t, "floor", "floor");
    t->time = find_column(t, "time", "time");
    t->n_levels = b->m->n_levels;
    if (t->x == NO_COLUMN || t->y == NO_COLUMN) {
        return xw_fail(err, XW_INPUT, "no column lon and lat (or x and y) in \"%.100s\"", t->line);
    }
    t->has_header = true;
    xw_buf_add(&b->out, t->line, n);
    for (uint32_t l = 0; l < b->m->n_levels; l++) {
        xw_buf_text(&b->out, ",code_");
        xw_buf_text(&b->out, xw_model_text(b->m, b->m->levels[l].key));
    }
    xw_buf_text(&b->out, ",certain_to,rule,probability,error\n");
    return XW_OK;
}

static xw_status read_num(const bulk_csv *t, int column, double *out, xw_error *err)
{
    if (xw__parse_num(t->field[column], out)) return XW_OK;
    return xw_fail(err, XW_INPUT, "\"%.60s\" is no number", t->field[column]);
}

static xw_status read_point(const bulk_csv *t, xw__point *p, xw_error *err)
{
    if (t->n_fields != t->n_columns) {
        return xw_fail(err, XW_INPUT, "%d fields instead of %d", t->n_fields, t->n_columns);
    }
    xw_status st = read_num(t, t->x, &p->x, err);
    if (!st) st = read_num(t, t->y, &p->y, err);
    if (!st && t->accuracy != NO_COLUMN && t->field[t->accuracy][0]) {
        p->has_accuracy = true;
        st = read_num(t, t->accuracy, &p->accuracy_m, err);
        if (!st && (p->accuracy_m < 0 || p->accuracy_m > XW__ACCURACY_MAX)) {
            st = xw_fail(err, XW_INPUT, "accuracy %.9g m is not in 0..%d", p->accuracy_m,
                         XW__ACCURACY_MAX);
        }
    }
    if (!st && t->floor != NO_COLUMN && t->field[t->floor][0]) {
        int64_t v;
        if (!xw__parse_int(t->field[t->floor], -XW__FLOOR_MAX, XW__FLOOR_MAX, &v)) {
            return xw_fail(err, XW_INPUT, "\"%.60s\" is no floor from %d to %d", t->field[t->floor],
                           -XW__FLOOR_MAX, XW__FLOOR_MAX);
        }
        p->has_floor = true;
        p->floor = (int)v;
    }
    if (!st && t->time != NO_COLUMN && t->field[t->time][0]) {
        p->has_time = true;
        if (!xw_when_parse(t->field[t->time], &p->time)) {
            return xw_fail(err, XW_INPUT, "\"%.60s\" is no RFC 3339 time or date",
                           t->field[t->time]);
        }
    }
    return st;
}

static void put_brief(const xw_bulk *b, xw_buf *out, const xw_brief *a)
{
    const xw_model *m = b->m;
    for (uint32_t l = 0; l < b->csv.n_levels; l++) {
        xw_buf_add(out, ",", 1);
        if (a->grid == XW_NONE || l >= m->n_levels) continue;
        xw_buf_text(out, xw_model_text(m, m->grids[xw_model_grid_at(m, a->grid, l)].code));
    }
    xw_buf_add(out, ",", 1);
    if (a->certain_level != XW_NONE) {
        xw_buf_text(out, xw_model_text(m, m->levels[a->certain_level].key));
    }
    xw_buf_add(out, ",", 1);
    xw_buf_text(out, xw_rule_text(a->rule));
    xw_buf_add(out, ",", 1);
    if (a->grid != XW_NONE) {
        if (a->probability == 1.0) {
            xw_buf_text(out, "1.0000");
        } else {
            xw_buf_fmt(out, "%.4f", a->probability);
        }
    }
    xw_buf_add(out, ",\n", 2);
}

static void put_error(const xw_bulk *b, xw_buf *out, const char *text)
{
    for (uint32_t l = 0; l < b->csv.n_levels; l++) xw_buf_add(out, ",", 1);
    xw_buf_text(out, ",,,,\"");
    for (; *text; text++) {
        if (*text == '"') xw_buf_add(out, "\"", 1);
        xw_buf_add(out, text, 1);
    }
    xw_buf_text(out, "\"\n");
}

xw_status bulk_line_csv(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    bulk_csv *t = &b->csv;
    if (n == 0) return XW_OK;
    if (memchr(p, '\0', n)) {
        return xw_fail(err, XW_INPUT, "line %llu is no text", (unsigned long long)b->line);
    }
    memcpy(t->line, p, n);
    t->line[n] = '\0';
    if (!t->has_header) return take_header(b, n, err);

    xw__point point = {0};
    xw_brief a;
    xw_error why = {XW_OK, ""};
    const bool closed = cut_line(t, n);
    xw_status st =
        closed ? read_point(t, &point, &why) : xw_fail(&why, XW_INPUT, "a quote is not closed");
    if (!st) st = bulk_brief(b, &point, &a, &why);
    if (st && st != XW_INPUT) {
        if (err) *err = why;
        return st;
    }
    xw_buf_add(&b->out, t->line, n);
    if (!closed) xw_buf_add(&b->out, "\"", 1);
    for (int i = t->n_fields; i < t->n_columns; i++) xw_buf_add(&b->out, ",", 1);
    if (st) {
        bulk_note_bad(b, "line", b->line, &why);
        put_error(b, &b->out, why.text);
    } else {
        b->n_points++;
        put_brief(b, &b->out, &a);
    }
    return bulk_write_out(b, false, err);
}
