/* Grids of all levels at once: nodes of a graph into teams, teams into sections, sections into
 * zones ..., every level under its cap, every grid connected, nested exactly.
 *
 * Bottom-up, each level is given what the one below has left: the boundaries of the upper levels
 * run where teams happen to end. So the level above the finest leads. The way of one division:
 *
 *  1. Land that no household can be reached from without crossing a hard barrier is put aside.
 *  2. Sections are cut from the nodes, as many as the wanted teams need, filled to a few per cent
 *     below cap x cap households: coarse to fine, see nest_cut.c. A node above the cap weighs as
 *     many teams as it will be; one that is more teams than a section holds is apart.
 *  3. Teams are made inside each section (xw_aggregate), as many as its share of the wanted number
 *     by largest remainder. Where that takes more, the lightest teams are dissolved into their
 *     neighbours and the excess is carried by ejection chains to the nearest room. Chains cross the
 *     borders of sections, which so keep their number of teams: this is what makes a section of
 *     exactly ten full teams possible. Sections that still have too many teams pass whole teams on
 *     along chains of sections, or are split.
 *  4. The upper levels are cut from the sections, the same way, the fewest of them; small graphs
 *     are cut several times and the best is kept.
 *  5. Level by level, annealing at a low temperature moves nodes between teams of any sections,
 *     teams between sections, sections between zones; the boundaries of all levels that change
 *     count, and no cap or connection is broken.
 *  6. The land that was put aside joins the teams it touches.
 *
 * If there are more sections than 1.04 x the least possible and than the wanted teams need, they
 * are cut out of the finished teams, too, and the fewer are kept: this is how towers of six teams
 * and of four find each other.
 *
 * If there are more teams than 1.04 x the least possible, the same is tried with the fill that they
 * reached; if there still are, bottom-up (xw_aggregate on the nodes, its groups cut into the upper
 * levels as in 4). What is kept has the least sum over the levels of grids by bound; of those that
 * are equal within 0.01 a level, the least weighted boundary summed over the levels.
 *
 * The wanted teams are 3 % above the bound, or one or two fewer where these would need a section
 * more.
 *
 * Above 16 384 nodes the steps a node fall with the root of their number: at 120 000 to 37 %.
 *
 * Deterministic. Cost: linear in nodes, about twice that of xw_aggregate at the finest level. */
#ifndef XW_GRIDS_NEST_H
#define XW_GRIDS_NEST_H

#include "xiwang/graph.h"
#include "xiwang/job.h"

typedef struct xw__nest_options {
    uint32_t n_levels;            /* 1 .. XW_LEVELS_MAX */
    uint32_t caps[XW_LEVELS_MAX]; /* coarsest first */
    const uint32_t *pieces;       /* a node above the finest cap becomes so many grids; NULL: weight
                                     by cap, rounded up */
    uint32_t effort;              /* steps and tries in per cent of the usual; 0: 100 */
    uint64_t seed;
} xw__nest_options;

typedef struct xw__nest_level {
    uint32_t n;   /* groups, numbered by their first node */
    uint32_t *of; /* group of each node; above the finest level: of each group of the level below */
    uint32_t *pieces; /* grids a group is: 1, or more where it is one node above the cap */
    uint32_t bound;   /* fewest grids that could be: by component, by xw_bin_bound */
    double cut;       /* m, weighted boundary between its groups */
} xw__nest_level;

typedef struct xw__nest {
    xw__nest_level levels[XW_LEVELS_MAX]; /* coarsest first */
} xw__nest;

/* @return XW_INPUT for no levels or a cap of 0; XW_CANCELLED; XW_NOMEM */
xw_status xw__nest_make(const xw_graph *g, const xw__nest_options *o, const xw_job *job,
                        xw__nest *out, xw_error *err);
void xw__nest_finish(xw__nest *n);

#endif
