/* Made-up addresses over the toy model, for tests of the search: streets of Han and of Latin
 * letters with numbers, some doors, names of buildings. */
#ifndef XW_TEST_STREET_MAP_H
#define XW_TEST_STREET_MAP_H

#include "xiwang/model.h"
#include "xiwang/rng.h"
#include "xiwang/snapshot.h"

/* A toy model with about @p n addresses more. */
void street_map_make(xw_rng *rng, uint32_t n, xw_model *out);
/* Compiles it; the file is gone afterwards. */
xw_snapshot *street_map_snapshot(const xw_model *m);

#endif
