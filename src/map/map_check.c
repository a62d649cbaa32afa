/* The invariants of a planar map, verified from its arrays alone. */
#include "xiwang/map.h"

#include <stdlib.h>

static xw_status bad(xw_error *err, const char *what, size_t i)
{
    return xw_fail(err, XW_INTERNAL, "planar map: %s (%zu)", what, i);
}

/* next is a permutation that keeps the face and joins ends. */
static xw_status check_links(const xw_map *m, uint8_t *seen, xw_error *err)
{
    for (uint32_t h = 0; h < m->n_halves; h++) {
        const uint32_t n = m->next[h];
        if (n >= m->n_halves || m->face[h] >= m->n_faces) return bad(err, "index out of range", h);
        if (xw_map_origin(m, n) != xw_map_target(m, h)) return bad(err, "next does not join", h);
        if (m->face[n] != m->face[h]) return bad(err, "walk changes its face", h);
        if (seen[n]++) return bad(err, "two half-edges have the same next", h);
    }
    return XW_OK;
}

static xw_status check_euler(const xw_map *m, uint8_t *seen, xw_error *err)
{
    size_t nodes = 0;
    for (size_t e = 0; e < m->noded->n_edges; e++) {
        const xw_noded_edge *d = &m->noded->edges[e];
        if (d->a >= d->b) return bad(err, "edge is not directed upward", e);
        nodes += !seen[d->a];
        seen[d->a] = 1;
        nodes += !seen[d->b];
        seen[d->b] = 1;
    }
    if (nodes + m->n_faces != 1 + m->n_components + m->noded->n_edges) {
        return bad(err, "V - E + F is not 1 + C, V", nodes);
    }
    return XW_OK;
}

static xw_status check_areas(const xw_map *m, xw_error *err)
{
    xw_i128 sum = 0;
    for (size_t f = 0; f < m->n_faces; f++) {
        if (f > 0 && m->area2[f] <= 0) return bad(err, "face without area", f);
        if (f > 0 && m->face[m->first[f]] != f) return bad(err, "face has a foreign half-edge", f);
        sum += m->area2[f];
    }
    return sum == 0 ? XW_OK : bad(err, "areas do not sum to zero, faces", m->n_faces);
}

xw_status xw_map_check(const xw_map *m, xw_error *err)
{
    const size_t n = m->n_halves > m->noded->n_nodes ? m->n_halves : m->noded->n_nodes;
    uint8_t *seen = calloc(n + 1, 1), *seen_node = calloc(n + 1, 1);
    xw_status st = seen && seen_node ? XW_OK : xw_fail(err, XW_NOMEM, "planar map check");
    if (!st) st = check_links(m, seen, err);
    if (!st) st = check_euler(m, seen_node, err);
    if (!st) st = check_areas(m, err);
    free(seen);
    free(seen_node);
    return st;
}
