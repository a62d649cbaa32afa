/* What an address means: the answer, and the match as JSON. */
#include "internal.h"

#include "xiwang/table.h"

#include <string.h>

xw_status xw_address_answer(const xw_snapshot *s, const xw_address_match *m, const xw_query *q,
                            xw_answer *out, xw_error *err)
{
    xw_query at = *q;
    at.crs = NULL;
    at.x = xw_deg(m->at.x);
    at.y = xw_deg(m->at.y);
    if (!at.has_floor) {
        at.has_floor = m->has_floor;
        at.floor = m->floor;
    }
    return xw_answer_address(s, &at, m->building, out, err);
}

/* One column of a row, a text or a number, as everywhere else. */
static void column(const xw_model *m, xw_json *j, xw_table t, uint32_t row, const char *name,
                   bool keyed)
{
    char scratch[64];
    size_t n;
    const xw_column *columns = xw_table_columns(t, &n);
    if (keyed) xw_json_key(j, name);
    for (size_t c = 0; c < n; c++) {
        if (strcmp(columns[c].name, name) != 0) continue;
        const xw_value v = xw_table_value(m, t, row, c, scratch);
        if (v.type == XW_COL_INT) {
            xw_json_int(j, v.i);
        } else if (v.type == XW_COL_TEXT) {
            xw_json_str(j, v.s);
        } else {
            xw_json_null(j);
        }
        return;
    }
    xw_json_null(j);
}

static void units(const xw_model *m, const xw_address_match *a, xw_json *j)
{
    xw_json_key(j, "units");
    xw_json_open(j, '[');
    if (a->plot != XW_NONE) {
        const xw_plot *p = &m->plots[a->plot];
        for (uint32_t i = p->first_unit; i < p->first_unit + p->n_units; i++) {
            const xw_unit *u = &m->units[i];
            const bool slice = u->floor_min != 0 || u->floor_max != 0;
            if (a->has_floor && slice && (a->floor < u->floor_min || a->floor > u->floor_max)) {
                continue;
            }
            column(m, j, XW_TABLE_UNIT, i, "unit_id", false);
        }
    }
    xw_json_close(j, ']');
}

static void levels(const xw_model *m, const xw_address_match *a, xw_json *j)
{
    uint32_t certain = m->n_levels, first = XW_NONE;
    xw_json_key(j, "levels");
    xw_json_open(j, '{');
    if (a->plot != XW_NONE) {
        const xw_plot *p = &m->plots[a->plot];
        first = a->grid != XW_NONE ? a->grid : m->units[p->first_unit].grid;
        for (uint32_t i = p->first_unit; a->grid == XW_NONE && i < p->first_unit + p->n_units;
             i++) {
            for (uint32_t l = 0; l < certain; l++) {
                const uint32_t grid = m->units[i].grid;
                if (grid == XW_NONE || first == XW_NONE ||
                    xw_model_grid_at(m, grid, l) != xw_model_grid_at(m, first, l)) {
                    certain = l;
                }
            }
        }
    }
    for (uint32_t l = 0; l < certain && first != XW_NONE; l++) {
        const xw_grid *g = &m->grids[xw_model_grid_at(m, first, l)];
        xw_json_key(j, xw_model_text(m, m->levels[l].key));
        xw_json_open(j, '{');
        xw_json_kstr(j, "code", xw_model_text(m, g->code));
        xw_json_kstr(j, "name", xw_model_text(m, g->name));
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
}

void xw_address_match_json(const xw_snapshot *s, const xw_address_match *a, bool with_distance,
                           xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    const bool by_name = a->address == XW_NONE;
    xw_json_open(j, '{');
    xw_json_knum(j, "score", a->score, 3);
    xw_json_kstr(j, "kind", by_name ? "building" : "address");
    xw_json_kstr(
        j, "text",
        xw_model_text(m, by_name ? m->buildings[a->building].name : m->addresses[a->address].text));
    xw_json_key(j, "location");
    xw_json_open(j, '{');
    xw_json_knum(j, "lon", xw_deg(a->at.x), 7);
    xw_json_knum(j, "lat", xw_deg(a->at.y), 7);
    xw_json_close(j, '}');
    if (with_distance) xw_json_knum(j, "distance_m", a->distance_m, 1);
    if (a->building != XW_NONE) {
        column(m, j, XW_TABLE_BUILDING, a->building, "building_id", true);
    } else {
        xw_json_kstr(j, "building_id", NULL);
    }
    units(m, a, j);
    xw_json_key(j, "floor");
    if (a->has_floor) {
        xw_json_int(j, a->floor);
    } else {
        xw_json_null(j);
    }
    xw_json_key(j, "division");
    if (a->plot == XW_NONE) {
        xw_json_null(j);
    } else {
        xw_json_open(j, '{');
        column(m, j, XW_TABLE_DIVISION, m->plots[a->plot].division, "code", true);
        column(m, j, XW_TABLE_DIVISION, m->plots[a->plot].division, "name", true);
        xw_json_close(j, '}');
    }
    levels(m, a, j);
    xw_json_close(j, '}');
}

void xw_address_found_json(const xw_snapshot *s, const xw_address_found *found, bool used,
                           bool with_distance, xw_json *j)
{
    static const char *const texts[] = {"clear", "coordinate", "ambiguous"};
    xw_json_open(j, '{');
    xw_json_kbool(j, "used", used);
    xw_json_kstr(j, "choice", found->n > 0 ? texts[found->choice] : NULL);
    xw_json_key(j, "matches");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < found->n; i++) {
        xw_address_match_json(s, &found->matches[i], with_distance, j);
    }
    xw_json_close(j, ']');
    xw_json_close(j, '}');
}

/* The members of an answer that names nobody. */
static void nobody_json(xw_json *j)
{
    xw_json_open(j, '{');
    xw_json_kstr(j, "rule", "ambiguous");
    xw_json_kstr(j, "certain_to", NULL);
    xw_json_key(j, "levels");
    xw_json_raw(j, "{}");
    xw_json_key(j, "candidates");
    xw_json_raw(j, "[]");
}

void xw_address_answer_json(const xw_snapshot *s, const xw_answer *a, const xw_address_found *found,
                            bool used, bool with_distance, int64_t valid_until, unsigned fields,
                            xw_json *j)
{
    if (a) {
        xw_answer_json_some(s, a, valid_until, fields, j);
        if (j->out->failed || j->out->n == 0) return;
        j->out->data[--j->out->n] = '\0'; /* the brace that ends it: one more member follows */
        j->comma = true;
    } else {
        nobody_json(j);
    }
    xw_json_key(j, "address");
    xw_address_found_json(s, found, used, with_distance, j);
    xw_json_close(j, '}');
}

xw_status xw_address_locate(xw_address_index *ix, const xw_snapshot *s, const char *text, size_t n,
                            const xw_query *point, bool has_point, xw_address_found *found,
                            bool *used, bool *named, xw_answer *out, xw_error *err)
{
    xw_address_query q = {.text = text, .n = n, .has_near = has_point};
    xw_status st = XW_OK;
    *used = *named = false;
    if (has_point) { /* also checks the point, whether it is needed or not */
        st = xw_answer_locate(s, point, out, err);
        q.near = out->at;
    }
    if (st) return st;
    st = xw_address_search(ix, s, &q, found, err);
    if (st == XW_NOT_FOUND && has_point) st = XW_OK;
    if (st) return st;
    *named = has_point;
    if (found->n == 0 || found->choice == XW_ADDRESS_AMBIGUOUS) return XW_OK;
    *used = *named = true;
    return xw_address_answer(s, &found->matches[0], point, out, err);
}
