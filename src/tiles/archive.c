#include "xiwang/archive.h"
#include "xiwang/file.h"

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
    char *path;
    xw_buf temporary;
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

static char *copy(const char *text)
{
    const size_t n = strlen(text);
    char *out = malloc(n + 1);
    if (out) memcpy(out, text, n + 1);
    return out;
}

static bool copy_info(xw_archive *a, const xw_archive_info *info)
{
    const char *const texts[4] = {info->name, info->description, info->version, info->layers_json};
    bool ok = true;
    for (size_t i = 0; i < 4; i++) {
        a->texts[i] = copy(texts[i] ? texts[i] : "");
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
    a->kind = kind;
    a->replace = replace;
    xw_buf_init(&a->temporary, 1u << 20);
    a->path = copy(path);
    if (!a->path || !copy_info(a, info)) {
        st = xw_fail(err, XW_NOMEM, "%s", path);
        goto fail;
    }
    st = xw_file_temp(path, &a->temporary, err);
    if (st) goto fail;
    a->is_made = true;
    st = kind->create(a->temporary.data, &a->info, &a->self, err);
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

xw_status xw_archive_finish(xw_archive *a, xw_error *err)
{
    xw_status st = a->kind->finish(a->self, err);
    a->kind->destroy(a->self);
    a->self = NULL;
    if (st) return xw_fail_within(err, st, "%s", a->path);
    st = xw_file_commit(a->temporary.data, a->path, a->replace, err);
    a->is_made = st != XW_OK;
    return st;
}

void xw_archive_destroy(xw_archive *a)
{
    if (!a) return;
    if (a->self) a->kind->destroy(a->self);
    if (a->is_made) (void)unlink(a->temporary.data);
    for (size_t i = 0; i < 4; i++) free(a->texts[i]);
    free(a->path);
    xw_buf_finish(&a->temporary);
    free(a);
}
