/* Geometry of one feature: edges by zoom rank, rounded to the tile's grid, clipped. */
#include "tile_parts.h"

#include "xiwang/simplify.h"

#include <stdlib.h>

void xw__drawing_finish(xw__drawing *d)
{
    xw_mvt_destroy(d->mvt);
    xw_clipper_finish(&d->clipper);
    free(d->pts);
    free(d->group);
    free(d->group_ends);
    free(d->ranks);
}

static xw_status room(xw__drawing *d, size_t n, xw_error *err)
{
    return xw_grow((void **)&d->pts, &d->cap_pts, d->n_pts + n, sizeof *d->pts)
               ? XW_OK
               : xw_fail(err, XW_NOMEM, "outline of %zu vertices", d->n_pts + n);
}

static void add_pt(xw__drawing *d, xw_pt p)
{
    const xw_tpt t = xw_tile_project(&d->frame, p);
    if (d->n_pts == 0 || !xw_tpt_eq(d->pts[d->n_pts - 1], t)) d->pts[d->n_pts++] = t;
}

/* ---- rings of edges ---- */

/* The vertices of one reference that are drawn at this zoom, without its last one, which is the
 * first of the next reference. Of an edge whose box misses the tile two are enough, the first and
 * the last: all of it lies beyond one side of the tile, where the clip leaves nothing of it. */
static xw_status add_ref(xw__drawing *d, uint32_t ref, xw_error *err)
{
    const xw_edge *e = &d->m->edges[XW_REF_EDGE(ref)];
    const uint8_t *rank = xw_snapshot_ranks(d->s);
    const bool all = d->z >= XW_TILE_ZOOM_FULL;
    const bool near = xw_box_meets(xw_snapshot_box(d->s, XW_SHAPE_EDGE, XW_REF_EDGE(ref)), d->box);
    const uint32_t last = e->n - 1, step = XW_REF_REVERSED(ref) ? UINT32_MAX : 1;
    const uint32_t start = XW_REF_REVERSED(ref) ? e->first + last : e->first;
    const xw_status st = room(d, near ? last : 2, err);
    if (st) return st;
    if (near) {
        uint32_t v = start;
        for (uint32_t k = 0; k < last; k++, v += step) {
            if (all || rank[v] <= d->z) add_pt(d, d->m->pts[v]);
        }
        return XW_OK;
    }
    uint32_t k = 0, back = last;
    while (k < last && !all && rank[start + step * k] > d->z) k++;
    if (k == last) return XW_OK;
    add_pt(d, d->m->pts[start + step * k]);
    do {
        back--;
    } while (back > k && !all && rank[start + step * back] > d->z);
    if (back > k) add_pt(d, d->m->pts[start + step * back]);
    return XW_OK;
}

static xw_status gather_ring(xw__drawing *d, const uint32_t *refs, uint32_t n, xw_error *err)
{
    d->n_pts = 0;
    for (uint32_t i = 0; i < n; i++) {
        const xw_status st = add_ref(d, refs[i], err);
        if (st) return st;
    }
    return XW_OK;
}

/* ---- an outer ring and its holes ---- */

/* Writes the group. A tile that lies in a hole has the outer ring and the hole around it: nothing
 * is left between them. */
static void end_group(xw__drawing *d)
{
    uint32_t first = 0;
    for (size_t i = 0; i < d->n_ends && d->group_area2 > 0; i++) {
        (void)xw_mvt_ring(d->mvt, d->group + first, d->group_ends[i] - first, i > 0);
        first = d->group_ends[i];
    }
    d->n_group = d->n_ends = 0;
    d->group_area2 = 0;
}

/* Clips d->pts and adds it to the group, turned round: the lattice has y northward, the tile
 * southward. An outer ring that has collapsed or turned over takes its holes with it. */
static xw_status add_ring(xw__drawing *d, bool is_hole, int64_t min_area2, xw_error *err)
{
    if (!is_hole) end_group(d);
    if (is_hole && d->n_ends == 0) return XW_OK;
    const xw_tpt *p;
    size_t n;
    const xw_status st = xw_clip_ring(&d->clipper, d->pts, d->n_pts, XW_TILE_CLIP, &p, &n, err);
    if (st || n == 0) return st;
    const int64_t area2 = -xw_tring_area2(p, n);
    if (is_hole ? area2 >= 0 : area2 <= min_area2) return XW_OK;
    if (!xw_grow((void **)&d->group, &d->cap_group, d->n_group + n, sizeof *d->group) ||
        !xw_grow((void **)&d->group_ends, &d->cap_ends, d->n_ends + 1, sizeof *d->group_ends)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu vertices", n);
    }
    for (size_t i = n; i-- > 0;) d->group[d->n_group++] = p[i];
    d->group_ends[d->n_ends++] = (uint32_t)d->n_group;
    d->group_area2 += area2;
    return XW_OK;
}

xw_status xw__draw_shape(xw__drawing *d, xw_shape shape, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < shape.n_rings && !st; i++) {
        const xw_outline_ring *r = &shape.rings[i];
        st = gather_ring(d, shape.refs + r->first, r->n, err);
        if (!st) st = add_ring(d, r->hole, 0, err);
    }
    end_group(d);
    return st;
}

xw_status xw__draw_footprint(xw__drawing *d, const xw_model_building *b, int64_t min_area2,
                             xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < b->n_rings && !st; i++) {
        const xw_span *r = &d->m->rings[b->first_ring + i];
        d->n_pts = 0;
        st = room(d, r->n, err);
        for (uint32_t k = 0; k < r->n && !st; k++) add_pt(d, d->m->pts[r->first + k]);
        const bool is_hole = i > 0 && xw_ring_area2((xw_ring){d->m->pts + r->first, r->n}) < 0;
        if (!st) st = add_ring(d, is_hole, min_area2, err);
    }
    end_group(d);
    return st;
}

/* ---- lines and points ---- */

static void write_part(void *user, const xw_tpt *pts, size_t n) { xw_mvt_line(user, pts, n); }

xw_status xw__draw_line(xw__drawing *d, const xw_pt *pts, uint32_t n, xw_error *err)
{
    d->n_pts = 0;
    xw_status st = room(d, n, err);
    const bool all = d->z >= XW_TILE_ZOOM_FULL;
    if (!st && !all) {
        st = xw_grow((void **)&d->ranks, &d->cap_ranks, n, 1)
                 ? xw_chain_ranks(pts, n, d->ranks, err)
                 : xw_fail(err, XW_NOMEM, "line of %u vertices", n);
    }
    if (st) return st;
    for (uint32_t i = 0; i < n; i++) {
        if (all || d->ranks[i] <= d->z) add_pt(d, pts[i]);
    }
    return xw_clip_line(&d->clipper, d->pts, d->n_pts, XW_TILE_CLIP, write_part, d->mvt, err);
}

/* A point within half a unit of the east or south side would round to the next tile's side. */
void xw__draw_label(xw__drawing *d, xw_pt p)
{
    uint32_t x, y;
    xw_tile_of(d->z, p, &x, &y);
    if (x != d->x || y != d->y) return;
    xw_tpt t = xw_tile_project(&d->frame, p);
    const int32_t last = XW_TILE_EXTENT - 1;
    t.x = t.x < 0 ? 0 : t.x > last ? last : t.x;
    t.y = t.y < 0 ? 0 : t.y > last ? last : t.y;
    xw_mvt_point(d->mvt, t);
}
