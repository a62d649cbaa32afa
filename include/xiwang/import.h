/**
 * @file import.h
 * GIS files in, a clean territory out: any vector source GDAL reads, any CRS.
 *
 * Sources. An OpenStreetMap extract alone (`osm`), or one layer a role; a role's own source takes
 * the place of what the extract says about it. SRC is PATH or PATH:LAYER, the path may end in .gz
 * or .zip; without a layer the one named like the role ("roads", "buildings" …) is read, else the
 * only one. Coordinates come onto the lattice through crs.h; a source without a CRS counts as
 * longitude, latitude when all its numbers fit, else it is an error.
 *
 * Barriers. Roads by highway=* or a class column (English and Chinese words); footways and cycle
 * paths only with `paths`, or where they are a bridge or tunnel and so a way across. Driveways,
 * parking aisles, sidewalks, crossings, squares and what is not built are left out. Rivers, canals,
 * streams, railways (no trams), walls and fences are XW_BARRIER_IMPASSABLE. Bridges and tunnels
 * carry their flag. Lines without a known class in a road layer count as residential roads.
 *
 * Buildings. Rings are made valid on the lattice (GEOS, structure method), turned to one direction
 * and start at their smallest vertex. Each building of the input is either in the territory or in
 * the findings with the reason: counts.buildings_in = buildings_used + buildings_listed.
 *
 * Households, where they are not given (column, building:flats): the number of different doors
 * among the addresses of the building (a door column, or a text that ends in 室 or 户). Else by
 * rule, and at least one for each different house number when the rule gives any. Floors: given;
 * else height / 3 m; else 2 for houses, 6 for flats (3 below 250 m2 of footprint), 1 for others.
 * Height: given, else 3 m a floor. Then, A being the footprint:
 *  - outbuildings, work places, public buildings: 0;
 *  - flats: floors x max(1, round(0.8 A / 90 m2)), 0 below 20 m2;
 *  - houses: 1 up to 200 m2, 2 above; with more than 2 floors and 100 m2 like flats of two thirds
 * of the footprint and one floor less; 0 below 20 m2;
 *  - unknown use: 0 below 60 m2 and up to 2 floors; more than 2 floors given: like flats; else 1 up
 *    to 250 m2, 2 up to 450 m2, 0 above (a hall).
 *
 * Divisions. From OSM the polygons of `division_level`, or of the finest admin_level that covers
 * 98 % of the buildings; when the country's own polygon is there, foreign ones are dropped. From a
 * layer the finest level that has polygons (level column by word or number, else the length of the
 * code). Coarser levels are kept as divisions without rings, with parent_code and parent_name set.
 * Without any: one division, the convex hull of buildings, roads and addresses widened by 30 m.
 * Codes of 12 digits are kept, 6 and 9 filled with zeros; others are made: 999 and nine digits in
 * the order of (has land, name, place).
 *
 * Exclusive areas (columns code, name, kind) keep what they enclose together: their rings are
 * walls, so that plots end there. From OSM by kind: school (amenity=school, kindergarten), campus
 * (university, college), hospital, market (marketplace), industrial (landuse=industrial,
 * man_made=works); one that is a building itself has no wall.
 *
 * Dirty data. Each mistake has one rule for all layers and formats; data/dirty.md is the table of
 * what is wrong, what is done and which finding says so, finding.h the list of the kinds. Findings
 * (xw_territory.findings) have a place, 0,0 where the input has none. In short: invalid rings are
 * made valid, footprints without extent and points become small squares, closed lines areas, Z, M
 * and arcs go; of equal footprints the one with more households stays; axes are swapped where that
 * is sure; strays are left out; narrow land between divisions goes to the longest neighbour, holes
 * with buildings become divisions of their own.
 * GDAL does not hand out boundary relations whose ways are incomplete, so these are not listed.
 *
 * Threads: one import at a time per thread; several threads may import at once. Cost: linear in the
 * input; memory is the territory and one feature, for OSM also GDAL's index of nodes.
 */
#ifndef XW_IMPORT_H
#define XW_IMPORT_H

#include "xiwang/job.h"
#include "xiwang/territory.h"

/** The layers, in the order they are read. */
#define XW_ROLE_MAP(X)        \
    X(ROADS, "roads")         \
    X(WATER, "water")         \
    X(RAIL, "rail")           \
    X(BUILDINGS, "buildings") \
    X(DIVISIONS, "divisions") \
    X(ADDRESSES, "addresses") \
    X(EXCLUSIVE, "exclusive")

typedef enum xw_role {
#define X(name, text) XW_ROLE_##name,
    XW_ROLE_MAP(X)
#undef X
        XW_ROLE_COUNT
} xw_role;

/**
 * What to read of an input that is built division by division. Features are taken whole when their
 * box meets one of the boxes; an input without any is no error then. Divisions are not read: they
 * come from xw_import_divisions.
 */
typedef struct xw_import_part { /* borrowed */
    const xw_territory *divisions;
    const uint8_t *keep; /**< one byte a division: its land is wanted; those above them stay too */
    const xw_box *built; /**< where buildings and addresses are wanted */
    size_t n_built;
    const xw_box *lines; /**< where barriers and waters are wanted */
    size_t n_lines;
} xw_import_part;

typedef struct xw_import_options { /* texts borrowed, NULL: not given */
    const char *osm, *roads, *water, *rail, *buildings, *divisions, *addresses;
    const char *exclusive; /**< areas that are to be grids of their own */
    /** Kinds of areas in the OpenStreetMap extract that are, too, parted by semicolons: school,
     *  campus, hospital, industrial, market (xw_exclusive_kind_known); NULL: none. */
    const char *exclusive_kinds;
    int division_level; /**< admin_level of OSM boundaries; 0: choose */
    bool paths;         /**< foot and cycle paths bound blocks too */
    /** Names of columns, NULL: the usual ones (config [columns]). A name that does not exist is
     *  XW_INPUT. The first five are of the buildings, the next of the roads, the last two of the
     *  divisions. */
    const char *col_households, *col_floors, *col_height, *col_name, *col_use, *col_class;
    const char *col_code, *col_division_name;
    const char *crs; /**< of all GIS sources instead of what they say, e.g. "gcj02"; NULL: theirs */
    const char *crs_of[XW_ROLE_COUNT]; /**< of one layer, before `crs`; NULL: that */
    /** Of attribute text that is not UTF-8, e.g. "GBK"; NULL: what the file says, else GB 18030. */
    const char *encoding;
    const xw_import_part *part; /**< NULL: all of it */
} xw_import_options;

/** Is it one of the kinds of exclusive areas that are known in OpenStreetMap data? */
bool xw_exclusive_kind_known(const char *kind);

typedef struct xw_import_counts {
    uint64_t buildings_in, buildings_used, buildings_listed; /**< in = used + listed */
    /** Buildings with households from a column, from doors and addresses, by the rule; their sum is
     *  buildings_used. */
    uint64_t households_given, households_counted, households_estimated;
    /** Features that were looked at for the role, also those that bound nothing. */
    uint64_t roads_in, water_in, rail_in, addresses_in, divisions_in;
} xw_import_counts;

/**
 * Reads all sources.
 *
 * @param out     receives the territory, owned by the caller (xw_territory_finish, also after a
 *                failure: then it holds the findings until there and nothing else)
 * @param counts  may be NULL
 * @return XW_USAGE when neither `osm` nor both of roads and buildings are given; XW_NOT_FOUND for a
 *         file; XW_INPUT for what is no GIS data, an empty layer, a column or CRS that is missing,
 *         coordinates that are all bad, no roads, no buildings, no boundary of the division level,
 *         a feature so far out that the map would be wider than XW_TERRITORY_SPAN_MAX;
 *         XW_CANCELLED; XW_NOMEM. Errors name file, layer, column or feature.
 */
xw_status xw_import(const xw_import_options *o, const xw_job *job, xw_territory *out,
                    xw_import_counts *counts, xw_error *err);

typedef struct xw_import_change {
    uint64_t added, replaced, removed; /**< buildings; replaced: with an id that was there */
    uint64_t listed;                   /**< of those read, only in the findings */
} xw_import_change;

/**
 * Buildings that come, change or go, on a territory that was imported before. A building whose id
 * is there already takes its place; one whose footprint is there already is listed as its
 * duplicate. Addresses stay as they are: they do not count the households of what is added.
 *
 * @param t        changed; of no use after a failure
 * @param o        its `buildings` are read, with columns, CRS and encoding; NULL: nothing comes
 * @param removed  ids of buildings that go, parted by commas; may be NULL
 * @return as xw_import; XW_NOT_FOUND for an id that is not there
 */
xw_status xw_import_add(xw_territory *t, const xw_import_options *o, const char *removed,
                        const xw_job *job, xw_import_change *out, xw_error *err);

/**
 * Reads the divisions alone, as a whole import makes them: codes, levels, parents, rings with gaps
 * closed; only holes between them never become divisions, since buildings decide about these. For
 * the same reason a part is read without looking for layers whose axes are swapped among the
 * others, and for strays.
 *
 * @return as xw_import; XW_USAGE for an OpenStreetMap extract without `division_level`, since the
 *         level is chosen by the buildings; XW_INPUT where the input has no divisions
 */
xw_status xw_import_divisions(const xw_import_options *o, const xw_job *job, xw_territory *out,
                              xw_error *err);

#endif
