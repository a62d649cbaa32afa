/* Households from the addresses of a building. Doors (a column of doors, or a text that ends in 室
 * or 户) are dwellings: their number is the households. House numbers are not: a building has at
 * least as many households as it has numbers, when the rule finds any at all. */
#include "internal.h"

#include <stdlib.h>

typedef struct entry {
    uint32_t building;
    uint32_t house; /* 1: no door */
    xw_text text;
} entry;

static int by_building(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->building != q->building) return p->building < q->building ? -1 : 1;
    if (p->house != q->house) return p->house < q->house ? -1 : 1;
    return (p->text > q->text) - (p->text < q->text);
}

/* Equal texts of the pool are one number: an address that is given twice is one. */
static size_t distinct(const entry *e, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) k += i == 0 || e[i].text != e[i - 1].text;
    return k;
}

static void set(xw__import *im, uint32_t ix, size_t n)
{
    xw_building *b = &im->t->buildings[ix];
    b->households = n > (size_t)XW__HOUSEHOLDS_MAX ? (int32_t)XW__HOUSEHOLDS_MAX : (int32_t)n;
    b->estimated = 0;
    im->counts->households_estimated--;
    im->counts->households_counted++;
}

xw_status xw__doors_count(xw__import *im, xw_error *err)
{
    const xw_territory *t = im->t;
    size_t n = 0;
    entry *e = malloc((t->n_addresses + 1) * sizeof *e);
    if (!e) return xw_fail(err, XW_NOMEM, "%zu addresses", t->n_addresses);
    for (size_t i = 0; i < t->n_addresses; i++) {
        const xw_address *a = &t->addresses[i];
        if (a->building == XW_NONE || !t->buildings[a->building].estimated) continue;
        const bool door = i < im->cap_door && im->door[i];
        e[n++] = (entry){a->building, !door, a->text};
    }
    if (n) qsort(e, n, sizeof *e, by_building);
    for (size_t i = 0, k; i < n; i = k) {
        size_t houses = i;
        while (houses < n && e[houses].building == e[i].building && !e[houses].house) houses++;
        for (k = houses; k < n && e[k].building == e[i].building; k++) {
        }
        const size_t n_doors = distinct(e + i, houses - i);
        const size_t n_houses = distinct(e + houses, k - houses);
        const int32_t rule = t->buildings[e[i].building].households;
        if (n_doors) {
            set(im, e[i].building, n_doors);
        } else if (rule > 0 && n_houses > (size_t)rule) {
            set(im, e[i].building, n_houses);
        }
    }
    free(e);
    return XW_OK;
}
