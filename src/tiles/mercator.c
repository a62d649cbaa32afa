#include "xiwang/mercator.h"

#include <math.h>

static const double pi = 3.14159265358979323846;
/* The latitude whose mercator ordinate is pi, in lattice units. */
static const double lat_end = 850511287.0;
/* Radians from the middle of the series within which it is used, and the zoom it starts at. */
static const double series_reach = 0.02;
enum { SERIES_ZOOM = 8 };

static double radians(double units) { return units * (pi / 180.0 / XW_UNITS_PER_DEG); }

static double ordinate(double lat_units)
{
    if (lat_units > lat_end) lat_units = lat_end;
    if (lat_units < -lat_end) lat_units = -lat_end;
    return asinh(tan(radians(lat_units)));
}

static double latitude_of(double ordinate_rad)
{
    return atan(sinh(ordinate_rad)) / (pi / 180.0 / XW_UNITS_PER_DEG);
}

bool xw_tile_exists(unsigned z, uint32_t x, uint32_t y)
{
    return z <= XW_TILE_ZOOM_MAX && x >> z == 0 && y >> z == 0;
}

/* Derivatives of asinh(tan(lat)) by the secant s and the tangent t of the latitude:
 * s, st, 2s^3-s, st(6s^2-1), 24s^5-20s^3+s, st(120s^4-60s^2+1). */
static void fill_series(xw_tile_frame *f)
{
    const double lat = radians(f->lat_middle);
    const double s = 1 / cos(lat), t = tan(lat), s2 = s * s;
    f->series[0] = f->y_origin - ordinate(f->lat_middle) * f->y_scale;
    f->series[1] = -f->y_scale * s;
    f->series[2] = -f->y_scale * s * t / 2;
    f->series[3] = -f->y_scale * s * (2 * s2 - 1) / 6;
    f->series[4] = -f->y_scale * s * t * (6 * s2 - 1) / 24;
    f->series[5] = -f->y_scale * s * (24 * s2 * s2 - 20 * s2 + 1) / 120;
    f->series[6] = -f->y_scale * s * t * (120 * s2 * s2 - 60 * s2 + 1) / 720;
}

xw_tile_frame xw_tile_frame_of(unsigned z, uint32_t x, uint32_t y)
{
    const double side = ldexp(1.0, (int)z), world = side * XW_TILE_EXTENT;
    xw_tile_frame f = {0};
    f.x_scale = world / (360.0 * XW_UNITS_PER_DEG);
    f.x_origin = (double)x * XW_TILE_EXTENT;
    f.y_scale = world / (2 * pi);
    f.y_origin = world / 2 - (double)y * XW_TILE_EXTENT;
    f.lat_middle = round(latitude_of(pi * (1 - 2 * ((double)y + 0.5) / side)));
    f.has_series = z >= SERIES_ZOOM;
    if (f.has_series) fill_series(&f);
    return f;
}

static int32_t rounded(double v)
{
    if (v > XW_TILE_FAR) return XW_TILE_FAR;
    if (v < -XW_TILE_FAR) return -XW_TILE_FAR;
    return (int32_t)floor(v + 0.5);
}

xw_tpt xw_tile_project(const xw_tile_frame *f, xw_pt p)
{
    const double x = ((double)p.x + XW_LON_MAX) * f->x_scale - f->x_origin;
    const double d = radians((double)p.y - f->lat_middle);
    double y;
    if (f->has_series && fabs(d) < series_reach && fabs((double)p.y) <= lat_end) {
        const double *c = f->series;
        y = c[0] + d * (c[1] + d * (c[2] + d * (c[3] + d * (c[4] + d * (c[5] + d * c[6])))));
    } else {
        y = f->y_origin - ordinate(p.y) * f->y_scale;
    }
    return (xw_tpt){rounded(x), rounded(y)};
}

/* Outward to whole lattice units, with room for the rounding of the projection. */
static int32_t held(double units, double max)
{
    return (int32_t)(units > max ? max : units < -max ? -max : units);
}

xw_box xw_tile_box(unsigned z, uint32_t x, uint32_t y, unsigned buffer)
{
    const double world = ldexp(XW_TILE_EXTENT, (int)z), margin = (double)buffer + 1;
    const double west = (double)x * XW_TILE_EXTENT - margin;
    const double north = (double)y * XW_TILE_EXTENT - margin;
    const double width = XW_TILE_EXTENT + 2 * margin;
    const double lon = 360.0 * XW_UNITS_PER_DEG / world;
    const double top = latitude_of(pi * (1 - 2 * north / world));
    const double bottom = latitude_of(pi * (1 - 2 * (north + width) / world));
    /* The first and the last row hold what lies beyond the end of the map. */
    const bool is_first = north<0, is_last = north + width> world;
    return (xw_box){{held(floor(west * lon - XW_LON_MAX) - 1, XW_LON_MAX),
                     is_last ? -XW_LAT_MAX : held(floor(bottom) - 1, XW_LAT_MAX)},
                    {held(ceil((west + width) * lon - XW_LON_MAX) + 1, XW_LON_MAX),
                     is_first ? XW_LAT_MAX : held(ceil(top) + 1, XW_LAT_MAX)}};
}

static uint32_t column(double v, double side)
{
    v = floor(v);
    return v < 0 ? 0 : v >= side ? (uint32_t)(side - 1) : (uint32_t)v;
}

void xw_tile_of(unsigned z, xw_pt p, uint32_t *x, uint32_t *y)
{
    const double side = ldexp(1.0, (int)z);
    *x = column(((double)p.x + XW_LON_MAX) / (360.0 * XW_UNITS_PER_DEG) * side, side);
    *y = column((0.5 - ordinate(p.y) / (2 * pi)) * side, side);
}

/* Hilbert's curve turns the quadrant at each step down: Warren, Hacker's Delight, chapter 16. */
static void turn(uint32_t side, uint32_t *x, uint32_t *y, uint32_t rx, uint32_t ry)
{
    if (ry != 0) return;
    if (rx != 0) {
        *x = side - 1 - *x;
        *y = side - 1 - *y;
    }
    const uint32_t t = *x;
    *x = *y;
    *y = t;
}

static uint64_t tiles_above(unsigned z) { return ((UINT64_C(1) << (2 * z)) - 1) / 3; }

uint64_t xw_tile_id(unsigned z, uint32_t x, uint32_t y)
{
    uint64_t id = tiles_above(z);
    for (unsigned k = z; k-- > 0;) {
        const uint32_t s = UINT32_C(1) << k;
        const uint32_t rx = (x & s) != 0, ry = (y & s) != 0;
        id += (uint64_t)s * s * ((3 * rx) ^ ry);
        x &= s - 1;
        y &= s - 1;
        turn(s, &x, &y, rx, ry);
    }
    return id;
}

void xw_tile_of_id(uint64_t id, unsigned *z, uint32_t *x, uint32_t *y)
{
    unsigned zoom = 0;
    while (zoom < XW_TILE_ZOOM_MAX && tiles_above(zoom + 1) <= id) zoom++;
    uint64_t left = id - tiles_above(zoom);
    uint32_t px = 0, py = 0;
    for (unsigned k = 0; k < zoom; k++, left >>= 2) {
        const uint32_t s = UINT32_C(1) << k;
        const uint32_t rx = (uint32_t)(left >> 1) & 1, ry = ((uint32_t)left ^ rx) & 1;
        turn(s, &px, &py, rx, ry);
        px += s * rx;
        py += s * ry;
    }
    *z = zoom;
    *x = px;
    *y = py;
}
