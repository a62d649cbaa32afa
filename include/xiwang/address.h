/**
 * @file address.h
 * Who is responsible at an address? Door numbers and names of buildings are searched over the
 * addresses of a revision, in Chinese and Latin letters, by whole text, by its beginning, and with
 * wrong characters.
 *
 * Texts are folded before they are compared. Full-width forms, capitals and accents do not count.
 * Chinese numerals before a mark of a number are digits (十二号 is 12号). The marks 号 幢 栋 座
 * 单元 室 户 房 and #, - and / between numbers only part numbers: 和平路12号3栋2单元501室 is
 * 和平路12-3-2-501. 8层, and 楼 after another number, say the floor. A number before Latin words
 * goes behind them (30 Hudson St is Hudson Street 30). A division named at the beginning (or, after
 * a comma or in Latin letters, at the end) chooses among equal addresses.
 *
 * An index holds the terms of the folded texts in SQLite's FTS5, as bytes that are the same in
 * memory and in a file; every reader has a connection of its own to the same bytes, so nothing is
 * locked while searching. What the terms find is scored exactly, by the Levenshtein distance of the
 * folded texts: 1 is equality, and every wrong character costs 1/length. A wrong number costs half
 * a character more, so that of two texts as near the one with the right number stands first. More
 * numbers than the address has are a door of it; 3 or 4 digits of a door say the floor.
 * The beginning of a text scores less than 0.95 with a number in it (a compound and its buildings),
 * less than 0.7 without. For
 * a text that is an address, or a door of one, nothing that is only alike is looked for.
 *
 * The index knows texts, not grids: it depends on the addresses and names of buildings only
 * (xw_address_key), so revisions that share these share it, and the grid is that of the revision.
 *
 * Threads: an index and a registry are internally locked, share freely. Layer: address.
 */
#ifndef XW_ADDRESS_H
#define XW_ADDRESS_H

#include "xiwang/answer.h"
#include "xiwang/job.h"
#include "xiwang/snapshot.h"
#include "xiwang/timeline.h"

#define XW_ADDRESS_MATCHES_MAX 20
#define XW_ADDRESS_BYTES_MAX   255    /**< of a text that is searched for */
#define XW_ADDRESS_NEAR_M      300.0  /**< how far from a coordinate a bare number is looked for */
#define XW_ADDRESS_DECIDE_M    1000.0 /**< a coordinate chooses among equal addresses so near */

typedef struct xw_address_index xw_address_index;

/** What an index depends on: texts of addresses and names of buildings, in order. Linear. */
uint64_t xw_address_key(const xw_model *m);
/** Builds an index. @p job may be NULL. XW_CANCELLED, XW_LIMIT (SQLite), XW_NOMEM. */
xw_status xw_address_index_build(const xw_model *m, const xw_job *job, xw_address_index **out,
                                 xw_error *err);
/** Maps a saved index. XW_NOT_FOUND; XW_CONFLICT when its key is another; XW_INPUT when it is
 *  damaged, of another version or something else; XW_IO, XW_NOMEM. */
xw_status xw_address_index_open(const char *path, uint64_t key, xw_address_index **out,
                                xw_error *err);
/** Saves it, whole or not at all, over what is there. */
xw_status xw_address_index_save(const xw_address_index *ix, const char *path, xw_error *err);
/** Bytes it takes. */
size_t xw_address_index_size(const xw_address_index *ix);
void xw_address_index_destroy(xw_address_index *ix);

/** One address that was found. */
typedef struct xw_address_match {
    uint32_t address;  /**< index into the model, XW_NONE: found by the name of the building */
    uint32_t building; /**< index, XW_NONE when the address is in none */
    uint32_t plot;     /**< of the building, else of the place; XW_NONE outside */
    uint32_t grid;     /**< finest, when there is only one in that plot, else XW_NONE */
    double score;      /**< 1: equal, else less; see above */
    double distance_m; /**< to the coordinate that was given, else 0 */
    xw_pt at;
    bool has_floor;
    int floor; /**< that the text says */
} xw_address_match;

typedef struct xw_address_query {
    const char *text;
    size_t n;      /**< bytes of text */
    bool has_near; /**< a coordinate is known too */
    xw_pt near;
} xw_address_query;

/** Who decided between several. */
typedef enum xw_address_choice {
    XW_ADDRESS_CLEAR,     /**< the first is clearly best, or all equal ones have one grid */
    XW_ADDRESS_BY_NEAR,   /**< the coordinate chose among equal ones */
    XW_ADDRESS_AMBIGUOUS, /**< nothing decides: nobody is named */
} xw_address_choice;

typedef struct xw_address_found {
    xw_address_match matches[XW_ADDRESS_MATCHES_MAX]; /**< best first, of equal ones the nearest */
    uint32_t n;
    xw_address_choice choice;
} xw_address_found;

/**
 * Searches.
 * @return XW_INPUT for a text that is empty, too long, no UTF-8 or has a control character, saying
 *         which and where; XW_NOT_FOUND when nothing is alike; XW_NOMEM, XW_IO
 */
xw_status xw_address_search(xw_address_index *ix, const xw_snapshot *s, const xw_address_query *q,
                            xw_address_found *out, xw_error *err);

/** The answer for a match: the plot of its building (else of its place), the floor of @p q if it
 *  says one, else that of the text. The rule is XW_RULE_ADDRESS unless the address is outside. */
xw_status xw_address_answer(const xw_snapshot *s, const xw_address_match *m, const xw_query *q,
                            xw_answer *out, xw_error *err);
/** A match as JSON object: score, kind ("address" or "building"), text, location {lon, lat},
 *  distance_m (to the coordinate), building_id, units [unit_id …] (of the floor, if one is said),
 *  floor, division {code, name}, levels {"zone": {code, name} …} as far as they are certain. */
void xw_address_match_json(const xw_snapshot *s, const xw_address_match *m, bool with_distance,
                           xw_json *j);
/** What was found as JSON object: used (it decided the answer), choice ("clear", "coordinate" or
 *  "ambiguous"), matches [as above]. NULL: nothing was. */
void xw_address_found_json(const xw_snapshot *s, const xw_address_found *found, bool used,
                           bool with_distance, xw_json *j);
/**
 * The whole answer as JSON object: that of xw_answer_json_some with the member address. When nobody
 * is named (@p a is NULL: ambiguous and no coordinate) rule is "ambiguous", certain_to null, levels
 * empty and candidates too.
 */
void xw_address_answer_json(const xw_snapshot *s, const xw_answer *a, const xw_address_found *found,
                            bool used, bool with_distance, int64_t valid_until, unsigned fields,
                            xw_json *j);

/**
 * What is asked for with an address, a coordinate or both: an address beats a coordinate. The
 * coordinate answers only when the address is not found or stays ambiguous.
 * @param ix     of the revision
 * @param text   the address, @p n bytes
 * @param point  has_point: the coordinate and all else that is asked
 * @param found  n is 0 when nothing was found
 * @param used   the address decided
 * @param named  somebody is named in @p out
 * @return XW_NOT_FOUND when nothing was found and there is no coordinate; else as
 *         xw_address_search and xw_answer_locate
 */
xw_status xw_address_locate(xw_address_index *ix, const xw_snapshot *s, const char *text, size_t n,
                            const xw_query *point, bool has_point, xw_address_found *found,
                            bool *used, bool *named, xw_answer *out, xw_error *err);

/**
 * The indexes of the revisions of a timeline that somebody asked for. The newest revision's lies in
 * a file beside the store (STORE.addresses), mapped when it is whole and fits, else built and
 * written again; those of other revisions with other addresses are built in memory. The last few
 * are kept.
 */
typedef struct xw_addresses xw_addresses;

/** @param timeline    borrowed, outlives the registry
 *  @param store       path, copied; NULL: no file
 *  @param background  true: a thread builds what is missing and callers are told to come back;
 *                     false: the caller builds it
 *  @param job         copied, for building by the caller; may be NULL */
xw_status xw_addresses_create(xw_timeline *timeline, const char *store, bool background,
                              const xw_job *job, xw_addresses **out, xw_error *err);
/** Everything that was acquired has been released. NULL is fine. */
void xw_addresses_destroy(xw_addresses *a);
/** The index of a revision, kept until it is released. XW_CONFLICT: it is being built, ask again;
 *  else as xw_address_index_build. */
xw_status xw_addresses_acquire(xw_addresses *a, const xw_pin *pin, xw_address_index **out,
                               xw_error *err);
void xw_addresses_release(xw_addresses *a, xw_address_index *ix);

#endif
