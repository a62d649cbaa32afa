#include "voronoi.h"

#include "delaunay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double step_mm = 2000.0, guard_mm = 50.0, reach_default_m = 80.0;

typedef struct block_list { /* faces and buildings by block */
    uint32_t *face_start, *face, *count;
} block_list;

typedef struct desk { /* what one thread works with */
    delaunay d;
    sites all;
    uint32_t *label; /* by vertex of the triangulation */
    size_t cap_label;
} desk;

typedef struct work {
    const scene *s;
    block_list list;
    uint32_t *todo; /* blocks with buildings */
    size_t n_todo;
    betweens *out;  /* by todo */
    desk *desks;    /* by thread */
    double reach_m; /* of buildings over open land */
} work;

static xw_pt to_local(const frame *f, double x, double y)
{
    return (xw_pt){(int32_t)lround((x - f->x0) * f->kx), (int32_t)lround((y - f->y0) * f->ky)};
}

/* Millimetres around the middle of the block, coarser only for blocks beyond 134 km. */
static frame frame_of(const land *l)
{
    const xw_box b = l->cells.box;
    frame f = {((double)b.min.x + b.max.x) / 2, ((double)b.min.y + b.max.y) / 2, 0, 0};
    const xw_scale s = xw_scale_at((int32_t)f.y0);
    const double half =
        fmax(((double)b.max.x - b.min.x) * s.mx, ((double)b.max.y - b.min.y) * s.my) * 500.0;
    const double fit = half > DELAUNAY_EXTENT * 0.99 ? DELAUNAY_EXTENT * 0.99 / half : 1.0;
    f.kx = s.mx * 1000.0 * fit;
    f.ky = s.my * 1000.0 * fit;
    return f;
}

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

static int by_curve(const void *a, const void *b)
{
    const site *p = a, *q = b;
    if (p->key != q->key) return p->key < q->key ? -1 : 1;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    return (p->label > q->label) - (p->label < q->label);
}

xw_status site_add(sites *l, const frame *f, double x, double y, uint32_t label, xw_error *err)
{
    if (!xw_grow((void **)&l->s, &l->cap, l->n + 1, sizeof *l->s)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", l->n);
    }
    const xw_pt p = to_local(f, x, y);
    l->s[l->n++] = (site){hilbert(p), p, label};
    return XW_OK;
}

/* Does another building stand at the origin of h? */
static bool touches_other(const scene *s, uint32_t h, uint32_t b)
{
    uint32_t at = h;
    do {
        const uint32_t other = s->building[s->map.face[at]];
        if (other != XW_NONE && other != b) return true;
        at = s->map.next[at ^ 1];
    } while (at != h);
    return false;
}

/* Sites along one free wall. */
static xw_status add_wall(const scene *s, desk *k, const frame *f, uint32_t h, uint32_t b,
                          xw_error *err)
{
    const xw_pt p = xw_map_from(&s->map, h), q = xw_map_to(&s->map, h);
    const double dx = (double)q.x - p.x, dy = (double)q.y - p.y;
    const double length = hypot(dx * f->kx, dy * f->ky);
    const bool guard_p = touches_other(s, h, b), guard_q = touches_other(s, h ^ 1, b);
    const double guard = guard_mm < length / 4 ? guard_mm / length : 0.25;
    double t = guard_p ? guard : 0.0;
    xw_status st = site_add(&k->all, f, p.x + t * dx, p.y + t * dy, b, err);
    if (!st && guard_q) st = site_add(&k->all, f, q.x - guard * dx, q.y - guard * dy, b, err);
    const int n = (int)ceil(length / step_mm);
    for (int i = 1; i < n && !st; i++) {
        t = (double)i / n;
        st = site_add(&k->all, f, p.x + t * dx, p.y + t * dy, b, err);
    }
    return st;
}

static xw_status add_sites(const scene *s, desk *k, const frame *f, const uint32_t *faces, size_t n,
                           xw_error *err)
{
    k->all.n = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t b = s->building[faces[i]];
        if (b == XW_NONE) continue;
        for (uint32_t j = s->faces.start[faces[i]]; j < s->faces.start[faces[i] + 1]; j++) {
            const uint32_t h = s->faces.half[j], other = s->map.face[h ^ 1];
            if (s->building[other] != XW_NONE || s->block[other] != s->block[faces[i]]) continue;
            const xw_status st = add_wall(s, k, f, h, b, err);
            if (st) return st;
        }
    }
    return XW_OK;
}

static xw_status triangulate(desk *k, xw_error *err)
{
    if (k->all.n) qsort(k->all.s, k->all.n, sizeof *k->all.s, by_curve);
    if (!xw_grow((void **)&k->label, &k->cap_label, k->all.n + DELAUNAY_CORNERS,
                 sizeof *k->label)) {
        return xw_fail(err, XW_NOMEM, "%zu sites", k->all.n);
    }
    for (int i = 0; i < DELAUNAY_CORNERS; i++) k->label[i] = XW_NONE;
    xw_status st = delaunay_reset(&k->d, err);
    for (size_t i = 0; i < k->all.n && !st; i++) {
        const uint32_t before = k->d.n_pts;
        uint32_t v;
        st = delaunay_add(&k->d, k->all.s[i].at, &v, err);
        if (!st && v == before) k->label[v] = k->all.s[i].label; /* the first of equal sites */
    }
    return st;
}

/* Centre of the circle around triangle t, in lattice units. */
static spot centre(const delaunay *d, const frame *f, uint32_t t)
{
    const xw_pt a = d->pt[d->v[3 * t]], b = d->pt[d->v[3 * t + 1]], c = d->pt[d->v[3 * t + 2]];
    const double bx = (double)b.x - a.x, by = (double)b.y - a.y;
    const double cx = (double)c.x - a.x, cy = (double)c.y - a.y;
    const double w = 2.0 * (bx * cy - by * cx);
    const double bl = bx * bx + by * by, cl = cx * cx + cy * cy;
    return (spot){f->x0 + (a.x + (cy * bl - by * cl) / w) / f->kx,
                  f->y0 + (a.y + (bx * cl - cx * bl) / w) / f->ky};
}

static xw_status emit_lines(const desk *k, const frame *f, const land *l, betweens *out,
                            xw_error *err)
{
    const delaunay *d = &k->d;
    for (uint32_t c = 0; c < 3 * d->n_triangles; c++) {
        const uint32_t m = d->mate[c];
        if (m == UINT32_MAX || m < c) continue;
        const uint32_t a = k->label[d->v[c]], b = k->label[d->v[corner_next(c)]];
        if (a == b || a == XW_NONE || b == XW_NONE) continue;
        /* From the right triangle to the left one, vertex a of the edge lies on the left. */
        const xw_status st = land_clip(l, centre(d, f, m / 3), centre(d, f, c / 3), a, b, out, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status do_block(void *ctx, size_t i, unsigned thread, xw_error *err)
{
    work *w = ctx;
    desk *k = &w->desks[thread];
    const uint32_t block = w->todo[i];
    const uint32_t *faces = w->list.face + w->list.face_start[block];
    const size_t n = w->list.face_start[block + 1] - w->list.face_start[block];
    if (i % 256 == 0 && thread == 0) {
        const xw_status st = xw_job_step(w->s->job, "plots", i, w->n_todo, err);
        if (st) return st;
    }
    land l;
    xw_status st = land_create(w->s, faces, n, block, &l, err);
    const frame f = frame_of(&l);
    if (!st) st = add_sites(w->s, k, &f, faces, n, err);
    if (!st) st = voronoi_open_sites(&l, &f, w->reach_m, &k->all, err);
    if (!st) st = triangulate(k, err);
    if (!st) st = emit_lines(k, &f, &l, &w->out[i], err);
    if (!st) st = voronoi_simplify(&w->out[i], err);
    land_finish(&l);
    return st;
}

static xw_status list_blocks(work *w, xw_error *err)
{
    const scene *s = w->s;
    block_list *l = &w->list;
    l->face_start = calloc(s->n_blocks + 2, sizeof *l->face_start);
    l->face = malloc((s->map.n_faces + 1) * sizeof *l->face);
    l->count = calloc(s->n_blocks + 1, sizeof *l->count);
    w->todo = malloc((s->n_blocks + 1) * sizeof *w->todo);
    if (!l->face_start || !l->face || !l->count || !w->todo) {
        return xw_fail(err, XW_NOMEM, "%zu blocks", s->n_blocks);
    }
    uint32_t *slot = l->face_start + 1;
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] != XW_NONE) slot[s->block[f] + 1]++;
    }
    for (size_t b = 1; b <= s->n_blocks; b++) slot[b] += slot[b - 1];
    for (uint32_t f = 0; f < s->map.n_faces; f++) {
        if (s->block[f] != XW_NONE) l->face[slot[s->block[f]]++] = f;
    }
    for (size_t b = 0; b < s->t->n_buildings; b++) {
        if (s->home[b] != XW_NONE) l->count[s->home[b]]++;
    }
    for (uint32_t b = 0; b < s->n_blocks; b++) {
        if (l->count[b] >= 1) w->todo[w->n_todo++] = b;
    }
    return XW_OK;
}

static xw_status gather(work *w, betweens *out, xw_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < w->n_todo; i++) total += w->out[i].n;
    if (!xw_grow((void **)&out->b, &out->cap, total + 1, sizeof *out->b)) {
        return xw_fail(err, XW_NOMEM, "%zu lines between buildings", total);
    }
    for (size_t i = 0; i < w->n_todo; i++) {
        if (w->out[i].n) memcpy(out->b + out->n, w->out[i].b, w->out[i].n * sizeof *out->b);
        out->n += w->out[i].n;
    }
    return XW_OK;
}

xw_status voronoi_lines(const scene *s, betweens *out, xw_error *err)
{
    *out = (betweens){0};
    work w = {.s = s, .reach_m = s->o && s->o->reach_m > 0.0 ? s->o->reach_m : reach_default_m};
    const unsigned threads = xw_job_threads(s->job);
    xw_status st = list_blocks(&w, err);
    if (!st) {
        w.out = calloc(w.n_todo + 1, sizeof *w.out);
        w.desks = calloc(threads, sizeof *w.desks);
        if (!w.out || !w.desks) st = xw_fail(err, XW_NOMEM, "%zu blocks", w.n_todo);
    }
    if (!st) st = xw_parallel(threads, w.n_todo, do_block, &w, err);
    if (!st) st = gather(&w, out, err);
    for (unsigned i = 0; w.desks && i < threads; i++) {
        delaunay_finish(&w.desks[i].d);
        free(w.desks[i].all.s);
        free(w.desks[i].label);
    }
    for (size_t i = 0; w.out && i < w.n_todo; i++) free(w.out[i].b);
    free(w.desks);
    free(w.out);
    free(w.todo);
    free(w.list.face_start);
    free(w.list.face);
    free(w.list.count);
    return st;
}
