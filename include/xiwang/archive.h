/**
 * @file archive.h
 * Tile pyramids in one file: MBTiles 1.3 (SQLite; https://github.com/mapbox/mbtiles-spec) and
 * PMTiles version 3 (https://github.com/protomaps/PMTiles), both with gzip tiles.
 *
 * A file is written beside its place and moved there by xw_archive_finish, so there is a whole
 * archive or none. Equal tiles give equal bytes. Threads: one at a time per object.
 */
#ifndef XW_ARCHIVE_H
#define XW_ARCHIVE_H

#include "xiwang/buf.h"
#include "xiwang/lattice.h"

/** Compresses to gzip; the bytes depend on the input only. One per thread. */
typedef struct xw_packer xw_packer;
/** @return XW_OK or XW_NOMEM */
xw_status xw_packer_create(xw_packer **out, xw_error *err);
void xw_packer_destroy(xw_packer *p);
/** Appends the gzip form of @p n bytes. @return XW_OK, XW_LIMIT or XW_NOMEM */
xw_status xw_packer_pack(xw_packer *p, const void *bytes, size_t n, xw_buf *out, xw_error *err);

typedef struct xw_archive_info {
    const char *name;        /**< of the territory */
    const char *description; /**< may be empty */
    const char *version;     /**< of the content, e.g. the revision */
    const char *layers_json; /**< a JSON array: vector_layers of TileJSON */
    xw_box box;              /**< what is covered */
    unsigned min_zoom, max_zoom;
} xw_archive_info;

typedef struct xw_archive xw_archive;

/** Is the path's suffix one we write: .mbtiles or .pmtiles? */
bool xw_archive_knows(const char *path);

/**
 * Begins an archive; the suffix of the path decides the kind.
 * @param info     copied
 * @param replace  false: XW_EXISTS when there is a file at @p path
 * @return XW_OK; XW_USAGE for another suffix; XW_EXISTS; XW_IO; XW_NOMEM
 */
xw_status xw_archive_create(const char *path, const xw_archive_info *info, bool replace,
                            xw_archive **out, xw_error *err);

/** Adds a tile. Tiles come once each, in ascending order of xw_tile_id (mercator.h).
 *  @param gzip  the tile's bytes as a packer made them */
xw_status xw_archive_add(xw_archive *a, unsigned z, uint32_t x, uint32_t y, const void *gzip,
                         size_t n, xw_error *err);

/** Writes what is left and moves the file to its place. The archive is to be destroyed afterwards,
 *  whatever the answer. */
xw_status xw_archive_finish(xw_archive *a, xw_error *err);

/** Frees the object; an unfinished file is removed. NULL is allowed. */
void xw_archive_destroy(xw_archive *a);

#endif
