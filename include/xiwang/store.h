/**
 * @file store.h
 * Saved state behind one facade: a GeoPackage that QGIS and ogrinfo open.
 *
 * Layers for people: divisions, plots, units, buildings, edges, barriers, addresses, findings, and
 * one per level (zones, sections, teams), with the columns of table.h and Chinese aliases; plus
 * attribute tables that hold what the model needs to be read back whole. Written whole or not at
 * all: a temporary file beside it, renamed at the end. Threads: one at a time per call; different
 * files freely.
 */
#ifndef XW_STORE_H
#define XW_STORE_H

#include "xiwang/job.h"
#include "xiwang/model.h"

/** XW_EXISTS when there is a file and @p force is false; XW_IO when it cannot be written. */
xw_status xw_store_write(const xw_model *m, const char *path, bool force, const xw_job *job,
                         xw_error *err);
/** Checks early, before long work, what xw_store_write would refuse. */
xw_status xw_store_probe(const char *path, bool force, xw_error *err);
/** Reads the revision in force back; write then read gives an equal model. XW_NOT_FOUND, XW_INPUT.
 */
xw_status xw_store_read(const char *path, xw_model *out, xw_error *err);
/** Digest of the revision in force, without reading it whole. Fails as xw_store_read. */
xw_status xw_store_digest(const char *path, uint64_t *out, xw_error *err);
/** The digest of a model as xw_store_digest gives it once written: tells whether a compiled
 * snapshot is that of the store. Linear in the model. */
uint64_t xw_store_model_digest(const xw_model *m);
/** Path of the compiled snapshot of a store ("li.gpkg" -> "li.gpkg.snapshot"), appended to @p out.
 */
void xw_store_snapshot_path(const char *path, xw_buf *out);

#endif
