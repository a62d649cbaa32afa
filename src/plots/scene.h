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
    uint8_t seam;     /* the rim of a focus towards blocks beyond it: 1 when the focus lies left of
                         half-edge 2e, 2 when of 2e + 1 */
    uint32_t barrier; /* the line that gave the class, or XW_NONE */
} scene_edge;

typedef struct segments {
    xw_segment *s;
    size_t n, cap;
} segments;

enum {               /* what is known of a building before a scene with a focus is made */
       FATE_OPEN,    /* to be found out: it is edited, or its plot lies in the focus */
       FATE_OUTSIDE, /* outside every division, or land of which nothing counts in the focus */
       FATE_LAND,    /* a large divided area: land, with the focus where it counts */
       FATE_BEYOND   /* its plot lies beyond the focus */
};

/* A scene of some blocks only: the buildings of its territory and the lines given here are all that
 * touch the land of these blocks. What they make of the land beyond is nonsense and stays without a
 * block. Borrowed. */
typedef struct scene_focus {
    const segments *lines; /* noded with the buildings, instead of all barriers and areas */
    const xw_segment *rim; /* edges of the scene with the land of the focus on their left; the tag
                              is 1 and the number of the block beyond, 0 where the territory
                              ends */
    size_t n_rim;
    const uint8_t *whole[2]; /* by division and by water: the focus lies inside it, and its outline
                                is not among the lines */
    const uint8_t *fate;     /* by building of the territory */
    const xw_box *edited;    /* where footprints come and go, with what they may act on */
    size_t n_edited;
} scene_focus;

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
    uint8_t *outside; /* by building rank: 1 lies mostly outside the territory, 2 is land */
    uint8_t *bent;    /* by building rank: class of the barrier that it interrupts */

    const scene_focus *focus; /* NULL: the whole territory */
    uint8_t *core;    /* by face: 1 land of the focus, 2 outside every division; NULL without one */
    uint32_t wanted;  /* after XW_CONFLICT: a block beyond that is needed too, or XW_NONE */
    uint32_t *beyond; /* by edge of the seam: the block beyond; NULL without a focus */
} scene;
/* Adds a segment unless its ends are equal. */
xw_status segments_add(segments *l, xw_pt a, xw_pt b, uint32_t tag, xw_error *err);

/* What the finding "building-outside" says. */
#define SCENE_OUTSIDE "lies mostly outside every division; it is not in the map"

/* Nodes, faces, labels and blocks. */
xw_status scene_create(scene *s, xw_error *err);
void scene_finish(scene *s);

/* scene_order.c: the canonical order of buildings, independent of the input order. */
xw_status scene_order_buildings(scene *s, xw_error *err);
/* The same order between two buildings of a territory: < 0 when a comes first. */
int scene_compare_buildings(const xw_territory *t, uint32_t a, uint32_t b);
/* scene_gaps.c: adds segments that join road ends to roads within 3 m. */
xw_status scene_close_gaps(scene *s, segments *out, xw_error *err);
/* scene_cover.c: which building, division and water covers each face. */
xw_status scene_cover(scene *s, xw_error *err);
/* scene_slivers.c: merges narrow blocks without buildings. */
xw_status scene_slivers(scene *s, xw_error *err);
/* scene_lanes.c: marks long dead ends. */
xw_status scene_lanes(scene *s, xw_error *err);
/* scene_focus.c: which faces are land of the focus, and its rim; XW_CONFLICT when the rim is not
 * there or does not close. */
xw_status scene_find_core(scene *s, xw_error *err);
/* May an edit have changed this block of the focus? */
bool scene_is_edited(const scene *s, uint32_t block);
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

/* Does the face count, that is, has the scene no focus, or does the face lie in it? */
static inline bool scene_counts(const scene *s, uint32_t face) { return !s->core || s->core[face]; }
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
