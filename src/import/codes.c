#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 12

/* 12 digits as they are, 6 (county) and 9 (town) filled with zeros; false for anything else. */
static bool full_code(const char *code, char out[DIGITS + 1])
{
    const size_t n = strlen(code);
    if (n != strspn(code, "0123456789") || (n != 6 && n != 9 && n != DIGITS)) return false;
    memset(out, '0', DIGITS);
    memcpy(out, code, n);
    out[DIGITS] = '\0';
    return true;
}

typedef struct entry {
    const char *text; /* of the code or name, in the pool as it is while sorting */
    xw_pt anchor;
    uint32_t ix;
    bool leaf;
} entry;

static int by_text(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    if (p->leaf != q->leaf) return p->leaf ? -1 : 1;
    const int d = strcmp(p->text, q->text);
    if (d) return d;
    if (!xw_pt_eq(p->anchor, q->anchor)) return xw_pt_less(p->anchor, q->anchor) ? -1 : 1;
    return (p->ix > q->ix) - (p->ix < q->ix);
}

static entry entry_of(const xw_territory *t, uint32_t i, xw_text text)
{
    const xw_area a = t->divisions[i].area;
    return (entry){
        .text = xw_territory_text(t, text),
        .anchor = a.n_rings ? t->pts[t->rings[a.first_ring].first] : (xw_pt){0, 0},
        .ix = i,
        .leaf = a.n_rings > 0,
    };
}

/* Is the code one of the first n divisions'? Equal texts of the pool are one number. */
static bool is_taken(const xw_territory *t, xw_text code, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (t->divisions[i].code == code) return true;
    }
    return false;
}

static xw_status note(xw__import *im, uint32_t ix, const char *kind, const char *code,
                      const char *what, xw_error *err)
{
    xw_territory *t = im->t;
    char source[64]; /* a copy: the pool moves when the finding is added */
    (void)snprintf(source, sizeof source, "%s", xw_territory_text(t, t->divisions[ix].source));
    return xw_territory_find(t, kind, "divisions", source, entry_of(t, ix, 0).anchor, err,
                             "%s: code %s %s", xw_territory_text(t, t->divisions[ix].name), code,
                             what);
}

/* Completes the given codes and clears what is none, or was given to an earlier division. */
static xw_status keep_given(xw__import *im, xw_error *err)
{
    xw_territory *t = im->t;
    char full[DIGITS + 1];
    for (uint32_t i = 0; i < t->n_divisions; i++) {
        xw_text code = 0;
        const bool is_code = full_code(xw_territory_text(t, t->divisions[i].code), full);
        t->divisions[i].code = 0;
        if (!is_code) continue;
        xw_status st = xw__intern(im, full, &code, err);
        if (!st && is_taken(t, code, i)) {
            st = note(im, i, "division-code-duplicate", full, "is another's too", err);
        } else if (!st) {
            t->divisions[i].code = code;
        }
        if (st) return st;
    }
    return XW_OK;
}

static xw_status make_code(xw__import *im, uint32_t ix, uint32_t *number, xw_error *err)
{
    xw_territory *t = im->t;
    char code[DIGITS + 4];
    xw_text text;
    do {
        (void)snprintf(code, sizeof code, "999%09u", (unsigned)(++*number % 1000000000u));
        const xw_status st = xw__intern(im, code, &text, err);
        if (st) return st;
    } while (is_taken(t, text, t->n_divisions));
    t->divisions[ix].code = text;
    return note(im, ix, "division-code-made", code, "is made up, none was given", err);
}

/* Codes are made in the order of names, then places, divisions with land before the ones above. */
xw_status xw__division_codes(xw__import *im, xw_error *err)
{
    xw_territory *t = im->t;
    xw_status st = keep_given(im, err);
    if (st) return st;
    entry *todo = calloc(t->n_divisions + 1, sizeof *todo);
    if (!todo) return xw_fail(err, XW_NOMEM, "%zu divisions", t->n_divisions);
    size_t n = 0;
    uint32_t number = 0;
    for (uint32_t i = 0; i < t->n_divisions; i++) {
        if (t->divisions[i].code == 0) todo[n++] = entry_of(t, i, t->divisions[i].name);
    }
    qsort(todo, n, sizeof *todo, by_text);
    for (size_t i = 0; i < n; i++) todo[i].text = NULL; /* the pool moves from here on */
    for (size_t i = 0; i < n && !st; i++) st = make_code(im, todo[i].ix, &number, err);
    free(todo);
    return st;
}
