#include "support/block_town.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 2000, X0 = 1190000000, Y0 = 260000000 }; /* about 20 m */

typedef struct paper {
    const block_town_options *o;
    xw_rng *rng;
    xw_model *m;
    uint32_t *plot; /* of each square, XW_NONE: a hole */
} paper;

block_town_options block_town_draw(xw_rng *rng)
{
    block_town_options o = {
        .columns = 1 + xw_rng_below(rng, 24),
        .rows = 1 + xw_rng_below(rng, 24),
        .divisions = 1 + xw_rng_below(rng, 3),
        .road_every = xw_rng_below(rng, 6),
        .bridge_every = xw_rng_below(rng, 12),
        .empty_percent = xw_rng_below(rng, 60),
        .hole_percent = xw_rng_below(rng, 3) ? 0 : xw_rng_below(rng, 40),
        .tower_percent = xw_rng_below(rng, 2) ? 0 : xw_rng_below(rng, 30),
        .households_most = 1 + xw_rng_below(rng, 12),
    };
    o.river_column = xw_rng_below(rng, o.columns);
    o.rail_row = xw_rng_below(rng, o.rows);
    if (o.divisions > o.columns) o.divisions = o.columns;
    return o;
}

static xw_text text(xw_model *m, const char *s)
{
    xw_text t;
    const xw_status st = xw_strings_add(&m->text, s, &t, NULL);
    assert(!st);
    (void)st;
    return t;
}

static uint32_t strip_of(const paper *p, uint32_t x) { return x * p->o->divisions / p->o->columns; }

static uint32_t block_of(const paper *p, uint32_t x, uint32_t y)
{
    const uint32_t every = p->o->road_every;
    if (every == 0) return 0;
    return (y / every) * ((p->o->columns - 1) / every + 1) + x / every;
}

static uint32_t add_building(paper *p, uint32_t plot, xw_pt corner, uint32_t households,
                             uint32_t floors)
{
    xw_model *m = p->m;
    const int32_t a = SIDE / 4, b = SIDE - SIDE / 4;
    const xw_pt ring[4] = {{corner.x + a, corner.y + a},
                           {corner.x + b, corner.y + a},
                           {corner.x + b, corner.y + b},
                           {corner.x + a, corner.y + b}};
    xw_span *span = XW_MODEL_ADD(m, rings);
    xw_model_building *building = XW_MODEL_ADD(m, buildings);
    assert(span && building);
    span->n = 4;
    const xw_status st = xw_model_add_pts(m, ring, 4, &span->first, NULL);
    assert(!st);
    (void)st;
    building->plot = plot;
    building->households = households;
    building->first_ring = (uint32_t)m->n_rings - 1;
    building->n_rings = 1;
    building->floors = (uint16_t)floors;
    building->height_m = 3.0F * (float)floors;
    return (uint32_t)m->n_buildings - 1;
}

static uint32_t add_unit(paper *p, uint32_t plot, uint32_t building, uint32_t households, int floor)
{
    xw_unit *u = XW_MODEL_ADD(p->m, units);
    assert(u);
    *u = (xw_unit){plot, building, households, (int16_t)floor, (int16_t)floor, XW_NONE};
    return households;
}

static void add_plot(paper *p, uint32_t x, uint32_t y)
{
    xw_model *m = p->m;
    const xw_pt corner = {X0 + (int32_t)x * SIDE, Y0 + (int32_t)y * SIDE};
    const xw_scale scale = xw_scale_at(corner.y);
    const uint32_t ix = (uint32_t)m->n_plots;
    xw_plot *plot = XW_MODEL_ADD(m, plots);
    assert(plot);
    plot->area_m2 = scale.mx * scale.my * SIDE * SIDE;
    plot->anchor = (xw_pt){corner.x + SIDE / 2, corner.y + SIDE / 2};
    plot->block = block_of(p, x, y);
    plot->division = strip_of(p, x);
    plot->building = XW_NONE;
    plot->first_unit = (uint32_t)m->n_units;
    p->plot[y * p->o->columns + x] = ix;
    const uint32_t kind = xw_rng_below(p->rng, 100);
    if (kind < p->o->tower_percent) {
        const uint32_t floors = 5 + xw_rng_below(p->rng, 26), most = 1 + xw_rng_below(p->rng, 12);
        plot->building = add_building(p, ix, corner, 0, floors);
        for (uint32_t f = 1; f <= floors; f++) {
            plot->households +=
                add_unit(p, ix, plot->building, xw_rng_below(p->rng, most + 1), (int)f);
        }
        plot->n_units = floors;
    } else if (kind < p->o->tower_percent + p->o->empty_percent) {
        plot->kind = xw_rng_below(p->rng, 2) ? XW_PLOT_OPEN : XW_PLOT_WATER;
        add_unit(p, ix, XW_NONE, 0, 0);
        plot->n_units = 1;
    } else {
        plot->households = 1 + xw_rng_below(p->rng, p->o->households_most);
        plot->building = add_building(p, ix, corner, plot->households, 2);
        add_unit(p, ix, plot->building, plot->households, 0);
        plot->n_units = 1;
    }
    if (plot->building != XW_NONE) m->buildings[plot->building].households = plot->households;
}

static uint32_t square(const paper *p, int64_t x, int64_t y)
{
    if (x < 0 || y < 0 || x >= p->o->columns || y >= p->o->rows) return XW_NONE;
    return p->plot[y * p->o->columns + x];
}

static uint8_t class_of(const paper *p, bool upright, uint32_t line, uint32_t other_strip,
                        uint32_t strip)
{
    if (strip != other_strip) return XW_CLASS_DIVISION;
    if (upright && line == p->o->river_column && line > 0) return XW_CLASS_RIVER;
    if (!upright && line == p->o->rail_row && line > 0) return XW_CLASS_RAIL;
    if (p->o->road_every > 0 && line % p->o->road_every == 0) {
        return upright ? XW_CLASS_RESIDENTIAL : XW_CLASS_TERTIARY;
    }
    return XW_CLASS_NONE;
}

/* One side of a square: upright from (x, y) up, with west on the left; flat from (x, y) east, with
 * north on the left. */
static void add_edge(paper *p, uint32_t x, uint32_t y, bool upright)
{
    xw_model *m = p->m;
    const uint32_t left = upright ? square(p, (int64_t)x - 1, y) : square(p, x, y);
    const uint32_t right = upright ? square(p, x, y) : square(p, x, (int64_t)y - 1);
    if (left == right) return; /* both outside */
    const xw_pt a = {X0 + (int32_t)x * SIDE, Y0 + (int32_t)y * SIDE};
    const xw_pt ends[2] = {a, upright ? (xw_pt){a.x, a.y + SIDE} : (xw_pt){a.x + SIDE, a.y}};
    xw_edge *e = XW_MODEL_ADD(m, edges);
    assert(e);
    const xw_status st = xw_model_add_pts(m, ends, 2, &e->first, NULL);
    assert(!st);
    (void)st;
    e->n = 2;
    e->left = left;
    e->right = right;
    e->length_m = (float)xw_line_length_m(ends, 2);
    const uint32_t sl = left == XW_NONE ? 0 : m->plots[left].division;
    const uint32_t sr = right == XW_NONE ? 0 : m->plots[right].division;
    const bool rim = left == XW_NONE || right == XW_NONE;
    e->cls = rim ? (uint8_t)XW_CLASS_DIVISION : class_of(p, upright, upright ? x : y, sl, sr);
    e->basis = (uint8_t)xw_basis_of_class(e->cls);
    if (e->cls == XW_CLASS_RIVER && p->o->bridge_every > 0 && y % p->o->bridge_every == 0) {
        e->flags = XW_EDGE_CROSSED;
    }
    e->custody = XW_NONE;
}

static int by_sides(const void *x, const void *y)
{
    const xw_edge *a = x, *b = y;
    if (a->left != b->left) return a->left < b->left ? -1 : 1;
    if (a->right != b->right) return a->right < b->right ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

void block_town_build(const block_town_options *o, xw_rng *rng, xw_model *out)
{
    paper p = {o, rng, out, NULL};
    const size_t n = (size_t)o->columns * o->rows;
    xw_model_init(out);
    p.plot = malloc(n * sizeof *p.plot);
    assert(p.plot);
    memset(p.plot, 0xff, n * sizeof *p.plot);
    for (uint32_t d = 0; d < o->divisions; d++) {
        char code[32], name[32];
        (void)snprintf(code, sizeof code, "999001001%03u", o->divisions - d);
        (void)snprintf(name, sizeof name, "村%u", d);
        const xw_text code_at = text(out, code), name_at = text(out, name);
        xw_model_division *row = XW_MODEL_ADD(out, divisions);
        assert(row);
        row->code = code_at;
        row->name = name_at;
        row->first_plot = (uint32_t)out->n_plots;
        const uint32_t every = o->road_every ? o->road_every : 1000000;
        /* Canonical order of the plots: block by block (rows of blocks from the south), then
         * anchor. */
        for (uint32_t by = 0; by < o->rows; by += every) {
            for (uint32_t bx = 0; bx < o->columns; bx += every) {
                for (uint32_t x = bx; x < o->columns && x < bx + every; x++) {
                    for (uint32_t y = by; y < o->rows && y < by + every; y++) {
                        if (strip_of(&p, x) == d && xw_rng_below(rng, 100) >= o->hole_percent) {
                            add_plot(&p, x, y);
                        }
                    }
                }
            }
        }
        row->n_plots = (uint32_t)out->n_plots - row->first_plot;
    }
    for (uint32_t y = 0; y <= o->rows; y++) {
        for (uint32_t x = 0; x <= o->columns; x++) {
            if (y < o->rows) add_edge(&p, x, y, true);
            if (x < o->columns) add_edge(&p, x, y, false);
        }
    }
    if (out->n_edges > 0) qsort(out->edges, out->n_edges, sizeof *out->edges, by_sides);
    free(p.plot);
}
