/* A static tree of boxes: objects in the order of a Hilbert curve, sixteen to a node, sixteen nodes
 * to the next level (Kamel and Faloutsos, "Hilbert R-tree", VLDB 1994, packed). It is two arrays:
 * the order (object indices) and boxes, first those of the objects in that order, then those of the
 * nodes, level by level from the bottom; its shape follows from the number of objects alone, so
 * there is no offset that could be wrong. */
#ifndef XW_SNAPSHOT_TREE_H
#define XW_SNAPSHOT_TREE_H

#include "xiwang/lattice.h"
#include "xiwang/status.h"

#include <stddef.h>

enum { TREE_FAN = 16, TREE_LEVELS_MAX = 9 };

/* Boxes of a tree over n objects. */
size_t xw__tree_nodes(size_t n);
/* Fills order[n] and nodes[xw__tree_nodes(n)]. */
xw_status xw__tree_build(const xw_box *boxes, size_t n, uint32_t *order, xw_box *nodes,
                         xw_error *err);
/* Calls fn for each object whose box meets the given one; false stops. */
bool xw__tree_walk(size_t n, const uint32_t *order, const xw_box *nodes, xw_box box,
                   bool (*fn)(void *user, uint32_t ix), void *user);

#endif
