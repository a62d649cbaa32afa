/* What the writer writes, a parser that is not ours reads back as the same values. */
#include "support/test.h"

#include "xiwang/json.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* Parses what was written; the test fails with the text when it is no JSON. */
static json_t *parsed(const xw_buf *b)
{
    json_error_t e;
    assert_int_equal(xw_buf_status(b, "json", NULL), XW_OK);
    json_t *j = json_loadb(b->data, b->n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
    if (!j) j = json_loadb(b->data, b->n, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &e);
    if (!j) fail_msg("%s in %s", e.text, b->data);
    return j;
}

static size_t encode(uint32_t cp, unsigned char *out)
{
    if (cp < 0x80) return out[0] = (unsigned char)cp, 1;
    const size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; cp >>= 6) out[i] = (unsigned char)(0x80 | (cp & 0x3F));
    out[0] = (unsigned char)(lead[n] | cp);
    return n;
}

/* Bytes that are the one encoding of a character, by encoding it again; 0 if none. */
static size_t character(const unsigned char *s)
{
    for (size_t n = 1; n <= 4; n++) {
        static const unsigned char payload[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
        uint32_t cp = s[0] & payload[n];
        for (size_t i = 1; i < n; i++) cp = cp << 6 | (s[i] & 0x3F);
        unsigned char again[4];
        const bool surrogate = cp >= 0xD800 && cp < 0xE000;
        if (cp < 0x110000 && !surrogate && encode(cp, again) == n && memcmp(again, s, n) == 0) {
            return n;
        }
        if (s[n - 1] == '\0') break;
    }
    return 0;
}

static void expected_text(const char *text, char *out)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        const size_t n = character(s);
        memcpy(out, n ? (const char *)s : "\xEF\xBF\xBD", n ? n : 3);
        out += n ? n : 3;
        s += n ? n : 1;
    }
    *out = '\0';
}

static void assert_text(const char *text)
{
    xw_buf b;
    xw_buf_init(&b, 1 << 16);
    xw_json w = xw_json_on(&b);
    xw_json_str(&w, text);
    json_t *j = parsed(&b);
    char want[400];
    expected_text(text, want);
    assert_string_equal(json_string_value(j), want);
    json_decref(j);
    xw_buf_finish(&b);
}

static void test_every_character_comes_back(void **state)
{
    (void)state;
    for (uint32_t cp = 1; cp < 0x110000; cp += cp < 0x3000 || cp > 0x10FF00 ? 1 : 37) {
        unsigned char text[8] = {'<'};
        const size_t n = encode(cp, text + 1);
        text[1 + n] = '>';
        assert_text((const char *)text); /* a surrogate is none and becomes three marks */
    }
}

static void test_edges_of_utf8_are_told_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {"\x80",
                                        "\xBF",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xE0\x9F\xBF",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xED\xA0\x80",
                                        "\xED\xBF\xBF",
                                        "\xEE\x80\x80",
                                        "\xF0\x8F\xBF\xBF",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xFF",
                                        "\xFE",
                                        "\xE7\xBD",
                                        "\xE7",
                                        "\xF0\xA0\x80",
                                        "\xE7\xBDz",
                                        "\xC2\"",
                                        "\xC2\\",
                                        "\xE7\xBD\n",
                                        "\"\\/\b\f\n\r\t\x01\x1F\x7F",
                                        "\xB9\xA4\xD7\xF7"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_text(texts[i]);
}

static void test_any_bytes_become_a_text(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("json bytes");
    static const unsigned char likely[] = {0x80, 0xBF, 0xA0, 0x9F, 0x90, 0x8F, 0xC0, 0xC2, 0xE0,
                                           0xED, 0xEF, 0xF0, 0xF4, 0xF5, '"',  '\\', '\n', 'a'};
    for (int round = 0; round < 20000; round++) {
        unsigned char text[40];
        const uint32_t n = xw_rng_below(&r, sizeof text - 1);
        for (uint32_t i = 0; i < n; i++) {
            text[i] = xw_rng_below(&r, 2) ? likely[xw_rng_below(&r, sizeof likely)]
                                          : (unsigned char)(1 + xw_rng_below(&r, 255));
        }
        text[n] = '\0';
        assert_text((const char *)text);
    }
}

/* Writes a random value and says what it was. */
static json_t *random_value(xw_rng *r, xw_json *w, int depth)
{
    const uint32_t kind = xw_rng_below(r, depth > 4 ? 5 : 7);
    if (kind == 0) {
        const int64_t v = (int64_t)xw_rng_next(r) >> xw_rng_below(r, 64);
        xw_json_int(w, v);
        return json_integer(v);
    }
    if (kind == 1) {
        xw_json_bool(w, xw_rng_below(r, 2));
        return json_boolean(w->out->data[w->out->n - 2] == 'u');
    }
    if (kind == 2) {
        xw_json_str(w, NULL);
        return json_null();
    }
    if (kind == 3) {
        xw_json_raw(w, "[1,{\"x\":2}]");
        return json_loads("[1,{\"x\":2}]", 0, NULL);
    }
    if (kind == 4) {
        xw_json_str(w, "和平路\t12");
        return json_string("和平路\t12");
    }
    json_t *all = kind == 5 ? json_array() : json_object();
    xw_json_open(w, kind == 5 ? '[' : '{');
    const uint32_t n = xw_rng_below(r, 5);
    for (uint32_t i = 0; i < n; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k\"%u", i);
        if (kind == 5) {
            assert_int_equal(json_array_append_new(all, random_value(r, w, depth + 1)), 0);
        } else if (xw_rng_below(r, 3) == 0) {
            xw_json_kint(w, key, i);
            assert_int_equal(json_object_set_new(all, key, json_integer(i)), 0);
        } else {
            xw_json_key(w, key);
            assert_int_equal(json_object_set_new(all, key, random_value(r, w, depth + 1)), 0);
        }
    }
    xw_json_close(w, kind == 5 ? ']' : '}');
    return all;
}

static void test_random_trees_come_back_equal(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("json trees");
    for (int round = 0; round < 2000; round++) {
        xw_buf b;
        xw_buf_init(&b, 1 << 22);
        xw_json w = xw_json_on(&b);
        json_t *want = random_value(&r, &w, 0);
        json_t *got = parsed(&b);
        if (!json_equal(want, got)) fail_msg("not what was written: %s", b.data);
        json_decref(want);
        json_decref(got);
        xw_buf_finish(&b);
    }
}

static const char *number(xw_buf *b, double v, int decimals)
{
    xw_buf_clear(b);
    xw_json w = xw_json_on(b);
    xw_json_num(&w, v, decimals);
    return b->data;
}

static void test_numbers_are_short_and_near(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("json numbers");
    xw_buf b;
    xw_buf_init(&b, 1 << 12);
    assert_string_equal(number(&b, 1.0, 3), "1");
    assert_string_equal(number(&b, 100.0, 0), "100");
    assert_string_equal(number(&b, 1.25, 3), "1.25");
    assert_string_equal(number(&b, -0.0, 3), "0");
    assert_string_equal(number(&b, -0.0004, 3), "0");
    assert_string_equal(number(&b, -0.0006, 3), "-0.001");
    assert_string_equal(number(&b, 7.9, -5), "8");
    assert_string_equal(number(&b, NAN, 3), "null");
    assert_string_equal(number(&b, INFINITY, 3), "null");
    assert_string_equal(number(&b, -INFINITY, 3), "null");
    for (int round = 0; round < 20000; round++) {
        const int decimals = (int)xw_rng_below(&r, 18);
        double v = (xw_rng_unit(&r) - 0.5) * pow(10.0, xw_rng_in(&r, -12, 15));
        if (round == 0) v = DBL_MAX;
        if (round == 1) v = -DBL_MAX;
        const char *text = number(&b, v, decimals);
        const char *point = strchr(text, '.');
        if (point) {
            assert_true(strlen(point + 1) > 0 && strlen(point + 1) <= (size_t)decimals);
            assert_int_not_equal(text[strlen(text) - 1], '0');
        }
        assert_string_not_equal(text, "-0");
        const double back = strtod(text, NULL);
        assert_true(fabs(back - v) <=
                    0.5 * pow(10.0, -decimals) * (1 + 1e-9) + fabs(v) * DBL_EPSILON);
        json_decref(parsed(&b));
    }
    xw_buf_finish(&b);
}

/* Digits back to units by integers only; moves past the number. */
static int64_t units_of(const char **at)
{
    const bool minus = **at == '-';
    if (minus) (*at)++;
    int64_t v = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) v = v * 10 + (**at - '0');
    int decimals = 0;
    if (**at == '.') {
        for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, decimals++) v = v * 10 + (**at - '0');
        assert_in_range(decimals, 1, 7);
        assert_int_not_equal((*at)[-1], '0');
    }
    for (; decimals < 7; decimals++) v *= 10;
    return minus ? -v : v;
}

static void assert_point(int32_t x, int32_t y)
{
    xw_buf b;
    xw_buf_init(&b, 100);
    xw_json w = xw_json_on(&b);
    xw_json_pt(&w, x, y);
    const char *at = b.data;
    assert_int_equal(*at++, '[');
    assert_int_equal(units_of(&at), x);
    assert_int_equal(*at++, ',');
    assert_int_equal(units_of(&at), y);
    assert_string_equal(at, "]");
    json_t *j = parsed(&b);
    assert_int_equal(llround(json_number_value(json_array_get(j, 0)) * 1e7), x);
    assert_int_equal(llround(json_number_value(json_array_get(j, 1)) * 1e7), y);
    json_decref(j);
    xw_buf_finish(&b);
}

static void test_points_are_exact(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("json points");
    static const int32_t hard[] = {0,         1,          -1,          9,         10,
                                   -10,       9999999,    10000000,    -10000000, 10000001,
                                   -9999999,  1800000000, -1800000000, 900000000, -900000000,
                                   INT32_MAX, INT32_MIN,  1000};
    const size_t n = sizeof hard / sizeof *hard;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) assert_point(hard[i], hard[k]);
    }
    for (int i = 0; i < 20000; i++) {
        assert_point(xw_rng_in(&r, INT32_MIN, INT32_MAX), xw_rng_in(&r, -100000, 100000));
    }
}

static void write_record(xw_buf *b)
{
    xw_json w = xw_json_on(b);
    xw_json_open(&w, '{');
    xw_json_kstr(&w, "name", "细网\x01\"\xFF");
    xw_json_kint(&w, "n", INT64_MIN);
    xw_json_knum(&w, "area", 12.5, 2);
    xw_json_kbool(&w, "on", true);
    xw_json_key(&w, "at");
    xw_json_pt(&w, 1190000000, 260000000);
    xw_json_key(&w, "long");
    char text[700];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    xw_json_str(&w, text);
    xw_json_close(&w, '}');
}

static void test_any_failed_allocation_or_byte_too_many_is_reported(void **state)
{
    (void)state;
    for (int k = 0;; k++) {
        xw_buf b;
        xw_buf_init(&b, 1 << 20);
        fail_alloc_at(k);
        write_record(&b);
        const bool failed = fail_alloc_stop();
        assert_int_equal(xw_buf_status(&b, "record", NULL), failed ? XW_NOMEM : XW_OK);
        const size_t whole = b.n;
        xw_buf_finish(&b);
        if (failed) continue;
        assert_true(k > 1);
        for (size_t ceiling = 0; ceiling <= whole; ceiling++) {
            xw_buf_init(&b, ceiling);
            write_record(&b);
            assert_int_equal(xw_buf_status(&b, "record", NULL), ceiling < whole ? XW_LIMIT : XW_OK);
            xw_buf_finish(&b);
        }
        break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character_comes_back),
        cmocka_unit_test(test_edges_of_utf8_are_told_apart),
        cmocka_unit_test(test_any_bytes_become_a_text),
        cmocka_unit_test(test_random_trees_come_back_equal),
        cmocka_unit_test(test_numbers_are_short_and_near),
        cmocka_unit_test(test_points_are_exact),
        cmocka_unit_test(test_any_failed_allocation_or_byte_too_many_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
