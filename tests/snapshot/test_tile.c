#include "xiwang/tile.h"

#include "snapshot/tile_scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- labels ---- */

static void test_each_label_is_in_exactly_one_tile(void **state)
{
    (void)state;
    for (unsigned z = 8; z <= 17; z++) {
        scene_frame(&town, z);
        uint32_t n[3] = {0}, n_divisions = 0;
        static uint8_t seen[8192];
        memset(seen, 0, sizeof seen);
        for (uint32_t x = town.x0 - 1; x <= town.x1 + 1; x++) {
            for (uint32_t y = town.y0 - 1; y <= town.y1 + 1; y++) {
                mvt_tile t = scene_draw(&town, z, x, y);
                static const char *const names[] = {"zones_label", "sections_label", "teams_label"};
                for (int l = 0; l < 3; l++) {
                    const mvt_layer *labels = mvt_find(&t, names[l]);
                    for (size_t i = 0; labels && i < labels->n_features; i++) {
                        const mvt_feature *f = &labels->features[i];
                        const int32_t *p = f->paths[0].pts[0];
                        assert_int_equal(f->type, 1);
                        assert_in_range(p[0], 0, XW_TILE_EXTENT - 1);
                        assert_in_range(p[1], 0, XW_TILE_EXTENT - 1);
                        assert_int_equal(seen[f->id]++, 0);
                        assert_string_equal(mvt_text(labels, f, "code"),
                                            xw_model_text(&town.m, town.m.grids[f->id - 1].code));
                        n[l]++;
                    }
                }
                const mvt_layer *d = mvt_find(&t, "divisions_label");
                n_divisions += d ? (uint32_t)d->n_features : 0;
                mvt_free(&t);
            }
        }
        assert_int_equal(n[0], 16);
        assert_int_equal(n[1], z >= 12 ? 256 : 0);
        assert_int_equal(n[2], z >= 14 ? 1024 : 0);
        assert_int_equal(n_divisions, z <= 15 ? 3 : 0);
    }
}

/* ---- what a tile says ---- */

static mvt_tile toy_tile(unsigned z)
{
    uint32_t x, y;
    xw_tile_of(z, (xw_pt){TOY_X + TOY_STEP * 3 / 2, TOY_Y + TOY_STEP * 5 / 2}, &x, &y);
    return scene_draw(&toy, z, x, y);
}

static const mvt_feature *with_code(const mvt_layer *l, const char *code)
{
    for (size_t i = 0; l && i < l->n_features; i++) {
        if (strcmp(mvt_text(l, &l->features[i], "code"), code) == 0) return &l->features[i];
    }
    fail_msg("no %s", code);
    return NULL;
}

static void test_layers_come_in_at_their_zooms(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned from, to;
    } layers[] = {{"divisions", 8, 18},       {"zones", 8, 18},        {"sections", 11, 18},
                  {"teams", 13, 18},          {"plots", 16, 18},       {"water", 10, 18},
                  {"barriers", 8, 18},        {"buildings", 13, 18},   {"zones_label", 8, 18},
                  {"sections_label", 12, 18}, {"teams_label", 14, 18}, {"divisions_label", 8, 15}};
    for (unsigned z = 8; z <= 16; z++) {
        scene_frame(&toy, z);
        bool seen[12] = {false};
        for (uint32_t x = toy.x0; x <= toy.x1; x++) {
            for (uint32_t y = toy.y0; y <= toy.y1; y++) {
                mvt_tile t = scene_draw(&toy, z, x, y);
                for (size_t i = 0; i < t.n_layers; i++) {
                    size_t k = 0;
                    while (k < 12 && strcmp(layers[k].name, t.layers[i].name) != 0) k++;
                    assert_true(k < 12);
                    assert_true(z >= layers[k].from && z <= layers[k].to);
                    seen[k] = true;
                }
                mvt_free(&t);
            }
        }
        for (size_t k = 0; k < 12; k++) {
            /* What is smaller than a unit or two may be missing where it comes in. */
            const bool must =
                z >= 12 && z >= layers[k].from && z <= layers[k].to && (k != 5 || z >= 14);
            if (must && !seen[k]) fail_msg("zoom %u has no %s", z, layers[k].name);
        }
    }
}

static void test_a_tower_is_cut_into_slices(void **state)
{
    (void)state;
    mvt_tile t = toy_tile(16);
    const mvt_layer *teams = mvt_find(&t, "teams");
    assert_non_null(teams);
    const mvt_feature *low = with_code(teams, "9991010010010010201");
    const mvt_feature *high = with_code(teams, "9991010010010010202");
    assert_int_equal(low->id, 8); /* index + 1 */
    assert_int_equal(mvt_number(teams, low, "floor_min"), 1);
    assert_int_equal(mvt_number(teams, low, "floor_max"), 2);
    assert_true(mvt_number(teams, low, "base_m") == 0);
    assert_true(fabs(mvt_number(teams, low, "height_m") - 6.2) < 1e-5);
    assert_true(fabs(mvt_number(teams, high, "base_m") - 6.2) < 1e-5);
    assert_int_equal(low->paths[0].n, high->paths[0].n);
    assert_memory_equal(low->paths[0].pts, high->paths[0].pts, low->paths[0].n * 8);
    const mvt_feature *plain = with_code(teams, "9991010010010010102");
    assert_null(mvt_get(teams, plain, "floor_min"));
    assert_string_equal(mvt_text(teams, plain, "name"), "和平村1区1片2队");
    assert_string_equal(mvt_text(teams, plain, "level"), "team");
    assert_string_equal(mvt_text(teams, plain, "kind"), "basic");
    assert_string_equal(mvt_text(teams, plain, "parent_code"), "99910100100100101");
    assert_int_equal(mvt_number(teams, plain, "households"), 9);
    assert_int_equal(plain->n_paths, 1); /* the pond belongs to the same team: no hole */

    const mvt_layer *b = mvt_find(&t, "buildings");
    int n_slices = 0;
    for (size_t i = 0; i < b->n_features; i++) {
        const mvt_feature *f = &b->features[i];
        if (strcmp(mvt_text(b, f, "name"), "和平大厦") != 0) continue;
        const bool upper = strcmp(mvt_text(b, f, "team_code"), "9991010010010010202") == 0;
        assert_true(fabs(mvt_number(b, f, "min_height") - (upper ? 6.2 : 0)) < 1e-5);
        assert_true(fabs(mvt_number(b, f, "height") - (upper ? 9.3 : 6.2)) < 1e-5);
        assert_int_equal(mvt_number(b, f, "households"), upper ? 4 : 8);
        assert_int_equal(mvt_number(b, f, "floor_max"), upper ? 3 : 2);
        assert_int_equal(mvt_number(b, f, "building_id"), 4);
        n_slices++;
    }
    assert_int_equal(n_slices, 2);
    mvt_free(&t);
}

/* "2队" of "和平村1区1片2队": what follows the name of the section. */
static void test_labels_have_a_short_name(void **state)
{
    (void)state;
    mvt_tile t = toy_tile(14);
    const mvt_layer *l = mvt_find(&t, "teams_label");
    assert_non_null(l);
    for (size_t i = 0; i < l->n_features; i++) {
        const char *name = mvt_text(l, &l->features[i], "name");
        const char *brief = mvt_text(l, &l->features[i], "short");
        assert_true(strlen(brief) > 0 && strlen(brief) <= strlen(name));
        assert_string_equal(name + strlen(name) - strlen(brief), brief);
    }
    const mvt_feature *plain = with_code(l, "9991010010010010102");
    assert_string_equal(mvt_text(l, plain, "name"), "和平村1区1片2队");
    assert_string_equal(mvt_text(l, plain, "short"), "2队");
    mvt_free(&t);
}

static void test_holes_stay_holes(void **state)
{
    (void)state;
    uint32_t x, y;
    xw_tile_of(17, (xw_pt){TOY_X + TOY_STEP * 3 / 2, TOY_Y + TOY_STEP * 3 / 2}, &x, &y);
    mvt_tile t = scene_draw(&toy, 17, x, y);
    const mvt_layer *plots = mvt_find(&t, "plots"), *water = mvt_find(&t, "water");
    size_t n_holes = 0;
    int64_t hole = 0;
    for (size_t i = 0; i < plots->n_features; i++) {
        const mvt_feature *f = &plots->features[i];
        for (size_t k = 0; k < f->n_paths; k++) {
            if (f->paths[k].area2 > 0) continue;
            assert_string_equal(mvt_text(plots, f, "kind"), "open");
            hole = f->paths[k].area2;
            n_holes++;
        }
    }
    assert_int_equal(n_holes, 1);
    assert_int_equal(water->n_features, 1);
    assert_string_equal(mvt_text(water, &water->features[0], "name"), "月亮塘");
    assert_int_equal(water->features[0].paths[0].area2, -hole);
    mvt_free(&t);
}

static void test_a_tile_in_a_hole_has_nothing_of_what_is_around(void **state)
{
    (void)state;
    scene lake;
    assert_true(toy_model_make(&lake.m));
    for (size_t i = 0; i < lake.m.n_edges; i++) { /* the pond grows to a square of 26 m */
        const xw_edge *e = &lake.m.edges[i];
        if (e->basis != XW_BASIS_WATER) continue;
        static const int32_t way[5][2] = {{-1, -1}, {-1, 1}, {1, 1}, {1, -1}, {-1, -1}};
        assert_int_equal(e->n, 5);
        for (int k = 0; k < 5; k++) {
            lake.m.pts[e->first + (uint32_t)k] =
                (xw_pt){TOY_X + TOY_STEP * 3 / 2 + way[k][0] * 1300,
                        TOY_Y + TOY_STEP * 3 / 2 + way[k][1] * 1300};
        }
    }
    scene_open(&lake, "lake");
    uint32_t x, y;
    xw_tile_of(22, (xw_pt){TOY_X + TOY_STEP * 3 / 2, TOY_Y + TOY_STEP * 3 / 2}, &x, &y);
    mvt_tile t = scene_draw(&lake, 22, x, y);
    const mvt_layer *plots = mvt_find(&t, "plots"), *teams = mvt_find(&t, "teams");
    assert_int_equal(plots->n_features, 1);
    assert_string_equal(mvt_text(plots, &plots->features[0], "kind"), "water");
    assert_int_equal(teams->n_features, 1);
    mvt_free(&t);
    xw_snapshot_close(lake.s);
    xw_model_finish(&lake.m);
}

static void test_barriers_say_what_they_are(void **state)
{
    (void)state;
    mvt_tile t = toy_tile(14);
    const mvt_layer *l = mvt_find(&t, "barriers");
    assert_non_null(l);
    bool seen_road = false, seen_river = false;
    for (size_t i = 0; i < l->n_features; i++) {
        const mvt_feature *f = &l->features[i];
        assert_int_equal(f->type, 2);
        const bool river = strcmp(mvt_text(l, f, "class"), "river") == 0;
        assert_string_equal(mvt_text(l, f, "name"), river ? "清水河" : "和平路");
        assert_string_equal(mvt_text(l, f, "basis"), river ? "water" : "road");
        assert_null(mvt_get(l, f, "bridge"));
        seen_river = seen_river || river;
        seen_road = seen_road || !river;
    }
    assert_true(seen_road && seen_river);
    mvt_free(&t);
}

static void test_the_layers_of_tilejson_are_those_of_the_tiles(void **state)
{
    (void)state;
    xw_buf b;
    xw_buf_init(&b, 1 << 20);
    xw_tile_layers_json(&toy.m, &b);
    assert_false(b.failed);
    for (unsigned z = 8; z <= 17; z++) {
        mvt_tile t = toy_tile(z);
        for (size_t i = 0; i < t.n_layers; i++) {
            const mvt_layer *l = &t.layers[i];
            char id[96];
            (void)snprintf(id, sizeof id, "{\"id\":\"%s\",", l->name);
            const char *at = strstr(b.data, id);
            assert_non_null(at);
            const char *end = strstr(at, "}}");
            assert_non_null(end);
            for (size_t k = 0; k < l->n_keys; k++) {
                char key[96];
                (void)snprintf(key, sizeof key, "\"%s\":", l->keys[k]);
                const char *field = strstr(strstr(at, "\"fields\""), key);
                if (!field || field > end) fail_msg("%s has no field %s", l->name, l->keys[k]);
            }
        }
        mvt_free(&t);
    }
    xw_buf_finish(&b);
}

static void test_equal_tiles_have_equal_bytes(void **state)
{
    (void)state;
    scene_frame(&town, 15);
    xw_buf a, b;
    xw_buf_init(&a, 1 << 24);
    xw_buf_init(&b, 1 << 24);
    assert_int_equal(xw_tile_draw(town.s, 15, town.x0, town.y0, &a, NULL), XW_OK);
    assert_int_equal(xw_tile_draw(town.s, 14, town.x0 / 2, town.y0 / 2, &b, NULL), XW_OK);
    xw_buf_clear(&b);
    assert_int_equal(xw_tile_draw(town.s, 15, town.x0, town.y0, &b, NULL), XW_OK);
    assert_true(a.n > 1000);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.data, b.data, a.n);
    xw_buf_finish(&a);
    xw_buf_finish(&b);
}

static void test_empty_wrong_and_too_big_tiles(void **state)
{
    (void)state;
    xw_buf b;
    xw_error err;
    xw_buf_init(&b, 1 << 20);
    xw_buf_text(&b, "before");
    assert_int_equal(xw_tile_draw(town.s, 14, 0, 0, &b, &err), XW_OK);
    assert_int_equal(b.n, 6); /* nothing there: nothing added */
    assert_int_equal(xw_tile_draw(town.s, 23, 0, 0, &b, &err), XW_INPUT);
    assert_int_equal(xw_tile_draw(town.s, 3, 8, 0, &b, &err), XW_INPUT);
    assert_non_null(strstr(err.text, "3/8/0"));
    assert_int_equal(xw_tile_draw(town.s, 3, 0, 8, &b, &err), XW_INPUT);
    xw_buf small;
    xw_buf_init(&small, 5000);
    scene_frame(&town, 13);
    assert_int_equal(xw_tile_draw(town.s, 13, town.x0, town.y0, &small, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "5000"));
    xw_buf_finish(&small);
    xw_buf_finish(&b);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    scene_frame(&toy, 14);
    int n_hits = 0;
    for (int n = 0;; n++, n_hits++) {
        xw_buf b;
        xw_buf_init(&b, 1 << 20);
        fail_alloc_at(n);
        const xw_status st = xw_tile_draw(toy.s, 14, toy.x0, toy.y0, &b, NULL);
        const bool hit = fail_alloc_stop();
        xw_buf_finish(&b);
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (!hit) break;
    }
    assert_true(n_hits > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_label_is_in_exactly_one_tile),
        cmocka_unit_test(test_layers_come_in_at_their_zooms),
        cmocka_unit_test(test_a_tower_is_cut_into_slices),
        cmocka_unit_test(test_labels_have_a_short_name),
        cmocka_unit_test(test_holes_stay_holes),
        cmocka_unit_test(test_a_tile_in_a_hole_has_nothing_of_what_is_around),
        cmocka_unit_test(test_barriers_say_what_they_are),
        cmocka_unit_test(test_the_layers_of_tilejson_are_those_of_the_tiles),
        cmocka_unit_test(test_equal_tiles_have_equal_bytes),
        cmocka_unit_test(test_empty_wrong_and_too_big_tiles),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, scenes_set_up, scenes_tear_down);
}
