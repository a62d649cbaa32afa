#include "map_cycles.h"
#include "xiwang/cells.h"

#include <stdlib.h>

typedef struct vec {
    int64_t x, y;
} vec;

static vec direction(const xw_map *m, uint32_t h)
{
    const xw_pt a = xw_map_from(m, h), b = xw_map_to(m, h);
    return (vec){(int64_t)b.x - a.x, (int64_t)b.y - a.y};
}

/* Order of outgoing half-edges counter-clockwise from east. */
static bool before(vec a, vec b)
{
    const bool a_low = a.y < 0 || (a.y == 0 && a.x < 0);
    const bool b_low = b.y < 0 || (b.y == 0 && b.x < 0);
    if (a_low != b_low) return b_low;
    return a.x * b.y - a.y * b.x > 0;
}

enum { CHUNK = 1 << 13 }; /* nodes, rays or half-edges of one work item */

typedef struct links {
    xw_map *m;
    uint32_t *start, *out; /* half-edges by their origin */
} links;

/* Links next around the nodes of a chunk: after arriving by h, the face goes on along the first
 * half-edge clockwise from the twin of h. */
static xw_status link_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    const links *l = ctx;
    xw_map *m = l->m;
    const size_t n_nodes = m->noded->n_nodes;
    const size_t hi = (chunk + 1) * CHUNK < n_nodes ? (chunk + 1) * CHUNK : n_nodes;
    for (size_t v = chunk * CHUNK; v < hi; v++) {
        uint32_t *o = l->out + l->start[v];
        const uint32_t n = l->start[v + 1] - l->start[v];
        for (uint32_t i = 1; i < n && n > 2; i++) { /* insertion: degrees are small */
            const uint32_t h = o[i];
            const vec dir = direction(m, h);
            uint32_t k = i;
            for (; k > 0 && before(dir, direction(m, o[k - 1])); k--) o[k] = o[k - 1];
            o[k] = h;
        }
        for (uint32_t i = 0; i < n; i++) m->next[o[i] ^ 1] = o[i == 0 ? n - 1 : i - 1];
    }
    return XW_OK;
}

static xw_status link_nodes(xw_map *m, unsigned threads, xw_error *err)
{
    const xw_noded *d = m->noded;
    links l = {.m = m};
    l.start = calloc(d->n_nodes + 2, sizeof *l.start);
    l.out = malloc((m->n_halves + 1) * sizeof *l.out);
    xw_status st = l.start && l.out ? XW_OK : xw_fail(err, XW_NOMEM, "%zu half-edges", m->n_halves);
    if (!st) {
        uint32_t *slot = l.start + 1;
        for (size_t e = 0; e < d->n_edges; e++) {
            slot[d->edges[e].a + 1]++;
            slot[d->edges[e].b + 1]++;
        }
        for (size_t v = 1; v <= d->n_nodes; v++) slot[v] += slot[v - 1];
        for (uint32_t e = 0; e < d->n_edges; e++) {
            l.out[slot[d->edges[e].a]++] = 2 * e;
            l.out[slot[d->edges[e].b]++] = 2 * e + 1;
        }
        st = xw_parallel(threads, (d->n_nodes + CHUNK - 1) / CHUNK, link_chunk, &l, err);
    }
    free(l.start);
    free(l.out);
    return st;
}

static void edge_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const xw_noded *d = ctx;
    *a = d->nodes[d->edges[i].a];
    *b = d->nodes[d->edges[i].b];
}

/* Where the upward edge lo -> hi meets the height y: lo.x + num / den, den > 0. */
typedef struct meet {
    int64_t x, num, den;
    xw_pt lo, hi;
} meet;

static meet meet_of(xw_pt a, xw_pt b, int32_t y)
{
    const xw_pt lo = a.y < b.y ? a : b, hi = a.y < b.y ? b : a;
    const int64_t dy = (int64_t)hi.y - lo.y;
    return (meet){lo.x, ((int64_t)y - lo.y) * ((int64_t)hi.x - lo.x), dy, lo, hi};
}

/* Is p further east than q just above their common height? */
static bool further_east(const meet *p, const meet *q)
{
    const xw_i128 l = ((xw_i128)p->x * p->den + p->num) * q->den;
    const xw_i128 r = ((xw_i128)q->x * q->den + q->num) * p->den;
    if (l != r) return l > r;
    const int64_t dx = (int64_t)p->hi.x - p->lo.x, qx = (int64_t)q->hi.x - q->lo.x;
    return (xw_i128)dx * q->den > (xw_i128)qx * p->den;
}

/* The first edge strictly west of node v (just above its height), UINT32_MAX if none. */
static uint32_t edge_west_of(const xw_map *m, const xw_cells *c, xw_pt v)
{
    const uint32_t cy = xw_cell_y(c, v.y);
    uint32_t best = UINT32_MAX;
    meet best_at = {0};
    for (uint32_t cx = xw_cell_x(c, v.x) + 1; cx-- > 0;) {
        const size_t cell = xw_cell_at(c, cx, cy);
        for (uint32_t k = c->start[cell]; k < c->start[cell + 1]; k++) {
            const uint32_t e = c->item[k];
            xw_pt a, b;
            edge_ends(m->noded, e, &a, &b);
            if ((a.y > v.y) == (b.y > v.y)) continue;
            const meet at = meet_of(a, b, v.y);
            if ((xw_i128)at.x * at.den + at.num >= (xw_i128)v.x * at.den) continue;
            if (best == UINT32_MAX || further_east(&at, &best_at)) {
                best = e;
                best_at = at;
            }
        }
        const int64_t west_rim = c->box.min.x + ((int64_t)cx << c->shift);
        if (best != UINT32_MAX &&
            (xw_i128)best_at.x * best_at.den + best_at.num >= (xw_i128)west_rim * best_at.den) {
            break; /* nothing further west can be nearer */
        }
    }
    return best;
}

typedef struct hole {
    uint32_t node, cycle;
    uint32_t west; /* the edge that its ray meets */
} hole;

static int by_node(const void *a, const void *b)
{
    const hole *p = a, *q = b;
    return (p->node > q->node) - (p->node < q->node);
}

typedef struct filling {
    xw_map *m;
    xw__cycles *cy;
    xw_cells cells;
    hole *holes;
    size_t n_holes;
} filling;

static xw_status ray_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    filling *f = ctx;
    enum { RAYS = 256 };
    for (size_t i = chunk * RAYS; i < (chunk + 1) * RAYS && i < f->n_holes; i++) {
        hole *h = &f->holes[i];
        h->west = edge_west_of(f->m, &f->cells, f->m->noded->nodes[h->node]);
    }
    return XW_OK;
}

/* Gives each cycle that is no outer boundary the face around it: rays side by side, then from west
 * to east, so that the component a ray meets is already placed. */
static xw_status place_holes(filling *f, unsigned threads, xw_error *err)
{
    xw_map *m = f->m;
    xw__cycles *cy = f->cy;
    size_t n = 0;
    for (size_t i = 0; i < cy->n; i++) n += cy->c[i].area2 <= 0;
    f->holes = malloc((n + 1) * sizeof *f->holes);
    if (!f->holes) return xw_fail(err, XW_NOMEM, "%zu components", n);
    for (size_t i = 0; i < cy->n; i++) {
        if (cy->c[i].area2 > 0) continue;
        f->holes[f->n_holes++] = (hole){xw_map_origin(m, cy->c[i].leftmost), (uint32_t)i, 0};
    }
    if (n) qsort(f->holes, n, sizeof *f->holes, by_node);
    xw_status st = xw_parallel(threads, n / 256 + 1, ray_chunk, f, err);
    for (size_t i = 0; i < n && !st; i++) {
        const hole *h = &f->holes[i];
        uint32_t face = 0;
        if (h->west != UINT32_MAX) { /* the side that looks east: right of the upward direction */
            const xw_noded_edge *e = &m->noded->edges[h->west];
            const bool up = m->noded->nodes[e->a].y < m->noded->nodes[e->b].y;
            face = cy->c[cy->of_half[2 * h->west + (up ? 1 : 0)]].face;
        }
        if (face == UINT32_MAX) {
            const xw_pt p = m->noded->nodes[h->node];
            st = xw_fail(err, XW_INTERNAL, "edges are not noded near %.7f,%.7f", xw_deg(p.x),
                         xw_deg(p.y));
        }
        cy->c[h->cycle].face = face;
    }
    m->n_components = n;
    return st;
}

static xw_status face_chunk(void *ctx, size_t chunk, unsigned thread, xw_error *err)
{
    (void)thread;
    (void)err;
    const filling *f = ctx;
    xw_map *m = f->m;
    const size_t size = (size_t)CHUNK * 8;
    const size_t hi = (chunk + 1) * size < m->n_halves ? (chunk + 1) * size : m->n_halves;
    for (size_t h = chunk * size; h < hi; h++) m->face[h] = f->cy->c[f->cy->of_half[h]].face;
    return XW_OK;
}

static xw_status fill_faces(xw_map *m, xw__cycles *cy, unsigned threads, xw_error *err)
{
    m->n_faces = 1;
    for (size_t i = 0; i < cy->n; i++) {
        if (cy->c[i].area2 > 0) cy->c[i].face = (uint32_t)m->n_faces++;
    }
    m->first = malloc(m->n_faces * sizeof *m->first);
    m->area2 = calloc(m->n_faces, sizeof *m->area2);
    if (!m->first || !m->area2) return xw_fail(err, XW_NOMEM, "%zu faces", m->n_faces);
    m->first[0] = UINT32_MAX;
    filling f = {.m = m, .cy = cy};
    xw_status st = xw_cells_create(&f.cells, edge_ends, m->noded, m->noded->n_edges, err);
    if (!st) st = place_holes(&f, threads, err);
    xw_cells_finish(&f.cells);
    free(f.holes);
    if (st) return st;
    for (size_t i = 0; i < cy->n; i++) {
        m->area2[cy->c[i].face] += cy->c[i].area2;
        if (cy->c[i].area2 > 0) m->first[cy->c[i].face] = cy->c[i].first;
    }
    return xw_parallel(threads, m->n_halves / ((size_t)CHUNK * 8) + 1, face_chunk, &f, err);
}

xw_status xw_map_create(const xw_noded *noded, xw_map *out, xw_error *err)
{
    return xw_map_create_with(noded, NULL, out, err);
}

xw_status xw_map_create_with(const xw_noded *noded, const xw_job *job, xw_map *out, xw_error *err)
{
    *out = (xw_map){.noded = noded, .n_halves = 2 * noded->n_edges};
    const unsigned threads = xw_job_threads(job);
    xw__cycles cy = {0};
    xw_status st = XW_OK;
    out->next = malloc((out->n_halves + 1) * sizeof *out->next);
    out->face = malloc((out->n_halves + 1) * sizeof *out->face);
    if (!out->next || !out->face) {
        st = xw_fail(err, XW_NOMEM, "%zu half-edges", out->n_halves);
        goto fail;
    }
    st = link_nodes(out, threads, err);
    if (!st) st = xw__find_cycles(out, threads, &cy, err);
    if (!st) st = fill_faces(out, &cy, threads, err);
    if (st) goto fail;
    xw__cycles_finish(&cy);
    return XW_OK;

fail:
    xw__cycles_finish(&cy);
    xw_map_finish(out);
    return st;
}

void xw_map_finish(xw_map *m)
{
    free(m->next);
    free(m->face);
    free(m->first);
    free(m->area2);
    *m = (xw_map){0};
}

xw_status xw_map_faces_create(const xw_map *m, xw_map_faces *out, xw_error *err)
{
    out->start = calloc(m->n_faces + 2, sizeof *out->start);
    out->half = malloc((m->n_halves + 1) * sizeof *out->half);
    if (!out->start || !out->half) {
        xw_map_faces_finish(out);
        return xw_fail(err, XW_NOMEM, "%zu faces", m->n_faces);
    }
    uint32_t *slot = out->start + 1; /* counted one ahead, so that placing ends at the starts */
    for (size_t h = 0; h < m->n_halves; h++) slot[m->face[h] + 1]++;
    for (size_t f = 1; f <= m->n_faces; f++) slot[f] += slot[f - 1];
    for (uint32_t h = 0; h < m->n_halves; h++) out->half[slot[m->face[h]]++] = h;
    return XW_OK;
}

void xw_map_faces_finish(xw_map_faces *f)
{
    free(f->start);
    free(f->half);
    *f = (xw_map_faces){0};
}
