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
#include "xiwang/snapshot.h"

/** Appends the tile's bytes (not compressed); nothing for an empty tile. XW_INPUT for z > 22 or
 *  x, y out of range; XW_LIMIT when larger than the buffer's ceiling. */
xw_status xw_tile_draw(const xw_snapshot *s, unsigned z, uint32_t x, uint32_t y, xw_buf *out,
                       xw_error *err);
/** The TileJSON `vector_layers` array: layers and fields that xw_tile_draw writes. */
void xw_tile_layers_json(const xw_model *m, xw_buf *out);

#endif
