#include "locate_csv.h"

#include "xiwang/cli.h"
#include "xiwang/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COLUMNS_MAX = 256, LINE_MAX_BYTES = 1 << 20, NO_COLUMN = -1 };

typedef struct table {
    FILE *in;
    const char *path;
    char *line; /* as read, without its end */
    char *cut;  /* a copy that the fields point into */
    char *field[COLUMNS_MAX];
    int n_fields;
    unsigned long long number;           /* of the line, from 1 */
    int x, y, accuracy, floor, id, time; /* columns */
    int n_columns;
} table;

/* The next line that is not empty; got is false at the end. A quoted field may hold commas and
 * doubled quotes, no line breaks. */
static xw_status next_line(table *t, bool *got, xw_error *err)
{
    size_t n = 0;
    *got = false;
    while (n == 0) {
        if (!fgets(t->line, LINE_MAX_BYTES, t->in)) {
            return ferror(t->in) ? xw_fail(err, XW_IO, "%s: %s", t->path, strerror(errno)) : XW_OK;
        }
        t->number++;
        n = strlen(t->line);
        if ((n == 0 || t->line[n - 1] != '\n') && !feof(t->in)) {
            return xw_fail(err, XW_INPUT, "%s: line %llu is longer than %d bytes or no text",
                           t->path, t->number, LINE_MAX_BYTES);
        }
        n = strcspn(t->line, "\r\n");
        t->line[n] = '\0';
        if (t->number == 1 && n >= 3 && memcmp(t->line, "\xEF\xBB\xBF", 3) == 0) {
            n -= 3;
            memmove(t->line, t->line + 3, n + 1);
        }
    }
    *got = true;
    return XW_OK;
}

/* Cuts a copy of the line into fields, quotes taken off. False when a quote is not closed. */
static bool cut_line(table *t)
{
    bool quoted = false;
    memcpy(t->cut, t->line, strlen(t->line) + 1);
    char *at = t->cut;
    t->n_fields = 0;
    while (t->n_fields < COLUMNS_MAX) {
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

static int find_column(const table *t, const char *name, const char *other)
{
    for (int i = 0; i < t->n_fields; i++) {
        if (strcasecmp(t->field[i], name) == 0 || strcasecmp(t->field[i], other) == 0) return i;
    }
    return NO_COLUMN;
}

static xw_status read_header(table *t, xw_error *err)
{
    bool got;
    const xw_status st = next_line(t, &got, err);
    if (st) return st;
    if (!got) return xw_fail(err, XW_INPUT, "%s: is empty, a header is needed", t->path);
    if (!cut_line(t)) return xw_fail(err, XW_INPUT, "%s: header with an open quote", t->path);
    t->n_columns = t->n_fields;
    t->id = find_column(t, "id", "id");
    t->x = find_column(t, "lon", "x");
    t->y = find_column(t, "lat", "y");
    t->accuracy = find_column(t, "accuracy", "accuracy_m");
    t->floor = find_column(t, "floor", "floor");
    t->time = find_column(t, "time", "time");
    if (t->x == NO_COLUMN || t->y == NO_COLUMN) {
        return xw_fail(err, XW_INPUT, "%s: no column lon and lat (or x and y) in \"%.100s\"",
                       t->path, t->line);
    }
    return XW_OK;
}

static bool bad_number(const table *t, int column, xw_error *err)
{
    (void)xw_fail(err, XW_INPUT, "\"%.60s\" is no number", t->field[column]);
    return false;
}

/* False with the reason in err. An empty accuracy or floor leaves the common one. */
static bool read_query(const table *t, const xw_query *common, xw_query *q, xw_error *err)
{
    *q = *common;
    if (t->n_fields != t->n_columns) {
        (void)xw_fail(err, XW_INPUT, "%d fields instead of %d", t->n_fields, t->n_columns);
        return false;
    }
    if (!xw_cli_num(t->field[t->x], &q->x)) return bad_number(t, t->x, err);
    if (!xw_cli_num(t->field[t->y], &q->y)) return bad_number(t, t->y, err);
    if (t->accuracy != NO_COLUMN && t->field[t->accuracy][0] &&
        !xw_cli_num(t->field[t->accuracy], &q->accuracy_m)) {
        return bad_number(t, t->accuracy, err);
    }
    if (t->floor != NO_COLUMN && t->field[t->floor][0]) {
        long long floor;
        if (!xw_cli_int(t->field[t->floor], -1000, 1000, &floor)) {
            return bad_number(t, t->floor, err);
        }
        q->has_floor = true;
        q->floor = (int)floor;
    }
    return true;
}

static void put_error(const xw_model *m, const char *text)
{
    for (uint32_t l = 0; l < m->n_levels; l++) (void)putchar(',');
    (void)fputs(",,,,\"", stdout);
    for (; *text; text++) {
        if (*text == '"') (void)putchar('"');
        (void)putchar(*text);
    }
    (void)fputs("\"\n", stdout);
}

/* @p n_levels: that have a column */
static void put_answer(const xw_model *m, uint32_t n_levels, const xw_answer *a)
{
    for (uint32_t l = 0; l < n_levels; l++) {
        const char *code = a->grid == XW_NONE || l >= m->n_levels
                               ? ""
                               : xw_model_text(m, m->grids[xw_model_grid_at(m, a->grid, l)].code);
        (void)printf(",%s", code);
    }
    const char *certain =
        a->certain_level == XW_NONE ? "" : xw_model_text(m, m->levels[a->certain_level].key);
    (void)printf(",%s,%s,", certain, xw_rule_text(a->rule));
    if (a->grid != XW_NONE) (void)printf("%.4f", a->level_probability[m->n_levels - 1]);
    (void)puts(",");
}

static void put_header(const table *t, const xw_model *m)
{
    (void)fputs(t->line, stdout);
    for (uint32_t l = 0; l < m->n_levels; l++) {
        (void)printf(",code_%s", xw_model_text(m, m->levels[l].key));
    }
    (void)puts(",certain_to,rule,probability,error");
}

/* The revision that answers a line. */
typedef struct edition {
    const xw_snapshot *s;
    int64_t valid_until;
} edition;

/* One object a line; a is NULL for a bad line. */
static xw_status put_json(const table *t, const edition *e, const locate_csv *o, const xw_answer *a,
                          const char *why, xw_buf *out, xw_error *err)
{
    xw_buf_clear(out);
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_json_kint(&j, "line", (int64_t)t->number);
    if (t->id != NO_COLUMN && t->id < t->n_fields) xw_json_kstr(&j, "id", t->field[t->id]);
    if (a) {
        xw_json_key(&j, "answer");
        xw_answer_json_some(e->s, a, e->valid_until, o->fields, &j);
    } else {
        xw_json_kstr(&j, "error", why);
    }
    xw_json_close(&j, '}');
    xw_buf_add(out, "\n", 1);
    const xw_status st = xw_buf_status(out, "an answer", err);
    if (!st) (void)fwrite(out->data, 1, out->n, stdout);
    return st;
}

/* The revision at the time that a line says, else that of the pin. */
static xw_status find_edition(const table *t, const xw_pin *pin, const locate_csv *o, edition *e,
                              xw_error *err)
{
    int64_t at;
    *e = (edition){pin->snapshot, pin->revision->valid_until};
    const char *text = t->time != NO_COLUMN && t->time < t->n_fields ? t->field[t->time] : "";
    if (!*text) return XW_OK;
    if (!xw_when_parse(text, &at)) {
        return xw_fail(err, XW_INPUT, "\"%.60s\" is no RFC 3339 time or date", text);
    }
    return xw_bulk_times_at(o->times, at, &e->s, &e->valid_until, err);
}

static xw_status answer_line(table *t, const xw_pin *pin, const locate_csv *o, xw_buf *out,
                             bool *bad, xw_error *err)
{
    xw_query q;
    xw_answer a;
    edition e = {pin->snapshot, pin->revision->valid_until};
    xw_error why = {XW_OK, ""};
    const bool closed = cut_line(t);
    if (!closed) (void)xw_fail(&why, XW_INPUT, "a quote is not closed");
    *bad = !closed || !read_query(t, o->common, &q, &why) || find_edition(t, pin, o, &e, &why) ||
           xw_answer_locate(e.s, &q, &a, &why);
    if (o->json) return put_json(t, &e, o, *bad ? NULL : &a, why.text, out, err);
    (void)fputs(t->line, stdout);
    if (!closed) (void)putchar('"');
    for (int i = t->n_fields; i < t->n_columns; i++) (void)putchar(',');
    if (*bad) {
        put_error(xw_snapshot_model(pin->snapshot), why.text);
    } else {
        put_answer(xw_snapshot_model(e.s), xw_snapshot_model(pin->snapshot)->n_levels, &a);
    }
    return XW_OK;
}

static xw_status answer_lines(table *t, const xw_pin *pin, const locate_csv *o, xw_buf *out,
                              bool *some_bad, xw_error *err)
{
    xw_status st = read_header(t, err);
    if (!st && !o->json) put_header(t, xw_snapshot_model(pin->snapshot));
    while (!st) {
        bool got, bad;
        st = next_line(t, &got, err);
        if (st || !got || ferror(stdout)) break;
        if (xw_job_cancelled(o->job)) {
            return xw_fail(err, XW_CANCELLED, "stopped at line %llu", t->number);
        }
        st = answer_line(t, pin, o, out, &bad, err);
        *some_bad = *some_bad || bad;
    }
    return st;
}

xw_status xw__locate_csv(const xw_pin *pin, const locate_csv *o, bool *some_bad, xw_error *err)
{
    const bool is_stdin = strcmp(o->path, "-") == 0;
    table t = {.path = is_stdin ? "standard input" : o->path, .in = stdin};
    *some_bad = false;
    if (!is_stdin) t.in = fopen(o->path, "r");
    if (!t.in) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", o->path,
                       strerror(errno));
    }
    xw_buf out;
    xw_buf_init(&out, LINE_MAX_BYTES);
    t.line = malloc(LINE_MAX_BYTES);
    t.cut = malloc(LINE_MAX_BYTES);
    const xw_status st = t.line && t.cut ? answer_lines(&t, pin, o, &out, some_bad, err)
                                         : xw_fail(err, XW_NOMEM, "lines of a table");
    if (!is_stdin) (void)fclose(t.in);
    xw_buf_finish(&out);
    free(t.line);
    free(t.cut);
    return st;
}
