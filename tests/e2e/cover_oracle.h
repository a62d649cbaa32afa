/* What the cover oracle reads: layers of any GDAL source as GEOS polygons in whole lattice units
 * from a common origin, so that doubles hold every coordinate and every area exactly. */
#ifndef XW_E2E_COVER_ORACLE_H
#define XW_E2E_COVER_ORACLE_H

#include <geos_c.h>
#include <stdbool.h>
#include <stddef.h>

__extension__ typedef __int128 wide;

typedef struct piece {
    GEOSGeometry *shape; /* never NULL, may be empty */
    char id[64], group[64];
    double lon, lat;  /* a vertex, for messages */
    long pieces;      /* polygons in it */
    wide area2;       /* twice the area, square lattice units */
    bool off_lattice; /* a coordinate is further than 1e-3 from a whole number of units */
} piece;

typedef struct layer {
    piece *p;
    size_t n;
} layer;

/* The origin is taken from the first layer that is read. */
typedef struct reader {
    GEOSContextHandle_t g;
    bool has_origin;
    double x0, y0;
} reader;

/* Prints why and ends the program with 2: the oracle itself could not work. */
void die(const char *what, const char *which);

/**
 * Reads a layer; features without a geometry are kept with an empty one.
 *
 * @param name    NULL: the first one
 * @param id      column that goes to piece.id; "fid" for the number; "osm" for way/… and relation/…
 *                of GDAL's own columns
 * @param group   column that goes to piece.group, NULL: none
 * @param where   attribute filter or NULL
 * @param round   coordinates are rounded to the lattice as an import does, else they must lie on it
 */
layer read_layer(reader *r, const char *path, const char *name, const char *id, const char *group,
                 const char *where, bool round);
void finish_layer(reader *r, layer *l);

/* Twice the area of polygons, exact when their vertices are whole numbers. */
wide area2_of(GEOSContextHandle_t g, const GEOSGeometry *shape);
/* Union of many (borrowed); NULL when there are none. */
GEOSGeometry *union_of(GEOSContextHandle_t g, const GEOSGeometry *const *shapes, size_t n);
/* Longest distance of a vertex of `from` from `to`, and the place of that vertex in `where`; 0 when
 * `from` is empty. */
double farthest_vertex(const reader *r, const GEOSGeometry *from, const GEOSGeometry *to,
                       piece *where);

/* Sorts by id, or by group and id. */
void sort_by_id(layer *l);
void sort_by_group(layer *l);
/* In a layer sorted by id; NULL when it is not there. */
piece *find_piece(const layer *l, const char *id);

/* Edits a store as GIS programs do, so that the oracle has something to find: one vertex of a plot
 * moved by one lattice unit, one plot dropped, one plot grown over its neighbours, one building
 * moved. Ends with die() when it cannot. */
void spoil_store(const char *path, const char *how);

#endif
