#include "xiwang/exclusive.h"

#include "xiwang/outline.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 48 };

/* --- shares -------------------------------------------------------------------------------------
 */

typedef struct hits { /* where a level line crosses the edges of an area, west to east */
    double *x;
    size_t n, cap;
} hits;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool cross(const xw_ring *rings, size_t n, double y, hits *h)
{
    h->n = 0;
    for (size_t k = 0; k < n; k++) {
        const xw_ring r = rings[k];
        for (uint32_t i = 0, j = r.n - 1; i < r.n; j = i++) {
            const xw_pt a = r.pts[j], b = r.pts[i];
            if ((a.y > y) == (b.y > y)) continue;
            if (!xw_grow((void **)&h->x, &h->cap, h->n + 1, sizeof *h->x)) return false;
            h->x[h->n++] = a.x + (y - a.y) * ((double)b.x - a.x) / ((double)b.y - a.y);
        }
    }
    if (h->n > 1) qsort(h->x, h->n, sizeof *h->x, ascending);
    return true;
}

/* Length of the line in the first area, and in both. */
static void measure_line(const hits *a, const hits *b, double *all, double *common)
{
    size_t k = 0;
    for (size_t i = 0; i + 1 < a->n; i += 2) {
        const double lo = a->x[i], hi = a->x[i + 1];
        *all += hi - lo;
        while (k + 1 < b->n && b->x[k + 1] <= lo) k += 2;
        for (size_t j = k; j + 1 < b->n && b->x[j] < hi; j += 2) {
            const double from = b->x[j] > lo ? b->x[j] : lo;
            const double to = b->x[j + 1] < hi ? b->x[j + 1] : hi;
            *common += to - from;
        }
    }
}

double xw_area_share(const xw_ring *a, size_t n_a, const xw_ring *b, size_t n_b, xw_error *err)
{
    xw_box box = XW_BOX_EMPTY;
    hits in_a = {NULL, 0, 0}, in_b = {NULL, 0, 0};
    double all = 0, common = 0;
    bool ok = true;
    for (size_t i = 0; i < n_a; i++) box = xw_box_join(box, xw_ring_box(a[i]));
    const double height = (double)box.max.y - box.min.y;
    for (int i = 0; i < LINES && ok && n_a > 0; i++) {
        const double y = box.min.y + height * (2 * i + 1) / (2 * LINES);
        ok = cross(a, n_a, y, &in_a) && cross(b, n_b, y, &in_b);
        if (ok) measure_line(&in_a, &in_b, &all, &common);
    }
    free(in_a.x);
    free(in_b.x);
    if (!ok) {
        (void)xw_fail(err, XW_NOMEM, "share of an area");
        return -1;
    }
    return all > 0 ? common / all : 0;
}

/* --- which plot belongs to which area ----------------------------------------------------------
 */

typedef struct carver {
    const xw_territory *t;
    xw_model *m;
    xw_carving *out;
    xw_edge_index edges;
    xw_tracer *tracer;
    xw_outline outline;
    xw_box *plot_box, *area_box;
    uint32_t *root; /* union-find over plots */
    xw_ring *rings; /* of the plot at hand, then of the area */
    size_t n_rings, cap_rings;
    xw_pt *pts;
    size_t n_pts, cap_pts;
    uint8_t *overlaps; /* by area: said so */
    xw_error *err;
} carver;

static xw_status no_memory(const carver *c)
{
    return xw_fail(c->err, XW_NOMEM, "exclusive areas over %zu plots", c->m->n_plots);
}

static xw_status note(carver *c, uint32_t area, const char *kind, xw_pt at, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static xw_status note(carver *c, uint32_t area, const char *kind, xw_pt at, const char *fmt, ...)
{
    const xw_exclusive *x = &c->t->exclusives[area];
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    xw_finding f = {.at = at};
    xw_strings *pool = &c->m->text;
    xw_status st = xw_strings_add(pool, kind, &f.kind, c->err);
    if (!st) st = xw_strings_add(pool, "exclusive", &f.layer, c->err);
    if (!st) st = xw_strings_add(pool, xw_territory_text(c->t, x->source), &f.source, c->err);
    if (!st) st = xw_strings_add(pool, text, &f.text, c->err);
    if (st) return st;
    xw_finding *to = XW_MODEL_ADD(c->m, findings);
    if (!to) return no_memory(c);
    *to = f;
    return XW_OK;
}

static xw_pt place_of(const carver *c, uint32_t area)
{
    const xw_span r = c->t->rings[c->t->exclusives[area].area.first_ring];
    return c->t->pts[r.first];
}

static xw_status add_ring(carver *c, xw_ring r)
{
    if (!xw_grow((void **)&c->rings, &c->cap_rings, c->n_rings + 1, sizeof *c->rings)) {
        return no_memory(c);
    }
    c->rings[c->n_rings++] = r;
    return XW_OK;
}

/* The outline of a plot, traced from its edges. */
static xw_status trace(carver *c, uint32_t plot)
{
    xw_status st = xw_tracer_trace(c->tracer, &plot, 1, &c->outline, c->err);
    c->n_pts = 0;
    for (size_t i = 0; i < c->outline.n_rings && !st; i++) {
        st = xw_outline_points(c->m, &c->outline, &c->outline.rings[i], &c->pts, &c->n_pts,
                               &c->cap_pts, c->err);
    }
    /* the vertices have moved while they grew: the rings are told apart by their lengths */
    for (size_t i = 0, at = 0; i < c->outline.n_rings && !st; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k < c->outline.rings[i].n; k++) {
            n += c->m->edges[XW_REF_EDGE(c->outline.refs[c->outline.rings[i].first + k])].n - 1;
        }
        st = add_ring(c, (xw_ring){c->pts + at, n});
        at += n;
    }
    return st;
}

/* What decides where a plot belongs: the footprint, else the plot itself. */
static xw_status take_plot(carver *c, uint32_t plot)
{
    const xw_model *m = c->m;
    const uint32_t b = m->plots[plot].building;
    xw_status st = XW_OK;
    c->n_rings = 0;
    if (b == XW_NONE || m->buildings[b].n_rings == 0) return trace(c, plot);
    for (uint32_t i = 0; i < m->buildings[b].n_rings && !st; i++) {
        const xw_span r = m->rings[m->buildings[b].first_ring + i];
        st = add_ring(c, (xw_ring){m->pts + r.first, r.n});
    }
    return st;
}

static xw_status share_of(carver *c, size_t n_plot, uint32_t area, double *share)
{
    const xw_area a = c->t->exclusives[area].area;
    c->n_rings = n_plot;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_status st = add_ring(c, xw_territory_ring(c->t, a.first_ring + i));
        if (st) return st;
    }
    *share = xw_area_share(c->rings, n_plot, c->rings + n_plot, a.n_rings, c->err);
    return *share < 0 ? XW_NOMEM : XW_OK;
}

static xw_status place_plot(carver *c, uint32_t plot)
{
    double best = 0.5;
    size_t n_plot = 0;
    c->out->of[plot] = XW_NONE;
    for (uint32_t x = 0; x < c->t->n_exclusives; x++) {
        double share;
        if (!xw_box_meets(c->area_box[x], c->plot_box[plot])) continue;
        xw_status st = n_plot ? XW_OK : take_plot(c, plot);
        if (!n_plot) n_plot = c->n_rings;
        if (!st) st = share_of(c, n_plot, x, &share);
        if (st) return st;
        if (share <= 0.5) continue;
        const uint32_t old = c->out->of[plot];
        const bool wins = old == XW_NONE || share > best;
        const uint32_t loses = wins ? old : x;
        if (wins) {
            best = share;
            c->out->of[plot] = x;
        }
        if (loses == XW_NONE || c->overlaps[loses]) continue;
        c->overlaps[loses] = 1;
        st = note(c, loses, "exclusive-overlap", c->m->plots[plot].anchor,
                  "shares land with another exclusive area");
        if (st) return st;
    }
    return XW_OK;
}

/* --- parts --------------------------------------------------------------------------------------
 */

static uint32_t find(uint32_t *root, uint32_t v)
{
    while (root[v] != v) {
        root[v] = root[root[v]];
        v = root[v];
    }
    return v;
}

typedef struct piece { /* connected plots of one area in one division */
    uint32_t root, division, area;
    double m2;
} piece;

/* Areas without households hold together across hard barriers, others do not. */
static void tie(carver *c, const uint8_t *peopled)
{
    const xw_model *m = c->m;
    for (uint32_t p = 0; p < m->n_plots; p++) c->root[p] = p;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left == XW_NONE || e->right == XW_NONE) continue;
        const uint32_t x = c->out->of[e->left];
        if (x == XW_NONE || x != c->out->of[e->right]) continue;
        if (m->plots[e->left].division != m->plots[e->right].division) continue;
        if (peopled[x] && xw_class_get(e->cls)->hard && !(e->flags & XW_EDGE_CROSSED)) continue;
        const uint32_t a = find(c->root, e->left), b = find(c->root, e->right);
        if (a != b) c->root[a > b ? a : b] = a < b ? a : b;
    }
}

static int by_area(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->area != q->area) return p->area < q->area ? -1 : 1;
    if (p->division != q->division) return p->division < q->division ? -1 : 1;
    if (p->m2 < q->m2 || p->m2 > q->m2) return p->m2 > q->m2 ? -1 : 1;
    return (p->root > q->root) - (p->root < q->root);
}

static int by_plot(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->division != q->division) return p->division < q->division ? -1 : 1;
    return (p->root > q->root) - (p->root < q->root);
}

/* Keeps the largest piece of each area in each division; says what else there is. */
static xw_status choose(carver *c, piece *pieces, size_t *n)
{
    size_t kept = 0, i = 0;
    qsort(pieces, *n, sizeof *pieces, by_area);
    for (uint32_t x = 0; x < c->t->n_exclusives; x++) {
        size_t divisions = 0, parts = 0;
        for (; i < *n && pieces[i].area == x; i++) {
            if (divisions > 0 && pieces[kept - 1].division == pieces[i].division) {
                parts++;
                continue;
            }
            divisions++;
            pieces[kept++] = pieces[i];
        }
        xw_status st = XW_OK;
        if (divisions == 0) {
            st = note(c, x, "exclusive-empty", place_of(c, x), "no plot lies mostly inside");
        }
        if (divisions > 1) {
            st =
                note(c, x, "exclusive-divided", place_of(c, x), "lies in %zu divisions", divisions);
        }
        if (!st && parts) {
            st = note(c, x, "exclusive-parts", place_of(c, x), "%zu smaller parts", parts);
        }
        if (st) return st;
    }
    *n = kept;
    qsort(pieces, kept, sizeof *pieces, by_plot);
    return XW_OK;
}

static xw_status name_items(carver *c, const piece *pieces, size_t n)
{
    xw_strings *pool = &c->m->text;
    c->out->items = calloc(n + 1, sizeof *c->out->items);
    if (!c->out->items) return no_memory(c);
    for (size_t i = 0; i < n; i++) {
        const xw_exclusive *x = &c->t->exclusives[pieces[i].area];
        xw_carved *to = &c->out->items[c->out->n_items++];
        to->division = pieces[i].division;
        to->exclusive = pieces[i].area;
        xw_status st = xw_strings_add(pool, xw_territory_text(c->t, x->code), &to->code, c->err);
        if (!st) st = xw_strings_add(pool, xw_territory_text(c->t, x->name), &to->name, c->err);
        if (!st) st = xw_strings_add(pool, xw_territory_text(c->t, x->kind), &to->kind, c->err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status make_items(carver *c)
{
    const xw_model *m = c->m;
    size_t n = 0;
    xw_status st = XW_OK;
    uint8_t *peopled = calloc(c->t->n_exclusives + 1, 1);
    uint32_t *of_root = malloc((m->n_plots + 1) * sizeof *of_root);
    piece *pieces = malloc((m->n_plots + 1) * sizeof *pieces);
    if (!peopled || !of_root || !pieces) {
        st = no_memory(c);
        goto fail;
    }
    for (uint32_t p = 0; p < m->n_plots; p++) {
        if (c->out->of[p] != XW_NONE && m->plots[p].households) peopled[c->out->of[p]] = 1;
        of_root[p] = XW_NONE;
    }
    tie(c, peopled);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        if (c->out->of[p] == XW_NONE) continue;
        uint32_t *at = &of_root[find(c->root, p)];
        if (*at == XW_NONE) {
            *at = (uint32_t)n;
            pieces[n++] = (piece){find(c->root, p), m->plots[p].division, c->out->of[p], 0};
        }
        pieces[*at].m2 += m->plots[p].area_m2;
    }
    st = choose(c, pieces, &n);
    if (!st) st = name_items(c, pieces, n);
    for (uint32_t p = 0; p < m->n_plots; p++) of_root[p] = XW_NONE;
    for (size_t i = 0; i < n; i++) of_root[pieces[i].root] = (uint32_t)i;
    for (uint32_t p = 0; p < m->n_plots && !st; p++) {
        if (c->out->of[p] != XW_NONE) c->out->of[p] = of_root[find(c->root, p)];
    }
fail:
    free(peopled);
    free(of_root);
    free(pieces);
    return st;
}

/* --- all ----------------------------------------------------------------------------------------
 */

static xw_status prepare(carver *c)
{
    const xw_model *m = c->m;
    c->out->of = malloc((m->n_plots + 1) * sizeof *c->out->of);
    c->root = malloc((m->n_plots + 1) * sizeof *c->root);
    c->plot_box = malloc((m->n_plots + 1) * sizeof *c->plot_box);
    c->area_box = malloc((c->t->n_exclusives + 1) * sizeof *c->area_box);
    c->overlaps = calloc(c->t->n_exclusives + 1, 1);
    if (!c->out->of || !c->root || !c->plot_box || !c->area_box || !c->overlaps) {
        return no_memory(c);
    }
    c->out->n_plots = m->n_plots;
    for (size_t p = 0; p < m->n_plots; p++) c->plot_box[p] = XW_BOX_EMPTY;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        for (uint32_t k = 0; k < e->n; k++) {
            const xw_pt p = m->pts[e->first + k];
            if (e->left != XW_NONE) c->plot_box[e->left] = xw_box_grow(c->plot_box[e->left], p);
            if (e->right != XW_NONE) c->plot_box[e->right] = xw_box_grow(c->plot_box[e->right], p);
        }
    }
    for (uint32_t x = 0; x < c->t->n_exclusives; x++) {
        c->area_box[x] = xw_area_box(c->t, c->t->exclusives[x].area);
    }
    xw_status st = xw_edge_index_create(m, &c->edges, c->err);
    return st ? st : xw_tracer_create(m, &c->edges, &c->tracer, c->err);
}

xw_status xw_carving_create(const xw_territory *t, xw_model *m, xw_carving *out, xw_error *err)
{
    carver c = {.t = t, .m = m, .out = out, .err = err};
    *out = (xw_carving){0};
    if (t->n_exclusives == 0) return XW_OK;
    xw_status st = prepare(&c);
    for (uint32_t p = 0; p < m->n_plots && !st; p++) st = place_plot(&c, p);
    if (!st) st = make_items(&c);
    xw_tracer_destroy(c.tracer);
    xw_edge_index_finish(&c.edges);
    xw_outline_finish(&c.outline);
    free(c.plot_box);
    free(c.area_box);
    free(c.overlaps);
    free(c.root);
    free(c.rings);
    free(c.pts);
    if (st) xw_carving_finish(out);
    return st;
}

void xw_carving_finish(xw_carving *c)
{
    free(c->of);
    free(c->items);
    *c = (xw_carving){0};
}
