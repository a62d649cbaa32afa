/**
 * @file rebuild.h
 * The next revision: new plots, old grids wherever they are still right, repaired where not.
 *
 * A plan that is in force is on people's doors and in their heads. So this is not aggregation again
 * from the start, but repair: the fewest existing households change their team, and every change
 * has a reason and is written down (xw_lineage in model.h).
 *
 * 1. Match. A building of the new map is one of the old when both have the same source id, each
 *    only once, and their boxes are less than 30 m apart; the rest by footprint: the pair that
 *    shares most of the smaller of the two, at least half. Units of a matched building are matched
 *    by their floors, else by their place in the order. Land without buildings is the same when its
 *    anchor is. What is in another division than before counts as new there.
 * 2. Inherit. A plot goes to the grid that most of its households had. What was there and is the
 *    same stays as it is, so the same input gives the same grids. One exception is known: a zone or
 *    section whose parts hang together only over land that one of them got across a hard barrier
 *    passes the check, and is parted all the same (one random town of some 400).
 * 3. Repair each level, the finest first, division by division:
 *    - A grid that no longer hangs together (a building or a passage is gone, a new hard barrier)
 *      takes free land or new buildings that close the gap, by the lightest path (Dijkstra, Numer.
 *      Math. 1, 1959, doi:10.1007/BF01386390). Else the part with most of its households stays,
 *      the others go on as new ones do.
 *    - A grid above the cap passes households on to neighbours, along the cheapest chain of grids
 *      to where there is room: an ejection chain (Glover, Discrete Applied Mathematics 65, 1996,
 *      doi:10.1016/0166-218X(94)00037-E), found by Dijkstra's search; each existing household that
 *      moves costs 1. Where no chain of at most chain_most households does, the grid is split
 *      (xw_aggregate on its own plots) and its largest part keeps the name.
 *    - New households join the neighbour with room with whom they share the dearest boundary; else
 *      a chain makes room; else they are a new grid: here when a section next to it has room, else
 *      where a chain of at most two households less than the cap ends in a section that has. More
 * of them in one place than one grid may hold are an estate: xw_aggregate groups them at once.
 *    - A grid that lost all its households is retired, its land goes to the neighbours.
 *    - Two neighbours become one only when both lost households now, one of them is at most half
 *      full, and together they keep the cap. The one with fewer households moves.
 *    - A tower (a plot above the cap) is cut again where a run of floors is too many: exact, by
 *      dynamic programming, least households that change their run, then fewest runs.
 *    - An exclusive area (exclusive.h) is one grid, whole, whatever it was before.
 *    At the upper levels grids take the place of plots: a new team joins a section with room that
 *    it touches, else one passes a team of less than the cap on, else it founds one. Above that
 *    nothing is moved to make room. A parent whose numbers are used up takes nobody new.
 * 4. Codes. A grid keeps its code when it is the heir of the grid that had it: the grid with the
 *    largest share of the households that are still there (of equals the one that keeps the place),
 *    and each grid the heir of one at most. Its parent must have kept its own, for a code says the
 *    parent. All others get the next numbers that were never used in their parent.
 * 5. Lineage. One row for each pair of grids that households went between, for each grid that began
 *    without households of before, and for each that ended without leaving any. The rows of earlier
 *    revisions are kept: the codes of the grids and of the rows are all that were ever used.
 *
 * Deterministic: the same bytes on any number of threads (one division, one thread). Cost: linear,
 * about 5 us a plot, and some milliseconds a chain. Threads: one call at a time on one model.
 */
#ifndef XW_REBUILD_H
#define XW_REBUILD_H

#include "xiwang/grids.h"
#include "xiwang/json.h"

typedef struct xw_rebuild_options {
    uint32_t chain_most; /**< most existing households one chain may move; 0: half the cap */
} xw_rebuild_options;

typedef struct xw_rebuild_level {
    uint32_t before, after;
    uint32_t kept;  /**< grids with the code they had */
    uint32_t begun; /**< new codes */
    uint32_t ended; /**< retired codes */
    uint64_t moved; /**< households that were there before and have another code now */
} xw_rebuild_level;

typedef struct xw_rebuild_report {
    uint32_t revision; /**< the new one */
    uint64_t buildings_same, buildings_new, buildings_gone;
    uint64_t buildings_changed; /**< of the same: with other households */
    uint64_t households_before, households_after;
    uint64_t households_same; /**< those of units that were matched */
    uint32_t n_levels;
    xw_rebuild_level levels[XW_LEVELS_MAX];
    uint64_t reasons[XW_LINEAGE_COUNT]; /**< households of the finest level's rows, by reason */
    size_t first_row;                   /**< lineage of this revision: from here on */
} xw_rebuild_report;

/** The levels and the net of a model as a configuration. */
xw_grids_config xw_rebuild_config(const xw_model *old);

/**
 * Fills the grids, the lineage and the revision number of a model that has everything else.
 *
 * @param old  the revision before, with grids; may be mapped from a snapshot
 * @param m    as xw_plots_build leaves it
 * @param c    levels: keys and digits must be those of @p old, caps and names may differ
 * @param o    may be NULL
 * @param out  may be NULL
 * @return XW_INPUT when the levels are others, or @p old has no grids; XW_LIMIT when a division has
 *         no number left; XW_CANCELLED; XW_NOMEM. After a failure there are no grids.
 */
xw_status xw_rebuild(const xw_model *old, xw_model *m, const xw_grids_config *c,
                     const xw_rebuild_options *o, const xw_job *job, xw_rebuild_report *out,
                     xw_error *err);

/** Object with the counts of the report and "rows", the lineage of this revision. */
void xw_rebuild_write_json(const xw_rebuild_report *r, const xw_model *m, xw_buf *out);

#endif
