#include "internal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
/* Usual names of the column of ids; upper and lower case are one. */
#define IDS "building_id bldg_id osm_id @id id gid objectid uid source_id 编号"

static bool exists(const char *path)
{
    struct stat st;
    if (strncmp(path, "/vsi", 4) != 0) return stat(path, &st) == 0;
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (f) (void)VSIFCloseL(f);
    return f != NULL;
}

static bool ends_with(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && strcasecmp(s + n - m, end) == 0;
}

/* Archives are read through GDAL's virtual file systems. */
static void real_path(const char *path, char out[PATH_SIZE])
{
    const char *way = "";
    if (strncmp(path, "/vsi", 4) != 0) {
        if (ends_with(path, ".zip"))
            way = "/vsizip/";
        else if (ends_with(path, ".gz") && !ends_with(path, ".tar.gz"))
            way = "/vsigzip/";
    }
    (void)snprintf(out, PATH_SIZE, "%s%s", way, path);
}

static xw_status open_failed(const char *path, xw_error *err)
{
    const char *why = CPLGetLastErrorMsg();
    const int n = (int)strcspn(why ? why : "", "\n");
    if (n > 0 && n < 160 && !strstr(why, "not recognized as")) {
        return xw_fail(err, XW_INPUT, "%.160s: not GIS data that can be read (%.*s)", path, n, why);
    }
    return xw_fail(err, XW_INPUT, "%.300s: not GIS data that can be read", path);
}

xw_status xw__dataset_open(const char *path, const char *const *options, GDALDatasetH *out,
                           xw_error *err)
{
    char real[PATH_SIZE];
    real_path(path, real);
    *out = NULL;
    CPLErrorReset();
    *out = GDALOpenEx(real, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL, options, NULL);
    if (*out) return XW_OK;
    if (!exists(path) && !strchr(path, ':')) {
        return xw_fail(err, XW_NOT_FOUND, "%.300s: no such file", path);
    }
    return open_failed(path, err);
}

/* ---- which layer -------------------------------------------------------------------------- */

static const char *layer_name(GDALDatasetH ds, int i)
{
    return OGR_L_GetName(GDALDatasetGetLayer(ds, i));
}

static void list_layers(GDALDatasetH ds, char *buf, size_t size)
{
    size_t at = 0;
    buf[0] = '\0';
    for (int i = 0; i < GDALDatasetGetLayerCount(ds) && at < size; i++) {
        const int n = snprintf(buf + at, size - at, "%s%s", i ? ", " : "", layer_name(ds, i));
        at += n > 0 ? (size_t)n : 0;
    }
}

/* The layer asked for, else the one called like the role ("buildings" or "building"), else the only
 * one. */
static xw_status pick_layer(xw__source *s, const char *path, const char *name, xw_error *err)
{
    char names[160];
    const int n = GDALDatasetGetLayerCount(s->ds);
    const size_t stem = strlen(s->role) - (ends_with(s->role, "s") ? 1 : 0);
    for (int i = 0; i < n && !s->layer; i++) {
        const char *have = layer_name(s->ds, i);
        if (name ? strcmp(have, name) == 0
                 : strcasecmp(have, s->role) == 0 ||
                       (strlen(have) == stem && strncasecmp(have, s->role, stem) == 0)) {
            s->layer = GDALDatasetGetLayer(s->ds, i);
        }
    }
    if (!s->layer && !name && n == 1) s->layer = GDALDatasetGetLayer(s->ds, 0);
    if (s->layer) {
        (void)snprintf(s->label, sizeof s->label, "%.180s layer %.100s", path,
                       OGR_L_GetName(s->layer));
        const char *slash = strrchr(path, '/');
        s->brief = slash && slash - path < 179 ? (size_t)(slash - path) + 1 : 0;
        s->defn = OGR_L_GetLayerDefn(s->layer);
        return XW_OK;
    }
    list_layers(s->ds, names, sizeof names);
    if (n == 0) return xw_fail(err, XW_INPUT, "%.200s: has no layers", path);
    if (name) {
        return xw_fail(err, XW_INPUT, "%.150s: no layer \"%.60s\" among %s", path, name, names);
    }
    return xw_fail(err, XW_INPUT, "%.150s: which layer holds the %s? Say PATH:LAYER, one of %s",
                   path, s->role, names);
}

/* ---- which coordinates -------------------------------------------------------------------- */

/* GeoPackage writes "Undefined geographic SRS" for none; a local CRS is no place on earth either.
 */
static bool is_said(OGRSpatialReferenceH srs)
{
    const char *name = srs ? OSRGetName(srs) : NULL;
    return srs && !OSRIsLocal(srs) && !(name && strncasecmp(name, "undefined", 9) == 0);
}

/* Without a CRS the numbers speak: what fits the globe is taken for degrees. */
static xw_status guess_crs(xw__import *im, const xw__source *s, xw_error *err)
{
    OGREnvelope e;
    if (OGR_L_GetExtent(s->layer, &e, 1) != OGRERR_NONE || isnan(e.MinX)) return XW_OK;
    const bool turned = (e.MaxY > 90.0 || e.MinY < -90.0) && e.MinX >= -90.0 && e.MaxX <= 90.0 &&
                        e.MinY >= -180.0 && e.MaxY <= 180.0;
    if (turned) { /* xw__axes_look will say so */
        const double x0 = e.MinX, x1 = e.MaxX;
        e = (OGREnvelope){e.MinY, e.MaxY, x0, x1};
    }
    if (e.MinX < -180.0 || e.MaxX > 180.0 || e.MinY < -90.0 || e.MaxY > 90.0) {
        return xw_fail(err, XW_INPUT,
                       "%s: no coordinate reference system, and x %.1f..%.1f y %.1f..%.1f are no "
                       "degrees",
                       s->label, e.MinX, e.MaxX, e.MinY, e.MaxY);
    }
    xw_pt middle = {0, 0};
    (void)xw_pt_from_deg((e.MinX + e.MaxX) / 2.0, (e.MinY + e.MaxY) / 2.0, &middle);
    return xw_territory_find(im->t, "crs-assumed", s->role, "", middle, err,
                             "%s says no coordinate reference system: longitude, latitude assumed",
                             s->label + s->brief);
}

static xw_status open_crs(xw__import *im, xw__source *s, xw_error *err)
{
    char *wkt = NULL;
    const char *const wkt2[] = {"FORMAT=WKT2_2019", NULL};
    const OGRSpatialReferenceH srs = OGR_L_GetSpatialRef(s->layer);
    const char *said = im->o->crs_of[s->number - 1] ? im->o->crs_of[s->number - 1] : im->o->crs;
    xw_status st;
    if (said) {
        st = xw_crs_create(said, &s->crs, err);
        if (st) return st;
    } else if (!is_said(srs)) {
        return guess_crs(im, s, err);
    } else {
        if (OSRExportToWktEx(srs, &wkt, wkt2) != OGRERR_NONE || !wkt) {
            CPLFree(wkt);
            return xw_fail(err, XW_INPUT, "%s: unreadable coordinate reference system", s->label);
        }
        st = xw_crs_create(wkt, &s->crs, err);
        CPLFree(wkt);
        if (st == XW_NOMEM) return st;
        if (st) {
            return xw_fail(err, XW_INPUT, "%s: no way from its coordinate reference system %.80s",
                           s->label, OSRGetName(srs) ? OSRGetName(srs) : "");
        }
    }
    s->frame.crs = s->crs;
    if (xw_crs_is_projected(s->crs)) {
        const double unit = srs && !said ? OSRGetLinearUnits(srs, NULL) : 1.0;
        s->frame.metres = unit > 0.0 ? unit : 1.0;
    }
    return XW_OK;
}

/* ---- open, close -------------------------------------------------------------------------- */

/* @param encoding  of a shapefile's texts, "" for bytes as they are; NULL: what the driver thinks
 */
static xw_status open_dataset(const char *path, const char *encoding, xw__source *out,
                              xw_error *err)
{
    const char *options[6] = {NULL};
    char option[64];
    size_t n = 0;
    if (ends_with(path, ".csv") || ends_with(path, ".csv.gz")) {
        options[n++] = "X_POSSIBLE_NAMES=lon*,lng*,x,经度";
        options[n++] = "Y_POSSIBLE_NAMES=lat*,y,纬度";
        options[n++] = "AUTODETECT_TYPE=YES";
    }
    if (encoding) {
        (void)snprintf(option, sizeof option, "ENCODING=%.50s", encoding);
        options[n++] = option;
    }
    return xw__dataset_open(path, n ? options : NULL, &out->ds, err);
}

/* How a shapefile is to be read where the driver would guess: as the user says; without a .cpg, a
 * language byte of 0x57 (what most programs write without a thought) says nothing, and the bytes
 * are looked at text by text. NULL: the driver knows. */
static const char *shape_encoding(const xw__import *im, const xw__source *s)
{
    const GDALDriverH driver = GDALGetDatasetDriver(s->ds);
    if (!driver || strcmp(GDALGetDriverShortName(driver), "ESRI Shapefile") != 0) return NULL;
    if (im->o->encoding) return im->o->encoding;
    const char *cpg = GDALGetMetadataItem(s->layer, "ENCODING_FROM_CPG", "SHAPEFILE");
    const char *byte = GDALGetMetadataItem(s->layer, "LDID_VALUE", "SHAPEFILE");
    return !cpg && byte && strcmp(byte, "87") == 0 ? "" : NULL;
}

static xw_status open_layer(xw__import *im, const char *path, const char *layer, xw__source *out,
                            xw_error *err)
{
    xw_status st = open_dataset(path, NULL, out, err);
    if (!st) st = pick_layer(out, path, layer, err);
    const char *encoding = st ? NULL : shape_encoding(im, out);
    if (st || !encoding) return st;
    GDALClose(out->ds);
    out->ds = NULL;
    out->layer = NULL;
    st = open_dataset(path, encoding, out, err);
    return st ? st : pick_layer(out, path, layer, err);
}

static xw_status turn_axes(xw__import *im, xw__source *s, xw_error *err)
{
    const bool told = im->swap & 1u << s->number;
    s->frame.swap = told || xw__axes_look(s);
    OGR_L_ResetReading(s->layer);
    if (!s->frame.swap) return XW_OK;
    xw_pt at = {0, 0};
    const OGRFeatureH f = OGR_L_GetNextFeature(s->layer);
    if (f && !xw__shape_read(&im->shape, OGR_F_GetGeometryRef(f), s->frame, NULL))
        at = im->shape.at;
    if (f) OGR_F_Destroy(f);
    return xw_territory_find(im->t, "axis-swapped", s->role, "", at, err,
                             "%s: x and y have changed places%s, read as longitude %.4f, latitude "
                             "%.4f",
                             s->label + s->brief,
                             told ? " (only so it lies with the other layers)" : "", xw_deg(at.x),
                             xw_deg(at.y));
}

xw_status xw__source_open(xw__import *im, const char *src, const char *role, xw__source *out,
                          xw_error *err)
{
    char path[PATH_SIZE];
    const char *layer = NULL;
    *out = (xw__source){
        .role = role, .number = xw__role_number(role), .encoding = im->o->encoding, .id = -1};
    (void)snprintf(path, sizeof path, "%s", src);
    if (strlen(src) >= sizeof path) return xw_fail(err, XW_INPUT, "%.100s…: path too long", src);
    char *colon = strrchr(path, ':');
    if (!exists(path) && colon && colon > path) {
        *colon = '\0';
        if (exists(path)) {
            layer = src + (colon - path) + 1;
        } else if (strchr(path, '/') || strchr(path, '.')) {
            return xw_fail(err, XW_NOT_FOUND, "%.300s: no such file", path);
        } else {
            *colon = ':'; /* a connection such as PG:… */
        }
    }
    xw_status st = open_layer(im, path, layer, out, err);
    if (!st) st = open_crs(im, out, err);
    if (!st) st = turn_axes(im, out, err);
    if (!st) st = xw__source_field(out, NULL, IDS, &out->id, err);
    if (st) xw__source_close(out);
    return st;
}

void xw__source_close(xw__source *s)
{
    xw_crs_destroy(s->crs);
    if (s->ds) GDALClose(s->ds);
    *s = (xw__source){0};
}

/* ---- fields ------------------------------------------------------------------------------- */

static xw_status no_field(const xw__source *s, const char *name, xw_error *err)
{
    char have[180];
    size_t at = 0;
    have[0] = '\0';
    for (int i = 0; i < OGR_FD_GetFieldCount(s->defn) && at < sizeof have; i++) {
        const char *field = OGR_Fld_GetNameRef(OGR_FD_GetFieldDefn(s->defn, i));
        const int n = snprintf(have + at, sizeof have - at, "%s%s", i ? ", " : "", field);
        at += n > 0 ? (size_t)n : 0;
    }
    return xw_fail(err, XW_INPUT, "%.130s: no column \"%.50s\" among %s", s->label, name,
                   have[0] ? have : "none");
}

xw_status xw__source_field(const xw__source *s, const char *configured, const char *usual,
                           int *field, xw_error *err)
{
    char name[64];
    *field = -1;
    if (configured && *configured) {
        *field = OGR_FD_GetFieldIndex(s->defn, configured);
        return *field >= 0 ? XW_OK : no_field(s, configured, err);
    }
    while (*usual && *field < 0) {
        const size_t n = strcspn(usual, " ");
        if (n < sizeof name) {
            memcpy(name, usual, n);
            name[n] = '\0';
            *field = OGR_FD_GetFieldIndex(s->defn, name);
        }
        usual += n;
        usual += strspn(usual, " ");
    }
    return XW_OK;
}

/* ---- features ----------------------------------------------------------------------------- */

const char *xw__source_id(const xw__source *s, OGRFeatureH f, char *buf)
{
    if (!*xw__field_text(f, s->id, s->encoding, buf)) {
        (void)snprintf(buf, XW__TEXT_MAX, "%lld", (long long)OGR_F_GetFID(f));
    }
    return buf;
}

static xw_status list_bad(xw__import *im, xw__source *s, OGRFeatureH f, xw_error *err)
{
    char id[XW__TEXT_MAX];
    s->n_bad++;
    if (strcmp(s->role, "buildings") == 0) return XW_OK; /* listed with the buildings */
    return xw_territory_find(
        im->t, "coordinates-bad", s->role, xw__source_id(s, f, id), im->shape.at, err,
        "feature %s of %s has coordinates that are no place on earth", id, s->label + s->brief);
}

/* What else is noteworthy depends on what the layer is for. */
static xw_status look_at_parts(xw__import *im, const xw__source *s, xw_error *err)
{
    xw__shape *shape = &im->shape;
    const unsigned role = s->number - 1;
    bool odd = false;
    if (role == XW_ROLE_BUILDINGS || role == XW_ROLE_DIVISIONS || role == XW_ROLE_EXCLUSIVE) {
        odd = shape->n_rings && (shape->n_lines || shape->points);
        const xw_status st = xw__shape_close_lines(shape, err);
        if (st) return st;
    } else if (role == XW_ROLE_ROADS || role == XW_ROLE_RAIL) {
        odd = shape->n_lines && (shape->n_rings || shape->points);
    } else if (role == XW_ROLE_WATER) {
        odd = (shape->n_rings || shape->n_lines) && shape->points;
    }
    if (odd) shape->notes |= 1u << XW__NOTE_PARTS;
    return XW_OK;
}

static xw_status take_feature(xw__import *im, xw__source *s, OGRFeatureH f, xw__feature_fn fn,
                              void *ctx, xw_error *err)
{
    const OGRGeometryH g = OGR_F_GetGeometryRef(f);
    xw_status st = xw__shape_read(&im->shape, g, s->frame, err);
    if (!st) st = xw__axes_sample(im, s->number, g, s->frame, err);
    if (!st) st = look_at_parts(im, s, err);
    if (st) return st;
    s->n++;
    const bool is_built = s->number == 1 + XW_ROLE_BUILDINGS || s->number == 1 + XW_ROLE_ADDRESSES;
    if (!xw__part_has(im, is_built)) return XW_OK;
    if (xw__has_foreign_text(f)) im->shape.notes |= 1u << XW__NOTE_ENCODING;
    if (im->shape.bad) st = list_bad(im, s, f, err);
    if (!st) st = fn(im, s, f, ctx, err);
    xw__tally_add(&s->tally, &im->shape, OGR_F_GetFID(f));
    return st;
}

xw_status xw__source_each(xw__import *im, xw__source *s, xw__feature_fn fn, void *ctx,
                          xw_error *err)
{
    const GIntBig total = OGR_L_GetFeatureCount(s->layer, 0);
    xw_status st = XW_OK;
    OGRFeatureH f;
    CPLErrorReset();
    xw__part_filter(im, s);
    OGR_L_ResetReading(s->layer);
    while (!st && (f = OGR_L_GetNextFeature(s->layer)) != NULL) {
        st = take_feature(im, s, f, fn, ctx, err);
        OGR_F_Destroy(f);
        if (!st && s->n % 512 == 0) {
            st = xw_job_step(im->job, s->role, s->n, total > 0 ? (uint64_t)total : 0, err);
        }
    }
    if (st) return st;
    if (CPLGetLastErrorType() >= CE_Failure) {
        const char *why = CPLGetLastErrorMsg();
        return xw_fail(err, XW_INPUT, "%s: after %llu features: %.*s", s->label,
                       (unsigned long long)s->n, (int)strcspn(why, "\n"), why);
    }
    if (s->n == 0 && im->o->part) return XW_OK;
    if (s->n == 0) return xw_fail(err, XW_INPUT, "%s: has no features", s->label);
    if (s->n_bad == s->n) {
        return xw_fail(err, XW_INPUT, "%s: all coordinates are NaN or out of range", s->label);
    }
    return xw__tally_tell(im, s, err);
}
