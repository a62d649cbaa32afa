/* Is a polygon of a tile valid in the sense of OGC? GEOS is the judge. */
#ifndef XW_TEST_TILES_VALID_H
#define XW_TEST_TILES_VALID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rings as a tile has them: each outer ring (area2 > 0) is followed by its holes. */
typedef struct valid_ring {
    const int32_t *pts; /* x, y, x, y …; the first vertex is not repeated */
    size_t n;
    bool is_hole;
} valid_ring;

enum { VALID_WHY_MAX = 160 };
/* `why` receives the reason and the place when it is not. Nothing at all is valid. */
bool valid_polygon(const valid_ring *rings, size_t n, char why[VALID_WHY_MAX]);

#endif
