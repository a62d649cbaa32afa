/* What the layers do not say: the revision, and for each kind of row the few exact values that its
 * columns round or leave out. Rows share their number (fid) with the layer's. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

static const char tables[] =
    "CREATE TABLE xw_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE xw_revision (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, state TEXT NOT NULL,"
    " effective_unix INTEGER NOT NULL, published TEXT NOT NULL, net TEXT NOT NULL,"
    " net_name TEXT NOT NULL, territory TEXT NOT NULL, digest TEXT NOT NULL);"
    "CREATE TABLE xw_level (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, key TEXT NOT NULL,"
    " name TEXT NOT NULL, cap INTEGER NOT NULL, code_width INTEGER NOT NULL,"
    " first_grid INTEGER NOT NULL, n_grids INTEGER NOT NULL);"
    "CREATE TABLE xw_division (fid INTEGER PRIMARY KEY, first_plot INTEGER, n_plots INTEGER);"
    "CREATE TABLE xw_plot (fid INTEGER PRIMARY KEY, division INTEGER, x INTEGER, y INTEGER,"
    " area_m2 REAL);"
    "CREATE TABLE xw_edge (fid INTEGER PRIMARY KEY, custody INTEGER, length_m REAL);"
    "CREATE TABLE xw_grid (fid INTEGER PRIMARY KEY, division INTEGER, parent INTEGER,"
    " first_child INTEGER, x INTEGER, y INTEGER, base_m REAL, height_m REAL, area_m2 REAL,"
    " units BLOB);";

typedef struct table_writer {
    const xw__db *db;
    const xw_model *m;
    sqlite3_stmt *st;
    const char *table;
} table_writer;

static void bind_text(const table_writer *w, int at, xw_text t)
{
    (void)sqlite3_bind_text(w->st, at, xw_model_text(w->m, t), -1, SQLITE_TRANSIENT);
}

static void bind_division(const table_writer *w, uint32_t row)
{
    (void)sqlite3_bind_int64(w->st, 2, w->m->divisions[row].first_plot);
    (void)sqlite3_bind_int64(w->st, 3, w->m->divisions[row].n_plots);
}

static void bind_level(const table_writer *w, uint32_t row)
{
    const xw_level *l = &w->m->levels[row];
    bind_text(w, 2, l->key);
    bind_text(w, 3, l->name);
    (void)sqlite3_bind_int64(w->st, 4, l->cap);
    (void)sqlite3_bind_int64(w->st, 5, l->code_width);
    (void)sqlite3_bind_int64(w->st, 6, l->first_grid);
    (void)sqlite3_bind_int64(w->st, 7, l->n_grids);
}

/* Rows of levels that have rules beyond the cap: the table is only there when one does. */
static void bind_rule(const table_writer *w, uint32_t row)
{
    (void)sqlite3_bind_int64(w->st, 2, w->m->levels[row].floor);
    (void)sqlite3_bind_int64(w->st, 3, w->m->levels[row].never);
}

static bool has_rules(const xw_model *m)
{
    for (uint32_t l = 0; l < m->n_levels; l++) {
        if (m->levels[l].floor || m->levels[l].never) return true;
    }
    return false;
}

static void bind_revision(const table_writer *w, uint32_t row)
{
    const xw_model *m = w->m;
    char digest[17];
    (void)row;
    (void)sqlite3_bind_int64(w->st, 1, m->revision);
    (void)sqlite3_bind_text(w->st, 2, "published", -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(w->st, 3, m->effective_unix);
    bind_text(w, 4, m->published);
    bind_text(w, 5, m->net);
    bind_text(w, 6, m->net_name);
    bind_text(w, 7, m->name);
    (void)sqlite3_snprintf((int)sizeof digest, digest, "%016llx",
                           (sqlite3_uint64)xw__model_digest(m));
    (void)sqlite3_bind_text(w->st, 8, digest, -1, SQLITE_TRANSIENT);
}

static void put_index(xw__sheet *s, uint32_t ix)
{
    if (ix == XW_NONE) {
        xw__sheet_null(s);
    } else {
        xw__sheet_int(s, ix);
    }
}

static void put_plot(const xw_model *m, uint32_t row, xw__sheet *s)
{
    const xw_plot *p = &m->plots[row];
    xw__sheet_int(s, p->division);
    xw__sheet_int(s, p->anchor.x);
    xw__sheet_int(s, p->anchor.y);
    xw__sheet_real(s, p->area_m2);
}

static void put_edge(const xw_model *m, uint32_t row, xw__sheet *s)
{
    const xw_edge *e = &m->edges[row];
    put_index(s, e->custody);
    xw__sheet_real(s, (double)e->length_m);
}

/* The units of a finest grid in their order, as little-endian uint32. */
static void put_units(const xw_model *m, const xw_grid *g, xw__sheet *s)
{
    xw_buf units;
    xw_buf_init(&units, (size_t)1 << 30);
    for (uint32_t i = 0; i < g->n_units; i++) {
        const uint32_t u = m->grid_units[g->first_child + i];
        const unsigned char bytes[4] = {(unsigned char)(u & 0xff), (unsigned char)(u >> 8 & 0xff),
                                        (unsigned char)(u >> 16 & 0xff), (unsigned char)(u >> 24)};
        xw_buf_add(&units, bytes, sizeof bytes);
    }
    if (units.failed) {
        s->body.failed = true; /* the row says so */
    } else if (g->n_units) {
        xw__sheet_blob(s, units.data, units.n);
    } else {
        xw__sheet_null(s);
    }
    xw_buf_finish(&units);
}

static void put_grid(const xw_model *m, uint32_t row, xw__sheet *s)
{
    const xw_grid *g = &m->grids[row];
    xw__sheet_int(s, g->division);
    put_index(s, g->parent);
    xw__sheet_int(s, g->first_child);
    xw__sheet_int(s, g->label.x);
    xw__sheet_int(s, g->label.y);
    xw__sheet_real(s, (double)g->base_m);
    xw__sheet_real(s, (double)g->height_m);
    xw__sheet_real(s, g->area_m2);
    put_units(m, g, s);
}

static xw_status put_table(table_writer *w, const char *table, int n_columns, size_t n_rows,
                           void (*bind)(const table_writer *w, uint32_t row), xw_error *err)
{
    w->table = table;
    sqlite3_str *sql = sqlite3_str_new(w->db->sql);
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES(?", table);
    for (int i = 1; i < n_columns; i++) sqlite3_str_appendall(sql, ",?");
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    xw_status st = text ? xw__sql_prepare(w->db, text, &w->st, err)
                        : xw_fail(err, XW_NOMEM, "table %s", table);
    sqlite3_free(text);
    for (size_t i = 0; i < n_rows && !st; i++) {
        (void)sqlite3_bind_int64(w->st, 1, (sqlite3_int64)i + 1);
        bind(w, (uint32_t)i);
        st = xw__sql_put(w->db, w->st, table, err);
    }
    (void)sqlite3_finalize(w->st);
    w->st = NULL;
    return st;
}

static xw_status put_rules(table_writer *w, xw_error *err)
{
    if (!has_rules(w->m)) return XW_OK;
    xw_status st = xw__sql_exec(w->db,
                                "CREATE TABLE xw_rule (fid INTEGER PRIMARY KEY, floor INTEGER NOT "
                                "NULL, never INTEGER NOT NULL);"
                                "INSERT INTO gpkg_extensions VALUES('xw_rule',NULL,'xiwang_model',"
                                "'rules of the levels with the same number','read-write')",
                                err);
    return st ? st : put_table(w, "xw_rule", 3, w->m->n_levels, bind_rule, err);
}

/* Tables that only this program reads are an extension of the file, as the standard asks. */
static xw_status register_tables(const xw__db *db, const char *when, xw_error *err)
{
    static const char *const own[] = {"xw_meta", "xw_division", "xw_plot", "xw_edge", "xw_grid"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const xw_status st = xw__sql_execf(
            db, err,
            "INSERT INTO gpkg_extensions VALUES(%Q,NULL,'xiwang_model',"
            "'exact values of the rows of the layer with the same number','read-write')",
            own[i]);
        if (st) return st;
    }
    const xw_status st = xw__schema_attributes(db, "xw_revision", "版本", when, err);
    return st ? st : xw__schema_attributes(db, "xw_level", "网格级别", when, err);
}

/* SQL has no NaN, and words stand for codes: what has neither would not come back. */
static xw_status check_values(const xw_model *m, xw_error *err)
{
    for (size_t i = 0; i < m->n_plots; i++) {
        if (!isfinite(m->plots[i].area_m2)) {
            return xw_fail(err, XW_INPUT, "plot %zu: area is not a number", i + 1);
        }
    }
    for (size_t i = 0; i < m->n_edges; i++) {
        if (!isfinite(m->edges[i].length_m)) {
            return xw_fail(err, XW_INPUT, "edge %zu: length is not a number", i + 1);
        }
    }
    for (size_t i = 0; i < m->n_buildings; i++) {
        if (!isfinite(m->buildings[i].height_m)) {
            return xw_fail(err, XW_INPUT, "building %zu: height is not a number", i + 1);
        }
        if (m->buildings[i].use >= XW_USE_COUNT) {
            return xw_fail(err, XW_INPUT, "building %zu: no such use", i + 1);
        }
    }
    for (size_t i = 0; i < m->n_lines; i++) {
        if (m->lines[i].cls >= XW_CLASS_COUNT && m->lines[i].cls != XW_CLASS_NONE) {
            return xw_fail(err, XW_INPUT, "barrier %zu: no such class", i + 1);
        }
    }
    for (size_t i = 0; i < m->n_grids; i++) {
        const xw_grid *g = &m->grids[i];
        if (!isfinite(g->area_m2) || !isfinite(g->base_m) || !isfinite(g->height_m)) {
            return xw_fail(err, XW_INPUT, "grid %zu: area or height is not a number", i + 1);
        }
    }
    return XW_OK;
}

xw_status xw__tables_create(const xw__db *db, const xw_model *m, xw_error *err)
{
    const xw_status st = check_values(m, err);
    return st ? st : xw__sql_exec(db, tables, err);
}

static xw_status fill_table(xw__sheets *to, const xw_model *m, const char *table, size_t n,
                            void (*put)(const xw_model *m, uint32_t row, xw__sheet *s),
                            xw_error *err)
{
    xw__sheet s;
    xw_status st = xw__sheets_begin(to, "%s", table, &s, err);
    if (st) return st;
    for (size_t i = 0; i < n && !st; i++) {
        xw__sheet_null(&s);
        put(m, (uint32_t)i, &s);
        st = xw__sheet_row(&s, (int64_t)i + 1, err);
    }
    return xw__sheet_end(&s, st, err);
}

xw_status xw__tables_fill(xw__sheets *to, const xw_model *m, xw_error *err)
{
    xw_status st = fill_table(to, m, "xw_plot", m->n_plots, put_plot, err);
    if (!st) st = fill_table(to, m, "xw_edge", m->n_edges, put_edge, err);
    return st ? st : fill_table(to, m, "xw_grid", m->n_grids, put_grid, err);
}

xw_status xw__tables_register(const xw__db *db, const xw_model *m, const char *when, xw_error *err)
{
    table_writer w = {.db = db, .m = m};
    xw_status st =
        xw__sql_execf(db, err, "INSERT INTO xw_meta VALUES('store_version','%d'),('writer',%Q)",
                      XW__STORE_VERSION, "xiwang " XW_VERSION);
    if (!st) st = put_table(&w, "xw_revision", 8, 1, bind_revision, err);
    if (!st) st = put_table(&w, "xw_level", 7, m->n_levels, bind_level, err);
    if (!st) st = put_table(&w, "xw_division", 3, m->n_divisions, bind_division, err);
    if (!st) st = register_tables(db, when, err);
    return st ? st : put_rules(&w, err);
}
