/* Builds the bytes of format.h: a counting sort of the edges into the top grid, then the cells
 * breadth first, splitting those with many edges. Breadth first, because then the items come out in
 * the order of the cells and no offset needs fixing. The label at a corner follows from the corner
 * before it by the same crossing test that queries use. */
#include "format.h"
#include "xiwang/buf.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAF_MAX = 8,    /* split a leaf with more edges than this ... */
    SPLIT_SHIFT = 4, /* ... unless its children would be smaller than 4 units */
    CELLS_A_STEP = 1 << 16
};

/* A grid of square cells: the top one, or the 4 x 4 of a split cell. */
typedef struct frame {
    int64_t ox, oy;
    uint32_t shift;
    int64_t nx, ny;
} frame;

typedef struct place { /* of a cell: its south-west corner, and the label there */
    int64_t x, y;
    uint32_t shift, label;
} place;

typedef struct builder {
    const xw_label_edge *given;
    locator_item *edges; /* upward; those with equal labels left out */
    uint32_t *origin;    /* index into given */
    size_t n_edges;
    locator_head head;
    locator_cell *cells;
    size_t n_cells, cap_cells;
    place *place;
    size_t cap_place;
    size_t *start; /* edges of cell k: id[start[k]] .. id[start[k + 1] - 1] */
    size_t cap_start;
    uint32_t *id;
    size_t n_id, cap_id;
    locator_item *items;
    size_t n_items, cap_items;
} builder;

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); } /* b > 0 */
static int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

/* Cells k of a row whose closed span, widened by one unit, meets [lo, hi]. */
static void cell_range(int64_t lo, int64_t hi, uint32_t shift, int64_t n, int64_t *k0, int64_t *k1)
{
    const int64_t side = INT64_C(1) << shift;
    *k0 = max64(((lo - 1 + side - 1) >> shift) - 1, 0);
    *k1 = min64((hi + 1) >> shift, n - 1);
}

/* The part of row j that the edge comes within a unit of. */
static void row_range(const frame *f, const locator_item *e, int64_t j, int64_t *i0, int64_t *i1)
{
    const int64_t dx = (int64_t)e->bx - e->ax, dy = (int64_t)e->by - e->ay;
    int64_t lo = min64(e->ax, e->bx), hi = max64(e->ax, e->bx);
    if (dy > 0 && dx != 0) {
        const int64_t y0 = max64(e->ay, f->oy + (j << f->shift) - 1);
        const int64_t y1 = min64(e->by, f->oy + ((j + 1) << f->shift) + 1);
        const int64_t x0 = e->ax + floor_div(dx * (y0 - e->ay), dy);
        const int64_t x1 = e->ax + floor_div(dx * (y1 - e->ay), dy);
        lo = max64(lo, min64(x0, x1));
        hi = min64(hi, max64(x0, x1) + 1);
    }
    cell_range(lo - f->ox, hi - f->ox, f->shift, f->nx, i0, i1);
}

/* Counts edge e in each of its cells (id NULL), or places it before end[k] of each. */
static void scatter(const frame *f, const locator_item *e, uint32_t ix, size_t *end, uint32_t *id)
{
    int64_t j0, j1, i0, i1;
    cell_range(e->ay - f->oy, e->by - f->oy, f->shift, f->ny, &j0, &j1);
    for (int64_t j = j0; j <= j1; j++) {
        row_range(f, e, j, &i0, &i1);
        for (int64_t i = i0; i <= i1; i++) {
            size_t *const k = &end[j * f->nx + i];
            if (id) {
                id[--*k] = ix;
            } else {
                ++*k;
            }
        }
    }
}

static xw_status take_edges(builder *b, size_t n, xw_error *err)
{
    xw_box box = XW_BOX_EMPTY;
    b->edges = malloc((n + 1) * sizeof *b->edges);
    b->origin = malloc((n + 1) * sizeof *b->origin);
    if (!b->edges || !b->origin) return xw_fail(err, XW_NOMEM, "%zu edges", n);
    for (size_t i = 0; i < n; i++) {
        const xw_label_edge *g = &b->given[i];
        if (xw_pt_eq(g->a, g->b)) {
            return xw_fail(err, XW_INPUT, "edge %zu: both ends at %d,%d", i, g->a.x, g->a.y);
        }
        if (g->left == g->right) continue;
        const bool up = g->a.y < g->b.y || (g->a.y == g->b.y && g->a.x < g->b.x);
        b->origin[b->n_edges] = (uint32_t)i;
        b->edges[b->n_edges++] =
            up ? (locator_item){g->a.x, g->a.y, g->b.x, g->b.y, g->left, g->right}
               : (locator_item){g->b.x, g->b.y, g->a.x, g->a.y, g->right, g->left};
        box = xw_box_grow(xw_box_grow(box, g->a), g->b);
    }
    b->head = (locator_head){.magic = LOCATOR_MAGIC, .version = LOCATOR_VERSION};
    if (b->n_edges == 0) return XW_OK;
    const int64_t w = (int64_t)box.max.x - box.min.x + 1, h = (int64_t)box.max.y - box.min.y + 1;
    if (box.min.x < -XW_LON_MAX || box.max.x > XW_LON_MAX || box.min.y < -XW_LAT_MAX ||
        box.max.y > XW_LAT_MAX) {
        return xw_fail(err, XW_INPUT, "edges leave the lattice");
    }
    if (w >= LOCATOR_SPAN - 2 || h >= LOCATOR_SPAN - 2) {
        return xw_fail(err, XW_LIMIT, "edges span %.1f x %.1f degrees",
                       (double)w / XW_UNITS_PER_DEG, (double)h / XW_UNITS_PER_DEG);
    }
    int64_t nx = w + 1, ny = h + 1;
    uint32_t shift = 0;
    while (nx * ny > (int64_t)b->n_edges / 2 + 16) {
        shift++;
        nx = (w >> shift) + 1;
        ny = (h >> shift) + 1;
    }
    b->head.shift = shift;
    b->head.ox = box.min.x - 1;
    b->head.oy = box.min.y - 1;
    b->head.w = (uint32_t)w;
    b->head.h = (uint32_t)h;
    b->head.nx = (uint32_t)nx;
    b->head.ny = (uint32_t)ny;
    return XW_OK;
}

/* Appends the cells of a frame and their lists, taken from a stretch of the pool, or from all
 * edges. */
static xw_status add_cells(builder *b, const frame *f, size_t from, size_t n_from, bool all,
                           xw_error *err)
{
    const size_t n = (size_t)(f->nx * f->ny), first = b->n_cells;
    if (first + n >= CELL_SPLIT) return xw_fail(err, XW_LIMIT, "%zu cells", first + n);
    if (!xw_grow((void **)&b->cells, &b->cap_cells, first + n + 1, sizeof *b->cells) ||
        !xw_grow((void **)&b->place, &b->cap_place, first + n, sizeof *b->place) ||
        !xw_grow((void **)&b->start, &b->cap_start, first + n + 1, sizeof *b->start)) {
        return xw_fail(err, XW_NOMEM, "%zu cells", first + n);
    }
    size_t *const end = b->start + first;
    memset(end, 0, (n + 1) * sizeof *end);
    for (size_t i = 0; i < n_from; i++) {
        scatter(f, &b->edges[all ? i : b->id[from + i]], 0, end, NULL);
    }
    size_t sum = b->n_id;
    for (size_t k = 0; k < n; k++) end[k] = sum += end[k];
    end[n] = sum;
    if (!xw_grow((void **)&b->id, &b->cap_id, sum, sizeof *b->id)) {
        return xw_fail(err, XW_NOMEM, "%zu edges in cells", sum);
    }
    for (size_t i = n_from; i-- > 0;) {
        const uint32_t e = all ? (uint32_t)i : b->id[from + i];
        scatter(f, &b->edges[e], e, end, b->id);
    }
    b->n_id = sum;
    for (size_t k = 0; k < n; k++) {
        b->place[first + k] =
            (place){f->ox + ((int64_t)(k % (size_t)f->nx) << f->shift),
                    f->oy + ((int64_t)(k / (size_t)f->nx) << f->shift), f->shift, 0};
    }
    b->n_cells = first + n;
    return XW_OK;
}

static uint32_t cross_list(const builder *b, size_t k, int64_t px, int64_t py)
{
    uint32_t key = 0;
    for (size_t i = b->start[k]; i < b->start[k + 1]; i++) {
        key ^= cross_items(&b->edges[b->id[i]], 1, px, py, b->place[k].x, b->place[k].y);
    }
    return key;
}

static xw_status split_cell(builder *b, size_t k, xw_error *err)
{
    const place p = b->place[k];
    const frame f = {p.x, p.y, p.shift - 2, 4, 4};
    const size_t child = b->n_cells;
    b->cells[k] = (locator_cell){(uint32_t)b->n_items | CELL_SPLIT, (uint32_t)child};
    const xw_status st = add_cells(b, &f, b->start[k], b->start[k + 1] - b->start[k], false, err);
    if (st) return st;
    for (size_t c = child; c < child + 16; c++) {
        b->place[c].label = p.label ^ cross_list(b, k, b->place[c].x, b->place[c].y);
    }
    return XW_OK;
}

/* Keys of the edges that end at a vertex must cancel: a walk round it comes back to the same label.
 * Then every path between two points gives the same answer. Each vertex lies in one leaf, which
 * holds all its edges. */
static xw_status check_vertices(const builder *b, size_t k, xw_error *err)
{
    const place *p = &b->place[k];
    const int64_t side = INT64_C(1) << p->shift;
    const uint32_t *id = b->id + b->start[k];
    const size_t n = b->start[k + 1] - b->start[k];
    for (size_t i = 0; i < 2 * n; i++) {
        const locator_item *e = &b->edges[id[i / 2]];
        const xw_pt v = i % 2 ? (xw_pt){e->bx, e->by} : (xw_pt){e->ax, e->ay};
        if (v.x < p->x || v.x >= p->x + side || v.y < p->y || v.y >= p->y + side) continue;
        uint32_t key = 0;
        for (size_t j = 0; j < n; j++) {
            const locator_item *o = &b->edges[id[j]];
            const bool ends = (o->ax == v.x && o->ay == v.y) || (o->bx == v.x && o->by == v.y);
            if (ends) key ^= o->left ^ o->right;
        }
        if (key != 0) {
            return xw_fail(err, XW_INPUT, "edge %u: the labels around %d,%d do not close",
                           b->origin[id[i / 2]], v.x, v.y);
        }
    }
    return XW_OK;
}

static xw_status finish_leaf(builder *b, size_t k, xw_error *err)
{
    const size_t n = b->start[k + 1] - b->start[k];
    if (b->n_items + n >= CELL_SPLIT) return xw_fail(err, XW_LIMIT, "%zu items", b->n_items + n);
    if (!xw_grow((void **)&b->items, &b->cap_items, b->n_items + n, sizeof *b->items)) {
        return xw_fail(err, XW_NOMEM, "%zu items", b->n_items + n);
    }
    b->cells[k] = (locator_cell){(uint32_t)b->n_items, b->place[k].label};
    for (size_t i = 0; i < n; i++) b->items[b->n_items++] = b->edges[b->id[b->start[k] + i]];
    return XW_OK;
}

/* The whole tree. West of the first column everything is outside; from there labels go east. */
static xw_status fill(builder *b, const xw_job *job, xw_error *err)
{
    const locator_head *h = &b->head;
    const size_t n_top = (size_t)h->nx * h->ny;
    const frame top = {h->ox, h->oy, h->shift, h->nx, h->ny};
    xw_status st = add_cells(b, &top, 0, b->n_edges, true, err);
    for (size_t k = 0; !st && k < b->n_cells; k++) {
        if (k % CELLS_A_STEP == 0) st = xw_job_step(job, "locator", k, b->n_cells, err);
        if (st) break;
        const place p = b->place[k];
        if (k < n_top) {
            const uint32_t east = p.label ^ cross_list(b, k, p.x + (INT64_C(1) << p.shift), p.y);
            if ((k + 1) % h->nx != 0) b->place[k + 1].label = east;
        }
        const bool split = b->start[k + 1] - b->start[k] > LEAF_MAX && p.shift >= SPLIT_SHIFT;
        if (!split) st = check_vertices(b, k, err);
        if (!st) st = split ? split_cell(b, k, err) : finish_leaf(b, k, err);
    }
    return st;
}

static xw_status assemble(builder *b, void **bytes, size_t *size, xw_error *err)
{
    const size_t n = sizeof(locator_head) + (b->n_cells + 1) * sizeof(locator_cell) +
                     b->n_items * sizeof(locator_item);
    unsigned char *out = malloc(n);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu bytes of locator", n);
    b->head.n_cells = (uint32_t)b->n_cells;
    b->head.n_items = (uint32_t)b->n_items;
    unsigned char *at = out;
    memcpy(at, &b->head, sizeof b->head);
    at += sizeof b->head;
    if (b->n_cells > 0) memcpy(at, b->cells, b->n_cells * sizeof *b->cells);
    at += b->n_cells * sizeof *b->cells;
    const locator_cell end = {(uint32_t)b->n_items, 0};
    memcpy(at, &end, sizeof end);
    if (b->n_items > 0) memcpy(at + sizeof end, b->items, b->n_items * sizeof *b->items);
    *bytes = out;
    *size = n;
    return XW_OK;
}

/* The owner of the middle of an edge, in doubled coordinates, must be its label on the east, or
 * north of a horizontal one. That catches wrong labels, and edges that lie on or across each other.
 */
static uint32_t owner_of_middle(const xw_locator *l, const locator_item *e)
{
    const int64_t x2 = (int64_t)e->ax + e->bx, y2 = (int64_t)e->ay + e->by;
    const xw_pt floor_pt = {(int32_t)(x2 >> 1), (int32_t)(y2 >> 1)};
    const locator_cell *cells = locator_cells(l);
    const locator_leaf f =
        locator_descend(l, locator_top(locator_get_head(l), floor_pt), floor_pt.x, floor_pt.y);
    const locator_item *it = locator_items(l) + cells[f.cell].start;
    uint32_t label = cells[f.cell].value;
    for (size_t i = 0; i < leaf_count(cells, f.cell); i++) {
        const wide_edge d = {2 * (int64_t)it[i].ax, 2 * (int64_t)it[i].ay, 2 * (int64_t)it[i].bx,
                             2 * (int64_t)it[i].by};
        label ^=
            (it[i].left ^ it[i].right) & -(uint32_t)path_crosses(&d, x2, y2, 2 * f.x0, 2 * f.y0);
    }
    return label;
}

static xw_status verify(const builder *b, const xw_locator *l, xw_error *err)
{
    for (size_t i = 0; i < b->n_edges; i++) {
        const locator_item *e = &b->edges[i];
        const uint32_t want = e->ay == e->by ? e->left : e->right;
        const uint32_t got = owner_of_middle(l, e);
        if (got != want) {
            return xw_fail(err, XW_INPUT,
                           "edge %u (%d,%d to %d,%d): label %u on one side, found %u", b->origin[i],
                           e->ax, e->ay, e->bx, e->by, want, got);
        }
    }
    return XW_OK;
}

xw_status xw_locator_build(const xw_label_edge *edges, size_t n, const xw_job *job, void **bytes,
                           size_t *size, xw_error *err)
{
    *bytes = NULL;
    *size = 0;
    if (n >= CELL_SPLIT) return xw_fail(err, XW_LIMIT, "%zu edges", n);
    builder b = {.given = edges};
    xw_status st = take_edges(&b, n, err);
    if (!st && b.n_edges > 0) st = fill(&b, job, err);
    if (!st) st = assemble(&b, bytes, size, err);
    if (!st) {
        xw_locator l;
        st = xw_locator_view(*bytes, *size, &l, err);
        if (!st) st = verify(&b, &l, err);
    }
    if (st) {
        free(*bytes);
        *bytes = NULL;
        *size = 0;
    }
    free(b.edges);
    free(b.origin);
    free(b.cells);
    free(b.place);
    free(b.start);
    free(b.id);
    free(b.items);
    return st;
}
