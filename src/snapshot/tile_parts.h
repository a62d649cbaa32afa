/* What the files that draw tiles share. Internal. */
#ifndef XW_SNAPSHOT_TILE_PARTS_H
#define XW_SNAPSHOT_TILE_PARTS_H

#include "xiwang/clip.h"
#include "xiwang/mosaic.h"
#include "xiwang/mvt.h"
#include "xiwang/tile.h"

/* First zoom of each layer; tiles/schema.md says why. */
enum {
    XW__ZOOM_WATER = 10,
    XW__ZOOM_BUILDINGS = 13,
    XW__ZOOM_PLOTS = 16,
    XW__ZOOM_BARRIERS = 5,
    XW__ZOOM_DIVISION_LABELS_END = 15 /* last zoom */
};
/* The first zoom of a barrier class; beyond XW_TILE_ZOOM_MAX: never. */
unsigned xw__barrier_zoom(unsigned cls);
/* Labels of a level come one zoom after its outlines. */
unsigned xw__label_zoom(const xw_model *m, uint32_t level);
enum { XW__LAYER_NAME_MAX = 64 };
/* "teams" or "teams_label" */
void xw__level_layer(const xw_model *m, uint32_t level, bool labels, char out[XW__LAYER_NAME_MAX]);

/* Do the grids at a level that have units in one plot and in the other differ? */
bool xw__grids_differ(const xw_model *m, uint32_t plot, uint32_t other, uint32_t level);

/* The last part of a grid's name, "7队" of "4区7片7队": what follows the name of the parent, or
 * else the number in front of the level's name; all of it when it is named otherwise. */
const char *xw__short_name(const xw_model *m, uint32_t grid);

typedef struct xw__found { /* indices of a query */
    uint32_t *ix;
    size_t n, cap;
} xw__found;

/* One tile being drawn: what is asked for, and scratch memory. */
typedef struct xw__drawing {
    const xw_snapshot *s;
    const xw_model *m;
    unsigned z;
    uint32_t x, y;
    xw_tile_frame frame;
    xw_box box; /* the tile with its buffer */
    xw_mvt *mvt;
    xw_clipper clipper;
    xw_tpt *pts; /* one ring or line */
    size_t n_pts, cap_pts;
    xw_mosaic *layer;     /* the polygons of the layer at hand */
    xw_mosaic *footprint; /* of the building at hand */
    uint8_t *ranks;       /* of one line */
    size_t cap_ranks;
} xw__drawing;

void xw__drawing_finish(xw__drawing *d);

/* Polygons of a layer: gathered one after the other between begin and end, then written to the
 * feature that was started last, by their number. Nothing is written of one that misses the tile or
 * has collapsed. */
xw_status xw__shapes_begin(xw__drawing *d, xw_error *err);
xw_status xw__shapes_add(xw__drawing *d, xw_shape shape, xw_error *err);
xw_status xw__shapes_end(xw__drawing *d, xw_error *err);
void xw__shapes_write(xw__drawing *d, size_t number);
/* A footprint, by itself: outlines below min_area2 (twice the area, square tile units) are left
 * out. */
xw_status xw__footprint_make(xw__drawing *d, const xw_model_building *b, int64_t min_area2,
                             xw_error *err);
void xw__footprint_write(xw__drawing *d);
/* A line, as geometry of the feature that was started last. */
xw_status xw__draw_line(xw__drawing *d, const xw_pt *pts, uint32_t n, xw_error *err);
/* A point, if this tile owns it. */
void xw__draw_label(xw__drawing *d, xw_pt p);

/* Layers, tile_layers.c and tile_grids.c. */
xw_status xw__draw_divisions(xw__drawing *d, xw_error *err);
xw_status xw__draw_grids(xw__drawing *d, xw_error *err);
xw_status xw__draw_plots(xw__drawing *d, xw_error *err);
xw_status xw__draw_barriers(xw__drawing *d, xw_error *err);
xw_status xw__draw_buildings(xw__drawing *d, xw_error *err);
xw_status xw__draw_labels(xw__drawing *d, xw_error *err);

/* Objects of a kind near the tile. The caller frees found->ix. */
static inline xw_status xw__find(const xw__drawing *d, xw_shape_kind kind, xw__found *found,
                                 xw_error *err)
{
    found->n = 0;
    return xw_snapshot_query(d->s, kind, d->box, &found->ix, &found->n, &found->cap, err);
}

#endif
