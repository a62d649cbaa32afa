/* Shared by the files of the check. */
#ifndef XW_GRIDS_CHECKING_H
#define XW_GRIDS_CHECKING_H

#include "xiwang/check.h"
#include "xiwang/outline.h"

typedef struct xw__checker {
    const xw_model *m;
    xw_check_report *out;
    xw_edge_index edges;
    xw_error *err;
    bool failed; /* no memory for a line or a spot */
} xw__checker;

/* Appends a line and returns its index (0 after a failure). */
uint32_t xw__check_line_add(xw__checker *c, bool hard, const char *unit, double value,
                            const char *key, const char *text, const char *zh);
/* Adds to the value of a line and notes the place. */
void xw__check_hit(xw__checker *c, uint32_t line, double amount, xw_pt at, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Notes an accepted exception to a line. */
void xw__check_except(xw__checker *c, uint32_t line, xw_pt at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The assignment before anything else is trusted; reads no index without looking. */
void xw__check_assignment(xw__checker *c);
xw_status xw__check_map(xw__checker *c);
xw_status xw__check_buildings(xw__checker *c);
void xw__check_caps(xw__checker *c);
void xw__check_codes(xw__checker *c);
xw_status xw__check_grids(xw__checker *c);
xw_status xw__check_roads(xw__checker *c);
xw_status xw__check_lineage(xw__checker *c);
xw_status xw__check_metrics(xw__checker *c);

/* Is the shared boundary of an edge closed to people? */
static inline bool xw__edge_shut(const xw_edge *e)
{
    return xw_class_get(e->cls)->hard && !(e->flags & XW_EDGE_CROSSED);
}

#endif
