/* Any bytes as the body of POST /locate. */
#include "internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xw__point *points;
    size_t n;
    xw_error err = {XW_OK, ""};
    const xw_status st = xw__points_parse(data, size, &points, &n, &err);
    if (n > XW_HTTP_POINTS_MAX || (st && !err.text[0])) __builtin_trap();
    free(points);
    return 0;
}
