/* From the fabric to the model: plots in canonical order, units, edges, footprints, texts.
 * Shared inside the layer. */
#ifndef XW_PLOTS_EMIT_H
#define XW_PLOTS_EMIT_H

#include "fabric.h"

typedef struct emit {
    const fabric *f;
    xw_model *m;
    uint32_t *number;   /* by plot of the fabric: index in the model, XW_NONE if it has no face */
    uint32_t *division; /* by division of the territory: index in the model */
    uint32_t slice;     /* households above which a building becomes floor units */
} emit;

/* Index of the model's plot of a face, XW_NONE outside. */
static inline uint32_t emit_plot_of(const emit *e, uint32_t face)
{
    const uint32_t p = e->f->plot[face];
    return p == XW_NONE ? XW_NONE : e->number[p];
}
/* Copies a text of the territory into the model's pool. */
static inline xw_status emit_text(emit *e, xw_text t, xw_text *out, xw_error *err)
{
    return xw_strings_add(&e->m->text, xw_territory_text(e->f->s->t, t), out, err);
}

xw_status emit_divisions(emit *e, xw_error *err);
xw_status emit_plots(emit *e, xw_error *err);
/* Buildings in canonical order with their footprints as noded; hidden ones join the plot they lie
 * in. */
xw_status emit_buildings(emit *e, xw_error *err);
xw_status emit_units(emit *e, xw_error *err);
xw_status emit_edges(emit *e, xw_error *err);
/* Barriers as given, addresses, findings. */
xw_status emit_places(emit *e, xw_error *err);

/* emit_inside.c: a lattice point that a face owns, near its middle; if it owns none, a vertex. */
xw_pt fabric_inside(const fabric *f, uint32_t face);

#endif
