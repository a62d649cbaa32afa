/**
 * @file model.h
 * One revision of one territory, whole and flat: divisions, plots, units, buildings, the edges of
 * the plot map, and the grids of every level. `grids` makes it, `store` saves and reads it,
 * `snapshot` maps it from a file, `check`, `export`, `locate` and the server read it.
 *
 * The assignment unit -> grid is the truth. Plots are faces of an exact coverage whose boundaries
 * are the edges; every polygon (plot, grid, division) is traced from the edges (outline.h), so gaps
 * and overlaps cannot be written down.
 *
 * Layout: arrays of plain structs without pointers, all texts in one pool, all vertices in one
 * array, every padding byte zero: the arrays are written to the snapshot as they are. Indices are
 * uint32_t, XW_NONE for none. Order (canonical, so that equal content gives equal bytes): plots by
 * division, then block, then anchor; units by plot, then floor; grids by level, then code; edges by
 * left, right, first vertex. Threads: one at a time while filled, then share freely.
 */
#ifndef XW_MODEL_H
#define XW_MODEL_H

#include "xiwang/territory.h"

#define XW_LEVELS_MAX 8

typedef enum xw_plot_kind { XW_PLOT_BUILDING, XW_PLOT_OPEN, XW_PLOT_WATER } xw_plot_kind;
/** "building", "open", "water"; never NULL. */
const char *xw_plot_kind_text(unsigned kind);

typedef enum xw_basis { /* what an edge follows */
                        XW_BASIS_ROAD,
                        XW_BASIS_WATER,
                        XW_BASIS_RAIL,
                        XW_BASIS_WALL,
                        XW_BASIS_DIVISION,
                        XW_BASIS_BUILDING, /**< the wall of a building */
                        XW_BASIS_BETWEEN   /**< half way between two buildings */
} xw_basis;
/** "road", "water", "rail", "wall", "division", "building", "between"; never NULL. */
const char *xw_basis_text(unsigned basis);
/** Basis of a barrier class. */
xw_basis xw_basis_of_class(unsigned cls);

typedef enum xw_grid_kind { XW_GRID_BASIC, XW_GRID_EXCLUSIVE, XW_GRID_RESERVED } xw_grid_kind;
/** "basic", "exclusive", "reserved"; never NULL. */
const char *xw_grid_kind_text(unsigned kind);

typedef struct xw_model_division {
    xw_text code, name, level, parent_code;
    uint32_t first_plot, n_plots; /**< plots are sorted by division; 0 for an ancestor */
    xw_text source;
} xw_model_division;

typedef struct xw_plot {
    double area_m2;
    xw_pt anchor;      /**< a lattice point the plot owns: label point, canonical order */
    uint32_t block;    /**< number of the block within the territory, from 0 */
    uint32_t division; /**< index */
    uint32_t building; /**< index, XW_NONE for open land and water */
    uint32_t first_unit, n_units; /**< n_units >= 1 */
    uint32_t households;
    uint8_t kind; /**< xw_plot_kind */
    uint8_t pad[3];
    xw_text name; /**< of the water or place, may be empty */
    uint32_t pad2;
} xw_plot;

typedef struct xw_unit {
    uint32_t plot;
    uint32_t building;   /**< XW_NONE for open land and water */
    uint32_t households; /**< may be 0 */
    int16_t floor_min,
        floor_max; /**< 1 is the ground floor; both 0 when the unit is no floor slice */
    uint32_t grid; /**< index of its grid at the finest level */
} xw_unit;

typedef struct xw_model_building {
    xw_text name, source;
    uint32_t plot; /**< XW_NONE: not in the map, see findings */
    uint32_t households;
    uint32_t first_ring, n_rings; /**< footprint as noded: outer CCW, holes CW; n_rings may be 0 */
    float height_m;
    uint16_t floors;
    uint8_t use, estimated;
} xw_model_building;

enum {                      /* xw_edge.flags */
       XW_EDGE_CROSSED = 1, /**< a passable way crosses here: a hard barrier is open */
       XW_EDGE_DETOUR = 2   /**< the barrier was bent round a footprint here */
};

typedef struct xw_edge {  /* a chain between two nodes of degree >= 3, or a closed one */
    uint32_t first, n;    /**< vertices in pts, n >= 2; closed when first == last vertex */
    uint32_t left, right; /**< plots; XW_NONE outside the territory; left != right */
    xw_text source;       /**< of the barrier, may be empty */
    xw_text name;
    float length_m;
    uint8_t basis, cls, flags; /**< cls: xw_barrier_class or XW_CLASS_NONE */
    uint8_t pad;
    uint32_t custody; /**< plot whose grid looks after a carriageway; XW_NONE if no road */
} xw_edge;

typedef struct xw_line { /* a barrier as it was given, for drawing only */
    uint32_t first, n;
    xw_text name, source;
    uint8_t cls, flags;
    uint8_t pad[2];
} xw_line;

typedef struct xw_level { /* coarsest first: 0 zone, 1 section, 2 team */
    xw_text key;          /**< "zone" */
    xw_text name;         /**< "区" */
    uint32_t cap;         /**< most children; households at the finest level */
    uint32_t first_grid, n_grids;
    uint32_t code_width; /**< digits the level adds to the code */
    uint32_t floor;      /**< fewest children that were wanted (households at the finest level) */
    uint32_t never;      /**< bit per xw_barrier_class that its grids should not have on both sides,
                          *   beside the hard ones */
} xw_level;

typedef struct xw_grid {
    double area_m2;
    xw_text code, name;
    uint32_t level;
    uint32_t parent;   /**< grid index one level up; XW_NONE at the coarsest */
    uint32_t division; /**< index */
    uint32_t households, children, buildings; /**< children: grids one level down; households at the
                                                   finest level */
    uint32_t first_child; /**< grids of a parent are consecutive; at the finest level: index into
                               grid_units, n of them in n_units */
    uint32_t n_units;     /**< finest level only, else 0 */
    int16_t floor_min, floor_max; /**< both 0 unless the grid is a slice of one tower */
    float base_m, height_m;       /**< of the slice, 0 otherwise */
    xw_pt label;
    uint8_t kind;
    uint8_t pad[3];
    uint32_t pad2;
} xw_grid;

/** Why a household belongs to another grid than in the revision before (code, Chinese). */
#define XW_LINEAGE_MAP(X)                   \
    X(NONE, "", "")                         \
    X(BUILDING, "new-building", "新增房屋") \
    X(GONE, "building-gone", "房屋灭失")    \
    X(CAP, "over-cap", "超出上限")          \
    X(TORN, "torn", "网格断开")             \
    X(MERGED, "merged", "合并")             \
    X(ESTATE, "new-estate", "新建小区")     \
    X(DIVISION, "division", "区划变更")     \
    X(PARENT, "parent", "上级网格变更")     \
    X(EXCLUSIVE, "exclusive", "专属网格")

typedef enum xw_lineage_reason {
#define X(name, text, zh) XW_LINEAGE_##name,
    XW_LINEAGE_MAP(X)
#undef X
        XW_LINEAGE_COUNT
} xw_lineage_reason;
/** "new-building" and so on, "" for none; never NULL. */
const char *xw_lineage_reason_text(unsigned reason);

/** Households that went from one grid to another, or a grid that began or ended. Rows are kept for
 *  ever, so the codes that were ever used are those of the grids and of these rows. Sorted by
 *  revision, level (coarsest first), old code, new code, reason. */
typedef struct xw_lineage {
    xw_pt at;          /**< label of the new grid, of the old one when there is no new one */
    uint32_t revision; /**< that it came with, >= 2 */
    xw_text level;     /**< key */
    xw_text old_code, new_code; /**< one of them may be empty */
    uint32_t households;        /**< that moved; of a grid that begins without old ones: its own */
    uint32_t of;                /**< households of the old grid that are still there */
    uint8_t reason;             /**< xw_lineage_reason */
    uint8_t old_ends;           /**< 1: the old code is retired with this revision */
    uint8_t new_begins;         /**< 1: the new code was never used before */
    uint8_t pad;
} xw_lineage;

typedef struct xw_model {
    xw_strings text;
    xw_pt *pts;
    size_t n_pts, cap_pts;
    xw_span *rings; /**< of buildings */
    size_t n_rings, cap_rings;
    xw_model_division *divisions;
    size_t n_divisions, cap_divisions;
    xw_plot *plots;
    size_t n_plots, cap_plots;
    xw_unit *units;
    size_t n_units, cap_units;
    xw_model_building *buildings;
    size_t n_buildings, cap_buildings;
    xw_edge *edges;
    size_t n_edges, cap_edges;
    xw_line *lines;
    size_t n_lines, cap_lines;
    xw_address *addresses;
    size_t n_addresses, cap_addresses;
    xw_finding *findings;
    size_t n_findings, cap_findings;
    xw_grid *grids;
    size_t n_grids, cap_grids;
    uint32_t *grid_units; /**< unit indices, finest grid by finest grid */
    size_t n_grid_units, cap_grid_units;
    xw_lineage *lineage; /**< of all revisions up to this one; usually empty for the first */
    size_t n_lineage, cap_lineage;
    xw_level levels[XW_LEVELS_MAX];
    uint32_t n_levels;
    uint32_t revision;      /**< 1, 2, … */
    xw_text name;           /**< of the territory */
    xw_text net, net_name;  /**< "zz", "综治网" */
    int64_t effective_unix; /**< seconds; from when the revision is in force */
    xw_text published;      /**< RFC 3339, UTC; set by whoever has a clock */
    bool borrowed;          /**< the arrays belong to a mapped file: finish frees nothing */
} xw_model;

void xw_model_init(xw_model *m);
void xw_model_finish(xw_model *m);
static inline const char *xw_model_text(const xw_model *m, xw_text t)
{
    return xw_strings_get(&m->text, t);
}
/** Appends a zeroed element to one of the arrays: XW_MODEL_ADD(m, plots) is NULL or its address. */
void *xw_model_one_more(void **array, size_t *n, size_t *cap, size_t size);
#define XW_MODEL_ADD(m, name) \
    xw_model_one_more((void **)&(m)->name, &(m)->n_##name, &(m)->cap_##name, sizeof *(m)->name)
/** Appends vertices. */
xw_status xw_model_add_pts(xw_model *m, const xw_pt *pts, size_t n, uint32_t *first, xw_error *err);

/** The grid of a finest-level grid at another level (0 coarsest), by walking up the parents. */
uint32_t xw_model_grid_at(const xw_model *m, uint32_t finest_grid, uint32_t level);
/** Level index by key, or XW_NONE. */
uint32_t xw_model_level(const xw_model *m, const char *key);
/** Grid index by code (binary search in each level), or XW_NONE. */
uint32_t xw_model_grid_by_code(const xw_model *m, const char *code);
/** Box of all edges; empty when there are none. */
xw_box xw_model_box(const xw_model *m);

/**
 * Some divisions of a model, as a model of their own: their plots and units in the same order, the
 * buildings that belong to them, their edges (outside where the neighbour is left behind), the
 * barriers whose box meets theirs, addresses and findings by place (findings without one too), and
 * the divisions above them. Grids are not taken along: units have none.
 * @param keep  one byte a division; only those with plots matter
 * @param out   an uninitialised model; the caller finishes it, also after a failure (it is empty)
 * @return XW_OK, XW_NOMEM. Linear, but for the findings and addresses times the length of the rim.
 */
xw_status xw_model_part(const xw_model *m, const uint8_t *keep, xw_model *out, xw_error *err);

/** Verifies every index, span, order and sum of the structure (not geometry: see check.h), so that
 * a model from outside bytes can be read without fear. Names the first violation. O(n). */
xw_status xw_model_validate(const xw_model *m, xw_error *err);

#endif
