#include "pixel.h"

/* floor((2 * v + w) / (2 * w)) for w > 0: v / w rounded, halves up. */
static int64_t round_div(xw_i128 v, xw_i128 w)
{
    const xw_i128 n = 2 * v + w, d = 2 * w;
    xw_i128 q = n / d;
    if (n % d < 0) q--;
    return (int64_t)q;
}

bool xw__crossing(xw_pt a, xw_pt b, xw_pt c, xw_pt d, xw_pt *p)
{
    const int64_t rx = (int64_t)b.x - a.x, ry = (int64_t)b.y - a.y;
    const int64_t sx = (int64_t)d.x - c.x, sy = (int64_t)d.y - c.y;
    const int64_t wx = (int64_t)c.x - a.x, wy = (int64_t)c.y - a.y;
    int64_t den = rx * sy - ry * sx;
    int64_t t = wx * sy - wy * sx; /* along ab, times den */
    int64_t u = wx * ry - wy * rx; /* along cd, times den */
    if (den < 0) {
        den = -den;
        t = -t;
        u = -u;
    }
    if (den == 0 || t <= 0 || t >= den || u <= 0 || u >= den) return false;
    p->x = (int32_t)(a.x + round_div((xw_i128)t * rx, den));
    p->y = (int32_t)(a.y + round_div((xw_i128)t * ry, den));
    return true;
}
