#include "support/fail_alloc.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int left = -1; /* allocations still allowed; -1: all */
static bool hit;

void fail_alloc_at(int n)
{
    left = n;
    hit = false;
}

bool fail_alloc_stop(void)
{
    left = -1;
    return hit;
}

static bool must_fail(void)
{
    if (left != 0) {
        left -= left > 0;
        return false;
    }
    hit = true;
    return true;
}

void *__wrap_malloc(size_t size) { return must_fail() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return must_fail() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *old, size_t size)
{
    return must_fail() ? NULL : __real_realloc(old, size);
}
