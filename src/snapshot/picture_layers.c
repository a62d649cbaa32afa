/* Surfaces of a picture: land, waters, plots, grids, footprints, each with its label. */
#include "picture_parts.h"

#include "tile_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_title(xw__pic *p, const char *text, uint64_t households)
{
    xw_buf_text(p->out, "<title>");
    xw__svg_text(p->out, text);
    xw_buf_fmt(p->out, " %llu户</title></path>\n", (unsigned long long)households);
}

xw_status xw__pic_land(xw__pic *p, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_DIVISION, &f, err);
    xw_buf_text(p->out, "<g id=\"land\">\n");
    size_t drawn = 0;
    for (size_t i = 0; i < f.n && !st; i++) {
        if (p->m->divisions[f.ix[i]].n_plots == 0) continue;
        st = xw__pic_shape(p, xw_snapshot_shape(p->s, XW_SHAPE_DIVISION, f.ix[i]), err);
        if (st || p->n_shape == 0) continue;
        xw__pic_open_path(p, "land");
        xw_buf_text(p->out, "</path>\n");
        drawn++;
    }
    xw_buf_text(p->out, "</g>\n");
    free(f.ix);
    if (!st && drawn == 0) {
        const xw_box b = p->n.box;
        st = xw_fail(err, XW_NOT_FOUND, "%.7f,%.7f,%.7f,%.7f: nothing of the territory is there",
                     xw_deg(b.min.x), xw_deg(b.min.y), xw_deg(b.max.x), xw_deg(b.max.y));
    }
    return st;
}

static xw_status label_area(xw__pic *p, const char *name, const char *cls, xw_error *err)
{
    xw_tpt at;
    int32_t room;
    if (!name[0] || !xw__pic_room(p, &at, &room)) return XW_OK;
    const xw__pic_line line = {name, cls, 13};
    bool placed;
    if (room < 80 || xw__svg_text_width(name) * 13 / 20 > room * 2) return XW_OK;
    return xw__pic_label(p, at, &line, 1, &placed, err);
}

xw_status xw__pic_waters(xw__pic *p, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_PLOT, &f, err);
    xw_buf_text(p->out, "<g id=\"waters\">\n");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_plot *w = &p->m->plots[f.ix[i]];
        if (w->kind != XW_PLOT_WATER) continue;
        st = xw__pic_shape(p, xw_snapshot_shape(p->s, XW_SHAPE_PLOT, f.ix[i]), err);
        if (st || xw__pic_is_below(p, 1)) continue;
        p->has_water = true;
        xw__pic_open_path(p, p->o->what == XW_PICTURE_GRIDS ? "water thin" : "water");
        xw_buf_text(p->out, "</path>\n");
        st = label_area(p, xw_model_text(p->m, w->name), "tw", err);
    }
    xw_buf_text(p->out, "</g>\n");
    free(f.ix);
    return st;
}

/* ---- plots ---- */

enum { SHADES = XW_TILE_SHADES };

typedef struct side {
    uint32_t a, b; /* places of two neighbours in the list of plots */
} side;

static int by_sides(const void *x, const void *y)
{
    const side *p = x, *q = y;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static uint32_t place_of(const xw__pic_found *f, uint32_t plot)
{
    size_t lo = 0, hi = f->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (f->ix[mid] < plot) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < f->n && f->ix[lo] == plot ? (uint32_t)lo : XW_NONE;
}

/* Colours of the plots of a picture, neighbours apart: first fit in the order of the plots, of the
 * free colours the least used. */
static xw_status shade_plots(const xw__pic *p, const xw__pic_found *f, uint8_t *shade,
                             xw_error *err)
{
    xw__pic_found edges = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_EDGE, &edges, err);
    side *sides = st ? NULL : malloc((edges.n + 1) * sizeof *sides);
    if (!st && !sides) st = xw_fail(err, XW_NOMEM, "%zu borders", edges.n);
    size_t n = 0;
    for (size_t i = 0; i < edges.n && !st; i++) {
        const xw_edge *e = &p->m->edges[edges.ix[i]];
        if (e->left == XW_NONE || e->right == XW_NONE) continue;
        const uint32_t a = place_of(f, e->left), b = place_of(f, e->right);
        if (a == XW_NONE || b == XW_NONE) continue;
        sides[n++] = a > b ? (side){a, b} : (side){b, a};
    }
    if (!st && n > 0) qsort(sides, n, sizeof *sides, by_sides);
    size_t used[SHADES] = {0};
    for (size_t i = 0, k = 0; i < f->n && !st; i++) {
        bool taken[SHADES] = {false};
        for (; k < n && sides[k].a == i; k++) taken[shade[sides[k].b]] = true;
        uint8_t best = 0;
        for (uint8_t c = 1; c < SHADES; c++) {
            if (taken[best] != taken[c] ? taken[best] : used[c] < used[best]) best = c;
        }
        shade[i] = best;
        used[best]++;
    }
    free(sides);
    free(edges.ix);
    return st;
}

static xw_status label_plot(xw__pic *p, const xw_plot *plot, xw_error *err)
{
    xw_tpt at;
    int32_t room;
    if (plot->households == 0 || !xw__pic_room(p, &at, &room) || room < 45) return XW_OK;
    char text[32];
    (void)snprintf(text, sizeof text, room < 110 ? "%u" : "%u户", plot->households);
    const xw__pic_line line = {text, "tp", room < 60 ? 9 : room < 110 ? 11 : 13};
    bool placed;
    return xw__pic_label(p, at, &line, 1, &placed, err);
}

xw_status xw__pic_plots(xw__pic *p, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_PLOT, &f, err);
    uint8_t *shade = st ? NULL : calloc(f.n + 1, 1);
    if (!st && !shade) st = xw_fail(err, XW_NOMEM, "%zu plots", f.n);
    if (!st) st = shade_plots(p, &f, shade, err);
    xw_buf_text(p->out, "<g id=\"plots\">\n");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_plot *plot = &p->m->plots[f.ix[i]];
        st = xw__pic_shape(p, xw_snapshot_shape(p->s, XW_SHAPE_PLOT, f.ix[i]), err);
        if (st || p->n_shape == 0) continue;
        char cls[16], name[40];
        (void)snprintf(cls, sizeof cls, plot->kind == XW_PLOT_BUILDING ? "g g%u" : "open",
                       (unsigned)shade[i]);
        (void)snprintf(name, sizeof name, "地块%u", f.ix[i] + 1);
        xw__pic_open_path(p, cls);
        put_title(p, name, plot->households);
        p->has_open = p->has_open || plot->kind == XW_PLOT_OPEN;
        p->n.plots++;
        p->households += plot->households;
        st = label_plot(p, plot, err);
    }
    xw_buf_text(p->out, "</g>\n");
    free(shade);
    free(f.ix);
    return st;
}

/* ---- grids ---- */

/* The slices of a tower lie on one place: the lowest is drawn and speaks for all of them. */
typedef struct stack {
    uint32_t last; /* grid */
    uint32_t households;
} stack;

static uint32_t plot_of_slice(const xw_model *m, const xw_grid *g)
{
    if ((g->floor_min == 0 && g->floor_max == 0) || g->n_units == 0) return XW_NONE;
    return m->units[m->grid_units[g->first_child]].plot;
}

static bool is_upper_slice(const xw_model *m, uint32_t ix)
{
    const uint32_t plot = plot_of_slice(m, &m->grids[ix]);
    return plot != XW_NONE && ix > m->levels[m->grids[ix].level].first_grid &&
           plot_of_slice(m, &m->grids[ix - 1]) == plot;
}

static stack stack_of(const xw__pic *p, uint32_t ix)
{
    const xw_model *m = p->m;
    const xw_grid *g = &m->grids[ix];
    stack s = {ix, g->households};
    const xw_level *l = &m->levels[g->level];
    if (plot_of_slice(m, g) == XW_NONE) return s;
    for (uint32_t k = ix + 1; k < l->first_grid + l->n_grids && is_upper_slice(m, k); k++) {
        s.last = k;
        s.households += m->grids[k].households;
    }
    return s;
}

/* "3队"; of slices that lie one above the other "3–5队", or "12个队" when they have several
 * parents. */
static void name_stack(const xw_model *m, uint32_t ix, uint32_t last, char *out, size_t size)
{
    const xw_grid *g = &m->grids[ix];
    const char *const level = xw_model_text(m, m->levels[g->level].name);
    const char *const from = xw__short_name(m, ix), *const to = xw__short_name(m, last);
    const size_t n = strlen(from), n_level = strlen(level);
    if (last == ix) {
        (void)snprintf(out, size, "%.60s", from);
    } else if (g->parent == m->grids[last].parent && n > n_level && n - n_level < 12 &&
               strcmp(from + n - n_level, level) == 0) {
        (void)snprintf(out, size, "%.*s–%.60s", (int)(n - n_level), from, to);
    } else {
        (void)snprintf(out, size, "%u个%.40s", last - ix + 1, level);
    }
}

static xw_status label_grid(xw__pic *p, uint32_t ix, stack s, xw_error *err)
{
    xw_tpt at;
    int32_t room;
    if (!xw__pic_room(p, &at, &room)) return XW_OK;
    const xw_model *m = p->m;
    char first[96], count[32];
    name_stack(m, ix, s.last, first, sizeof first);
    (void)snprintf(count, sizeof count, "%u户", s.households);
    const char *code = xw_model_text(m, m->grids[ix].code);
    for (int i = 0; i < 12 && *code; i++) code++; /* what follows the village's own */
    const int32_t big = room > 900 ? 26 : room > 450 ? 19 : 14;
    const xw__pic_line wide[3] = {
        {first, "tg", big}, {count, "th", big > 14 ? 14 : 12}, {code, "tc", 11}};
    const xw__pic_line small[2] = {{first, "tg", 12}, {count, "th", 10}};
    const xw__pic_line tiny = {first, "tg", 10};
    bool placed = false;
    xw_status st = XW_OK;
    if (room >= 300) st = xw__pic_label(p, at, wide, code[0] ? 3 : 2, &placed, err);
    if (!st && !placed && room >= 125) st = xw__pic_label(p, at, small, 2, &placed, err);
    if (!st && !placed && room >= 55) st = xw__pic_label(p, at, &tiny, 1, &placed, err);
    return st;
}

xw_status xw__pic_grids(xw__pic *p, xw_error *err)
{
    const xw_level *l = &p->m->levels[p->o->level];
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_GRID, &f, err);
    xw_buf_text(p->out, "<g id=\"grids\">\n");
    for (size_t i = 0; i < f.n && !st; i++) {
        const uint32_t ix = f.ix[i];
        const xw_grid *g = &p->m->grids[ix];
        if (ix < l->first_grid || ix - l->first_grid >= l->n_grids) continue;
        if (is_upper_slice(p->m, ix)) continue;
        st = xw__pic_shape(p, xw_snapshot_shape(p->s, XW_SHAPE_GRID, ix), err);
        if (st || p->n_shape == 0) continue;
        char cls[16];
        (void)snprintf(cls, sizeof cls, "g g%u", (unsigned)xw_snapshot_shades(p->s)[ix]);
        const stack s = stack_of(p, ix);
        xw__pic_open_path(p, cls);
        put_title(p, xw_model_text(p->m, g->code), s.households);
        p->n.grids++;
        p->households += s.households;
        st = label_grid(p, ix, s, err);
    }
    xw_buf_text(p->out, "</g>\n");
    free(f.ix);
    return st;
}

/* ---- footprints ---- */

/* Colour of the grid that the picture shows; of a tower its lowest slice's. */
static void building_class(const xw__pic *p, const xw_model_building *b, char out[16])
{
    const bool is_home = b->households > 0;
    const uint32_t team =
        b->plot == XW_NONE ? XW_NONE : p->m->units[p->m->plots[b->plot].first_unit].grid;
    if (p->o->what != XW_PICTURE_GRIDS || team == XW_NONE || !is_home) {
        (void)snprintf(out, 16, is_home ? "b home" : "b other");
        return;
    }
    const uint32_t grid = xw_model_grid_at(p->m, team, p->o->level);
    (void)snprintf(out, 16, "b b%u", (unsigned)xw_snapshot_shades(p->s)[grid]);
}

xw_status xw__pic_buildings(xw__pic *p, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_BUILDING, &f, err);
    xw_buf_text(p->out, "<g id=\"buildings\">\n");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_model_building *b = &p->m->buildings[f.ix[i]];
        st = xw__pic_footprint(p, b, err);
        if (st || xw__pic_is_below(p, 1)) continue;
        char cls[16];
        building_class(p, b, cls);
        xw__pic_open_path(p, cls);
        const char *const name = xw_model_text(p->m, b->name);
        put_title(p, name[0] ? name : xw_model_text(p->m, b->source), b->households);
        *(b->households > 0 ? &p->has_home : &p->has_other) = true;
        p->n.buildings++;
        if (p->o->what == XW_PICTURE_GIVEN) st = label_area(p, name, "tb", err);
    }
    xw_buf_text(p->out, "</g>\n");
    free(f.ix);
    return st;
}

xw_status xw__pic_focus(xw__pic *p, xw_error *err)
{
    if (p->o->focus == XW_NONE) return XW_OK;
    const xw_status st = xw__pic_shape(p, xw_snapshot_shape(p->s, XW_SHAPE_GRID, p->o->focus), err);
    if (st || p->n_shape == 0) return st;
    xw_buf_fmt(p->out, "<path class=\"veil\" d=\"M-9 -9h%dv%dh-%dz", (int)p->map_w + 18,
               (int)p->map_h + 18, (int)p->map_w + 18);
    size_t from = 0;
    for (size_t r = 0; r < p->n_rings; r++) {
        xw__svg_path(p->out, p->shape + from, p->ring_end[r] - from, true);
        from = p->ring_end[r];
    }
    xw_buf_text(p->out, "\"/>\n");
    xw__pic_open_path(p, "focus");
    xw_buf_text(p->out, "</path>\n");
    return XW_OK;
}
