/* Any bytes as the texts of a request: path, query, headers, bbox, times, numbers. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    const xw_http_request rq = {.method = "GET", .target = text};
    xw__cx cx = {.rq = &rq};
    xw_http_response rs;
    xw__response_init(&rs);
    if (xw__request_parse(&cx, &rs)) {
        for (unsigned i = 0; i < cx.n_params; i++) {
            xw__bbox b;
            xw_error err;
            int64_t n;
            double v;
            if (xw__bbox_parse(cx.params[i].value, &b, &err) && (b.n < 1 || b.n > 2)) {
                __builtin_trap();
            }
            (void)xw__parse_int(cx.params[i].value, INT64_MIN, INT64_MAX, &n);
            (void)xw__parse_num(cx.params[i].value, &v);
            (void)xw__datetime_parse(cx.params[i].value, 0, &n);
        }
    } else if (rs.status < 400) {
        __builtin_trap();
    }
    const int q = xw__accepts(text, "application/json");
    if (q < 0 || q > 1000) __builtin_trap();
    (void)xw__accepts_gzip(text);
    (void)xw__host_is_sane(text);
    (void)xw__etag_matches(text, "W/\"1-2\"");
    free(cx.memory);
    xw_http_response_finish(&rs);
    free(text);
    return 0;
}
