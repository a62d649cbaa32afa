/* From JSON to an event: names, limits, and what is refused. */
#include "internal.h"

#include "xiwang/digits.h"
#include "xiwang/fnv.h"
#include "xiwang/when.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* phoneNumber, phone-number and Phone Number are phone_number. */
static bool is_same_name(const char *a, const char *b)
{
    static const char gaps[] = "_- ";
    for (;; a++, b++) {
        a += strspn(a, gaps);
        b += strspn(b, gaps);
        const int x = *a >= 'A' && *a <= 'Z' ? *a + 32 : *a;
        if (x != *b) return false;
        if (!x) return true;
    }
}

bool xw_event_field_is_personal(const char *name)
{
    static const char *const refused[] = {
        "name",       "first_name",  "last_name",   "full_name",     "surname",
        "given_name", "nickname",    "phone",       "phone_number",  "telephone",
        "mobile",     "email",       "account_id",  "user_id",       "user_name",
        "device_id",  "imei",        "mac_address", "openid",        "wechat",
        "id_card",    "id_number",   "passport",    "licence_plate", "license_plate",
        "plate",      "media_url",   "media",       "photo",         "image",
        "face",       "fingerprint", "birthday",    "birth_date",    "age",
        "gender",     "ip",          "ip_address",  "contact",       "person",
        "reporter",   "姓名",        "电话",        "电话号码",      "联系电话",
        "手机",       "手机号",      "手机号码",    "联系人",        "联系方式",
        "身份证",     "身份证号",    "身份证号码",  "证件号",        "证件号码",
        "护照",       "车牌",        "车牌号",      "微信",          "微信号",
        "邮箱",       "照片",        "图片",        "年龄",          "性别",
        "出生日期",   "指纹",        "人脸",        "举报人",        "报案人",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (is_same_name(name, refused[i])) return true;
    }
    return false;
}

bool xw__event_crs_name(const char *given, char name[48])
{
    static const char *const ours[] = {"wgs84", "cgcs2000", "gcj02", "bd09"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcasecmp(given, ours[i]) == 0) {
            (void)snprintf(name, 48, "%s", ours[i]);
            return true;
        }
    }
    const size_t n = strlen(given);
    if (strncmp(given, "EPSG:", 5) != 0 || n < 6 || n > 11 ||
        strspn(given + 5, "0123456789") != n - 5) {
        return false;
    }
    (void)snprintf(name, 48, "%s", given);
    return true;
}

/* A value as it came, whoever read it. */
typedef struct value {
    enum { VALUE_TEXT, VALUE_INTEGER, VALUE_REAL, VALUE_NULL, VALUE_OTHER } kind;
    const char *text; /* with its NUL */
    int64_t integer;
    double number; /* of both kinds */
} value;

typedef struct reader {
    xw__arena *arena;
    xw__event *ev;
    xw_error *err;
    bool has_x, has_y;
    bool kept; /* texts are in the arena already */
} reader;

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static xw_status take_text(reader *r, const char *name, const value *v, size_t max,
                           const char **out)
{
    const char *text = v->text;
    if (!text) return xw_fail(r->err, XW_INPUT, "\"%s\" is no text", name);
    if (characters(text) > max) {
        return xw_fail(r->err, XW_INPUT, "\"%s\" has %zu characters, at most %zu are kept", name,
                       characters(text), max);
    }
    *out = r->kept ? text : xw__arena_copy(r->arena, text, strlen(text));
    return *out ? XW_OK : xw_fail(r->err, XW_NOMEM, "an event");
}

/* A text that names something: not empty, nothing below a space in it. */
static xw_status take_name(reader *r, const char *name, const value *v, size_t max,
                           const char **out)
{
    const xw_status st = take_text(r, name, v, max, out);
    if (st) return st;
    if (!**out) return xw_fail(r->err, XW_INPUT, "\"%s\" is empty", name);
    for (const unsigned char *s = (const unsigned char *)*out; *s; s++) {
        if (*s < 0x20 || *s == 0x7F) {
            return xw_fail(r->err, XW_INPUT, "\"%s\" has a control character", name);
        }
    }
    return XW_OK;
}

static xw_status take_num(reader *r, const char *name, const value *v, double *out)
{
    if (v->kind != VALUE_INTEGER && v->kind != VALUE_REAL) {
        return xw_fail(r->err, XW_INPUT, "\"%s\" is no number", name);
    }
    *out = v->number;
    return isfinite(*out) ? XW_OK : xw_fail(r->err, XW_INPUT, "\"%s\" is not finite", name);
}

static xw_status take_accuracy(reader *r, const value *v)
{
    r->ev->has_accuracy = true;
    const xw_status st = take_num(r, "accuracy", v, &r->ev->accuracy);
    if (st) return st;
    if (r->ev->accuracy < 0 || r->ev->accuracy > XW_ACCURACY_MAX_M) {
        return xw_fail(r->err, XW_INPUT, "\"accuracy\" is %g, metres from 0 to %g are needed",
                       r->ev->accuracy, XW_ACCURACY_MAX_M);
    }
    return XW_OK;
}

static xw_status take_floor(reader *r, const value *v)
{
    const int64_t n = v->integer;
    if (v->kind != VALUE_INTEGER || n < -XW__FLOOR_LIMIT || n > XW__FLOOR_LIMIT) {
        return xw_fail(r->err, XW_INPUT, "\"floor\" is no whole number within %d", XW__FLOOR_LIMIT);
    }
    r->ev->has_floor = true;
    r->ev->floor = (int)n;
    return XW_OK;
}

static xw_status take_time(reader *r, const value *v)
{
    const char *text = v->text;
    if (!text || !xw_when_parse(text, &r->ev->requested)) {
        return xw_fail(r->err, XW_INPUT, "\"requested_datetime\" is \"%.60s\", RFC 3339 is needed",
                       text ? text : "no text");
    }
    r->ev->has_requested = true;
    return XW_OK;
}

static xw_status take_crs(reader *r, const value *v)
{
    char name[48];
    const char *text = v->text;
    if (!text || !xw__event_crs_name(text, name)) {
        return xw_fail(r->err, XW_INPUT,
                       "\"crs\" is \"%.60s\", known are wgs84, cgcs2000, gcj02, bd09 and EPSG:n",
                       text ? text : "no text");
    }
    r->ev->crs = xw__arena_copy(r->arena, name, strlen(name));
    return r->ev->crs ? XW_OK : xw_fail(r->err, XW_NOMEM, "an event");
}

static xw_status take_status(reader *r, const value *v)
{
    const char *text = v->text;
    if (text && strcmp(text, "open") == 0) return XW_OK;
    if (text && strcmp(text, "closed") == 0) {
        r->ev->status = "closed";
        return XW_OK;
    }
    return xw_fail(r->err, XW_INPUT, "\"status\" is \"%.60s\", open or closed are known",
                   text ? text : "no text");
}

static xw_status take_unknown(reader *r, const char *k)
{
    if (xw_event_field_is_personal(k)) {
        return xw_fail(r->err, XW_INPUT,
                       "field \"%.60s\" is refused: nothing about persons is taken here", k);
    }
    return xw_fail(r->err, XW_INPUT, "field \"%.60s\" is unknown", k);
}

static xw_status take_field(reader *r, const char *k, const value *v)
{
    xw__event *ev = r->ev;
    if (strcmp(k, "lat") == 0) {
        r->has_y = true;
        return take_num(r, k, v, &ev->y);
    }
    if (strcmp(k, "long") == 0) {
        r->has_x = true;
        return take_num(r, k, v, &ev->x);
    }
    if (strcmp(k, "service_code") == 0) return take_name(r, k, v, 64, &ev->service_code);
    if (strcmp(k, "source") == 0) return take_name(r, k, v, 64, &ev->source);
    if (strcmp(k, "source_event_id") == 0) return take_name(r, k, v, 128, &ev->source_event_id);
    if (strcmp(k, "description") == 0)
        return take_text(r, k, v, XW_EVENT_DESCRIPTION, &ev->description);
    if (strcmp(k, "address_string") == 0) return take_text(r, k, v, 255, &ev->address);
    if (strcmp(k, "accuracy") == 0) return take_accuracy(r, v);
    if (strcmp(k, "floor") == 0) return take_floor(r, v);
    if (strcmp(k, "requested_datetime") == 0) return take_time(r, v);
    if (strcmp(k, "crs") == 0) return take_crs(r, v);
    if (strcmp(k, "status") == 0) return take_status(r, v);
    if (strcmp(k, "jurisdiction_id") == 0) return XW_OK;
    return take_unknown(r, k);
}

static uint64_t hash_double(uint64_t h, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return xw_fnv_u64(h, bits);
}

/* Of what was said, however it was spelled: order of the fields and spaces do not count. */
static uint64_t hash_event(const xw__event *ev)
{
    const char *texts[] = {ev->source, ev->source_event_id, ev->service_code, ev->status,
                           ev->crs,    ev->address,         ev->description};
    uint64_t h = XW_FNV;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        h = xw_fnv_byte(h, texts[i] != NULL);
        h = xw_fnv_text(h, texts[i] ? texts[i] : "");
    }
    h = hash_double(hash_double(h, ev->x), ev->y);
    h = hash_double(xw_fnv_byte(h, ev->has_accuracy), ev->accuracy);
    h = xw_fnv_u64(xw_fnv_byte(h, ev->has_floor), (uint64_t)ev->floor);
    return xw_fnv_u64(xw_fnv_byte(h, ev->has_requested), (uint64_t)ev->requested);
}

static xw_status check_whole(const reader *r)
{
    const xw__event *ev = r->ev;
    if (!ev->service_code) return xw_fail(r->err, XW_INPUT, "\"service_code\" is missing");
    if (!r->has_y) return xw_fail(r->err, XW_INPUT, "\"lat\" is missing");
    if (!r->has_x) return xw_fail(r->err, XW_INPUT, "\"long\" is missing");
    if (!ev->source != !ev->source_event_id) {
        return xw_fail(r->err, XW_INPUT,
                       "\"%s\" is missing: both or neither of source and "
                       "source_event_id are needed",
                       ev->source ? "source_event_id" : "source");
    }
    return XW_OK;
}

/* ---- by jansson: what is not plain, and everything that is wrong ------------------------------
 */

static value value_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_STRING:
        return (value){VALUE_TEXT, json_string_value(v), 0, 0};
    case JSON_INTEGER:
        return (value){VALUE_INTEGER, NULL, json_integer_value(v), json_number_value(v)};
    case JSON_REAL:
        return (value){VALUE_REAL, NULL, 0, json_real_value(v)};
    case JSON_NULL:
        return (value){VALUE_NULL, NULL, 0, 0};
    default:
        return (value){VALUE_OTHER, NULL, 0, 0};
    }
}

static xw_status read_by_tree(reader *r, const char *json, size_t n)
{
    json_error_t where;
    const char *key;
    json_t *member;
    json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        if (json_error_code(&where) == json_error_out_of_memory) {
            return xw_fail(r->err, XW_NOMEM, "an event");
        }
        return xw_fail(r->err, XW_INPUT, "the event is no JSON: line %d, column %d: %s", where.line,
                       where.column, where.text);
    }
    xw_status st =
        json_is_object(root) ? XW_OK : xw_fail(r->err, XW_INPUT, "the event is no object");
    if (!st) {
        json_object_foreach(root, key, member)
        {
            const value v = value_of(member);
            st = v.kind == VALUE_NULL && !xw_event_field_is_personal(key) ? XW_OK
                                                                          : take_field(r, key, &v);
            if (st) break;
        }
    }
    json_decref(root);
    return st;
}

/* ---- plain objects: the usual ones, several times as fast --------------------------------------
 */

static const char *const plain_names[] = {
    "lat",      "long",  "service_code",       "source", "source_event_id", "description",
    "accuracy", "floor", "requested_datetime", "crs",    "address_string",  "status",
};

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) p++;
    return p;
}

/* Bytes of a UTF-8 sequence beyond ASCII, 0 if it is none. */
static size_t sequence(const unsigned char *s, size_t left)
{
    const size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || n > left) return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F)) {
        return 0;
    }
    return n;
}

/* A text without escapes: [*from, return value) is what stands between the quotes. */
static const char *scan_text(const char *p, const char *end, const char **from)
{
    if (p == end || *p != '"') return NULL;
    *from = ++p;
    while (p < end && *p != '"') {
        const unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == '\\') return NULL;
        const size_t n = c < 0x80 ? 1 : sequence((const unsigned char *)p, (size_t)(end - p));
        if (n == 0) return NULL;
        p += n;
    }
    return p < end ? p : NULL;
}

static const char *scan_value(reader *r, const char *p, const char *end, value *out)
{
    *out = (value){VALUE_OTHER, NULL, 0, 0};
    if (*p == '"') {
        const char *from, *stop = scan_text(p, end, &from);
        if (!stop) return NULL;
        out->kind = VALUE_TEXT;
        out->text = xw__arena_copy(r->arena, from, (size_t)(stop - from));
        return out->text ? stop + 1 : NULL;
    }
    const char *stop = xw_digits_read(p, end, &out->number);
    if (!stop) return NULL;
    out->kind = VALUE_INTEGER;
    for (const char *c = p; c < stop; c++) {
        if (*c == '.' || *c == 'e' || *c == 'E') out->kind = VALUE_REAL;
    }
    if (out->kind == VALUE_INTEGER) {
        if (fabs(out->number) > 0x1p53) return NULL;
        out->integer = (int64_t)out->number;
        out->number = (double)out->integer; /* -0 is 0 here */
    }
    return stop;
}

/* The place of a name, the number of names if it is none of them. */
static size_t plain_name(const char *name, size_t n)
{
    const size_t count = sizeof plain_names / sizeof *plain_names;
    size_t i = 0;
    while (i < count && (strlen(plain_names[i]) != n || memcmp(plain_names[i], name, n) != 0)) i++;
    return i;
}

/* A member of the object; NULL for whatever is unusual or wrong. */
static const char *scan_member(reader *r, const char *p, const char *end, unsigned *seen)
{
    const char *name;
    value v;
    const char *stop = scan_text(p, end, &name);
    if (!stop) return NULL;
    const size_t i = plain_name(name, (size_t)(stop - name));
    if (i == sizeof plain_names / sizeof *plain_names || *seen & 1u << i) return NULL;
    *seen |= 1u << i;
    p = skip_space(stop + 1, end);
    if (p == end || *p++ != ':') return NULL;
    p = skip_space(p, end);
    if (p == end) return NULL;
    p = scan_value(r, p, end, &v);
    if (!p || take_field(r, plain_names[i], &v)) return NULL;
    return skip_space(p, end);
}

static bool read_plain(reader *r, const char *p, const char *end)
{
    unsigned seen = 0;
    p = skip_space(p, end);
    if (p == end || *p++ != '{') return false;
    do {
        p = scan_member(r, skip_space(p, end), end, &seen);
        if (!p || p == end) return false;
    } while (*p++ == ',');
    return p[-1] == '}' && skip_space(p, end) == end;
}

static xw_status begin(reader *r, size_t n)
{
    if (n > XW_EVENT_BYTES_MAX) {
        return xw_fail(r->err, XW_INPUT, "the event has %zu bytes, at most %d are read", n,
                       XW_EVENT_BYTES_MAX);
    }
    r->ev->status = "open";
    return XW_OK;
}

static xw_status end(const reader *r)
{
    const xw_status st = check_whole(r);
    if (!st) r->ev->hash = hash_event(r->ev);
    return st;
}

xw_status xw__event_read_by_tree(const char *json, size_t n, xw__arena *a, xw__event *out,
                                 xw_error *err)
{
    reader r = {.arena = a, .ev = out, .err = err};
    xw_status st = begin(&r, n);
    if (!st) st = read_by_tree(&r, json, n);
    return st ? st : end(&r);
}

xw_status xw__event_read(const char *json, size_t n, xw__arena *a, xw__event *out, xw_error *err)
{
    const xw__event blank = *out;
    xw_error unheard = {XW_OK, ""};
    reader r = {.arena = a, .ev = out, .err = &unheard, .kept = true};
    if (!begin(&r, n) && read_plain(&r, json, json + n)) {
        r.err = err;
        return end(&r);
    }
    *out = blank;
    return xw__event_read_by_tree(json, n, a, out, err);
}
