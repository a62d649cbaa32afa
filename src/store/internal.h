/* What the files of the store share. */
#ifndef XW_STORE_INTERNAL_H
#define XW_STORE_INTERNAL_H

#include "pages.h"
#include "xiwang/shape.h"
#include "xiwang/store.h"

#include <sqlite3.h>

#define XW__STORE_VERSION 1    /* raised when an older reader would misread the tables */
#define XW__SRS           4490 /* CGCS2000 */
#define XW__CHUNK         4096 /* rows between two looks at the job */

/* A database with the path that errors name. */
typedef struct xw__db {
    sqlite3 *sql;
    const char *path; /* borrowed: what the user knows, not the temporary file */
    bool reading;     /* decides what a failure means: bad input, or no room */
} xw__db;

/* Fills err from the database's last error; what: the table at hand, may be "". */
xw_status xw__sql_fail(const xw__db *db, const char *what, xw_error *err);
xw_status xw__sql_exec(const xw__db *db, const char *sql, xw_error *err);
/* Formats with sqlite3_mprintf (%w, %Q) and executes. */
xw_status xw__sql_execf(const xw__db *db, xw_error *err, const char *fmt, ...);
xw_status xw__sql_prepare(const xw__db *db, const char *sql, sqlite3_stmt **out, xw_error *err);
/* Runs an insert whose values are bound and makes it ready for the next row. */
xw_status xw__sql_put(const xw__db *db, sqlite3_stmt *insert, const char *what, xw_error *err);

/* sheets.c: the tables of a file that SQLite has let go, by name, while their rows are written. */
typedef struct xw__sheets {
    xw__pages pages;
    xw_strings names;
    struct xw__root {
        xw_text name;
        uint32_t page;
    } * roots;
    size_t n_roots, cap_roots;
    size_t node_size; /* of the nodes of spatial indexes; 0: there are none */
} xw__sheets;
/* Notes where the tables are, while SQLite still has the file. */
xw_status xw__sheets_read(const xw__db *db, xw__sheets *out, xw_error *err);
/* Begins a table, whose name is made with sqlite3_mprintf from a layer's. */
xw_status xw__sheets_begin(xw__sheets *s, const char *fmt, const char *layer, xw__sheet *out,
                           xw_error *err);
void xw__sheets_finish(xw__sheets *s);

/* rtree.c: the boxes of a layer, written as a packed R-tree at the end. */
typedef struct xw__rtree_item {
    uint32_t id;
    float x0, x1, y0, y1;
} xw__rtree_item;
typedef struct xw__rtree {
    xw__rtree_item *items;
    size_t n, cap;
} xw__rtree;
xw_status xw__rtree_add(xw__rtree *t, uint32_t id, xw_box box, xw_error *err);
/* Creates the virtual table rtree_<layer>_geom. */
xw_status xw__rtree_create(const xw__db *db, const char *layer, xw_error *err);
/* Fills it; sorts the items. */
xw_status xw__rtree_write(xw__sheets *to, const char *layer, xw__rtree *t, xw_error *err);
void xw__rtree_finish(xw__rtree *t);

/* schema.c */
xw_status xw__schema_create(const xw__db *db, xw_error *err);
/* What a connection to the unfinished file begins with. */
xw_status xw__schema_reopen(const xw__db *db, xw_error *err);
xw_status xw__schema_layer(const xw__db *db, xw_table t, const char *layer, xw_error *err);
/* Puts a filled layer into the GeoPackage's own tables. when: of the last change */
xw_status xw__schema_register(const xw__db *db, xw_table t, const char *layer, const char *title,
                              xw_box box, const char *when, xw_error *err);
/* Makes the triggers that keep the spatial index; after the index is filled. */
xw_status xw__schema_triggers(const xw__db *db, const char *layer, xw_error *err);
xw_status xw__schema_attributes(const xw__db *db, const char *table, const char *title,
                                const char *when, xw_error *err);

/* layers.c, tables.c: the layers for people, and the tables beside them, in three steps: empty
 * tables; the rows of the large ones, as pages; small tables and what is said of the large ones. */
typedef struct xw__layer {
    xw_table table;
    uint32_t level, first, n; /* rows of the table */
    const char *title;
    xw_box extent; /* of the second step */
} xw__layer;
typedef struct xw__layers {
    xw__layer of[XW_TABLE_COUNT + XW_LEVELS_MAX];
    size_t n;
} xw__layers;
/* Lists the layers of a model. @return XW_INPUT when two have one name */
xw_status xw__layers_plan(const xw_model *m, xw__layers *out, xw_error *err);
xw_status xw__layers_create(const xw__db *db, const xw_model *m, const xw__layers *l,
                            xw_error *err);
xw_status xw__layers_fill(xw__sheets *to, const xw_model *m, xw__layers *l, const xw_job *job,
                          xw_error *err);
xw_status xw__layers_register(const xw__db *db, const xw_model *m, const xw__layers *l,
                              const char *when, xw_error *err);
xw_status xw__tables_create(const xw__db *db, const xw_model *m, xw_error *err);
xw_status xw__tables_fill(xw__sheets *to, const xw_model *m, xw_error *err);
xw_status xw__tables_register(const xw__db *db, const xw_model *m, const char *when, xw_error *err);
/* "teams" of level 2; appended to out. */
void xw__layer_name(const xw_model *m, xw_table t, uint32_t level, xw_buf *out);

/* digest.c: FNV-1a over the content of a model, whatever the layout of its arrays. */
uint64_t xw__model_digest(const xw_model *m);

/* rows.c: reads the rows of one query in order. A failure sticks: later values are zero. */
typedef struct xw__rows {
    const xw__db *db;
    xw_model *m;       /* texts go into its pool */
    const char *table; /* named in errors */
    sqlite3_stmt *st;
    uint32_t row; /* of the current row, from 0 */
    xw_status status;
    xw_error *err;
} xw__rows;
void xw__rows_open(xw__rows *r, const xw__db *db, xw_model *m, const char *table, const char *sql,
                   xw_error *err);
/* Goes to the next row; false at the end or after a failure. Column 0 is the number of the row. */
bool xw__rows_next(xw__rows *r);
xw_status xw__rows_close(xw__rows *r);
/* Refuses the current row. */
void xw__rows_bad(xw__rows *r, int col, const char *why);
bool xw__rows_null(const xw__rows *r, int col);
int64_t xw__rows_int(xw__rows *r, int col, int64_t lo, int64_t hi);
uint32_t xw__rows_u32(xw__rows *r, int col); /* NULL is XW_NONE */
uint32_t xw__rows_id(xw__rows *r, int col);  /* decimal text, 1 is index 0; NULL is XW_NONE */
double xw__rows_real(xw__rows *r, int col);
const char *xw__rows_chars(xw__rows *r, int col); /* "" for NULL; until the next row */
xw_text xw__rows_text(xw__rows *r, int col);
/* Position of the text in a list given by a function like xw_basis_text. */
unsigned xw__rows_one_of(xw__rows *r, int col, const char *(*text)(unsigned), unsigned n);
/* Geometry of the kind, or NULL when absent is allowed (kind is then XW_WKB_NONE). */
void xw__rows_shape(xw__rows *r, int col, xw_wkb_kind kind, bool may_miss, xw_wkb_shape *out);

/* read_land.c, read_grids.c */
xw_status xw__read_land(const xw__db *db, xw_model *m, xw_error *err);
/* Stores of the first versions have no such layer. */
xw_status xw__read_lineage(const xw__db *db, xw_model *m, xw_error *err);
xw_status xw__read_levels(const xw__db *db, xw_model *m, xw_error *err);
xw_status xw__read_rules(const xw__db *db, xw_model *m, xw_error *err);
xw_status xw__read_grids(const xw__db *db, xw_model *m, xw_error *err);
/* Index among the divisions by code; the finest grid by code; XW_NONE */
uint32_t xw__finest_by_code(const xw_model *m, const char *code);

#endif
