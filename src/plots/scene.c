#include "scene.h"

#include <stdlib.h>
#include <string.h>

xw_status segments_add(segments *l, xw_pt a, xw_pt b, uint32_t tag, xw_error *err)
{
    if (xw_pt_eq(a, b)) return XW_OK;
    if (!xw_grow((void **)&l->s, &l->cap, l->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu segments", l->n);
    }
    l->s[l->n++] = (xw_segment){a, b, tag};
    return XW_OK;
}

static xw_status add_area(segments *l, const xw_territory *t, xw_area a, uint32_t tag,
                          xw_error *err)
{
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_ring r = xw_territory_ring(t, a.first_ring + i);
        for (uint32_t k = 0; k < r.n; k++) {
            const xw_status st =
                segments_add(l, r.pts[k], r.pts[k + 1 < r.n ? k + 1 : 0], tag, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

static xw_status add_given(segments *l, const segments *given, xw_error *err)
{
    if (!xw_grow((void **)&l->s, &l->cap, l->n + given->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu segments", l->n + given->n);
    }
    if (given->n) memcpy(l->s + l->n, given->s, given->n * sizeof *l->s);
    l->n += given->n;
    return XW_OK;
}

static xw_status collect(const scene *s, segments *l, xw_error *err)
{
    const xw_territory *t = s->t;
    const size_t most = (size_t)1 << 29;
    if (t->n_barriers >= most || t->n_buildings >= most || t->n_divisions >= most ||
        t->n_waters >= most) {
        return xw_fail(err, XW_LIMIT, "more than %zu features in a layer", most);
    }
    xw_status st = XW_OK;
    for (size_t k = 0; k < t->n_buildings && !st; k++) {
        st = add_area(l, t, scene_building(s, (uint32_t)k)->area, TAG_OF(TAG_BUILDING, k), err);
    }
    if (st || s->focus) return st ? st : add_given(l, s->focus->lines, err);
    for (size_t i = 0; i < t->n_barriers && !st; i++) {
        const xw_barrier *b = &t->barriers[i];
        for (uint32_t k = 1; k < b->n && !st; k++) {
            st = segments_add(l, t->pts[b->first + k - 1], t->pts[b->first + k],
                              TAG_OF(TAG_BARRIER, i), err);
        }
    }
    for (size_t i = 0; i < t->n_divisions && !st; i++) {
        st = add_area(l, t, t->divisions[i].area, TAG_OF(TAG_DIVISION, i), err);
    }
    for (size_t i = 0; i < t->n_waters && !st; i++) {
        st = add_area(l, t, t->waters[i].area, TAG_OF(TAG_WATER, i), err);
    }
    return st;
}

xw_status scene_create(scene *s, xw_error *err)
{
    segments l = {0};
    xw_status st = scene_order_buildings(s, err);
    if (!st) st = collect(s, &l, err);
    if (!st && !s->focus) st = scene_close_gaps(s, &l, err);
    if (!st) st = xw_node(l.s, l.n, s->job, &s->noded, err);
    free(l.s);
    if (!st) st = xw_job_step(s->job, "blocks", 0, 3, err);
    if (!st) st = xw_map_create_with(&s->noded, s->job, &s->map, err);
    if (!st) st = xw_map_faces_create(&s->map, &s->faces, err);
    if (!st) st = xw_job_step(s->job, "blocks", 1, 3, err);
    if (!st) {
        s->edge = calloc(s->noded.n_edges + 1, sizeof *s->edge);
        if (!s->edge) st = xw_fail(err, XW_NOMEM, "%zu edges", s->noded.n_edges);
    }
    if (!st) st = scene_cover(s, err);
    if (!st && s->focus) st = scene_find_core(s, err);
    if (!st) st = xw_job_step(s->job, "blocks", 2, 3, err);
    if (!st) st = scene_blocks(s, err);
    if (!st) st = scene_slivers(s, err);
    if (!st) st = scene_lanes(s, err);
    return st;
}

void scene_finish(scene *s)
{
    xw_map_finish(&s->map);
    xw_noded_finish(&s->noded);
    free(s->order);
    free(s->rank);
    xw_map_faces_finish(&s->faces);
    free(s->edge);
    free(s->building);
    free(s->division);
    free(s->water);
    free(s->block);
    free(s->home);
    free(s->outside);
    free(s->bent);
    free(s->core);
    free(s->beyond);
}
