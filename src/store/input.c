#include "xiwang/input.h"

#include "xiwang/file.h"
#include "xiwang/fnv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC   UINT64_C(0x0a0d54504e495758) /* "XWINPT\r\n" on a little-endian machine */
#define VERSION UINT32_C(1)

typedef struct xw_input_head {
    uint64_t magic;
    uint32_t version, n_parts;
    uint64_t stamp, digest; /* digest: of all behind the head */
} head;

/* The arrays of a territory in their order. */
#define PARTS(X)                \
    X(pts, xw_pt)               \
    X(rings, xw_span)           \
    X(barriers, xw_barrier)     \
    X(buildings, xw_building)   \
    X(waters, xw_water)         \
    X(exclusives, xw_exclusive) \
    X(divisions, xw_division)   \
    X(addresses, xw_address)    \
    X(findings, xw_finding)

enum {
    PART_RULES,
    PART_TEXT,
#define X(name, type) PART_##name,
    PARTS(X)
#undef X
        N_PARTS
};

typedef struct part {
    uint64_t n, size; /* elements, and the bytes of one */
} part;

/* FNV-1a over words of 8 bytes, the last one filled with zeros. */
static uint64_t digest_of(const char *bytes, size_t n)
{
    uint64_t h = XW_FNV;
    for (size_t i = 0; i < n; i += 8) {
        uint64_t w = 0;
        memcpy(&w, bytes + i, n - i < 8 ? n - i : 8);
        h = (h ^ w) * UINT64_C(0x100000001b3);
        h ^= h >> 29;
    }
    return h;
}

static uint64_t mix(uint64_t h, uint64_t a, uint64_t b)
{
    h = (h ^ a) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
    h = (h ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 31;
}

uint64_t xw_input_stamp(const xw_model *m)
{
    uint64_t h = mix(XW_FNV, m->n_divisions, m->n_edges);
    for (size_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        h = mix(h, (uint64_t)(uint32_t)p->anchor.x << 32 | (uint32_t)p->anchor.y, p->building);
    }
    for (size_t i = 0; i < m->n_units; i++) {
        h = mix(h, m->units[i].plot, m->units[i].households);
    }
    for (size_t i = 0; i < m->n_buildings; i++) {
        h = mix(h, m->buildings[i].plot, m->buildings[i].households);
    }
    return h;
}

void xw_input_path(const char *store, xw_buf *out)
{
    xw_buf_text(out, store);
    xw_buf_text(out, ".input");
}

/* --- writing --------------------------------------------------------------------------------- */

static void add_part(xw_buf *b, const void *bytes, size_t n, size_t size)
{
    const part p = {n, size};
    xw_buf_add(b, &p, sizeof p);
    if (n) xw_buf_add(b, bytes, n * size);
}

/* Barriers have bytes between their members, which are zero in the file. */
static void add_barriers(xw_buf *b, const xw_territory *t)
{
    const part p = {t->n_barriers, sizeof(xw_barrier)};
    xw_buf_add(b, &p, sizeof p);
    for (size_t i = 0; i < t->n_barriers; i++) {
        xw_barrier own;
        memset(&own, 0, sizeof own);
        own.first = t->barriers[i].first;
        own.n = t->barriers[i].n;
        own.name = t->barriers[i].name;
        own.source = t->barriers[i].source;
        own.cls = t->barriers[i].cls;
        own.flags = t->barriers[i].flags;
        xw_buf_add(b, &own, sizeof own);
    }
}

xw_status xw_input_write(const xw_territory *t, const xw_input_rules *rules, uint64_t stamp,
                         const char *path, xw_error *err)
{
    xw_buf b;
    head h = {MAGIC, VERSION, N_PARTS, stamp, 0};
    xw_input_rules own;
    memset(&own, 0, sizeof own);
    own.plots.barrier_classes = rules->plots.barrier_classes;
    own.plots.slice_households = rules->plots.slice_households;
    own.plots.reach_m = rules->plots.reach_m;
    own.priced = rules->priced;
    memcpy(own.cost, rules->cost, sizeof own.cost);
    xw_buf_init(&b, (size_t)1 << 40);
    xw_buf_add(&b, &h, sizeof h);
    add_part(&b, &own, 1, sizeof own);
    add_part(&b, t->text.bytes, t->text.n, 1);
    for (int i = PART_TEXT + 1; i < N_PARTS; i++) {
#define X(name, type) \
    if (i == PART_##name && i != PART_barriers) add_part(&b, t->name, t->n_##name, sizeof(type));
        PARTS(X)
#undef X
        if (i == PART_barriers) add_barriers(&b, t);
    }
    xw_buf_add(&b, &t->name, sizeof t->name);
    xw_status st = xw_buf_status(&b, "input of the store", err);
    if (!st) {
        h.digest = digest_of(b.data + sizeof h, b.n - sizeof h);
        memcpy(b.data, &h, sizeof h);
        st = xw_file_write(path, b.data, b.n, true, err);
    }
    xw_buf_finish(&b);
    return st;
}

/* --- reading --------------------------------------------------------------------------------- */

typedef struct reader {
    const char *path;
    char *bytes;
    size_t n, at;
    xw_error *err;
} reader;

static xw_status bad(const reader *r, const char *why)
{
    return xw_fail(r->err, XW_INPUT, "%.300s: %s", r->path, why);
}

static xw_status read_bytes(reader *r)
{
    FILE *f = fopen(r->path, "rb");
    if (!f) {
        return xw_fail(r->err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%.300s: %s", r->path,
                       strerror(errno));
    }
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    xw_status st = size >= 0 && fseek(f, 0, SEEK_SET) == 0
                       ? XW_OK
                       : xw_fail(r->err, XW_IO, "%.300s: %s", r->path, strerror(errno));
    if (!st && !(r->bytes = malloc((size_t)size + 1))) {
        st = xw_fail(r->err, XW_NOMEM, "%.300s", r->path);
    }
    if (!st) {
        r->n = (size_t)size;
        if (fread(r->bytes, 1, r->n, f) != r->n) st = bad(r, "cannot be read");
    }
    (void)fclose(f);
    return st;
}

/* The next part as an array of its own; borrowed bytes when `to` is NULL. */
static xw_status take_part(reader *r, size_t size, void **to, size_t *n, size_t *cap,
                           const char **borrowed)
{
    part p;
    if (r->n - r->at < sizeof p) return bad(r, "ends too early");
    memcpy(&p, r->bytes + r->at, sizeof p);
    r->at += sizeof p;
    if (p.size != size || p.n > (r->n - r->at) / size) return bad(r, "is damaged");
    *n = (size_t)p.n;
    if (borrowed) *borrowed = r->bytes + r->at;
    if (to) {
        *to = malloc((*n + 1) * size);
        if (!*to) return xw_fail(r->err, XW_NOMEM, "%.300s", r->path);
        if (*n) memcpy(*to, r->bytes + r->at, *n * size);
        *cap = *n + 1;
    }
    r->at += *n * size;
    return XW_OK;
}

/* The pool anew, text by text, with its index; equal positions prove that it is one. */
static xw_status take_texts(reader *r, xw_strings *s)
{
    const char *bytes = NULL;
    size_t n = 0;
    xw_status st = take_part(r, 1, NULL, &n, NULL, &bytes);
    if (st || n == 0) return st;
    if (bytes[n - 1] != '\0' || bytes[0] != '\0') return bad(r, "texts are damaged");
    for (size_t at = 1; at < n && !st;) {
        xw_text t;
        const size_t length = strlen(bytes + at);
        st = xw_strings_add_n(s, bytes + at, length, &t, r->err);
        if (!st && t != at) st = bad(r, "texts are damaged");
        at += length + 1;
    }
    return st;
}

static xw_status take_all(reader *r, xw_territory *t, xw_input_rules *rules)
{
    const char *bytes = NULL;
    size_t n = 0;
    xw_status st = take_part(r, sizeof *rules, NULL, &n, NULL, &bytes);
    if (!st && n != 1) st = bad(r, "is damaged");
    if (!st) memcpy(rules, bytes, sizeof *rules);
    if (!st) st = take_texts(r, &t->text);
#define X(name, type)                                                                           \
    if (!st) {                                                                                  \
        st = take_part(r, sizeof(type), (void **)&t->name, &t->n_##name, &t->cap_##name, NULL); \
    }
    PARTS(X)
#undef X
    if (!st && r->n - r->at != sizeof t->name) st = bad(r, "ends too late");
    if (!st) memcpy(&t->name, r->bytes + r->at, sizeof t->name);
    return st;
}

/* --- what a territory must be ---------------------------------------------------------------- */

static bool is_span(uint32_t first, uint32_t n, size_t of)
{
    return first <= of && n <= of - first;
}

static bool are_texts(const xw_territory *t, const xw_text *x, int n)
{
    for (int i = 0; i < n; i++) {
        if (x[i] >= (t->text.n ? t->text.n : 1)) return false;
    }
    return true;
}

static bool is_area(const xw_territory *t, xw_area a)
{
    return is_span(a.first_ring, a.n_rings, t->n_rings);
}

static bool is_place(xw_pt p)
{
    return p.x >= -XW_LON_MAX && p.x <= XW_LON_MAX && p.y >= -XW_LAT_MAX && p.y <= XW_LAT_MAX;
}

static bool is_building(const xw_territory *t, const xw_building *b)
{
    const xw_text x[] = {b->name, b->source};
    return is_area(t, b->area) && b->area.n_rings > 0 && are_texts(t, x, 2) && b->households >= 0 &&
           b->use < XW_USE_COUNT && b->height_m >= 0 && b->height_m < 1e6F;
}

static bool lines_are_valid(const xw_territory *t)
{
    for (size_t i = 0; i < t->n_pts; i++) {
        if (!is_place(t->pts[i])) return false;
    }
    for (size_t i = 0; i < t->n_rings; i++) {
        if (t->rings[i].n < 3 || !is_span(t->rings[i].first, t->rings[i].n, t->n_pts)) return false;
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        const xw_text x[] = {b->name, b->source};
        if (b->n < 2 || !is_span(b->first, b->n, t->n_pts) || b->cls >= XW_CLASS_COUNT ||
            !are_texts(t, x, 2)) {
            return false;
        }
    }
    return true;
}

static bool is_valid(const xw_territory *t)
{
    if (!lines_are_valid(t) || !are_texts(t, &t->name, 1)) return false;
    for (size_t i = 0; i < t->n_buildings; i++) {
        if (!is_building(t, &t->buildings[i])) return false;
    }
    for (size_t i = 0; i < t->n_waters; i++) {
        const xw_text x[] = {t->waters[i].name, t->waters[i].source};
        if (!is_area(t, t->waters[i].area) || !are_texts(t, x, 2)) return false;
    }
    for (size_t i = 0; i < t->n_exclusives; i++) {
        const xw_exclusive *e = &t->exclusives[i];
        const xw_text x[] = {e->code, e->name, e->kind, e->source};
        if (!is_area(t, e->area) || !are_texts(t, x, 4)) return false;
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        const xw_division *d = &t->divisions[i];
        const xw_text x[] = {d->code, d->name, d->source, d->level, d->parent_code, d->parent_name};
        if (!is_area(t, d->area) || !are_texts(t, x, 6)) return false;
    }
    for (size_t i = 0; i < t->n_addresses; i++) {
        const xw_address *a = &t->addresses[i];
        const xw_text x[] = {a->text, a->street, a->number, a->place};
        const bool known = a->building == XW_NONE || a->building < t->n_buildings;
        if (!known || !is_place(a->at) || !are_texts(t, x, 4)) return false;
    }
    for (size_t i = 0; i < t->n_findings; i++) {
        const xw_finding *f = &t->findings[i];
        const xw_text x[] = {f->kind, f->layer, f->source, f->text};
        if (!is_place(f->at) || !are_texts(t, x, 4)) return false;
    }
    return true;
}

xw_status xw_input_read(const char *path, uint64_t stamp, xw_territory *out, xw_input_rules *rules,
                        xw_error *err)
{
    reader r = {.path = path, .err = err};
    head h;
    xw_territory_init(out);
    memset(rules, 0, sizeof *rules);
    xw_status st = read_bytes(&r);
    if (!st && r.n < sizeof h) st = bad(&r, "is no input of a store");
    if (!st) {
        memcpy(&h, r.bytes, sizeof h);
        r.at = sizeof h;
        if (h.magic != MAGIC) {
            st = bad(&r, "is no input of a store");
        } else if (h.version != VERSION || h.n_parts != N_PARTS) {
            st = bad(&r, "of another version of the program");
        } else if (h.digest != digest_of(r.bytes + r.at, r.n - r.at)) {
            st = bad(&r, "is damaged");
        } else if (h.stamp != stamp) {
            st = bad(&r, "belongs to another revision of the store");
        }
    }
    if (!st) st = take_all(&r, out, rules);
    if (!st && !is_valid(out)) st = bad(&r, "is damaged");
    free(r.bytes);
    if (st) xw_territory_finish(out);
    return st;
}
