/**
 * @file check.h
 * What a partition must show, computed from the stored result alone, independent of how it was
 * made.
 *
 * Hard lines (each must be 0):
 * - gaps_area: land inside the territory's outline that no plot owns, in half square lattice units
 *   (twice the area, so that it is whole). Land of others inside, bounded by a division's border
 * all around, is no gap.
 * - overlaps_area: area of plots that are inside out, and the excess of all plots over the
 * territory.
 * - unmatched_edges: places where the sides of the edges at a node contradict each other. Without
 *   these and without crossing_edges the plots cover the territory once.
 * - crossing_edges: pairs of edges that meet elsewhere than at a common vertex.
 * - buildings_cut: footprints that a boundary enters or that leave their plot.
 * - KEYs_over_cap for each level: grids with more than the cap; a single unit above it is an
 * exception.
 * - units_without_grid, units_in_two: the assignment.
 * - codes_wrong: codes that are not the parent's (the division's 12 digits) and a number from 1 in
 *   the digits of the level, see code.h.
 * - disconnected_grids: more pieces than the division's land has there (else an exception).
 * - grids_across_division, grids_across_hard_barrier: the latter counts grids whose plots with
 *   households are tied only across a motorway, river or railway that nothing crosses.
 * - KEYs_across_never, for levels with such a rule: grids with households on both sides of a class
 *   that their level never crosses (xw_level.never).
 * - codes_used_again: codes that the lineage retired and that are a grid again, or that begin
 * twice.
 * - lineage_broken: codes that the lineage names and that neither are a grid nor were retired, and
 *   rows by which more households left a grid than it had.
 * Everything else is reported only, among it across_main_roads, each with an exception,
 * KEYs_under_floor, and households_moved: what the newest revision changed at the finest level, by
 * its lineage.
 *
 * Cost: O(n log n) in edges and units. Threads: pure function over a const model.
 */
#ifndef XW_CHECK_H
#define XW_CHECK_H

#include "xiwang/job.h"
#include "xiwang/json.h"
#include "xiwang/model.h"

#define XW_SPOTS_MAX 1000 /**< most spots kept for one line; its value counts all */

typedef struct xw_check_line {
    char key[56];  /**< "gaps_area", "teams_over_cap" … */
    char text[96]; /**< English, for people */
    char zh[96];
    bool hard; /**< a hard line must be 0 */
    double value;
    char unit[12]; /**< "units2", "m", "%", "" */
} xw_check_line;

typedef struct xw_spot { /* a place where a hard line is broken, or an accepted exception */
    uint32_t line;       /**< index into lines */
    bool exception;
    xw_pt at;
    char text[200];
} xw_spot;

typedef struct xw_check_report {
    xw_check_line *lines;
    size_t n_lines, cap_lines;
    xw_spot *spots;
    size_t n_spots, cap_spots;
    bool ok; /**< every hard line is 0 */
} xw_check_report;

/**
 * Never changes the model. When the assignment itself is broken (units without a grid or in two)
 * the report has those lines only.
 * @return XW_INPUT when the structure is broken otherwise (xw_model_validate); XW_CANCELLED;
 * XW_NOMEM
 */
xw_status xw_check(const xw_model *m, const xw_job *job, xw_check_report *out, xw_error *err);
void xw_check_report_finish(xw_check_report *r);
/** The line with a key, or NULL. */
const xw_check_line *xw_check_find(const xw_check_report *r, const char *key);

/** Object with "ok", "lines", "spots" (the numbers of the latter by line). */
void xw_check_write_json(const xw_check_report *r, xw_buf *out);
/** FeatureCollection of the spots: line, exception, text. */
void xw_check_write_spots(const xw_check_report *r, xw_buf *out);

#endif
