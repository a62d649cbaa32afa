#include "internal.h"

#include <string.h>

xw_status xw__barriers_add(xw__import *im, unsigned cls, unsigned flags, const char *name,
                           const char *source, const char *layer, xw_error *err)
{
    const xw__shape *s = &im->shape;
    xw_barrier b = {.cls = (uint8_t)cls, .flags = (uint8_t)flags};
    if (s->n_lines == 0) {
        if (s->bad) return XW_OK; /* listed by the reader */
        if (s->n_rings) {
            return xw_territory_find(im->t, "line-area", layer, source, s->at, err,
                                     "an area, not a line");
        }
        return xw_territory_find(im->t, s->has_at ? "line-collapsed" : "line-empty", layer, source,
                                 s->at, err, s->has_at ? "no line of any length" : "no geometry");
    }
    xw_status st = xw__intern(im, name, &b.name, err);
    if (!st) st = xw__intern(im, source, &b.source, err);
    for (size_t i = 0; i < s->n_lines && !st; i++) {
        b.n = s->lines[i].n;
        st = xw_territory_add_pts(im->t, s->pts + s->lines[i].first, b.n, &b.first, err);
        if (!st) st = xw_territory_add_barrier(im->t, &b, err);
    }
    return st;
}

xw_status xw__shape_rings_to_lines(xw__shape *s, xw_error *err)
{
    for (size_t i = 0; i < s->n_rings; i++) {
        const xw__part r = s->rings[i];
        if (!xw_grow((void **)&s->pts, &s->cap_pts, s->n_pts + r.n + 1, sizeof *s->pts) ||
            !xw_grow((void **)&s->lines, &s->cap_lines, s->n_lines + 1, sizeof *s->lines)) {
            return xw_fail(err, XW_NOMEM, "%u vertices", r.n);
        }
        s->lines[s->n_lines++] = (xw__part){(uint32_t)s->n_pts, r.n + 1, false};
        memcpy(s->pts + s->n_pts, s->pts + r.first, r.n * sizeof *s->pts);
        s->pts[s->n_pts + r.n] = s->pts[r.first];
        s->n_pts += r.n + 1;
    }
    return XW_OK;
}

xw_status xw__water_add(xw__import *im, const char *name, const char *source, xw_error *err)
{
    xw__shape *s = &im->shape;
    xw_water w = {0};
    if (s->bad || (s->n_rings == 0 && !s->collapsed)) return XW_OK;
    xw_status st = xw__shape_repair(im->geos, s, err);
    if (st) return st;
    if (s->n_rings == 0) {
        return xw_territory_find(im->t, "water-collapsed", "water", source, s->at, err,
                                 "area without extent, dropped");
    }
    if (s->repaired) {
        st = xw_territory_find(im->t, "water-repaired", "water", source, s->at, err,
                               "area crossed itself and was made valid");
    }
    if (!st) st = xw__shape_put_area(s, im->t, &w.area, err);
    if (!st) st = xw__intern(im, name, &w.name, err);
    if (!st) st = xw__intern(im, source, &w.source, err);
    return st ? st : xw_territory_add_water(im->t, &w, err);
}
