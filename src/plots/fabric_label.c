/* Which plot each face belongs to. Footprints belong to their building. An open face belongs to the
 * building that most of its rim speaks for: the lines between buildings name one on each side, and
 * so do the walls that the face touches. */
#include "fabric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNSET (XW_NONE - 2)
enum { VOTES_MAX = 64 };

typedef struct votes {
    uint32_t plot[VOTES_MAX];
    double length[VOTES_MAX];
    size_t n;
} votes;

static void vote(votes *v, uint32_t plot, double length)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->plot[i] == plot) {
            v->length[i] += length;
            return;
        }
    }
    if (v->n < VOTES_MAX) {
        v->plot[v->n] = plot;
        v->length[v->n++] = length;
    }
}

static double half_length(const fabric *f, uint32_t h)
{
    const xw_pt a = xw_map_from(&f->map, h), b = xw_map_to(&f->map, h);
    const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    return sqrt(dx * dx + dy * dy);
}

static uint32_t winner(const votes *v)
{
    size_t best = 0;
    for (size_t i = 1; i < v->n; i++) {
        if (v->length[i] > v->length[best] ||
            (v->length[i] == v->length[best] && v->plot[i] < v->plot[best])) {
            best = i;
        }
    }
    return v->n ? v->plot[best] : UNSET;
}

/* Lines in the shadow of a dead end speak alone: the others there speak for a building that does
 * not see the land. They name no land that touches a wall, and not with a few centimetres. */
static const double behind_units = 50.0;

static uint32_t ask_rim(const fabric *f, uint32_t face)
{
    votes v = {.n = 0}, hidden = {.n = 0};
    double said = 0.0;
    bool at_wall = false;
    const uint32_t block = fabric_block(f, face);
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
        const uint32_t h = f->faces.half[k];
        const xw_noded_edge *d = &f->noded.edges[h >> 1];
        const double length = half_length(f, h);
        const uint32_t other = f->map.face[h ^ 1], r = f->region[other];
        for (uint32_t i = 0; i < d->n_tags; i++) {
            const uint32_t tag = f->noded.tags[d->first_tag + i];
            if (tag >> 1 < f->n_scene) continue;
            const between *b = &f->lines->b[(tag >> 1) - f->n_scene];
            if (b->left == XW_NONE || (b->behind && other == face)) continue;
            vote(b->behind ? &hidden : &v, (tag & 1) == (h & 1) ? b->left : b->right, length);
            if (b->behind) said += length;
        }
        if (r >= fabric_buildings(f) || f->s->home[r] != block) continue;
        vote(&v, r, length);
        at_wall = true;
    }
    return said > behind_units && !at_wall ? winner(&hidden) : winner(&v);
}

/* The number of buildings of each block, and the one where there is only one. */
static xw_status count_buildings(const fabric *f, uint32_t **count, uint32_t **only, xw_error *err)
{
    *count = calloc(f->s->n_blocks + 1, sizeof **count);
    *only = malloc((f->s->n_blocks + 1) * sizeof **only);
    if (!*count || !*only) return xw_fail(err, XW_NOMEM, "%zu blocks", f->s->n_blocks);
    for (uint32_t b = 0; b < fabric_buildings(f); b++) {
        const uint32_t home = f->s->home[b];
        if (home == XW_NONE) continue;
        (*count)[home]++;
        (*only)[home] = b;
    }
    return XW_OK;
}

/* Faces that nobody speaks for join a neighbour of the same open land. */
static void spread(fabric *f, uint32_t *queue)
{
    size_t n = 0;
    for (uint32_t face = 0; face < f->map.n_faces; face++) {
        if (f->plot[face] != UNSET) queue[n++] = face;
    }
    for (size_t at = 0; at < n; at++) {
        const uint32_t face = queue[at];
        if (f->plot[face] == XW_NONE || f->region[face] < fabric_buildings(f)) continue;
        for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
            const uint32_t other = f->map.face[f->faces.half[k] ^ 1];
            if (f->plot[other] != UNSET || f->region[other] != f->region[face]) continue;
            f->plot[other] = f->plot[face];
            queue[n++] = other;
        }
    }
}

xw_status fabric_label(fabric *f, xw_error *err)
{
    const size_t n_faces = f->map.n_faces;
    uint32_t *count = NULL, *only = NULL;
    uint32_t *queue = malloc((n_faces + 1) * sizeof *queue);
    uint32_t *open = malloc((f->s->n_blocks + 1) * sizeof *open); /* by block: its open plot */
    f->plot = malloc((n_faces + 1) * sizeof *f->plot);
    xw_status st = queue && open && f->plot ? XW_OK : xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    if (!st) st = count_buildings(f, &count, &only, err);
    if (st) goto done;
    memset(open, 0xFF, (f->s->n_blocks + 1) * sizeof *open);
    for (uint32_t face = 0; face < n_faces && !st; face++) {
        const uint32_t r = f->region[face], n = fabric_buildings(f);
        const uint32_t block = fabric_block(f, face);
        if (r == XW_NONE || r < n) {
            f->plot[face] = r;
        } else {
            f->plot[face] = count[block] > 0 ? ask_rim(f, face) : OPEN_LABEL;
            if (f->plot[face] == UNSET && count[block] == 1) f->plot[face] = only[block];
            if (f->plot[face] != OPEN_LABEL) continue;
            if (open[block] == XW_NONE) st = fabric_open_plot(f, block, &open[block], err);
            f->plot[face] = open[block];
        }
    }
    if (st) goto done;
    spread(f, queue);
    for (uint32_t face = 0; face < n_faces && !st; face++) {
        if (f->plot[face] != UNSET) continue;
        const uint32_t block = fabric_block(f, face);
        if (open[block] == XW_NONE) st = fabric_open_plot(f, block, &open[block], err);
        f->plot[face] = open[block];
    }
done:
    free(count);
    free(only);
    free(queue);
    free(open);
    return st;
}
