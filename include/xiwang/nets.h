/**
 * @file nets.h
 * Several nets over the same land (多网合一): beside the net of the main store those of other
 * stores, each with revisions of its own, answered together by the place and the time of one
 * question.
 *
 * Threads: share freely; open, watch and close while nobody else uses it.
 *
 * Layer: http.
 */
#ifndef XW_NETS_H
#define XW_NETS_H

#include "xiwang/answer.h"
#include "xiwang/timeline.h"

#define XW_NETS_MAX 8 /**< beside the main one */

typedef struct xw_nets xw_nets;

/**
 * Opens stores as xw_timeline_open does.
 * @param main  timeline of the main store, borrowed
 * @return XW_USAGE for more than XW_NETS_MAX, and when two stores, or one and the main one, have
 *         the same net: the text names the store
 */
xw_status xw_nets_open(xw_timeline *main, const char *const *stores, size_t n, const xw_job *job,
                       xw_nets **out, xw_error *err);
/** Ends the watches too; all pins have been released. NULL is fine. */
void xw_nets_close(xw_nets *nets);
/** Looks at the files of all stores but the main one as xw_timeline_watch_start. */
xw_status xw_nets_watch(xw_nets *nets, void (*tell)(void *user, const char *line), void *user,
                        xw_error *err);
/** The key of the main net, and all keys parted by ", ". Borrowed. */
const char *xw_nets_main(const xw_nets *nets);
const char *xw_nets_keys(const xw_nets *nets);
/** The timeline of a net by its key, or NULL. */
xw_timeline *xw_nets_find(const xw_nets *nets, const char *key);
/** Timelines of the others, from 0; NULL behind the last. */
xw_timeline *xw_nets_other(const xw_nets *nets, size_t i);
/**
 * Puts two members more into the JSON object that @p out ends with, the answer of the main net:
 * net, its key, and nets: by their keys the answers (xw_answer_json_some) of the others, null
 * before the first revision.
 * @param a   the answer of the main net: its place and accuracy are asked for
 * @param q   floor, snapping, nearest and custody
 * @param at  when, Unix seconds
 * @return XW_CONFLICT while a revision is being compiled; XW_NOMEM and what opening a revision says
 */
xw_status xw_nets_json(const xw_nets *nets, const xw_answer *a, const xw_query *q, int64_t at,
                       unsigned fields, xw_buf *out, xw_error *err);

#endif
