#include "xiwang/mosaic.h"

#include "mosaic_parts.h"

#include <stdlib.h>
#include <string.h>

xw_status xw_mosaic_create(xw_mosaic **out, xw_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? XW_OK : xw_fail(err, XW_NOMEM, "mosaic");
}

void xw_mosaic_destroy(xw_mosaic *m)
{
    if (!m) return;
    for (size_t i = 0; i < m->n_made; i++) free(m->feature[i].edges.at);
    void *const all[] = {m->pt,       m->pt_slot,   m->seg,    m->seg_slot, m->children,
                         m->way,      m->way_seg,   m->ring,   m->feature,  m->cell_start,
                         m->cells,    m->cell_item, m->breaks, m->spoke,    m->next,
                         m->stack,    m->came,      m->mark,   m->loop,     m->loop_way,
                         m->moved.at, m->out,       m->out_pt};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(m);
}

void xw_mosaic_clear(xw_mosaic *m)
{
    if (m->pt_slot) memset(m->pt_slot, 0, m->n_pt_slots * sizeof *m->pt_slot);
    if (m->seg_slot) memset(m->seg_slot, 0, m->n_seg_slots * sizeof *m->seg_slot);
    m->n_pt = m->n_seg = m->n_children = m->n_way = m->n_ring = m->n_feature = 0;
    m->n_out = m->n_out_pt = 0;
}

/* ---- numbers of vertices and segments ---- */

static size_t scatter(uint32_t x, uint32_t y)
{
    const uint64_t h = ((uint64_t)x << 32 | y) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 32 ^ h >> 13);
}

static size_t hash_pt(xw_tpt p) { return scatter((uint32_t)p.x, (uint32_t)p.y); }
static size_t hash_seg(mosaic_segment s) { return scatter(s.a, s.b); }

/* A table of twice the size, empty. */
static bool grow_slots(uint32_t **slots, size_t *n_slots)
{
    const size_t n = *n_slots ? *n_slots * 2 : 64;
    uint32_t *const larger = calloc(n, sizeof *larger);
    if (!larger) return false;
    free(*slots);
    *slots = larger;
    *n_slots = n;
    return true;
}

static void put(uint32_t *slots, size_t n_slots, size_t hash, uint32_t number)
{
    size_t k = hash & (n_slots - 1);
    while (slots[k]) k = (k + 1) & (n_slots - 1);
    slots[k] = number + 1;
}

uint32_t xw__mosaic_vertex(xw_mosaic *m, xw_tpt p)
{
    if (2 * (m->n_pt + 1) > m->n_pt_slots) {
        if (!grow_slots(&m->pt_slot, &m->n_pt_slots)) return MOSAIC_NO_ID;
        for (uint32_t i = 0; i < m->n_pt; i++) {
            put(m->pt_slot, m->n_pt_slots, hash_pt(m->pt[i]), i);
        }
    }
    size_t k = hash_pt(p) & (m->n_pt_slots - 1);
    for (; m->pt_slot[k]; k = (k + 1) & (m->n_pt_slots - 1)) {
        if (xw_tpt_eq(m->pt[m->pt_slot[k] - 1], p)) return m->pt_slot[k] - 1;
    }
    if (m->n_pt + 1 >= MOSAIC_NO_ID ||
        !xw_grow((void **)&m->pt, &m->cap_pt, m->n_pt + 1, sizeof *m->pt)) {
        return MOSAIC_NO_ID;
    }
    m->pt[m->n_pt++] = p;
    m->pt_slot[k] = (uint32_t)m->n_pt;
    return (uint32_t)m->n_pt - 1;
}

/* One that was broken is no longer found: it comes as a new one, which is tested anew. So the
 * children of a segment never lead back to it. */
uint32_t xw__mosaic_segment(xw_mosaic *m, uint32_t a, uint32_t b)
{
    const mosaic_segment s = xw__tpt_less(m->pt[a], m->pt[b]) ? (mosaic_segment){.a = a, .b = b}
                                                              : (mosaic_segment){.a = b, .b = a};
    if (2 * (m->n_seg + 1) > m->n_seg_slots) {
        if (!grow_slots(&m->seg_slot, &m->n_seg_slots)) return MOSAIC_NO_ID;
        for (uint32_t i = 0; i < m->n_seg; i++) {
            put(m->seg_slot, m->n_seg_slots, hash_seg(m->seg[i]), i);
        }
    }
    size_t k = hash_seg(s) & (m->n_seg_slots - 1);
    for (; m->seg_slot[k]; k = (k + 1) & (m->n_seg_slots - 1)) {
        const mosaic_segment *t = &m->seg[m->seg_slot[k] - 1];
        if (t->a == s.a && t->b == s.b && t->n_children == 0) return m->seg_slot[k] - 1;
    }
    if (m->n_seg + 1 >= MOSAIC_NO_ID ||
        !xw_grow((void **)&m->seg, &m->cap_seg, m->n_seg + 1, sizeof *m->seg)) {
        return MOSAIC_NO_ID;
    }
    m->seg[m->n_seg++] = s;
    m->seg_slot[k] = (uint32_t)m->n_seg;
    return (uint32_t)m->n_seg - 1;
}

/* ---- input ---- */

xw_status xw_mosaic_feature(xw_mosaic *m, xw_error *err)
{
    if (m->n_feature == m->n_made) {
        if (!xw_grow((void **)&m->feature, &m->cap_feature, m->n_made + 1, sizeof *m->feature)) {
            return xw_fail(err, XW_NOMEM, "%zu features", m->n_made);
        }
        m->feature[m->n_made++] = (mosaic_feature){0};
    }
    mosaic_feature *const f = &m->feature[m->n_feature++];
    const mosaic_edges edges = {.at = f->edges.at, .cap = f->edges.cap};
    *f = (mosaic_feature){.first_ring = (uint32_t)m->n_ring, .box = mosaic_no_box, .edges = edges};
    return XW_OK;
}

xw_status xw_mosaic_add(xw_mosaic *m, const xw_tpt *pts, size_t n, xw_error *err)
{
    mosaic_feature *const f = &m->feature[m->n_feature - 1];
    const size_t first = m->n_way;
    if (!xw_grow((void **)&m->way, &m->cap_way, first + n + 1, sizeof *m->way) ||
        !xw_grow((void **)&m->way_seg, &m->cap_way_seg, first + n + 1, sizeof *m->way_seg) ||
        !xw_grow((void **)&m->ring, &m->cap_ring, m->n_ring + 1, sizeof *m->ring)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu vertices", n);
    }
    size_t k = first;
    for (size_t i = 0; i < n; i++) {
        if (pts[i].x < -XW_MOSAIC_FAR || pts[i].x > XW_MOSAIC_FAR || pts[i].y < -XW_MOSAIC_FAR ||
            pts[i].y > XW_MOSAIC_FAR) {
            return xw_fail(err, XW_INPUT, "vertex %d,%d: too far", (int)pts[i].x, (int)pts[i].y);
        }
        const uint32_t v = xw__mosaic_vertex(m, pts[i]);
        if (v == MOSAIC_NO_ID) return xw_fail(err, XW_NOMEM, "ring of %zu vertices", n);
        if (k == first || m->way[k - 1] != v) m->way[k++] = v;
    }
    while (k > first && m->way[k - 1] == m->way[first]) k--;
    if (k - first < 3) return XW_OK;
    for (size_t i = first, j = k - 1; i < k; j = i++) {
        m->way_seg[j] = xw__mosaic_segment(m, m->way[j], m->way[i]);
        if (m->way_seg[j] == MOSAIC_NO_ID) return xw_fail(err, XW_NOMEM, "%zu segments", m->n_seg);
        xw__box_grow(&f->box, m->pt[m->way[i]]);
    }
    m->ring[m->n_ring++] = (mosaic_span){(uint32_t)first, (uint32_t)(k - first)};
    m->n_way = k;
    f->n_rings++;
    return XW_OK;
}

/* ---- which features have to be traced anew ---- */

static bool is_plain(xw_mosaic *m, const mosaic_feature *f, uint32_t stamp)
{
    if (f->n_rings > 1) return false;
    const mosaic_span r = m->ring[f->first_ring];
    int64_t area2 = 0;
    for (uint32_t i = r.first, j = r.first + r.n - 1; i < r.first + r.n; j = i++) {
        if (m->seg[m->way_seg[i]].n_children > 0 || m->mark[m->way[i]] == stamp) return false;
        m->mark[m->way[i]] = stamp;
        const xw_tpt p = m->pt[m->way[j]], q = m->pt[m->way[i]];
        area2 += (int64_t)p.x * q.y - (int64_t)q.x * p.y;
    }
    return area2 > 0;
}

static xw_status open_features(xw_mosaic *m, xw_error *err)
{
    if (!xw_grow((void **)&m->mark, &m->cap_mark, m->n_pt + 1, sizeof *m->mark)) {
        return xw_fail(err, XW_NOMEM, "%zu vertices", m->n_pt);
    }
    memset(m->mark, 0xff, (m->n_pt + 1) * sizeof *m->mark);
    for (uint32_t i = 0; i < m->n_feature; i++) {
        mosaic_feature *const f = &m->feature[i];
        if (f->n_rings == 0 || is_plain(m, f, i)) continue;
        const xw_status st = xw__mosaic_edges_of(m, f, &f->edges, err);
        if (st) return st;
        f->is_open = f->is_due = true;
    }
    memset(m->mark, 0xff, (m->n_pt + 1) * sizeof *m->mark); /* as tracing wants it */
    return XW_OK;
}

/* ---- output ---- */

static xw_status put_ring(xw_mosaic *m, mosaic_feature *f, const uint32_t *way, uint32_t n,
                          bool is_hole, xw_error *err)
{
    if (!xw_grow((void **)&m->out, &m->cap_out, m->n_out + 1, sizeof *m->out) ||
        !xw_grow((void **)&m->out_pt, &m->cap_out_pt, m->n_out_pt + n, sizeof *m->out_pt)) {
        return xw_fail(err, XW_NOMEM, "ring of %u vertices", n);
    }
    m->out[m->n_out++] = (xw_mosaic_ring){(uint32_t)m->n_out_pt, n, is_hole};
    for (uint32_t i = 0; i < n; i++) m->out_pt[m->n_out_pt++] = m->pt[way[i]];
    f->n_out++;
    return XW_OK;
}

static xw_status put_open(xw_mosaic *m, mosaic_feature *f, xw_error *err)
{
    xw_status st = xw__mosaic_trace(m, &f->edges, err);
    if (!st && !xw_grow((void **)&m->stack, &m->cap_stack, m->n_loop + 1, sizeof *m->stack)) {
        st = xw_fail(err, XW_NOMEM, "%zu rings", m->n_loop);
    }
    for (size_t i = 0; i < m->n_loop && !st; i++) {
        const mosaic_loop *l = &m->loop[i];
        m->stack[i] =
            l->area2 < 0 && l->level == 1 ? (uint32_t)xw__mosaic_owner(m, i) : (uint32_t)i;
    }
    for (size_t i = 0; i < m->n_loop && !st; i++) {
        const mosaic_loop *l = &m->loop[i];
        if (l->area2 <= 0 || l->level != 1) continue;
        st = put_ring(m, f, m->loop_way + l->first, l->n, false, err);
        for (size_t k = 0; k < m->n_loop && !st; k++) {
            if (k == i || m->stack[k] != i) continue;
            st = put_ring(m, f, m->loop_way + m->loop[k].first, m->loop[k].n, true, err);
        }
    }
    return st;
}

xw_status xw_mosaic_weave(xw_mosaic *m, xw_error *err)
{
    xw_status st = xw__mosaic_node(m, err);
    if (!st) st = open_features(m, err);
    if (!st) st = xw__mosaic_mend(m, err);
    for (size_t i = 0; i < m->n_feature && !st; i++) {
        mosaic_feature *const f = &m->feature[i];
        f->first_out = (uint32_t)m->n_out;
        if (f->n_rings == 0 && !f->is_open) continue;
        const mosaic_span r = m->ring[f->n_rings ? f->first_ring : 0];
        st = f->is_open ? put_open(m, f, err) : put_ring(m, f, m->way + r.first, r.n, false, err);
    }
    return st;
}

const xw_mosaic_ring *xw_mosaic_rings(const xw_mosaic *m, size_t feature, size_t *n)
{
    const mosaic_feature *const f = &m->feature[feature];
    *n = f->n_out;
    return m->out + f->first_out;
}

const xw_tpt *xw_mosaic_pts(const xw_mosaic *m) { return m->out_pt; }
