/**
 * @file simplify.h
 * Simplification of shared chains, once for all zooms: each vertex gets the smallest zoom at which
 * it is drawn. Both sides of a chain and all levels use the same ranks, so borders stay shared.
 */
#ifndef XW_SIMPLIFY_H
#define XW_SIMPLIFY_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

#define XW_ZOOM_MAX 22

/**
 * Ranks the vertices of an open chain (or a closed one whose first and last vertex are equal).
 * End vertices have rank 0; a closed chain keeps at least three distinct vertices from zoom 0 on.
 * A vertex with rank r is kept at zoom z when r <= z; what is dropped lies within about half a
 * pixel (of 512 in a tile) of the chain kept. Douglas and Peucker 1973,
 * doi:10.3138/FM57-6770-U75U-7727, with the tolerance made hierarchical (a child is never kept
 * before its parent). O(n log n) typical, O(n^2) worst; no recursion.
 * @param rank  receives n values 0..XW_ZOOM_MAX
 */
xw_status xw_chain_ranks(const xw_pt *pts, size_t n, uint8_t *rank, xw_error *err);

#endif
