/* The land of a focus: what its rim encloses. Edges whose two ends are nodes of a scene come out of
 * the noder the same when everything that touches them is there, so the rim of blocks that were
 * made with the whole territory is found again, edge by edge. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static uint32_t node_at(const xw_noded *d, xw_pt p)
{
    size_t lo = 0, hi = d->n_nodes;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(d->nodes[mid], p)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < d->n_nodes && xw_pt_eq(d->nodes[lo], p) ? (uint32_t)lo : XW_NONE;
}

/* The half-edge from p to q, XW_NONE if there is none. */
static uint32_t half_at(const xw_noded *d, xw_pt p, xw_pt q)
{
    const bool back = xw_pt_less(q, p);
    const uint32_t a = node_at(d, back ? q : p), b = node_at(d, back ? p : q);
    if (a == XW_NONE || b == XW_NONE) return XW_NONE;
    size_t lo = 0, hi = d->n_edges;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const xw_noded_edge *e = &d->edges[mid];
        if (e->a < a || (e->a == a && e->b < b)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    const bool there = lo < d->n_edges && d->edges[lo].a == a && d->edges[lo].b == b;
    return there ? (uint32_t)(2 * lo + back) : XW_NONE;
}

static xw_status moved(const xw_segment *r, xw_error *err)
{
    return xw_fail(err, XW_CONFLICT, "the rim at %.7f,%.7f has moved", xw_deg(r->a.x),
                   xw_deg(r->a.y));
}

/* A piece outside the divisions that barriers cut from a building beyond is a block of its own, but
 * only that building brings it into the territory. */
static bool is_beyond(const scene *s, uint32_t face)
{
    const uint32_t b = s->building[face];
    return b != XW_NONE && s->focus->fate[s->order[b]] == FATE_BEYOND;
}

/* Marks the seam, and puts the faces left of the rim into the queue. */
static xw_status find_rim(scene *s, uint32_t *queue, size_t *n, xw_error *err)
{
    const scene_focus *focus = s->focus;
    for (size_t i = 0; i < focus->n_rim; i++) {
        const xw_segment *r = &focus->rim[i];
        const uint32_t h = half_at(&s->noded, r->a, r->b);
        if (h == XW_NONE) {
            if (r->tag == 0) continue; /* an edit may have moved the end of the territory */
            return moved(r, err);
        }
        if (r->tag) {
            s->edge[h >> 1].seam = (uint8_t)(1 + (h & 1));
            s->beyond[h >> 1] = r->tag - 1;
        }
        const uint32_t f = s->map.face[h];
        if (s->core[f]) continue;
        if (s->division[f] == XW_NONE) {
            if (is_beyond(s, f)) return moved(r, err);
            continue;
        }
        s->core[f] = 1;
        queue[(*n)++] = f;
    }
    return XW_OK;
}

/* The land beyond the seam must not have been reached. */
static xw_status check_seam(const scene *s, xw_error *err)
{
    for (uint32_t e = 0; e < s->noded.n_edges; e++) {
        if (s->edge[e].seam == 0) continue;
        const uint32_t h = 2 * e + (s->edge[e].seam == 1 ? 1 : 0);
        if (s->core[s->map.face[h]]) {
            const xw_pt p = xw_map_from(&s->map, h);
            return xw_fail(err, XW_CONFLICT, "the rim at %.7f,%.7f does not close", xw_deg(p.x),
                           xw_deg(p.y));
        }
    }
    return XW_OK;
}

xw_status scene_find_core(scene *s, xw_error *err)
{
    const size_t n_faces = s->map.n_faces;
    uint32_t *queue = malloc((n_faces + 1) * sizeof *queue);
    s->core = calloc(n_faces + 1, 1);
    s->beyond = calloc(s->noded.n_edges + 1, sizeof *s->beyond);
    size_t n = 0;
    xw_status st =
        queue && s->core && s->beyond ? XW_OK : xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    if (!st) st = find_rim(s, queue, &n, err);
    for (size_t at = 0; at < n && !st; at++) {
        for (uint32_t k = s->faces.start[queue[at]]; k < s->faces.start[queue[at] + 1]; k++) {
            const uint32_t h = s->faces.half[k], other = s->map.face[h ^ 1];
            if (s->edge[h >> 1].seam || s->core[other] || s->division[other] == XW_NONE) continue;
            s->core[other] = 1;
            queue[n++] = other;
        }
    }
    if (!st && s->core[0]) st = xw_fail(err, XW_CONFLICT, "the rim does not close");
    if (!st) st = check_seam(s, err);
    /* Outside the divisions a focus says nothing. */
    for (size_t f = 0; f < n_faces && !st; f++) {
        if (s->division[f] == XW_NONE) s->core[f] = 2;
    }
    free(queue);
    return st;
}

bool scene_is_edited(const scene *s, uint32_t block)
{
    xw_box box = XW_BOX_EMPTY;
    for (uint32_t h = 0; h < s->map.n_halves; h++) {
        if (s->block[s->map.face[h]] == block) box = xw_box_grow(box, xw_map_from(&s->map, h));
    }
    for (size_t i = 0; i < s->focus->n_edited; i++) {
        if (xw_box_meets(s->focus->edited[i], box)) return true;
    }
    return false;
}
