#include "tiles/valid.h"

#include <geos_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static GEOSGeometry *ring_of(GEOSContextHandle_t g, const valid_ring *r)
{
    GEOSCoordSequence *s = GEOSCoordSeq_create_r(g, (unsigned)r->n + 1, 2);
    for (size_t i = 0; s && i <= r->n; i++) {
        const int32_t *p = r->pts + 2 * (i % r->n);
        (void)GEOSCoordSeq_setXY_r(g, s, (unsigned)i, p[0], p[1]);
    }
    return s ? GEOSGeom_createLinearRing_r(g, s) : NULL;
}

/* Consumes the geometries in all cases. */
static GEOSGeometry *put_together(GEOSContextHandle_t g, const valid_ring *rings, size_t n)
{
    GEOSGeometry **parts = calloc(n + 1, sizeof *parts), **holes = calloc(n + 1, sizeof *holes);
    size_t n_parts = 0;
    for (size_t i = 0; parts && holes && i < n;) {
        GEOSGeometry *shell = ring_of(g, &rings[i++]);
        unsigned n_holes = 0;
        while (i < n && rings[i].is_hole) holes[n_holes++] = ring_of(g, &rings[i++]);
        parts[n_parts++] = GEOSGeom_createPolygon_r(g, shell, holes, n_holes);
    }
    GEOSGeometry *all = NULL;
    if (n_parts == 1) {
        all = parts[0];
    } else if (n_parts > 1) {
        all = GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, parts, (unsigned)n_parts);
    }
    free(parts);
    free(holes);
    return all;
}

bool valid_polygon(const valid_ring *rings, size_t n, char why[VALID_WHY_MAX])
{
    why[0] = '\0';
    if (n == 0) return true;
    for (size_t i = 0; i < n; i++) {
        if (rings[i].n < 3 || (i == 0 && rings[i].is_hole)) {
            (void)snprintf(why, VALID_WHY_MAX, "ring %zu has %zu vertices or no outer ring", i,
                           rings[i].n);
            return false;
        }
    }
    GEOSContextHandle_t g = GEOS_init_r();
    GEOSGeometry *all = put_together(g, rings, n);
    const bool ok = all && GEOSisValid_r(g, all) == 1;
    if (!ok) {
        char *reason = all ? GEOSisValidReason_r(g, all) : NULL;
        (void)snprintf(why, VALID_WHY_MAX, "%s", reason ? reason : "no geometry");
        GEOSFree_r(g, reason);
    }
    if (all) GEOSGeom_destroy_r(g, all);
    GEOS_finish_r(g);
    return ok;
}
