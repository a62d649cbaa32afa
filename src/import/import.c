#include "internal.h"

#include <cpl_conv.h>
#include <cpl_error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* GDAL's messages come back as the texts of our errors, not on standard error. */
static void quiet(CPLErr level, CPLErrorNum number, const char *text)
{
    (void)level;
    (void)number;
    (void)text;
}

static void name_file(const xw_import_options *o, char *buf, size_t size)
{
    const char *src = o->osm ? o->osm : o->divisions ? o->divisions : o->buildings;
    const char *slash = src ? strrchr(src, '/') : NULL;
    (void)snprintf(buf, size, "%s", slash ? slash + 1 : src ? src : "");
    char *dot = strchr(buf, '.');
    if (dot && dot > buf) *dot = '\0';
}

static bool has_roads(const xw_territory *t)
{
    for (size_t i = 0; i < t->n_barriers; i++) {
        if (t->barriers[i].cls <= XW_CLASS_PATH) return true;
    }
    return false;
}

static xw_status check_complete(const xw__import *im, xw_error *err)
{
    const xw_import_options *o = im->o;
    const char *roads = o->roads ? o->roads : o->osm;
    const char *buildings = o->buildings ? o->buildings : o->osm;
    if (im->t->n_buildings == 0 && im->counts->buildings_in > 0) {
        return xw_fail(err, XW_INPUT, "no buildings in %.200s: none of %llu features has an area",
                       buildings ? buildings : "the sources",
                       (unsigned long long)im->counts->buildings_in);
    }
    if (im->t->n_buildings == 0) {
        return xw_fail(err, XW_INPUT, "no buildings in %.300s",
                       buildings ? buildings : "the sources");
    }
    if (!has_roads(im->t)) {
        return xw_fail(err, XW_INPUT, "no roads in %.300s", roads ? roads : "the sources");
    }
    return XW_OK;
}

/* Everything as it stands in the files, and which layers have their axes swapped. */
static xw_status read_sources(xw__import *im, unsigned *again, xw_error *err)
{
    const xw_import_options *o = im->o;
    xw_status st = XW_OK;
    if (im->alone) return xw__import_buildings(im, err);
    if (im->scout) {
        return o->divisions ? xw__import_divisions(im, err) : xw__import_osm(im, err);
    }
    if (o->osm) st = xw__import_osm(im, err);
    if (!st && o->osm) st = xw__axes_sample_extract(im, err);
    if (!st && o->roads) st = xw__import_roads(im, err);
    if (!st && o->water) st = xw__import_water(im, err);
    if (!st && o->rail) st = xw__import_rail(im, err);
    if (!st && o->buildings) st = xw__import_buildings(im, err);
    if (!st && o->exclusive) st = xw__import_exclusive(im, err);
    if (!st && !o->part) st = check_complete(im, err);
    if (!st && o->divisions && !o->part) st = xw__import_divisions(im, err);
    if (!st && o->addresses) st = xw__import_addresses(im, err);
    return st || o->part ? st : xw__axes_compare(im, again, err);
}

/* What needs all of it at once. */
static xw_status settle(xw__import *im, xw_error *err)
{
    const xw_import_options *o = im->o;
    const bool osm = o->osm && !o->divisions;
    if (im->alone) return XW_OK;
    if (im->scout) return xw__divisions_finish(im, osm, err);
    xw_status st = o->part ? XW_OK : xw__strays_drop(im, err);
    if (!st) st = xw_job_step(im->job, "divisions", 0, 0, err);
    if (!st) st = o->part ? xw__part_divisions(im, err) : xw__divisions_finish(im, osm, err);
    if (!st) st = xw__extent_check(im, err);
    if (!st) st = xw_job_step(im->job, "addresses", 0, 0, err);
    if (!st) st = xw__addresses_resolve(im, err);
    return st ? st : xw__doors_count(im, err);
}

/* The territory is called like the one division above all others, else like the file. */
static xw_status set_name(xw__import *im, xw_error *err)
{
    xw_territory *t = im->t;
    const xw_division *top = NULL;
    size_t n_top = 0;
    for (size_t i = 0; i < t->n_divisions; i++) {
        if (t->divisions[i].parent_code) continue;
        top = &t->divisions[i];
        n_top++;
    }
    if (n_top == 1 && top->name) {
        t->name = top->name;
        return XW_OK;
    }
    return xw__intern(im, im->file, &t->name, err);
}

/* One reading; *again differs from im->swap when it is to be done once more, with these axes. */
static xw_status run(xw__import *im, unsigned *again, xw_error *err)
{
    xw_territory_init(&im->found);
    im->geos = GEOS_init_r();
    xw_status st = im->geos ? read_sources(im, again, err) : xw_fail(err, XW_NOMEM, "GEOS");
    if (!st && *again == im->swap) st = settle(im, err);
    if (!st && *again == im->swap) st = set_name(im, err);
    if (im->geos) GEOS_finish_r(im->geos);
    xw__shape_finish(&im->shape);
    xw_territory_finish(&im->found);
    for (unsigned i = 0; i < XW__ROLES; i++) free(im->sample[i].p);
    free(im->seen);
    free(im->rank);
    free(im->dots);
    free(im->door);
    return st;
}

/* What a failed import leaves: the findings, for the report on what is wrong with the input. */
static void keep_findings(xw_territory *t)
{
    xw_territory kept = {
        .text = t->text,
        .findings = t->findings,
        .n_findings = t->n_findings,
        .cap_findings = t->cap_findings,
    };
    t->text = (xw_strings){0};
    t->findings = NULL;
    xw_territory_finish(t);
    *t = kept;
}

typedef enum extent { ALL, DIVISIONS, BUILDINGS } extent;

static xw_status import(const xw_import_options *o, extent what, const xw_job *job,
                        xw_territory *out, xw_import_counts *counts, xw_error *err)
{
    char file[128];
    if (o->encoding) {
        const xw_status known = xw__encoding_check(o->encoding, err);
        if (known) return known;
    }
    name_file(o, file, sizeof file);
    GDALAllRegister();
    CPLPushErrorHandler(quiet);
    unsigned swap = 0, again = 0;
    xw_status st;
    do {
        swap = again;
        xw_territory_finish(out);
        *counts = (xw_import_counts){0};
        xw__import im = {.o = o,
                         .job = job,
                         .t = out,
                         .counts = counts,
                         .file = file,
                         .scout = what == DIVISIONS,
                         .alone = what == BUILDINGS,
                         .swap = swap};
        st = run(&im, &again, err);
    } while (!st && again != swap);
    CPLPopErrorHandler();
    if (st) keep_findings(out);
    return st;
}

xw_status xw_import(const xw_import_options *o, const xw_job *job, xw_territory *out,
                    xw_import_counts *counts, xw_error *err)
{
    xw_import_counts own;
    xw_territory_init(out);
    if (!counts) counts = &own;
    *counts = (xw_import_counts){0};
    if (!o->osm && !o->buildings) return xw_fail(err, XW_USAGE, "no buildings are named");
    if (!o->osm && !o->roads) return xw_fail(err, XW_USAGE, "no roads are named");
    return import(o, ALL, job, out, counts, err);
}

xw_status xw_import_divisions(const xw_import_options *o, const xw_job *job, xw_territory *out,
                              xw_error *err)
{
    xw_import_counts counts = {0};
    xw_territory_init(out);
    if (!o->divisions && !o->osm) return xw_fail(err, XW_INPUT, "no divisions are named");
    if (!o->divisions && o->division_level == 0) {
        return xw_fail(err, XW_USAGE, "the level of the divisions of %.200s is not named", o->osm);
    }
    return import(o, DIVISIONS, job, out, &counts, err);
}

xw_status xw__import_alone(const xw_import_options *o, const xw_job *job, xw_territory *out,
                           xw_import_counts *counts, xw_error *err)
{
    return import(o, BUILDINGS, job, out, counts, err);
}
