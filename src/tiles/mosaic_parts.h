/* What the files of mosaic.h share. Internal. */
#ifndef XW_TILES_MOSAIC_PARTS_H
#define XW_TILES_MOSAIC_PARTS_H

#include "xiwang/mosaic.h"

#include "xiwang/buf.h"

typedef struct mosaic_box {
    int32_t x0, y0, x1, y1;
} mosaic_box;

static inline bool xw__boxes_meet(const mosaic_box *a, const mosaic_box *b)
{
    return a->x0 <= b->x1 && b->x0 <= a->x1 && a->y0 <= b->y1 && b->y0 <= a->y1;
}

static inline void xw__box_grow(mosaic_box *b, xw_tpt p)
{
    if (p.x < b->x0) b->x0 = p.x;
    if (p.x > b->x1) b->x1 = p.x;
    if (p.y < b->y0) b->y0 = p.y;
    if (p.y > b->y1) b->y1 = p.y;
}

static const mosaic_box mosaic_no_box = {INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};

/* An undirected segment, from the smaller vertex (by x, then y) to the larger one. One that was
 * broken is replaced by its children, which run from a to b. */
typedef struct mosaic_segment {
    uint32_t a, b;
    uint32_t child, n_children; /* in children */
} mosaic_segment;

/* A directed segment of one feature. */
typedef struct mosaic_edge {
    uint32_t a, b;
} mosaic_edge;

typedef struct mosaic_edges {
    mosaic_edge *at;
    size_t n, cap;
} mosaic_edges;

typedef struct mosaic_feature {
    uint32_t first_ring, n_rings; /* of the input */
    uint32_t first_out, n_out;    /* of the result */
    mosaic_box box;
    mosaic_edges edges; /* if is_open */
    bool is_open;       /* it is traced anew; else the one ring of the input is the result */
    bool is_due;        /* its edges have changed since they were looked at */
} mosaic_feature;

typedef struct mosaic_span {
    uint32_t first, n;
} mosaic_span;

/* A simple ring of the feature at hand. */
typedef struct mosaic_loop {
    uint32_t first, n; /* in loop_way */
    int64_t area2;
    uint32_t edge; /* from its first vertex to the second */
    int32_t level; /* winding number of the feature on the left of it: 1 is an outline */
    mosaic_box box;
} mosaic_loop;

struct xw_mosaic {
    xw_tpt *pt;
    size_t n_pt, cap_pt;
    uint32_t *pt_slot; /* open addressing: vertex + 1 */
    size_t n_pt_slots;
    mosaic_segment *seg;
    size_t n_seg, cap_seg;
    uint32_t *seg_slot;
    size_t n_seg_slots;
    uint32_t *children;
    size_t n_children, cap_children;

    uint32_t *way, *way_seg; /* vertices of the input's rings, and the segment after each */
    size_t n_way, cap_way, cap_way_seg;
    mosaic_span *ring;
    size_t n_ring, cap_ring;
    mosaic_feature *feature;
    size_t n_feature, cap_feature, n_made; /* features made so far, with memory to be reused */

    uint32_t *cell_start, *cell_item; /* noding */
    size_t cap_cell_start, cap_cell_item;
    uint32_t *cells;
    size_t cap_cells;
    struct mosaic_break *breaks;
    size_t n_breaks, cap_breaks;

    struct mosaic_spoke *spoke; /* tracing */
    size_t cap_spoke;
    uint32_t *next, *stack, *came, *mark;
    size_t cap_next, cap_stack, cap_came, cap_mark;
    mosaic_loop *loop;
    size_t n_loop, cap_loop;
    uint32_t *loop_way;
    size_t n_loop_way, cap_loop_way;
    mosaic_edges moved;

    xw_mosaic_ring *out;
    size_t n_out, cap_out;
    xw_tpt *out_pt;
    size_t n_out_pt, cap_out_pt;
};

/* The number of a vertex or segment, new or not; MOSAIC_NO_ID for lack of memory. */
#define MOSAIC_NO_ID UINT32_MAX
uint32_t xw__mosaic_vertex(xw_mosaic *m, xw_tpt p);
uint32_t xw__mosaic_segment(xw_mosaic *m, uint32_t a, uint32_t b);

/* (b - a) x (c - a): > 0 when c is on the left of ab, x to the right and y upward. */
static inline int64_t xw__turn(xw_tpt a, xw_tpt b, xw_tpt c)
{
    return (int64_t)(b.x - a.x) * (c.y - a.y) - (int64_t)(b.y - a.y) * (c.x - a.x);
}

/* What the edge pq adds to the winding number around the middle of ab. */
static inline int xw__wind(xw_tpt p, xw_tpt q, xw_tpt a, xw_tpt b)
{
    const xw_tpt mid = {a.x + b.x, a.y + b.y}, p2 = {2 * p.x, 2 * p.y}, q2 = {2 * q.x, 2 * q.y};
    if ((p2.y > mid.y) == (q2.y > mid.y)) return 0;
    const int64_t turn = xw__turn(p2, q2, mid);
    return q2.y > p2.y ? turn > 0 : -(turn < 0); /* the edge passes east of it */
}

static inline bool xw__tpt_less(xw_tpt a, xw_tpt b) { return a.x != b.x ? a.x < b.x : a.y < b.y; }

/* Breaks the segments until none crosses or touches another but at its ends. */
xw_status xw__mosaic_node(xw_mosaic *m, xw_error *err);

/* Cancels edges that run to and fro; equal ones are side by side afterwards. */
void xw__mosaic_cancel(mosaic_edges *edges);
/* Cancels, and traces what is left into m->loop. */
xw_status xw__mosaic_trace(xw_mosaic *m, mosaic_edges *edges, xw_error *err);
/* Winding number of a loop around the middle of ab, which is none of its edges. */
int xw__mosaic_winding(const xw_mosaic *m, const mosaic_loop *l, mosaic_edge ab);

/* The smallest loop of the same level around a loop that is turned the other way: the outline that
 * a hole is in. The loop itself when there is none. */
size_t xw__mosaic_owner(const xw_mosaic *m, size_t at);

/* Hands rings that are wound -1 to the neighbours, until there are none. */
xw_status xw__mosaic_mend(xw_mosaic *m, xw_error *err);
/* Appends the feature's edges, as they are broken now. */
xw_status xw__mosaic_edges_of(xw_mosaic *m, const mosaic_feature *f, mosaic_edges *out,
                              xw_error *err);

#endif
