/* Labels of faces: each area floods the faces inside its own outline. Where buildings overlap, the
 * smaller one wins; overlapping divisions and waters likewise. */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One directed piece of an outline: the area lies on the left of the half-edge. */
typedef struct rim {
    uint32_t area, half;
} rim;

typedef struct rims {
    rim *r;
    size_t n;
    uint32_t *start; /* by area */
    size_t n_areas;
} rims;

static int net_of(const xw_noded *d, size_t e, uint32_t first, uint32_t tag, uint32_t *next)
{
    const xw_noded_edge *edge = &d->edges[e];
    int net = 0;
    uint32_t i = first;
    for (; i < edge->n_tags && d->tags[edge->first_tag + i] >> 1 == tag; i++) {
        net += d->tags[edge->first_tag + i] & 1 ? -1 : 1;
    }
    *next = i;
    return net;
}

/* Collects the rims of one kind of areas, grouped by area. The tags of an edge are ascending, so
 * the pieces of one area lie together and those that run both ways cancel. */
static xw_status collect_rims(const scene *s, uint32_t kind, size_t n_areas, rims *out,
                              xw_error *err)
{
    const xw_noded *d = &s->noded;
    rim *all = NULL;
    size_t n = 0, cap = 0;
    for (size_t e = 0; e < d->n_edges; e++) {
        for (uint32_t i = 0, next; i < d->edges[e].n_tags; i = next) {
            const uint32_t tag = d->tags[d->edges[e].first_tag + i] >> 1;
            const int net = net_of(d, e, i, tag, &next);
            if (TAG_KIND(tag) != kind || net == 0) continue;
            if (!xw_grow((void **)&all, &cap, n + 1, sizeof *all)) {
                free(all);
                return xw_fail(err, XW_NOMEM, "%zu outline pieces", n);
            }
            all[n++] = (rim){TAG_INDEX(tag), (uint32_t)(2 * e + (net < 0))};
        }
    }
    *out = (rims){.n = n, .n_areas = n_areas};
    out->start = calloc(n_areas + 2, sizeof *out->start);
    out->r = malloc((n + 1) * sizeof *out->r);
    if (!out->start || !out->r) {
        free(all);
        return xw_fail(err, XW_NOMEM, "%zu outline pieces", n);
    }
    uint32_t *slot = out->start + 1;
    for (size_t i = 0; i < n; i++) slot[all[i].area + 1]++;
    for (size_t a = 1; a <= n_areas; a++) slot[a] += slot[a - 1];
    for (size_t i = 0; i < n; i++) out->r[slot[all[i].area]++] = all[i];
    free(all);
    return XW_OK;
}

static void finish_rims(rims *r)
{
    free(r->r);
    free(r->start);
}

typedef struct overlap {  /* of the area being painted with one that was there before */
    uint32_t other, face; /* the first common face */
    bool wide;
    int64_t area2;
} overlap;

typedef struct flood {
    uint32_t *edge_mark, *face_mark; /* number of the area that was here last, plus one */
    uint32_t *queue;
    size_t n;
    size_t cap;
    overlap *overlaps;
    size_t n_overlaps, cap_overlaps;
} flood;

static xw_status flood_init(flood *f, const scene *s, xw_error *err)
{
    f->edge_mark = calloc(s->noded.n_edges + 1, sizeof *f->edge_mark);
    f->face_mark = calloc(s->map.n_faces + 1, sizeof *f->face_mark);
    return f->edge_mark && f->face_mark ? XW_OK
                                        : xw_fail(err, XW_NOMEM, "%zu faces", s->map.n_faces);
}

static void flood_finish(flood *f)
{
    free(f->edge_mark);
    free(f->face_mark);
    free(f->queue);
    free(f->overlaps);
}

static xw_status flood_push(flood *f, uint32_t face, uint32_t mark, xw_error *err)
{
    if (f->face_mark[face] == mark) return XW_OK;
    f->face_mark[face] = mark;
    if (!xw_grow((void **)&f->queue, &f->cap, f->n + 1, sizeof *f->queue)) {
        return xw_fail(err, XW_NOMEM, "%zu faces", f->n);
    }
    f->queue[f->n++] = face;
    return XW_OK;
}

/* The faces inside one area, in f->queue. Its own rim stops the flood; reaching the unbounded face
 * means the outline does not close, then *leaks is true. */
static xw_status flood_area(const scene *s, const rims *r, uint32_t area, flood *f, bool *leaks,
                            xw_error *err)
{
    const uint32_t mark = area + 1;
    f->n = 0;
    *leaks = false;
    for (uint32_t i = r->start[area]; i < r->start[area + 1]; i++) {
        f->edge_mark[r->r[i].half >> 1] = mark;
    }
    xw_status st = XW_OK;
    for (uint32_t i = r->start[area]; i < r->start[area + 1] && !st; i++) {
        st = flood_push(f, s->map.face[r->r[i].half], mark, err);
    }
    for (size_t at = 0; at < f->n && !st; at++) {
        const uint32_t face = f->queue[at];
        if (face == 0) {
            *leaks = true;
            return XW_OK;
        }
        for (uint32_t k = s->faces.start[face]; k < s->faces.start[face + 1] && !st; k++) {
            const uint32_t h = s->faces.half[k];
            if (f->edge_mark[h >> 1] != mark) st = flood_push(f, s->map.face[h ^ 1], mark, err);
        }
    }
    return st;
}

static int64_t flooded_area2(const scene *s, const flood *f)
{
    int64_t sum = 0;
    for (size_t i = 0; i < f->n; i++) sum += s->map.area2[f->queue[i]];
    return sum;
}

typedef struct sized {
    int64_t area2;
    const char *name; /* breaks ties of what is not in canonical order */
    uint32_t ix;
} sized;

/* Large first, so that smaller ones overwrite; equal ones in canonical order. */
static int larger_first(const void *a, const void *b)
{
    const sized *p = a, *q = b;
    if (p->area2 != q->area2) return p->area2 > q->area2 ? -1 : 1;
    const int c = strcmp(p->name, q->name);
    if (c) return c;
    return (p->ix > q->ix) - (p->ix < q->ix);
}

static xw_area area_of(const scene *s, uint32_t kind, size_t i)
{
    return kind == TAG_BUILDING   ? scene_building(s, (uint32_t)i)->area
           : kind == TAG_DIVISION ? s->t->divisions[i].area
                                  : s->t->waters[i].area;
}

static const char *name_of(const scene *s, uint32_t kind, size_t i)
{
    return kind == TAG_BUILDING   ? ""
           : kind == TAG_DIVISION ? xw_territory_text(s->t, s->t->divisions[i].code)
                                  : xw_territory_text(s->t, s->t->waters[i].source);
}

/* 0.1 m2 in twice square lattice units: overlaps below it that are also nowhere wider than a
 * lattice unit are drawing noise. */
enum { OVERLAP_AREA2 = 2000 };

/* Is a face about one lattice unit wide or wider? Twice the area of a triangle is base times
 * height.
 */
static bool is_wide(const scene *s, uint32_t face)
{
    xw_box b = XW_BOX_EMPTY;
    for (uint32_t k = s->faces.start[face]; k < s->faces.start[face + 1]; k++) {
        b = xw_box_grow(b, xw_map_from(&s->map, s->faces.half[k]));
    }
    const int64_t dx = (int64_t)b.max.x - b.min.x, dy = (int64_t)b.max.y - b.min.y;
    return s->map.area2[face] >= (dx > dy ? dx : dy);
}

static xw_status note_overlap(scene *s, uint32_t kind, uint32_t ix, const overlap *o, xw_error *err)
{
    char text[200];
    const xw_pt at = kind == TAG_BUILDING
                         ? scene_building_at(s, ix)
                         : xw_map_from(&s->map, s->faces.half[s->faces.start[o->face]]);
    const xw_scale k = xw_scale_at(at.y);
    const double m2 = 0.5 * (double)o->area2 * k.mx * k.my;
    if (kind == TAG_BUILDING) {
        (void)snprintf(text, sizeof text, "overlaps %s by %.2f m2; the smaller footprint keeps it",
                       xw_territory_text(s->t, scene_building(s, o->other)->source), m2);
        return scene_note(s, "building-overlap", ix, at, text, err);
    }
    const xw_division *d = &s->t->divisions[ix], *from = &s->t->divisions[o->other];
    return xw_territory_find(
        s->notes, "division-overlap", "divisions", xw_territory_text(s->t, d->source), at, err,
        "%s overlaps %s by %.2f m2; the smaller division keeps it",
        xw_territory_text(s->t, d->name), xw_territory_text(s->t, from->name), m2);
}

static xw_status add_overlap(const scene *s, flood *f, uint32_t other, uint32_t face, xw_error *err)
{
    size_t i = 0;
    while (i < f->n_overlaps && f->overlaps[i].other != other) i++;
    if (i == f->n_overlaps) {
        if (!xw_grow((void **)&f->overlaps, &f->cap_overlaps, i + 1, sizeof *f->overlaps)) {
            return xw_fail(err, XW_NOMEM, "%zu overlaps", i);
        }
        f->overlaps[f->n_overlaps++] = (overlap){other, face, false, 0};
    }
    f->overlaps[i].area2 += s->map.area2[face];
    f->overlaps[i].wide = f->overlaps[i].wide || is_wide(s, face);
    return XW_OK;
}

/* Each area that loses land is named; they come in the order of the faces. */
static xw_status paint(scene *s, uint32_t kind, uint32_t ix, flood *f, uint32_t *label,
                       xw_error *err)
{
    xw_status st = XW_OK;
    f->n_overlaps = 0;
    for (size_t i = 0; i < f->n && !st; i++) {
        const uint32_t face = f->queue[i];
        if (kind != TAG_WATER && label[face] != XW_NONE) { /* water is water */
            st = add_overlap(s, f, label[face], face, err);
        }
        label[face] = ix;
    }
    for (size_t i = 0; i < f->n_overlaps && !st; i++) {
        const overlap *o = &f->overlaps[i];
        if (o->area2 > OVERLAP_AREA2 || (kind == TAG_BUILDING && o->wide)) {
            st = note_overlap(s, kind, ix, o, err);
        }
    }
    return st;
}

static bool is_whole(const scene *s, uint32_t kind, uint32_t ix)
{
    return s->focus && ((kind == TAG_DIVISION && s->focus->whole[0][ix]) ||
                        (kind == TAG_WATER && s->focus->whole[1][ix]));
}

static xw_status cover(scene *s, uint32_t kind, size_t n, uint32_t **out, xw_error *err)
{
    rims r = {0};
    flood f = {0};
    sized *order = malloc((n + 1) * sizeof *order);
    uint32_t *label = malloc((s->map.n_faces + 1) * sizeof *label);
    xw_status st = order && label ? XW_OK : xw_fail(err, XW_NOMEM, "%zu areas", n);
    if (!st) st = collect_rims(s, kind, n, &r, err);
    if (!st) st = flood_init(&f, s, err);
    if (st) goto done;
    memset(label, 0xFF, (s->map.n_faces + 1) * sizeof *label);
    for (size_t i = 0; i < n; i++) {
        const xw_area a = area_of(s, kind, i);
        order[i] = (sized){0, name_of(s, kind, i), (uint32_t)i};
        for (uint32_t k = 0; k < a.n_rings; k++) {
            order[i].area2 += xw_ring_area2(xw_territory_ring(s->t, a.first_ring + k));
        }
    }
    if (n) qsort(order, n, sizeof *order, larger_first);
    for (size_t i = 0; i < n && !st; i++) {
        bool leaks = false;
        if (is_whole(s, kind, order[i].ix)) {
            for (size_t k = 0; k < s->map.n_faces; k++) label[k] = order[i].ix; /* 0: beyond */
            continue;
        }
        st = flood_area(s, &r, order[i].ix, &f, &leaks, err);
        if (st) break;
        if (leaks || flooded_area2(s, &f) > 2 * order[i].area2 + OVERLAP_AREA2) {
            if (kind == TAG_BUILDING) {
                st =
                    scene_note(s, "building-broken", order[i].ix, scene_building_at(s, order[i].ix),
                               "its outline does not close; it is a place without land", err);
            }
            continue;
        }
        st = paint(s, kind, order[i].ix, &f, label, err);
    }
    *out = label;
    label = NULL;
done:
    finish_rims(&r);
    flood_finish(&f);
    free(order);
    free(label);
    return st;
}

xw_status scene_cover(scene *s, xw_error *err)
{
    xw_status st = cover(s, TAG_BUILDING, s->t->n_buildings, &s->building, err);
    if (!st) st = cover(s, TAG_DIVISION, s->t->n_divisions, &s->division, err);
    if (!st) st = cover(s, TAG_WATER, s->t->n_waters, &s->water, err);
    return st;
}
