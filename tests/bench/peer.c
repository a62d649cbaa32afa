#include "peer.h"

#include <geos_c.h>
#include <stdlib.h>

struct bench_peer {
    GEOSContextHandle_t geos;
    GEOSSTRtree *tree;
    GEOSGeometry **polygon; /* by label - 1 */
    const GEOSPreparedGeometry **prepared;
    uint32_t *label; /* what the tree holds: addresses of these */
    size_t n;
};

typedef struct lookup {
    bench_peer *peer;
    const GEOSGeometry *point;
    uint32_t found;
} lookup;

static GEOSGeometry *make_ring(GEOSContextHandle_t g, const bench_cover *c, const bench_ring *r)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(g, r->n + 1, 2);
    for (uint32_t i = 0; s && i <= r->n; i++) {
        const xw_pt p = c->pts[r->first + i % r->n];
        (void)GEOSCoordSeq_setXY_r(g, s, i, p.x, p.y);
    }
    return s ? GEOSGeom_createLinearRing_r(g, s) : NULL;
}

/* One outer ring and the holes that follow it. @return rings used */
static uint32_t make_part(GEOSContextHandle_t g, const bench_cover *c, uint32_t first, uint32_t end,
                          GEOSGeometry **out)
{
    uint32_t n_holes = 0;
    while (first + 1 + n_holes < end && c->rings[first + 1 + n_holes].hole) n_holes++;
    GEOSGeometry **holes = calloc(n_holes + 1, sizeof(GEOSGeometry *));
    for (uint32_t i = 0; holes && i < n_holes; i++) {
        holes[i] = make_ring(g, c, &c->rings[first + 1 + i]);
    }
    GEOSGeometry *shell = make_ring(g, c, &c->rings[first]);
    *out = holes && shell ? GEOSGeom_createPolygon_r(g, shell, holes, n_holes) : NULL;
    free(holes);
    return 1 + n_holes;
}

static GEOSGeometry *make_polygon(GEOSContextHandle_t g, const bench_cover *c, size_t i)
{
    const uint32_t end = c->start[i + 1];
    GEOSGeometry **parts = calloc(end - c->start[i] + 1, sizeof(GEOSGeometry *));
    if (!parts) return NULL;
    uint32_t n = 0;
    bool ok = true;
    for (uint32_t r = c->start[i]; r < end;) {
        r += make_part(g, c, r, end, &parts[n]);
        ok = ok && parts[n++];
    }
    GEOSGeometry *whole = NULL;
    if (ok) {
        whole = n == 1 ? parts[0] : GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, parts, n);
    }
    free(parts);
    return whole;
}

static void visit(void *item, void *user)
{
    lookup *l = user;
    const uint32_t label = *(const uint32_t *)item;
    if (!l->found &&
        GEOSPreparedIntersects_r(l->peer->geos, l->peer->prepared[label - 1], l->point) == 1) {
        l->found = label;
    }
}

static GEOSGeometry *point_at(bench_peer *p, xw_pt at)
{
    return GEOSGeom_createPointFromXY_r(p->geos, at.x, at.y);
}

uint32_t bench_peer_find(bench_peer *p, xw_pt at)
{
    GEOSGeometry *point = point_at(p, at);
    lookup l = {p, point, 0};
    GEOSSTRtree_query_r(p->geos, p->tree, point, visit, &l);
    GEOSGeom_destroy_r(p->geos, point);
    return l.found;
}

bool bench_peer_has(bench_peer *p, uint32_t label, xw_pt at, bool closed)
{
    GEOSGeometry *point = point_at(p, at);
    const GEOSPreparedGeometry *g = p->prepared[label - 1];
    const char has = closed ? GEOSPreparedIntersects_r(p->geos, g, point)
                            : GEOSPreparedContains_r(p->geos, g, point);
    GEOSGeom_destroy_r(p->geos, point);
    return has == 1;
}

static bool build(bench_peer *p, const bench_cover *c)
{
    for (size_t i = 0; i < c->n_polygons; i++) {
        p->label[i] = (uint32_t)i + 1;
        p->polygon[i] = make_polygon(p->geos, c, i);
        if (!p->polygon[i]) return false;
        p->prepared[i] = GEOSPrepare_r(p->geos, p->polygon[i]);
        if (!p->prepared[i]) return false;
        GEOSSTRtree_insert_r(p->geos, p->tree, p->polygon[i], &p->label[i]);
    }
    /* The tree and the index of each polygon are made at their first use: use them now. A vertex
     * is in the box of its polygon, which is what the index is asked beyond. */
    for (size_t i = 0; i < c->n_polygons; i++) {
        const xw_pt at = c->pts[c->rings[c->start[i]].first];
        if (i == 0) (void)bench_peer_find(p, at);
        if (!bench_peer_has(p, (uint32_t)i + 1, at, true)) return false;
    }
    return true;
}

xw_status bench_peer_create(const bench_cover *c, bench_peer **out, xw_error *err)
{
    bench_peer *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p) return xw_fail(err, XW_NOMEM, "peer");
    p->n = c->n_polygons;
    p->geos = GEOS_init_r();
    p->polygon = calloc(p->n + 1, sizeof(GEOSGeometry *));
    p->prepared = calloc(p->n + 1, sizeof(GEOSPreparedGeometry *));
    p->label = calloc(p->n + 1, sizeof *p->label);
    p->tree = p->geos ? GEOSSTRtree_create_r(p->geos, 10) : NULL;
    if (p->polygon && p->prepared && p->label && p->tree && build(p, c)) {
        *out = p;
        return XW_OK;
    }
    bench_peer_destroy(p);
    return xw_fail(err, XW_INTERNAL, "GEOS cannot build the coverage");
}

void bench_peer_destroy(bench_peer *p)
{
    if (!p) return;
    if (p->tree) GEOSSTRtree_destroy_r(p->geos, p->tree);
    for (size_t i = 0; i < p->n; i++) {
        if (p->prepared && p->prepared[i]) GEOSPreparedGeom_destroy_r(p->geos, p->prepared[i]);
        if (p->polygon && p->polygon[i]) GEOSGeom_destroy_r(p->geos, p->polygon[i]);
    }
    free(p->prepared);
    free(p->polygon);
    free(p->label);
    if (p->geos) GEOS_finish_r(p->geos);
    free(p);
}

size_t bench_peer_invalid(const bench_peer *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) n += GEOSisValid_r(p->geos, p->polygon[i]) != 1;
    return n;
}
