#include "emit.h"

#include <math.h>
#include <stdlib.h>

/* The boundary rule of lattice.h over the half-edges of a face. */
static bool owns(const fabric *f, uint32_t face, xw_pt p)
{
    bool in = false;
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
        const uint32_t h = f->faces.half[k];
        xw_pt a = xw_map_from(&f->map, h), b = xw_map_to(&f->map, h);
        if ((a.y > p.y) == (b.y > p.y)) continue;
        if (a.y > b.y) {
            const xw_pt t = a;
            a = b;
            b = t;
        }
        in ^= xw_orient(a, b, p) > 0;
    }
    return in;
}

enum { CROSSINGS_MAX = 512 };

static int by_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Middle of the widest stretch of the face at one height; its width, or 0. */
static double widest(const fabric *f, uint32_t face, int32_t y, xw_pt *p)
{
    double x[CROSSINGS_MAX];
    size_t n = 0;
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1] && n < CROSSINGS_MAX;
         k++) {
        const xw_pt a = xw_map_from(&f->map, f->faces.half[k]);
        const xw_pt b = xw_map_to(&f->map, f->faces.half[k]);
        if ((a.y > y) == (b.y > y)) continue;
        x[n++] = a.x + ((double)y - a.y) * ((double)b.x - a.x) / ((double)b.y - a.y);
    }
    qsort(x, n, sizeof *x, by_double);
    double best = 0.0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (x[i + 1] - x[i] <= best) continue;
        best = x[i + 1] - x[i];
        *p = (xw_pt){(int32_t)lround((x[i] + x[i + 1]) / 2), y};
    }
    return best;
}

xw_pt fabric_inside(const fabric *f, uint32_t face)
{
    xw_box box = XW_BOX_EMPTY;
    xw_pt vertex = {INT32_MAX, INT32_MAX}, owned = vertex;
    bool has_owned = false;
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
        box = xw_box_grow(box, xw_map_from(&f->map, f->faces.half[k]));
    }
    static const int eighths[] = {4, 3, 5, 2, 6, 1, 7};
    double best = 0.0;
    xw_pt at = {0, 0};
    for (size_t i = 0; i < sizeof eighths / sizeof *eighths; i++) {
        const int64_t h = (int64_t)box.max.y - box.min.y;
        xw_pt p;
        /* Heights off the middle must be clearly wider to be preferred. */
        const double w = widest(f, face, (int32_t)(box.min.y + h * eighths[i] / 8), &p);
        if (w > 1.5 * best && owns(f, face, p)) {
            best = w;
            at = p;
        }
    }
    if (best > 0.0) return at;
    for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1]; k++) {
        const xw_pt p = xw_map_from(&f->map, f->faces.half[k]);
        if (xw_pt_less(p, vertex)) vertex = p;
        if (owns(f, face, p) && (!has_owned || xw_pt_less(p, owned))) {
            owned = p;
            has_owned = true;
        }
    }
    return has_owned ? owned : vertex;
}
