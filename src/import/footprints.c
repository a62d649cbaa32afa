#include "internal.h"

#include <stdlib.h>
#include <string.h>

static int64_t bucket_of(const xw__footprints *b, int32_t x, int32_t y)
{
    return ((int64_t)y - b->extent.min.y) / b->side * b->nx +
           ((int64_t)x - b->extent.min.x) / b->side;
}

static void choose_side(xw__footprints *b, size_t n)
{
    const int64_t w = (int64_t)b->extent.max.x - b->extent.min.x + 1;
    const int64_t h = (int64_t)b->extent.max.y - b->extent.min.y + 1;
    b->side = 1000;
    while ((w / b->side + 1) * (h / b->side + 1) > 2 * (int64_t)n + 16) b->side *= 2;
    b->nx = w / b->side + 1;
    b->ny = h / b->side + 1;
}

/* Counts (item NULL) or places the buildings of each bucket. */
static void visit(const xw__footprints *b, const xw_territory *t, uint32_t *cursor, uint32_t *item)
{
    for (size_t i = 0; i < t->n_buildings; i++) {
        const xw_box box = xw_area_box(t, t->buildings[i].area);
        if (xw_box_is_empty(box)) continue;
        const int64_t lo = bucket_of(b, box.min.x, box.min.y);
        const int64_t hi = bucket_of(b, box.max.x, box.max.y);
        for (int64_t row = lo / b->nx; row <= hi / b->nx; row++) {
            for (int64_t col = lo % b->nx; col <= hi % b->nx; col++) {
                const int64_t k = row * b->nx + col;
                if (item) item[cursor[k]] = (uint32_t)i;
                cursor[k]++;
            }
        }
    }
}

xw_status xw__footprints_init(xw__footprints *b, const xw_territory *t, xw_error *err)
{
    *b = (xw__footprints){0};
    b->extent = XW_BOX_EMPTY;
    for (size_t i = 0; i < t->n_buildings; i++) {
        b->extent = xw_box_join(b->extent, xw_area_box(t, t->buildings[i].area));
    }
    if (xw_box_is_empty(b->extent)) return XW_OK;
    choose_side(b, t->n_buildings);
    const size_t n = (size_t)(b->nx * b->ny);
    uint32_t *cursor = calloc(n, sizeof *cursor);
    b->start = calloc(n + 1, sizeof *b->start);
    if (!cursor || !b->start) goto fail;
    visit(b, t, cursor, NULL);
    uint64_t total = 0;
    for (size_t k = 0; k < n; k++) {
        b->start[k] = (uint32_t)total;
        total += cursor[k];
        cursor[k] = b->start[k];
    }
    b->start[n] = (uint32_t)total;
    b->item = calloc(total ? (size_t)total : 1, sizeof *b->item);
    if (!b->item) goto fail;
    visit(b, t, cursor, b->item);
    free(cursor);
    return XW_OK;
fail:
    free(cursor);
    return xw_fail(err, XW_NOMEM, "%zu buckets of buildings", n);
}

void xw__footprints_finish(xw__footprints *b)
{
    free(b->start);
    free(b->item);
    *b = (xw__footprints){0};
}

static int64_t size_of(const xw_territory *t, xw_area a)
{
    int64_t sum = 0;
    for (uint32_t r = 0; r < a.n_rings; r++)
        sum += xw_ring_area2(xw_territory_ring(t, a.first_ring + r));
    return sum;
}

/* Ids break the tie, so that the order of the file does not. */
static bool is_smaller(const xw_territory *t, uint32_t a, uint32_t b)
{
    const xw_building *p = &t->buildings[a], *q = &t->buildings[b];
    const int64_t m = size_of(t, p->area), n = size_of(t, q->area);
    if (m != n) return m < n;
    return strcmp(xw_territory_text(t, p->source), xw_territory_text(t, q->source)) < 0;
}

uint32_t xw__footprints_at(const xw__footprints *b, const xw_territory *t, xw_pt p)
{
    uint32_t best = XW_NONE;
    if (xw_box_is_empty(b->extent) || !xw_box_has(b->extent, p)) return XW_NONE;
    const int64_t k = bucket_of(b, p.x, p.y);
    for (uint32_t i = b->start[k]; i < b->start[k + 1]; i++) {
        const uint32_t at = b->item[i];
        if (!xw_area_owns(t, t->buildings[at].area, p)) continue;
        if (best == XW_NONE || is_smaller(t, at, best)) best = at;
    }
    return best;
}
