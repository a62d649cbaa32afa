/**
 * @file timeline.h
 * All revisions of a store over time: the newest, and those it replaced.
 *
 * A published revision is immutable. The store holds the newest; the ones before it are kept in the
 * folder STORE.history as 0001.gpkg, 0001.gpkg.snapshot and so on, the number being the revision's.
 * In force at a time is the revision with the largest effective time that is not later, of equals
 * the one with the highest number; it stays so until the next effective time. A revision whose
 * effective time is yet to come is scheduled: it is not in force, although it is the newest.
 *
 * The facts of every revision are read when the timeline is opened. The newest is mapped then, the
 * others when they are first asked for; a snapshot that is missing, damaged or of another format
 * version is compiled again from the store beside it. A kept file that cannot be read is left out
 * and is a problem (xw_timeline_problems): it never stops the others.
 *
 * Readers pin a revision and keep its mapping as long as they hold the pin, whatever is published
 * meanwhile. There is no clock here: the caller says which time it means.
 *
 * Threads: pin, release, list and problems from any number of threads at once; refresh too, one
 * works and the others wait. Layer: timeline.
 */
#ifndef XW_TIMELINE_H
#define XW_TIMELINE_H

#include "xiwang/answer.h"
#include "xiwang/job.h"
#include "xiwang/snapshot.h"
#include "xiwang/when.h"

#define XW_TIME_OPEN_END XW_ANSWER_OPEN_END /**< valid until nobody knows when */

typedef struct xw_timeline xw_timeline;

typedef struct xw_revision {
    uint32_t number;
    int64_t effective_unix; /**< from when it is in force, seconds */
    int64_t valid_until;    /**< until when: effective time of the next, or XW_TIME_OPEN_END. Equal
                                 to effective_unix when one with a higher number begins with it */
    char published[XW_WHEN_TEXT]; /**< RFC 3339 */
    uint64_t households;
    uint64_t n_grids; /**< of all levels */
    uint64_t digest;  /**< of the content, as in the store (store.h) */
} xw_revision;

/** A revision held open. Zeroed: none. */
typedef struct xw_pin {
    const xw_revision *revision; /**< borrowed from the pin */
    const xw_snapshot *snapshot; /**< the same */
    xw_box box;                  /**< of the territory */
    void *held;
} xw_pin;

/**
 * Opens a store with its history, or a compiled snapshot alone.
 * @param job  copied (what it points to stays the caller's): for snapshots that are compiled, now
 *             or later
 * @return as xw_store_read and xw_snapshot_write for the newest revision. Cost: a few milliseconds
 *         a kept revision, and the mapping of the newest
 */
xw_status xw_timeline_open(const char *store, const xw_job *job, xw_timeline **out, xw_error *err);
/** A timeline of one revision. Takes @p s, also on failure. */
xw_status xw_timeline_of_snapshot(xw_snapshot *s, xw_timeline **out, xw_error *err);
/** All pins must have been released. NULL is fine. */
void xw_timeline_close(xw_timeline *t);

/**
 * Looks at the files again and serves what was published since. A new store that cannot be read
 * changes nothing: the revisions that were served stay, the failure is a problem until it is
 * mended.
 * @param patient  a snapshot that does not fit the new store is not compiled yet, because whoever
 *                 published is perhaps about to rename it too
 * @param changed  another set of revisions is served now
 * @return XW_OK also when nothing is new, and when the same damaged file was told before;
 *         XW_CONFLICT: patiently waiting; else why the new store is not served
 */
xw_status xw_timeline_refresh(xw_timeline *t, bool patient, bool *changed, xw_error *err);

/**
 * Pins the revision in force at a time.
 * @return XW_NOT_FOUND before the first, whose time the text names; XW_CONFLICT while it is being
 *         compiled by a watch: ask again; what xw_timeline_open returns when it has to be compiled
 *         and cannot. *out is zeroed then
 */
xw_status xw_timeline_pin_at(xw_timeline *t, int64_t unix_s, xw_pin *out, xw_error *err);
/** Pins a revision by its number; XW_NOT_FOUND when there is no such one. */
xw_status xw_timeline_pin_number(xw_timeline *t, uint32_t number, xw_pin *out, xw_error *err);
/** Pins the newest, in force or not. */
xw_status xw_timeline_pin_newest(xw_timeline *t, xw_pin *out, xw_error *err);
/** Zeroes the pin; a zeroed one is fine. */
void xw_pin_release(xw_pin *pin);

/** All revisions by effective time and number, an array that the caller frees. */
xw_status xw_timeline_list(xw_timeline *t, xw_revision **out, size_t *n, xw_error *err);
/** Index in such a list of the one in force, or n. */
size_t xw_revision_in_force(const xw_revision *list, size_t n, int64_t unix_s);
/** "past", "in force" or "scheduled" for an index of a list of @p n where @p now is in force. */
const char *xw_revision_state_text(size_t ix, size_t n, size_t now);
/** What is wrong: kept files that are left out, a new store that is not served. One line each,
 * appended to @p out (may be NULL). @return their number */
size_t xw_timeline_problems(xw_timeline *t, xw_buf *out);

/** A thread that looks at the files four times a second and compiles what readers wait for. While
 * it runs, nobody else compiles: they get XW_CONFLICT. Start and stop it while nobody uses the
 * timeline.
 */
typedef struct xw_timeline_watch xw_timeline_watch;
/** @param tell  called from that thread with one line for news and problems; may be NULL */
xw_status xw_timeline_watch_start(xw_timeline *t, void (*tell)(void *user, const char *line),
                                  void *user, xw_timeline_watch **out, xw_error *err);
/** Returns at once, or when a compilation has been cancelled or ended. NULL is fine. */
void xw_timeline_watch_stop(xw_timeline_watch *w);

/**
 * Opens the newest revision of a store alone, or a compiled snapshot. The snapshot beside a store
 * is used when it is whole and the store's, else it is compiled again; where the folder cannot be
 * written, in a file that disappears with the process.
 */
xw_status xw_revision_open(const char *store, const xw_job *job, xw_snapshot **out, xw_error *err);

#endif
