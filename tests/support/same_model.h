/* Equality of two models by content: texts by their bytes, vertices by their values, wherever the
 * pools keep them. */
#ifndef XW_TEST_SAME_MODEL_H
#define XW_TEST_SAME_MODEL_H

#include "xiwang/model.h"

/* Fails the test at the first difference, naming it. */
void assert_same_model(const xw_model *a, const xw_model *b);

#endif
