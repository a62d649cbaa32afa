/* Random coverages for the tests of point location, with an owner of each point that is found
 * without the locator: by the rings of the pieces. A scene is a grid of jittered squares (jitter
 * below a quarter of the step, so every square is convex); a square is whole, halved along a
 * diagonal, or has a diamond inside. Labels repeat, so they have several parts and holes; label 0
 * is outside. */
#ifndef XW_TEST_SCENE_H
#define XW_TEST_SCENE_H

#include "xiwang/locate.h"
#include "xiwang/ring.h"
#include "xiwang/rng.h"

typedef struct square {
    xw_pt ring[2][4]; /* two halves, or the square and its diamond */
    uint32_t n[2];    /* vertices of each; 0: not there */
    uint32_t label[2];
    bool diamond;
} square;

typedef struct scene {
    int32_t side, step; /* squares a side, units a square */
    xw_pt origin;
    xw_pt *node; /* (side + 1) ^ 2 */
    square *squares;
    xw_label_edge *edges;
    size_t n_edges;
} scene;

void scene_build(scene *s, xw_rng *r, int32_t side, int32_t step, xw_pt origin, uint32_t n_labels);
void scene_finish(scene *s);
/** Label of the point by the boundary rule. @param owners  receives how many pieces own it */
uint32_t scene_owner(const scene *s, xw_pt p, int *owners);
/** A random point: anywhere in or around the scene, on a vertex, or on an edge. */
xw_pt scene_point(const scene *s, xw_rng *r);

#endif
