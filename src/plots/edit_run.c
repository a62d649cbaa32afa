/* One run of the pipeline over the blocks that an edit touches. */
#include "edit_state.h"

#include <stdlib.h>
#include <string.h>

/* The territory as the pipeline sees it: everything borrowed from the editor, but the buildings,
 * waters and divisions are those of the run. */
static void make_view(edit_run *r)
{
    r->view = r->e->t;
    r->view.buildings = r->buildings;
    r->view.n_buildings = r->n_buildings;
    r->view.waters = r->waters;
    r->view.n_waters = r->n_waters;
    r->view.divisions = r->divisions;
    r->view.n_addresses = r->view.n_findings = 0;
}

/* What the part needs to know of its buildings when the scene is gone. */
static xw_status keep_buildings(edit_run *r, const scene *s, xw_error *err)
{
    const size_t n = r->n_buildings;
    r->of_building = malloc((n + 1) * sizeof *r->of_building);
    r->part_fate = malloc(n + 1);
    if (!r->of_building || !r->part_fate) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    for (uint32_t k = 0; k < n; k++) {
        r->of_building[k] = r->building[s->order[k]];
        r->part_fate[k] = edit_fate_of(s, k);
    }
    return XW_OK;
}

/* A building that stays beyond and has no land of its own keeps its place there. */
static xw_status settle_buildings(edit_run *r, xw_error *err)
{
    const xw_model *m = &r->e->model;
    for (uint32_t k = 0; k < r->part.n_buildings; k++) {
        const uint32_t b = r->of_building[k];
        if (b >= r->first_added) continue;
        xw_model_building *v = &r->part.buildings[k];
        const uint32_t old = m->buildings[r->e->building[b].rank].plot;
        const bool own = v->plot != XW_NONE && r->part.plots[v->plot].building == k;
        if (!own && !edit_goes(r, old)) v->plot = XW_NONE;
        if (v->plot == XW_NONE && edit_goes(r, old)) {
            return xw_fail(err, XW_CONFLICT, "building %s has lost its place",
                           xw_territory_text(&r->e->t, r->e->t.buildings[b].source));
        }
    }
    return XW_OK;
}

/* Only buildings that lie in the part, or were added, are its buildings. */
static xw_status drop_buildings(edit_run *r, xw_error *err)
{
    xw_model *m = &r->part;
    uint32_t *number = malloc((m->n_buildings + 1) * sizeof *number), n = 0;
    if (!number) return xw_fail(err, XW_NOMEM, "%zu buildings", m->n_buildings);
    for (uint32_t k = 0; k < m->n_buildings; k++) {
        number[k] = XW_NONE;
        if (m->buildings[k].plot == XW_NONE && r->of_building[k] < r->first_added) continue;
        m->buildings[n] = m->buildings[k];
        r->of_building[n] = r->of_building[k];
        r->part_fate[n] = r->part_fate[k];
        number[k] = n++;
    }
    m->n_buildings = n;
    for (size_t i = 0; i < m->n_plots; i++) {
        if (m->plots[i].building != XW_NONE) m->plots[i].building = number[m->plots[i].building];
    }
    for (size_t i = 0; i < m->n_units; i++) {
        if (m->units[i].building != XW_NONE) m->units[i].building = number[m->units[i].building];
    }
    free(number);
    return XW_OK;
}

static xw_status emit_part(edit_run *r, emit *out, const scene *s, xw_error *err)
{
    xw_status st = emit_divisions(out, err);
    if (!st) st = emit_plots(out, err);
    if (!st) st = emit_edges(out, err);
    if (!st) st = emit_buildings(out, err);
    if (!st) st = keep_buildings(r, s, err);
    if (!st) st = settle_buildings(r, err);
    if (!st) st = emit_units(out, err);
    if (!st) st = drop_buildings(r, err);
    emit_finish(out);
    return st;
}

static xw_status run_pipeline(edit_run *r, xw_error *err)
{
    const scene_focus focus = {.lines = &r->given,
                               .rim = r->rim,
                               .n_rim = r->n_rim,
                               .whole = {r->whole[0], r->whole[1]},
                               .fate = r->fate,
                               .edited = r->edited,
                               .n_edited = r->n_edited};
    scene s = {.t = &r->view, .o = &r->e->options, .notes = &r->notes, .focus = &focus};
    s.wanted = XW_NONE;
    betweens lines = {0};
    fabric f = {0};
    emit out = {.f = &f, .m = &r->part, .slice = emit_slice(&r->e->options), .seam = &r->seam};
    xw_status st = scene_create(&s, err);
    if (!st) st = voronoi_lines(&s, &lines, err);
    if (!st) st = edit_keep_vertices(r, &s, &lines, err);
    if (!st) st = fabric_create(&s, &lines, &f, err);
    if (!st) st = edit_blocks_read(&f, &r->blocks, err);
    if (!st) st = edit_find_beyond(r, &f, err);
    if (!st) st = emit_part(r, &out, &s, err);
    if (s.wanted != XW_NONE) r->wanted = s.wanted;
    fabric_finish(&f);
    free(lines.b);
    scene_finish(&s);
    return st;
}

/* What one attempt has made. */
static void finish_attempt(edit_run *r)
{
    free(r->given.s);
    free(r->rim);
    free(r->building);
    free(r->buildings);
    free(r->waters);
    free(r->divisions);
    free(r->whole[0]);
    free(r->whole[1]);
    free(r->fate);
    free(r->old);
    free(r->pin);
    xw_territory_finish(&r->notes);
    xw_model_finish(&r->part);
    free(r->seam.at);
    free(r->seam.pin);
    free(r->seam.edges);
    edit_blocks_finish(&r->blocks);
    free(r->of_building);
    free(r->part_fate);
    *r = (edit_run){.e = r->e,
                    .edit = r->edit,
                    .first_added = r->first_added,
                    .touched = r->touched,
                    .block = r->block,
                    .n_touched = r->n_touched,
                    .edited = r->edited,
                    .n_edited = r->n_edited,
                    .outsider = r->outsider,
                    .n_outsiders = r->n_outsiders,
                    .cap_outsiders = r->cap_outsiders};
}

static xw_status attempt(edit_run *r, xw_error *err)
{
    r->wanted = XW_NONE;
    xw_status st = edit_gather(r, err);
    if (!st) st = edit_old_rim(r, err);
    if (st) return st;
    make_view(r);
    return run_pipeline(r, err);
}

enum { ATTEMPTS = 6 };

xw_status edit_run_create(xw_editor *e, const xw_edit *edit, uint32_t first_added, edit_run *out,
                          xw_error *err)
{
    *out = (edit_run){.e = e, .edit = edit, .first_added = first_added};
    xw_status st = edit_touch(out, err);
    if (st || out->n_touched == 0) return st;
    for (int i = 1;; i++) {
        st = attempt(out, err);
        if (st != XW_CONFLICT || i == ATTEMPTS) return st;
        const uint32_t wanted = out->wanted;
        finish_attempt(out);
        if (wanted != XW_NONE) {
            edit_touch_block(out, wanted);
        } else {
            edit_touch_around(out);
        }
    }
}

void edit_run_finish(edit_run *r)
{
    finish_attempt(r);
    free(r->touched);
    free(r->block);
    free(r->outsider);
    free(r->edited);
    *r = (edit_run){0};
}
