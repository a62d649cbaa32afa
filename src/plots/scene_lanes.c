/* Dead ends: barriers with the same block on both sides. Those longer than 30 m part the land on
 * their two sides (voronoi_shadow.c). */
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

xw_status scene_lanes(scene *s, xw_error *err)
{
    const xw_noded *d = &s->noded;
    uint32_t *up = malloc((d->n_nodes + 1) * sizeof *up);
    double *length = calloc(d->n_nodes + 1, sizeof *length);
    if (!up || !length) {
        free(up);
        free(length);
        return xw_fail(err, XW_NOMEM, "%zu nodes", d->n_nodes);
    }
    unions_init(up, d->n_nodes);
    for (int pass = 0; pass < 3; pass++) { /* join, measure, mark */
        for (size_t e = 0; e < d->n_edges; e++) {
            if (!is_dead_end(s, e)) continue;
            const uint32_t a = unions_find(up, d->edges[e].a);
            if (pass == 0) {
                unions_join(up, a, d->edges[e].b);
            } else if (pass == 1) {
                const xw_pt line[2] = {d->nodes[d->edges[e].a], d->nodes[d->edges[e].b]};
                length[a] += xw_line_length_m(line, 2);
            } else {
                s->edge[e].lane = length[a] >= lane_m;
            }
        }
    }
    free(up);
    free(length);
    return XW_OK;
}
