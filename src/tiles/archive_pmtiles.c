/* PMTiles version 3. The header and the root directory take the first 16 KiB, the tiles follow as
 * they come (in the order of their numbers: "clustered"), then the leaf directories and the
 * metadata, whose size is known only at the end. Equal tiles are stored once, runs of them are one
 * entry. */
#include "archive_kinds.h"

#include "xiwang/fnv.h"
#include "xiwang/json.h"
#include "xiwang/mercator.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER_SIZE = 127, HEAD_SIZE = 16384, ROOT_MAX = HEAD_SIZE - HEADER_SIZE };
enum { GZIP = 2, MVT = 1, LEAF_ENTRIES = 4096 };

typedef struct entry {
    uint64_t id, offset;  /* offset from the first tile, or leaf */
    uint32_t length, run; /* run 0: a leaf directory */
} entry;

typedef struct content {
    uint64_t hash, offset;
    uint32_t length;
} content;

typedef struct pmtiles {
    int fd;
    const xw_archive_info *info;
    xw_packer *packer;
    xw_buf pending; /* tiles not yet written, at data_size - pending.n */
    uint64_t data_size, n_tiles, n_contents;
    entry *entries;
    size_t n_entries, cap_entries;
    content *slots; /* open addressing, length 0: free */
    size_t n_slots;
    xw_buf compare;
} pmtiles;

static xw_status write_at(int fd, uint64_t at, const char *bytes, size_t n, xw_error *err)
{
    while (n > 0) {
        const ssize_t k = pwrite(fd, bytes, n, (off_t)at);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return xw_fail(err, XW_IO, "%s", strerror(k < 0 ? errno : ENOSPC));
        bytes += k;
        n -= (size_t)k;
        at += (uint64_t)k;
    }
    return XW_OK;
}

static xw_status flush(pmtiles *p, xw_error *err)
{
    const xw_status st = write_at(p->fd, HEAD_SIZE + p->data_size - p->pending.n, p->pending.data,
                                  p->pending.n, err);
    xw_buf_clear(&p->pending);
    return st;
}

static void destroy(void *self)
{
    pmtiles *p = self;
    if (!p) return;
    if (p->fd >= 0) (void)close(p->fd);
    xw_packer_destroy(p->packer);
    xw_buf_finish(&p->pending);
    xw_buf_finish(&p->compare);
    free(p->entries);
    free(p->slots);
    free(p);
}

static xw_status create(const char *path, const xw_archive_info *info, void **out, xw_error *err)
{
    *out = NULL;
    pmtiles *p = calloc(1, sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "archive");
    p->info = info;
    xw_buf_init(&p->pending, SIZE_MAX / 2);
    xw_buf_init(&p->compare, SIZE_MAX / 2);
    p->fd = open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
    xw_status st = p->fd < 0 ? xw_fail(err, XW_IO, "%s", strerror(errno)) : XW_OK;
    if (!st) st = xw_packer_create(&p->packer, err);
    if (st) {
        destroy(p);
        return st;
    }
    *out = p;
    return XW_OK;
}

/* ---- tiles ---- */

static bool grow_slots(pmtiles *p)
{
    const size_t n_slots = p->n_slots ? p->n_slots * 2 : 1024;
    content *slots = calloc(n_slots, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < p->n_slots; i++) {
        if (p->slots[i].length == 0) continue;
        size_t k = p->slots[i].hash & (n_slots - 1);
        while (slots[k].length) k = (k + 1) & (n_slots - 1);
        slots[k] = p->slots[i];
    }
    free(p->slots);
    p->slots = slots;
    p->n_slots = n_slots;
    return true;
}

/* Are these the bytes that were stored at c? Equal hashes are no proof. */
static xw_status same_bytes(pmtiles *p, const content *c, const void *bytes, bool *same,
                            xw_error *err)
{
    const uint64_t written = p->data_size - p->pending.n;
    if (c->offset >= written) {
        *same = memcmp(p->pending.data + (c->offset - written), bytes, c->length) == 0;
        return XW_OK;
    }
    xw_buf_clear(&p->compare);
    char *at = xw_buf_room(&p->compare, c->length);
    if (!at) return xw_buf_status(&p->compare, "tile", err);
    for (size_t n = 0; n < c->length;) {
        const ssize_t k = pread(p->fd, at + n, c->length - n, (off_t)(HEAD_SIZE + c->offset + n));
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return xw_fail(err, XW_IO, "%s", strerror(k < 0 ? errno : EIO));
        n += (size_t)k;
    }
    *same = memcmp(at, bytes, c->length) == 0;
    return XW_OK;
}

/* Where these bytes are in the file; they are stored when they are new. */
static xw_status place_of(pmtiles *p, const void *bytes, size_t n, uint64_t *offset, xw_error *err)
{
    if (2 * p->n_contents >= p->n_slots && !grow_slots(p)) {
        return xw_fail(err, XW_NOMEM, "%llu tiles", (unsigned long long)p->n_tiles);
    }
    uint64_t hash = xw_fnv(XW_FNV, bytes, n);
    hash ^= hash >> 29; /* the slots are chosen by the low bits */
    size_t k = hash & (p->n_slots - 1);
    for (; p->slots[k].length; k = (k + 1) & (p->n_slots - 1)) {
        if (p->slots[k].hash != hash || p->slots[k].length != n) continue;
        bool same = false;
        const xw_status st = same_bytes(p, &p->slots[k], bytes, &same, err);
        if (st) return st;
        if (same) {
            *offset = p->slots[k].offset;
            return XW_OK;
        }
    }
    if (p->pending.n > 1 << 20) {
        const xw_status st = flush(p, err);
        if (st) return st;
    }
    xw_buf_add(&p->pending, bytes, n);
    const xw_status st = xw_buf_status(&p->pending, "tiles", err);
    if (st) return st;
    *offset = p->data_size;
    p->slots[k] = (content){hash, p->data_size, (uint32_t)n};
    p->data_size += n;
    p->n_contents++;
    return XW_OK;
}

static xw_status add(void *self, unsigned z, uint32_t x, uint32_t y, const void *gzip, size_t n,
                     xw_error *err)
{
    pmtiles *p = self;
    const uint64_t id = xw_tile_id(z, x, y);
    if (n == 0 || n > UINT32_MAX) return xw_fail(err, XW_LIMIT, "tile of %zu bytes", n);
    entry *last = p->n_entries ? &p->entries[p->n_entries - 1] : NULL;
    assert(!last || last->id + last->run <= id);
    uint64_t offset = 0;
    const xw_status st = place_of(p, gzip, n, &offset, err);
    if (st) return st;
    p->n_tiles++;
    if (last && last->offset == offset && last->id + last->run == id) {
        last->run++;
        return XW_OK;
    }
    if (!xw_grow((void **)&p->entries, &p->cap_entries, p->n_entries + 1, sizeof *p->entries)) {
        return xw_fail(err, XW_NOMEM, "%zu tiles", p->n_entries);
    }
    p->entries[p->n_entries++] = (entry){id, offset, (uint32_t)n, 1};
    return XW_OK;
}

/* ---- directories ---- */

/* Columns one after the other: numbers as differences, runs, lengths, offsets + 1 or 0 for "right
 * after the one before". */
static xw_status pack_directory(pmtiles *p, const entry *e, size_t n, xw_buf *out, xw_error *err)
{
    xw_buf raw;
    xw_buf_init(&raw, SIZE_MAX / 2);
    xw_buf_varint(&raw, n);
    for (size_t i = 0; i < n; i++) xw_buf_varint(&raw, i ? e[i].id - e[i - 1].id : e[i].id);
    for (size_t i = 0; i < n; i++) xw_buf_varint(&raw, e[i].run);
    for (size_t i = 0; i < n; i++) xw_buf_varint(&raw, e[i].length);
    for (size_t i = 0; i < n; i++) {
        const bool follows = i > 0 && e[i].offset == e[i - 1].offset + e[i - 1].length;
        xw_buf_varint(&raw, follows ? 0 : e[i].offset + 1);
    }
    xw_status st = xw_buf_status(&raw, "directory", err);
    if (!st) st = xw_packer_pack(p->packer, raw.data, raw.n, out, err);
    xw_buf_finish(&raw);
    return st;
}

/* Splits the entries into leaves of `per_leaf` and packs leaves and the root that points at them.
 */
static xw_status pack_leaves(pmtiles *p, size_t per_leaf, xw_buf *root, xw_buf *leaves,
                             xw_error *err)
{
    const size_t n_leaves = (p->n_entries + per_leaf - 1) / per_leaf;
    entry *top = calloc(n_leaves, sizeof *top);
    if (!top) return xw_fail(err, XW_NOMEM, "%zu directories", n_leaves);
    xw_status st = XW_OK;
    xw_buf_clear(leaves);
    for (size_t i = 0; i < n_leaves && !st; i++) {
        const size_t first = i * per_leaf, before = leaves->n;
        const size_t left = p->n_entries - first;
        st = pack_directory(p, p->entries + first, left < per_leaf ? left : per_leaf, leaves, err);
        top[i] = (entry){p->entries[first].id, before, (uint32_t)(leaves->n - before), 0};
    }
    xw_buf_clear(root);
    if (!st) st = pack_directory(p, top, n_leaves, root, err);
    free(top);
    return st;
}

static xw_status pack_directories(pmtiles *p, xw_buf *root, xw_buf *leaves, xw_error *err)
{
    if (p->n_entries <= LEAF_ENTRIES) { /* each entry takes less than 40 bytes: it may fit */
        const xw_status st = pack_directory(p, p->entries, p->n_entries, root, err);
        if (st || root->n <= ROOT_MAX) return st;
    }
    for (size_t per_leaf = LEAF_ENTRIES;; per_leaf += per_leaf / 2) {
        const xw_status st = pack_leaves(p, per_leaf, root, leaves, err);
        if (st || root->n <= ROOT_MAX) return st;
    }
}

static xw_status pack_metadata(pmtiles *p, xw_buf *out, xw_error *err)
{
    const xw_archive_info *const i = p->info;
    xw_buf raw;
    xw_buf_init(&raw, SIZE_MAX / 2);
    xw_json j = xw_json_on(&raw);
    xw_json_open(&j, '{');
    xw_json_kstr(&j, "name", i->name);
    xw_json_kstr(&j, "description", i->description);
    xw_json_kstr(&j, "version", i->version);
    xw_json_kstr(&j, "type", "overlay");
    xw_json_key(&j, "vector_layers");
    xw_json_raw(&j, i->layers_json);
    xw_json_close(&j, '}');
    xw_status st = xw_buf_status(&raw, "metadata", err);
    if (!st) st = xw_packer_pack(p->packer, raw.data, raw.n, out, err);
    xw_buf_finish(&raw);
    return st;
}

static unsigned char *put(unsigned char *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++, v >>= 8) *at++ = (unsigned char)v;
    return at;
}

static void fill_header(const pmtiles *p, size_t root_n, size_t leaves_n, size_t metadata_n,
                        unsigned char head[HEADER_SIZE])
{
    const xw_archive_info *const i = p->info;
    const uint64_t leaves_at = HEAD_SIZE + p->data_size;
    const uint64_t numbers[] = {
        HEADER_SIZE, root_n,       leaves_at + leaves_n, metadata_n,   leaves_at,    leaves_n,
        HEAD_SIZE,   p->data_size, p->n_tiles,           p->n_entries, p->n_contents};
    memcpy(head, "PMTiles\3", 8);
    unsigned char *at = head + 8;
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) at = put(at, numbers[k], 8);
    const unsigned char bytes[] = {
        1 /* clustered */, GZIP, GZIP, MVT, (unsigned char)i->min_zoom, (unsigned char)i->max_zoom};
    memcpy(at, bytes, sizeof bytes);
    at += sizeof bytes;
    /* Degrees times 1e7: the lattice. */
    const int32_t box[] = {i->box.min.x, i->box.min.y, i->box.max.x, i->box.max.y};
    for (size_t k = 0; k < 4; k++) at = put(at, (uint32_t)box[k], 4);
    *at++ = (unsigned char)i->min_zoom;
    const int32_t center[] = {(int32_t)(((int64_t)box[0] + box[2]) / 2),
                              (int32_t)(((int64_t)box[1] + box[3]) / 2)};
    for (size_t k = 0; k < 2; k++) at = put(at, (uint32_t)center[k], 4);
    assert(at == head + HEADER_SIZE);
}

static xw_status finish(void *self, xw_error *err)
{
    pmtiles *p = self;
    xw_buf root, leaves, metadata;
    xw_buf_init(&root, SIZE_MAX / 2);
    xw_buf_init(&leaves, SIZE_MAX / 2);
    xw_buf_init(&metadata, SIZE_MAX / 2);
    xw_status st = flush(p, err);
    if (!st) st = pack_directories(p, &root, &leaves, err);
    if (!st) st = pack_metadata(p, &metadata, err);
    const uint64_t leaves_at = HEAD_SIZE + p->data_size;
    if (!st) st = write_at(p->fd, leaves_at, leaves.data, leaves.n, err);
    if (!st) st = write_at(p->fd, leaves_at + leaves.n, metadata.data, metadata.n, err);
    if (!st) st = write_at(p->fd, HEADER_SIZE, root.data, root.n, err);
    unsigned char head[HEADER_SIZE];
    fill_header(p, root.n, leaves.n, metadata.n, head);
    if (!st) st = write_at(p->fd, 0, (const char *)head, sizeof head, err);
    xw_buf_finish(&root);
    xw_buf_finish(&leaves);
    xw_buf_finish(&metadata);
    return st;
}

const xw__archive_kind xw__pmtiles = {".pmtiles", create, add, finish, destroy};
