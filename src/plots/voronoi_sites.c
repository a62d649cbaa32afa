/* Sites along the walls, and their triangulation. */
#include "voronoi.h"

#include "xiwang/radix.h"

#include <math.h>
#include <stdlib.h>

static const double step_mm = 2300.0, guard_mm = 50.0;

static spot to_local(const frame *f, xw_pt p)
{
    return (spot){(p.x - f->x0) * f->kx, (p.y - f->y0) * f->ky};
}

static xw_pt rounded(spot p) { return (xw_pt){(int32_t)lrint(p.x), (int32_t)lrint(p.y)}; }

/* Hilbert curve of order 16 over the extent (Skilling's transform in two dimensions). */
static uint64_t hilbert(xw_pt p)
{
    uint32_t x = (uint32_t)(p.x + DELAUNAY_EXTENT) >> 12,
             y = (uint32_t)(p.y + DELAUNAY_EXTENT) >> 12;
    uint64_t d = 0;
    for (uint32_t s = UINT32_C(1) << 15; s > 0; s >>= 1) {
        const uint32_t rx = (x & s) > 0, ry = (y & s) > 0;
        d += (uint64_t)s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx == 1) {
                x = 0xFFFF - (x & 0xFFFF);
                y = 0xFFFF - (y & 0xFFFF);
            }
            const uint32_t t = x;
            x = y;
            y = t;
        }
    }
    return d;
}

/* Does another building of the same block stand at the origin of h? */
static bool touches_other(const scene *s, uint32_t h, uint32_t b)
{
    uint32_t at = h;
    do {
        const uint32_t face = s->map.face[at], other = s->building[face];
        if (other != XW_NONE && other != b && s->block[face] == s->home[b]) return true;
        at = s->map.next[at ^ 1];
    } while (at != h);
    return false;
}

static spot along(const wall *w, double t)
{
    return (spot){w->from.x + t * (w->to.x - w->from.x), w->from.y + t * (w->to.y - w->from.y)};
}

/* Sites along half-edge h of building b, if that is a free wall. */
static xw_status add_wall(const scene *s, desk *k, uint32_t h, uint32_t b, xw_error *err)
{
    const uint32_t face = s->map.face[h], other = s->map.face[h ^ 1];
    if (s->building[other] != XW_NONE || s->block[other] != s->block[face]) return XW_OK;
    if (!xw_grow((void **)&k->walls, &k->cap_walls, k->n_walls + 1, sizeof *k->walls)) {
        return xw_fail(err, XW_NOMEM, "%zu walls", k->n_walls);
    }
    const uint32_t ix = (uint32_t)k->n_walls++;
    wall *w = &k->walls[ix];
    *w = (wall){to_local(&k->frame, xw_map_from(&s->map, h)),
                to_local(&k->frame, xw_map_to(&s->map, h))};
    const double dx = w->to.x - w->from.x, dy = w->to.y - w->from.y;
    const double length = sqrt(dx * dx + dy * dy);
    const double guard = guard_mm < length / 4 ? guard_mm / length : 0.25;
    const double start = touches_other(s, h, b) ? guard : 0.0;
    xw_status st = site_add(&k->all, rounded(along(w, start)), b, ix, err);
    const int n = (int)ceil(length / step_mm);
    for (int i = 1; i < n && !st; i++) {
        st = site_add(&k->all, rounded(along(w, (double)i / n)), b, ix, err);
    }
    if (!st && touches_other(s, h ^ 1, b)) {
        st = site_add(&k->all, rounded(along(w, 1.0 - guard)), b, ix, err);
    }
    return st;
}

/* A face without holes is walked round; one with courtyards gives its walls as they are numbered.
 */
static xw_status add_building(const scene *s, desk *k, uint32_t face, xw_error *err)
{
    const uint32_t lo = s->faces.start[face], n = s->faces.start[face + 1] - lo;
    const uint32_t first = s->map.first[face], b = s->building[face];
    uint32_t round = 0, h = first;
    do {
        round++;
        h = s->map.next[h];
    } while (h != first);
    xw_status st = XW_OK;
    for (uint32_t i = 0; i < n && !st; i++) {
        st = add_wall(s, k, round == n ? h : s->faces.half[lo + i], b, err);
        h = s->map.next[h];
    }
    return st;
}

xw_status voronoi_sites(const scene *s, desk *k, const uint32_t *faces, size_t n, xw_error *err)
{
    k->all.n = k->n_walls = 0;
    if (!xw_grow((void **)&k->order, &k->cap_order, 2 * n + 1, sizeof *k->order)) {
        return xw_fail(err, XW_NOMEM, "%zu faces", n);
    }
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->building[faces[i]] == XW_NONE) continue;
        const xw_pt p = xw_map_from(&s->map, s->map.first[faces[i]]);
        k->order[used++] = hilbert(rounded(to_local(&k->frame, p))) << 32 | faces[i];
    }
    xw_radix_sort(k->order, k->order + used, used, 0, 64);
    xw_status st = XW_OK;
    for (size_t i = 0; i < used && !st; i++) {
        st = add_building(s, k, (uint32_t)k->order[i], err);
    }
    return st;
}

/* Adds one site; the walk starts at triangle `from`. The first of equal sites gives the label. */
static xw_status add_site(desk *k, uint32_t ix, uint32_t from, uint32_t *vertex, xw_error *err)
{
    const uint32_t before = k->d.n_pts;
    k->d.last = from;
    const xw_status st = delaunay_add(&k->d, k->all.s[ix].at, vertex, err);
    if (st || *vertex != before) return st;
    if (!xw_grow((void **)&k->label, &k->cap_label, before + 1, sizeof *k->label) ||
        !xw_grow((void **)&k->site, &k->cap_site, before + 1, sizeof *k->site) ||
        !xw_grow((void **)&k->near, &k->cap_near, before + 1, sizeof *k->near)) {
        return xw_fail(err, XW_NOMEM, "%u sites", before);
    }
    k->label[before] = k->all.s[ix].label;
    k->site[before] = ix;
    k->near[before] = k->d.last;
    return XW_OK;
}

static const double mirror_mm = 3500.0; /* walls nearer than this get mirror images */

/* The mirror image of vertex u on the wall of vertex v, where the two walls are near and v is not
 * nearly there. */
static xw_status mirror(desk *k, uint32_t u, uint32_t v, xw_error *err)
{
    const site *own = &k->all.s[k->site[u]], *other = &k->all.s[k->site[v]];
    const wall *w = &k->walls[other->wall];
    const double dx = w->to.x - w->from.x, dy = w->to.y - w->from.y, d2 = dx * dx + dy * dy;
    const double px = own->at.x - w->from.x, py = own->at.y - w->from.y;
    const double across = dx * py - dy * px; /* distance times length */
    if (across * across > mirror_mm * mirror_mm * d2) return XW_OK;
    const double t = (px * dx + py * dy) / d2;
    if (!(t > 0.0 && t < 1.0)) return XW_OK;
    const spot at = along(w, t);
    const double ox = at.x - other->at.x, oy = at.y - other->at.y;
    const double off2 = ox * ox + oy * oy, gap2 = across * across / d2;
    if (off2 < 150.0 * 150.0 || off2 < gap2 / 16.0) return XW_OK;
    return site_add(&k->all, rounded(at), other->label, other->wall, err);
}

static bool has_wall(const desk *k, uint32_t v)
{
    return v >= DELAUNAY_CORNERS && k->all.s[k->site[v]].wall != XW_NONE;
}

static xw_status add_mirrors(desk *k, xw_error *err)
{
    const delaunay *d = &k->d;
    const size_t n = k->all.n;
    xw_status st = XW_OK;
    for (uint32_t c = 0; c < 3 * d->n_triangles && !st; c++) {
        if (d->mate[c] == UINT32_MAX || d->mate[c] < c) continue;
        const uint32_t u = d->v[c], v = d->v[corner_next(c)];
        if (k->label[u] == k->label[v] || !has_wall(k, u) || !has_wall(k, v)) continue;
        const size_t before = k->all.n;
        st = mirror(k, u, v, err);
        if (!st) st = mirror(k, v, u, err);
        if (!st && !xw_grow((void **)&k->stack, &k->cap_stack, k->all.n - n, sizeof *k->stack)) {
            st = xw_fail(err, XW_NOMEM, "%zu sites", k->all.n);
        }
        for (size_t i = before; i < k->all.n && !st; i++) k->stack[i - n] = c / 3;
    }
    uint32_t vertex;
    for (size_t i = n; i < k->all.n && !st; i++) {
        st = add_site(k, (uint32_t)i, k->stack[i - n], &vertex, err);
    }
    return st;
}

enum { STRIDE = 8 };

/* Every eighth site first, then the others, each next to the one before it: few flips, short walks.
 */
xw_status voronoi_triangulate(desk *k, xw_error *err)
{
    const size_t n = k->all.n;
    xw_status st = delaunay_reset(&k->d, n, err);
    if (!st &&
        (!xw_grow((void **)&k->label, &k->cap_label, n + DELAUNAY_CORNERS, sizeof *k->label) ||
         !xw_grow((void **)&k->site, &k->cap_site, n + DELAUNAY_CORNERS, sizeof *k->site) ||
         !xw_grow((void **)&k->near, &k->cap_near, n + DELAUNAY_CORNERS, sizeof *k->near))) {
        st = xw_fail(err, XW_NOMEM, "%zu sites", n);
    }
    if (st) return st;
    for (int i = 0; i < DELAUNAY_CORNERS; i++) k->label[i] = XW_NONE;
    if (!xw_grow((void **)&k->stack, &k->cap_stack, n / STRIDE + 1, sizeof *k->stack)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", n);
    }
    uint32_t vertex = 0;
    for (size_t i = 0; i < n && !st; i += STRIDE) {
        st = add_site(k, (uint32_t)i, k->d.last, &vertex, err);
        k->stack[i / STRIDE] = vertex;
    }
    for (size_t i = 0; i < n && !st; i++) {
        if (i % STRIDE == 0) {
            vertex = k->stack[i / STRIDE];
        } else {
            st = add_site(k, (uint32_t)i, k->near[vertex], &vertex, err);
        }
    }
    return st ? st : add_mirrors(k, err);
}
