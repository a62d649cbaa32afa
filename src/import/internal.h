/* What the files of the import share: the state of one import, a source being read, the shape of
 * one feature on the lattice. Functions are described where they are declared. */
#ifndef XW_IMPORT_INTERNAL_H
#define XW_IMPORT_INTERNAL_H

#include "xiwang/crs.h"
#include "xiwang/import.h"

#include <gdal.h>
#include <geos_c.h>
#include <ogr_api.h>

/* ---- shape.c, repair.c: one feature's geometry on the lattice ------------------------------ */

typedef struct xw__part { /* a ring (first vertex not repeated) or a line */
    uint32_t first, n;
    bool outer; /* a ring that starts a polygon */
} xw__part;

enum { /* xw__shape.notes: what was put right without a word for each feature (tally.c) */
       XW__NOTE_Z,
       XW__NOTE_CURVE,
       XW__NOTE_UNCLOSED, /* a ring that does not end where it began */
       XW__NOTE_TURNED,   /* a hole that runs round like its outer ring */
       XW__NOTE_REPEATED, /* neighbours that are one lattice point */
       XW__NOTE_PARTS,    /* points or lines beside what the layer is for */
       XW__NOTE_LINE,     /* closed lines taken for rings */
       XW__NOTE_ENCODING, /* attribute text that was not UTF-8 */
       XW__NOTE_BLANK,    /* an address that says nothing */
       XW__NOTE_COUNT
};

/* Scratch that is reused from feature to feature. */
typedef struct xw__shape {
    xw_pt *pts;
    size_t n_pts, cap_pts;
    xw__part *rings;
    size_t n_rings, cap_rings;
    xw__part *lines;
    size_t n_lines, cap_lines;
    double *xy;
    size_t cap_xy;
    xw_pt at;       /* some vertex, for findings */
    bool has_at;    /* at is set */
    bool points;    /* the geometry holds points; `at` is the first of them */
    bool bad;       /* NaN or out of range coordinates: nothing else is to be used */
    bool collapsed; /* a ring or line had no extent on the lattice */
    bool repaired;  /* rings were made valid */
    unsigned notes; /* bits 1 << XW__NOTE_… */
} xw__shape;

enum { XW__ROLES = 1 + XW_ROLE_COUNT }; /* the extract and the layers: axes.c */

/* Where a layer lies: every so many-th feature's first vertex, as it is said and swapped. */
typedef struct xw__sample {
    struct {
        xw_pt at, swapped;
    } * p;
    size_t n, cap;
    uint64_t seen, step;
} xw__sample;

typedef struct xw__import {
    const xw_import_options *o;
    const xw_job *job;
    xw_territory *t;
    xw_import_counts *counts;
    GEOSContextHandle_t geos;
    xw__shape shape;
    uint32_t *seen; /* open addressing over the footprints: building index + 1 */
    size_t n_seen;
    xw_territory found; /* division candidates with their rings, in reading order */
    int *rank;          /* of each candidate: larger is finer */
    size_t cap_rank;
    const char *file;     /* what names the territory when nothing better does */
    struct xw__dot *dots; /* buildings that are points, until all footprints are known */
    size_t n_dots, cap_dots;
    uint8_t *door; /* of each address: it is a door, one dwelling */
    size_t cap_door;
    size_t n_made; /* divisions made of holes, from this one on: */
    uint32_t first_made;
    bool scout, alone;            /* only the divisions, only the buildings are wanted */
    unsigned swap;                /* bit of each role whose axes are swapped for sure */
    xw__sample sample[XW__ROLES]; /* [0]: of the extract */
} xw__import;

/* How source coordinates become degrees. */
typedef struct xw__frame {
    const xw_crs *crs; /* NULL: they are longitude, latitude already */
    double metres;     /* of a unit when projected, else 0 */
    bool swap;         /* x and y have changed places in the file */
} xw__frame;

/* Reads @p g into the shape: rings, lines and points of all its parts; Z and M dropped, curves
 * linearised, equal neighbours removed. NULL is an empty shape. */
xw_status xw__shape_read(xw__shape *s, OGRGeometryH g, xw__frame f, xw_error *err);
void xw__shape_finish(xw__shape *s);
/* A pair of source coordinates onto the lattice; false when it is no place on earth. */
bool xw__frame_put(xw__frame f, double x, double y, xw_pt *out);
/* Lines that end where they began become rings, when there are no others. */
xw_status xw__shape_close_lines(xw__shape *s, xw_error *err);
/* Makes the rings of the shape a valid area: outer rings counter-clockwise and first, holes
 * clockwise, each from its smallest vertex, rings in order. No ring left: s->collapsed. */
xw_status xw__shape_repair(GEOSContextHandle_t geos, xw__shape *s, xw_error *err);
/* Appends the polygons of a geometry on the lattice to the rings of the shape. */
xw_status xw__shape_take(GEOSContextHandle_t geos, xw__shape *s, const GEOSGeometry *g,
                         xw_error *err);
/* The area of valid rings, outer or holes, in any order. NULL for lack of memory. */
GEOSGeometry *xw__shape_area_xor(GEOSContextHandle_t geos, const xw__shape *s);
/* The areas of a geometry, which it consumes: where areas collapse on the lattice, GEOS's overlays
 * leave lines among them and refuse to take these again. NULL for NULL and without memory. */
GEOSGeometry *xw__areas_only(GEOSContextHandle_t geos, GEOSGeometry *g);
/* Appends the rings to a territory. */
xw_status xw__shape_put_area(const xw__shape *s, xw_territory *t, xw_area *out, xw_error *err);
/* A lattice point that the area owns (its widest run at the middle height), else a vertex. */
xw_pt xw__area_point(const xw_territory *t, xw_area a);

/* ---- source.c: an opened layer ------------------------------------------------------------- */

/* What was put right, counted by layer with the first place; tally.c. */
typedef struct xw__tally {
    uint64_t n[XW__NOTE_COUNT];
    xw_pt at[XW__NOTE_COUNT];
    GIntBig fid[XW__NOTE_COUNT];
} xw__tally;

typedef struct xw__source {
    const char *role; /* "buildings" */
    unsigned number;  /* of the role, xw__role_number */
    GDALDatasetH ds;
    OGRLayerH layer;
    OGRFeatureDefnH defn;
    xw_crs *crs;
    xw__frame frame;
    char label[300]; /* "maps/town.gpkg layer buildings", for errors */
    size_t brief;    /* where "town.gpkg layer buildings" starts in it, for findings: these are kept
                        with the territory and must not depend on where the file lay */
    const char *encoding;
    int id;            /* field with the ids, -1: the numbers of the features */
    uint64_t n, n_bad; /* features read; with unusable coordinates */
    xw__tally tally;
} xw__source;

/* Opens PATH or PATH:LAYER for a role. XW_NOT_FOUND, XW_INPUT. */
xw_status xw__source_open(xw__import *im, const char *src, const char *role, xw__source *out,
                          xw_error *err);
void xw__source_close(xw__source *s);
/* Opens any vector data set; the path may lie in a .gz or .zip. */
xw_status xw__dataset_open(const char *path, const char *const *options, GDALDatasetH *out,
                           xw_error *err);
/* Calls fn for each feature with its shape read into im->shape; features with bad coordinates are
 * listed, and fn sees im->shape.bad with nothing else in it. XW_INPUT for an empty layer and when
 * all features are bad. */
typedef xw_status (*xw__feature_fn)(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx,
                                    xw_error *err);
xw_status xw__source_each(xw__import *im, xw__source *s, xw__feature_fn fn, void *ctx,
                          xw_error *err);
/* Adds the notes of the shape that has just been read and used. */
void xw__tally_add(xw__tally *t, const xw__shape *s, GIntBig fid);
/* One finding for each note that was met, with the number of features. */
xw_status xw__tally_tell(xw__import *im, const xw__source *s, xw_error *err);
/* The id column's text, else the number of the feature. @return buf */
const char *xw__source_id(const xw__source *s, OGRFeatureH f, char *buf);
/* The field called @p configured (error if it does not exist), else the first of @p usual (names
 * parted by blanks, case does not matter) that exists, else -1. */
xw_status xw__source_field(const xw__source *s, const char *configured, const char *usual,
                           int *field, xw_error *err);

/* ---- value.c: attribute values ------------------------------------------------------------- */

#define XW__TEXT_MAX 300
/* Text of a field, trimmed, as UTF-8 (bytes that are none are read as @p encoding, or GB 18030);
 * "" for null, missing and field < 0. @return buf */
const char *xw__field_text(OGRFeatureH f, int field, const char *encoding, char buf[XW__TEXT_MAX]);
/* Is any text of the feature not UTF-8? */
bool xw__has_foreign_text(OGRFeatureH f);
/* XW_INPUT when nobody knows the encoding. */
xw_status xw__encoding_check(const char *encoding, xw_error *err);
/* Number at the start of the field ("3", "12.5 m", "5层"), metres for feet; NAN if there is none.
 */
double xw__field_number(OGRFeatureH f, int field);
double xw__number(const char *text);
/* yes, true, t, 1 and anything that is not no, false, f, 0 or empty. */
bool xw__is_yes(const char *text);
bool xw__has_chinese(const char *text);
xw_status xw__intern(xw__import *im, const char *text, xw_text *out, xw_error *err);

/* ---- classes.c ----------------------------------------------------------------------------- */

#define XW__DROP 254u /* a way that bounds nothing */
/* Class of a road by the value of highway=* or of a class column, in English or Chinese;
 * XW__DROP for what is not there or no way (proposed, platform), XW_CLASS_NONE if unknown. */
unsigned xw__road_class(const char *value);
/* Class of a water line: XW_CLASS_RIVER, XW_CLASS_STREAM, or XW_CLASS_NONE if unknown. */
unsigned xw__water_class(const char *value);
/* XW_CLASS_RAIL, XW__DROP (tram, abandoned …), XW_CLASS_NONE if unknown. */
unsigned xw__rail_class(const char *value);
/* What a building is for by building=* or a use column; XW_USE_UNKNOWN for "yes" and others. */
xw_use xw__use_of(const char *value);

/* ---- buildings.c, dwellings.c -------------------------------------------------------------- */

#define XW__HOUSEHOLDS_MAX 100000.0 /* of one building; more is a mistake, like these: */
#define XW__FLOORS_MAX     300.0
#define XW__HEIGHT_MAX     1000.0 /* metres */

typedef struct xw__building_facts {
    const char *name, *source;
    double households, floors, height_m; /* NAN: not given */
    xw_use use;
} xw__building_facts;

/* Takes the shape as one building: repairs, refuses twins, fills floors, height and households.
 * A point waits for xw__dots_settle.
 * @param ix  index, XW_NONE when the building is listed instead or waits; may be NULL */
xw_status xw__building_add(xw__import *im, const xw__building_facts *b, uint32_t *ix,
                           xw_error *err);
/* The same for a shape that has rings or collapsed. */
xw_status xw__building_put(xw__import *im, const xw__building_facts *b, uint32_t *ix,
                           xw_error *err);
/* Floors, height and households that are not given; the rule is in import.h. */
void xw__dwellings_fill(const xw__building_facts *given, double footprint_m2, xw_building *b);
/* Makes the one ring of the shape a square of the lattice from (x0, y0) to (x1, y1). */
xw_status xw__shape_square(xw__shape *s, int32_t x0, int32_t y0, int32_t x1, int32_t y1,
                           xw_error *err);

/* ---- dots.c: buildings that are given as points -------------------------------------------- */

typedef struct xw__dot {
    xw_pt at;
    xw_text name, source;
    double households, floors, height_m;
    xw_use use;
} xw__dot;

xw_status xw__dot_add(xw__import *im, const xw__building_facts *b, xw_error *err);
/* In a footprint: its households go there. Outside: a square of 5 m. */
xw_status xw__dots_settle(xw__import *im, xw_error *err);

/* ---- barriers and waters (barriers.c) ------------------------------------------------------ */

/* Adds each line of the shape as a barrier. */
xw_status xw__barriers_add(xw__import *im, unsigned cls, unsigned flags, const char *name,
                           const char *source, const char *layer, xw_error *err);
xw_status xw__water_add(xw__import *im, const char *name, const char *source, xw_error *err);

/* Appends the rings of the shape to its lines, closed. */
xw_status xw__shape_rings_to_lines(xw__shape *s, xw_error *err);

/* ---- exclusive.c --------------------------------------------------------------------------- */

/* Takes the shape as an exclusive area. walled: its rings bound blocks. */
xw_status xw__exclusive_add(xw__import *im, const xw_exclusive *texts, bool walled, xw_error *err);
/* The kind of exclusive area that tags say, NULL for none; and whether it is asked for. */
const char *xw__exclusive_kind(const char *amenity, const char *landuse, const char *man_made);
bool xw__exclusive_asked(const xw_import_options *o, const char *kind);

/* ---- addresses.c --------------------------------------------------------------------------- */

/* Adds an address at a point; @p text NULL: made from street and number. A door (@p door, or a text
 * that ends in 室 or 户) is one dwelling. Nothing is added without text, number and door. */
xw_status xw__address_add(xw__import *im, xw_pt at, const char *text, const char *street,
                          const char *number, const char *place, const char *door,
                          uint32_t building, xw_error *err);
/* Finds the building under each address that has none yet. */
xw_status xw__addresses_resolve(xw__import *im, xw_error *err);
/* Households of buildings that have none given, from their doors or addresses (doors.c). */
xw_status xw__doors_count(xw__import *im, xw_error *err);

/* ---- footprints.c: which building is at a point -------------------------------------------- */

typedef struct xw__footprints { /* buckets over the boxes of the footprints */
    xw_box extent;
    int64_t side; /* of a bucket, lattice units */
    int64_t nx, ny;
    uint32_t *start, *item; /* buildings of bucket k: item[start[k]] .. item[start[k + 1] - 1] */
} xw__footprints;

xw_status xw__footprints_init(xw__footprints *b, const xw_territory *t, xw_error *err);
void xw__footprints_finish(xw__footprints *b);
/* The smallest footprint that owns the point, XW_NONE if there is none. */
uint32_t xw__footprints_at(const xw__footprints *b, const xw_territory *t, xw_pt p);

/* ---- divisions.c, codes.c, extent.c -------------------------------------------------------- */

/* Keeps the shape as a candidate for a division. */
xw_status xw__division_add(xw__import *im, int rank, const char *code, const char *name,
                           const char *level, const char *parent_code, const char *source,
                           xw_error *err);
/* Chooses the divisions among the candidates (OSM) or takes the finest rank (GIS). */
xw_status xw__divisions_finish(xw__import *im, bool osm, xw_error *err);
/* Gives every division of the territory without a 12-digit code one. */
xw_status xw__division_codes(xw__import *im, xw_error *err);
/* One division round everything that was read. */
xw_status xw__division_extent(xw__import *im, const char *name, xw_error *err);
/* XW_INPUT when the territory is wider than XW_TERRITORY_SPAN_MAX; names what lies farthest out. */
xw_status xw__extent_check(const xw__import *im, xw_error *err);

/* ---- axes.c, strays.c, gaps.c --------------------------------------------------------------- */

/* The role's number: 0 for "osm", else 1 + xw_role. */
unsigned xw__role_number(const char *role);
/* Is the layer in the file with x and y swapped, beyond doubt by its numbers alone? Looks at the
 * first features and goes back to the start. */
bool xw__axes_look(const xw__source *s);
/* Keeps where the feature lies, in both orders. */
xw_status xw__axes_sample(xw__import *im, unsigned role, OGRGeometryH g, xw__frame f,
                          xw_error *err);
/* The same for what the extract gave. */
xw_status xw__axes_sample_extract(xw__import *im, xw_error *err);
/* After all layers are read: which one lies elsewhere and fits when swapped? Its bit is set in
 * *again, then all is to be read once more. XW_INPUT when it could be either of two. */
xw_status xw__axes_compare(const xw__import *im, unsigned *again, xw_error *err);
/* Leaves out what lies far from the bulk of the buildings. */
xw_status xw__strays_drop(xw__import *im, xw_error *err);
/* Gives the gaps between the divisions to their neighbours and makes divisions of the holes that
 * have buildings. Adds no codes. @param open  gaps may be open to the outside: not where neighbours
 * share the very same line, there a notch is the border */
xw_status xw__gaps_close(xw__import *im, bool open, xw_error *err);
/* Parents of the divisions that xw__gaps_close made. */
void xw__gaps_set_parents(xw__import *im);

/* ---- part.c: reading a part of the input --------------------------------------------------- */

/* Does the part of the options, if there is one, want the shape that was read: of a building or
 * address, or of a line or water? */
bool xw__part_has(const xw__import *im, bool is_built);
/* Lets the source leave out what lies far away, where it can do that faster than we. */
void xw__part_filter(const xw__import *im, const xw__source *s);
/* Takes the divisions that the part keeps, those above them, and what was found about them. */
xw_status xw__part_divisions(xw__import *im, xw_error *err);

/* ---- osm.c, layers.c ----------------------------------------------------------------------- */

extern const char xw__osm_conf[];
xw_status xw__import_osm(xw__import *im, xw_error *err);
xw_status xw__import_roads(xw__import *im, xw_error *err);
xw_status xw__import_water(xw__import *im, xw_error *err);
xw_status xw__import_rail(xw__import *im, xw_error *err);
xw_status xw__import_buildings(xw__import *im, xw_error *err);
xw_status xw__import_divisions(xw__import *im, xw_error *err);
xw_status xw__import_addresses(xw__import *im, xw_error *err);
xw_status xw__import_exclusive(xw__import *im, xw_error *err);

/* ---- import.c ------------------------------------------------------------------------------ */

/* The buildings of a source without anything else, also none. */
xw_status xw__import_alone(const xw_import_options *o, const xw_job *job, xw_territory *out,
                           xw_import_counts *counts, xw_error *err);

#endif
