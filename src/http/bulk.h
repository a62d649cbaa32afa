/* What the files of the bulk formats share. */
#ifndef XW_HTTP_BULK_H
#define XW_HTTP_BULK_H

#include "internal.h"
#include "xiwang/bulk.h"

#include <string.h>

enum {
    BULK_BATCH = 512,        /* points that are looked up at once */
    BULK_WRITE_FROM = 65536, /* bytes that are handed out together */
    BULK_COLUMNS_MAX = 256,
    BULK_ID_MAX = 256, /* bytes of a member "id" */
};

/* Where in a JSON text the next byte stands. */
typedef enum bulk_state {
    BULK_START,
    BULK_ELEMENT_OR_END, /* behind '[' */
    BULK_ELEMENT,        /* behind ',' */
    BULK_IN_ELEMENT,
    BULK_AFTER_ELEMENT,
    BULK_MEMBER_OR_END, /* of the object round the features: behind '{' */
    BULK_MEMBER,        /* behind ',' */
    BULK_IN_KEY,
    BULK_COLON,
    BULK_VALUE,
    BULK_IN_VALUE,
    BULK_AFTER_VALUE,
    BULK_WHOLE, /* one object, gathered */
    BULK_DONE
} bulk_state;

typedef struct bulk_walk { /* over one JSON value, byte by byte */
    unsigned depth;
    bool in_string, escaped, scalar;
} bulk_walk;

typedef struct bulk_csv {
    char *line, *cut; /* a line with its NUL, and a copy that the fields point into */
    char *field[BULK_COLUMNS_MAX];
    int n_fields, n_columns;
    int x, y, accuracy, floor, time;
    uint32_t n_levels; /* that have a column */
    bool has_header;
} bulk_csv;

typedef struct bulk_tail {
    size_t n;
    char text[160];
} bulk_tail;

struct xw_bulk {
    const xw_snapshot *s; /* of the point that is answered */
    const xw_model *m;
    const xw_snapshot *home; /* of points without a time */
    int64_t valid_until;     /* of s */
    xw_bulk_how how;
    bool batches;  /* points may be looked up together */
    bool any;      /* an element stands before */
    bool skipping; /* the rest of a line that is too long */
    bool has_features, is_collection;
    bool write_failed; /* whatever its status: no fault of a line */
    bulk_state state;
    bulk_walk walk;
    xw_buf pending; /* the piece of an item whose end is still to come */
    xw_buf key;     /* of the member that is read */
    xw_buf out;
    uint64_t n_points, n_errors, line;
    uint64_t declared; /* points of a binary body */
    unsigned kind;     /* of a binary body */
    bool has_head;
    xw_error failed;    /* what ended it */
    xw_error first_bad; /* line */
    bulk_csv csv;
    bulk_tail nobody;                                    /* the whole short answer outside */
    bulk_tail tails[XW_LEVELS_MAX][XW_RULE_OUTSIDE + 1]; /* made when first needed */
    size_t n_batch;
    xw_pt batch[BULK_BATCH];
    xw_brief brief[BULK_BATCH];
};

/* bulk_scan.c: numbers and points out of JSON text. Each returns where it ended, or NULL. */
const char *bulk_scan_space(const char *p, const char *end);
/* [number,number] without anything else. */
const char *bulk_scan_pair(const char *p, const char *end, double *x, double *y);
/* [number,number] in degrees as the lattice has them: decimals that are exact there and in range.
 * The point is the one that xw_pt_from_deg() makes of the numbers. */
const char *bulk_scan_exact(const char *p, const char *end, xw_pt *out);
/* {"lon":number,"lat":number} with "accuracy" and "floor", in any order, and nothing else. */
const char *bulk_scan_object(const char *p, const char *end, xw__point *out);
/* Goes on through a value. @return where it ends, or NULL when end comes first */
const char *bulk_walk_on(bulk_walk *w, const char *p, const char *end, bool *too_deep);

/* bulk_json.c, bulk_lines.c, bulk_csv.c, bulk_features.c, bulk_binary.c */
xw_status bulk_feed_json(xw_bulk *b, const char *p, const char *end, xw_error *err);
xw_status bulk_end_json(xw_bulk *b, xw_error *err);
xw_status bulk_feed_lines(xw_bulk *b, const char *p, const char *end, xw_error *err);
xw_status bulk_end_lines(xw_bulk *b, xw_error *err);
xw_status bulk_feed_binary(xw_bulk *b, const char *p, const char *end, xw_error *err);
xw_status bulk_end_binary(xw_bulk *b, xw_error *err);
xw_status bulk_line_csv(xw_bulk *b, const char *p, size_t n, xw_error *err);
xw_status bulk_feature(xw_bulk *b, const char *p, size_t n, xw_error *err);

/* bulk_write.c */
xw_status bulk_flush_batch(xw_bulk *b, xw_error *err);
/* Answers a point in the format; @p id (JSON text) may be NULL. XW_INPUT when it cannot be. */
xw_status bulk_answer(xw_bulk *b, const xw__point *p, const char *id, xw_error *err);
/* Are the points of the body exact ones in degrees, with short answers? */
static inline bool bulk_is_exact(const xw_bulk *b) { return b->batches && b->how.short_answer; }
/* Answers such a point. */
static inline xw_status bulk_exact(xw_bulk *b, xw_pt at, xw_error *err)
{
    b->batch[b->n_batch++] = at;
    b->n_points++;
    return b->n_batch == BULK_BATCH ? bulk_flush_batch(b, err) : XW_OK;
}
/* The same for a line or a feature where only the short answer is wanted. */
xw_status bulk_brief(xw_bulk *b, const xw__point *p, xw_brief *out, xw_error *err);
/* Goes to the revision that a point is for. */
xw_status bulk_turn(xw_bulk *b, const xw__point *p, xw_error *err);
/* A line that could not be answered; counts it. */
xw_status bulk_bad_line(xw_bulk *b, const xw_error *why, xw_error *err);
void bulk_note_bad(xw_bulk *b, const char *what, uint64_t number, const xw_error *why);
/* Hands out what is ready when that is much, or @p all. */
xw_status bulk_write_out(xw_bulk *b, bool all, xw_error *err);
void bulk_comma(xw_bulk *b);
void bulk_put_probability(xw_buf *out, double v);

#endif
