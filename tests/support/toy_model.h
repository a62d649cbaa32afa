/* A small valid model made by hand, for tests of everything that reads a model.
 *
 *      A        A     |    B            two divisions (A: 2 columns, B: 1) under one town
 *   +-------+-------+-------+   row 2   house 5 | tower 3 floors x 4 | school (exclusive grid)
 *   |       |       |       |
 *   +-------+-------+-------+   row 1   house 4 | open land round a pond (hole) | house 7
 *   |       |  (o)  |       |
 *   +=======+=======+=======+   和平路
 *   |       |       |       |   row 0   house 3 | house 6 (courtyard: a hole) | house 2
 *   +-------+-------+-------+
 *
 * 10 plots, 12 units, 9 buildings (one is not in the map), 21 edges; 2 zones, 3 sections, 6 teams.
 * The tower is cut into two teams by floors (1-2 and 3), which share its plot. */
#ifndef XW_TEST_TOY_MODEL_H
#define XW_TEST_TOY_MODEL_H

#include "xiwang/model.h"

#define TOY_STEP 3000 /* side of a square, lattice units (about 30 m) */
#define TOY_X    1191300000
#define TOY_Y    261500000

/* Fills a model; the caller finishes it. False only for lack of memory. */
bool toy_model_make(xw_model *m);

#endif
