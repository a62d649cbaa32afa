/* The first planar map: everything of the territory noded together, its faces labelled, and the
 * blocks. Shared inside the layer. */
#ifndef XW_PLOTS_SCENE_H
#define XW_PLOTS_SCENE_H

#include "xiwang/map.h"
#include "xiwang/plots.h"
#include "xiwang/territory.h"

/* A tag says what a segment belongs to: kind << 29 | index. */
enum { TAG_BARRIER, TAG_BUILDING, TAG_DIVISION, TAG_WATER };
#define TAG_KIND(tag)    ((tag) >> 29)
#define TAG_INDEX(tag)   ((tag) & ((UINT32_C(1) << 29) - 1))
#define TAG_OF(kind, ix) ((uint32_t)(kind) << 29 | (uint32_t)(ix))

typedef struct scene_edge { /* by edge of the map */
    uint8_t cls;            /* strongest class that bounds blocks here, or XW_CLASS_NONE */
    bool cut;               /* blocks end here */
    bool crossed;           /* a passable way crosses at one of its nodes */
    bool passable;          /* people may walk or drive along it */
    bool lane;              /* part of a long dead end: the same block lies on both sides */
    uint32_t barrier;       /* the line that gave the class, or XW_NONE */
} scene_edge;

typedef struct scene {
    const xw_territory *t;
    const xw_plots_options *o;
    const xw_job *job;
    xw_territory *notes; /* findings of this stage go here */

    uint32_t *order; /* buildings in canonical order: order[k] is the index in t */
    uint32_t *rank;  /* the inverse */
    xw_noded noded;
    xw_map map;
    xw_map_faces faces;
    scene_edge *edge;

    uint32_t *building; /* by face: rank of the building, or XW_NONE */
    uint32_t *division; /* by face, XW_NONE outside */
    uint32_t *water;    /* by face, XW_NONE on land */
    uint32_t *block;    /* by face, XW_NONE outside */
    size_t n_blocks;

    uint32_t *home;   /* by building rank: its block, XW_NONE when it has no land */
    uint8_t *outside; /* by building rank: lies mostly outside the territory */
    uint8_t *bent;    /* by building rank: class of the barrier that it interrupts */
} scene;

typedef struct segments {
    xw_segment *s;
    size_t n, cap;
} segments;
/* Adds a segment unless its ends are equal. */
xw_status segments_add(segments *l, xw_pt a, xw_pt b, uint32_t tag, xw_error *err);

/* Nodes, faces, labels and blocks. */
xw_status scene_create(scene *s, xw_error *err);
void scene_finish(scene *s);

/* scene_order.c: the canonical order of buildings, independent of the input order. */
xw_status scene_order_buildings(scene *s, xw_error *err);
/* scene_gaps.c: adds segments that join road ends to roads within 3 m. */
xw_status scene_close_gaps(scene *s, segments *out, xw_error *err);
/* scene_cover.c: which building, division and water covers each face. */
xw_status scene_cover(scene *s, xw_error *err);
/* scene_slivers.c: merges narrow blocks without buildings. */
xw_status scene_slivers(scene *s, xw_error *err);
/* scene_lanes.c: marks long dead ends. */
xw_status scene_lanes(scene *s, xw_error *err);
/* scene_blocks.c: which edges bound blocks, and the blocks. */
xw_status scene_blocks(scene *s, xw_error *err);

/* The class that counts where several barriers run along one edge, smallest first: administrative
 * boundaries, then what nobody can cross, then the larger road. */
static inline unsigned class_strength(unsigned cls)
{
    if (cls == XW_CLASS_NONE) return 1000;
    if (cls == XW_CLASS_DIVISION) return 0;
    return (xw_class_get(cls)->hard ? 100 : 200) + cls;
}

static inline const xw_building *scene_building(const scene *s, uint32_t rank)
{
    return &s->t->buildings[s->order[rank]];
}
static inline xw_status scene_note(scene *s, const char *kind, uint32_t rank, xw_pt at,
                                   const char *text, xw_error *err)
{
    return xw_territory_find(s->notes, kind, "buildings",
                             xw_territory_text(s->t, scene_building(s, rank)->source), at, err,
                             "%s", text);
}
/* Some vertex of a building, where findings are placed. */
static inline xw_pt scene_building_at(const scene *s, uint32_t rank)
{
    return s->t->pts[s->t->rings[scene_building(s, rank)->area.first_ring].first];
}

#endif
