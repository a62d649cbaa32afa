#include "xiwang/code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool all_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') return false;
    }
    return true;
}

/* Digits of the codes of a level, XW_NONE above the coarsest. */
static size_t digits_at(const xw_model *m, uint32_t level)
{
    size_t n = XW_DIVISION_DIGITS;
    for (uint32_t l = 0; level != XW_NONE && l <= level; l++) n += m->levels[l].code_width;
    return n;
}

static xw_status find_division(const xw_model *m, const char *code, xw_code *out, xw_error *err)
{
    for (uint32_t d = 0; d < m->n_divisions; d++) {
        const char *own = xw_model_text(m, m->divisions[d].code);
        if (strlen(own) != XW_DIVISION_DIGITS || strncmp(own, code, XW_DIVISION_DIGITS) != 0) {
            continue;
        }
        out->division = d;
        return XW_OK;
    }
    return xw_fail(err, XW_INPUT, "code %.40s: no division has the code %.12s", code, code);
}

/* The numbers of the levels from code + 12 on; the text has n digits. */
static xw_status read_numbers(const xw_model *m, const char *code, size_t n, xw_code *out,
                              xw_error *err)
{
    size_t at = XW_DIVISION_DIGITS;
    for (uint32_t l = 0; at < n; l++) {
        if (l == m->n_levels || at + m->levels[l].code_width > n) {
            return xw_fail(err, XW_INPUT, "code %.40s: no level has codes of %zu digits", code, n);
        }
        uint32_t number = 0;
        for (uint32_t i = 0; i < m->levels[l].code_width; i++) {
            number = number * 10 + (uint32_t)(code[at++] - '0');
        }
        if (number == 0) {
            return xw_fail(err, XW_INPUT, "code %.40s: its %s has the number 0", code,
                           xw_model_text(m, m->levels[l].key));
        }
        out->level = l;
        out->number[l] = number;
    }
    return XW_OK;
}

xw_status xw_code_read(const xw_model *m, const char *code, xw_code *out, xw_error *err)
{
    const size_t n = strlen(code);
    memset(out, 0, sizeof *out);
    out->level = XW_NONE;
    if (!all_digits(code, n)) return xw_fail(err, XW_INPUT, "code %.40s: not only digits", code);
    if (n < XW_DIVISION_DIGITS) {
        return xw_fail(err, XW_INPUT, "code %.40s: %zu digits, a division has %d", code, n,
                       XW_DIVISION_DIGITS);
    }
    const xw_status st = find_division(m, code, out, err);
    return st ? st : read_numbers(m, code, n, out, err);
}

uint32_t xw_unit_level(const xw_model *m)
{
    for (uint32_t l = 0; l < m->n_levels; l++) {
        if (digits_at(m, l) == XW_UNIT_DIGITS) return l;
    }
    return XW_NONE;
}

/* --- crosswalk ---------------------------------------------------------------------------------
 */

typedef struct walker {
    const xw_model *m;
    uint32_t level;
    xw_crossrow *unit; /* of the grids of the unit's level, in their order */
    xw_error *err;
} walker;

/* The codes of a level ascend, so the grids of one division come together. */
static xw_status number_units(walker *w)
{
    const xw_model *m = w->m;
    const xw_level *v = &m->levels[w->level];
    const bool as_is = digits_at(m, w->level) == XW_UNIT_DIGITS;
    uint32_t division = XW_NONE, number = 0;
    for (uint32_t i = 0; i < v->n_grids; i++) {
        const xw_grid *g = &m->grids[v->first_grid + i];
        const char *code = xw_model_text(m, g->code);
        const char *home = xw_model_text(m, m->divisions[g->division].code);
        xw_crossrow *row = &w->unit[i];
        if (strlen(home) != XW_DIVISION_DIGITS || !all_digits(home, XW_DIVISION_DIGITS)) {
            return xw_fail(w->err, XW_INPUT, "division %.40s: its code has not %d digits", home,
                           XW_DIVISION_DIGITS);
        }
        *row = (xw_crossrow){.grid = v->first_grid + i, .is_unit = true};
        number = g->division == division ? number + 1 : 1;
        division = g->division;
        if (as_is) {
            if (strlen(code) != XW_UNIT_DIGITS) {
                return xw_fail(w->err, XW_INPUT, "code %.40s has not %d digits", code,
                               XW_UNIT_DIGITS);
            }
            memcpy(row->unit, code, XW_UNIT_DIGITS + 1);
            continue;
        }
        if (number > 999) {
            return xw_fail(w->err, XW_LIMIT,
                           "division %.12s: 3 digits cannot number its %s %u; take a coarser level",
                           home, xw_model_text(m, v->key), number);
        }
        (void)snprintf(row->unit, sizeof row->unit, "%.12s%03u", home, number % 1000);
    }
    return XW_OK;
}

typedef struct sortable {
    const char *code;
    xw_crossrow row;
} sortable;

static int by_code(const void *a, const void *b)
{
    const sortable *p = a, *q = b;
    return strcmp(p->code, q->code);
}

/* Every grid from the unit's level down with the unit above it. */
static xw_status list_rows(const walker *w, xw_crossrow **out, size_t *n)
{
    const xw_model *m = w->m;
    const uint32_t first = m->levels[w->level].first_grid;
    const size_t rows = m->n_grids - first;
    sortable *all = malloc((rows + 1) * sizeof *all);
    xw_crossrow *list = malloc((rows + 1) * sizeof *list);
    if (!all || !list) {
        free(all);
        free(list);
        return xw_fail(w->err, XW_NOMEM, "crosswalk of %zu grids", rows);
    }
    for (size_t i = 0; i < rows; i++) {
        uint32_t up = first + (uint32_t)i;
        while (m->grids[up].level > w->level) up = m->grids[up].parent;
        all[i].row = w->unit[up - first];
        all[i].row.grid = first + (uint32_t)i;
        all[i].row.is_unit = m->grids[first + i].level == w->level;
        all[i].code = xw_model_text(m, m->grids[first + i].code);
    }
    qsort(all, rows, sizeof *all, by_code);
    for (size_t i = 0; i < rows; i++) list[i] = all[i].row;
    free(all);
    *out = list;
    *n = rows;
    return XW_OK;
}

xw_status xw_crosswalk_make(const xw_model *m, uint32_t level, xw_crossrow **out, size_t *n,
                            xw_error *err)
{
    walker w = {.m = m, .level = level == XW_NONE ? xw_unit_level(m) : level, .err = err};
    *out = NULL;
    *n = 0;
    if (w.level == XW_NONE || w.level >= m->n_levels) {
        return xw_fail(err, XW_INPUT, "no level has codes of %d digits: say which is the unit",
                       XW_UNIT_DIGITS);
    }
    w.unit = calloc((size_t)m->levels[w.level].n_grids + 1, sizeof *w.unit);
    xw_status st = w.unit ? number_units(&w) : xw_fail(err, XW_NOMEM, "crosswalk");
    if (!st) st = list_rows(&w, out, n);
    free(w.unit);
    return st;
}
