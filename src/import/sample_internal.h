/* What the files of the made-up sample share. The county is a warped grid of cells of about 700 m;
 * villages, communities, towns and the county are unions of cells, roads go from the middle of a
 * cell through the middle of an edge (its portal) to the next one, river, railway and streams run
 * along edges. Inside a cell every thing is placed against a canvas of what stands there already.
 * All of it is computed in metres on a plane and rounded to the lattice once, when it is emitted.
 */
#ifndef XW_SAMPLE_INTERNAL_H
#define XW_SAMPLE_INTERNAL_H

#include "xiwang/rng.h"
#include "xiwang/sample.h"

#include <math.h>

/* ---- plane vectors, metres ------------------------------------------------------------------ */

typedef struct vec2 {
    double x, y;
} vec2;

static inline vec2 v_add(vec2 a, vec2 b) { return (vec2){a.x + b.x, a.y + b.y}; }
static inline vec2 v_sub(vec2 a, vec2 b) { return (vec2){a.x - b.x, a.y - b.y}; }
static inline vec2 v_mul(vec2 a, double k) { return (vec2){a.x * k, a.y * k}; }
static inline vec2 v_mad(vec2 a, vec2 b, double k) { return v_add(a, v_mul(b, k)); }
static inline vec2 v_mid(vec2 a, vec2 b) { return v_mul(v_add(a, b), 0.5); }
static inline vec2 v_lerp(vec2 a, vec2 b, double t) { return v_mad(a, v_sub(b, a), t); }
static inline vec2 v_left(vec2 a) { return (vec2){-a.y, a.x}; }
static inline double v_dot(vec2 a, vec2 b) { return a.x * b.x + a.y * b.y; }
static inline double v_cross(vec2 a, vec2 b) { return a.x * b.y - a.y * b.x; }
static inline double v_len(vec2 a) { return sqrt(v_dot(a, a)); }
static inline vec2 v_unit(vec2 a)
{
    const double l = v_len(a);
    return l > 0.0 ? v_mul(a, 1.0 / l) : (vec2){1.0, 0.0};
}

/* ---- the world: what is decided before a cell is looked at ---------------------------------- */

#define XW__CELL_M 700.0

typedef enum xw__cell_kind {
    XW__OUT,     /* not in the county */
    XW__LAND,    /* fields and hills */
    XW__HAMLET,  /* a part of a village */
    XW__VILLAGE, /* the main place of a village */
    XW__MARKET,  /* a small town */
    XW__CITY     /* streets and blocks */
} xw__cell_kind;

enum { /* edge kinds; a calm one is less crooked */
       XW__RIVER = 1,
       XW__RAIL = 2,
       XW__STREAM = 4,
       XW__STREET = 8,
       XW__CALM = 16
};
#define XW__CROSSED (XW__RIVER | XW__RAIL | XW__STREAM)
enum { XW__S, XW__E, XW__N, XW__W }; /* sides of a cell, counter-clockwise */

typedef struct xw__cell {
    uint32_t village; /* region; XW_NONE outside */
    uint32_t budget;  /* households */
    uint8_t kind;
} xw__cell;

typedef struct xw__edge {
    uint8_t kind;
    uint8_t link; /* class + 1 of the road that crosses it at the portal, 0: none */
} xw__edge;

#define XW__STEM 16 /* bytes of a Chinese name without its suffix */
#define XW__NAME 40 /* of a whole one */

typedef struct xw__village {
    uint32_t seat; /* its main cell */
    uint32_t town, n_cells;
    bool community;
    double weight;
    char stem[XW__STEM], name[XW__NAME], code[13];
} xw__village;

typedef struct xw__town {
    uint32_t cell; /* where it grew from */
    uint32_t city; /* number of its city, XW_NONE */
    uint32_t n_urban;
    uint32_t budget; /* urban households */
    bool is_city, street_office;
    char stem[XW__STEM], name[XW__NAME], code[13];
} xw__town;

typedef struct xw__world {
    uint64_t seed, households, urban;
    uint32_t nx, ny;              /* cells */
    uint32_t river_row, rail_col; /* corner lines; no river: XW_NONE */
    double river_half, angle, phase[6];
    xw_scale scale;
    xw__cell *cells;
    xw__edge *edges;
    vec2 *corners;
    xw__village *villages;
    size_t n_villages, cap_villages;
    xw__town *towns;
    size_t n_towns, cap_towns;
    uint32_t want_villages, want_towns, n_cities;
    uint32_t n_stems; /* names given so far */
    char stem[XW__STEM], name[XW__NAME], river[XW__NAME], code[13];
} xw__world;

static inline uint64_t xw__mix(uint64_t seed, uint32_t what, uint64_t ix)
{
    xw_rng r = {seed ^ ((uint64_t)what << 40)};
    r.s = xw_rng_next(&r) + ix * UINT64_C(0x9e3779b97f4a7c15);
    return xw_rng_next(&r);
}
enum { /* what a stream of random numbers is for */
       XW__FOR_PLAN = 1,
       XW__FOR_CORNER,
       XW__FOR_EDGE,
       XW__FOR_SHAPE,
       XW__FOR_SEAT,
       XW__FOR_GROW,
       XW__FOR_ROUTE,
       XW__FOR_CELL,
       XW__FOR_NAME,
       XW__FOR_ARM,
       XW__FOR_BUDGET,
       XW__FOR_NODE
};
static inline xw_rng xw__rng(const xw__world *w, uint32_t what, uint64_t ix)
{
    return (xw_rng){xw__mix(w->seed, what, ix)};
}
static inline double xw__between(xw_rng *r, double lo, double hi)
{
    return lo + (hi - lo) * xw_rng_unit(r);
}
static inline bool xw__chance(xw_rng *r, double p) { return xw_rng_unit(r) < p; }

static inline uint32_t xw__n_cells(const xw__world *w) { return w->nx * w->ny; }
static inline uint32_t xw__n_level(const xw__world *w) { return w->nx * (w->ny + 1); }
static inline uint32_t xw__n_edges(const xw__world *w)
{
    return xw__n_level(w) + (w->nx + 1) * w->ny;
}
static inline uint32_t xw__corner(const xw__world *w, uint32_t i, uint32_t j)
{
    return j * (w->nx + 1) + i;
}
/* sample_plan.c */
xw_status xw__world_create(const xw_sample_options *o, xw__world *w, xw_error *err);
void xw__world_destroy(xw__world *w);
uint32_t xw__side_edge(const xw__world *w, uint32_t cell, unsigned side);
/* Cell beyond a side, XW_NONE beyond the grid. */
uint32_t xw__beyond(const xw__world *w, uint32_t cell, unsigned side);
/* Cells left and right of an edge (seen from its start), XW_NONE beyond the grid or the county. */
void xw__edge_cells(const xw__world *w, uint32_t e, uint32_t *left, uint32_t *right);
void xw__edge_corners(const xw__world *w, uint32_t e, uint32_t *a, uint32_t *b);
static inline bool xw__edge_is_level(const xw__world *w, uint32_t e) { return e < xw__n_level(w); }
vec2 xw__cell_middle(const xw__world *w, uint32_t cell);
double xw__hills(const xw__world *w, vec2 p); /* about -3 … 3, hills above 0.8 */
static inline bool xw__in_county(const xw__world *w, uint32_t cell)
{
    return cell != XW_NONE && w->cells[cell].kind != XW__OUT;
}

/* sample_edges.c: the shape of edges; both sides see the same points. */
#define XW__EDGE_PTS 17
typedef struct xw__edge_line {
    vec2 p[XW__EDGE_PTS];
    uint32_t n;
} xw__edge_line;
void xw__edge_shape(const xw__world *w, uint32_t e, xw__edge_line *out);
/* The five street nodes of a straight edge; the ends step back from a river or rail at a corner. */
void xw__edge_nodes(const xw__world *w, uint32_t e, vec2 node[5]);
/* How far streets stay off what runs along an edge, 0 if nothing does. */
double xw__edge_offset(const xw__world *w, unsigned kind);
typedef struct xw__portal {
    vec2 at, left; /* left: unit normal */
    double span;   /* half length of the crossing; 0: nothing is crossed */
} xw__portal;
xw__portal xw__edge_portal(const xw__world *w, uint32_t e);
/* Makes edges calm where an outline would cross itself. */
void xw__edges_calm(xw__world *w);
/* The cell's outline, counter-clockwise, into ring[4 * XW__EDGE_PTS]. @return vertices */
uint32_t xw__cell_ring(const xw__world *w, uint32_t cell, vec2 *ring);

/* sample_heap.c: a queue of cells by key; equal keys by cell, so that order is deterministic. */
typedef struct xw__heap_item {
    double key;
    uint32_t cell, from;
} xw__heap_item;
typedef struct xw__heap {
    xw__heap_item *at;
    size_t n, cap;
} xw__heap;
xw_status xw__heap_push(xw__heap *h, xw__heap_item it, xw_error *err);
xw__heap_item xw__heap_pop(xw__heap *h);

/* sample_regions.c: cells to towns, villages and communities, with budgets and names. */
xw_status xw__regions_make(xw__world *w, xw_error *err);
/* sample_seats.c: where towns are, and which cells are theirs to build on. */
xw_status xw__seats_make(xw__world *w, xw_error *err);
/* sample_budget.c: households to cells. */
xw_status xw__budgets_make(xw__world *w, xw_error *err);
/* sample_routes.c: which edges roads cross. */
xw_status xw__routes_make(xw__world *w, xw_error *err);

/* sample_names.c */
void xw__name_stem(xw__world *w, char out[XW__STEM]); /* 柳溪; never the same twice */
void xw__name_gate(uint32_t k, char out[XW__STEM]);   /* 东门 …; false beyond the list */
uint32_t xw__n_gates(void);
void xw__name_street(uint32_t k, bool avenue, bool level, char out[XW__NAME]); /* 和平路 */
void xw__name_estate(xw_rng *r, char out[XW__NAME]);                           /* 锦绣花园 */
void xw__name_works(xw_rng *r, const char *stem, char out[48]);                /* 柳溪纺织厂 */
void xw__name_number(uint32_t n, char out[16]); /* 十二, below 100 */

/* ---- emission ------------------------------------------------------------------------------- */

typedef struct xw__gen {
    xw__world *w;
    xw_territory *t;
    const xw_job *job;
    uint64_t made; /* households */
    int64_t carry; /* households that a cell had no room for */
    xw_status st;  /* the first failure; emission does nothing after it */
    xw_error *err;
} xw__gen;

typedef struct xw__house {
    const char *name, *street, *place;
    uint32_t number; /* 0: no address */
    uint32_t households, floors;
    double height_m;
    xw_use use;
    vec2 door; /* where the address stands, inside */
} xw__house;

xw_pt xw__to_lattice(const xw__world *w, vec2 p);
xw_text xw__emit_text(xw__gen *g, const char *text);
void xw__emit_line(xw__gen *g, const vec2 *p, size_t n, unsigned cls, unsigned flags, xw_text name);
/* @param hole  four vertices, may be NULL */
void xw__emit_building(xw__gen *g, const vec2 *ring, uint32_t n, const vec2 *hole,
                       const xw__house *h);
/* sample_waters.c: river, streams, railway. */
void xw__emit_waters(xw__gen *g);
/* sample_divisions.c */
void xw__emit_divisions(xw__gen *g);

/* ---- the canvas of one cell ----------------------------------------------------------------- */

typedef enum xw__item_kind {
    XW__HARD,
    XW__ROAD,
    XW__WALL,
    XW__HOUSE,
    XW__ITEM_KINDS
} xw__item_kind;

typedef struct xw__item { /* a convex polygon, or a segment (n = 2) */
    vec2 p[4];
    double clear; /* what it needs around itself */
    uint8_t n, kind;
    uint16_t tag; /* which road */
} xw__item;

typedef struct xw__canvas {
    vec2 min;
    double side;
    int nx, ny;
    int32_t *head; /* per bucket, index into links or -1 */
    size_t cap_head;
    struct xw__canvas_link {
        int32_t item, next;
    } * links;
    size_t n_links, cap_links;
    xw__item *items;
    size_t n_items, cap_items;
} xw__canvas;

typedef struct xw__gaps {
    double gap[XW__ITEM_KINDS]; /* beyond the item's own clearance */
    int skip[2];                /* road tags that do not count, -1: none */
} xw__gaps;

xw_status xw__canvas_start(xw__canvas *c, vec2 min, vec2 max, xw_error *err);
void xw__canvas_finish(xw__canvas *c);
xw_status xw__canvas_add(xw__canvas *c, const xw__item *it, xw_error *err);
/* Is there room for the convex polygon or segment? */
bool xw__canvas_clear(const xw__canvas *c, const vec2 *p, unsigned n, const xw__gaps *gaps);

/* ---- a cell being built --------------------------------------------------------------------- */

typedef struct xw__road {
    uint32_t first, n; /* vertices in pts */
    uint8_t cls;
    bool emit, used; /* a lane without houses is not drawn */
    uint32_t parent; /* the road it leaves, XW_NONE */
    double half, length;
    char name[XW__NAME];
    uint32_t number[2]; /* the next house number: left odd, right even */
} xw__road;

typedef struct xw__place {
    xw__gen *g;
    uint32_t cell;
    xw_rng rng;
    xw__canvas canvas;
    vec2 *pts;
    size_t n_pts, cap_pts;
    xw__road *roads;
    size_t n_roads, cap_roads;
    vec2 ring[4 * XW__EDGE_PTS];
    uint32_t n_ring;
    vec2 hub;
    char stem[XW__STEM];
    int64_t want; /* households still to be made here */
    uint32_t n_lanes;
    bool town;     /* rows, shops, more floors */
    bool hall_due; /* the first house is the village hall */
} xw__place;

xw_status xw__place_start(xw__place *p, xw__gen *g, uint32_t cell);
void xw__place_finish(xw__place *p);
/* Adds a road of the given vertices. @return its index, XW_NONE for lack of memory */
uint32_t xw__place_road(xw__place *p, const vec2 *pts, uint32_t n, unsigned cls, const char *name,
                        bool emit);
void xw__place_item(xw__place *p, const vec2 *q, unsigned n, xw__item_kind kind, double clear,
                    unsigned tag);
double xw__road_half(unsigned cls);
/* Point and direction of a road @p s metres from its start. */
vec2 xw__road_at(const xw__place *p, const xw__road *r, double s, vec2 *dir);
bool xw__place_owns(const xw__place *p, vec2 at);
void xw__place_emit_roads(xw__place *p);
/* sample_arms.c: the roads that come into the cell, and crossings it owns. */
void xw__place_arms(xw__place *p);
/* sample_houses.c: houses along one side (0 left, 1 right) of a road from s0 to s1. */
void xw__frontage(xw__place *p, uint32_t road, unsigned side, double s0, double s1);
bool xw__place_try(xw__place *p, const vec2 *q, unsigned n, double road_gap, double house_gap);
/* sample_village.c, sample_lanes.c */
void xw__settle(xw__place *p);
/* Grows a crooked lane from a vertex of a road. @return its index, XW_NONE: no room */
uint32_t xw__lane_grow(xw__place *p, uint32_t parent, uint32_t vertex, unsigned side,
                       double longest);
/* sample_city.c */
void xw__city(xw__place *p);

typedef enum xw__yard_kind { XW__TOWERS, XW__SLABS, XW__SCHOOL, XW__WORKS } xw__yard_kind;
typedef struct xw__yard { /* a walled compound; the gate is on the side q[0] q[1] */
    vec2 q[4];            /* counter-clockwise */
    vec2 gate;            /* a vertex of the road before the gate */
    xw__yard_kind kind;
    uint32_t want; /* households */
    uint32_t road; /* for the address */
    unsigned side;
} xw__yard;
/* sample_yards.c. @return households made, which are taken off p->want */
uint32_t xw__yard_build(xw__place *p, const xw__yard *y);
/* Is there room for it? */
bool xw__yard_fits(xw__place *p, const xw__yard *y);

#endif
