/* The input kept beside a store comes back as it was, or is refused. */
#include "xiwang/input.h"

#include "store/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static xw_text text(xw_territory *t, const char *s)
{
    xw_text x;
    assert_int_equal(xw_strings_add(&t->text, s, &x, NULL), XW_OK);
    return x;
}

static xw_area add_area(xw_territory *t, xw_rng *r)
{
    const xw_area a = {(uint32_t)t->n_rings, 1 + xw_rng_below(r, 3)};
    for (uint32_t i = 0; i < a.n_rings; i++) {
        xw_pt pts[9];
        const uint32_t n = 3 + xw_rng_below(r, 7);
        for (uint32_t k = 0; k < n; k++) {
            pts[k] = (xw_pt){xw_rng_in(r, -XW_LON_MAX, XW_LON_MAX),
                             xw_rng_in(r, -XW_LAT_MAX, XW_LAT_MAX)};
        }
        assert_int_equal(xw_territory_add_ring(t, pts, n, NULL), XW_OK);
    }
    return a;
}

/* Something of everything; a seed without anything is a territory, too. */
static void draw(xw_territory *t, uint64_t seed)
{
    xw_rng r = {seed};
    xw_territory_init(t);
    const uint32_t n = seed % 5 == 0 ? 0 : 1 + xw_rng_below(&r, 40);
    for (uint32_t i = 0; i < n; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "名 %u", xw_rng_below(&r, 20));
        const xw_text x = text(t, name), y = text(t, i % 3 ? "way/1" : "");
        const xw_pt line[2] = {{(int32_t)i, -5}, {7, (int32_t)i}};
        xw_barrier w = {.n = 2, .name = x, .source = y, .cls = XW_CLASS_RIVER, .flags = 5};
        assert_int_equal(xw_territory_add_pts(t, line, 2, &w.first, NULL), XW_OK);
        const xw_building b = {add_area(t, &r), x, y, (int32_t)i, 3, XW_USE_FLATS, 1, 9.5F};
        const xw_water v = {add_area(t, &r), x, y};
        const xw_exclusive e = {add_area(t, &r), y, x, x, y};
        const xw_division d = {add_area(t, &r), x, x, y, y, x, x};
        const xw_address a = {{1, 2}, x, y, y, x, i % 2 ? XW_NONE : 0};
        assert_int_equal(xw_territory_add_barrier(t, &w, NULL), XW_OK);
        assert_int_equal(xw_territory_add_building(t, &b, NULL, NULL), XW_OK);
        assert_int_equal(xw_territory_add_water(t, &v, NULL), XW_OK);
        assert_int_equal(xw_territory_add_exclusive(t, &e, NULL), XW_OK);
        assert_int_equal(xw_territory_add_division(t, &d, NULL), XW_OK);
        assert_int_equal(xw_territory_add_address(t, &a, NULL), XW_OK);
        assert_int_equal(
            xw_territory_find(t, "building-empty", "buildings", "s", a.at, NULL, "no %u", i),
            XW_OK);
        t->name = x;
    }
}

#define SAME(name)                              \
    assert_int_equal(a->n_##name, b->n_##name); \
    if (a->n_##name) assert_memory_equal(a->name, b->name, a->n_##name * sizeof *a->name)

static void assert_same(const xw_territory *a, const xw_territory *b)
{
    assert_int_equal(a->text.n, b->text.n);
    if (a->text.n) assert_memory_equal(a->text.bytes, b->text.bytes, a->text.n);
    SAME(pts);
    SAME(rings);
    SAME(buildings);
    SAME(waters);
    SAME(exclusives);
    SAME(divisions);
    SAME(addresses);
    SAME(findings);
    assert_int_equal(a->n_barriers, b->n_barriers);
    for (size_t i = 0; i < a->n_barriers; i++) {
        const xw_barrier *p = &a->barriers[i], *q = &b->barriers[i];
        assert_true(p->first == q->first && p->n == q->n && p->name == q->name);
        assert_true(p->source == q->source && p->cls == q->cls && p->flags == q->flags);
    }
    assert_int_equal(a->name, b->name);
}

static xw_input_rules rules_of(uint64_t seed)
{
    xw_input_rules r = {.plots = {.slice_households = (uint32_t)seed, .reach_m = 70.5}};
    r.priced = 6;
    r.cost[1] = 0.25F;
    return r;
}

static void test_what_was_written_comes_back(void **state)
{
    place *p = *state;
    xw_rng r = rng_from_env("input");
    for (int i = 0; i < 30; i++) {
        const uint64_t seed = xw_rng_next(&r);
        xw_territory t, got;
        xw_input_rules rules;
        const xw_input_rules given = rules_of(seed);
        draw(&t, seed);
        assert_int_equal(xw_input_write(&t, &given, seed, p->path, NULL), XW_OK);
        if (xw_input_read(p->path, seed, &got, &rules, &p->err)) fail_msg("%s", p->err.text);
        assert_same(&t, &got);
        assert_int_equal(rules.plots.slice_households, given.plots.slice_households);
        assert_true(rules.plots.reach_m > 70 && rules.plots.reach_m < 71);
        assert_int_equal(rules.priced, given.priced);
        assert_memory_equal(rules.cost, given.cost, sizeof rules.cost);
        xw_text again; /* the pool goes on, and still keeps a text once */
        if (t.text.n > 1) {
            const char *first = xw_territory_text(&got, 1);
            assert_int_equal(xw_strings_add(&got.text, first, &again, NULL), XW_OK);
            assert_int_equal(again, 1);
        }
        xw_territory_finish(&t);
        xw_territory_finish(&got);
    }
}

static void test_damage_and_strangers_are_refused(void **state)
{
    place *p = *state;
    xw_territory t, got;
    xw_input_rules rules = rules_of(1);
    size_t n;
    draw(&t, 1);
    assert_int_equal(xw_input_read(p->path, 1, &got, &rules, &p->err), XW_NOT_FOUND);
    assert_int_equal(xw_input_write(&t, &rules, 1, p->path, NULL), XW_OK);
    assert_int_equal(xw_input_read(p->path, 2, &got, &rules, &p->err), XW_INPUT);
    assert_non_null(strstr(p->err.text, "another revision"));
    char *bytes = file_bytes(p->path, &n);
    for (size_t cut = 0; cut < n; cut += 1 + cut / 7) {
        file_put(p->path, bytes, cut);
        assert_int_equal(xw_input_read(p->path, 1, &got, &rules, &p->err), XW_INPUT);
    }
    for (size_t at = 0; at < n; at += 1 + n / 300) {
        bytes[at] ^= 16;
        file_put(p->path, bytes, n);
        assert_int_equal(xw_input_read(p->path, 1, &got, &rules, &p->err), XW_INPUT);
        bytes[at] ^= 16;
    }
    free(bytes);
    /* A file that is whole, of a territory that is none. */
    t.addresses[0].building = (uint32_t)t.n_buildings;
    assert_int_equal(xw_input_write(&t, &rules, 1, p->path, NULL), XW_OK);
    assert_int_equal(xw_input_read(p->path, 1, &got, &rules, &p->err), XW_INPUT);
    t.addresses[0].building = XW_NONE;
    t.buildings[0].area.first_ring = (uint32_t)t.n_rings;
    assert_int_equal(xw_input_write(&t, &rules, 1, p->path, NULL), XW_OK);
    assert_int_equal(xw_input_read(p->path, 1, &got, &rules, &p->err), XW_INPUT);
    xw_territory_finish(&t);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    place *p = *state;
    xw_territory t, got;
    xw_input_rules rules = rules_of(1);
    draw(&t, 1);
    for (int n = 0;; n++) {
        fail_alloc_at(n);
        xw_status st = xw_input_write(&t, &rules, 1, p->path, NULL);
        if (!st) st = xw_input_read(p->path, 1, &got, &rules, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (failed) continue;
        xw_territory_finish(&got);
        break;
    }
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_what_was_written_comes_back),
        PLACE_TEST(test_damage_and_strangers_are_refused),
        PLACE_TEST(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
