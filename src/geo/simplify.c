#include "xiwang/simplify.h"

#include <math.h>

/* The chain as it is seen: x in lattice units of longitude, y stretched by 1 / cos(latitude). */
typedef struct view {
    const xw_pt *pts;
    double stretch;
} view;

/* Vertices strictly between first and last are still without a rank; none of them may be drawn
 * before `rank`, the rank of the vertex that made the range. */
typedef struct range {
    size_t first, last;
    unsigned rank;
} range;

/* The larger half waits, the smaller one goes on: at most log2(n) ranges wait. */
enum { RANGES_MAX = 64 };

/* The mercator map ends near 85 degrees; beyond, the scale is held. */
static double stretch_of(const xw_pt *pts, size_t n)
{
    int32_t lo = pts[0].y, hi = pts[0].y;
    for (size_t i = 1; i < n; i++) {
        if (pts[i].y < lo) lo = pts[i].y;
        if (pts[i].y > hi) hi = pts[i].y;
    }
    double lat_deg = fabs(((double)lo + (double)hi) / 2 / XW_UNITS_PER_DEG);
    if (lat_deg > 85.0) lat_deg = 85.0;
    return 1.0 / cos(lat_deg * (3.14159265358979323846 / 180.0));
}

/* Squared distance of p from the segment ab. */
static double distance2(const view *v, xw_pt a, xw_pt b, xw_pt p)
{
    const double ux = (double)b.x - a.x, uy = ((double)b.y - a.y) * v->stretch;
    double wx = (double)p.x - a.x, wy = ((double)p.y - a.y) * v->stretch;
    const double uu = ux * ux + uy * uy;
    double t = uu > 0 ? (wx * ux + wy * uy) / uu : 0;
    if (t < 0) t = 0;
    if (t > 1) t = 1;
    wx -= t * ux;
    wy -= t * uy;
    return wx * wx + wy * wy;
}

/* The vertex strictly between first and last that is farthest from their segment, the earliest of
 * equals; `first` when there is none. */
static size_t farthest(const view *v, size_t first, size_t last, double *d2)
{
    size_t best = first;
    *d2 = -1;
    for (size_t k = first + 1; k < last; k++) {
        const double d = distance2(v, v->pts[first], v->pts[last], v->pts[k]);
        if (d > *d2) {
            *d2 = d;
            best = k;
        }
    }
    return best;
}

/* Smallest zoom whose tolerance is less than the distance. */
static unsigned rank_of(double d2)
{
    double tolerance = XW_SIMPLIFY_TOLERANCE;
    for (unsigned z = 0; z < XW_ZOOM_MAX; z++, tolerance /= 2) {
        if (d2 > tolerance * tolerance) return z;
    }
    return XW_ZOOM_MAX;
}

static void rank_open(const view *v, size_t first, size_t last, uint8_t *rank)
{
    range wait[RANGES_MAX];
    size_t n_wait = 0;
    range r = {first, last, 0};
    for (;;) {
        if (r.last - r.first < 2) {
            if (n_wait == 0) return;
            r = wait[--n_wait];
            continue;
        }
        double d2;
        const size_t k = farthest(v, r.first, r.last, &d2);
        const unsigned own = rank_of(d2);
        if (own > r.rank) r.rank = own;
        rank[k] = (uint8_t)r.rank;
        const range head = {r.first, k, r.rank}, tail = {k, r.last, r.rank};
        if (k - r.first > r.last - k) {
            wait[n_wait++] = head;
            r = tail;
        } else {
            wait[n_wait++] = tail;
            r = head;
        }
    }
}

/* A closed chain has no two ends to start from: the vertex farthest from the first one, and the
 * vertex farthest from the line through both, are always drawn. */
static void rank_closed(const view *v, size_t last, uint8_t *rank)
{
    double d2, other;
    const size_t far = farthest(v, 0, last, &d2);
    rank[far] = 0;
    size_t third = farthest(v, 0, far, &d2);
    const size_t behind = farthest(v, far, last, &other);
    if (other > d2) {
        third = behind;
        d2 = other;
    }
    if (d2 <= 0) { /* all on one line: any vertex that is neither of the two */
        third = 0;
        for (size_t k = 1; k < last && third == 0; k++) {
            if (!xw_pt_eq(v->pts[k], v->pts[0]) && !xw_pt_eq(v->pts[k], v->pts[far])) third = k;
        }
    }
    size_t at[4] = {0, far, far, last};
    if (third != 0) {
        rank[third] = 0;
        at[third < far ? 1 : 2] = third;
    }
    for (size_t i = 0; i < 3; i++) rank_open(v, at[i], at[i + 1], rank);
}

xw_status xw_chain_ranks(const xw_pt *pts, size_t n, uint8_t *rank, xw_error *err)
{
    if (n > UINT32_MAX) return xw_fail(err, XW_LIMIT, "chain has %zu vertices", n);
    if (n == 0) return XW_OK;
    const view v = {pts, stretch_of(pts, n)};
    rank[0] = 0;
    rank[n - 1] = 0;
    if (n > 3 && xw_pt_eq(pts[0], pts[n - 1])) {
        rank_closed(&v, n - 1, rank);
    } else {
        rank_open(&v, 0, n - 1, rank);
    }
    return XW_OK;
}
