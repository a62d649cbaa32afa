/* The files of a store and of the revisions it replaced. */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_CEILING = 1 << 16, NAME_DIGITS = 9 };

static void complain(xw_buf *problems, const char *text) { xw_buf_fmt(problems, "%s\n", text); }

static xw_status add(xw__founds *f, const xw_store_facts *facts, const char *path, xw_error *err)
{
    if (!xw_grow((void **)&f->at, &f->cap, f->n + 1, sizeof *f->at)) {
        return xw_fail(err, XW_NOMEM, "revisions");
    }
    char *copy = strdup(path);
    if (!copy) return xw_fail(err, XW_NOMEM, "path of a revision");
    f->at[f->n++] = (xw__found){*facts, copy};
    return XW_OK;
}

void xw__founds_finish(xw__founds *f)
{
    for (size_t i = 0; i < f->n; i++) free(f->at[i].store);
    free(f->at);
    *f = (xw__founds){0};
}

/* "0001.gpkg": the number, 0 when the name is another */
static uint32_t number_of(const char *name)
{
    uint32_t v = 0;
    size_t n = 0;
    for (; name[n] >= '0' && name[n] <= '9'; n++) {
        if (n == NAME_DIGITS) return 0;
        v = v * 10 + (uint32_t)(name[n] - '0');
    }
    return strcmp(name + n, ".gpkg") == 0 ? v : 0;
}

/* A kept file joins, or says why it does not. */
static xw_status take(const char *path, uint32_t number, xw__founds *out, xw_buf *problems,
                      xw_error *err)
{
    xw_store_facts facts;
    xw_error why = {XW_OK, ""};
    const xw_status st = xw_store_facts_read(path, &facts, &why);
    if (st == XW_NOMEM) return xw_fail(err, st, "%s", why.text);
    if (st) {
        (void)xw_fail_within(&why, st, "left out");
        complain(problems, why.text);
        return XW_OK;
    }
    const xw_store_facts *newest = &out->at[0].facts;
    if (facts.revision == newest->revision && facts.digest == newest->digest) {
        return XW_OK; /* being published: it is there under both names for a moment */
    }
    bool twice = false;
    for (size_t i = 1; i < out->n; i++) twice = twice || out->at[i].facts.revision == number;
    if (facts.revision != number) {
        xw_buf_fmt(problems, "left out: %s: holds revision %u\n", path, facts.revision);
    } else if (facts.revision >= newest->revision) {
        xw_buf_fmt(problems, "left out: %s: is not older than revision %u of the store\n", path,
                   newest->revision);
    } else if (twice) {
        xw_buf_fmt(problems, "left out: %s: there is another file of revision %u\n", path, number);
    } else {
        return add(out, &facts, path, err);
    }
    return XW_OK;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}
static int is_kept(const struct dirent *d) { return number_of(d->d_name) > 0; }

static xw_status scan_history(const char *history, xw__founds *out, xw_buf *problems, xw_error *err)
{
    struct dirent **names = NULL;
    const int n = scandir(history, &names, is_kept, by_name);
    if (n < 0) {
        if (errno == ENOMEM) return xw_fail(err, XW_NOMEM, "%s", history);
        if (errno != ENOENT) xw_buf_fmt(problems, "%s: %s\n", history, strerror(errno));
        return XW_OK;
    }
    xw_buf path;
    xw_status st = XW_OK;
    xw_buf_init(&path, PATH_CEILING);
    for (int i = 0; i < n; i++) {
        if (!st) {
            xw_buf_clear(&path);
            xw_buf_fmt(&path, "%s/%s", history, names[i]->d_name);
            st = xw_buf_status(&path, "path of a revision", err);
        }
        if (!st) st = take(path.data, number_of(names[i]->d_name), out, problems, err);
        free(names[i]);
    }
    free(names);
    xw_buf_finish(&path);
    return st;
}

xw_status xw__scan(const char *store, const char *history, xw__founds *out, xw_buf *problems,
                   xw_error *err)
{
    xw_store_facts facts;
    *out = (xw__founds){0};
    xw_status st = xw_store_facts_read(store, &facts, err);
    if (!st) st = add(out, &facts, store, err);
    if (!st) st = scan_history(history, out, problems, err);
    if (!st) st = xw_buf_status(problems, "problems of the history", err);
    if (st) xw__founds_finish(out);
    return st;
}

static void sign(const char *path, int64_t out[5])
{
    struct stat s;
    memset(out, 0, 5 * sizeof *out);
    if (stat(path, &s) != 0) return;
    out[0] = (int64_t)s.st_dev;
    out[1] = (int64_t)s.st_ino;
    out[2] = (int64_t)s.st_size;
    out[3] = (int64_t)s.st_mtim.tv_sec;
    out[4] = (int64_t)s.st_mtim.tv_nsec;
}

xw__signature xw__signature_of(const char *store, const char *history)
{
    xw__signature s;
    sign(store, s.store);
    sign(history, s.history);
    return s;
}
