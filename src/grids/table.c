#include "xiwang/table.h"

#include "xiwang/digits.h"
#include "xiwang/fnv.h"

#include <math.h>
#include <string.h>

#define T(name, zh)           \
    {                         \
        name, zh, XW_COL_TEXT \
    }
#define I(name, zh)          \
    {                        \
        name, zh, XW_COL_INT \
    }
#define R(name, zh)           \
    {                         \
        name, zh, XW_COL_REAL \
    }

static const xw_column division_columns[] = {
    T("code", "代码"),          T("name", "名称"), T("level", "级别"), T("parent_code", "上级代码"),
    T("source_id", "来源编号"),
};
static const xw_column grid_columns[] = {
    T("grid_id", "网格编号"),
    T("code", "网格代码"),
    T("name", "网格名称"),
    T("net", "网"),
    T("level", "级别"),
    T("parent_code", "上级代码"),
    T("kind", "类型"),
    I("households", "户数"),
    I("children", "下级数"),
    I("buildings", "楼栋数"),
    I("floor_min", "最低楼层"),
    I("floor_max", "最高楼层"),
    R("area_m2", "面积(平方米)"),
};
static const xw_column plot_columns[] = {
    T("plot_id", "地块编号"),
    T("block_id", "街块编号"),
    T("building_id", "楼栋编号"),
    T("kind", "类型"),
    I("households", "户数"),
    T("team_code", "队代码"),
    T("division_code", "区划代码"),
    I("n_teams", "队数"),
    T("name", "名称"),
    R("area_m2", "面积(平方米)"),
};
static const xw_column unit_columns[] = {
    T("unit_id", "户单元编号"), T("building_id", "楼栋编号"), T("plot_id", "地块编号"),
    I("households", "户数"),    I("floor_min", "最低楼层"),   I("floor_max", "最高楼层"),
    T("team_code", "队代码"),
};
static const xw_column building_columns[] = {
    T("building_id", "楼栋编号"), T("name", "名称"),       I("households", "户数"),
    I("floors", "楼层数"),        R("height", "高度(米)"), T("plot_id", "地块编号"),
    T("source_id", "来源编号"),   T("use", "用途"),        I("estimated", "户数为估计"),
};
static const xw_column edge_columns[] = {
    T("edge_id", "边界编号"),      T("basis", "边界依据"),
    T("class", "界线类别"),        T("left_plot", "左侧地块"),
    T("right_plot", "右侧地块"),   R("length_m", "长度(米)"),
    T("custody_code", "管护网格"), T("name", "名称"),
    T("source_id", "来源编号"),    I("flags", "标志"),
};
static const xw_column line_columns[] = {
    T("barrier_id", "界线编号"), T("class", "界线类别"), T("name", "名称"),
    T("source_id", "来源编号"),  I("flags", "标志"),
};
static const xw_column address_columns[] = {
    T("address_id", "地址编号"), T("text", "地址"),  T("street", "街路巷"),
    T("number", "门牌号"),       T("place", "地名"), T("building_id", "楼栋编号"),
};
static const xw_column finding_columns[] = {
    T("finding_id", "问题编号"), T("kind", "问题类别"), T("layer", "图层"),
    T("source_id", "来源编号"),  T("text", "说明"),
};

static const xw_column lineage_columns[] = {
    T("lineage_id", "沿革编号"),      I("revision", "版本"),   T("level", "级别"),
    T("old_code", "原代码"),          T("new_code", "新代码"), I("households", "户数"),
    I("of_households", "原网格户数"), T("reason", "原因"),     I("old_ends", "原代码停用"),
    I("new_begins", "新代码启用"),
};

#define TABLE(name, columns)                            \
    {                                                   \
        name, columns, sizeof columns / sizeof *columns \
    }
static const struct {
    const char *name;
    const xw_column *columns;
    size_t n;
} tables[XW_TABLE_COUNT] = {
    [XW_TABLE_DIVISION] = TABLE("divisions", division_columns),
    [XW_TABLE_GRID] = TABLE("grids", grid_columns),
    [XW_TABLE_PLOT] = TABLE("plots", plot_columns),
    [XW_TABLE_UNIT] = TABLE("units", unit_columns),
    [XW_TABLE_BUILDING] = TABLE("buildings", building_columns),
    [XW_TABLE_EDGE] = TABLE("edges", edge_columns),
    [XW_TABLE_LINE] = TABLE("barriers", line_columns),
    [XW_TABLE_ADDRESS] = TABLE("addresses", address_columns),
    [XW_TABLE_FINDING] = TABLE("findings", finding_columns),
    [XW_TABLE_LINEAGE] = TABLE("lineage", lineage_columns),
};

const xw_column *xw_table_columns(xw_table t, size_t *n)
{
    *n = tables[t].n;
    return tables[t].columns;
}

const char *xw_table_name(xw_table t) { return tables[t].name; }

size_t xw_table_rows(const xw_model *m, xw_table t)
{
    switch (t) {
    case XW_TABLE_DIVISION:
        return m->n_divisions;
    case XW_TABLE_GRID:
        return m->n_grids;
    case XW_TABLE_PLOT:
        return m->n_plots;
    case XW_TABLE_UNIT:
        return m->n_units;
    case XW_TABLE_BUILDING:
        return m->n_buildings;
    case XW_TABLE_EDGE:
        return m->n_edges;
    case XW_TABLE_LINE:
        return m->n_lines;
    case XW_TABLE_ADDRESS:
        return m->n_addresses;
    case XW_TABLE_FINDING:
        return m->n_findings;
    case XW_TABLE_LINEAGE:
        return m->n_lineage;
    case XW_TABLE_COUNT:
        break;
    }
    return 0;
}

const char *xw_use_text(unsigned use)
{
    static const char *const texts[XW_USE_COUNT] = {"unknown",     "house", "flats",
                                                    "outbuilding", "work",  "public"};
    return use < XW_USE_COUNT ? texts[use] : "";
}

static const xw_value nothing = {XW_COL_NULL, 0, 0, NULL};

static xw_value of_int(int64_t i) { return (xw_value){XW_COL_INT, i, 0, NULL}; }
static xw_value of_real(double r) { return (xw_value){XW_COL_REAL, 0, r, NULL}; }
static xw_value of_chars(const char *s)
{
    return s[0] ? (xw_value){XW_COL_TEXT, 0, 0, s} : nothing;
}
static xw_value of_text(const xw_model *m, xw_text t) { return of_chars(xw_model_text(m, t)); }

/* People count from 1; no index is no value. */
static xw_value of_id(uint32_t ix, char scratch[64])
{
    if (ix == XW_NONE) return nothing;
    scratch[xw_digits_u64(scratch, (uint64_t)ix + 1)] = '\0';
    return of_chars(scratch);
}

static xw_value of_cents(double v) { return of_real(round(v * 100) / 100); }

/* The shortest decimal that still is this float, so that 9.3f reads 9.3 and not 9.30000019. */
static xw_value of_float(float f)
{
    double ten = 1;
    for (int i = 0; i < 9; i++, ten *= 10) {
        const double r = round((double)f * ten) / ten;
        if ((float)r == f) return of_real(r);
    }
    return of_real((double)f);
}

static xw_value of_floor(int16_t min, int16_t max, int16_t floor)
{
    return min == 0 && max == 0 ? nothing : of_int(floor);
}

static xw_value of_grid_code(const xw_model *m, uint32_t grid)
{
    return grid == XW_NONE ? nothing : of_text(m, m->grids[grid].code);
}

uint64_t xw_grid_id(const xw_model *m, uint32_t grid)
{
    const xw_grid *g = &m->grids[grid];
    const char *const parts[3] = {xw_model_text(m, m->net),
                                  xw_model_text(m, m->levels[g->level].key),
                                  xw_model_text(m, g->code)};
    uint64_t h = XW_FNV;
    for (int i = 0; i < 3; i++) h = xw_fnv_text(h, parts[i]);
    return h;
}

uint32_t xw_plot_team(const xw_model *m, uint32_t plot)
{
    const xw_plot *p = &m->plots[plot];
    uint32_t lowest = XW_NONE; /* codes ascend with the index */
    for (uint32_t u = 0; u < p->n_units; u++) {
        const uint32_t g = m->units[p->first_unit + u].grid;
        if (g < lowest) lowest = g;
    }
    return lowest;
}

/* Teams of a plot; a tower has some hundred units at most, so looking back is cheap. */
static uint32_t count_teams(const xw_model *m, const xw_plot *p)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < p->n_units; u++) {
        const uint32_t g = m->units[p->first_unit + u].grid;
        bool is_new = g != XW_NONE;
        for (uint32_t k = u; k-- > 0 && is_new;) is_new = m->units[p->first_unit + k].grid != g;
        n += is_new;
    }
    return n;
}

static xw_value division_value(const xw_model *m, uint32_t row, size_t col)
{
    const xw_model_division *d = &m->divisions[row];
    const xw_text texts[] = {d->code, d->name, d->level, d->parent_code, d->source};
    return of_text(m, texts[col]);
}

static xw_value grid_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_grid *g = &m->grids[row];
    switch (col) {
    case 0:
        xw_digits_hex16(scratch, xw_grid_id(m, row));
        scratch[16] = '\0';
        return of_chars(scratch);
    case 1:
        return of_text(m, g->code);
    case 2:
        return of_text(m, g->name);
    case 3:
        return of_text(m, m->net);
    case 4:
        return of_text(m, m->levels[g->level].key);
    case 5:
        return of_grid_code(m, g->parent);
    case 6:
        return of_chars(xw_grid_kind_text(g->kind));
    case 7:
        return of_int(g->households);
    case 8:
        return of_int(g->children);
    case 9:
        return of_int(g->buildings);
    case 10:
        return of_floor(g->floor_min, g->floor_max, g->floor_min);
    case 11:
        return of_floor(g->floor_min, g->floor_max, g->floor_max);
    default:
        return of_cents(g->area_m2);
    }
}

static xw_value plot_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_plot *p = &m->plots[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_id(p->block, scratch);
    case 2:
        return of_id(p->building, scratch);
    case 3:
        return of_chars(xw_plot_kind_text(p->kind));
    case 4:
        return of_int(p->households);
    case 5:
        return of_grid_code(m, xw_plot_team(m, row));
    case 6:
        return of_text(m, m->divisions[p->division].code);
    case 7:
        return of_int(count_teams(m, p));
    case 8:
        return of_text(m, p->name);
    default:
        return of_cents(p->area_m2);
    }
}

static xw_value unit_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_unit *u = &m->units[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_id(u->building, scratch);
    case 2:
        return of_id(u->plot, scratch);
    case 3:
        return of_int(u->households);
    case 4:
        return of_floor(u->floor_min, u->floor_max, u->floor_min);
    case 5:
        return of_floor(u->floor_min, u->floor_max, u->floor_max);
    default:
        return of_grid_code(m, u->grid);
    }
}

static xw_value building_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_model_building *b = &m->buildings[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_text(m, b->name);
    case 2:
        return of_int(b->households);
    case 3:
        return of_int(b->floors);
    case 4:
        return of_float(b->height_m);
    case 5:
        return of_id(b->plot, scratch);
    case 6:
        return of_text(m, b->source);
    case 7:
        return of_chars(xw_use_text(b->use));
    default:
        return of_int(b->estimated);
    }
}

static xw_value edge_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_edge *e = &m->edges[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_chars(xw_basis_text(e->basis));
    case 2:
        return of_chars(xw_class_get(e->cls)->code);
    case 3:
        return of_id(e->left, scratch);
    case 4:
        return of_id(e->right, scratch);
    case 5:
        return of_cents((double)e->length_m);
    case 6:
        return e->custody == XW_NONE ? nothing : of_grid_code(m, xw_plot_team(m, e->custody));
    case 7:
        return of_text(m, e->name);
    case 8:
        return of_text(m, e->source);
    default:
        return of_int(e->flags);
    }
}

static xw_value line_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_line *l = &m->lines[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_chars(xw_class_get(l->cls)->code);
    case 2:
        return of_text(m, l->name);
    case 3:
        return of_text(m, l->source);
    default:
        return of_int(l->flags);
    }
}

static xw_value address_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_address *a = &m->addresses[row];
    if (col == 0) return of_id(row, scratch);
    if (col == 5) return of_id(a->building, scratch);
    const xw_text texts[] = {a->text, a->street, a->number, a->place};
    return of_text(m, texts[col - 1]);
}

static xw_value finding_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_finding *f = &m->findings[row];
    if (col == 0) return of_id(row, scratch);
    const xw_text texts[] = {f->kind, f->layer, f->source, f->text};
    return of_text(m, texts[col - 1]);
}

static xw_value lineage_value(const xw_model *m, uint32_t row, size_t col, char scratch[64])
{
    const xw_lineage *l = &m->lineage[row];
    switch (col) {
    case 0:
        return of_id(row, scratch);
    case 1:
        return of_int(l->revision);
    case 2:
        return of_text(m, l->level);
    case 3:
        return of_text(m, l->old_code);
    case 4:
        return of_text(m, l->new_code);
    case 5:
        return of_int(l->households);
    case 6:
        return of_int(l->of);
    case 7:
        return of_chars(xw_lineage_reason_text(l->reason));
    case 8:
        return of_int(l->old_ends);
    default:
        return of_int(l->new_begins);
    }
}

xw_value xw_table_value(const xw_model *m, xw_table t, uint32_t row, size_t col, char scratch[64])
{
    if (t >= XW_TABLE_COUNT || row >= xw_table_rows(m, t) || col >= tables[t].n) return nothing;
    switch (t) {
    case XW_TABLE_DIVISION:
        return division_value(m, row, col);
    case XW_TABLE_GRID:
        return grid_value(m, row, col, scratch);
    case XW_TABLE_PLOT:
        return plot_value(m, row, col, scratch);
    case XW_TABLE_UNIT:
        return unit_value(m, row, col, scratch);
    case XW_TABLE_BUILDING:
        return building_value(m, row, col, scratch);
    case XW_TABLE_EDGE:
        return edge_value(m, row, col, scratch);
    case XW_TABLE_LINE:
        return line_value(m, row, col, scratch);
    case XW_TABLE_ADDRESS:
        return address_value(m, row, col, scratch);
    case XW_TABLE_FINDING:
        return finding_value(m, row, col, scratch);
    case XW_TABLE_LINEAGE:
        return lineage_value(m, row, col, scratch);
    case XW_TABLE_COUNT:
        break;
    }
    return nothing;
}
