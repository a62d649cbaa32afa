/* A made-up town for tests of tiles: TOWN_SIDE x TOWN_SIDE plots of about 24 m with crooked
 * borders, numbered along a quadtree, so that 4 plots make a team, 16 a section, 256 a zone and
 * half of the town a division. Some plots are water; every house has a footprint. */
#ifndef XW_TEST_TILE_TOWN_H
#define XW_TEST_TILE_TOWN_H

#include "xiwang/model.h"
#include "xiwang/rng.h"

#define TOWN_SIDE 64
#define TOWN_STEP 2400
#define TOWN_X    1191300000
#define TOWN_Y    261500000

/* Fills a model; the caller finishes it. False only for lack of memory. */
bool tile_town_make(xw_model *m, xw_rng *r);

#endif
