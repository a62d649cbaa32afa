/* A coverage for measuring point location: polygons as rings, and the same as labelled edges. */
#ifndef XW_BENCH_COVER_H
#define XW_BENCH_COVER_H

#include "xiwang/locate.h"
#include "xiwang/snapshot.h"

typedef struct bench_ring {
    uint32_t first, n; /* vertices in pts, closed without repeating the first */
    bool hole;         /* a hole of the outer ring before it */
} bench_ring;

typedef struct bench_cover {
    xw_pt *pts;
    size_t n_pts, cap_pts;
    bench_ring *rings;
    size_t n_rings, cap_rings;
    uint32_t *start; /* rings of polygon i: start[i] to start[i + 1] - 1; its label is i + 1 */
    size_t n_polygons, cap_start;
    xw_label_edge *edges;
    size_t n_edges, cap_edges;
    xw_box box;
} bench_cover;

/* A made-up honeycomb: corners moved at random, sides broken into 2 to 8 crooked pieces that both
 * neighbours share, cells about four times as dense in the middle as at the rim, some 60 m across.
 * Proved to be a coverage: XW_INTERNAL when two edges meet elsewhere than at their ends. */
xw_status bench_cover_honeycomb(uint32_t columns, uint32_t rows, uint64_t seed, bench_cover *out,
                                xw_error *err);
/* The plots of a snapshot. */
xw_status bench_cover_snapshot(const xw_snapshot *s, bench_cover *out, xw_error *err);
void bench_cover_finish(bench_cover *c);

/* Points over the whole box. */
void bench_points_uniform(const bench_cover *c, uint64_t seed, xw_pt *p, size_t n);
/* Points around 200 places of the coverage, normally distributed with 30 to 300 m, a few places
 * taking most of them. */
void bench_points_clustered(const bench_cover *c, uint64_t seed, xw_pt *p, size_t n);

#endif
