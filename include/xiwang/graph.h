/**
 * @file graph.h
 * The graph that aggregation works on: nodes with a weight that a group may hold so much of, arcs
 * with the boundary two nodes share.
 *
 * At the finest level a node is a plot and its weight the households; one level up a node is a team
 * and weighs 1 (a tower that became several teams stays one node and weighs as many).
 * Layout: compressed rows; every adjacency is stored from both sides, rows ascending by `to`.
 * Units: metres and square metres, x to the east and y to the north of any common origin.
 * Threads: immutable after create: share freely.
 */
#ifndef XW_GRAPH_H
#define XW_GRAPH_H

#include "xiwang/model.h"

/** What an adjacency lets through, weakest first. */
typedef enum xw_arc_kind {
    XW_ARC_SHUT, /**< all of the shared boundary lies on a hard barrier that nothing crosses */
    XW_ARC_FAR,  /**< no shared boundary: the nearest way between two pieces of a division's land */
    XW_ARC_OPEN  /**< households on both sides may belong together */
} xw_arc_kind;

typedef struct xw_arc {
    uint32_t to;
    float len;     /**< metres of shared boundary */
    float cost;    /**< the same, each metre weighted by what the boundary follows */
    uint32_t kind; /**< xw_arc_kind */
} xw_arc;

typedef struct xw_graph_node {
    double x, y;         /**< where it is */
    double area;         /**< m2 */
    double perimeter;    /**< m, with what it shares with nobody */
    uint32_t weight;     /**< counts against the cap */
    uint32_t households; /**< decides whether a hard barrier matters */
} xw_graph_node;

typedef struct xw_graph {
    uint32_t n;
    uint32_t *start; /**< arcs of node v are arcs[start[v]] .. arcs[start[v + 1] - 1] */
    xw_arc *arcs;
    xw_graph_node *nodes;
} xw_graph;

/** One piece of boundary between two nodes; the pieces of a pair are summed, the strongest kind
 *  wins. Pieces with a == b are ignored. */
typedef struct xw_graph_pair {
    uint32_t a, b;
    float len, cost;
    uint32_t kind;
} xw_graph_pair;

/**
 * Builds a graph over @p n zeroed nodes. O(n + pairs).
 * @return XW_INPUT for a pair that names a node >= n; XW_NOMEM
 */
xw_status xw_graph_create(uint32_t n, const xw_graph_pair *pairs, size_t n_pairs, xw_graph *out,
                          xw_error *err);
void xw_graph_finish(xw_graph *g);

/**
 * The graph of groups: node k is the union of the nodes with group_of == k, its weight 1. Arcs at
 * nodes with core == 0 are shut: they joined their group across a hard barrier, so nothing may be
 * joined through them.
 * @param core  one byte a node; NULL: all are core
 */
xw_status xw_graph_contract(const xw_graph *g, const uint32_t *group_of, uint32_t n_groups,
                            const uint8_t *core, xw_graph *out, xw_error *err);

/** What barriers mean beside xw_class_info; all zero: nothing else. */
typedef struct xw_barrier_rules {
    uint32_t shut;   /**< bit per class that no grid of any level has households on both sides of */
    uint32_t apart;  /**< the same for the finest level alone: such arcs become XW_ARC_FAR */
    uint32_t priced; /**< bit per class whose cost is the one below instead of its own */
    float cost[XW_CLASS_COUNT]; /**< weight of a metre of boundary, >= 0 */
} xw_barrier_rules;

/**
 * The plots of one division as a graph; node i is plot first_plot + i, its weight and households
 * are the plot's.
 * @param edges    the edges of the model that touch the division, any order; others are ignored
 * @param rules    NULL: none
 * Pieces of land that touch nowhere are tied to the biggest one by one XW_ARC_FAR each.
 */
xw_status xw_graph_of_division(const xw_model *m, uint32_t division, const uint32_t *edges,
                               size_t n_edges, const xw_barrier_rules *rules, xw_graph *out,
                               xw_error *err);

#endif
