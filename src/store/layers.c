/* The layers for people: one row of table.h, its geometry and its place in the spatial index. */
#include "internal.h"

#include <string.h>

typedef struct layer_writer {
    xw__sheets *to;
    const xw_model *m;
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

static void put_value(xw__sheet *s, const xw_value *v)
{
    switch (v->type) {
    case XW_COL_TEXT:
        xw__sheet_text(s, v->s);
        break;
    case XW_COL_INT:
        xw__sheet_int(s, v->i);
        break;
    case XW_COL_REAL:
        xw__sheet_real(s, v->r);
        break;
    case XW_COL_NULL:
        xw__sheet_null(s);
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

/* The rows of a layer, with row numbers from 1. */
static xw_status put_rows(layer_writer *w, xw__layer *l, xw__sheet *sheet, xw__rtree *tree,
                          xw_error *err)
{
    size_t n_columns;
    xw_status st = XW_OK;
    (void)xw_table_columns(l->table, &n_columns);
    for (uint32_t i = 0; i < l->n && !st; i++) {
        xw_box box;
        if (w->done++ % XW__CHUNK == 0) st = xw_job_step(w->job, "store", w->done, w->total, err);
        if (!st) st = make_blob(w, l->table, l->first + i, &box, err);
        if (st) break;
        xw__sheet_null(sheet);
        if (w->blob.n) {
            xw__sheet_blob(sheet, w->blob.data, w->blob.n);
            l->extent = xw_box_join(l->extent, box);
            st = xw__rtree_add(tree, i + 1, box, err);
        } else {
            xw__sheet_null(sheet);
        }
        for (size_t c = 0; c < n_columns; c++) {
            char scratch[64];
            const xw_value v = xw_table_value(w->m, l->table, l->first + i, c, scratch);
            put_value(sheet, &v);
        }
        if (!st) st = xw__sheet_row(sheet, (int64_t)i + 1, err);
    }
    return st;
}

static xw_status name_of(const xw_model *m, const xw__layer *l, xw_buf *name, xw_error *err)
{
    xw_buf_clear(name);
    xw__layer_name(m, l->table, l->level, name);
    return xw_buf_status(name, "name of a layer", err);
}

static xw_status fill_layer(layer_writer *w, xw__layer *l, xw_error *err)
{
    xw__rtree tree = {0};
    xw__sheet sheet;
    l->extent = XW_BOX_EMPTY;
    xw_status st = name_of(w->m, l, &w->name, err);
    if (!st) st = xw__sheets_begin(w->to, "%s", w->name.data, &sheet, err);
    if (st) return st;
    st = xw__sheet_end(&sheet, put_rows(w, l, &sheet, &tree, err), err);
    if (!st) st = xw__rtree_write(w->to, w->name.data, &tree, err);
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
static xw_status check_names(const xw_model *m, xw_buf *name, xw_error *err)
{
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const char *key = xw_model_text(m, m->levels[l].key);
        const xw__layer layer = {.table = XW_TABLE_GRID, .level = l};
        const xw_status st = name_of(m, &layer, name, err);
        if (st) return st;
        bool taken = sqlite3_strnicmp(name->data, "gpkg_", 5) == 0 ||
                     sqlite3_strnicmp(name->data, "rtree_", 6) == 0 ||
                     sqlite3_strnicmp(name->data, "sqlite_", 7) == 0 ||
                     sqlite3_strnicmp(name->data, "xw_", 3) == 0;
        for (int i = 0; i < N_LAYERS; i++) {
            taken = taken || sqlite3_stricmp(name->data, xw_table_name(layers[i].table)) == 0;
        }
        for (uint32_t k = 0; k < l; k++) {
            taken = taken || sqlite3_stricmp(key, xw_model_text(m, m->levels[k].key)) == 0;
        }
        if (taken) return xw_fail(err, XW_INPUT, "level \"%s\": the name is taken", key);
    }
    return XW_OK;
}

xw_status xw__layers_plan(const xw_model *m, xw__layers *out, xw_error *err)
{
    xw_buf name;
    memset(out, 0, sizeof *out);
    for (int i = 0; i < N_LAYERS; i++) {
        const xw_table t = layers[i].table;
        if (t != XW_TABLE_GRID) {
            out->of[out->n++] =
                (xw__layer){t, 0, 0, (uint32_t)xw_table_rows(m, t), layers[i].title, XW_BOX_EMPTY};
            continue;
        }
        for (uint32_t l = 0; l < m->n_levels; l++) {
            const xw_level *v = &m->levels[l];
            out->of[out->n++] = (xw__layer){
                t, l, v->first_grid, v->n_grids, xw_model_text(m, v->name), XW_BOX_EMPTY};
        }
    }
    xw_buf_init(&name, 1u << 16);
    const xw_status st = check_names(m, &name, err);
    xw_buf_finish(&name);
    return st;
}

xw_status xw__layers_create(const xw__db *db, const xw_model *m, const xw__layers *l, xw_error *err)
{
    xw_buf name;
    xw_status st = XW_OK;
    xw_buf_init(&name, 1u << 16);
    for (size_t i = 0; i < l->n && !st; i++) {
        st = name_of(m, &l->of[i], &name, err);
        if (!st) st = xw__schema_layer(db, l->of[i].table, name.data, err);
        if (!st) st = xw__rtree_create(db, name.data, err);
    }
    xw_buf_finish(&name);
    return st;
}

xw_status xw__layers_register(const xw__db *db, const xw_model *m, const xw__layers *l,
                              const char *when, xw_error *err)
{
    xw_buf name;
    xw_status st = XW_OK;
    xw_buf_init(&name, 1u << 16);
    for (size_t i = 0; i < l->n && !st; i++) {
        const xw__layer *v = &l->of[i];
        st = name_of(m, v, &name, err);
        if (!st) {
            st = xw__schema_register(db, v->table, name.data, v->title, v->extent, when, err);
        }
        if (!st) st = xw__schema_triggers(db, name.data, err);
        if (!st && v->n > 0) { /* the highest number ever, as SQLite would have noted it */
            st = xw__sql_execf(db, err, "INSERT INTO sqlite_sequence VALUES(%Q,%u)", name.data,
                               v->n);
        }
    }
    xw_buf_finish(&name);
    return st;
}

xw_status xw__layers_fill(xw__sheets *to, const xw_model *m, xw__layers *l, const xw_job *job,
                          xw_error *err)
{
    layer_writer w = {.to = to, .m = m, .job = job};
    xw_buf_init(&w.blob, (size_t)1 << 30);
    xw_buf_init(&w.name, 1u << 16);
    xw_status st = xw_shapes_create(m, &w.shapes, err);
    for (size_t i = 0; i < l->n; i++) w.total += l->of[i].n;
    for (size_t i = 0; i < l->n && !st; i++) st = fill_layer(&w, &l->of[i], err);
    if (!st) st = xw_job_step(job, "store", w.total, w.total, err);
    xw_shapes_destroy(w.shapes);
    xw_buf_finish(&w.blob);
    xw_buf_finish(&w.name);
    return st;
}
