/* Any bytes as the JSON of an event. */
#include "internal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xw__arena arena = {0};
    xw__event ev = {0};
    xw_error err = {XW_OK, ""};
    const xw_status st = xw__event_read((const char *)data, size, &arena, &ev, &err);
    if (st ? !err.text[0] : !ev.service_code || strlen(ev.service_code) > 256) __builtin_trap();
    xw__arena_finish(&arena);
    return 0;
}
