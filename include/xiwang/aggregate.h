/**
 * @file aggregate.h
 * Groups of a graph under a hard cap: as few as possible, each connected, boundaries where they
 * cost least, compact.
 *
 * Always true of the result: every node is in one group; a group weighs at most the cap unless it
 * is one single node; a group is connected through shared boundary (XW_ARC_FAR ties only nodes
 * without households, or everything when `far_connects`); the nodes of a group that have households
 * are connected without XW_ARC_SHUT.
 *
 * Method. Nodes above the cap stay alone. Every component that holds households is solved by
 * itself, small ones a few times while they miss their number of groups:
 *
 * 1. Greedy agglomeration under the cap; the lightest groups are dissolved down to the wanted
 * number.
 * 2. Simulated annealing at that number (Kirkpatrick, Gelatt, Vecchi, Science 220(4598), 1983,
 *    doi:10.1126/science.220.4598.671) with flips, swaps, and re-splits of two neighbours along a
 *    random spanning tree of their union (DeFord, Duchin, Solomon, Harvard Data Science Review
 * 3(1), 2021, doi:10.1162/99608f92.eb30390f). The energy is the cost of the boundaries, less 45 m a
 *    unit of Polsby-Popper, plus a price for the square of every excess over the cap. Price and
 * first temperature grow with the lumpiness of the weights: packing freezes before the cut does.
 * 3. Ejection chains that carry an excess to the nearest room (Glover, Discrete Applied Mathematics
 *    65, 1996, doi:10.1016/0166-218X(94)00037-E), now and then from 60 % of the cooling on.
 * 4. At 90 %, where an excess is left, one group after the other is added until none is; surplus
 *    groups are dissolved where the chains can settle it, in searches of a million steps and more
 *    again after each temperature. From there on no step exceeds the cap.
 *
 * Nodes without households that no open boundary ties to any household join across the barrier
 * afterwards.
 *
 * Deterministic: the same graph and options give the same groups on any machine and any number of
 * threads (a component is one thread's work). Cost: linear in nodes and steps, 0.25 us a step.
 */
#ifndef XW_AGGREGATE_H
#define XW_AGGREGATE_H

#include "xiwang/graph.h"
#include "xiwang/job.h"

typedef struct xw_aggregate_options {
    uint32_t cap;    /**< most weight of a group, >= 1 */
    uint32_t groups; /**< wanted number for the whole graph; 0: 3 % above the bound, rounded down */
    uint64_t steps;  /**< annealing steps for the whole graph; 0: 400 a node. Ten times as many buy
                      *   2 to 4 % of boundary cost, or groups when weights are lumpy */
    uint64_t seed;
    bool far_connects; /**< XW_ARC_FAR connects like XW_ARC_OPEN */
} xw_aggregate_options;

/**
 * @param group_of  receives a group in [0, *n_groups) for each node, numbered by first node
 * @param core      receives 1 for nodes that hold the group together without crossing a hard
 *                  barrier, 0 for those that joined across one; may be NULL
 * @param job       progress is not reported, cancel is obeyed, components are shared out over its
 *                  threads; may be NULL
 */
xw_status xw_aggregate(const xw_graph *g, const xw_aggregate_options *o, const xw_job *job,
                       uint32_t *group_of, uint8_t *core, uint32_t *n_groups, xw_error *err);

/** Fewest bins of @p cap for the weights, a lower bound: the larger of ceil(sum / cap) and the
 * bound L2 of Martello and Toth (Discrete Applied Mathematics 28, 1990). Weights above the cap
 * count 1. */
uint32_t xw_bin_bound(const xw_graph_node *nodes, uint32_t n, uint32_t cap);

#endif
