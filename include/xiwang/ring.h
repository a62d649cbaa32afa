/**
 * @file ring.h
 * Rings and areas on the lattice, and their measures in metres.
 *
 * A ring is a borrowed array of vertices, closed without repeating the first one. Areas are lists
 * of rings; outer rings run counter-clockwise, holes clockwise, several outers are allowed. Cost:
 * linear in the vertices. Threads: pure functions.
 */
#ifndef XW_RING_H
#define XW_RING_H

#include "xiwang/lattice.h"

#include <stddef.h>

typedef struct xw_ring {
    const xw_pt *pts; /**< borrowed */
    uint32_t n;
} xw_ring;

xw_box xw_ring_box(xw_ring r);

/** Twice the signed area in square lattice units; > 0 for counter-clockwise. Exact while the ring
 *  spans less than 2^31 units each way (214 degrees). */
int64_t xw_ring_area2(xw_ring r);

/** Does the ring own the point, by the boundary rule of lattice.h? Parity, so orientation does not
 *  matter; exact. */
bool xw_ring_owns(xw_ring r, xw_pt p);

/** Is p on the ring's line? Exact. */
bool xw_ring_touches(xw_ring r, xw_pt p);

/** Metres of one lattice unit of longitude and of latitude at a latitude (CGCS2000 ellipsoid:
 *  a = 6378137 m, f = 1/298.257222101; meridian and prime vertical radii of curvature). Relative
 *  error below 1e-8 there; a kilometre to the north or south mx is off by 1.6e-4 times the tangent
 *  of the latitude. */
typedef struct xw_scale {
    double mx, my;
} xw_scale;
xw_scale xw_scale_at(int32_t lat);

/** Area in square metres (signed as xw_ring_area2), with the scale at the latitude of its centroid:
 *  within 1e-5 of the geodesic area for rings below 50 km and 55 degrees; sides are straight on the
 *  lattice. */
double xw_ring_area_m2(xw_ring r);

/** Length in metres of an open line, scale at each segment's middle. */
double xw_line_length_m(const xw_pt *pts, size_t n);

#endif
