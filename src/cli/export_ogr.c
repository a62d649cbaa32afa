/* Rows and shapes of a model into any vector format of GDAL. */
#include "export.h"

#include "xiwang/file.h"
#include "xiwang/shape.h"
#include "xiwang/store.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <errno.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const xw__format formats[] = {
    {"geojson", "geojson", "GeoJSON", true},
    {"geojson", "json", "GeoJSON", true},
    {"geojsonseq", "geojsonl", "GeoJSONSeq", true},
    {"gpkg", "gpkg", "GPKG", true},
    {"flatgeobuf", "fgb", "FlatGeobuf", true},
    {"shapefile", "shp", "ESRI Shapefile", false},
    {"csv", "csv", "CSV", true},
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const xw__format *xw__format_find(const char *name, const char *path)
{
    const char *dot = strrchr(path, '.');
    for (int i = 0; i < N_FORMATS; i++) {
        if (name ? EQUAL(name, formats[i].name) : dot && EQUAL(dot + 1, formats[i].extension)) {
            return &formats[i];
        }
    }
    return NULL;
}

typedef struct exporter {
    const xw_model *m;
    const xw__selection *s;
    const xw__format *f;
    const char *path; /* what errors name */
    xw_shapes *shapes;
    OGRSpatialReferenceH srs;
    GDALDatasetH data;
    OGRLayerH layer;
    xw_buf wkb;
    size_t n_written;
} exporter;

static xw_status gdal_fail(const exporter *x, xw_error *err)
{
    const char *why = CPLGetLastErrorMsg();
    const char *cut = strchr(why, '\n');
    return xw_fail(err, XW_IO, "%s: %.*s", x->path, cut ? (int)(cut - why) : 250,
                   why[0] ? why : "cannot be written");
}

static bool is_geojson(const xw__format *f) { return strncmp(f->driver, "GeoJSON", 7) == 0; }

/* GeoJSON is WGS 84 by its standard; CGCS2000 equals it within its own accuracy, so the numbers go
 * out as they are. */
static xw_status make_srs(exporter *x, xw_error *err)
{
    x->srs = OSRNewSpatialReference(NULL);
    if (!x->srs || OSRImportFromEPSG(x->srs, is_geojson(x->f) ? 4326 : 4490) != OGRERR_NONE) {
        return gdal_fail(x, err);
    }
    OSRSetAxisMappingStrategy(x->srs, OAMS_TRADITIONAL_GIS_ORDER);
    return XW_OK;
}

static char **layer_options(const exporter *x)
{
    char **o = NULL;
    const bool points = xw_table_kind(x->s->table) == XW_WKB_POINT;
    if (is_geojson(x->f)) {
        o = CSLSetNameValue(o, "RFC7946", "YES");
        o = CSLSetNameValue(o, "COORDINATE_PRECISION", "7");
    } else if (strcmp(x->f->name, "shapefile") == 0) {
        o = CSLSetNameValue(o, "ENCODING", "UTF-8");
    } else if (strcmp(x->f->name, "csv") == 0) {
        o = CSLSetNameValue(o, "GEOMETRY", points ? "AS_XY" : "AS_WKT");
    } else if (strcmp(x->f->name, "gpkg") == 0) {
        o = CSLSetNameValue(o, "GEOMETRY_NAME", "geom");
    }
    return o;
}

static xw_status make_fields(const exporter *x, xw_error *err)
{
    size_t n;
    const xw_column *columns = xw_table_columns(x->s->table, &n);
    for (size_t i = 0; i < n; i++) {
        OGRFieldDefnH field =
            OGR_Fld_Create(columns[i].name, columns[i].type == XW_COL_INT    ? OFTInteger
                                            : columns[i].type == XW_COL_REAL ? OFTReal
                                                                             : OFTString);
        OGR_Fld_SetAlternativeName(field, columns[i].zh);
        const OGRErr code = OGR_L_CreateField(x->layer, field, TRUE);
        OGR_Fld_Destroy(field);
        if (code != OGRERR_NONE) return gdal_fail(x, err);
    }
    return XW_OK;
}

static xw_status make_layer(exporter *x, const char *file, xw_error *err)
{
    GDALDriverH driver = GDALGetDriverByName(x->f->driver);
    if (!driver) {
        return xw_fail(err, XW_IO, "%s: this GDAL has no driver %s", x->path, x->f->driver);
    }
    x->data = GDALCreate(driver, file, 0, 0, 0, GDT_Unknown, NULL);
    if (!x->data) return gdal_fail(x, err);
    static const OGRwkbGeometryType types[] = {[XW_WKB_POINT] = wkbPoint,
                                               [XW_WKB_LINE] = wkbLineString,
                                               [XW_WKB_MULTIPOLYGON] = wkbMultiPolygon};
    char **options = layer_options(x);
    x->layer = GDALDatasetCreateLayer(x->data, x->s->layer, x->srs,
                                      types[xw_table_kind(x->s->table)], options);
    CSLDestroy(options);
    return x->layer ? make_fields(x, err) : gdal_fail(x, err);
}

/* Counts and floors; GDAL's CSV puts 64-bit numbers between quotes. */
static int to_int(int64_t v)
{
    return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int)v;
}

static void put_fields(const exporter *x, uint32_t row, OGRFeatureH feature)
{
    size_t n;
    (void)xw_table_columns(x->s->table, &n);
    for (size_t i = 0; i < n; i++) {
        char scratch[64];
        const xw_value v = xw_table_value(x->m, x->s->table, row, i, scratch);
        switch (v.type) {
        case XW_COL_TEXT:
            OGR_F_SetFieldString(feature, (int)i, v.s);
            break;
        case XW_COL_INT:
            OGR_F_SetFieldInteger(feature, (int)i, to_int(v.i));
            break;
        case XW_COL_REAL:
            OGR_F_SetFieldDouble(feature, (int)i, v.r);
            break;
        case XW_COL_NULL:
            OGR_F_SetFieldNull(feature, (int)i);
            break;
        }
    }
}

static xw_status put_row(exporter *x, uint32_t row, OGRFeatureH feature, xw_error *err)
{
    xw_shape shape;
    OGRGeometryH geometry = NULL;
    xw_status st = xw_shapes_get(x->shapes, x->s->table, row, &shape, err);
    if (st) return st;
    if (shape.kind == XW_WKB_NONE && strcmp(x->f->name, "flatgeobuf") == 0) {
        return XW_OK; /* the driver drops rows without geometry: they are not counted either */
    }
    x->n_written++;
    put_fields(x, row, feature);
    xw_buf_clear(&x->wkb);
    xw_shape_wkb(&shape, &x->wkb);
    st = xw_buf_status(&x->wkb, "geometry", err);
    if (st) return st;
    if (x->wkb.n &&
        OGR_G_CreateFromWkb(x->wkb.data, NULL, &geometry, (int)x->wkb.n) != OGRERR_NONE) {
        return gdal_fail(x, err);
    }
    (void)OGR_F_SetGeometryDirectly(feature, geometry);
    (void)OGR_F_SetFID(feature, OGRNullFID);
    return OGR_L_CreateFeature(x->layer, feature) == OGRERR_NONE ? XW_OK : gdal_fail(x, err);
}

static xw_status put_rows(exporter *x, const xw_job *job, xw_error *err)
{
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(x->layer));
    xw_status st = feature ? XW_OK : xw_fail(err, XW_NOMEM, "%s", x->path);
    const bool in_one = GDALDatasetStartTransaction(x->data, FALSE) == OGRERR_NONE;
    CPLErrorReset(); /* formats without transactions say so */
    for (uint32_t i = 0; i < x->s->n && !st; i++) {
        if (i % 1024 == 0) st = xw_job_step(job, "export", i, x->s->n, err);
        if (!st) st = put_row(x, x->s->first + i, feature, err);
    }
    if (!st && in_one && GDALDatasetCommitTransaction(x->data) != OGRERR_NONE) {
        st = gdal_fail(x, err);
    }
    OGR_F_Destroy(feature);
    return st;
}

/* Writes the whole file under the given name. Some drivers report a full disk only when closing,
 * some only as a message. */
static xw_status write_file(exporter *x, const char *file, const xw_job *job, xw_error *err)
{
    CPLErrorReset();
    xw_status st = xw_shapes_create(x->m, &x->shapes, err);
    if (!st) st = make_srs(x, err);
    if (!st) st = make_layer(x, file, err);
    if (!st) st = put_rows(x, job, err);
    CPLErrorReset();
    GDALClose(x->data);
    if (!st && CPLGetLastErrorType() >= CE_Failure) st = gdal_fail(x, err);
    OSRDestroySpatialReference(x->srs);
    xw_shapes_destroy(x->shapes);
    return st;
}

/* "dir/teams.geojson" is first "dir/teams.part-17.geojson": drivers look at the ending. */
/* A text format whose file does not end as it must was cut by a full disk. */
static xw_status check_end(const exporter *x, const char *file, xw_error *err)
{
    char tail[8] = {0};
    FILE *f = fopen(file, "rb");
    if (!f) return xw_fail(err, XW_IO, "%s: %s", x->path, strerror(errno));
    size_t n = 0;
    if (fseek(f, -3, SEEK_END) == 0) n = fread(tail, 1, 3, f);
    (void)fclose(f);
    const bool whole =
        n > 0 && tail[n - 1] == '\n' && (n < 2 || !is_geojson(x->f) || tail[n - 2] == '}');
    const bool text = is_geojson(x->f) || strcmp(x->f->name, "csv") == 0;
    const bool none = strcmp(x->f->driver, "GeoJSONSeq") == 0 && n == 0;
    return whole || !text || none
               ? XW_OK
               : xw_fail(err, XW_IO, "%s: not written whole, is the disk full", x->path);
}

/* A shapefile is several files: they are written in place and taken away again after a failure. */
static void remove_files(const exporter *x, const char *file)
{
    GDALDriverH driver = GDALGetDriverByName(x->f->driver);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (x->f->one_file || !driver || GDALDeleteDataset(driver, file) != CE_None) {
        (void)unlink(file);
    }
    CPLPopErrorHandler();
}

static xw_status export_file(exporter *x, bool force, const xw_job *job, xw_error *err)
{
    xw_buf file;
    xw_status st = xw_file_probe(x->path, force, err);
    if (st) return st;
    xw_buf_init(&file, 1u << 20);
    if (x->f->one_file) {
        st = xw_file_temp(x->path, &file, err);
    } else {
        xw_buf_text(&file, x->path);
        st = xw_buf_status(&file, "path", err);
    }
    if (!st) {
        remove_files(x, file.data); /* drivers want to create */
        st = write_file(x, file.data, job, err);
        if (!st) st = check_end(x, file.data, err);
        if (!st && x->f->one_file) st = xw_file_commit(file.data, x->path, force, err);
        if (st) remove_files(x, file.data);
    }
    xw_buf_finish(&file);
    return st;
}

xw_status xw__export_layer(const xw_model *m, const xw__selection *s, const xw__format *f,
                           const char *path, bool force, const xw_job *job, size_t *n_written,
                           xw_error *err)
{
    exporter x = {.m = m, .s = s, .f = f, .path = path};
    xw_status st;
    xw_buf_init(&x.wkb, (size_t)1 << 30);
    GDALAllRegister();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    if (strcmp(path, "-") == 0) {
        x.path = "standard output";
        st = write_file(&x, "/vsistdout/", job, err);
        if (!st && (fflush(stdout) || ferror(stdout))) {
            st = xw_fail(err, XW_IO, "standard output: %s", strerror(errno));
        }
    } else {
        st = export_file(&x, force, job, err);
    }
    CPLPopErrorHandler();
    xw_buf_finish(&x.wkb);
    *n_written = x.n_written;
    return st;
}
