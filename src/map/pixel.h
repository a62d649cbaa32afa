/* Exact predicates of snap rounding. All coordinates span at most 2^29 units (XW_NODER_EXTENT_MAX),
 * so doubled differences stay below 2^31 and their products below 2^62. */
#ifndef XW_MAP_PIXEL_H
#define XW_MAP_PIXEL_H

#include "xiwang/lattice.h"

/* Do the open segments ab and cd cross in one point inside both? Then *p is that point rounded to
 * the lattice (halves up). */
bool xw__crossing(xw_pt a, xw_pt b, xw_pt c, xw_pt d, xw_pt *p);

/* A segment prepared for many pixel tests; coordinates doubled, relative to a. */
typedef struct xw__probe {
    xw_pt a;
    int64_t dx, dy;         /* doubled direction */
    int64_t x0, x1, y0, y1; /* doubled box, relative to a */
} xw__probe;

static inline xw__probe xw__probe_of(xw_pt a, xw_pt b)
{
    const int64_t dx = 2 * ((int64_t)b.x - a.x), dy = 2 * ((int64_t)b.y - a.y);
    return (xw__probe){
        a, dx, dy, dx < 0 ? dx : 0, dx > 0 ? dx : 0, dy < 0 ? dy : 0, dy > 0 ? dy : 0};
}

/* Does the closed segment meet the half-open pixel [x-1/2, x+1/2) x [y-1/2, y+1/2) around c?
 * Separating axes: x, y, and the segment's normal. The open right and top sides are an infinitely
 * small step inside; where a corner lies exactly on the line, that step decides. */
static inline bool xw__probe_hits(const xw__probe *s, xw_pt c)
{
    const int64_t x = 2 * ((int64_t)c.x - s->a.x), y = 2 * ((int64_t)c.y - s->a.y);
    if (s->x1 < x - 1 || s->x0 >= x + 1 || s->y1 < y - 1 || s->y0 >= y + 1) return false;
    const int64_t dx = s->dx, dy = s->dy;
    const int64_t mid = dx * y - dy * x;
    /* dx * v.y - dy * v.x at the corners; step -(dx * ey - dy * ex) when it is 0 */
    const int64_t ll = mid - dx + dy;
    const int64_t lr = mid - dx - dy, lr_step = dy;
    const int64_t ul = mid + dx + dy, ul_step = -dx;
    const int64_t ur = mid + dx - dy, ur_step = dy - dx;
    const int64_t v1 = ll, v2 = lr ? lr : lr_step, v3 = ul ? ul : ul_step, v4 = ur ? ur : ur_step;
    const bool all_left = v1 > 0 && v2 > 0 && v3 > 0 && v4 > 0;
    const bool all_right = v1 < 0 && v2 < 0 && v3 < 0 && v4 < 0;
    return !all_left && !all_right;
}

#endif
