#include "xiwang/answer.h"
#include "xiwang/table.h"
#include "xiwang/when.h"

#include <string.h>

/* One column of a row, named as everywhere else. */
static void column(const xw_model *m, xw_json *j, xw_table t, uint32_t row, const char *name)
{
    char scratch[64];
    size_t n;
    const xw_column *columns = xw_table_columns(t, &n);
    xw_json_key(j, name);
    for (size_t c = 0; c < n; c++) {
        if (strcmp(columns[c].name, name) != 0) continue;
        const xw_value v = xw_table_value(m, t, row, c, scratch);
        switch (v.type) {
        case XW_COL_TEXT:
            xw_json_str(j, v.s);
            return;
        case XW_COL_INT:
            xw_json_int(j, v.i);
            return;
        case XW_COL_REAL:
            xw_json_num(j, v.r, 6);
            return;
        case XW_COL_NULL:
            break;
        }
    }
    xw_json_null(j);
}

static void code_and_name(const xw_model *m, xw_json *j, uint32_t grid)
{
    xw_json_kstr(j, "code", xw_model_text(m, m->grids[grid].code));
    xw_json_kstr(j, "name", xw_model_text(m, m->grids[grid].name));
}

static void other_side(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "other_side");
    if (a->other_plot == XW_NONE) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_PLOT, a->other_plot, "plot_id");
    const uint32_t grid = xw_plot_team(m, a->other_plot);
    if (grid != XW_NONE) code_and_name(m, j, grid);
    xw_json_close(j, '}');
}

static void division(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "division");
    if (a->plot == XW_NONE) {
        xw_json_null(j);
        return;
    }
    const uint32_t d = m->plots[a->plot].division;
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_DIVISION, d, "code");
    column(m, j, XW_TABLE_DIVISION, d, "name");
    xw_json_close(j, '}');
}

static void levels(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "levels");
    xw_json_open(j, '{');
    for (uint32_t l = 0; l < m->n_levels && a->grid != XW_NONE; l++) {
        const uint32_t g = xw_model_grid_at(m, a->grid, l);
        xw_json_key(j, xw_model_text(m, m->levels[l].key));
        xw_json_open(j, '{');
        column(m, j, XW_TABLE_GRID, g, "grid_id");
        code_and_name(m, j, g);
        xw_json_knum(j, "probability", a->level_probability[l], 4);
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
}

static void candidate(const xw_model *m, const xw_candidate *c, xw_json *j)
{
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_GRID, c->grid, "grid_id");
    code_and_name(m, j, c->grid);
    xw_json_knum(j, "probability", c->probability, 4);
    xw_json_knum(j, "distance_m", c->distance_m, 2);
    xw_json_key(j, "levels");
    xw_json_open(j, '{');
    for (uint32_t l = 0; l < m->n_levels; l++) {
        xw_json_key(j, xw_model_text(m, m->levels[l].key));
        xw_json_open(j, '{');
        code_and_name(m, j, xw_model_grid_at(m, c->grid, l));
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
    xw_json_close(j, '}');
}

static void building_and_plot(const xw_model *m, const xw_answer *a, xw_json *j)
{
    static const char *const of_building[] = {"building_id", "name", "floors", "households"};
    static const char *const of_plot[] = {"plot_id", "kind", "block_id", "households"};
    const uint32_t rows[2] = {a->building, a->plot};
    for (int t = 0; t < 2; t++) {
        xw_json_key(j, t == 0 ? "building" : "plot");
        if (rows[t] == XW_NONE) {
            xw_json_null(j);
            continue;
        }
        xw_json_open(j, '{');
        for (int i = 0; i < 4; i++) {
            column(m, j, t == 0 ? XW_TABLE_BUILDING : XW_TABLE_PLOT, rows[t],
                   t == 0 ? of_building[i] : of_plot[i]);
        }
        if (t == 0) xw_json_knum(j, "distance_m", a->building_distance_m, 2);
        xw_json_close(j, '}');
    }
}

static void road(const xw_model *m, const xw_answer *a, xw_json *j)
{
    static const char *const columns[] = {"edge_id", "name", "class"};
    xw_json_key(j, "road");
    if (a->road_edge == XW_NONE) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    for (int i = 0; i < 3; i++) column(m, j, XW_TABLE_EDGE, a->road_edge, columns[i]);
    xw_json_knum(j, "distance_m", a->road_distance_m, 2);
    column(m, j, XW_TABLE_EDGE, a->road_edge, "custody_code");
    xw_json_close(j, '}');
}

static void suspect(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "suspect_crs");
    if (!a->suspect_crs) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    xw_json_kstr(j, "crs", a->suspect_crs);
    const uint32_t grid = xw_plot_team(m, a->suspect_plot);
    if (grid != XW_NONE) code_and_name(m, j, grid);
    xw_json_close(j, '}');
}

/* Which map answered, and for how long it does. */
static void revision(const xw_model *m, int64_t valid_until, xw_json *j)
{
    char when[XW_WHEN_TEXT];
    xw_json_kint(j, "revision", m->revision);
    xw_when_text(m->effective_unix, when);
    xw_json_kstr(j, "effective", when);
    xw_when_text(valid_until, when);
    xw_json_kstr(j, "valid_until", valid_until == XW_ANSWER_OPEN_END ? NULL : when);
    xw_json_kstr(j, "published", xw_model_text(m, m->published));
}

void xw_answer_json(const xw_snapshot *s, const xw_answer *a, int64_t valid_until, xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_json_open(j, '{');
    xw_json_key(j, "location");
    xw_json_open(j, '{');
    xw_json_knum(j, "lon", xw_deg(a->at.x), 7);
    xw_json_knum(j, "lat", xw_deg(a->at.y), 7);
    xw_json_close(j, '}');
    xw_json_kstr(j, "rule", xw_rule_text(a->rule));
    xw_json_knum(j, "distance_m", a->distance_m, 2);
    xw_json_kbool(j, "on_boundary", a->on_boundary);
    other_side(m, a, j);
    xw_json_knum(j, "accuracy_m", a->accuracy_m, 2);
    xw_json_knum(j, "same_answer_within_m", a->same_answer_within_m, 2);
    xw_json_kstr(j, "certain_to",
                 a->certain_level == XW_NONE ? NULL
                                             : xw_model_text(m, m->levels[a->certain_level].key));
    revision(m, valid_until, j);
    division(m, a, j);
    levels(m, a, j);
    xw_json_key(j, "candidates");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < a->n_candidates; i++) candidate(m, &a->candidates[i], j);
    xw_json_close(j, ']');
    building_and_plot(m, a, j);
    road(m, a, j);
    suspect(m, a, j);
    xw_json_key(j, "posts");
    xw_json_open(j, '[');
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}
