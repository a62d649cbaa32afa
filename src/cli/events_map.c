#include "events_map.h"

#include "xiwang/cli.h"
#include "xiwang/events.h"
#include "xiwang/fnv.h"
#include "xiwang/when.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20, PART_MAX = 200, LAT = 1, LONG = 2 };

typedef enum form { TEXT, NUMBER, TIME, STATUS } form;

/* The fields of events.h, and the usual names of columns for them, folded. */
static const struct {
    const char *name;
    form form;
    size_t most; /* characters that are kept */
    const char *usual;
} fields[EVENTS_FIELDS] = {
    {"service_code", TEXT, 64, " servicecode category complainttype eventtype type "},
    {"lat", NUMBER, 0, " lat latitude y "},
    {"long", NUMBER, 0, " long lon lng longitude x "},
    {"crs", TEXT, 0, " crs "},
    {"accuracy", NUMBER, 0, " accuracy accuracym "},
    {"floor", NUMBER, 0, " floor "},
    {"requested_datetime", TIME, 0, " requesteddatetime createddate datetime timestamp "},
    {"source", TEXT, 64, " source "},
    {"source_event_id", TEXT, 128,
     " sourceeventid servicerequestid uniquekey eventid collisionid id "},
    {"status", STATUS, 0, " status "},
    {"address_string", TEXT, 255, " addressstring address incidentaddress "},
    {"description", TEXT, XW_EVENT_DESCRIPTION, " description "},
    {"jurisdiction_id", TEXT, 0, " jurisdictionid "},
};
enum { SOURCE = 7, SOURCE_ID = 8 };

size_t xw__events_field(const char *name)
{
    size_t i = 0;
    while (i < EVENTS_FIELDS && strcmp(fields[i].name, name) != 0) i++;
    return i;
}

/* Letters and digits of a header, small; with @p gap for what stands between them. */
static void fold_name(const char *text, char gap, char out[PART_MAX])
{
    size_t n = 0;
    bool waits = false;
    for (; *text && n + 2 < PART_MAX; text++) {
        const bool kept = g_ascii_isalnum(*text) || (unsigned char)*text >= 0x80;
        if (kept && waits && gap && n > 0) out[n++] = gap;
        if (kept) out[n++] = g_ascii_tolower(*text);
        waits = !kept;
    }
    out[n] = '\0';
}

/* Is one of its words about persons wherever it stands: "Caller Phone", "E-mail address"? */
static bool has_personal_word(const char *name)
{
    static const char *const words[] = {"phone",       "telephone", "mobile", "email",
                                        "imei",        "openid",    "wechat", "surname",
                                        "fingerprint", "birthday"};
    for (const char *at = name; *at; at += strspn(at, "_")) {
        const size_t n = strcspn(at, "_");
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (strlen(words[i]) == n && memcmp(words[i], at, n) == 0) return true;
        }
        at += n;
    }
    return false;
}

static bool is_personal(const char *column)
{
    char name[PART_MAX];
    fold_name(column, '_', name);
    return xw_event_field_is_personal(name) || has_personal_word(name);
}

xw_status xw__events_assign(events_map *m, const char *text, bool constant, xw_error *err)
{
    char name[64];
    const char *equals = strchr(text, '=');
    const char *option = constant ? "set" : "map";
    if (!equals || (size_t)(equals - text) >= sizeof name || !equals[1]) {
        return xw_fail(err, XW_USAGE, "--%s \"%s\" is not FIELD=%s", option, text,
                       constant ? "VALUE" : "COLUMN");
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    if (xw_event_field_is_personal(name)) {
        return xw_fail(err, XW_USAGE,
                       "--%s: field \"%s\" is refused, nothing about persons is taken", option,
                       name);
    }
    const size_t i = xw__events_field(name);
    if (i == EVENTS_FIELDS) {
        return xw_fail(err, XW_USAGE, "--%s: there is no field \"%s\"", option, name);
    }
    events_source *s = &m->fields[i];
    if (s->set || s->wanted) {
        return xw_fail(err, XW_USAGE, "--%s: field \"%s\" is given twice", option, name);
    }
    *(constant ? &s->set : &s->wanted) = equals + 1;
    return XW_OK;
}

static size_t find_column(const csv *header, const char *name, size_t n)
{
    for (size_t i = 0; i < header->n; i++) {
        const char *field = xw__csv_field(header, i);
        if (strlen(field) == n && g_ascii_strncasecmp(field, name, n) == 0) return i;
    }
    return header->n;
}

/* A column whose name has a + in it is found whole before it is taken for two. */
static xw_status resolve_named(events_source *s, const csv *header, xw_error *err)
{
    const char *at = s->wanted;
    while (*at && s->n < EVENTS_PARTS) {
        size_t n = strlen(at), c = find_column(header, at, n);
        if (c == header->n) {
            n = strcspn(at, "+");
            c = find_column(header, at, n);
        }
        if (c == header->n) {
            return xw_fail(err, XW_USAGE, "there is no column \"%.*s\"", (int)n, at);
        }
        if (is_personal(xw__csv_field(header, c))) {
            return xw_fail(err, XW_USAGE,
                           "column \"%s\" is refused: nothing about persons is taken",
                           xw__csv_field(header, c));
        }
        s->columns[s->n++] = c;
        at += n;
        at += *at == '+';
    }
    return *at ? xw_fail(err, XW_USAGE, "more than %d columns for one field", EVENTS_PARTS) : XW_OK;
}

static void resolve_usual(size_t field, events_source *s, const csv *header)
{
    char name[PART_MAX], padded[PART_MAX + 2];
    for (size_t i = 0; i < header->n && s->n == 0; i++) {
        fold_name(xw__csv_field(header, i), '\0', name);
        (void)snprintf(padded, sizeof padded, " %s ", name);
        if (name[0] && strstr(fields[field].usual, padded)) s->columns[s->n++] = i;
    }
}

static bool is_read(const events_map *m, size_t column)
{
    for (size_t f = 0; f < EVENTS_FIELDS; f++) {
        for (size_t k = 0; k < m->fields[f].n; k++) {
            if (m->fields[f].columns[k] == column) return true;
        }
    }
    return false;
}

xw_status xw__events_resolve(events_map *m, const csv *header, xw_buf *unread, xw_error *err)
{
    xw_status st = XW_OK;
    m->n_columns = header->n;
    for (size_t f = 0; f < EVENTS_FIELDS && !st; f++) {
        events_source *s = &m->fields[f];
        if (s->wanted) st = resolve_named(s, header, err);
        if (!s->wanted && !s->set) resolve_usual(f, s, header);
    }
    static const size_t needed[] = {0, LAT, LONG};
    for (size_t i = 0; i < 3 && !st; i++) {
        const events_source *s = &m->fields[needed[i]];
        if (s->n > 0 || s->set) continue;
        const char *name = fields[needed[i]].name;
        st = xw_fail(err, XW_USAGE, "which column is %s? (--map %s=COLUMN or --set %s=VALUE)", name,
                     name, name);
    }
    events_source *source = &m->fields[SOURCE];
    if (source->n == 0 && !source->set) source->set = m->source;
    for (size_t i = 0; i < header->n && !st; i++) {
        const char *name = xw__csv_field(header, i);
        if (is_read(m, i)) continue;
        xw_buf_fmt(unread, "%s%s%s", unread->n > 0 ? ", " : "", name,
                   is_personal(name) ? " (about persons, never taken)" : "");
    }
    return st;
}

/* A run of digits as a number, at most 4 of them. */
static bool read_digits(const char **at, int *out, int *digits)
{
    *out = *digits = 0;
    while (g_ascii_isdigit(**at) && *digits < 5) {
        *out = 10 * *out + (*(*at)++ - '0');
        (*digits)++;
    }
    return *digits > 0 && *digits < 5;
}

/* "7:05", "10:58:54 AM", with fractions of a second, which are cut off. */
static bool read_clock(const char **at, int clock[3])
{
    int digits;
    clock[1] = clock[2] = 0;
    if (!read_digits(at, &clock[0], &digits) || **at != ':') return false;
    (*at)++;
    if (!read_digits(at, &clock[1], &digits) || digits != 2) return false;
    if (**at == ':') {
        (*at)++;
        if (!read_digits(at, &clock[2], &digits) || digits != 2) return false;
        if (**at == '.') *at += 1 + strspn(*at + 1, "0123456789");
    }
    while (**at == ' ') (*at)++;
    const bool am = g_ascii_strncasecmp(*at, "am", 2) == 0;
    const bool pm = g_ascii_strncasecmp(*at, "pm", 2) == 0;
    if (!am && !pm) return clock[0] < 24;
    *at += 2;
    if (clock[0] < 1 || clock[0] > 12) return false;
    clock[0] = clock[0] % 12 + (pm ? 12 : 0);
    return true;
}

/* Year, month, day in the order that is stated; a year of four digits in front needs none. */
static bool read_date(const events_map *m, const char **at, int date[3])
{
    int v[3], digits[3];
    for (int i = 0; i < 3; i++) {
        if (!read_digits(at, &v[i], &digits[i])) return false;
        if (i < 2 && (!**at || !strchr("/-.", *(*at)++))) return false;
    }
    const events_order order = digits[0] == 4 ? ORDER_YMD : m->order;
    static const int place[4][3] = {{0}, {2, 0, 1}, {2, 1, 0}, {0, 1, 2}};
    if (order == ORDER_NONE) return false;
    for (int i = 0; i < 3; i++) date[i] = v[place[order][i]];
    return digits[place[order][0]] == 4;
}

bool xw__events_time(const events_map *m, const char *text, char out[40])
{
    int date[3], clock[3] = {0, 0, 0};
    int64_t unix_s;
    const char *at = text;
    bool ok = read_date(m, &at, date);
    if (ok) {
        at += *at == 'T' && g_ascii_isdigit(at[1]);
        while (*at == ' ') at++;
        if (*at) ok = read_clock(&at, clock);
        while (*at == ' ') at++;
    }
    if (!ok || *at) { /* with a zone of its own */
        if (!xw_when_parse(text, &unix_s)) return false;
        xw_when_text(unix_s, out);
        return true;
    }
    GTimeZone *utc = m->zone ? NULL : g_time_zone_new_utc();
    GDateTime *t = g_date_time_new(m->zone ? m->zone : utc, date[0], date[1], date[2], clock[0],
                                   clock[1], clock[2]);
    if (t) xw_when_text(g_date_time_to_unix(t), out);
    if (t) g_date_time_unref(t);
    if (utc) g_time_zone_unref(utc);
    return t != NULL;
}

/* The text of a field: its constant, or its columns with a blank between, trimmed. */
static xw_status read_text(const events_map *m, const events_source *s, const csv *row, xw_buf *out,
                           xw_error *err)
{
    xw_buf_clear(out);
    if (s->set) xw_buf_text(out, s->set);
    for (size_t k = 0; k < s->n; k++) {
        const char *text = xw__csv_field(row, s->columns[k]);
        while (*text == ' ') text++;
        size_t n = strlen(text);
        while (n > 0 && text[n - 1] == ' ') n--;
        if (n > 0 && out->n > 0) xw_buf_text(out, " ");
        xw_buf_add(out, text, n);
    }
    if (m->from && out->n > 0 && !out->failed) {
        gsize size;
        gchar *utf8 = g_convert_with_iconv(out->data, (gssize)out->n, m->from, NULL, &size, NULL);
        if (!utf8) return xw_fail(err, XW_INPUT, "the row is not in the encoding that was said");
        xw_buf_clear(out);
        xw_buf_add(out, utf8, size);
        g_free(utf8);
    }
    if (out->n > 0 && !out->failed && !g_utf8_validate(out->data, (gssize)out->n, NULL)) {
        return xw_fail(err, XW_INPUT, "the row is no UTF-8 (see --encoding)");
    }
    return xw_buf_status(out, "a row", err);
}

/* What is no number goes as text: then the event is refused by the name of the field. */
static void write_number(xw_json *j, const char *name, const char *text)
{
    char digits[40];
    double v;
    long long whole;
    xw_json_key(j, name);
    if (xw_cli_int(text, -1000000, 1000000, &whole)) {
        xw_json_int(j, whole);
    } else if (xw_cli_num(text, &v)) {
        (void)g_ascii_formatd(digits, sizeof digits, "%.17g", v);
        xw_json_raw(j, digits);
    } else {
        xw_json_str(j, text);
    }
}

static xw_status write_field(const events_map *m, size_t f, xw_buf *text, xw_json *j, xw_error *err)
{
    char when[40];
    switch (fields[f].form) {
    case NUMBER:
        write_number(j, fields[f].name, text->data);
        return XW_OK;
    case TIME:
        if (!xw__events_time(m, text->data, when)) {
            return xw_fail(err, XW_INPUT, "\"%s\" is \"%.60s\", a time is needed (see --dates)",
                           fields[f].name, text->data);
        }
        xw_json_kstr(j, fields[f].name, when);
        return XW_OK;
    case STATUS:
        xw_json_kstr(j, fields[f].name,
                     g_ascii_strcasecmp(text->data, "closed") == 0 ? "closed" : "open");
        return XW_OK;
    case TEXT:
        break;
    }
    if (m->cut && fields[f].most && (size_t)g_utf8_strlen(text->data, -1) > fields[f].most) {
        *g_utf8_offset_to_pointer(text->data, (glong)fields[f].most) = '\0';
    }
    xw_json_kstr(j, fields[f].name, text->data);
    return XW_OK;
}

xw_status xw__events_text(const events_map *m, size_t field, const csv *row, xw_buf *out,
                          xw_error *err)
{
    xw_buf_clear(out);
    if (row->n != m->n_columns) return XW_OK; /* refused for that */
    return read_text(m, &m->fields[field], row, out, err);
}

/* Equal rows are one event. */
static void write_id(const xw_buf *row, xw_json *j)
{
    char id[32];
    (void)snprintf(id, sizeof id, "row-%016llx",
                   (unsigned long long)xw_fnv(XW_FNV, row->data, row->n));
    xw_json_kstr(j, fields[SOURCE_ID].name, id);
}

xw_status xw__events_row(const events_map *m, const csv *row, const double place[2], xw_buf *out,
                         xw_error *err)
{
    xw_buf text;
    xw_buf_clear(out);
    if (row->n != m->n_columns) {
        return xw_fail(err, XW_INPUT, "the row has %zu fields instead of %zu", row->n,
                       m->n_columns);
    }
    xw_buf_init(&text, TEXT_MAX);
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_status st = XW_OK;
    for (size_t f = 0; f < EVENTS_FIELDS && !st; f++) {
        st = read_text(m, &m->fields[f], row, &text, err);
        if (place && (f == LAT || f == LONG)) {
            xw_json_knum(&j, fields[f].name, place[f == LAT], 7);
        } else if (!st && text.n > 0) {
            st = write_field(m, f, &text, &j, err);
        }
    }
    const events_source *id = &m->fields[SOURCE_ID];
    if (id->n == 0 && !id->set && !out->failed) write_id(out, &j);
    xw_json_close(&j, '}');
    xw_buf_finish(&text);
    return st ? st : xw_buf_status(out, "a row", err);
}
