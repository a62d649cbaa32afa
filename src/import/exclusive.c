#include "internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *kind, *key, *value;
} kinds[] = {
    {"school", "amenity", "school"},         {"school", "amenity", "kindergarten"},
    {"campus", "amenity", "university"},     {"campus", "amenity", "college"},
    {"hospital", "amenity", "hospital"},     {"market", "amenity", "marketplace"},
    {"industrial", "landuse", "industrial"}, {"industrial", "man_made", "works"},
};

bool xw_exclusive_kind_known(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, kind) == 0) return true;
    }
    return false;
}

const char *xw__exclusive_kind(const char *amenity, const char *landuse, const char *man_made)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *value = kinds[i].key[0] == 'a'   ? amenity
                            : kinds[i].key[0] == 'l' ? landuse
                                                     : man_made;
        if (strcmp(kinds[i].value, value) == 0) return kinds[i].kind;
    }
    return NULL;
}

bool xw__exclusive_asked(const xw_import_options *o, const char *kind)
{
    const size_t n = strlen(kind);
    for (const char *w = o->exclusive_kinds; w && *w; w += *w == ';') {
        const size_t len = strcspn(w, ";");
        if (len == n && memcmp(w, kind, n) == 0) return true;
        w += len;
    }
    return false;
}

xw_status xw__exclusive_add(xw__import *im, const xw_exclusive *texts, bool walled, xw_error *err)
{
    xw__shape *s = &im->shape;
    xw_exclusive x = *texts;
    const char *source = xw_territory_text(im->t, x.source);
    if (s->bad) return XW_OK; /* listed by the reader */
    xw_status st = xw__shape_repair(im->geos, s, err);
    if (st) return st;
    if (s->n_rings == 0) {
        return xw_territory_find(im->t, "exclusive-collapsed", "exclusive", source, s->at, err,
                                 "no area");
    }
    if (s->repaired) {
        st = xw_territory_find(im->t, "exclusive-repaired", "exclusive", source, s->at, err,
                               "area crossed itself and was made valid");
    }
    if (!st) st = xw__shape_put_area(s, im->t, &x.area, err);
    if (!st) st = xw_territory_add_exclusive(im->t, &x, err);
    if (st || !walled) return st;
    s->n_lines = 0;
    st = xw__shape_rings_to_lines(s, err);
    return st ? st
              : xw__barriers_add(im, XW_CLASS_WALL, XW_BARRIER_IMPASSABLE,
                                 xw_territory_text(im->t, x.name), source, "exclusive", err);
}

typedef struct exclusive_fields {
    int code, name, kind;
} exclusive_fields;

static xw_status take_exclusive(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx,
                                xw_error *err)
{
    const exclusive_fields *e = ctx;
    char text[XW__TEXT_MAX];
    xw_exclusive x = {.code = 0};
    xw_status st = xw__intern(im, xw__field_text(f, e->code, s->encoding, text), &x.code, err);
    if (!st) st = xw__intern(im, xw__field_text(f, e->name, s->encoding, text), &x.name, err);
    if (!st) st = xw__intern(im, xw__field_text(f, e->kind, s->encoding, text), &x.kind, err);
    if (!st) st = xw__intern(im, xw__source_id(s, f, text), &x.source, err);
    return st ? st : xw__exclusive_add(im, &x, true, err);
}

xw_status xw__import_exclusive(xw__import *im, xw_error *err)
{
    xw__source s;
    exclusive_fields e;
    xw_status st = xw__source_open(im, im->o->exclusive, "exclusive", &s, err);
    if (st) return st;
    st = xw__source_field(&s, NULL, "code 代码 编码", &e.code, err);
    if (!st) st = xw__source_field(&s, NULL, "name 名称 名字", &e.name, err);
    if (!st) st = xw__source_field(&s, NULL, "kind type class 类型 类别", &e.kind, err);
    if (!st) st = xw__source_each(im, &s, take_exclusive, &e, err);
    xw__source_close(&s);
    return st;
}
