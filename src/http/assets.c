/* The files of the page, embedded by embed.c when the program is built. */
#include "internal.h"

#include <libdeflate.h>
#include <string.h>

const xw_http_asset *xw__asset_find(const char *path)
{
    for (size_t i = 0; i < xw__n_assets; i++) {
        if (strcmp(xw__assets[i].path, path) == 0) return &xw__assets[i];
    }
    return NULL;
}

void xw__asset_text(const xw_http_asset *a, xw_buf *out)
{
    if (!a->gzipped) {
        xw_buf_add(out, a->bytes, a->size);
        return;
    }
    void *room = xw_buf_room(out, a->raw_size);
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!room || !d ||
        libdeflate_gzip_decompress(d, a->bytes, a->size, room, a->raw_size, NULL) !=
            LIBDEFLATE_SUCCESS) {
        out->failed = true;
    }
    libdeflate_free_decompressor(d);
}

void xw__asset_send(const xw__cx *cx, const xw_http_asset *a, const char *cache,
                    xw_http_response *rs)
{
    char etag[80];
    (void)snprintf(etag, sizeof etag, "W/\"%s\"", a->etag);
    xw__header(rs, "ETag", "%s", etag);
    xw__header(rs, "Cache-Control", "%s", cache);
    if (xw__etag_matches(cx->rq->if_none_match, etag)) {
        rs->status = 304;
        return;
    }
    rs->type = a->type;
    if (!a->gzipped || xw__accepts_gzip(cx->rq->accept_encoding)) {
        rs->fixed = a->bytes;
        rs->fixed_size = a->size;
        rs->gzipped = a->gzipped;
    } else {
        rs->body.ceiling = a->raw_size + 1;
        xw__asset_text(a, &rs->body);
    }
}
