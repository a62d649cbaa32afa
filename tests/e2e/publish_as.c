/* Writes the revision of a store as another one: publish_as STORE OUT NUMBER EFFECTIVE. OUT gets
 * its snapshot beside it, first. For tests that publish revisions faster than territories change.
 */
#include "xiwang/snapshot.h"
#include "xiwang/store.h"
#include "xiwang/when.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    xw_model m;
    xw_error err = {XW_OK, ""};
    xw_buf snapshot;
    int64_t effective;
    if (argc != 5 || !xw_when_parse(argv[4], &effective)) {
        (void)fprintf(stderr, "usage: publish_as STORE OUT NUMBER EFFECTIVE\n");
        return 2;
    }
    xw_buf_init(&snapshot, 1 << 16);
    xw_store_snapshot_path(argv[2], &snapshot);
    xw_status st = xw_store_read(argv[1], &m, &err);
    if (!st) {
        m.revision = (uint32_t)strtoul(argv[3], NULL, 10);
        m.effective_unix = effective;
        st = xw_snapshot_write(&m, snapshot.data, NULL, &err);
        if (!st) st = xw_store_write(&m, argv[2], true, NULL, &err);
        xw_model_finish(&m);
    }
    xw_buf_finish(&snapshot);
    if (st) (void)fprintf(stderr, "publish_as: %s\n", err.text);
    return st ? 3 : 0;
}
