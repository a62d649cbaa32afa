#include "street_map.h"

#include "support/test.h"
#include "support/toy_model.h"

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ADDRESSES = 1000 };

static xw_model map;
static xw_snapshot *snapshot;
static xw_address_index *ix;
static xw_rng rng;
static xw__folded *folds; /* of all addresses */

static int set_up(void **state)
{
    (void)state;
    xw_error err = {XW_OK, ""};
    rng = rng_from_env("address");
    street_map_make(&rng, ADDRESSES, &map);
    snapshot = street_map_snapshot(&map);
    if (xw_address_index_build(&map, NULL, &ix, &err)) fail_msg("%s", err.text);
    folds = malloc(map.n_addresses * sizeof *folds);
    assert_non_null(folds);
    for (size_t i = 0; i < map.n_addresses; i++) {
        const char *text = xw_model_text(&map, map.addresses[i].text);
        xw__fold(text, strlen(text), &folds[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(folds);
    xw_address_index_destroy(ix);
    xw_snapshot_close(snapshot);
    xw_model_finish(&map);
    return 0;
}

static xw_status search(const char *text, xw_address_found *out, xw_error *err)
{
    const xw_address_query q = {.text = text, .n = strlen(text)};
    return xw_address_search(ix, snapshot, &q, out, err);
}

static void fold_of(const char *text, xw__folded *out) { xw__fold(text, strlen(text), out); }

static bool same_fold(const xw__folded *a, const xw__folded *b)
{
    return a->n == b->n && memcmp(a->c, b->c, a->n * sizeof *a->c) == 0;
}

static bool is_text(const xw_address_match *m, const char *text)
{
    xw__folded a, b;
    if (m->address == XW_NONE) return false;
    fold_of(text, &a);
    fold_of(xw_model_text(&map, map.addresses[m->address].text), &b);
    return same_fold(&a, &b);
}

static void test_every_address_is_first_by_its_own_text(void **state)
{
    (void)state;
    xw_error err = {XW_OK, ""};
    for (size_t i = 0; i < map.n_addresses; i++) {
        const char *text = xw_model_text(&map, map.addresses[i].text);
        xw_address_found f;
        if (search(text, &f, &err)) fail_msg("%s: %s", text, err.text);
        if (!is_text(&f.matches[0], text) || f.matches[0].score < 1.0 - 1e-9) {
            fail_msg("%s: first is address %u with %f", text, f.matches[0].address,
                     f.matches[0].score);
        }
    }
}

/* Puts another character for one of the text. */
static bool spoil(const char *text, char *out)
{
    static const char *const others[] = {"山", "q", "7", "3", "东", "x"};
    size_t starts[128], n = 0;
    for (size_t i = 0; text[i] && n < 128; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) starts[n++] = i;
    }
    const size_t at = xw_rng_below(&rng, (uint32_t)n);
    const size_t end = at + 1 < n ? starts[at + 1] : strlen(text);
    const char *c = others[xw_rng_below(&rng, 6)];
    const size_t k = strlen(c);
    memcpy(out, text, starts[at]);
    memcpy(out + starts[at], c, k);
    memcpy(out + starts[at] + k, text + end, strlen(text) - end + 1);
    return strcmp(text, out) != 0;
}

/* Against all addresses compared one by one: with one wrong character an address is among the first
 * five, unless five others are as near to what was written, or that is another address (or a door
 * of one), which is the answer then. */
static void test_with_one_wrong_character_it_is_in_the_first_five(void **state)
{
    (void)state;
    unsigned asked = 0, found = 0, crowded = 0, another = 0;
    for (unsigned round = 0; round < 300; round++) {
        const size_t i = xw_rng_below(&rng, (uint32_t)map.n_addresses);
        const char *text = xw_model_text(&map, map.addresses[i].text);
        char wrong[400];
        if (!spoil(text, wrong)) continue;
        xw__folded q, t;
        fold_of(wrong, &q);
        fold_of(text, &t);
        if (q.n_tokens == q.n_nums) continue; /* 山 for the whole name: nothing is left of it */
        const double mine = xw__compare(&q, &t).score;
        double best = 0.0;
        size_t others = 0;
        for (size_t k = 0; k < map.n_addresses; k++) {
            const double s = xw__compare(&q, &folds[k]).score;
            if (s > best) best = s;
            others += !same_fold(&folds[k], &t) && s >= mine - 1e-9;
        }
        asked++;
        if (others >= 5) {
            crowded++;
            continue;
        }
        xw_address_found f;
        xw_error err = {XW_OK, ""};
        const xw_status st = search(wrong, &f, &err);
        if (best >= 0.95) {
            another++;
            if (st || f.matches[0].score < best - 1e-9) fail_msg("%s is an address", wrong);
            continue;
        }
        bool in = false;
        for (uint32_t k = 0; !st && k < f.n && k < 5; k++) in = in || is_text(&f.matches[k], text);
        if (!in && mine > 0.6)
            fail_msg("%s for %s: not in the first five, score %f", wrong, text, mine);
        found += in;
    }
    print_message(
        "one wrong character: %u asked, %u in the first five, %u with five others as near, "
        "%u another address\n",
        asked, found, crowded, another);
    assert_true(found > asked / 2);
}

/* The first match is the best of all, as far as it is good, with one wrong character. Two of them
 * may spoil both halves of a word, by which it would be found: most are, that is all. */
static void test_what_terms_find_is_the_best_of_all(void **state)
{
    (void)state;
    unsigned good = 0, missed = 0;
    for (unsigned round = 0; round < 200; round++) {
        char once[400], twice[400];
        const size_t i = xw_rng_below(&rng, (uint32_t)map.n_addresses);
        const char *text = xw_model_text(&map, map.addresses[i].text);
        (void)spoil(text, once);
        (void)spoil(once, twice);
        const char *asked = round % 2 ? once : twice;
        double best = 0.0;
        xw__folded q;
        fold_of(asked, &q);
        for (size_t k = 0; k < map.n_addresses; k++) {
            const double s = xw__compare(&q, &folds[k]).score;
            if (s > best) best = s;
        }
        xw_address_found f;
        const xw_status st = search(asked, &f, NULL);
        const double got = st ? 0.0 : f.matches[0].score;
        if (best <= 0.75) continue;
        good++;
        if (got >= best - 1e-9) continue;
        if (asked == once) fail_msg("%s: %f, but the best is %f", asked, got, best);
        missed++;
    }
    print_message("%u good ones, %u with two wrong characters missed\n", good, missed);
    assert_true(good > 50);
    assert_true(missed * 10 < good);
}

static void test_bad_texts_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {{"", "is empty"},
                 {"  \xE3\x80\x80 ", "is empty"},
                 {"和平\n路", "U+000A at byte 7"},
                 {"a\x7F", "U+007F at byte 2"},
                 {"a\xC2\x85", "U+0085"},
                 {"和\xE5\x92", "no UTF-8 at byte 4"},
                 {"\xED\xA0\x80", "no UTF-8 at byte 1"},
                 {"\xC0\x80", "no UTF-8 at byte 1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_address_found f;
        xw_error err = {XW_OK, ""};
        assert_int_equal(search(cases[i].text, &f, &err), XW_INPUT);
        assert_non_null(strstr(err.text, cases[i].says));
    }
    char longer[XW_ADDRESS_BYTES_MAX + 2];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    xw_address_found f;
    xw_error err = {XW_OK, ""};
    assert_int_equal(search(longer, &f, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "256 bytes"));
    assert_int_equal(search("!!! ???", &f, &err), XW_NOT_FOUND);
    assert_int_equal(search("\" OR a MATCH '* NEAR(", &f, &err), XW_NOT_FOUND);
}

/* Equal texts at two places: nobody is named, until a coordinate or a division chooses. */
static void test_equal_addresses_are_ambiguous_until_something_chooses(void **state)
{
    (void)state;
    xw_model m;
    assert_true(toy_model_make(&m));
    const xw_pt places[2] = {m.plots[0].anchor, m.plots[m.n_plots - 1].anchor};
    for (int k = 0; k < 2; k++) {
        xw_address *a = XW_MODEL_ADD(&m, addresses);
        assert_non_null(a);
        *a = (xw_address){.at = places[k], .building = XW_NONE};
        assert_int_equal(xw_strings_add(&m.text, "解放街5号", &a->text, NULL), XW_OK);
    }
    xw_snapshot *s = street_map_snapshot(&m);
    xw_address_index *two = NULL;
    assert_int_equal(xw_address_index_build(&m, NULL, &two, NULL), XW_OK);

    const char *text = "解放街五号";
    xw_address_query q = {.text = text, .n = strlen(text)};
    xw_address_found f;
    assert_int_equal(xw_address_search(two, s, &q, &f, NULL), XW_OK);
    assert_int_equal(f.choice, XW_ADDRESS_AMBIGUOUS);
    assert_int_equal(f.n, 2);
    for (int k = 0; k < 2; k++) {
        q.has_near = true;
        q.near = places[k];
        assert_int_equal(xw_address_search(two, s, &q, &f, NULL), XW_OK);
        assert_int_equal(f.choice, XW_ADDRESS_BY_NEAR);
        assert_true(xw_pt_eq(f.matches[0].at, places[k]));
    }
    q = (xw_address_query){.text = "5号", .n = strlen("5号"), .has_near = true, .near = places[0]};
    assert_int_equal(xw_address_search(two, s, &q, &f, NULL), XW_OK);
    assert_true(xw_pt_eq(f.matches[0].at, places[0]));
    for (int k = 0; k < 2; k++) {
        const xw_plot *p = &m.plots[k ? m.n_plots - 1 : 0];
        char with[120];
        (void)snprintf(with, sizeof with, "%s%s", xw_model_text(&m, m.divisions[p->division].name),
                       text);
        q = (xw_address_query){.text = with, .n = strlen(with)};
        assert_int_equal(xw_address_search(two, s, &q, &f, NULL), XW_OK);
        if (f.choice != XW_ADDRESS_CLEAR) fail_msg("%s is ambiguous", with);
        assert_true(xw_pt_eq(f.matches[0].at, places[k]));
    }
    xw_address_index_destroy(two);
    xw_snapshot_close(s);
    xw_model_finish(&m);
}

static void test_an_address_in_a_tower_has_the_team_of_its_floor(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int floor; /* 0: none */
    } cases[] = {{"和平路12号", 0},        {"和平路12号1层", 1},      {"和平路12号301室", 3},
                 {"和平路12号三楼302", 3}, {"和平路12号2单元201", 2}, {"和平路12号901", 0}};
    uint32_t teams[4] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xw_address_found f;
        xw_error err = {XW_OK, ""};
        xw_answer a;
        if (search(cases[i].text, &f, &err)) fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(f.choice, XW_ADDRESS_CLEAR);
        assert_int_equal(f.matches[0].has_floor, cases[i].floor != 0);
        const xw_query q = {0};
        assert_int_equal(xw_address_answer(snapshot, &f.matches[0], &q, &a, NULL), XW_OK);
        assert_int_equal(a.rule, XW_RULE_ADDRESS);
        assert_int_equal(a.n_candidates, cases[i].floor ? 1 : 2);
        if (cases[i].floor == 0) continue;
        assert_int_equal(f.matches[0].floor, cases[i].floor);
        assert_int_equal(f.matches[0].grid, a.grid);
        teams[cases[i].floor] = a.grid;
    }
    assert_int_equal(teams[1], teams[2]);
    assert_int_not_equal(teams[1], teams[3]);
}

/* An address may lie beyond the grids: it is found, and nobody is named for it but the nearest. */
static void test_an_address_outside_says_so(void **state)
{
    (void)state;
    xw_model m;
    assert_true(toy_model_make(&m));
    xw_address *far = XW_MODEL_ADD(&m, addresses);
    assert_non_null(far);
    *far = (xw_address){.at = {TOY_X - 2000, TOY_Y + 1500}, .building = XW_NONE};
    assert_int_equal(xw_strings_add(&m.text, "远方路1号", &far->text, NULL), XW_OK);
    xw_snapshot *s = street_map_snapshot(&m);
    xw_address_index *one = NULL;
    assert_int_equal(xw_address_index_build(&m, NULL, &one, NULL), XW_OK);

    xw_address_found f;
    xw_answer a;
    bool used, named;
    xw_query q = {0};
    assert_int_equal(xw_address_locate(one, s, "远方路1号", strlen("远方路1号"), &q, false, &f,
                                       &used, &named, &a, NULL),
                     XW_OK);
    assert_true(used && named && f.matches[0].plot == XW_NONE && f.matches[0].grid == XW_NONE);
    assert_int_equal(a.rule, XW_RULE_OUTSIDE);
    assert_int_equal(a.grid, XW_NONE);
    q.nearest_m = 100.0;
    assert_int_equal(xw_address_answer(s, &f.matches[0], &q, &a, NULL), XW_OK);
    assert_int_equal(a.rule, XW_RULE_NEAREST);
    assert_int_not_equal(a.grid, XW_NONE);
    xw_buf out;
    xw_buf_init(&out, 1 << 16);
    xw_json j = xw_json_on(&out);
    xw_address_match_json(s, &f.matches[0], false, &j);
    assert_non_null(strstr(out.data,
                           "\"building_id\":null,\"units\":[],\"floor\":null,\"division\":null,"
                           "\"levels\":{}}"));
    xw_buf_finish(&out);
    xw_address_index_destroy(one);
    xw_snapshot_close(s);
    xw_model_finish(&m);
}

static void test_a_saved_index_is_the_same_and_a_damaged_one_is_refused(void **state)
{
    (void)state;
    char path[64];
    xw_address_index *again = NULL;
    xw_error err = {XW_OK, ""};
    (void)snprintf(path, sizeof path, "/tmp/xw-address-%ld.index", (long)getpid());
    const uint64_t key = xw_address_key(&map);
    assert_int_equal(xw_address_index_open(path, key, &again, &err), XW_NOT_FOUND);
    assert_int_equal(xw_address_index_save(ix, path, &err), XW_OK);
    assert_int_equal(xw_address_index_open(path, key + 1, &again, &err), XW_CONFLICT);
    assert_int_equal(xw_address_index_open(path, key, &again, &err), XW_OK);
    assert_int_equal(again->size, ix->size);
    assert_memory_equal(again->bytes, ix->bytes, ix->size);
    const xw_address_query q = {.text = "和平路12号", .n = strlen("和平路12号")};
    xw_address_found f;
    assert_int_equal(xw_address_search(again, snapshot, &q, &f, &err), XW_OK);
    assert_true(is_text(&f.matches[0], "和平路12号"));
    xw_address_index_destroy(again);

    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 4096 + 100, SEEK_SET), 0);
    const int was = fgetc(file);
    assert_int_equal(fseek(file, 4096 + 100, SEEK_SET), 0);
    assert_int_equal(fputc(was ^ 1, file), was ^ 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(xw_address_index_open(path, key, &again, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "damaged"));
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(xw_address_index_open(path, key, &again, &err), XW_INPUT);
    (void)unlink(path);
    assert_int_equal(xw_address_index_save(ix, "/nowhere/at/all", &err), XW_IO);
}

static void test_equal_maps_give_equal_bytes(void **state)
{
    (void)state;
    xw_address_index *again = NULL;
    assert_int_equal(xw_address_index_build(&map, NULL, &again, NULL), XW_OK);
    assert_int_equal(again->size, ix->size);
    assert_memory_equal(again->bytes, ix->bytes, ix->size);
    xw_address_index_destroy(again);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    xw_model m;
    assert_true(toy_model_make(&m));
    for (int n = 0;; n++) {
        xw_address_index *one = NULL;
        fail_alloc_at(n);
        const xw_status st = xw_address_index_build(&m, NULL, &one, NULL);
        const bool failed = fail_alloc_stop();
        xw_address_index_destroy(one);
        if (!failed) {
            assert_int_equal(st, XW_OK);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
        assert_null(one);
    }
    for (int n = 0;; n++) {
        xw_address_found f;
        const xw_address_query q = {.text = "和苹路13号", .n = strlen("和苹路13号")};
        fail_alloc_at(n);
        const xw_status st = xw_address_search(ix, snapshot, &q, &f, NULL);
        if (!fail_alloc_stop()) {
            assert_int_equal(st, XW_OK);
            break;
        }
        assert_int_equal(st, XW_NOMEM);
    }
    xw_model_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_address_is_first_by_its_own_text),
        cmocka_unit_test(test_with_one_wrong_character_it_is_in_the_first_five),
        cmocka_unit_test(test_what_terms_find_is_the_best_of_all),
        cmocka_unit_test(test_bad_texts_are_refused_by_name),
        cmocka_unit_test(test_equal_addresses_are_ambiguous_until_something_chooses),
        cmocka_unit_test(test_an_address_in_a_tower_has_the_team_of_its_floor),
        cmocka_unit_test(test_an_address_outside_says_so),
        cmocka_unit_test(test_a_saved_index_is_the_same_and_a_damaged_one_is_refused),
        cmocka_unit_test(test_equal_maps_give_equal_bytes),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
