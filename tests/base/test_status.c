/* One line, whole characters, the code untouched: whatever is put into an error. */
#include "support/test.h"

#include "xiwang/status.h"

#include <stdbool.h>
#include <string.h>

enum { ROOM = sizeof((xw_error *)0)->text };

/* The last character of a text that started as whole ones is whole. */
static bool ends_whole(const char *text)
{
    const size_t n = strlen(text);
    size_t lead = n;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80) lead--;
    if (lead == 0) return n == 0;
    const unsigned char c = (unsigned char)text[lead - 1];
    const size_t want = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return n - (lead - 1) == want;
}

/* `ascii` letters, then `n` times the character. */
static void long_text(char *out, size_t ascii, const char *character, size_t n)
{
    memset(out, 'a', ascii);
    const size_t len = strlen(character);
    for (size_t i = 0; i < n; i++) memcpy(out + ascii + i * len, character, len);
    out[ascii + n * len] = '\0';
}

static const char *const characters[] = {"a", "\xC3\xA9", "\xE7\xBD\x91", "\xF0\xA0\x80\x80"};

static void test_every_status_has_its_own_text(void **state)
{
    (void)state;
    for (int i = 0; i <= XW_INTERNAL; i++) {
        assert_true(strlen(xw_status_text((xw_status)i)) > 0);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(xw_status_text((xw_status)i), xw_status_text((xw_status)k));
        }
    }
    assert_string_equal(xw_status_text((xw_status)(XW_INTERNAL + 1)), "unknown status");
    assert_string_equal(xw_status_text((xw_status)-1), "unknown status");
}

static void test_a_failure_carries_code_and_text(void **state)
{
    (void)state;
    xw_error err;
    assert_int_equal(xw_fail(&err, XW_LIMIT, "cell %d: %s", 17, "too long"), XW_LIMIT);
    assert_int_equal(err.status, XW_LIMIT);
    assert_string_equal(err.text, "cell 17: too long");
    assert_int_equal(xw_fail_within(&err, XW_LIMIT, "town %u", 3u), XW_LIMIT);
    assert_int_equal(err.status, XW_LIMIT);
    assert_string_equal(err.text, "town 3: cell 17: too long");
}

static void test_nobody_needs_to_listen(void **state)
{
    (void)state;
    assert_int_equal(xw_fail(NULL, XW_IO, "%s", "unheard"), XW_IO);
    assert_int_equal(xw_fail_within(NULL, XW_IO, "%s", "unheard"), XW_IO);
}

static void test_control_characters_become_spaces(void **state)
{
    (void)state;
    xw_error err;
    (void)xw_fail(&err, XW_INPUT,
                  "a\nb\rc\td\x01"
                  "e\x1F"
                  "f网");
    assert_string_equal(err.text, "a b c d e f网");
    (void)xw_fail_within(&err, XW_INPUT, "x\ny");
    assert_string_equal(err.text, "x y: a b c d e f网");
}

static void test_a_long_text_ends_with_its_last_whole_character(void **state)
{
    (void)state;
    char text[4 * ROOM + 8];
    for (size_t k = 0; k < sizeof characters / sizeof *characters; k++) {
        const size_t len = strlen(characters[k]);
        for (size_t ascii = 0; ascii < 8; ascii++) {
            for (size_t n = (ROOM - 16) / len; n <= ROOM; n += n < ROOM / len + 2 ? 1 : 97) {
                xw_error err;
                long_text(text, ascii, characters[k], n);
                (void)xw_fail(&err, XW_INPUT, "%s", text);
                const size_t fit = (ROOM - 1 - ascii) / len;
                assert_int_equal(strlen(err.text), ascii + (n < fit ? n : fit) * len);
                assert_memory_equal(err.text, text, strlen(err.text));
            }
        }
    }
}

static void test_a_prefix_keeps_the_line_whole(void **state)
{
    (void)state;
    char old[4 * ROOM + 8], prefix[4 * ROOM + 8];
    for (size_t k = 0; k < sizeof characters / sizeof *characters; k++) {
        for (size_t a = 0; a < ROOM + 8; a++) {
            for (size_t b = 0; b < 9; b++) {
                xw_error err;
                long_text(old, b, characters[k], ROOM / 2);
                long_text(prefix, a % 4, characters[k], a / strlen(characters[k]));
                (void)xw_fail(&err, XW_INPUT, "%s", old);
                assert_int_equal(xw_fail_within(&err, XW_NOMEM, "%s", prefix), XW_NOMEM);
                assert_int_equal(err.status, XW_NOMEM);
                assert_true(strlen(err.text) < ROOM);
                assert_true(ends_whole(err.text));
                const size_t n = strlen(prefix) < ROOM - 4 ? strlen(prefix) : ROOM - 8;
                assert_memory_equal(err.text, prefix, n);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_own_text),
        cmocka_unit_test(test_a_failure_carries_code_and_text),
        cmocka_unit_test(test_nobody_needs_to_listen),
        cmocka_unit_test(test_control_characters_become_spaces),
        cmocka_unit_test(test_a_long_text_ends_with_its_last_whole_character),
        cmocka_unit_test(test_a_prefix_keeps_the_line_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
