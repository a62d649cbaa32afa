/* Revision, levels, grids and units: who belongs where. */
#include "internal.h"

#include <string.h>

static xw_status no_memory(const xw__rows *r)
{
    return xw_fail(r->err, XW_NOMEM, "%s: %s", r->db->path, r->table);
}

xw_status xw__read_levels(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    xw__rows_open(
        &r, db, m, "xw_level",
        "SELECT fid,key,name,cap,code_width,first_grid,n_grids FROM xw_level ORDER BY fid", err);
    while (xw__rows_next(&r)) {
        if (m->n_levels == XW_LEVELS_MAX) {
            xw__rows_bad(&r, 0, "is one level too many");
            break;
        }
        xw_level *l = &m->levels[m->n_levels++];
        l->key = xw__rows_text(&r, 1);
        l->name = xw__rows_text(&r, 2);
        l->cap = (uint32_t)xw__rows_int(&r, 3, 0, XW_NONE);
        l->code_width = (uint32_t)xw__rows_int(&r, 4, 0, XW_NONE);
        l->first_grid = (uint32_t)xw__rows_int(&r, 5, 0, XW_NONE);
        l->n_grids = (uint32_t)xw__rows_int(&r, 6, 0, XW_NONE);
    }
    return xw__rows_close(&r);
}

/* The table is only there when a level has rules. */
static bool has_table(const xw__db *db, const char *name)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(db->sql, "SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", -1,
                           &st, NULL) == SQLITE_OK) {
        (void)sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
        found = sqlite3_step(st) == SQLITE_ROW;
    }
    (void)sqlite3_finalize(st);
    return found;
}

xw_status xw__read_rules(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    if (!has_table(db, "xw_rule")) return XW_OK;
    xw__rows_open(&r, db, m, "xw_rule", "SELECT fid,floor,never FROM xw_rule ORDER BY fid", err);
    while (xw__rows_next(&r)) {
        if (r.row >= m->n_levels) {
            xw__rows_bad(&r, 0, "is no level");
            break;
        }
        xw_level *l = &m->levels[r.row];
        l->floor = (uint32_t)xw__rows_int(&r, 1, 0, XW_NONE);
        l->never = (uint32_t)xw__rows_int(&r, 2, 0, (INT64_C(1) << XW_CLASS_COUNT) - 1);
    }
    return xw__rows_close(&r);
}

/* Floors are absent, both, or out of place. */
static void read_floors(xw__rows *r, int col, int16_t *min, int16_t *max)
{
    *min = *max = 0;
    if (xw__rows_null(r, col) && xw__rows_null(r, col + 1)) return;
    *min = (int16_t)xw__rows_int(r, col, INT16_MIN, INT16_MAX);
    *max = (int16_t)xw__rows_int(r, col + 1, INT16_MIN, INT16_MAX);
}

static void read_units_of(xw__rows *r, int col, xw_grid *g)
{
    if (r->status || xw__rows_null(r, col)) return;
    const unsigned char *b = sqlite3_column_blob(r->st, col);
    const int size = sqlite3_column_bytes(r->st, col);
    if (sqlite3_column_type(r->st, col) != SQLITE_BLOB || !b || size % 4 != 0) {
        xw__rows_bad(r, col, "is no list of units");
        return;
    }
    g->n_units = (uint32_t)size / 4;
    for (uint32_t i = 0; i < g->n_units; i++, b += 4) {
        uint32_t *u = XW_MODEL_ADD(r->m, grid_units);
        if (!u) {
            r->status = no_memory(r);
            return;
        }
        *u = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    }
}

static void read_grid(xw__rows *r, uint32_t level, xw_grid *g)
{
    g->level = level;
    g->code = xw__rows_text(r, 1);
    g->name = xw__rows_text(r, 2);
    g->kind = (uint8_t)xw__rows_one_of(r, 3, xw_grid_kind_text, 3);
    g->households = (uint32_t)xw__rows_int(r, 4, 0, XW_NONE);
    g->children = (uint32_t)xw__rows_int(r, 5, 0, XW_NONE);
    g->buildings = (uint32_t)xw__rows_int(r, 6, 0, XW_NONE);
    read_floors(r, 7, &g->floor_min, &g->floor_max);
    g->division = xw__rows_u32(r, 9);
    g->parent = xw__rows_u32(r, 10);
    g->first_child = (uint32_t)xw__rows_int(r, 11, 0, XW_NONE);
    g->label.x = (int32_t)xw__rows_int(r, 12, -XW_LON_MAX, XW_LON_MAX);
    g->label.y = (int32_t)xw__rows_int(r, 13, -XW_LAT_MAX, XW_LAT_MAX);
    g->base_m = (float)xw__rows_real(r, 14);
    g->height_m = (float)xw__rows_real(r, 15);
    g->area_m2 = xw__rows_real(r, 16);
    read_units_of(r, 17, g);
}

static xw_status read_level(const xw__db *db, xw_model *m, uint32_t level, const char *layer,
                            xw_error *err)
{
    xw__rows r;
    char *sql = sqlite3_mprintf(
        "SELECT l.fid,l.code,l.name,l.kind,l.households,l.children,l.buildings,l.floor_min,"
        "l.floor_max,x.division,x.parent,x.first_child,x.x,x.y,x.base_m,x.height_m,x.area_m2,"
        "x.units FROM \"%w\" l LEFT JOIN xw_grid x ON x.fid=l.fid+%llu ORDER BY l.fid",
        layer, (unsigned long long)m->n_grids);
    if (!sql) return xw_fail(err, XW_NOMEM, "%s", db->path);
    xw__rows_open(&r, db, m, layer, sql, err);
    sqlite3_free(sql);
    while (xw__rows_next(&r)) {
        xw_grid *g = XW_MODEL_ADD(m, grids);
        if (!g) {
            r.status = no_memory(&r);
            break;
        }
        read_grid(&r, level, g);
    }
    return xw__rows_close(&r);
}

/* xw_model_grid_by_code trusts the counts of the levels; here they come from the file and are not
 * checked yet, so the search ends at the array. */
uint32_t xw__finest_by_code(const xw_model *m, const char *code)
{
    if (m->n_levels == 0) return XW_NONE;
    const xw_level *fine = &m->levels[m->n_levels - 1];
    uint32_t lo = fine->first_grid, hi = (uint32_t)m->n_grids;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const int c = strcmp(xw_model_text(m, m->grids[mid].code), code);
        if (c == 0) return mid;
        if (c < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return XW_NONE;
}

/* Units come plot by plot, so each plot's share is counted on the way. */
static void join_plot(xw__rows *r, int col, uint32_t unit, uint32_t plot)
{
    if (r->status) return;
    if (plot >= r->m->n_plots) {
        xw__rows_bad(r, col, "is no plot");
        return;
    }
    xw_plot *p = &r->m->plots[plot];
    if (p->n_units++ == 0) p->first_unit = unit;
}

static xw_status read_units(const xw__db *db, xw_model *m, xw_error *err)
{
    xw__rows r;
    xw__rows_open(&r, db, m, "units",
                  "SELECT fid,building_id,plot_id,households,floor_min,floor_max,team_code"
                  " FROM units ORDER BY fid",
                  err);
    while (xw__rows_next(&r)) {
        xw_unit *u = XW_MODEL_ADD(m, units);
        if (!u) {
            r.status = no_memory(&r);
            break;
        }
        u->building = xw__rows_id(&r, 1);
        u->plot = xw__rows_id(&r, 2);
        u->households = (uint32_t)xw__rows_int(&r, 3, 0, XW_NONE);
        read_floors(&r, 4, &u->floor_min, &u->floor_max);
        u->grid = xw__finest_by_code(m, xw__rows_chars(&r, 6));
        join_plot(&r, 2, r.row, u->plot);
        if (u->grid == XW_NONE && m->n_levels) xw__rows_bad(&r, 6, "is no grid");
    }
    return xw__rows_close(&r);
}

xw_status xw__read_grids(const xw__db *db, xw_model *m, xw_error *err)
{
    xw_buf layer;
    xw_status st = XW_OK;
    xw_buf_init(&layer, 1u << 16);
    for (uint32_t l = 0; l < m->n_levels && !st; l++) {
        xw_buf_clear(&layer);
        xw__layer_name(m, XW_TABLE_GRID, l, &layer);
        st = xw_buf_status(&layer, "name of a layer", err);
        if (!st && m->levels[l].first_grid != m->n_grids) {
            st = xw_fail(err, XW_INPUT, "%s: xw_level, row %u: first_grid is wrong", db->path,
                         l + 1);
        }
        if (!st) st = read_level(db, m, l, layer.data, err);
    }
    xw_buf_finish(&layer);
    return st ? st : read_units(db, m, err);
}
