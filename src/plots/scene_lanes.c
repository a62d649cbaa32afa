/* Dead ends: barriers with the same block on both sides. Those longer than 30 m part the land on
 * their two sides (voronoi_shadow.c). Each block counts its own: dead ends of two blocks that start
 * at one crossing are two. */
#include "scene.h"
#include "unions.h"

#include <math.h>
#include <stdlib.h>

static const double lane_m = 30.0;

static bool is_dead_end(const scene *s, size_t e)
{
    const uint32_t l = s->map.face[2 * e], r = s->map.face[2 * e + 1];
    return s->edge[e].cut && s->block[l] != XW_NONE && s->block[l] == s->block[r] &&
           s->building[l] == XW_NONE && s->building[r] == XW_NONE;
}

/* Joins the edge of half-edge h to the other dead ends of its block at its origin. */
static void join_around(const scene *s, uint32_t h, uint32_t *up)
{
    const uint32_t block = s->block[s->map.face[h]];
    for (uint32_t g = s->map.next[h ^ 1]; g != h; g = s->map.next[g ^ 1]) {
        if (is_dead_end(s, g >> 1) && s->block[s->map.face[g]] == block) {
            unions_join(up, h >> 1, g >> 1);
        }
    }
}

xw_status scene_lanes(scene *s, xw_error *err)
{
    const xw_noded *d = &s->noded;
    uint32_t *up = malloc((d->n_edges + 1) * sizeof *up);
    double *length = calloc(d->n_edges + 1, sizeof *length);
    if (!up || !length) {
        free(up);
        free(length);
        return xw_fail(err, XW_NOMEM, "%zu edges", d->n_edges);
    }
    unions_init(up, d->n_edges);
    for (int pass = 0; pass < 3; pass++) { /* join, measure, mark */
        for (uint32_t e = 0; e < d->n_edges; e++) {
            if (!is_dead_end(s, e)) continue;
            if (pass == 0) {
                join_around(s, 2 * e, up);
                join_around(s, 2 * e + 1, up);
            } else if (pass == 1) {
                const xw_pt line[2] = {d->nodes[d->edges[e].a], d->nodes[d->edges[e].b]};
                length[unions_find(up, e)] += xw_line_length_m(line, 2);
            } else {
                s->edge[e].lane = length[unions_find(up, e)] >= lane_m;
            }
        }
    }
    free(up);
    free(length);
    return XW_OK;
}
