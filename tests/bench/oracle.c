#include "oracle.h"

#include "xiwang/ring.h"
#include "xiwang/rng.h"

#include <stdlib.h>
#include <string.h>

/* Square buckets over the coverage with the polygons whose boxes meet them. */
typedef struct buckets {
    const bench_cover *c;
    xw_box *box;
    int64_t side, nx, ny;
    size_t *start;
    uint32_t *item;
} buckets;

static void finish_buckets(buckets *b)
{
    free(b->box);
    free(b->start);
    free(b->item);
}

static int64_t column(const buckets *b, int32_t x)
{
    return (x - (int64_t)b->c->box.min.x) / b->side;
}
static int64_t line(const buckets *b, int32_t y)
{
    return (y - (int64_t)b->c->box.min.y) / b->side;
}

static void scatter(const buckets *b, size_t polygon, bool place)
{
    const xw_box x = b->box[polygon];
    for (int64_t j = line(b, x.min.y); j <= line(b, x.max.y); j++) {
        for (int64_t i = column(b, x.min.x); i <= column(b, x.max.x); i++) {
            size_t *const k = &b->start[j * b->nx + i];
            if (place) {
                b->item[--*k] = (uint32_t)polygon;
            } else {
                ++*k;
            }
        }
    }
}

static bool make_buckets(const bench_cover *c, buckets *b)
{
    *b = (buckets){.c = c, .side = 1};
    const int64_t w = (int64_t)c->box.max.x - c->box.min.x,
                  h = (int64_t)c->box.max.y - c->box.min.y;
    while ((w / b->side + 1) * (h / b->side + 1) > (int64_t)c->n_polygons + 16) b->side *= 2;
    b->nx = w / b->side + 1;
    b->ny = h / b->side + 1;
    const size_t n = (size_t)(b->nx * b->ny);
    b->box = malloc((c->n_polygons + 1) * sizeof *b->box);
    b->start = calloc(n + 1, sizeof *b->start);
    if (!b->box || !b->start) return false;
    for (size_t i = 0; i < c->n_polygons; i++) {
        b->box[i] = XW_BOX_EMPTY;
        for (uint32_t r = c->start[i]; r < c->start[i + 1]; r++) {
            const bench_ring *g = &c->rings[r];
            b->box[i] = xw_box_join(b->box[i], xw_ring_box((xw_ring){c->pts + g->first, g->n}));
        }
        scatter(b, i, false);
    }
    size_t sum = 0;
    for (size_t k = 0; k < n; k++) b->start[k] = sum += b->start[k];
    b->start[n] = sum;
    b->item = malloc((sum + 1) * sizeof *b->item);
    if (!b->item) return false;
    for (size_t i = c->n_polygons; i-- > 0;) scatter(b, i, true);
    return true;
}

static uint32_t owner(const buckets *b, xw_pt p, size_t *owners)
{
    const bench_cover *c = b->c;
    uint32_t label = 0;
    *owners = 0;
    if (!xw_box_has(c->box, p)) return 0;
    const int64_t k = line(b, p.y) * b->nx + column(b, p.x);
    for (size_t i = b->start[k]; i < b->start[k + 1]; i++) {
        const uint32_t polygon = b->item[i];
        bool in = false;
        if (!xw_box_has(b->box[polygon], p)) continue;
        for (uint32_t r = c->start[polygon]; r < c->start[polygon + 1]; r++) {
            const bench_ring *g = &c->rings[r];
            in ^= xw_ring_owns((xw_ring){c->pts + g->first, g->n}, p);
        }
        if (!in) continue;
        ++*owners;
        label = polygon + 1;
    }
    return label;
}

static xw_pt on_line(const bench_cover *c, xw_rng *r)
{
    const xw_label_edge *e = &c->edges[xw_rng_next(r) % c->n_edges];
    const int64_t dx = (int64_t)e->b.x - e->a.x, dy = (int64_t)e->b.y - e->a.y;
    int64_t g = llabs(dx), h = llabs(dy);
    if (xw_rng_below(r, 2)) return e->a;
    while (h) {
        const int64_t t = g % h;
        g = h;
        h = t;
    }
    if (g > 1) {
        const int64_t k = 1 + xw_rng_below(r, (uint32_t)(g - 1));
        return (xw_pt){(int32_t)(e->a.x + dx / g * k), (int32_t)(e->a.y + dy / g * k)};
    }
    const double t = xw_rng_unit(r);
    return (xw_pt){(int32_t)((double)e->a.x + (double)dx * t),
                   (int32_t)((double)e->a.y + (double)dy * t)};
}

static xw_pt anywhere(const bench_cover *c, xw_rng *r)
{
    enum { AROUND = 5000 };
    return (xw_pt){xw_rng_in(r, c->box.min.x - AROUND, c->box.max.x + AROUND),
                   xw_rng_in(r, c->box.min.y - AROUND, c->box.max.y + AROUND)};
}

xw_status bench_exact_check(const bench_cover *c, const xw_locator *l, uint64_t seed, size_t n,
                            bench_exact *out, xw_error *err)
{
    enum { BATCH = 1000 };
    buckets b;
    xw_rng r = {seed};
    memset(out, 0, sizeof *out);
    if (c->n_edges == 0) return XW_OK;
    if (!make_buckets(c, &b)) {
        finish_buckets(&b);
        return xw_fail(err, XW_NOMEM, "%zu polygons", c->n_polygons);
    }
    for (size_t done = 0; done < n;) {
        xw_pt p[BATCH];
        uint32_t many[BATCH];
        const size_t m = n - done < BATCH ? n - done : BATCH;
        for (size_t i = 0; i < m; i++) {
            out->n_on_lines += i % 4 == 0;
            p[i] = i % 4 ? anywhere(c, &r) : on_line(c, &r);
        }
        xw_locator_find_many(l, p, m, many);
        for (size_t i = 0; i < m; i++) {
            size_t owners;
            const uint32_t want = owner(&b, p[i], &owners);
            out->n_owned += owners > 0;
            out->n_ambiguous += owners > 1;
            out->n_differ += many[i] != want || xw_locator_find(l, p[i]) != want;
        }
        done += m;
    }
    out->n_points = n;
    finish_buckets(&b);
    return XW_OK;
}
