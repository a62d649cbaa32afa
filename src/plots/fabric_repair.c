/* Every plot becomes one connected piece: pieces without most of the footprint go to the neighbour
 * in the same block with which they share the longest rim. */
#include "fabric.h"
#include "unions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct part {
    uint32_t root, plot;
    int64_t own; /* twice the area of the plot's footprint in it */
    int64_t area2;
} part;

/* Does a long dead end run along edge e? */
static bool is_lane(const fabric *f, size_t e)
{
    const xw_noded_edge *d = &f->noded.edges[e];
    for (uint32_t i = 0; i < d->n_tags; i++) {
        const uint32_t tag = f->noded.tags[d->first_tag + i] >> 1;
        if (tag < f->n_scene && f->s->edge[tag].lane) return true;
    }
    return false;
}

/* Components of faces of one plot, by root face; over dead ends only if asked. */
static void join_faces(const fabric *f, bool over_lanes, uint32_t *up)
{
    unions_init(up, f->map.n_faces);
    for (size_t e = 0; e < f->noded.n_edges; e++) {
        const uint32_t l = f->map.face[2 * e], r = f->map.face[2 * e + 1];
        if (f->plot[l] != f->plot[r] || f->plot[l] == XW_NONE) continue;
        if (!over_lanes && is_lane(f, e)) continue;
        unions_join(up, l, r);
    }
}

static int main_part_first(const void *a, const void *b)
{
    const part *p = a, *q = b;
    if (p->plot != q->plot) return p->plot < q->plot ? -1 : 1;
    if (p->own != q->own) return p->own > q->own ? -1 : 1;
    if (p->area2 != q->area2) return p->area2 > q->area2 ? -1 : 1;
    return (p->root > q->root) - (p->root < q->root);
}

enum { PIECE = 1, FIELD = 2 }; /* kinds of loose parts */
/* About 400 m2 in twice square lattice units. */
#define FIELD_AREA2 INT64_C(8000000)

typedef struct border {
    uint32_t root, plot; /* of the loose part, of the neighbour */
    double length;
} border;

static int by_root(const void *a, const void *b)
{
    const border *p = a, *q = b;
    if (p->root != q->root) return p->root < q->root ? -1 : 1;
    return (p->plot > q->plot) - (p->plot < q->plot);
}

typedef struct repair {
    fabric *f;
    uint32_t *up;
    uint32_t *go_to; /* by root of a loose part: the plot it joins; XW_NONE for parts that stay */
    uint8_t *loose;  /* by root */
    part *parts;
    border *borders;
    size_t n_loose, cap_borders;
} repair;

static void find_loose(repair *r, bool over_lanes)
{
    const fabric *f = r->f;
    const size_t n_faces = f->map.n_faces;
    join_faces(f, over_lanes, r->up);
    part *p = r->parts;
    size_t n = 0;
    uint32_t *slot = r->go_to; /* by root: number of its part, while counting */
    memset(slot, 0xFF, (n_faces + 1) * sizeof *slot);
    memset(r->loose, 0, n_faces + 1);
    for (uint32_t i = 0; i < n_faces; i++) {
        if (f->plot[i] == XW_NONE) continue;
        const uint32_t root = unions_find(r->up, i);
        if (slot[root] == XW_NONE) {
            slot[root] = (uint32_t)n;
            p[n++] = (part){root, f->plot[i], 0, 0};
        }
        part *at = &p[slot[root]];
        at->area2 += f->map.area2[i];
        if (f->region[i] == f->plot[i]) at->own += f->map.area2[i];
    }
    if (n) qsort(p, n, sizeof *p, main_part_first);
    r->n_loose = 0;
    for (size_t i = 1; i < n; i++) {
        if (p[i].plot != p[i - 1].plot) continue;
        const bool field = p[i].plot >= fabric_buildings(f) && p[i].area2 > FIELD_AREA2;
        r->loose[p[i].root] = field ? FIELD : PIECE;
        r->n_loose++;
    }
    memset(r->go_to, 0xFF, (n_faces + 1) * sizeof *r->go_to);
}

/* Every loose part chooses the neighbour with the longest common rim in its own block. */
static xw_status choose(repair *r, bool over_lanes, xw_error *err)
{
    const fabric *f = r->f;
    size_t n = 0;
    for (uint32_t h = 0; h < f->map.n_halves; h++) {
        const uint32_t face = f->map.face[h], other = f->map.face[h ^ 1];
        if (f->plot[face] == XW_NONE || f->plot[other] == XW_NONE) continue;
        const uint32_t root = unions_find(r->up, face);
        if (r->loose[root] != PIECE || f->plot[face] == f->plot[other] ||
            fabric_block(f, face) != fabric_block(f, other)) {
            continue;
        }
        if (!over_lanes && is_lane(f, h >> 1)) continue;
        if (!xw_grow((void **)&r->borders, &r->cap_borders, n + 1, sizeof *r->borders)) {
            return xw_fail(err, XW_NOMEM, "%zu loose parts", r->n_loose);
        }
        const xw_pt a = xw_map_from(&f->map, h), b = xw_map_to(&f->map, h);
        r->borders[n++] =
            (border){root, f->plot[other], hypot((double)b.x - a.x, (double)b.y - a.y)};
    }
    if (n) qsort(r->borders, n, sizeof *r->borders, by_root);
    for (size_t i = 0; i < n;) {
        const uint32_t root = r->borders[i].root;
        double best = -1.0;
        while (i < n && r->borders[i].root == root) {
            const uint32_t plot = r->borders[i].plot;
            double sum = 0.0;
            for (; i < n && r->borders[i].root == root && r->borders[i].plot == plot; i++) {
                sum += r->borders[i].length;
            }
            if (sum > best) {
                best = sum;
                r->go_to[root] = plot;
            }
        }
    }
    return XW_OK;
}

/* Parts without a neighbour in their block, and those that still swap after many rounds, become
 * open plots of their own. */
static xw_status move(repair *r, xw_error *err)
{
    fabric *f = r->f;
    for (uint32_t i = 0; i < f->map.n_faces; i++) {
        if (f->plot[i] == XW_NONE) continue;
        const uint32_t root = unions_find(r->up, i);
        if (!r->loose[root]) continue;
        if (r->go_to[root] == XW_NONE) {
            const xw_status st = fabric_open_plot(f, fabric_block(f, i), &r->go_to[root], err);
            if (st) return st;
        }
        f->plot[i] = r->go_to[root];
    }
    return XW_OK;
}

/* Loose parts that found no neighbour stay what they are. */
static void stay_alone(repair *r)
{
    for (uint32_t i = 0; i < r->f->map.n_faces; i++) {
        if (r->loose[i] && r->go_to[i] == XW_NONE) r->loose[i] = 0;
    }
}

/* Footprints in several parts keep the largest; what went elsewhere is told. */
static xw_status note_lost(const fabric *f, xw_error *err)
{
    const uint32_t n = fabric_buildings(f);
    int64_t *lost = calloc((size_t)n + 1, sizeof *lost);
    if (!lost) return xw_fail(err, XW_NOMEM, "%u buildings", n);
    for (uint32_t i = 0; i < f->map.n_faces; i++) {
        const uint32_t b = f->region[i];
        if (b < n && f->plot[i] != b) lost[b] += f->map.area2[i];
    }
    xw_status st = XW_OK;
    for (uint32_t b = 0; b < n && !st; b++) {
        if (lost[b] <= 0) continue;
        const xw_pt at = scene_building_at(f->s, b);
        const xw_scale k = xw_scale_at(at.y);
        st = xw_territory_find(f->s->notes, "building-parts", "buildings",
                               xw_territory_text(f->s->t, scene_building(f->s, b)->source), at, err,
                               "its parts lie apart; %.2f m2 of it are on other plots",
                               0.5 * (double)lost[b] * k.mx * k.my);
    }
    free(lost);
    return st;
}

enum { ROUNDS_MAX = 24 };

xw_status fabric_repair(fabric *f, xw_error *err)
{
    const size_t n = f->map.n_faces + 1;
    repair r = {.f = f};
    r.up = malloc(n * sizeof *r.up);
    r.go_to = malloc(n * sizeof *r.go_to);
    r.loose = malloc(n);
    r.parts = malloc(n * sizeof *r.parts);
    xw_status st =
        r.up && r.go_to && r.loose && r.parts ? XW_OK : xw_fail(err, XW_NOMEM, "%zu faces", n);
    /* First every plot gives up its land beyond a long dead end, where somebody else is there. */
    if (!st) {
        find_loose(&r, false);
        st = choose(&r, false, err);
    }
    if (!st) {
        stay_alone(&r);
        st = move(&r, err);
    }
    for (int round = 0; !st; round++) {
        find_loose(&r, true);
        if (r.n_loose == 0) break;
        if (round == ROUNDS_MAX) {
            st = xw_fail(err, XW_INTERNAL, "%zu parts of plots stay loose", r.n_loose);
            break;
        }
        if (round < ROUNDS_MAX / 2) st = choose(&r, true, err);
        if (!st) st = move(&r, err);
    }
    if (!st) st = note_lost(f, err);
    free(r.up);
    free(r.go_to);
    free(r.loose);
    free(r.parts);
    free(r.borders);
    return st;
}
