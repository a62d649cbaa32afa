#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- divisions ----------------------------------------------------------------------------- */

typedef struct division_fields {
    int code, name, level, parent;
} division_fields;

/* Levels by word, coarse to fine; the first fit decides, so the longer Chinese words come first. */
static const struct {
    int rank;
    const char *level; /* the word that is kept */
    const char *words;
} levels[] = {
    {7, "village",
     "village community neighbourhood neighborhood ward 社区 行政村 村 居委 居民委员会"},
    {6, "town", "town township subdistrict street 街道 乡 镇"},
    {5, "county", "county district 县 区 旗"},
    {4, "city", "city prefecture municipality 地级市 市 州 盟"},
    {3, "province", "province state region 省 自治区"},
    {2, "country", "country nation 国"},
};

static bool fits(const char *words, const char *value)
{
    for (size_t n; *words; words += n, words += strspn(words, " ")) {
        char word[32];
        n = strcspn(words, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)n, words);
        const bool ascii = (unsigned char)word[0] < 0x80;
        if (ascii ? strcasecmp(word, value) == 0 : strstr(value, word) != NULL) return true;
    }
    return false;
}

/* Rank by the level column (a word or a number, larger is finer), else by the zeros at the end of
 * the code, else all alike. @param word  what the division says its level is */
static int rank_of(const char *level, const char *code, const char **word)
{
    const size_t n = sizeof levels / sizeof levels[0], len = strlen(code);
    const double number = xw__number(level);
    *word = level;
    for (size_t i = 0; i < n && *level; i++) {
        if (!fits(levels[i].words, level)) continue;
        *word = levels[i].level;
        return levels[i].rank;
    }
    if (number >= 0.0 && number < 100.0) return 1 + (int)number;
    if (len == 6 || (len == 12 && strcmp(code + 6, "000000") == 0)) {
        if (!*level) *word = "county";
        return 5;
    }
    if (len == 9 || (len == 12 && strcmp(code + 9, "000") == 0)) {
        if (!*level) *word = "town";
        return 6;
    }
    if (!*level) *word = len == 12 ? "village" : "division";
    return 7;
}

static xw_status take_division(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx,
                               xw_error *err)
{
    const division_fields *d = ctx;
    char code[XW__TEXT_MAX], name[XW__TEXT_MAX], level[XW__TEXT_MAX], parent[XW__TEXT_MAX];
    char id[32];
    const char *word;
    im->counts->divisions_in++;
    (void)xw__field_text(f, d->code, s->encoding, code);
    (void)xw__field_text(f, d->level, s->encoding, level);
    (void)snprintf(id, sizeof id, "%lld", (long long)OGR_F_GetFID(f));
    const int rank = rank_of(level, code, &word);
    return xw__division_add(im, rank, code, xw__field_text(f, d->name, s->encoding, name), word,
                            xw__field_text(f, d->parent, s->encoding, parent), id, err);
}

xw_status xw__import_divisions(xw__import *im, xw_error *err)
{
    xw__source s;
    division_fields d;
    const xw_import_options *o = im->o;
    xw_status st = xw__source_open(im, o->divisions, "divisions", &s, err);
    if (st) return st;
    st = xw__source_field(&s, o->col_code,
                          "code division_code adcode zoning_code xzqdm 代码 区划代码 行政区划代码",
                          &d.code, err);
    if (!st) {
        st = xw__source_field(&s, o->col_division_name,
                              "name xzqmc n_hood fullname 名称 行政区名称 区划名称", &d.name, err);
    }
    if (!st) st = xw__source_field(&s, NULL, "level admin_level 级别 层级", &d.level, err);
    if (!st) st = xw__source_field(&s, NULL, "parent_code parent 上级代码", &d.parent, err);
    if (!st) st = xw__source_each(im, &s, take_division, &d, err);
    xw__source_close(&s);
    if (!st && im->found.n_rings == 0) {
        st = xw_fail(err, XW_INPUT, "%.200s: divisions without polygons", o->divisions);
    }
    return st;
}

/* ---- addresses ----------------------------------------------------------------------------- */

typedef struct source_ix {
    xw_text source;
    uint32_t building;
} source_ix;

typedef struct address_fields {
    int text, street, number, place, building, door;
    source_ix *by_source; /* sorted; equal texts of one pool are one number */
    size_t n;
} address_fields;

static int by_source(const void *a, const void *b)
{
    const source_ix *p = a, *q = b;
    if (p->source != q->source) return p->source < q->source ? -1 : 1;
    return (p->building > q->building) - (p->building < q->building);
}

static xw_status index_sources(const xw__import *im, address_fields *a, xw_error *err)
{
    a->n = im->t->n_buildings;
    a->by_source = calloc(a->n + 1, sizeof *a->by_source);
    if (!a->by_source) return xw_fail(err, XW_NOMEM, "%zu buildings", a->n);
    for (size_t i = 0; i < a->n; i++) {
        a->by_source[i] = (source_ix){im->t->buildings[i].source, (uint32_t)i};
    }
    qsort(a->by_source, a->n, sizeof *a->by_source, by_source);
    return XW_OK;
}

static uint32_t building_of(const address_fields *a, xw_text source)
{
    size_t lo = 0, hi = a->n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (a->by_source[mid].source < source)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < a->n && a->by_source[lo].source == source ? a->by_source[lo].building : XW_NONE;
}

static xw_status take_address(xw__import *im, xw__source *s, OGRFeatureH f, void *ctx,
                              xw_error *err)
{
    const address_fields *a = ctx;
    char line[XW__TEXT_MAX], street[XW__TEXT_MAX], number[XW__TEXT_MAX], place[XW__TEXT_MAX];
    char door[XW__TEXT_MAX];
    uint32_t building = XW_NONE;
    xw_text source = 0;
    const size_t before = im->t->n_addresses;
    im->counts->addresses_in++;
    if (im->shape.bad) return XW_OK;
    if (!im->shape.has_at) {
        return xw_territory_find(im->t, "address-empty", s->role, "", im->shape.at, err,
                                 "no geometry");
    }
    if (a->building >= 0 && *xw__field_text(f, a->building, s->encoding, line)) {
        const xw_status st = xw__intern(im, line, &source, err);
        if (st) return st;
        building = building_of(a, source);
    }
    (void)xw__field_text(f, a->text, s->encoding, line);
    (void)xw__field_text(f, a->street, s->encoding, street);
    (void)xw__field_text(f, a->number, s->encoding, number);
    (void)xw__field_text(f, a->door, s->encoding, door);
    xw_status st =
        xw__address_add(im, im->shape.at, line, street, number,
                        xw__field_text(f, a->place, s->encoding, place), door, building, err);
    if (!st && im->t->n_addresses == before) im->shape.notes |= 1u << XW__NOTE_BLANK;
    return st;
}

xw_status xw__import_addresses(xw__import *im, xw_error *err)
{
    xw__source s;
    address_fields a = {0};
    xw_status st = xw__source_open(im, im->o->addresses, "addresses", &s, err);
    if (st) return st;
    st = xw__source_field(&s, NULL,
                          "text full_address fulladdr address addr_full addr:full 地址 详细地址 "
                          "标准地址",
                          &a.text, err);
    if (!st)
        st = xw__source_field(&s, NULL, "street addr_street addr:street street_name 街道 街路巷",
                              &a.street, err);
    if (!st) {
        st = xw__source_field(&s, NULL,
                              "number addr_number housenumber addr_housenumber addr:housenumber "
                              "门牌号 门牌",
                              &a.number, err);
    }
    if (!st)
        st = xw__source_field(&s, NULL, "place addr_place addr:place city addr:city 小区", &a.place,
                              err);
    if (!st) st = xw__source_field(&s, NULL, "building_id bldg_id 楼栋编号", &a.building, err);
    if (!st) {
        st = xw__source_field(&s, NULL,
                              "door unit unit_number addr_unit addr:unit addr_door addr:door flat "
                              "apartment room 户号 户室号 室号 房号 房间号",
                              &a.door, err);
    }
    if (!st) st = index_sources(im, &a, err);
    if (!st) st = xw__source_each(im, &s, take_address, &a, err);
    free(a.by_source);
    xw__source_close(&s);
    return st;
}
