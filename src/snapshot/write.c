/* Writes a compiled model: the sections go through the digest first, then to a file beside the
 * target, which takes the target's name when every byte is on the disk. */
#include "compile.h"
#include "xiwang/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct piece { /* one section in memory */
    const void *bytes;
    size_t size;
} piece;

static void pack_meta(const xw_model *m, snapshot_meta *meta)
{
    memset(meta, 0, sizeof *meta);
    memcpy(meta->levels, m->levels, m->n_levels * sizeof *m->levels);
    meta->effective_unix = m->effective_unix;
    meta->n_levels = m->n_levels;
    meta->revision = m->revision;
    meta->name = m->name;
    meta->net = m->net;
    meta->net_name = m->net_name;
    meta->published = m->published;
}

static size_t padded(size_t n)
{
    return (n + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
}

/* Collects pieces and their table; piece SECTION_COUNT is the table itself. */
static void lay_out(const xw_model *m, const snapshot_meta *meta, const snapshot_parts *p,
                    snapshot_section *table, piece *pieces)
{
    const struct {
        const void *bytes;
        size_t count;
    } from[SECTION_COUNT] = {
        [SECTION_META] = {meta, 1},
        [SECTION_TEXT] = {m->text.bytes, m->text.n},
        [SECTION_PTS] = {m->pts, m->n_pts},
        [SECTION_RINGS] = {m->rings, m->n_rings},
        [SECTION_DIVISIONS] = {m->divisions, m->n_divisions},
        [SECTION_PLOTS] = {m->plots, m->n_plots},
        [SECTION_UNITS] = {m->units, m->n_units},
        [SECTION_BUILDINGS] = {m->buildings, m->n_buildings},
        [SECTION_EDGES] = {m->edges, m->n_edges},
        [SECTION_LINES] = {m->lines, m->n_lines},
        [SECTION_ADDRESSES] = {m->addresses, m->n_addresses},
        [SECTION_FINDINGS] = {m->findings, m->n_findings},
        [SECTION_GRIDS] = {m->grids, m->n_grids},
        [SECTION_GRID_UNITS] = {m->grid_units, m->n_grid_units},
        [SECTION_LINEAGE] = {m->lineage, m->n_lineage},
        [SECTION_RANKS] = {p->ranks, m->n_pts},
        [SECTION_SHADES] = {p->shades, m->n_grids},
        [SECTION_SHAPES] = {p->shapes, p->n_shapes},
        [SECTION_SHAPE_RINGS] = {p->rings, p->n_rings},
        [SECTION_REFS] = {p->refs, p->n_refs},
        [SECTION_BOXES] = {p->boxes, p->n_boxes},
        [SECTION_ORDER] = {p->order, p->n_order},
        [SECTION_NODES] = {p->nodes, p->n_nodes},
        [SECTION_LOCATOR] = {p->locator, p->locator_size / 8},
    };
    static const size_t sizes[SECTION_COUNT] = {
#define X(name, type, text) sizeof(type),
        SNAPSHOT_SECTIONS(X)
#undef X
    };
    size_t at = sizeof(snapshot_head) + padded(SECTION_COUNT * sizeof *table);
    for (int i = 0; i < SECTION_COUNT; i++) {
        pieces[i] = (piece){from[i].bytes, from[i].count * sizes[i]};
        table[i] = (snapshot_section){at, from[i].count, sizes[i]};
        at += padded(pieces[i].size);
    }
}

static xw_status write_all(int fd, const void *bytes, size_t n, xw_error *err)
{
    const char *at = bytes;
    while (n > 0) {
        const ssize_t done = write(fd, at, n < (1u << 30) ? n : 1u << 30);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return xw_fail(err, XW_IO, "%s", strerror(done < 0 ? errno : EIO));
        at += done;
        n -= (size_t)done;
    }
    return XW_OK;
}

/* A piece and the zeros behind it: to the digest, or to a file. */
static xw_status put(snapshot_hash *hash, int fd, piece p, xw_error *err)
{
    unsigned char tail[SNAPSHOT_ALIGN] = {0};
    const size_t whole = p.size / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN, rest = p.size - whole;
    if (rest > 0) memcpy(tail, (const unsigned char *)p.bytes + whole, rest);
    if (hash) {
        if (whole > 0) xw__hash_add(hash, p.bytes, whole);
        if (rest > 0) xw__hash_add(hash, tail, sizeof tail);
        return XW_OK;
    }
    xw_status st = write_all(fd, p.bytes, whole, err);
    if (!st && rest > 0) st = write_all(fd, tail, sizeof tail, err);
    return st;
}

static xw_status write_pieces(const char *temp, const snapshot_head *head, const piece *pieces,
                              piece table, xw_error *err)
{
    const int fd = open(temp, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return xw_fail(err, XW_IO, "%s", strerror(errno));
    xw_status st = write_all(fd, head, sizeof *head, err);
    if (!st) st = put(NULL, fd, table, err);
    for (int i = 0; !st && i < SECTION_COUNT; i++) st = put(NULL, fd, pieces[i], err);
    if (close(fd) && !st) st = xw_fail(err, XW_IO, "%s", strerror(errno));
    return st;
}

static xw_status write_file(const char *path, const snapshot_head *head, const piece *pieces,
                            piece table, xw_error *err)
{
    xw_buf temp;
    xw_buf_init(&temp, 1u << 20);
    xw_status st = xw_file_temp(path, &temp, err);
    if (!st) {
        st = write_pieces(temp.data, head, pieces, table, err);
        if (st) st = xw_fail_within(err, st, "%s", path);
        if (!st) st = xw_file_commit(temp.data, path, true, err);
        if (st) (void)unlink(temp.data);
    }
    xw_buf_finish(&temp);
    return st;
}

xw_status xw_snapshot_write(const xw_model *m, const char *path, const xw_job *job, xw_error *err)
{
    snapshot_parts parts = {0};
    snapshot_meta meta;
    snapshot_section table[SECTION_COUNT];
    piece pieces[SECTION_COUNT];
    xw_status st = xw_model_validate(m, err);
    if (!st) st = xw__parts_create(m, job, &parts, err);
    if (st) return st;
    pack_meta(m, &meta);
    lay_out(m, &meta, &parts, table, pieces);
    const piece table_piece = {table, sizeof table};
    const size_t end = SECTION_COUNT - 1;
    snapshot_head head = {.magic = SNAPSHOT_MAGIC,
                          .version = SNAPSHOT_VERSION,
                          .n_sections = SECTION_COUNT,
                          .size = table[end].offset + padded(pieces[end].size)};
    snapshot_hash hash;
    xw__hash_init(&hash);
    (void)put(&hash, -1, table_piece, NULL);
    for (int i = 0; i < SECTION_COUNT; i++) (void)put(&hash, -1, pieces[i], NULL);
    head.digest = xw__hash_end(&hash);
    st = xw_job_step(job, "snapshot", 0, head.size, err);
    if (!st) st = write_file(path, &head, pieces, table_piece, err);
    if (!st) st = xw_job_step(job, "snapshot", head.size, head.size, err);
    xw__snapshot_parts_finish(&parts);
    return st;
}
