#include "checking.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t xw__check_line_add(xw__checker *c, bool hard, const char *unit, double value,
                            const char *key, const char *text, const char *zh)
{
    xw_check_report *r = c->out;
    if (!xw_grow((void **)&r->lines, &r->cap_lines, r->n_lines + 1, sizeof *r->lines)) {
        c->failed = true;
        return 0;
    }
    xw_check_line *l = &r->lines[r->n_lines];
    memset(l, 0, sizeof *l);
    (void)snprintf(l->key, sizeof l->key, "%s", key);
    (void)snprintf(l->text, sizeof l->text, "%s", text);
    (void)snprintf(l->zh, sizeof l->zh, "%s", zh);
    (void)snprintf(l->unit, sizeof l->unit, "%s", unit);
    l->hard = hard;
    l->value = value;
    return (uint32_t)r->n_lines++;
}

/* A text longer than the field is cut; a cut character is taken away whole. */
static void put_text(xw_spot *s, const char *fmt, va_list ap)
{
    (void)vsnprintf(s->text, sizeof s->text, fmt, ap);
    size_t n = strlen(s->text);
    if (n + 1 < sizeof s->text) return;
    while (n > 0 && ((unsigned char)s->text[n - 1] & 0xC0) == 0x80) n--;
    if (n > 0) s->text[n - 1] = '\0';
}

static void add_spot(xw__checker *c, uint32_t line, bool exception, xw_pt at, const char *fmt,
                     va_list ap)
{
    xw_check_report *r = c->out;
    size_t same = 0;
    for (size_t i = r->n_spots; i > 0 && same < XW_SPOTS_MAX; i--) {
        if (r->spots[i - 1].line != line && !exception) break; /* a line's spots come together */
        same += r->spots[i - 1].line == line && r->spots[i - 1].exception == exception;
    }
    if (same >= XW_SPOTS_MAX) return;
    if (!xw_grow((void **)&r->spots, &r->cap_spots, r->n_spots + 1, sizeof *r->spots)) {
        c->failed = true;
        return;
    }
    xw_spot *s = &r->spots[r->n_spots++];
    memset(s, 0, sizeof *s);
    s->line = line;
    s->exception = exception;
    s->at = at;
    put_text(s, fmt, ap);
}

void xw__check_hit(xw__checker *c, uint32_t line, double amount, xw_pt at, const char *fmt, ...)
{
    if (c->failed) return;
    va_list ap;
    va_start(ap, fmt);
    c->out->lines[line].value += amount;
    add_spot(c, line, false, at, fmt, ap);
    va_end(ap);
}

void xw__check_except(xw__checker *c, uint32_t line, xw_pt at, const char *fmt, ...)
{
    if (c->failed) return;
    va_list ap;
    va_start(ap, fmt);
    add_spot(c, line, true, at, fmt, ap);
    va_end(ap);
}

static bool hard_lines_are_zero(const xw_check_report *r)
{
    for (size_t i = 0; i < r->n_lines; i++) {
        if (r->lines[i].hard && r->lines[i].value > 0) return false;
    }
    return true;
}

static xw_status check_all(xw__checker *c, const xw_job *job)
{
    xw_error *err = c->err;
    xw_status st = xw_edge_index_create(c->m, &c->edges, err);
    if (!st) st = xw_job_step(job, "check", 0, 4, err);
    if (!st) st = xw__check_map(c);
    if (!st) st = xw_job_step(job, "check", 1, 4, err);
    if (!st) st = xw__check_buildings(c);
    if (!st) xw__check_caps(c);
    if (!st) xw__check_codes(c);
    if (!st) st = xw_job_step(job, "check", 2, 4, err);
    if (!st) st = xw__check_grids(c);
    if (!st) st = xw__check_roads(c);
    if (!st) st = xw__check_lineage(c);
    if (!st) st = xw_job_step(job, "check", 3, 4, err);
    if (!st) st = xw__check_metrics(c);
    if (!st) st = xw_job_step(job, "check", 4, 4, err);
    xw_edge_index_finish(&c->edges);
    return st;
}

xw_status xw_check(const xw_model *m, const xw_job *job, xw_check_report *out, xw_error *err)
{
    memset(out, 0, sizeof *out);
    xw__checker c = {.m = m, .out = out, .err = err};
    xw__check_assignment(&c);
    xw_status st = xw_model_validate(m, err);
    if (!st) {
        st = check_all(&c, job);
    } else if (!c.failed && !hard_lines_are_zero(out)) {
        st = XW_OK; /* the broken assignment is the answer */
        if (err) *err = (xw_error){XW_OK, ""};
    }
    if (c.failed) st = xw_fail(err, XW_NOMEM, "report of the check");
    if (st) {
        xw_check_report_finish(out);
        return st;
    }
    out->ok = hard_lines_are_zero(out);
    return XW_OK;
}

void xw_check_report_finish(xw_check_report *r)
{
    free(r->lines);
    free(r->spots);
    memset(r, 0, sizeof *r);
}

const xw_check_line *xw_check_find(const xw_check_report *r, const char *key)
{
    for (size_t i = 0; i < r->n_lines; i++) {
        if (strcmp(r->lines[i].key, key) == 0) return &r->lines[i];
    }
    return NULL;
}

void xw_check_write_json(const xw_check_report *r, xw_buf *out)
{
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_json_kbool(&j, "ok", r->ok);
    xw_json_key(&j, "lines");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < r->n_lines; i++) {
        const xw_check_line *l = &r->lines[i];
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "key", l->key);
        xw_json_kstr(&j, "text", l->text);
        xw_json_kstr(&j, "zh", l->zh);
        xw_json_kbool(&j, "hard", l->hard);
        xw_json_knum(&j, "value", l->value, 4);
        xw_json_kstr(&j, "unit", l->unit);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_key(&j, "spots");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < r->n_spots; i++) {
        const xw_spot *s = &r->spots[i];
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "line", r->lines[s->line].key);
        xw_json_kbool(&j, "exception", s->exception);
        xw_json_key(&j, "at");
        xw_json_pt(&j, s->at.x, s->at.y);
        xw_json_kstr(&j, "text", s->text);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}

void xw_check_write_spots(const xw_check_report *r, xw_buf *out)
{
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "type", "FeatureCollection");
    xw_json_key(&j, "features");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < r->n_spots; i++) {
        const xw_spot *s = &r->spots[i];
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "type", "Feature");
        xw_json_key(&j, "geometry");
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "type", "Point");
        xw_json_key(&j, "coordinates");
        xw_json_pt(&j, s->at.x, s->at.y);
        xw_json_close(&j, '}');
        xw_json_key(&j, "properties");
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "line", r->lines[s->line].key);
        xw_json_kbool(&j, "exception", s->exception);
        xw_json_kstr(&j, "text", s->text);
        xw_json_close(&j, '}');
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}
