/* The bytes of a snapshot file, and what the files of this layer share.
 *
 *   head (64 bytes) | table of sections | sections, each on a multiple of 64 bytes, zeros between
 *
 * The digest covers everything after the head. Sections come in the order of the list below and are
 * arrays of plain structs; a struct that changes its size or meaning needs a new version. */
#ifndef XW_SNAPSHOT_FORMAT_H
#define XW_SNAPSHOT_FORMAT_H

#include "xiwang/snapshot.h"

#define SNAPSHOT_MAGIC   UINT64_C(0x0a0d50414e535758) /* "XWSNAP\r\n" on a little-endian machine */
#define SNAPSHOT_VERSION UINT32_C(6)
#define SNAPSHOT_ALIGN   64u

/* Everything of a model that is no array. */
typedef struct snapshot_meta {
    xw_level levels[XW_LEVELS_MAX];
    int64_t effective_unix;
    uint32_t n_levels, revision;
    xw_text name, net, net_name, published;
} snapshot_meta;

/* Outline of one grid, plot or division. */
typedef struct snapshot_shape {
    uint32_t first_ring, n_rings;
    xw_box box;
} snapshot_shape;

/* name, element type, text. Shapes: grids, plots, divisions. Boxes: buildings, lines, edges. Order
 * and nodes: the tree of each kind, in the order of xw_shape_kind (tree.h), and then one over the
 * edges that are roads. */
#define SNAPSHOT_SECTIONS(X)                             \
    X(META, snapshot_meta, "meta")                       \
    X(TEXT, char, "texts")                               \
    X(PTS, xw_pt, "vertices")                            \
    X(RINGS, xw_span, "rings")                           \
    X(DIVISIONS, xw_model_division, "divisions")         \
    X(PLOTS, xw_plot, "plots")                           \
    X(UNITS, xw_unit, "units")                           \
    X(BUILDINGS, xw_model_building, "buildings")         \
    X(EDGES, xw_edge, "edges")                           \
    X(LINES, xw_line, "lines")                           \
    X(ADDRESSES, xw_address, "addresses")                \
    X(FINDINGS, xw_finding, "findings")                  \
    X(GRIDS, xw_grid, "grids")                           \
    X(GRID_UNITS, uint32_t, "units of grids")            \
    X(LINEAGE, xw_lineage, "lineage")                    \
    X(RANKS, uint8_t, "ranks")                           \
    X(SHADES, uint8_t, "colours of grids")               \
    X(SHAPES, snapshot_shape, "outlines")                \
    X(SHAPE_RINGS, xw_outline_ring, "rings of outlines") \
    X(REFS, uint32_t, "edges of outlines")               \
    X(BOXES, xw_box, "boxes")                            \
    X(ORDER, uint32_t, "order of trees")                 \
    X(NODES, xw_box, "nodes of trees")                   \
    X(LOCATOR, uint64_t, "locator")

enum {
#define X(name, type, text) SECTION_##name,
    SNAPSHOT_SECTIONS(X)
#undef X
        SECTION_COUNT
};

typedef struct snapshot_head {
    uint64_t magic;
    uint32_t version;
    uint32_t n_sections;
    uint64_t size; /* of the file */
    uint64_t digest;
    uint64_t pad[4];
} snapshot_head;

typedef struct snapshot_section {
    uint64_t offset; /* from the start of the file */
    uint64_t count;
    uint64_t element_size;
} snapshot_section;

_Static_assert(sizeof(snapshot_head) == 64, "head is written as it is");

struct xw_snapshot {
    unsigned char *bytes;
    size_t size;
    bool mapped; /* by us */
    char digest[17];
    xw_model model; /* borrows from bytes */
    xw_locator locator;
    const uint8_t *ranks;
    const uint8_t *shades;
    const snapshot_shape *shapes;
    const xw_outline_ring *rings;
    const uint32_t *refs;
    const xw_box *boxes;
    const uint32_t *order[XW_SHAPE_KINDS];
    const xw_box *nodes[XW_SHAPE_KINDS];
    const uint32_t *road_order; /* edges with a carriageway */
    const xw_box *road_nodes;
    size_t n_roads;
    uint32_t *only_grid; /* by plot: the grid of all its units; XW_NONE: shared out, or no units */
};

/* Number of objects of a kind. */
size_t xw__shape_count(const xw_model *m, xw_shape_kind kind);
/* Edges with a carriageway; their indexes go to @p ix unless it is NULL. */
size_t xw__roads(const xw_model *m, uint32_t *ix);

/* A 64-bit digest against damage, not against malice: four lanes of xor, multiply, rotate over
 * words of 8 bytes, mixed at the end. Feed multiples of 32 bytes. */
typedef struct snapshot_hash {
    uint64_t lane[4];
    uint64_t n;
} snapshot_hash;
void xw__hash_init(snapshot_hash *h);
void xw__hash_add(snapshot_hash *h, const void *bytes, size_t n);
uint64_t xw__hash_end(const snapshot_hash *h);

/* Same as xw_snapshot_open for bytes that stand on a multiple of 64 and outlive the snapshot. */
xw_status xw__snapshot_view(unsigned char *bytes, size_t size, const char *name, xw_snapshot **out,
                            xw_error *err);

#endif
