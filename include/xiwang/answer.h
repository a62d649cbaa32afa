/**
 * @file answer.h
 * "Who is responsible here?": the lookup answer for one point, all levels at once.
 * Threads: pure over a const snapshot; the CRS is the caller's, one per thread.
 */
#ifndef XW_ANSWER_H
#define XW_ANSWER_H

#include "xiwang/crs.h"
#include "xiwang/json.h"
#include "xiwang/snapshot.h"

#define XW_CANDIDATES_MAX 16

typedef struct xw_query {
    double x, y;       /**< in the CRS */
    const xw_crs *crs; /**< borrowed; NULL: longitude, latitude in degrees, CGCS2000 */
    double accuracy_m; /**< radius of the disc the point is in; 0: exact */
    bool has_floor;
    int floor; /**< 1 is the ground floor */
} xw_query;

typedef struct xw_candidate {
    uint32_t grid;      /**< finest level, index */
    double probability; /**< share of the accuracy disc; floors of a tower share equally */
    double distance_m;  /**< from the point to the grid, 0 inside */
} xw_candidate;

typedef enum xw_rule {                   /* what decided; always named in the answer */
                       XW_RULE_INSIDE,   /**< the point is inside */
                       XW_RULE_BOUNDARY, /**< on an edge: the half-open rule */
                       XW_RULE_FLOOR,    /**< the floor picked a slice of a tower */
                       XW_RULE_TOWER,  /**< in a tower without a floor: all its grids are candidates
                                        */
                       XW_RULE_OUTSIDE /**< no grid here */
} xw_rule;
const char *xw_rule_text(xw_rule r); /**< "inside", "boundary", "floor", "tower", "outside" */

typedef struct xw_answer {
    xw_pt at; /**< on the lattice */
    xw_rule rule;
    bool on_boundary;
    uint32_t other_plot;         /**< plot on the other side when on_boundary, else XW_NONE */
    uint32_t plot;               /**< XW_NONE outside */
    uint32_t building;           /**< whose footprint owns the point, else XW_NONE */
    uint32_t grid;               /**< finest grid that decided; XW_NONE outside */
    uint32_t certain_level;      /**< finest level where every candidate agrees; XW_NONE: none */
    double accuracy_m;           /**< as used: given plus the error of the CRS */
    double same_answer_within_m; /**< radius around the point inside which the plot does not change,
                                      capped at 1000 */
    uint32_t n_candidates;
    xw_candidate candidates[XW_CANDIDATES_MAX]; /**< most probable first */
} xw_answer;

/** XW_INPUT for NaN or coordinates out of range (the text names them). Outside is an answer, not an
 *  error. */
xw_status xw_answer_locate(const xw_snapshot *s, const xw_query *q, xw_answer *out, xw_error *err);
/** The answer as a JSON object: location, rule, revision, division, levels {zone:{code,name,…}…},
 *  certain_to, on_boundary, candidates[], building, plot. */
void xw_answer_json(const xw_snapshot *s, const xw_answer *a, xw_json *j);

#endif
