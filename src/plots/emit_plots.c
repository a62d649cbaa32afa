/* Divisions, plots and units. */
#include "emit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct coded {
    const char *code;
    uint32_t ix;
} coded;

static int by_code(const void *a, const void *b)
{
    const coded *p = a, *q = b;
    const int c = strcmp(p->code, q->code);
    return c ? c : (p->ix > q->ix) - (p->ix < q->ix);
}

xw_status emit_divisions(emit *e, xw_error *err)
{
    const xw_territory *t = e->f->s->t;
    const size_t n = t->n_divisions;
    coded *order = malloc((n + 1) * sizeof *order);
    e->division = malloc((n + 1) * sizeof *e->division);
    xw_status st = order && e->division ? XW_OK : xw_fail(err, XW_NOMEM, "%zu divisions", n);
    for (uint32_t i = 0; i < n && !st; i++) {
        order[i] = (coded){xw_territory_text(t, t->divisions[i].code), i};
    }
    if (!st && n) qsort(order, n, sizeof *order, by_code);
    for (uint32_t k = 0; k < n && !st; k++) {
        const xw_division *d = &t->divisions[order[k].ix];
        e->division[order[k].ix] = k;
        xw_model_division *out = XW_MODEL_ADD(e->m, divisions);
        if (!out) {
            st = xw_fail(err, XW_NOMEM, "%zu divisions", n);
            break;
        }
        st = emit_text(e, d->code, &out->code, err);
        if (!st) st = emit_text(e, d->name, &out->name, err);
        if (!st) st = emit_text(e, d->level, &out->level, err);
        if (!st) st = emit_text(e, d->parent_code, &out->parent_code, err);
        if (!st) st = emit_text(e, d->source, &out->source, err);
    }
    free(order);
    return st;
}

typedef struct draft { /* a plot of the fabric on its way to the model */
    uint32_t plot;     /* of the fabric */
    uint32_t division, block, face;
    uint32_t water; /* of the territory, XW_NONE on land */
    int64_t area2, face_score;
    double moment; /* of the area about the height of `from`, six times */
    xw_pt from;    /* some vertex */
    xw_pt anchor;
} draft;

static int by_place(const void *a, const void *b)
{
    const draft *p = a, *q = b;
    if (p->division != q->division) return p->division < q->division ? -1 : 1;
    if (p->block != q->block) return p->block < q->block ? -1 : 1;
    if (!xw_pt_eq(p->anchor, q->anchor)) return xw_pt_less(p->anchor, q->anchor) ? -1 : 1;
    return (p->plot > q->plot) - (p->plot < q->plot);
}

/* Division and water by block, from the open faces of the scene (footprints moved along). */
static xw_status block_facts(const emit *e, uint32_t **division, uint32_t **water, xw_error *err)
{
    const scene *s = e->f->s;
    *division = malloc((s->n_blocks + 1) * sizeof **division);
    *water = malloc((s->n_blocks + 1) * sizeof **water);
    if (!*division || !*water) return xw_fail(err, XW_NOMEM, "%zu blocks", s->n_blocks);
    memset(*division, 0xFF, (s->n_blocks + 1) * sizeof **division);
    memset(*water, 0xFF, (s->n_blocks + 1) * sizeof **water);
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] == XW_NONE) continue;
        (*division)[s->block[f]] = e->division[s->division[f]];
        if (s->water[f] != XW_NONE) (*water)[s->block[f]] = s->water[f];
    }
    return XW_OK;
}

/* Sums up the faces of each plot; the face for the anchor is the largest, footprints first. */
static void sum_faces(const fabric *f, draft *d)
{
    for (uint32_t i = 0; i < f->map.n_faces; i++) {
        const uint32_t p = f->plot[i];
        if (p == XW_NONE) continue;
        draft *at = &d[p];
        at->area2 += f->map.area2[i];
        const int64_t score = f->map.area2[i] + (f->region[i] == p ? INT64_MAX / 2 : 0);
        if (at->face == XW_NONE || score > at->face_score) {
            at->face = i;
            at->face_score = score;
        }
        at->block = fabric_block(f, i);
    }
}

double emit_moment(xw_pt from, xw_pt a, xw_pt b)
{
    const double ax = (double)a.x - from.x, ay = (double)a.y - from.y;
    const double bx = (double)b.x - from.x, by = (double)b.y - from.y;
    return (ax * by - ay * bx) * (ay + by);
}

static void add_moment(draft *d, xw_pt a, xw_pt b)
{
    if (d->from.x == INT32_MAX) d->from = a;
    d->moment += emit_moment(d->from, a, b);
}

static void sum_moments(const fabric *f, draft *d)
{
    for (size_t e = 0; e < f->noded.n_edges; e++) {
        const uint32_t l = f->plot[f->map.face[2 * e]], r = f->plot[f->map.face[2 * e + 1]];
        if (l == r) continue;
        const xw_pt a = f->noded.nodes[f->noded.edges[e].a];
        const xw_pt b = f->noded.nodes[f->noded.edges[e].b];
        if (l != XW_NONE) add_moment(&d[l], a, b);
        if (r != XW_NONE) add_moment(&d[r], b, a);
    }
}

/* Square metres, with the scale at the latitude of the centroid: what is too much north of it is
 * too little south of it. What is left is half the mean square of the distances from that latitude,
 * by the square of the earth's radius: below 1e-6 for plots up to 30 km from south to north. */
double emit_area_m2(xw_pt from, double moment, int64_t area2)
{
    const double lat = from.y + moment / 3.0 / (double)area2;
    const xw_scale k = xw_scale_at((int32_t)lrint(lat));
    return 0.5 * (double)area2 * k.mx * k.my;
}

static xw_status add_plot(emit *e, const draft *d, xw_error *err)
{
    const xw_territory *t = e->f->s->t;
    xw_plot *p = XW_MODEL_ADD(e->m, plots);
    if (!p) return xw_fail(err, XW_NOMEM, "%zu plots", e->m->n_plots);
    const bool building = d->plot < t->n_buildings;
    p->area_m2 = emit_area_m2(d->from, d->moment, d->area2);
    p->anchor = d->anchor;
    p->block = d->block;
    p->division = d->division;
    p->building = building ? d->plot : XW_NONE;
    p->kind = (uint8_t)(building              ? XW_PLOT_BUILDING
                        : d->water != XW_NONE ? XW_PLOT_WATER
                                              : XW_PLOT_OPEN);
    e->number[d->plot] = (uint32_t)(e->m->n_plots - 1);
    xw_model_division *v = &e->m->divisions[d->division];
    if (v->n_plots++ == 0) v->first_plot = (uint32_t)(e->m->n_plots - 1);
    return p->kind == XW_PLOT_WATER ? emit_text(e, t->waters[d->water].name, &p->name, err) : XW_OK;
}

xw_status emit_plots(emit *e, xw_error *err)
{
    const fabric *f = e->f;
    const size_t n = f->s->t->n_buildings + f->n_open;
    draft *d = malloc((n + 1) * sizeof *d);
    uint32_t *division = NULL, *water = NULL;
    e->number = malloc((n + 1) * sizeof *e->number);
    xw_status st = d && e->number ? XW_OK : xw_fail(err, XW_NOMEM, "%zu plots", n);
    if (!st) st = block_facts(e, &division, &water, err);
    if (st) goto done;
    for (uint32_t i = 0; i < n; i++) {
        d[i] = (draft){.plot = i, .face = XW_NONE, .from = {INT32_MAX, INT32_MAX}};
    }
    memset(e->number, 0xFF, (n + 1) * sizeof *e->number);
    sum_faces(f, d);
    sum_moments(f, d);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (d[i].face == XW_NONE) continue;
        d[i].anchor = fabric_inside(f, d[i].face);
        d[i].division = division[d[i].block];
        d[i].water = water[d[i].block];
        d[used++] = d[i];
    }
    if (used) qsort(d, used, sizeof *d, by_place);
    for (size_t i = 0; i < used && !st; i++) st = add_plot(e, &d[i], err);
done:
    free(d);
    free(division);
    free(water);
    return st;
}

typedef struct slot { /* a unit before the plots are in order */
    xw_unit unit;
    uint32_t part; /* door on the floor */
} slot;

static int by_plot(const void *a, const void *b)
{
    const slot *p = a, *q = b;
    if (p->unit.plot != q->unit.plot) return p->unit.plot < q->unit.plot ? -1 : 1;
    if (p->unit.building != q->unit.building) return p->unit.building < q->unit.building ? -1 : 1;
    if (p->unit.floor_min != q->unit.floor_min) {
        return p->unit.floor_min < q->unit.floor_min ? -1 : 1;
    }
    return (p->part > q->part) - (p->part < q->part);
}

typedef struct slots {
    slot *s;
    size_t n, cap;
} slots;

static xw_status add_unit(slots *l, xw_unit u, uint32_t part, xw_error *err)
{
    if (!xw_grow((void **)&l->s, &l->cap, l->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu units", l->n);
    }
    l->s[l->n++] = (slot){u, part};
    return XW_OK;
}

/* The doors of a floor with more households than fit one grid: first those that the run of floors
 * below has room for, then as many as fit at a time, so that the runs can be full. */
static xw_status add_doors(slots *l, xw_unit u, uint64_t h, uint64_t slice, uint64_t *room,
                           xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t door = 1; h > 0 && !st; door++) {
        if (*room == 0) *room = slice;
        u.households = (uint32_t)(h < *room ? h : *room);
        h -= u.households;
        *room -= u.households;
        st = add_unit(l, u, door, err);
    }
    return st;
}

/* A house is one unit. A building with more households than fit one grid becomes one unit a floor,
 * and a floor with more becomes several (doors). Households are spread evenly over the floors. */
static xw_status add_units(slots *l, const emit *e, uint32_t b, xw_error *err)
{
    const xw_model_building *v = &e->m->buildings[b];
    const xw_unit whole = {v->plot, b, v->households, 0, 0, XW_NONE};
    if (v->households <= e->slice) return add_unit(l, whole, 0, err);
    const uint64_t floors = v->floors ? v->floors : 1;
    uint64_t room = e->slice; /* of the run of floors at hand, if it is as full as may be */
    xw_status st = XW_OK;
    for (uint64_t i = 1; i <= floors && !st; i++) {
        const uint64_t h = i * v->households / floors - (i - 1) * v->households / floors;
        xw_unit u = whole;
        u.floor_min = u.floor_max = (int16_t)i;
        if (h > e->slice) {
            st = add_doors(l, u, h, e->slice, &room, err);
            continue;
        }
        u.households = (uint32_t)h;
        room = h <= room ? room - h : e->slice - h;
        st = add_unit(l, u, 1, err);
    }
    return st;
}

xw_status emit_units(emit *e, xw_error *err)
{
    xw_model *m = e->m;
    slots l = {0};
    xw_status st = XW_OK;
    for (uint32_t b = 0; b < m->n_buildings && !st; b++) {
        if (m->buildings[b].plot != XW_NONE) st = add_units(&l, e, b, err);
    }
    for (uint32_t p = 0; p < m->n_plots && !st; p++) {
        /* A plot whose building stands in it has units already; open land gets an empty one. */
        if (m->plots[p].building == XW_NONE) {
            st = add_unit(&l, (xw_unit){p, XW_NONE, 0, 0, 0, XW_NONE}, 0, err);
        }
    }
    if (l.n) qsort(l.s, l.n, sizeof *l.s, by_plot);
    for (size_t i = 0; i < l.n && !st; i++) {
        xw_unit *u = XW_MODEL_ADD(m, units);
        if (!u) {
            st = xw_fail(err, XW_NOMEM, "%zu units", l.n);
            break;
        }
        *u = l.s[i].unit;
        xw_plot *p = &m->plots[u->plot];
        if (p->n_units++ == 0) p->first_unit = (uint32_t)i;
        p->households += u->households;
    }
    free(l.s);
    return st;
}
