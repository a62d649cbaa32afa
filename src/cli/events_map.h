/* Which column says which field of an event, and an event's JSON from a row. */
#ifndef XW_CLI_EVENTS_MAP_H
#define XW_CLI_EVENTS_MAP_H

#include "csv.h"

#include "xiwang/json.h"

#include <glib.h>

enum { EVENTS_FIELDS = 13, EVENTS_PARTS = 4 };

typedef enum events_order { ORDER_NONE, ORDER_MDY, ORDER_DMY, ORDER_YMD } events_order;

/* One field: a constant, or columns whose texts are joined with a blank. */
typedef struct events_source {
    const char *set;    /* borrowed, or NULL */
    const char *wanted; /* COLUMN[+COLUMN] as it was asked for, or NULL */
    size_t columns[EVENTS_PARTS];
    size_t n;
} events_source;

typedef struct events_map {
    events_source fields[EVENTS_FIELDS];
    events_order order;
    GTimeZone *zone; /* of times that say none; NULL: UTC */
    GIConv from;     /* NULL: UTF-8 */
    bool cut;        /* texts that are too long are cut */
    char source[65]; /* when none is said: name of the file */
    size_t n_columns;
} events_map;

/* Position of a field by its name, or EVENTS_FIELDS. */
size_t xw__events_field(const char *name);
/* "FIELD=REST" of an option. XW_USAGE names what is wrong, a personal field too. */
xw_status xw__events_assign(events_map *m, const char *text, bool constant, xw_error *err);
/* Finds the columns in the header, those that nobody named by their usual names. @p unread gets the
 * others, one line. XW_USAGE for a column that is not there or is about persons. */
xw_status xw__events_resolve(events_map *m, const csv *header, xw_buf *unread, xw_error *err);
/* The text of a field in a row, "" when there is none. */
xw_status xw__events_text(const events_map *m, size_t field, const csv *row, xw_buf *out,
                          xw_error *err);
/* The JSON of a row. A row without an id of its own gets one of its content. XW_INPUT: what is
 * wrong with it. @p place: longitude and latitude that go before those of the row, or NULL */
xw_status xw__events_row(const events_map *m, const csv *row, const double place[2], xw_buf *out,
                         xw_error *err);
/* A time as tables have it, as RFC 3339. False: it is none. */
bool xw__events_time(const events_map *m, const char *text, char out[40]);

#endif
