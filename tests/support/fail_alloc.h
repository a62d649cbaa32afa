/* Makes the n-th malloc/calloc/realloc of the code under test fail. Tests are linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc, so the sources stay untouched. */
#ifndef XW_TEST_FAIL_ALLOC_H
#define XW_TEST_FAIL_ALLOC_H

#include <stdbool.h>

void fail_alloc_at(int n);  /* 0 is the next allocation */
bool fail_alloc_stop(void); /* back to normal; true if one was made to fail */

#endif
