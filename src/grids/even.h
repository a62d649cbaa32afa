/* Levels with a floor: the same number of grids, loaded evenly. */
#ifndef XW_GRIDS_EVEN_H
#define XW_GRIDS_EVEN_H

#include "nest.h"

/* Nests again under lower caps of the finest level, by bisection, while groups stay below the
 * floor; keeps what has the fewest of these without one grid more at any level. At a cap only just
 * large enough for as many groups these cannot but be even. Does nothing for floor 0. */
xw_status xw__nest_even(const xw_graph *g, const xw__nest_options *o, uint32_t floor,
                        const xw_job *job, xw__nest *nest, xw_error *err);

#endif
