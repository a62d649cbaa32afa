#include "xiwang/report.h"

#include "crossings.h"
#include "report_parts.h"
#include "xiwang/json.h"
#include "xiwang/outline.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text, *zh;
} reasons[] = {
#define X(name, text, zh) {text, zh},
    XW_WASTE_MAP(X)
#undef X
};

const char *xw_waste_text(unsigned r) { return r < XW_WASTE_COUNT ? reasons[r].text : ""; }
const char *xw_waste_zh(unsigned r) { return r < XW_WASTE_COUNT ? reasons[r].zh : ""; }

/* --- waste -------------------------------------------------------------------------------------
 */

typedef struct maker {
    const xw_model *m;
    xw_quality *q;
    uint32_t level;
    xw_error *err;
} maker;

static xw_status add(maker *k, const xw__part_of *p, uint64_t n, xw_waste_reason reason)
{
    xw_quality *q = k->q;
    if (n == 0) return XW_OK;
    if (!xw_grow((void **)&q->wasted, &q->cap_wasted, q->n_wasted + 1, sizeof *q->wasted)) {
        return xw_fail(k->err, XW_NOMEM, "report");
    }
    q->wasted[q->n_wasted++] = (xw_waste){.level = k->level,
                                          .division = p->division,
                                          .n = (uint32_t)n,
                                          .reason = (uint32_t)reason,
                                          .holds = p->weight,
                                          .at = p->at};
    q->levels[k->level].waste[reason] += n;
    return XW_OK;
}

typedef struct roomy { /* a part that is not full */
    uint64_t room;
    const xw__part_of *part;
} roomy;

static int most_room(const void *a, const void *b)
{
    const roomy *p = a, *q = b;
    if (p->room != q->room) return p->room > q->room ? -1 : 1;
    return (p->part > q->part) - (p->part < q->part);
}

/* So many grids are due to the parts that leave most room. *n: how many; 0 when all have a reason.
 */
static xw_status explain_rounding(maker *k, const xw__part_of *p, size_t n_parts, uint64_t *n)
{
    const uint32_t cap = k->m->levels[k->level].cap;
    size_t filled = 0;
    xw_status st = XW_OK;
    if (*n == 0) return XW_OK;
    roomy *list = malloc((n_parts + 1) * sizeof *list);
    if (!list) return xw_fail(k->err, XW_NOMEM, "report");
    for (size_t i = 0; i < n_parts; i++) {
        if (p[i].weight) list[filled++] = (roomy){p[i].least * cap - p[i].weight, &p[i]};
    }
    qsort(list, filled, sizeof *list, most_room);
    for (size_t i = 0; i<filled && * n> 0 && !st; i++, (*n)--) {
        const xw__part_of *at = list[i].part;
        st = add(k, at, 1,
                 at->tower          ? XW_WASTE_TOWER
                 : at->weight < cap ? XW_WASTE_ISOLATED
                                    : XW_WASTE_BARRIER);
    }
    free(list);
    return st;
}

/* One division: its parts p[0] .. p[n - 1], and the exclusive grids that are no part of it. */
static xw_status explain(maker *k, const xw__part_of *p, size_t n, uint64_t exclusive)
{
    const xw_level *v = &k->m->levels[k->level];
    xw_level_report *r = &k->q->levels[k->level];
    uint64_t weight = 0, least = 0, achieved = 0, beyond = 0;
    xw_status st = XW_OK;
    for (size_t i = 0; i < n; i++) {
        weight += p[i].weight;
        least += p[i].least;
        achieved += p[i].achieved;
        r->bound_bins += p[i].bins;
    }
    uint64_t sum = (weight + v->cap - 1) / v->cap;
    if (sum == 0 && achieved > 0 && exclusive == 0) sum = 1;
    r->bound_sum += sum + exclusive;
    r->bound_bins += exclusive + (least == 0 && sum ? 1 : 0);
    r->achieved += achieved + exclusive;
    if (achieved <= sum) return XW_OK;
    for (size_t i = 0; i < n; i++) { /* what a part has beyond its own least */
        if (p[i].achieved > p[i].least) beyond += p[i].achieved - p[i].least;
    }
    uint64_t left = achieved - sum;
    uint64_t rounding = left > beyond ? left - beyond : 0;
    left -= rounding;
    st = explain_rounding(k, p, n, &rounding);
    left += rounding;
    for (size_t i = 0; i < n && left > 0 && !st; i++) {
        if (p[i].achieved <= p[i].least) continue;
        const uint64_t most = p[i].achieved - p[i].least, over = most < left ? most : left;
        const uint64_t packed = p[i].bins - p[i].least < over ? p[i].bins - p[i].least : over;
        left -= over;
        if (p[i].tower) {
            st = add(k, &p[i], over, XW_WASTE_TOWER);
        } else if (p[i].weight == 0) {
            st = add(k, &p[i], over, XW_WASTE_EMPTY);
        } else {
            const bool finest = k->level + 1 == k->m->n_levels;
            st = add(k, &p[i], packed, finest ? XW_WASTE_INDIVISIBLE : XW_WASTE_TOWER);
            if (!st) st = add(k, &p[i], over - packed, v->floor ? XW_WASTE_FLOOR : XW_WASTE_SEARCH);
        }
    }
    return st;
}

static xw_status explain_level(maker *k)
{
    const xw_model *m = k->m;
    const xw_level *v = &m->levels[k->level];
    const bool finest = k->level + 1 == m->n_levels;
    xw__land_parts parts;
    xw_status st = xw__land_parts_make(m, k->level, &parts, k->err);
    uint64_t *exclusive = calloc(m->n_divisions + 1, sizeof *exclusive);
    if (!st && !exclusive) st = xw_fail(k->err, XW_NOMEM, "%zu divisions", m->n_divisions);
    for (uint32_t i = 0; finest && i < v->n_grids && !st; i++) {
        const xw_grid *g = &m->grids[v->first_grid + i];
        exclusive[g->division] += g->kind == XW_GRID_EXCLUSIVE;
    }
    size_t from = 0;
    for (uint32_t d = 0; d < m->n_divisions && !st; d++) {
        size_t to = from;
        while (to < parts.n && parts.parts[to].division == d) to++;
        st = explain(k, parts.parts + from, to - from, exclusive[d]);
        from = to;
    }
    free(exclusive);
    xw__land_parts_finish(&parts);
    return st;
}

/* --- boundaries and shapes ----------------------------------------------------------------------
 */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static uint32_t grid_at(const maker *k, uint32_t plot)
{
    if (plot == XW_NONE) return XW_NONE;
    return xw_model_grid_at(k->m, k->m->units[k->m->plots[plot].first_unit].grid, k->level);
}

static void cut_level(maker *k, double *perimeter)
{
    const xw_model *m = k->m;
    const uint32_t first = m->levels[k->level].first_grid;
    double *cut = k->q->levels[k->level].cut_m;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const uint32_t a = grid_at(k, e->left), b = grid_at(k, e->right);
        if (a == b) continue;
        if (a != XW_NONE) perimeter[a - first] += (double)e->length_m;
        if (b != XW_NONE) perimeter[b - first] += (double)e->length_m;
        if (a == XW_NONE || b == XW_NONE) continue;
        cut[e->cls < XW_CLASS_COUNT ? e->cls : XW_CLASS_COUNT] += (double)e->length_m;
    }
}

static void cross_level(maker *k, uint32_t *block)
{
    const xw_model *m = k->m;
    const uint32_t first = m->levels[k->level].first_grid;
    for (size_t u = 0; u < m->n_units; u++) {
        const uint32_t of = m->plots[m->units[u].plot].block;
        uint32_t *b = &block[xw_model_grid_at(m, m->units[u].grid, k->level) - first];
        if (*b == XW_NONE) *b = of;
        if (*b == of || *b == XW_NONE - 1) continue;
        k->q->levels[k->level].across_blocks++;
        *b = XW_NONE - 1; /* counted */
    }
}

static xw_status measure_level(maker *k)
{
    const xw_level *v = &k->m->levels[k->level];
    xw_level_report *r = &k->q->levels[k->level];
    double *perimeter = calloc((size_t)v->n_grids + 1, sizeof *perimeter);
    uint32_t *block = malloc(((size_t)v->n_grids + 1) * sizeof *block);
    if (!perimeter || !block) {
        free(perimeter);
        free(block);
        return xw_fail(k->err, XW_NOMEM, "%u grids", v->n_grids);
    }
    memset(block, 0xff, ((size_t)v->n_grids + 1) * sizeof *block);
    cut_level(k, perimeter);
    cross_level(k, block);
    size_t n = 0;
    double sum = 0;
    for (uint32_t i = 0; i < v->n_grids; i++) {
        const double p = perimeter[i];
        if (p <= 0) continue; /* of a tower's slices the first has the shape of the plot */
        perimeter[n] =
            4 * 3.14159265358979323846 * k->m->grids[v->first_grid + i].area_m2 / (p * p);
        sum += perimeter[n++];
    }
    if (n > 0) {
        qsort(perimeter, n, sizeof *perimeter, ascending);
        r->pp_mean = sum / (double)n;
        r->pp_p10 = perimeter[n / 10];
    }
    free(perimeter);
    free(block);
    return XW_OK;
}

static xw_status list_crossings(const xw_model *m, xw_quality *q, xw_error *err)
{
    xw_edge_index ix;
    xw__crossings c;
    xw_status st = xw_edge_index_create(m, &ix, err);
    if (st) return st;
    st = xw__crossings_make(m, &ix, m->n_levels - 1, XW__MAIN_ROADS, &c, err);
    xw_edge_index_finish(&ix);
    q->crossings = c.list; /* NULL after a failure */
    q->n_crossings = c.n;
    return st;
}

xw_status xw_quality_make(const xw_model *m, xw_quality *out, xw_error *err)
{
    xw_status st = XW_OK;
    memset(out, 0, sizeof *out);
    for (uint32_t l = 0; l < m->n_levels && !st; l++) {
        maker k = {m, out, l, err};
        st = explain_level(&k);
        if (!st) st = measure_level(&k);
    }
    if (!st && m->n_levels > 0) st = list_crossings(m, out, err);
    if (st) xw_quality_finish(out);
    return st;
}

void xw_quality_finish(xw_quality *q)
{
    free(q->wasted);
    free(q->crossings);
    memset(q, 0, sizeof *q);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void write_level(xw_json *j, const xw_model *m, uint32_t l, const xw_level_report *r)
{
    const xw_level *v = &m->levels[l];
    xw_json_open(j, '{');
    xw_json_kstr(j, "key", xw_model_text(m, v->key));
    xw_json_kstr(j, "name", xw_model_text(m, v->name));
    xw_json_kint(j, "cap", v->cap);
    xw_json_kint(j, "floor", v->floor);
    xw_json_kint(j, "bound_sum", (int64_t)r->bound_sum);
    xw_json_kint(j, "bound_bins", (int64_t)r->bound_bins);
    xw_json_kint(j, "achieved", (int64_t)r->achieved);
    xw_json_knum(j, "fill", r->achieved ? (double)r->bound_sum / (double)r->achieved : 1, 4);
    xw_json_kint(j, "across_blocks", r->across_blocks);
    xw_json_knum(j, "compactness_mean", r->pp_mean, 4);
    xw_json_knum(j, "compactness_p10", r->pp_p10, 4);
    xw_json_key(j, "cut_m");
    xw_json_open(j, '{');
    for (unsigned c = 0; c < XW_CLASS_COUNT; c++) {
        if (r->cut_m[c] > 0) xw_json_knum(j, xw_class_get(c)->code, r->cut_m[c], 1);
    }
    xw_json_knum(j, "none", r->cut_m[XW_CLASS_COUNT], 1);
    xw_json_close(j, '}');
    xw_json_key(j, "waste");
    xw_json_open(j, '{');
    for (unsigned w = 0; w < XW_WASTE_COUNT; w++) {
        xw_json_kint(j, xw_waste_text(w), (int64_t)r->waste[w]);
    }
    xw_json_close(j, '}');
    xw_json_close(j, '}');
}

static void write_crossing(xw_json *j, const xw_model *m, const xw_crossing *c)
{
    const xw_grid *g = &m->grids[c->grid];
    xw_json_open(j, '{');
    xw_json_kstr(j, "code", xw_model_text(m, g->code));
    xw_json_kstr(j, "class", xw_class_get(c->cls)->code);
    xw_json_kstr(j, "reason", xw_crossing_text(c->reason));
    xw_json_kstr(j, "reason_zh", xw_crossing_zh(c->reason));
    xw_json_kint(j, "households", g->households);
    xw_json_kint(j, "households_beyond", c->households);
    xw_json_kint(j, "others_beyond", c->others);
    xw_json_kint(j, "room_beyond", c->room);
    xw_json_key(j, "at");
    xw_json_pt(j, c->at.x, c->at.y);
    xw_json_close(j, '}');
}

static void write_levels(xw_json *j, const xw_model *m, const xw_quality *q)
{
    xw_json_key(j, "levels");
    xw_json_open(j, '[');
    for (uint32_t l = 0; l < m->n_levels; l++) write_level(j, m, l, &q->levels[l]);
    xw_json_close(j, ']');
}

void xw_quality_write_summary(const xw_model *m, const xw_quality *q, xw_json *j)
{
    uint64_t n[XW_CROSSING_COUNT] = {0};
    for (size_t i = 0; i < q->n_crossings; i++) n[q->crossings[i].reason]++;
    xw_json_open(j, '{');
    write_levels(j, m, q);
    xw_json_key(j, "crossings");
    xw_json_open(j, '{');
    for (unsigned r = 0; r < XW_CROSSING_COUNT; r++) {
        xw_json_kint(j, xw_crossing_text(r), (int64_t)n[r]);
    }
    xw_json_close(j, '}');
    xw_json_close(j, '}');
}

void xw_quality_write_json(const xw_model *m, const xw_quality *q, xw_buf *out)
{
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    write_levels(&j, m, q);
    xw_json_key(&j, "wasted");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < q->n_wasted; i++) {
        const xw_waste *w = &q->wasted[i];
        xw_json_open(&j, '{');
        xw_json_kstr(&j, "level", xw_model_text(m, m->levels[w->level].key));
        xw_json_kstr(&j, "division", xw_model_text(m, m->divisions[w->division].code));
        xw_json_kstr(&j, "reason", xw_waste_text(w->reason));
        xw_json_kstr(&j, "reason_zh", xw_waste_zh(w->reason));
        xw_json_kint(&j, "grids", w->n);
        xw_json_kint(&j, "holds", (int64_t)w->holds);
        xw_json_key(&j, "at");
        xw_json_pt(&j, w->at.x, w->at.y);
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_key(&j, "crossings");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < q->n_crossings; i++) write_crossing(&j, m, &q->crossings[i]);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}
