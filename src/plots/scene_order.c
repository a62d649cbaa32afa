/* Canonical order of buildings: by place and shape, never by position in the input. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

typedef struct key {
    const xw_territory *t;
    xw_pt min; /* smallest vertex */
    int64_t area2;
    uint32_t n_pts, ix;
} key;

static int by_key(const void *a, const void *b)
{
    const key *p = a, *q = b;
    if (!xw_pt_eq(p->min, q->min)) return xw_pt_less(p->min, q->min) ? -1 : 1;
    if (p->area2 != q->area2) return p->area2 < q->area2 ? -1 : 1;
    if (p->n_pts != q->n_pts) return p->n_pts < q->n_pts ? -1 : 1;
    const xw_building *x = &p->t->buildings[p->ix], *y = &q->t->buildings[q->ix];
    const int c = strcmp(xw_territory_text(p->t, x->source), xw_territory_text(p->t, y->source));
    return c ? c : (p->ix > q->ix) - (p->ix < q->ix);
}

static key key_of(const xw_territory *t, uint32_t ix)
{
    const xw_area a = t->buildings[ix].area;
    key out = {.t = t, .min = {INT32_MAX, INT32_MAX}, .ix = ix};
    for (uint32_t k = 0; k < a.n_rings; k++) {
        const xw_ring r = xw_territory_ring(t, a.first_ring + k);
        out.area2 += xw_ring_area2(r);
        out.n_pts += r.n;
        for (uint32_t v = 0; v < r.n; v++) {
            if (xw_pt_less(r.pts[v], out.min)) out.min = r.pts[v];
        }
    }
    return out;
}

int scene_compare_buildings(const xw_territory *t, uint32_t a, uint32_t b)
{
    const key p = key_of(t, a), q = key_of(t, b);
    return by_key(&p, &q);
}

xw_status scene_order_buildings(scene *s, xw_error *err)
{
    const xw_territory *t = s->t;
    const size_t n = t->n_buildings;
    key *keys = malloc((n + 1) * sizeof *keys);
    s->order = malloc((n + 1) * sizeof *s->order);
    s->rank = malloc((n + 1) * sizeof *s->rank);
    if (!keys || !s->order || !s->rank) {
        free(keys);
        return xw_fail(err, XW_NOMEM, "%zu buildings", n);
    }
    for (uint32_t i = 0; i < n; i++) keys[i] = key_of(t, i);
    if (n) qsort(keys, n, sizeof *keys, by_key);
    for (size_t k = 0; k < n; k++) {
        s->order[k] = keys[k].ix;
        s->rank[keys[k].ix] = (uint32_t)k;
    }
    free(keys);
    return XW_OK;
}
