/**
 * @file map.h
 * The planar map: half-edges and faces over noded edges, exact.
 *
 * Edge e has the half-edges 2e (from its node a to b) and 2e + 1 (from b to a); the twin of h is
 * h ^ 1. The face of a half-edge lies on its left. Face 0 is the unbounded one; every other face
 * has one outer cycle (counter-clockwise) and any number of holes. Dangling edges and isolated
 * components are allowed: both halves of a dangling edge have the same face. Storage after Muller
 * and Preparata, "Finding the intersection of two convex polyhedra", TCS 7(2), 1978,
 * doi:10.1016/0304-3975(78)90051-8.
 *
 * Cost: O(n log d) for node degree d, plus a westward ray for each component. Threads: immutable
 * after create: share freely. Creation uses the job's threads and gives the same arrays for any
 * number: links are made node by node; walks round faces are followed strip by strip of the map and
 * their stretches joined afterwards, where areas are exact integers about one origin, so the seam
 * adds nothing; rays are independent of each other.
 */
#ifndef XW_MAP_H
#define XW_MAP_H

#include "xiwang/job.h"
#include "xiwang/noder.h"

typedef struct xw_map {
    const xw_noded *noded; /**< borrowed: nodes, edges and their tags */
    uint32_t *next;        /**< by half-edge: the next one around its face */
    uint32_t *face;        /**< by half-edge */
    uint32_t *first;       /**< by face: a half-edge of its outer cycle; of face 0: UINT32_MAX */
    int64_t *area2;        /**< by face: twice the area in lattice units, holes taken out; face 0:
                                minus the sum of all others */
    size_t n_halves, n_faces;
    size_t n_components;
} xw_map;

/** @param noded  borrowed; must outlive the map. XW_INTERNAL if the edges are not noded. */
xw_status xw_map_create(const xw_noded *noded, xw_map *out, xw_error *err);
/** The same on the threads of @p job, which may be NULL. */
xw_status xw_map_create_with(const xw_noded *noded, const xw_job *job, xw_map *out, xw_error *err);
void xw_map_finish(xw_map *m);

static inline uint32_t xw_map_origin(const xw_map *m, uint32_t h)
{
    const xw_noded_edge *e = &m->noded->edges[h >> 1];
    return h & 1 ? e->b : e->a;
}
static inline uint32_t xw_map_target(const xw_map *m, uint32_t h)
{
    return xw_map_origin(m, h ^ 1);
}
static inline xw_pt xw_map_from(const xw_map *m, uint32_t h)
{
    return m->noded->nodes[xw_map_origin(m, h)];
}
static inline xw_pt xw_map_to(const xw_map *m, uint32_t h)
{
    return m->noded->nodes[xw_map_target(m, h)];
}

/** Half-edges by face, outer cycle and holes: those of face f are half[start[f]] up to, without,
 *  half[start[f + 1]], ascending. */
typedef struct xw_map_faces {
    uint32_t *start, *half;
} xw_map_faces;
xw_status xw_map_faces_create(const xw_map *m, xw_map_faces *out, xw_error *err);
void xw_map_faces_finish(xw_map_faces *f);

/** Verifies the invariants: twins, closed walks, one face per walk, Euler (V - E + F = 1 + C over
 *  the nodes that have edges), areas sum to zero. Names the first violation. */
xw_status xw_map_check(const xw_map *m, xw_error *err);

#endif
