/* The sample's GeoPackage: layers, counts, the same bytes, and nothing half-written. */
#include "support/test.h"
#include "xiwang/sample.h"

#include <gdal.h>
#include <ogr_api.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static xw_territory made(uint64_t households, uint64_t seed)
{
    const xw_sample_options o = {households, seed};
    xw_territory t;
    xw_error err;
    if (xw_sample_make(&o, NULL, &t, &err)) fail_msg("%s", err.text);
    return t;
}

static uint64_t fnv(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * UINT64_C(1099511628211);
    return h;
}

static char folder[64];
static void path_to(const char *name, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", folder, name);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/xw-sample-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"a.gpkg", "b.gpkg"};
    char path[128];
    for (int k = 0; k < 2; k++) {
        path_to(names[k], path);
        (void)unlink(path);
    }
    return rmdir(folder); /* fails if a temporary file was left */
}

static uint64_t file_digest(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint64_t h = UINT64_C(14695981039346656037);
    unsigned char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) h = fnv(h, block, n);
    (void)fclose(f);
    return h;
}

static void test_file_has_the_six_layers_and_the_same_bytes_each_time(void **state)
{
    (void)state;
    char a[128], b[128];
    path_to("a.gpkg", a);
    path_to("b.gpkg", b);
    xw_territory t = made(5000, 5);
    xw_error err;
    assert_int_equal(xw_sample_write(&t, a, false, NULL, &err), XW_OK);
    assert_int_equal(xw_sample_write(&t, b, false, NULL, &err), XW_OK);
    assert_true(file_digest(a) == file_digest(b));
    assert_int_equal(xw_sample_write(&t, a, false, NULL, &err), XW_EXISTS);
    assert_non_null(strstr(err.text, a));
    assert_int_equal(xw_sample_write(&t, a, true, NULL, &err), XW_OK);

    size_t lines[3] = {0, t.n_waters, 0}; /* roads, water, rail */
    for (size_t i = 0; i < t.n_barriers; i++) {
        const unsigned cls = t.barriers[i].cls;
        lines[cls == XW_CLASS_RAIL ? 2 : cls == XW_CLASS_RIVER || cls == XW_CLASS_STREAM ? 1 : 0]++;
    }
    const struct {
        const char *name;
        size_t n;
    } layers[] = {{"roads", lines[0]},          {"water", lines[1]},
                  {"rail", lines[2]},           {"buildings", t.n_buildings},
                  {"divisions", t.n_divisions}, {"addresses", t.n_addresses}};
    GDALDatasetH ds = GDALOpenEx(a, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(ds);
    assert_int_equal(GDALDatasetGetLayerCount(ds), 7);
    for (int k = 0; k < 6; k++) {
        OGRLayerH layer = GDALDatasetGetLayerByName(ds, layers[k].name);
        assert_non_null(layer);
        assert_int_equal(OGR_L_GetFeatureCount(layer, TRUE), layers[k].n);
    }
    int64_t sum = 0;
    OGRLayerH buildings = GDALDatasetGetLayerByName(ds, "buildings");
    const int field = OGR_FD_GetFieldIndex(OGR_L_GetLayerDefn(buildings), "households");
    for (OGRFeatureH f; (f = OGR_L_GetNextFeature(buildings)); OGR_F_Destroy(f)) {
        sum += OGR_F_GetFieldAsInteger(f, field);
    }
    assert_int_equal(sum, 5000);
    GDALClose(ds);
    xw_territory_finish(&t);
}

static void test_full_disk_and_missing_folder_name_the_path_and_leave_nothing(void **state)
{
    (void)state;
    char path[128];
    xw_territory t = made(5000, 5);
    xw_error err;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 400000, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    path_to("full.gpkg", path);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const xw_status st = xw_sample_write(&t, path, false, NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(st, XW_IO);
    assert_non_null(strstr(err.text, path));
    assert_int_not_equal(access(path, F_OK), 0);
    path_to("none/x.gpkg", path);
    assert_int_equal(xw_sample_write(&t, path, false, NULL, &err), XW_IO);
    assert_non_null(strstr(err.text, path));
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_has_the_six_layers_and_the_same_bytes_each_time,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            test_full_disk_and_missing_folder_name_the_path_and_leave_nothing, make_folder,
            remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
