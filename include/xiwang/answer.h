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
#define XW_NEAREST_MAX_M     1000.0  /**< furthest fallback for a point outside */
#define XW_SNAP_MAX_M        20.0    /**< furthest wall that a point is snapped to */

/**
 * Half the width of a carriageway in metres by barrier class: what lies this close to the middle of
 * a road is on it. Usual widths of each class, not measured on the ground; stated here so that
 * everybody gets the same answer.
 */
#define XW_CARRIAGEWAY_MAP(X) \
    X(MOTORWAY, 13.0)         \
    X(TRUNK, 11.0)            \
    X(PRIMARY, 9.0)           \
    X(SECONDARY, 7.0)         \
    X(TERTIARY, 5.0)          \
    X(RESIDENTIAL, 3.5)       \
    X(SERVICE, 2.5)           \
    X(TRACK, 2.0)             \
    X(PATH, 1.0)
#define XW_CARRIAGEWAY_MAX_M 13.0
/** The same by class; 0 for what is no road. */
double xw_carriageway_half_m(unsigned cls);

typedef struct xw_query {
    double x, y;       /**< in the CRS */
    const xw_crs *crs; /**< borrowed; NULL: longitude, latitude in degrees, CGCS2000 */
    double accuracy_m; /**< radius of the disc the point is in, to XW_ACCURACY_MAX_M; 0: exact */
    bool has_floor;
    int floor;        /**< 1 is the ground floor */
    double snap_m;    /**< a point in no footprint but this close to one belongs to that building;
                         0: off, at most XW_SNAP_MAX_M */
    double nearest_m; /**< a point outside gets the nearest grid this close; 0: off, at most
                         XW_NEAREST_MAX_M */
    bool near_only;   /**< same_answer_within_m is not wanted: it is cut short where nothing else of
                         the answer depends on it (faster far from edges) */
    bool custody;     /**< on a carriageway the grid that looks after the road answers */
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
    XW_RULE_BUILDING, /**< snapped to a footprint: snap_m */
    XW_RULE_CUSTODY,  /**< on a carriageway, its custodian: custody */
    XW_RULE_RESERVED, /**< inside a reserved grid: nobody is responsible there */
    XW_RULE_NEAREST,  /**< outside, the nearest grid: nearest_m */
    XW_RULE_OUTSIDE,  /**< no grid here */
    XW_RULE_ADDRESS   /**< an address named the building or the place, see address.h */
} xw_rule;
/** "inside", "boundary", "floor", "tower", "building", "custody", "reserved", "nearest",
 * "outside", "address" */
const char *xw_rule_text(xw_rule r);

typedef struct xw_answer {
    xw_pt at; /**< on the lattice */
    xw_rule rule;
    bool on_boundary;
    uint32_t other_plot; /**< when on_boundary, the plot on the other side (of several the first);
                              XW_NONE: not on a boundary, or the other side is outside */
    uint32_t plot;       /**< that decided; XW_NONE outside, also with a nearest grid */
    uint32_t building;   /**< whose footprint owns the point, or to which it was snapped; XW_NONE */
    double building_distance_m; /**< 0 inside */
    double distance_m;          /**< from a point outside to the nearest grid, else 0 */
    uint32_t road_edge;     /**< the road on whose carriageway the point lies, XW_NONE: on none */
    double road_distance_m; /**< to its middle */
    const char
        *suspect_crs;       /**< the point is outside or in water as labelled, but on land when its
                               numbers are read as "wgs84", "gcj02" or "bd09"; NULL: no suspicion */
    uint32_t suspect_plot;  /**< where it would be then, else XW_NONE */
    uint32_t grid;          /**< finest grid of the point itself; in a tower without a floor the one
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

/** XW_INPUT for NaN or coordinates out of range, or an accuracy, snap_m or nearest_m outside its
 * range (the text names them), XW_NOMEM. Outside is an answer, not an error. */
xw_status xw_answer_locate(const xw_snapshot *s, const xw_query *q, xw_answer *out, xw_error *err);
/**
 * The answer for an address: the plot of the building decides wherever the point lies, the floor as
 * always. Without a building, or when it is not in the map, the point decides. A point that is not
 * in the plot of its building has same_answer_within_m 0.
 * @param q         the point and the floor; accuracy, snapping and custody do not count
 * @param building  index, or XW_NONE
 * The rule is XW_RULE_ADDRESS, or XW_RULE_NEAREST or XW_RULE_OUTSIDE when there is no grid at all.
 */
xw_status xw_answer_address(const xw_snapshot *s, const xw_query *q, uint32_t building,
                            xw_answer *out, xw_error *err);
/** The short answer: the finest grid, and how sure that is. */
typedef struct xw_brief {
    uint32_t grid;          /**< XW_NONE outside */
    uint32_t certain_level; /**< as in xw_answer */
    double probability;     /**< of grid */
    xw_rule rule;
} xw_brief;
xw_brief xw_brief_of(const xw_snapshot *s, const xw_answer *a);
/** The short answers of xw_answer_locate to n exact points (accuracy 0, no floor, nothing snapped
 *  or near). Several times as fast as one by one. XW_NOMEM
 *  @param with_rule  false: the rule of a point inside is not looked for and says XW_RULE_INSIDE;
 *                    whether it lies on an edge is half of the cost */
xw_status xw_brief_many(const xw_snapshot *s, const xw_pt *at, size_t n, bool with_rule,
                        xw_brief *out, xw_error *err);
/** No revision that follows is known. */
#define XW_ANSWER_OPEN_END INT64_MAX
/** The answer as a JSON object (@p valid_until: when the next revision takes effect, Unix seconds,
 * or XW_ANSWER_OPEN_END; see timeline.h):
 *  location {lon, lat}, rule, distance_m (to the nearest grid, outside), on_boundary, other_side
 * {plot_id, code, name} or null, accuracy_m, same_answer_within_m, certain_to (level key or null),
 * revision, effective (RFC 3339), valid_until (or null), published, division {code, name} or null,
 * levels {"zone": {grid_id, code, name, probability} …} coarsest first, candidates [{grid_id, code,
 * name, probability, distance_m, levels {"zone": {code, name} …}}], building {building_id, name,
 * floors, households, distance_m} or null, plot {plot_id, kind, block_id, households} or null, road
 * {edge_id, name, class, distance_m, custody_code} or null, suspect_crs {crs, code, name} or null,
 * posts []. */
void xw_answer_json(const xw_snapshot *s, const xw_answer *a, int64_t valid_until, xw_json *j);

/** The members of the answer that may be left out, by name; revision stands for effective,
 * valid_until and published too. */
// clang-format off
#define XW_ANSWER_FIELDS_MAP(X) \
    X(location) X(rule) X(distance_m) X(on_boundary) X(other_side) X(accuracy_m) \
    X(same_answer_within_m) X(certain_to) X(revision) X(division) X(levels) X(candidates) \
    X(building) X(plot) X(road) X(suspect_crs) X(posts)
// clang-format on
enum {
#define X(name) XW_ANSWER_AT_##name,
    XW_ANSWER_FIELDS_MAP(X)
#undef X
        XW_ANSWER_FIELDS
};
#define XW_ANSWER_ALL ((1u << XW_ANSWER_FIELDS) - 1u)
/** Names parted by commas as a set of bits 1 << XW_ANSWER_AT_…. XW_INPUT for an empty list and for
 * an unknown name, which the text tells with those that are known. */
xw_status xw_answer_fields(const char *names, unsigned *out, xw_error *err);
/** xw_answer_json with the members in @p fields only, in the same order. */
void xw_answer_json_some(const xw_snapshot *s, const xw_answer *a, int64_t valid_until,
                         unsigned fields, xw_json *j);

#endif
