/* Which rows of a collection a query asks for: a box on the map and equal properties. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static bool parse_numbers(const char *text, double v[6], unsigned *n)
{
    char piece[64];
    *n = 0;
    for (const char *s = text;; s++) {
        const size_t k = strcspn(s, ",");
        if (*n == 6 || k >= sizeof piece) return false;
        memcpy(piece, s, k);
        piece[k] = '\0';
        if (!xw__parse_num(piece, &v[(*n)++])) return false;
        s += k;
        if (!*s) return *n == 4 || *n == 6;
    }
}

bool xw__bbox_parse(const char *text, xw__bbox *out, xw_error *err)
{
    double v[6];
    unsigned n;
    if (!parse_numbers(text, v, &n)) {
        (void)xw_fail(err, XW_INPUT, "parameter \"bbox\" is \"%s\", 4 or 6 numbers are needed",
                      text);
        return false;
    }
    const double west = v[0], south = v[1], east = v[n / 2], north = v[n / 2 + 1];
    xw_pt min, max;
    if (!xw_pt_from_deg(west, south, &min) || !xw_pt_from_deg(east, north, &max)) {
        (void)xw_fail(err, XW_INPUT, "parameter \"bbox\" is \"%s\", beyond 180 or 90 degrees",
                      text);
        return false;
    }
    if (south > north || (n == 6 && v[2] > v[5])) {
        (void)xw_fail(err, XW_INPUT, "parameter \"bbox\" is \"%s\", its south is above its north",
                      text);
        return false;
    }
    if (west <= east) {
        *out = (xw__bbox){{{min, max}}, 1};
    } else { /* over the antimeridian */
        *out = (xw__bbox){{{min, {XW_LON_MAX, max.y}}, {{-XW_LON_MAX, min.y}, max}}, 2};
    }
    return true;
}

/* Does the segment meet the closed box? The separating axes of a segment and a box are x, y and the
 * segment's normal; all three are tested exactly. */
static bool segment_meets(xw_pt a, xw_pt b, xw_box box)
{
    if (!xw_box_meets(xw_box_grow((xw_box){a, a}, b), box)) return false;
    if (xw_box_has(box, a) || xw_box_has(box, b)) return true;
    const xw_pt corners[4] = {box.min, {box.max.x, box.min.y}, box.max, {box.min.x, box.max.y}};
    int left = 0, right = 0;
    for (int i = 0; i < 4; i++) {
        const int side = xw_orient(a, b, corners[i]);
        left += side > 0;
        right += side < 0;
    }
    return left < 4 && right < 4;
}

/* One walk over an outline: does a segment meet the box, and is the box's corner inside? */
typedef struct probe {
    xw_box box;
    bool meets, inside;
} probe;

/* False when the answer is known. */
static bool probe_segment(probe *p, xw_pt a, xw_pt b)
{
    if (segment_meets(a, b, p->box)) {
        p->meets = true;
        return false;
    }
    const xw_pt q = p->box.min; /* not on the segment, or the two would meet */
    if ((a.y > q.y) != (b.y > q.y)) {
        const int side = a.y < b.y ? xw_orient(a, b, q) : xw_orient(b, a, q);
        p->inside ^= side > 0;
    }
    return true;
}

static bool probe_points(probe *p, const xw_pt *pts, uint32_t n)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (!probe_segment(p, pts[i], pts[i + 1])) return false;
    }
    return true;
}

static bool shape_meets(const xw_snapshot *s, xw_shape_kind kind, uint32_t ix, xw_box box)
{
    const xw_model *m = xw_snapshot_model(s);
    const xw_shape sh = xw_snapshot_shape(s, kind, ix);
    probe p = {box, false, false};
    for (uint32_t r = 0; r < sh.n_rings; r++) {
        for (uint32_t i = 0; i < sh.rings[r].n; i++) {
            const xw_edge *e = &m->edges[XW_REF_EDGE(sh.refs[sh.rings[r].first + i])];
            if (!probe_points(&p, m->pts + e->first, e->n)) return true;
        }
    }
    return p.inside;
}

static bool building_meets(const xw_model *m, uint32_t row, xw_box box)
{
    const xw_model_building *b = &m->buildings[row];
    probe p = {box, false, false};
    for (uint32_t r = 0; r < b->n_rings; r++) {
        const xw_span ring = m->rings[b->first_ring + r];
        const xw_pt *pts = m->pts + ring.first;
        if (ring.n == 0) continue;
        if (!probe_points(&p, pts, ring.n) || !probe_segment(&p, pts[ring.n - 1], pts[0])) {
            return true;
        }
    }
    return p.inside;
}

static bool line_meets(const xw_model *m, uint32_t first, uint32_t n, xw_box box)
{
    probe p = {box, false, false};
    return !probe_points(&p, m->pts + first, n);
}

bool xw__feature_meets(const xw_snapshot *s, xw_table t, uint32_t row, xw_box box)
{
    const xw_model *m = xw_snapshot_model(s);
    switch (t) {
    case XW_TABLE_DIVISION:
        return shape_meets(s, XW_SHAPE_DIVISION, row, box);
    case XW_TABLE_GRID:
        return shape_meets(s, XW_SHAPE_GRID, row, box);
    case XW_TABLE_PLOT:
        return shape_meets(s, XW_SHAPE_PLOT, row, box);
    case XW_TABLE_UNIT:
        return xw_box_has(box, m->plots[m->units[row].plot].anchor);
    case XW_TABLE_BUILDING:
        return building_meets(m, row, box);
    case XW_TABLE_EDGE:
        return line_meets(m, m->edges[row].first, m->edges[row].n, box);
    case XW_TABLE_LINE:
        return line_meets(m, m->lines[row].first, m->lines[row].n, box);
    case XW_TABLE_ADDRESS:
        return xw_box_has(box, m->addresses[row].at);
    case XW_TABLE_FINDING:
        return xw_box_has(box, m->findings[row].at);
    case XW_TABLE_LINEAGE:
        return xw_box_has(box, m->lineage[row].at);
    default:
        return false;
    }
}

static bool equal(const xw_model *m, const xw__collection *c, uint32_t row, const xw__filter *f)
{
    char scratch[64];
    for (unsigned i = 0; i < f->n_equals; i++) {
        const xw_value v = xw_table_value(m, c->table, row, f->equals[i].col, scratch);
        const bool same = v.type == XW_COL_TEXT  ? strcmp(v.s, f->equals[i].text) == 0
                          : v.type == XW_COL_INT ? v.i == f->equals[i].i
                          : v.type == XW_COL_REAL
                              ? !(v.r < f->equals[i].r) && !(v.r > f->equals[i].r)
                              : false;
        if (!same) return false;
    }
    return true;
}

static bool in_bbox(const xw_snapshot *s, const xw__collection *c, uint32_t row,
                    const xw__filter *f)
{
    for (unsigned i = 0; i < f->bbox.n; i++) {
        if (xw__feature_meets(s, c->table, row, f->bbox.box[i])) return true;
    }
    return !f->has_bbox;
}

/* The index of the snapshot that covers a table; XW_SHAPE_KINDS when none does. */
static xw_shape_kind kind_of(xw_table t)
{
    switch (t) {
    case XW_TABLE_DIVISION:
        return XW_SHAPE_DIVISION;
    case XW_TABLE_GRID:
        return XW_SHAPE_GRID;
    case XW_TABLE_PLOT:
        return XW_SHAPE_PLOT;
    case XW_TABLE_BUILDING:
        return XW_SHAPE_BUILDING;
    case XW_TABLE_EDGE:
        return XW_SHAPE_EDGE;
    case XW_TABLE_LINE:
        return XW_SHAPE_LINE;
    case XW_TABLE_ADDRESS:
        return XW_SHAPE_ADDRESS;
    default:
        return XW_SHAPE_KINDS;
    }
}

static int by_row(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Rows near the box, ascending, each once; may hold some that do not pass. */
static xw_status near_rows(const xw_snapshot *s, xw_shape_kind kind, const xw__bbox *b,
                           uint32_t **rows, size_t *n, size_t *cap, xw_error *err)
{
    for (unsigned i = 0; i < b->n; i++) {
        const xw_status st = xw_snapshot_query(s, kind, b->box[i], rows, n, cap, err);
        if (st) return st;
    }
    if (b->n < 2 || *n == 0) return XW_OK;
    qsort(*rows, *n, sizeof **rows, by_row);
    size_t kept = 1;
    for (size_t i = 1; i < *n; i++) {
        if ((*rows)[i] != (*rows)[kept - 1]) (*rows)[kept++] = (*rows)[i];
    }
    *n = kept;
    return XW_OK;
}

xw_status xw__filter_rows(const xw_snapshot *s, const xw__collection *c, const xw__filter *f,
                          uint32_t **rows, size_t *n, size_t *cap, xw_error *err)
{
    const xw_model *m = xw_snapshot_model(s);
    const xw_shape_kind kind = f->has_bbox ? kind_of(c->table) : XW_SHAPE_KINDS;
    *n = 0;
    if (kind != XW_SHAPE_KINDS) {
        const xw_status st = near_rows(s, kind, &f->bbox, rows, n, cap, err);
        if (st) return st;
        size_t kept = 0;
        for (size_t i = 0; i < *n; i++) {
            const uint32_t row = (*rows)[i];
            if (row < c->first || row - c->first >= c->n_rows) continue;
            if (equal(m, c, row, f) && in_bbox(s, c, row, f)) (*rows)[kept++] = row;
        }
        *n = kept;
        return XW_OK;
    }
    for (uint32_t row = c->first; row < c->first + c->n_rows; row++) {
        if (!equal(m, c, row, f) || !in_bbox(s, c, row, f)) continue;
        if (!xw_grow((void **)rows, cap, *n + 1, sizeof **rows)) {
            return xw_fail(err, XW_NOMEM, "%zu features", *n + 1);
        }
        (*rows)[(*n)++] = row;
    }
    return XW_OK;
}
