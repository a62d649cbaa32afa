/* Every answer of a locator beside the exact parity of the rings, with no index but boxes. */
#ifndef XW_BENCH_ORACLE_H
#define XW_BENCH_ORACLE_H

#include "cover.h"

typedef struct bench_exact {
    size_t n_points;    /* in and around the coverage */
    size_t n_on_lines;  /* of them meant for vertices, and for lattice points of edges */
    size_t n_owned;     /* have an owner */
    size_t n_differ;    /* one by one or in a batch another answer than the rings */
    size_t n_ambiguous; /* more than one owner by the rings: 0 in a coverage */
} bench_exact;

/* A quarter of the points are vertices, or lie on edges where those meet the lattice, else as near
 * to them as it has points. */
xw_status bench_exact_check(const bench_cover *c, const xw_locator *l, uint64_t seed, size_t n,
                            bench_exact *out, xw_error *err);

#endif
