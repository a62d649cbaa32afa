/**
 * @file table.h
 * What the outside sees of a model: the tables and columns that the store's layers, the exports,
 * the HTTP collections and the tiles share, so that a column is named and computed in one place.
 * The column `flags` holds xw_edge.flags (1 crossed by a passable way, 2 bent round a footprint) or
 * xw_barrier.flags (1 bridge, 2 tunnel, 4 impassable). Threads: pure functions over a const model.
 */
#ifndef XW_TABLE_H
#define XW_TABLE_H

#include "xiwang/model.h"

typedef enum xw_table {
    XW_TABLE_DIVISION, /**< polygons */
    XW_TABLE_GRID,     /**< polygons, all levels; rows of one level: see model.levels */
    XW_TABLE_PLOT,     /**< polygons */
    XW_TABLE_UNIT,     /**< points (anchor of the plot) */
    XW_TABLE_BUILDING, /**< polygons (footprints); null geometry when not in the map */
    XW_TABLE_EDGE,     /**< lines */
    XW_TABLE_LINE,     /**< lines: the barriers as given */
    XW_TABLE_ADDRESS,  /**< points */
    XW_TABLE_FINDING,  /**< points */
    XW_TABLE_LINEAGE,  /**< points: which grids came from which, of all revisions */
    XW_TABLE_COUNT
} xw_table;

typedef enum xw_col_type { XW_COL_TEXT, XW_COL_INT, XW_COL_REAL, XW_COL_NULL } xw_col_type;

typedef struct xw_column {
    const char *name; /**< "grid_id" */
    const char *zh;   /**< Chinese label for people: "网格编号" */
    xw_col_type type;
} xw_column;

typedef struct xw_value {
    xw_col_type type; /**< XW_COL_NULL: no value */
    int64_t i;
    double r;
    const char *s; /**< borrowed from the model or the scratch */
} xw_value;

/** "unknown", "house", "flats", "outbuilding", "work", "public"; "" for no xw_use. Never NULL. */
const char *xw_use_text(unsigned use);
/** Stable number of a grid: FNV-1a (64 bits) over net, level key and code, each with its NUL. The
 *  column grid_id is its 16 hexadecimal digits. */
uint64_t xw_grid_id(const xw_model *m, uint32_t grid);
/** Finest grid of a plot; of several (a tower cut by floors) the one with the lowest code. XW_NONE
 *  when its units have none. */
uint32_t xw_plot_team(const xw_model *m, uint32_t plot);

/** Columns of a table in their order (design: "Exported columns"). The first one is the row's id.
 */
const xw_column *xw_table_columns(xw_table t, size_t *n);
/** Name of the layer or collection: "divisions", "plots", "units", "buildings", "edges",
 *  "barriers", "addresses", "findings", "lineage"; grids go by the key of their level + "s"
 * ("teams"). */
const char *xw_table_name(xw_table t);
size_t xw_table_rows(const xw_model *m, xw_table t);
/** Value of one cell. Ids are decimal, row + 1; an absent text, index or floor is XW_COL_NULL;
 *  areas and lengths are rounded to 0.01. A row or column that does not exist is XW_COL_NULL.
 *  @param scratch  where texts that are made (ids) are put */
xw_value xw_table_value(const xw_model *m, xw_table t, uint32_t row, size_t col, char scratch[64]);

#endif
