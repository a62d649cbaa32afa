/* Zoom ranks of all edges, drawing by drawing from coarse to fine (tile.h). */
#include "tile_parts.h"

#include "xiwang/simplify.h"

#include <stdlib.h>
#include <string.h>

enum { UNRANKED = 255, STAGES_MAX = XW_LEVELS_MAX + 2, NO_LEVEL = XW_LEVELS_MAX };

/* One end of an edge: 2 * edge, + 1 for its last vertex. */
typedef struct end {
    xw_pt at;
    uint32_t end;
} end;

/* What comes in at a zoom: a level, or water. */
typedef struct stage {
    unsigned zoom;
    uint32_t level; /* NO_LEVEL: water */
} stage;

typedef struct ranking {
    const xw_model *m;
    uint8_t *rank;
    uint32_t *node_of;    /* by end */
    uint32_t *node_start; /* ends of node k are ends[node_start[k]] … */
    uint32_t *ends;
    uint8_t *node_rank;
    uint32_t *degree;
    uint32_t n_nodes;
    bool *is_drawn, *is_done; /* by edge */
    xw_pt *pts;               /* the chain at hand */
    uint64_t *slots;          /* where each rank goes: a vertex, or ~node */
    uint8_t *chain_rank;
    size_t n, cap_pts, cap_slots, cap_rank;
} ranking;

static int by_place(const void *a, const void *b)
{
    const end *p = a, *q = b;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    return (p->end > q->end) - (p->end < q->end);
}

static xw_status make_nodes(ranking *r, xw_error *err)
{
    const xw_model *m = r->m;
    const size_t n = 2 * m->n_edges;
    if (n >= XW_NONE) return xw_fail(err, XW_LIMIT, "%zu edges", m->n_edges);
    end *all = malloc((n + 1) * sizeof *all);
    r->node_of = malloc((n + 1) * sizeof *r->node_of);
    r->node_start = malloc((n + 2) * sizeof *r->node_start);
    r->ends = malloc((n + 1) * sizeof *r->ends);
    if (!all || !r->node_of || !r->node_start || !r->ends) {
        free(all);
        return xw_fail(err, XW_NOMEM, "nodes of %zu edges", m->n_edges);
    }
    for (uint32_t i = 0; i < n; i++) {
        const xw_edge *e = &m->edges[i / 2];
        all[i] = (end){m->pts[i % 2 ? e->first + e->n - 1 : e->first], i};
    }
    if (n > 0) qsort(all, n, sizeof *all, by_place);
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0 || !xw_pt_eq(all[i - 1].at, all[i].at)) r->node_start[r->n_nodes++] = i;
        r->node_of[all[i].end] = r->n_nodes - 1;
        r->ends[i] = all[i].end;
    }
    r->node_start[r->n_nodes] = (uint32_t)n;
    free(all);
    return XW_OK;
}

static xw_status make_tables(ranking *r, xw_error *err)
{
    const size_t n_edges = r->m->n_edges;
    r->node_rank = malloc(r->n_nodes + 1);
    r->degree = malloc((r->n_nodes + 1) * sizeof *r->degree);
    r->is_drawn = calloc(n_edges + 1, sizeof *r->is_drawn);
    r->is_done = malloc((n_edges + 1) * sizeof *r->is_done);
    if (!r->node_rank || !r->degree || !r->is_drawn || !r->is_done) {
        return xw_fail(err, XW_NOMEM, "ranks of %zu edges", n_edges);
    }
    memset(r->node_rank, UNRANKED, r->n_nodes);
    memset(r->rank, 0, r->m->n_pts);
    for (size_t i = 0; i < n_edges; i++) {
        memset(r->rank + r->m->edges[i].first, UNRANKED, r->m->edges[i].n);
    }
    return XW_OK;
}

static void finish(ranking *r)
{
    free(r->node_of);
    free(r->node_start);
    free(r->ends);
    free(r->node_rank);
    free(r->degree);
    free(r->is_drawn);
    free(r->is_done);
    free(r->pts);
    free(r->slots);
    free(r->chain_rank);
}

/* ---- what is drawn at a stage ---- */

static bool is_water(const xw_model *m, uint32_t plot)
{
    return plot != XW_NONE && m->plots[plot].kind == XW_PLOT_WATER;
}

static bool stage_draws(const xw_model *m, const stage *s, const xw_edge *e)
{
    if (e->left == XW_NONE || e->right == XW_NONE) return true; /* the rim */
    if (s->level == NO_LEVEL) return is_water(m, e->left) || is_water(m, e->right);
    return m->plots[e->left].division != m->plots[e->right].division ||
           xw__grids_differ(m, e->left, e->right, s->level);
}

static void draw_stage(ranking *r, const stage *s)
{
    const xw_model *m = r->m;
    memset(r->degree, 0, r->n_nodes * sizeof *r->degree);
    for (size_t i = 0; i < m->n_edges; i++) {
        if (!r->is_drawn[i]) r->is_drawn[i] = stage_draws(m, s, &m->edges[i]);
        if (!r->is_drawn[i]) continue;
        r->degree[r->node_of[2 * i]]++;
        r->degree[r->node_of[2 * i + 1]]++;
    }
}

/* ---- chains ---- */

static uint8_t *slot(ranking *r, uint64_t at)
{
    return at >> 63 ? &r->node_rank[~at] : &r->rank[at];
}

/* Appends an edge, entered at `from` (an end); the vertex at its far end is left to what follows.
 */
static xw_status add_edge(ranking *r, uint32_t from, xw_error *err)
{
    const xw_edge *e = &r->m->edges[from / 2];
    const size_t need = r->n + e->n + 1;
    if (!xw_grow((void **)&r->pts, &r->cap_pts, need, sizeof *r->pts) ||
        !xw_grow((void **)&r->slots, &r->cap_slots, need, sizeof *r->slots) ||
        !xw_grow((void **)&r->chain_rank, &r->cap_rank, need, 1)) {
        return xw_fail(err, XW_NOMEM, "chain of %zu vertices", need);
    }
    for (uint32_t k = 0; k + 1 < e->n; k++) {
        const uint32_t v = e->first + (from % 2 ? e->n - 1 - k : k);
        r->pts[r->n] = r->m->pts[v];
        r->slots[r->n++] = k == 0 ? ~(uint64_t)r->node_of[from] : v;
    }
    return XW_OK;
}

/* The other drawn end at a node of degree 2. */
static uint32_t next_end(const ranking *r, uint32_t node, uint32_t came)
{
    for (uint32_t i = r->node_start[node]; i < r->node_start[node + 1]; i++) {
        if (r->ends[i] != came && r->is_drawn[r->ends[i] / 2]) return r->ends[i];
    }
    return XW_NONE;
}

/* Collects the chain that starts with `from`, to the next node or once round. */
static xw_status collect(ranking *r, uint32_t from, xw_error *err)
{
    r->n = 0;
    for (uint32_t at = from;;) {
        const xw_status st = add_edge(r, at, err);
        if (st) return st;
        r->is_done[at / 2] = true;
        const uint32_t far = at ^ 1, node = r->node_of[far];
        at = r->degree[node] == 2 ? next_end(r, node, far) : XW_NONE;
        if (at == XW_NONE || at == from || r->is_done[at / 2]) {
            const xw_edge *e = &r->m->edges[far / 2];
            r->pts[r->n] = r->m->pts[far % 2 ? e->first + e->n - 1 : e->first];
            r->slots[r->n++] = ~(uint64_t)node;
            return XW_OK;
        }
    }
}

/* Ranks the chain between the vertices that an earlier drawing keeps already. */
static xw_status rank_chain(ranking *r, unsigned zoom, xw_error *err)
{
    for (size_t k = 0; k < r->n; k += r->n - 1) {
        uint8_t *const s = slot(r, r->slots[k]);
        if (*s > zoom) *s = (uint8_t)zoom;
    }
    for (size_t i = 0; i + 1 < r->n;) {
        size_t j = i + 1;
        while (j + 1 < r->n && *slot(r, r->slots[j]) >= zoom) j++;
        const xw_status st = xw_chain_ranks(r->pts + i, j - i + 1, r->chain_rank, err);
        if (st) return st;
        for (size_t k = i + 1; k < j; k++) {
            const unsigned own = r->chain_rank[k - i];
            *slot(r, r->slots[k]) = (uint8_t)(own > zoom ? own : zoom);
        }
        i = j;
    }
    return XW_OK;
}

static xw_status rank_stage(ranking *r, const stage *s, xw_error *err)
{
    const xw_model *m = r->m;
    draw_stage(r, s);
    memset(r->is_done, 0, m->n_edges * sizeof *r->is_done);
    for (int loops = 0; loops < 2; loops++) { /* what is left after the chains are closed loops */
        for (uint32_t i = 0; i < 2 * m->n_edges; i++) {
            if (!r->is_drawn[i / 2] || r->is_done[i / 2]) continue;
            if (!loops && r->degree[r->node_of[i]] == 2) continue;
            xw_status st = collect(r, i, err);
            if (!st) st = rank_chain(r, s->zoom, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

/* Everything is drawn from XW_TILE_ZOOM_FULL on; a node has one rank in all its edges. */
static void settle(ranking *r)
{
    const xw_model *m = r->m;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        r->rank[e->first] = r->node_rank[r->node_of[2 * i]];
        r->rank[e->first + e->n - 1] = r->node_rank[r->node_of[2 * i + 1]];
        for (uint32_t v = e->first; v < e->first + e->n; v++) {
            if (r->rank[v] > XW_TILE_ZOOM_FULL) r->rank[v] = XW_TILE_ZOOM_FULL;
        }
    }
}

static int by_zoom(const void *a, const void *b)
{
    const stage *p = a, *q = b;
    if (p->zoom != q->zoom) return p->zoom < q->zoom ? -1 : 1;
    return (p->level > q->level) - (p->level < q->level);
}

xw_status xw_tile_ranks(const xw_model *m, uint8_t *rank, xw_error *err)
{
    ranking r = {.m = m, .rank = rank};
    stage stages[STAGES_MAX];
    size_t n = 0;
    stages[n++] = (stage){XW__ZOOM_WATER, NO_LEVEL};
    for (uint32_t i = 0; i < m->n_levels; i++) {
        stages[n++] = (stage){xw_tile_level_zoom(m, i), i};
    }
    qsort(stages, n, sizeof *stages, by_zoom);
    xw_status st = make_nodes(&r, err);
    if (!st) st = make_tables(&r, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (i + 1 < n && stages[i + 1].zoom == stages[i].zoom) {
            draw_stage(&r, &stages[i]); /* two levels come in together */
        } else {
            st = rank_stage(&r, &stages[i], err);
        }
    }
    if (!st) settle(&r);
    finish(&r);
    return st;
}
