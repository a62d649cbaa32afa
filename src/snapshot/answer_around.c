#include "answer_around.h"

#include "format.h"
#include "tree.h"
#include "xiwang/ring.h"

#include <math.h>
#include <string.h>

/* ---- distances ----------------------------------------------------------------------------- */

static double to_segment_m(xw_scale k, xw_pt p, xw_pt a, xw_pt b)
{
    const double ax = ((double)a.x - p.x) * k.mx, ay = ((double)a.y - p.y) * k.my;
    const double dx = ((double)b.x - a.x) * k.mx, dy = ((double)b.y - a.y) * k.my;
    const double len2 = dx * dx + dy * dy;
    double t = len2 > 0.0 ? -(ax * dx + ay * dy) / len2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    return hypot(ax + t * dx, ay + t * dy);
}

static int32_t clamped(double v)
{
    return v < -2e9 ? -2000000000 : v > 2e9 ? 2000000000 : (int32_t)v;
}

/* The box of a disc, a little larger. */
static xw_box box_around(xw_scale k, xw_pt p, double radius_m)
{
    const double rx = radius_m / k.mx + 1.0, ry = radius_m / k.my + 1.0;
    return (xw_box){{clamped(p.x - rx), clamped(p.y - ry)}, {clamped(p.x + rx), clamped(p.y + ry)}};
}

typedef struct around {
    const xw_snapshot *s;
    xw_pt p;
    xw_scale scale;
    xw_box box;
    double best;  /* what counts: metres, or half widths */
    double found; /* metres */
    uint32_t ix;
} around;

static around around_of(const xw_snapshot *s, xw_pt p, double radius_m)
{
    const xw_scale k = xw_scale_at(p.y);
    return (around){s, p, k, box_around(k, p, radius_m), radius_m, 0.0, XW_NONE};
}

/* ---- buildings ----------------------------------------------------------------------------- */

static double to_building_m(const around *n, const xw_model_building *b)
{
    const xw_model *m = &n->s->model;
    double best = INFINITY;
    for (uint32_t r = b->first_ring; r < b->first_ring + b->n_rings; r++) {
        const xw_pt *v = m->pts + m->rings[r].first;
        const uint32_t count = m->rings[r].n;
        for (uint32_t i = 0; i < count; i++) {
            const double d = to_segment_m(n->scale, n->p, v[i], v[i + 1 == count ? 0 : i + 1]);
            if (d < best) best = d;
        }
    }
    return best;
}

static bool look_at_building(void *user, uint32_t b)
{
    around *n = user;
    const double d = to_building_m(n, &n->s->model.buildings[b]);
    if (d > n->best || (d == n->best && b > n->ix)) return true;
    n->best = d;
    n->ix = b;
    return true;
}

uint32_t xw__around_building(const xw_snapshot *s, xw_pt p, double within_m, double *distance_m)
{
    around n = around_of(s, p, within_m);
    (void)xw__tree_walk(s->model.n_buildings, s->order[XW_SHAPE_BUILDING],
                        s->nodes[XW_SHAPE_BUILDING], n.box, look_at_building, &n);
    *distance_m = n.ix == XW_NONE ? 0.0 : n.best;
    return n.ix;
}

/* ---- roads --------------------------------------------------------------------------------- */

double xw_carriageway_half_m(unsigned cls)
{
    switch (cls) {
#define X(name, metres)   \
    case XW_CLASS_##name: \
        return metres;
        XW_CARRIAGEWAY_MAP(X)
#undef X
    default:
        return 0.0;
    }
}

static bool look_at_road(void *user, uint32_t ix)
{
    around *n = user;
    const xw_model *m = &n->s->model;
    const xw_edge *e = &m->edges[ix];
    const double half = xw_carriageway_half_m(e->cls);
    if (half <= 0.0) return true;
    double d = INFINITY;
    for (uint32_t v = e->first; v + 1 < e->first + e->n; v++) {
        d = fmin(d, to_segment_m(n->scale, n->p, m->pts[v], m->pts[v + 1]));
    }
    const double share = d / half;
    if (share > n->best || (share == n->best && ix > n->ix)) return true;
    n->best = share;
    n->found = d;
    n->ix = ix;
    return true;
}

uint32_t xw__around_road(const xw_snapshot *s, xw_pt p, double *distance_m)
{
    around n = around_of(s, p, XW_CARRIAGEWAY_MAX_M);
    n.best = 1.0;
    (void)xw__tree_walk(s->n_roads, s->road_order, s->road_nodes, n.box, look_at_road, &n);
    *distance_m = n.found;
    return n.ix;
}

/* ---- outside ------------------------------------------------------------------------------- */

static bool look_at_rim(void *user, const xw_near_edge *e)
{
    around *n = user;
    const uint32_t sides[2] = {e->left, e->right};
    for (int i = 0; i < 2; i++) {
        if (sides[i] == 0 || sides[i] > n->s->model.n_plots) continue;
        const uint32_t plot = sides[i] - 1;
        if (e->distance_m > n->best || (e->distance_m == n->best && plot > n->ix)) continue;
        n->best = e->distance_m;
        n->ix = plot;
    }
    return true;
}

uint32_t xw__around_plot(const xw_snapshot *s, xw_pt p, double within_m, double *distance_m)
{
    around n = around_of(s, p, within_m);
    xw_locator_near(&s->locator, p, within_m, look_at_rim, &n);
    *distance_m = n.ix == XW_NONE ? 0.0 : n.best;
    return n.ix;
}

/* ---- the wrong coordinate system ----------------------------------------------------------- */

static bool on_land(const xw_snapshot *s, double lon, double lat, uint32_t *plot)
{
    xw_pt p;
    if (!xw_pt_from_deg(lon, lat, &p)) return false;
    const uint32_t label = xw_locator_find(&s->locator, p);
    if (label == 0 || label > s->model.n_plots) return false;
    *plot = label - 1;
    return s->model.plots[*plot].kind != XW_PLOT_WATER;
}

void xw__around_suspect(const xw_snapshot *s, const xw_query *q, xw_answer *a)
{
    static const char *const names[] = {"wgs84", "gcj02", "bd09"};
    const char *said = q->crs ? xw_crs_own_name(q->crs) : names[0];
    if (!said) return;
    if (a->plot != XW_NONE && s->model.plots[a->plot].kind != XW_PLOT_WATER) return;
    /* neither system shifts anything outside of these degrees, even after the other one */
    const bool shifted = q->x > 71.9 && q->x < 138.0 && q->y > 0.7 && q->y < 56.0;
    for (int i = 0; i < 3; i++) {
        double lon = q->x, lat = q->y;
        if (strcmp(names[i], said) == 0 || (i > 0 && !shifted)) continue;
        if (i == 2) xw_gcj02_from_bd09(lon, lat, &lon, &lat);
        if (i > 0) xw_wgs84_from_gcj02(lon, lat, &lon, &lat);
        if (i > 0 && fabs(lon - q->x) < 1e-6 && fabs(lat - q->y) < 1e-6) continue; /* not China */
        if (!on_land(s, lon, lat, &a->suspect_plot)) continue;
        a->suspect_crs = names[i];
        return;
    }
}
