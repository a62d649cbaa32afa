/* How two models of one territory differ, for tests that count differences instead of failing at
 * the first. */
#ifndef XW_TEST_SAME_EDIT_H
#define XW_TEST_SAME_EDIT_H

#include "xiwang/model.h"

#include <stddef.h>

/* True when they are equal by content: texts by their bytes, findings about buildings in any order.
 * Else `text` names the first difference. */
bool models_equal(const xw_model *a, const xw_model *b, char *text, size_t size);

#endif
