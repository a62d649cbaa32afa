#include "xiwang/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CEILING = 1 << 20 };

static xw_status io_fail(xw_error *err, const char *path)
{
    return xw_fail(err, XW_IO, "%s: %s", path, strerror(errno));
}

/* The folder a file lies in, "." for a bare name. */
static xw_status folder_of(const char *path, xw_buf *out, xw_error *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        xw_buf_text(out, ".");
    } else {
        xw_buf_add(out, path, slash == path ? 1 : (size_t)(slash - path));
    }
    return xw_buf_status(out, "path", err);
}

xw_status xw_file_probe(const char *path, bool force, xw_error *err)
{
    struct stat info;
    const size_t n = strlen(path);
    if (n == 0) return xw_fail(err, XW_USAGE, "the file to write has no name");
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
    xw_buf_init(&folder, PATH_CEILING);
    xw_status st = folder_of(path, &folder, err);
    if (!st && access(folder.data, W_OK | X_OK) != 0) {
        st = xw_fail(err, XW_IO, "%s: cannot be written, folder %s: %s", path, folder.data,
                     strerror(errno));
    }
    xw_buf_finish(&folder);
    return st;
}

/* "a/b.csv" -> "a/b.part-4711-0.csv" */
static xw_status name_temp(const char *path, int try, xw_buf *temp, xw_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    const size_t stem = dot ? (size_t)(dot - path) : strlen(path);
    xw_buf_clear(temp);
    xw_buf_add(temp, path, stem);
    xw_buf_fmt(temp, ".part-%ld-%d", (long)getpid(), try);
    xw_buf_text(temp, path + stem);
    return xw_buf_status(temp, "path", err);
}

xw_status xw_file_temp(const char *path, xw_buf *temp, xw_error *err)
{
    for (int i = 0; i < 100; i++) {
        const xw_status st = name_temp(path, i, temp, err);
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

static xw_status put_in_place(const char *temp, const char *path, bool force, xw_error *err)
{
    if (!force) {
        if (link(temp, path) == 0) { /* unlike rename, never over a file that came meanwhile */
            (void)unlink(temp);
            return XW_OK;
        }
        if (errno == EEXIST) {
            return xw_fail(err, XW_EXISTS, "%s: exists already (--force replaces it)", path);
        } /* else a file system without links */
    }
    return rename(temp, path) == 0 ? XW_OK : io_fail(err, path);
}

xw_status xw_file_commit(const char *temp, const char *path, bool force, xw_error *err)
{
    xw_buf folder;
    xw_buf_init(&folder, PATH_CEILING);
    xw_status st = folder_of(path, &folder, err);
    if (!st) st = sync_path(temp, O_RDONLY, path, err);
    if (!st) st = put_in_place(temp, path, force, err);
    /* The file is whole and has its name; a folder that cannot be synced is no reason to say no. */
    if (!st) (void)sync_path(folder.data, O_RDONLY | O_DIRECTORY, path, NULL);
    xw_buf_finish(&folder);
    return st;
}

static xw_status write_bytes(const char *temp, const char *path, const void *bytes, size_t n,
                             xw_error *err)
{
    FILE *f = fopen(temp, "wb");
    if (!f) return io_fail(err, path);
    xw_status st = XW_OK;
    if ((n > 0 && fwrite(bytes, 1, n, f) != n) || fflush(f) != 0) st = io_fail(err, path);
    if (fclose(f) != 0 && !st) st = io_fail(err, path);
    return st;
}

xw_status xw_file_write(const char *path, const void *bytes, size_t n, bool force, xw_error *err)
{
    xw_buf temp;
    xw_status st = xw_file_probe(path, force, err);
    if (st) return st;
    xw_buf_init(&temp, PATH_CEILING);
    st = xw_file_temp(path, &temp, err);
    if (!st) {
        st = write_bytes(temp.data, path, bytes, n, err);
        if (!st) st = xw_file_commit(temp.data, path, force, err);
        if (st) (void)unlink(temp.data);
    }
    xw_buf_finish(&temp);
    return st;
}
