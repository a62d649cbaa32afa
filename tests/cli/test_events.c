#include "support/test.h"
#include "support/toy_model.h"

#include "events_map.h"

#include "xiwang/cli.h"
#include "xiwang/events.h"
#include "xiwang/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct place {
    char dir[64], store[96], file[96], events[96], report[96];
    char out[20000];
} place;

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    xw_model m;
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-import-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->store, sizeof p->store, "%s/toy.gpkg", p->dir);
    (void)snprintf(p->file, sizeof p->file, "%s/rows.csv", p->dir);
    (void)snprintf(p->events, sizeof p->events, "%s/e.db", p->dir);
    (void)snprintf(p->report, sizeof p->report, "%s/report.csv", p->dir);
    assert_true(toy_model_make(&m));
    assert_int_equal(xw_store_write(&m, p->store, false, NULL, NULL), XW_OK);
    xw_model_finish(&m);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "toy.gpkg", "toy.gpkg.snapshot", "toy.gpkg.addresses", "rows.csv",
        "e.db",     "e.db-wal",          "e.db-shm",           "report.csv"};
    place *p = *state;
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", p->dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(p->dir), 0); /* nothing else was left behind */
    free(p);
    return 0;
}

/* Runs "xiwang events import STORE FILE --events EVENTS" and the words of a line, where ~ is a
 * blank and REPORT a path. */
static int import(place *p, const char *line)
{
    char words[600], program[] = "xiwang", events[] = "events", verb[] = "import";
    char option[] = "--events";
    char *argv[32] = {program, events, verb, p->store, p->file, option, p->events};
    int argc = 7;
    (void)snprintf(words, sizeof words, "%s", line);
    char *rest = words;
    for (char *w; (w = strtok_r(rest, " ", &rest));) {
        for (char *c = w; *c; c++) *c = *c == '~' ? ' ' : *c;
        argv[argc++] = strcmp(w, "REPORT") == 0 ? p->report : w;
    }
    char path[96];
    (void)snprintf(path, sizeof path, "%s/out", p->dir);
    (void)fflush(stdout);
    (void)fflush(stderr);
    const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(out >= 0 && err >= 0 && fd >= 0);
    assert_true(dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    const int code = xw_cli_main(argc, argv);
    (void)fflush(stdout);
    (void)fflush(stderr);
    assert_true(dup2(out, STDOUT_FILENO) >= 0 && dup2(err, STDERR_FILENO) >= 0);
    const ssize_t n = pread(fd, p->out, sizeof p->out - 1, 0);
    p->out[n > 0 ? n : 0] = '\0';
    (void)close(out);
    (void)close(err);
    (void)close(fd);
    (void)unlink(path);
    return code;
}

static void assert_import(place *p, int code, const char *line, const char *says)
{
    const int got = import(p, line);
    if (got != code || !strstr(p->out, says)) {
        fail_msg("%s: %d, no \"%s\" in %s", line, got, says, p->out);
    }
}

static void spill(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static const char rows[] =
    "\xEF\xBB\xBFUnique Key,Created Date,Complaint Type,Latitude,Longitude,Phone,Note\r\n"
    "1,01/31/2026 10:58:54 AM,hole,26.15015,119.13015,555,\"two\r\nlines\"\r\n"
    "2,2026-01-31,\"a \"\"deep\"\" hole\",26.15015,119.13015,555,\r\n"
    "\r\n"
    "3,01/31/2026 1:02 PM,hole,,,555,\r\n"
    "4,01/31/2026,hole,0,0,555,\r\n"
    "5,31/31/2026,hole,26.15015,119.13015,555,\r\n"
    "6,01/31/2026,hole,north,119.13015,555,\r\n"
    "7,01/31/2026,hole,26.15015\r\n"
    "8,01/31/2026,,26.15015,119.13015,555,\r\n"
    "9,01/31/2026,\xB4\xF3,26.15015,119.13015,555,\r\n";

static void test_every_row_is_taken_or_says_why_not_and_a_repeat_adds_nothing(void **state)
{
    place *p = *state;
    spill(p->file, rows);
    assert_import(p, 1, "--dates mdy --report REPORT", "9 rows\n  taken            2   inside 2\n");
    static const char *const reasons[] = {
        "1  \"lat\" is missing (first in line 6)",
        "1  \"long\", \"lat\" 0, 0 is in no grid (first in line 7)",
        "1  \"requested_datetime\" is \"…\", a time is needed (see --dates) (first in line 8)",
        "1  \"lat\" is no number (first in line 9)",
        "1  the row has # fields instead of # (first in line 10)",
        "1  \"service_code\" is missing (first in line 11)",
        "1  the row is no UTF-8 (see --encoding) (first in line 12)",
        "columns not read: Phone (about persons, never taken), Note\n"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (!strstr(p->out, reasons[i])) fail_msg("no \"%s\" in %s", reasons[i], p->out);
    }
    assert_import(p, 1, "--dates mdy", "repeats          2");
    assert_import(p, 1, "--dates mdy --json", "\"taken\":0,\"repeats\":2,\"refused\":7,");
    assert_import(p, 1, "--dates mdy --encoding GB18030", "taken            1");
    /* the same id with other words */
    assert_import(p, 1, "--dates mdy --set service_code=other",
                  "belongs to event #, which says otherwise");
}

static void test_a_dry_run_writes_nothing(void **state)
{
    place *p = *state;
    spill(p->file, rows);
    assert_import(p, 1, "--dates mdy --dry-run", "would be         2   inside 2");
    assert_int_equal(access(p->events, F_OK), -1);
}

static void test_rows_without_ids_go_by_their_content(void **state)
{
    place *p = *state;
    spill(p->file,
          "lat;lon;kind\n26.15015;119.13015;a\n26.15015;119.13015;b\n26.15015;119.13015;a\n");
    assert_import(p, 0, "--map service_code=kind",
                  "taken            2   inside 2\n  repeats          1");
    assert_import(p, 0, "--map service_code=kind", "taken            0");
}

static void test_nothing_about_persons_is_read(void **state)
{
    place *p = *state;
    spill(p->file, "id,lat,lon,Phone,ID-Card,first name\n1,26.15015,119.13015,5,6,7\n");
    assert_import(p, 2, "--set service_code=a --map description=Phone", "\"Phone\" is refused");
    assert_import(p, 2, "--set service_code=a --map source_event_id=ID-Card",
                  "\"ID-Card\" is refused");
    assert_import(p, 2, "--set service_code=a --map description=id+first~name",
                  "\"first name\" is refused");
    assert_import(p, 2, "--set service_code=a --map phone=id", "field \"phone\" is refused");
    assert_import(p, 2, "--set service_code=a --set reporter=me", "field \"reporter\" is refused");
    assert_import(p, 0, "--set service_code=a", "ID-Card (about persons, never taken)");
    static const char *const columns[] = {"Caller Phone", "E-Mail", "手机号",    "姓名",
                                          "id_card",      "IdCard", "Mobile no."};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        char table[200], line[200];
        (void)snprintf(table, sizeof table, "id,lat,lon,%s\n9%zu,26.15015,119.13015,x\n",
                       columns[i], i);
        (void)snprintf(line, sizeof line, "--set service_code=a --map description=%s", columns[i]);
        for (char *c = line + strlen("--set service_code=a --map "); *c; c++)
            *c = *c == ' ' ? '~' : *c;
        spill(p->file, table);
        assert_import(p, 2, line, "is refused: nothing about persons is taken");
    }
    spill(p->file, "id,lat,lon,Agency Name,NUMBER OF PERSONS INJURED\n99,26.15015,119.13015,x,1\n");
    assert_import(p, 0, "--set service_code=a --map description=Agency~Name", "taken            1");
}

/* The toy's map is in force since January 2026. */
static void test_an_event_may_go_to_the_revision_of_its_time(void **state)
{
    place *p = *state;
    spill(p->file, "id,lat,lon,datetime\n1,26.15015,119.13015,2026-03-01\n"
                   "2,26.15015,119.13015,2025-03-01\n3,26.15015,119.13015,\n");
    assert_import(p, 0, "--set service_code=a --dry-run", "would be         3");
    assert_import(p, 1, "--set service_code=a --by-time", "taken            2");
    if (!strstr(p->out, "(first in line 3)")) fail_msg("%s", p->out);
}

static void test_wrong_use_names_the_word(void **state)
{
    place *p = *state;
    spill(p->file, "id,lat,lon\n1,26.15015,119.13015\n");
    assert_import(p, 2, "", "which column is service_code?");
    assert_import(p, 2, "--map lat", "--map \"lat\" is not FIELD=COLUMN");
    assert_import(p, 2, "--map what=id", "no field \"what\"");
    assert_import(p, 2, "--map lat=up", "no column \"up\"");
    assert_import(p, 2, "--set lat=1 --map lat=lat", "\"lat\" is given twice");
    assert_import(p, 2, "--dates ddd", "--dates \"ddd\"");
    assert_import(p, 2, "--zone Mars/Olympus", "--zone \"Mars/Olympus\"");
    assert_import(p, 2, "--encoding runes", "--encoding \"runes\"");
    assert_import(p, 2, "--what", "--what");
    spill(p->file, "id,lat,lon\n1,\"26.15015,119.13015\n");
    assert_import(p, 3, "--set service_code=a", "line 2 has a quote that is never closed");
    spill(p->file, "");
    assert_import(p, 3, "--set service_code=a", "is empty");
    assert_int_equal(unlink(p->file), 0);
    assert_import(p, 3, "--set service_code=a", "rows.csv");
}

static void test_a_store_of_events_in_use_is_left_alone(void **state)
{
    place *p = *state;
    xw_events *e = NULL;
    spill(p->file, "id,lat,lon\n1,26.15015,119.13015\n");
    assert_int_equal(xw_events_open(p->events, NULL, &e, NULL), XW_OK);
    assert_import(p, 4, "--set service_code=a", "another process keeps events there");
    xw_events_close(e);
    assert_import(p, 0, "--set service_code=a", "taken            1");
}

static void test_a_row_without_coordinates_is_found_by_its_address(void **state)
{
    place *p = *state;
    spill(
        p->file,
        "id,lat,lon,address\n1,,,和平路12号\n2,,,江滨大道99号\n3,,,和平\n4,26.15015,119.13015,x\n");
    assert_import(p, 1, "--set service_code=a", "taken            1");
    assert_import(p, 1, "--set service_code=a --find-addresses",
                  "taken            1   tower 1\n  repeats          1");
    assert_non_null(strstr(p->out, "which no address is like (first in line 3)"));
    assert_non_null(strstr(p->out, "which is not one address for sure (first in line 4)"));
}

static void test_times_of_tables_are_read_in_their_order_and_zone(void **state)
{
    (void)state;
    static const struct {
        events_order order;
        const char *zone, *text, *is; /* NULL: none */
    } cases[] = {
        {ORDER_MDY, NULL, "06/26/2018 10:58:54 AM", "2018-06-26T10:58:54Z"},
        {ORDER_MDY, NULL, "06/26/2018 12:00:00 AM", "2018-06-26T00:00:00Z"},
        {ORDER_MDY, NULL, "6/26/2018 12:30 pm", "2018-06-26T12:30:00Z"},
        {ORDER_MDY, "America/New_York", "06/26/2018 10:58:54 PM", "2018-06-27T02:58:54Z"},
        {ORDER_MDY, "America/New_York", "01/26/2018 7:05", "2018-01-26T12:05:00Z"},
        {ORDER_DMY, NULL, "26.06.2018", "2018-06-26T00:00:00Z"},
        {ORDER_NONE, "Asia/Shanghai", "2018-06-26 08:00:00.123", "2018-06-26T00:00:00Z"},
        {ORDER_NONE, "Asia/Shanghai", "2018-06-26T08:00:00+08:00", "2018-06-26T00:00:00Z"},
        {ORDER_NONE, NULL, "2018/6/26", "2018-06-26T00:00:00Z"},
        {ORDER_NONE, NULL, "06/26/2018", NULL},
        {ORDER_DMY, NULL, "06/26/2018", NULL},
        {ORDER_MDY, NULL, "06/26/18", NULL},
        {ORDER_MDY, NULL, "02/30/2018", NULL},
        {ORDER_MDY, NULL, "06/26/2018 25:00", NULL},
        {ORDER_MDY, NULL, "06/26/2018 13:00 PM", NULL},
        {ORDER_MDY, NULL, "06/26/2018 noon", NULL},
        {ORDER_MDY, NULL, "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[40] = "";
        events_map m = {.order = cases[i].order};
        if (cases[i].zone) m.zone = g_time_zone_new_identifier(cases[i].zone);
        if (cases[i].zone && !m.zone) continue; /* no such zone on this machine */
        const bool ok = xw__events_time(&m, cases[i].text, out);
        if (m.zone) g_time_zone_unref(m.zone);
        if (ok != (cases[i].is != NULL) || (ok && strcmp(out, cases[i].is) != 0)) {
            fail_msg("%s is %s", cases[i].text, ok ? out : "no time");
        }
    }
}

/* Any table that is written with quotes comes back, whatever is in its fields. */
static void test_tables_come_back_as_they_were_written(void **state)
{
    place *p = *state;
    xw_rng rng = rng_from_env("csv");
    static const char *const bits[] = {",", "\"", "\n", "\r\n", ";", "a", "和", " ", "\t", "x y"};
    for (int round = 0; round < 300; round++) {
        char cells[6][4][64];
        FILE *f = fopen(p->file, "wb");
        assert_non_null(f);
        (void)fputs("h1,h2,h3,h4,h5\n", f); /* so that commas are the most */
        for (int r = 0; r < 6; r++) {
            for (int c = 0; c < 4; c++) {
                char *cell = cells[r][c];
                cell[0] = c == 0 ? 'k' : '\0'; /* no row is empty */
                cell[1] = '\0';
                for (uint32_t k = xw_rng_below(&rng, 6); k > 0; k--) {
                    const char *b = bits[xw_rng_below(&rng, 10)];
                    memcpy(cell + strlen(cell), b, strlen(b) + 1);
                }
                const bool quoted = strpbrk(cell, ",\"\r\n") || xw_rng_below(&rng, 3) == 0;
                if (c) (void)fputc(',', f);
                if (quoted) (void)fputc('"', f);
                for (const char *s = cell; *s; s++) {
                    if (*s == '"') (void)fputc('"', f);
                    (void)fputc(*s, f);
                }
                if (quoted) (void)fputc('"', f);
            }
            (void)fputs(r % 2 ? "\n" : "\r\n", f);
        }
        assert_int_equal(fclose(f), 0);
        csv t;
        bool got;
        assert_int_equal(xw__csv_open(p->file, &t, NULL), XW_OK);
        assert_int_equal(xw__csv_next(&t, &got, NULL), XW_OK);
        for (int r = 0; r < 6; r++) {
            assert_int_equal(xw__csv_next(&t, &got, NULL), XW_OK);
            assert_true(got);
            assert_int_equal(t.n, 4);
            for (size_t c = 0; c < 4; c++) {
                assert_string_equal(xw__csv_field(&t, c), cells[r][c]);
            }
        }
        assert_int_equal(xw__csv_next(&t, &got, NULL), XW_OK);
        assert_false(got);
        xw__csv_close(&t);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_row_is_taken_or_says_why_not_and_a_repeat_adds_nothing),
        TEST(test_a_dry_run_writes_nothing),
        TEST(test_rows_without_ids_go_by_their_content),
        TEST(test_nothing_about_persons_is_read),
        TEST(test_an_event_may_go_to_the_revision_of_its_time),
        TEST(test_wrong_use_names_the_word),
        TEST(test_a_store_of_events_in_use_is_left_alone),
        TEST(test_a_row_without_coordinates_is_found_by_its_address),
        cmocka_unit_test(test_times_of_tables_are_read_in_their_order_and_zone),
        TEST(test_tables_come_back_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
