#include "edit_state.h"

#include <stdlib.h>
#include <string.h>

static void *copy_of(const void *from, size_t n, size_t size)
{
    void *to = malloc((n + 1) * size);
    if (to && n) memcpy(to, from, n * size);
    return to;
}

/* NOLINTNEXTLINE: one line an array */
#define COPY(name)                                                          \
    do {                                                                    \
        to->name = copy_of(from->name, from->n_##name, sizeof *from->name); \
        to->n_##name = from->n_##name;                                      \
        to->cap_##name = from->n_##name + 1;                                \
        whole = whole && to->name;                                          \
    } while (0)

xw_status edit_copy_territory(const xw_territory *from, xw_territory *to, xw_error *err)
{
    bool whole = true;
    xw_territory_init(to);
    COPY(pts);
    COPY(rings);
    COPY(barriers);
    COPY(buildings);
    COPY(waters);
    COPY(divisions);
    COPY(addresses);
    COPY(findings);
    to->text.bytes = copy_of(from->text.bytes, from->text.n, 1);
    to->text.n = from->text.n;
    to->text.cap = from->text.n + 1;
    if (from->text.slots) {
        to->text.slots = copy_of(from->text.slots, from->text.n_slots, sizeof *to->text.slots);
        to->text.n_slots = from->text.n_slots;
        to->text.n_texts = from->text.n_texts;
        whole = whole && to->text.slots;
    }
    to->name = from->name;
    if (whole && to->text.bytes) return XW_OK;
    xw_territory_finish(to);
    return xw_fail(err, XW_NOMEM, "territory of %zu vertices", from->n_pts);
}

static xw_status add_area_lines(segments *l, const xw_territory *t, xw_area a, uint32_t tag,
                                xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < a.n_rings && !st; i++) {
        const xw_ring r = xw_territory_ring(t, a.first_ring + i);
        for (uint32_t k = 0; k < r.n && !st; k++) {
            st = segments_add(l, r.pts[k], r.pts[k + 1 < r.n ? k + 1 : 0], tag, err);
        }
    }
    return st;
}

static void line_ends(const void *ctx, size_t i, xw_pt *a, xw_pt *b)
{
    const xw_segment *s = (const xw_segment *)ctx + i;
    *a = s->a;
    *b = s->b;
}

/* Everything that stays where it is, in cells. */
static xw_status index_lines(xw_editor *e, const scene *s, xw_error *err)
{
    const xw_territory *t = &e->t;
    segments *l = &e->lines;
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_barriers && !st; i++) {
        const xw_barrier *b = &t->barriers[i];
        for (uint32_t k = 1; k < b->n && !st; k++) {
            st = segments_add(l, t->pts[b->first + k - 1], t->pts[b->first + k],
                              TAG_OF(TAG_BARRIER, i), err);
        }
    }
    scene again = {.t = t, .o = s->o, .job = s->job};
    if (!st) st = scene_close_gaps(&again, l, err);
    for (size_t i = 0; i < t->n_buildings && !st; i++) {
        st = add_area_lines(l, t, t->buildings[i].area, TAG_OF(TAG_BUILDING, i), err);
    }
    for (size_t i = 0; i < t->n_divisions && !st; i++) {
        st = add_area_lines(l, t, t->divisions[i].area, TAG_OF(TAG_DIVISION, i), err);
    }
    for (size_t i = 0; i < t->n_waters && !st; i++) {
        st = add_area_lines(l, t, t->waters[i].area, TAG_OF(TAG_WATER, i), err);
    }
    if (!st) st = xw_cells_create(&e->cells, line_ends, l->s, l->n, err);
    if (st) return st;
    e->n_first = t->n_buildings;
    e->line_mark = calloc(l->n + 1, sizeof *e->line_mark);
    e->cell_mark = calloc((size_t)e->cells.nx * e->cells.ny + 1, sizeof *e->cell_mark);
    e->area_box[0] = malloc((t->n_divisions + 1) * sizeof(xw_box));
    e->area_box[1] = malloc((t->n_waters + 1) * sizeof(xw_box));
    e->area_mark[0] = calloc(t->n_divisions + 1, sizeof(uint32_t));
    e->area_mark[1] = calloc(t->n_waters + 1, sizeof(uint32_t));
    if (!e->line_mark || !e->cell_mark || !e->area_box[0] || !e->area_box[1] || !e->area_mark[0] ||
        !e->area_mark[1]) {
        return xw_fail(err, XW_NOMEM, "%zu lines", l->n);
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        e->area_box[0][i] = xw_area_box(t, t->divisions[i].area);
    }
    for (size_t i = 0; i < t->n_waters; i++) {
        e->area_box[1][i] = xw_area_box(t, t->waters[i].area);
    }
    return XW_OK;
}

uint8_t edit_fate_of(const scene *s, uint32_t rank)
{
    return s->outside[rank] == 1 ? FATE_OUTSIDE : s->outside[rank] == 2 ? FATE_LAND : FATE_OPEN;
}

static xw_status index_buildings(xw_editor *e, scene *s, xw_error *err)
{
    const size_t n = e->t.n_buildings;
    e->building = calloc(n + 1, sizeof *e->building);
    e->cap_building = n + 1;
    if (!e->building) return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    e->order = s->order;
    s->order = NULL;
    for (uint32_t k = 0; k < n; k++) {
        edit_building *b = &e->building[e->order[k]];
        b->box = xw_area_box(&e->t, e->t.buildings[e->order[k]].area);
        b->rank = k;
        b->fate = edit_fate_of(s, k);
    }
    return XW_OK;
}

/* Plots by block: they lie together. */
xw_status edit_index_plots(const xw_model *m, size_t n_blocks, xw_edge_index *edges,
                           xw_span **plots_of, xw_error *err)
{
    *plots_of = calloc(n_blocks + 1, sizeof **plots_of);
    if (!*plots_of) return xw_fail(err, XW_NOMEM, "%zu blocks", n_blocks);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        xw_span *of = &(*plots_of)[m->plots[p].block];
        if (of->n++ == 0) of->first = p;
    }
    return xw_edge_index_create(m, edges, err);
}

static xw_status build(xw_editor *e, const xw_job *job, xw_error *err)
{
    xw_territory notes;
    xw_territory_init(&notes);
    scene s = {.t = &e->t, .o = &e->options, .job = job, .notes = &notes};
    betweens lines = {0};
    fabric f = {0};
    emit out = {.f = &f, .m = &e->model, .slice = emit_slice(&e->options)};
    xw_status st = scene_create(&s, err);
    if (!st) st = voronoi_lines(&s, &lines, err);
    if (!st) st = fabric_create(&s, &lines, &f, err);
    if (!st) st = emit_whole(&out, err);
    if (!st) st = edit_blocks_read(&f, &e->blocks, err);
    if (!st) st = index_lines(e, &s, err);
    if (!st) st = index_buildings(e, &s, err);
    if (!st) st = edit_index_plots(&e->model, e->blocks.n, &e->edges, &e->plots_of, err);
    fabric_finish(&f);
    free(lines.b);
    scene_finish(&s);
    xw_territory_finish(&notes);
    return st;
}

xw_status xw_editor_create(const xw_territory *t, const xw_plots_options *o, const xw_job *job,
                           xw_editor **out, xw_error *err)
{
    *out = NULL;
    xw_editor *e = calloc(1, sizeof *e);
    if (!e) return xw_fail(err, XW_NOMEM, "editor");
    if (o) e->options = *o;
    xw_status st = edit_copy_territory(t, &e->t, err);
    if (!st) st = build(e, job, err);
    if (st) {
        xw_editor_destroy(e);
        return st;
    }
    *out = e;
    return XW_OK;
}

void xw_editor_destroy(xw_editor *e)
{
    if (!e) return;
    xw_territory_finish(&e->t);
    xw_model_finish(&e->model);
    xw_edge_index_finish(&e->edges);
    edit_blocks_finish(&e->blocks);
    xw_cells_finish(&e->cells);
    free(e->lines.s);
    free(e->building);
    free(e->order);
    free(e->line_mark);
    free(e->cell_mark);
    for (int k = 0; k < 2; k++) {
        free(e->area_box[k]);
        free(e->area_mark[k]);
    }
    free(e->plots_of);
    free(e);
}

const xw_model *xw_editor_model(const xw_editor *e) { return &e->model; }
const xw_territory *xw_editor_territory(const xw_editor *e) { return &e->t; }
uint32_t xw_editor_building(const xw_editor *e, uint32_t building) { return e->order[building]; }
