#include "internal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As people write it: 和平路12号 without blanks where the street is Chinese, "Street 12" elsewhere.
 */
static void make_text(const char *street, const char *number, const char *place, char *buf,
                      size_t size)
{
    const char *road = *street ? street : place;
    const size_t n = strlen(number);
    if (xw__has_chinese(road)) {
        const bool bare = n > 0 && isdigit((unsigned char)number[n - 1]);
        (void)snprintf(buf, size, "%s%s%s", road, number, bare ? "号" : "");
    } else {
        (void)snprintf(buf, size, "%s%s%s", road, *road && *number ? " " : "", number);
    }
}

xw_status xw__address_add(xw__import *im, xw_pt at, const char *text, const char *street,
                          const char *number, const char *place, uint32_t building, xw_error *err)
{
    char line[3 * XW__TEXT_MAX];
    xw_address a = {.at = at, .building = building};
    if (!text || !*text) {
        if (!*number) return XW_OK;
        make_text(street, number, place, line, sizeof line);
        text = line;
    }
    xw_status st = xw__intern(im, text, &a.text, err);
    if (!st) st = xw__intern(im, street, &a.street, err);
    if (!st) st = xw__intern(im, number, &a.number, err);
    if (!st) st = xw__intern(im, place, &a.place, err);
    return st ? st : xw_territory_add_address(im->t, &a, err);
}

/* ---- which building is under an address: buckets over the boxes of the footprints ----------- */

typedef struct buckets {
    xw_box extent;
    int64_t side; /* of a bucket, lattice units */
    int64_t nx, ny;
    uint32_t *start, *item; /* buildings of bucket k: item[start[k]] .. item[start[k + 1] - 1] */
} buckets;

static int64_t bucket_of(const buckets *b, int32_t x, int32_t y)
{
    return ((int64_t)y - b->extent.min.y) / b->side * b->nx +
           ((int64_t)x - b->extent.min.x) / b->side;
}

static void choose_side(buckets *b, size_t n)
{
    const int64_t w = (int64_t)b->extent.max.x - b->extent.min.x + 1;
    const int64_t h = (int64_t)b->extent.max.y - b->extent.min.y + 1;
    b->side = 1000;
    while ((w / b->side + 1) * (h / b->side + 1) > 2 * (int64_t)n + 16) b->side *= 2;
    b->nx = w / b->side + 1;
    b->ny = h / b->side + 1;
}

/* Counts (item NULL) or places the buildings of each bucket. */
static void visit(const buckets *b, const xw_territory *t, uint32_t *cursor, uint32_t *item)
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

static xw_status fill(buckets *b, const xw_territory *t, xw_error *err)
{
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

static uint32_t building_at(const buckets *b, const xw_territory *t, xw_pt p)
{
    if (xw_box_is_empty(b->extent) || !xw_box_has(b->extent, p)) return XW_NONE;
    const int64_t k = bucket_of(b, p.x, p.y);
    for (uint32_t i = b->start[k]; i < b->start[k + 1]; i++) {
        if (xw_area_owns(t, t->buildings[b->item[i]].area, p)) return b->item[i];
    }
    return XW_NONE;
}

xw_status xw__addresses_resolve(xw__import *im, xw_error *err)
{
    buckets b = {0};
    xw_territory *t = im->t;
    if (t->n_addresses == 0) return XW_OK;
    const xw_status st = fill(&b, t, err);
    for (size_t i = 0; i < t->n_addresses && !st; i++) {
        xw_address *a = &t->addresses[i];
        if (a->building == XW_NONE) a->building = building_at(&b, t, a->at);
    }
    free(b.start);
    free(b.item);
    return st;
}
