/**
 * @file store.h
 * Saved state behind one facade: a GeoPackage that QGIS and ogrinfo open.
 *
 * Layers for people: divisions, plots, units, buildings, edges, barriers, addresses, findings, and
 * one per level (zones, sections, teams), with the columns of table.h and Chinese aliases, in
 * EPSG:4490. Tables named xw_… hold what those columns round or leave out; rows share their number
 * (fid). Nothing is kept twice, so the layers are read back too: a coordinate is the double nearest
 * to the 7-decimal number and comes back exactly.
 *
 * A published revision does not change: a digest of its content lies in xw_revision, and a store
 * that was damaged or edited by another program is refused. Read and written models are equal in
 * content (texts, vertices, numbers, order); where pools keep a text or a vertex may differ.
 *
 * Written whole or not at all: a temporary file beside it, renamed at the end. The same model gives
 * the same bytes. SQLite makes the tables; the rows of the large ones are laid out as its pages
 * here, which takes less than half the time. Cost: about 13 us a plot to write, 8 us to read.
 * Threads: one at a time per call; different files freely.
 */
#ifndef XW_STORE_H
#define XW_STORE_H

#include "xiwang/job.h"
#include "xiwang/model.h"

/**
 * Writes a model as a new store.
 *
 * @param m      borrowed; XW_INPUT when it is not valid (xw_model_validate), has a number that is
 *               not finite, or a level whose layer would bear the name of another
 * @param force  replaces a store that exists; what SQLite left beside it (-wal) goes with it
 * @return XW_EXISTS when there is a file and @p force is false; XW_IO when it cannot be written,
 *         with path and reason; XW_CANCELLED; XW_NOMEM. The old file stays then, and no part of a
 *         new one. file.h says early what would be refused.
 */
xw_status xw_store_write(const xw_model *m, const char *path, bool force, const xw_job *job,
                         xw_error *err);
/**
 * Reads the revision that the file holds. The file may come from anybody: every value and index is
 * checked.
 *
 * @param out  an uninitialised model; the caller finishes it, also after a failure (it is empty)
 * @return XW_NOT_FOUND without a file; XW_INPUT when it is no store, made by a newer version,
 *         damaged or edited, naming path, table and row; XW_IO; XW_NOMEM
 */
xw_status xw_store_read(const char *path, xw_model *out, xw_error *err);
/** What a list of revisions says about one. */
typedef struct xw_store_facts {
    uint32_t revision;
    int64_t effective_unix;
    char published[32];  /**< RFC 3339 */
    uint64_t digest;     /**< of the content, as xw_store_model_digest */
    uint64_t households; /**< in grids */
    uint64_t n_grids;    /**< of all levels */
} xw_store_facts;
/** The facts of the revision in a store, without reading it whole (about a millisecond), so not
 * proven against its digest. Fails as xw_store_read. */
xw_status xw_store_facts_read(const char *path, xw_store_facts *out, xw_error *err);
/** Its digest alone. */
xw_status xw_store_digest(const char *path, uint64_t *out, xw_error *err);
/** The digest of a model as xw_store_digest gives it once written: tells whether a compiled
 * snapshot is that of the store. Linear in the model. */
uint64_t xw_store_model_digest(const xw_model *m);
/** Path of the compiled snapshot of a store ("li.gpkg" -> "li.gpkg.snapshot"), appended to @p out.
 */
void xw_store_snapshot_path(const char *path, xw_buf *out);

#endif
