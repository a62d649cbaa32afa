/* Many points as a stream: what all formats share. */
#include "bulk.h"

#include <stdlib.h>

enum { OUT_MAX = 16 << 20 }; /* one answer is some kilobytes, a batch of them less than this */

xw_status xw_bulk_create(const xw_snapshot *s, const xw_bulk_how *how, xw_bulk **out, xw_error *err)
{
    *out = NULL;
    xw_bulk *b = calloc(1, sizeof *b);
    if (!b) return xw_fail(err, XW_NOMEM, "points");
    const xw_query *q = &how->common;
    b->s = b->home = s;
    b->m = xw_snapshot_model(s);
    b->valid_until = how->valid_until;
    b->how = *how;
    if (!b->how.fields) b->how.fields = XW_ANSWER_ALL;
    b->batches = !q->crs && q->accuracy_m <= 0.0 && !q->has_floor && q->snap_m <= 0.0 &&
                 q->nearest_m <= 0.0 && !q->custody;
    xw_buf_init(&b->pending, how->format == XW_BULK_JSON ? XW_BULK_OBJECT_MAX : XW_BULK_ITEM_MAX);
    xw_buf_init(&b->key, 1024);
    xw_buf_init(&b->out, OUT_MAX);
    if (how->format == XW_BULK_CSV) {
        b->csv.line = malloc(XW_BULK_ITEM_MAX + 1);
        b->csv.cut = malloc(XW_BULK_ITEM_MAX + 1);
        if (!b->csv.line || !b->csv.cut) {
            xw_bulk_destroy(b);
            return xw_fail(err, XW_NOMEM, "lines of a table");
        }
    }
    *out = b;
    return XW_OK;
}

void xw_bulk_destroy(xw_bulk *b)
{
    if (!b) return;
    free(b->csv.line);
    free(b->csv.cut);
    xw_buf_finish(&b->pending);
    xw_buf_finish(&b->key);
    xw_buf_finish(&b->out);
    free(b);
}

static xw_status tell(const xw_bulk *b, xw_error *err)
{
    if (err) *err = b->failed;
    return b->failed.status;
}

xw_status xw_bulk_feed(xw_bulk *b, const void *bytes, size_t n, xw_error *err)
{
    const char *p = bytes;
    if (b->failed.status) return tell(b, err);
    if (n == 0) return XW_OK;
    switch (b->how.format) {
    case XW_BULK_JSON:
    case XW_BULK_GEOJSON:
        (void)bulk_feed_json(b, p, p + n, &b->failed);
        break;
    case XW_BULK_NDJSON:
    case XW_BULK_CSV:
        (void)bulk_feed_lines(b, p, p + n, &b->failed);
        break;
    case XW_BULK_BINARY:
        (void)bulk_feed_binary(b, p, p + n, &b->failed);
        break;
    }
    return tell(b, err);
}

xw_status xw_bulk_end(xw_bulk *b, xw_error *err)
{
    if (b->failed.status) return tell(b, err);
    xw_status st = XW_OK;
    switch (b->how.format) {
    case XW_BULK_JSON:
    case XW_BULK_GEOJSON:
        st = bulk_end_json(b, &b->failed);
        break;
    case XW_BULK_NDJSON:
    case XW_BULK_CSV:
        st = bulk_end_lines(b, &b->failed);
        break;
    case XW_BULK_BINARY:
        st = bulk_end_binary(b, &b->failed);
        break;
    }
    if (!st && b->n_errors > 0 && b->n_points == 0) {
        b->failed = b->first_bad;
        b->failed.status = XW_INPUT;
        st = XW_INPUT;
    }
    if (!st) (void)bulk_write_out(b, true, &b->failed);
    return tell(b, err);
}

void xw_bulk_counts(const xw_bulk *b, uint64_t *points, uint64_t *errors)
{
    *points = b->n_points;
    *errors = b->n_errors;
}
