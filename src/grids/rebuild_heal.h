/* Repair of one level of one division: nodes of a graph that mostly have their groups from before.
 * Shared by the files of the rebuilding; rebuild.h says what is wanted.
 *
 * Always true of a group that xw__heal leaves: it is connected, its nodes with households are so
 * without crossing a hard barrier (tie_any, tie_open below), and it weighs at most the cap unless
 * it is one single node. */
#ifndef XW_GRIDS_REBUILD_HEAL_H
#define XW_GRIDS_REBUILD_HEAL_H

#include "xiwang/graph.h"
#include "xiwang/job.h"

typedef struct xw__heal_group {
    uint32_t head, count; /* members: a doubly linked list through next and prev */
    uint32_t weight;
    uint32_t lost; /* weight that is gone since the last revision and has nobody in its place */
    bool closed;   /* takes no node that was not its own */
} xw__heal_group;

typedef struct xw__heal_options {
    uint32_t cap;
    uint32_t chain_most; /* most mass that may move along one chain; 0: no chains */
    bool far;            /* XW_ARC_FAR connects like XW_ARC_OPEN */
    uint64_t seed;
} xw__heal_options;

typedef struct xw__heal {
    const xw_graph *g; /* borrowed, as all up to the blank line */
    xw__heal_options o;
    const uint32_t *home;  /* group of each node before; XW_NONE for a new one */
    const uint32_t *mass;  /* what it counts when the node leaves its home */
    const uint8_t *frozen; /* nodes that are no part of this; NULL: none */
    uint32_t *parent;      /* of each group one level up, XW_NONE: none yet; NULL: nobody asks */
    uint32_t *spare;       /* by parent: groups that it has room for */

    uint32_t *of;     /* group of each node, XW_NONE for none */
    uint8_t *why;     /* xw_lineage_reason of the last move of each node */
    uint8_t *founded; /* by group: xw_lineage_reason it was founded for */
    xw__heal_group *groups;
    uint32_t n_homes, n_groups; /* those that were there before come first */
    uint32_t *next, *prev;
    uint32_t *mark, *open, *queue, *list; /* scratch: of nodes, seen when equal to the stamp */
    uint32_t *arc_mark;
    uint32_t stamp;
} xw__heal;

/* Every node is in its home. @param lost  one a home, may be NULL */
xw_status xw__heal_init(xw__heal *h, const xw_graph *g, const xw__heal_options *o, uint32_t n_homes,
                        const uint32_t *home, const uint32_t *mass, const uint8_t *frozen,
                        xw_error *err);
void xw__heal_finish(xw__heal *h);

/* All of it: every node but the frozen ones has a group afterwards. Groups may be empty. */
xw_status xw__heal_run(xw__heal *h, const xw_job *job, xw_error *err);

/* One byte a node: 1 where it holds its group together without crossing a hard barrier. */
void xw__heal_core(xw__heal *h, uint8_t *core);

/* Puts v into group k (XW_NONE: into none) for a reason. */
void xw__heal_put(xw__heal *h, uint32_t v, uint32_t k, unsigned why);
/* A new empty group. */
uint32_t xw__heal_found(xw__heal *h, unsigned why);
/* Would group k be connected with `plus` and without `minus` (XW_NONE for neither)? */
bool xw__heal_valid(xw__heal *h, uint32_t k, uint32_t plus, uint32_t minus);
uint32_t xw__heal_stamp(xw__heal *h);
/* May v join group k as it is? */
bool xw__heal_fits(xw__heal *h, uint32_t v, uint32_t k);
/* Boundary cost of v towards group k over arcs that tie households. */
double xw__heal_cost(const xw__heal *h, uint32_t v, uint32_t k);

static inline bool xw__heal_tie_open(const xw__heal *h, const xw_arc *a)
{
    return a->kind == XW_ARC_OPEN || (h->o.far && a->kind == XW_ARC_FAR);
}
static inline bool xw__heal_tie_any(const xw__heal *h, uint32_t from, const xw_arc *a)
{
    return a->kind != XW_ARC_FAR || h->o.far || h->g->nodes[from].households == 0 ||
           h->g->nodes[a->to].households == 0;
}
static inline bool xw__heal_is_frozen(const xw__heal *h, uint32_t v)
{
    return h->frozen && h->frozen[v];
}
static inline bool xw__heal_is_loose(const xw__heal *h, uint32_t v)
{
    return h->of[v] == XW_NONE && !xw__heal_is_frozen(h, v);
}

/* rebuild_torn.c: makes what is left of group k connected; what cannot stay becomes loose. */
void xw__heal_settle(xw__heal *h, uint32_t k);
/* rebuild_chain.c: makes room for the loose node v next to it, or takes weight out of group k that
 * is too heavy (the other of the two is XW_NONE). False: no chain is short enough.
 * @param founds  the last node may begin a group of its own, in a parent with room */
xw_status xw__heal_chain(xw__heal *h, uint32_t v, uint32_t k, unsigned why, bool founds, bool *done,
                         xw_error *err);
/* A group of a parent with room; XW_NONE: of none. */
uint32_t xw__heal_found_in(xw__heal *h, unsigned why, uint32_t parent);
static inline bool xw__heal_has_spare(const xw__heal *h, uint32_t k)
{
    return h->parent && h->parent[k] != XW_NONE && h->spare[h->parent[k]] > 0;
}

#endif
