/* Which blocks an edit touches: those whose rim comes near to a footprint, or which contain it. */
#include "edit_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Hot pixels act within half a unit and move things by half a unit; twice, for there are two
 * rounds of noding. */
enum { NEAR = 3 };

static xw_box widened(xw_box b)
{
    b.min.x -= NEAR;
    b.min.y -= NEAR;
    b.max.x += NEAR;
    b.max.y += NEAR;
    return b;
}

static bool in_box(xw_box b, xw_pt p, xw_pt q)
{
    return !((p.x < b.min.x && q.x < b.min.x) || (p.x > b.max.x && q.x > b.max.x) ||
             (p.y < b.min.y && q.y < b.min.y) || (p.y > b.max.y && q.y > b.max.y));
}

static double point_distance(xw_pt a, xw_pt b, xw_pt p)
{
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    const double px = (double)p.x - a.x, py = (double)p.y - a.y;
    const double d2 = dx * dx + dy * dy;
    const double t = d2 > 0.0 ? fmin(1.0, fmax(0.0, (px * dx + py * dy) / d2)) : 0.0;
    return hypot(px - t * dx, py - t * dy);
}

static bool near(xw_pt a, xw_pt b, xw_pt p, xw_pt q)
{
    if (xw_orient(a, b, p) * xw_orient(a, b, q) <= 0 &&
        xw_orient(p, q, a) * xw_orient(p, q, b) <= 0) {
        return true;
    }
    return point_distance(a, b, p) <= NEAR || point_distance(a, b, q) <= NEAR ||
           point_distance(p, q, a) <= NEAR || point_distance(p, q, b) <= NEAR;
}

/* Does an edge of the rim come near to the footprint, or lie in it? */
static bool rim_near(const xw_territory *t, xw_area a, xw_box box, xw_segment s)
{
    if (!in_box(box, s.a, s.b)) return false;
    bool inside = false;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_ring r = xw_territory_ring(t, a.first_ring + i);
        inside ^= xw_ring_owns(r, s.a);
        for (uint32_t k = 0; k < r.n; k++) {
            const xw_pt p = r.pts[k], q = r.pts[k + 1 < r.n ? k + 1 : 0];
            if (near(s.a, s.b, p, q)) return true;
        }
    }
    return inside;
}

static bool block_has(const edit_blocks *all, const edit_block *b, xw_pt p)
{
    bool in = false;
    for (uint32_t i = 0; i < b->n_rim; i++) {
        const xw_segment *s = &all->rim[b->first_rim + i];
        if ((s->a.y > p.y) == (s->b.y > p.y)) continue;
        const xw_pt lo = s->a.y < s->b.y ? s->a : s->b, hi = s->a.y < s->b.y ? s->b : s->a;
        in ^= xw_orient(lo, hi, p) > 0;
    }
    return in;
}

void edit_touch_block(edit_run *r, uint32_t block)
{
    if (r->touched[block]) return;
    r->touched[block] = 1;
    r->block[r->n_touched++] = block;
}

static void touch_footprint(edit_run *r, uint32_t building)
{
    const xw_territory *t = &r->e->t;
    const edit_blocks *all = &r->e->blocks;
    const xw_area a = t->buildings[building].area;
    if (a.n_rings == 0) return;
    const xw_box box = widened(r->e->building[building].box);
    const xw_pt first = xw_territory_ring(t, a.first_ring).pts[0];
    for (uint32_t i = 0; i < all->n; i++) {
        const edit_block *b = &all->b[i];
        if (r->touched[i] || !xw_box_meets(b->box, box)) continue;
        bool is_near = block_has(all, b, first);
        for (uint32_t k = 0; k < b->n_rim && !is_near; k++) {
            is_near = rim_near(t, a, box, all->rim[b->first_rim + k]);
        }
        if (is_near) edit_touch_block(r, i);
    }
}

static void touch_neighbours(edit_run *r, uint32_t block)
{
    const xw_editor *e = r->e;
    const xw_span of = e->plots_of[block];
    for (uint32_t p = of.first; p < of.first + of.n; p++) {
        for (uint32_t k = e->edges.start[p]; k < e->edges.start[p + 1]; k++) {
            const xw_edge *d = &e->model.edges[e->edges.item[k]];
            const uint32_t other = d->left == p ? d->right : d->left;
            if (other != XW_NONE) edit_touch_block(r, e->model.plots[other].block);
        }
    }
}

void edit_touch_around(edit_run *r)
{
    const uint32_t n = r->n_touched;
    for (uint32_t i = 0; i < n; i++) touch_neighbours(r, r->block[i]);
}

static xw_status touch_overlapped(edit_run *r, uint32_t b, xw_box box, xw_error *err)
{
    edit_building *v = &r->e->building[b];
    if (v->mark == r->e->run || v->dead || !xw_box_meets(v->box, box)) return XW_OK;
    v->mark = r->e->run;
    touch_footprint(r, b);
    if (v->fate == FATE_OPEN) return XW_OK;
    if (!xw_grow((void **)&r->outsider, &r->cap_outsiders, r->n_outsiders + 1,
                 sizeof *r->outsider)) {
        return xw_fail(err, XW_NOMEM, "%zu buildings", r->n_outsiders);
    }
    r->outsider[r->n_outsiders++] = b;
    return XW_OK;
}

/* Buildings that may overlap a footprint which comes or goes: the land that counts for them, and so
 * their block, may be another then. */
static xw_status touch_overlapping(edit_run *r, xw_box box, xw_error *err)
{
    const xw_editor *e = r->e;
    const xw_cells *c = &e->cells;
    uint32_t cx0, cx1;
    xw_cells_columns(c, box.min, box.max, &cx0, &cx1);
    const xw_pt top = {box.min.x, box.max.y};
    xw_status st = XW_OK;
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows = xw_cells_rows(c, box.min, top, cx);
        for (uint32_t cy = rows.y0; cy <= rows.y1; cy++) {
            const size_t cell = xw_cell_at(c, cx, cy);
            for (uint32_t k = c->start[cell]; k < c->start[cell + 1] && !st; k++) {
                const uint32_t tag = e->lines.s[c->item[k]].tag;
                if (TAG_KIND(tag) != TAG_BUILDING) continue;
                st = touch_overlapped(r, TAG_INDEX(tag), box, err);
            }
        }
    }
    for (size_t i = e->n_first; i < r->first_added && !st; i++) {
        st = touch_overlapped(r, (uint32_t)i, box, err);
    }
    return st;
}

xw_status edit_touch(edit_run *r, xw_error *err)
{
    xw_editor *e = r->e;
    r->touched = calloc(e->blocks.n + 1, 1);
    r->block = malloc((e->blocks.n + 1) * sizeof *r->block);
    if (!r->touched || !r->block) return xw_fail(err, XW_NOMEM, "%zu blocks", e->blocks.n);
    e->run++;
    const size_t n = r->edit->n_removed + e->t.n_buildings - r->first_added;
    r->edited = malloc((n + 1) * sizeof *r->edited);
    if (!r->edited) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    xw_status st = XW_OK;
    for (size_t i = 0; i < r->edit->n_removed && !st; i++) {
        const uint32_t b = r->edit->removed[i], plot = e->model.buildings[b].plot;
        if (plot != XW_NONE) edit_touch_block(r, e->model.plots[plot].block);
        touch_footprint(r, e->order[b]);
        r->edited[r->n_edited++] = widened(e->building[e->order[b]].box);
        st = touch_overlapping(r, e->building[e->order[b]].box, err);
    }
    for (uint32_t b = r->first_added; b < e->t.n_buildings && !st; b++) {
        touch_footprint(r, b);
        r->edited[r->n_edited++] = widened(e->building[b].box);
        st = touch_overlapping(r, e->building[b].box, err);
    }
    return st;
}
