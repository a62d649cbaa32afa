/* Which edges bound blocks, where hard barriers can be crossed, and the blocks themselves. */
#include "scene.h"
#include "unions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool bounds_blocks(const scene *s, unsigned cls)
{
    const uint32_t mask = s->o && s->o->barrier_classes ? s->o->barrier_classes : UINT32_MAX;
    return (mask >> cls & 1) != 0;
}

static const char *source_of(const scene *s, uint32_t barrier)
{
    return xw_territory_text(s->t, s->t->barriers[barrier].source);
}

/* A barrier along an edge: takes over when it is stronger; among equals the smaller source text, so
 * that the input order does not matter. */
static void offer(const scene *s, scene_edge *e, unsigned cls, uint32_t barrier)
{
    const unsigned mine = class_strength(cls), held = class_strength(e->cls);
    const bool same = mine == held && barrier != XW_NONE && e->barrier != XW_NONE;
    if (mine < held || (same && strcmp(source_of(s, barrier), source_of(s, e->barrier)) < 0)) {
        e->cls = (uint8_t)cls;
        e->barrier = barrier;
    }
}

static void read_barrier(const scene *s, scene_edge *e, uint32_t ix, bool in_water)
{
    const xw_barrier *b = &s->t->barriers[ix];
    const bool over_or_under = (b->flags & (XW_BARRIER_BRIDGE | XW_BARRIER_TUNNEL)) != 0;
    const bool is_road = xw_basis_of_class(b->cls) == XW_BASIS_ROAD;
    if (is_road && b->cls != XW_CLASS_MOTORWAY && !(b->flags & XW_BARRIER_IMPASSABLE)) {
        e->passable = true;
    }
    if (!bounds_blocks(s, b->cls) || (b->flags & XW_BARRIER_TUNNEL)) return;
    /* A bridge bounds blocks on land, as its road does; it does not cut the water below. The centre
     * line of a river does not cut its own area. */
    if (in_water && (over_or_under || xw_basis_of_class(b->cls) == XW_BASIS_WATER)) return;
    offer(s, e, b->cls, ix);
}

static void read_edge(const scene *s, size_t at)
{
    const xw_noded *d = &s->noded;
    const uint32_t l = s->map.face[2 * at], r = s->map.face[2 * at + 1];
    scene_edge *e = &s->edge[at];
    e->cls = XW_CLASS_NONE;
    e->barrier = XW_NONE;
    const bool in_water = s->water[l] != XW_NONE && s->water[r] != XW_NONE;
    for (uint32_t i = 0; i < d->edges[at].n_tags; i++) {
        const uint32_t tag = d->tags[d->edges[at].first_tag + i] >> 1;
        if (TAG_KIND(tag) == TAG_BARRIER) read_barrier(s, e, TAG_INDEX(tag), in_water);
    }
    if ((s->water[l] == XW_NONE) != (s->water[r] == XW_NONE)) {
        offer(s, e, XW_CLASS_RIVER, XW_NONE);
    }
    if (s->division[l] != s->division[r]) {
        e->cls = XW_CLASS_DIVISION;
        e->barrier = XW_NONE;
    }
    e->cut = e->cls != XW_CLASS_NONE;
}

static bool is_hard(const scene_edge *e)
{
    return e->cls != XW_CLASS_NONE && e->cls != XW_CLASS_DIVISION && xw_class_get(e->cls)->hard;
}

/* Outgoing half-edge clockwise from h around its origin. */
static uint32_t turn(const xw_map *m, uint32_t h) { return m->next[h ^ 1]; }

/* Hard edges around a node divide it into sectors; ways in two of them cross. */
static void find_crossing(scene *s, uint32_t start)
{
    unsigned sectors_with_way = 0;
    bool way = false;
    uint32_t h = start;
    do {
        h = turn(&s->map, h);
        const scene_edge *e = &s->edge[h >> 1];
        if (is_hard(e)) {
            sectors_with_way += way;
            way = false;
        } else if (e->passable) {
            way = true;
        }
    } while (h != start);
    if (sectors_with_way < 2) return;
    do {
        h = turn(&s->map, h);
        if (is_hard(&s->edge[h >> 1])) s->edge[h >> 1].crossed = true;
    } while (h != start);
}

/* Land of one building in one component. */
typedef struct piece {
    uint32_t building, part;
    int64_t area2;
} piece;

static int by_building(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->building != q->building) return p->building < q->building ? -1 : 1;
    return (p->part > q->part) - (p->part < q->part);
}

/* What choose_homes says of a building besides its part. */
#define PART_OUTSIDE UINT32_C(0) /* mostly outside the territory */
#define PART_LAND                                                                        \
    (XW_NONE - 1) /* no building: a large area that barriers divide, as streets drawn as \
                     one parcel do */
static const double land_m2 = 20000.0;

static bool is_land(const scene *s, uint32_t b, int64_t best, int64_t all, unsigned parts)
{
    return parts >= 3 && 2 * best < all && xw_area_m2(s->t, scene_building(s, b)->area) > land_m2;
}

/* Most of its land decides where a building goes; land outside the territory counts as a part of
 * its own (part 0), and a building that lies mostly outside stays outside. */
static void choose_homes(scene *s, const piece *p, size_t n, uint32_t *part_of)
{
    memset(part_of, 0xFF, (s->t->n_buildings + 1) * sizeof *part_of);
    for (size_t i = 0; i < n;) {
        const uint32_t b = p[i].building;
        int64_t best = -1, all = 0;
        unsigned parts = 0;
        while (i < n && p[i].building == b) {
            const uint32_t part = p[i].part;
            int64_t sum = 0;
            for (; i < n && p[i].building == b && p[i].part == part; i++) sum += p[i].area2;
            all += sum;
            parts++;
            if (sum > best) {
                best = sum;
                part_of[b] = part;
            }
        }
        if (is_land(s, b, best, all, parts)) part_of[b] = PART_LAND;
    }
}

/* What is known beforehand takes the place of what a part of the territory makes of it. */
static void apply_fates(const scene *s, uint32_t *part_of)
{
    for (uint32_t b = 0; b < s->t->n_buildings; b++) {
        const uint8_t fate = s->focus->fate[s->order[b]];
        if (fate != FATE_OPEN) part_of[b] = fate == FATE_LAND ? PART_LAND : PART_OUTSIDE;
    }
}

static xw_status home_parts(scene *s, uint32_t *up, uint32_t *part_of, xw_error *err)
{
    const size_t n_faces = s->map.n_faces;
    piece *p = malloc((n_faces + 1) * sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    size_t n = 0;
    for (uint32_t f = 1; f < n_faces; f++) {
        if (s->building[f] == XW_NONE) continue;
        const bool inside = s->division[f] != XW_NONE && scene_counts(s, f);
        p[n++] =
            (piece){s->building[f], inside ? unions_find(up, f) : PART_OUTSIDE, s->map.area2[f]};
    }
    if (n) qsort(p, n, sizeof *p, by_building);
    choose_homes(s, p, n, part_of);
    if (s->focus) apply_fates(s, part_of);
    free(p);
    return XW_OK;
}

/* The strongest barrier that runs through each footprint: the one that is bent round it. */
static void find_bent(scene *s)
{
    memset(s->bent, XW_CLASS_NONE, s->t->n_buildings + 1);
    for (size_t e = 0; e < s->noded.n_edges; e++) {
        const uint32_t b = s->building[s->map.face[2 * e]];
        if (b == XW_NONE || b != s->building[s->map.face[2 * e + 1]] || !s->edge[e].cut) continue;
        if (class_strength(s->edge[e].cls) < class_strength(s->bent[b]))
            s->bent[b] = s->edge[e].cls;
    }
}

static xw_status note_moved(scene *s, uint32_t b, const uint32_t *part_of, xw_error *err)
{
    const xw_pt at = scene_building_at(s, b);
    if (part_of[b] == PART_LAND) {
        s->outside[b] = 2;
        return scene_note(s, "building-land", b, at,
                          "barriers divide this large area; it is open land, not a building", err);
    }
    if (part_of[b] == PART_OUTSIDE) {
        s->outside[b] = 1;
        return scene_note(s, "building-outside", b, at, SCENE_OUTSIDE, err);
    }
    if (part_of[b] == XW_NONE) {
        return scene_note(s, "building-hidden", b, at,
                          "has no land of its own: others or the lattice cover its footprint", err);
    }
    if (s->bent[b] == XW_CLASS_NONE) return XW_OK;
    char text[160];
    (void)snprintf(text, sizeof text, "stands across a barrier (%s), which is bent round it",
                   xw_class_get(s->bent[b])->code);
    return scene_note(s, "building-across", b, at, text, err);
}

/* Final components: faces that share a part and touch without a barrier between, or inside one
 * building. Numbers follow the faces. */
static xw_status number_blocks(scene *s, uint32_t *up, const uint32_t *part, xw_error *err)
{
    const size_t n_faces = s->map.n_faces;
    unions_init(up, n_faces);
    for (size_t e = 0; e < s->noded.n_edges; e++) {
        const uint32_t l = s->map.face[2 * e], r = s->map.face[2 * e + 1];
        const bool one_building = s->building[l] != XW_NONE && s->building[l] == s->building[r];
        if (part[l] == part[r] && part[l] != PART_OUTSIDE && (!s->edge[e].cut || one_building)) {
            unions_join(up, l, r);
        }
    }
    uint32_t *number = malloc((n_faces + 1) * sizeof *number);
    if (!number) return xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    memset(number, 0xFF, (n_faces + 1) * sizeof *number);
    for (uint32_t f = 0; f < n_faces; f++) {
        s->block[f] = XW_NONE;
        if (part[f] == PART_OUTSIDE) continue;
        const uint32_t root = unions_find(up, f);
        if (number[root] == XW_NONE) number[root] = (uint32_t)s->n_blocks++;
        s->block[f] = number[root];
    }
    free(number);
    return XW_OK;
}

/* A building whose footprint falls into several blocks in the end keeps the one with most land; the
 * rest of it is open land of the other block. */
static xw_status settle_homes(scene *s, int64_t *most, xw_error *err)
{
    memset(s->home, 0xFF, (s->t->n_buildings + 1) * sizeof *s->home);
    for (uint32_t f = 1; f < s->map.n_faces; f++) {
        const uint32_t b = s->building[f];
        if (b == XW_NONE || s->block[f] == XW_NONE || s->map.area2[f] <= most[b]) continue;
        most[b] = s->map.area2[f];
        s->home[b] = s->block[f];
    }
    xw_status st = XW_OK;
    for (uint32_t f = 1; f < s->map.n_faces && !st; f++) {
        const uint32_t b = s->building[f];
        if (b == XW_NONE || s->block[f] == s->home[b]) continue;
        if (s->core && s->core[f] == 2 && s->block[f] != XW_NONE) {
            return xw_fail(err, XW_CONFLICT, "a piece of a building is a block of its own");
        }
        s->building[f] = XW_NONE;
        st = scene_note(s, "building-split", b, scene_building_at(s, b),
                        "barriers cut it into several pieces; the largest one is its land", err);
    }
    return st;
}

/* Beyond a focus footprints stay what they are, but for those that are nowhere. */
static bool has_no_land(const scene *s, uint32_t b)
{
    const uint8_t fate = s->focus->fate[s->order[b]];
    return fate == FATE_OUTSIDE || fate == FATE_LAND;
}

/* Faces of a building go to its part, with the division that the part's first face had before
 * anything moved (that face may move itself). */
static xw_status move_buildings(scene *s, uint32_t *up, const uint32_t *part_of, uint32_t *part,
                                xw_error *err)
{
    const size_t n_faces = s->map.n_faces;
    uint32_t *division = malloc((n_faces + 1) * sizeof *division);
    if (!division) return xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
    memcpy(division, s->division, n_faces * sizeof *division);
    for (uint32_t f = 0; f < n_faces; f++) {
        part[f] = division[f] == XW_NONE ? PART_OUTSIDE : unions_find(up, f);
        const uint32_t b = s->building[f];
        if (!scene_counts(s, f)) part[f] = PART_OUTSIDE;
        if (b == XW_NONE || !(scene_counts(s, f) || has_no_land(s, b))) continue;
        if (part_of[b] == PART_OUTSIDE || part_of[b] == PART_LAND) {
            s->building[f] = XW_NONE; /* its land inside the territory is open */
            continue;
        }
        part[f] = part_of[b];
        s->division[f] = division[part[f]];
        s->water[f] = XW_NONE;
    }
    free(division);
    return XW_OK;
}

/* Beyond a focus only footprints are what they seem: lines between the other faces are missing. */
static bool is_known(const scene *s, uint32_t face)
{
    return !s->core || s->core[face] || s->building[face] != XW_NONE;
}

xw_status scene_blocks(scene *s, xw_error *err)
{
    const size_t n_faces = s->map.n_faces, n_buildings = s->t->n_buildings;
    s->block = malloc((n_faces + 1) * sizeof *s->block);
    s->home = malloc((n_buildings + 1) * sizeof *s->home);
    s->bent = malloc(n_buildings + 1);
    s->outside = calloc(n_buildings + 1, 1);
    uint32_t *up = malloc((n_faces + 1) * sizeof *up);
    uint32_t *part = malloc((n_faces + 1) * sizeof *part);
    uint32_t *part_of = malloc((n_buildings + 1) * sizeof *part_of);
    int64_t *most = calloc(n_buildings + 1, sizeof *most);
    xw_status st = XW_OK;
    if (!s->block || !s->home || !s->bent || !s->outside || !up || !part || !part_of || !most) {
        st = xw_fail(err, XW_NOMEM, "%zu faces", n_faces);
        goto done;
    }
    for (size_t e = 0; e < s->noded.n_edges; e++) read_edge(s, e);
    for (uint32_t h = 0; h < s->map.n_halves; h++) {
        if (is_hard(&s->edge[h >> 1])) find_crossing(s, h);
    }
    unions_init(up, n_faces);
    for (size_t e = 0; e < s->noded.n_edges; e++) {
        const uint32_t l = s->map.face[2 * e], r = s->map.face[2 * e + 1];
        if (!s->edge[e].cut && is_known(s, l) && is_known(s, r)) unions_join(up, l, r);
    }
    st = home_parts(s, up, part_of, err);
    if (st) goto done;
    find_bent(s);
    for (uint32_t b = 0; b < n_buildings && !st; b++) st = note_moved(s, b, part_of, err);
    if (st) goto done;
    st = move_buildings(s, up, part_of, part, err);
    if (!st) st = number_blocks(s, up, part, err);
    if (!st) st = settle_homes(s, most, err);
done:
    free(up);
    free(part);
    free(part_of);
    free(most);
    return st;
}
