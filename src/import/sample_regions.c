/* Villages grow from one seed cell a block of 2 x 2, not over the river; communities are the urban
 * cells; towns grow over villages. Growth takes only neighbours, so every region is in one piece.
 */
#include "sample_internal.h"

#include <stdio.h>
#include <stdlib.h>

static xw_status add_village(xw__world *w, uint32_t cell, bool community, xw_error *err)
{
    if (!xw_grow((void **)&w->villages, &w->cap_villages, w->n_villages + 1, sizeof *w->villages)) {
        return xw_fail(err, XW_NOMEM, "%zu villages", w->n_villages + 1);
    }
    xw__village *v = w->villages + w->n_villages;
    *v = (xw__village){.seat = cell, .town = XW_NONE, .n_cells = 1, .community = community};
    w->cells[cell].village = (uint32_t)w->n_villages++;
    if (!community) w->cells[cell].kind = XW__VILLAGE;
    return XW_OK;
}

typedef struct candidate {
    double score;
    uint32_t cell;
} candidate;

static int by_score(const void *a, const void *b)
{
    const candidate *p = a, *q = b;
    if (p->score != q->score) return p->score < q->score ? -1 : 1;
    return p->cell < q->cell ? -1 : p->cell > q->cell;
}

/* One cell of a block that a village may start from, with how willing people are to live there. */
static bool candidate_of(const xw__world *w, uint32_t bi, uint32_t bj, candidate *out)
{
    xw_rng r = xw__rng(w, XW__FOR_GROW, (uint64_t)bj << 32 | bi);
    const uint32_t first = xw_rng_below(&r, 4);
    for (uint32_t k = 0; k < 4; k++) {
        const uint32_t q = (first + k) % 4, cell = (2 * bj + q / 2) * w->nx + 2 * bi + q % 2;
        if (w->cells[cell].kind != XW__LAND) continue;
        *out =
            (candidate){xw__hills(w, xw__cell_middle(w, cell)) + xw__between(&r, 0.0, 1.5), cell};
        return true;
    }
    return false;
}

static xw_status seed_villages(xw__world *w, xw_error *err)
{
    const uint32_t bx = w->nx / 2, by = w->ny / 2;
    candidate *list = calloc((size_t)bx * by, sizeof *list);
    if (!list) return xw_fail(err, XW_NOMEM, "%u blocks of cells", bx * by);
    size_t n = 0;
    for (uint32_t k = 0; k < bx * by; k++) n += candidate_of(w, k % bx, k / bx, list + n);
    qsort(list, n, sizeof *list, by_score);
    xw_status st = XW_OK;
    for (size_t k = 0; !st && k < n && k < w->want_villages; k++) {
        st = add_village(w, list[k].cell, false, err);
    }
    free(list);
    return st;
}

static xw_status push_around(const xw__world *w, xw__heap *h, uint32_t cell, uint32_t seat,
                             uint32_t label, bool over_water, xw_error *err)
{
    xw_status st = XW_OK;
    for (unsigned s = 0; s < 4 && !st; s++) {
        const uint32_t b = xw__beyond(w, cell, s);
        if (!xw__in_county(w, b)) continue;
        if (!over_water && w->edges[xw__side_edge(w, cell, s)].kind & XW__RIVER) continue;
        xw_rng r = xw__rng(w, XW__FOR_GROW, (uint64_t)label << 32 | b);
        const double d = v_len(v_sub(xw__cell_middle(w, b), xw__cell_middle(w, seat)));
        st = xw__heap_push(h, (xw__heap_item){d * xw__between(&r, 0.8, 1.2), b, label}, err);
    }
    return st;
}

static xw_status grow_villages(xw__world *w, bool over_water, bool from_urban, xw_error *err)
{
    xw__heap heap = {0};
    xw_status st = XW_OK;
    for (uint32_t c = 0; !st && c < xw__n_cells(w); c++) {
        const uint32_t v = w->cells[c].village;
        if (v == XW_NONE || (w->villages[v].community && !from_urban)) continue;
        st = push_around(w, &heap, c, w->villages[v].seat, v, over_water, err);
    }
    while (!st && heap.n) {
        const xw__heap_item it = xw__heap_pop(&heap);
        if (w->cells[it.cell].village != XW_NONE) continue;
        w->cells[it.cell].village = it.from;
        w->villages[it.from].n_cells++;
        st = push_around(w, &heap, it.cell, w->villages[it.from].seat, it.from, over_water, err);
    }
    free(heap.at);
    return st;
}

static xw_status grow_towns(xw__world *w, xw_error *err)
{
    xw__heap heap = {0};
    xw_status st = XW_OK;
    uint8_t *seen = calloc(xw__n_cells(w), 1);
    if (!seen) return xw_fail(err, XW_NOMEM, "%u cells", xw__n_cells(w));
    for (uint32_t t = 0; !st && t < w->n_towns; t++) {
        st = xw__heap_push(&heap, (xw__heap_item){0.0, w->towns[t].cell, t}, err);
    }
    while (!st && heap.n) {
        const xw__heap_item it = xw__heap_pop(&heap);
        xw__village *v = w->villages + w->cells[it.cell].village;
        if (v->town == XW_NONE) v->town = it.from;
        if (v->town != it.from || seen[it.cell]) continue;
        seen[it.cell] = 1;
        st = push_around(w, &heap, it.cell, w->towns[it.from].cell, it.from, true, err);
    }
    free(seen);
    free(heap.at);
    return st;
}

/* Codes of statistics: street offices from 001, 镇 from 100, 乡 from 200; communities from 001,
 * villages from 201. A county with more goes on above. */
static void name_towns(xw__world *w)
{
    uint32_t next[3] = {1, 100, 200};
    xw_rng r = xw__rng(w, XW__FOR_NAME, 1);
    xw__name_stem(w, w->stem);
    (void)snprintf(w->name, sizeof w->name, "%s县", w->stem);
    (void)snprintf(w->river, sizeof w->river, "%s河", w->stem);
    (void)snprintf(w->code, sizeof w->code, "999%03u000000",
                   101 + (uint32_t)(xw__mix(w->seed, XW__FOR_NAME, 2) % 800));
    for (uint32_t t = 0; t < w->n_towns; t++) {
        xw__town *town = w->towns + t;
        static const char *const suffix[] = {"街道", "镇", "乡"};
        const bool office = town->street_office || town->n_urban > 12;
        const uint32_t kind = office ? 0 : town->is_city || xw__chance(&r, 0.6) ? 1 : 2;
        xw__name_stem(w, town->stem);
        (void)snprintf(town->name, sizeof town->name, "%s%s", town->stem,
                       suffix[w->urban ? kind : 2]);
        uint32_t *n = next + (w->urban ? kind : 2);
        if (*n == 100 && !kind) *n = 800;
        if (*n == 200 && kind == 1) *n = 400;
        if (*n == 400 && kind == 2) *n = 600;
        (void)snprintf(town->code, sizeof town->code, "%.6s%03u000", w->code, (*n)++);
    }
}

static xw_status name_villages(xw__world *w, xw_error *err)
{
    uint32_t *next = calloc(w->n_towns * 2, sizeof *next), gate = 0;
    if (!next) return xw_fail(err, XW_NOMEM, "%zu towns", w->n_towns);
    for (size_t k = 0; k < w->n_villages; k++) {
        xw__village *v = w->villages + k;
        const xw__town *t = w->towns + v->town;
        const bool city = w->cells[v->seat].kind == XW__CITY;
        const uint32_t number = 1 + next[2 * v->town + !v->community]++ + (v->community ? 0 : 200);
        (void)snprintf(v->code, sizeof v->code, "%.9s%03u", t->code, number);
        if (city && gate < xw__n_gates()) {
            xw__name_gate(gate++, v->stem);
        } else if (v->community && !city && v->seat == t->cell) {
            (void)snprintf(v->stem, sizeof v->stem, "%s", t->stem); /* the market of its town */
        } else {
            xw__name_stem(w, v->stem);
        }
        (void)snprintf(v->name, sizeof v->name, "%s%s", v->stem, v->community ? "社区" : "村");
    }
    free(next);
    return XW_OK;
}

xw_status xw__regions_make(xw__world *w, xw_error *err)
{
    xw_status st = XW_OK;
    for (uint32_t c = 0; !st && c < xw__n_cells(w); c++) {
        const unsigned kind = w->cells[c].kind;
        if (kind == XW__CITY || kind == XW__MARKET) st = add_village(w, c, true, err);
    }
    if (!st) st = seed_villages(w, err);
    if (!st) st = grow_villages(w, false, false, err);
    if (!st) st = grow_villages(w, true, false, err);
    if (!st) st = grow_villages(w, true, true, err);
    for (uint32_t t = 0; !st && t < w->n_towns; t++) { /* a seat without a town to build */
        if (!w->urban) w->towns[t].cell = w->villages[0].seat;
    }
    if (!st) st = grow_towns(w, err);
    if (!st) name_towns(w);
    if (!st) st = name_villages(w, err);
    return st;
}
