/* The barrier rules of a configuration, as the plot graph takes them. */
#ifndef XW_GRIDS_RULES_H
#define XW_GRIDS_RULES_H

#include "xiwang/grids.h"

/* Classes that the finest level never crosses part its grids alone; those of a coarser level part
 * the grids of all. */
xw_barrier_rules xw__barrier_rules(const xw_grids_config *c);
/* Classes that the grids of a level may not have households on both sides of. */
uint32_t xw__never_at(const xw_grids_config *c, uint32_t level);

#endif
