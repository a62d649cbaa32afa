#include "snapshot/tile_town.h"

#include <stdio.h>
#include <string.h>

enum { PLOTS = TOWN_SIDE * TOWN_SIDE, TEAM = 4, SECTION = 16, ZONE = 256, BENDS = 7 };

typedef struct town {
    xw_model *m;
    xw_rng *r;
    xw_pt corner[TOWN_SIDE + 1][TOWN_SIDE + 1]; /* [y][x] */
    bool ok;
} town;

#define ADD(t, type, array, ...)                                 \
    do {                                                         \
        const type value_ = __VA_ARGS__;                         \
        type *e_ = (t)->ok ? XW_MODEL_ADD((t)->m, array) : NULL; \
        if (e_) *e_ = value_;                                    \
        (t)->ok = e_ != NULL;                                    \
    } while (0)

static xw_text text(town *t, const char *s)
{
    xw_text x;
    t->ok = !xw_strings_add(&t->m->text, s, &x, NULL) && t->ok;
    return x;
}

/* Place in the quadtree. */
static uint32_t plot_at(uint32_t x, uint32_t y)
{
    uint32_t p = 0;
    for (uint32_t k = 0; TOWN_SIDE >> k; k++)
        p |= (x >> k & 1) << 2 * k | (y >> k & 1) << (2 * k + 1);
    return p;
}

static void place_of(uint32_t p, uint32_t *x, uint32_t *y)
{
    *x = *y = 0;
    for (uint32_t k = 0; k < 16; k++) {
        *x |= (p >> 2 * k & 1) << k;
        *y |= (p >> (2 * k + 1) & 1) << k;
    }
}

static bool is_water(uint32_t p) { return p % 37 == 5 || p % 37 == 6; }

static void add_plots(town *t)
{
    for (uint32_t p = 0; p < PLOTS; p++) {
        uint32_t x, y;
        place_of(p, &x, &y);
        const xw_pt mid = {TOWN_X + (int32_t)x * TOWN_STEP + TOWN_STEP / 2,
                           TOWN_Y + (int32_t)y * TOWN_STEP + TOWN_STEP / 2};
        const bool wet = is_water(p);
        const uint32_t building = wet ? XW_NONE : (uint32_t)t->m->n_buildings;
        ADD(t, xw_plot, plots,
            {.anchor = mid,
             .block = p,
             .division = 1 + p / (PLOTS / 2),
             .building = building,
             .first_unit = p,
             .n_units = 1,
             .households = wet ? 0 : 2,
             .kind = wet ? XW_PLOT_WATER : XW_PLOT_BUILDING});
        ADD(t, xw_unit, units,
            {.plot = p, .building = building, .households = wet ? 0 : 2, .grid = XW_NONE});
        if (wet) continue;
        uint32_t first = 0;
        const xw_pt ring[4] = {{mid.x - 500, mid.y - 400},
                               {mid.x + 500, mid.y - 400},
                               {mid.x + 500, mid.y + 400},
                               {mid.x - 500, mid.y + 400}};
        t->ok = !xw_model_add_pts(t->m, ring, 4, &first, NULL) && t->ok;
        ADD(t, xw_span, rings, {.first = first, .n = 4});
        ADD(t, xw_model_building, buildings,
            {.plot = p,
             .households = 2,
             .first_ring = (uint32_t)t->m->n_rings - 1,
             .n_rings = 1,
             .height_m = 6.5f,
             .floors = 2,
             .use = XW_USE_HOUSE});
    }
}

/* A crooked way from a to b, which stays within a sixth of a step of the straight one. */
static void add_edge(town *t, xw_pt a, xw_pt b, uint32_t left, uint32_t right)
{
    xw_pt pts[BENDS + 2];
    const uint32_t n = 2 + xw_rng_below(t->r, BENDS + 1);
    pts[0] = a;
    for (uint32_t i = 1; i + 1 < n; i++) {
        /* Sideways only, and less near the ends: edges of a corner do not cross. */
        const double f = (double)i / (n - 1), near = f < 0.5 ? f : 1 - f;
        const int32_t cone = (int32_t)(0.25 * near * TOWN_STEP), most = TOWN_STEP / 12;
        const int32_t off = cone < most ? cone : most;
        const bool north = b.y - a.y > TOWN_STEP / 2;
        pts[i] =
            (xw_pt){(int32_t)(a.x + f * (b.x - a.x)) + (north ? xw_rng_in(t->r, -off, off) : 0),
                    (int32_t)(a.y + f * (b.y - a.y)) + (north ? 0 : xw_rng_in(t->r, -off, off))};
    }
    pts[n - 1] = b;
    if (left > right) { /* the smaller plot is on the left */
        for (uint32_t i = 0; i < n / 2; i++) {
            const xw_pt p = pts[i];
            pts[i] = pts[n - 1 - i];
            pts[n - 1 - i] = p;
        }
        const uint32_t p = left;
        left = right;
        right = p;
    }
    uint32_t first = 0;
    t->ok = !xw_model_add_pts(t->m, pts, n, &first, NULL) && t->ok;
    ADD(t, xw_edge, edges,
        {.first = first,
         .n = n,
         .left = left,
         .right = right,
         .length_m = (float)xw_line_length_m(pts, n),
         .basis = XW_BASIS_BETWEEN,
         .cls = XW_CLASS_NONE,
         .custody = XW_NONE});
}

static void add_edges(town *t)
{
    const int32_t off = TOWN_STEP / 12;
    for (int32_t y = 0; y <= TOWN_SIDE; y++) {
        for (int32_t x = 0; x <= TOWN_SIDE; x++) {
            t->corner[y][x] = (xw_pt){TOWN_X + x * TOWN_STEP + xw_rng_in(t->r, -off, off),
                                      TOWN_Y + y * TOWN_STEP + xw_rng_in(t->r, -off, off)};
        }
    }
    for (uint32_t y = 0; y <= TOWN_SIDE; y++) {
        for (uint32_t x = 0; x <= TOWN_SIDE; x++) {
            const xw_pt here = t->corner[y][x];
            if (y < TOWN_SIDE) { /* northward: west is left */
                add_edge(t, here, t->corner[y + 1][x], x > 0 ? plot_at(x - 1, y) : XW_NONE,
                         x < TOWN_SIDE ? plot_at(x, y) : XW_NONE);
            }
            if (x < TOWN_SIDE) { /* eastward: north is left */
                add_edge(t, here, t->corner[y][x + 1], y < TOWN_SIDE ? plot_at(x, y) : XW_NONE,
                         y > 0 ? plot_at(x, y - 1) : XW_NONE);
            }
        }
    }
}

static void add_grids(town *t)
{
    static const uint32_t size[3] = {ZONE, SECTION, TEAM};
    static const char *const keys[3] = {"zone", "section", "team"};
    xw_model *m = t->m;
    m->n_levels = 3;
    for (uint32_t l = 0; l < 3 && t->ok; l++) {
        const uint32_t n = PLOTS / size[l];
        m->levels[l] = (xw_level){.key = text(t, keys[l]),
                                  .name = text(t, keys[l]),
                                  .cap = 16,
                                  .first_grid = (uint32_t)m->n_grids,
                                  .n_grids = n,
                                  .code_width = 4};
        for (uint32_t g = 0; g < n && t->ok; g++) {
            uint32_t households = 0;
            for (uint32_t p = g * size[l]; p < (g + 1) * size[l]; p++) {
                households += m->plots[p].households;
            }
            char code[16];
            (void)snprintf(code, sizeof code, "%c%05u", keys[l][0], g);
            const uint32_t up = l > 0 ? m->levels[l - 1].first_grid : 0;
            const uint32_t down = (uint32_t)m->n_grids - g + n; /* first grid of the next level */
            ADD(t, xw_grid, grids,
                {.code = text(t, code),
                 .name = text(t, code),
                 .level = l,
                 .parent = l > 0 ? up + g * size[l] / size[l - 1] : XW_NONE,
                 .division = m->plots[g * size[l]].division,
                 .households = households,
                 .children = l < 2 ? size[l] / size[l + 1] : households,
                 .first_child = l < 2 ? down + g * (size[l] / size[l + 1]) : g * TEAM,
                 .n_units = l < 2 ? 0 : TEAM,
                 .label = m->plots[g * size[l]].anchor});
        }
    }
    for (uint32_t u = 0; u < PLOTS && t->ok; u++) {
        m->units[u].grid = m->levels[2].first_grid + u / TEAM;
        ADD(t, uint32_t, grid_units, {u});
    }
}

bool tile_town_make(xw_model *m, xw_rng *r)
{
    static town t;
    t = (town){.m = m, .r = r, .ok = true};
    xw_model_init(m);
    const xw_text top = text(&t, "999");
    ADD(&t, xw_model_division, divisions, {.code = top, .name = text(&t, "镇")});
    for (uint32_t i = 0; i < 2; i++) {
        ADD(&t, xw_model_division, divisions,
            {.code = text(&t, i ? "999002" : "999001"),
             .name = text(&t, i ? "北村" : "南村"),
             .parent_code = top,
             .first_plot = i * PLOTS / 2,
             .n_plots = PLOTS / 2});
    }
    add_plots(&t);
    add_edges(&t);
    add_grids(&t);
    return t.ok;
}
