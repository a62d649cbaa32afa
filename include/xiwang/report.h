/**
 * @file report.h
 * How good a partition is, level by level, and why it has more grids than could be: computed from
 * the stored result alone.
 *
 * Bounds. `bound_sum`: per division the sum of what its grids hold by the cap, rounded up (one at
 * least), and one for each exclusive grid. `bound_bins`: the same for each part by itself, where a
 * part is what open boundaries connect (at the finest level without the plots above the cap, each
 * of which is a part); of the finest level xw_bin_bound, since buildings are not divided; above it
 * the grids of one tower are one thing where they fit into one, and full ones of their own else.
 *
 * Waste: every grid more than bound_sum has one reason:
 * - isolated: a part of less than the cap;  barrier: a larger part that hard barriers bound, whose
 *   last grid is not full;  empty: a part without households;
 * - tower: a building above the cap is grids of its own, whole floors each, and these stay together
 *   above;
 * - indivisible: buildings do not fit together (bound_bins above the sum);
 * - floor: the level wants even grids;  search: everything else: fewer may be possible.
 * The parts that leave most room get the reason when several together make one grid.
 *
 * Crossings: every grid of the finest level with households on both sides of a main road (motorway,
 * trunk, primary; where its level may, xw_level.never), and why its smaller side is not with
 * others:
 * - cut-off: main roads and other barriers leave no other grid on that side;
 * - full: the grids on that side have less room than it has households: one grid more;
 * - search: they have room, but not where it is needed; another partition may do without.
 *
 * Cost: O(n log n). Threads: pure function over a const model.
 */
#ifndef XW_REPORT_H
#define XW_REPORT_H

#include "xiwang/json.h"
#include "xiwang/model.h"

#define XW_WASTE_MAP(X)                         \
    X(ISOLATED, "isolated", "孤立街块")         \
    X(BARRIER, "barrier", "硬界线")             \
    X(EMPTY, "empty", "无户地块")               \
    X(TOWER, "tower", "高楼")                   \
    X(INDIVISIBLE, "indivisible", "房屋不可分") \
    X(FLOOR, "floor", "下限")                   \
    X(SEARCH, "search", "其他")

typedef enum xw_waste_reason {
#define X(name, text, zh) XW_WASTE_##name,
    XW_WASTE_MAP(X)
#undef X
        XW_WASTE_COUNT
} xw_waste_reason;
/** "isolated" …; never NULL. */
const char *xw_waste_text(unsigned reason);
const char *xw_waste_zh(unsigned reason);

typedef struct xw_waste {
    uint32_t level, division, n; /**< grids */
    uint32_t reason;             /**< xw_waste_reason */
    uint64_t holds;              /**< households or children of the part */
    xw_pt at;
} xw_waste;

#define XW_CROSSING_MAP(X)          \
    X(CUT_OFF, "cut-off", "孤立")   \
    X(FULL, "full", "该侧各队已满") \
    X(SEARCH, "search", "其他")

typedef enum xw_crossing_reason {
#define X(name, text, zh) XW_CROSSING_##name,
    XW_CROSSING_MAP(X)
#undef X
        XW_CROSSING_COUNT
} xw_crossing_reason;
/** "cut-off" …; never NULL. */
const char *xw_crossing_text(unsigned reason);
const char *xw_crossing_zh(unsigned reason);

typedef struct xw_crossing {
    uint32_t grid;
    uint32_t cls;        /**< xw_barrier_class of the largest road in between */
    uint32_t households; /**< of the smaller side */
    uint32_t others;     /**< grids with households on that side, beside this one */
    uint32_t room;       /**< households these could still take */
    uint32_t reason;     /**< xw_crossing_reason */
    xw_pt at;            /**< in the smaller side */
} xw_crossing;

typedef struct xw_level_report {
    uint64_t bound_sum, bound_bins, achieved;
    uint32_t across_blocks;           /**< grids over more than one block */
    double cut_m[XW_CLASS_COUNT + 1]; /**< boundary between its grids by class; last: no barrier */
    double pp_mean, pp_p10;           /**< Polsby-Popper */
    uint64_t waste[XW_WASTE_COUNT];   /**< adds up to achieved - bound_sum */
} xw_level_report;

typedef struct xw_quality {
    xw_level_report levels[XW_LEVELS_MAX]; /**< coarsest first, as in the model */
    xw_waste *wasted;                      /**< by level, division, part */
    size_t n_wasted, cap_wasted;
    xw_crossing *crossings; /**< by grid */
    size_t n_crossings;
} xw_quality;

/** @param out  the caller finishes it; empty after a failure. XW_NOMEM. */
xw_status xw_quality_make(const xw_model *m, xw_quality *out, xw_error *err);
void xw_quality_finish(xw_quality *q);
/** Object with "levels", "wasted" and "crossings". */
void xw_quality_write_json(const xw_model *m, const xw_quality *q, xw_buf *out);
/** The same without the places: "levels", and how many "crossings" have each reason. */
void xw_quality_write_summary(const xw_model *m, const xw_quality *q, xw_json *j);

#endif
