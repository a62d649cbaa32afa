/**
 * @file edit.h
 * Buildings come, go and change: only the plots of the blocks that this touches are made anew.
 *
 * An editor holds a territory, the model that xw_plots_build makes of it, and what is needed to
 * make any few of its blocks again by themselves. An edit takes buildings away and adds others (a
 * building that changes does both). A patch is what an edit does to the plots; it changes nothing.
 * Applying an edit moves the editor on to the model of the edited territory.
 *
 * Blocks touched. Those whose land an old or new footprint comes to within 3 lattice units, and
 * where the last building of a block goes, the blocks around it too, for it may be merged with one
 * of them as a sliver.
 *
 * What is exact. The blocks touched go the same way as the whole territory does (plots.h): the
 * lines, footprints and outlines that touch their land are noded together, labelled, parted and
 * noded again. Snap rounding is local: an edge whose ends are hot pixels is the same whether the
 * segments elsewhere are there or not, so the scene of these blocks is the scene of the whole, edge
 * by edge. On the rim, where the lines between buildings of both sides end, the vertices that the
 * blocks beyond put there stay, those of the old lines go, and those of the new lines come; the
 * edges of the rim, the areas of the plots beyond and the walls that stand on the rim change with
 * them, always both sides at once. So the coverage is exact after any number of edits.
 *
 * Equal to xw_plots_build of the edited territory are all plots, edges, units, buildings and
 * areas, with these exceptions. The first three are smaller than two lattice units (2 cm).
 *  - anchors of the plots beyond the rim stay where they are, and so does their order;
 *  - a vertex on the rim for which lines of both sides may be the reason stays. Where a new vertex
 *    lies in the pixel that an edge beyond the rim passes, or an edge beyond ends at an old one,
 * the block beyond is made anew as well;
 *  - a building without land of its own (others or the lattice cover it) may be given to another
 *    of the plots that meet at its first vertex;
 *  - a plot or an edge is parted differently, in about one of a thousand edits where roads and
 *    footprints lie across each other at random. Edits of the made-up town have not shown it.
 * Texts and findings have the same content in another order.
 *
 * Cost: a patch is O(k log k) in the segments of the blocks touched, whatever the size of the
 * territory; applying also copies the model. The editor needs about three times the memory of its
 * model. Threads: one at a time; a patch runs on the calling thread.
 */
#ifndef XW_EDIT_H
#define XW_EDIT_H

#include "xiwang/plots.h"

typedef struct xw_editor xw_editor;

typedef struct xw_edit {
    const uint32_t *removed; /**< buildings of the editor's model, any order */
    size_t n_removed;
    const xw_territory *added; /**< its buildings come; everything else of it is ignored. May be
                                    NULL */
} xw_edit;

/** A plot next to the blocks touched, whose rim has changed by a vertex. */
typedef struct xw_patch_neighbour {
    uint32_t plot; /**< of the editor's model */
    uint32_t pad;
    double area_m2; /**< what it is with the patch */
} xw_patch_neighbour;

typedef struct xw_patch {
    xw_model part;    /**< the plots that come, with their units, buildings and edges, in canonical
                         order with indices and texts of their own, without grids, lines and addresses.
                         It is a valid model: its plots can be traced (outline.h). Towards plots that
                         stay, the side of an edge is XW_NONE. Block numbers count within the part */
    uint32_t *outer;  /**< by edge of the part: plot of the editor's model beyond it; XW_NONE where
                         both sides are in the part, or the territory ends */
    uint32_t *source; /**< by building of the part: building of the editor's model; from its
                         n_buildings on: those added, in their order */
    uint32_t *gone; /**< plots of the editor's model that the part takes the place of, ascending */
    size_t n_gone;
    xw_patch_neighbour *neighbours; /**< ascending by plot; only those with another area */
    size_t n_neighbours;
    uint32_t n_blocks; /**< blocks touched, before the edit */
    bool whole;        /**< everything was made anew: see xw_editor_patch */
} xw_patch;

/**
 * Builds the model of a territory and keeps what editing needs.
 * @param t  copied
 * @param o  may be NULL; kept for all edits
 * @return what xw_plots_build returns
 */
xw_status xw_editor_create(const xw_territory *t, const xw_plots_options *o, const xw_job *job,
                           xw_editor **out, xw_error *err);
void xw_editor_destroy(xw_editor *e);

/** The model as it is now: byte by byte that of xw_plots_build before the first edit. Borrowed,
 *  valid until the next xw_editor_apply. */
const xw_model *xw_editor_model(const xw_editor *e);
/** Building of the editor's territory (xw_editor_territory) behind a building of the model. */
uint32_t xw_editor_building(const xw_editor *e, uint32_t building);
/** The territory with everything that was ever added. Buildings that were removed are still in it,
 *  but no building of the model is one of them. Borrowed like the model. */
const xw_territory *xw_editor_territory(const xw_editor *e);

/**
 * What an edit does to the plots. Where the blocks touched cannot be made by themselves (their rim
 * is not found again, which no input is known to cause), everything is made anew and `whole` is
 * set. An edit that touches no block (all of it outside) gives an empty part.
 * @return XW_INPUT for a building that is not there or removed twice, a ring of less than 3
 *         vertices, or more buildings than a territory holds; XW_NOMEM
 */
xw_status xw_editor_patch(xw_editor *e, const xw_edit *edit, xw_patch *out, xw_error *err);
void xw_patch_finish(xw_patch *p);

/**
 * Moves the editor on to the edited territory. Plots outside the blocks touched keep everything but
 * their number and their block's number, and the area where they are neighbours. Addresses of
 * removed buildings are without a building afterwards. On failure nothing has changed.
 * @return as xw_editor_patch
 */
xw_status xw_editor_apply(xw_editor *e, const xw_edit *edit, xw_error *err);

/** Buildings, rings and texts that were added and taken back stay in memory: after as many edits as
 *  there are buildings, make a new editor. */

#endif
