#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/cli.h"
#include "xiwang/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-draw-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->store, sizeof p->store, "%s/toy.gpkg", p->dir);
    (void)snprintf(p->file, sizeof p->file, "%s/toy.svg", p->dir);
    assert_true(toy_model_make(&m));
    assert_int_equal(xw_store_write(&m, p->store, false, NULL, NULL), XW_OK);
    xw_model_finish(&m);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    char snapshot[128];
    (void)snprintf(snapshot, sizeof snapshot, "%s.snapshot", p->store);
    (void)unlink(snapshot);
    (void)unlink(p->store);
    (void)unlink(p->file);
    assert_int_equal(rmdir(p->dir), 0); /* nothing else is left */
    free(p);
    return 0;
}

static int run(place *p, const char *line)
{
    char words[400], log[128];
    char program[] = "xiwang", command[] = "draw";
    char *argv[24] = {program, command};
    int argc = 2;
    (void)snprintf(words, sizeof words, "%s", line);
    char *rest = words;
    for (char *w; (w = strtok_r(rest, " ", &rest));) {
        argv[argc++] = strcmp(w, "STORE") == 0 ? p->store : strcmp(w, "FILE") == 0 ? p->file : w;
    }
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

static void test_a_part_is_named_in_three_ways(void **state)
{
    place *p = *state;
    assert_run(p, 0, "STORE -o FILE", "5 grids, 0 plots, 8 buildings, 1 lines");
    assert_run(p, 0, "STORE --what given -o FILE", "0 grids, 0 plots, 8 buildings, 1 lines");
    assert_run(p, 0, "STORE --what plots -o FILE", "0 grids, 10 plots");
    assert_run(p, 0, "STORE --what zones -o FILE", "2 grids");
    assert_run(p, 0, "STORE --what section -o FILE", "3 grids");
    assert_run(p, 0, "STORE --grid 99910100100100102 -o FILE", "grids");
    assert_run(p, 0, "STORE --at 119.13015,26.15015 --size 12 --what plots -o FILE", "1 plots");
    assert_run(p, 0, "STORE --bbox 119.13001,26.15001,119.13002,26.15002 --what plot -o FILE",
               "1 plots");
    assert_run(p, 0, "STORE --width 640 --json -o FILE", "\"width\":640");
    assert_non_null(strstr(p->out, "\"grids\":5"));
    struct stat st;
    assert_int_equal(stat(p->file, &st), 0);
    assert_true(st.st_size > 3000);
    assert_run(p, 0, "STORE -o -", "<svg xmlns=");
    assert_non_null(strstr(p->out, "和平路"));
}

static void test_wrong_use_is_said(void **state)
{
    place *p = *state;
    static const char *const lines[][2] = {
        {"", "the store is missing"},
        {"STORE", "-o PICTURE.svg is missing"},
        {"STORE -o", "-o needs a value"},
        {"STORE STORE -o FILE", "one store only"},
        {"STORE --what castle -o FILE", "castle: is none of given, plots, zones, sections, teams"},
        {"STORE --what plotss -o FILE", "plotss: is none of"},
        {"STORE --width 20 -o FILE", "--width 20"},
        {"STORE --bbox 1,2,3 -o FILE", "--bbox 1,2,3"},
        {"STORE --bbox 3,2,1,4 -o FILE", "is not W,S,E,N"},
        {"STORE --at 119 -o FILE", "is not LON,LAT"},
        {"STORE --size 10 -o FILE", "--size goes with --at"},
        {"STORE --at 119,26 --size 1 -o FILE", "--size 1"},
        {"STORE --at 119,26 --grid 1 -o FILE", "only one of"},
        {"STORE --loud -o FILE", "no option --loud"},
        {"STORE --json -o -", "--json"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_run(p, 2, lines[i][0], lines[i][1]);
    }
    assert_run(p, 3, "STORE --grid 123 -o FILE", "--grid 123: no grid has this code");
    assert_run(p, 3, "STORE --at 1,2 -o FILE", "nothing of the territory is there");
    assert_run(p, 3, "STORE --at 1,200 -o FILE", "is no place in degrees");
    assert_run(p, 3, "none.gpkg -o FILE", "none.gpkg");
    assert_run(p, 4, "STORE -o /nowhere/x.svg", "/nowhere/x.svg");
    assert_int_not_equal(access(p->file, F_OK), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_part_is_named_in_three_ways),
        TEST(test_wrong_use_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
