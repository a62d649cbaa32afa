#include "xiwang/territory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const xw_class_info classes[] = {
#define X(name, code, zh, hard, cost, basis) {code, zh, hard, cost},
    XW_BARRIER_MAP(X)
#undef X
};
static const xw_class_info no_class = {"", "", false, 1.0};

const xw_class_info *xw_class_get(unsigned cls)
{
    return cls < XW_CLASS_COUNT ? &classes[cls] : &no_class;
}

unsigned xw_class_find(const char *code)
{
    for (unsigned i = 0; i < XW_CLASS_COUNT; i++) {
        if (strcmp(classes[i].code, code) == 0) return i;
    }
    return XW_CLASS_NONE;
}

void xw_territory_init(xw_territory *t) { *t = (xw_territory){0}; }

void xw_territory_finish(xw_territory *t)
{
    xw_strings_finish(&t->text);
    free(t->pts);
    free(t->rings);
    free(t->barriers);
    free(t->buildings);
    free(t->waters);
    free(t->exclusives);
    free(t->divisions);
    free(t->addresses);
    free(t->findings);
    *t = (xw_territory){0};
}

/* One more element in an array of the territory; indices are uint32_t and XW_NONE is taken. */
static void *one_more(void **array, size_t *n, size_t *cap, size_t size)
{
    if (*n >= XW_NONE - 1 || !xw_grow(array, cap, *n + 1, size)) return NULL;
    return (char *)*array + (*n)++ * size;
}
#define ONE_MORE(t, name) \
    one_more((void **)&(t)->name, &(t)->n_##name, &(t)->cap_##name, sizeof *(t)->name)

xw_status xw_territory_add_pts(xw_territory *t, const xw_pt *pts, size_t n, uint32_t *first,
                               xw_error *err)
{
    *first = (uint32_t)t->n_pts;
    if (n > XW_NONE - t->n_pts) return xw_fail(err, XW_LIMIT, "more than 4 billion vertices");
    if (!xw_grow((void **)&t->pts, &t->cap_pts, t->n_pts + n, sizeof *t->pts)) {
        return xw_fail(err, XW_NOMEM, "%zu vertices", t->n_pts + n);
    }
    if (n) memcpy(t->pts + t->n_pts, pts, n * sizeof *pts);
    t->n_pts += n;
    return XW_OK;
}

xw_status xw_territory_add_ring(xw_territory *t, const xw_pt *pts, size_t n, xw_error *err)
{
    uint32_t first;
    const xw_status st = xw_territory_add_pts(t, pts, n, &first, err);
    if (st) return st;
    xw_span *r = ONE_MORE(t, rings);
    if (!r) return xw_fail(err, XW_NOMEM, "%zu rings", t->n_rings + 1);
    *r = (xw_span){first, (uint32_t)n};
    return XW_OK;
}

#define ADD(t, name, value, err)                                                  \
    do {                                                                          \
        void *at_ = ONE_MORE(t, name);                                            \
        if (!at_) return xw_fail(err, XW_NOMEM, "%zu " #name, (t)->n_##name + 1); \
        memcpy(at_, value, sizeof *(value));                                      \
    } while (0)

xw_status xw_territory_add_barrier(xw_territory *t, const xw_barrier *b, xw_error *err)
{
    ADD(t, barriers, b, err);
    return XW_OK;
}

xw_status xw_territory_add_building(xw_territory *t, const xw_building *b, uint32_t *ix,
                                    xw_error *err)
{
    ADD(t, buildings, b, err);
    if (ix) *ix = (uint32_t)(t->n_buildings - 1);
    return XW_OK;
}

xw_status xw_territory_add_water(xw_territory *t, const xw_water *w, xw_error *err)
{
    ADD(t, waters, w, err);
    return XW_OK;
}

xw_status xw_territory_add_exclusive(xw_territory *t, const xw_exclusive *x, xw_error *err)
{
    ADD(t, exclusives, x, err);
    return XW_OK;
}

xw_status xw_territory_add_division(xw_territory *t, const xw_division *d, xw_error *err)
{
    ADD(t, divisions, d, err);
    return XW_OK;
}

xw_status xw_territory_add_address(xw_territory *t, const xw_address *a, xw_error *err)
{
    ADD(t, addresses, a, err);
    return XW_OK;
}

xw_status xw_territory_find(xw_territory *t, const char *kind, const char *layer,
                            const char *source, xw_pt at, xw_error *err, const char *fmt, ...)
{
    char given[sizeof((xw_error *)0)->text];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(given, sizeof given, fmt, ap);
    va_end(ap);
    xw_error line; /* one line that ends with a whole character, as errors do */
    (void)xw_fail(&line, XW_OK, "%s", given);
    xw_finding f = {.at = at};
    xw_status st = xw_strings_add(&t->text, kind, &f.kind, err);
    if (!st) st = xw_strings_add(&t->text, layer, &f.layer, err);
    if (!st) st = xw_strings_add(&t->text, source, &f.source, err);
    if (!st) st = xw_strings_add(&t->text, line.text, &f.text, err);
    if (st) return st;
    ADD(t, findings, &f, err);
    return XW_OK;
}

xw_box xw_area_box(const xw_territory *t, xw_area a)
{
    xw_box b = XW_BOX_EMPTY;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        b = xw_box_join(b, xw_ring_box(xw_territory_ring(t, a.first_ring + i)));
    }
    return b;
}

double xw_area_m2(const xw_territory *t, xw_area a)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        sum += xw_ring_area_m2(xw_territory_ring(t, a.first_ring + i));
    }
    return sum;
}

bool xw_area_owns(const xw_territory *t, xw_area a, xw_pt p)
{
    bool in = false;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        in ^= xw_ring_owns(xw_territory_ring(t, a.first_ring + i), p);
    }
    return in;
}
