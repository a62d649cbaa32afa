/* Random messy territories for the tests of plots. */
#ifndef XW_TEST_SCENES_H
#define XW_TEST_SCENES_H

#include "xiwang/rng.h"
#include "xiwang/territory.h"

/* A small territory of one to three divisions with crossing, touching and dangling roads, a river,
 * a railway, and buildings that stand alone, in rows, in each other, over roads and borders,
 * doubled. */
void scene_random(xw_rng *r, xw_territory *t);
/* The same territory with its features in another order. */
void scene_shuffle(xw_rng *r, const xw_territory *from, xw_territory *to);

#endif
