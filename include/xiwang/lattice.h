/**
 * @file lattice.h
 * The one exact lattice: a point is two int32, longitude and latitude in units of 1e-7 degree
 * (about 1 cm), CGCS2000 (EPSG:4490). Everything inside is computed on it with exact integers, and
 * GeoJSON with 7 decimals says the same numbers.
 *
 * Boundary rule. Every lattice point has exactly one owner: a point on a shared edge belongs to the
 * face on its east, along a horizontal edge to the north one (a lexicographic perturbation:
 * Edelsbrunner and Muecke, "Simulation of Simplicity", ACM TOG 9(1), 1990).
 *
 * Threads: pure functions, share freely.
 */
#ifndef XW_LATTICE_H
#define XW_LATTICE_H

#include <stdbool.h>
#include <stdint.h>

#define XW_UNITS_PER_DEG 10000000            /**< lattice units in a degree */
#define XW_LON_MAX       INT32_C(1800000000) /**< 180 degrees */
#define XW_LAT_MAX       INT32_C(900000000)  /**< 90 degrees */

/** Wide products of exact predicates (a GNU type that gcc and clang share). */
__extension__ typedef __int128 xw_i128;

typedef struct xw_pt {
    int32_t x; /**< longitude, 1e-7 degree */
    int32_t y; /**< latitude, 1e-7 degree */
} xw_pt;

/** Closed box; empty when min.x > max.x. */
typedef struct xw_box {
    xw_pt min, max;
} xw_box;

#define XW_BOX_EMPTY ((xw_box){{INT32_MAX, INT32_MAX}, {INT32_MIN, INT32_MIN}})

static inline bool xw_pt_eq(xw_pt a, xw_pt b) { return a.x == b.x && a.y == b.y; }
/** Order by x, then y: the lexicographic order of the boundary rule. */
static inline bool xw_pt_less(xw_pt a, xw_pt b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }
static inline bool xw_box_is_empty(xw_box b) { return b.min.x > b.max.x; }

static inline xw_box xw_box_grow(xw_box b, xw_pt p)
{
    if (p.x < b.min.x) b.min.x = p.x;
    if (p.y < b.min.y) b.min.y = p.y;
    if (p.x > b.max.x) b.max.x = p.x;
    if (p.y > b.max.y) b.max.y = p.y;
    return b;
}

static inline xw_box xw_box_join(xw_box a, xw_box b)
{
    return xw_box_is_empty(b) ? a : xw_box_grow(xw_box_grow(a, b.min), b.max);
}

static inline bool xw_box_has(xw_box b, xw_pt p)
{
    return p.x >= b.min.x && p.x <= b.max.x && p.y >= b.min.y && p.y <= b.max.y;
}

static inline bool xw_box_meets(xw_box a, xw_box b)
{
    return a.min.x <= b.max.x && b.min.x <= a.max.x && a.min.y <= b.max.y && b.min.y <= a.max.y;
}

/**
 * Sign of the turn a -> b -> c: > 0 left (counter-clockwise), 0 collinear, < 0 right. Exact for
 * all int32 coordinates: differences need 33 bits, the two products 66 bits, hence __int128 where
 * 64 bits are not enough.
 */
int xw_orient(xw_pt a, xw_pt b, xw_pt c);

/** True if p lies on the closed segment ab. Exact. */
bool xw_on_segment(xw_pt a, xw_pt b, xw_pt p);

/** Degrees to lattice, rounded to nearest (ties away from zero); false if NaN or out of range. */
bool xw_pt_from_deg(double lon_deg, double lat_deg, xw_pt *out);
static inline double xw_deg(int32_t units) { return (double)units / XW_UNITS_PER_DEG; }

#endif
