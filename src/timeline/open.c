/* A store and the snapshot beside it. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool xw__is_snapshot(const char *path)
{
    char magic[6] = "";
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    const size_t n = fread(magic, 1, sizeof magic, f);
    (void)fclose(f);
    return n == sizeof magic && memcmp(magic, "XWSNAP", sizeof magic) == 0;
}

bool xw__open_ready(const char *store, uint64_t digest, xw_snapshot **out)
{
    xw_buf path;
    *out = NULL;
    xw_buf_init(&path, 1 << 16);
    xw_store_snapshot_path(store, &path);
    const bool opened = !path.failed && xw_snapshot_open(path.data, out, NULL) == XW_OK;
    xw_buf_finish(&path);
    if (opened && xw_store_model_digest(xw_snapshot_model(*out)) == digest) return true;
    xw_snapshot_close(*out);
    *out = NULL;
    return false;
}

/* Somewhere else than beside the store: opened, then without a name. */
static xw_status open_nameless(const xw_model *m, const xw_job *job, xw_snapshot **out,
                               xw_error *err)
{
    const char *folder = getenv("TMPDIR");
    char path[512];
    const int n =
        snprintf(path, sizeof path, "%s/xiwang-XXXXXX", folder && folder[0] ? folder : "/tmp");
    if (n < 0 || (size_t)n >= sizeof path) return xw_fail(err, XW_IO, "TMPDIR is too long");
    const int fd = mkstemp(path);
    if (fd < 0) return xw_fail(err, XW_IO, "%s cannot be made", path);
    (void)close(fd);
    xw_status st = xw_snapshot_write(m, path, job, err);
    if (!st) st = xw_snapshot_open(path, out, err);
    (void)unlink(path);
    return st;
}

static xw_status compile(const xw_model *m, const char *store, const xw_job *job, xw_snapshot **out,
                         xw_error *err)
{
    xw_buf path;
    xw_buf_init(&path, 1 << 16);
    xw_store_snapshot_path(store, &path);
    xw_status st = xw_buf_status(&path, "path of the snapshot", err);
    if (!st) {
        st = xw_snapshot_write(m, path.data, job, err);
        if (!st) {
            st = xw_snapshot_open(path.data, out, err);
        } else if (st == XW_IO) {
            st = open_nameless(m, job, out, err);
        }
    }
    xw_buf_finish(&path);
    return st;
}

xw_status xw__open_compiled(const char *store, uint64_t digest, const xw_job *job,
                            xw_snapshot **out, xw_error *err)
{
    xw_model m;
    *out = NULL;
    xw_status st = xw_store_read(store, &m, err);
    if (st) return st;
    if (xw_store_model_digest(&m) != digest) {
        st = xw_fail(err, XW_CONFLICT, "%s: was replaced while it was read", store);
    } else {
        st = compile(&m, store, job, out, err);
    }
    xw_model_finish(&m);
    return st;
}

xw_status xw_revision_open(const char *store, const xw_job *job, xw_snapshot **out, xw_error *err)
{
    *out = NULL;
    if (xw__is_snapshot(store)) return xw_snapshot_open(store, out, err);
    uint64_t digest;
    const xw_status st = xw_store_digest(store, &digest, err);
    if (st || xw__open_ready(store, digest, out)) return st;
    return xw__open_compiled(store, digest, job, out, err);
}
