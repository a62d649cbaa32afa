#include "support/toy_model.h"

#include <stdlib.h>
#include <string.h>

/* Plots in canonical order: division, block, anchor (x before y). */
enum { A00, A10, A01, A02, A11, A12, POND, B20, B21, B22, N_PLOTS };

typedef struct plot_fact {
    int column, row, block, households;
    xw_plot_kind kind;
    int building; /* -1: none */
} plot_fact;

static const plot_fact facts[N_PLOTS] = {
    [A00] = {0, 0, 0, 3, XW_PLOT_BUILDING, 4}, [A10] = {1, 0, 0, 6, XW_PLOT_BUILDING, 0},
    [A01] = {0, 1, 1, 4, XW_PLOT_BUILDING, 1}, [A02] = {0, 2, 1, 5, XW_PLOT_BUILDING, 2},
    [A11] = {1, 1, 1, 0, XW_PLOT_OPEN, -1},    [A12] = {1, 2, 1, 12, XW_PLOT_BUILDING, 3},
    [POND] = {1, 1, 2, 0, XW_PLOT_WATER, -1},  [B20] = {2, 0, 3, 2, XW_PLOT_BUILDING, 5},
    [B21] = {2, 1, 4, 7, XW_PLOT_BUILDING, 6}, [B22] = {2, 2, 4, 0, XW_PLOT_BUILDING, 8},
};
enum { TOWER = 3, LOST = 7, SCHOOL = 8, COURT = 0, N_BUILDINGS = 9 };

static const uint32_t plot_of_square[3][3] = {/* [row][column] */
                                              {A00, A10, B20},
                                              {A01, A11, B21},
                                              {A02, A12, B22}};

typedef struct maker {
    xw_model *m;
    bool ok;
} maker;

static xw_text text(maker *k, const char *s)
{
    xw_text t;
    k->ok = !xw_strings_add(&k->m->text, s, &t, NULL) && k->ok;
    return t;
}

static uint32_t points(maker *k, const xw_pt *pts, size_t n)
{
    uint32_t first;
    k->ok = !xw_model_add_pts(k->m, pts, n, &first, NULL) && k->ok;
    return first;
}

#define ADD(k, type, array, ...)                                 \
    do {                                                         \
        const type value_ = __VA_ARGS__;                         \
        type *e_ = (k)->ok ? XW_MODEL_ADD((k)->m, array) : NULL; \
        if (e_) *e_ = value_;                                    \
        (k)->ok = e_ != NULL;                                    \
    } while (0)

static xw_pt at(int32_t dx, int32_t dy) { return (xw_pt){TOY_X + dx, TOY_Y + dy}; }
static xw_pt corner(int column, int row) { return at(column * TOY_STEP, row * TOY_STEP); }
static xw_pt middle(int column, int row)
{
    return at(column * TOY_STEP + TOY_STEP / 2, row * TOY_STEP + TOY_STEP / 2);
}

static void add_divisions(maker *k)
{
    const xw_text town = text(k, "999101001");
    ADD(k, xw_model_division, divisions,
        {.code = town,
         .name = text(k, "细网镇"),
         .level = text(k, "town"),
         .parent_code = text(k, "999101")});
    ADD(k, xw_model_division, divisions,
        {.code = text(k, "999101001001"),
         .name = text(k, "和平村"),
         .level = text(k, "village"),
         .parent_code = town,
         .first_plot = A00,
         .n_plots = 7,
         .source = text(k, "relation/1")});
    ADD(k, xw_model_division, divisions,
        {.code = text(k, "999101001002"),
         .name = text(k, "新桥村"),
         .level = text(k, "village"),
         .parent_code = town,
         .first_plot = B20,
         .n_plots = 3,
         .source = text(k, "relation/2")});
}

static void add_plots(maker *k)
{
    for (uint32_t p = 0; p < N_PLOTS; p++) {
        const plot_fact *f = &facts[p];
        const bool tower = f->building == TOWER;
        const uint32_t building = f->building < 0 ? XW_NONE : (uint32_t)f->building;
        xw_pt anchor = middle(f->column, f->row);
        if (p == A11) anchor.x -= 1100; /* the pond has the middle */
        ADD(k, xw_plot, plots,
            {.anchor = anchor,
             .block = (uint32_t)f->block,
             .division = p < B20 ? 1 : 2,
             .building = building,
             .first_unit = (uint32_t)k->m->n_units,
             .n_units = tower ? 3 : 1,
             .households = (uint32_t)f->households,
             .kind = (uint8_t)f->kind,
             .name = text(k, p == POND ? "月亮塘" : "")});
        for (int16_t floor = 1; floor <= (tower ? 3 : 1); floor++) {
            ADD(k, xw_unit, units,
                {.plot = p,
                 .building = building,
                 .households = (uint32_t)(tower ? f->households / 3 : f->households),
                 .floor_min = tower ? floor : 0,
                 .floor_max = tower ? floor : 0});
        }
    }
}

static void add_ring(maker *k, xw_pt c, int32_t half, bool hole)
{
    const xw_pt r[4] = {{c.x - half, c.y - half},
                        {c.x + half, c.y - half},
                        {c.x + half, c.y + half},
                        {c.x - half, c.y + half}};
    const xw_pt turned[4] = {r[0], r[3], r[2], r[1]};
    ADD(k, xw_span, rings, {.first = points(k, hole ? turned : r, 4), .n = 4});
}

static void add_buildings(maker *k)
{
    static const char *const names[N_BUILDINGS] = {"合院", "", "",     "和平大厦", "",
                                                   "",     "", "岗亭", "新桥小学"};
    static const char *const sources[N_BUILDINGS] = {
        "way/10", "way/11", "way/12", "way/13", "way/14", "way/15", "way/16", "way/17", "way/18"};
    for (int b = 0; b < N_BUILDINGS; b++) {
        uint32_t plot = XW_NONE;
        for (uint32_t p = 0; p < N_PLOTS; p++) {
            if (facts[p].building == b) plot = p;
        }
        const uint32_t first_ring = (uint32_t)k->m->n_rings;
        if (plot != XW_NONE) {
            add_ring(k, middle(facts[plot].column, facts[plot].row), 600, false);
            if (b == COURT) add_ring(k, middle(facts[plot].column, facts[plot].row), 200, true);
        }
        ADD(k, xw_model_building, buildings,
            {.name = text(k, names[b]),
             .source = text(k, sources[b]),
             .plot = plot,
             .households = plot == XW_NONE ? 0 : (uint32_t)facts[plot].households,
             .first_ring = first_ring,
             .n_rings = (uint32_t)k->m->n_rings - first_ring,
             .height_m = b == TOWER ? 9.3f : 6.5f,
             .floors = b == TOWER ? 3 : 2,
             .use = b == TOWER    ? XW_USE_FLATS
                    : b == SCHOOL ? XW_USE_PUBLIC
                                  : XW_USE_HOUSE,
             .estimated = b == 1 || b == 2});
    }
}

/* An edge with the smaller plot on its left: turned round when it was given the other way. */
static void add_edge(maker *k, const xw_pt *given, uint32_t n, uint32_t left, uint32_t right,
                     xw_edge facts_of)
{
    xw_pt pts[16];
    for (uint32_t i = 0; i < n; i++) pts[i] = given[left < right ? i : n - 1 - i];
    facts_of.left = left < right ? left : right;
    facts_of.right = left < right ? right : left;
    facts_of.first = points(k, pts, n);
    facts_of.n = n;
    facts_of.length_m = (float)xw_line_length_m(pts, n);
    ADD(k, xw_edge, edges, facts_of);
}

static void add_inner_edges(maker *k)
{
    const xw_edge between = {.basis = XW_BASIS_BETWEEN, .cls = XW_CLASS_NONE, .custody = XW_NONE};
    const xw_edge border = {
        .basis = XW_BASIS_DIVISION, .cls = XW_CLASS_DIVISION, .custody = XW_NONE};
    for (int row = 0; row < 3; row++) { /* northward: the left plot lies west */
        for (int c = 1; c < 3; c++) {
            const xw_pt pts[2] = {corner(c, row), corner(c, row + 1)};
            add_edge(k, pts, 2, plot_of_square[row][c - 1], plot_of_square[row][c],
                     c == 2 ? border : between);
        }
    }
    for (int c = 0; c < 3; c++) { /* eastward: the left plot lies north; bent in the middle */
        for (int row = 1; row < 3; row++) {
            xw_pt bend = corner(c, row);
            bend.x += TOY_STEP / 2;
            bend.y += 150;
            const xw_pt pts[3] = {corner(c, row), bend, corner(c + 1, row)};
            const uint32_t north = plot_of_square[row][c], south = plot_of_square[row - 1][c];
            xw_edge e = between;
            if (row == 1) {
                e = (xw_edge){.basis = XW_BASIS_ROAD,
                              .cls = XW_CLASS_RESIDENTIAL,
                              .name = text(k, "和平路"),
                              .source = text(k, "way/20"),
                              .flags = c == 1 ? XW_EDGE_CROSSED : 0,
                              .custody = south};
            }
            add_edge(k, pts, 3, north, south, e);
        }
    }
}

static void add_rim(maker *k)
{
    /* Counter-clockwise round the territory; the corners are no nodes. */
    static const int8_t walk[8][3][2] = {{{0, 1}, {0, 0}, {1, 0}}, {{1, 0}, {2, 0}, {-1, 0}},
                                         {{2, 0}, {3, 0}, {3, 1}}, {{3, 1}, {3, 2}, {-1, 0}},
                                         {{3, 2}, {3, 3}, {2, 3}}, {{2, 3}, {1, 3}, {-1, 0}},
                                         {{1, 3}, {0, 3}, {0, 2}}, {{0, 2}, {0, 1}, {-1, 0}}};
    static const uint32_t inside[8] = {A00, A10, B20, B21, B22, A12, A02, A01};
    for (int i = 0; i < 8; i++) {
        xw_pt pts[3];
        uint32_t n = 0;
        for (; n < 3 && walk[i][n][0] >= 0; n++) pts[n] = corner(walk[i][n][0], walk[i][n][1]);
        add_edge(
            k, pts, n, inside[i], XW_NONE,
            (xw_edge){.basis = XW_BASIS_DIVISION, .cls = XW_CLASS_DIVISION, .custody = XW_NONE});
    }
    const xw_pt c = middle(1, 1); /* the pond: closed, clockwise so that the open land is left */
    const xw_pt pond[5] = {
        {c.x - 500, c.y}, {c.x, c.y + 500}, {c.x + 500, c.y}, {c.x, c.y - 500}, {c.x - 500, c.y}};
    add_edge(k, pond, 5, A11, POND,
             (xw_edge){.basis = XW_BASIS_WATER,
                       .cls = XW_CLASS_RIVER,
                       .custody = XW_NONE,
                       .name = text(k, "月亮塘"),
                       .source = text(k, "way/30")});
}

static xw_pt *edge_points; /* for the comparison only; tests are single-threaded */
static int by_sides(const void *a, const void *b)
{
    const xw_edge *p = a, *q = b;
    if (p->left != q->left) return p->left < q->left ? -1 : 1;
    if (p->right != q->right) return p->right < q->right ? -1 : 1;
    const xw_pt u = edge_points[p->first], v = edge_points[q->first];
    return xw_pt_less(u, v) ? -1 : xw_pt_less(v, u);
}

/* Shoelace over the edges of each plot, in metres of the middle of the toy. */
static void measure_plots(xw_model *m)
{
    const xw_scale s = xw_scale_at(corner(0, 1).y);
    int64_t area2[N_PLOTS] = {0};
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        int64_t sum = 0;
        for (uint32_t v = e->first; v + 1 < e->first + e->n; v++) {
            const xw_pt a = m->pts[v], b = m->pts[v + 1];
            sum += (int64_t)(a.x - TOY_X) * (b.y - TOY_Y) - (int64_t)(b.x - TOY_X) * (a.y - TOY_Y);
        }
        area2[e->left] += sum;
        if (e->right != XW_NONE) area2[e->right] -= sum;
    }
    for (int p = 0; p < N_PLOTS; p++) m->plots[p].area_m2 = (double)area2[p] / 2 * s.mx * s.my;
}

static void add_around(maker *k)
{
    xw_model *m = k->m;
    const xw_pt road[3] = {corner(-1, 1), corner(2, 1), corner(4, 1)};
    const xw_pt river[2] = {corner(-1, 4), corner(4, 4)};
    ADD(k, xw_line, lines,
        {.first = points(k, road, 3),
         .n = 3,
         .name = text(k, "和平路"),
         .source = text(k, "way/20"),
         .cls = XW_CLASS_RESIDENTIAL});
    ADD(k, xw_line, lines,
        {.first = points(k, river, 2),
         .n = 2,
         .name = text(k, "清水河"),
         .source = text(k, "way/21"),
         .cls = XW_CLASS_RIVER,
         .flags = XW_BARRIER_IMPASSABLE});
    ADD(k, xw_address, addresses,
        {.at = middle(1, 2),
         .text = text(k, "和平路12号"),
         .street = text(k, "和平路"),
         .number = text(k, "12号"),
         .place = text(k, "和平村"),
         .building = TOWER});
    ADD(k, xw_address, addresses,
        {.at = middle(2, 0),
         .text = text(k, "Peace Road 3, \"the gate\""),
         .number = text(k, "3"),
         .building = XW_NONE});
    ADD(k, xw_finding, findings,
        {.kind = text(k, "building-outside"),
         .layer = text(k, "buildings"),
         .source = text(k, "way/17"),
         .text = text(k, "the building lies in no division"),
         .at = corner(5, 5)});
    ADD(k, xw_lineage, lineage,
        {.at = middle(0, 2),
         .revision = 1,
         .level = text(k, "team"),
         .old_code = text(k, "9991010010010010109"),
         .new_code = text(k, "9991010010010010101"),
         .households = 3,
         .of = 4,
         .reason = XW_LINEAGE_MERGED,
         .old_ends = 1});
    m->revision = 1;
    m->name = text(k, "细网镇");
    m->net = text(k, "zz");
    m->net_name = text(k, "综治网");
    m->effective_unix = 1767225600;
    m->published = text(k, "2026-01-01T00:00:00Z");
}

typedef struct grid_fact {
    const char *code, *name;
    uint32_t level, parent, division, households, children, buildings, first_child, n_units;
    int16_t floor_min, floor_max;
    uint32_t label; /* plot */
} grid_fact;

/* Units: plot by plot, the tower has 5, 6, 7; the pond is 8. */
static const uint32_t units_of_teams[12] = {0, 1, 2, 3, 4, 8, 5, 6, 7, 9, 10, 11};
static const grid_fact grids[11] = {
    {"999101001001001", "和平村1区", 0, XW_NONE, 1, 30, 2, 5, 2, 0, 0, 0, A11},
    {"999101001002001", "新桥村1区", 0, XW_NONE, 2, 9, 1, 3, 4, 0, 0, 0, B21},
    {"99910100100100101", "和平村1区1片", 1, 0, 1, 18, 2, 4, 5, 0, 0, 0, A01},
    {"99910100100100102", "和平村1区2片", 1, 0, 1, 12, 2, 1, 7, 0, 0, 0, A12},
    {"99910100100200101", "新桥村1区1片", 1, 1, 2, 9, 2, 3, 9, 0, 0, 0, B21},
    {"9991010010010010101", "和平村1区1片1队", 2, 2, 1, 9, 9, 2, 0, 2, 0, 0, A00},
    {"9991010010010010102", "和平村1区1片2队", 2, 2, 1, 9, 9, 2, 2, 4, 0, 0, A01},
    {"9991010010010010201", "和平村1区2片1队", 2, 3, 1, 8, 8, 1, 6, 2, 1, 2, A12},
    {"9991010010010010202", "和平村1区2片2队", 2, 3, 1, 4, 4, 1, 8, 1, 3, 3, A12},
    {"9991010010020010101", "新桥村1区1片1队", 2, 4, 2, 9, 9, 2, 9, 2, 0, 0, B20},
    {"9991010010020010102", "新桥小学", 2, 4, 2, 0, 0, 1, 11, 1, 0, 0, B22},
};

static double area_of_grid(const xw_model *m, uint32_t g)
{
    double area = 0;
    for (uint32_t p = 0; p < m->n_plots; p++) {
        bool has = false;
        for (uint32_t u = m->plots[p].first_unit; u < m->plots[p].first_unit + m->plots[p].n_units;
             u++) {
            uint32_t up = m->units[u].grid;
            while (up != XW_NONE && up != g) up = grids[up].parent;
            has = has || up == g;
        }
        if (has) area += m->plots[p].area_m2;
    }
    return area;
}

static void add_grids(maker *k)
{
    xw_model *m = k->m;
    static const xw_grid_kind exclusive = XW_GRID_EXCLUSIVE;
    for (uint32_t g = 5; g < 11; g++) {
        for (uint32_t i = 0; i < grids[g].n_units; i++) {
            const uint32_t u = units_of_teams[grids[g].first_child + i];
            ADD(k, uint32_t, grid_units, {u});
            if (k->ok) m->units[u].grid = g;
        }
    }
    for (uint32_t g = 0; g < 11 && k->ok; g++) {
        const grid_fact *f = &grids[g];
        const float floors = (float)(f->floor_max - f->floor_min + 1);
        ADD(k, xw_grid, grids,
            {.area_m2 = area_of_grid(m, g),
             .code = text(k, f->code),
             .name = text(k, f->name),
             .level = f->level,
             .parent = f->parent,
             .division = f->division,
             .households = f->households,
             .children = f->children,
             .buildings = f->buildings,
             .first_child = f->first_child,
             .n_units = f->n_units,
             .floor_min = f->floor_min,
             .floor_max = f->floor_max,
             .base_m = f->floor_min ? 3.1f * (float)(f->floor_min - 1) : 0,
             .height_m = f->floor_min ? 3.1f * floors : 0,
             .label = m->plots[f->label].anchor,
             .kind = (uint8_t)(g == 10 ? exclusive : XW_GRID_BASIC)});
    }
    const xw_level levels[3] = {{text(k, "zone"), text(k, "区"), 10, 0, 2, 3, 0, 0},
                                {text(k, "section"), text(k, "片"), 10, 2, 3, 2, 0, 0},
                                {text(k, "team"), text(k, "队"), 10, 5, 6, 2, 0, 0}};
    memcpy(m->levels, levels, sizeof levels);
    m->n_levels = 3;
}

bool toy_model_make(xw_model *m)
{
    xw_model_init(m);
    maker k = {m, true};
    add_divisions(&k);
    add_plots(&k);
    add_buildings(&k);
    add_inner_edges(&k);
    add_rim(&k);
    if (!k.ok) return false;
    edge_points = m->pts;
    qsort(m->edges, m->n_edges, sizeof *m->edges, by_sides);
    measure_plots(m);
    add_grids(&k);
    add_around(&k);
    return k.ok;
}
