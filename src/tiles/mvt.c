#include "xiwang/mvt.h"

#include "xiwang/clip.h"
#include "xiwang/fnv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Field numbers of the schema, with the wire type in the low bits. */
enum {
    TILE_LAYER = 3 << 3 | 2,
    LAYER_NAME = 1 << 3 | 2,
    LAYER_FEATURE = 2 << 3 | 2,
    LAYER_KEY = 3 << 3 | 2,
    LAYER_VALUE = 4 << 3 | 2,
    LAYER_EXTENT = 5 << 3,
    LAYER_VERSION = 15 << 3,
    FEATURE_ID = 1 << 3,
    FEATURE_TAGS = 2 << 3 | 2,
    FEATURE_TYPE = 3 << 3,
    FEATURE_GEOMETRY = 4 << 3 | 2,
    VALUE_TEXT = 1 << 3 | 2,
    VALUE_FLOAT = 2 << 3 | 5,
    VALUE_UINT = 5 << 3,
    VALUE_SINT = 6 << 3,
    VALUE_BOOL = 7 << 3
};

enum { MOVE_TO = 1, LINE_TO = 2, CLOSE_PATH = 7 };

typedef struct value {
    uint32_t first, n; /* bytes in values */
} value;

struct xw_mvt {
    xw_buf tile;           /* finished layers */
    xw_buf features;       /* of the layer, each with its tag and length */
    xw_buf values;         /* Value messages of the layer, one after the other */
    xw_buf tags, geometry; /* of the feature */
    char name[64];         /* empty: no layer */
    const char *keys[XW_MVT_KEYS_MAX];
    uint32_t n_keys;
    value *value;
    size_t n_value, cap_value;
    uint32_t *slots; /* open addressing: number of the value + 1 */
    size_t n_slots;
    uint64_t id;
    xw_mvt_type type;
    xw_tpt pen;
    uint32_t n_points; /* of a multipoint, whose command carries the count */
    bool has_feature;
    bool failed; /* no memory for the tables */
};

xw_status xw_mvt_create(size_t ceiling, xw_mvt **out, xw_error *err)
{
    xw_mvt *t = calloc(1, sizeof *t);
    *out = t;
    if (!t) return xw_fail(err, XW_NOMEM, "vector tile");
    xw_buf_init(&t->tile, ceiling);
    xw_buf_init(&t->features, ceiling);
    xw_buf_init(&t->values, ceiling);
    xw_buf_init(&t->tags, ceiling);
    xw_buf_init(&t->geometry, ceiling);
    return XW_OK;
}

void xw_mvt_destroy(xw_mvt *t)
{
    if (!t) return;
    xw_buf_finish(&t->tile);
    xw_buf_finish(&t->features);
    xw_buf_finish(&t->values);
    xw_buf_finish(&t->tags);
    xw_buf_finish(&t->geometry);
    free(t->value);
    free(t->slots);
    free(t);
}

static size_t varint_size(uint64_t v)
{
    size_t n = 1;
    for (; v >= 0x80; v >>= 7) n++;
    return n;
}

static void add_bytes(xw_buf *b, uint64_t field, const void *bytes, size_t n)
{
    xw_buf_varint(b, field);
    xw_buf_varint(b, n);
    xw_buf_add(b, bytes, n);
}

static uint64_t zigzag(int64_t v) { return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63); }

/* ---- attributes ---- */

static uint32_t key_number(xw_mvt *t, const char *key)
{
    for (uint32_t i = 0; i < t->n_keys; i++) {
        if (t->keys[i] == key || strcmp(t->keys[i], key) == 0) return i;
    }
    assert(t->n_keys < XW_MVT_KEYS_MAX);
    t->keys[t->n_keys] = key;
    return t->n_keys++;
}

static uint64_t hash_of(const char *bytes, size_t n)
{
    const uint64_t h = xw_fnv(XW_FNV, bytes, n);
    return h ^ h >> 32;
}

static bool grow_slots(xw_mvt *t)
{
    const size_t n_slots = t->n_slots ? t->n_slots * 2 : 256;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < t->n_value; i++) {
        const value v = t->value[i];
        size_t k = hash_of(t->values.data + v.first, v.n) & (n_slots - 1);
        while (slots[k]) k = (k + 1) & (n_slots - 1);
        slots[k] = (uint32_t)i + 1;
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n_slots;
    return true;
}

/* The number of the value whose message starts at `first` and ends the buffer; one that was there
 * before is taken off again. */
static uint32_t value_number(xw_mvt *t, size_t first)
{
    if (t->values.failed || t->failed) return 0;
    if ((2 * t->n_value >= t->n_slots && !grow_slots(t)) ||
        !xw_grow((void **)&t->value, &t->cap_value, t->n_value + 1, sizeof *t->value)) {
        t->failed = true;
        return 0;
    }
    const size_t n = t->values.n - first;
    size_t k = hash_of(t->values.data + first, n) & (t->n_slots - 1);
    for (; t->slots[k]; k = (k + 1) & (t->n_slots - 1)) {
        const value v = t->value[t->slots[k] - 1];
        if (v.n == n && memcmp(t->values.data + v.first, t->values.data + first, n) == 0) {
            t->values.n = first;
            return t->slots[k] - 1;
        }
    }
    t->value[t->n_value] = (value){(uint32_t)first, (uint32_t)n};
    t->slots[k] = (uint32_t)++t->n_value;
    return (uint32_t)t->n_value - 1;
}

static void add_tag(xw_mvt *t, const char *key, size_t first)
{
    xw_buf_varint(&t->tags, key_number(t, key));
    xw_buf_varint(&t->tags, value_number(t, first));
}

void xw_mvt_tag_text(xw_mvt *t, const char *key, const char *text)
{
    const size_t first = t->values.n;
    add_bytes(&t->values, VALUE_TEXT, text, strlen(text));
    add_tag(t, key, first);
}

void xw_mvt_tag_int(xw_mvt *t, const char *key, int64_t v)
{
    const size_t first = t->values.n;
    xw_buf_varint(&t->values, v < 0 ? VALUE_SINT : VALUE_UINT);
    xw_buf_varint(&t->values, v < 0 ? zigzag(v) : (uint64_t)v);
    add_tag(t, key, first);
}

void xw_mvt_tag_real(xw_mvt *t, const char *key, float v)
{
    const size_t first = t->values.n;
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    const unsigned char bytes[5] = {VALUE_FLOAT, (unsigned char)bits, (unsigned char)(bits >> 8),
                                    (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
    xw_buf_add(&t->values, bytes, sizeof bytes);
    add_tag(t, key, first);
}

void xw_mvt_tag_bool(xw_mvt *t, const char *key, bool v)
{
    const size_t first = t->values.n;
    xw_buf_varint(&t->values, VALUE_BOOL);
    xw_buf_varint(&t->values, v);
    add_tag(t, key, first);
}

/* ---- geometry ---- */

static void add_command(xw_mvt *t, unsigned command, size_t count)
{
    xw_buf_varint(&t->geometry, (uint64_t)count << 3 | command);
}

static void add_pt(xw_mvt *t, xw_tpt p)
{
    xw_buf_varint(&t->geometry, zigzag((int64_t)p.x - t->pen.x));
    xw_buf_varint(&t->geometry, zigzag((int64_t)p.y - t->pen.y));
    t->pen = p;
}

/* A multipoint is one command with the count in front: the count is put there at the end. */
void xw_mvt_point(xw_mvt *t, xw_tpt p)
{
    add_pt(t, p);
    t->n_points++;
}

static size_t without_repeats(const xw_tpt *pts, size_t n)
{
    size_t k = n > 0;
    for (size_t i = 1; i < n; i++) k += !xw_tpt_eq(pts[i - 1], pts[i]);
    return k;
}

static void add_path(xw_mvt *t, const xw_tpt *pts, size_t n, size_t n_kept)
{
    add_command(t, MOVE_TO, 1);
    add_pt(t, pts[0]);
    add_command(t, LINE_TO, n_kept - 1);
    for (size_t i = 1; i < n; i++) {
        if (!xw_tpt_eq(pts[i - 1], pts[i])) add_pt(t, pts[i]);
    }
}

void xw_mvt_line(xw_mvt *t, const xw_tpt *pts, size_t n)
{
    const size_t kept = without_repeats(pts, n);
    if (kept >= 2) add_path(t, pts, n, kept);
}

bool xw_mvt_ring(xw_mvt *t, const xw_tpt *pts, size_t n, bool is_hole)
{
    while (n > 1 && xw_tpt_eq(pts[0], pts[n - 1])) n--;
    const size_t kept = without_repeats(pts, n);
    if (kept < 3) return false;
    const int64_t area2 = xw_tring_area2(pts, n);
    if (is_hole ? area2 >= 0 : area2 <= 0) return false;
    add_path(t, pts, n, kept);
    add_command(t, CLOSE_PATH, 1);
    return true;
}

bool xw_mvt_has_geometry(const xw_mvt *t) { return t->geometry.n > 0; }

/* ---- messages ---- */

static void end_feature(xw_mvt *t)
{
    if (t->has_feature && t->geometry.n > 0 && !t->geometry.failed && !t->tags.failed) {
        const uint64_t count = (uint64_t)t->n_points << 3 | MOVE_TO;
        const size_t geometry_n = t->geometry.n + (t->n_points ? varint_size(count) : 0);
        const size_t tags_n = t->tags.n ? 1 + varint_size(t->tags.n) + t->tags.n : 0;
        const size_t n = (t->id ? 1 + varint_size(t->id) : 0) + tags_n + 2 + 1 +
                         varint_size(geometry_n) + geometry_n;
        xw_buf *const b = &t->features;
        xw_buf_varint(b, LAYER_FEATURE);
        xw_buf_varint(b, n);
        if (t->id) {
            xw_buf_varint(b, FEATURE_ID);
            xw_buf_varint(b, t->id);
        }
        if (t->tags.n) add_bytes(b, FEATURE_TAGS, t->tags.data, t->tags.n);
        xw_buf_varint(b, FEATURE_TYPE);
        xw_buf_varint(b, t->type);
        xw_buf_varint(b, FEATURE_GEOMETRY);
        xw_buf_varint(b, geometry_n);
        if (t->n_points) xw_buf_varint(b, count);
        xw_buf_add(b, t->geometry.data, t->geometry.n);
    }
    if (!t->geometry.failed) xw_buf_clear(&t->geometry);
    if (!t->tags.failed) xw_buf_clear(&t->tags);
    t->has_feature = false;
}

static void forget_layer(xw_mvt *t)
{
    xw_buf_clear(&t->features);
    xw_buf_clear(&t->values);
    if (t->slots) memset(t->slots, 0, t->n_slots * sizeof *t->slots);
    t->n_keys = 0;
    t->n_value = 0;
    t->name[0] = '\0';
}

static size_t layer_size(const xw_mvt *t)
{
    const size_t name_n = strlen(t->name);
    size_t n = 1 + varint_size(name_n) + name_n + t->features.n;
    for (uint32_t i = 0; i < t->n_keys; i++) {
        const size_t key_n = strlen(t->keys[i]);
        n += 1 + varint_size(key_n) + key_n;
    }
    for (size_t i = 0; i < t->n_value; i++) {
        n += 1 + varint_size(t->value[i].n) + t->value[i].n;
    }
    return n + 1 + varint_size(XW_TILE_EXTENT) + 2;
}

static void end_layer(xw_mvt *t)
{
    end_feature(t);
    if (t->features.failed || t->values.failed) return; /* kept for xw_mvt_take */
    if (t->name[0] && t->features.n > 0) {
        xw_buf *const b = &t->tile;
        xw_buf_varint(b, TILE_LAYER);
        xw_buf_varint(b, layer_size(t));
        add_bytes(b, LAYER_NAME, t->name, strlen(t->name));
        xw_buf_add(b, t->features.data, t->features.n);
        for (uint32_t i = 0; i < t->n_keys; i++) {
            add_bytes(b, LAYER_KEY, t->keys[i], strlen(t->keys[i]));
        }
        for (size_t i = 0; i < t->n_value; i++) {
            add_bytes(b, LAYER_VALUE, t->values.data + t->value[i].first, t->value[i].n);
        }
        xw_buf_varint(b, LAYER_EXTENT);
        xw_buf_varint(b, XW_TILE_EXTENT);
        xw_buf_varint(b, LAYER_VERSION);
        xw_buf_varint(b, 2);
    }
    forget_layer(t);
}

void xw_mvt_layer(xw_mvt *t, const char *name)
{
    end_layer(t);
    const size_t n = strlen(name);
    assert(n > 0 && n < sizeof t->name);
    memcpy(t->name, name, n + 1);
}

void xw_mvt_feature(xw_mvt *t, uint64_t id, xw_mvt_type type)
{
    end_feature(t);
    t->id = id;
    t->type = type;
    t->pen = (xw_tpt){0, 0};
    t->n_points = 0;
    t->has_feature = true;
}

xw_status xw_mvt_take(xw_mvt *t, xw_buf *out, xw_error *err)
{
    end_layer(t);
    xw_status st = t->failed ? xw_fail(err, XW_NOMEM, "vector tile") : XW_OK;
    xw_buf *const parts[] = {&t->tile, &t->features, &t->values, &t->tags, &t->geometry};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !st; i++) {
        st = xw_buf_status(parts[i], "vector tile", err);
    }
    if (!st) {
        xw_buf_add(out, t->tile.data, t->tile.n);
        st = xw_buf_status(out, "vector tile", err);
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) xw_buf_clear(parts[i]);
    t->failed = false;
    t->has_feature = false;
    forget_layer(t);
    return st;
}
