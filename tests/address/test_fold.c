#include "support/test.h"

#include "internal.h"

#include <string.h>

/* The folded text as UTF-8, with "@F" behind it for floor F. */
static const char *folded(const char *text)
{
    static char out[4 * XW__FOLD_MAX + 16];
    xw__folded f;
    size_t n = 0;
    xw__fold(text, strlen(text), &f);
    for (size_t i = 0; i < f.n; i++) n += xw__utf8_write(f.c[i], out + n);
    out[n] = '\0';
    if (f.has_floor) (void)snprintf(out + n, sizeof out - n, "@%d", f.floor);
    return out;
}

static void test_what_means_the_same_is_folded_to_the_same(void **state)
{
    (void)state;
    static const char *const same[][6] = {
        {"和平路12号", "和平路１２号", "和平路十二号", "和平路 12 号", "和平路12", "和平路012號"},
        {"和平路12号3栋2单元501室", "和平路12-3-2-501", "和平路12号3幢2单元501",
         "和平路十二号三棟二單元501户", "和平路12/3/2/501", "和平路12#3号楼2单元五〇一室"},
        {"阳光小区6号楼802", "阳光小区6幢802室", "陽光小区6栋802户", "阳光小区6#楼802",
         "阳光小区六座802", "阳光小区第6栋802"},
        {"Aeulestraße 30", "aeulestrasse 30", "AEULESTRASSE 30", "Aeulestrasse, 30",
         "30 Aeulestrasse", "Aeulestrasse Nr. 30"},
        {"30 Hudson Street", "Hudson St 30", "30 hudson st.", "Hudson Street no 30",
         "３０ Hudson Street", "Hudson  Street, 30"},
        {"Mülistr 7a", "Mulistr 7 A", "Mülistr. 7a", "mülistr 7-a", "MÜLISTR 07a",
         "M\xCC\x88ulistr 7a"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char first[200];
        (void)snprintf(first, sizeof first, "%s", folded(same[i][0]));
        for (size_t k = 1; k < 6; k++) {
            if (strcmp(folded(same[i][k]), first) != 0) {
                fail_msg("%s is %s, not %s", same[i][k], folded(same[i][k]), first);
            }
        }
    }
}

static void test_names_keep_their_numerals_and_floors_are_told(void **state)
{
    (void)state;
    assert_string_equal(folded("五一路3号"), "五一路3");
    assert_string_equal(folded("桃墩十四巷1号"), "桃墩十四巷1");
    assert_string_equal(folded("百花路一百零三号"), "百花路103");
    assert_string_equal(folded("八楼"), "8"); /* of a building, when nothing stands before */
    assert_string_equal(folded("和平路12号8层"), "和平路12@8");
    assert_string_equal(folded("和平路12号八楼802"), "和平路12 802@8");
    assert_string_equal(folded("6号楼 8层 802"), "6 802@8");
    assert_string_equal(folded("O'Brien Rd 5"), "obrien road 5");
    assert_string_equal(folded("、。！"), "");
    assert_string_equal(folded(""), "");
}

/* Folding is for any bytes: nothing is read or written outside, and tokens lie in the text. */
static void test_any_bytes_fold_within_bounds_and_once_is_enough(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("fold");
    static const char *const bits[] = {"十", "百",   "号",       "楼", "层",  "单元", "1",
                                       "99", "a",    "Str ",     " ",  "#",   "ß",    "和",
                                       "Æ",  "\xFF", "\xE5\x92", "-",  "no ", "第"};
    for (int round = 0; round < 20000; round++) {
        char text[700] = "";
        size_t n = 0;
        for (uint64_t k = xw_rng_below(&rng, 90); k > 0; k--) {
            const char *b = bits[xw_rng_below(&rng, sizeof bits / sizeof *bits)];
            memcpy(text + n, b, strlen(b));
            n += strlen(b);
        }
        char *exact = malloc(n + 1); /* the sanitizer sees a byte too far */
        assert_non_null(exact);
        memcpy(exact, text, n);
        xw__folded f;
        xw__fold(exact, n, &f);
        free(exact);
        assert_true(f.n <= XW__FOLD_MAX);
        size_t end = 0, nums = 0;
        for (size_t k = 0; k < f.n_tokens; k++) {
            assert_true(f.tokens[k].n > 0 && f.tokens[k].first >= end);
            end = (size_t)f.tokens[k].first + f.tokens[k].n;
            nums += f.tokens[k].kind == XW__NUM;
        }
        assert_true(end <= f.n);
        assert_int_equal(nums, f.n_nums);
    }
}

/* Levenshtein's recursion, as slow as it is plain. */
static unsigned slow_distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    if (n == 0 || m == 0) return (unsigned)(n + m);
    if (a[0] == b[0]) return slow_distance(a + 1, n - 1, b + 1, m - 1);
    const unsigned x = slow_distance(a + 1, n - 1, b, m), y = slow_distance(a, n, b + 1, m - 1),
                   z = slow_distance(a + 1, n - 1, b + 1, m - 1);
    const unsigned least = x < y ? (x < z ? x : z) : (y < z ? y : z);
    return 1 + least;
}

static void test_scores_are_one_for_equals_and_fall_with_every_wrong_character(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("score");
    static const char *const alphabet[] = {"和", "平", "路", "a", " "};
    for (int round = 0; round < 3000; round++) {
        char text[2][64];
        xw__folded f[2];
        for (int k = 0; k < 2; k++) {
            size_t n = 0;
            for (uint64_t i = 1 + xw_rng_below(&rng, 6); i > 0; i--) {
                const char *c = alphabet[xw_rng_below(&rng, 5)];
                memcpy(text[k] + n, c, strlen(c));
                n += strlen(c);
            }
            xw__fold(text[k], n, &f[k]);
        }
        if (f[0].n == 0 || f[1].n == 0) continue;
        const unsigned d = slow_distance(f[0].c, f[0].n, f[1].c, f[1].n);
        const size_t longer = f[0].n > f[1].n ? f[0].n : f[1].n;
        const double score = xw__compare(&f[0], &f[1]).score;
        assert_true(score >= 1.0 - (double)d / (double)longer - 1e-9); /* parts may score more */
        if (d == 0) assert_float_equal(score, 1.0, 1e-12);
        if (d > 0) assert_true(score < 1.0 - 1e-9);
    }
}

static double score_of(const char *q, const char *text)
{
    xw__folded a, b;
    xw__fold(q, strlen(q), &a);
    xw__fold(text, strlen(text), &b);
    return xw__compare(&a, &b).score;
}

static void test_a_right_number_with_a_wrong_name_stands_before_a_wrong_number(void **state)
{
    (void)state;
    assert_true(score_of("和苹路12号", "和平路12号") > score_of("和平路13号", "和平路12号"));
    assert_true(score_of("和平路12号501室", "和平路12号") > 0.9);
    assert_true(score_of("和平路12号501室", "和平路12号501") >
                score_of("和平路12号501室", "和平路12号"));
    assert_true(score_of("和平路12", "和平路120号") < 0.8);
    assert_true(score_of("福州市和平路12号", "和平路12号") > 0.85);
    assert_true(score_of("和平路12号", "福州市和平路12号") > 0.7);
    assert_true(score_of("和平路12号", "解放街5号") < 0.45);
    /* a compound stands before a road of another name, and a road alone is nobody's address */
    assert_true(score_of("和平路12号", "和平路12号阳光小区3栋") >
                score_of("和平路12号", "和苹路12号"));
    assert_true(score_of("和平路12号", "和平路12号阳光小区3栋") < 0.95);
    assert_true(score_of("和平路", "和平路12号") < 0.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_means_the_same_is_folded_to_the_same),
        cmocka_unit_test(test_names_keep_their_numerals_and_floors_are_told),
        cmocka_unit_test(test_any_bytes_fold_within_bounds_and_once_is_enough),
        cmocka_unit_test(test_scores_are_one_for_equals_and_fall_with_every_wrong_character),
        cmocka_unit_test(test_a_right_number_with_a_wrong_name_stands_before_a_wrong_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
