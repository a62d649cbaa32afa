/**
 * @file input.h
 * What a store was made of, kept beside it ("li.gpkg" -> "li.gpkg.input"), so that the next
 * revision needs only what has changed: the territory as it was imported, and the options of the
 * plots and of the boundary costs, which the store itself does not say.
 *
 * Arrays of plain structs as they are in memory, with a digest. It belongs to the program's version
 * and to the kind of machine that wrote it; whoever has none gives all inputs again. A file may
 * come from anybody: every span, index, text and coordinate is checked.
 *
 * Cost: about 400 bytes and 0.5 us a building to write, the same to read. Threads: freely, for
 * different files.
 */
#ifndef XW_INPUT_H
#define XW_INPUT_H

#include "xiwang/model.h"
#include "xiwang/plots.h"

typedef struct xw_input_rules {
    xw_plots_options plots;
    uint32_t priced; /**< as in xw_grids_config */
    float cost[XW_CLASS_COUNT];
} xw_input_rules;

/** Tells which model an input belongs to: of its plots, units, buildings and edges, whatever their
 *  grids. */
uint64_t xw_input_stamp(const xw_model *m);

/** Replaces the file at @p path. @return XW_IO with path and reason; XW_LIMIT, XW_NOMEM */
xw_status xw_input_write(const xw_territory *t, const xw_input_rules *rules, uint64_t stamp,
                         const char *path, xw_error *err);

/**
 * @param stamp  of the model it must belong to
 * @param out    an uninitialised territory; the caller finishes it, also after a failure (empty)
 * @return XW_NOT_FOUND without a file; XW_INPUT when it is damaged, of another version, or belongs
 * to another model; XW_IO; XW_NOMEM
 */
xw_status xw_input_read(const char *path, uint64_t stamp, xw_territory *out, xw_input_rules *rules,
                        xw_error *err);

/** Path of the input of a store, appended to @p out. */
void xw_input_path(const char *store, xw_buf *out);

#endif
