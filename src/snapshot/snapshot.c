/* Opens a file: maps it, verifies the digest and every offset and index, points the model into it.
 * All of it is linear and touches the bytes in order. */
#include "format.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    uint32_t element_size;
    const char *text;
} facts[SECTION_COUNT] = {
#define X(name, type, text) {sizeof(type), text},
    SNAPSHOT_SECTIONS(X)
#undef X
};

size_t xw__shape_count(const xw_model *m, xw_shape_kind kind)
{
    switch (kind) {
    case XW_SHAPE_GRID:
        return m->n_grids;
    case XW_SHAPE_PLOT:
        return m->n_plots;
    case XW_SHAPE_DIVISION:
        return m->n_divisions;
    case XW_SHAPE_BUILDING:
        return m->n_buildings;
    case XW_SHAPE_LINE:
        return m->n_lines;
    case XW_SHAPE_EDGE:
        return m->n_edges;
    case XW_SHAPE_ADDRESS:
        return m->n_addresses;
    default:
        return 0;
    }
}

static xw_status check_head(const xw_snapshot *s, xw_error *err)
{
    snapshot_head h;
    if (s->size < sizeof h) return xw_fail(err, XW_INPUT, "is no snapshot: %zu bytes", s->size);
    memcpy(&h, s->bytes, sizeof h);
    if (h.magic == __builtin_bswap64(SNAPSHOT_MAGIC)) {
        return xw_fail(err, XW_INPUT, "was written on a machine with the other byte order");
    }
    if (h.magic != SNAPSHOT_MAGIC) return xw_fail(err, XW_INPUT, "is no snapshot");
    if (h.version != SNAPSHOT_VERSION) {
        return xw_fail(err, XW_INPUT, "is a snapshot of version %u, this program reads %u",
                       h.version, SNAPSHOT_VERSION);
    }
    if (h.size != s->size || h.size % SNAPSHOT_ALIGN != 0) {
        return xw_fail(err, XW_INPUT, "is cut: %zu of %llu bytes", s->size,
                       (unsigned long long)h.size);
    }
    if (h.n_sections != SECTION_COUNT ||
        s->size < sizeof h + SECTION_COUNT * sizeof(snapshot_section)) {
        return xw_fail(err, XW_INPUT, "has %u sections instead of %d", h.n_sections, SECTION_COUNT);
    }
    snapshot_hash hash;
    xw__hash_init(&hash);
    xw__hash_add(&hash, s->bytes + sizeof h, s->size - sizeof h);
    if (xw__hash_end(&hash) != h.digest) {
        return xw_fail(err, XW_INPUT, "is damaged: the digest does not match");
    }
    return XW_OK;
}

static xw_status check_table(const xw_snapshot *s, snapshot_section *table, xw_error *err)
{
    memcpy(table, s->bytes + sizeof(snapshot_head), SECTION_COUNT * sizeof *table);
    uint64_t end = sizeof(snapshot_head) + SECTION_COUNT * sizeof *table;
    for (int i = 0; i < SECTION_COUNT; i++) {
        const snapshot_section *t = &table[i];
        if (t->element_size != facts[i].element_size) {
            return xw_fail(err, XW_INPUT, "%s: elements of %llu bytes instead of %u", facts[i].text,
                           (unsigned long long)t->element_size, facts[i].element_size);
        }
        if (t->offset < end || t->offset % SNAPSHOT_ALIGN != 0 || t->offset > s->size ||
            t->count > (s->size - t->offset) / t->element_size ||
            (t->count >= XW_NONE && i != SECTION_LOCATOR)) {
            return xw_fail(err, XW_INPUT, "%s: outside the file", facts[i].text);
        }
        end = t->offset + t->count * t->element_size;
    }
    return XW_OK;
}

static void *section(const xw_snapshot *s, const snapshot_section *t)
{
    return s->bytes + t->offset;
}

static xw_status point_model(xw_snapshot *s, const snapshot_section *t, xw_error *err)
{
    xw_model *m = &s->model;
    xw_model_init(m);
    m->borrowed = true;
#define POINT(array, n_array, NAME)                   \
    do {                                              \
        m->array = section(s, &t[SECTION_##NAME]);    \
        m->n_array = (size_t)t[SECTION_##NAME].count; \
    } while (0)
    POINT(text.bytes, text.n, TEXT);
    POINT(pts, n_pts, PTS);
    POINT(rings, n_rings, RINGS);
    POINT(divisions, n_divisions, DIVISIONS);
    POINT(plots, n_plots, PLOTS);
    POINT(units, n_units, UNITS);
    POINT(buildings, n_buildings, BUILDINGS);
    POINT(edges, n_edges, EDGES);
    POINT(lines, n_lines, LINES);
    POINT(addresses, n_addresses, ADDRESSES);
    POINT(findings, n_findings, FINDINGS);
    POINT(grids, n_grids, GRIDS);
    POINT(grid_units, n_grid_units, GRID_UNITS);
    POINT(lineage, n_lineage, LINEAGE);
#undef POINT
    if (t[SECTION_META].count != 1) return xw_fail(err, XW_INPUT, "meta: not one");
    const snapshot_meta *meta = section(s, &t[SECTION_META]);
    memcpy(m->levels, meta->levels, sizeof m->levels);
    m->n_levels = meta->n_levels;
    m->revision = meta->revision;
    m->name = meta->name;
    m->net = meta->net;
    m->net_name = meta->net_name;
    m->effective_unix = meta->effective_unix;
    m->published = meta->published;
    return xw_model_validate(m, err);
}

static xw_status check_outlines(const xw_snapshot *s, const snapshot_section *t, xw_error *err)
{
    const uint64_t n_rings = t[SECTION_SHAPE_RINGS].count, n_refs = t[SECTION_REFS].count;
    for (uint64_t i = 0; i < t[SECTION_SHAPES].count; i++) {
        if ((uint64_t)s->shapes[i].first_ring + s->shapes[i].n_rings > n_rings) {
            return xw_fail(err, XW_INPUT, "outline %llu: rings outside the array",
                           (unsigned long long)i);
        }
    }
    for (uint64_t i = 0; i < n_rings; i++) {
        unsigned char hole; /* a bool with another value must not even be read */
        memcpy(&hole, &s->rings[i].hole, 1);
        if (hole > 1 || s->rings[i].n == 0 ||
            (uint64_t)s->rings[i].first + s->rings[i].n > n_refs) {
            return xw_fail(err, XW_INPUT, "outline ring %llu: edges outside the array",
                           (unsigned long long)i);
        }
    }
    for (uint64_t i = 0; i < n_refs; i++) {
        if (XW_REF_EDGE(s->refs[i]) >= s->model.n_edges) {
            return xw_fail(err, XW_INPUT, "outline: no edge %u", XW_REF_EDGE(s->refs[i]));
        }
    }
    return XW_OK;
}

static xw_status point_rest(xw_snapshot *s, const snapshot_section *t, xw_error *err)
{
    const xw_model *m = &s->model;
    s->ranks = section(s, &t[SECTION_RANKS]);
    s->shades = section(s, &t[SECTION_SHADES]);
    s->shapes = section(s, &t[SECTION_SHAPES]);
    s->rings = section(s, &t[SECTION_SHAPE_RINGS]);
    s->refs = section(s, &t[SECTION_REFS]);
    s->boxes = section(s, &t[SECTION_BOXES]);
    const uint32_t *order = section(s, &t[SECTION_ORDER]);
    const xw_box *nodes = section(s, &t[SECTION_NODES]);
    size_t n_order = 0, n_nodes = 0;
    for (int k = 0; k < XW_SHAPE_KINDS; k++) {
        const size_t n = xw__shape_count(m, (xw_shape_kind)k);
        s->order[k] = order + n_order;
        s->nodes[k] = nodes + n_nodes;
        n_order += n;
        n_nodes += xw__tree_nodes(n);
    }
    s->road_order = order + n_order;
    s->road_nodes = nodes + n_nodes;
    s->n_roads = xw__roads(m, NULL);
    n_order += s->n_roads;
    n_nodes += xw__tree_nodes(s->n_roads);
    if (t[SECTION_RANKS].count != m->n_pts || t[SECTION_SHADES].count != m->n_grids ||
        t[SECTION_SHAPES].count != m->n_grids + m->n_plots + m->n_divisions ||
        t[SECTION_BOXES].count != m->n_buildings + m->n_lines + m->n_edges ||
        t[SECTION_ORDER].count != n_order || t[SECTION_NODES].count != n_nodes) {
        return xw_fail(err, XW_INPUT, "sections do not have the same objects");
    }
    for (int k = 0; k < XW_SHAPE_KINDS; k++) {
        const size_t n = xw__shape_count(m, (xw_shape_kind)k);
        for (size_t i = 0; i < n; i++) {
            if (s->order[k][i] >= n) {
                return xw_fail(err, XW_INPUT, "tree %d: no object %u", k, s->order[k][i]);
            }
        }
    }
    for (size_t i = 0; i < s->n_roads; i++) {
        if (s->road_order[i] >= m->n_edges) {
            return xw_fail(err, XW_INPUT, "tree of roads: no edge %u", s->road_order[i]);
        }
    }
    const xw_status st = check_outlines(s, t, err);
    if (st) return st;
    return xw_locator_view(section(s, &t[SECTION_LOCATOR]), (size_t)t[SECTION_LOCATOR].count * 8,
                           &s->locator, err);
}

/* Most lookups end in a plot whose households are all in one grid: short answers need no more than
 * that, and find it here without going through plots and units. */
static xw_status note_grids(xw_snapshot *s, xw_error *err)
{
    const xw_model *m = &s->model;
    s->only_grid = malloc((m->n_plots + 1) * sizeof *s->only_grid);
    if (!s->only_grid) return xw_fail(err, XW_NOMEM, "grids of plots");
    for (size_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        const xw_unit *u = m->units + p->first_unit;
        uint32_t grid = p->n_units > 0 ? u[0].grid : XW_NONE;
        for (uint32_t k = 1; k < p->n_units; k++) {
            if (u[k].grid != grid) grid = XW_NONE;
        }
        s->only_grid[i] = grid;
    }
    return XW_OK;
}

xw_status xw__snapshot_view(unsigned char *bytes, size_t size, const char *name, xw_snapshot **out,
                            xw_error *err)
{
    *out = NULL;
    snapshot_section table[SECTION_COUNT];
    xw_snapshot *s = calloc(1, sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "snapshot");
    s->bytes = bytes;
    s->size = size;
    xw_status st = check_head(s, err);
    if (!st) st = check_table(s, table, err);
    if (!st) st = point_model(s, table, err);
    if (!st) st = point_rest(s, table, err);
    if (!st) st = note_grids(s, err);
    if (st) {
        free(s->only_grid);
        free(s);
        return xw_fail_within(err, st, "%s", name);
    }
    uint64_t digest;
    memcpy(&digest, bytes + offsetof(snapshot_head, digest), sizeof digest);
    (void)snprintf(s->digest, sizeof s->digest, "%016llx", (unsigned long long)digest);
    *out = s;
    return XW_OK;
}

xw_status xw_snapshot_open(const char *path, xw_snapshot **out, xw_error *err)
{
    *out = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", path,
                       strerror(errno));
    }
    struct stat info;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
        (void)close(fd);
        return xw_fail(err, XW_IO, "%s: is no file", path);
    }
    if (info.st_size < (off_t)sizeof(snapshot_head)) {
        (void)close(fd);
        return xw_fail(err, XW_INPUT, "%s: is no snapshot: %lld bytes", path,
                       (long long)info.st_size);
    }
    const size_t size = (size_t)info.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    const int why = errno;
    (void)close(fd);
    if (bytes == MAP_FAILED) return xw_fail(err, XW_IO, "%s: %s", path, strerror(why));
    (void)posix_madvise(bytes, size, POSIX_MADV_WILLNEED);
    const xw_status st = xw__snapshot_view(bytes, size, path, out, err);
    if (st) {
        (void)munmap(bytes, size);
        return st;
    }
    (*out)->mapped = true;
    return XW_OK;
}

xw_status xw_snapshot_probe(const char *path, xw_error *err)
{
    snapshot_head h;
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return xw_fail(err, errno == ENOENT ? XW_NOT_FOUND : XW_IO, "%s: %s", path,
                       strerror(errno));
    }
    const ssize_t n = read(fd, &h, sizeof h);
    const bool stated = fstat(fd, &info) == 0;
    (void)close(fd);
    if (n != (ssize_t)sizeof h || h.magic != SNAPSHOT_MAGIC || h.version != SNAPSHOT_VERSION ||
        h.n_sections != SECTION_COUNT || !stated || h.size != (uint64_t)info.st_size) {
        return xw_fail(err, XW_INPUT, "%s: is no whole snapshot of version %u", path,
                       SNAPSHOT_VERSION);
    }
    return XW_OK;
}

void xw_snapshot_close(xw_snapshot *s)
{
    if (!s) return;
    if (s->mapped) (void)munmap(s->bytes, s->size);
    free(s->only_grid);
    free(s);
}

const xw_model *xw_snapshot_model(const xw_snapshot *s) { return &s->model; }
const char *xw_snapshot_digest(const xw_snapshot *s) { return s->digest; }
const xw_locator *xw_snapshot_locator(const xw_snapshot *s) { return &s->locator; }
const uint8_t *xw_snapshot_ranks(const xw_snapshot *s) { return s->ranks; }
const uint8_t *xw_snapshot_shades(const xw_snapshot *s) { return s->shades; }
