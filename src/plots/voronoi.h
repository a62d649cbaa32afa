/* Half-way lines between the buildings of a block: the edges of the Voronoi diagram of sites along
 * the outlines, where two buildings meet, clipped to the open land of the block.
 *
 * The lines need not be perfect: they are noded with everything else afterwards, so the coverage is
 * exact whatever they are; they decide how fair it is. Sites stand every 2 m, at free corners, and
 * 50 mm from corners that touch a neighbour, on a local grid of millimetres (the lattice is not
 * isotropic). A building's plot reaches about half way to the nearest open site; fields and yards
 * beyond are open land. Shared inside the layer. */
#ifndef XW_PLOTS_VORONOI_H
#define XW_PLOTS_VORONOI_H

#include "scene.h"
#include "xiwang/cells.h"

typedef struct between {
    xw_pt a, b;
    uint32_t left, right; /* building ranks */
} between;

typedef struct betweens {
    between *b;
    size_t n, cap;
} betweens;

/* Label of open land between the buildings of a block, beyond their reach. */
#define OPEN_LABEL (XW_NONE - 1)

typedef struct site {
    uint64_t key; /* place along a Hilbert curve */
    xw_pt at;     /* local millimetres */
    uint32_t label;
} site;

typedef struct sites {
    site *s;
    size_t n, cap;
} sites;

typedef struct frame { /* lattice <-> local grid: local = (lattice - origin) * k */
    double x0, y0, kx, ky;
} frame;

xw_status site_add(sites *l, const frame *f, double x, double y, uint32_t label, xw_error *err);

/* Lines of all blocks with two buildings or more, in block order; the same for any thread count. */
xw_status voronoi_lines(const scene *s, betweens *out, xw_error *err);

/* voronoi_simplify.c: thins the lines of one block. */
xw_status voronoi_simplify(betweens *l, xw_error *err);

/* voronoi_clip.c: the open land of one block as edges with the land on their left. */
typedef struct land {
    xw_segment *rim;
    size_t n, cap;
    xw_cells cells;
} land;
xw_status land_create(const scene *s, const uint32_t *faces, size_t n, uint32_t block, land *out,
                      xw_error *err);
void land_finish(land *l);
/* land_clip adds the parts of the segment p-q (lattice units, doubles) that lie on the land. */
typedef struct spot {
    double x, y;
} spot;
/* Does the point lie on the land? */
bool land_has(const land *l, spot p);
xw_status land_clip(const land *l, spot p, spot q, uint32_t left, uint32_t right, betweens *out,
                    xw_error *err);

/* voronoi_open.c: sites of open land, where no building is within reach, on a fixed lattice of
 * triangles. Nothing for blocks whose buildings reach everywhere. */
xw_status voronoi_open_sites(const land *l, const frame *f, double reach_m, sites *all,
                             xw_error *err);

#endif
