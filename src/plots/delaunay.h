/* Exact Delaunay triangulation of integer points, incremental.
 *
 * Walk to the triangle, split it, restore by Lawson flips (Lawson 1977; Guibas and Stolfi, ACM TOG
 * 4(2), 1985, doi:10.1145/282918.282923). Predicates are exact: orientation in 64 bits, in-circle
 * in doubles with an error bound and 128-bit integers where that is not enough (filter as in
 * Shewchuk, DCG 18(3), 1997, doi:10.1007/PL00009321). Points lie within 2^29 of the origin each
 * way. Points must come in an order where neighbours are close (Hilbert), else the walks are long.
 * Shared inside the layer. One thread at a time. */
#ifndef XW_PLOTS_DELAUNAY_H
#define XW_PLOTS_DELAUNAY_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

#define DELAUNAY_EXTENT \
    (INT32_C(1) << 27) /* of the points; the four far corners lie at 4 times it */

/* Corner c = 3 * t + k of triangle t is vertex v[c]; the edge of c runs from v[c] to the next
 * corner of t, counter-clockwise; mate[c] is the corner whose edge is the same the other way, or
 * NONE. */
typedef struct delaunay {
    xw_pt *pt;
    uint32_t n_pts;
    uint32_t *v, *mate;
    uint32_t n_triangles;
    uint32_t last;
    size_t cap_pts, cap_v, cap_mate;
    uint32_t *stack;
    size_t cap_stack;
} delaunay;

enum { DELAUNAY_CORNERS = 4 }; /* vertices 0..3 are the far corners */

static inline uint32_t corner_next(uint32_t c) { return c % 3 == 2 ? c - 2 : c + 1; }
static inline uint32_t corner_prev(uint32_t c) { return c % 3 == 0 ? c + 2 : c - 1; }

/* Forgets all points, keeps the memory and makes room for n points; a zeroed struct is fine. */
xw_status delaunay_reset(delaunay *d, size_t n, xw_error *err);
/* Adds a point; the walk to it starts at d->last, which becomes its triangle. *vertex is its
 * number, or that of an equal point that is there already. */
xw_status delaunay_add(delaunay *d, xw_pt p, uint32_t *vertex, xw_error *err);
void delaunay_finish(delaunay *d);
/* > 0 when d lies inside the circle through a, b, c (counter-clockwise). Exact. */
int delaunay_in_circle(xw_pt a, xw_pt b, xw_pt c, xw_pt d);

#endif
