/* Layers whose x and y have changed places. By the numbers alone it is sure when no place fits as
 * it is said (a latitude of 119, an easting of 2 876 000 in a zone of China) and nearly all fit the
 * other way. Else the layers tell: one that lies away from all others, which lie together, and
 * among them when swapped. Two layers alone cannot tell which of them is wrong. */
#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MAX   1000
#define SAMPLE_MAX 4096
#define AREA_SLACK 1.0     /* degrees round the area of use of a CRS */
#define NEAR_UNITS 5000000 /* half a degree: boxes that far apart still lie together */

static const char *const roles[XW__ROLES] = {"osm",
#define X(name, text) text,
                                             XW_ROLE_MAP(X)
#undef X
};

unsigned xw__role_number(const char *role)
{
    unsigned i = 1;
    while (i < XW__ROLES - 1 && strcmp(roles[i], role) != 0) i++;
    return i;
}

/* The first vertex of any geometry. */
static bool first_vertex(OGRGeometryH g, double *x, double *y)
{
    for (int depth = 0; g && depth < 16; depth++) {
        if (OGR_G_IsEmpty(g)) return false;
        if (OGR_G_GetGeometryCount(g) == 0) {
            if (OGR_G_GetPointCount(g) == 0) return false;
            *x = OGR_G_GetX(g, 0);
            *y = OGR_G_GetY(g, 0);
            return true;
        }
        g = OGR_G_GetGeometryRef(g, 0);
    }
    return false;
}

static bool fits(xw__frame f, double x, double y)
{
    double west, south, east, north;
    xw_pt p;
    if (!xw__frame_put(f, x, y, &p)) return false;
    if (!f.crs || !xw_crs_area(f.crs, &west, &south, &east, &north)) return true;
    const double lon = xw_deg(p.x), lat = xw_deg(p.y);
    return lon >= west - AREA_SLACK && lon <= east + AREA_SLACK && lat >= south - AREA_SLACK &&
           lat <= north + AREA_SLACK;
}

bool xw__axes_look(const xw__source *s)
{
    const xw__frame said = {s->frame.crs, s->frame.metres, false};
    const xw__frame swapped = {s->frame.crs, s->frame.metres, true};
    OGRFeatureH f;
    int n = 0, n_said = 0, n_swapped = 0;
    OGR_L_ResetReading(s->layer);
    for (int i = 0; i < LOOK_MAX && (f = OGR_L_GetNextFeature(s->layer)) != NULL; i++) {
        double x, y;
        const OGRGeometryH g = OGR_F_GetGeometryRef(f);
        if (g && first_vertex(g, &x, &y)) {
            n++;
            n_said += fits(said, x, y);
            n_swapped += fits(swapped, x, y);
        }
        OGR_F_Destroy(f);
        if (n_said > 0) break;
    }
    return n_said == 0 && n_swapped > 0 && 10 * n_swapped >= 9 * n;
}

/* ---- where the layers lie ------------------------------------------------------------------- */

static bool is_next(xw__sample *s)
{
    if (s->step == 0) s->step = 1;
    return s->seen++ % s->step == 0;
}

static xw_status keep(xw__sample *s, xw_pt at, xw_pt swapped, xw_error *err)
{
    if (s->n == SAMPLE_MAX) { /* every second one goes, and from here on */
        for (size_t i = 0; i < s->n / 2; i++) s->p[i] = s->p[2 * i];
        s->n /= 2;
        s->step *= 2;
    }
    if (!xw_grow((void **)&s->p, &s->cap, s->n + 1, sizeof *s->p)) {
        return xw_fail(err, XW_NOMEM, "%zu places", s->n + 1);
    }
    s->p[s->n].at = at;
    s->p[s->n++].swapped = swapped;
    return XW_OK;
}

xw_status xw__axes_sample(xw__import *im, unsigned role, OGRGeometryH g, xw__frame f, xw_error *err)
{
    xw__sample *s = &im->sample[role];
    double x, y;
    xw_pt at, swapped;
    if (!is_next(s) || !g || !first_vertex(g, &x, &y)) return XW_OK;
    if (!xw__frame_put(f, x, y, &at)) return XW_OK;
    if (!xw__frame_put(f, y, x, &swapped)) swapped = (xw_pt){INT32_MAX, INT32_MAX};
    return keep(s, at, swapped, err);
}

xw_status xw__axes_sample_extract(xw__import *im, xw_error *err)
{
    const xw_territory *t = im->t;
    xw__sample *s = &im->sample[0];
    xw_status st = XW_OK;
    for (size_t i = 0; i < t->n_buildings && !st; i++) {
        const xw_pt p = t->pts[t->rings[t->buildings[i].area.first_ring].first];
        if (is_next(s)) st = keep(s, p, (xw_pt){INT32_MAX, INT32_MAX}, err);
    }
    for (size_t i = 0; i < t->n_barriers && !st; i++) {
        const xw_pt p = t->pts[t->barriers[i].first];
        if (is_next(s)) st = keep(s, p, (xw_pt){INT32_MAX, INT32_MAX}, err);
    }
    return st;
}

/* ---- comparing them ------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const int32_t p = *(const int32_t *)a, q = *(const int32_t *)b;
    return (p > q) - (p < q);
}

/* The middle nine tenths each way, so that strays do not count. @param v  room for s->n */
static xw_box box_of(const xw__sample *s, bool swapped, int32_t *v)
{
    const size_t cut = s->n / 20;
    xw_box b = XW_BOX_EMPTY;
    if (s->n == 0) return b;
    for (int axis = 0; axis < 2; axis++) {
        for (size_t i = 0; i < s->n; i++) {
            const xw_pt p = swapped ? s->p[i].swapped : s->p[i].at;
            v[i] = axis ? p.y : p.x;
        }
        qsort(v, s->n, sizeof *v, by_value);
        *(axis ? &b.min.y : &b.min.x) = v[cut];
        *(axis ? &b.max.y : &b.max.x) = v[s->n - 1 - cut];
    }
    return b;
}

static bool meet(xw_box a, xw_box b)
{
    return (int64_t)a.min.x - NEAR_UNITS <= b.max.x && (int64_t)b.min.x - NEAR_UNITS <= a.max.x &&
           (int64_t)a.min.y - NEAR_UNITS <= b.max.y && (int64_t)b.min.y - NEAR_UNITS <= a.max.y;
}

typedef struct boxes {
    unsigned n, role[XW__ROLES];
    xw_box said[XW__ROLES], swapped[XW__ROLES];
} boxes;

/* The others all meet each other, and this one only when it is swapped. */
static bool is_odd_one(const boxes *b, unsigned i)
{
    if (b->role[i] == 0) return false; /* OpenStreetMap has one order */
    for (unsigned k = 0; k < b->n; k++) {
        if (k == i) continue;
        if (meet(b->said[i], b->said[k]) || !meet(b->swapped[i], b->said[k])) return false;
        for (unsigned m = k + 1; m < b->n; m++) {
            if (m != i && !meet(b->said[k], b->said[m])) return false;
        }
    }
    return b->n > 1;
}

static xw_status ambiguous(const boxes *b, unsigned i, unsigned k, xw_error *err)
{
    return xw_fail(err, XW_INPUT,
                   "%s near %.4f,%.4f and %s near %.4f,%.4f lie apart, and together when longitude "
                   "and latitude change places in one of them: put that right (ogr2ogr -swapxy)",
                   roles[b->role[i]], xw_deg(b->said[i].min.x), xw_deg(b->said[i].min.y),
                   roles[b->role[k]], xw_deg(b->said[k].min.x), xw_deg(b->said[k].min.y));
}

xw_status xw__axes_compare(const xw__import *im, unsigned *again, xw_error *err)
{
    boxes b = {0};
    unsigned odd[XW__ROLES], n_odd = 0;
    int32_t *v = malloc(SAMPLE_MAX * sizeof *v);
    *again = im->swap;
    if (!v) return xw_fail(err, XW_NOMEM, "%d places", SAMPLE_MAX);
    for (unsigned r = 0; r < XW__ROLES; r++) {
        if (im->sample[r].n == 0) continue;
        b.role[b.n] = r;
        b.said[b.n] = box_of(&im->sample[r], false, v);
        b.swapped[b.n++] = box_of(&im->sample[r], true, v);
    }
    free(v);
    for (unsigned i = 0; i < b.n; i++) {
        if (is_odd_one(&b, i)) odd[n_odd++] = i;
    }
    if (n_odd > 1) return ambiguous(&b, odd[0], odd[1], err);
    if (n_odd == 1) *again |= 1u << b.role[odd[0]];
    return XW_OK;
}
