/* Real files of any GDAL driver, written by the test from rows of WKT. */
#ifndef XW_TEST_IMPORT_LAYER_FILE_H
#define XW_TEST_IMPORT_LAYER_FILE_H

#include "files.h"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

typedef struct row {
    const char *wkt; /* NULL: no geometry */
    const char *id, *name;
    double households; /* < 0: null */
} row;

typedef struct layer_file {
    const char *driver, *path, *layer, *crs; /* crs NULL: none */
    const char *const *options;              /* of the layer */
    OGRwkbGeometryType type;
    bool swap; /* x and y change places on the way */
} layer_file;

static inline OGRGeometryH geometry_of(const char *wkt, bool swap)
{
    OGRGeometryH g = NULL;
    char *copy = CPLStrdup(wkt), *p = copy;
    assert_int_equal(OGR_G_CreateFromWkt(&p, NULL, &g), OGRERR_NONE);
    CPLFree(copy);
    if (swap) OGR_G_SwapXY(g);
    return g;
}

/* Columns: id, name (texts), households (a real number). */
static inline void write_layer(layer_file to, const row *rows, size_t n)
{
    GDALDriverH driver = GDALGetDriverByName(to.driver);
    assert_non_null(driver);
    (void)VSIMkdirRecursive(CPLGetPath(to.path), 0777);
    GDALDatasetH ds = GDALCreate(driver, to.path, 0, 0, 0, GDT_Unknown, NULL);
    assert_non_null(ds);
    OGRSpatialReferenceH srs = NULL;
    if (to.crs) {
        srs = OSRNewSpatialReference(NULL);
        assert_int_equal(OSRSetFromUserInput(srs, to.crs), OGRERR_NONE);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    char **options = NULL;
    for (size_t i = 0; to.options && to.options[i]; i++) {
        options = CSLAddString(options, to.options[i]);
    }
    OGRLayerH l = GDALDatasetCreateLayer(ds, to.layer, srs, to.type, options);
    CSLDestroy(options);
    assert_non_null(l);
    const char *const texts[] = {"id", "name"};
    for (size_t i = 0; i < 2; i++) {
        OGRFieldDefnH d = OGR_Fld_Create(texts[i], OFTString);
        assert_int_equal(OGR_L_CreateField(l, d, 1), OGRERR_NONE);
        OGR_Fld_Destroy(d);
    }
    OGRFieldDefnH d = OGR_Fld_Create("households", OFTReal);
    assert_int_equal(OGR_L_CreateField(l, d, 1), OGRERR_NONE);
    OGR_Fld_Destroy(d);
    for (size_t i = 0; i < n; i++) {
        OGRFeatureH f = OGR_F_Create(OGR_L_GetLayerDefn(l));
        if (rows[i].wkt) {
            OGRGeometryH g = geometry_of(rows[i].wkt, to.swap);
            assert_int_equal(OGR_F_SetGeometryDirectly(f, g), OGRERR_NONE);
        }
        if (rows[i].id) OGR_F_SetFieldString(f, 0, rows[i].id);
        if (rows[i].name) OGR_F_SetFieldString(f, 1, rows[i].name);
        if (rows[i].households >= 0) OGR_F_SetFieldDouble(f, 2, rows[i].households);
        assert_int_equal(OGR_L_CreateFeature(l, f), OGRERR_NONE);
        OGR_F_Destroy(f);
    }
    if (srs) OSRRelease(srs);
    GDALClose(ds);
}

static inline void remove_file(const char *path)
{
    GDALDriverH driver = GDALIdentifyDriver(path, NULL);
    if (driver) (void)GDALDeleteDataset(driver, path);
    (void)VSIUnlink(path);
}

#endif
