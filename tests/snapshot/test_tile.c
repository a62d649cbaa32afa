#include "xiwang/tile.h"

#include "snapshot/tile_town.h"
#include "support/test.h"
#include "support/toy_model.h"
#include "tiles/mvt_decode.h"
#include "xiwang/clip.h"
#include "xiwang/simplify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[] = "/tmp/xw-tile-XXXXXX";

typedef struct scene {
    xw_model m;
    xw_snapshot *s;
    uint32_t x0, y0, x1, y1; /* tiles of the zoom at hand */
} scene;

static scene town, toy;

static void open_scene(scene *c, const char *name)
{
    char path[64];
    xw_error err = {XW_OK, ""};
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    if (xw_snapshot_write(&c->m, path, NULL, &err) || xw_snapshot_open(path, &c->s, &err)) {
        fail_msg("%s", err.text);
    }
    (void)unlink(path);
}

static int set_up(void **state)
{
    (void)state;
    xw_rng r = rng_from_env("tile");
    if (!mkdtemp(dir) || !tile_town_make(&town.m, &r) || !toy_model_make(&toy.m)) return -1;
    open_scene(&town, "town");
    open_scene(&toy, "toy");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    xw_snapshot_close(town.s);
    xw_snapshot_close(toy.s);
    xw_model_finish(&town.m);
    xw_model_finish(&toy.m);
    return rmdir(dir);
}

static void frame(scene *c, unsigned z)
{
    const xw_box b = xw_model_box(&c->m);
    xw_tile_of(z, (xw_pt){b.min.x, b.max.y}, &c->x0, &c->y0);
    xw_tile_of(z, (xw_pt){b.max.x, b.min.y}, &c->x1, &c->y1);
}

static mvt_tile draw(const scene *c, unsigned z, uint32_t x, uint32_t y)
{
    xw_buf b;
    xw_error err = {XW_OK, ""};
    xw_buf_init(&b, 1 << 26);
    if (xw_tile_draw(c->s, z, x, y, &b, &err)) fail_msg("%s", err.text);
    mvt_tile t = mvt_decode(b.data, b.n);
    if (t.fault) fail_msg("tile %u/%u/%u: %s", z, x, y, t.fault);
    xw_buf_finish(&b);
    return t;
}

/* ---- shared borders ---- */

typedef struct segment {
    int32_t a[2], b[2];
} segment;

static int by_place(const void *p, const void *q) { return memcmp(p, q, sizeof(segment)); }

static bool on_a_side(const int32_t a[2], const int32_t b[2])
{
    const int32_t lo = -XW_TILE_BUFFER, hi = XW_TILE_EXTENT + XW_TILE_BUFFER;
    for (int k = 0; k < 2; k++) {
        if (a[k] == b[k] && (a[k] == lo || a[k] == hi)) return true;
    }
    return false;
}

/* The directed edges of a layer that have no opposite in it, but for the sides of the clip. */
static segment *unmatched(const mvt_layer *l, size_t *n, size_t *n_all)
{
    size_t n_max = 0;
    for (size_t i = 0; l && i < l->n_features; i++) {
        for (size_t k = 0; k < l->features[i].n_paths; k++) n_max += l->features[i].paths[k].n;
    }
    segment *ways[2];
    for (int w = 0; w < 2; w++) {
        ways[w] = calloc(n_max + 1, sizeof(segment));
        assert_non_null(ways[w]);
        size_t at = 0;
        for (size_t i = 0; l && i < l->n_features; i++) {
            for (size_t k = 0; k < l->features[i].n_paths; k++) {
                const mvt_path *p = &l->features[i].paths[k];
                for (size_t v = 0, u = p->n - 1; v < p->n; u = v++) {
                    if (on_a_side(p->pts[u], p->pts[v])) continue;
                    memcpy(ways[w][at].a, p->pts[w ? v : u], sizeof ways[w][at].a);
                    memcpy(ways[w][at].b, p->pts[w ? u : v], sizeof ways[w][at].b);
                    at++;
                }
            }
        }
        *n_all = at;
        qsort(ways[w], at, sizeof(segment), by_place);
    }
    size_t i = 0, j = 0, k = 0;
    while (i < *n_all) {
        const int c = j < *n_all ? by_place(&ways[0][i], &ways[1][j]) : -1;
        if (c < 0) ways[0][k++] = ways[0][i];
        i += c <= 0;
        j += c >= 0;
    }
    free(ways[1]);
    *n = k;
    return ways[0];
}

static int64_t area2_of(const mvt_layer *l)
{
    int64_t sum = 0;
    for (size_t i = 0; l && i < l->n_features; i++) {
        for (size_t k = 0; k < l->features[i].n_paths; k++) sum += l->features[i].paths[k].area2;
    }
    return sum;
}

/* Does the town reach beyond the tile's buffer all round? */
static bool is_inner(unsigned z, uint32_t x, uint32_t y)
{
    const xw_box b = xw_model_box(&town.m), t = xw_tile_box(z, x, y, XW_TILE_BUFFER);
    return xw_box_has(b, (xw_pt){t.min.x - TOWN_STEP, t.min.y - TOWN_STEP}) &&
           xw_box_has(b, (xw_pt){t.max.x + TOWN_STEP, t.max.y + TOWN_STEP});
}

/* The layers that cover the whole town, and the zooms at which no member is smaller than a pixel or
 * two: below, outlines may collapse and are dropped. */
static const struct {
    const char *layer;
    unsigned from;
} coverages[] = {{"zones", 9}, {"sections", 11}, {"teams", 13}, {"plots", 16}};

static void test_neighbours_share_their_borders_exactly(void **state)
{
    (void)state;
    size_t n_edges = 0;
    for (unsigned z = 9; z <= 19; z++) {
        frame(&town, z);
        const uint32_t step = z > 16 ? (z - 15) * 3 : 1;
        for (uint32_t x = town.x0; x <= town.x1; x += step) {
            for (uint32_t y = town.y0; y <= town.y1; y += step) {
                mvt_tile t = draw(&town, z, x, y);
                size_t n_rim = 0, n_all;
                segment *rim = unmatched(mvt_find(&t, "zones"), &n_rim, &n_all);
                for (size_t c = 0; c < 4; c++) {
                    if (z < coverages[c].from) continue;
                    size_t n;
                    segment *left = unmatched(mvt_find(&t, coverages[c].layer), &n, &n_all);
                    /* Only the rim of the town has no other side: the same for all levels. */
                    assert_int_equal(n, n_rim);
                    assert_memory_equal(left, rim, n * sizeof *left);
                    n_edges += n_all;
                    free(left);
                }
                if (is_inner(z, x, y)) assert_int_equal(n_rim, 0);
                if (z == 9) assert_true(n_rim > 8);
                free(rim);
                mvt_free(&t);
            }
        }
    }
    assert_true(n_edges > 100000);
}

/* Areas are integers: what the members of a level cover in an inner tile is the tile and its
 * buffer, to the unit. */
static void test_a_level_covers_the_tile_without_gap_or_overlap(void **state)
{
    (void)state;
    const int64_t side = XW_TILE_EXTENT + 2 * XW_TILE_BUFFER;
    int n_tiles = 0;
    for (unsigned z = 15; z <= 18; z++) {
        frame(&town, z);
        for (uint32_t x = town.x0; x < town.x1; x++) {
            for (uint32_t y = town.y0; y < town.y1; y += z - 14) {
                if (!is_inner(z, x, y)) continue;
                mvt_tile t = draw(&town, z, x, y);
                for (size_t c = 0; c < 4; c++) {
                    if (z < coverages[c].from) continue;
                    assert_int_equal(area2_of(mvt_find(&t, coverages[c].layer)), 2 * side * side);
                }
                assert_int_equal(area2_of(mvt_find(&t, "divisions")),
                                 4 * side * side); /* town and village */
                n_tiles++;
                mvt_free(&t);
            }
        }
    }
    assert_true(n_tiles > 10);
}

/* Vertices in the strip that two neighbouring tiles both hold are the same in both. */
static void test_adjacent_tiles_agree_in_the_buffer(void **state)
{
    (void)state;
    size_t n_seen = 0;
    for (unsigned z = 12; z <= 16; z++) {
        frame(&town, z);
        const uint32_t width = town.x1 - town.x0;
        for (uint32_t at = 0; at < width * (town.y1 - town.y0 + 1); at++) {
            const uint32_t x = town.x0 + at % width, y = town.y0 + at / width;
            mvt_tile t[2] = {draw(&town, z, x, y), draw(&town, z, x + 1, y)};
            size_t n[2] = {0, 0};
            int64_t sum[2] = {0, 0};
            for (int w = 0; w < 2; w++) {
                const mvt_layer *l = mvt_find(&t[w], "zones");
                const int32_t lo = w ? -XW_TILE_BUFFER : XW_TILE_EXTENT - XW_TILE_BUFFER;
                for (size_t i = 0; l && i < l->n_features; i++) {
                    for (size_t k = 0; k < l->features[i].n_paths; k++) {
                        const mvt_path *p = &l->features[i].paths[k];
                        for (size_t v = 0; v < p->n; v++) {
                            const int32_t px = p->pts[v][0], py = p->pts[v][1];
                            const bool in = px > lo && px < lo + 2 * XW_TILE_BUFFER &&
                                            py > -XW_TILE_BUFFER &&
                                            py < XW_TILE_EXTENT + XW_TILE_BUFFER;
                            n[w] += in;
                            sum[w] += in ? (int64_t)(px - lo) * 10007 + py : 0;
                        }
                    }
                }
                mvt_free(&t[w]);
            }
            assert_int_equal(n[0], n[1]);
            assert_int_equal(sum[0], sum[1]);
            n_seen += n[0];
        }
    }
    assert_true(n_seen > 50);
}

/* ---- zoom ranks ---- */

static double away(xw_pt a, xw_pt b, xw_pt p)
{
    const double s = 1 / cos(xw_deg(TOWN_Y) * 3.14159265358979323846 / 180);
    const double ux = (double)b.x - a.x, uy = ((double)b.y - a.y) * s, uu = ux * ux + uy * uy;
    const double wx = (double)p.x - a.x, wy = ((double)p.y - a.y) * s;
    double t = uu > 0 ? (wx * ux + wy * uy) / uu : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(wx - t * ux, wy - t * uy);
}

/* On the outline of every grid, at every zoom at which it is drawn, what is dropped is within half
 * a pixel of what is kept instead; and where only zones are drawn, the corners of plots go too. */
static void test_outlines_stay_within_half_a_pixel(void **state)
{
    (void)state;
    const xw_model *m = &town.m;
    const uint8_t *rank = xw_snapshot_ranks(town.s);
    size_t n_kept = 0, n_nodes = 0;
    for (uint32_t g = 0; g < m->n_grids; g++) {
        const xw_shape shape = xw_snapshot_shape(town.s, XW_SHAPE_GRID, g);
        assert_int_equal(shape.n_rings, 1);
        static xw_pt pts[20000];
        static uint8_t ranks[20000];
        size_t n = 0;
        for (uint32_t i = 0; i < shape.rings[0].n; i++) {
            const uint32_t ref = shape.refs[shape.rings[0].first + i];
            const xw_edge *e = &m->edges[XW_REF_EDGE(ref)];
            for (uint32_t k = 0; k + 1 < e->n; k++) {
                const uint32_t v = e->first + (XW_REF_REVERSED(ref) ? e->n - 1 - k : k);
                ranks[n] = rank[v];
                pts[n++] = m->pts[v];
            }
            const uint32_t end = e->first + (XW_REF_REVERSED(ref) ? 0 : e->n - 1);
            const uint32_t next = shape.refs[shape.rings[0].first + (i + 1) % shape.rings[0].n];
            const xw_edge *f = &m->edges[XW_REF_EDGE(next)];
            const uint32_t start = f->first + (XW_REF_REVERSED(next) ? f->n - 1 : 0);
            assert_int_equal(rank[end], rank[start]); /* one node, one rank */
        }
        for (unsigned z = xw_tile_level_zoom(m, m->grids[g].level); z <= XW_TILE_ZOOM_FULL; z++) {
            const double tolerance = XW_SIMPLIFY_TOLERANCE / ldexp(1, (int)z) * 1.01;
            size_t first = 0;
            while (first < n && ranks[first] > z) first++;
            assert_true(first < n);
            for (size_t from = first, seen = 0; seen < n;) {
                size_t to = from + 1;
                while (ranks[to % n] > z) to++;
                for (size_t k = from + 1; k < to; k++) {
                    assert_true(away(pts[from], pts[to % n], pts[k % n]) <= tolerance);
                }
                seen += to - from;
                from = to % n;
                n_kept += z == 10 && m->grids[g].level == 0;
            }
        }
        if (m->grids[g].level == 0) n_nodes += shape.rings[0].n;
        assert_true(ranks[0] <= XW_TILE_ZOOM_FULL);
    }
    assert_true(n_kept * 2 < n_nodes);
}

static void test_ranks_and_shades_survive_every_failed_allocation(void **state)
{
    (void)state;
    uint8_t *rank = malloc(toy.m.n_pts), *shade = malloc(toy.m.n_grids);
    assert_non_null(rank);
    assert_non_null(shade);
    int n_hits = 0;
    for (int n = 0;; n++, n_hits++) {
        fail_alloc_at(n);
        xw_status st = xw_tile_ranks(&toy.m, rank, NULL);
        if (!st) st = xw_tile_shades(&toy.m, shade, NULL);
        const bool hit = fail_alloc_stop();
        assert_int_equal(st, hit ? XW_NOMEM : XW_OK);
        if (!hit) break;
    }
    assert_true(n_hits > 12);
    assert_memory_equal(rank, xw_snapshot_ranks(toy.s), toy.m.n_pts);
    free(rank);
    free(shade);
}

/* ---- colours ---- */

static void test_neighbours_have_different_shades(void **state)
{
    (void)state;
    const scene *const scenes[] = {&town, &toy};
    for (int i = 0; i < 2; i++) {
        const xw_model *m = &scenes[i]->m;
        const uint8_t *shade = xw_snapshot_shades(scenes[i]->s);
        uint32_t seen[XW_TILE_SHADES] = {0};
        for (size_t e = 0; e < m->n_edges; e++) {
            if (m->edges[e].left == XW_NONE || m->edges[e].right == XW_NONE) continue;
            const xw_plot *p = &m->plots[m->edges[e].left], *q = &m->plots[m->edges[e].right];
            for (uint32_t l = 0; l < m->n_levels; l++) {
                for (uint32_t u = 0; u < p->n_units; u++) {
                    for (uint32_t v = 0; v < q->n_units; v++) {
                        const uint32_t a = xw_model_grid_at(m, m->units[p->first_unit + u].grid, l);
                        const uint32_t b = xw_model_grid_at(m, m->units[q->first_unit + v].grid, l);
                        if (a != b) assert_true(shade[a] != shade[b]);
                    }
                }
            }
        }
        for (size_t g = 0; g < m->n_grids; g++) {
            assert_true(shade[g] < XW_TILE_SHADES);
            seen[shade[g]]++;
        }
        for (int k = 0; k < XW_TILE_SHADES && i == 0; k++) {
            assert_true(seen[k] > m->n_grids / XW_TILE_SHADES / 2); /* all are used */
        }
    }
    const uint8_t *shade = xw_snapshot_shades(toy.s);
    assert_true(shade[7] != shade[8]); /* the two slices of the tower */
}

/* ---- labels ---- */

static void test_each_label_is_in_exactly_one_tile(void **state)
{
    (void)state;
    for (unsigned z = 8; z <= 17; z++) {
        frame(&town, z);
        uint32_t n[3] = {0}, n_divisions = 0;
        static uint8_t seen[8192];
        memset(seen, 0, sizeof seen);
        for (uint32_t x = town.x0 - 1; x <= town.x1 + 1; x++) {
            for (uint32_t y = town.y0 - 1; y <= town.y1 + 1; y++) {
                mvt_tile t = draw(&town, z, x, y);
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
    return draw(&toy, z, x, y);
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
        frame(&toy, z);
        bool seen[12] = {false};
        for (uint32_t x = toy.x0; x <= toy.x1; x++) {
            for (uint32_t y = toy.y0; y <= toy.y1; y++) {
                mvt_tile t = draw(&toy, z, x, y);
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

static void test_holes_stay_holes(void **state)
{
    (void)state;
    uint32_t x, y;
    xw_tile_of(17, (xw_pt){TOY_X + TOY_STEP * 3 / 2, TOY_Y + TOY_STEP * 3 / 2}, &x, &y);
    mvt_tile t = draw(&toy, 17, x, y);
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
    open_scene(&lake, "lake");
    uint32_t x, y;
    xw_tile_of(22, (xw_pt){TOY_X + TOY_STEP * 3 / 2, TOY_Y + TOY_STEP * 3 / 2}, &x, &y);
    mvt_tile t = draw(&lake, 22, x, y);
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
    frame(&town, 15);
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
    frame(&town, 13);
    assert_int_equal(xw_tile_draw(town.s, 13, town.x0, town.y0, &small, &err), XW_LIMIT);
    assert_non_null(strstr(err.text, "5000"));
    xw_buf_finish(&small);
    xw_buf_finish(&b);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    frame(&toy, 14);
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
        cmocka_unit_test(test_neighbours_share_their_borders_exactly),
        cmocka_unit_test(test_a_level_covers_the_tile_without_gap_or_overlap),
        cmocka_unit_test(test_adjacent_tiles_agree_in_the_buffer),
        cmocka_unit_test(test_outlines_stay_within_half_a_pixel),
        cmocka_unit_test(test_ranks_and_shades_survive_every_failed_allocation),
        cmocka_unit_test(test_neighbours_have_different_shades),
        cmocka_unit_test(test_each_label_is_in_exactly_one_tile),
        cmocka_unit_test(test_layers_come_in_at_their_zooms),
        cmocka_unit_test(test_a_tower_is_cut_into_slices),
        cmocka_unit_test(test_holes_stay_holes),
        cmocka_unit_test(test_a_tile_in_a_hole_has_nothing_of_what_is_around),
        cmocka_unit_test(test_barriers_say_what_they_are),
        cmocka_unit_test(test_the_layers_of_tilejson_are_those_of_the_tiles),
        cmocka_unit_test(test_equal_tiles_have_equal_bytes),
        cmocka_unit_test(test_empty_wrong_and_too_big_tiles),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
