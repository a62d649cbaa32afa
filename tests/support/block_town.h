/* A town on squared paper for tests: every square is a plot, lines of the paper are barriers.
 * Small, fully valid, and full of what is difficult: hard barriers with and without crossings,
 * towers, empty land, water, holes and land that touches nowhere. */
#ifndef XW_TEST_BLOCK_TOWN_H
#define XW_TEST_BLOCK_TOWN_H

#include "xiwang/model.h"
#include "xiwang/rng.h"

typedef struct block_town_options {
    uint32_t columns, rows;
    uint32_t divisions;       /* vertical strips, >= 1 */
    uint32_t road_every;      /* a road at every so manyth line; 0: none */
    uint32_t river_column;    /* line of a river, hard; 0: none */
    uint32_t bridge_every;    /* the river is crossed at every so manyth row; 0: never */
    uint32_t rail_row;        /* line of a railway, hard, never crossed; 0: none */
    uint32_t empty_percent;   /* squares without households */
    uint32_t hole_percent;    /* squares that are not in the territory */
    uint32_t tower_percent;   /* squares with a tower of 5 to 30 floors */
    uint32_t households_most; /* of a house, >= 1 */
} block_town_options;

/* Something of everything, drawn. */
block_town_options block_town_draw(xw_rng *rng);
/* Builds the town; grids are not made. Asserts on lack of memory. */
void block_town_build(const block_town_options *o, xw_rng *rng, xw_model *out);

#endif
