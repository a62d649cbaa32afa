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

/* Does a long dead end run along edge e, or the edge of its shadow? */
static bool is_lane(const fabric *f, size_t e)
{
    const xw_noded_edge *d = &f->noded.edges[e];
    for (uint32_t i = 0; i < d->n_tags; i++) {
        const uint32_t tag = f->noded.tags[d->first_tag + i] >> 1;
        if (tag < f->n_scene ? f->s->edge[tag].lane
                             : f->lines->b[tag - f->n_scene].left == XW_NONE) {
            return true;
        }
    }
    return false;
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
    uint32_t *list; /* faces of the plots that are looked at */
    size_t n_list;
    uint32_t *up;
    uint32_t *go_to; /* by root of a loose part: the plot it joins; XW_NONE for parts that stay */
    uint8_t *loose;  /* by root */
    uint8_t *waits;  /* by face: it lies in a loose piece */
    part *parts;     /* by root: what it adds up to */
    uint32_t *main;  /* by plot: the root of its main part */
    uint8_t *asked;  /* by plot: it is looked at */
    size_t cap_main, cap_asked;
    border *borders;
    size_t n_loose, cap_borders;
} repair;

/* Components of faces of one plot, by root face; over dead ends only if asked. */
static void join_faces(repair *r, bool over_lanes)
{
    const fabric *f = r->f;
    for (size_t i = 0; i < r->n_list; i++) r->up[r->list[i]] = r->list[i];
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
            const uint32_t h = f->faces.half[k], other = f->map.face[h ^ 1];
            if (other <= face || f->plot[other] != f->plot[face]) continue;
            if (!over_lanes && is_lane(f, h >> 1)) continue;
            unions_join(r->up, face, other);
        }
    }
}

static bool goes_first(const part *p, const part *q)
{
    if (p->own != q->own) return p->own > q->own;
    if (p->area2 != q->area2) return p->area2 > q->area2;
    return p->root < q->root;
}

/* Of the parts of a plot the one with most of its footprint is the main one, the others are loose.
 */
static void find_loose(repair *r, bool over_lanes)
{
    const fabric *f = r->f;
    join_faces(r, over_lanes);
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        r->parts[face] = (part){face, f->plot[face], 0, 0};
        r->main[f->plot[face]] = XW_NONE;
    }
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        part *at = &r->parts[unions_find(r->up, face)];
        at->area2 += f->map.area2[face];
        if (f->region[face] == f->plot[face]) at->own += f->map.area2[face];
    }
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        uint32_t *main = &r->main[f->plot[face]];
        if (r->up[face] == face &&
            (*main == XW_NONE || goes_first(&r->parts[face], &r->parts[*main]))) {
            *main = face;
        }
    }
    r->n_loose = 0;
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        const part *p = &r->parts[face];
        r->loose[face] = 0;
        r->go_to[face] = XW_NONE;
        if (r->up[face] != face || r->main[p->plot] == face) continue;
        const bool field = p->plot >= fabric_buildings(f) && p->area2 > FIELD_AREA2;
        r->loose[face] = field ? FIELD : PIECE;
        r->n_loose++;
    }
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        r->waits[face] = r->loose[unions_find(r->up, face)] == PIECE;
    }
}

/* The borders of a face of a loose part with other plots of its block. */
static xw_status add_borders(repair *r, uint32_t face, uint32_t root, bool over_lanes, size_t *n,
                             xw_error *err)
{
    const fabric *f = r->f;
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
        const uint32_t h = f->faces.half[k], other = f->map.face[h ^ 1];
        if (f->plot[other] == XW_NONE || f->plot[face] == f->plot[other] ||
            fabric_block(f, face) != fabric_block(f, other)) {
            continue;
        }
        if (!over_lanes && (r->waits[other] || is_lane(f, h >> 1))) continue;
        if (!xw_grow((void **)&r->borders, &r->cap_borders, *n + 1, sizeof *r->borders)) {
            return xw_fail(err, XW_NOMEM, "%zu loose parts", r->n_loose);
        }
        const xw_pt a = xw_map_from(&f->map, h), b = xw_map_to(&f->map, h);
        const double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
        r->borders[(*n)++] = (border){root, f->plot[other], sqrt(dx * dx + dy * dy)};
    }
    return XW_OK;
}

/* Every loose part chooses the neighbour with the longest common rim in its own block. */
static xw_status choose(repair *r, bool over_lanes, xw_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_list && r->n_loose > 0; i++) {
        const uint32_t root = unions_find(r->up, r->list[i]);
        if (r->loose[root] != PIECE) continue;
        const xw_status st = add_borders(r, r->list[i], root, over_lanes, &n, err);
        if (st) return st;
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

static xw_status room_for_plots(repair *r, xw_error *err)
{
    const size_t n = fabric_buildings(r->f) + r->f->n_open + 1, before = r->cap_asked;
    if (!xw_grow((void **)&r->main, &r->cap_main, n, sizeof *r->main) ||
        !xw_grow((void **)&r->asked, &r->cap_asked, n, sizeof *r->asked)) {
        return xw_fail(err, XW_NOMEM, "%zu plots", n);
    }
    if (r->cap_asked > before) memset(r->asked + before, 0, r->cap_asked - before);
    return XW_OK;
}

/* Parts without a neighbour in their block, and those that still swap after many rounds, become
 * open plots of their own. Only plots that got a part may have a loose one afterwards: what the
 * others had is gone. They are what the next round looks at. */
static xw_status move(repair *r, xw_error *err)
{
    fabric *f = r->f;
    memset(r->asked, 0, r->cap_asked);
    for (size_t i = 0; i < r->n_list && r->n_loose > 0; i++) {
        const uint32_t face = r->list[i], root = unions_find(r->up, face);
        if (!r->loose[root]) continue;
        if (r->go_to[root] == XW_NONE) {
            xw_status st = fabric_open_plot(f, fabric_block(f, face), &r->go_to[root], err);
            if (!st) st = room_for_plots(r, err);
            if (st) return st;
        }
        f->plot[face] = r->go_to[root];
        r->asked[f->plot[face]] = 1;
    }
    return XW_OK;
}

enum { ROUNDS_MAX = 24 };

static void list_faces(repair *r, bool all)
{
    r->n_list = 0;
    for (uint32_t i = 0; i < r->f->map.n_faces; i++) {
        const uint32_t p = r->f->plot[i];
        if (p != XW_NONE && (all || r->asked[p])) r->list[r->n_list++] = i;
    }
}

/* Loose parts that found no neighbour stay what they are. Do others go? */
static bool stay_alone(repair *r)
{
    bool others = false;
    for (size_t i = 0; i < r->n_list; i++) {
        const uint32_t face = r->list[i];
        if (!r->loose[face]) continue;
        if (r->go_to[face] == XW_NONE) r->loose[face] = 0;
        others = others || r->loose[face];
    }
    return others;
}

/* Every plot gives up its land beyond a long dead end, where somebody else is there; what lies
 * behind such land goes after it, to whoever has got that. */
static xw_status leave_lanes(repair *r, xw_error *err)
{
    list_faces(r, true);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        find_loose(r, false);
        xw_status st = choose(r, false, err);
        if (st) return st;
        if (!stay_alone(r)) break;
        st = move(r, err);
        if (st) return st;
        for (size_t i = 0; i < r->n_list; i++) {
            const uint32_t face = r->list[i];
            if (r->waits[face] && !r->loose[unions_find(r->up, face)]) {
                r->asked[r->f->plot[face]] = 1;
            }
        }
        list_faces(r, false);
    }
    return XW_OK;
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

static xw_status run_rounds(repair *r, xw_error *err)
{
    xw_status st = leave_lanes(r, err);
    for (int round = 0; !st; round++) {
        list_faces(r, round == 0);
        find_loose(r, true);
        if (r->n_loose == 0) break;
        if (round == ROUNDS_MAX) {
            return xw_fail(err, XW_INTERNAL, "%zu parts of plots stay loose", r->n_loose);
        }
        if (round < ROUNDS_MAX / 2) st = choose(r, true, err);
        if (!st) st = move(r, err);
    }
    return st;
}

xw_status fabric_repair(fabric *f, xw_error *err)
{
    const size_t n = f->map.n_faces + 1;
    repair r = {.f = f};
    r.list = malloc(n * sizeof *r.list);
    r.up = malloc(n * sizeof *r.up);
    r.go_to = malloc(n * sizeof *r.go_to);
    r.loose = malloc(n);
    r.waits = calloc(n, 1);
    r.parts = malloc(n * sizeof *r.parts);
    xw_status st = r.list && r.up && r.go_to && r.loose && r.waits && r.parts
                       ? room_for_plots(&r, err)
                       : xw_fail(err, XW_NOMEM, "%zu faces", n);
    if (!st) st = run_rounds(&r, err);
    if (!st) st = note_lost(f, err);
    free(r.list);
    free(r.up);
    free(r.go_to);
    free(r.loose);
    free(r.waits);
    free(r.parts);
    free(r.main);
    free(r.asked);
    free(r.borders);
    return st;
}
