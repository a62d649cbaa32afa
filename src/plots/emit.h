/* From the fabric to the model: plots in canonical order, units, edges, footprints, texts.
 * Shared inside the layer. */
#ifndef XW_PLOTS_EMIT_H
#define XW_PLOTS_EMIT_H

#include "fabric.h"

/* A fabric of some blocks only: what the whole one says of the edges towards the plots beyond. */
typedef struct beyond {
    uint32_t plot; /* beyond the edge; XW_NONE where no seam is */
    uint8_t cls;   /* the barrier that was bent here, or XW_CLASS_NONE */
} beyond;

typedef struct seam_edge { /* of the model that comes out, numbered by its custody */
    uint32_t plot;         /* beyond it, to its right */
    uint32_t tail;         /* the barrier at its last vertex, XW_NONE */
} seam_edge;

typedef struct emit_seam {
    beyond *at;   /* by edge of the fabric */
    uint8_t *pin; /* by node of the fabric: an edge beyond ends here */
    seam_edge *edges;
    size_t n_edges, cap_edges;
} emit_seam;

typedef struct emit {
    const fabric *f;
    xw_model *m;
    uint32_t *number;   /* by plot of the fabric: index in the model, XW_NONE if it has no face */
    uint32_t *division; /* by division of the territory: index in the model */
    uint32_t slice;     /* households above which a building becomes floor units */
    emit_seam *seam;    /* NULL: the whole territory. Its edges come out with pad 1, the plot beyond
                           missing and the number of the seam_edge as custody */
} emit;

/* The threshold of floor units that the options say. */
static inline uint32_t emit_slice(const xw_plots_options *o)
{
    return o && o->slice_households ? o->slice_households : 10;
}
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

/* plots.c: all of it, in the order below, and the name of the territory. */
xw_status emit_whole(emit *e, xw_error *err);
void emit_finish(emit *e);

/* Area of a plot: twice that in lattice units, and the sum of moments of its rim, walked with the
 * plot on the left, about the height of any vertex `from`. */
double emit_moment(xw_pt from, xw_pt a, xw_pt b);
double emit_area_m2(xw_pt from, double moment, int64_t area2);
/* Metres of a chain. */
double emit_length_m(const xw_pt *p, size_t n);
/* East side of a chain as a whole, north side where it runs level; inside where one side is out. */
uint32_t emit_custody(const xw_edge *e, xw_pt from, xw_pt to);

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
