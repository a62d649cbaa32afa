/* Layers of the ground: plots, water, barriers, buildings. */
#include "tile_parts.h"

#include "xiwang/table.h"

#include <stdlib.h>

static void tag_text(xw__drawing *d, const char *key, xw_text text)
{
    if (text != 0) xw_mvt_tag_text(d->mvt, key, xw_model_text(d->m, text));
}

static void tag_grid_code(xw__drawing *d, const char *key, uint32_t grid)
{
    if (grid != XW_NONE) tag_text(d, key, d->m->grids[grid].code);
}

/* ---- plots and water ---- */

static void tag_plot(xw__drawing *d, uint32_t ix)
{
    const xw_plot *p = &d->m->plots[ix];
    xw_mvt_tag_text(d->mvt, "kind", xw_plot_kind_text(p->kind));
    xw_mvt_tag_int(d->mvt, "households", p->households);
    tag_grid_code(d, "team_code", xw_plot_team(d->m, ix));
    tag_text(d, "name", p->name);
}

static xw_status draw_plots(xw__drawing *d, const xw__found *f, bool water, xw_error *err)
{
    xw_status st = xw__shapes_begin(d, err);
    for (size_t i = 0; i < f->n && !st; i++) {
        if (water && d->m->plots[f->ix[i]].kind != XW_PLOT_WATER) continue;
        st = xw__shapes_add(d, xw_snapshot_shape(d->s, XW_SHAPE_PLOT, f->ix[i]), err);
    }
    if (!st) st = xw__shapes_end(d, err);
    if (st) return st;
    xw_mvt_layer(d->mvt, water ? "water" : "plots");
    for (size_t i = 0, number = 0; i < f->n; i++) {
        const uint32_t ix = f->ix[i];
        if (water && d->m->plots[ix].kind != XW_PLOT_WATER) continue;
        xw_mvt_feature(d->mvt, (uint64_t)ix + 1, XW_MVT_POLYGON);
        xw__shapes_write(d, number++);
        if (!xw_mvt_has_geometry(d->mvt)) continue;
        if (water) {
            tag_text(d, "name", d->m->plots[ix].name);
        } else {
            tag_plot(d, ix);
        }
    }
    return XW_OK;
}

xw_status xw__draw_plots(xw__drawing *d, xw_error *err)
{
    if (d->z < XW__ZOOM_WATER) return XW_OK;
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_PLOT, &f, err);
    if (!st && d->z >= XW__ZOOM_PLOTS) st = draw_plots(d, &f, false, err);
    if (!st) st = draw_plots(d, &f, true, err);
    free(f.ix);
    return st;
}

/* ---- barriers ---- */

xw_status xw__draw_barriers(xw__drawing *d, xw_error *err)
{
    if (d->z < XW__ZOOM_BARRIERS) return XW_OK;
    const xw_model *m = d->m;
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_LINE, &f, err);
    xw_mvt_layer(d->mvt, "barriers");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_line *l = &m->lines[f.ix[i]];
        if (d->z < xw__barrier_zoom(l->cls)) continue;
        xw_mvt_feature(d->mvt, (uint64_t)f.ix[i] + 1, XW_MVT_LINE);
        st = xw__draw_line(d, m->pts + l->first, l->n, err);
        if (st || !xw_mvt_has_geometry(d->mvt)) continue;
        xw_mvt_tag_text(d->mvt, "class", xw_class_get(l->cls)->code);
        xw_mvt_tag_text(d->mvt, "basis", xw_basis_text(xw_basis_of_class(l->cls)));
        tag_text(d, "name", l->name);
        if (l->flags & XW_BARRIER_BRIDGE) xw_mvt_tag_bool(d->mvt, "bridge", true);
        if (l->flags & XW_BARRIER_TUNNEL) xw_mvt_tag_bool(d->mvt, "tunnel", true);
    }
    free(f.ix);
    return st;
}

/* ---- buildings ---- */

/* The part of a building that one team has: all of it, or floors of a tower. */
typedef struct slice {
    uint32_t unit, team; /* the first unit of the part */
    int16_t floor_min, floor_max;
    uint32_t households;
    float base_m, top_m;
} slice;

/* Puts together the units from `u` on that have the same team and are floors. Units of a plot are
 * sorted by floor. @return the unit after them */
static uint32_t next_slice(const xw_model *m, const xw_model_building *b, uint32_t u, uint32_t end,
                           slice *out)
{
    const xw_unit *first = &m->units[u];
    *out = (slice){.unit = u,
                   .team = first->grid,
                   .floor_min = first->floor_min,
                   .floor_max = first->floor_max,
                   .top_m = b->height_m};
    for (; u < end && m->units[u].grid == out->team; u++) {
        const xw_unit *at = &m->units[u];
        if (at->floor_min < out->floor_min) out->floor_min = at->floor_min;
        if (at->floor_max > out->floor_max) out->floor_max = at->floor_max;
        out->households += at->households;
    }
    if (out->floor_min > 0 && b->floors > 0) {
        const float storey = b->height_m / (float)b->floors;
        if (out->floor_min > 1) out->base_m = storey * (float)(out->floor_min - 1);
        if (out->floor_max < b->floors) out->top_m = storey * (float)out->floor_max;
    }
    return u;
}

static void tag_building(xw__drawing *d, uint32_t ix, const slice *s, bool whole)
{
    const xw_model_building *b = &d->m->buildings[ix];
    xw_mvt_tag_int(d->mvt, "building_id", (int64_t)ix + 1);
    tag_text(d, "name", b->name);
    xw_mvt_tag_text(d->mvt, "use", xw_use_text(b->use));
    xw_mvt_tag_int(d->mvt, "floors", b->floors);
    xw_mvt_tag_int(d->mvt, "households", s ? s->households : b->households);
    xw_mvt_tag_real(d->mvt, "height", s ? s->top_m : b->height_m);
    xw_mvt_tag_real(d->mvt, "min_height", s ? s->base_m : 0);
    if (!s) return;
    tag_grid_code(d, "team_code", s->team);
    if (s->team != XW_NONE) {
        xw_mvt_tag_int(d->mvt, "shade", xw_snapshot_shades(d->s)[s->team]);
    }
    if (!whole) {
        xw_mvt_tag_int(d->mvt, "floor_min", s->floor_min);
        xw_mvt_tag_int(d->mvt, "floor_max", s->floor_max);
    }
}

/* Footprints below a pixel are left out where buildings come in. */
static int64_t least_area2(const xw__drawing *d)
{
    const int64_t pixel = XW_TILE_EXTENT / 512;
    return d->z < XW__ZOOM_BUILDINGS + 2 ? 2 * pixel * pixel : 0;
}

static xw_status draw_building(xw__drawing *d, uint32_t ix, xw_error *err)
{
    const xw_model *m = d->m;
    const xw_model_building *b = &m->buildings[ix];
    const xw_status st = xw__footprint_make(d, b, least_area2(d), err);
    if (st) return st;
    if (b->plot == XW_NONE) { /* it has a footprint but no place in the plan */
        xw_mvt_feature(d->mvt, (uint64_t)m->n_units + ix + 1, XW_MVT_POLYGON);
        xw__footprint_write(d);
        if (xw_mvt_has_geometry(d->mvt)) tag_building(d, ix, NULL, true);
        return XW_OK;
    }
    const xw_plot *p = &m->plots[b->plot];
    const uint32_t end = p->first_unit + p->n_units;
    for (uint32_t u = p->first_unit; u < end;) {
        slice s;
        const bool is_first = u == p->first_unit;
        u = next_slice(m, b, u, end, &s);
        xw_mvt_feature(d->mvt, (uint64_t)s.unit + 1, XW_MVT_POLYGON);
        xw__footprint_write(d);
        if (!xw_mvt_has_geometry(d->mvt)) return XW_OK;
        tag_building(d, ix, &s, is_first && u == end);
    }
    return XW_OK;
}

xw_status xw__draw_buildings(xw__drawing *d, xw_error *err)
{
    if (d->z < XW__ZOOM_BUILDINGS) return XW_OK;
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_BUILDING, &f, err);
    xw_mvt_layer(d->mvt, "buildings");
    for (size_t i = 0; i < f.n && !st; i++) st = draw_building(d, f.ix[i], err);
    free(f.ix);
    return st;
}
