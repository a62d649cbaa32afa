/* A partition of one connected graph into groups while it is being improved. Shared by the files of
 * the aggregation; graph.h and aggregate.h are the public side. */
#ifndef XW_GRIDS_PARTS_H
#define XW_GRIDS_PARTS_H

#include "xiwang/aggregate.h"
#include "xiwang/rng.h"

typedef struct xw__group {
    uint32_t head, count; /* members: a doubly linked list through parts.next and parts.prev */
    uint32_t weight;
    double area, perimeter, shape;
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
/* Removes the empty group k: the last group takes its number. */
void xw__parts_drop(xw__parts *p, uint32_t k);
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

enum { XW__RUNGS = 64 }; /* temperatures of a run */

typedef struct xw__heat {
    double temperature; /* metres */
    double price;       /* metres for an excess of one: see xw__excess */
    bool never_above;   /* no step puts a group above the cap */
    xw_rng *rng;
} xw__heat;

/* Steps of annealing at one temperature. */
xw_status xw__anneal(xw__parts *p, const xw__heat *h, uint64_t steps, const xw_job *job,
                     xw_error *err);
/* True with probability exp(-x), always when x <= 0; from sums and products alone, so that every
 * machine decides alike. */
bool xw__chance(xw_rng *rng, double x);
/* What a weight above the cap counts: with the square, for one excess of ten is worse than ten of
 * one; else two groups too many would hide in one that is twice too heavy. */
double xw__excess(const xw__parts *p, uint32_t weight);

/* The whole way from single nodes to groups under the cap: see aggregate.h. p has one group a node
 * and is connected. */
xw_status xw__solve(xw__parts *p, uint32_t want, uint64_t steps, uint64_t seed, const xw_job *job,
                    xw_error *err);

/* What shape is worth, in the metres of weighted cut that one unit of Polsby-Popper may cost. */
#define XW__SHAPE_M 45.0
double xw__shape(double area, double perimeter);

/* One try to redraw the boundary between a and b along a random spanning tree of their union. */
void xw__resplit(xw__parts *p, uint32_t a, uint32_t b, const xw__heat *h);

/* Carries excess weight along chains of groups to where there is room. @return groups still heavy
 */
xw_status xw__chains(xw__parts *p, xw_rng *rng, uint32_t *heavy, xw_error *err);

/* Adds groups until none is too heavy (but single nodes). */
xw_status xw__fit_up(xw__parts *p, xw_rng *rng, xw_error *err);
/* Dissolves groups while there are more than `want`, as far as so many tries go; no group gets
 * heavy. */
xw_status xw__fit_down(xw__parts *p, uint32_t want, uint32_t tries, xw_rng *rng, xw_error *err);

#endif
