/* Whole files or none: a temporary file beside the wanted one, made durable, then renamed. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static xw_status io_fail(xw_error *err, const char *path)
{
    return xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
}

/* The folder a file lies in, "." for a bare name. */
static void folder_of(const char *path, xw_buf *out)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        xw_buf_text(out, ".");
    } else {
        xw_buf_add(out, path, slash == path ? 1 : (size_t)(slash - path));
    }
}

xw_status xw_store_probe(const char *path, bool force, xw_error *err)
{
    struct stat info;
    const size_t n = strlen(path);
    if (n == 0) return xw_fail(err, XW_USAGE, "the store has no name");
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return xw_fail(err, XW_IO, "%s: is a folder", path);
        if (!S_ISREG(info.st_mode)) return xw_fail(err, XW_IO, "%s: is not a plain file", path);
        if (!force)
            return xw_fail(err, XW_EXISTS, "%s: exists already (--force replaces it)", path);
    } else if (errno != ENOENT) {
        return io_fail(err, path);
    }
    if (path[n - 1] == '/') return xw_fail(err, XW_IO, "%s: is a folder", path);

    xw_buf folder;
    xw_buf_init(&folder, 1u << 20);
    folder_of(path, &folder);
    xw_status st = xw_buf_status(&folder, "path of the store", err);
    if (!st && access(folder.data, W_OK | X_OK) != 0) {
        st = xw_fail(err, XW_IO, "%s: cannot be written, folder %s: %s", path, folder.data,
                     strerror(errno));
    }
    xw_buf_finish(&folder);
    return st;
}

xw_status xw__temp_create(const char *path, xw_buf *temp, xw_error *err)
{
    for (int i = 0; i < 100; i++) {
        xw_buf_clear(temp);
        xw_buf_fmt(temp, "%s.part-%ld-%d", path, (long)getpid(), i);
        const xw_status st = xw_buf_status(temp, "path of the store", err);
        if (st) return st;
        const int fd = open(temp->data, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (fd >= 0) return close(fd) == 0 ? XW_OK : io_fail(err, path);
        if (errno != EEXIST) return io_fail(err, path);
    }
    return xw_fail(err, XW_IO, "%s: temporary files are in the way", path);
}

static xw_status sync_path(const char *of, int flags, const char *path, xw_error *err)
{
    const int fd = open(of, flags | O_CLOEXEC);
    if (fd < 0) return io_fail(err, path);
    const bool synced = fsync(fd) == 0 || errno == EINVAL; /* some file systems cannot: not ours */
    const int why = errno;
    (void)close(fd);
    errno = why;
    return synced ? XW_OK : io_fail(err, path);
}

/* What a database program left beside a file that is replaced would be taken for the new one's. */
static xw_status remove_sidecars(const char *path, xw_error *err)
{
    static const char *const tails[] = {"-wal", "-shm", "-journal"};
    xw_buf name;
    xw_status st = XW_OK;
    xw_buf_init(&name, 1u << 20);
    for (int i = 0; i < 3 && !st; i++) {
        xw_buf_clear(&name);
        xw_buf_text(&name, path);
        xw_buf_text(&name, tails[i]);
        st = xw_buf_status(&name, "path of the store", err);
        if (!st) (void)unlink(name.data);
    }
    xw_buf_finish(&name);
    return st;
}

static xw_status put_in_place(const char *temp, const char *path, bool force, xw_error *err)
{
    if (force) {
        const xw_status st = remove_sidecars(path, err);
        if (st) return st;
        return rename(temp, path) == 0 ? XW_OK : io_fail(err, path);
    }
    if (link(temp, path) == 0) { /* unlike rename, never over a file that came meanwhile */
        (void)unlink(temp);
        return XW_OK;
    }
    if (errno == EEXIST) {
        return xw_fail(err, XW_EXISTS, "%s: exists already (--force replaces it)", path);
    }
    return rename(temp, path) == 0 ? XW_OK : io_fail(err, path); /* a file system without links */
}

xw_status xw__temp_commit(const char *temp, const char *path, bool force, xw_error *err)
{
    xw_buf folder;
    xw_buf_init(&folder, 1u << 20);
    folder_of(path, &folder);
    xw_status st = xw_buf_status(&folder, "path of the store", err);
    if (!st) st = sync_path(temp, O_RDONLY, path, err);
    if (!st) st = put_in_place(temp, path, force, err);
    /* The file is whole and has its name; a folder that cannot be synced is no reason to say no. */
    if (!st) (void)sync_path(folder.data, O_RDONLY | O_DIRECTORY, path, NULL);
    xw_buf_finish(&folder);
    return st;
}

void xw_store_snapshot_path(const char *path, xw_buf *out)
{
    xw_buf_text(out, path);
    xw_buf_text(out, ".snapshot");
}
