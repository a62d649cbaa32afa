/* gzip as a stream, both ways. libdeflate packs whole bodies faster, but has no streams, and a body
 * of many gzip members, which it could make, ends after the first in several clients. */
#include "upload.h"

#include <stdlib.h>
#include <zlib.h>

enum {
    PIECE = 65536,
    LEVEL = 1,             /* answers are long and alike: 1 is within a fifth of 6 */
    WINDOW_GZIP = 15 + 16, /* zlib: largest window, gzip head */
    BOMB_FROM = 1 << 24,   /* bytes that any body may grow to */
    BOMB_RATIO = 200,      /* beyond that: points never pack so well, bombs do (to 1032) */
};

struct upload_gzip {
    z_stream z;
    bool packs, ended;
    upload_sink *sink;
    void *user;
    unsigned char out[PIECE];
};

static upload_gzip *create(bool packs, upload_sink *sink, void *user)
{
    upload_gzip *z = calloc(1, sizeof *z);
    if (!z) return NULL;
    z->packs = packs;
    z->sink = sink;
    z->user = user;
    const int rc = packs
                       ? deflateInit2(&z->z, LEVEL, Z_DEFLATED, WINDOW_GZIP, 8, Z_DEFAULT_STRATEGY)
                       : inflateInit2(&z->z, WINDOW_GZIP);
    if (rc == Z_OK) return z;
    free(z);
    return NULL;
}

upload_gzip *upload_gunzip_create(upload_sink *sink, void *user)
{
    return create(false, sink, user);
}

upload_gzip *upload_gzip_create(upload_sink *sink, void *user) { return create(true, sink, user); }

void upload_gzip_destroy(upload_gzip *z)
{
    if (!z) return;
    (void)(z->packs ? deflateEnd(&z->z) : inflateEnd(&z->z));
    free(z);
}

static void give_in(upload_gzip *z, const void *bytes, size_t n)
{
    union { /* zlib's old signature; it only reads */
        const void *in;
        void *out;
    } p = {bytes};
    z->z.next_in = p.out;
    z->z.avail_in = (unsigned)n;
}

/* Hands out what zlib has made. */
static xw_status give_out(upload_gzip *z, xw_error *err)
{
    const size_t n = PIECE - z->z.avail_out;
    return n > 0 ? z->sink(z->user, z->out, n, err) : XW_OK;
}

static xw_status unpack(upload_gzip *z, xw_error *err)
{
    do {
        if (z->ended) { /* a further member of the same file */
            if (inflateReset2(&z->z, WINDOW_GZIP) != Z_OK) {
                return xw_fail(err, XW_INPUT, "the body is no gzip");
            }
            z->ended = false;
        }
        z->z.next_out = z->out;
        z->z.avail_out = PIECE;
        const uLong before = z->z.total_in;
        const int rc = inflate(&z->z, Z_NO_FLUSH);
        if (rc == Z_MEM_ERROR) return xw_fail(err, XW_NOMEM, "gzip");
        if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
            return xw_fail(err, XW_INPUT, "the body is no gzip behind byte %lu: %s", before,
                           z->z.msg ? z->z.msg : "damaged");
        }
        if (z->z.total_out > BOMB_FROM && z->z.total_out / BOMB_RATIO > z->z.total_in) {
            return xw_fail(err, XW_LIMIT, "the gzip body grows more than %d times", BOMB_RATIO);
        }
        z->ended = rc == Z_STREAM_END;
        const xw_status st = give_out(z, err);
        if (st) return st;
    } while (z->z.avail_in > 0 || (z->z.avail_out == 0 && !z->ended));
    return XW_OK;
}

xw_status upload_gunzip(upload_gzip *z, const void *bytes, size_t n, xw_error *err)
{
    const char *p = bytes;
    while (n > 0) {
        const size_t k = n < (1u << 30) ? n : 1u << 30;
        give_in(z, p, k);
        const xw_status st = unpack(z, err);
        if (st) return st;
        p += k;
        n -= k;
    }
    return XW_OK;
}

xw_status upload_gunzip_end(const upload_gzip *z, xw_error *err)
{
    return z->ended ? XW_OK : xw_fail(err, XW_INPUT, "the gzip body is cut short");
}

xw_status upload_gzip_feed(upload_gzip *z, const void *bytes, size_t n, bool last, xw_error *err)
{
    give_in(z, bytes, n);
    do {
        z->z.next_out = z->out;
        z->z.avail_out = PIECE;
        if (deflate(&z->z, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) {
            return xw_fail(err, XW_INTERNAL, "gzip");
        }
        const xw_status st = give_out(z, err);
        if (st) return st;
    } while (z->z.avail_out == 0);
    return XW_OK;
}
