#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTRY 2    /* admin_level of a country */
#define COVERED 0.98 /* of the buildings, for a level to be chosen */

static const char *text_of(const xw__import *im, xw_text x)
{
    return xw_territory_text(&im->found, x);
}

xw_status xw__division_add(xw__import *im, int rank, const char *code, const char *name,
                           const char *level, const char *parent_code, const char *source,
                           xw_error *err)
{
    xw_territory *f = &im->found;
    xw__shape *s = &im->shape;
    xw_division d = {0};
    if (s->bad) return XW_OK;
    xw_status st = xw__shape_repair(im->geos, s, err);
    if (!st && s->repaired) {
        st = xw_territory_find(im->t, "division-repaired", "divisions", source, s->at, err,
                               "boundary of %s crossed itself and was made valid", name);
    }
    if (!st) st = xw__shape_put_area(s, f, &d.area, err);
    if (!st) st = xw_strings_add(&f->text, code, &d.code, err);
    if (!st) st = xw_strings_add(&f->text, name, &d.name, err);
    if (!st) st = xw_strings_add(&f->text, level, &d.level, err);
    if (!st) st = xw_strings_add(&f->text, parent_code, &d.parent_code, err);
    if (!st) st = xw_strings_add(&f->text, source, &d.source, err);
    if (st) return st;
    if (!xw_grow((void **)&im->rank, &im->cap_rank, f->n_divisions + 1, sizeof *im->rank)) {
        return xw_fail(err, XW_NOMEM, "%zu divisions", f->n_divisions + 1);
    }
    im->rank[f->n_divisions] = rank;
    return xw_territory_add_division(f, &d, err);
}

/* ---- which candidates become divisions ------------------------------------------------------ */

typedef struct choice {
    xw__import *im;
    xw_pt *inside;    /* of each candidate: a point of its own */
    uint32_t *new_ix; /* of each candidate: its place in the result, XW_NONE */
    xw_box *box;
    double *area; /* square lattice units, to order nested candidates */
} choice;

static bool has_area(const xw__import *im, size_t i)
{
    return im->found.divisions[i].area.n_rings > 0;
}

static bool owns(const choice *c, size_t i, xw_pt p)
{
    return xw_box_has(c->box[i], p) &&
           xw_area_owns(&c->im->found, c->im->found.divisions[i].area, p);
}

/* Share of the buildings that lie in candidates of a rank; of many, every so many-th is asked. */
static double covered(const choice *c, int rank)
{
    const xw__import *im = c->im;
    const xw_territory *t = im->t;
    const size_t step = t->n_buildings / 20000 + 1;
    size_t n = 0, asked = 0;
    for (size_t b = 0; b < t->n_buildings; b += step, asked++) {
        const xw_pt p = t->pts[t->rings[t->buildings[b].area.first_ring].first];
        for (size_t i = 0; i < im->found.n_divisions; i++) {
            if (im->rank[i] != rank || !owns(c, i, p)) continue;
            n++;
            break;
        }
    }
    return asked ? (double)n / (double)asked : 1.0;
}

static xw_status drop(const choice *c, size_t i, const char *why, xw_error *err)
{
    xw__import *im = c->im;
    const xw_division *d = &im->found.divisions[i];
    return xw_territory_find(im->t, "division-dropped", "divisions", text_of(im, d->source),
                             c->inside[i], err, "%s (level %s): %s", text_of(im, d->name),
                             text_of(im, d->level), why);
}

/* Boundaries of neighbour countries reach into an extract; they go when the country itself is there
 * and most buildings stand in it. A rank of 0 marks what is dropped. */
static xw_status drop_abroad(choice *c, xw_error *err)
{
    xw__import *im = c->im;
    xw_status st = XW_OK;
    if (covered(c, COUNTRY) < 0.5) return XW_OK;
    for (size_t i = 0; i < im->found.n_divisions && !st; i++) {
        bool home = im->rank[i] <= COUNTRY;
        for (size_t k = 0; k < im->found.n_divisions && !home; k++) {
            home = im->rank[k] == COUNTRY && owns(c, k, c->inside[i]);
        }
        if (home) continue;
        st = drop(c, i, "outside the country of this extract", err);
        im->rank[i] = 0;
    }
    return st;
}

static int finest(const xw__import *im, int below)
{
    int best = 0;
    for (size_t i = 0; i < im->found.n_divisions; i++) {
        if (has_area(im, i) && im->rank[i] > best && im->rank[i] < below) best = im->rank[i];
    }
    return best;
}

static xw_status no_level(const xw__import *im, int level, xw_error *err)
{
    char have[64] = "";
    for (int rank = 1; rank <= 12; rank++) {
        bool any = false;
        for (size_t i = 0; i < im->found.n_divisions; i++) any |= im->rank[i] == rank;
        const size_t n = strlen(have);
        if (any) (void)snprintf(have + n, sizeof have - n, "%s%d", n ? ", " : "", rank);
    }
    return xw_fail(err, XW_INPUT,
                   "%.200s: no complete boundary of admin_level %d (levels there: %s)", im->o->osm,
                   level, *have ? have : "none");
}

/* @param level  the rank to use, 0 when none covers the land */
static xw_status choose_level(choice *c, bool osm, int *level, xw_error *err)
{
    const xw__import *im = c->im;
    *level = finest(im, 1000);
    if (!osm) return XW_OK;
    if (im->o->division_level > 0) {
        bool any = false;
        *level = im->o->division_level;
        for (size_t i = 0; i < im->found.n_divisions; i++)
            any |= im->rank[i] == *level && has_area(im, i);
        return any ? XW_OK : no_level(im, *level, err);
    }
    while (*level > 0 && covered(c, *level) < COVERED) *level = finest(im, *level);
    return XW_OK;
}

/* ---- taking them over ----------------------------------------------------------------------- */

static xw_status copy_rings(const choice *c, size_t i, xw_area *out, xw_error *err)
{
    const xw_territory *f = &c->im->found;
    const xw_area a = f->divisions[i].area;
    *out = (xw_area){(uint32_t)c->im->t->n_rings, a.n_rings};
    for (uint32_t r = 0; r < a.n_rings; r++) {
        const xw_ring ring = xw_territory_ring(f, a.first_ring + r);
        const xw_status st = xw_territory_add_ring(c->im->t, ring.pts, ring.n, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status take(choice *c, size_t i, bool leaf, xw_error *err)
{
    xw__import *im = c->im;
    const xw_division *from = &im->found.divisions[i];
    xw_division d = {0};
    if (c->new_ix[i] != XW_NONE) return XW_OK;
    xw_status st = leaf ? copy_rings(c, i, &d.area, err) : XW_OK;
    if (!st) st = xw__intern(im, text_of(im, from->code), &d.code, err);
    if (!st) st = xw__intern(im, text_of(im, from->name), &d.name, err);
    if (!st) st = xw__intern(im, text_of(im, from->level), &d.level, err);
    if (!st) st = xw__intern(im, text_of(im, from->parent_code), &d.parent_code, err);
    if (!st) st = xw__intern(im, text_of(im, from->source), &d.source, err);
    if (st) return st;
    c->new_ix[i] = (uint32_t)im->t->n_divisions;
    return xw_territory_add_division(im->t, &d, err);
}

/* The smallest coarser candidate round a candidate, or XW_NONE. */
static uint32_t parent_of(const choice *c, size_t i)
{
    const xw__import *im = c->im;
    uint32_t best = XW_NONE;
    for (size_t k = 0; k < im->found.n_divisions; k++) {
        if (im->rank[k] <= 0 || im->rank[k] >= im->rank[i] || !has_area(im, k)) continue;
        if (!owns(c, k, c->inside[i])) continue;
        if (best == XW_NONE || im->rank[k] > im->rank[best] ||
            (im->rank[k] == im->rank[best] && c->area[k] < c->area[best])) {
            best = (uint32_t)k;
        }
    }
    return best;
}

static uint32_t named_parent(const xw__import *im, size_t i)
{
    const char *code = text_of(im, im->found.divisions[i].parent_code);
    for (size_t k = 0; k < im->found.n_divisions && *code; k++) {
        if (k != i && strcmp(text_of(im, im->found.divisions[k].code), code) == 0)
            return (uint32_t)k;
    }
    return XW_NONE;
}

/* Takes a division and what it lies in, up to the top. Parents are set after codes are made. */
static xw_status take_with_parents(choice *c, size_t i, bool leaf, uint32_t *parent, xw_error *err)
{
    xw_status st = take(c, i, leaf, err);
    for (uint32_t p; !st && parent[i] == XW_NONE; i = p) {
        p = named_parent(c->im, i);
        if (p == XW_NONE && has_area(c->im, i)) p = parent_of(c, i);
        if (p == XW_NONE) break;
        parent[i] = p;
        st = take(c, p, false, err);
    }
    return st;
}

static xw_status take_all(choice *c, bool osm, int level, uint32_t *parent, xw_error *err)
{
    xw__import *im = c->im;
    xw_status st = XW_OK;
    for (size_t i = 0; i < im->found.n_divisions && !st; i++) {
        if (im->rank[i] == level && has_area(im, i))
            st = take_with_parents(c, i, true, parent, err);
    }
    for (size_t i = 0; i < im->found.n_divisions && !st && !osm; i++) {
        if (im->rank[i] < level) st = take_with_parents(c, i, false, parent, err);
        if (im->rank[i] > level || (im->rank[i] == level && !has_area(im, i))) {
            st = drop(c, i, "has no polygon", err);
        }
    }
    return st;
}

static void set_parents(const choice *c, const uint32_t *parent)
{
    xw__import *im = c->im;
    for (size_t i = 0; i < im->found.n_divisions; i++) {
        if (c->new_ix[i] == XW_NONE || parent[i] == XW_NONE) continue;
        xw_division *d = &im->t->divisions[c->new_ix[i]];
        const xw_division *p = &im->t->divisions[c->new_ix[parent[i]]];
        d->parent_code = p->code;
        d->parent_name = p->name;
    }
}

/* The one division of an extract without boundaries is called like the smallest boundary round
 * nearly all of it, else like the file. */
static xw_status take_extent(choice *c, xw_error *err)
{
    xw__import *im = c->im;
    int rank = finest(im, 1000);
    while (rank > 0 && covered(c, rank) < COVERED) rank = finest(im, rank);
    const char *name = im->file;
    for (size_t i = 0; i < im->found.n_divisions && rank > 0; i++) {
        if (im->rank[i] == rank && has_area(im, i)) {
            name = text_of(im, im->found.divisions[i].name);
            break;
        }
    }
    xw_status st = XW_OK;
    for (size_t i = 0; i < im->found.n_divisions && !st; i++) {
        if (im->rank[i] > 0) st = drop(c, i, "its level does not cover the buildings", err);
    }
    if (!st) st = xw__division_extent(im, name, err);
    if (st) return st;
    const xw_territory *t = im->t; /* its ring is the last one */
    return xw_territory_find(im->t, "division-extent", "divisions", "",
                             t->pts[t->rings[t->n_rings - 1].first], err,
                             "no boundaries cover the land: all of it is one division");
}

static xw_status prepare(choice *c, xw_error *err)
{
    const xw_territory *f = &c->im->found;
    const size_t n = f->n_divisions + 1;
    c->inside = calloc(n, sizeof *c->inside);
    c->new_ix = calloc(n, sizeof *c->new_ix);
    c->box = calloc(n, sizeof *c->box);
    c->area = calloc(n, sizeof *c->area);
    if (!c->inside || !c->new_ix || !c->box || !c->area) {
        return xw_fail(err, XW_NOMEM, "%zu divisions", n);
    }
    for (size_t i = 0; i < f->n_divisions; i++) {
        const xw_area a = f->divisions[i].area;
        c->inside[i] = xw__area_point(f, a);
        c->box[i] = xw_area_box(f, a);
        c->new_ix[i] = XW_NONE;
        for (uint32_t r = 0; r < a.n_rings; r++) {
            c->area[i] += (double)xw_ring_area2(xw_territory_ring(f, a.first_ring + r));
        }
    }
    return XW_OK;
}

xw_status xw__divisions_finish(xw__import *im, bool osm, xw_error *err)
{
    choice c = {.im = im};
    const size_t n = im->found.n_divisions;
    uint32_t *parent = calloc(n + 1, sizeof *parent);
    int level = 0;
    xw_status st = parent ? prepare(&c, err) : xw_fail(err, XW_NOMEM, "%zu divisions", n);
    for (size_t i = 0; i < n && parent; i++) parent[i] = XW_NONE;
    if (!st && osm) st = drop_abroad(&c, err);
    if (!st) st = choose_level(&c, osm, &level, err);
    if (!st) st = level > 0 ? take_all(&c, osm, level, parent, err) : take_extent(&c, err);
    if (!st && level > 0) st = xw__gaps_close(im, !osm, err);
    if (!st) st = xw__division_codes(im, err);
    if (!st) set_parents(&c, parent);
    if (!st) xw__gaps_set_parents(im);
    free(c.inside);
    free(c.new_ix);
    free(c.box);
    free(c.area);
    free(parent);
    return st;
}
