/* NDJSON, and what it shares with CSV: a point a line, and a bad line does not end it. */
#include "bulk.h"

#include <stdlib.h>

/* The tree reads what the quick scanner does not: other members, ids, GeoJSON. */
static xw_status line_by_tree(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    xw__point *points = NULL;
    size_t count;
    char id[BULK_ID_MAX];
    xw_error why = {XW_OK, ""};
    xw_status st = xw__points_of_line(p, n, &points, &count, id, sizeof id, &why);
    if (!st && count != 1) {
        st = xw_fail(&why, XW_INPUT, "%zu points in a line, one is needed", count);
    }
    if (!st) st = bulk_answer(b, &points[0], *id ? id : NULL, &why);
    free(points);
    if ((st == XW_INPUT || st == XW_LIMIT) && !b->write_failed) return bulk_bad_line(b, &why, err);
    if (st && err) *err = why;
    return st;
}

static xw_status line_json(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    xw__point point = {0};
    xw_error why = {XW_OK, ""};
    const char *end = p + n;
    p = bulk_scan_space(p, end);
    if (p == end) return XW_OK;
    if (bulk_is_exact(b)) {
        xw_pt at;
        const char *stop = bulk_scan_exact(p, end, &at);
        if (stop && bulk_scan_space(stop, end) == end) return bulk_exact(b, at, err);
    }
    const char *q = bulk_scan_pair(p, end, &point.x, &point.y);
    if (!q) q = bulk_scan_object(p, end, &point);
    if (!q || bulk_scan_space(q, end) != end) return line_by_tree(b, p, (size_t)(end - p), err);
    const xw_status st = bulk_answer(b, &point, NULL, &why);
    if (st == XW_INPUT && !b->write_failed) return bulk_bad_line(b, &why, err);
    if (st && err) *err = why;
    return st;
}

static xw_status take_line(xw_bulk *b, const char *p, size_t n, xw_error *err)
{
    b->line++;
    if (b->line == 1 && n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        p += 3;
        n -= 3;
    }
    if (n > 0 && p[n - 1] == '\r') n--;
    return b->how.format == XW_BULK_CSV ? bulk_line_csv(b, p, n, err) : line_json(b, p, n, err);
}

static xw_status line_too_long(xw_bulk *b, xw_error *err)
{
    xw_error why;
    b->line++;
    b->skipping = true;
    xw_buf_clear(&b->pending);
    (void)xw_fail(&why, XW_LIMIT, "longer than %zu bytes", XW_BULK_ITEM_MAX);
    if (b->how.format == XW_BULK_NDJSON) return bulk_bad_line(b, &why, err);
    return xw_fail(err, XW_LIMIT, "line %llu: %s", (unsigned long long)b->line, why.text);
}

xw_status bulk_feed_lines(xw_bulk *b, const char *p, const char *end, xw_error *err)
{
    xw_status st = XW_OK;
    while (!st && p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const size_t n = (size_t)((stop ? stop : end) - p);
        if (b->skipping) {
            b->skipping = stop == NULL;
        } else if (b->pending.n + n > XW_BULK_ITEM_MAX) {
            st = line_too_long(b, err);
            b->skipping = stop == NULL;
        } else if (stop && b->pending.n == 0) {
            st = take_line(b, p, n, err);
        } else {
            xw_buf_add(&b->pending, p, n);
            st = xw_buf_status(&b->pending, "a line", err);
            if (!st && stop) {
                st = take_line(b, b->pending.data ? b->pending.data : "", b->pending.n, err);
                xw_buf_clear(&b->pending);
            }
        }
        p += n + (stop != NULL);
    }
    return st;
}

xw_status bulk_end_lines(xw_bulk *b, xw_error *err)
{
    xw_status st = XW_OK;
    if (b->pending.n > 0) st = take_line(b, b->pending.data, b->pending.n, err);
    if (!st) st = bulk_flush_batch(b, err);
    if (!st && b->how.format == XW_BULK_CSV && !b->csv.has_header) {
        st = xw_fail(err, XW_INPUT, "the table is empty, a header with lon and lat is needed");
    }
    return st;
}
