/* A packed R-tree in the tables of SQLite's rtree module. Inserting boxes one by one costs the
 * module some 15 us each; packing them (sort-tile-recursive: Leutenegger, Lopez, Edgington, ICDE
 * 1997, doi:10.1109/ICDE.1997.582015) costs a sort and gives tighter nodes. The node format is part
 * of SQLite's file format: 2 bytes depth (root only), 2 bytes count, then per cell an int64 and
 * minx, maxx, miny, maxy as float32, all big-endian. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 24, HEAD = 4 };

/* float32 is coarser than the lattice: round outwards, so that a box never misses its geometry. */
static float below(int32_t units)
{
    const double d = xw_deg(units);
    const float f = (float)d;
    return (double)f > d ? nextafterf(f, -INFINITY) : f;
}

static float above(int32_t units)
{
    const double d = xw_deg(units);
    const float f = (float)d;
    return (double)f < d ? nextafterf(f, INFINITY) : f;
}

xw_status xw__rtree_add(xw__rtree *t, uint32_t id, xw_box box, xw_error *err)
{
    if (!xw_grow((void **)&t->items, &t->cap, t->n + 1, sizeof *t->items)) {
        return xw_fail(err, XW_NOMEM, "spatial index of %zu rows", t->n + 1);
    }
    t->items[t->n++] = (xw__rtree_item){id, below(box.min.x), above(box.max.x), below(box.min.y),
                                        above(box.max.y)};
    return XW_OK;
}

void xw__rtree_finish(xw__rtree *t)
{
    free(t->items);
    *t = (xw__rtree){0};
}

static int by_centre(float a, float b, uint32_t id_a, uint32_t id_b)
{
    if (a != b) return a < b ? -1 : 1;
    return (id_a > id_b) - (id_a < id_b);
}

static int by_x(const void *a, const void *b)
{
    const xw__rtree_item *p = a, *q = b;
    return by_centre(p->x0 + p->x1, q->x0 + q->x1, p->id, q->id);
}

static int by_y(const void *a, const void *b)
{
    const xw__rtree_item *p = a, *q = b;
    return by_centre(p->y0 + p->y1, q->y0 + q->y1, p->id, q->id);
}

/* Orders the items so that runs of `room` make compact nodes. */
static void tile(xw__rtree *t, size_t room)
{
    if (t->n <= room) return;
    const size_t n_nodes = (t->n + room - 1) / room;
    const size_t n_slices = (size_t)ceil(sqrt((double)n_nodes));
    const size_t slice = (n_nodes + n_slices - 1) / n_slices * room;
    qsort(t->items, t->n, sizeof *t->items, by_x);
    for (size_t i = 0; i < t->n; i += slice) {
        qsort(t->items + i, t->n - i < slice ? t->n - i : slice, sizeof *t->items, by_y);
    }
}

static unsigned char *put(unsigned char *at, uint64_t v, int n_bytes)
{
    while (n_bytes-- > 0) *at++ = (unsigned char)(v >> (8 * n_bytes) & 0xff);
    return at;
}

static unsigned char *put_float(unsigned char *at, float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return put(at, bits, 4);
}

typedef struct packer {
    const xw__db *db;
    sqlite3_stmt *node, *parent, *rowid;
    unsigned char *bytes; /* of one node */
    size_t size;
} packer;

static xw_status put_pair(const packer *p, sqlite3_stmt *st, uint64_t a, uint64_t b, xw_error *err)
{
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)a);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)b);
    return xw__sql_put(p->db, st, "spatial index", err);
}

/* Writes items [0, n) of one node and gives its box. Above the leaves an item's id is a node. */
static xw_status put_node(const packer *p, uint32_t number, unsigned depth, bool leaf,
                          const xw__rtree_item *items, size_t n, xw__rtree_item *box, xw_error *err)
{
    memset(p->bytes, 0, p->size);
    unsigned char *at = put(put(p->bytes, depth, 2), n, 2);
    *box = items[0];
    box->id = number;
    for (size_t i = 0; i < n; i++) {
        const xw__rtree_item *c = &items[i];
        at = put(at, c->id, 8);
        at = put_float(put_float(put_float(put_float(at, c->x0), c->x1), c->y0), c->y1);
        if (c->x0 < box->x0) box->x0 = c->x0;
        if (c->x1 > box->x1) box->x1 = c->x1;
        if (c->y0 < box->y0) box->y0 = c->y0;
        if (c->y1 > box->y1) box->y1 = c->y1;
        const xw_status st = put_pair(p, leaf ? p->rowid : p->parent, c->id, number, err);
        if (st) return st;
    }
    (void)sqlite3_bind_int64(p->node, 1, number);
    (void)sqlite3_bind_blob(p->node, 2, p->bytes, (int)p->size, SQLITE_STATIC);
    return xw__sql_put(p->db, p->node, "spatial index", err);
}

/* Level by level from the leaves; node 1 is the root, the others count from 2. The boxes of a level
 * replace the items of the one below in place. */
static xw_status pack(const packer *p, xw__rtree *t, xw_error *err)
{
    const size_t room = (p->size - HEAD) / CELL;
    uint32_t next = 2;
    for (unsigned depth = 0;; depth++) {
        const size_t n_nodes = (t->n + room - 1) / room;
        size_t from = 0;
        for (size_t i = 0; i < n_nodes; i++) { /* even shares: no nearly empty last node */
            const size_t to = t->n * (i + 1) / n_nodes;
            xw__rtree_item box;
            const uint32_t number = n_nodes == 1 ? 1 : next++;
            const xw_status st = put_node(p, number, n_nodes == 1 ? depth : 0, depth == 0,
                                          t->items + from, to - from, &box, err);
            if (st) return st;
            t->items[i] = box;
            from = to;
        }
        if (n_nodes == 1) return XW_OK;
        t->n = n_nodes;
        tile(t, room);
    }
}

/* The module has put an empty root there: its size is that of all nodes. */
static xw_status node_size(const packer *p, const char *layer, size_t *out, xw_error *err)
{
    sqlite3_stmt *st = NULL;
    char *sql =
        sqlite3_mprintf("SELECT length(data) FROM \"rtree_%w_geom_node\" WHERE nodeno=1", layer);
    xw_status status =
        sql ? xw__sql_prepare(p->db, sql, &st, err) : xw_fail(err, XW_NOMEM, "spatial index");
    sqlite3_free(sql);
    if (status) return status;
    *out = sqlite3_step(st) == SQLITE_ROW ? (size_t)sqlite3_column_int(st, 0) : 0;
    (void)sqlite3_finalize(st);
    return *out >= HEAD + 2 * CELL
               ? XW_OK
               : xw_fail(err, XW_INTERNAL, "spatial index: node of %zu bytes", *out);
}

static xw_status prepare(const xw__db *db, const char *layer, const char *fmt, sqlite3_stmt **out,
                         xw_error *err)
{
    char *sql = sqlite3_mprintf(fmt, layer);
    const xw_status st =
        sql ? xw__sql_prepare(db, sql, out, err) : xw_fail(err, XW_NOMEM, "spatial index");
    sqlite3_free(sql);
    return st;
}

xw_status xw__rtree_write(const xw__db *db, const char *layer, xw__rtree *t, xw_error *err)
{
    packer p = {.db = db};
    xw_status st = xw__sql_execf(
        db, err, "CREATE VIRTUAL TABLE \"rtree_%w_geom\" USING rtree(id, minx, maxx, miny, maxy)",
        layer);
    if (st || t->n == 0) return st;
    st = node_size(&p, layer, &p.size, err);
    if (st) return st;
    p.bytes = malloc(p.size);
    if (!p.bytes) return xw_fail(err, XW_NOMEM, "spatial index");
    st = prepare(db, layer, "INSERT OR REPLACE INTO \"rtree_%w_geom_node\" VALUES(?,?)", &p.node,
                 err);
    if (!st) {
        st = prepare(db, layer, "INSERT INTO \"rtree_%w_geom_parent\" VALUES(?,?)", &p.parent, err);
    }
    if (!st) {
        st = prepare(db, layer, "INSERT INTO \"rtree_%w_geom_rowid\" VALUES(?,?)", &p.rowid, err);
    }
    if (!st) {
        tile(t, (p.size - HEAD) / CELL);
        st = pack(&p, t, err);
    }
    (void)sqlite3_finalize(p.node);
    (void)sqlite3_finalize(p.parent);
    (void)sqlite3_finalize(p.rowid);
    free(p.bytes);
    return st;
}
