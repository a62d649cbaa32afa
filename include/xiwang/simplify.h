/**
 * @file simplify.h
 * Simplification of shared chains, once for all zooms: each vertex gets the smallest zoom at which
 * it is drawn. Both sides of a chain and all levels use the same ranks, so borders stay shared.
 *
 * Distances are measured where they are seen: on the web mercator map, with the scale at the middle
 * latitude of the chain. The tolerance at zoom z is half a pixel of a 512 pixel tile, that is
 * XW_SIMPLIFY_TOLERANCE / 2^z lattice units of longitude.
 * Threads: pure function, share freely.
 */
#ifndef XW_SIMPLIFY_H
#define XW_SIMPLIFY_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

#define XW_ZOOM_MAX 22
/** Half a pixel at zoom 0: 360 degrees / 512 / 2, in lattice units of longitude. */
#define XW_SIMPLIFY_TOLERANCE 3515625.0

/**
 * Ranks the vertices of an open chain (or a closed one whose first and last vertex are equal).
 * End vertices have rank 0; a closed chain keeps at least three distinct vertices from zoom 0 on,
 * if it has so many. A vertex with rank r is kept at zoom z when r <= z; what is dropped lies
 * within half a pixel (of 512 in a tile) of the segment that replaces it, and from XW_ZOOM_MAX on
 * nothing is dropped. Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727, with the tolerance
 * made hierarchical (a child is never kept before its parent), so the vertices kept at a zoom are
 * exactly those of the classic method at that zoom's tolerance. Cost: O(n log n) typical, O(n^2)
 * worst; no recursion, no allocation.
 * @param pts   borrowed; n may be 0
 * @param rank  receives n values 0..XW_ZOOM_MAX
 * @return XW_OK; XW_LIMIT for n > UINT32_MAX
 */
xw_status xw_chain_ranks(const xw_pt *pts, size_t n, uint8_t *rank, xw_error *err);

#endif
