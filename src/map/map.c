#include "xiwang/map.h"

#include "xiwang/buf.h"
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

/* Links next around every node: after arriving by h, the face goes on along the first half-edge
 * clockwise from the twin of h. */
static xw_status link_nodes(xw_map *m, xw_error *err)
{
    const xw_noded *d = m->noded;
    uint32_t *start = calloc(d->n_nodes + 2, sizeof *start);
    uint32_t *out = malloc((m->n_halves + 1) * sizeof *out);
    if (!start || !out) {
        free(start);
        free(out);
        return xw_fail(err, XW_NOMEM, "%zu half-edges", m->n_halves);
    }
    uint32_t *slot = start + 1;
    for (size_t e = 0; e < d->n_edges; e++) {
        slot[d->edges[e].a + 1]++;
        slot[d->edges[e].b + 1]++;
    }
    for (size_t v = 1; v <= d->n_nodes; v++) slot[v] += slot[v - 1];
    for (uint32_t h = 0; h < m->n_halves; h++) out[slot[xw_map_origin(m, h)]++] = h;
    for (size_t v = 0; v < d->n_nodes; v++) {
        const uint32_t lo = start[v], n = start[v + 1] - lo;
        uint32_t *o = out + lo;
        for (uint32_t i = 1; i < n && n > 2; i++) { /* insertion: degrees are small */
            const uint32_t h = o[i];
            const vec dir = direction(m, h);
            uint32_t k = i;
            for (; k > 0 && before(dir, direction(m, o[k - 1])); k--) o[k] = o[k - 1];
            o[k] = h;
        }
        for (uint32_t i = 0; i < n; i++) m->next[o[i] ^ 1] = o[i == 0 ? n - 1 : i - 1];
    }
    free(start);
    free(out);
    return XW_OK;
}

typedef struct cycle {
    int64_t area2;
    uint32_t first;    /* smallest half-edge */
    uint32_t leftmost; /* half-edge whose origin is the smallest node of the cycle */
    uint32_t face;
} cycle;

typedef struct cycles {
    cycle *c;
    size_t n;
    uint32_t *of_half;
} cycles;

static xw_status find_cycles(const xw_map *m, cycles *out, xw_error *err)
{
    size_t cap = 0;
    out->of_half = malloc((m->n_halves + 1) * sizeof *out->of_half);
    if (!out->of_half) return xw_fail(err, XW_NOMEM, "%zu half-edges", m->n_halves);
    for (size_t h = 0; h < m->n_halves; h++) out->of_half[h] = UINT32_MAX;
    for (uint32_t h = 0; h < m->n_halves; h++) {
        if (out->of_half[h] != UINT32_MAX) continue;
        if (!xw_grow((void **)&out->c, &cap, out->n + 1, sizeof *out->c)) {
            return xw_fail(err, XW_NOMEM, "%zu faces", out->n);
        }
        const xw_pt o = xw_map_from(m, h);
        xw_i128 area2 = 0;
        uint32_t leftmost = h, at = h, node = xw_map_origin(m, h), west = node;
        xw_pt a = o;
        do {
            const uint32_t to = xw_map_target(m, at);
            const xw_pt b = m->noded->nodes[to];
            area2 += ((int64_t)a.x - o.x) * ((int64_t)b.y - o.y) -
                     ((int64_t)a.y - o.y) * ((int64_t)b.x - o.x);
            if (node < west) { /* nodes are numbered by x, then y */
                west = node;
                leftmost = at;
            }
            out->of_half[at] = (uint32_t)out->n;
            at = m->next[at];
            node = to;
            a = b;
        } while (at != h);
        out->c[out->n++] = (cycle){(int64_t)area2, h, leftmost, UINT32_MAX};
    }
    return XW_OK;
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
} hole;

static int by_node(const void *a, const void *b)
{
    const hole *p = a, *q = b;
    return (p->node > q->node) - (p->node < q->node);
}

/* Gives each cycle that is no outer boundary the face around it. From west to east, so that the
 * component a ray meets is already placed. */
static xw_status place_holes(xw_map *m, cycles *cy, const xw_cells *cells, xw_error *err)
{
    hole *holes = malloc((cy->n + 1) * sizeof *holes);
    if (!holes) return xw_fail(err, XW_NOMEM, "%zu components", cy->n);
    size_t n = 0;
    for (size_t i = 0; i < cy->n; i++) {
        if (cy->c[i].area2 <= 0) {
            holes[n++] = (hole){xw_map_origin(m, cy->c[i].leftmost), (uint32_t)i};
        }
    }
    if (n) qsort(holes, n, sizeof *holes, by_node);
    xw_status st = XW_OK;
    for (size_t i = 0; i < n && !st; i++) {
        const uint32_t e = edge_west_of(m, cells, m->noded->nodes[holes[i].node]);
        uint32_t face = 0;
        if (e != UINT32_MAX) { /* the side that looks east: right of the upward direction */
            const bool up =
                m->noded->nodes[m->noded->edges[e].a].y < m->noded->nodes[m->noded->edges[e].b].y;
            face = cy->c[cy->of_half[2 * e + (up ? 1 : 0)]].face;
        }
        if (face == UINT32_MAX) {
            const xw_pt p = m->noded->nodes[holes[i].node];
            st = xw_fail(err, XW_INTERNAL, "edges are not noded near %.7f,%.7f", xw_deg(p.x),
                         xw_deg(p.y));
        }
        cy->c[holes[i].cycle].face = face;
    }
    m->n_components = n;
    free(holes);
    return st;
}

static xw_status fill_faces(xw_map *m, cycles *cy, xw_error *err)
{
    m->n_faces = 1;
    for (size_t i = 0; i < cy->n; i++) {
        if (cy->c[i].area2 > 0) cy->c[i].face = (uint32_t)m->n_faces++;
    }
    m->first = malloc(m->n_faces * sizeof *m->first);
    m->area2 = calloc(m->n_faces, sizeof *m->area2);
    if (!m->first || !m->area2) return xw_fail(err, XW_NOMEM, "%zu faces", m->n_faces);
    m->first[0] = UINT32_MAX;
    xw_cells cells;
    xw_status st = xw_cells_create(&cells, edge_ends, m->noded, m->noded->n_edges, err);
    if (st) return st;
    st = place_holes(m, cy, &cells, err);
    xw_cells_finish(&cells);
    if (st) return st;
    for (size_t i = 0; i < cy->n; i++) {
        m->area2[cy->c[i].face] += cy->c[i].area2;
        if (cy->c[i].area2 > 0) m->first[cy->c[i].face] = cy->c[i].first;
    }
    for (size_t h = 0; h < m->n_halves; h++) m->face[h] = cy->c[cy->of_half[h]].face;
    return XW_OK;
}

xw_status xw_map_create(const xw_noded *noded, xw_map *out, xw_error *err)
{
    *out = (xw_map){.noded = noded, .n_halves = 2 * noded->n_edges};
    cycles cy = {0};
    xw_status st = XW_OK;
    out->next = malloc((out->n_halves + 1) * sizeof *out->next);
    out->face = malloc((out->n_halves + 1) * sizeof *out->face);
    if (!out->next || !out->face) {
        st = xw_fail(err, XW_NOMEM, "%zu half-edges", out->n_halves);
        goto fail;
    }
    st = link_nodes(out, err);
    if (!st) st = find_cycles(out, &cy, err);
    if (!st) st = fill_faces(out, &cy, err);
    if (st) goto fail;
    free(cy.c);
    free(cy.of_half);
    return XW_OK;

fail:
    free(cy.c);
    free(cy.of_half);
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
