/* Narrow blocks without buildings, as dual carriageways, roundabouts and pairs of tracks leave
 * them, are merged: the barrier between a sliver and the neighbour with which it shares most is
 * none, the one on its other side stays. */
#include "scene.h"
#include "unions.h"

#include <stdlib.h>
#include <string.h>

static const double width_m = 15.0; /* mean width, twice the area by the perimeter */

typedef struct shape {
    double area_m2, rim_m;
    bool used; /* a building or water */
} shape;

typedef struct rim {
    uint32_t block, other;
    double length_m;
} rim;

static int by_pair(const void *a, const void *b)
{
    const rim *p = a, *q = b;
    if (p->block != q->block) return p->block < q->block ? -1 : 1;
    return (p->other > q->other) - (p->other < q->other);
}

static double edge_m(const scene *s, size_t e)
{
    const xw_noded_edge *d = &s->noded.edges[e];
    const xw_pt line[2] = {s->noded.nodes[d->a], s->noded.nodes[d->b]};
    return xw_line_length_m(line, 2);
}

static bool mergeable(const scene *s, size_t e)
{
    if (s->edge[e].cls == XW_CLASS_NONE) return false;
    const xw_basis basis = xw_basis_of_class(s->edge[e].cls);
    return basis == XW_BASIS_ROAD || basis == XW_BASIS_RAIL;
}

static void measure(const scene *s, shape *shapes)
{
    for (uint32_t f = 1; f < s->map.n_faces; f++) {
        if (s->block[f] == XW_NONE) continue;
        shape *b = &shapes[s->block[f]];
        const xw_scale k = xw_scale_at(xw_map_from(&s->map, s->map.first[f]).y);
        b->area_m2 += 0.5 * (double)s->map.area2[f] * k.mx * k.my;
        b->used |= s->building[f] != XW_NONE || s->water[f] != XW_NONE;
    }
    for (size_t e = 0; e < s->noded.n_edges; e++) {
        const uint32_t l = s->block[s->map.face[2 * e]], r = s->block[s->map.face[2 * e + 1]];
        if (l == r) continue;
        const double length = edge_m(s, e);
        if (l != XW_NONE) shapes[l].rim_m += length;
        if (r != XW_NONE) shapes[r].rim_m += length;
    }
}

static bool is_sliver(const shape *b) { return !b->used && 2.0 * b->area_m2 < width_m * b->rim_m; }

static xw_status add_rim(rim **all, size_t *n, size_t *cap, rim r, xw_error *err)
{
    if (!xw_grow((void **)all, cap, *n + 1, sizeof **all)) {
        return xw_fail(err, XW_NOMEM, "%zu borders of slivers", *n);
    }
    (*all)[(*n)++] = r;
    return XW_OK;
}

/* A sliver on the rim of a focus may want to join a block beyond it. One that no edit comes near
 * joins what it has joined before, which is never beyond: only whole blocks are in a focus. */
static xw_status add_seam(const scene *s, const shape *shapes, size_t e, rim **all, size_t *n,
                          size_t *cap, xw_error *err)
{
    const uint32_t block = s->block[s->map.face[2 * e + (s->edge[e].seam == 1 ? 0 : 1)]];
    if (block == XW_NONE || !is_sliver(&shapes[block]) || !mergeable(s, e)) return XW_OK;
    const uint32_t other = (uint32_t)s->n_blocks + s->beyond[e];
    return add_rim(all, n, cap, (rim){block, other, edge_m(s, e)}, err);
}

/* By sliver the neighbour with the longest common road or track, XW_NONE if there is none. */
static xw_status choose(scene *s, const shape *shapes, uint32_t *into, xw_error *err)
{
    rim *all = NULL;
    size_t n = 0, cap = 0;
    xw_status st = XW_OK;
    memset(into, 0xFF, (s->n_blocks + 1) * sizeof *into);
    for (size_t e = 0; e < s->noded.n_edges && !st; e++) {
        const uint32_t l = s->block[s->map.face[2 * e]], r = s->block[s->map.face[2 * e + 1]];
        if (s->edge[e].seam) st = add_seam(s, shapes, e, &all, &n, &cap, err);
        if (st || l == r || l == XW_NONE || r == XW_NONE || !mergeable(s, e)) continue;
        if (is_sliver(&shapes[l])) st = add_rim(&all, &n, &cap, (rim){l, r, edge_m(s, e)}, err);
        if (!st && is_sliver(&shapes[r])) {
            st = add_rim(&all, &n, &cap, (rim){r, l, edge_m(s, e)}, err);
        }
    }
    if (n) qsort(all, n, sizeof *all, by_pair);
    for (size_t i = 0; i < n && !st;) {
        const uint32_t block = all[i].block;
        uint32_t beyond = XW_NONE;
        double best = 0.0;
        while (i < n && all[i].block == block) {
            const uint32_t other = all[i].other;
            double sum = 0.0;
            for (; i < n && all[i].block == block && all[i].other == other; i++) {
                sum += all[i].length_m;
            }
            if (sum <= best) continue;
            best = sum;
            if (other < s->n_blocks) { /* blocks beyond come last */
                into[block] = other;
            } else {
                beyond = other - (uint32_t)s->n_blocks;
            }
        }
        if (beyond != XW_NONE && scene_is_edited(s, block)) {
            s->wanted = beyond;
            st = xw_fail(err, XW_CONFLICT, "a sliver joins block %u beyond the focus", beyond);
        }
    }
    free(all);
    return st;
}

/* Blocks that merged get one number; numbers stay dense and in order. */
static xw_status renumber(scene *s, uint32_t *up, xw_error *err)
{
    uint32_t *number = malloc((s->n_blocks + 1) * sizeof *number);
    if (!number) return xw_fail(err, XW_NOMEM, "%zu blocks", s->n_blocks);
    uint32_t n = 0;
    for (uint32_t b = 0; b < s->n_blocks; b++) {
        number[b] = unions_find(up, b) == b ? n++ : number[unions_find(up, b)];
    }
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] != XW_NONE) s->block[f] = number[s->block[f]];
    }
    for (uint32_t b = 0; b < s->t->n_buildings; b++) {
        if (s->home[b] != XW_NONE) s->home[b] = number[s->home[b]];
    }
    s->n_blocks = n;
    free(number);
    return XW_OK;
}

xw_status scene_slivers(scene *s, xw_error *err)
{
    shape *shapes = calloc(s->n_blocks + 1, sizeof *shapes);
    uint32_t *into = malloc((s->n_blocks + 1) * sizeof *into);
    uint32_t *up = malloc((s->n_blocks + 1) * sizeof *up);
    xw_status st = shapes && into && up ? XW_OK : xw_fail(err, XW_NOMEM, "%zu blocks", s->n_blocks);
    if (!st) {
        measure(s, shapes);
        st = choose(s, shapes, into, err);
    }
    if (!st) {
        unions_init(up, s->n_blocks);
        for (size_t e = 0; e < s->noded.n_edges; e++) {
            const uint32_t l = s->block[s->map.face[2 * e]], r = s->block[s->map.face[2 * e + 1]];
            if (l == r || l == XW_NONE || r == XW_NONE || !mergeable(s, e)) continue;
            if (into[l] != r && into[r] != l) continue;
            unions_join(up, l, r);
            s->edge[e].cls = XW_CLASS_NONE;
            s->edge[e].cut = false;
        }
        st = renumber(s, up, err);
    }
    free(shapes);
    free(into);
    free(up);
    return st;
}
