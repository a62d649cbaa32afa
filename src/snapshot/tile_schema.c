/* Which layer has which fields from which zoom on: tiles/schema.md says the same to people. */
#include "tile_parts.h"

#include "xiwang/json.h"

#include <stdio.h>

typedef struct field {
    const char *name;
    char type; /* 'S' text, 'N' number, 'B' yes or no */
} field;

static const field grid_fields[] = {
    {"code", 'S'},       {"name", 'S'},      {"level", 'S'},     {"kind", 'S'},
    {"households", 'N'}, {"children", 'N'},  {"buildings", 'N'}, {"parent_code", 'S'},
    {"shade", 'N'},      {"floor_min", 'N'}, {"floor_max", 'N'}, {"base_m", 'N'},
    {"height_m", 'N'},   {NULL, 0}};
static const field grid_label_fields[] = {
    {"code", 'S'},   {"name", 'S'},       {"short", 'S'},     {"level", 'S'},
    {"kind", 'S'},   {"households", 'N'}, {"floor_min", 'N'}, {"floor_max", 'N'},
    {"base_m", 'N'}, {"height_m", 'N'},   {NULL, 0}};
static const field division_fields[] = {
    {"code", 'S'}, {"name", 'S'}, {"level", 'S'}, {"parent_code", 'S'}, {NULL, 0}};
static const field division_label_fields[] = {
    {"code", 'S'}, {"name", 'S'}, {"level", 'S'}, {NULL, 0}};
static const field plot_fields[] = {
    {"kind", 'S'}, {"households", 'N'}, {"team_code", 'S'}, {"name", 'S'}, {NULL, 0}};
static const field water_fields[] = {{"name", 'S'}, {NULL, 0}};
static const field barrier_fields[] = {{"class", 'S'},  {"basis", 'S'},  {"name", 'S'},
                                       {"bridge", 'B'}, {"tunnel", 'B'}, {NULL, 0}};
static const field building_fields[] = {{"building_id", 'N'}, {"name", 'S'},       {"use", 'S'},
                                        {"floors", 'N'},      {"households", 'N'}, {"height", 'N'},
                                        {"min_height", 'N'},  {"team_code", 'S'},  {"shade", 'N'},
                                        {"floor_min", 'N'},   {"floor_max", 'N'},  {NULL, 0}};

unsigned xw_tile_level_zoom(const xw_model *m, uint32_t level)
{
    static const unsigned zooms[] = {13, 11}; /* finest first */
    const uint32_t up = m->n_levels - 1 - level;
    return up >= 2 || (level == 0 && m->n_levels > 1) ? 0 : zooms[up];
}

unsigned xw__label_zoom(const xw_model *m, uint32_t level)
{
    const unsigned z = xw_tile_level_zoom(m, level);
    return z > 0 ? z + 1 : 8;
}

unsigned xw__barrier_zoom(unsigned cls)
{
    switch (cls) {
    case XW_CLASS_MOTORWAY:
    case XW_CLASS_TRUNK:
        return XW__ZOOM_BARRIERS;
    case XW_CLASS_PRIMARY:
    case XW_CLASS_RIVER:
    case XW_CLASS_RAIL:
        return 8;
    case XW_CLASS_SECONDARY:
        return 9;
    case XW_CLASS_TERTIARY:
        return 11;
    case XW_CLASS_STREAM:
    case XW_CLASS_RESIDENTIAL:
        return 12;
    case XW_CLASS_SERVICE:
    case XW_CLASS_TRACK:
    case XW_CLASS_PATH:
        return 13;
    case XW_CLASS_WALL:
        return 14;
    default: /* administrative borders are in `divisions` */
        return XW_TILE_ZOOM_MAX + 1;
    }
}

void xw__level_layer(const xw_model *m, uint32_t level, bool labels, char out[XW__LAYER_NAME_MAX])
{
    (void)snprintf(out, XW__LAYER_NAME_MAX, "%.48ss%s", xw_model_text(m, m->levels[level].key),
                   labels ? "_label" : "");
}

static void layer(xw_json *j, const char *id, const char *description, unsigned from, unsigned to,
                  const field *fields)
{
    xw_json_open(j, '{');
    xw_json_kstr(j, "id", id);
    xw_json_kstr(j, "description", description);
    xw_json_kint(j, "minzoom", from);
    xw_json_kint(j, "maxzoom", to);
    xw_json_key(j, "fields");
    xw_json_open(j, '{');
    for (; fields->name; fields++) {
        xw_json_kstr(j, fields->name,
                     fields->type == 'S'   ? "String"
                     : fields->type == 'N' ? "Number"
                                           : "Boolean");
    }
    xw_json_close(j, '}');
    xw_json_close(j, '}');
}

void xw_tile_layers_json(const xw_model *m, xw_buf *out)
{
    const unsigned end = XW_TILE_ZOOM_MAX;
    char name[XW__LAYER_NAME_MAX];
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '[');
    layer(&j, "divisions", "行政区划", 0, end, division_fields);
    for (uint32_t i = 0; i < m->n_levels; i++) {
        xw__level_layer(m, i, false, name);
        layer(&j, name, xw_model_text(m, m->levels[i].name), xw_tile_level_zoom(m, i), end,
              grid_fields);
    }
    layer(&j, "plots", "地块", XW__ZOOM_PLOTS, end, plot_fields);
    layer(&j, "water", "水面", XW__ZOOM_WATER, end, water_fields);
    layer(&j, "barriers", "界线", XW__ZOOM_BARRIERS, end, barrier_fields);
    layer(&j, "buildings", "楼栋", XW__ZOOM_BUILDINGS, end, building_fields);
    for (uint32_t i = 0; i < m->n_levels; i++) {
        xw__level_layer(m, i, true, name);
        layer(&j, name, xw_model_text(m, m->levels[i].name), xw__label_zoom(m, i), end,
              grid_label_fields);
    }
    layer(&j, "divisions_label", "行政区划", 0, XW__ZOOM_DIVISION_LABELS_END,
          division_label_fields);
    xw_json_close(&j, ']');
}
