/**
 * @file mercator.h
 * The lattice and the web mercator tile grid (EPSG:3857, the XYZ scheme: tile 0/0/0 is the world, y
 * grows southward, a tile has XW_TILE_EXTENT units each way).
 *
 * A lattice vertex is rounded to the grid by a pure function of vertex and tile, floor(v + 1/2):
 * the two sides of a border get the same number. Latitudes beyond the map's end (85.0511 degrees)
 * are held there. Threads: pure functions, share freely.
 */
#ifndef XW_MERCATOR_H
#define XW_MERCATOR_H

#include "xiwang/lattice.h"

#define XW_TILE_ZOOM_MAX 22
#define XW_TILE_EXTENT   4096
/** Geometry reaches this many units over each side of the tile. */
#define XW_TILE_BUFFER 64
/** Vertices farther than this from the tile's corner are held here (30 degrees at zoom 22). */
#define XW_TILE_FAR (INT32_C(1) << 30)

/** A vertex in tile units, from the tile's north-west corner; y grows southward. */
typedef struct xw_tpt {
    int32_t x, y;
} xw_tpt;

static inline bool xw_tpt_eq(xw_tpt a, xw_tpt b) { return a.x == b.x && a.y == b.y; }

/** Is there such a tile? z <= XW_TILE_ZOOM_MAX, x and y below 2^z. */
bool xw_tile_exists(unsigned z, uint32_t x, uint32_t y);

/** What the projection onto one tile needs; made once a tile. */
typedef struct xw_tile_frame {
    double x_scale, x_origin; /**< tile x = (lon + 180 degrees) * x_scale - x_origin */
    double y_scale, y_origin; /**< from the mercator ordinate in radians */
    double lat_middle;        /**< lattice units; the middle of the series */
    double series[7];         /**< tile y around lat_middle, in powers of radians */
    bool has_series;
} xw_tile_frame;
xw_tile_frame xw_tile_frame_of(unsigned z, uint32_t x, uint32_t y);

/**
 * Rounds a lattice point to the tile's grid. From zoom 8 on, near the tile, the mercator ordinate
 * is a Taylor series of degree 6 around the tile's middle latitude (error below 1e-6 units),
 * elsewhere asinh(tan(latitude)).
 */
xw_tpt xw_tile_project(const xw_tile_frame *f, xw_pt p);

/** Closed lattice box that holds everything within @p buffer units of the tile (rounded outward).
 */
xw_box xw_tile_box(unsigned z, uint32_t x, uint32_t y, unsigned buffer);

/** The one tile of zoom z that owns the point (north and west sides belong to a tile). */
void xw_tile_of(unsigned z, xw_pt p, uint32_t *x, uint32_t *y);

/** Number of a tile in the order of zooms, then along Hilbert's curve (PMTiles version 3). */
uint64_t xw_tile_id(unsigned z, uint32_t x, uint32_t y);
/** The tile of a number below (4^23 - 1) / 3. */
void xw_tile_of_id(uint64_t id, unsigned *z, uint32_t *x, uint32_t *y);

#endif
