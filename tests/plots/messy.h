/* Numbered messy territories: scene k is the same for ever. */
#ifndef XW_TEST_MESSY_H
#define XW_TEST_MESSY_H

#include "xiwang/territory.h"

/* What drawings of towns have and geometry does not like, a few of each: buildings that touch in a
 * point or along a part of a wall, cross, lie in each other, are doubled or shifted by one lattice
 * unit, rings of corners on one circle, rows on one line, slivers one unit wide, courtyards,
 * barriers along walls and through corners, dead ends that stop short, divisions that overlap. */
void messy_scene(uint32_t number, xw_territory *t);

#endif
