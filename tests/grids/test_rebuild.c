#include "xiwang/rebuild.h"

#include "support/block_town.h"
#include "support/same_model.h"
#include "support/test.h"
#include "xiwang/check.h"
#include "xiwang/exclusive.h"

#include <stdlib.h>
#include <string.h>

/* --- towns that change: drawn again, and all changes so far are made ----------------------- */

typedef enum change_kind {
    CHANGE_HOUSEHOLDS, /* a building has another number */
    CHANGE_NEW,        /* a house on open land */
    CHANGE_GONE,       /* a building becomes open land */
    CHANGE_RIVER,      /* an edge becomes a barrier that nothing crosses */
    CHANGE_BRIDGE,     /* and may be crossed again */
    CHANGE_KINDS
} change_kind;

typedef struct change {
    change_kind kind;
    uint32_t at, value;
} change;

typedef struct story { /* a town and what happens to it */
    block_town_options o;
    uint64_t seed;
    change changes[400];
    size_t n;
} story;

static void set_households(xw_model *m, uint32_t p, uint32_t value)
{
    xw_plot *plot = &m->plots[p];
    const uint32_t u = plot->first_unit + value % plot->n_units;
    plot->households -= m->units[u].households;
    m->units[u].households = value % 13;
    plot->households += m->units[u].households;
    m->buildings[plot->building].households = plot->households;
}

static void put_house(xw_model *m, uint32_t p, uint32_t value)
{
    xw_plot *plot = &m->plots[p];
    const xw_pt a = plot->anchor;
    const xw_pt ring[4] = {{a.x - 300, a.y - 300},
                           {a.x + 300, a.y - 300},
                           {a.x + 300, a.y + 300},
                           {a.x - 300, a.y + 300}};
    xw_span *span = XW_MODEL_ADD(m, rings);
    xw_model_building *b = XW_MODEL_ADD(m, buildings);
    assert_true(span && b);
    span->n = 4;
    assert_int_equal(xw_model_add_pts(m, ring, 4, &span->first, NULL), XW_OK);
    plot->kind = XW_PLOT_BUILDING;
    plot->building = m->units[plot->first_unit].building = (uint32_t)m->n_buildings - 1;
    plot->households = m->units[plot->first_unit].households = b->households = 1 + value % 3;
    b->plot = p;
    b->first_ring = (uint32_t)m->n_rings - 1;
    b->n_rings = 1;
    b->floors = 1;
    b->height_m = 3;
}

/* The units of a tower stay as land of several units would not: only houses go. */
static void take_house(xw_model *m, uint32_t p)
{
    xw_plot *plot = &m->plots[p];
    if (plot->n_units > 1) return;
    m->buildings[plot->building].plot = XW_NONE;
    m->buildings[plot->building].n_rings = 0;
    plot->kind = XW_PLOT_OPEN;
    plot->building = m->units[plot->first_unit].building = XW_NONE;
    plot->households = m->units[plot->first_unit].households = 0;
}

static void make_change(xw_model *m, const change *c)
{
    if (c->kind == CHANGE_RIVER || c->kind == CHANGE_BRIDGE) {
        if (m->n_edges == 0) return;
        xw_edge *e = &m->edges[c->at % m->n_edges];
        if (e->left == XW_NONE || e->right == XW_NONE) return;
        if (m->plots[e->left].division != m->plots[e->right].division) return;
        if (c->kind == CHANGE_RIVER) e->cls = XW_CLASS_RIVER;
        e->basis = (uint8_t)xw_basis_of_class(e->cls);
        e->flags = c->kind == CHANGE_BRIDGE ? XW_EDGE_CROSSED : 0;
        return;
    }
    if (m->n_plots == 0) return;
    const uint32_t p = c->at % (uint32_t)m->n_plots;
    const bool built = m->plots[p].building != XW_NONE;
    if (c->kind == CHANGE_HOUSEHOLDS && built) set_households(m, p, c->value);
    if (c->kind == CHANGE_NEW && !built) put_house(m, p, c->value);
    if (c->kind == CHANGE_GONE && built) take_house(m, p);
}

static void tell(const story *s, xw_model *m)
{
    xw_rng rng = {s->seed};
    block_town_build(&s->o, &rng, m);
    for (size_t i = 0; i < s->n; i++) make_change(m, &s->changes[i]);
    assert_int_equal(xw_strings_add(&m->text, "2026-01-01T00:00:00Z", &m->published, NULL), XW_OK);
}

static void begin(story *s, xw_rng *rng)
{
    s->o = block_town_draw(rng);
    s->seed = xw_rng_next(rng);
    s->n = 0;
}

static void go_on(story *s, xw_rng *rng, uint32_t n)
{
    for (uint32_t i = 0; i < n && s->n < 400; i++) {
        s->changes[s->n++] =
            (change){(change_kind)xw_rng_below(rng, CHANGE_KINDS), (uint32_t)xw_rng_next(rng) >> 1,
                     (uint32_t)xw_rng_next(rng) >> 1};
    }
}

static void make_first(const story *s, const xw_grids_config *c, xw_model *m)
{
    xw_error err = {XW_OK, ""};
    tell(s, m);
    m->revision = 1;
    if (xw_grids_make(m, c, NULL, &err)) fail_msg("%s", err.text);
}

static void make_next(const story *s, const xw_grids_config *c, const xw_model *old, xw_model *m,
                      xw_rebuild_report *r)
{
    xw_error err = {XW_OK, ""};
    tell(s, m);
    if (xw_rebuild(old, m, c, NULL, NULL, r, &err)) fail_msg("%s", err.text);
    if (xw_model_validate(m, &err)) fail_msg("%s", err.text);
}

/* --- a judge that knows nothing of how it was made ------------------------------------------- */
static void judge_check(const xw_model *m)
{
    static const char *const keys[] = {"units_without_grid",        "units_in_two",
                                       "disconnected_grids",        "grids_across_division",
                                       "grids_across_hard_barrier", "lineage_broken"};
    xw_check_report r = {0};
    xw_error err = {XW_OK, ""};
    if (xw_check(m, NULL, &r, &err)) fail_msg("%s", err.text);
    for (size_t i = 0; i < r.n_lines; i++) {
        const xw_check_line *l = &r.lines[i];
        bool ours = strstr(l->key, "_over_cap") || strncmp(l->key, "code", 4) == 0;
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            ours = ours || strcmp(l->key, keys[k]) == 0;
        }
        if (!ours || !l->hard || !(l->value > 0)) continue;
        for (size_t k = 0; k < r.n_spots; k++) {
            if (r.spots[k].line == i && !r.spots[k].exception) {
                fail_msg("%s: %s", l->key, r.spots[k].text);
            }
        }
        fail_msg("%s: %f", l->key, l->value);
    }
    xw_check_report_finish(&r);
}

static const char *team_of(const xw_model *m, uint32_t unit)
{
    return xw_model_text(m, m->grids[m->units[unit].grid].code);
}

static bool has_row(const xw_model *m, size_t first, const char *old, const char *now)
{
    for (size_t i = first; i < m->n_lineage; i++) {
        if (strcmp(xw_model_text(m, m->lineage[i].old_code), old) == 0 &&
            strcmp(xw_model_text(m, m->lineage[i].new_code), now) == 0) {
            return true;
        }
    }
    return false;
}

/* Squares keep their plots, so a unit with the same place and building is the same. Returns how
 * many households have another team. */
static uint64_t judge_moves(const xw_model *old, const xw_model *m, const xw_rebuild_report *r)
{
    uint64_t moved = 0;
    assert_int_equal(old->n_units, m->n_units);
    for (uint32_t u = 0; u < m->n_units; u++) {
        const uint32_t a = old->units[u].households, b = m->units[u].households;
        if (a == 0 || b == 0 || old->units[u].building != m->units[u].building) continue;
        const char *was = team_of(old, u), *is = team_of(m, u);
        if (strcmp(was, is) == 0) continue;
        if (!has_row(m, r->first_row, was, is))
            fail_msg("unit %u: %s to %s has no row", u, was, is);
        moved += a < b ? a : b;
    }
    return moved;
}

typedef struct codes { /* every code there ever was */
    char text[20000][40];
    size_t n;
} codes;

static bool was_there(const codes *c, const char *code)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->text[i], code) == 0) return true;
    }
    return false;
}

static void note_codes(codes *all, const xw_model *m)
{
    for (size_t g = 0; g < m->n_grids; g++) {
        const char *code = xw_model_text(m, m->grids[g].code);
        if (was_there(all, code)) continue;
        assert_true(all->n < 20000 && strlen(code) < 40);
        memcpy(all->text[all->n++], code, strlen(code) + 1);
    }
}

/* A code of now that is not of the revision before must never have been there. */
static void judge_codes(const codes *all, const xw_model *old, const xw_model *m)
{
    for (size_t g = 0; g < m->n_grids; g++) {
        const char *code = xw_model_text(m, m->grids[g].code);
        const uint32_t before = xw_model_grid_by_code(old, code);
        if (before == XW_NONE && was_there(all, code)) fail_msg("%s is used again", code);
    }
}

/* --- claims ---------------------------------------------------------------------------------- */
static void test_the_same_input_changes_nothing(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("same");
    const xw_grids_config c = xw_grids_default();
    int parted = 0; /* about one town of 400: what rebuild.h says of land joined across a barrier */
    for (int i = 0; i < 15; i++) {
        story s;
        xw_model a, b;
        xw_rebuild_report r;
        begin(&s, &rng);
        make_first(&s, &c, &a);
        make_next(&s, &c, &a, &b, &r);
        for (size_t k = 0; k < b.n_lineage; k++)
            assert_int_equal(b.lineage[k].reason, XW_LINEAGE_TORN);
        parted += b.n_lineage > 0;
        assert_int_equal(b.revision, 2);
        assert_int_equal(r.households_same, r.households_before);
        if (b.n_lineage > 0) judge_check(&b);
        b.revision = 1;
        if (b.n_lineage == 0) assert_same_model(&a, &b);
        xw_model_finish(&a);
        xw_model_finish(&b);
    }
    assert_true(parted <= 1);
}

static void test_any_sequence_of_changes_keeps_every_rule(void **state)
{
    (void)state;
    xw_rng rng = rng_from_env("sequence");
    const xw_grids_config c = xw_grids_default();
    codes *all = malloc(sizeof *all);
    assert_non_null(all);
    for (int i = 0; i < 5; i++) {
        story s;
        xw_model now, next;
        xw_rebuild_report r;
        begin(&s, &rng);
        all->n = 0;
        make_first(&s, &c, &now);
        note_codes(all, &now);
        for (int k = 0; k < 20; k++) {
            go_on(&s, &rng, 1 + xw_rng_below(&rng, 20));
            make_next(&s, &c, &now, &next, &r);
            judge_check(&next);
            judge_codes(all, &now, &next);
            const uint64_t moved = judge_moves(&now, &next, &r);
            assert_true(moved <= r.levels[2].moved);
            note_codes(all, &next);
            xw_model_finish(&now);
            now = next;
        }
        xw_model_finish(&now);
    }
    free(all);
}

/* A row of houses of nine households, each a team, but for one end that is empty. */
static void make_row(xw_model *m, uint32_t n, uint32_t empty)
{
    const block_town_options o = {.columns = n, .rows = 1, .divisions = 1, .households_most = 1};
    xw_rng rng = {1};
    block_town_build(&o, &rng, m);
    assert_int_equal(m->n_plots, n);
    for (uint32_t p = 0; p < n; p++) {
        if (m->plots[p].building == XW_NONE) put_house(m, p, 0);
        set_households(m, p, p == empty ? 0 : 9);
    }
    assert_int_equal(xw_strings_add(&m->text, "2026-01-01T00:00:00Z", &m->published, NULL), XW_OK);
}

/* Nineteen teams are a full section and one with room. A new house at the end of the full one makes
 * it pass the team at the other end on; at the end with room nobody changes. */
static void test_a_full_section_passes_a_team_on(void **state)
{
    (void)state;
    const xw_grids_config c = xw_grids_default();
    uint64_t moved = 0;
    for (uint32_t end = 0; end < 2; end++) {
        xw_model old, m;
        xw_rebuild_report r;
        make_row(&old, 20, end ? 19 : 0);
        make_row(&m, 20, XW_NONE);
        old.revision = 1;
        assert_int_equal(xw_grids_make(&old, &c, NULL, NULL), XW_OK);
        assert_int_equal(old.levels[2].n_grids, 19);
        assert_int_equal(old.levels[1].n_grids, 2);
        assert_int_equal(xw_rebuild(&old, &m, &c, NULL, NULL, &r, NULL), XW_OK);
        judge_check(&m);
        assert_int_equal(m.levels[2].n_grids, 20);
        assert_int_equal(m.levels[1].n_grids, 2);
        moved += r.levels[2].moved;
        xw_model_finish(&old);
        xw_model_finish(&m);
    }
    assert_int_equal(moved, 9);
}

/* 6 x 6 houses of one household in one village. */
static story small_town(void)
{
    const story s = {.o = {.columns = 6, .rows = 6, .divisions = 1, .households_most = 1},
                     .seed = 1};
    return s;
}

/* The middle four houses of the small town as an area. */
static void carve_middle(xw_model *m, xw_territory *t, xw_carving *out)
{
    const xw_box b = xw_model_box(m);
    const int32_t sx = (b.max.x - b.min.x) / 6, sy = (b.max.y - b.min.y) / 6;
    const xw_pt ring[4] = {{b.min.x + 2 * sx - 9, b.min.y + 2 * sy},
                           {b.min.x + 4 * sx, b.min.y + 2 * sy},
                           {b.min.x + 4 * sx, b.min.y + 4 * sy + 9},
                           {b.min.x + 2 * sx - 9, b.min.y + 4 * sy + 9}};
    xw_exclusive x = {.area = {(uint32_t)t->n_rings, 1}};
    assert_int_equal(xw_territory_add_ring(t, ring, 4, NULL), XW_OK);
    assert_int_equal(xw_strings_add(&t->text, "机械厂", &x.name, NULL), XW_OK);
    assert_int_equal(xw_territory_add_exclusive(t, &x, NULL), XW_OK);
    assert_int_equal(xw_carving_create(t, m, out, NULL), XW_OK);
}

static uint32_t the_exclusive(const xw_model *m)
{
    uint32_t found = XW_NONE;
    for (uint32_t g = 0; g < m->n_grids; g++) {
        if (m->grids[g].kind != XW_GRID_EXCLUSIVE) continue;
        assert_int_equal(found, XW_NONE);
        found = g;
    }
    return found;
}

/* First a village, then a factory in the middle of it, then nothing new, then the village again. */
static void test_a_factory_comes_stays_and_goes(void **state)
{
    (void)state;
    const story s = small_town();
    const xw_grids_config plain = xw_grids_default();
    xw_model all[4];
    for (int i = 0; i < 4; i++) {
        xw_territory t;
        xw_carving carving = {0};
        xw_grids_config c = plain;
        xw_rebuild_report r = {0};
        xw_territory_init(&t);
        tell(&s, &all[i]);
        if (i == 1 || i == 2) carve_middle(&all[i], &t, &carving);
        c.carving = &carving;
        if (i == 0) {
            all[i].revision = 1;
            assert_int_equal(xw_grids_make(&all[i], &c, NULL, NULL), XW_OK);
        } else {
            assert_int_equal(xw_rebuild(&all[i - 1], &all[i], &c, NULL, NULL, &r, NULL), XW_OK);
            assert_int_equal(xw_model_validate(&all[i], NULL), XW_OK);
            judge_check(&all[i]);
            (void)judge_moves(&all[i - 1], &all[i], &r);
        }
        const uint32_t own = the_exclusive(&all[i]);
        assert_int_equal(own != XW_NONE, i == 1 || i == 2);
        if (own != XW_NONE) {
            assert_int_equal(all[i].grids[own].households, 4);
            assert_string_equal(xw_model_text(&all[i], all[i].grids[own].name), "机械厂");
        }
        if (i == 1) assert_true(r.reasons[XW_LINEAGE_EXCLUSIVE] > 0);
        if (i == 2) assert_int_equal(all[i].n_lineage, r.first_row);
        xw_carving_finish(&carving);
        xw_territory_finish(&t);
    }
    for (int i = 0; i < 4; i++) xw_model_finish(&all[i]);
}

static double line_of(const xw_model *m, const char *key)
{
    xw_check_report r;
    assert_int_equal(xw_check(m, NULL, &r, NULL), XW_OK);
    const xw_check_line *l = xw_check_find(&r, key);
    assert_non_null(l);
    const double value = l->value;
    xw_check_report_finish(&r);
    return value;
}

static void add_row(xw_model *m, uint32_t revision, const char *old, const char *now,
                    uint32_t households, bool ends, bool begins)
{
    xw_lineage *row = XW_MODEL_ADD(m, lineage);
    assert_non_null(row);
    row->revision = revision;
    row->level = m->levels[2].key;
    row->reason = XW_LINEAGE_CAP;
    row->households = households;
    row->of = 4;
    row->old_ends = ends;
    row->new_begins = begins;
    assert_int_equal(xw_strings_add(&m->text, old, &row->old_code, NULL), XW_OK);
    assert_int_equal(xw_strings_add(&m->text, now, &row->new_code, NULL), XW_OK);
}

/* Each of these stories is wrong in one way; the first is right. */
static void test_the_check_reads_the_lineage(void **state)
{
    (void)state;
    const story s = small_town();
    const xw_grids_config c = xw_grids_default();
    for (int wrong = 0; wrong < 6; wrong++) {
        xw_model m;
        make_first(&s, &c, &m);
        m.revision = 4;
        const char *code = xw_model_text(&m, m.grids[m.levels[2].first_grid].code);
        char there[64];
        (void)strncpy(there, code, sizeof there - 1);
        there[sizeof there - 1] = '\0';
        const char *gone = "9099";
        add_row(&m, 2, wrong == 1 ? there : gone, there, 2, true, wrong == 2);
        if (wrong == 2) add_row(&m, 3, "", there, 2, false, true);
        if (wrong == 3) add_row(&m, 3, gone, there, 2, false, false);
        if (wrong == 4) add_row(&m, 3, there, "9098", 2, false, false);
        if (wrong == 5) add_row(&m, 3, there, there, 5, false, false);
        if (wrong == 0) add_row(&m, 4, "", there, 3, false, false);
        if (wrong == 0) add_row(&m, 4, there, there, 4, false, false);
        assert_int_equal((int)line_of(&m, "codes_used_again"), wrong >= 1 && wrong <= 3);
        assert_int_equal((int)line_of(&m, "lineage_broken"), wrong >= 4);
        assert_int_equal((int)line_of(&m, "households_moved"), wrong == 0 ? 4 : 0);
        xw_model_finish(&m);
    }
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    const xw_grids_config c = xw_grids_default();
    story s = small_town();
    xw_model old;
    s.o.tower_percent = 10;
    s.o.river_column = 3;
    make_first(&s, &c, &old);
    xw_rng rng = {5};
    go_on(&s, &rng, 12);
    for (int n = 0;; n++) {
        xw_model m;
        tell(&s, &m);
        fail_alloc_at(n);
        const xw_status st = xw_rebuild(&old, &m, &c, NULL, NULL, NULL, NULL);
        const bool failed = fail_alloc_stop();
        assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
        if (failed) assert_int_equal(m.n_grids + m.n_lineage, 0);
        xw_model_finish(&m);
        if (!failed) break;
    }
    xw_model_finish(&old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_input_changes_nothing),
        cmocka_unit_test(test_any_sequence_of_changes_keeps_every_rule),
        cmocka_unit_test(test_a_full_section_passes_a_team_on),
        cmocka_unit_test(test_a_factory_comes_stays_and_goes),
        cmocka_unit_test(test_the_check_reads_the_lineage),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
