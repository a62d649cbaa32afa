/* What the files of the nesting share; nest.h is the side the rest of the layer sees. */
#ifndef XW_GRIDS_NEST_PARTS_H
#define XW_GRIDS_NEST_PARTS_H

#include "nest.h"
#include "parts.h"

typedef struct xw__cut_options {
    uint32_t cap;
    uint32_t conn;   /* arcs of at least this kind connect */
    uint32_t want;   /* groups */
    uint32_t effort; /* per cent of the usual steps */
    uint64_t seed;
    double dense; /* > 0: groups are filled to cap / dense in the mean; 0: as full as may be */
    bool hard;    /* what stays above the cap is split; else it stays, to be repaired elsewhere */
} xw__cut_options;

/* Cuts a connected graph into few large groups, the cheapest boundaries first, coarse to fine.
 * of[v] receives a group in [0, *n_groups). */
xw_status xw__cut(const xw_graph *g, const xw__cut_options *o, const xw_job *job, uint32_t *of,
                  uint32_t *n_groups, xw_error *err);

/* The same for any graph: nodes above the cap stay alone, every component over `conn` is cut by
 * itself into the fewest groups its weight allows (o->want is not looked at; see o->dense).
 * core: receives 0 for nodes without households whose component joined a group across a barrier, 1
 * for the others; NULL: such components are groups of their own. */
xw_status xw__cut_all(const xw_graph *g, const xw__cut_options *o, const xw_job *job, uint32_t *of,
                      uint8_t *core, uint32_t *n_groups, xw_error *err);

/* The partition with given groups, of[v] in [0, n_groups), instead of one a node. */
xw_status xw__parts_from(xw__parts *p, const xw_graph *g, uint32_t cap, uint32_t conn,
                         const uint32_t *of, uint32_t n_groups, xw_error *err);

/* Components of the nodes with comp[v] == 0 on entry (XW_NONE: left out) over arcs of at least
 * `kind`: comp[v] receives the component. queue: room for a node each. @return how many */
uint32_t xw__components(const xw_graph *g, uint32_t kind, uint32_t *comp, uint32_t *queue);

/* The graph on a list of nodes; arcs that leave it are dropped. local: scratch of g->n, all
 * XW_NONE, as it is again afterwards. */
xw_status xw__subgraph(const xw_graph *g, const uint32_t *list, uint32_t n, uint32_t *local,
                       xw_graph *out, xw_error *err);

/* The nodes of each group, group by group: order[start[k]] up to start[k + 1]; start has room for
 * n_groups + 2, order for n. */
void xw__list_groups(const uint32_t *of, uint32_t n, uint32_t n_groups, uint32_t *start,
                     uint32_t *order);

/* Renumbers the groups without gaps by their first node; to has room for n_groups. @return how many
 */
uint32_t xw__close_gaps(uint32_t *of, uint32_t n, uint32_t n_groups, uint32_t *to);

/* A partition whose groups lie in groups of coarser levels. A node may move between groups of
 * different parents; every level then has to stay connected. */
typedef struct xw__strata {
    xw__parts p;
    uint32_t n_up;
    const uint32_t *up[XW_LEVELS_MAX]; /* of each group, the nearest level first; borrowed */
    uint32_t (*moved)[2];              /* journal: node, group it came from */
    size_t n_moved, cap_moved;
} xw__strata;

void xw__strata_finish(xw__strata *s);
/* May v leave its group for `to`, which it touches, as far as holding together goes? */
bool xw__strata_may_go(xw__strata *s, uint32_t v, uint32_t to);
/* Moves and remembers. @return false without memory, nothing has moved */
bool xw__strata_move(xw__strata *s, uint32_t v, uint32_t to);
/* Takes back every move after the first n. */
void xw__strata_rewind(xw__strata *s, size_t n);

/* What a metre of boundary of a coarser level costs beside one of the level below. */
#define XW__UP_COST 2.0

/* Chains over the groups of s, whose number must not change meanwhile. */
typedef struct xw__chain xw__chain;
xw_status xw__chain_create(xw__strata *s, xw_rng *rng, xw__chain **out, xw_error *err);
void xw__chain_destroy(xw__chain *c);
/* Carries away what group k has above the cap, piece by piece; *light: it is within it now. What
 * has moved is in the journal. */
xw_status xw__chain_relieve(xw__chain *c, uint32_t k, bool *light, xw_error *err);

/* What the boundaries of all levels cost more when v goes to group `to`. */
double xw__strata_dearer(const xw__strata *s, uint32_t v, uint32_t to, bool *touches);

/* Annealing under the caps with the boundaries of all levels in the energy. */
xw_status xw__strata_polish(xw__strata *s, uint64_t steps, xw_rng *rng, const xw_job *job,
                            xw_error *err);

/* One division. */
typedef struct xw__nesting {
    const xw_graph *g; /* with all land */
    const xw__nest_options *o;
    const xw_job *job;
    uint32_t *pieces;   /* of each node of g */
    xw_graph own;       /* without the land put aside, when there is any */
    const xw_graph *in; /* own or g */
    uint32_t *list;     /* node of g for each of `in`; NULL: the same */
    uint32_t *in_pieces;
    uint32_t bounds[XW_LEVELS_MAX];
    uint32_t effort; /* per cent of the usual steps, by the options and the number of nodes */
    bool outcast;    /* land that can join nobody: only bottom-up copes with it */
} xw__nesting;

/* Land that no household can be reached from over open boundaries, and that touches, perhaps
 * through more of its kind, a node that takes it in: fills in, list and in_pieces without it. */
xw_status xw__put_land_aside(xw__nesting *k, xw_error *err);
/* Afterwards it joins ring by ring whom it touches; of is for the nodes of k->g then. */
xw_status xw__join_land(const xw__nesting *k, xw__nest_level *team, xw_error *err);
/* Teams without households become part of a team they touch: of their section, or of another where
 * the sections and all above stay whole. */
xw_status xw__absorb_land(const xw__nesting *k, xw__nest *nest, xw_error *err);

/* Teams inside given sections: see nest.h. */
typedef struct xw__inside {
    const xw_graph *g;
    const uint32_t *pieces; /* grids a node becomes */
    uint32_t cap, cap_up;
    uint32_t want; /* groups altogether, each node above the cap counting its pieces */
    uint32_t effort;
    uint64_t seed;
    const xw_job *job;
} xw__inside;

/* @param section    section of each node; changes where nodes cross to make the teams fit
 * @param of         receives the team of each node, n_teams teams
 * @param up         receives the section of each team; room for g->n
 */
xw_status xw__inside_solve(const xw__inside *in, uint32_t *section, uint32_t *n_sections,
                           uint32_t *of, uint32_t *n_teams, uint32_t *up, xw_error *err);

#endif
