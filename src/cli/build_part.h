/* Which divisions a build is about, and what of the input they need. */
#ifndef XW_CLI_BUILD_PART_H
#define XW_CLI_BUILD_PART_H

#include "xiwang/import.h"
#include "xiwang/model.h"

/* Metres round a division within which buildings and addresses matter to it: a plot reaches 80 m
 * from its building, and a building across the border goes where most of it lies. */
#define XW__PART_MARGIN_M 300.0

typedef struct xw__part {
    const xw_territory *all; /* borrowed: the divisions of the whole */
    uint8_t *wanted;         /* by division of all: has land and is asked for */
    size_t n_wanted;
    xw_import_part in; /* for the import: also the neighbours, whose land ends at their border */
    uint8_t *near;     /* by division: wanted or a neighbour */
    xw_box *built, *lines;
} xw__part;

/* codes: parted by commas; a code of 6, 9 or 12 digits stands for the divisions with land that it
 * names or that lie under it. XW_NOT_FOUND, XW_NOMEM. */
xw_status xw__part_open(const xw_territory *all, const char *codes, xw__part *out, xw_error *err);
void xw__part_close(xw__part *p);
/* Replaces a model of the part and its neighbours by that of the part. */
xw_status xw__part_cut(const xw__part *p, xw_model *m, xw_error *err);

#endif
