/* The second planar map: barriers, footprints and the lines between buildings noded together, with
 * a plot for every face. Plots are sets of faces, so they cover the territory exactly whatever the
 * lines look like. Shared inside the layer. */
#ifndef XW_PLOTS_FABRIC_H
#define XW_PLOTS_FABRIC_H

#include "scene.h"
#include "voronoi.h"

typedef struct fabric {
    const scene *s;
    const betweens *lines;
    xw_noded noded; /* tags: an edge of the scene, or n_scene + a line between buildings */
    xw_map map;
    uint32_t n_scene;
    xw_map_faces faces;
    uint32_t *region; /* by face: building rank, or n_buildings + block, XW_NONE outside */
    uint32_t *plot;   /* by face: building rank (its plot), or n_buildings + number of an open plot;
                         XW_NONE outside */
    uint32_t *open_block; /* by number of an open plot: its block */
    size_t n_open, cap_open;
} fabric;

xw_status fabric_create(const scene *s, const betweens *lines, fabric *out, xw_error *err);
void fabric_finish(fabric *f);

static inline uint32_t fabric_buildings(const fabric *f) { return (uint32_t)f->s->t->n_buildings; }
/* Block of a face, XW_NONE outside. */
static inline uint32_t fabric_block(const fabric *f, uint32_t face)
{
    const uint32_t r = f->region[face], n = fabric_buildings(f);
    return r == XW_NONE ? XW_NONE : r < n ? f->s->home[r] : r - n;
}
/* True if half-edge h bounds building b's own land (its footprint inside its plot). */
static inline bool fabric_is_footprint(const fabric *f, uint32_t face, uint32_t b)
{
    return f->region[face] == b && f->plot[face] == b;
}

/* fabric_label.c */
xw_status fabric_label(fabric *f, xw_error *err);
/* fabric_repair.c: every plot becomes one connected piece. */
xw_status fabric_repair(fabric *f, xw_error *err);
/* A new open plot in a block. */
xw_status fabric_open_plot(fabric *f, uint32_t block, uint32_t *plot, xw_error *err);

#endif
