#include "xiwang/answer.h"
#include "xiwang/table.h"
#include "xiwang/when.h"

#include <string.h>

/* Columns by their place in the tables of table.h, from which their names come. */
enum {
    GRID_ID = 0,
    DIVISION_CODE = 0,
    DIVISION_NAME,
    BUILDING_ID = 0,
    BUILDING_NAME,
    BUILDING_HOUSEHOLDS,
    BUILDING_FLOORS,
    PLOT_ID = 0,
    PLOT_BLOCK,
    PLOT_KIND = 3,
    PLOT_HOUSEHOLDS,
    EDGE_ID = 0,
    EDGE_CLASS = 2,
    EDGE_CUSTODY = 6,
    EDGE_NAME
};

#define WANTED(name) (fields >> XW_ANSWER_AT_##name & 1u)

/* One column of a row, named as everywhere else. */
static void column(const xw_model *m, xw_json *j, xw_table t, uint32_t row, size_t col)
{
    char scratch[64];
    size_t n;
    xw_json_key(j, xw_table_columns(t, &n)[col].name);
    const xw_value v = xw_table_value(m, t, row, col, scratch);
    switch (v.type) {
    case XW_COL_TEXT:
        xw_json_str(j, v.s);
        break;
    case XW_COL_INT:
        xw_json_int(j, v.i);
        break;
    case XW_COL_REAL:
        xw_json_num(j, v.r, 6);
        break;
    case XW_COL_NULL:
        xw_json_null(j);
        break;
    }
}

static void code_and_name(const xw_model *m, xw_json *j, uint32_t grid)
{
    XW_JSON_KEY(j, "code");
    xw_json_str(j, xw_model_text(m, m->grids[grid].code));
    XW_JSON_KEY(j, "name");
    xw_json_str(j, xw_model_text(m, m->grids[grid].name));
}

static void other_side(const xw_model *m, const xw_answer *a, xw_json *j)
{
    XW_JSON_KEY(j, "other_side");
    if (a->other_plot == XW_NONE) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_PLOT, a->other_plot, PLOT_ID);
    const uint32_t grid = xw_plot_team(m, a->other_plot);
    if (grid != XW_NONE) code_and_name(m, j, grid);
    xw_json_close(j, '}');
}

static void division(const xw_model *m, const xw_answer *a, xw_json *j)
{
    XW_JSON_KEY(j, "division");
    if (a->plot == XW_NONE) {
        xw_json_null(j);
        return;
    }
    const uint32_t d = m->plots[a->plot].division;
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_DIVISION, d, DIVISION_CODE);
    column(m, j, XW_TABLE_DIVISION, d, DIVISION_NAME);
    xw_json_close(j, '}');
}

static void levels(const xw_model *m, const xw_answer *a, xw_json *j)
{
    XW_JSON_KEY(j, "levels");
    xw_json_open(j, '{');
    for (uint32_t l = 0; l < m->n_levels && a->grid != XW_NONE; l++) {
        const uint32_t g = xw_model_grid_at(m, a->grid, l);
        xw_json_key(j, xw_model_text(m, m->levels[l].key));
        xw_json_open(j, '{');
        column(m, j, XW_TABLE_GRID, g, GRID_ID);
        code_and_name(m, j, g);
        XW_JSON_KEY(j, "probability");
        xw_json_num(j, a->level_probability[l], 4);
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
}

static void candidate(const xw_model *m, const xw_candidate *c, xw_json *j)
{
    xw_json_open(j, '{');
    column(m, j, XW_TABLE_GRID, c->grid, GRID_ID);
    code_and_name(m, j, c->grid);
    XW_JSON_KEY(j, "probability");
    xw_json_num(j, c->probability, 4);
    XW_JSON_KEY(j, "distance_m");
    xw_json_num(j, c->distance_m, 2);
    XW_JSON_KEY(j, "levels");
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

static void building_and_plot(const xw_model *m, const xw_answer *a, unsigned fields, xw_json *j)
{
    static const size_t of_building[] = {BUILDING_ID, BUILDING_NAME, BUILDING_FLOORS,
                                         BUILDING_HOUSEHOLDS};
    static const size_t of_plot[] = {PLOT_ID, PLOT_KIND, PLOT_BLOCK, PLOT_HOUSEHOLDS};
    const uint32_t rows[2] = {a->building, a->plot};
    for (int t = 0; t < 2; t++) {
        if (!(fields >> (t == 0 ? XW_ANSWER_AT_building : XW_ANSWER_AT_plot) & 1)) continue;
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
        if (t == 0) {
            XW_JSON_KEY(j, "distance_m");
            xw_json_num(j, a->building_distance_m, 2);
        }
        xw_json_close(j, '}');
    }
}

static void road(const xw_model *m, const xw_answer *a, xw_json *j)
{
    static const size_t columns[] = {EDGE_ID, EDGE_NAME, EDGE_CLASS};
    XW_JSON_KEY(j, "road");
    if (a->road_edge == XW_NONE) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    for (int i = 0; i < 3; i++) column(m, j, XW_TABLE_EDGE, a->road_edge, columns[i]);
    XW_JSON_KEY(j, "distance_m");
    xw_json_num(j, a->road_distance_m, 2);
    column(m, j, XW_TABLE_EDGE, a->road_edge, EDGE_CUSTODY);
    xw_json_close(j, '}');
}

static void suspect(const xw_model *m, const xw_answer *a, xw_json *j)
{
    XW_JSON_KEY(j, "suspect_crs");
    if (!a->suspect_crs) {
        xw_json_null(j);
        return;
    }
    xw_json_open(j, '{');
    XW_JSON_KEY(j, "crs");
    xw_json_str(j, a->suspect_crs);
    const uint32_t grid = xw_plot_team(m, a->suspect_plot);
    if (grid != XW_NONE) code_and_name(m, j, grid);
    xw_json_close(j, '}');
}

/* Which map answered, and for how long it does. */
static void revision(const xw_model *m, int64_t valid_until, xw_json *j)
{
    char when[XW_WHEN_TEXT];
    XW_JSON_KEY(j, "revision");
    xw_json_int(j, m->revision);
    xw_when_text(m->effective_unix, when);
    XW_JSON_KEY(j, "effective");
    xw_json_str(j, when);
    XW_JSON_KEY(j, "valid_until");
    if (valid_until == XW_ANSWER_OPEN_END) {
        xw_json_null(j);
    } else {
        xw_when_text(valid_until, when);
        xw_json_str(j, when);
    }
    XW_JSON_KEY(j, "published");
    xw_json_str(j, xw_model_text(m, m->published));
}

xw_status xw_answer_fields(const char *names, unsigned *out, xw_error *err)
{
    static const char *const known[] = {
#define X(name) #name,
        XW_ANSWER_FIELDS_MAP(X)
#undef X
    };
    *out = 0;
    for (const char *at = names;; at++) {
        const size_t n = strcspn(at, ",");
        size_t i = 0;
        while (i < XW_ANSWER_FIELDS && (strlen(known[i]) != n || memcmp(known[i], at, n) != 0)) i++;
        if (i == XW_ANSWER_FIELDS) {
#define X(name) " " #name
            return xw_fail(err, XW_INPUT,
                           "there is no field \"%.*s\", known are" XW_ANSWER_FIELDS_MAP(X),
                           (int)(n < 60 ? n : 60), at);
#undef X
        }
        *out |= 1u << i;
        at += n;
        if (!*at) return XW_OK;
    }
}

/* What is about the point itself, up to how sure it is. */
static void about_point(const xw_model *m, const xw_answer *a, unsigned fields, xw_json *j)
{
    if (WANTED(location)) {
        XW_JSON_KEY(j, "location");
        xw_json_open(j, '{');
        XW_JSON_KEY(j, "lon");
        xw_json_num(j, xw_deg(a->at.x), 7);
        XW_JSON_KEY(j, "lat");
        xw_json_num(j, xw_deg(a->at.y), 7);
        xw_json_close(j, '}');
    }
    if (WANTED(rule)) {
        XW_JSON_KEY(j, "rule");
        xw_json_str(j, xw_rule_text(a->rule));
    }
    if (WANTED(distance_m)) {
        XW_JSON_KEY(j, "distance_m");
        xw_json_num(j, a->distance_m, 2);
    }
    if (WANTED(on_boundary)) {
        XW_JSON_KEY(j, "on_boundary");
        xw_json_bool(j, a->on_boundary);
    }
    if (WANTED(other_side)) other_side(m, a, j);
    if (WANTED(accuracy_m)) {
        XW_JSON_KEY(j, "accuracy_m");
        xw_json_num(j, a->accuracy_m, 2);
    }
    if (WANTED(same_answer_within_m)) {
        XW_JSON_KEY(j, "same_answer_within_m");
        xw_json_num(j, a->same_answer_within_m, 2);
    }
    if (WANTED(certain_to)) {
        xw_json_kstr(
            j, "certain_to",
            a->certain_level == XW_NONE ? NULL : xw_model_text(m, m->levels[a->certain_level].key));
    }
}

void xw_answer_json_some(const xw_snapshot *s, const xw_answer *a, int64_t valid_until,
                         unsigned fields, xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_json_open(j, '{');
    about_point(m, a, fields, j);
    if (WANTED(revision)) revision(m, valid_until, j);
    if (WANTED(division)) division(m, a, j);
    if (WANTED(levels)) levels(m, a, j);
    if (WANTED(candidates)) {
        XW_JSON_KEY(j, "candidates");
        xw_json_open(j, '[');
        for (uint32_t i = 0; i < a->n_candidates; i++) candidate(m, &a->candidates[i], j);
        xw_json_close(j, ']');
    }
    building_and_plot(m, a, fields, j);
    if (WANTED(road)) road(m, a, j);
    if (WANTED(suspect_crs)) suspect(m, a, j);
    if (WANTED(posts)) {
        XW_JSON_KEY(j, "posts");
        xw_json_open(j, '[');
        xw_json_close(j, ']');
    }
    xw_json_close(j, '}');
}

void xw_answer_json(const xw_snapshot *s, const xw_answer *a, int64_t valid_until, xw_json *j)
{
    xw_answer_json_some(s, a, valid_until, XW_ANSWER_ALL, j);
}
