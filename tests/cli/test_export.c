#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/cli.h"
#include "xiwang/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <gdal.h>
#include <ogr_api.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct place {
    char dir[64], store[96], file[96];
    char out[20000]; /* what the last command printed */
} place;

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    xw_model m;
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-export-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->store, sizeof p->store, "%s/toy.gpkg", p->dir);
    assert_true(toy_model_make(&m));
    assert_int_equal(xw_store_write(&m, p->store, false, NULL, NULL), XW_OK);
    xw_model_finish(&m);
    *state = p;
    return 0;
}

static int each_file(const char *dir, bool remove)
{
    int n = 0;
    char name[400];
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.') continue;
        n++;
        (void)snprintf(name, sizeof name, "%s/%s", dir, e->d_name);
        if (remove) (void)unlink(name);
    }
    (void)closedir(d);
    return n;
}

static int tear_down(void **state)
{
    place *p = *state;
    (void)each_file(p->dir, true);
    (void)rmdir(p->dir);
    free(p);
    return 0;
}

/* Runs "xiwang export" with the words of a line; STORE and FILE are put in. Output goes to
 * p->out. */
static int run(place *p, const char *file, const char *line)
{
    char words[600];
    char program[] = "xiwang", command[] = "export";
    char *argv[24] = {program, command};
    int argc = 2;
    (void)snprintf(words, sizeof words, "%s", line);
    (void)snprintf(p->file, sizeof p->file, "%s/%s", p->dir, file);
    char *rest = words;
    for (char *w; (w = strtok_r(rest, " ", &rest));) {
        argv[argc++] = strcmp(w, "STORE") == 0 ? p->store : strcmp(w, "FILE") == 0 ? p->file : w;
    }
    char log[128];
    (void)snprintf(log, sizeof log, "%s.log", p->dir);
    (void)fflush(NULL);
    const int fd = open(log, O_RDWR | O_CREAT | O_TRUNC, 0600);
    const int out = dup(1), err = dup(2);
    (void)dup2(fd, 1);
    (void)dup2(fd, 2);
    const int code = xw_cli_main(argc, argv);
    (void)fflush(NULL);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
    (void)close(out);
    (void)close(err);
    const ssize_t n = pread(fd, p->out, sizeof p->out - 1, 0);
    p->out[n > 0 ? n : 0] = '\0';
    (void)close(fd);
    (void)unlink(log);
    return code;
}

static void assert_run(place *p, int code, const char *file, const char *line, const char *says)
{
    const int got = run(p, file, line);
    if (got != code || !strstr(p->out, says)) fail_msg("%s: %d, %s", line, got, p->out);
}

static const struct {
    const char *what;
    int n;
} tables[] = {{"team", 6},    {"section", 3}, {"zone", 2},     {"division", 3},
              {"plot", 10},   {"unit", 12},   {"building", 9}, {"edge", 21},
              {"barrier", 2}, {"address", 2}, {"finding", 1}};
static const char *const endings[] = {"geojson", "json", "geojsonl", "gpkg", "fgb", "shp", "csv"};

static int features_in(const char *file)
{
    GDALDatasetH d = GDALOpenEx(file, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(d);
    assert_int_equal(GDALDatasetGetLayerCount(d), 1);
    const int n = (int)OGR_L_GetFeatureCount(GDALDatasetGetLayer(d, 0), TRUE);
    GDALClose(d);
    return n;
}

static void test_every_table_goes_into_every_format(void **state)
{
    place *p = *state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
            char file[64], line[128];
            (void)snprintf(file, sizeof file, "%s.%s", tables[i].what, endings[k]);
            (void)snprintf(line, sizeof line, "STORE --what %s -o FILE --force", tables[i].what);
            assert_run(p, 0, file, line, file);
            /* one building is not in the map, and FlatGeobuf knows no rows without geometry */
            const bool lost = tables[i].n == 9 && strcmp(endings[k], "fgb") == 0;
            assert_int_equal(features_in(p->file), tables[i].n - lost);
        }
    }
}

/* The team round the pond has a hole; every vertex of the file is on the lattice. */
static void test_geojson_has_exact_coordinates(void **state)
{
    place *p = *state;
    assert_run(p, 0, "plots.geojson", "STORE --what plot -o FILE", "10 plots");
    GDALDatasetH d = GDALOpenEx(p->file, GDAL_OF_VECTOR, NULL, NULL, NULL);
    assert_non_null(d);
    OGRLayerH layer = GDALDatasetGetLayer(d, 0);
    OGRFeatureH f = OGR_L_GetFeature(layer, 4);
    assert_non_null(f);
    assert_string_equal(OGR_F_GetFieldAsString(f, OGR_F_GetFieldIndex(f, "plot_id")), "5");
    OGRGeometryH g = OGR_F_GetGeometryRef(f);
    assert_int_equal(OGR_G_GetGeometryCount(g), 2);
    for (int r = 0; r < 2; r++) {
        OGRGeometryH ring = OGR_G_GetGeometryRef(g, r);
        for (int i = 0; i < OGR_G_GetPointCount(ring); i++) {
            xw_pt at;
            assert_true(xw_pt_from_deg(OGR_G_GetX(ring, i), OGR_G_GetY(ring, i), &at));
            assert_true(xw_deg(at.x) == OGR_G_GetX(ring, i));
            assert_true(xw_deg(at.y) == OGR_G_GetY(ring, i));
        }
    }
    OGR_F_Destroy(f);
    GDALClose(d);
}

static void test_standard_output_takes_geojson(void **state)
{
    place *p = *state;
    assert_run(p, 0, "", "STORE --what zone -o -", "\"type\": \"FeatureCollection\"");
    assert_non_null(strstr(p->out, "999101001002001"));
    assert_run(p, 0, "", "STORE --what address --format csv -o -", "Peace Road 3");
    assert_run(p, 2, "", "STORE --what zone --format gpkg -o -", "needs a file");
    assert_run(p, 2, "", "STORE --what zone --json -o -", "--json");
}

static void test_the_graph_has_cells_and_edges(void **state)
{
    place *p = *state;
    assert_run(p, 0, "", "STORE --what graph -o -", "\"cells\":[{\"id\":0,\"x\":14.998,");
    assert_non_null(strstr(p->out, "\"households\":39,\"cells\":10,\"edges\":13"));
    assert_non_null(strstr(p->out, "{\"a\":0,\"b\":2,\"len\":30.18"));
    assert_non_null(strstr(p->out, "\"road\":1,\"cls\":3}"));
    assert_run(p, 0, "graph.json", "STORE --what graph -o FILE --json", "\"features\":10");
    assert_run(p, 4, "graph.json", "STORE --what graph -o FILE", "exists already");
    assert_run(p, 2, "graph.csv", "STORE --what graph --format csv -o FILE", "a graph is json");
}

static void test_the_crosswalk_is_csv_with_a_row_a_code(void **state)
{
    place *p = *state;
    assert_run(p, 0, "", "STORE --what crosswalk -o -", "code,unit_code,level,name,is_unit\n");
    assert_non_null(strstr(p->out, "\n999101001001001,999101001001001,zone,和平村1区,1\n"
                                   "99910100100100101,999101001001001,section,"));
    assert_non_null(strstr(p->out, "\n9991010010020010102,999101001002001,team,新桥小学,0\n"));
    assert_run(p, 0, "x.csv", "STORE --what crosswalk -o FILE --json", "\"features\":11");
    assert_run(p, 4, "x.csv", "STORE --what crosswalk -o FILE", "exists already");
    assert_run(p, 0, "", "STORE --what crosswalk --unit team -o -",
               "\n9991010010020010102,999101001002002,team,新桥小学,1\n");
    assert_run(p, 2, "", "STORE --what crosswalk --unit castle -o -", "no such level");
    assert_run(p, 2, "", "STORE --what team --unit team -o -", "--unit is for a crosswalk");
    assert_run(p, 2, "x.gpkg", "STORE --what crosswalk --format gpkg -o FILE",
               "a crosswalk is csv");
}

static void test_wrong_use_is_said(void **state)
{
    place *p = *state;
    static const char *const lines[][2] = {
        {"", "which store"},
        {"STORE -o FILE", "--what is missing"},
        {"STORE --what team", "-o is missing"},
        {"STORE --what castle -o FILE", "zone, section, team, division"},
        {"STORE --what team -o FILE --format doc", "--format doc"},
        {"STORE --what team -o", "-o needs a value"},
        {"STORE STORE --what team -o FILE", "more than one store"},
        {"STORE --what team -o FILE --loud", "no option --loud"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_run(p, 2, "x.geojson", lines[i][0], lines[i][1]);
    }
    assert_run(p, 2, "x.docx", "STORE --what team -o FILE", "no format has this ending");
    assert_int_equal(each_file(p->dir, false), 1);
}

static void test_a_bad_store_or_target_is_named(void **state)
{
    place *p = *state;
    assert_run(p, 3, "x.geojson", "none.gpkg --what team -o FILE", "none.gpkg: No such file");
    assert_run(p, 4, "none/x.geojson", "STORE --what team -o FILE", "none/x.geojson");
    assert_run(p, 0, "x.gpkg", "STORE --what team -o FILE", "6 teams");
    assert_run(p, 4, "x.gpkg", "STORE --what team -o FILE", "exists already");
    assert_int_equal(unlink(p->file), 0);
    assert_run(p, 2, "toy.gpkg", "STORE --what team -o FILE --force", "is the store itself");
    assert_int_equal(each_file(p->dir, false), 1);
}

static void test_a_full_disk_leaves_nothing_behind(void **state)
{
    place *p = *state;
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
        char file[32];
        (void)snprintf(file, sizeof file, "x.%s", endings[k]);
        const struct rlimit small = {900, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        const int code = run(p, file, "STORE --what plot -o FILE");
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        if (code != 4 || !strstr(p->out, file)) fail_msg("%s: %d, %s", file, code, p->out);
        assert_int_equal(each_file(p->dir, false), 1);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_table_goes_into_every_format),
        TEST(test_geojson_has_exact_coordinates),
        TEST(test_standard_output_takes_geojson),
        TEST(test_the_graph_has_cells_and_edges),
        TEST(test_the_crosswalk_is_csv_with_a_row_a_code),
        TEST(test_wrong_use_is_said),
        TEST(test_a_bad_store_or_target_is_named),
        TEST(test_a_full_disk_leaves_nothing_behind),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
