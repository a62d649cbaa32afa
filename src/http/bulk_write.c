/* Answers, in the format of the question. */
#include "bulk.h"

#include <math.h>

static void put(xw_buf *out, const char *text) { xw_buf_add(out, text, strlen(text)); }

void bulk_comma(xw_bulk *b)
{
    if (b->any) xw_buf_add(&b->out, ",", 1);
    b->any = true;
}

/* What xw_json_num(…, 4) writes. */
void bulk_put_probability(xw_buf *out, double v)
{
    if (v == 1.0 || v == 0.0) {
        xw_buf_add(out, v == 1.0 ? "1" : "0", 1);
        return;
    }
    xw_json j = xw_json_on(out);
    xw_json_num(&j, v, 4);
}

/* A text of the model in quotes: codes hardly ever need an escape. */
static void put_text(xw_buf *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = 0;
    while (s[n] >= 0x20 && s[n] < 0x7F && s[n] != '"' && s[n] != '\\') n++;
    char *to = s[n] == '\0' ? xw_buf_room(out, n + 2) : NULL;
    if (to) {
        to[0] = '"';
        memcpy(to + 1, text, n);
        to[n + 1] = '"';
        return;
    }
    xw_json j = xw_json_on(out);
    xw_json_str(&j, text);
}

/* What follows the code. */
static void put_rest(const xw_bulk *b, xw_buf *out, const xw_brief *a)
{
    const xw_model *m = b->m;
    if (a->certain_level == XW_NONE) {
        put(out, ",\"certain_to\":null");
    } else {
        xw_buf_add(out, ",\"certain_to\":", 14);
        put_text(out, xw_model_text(m, m->levels[a->certain_level].key));
    }
    xw_buf_add(out, ",\"probability\":", 15);
    bulk_put_probability(out, a->probability);
    xw_buf_add(out, ",\"rule\":\"", 9);
    put(out, xw_rule_text(a->rule));
    xw_buf_add(out, "\"", 1);
}

/* The members of the short answer, without brackets. */
static void put_brief(const xw_bulk *b, xw_buf *out, const xw_brief *a)
{
    const xw_model *m = b->m;
    if (a->grid == XW_NONE) {
        put(out, "\"code\":null");
    } else {
        xw_buf_add(out, "\"code\":", 7);
        put_text(out, xw_model_text(m, m->grids[a->grid].code));
    }
    put_rest(b, out, a);
}

static void begin(xw_bulk *b, const char *id)
{
    if (b->how.format == XW_BULK_JSON) bulk_comma(b);
    xw_buf_add(&b->out, "{", 1);
    if (id) {
        put(&b->out, "\"id\":");
        put(&b->out, id);
        put(&b->out, ",");
    }
}

/* What follows the code in the usual short answer, which is sure: the same for many points. */
static const bulk_tail *tail_of(xw_bulk *b, const xw_brief *a)
{
    bulk_tail *t = &b->tails[a->certain_level][a->rule];
    if (t->n > 0) return t;
    xw_buf text;
    xw_buf_init(&text, sizeof t->text);
    put_rest(b, &text, a);
    xw_buf_add(&text, "}\n", b->how.format == XW_BULK_NDJSON ? 2 : 1);
    if (!text.failed) {
        memcpy(t->text, text.data, text.n);
        t->n = text.n;
    }
    xw_buf_finish(&text);
    return t->n > 0 ? t : NULL;
}

/* The short answer outside, with its brackets. */
static bool put_nobody(xw_bulk *b, const xw_brief *a)
{
    bulk_tail *t = &b->nobody;
    if (a->rule != XW_RULE_OUTSIDE || a->certain_level != XW_NONE || a->probability != 0.0) {
        return false;
    }
    if (t->n == 0) {
        xw_buf text;
        xw_buf_init(&text, sizeof t->text);
        xw_buf_add(&text, "{", 1);
        put_brief(b, &text, a);
        xw_buf_add(&text, "}\n", b->how.format == XW_BULK_NDJSON ? 2 : 1);
        if (!text.failed) {
            memcpy(t->text, text.data, text.n);
            t->n = text.n;
        }
        xw_buf_finish(&text);
        if (t->n == 0) return false;
    }
    if (b->how.format == XW_BULK_JSON) bulk_comma(b);
    xw_buf_add(&b->out, t->text, t->n);
    return true;
}

static bool is_plain_text(const char *s, size_t n)
{
    unsigned bad = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        bad |= (unsigned)(c < 0x20) | (unsigned)(c >= 0x7F) | (unsigned)(c == '"') |
               (unsigned)(c == '\\');
    }
    return bad == 0;
}

/* In one piece; false when it is not the usual case. */
static bool put_usual(xw_bulk *b, const xw_brief *a)
{
    if (a->grid == XW_NONE) return put_nobody(b, a);
    if (a->certain_level == XW_NONE || a->probability != 1.0) return false;
    const bulk_tail *t = tail_of(b, a);
    const char *code = xw_model_text(b->m, b->m->grids[a->grid].code);
    const size_t n = strlen(code);
    const bool comma = b->how.format == XW_BULK_JSON && b->any;
    if (!t || !is_plain_text(code, n)) return false;
    char *to = xw_buf_room(&b->out, (size_t)comma + 9 + n + 1 + t->n);
    if (!to) return true; /* the buffer has failed and says so */
    if (comma) *to++ = ',';
    memcpy(to, "{\"code\":\"", 9);
    memcpy(to + 9, code, n);
    to[9 + n] = '"';
    memcpy(to + 10 + n, t->text, t->n);
    b->any = true;
    return true;
}

static void put_answer_brief(xw_bulk *b, const xw_brief *a, const char *id)
{
    if (b->how.format == XW_BULK_BINARY) {
        const uint32_t g = a->grid;
        const unsigned char le[4] = {(unsigned char)g, (unsigned char)(g >> 8),
                                     (unsigned char)(g >> 16), (unsigned char)(g >> 24)};
        xw_buf_add(&b->out, le, 4);
        return;
    }
    if (!id && b->s == b->home && put_usual(b, a)) return;
    begin(b, id);
    put_brief(b, &b->out, a);
    xw_buf_add(&b->out, "}\n", b->how.format == XW_BULK_NDJSON ? 2 : 1);
}

/* The full answer; an id stands before its first member. */
static xw_status put_answer_full(xw_bulk *b, const xw_answer *a, const xw__point *p,
                                 const xw_query *q, const char *id, xw_error *err)
{
    xw_status st = XW_OK;
    const bool lines = b->how.format == XW_BULK_NDJSON;
    if (!lines) bulk_comma(b);
    if (id) {
        put(&b->out, "{\"id\":");
        put(&b->out, id);
    }
    const size_t brace = b->out.n;
    xw_json j = xw_json_on(&b->out);
    xw_answer_json_some(b->s, a, b->valid_until, b->how.fields, &j);
    if (id && !b->out.failed && b->out.n > brace) b->out.data[brace] = ',';
    if (b->how.nets) {
        st = xw_nets_json(b->how.nets, a, q, p->has_time ? p->time : b->how.at, b->how.fields,
                          &b->out, err);
    }
    if (lines) xw_buf_add(&b->out, "\n", 1);
    return st;
}

static xw_query query_of(const xw_bulk *b, const xw__point *p)
{
    xw_query q = b->how.common;
    q.x = p->x;
    q.y = p->y;
    if (p->has_accuracy) q.accuracy_m = p->accuracy_m;
    if (p->has_floor) {
        q.has_floor = true;
        q.floor = p->floor;
    }
    return q;
}

xw_status bulk_turn(xw_bulk *b, const xw__point *p, xw_error *err)
{
    if (!p->has_time) {
        b->s = b->home;
        b->valid_until = b->how.valid_until;
    } else if (!b->how.at_time) {
        return xw_fail(err, XW_INPUT, "a time of its own is not taken here");
    } else {
        const xw_status st = b->how.at_time(b->how.times, p->time, &b->s, &b->valid_until, err);
        if (st) {
            b->s = b->home;
            b->m = xw_snapshot_model(b->home);
            return st;
        }
    }
    b->m = xw_snapshot_model(b->s);
    return XW_OK;
}

/* Exact points in degrees need no query each. */
static bool is_plain(const xw_bulk *b, const xw__point *p)
{
    return b->batches && !p->has_time && !p->has_floor && !(p->has_accuracy && p->accuracy_m > 0.0);
}

static xw_status lattice_of(const xw__point *p, xw_pt *at, xw_error *err)
{
    if (xw_pt_from_deg(p->x, p->y, at)) return XW_OK;
    return xw_fail(err, XW_INPUT, "longitude %.9g, latitude %.9g is out of range", p->x, p->y);
}

/* The memory that the answers of a batch come from is asked for before it is needed. */
static void fetch(const xw_bulk *b, size_t n)
{
    const xw_model *m = b->m;
    for (size_t i = 0; i < n; i++) {
        if (b->brief[i].grid != XW_NONE) __builtin_prefetch(&m->grids[b->brief[i].grid].code);
    }
    for (size_t i = 0; i < n; i++) {
        if (b->brief[i].grid == XW_NONE) continue;
        __builtin_prefetch(xw_model_text(m, m->grids[b->brief[i].grid].code));
    }
}

xw_status bulk_flush_batch(xw_bulk *b, xw_error *err)
{
    const size_t n = b->n_batch;
    if (n == 0) return XW_OK;
    b->n_batch = 0;
    (void)bulk_turn(b, &(xw__point){.has_time = false}, NULL); /* home */
    const xw_status st =
        xw_brief_many(b->s, b->batch, n, b->how.format != XW_BULK_BINARY, b->brief, err);
    if (st) return st;
    if (b->how.format != XW_BULK_BINARY) fetch(b, n);
    for (size_t i = 0; i < n; i++) put_answer_brief(b, &b->brief[i], NULL);
    return bulk_write_out(b, false, err);
}

xw_status bulk_brief(xw_bulk *b, const xw__point *p, xw_brief *out, xw_error *err)
{
    xw_pt at;
    xw_status st = bulk_turn(b, p, err);
    if (st) return st;
    if (is_plain(b, p)) {
        st = lattice_of(p, &at, err);
        return st ? st : xw_brief_many(b->s, &at, 1, b->how.format != XW_BULK_BINARY, out, err);
    }
    xw_answer a;
    xw_query q = query_of(b, p);
    q.near_only = true;
    st = xw_answer_locate(b->s, &q, &a, err);
    if (!st) *out = xw_brief_of(b->s, &a);
    return st;
}

xw_status bulk_answer(xw_bulk *b, const xw__point *p, const char *id, xw_error *err)
{
    const bool is_short = b->how.short_answer || b->how.format == XW_BULK_BINARY;
    if (is_short && !id && is_plain(b, p)) { /* answered at home, with the batch */
        const xw_status st = lattice_of(p, &b->batch[b->n_batch], err);
        if (st) return st;
        b->n_points++;
        return ++b->n_batch == BULK_BATCH ? bulk_flush_batch(b, err) : XW_OK;
    }
    xw_status st = bulk_flush_batch(b, err);
    if (!st && !is_short) st = bulk_turn(b, p, err);
    if (st) return st;
    if (is_short) {
        xw_brief brief;
        st = bulk_brief(b, p, &brief, err);
        if (st) return st;
        put_answer_brief(b, &brief, id);
    } else {
        xw_answer a;
        const xw_query q = query_of(b, p);
        st = xw_answer_locate(b->s, &q, &a, err);
        if (st) return st;
        st = put_answer_full(b, &a, p, &q, id, err);
        if (st) return st;
    }
    b->n_points++;
    return bulk_write_out(b, false, err);
}

void bulk_note_bad(xw_bulk *b, const char *what, uint64_t number, const xw_error *why)
{
    if (b->n_errors++ > 0) return;
    b->first_bad = *why;
    (void)xw_fail_within(&b->first_bad, why->status, "%s %llu", what, (unsigned long long)number);
}

xw_status bulk_bad_line(xw_bulk *b, const xw_error *why, xw_error *err)
{
    const xw_status st = bulk_flush_batch(b, err);
    if (st) return st;
    bulk_note_bad(b, "line", b->line, why);
    xw_json j = xw_json_on(&b->out);
    xw_json_open(&j, '{');
    xw_json_kint(&j, "line", (int64_t)b->line);
    xw_json_kstr(&j, "error", why->text);
    xw_json_close(&j, '}');
    xw_buf_add(&b->out, "\n", 1);
    return bulk_write_out(b, false, err);
}

xw_status bulk_write_out(xw_bulk *b, bool all, xw_error *err)
{
    if (b->out.failed) return xw_buf_status(&b->out, "an answer", err);
    if (b->out.n == 0 || (!all && b->out.n < BULK_WRITE_FROM)) return XW_OK;
    const xw_status st = b->how.write(b->how.user, b->out.data, b->out.n, err);
    xw_buf_clear(&b->out);
    b->write_failed = st != XW_OK;
    return st;
}
