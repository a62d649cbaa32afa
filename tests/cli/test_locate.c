#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/cli.h"
#include "xiwang/snapshot.h"
#include "xiwang/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct place {
    char dir[64], store[96], snapshot[112], file[96];
    char out[20000]; /* what the last command printed */
} place;

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    xw_model m;
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-locate-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->store, sizeof p->store, "%s/toy.gpkg", p->dir);
    (void)snprintf(p->snapshot, sizeof p->snapshot, "%s/toy.gpkg.snapshot", p->dir);
    (void)snprintf(p->file, sizeof p->file, "%s/points.csv", p->dir);
    assert_true(toy_model_make(&m));
    assert_int_equal(xw_store_write(&m, p->store, false, NULL, NULL), XW_OK);
    xw_model_finish(&m);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    (void)unlink(p->store);
    (void)unlink(p->snapshot);
    (void)unlink(p->file);
    char index[128];
    (void)snprintf(index, sizeof index, "%s.addresses", p->store);
    (void)unlink(index);
    assert_int_equal(rmdir(p->dir), 0); /* nothing else was left behind */
    free(p);
    return 0;
}

/* Runs "xiwang locate" with the words of a line; STORE, SNAPSHOT and FILE are put in. */
static int run(place *p, const char *line)
{
    char words[600];
    char program[] = "xiwang", command[] = "locate";
    char *argv[24] = {program, command};
    int argc = 2;
    (void)snprintf(words, sizeof words, "%s", line);
    char *rest = words;
    for (char *w; (w = strtok_r(rest, " ", &rest));) {
        argv[argc++] = strcmp(w, "STORE") == 0      ? p->store
                       : strcmp(w, "SNAPSHOT") == 0 ? p->snapshot
                       : strcmp(w, "FILE") == 0     ? p->file
                                                    : w;
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

static void assert_run(place *p, int code, const char *line, const char *says)
{
    const int got = run(p, line);
    if (got != code || !strstr(p->out, says)) fail_msg("%s: %d, %s", line, got, p->out);
}

static void spill(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_a_point_has_its_chain_and_outside_is_1(void **state)
{
    place *p = *state;
    assert_run(p, 0, "STORE --at 119.13015,26.15015",
               "区  999101001001001  和平村1区\n"
               "片  99910100100100101  和平村1区1片\n"
               "队  9991010010010010101  和平村1区1片1队\n");
    assert_run(p, 0, "STORE --at 119.1303,26.15015",
               "on the boundary; other side: 99910100100100101");
    assert_run(p, 1, "STORE --at 119,26", "outside");
    assert_run(p, 0, "STORE --at 119.13045,26.15075", "rule: tower");
    assert_non_null(strstr(p->out, "66.7 %"));
    assert_run(p, 0, "STORE --at 119.13045,26.15075 --floor 3", "rule: floor");
    assert_run(p, 0, "STORE --at 119.13045,26.15075 --accuracy 40", "certain to: no level");
    assert_run(p, 0, "STORE --at 119.13015,26.15015 --json", "{\"location\":{\"lon\":119.13015,");
    assert_run(p, 0, "STORE --at 119.13015,26.15015 --crs EPSG:4326", "certain to: 队");
}

static void test_wrong_use_is_2_and_bad_input_3(void **state)
{
    place *p = *state;
    assert_run(p, 2, "STORE", "--at");
    assert_run(p, 2, "--at 1,2", "which store");
    assert_run(p, 2, "STORE --at 1,2 --csv FILE", "one of --at");
    assert_run(p, 2, "STORE --at 1;2", "1;2");
    assert_run(p, 2, "STORE --at 1,2 --floor up", "up");
    assert_run(p, 2, "STORE --at 1,2 --what", "--what");
    assert_run(p, 3, "STORE --at 1,95", "latitude 95");
    assert_run(p, 3, "STORE --at 1,2 --accuracy -1", "accuracy -1");
    assert_run(p, 3, "STORE --at 1,2 --crs mars", "mars");
    assert_run(p, 3, "none.gpkg --at 1,2", "none.gpkg");
    assert_run(p, 3, "STORE --csv none.csv", "none.csv");
}

static void test_an_address_is_found_beats_a_point_and_says_when_it_is_not_sure(void **state)
{
    place *p = *state;
    assert_run(p, 0, "STORE --address 和平路12号", "rule: address");
    assert_run(p, 0, "STORE --address 和平路１２号三层", "floor 3");
    assert_run(p, 0, "STORE --address 和平路十二号301室", "certain to: 队");
    /* the point lies in another grid, and is not asked */
    assert_run(p, 0, "STORE --address 和平路12 --at 119.13015,26.15015", "rule: address");
    assert_run(p, 0, "STORE --address 江滨大道99号 --at 119.13015,26.15015",
               "the coordinate answers");
    assert_run(p, 1, "STORE --address 江滨大道99号", "");
    assert_run(p, 1, "STORE --address 和平路", "several addresses are like that");
    assert_run(p, 0, "STORE --address peace-rd-3-the-gate --json", "\"address\":{\"used\":true");
    assert_run(p, 0, "STORE --address 和平路12号 --fields rule --json",
               "{\"rule\":\"address\",\"address\":{");
    assert_run(p, 2, "STORE --at 1,2 --fields what", "no field \"what\"");
    assert_run(p, 3, "STORE --address \x01", "control character U+0001");
    assert_run(p, 2, "STORE --address x --in FILE", "one of --at");
}

static ino_t file_number(const char *path)
{
    struct stat info;
    return stat(path, &info) ? 0 : info.st_ino;
}

static void test_the_snapshot_is_made_once_and_again_when_it_is_not_the_stores(void **state)
{
    place *p = *state;
    assert_int_equal(file_number(p->snapshot), 0);
    assert_run(p, 0, "STORE --at 119.13015,26.15015", "revision 1");
    const ino_t first = file_number(p->snapshot);
    assert_true(first != 0);
    assert_run(p, 0, "STORE --at 119.13015,26.15015", "revision 1");
    assert_int_equal(file_number(p->snapshot), first);
    assert_run(p, 0, "SNAPSHOT --at 119.13015,26.15015", "revision 1");

    xw_model m;
    assert_true(toy_model_make(&m));
    m.revision = 2;
    assert_int_equal(xw_store_write(&m, p->store, true, NULL, NULL), XW_OK);
    xw_model_finish(&m);
    assert_run(p, 0, "STORE --at 119.13015,26.15015", "revision 2");
    spill(p->snapshot, "XWSNAP, but no more");
    assert_run(p, 3, "SNAPSHOT --at 119.13015,26.15015", p->snapshot);
    assert_run(p, 0, "STORE --at 119.13015,26.15015", "revision 2");
    assert_run(p, 0, "SNAPSHOT --at 119.13015,26.15015", "revision 2");
}

static void test_a_folder_that_takes_no_file_is_no_hindrance(void **state)
{
    place *p = *state;
    assert_int_equal(mkdir(p->snapshot, 0700), 0); /* the name is taken for good */
    assert_run(p, 0, "STORE --at 119.13015,26.15015", "revision 1");
    assert_int_equal(rmdir(p->snapshot), 0);
}

static void test_a_table_keeps_its_columns_and_bad_lines_say_why(void **state)
{
    place *p = *state;
    spill(p->file, "\xEF\xBB\xBFid,name,LON,lat,accuracy,floor\r\n"
                   "1,\"a, \"\"b\"\"\",119.13015,26.15015,,\r\n"
                   "\r\n"
                   "2,tower,119.13045,26.15075,,3\n"
                   "3,far,119,26,,\n"
                   "4,word,x,26.1,,\n"
                   "5,short,119\n"
                   "6,\"open,119,26,,\n"
                   "7,north,119,95,,\n"
                   "8,doubt,119.13015,26.15015,25,");
    assert_int_equal(run(p, "STORE --csv FILE"), 1);
    assert_string_equal(
        p->out,
        "id,name,LON,lat,accuracy,floor,code_zone,code_section,code_team,certain_to,rule,"
        "probability,error\n"
        "1,\"a, \"\"b\"\"\",119.13015,26.15015,,,999101001001001,99910100100100101,"
        "9991010010010010101,team,inside,1.0000,\n"
        "2,tower,119.13045,26.15075,,3,999101001001001,99910100100100102,9991010010010010202,"
        "team,floor,1.0000,\n"
        "3,far,119,26,,,,,,,outside,,\n"
        "4,word,x,26.1,,,,,,,,,\"\"\"x\"\" is no number\"\n"
        "5,short,119,,,,,,,,,,\"3 fields instead of 6\"\n"
        "6,\"open,119,26,,\",,,,,,,,,,,\"a quote is not closed\"\n"
        "7,north,119,95,,,,,,,,,\"longitude 119, latitude 95 is out of range\"\n"
        "8,doubt,119.13015,26.15015,25,,999101001001001,99910100100100101,9991010010010010101,"
        "section,inside,0.6565,\n");
    assert_int_equal(run(p, "STORE --csv FILE --json"), 1);
    assert_non_null(strstr(p->out, "{\"line\":2,\"id\":\"1\",\"answer\":{\"location\""));
    assert_non_null(
        strstr(p->out, "{\"line\":6,\"id\":\"4\",\"error\":\"\\\"x\\\" is no number\"}\n"));
    spill(p->file, "");
    assert_run(p, 3, "STORE --csv FILE", "is empty");
    spill(p->file, "a,b\n1,2\n");
    assert_run(p, 3, "STORE --csv FILE", "no column lon");
    spill(p->file, "x,y\n119.13015,26.15015\n");
    assert_run(p, 0, "STORE --csv FILE", ",team,inside,1.0000,\n");

    spill(p->file, "lon,lat,time\n119.13015,26.15015,2026-05-05\n119.13015,26.15015,\n"
                   "119.13015,26.15015,1999-01-01\n119.13015,26.15015,never\n");
    assert_run(p, 1, "STORE --csv FILE", "26.15015,2026-05-05,999101001001001,");
    assert_non_null(strstr(p->out, "26.15015,,999101001001001,"));
    assert_non_null(strstr(p->out, "1999-01-01,,,,,,,\"time: "));
    assert_non_null(strstr(p->out, "\"\"\"never\"\" is no RFC 3339"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_point_has_its_chain_and_outside_is_1),
        TEST(test_wrong_use_is_2_and_bad_input_3),
        TEST(test_an_address_is_found_beats_a_point_and_says_when_it_is_not_sure),
        TEST(test_the_snapshot_is_made_once_and_again_when_it_is_not_the_stores),
        TEST(test_a_folder_that_takes_no_file_is_no_hindrance),
        TEST(test_a_table_keeps_its_columns_and_bad_lines_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
