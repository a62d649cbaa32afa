/* The patch as callers see it, and how an edit enters the territory. */
#include "edit_state.h"

#include <stdlib.h>
#include <string.h>

static xw_status copy_rings(xw_editor *e, const xw_territory *from, xw_area a, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < a.n_rings && !st; i++) {
        const xw_ring r = xw_territory_ring(from, a.first_ring + i);
        if (r.n < 3) return xw_fail(err, XW_INPUT, "a ring has %u vertices", r.n);
        st = xw_territory_add_ring(&e->t, r.pts, r.n, err);
    }
    return st;
}

static xw_status add_building(xw_editor *e, const xw_territory *from, const xw_building *b,
                              xw_error *err)
{
    xw_building own = *b;
    if (b->area.n_rings == 0) return xw_fail(err, XW_INPUT, "a building has no ring");
    own.area.first_ring = (uint32_t)e->t.n_rings;
    xw_status st = xw_strings_add(&e->t.text, xw_territory_text(from, b->name), &own.name, err);
    if (!st) {
        st = xw_strings_add(&e->t.text, xw_territory_text(from, b->source), &own.source, err);
    }
    if (!st) st = copy_rings(e, from, b->area, err);
    if (st) return st;
    if (!xw_grow((void **)&e->building, &e->cap_building, e->t.n_buildings + 1,
                 sizeof *e->building)) {
        return xw_fail(err, XW_NOMEM, "%zu buildings", e->t.n_buildings);
    }
    uint32_t ix;
    st = xw_territory_add_building(&e->t, &own, &ix, err);
    if (!st) e->building[ix] = (edit_building){xw_area_box(&e->t, own.area), XW_NONE, 0, 0, 0};
    return st;
}

void edit_withdraw(xw_editor *e, const xw_edit *edit, const edit_entry *entry)
{
    e->t.n_buildings = entry->n_buildings;
    e->t.n_rings = entry->n_rings;
    e->t.n_pts = entry->n_pts;
    for (size_t i = 0; i < edit->n_removed; i++) {
        if (edit->removed[i] >= e->model.n_buildings) continue;
        e->building[e->order[edit->removed[i]]].dead = 0;
    }
}

xw_status edit_enter(xw_editor *e, const xw_edit *edit, edit_entry *out, xw_error *err)
{
    *out = (edit_entry){e->t.n_buildings, e->t.n_rings, e->t.n_pts};
    xw_status st = XW_OK;
    for (size_t i = 0; i < edit->n_removed && !st; i++) {
        const uint32_t b = edit->removed[i];
        if (b >= e->model.n_buildings) {
            st = xw_fail(err, XW_INPUT, "building %u is not there", b);
        } else if (e->building[e->order[b]].dead) {
            st = xw_fail(err, XW_INPUT, "building %u goes twice", b);
        } else {
            e->building[e->order[b]].dead = 1;
        }
    }
    for (size_t i = 0; edit->added && i < edit->added->n_buildings && !st; i++) {
        st = add_building(e, edit->added, &edit->added->buildings[i], err);
    }
    if (st) edit_withdraw(e, edit, out);
    return st;
}

xw_status edit_living(const xw_editor *e, xw_territory *out, xw_error *err)
{
    xw_status st = edit_copy_territory(&e->t, out, err);
    if (st) return st;
    uint32_t *number = malloc((out->n_buildings + 1) * sizeof *number), n = 0;
    if (!number) {
        xw_territory_finish(out);
        return xw_fail(err, XW_NOMEM, "%zu buildings", e->t.n_buildings);
    }
    for (size_t i = 0; i < out->n_buildings; i++) {
        number[i] = e->building[i].dead ? XW_NONE : n;
        if (!e->building[i].dead) out->buildings[n++] = out->buildings[i];
    }
    out->n_buildings = n;
    for (size_t i = 0; i < out->n_addresses; i++) {
        uint32_t *b = &out->addresses[i].building;
        if (*b != XW_NONE) *b = number[*b];
    }
    free(number);
    return XW_OK;
}

/* What the rim of a plot adds up to. */
typedef struct rim_sum {
    xw_pt from;
    xw_i128 area2;
    double moment;
} rim_sum;

/* Adds an edge that has the plot on its left, or on its right. */
static void add_rim(rim_sum *s, const xw_model *m, const xw_edge *d, bool on_left)
{
    for (uint32_t i = 1; i < d->n; i++) {
        const xw_pt p = m->pts[d->first + i - 1], q = m->pts[d->first + i];
        const xw_pt a = on_left ? p : q, b = on_left ? q : p;
        s->area2 += (xw_i128)a.x * b.y - (xw_i128)b.x * a.y;
        s->moment += emit_moment(s->from, a, b);
    }
}

/* The edges of a plot beyond that stay. */
static rim_sum staying_rim(const edit_run *r, uint32_t plot)
{
    const xw_editor *e = r->e;
    rim_sum s = {e->model.plots[plot].anchor, 0, 0.0};
    for (uint32_t k = e->edges.start[plot]; k < e->edges.start[plot + 1]; k++) {
        const xw_edge *d = &e->model.edges[e->edges.item[k]];
        if (edit_goes(r, d->left) || edit_goes(r, d->right)) continue;
        add_rim(&s, &e->model, d, d->left == plot);
    }
    return s;
}

static int by_plot(const void *a, const void *b)
{
    const xw_patch_neighbour *p = a, *q = b;
    return (p->plot > q->plot) - (p->plot < q->plot);
}

xw_status edit_neighbours(const edit_run *r, xw_patch_neighbour **out, size_t *n, xw_error *err)
{
    const xw_model *m = &r->e->model;
    uint32_t *plots = NULL;
    size_t n_plots;
    xw_status st = edit_beyond_plots(r, &plots, &n_plots, err);
    *n = 0;
    *out = NULL;
    if (st) return st;
    *out = calloc(n_plots + 1, sizeof **out);
    rim_sum *sum = malloc((n_plots + 1) * sizeof *sum);
    if (!*out || !sum) {
        st = xw_fail(err, XW_NOMEM, "%zu plots", n_plots);
        goto done;
    }
    for (size_t i = 0; i < n_plots; i++) {
        (*out)[i].plot = plots[i];
        sum[i] = staying_rim(r, plots[i]);
    }
    for (size_t i = 0; i < r->part.n_edges; i++) {
        const xw_edge *d = &r->part.edges[i];
        if (!d->pad) continue;
        const xw_patch_neighbour key = {r->seam.edges[d->custody].plot, 0, 0.0};
        const xw_patch_neighbour *at = bsearch(&key, *out, n_plots, sizeof key, by_plot);
        add_rim(&sum[at - *out], &r->part, d, false);
    }
    for (size_t i = 0; i < n_plots; i++) {
        if (sum[i].area2 <= 0) {
            st = xw_fail(err, XW_CONFLICT, "plot %u has lost its land", plots[i]);
            break;
        }
        const double area = emit_area_m2(sum[i].from, sum[i].moment, (int64_t)sum[i].area2);
        if (area == m->plots[plots[i]].area_m2) continue;
        (*out)[(*n)++] = (xw_patch_neighbour){plots[i], 0, area};
    }
done:
    free(plots);
    free(sum);
    return st;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

/* Turns what the run left in the seam's edges into the patch. */
static xw_status take_part(edit_run *r, xw_patch *out, xw_error *err)
{
    const xw_editor *e = r->e;
    const size_t n_edges = r->part.n_edges, n_buildings = r->part.n_buildings;
    size_t n_gone = 0;
    for (uint32_t i = 0; i < r->n_touched; i++) n_gone += e->plots_of[r->block[i]].n;
    out->n_blocks = r->n_touched;
    out->outer = malloc((n_edges + 1) * sizeof *out->outer);
    out->source = malloc((n_buildings + 1) * sizeof *out->source);
    out->gone = malloc((n_gone + 1) * sizeof *out->gone);
    if (!out->outer || !out->source || !out->gone) return xw_fail(err, XW_NOMEM, "patch");
    for (uint32_t i = 0; i < r->n_touched; i++) {
        const xw_span of = e->plots_of[r->block[i]];
        for (uint32_t p = of.first; p < of.first + of.n; p++) out->gone[out->n_gone++] = p;
    }
    if (n_gone) qsort(out->gone, n_gone, sizeof *out->gone, by_number);
    const xw_status st = edit_neighbours(r, &out->neighbours, &out->n_neighbours, err);
    if (st) return st;
    for (size_t i = 0; i < n_buildings; i++) {
        const uint32_t b = r->of_building[i];
        out->source[i] = b < r->first_added ? e->building[b].rank
                                            : (uint32_t)e->model.n_buildings + b - r->first_added;
    }
    for (size_t i = 0; i < n_edges; i++) {
        xw_edge *d = &r->part.edges[i];
        out->outer[i] = XW_NONE;
        if (!d->pad) continue;
        out->outer[i] = r->seam.edges[d->custody].plot;
        d->pad = 0;
        d->custody = emit_custody(d, r->part.pts[d->first], r->part.pts[d->first + d->n - 1]);
    }
    out->part = r->part;
    xw_model_init(&r->part);
    return XW_OK;
}

/* Everything anew: the part is the whole model. */
static xw_status patch_whole(xw_editor *e, const edit_entry *entry, xw_patch *out, xw_error *err)
{
    xw_territory t;
    xw_status st = edit_living(e, &t, err);
    if (st) return st;
    xw_editor *other = NULL;
    st = xw_editor_create(&t, &e->options, NULL, &other, err);
    xw_territory_finish(&t);
    if (st) return st;
    uint32_t *living = malloc((e->t.n_buildings + 1) * sizeof *living), n = 0;
    out->part = other->model;
    xw_model_init(&other->model);
    out->whole = true;
    out->n_blocks = (uint32_t)e->blocks.n;
    out->outer = malloc((out->part.n_edges + 1) * sizeof *out->outer);
    out->source = malloc((out->part.n_buildings + 1) * sizeof *out->source);
    out->gone = malloc((e->model.n_plots + 1) * sizeof *out->gone);
    if (living && out->outer && out->source && out->gone) {
        memset(out->outer, 0xFF, out->part.n_edges * sizeof *out->outer);
        for (uint32_t p = 0; p < e->model.n_plots; p++) out->gone[out->n_gone++] = p;
        for (uint32_t b = 0; b < e->t.n_buildings; b++) {
            if (e->building[b].dead) continue;
            living[n++] = b < entry->n_buildings
                              ? e->building[b].rank
                              : (uint32_t)(e->model.n_buildings + b - entry->n_buildings);
        }
        for (size_t i = 0; i < out->part.n_buildings; i++) {
            out->source[i] = living[other->order[i]];
        }
    } else {
        st = xw_fail(err, XW_NOMEM, "patch");
    }
    free(living);
    xw_editor_destroy(other);
    return st;
}

xw_status xw_editor_patch(xw_editor *e, const xw_edit *edit, xw_patch *out, xw_error *err)
{
    edit_entry entry;
    edit_run r = {0};
    *out = (xw_patch){0};
    xw_status st = edit_enter(e, edit, &entry, err);
    if (st) return st;
    st = edit_run_create(e, edit, (uint32_t)entry.n_buildings, &r, err);
    if (!st) st = take_part(&r, out, err);
    edit_run_finish(&r);
    if (st == XW_CONFLICT) {
        xw_patch_finish(out);
        st = patch_whole(e, &entry, out, err);
    }
    edit_withdraw(e, edit, &entry);
    if (st) xw_patch_finish(out);
    return st;
}

void xw_patch_finish(xw_patch *p)
{
    xw_model_finish(&p->part);
    free(p->outer);
    free(p->source);
    free(p->gone);
    free(p->neighbours);
    *p = (xw_patch){0};
}
