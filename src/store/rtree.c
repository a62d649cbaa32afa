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
    unsigned char *nodes; /* node 1 first */
    uint32_t *parent;     /* by node */
    uint32_t *node_of;    /* by id of an item, 0: none */
    uint32_t n_nodes, most_id;
    size_t size; /* of a node */
} packer;

/* Writes items [0, n) of one node and gives its box. Above the leaves an item's id is a node. */
static void put_node(const packer *p, uint32_t number, unsigned depth, bool leaf,
                     const xw__rtree_item *items, size_t n, xw__rtree_item *box)
{
    unsigned char *at = put(put(p->nodes + (number - 1) * p->size, depth, 2), n, 2);
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
        (leaf ? p->node_of : p->parent)[c->id] = number;
    }
}

/* Level by level from the leaves; node 1 is the root, the others count from 2. The boxes of a level
 * replace the items of the one below in place. */
static void pack(const packer *p, xw__rtree *t)
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
            put_node(p, number, n_nodes == 1 ? depth : 0, depth == 0, t->items + from, to - from,
                     &box);
            t->items[i] = box;
            from = to;
        }
        if (n_nodes == 1) return;
        t->n = n_nodes;
        tile(t, room);
    }
}

static bool packer_init(packer *p, const xw__rtree *t, size_t size)
{
    const size_t room = (size - HEAD) / CELL;
    size_t n = t->n;
    p->size = size;
    do {
        n = (n + room - 1) / room;
        p->n_nodes += (uint32_t)n;
    } while (n > 1);
    for (size_t i = 0; i < t->n; i++) {
        if (t->items[i].id > p->most_id) p->most_id = t->items[i].id;
    }
    p->nodes = calloc(p->n_nodes, size);
    p->parent = calloc((size_t)p->n_nodes + 1, sizeof *p->parent);
    p->node_of = calloc((size_t)p->most_id + 1, sizeof *p->node_of);
    return p->nodes && p->parent && p->node_of;
}

/* Pairs of a number and a node. */
static xw_status put_pairs(xw__sheets *to, const char *fmt, const char *layer, const uint32_t *node,
                           uint32_t most, xw_error *err)
{
    xw__sheet s;
    xw_status st = xw__sheets_begin(to, fmt, layer, &s, err);
    if (st) return st;
    for (uint32_t i = 1; i <= most && !st; i++) {
        if (node[i] == 0) continue;
        xw__sheet_null(&s);
        xw__sheet_int(&s, node[i]);
        st = xw__sheet_row(&s, i, err);
    }
    return xw__sheet_end(&s, st, err);
}

static xw_status put_nodes(xw__sheets *to, const char *layer, const packer *p, xw_error *err)
{
    xw__sheet s;
    xw_status st = xw__sheets_begin(to, "rtree_%s_geom_node", layer, &s, err);
    if (st) return st;
    for (uint32_t i = 0; i < p->n_nodes && !st; i++) {
        xw__sheet_null(&s);
        xw__sheet_blob(&s, p->nodes + i * p->size, p->size);
        st = xw__sheet_row(&s, (int64_t)i + 1, err);
    }
    return xw__sheet_end(&s, st, err);
}

xw_status xw__rtree_create(const xw__db *db, const char *layer, xw_error *err)
{
    return xw__sql_execf(
        db, err, "CREATE VIRTUAL TABLE \"rtree_%w_geom\" USING rtree(id, minx, maxx, miny, maxy)",
        layer);
}

xw_status xw__rtree_write(xw__sheets *to, const char *layer, xw__rtree *t, xw_error *err)
{
    packer p = {0};
    if (t->n == 0) return XW_OK; /* the module has put an empty root there */
    if (to->node_size < HEAD + 2 * CELL) {
        return xw_fail(err, XW_INTERNAL, "spatial index: node of %zu bytes", to->node_size);
    }
    xw_status st =
        packer_init(&p, t, to->node_size) ? XW_OK : xw_fail(err, XW_NOMEM, "spatial index");
    if (!st) {
        tile(t, (p.size - HEAD) / CELL);
        pack(&p, t);
        st = put_nodes(to, layer, &p, err);
    }
    if (!st) st = put_pairs(to, "rtree_%s_geom_parent", layer, p.parent, p.n_nodes, err);
    if (!st) st = put_pairs(to, "rtree_%s_geom_rowid", layer, p.node_of, p.most_id, err);
    free(p.nodes);
    free(p.parent);
    free(p.node_of);
    return st;
}
