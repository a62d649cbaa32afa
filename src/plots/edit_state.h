/* What an editor keeps, and one run of the pipeline over a few blocks. Shared inside the layer. */
#ifndef XW_PLOTS_EDIT_STATE_H
#define XW_PLOTS_EDIT_STATE_H

#include "emit.h"
#include "xiwang/cells.h"
#include "xiwang/edit.h"
#include "xiwang/outline.h"

/* A block as the scene has it. Its number in the model is its place in the order of keys. */
typedef struct edit_block {
    xw_pt key_a, key_b; /* the first half-edge of its first face: ends of the edge, and side */
    uint32_t key_side;
    uint32_t first_rim, n_rim; /* edges of the scene with the block on their left; tag 1: another
                                  block on their right, tag 0: the territory ends */
    uint32_t first_tip,
        n_tip; /* where its lines between buildings touch rims and walls, ascending */
    xw_box box;
} edit_block;

typedef struct edit_blocks {
    edit_block *b;
    size_t n;
    xw_segment *rim;
    size_t n_rim, cap_rim;
    xw_pt *tip;
    size_t n_tip, cap_tip;
} edit_blocks;

/* edit_blocks.c: the blocks of a fabric and its scene, in order. */
xw_status edit_blocks_read(const fabric *f, edit_blocks *out, xw_error *err);
void edit_blocks_finish(edit_blocks *b);
int edit_block_order(const edit_block *a, const edit_block *b);
/* Do lines of the block pass through the vertex p of a rim or wall? */
bool edit_block_has_tip(const edit_blocks *all, const edit_block *b, xw_pt p);

typedef struct edit_building {
    xw_box box;
    uint32_t rank;      /* in the model, XW_NONE when it is dead */
    uint32_t mark;      /* the number of the run that saw it last */
    uint8_t dead, fate; /* removed; FATE_OPEN, FATE_OUTSIDE or FATE_LAND */
} edit_building;

struct xw_editor {
    xw_territory t;          /* with everything that was ever added */
    edit_building *building; /* by building of t */
    size_t cap_building;
    uint32_t *order; /* by building of the model: its index in t */
    xw_plots_options options;

    segments lines; /* all that does not change: barriers with closed gaps, areas, and the
                       buildings that were there first; tagged TAG_OF(kind, index in t) */
    xw_cells cells; /* of lines */
    size_t n_first; /* buildings in the cells; those added later are looked through one by one */
    xw_box *area_box[2]; /* by division, by water */
    /* The number of the run that saw it last: by line, by cell, by division and by water. */
    uint32_t *line_mark, *cell_mark, *area_mark[2];
    uint32_t run;

    xw_model model;
    xw_edge_index edges;
    xw_span *plots_of; /* by block of the model */
    edit_blocks blocks;
};

/* An edge of the old rim, piece by piece, with the plots that go on its left. */
typedef struct old_rim {
    xw_pt a, b;
    uint32_t edge, plot; /* of the model: edge, and plot beyond */
} old_rim;

typedef struct edit_run {
    xw_editor *e;
    const xw_edit *edit;
    uint32_t first_added; /* building of e->t */

    /* edit_touch.c */
    uint8_t *touched; /* by block of the model */
    uint32_t *block;  /* those touched */
    uint32_t n_touched;
    xw_box *edited; /* around the footprints that come and go */
    size_t n_edited;
    uint32_t *outsider; /* buildings of e->t without land that the edit may overlap */
    size_t n_outsiders, cap_outsiders;

    /* edit_gather.c */
    segments given; /* lines of the focus without its buildings */
    xw_segment *rim;
    size_t n_rim, cap_rim;
    uint32_t *building; /* by building of the view: index in e->t, ascending */
    size_t n_buildings, cap_buildings;
    xw_building *buildings; /* what the view has as its own */
    xw_water *waters;
    size_t n_waters;
    xw_division *divisions;
    uint8_t *whole[2], *fate;

    /* edit_rim.c */
    old_rim *old; /* ascending by a */
    size_t n_old, cap_old;
    xw_pt *pin; /* where edges between plots that stay end, ascending */
    size_t n_pin, cap_pin;

    /* edit_run.c */
    uint32_t wanted; /* a block beyond that the last attempt needed, XW_NONE */
    xw_territory view, notes;
    xw_model part;
    emit_seam seam;
    edit_blocks blocks;    /* of the part */
    uint32_t *of_building; /* by building of the part: building of e->t */
    uint8_t *part_fate;    /* by building of the part */
} edit_run;

/* edit.c */
xw_status edit_copy_territory(const xw_territory *from, xw_territory *to, xw_error *err);
xw_status edit_index_plots(const xw_model *m, size_t n_blocks, xw_edge_index *edges,
                           xw_span **plots_of, xw_error *err);
uint8_t edit_fate_of(const scene *s, uint32_t rank);

/* The steps of a run, in order. Blocks touched: */
xw_status edit_touch(edit_run *r, xw_error *err);
/* One more, or all around them. */
void edit_touch_block(edit_run *r, uint32_t block);
void edit_touch_around(edit_run *r);
/* The view: buildings and lines that touch the land of these blocks, and their rim. */
xw_status edit_gather(edit_run *r, xw_error *err);
/* The rim as the model has it. */
xw_status edit_old_rim(edit_run *r, xw_error *err);
/* Vertices on the rim that the blocks beyond put there go in among the lines, as points. */
xw_status edit_keep_vertices(edit_run *r, const scene *s, betweens *lines, xw_error *err);
/* What lies beyond each edge of the new rim. */
xw_status edit_find_beyond(edit_run *r, const fabric *f, xw_error *err);

/* Plots beyond the rim, ascending, each once. */
xw_status edit_beyond_plots(const edit_run *r, uint32_t **out, size_t *n, xw_error *err);
/* edit_patch.c: the same with the areas that they have now, only those that change. */
xw_status edit_neighbours(const edit_run *r, xw_patch_neighbour **out, size_t *n, xw_error *err);

/* Adds the buildings of an edit to the territory and marks those that go; taken back again by
 * edit_withdraw. */
typedef struct edit_entry {
    size_t n_buildings, n_rings, n_pts;
} edit_entry;
xw_status edit_enter(xw_editor *e, const xw_edit *edit, edit_entry *out, xw_error *err);
void edit_withdraw(xw_editor *e, const xw_edit *edit, const edit_entry *entry);
/* The territory without its dead buildings. */
xw_status edit_living(const xw_editor *e, xw_territory *out, xw_error *err);

/* Everything together; the buildings added are in e->t from first_added on. XW_CONFLICT: these
 * blocks cannot be made by themselves. */
xw_status edit_run_create(xw_editor *e, const xw_edit *edit, uint32_t first_added, edit_run *out,
                          xw_error *err);
void edit_run_finish(edit_run *r);

/* Is plot p of the model one of those that go? */
static inline bool edit_goes(const edit_run *r, uint32_t p)
{
    return p != XW_NONE && r->touched[r->e->model.plots[p].block];
}

#endif
