/* The configuration file: every key arrives, whatever nobody reads is refused by its name. */
#include "support/test.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xw-config-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static xw_status read_bytes(const char *text, size_t n, xw__config *c, xw_import_options *in,
                            xw_error *err)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return xw__config_read(path, NULL, c, in, err);
}

static void assert_read(const char *text, xw__config *c, xw_import_options *in)
{
    xw_error err = {XW_OK, ""};
    *in = (xw_import_options){0};
    if (read_bytes(text, strlen(text), c, in, &err)) fail_msg("%s\nis refused: %s", text, err.text);
}

/* Refused, naming the file and each of the words. */
static void assert_refused(const char *text, size_t n, const char *word, const char *other)
{
    xw__config c;
    xw_import_options in = {0};
    xw_error err = {XW_OK, ""};
    const xw_status st = read_bytes(text, n, &c, &in, &err);
    if (st != XW_INPUT) fail_msg("%s\nis not refused: status %d %s", text, st, err.text);
    assert_int_equal(err.status, XW_INPUT);
    if (!strstr(err.text, word) || !strstr(err.text, other)) {
        fail_msg("%s\nrefused by \"%s\", wanted %s and %s", text, err.text, word, other);
    }
    assert_non_null(strstr(err.text, path));
    assert_null(strchr(err.text, '\n'));
    assert_int_equal(c.n_texts, 0); /* nothing is left to free */
}
#define REFUSED(text, word, other) assert_refused(text, strlen(text), word, other)

static void test_no_file_gives_the_defaults(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in = {0};
    const xw_grids_config want = xw_grids_default();
    assert_int_equal(xw__config_read(NULL, NULL, &c, &in, NULL), XW_OK);
    assert_memory_equal(&c.grids, &want, sizeof want);
    xw__config_finish(&c);
    assert_read("# nothing\n\n", &c, &in);
    assert_memory_equal(&c.grids, &want, sizeof want);
    assert_int_equal(c.plots.barrier_classes, 0);
    assert_int_equal(c.plots.slice_households, 10);
    assert_null(in.encoding);
    xw__config_finish(&c);
    assert_read("", &c, &in);
    xw__config_finish(&c);
}

static void test_every_key_arrives(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in;
    assert_read("[net]\ncode=dj\nname=党建网\n"
                "[levels]\norder=district;zone;block;team\n"
                "[level district]\nname=大区\ncap=7\ndigits=1\n"
                "[level zone]\ncap=25\n"
                "[level block]\nname=片\n"
                "[level team]\nname=组\ncap=12\ndigits=3\nfloor=5\n"
                "[columns]\nhouseholds=hu\nfloors=层数\nheight=h\nname=n\nuse=u\nclass=c\n"
                "code=dm\ndivision_name=村名\n"
                "[barriers]\nclasses=primary;river;wall\npaths=true\n"
                "[input]\nencoding=GBK\ncrs=gcj02\ncrs_roads=EPSG:4549\n",
                &c, &in);
    assert_string_equal(c.grids.net, "dj");
    assert_string_equal(c.grids.net_name, "党建网");
    assert_int_equal(c.grids.n_levels, 4);
    static const xw_level_rule want[4] = {
        {.key = "district", .name = "大区", .cap = 7, .code_width = 1},
        {.key = "zone", .name = "区", .cap = 25, .code_width = 3},  /* its other defaults stay */
        {.key = "block", .name = "片", .cap = 10, .code_width = 2}, /* a new one has defaults too */
        {.key = "team", .name = "组", .cap = 12, .code_width = 3, .floor = 5}};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(c.grids.levels[i].key, want[i].key);
        assert_string_equal(c.grids.levels[i].name, want[i].name);
        assert_int_equal(c.grids.levels[i].cap, want[i].cap);
        assert_int_equal(c.grids.levels[i].code_width, want[i].code_width);
        assert_int_equal(c.grids.levels[i].floor, want[i].floor);
    }
    assert_int_equal(c.plots.slice_households, 12);
    assert_string_equal(in.col_households, "hu");
    assert_string_equal(in.col_floors, "层数");
    assert_string_equal(in.col_height, "h");
    assert_string_equal(in.col_name, "n");
    assert_string_equal(in.col_use, "u");
    assert_string_equal(in.col_class, "c");
    assert_string_equal(in.col_code, "dm");
    assert_string_equal(in.col_division_name, "村名");
    assert_true(in.paths);
    assert_string_equal(in.encoding, "GBK");
    assert_string_equal(in.crs, "gcj02");
    assert_string_equal(in.crs_of[XW_ROLE_ROADS], "EPSG:4549");
    assert_null(in.crs_of[XW_ROLE_BUILDINGS]);
    assert_int_equal(c.plots.barrier_classes,
                     1u << XW_CLASS_PRIMARY | 1u << XW_CLASS_RIVER | 1u << XW_CLASS_WALL |
                         1u << XW_CLASS_DIVISION); /* divisions always bound */
    xw__config_finish(&c);
    xw__config_finish(&c);
}

static void test_a_profile_is_the_start_and_the_command_line_chooses_first(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in = {0};
    xw_error err;
    assert_read("[levels]\nprofile=community\n[level cell]\nfloor=250\n", &c, &in);
    assert_int_equal(c.grids.n_levels, 1);
    assert_int_equal(c.grids.levels[0].cap, 500);
    assert_int_equal(c.grids.levels[0].floor, 250);
    assert_int_equal(c.plots.slice_households, 500);
    xw__config_finish(&c);
    assert_int_equal(xw__config_read(NULL, "urban", &c, &in, NULL), XW_OK);
    assert_memory_equal(&c.grids, &xw_profile_find("urban")->config, sizeof c.grids);
    assert_int_equal(c.plots.slice_households, 50);
    xw__config_finish(&c);
    assert_read("[levels]\nprofile=community\n", &c, &in);
    xw__config_finish(&c);
    assert_int_equal(xw__config_read(path, "10-10-10", &c, &in, NULL), XW_OK);
    assert_int_equal(c.grids.n_levels, 3);
    xw__config_finish(&c);
    assert_int_equal(xw__config_read(NULL, "village", &c, &in, &err), XW_USAGE);
    assert_non_null(strstr(err.text, "village"));
    REFUSED("[levels]\nprofile=village\n", "[levels] profile", "no such profile");
    REFUSED("[levels]\nprofile=community\n[level cell]\ncap=200\n", "cell", "floor 300");
}

static void test_rules_of_barriers_arrive(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in;
    assert_read("[level team]\nnever=primary;rail\n[costs]\nprimary=0.02\nwall=0\n"
                "[exclusive]\nkinds=school;market\n",
                &c, &in);
    assert_int_equal(c.grids.levels[2].never, 1u << XW_CLASS_PRIMARY | 1u << XW_CLASS_RAIL);
    assert_int_equal(c.grids.levels[1].never, 0);
    assert_int_equal(c.grids.priced, 1u << XW_CLASS_PRIMARY | 1u << XW_CLASS_WALL);
    assert_true(c.grids.cost[XW_CLASS_PRIMARY] > 0.019f && c.grids.cost[XW_CLASS_PRIMARY] < 0.021f);
    assert_int_equal(c.plots.barrier_classes, 0);
    assert_string_equal(in.exclusive_kinds, "school;market");
    xw__config_finish(&c);
    assert_read("[level team]\nnever=\n", &c, &in); /* instead of the profile's */
    assert_int_equal(c.grids.levels[2].never, 0);
    xw__config_finish(&c);
    assert_read("[level team]\ncap=8\n", &c, &in);
    assert_int_equal(c.grids.levels[2].never, xw_grids_default().levels[2].never);
    xw__config_finish(&c);
    REFUSED("[level team]\nnever=canyon\n", "[level team] never", "canyon");
    REFUSED("[costs]\ncanyon=1\n", "[costs] canyon", "class");
    REFUSED("[costs]\nriver=-1\n", "[costs] river", "0 to 100");
    REFUSED("[costs]\nriver=wide\n", "[costs] river", "0 to 100");
    REFUSED("[costs]\nriver=nan\n", "[costs] river", "0 to 100");
    REFUSED("[exclusive]\nkinds=school;castle\n", "[exclusive] kinds", "castle");
}

static void test_one_key_leaves_the_rest_as_it_was(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in;
    const xw_grids_config old = xw_grids_default();
    assert_read("[level team]\ncap=15\n", &c, &in);
    assert_int_equal(c.grids.levels[2].cap, 15);
    c.grids.levels[2].cap = 10;
    assert_memory_equal(&c.grids, &old, sizeof old);
    xw__config_finish(&c);
    assert_read("[levels]\norder=team\n", &c, &in);
    assert_int_equal(c.grids.n_levels, 1);
    assert_string_equal(c.grids.levels[0].name, "队");
    xw__config_finish(&c);
    assert_read("[barriers]\npaths=false\n", &c, &in);
    assert_false(in.paths);
    assert_int_equal(c.plots.barrier_classes, 0);
    xw__config_finish(&c);
}

static void test_unknown_keys_and_groups_are_refused(void **state)
{
    (void)state;
    REFUSED("[net]\nkode=zz\n", "[net] kode", path);
    REFUSED("[levels]\norders=team\n", "[levels] orders", path);
    REFUSED("[level team]\ncaps=10\n", "[level team] caps", path);
    REFUSED("[columns]\nhousehold=x\n", "[columns] household", path);
    REFUSED("[barriers]\nclass=river\n", "[barriers] class", path);
    REFUSED("[input]\nCRS=gcj02\n", "[input] CRS", path);
    REFUSED("[nets]\ncode=zz\n", "[nets]", "no such group");
    REFUSED("[level]\ncap=10\n", "[level]", "no such group");
    REFUSED("[level crew]\ncap=10\n", "[level crew]", "no such group");
    REFUSED("[levels]\norder=zone;team\n[level section]\ncap=10\n", "[level section]",
            "no such group");
    REFUSED("[net]\ncode=zz\ncode=dj\nname=a\nnmae=b\n", "[net] nmae", path);
}

static void test_bad_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"0",       "-1",
                                      "1e3",     "10.0",
                                      "abc",     "",
                                      "0x10",    "+5",
                                      "10 队",   "99999999999999999999",
                                      "1000001", "18446744073709551617"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[100];
        (void)snprintf(text, sizeof text, "[level zone]\ncap=%s\n", bad[i]);
        REFUSED(text, "[level zone] cap", "whole number");
        (void)snprintf(text, sizeof text, "[level team]\ndigits=%s\n", bad[i]);
        REFUSED(text, "[level team] digits", "whole number");
    }
    REFUSED("[level team]\ndigits=10\n", "[level team] digits", "whole number");
    REFUSED("[level team]\ndigits=7\n", "team", "code width 7");
    REFUSED("[level section]\ncap=100\n", "team", "100"); /* two digits cannot count them */
    REFUSED("[barriers]\npaths=perhaps\n", "[barriers] paths", "true or false");
}

static void test_bad_levels_are_refused(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in;
    assert_read("[levels]\norder=a;b;c;d;e;f;g;h\n", &c, &in);
    assert_int_equal(c.grids.n_levels, XW_LEVELS_MAX);
    xw__config_finish(&c);
    REFUSED("[levels]\norder=a;b;c;d;e;f;g;h;i\n", "[levels] order", "1 to 8 levels");
    REFUSED("[levels]\norder=\n", "[levels] order", "1 to 8 levels");
    REFUSED("[levels]\norder=;\n", "level 0", "key");
    REFUSED("[levels]\norder=zone;team;zone\n", "zone", "taken");
    REFUSED("[levels]\norder=区;队\n", "level 0", "letters");
    REFUSED("[levels]\norder=abcdefghijklmnopqrstuvwxyz0123456\n", "[levels] order", "too long");
    REFUSED("[level team]\nname=\n", "team", "no name");
    REFUSED("[level team]\nname=一二三四五六七八九十一\n", "[level team] name", "longer");
    REFUSED("[net]\ncode=\n", "net", "key");
    REFUSED("[net]\ncode=abcdefghijklmnop\n", "[net] code", "longer");
    REFUSED("[net]\nname=\n", "net zz", "no name");
    REFUSED("[barriers]\nclasses=river;canyon\n", "[barriers] classes", "canyon");
}

static void test_a_file_that_is_no_key_file_is_refused(void **state)
{
    (void)state;
    REFUSED("[net\ncode=zz\n", path, "");
    REFUSED("code=zz\n", path, "group");
    REFUSED("Dear planner,\n", path, "");
    REFUSED("[net]\nname=a\\qb\n", "[net] name", "interpreted");
    REFUSED("[levels]\norder=a\\q;b\n", "[levels] order", "interpreted");
    REFUSED("[columns]\nname=a\\q\n", "[columns] name", "interpreted");
    assert_refused("[net]\nname=a\0b\n", 15, path, "line 2");
}

/* 综治网 in GBK: the value must not be taken for an absent one. */
static void test_a_gbk_file_is_refused_by_its_line(void **state)
{
    (void)state;
    REFUSED("[net]\ncode=zz\nname=\xD7\xDB\xD6\xCE\xCD\xF8\n", path, "line 3 is not UTF-8");
    REFUSED("[columns]\nfloors=\xB2\xE3\xCA\xFD\n", path, "line 2 is not UTF-8");
    REFUSED("# \xB2\xE3\n[net]\ncode=zz\n", path, "line 1 is not UTF-8");
}

static void test_files_of_other_systems_are_read(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in;
    assert_read("\xEF\xBB\xBF[net]\nname=城管网\n", &c, &in); /* a byte order mark */
    assert_string_equal(c.grids.net_name, "城管网");
    xw__config_finish(&c);
    assert_read("[net]\r\nname=城管网\r\n[level team]\r\ncap=9\r\n", &c, &in);
    assert_string_equal(c.grids.net_name, "城管网");
    assert_int_equal(c.grids.levels[2].cap, 9);
    xw__config_finish(&c);
    assert_read("[net]\nname=城管网", &c, &in); /* no line end */
    assert_string_equal(c.grids.net_name, "城管网");
    xw__config_finish(&c);
}

static void test_a_missing_file_is_not_found(void **state)
{
    (void)state;
    xw__config c;
    xw_import_options in = {0};
    xw_error err;
    assert_int_equal(xw__config_read("/nowhere/x.ini", NULL, &c, &in, &err), XW_NOT_FOUND);
    assert_non_null(strstr(err.text, "/nowhere/x.ini"));
    assert_int_equal(xw__config_read("/", NULL, &c, &in, &err), XW_NOT_FOUND); /* a folder */
    assert_int_equal(xw__config_read("/nowhere/x.ini", NULL, &c, &in, NULL), XW_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_file_gives_the_defaults),
        cmocka_unit_test(test_every_key_arrives),
        cmocka_unit_test(test_a_profile_is_the_start_and_the_command_line_chooses_first),
        cmocka_unit_test(test_rules_of_barriers_arrive),
        cmocka_unit_test(test_one_key_leaves_the_rest_as_it_was),
        cmocka_unit_test(test_unknown_keys_and_groups_are_refused),
        cmocka_unit_test(test_bad_numbers_are_refused),
        cmocka_unit_test(test_bad_levels_are_refused),
        cmocka_unit_test(test_a_file_that_is_no_key_file_is_refused),
        cmocka_unit_test(test_a_gbk_file_is_refused_by_its_line),
        cmocka_unit_test(test_files_of_other_systems_are_read),
        cmocka_unit_test(test_a_missing_file_is_not_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
