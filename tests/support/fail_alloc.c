#include "support/fail_alloc.h"

#include <stdatomic.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* Atomic: the code under test allocates on several threads. */
static atomic_int left = -1; /* allocations still allowed; -1: all */
static atomic_bool hit;

void fail_alloc_at(int n)
{
    atomic_store(&hit, false);
    atomic_store(&left, n);
}

bool fail_alloc_stop(void)
{
    atomic_store(&left, -1);
    return atomic_load(&hit);
}

static bool must_fail(void)
{
    int n = atomic_load(&left);
    while (n > 0 && !atomic_compare_exchange_weak(&left, &n, n - 1)) {
    }
    if (n != 0) return false;
    atomic_store(&hit, true);
    return true;
}

void *__wrap_malloc(size_t size) { return must_fail() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return must_fail() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *old, size_t size)
{
    return must_fail() ? NULL : __real_realloc(old, size);
}
