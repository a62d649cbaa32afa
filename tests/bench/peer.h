/* The peer in point location: a GEOS STRtree over prepared polygons, all built before the first
 * lookup. One thread at a time. */
#ifndef XW_BENCH_PEER_H
#define XW_BENCH_PEER_H

#include "cover.h"

typedef struct bench_peer bench_peer;

xw_status bench_peer_create(const bench_cover *c, bench_peer **out, xw_error *err);
void bench_peer_destroy(bench_peer *p);

/* Label of a polygon that has the point inside or on its boundary, 0 for none. */
uint32_t bench_peer_find(bench_peer *p, xw_pt at);

/* Is the point inside polygon `label`, or on its boundary (`closed`)? */
bool bench_peer_has(bench_peer *p, uint32_t label, xw_pt at, bool closed);

/* Polygons that GEOS calls invalid. */
size_t bench_peer_invalid(const bench_peer *p);

#endif
