/* Numbers of blocks, plots and buildings after an edit, and all that hangs on them. */
#include "edit_apply.h"

#include <stdlib.h>
#include <string.h>

static uint32_t *none(size_t n)
{
    uint32_t *v = malloc((n + 1) * sizeof *v);
    if (v) memset(v, 0xFF, (n + 1) * sizeof *v);
    return v;
}

/* Blocks by key: those that stay and those that come are in order by themselves. */
static xw_status number_blocks(merge *g, xw_error *err)
{
    const edit_blocks *old = &g->r->e->blocks, *new = &g->r->blocks;
    g->block_of_old = none(old->n);
    g->block_of_new = none(new->n);
    g->blocks.b = malloc((old->n + new->n + 1) * sizeof *g->blocks.b);
    if (!g->block_of_old || !g->block_of_new || !g->blocks.b) {
        return xw_fail(err, XW_NOMEM, "%zu blocks", old->n);
    }
    uint32_t i = 0, k = 0, n = 0;
    while (i < old->n || k < new->n) {
        if (i < old->n && g->r->touched[i]) {
            i++;
        } else if (k == new->n || (i < old->n && edit_block_order(&old->b[i], &new->b[k]) < 0)) {
            g->block_of_old[i] = n;
            g->blocks.b[n++] = old->b[i++];
        } else {
            g->block_of_new[k] = n;
            g->blocks.b[n] = new->b[k++];
            g->blocks.b[n].first_rim += (uint32_t)old->n_rim;
            g->blocks.b[n++].first_tip += (uint32_t)old->n_tip;
        }
    }
    g->blocks.n = n;
    return XW_OK;
}

/* Plots by division, then block: no block has plots of both. */
static xw_status number_plots(merge *g, xw_error *err)
{
    const xw_model *a = g->old, *b = g->part;
    g->plot_of_old = none(a->n_plots);
    g->plot_of_new = none(b->n_plots);
    g->plot_from = none(a->n_plots + b->n_plots);
    if (!g->plot_of_old || !g->plot_of_new || !g->plot_from) {
        return xw_fail(err, XW_NOMEM, "%zu plots", a->n_plots);
    }
    uint32_t i = 0, k = 0, n = 0;
    while (i < a->n_plots || k < b->n_plots) {
        if (i < a->n_plots && g->block_of_old[a->plots[i].block] == XW_NONE) {
            i++;
            continue;
        }
        bool old_first = k == b->n_plots;
        if (i < a->n_plots && k < b->n_plots) {
            const uint32_t p = a->plots[i].division, q = b->plots[k].division;
            old_first =
                p != q ? p < q
                       : g->block_of_old[a->plots[i].block] < g->block_of_new[b->plots[k].block];
        }
        if (old_first) {
            g->plot_of_old[i] = n;
            g->plot_from[n++] = i++;
        } else {
            g->plot_of_new[k] = n;
            g->plot_from[n++] = (uint32_t)a->n_plots + k++;
        }
    }
    return XW_OK;
}

/* Puts a building that was added into its place in the order. */
static void insert(merge *g, uint32_t building)
{
    const xw_territory *t = &g->r->e->t;
    size_t lo = 0, hi = g->n_buildings;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (scene_compare_buildings(t, g->building_from[mid], building) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    memmove(g->building_from + lo + 1, g->building_from + lo,
            (g->n_buildings - lo) * sizeof *g->building_from);
    g->building_from[lo] = building;
    g->n_buildings++;
}

static xw_status number_buildings(merge *g, xw_error *err)
{
    const xw_editor *e = g->r->e;
    const size_t n = e->t.n_buildings;
    g->building_from = none(n);
    g->building_of_old = none(g->old->n_buildings);
    g->building_of_new = none(g->part->n_buildings);
    g->part_of = none(n);
    uint32_t *number = none(n); /* by building of e->t */
    if (!g->building_from || !g->building_of_old || !g->building_of_new || !g->part_of || !number) {
        free(number);
        return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    }
    for (uint32_t b = 0; b < g->old->n_buildings; b++) {
        if (!e->building[e->order[b]].dead) g->building_from[g->n_buildings++] = e->order[b];
    }
    for (uint32_t b = g->r->first_added; b < n; b++) insert(g, b);
    for (uint32_t b = 0; b < g->n_buildings; b++) {
        number[g->building_from[b]] = b;
        const uint32_t rank = e->building[g->building_from[b]].rank;
        if (rank != XW_NONE) g->building_of_old[rank] = b;
    }
    for (uint32_t b = 0; b < g->part->n_buildings; b++) {
        g->building_of_new[b] = number[g->r->of_building[b]];
        g->part_of[g->building_of_new[b]] = b;
    }
    free(number);
    return XW_OK;
}

xw_status merge_numbers(merge *g, xw_error *err)
{
    xw_status st = number_blocks(g, err);
    if (!st) st = number_plots(g, err);
    if (!st) st = number_buildings(g, err);
    return st;
}

static xw_status add_units(merge *g, const xw_model *from, const xw_plot *p, const uint32_t *number,
                           xw_error *err)
{
    const uint32_t plot = (uint32_t)(g->m.n_plots - 1);
    g->m.plots[plot].first_unit = (uint32_t)g->m.n_units;
    for (uint32_t u = p->first_unit; u < p->first_unit + p->n_units; u++) {
        xw_unit *out = XW_MODEL_ADD(&g->m, units);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu units", g->m.n_units);
        *out = from->units[u];
        out->plot = plot;
        out->building = merge_map(number, out->building);
    }
    return XW_OK;
}

static xw_status add_plot(merge *g, uint32_t from, xw_error *err)
{
    const bool is_new = from >= g->old->n_plots;
    const xw_model *m = is_new ? g->part : g->old;
    const xw_plot *p = &m->plots[is_new ? from - g->old->n_plots : from];
    const uint32_t *number = is_new ? g->building_of_new : g->building_of_old;
    xw_plot *out = XW_MODEL_ADD(&g->m, plots);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu plots", g->m.n_plots);
    *out = *p;
    out->block = (is_new ? g->block_of_new : g->block_of_old)[p->block];
    out->building = merge_map(number, p->building);
    xw_model_division *d = &g->m.divisions[p->division];
    if (d->n_plots++ == 0) d->first_plot = (uint32_t)(g->m.n_plots - 1);
    const xw_status st = is_new ? merge_text(g, p->name, &out->name, err) : XW_OK;
    return st ? st : add_units(g, m, p, number, err);
}

xw_status merge_plots(merge *g, xw_error *err)
{
    xw_status st = XW_OK;
    for (size_t i = 0; i < g->old->n_divisions; i++) {
        xw_model_division *d = XW_MODEL_ADD(&g->m, divisions);
        if (!d) return xw_fail(err, XW_NOMEM, "%zu divisions", g->old->n_divisions);
        *d = g->old->divisions[i];
        d->first_plot = d->n_plots = 0;
    }
    for (size_t i = 0; g->plot_from[i] != XW_NONE && !st; i++)
        st = add_plot(g, g->plot_from[i], err);
    xw_patch_neighbour *near = NULL;
    size_t n = 0;
    if (!st) st = edit_neighbours(g->r, &near, &n, err);
    for (size_t i = 0; i < n; i++) {
        g->m.plots[g->plot_of_old[near[i].plot]].area_m2 = near[i].area_m2;
    }
    free(near);
    return st;
}

static xw_status copy_rings(merge *g, const xw_model_building *b, uint32_t *n_rings, xw_error *err)
{
    *n_rings = 0;
    for (uint32_t i = 0; i < b->n_rings; i++) {
        const xw_span s = g->part->rings[b->first_ring + i];
        xw_span out = {0, s.n};
        const xw_status st = xw_model_add_pts(&g->m, g->part->pts + s.first, s.n, &out.first, err);
        if (st) return st;
        xw_span *at = XW_MODEL_ADD(&g->m, rings);
        if (!at) return xw_fail(err, XW_NOMEM, "%zu rings", g->m.n_rings);
        *at = out;
        ++*n_rings;
    }
    return XW_OK;
}

/* A building that was added where no block is. */
static xw_status fill_outside(merge *g, uint32_t b, xw_model_building *out, xw_error *err)
{
    const xw_territory *t = &g->r->e->t;
    const xw_building *v = &t->buildings[b];
    *out = (xw_model_building){.plot = XW_NONE, .height_m = v->height_m, .floors = v->floors};
    out->households = v->households > 0 ? (uint32_t)v->households : 0;
    out->use = v->use;
    out->estimated = v->estimated;
    xw_status st = xw_strings_add(&g->m.text, xw_territory_text(t, v->name), &out->name, err);
    if (st) return st;
    return xw_strings_add(&g->m.text, xw_territory_text(t, v->source), &out->source, err);
}

static xw_status add_building(merge *g, uint32_t b, xw_error *err)
{
    xw_model_building own = {0};
    const uint32_t part = g->part_of[b], rank = g->r->e->building[g->building_from[b]].rank;
    const uint32_t first = (uint32_t)g->m.n_rings;
    uint32_t n = 0;
    xw_status st = XW_OK;
    if (part != XW_NONE) {
        const xw_model_building *v = &g->part->buildings[part];
        own = *v;
        own.plot = merge_map(g->plot_of_new, v->plot);
        st = merge_text(g, v->name, &own.name, err);
        if (!st) st = merge_text(g, v->source, &own.source, err);
        if (!st) st = copy_rings(g, v, &n, err);
    } else if (rank != XW_NONE) {
        own = g->old->buildings[rank];
        own.plot = merge_map(g->plot_of_old, own.plot);
        st = merge_rings(g, rank, &n, err);
    } else {
        st = fill_outside(g, g->building_from[b], &own, err);
    }
    own.first_ring = first;
    own.n_rings = n;
    if (st) return st;
    xw_model_building *out = XW_MODEL_ADD(&g->m, buildings);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu buildings", g->m.n_buildings);
    *out = own;
    return XW_OK;
}

xw_status merge_buildings(merge *g, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t b = 0; b < g->n_buildings && !st; b++) st = add_building(g, b, err);
    return st;
}

typedef struct subject { /* a building that the run has looked at again */
    xw_pt at;
    xw_text source; /* of e->t */
} subject;

static int by_subject(const void *a, const void *b)
{
    const subject *p = a, *q = b;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    return (p->source > q->source) - (p->source < q->source);
}

static subject subject_of(const xw_territory *t, uint32_t b)
{
    const xw_building *v = &t->buildings[b];
    return (subject){xw_territory_ring(t, v->area.first_ring).pts[0], v->source};
}

static bool is_subject(const merge *g, const subject *all, size_t n, xw_pt at, const char *source)
{
    const xw_territory *t = &g->r->e->t;
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (xw_pt_less(all[mid].at, at)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    for (; lo < n && xw_pt_eq(all[lo].at, at); lo++) {
        if (strcmp(xw_territory_text(t, all[lo].source), source) == 0) return true;
    }
    return false;
}

static xw_status add_finding(merge *g, const xw_territory *t, const xw_finding *f, xw_error *err)
{
    xw_finding *out = XW_MODEL_ADD(&g->m, findings);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu findings", g->m.n_findings);
    const xw_text in[4] = {f->kind, f->layer, f->source, f->text};
    xw_text *const to[4] = {&out->kind, &out->layer, &out->source, &out->text};
    out->at = f->at;
    for (int k = 0; k < 4; k++) {
        const xw_status st = xw_strings_add(&g->m.text, xw_territory_text(t, in[k]), to[k], err);
        if (st) return st;
    }
    return XW_OK;
}

/* The findings of the import, those of plots about others, then what the run says now. */
static xw_status merge_findings(merge *g, const subject *all, size_t n, xw_error *err)
{
    const size_t n_given = g->r->e->t.n_findings;
    xw_status st = XW_OK;
    for (size_t i = 0; i < g->old->n_findings && !st; i++) {
        const xw_finding *f = &g->old->findings[i];
        if (i >= n_given && is_subject(g, all, n, f->at, xw_model_text(g->old, f->source)))
            continue;
        xw_finding *out = XW_MODEL_ADD(&g->m, findings);
        if (out) {
            *out = *f;
        } else {
            st = xw_fail(err, XW_NOMEM, "%zu findings", g->m.n_findings);
        }
    }
    const xw_territory *notes = &g->r->notes;
    for (size_t i = 0; i < notes->n_findings && !st; i++) {
        const xw_finding *f = &notes->findings[i];
        if (is_subject(g, all, n, f->at, xw_territory_text(notes, f->source))) {
            st = add_finding(g, notes, f, err);
        }
    }
    return st;
}

xw_status merge_places(merge *g, xw_error *err)
{
    const xw_editor *e = g->r->e;
    const size_t n_part = g->part->n_buildings, n_removed = g->r->edit->n_removed;
    const size_t n_out = g->r->n_touched ? g->r->n_outsiders : 0;
    subject *all = malloc((n_part + n_removed + n_out + 1) * sizeof *all);
    if (!all) return xw_fail(err, XW_NOMEM, "%zu buildings", n_part);
    size_t n = 0;
    for (size_t i = 0; i < n_part; i++) all[n++] = subject_of(&e->t, g->r->of_building[i]);
    for (size_t i = 0; i < n_out; i++) all[n++] = subject_of(&e->t, g->r->outsider[i]);
    for (size_t i = 0; i < n_removed; i++) {
        all[n++] = subject_of(&e->t, e->order[g->r->edit->removed[i]]);
    }
    if (n) qsort(all, n, sizeof *all, by_subject);
    xw_status st = merge_findings(g, all, n, err);
    free(all);
    for (size_t i = 0; i < g->old->n_addresses && !st; i++) {
        xw_address *out = XW_MODEL_ADD(&g->m, addresses);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu addresses", g->m.n_addresses);
        *out = g->old->addresses[i];
        out->building = merge_map(g->building_of_old, out->building);
    }
    for (size_t i = 0; i < g->old->n_lines && !st; i++) {
        xw_line *out = XW_MODEL_ADD(&g->m, lines);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu barriers", g->m.n_lines);
        *out = g->old->lines[i];
        st = xw_model_add_pts(&g->m, g->old->pts + out->first, out->n, &out->first, err);
    }
    return st;
}
