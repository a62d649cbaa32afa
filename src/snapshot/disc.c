/* Areas of a disc's parts by Green's theorem: an edge clipped to the disc adds half the cross
 * product of its ends to the label on its left and takes it from the one on its right; an arc
 * between two crossings of the circle adds its sector to the label inside it. Round the circle that
 * label changes by the key of each crossing, so the order of two crossings that rounding cannot
 * tell apart does not matter. The walk starts in the middle of the widest arc, with the label found
 * along the ray from the centre, which is exact. */
#include "disc.h"
#include "xiwang/buf.h"
#include "xiwang/ring.h"

#include <math.h>
#include <stdlib.h>

typedef struct crossing {
    double angle;
    uint32_t key, turn; /* turn: order of arrival, so that sorting is stable */
} crossing;

typedef struct part {
    disc_share s;
    size_t turn;
} part;

typedef struct disc {
    const xw_locator *l;
    xw_pt at;
    double r;
    xw_scale scale;
    bool no_memory;
    xw_near_edge *edges;
    size_t n_edges, cap_edges;
    crossing *crossings;
    size_t n_crossings, cap_crossings;
    part *parts;
    size_t n_parts, cap_parts;
} disc;

typedef struct vec {
    double x, y;
} vec;

static vec from_centre(const disc *d, xw_pt p)
{
    return (vec){((double)p.x - d->at.x) * d->scale.mx, ((double)p.y - d->at.y) * d->scale.my};
}

static double cross(vec a, vec b) { return a.x * b.y - a.y * b.x; }

static bool keep_edge(void *user, const xw_near_edge *e)
{
    disc *d = user;
    if (!xw_grow((void **)&d->edges, &d->cap_edges, d->n_edges + 1, sizeof *d->edges)) {
        d->no_memory = true;
        return false;
    }
    d->edges[d->n_edges++] = *e;
    return true;
}

static void add_part(disc *d, uint32_t label, double area, double distance_m)
{
    if (!xw_grow((void **)&d->parts, &d->cap_parts, d->n_parts + 1, sizeof *d->parts)) {
        d->no_memory = true;
        return;
    }
    d->parts[d->n_parts] = (part){{label, area, distance_m}, d->n_parts};
    d->n_parts++;
}

static void add_crossing(disc *d, vec at, uint32_t key)
{
    if (!xw_grow((void **)&d->crossings, &d->cap_crossings, d->n_crossings + 1,
                 sizeof *d->crossings)) {
        d->no_memory = true;
        return;
    }
    d->crossings[d->n_crossings] = (crossing){atan2(at.y, at.x), key, (uint32_t)d->n_crossings};
    d->n_crossings++;
}

static void clip_edge(disc *d, const xw_near_edge *e)
{
    const vec a = from_centre(d, e->a), b = from_centre(d, e->b), v = {b.x - a.x, b.y - a.y};
    const double len2 = v.x * v.x + v.y * v.y, half = a.x * v.x + a.y * v.y;
    const double root2 = half * half - len2 * (a.x * a.x + a.y * a.y - d->r * d->r);
    if (!(root2 > 0.0) || !(len2 > 0.0)) return; /* touches at most */
    const double t0 = (-half - sqrt(root2)) / len2, t1 = (-half + sqrt(root2)) / len2;
    const double u0 = t0 > 0.0 ? t0 : 0.0, u1 = t1 < 1.0 ? t1 : 1.0;
    if (u0 >= u1) return;
    const vec p = {a.x + u0 * v.x, a.y + u0 * v.y}, q = {a.x + u1 * v.x, a.y + u1 * v.y};
    const double area = 0.5 * cross(p, q);
    add_part(d, e->left, area, e->distance_m);
    add_part(d, e->right, -area, e->distance_m);
    if (t0 > 0.0) add_crossing(d, p, e->left ^ e->right);
    if (t1 < 1.0) add_crossing(d, q, e->left ^ e->right);
}

/* Is the vertex left of the ray from the centre to end? The centre stands an infinitesimal step
 * east and a much smaller one north of where it is, as for the locator: a vertex in its place is
 * not on the ray. */
static bool left_of_ray(vec end, vec v)
{
    const double c = cross(end, v);
    return c != 0.0 ? c > 0.0 : end.y > 0.0 || (end.y == 0.0 && end.x < 0.0);
}

/* Does the edge cross the ray from the centre to the circle? Each vertex has one side of the ray,
 * so corners are crossed once; the centre's side of the edge is exact. */
static bool crosses_ray(const disc *d, const xw_near_edge *e, vec end)
{
    if (left_of_ray(end, from_centre(d, e->a)) == left_of_ray(end, from_centre(d, e->b))) {
        return false;
    }
    const bool up = e->a.y < e->b.y || (e->a.y == e->b.y && e->a.x < e->b.x);
    const xw_pt lo = up ? e->a : e->b, hi = up ? e->b : e->a;
    const bool centre_left = xw_orient(lo, hi, d->at) + (lo.y == hi.y) > 0;
    const vec l = from_centre(d, lo), h = from_centre(d, hi);
    const bool end_left = cross((vec){h.x - l.x, h.y - l.y}, (vec){end.x - l.x, end.y - l.y}) > 0.0;
    return centre_left != end_left;
}

static int by_angle(const void *a, const void *b)
{
    const crossing *x = a, *y = b;
    if (x->angle != y->angle) return x->angle < y->angle ? -1 : 1;
    return (x->turn > y->turn) - (x->turn < y->turn);
}

static double gap_after(const disc *d, size_t i)
{
    const size_t n = d->n_crossings;
    return i + 1 < n ? d->crossings[i + 1].angle - d->crossings[i].angle
                     : d->crossings[0].angle + 2.0 * M_PI - d->crossings[i].angle;
}

static void add_arcs(disc *d)
{
    const size_t n = d->n_crossings;
    size_t widest = 0;
    if (n > 1) qsort(d->crossings, n, sizeof *d->crossings, by_angle);
    for (size_t i = 1; i < n; i++) {
        if (gap_after(d, i) > gap_after(d, widest)) widest = i;
    }
    const double angle = n > 0 ? d->crossings[widest].angle + 0.5 * gap_after(d, widest) : 0.0;
    const vec end = {d->r * cos(angle), d->r * sin(angle)};
    uint32_t label = xw_locator_find(d->l, d->at);
    for (size_t i = 0; i < d->n_edges; i++) {
        if (crosses_ray(d, &d->edges[i], end)) label ^= d->edges[i].left ^ d->edges[i].right;
    }
    if (n == 0) add_part(d, label, M_PI * d->r * d->r, INFINITY);
    for (size_t k = 0; k < n; k++) {
        const size_t i = (widest + k) % n;
        if (k > 0) label ^= d->crossings[i].key;
        add_part(d, label, 0.5 * d->r * d->r * gap_after(d, i), INFINITY);
    }
}

static int by_label(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (x->s.label != y->s.label) return x->s.label < y->s.label ? -1 : 1;
    return (x->turn > y->turn) - (x->turn < y->turn);
}

/* Sums the parts of each label; areas become shares. */
static xw_status sum_up(disc *d, disc_share **out, size_t *n, xw_error *err)
{
    if (d->n_parts > 1) qsort(d->parts, d->n_parts, sizeof *d->parts, by_label);
    disc_share *s = malloc((d->n_parts + 1) * sizeof *s);
    if (!s) return xw_fail(err, XW_NOMEM, "disc of %zu edges", d->n_edges);
    size_t k = 0;
    for (size_t i = 0; i < d->n_parts;) {
        disc_share sum = d->parts[i].s;
        for (i++; i < d->n_parts && d->parts[i].s.label == sum.label; i++) {
            sum.share += d->parts[i].s.share;
            sum.distance_m = fmin(sum.distance_m, d->parts[i].s.distance_m);
        }
        sum.share /= M_PI * d->r * d->r;
        if (sum.share > 1.0) sum.share = 1.0;
        if (sum.share > 0.0) s[k++] = sum;
    }
    *out = s;
    *n = k;
    return XW_OK;
}

xw_status xw__disc_shares(const xw_locator *l, xw_pt at, double radius_m, disc_share **out,
                          size_t *n, xw_error *err)
{
    *out = NULL;
    *n = 0;
    disc d = {.l = l, .at = at, .r = radius_m, .scale = xw_scale_at(at.y)};
    xw_locator_near(l, at, radius_m, keep_edge, &d);
    for (size_t i = 0; i < d.n_edges; i++) clip_edge(&d, &d.edges[i]);
    add_arcs(&d);
    const xw_status st = d.no_memory ? xw_fail(err, XW_NOMEM, "disc of %zu edges", d.n_edges)
                                     : sum_up(&d, out, n, err);
    free(d.edges);
    free(d.crossings);
    free(d.parts);
    return st;
}
