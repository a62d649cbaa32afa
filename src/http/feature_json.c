/* Rows of a table as GeoJSON features. Areas are always MultiPolygon, so that clients which take
 * the type of a collection from its first page (GDAL, QGIS) never meet another one later. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Vertices of one ring of edge references. An edge has both of its end nodes and the next one
 * begins where it ends, so the last vertex of each is left to its follower. */
static void shape_ring(const xw_model *m, const xw_shape *s, const xw_outline_ring *r, xw_json *j)
{
    xw_pt first = {0, 0};
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < r->n; i++) {
        const uint32_t ref = s->refs[r->first + i];
        const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
        for (uint32_t k = 0; k + 1 < e->n; k++) {
            const xw_pt p = m->pts[e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - k : k)];
            if (i == 0 && k == 0) first = p;
            xw_json_pt(j, p.x, p.y);
        }
    }
    xw_json_pt(j, first.x, first.y);
    xw_json_close(j, ']');
}

static void open_geometry(xw_json *j, const char *type)
{
    xw_json_open(j, '{');
    xw_json_kstr(j, "type", type);
    xw_json_key(j, "coordinates");
}

static void shape(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix, xw_json *j)
{
    const xw_shape sh = xw_snapshot_shape(s, kind, ix);
    if (sh.n_rings == 0) {
        xw_json_null(j);
        return;
    }
    open_geometry(j, "MultiPolygon");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < sh.n_rings; i++) {
        if (!sh.rings[i].hole) {
            if (i > 0) xw_json_close(j, ']');
            xw_json_open(j, '[');
        }
        shape_ring(xw_snapshot_model(s), &sh, &sh.rings[i], j);
    }
    xw_json_close(j, ']');
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}

static void points(const xw_model *m, uint32_t first, uint32_t n, bool close, xw_json *j)
{
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < n; i++) xw_json_pt(j, m->pts[first + i].x, m->pts[first + i].y);
    if (close && n > 0) xw_json_pt(j, m->pts[first].x, m->pts[first].y);
    xw_json_close(j, ']');
}

static void line(const xw_model *m, uint32_t first, uint32_t n, xw_json *j)
{
    open_geometry(j, "LineString");
    points(m, first, n, false, j);
    xw_json_close(j, '}');
}

static void point(xw_pt p, xw_json *j)
{
    open_geometry(j, "Point");
    xw_json_pt(j, p.x, p.y);
    xw_json_close(j, '}');
}

static void building(const xw_model *m, uint32_t row, xw_json *j)
{
    const xw_model_building *b = &m->buildings[row];
    if (b->n_rings == 0) {
        xw_json_null(j);
        return;
    }
    open_geometry(j, "MultiPolygon");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < b->n_rings; i++) {
        const xw_span r = m->rings[b->first_ring + i];
        const bool outer = i == 0 || xw_ring_area2((xw_ring){m->pts + r.first, r.n}) > 0;
        if (outer) {
            if (i > 0) xw_json_close(j, ']');
            xw_json_open(j, '[');
        }
        points(m, r.first, r.n, true, j);
    }
    xw_json_close(j, ']');
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}

void xw__geometry_json(const xw_snapshot *s, xw_table t, uint32_t row, xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    switch (t) {
    case XW_TABLE_DIVISION:
        shape(s, XW_SHAPE_DIVISION, row, j);
        break;
    case XW_TABLE_GRID:
        shape(s, XW_SHAPE_GRID, row, j);
        break;
    case XW_TABLE_PLOT:
        shape(s, XW_SHAPE_PLOT, row, j);
        break;
    case XW_TABLE_UNIT:
        point(m->plots[m->units[row].plot].anchor, j);
        break;
    case XW_TABLE_BUILDING:
        building(m, row, j);
        break;
    case XW_TABLE_EDGE:
        line(m, m->edges[row].first, m->edges[row].n, j);
        break;
    case XW_TABLE_LINE:
        line(m, m->lines[row].first, m->lines[row].n, j);
        break;
    case XW_TABLE_ADDRESS:
        point(m->addresses[row].at, j);
        break;
    case XW_TABLE_FINDING:
        point(m->findings[row].at, j);
        break;
    case XW_TABLE_LINEAGE:
        point(m->lineage[row].at, j);
        break;
    default:
        xw_json_null(j);
        break;
    }
}

void xw__value_json(const xw_value *v, xw_json *j)
{
    switch (v->type) {
    case XW_COL_TEXT:
        xw_json_str(j, v->s);
        break;
    case XW_COL_INT:
        xw_json_int(j, v->i);
        break;
    case XW_COL_REAL:
        xw_json_num(j, v->r, 7);
        break;
    default:
        xw_json_null(j);
        break;
    }
}

void xw__properties_json(const xw_model *m, xw_table t, uint32_t row, xw_json *j)
{
    char scratch[64];
    size_t n;
    const xw_column *cols = xw_table_columns(t, &n);
    xw_json_open(j, '{');
    for (size_t i = 0; i < n; i++) {
        const xw_value v = xw_table_value(m, t, row, i, scratch);
        xw_json_key(j, cols[i].name);
        xw__value_json(&v, j);
    }
    xw_json_close(j, '}');
}

void xw__feature_json(const xw_snapshot *s, const xw__collection *c, uint32_t row, xw_json *j)
{
    char scratch[64];
    const xw_model *m = xw_snapshot_model(s);
    const xw_value id = xw_table_value(m, c->table, row, 0, scratch);
    xw_json_open(j, '{');
    xw_json_kstr(j, "type", "Feature");
    xw_json_key(j, "id");
    xw__value_json(&id, j);
    xw_json_key(j, "geometry");
    xw__geometry_json(s, c->table, row, j);
    xw_json_key(j, "properties");
    xw__properties_json(m, c->table, row, j);
}

static bool is_id(const xw_model *m, const xw__collection *c, uint32_t row, const char *fid)
{
    char scratch[64], text[32];
    const xw_value v = xw_table_value(m, c->table, row, 0, scratch);
    if (v.type == XW_COL_TEXT) return strcmp(v.s, fid) == 0;
    if (v.type != XW_COL_INT) return false;
    (void)snprintf(text, sizeof text, "%lld", (long long)v.i);
    return strcmp(text, fid) == 0;
}

uint32_t xw__feature_find(const xw_model *m, const xw__collection *c, const char *fid)
{
    if (c->table == XW_TABLE_GRID) { /* people know the code of a grid, not its id */
        const uint32_t grid = xw_model_grid_by_code(m, fid);
        if (grid != XW_NONE && m->grids[grid].level == c->level) return grid;
    }
    /* Ids mostly count the rows: the number at the end of the id is tried first as a row. */
    const char *digits = fid + strlen(fid);
    while (digits > fid && digits[-1] >= '0' && digits[-1] <= '9') digits--;
    int64_t guess;
    if (*digits && xw__parse_int(digits, 0, UINT32_MAX, &guess)) {
        for (int64_t row = guess > 0 ? guess - 1 : 0; row <= guess; row++) {
            if (row >= c->first && row < (int64_t)c->first + c->n_rows &&
                is_id(m, c, (uint32_t)row, fid)) {
                return (uint32_t)row;
            }
        }
    }
    for (uint32_t i = 0; i < c->n_rows; i++) {
        if (is_id(m, c, c->first + i, fid)) return c->first + i;
    }
    return XW_NONE;
}
