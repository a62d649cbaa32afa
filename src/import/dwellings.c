#include "internal.h"

#include <math.h>

#define STOREY_M 3.0

static bool floors_given(const xw__building_facts *g)
{
    return g->floors >= 0.5 && g->floors <= XW__FLOORS_MAX;
}

static double floors_of(const xw__building_facts *g, double height_m, double m2)
{
    if (floors_given(g)) return ceil(g->floors - 0.25);
    if (height_m > 0.0) return fmin(fmax(1.0, floor(height_m / STOREY_M)), XW__FLOORS_MAX);
    switch (g->use) {
    case XW_USE_HOUSE:
        return 2.0;
    case XW_USE_FLATS:
        return m2 < 250.0 ? 3.0 : 6.0;
    default:
        return 1.0;
    }
}

/* Dwellings of a block of flats: four fifths of each floor, 90 m2 a dwelling. */
static double flats(double floors, double m2) { return floors * fmax(1.0, round(m2 * 0.8 / 90.0)); }

static double households_of(xw_use use, bool floors_given, double floors, double m2)
{
    switch (use) {
    case XW_USE_OUTBUILDING:
    case XW_USE_WORK:
    case XW_USE_PUBLIC:
        return 0.0;
    case XW_USE_FLATS:
        return m2 < 20.0 ? 0.0 : flats(floors, m2);
    case XW_USE_HOUSE:
        if (m2 < 20.0) return 0.0;
        if (floors > 2.0) return m2 <= 100.0 ? 1.0 : flats(floors - 1.0, m2 / 1.5);
        return m2 <= 200.0 ? 1.0 : 2.0;
    default:
        break;
    }
    if (m2 < 60.0 && floors <= 2.0) return 0.0; /* a shed more often than a home */
    if (floors_given && floors > 2.0) return flats(floors, m2);
    if (m2 <= 250.0) return 1.0;
    return m2 <= 450.0 ? 2.0 : 0.0; /* larger and low: a hall */
}

void xw__dwellings_fill(const xw__building_facts *g, double m2, xw_building *b)
{
    const double height = g->height_m > 0.0 && g->height_m < XW__HEIGHT_MAX ? g->height_m : 0.0;
    const bool given = floors_given(g) || height > 0.0;
    const double floors = floors_of(g, height, m2);
    b->floors = (uint16_t)floors;
    b->height_m = (float)(height > 0.0 ? height : floors * STOREY_M);
    b->use = (uint8_t)g->use;
    if (g->households >= 0.0 && g->households <= XW__HOUSEHOLDS_MAX) {
        b->households = (int32_t)lround(g->households);
        b->estimated = 0;
    } else {
        b->households = (int32_t)fmin(households_of(g->use, given, floors, m2), XW__HOUSEHOLDS_MAX);
        b->estimated = 1;
    }
}
