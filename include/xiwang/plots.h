/**
 * @file plots.h
 * Territory in, exact coverage out: blocks bounded by barriers, one plot per building, open land.
 *
 * Within its block land belongs to the nearest building that sees it: a building does not see land
 * where the straight way from its nearest place crosses a dead end of 30 m or more (a barrier with
 * the same block on both sides, with all that branches from it). So such a dead end is a border to
 * its very end, with the basis, class and source of the barrier, and each side is parted half-way
 * between the buildings of that side. At the end the border leaves it straight away from the
 * nearest building until it meets the half-way line. Two exceptions: land that nobody else sees
 * stays with the nearest building, and a building towards which the dead end runs (within 20
 * degrees) has land on both sides of it.
 */
#ifndef XW_PLOTS_H
#define XW_PLOTS_H

#include "xiwang/job.h"
#include "xiwang/model.h"

typedef struct xw_plots_options {
    uint32_t barrier_classes;  /**< bit per xw_barrier_class that bounds blocks; 0: all */
    uint32_t slice_households; /**< towers above this become one unit a floor, and floors above it
                                  several, cut where a run of them is full; 0: 10 */
    double reach_m; /**< land further than this from every building of its block is open land, a
                       plot of its own; 0: 80 */
} xw_plots_options;

/**
 * Fills everything of a model but the grids: divisions, plots, units (unit.grid = XW_NONE),
 * buildings, edges, lines, addresses, findings.
 * Every building of the territory is in a plot or named by a finding.
 * Deterministic; the result does not depend on the number of threads.
 */
xw_status xw_plots_build(const xw_territory *t, const xw_plots_options *o, const xw_job *job,
                         xw_model *out, xw_error *err);

#endif
