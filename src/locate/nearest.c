/* The distance to the nearest edge: square rings of blocks of 4 x 4 top cells round the point, from
 * the first ring that an edge may be in (`free` of format.h) to the first that is too far. */
#include "build.h"
#include "xiwang/ring.h"

#include <math.h>

/* An edge is measured exactly unless it is further than the best by more than this: the quick
 * square of its distance is rounded differently. */
static const double slack = 1.0 + 1e-9;

typedef struct hunt {
    const locator_head *h;
    xw_pt p;
    xw_scale scale;
    double best_m, enough; /* and its square, with the slack */
} hunt;

/* From the vertex a to b, in units relative to the point; a is the lower one. */
static void measure(hunt *n, double ax, double ay, double dx, double dy)
{
    const double mx = n->scale.mx, my = n->scale.my;
    const double len2 = dx * mx * dx * mx + dy * my * dy * my;
    double t = len2 > 0.0 ? -(ax * mx * dx * mx + ay * my * dy * my) / len2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    const double d = hypot((ax + t * dx) * mx, (ay + t * dy) * my);
    if (d >= n->best_m) return;
    n->best_m = d;
    n->enough = d * d * slack;
}

/* The same for an edge that may be too far; no division, no root. */
static inline void try_edge(hunt *n, double ax, double ay, double bx, double by)
{
    const double mx = n->scale.mx, my = n->scale.my;
    const double ux = ax * mx, uy = ay * my, vx = (bx - ax) * mx, vy = (by - ay) * my;
    const double len2 = vx * vx + vy * vy, dot = -(ux * vx + uy * vy);
    if (dot <= 0.0) {
        if (ux * ux + uy * uy > n->enough) return;
    } else if (dot >= len2) {
        if ((ux + vx) * (ux + vx) + (uy + vy) * (uy + vy) > n->enough) return;
    } else {
        const double turn = ux * vy - uy * vx;
        if (turn * turn > n->enough * len2) return;
    }
    const bool up = ay < by || (ay == by && ax < bx);
    if (up) {
        measure(n, ax, ay, bx - ax, by - ay);
    } else {
        measure(n, bx, by, ax - bx, ay - by);
    }
}

/* The vertices of a CHAIN or of a run in a FAN are read where they are. */
static void try_leaf(hunt *n, const locator_cell *c)
{
    const void *leaf = locator_grain(n->h, c->entry);
    const int64_t half = (INT64_C(1) << c->shift) / 2;
    const double ox = (double)(c->x0 + half - n->p.x), oy = (double)(c->y0 + half - n->p.y);
    if (ENTRY_TAG(c->entry) == TAG_CHAIN) {
        const leaf_vertex *v = ((const chain_leaf *)leaf)->v;
        for (uint32_t i = 0; i + 1 < CHAIN_VERTICES; i++) {
            if (v[i].x == v[i + 1].x && v[i].y == v[i + 1].y) continue;
            try_edge(n, ox + v[i].x, oy + v[i].y, ox + v[i + 1].x, oy + v[i + 1].y);
        }
        return;
    }
    if (ENTRY_TAG(c->entry) == TAG_LIST) {
        const list_leaf *list = leaf;
        for (uint32_t i = 0; i < list->n; i++) {
            const locator_item *e = &list->items[i];
            try_edge(n, (double)((int64_t)e->ax - n->p.x), (double)((int64_t)e->ay - n->p.y),
                     (double)((int64_t)e->bx - n->p.x), (double)((int64_t)e->by - n->p.y));
        }
        return;
    }
    const fan_leaf *f = leaf;
    const uint32_t faces = ENTRY_TAG(c->entry) == TAG_FAN ? 3 : 4;
    uint32_t edges = 0;
    for (uint32_t k = 0; k < faces; k++) edges |= f->face[k].mask;
    for (uint32_t i = 2 * faces; i + 1 < LINE_LANES; i++) {
        if (!(edges >> i & 1)) continue;
        try_edge(n, ox + f->v[i].x, oy + f->v[i].y, ox + f->v[i + 1].x, oy + f->v[i + 1].y);
    }
}

/* Square of the distance to a square with this south-west corner. */
static double gap2(const hunt *n, int64_t x0, int64_t y0, int64_t side)
{
    const int64_t gx = x0 > n->p.x ? x0 - n->p.x : n->p.x - x0 - side;
    const int64_t gy = y0 > n->p.y ? y0 - n->p.y : n->p.y - y0 - side;
    const double dx = gx > 0 ? (double)gx * n->scale.mx : 0.0;
    const double dy = gy > 0 ? (double)gy * n->scale.my : 0.0;
    return dx * dx + dy * dy;
}

static void try_cell(hunt *n, const locator_cell *c)
{
    if (ENTRY_TAG(c->entry) == TAG_LABEL) return;
    if (gap2(n, c->x0, c->y0, INT64_C(1) << c->shift) > n->enough) return;
    if (ENTRY_TAG(c->entry) != TAG_SPLIT) {
        try_leaf(n, c);
        return;
    }
    const uint32_t *block = locator_grain(n->h, c->entry), shift = c->shift - 2;
    for (uint32_t k = 0; k < 16; k++) {
        const locator_cell child = {block[k], shift, c->x0 + ((int64_t)(k % 4) << shift),
                                    c->y0 + ((int64_t)(k / 4) << shift)};
        try_cell(n, &child);
    }
}

/* Top cell (i, j). */
static void try_top(hunt *n, int64_t i, int64_t j)
{
    const locator_head *h = n->h;
    const uint32_t entry = locator_entries(h)[cell_at(h->tx, (uint32_t)i, (uint32_t)j)];
    const locator_cell c = {entry, h->shift, h->ox + (i << h->shift), h->oy + (j << h->shift)};
    try_cell(n, &c);
}

/* The cells of a block with edges, nearest first. */
static void try_block(hunt *n, int64_t bi, int64_t bj)
{
    const locator_head *h = n->h;
    const uint32_t shift = h->shift;
    const int64_t x0 = h->ox + (bi << (shift + 2)), y0 = h->oy + (bj << (shift + 2));
    const int64_t side = INT64_C(1) << shift;
    if (gap2(n, x0, y0, 4 * side) > n->enough) return;
    /* 4 x 4 entries follow each other */
    const uint32_t *block = locator_entries(h) + cell_at(h->tx, (uint32_t)bi * 4, (uint32_t)bj * 4);
    double gap[16];
    uint32_t which[16], left = 0;
    for (uint32_t k = 0; k < 16; k++) {
        if (ENTRY_TAG(block[k]) == TAG_LABEL) continue;
        gap[left] = gap2(n, x0 + (k % 4) * side, y0 + (k / 4) * side, side);
        which[left++] = k;
        __builtin_prefetch(locator_grain(h, block[k]));
    }
    while (left > 0) {
        uint32_t at = 0;
        for (uint32_t i = 1; i < left; i++) at = gap[i] < gap[at] ? i : at;
        if (gap[at] > n->enough) return;
        const uint32_t k = which[at];
        const locator_cell c = {block[k], shift, x0 + (k % 4) * side, y0 + (k / 4) * side};
        try_cell(n, &c);
        gap[at] = gap[--left];
        which[at] = which[left];
    }
}

typedef struct board { /* the blocks, and where the point is among them */
    const unsigned char *free;
    int64_t nx, ny, ci, cj;
} board;

/* Half a side of a ring: blocks from offset `from` to `to`, leaping where no edge is. Along x or
 * along y, upward or downward (`sign`); `across` is the place on the other axis. */
static void try_half(hunt *n, const board *b, bool along_x, int64_t across, int64_t from,
                     int64_t to, int64_t sign)
{
    const int64_t centre = along_x ? b->ci : b->cj, size = along_x ? b->nx : b->ny;
    int64_t o = from;
    if (sign > 0 && centre + o < 0) o = -centre; /* the point is outside of the grid */
    if (sign < 0 && centre - o >= size) o = centre - size + 1;
    while (o <= to) {
        const int64_t at = centre + sign * o;
        if (at < 0 || at >= size) return;
        const int64_t i = along_x ? at : across, j = along_x ? across : at;
        const int64_t leap = b->free[j * b->nx + i];
        if (leap == 0) try_block(n, i, j);
        o += leap > 1 ? leap : 1;
    }
}

/* The four sides, each from its middle, where the point is nearest, to its ends. */
static void try_ring(hunt *n, const board *b, int64_t k)
{
    for (int s = 0; s < (k > 0 ? 4 : 1); s++) {
        const bool along_x = s < 2;
        const int64_t across = (along_x ? b->cj : b->ci) + (s % 2 ? k : -k);
        if (across < 0 || across >= (along_x ? b->ny : b->nx)) continue;
        const int64_t to = along_x ? k : k - 1; /* the corners once */
        try_half(n, b, along_x, across, 0, to, 1);
        try_half(n, b, along_x, across, 1, to, -1);
    }
}

double xw_locator_nearest_m(const xw_locator *l, xw_pt p, double max_m)
{
    const locator_head *h = locator_get_head(l);
    if (!h || h->n_grains == 0 || !(max_m > 0.0)) return max_m;
    hunt n = {h, p, xw_scale_at(p.y), max_m, max_m * max_m * slack};
    const uint32_t shift = h->shift + 2;
    const int64_t side = INT64_C(1) << shift;
    const int64_t nx = (int64_t)h->tx << (TILE_SHIFT - 2), ny = (int64_t)h->ty << (TILE_SHIFT - 2);
    const int64_t dx = (int64_t)p.x - h->ox, dy = (int64_t)p.y - h->oy;
    const int64_t ci = dx >> shift, cj = dy >> shift;
    /* the first ring that meets the grid, or that is not free */
    const int64_t off_x = ci < 0 ? -ci : ci - nx + 1, off_y = cj < 0 ? -cj : cj - ny + 1;
    int64_t k = off_x > off_y ? off_x : off_y;
    if (k <= 0) {
        k = locator_free(h)[cj * nx + ci];
        if (k == 0) try_top(&n, dx >> h->shift, dy >> h->shift); /* most likely the nearest */
    }
    const board b = {locator_free(h), nx, ny, ci, cj};
    const int64_t in_x = dx - ci * side, in_y = dy - cj * side;
    const int64_t gap_x = in_x < side - in_x ? in_x : side - in_x;
    const int64_t gap_y = in_y < side - in_y ? in_y : side - in_y;
    for (;; k++) {
        const double rim_m = fmin((double)(gap_x + (k - 1) * side) * n.scale.mx,
                                  (double)(gap_y + (k - 1) * side) * n.scale.my);
        if (k > 0 && rim_m > n.best_m) break;
        try_ring(&n, &b, k);
        if (ci - k <= 0 && ci + k >= nx - 1 && cj - k <= 0 && cj + k >= ny - 1) break;
    }
    return n.best_m;
}

/* ---- making --------------------------------------------------------------------------------- */

static bool is_free(const uint32_t *block)
{
    for (int k = 0; k < 16; k++) {
        if (ENTRY_TAG(block[k]) != TAG_LABEL) return false;
    }
    return true;
}

/* Two passes over the blocks, each with the half of the neighbours that it has been at, give the
 * exact distance along x or y. */
static void spread(unsigned char *free, int64_t nx, int64_t ny, int64_t step)
{
    const int64_t n = nx * ny, first = step > 0 ? 0 : n - 1;
    for (int64_t at = first; at >= 0 && at < n; at += step) {
        const int64_t i = at % nx, j = at / nx, back = j - step;
        unsigned least = free[at];
        if (i - step >= 0 && i - step < nx && free[at - step] + 1u < least) {
            least = free[at - step] + 1u;
        }
        for (int64_t k = i - 1; k <= i + 1 && back >= 0 && back < ny; k++) {
            if (k < 0 || k >= nx || free[back * nx + k] + 1u >= least) continue;
            least = free[back * nx + k] + 1u;
        }
        free[at] = (unsigned char)least;
    }
}

void xw__free_fill(locator_head *h)
{
    const int64_t nx = (int64_t)h->tx << (TILE_SHIFT - 2), ny = (int64_t)h->ty << (TILE_SHIFT - 2);
    unsigned char *free = (unsigned char *)h + locator_free_at((uint64_t)h->tx * h->ty);
    for (int64_t j = 0; j < ny; j++) {
        for (int64_t i = 0; i < nx; i++) {
            const size_t at = cell_at(h->tx, (uint32_t)i * 4, (uint32_t)j * 4);
            free[j * nx + i] = is_free(locator_entries(h) + at) ? FREE_MAX : 0;
        }
    }
    spread(free, nx, ny, 1);
    spread(free, nx, ny, -1);
}
