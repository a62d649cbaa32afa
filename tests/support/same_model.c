#include "support/same_model.h"

#include "support/test.h"

#include <string.h>

typedef struct pair {
    const xw_model *a, *b;
} pair;

#define SAME(p, array, i, field)                                         \
    do {                                                                 \
        if ((p)->a->array[i].field != (p)->b->array[i].field)            \
            fail_msg("%s[%zu].%s differs", #array, (size_t)(i), #field); \
    } while (0)
#define SAME_TEXT(p, array, i, field)                                                       \
    do {                                                                                    \
        const char *a_ = xw_model_text((p)->a, (p)->a->array[i].field);                     \
        const char *b_ = xw_model_text((p)->b, (p)->b->array[i].field);                     \
        if (strcmp(a_, b_) != 0)                                                            \
            fail_msg("%s[%zu].%s: \"%s\" and \"%s\"", #array, (size_t)(i), #field, a_, b_); \
    } while (0)

static void same_pts(const pair *p, const char *what, size_t i, xw_span a, xw_span b)
{
    if (a.n != b.n) fail_msg("%s %zu: %u and %u vertices", what, i, a.n, b.n);
    for (uint32_t k = 0; k < a.n; k++) {
        if (!xw_pt_eq(p->a->pts[a.first + k], p->b->pts[b.first + k])) {
            fail_msg("%s %zu: vertex %u differs", what, i, k);
        }
    }
}

static void same_land(const pair *p)
{
    for (size_t i = 0; i < p->a->n_divisions; i++) {
        SAME_TEXT(p, divisions, i, code);
        SAME_TEXT(p, divisions, i, name);
        SAME_TEXT(p, divisions, i, level);
        SAME_TEXT(p, divisions, i, parent_code);
        SAME_TEXT(p, divisions, i, source);
        SAME(p, divisions, i, first_plot);
        SAME(p, divisions, i, n_plots);
    }
    for (size_t i = 0; i < p->a->n_plots; i++) {
        SAME(p, plots, i, area_m2);
        SAME(p, plots, i, anchor.x);
        SAME(p, plots, i, anchor.y);
        SAME(p, plots, i, block);
        SAME(p, plots, i, division);
        SAME(p, plots, i, building);
        SAME(p, plots, i, first_unit);
        SAME(p, plots, i, n_units);
        SAME(p, plots, i, households);
        SAME(p, plots, i, kind);
        SAME_TEXT(p, plots, i, name);
    }
    for (size_t i = 0; i < p->a->n_units; i++) {
        SAME(p, units, i, plot);
        SAME(p, units, i, building);
        SAME(p, units, i, households);
        SAME(p, units, i, floor_min);
        SAME(p, units, i, floor_max);
        SAME(p, units, i, grid);
    }
}

static void same_buildings(const pair *p)
{
    for (size_t i = 0; i < p->a->n_buildings; i++) {
        const xw_model_building *a = &p->a->buildings[i], *b = &p->b->buildings[i];
        SAME_TEXT(p, buildings, i, name);
        SAME_TEXT(p, buildings, i, source);
        SAME(p, buildings, i, plot);
        SAME(p, buildings, i, households);
        SAME(p, buildings, i, n_rings);
        SAME(p, buildings, i, height_m);
        SAME(p, buildings, i, floors);
        SAME(p, buildings, i, use);
        SAME(p, buildings, i, estimated);
        for (uint32_t k = 0; k < a->n_rings; k++) {
            same_pts(p, "building", i, p->a->rings[a->first_ring + k],
                     p->b->rings[b->first_ring + k]);
        }
    }
}

static void same_lines(const pair *p)
{
    for (size_t i = 0; i < p->a->n_edges; i++) {
        const xw_edge *a = &p->a->edges[i], *b = &p->b->edges[i];
        same_pts(p, "edge", i, (xw_span){a->first, a->n}, (xw_span){b->first, b->n});
        SAME(p, edges, i, left);
        SAME(p, edges, i, right);
        SAME_TEXT(p, edges, i, source);
        SAME_TEXT(p, edges, i, name);
        SAME(p, edges, i, length_m);
        SAME(p, edges, i, basis);
        SAME(p, edges, i, cls);
        SAME(p, edges, i, flags);
        SAME(p, edges, i, custody);
    }
    for (size_t i = 0; i < p->a->n_lines; i++) {
        const xw_line *a = &p->a->lines[i], *b = &p->b->lines[i];
        same_pts(p, "barrier", i, (xw_span){a->first, a->n}, (xw_span){b->first, b->n});
        SAME_TEXT(p, lines, i, name);
        SAME_TEXT(p, lines, i, source);
        SAME(p, lines, i, cls);
        SAME(p, lines, i, flags);
    }
}

static void same_places(const pair *p)
{
    for (size_t i = 0; i < p->a->n_addresses; i++) {
        SAME(p, addresses, i, at.x);
        SAME(p, addresses, i, at.y);
        SAME_TEXT(p, addresses, i, text);
        SAME_TEXT(p, addresses, i, street);
        SAME_TEXT(p, addresses, i, number);
        SAME_TEXT(p, addresses, i, place);
        SAME(p, addresses, i, building);
    }
    for (size_t i = 0; i < p->a->n_findings; i++) {
        SAME(p, findings, i, at.x);
        SAME(p, findings, i, at.y);
        SAME_TEXT(p, findings, i, kind);
        SAME_TEXT(p, findings, i, layer);
        SAME_TEXT(p, findings, i, source);
        SAME_TEXT(p, findings, i, text);
    }
    for (size_t i = 0; i < p->a->n_lineage; i++) {
        SAME(p, lineage, i, at.x);
        SAME(p, lineage, i, at.y);
        SAME(p, lineage, i, revision);
        SAME_TEXT(p, lineage, i, level);
        SAME_TEXT(p, lineage, i, old_code);
        SAME_TEXT(p, lineage, i, new_code);
        SAME(p, lineage, i, households);
        SAME(p, lineage, i, of);
        SAME(p, lineage, i, reason);
        SAME(p, lineage, i, old_ends);
        SAME(p, lineage, i, new_begins);
    }
}

static void same_grids(const pair *p)
{
    for (size_t i = 0; i < p->a->n_levels; i++) {
        SAME_TEXT(p, levels, i, key);
        SAME_TEXT(p, levels, i, name);
        SAME(p, levels, i, cap);
        SAME(p, levels, i, first_grid);
        SAME(p, levels, i, n_grids);
        SAME(p, levels, i, code_width);
        SAME(p, levels, i, floor);
        SAME(p, levels, i, never);
    }
    for (size_t i = 0; i < p->a->n_grids; i++) {
        SAME(p, grids, i, area_m2);
        SAME_TEXT(p, grids, i, code);
        SAME_TEXT(p, grids, i, name);
        SAME(p, grids, i, level);
        SAME(p, grids, i, parent);
        SAME(p, grids, i, division);
        SAME(p, grids, i, households);
        SAME(p, grids, i, children);
        SAME(p, grids, i, buildings);
        SAME(p, grids, i, first_child);
        SAME(p, grids, i, n_units);
        SAME(p, grids, i, floor_min);
        SAME(p, grids, i, floor_max);
        SAME(p, grids, i, base_m);
        SAME(p, grids, i, height_m);
        SAME(p, grids, i, label.x);
        SAME(p, grids, i, label.y);
        SAME(p, grids, i, kind);
    }
    for (size_t i = 0; i < p->a->n_grid_units; i++) {
        assert_int_equal(p->a->grid_units[i], p->b->grid_units[i]);
    }
}

void assert_same_model(const xw_model *a, const xw_model *b)
{
    const pair p = {a, b};
    assert_int_equal(a->n_divisions, b->n_divisions);
    assert_int_equal(a->n_plots, b->n_plots);
    assert_int_equal(a->n_units, b->n_units);
    assert_int_equal(a->n_buildings, b->n_buildings);
    assert_int_equal(a->n_edges, b->n_edges);
    assert_int_equal(a->n_lines, b->n_lines);
    assert_int_equal(a->n_addresses, b->n_addresses);
    assert_int_equal(a->n_findings, b->n_findings);
    assert_int_equal(a->n_lineage, b->n_lineage);
    assert_int_equal(a->n_levels, b->n_levels);
    assert_int_equal(a->n_grids, b->n_grids);
    assert_int_equal(a->n_grid_units, b->n_grid_units);
    same_land(&p);
    same_buildings(&p);
    same_lines(&p);
    same_places(&p);
    same_grids(&p);
    assert_int_equal(a->revision, b->revision);
    assert_true(a->effective_unix == b->effective_unix);
    assert_string_equal(xw_model_text(a, a->name), xw_model_text(b, b->name));
    assert_string_equal(xw_model_text(a, a->net), xw_model_text(b, b->net));
    assert_string_equal(xw_model_text(a, a->net_name), xw_model_text(b, b->net_name));
    assert_string_equal(xw_model_text(a, a->published), xw_model_text(b, b->published));
}
