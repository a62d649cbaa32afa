/**
 * @file file.h
 * Files that appear whole or not at all: a temporary file beside the wanted one, made durable, then
 * given its name. A failure or a crash leaves what was there before.
 *
 * Use: xw_file_temp, write under that name by any means, xw_file_commit; after a failure unlink the
 * temporary file. Threads: freely, for different paths.
 */
#ifndef XW_FILE_H
#define XW_FILE_H

#include "xiwang/buf.h"

/**
 * Says early, before long work, what xw_file_commit would refuse.
 * @return XW_USAGE for an empty path; XW_EXISTS when there is a file and @p force is false; XW_IO
 *         when it is a folder or no plain file, or its folder cannot be written; XW_NOMEM
 */
xw_status xw_file_probe(const char *path, bool force, xw_error *err);

/**
 * Creates an empty file beside @p path that is nobody else's. Its name ends as that of @p path
 * does, because some libraries choose a format by it.
 * @param temp  receives the name; an initialised buffer, finished by the caller
 */
xw_status xw_file_temp(const char *path, xw_buf *temp, xw_error *err);

/**
 * Brings the file to the disk and gives it its name; without @p force never over a file that came
 * meanwhile.
 * @return XW_OK; XW_EXISTS or XW_IO naming @p path: the temporary file is still there then
 */
xw_status xw_file_commit(const char *temp, const char *path, bool force, xw_error *err);

/** All of it for bytes in memory. Leaves no temporary file. */
xw_status xw_file_write(const char *path, const void *bytes, size_t n, bool force, xw_error *err);

#endif
