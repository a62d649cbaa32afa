/* Half-way lines between the buildings of a block: the edges of the Voronoi diagram of sites along
 * the outlines, where two buildings meet, clipped to the open land of the block.
 *
 * The lines need not be perfect: they are noded with everything else afterwards, so the coverage is
 * exact whatever they are; they decide how fair it is. Sites stand every 2.3 m, at free corners,
 * and 50 mm from corners that touch a neighbour, on a local grid of millimetres (the lattice is not
 * isotropic); where two walls face each other nearer than that, each site has its mirror image on
 * the other wall. A building's plot reaches about half way to the nearest open site; fields and
 * yards beyond are open land. Shared inside the layer. */
#ifndef XW_PLOTS_VORONOI_H
#define XW_PLOTS_VORONOI_H

#include "delaunay.h"
#include "scene.h"
#include "xiwang/cells.h"

typedef struct between {
    xw_pt a, b;
    uint32_t left, right; /* building ranks; both XW_NONE: the edge of the shadow of a dead end */
    uint32_t behind;      /* 1: on land that is hidden from the building nearest to it */
    uint32_t block;       /* of the scene */
} between;

typedef struct betweens {
    between *b;
    size_t n, cap;
} betweens;

/* Label of open land between the buildings of a block, beyond their reach. */
#define OPEN_LABEL (XW_NONE - 1)

typedef struct spot {
    double x, y;
} spot;

typedef struct site {
    xw_pt at;             /* local millimetres */
    uint32_t label, wall; /* wall: of the desk, XW_NONE for open land */
} site;

typedef struct sites {
    site *s;
    size_t n, cap;
} sites;

typedef struct wall { /* local millimetres */
    spot from, to;
} wall;

typedef struct frame { /* lattice <-> local grid: local = (lattice - origin) * k */
    double x0, y0, kx, ky;
} frame;

/* Lines of all blocks with two buildings or more, in block order; the same for any thread count. */
xw_status voronoi_lines(const scene *s, betweens *out, xw_error *err);

/* voronoi_clip.c: the open land of one block as edges with the land on their left. */
typedef struct land {
    xw_segment *rim;
    size_t n, cap;
    xw_cells cells;
    double per_cell; /* one by the side of a cell */
} land;
xw_status land_create(const scene *s, const uint32_t *faces, size_t n, uint32_t block, land *out,
                      xw_error *err);
void land_finish(land *l);
/* Does the point (lattice units) lie on the land? */
bool land_has(const land *l, spot p);
/* The part of p-q inside a box; false if there is none. */
bool box_cut(spot lo, spot hi, spot *p, spot *q, bool *p_moved, bool *q_moved);
/* The same for the box of the land. */
bool land_cut_to_box(const land *l, spot *p, spot *q, bool *p_moved, bool *q_moved);
enum { LAND_CUTS_MAX = 64 };
/* Where p-q, inside the box, crosses the rims: shares of its length in [0, 1), ascending. */
size_t land_cuts(const land *l, spot p, spot q, double *cut);

typedef struct lane { /* a piece of a long dead end, local millimetres */
    spot a, b;
} lane;

typedef struct crossing { /* a lane passes through the cell of a site */
    uint32_t lane, next;
} crossing;

typedef struct witness { /* a building at a corner of the diagram that others do not see */
    uint32_t group, label, vertex;
    bool sees; /* it sees the corner itself */
} witness;

/* What the dead ends of a block hide from the building that is nearest. */
typedef struct shadows {
    lane *lanes;
    crossing *crossings;
    witness *witnesses;
    uint32_t *fan;    /* by vertex: a corner of it */
    uint32_t *head;   /* by vertex: its first crossing */
    uint32_t *group;  /* by corner: smallest corner of its group, XW_NONE if the site sees it */
    uint32_t *seen;   /* by vertex: group that took its site last, plus one */
    uint32_t *hidden; /* corners that their site does not see, vertex by vertex */
    uint32_t *queue;
    size_t n_lanes, n_crossings, n_witnesses, n_hidden;
    size_t cap_lanes, cap_crossings, cap_witnesses, cap_fan, cap_head, cap_group, cap_seen;
    size_t cap_queue, cap_hidden;
    uint32_t last; /* vertex where the last search ended */
} shadows;

/* What one thread works with, from block to block. */
typedef struct desk {
    delaunay d;
    sites all;
    wall *walls;
    size_t n_walls, cap_walls;
    uint32_t *label, *site, *near; /* by vertex: label, site, a triangle not far from it */
    size_t cap_label, cap_site, cap_near;
    uint64_t *order; /* building faces along a curve */
    size_t cap_order;
    uint8_t *done; /* by corner: the line across its edge is drawn */
    size_t cap_done;
    spot *chain, *run; /* a line as it is walked, a part of it on the land */
    size_t n_chain, cap_chain, n_run, cap_run;
    uint8_t *keep;
    uint32_t *stack;
    size_t cap_keep, cap_stack;
    land land;
    frame frame;
    shadows shadows;
    struct desk *behind; /* for the lines in shadows */
    struct desk *whole;  /* of such a desk: the one of the block */
    uint32_t group;      /* and the group of shadows that it works in */
    spot lo, hi;         /* a box around it, lattice units */
} desk;
void desk_finish(desk *k);

/* voronoi_sites.c: sites of the walls of a block, in an order where neighbours are close. */
xw_status voronoi_sites(const scene *s, desk *k, const uint32_t *faces, size_t n, xw_error *err);
/* Triangulates them, with mirror images where walls are close. */
xw_status voronoi_triangulate(desk *k, xw_error *err);

/* voronoi_lines.c: the lines of a triangulated block. */
xw_status voronoi_chains(desk *k, betweens *out, xw_error *err);

/* voronoi_shadow.c: land belongs to the nearest building that sees it over the long dead ends, its
 * edges `lanes` of the scene. Finds what they hide, and adds the edges of the shadows at the ends
 * of dead ends. */
xw_status voronoi_shadows(const scene *s, desk *k, const uint32_t *lanes, size_t n, betweens *out,
                          xw_error *err);
/* Finds the box of the group of this desk; its witnesses stand in [lo, hi). */
void shadow_box(desk *k, size_t lo, size_t hi);
/* Does p (lattice units), on the land, lie in the group of shadows of this desk? */
bool shadow_has(desk *k, spot p);
/* voronoi_behind.c: the lines between the buildings that see the land in shadow. */
xw_status voronoi_behind(desk *k, betweens *out, xw_error *err);
/* The part of the chain of such a desk that lies in its shadow. */
xw_status voronoi_clip_behind(desk *k, uint32_t left, uint32_t right, betweens *out, xw_error *err);
/* voronoi_lines.c: writes the run as lines and begins a new one. */
xw_status voronoi_end_run(desk *k, uint32_t left, uint32_t right, betweens *out, xw_error *err);

/* voronoi_open.c: sites of open land, where no building is within reach, on a fixed lattice of
 * triangles. Nothing for blocks whose buildings reach everywhere. */
xw_status voronoi_open_sites(desk *k, double reach_m, xw_error *err);

/* Centre of the circle around triangle t, local millimetres. */
static inline spot voronoi_centre(const desk *k, uint32_t t)
{
    const delaunay *d = &k->d;
    const xw_pt a = d->pt[d->v[3 * t]], b = d->pt[d->v[3 * t + 1]], c = d->pt[d->v[3 * t + 2]];
    const double bx = (double)b.x - a.x, by = (double)b.y - a.y;
    const double cx = (double)c.x - a.x, cy = (double)c.y - a.y;
    const double w = 2.0 * (bx * cy - by * cx);
    const double bl = bx * bx + by * by, cl = cx * cx + cy * cy;
    return (spot){a.x + (cy * bl - by * cl) / w, a.y + (bx * cl - cx * bl) / w};
}
static inline spot frame_in(const frame *f, spot p)
{
    return (spot){(p.x - f->x0) * f->kx, (p.y - f->y0) * f->ky};
}
static inline spot frame_out(const frame *f, spot p)
{
    return (spot){f->x0 + p.x / f->kx, f->y0 + p.y / f->ky};
}

static inline xw_status site_add(sites *l, xw_pt at, uint32_t label, uint32_t wall_ix,
                                 xw_error *err)
{
    if (l->n == l->cap && !xw_grow((void **)&l->s, &l->cap, l->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", l->n);
    }
    l->s[l->n++] = (site){at, label, wall_ix};
    return XW_OK;
}

#endif
