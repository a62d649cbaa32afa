/* Edited blocks are those of the whole territory built anew. */
#include "support/test.h"

#include "plots/same_edit.h"
#include "plots/scenes.h"
#include "xiwang/edit.h"
#include "xiwang/noder.h"
#include "xiwang/outline.h"
#include "xiwang/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t living_area(const xw_territory *from, xw_territory *to, xw_area a)
{
    const uint32_t first = (uint32_t)to->n_rings;
    for (uint32_t i = 0; i < a.n_rings; i++) {
        const xw_ring r = xw_territory_ring(from, a.first_ring + i);
        assert_int_equal(xw_territory_add_ring(to, r.pts, r.n, NULL), XW_OK);
    }
    return first;
}

static xw_text copy_text(const xw_territory *from, xw_territory *to, xw_text x)
{
    xw_text out;
    assert_int_equal(xw_strings_add(&to->text, xw_territory_text(from, x), &out, NULL), XW_OK);
    return out;
}

static void copy_building(const xw_territory *from, uint32_t b, xw_territory *to)
{
    xw_building v = from->buildings[b];
    v.area.first_ring = living_area(from, to, v.area);
    v.name = copy_text(from, to, v.name);
    v.source = copy_text(from, to, v.source);
    assert_int_equal(xw_territory_add_building(to, &v, NULL, NULL), XW_OK);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t p = *(const uint32_t *)a, q = *(const uint32_t *)b;
    return (p > q) - (p < q);
}

/* The editor's territory as it is now, built whole. */
static void build_again(const xw_editor *e, xw_model *out)
{
    const xw_model *m = xw_editor_model(e);
    xw_territory t = *xw_editor_territory(e);
    xw_building *living = malloc((m->n_buildings + 1) * sizeof *living);
    uint32_t *ix = malloc((m->n_buildings + 1) * sizeof *ix);
    assert_true(living && ix);
    for (uint32_t b = 0; b < m->n_buildings; b++) ix[b] = xw_editor_building(e, b);
    if (m->n_buildings) qsort(ix, m->n_buildings, sizeof *ix, by_number);
    for (uint32_t b = 0; b < m->n_buildings; b++) living[b] = t.buildings[ix[b]];
    t.buildings = living;
    t.n_buildings = m->n_buildings;
    t.addresses = malloc((t.n_addresses + 1) * sizeof *t.addresses);
    assert_non_null(t.addresses);
    for (size_t i = 0; i < t.n_addresses; i++) {
        t.addresses[i] = xw_editor_territory(e)->addresses[i];
        uint32_t *b = &t.addresses[i].building;
        if (*b == XW_NONE) continue;
        const uint32_t *at = bsearch(b, ix, m->n_buildings, sizeof *ix, by_number);
        *b = at ? (uint32_t)(at - ix) : XW_NONE;
    }
    xw_error err;
    if (xw_plots_build(&t, NULL, NULL, out, &err)) fail_msg("%s", err.text);
    free(t.addresses);
    free(living);
    free(ix);
}

typedef struct random_edit {
    uint32_t removed[1];
    xw_territory added;
    xw_edit edit;
} random_edit;

static void add_box(xw_territory *t, xw_rng *r, xw_pt at, int32_t widest)
{
    const int32_t w = 1 + xw_rng_in(r, 0, widest), h = 1 + xw_rng_in(r, 0, widest);
    const int32_t k = xw_rng_in(r, -widest / 6, widest / 6);
    const xw_pt ring[4] = {at, {at.x + w, at.y + k}, {at.x + w, at.y + h + k}, {at.x, at.y + h}};
    xw_building b = {.area = {(uint32_t)t->n_rings, 1}, .floors = 1, .height_m = 3};
    char name[32];
    b.households = (int32_t)xw_rng_below(r, 3);
    (void)snprintf(name, sizeof name, "new/%u", xw_rng_below(r, 1000000));
    assert_int_equal(xw_strings_add(&t->text, name, &b.source, NULL), XW_OK);
    assert_int_equal(xw_territory_add_ring(t, ring, 4, NULL), XW_OK);
    assert_int_equal(xw_territory_add_building(t, &b, NULL, NULL), XW_OK);
}

/* A building goes, comes, goes and comes elsewhere, or is replaced by itself. */
static void make_edit(xw_rng *r, const xw_editor *e, xw_box in, int32_t widest, random_edit *out)
{
    const xw_model *m = xw_editor_model(e);
    *out = (random_edit){0};
    const uint32_t what = xw_rng_below(r, 8);
    if (what != 0 && m->n_buildings > 0) {
        out->removed[0] = xw_rng_below(r, (uint32_t)m->n_buildings);
        out->edit.n_removed = 1;
    }
    if (what == 1 && m->n_buildings > 0) {
        copy_building(xw_editor_territory(e), xw_editor_building(e, out->removed[0]), &out->added);
    } else if (what != 2) {
        const xw_pt at = {xw_rng_in(r, in.min.x, in.max.x), xw_rng_in(r, in.min.y, in.max.y)};
        add_box(&out->added, r, at, widest);
    }
    out->edit.removed = out->removed;
    out->edit.added = &out->added;
}

static bool meet_inside(xw_pt a, xw_pt b, xw_pt c, xw_pt d)
{
    if ((a.x < c.x && a.x < d.x && b.x < c.x && b.x < d.x) ||
        (a.x > c.x && a.x > d.x && b.x > c.x && b.x > d.x) ||
        (a.y < c.y && a.y < d.y && b.y < c.y && b.y < d.y) ||
        (a.y > c.y && a.y > d.y && b.y > c.y && b.y > d.y)) {
        return false;
    }
    const xw_pt p[4] = {c, d, a, b};
    for (int i = 0; i < 4; i++) { /* an end of one in the middle of the other */
        const xw_pt u = i < 2 ? a : c, v = i < 2 ? b : d;
        if (xw_on_segment(u, v, p[i]) && !xw_pt_eq(p[i], u) && !xw_pt_eq(p[i], v)) return true;
    }
    return xw_orient(a, b, c) * xw_orient(a, b, d) < 0 &&
           xw_orient(c, d, a) * xw_orient(c, d, b) < 0;
}

/* No two pieces of edges meet elsewhere than at their ends, and every plot is one connected piece
 * of positive area whose rings close: nothing is uncovered, nothing is covered twice. */
static void assert_coverage(const xw_model *m)
{
    xw_segment *s = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *d = &m->edges[i];
        assert_true(xw_grow((void **)&s, &cap, n + d->n, sizeof *s));
        for (uint32_t k = 1; k < d->n; k++) {
            s[n++] = (xw_segment){m->pts[d->first + k - 1], m->pts[d->first + k], 0};
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            assert_false(meet_inside(s[i].a, s[i].b, s[k].a, s[k].b));
        }
    }
    free(s);
    xw_edge_index ix;
    xw_tracer *t = NULL;
    xw_outline o = {0};
    assert_int_equal(xw_edge_index_create(m, &ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(m, &ix, &t, NULL), XW_OK);
    for (uint32_t p = 0; p < m->n_plots; p++) {
        int outer = 0;
        assert_int_equal(xw_tracer_trace(t, &p, 1, &o, NULL), XW_OK);
        for (size_t i = 0; i < o.n_rings; i++) outer += !o.rings[i].hole;
        assert_int_equal(outer, 1);
        assert_true(m->plots[p].area_m2 > 0.0);
    }
    xw_outline_finish(&o);
    xw_tracer_destroy(t);
    xw_edge_index_finish(&ix);
}

/* The walls of a building are edges of its plot or lie inside it: each wall that was on an edge
 * still is. Here: the vertices of footprints on edges are vertices of these edges. */
static void assert_walls_fit(const xw_model *m)
{
    for (size_t b = 0; b < m->n_buildings; b++) {
        const xw_model_building *v = &m->buildings[b];
        for (uint32_t i = 0; i < v->n_rings; i++) {
            const xw_span s = m->rings[v->first_ring + i];
            for (uint32_t k = 0; k < s.n; k++) {
                const xw_pt p = m->pts[s.first + k], q = m->pts[s.first + (k + 1) % s.n];
                for (size_t e = 0; e < m->n_edges; e++) {
                    const xw_edge *d = &m->edges[e];
                    for (uint32_t j = 1; j < d->n; j++) {
                        assert_false(
                            meet_inside(p, q, m->pts[d->first + j - 1], m->pts[d->first + j]));
                    }
                }
            }
        }
    }
}

/* Plots that do not go are the same afterwards, but for their numbers. */
static void assert_rest_stays(const xw_model *old, const xw_patch *p, const xw_model *new)
{
    size_t at = 0, gone = 0, near = 0;
    assert_int_equal(new->n_plots, old->n_plots - p->n_gone + p->part.n_plots);
    for (uint32_t i = 0; i < old->n_plots; i++) {
        if (gone < p->n_gone && p->gone[gone] == i) {
            gone++;
            continue;
        }
        double area = old->plots[i].area_m2;
        if (near < p->n_neighbours && p->neighbours[near].plot == i) {
            area = p->neighbours[near++].area_m2;
        }
        while (at < new->n_plots && !(xw_pt_eq(new->plots[at].anchor, old->plots[i].anchor) &&
                                      new->plots[at].area_m2 == area)) {
            at++;
        }
        assert_true(at < new->n_plots);
        assert_int_equal(new->plots[at].households, old->plots[i].households);
        assert_int_equal(new->plots[at].kind, old->plots[i].kind);
        assert_int_equal(new->plots[at].n_units, old->plots[i].n_units);
    }
    assert_int_equal(gone, p->n_gone);
    assert_int_equal(near, p->n_neighbours);
}

/* The part by itself: a valid model whose plots all close. */
static void assert_part(const xw_patch *p)
{
    xw_error err;
    if (xw_model_validate(&p->part, &err)) fail_msg("part: %s", err.text);
    xw_edge_index ix;
    xw_tracer *t = NULL;
    xw_outline o = {0};
    assert_int_equal(xw_edge_index_create(&p->part, &ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(&p->part, &ix, &t, NULL), XW_OK);
    for (uint32_t i = 0; i < p->part.n_plots; i++) {
        assert_int_equal(xw_tracer_trace(t, &i, 1, &o, NULL), XW_OK);
    }
    xw_outline_finish(&o);
    xw_tracer_destroy(t);
    xw_edge_index_finish(&ix);
}

typedef struct tally {
    int edits, anchors, lines, whole;
} tally;

/* Patches and applies one edit, and holds the result against the whole build. */
static void edit_and_compare(xw_editor *e, random_edit *edit, tally *t)
{
    xw_patch patch;
    xw_model again;
    xw_error err;
    char text[200];
    if (xw_editor_patch(e, &edit->edit, &patch, &err)) fail_msg("patch: %s", err.text);
    assert_part(&patch);
    xw_model old = {0};
    const xw_model *m = xw_editor_model(e);
    old.n_plots = m->n_plots;
    old.plots = malloc((m->n_plots + 1) * sizeof *old.plots);
    assert_non_null(old.plots);
    if (m->n_plots) memcpy(old.plots, m->plots, m->n_plots * sizeof *old.plots);
    if (xw_editor_apply(e, &edit->edit, &err)) fail_msg("apply: %s", err.text);
    m = xw_editor_model(e);
    if (xw_model_validate(m, &err)) fail_msg("%s", err.text);
    if (!patch.whole) assert_rest_stays(&old, &patch, m);
    t->edits++;
    t->whole += patch.whole;
    free(old.plots);
    xw_patch_finish(&patch);
    build_again(e, &again);
    if (!models_equal(m, &again, text, sizeof text)) {
        if (strstr(text, "anchor")) {
            t->anchors++;
        } else {
            t->lines++;
            print_message("%s\n", text);
        }
        assert_coverage(m);
        assert_walls_fit(m);
    }
    xw_model_finish(&again);
    xw_territory_finish(&edit->added);
}

static const xw_box scene_box = {{1190000000, 262000000}, {1190040000, 262040000}};

static void test_an_editor_starts_with_the_model_of_the_territory(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("edit start");
    for (int round = 0; round < 60; round++) {
        xw_territory t;
        xw_model m;
        xw_editor *e;
        char text[200];
        scene_random(&r, &t);
        assert_int_equal(xw_plots_build(&t, NULL, NULL, &m, NULL), XW_OK);
        assert_int_equal(xw_editor_create(&t, NULL, NULL, &e, NULL), XW_OK);
        if (!models_equal(xw_editor_model(e), &m, text, sizeof text)) fail_msg("%s", text);
        xw_model_finish(&m);
        xw_editor_destroy(e);
        xw_territory_finish(&t);
    }
}

/* The exceptions of edit.h are rare even where roads and footprints cross at random. */
static void test_an_edit_gives_what_the_whole_build_gives(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("edit");
    tally sum = {0};
    for (int round = 0; round < 30; round++) {
        xw_territory t;
        xw_editor *e;
        scene_random(&r, &t);
        assert_int_equal(xw_editor_create(&t, NULL, NULL, &e, NULL), XW_OK);
        for (int k = 0; k < 3; k++) {
            random_edit edit;
            make_edit(&r, e, scene_box, 1800, &edit);
            edit_and_compare(e, &edit, &sum);
        }
        xw_editor_destroy(e);
        xw_territory_finish(&t);
    }
    print_message("%d edits: %d with another anchor, %d with another line, %d whole\n", sum.edits,
                  sum.anchors, sum.lines, sum.whole);
    assert_true(sum.anchors <= sum.edits / 4);
    assert_true(sum.lines <= sum.edits / 40);
    assert_true(sum.whole <= sum.edits / 30);
}

static xw_box territory_box(const xw_territory *t)
{
    xw_box b = XW_BOX_EMPTY;
    for (size_t i = 0; i < t->n_buildings; i++) {
        b = xw_box_join(b, xw_area_box(t, t->buildings[i].area));
    }
    return b;
}

static void test_a_building_replaced_by_itself_changes_nothing(void **state)
{
    (void)state;
    xw_territory t;
    xw_editor *e;
    xw_model first;
    char text[200];
    assert_int_equal(xw_sample_make(&(xw_sample_options){250, 3}, NULL, &t, NULL), XW_OK);
    t.n_addresses = 0; /* those of a building that goes are without one afterwards */
    assert_int_equal(xw_editor_create(&t, NULL, NULL, &e, NULL), XW_OK);
    build_again(e, &first);
    for (uint32_t b = 0; b < first.n_buildings; b++) {
        random_edit edit = {.removed = {b}};
        copy_building(xw_editor_territory(e), xw_editor_building(e, b), &edit.added);
        edit.edit = (xw_edit){edit.removed, 1, &edit.added};
        xw_patch p;
        assert_int_equal(xw_editor_patch(e, &edit.edit, &p, NULL), XW_OK);
        assert_false(p.whole);
        assert_true(p.n_blocks >= 1);
        assert_int_equal(p.part.n_plots, p.n_gone);
        assert_int_equal(p.n_neighbours, 0);
        xw_patch_finish(&p);
        if (b % 16 == 0) {
            assert_int_equal(xw_editor_apply(e, &edit.edit, NULL), XW_OK);
            if (!models_equal(xw_editor_model(e), &first, text, sizeof text)) {
                fail_msg("building %u: %s", b, text);
            }
        }
        xw_territory_finish(&edit.added);
    }
    xw_model_finish(&first);
    xw_editor_destroy(e);
    xw_territory_finish(&t);
}

static void test_a_hundred_edits_of_a_town_stay_exact(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("edit town");
    xw_territory t;
    xw_editor *e;
    tally sum = {0};
    assert_int_equal(xw_sample_make(&(xw_sample_options){300, 5}, NULL, &t, NULL), XW_OK);
    assert_int_equal(xw_editor_create(&t, NULL, NULL, &e, NULL), XW_OK);
    const xw_box box = territory_box(&t);
    for (int k = 0; k < 100; k++) {
        random_edit edit;
        make_edit(&r, e, box, 1800, &edit);
        if (k % 10 == 9) {
            edit_and_compare(e, &edit, &sum);
        } else {
            xw_error err;
            if (xw_editor_apply(e, &edit.edit, &err)) fail_msg("edit %d: %s", k, err.text);
            if (xw_model_validate(xw_editor_model(e), &err)) fail_msg("edit %d: %s", k, err.text);
            xw_territory_finish(&edit.added);
        }
    }
    assert_coverage(xw_editor_model(e));
    xw_editor_destroy(e);
    xw_territory_finish(&t);
}

static void test_wrong_edits_are_refused(void **state)
{
    (void)state;
    xw_rng r = {4};
    xw_territory t, bad;
    xw_editor *e;
    xw_error err;
    xw_patch p;
    do {
        scene_random(&r, &t);
        if (t.n_buildings < 2) xw_territory_finish(&t);
    } while (t.n_buildings < 2);
    assert_int_equal(xw_editor_create(&t, NULL, NULL, &e, NULL), XW_OK);
    const uint32_t twice[2] = {1, 1}, far[1] = {(uint32_t)t.n_buildings};
    assert_int_equal(xw_editor_patch(e, &(xw_edit){twice, 2, NULL}, &p, &err), XW_INPUT);
    assert_string_equal(err.text, "building 1 goes twice");
    assert_int_equal(xw_editor_apply(e, &(xw_edit){far, 1, NULL}, &err), XW_INPUT);
    xw_territory_init(&bad);
    const xw_pt two[2] = {{0, 0}, {1, 1}};
    const xw_building b = {.area = {0, 1}};
    assert_int_equal(xw_territory_add_ring(&bad, two, 2, NULL), XW_OK);
    assert_int_equal(xw_territory_add_building(&bad, &b, NULL, NULL), XW_OK);
    assert_int_equal(xw_editor_patch(e, &(xw_edit){NULL, 0, &bad}, &p, &err), XW_INPUT);
    assert_int_equal(xw_editor_patch(e, &(xw_edit){NULL, 0, NULL}, &p, &err), XW_OK);
    assert_int_equal(p.part.n_plots + p.n_gone + p.n_blocks, 0);
    xw_patch_finish(&p);
    xw_territory_finish(&bad);
    xw_editor_destroy(e);
    xw_territory_finish(&t);
}

static void test_any_failed_allocation_leaves_the_editor_as_it_was(void **state)
{
    (void)state;
    xw_rng r = {12};
    xw_territory t;
    xw_editor *e = NULL;
    xw_model first;
    char text[200];
    scene_random(&r, &t);
    for (int k = 0;; k += 1 + k / 8) {
        fail_alloc_at(k);
        const xw_status st = xw_editor_create(&t, NULL, NULL, &e, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (!failed) break;
        assert_null(e);
    }
    build_again(e, &first);
    random_edit edit;
    do {
        make_edit(&r, e, scene_box, 1800, &edit);
        if (edit.edit.n_removed == 0) xw_territory_finish(&edit.added);
    } while (edit.edit.n_removed == 0);
    for (int k = 0;; k += 1 + k / 16) {
        xw_patch p;
        fail_alloc_at(k);
        const xw_status st = xw_editor_patch(e, &edit.edit, &p, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        xw_patch_finish(&p);
        if (!failed) break;
    }
    for (int k = 0;; k += 1 + k / 16) {
        fail_alloc_at(k);
        const xw_status st = xw_editor_apply(e, &edit.edit, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (!failed) break;
        if (!models_equal(xw_editor_model(e), &first, text, sizeof text)) fail_msg("%s", text);
    }
    xw_model_finish(&first);
    xw_territory_finish(&edit.added);
    xw_editor_destroy(e);
    xw_territory_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_editor_starts_with_the_model_of_the_territory),
        cmocka_unit_test(test_an_edit_gives_what_the_whole_build_gives),
        cmocka_unit_test(test_a_building_replaced_by_itself_changes_nothing),
        cmocka_unit_test(test_a_hundred_edits_of_a_town_stay_exact),
        cmocka_unit_test(test_wrong_edits_are_refused),
        cmocka_unit_test(test_any_failed_allocation_leaves_the_editor_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
