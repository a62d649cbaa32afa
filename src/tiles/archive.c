#include "xiwang/archive.h"

#include "archive_kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const xw__archive_kind *const kinds[] = {&xw__mbtiles, &xw__pmtiles};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

struct xw_archive {
    const xw__archive_kind *kind;
    void *self;
    char *path, *temporary;
    char *texts[4]; /* of info */
    xw_archive_info info;
    bool replace, is_made;
};

static const xw__archive_kind *kind_of(const char *path)
{
    const size_t n = strlen(path);
    for (size_t i = 0; i < N_KINDS; i++) {
        const size_t k = strlen(kinds[i]->suffix);
        if (n > k && strcmp(path + n - k, kinds[i]->suffix) == 0) return kinds[i];
    }
    return NULL;
}

bool xw_archive_knows(const char *path) { return kind_of(path) != NULL; }

static char *copy(const char *text, const char *tail)
{
    const size_t n = strlen(text), m = strlen(tail);
    char *out = malloc(n + m + 1);
    if (!out) return NULL;
    memcpy(out, text, n);
    memcpy(out + n, tail, m + 1);
    return out;
}

static bool copy_info(xw_archive *a, const xw_archive_info *info)
{
    const char *const texts[4] = {info->name, info->description, info->version, info->layers_json};
    bool ok = true;
    for (size_t i = 0; i < 4; i++) {
        a->texts[i] = copy(texts[i] ? texts[i] : "", "");
        ok = ok && a->texts[i];
    }
    a->info = *info;
    a->info.name = a->texts[0];
    a->info.description = a->texts[1];
    a->info.version = a->texts[2];
    a->info.layers_json = a->texts[3];
    return ok;
}

xw_status xw_archive_create(const char *path, const xw_archive_info *info, bool replace,
                            xw_archive **out, xw_error *err)
{
    *out = NULL;
    const xw__archive_kind *const kind = kind_of(path);
    if (!kind) return xw_fail(err, XW_USAGE, "%s: ends neither in .mbtiles nor .pmtiles", path);
    if (!replace && access(path, F_OK) == 0) return xw_fail(err, XW_EXISTS, "%s exists", path);
    xw_archive *a = calloc(1, sizeof *a);
    if (!a) return xw_fail(err, XW_NOMEM, "%s", path);
    xw_status st = XW_OK;
    int fd = -1;
    a->kind = kind;
    a->replace = replace;
    a->path = copy(path, "");
    a->temporary = copy(path, ".XXXXXX");
    if (!a->path || !a->temporary || !copy_info(a, info)) {
        st = xw_fail(err, XW_NOMEM, "%s", path);
        goto fail;
    }
    fd = mkstemp(a->temporary);
    if (fd < 0) {
        st = xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
        goto fail;
    }
    a->is_made = true;
    /* The file is private until now; others may read it as far as the process lets them. */
    const mode_t mask = umask(0);
    (void)umask(mask);
    (void)fchmod(fd, 0666 & ~mask);
    (void)close(fd);
    st = kind->create(a->temporary, &a->info, &a->self, err);
    if (st) st = xw_fail_within(err, st, "%s", a->path);
    if (st) goto fail;
    *out = a;
    return XW_OK;

fail:
    xw_archive_destroy(a);
    return st;
}

xw_status xw_archive_add(xw_archive *a, unsigned z, uint32_t x, uint32_t y, const void *gzip,
                         size_t n, xw_error *err)
{
    const xw_status st = a->kind->add(a->self, z, x, y, gzip, n, err);
    return st ? xw_fail_within(err, st, "%s", a->path) : XW_OK;
}

/* A file is whole on the disk before it takes its name. */
static xw_status sync_file(const char *path, xw_error *err)
{
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return xw_fail(err, XW_IO, "%s", strerror(errno));
    const int bad = fsync(fd) ? errno : 0;
    (void)close(fd);
    return bad ? xw_fail(err, XW_IO, "%s", strerror(bad)) : XW_OK;
}

/* Without `replace` a file that has appeared meanwhile stays: link() never overwrites. */
static xw_status put_in_place(xw_archive *a, xw_error *err)
{
    if (a->replace) {
        if (rename(a->temporary, a->path)) return xw_fail(err, XW_IO, "%s", strerror(errno));
        a->is_made = false;
        return XW_OK;
    }
    if (link(a->temporary, a->path) == 0) return XW_OK; /* the other name goes in destroy */
    if (errno == EEXIST) return xw_fail(err, XW_EXISTS, "exists");
    if (rename(a->temporary, a->path)) return xw_fail(err, XW_IO, "%s", strerror(errno));
    a->is_made = false;
    return XW_OK;
}

xw_status xw_archive_finish(xw_archive *a, xw_error *err)
{
    xw_status st = a->kind->finish(a->self, err);
    a->kind->destroy(a->self);
    a->self = NULL;
    if (!st) st = sync_file(a->temporary, err);
    if (!st) st = put_in_place(a, err);
    return st ? xw_fail_within(err, st, "%s", a->path) : XW_OK;
}

void xw_archive_destroy(xw_archive *a)
{
    if (!a) return;
    if (a->self) a->kind->destroy(a->self);
    if (a->is_made) (void)unlink(a->temporary);
    for (size_t i = 0; i < 4; i++) free(a->texts[i]);
    free(a->path);
    free(a->temporary);
    free(a);
}
