/* An edit that stays: the new model takes the place of the old one, and the index follows. */
#include "edit_apply.h"

#include <stdlib.h>
#include <string.h>

static xw_status copy_texts(merge *g, xw_error *err)
{
    const xw_strings *from = &g->old->text;
    xw_strings *to = &g->m.text;
    to->bytes = malloc(from->n + 1);
    to->slots = malloc((from->n_slots + 1) * sizeof *to->slots);
    if (!to->bytes || !to->slots) return xw_fail(err, XW_NOMEM, "texts");
    if (from->n) memcpy(to->bytes, from->bytes, from->n);
    if (from->n_slots) memcpy(to->slots, from->slots, from->n_slots * sizeof *to->slots);
    to->n = from->n;
    to->cap = from->n + 1;
    to->n_slots = from->n_slots;
    to->n_texts = from->n_texts;
    g->m.name = g->old->name;
    return XW_OK;
}

static xw_status mark_beyond(merge *g, xw_error *err)
{
    g->beyond = calloc(g->old->n_plots + 1, 1);
    if (!g->beyond) return xw_fail(err, XW_NOMEM, "%zu plots", g->old->n_plots);
    for (size_t i = 0; i < g->r->n_old; i++) g->beyond[g->r->old[i].plot] = 1;
    return XW_OK;
}

static xw_status note_outside(merge *g, xw_error *err)
{
    if (g->r->n_touched > 0) return XW_OK;
    const xw_territory *t = &g->r->e->t;
    xw_status st = XW_OK;
    for (uint32_t b = g->r->first_added; b < t->n_buildings && !st; b++) {
        const xw_building *v = &t->buildings[b];
        st = xw_territory_find(
            &g->r->notes, "building-outside", "buildings", xw_territory_text(t, v->source),
            xw_territory_ring(t, v->area.first_ring).pts[0], err, "%s", SCENE_OUTSIDE);
    }
    return st;
}

static xw_status make_model(merge *g, xw_error *err)
{
    xw_status st = copy_texts(g, err);
    if (!st) st = mark_beyond(g, err);
    if (!st) st = note_outside(g, err);
    if (!st) st = merge_numbers(g, err);
    if (!st) st = merge_plots(g, err);
    if (!st) st = merge_edges(g, err);
    if (!st) st = merge_buildings(g, err);
    if (!st) st = merge_places(g, err);
    return st;
}

/* Appends the rims and vertices of the new blocks to the editor's; nobody sees them before the
 * blocks are taken over. */
static xw_status append_pools(xw_editor *e, const edit_blocks *more, xw_error *err)
{
    edit_blocks *all = &e->blocks;
    if (!xw_grow((void **)&all->rim, &all->cap_rim, all->n_rim + more->n_rim, sizeof *all->rim) ||
        !xw_grow((void **)&all->tip, &all->cap_tip, all->n_tip + more->n_tip, sizeof *all->tip)) {
        return xw_fail(err, XW_NOMEM, "%zu edges of blocks", all->n_rim);
    }
    if (more->n_rim) memcpy(all->rim + all->n_rim, more->rim, more->n_rim * sizeof *all->rim);
    if (more->n_tip) memcpy(all->tip + all->n_tip, more->tip, more->n_tip * sizeof *all->tip);
    return XW_OK;
}

/* From here on nothing can fail. */
static void take_over(merge *g, xw_edge_index *edges, xw_span *plots_of)
{
    edit_run *r = g->r;
    xw_editor *e = r->e;
    for (uint32_t b = r->first_added; b < e->t.n_buildings; b++) {
        e->building[b].fate = r->n_touched ? FATE_OPEN : FATE_OUTSIDE;
    }
    for (size_t k = 0; k < r->part.n_buildings; k++) {
        e->building[r->of_building[k]].fate = r->part_fate[k];
    }
    for (size_t i = 0; i < r->edit->n_removed; i++) {
        e->building[e->order[r->edit->removed[i]]].rank = XW_NONE;
    }
    for (uint32_t k = 0; k < g->n_buildings; k++) e->building[g->building_from[k]].rank = k;
    free(e->order);
    e->order = g->building_from;
    g->building_from = NULL;
    xw_model_finish(&e->model);
    e->model = g->m;
    xw_model_init(&g->m);
    xw_edge_index_finish(&e->edges);
    e->edges = *edges;
    free(e->plots_of);
    e->plots_of = plots_of;
    free(e->blocks.b);
    e->blocks.b = g->blocks.b;
    e->blocks.n = g->blocks.n;
    g->blocks.b = NULL;
    e->blocks.n_rim += r->blocks.n_rim;
    e->blocks.n_tip += r->blocks.n_tip;
    for (size_t i = 0; i < e->t.n_addresses; i++) {
        uint32_t *b = &e->t.addresses[i].building;
        if (*b != XW_NONE && e->building[*b].dead) *b = XW_NONE;
    }
}

static xw_status apply_run(edit_run *r, xw_error *err)
{
    xw_editor *e = r->e;
    merge g = {.r = r, .old = &e->model, .part = &r->part};
    xw_edge_index edges = {0};
    xw_span *plots_of = NULL;
    xw_status st = make_model(&g, err);
    if (!st) st = append_pools(e, &r->blocks, err);
    if (!st) st = edit_index_plots(&g.m, g.blocks.n, &edges, &plots_of, err);
    if (!st) {
        take_over(&g, &edges, plots_of);
    } else {
        xw_edge_index_finish(&edges);
        free(plots_of);
    }
    xw_model_finish(&g.m);
    free(g.blocks.b);
    free(g.block_of_old);
    free(g.block_of_new);
    free(g.plot_of_old);
    free(g.plot_of_new);
    free(g.building_of_old);
    free(g.building_of_new);
    free(g.plot_from);
    free(g.building_from);
    free(g.part_of);
    free(g.beyond);
    return st;
}

/* Everything anew. */
static xw_status apply_whole(xw_editor *e, xw_error *err)
{
    xw_territory t;
    xw_editor *other = NULL;
    xw_status st = edit_living(e, &t, err);
    if (st) return st;
    st = xw_editor_create(&t, &e->options, NULL, &other, err);
    xw_territory_finish(&t);
    if (st) return st;
    const xw_editor swap = *e;
    *e = *other;
    *other = swap;
    xw_editor_destroy(other);
    return XW_OK;
}

xw_status xw_editor_apply(xw_editor *e, const xw_edit *edit, xw_error *err)
{
    edit_entry entry;
    edit_run r = {0};
    xw_status st = edit_enter(e, edit, &entry, err);
    if (st) return st;
    st = edit_run_create(e, edit, (uint32_t)entry.n_buildings, &r, err);
    if (!st) st = apply_run(&r, err);
    edit_run_finish(&r);
    if (st == XW_CONFLICT) {
        st = apply_whole(e, err);
        if (!st) return XW_OK;
    }
    if (st) edit_withdraw(e, edit, &entry);
    return st;
}
