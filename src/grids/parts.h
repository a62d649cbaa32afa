/* A partition of one connected graph into groups while it is being improved. Shared by the files of
 * the aggregation; graph.h and aggregate.h are the public side. */
#ifndef XW_GRIDS_PARTS_H
#define XW_GRIDS_PARTS_H

#include "xiwang/aggregate.h"
#include "xiwang/rng.h"

typedef struct xw__group {
    uint32_t head, count; /* members: a doubly linked list through parts.next and parts.prev */
    uint32_t weight;
    double area, perimeter;
} xw__group;

typedef struct xw__parts {
    const xw_graph *g; /* borrowed */
    uint32_t cap;
    uint32_t conn; /* arcs of at least this kind connect */
    uint32_t *of;  /* group of each node */
    uint32_t *next, *prev;
    xw__group *groups; /* room for one a node */
    uint32_t n_groups;
    uint32_t *mark, *queue; /* scratch of the searches: a node is seen when mark == stamp */
    uint32_t stamp;
    bool dry; /* nothing has weight: everything may become one group */
} xw__parts;

/* One group a node. */
xw_status xw__parts_init(xw__parts *p, const xw_graph *g, uint32_t cap, uint32_t conn,
                         xw_error *err);
void xw__parts_finish(xw__parts *p);
/* Moves v into group `to`, which may be empty. */
void xw__parts_move(xw__parts *p, uint32_t v, uint32_t to);
/* Does v's group stay connected and not empty without v? */
bool xw__parts_may_leave(xw__parts *p, uint32_t v);
/* Moves all of group b into a, then the last group into the hole b. */
void xw__parts_merge(xw__parts *p, uint32_t a, uint32_t b);
/* A new stamp; no node is marked with it. */
uint32_t xw__parts_stamp(xw__parts *p);

/* What v shares with the rest of its own group and with another one. */
typedef struct xw__links {
    double own_len, own_cost, other_len, other_cost;
    bool touches; /* a connecting arc leads to the other group */
} xw__links;
xw__links xw__parts_links(const xw__parts *p, uint32_t v, uint32_t other);

/* Merges neighbours under the cap, best first. */
xw_status xw__agglomerate(xw__parts *p, xw_error *err);
/* Dissolves the lightest groups until `want` are left, whatever they weigh then. */
void xw__force_down(xw__parts *p, uint32_t want);
/* Splits every group above the cap, then merges what fits together. */
xw_status xw__split_heavy(xw__parts *p, xw_error *err);

typedef struct xw__anneal {
    uint64_t steps;
    double hot, cold;               /* temperature at the first and the last step */
    double price_first, price_last; /* of a unit of weight above the cap */
    bool strict;                    /* never above the cap; the prices do not matter */
} xw__anneal;
xw_status xw__anneal_run(xw__parts *p, const xw__anneal *a, xw_rng *rng, const xw_job *job,
                         xw_error *err);

/* The whole way from single nodes to groups under the cap: see aggregate.h. p has one group a node
 * and is connected. */
xw_status xw__solve(xw__parts *p, uint32_t want, uint64_t steps, uint64_t seed, const xw_job *job,
                    xw_error *err);

/* What shape is worth, in the metres of weighted cut that one unit of Polsby-Popper may cost. */
#define XW__SHAPE_M 50.0
double xw__shape(double area, double perimeter);

/* One try to redraw the boundary between a and b along a random spanning tree of their union. */
bool xw__resplit(xw__parts *p, uint32_t a, uint32_t b, double heat, double price, xw_rng *rng);

/* Carries excess weight along chains of groups to where there is room. @return groups still heavy
 */
xw_status xw__chains(xw__parts *p, xw_rng *rng, uint32_t *heavy, xw_error *err);

#endif
