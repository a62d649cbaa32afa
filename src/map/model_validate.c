/* Structure of a model from outside bytes: every index, span, order and sum. */
#include "xiwang/model.h"

#include <string.h>

/* Texts end with NUL as a whole, so any offset below n is a C string. */
static xw_status check_texts(const xw_model *m, xw_error *err)
{
    if (m->text.n > 0 && (m->text.bytes[0] != '\0' || m->text.bytes[m->text.n - 1] != '\0')) {
        return xw_fail(err, XW_INPUT, "text pool does not start and end with a NUL");
    }
    return XW_OK;
}

static bool text_ok(const xw_model *m, xw_text t) { return t == 0 || t < m->text.n; }
static bool span_ok(uint32_t first, uint32_t n, size_t of) { return (uint64_t)first + n <= of; }
static bool ix_ok(uint32_t ix, size_t of) { return ix == XW_NONE || ix < of; }
static bool pt_ok(xw_pt p)
{
    return p.x >= -XW_LON_MAX && p.x <= XW_LON_MAX && p.y >= -XW_LAT_MAX && p.y <= XW_LAT_MAX;
}

static xw_status bad(xw_error *err, const char *what, size_t i, const char *why)
{
    return xw_fail(err, XW_INPUT, "%s %zu: %s", what, i, why);
}

static xw_status check_plots(const xw_model *m, xw_error *err)
{
    uint32_t next_plot = 0, next_unit = 0;
    for (size_t i = 0; i < m->n_divisions; i++) {
        const xw_model_division *d = &m->divisions[i];
        if (!text_ok(m, d->code) || !text_ok(m, d->name) || !text_ok(m, d->level) ||
            !text_ok(m, d->parent_code) || !text_ok(m, d->source)) {
            return bad(err, "division", i, "text outside the pool");
        }
        if (d->n_plots == 0) continue;
        if (d->first_plot != next_plot || !span_ok(d->first_plot, d->n_plots, m->n_plots)) {
            return bad(err, "division", i, "plots are not consecutive");
        }
        for (uint32_t p = 0; p < d->n_plots; p++) {
            if (m->plots[d->first_plot + p].division != i) {
                return bad(err, "plot", d->first_plot + p, "is not in its division");
            }
        }
        next_plot += d->n_plots;
    }
    if (next_plot != m->n_plots) return bad(err, "plot", next_plot, "has no division");
    for (size_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        if (!ix_ok(p->building, m->n_buildings)) return bad(err, "plot", i, "no such building");
        if (!text_ok(m, p->name) || !pt_ok(p->anchor) || p->kind > XW_PLOT_WATER) {
            return bad(err, "plot", i, "kind, anchor or name out of range");
        }
        if (p->first_unit != next_unit || p->n_units == 0 ||
            !span_ok(p->first_unit, p->n_units, m->n_units)) {
            return bad(err, "plot", i, "units are not consecutive");
        }
        uint64_t households = 0;
        for (uint32_t u = 0; u < p->n_units; u++) {
            const xw_unit *unit = &m->units[p->first_unit + u];
            if (unit->plot != i) return bad(err, "unit", p->first_unit + u, "is not in its plot");
            if (!ix_ok(unit->building, m->n_buildings)) {
                return bad(err, "unit", p->first_unit + u, "no such building");
            }
            households += unit->households;
        }
        if (households != p->households) return bad(err, "plot", i, "households do not add up");
        next_unit += p->n_units;
    }
    return next_unit == m->n_units ? XW_OK : bad(err, "unit", next_unit, "has no plot");
}

static xw_status check_shapes(const xw_model *m, xw_error *err)
{
    for (size_t i = 0; i < m->n_pts; i++) {
        if (!pt_ok(m->pts[i])) return bad(err, "vertex", i, "outside the lattice");
    }
    for (size_t i = 0; i < m->n_rings; i++) {
        if (m->rings[i].n < 3 || !span_ok(m->rings[i].first, m->rings[i].n, m->n_pts)) {
            return bad(err, "ring", i, "vertices outside the array");
        }
    }
    for (size_t i = 0; i < m->n_buildings; i++) {
        const xw_model_building *b = &m->buildings[i];
        if (!ix_ok(b->plot, m->n_plots)) return bad(err, "building", i, "no such plot");
        if (!span_ok(b->first_ring, b->n_rings, m->n_rings)) {
            return bad(err, "building", i, "rings outside the array");
        }
        if (!text_ok(m, b->name) || !text_ok(m, b->source)) {
            return bad(err, "building", i, "text outside the pool");
        }
    }
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->n < 2 || !span_ok(e->first, e->n, m->n_pts)) {
            return bad(err, "edge", i, "vertices outside the array");
        }
        if (!ix_ok(e->left, m->n_plots) || !ix_ok(e->right, m->n_plots) || e->left == e->right ||
            !ix_ok(e->custody, m->n_plots)) {
            return bad(err, "edge", i, "no such plot, or the same on both sides");
        }
        if (!text_ok(m, e->name) || !text_ok(m, e->source) || e->basis > XW_BASIS_BETWEEN ||
            (e->cls >= XW_CLASS_COUNT && e->cls != XW_CLASS_NONE)) {
            return bad(err, "edge", i, "basis, class or text out of range");
        }
        for (uint32_t k = 1; k < e->n; k++) {
            if (xw_pt_eq(m->pts[e->first + k - 1], m->pts[e->first + k])) {
                return bad(err, "edge", i, "repeats a vertex");
            }
        }
    }
    for (size_t i = 0; i < m->n_lines; i++) {
        const xw_line *l = &m->lines[i];
        if (l->n < 2 || !span_ok(l->first, l->n, m->n_pts) || !text_ok(m, l->name) ||
            !text_ok(m, l->source)) {
            return bad(err, "barrier", i, "vertices or text outside the array");
        }
    }
    return XW_OK;
}

static xw_status check_places(const xw_model *m, xw_error *err)
{
    for (size_t i = 0; i < m->n_addresses; i++) {
        const xw_address *a = &m->addresses[i];
        if (!text_ok(m, a->text) || !text_ok(m, a->street) || !text_ok(m, a->number) ||
            !text_ok(m, a->place) || !ix_ok(a->building, m->n_buildings) || !pt_ok(a->at)) {
            return bad(err, "address", i, "text, place or building out of range");
        }
    }
    for (size_t i = 0; i < m->n_findings; i++) {
        const xw_finding *f = &m->findings[i];
        if (!text_ok(m, f->kind) || !text_ok(m, f->layer) || !text_ok(m, f->source) ||
            !text_ok(m, f->text) || !pt_ok(f->at)) {
            return bad(err, "finding", i, "text or place out of range");
        }
    }
    for (size_t i = 0; i < m->n_lineage; i++) {
        const xw_lineage *l = &m->lineage[i];
        if (!text_ok(m, l->level) || !text_ok(m, l->old_code) || !text_ok(m, l->new_code) ||
            !pt_ok(l->at) || l->reason >= XW_LINEAGE_COUNT || l->old_ends > 1 ||
            l->new_begins > 1 || l->revision > m->revision) {
            return bad(err, "lineage", i, "text, place, reason or revision out of range");
        }
        if (i > 0 && l->revision < m->lineage[i - 1].revision) {
            return bad(err, "lineage", i, "is not in order");
        }
    }
    return text_ok(m, m->name) && text_ok(m, m->net) && text_ok(m, m->net_name) &&
                   text_ok(m, m->published)
               ? XW_OK
               : bad(err, "revision", m->revision, "text outside the pool");
}

/* One grid against its level, parent and children; the finest level against its units. */
static xw_status check_grid(const xw_model *m, uint32_t i, uint32_t l, uint32_t *next_unit,
                            xw_error *err)
{
    const xw_grid *g = &m->grids[i];
    const bool finest = l + 1 == m->n_levels;
    if (g->level != l || !text_ok(m, g->code) || !text_ok(m, g->name) || !pt_ok(g->label) ||
        g->division >= m->n_divisions || g->kind > XW_GRID_RESERVED) {
        return bad(err, "grid", i, "level, text, division or kind out of range");
    }
    const xw_level *up = l > 0 ? &m->levels[l - 1] : NULL;
    if (up ? g->parent < up->first_grid || g->parent - up->first_grid >= up->n_grids
           : g->parent != XW_NONE) {
        return bad(err, "grid", i, "parent is not one level up");
    }
    uint64_t households = 0;
    if (finest) {
        if (g->first_child != *next_unit || !span_ok(g->first_child, g->n_units, m->n_grid_units)) {
            return bad(err, "grid", i, "units are not consecutive");
        }
        for (uint32_t k = 0; k < g->n_units; k++) {
            const uint32_t u = m->grid_units[g->first_child + k];
            if (u >= m->n_units || m->units[u].grid != i)
                return bad(err, "grid", i, "foreign unit");
            households += m->units[u].households;
        }
        *next_unit += g->n_units;
    } else {
        const xw_level *down = &m->levels[l + 1];
        if (g->n_units != 0 || g->children == 0 || g->first_child < down->first_grid ||
            !span_ok(g->first_child - down->first_grid, g->children, down->n_grids)) {
            return bad(err, "grid", i, "children are not one level down");
        }
        for (uint32_t k = 0; k < g->children; k++) {
            const xw_grid *c = &m->grids[g->first_child + k];
            if (c->parent != i) return bad(err, "grid", i, "child of another");
            households += c->households;
        }
    }
    return households == g->households ? XW_OK : bad(err, "grid", i, "households do not add up");
}

static xw_status check_grids(const xw_model *m, xw_error *err)
{
    if (m->n_levels > XW_LEVELS_MAX) return bad(err, "level", m->n_levels, "too many");
    uint32_t next = 0, next_unit = 0;
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const xw_level *v = &m->levels[l];
        if (!text_ok(m, v->key) || !text_ok(m, v->name) || v->first_grid != next ||
            !span_ok(v->first_grid, v->n_grids, m->n_grids)) {
            return bad(err, "level", l, "grids are not consecutive");
        }
        next += v->n_grids;
    }
    if (next != m->n_grids) return bad(err, "grid", next, "has no level");
    for (uint32_t l = 0; l < m->n_levels; l++) {
        const xw_level *v = &m->levels[l];
        uint64_t children = 0;
        for (uint32_t k = 0; k < v->n_grids; k++) {
            const uint32_t i = v->first_grid + k;
            const xw_status st = check_grid(m, i, l, &next_unit, err);
            if (st) return st;
            children += m->grids[i].children;
            if (k > 0 && strcmp(xw_model_text(m, m->grids[i - 1].code),
                                xw_model_text(m, m->grids[i].code)) >= 0) {
                return bad(err, "grid", i, "codes are not ascending");
            }
        }
        if (l + 1 < m->n_levels && children != m->levels[l + 1].n_grids) {
            return bad(err, "level", l + 1, "has a grid that is no child");
        }
    }
    if (next_unit != m->n_grid_units) return bad(err, "unit", next_unit, "is in no grid");
    const xw_level *fine = m->n_levels ? &m->levels[m->n_levels - 1] : NULL;
    for (size_t i = 0; i < m->n_units; i++) {
        const uint32_t g = m->units[i].grid;
        if (fine ? g < fine->first_grid || g - fine->first_grid >= fine->n_grids : g != XW_NONE) {
            return bad(err, "unit", i, "has no grid");
        }
    }
    return fine && m->n_grid_units != m->n_units ? bad(err, "unit", m->n_units, "not in one grid")
                                                 : XW_OK;
}

xw_status xw_model_validate(const xw_model *m, xw_error *err)
{
    xw_status st = check_texts(m, err);
    if (!st) st = check_plots(m, err);
    if (!st) st = check_shapes(m, err);
    if (!st) st = check_places(m, err);
    if (!st) st = check_grids(m, err);
    return st;
}
