#include "bisector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double step_m = 0.5, nearer_m = 0.1;

/* Errors are counted in bins of a tenth of a millimetre; what is beyond 20 m is in the last. */
enum { BINS = 200000 };
static const double bins_a_mm = 10.0;

typedef struct ruler {
    const xw_model *m;
    xw_box *box;      /* by building */
    uint32_t *start;  /* plots with a footprint by block */
    uint32_t *member; /* plots */
    size_t n_blocks;
    uint64_t *bin;
    bisector *out;
} ruler;

typedef struct spot { /* lattice units */
    double x, y;
} spot;

static const xw_model_building *building_of(const xw_model *m, uint32_t plot)
{
    if (plot == XW_NONE || m->plots[plot].building == XW_NONE) return NULL;
    const xw_model_building *b = &m->buildings[m->plots[plot].building];
    return b->n_rings ? b : NULL;
}

/* Square of the distance of the origin from the segment ab, metres. */
static double distance2(double ax, double ay, double bx, double by)
{
    const double dx = bx - ax, dy = by - ay, d2 = dx * dx + dy * dy;
    const double t = d2 > 0.0 ? fmin(1.0, fmax(0.0, -(ax * dx + ay * dy) / d2)) : 0.0;
    const double x = ax + t * dx, y = ay + t * dy;
    return x * x + y * y;
}

/* Distance in metres from a footprint, 0 inside it. */
static double distance_of(const xw_model *m, const xw_model_building *b, spot p)
{
    const xw_scale s = xw_scale_at((int32_t)p.y);
    double best = INFINITY;
    bool inside = false;
    for (uint32_t r = b->first_ring; r < b->first_ring + b->n_rings; r++) {
        const xw_pt *v = m->pts + m->rings[r].first;
        const uint32_t n = m->rings[r].n;
        double ax = (v[n - 1].x - p.x) * s.mx, ay = (v[n - 1].y - p.y) * s.my;
        for (uint32_t i = 0; i < n; i++) {
            const double bx = (v[i].x - p.x) * s.mx, by = (v[i].y - p.y) * s.my;
            best = fmin(best, distance2(ax, ay, bx, by));
            if ((ay > 0.0) != (by > 0.0) && (ax * by - ay * bx > 0.0) == (by > ay)) {
                inside = !inside;
            }
            ax = bx;
            ay = by;
        }
    }
    return inside ? 0.0 : sqrt(best);
}

/* Not more than the distance from a footprint with this box. */
static double distance_at_least(xw_box b, spot p)
{
    const xw_scale s = xw_scale_at((int32_t)p.y);
    const double dx = fmax(0.0, fmax(b.min.x - p.x, p.x - b.max.x));
    const double dy = fmax(0.0, fmax(b.min.y - p.y, p.y - b.max.y));
    return hypot(dx * s.mx, dy * s.my);
}

/* Is a third building of the block nearer to p than the farther of the two? */
static bool third_is_nearer(const ruler *r, const xw_edge *e, spot p, double farther)
{
    const uint32_t block = r->m->plots[e->left].block;
    const double limit = farther - nearer_m;
    for (uint32_t i = r->start[block]; i < r->start[block + 1]; i++) {
        const uint32_t plot = r->member[i];
        if (plot == e->left || plot == e->right) continue;
        if (distance_at_least(r->box[r->m->plots[plot].building], p) >= limit) continue;
        if (distance_of(r->m, building_of(r->m, plot), p) < limit) return true;
    }
    return false;
}

static void keep_worst(bisector *o, bisector_spot s)
{
    size_t i = o->n_worst < BISECTOR_WORST ? o->n_worst : BISECTOR_WORST - 1;
    if (o->n_worst < BISECTOR_WORST) {
        o->n_worst++;
    } else if (o->worst[i].error_mm >= s.error_mm) {
        return;
    }
    for (; i > 0 && o->worst[i - 1].error_mm < s.error_mm; i--) o->worst[i] = o->worst[i - 1];
    o->worst[i] = s;
}

/* The place at `along` metres of a chain; *v is the segment it lies in, from call to call. */
static spot place_at(const xw_pt *pts, uint32_t n, double along, uint32_t *v, double *before)
{
    for (;;) {
        const double length = xw_line_length_m(pts + *v, 2);
        if (along <= *before + length || *v + 2 >= n) {
            const double t = length > 0.0 ? fmin(1.0, (along - *before) / length) : 0.0;
            const double dx = (double)pts[*v + 1].x - pts[*v].x;
            const double dy = (double)pts[*v + 1].y - pts[*v].y;
            return (spot){pts[*v].x + t * dx, pts[*v].y + t * dy};
        }
        *before += length;
        ++*v;
    }
}

static void measure_edge(ruler *r, uint32_t edge)
{
    const xw_edge *e = &r->m->edges[edge];
    const xw_pt *pts = r->m->pts + e->first;
    const xw_model_building *a = building_of(r->m, e->left), *b = building_of(r->m, e->right);
    const double length = xw_line_length_m(pts, e->n);
    const uint32_t n = length > step_m ? (uint32_t)lround(length / step_m) : 1;
    uint32_t v = 0;
    double before = 0.0;
    bisector_spot worst = {0, 0, -1.0, edge};
    for (uint32_t i = 0; i < n; i++) {
        const spot p = place_at(pts, e->n, length * (i + 0.5) / n, &v, &before);
        const double da = distance_of(r->m, a, p), db = distance_of(r->m, b, p);
        const double mm = fabs(da - db) * 500.0;
        const double bin = mm * bins_a_mm;
        r->bin[bin < BINS - 1 ? (size_t)bin : BINS - 1]++;
        if (mm > worst.error_mm) {
            worst = (bisector_spot){p.x / XW_UNITS_PER_DEG, p.y / XW_UNITS_PER_DEG, mm, edge};
        }
        if (i == n / 2 && third_is_nearer(r, e, p, fmax(da, db))) {
            r->out->not_nearest++;
            r->out->wrong_metres += length;
        }
    }
    keep_worst(r->out, worst);
    r->out->edges++;
    r->out->points += n;
    r->out->metres += length;
}

static xw_status index_blocks(ruler *r, xw_error *err)
{
    const xw_model *m = r->m;
    for (size_t i = 0; i < m->n_plots; i++) {
        if (m->plots[i].block >= r->n_blocks) r->n_blocks = (size_t)m->plots[i].block + 1;
    }
    r->start = calloc(r->n_blocks + 2, sizeof *r->start);
    r->member = calloc(m->n_plots + 1, sizeof *r->member);
    r->box = calloc(m->n_buildings + 1, sizeof *r->box);
    r->bin = calloc(BINS, sizeof *r->bin);
    if (!r->start || !r->member || !r->box || !r->bin) {
        return xw_fail(err, XW_NOMEM, "%zu plots", m->n_plots);
    }
    for (size_t i = 0; i < m->n_buildings; i++) {
        const xw_model_building *b = &m->buildings[i];
        r->box[i] = XW_BOX_EMPTY;
        for (uint32_t k = b->first_ring; k < b->first_ring + b->n_rings; k++) {
            const xw_ring ring = {m->pts + m->rings[k].first, m->rings[k].n};
            r->box[i] = xw_box_join(r->box[i], xw_ring_box(ring));
        }
    }
    uint32_t *slot = r->start + 1;
    for (uint32_t i = 0; i < m->n_plots; i++) {
        if (building_of(m, i)) slot[m->plots[i].block + 1]++;
    }
    for (size_t k = 1; k <= r->n_blocks; k++) slot[k] += slot[k - 1];
    for (uint32_t i = 0; i < m->n_plots; i++) {
        if (building_of(m, i)) r->member[slot[m->plots[i].block]++] = i;
    }
    return XW_OK;
}

/* The smallest error that a share of the points does not exceed, to a tenth of a millimetre. */
static double percentile(const ruler *r, double share)
{
    const double want = share * (double)r->out->points;
    uint64_t seen = 0;
    for (size_t i = 0; i < BINS; i++) {
        seen += r->bin[i];
        if (seen > 0 && (double)seen >= want) {
            return fmin(((double)i + 1.0) / bins_a_mm, r->out->max);
        }
    }
    return 0.0;
}

xw_status bisector_measure(const xw_model *m, bisector *out, xw_error *err)
{
    ruler r = {.m = m, .out = out};
    memset(out, 0, sizeof *out);
    const xw_status st = index_blocks(&r, err);
    for (uint32_t i = 0; !st && i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->basis != XW_BASIS_BETWEEN || e->left == XW_NONE || e->right == XW_NONE) continue;
        if (building_of(m, e->left) && building_of(m, e->right)) {
            measure_edge(&r, i);
        } else {
            out->beside_open++;
        }
    }
    if (!st && out->n_worst) {
        out->max = out->worst[0].error_mm;
        out->p50 = percentile(&r, 0.50);
        out->p90 = percentile(&r, 0.90);
        out->p95 = percentile(&r, 0.95);
        out->p99 = percentile(&r, 0.99);
    }
    free(r.start);
    free(r.member);
    free(r.box);
    free(r.bin);
    return st;
}
