/* Reading a part of the input: what lies near some divisions. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>

static xw_box shape_box(const xw__shape *s)
{
    xw_box b = XW_BOX_EMPTY;
    for (size_t i = 0; i < s->n_pts; i++) b = xw_box_grow(b, s->pts[i]);
    return s->has_at ? xw_box_grow(b, s->at) : b;
}

bool xw__part_has(const xw__import *im, bool is_built)
{
    const xw_import_part *p = im->o->part;
    if (!p || im->shape.bad) return true;
    const xw_box b = shape_box(&im->shape);
    const xw_box *near = is_built ? p->built : p->lines;
    const size_t n = is_built ? p->n_built : p->n_lines;
    for (size_t i = 0; i < n; i++) {
        if (!xw_box_is_empty(b) && xw_box_meets(near[i], b)) return true;
    }
    return false;
}

/* The box in the coordinates of a source: points along its sides, and a little more for what bends
 * between them. */
static bool box_of_source(const xw__source *s, xw_box b, OGREnvelope *out)
{
    enum { STEPS = 32 };
    *out = (OGREnvelope){INFINITY, -INFINITY, INFINITY, -INFINITY};
    for (int side = 0; side < 4; side++) {
        for (int i = 0; i <= STEPS; i++) {
            const double t = (double)i / STEPS;
            const double w = xw_deg(b.min.x), e = xw_deg(b.max.x);
            const double south = xw_deg(b.min.y), north = xw_deg(b.max.y);
            double x = side == 0 ? w : side == 1 ? e : w + t * (e - w);
            double y = side == 2 ? south : side == 3 ? north : south + t * (north - south);
            if (s->frame.crs && xw_crs_from_deg(s->frame.crs, x, y, &x, &y, NULL)) return false;
            if (s->frame.swap) {
                const double keep = x;
                x = y;
                y = keep;
            }
            out->MinX = fmin(out->MinX, x);
            out->MaxX = fmax(out->MaxX, x);
            out->MinY = fmin(out->MinY, y);
            out->MaxY = fmax(out->MaxY, y);
        }
    }
    const double more = 0.01 * fmax(out->MaxX - out->MinX, out->MaxY - out->MinY);
    out->MinX -= more;
    out->MinY -= more;
    out->MaxX += more;
    out->MaxY += more;
    return true;
}

void xw__part_filter(const xw__import *im, const xw__source *s)
{
    const xw_import_part *p = im->o->part;
    if (!p) return;
    const bool built = s->number == 1 + XW_ROLE_BUILDINGS || s->number == 1 + XW_ROLE_ADDRESSES;
    const xw_box *boxes = built ? p->built : p->lines;
    xw_box all = XW_BOX_EMPTY;
    OGREnvelope e;
    for (size_t i = 0; i < (built ? p->n_built : p->n_lines); i++) {
        all = xw_box_join(all, boxes[i]);
    }
    /* Without an image of the box all features are read: which of them count is decided on the
     * lattice in any case. */
    if (xw_box_is_empty(all) || !box_of_source(s, all, &e)) return;
    OGR_L_SetSpatialFilterRect(s->layer, e.MinX, e.MinY, e.MaxX, e.MaxY);
}

/* ---- divisions ------------------------------------------------------------------------------ */

static xw_status copy_text(xw__import *im, xw_text from, xw_text *to, xw_error *err)
{
    return xw__intern(im, xw_territory_text(im->o->part->divisions, from), to, err);
}

static xw_status copy_division(xw__import *im, const xw_division *d, bool land, xw_error *err)
{
    const xw_territory *from = im->o->part->divisions;
    xw_division out = {.area = {(uint32_t)im->t->n_rings, land ? d->area.n_rings : 0}};
    xw_status st = copy_text(im, d->code, &out.code, err);
    if (!st) st = copy_text(im, d->name, &out.name, err);
    if (!st) st = copy_text(im, d->source, &out.source, err);
    if (!st) st = copy_text(im, d->level, &out.level, err);
    if (!st) st = copy_text(im, d->parent_code, &out.parent_code, err);
    if (!st) st = copy_text(im, d->parent_name, &out.parent_name, err);
    for (uint32_t r = 0; r < out.area.n_rings && !st; r++) {
        const xw_ring ring = xw_territory_ring(from, d->area.first_ring + r);
        st = xw_territory_add_ring(im->t, ring.pts, ring.n, err);
    }
    return st ? st : xw_territory_add_division(im->t, &out, err);
}

/* Marks what is kept and, round by round, what lies above it: few levels, few rounds. */
static void mark(const xw_import_part *p, uint8_t *stays)
{
    const xw_territory *t = p->divisions;
    for (size_t i = 0; i < t->n_divisions; i++) stays[i] = p->keep[i];
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < t->n_divisions; i++) {
            if (!stays[i] || t->divisions[i].parent_code == 0) continue;
            for (size_t k = 0; k < t->n_divisions; k++) {
                if (stays[k] || t->divisions[k].code != t->divisions[i].parent_code) continue;
                stays[k] = 1;
                changed = true;
            }
        }
    }
}

xw_status xw__part_divisions(xw__import *im, xw_error *err)
{
    const xw_import_part *p = im->o->part;
    const xw_territory *t = p->divisions;
    uint8_t *stays = calloc(t->n_divisions + 1, 1);
    xw_status st = stays ? XW_OK : xw_fail(err, XW_NOMEM, "%zu divisions", t->n_divisions);
    if (!st) mark(p, stays);
    for (size_t i = 0; i < t->n_divisions && !st; i++) {
        if (stays[i]) st = copy_division(im, &t->divisions[i], p->keep[i], err);
    }
    for (size_t i = 0; i < t->n_findings && !st; i++) {
        const xw_finding *f = &t->findings[i];
        st = xw_territory_find(im->t, xw_territory_text(t, f->kind), xw_territory_text(t, f->layer),
                               xw_territory_text(t, f->source), f->at, err, "%s",
                               xw_territory_text(t, f->text));
    }
    free(stays);
    return st;
}
