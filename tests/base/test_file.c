#include "support/test.h"
#include "xiwang/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct place {
    char dir[64], path[128];
    xw_error err;
} place;

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    (void)snprintf(p->dir, sizeof p->dir, "file-test-XXXXXX");
    if (!mkdtemp(p->dir)) return -1;
    (void)snprintf(p->path, sizeof p->path, "%s/a.b.csv", p->dir);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    place *p = *state;
    (void)unlink(p->path);
    (void)rmdir(p->dir);
    free(p);
    return 0;
}

static int files_in(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

static void assert_content(const char *path, const char *text)
{
    char got[64] = {0};
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_true(fread(got, 1, sizeof got - 1, f) < sizeof got);
    (void)fclose(f);
    assert_string_equal(got, text);
}

static void test_bytes_appear_whole_under_their_name(void **state)
{
    place *p = *state;
    assert_int_equal(xw_file_write(p->path, "one", 3, false, &p->err), XW_OK);
    assert_content(p->path, "one");
    assert_int_equal(files_in(p->dir), 1);
    assert_int_equal(xw_file_write(p->path, "", 0, true, &p->err), XW_OK);
    assert_content(p->path, "");
}

static void test_a_file_that_exists_needs_force(void **state)
{
    place *p = *state;
    assert_int_equal(xw_file_write(p->path, "one", 3, false, &p->err), XW_OK);
    assert_int_equal(xw_file_probe(p->path, false, &p->err), XW_EXISTS);
    assert_non_null(strstr(p->err.text, p->path));
    assert_int_equal(xw_file_write(p->path, "two", 3, false, &p->err), XW_EXISTS);
    assert_content(p->path, "one");
    assert_int_equal(xw_file_probe(p->path, true, &p->err), XW_OK);
    assert_int_equal(xw_file_write(p->path, "two", 3, true, &p->err), XW_OK);
    assert_content(p->path, "two");
    assert_int_equal(files_in(p->dir), 1);
}

static void test_a_file_that_came_meanwhile_is_kept(void **state)
{
    place *p = *state;
    xw_buf temp;
    xw_buf_init(&temp, 4096);
    assert_int_equal(xw_file_temp(p->path, &temp, &p->err), XW_OK);
    assert_string_equal(temp.data + temp.n - 4, ".csv");
    assert_int_equal(xw_file_write(p->path, "other", 5, false, &p->err), XW_OK);
    assert_int_equal(xw_file_commit(temp.data, p->path, false, &p->err), XW_EXISTS);
    assert_content(p->path, "other");
    assert_int_equal(access(temp.data, F_OK), 0);
    assert_int_equal(xw_file_commit(temp.data, p->path, true, &p->err), XW_OK);
    assert_content(p->path, "");
    assert_int_equal(files_in(p->dir), 1);
    xw_buf_finish(&temp);
}

static void test_two_writers_get_two_temporary_files(void **state)
{
    place *p = *state;
    xw_buf a, b;
    xw_buf_init(&a, 4096);
    xw_buf_init(&b, 4096);
    assert_int_equal(xw_file_temp(p->path, &a, &p->err), XW_OK);
    assert_int_equal(xw_file_temp(p->path, &b, &p->err), XW_OK);
    assert_string_not_equal(a.data, b.data);
    (void)unlink(a.data);
    (void)unlink(b.data);
    xw_buf_finish(&a);
    xw_buf_finish(&b);
}

static void test_a_place_that_cannot_be_written_is_named(void **state)
{
    place *p = *state;
    char path[128];
    assert_int_equal(xw_file_probe(p->dir, true, &p->err), XW_IO);
    assert_non_null(strstr(p->err.text, "is a folder"));
    (void)snprintf(path, sizeof path, "%s/none/x", p->dir);
    assert_int_equal(xw_file_write(path, "x", 1, false, &p->err), XW_IO);
    assert_non_null(strstr(p->err.text, path));
    assert_int_equal(xw_file_probe("/dev/null", true, &p->err), XW_IO);
    assert_int_equal(xw_file_probe("", true, &p->err), XW_USAGE);
    assert_int_equal(xw_file_probe("bare-name.gpkg", false, &p->err), XW_OK);
}

static void test_a_ceiling_of_the_name_is_an_error(void **state)
{
    place *p = *state;
    xw_buf temp;
    xw_buf_init(&temp, 8);
    assert_int_not_equal(xw_file_temp(p->path, &temp, &p->err), XW_OK);
    xw_buf_finish(&temp);
    assert_int_equal(files_in(p->dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bytes_appear_whole_under_their_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_exists_needs_force, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_came_meanwhile_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_writers_get_two_temporary_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_place_that_cannot_be_written_is_named, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_ceiling_of_the_name_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
