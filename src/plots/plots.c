#include "xiwang/plots.h"

#include "emit.h"

#include <stdlib.h>

void emit_finish(emit *e)
{
    free(e->number);
    free(e->division);
    e->number = e->division = NULL;
}

xw_status emit_whole(emit *e, xw_error *err)
{
    xw_status st = emit_divisions(e, err);
    if (!st) st = emit_plots(e, err);
    if (!st) st = emit_edges(e, err);
    if (!st) st = emit_buildings(e, err);
    if (!st) st = emit_units(e, err);
    if (!st) st = emit_places(e, err);
    if (!st) {
        st = xw_strings_add(&e->m->text, xw_territory_text(e->f->s->t, e->f->s->t->name),
                            &e->m->name, err);
    }
    emit_finish(e);
    return st;
}

xw_status xw_plots_build(const xw_territory *t, const xw_plots_options *o, const xw_job *job,
                         xw_model *out, xw_error *err)
{
    xw_territory notes;
    xw_territory_init(&notes);
    xw_model_init(out);
    scene s = {.t = t, .o = o, .job = job, .notes = &notes};
    betweens lines = {0};
    fabric f = {0};
    xw_status st = scene_create(&s, err);
    if (!st) st = voronoi_lines(&s, &lines, err);
    if (!st) st = fabric_create(&s, &lines, &f, err);
    if (!st) {
        emit e = {.f = &f, .m = out};
        e.slice = emit_slice(o);
        st = emit_whole(&e, err);
    }
    fabric_finish(&f);
    free(lines.b);
    scene_finish(&s);
    xw_territory_finish(&notes);
    if (st) xw_model_finish(out);
    return st;
}
