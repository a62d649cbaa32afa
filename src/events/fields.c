/* From JSON to an event: names, limits, and what is refused. */
#include "internal.h"

#include "xiwang/fnv.h"
#include "xiwang/when.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
        "reporter",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (strcasecmp(name, refused[i]) == 0) return true;
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

typedef struct reader {
    xw__arena *arena;
    xw__event *ev;
    xw_error *err;
    bool has_x, has_y;
} reader;

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static xw_status take_text(reader *r, const char *name, const json_t *v, size_t max,
                           const char **out)
{
    const char *text = json_string_value(v);
    if (!text) return xw_fail(r->err, XW_INPUT, "\"%s\" is no text", name);
    if (characters(text) > max) {
        return xw_fail(r->err, XW_INPUT, "\"%s\" has %zu characters, at most %zu are kept", name,
                       characters(text), max);
    }
    *out = xw__arena_copy(r->arena, text, strlen(text));
    return *out ? XW_OK : xw_fail(r->err, XW_NOMEM, "an event");
}

/* A text that names something: not empty, nothing below a space in it. */
static xw_status take_name(reader *r, const char *name, const json_t *v, size_t max,
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

static xw_status take_num(reader *r, const char *name, const json_t *v, double *out)
{
    if (!json_is_number(v)) return xw_fail(r->err, XW_INPUT, "\"%s\" is no number", name);
    *out = json_number_value(v);
    return isfinite(*out) ? XW_OK : xw_fail(r->err, XW_INPUT, "\"%s\" is not finite", name);
}

static xw_status take_accuracy(reader *r, const json_t *v)
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

static xw_status take_floor(reader *r, const json_t *v)
{
    const json_int_t n = json_integer_value(v);
    if (!json_is_integer(v) || n < -XW__FLOOR_LIMIT || n > XW__FLOOR_LIMIT) {
        return xw_fail(r->err, XW_INPUT, "\"floor\" is no whole number within %d", XW__FLOOR_LIMIT);
    }
    r->ev->has_floor = true;
    r->ev->floor = (int)n;
    return XW_OK;
}

static xw_status take_time(reader *r, const json_t *v)
{
    const char *text = json_string_value(v);
    if (!text || !xw_when_parse(text, &r->ev->requested)) {
        return xw_fail(r->err, XW_INPUT, "\"requested_datetime\" is \"%.60s\", RFC 3339 is needed",
                       text ? text : "no text");
    }
    r->ev->has_requested = true;
    return XW_OK;
}

static xw_status take_crs(reader *r, const json_t *v)
{
    char name[48];
    const char *text = json_string_value(v);
    if (!text || !xw__event_crs_name(text, name)) {
        return xw_fail(r->err, XW_INPUT,
                       "\"crs\" is \"%.60s\", known are wgs84, cgcs2000, gcj02, bd09 and EPSG:n",
                       text ? text : "no text");
    }
    r->ev->crs = xw__arena_copy(r->arena, name, strlen(name));
    return r->ev->crs ? XW_OK : xw_fail(r->err, XW_NOMEM, "an event");
}

static xw_status take_status(reader *r, const json_t *v)
{
    const char *text = json_string_value(v);
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

static xw_status take_field(reader *r, const char *k, const json_t *v)
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

xw_status xw__event_read(const char *json, size_t n, xw__arena *a, xw__event *out, xw_error *err)
{
    json_error_t where;
    const char *key;
    json_t *value;
    reader r = {.arena = a, .ev = out, .err = err};
    out->status = "open";
    if (n > XW_EVENT_BYTES_MAX) {
        return xw_fail(err, XW_INPUT, "the event has %zu bytes, at most %d are read", n,
                       XW_EVENT_BYTES_MAX);
    }
    json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        if (json_error_code(&where) == json_error_out_of_memory) {
            return xw_fail(err, XW_NOMEM, "an event");
        }
        return xw_fail(err, XW_INPUT, "the event is no JSON: line %d, column %d: %s", where.line,
                       where.column, where.text);
    }
    xw_status st = json_is_object(root) ? XW_OK : xw_fail(err, XW_INPUT, "the event is no object");
    if (!st) {
        json_object_foreach(root, key, value)
        {
            st = json_is_null(value) && !xw_event_field_is_personal(key)
                     ? XW_OK
                     : take_field(&r, key, value);
            if (st) break;
        }
    }
    json_decref(root);
    if (!st) st = check_whole(&r);
    if (!st) out->hash = hash_event(out);
    return st;
}
