/* Layers of grids, one a level, and of divisions; their label points. */
#include "tile_parts.h"

#include <stdlib.h>
#include <string.h>

bool xw__grids_differ(const xw_model *m, uint32_t plot, uint32_t other, uint32_t level)
{
    const xw_plot *const sides[2] = {&m->plots[plot], &m->plots[other]};
    for (int k = 0; k < 2; k++) { /* each grid of one side has to be on the other */
        const xw_plot *const p = sides[k], *const q = sides[!k];
        for (uint32_t i = 0; i < p->n_units; i++) {
            const uint32_t fine = m->units[p->first_unit + i].grid;
            if (i > 0 && fine == m->units[p->first_unit + i - 1].grid) continue;
            const uint32_t grid = xw_model_grid_at(m, fine, level);
            bool found = false;
            for (uint32_t j = 0; j < q->n_units && !found; j++) {
                found = xw_model_grid_at(m, m->units[q->first_unit + j].grid, level) == grid;
            }
            if (!found) return true;
        }
    }
    return false;
}

static void tag_text(xw__drawing *d, const char *key, xw_text text)
{
    if (text != 0) xw_mvt_tag_text(d->mvt, key, xw_model_text(d->m, text));
}

static void tag_grid(xw__drawing *d, uint32_t ix)
{
    const xw_model *m = d->m;
    const xw_grid *g = &m->grids[ix];
    tag_text(d, "code", g->code);
    tag_text(d, "name", g->name);
    tag_text(d, "level", m->levels[g->level].key);
    xw_mvt_tag_text(d->mvt, "kind", xw_grid_kind_text(g->kind));
    xw_mvt_tag_int(d->mvt, "households", g->households);
    if (g->floor_min != 0 || g->floor_max != 0) {
        xw_mvt_tag_int(d->mvt, "floor_min", g->floor_min);
        xw_mvt_tag_int(d->mvt, "floor_max", g->floor_max);
        xw_mvt_tag_real(d->mvt, "base_m", g->base_m);
        xw_mvt_tag_real(d->mvt, "height_m", g->height_m);
    }
}

static bool is_of_level(const xw_model *m, uint32_t level, uint32_t grid)
{
    const xw_level *l = &m->levels[level];
    return grid >= l->first_grid && grid - l->first_grid < l->n_grids;
}

static xw_status draw_level(xw__drawing *d, uint32_t level, const xw__found *f, xw_error *err)
{
    const xw_model *m = d->m;
    char name[XW__LAYER_NAME_MAX];
    xw_status st = xw__shapes_begin(d, err);
    for (size_t i = 0; i < f->n && !st; i++) {
        if (!is_of_level(m, level, f->ix[i])) continue;
        st = xw__shapes_add(d, xw_snapshot_shape(d->s, XW_SHAPE_GRID, f->ix[i]), err);
    }
    if (!st) st = xw__shapes_end(d, err);
    if (st) return st;
    xw__level_layer(m, level, false, name);
    xw_mvt_layer(d->mvt, name);
    for (size_t i = 0, number = 0; i < f->n; i++) {
        const uint32_t ix = f->ix[i];
        if (!is_of_level(m, level, ix)) continue;
        const xw_grid *g = &m->grids[ix];
        xw_mvt_feature(d->mvt, (uint64_t)ix + 1, XW_MVT_POLYGON);
        xw__shapes_write(d, number++);
        if (!xw_mvt_has_geometry(d->mvt)) continue;
        tag_grid(d, ix);
        if (g->parent != XW_NONE) tag_text(d, "parent_code", m->grids[g->parent].code);
        xw_mvt_tag_int(d->mvt, "children", g->children);
        xw_mvt_tag_int(d->mvt, "buildings", g->buildings);
        xw_mvt_tag_int(d->mvt, "shade", xw_snapshot_shades(d->s)[ix]);
    }
    return XW_OK;
}

xw_status xw__draw_grids(xw__drawing *d, xw_error *err)
{
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_GRID, &f, err);
    for (uint32_t level = 0; level < d->m->n_levels && !st; level++) {
        if (d->z >= xw_tile_level_zoom(d->m, level)) st = draw_level(d, level, &f, err);
    }
    free(f.ix);
    return st;
}

xw_status xw__draw_divisions(xw__drawing *d, xw_error *err)
{
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_DIVISION, &f, err);
    if (!st) st = xw__shapes_begin(d, err);
    for (size_t i = 0; i < f.n && !st; i++) {
        st = xw__shapes_add(d, xw_snapshot_shape(d->s, XW_SHAPE_DIVISION, f.ix[i]), err);
    }
    if (!st) st = xw__shapes_end(d, err);
    xw_mvt_layer(d->mvt, "divisions");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_model_division *v = &d->m->divisions[f.ix[i]];
        xw_mvt_feature(d->mvt, (uint64_t)f.ix[i] + 1, XW_MVT_POLYGON);
        xw__shapes_write(d, i);
        if (!xw_mvt_has_geometry(d->mvt)) continue;
        tag_text(d, "code", v->code);
        tag_text(d, "name", v->name);
        tag_text(d, "level", v->level);
        tag_text(d, "parent_code", v->parent_code);
    }
    free(f.ix);
    return st;
}

/* ---- label points ---- */

/* Is the division `below` the other one or under it? Equal codes are one text of the pool. */
static bool is_under(const xw_model *m, uint32_t below, uint32_t division)
{
    for (int deep = 0; below != division; deep++) {
        const xw_text up = m->divisions[below].parent_code;
        uint32_t k = 0;
        while (k < m->n_divisions && m->divisions[k].code != up) k++;
        if (up == 0 || k == m->n_divisions || deep == XW_LEVELS_MAX) return false;
        below = k;
    }
    return true;
}

/* The middle of a division's box when it has that point, else the anchor of its plot nearest to it.
 */
static bool division_label(const xw__drawing *d, uint32_t division, xw_pt *out)
{
    const xw_model *m = d->m;
    const xw_box b = xw_snapshot_box(d->s, XW_SHAPE_DIVISION, division);
    const xw_pt mid = {(int32_t)(((int64_t)b.min.x + b.max.x) / 2),
                       (int32_t)(((int64_t)b.min.y + b.max.y) / 2)};
    const uint32_t at = xw_locator_find(xw_snapshot_locator(d->s), mid);
    *out = mid;
    if (at > 0 && is_under(m, m->plots[at - 1].division, division)) return true;
    double best = -1;
    for (uint32_t v = 0; v < m->n_divisions; v++) {
        const xw_model_division *own = &m->divisions[v];
        if (own->n_plots == 0 || !is_under(m, v, division)) continue;
        for (uint32_t p = own->first_plot; p < own->first_plot + own->n_plots; p++) {
            const double dx = (double)m->plots[p].anchor.x - mid.x;
            const double dy = (double)m->plots[p].anchor.y - mid.y;
            if (best >= 0 && dx * dx + dy * dy >= best) continue;
            best = dx * dx + dy * dy;
            *out = m->plots[p].anchor;
        }
    }
    return best >= 0;
}

static xw_status label_divisions(xw__drawing *d, xw_error *err)
{
    xw__found f = {0};
    const xw_status st = xw__find(d, XW_SHAPE_DIVISION, &f, err);
    xw_mvt_layer(d->mvt, "divisions_label");
    for (size_t i = 0; i < f.n && !st; i++) {
        const xw_model_division *v = &d->m->divisions[f.ix[i]];
        xw_pt p;
        xw_mvt_feature(d->mvt, (uint64_t)f.ix[i] + 1, XW_MVT_POINT);
        if (!division_label(d, f.ix[i], &p)) continue;
        xw__draw_label(d, p);
        if (!xw_mvt_has_geometry(d->mvt)) continue;
        tag_text(d, "code", v->code);
        tag_text(d, "name", v->name);
        tag_text(d, "level", v->level);
    }
    free(f.ix);
    return st;
}

const char *xw__short_name(const xw_model *m, uint32_t ix)
{
    const xw_grid *g = &m->grids[ix];
    const char *const name = xw_model_text(m, g->name);
    const size_t n = strlen(name);
    if (g->parent != XW_NONE) {
        const char *const up = xw_model_text(m, m->grids[g->parent].name);
        const size_t n_up = strlen(up);
        if (n_up > 0 && n_up < n && memcmp(name, up, n_up) == 0) return name + n_up;
    }
    const char *const rank = xw_model_text(m, m->levels[g->level].name);
    const size_t n_rank = strlen(rank);
    if (n_rank == 0 || n_rank >= n || memcmp(name + n - n_rank, rank, n_rank) != 0) return name;
    size_t at = n - n_rank;
    while (at > 0 && name[at - 1] >= '0' && name[at - 1] <= '9') at--;
    return at < n - n_rank ? name + at : name;
}

static void label_level(xw__drawing *d, uint32_t level, const xw__found *f)
{
    char name[XW__LAYER_NAME_MAX];
    xw__level_layer(d->m, level, true, name);
    xw_mvt_layer(d->mvt, name);
    for (size_t i = 0; i < f->n; i++) {
        const uint32_t ix = f->ix[i];
        if (!is_of_level(d->m, level, ix)) continue;
        xw_mvt_feature(d->mvt, (uint64_t)ix + 1, XW_MVT_POINT);
        xw__draw_label(d, d->m->grids[ix].label);
        if (!xw_mvt_has_geometry(d->mvt)) continue;
        tag_grid(d, ix);
        xw_mvt_tag_text(d->mvt, "short", xw__short_name(d->m, ix));
    }
}

xw_status xw__draw_labels(xw__drawing *d, xw_error *err)
{
    xw__found f = {0};
    xw_status st = xw__find(d, XW_SHAPE_GRID, &f, err);
    for (uint32_t level = 0; level < d->m->n_levels && !st; level++) {
        if (d->z >= xw__label_zoom(d->m, level)) label_level(d, level, &f);
    }
    if (!st && d->z <= XW__ZOOM_DIVISION_LABELS_END) st = label_divisions(d, err);
    free(f.ix);
    return st;
}
