/* What the files of the rebuilding share. */
#ifndef XW_GRIDS_REBUILD_PARTS_H
#define XW_GRIDS_REBUILD_PARTS_H

#include "plan.h"
#include "rebuild_heal.h"
#include "rules.h"
#include "xiwang/rebuild.h"

/* rebuild_match.c: which old unit each new one is. */
typedef struct xw__match {
    uint32_t *division; /* old division of each new one, XW_NONE */
    uint32_t *unit;     /* old unit of each new one, XW_NONE */
    uint32_t *same;     /* by new unit: households that were there before */
    uint32_t *still;    /* by old unit: households that are still there */
    uint64_t buildings_same, buildings_new, buildings_gone, buildings_changed;
} xw__match;
xw_status xw__match_make(const xw_model *old, const xw_model *m, xw__match *out, xw_error *err);
void xw__match_finish(xw__match *k);

/* One level of one division after the repair. */
typedef struct xw__remade {
    uint32_t n;
    uint32_t *label;  /* by grid: old grid whose place it has, XW_NONE */
    uint8_t *founded; /* by grid without label: xw_lineage_reason */
    uint32_t *of;     /* by child (by unit of the division at the finest level): its grid */
    uint8_t *why;     /* by child: xw_lineage_reason of its move, 0 when it did not move */
} xw__remade;

typedef struct xw__rebuild {
    const xw_model *old;
    xw_model *m;
    const xw_grids_config *c;
    const xw_job *job;
    uint32_t chain_most;
    xw_barrier_rules rules;
    xw__match match;
    uint32_t *edge_start, *edge_item; /* edges by division */
    uint32_t
        *old_first; /* old grids by (division, level): old_list[old_first[d * levels + l]] on */
    uint32_t *old_list, *old_local; /* old_local: place of a grid in its list */
    uint32_t *old_lost;             /* by old grid: weight that is gone */
    uint32_t *old_used;             /* by old grid: highest number of a child, ever; at index
                                       n_grids + d that of the coarsest of new division d */
    xw__plan *plans;
    xw__remade *remade;  /* by (division, level) */
    uint32_t *new_first; /* number of the first new grid of (division, level), in plan order */
    uint32_t *claim;     /* by such a number: old grid whose code it keeps, XW_NONE */
    uint8_t *old_kept;   /* by old grid: somebody keeps its code */
} xw__rebuild;

/* rebuild_division.c: plans and remade of one division. */
xw_status xw__rebuild_division(xw__rebuild *r, uint32_t division, xw_error *err);

/* rebuild_room.c: a parent of the old plan whose numbers run out takes nobody new. */
bool xw__rebuild_runs_out(const xw__rebuild *r, uint32_t level, uint32_t grid);
/* Which parent each group of the finest level has, and how many more each may have: h->parent and
 * h->spare, freed by the caller. False without memory. */
bool xw__rebuild_room(const xw__rebuild *r, uint32_t old_division, xw__heal *h);

/* rebuild_tower.c: runs of the units of one plot above the cap. home: by unit a label or XW_NONE.
 * @param end    one a run: first unit behind it  @param label  one a run */
xw_status xw__rebuild_tower(const uint32_t *households, const uint32_t *home, const uint32_t *same,
                            uint32_t n, uint32_t cap, uint32_t *end, uint32_t *label,
                            uint32_t *n_runs, xw_error *err);

/* rebuild_codes.c: numbers of all plans, before xw__plan_publish. */
xw_status xw__rebuild_numbers(xw__rebuild *r, xw_error *err);
/* rebuild_codes.c: old_used, from the old grids and their lineage. */
void xw__rebuild_used(xw__rebuild *r);
/* rebuild_lineage.c: rows and report, after the publishing. */
xw_status xw__rebuild_lineage(xw__rebuild *r, xw_rebuild_report *out, xw_error *err);

/* Old grid of an old unit at a level; XW_NONE for no unit. */
static inline uint32_t xw__old_grid(const xw__rebuild *r, uint32_t unit, uint32_t level)
{
    return unit == XW_NONE ? XW_NONE : xw_model_grid_at(r->old, r->old->units[unit].grid, level);
}

#endif
