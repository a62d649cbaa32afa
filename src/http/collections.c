/* What of a model is offered as a feature collection. */
#include "internal.h"

#include <string.h>

static xw__collection whole(const xw_model *m, xw_table t)
{
    xw__collection c = {.table = t, .level = XW_NONE, .n_rows = (uint32_t)xw_table_rows(m, t)};
    (void)snprintf(c.id, sizeof c.id, "%s", xw_table_name(t));
    return c;
}

static xw__collection of_level(const xw_model *m, uint32_t level)
{
    const xw_level *l = &m->levels[level];
    xw__collection c = {
        .table = XW_TABLE_GRID, .level = level, .first = l->first_grid, .n_rows = l->n_grids};
    (void)snprintf(c.id, sizeof c.id, "%ss", xw_model_text(m, l->key));
    return c;
}

size_t xw__collections(const xw_model *m, xw__collection out[XW_TABLE_COUNT + XW_LEVELS_MAX])
{
    size_t n = 0;
    for (int t = 0; t < XW_TABLE_COUNT; t++) {
        if (t != XW_TABLE_GRID) {
            out[n++] = whole(m, (xw_table)t);
            continue;
        }
        for (uint32_t l = 0; l < m->n_levels && l < XW_LEVELS_MAX; l++) out[n++] = of_level(m, l);
    }
    return n;
}

bool xw__collection_find(const xw_model *m, const char *id, xw__collection *out)
{
    xw__collection all[XW_TABLE_COUNT + XW_LEVELS_MAX];
    const size_t n = xw__collections(m, all);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].id, id) == 0) {
            *out = all[i];
            return true;
        }
    }
    return false;
}

const char *xw__collection_title(const xw_model *m, const xw__collection *c, char scratch[200])
{
    static const char *const titles[XW_TABLE_COUNT] = {
        [XW_TABLE_DIVISION] = "行政区划 Divisions",
        [XW_TABLE_PLOT] = "地块 Plots",
        [XW_TABLE_UNIT] = "户单元 Units of households",
        [XW_TABLE_BUILDING] = "建筑 Buildings",
        [XW_TABLE_EDGE] = "界边 Edges of the plot map with their basis",
        [XW_TABLE_LINE] = "界线 Barriers as given: roads, waters, railways, walls",
        [XW_TABLE_ADDRESS] = "地址 Addresses",
        [XW_TABLE_FINDING] = "问题 Findings of the import",
        [XW_TABLE_LINEAGE] = "沿革 Lineage: which grids came from which",
    };
    if (c->table != XW_TABLE_GRID) return titles[c->table];
    (void)snprintf(scratch, 200, "%s Grids of level %s", xw_model_text(m, m->levels[c->level].name),
                   xw_model_text(m, m->levels[c->level].key));
    return scratch;
}
