/* Any bytes as the JSON of an event: the two readers say the same. */
#include "internal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xw__arena arena = {0};
    xw__event ev = {0};
    xw_error err = {XW_OK, ""};
    const xw_status st = xw__event_read((const char *)data, size, &arena, &ev, &err);
    xw__event slow = {0};
    xw_error why = {XW_OK, ""};
    if (xw__event_read_by_tree((const char *)data, size, &arena, &slow, &why) != st) {
        __builtin_trap();
    }
    if (st ? strcmp(err.text, why.text) != 0 : ev.hash != slow.hash) __builtin_trap();
    if (st ? !err.text[0] : !ev.service_code || strlen(ev.service_code) > 256) __builtin_trap();
    xw__arena_finish(&arena);
    return 0;
}
