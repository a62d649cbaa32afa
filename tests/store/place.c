#include "store/place.h"

#include "xiwang/store.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int place_set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/xw-store-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->path, sizeof p->path, "%s/toy.gpkg", p->dir);
    assert_true(toy_model_make(&p->m));
    *state = p;
    return 0;
}

int place_files(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

int place_tear_down(void **state)
{
    place *p = *state;
    DIR *d = opendir(p->dir);
    char name[400];
    for (const struct dirent *e; d && (e = readdir(d));) {
        (void)snprintf(name, sizeof name, "%s/%s", p->dir, e->d_name);
        if (e->d_name[0] != '.') (void)unlink(name);
    }
    (void)closedir(d);
    (void)rmdir(p->dir);
    xw_model_finish(&p->m);
    free(p);
    return 0;
}

void place_write(place *p)
{
    if (xw_store_write(&p->m, p->path, true, NULL, &p->err)) fail_msg("%s", p->err.text);
}

char *file_bytes(const char *path, size_t *n)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    *n = fread(bytes, 1, (size_t)info.st_size, f);
    assert_int_equal(*n, info.st_size);
    (void)fclose(f);
    return bytes;
}

void file_put(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}
