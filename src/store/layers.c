/* The layers for people: one row of table.h, its geometry and its place in the spatial index. */
#include "internal.h"

#include <string.h>

typedef struct layer_writer {
    const xw__db *db;
    const xw_model *m;
    const char *when;
    const xw_job *job;
    xw_shapes *shapes;
    xw_buf blob, name;
    uint64_t done, total; /* rows of all layers */
} layer_writer;

void xw__layer_name(const xw_model *m, xw_table t, uint32_t level, xw_buf *out)
{
    if (t == XW_TABLE_GRID) {
        xw_buf_text(out, xw_model_text(m, m->levels[level].key));
        xw_buf_text(out, "s");
    } else {
        xw_buf_text(out, xw_table_name(t));
    }
}

static xw_status prepare_insert(const xw__db *db, const char *layer, size_t n_columns,
                                sqlite3_stmt **out, xw_error *err)
{
    sqlite3_str *sql = sqlite3_str_new(db->sql);
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES(?,?", layer);
    for (size_t i = 0; i < n_columns; i++) sqlite3_str_appendall(sql, ",?");
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    const xw_status st =
        text ? xw__sql_prepare(db, text, out, err) : xw_fail(err, XW_NOMEM, "layer %s", layer);
    sqlite3_free(text);
    return st;
}

static void bind_value(sqlite3_stmt *st, int at, const xw_value *v)
{
    switch (v->type) {
    case XW_COL_TEXT:
        (void)sqlite3_bind_text(st, at, v->s, -1, SQLITE_TRANSIENT);
        break;
    case XW_COL_INT:
        (void)sqlite3_bind_int64(st, at, v->i);
        break;
    case XW_COL_REAL:
        (void)sqlite3_bind_double(st, at, v->r);
        break;
    case XW_COL_NULL:
        (void)sqlite3_bind_null(st, at);
        break;
    }
}

/* Makes the blob of a row's geometry in w->blob; leaves it empty when there is none. */
static xw_status make_blob(layer_writer *w, xw_table t, uint32_t row, xw_box *box, xw_error *err)
{
    xw_shape shape;
    const xw_status st = xw_shapes_get(w->shapes, t, row, &shape, err);
    if (st) return st;
    xw_buf_clear(&w->blob);
    *box = shape.box;
    if (shape.kind == XW_WKB_NONE) return XW_OK;
    xw_wkb_gpkg_header(&w->blob, XW__SRS, shape.kind == XW_WKB_POINT ? NULL : &shape.box);
    xw_shape_wkb(&shape, &w->blob);
    return xw_buf_status(&w->blob, "geometry", err);
}

/* Rows [first, first + n) of a table, with row numbers from 1. */
static xw_status put_rows(layer_writer *w, xw_table t, const char *layer, uint32_t first,
                          uint32_t n, xw__rtree *tree, xw_box *extent, xw_error *err)
{
    size_t n_columns;
    sqlite3_stmt *insert = NULL;
    (void)xw_table_columns(t, &n_columns);
    xw_status st = prepare_insert(w->db, layer, n_columns, &insert, err);
    for (uint32_t i = 0; i < n && !st; i++) {
        xw_box box;
        if (w->done++ % XW__CHUNK == 0) st = xw_job_step(w->job, "store", w->done, w->total, err);
        if (!st) st = make_blob(w, t, first + i, &box, err);
        if (st) break;
        (void)sqlite3_bind_int64(insert, 1, (sqlite3_int64)i + 1);
        if (w->blob.n) {
            (void)sqlite3_bind_blob64(insert, 2, w->blob.data, w->blob.n, SQLITE_STATIC);
            *extent = xw_box_join(*extent, box);
            st = xw__rtree_add(tree, i + 1, box, err);
        } else {
            (void)sqlite3_bind_null(insert, 2);
        }
        for (size_t c = 0; c < n_columns; c++) {
            char scratch[64];
            const xw_value v = xw_table_value(w->m, t, first + i, c, scratch);
            bind_value(insert, (int)c + 3, &v);
        }
        if (!st) st = xw__sql_put(w->db, insert, layer, err);
    }
    (void)sqlite3_finalize(insert);
    return st;
}

static xw_status put_layer(layer_writer *w, xw_table t, uint32_t level, uint32_t first, uint32_t n,
                           const char *title, xw_error *err)
{
    xw_box extent = XW_BOX_EMPTY;
    xw__rtree tree = {0};
    xw_buf_clear(&w->name);
    xw__layer_name(w->m, t, level, &w->name);
    xw_status st = xw_buf_status(&w->name, "name of a layer", err);
    const char *layer = w->name.data;
    if (!st) st = xw__schema_layer(w->db, t, layer, err);
    if (!st) st = put_rows(w, t, layer, first, n, &tree, &extent, err);
    if (!st) st = xw__schema_register(w->db, t, layer, title, extent, w->when, err);
    if (!st) st = xw__rtree_write(w->db, layer, &tree, err);
    if (!st) st = xw__schema_triggers(w->db, layer, err);
    xw__rtree_finish(&tree);
    return st;
}

static const struct {
    xw_table table;
    const char *title;
} layers[] = {
    {XW_TABLE_DIVISION, "行政区划"}, {XW_TABLE_GRID, NULL},       {XW_TABLE_PLOT, "地块"},
    {XW_TABLE_UNIT, "户单元"},       {XW_TABLE_BUILDING, "楼栋"}, {XW_TABLE_EDGE, "地块边界"},
    {XW_TABLE_LINE, "界线"},         {XW_TABLE_ADDRESS, "地址"},  {XW_TABLE_FINDING, "问题"},
    {XW_TABLE_LINEAGE, "沿革"},
};
enum { N_LAYERS = sizeof layers / sizeof *layers };

/* The layer of a level must not bear the name of another layer, nor one of a table of ours. */
static xw_status check_names(layer_writer *w, xw_error *err)
{
    for (uint32_t l = 0; l < w->m->n_levels; l++) {
        const char *key = xw_model_text(w->m, w->m->levels[l].key);
        xw_buf_clear(&w->name);
        xw__layer_name(w->m, XW_TABLE_GRID, l, &w->name);
        if (w->name.failed) return xw_buf_status(&w->name, "name of a layer", err);
        bool taken = sqlite3_strnicmp(w->name.data, "gpkg_", 5) == 0 ||
                     sqlite3_strnicmp(w->name.data, "rtree_", 6) == 0 ||
                     sqlite3_strnicmp(w->name.data, "sqlite_", 7) == 0 ||
                     sqlite3_strnicmp(w->name.data, "xw_", 3) == 0;
        for (int i = 0; i < N_LAYERS; i++) {
            taken = taken || sqlite3_stricmp(w->name.data, xw_table_name(layers[i].table)) == 0;
        }
        for (uint32_t k = 0; k < l; k++) {
            taken = taken || sqlite3_stricmp(key, xw_model_text(w->m, w->m->levels[k].key)) == 0;
        }
        if (taken) return xw_fail(err, XW_INPUT, "level \"%s\": the name is taken", key);
    }
    return XW_OK;
}

static xw_status put_all(layer_writer *w, xw_error *err)
{
    const xw_model *m = w->m;
    xw_status st = check_names(w, err);
    for (int i = 0; i < N_LAYERS; i++) w->total += xw_table_rows(m, layers[i].table);
    for (int i = 0; i < N_LAYERS && !st; i++) {
        const xw_table t = layers[i].table;
        if (t != XW_TABLE_GRID) {
            st = put_layer(w, t, 0, 0, (uint32_t)xw_table_rows(m, t), layers[i].title, err);
            continue;
        }
        for (uint32_t l = 0; l < m->n_levels && !st; l++) {
            const xw_level *v = &m->levels[l];
            st = put_layer(w, t, l, v->first_grid, v->n_grids, xw_model_text(m, v->name), err);
        }
    }
    return st ? st : xw_job_step(w->job, "store", w->total, w->total, err);
}

xw_status xw__layers_write(const xw__db *db, const xw_model *m, const char *when, const xw_job *job,
                           xw_error *err)
{
    layer_writer w = {.db = db, .m = m, .when = when, .job = job};
    xw_buf_init(&w.blob, (size_t)1 << 30);
    xw_buf_init(&w.name, 1u << 16);
    xw_status st = xw_shapes_create(m, &w.shapes, err);
    if (!st) st = put_all(&w, err);
    xw_shapes_destroy(w.shapes);
    xw_buf_finish(&w.blob);
    xw_buf_finish(&w.name);
    return st;
}
