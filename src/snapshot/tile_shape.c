/* Geometry of one feature: edges by zoom rank, rounded to the tile's grid, clipped. */
#include "tile_parts.h"

#include "xiwang/simplify.h"

#include <stdlib.h>

void xw__drawing_finish(xw__drawing *d)
{
    xw_mvt_destroy(d->mvt);
    xw_clipper_finish(&d->clipper);
    free(d->pts);
    xw_mosaic_destroy(d->layer);
    xw_mosaic_destroy(d->footprint);
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

/* ---- polygons ---- */

/* Clips d->pts and adds it to the mosaic, turned round: the lattice has y northward, the tile
 * southward. */
static xw_status add_ring(xw__drawing *d, xw_mosaic *to, int64_t min_area2, bool *is_left,
                          xw_error *err)
{
    const xw_tpt *p;
    size_t n;
    xw_status st = xw_clip_ring(&d->clipper, d->pts, d->n_pts, XW_TILE_CLIP, &p, &n, err);
    *is_left = !st && n > 0 && -xw_tring_area2(p, n) > min_area2;
    if (st || n == 0 || (min_area2 > INT64_MIN && !*is_left)) return st;
    if (!xw_grow((void **)&d->pts, &d->cap_pts, n, sizeof *d->pts)) {
        return xw_fail(err, XW_NOMEM, "ring of %zu vertices", n);
    }
    for (size_t i = 0; i < n; i++) d->pts[i] = p[n - 1 - i];
    return xw_mosaic_add(to, d->pts, n, err);
}

static xw_status begin(xw_mosaic **m, xw_error *err)
{
    if (!*m) return xw_mosaic_create(m, err);
    xw_mosaic_clear(*m);
    return XW_OK;
}

static void write_rings(xw__drawing *d, const xw_mosaic *m, size_t number)
{
    size_t n;
    const xw_mosaic_ring *r = xw_mosaic_rings(m, number, &n);
    const xw_tpt *pts = xw_mosaic_pts(m);
    for (size_t i = 0; i < n; i++) {
        (void)xw_mvt_ring(d->mvt, pts + r[i].first, r[i].n, r[i].is_hole);
    }
}

xw_status xw__shapes_begin(xw__drawing *d, xw_error *err) { return begin(&d->layer, err); }

xw_status xw__shapes_add(xw__drawing *d, xw_shape shape, xw_error *err)
{
    xw_status st = xw_mosaic_feature(d->layer, err);
    for (uint32_t i = 0; i < shape.n_rings && !st; i++) {
        const xw_outline_ring *r = &shape.rings[i];
        bool is_left;
        st = gather_ring(d, shape.refs + r->first, r->n, err);
        if (!st) st = add_ring(d, d->layer, INT64_MIN, &is_left, err);
    }
    return st;
}

xw_status xw__shapes_end(xw__drawing *d, xw_error *err) { return xw_mosaic_weave(d->layer, err); }

void xw__shapes_write(xw__drawing *d, size_t number) { write_rings(d, d->layer, number); }

xw_status xw__footprint_make(xw__drawing *d, const xw_model_building *b, int64_t min_area2,
                             xw_error *err)
{
    bool is_left = false; /* an outer ring that is left out takes its holes with it */
    xw_status st = begin(&d->footprint, err);
    if (!st) st = xw_mosaic_feature(d->footprint, err);
    for (uint32_t i = 0; i < b->n_rings && !st; i++) {
        const xw_span *r = &d->m->rings[b->first_ring + i];
        const bool is_hole = i > 0 && xw_ring_area2((xw_ring){d->m->pts + r->first, r->n}) < 0;
        if (is_hole && !is_left) continue;
        d->n_pts = 0;
        st = room(d, r->n, err);
        for (uint32_t k = 0; k < r->n && !st; k++) add_pt(d, d->m->pts[r->first + k]);
        bool hole_is_left;
        if (!st) {
            st = add_ring(d, d->footprint, is_hole ? INT64_MIN : min_area2,
                          is_hole ? &hole_is_left : &is_left, err);
        }
    }
    return st ? st : xw_mosaic_weave(d->footprint, err);
}

void xw__footprint_write(xw__drawing *d) { write_rings(d, d->footprint, 0); }

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
