/* /search: places by a piece of their text; /grids/{code}: everything about one grid. */
#include "internal.h"

#include <string.h>

enum { SEARCH_DEFAULT = 20, SEARCH_MAX = 100, BODY_MAX = 32 << 20, CHILDREN_MAX = 10000 };

enum { HIT_WHOLE, HIT_START, HIT_INSIDE, HIT_KINDS }; /* better ones first */

typedef struct hit {
    xw_table table;
    uint32_t row;
} hit;

typedef struct search {
    const xw_model *m;
    const char *q; /* folded */
    size_t q_n;
    size_t limit;
    size_t n[HIT_KINDS];
    hit hits[HIT_KINDS][SEARCH_MAX];
} search;

/* Only the 26 letters are folded: enough for street names and codes, and Han has no case. */
static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static int match(const search *s, const char *text)
{
    const char first = s->q[0];
    for (const char *at = text; *at; at++) {
        if (fold(*at) != first) continue;
        size_t k = 1;
        while (k < s->q_n && at[k] && fold(at[k]) == s->q[k]) k++;
        if (k < s->q_n) continue;
        return at > text ? HIT_INSIDE : at[k] ? HIT_START : HIT_WHOLE;
    }
    return HIT_KINDS;
}

/* Tries the texts of one row; the best match counts. */
static void look(search *s, xw_table t, uint32_t row, const xw_text *texts, size_t n)
{
    int best = HIT_KINDS;
    for (size_t i = 0; i < n; i++) {
        const char *text = xw_model_text(s->m, texts[i]);
        const int k = *text ? match(s, text) : HIT_KINDS;
        if (k < best) best = k;
    }
    if (best < HIT_KINDS && s->n[best] < s->limit) s->hits[best][s->n[best]++] = (hit){t, row};
}

static void look_everywhere(search *s)
{
    const xw_model *m = s->m;
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        look(s, XW_TABLE_DIVISION, i, (const xw_text[]){m->divisions[i].name, m->divisions[i].code},
             2);
    }
    for (uint32_t i = 0; i < m->n_grids; i++) {
        look(s, XW_TABLE_GRID, i, (const xw_text[]){m->grids[i].code, m->grids[i].name}, 2);
    }
    for (uint32_t i = 0; i < m->n_buildings; i++) {
        look(s, XW_TABLE_BUILDING, i, &m->buildings[i].name, 1);
    }
    for (uint32_t i = 0; i < m->n_addresses; i++) {
        look(s, XW_TABLE_ADDRESS, i, &m->addresses[i].text, 1);
    }
}

static bool place_of(const xw_snapshot *s, const hit *h, xw_pt *out)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_box b = XW_BOX_EMPTY;
    switch (h->table) {
    case XW_TABLE_ADDRESS:
        *out = m->addresses[h->row].at;
        return true;
    case XW_TABLE_GRID:
        *out = m->grids[h->row].label;
        return true;
    case XW_TABLE_BUILDING:
        if (m->buildings[h->row].plot != XW_NONE) {
            *out = m->plots[m->buildings[h->row].plot].anchor;
            return true;
        }
        b = xw_snapshot_box(s, XW_SHAPE_BUILDING, h->row);
        break;
    default:
        b = xw_snapshot_box(s, XW_SHAPE_DIVISION, h->row);
        break;
    }
    if (xw_box_is_empty(b)) return false;
    *out = (xw_pt){(int32_t)(((int64_t)b.min.x + b.max.x) / 2),
                   (int32_t)(((int64_t)b.min.y + b.max.y) / 2)};
    return true;
}

static xw_box box_of(const xw_snapshot *s, const hit *h)
{
    switch (h->table) {
    case XW_TABLE_GRID:
        return xw_snapshot_box(s, XW_SHAPE_GRID, h->row);
    case XW_TABLE_DIVISION:
        return xw_snapshot_box(s, XW_SHAPE_DIVISION, h->row);
    case XW_TABLE_BUILDING:
        return xw_snapshot_box(s, XW_SHAPE_BUILDING, h->row);
    default:
        return XW_BOX_EMPTY;
    }
}

static void hit_json(const xw_snapshot *s, const hit *h, xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_pt at;
    xw_json_open(j, '{');
    if (h->table == XW_TABLE_GRID) {
        const xw_grid *g = &m->grids[h->row];
        xw_json_kstr(j, "kind", "grid");
        xw_json_kstr(j, "text", xw_model_text(m, g->name));
        xw_json_kstr(j, "code", xw_model_text(m, g->code));
        xw_json_kstr(j, "level", xw_model_text(m, m->levels[g->level].key));
        xw_json_kint(j, "households", g->households);
    } else if (h->table == XW_TABLE_DIVISION) {
        xw_json_kstr(j, "kind", "division");
        xw_json_kstr(j, "text", xw_model_text(m, m->divisions[h->row].name));
        xw_json_kstr(j, "code", xw_model_text(m, m->divisions[h->row].code));
        xw_json_kstr(j, "level", xw_model_text(m, m->divisions[h->row].level));
    } else if (h->table == XW_TABLE_BUILDING) {
        xw_json_kstr(j, "kind", "building");
        xw_json_kstr(j, "text", xw_model_text(m, m->buildings[h->row].name));
        xw_json_kint(j, "households", m->buildings[h->row].households);
    } else {
        xw_json_kstr(j, "kind", "address");
        xw_json_kstr(j, "text", xw_model_text(m, m->addresses[h->row].text));
    }
    if (place_of(s, h, &at)) {
        xw_json_knum(j, "lon", xw_deg(at.x), 7);
        xw_json_knum(j, "lat", xw_deg(at.y), 7);
    }
    const xw_box b = box_of(s, h);
    if (!xw_box_is_empty(b)) {
        xw_json_key(j, "bbox");
        xw__box_json(j, b);
    }
    xw_json_close(j, '}');
}

void xw__get_search(xw__cx *cx, xw_http_response *rs)
{
    char q[256];
    int64_t limit;
    const char *given = xw__param_get(cx, "q");
    while (given && *given == ' ') given++;
    if (!given || !*given) {
        xw__problem(rs, 400, "parameter \"q\" is missing: /search?q=…");
        return;
    }
    size_t n = strlen(given);
    while (n > 0 && given[n - 1] == ' ') n--;
    if (n >= sizeof q) {
        xw__problem(rs, 400, "parameter \"q\" has %zu bytes, at most %zu are read", n,
                    sizeof q - 1);
        return;
    }
    if (!xw__param_int(cx, "limit", 1, SEARCH_MAX, SEARCH_DEFAULT, &limit, rs)) return;
    for (size_t i = 0; i < n; i++) q[i] = fold(given[i]);
    q[n] = '\0';
    search s = {.m = cx->m, .q = q, .q_n = n, .limit = (size_t)limit};
    look_everywhere(&s);

    xw_json j = xw__json_body(rs, "application/json", BODY_MAX);
    xw_json_open(&j, '{');
    xw_json_key(&j, "results");
    xw_json_open(&j, '[');
    size_t written = 0;
    for (int k = 0; k < HIT_KINDS; k++) {
        for (size_t i = 0; i < s.n[k] && written < s.limit; i++, written++) {
            hit_json(cx->pin.snapshot, &s.hits[k][i], &j);
        }
    }
    xw_json_close(&j, ']');
    xw_json_kint(&j, "numberReturned", (int64_t)written);
    xw_json_close(&j, '}');
}

static void brief(const xw_model *m, uint32_t grid, xw_json *j)
{
    const xw_grid *g = &m->grids[grid];
    xw_json_open(j, '{');
    xw_json_kstr(j, "code", xw_model_text(m, g->code));
    xw_json_kstr(j, "name", xw_model_text(m, g->name));
    xw_json_kstr(j, "level", xw_model_text(m, m->levels[g->level].key));
    xw_json_kstr(j, "level_name", xw_model_text(m, m->levels[g->level].name));
    xw_json_kint(j, "households", g->households);
    xw_json_close(j, '}');
}

/* Grids above, coarsest first. */
static void parents(const xw_model *m, uint32_t grid, xw_json *j)
{
    uint32_t chain[XW_LEVELS_MAX];
    uint32_t n = 0;
    for (uint32_t g = m->grids[grid].parent; g != XW_NONE && n < XW_LEVELS_MAX;
         g = m->grids[g].parent) {
        chain[n++] = g;
    }
    xw_json_key(j, "parents");
    xw_json_open(j, '[');
    while (n > 0) brief(m, chain[--n], j);
    xw_json_close(j, ']');
}

static void children(const xw_model *m, uint32_t grid, xw_json *j)
{
    const xw_grid *g = &m->grids[grid];
    if (g->level + 1 < m->n_levels) xw_json_kint(j, "n_children", g->children);
    xw_json_key(j, "children");
    xw_json_open(j, '[');
    for (uint32_t i = 0; g->level + 1 < m->n_levels && i < g->children && i < CHILDREN_MAX; i++) {
        brief(m, g->first_child + i, j);
    }
    xw_json_close(j, ']');
}

/* The columns of the table; the number of children gives way to the children themselves. */
static void columns(const xw_model *m, uint32_t grid, xw_json *j)
{
    char scratch[64];
    size_t n;
    const xw_column *cols = xw_table_columns(XW_TABLE_GRID, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(cols[i].name, "children") == 0) continue;
        const xw_value v = xw_table_value(m, XW_TABLE_GRID, grid, i, scratch);
        xw_json_key(j, cols[i].name);
        xw__value_json(&v, j);
    }
}

void xw__get_grid(xw__cx *cx, xw_http_response *rs)
{
    const xw_model *m = cx->m;
    const uint32_t grid = xw_model_grid_by_code(m, cx->args[0]);
    if (grid == XW_NONE) {
        xw__problem(rs, 404, "there is no grid \"%s\"", cx->args[0]);
        return;
    }
    const xw_grid *g = &m->grids[grid];
    xw_json j = xw__json_body(rs, "application/json", BODY_MAX);
    xw_json_open(&j, '{');
    columns(m, grid, &j);
    xw_json_kstr(&j, "level_name", xw_model_text(m, m->levels[g->level].name));
    xw_json_kint(&j, "cap", m->levels[g->level].cap);
    xw_json_key(&j, "division");
    xw__properties_json(m, XW_TABLE_DIVISION, g->division, &j);
    parents(m, grid, &j);
    children(m, grid, &j);
    const xw_box b = xw_snapshot_box(cx->pin.snapshot, XW_SHAPE_GRID, grid);
    if (!xw_box_is_empty(b)) {
        xw_json_key(&j, "bbox");
        xw__box_json(&j, b);
    }
    xw_json_key(&j, "label");
    xw_json_pt(&j, g->label.x, g->label.y);
    xw_json_kint(&j, "revision", m->revision);
    xw_json_close(&j, '}');
}
