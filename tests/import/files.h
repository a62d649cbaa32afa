/* Input files that exist in memory only, and shorthands over a territory. */
#ifndef XW_TEST_IMPORT_FILES_H
#define XW_TEST_IMPORT_FILES_H

#include "xiwang/import.h"

#include <cpl_vsi.h>

#include <stdlib.h>
#include <string.h>

/* Makes (or replaces) a file of GDAL's memory file system. */
static inline void put_bytes(const char *path, const void *bytes, size_t n)
{
    VSILFILE *f = VSIFOpenL(path, "wb");
    assert_non_null(f);
    assert_int_equal(VSIFWriteL(bytes, 1, n, f), n);
    assert_int_equal(VSIFCloseL(f), 0);
}

static inline void put_text(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

/* Findings of a kind; *at receives the last of them. */
static inline size_t count_findings(const xw_territory *t, const char *kind, xw_finding *at)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_findings; i++) {
        if (strcmp(xw_territory_text(t, t->findings[i].kind), kind) != 0) continue;
        if (at) *at = t->findings[i];
        n++;
    }
    return n;
}

static inline const xw_building *find_building(const xw_territory *t, const char *source)
{
    for (size_t i = 0; i < t->n_buildings; i++) {
        if (strcmp(xw_territory_text(t, t->buildings[i].source), source) == 0) {
            return &t->buildings[i];
        }
    }
    return NULL;
}

static inline const xw_barrier *find_barrier(const xw_territory *t, const char *source)
{
    for (size_t i = 0; i < t->n_barriers; i++) {
        if (strcmp(xw_territory_text(t, t->barriers[i].source), source) == 0) {
            return &t->barriers[i];
        }
    }
    return NULL;
}

static inline const xw_division *find_division(const xw_territory *t, const char *name)
{
    for (size_t i = 0; i < t->n_divisions; i++) {
        if (strcmp(xw_territory_text(t, t->divisions[i].name), name) == 0) return &t->divisions[i];
    }
    return NULL;
}

/* What territory.h promises about every area and line. */
static inline void check_territory(const xw_territory *t)
{
    for (size_t i = 0; i < t->n_rings; i++) {
        const xw_ring r = xw_territory_ring(t, (uint32_t)i);
        assert_true(r.n >= 3);
        assert_true(xw_ring_area2(r) != 0);
        for (uint32_t k = 0; k < r.n; k++) {
            assert_false(xw_pt_eq(r.pts[k], r.pts[k + 1 < r.n ? k + 1 : 0]));
        }
    }
    for (size_t i = 0; i < t->n_buildings; i++) {
        const xw_building *b = &t->buildings[i];
        assert_true(b->area.n_rings > 0 && b->floors >= 1 && b->height_m > 0.0F);
        assert_true(b->households >= 0 && b->use < XW_USE_COUNT);
        assert_true(xw_ring_area2(xw_territory_ring(t, b->area.first_ring)) > 0);
    }
    for (size_t i = 0; i < t->n_barriers; i++) {
        const xw_barrier *b = &t->barriers[i];
        assert_true(b->n >= 2 && b->cls < XW_CLASS_COUNT && b->first + b->n <= t->n_pts);
        for (uint32_t k = 1; k < b->n; k++) {
            assert_false(xw_pt_eq(t->pts[b->first + k - 1], t->pts[b->first + k]));
        }
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        assert_int_equal(strlen(xw_territory_text(t, t->divisions[i].code)), 12);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(t->divisions[i].code, t->divisions[k].code);
        }
    }
}

/* The smallest pair of layers: a road and a house, as CSV with WKT. */
#define ROADS       "/vsimem/roads.csv"
#define HOUSES      "/vsimem/houses.csv"
#define PLAIN_ROADS "WKT,class\n\"LINESTRING(116 40,116.01 40)\",residential\n"
#define PLAIN_HOUSES \
    "WKT,building_id,households\n\"POLYGON((116 40,116.0002 40,116.0002 40.0001,116 40))\",a,3\n"
#define PLAIN ((xw_import_options){.roads = ROADS, .buildings = HOUSES})

/* Imports and checks; a failure ends the test with its text. */
static inline void read_all(xw_import_options o, xw_territory *t, xw_import_counts *n)
{
    xw_error err = {0};
    if (xw_import(&o, NULL, t, n, &err)) fail_msg("%s", err.text);
    check_territory(t);
}

/* The import fails with the status, the text is part of its message, nothing is left over. */
static inline void refuse(xw_import_options o, xw_status expected, const char *text)
{
    xw_territory t;
    xw_error err = {0};
    assert_int_equal(xw_import(&o, NULL, &t, NULL, &err), expected);
    if (!strstr(err.text, text)) fail_msg("\"%s\" is not in \"%s\"", text, err.text);
    assert_true(t.n_pts == 0 && !t.pts && !t.buildings && !t.barriers); /* findings are kept */
    xw_territory_finish(&t);
}

#endif
