#include "xiwang/lattice.h"

#include <math.h>

int xw_orient(xw_pt a, xw_pt b, xw_pt c)
{
    const int64_t abx = (int64_t)b.x - a.x, aby = (int64_t)b.y - a.y;
    const int64_t acx = (int64_t)c.x - a.x, acy = (int64_t)c.y - a.y;
    int64_t l, r, d;
    if (!__builtin_mul_overflow(abx, acy, &l) && !__builtin_mul_overflow(aby, acx, &r) &&
        !__builtin_sub_overflow(l, r, &d)) {
        return (d > 0) - (d < 0);
    }
    const xw_i128 wide = (xw_i128)abx * acy - (xw_i128)aby * acx;
    return (wide > 0) - (wide < 0);
}

bool xw_on_segment(xw_pt a, xw_pt b, xw_pt p)
{
    return xw_box_has(xw_box_grow((xw_box){a, a}, b), p) && xw_orient(a, b, p) == 0;
}

static bool to_units(double deg, int32_t max, int32_t *out)
{
    const double u = round(deg * XW_UNITS_PER_DEG);
    if (!(u >= -(double)max && u <= (double)max)) return false; /* also NaN */
    *out = (int32_t)u;
    return true;
}

bool xw_pt_from_deg(double lon_deg, double lat_deg, xw_pt *out)
{
    xw_pt p;
    if (!to_units(lon_deg, XW_LON_MAX, &p.x) || !to_units(lat_deg, XW_LAT_MAX, &p.y)) return false;
    *out = p;
    return true;
}
