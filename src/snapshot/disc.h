/* Which label has how much of a disc? Internal. */
#ifndef XW_SNAPSHOT_DISC_H
#define XW_SNAPSHOT_DISC_H

#include "xiwang/locate.h"

typedef struct disc_share {
    uint32_t label; /* 0: outside */
    double share;   /* of the disc's area, in (0, 1] */
    double distance_m;
} disc_share;

/* The labels that share the disc, ascending, each once. @p out is owned by the caller, free(). */
xw_status xw__disc_shares(const xw_locator *l, xw_pt at, double radius_m, disc_share **out,
                          size_t *n, xw_error *err);

#endif
