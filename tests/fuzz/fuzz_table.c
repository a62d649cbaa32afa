/* Any bytes as a table of events: rows come to an end, and every row is JSON or says why not. */
#include "events_map.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static xw_status read_all(csv *t, events_map *m, xw_error *err)
{
    xw_buf unread, row;
    bool got;
    xw_buf_init(&unread, 1 << 20);
    xw_buf_init(&row, 4 << 20);
    xw_status st = xw__csv_next(t, &got, err);
    if (!st && got) st = xw__events_resolve(m, t, &unread, err);
    while (!st && got) {
        xw_error why = {XW_OK, ""};
        st = xw__csv_next(t, &got, err);
        if (st || !got) break;
        for (size_t i = 0; i < t->n; i++) {
            if (strlen(xw__csv_field(t, i)) > t->bytes.n) __builtin_trap();
        }
        const xw_status one = xw__events_row(m, t, NULL, &row, &why);
        if (one ? !why.text[0] : row.n < 2 || row.data[0] != '{' || row.data[row.n - 1] != '}') {
            __builtin_trap();
        }
    }
    xw_buf_finish(&unread);
    xw_buf_finish(&row);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/xw-fuzz-table-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) __builtin_trap();
    (void)close(fd);
    csv t;
    events_map m = {.order = (events_order)(size % 4), .cut = size % 2 == 0, .source = "fuzz"};
    xw_error err = {XW_OK, ""};
    (void)xw__events_assign(&m, "service_code=a", true, &err);
    if (xw__csv_open(path, &t, &err)) __builtin_trap();
    if (read_all(&t, &m, &err) && !err.text[0]) __builtin_trap();
    xw__csv_close(&t);
    (void)unlink(path);
    return 0;
}
