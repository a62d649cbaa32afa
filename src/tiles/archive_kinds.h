/* What the two kinds of archive offer to archive.c. */
#ifndef XW_TILES_ARCHIVE_KINDS_H
#define XW_TILES_ARCHIVE_KINDS_H

#include "xiwang/archive.h"

typedef struct xw__archive_kind {
    const char *suffix;
    /* @p info is borrowed and outlives the object. On failure *out is NULL. */
    xw_status (*create)(const char *path, const xw_archive_info *info, void **out, xw_error *err);
    xw_status (*add)(void *self, unsigned z, uint32_t x, uint32_t y, const void *gzip, size_t n,
                     xw_error *err);
    xw_status (*finish)(void *self, xw_error *err); /* everything is in the file afterwards */
    void (*destroy)(void *self);
} xw__archive_kind;

extern const xw__archive_kind xw__mbtiles, xw__pmtiles;

#endif
