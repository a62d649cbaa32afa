/* From a text to the addresses that are like it. */
#include "internal.h"

#include "xiwang/ring.h"
#include "xiwang/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEST_MAX = 64,    /* kept while searching */
    ROWS_MAX = 20000, /* looked at for one question */
    ASK_MAX = 1 << 16,
    NAMED_MAX = 4,
};
static const double least_score = 0.45;
static const double equal = 1e-9;       /* scores this close are equal */
static const double weak = 0.8;         /* common terms are asked for below it */
static const double clear_by = 0.1;     /* the first is this much better than the next */
static const double sure_from = 0.7;    /* below it nobody is named */
static const double good_enough = 0.95; /* no wrong characters are looked for then */
static const double other_place = 0.8;  /* factor for another division than the one named */

typedef struct best {
    uint64_t doc;
    double score, distance_m;
    size_t door;
    int off; /* between the first numbers */
    uint8_t which;
} best;

typedef struct search {
    xw_address_index *ix;
    const xw_snapshot *s;
    const xw_model *m;
    const xw_address_query *query;
    xw__reader reader;
    xw_buf ask;
    xw__folded q[2]; /* as it is; without the divisions it names */
    size_t n_q;
    uint32_t named[NAMED_MAX]; /* divisions in the text */
    size_t n_named;
    uint8_t *within; /* by division: 0 not known yet, 1 not below a named one, 2 below */
    best best[BEST_MAX];
    size_t n;
    xw_error *err;
} search;

static const xw_pt *place_of(const search *s, uint64_t doc, xw_pt *room)
{
    if (doc < s->m->n_addresses) return &s->m->addresses[doc].at;
    const uint32_t b = (uint32_t)(doc - s->m->n_addresses);
    const uint32_t plot = s->m->buildings[b].plot;
    const xw_box box = xw_snapshot_box(s->s, XW_SHAPE_BUILDING, b);
    *room = plot != XW_NONE ? s->m->plots[plot].anchor
                            : (xw_pt){(int32_t)(((int64_t)box.min.x + box.max.x) / 2),
                                      (int32_t)(((int64_t)box.min.y + box.max.y) / 2)};
    return room;
}

static uint32_t building_of(const xw_model *m, uint64_t doc)
{
    return doc < m->n_addresses ? m->addresses[doc].building : (uint32_t)(doc - m->n_addresses);
}

static uint32_t plot_of(const search *s, uint64_t doc)
{
    xw_pt room;
    const uint32_t b = building_of(s->m, doc);
    if (b != XW_NONE && s->m->buildings[b].plot != XW_NONE) return s->m->buildings[b].plot;
    const uint32_t label = xw_locator_find(xw_snapshot_locator(s->s), *place_of(s, doc, &room));
    return label > 0 && label <= s->m->n_plots ? label - 1 : XW_NONE;
}

/* Does the division or one above it bear a name of the text? */
static bool find_named(const search *s, uint32_t division)
{
    const xw_model *m = s->m;
    for (int up = 0; division < m->n_divisions && up < 8; up++) {
        for (size_t k = 0; k < s->n_named; k++) {
            if (m->divisions[division].name == m->divisions[s->named[k]].name) return true;
        }
        const char *parent = xw_model_text(m, m->divisions[division].parent_code);
        uint32_t next = XW_NONE;
        for (uint32_t i = 0; *parent && i < m->n_divisions; i++) {
            if (strcmp(xw_model_text(m, m->divisions[i].code), parent) == 0) next = i;
        }
        division = next;
    }
    return false;
}

static bool is_named(search *s, uint32_t division)
{
    uint8_t *w = &s->within[division];
    if (*w == 0) *w = find_named(s, division) ? 2 : 1;
    return *w == 2;
}

static double distance_m(const search *s, uint64_t doc)
{
    xw_pt room;
    if (!s->query->has_near) return 0.0;
    const xw_pt p = *place_of(s, doc, &room), c = s->query->near;
    const xw_scale k = xw_scale_at((int32_t)(((int64_t)p.y + c.y) / 2));
    return hypot(k.mx * ((double)p.x - c.x), k.my * ((double)p.y - c.y));
}

/* Best first; of equal ones the nearest, then the nearest number, then the order of the model. */
static bool is_before(const best *a, const best *b)
{
    if (fabs(a->score - b->score) > equal) return a->score > b->score;
    if (a->distance_m != b->distance_m) return a->distance_m < b->distance_m;
    if (a->off != b->off) return a->off < b->off;
    return a->doc < b->doc;
}

static int number_off(const xw__folded *q, const xw__folded *t)
{
    const xw__token *a = xw__nth_num(q, 0), *b = xw__nth_num(t, 0);
    if (!a || !b) return a || b ? INT32_MAX : 0;
    return abs(xw__num_value(q, a) - xw__num_value(t, b));
}

static void keep(search *s, const best *b)
{
    if (s->n == BEST_MAX && !is_before(b, &s->best[s->n - 1])) return;
    for (size_t i = 0; i < s->n; i++) {
        if (s->best[i].doc == b->doc) return;
    }
    size_t at = s->n < BEST_MAX ? s->n++ : BEST_MAX - 1;
    for (; at > 0 && is_before(b, &s->best[at - 1]); at--) s->best[at] = s->best[at - 1];
    s->best[at] = *b;
}

static void look_at(search *s, uint64_t doc)
{
    xw__folded t;
    const char *text = xw__doc_text(s->m, doc);
    if (!text || !*text) return;
    xw__fold(text, strlen(text), &t);
    best b = {.doc = doc};
    for (size_t k = 0; k < s->n_q; k++) {
        xw__score score = xw__compare(&s->q[k], &t);
        if (score.score < least_score) continue;
        if (k == 1) {
            const uint32_t plot = plot_of(s, doc);
            if (plot == XW_NONE || !is_named(s, s->m->plots[plot].division)) {
                score.score *= other_place;
            }
        }
        if (score.score <= b.score) continue;
        b.score = score.score;
        b.door = score.door;
        b.which = (uint8_t)k;
        b.off = number_off(&s->q[k], &t);
    }
    if (b.score < least_score) return;
    if (s->n == BEST_MAX && b.score < s->best[s->n - 1].score) return;
    b.distance_m = distance_m(s, doc);
    keep(s, &b);
}

/* Asks the index what is in s->ask, and looks at all of it. */
static xw_status run(search *s)
{
    sqlite3_stmt *find = s->reader.find;
    xw_status st = xw_buf_status(&s->ask, "a search for an address", s->err);
    if (st) return st;
    (void)sqlite3_bind_text(find, 1, s->ask.data, (int)s->ask.n, SQLITE_STATIC);
    (void)sqlite3_bind_int(find, 2, ROWS_MAX);
    int rc;
    while ((rc = sqlite3_step(find)) == SQLITE_ROW) {
        const sqlite3_int64 row = sqlite3_column_int64(find, 0);
        if (row > 0) look_at(s, (uint64_t)row - 1);
    }
    (void)sqlite3_reset(find);
    if (rc == SQLITE_DONE) return XW_OK;
    return xw_fail(s->err, rc == SQLITE_NOMEM ? XW_NOMEM : XW_IO, "index of addresses: %s",
                   sqlite3_errmsg(s->reader.db));
}

static double top(const search *s) { return s->n > 0 ? s->best[0].score : 0.0; }

/* All that was said, then without one number and two, which may be a door. */
static xw_status find_whole(search *s)
{
    xw_status st = XW_OK;
    for (size_t doors = 0; doors < 3 && !st && top(s) < good_enough; doors++) {
        for (size_t k = 0; k < s->n_q && !st; k++) {
            const xw__folded *q = &s->q[k];
            const xw__ask a = {s->ix, q, &s->ask};
            if (doors > 0 && doors >= q->n_nums) continue;
            if (xw__ask_all(&a, true, q->n_nums - doors)) st = run(s);
        }
    }
    return st;
}

/* With something wrong in it: in a name, in a number, or in one so that it is no number, or none of
 * a name, any more. */
static xw_status find_alike(search *s)
{
    const xw__folded *q = &s->q[s->n_q - 1];
    const xw__ask a = {s->ix, q, &s->ask};
    xw_status st = XW_OK;
    if (q->n_nums > 0 && xw__ask_all(&a, true, 0)) st = run(s);
    if (!st && xw__ask_some(&a, false, false)) st = run(s);
    if (!st && q->n_nums > 0 && top(s) < weak && xw__ask_some(&a, true, true)) st = run(s);
    return st;
}

/* A number alone is looked for around the coordinate. */
static xw_status find_near(search *s)
{
    const xw_pt p = s->query->near;
    const xw_scale k = xw_scale_at(p.y);
    const double dx = XW_ADDRESS_NEAR_M / k.mx, dy = XW_ADDRESS_NEAR_M / k.my;
    const xw_box box = {{(int32_t)fmax(p.x - dx, INT32_MIN), (int32_t)fmax(p.y - dy, INT32_MIN)},
                        {(int32_t)fmin(p.x + dx, INT32_MAX), (int32_t)fmin(p.y + dy, INT32_MAX)}};
    uint32_t *ix = NULL;
    size_t n = 0, cap = 0;
    xw_status st = xw_snapshot_query(s->s, XW_SHAPE_ADDRESS, box, &ix, &n, &cap, s->err);
    for (size_t i = 0; i < n && !st; i++) {
        xw__folded t;
        const char *text = xw__doc_text(s->m, ix[i]);
        xw__fold(text, strlen(text), &t);
        const best b = {.doc = ix[i],
                        .score = 0.9,
                        .distance_m = distance_m(s, ix[i]),
                        .door = s->q[0].n_nums - 1,
                        .off = number_off(&s->q[0], &t)};
        if (b.off == 0 && b.distance_m <= XW_ADDRESS_NEAR_M) keep(s, &b);
    }
    free(ix);
    return st;
}

/* Without folding all of it: can the text fold to something that begins with c? */
static bool may_begin(const char *text, uint32_t c)
{
    uint32_t first, to[3];
    const size_t k = xw__utf8_read((const unsigned char *)text, strnlen(text, 4), &first);
    if (k == 0) return false;
    return xw__fold_char(first, to) == 0 || to[0] == c || xw__is_digit(c);
}

static bool begins(const xw__folded *f, size_t at, const xw__folded *name)
{
    return name->n >= 2 && at + name->n < f->n &&
           memcmp(f->c + at, name->c, name->n * sizeof *f->c) == 0;
}

/* The longest name of a division at a place of the text, or XW_NONE. */
static uint32_t division_at(const search *s, const xw__folded *f, size_t at, size_t *n)
{
    uint32_t found = XW_NONE;
    *n = 0;
    for (uint32_t i = 0; i < s->m->n_divisions; i++) {
        xw__folded name;
        const char *text = xw_model_text(s->m, s->m->divisions[i].name);
        if (!may_begin(text, f->c[at])) continue;
        xw__fold(text, strlen(text), &name);
        if (name.n > *n && begins(f, at, &name)) {
            found = i;
            *n = name.n;
        }
    }
    return found;
}

/* The text behind the divisions that it begins with; Latin texts have them at the end too. */
static void read_divisions(search *s)
{
    const xw__folded *f = &s->q[0];
    char text[4 * XW__FOLD_MAX];
    size_t at = 0, end = f->n, n, size = 0;
    while (s->n_named < NAMED_MAX) {
        const uint32_t d = division_at(s, f, at, &n);
        if (d == XW_NONE) break;
        s->named[s->n_named++] = d;
        at += n;
        while (at < f->n && f->c[at] == ' ') at++;
    }
    for (size_t k = f->n_tokens; k > 1 && s->n_named < NAMED_MAX; k--) {
        const xw__token *t = &f->tokens[k - 1];
        if (t->kind != XW__WORD || t->first <= at) break;
        xw__folded padded = *f; /* so that a name may be the end */
        if (padded.n < XW__FOLD_MAX) padded.c[padded.n++] = ' ';
        const uint32_t d = division_at(s, &padded, t->first, &n);
        if (d == XW_NONE || (size_t)t->first + n < end) continue;
        s->named[s->n_named++] = d;
        end = (size_t)t->first - 1;
    }
    if (s->n_named == 0 || at >= end) return;
    for (size_t i = at; i < end; i++) size += xw__utf8_write(f->c[i], text + size);
    xw__fold(text, size, &s->q[1]);
    s->q[1].has_floor = f->has_floor;
    s->q[1].floor = f->floor;
    s->n_q = 2;
}

/* The only finest grid of a plot, or XW_NONE. */
static uint32_t only_grid(const xw_model *m, uint32_t plot, bool has_floor, int floor)
{
    if (plot == XW_NONE) return XW_NONE;
    const xw_plot *p = &m->plots[plot];
    uint32_t grid = XW_NONE;
    bool on_floor = false;
    for (int pass = 0; pass < 2 && grid == XW_NONE; pass++) {
        for (uint32_t i = p->first_unit; i < p->first_unit + p->n_units; i++) {
            const xw_unit *u = &m->units[i];
            on_floor = has_floor && u->floor_min <= floor && floor <= u->floor_max;
            if (pass == 0 && !on_floor) continue;
            if (grid != XW_NONE && grid != u->grid) return XW_NONE;
            grid = u->grid;
        }
    }
    return grid;
}

/* What the text says about the floor: 8层, or the door 802. */
static void read_floor(const search *s, const best *b, xw_address_match *m)
{
    const xw__folded *q = &s->q[b->which];
    m->has_floor = q->has_floor;
    m->floor = q->floor;
    if (m->has_floor || b->door == 0 || m->building == XW_NONE) return;
    const xw__token *door = xw__nth_num(q, q->n_nums - 1);
    const int v = door ? xw__num_value(q, door) : 0;
    if (v < 100 || v > 9999 || v / 100 > s->m->buildings[m->building].floors) return;
    m->has_floor = true;
    m->floor = v / 100;
}

static void read_match(const search *s, const best *b, xw_address_match *m)
{
    xw_pt room;
    *m = (xw_address_match){.address = b->doc < s->m->n_addresses ? (uint32_t)b->doc : XW_NONE,
                            .building = building_of(s->m, b->doc),
                            .plot = plot_of(s, b->doc),
                            .score = b->score,
                            .distance_m = b->distance_m,
                            .at = *place_of(s, b->doc, &room)};
    read_floor(s, b, m);
    m->grid = only_grid(s->m, m->plot, m->has_floor, m->floor);
}

/* The same building by the same text, or by its name too, is one answer. */
static bool is_known(const xw_address_found *out, const xw_address_match *m)
{
    for (uint32_t i = 0; i < out->n; i++) {
        const xw_address_match *o = &out->matches[i];
        const bool same_place = m->building != XW_NONE
                                    ? o->building == m->building
                                    : o->building == XW_NONE && xw_pt_eq(o->at, m->at);
        if (same_place && fabs(o->score - m->score) < equal) return true;
    }
    return false;
}

/* Are the equal ones, and those hardly worse, one answer? */
static void choose(const search *s, xw_address_found *out)
{
    const xw_address_match *first = &out->matches[0];
    const double with = first->score > 1.0 - equal ? first->score - equal : first->score - clear_by;
    bool several = false, near = false;
    for (uint32_t i = 1; i < out->n; i++) {
        const xw_address_match *m = &out->matches[i];
        if (m->score < with) continue;
        const bool same = m->plot == first->plot || (m->grid != XW_NONE && m->grid == first->grid);
        several = several || !same;
        near = near || (!same && m->score < first->score - equal);
    }
    out->choice = !several ? XW_ADDRESS_CLEAR : XW_ADDRESS_AMBIGUOUS;
    if (several && !near && s->query->has_near && first->distance_m <= XW_ADDRESS_DECIDE_M) {
        out->choice = XW_ADDRESS_BY_NEAR;
    }
    if (first->score < sure_from) out->choice = XW_ADDRESS_AMBIGUOUS;
}

static xw_status check_text(const xw_address_query *q, xw_error *err)
{
    const unsigned char *s = (const unsigned char *)q->text;
    bool some = false;
    if (q->n > XW_ADDRESS_BYTES_MAX) {
        return xw_fail(err, XW_INPUT, "the address has %zu bytes, at most %d are read", q->n,
                       XW_ADDRESS_BYTES_MAX);
    }
    for (size_t i = 0, k; i < q->n; i += k) {
        uint32_t c;
        k = xw__utf8_read(s + i, q->n - i, &c);
        if (k == 0) return xw_fail(err, XW_INPUT, "the address is no UTF-8 at byte %zu", i + 1);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0)) {
            return xw_fail(err, XW_INPUT,
                           "the address has the control character U+%04X at byte %zu", c, i + 1);
        }
        some = some || (c != ' ' && c != 0x3000 && c != 0xA0);
    }
    return some ? XW_OK : xw_fail(err, XW_INPUT, "the address is empty");
}

static xw_status find(search *s)
{
    xw_status st = find_whole(s);
    if (!st && top(s) < good_enough) st = find_alike(s);
    const xw__folded *q = &s->q[s->n_q - 1];
    if (!st && s->query->has_near && q->n_nums == q->n_tokens && q->n_nums > 0) st = find_near(s);
    return st;
}

xw_status xw_address_search(xw_address_index *ix, const xw_snapshot *snapshot,
                            const xw_address_query *q, xw_address_found *out, xw_error *err)
{
    out->n = 0;
    out->choice = XW_ADDRESS_AMBIGUOUS;
    xw_status st = check_text(q, err);
    if (st) return st;
    search *s = calloc(1, sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "a search for an address");
    *s = (search){.ix = ix,
                  .s = snapshot,
                  .m = xw_snapshot_model(snapshot),
                  .query = q,
                  .n_q = 1,
                  .err = err};
    xw_buf_init(&s->ask, ASK_MAX);
    xw__fold(q->text, q->n, &s->q[0]);
    s->within = calloc(s->m->n_divisions + 1, 1);
    if (!s->within) st = xw_fail(err, XW_NOMEM, "a search for an address");
    if (!st) read_divisions(s);
    if (!st) st = xw__reader_take(ix, &s->reader, err);
    if (s->reader.db) {
        st = find(s);
        xw__reader_give(ix, &s->reader);
    }
    for (size_t i = 0; i < s->n && !st && out->n < XW_ADDRESS_MATCHES_MAX; i++) {
        xw_address_match m;
        read_match(s, &s->best[i], &m);
        if (!is_known(out, &m)) out->matches[out->n++] = m;
    }
    if (!st && out->n == 0)
        st = xw_fail(err, XW_NOT_FOUND, "no address is like \"%.*s\"", (int)q->n, q->text);
    if (!st) choose(s, out);
    xw_buf_finish(&s->ask);
    free(s->within);
    free(s);
    return st;
}
