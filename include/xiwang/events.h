/**
 * @file events.h
 * Events: what happened where, bound for ever to the grids that were responsible then.
 *
 * The store is one SQLite file (WAL). A single writer thread takes whatever waits, writes it in one
 * transaction and wakes everybody whose event is in it, so that many requests share one sync of the
 * disk. With synchronous=FULL SQLite syncs the log before a commit returns, so an event that was
 * acknowledged survives a crash of the program, of the system and a loss of power. Ids count
 * without gaps in the order of the commits; the newest row is never deleted, so no id comes twice.
 *
 * An event is a JSON object with the names of Open311 GeoReport v2 where that has one:
 *
 *     service_code        what it is about, 1 to 64 bytes; needed
 *     lat, long           numbers in the CRS (y and x of a projected one); needed
 *     crs                 wgs84, cgcs2000 (the default), gcj02, bd09 or EPSG:n
 *     accuracy            metres from 0 to XW_ACCURACY_MAX_M
 *     floor               whole number from -1000 to 1000
 *     requested_datetime  RFC 3339, kept to the second; when absent, when it was received
 *     source, source_event_id   both or neither: unique together
 *     status              open (the default) or closed
 *     address_string      at most 255 characters
 *     description         at most 500 characters; never in tiles
 *     jurisdiction_id     read over
 *
 * Fields about persons are refused by name (xw_event_field_is_personal), unknown ones too: what is
 * not stored is not taken silently. The point is bound with the custody rule on and the nearest
 * grid within XW_EVENT_NEAREST_M; further out the event is refused (its rule would be "outside").
 *
 * The answer to an event is made once and kept, and a repeat (same Idempotency-Key, or same source
 * and source_event_id) gets the same bytes. It has no raw coordinates: these are columns of their
 * own, which expire by policy while the binding stays.
 *
 * Threads: internally locked, share freely; a batch and a reader belong to one thread at a time.
 *
 * Layer: events.
 */
#ifndef XW_EVENTS_H
#define XW_EVENTS_H

#include "xiwang/answer.h"

#define XW_EVENT_NEAREST_M   200.0
#define XW_EVENT_BYTES_MAX   65536  /**< of one event's JSON */
#define XW_EVENTS_BATCH_MAX  100000 /**< events of one batch */
#define XW_EVENTS_PAGE_MAX   1000   /**< events of one page */
#define XW_EVENT_DESCRIPTION 500    /**< characters */

typedef struct xw_events xw_events;

typedef struct xw_events_options {
    uint32_t keep_days;             /**< events go after so many days; 0: never */
    uint32_t coordinates_keep_days; /**< raw coordinates go after so many; 0: never */
    uint32_t ring;    /**< events kept in memory for readers of the stream; 0: 16384 */
    uint32_t beat_ms; /**< between heartbeats of the stream; 0: 15000 */
} xw_events_options;

/** Opens or creates the file and starts the writer, the only one: XW_CONFLICT when another process
 * (or this one) has the file open already. XW_INPUT when it is something else, XW_IO, XW_NOMEM. @p
 * options may be NULL. */
xw_status xw_events_open(const char *path, const xw_events_options *options, xw_events **out,
                         xw_error *err);
/** Writes what waits, ends the writer, closes the file. All batches, readers and streams are done
 *  before. NULL is fine. */
void xw_events_close(xw_events *e);
/** Id of the newest event, 0 when there is none. */
int64_t xw_events_last(xw_events *e);

/** Is this a field about a person, a device or a picture, which is never taken? English or Chinese
 * names; capitals, blanks, - and _ do not count. */
bool xw_event_field_is_personal(const char *name);

typedef enum xw_event_outcome {
    XW_EVENT_CREATED,  /**< durable now */
    XW_EVENT_REPEAT,   /**< known; the answer is the first one */
    XW_EVENT_CONFLICT, /**< a key that belongs to another event; the text says which */
    XW_EVENT_REFUSED,  /**< bad input; the text names the datum */
    XW_EVENT_OUTSIDE,  /**< well formed, but in no grid */
    XW_EVENT_FAILED    /**< the disk or memory */
} xw_event_outcome;

typedef struct xw_event_result {
    xw_event_outcome outcome;
    int64_t id;       /**< of a created or repeated event */
    const char *text; /**< the answer (JSON) or the reason; borrowed from the batch */
    size_t size;
} xw_event_result;

typedef struct xw_events_batch xw_events_batch;

/** An empty batch, freed by xw_events_batch_destroy. @p e NULL: events are only read and bound, the
 * batch is never submitted. */
xw_status xw_events_batch_create(xw_events *e, xw_events_batch **out, xw_error *err);
/** Reads and binds one event. What is wrong with it becomes its result, not a failure.
 *  @param key      of Idempotency-Key, or NULL
 *  @param now_unix when it was received
 *  @return XW_LIMIT for more than XW_EVENTS_BATCH_MAX events, XW_NOMEM */
xw_status xw_events_batch_add(xw_events_batch *b, const xw_snapshot *s, const char *json, size_t n,
                              const char *key, int64_t now_unix, xw_error *err);
/** Hands the batch to the writer. @p done is called once from the writer's thread when it is
 * durable or has failed; until then the batch is the writer's. NULL: use xw_events_batch_wait. */
void xw_events_batch_submit(xw_events_batch *b, void (*done)(void *user), void *user);
void xw_events_batch_wait(xw_events_batch *b);
size_t xw_events_batch_size(const xw_events_batch *b);
xw_event_result xw_events_batch_result(const xw_events_batch *b, size_t i);
/** The rule (xw_rule_text) by which an event is bound, "" when it is refused. */
const char *xw_events_batch_rule(const xw_events_batch *b, size_t i);
/** Not between submit and done. NULL is fine. */
void xw_events_batch_destroy(xw_events_batch *b);

/** What to list; zero and NULL mean any. */
typedef struct xw_events_filter {
    int64_t after;    /**< ids above */
    const char *grid; /**< code: the grid and everything below it */
    const char *category, *status;
    bool has_from, has_to, has_box;
    int64_t from, to; /**< requested_datetime in [from, to) */
    xw_box box;       /**< closed; events whose coordinates have expired are not found by it */
    uint32_t limit;   /**< 1 to XW_EVENTS_PAGE_MAX */
} xw_events_filter;

/** Writes the events in the order of their ids as JSON values into the open array @p j. @p last is
 * the id to go on after, 0 when this was the end. Ids come in the order of the commits, so going on
 *  is complete and without repeats while events arrive. */
xw_status xw_events_list(xw_events *e, const xw_events_filter *f, xw_json *j, size_t *n,
                         int64_t *last, xw_error *err);
/** One event with its text and coordinates. XW_NOT_FOUND. */
xw_status xw_events_get(xw_events *e, int64_t id, xw_json *j, xw_error *err);

/** A subscriber of the stream of events (text/event-stream). It pulls: what it has not read costs
 *  nothing. Who has once caught up and then falls behind the ring gets the mark "resync" and the
 *  end; a new reader from that id goes on from the file. */
typedef struct xw_events_reader xw_events_reader;

/** Both are called under the lock of the stream and must not call back. */
typedef struct xw_events_hooks {
    void (*sleep)(void *user); /**< there is nothing to read: xw_events_reader_read returns 0 */
    void (*wake)(void *user);  /**< there is again; from another thread, once for each sleep */
    void *user;
} xw_events_hooks;

/** @param after  id of the last event known; -1: only what comes from now on
 *  @param grid   only this subtree, or NULL */
xw_status xw_events_reader_open(xw_events *e, int64_t after, const char *grid,
                                const xw_events_hooks *hooks, xw_events_reader **out,
                                xw_error *err);
/** Bytes put to @p out; 0: nothing now, the hook sleep was called; -1: the end. */
int64_t xw_events_reader_read(xw_events_reader *r, char *out, size_t size);
void xw_events_reader_close(xw_events_reader *r);
/** Ends every reader, also those to come: wakes the sleeping ones. */
void xw_events_end_readers(xw_events *e);

#endif
