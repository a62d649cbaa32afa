/* The parts of an upload: what comes in packed, what goes out packed, and where answers wait. */
#ifndef XW_HTTP_UPLOAD_H
#define XW_HTTP_UPLOAD_H

#include "internal.h"

/* Bytes on their way through zlib; the sink takes what comes out, piece by piece. */
typedef struct upload_gzip upload_gzip;
typedef xw_status upload_sink(void *user, const void *bytes, size_t n, xw_error *err);

upload_gzip *upload_gunzip_create(upload_sink *sink, void *user); /* NULL without memory */
/* XW_INPUT for what is no gzip, XW_LIMIT for a bomb, or what the sink says. */
xw_status upload_gunzip(upload_gzip *z, const void *bytes, size_t n, xw_error *err);
xw_status upload_gunzip_end(const upload_gzip *z, xw_error *err);
upload_gzip *upload_gzip_create(upload_sink *sink, void *user);
xw_status upload_gzip_feed(upload_gzip *z, const void *bytes, size_t n, bool last, xw_error *err);
void upload_gzip_destroy(upload_gzip *z);

#endif
