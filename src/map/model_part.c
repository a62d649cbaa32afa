/* Some divisions of a model, as a model of their own. */
#include "xiwang/model.h"
#include "xiwang/ring.h"

#include <stdlib.h>
#include <string.h>

typedef struct part {
    const xw_model *m;
    xw_model *out;
    uint32_t *division, *plot, *building; /* new places, XW_NONE when left behind */
    const xw_edge **rim;                  /* edges with one side in the part */
    size_t n_rim;
    xw_box box; /* of the land that is kept */
} part;

static xw_status copy_text(part *k, xw_text from, xw_text *to, xw_error *err)
{
    return xw_strings_add(&k->out->text, xw_model_text(k->m, from), to, err);
}

static xw_status no_room(xw_error *err, const char *what)
{
    return xw_fail(err, XW_NOMEM, "%s of a part", what);
}

/* ---- divisions, with everything above them ---- */

static uint32_t by_code(const xw_model *m, xw_text code)
{
    for (uint32_t i = 0; i < m->n_divisions && code != 0; i++) {
        if (m->divisions[i].code == code) return i; /* equal texts of a pool are one number */
    }
    return XW_NONE;
}

static xw_status copy_divisions(part *k, const uint8_t *keep, xw_error *err)
{
    const xw_model *m = k->m;
    memset(k->division, 0xFF, m->n_divisions * sizeof *k->division);
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        if (!keep[i]) continue;
        uint32_t up = i;
        for (size_t deep = 0; up != XW_NONE && deep <= m->n_divisions; deep++) {
            if (k->division[up] != XW_NONE && up != i) break;
            k->division[up] = 0;
            up = by_code(m, m->divisions[up].parent_code);
        }
    }
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        if (k->division[i] == XW_NONE) continue;
        const xw_model_division *d = &m->divisions[i];
        xw_model_division *out = XW_MODEL_ADD(k->out, divisions);
        if (!out) return no_room(err, "divisions");
        k->division[i] = (uint32_t)(k->out->n_divisions - 1);
        xw_status st = copy_text(k, d->code, &out->code, err);
        if (!st) st = copy_text(k, d->name, &out->name, err);
        if (!st) st = copy_text(k, d->level, &out->level, err);
        if (!st) st = copy_text(k, d->parent_code, &out->parent_code, err);
        if (!st) st = copy_text(k, d->source, &out->source, err);
        if (st) return st;
    }
    return XW_OK;
}

/* ---- plots, units, buildings ---- */

static xw_status copy_plots(part *k, const uint8_t *keep, xw_error *err)
{
    const xw_model *m = k->m;
    uint32_t block = XW_NONE, n_blocks = 0;
    for (uint32_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        k->plot[i] = XW_NONE;
        if (!keep[p->division]) continue;
        xw_plot *out = XW_MODEL_ADD(k->out, plots);
        if (!out) return no_room(err, "plots");
        k->plot[i] = (uint32_t)(k->out->n_plots - 1);
        *out = *p;
        out->division = k->division[p->division];
        xw_model_division *d = &k->out->divisions[out->division];
        if (d->n_plots++ == 0) d->first_plot = k->plot[i];
        if (n_blocks == 0 || p->block != block) n_blocks++; /* plots come block by block */
        block = p->block;
        out->block = n_blocks - 1;
        const xw_status st = copy_text(k, p->name, &out->name, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status copy_buildings(part *k, xw_error *err)
{
    const xw_model *m = k->m;
    for (uint32_t i = 0; i < m->n_buildings; i++) {
        const xw_model_building *b = &m->buildings[i];
        k->building[i] = XW_NONE;
        if (b->plot == XW_NONE || k->plot[b->plot] == XW_NONE) continue;
        xw_model_building *out = XW_MODEL_ADD(k->out, buildings);
        if (!out) return no_room(err, "buildings");
        k->building[i] = (uint32_t)(k->out->n_buildings - 1);
        *out = *b;
        out->plot = k->plot[b->plot];
        out->first_ring = (uint32_t)k->out->n_rings;
        xw_status st = copy_text(k, b->name, &out->name, err);
        if (!st) st = copy_text(k, b->source, &out->source, err);
        for (uint32_t r = 0; r < b->n_rings && !st; r++) {
            const xw_span from = m->rings[b->first_ring + r];
            xw_span *to = XW_MODEL_ADD(k->out, rings);
            if (!to) return no_room(err, "footprints");
            to->n = from.n;
            st = xw_model_add_pts(k->out, m->pts + from.first, from.n, &to->first, err);
        }
        if (st) return st;
    }
    for (size_t i = 0; i < k->out->n_plots; i++) {
        xw_plot *p = &k->out->plots[i];
        if (p->building != XW_NONE) p->building = k->building[p->building];
    }
    return XW_OK;
}

static xw_status copy_units(part *k, xw_error *err)
{
    for (uint32_t i = 0; i < k->out->n_plots; i++) {
        xw_plot *p = &k->out->plots[i];
        const uint32_t from = p->first_unit;
        p->first_unit = (uint32_t)k->out->n_units;
        for (uint32_t u = 0; u < p->n_units; u++) {
            xw_unit *out = XW_MODEL_ADD(k->out, units);
            if (!out) return no_room(err, "units");
            *out = k->m->units[from + u];
            out->plot = i;
            out->building = out->building == XW_NONE ? XW_NONE : k->building[out->building];
            out->grid = XW_NONE;
        }
    }
    return XW_OK;
}

/* ---- edges ---- */

static uint32_t new_plot(const part *k, uint32_t plot)
{
    return plot == XW_NONE ? XW_NONE : k->plot[plot];
}

/* The vertices of an edge, the other way round when its only side that is left was the right one.
 */
static xw_status copy_vertices(part *k, const xw_edge *e, bool turned, xw_edge *out, xw_error *err)
{
    const xw_status st = xw_model_add_pts(k->out, k->m->pts + e->first, e->n, &out->first, err);
    xw_pt *pts = k->out->pts + out->first;
    for (uint32_t a = 0, b = e->n - 1; !st && turned && a < b; a++, b--) {
        const xw_pt keep = pts[a];
        pts[a] = pts[b];
        pts[b] = keep;
    }
    return st;
}

typedef struct placed {
    xw_edge edge;
    xw_pt first, second;
} placed;

static int by_sides(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    if (p->edge.left != q->edge.left) return p->edge.left < q->edge.left ? -1 : 1;
    if (p->edge.right != q->edge.right) return p->edge.right < q->edge.right ? -1 : 1;
    if (!xw_pt_eq(p->first, q->first)) return xw_pt_less(p->first, q->first) ? -1 : 1;
    if (!xw_pt_eq(p->second, q->second)) return xw_pt_less(p->second, q->second) ? -1 : 1;
    return 0;
}

static xw_status sort_edges(xw_model *m, xw_error *err)
{
    placed *list = malloc((m->n_edges + 1) * sizeof *list);
    if (!list) return no_room(err, "borders");
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge e = m->edges[i];
        list[i] = (placed){e, m->pts[e.first], m->pts[e.first + 1]};
    }
    if (m->n_edges > 0) qsort(list, m->n_edges, sizeof *list, by_sides);
    for (size_t i = 0; i < m->n_edges; i++) m->edges[i] = list[i].edge;
    free(list);
    return XW_OK;
}

static xw_status copy_edges(part *k, xw_error *err)
{
    const xw_model *m = k->m;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        const uint32_t left = new_plot(k, e->left), right = new_plot(k, e->right);
        if (left == XW_NONE && right == XW_NONE) continue;
        if (left == XW_NONE || right == XW_NONE) k->rim[k->n_rim++] = e;
        for (uint32_t v = 0; v < e->n; v++) k->box = xw_box_grow(k->box, m->pts[e->first + v]);
        xw_edge *out = XW_MODEL_ADD(k->out, edges);
        if (!out) return no_room(err, "borders");
        *out = *e;
        const bool turned = left == XW_NONE;
        out->left = turned ? right : left;
        out->right = turned ? XW_NONE : right;
        out->custody = new_plot(k, e->custody);
        xw_status st = copy_vertices(k, e, turned, out, err);
        if (!st) st = copy_text(k, e->source, &out->source, err);
        if (!st) st = copy_text(k, e->name, &out->name, err);
        if (st) return st;
    }
    return sort_edges(k->out, err);
}

/* ---- what lies on the land ---- */

/* Parity of the rim east of the place, as xw_ring_owns counts it. */
static bool is_inside(const part *k, xw_pt at)
{
    bool in = false;
    if (!xw_box_has(k->box, at)) return false;
    for (size_t i = 0; i < k->n_rim; i++) {
        const xw_pt *p = k->m->pts + k->rim[i]->first;
        for (uint32_t v = 0; v + 1 < k->rim[i]->n; v++) {
            const bool up = p[v].y <= p[v + 1].y;
            const xw_pt a = up ? p[v] : p[v + 1], b = up ? p[v + 1] : p[v];
            if (a.y <= at.y && b.y > at.y && xw_orient(a, b, at) > 0) in = !in;
        }
    }
    return in;
}

static xw_status copy_lines(part *k, xw_error *err)
{
    const xw_model *m = k->m;
    for (size_t i = 0; i < m->n_lines; i++) {
        const xw_line *l = &m->lines[i];
        xw_box box = XW_BOX_EMPTY;
        for (uint32_t v = 0; v < l->n; v++) box = xw_box_grow(box, m->pts[l->first + v]);
        if (!xw_box_meets(box, k->box)) continue;
        xw_line *out = XW_MODEL_ADD(k->out, lines);
        if (!out) return no_room(err, "lines");
        *out = *l;
        xw_status st = xw_model_add_pts(k->out, m->pts + l->first, l->n, &out->first, err);
        if (!st) st = copy_text(k, l->name, &out->name, err);
        if (!st) st = copy_text(k, l->source, &out->source, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status copy_addresses(part *k, xw_error *err)
{
    for (size_t i = 0; i < k->m->n_addresses; i++) {
        const xw_address *a = &k->m->addresses[i];
        const uint32_t building = a->building == XW_NONE ? XW_NONE : k->building[a->building];
        if (a->building == XW_NONE ? !is_inside(k, a->at) : building == XW_NONE) continue;
        xw_address *out = XW_MODEL_ADD(k->out, addresses);
        if (!out) return no_room(err, "addresses");
        *out = *a;
        out->building = building;
        xw_status st = copy_text(k, a->text, &out->text, err);
        if (!st) st = copy_text(k, a->street, &out->street, err);
        if (!st) st = copy_text(k, a->number, &out->number, err);
        if (!st) st = copy_text(k, a->place, &out->place, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status copy_findings(part *k, xw_error *err)
{
    for (size_t i = 0; i < k->m->n_findings; i++) {
        const xw_finding *f = &k->m->findings[i];
        const bool nowhere = f->at.x == 0 && f->at.y == 0;
        if (!nowhere && !is_inside(k, f->at)) continue;
        xw_finding *out = XW_MODEL_ADD(k->out, findings);
        if (!out) return no_room(err, "findings");
        *out = *f;
        xw_status st = copy_text(k, f->kind, &out->kind, err);
        if (!st) st = copy_text(k, f->layer, &out->layer, err);
        if (!st) st = copy_text(k, f->source, &out->source, err);
        if (!st) st = copy_text(k, f->text, &out->text, err);
        if (st) return st;
    }
    return XW_OK;
}

xw_status xw_model_part(const xw_model *m, const uint8_t *keep, xw_model *out, xw_error *err)
{
    part k = {.m = m, .out = out, .box = XW_BOX_EMPTY};
    xw_model_init(out);
    k.division = malloc((m->n_divisions + 1) * sizeof *k.division);
    k.plot = malloc((m->n_plots + 1) * sizeof *k.plot);
    k.building = malloc((m->n_buildings + 1) * sizeof *k.building);
    k.rim = malloc((m->n_edges + 1) * sizeof *k.rim);
    xw_status st = k.division && k.plot && k.building && k.rim ? XW_OK : no_room(err, "numbers");
    if (!st) st = copy_divisions(&k, keep, err);
    if (!st) st = copy_plots(&k, keep, err);
    if (!st) st = copy_buildings(&k, err);
    if (!st) st = copy_units(&k, err);
    if (!st) st = copy_edges(&k, err);
    if (!st) st = copy_lines(&k, err);
    if (!st) st = copy_addresses(&k, err);
    if (!st) st = copy_findings(&k, err);
    if (!st) st = copy_text(&k, m->name, &out->name, err);
    if (!st) st = copy_text(&k, m->published, &out->published, err);
    out->revision = m->revision;
    out->effective_unix = m->effective_unix;
    free(k.division);
    free(k.plot);
    free(k.building);
    free(k.rim);
    if (st) xw_model_finish(out);
    return st;
}
