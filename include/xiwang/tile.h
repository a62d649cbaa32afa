/**
 * @file tile.h
 * Draws one vector tile of a snapshot (Mapbox Vector Tile 2.1, layers in tiles/schema.md).
 *
 * Vertices are taken by zoom rank and rounded to the tile's 4096 grid from the lattice, the same
 * for both sides of a border, and clipped at the buffer: neighbours share borders exactly at every
 * zoom. Threads: pure over a const snapshot.
 */
#ifndef XW_TILE_H
#define XW_TILE_H

#include "xiwang/buf.h"
#include "xiwang/mercator.h"
#include "xiwang/snapshot.h"

/** From this zoom on every vertex is drawn: maps stretch the last tiles of a pyramid further. */
#define XW_TILE_ZOOM_FULL 16
/** Map colours are numbered 0 to XW_TILE_SHADES - 1. */
#define XW_TILE_SHADES 8

/** Appends the tile's bytes (not compressed); nothing for an empty tile. XW_INPUT for z > 22 or
 *  x, y out of range; XW_LIMIT when larger than the buffer's ceiling. */
xw_status xw_tile_draw(const xw_snapshot *s, unsigned z, uint32_t x, uint32_t y, xw_buf *out,
                       xw_error *err);
/** The TileJSON `vector_layers` array: layers and fields that xw_tile_draw writes. */
void xw_tile_layers_json(const xw_model *m, xw_buf *out);

/** The first zoom at which a level is drawn: 13 for the finest, 11 for the next, 0 for the rest and
 *  for the coarsest of several. */
unsigned xw_tile_level_zoom(const xw_model *m, uint32_t level);

/**
 * Zoom ranks for the vertices of all edges: the smallest zoom, up to XW_TILE_ZOOM_FULL, at which a
 * vertex is drawn.
 *
 * A border of a coarse grid runs over the edges of many plots. Below the zoom at which a finer
 * level comes in, its nodes are no nodes of what is drawn, so chains are taken between the nodes
 * (degree other than 2) of the coarsest drawing first (zones and divisions, then water, then each
 * finer level), and every drawing keeps what the one before kept. The vertices of a node have one
 * rank in all edges. Within a chain: simplify.h. Cost: O(n log n) typical in the vertices.
 * @param rank  receives m->n_pts values; those of no edge are set to 0
 */
xw_status xw_tile_ranks(const xw_model *m, uint8_t *rank, xw_error *err);

/**
 * Map colours of all grids, so that neighbours of a level differ: greedy in smallest-last order
 * (Matula and Beck 1983, doi:10.1145/2402.322385), which needs at most six on a plane; of the free
 * ones the least used is taken. Slices of a tower differ from the slices of the same tower as long
 * as there are fewer of them than colours.
 * @param shade  receives m->n_grids values below XW_TILE_SHADES
 */
xw_status xw_tile_shades(const xw_model *m, uint8_t *shade, xw_error *err);

#endif
