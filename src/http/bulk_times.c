/* Revisions by the time of a point. Neighbours in a body are mostly of one revision, so the last
 * one is kept pinned. */
#include "xiwang/bulk.h"

#include <stdlib.h>

struct xw_bulk_times {
    xw_timeline *timeline;
    xw_pin pin;
};

xw_status xw_bulk_times_create(xw_timeline *timeline, xw_bulk_times **out, xw_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return xw_fail(err, XW_NOMEM, "revisions of points");
    (*out)->timeline = timeline;
    return XW_OK;
}

void xw_bulk_times_destroy(xw_bulk_times *t)
{
    if (!t) return;
    xw_pin_release(&t->pin);
    free(t);
}

xw_status xw_bulk_times_at(void *times, int64_t unix_s, const xw_snapshot **s, int64_t *valid_until,
                           xw_error *err)
{
    xw_bulk_times *t = times;
    const xw_revision *r = t->pin.revision;
    if (!r || unix_s < r->effective_unix || unix_s >= r->valid_until) {
        xw_pin_release(&t->pin);
        const xw_status st = xw_timeline_pin_at(t->timeline, unix_s, &t->pin, err);
        if (st == XW_NOT_FOUND) return xw_fail_within(err, XW_INPUT, "time");
        if (st) return st;
    }
    *s = t->pin.snapshot;
    *valid_until = t->pin.revision->valid_until;
    return XW_OK;
}
