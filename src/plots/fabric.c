#include "fabric.h"

#include <stdlib.h>
#include <string.h>

#define UNSET (XW_NONE - 2)

static uint32_t scene_region(const scene *s, uint32_t face)
{
    if (s->building[face] != XW_NONE && s->block[face] != XW_NONE) return s->building[face];
    return s->block[face] == XW_NONE ? XW_NONE : (uint32_t)s->t->n_buildings + s->block[face];
}

/* Scene edges that part two regions, long dead ends, and the lines between buildings. */
static xw_status node_all(fabric *f, xw_error *err)
{
    const scene *s = f->s;
    const size_t most = s->noded.n_edges + f->lines->n;
    if (most >= (size_t)1 << 30) return xw_fail(err, XW_LIMIT, "%zu segments", most);
    xw_segment *seg = malloc((most + 1) * sizeof *seg);
    if (!seg) return xw_fail(err, XW_NOMEM, "%zu segments", most);
    size_t n = 0;
    for (size_t e = 0; e < s->noded.n_edges; e++) {
        const bool parts =
            scene_region(s, s->map.face[2 * e]) != scene_region(s, s->map.face[2 * e + 1]);
        if (!parts && !s->edge[e].lane) continue;
        const xw_noded_edge *d = &s->noded.edges[e];
        seg[n++] = (xw_segment){s->noded.nodes[d->a], s->noded.nodes[d->b], (uint32_t)e};
    }
    const size_t n_noded = n;
    for (size_t i = 0; i < f->lines->n; i++) {
        seg[n++] = (xw_segment){f->lines->b[i].a, f->lines->b[i].b, (uint32_t)(f->n_scene + i)};
    }
    const xw_status st = xw_node_onto(seg, n, n_noded, s->job, &f->noded, err);
    free(seg);
    return st;
}

enum { SIDES_MAX = 32 };

/* The regions left and right of an edge. Several scene edges may have fallen together on it: in the
 * sum of their sides everything between them cancels. False if nothing remains, or there are none.
 */
static bool sides_of(const fabric *f, size_t e, uint32_t *left, uint32_t *right)
{
    const xw_noded_edge *d = &f->noded.edges[e];
    uint32_t l[SIDES_MAX], r[SIDES_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < d->n_tags && n < SIDES_MAX; i++) {
        const uint32_t tag = f->noded.tags[d->first_tag + i];
        if (tag >> 1 >= f->n_scene) break; /* ascending: lines come last */
        const uint32_t a = scene_region(f->s, f->s->map.face[2 * (tag >> 1) + (tag & 1)]);
        const uint32_t b = scene_region(f->s, f->s->map.face[2 * (tag >> 1) + 1 - (tag & 1)]);
        l[n] = a;
        r[n++] = b;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            if (l[i] != UNSET && l[i] == r[k]) {
                l[i] = r[k] = UNSET;
                break;
            }
        }
    }
    *left = *right = UNSET;
    for (size_t i = 0; i < n; i++) {
        if (l[i] != UNSET) *left = l[i];
        if (r[i] != UNSET) *right = r[i];
    }
    return *left != UNSET && *right != UNSET;
}

/* Faces take their region from their scene edges; where only lines bound a face, from the face
 * beyond the line. */
static xw_status find_regions(fabric *f, xw_error *err)
{
    const size_t n_faces = f->map.n_faces;
    uint8_t *parts = calloc(f->noded.n_edges + 1, 1);
    uint32_t *queue = malloc((n_faces + 1) * sizeof *queue);
    f->region = malloc((n_faces + 1) * sizeof *f->region);
    if (!parts || !queue || !f->region) {
        free(parts);
        free(queue);
        return xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    }
    for (size_t i = 0; i < n_faces; i++) f->region[i] = UNSET;
    f->region[0] = XW_NONE;
    size_t n = 0;
    for (size_t e = 0; e < f->noded.n_edges; e++) {
        uint32_t side[2];
        if (!sides_of(f, e, &side[0], &side[1])) continue;
        parts[e] = 1;
        for (int k = 0; k < 2; k++) {
            const uint32_t face = f->map.face[2 * e + (size_t)k];
            if (f->region[face] != UNSET) continue;
            f->region[face] = side[k];
            queue[n++] = face;
        }
    }
    for (size_t at = 0; at < n; at++) {
        for (uint32_t k = f->faces.start[queue[at]]; k < f->faces.start[queue[at] + 1]; k++) {
            const uint32_t h = f->faces.half[k], other = f->map.face[h ^ 1];
            if (parts[h >> 1] || f->region[other] != UNSET) continue;
            f->region[other] = f->region[queue[at]];
            queue[n++] = other;
        }
    }
    xw_status st = XW_OK;
    for (size_t i = 0; i < n_faces && !st; i++) {
        if (f->region[i] == UNSET) st = xw_fail(err, XW_INTERNAL, "face %zu has no region", i);
    }
    free(parts);
    free(queue);
    return st;
}

xw_status fabric_open_plot(fabric *f, uint32_t block, uint32_t *plot, xw_error *err)
{
    if (!xw_grow((void **)&f->open_block, &f->cap_open, f->n_open + 1, sizeof *f->open_block)) {
        return xw_fail(err, XW_NOMEM, "%zu open plots", f->n_open);
    }
    *plot = fabric_buildings(f) + (uint32_t)f->n_open;
    f->open_block[f->n_open++] = block;
    return XW_OK;
}

xw_status fabric_create(const scene *s, const betweens *lines, fabric *out, xw_error *err)
{
    *out = (fabric){.s = s, .lines = lines, .n_scene = (uint32_t)s->noded.n_edges};
    xw_status st = node_all(out, err);
    if (!st) st = xw_job_step(s->job, "coverage", 0, 3, err);
    if (!st) st = xw_map_create_with(&out->noded, s->job, &out->map, err);
    if (!st) st = xw_map_faces_create(&out->map, &out->faces, err);
    if (!st) st = xw_job_step(s->job, "coverage", 1, 3, err);
    if (!st) st = find_regions(out, err);
    if (!st) st = fabric_label(out, err);
    if (!st) st = xw_job_step(s->job, "coverage", 2, 3, err);
    if (!st) st = fabric_repair(out, err);
    return st;
}

void fabric_finish(fabric *f)
{
    xw_map_finish(&f->map);
    xw_noded_finish(&f->noded);
    xw_map_faces_finish(&f->faces);
    free(f->region);
    free(f->plot);
    free(f->open_block);
    *f = (fabric){0};
}
