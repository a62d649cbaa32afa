/* The view of an edit: which lines and buildings touch the land of the blocks touched. */
#include "edit_state.h"

#include <stdlib.h>
#include <string.h>

/* Around each plot: what may act on its rim in two rounds of noding. */
enum { MARGIN = 4 };

static bool is_dead(const edit_run *r, uint32_t b) { return r->e->building[b].dead != 0; }

static xw_status see_building(edit_run *r, uint32_t b, xw_error *err)
{
    edit_building *v = &r->e->building[b];
    if (v->mark == r->e->run) return XW_OK;
    v->mark = r->e->run;
    if (is_dead(r, b)) return XW_OK;
    if (!xw_grow((void **)&r->building, &r->cap_buildings, r->n_buildings + 1,
                 sizeof *r->building)) {
        return xw_fail(err, XW_NOMEM, "%zu buildings", r->n_buildings);
    }
    r->building[r->n_buildings++] = b;
    return XW_OK;
}

static xw_status see_line(edit_run *r, uint32_t i, xw_error *err)
{
    xw_editor *e = r->e;
    if (e->line_mark[i] == e->run) return XW_OK;
    e->line_mark[i] = e->run;
    const xw_segment *s = &e->lines.s[i];
    const uint32_t ix = TAG_INDEX(s->tag);
    switch (TAG_KIND(s->tag)) {
    case TAG_BUILDING:
        return see_building(r, ix, err);
    case TAG_DIVISION:
        e->area_mark[0][ix] = e->run;
        return XW_OK;
    case TAG_WATER:
        e->area_mark[1][ix] = e->run;
        return XW_OK;
    default:
        return segments_add(&r->given, s->a, s->b, s->tag, err);
    }
}

static xw_status see_box(edit_run *r, xw_box b, xw_error *err)
{
    xw_editor *e = r->e;
    const xw_cells *c = &e->cells;
    if (xw_box_is_empty(b)) return XW_OK;
    uint32_t cx0, cx1;
    b.min.x -= MARGIN;
    b.min.y -= MARGIN;
    b.max.x += MARGIN;
    b.max.y += MARGIN;
    xw_cells_columns(c, b.min, b.max, &cx0, &cx1);
    const xw_pt top = {b.min.x, b.max.y};
    xw_status st = XW_OK;
    for (uint32_t cx = cx0; cx <= cx1; cx++) {
        const xw_cell_rows rows = xw_cells_rows(c, b.min, top, cx);
        for (uint32_t cy = rows.y0; cy <= rows.y1 && !st; cy++) {
            const size_t cell = xw_cell_at(c, cx, cy);
            if (e->cell_mark[cell] == e->run) continue;
            e->cell_mark[cell] = e->run;
            for (uint32_t k = c->start[cell]; k < c->start[cell + 1] && !st; k++) {
                st = see_line(r, c->item[k], err);
            }
        }
    }
    for (size_t i = e->n_first; i < e->t.n_buildings && !st; i++) {
        if (xw_box_meets(e->building[i].box, b)) st = see_building(r, (uint32_t)i, err);
    }
    return st;
}

static xw_box plot_box(const xw_editor *e, uint32_t p)
{
    xw_box b = XW_BOX_EMPTY;
    for (uint32_t k = e->edges.start[p]; k < e->edges.start[p + 1]; k++) {
        const xw_edge *d = &e->model.edges[e->edges.item[k]];
        for (uint32_t i = 0; i < d->n; i++) b = xw_box_grow(b, e->model.pts[d->first + i]);
    }
    return b;
}

/* Buildings beyond for which the rim was bent: before that their land was one with the blocks
 * touched. */
static xw_status see_bent(edit_run *r, uint32_t p, xw_error *err)
{
    const xw_editor *e = r->e;
    const xw_model *m = &e->model;
    xw_status st = XW_OK;
    for (uint32_t k = e->edges.start[p]; k < e->edges.start[p + 1] && !st; k++) {
        const xw_edge *d = &m->edges[e->edges.item[k]];
        const uint32_t other = d->left == p ? d->right : d->left;
        if (!(d->flags & XW_EDGE_DETOUR) || other == XW_NONE || edit_goes(r, other)) continue;
        const uint32_t b = m->plots[other].building;
        if (b != XW_NONE) st = see_box(r, e->building[e->order[b]].box, err);
    }
    return st;
}

static xw_status see_blocks(edit_run *r, xw_error *err)
{
    const xw_editor *e = r->e;
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < r->n_touched && !st; i++) {
        const xw_span of = e->plots_of[r->block[i]];
        for (uint32_t p = of.first; p < of.first + of.n && !st; p++) {
            st = see_box(r, plot_box(e, p), err);
            if (!st) st = see_bent(r, p, err);
        }
    }
    for (size_t i = 0; i < r->n_outsiders && !st; i++) {
        st = see_box(r, e->building[r->outsider[i]].box, err); /* for what overlaps it */
    }
    for (uint32_t b = r->first_added; b < e->t.n_buildings && !st; b++) {
        st = see_building(r, b, err);
        if (!st) st = see_box(r, e->building[b].box, err);
    }
    return st;
}

static xw_status add_area(segments *l, const xw_territory *t, xw_area a, uint32_t tag,
                          xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < a.n_rings && !st; i++) {
        const xw_ring g = xw_territory_ring(t, a.first_ring + i);
        for (uint32_t k = 0; k < g.n && !st; k++) {
            st = segments_add(l, g.pts[k], g.pts[k + 1 < g.n ? k + 1 : 0], tag, err);
        }
    }
    return st;
}

enum { APART, ACROSS, INSIDE }; /* how the blocks touched lie to an area */

/* Where the outline of an area does not come near to a block all of it is on the same side. */
static int lie_to(const edit_run *r, int kind, uint32_t ix, xw_area a)
{
    const xw_editor *e = r->e;
    if (e->area_mark[kind][ix] == e->run) return ACROSS;
    uint32_t inside = 0;
    for (uint32_t i = 0; i < r->n_touched; i++) {
        const xw_pt at = e->model.plots[e->plots_of[r->block[i]].first].anchor;
        inside += xw_box_has(e->area_box[kind][ix], at) && xw_area_owns(&e->t, a, at);
    }
    return inside == 0 ? APART : inside == r->n_touched ? INSIDE : ACROSS;
}

/* Divisions keep their index; those that do not matter lose their rings. */
static xw_status gather_divisions(edit_run *r, xw_error *err)
{
    const xw_territory *t = &r->e->t;
    r->divisions = malloc((t->n_divisions + 1) * sizeof *r->divisions);
    r->whole[0] = calloc(t->n_divisions + 1, 1);
    if (!r->divisions || !r->whole[0]) {
        return xw_fail(err, XW_NOMEM, "%zu divisions", t->n_divisions);
    }
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < t->n_divisions && !st; i++) {
        const xw_area a = t->divisions[i].area;
        const int lies = lie_to(r, 0, i, a);
        r->divisions[i] = t->divisions[i];
        r->whole[0][i] = lies == INSIDE;
        if (lies == APART) r->divisions[i].area.n_rings = 0;
        if (lies == ACROSS) st = add_area(&r->given, t, a, TAG_OF(TAG_DIVISION, i), err);
    }
    return st;
}

static xw_status gather_waters(edit_run *r, xw_error *err)
{
    const xw_territory *t = &r->e->t;
    r->waters = malloc((t->n_waters + 1) * sizeof *r->waters);
    r->whole[1] = calloc(t->n_waters + 1, 1);
    if (!r->waters || !r->whole[1]) return xw_fail(err, XW_NOMEM, "%zu waters", t->n_waters);
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < t->n_waters && !st; i++) {
        const xw_area a = t->waters[i].area;
        const int lies = lie_to(r, 1, i, a);
        if (lies == APART) continue;
        const uint32_t k = (uint32_t)r->n_waters++;
        r->waters[k] = t->waters[i];
        r->whole[1][k] = lies == INSIDE;
        if (lies == ACROSS) st = add_area(&r->given, t, a, TAG_OF(TAG_WATER, k), err);
    }
    return st;
}

/* What the model says of a building that stays. */
static uint8_t fate_of(const edit_run *r, uint32_t b)
{
    const xw_model *m = &r->e->model;
    if (b >= r->first_added) return FATE_OPEN;
    const edit_building *v = &r->e->building[b];
    const uint32_t plot = m->buildings[v->rank].plot;
    if (v->fate == FATE_LAND) return edit_goes(r, plot) ? FATE_LAND : FATE_OUTSIDE;
    if (v->fate == FATE_OUTSIDE) return FATE_OUTSIDE;
    const bool own = plot != XW_NONE && m->plots[plot].building == v->rank;
    return !own || edit_goes(r, plot) ? FATE_OPEN : FATE_BEYOND;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

static xw_status gather_buildings(edit_run *r, xw_error *err)
{
    const xw_territory *t = &r->e->t;
    const size_t n = r->n_buildings;
    r->buildings = malloc((n + 1) * sizeof *r->buildings);
    r->fate = malloc(n + 1);
    if (!r->buildings || !r->fate) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    if (n) qsort(r->building, n, sizeof *r->building, by_number);
    for (size_t i = 0; i < n; i++) {
        r->buildings[i] = t->buildings[r->building[i]];
        r->fate[i] = fate_of(r, r->building[i]);
    }
    return XW_OK;
}

static int by_ends(const void *a, const void *b)
{
    const xw_segment *p = a, *q = b;
    const bool pb = xw_pt_less(p->b, p->a), qb = xw_pt_less(q->b, q->a);
    const xw_pt p0 = pb ? p->b : p->a, p1 = pb ? p->a : p->b;
    const xw_pt q0 = qb ? q->b : q->a, q1 = qb ? q->a : q->b;
    if (!xw_pt_eq(p0, q0)) return xw_pt_less(p0, q0) ? -1 : 1;
    if (!xw_pt_eq(p1, q1)) return xw_pt_less(p1, q1) ? -1 : 1;
    return pb - qb;
}

static bool same_edge(const xw_segment *p, const xw_segment *q)
{
    return xw_pt_eq(p->a, q->b) && xw_pt_eq(p->b, q->a);
}

/* The rim of all blocks touched together: what two of them share is none. */
static xw_status gather_rim(edit_run *r, xw_error *err)
{
    const edit_blocks *all = &r->e->blocks;
    size_t n = 0;
    for (uint32_t i = 0; i < r->n_touched; i++) {
        const edit_block *b = &all->b[r->block[i]];
        if (!xw_grow((void **)&r->rim, &r->cap_rim, n + b->n_rim + 1, sizeof *r->rim)) {
            return xw_fail(err, XW_NOMEM, "%zu edges of blocks", n);
        }
        memcpy(r->rim + n, all->rim + b->first_rim, b->n_rim * sizeof *r->rim);
        n += b->n_rim;
    }
    if (n) qsort(r->rim, n, sizeof *r->rim, by_ends);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && same_edge(&r->rim[i], &r->rim[i + 1])) {
            i++;
        } else {
            r->rim[r->n_rim++] = r->rim[i];
        }
    }
    return XW_OK;
}

xw_status edit_gather(edit_run *r, xw_error *err)
{
    r->e->run++;
    xw_status st = see_blocks(r, err);
    if (!st) st = gather_divisions(r, err);
    if (!st) st = gather_waters(r, err);
    if (!st) st = gather_buildings(r, err);
    if (!st) st = gather_rim(r, err);
    return st;
}
