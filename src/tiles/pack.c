/* gzip by libdeflate: one call per tile, no stream state, no time stamp in the header. */
#include "xiwang/archive.h"

#include <libdeflate.h>
#include <stdlib.h>

/* 6 is the level of gzip(1): beyond it a tile takes twice the time for one per cent. */
enum { LEVEL = 6 };

struct xw_packer {
    struct libdeflate_compressor *c;
};

xw_status xw_packer_create(xw_packer **out, xw_error *err)
{
    *out = NULL;
    xw_packer *p = malloc(sizeof *p);
    if (!p) return xw_fail(err, XW_NOMEM, "compressor");
    p->c = libdeflate_alloc_compressor(LEVEL);
    if (!p->c) {
        free(p);
        return xw_fail(err, XW_NOMEM, "compressor");
    }
    *out = p;
    return XW_OK;
}

void xw_packer_destroy(xw_packer *p)
{
    if (!p) return;
    libdeflate_free_compressor(p->c);
    free(p);
}

xw_status xw_packer_pack(xw_packer *p, const void *bytes, size_t n, xw_buf *out, xw_error *err)
{
    const size_t before = out->n, bound = libdeflate_gzip_compress_bound(p->c, n);
    if (!out->failed && (bound > out->ceiling || before > out->ceiling - bound)) {
        out->failed = true;
        return xw_fail(err, XW_LIMIT, "compressed tile is larger than %zu bytes", out->ceiling);
    }
    char *at = xw_buf_room(out, bound);
    if (at) {
        const size_t size = libdeflate_gzip_compress(p->c, bytes, n, at, bound);
        out->n = before + size;
        at[size] = '\0';
        if (size == 0) return xw_fail(err, XW_INTERNAL, "%zu bytes do not compress", n);
    }
    return xw_buf_status(out, "compressed tile", err);
}
