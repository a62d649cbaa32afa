/**
 * @file answer.h
 * "Who is responsible here?": the lookup answer for one point, all levels at once.
 *
 * Exact: the point is rounded to the lattice and owned by one plot (boundary rule of lattice.h).
 * Honest about doubt: with an accuracy the point is somewhere in a disc of that radius, every place
 * in it equally likely (a uniform disc), and the probability of a grid is its share of the disc's
 * area. The share is computed, not sampled: the edges clipped to the disc plus the arcs between
 * them (Green's theorem), metres by the scale at the point's latitude. What lies outside every grid
 * is nobody's share, so probabilities may sum to less than 1. Shares below one in a million do not
 * count.
 *
 * A plot that several finest grids share (a tower cut by floors) gives its share to the grid of the
 * floor; without a floor, or with one that the tower does not have, to all of them in proportion to
 * their households in that plot (equally when there are none).
 *
 * Cost: a few microseconds; with an accuracy it grows with the edges in the disc.
 * Threads: pure over a const snapshot; the CRS is the caller's, one per thread.
 */
#ifndef XW_ANSWER_H
#define XW_ANSWER_H

#include "xiwang/crs.h"
#include "xiwang/json.h"
#include "xiwang/snapshot.h"

#define XW_CANDIDATES_MAX    16
#define XW_ACCURACY_MAX_M    10000.0 /**< largest accuracy that is answered */
#define XW_SAME_ANSWER_MAX_M 1000.0  /**< how far same_answer_within_m looks */

typedef struct xw_query {
    double x, y;       /**< in the CRS */
    const xw_crs *crs; /**< borrowed; NULL: longitude, latitude in degrees, CGCS2000 */
    double accuracy_m; /**< radius of the disc the point is in, to XW_ACCURACY_MAX_M; 0: exact */
    bool has_floor;
    int floor; /**< 1 is the ground floor */
} xw_query;

typedef struct xw_candidate {
    uint32_t grid;      /**< finest level, index */
    double probability; /**< share of the accuracy disc, see above */
    double distance_m;  /**< from the point to the grid, 0 inside */
} xw_candidate;

/** What decided about the point itself; always named in the answer. */
typedef enum xw_rule {
    XW_RULE_INSIDE,   /**< the point is inside */
    XW_RULE_BOUNDARY, /**< on an edge: the half-open rule */
    XW_RULE_FLOOR,    /**< the floor picked a slice of a tower */
    XW_RULE_TOWER,    /**< in a tower without a floor: all its grids are candidates */
    XW_RULE_OUTSIDE   /**< no grid here */
} xw_rule;
const char *xw_rule_text(xw_rule r); /**< "inside", "boundary", "floor", "tower", "outside" */

typedef struct xw_answer {
    xw_pt at; /**< on the lattice */
    xw_rule rule;
    bool on_boundary;
    uint32_t other_plot; /**< when on_boundary, the plot on the other side (of several the first);
                              XW_NONE: not on a boundary, or the other side is outside */
    uint32_t plot;       /**< XW_NONE outside */
    uint32_t building;   /**< whose footprint owns the point, else XW_NONE */
    uint32_t grid;       /**< finest grid of the point itself; in a tower without a floor the one
                              with most households there; XW_NONE outside */
    uint32_t certain_level; /**< finest level where every candidate agrees; XW_NONE: none, or the
                                 point itself is outside */
    double accuracy_m;      /**< as used: given and the error of the CRS, added in quadrature */
    double same_answer_within_m; /**< radius around the point inside which the plot does not change,
                                      capped at XW_SAME_ANSWER_MAX_M */
    double level_probability[XW_LEVELS_MAX]; /**< by level: share of the candidates that are in the
                                                  same grid as `grid`; 0 outside */
    uint32_t n_candidates; /**< kept; certain_level and level_probability count all of them */
    xw_candidate candidates[XW_CANDIDATES_MAX]; /**< most probable first, then by code */
} xw_answer;

/** XW_INPUT for NaN or coordinates out of range, or an accuracy outside 0..XW_ACCURACY_MAX_M (the
 * text names them), XW_NOMEM. Outside is an answer, not an error. */
xw_status xw_answer_locate(const xw_snapshot *s, const xw_query *q, xw_answer *out, xw_error *err);
/** The answer as a JSON object:
 *  location {lon, lat}, rule, on_boundary, other_side {plot_id, code, name} or null, accuracy_m,
 *  same_answer_within_m, certain_to (level key or null), revision, effective (RFC 3339), division
 * {code, name} or null, levels {"zone": {grid_id, code, name, probability} …} coarsest first,
 *  candidates [{grid_id, code, name, probability, distance_m, levels {"zone": {code, name} …}}],
 *  building {building_id, name, floors, households} or null, plot {plot_id, kind, block_id,
 * households} or null, posts []. */
void xw_answer_json(const xw_snapshot *s, const xw_answer *a, xw_json *j);

#endif
