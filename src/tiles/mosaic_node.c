/* Noding on the grid (mosaic.h): pairs of segments that share a cell are tested, the broken ones
 * replaced, and only what is new is tested again. */
#include "mosaic_parts.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 256, PASSES_MAX = 8 };

/* What a pair of segments is tested for: for touching and crossing; for crossing, to make these
 * places known as vertices; or for vertices that attract what passes through their pixel. */
typedef enum mode { PLAIN, COLLECT, HOT } mode;

/* A vertex that a segment gets. */
typedef struct mosaic_break {
    uint32_t seg, vertex;
    int64_t along; /* (vertex - a) . (b - a) */
} mosaic_break;

typedef struct noding {
    xw_mosaic *m;
    mosaic_box box;
    unsigned shift;        /* a cell is 2^shift units wide */
    int32_t columns, rows; /* of cells */
    uint32_t first_new;    /* segments from here on have not been tested */
    mode mode;
    bool failed;
} noding;

static void add_break(noding *k, uint32_t seg, uint32_t vertex)
{
    xw_mosaic *const m = k->m;
    const mosaic_segment s = m->seg[seg];
    if (vertex == s.a || vertex == s.b) return;
    if (vertex == MOSAIC_NO_ID ||
        !xw_grow((void **)&m->breaks, &m->cap_breaks, m->n_breaks + 1, sizeof *m->breaks)) {
        k->failed = true;
        return;
    }
    const xw_tpt a = m->pt[s.a], b = m->pt[s.b], p = m->pt[vertex];
    const int64_t along = (int64_t)(p.x - a.x) * (b.x - a.x) + (int64_t)(p.y - a.y) * (b.y - a.y);
    m->breaks[m->n_breaks++] = (mosaic_break){seg, vertex, along};
}

/* The vertex is on the segment, or the segment passes through its pixel where vertices are hot.
 * `turn` is that of the vertex seen from ab. */
static bool attracts(const noding *k, xw_tpt a, xw_tpt b, xw_tpt p, int64_t turn)
{
    const int32_t lo = a.y < b.y ? a.y : b.y, hi = a.y < b.y ? b.y : a.y;
    if (p.x < a.x || p.x > b.x || p.y < lo || p.y > hi) return false; /* a.x <= b.x */
    /* The corners of the square of side 1 around p are not all on one side of the line. */
    return k->mode == HOT ? 2 * llabs(turn) <= (int64_t)b.x - a.x + hi - lo : turn == 0;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Where two segments cross, rounded to the grid, half up. */
static xw_tpt crossing(xw_tpt a, xw_tpt b, xw_tpt c, xw_tpt d)
{
    if (xw__tpt_less(c, a) || (xw_tpt_eq(c, a) && xw__tpt_less(d, b))) { /* the same for both */
        const xw_tpt p = a, q = b;
        a = c;
        b = d;
        c = p;
        d = q;
    }
    int64_t den = (int64_t)(b.x - a.x) * (d.y - c.y) - (int64_t)(b.y - a.y) * (d.x - c.x);
    int64_t num = (int64_t)(c.x - a.x) * (d.y - c.y) - (int64_t)(c.y - a.y) * (d.x - c.x);
    if (den < 0) {
        den = -den;
        num = -num;
    }
    /* den is below 2^36 and a difference below 2^18: nothing overflows. */
    return (xw_tpt){a.x + (int32_t)floor_div(2 * num * (b.x - a.x) + den, 2 * den),
                    a.y + (int32_t)floor_div(2 * num * (b.y - a.y) + den, 2 * den)};
}

static int sign(int64_t v) { return (v > 0) - (v < 0); }

static void test_pair(noding *k, uint32_t i, uint32_t j)
{
    xw_mosaic *const m = k->m;
    const mosaic_segment s = m->seg[i], t = m->seg[j];
    const xw_tpt a = m->pt[s.a], b = m->pt[s.b], c = m->pt[t.a], d = m->pt[t.b];
    if (a.x > d.x || c.x > b.x) return;
    const int64_t sc = xw__turn(a, b, c), sd = xw__turn(a, b, d);
    if (k->mode != HOT && sign(sc) * sign(sd) > 0) return;
    const int64_t ta = xw__turn(c, d, a), tb = xw__turn(c, d, b);
    if (k->mode != HOT && sign(ta) * sign(tb) > 0) return;
    if (k->mode != COLLECT) {
        if (attracts(k, a, b, c, sc)) add_break(k, i, t.a);
        if (attracts(k, a, b, d, sd)) add_break(k, i, t.b);
        if (attracts(k, c, d, a, ta)) add_break(k, j, s.a);
        if (attracts(k, c, d, b, tb)) add_break(k, j, s.b);
    }
    if (k->mode == HOT || sign(sc) * sign(sd) >= 0 || sign(ta) * sign(tb) >= 0) return;
    const uint32_t v = xw__mosaic_vertex(m, crossing(a, b, c, d));
    if (k->mode == PLAIN) {
        add_break(k, i, v);
        add_break(k, j, v);
    } else if (v == MOSAIC_NO_ID || xw__mosaic_segment(m, v, v) == MOSAIC_NO_ID) {
        k->failed = true; /* else a segment of no length, so that the vertex is in the cells */
    }
}

/* ---- cells ---- */

static void choose_cells(noding *k)
{
    const xw_mosaic *m = k->m;
    k->box = mosaic_no_box;
    for (size_t i = 0; i < m->n_pt; i++) xw__box_grow(&k->box, m->pt[i]);
    const int64_t w = (int64_t)k->box.x1 - k->box.x0, h = (int64_t)k->box.y1 - k->box.y0;
    k->shift = 0;
    for (;; k->shift++) { /* about one segment a cell */
        k->columns = (int32_t)(w >> k->shift) + 1;
        k->rows = (int32_t)(h >> k->shift) + 1;
        if (k->columns <= CELLS_MAX && k->rows <= CELLS_MAX &&
            (int64_t)k->columns * k->rows <= (int64_t)m->n_seg + 1) {
            return;
        }
    }
}

static int32_t clamped(int64_t v, int32_t n) { return v < 0 ? 0 : v >= n ? n - 1 : (int32_t)v; }

/* The cells that a segment passes, into m->cells; some more do no harm. */
static size_t cells_of(const noding *k, uint32_t seg)
{
    const xw_mosaic *m = k->m;
    const xw_tpt a = m->pt[m->seg[seg].a], b = m->pt[m->seg[seg].b];
    const int32_t margin = k->mode == HOT ? 1 : 0;
    const int32_t lo = (a.y < b.y ? a.y : b.y) - margin, hi = (a.y < b.y ? b.y : a.y) + margin;
    const int32_t col0 = clamped((a.x - margin - k->box.x0) >> k->shift, k->columns);
    const int32_t col1 = clamped((b.x + margin - k->box.x0) >> k->shift, k->columns);
    size_t n = 0;
    for (int32_t col = col0; col <= col1; col++) {
        int64_t from = lo, to = hi;
        if (col1 - col0 > 1 && b.x > a.x) { /* the part within the column */
            const int64_t width = (int64_t)b.x - a.x, rise = (int64_t)b.y - a.y;
            const int64_t left = k->box.x0 + ((int64_t)col << k->shift) - margin - a.x;
            const int64_t right = left + (INT64_C(1) << k->shift) + 2 * margin;
            const int64_t y0 = a.y + floor_div(left * rise, width);
            const int64_t y1 = a.y + floor_div(right * rise, width);
            const int64_t low = (y0 < y1 ? y0 : y1) - 1 - margin;
            const int64_t high = (y0 < y1 ? y1 : y0) + 2 + margin;
            if (low > from) from = low;
            if (high < to) to = high;
        }
        const int32_t row0 = clamped((from - k->box.y0) >> k->shift, k->rows);
        const int32_t row1 = clamped((to - k->box.y0) >> k->shift, k->rows);
        for (int32_t row = row0; row <= row1; row++) {
            m->cells[n++] = (uint32_t)row * (uint32_t)k->columns + (uint32_t)col;
        }
    }
    return n;
}

static xw_status fill_cells(noding *k, xw_error *err)
{
    xw_mosaic *const m = k->m;
    const size_t n_cells = (size_t)k->columns * (size_t)k->rows;
    if (!xw_grow((void **)&m->cell_start, &m->cap_cell_start, n_cells + 2, sizeof(uint32_t)) ||
        !xw_grow((void **)&m->cells, &m->cap_cells, n_cells + 1, sizeof(uint32_t))) {
        return xw_fail(err, XW_NOMEM, "%zu cells", n_cells);
    }
    memset(m->cell_start, 0, (n_cells + 2) * sizeof(uint32_t));
    size_t total = 0;
    for (uint32_t i = 0; i < m->n_seg; i++) {
        if (m->seg[i].n_children > 0) continue;
        const size_t n = cells_of(k, i);
        for (size_t c = 0; c < n; c++) m->cell_start[m->cells[c] + 2]++;
        total += n;
    }
    if (total > UINT32_MAX ||
        !xw_grow((void **)&m->cell_item, &m->cap_cell_item, total + 1, sizeof(uint32_t))) {
        return xw_fail(err, XW_NOMEM, "%zu segments", total);
    }
    for (size_t c = 0; c < n_cells; c++) m->cell_start[c + 2] += m->cell_start[c + 1];
    for (uint32_t i = 0; i < m->n_seg; i++) { /* ascending within a cell */
        if (m->seg[i].n_children > 0) continue;
        const size_t n = cells_of(k, i);
        for (size_t c = 0; c < n; c++) m->cell_item[m->cell_start[m->cells[c] + 1]++] = i;
    }
    return XW_OK;
}

static xw_status test_cells(noding *k, xw_error *err)
{
    xw_mosaic *const m = k->m;
    m->n_breaks = 0;
    const size_t n_cells = (size_t)k->columns * (size_t)k->rows;
    for (size_t c = 0; c < n_cells && !k->failed; c++) {
        /* The new ones are the last of the cell. */
        for (uint32_t j = m->cell_start[c + 1]; j-- > m->cell_start[c];) {
            if (m->cell_item[j] < k->first_new) break;
            for (uint32_t i = m->cell_start[c]; i < j; i++) {
                test_pair(k, m->cell_item[i], m->cell_item[j]);
            }
        }
    }
    return k->failed ? xw_fail(err, XW_NOMEM, "%zu crossings", m->n_breaks) : XW_OK;
}

/* ---- breaking ---- */

static int by_place(const void *x, const void *y)
{
    const mosaic_break *p = x, *q = y;
    if (p->seg != q->seg) return p->seg < q->seg ? -1 : 1;
    if (p->along != q->along) return p->along < q->along ? -1 : 1;
    return (p->vertex > q->vertex) - (p->vertex < q->vertex);
}

static xw_status add_child(xw_mosaic *m, uint32_t a, uint32_t b, xw_error *err)
{
    const uint32_t s = xw__mosaic_segment(m, a, b);
    if (s == MOSAIC_NO_ID ||
        !xw_grow((void **)&m->children, &m->cap_children, m->n_children + 1, sizeof *m->children)) {
        return xw_fail(err, XW_NOMEM, "%zu segments", m->n_seg);
    }
    m->children[m->n_children++] = s;
    return XW_OK;
}

static xw_status break_segments(xw_mosaic *m, xw_error *err)
{
    qsort(m->breaks, m->n_breaks, sizeof *m->breaks, by_place);
    for (size_t i = 0; i < m->n_breaks;) {
        const uint32_t seg = m->breaks[i].seg, end = m->seg[seg].b;
        const size_t child = m->n_children;
        uint32_t at = m->seg[seg].a;
        for (; i < m->n_breaks && m->breaks[i].seg == seg; i++) {
            if (m->breaks[i].vertex == at) continue; /* found in several cells */
            const xw_status st = add_child(m, at, m->breaks[i].vertex, err);
            if (st) return st;
            at = m->breaks[i].vertex;
        }
        const xw_status st = add_child(m, at, end, err);
        if (st) return st;
        m->seg[seg].child = (uint32_t)child;
        m->seg[seg].n_children = (uint32_t)(m->n_children - child);
    }
    return XW_OK;
}

static xw_status pass(noding *k, mode what, uint32_t first_new, xw_error *err)
{
    k->mode = what;
    k->first_new = first_new;
    const xw_status st = fill_cells(k, err);
    return st ? st : test_cells(k, err);
}

xw_status xw__mosaic_node(xw_mosaic *m, xw_error *err)
{
    noding k = {.m = m};
    uint32_t first_new = 0;
    if (m->n_seg < 2) return XW_OK;
    choose_cells(&k);
    for (int i = 0; i < PASSES_MAX; i++) {
        xw_status st = pass(&k, PLAIN, first_new, err);
        if (st || m->n_breaks == 0) return st;
        first_new = (uint32_t)m->n_seg;
        st = break_segments(m, err);
        if (st) return st;
    }
    /* Rounding goes in circles: snap rounding ends it, at the price of more vertices. */
    xw_status st = pass(&k, COLLECT, 0, err);
    if (!st) st = pass(&k, HOT, 0, err);
    return st ? st : break_segments(m, err);
}
