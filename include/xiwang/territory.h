/**
 * @file territory.h
 * The cleaned input of a partition: barriers, buildings, waters, divisions and addresses on the
 * lattice, with the findings of the import. Filled by `import`, read by `map` and `plots`.
 *
 * Flat arrays, indices instead of pointers. All vertices lie in `pts`; lines and rings are spans of
 * it. Rings are closed without repeating the first vertex, outer rings counter-clockwise, holes
 * clockwise, no two consecutive vertices equal, at least 3 vertices.
 * Threads: one at a time while filled, then share freely.
 */
#ifndef XW_TERRITORY_H
#define XW_TERRITORY_H

#include "xiwang/buf.h"
#include "xiwang/lattice.h"
#include "xiwang/ring.h"

/** Widest a territory may be each way: 2^29 lattice units, 53 degrees (what noder.h takes). */
#define XW_TERRITORY_SPAN_MAX (INT64_C(1) << 29)

#define XW_NONE UINT32_MAX /**< "no such index" for every uint32_t index of the project */

/**
 * Barrier classes: code, Chinese name, `hard`, cost of a cut, basis.
 * `hard`: no grid may have households on both sides of it unless a passable road crosses.
 * Cost: weight of a metre of grid boundary along it (1 = inside a block); a big road is cheap.
 */
#define XW_BARRIER_MAP(X)                                \
    X(MOTORWAY, "motorway", "高速公路", 1, 0.05, ROAD)   \
    X(TRUNK, "trunk", "快速路", 0, 0.05, ROAD)           \
    X(PRIMARY, "primary", "主干道", 0, 0.05, ROAD)       \
    X(SECONDARY, "secondary", "次干道", 0, 0.10, ROAD)   \
    X(TERTIARY, "tertiary", "支路", 0, 0.15, ROAD)       \
    X(RESIDENTIAL, "residential", "街巷", 0, 0.30, ROAD) \
    X(SERVICE, "service", "内部道路", 0, 0.40, ROAD)     \
    X(TRACK, "track", "机耕路", 0, 0.40, ROAD)           \
    X(PATH, "path", "小路", 0, 0.50, ROAD)               \
    X(RIVER, "river", "河流", 1, 0.05, WATER)            \
    X(STREAM, "stream", "沟渠", 0, 0.30, WATER)          \
    X(RAIL, "rail", "铁路", 1, 0.05, RAIL)               \
    X(WALL, "wall", "围墙", 0, 0.30, WALL)               \
    X(DIVISION, "division", "行政界线", 1, 0.0, DIVISION)

typedef enum xw_barrier_class {
#define X(name, code, zh, hard, cost, basis) XW_CLASS_##name,
    XW_BARRIER_MAP(X)
#undef X
        XW_CLASS_COUNT,
    XW_CLASS_NONE = 255 /**< no barrier: a wall of a building, or between two buildings */
} xw_barrier_class;

typedef struct xw_class_info {
    const char *code, *zh;
    bool hard;
    double cost;
} xw_class_info;
/** Facts of a class; XW_CLASS_NONE gives code "", cost 1. Never NULL. */
const xw_class_info *xw_class_get(unsigned cls);
/** Class by its code, XW_CLASS_NONE if unknown. */
unsigned xw_class_find(const char *code);

enum { /* xw_barrier.flags */
       XW_BARRIER_BRIDGE =
           1, /**< passes over: no barrier for what it crosses, makes it crossable */
       XW_BARRIER_TUNNEL = 2, /**< passes under or is covered: the same */
       XW_BARRIER_IMPASSABLE =
           4 /**< not for people (rail, river, wall …): crossing it opens nothing */
};

typedef struct xw_barrier {
    uint32_t first, n; /**< vertices in pts, n >= 2, open line */
    xw_text name, source;
    uint8_t cls, flags;
} xw_barrier;

typedef enum xw_use { /* what a building is for; decides the estimate of its households */
                      XW_USE_UNKNOWN,
                      XW_USE_HOUSE,
                      XW_USE_FLATS,
                      XW_USE_OUTBUILDING, /**< garage, shed, barn, greenhouse, roof: 0 households */
                      XW_USE_WORK,        /**< industry, office, shop, hotel: 0 households */
                      XW_USE_PUBLIC,      /**< school, church, hospital, station: 0 households */
                      XW_USE_COUNT
} xw_use;

typedef struct xw_area { /* a building, a water area or a division */
    uint32_t first_ring, n_rings;
} xw_area;

typedef struct xw_span {
    uint32_t first, n; /**< vertices in pts */
} xw_span;

typedef struct xw_building {
    xw_area area;
    xw_text name, source; /**< source: the id in the input, e.g. "way/123" */
    int32_t households;   /**< >= 0 after the import (given or estimated) */
    uint16_t floors;      /**< >= 1 after the import */
    uint8_t use;          /**< xw_use */
    uint8_t estimated;    /**< 1: households by the rule, 0: given */
    float height_m;       /**< > 0 after the import */
} xw_building;

typedef struct xw_water {
    xw_area area;
    xw_text name, source;
} xw_water;

/** Land that is to be a grid of its own: a school, a factory, a market. */
typedef struct xw_exclusive {
    xw_area area;
    xw_text code; /**< of the input, may be empty */
    xw_text name, kind, source;
} xw_exclusive;

typedef struct xw_division {
    xw_area area;
    xw_text code; /**< 12 digits, unique (made up under prefix 999 where the input has none) */
    xw_text name, source;
    xw_text level;                    /**< "village", "town", "county" or the input's own word */
    xw_text parent_code, parent_name; /**< may be empty */
} xw_division;

typedef struct xw_address {
    xw_pt at;
    xw_text text; /**< one line as people write it: 和平路12号, Aeulestrasse 30 */
    xw_text street, number, place;
    uint32_t building; /**< filled when known, else XW_NONE */
} xw_address;

/** One thing the import or a later stage repaired, dropped or wants a person to look at. */
typedef struct xw_finding {
    xw_text kind;   /**< short stable code: "building-outside", "building-overlap" … */
    xw_text layer;  /**< "buildings", "roads" … */
    xw_text source; /**< id in the input */
    xw_text text;   /**< one line for people */
    xw_pt at;
} xw_finding;

typedef struct xw_territory {
    xw_strings text;
    xw_pt *pts;
    size_t n_pts, cap_pts;
    xw_span *rings;
    size_t n_rings, cap_rings;
    xw_barrier *barriers;
    size_t n_barriers, cap_barriers;
    xw_building *buildings;
    size_t n_buildings, cap_buildings;
    xw_water *waters;
    size_t n_waters, cap_waters;
    xw_exclusive *exclusives;
    size_t n_exclusives, cap_exclusives;
    xw_division *divisions;
    size_t n_divisions, cap_divisions;
    xw_address *addresses;
    size_t n_addresses, cap_addresses;
    xw_finding *findings;
    size_t n_findings, cap_findings;
    xw_text name; /**< what the territory is called, may be empty */
} xw_territory;

void xw_territory_init(xw_territory *t);
void xw_territory_finish(xw_territory *t);

/** Appends vertices. @param first receives the index of the first. */
xw_status xw_territory_add_pts(xw_territory *t, const xw_pt *pts, size_t n, uint32_t *first,
                               xw_error *err);
/** Appends one ring (vertices as they are). */
xw_status xw_territory_add_ring(xw_territory *t, const xw_pt *pts, size_t n, xw_error *err);
/** Appends copies of one element each. @param ix receives its index, may be NULL. */
xw_status xw_territory_add_barrier(xw_territory *t, const xw_barrier *b, xw_error *err);
xw_status xw_territory_add_building(xw_territory *t, const xw_building *b, uint32_t *ix,
                                    xw_error *err);
xw_status xw_territory_add_water(xw_territory *t, const xw_water *w, xw_error *err);
xw_status xw_territory_add_exclusive(xw_territory *t, const xw_exclusive *x, xw_error *err);
xw_status xw_territory_add_division(xw_territory *t, const xw_division *d, xw_error *err);
xw_status xw_territory_add_address(xw_territory *t, const xw_address *a, xw_error *err);
/** Adds a finding; texts are copied into the pool, NULL counts as "". */
xw_status xw_territory_find(xw_territory *t, const char *kind, const char *layer,
                            const char *source, xw_pt at, xw_error *err, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

static inline const char *xw_territory_text(const xw_territory *t, xw_text x)
{
    return xw_strings_get(&t->text, x);
}
static inline xw_ring xw_territory_ring(const xw_territory *t, uint32_t ring)
{
    return (xw_ring){t->pts + t->rings[ring].first, t->rings[ring].n};
}
/** Box of an area; area in m2 (outer rings minus holes). */
xw_box xw_area_box(const xw_territory *t, xw_area a);
double xw_area_m2(const xw_territory *t, xw_area a);
/** Does the area own the point (boundary rule of lattice.h)? */
bool xw_area_owns(const xw_territory *t, xw_area a, xw_pt p);

#endif
