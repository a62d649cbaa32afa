/* Points among the footprints of a building layer: a house that nobody has drawn yet, or a label in
 * one that is. They wait until all footprints are known, so that the order of the file is nothing.
 */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HALF_M 2.5 /* half a side of the square that stands for a house */

xw_status xw__dot_add(xw__import *im, const xw__building_facts *b, xw_error *err)
{
    xw__dot d = {
        .at = im->shape.at,
        .households = b->households,
        .floors = b->floors,
        .height_m = b->height_m,
        .use = b->use,
    };
    xw_status st = xw__intern(im, b->name, &d.name, err);
    if (!st) st = xw__intern(im, b->source, &d.source, err);
    if (st) return st;
    if (!xw_grow((void **)&im->dots, &im->cap_dots, im->n_dots + 1, sizeof *im->dots)) {
        return xw_fail(err, XW_NOMEM, "%zu points", im->n_dots + 1);
    }
    im->dots[im->n_dots++] = d;
    return XW_OK;
}

typedef struct order {
    const xw__import *im;
    uint32_t ix;
} order;

static int by_place(const void *a, const void *b)
{
    const order *p = a, *q = b;
    const xw__dot *d = &p->im->dots[p->ix], *e = &q->im->dots[q->ix];
    if (!xw_pt_eq(d->at, e->at)) return xw_pt_less(d->at, e->at) ? -1 : 1;
    const int c =
        strcmp(xw_territory_text(p->im->t, d->source), xw_territory_text(q->im->t, e->source));
    return c ? c : (p->ix > q->ix) - (p->ix < q->ix);
}

/* The point's households go to the building round it when that has none of its own. */
static xw_status give(xw__import *im, const xw__dot *d, uint32_t to, uint8_t *counted,
                      xw_error *err)
{
    xw_building *b = &im->t->buildings[to];
    const bool given = d->households >= 0.0 && d->households <= XW__HOUSEHOLDS_MAX;
    const long n = given ? lround(d->households) : 0;
    const bool goes = given && (b->estimated || counted[to]);
    if (goes) {
        if (b->estimated) {
            b->households = 0;
            b->estimated = 0;
            im->counts->households_estimated--;
            im->counts->households_given++;
        }
        b->households += (int32_t)n;
        counted[to] = 1;
    }
    im->counts->buildings_listed++;
    char in[XW__TEXT_MAX], source[XW__TEXT_MAX];
    (void)snprintf(in, sizeof in, "%s", xw_territory_text(im->t, b->source));
    (void)snprintf(source, sizeof source, "%s", xw_territory_text(im->t, d->source));
    return xw_territory_find(im->t, "building-point-inside", "buildings", source, d->at, err,
                             "a point in building %.100s%s", in,
                             goes    ? ", which gets its households"
                             : given ? ", which has households of its own"
                                     : "");
}

/* @param ix  receives the building, XW_NONE when another one has the same square */
static xw_status draw(xw__import *im, const xw__dot *d, uint32_t *ix, xw_error *err)
{
    const xw_scale k = xw_scale_at(d->at.y);
    const int32_t dx = (int32_t)fmin(ceil(HALF_M / fmax(k.mx, 1e-6)), 1e6);
    const int32_t dy = (int32_t)ceil(HALF_M / k.my);
    const int32_t x = d->at.x > XW_LON_MAX - dx   ? XW_LON_MAX - dx
                      : d->at.x < dx - XW_LON_MAX ? dx - XW_LON_MAX
                                                  : d->at.x;
    const int32_t y = d->at.y > XW_LAT_MAX - dy   ? XW_LAT_MAX - dy
                      : d->at.y < dy - XW_LAT_MAX ? dy - XW_LAT_MAX
                                                  : d->at.y;
    char name[XW__TEXT_MAX], source[XW__TEXT_MAX]; /* copies: the pool moves */
    (void)snprintf(name, sizeof name, "%s", xw_territory_text(im->t, d->name));
    (void)snprintf(source, sizeof source, "%s", xw_territory_text(im->t, d->source));
    const xw__building_facts f = {name, source, d->households, d->floors, d->height_m, d->use};
    im->shape.n_lines = im->shape.n_rings = 0;
    im->shape.at = d->at;
    im->shape.repaired = false;
    *ix = XW_NONE;
    xw_status st = xw__shape_square(&im->shape, x - dx, y - dy, x + dx, y + dy, err);
    if (!st) st = xw__building_put(im, &f, ix, err);
    if (st || *ix == XW_NONE) return st;
    return xw_territory_find(im->t, "building-point", "buildings", source, d->at, err,
                             "a point without footprint, kept as a square of 5 m");
}

static xw_status settle(xw__import *im, const order *o, xw_error *err)
{
    xw__footprints at = {0};
    const size_t n_drawn = im->t->n_buildings;
    uint8_t *counted = calloc(n_drawn + im->n_dots + 1, 1); /* households come from points */
    uint32_t last = XW_NONE;                                /* drawn for the point before */
    xw_status st = counted ? XW_OK : xw_fail(err, XW_NOMEM, "%zu buildings", n_drawn);
    if (!st) st = xw__footprints_init(&at, im->t, err);
    if (st) {
        free(counted);
        return st;
    }
    for (size_t i = 0; i < im->n_dots && !st; i++) {
        const xw__dot *d = &im->dots[o[i].ix];
        uint32_t in = xw__footprints_at(&at, im->t, d->at);
        if (in == XW_NONE && last != XW_NONE && xw_pt_eq(im->dots[o[i - 1].ix].at, d->at))
            in = last;
        if (in != XW_NONE) {
            st = give(im, d, in, counted, err);
            continue;
        }
        st = draw(im, d, &last, err);
        if (!st && last != XW_NONE) counted[last] = !im->t->buildings[last].estimated;
    }
    xw__footprints_finish(&at);
    free(counted);
    return st;
}

/* A layer of nothing but points is another layer than the one that was meant. */
static xw_status refuse(xw__import *im, xw_error *err)
{
    xw_status st = XW_OK;
    for (size_t i = 0; i < im->n_dots && !st; i++) {
        char source[XW__TEXT_MAX];
        (void)snprintf(source, sizeof source, "%s", xw_territory_text(im->t, im->dots[i].source));
        im->counts->buildings_listed++;
        st = xw_territory_find(im->t, "building-no-area", "buildings", source, im->dots[i].at, err,
                               "a point, and no feature of the layer has an area");
    }
    return st;
}

xw_status xw__dots_settle(xw__import *im, xw_error *err)
{
    if (im->n_dots == 0) return XW_OK;
    if (im->t->n_buildings == 0) return refuse(im, err);
    order *o = malloc(im->n_dots * sizeof *o);
    if (!o) return xw_fail(err, XW_NOMEM, "%zu points", im->n_dots);
    for (size_t i = 0; i < im->n_dots; i++) o[i] = (order){im, (uint32_t)i};
    qsort(o, im->n_dots, sizeof *o, by_place);
    const xw_status st = settle(im, o, err);
    free(o);
    return st;
}
