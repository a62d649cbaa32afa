#include "xiwang/answer.h"

#include "answer_around.h"
#include "disc.h"
#include "format.h"
#include "tree.h"

#include <math.h>
#include <stdlib.h>

static const double share_min = 1e-6;         /* below this a grid is no candidate */
static const double on_edge_at_most_m = 0.05; /* what is further off needs no exact test */

const char *xw_rule_text(xw_rule r)
{
    static const char *const texts[] = {"inside",  "boundary", "floor",   "tower",   "building",
                                        "custody", "reserved", "nearest", "outside", "address"};
    return (unsigned)r < sizeof texts / sizeof *texts ? texts[r] : "";
}

static xw_status check_metres(const char *what, double v, double most, xw_error *err)
{
    if (v >= 0.0 && v <= most) return XW_OK;
    return xw_fail(err, XW_INPUT, "%s %.9g m is not in 0..%.0f", what, v, most);
}

static xw_status place(const xw_query *q, xw_answer *a, xw_error *err)
{
    xw_status st = check_metres("accuracy", q->accuracy_m, XW_ACCURACY_MAX_M, err);
    if (!st) st = check_metres("snap", q->snap_m, XW_SNAP_MAX_M, err);
    if (!st) st = check_metres("nearest", q->nearest_m, XW_NEAREST_MAX_M, err);
    if (st) return st;
    a->accuracy_m = q->accuracy_m;
    if (q->crs) {
        a->accuracy_m = hypot(q->accuracy_m, xw_crs_error_m(q->crs));
        return xw_crs_to_lattice(q->crs, q->x, q->y, &a->at, err);
    }
    if (!xw_pt_from_deg(q->x, q->y, &a->at)) {
        return xw_fail(err, XW_INPUT, "longitude %.9g, latitude %.9g is out of range", q->x, q->y);
    }
    return XW_OK;
}

/* Plot of a label; damaged labels count as outside. */
static uint32_t plot_of(const xw_model *m, uint32_t label)
{
    return label > 0 && label <= m->n_plots ? label - 1 : XW_NONE;
}

/* Notes an edge that the point lies on, and what is on its other side. */
typedef struct rim {
    const xw_model *m;
    xw_answer *a;
} rim;

static bool look_at_edge(void *user, const xw_near_edge *e)
{
    const rim *r = user;
    xw_answer *a = r->a;
    if (!xw_on_segment(e->a, e->b, a->at)) return true;
    a->on_boundary = true;
    const uint32_t sides[2] = {plot_of(r->m, e->left), plot_of(r->m, e->right)};
    for (int i = 0; i < 2; i++) { /* XW_NONE is the largest */
        if (sides[i] != a->plot && sides[i] < a->other_plot) a->other_plot = sides[i];
    }
    return true;
}

static void find_rim(const xw_snapshot *s, const xw_query *q, xw_answer *a)
{
    double most = XW_SAME_ANSWER_MAX_M;
    if (q->near_only) { /* as far as the disc and the nearest grid need it */
        const double needed = fmax(a->accuracy_m, a->plot == XW_NONE ? q->nearest_m : 0.0) + 1.0;
        most = fmin(most, needed);
    }
    a->same_answer_within_m = xw_locator_nearest_m(&s->locator, a->at, most);
    if (a->same_answer_within_m > on_edge_at_most_m) return;
    rim r = {&s->model, a};
    xw_locator_near(&s->locator, a->at, on_edge_at_most_m, look_at_edge, &r);
    if (a->on_boundary) a->same_answer_within_m = 0.0;
}

typedef struct owner { /* of a point among footprints */
    const xw_snapshot *s;
    const xw_answer *a;
    uint32_t building;
} owner;

static bool owns(const xw_model *m, uint32_t building, xw_pt p)
{
    const xw_model_building *b = &m->buildings[building];
    bool in = false;
    for (uint32_t r = b->first_ring; r < b->first_ring + b->n_rings; r++) {
        in ^= xw_ring_owns((xw_ring){m->pts + m->rings[r].first, m->rings[r].n}, p);
    }
    return in;
}

/* Footprints may overlap in the data: the building of the plot goes before the others, then order.
 */
static bool look_at_building(void *user, uint32_t b)
{
    owner *o = user;
    const xw_model *m = &o->s->model;
    if (!owns(m, b, o->a->at)) return true;
    if (o->a->plot != XW_NONE && m->buildings[b].plot == o->a->plot) {
        o->building = b;
        return false;
    }
    if (b < o->building) o->building = b;
    return true;
}

static uint32_t find_building(const xw_snapshot *s, const xw_answer *a)
{
    owner o = {s, a, XW_NONE};
    (void)xw__tree_walk(s->model.n_buildings, s->order[XW_SHAPE_BUILDING],
                        s->nodes[XW_SHAPE_BUILDING], (xw_box){a->at, a->at}, look_at_building, &o);
    return o.building;
}

typedef struct tally { /* candidates while they are collected */
    xw_candidate *c;
    size_t n, cap;
} tally;

static bool tally_add(tally *t, uint32_t grid, double probability, double distance_m)
{
    if (grid == XW_NONE) return true;
    if (t->n > 0 && t->c[t->n - 1].grid == grid) { /* units of a grid come together */
        t->c[t->n - 1].probability += probability;
        t->c[t->n - 1].distance_m = fmin(t->c[t->n - 1].distance_m, distance_m);
        return true;
    }
    if (!xw_grow((void **)&t->c, &t->cap, t->n + 1, sizeof *t->c)) return false;
    t->c[t->n++] = (xw_candidate){grid, probability, distance_m};
    return true;
}

static bool on_floor(const xw_unit *u, const xw_query *q)
{
    return q->has_floor && u->floor_min <= q->floor && q->floor <= u->floor_max &&
           (u->floor_min != 0 || u->floor_max != 0);
}

/* Shares a plot's probability among its grids. @return the rule, or XW_RULE_OUTSIDE without memory
 */
static xw_rule share_plot(const xw_model *m, const xw_query *q, uint32_t plot, double probability,
                          double distance_m, tally *t)
{
    const xw_plot *p = &m->plots[plot];
    const xw_unit *units = m->units + p->first_unit;
    uint64_t households = 0, on_households = 0;
    uint32_t n_on = 0;
    bool one = true, one_on = true;
    const xw_unit *on = NULL;
    for (uint32_t i = 0; i < p->n_units; i++) {
        households += units[i].households;
        one = one && units[i].grid == units[0].grid;
        if (!on_floor(&units[i], q)) continue;
        one_on = one_on && (!on || on->grid == units[i].grid);
        on = &units[i];
        on_households += units[i].households;
        n_on++;
    }
    if (one) {
        return tally_add(t, units[0].grid, probability, distance_m) ? XW_RULE_INSIDE
                                                                    : XW_RULE_OUTSIDE;
    }
    const uint64_t all = on ? on_households : households;
    for (uint32_t i = 0; i < p->n_units; i++) {
        if (on && !on_floor(&units[i], q)) continue;
        const double part =
            all > 0 ? (double)units[i].households / (double)all : 1.0 / (on ? n_on : p->n_units);
        if (!tally_add(t, units[i].grid, probability * part, distance_m)) return XW_RULE_OUTSIDE;
    }
    return on && one_on ? XW_RULE_FLOOR : XW_RULE_TOWER;
}

static int by_grid(const void *a, const void *b)
{
    const xw_candidate *x = a, *y = b;
    if (x->grid != y->grid) return x->grid < y->grid ? -1 : 1;
    return (x->probability < y->probability) - (x->probability > y->probability);
}

static int by_probability(const void *a, const void *b)
{
    const xw_candidate *x = a, *y = b;
    if (x->probability != y->probability) return x->probability > y->probability ? -1 : 1;
    return (x->grid > y->grid) - (x->grid < y->grid);
}

/* Each grid once, without those that hardly have a share, most probable first. */
static void tally_finish(tally *t)
{
    if (t->n > 1) qsort(t->c, t->n, sizeof *t->c, by_grid);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (n > 0 && t->c[n - 1].grid == t->c[i].grid) {
            t->c[n - 1].probability += t->c[i].probability;
            t->c[n - 1].distance_m = fmin(t->c[n - 1].distance_m, t->c[i].distance_m);
        } else {
            t->c[n++] = t->c[i];
        }
    }
    t->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (t->c[i].probability >= share_min) t->c[t->n++] = t->c[i];
    }
    if (t->n > 1) qsort(t->c, t->n, sizeof *t->c, by_probability);
}

static xw_status tally_disc(const xw_snapshot *s, const xw_query *q, const xw_answer *a, tally *t,
                            xw_error *err)
{
    disc_share *shares;
    size_t n;
    xw_status st = xw__disc_shares(&s->locator, a->at, a->accuracy_m, &shares, &n, err);
    for (size_t i = 0; !st && i < n; i++) {
        const uint32_t plot = plot_of(&s->model, shares[i].label);
        if (plot == XW_NONE) continue;
        const double distance_m = plot == a->plot ? 0.0 : shares[i].distance_m;
        if (share_plot(&s->model, q, plot, shares[i].share, distance_m, t) == XW_RULE_OUTSIDE) {
            st = xw_fail(err, XW_NOMEM, "candidates");
        }
    }
    free(shares);
    return st;
}

static void keep_candidates(const xw_model *m, const tally *t, xw_answer *a)
{
    for (size_t i = 0; i < t->n && i < XW_CANDIDATES_MAX; i++) {
        a->candidates[a->n_candidates++] = t->c[i];
    }
    if (a->grid == XW_NONE) return;
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const uint32_t mine = xw_model_grid_at(m, a->grid, l);
        size_t same = 0;
        double sum = 0.0;
        for (size_t i = 0; i < t->n; i++) {
            if (xw_model_grid_at(m, t->c[i].grid, l) != mine) continue;
            same++;
            sum += t->c[i].probability;
        }
        a->level_probability[l] = fmin(sum, 1.0);
        if (same == t->n && a->rule != XW_RULE_NEAREST) a->certain_level = l;
    }
}

/* The building that a point just outside its wall is meant for decides instead of the land. */
static void snap(const xw_snapshot *s, const xw_query *q, xw_answer *a)
{
    if (q->snap_m <= 0.0 || a->building != XW_NONE) return;
    double d;
    const uint32_t b = xw__around_building(s, a->at, q->snap_m, &d);
    if (b == XW_NONE || s->model.buildings[b].plot == XW_NONE) return;
    a->building = b;
    a->building_distance_m = d;
    if (s->model.buildings[b].plot == a->plot) return;
    a->plot = s->model.buildings[b].plot;
    a->rule = XW_RULE_BUILDING;
}

/* What happens on a carriageway is its custodian's, whatever lies on the two sides. */
static void take_custody(const xw_snapshot *s, const xw_query *q, xw_answer *a)
{
    a->road_edge =
        a->building == XW_NONE ? xw__around_road(s, a->at, &a->road_distance_m) : XW_NONE;
    if (a->road_edge == XW_NONE || !q->custody) return;
    const uint32_t plot = s->model.edges[a->road_edge].custody;
    if (plot == XW_NONE || a->plot == XW_NONE) return;
    a->plot = plot;
    a->rule = XW_RULE_CUSTODY;
}

/* The grid of the point itself, from the plot that was decided on. */
static xw_status choose_grid(const xw_model *m, const xw_query *q, xw_answer *a, tally *own,
                             xw_error *err)
{
    const xw_rule rule = share_plot(m, q, a->plot, 1.0, 0.0, own);
    if (rule == XW_RULE_OUTSIDE) return xw_fail(err, XW_NOMEM, "candidates");
    tally_finish(own);
    if (own->n > 0) a->grid = own->c[0].grid;
    const bool reserved = a->grid != XW_NONE && m->grids[a->grid].kind == XW_GRID_RESERVED;
    if (rule != XW_RULE_INSIDE) {
        a->rule = rule;
    } else if (reserved) {
        a->rule = XW_RULE_RESERVED;
    } else if (a->rule == XW_RULE_OUTSIDE) {
        a->rule = a->on_boundary ? XW_RULE_BOUNDARY : XW_RULE_INSIDE;
    }
    return XW_OK;
}

static xw_status choose_nearest(const xw_snapshot *s, const xw_query *q, xw_answer *a, tally *own,
                                xw_error *err)
{
    if (q->nearest_m <= 0.0 || a->same_answer_within_m > q->nearest_m) return XW_OK;
    /* the nearest edge is known; the slack keeps all that are as near */
    const double within_m = fmin(q->nearest_m, a->same_answer_within_m * 1.000001 + 0.001);
    const uint32_t plot = xw__around_plot(s, a->at, within_m, &a->distance_m);
    if (plot == XW_NONE) return XW_OK;
    if (share_plot(&s->model, q, plot, 1.0, a->distance_m, own) == XW_RULE_OUTSIDE) {
        return xw_fail(err, XW_NOMEM, "candidates");
    }
    tally_finish(own);
    if (own->n > 0) {
        a->grid = own->c[0].grid;
        a->rule = XW_RULE_NEAREST;
    }
    for (size_t i = 0; i < own->n; i++) own->c[i].probability = 0.0; /* nothing says it is there */
    return XW_OK;
}

static const xw_answer nobody = {.rule = XW_RULE_OUTSIDE,
                                 .other_plot = XW_NONE,
                                 .building = XW_NONE,
                                 .road_edge = XW_NONE,
                                 .suspect_plot = XW_NONE,
                                 .grid = XW_NONE,
                                 .certain_level = XW_NONE};

xw_status xw_answer_address(const xw_snapshot *s, const xw_query *q, uint32_t building,
                            xw_answer *out, xw_error *err)
{
    const xw_model *m = &s->model;
    xw_query plain = *q;
    tally own = {0};
    plain.accuracy_m = 0.0;
    *out = nobody;
    xw_status st = place(&plain, out, err);
    if (st) return st;
    out->accuracy_m = 0.0; /* a building is where it is, however its point was written */
    out->plot = plot_of(m, xw_locator_find(&s->locator, out->at));
    out->building = building != XW_NONE ? building : find_building(s, out);
    const uint32_t of = building != XW_NONE ? m->buildings[building].plot : XW_NONE;
    if (of == XW_NONE || of == out->plot) {
        out->same_answer_within_m =
            xw_locator_nearest_m(&s->locator, out->at, XW_SAME_ANSWER_MAX_M);
    } else {
        out->plot = of;
    }
    st = out->plot != XW_NONE ? choose_grid(m, q, out, &own, err)
                              : choose_nearest(s, q, out, &own, err);
    if (!st && out->plot != XW_NONE) out->rule = XW_RULE_ADDRESS;
    if (!st) keep_candidates(m, &own, out);
    free(own.c);
    return st;
}

xw_status xw_answer_locate(const xw_snapshot *s, const xw_query *q, xw_answer *out, xw_error *err)
{
    const xw_model *m = &s->model;
    *out = nobody;
    xw_status st = place(q, out, err);
    if (st) return st;
    out->plot = plot_of(m, xw_locator_find(&s->locator, out->at));
    find_rim(s, q, out);
    out->building = find_building(s, out);
    xw__around_suspect(s, q, out);
    snap(s, q, out);
    take_custody(s, q, out);

    tally own = {0}, all = {0};
    st = out->plot != XW_NONE ? choose_grid(m, q, out, &own, err)
                              : choose_nearest(s, q, out, &own, err);
    if (!st && out->accuracy_m > 0.0 && out->accuracy_m > out->same_answer_within_m) {
        st = tally_disc(s, q, out, &all, err);
        tally_finish(&all);
    }
    if (!st) keep_candidates(m, all.n > 0 ? &all : &own, out);
    free(own.c);
    free(all.c);
    return st;
}
