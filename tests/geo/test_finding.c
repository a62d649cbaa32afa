/* The kinds of findings: one list in the code, the same in the manual. */
#include "support/test.h"

#include "xiwang/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_kinds_are_found_and_unknown_ones_are_warnings(void **state)
{
    (void)state;
    size_t n = 0;
    for (const xw_finding_info *f; (f = xw_finding_at(n)) != NULL; n++) {
        assert_ptr_equal(xw_finding_get(f->kind), f); /* so each kind is there once */
        assert_true(*f->zh && *f->action);
        assert_true(!strcmp(f->severity, "info") || !strcmp(f->severity, "warning") ||
                    !strcmp(f->severity, "error"));
    }
    assert_true(n > 40);
    assert_string_equal(xw_finding_get("nothing")->severity, "warning");
    assert_string_equal(xw_finding_get("nothing")->zh, "");
}

static void test_every_kind_is_in_the_manual(void **state)
{
    static char text[40000];
    char quoted[80];
    (void)state;
    FILE *f = fopen(XW_TEST_MANUAL, "rb");
    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);
    assert_int_equal(fclose(f), 0);
    assert_true(n > 0 && n < sizeof text - 1);
    for (size_t i = 0; xw_finding_at(i); i++) {
        (void)snprintf(quoted, sizeof quoted, "`%s`", xw_finding_at(i)->kind);
        if (!strstr(text, quoted)) fail_msg("%s is not in the manual", quoted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_are_found_and_unknown_ones_are_warnings),
        cmocka_unit_test(test_every_kind_is_in_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
