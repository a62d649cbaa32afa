#include "voronoi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double reach_default_m = 80.0;

typedef struct block_list { /* faces and buildings by block */
    uint32_t *face_start, *face, *count;
    uint32_t *lane_start, *lane; /* edges of long dead ends by block */
} block_list;

typedef struct work {
    const scene *s;
    block_list list;
    uint32_t *todo; /* blocks with buildings */
    size_t n_todo;
    betweens *out;  /* by todo */
    desk *desks;    /* by thread */
    double reach_m; /* of buildings over open land */
} work;

void desk_finish(desk *k)
{
    delaunay_finish(&k->d);
    land_finish(&k->land);
    free(k->all.s);
    free(k->walls);
    free(k->label);
    free(k->site);
    free(k->near);
    free(k->order);
    free(k->done);
    free(k->chain);
    free(k->run);
    free(k->keep);
    free(k->stack);
    free(k->shadows.lanes);
    free(k->shadows.crossings);
    free(k->shadows.witnesses);
    free(k->shadows.fan);
    free(k->shadows.head);
    free(k->shadows.group);
    free(k->shadows.seen);
    free(k->shadows.hidden);
    free(k->shadows.queue);
    if (k->behind) desk_finish(k->behind);
    free(k->behind);
    *k = (desk){0};
}

/* Millimetres around the middle of the block, coarser only for blocks beyond 134 km. */
static frame frame_of(const land *l)
{
    const xw_box b = l->cells.box;
    frame f = {((double)b.min.x + b.max.x) / 2, ((double)b.min.y + b.max.y) / 2, 0, 0};
    const xw_scale s = xw_scale_at((int32_t)f.y0);
    const double half =
        fmax(((double)b.max.x - b.min.x) * s.mx, ((double)b.max.y - b.min.y) * s.my) * 500.0;
    const double fit = half > DELAUNAY_EXTENT * 0.99 ? DELAUNAY_EXTENT * 0.99 / half : 1.0;
    f.kx = s.mx * 1000.0 * fit;
    f.ky = s.my * 1000.0 * fit;
    return f;
}

static xw_status do_block(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    work *w = ctx;
    desk *k = &w->desks[thread];
    const uint32_t block = w->todo[i];
    const uint32_t *faces = w->list.face + w->list.face_start[block];
    const size_t n = w->list.face_start[block + 1] - w->list.face_start[block];
    if (i % 256 == 0 && thread == 0) {
        const xw_status st = xw_job_step(w->s->job, "plots", i, w->n_todo, err);
        if (st) return st;
    }
    xw_status st = land_create(w->s, faces, n, block, &k->land, err);
    if (st) return st;
    k->frame = frame_of(&k->land);
    st = voronoi_sites(w->s, k, faces, n, err);
    if (!st) st = voronoi_open_sites(k, w->reach_m, err);
    if (!st) st = voronoi_triangulate(k, err);
    if (!st) st = voronoi_chains(k, &w->out[i], err);
    const uint32_t *lanes = w->list.lane + w->list.lane_start[block];
    const size_t n_lanes = w->list.lane_start[block + 1] - w->list.lane_start[block];
    if (!st && n_lanes > 0 && w->list.count[block] > 1) {
        st = voronoi_shadows(w->s, k, lanes, n_lanes, &w->out[i], err);
        if (!st) st = voronoi_behind(k, &w->out[i], err);
    }
    return st;
}

static xw_status list_lanes(work *w, xw_error *err)
{
    const scene *s = w->s;
    block_list *l = &w->list;
    size_t n = 0;
    for (size_t e = 0; e < s->noded.n_edges; e++) n += s->edge[e].lane;
    l->lane_start = calloc(s->n_blocks + 2, sizeof *l->lane_start);
    l->lane = malloc((n + 1) * sizeof *l->lane);
    if (!l->lane_start || !l->lane) return xw_fail(err, XW_NOMEM, "%zu dead ends", n);
    uint32_t *slot = l->lane_start + 1;
    for (size_t e = 0; e < s->noded.n_edges && n > 0; e++) {
        if (s->edge[e].lane) slot[s->block[s->map.face[2 * e]] + 1]++;
    }
    for (size_t b = 1; b <= s->n_blocks; b++) slot[b] += slot[b - 1];
    for (size_t e = 0; e < s->noded.n_edges && n > 0; e++) {
        if (s->edge[e].lane) l->lane[slot[s->block[s->map.face[2 * e]]]++] = (uint32_t)e;
    }
    return XW_OK;
}

static xw_status list_blocks(work *w, xw_error *err)
{
    const scene *s = w->s;
    block_list *l = &w->list;
    l->face_start = calloc(s->n_blocks + 2, sizeof *l->face_start);
    l->face = malloc((s->map.n_faces + 1) * sizeof *l->face);
    l->count = calloc(s->n_blocks + 1, sizeof *l->count);
    w->todo = malloc((s->n_blocks + 1) * sizeof *w->todo);
    if (!l->face_start || !l->face || !l->count || !w->todo) {
        return xw_fail(err, XW_NOMEM, "%zu blocks", s->n_blocks);
    }
    uint32_t *slot = l->face_start + 1;
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] != XW_NONE) slot[s->block[f] + 1]++;
    }
    for (size_t b = 1; b <= s->n_blocks; b++) slot[b] += slot[b - 1];
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] != XW_NONE) l->face[slot[s->block[f]]++] = f;
    }
    for (size_t b = 0; b < s->t->n_buildings; b++) {
        if (s->home[b] != XW_NONE) l->count[s->home[b]]++;
    }
    for (uint32_t b = 0; b < s->n_blocks; b++) {
        if (l->count[b] >= 1) w->todo[w->n_todo++] = b;
    }
    return list_lanes(w, err);
}

static xw_status gather(work *w, betweens *out, xw_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < w->n_todo; i++) total += w->out[i].n;
    if (!xw_grow((void **)&out->b, &out->cap, total + 1, sizeof *out->b)) {
        return xw_fail(err, XW_NOMEM, "%zu lines between buildings", total);
    }
    for (size_t i = 0; i < w->n_todo; i++) {
        for (size_t k = 0; k < w->out[i].n; k++) {
            out->b[out->n] = w->out[i].b[k];
            out->b[out->n++].block = w->todo[i];
        }
    }
    return XW_OK;
}

xw_status voronoi_lines(const scene *s, betweens *out, xw_error *err)
{
    *out = (betweens){0};
    work w = {.s = s, .reach_m = s->o && s->o->reach_m > 0.0 ? s->o->reach_m : reach_default_m};
    const unsigned threads = xw_job_threads(s->job);
    xw_status st = list_blocks(&w, err);
    if (!st) {
        w.out = calloc(w.n_todo + 1, sizeof *w.out);
        w.desks = calloc(threads, sizeof *w.desks);
        if (!w.out || !w.desks) st = xw_fail(err, XW_NOMEM, "%zu blocks", w.n_todo);
    }
    if (!st) st = xw_parallel(threads, w.n_todo, do_block, &w, err);
    if (!st) st = gather(&w, out, err);
    for (unsigned i = 0; w.desks && i < threads; i++) desk_finish(&w.desks[i]);
    for (size_t i = 0; w.out && i < w.n_todo; i++) free(w.out[i].b);
    free(w.desks);
    free(w.out);
    free(w.todo);
    free(w.list.face_start);
    free(w.list.face);
    free(w.list.count);
    free(w.list.lane_start);
    free(w.list.lane);
    return st;
}
