#include "voronoi_peer.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double step_m = 2.0;

typedef struct site { /* millimetres from the first vertex of the block */
    double x, y;
} site;

typedef struct bench_block {
    site *s;
    size_t n, cap;
} bench_block;

static bool add_site(bench_block *b, double x, double y)
{
    if (!xw_grow((void **)&b->s, &b->cap, b->n + 1, sizeof *b->s)) return false;
    b->s[b->n++] = (site){round(x * 1e3), round(y * 1e3)};
    return true;
}

static bool add_ring(bench_block *b, const xw_pt *p, uint32_t n, xw_pt origin)
{
    const xw_scale k = xw_scale_at(origin.y);
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt a = p[i], c = p[(i + 1) % n];
        const double ax = ((double)a.x - origin.x) * k.mx, ay = ((double)a.y - origin.y) * k.my;
        const double dx = ((double)c.x - a.x) * k.mx, dy = ((double)c.y - a.y) * k.my;
        const double pieces = fmax(1.0, ceil(hypot(dx, dy) / step_m));
        for (double t = 0.0; t < pieces; t += 1.0) {
            if (!add_site(b, ax + dx * t / pieces, ay + dy * t / pieces)) return false;
        }
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const site *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* Sites of the footprints of all plots in one block, each place once. */
static xw_status fill_block(const xw_model *m, const uint32_t *plots, size_t n, bench_block *b,
                            xw_error *err)
{
    const xw_pt origin = m->plots[plots[0]].anchor;
    b->n = 0;
    for (size_t i = 0; i < n; i++) {
        const xw_model_building *home = &m->buildings[m->plots[plots[i]].building];
        for (uint32_t r = home->first_ring; r < home->first_ring + home->n_rings; r++) {
            if (!add_ring(b, m->pts + m->rings[r].first, m->rings[r].n, origin)) {
                return xw_fail(err, XW_NOMEM, "%zu sites", b->n);
            }
        }
    }
    if (b->n == 0) return XW_OK;
    qsort(b->s, b->n, sizeof *b->s, by_place);
    size_t k = 1;
    for (size_t i = 1; i < b->n; i++) {
        if (by_place(&b->s[i], &b->s[k - 1]) != 0) b->s[k++] = b->s[i];
    }
    b->n = k;
    return XW_OK;
}

static xw_status run_block(GEOSContextHandle_t g, const bench_block *b, voronoi_peer *out,
                           xw_error *err)
{
    GEOSCoordSequence *q = GEOSCoordSeq_create_r(g, (unsigned)b->n, 2);
    for (size_t i = 0; q && i < b->n; i++) {
        (void)GEOSCoordSeq_setXY_r(g, q, (unsigned)i, b->s[i].x, b->s[i].y);
    }
    GEOSGeometry *sites = q ? GEOSGeom_createLineString_r(g, q) : NULL;
    if (!sites) return xw_fail(err, XW_NOMEM, "%zu sites", b->n);
    const bench_time start = bench_now();
    GEOSGeometry *cells = GEOSVoronoiDiagram_r(g, sites, NULL, 0.0, 0);
    const bench_time took = bench_since(start);
    out->time.cpu_s += took.cpu_s;
    out->time.wall_s += took.wall_s;
    if (!cells || (size_t)GEOSGetNumGeometries_r(g, cells) != b->n) out->failed++;
    GEOSGeom_destroy_r(g, cells);
    GEOSGeom_destroy_r(g, sites);
    return XW_OK;
}

typedef struct home {
    uint32_t block, plot;
} home;

static int by_block(const void *a, const void *b)
{
    const home *p = a, *q = b;
    if (p->block != q->block) return p->block < q->block ? -1 : 1;
    return (p->plot > q->plot) - (p->plot < q->plot);
}

static void quiet(const char *message, void *user)
{
    (void)message;
    (void)user;
}

static xw_status run_all(const home *h, const uint32_t *plots, size_t n, size_t every,
                         const xw_model *m, voronoi_peer *out, xw_error *err)
{
    xw_status st = XW_OK;
    bench_block b = {0};
    GEOSContextHandle_t g = GEOS_init_r();
    (void)GEOSContext_setErrorMessageHandler_r(g, quiet, NULL);
    size_t block = 0;
    for (size_t i = 0, k; i < n && !st; i = k) {
        for (k = i + 1; k < n && h[k].block == h[i].block;) k++;
        if (k - i < 2 || block++ % every != 0) continue;
        st = fill_block(m, plots + i, k - i, &b, err);
        if (st || b.n < 2) continue;
        st = run_block(g, &b, out, err);
        out->blocks++;
        out->buildings += k - i;
        out->sites += b.n;
    }
    GEOS_finish_r(g);
    free(b.s);
    return st;
}

xw_status voronoi_peer_measure(const xw_model *m, size_t buildings_max, voronoi_peer *out,
                               xw_error *err)
{
    memset(out, 0, sizeof *out);
    home *h = malloc((m->n_plots + 1) * sizeof *h);
    uint32_t *plots = malloc((m->n_plots + 1) * sizeof *plots);
    size_t n = 0;
    xw_status st = h && plots ? XW_OK : xw_fail(err, XW_NOMEM, "%zu plots", m->n_plots);
    for (uint32_t i = 0; !st && i < m->n_plots; i++) {
        if (m->plots[i].building != XW_NONE) h[n++] = (home){m->plots[i].block, i};
    }
    if (!st && n) qsort(h, n, sizeof *h, by_block);
    for (size_t i = 0; !st && i < n; i++) plots[i] = h[i].plot;
    const size_t every = buildings_max ? (n + buildings_max - 1) / buildings_max : 1;
    if (!st) st = run_all(h, plots, n, every ? every : 1, m, out, err);
    free(h);
    free(plots);
    return st;
}
