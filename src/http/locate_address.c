/* /locate?q=: who is responsible at an address? */
#include "internal.h"

#include <string.h>

static void refuse(const xw_error *err, xw_http_response *rs)
{
    if (err->status == XW_INPUT) {
        xw__problem(rs, 400, "parameter \"q\": %s", err->text);
    } else if (err->status == XW_CONFLICT) {
        xw__problem(rs, 503, "%s", err->text);
        xw__header(rs, "Retry-After", "2");
    } else {
        xw__problem_of(rs, err);
    }
}

void xw__answer_address(xw__cx *cx, const xw_query *q, bool has_point, unsigned fields,
                        xw_http_response *rs)
{
    const xw_snapshot *s = cx->pin.snapshot;
    const char *text = xw__param_get(cx, "q");
    xw_address_index *ix;
    xw_address_found found = {.n = 0};
    xw_answer a;
    xw_error err = {XW_OK, ""};
    bool used, named;
    if (cx->timeline != cx->app->timeline) {
        xw__problem(rs, 400, "parameter \"q\": addresses are searched in the first net only");
        return;
    }
    if (!cx->app->addresses) {
        xw__problem(rs, 404, "parameter \"q\": addresses are not searched by this server");
        return;
    }
    if (xw_addresses_acquire(cx->app->addresses, &cx->pin, &ix, &err)) {
        refuse(&err, rs);
        return;
    }
    if (xw_address_locate(ix, s, text, strlen(text), q, has_point, &found, &used, &named, &a,
                          &err)) {
        refuse(&err, rs);
    } else {
        atomic_fetch_add_explicit(&cx->app->points_located, 1, memory_order_relaxed);
        xw_json j = xw__json_body(rs, "application/json", 1 << 20);
        xw_address_answer_json(s, named ? &a : NULL, &found, used, has_point,
                               cx->pin.revision->valid_until, fields, &j);
        if (named) (void)xw__put_nets(cx, &a, q, fields, rs);
    }
    xw_addresses_release(cx->app->addresses, ix);
}
