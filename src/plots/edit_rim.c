/* The seam between the blocks touched and those beyond, in the model and in the new fabric. */
#include "edit_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_start(const void *a, const void *b)
{
    const old_rim *p = a, *q = b;
    if (!xw_pt_eq(p->a, q->a)) return xw_pt_less(p->a, q->a) ? -1 : 1;
    return xw_pt_eq(p->b, q->b) ? 0 : xw_pt_less(p->b, q->b) ? -1 : 1;
}

static int by_point(const void *a, const void *b)
{
    const xw_pt *p = a, *q = b;
    return xw_pt_eq(*p, *q) ? 0 : xw_pt_less(*p, *q) ? -1 : 1;
}

/* The pieces of one edge of the model, with the plots that go on their left. */
static xw_status add_edge(edit_run *r, uint32_t edge, xw_error *err)
{
    const xw_model *m = &r->e->model;
    const xw_edge *d = &m->edges[edge];
    const bool goes_left = edit_goes(r, d->left);
    if (!xw_grow((void **)&r->old, &r->cap_old, r->n_old + d->n, sizeof *r->old)) {
        return xw_fail(err, XW_NOMEM, "%zu edges of blocks", r->n_old);
    }
    for (uint32_t i = 1; i < d->n; i++) {
        const xw_pt p = m->pts[d->first + i - 1], q = m->pts[d->first + i];
        r->old[r->n_old++] =
            (old_rim){goes_left ? p : q, goes_left ? q : p, edge, goes_left ? d->right : d->left};
    }
    return XW_OK;
}

static xw_status add_pins(edit_run *r, uint32_t plot, xw_error *err)
{
    const xw_editor *e = r->e;
    for (uint32_t k = e->edges.start[plot]; k < e->edges.start[plot + 1]; k++) {
        const xw_edge *d = &e->model.edges[e->edges.item[k]];
        if (edit_goes(r, d->left) || edit_goes(r, d->right)) continue;
        if (!xw_grow((void **)&r->pin, &r->cap_pin, r->n_pin + 2, sizeof *r->pin)) {
            return xw_fail(err, XW_NOMEM, "%zu edges of blocks", r->n_pin);
        }
        r->pin[r->n_pin++] = e->model.pts[d->first];
        r->pin[r->n_pin++] = e->model.pts[d->first + d->n - 1];
    }
    return XW_OK;
}

static int by_beyond(const void *a, const void *b)
{
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

/* Plots beyond the rim, each once. */
xw_status edit_beyond_plots(const edit_run *r, uint32_t **out, size_t *n, xw_error *err)
{
    *n = 0;
    *out = malloc((r->n_old + 1) * sizeof **out);
    if (!*out) return xw_fail(err, XW_NOMEM, "%zu edges of blocks", r->n_old);
    for (size_t i = 0; i < r->n_old; i++) {
        if (*n == 0 || (*out)[*n - 1] != r->old[i].plot) (*out)[(*n)++] = r->old[i].plot;
    }
    if (*n) qsort(*out, *n, sizeof **out, by_beyond);
    size_t keep = 0;
    for (size_t i = 0; i < *n; i++) {
        if (keep == 0 || (*out)[keep - 1] != (*out)[i]) (*out)[keep++] = (*out)[i];
    }
    *n = keep;
    return XW_OK;
}

/* How well two directions agree: the cosine of the angle between them. */
static double agreement(xw_pt a, xw_pt b, xw_pt c)
{
    const double ux = (double)b.x - a.x, uy = (double)b.y - a.y;
    const double vx = (double)c.x - a.x, vy = (double)c.y - a.y;
    return (ux * vx + uy * vy) / (hypot(ux, uy) * hypot(vx, vy));
}

/* The old piece of the rim that starts at p towards q; where the rim passes p more than once the
 * one in the same direction. NULL: p is new. */
static const old_rim *old_at(const edit_run *r, xw_pt p, xw_pt q)
{
    size_t lo = 0, hi = r->n_old;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(r->old[mid].a, p)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    const old_rim *best = NULL;
    for (; lo < r->n_old && xw_pt_eq(r->old[lo].a, p); lo++) {
        if (!best || agreement(p, q, r->old[lo].b) > agreement(p, q, best->b)) best = &r->old[lo];
    }
    return best;
}

/* Which block lies beyond each edge of the rim: its number and one, as the tag. */
static void tag_rim(edit_run *r)
{
    for (size_t i = 0; i < r->n_rim; i++) {
        xw_segment *s = &r->rim[i];
        if (s->tag == 0) continue;
        const old_rim *o = old_at(r, s->a, s->b);
        if (o) s->tag = 1 + r->e->model.plots[o->plot].block;
    }
}

xw_status edit_old_rim(edit_run *r, xw_error *err)
{
    const xw_editor *e = r->e;
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < r->n_touched && !st; i++) {
        const xw_span of = e->plots_of[r->block[i]];
        const uint32_t first = of.first, end = first + of.n;
        for (uint32_t k = e->edges.start[first]; k < e->edges.start[end] && !st; k++) {
            const xw_edge *d = &e->model.edges[e->edges.item[k]];
            if (d->left == XW_NONE || d->right == XW_NONE) continue;
            if (edit_goes(r, d->left) != edit_goes(r, d->right)) {
                st = add_edge(r, e->edges.item[k], err);
            }
        }
    }
    uint32_t *plots = NULL;
    size_t n = 0;
    if (!st) st = edit_beyond_plots(r, &plots, &n, err);
    for (size_t i = 0; i < n && !st; i++) st = add_pins(r, plots[i], err);
    free(plots);
    if (st) return st;
    if (r->n_old) qsort(r->old, r->n_old, sizeof *r->old, by_start);
    if (r->n_pin) qsort(r->pin, r->n_pin, sizeof *r->pin, by_point);
    tag_rim(r);
    return XW_OK;
}

static bool is_pin(const edit_run *r, xw_pt p)
{
    return r->n_pin && bsearch(&p, r->pin, r->n_pin, sizeof p, by_point);
}

/* Did the blocks that go put this vertex there? */
static bool ours(const edit_run *r, xw_pt p)
{
    const edit_blocks *all = &r->e->blocks;
    for (uint32_t i = 0; i < r->n_touched; i++) {
        const edit_block *b = &all->b[r->block[i]];
        if (edit_block_has_tip(all, b, p)) return true;
    }
    return false;
}

static bool theirs(const edit_run *r, uint32_t plot, xw_pt p)
{
    const edit_blocks *all = &r->e->blocks;
    return edit_block_has_tip(all, &all->b[r->e->model.plots[plot].block], p);
}

/* What lies beyond the rim at p cannot stay as it is: its block is touched as well. */
static xw_status needs(edit_run *r, uint32_t plot, xw_pt p, xw_error *err)
{
    r->wanted = r->e->model.plots[plot].block;
    return xw_fail(err, XW_CONFLICT, "an edge beyond the rim passes %.7f,%.7f", xw_deg(p.x),
                   xw_deg(p.y));
}

static bool is_node(const xw_noded *d, xw_pt p)
{
    return d->n_nodes && bsearch(&p, d->nodes, d->n_nodes, sizeof p, by_point);
}

xw_status edit_keep_vertices(edit_run *r, const scene *s, betweens *lines, xw_error *err)
{
    for (size_t i = 0; i < r->n_old; i++) {
        const old_rim *o = &r->old[i];
        for (int end = 0; end < 2; end++) {
            const xw_pt p = end ? o->b : o->a;
            if (ours(r, p) && !theirs(r, o->plot, p)) {
                if (!is_pin(r, p)) continue;
                if (!is_node(&s->noded, p)) return needs(r, o->plot, p, err);
            }
            if (!xw_grow((void **)&lines->b, &lines->cap, lines->n + 1, sizeof *lines->b)) {
                return xw_fail(err, XW_NOMEM, "%zu lines between buildings", lines->n);
            }
            lines->b[lines->n++] = (between){p, p, OPEN_LABEL, OPEN_LABEL, 0, XW_NONE};
        }
    }
    return XW_OK;
}

/* A half-edge of the new fabric on the seam, the land of the part on its left. */
typedef struct new_rim {
    uint32_t from, to, half;
} new_rim;

static int by_from(const void *a, const void *b)
{
    const new_rim *p = a, *q = b;
    if (p->from != q->from) return p->from < q->from ? -1 : 1;
    return (p->half > q->half) - (p->half < q->half);
}

static bool on_seam(const fabric *f, size_t e)
{
    const xw_noded_edge *d = &f->noded.edges[e];
    for (uint32_t i = 0; i < d->n_tags; i++) {
        const uint32_t tag = f->noded.tags[d->first_tag + i] >> 1;
        if (tag >= f->n_scene) break;
        if (f->s->edge[tag].seam) return true;
    }
    return false;
}

static xw_status collect_new(const fabric *f, new_rim **out, size_t *n, xw_error *err)
{
    *n = 0;
    *out = malloc((f->noded.n_edges + 1) * sizeof **out);
    if (!*out) return xw_fail(err, XW_NOMEM, "%zu edges", f->noded.n_edges);
    for (uint32_t e = 0; e < f->noded.n_edges; e++) {
        const bool l = f->plot[f->map.face[2 * e]] != XW_NONE;
        const bool r = f->plot[f->map.face[2 * e + 1]] != XW_NONE;
        if (l == r || !on_seam(f, e)) continue;
        const uint32_t h = 2 * e + (r ? 1 : 0);
        (*out)[(*n)++] = (new_rim){xw_map_origin(&f->map, h), xw_map_target(&f->map, h), h};
    }
    if (*n) qsort(*out, *n, sizeof **out, by_from);
    return XW_OK;
}

static void settle(edit_run *r, uint32_t half, const old_rim *o)
{
    const xw_edge *d = &r->e->model.edges[o->edge];
    r->seam.at[half >> 1] =
        (beyond){o->plot, d->flags & XW_EDGE_DETOUR ? d->cls : (uint8_t)XW_CLASS_NONE};
}

/* New vertices on the rim: what lies beyond the piece before them lies beyond the one after. */
static xw_status pass_on(edit_run *r, const fabric *f, const new_rim *all, size_t n,
                         size_t n_unknown, xw_error *err)
{
    while (n_unknown > 0) {
        const size_t before = n_unknown;
        for (size_t i = 0; i < n; i++) {
            const beyond *known = &r->seam.at[all[i].half >> 1];
            if (known->plot == XW_NONE) continue;
            const new_rim key = {all[i].to, 0, 0};
            size_t lo = 0, hi = n;
            while (lo < hi) {
                const size_t mid = lo + (hi - lo) / 2;
                if (by_from(&all[mid], &key) < 0) {
                    lo = mid + 1;
                } else {
                    hi = mid;
                }
            }
            if (lo == n || all[lo].from != all[i].to) continue;
            beyond *next = &r->seam.at[all[lo].half >> 1];
            if (next->plot != XW_NONE) continue;
            *next = *known;
            n_unknown--;
        }
        if (n_unknown == before) {
            const xw_pt p = f->noded.nodes[all[0].from];
            return xw_fail(err, XW_CONFLICT, "the rim at %.7f,%.7f is new", xw_deg(p.x),
                           xw_deg(p.y));
        }
    }
    return XW_OK;
}

/* Does the segment ab come into the pixel of p? A little generous. */
static bool in_pixel(xw_pt a, xw_pt b, xw_pt p)
{
    if (p.x < (a.x < b.x ? a.x : b.x) - 1 || p.x > (a.x > b.x ? a.x : b.x) + 1 ||
        p.y < (a.y < b.y ? a.y : b.y) - 1 || p.y > (a.y > b.y ? a.y : b.y) + 1) {
        return false;
    }
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    const double across = dx * ((double)p.y - a.y) - dy * ((double)p.x - a.x);
    return across * across <= 0.51 * (dx * dx + dy * dy);
}

/* Is a-b a piece of the old rim? */
static bool is_old(const edit_run *r, xw_pt a, xw_pt b)
{
    const old_rim key = {a, b, 0, 0};
    return r->n_old && bsearch(&key, r->old, r->n_old, sizeof key, by_start);
}

static bool meets_walls(const edit_run *r, uint32_t building, xw_pt p)
{
    const xw_model *m = &r->e->model;
    const xw_model_building *v = &m->buildings[building];
    for (uint32_t i = 0; i < v->n_rings; i++) {
        const xw_span g = m->rings[v->first_ring + i];
        for (uint32_t k = 0; k < g.n; k++) {
            const xw_pt a = m->pts[g.first + k], b = m->pts[g.first + (k + 1 < g.n ? k + 1 : 0)];
            if (in_pixel(a, b, p) && !is_old(r, a, b) && !is_old(r, b, a)) return true;
        }
    }
    return false;
}

/* An edge or wall of a plot beyond that passes the pixel of a new vertex of the rim would have to
 * be bent, and might cross the rim else: its block is needed too. */
static xw_status check_vertex(edit_run *r, uint32_t plot, xw_pt p, xw_error *err)
{
    const xw_editor *e = r->e;
    const uint32_t building = e->model.plots[plot].building;
    bool meets = building != XW_NONE && meets_walls(r, building, p);
    for (uint32_t k = e->edges.start[plot]; k < e->edges.start[plot + 1] && !meets; k++) {
        const xw_edge *d = &e->model.edges[e->edges.item[k]];
        if (edit_goes(r, d->left) || edit_goes(r, d->right)) continue;
        for (uint32_t i = 1; i < d->n && !meets; i++) {
            meets = in_pixel(e->model.pts[d->first + i - 1], e->model.pts[d->first + i], p);
        }
    }
    return meets ? needs(r, plot, p, err) : XW_OK;
}

xw_status edit_find_beyond(edit_run *r, const fabric *f, xw_error *err)
{
    new_rim *all = NULL;
    size_t n = 0, n_unknown = 0;
    r->seam.at = malloc((f->noded.n_edges + 1) * sizeof *r->seam.at);
    r->seam.pin = calloc(f->noded.n_nodes + 1, 1);
    xw_status st = r->seam.at && r->seam.pin
                       ? collect_new(f, &all, &n, err)
                       : xw_fail(err, XW_NOMEM, "%zu edges", f->noded.n_edges);
    if (st) {
        free(all);
        return st;
    }
    for (size_t i = 0; i < f->noded.n_edges; i++) {
        r->seam.at[i] = (beyond){XW_NONE, XW_CLASS_NONE};
    }
    for (size_t i = 0; i < n; i++) {
        const xw_pt p = f->noded.nodes[all[i].from], q = f->noded.nodes[all[i].to];
        const old_rim *o = old_at(r, p, q);
        if (o) {
            settle(r, all[i].half, o);
        } else {
            n_unknown++;
        }
        r->seam.pin[all[i].from] = is_pin(r, p);
        r->seam.pin[all[i].to] = is_pin(r, q);
    }
    st = pass_on(r, f, all, n, n_unknown, err);
    for (size_t i = 0; i < n && !st; i++) {
        const xw_pt p = f->noded.nodes[all[i].from], q = f->noded.nodes[all[i].to];
        if (!old_at(r, p, q)) st = check_vertex(r, r->seam.at[all[i].half >> 1].plot, p, err);
    }
    free(all);
    return st;
}
