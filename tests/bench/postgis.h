/* The second peer in point location: PostGIS with a GiST index, in a database on this machine. */
#ifndef XW_BENCH_POSTGIS_H
#define XW_BENCH_POSTGIS_H

#include "cover.h"

typedef struct bench_postgis {
    size_t n_single, n_join; /* points; 0: not measured */
    double single_s;         /* processor time of the server: one prepared SELECT a point */
    double join_s;           /* the same, one join with a table of points */
    double build_s, bytes;   /* table and index */
    size_t differ;           /* answers other than the locator's */
} bench_postgis;

/* Loads the polygons into a temporary table of the database at @p where (libpq's connection
 * string) and asks. XW_USAGE when this program was built without libpq; XW_IO with the
 * server's words. */
xw_status bench_postgis_measure(const char *where, const bench_cover *c, const xw_locator *l,
                                uint64_t seed, bench_postgis *out, xw_error *err);

#endif
