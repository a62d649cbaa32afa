#include "locate/scene.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static xw_pt node_at(const scene *s, int32_t i, int32_t j)
{
    return s->node[j * (s->side + 1) + i];
}

static void build_square(const scene *s, xw_rng *r, square *q, int32_t i, int32_t j,
                         uint32_t labels)
{
    const xw_pt c[4] = {node_at(s, i, j), node_at(s, i + 1, j), node_at(s, i + 1, j + 1),
                        node_at(s, i, j + 1)};
    *q = (square){.n = {4, 0}};
    q->label[0] = xw_rng_below(r, labels);
    q->label[1] = xw_rng_below(r, labels);
    memcpy(q->ring[0], c, sizeof c);
    const uint32_t kind = xw_rng_below(r, s->step >= 32 ? 4 : 3);
    if (kind == 1 || kind == 2) {
        const uint32_t k = kind - 1;
        q->n[0] = q->n[1] = 3;
        for (uint32_t v = 0; v < 3; v++) {
            q->ring[0][v] = c[(k + v) % 4];
            q->ring[1][v] = c[(k + 2 + v) % 4];
        }
    } else if (kind == 3) {
        const xw_pt m = {(int32_t)(((int64_t)c[0].x + c[1].x + c[2].x + c[3].x) / 4),
                         (int32_t)(((int64_t)c[0].y + c[1].y + c[2].y + c[3].y) / 4)};
        const int32_t d = s->step / 16;
        q->diamond = true;
        q->n[1] = 4;
        q->ring[1][0] = (xw_pt){m.x + d, m.y};
        q->ring[1][1] = (xw_pt){m.x, m.y + d};
        q->ring[1][2] = (xw_pt){m.x - d, m.y};
        q->ring[1][3] = (xw_pt){m.x, m.y - d};
    }
}

static int by_ends(const void *a, const void *b)
{
    const xw_label_edge *e = a, *f = b;
    if (!xw_pt_eq(e->a, f->a)) return xw_pt_less(e->a, f->a) ? -1 : 1;
    if (!xw_pt_eq(e->b, f->b)) return xw_pt_less(e->b, f->b) ? -1 : 1;
    return 0;
}

/* Adds a piece's ring (counter-clockwise) as edges with one side known; others say the other. */
static void add_ring(scene *s, const xw_pt *ring, uint32_t n, uint32_t in, uint32_t out)
{
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt a = ring[i], b = ring[(i + 1) % n];
        s->edges[s->n_edges++] =
            xw_pt_less(a, b) ? (xw_label_edge){a, b, in, out} : (xw_label_edge){b, a, out, in};
    }
}

static void pair_edges(scene *s)
{
    qsort(s->edges, s->n_edges, sizeof *s->edges, by_ends);
    size_t n = 0;
    for (size_t i = 0; i < s->n_edges; i++) {
        if (n > 0 && by_ends(&s->edges[n - 1], &s->edges[i]) == 0) {
            s->edges[n - 1].left |= s->edges[i].left;
            s->edges[n - 1].right |= s->edges[i].right;
        } else {
            s->edges[n++] = s->edges[i];
        }
    }
    s->n_edges = n;
}

void scene_build(scene *s, xw_rng *r, int32_t side, int32_t step, xw_pt origin, uint32_t n_labels)
{
    const size_t n = (size_t)side * (size_t)side;
    *s = (scene){.side = side, .step = step, .origin = origin};
    s->node = malloc((size_t)(side + 1) * (size_t)(side + 1) * sizeof *s->node);
    s->squares = malloc(n * sizeof *s->squares);
    s->edges = malloc(n * 8 * sizeof *s->edges);
    assert(s->node && s->squares && s->edges);
    const int32_t jitter = (step - 1) / 4;
    for (int32_t j = 0; j <= side; j++) {
        for (int32_t i = 0; i <= side; i++) {
            s->node[j * (side + 1) + i] =
                (xw_pt){origin.x + i * step + xw_rng_in(r, -jitter, jitter),
                        origin.y + j * step + xw_rng_in(r, -jitter, jitter)};
        }
    }
    for (size_t k = 0; k < n; k++) {
        square *q = &s->squares[k];
        build_square(s, r, q, (int32_t)k % side, (int32_t)k / side, n_labels);
        add_ring(s, q->ring[0], q->n[0], q->label[0], 0);
        add_ring(s, q->ring[1], q->n[1], q->label[1], q->diamond ? q->label[0] : 0);
    }
    pair_edges(s);
}

void scene_finish(scene *s)
{
    free(s->node);
    free(s->squares);
    free(s->edges);
    *s = (scene){0};
}

uint32_t scene_owner(const scene *s, xw_pt p, int *owners)
{
    const int32_t i = (p.x - s->origin.x + s->step) / s->step - 1;
    const int32_t j = (p.y - s->origin.y + s->step) / s->step - 1;
    uint32_t label = 0;
    *owners = 0;
    for (int32_t y = j - 1; y <= j + 1; y++) { /* jitter moves a square by less than one place */
        for (int32_t x = i - 1; x <= i + 1; x++) {
            if (x < 0 || y < 0 || x >= s->side || y >= s->side) continue;
            const square *q = &s->squares[y * s->side + x];
            const bool in0 = xw_ring_owns((xw_ring){q->ring[0], q->n[0]}, p);
            const bool in1 = q->n[1] > 0 && xw_ring_owns((xw_ring){q->ring[1], q->n[1]}, p);
            if (!in0 && !in1) continue;
            *owners += q->diamond ? 1 : in0 + in1;
            label = q->label[in1];
        }
    }
    return label;
}

xw_pt scene_point(const scene *s, xw_rng *r)
{
    const xw_label_edge e = s->edges[xw_rng_below(r, (uint32_t)s->n_edges)];
    const int64_t dx = (int64_t)e.b.x - e.a.x, dy = (int64_t)e.b.y - e.a.y;
    switch (xw_rng_below(r, 8)) {
    case 0:
        return e.a;
    case 1: { /* on the edge where it meets the lattice, else just beside it */
        int64_t g = dx < 0 ? -dx : dx, h = dy < 0 ? -dy : dy;
        while (h) {
            const int64_t t = g % h;
            g = h;
            h = t;
        }
        if (g > 1) {
            const int64_t k = 1 + xw_rng_below(r, (uint32_t)(g - 1));
            return (xw_pt){(int32_t)(e.a.x + dx / g * k), (int32_t)(e.a.y + dy / g * k)};
        }
        return (xw_pt){(int32_t)(e.a.x + dx / 2), (int32_t)(e.a.y + dy / 2)};
    }
    case 2: /* level with a vertex: where half-open spans break */
        return (xw_pt){s->origin.x + xw_rng_in(r, -s->step, (s->side + 1) * s->step), e.a.y};
    case 3:
        return (xw_pt){e.a.x, s->origin.y + xw_rng_in(r, -s->step, (s->side + 1) * s->step)};
    default:
        return (xw_pt){s->origin.x + xw_rng_in(r, -s->step, (s->side + 1) * s->step),
                       s->origin.y + xw_rng_in(r, -s->step, (s->side + 1) * s->step)};
    }
}
