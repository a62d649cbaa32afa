/* Buildings that come, change or go, on a territory that was imported before. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct named { /* an id, and whether a building had it */
    const char *id;
    bool asked, found; /* asked: it is to go; else another comes in its place */
} named;

static int by_id(const void *a, const void *b)
{
    const named *p = a, *q = b;
    return strcmp(p->id, q->id);
}

/* The ids of what is read and of what is to go, sorted. The texts are the territory's and `copy`.
 */
static xw_status list_ids(const xw_territory *fresh, char *copy, named **out, size_t *n,
                          xw_error *err)
{
    size_t most = fresh->n_buildings + 2;
    for (const char *c = copy; *c; c++) most += *c == ',';
    named *ids = malloc(most * sizeof *ids);
    *out = ids;
    *n = 0;
    if (!ids) return xw_fail(err, XW_NOMEM, "%zu buildings", most);
    for (size_t i = 0; i < fresh->n_buildings; i++) {
        const char *id = xw_territory_text(fresh, fresh->buildings[i].source);
        if (id[0]) ids[(*n)++] = (named){id, false, false};
    }
    for (char *at = copy; *at;) {
        char *end = at + strcspn(at, ",");
        const bool last = *end == '\0';
        *end = '\0';
        if (*at) ids[(*n)++] = (named){at, true, false};
        at = last ? end : end + 1;
    }
    if (*n) qsort(ids, *n, sizeof *ids, by_id);
    return XW_OK;
}

/* Takes away the buildings with these ids; those behind them move up. */
static xw_status drop(xw_territory *t, named *ids, size_t n, xw_import_change *c, xw_error *err)
{
    uint32_t *moved = malloc((t->n_buildings + 1) * sizeof *moved), k = 0;
    if (!moved) return xw_fail(err, XW_NOMEM, "%zu buildings", t->n_buildings);
    for (size_t i = 0; i < t->n_buildings; i++) {
        const named key = {xw_territory_text(t, t->buildings[i].source), false, false};
        named *hit = n ? bsearch(&key, ids, n, sizeof *ids, by_id) : NULL;
        moved[i] = hit ? XW_NONE : k;
        if (hit) {
            hit->found = true;
            *(hit->asked ? &c->removed : &c->replaced) += 1;
        } else {
            t->buildings[k++] = t->buildings[i];
        }
    }
    for (size_t i = 0; i < t->n_addresses; i++) {
        uint32_t *b = &t->addresses[i].building;
        if (*b != XW_NONE) *b = moved[*b];
    }
    t->n_buildings = k;
    free(moved);
    for (size_t i = 0; i < n; i++) {
        if (!ids[i].asked || ids[i].found) continue;
        return xw_fail(err, XW_NOT_FOUND, "no building \"%.60s\" to remove", ids[i].id);
    }
    return XW_OK;
}

static xw_status move_text(xw_territory *t, const xw_territory *from, xw_text *x, xw_error *err)
{
    return xw_strings_add(&t->text, xw_territory_text(from, *x), x, err);
}

static xw_status append(xw_territory *t, const xw_territory *from, const xw_building *b,
                        xw_error *err)
{
    xw_building own = *b;
    xw_status st = XW_OK;
    own.area.first_ring = (uint32_t)t->n_rings;
    for (uint32_t i = 0; i < b->area.n_rings && !st; i++) {
        const xw_ring r = xw_territory_ring(from, b->area.first_ring + i);
        st = xw_territory_add_ring(t, r.pts, r.n, err);
    }
    if (!st) st = move_text(t, from, &own.name, err);
    if (!st) st = move_text(t, from, &own.source, err);
    return st ? st : xw_territory_add_building(t, &own, NULL, err);
}

static bool same_area(const xw_territory *s, xw_area a, const xw_territory *t, xw_area b)
{
    if (a.n_rings != b.n_rings) return false;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_ring p = xw_territory_ring(s, a.first_ring + i);
        const xw_ring q = xw_territory_ring(t, b.first_ring + i);
        if (p.n != q.n || memcmp(p.pts, q.pts, p.n * sizeof *p.pts) != 0) return false;
    }
    return true;
}

/* Buildings of the territory by the box of their footprints, to find twins. */
typedef struct boxed {
    xw_box box;
    uint32_t ix;
} boxed;

static int by_box(const void *a, const void *b) { return memcmp(a, b, sizeof(xw_box)); }

static xw_status join(xw_territory *t, const xw_territory *fresh, xw_import_change *c,
                      xw_error *err)
{
    const size_t n = t->n_buildings;
    boxed *all = calloc(n + 1, sizeof *all);
    xw_status st = all ? XW_OK : xw_fail(err, XW_NOMEM, "%zu footprints", n);
    for (size_t i = 0; i < n && !st; i++) {
        all[i] = (boxed){xw_area_box(t, t->buildings[i].area), (uint32_t)i};
    }
    if (!st && n) qsort(all, n, sizeof *all, by_box);
    for (size_t i = 0; i < fresh->n_buildings && !st; i++) {
        const xw_building *b = &fresh->buildings[i];
        const boxed key = {xw_area_box(fresh, b->area), 0};
        const boxed *hit = n ? bsearch(&key, all, n, sizeof *all, by_box) : NULL;
        if (!hit || !same_area(t, t->buildings[hit->ix].area, fresh, b->area)) {
            st = append(t, fresh, b, err);
            c->added++;
            continue;
        }
        c->listed++;
        st = xw_territory_find(
            t, "building-duplicate", "buildings", xw_territory_text(fresh, b->source), key.box.min,
            err, "same footprint as %s", xw_territory_text(t, t->buildings[hit->ix].source));
    }
    free(all);
    for (size_t i = 0; i < fresh->n_findings && !st; i++) {
        const xw_finding *f = &fresh->findings[i];
        st = xw_territory_find(t, xw_territory_text(fresh, f->kind),
                               xw_territory_text(fresh, f->layer),
                               xw_territory_text(fresh, f->source), f->at, err, "%s",
                               xw_territory_text(fresh, f->text));
    }
    c->added -= c->replaced < c->added ? c->replaced : c->added;
    return st;
}

static xw_status change(xw_territory *t, const xw_import_options *o, char *copy, const xw_job *job,
                        xw_import_change *out, xw_error *err)
{
    xw_territory fresh;
    xw_import_counts counts = {0};
    named *ids = NULL;
    size_t n = 0;
    xw_territory_init(&fresh);
    xw_status st = o->buildings ? xw__import_alone(o, job, &fresh, &counts, err) : XW_OK;
    out->listed = counts.buildings_listed;
    if (!st) st = list_ids(&fresh, copy, &ids, &n, err);
    if (!st) st = drop(t, ids, n, out, err);
    if (!st) st = join(t, &fresh, out, err);
    if (!st) {
        const xw__import im = {.o = o, .t = t};
        st = xw__extent_check(&im, err);
    }
    free(ids);
    xw_territory_finish(&fresh);
    return st;
}

xw_status xw_import_add(xw_territory *t, const xw_import_options *o, const char *removed,
                        const xw_job *job, xw_import_change *out, xw_error *err)
{
    *out = (xw_import_change){0};
    const size_t n = removed ? strlen(removed) : 0;
    char *copy = calloc(n + 1, 1);
    if (!copy) return xw_fail(err, XW_NOMEM, "ids of buildings");
    if (n) memcpy(copy, removed, n);
    const xw_status st = change(t, o, copy, job, out, err);
    free(copy);
    return st;
}
