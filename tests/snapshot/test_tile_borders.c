/* What tiles promise about borders: shared, covering, simplified by half a pixel, coloured apart.
 */
#include "snapshot/tile_scene.h"
#include "tiles/valid.h"
#include "xiwang/clip.h"
#include "xiwang/simplify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        scene_frame(&town, z);
        const uint32_t step = z > 16 ? (z - 15) * 3 : 1;
        for (uint32_t x = town.x0; x <= town.x1; x += step) {
            for (uint32_t y = town.y0; y <= town.y1; y += step) {
                mvt_tile t = scene_draw(&town, z, x, y);
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
        scene_frame(&town, z);
        for (uint32_t x = town.x0; x < town.x1; x++) {
            for (uint32_t y = town.y0; y < town.y1; y += z - 14) {
                if (!is_inner(z, x, y)) continue;
                mvt_tile t = scene_draw(&town, z, x, y);
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
        scene_frame(&town, z);
        const uint32_t width = town.x1 - town.x0;
        for (uint32_t at = 0; at < width * (town.y1 - town.y0 + 1); at++) {
            const uint32_t x = town.x0 + at % width, y = town.y0 + at / width;
            mvt_tile t[2] = {scene_draw(&town, z, x, y), scene_draw(&town, z, x + 1, y)};
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

/* ---- validity ---- */

static size_t assert_valid_layer(const mvt_layer *l, unsigned z, uint32_t x, uint32_t y)
{
    static valid_ring rings[4096];
    char why[VALID_WHY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < l->n_features; i++) {
        const mvt_feature *f = &l->features[i];
        if (f->type != 3) continue;
        assert_true(f->n_paths < 4096);
        for (size_t k = 0; k < f->n_paths; k++) {
            rings[k] = (valid_ring){f->paths[k].pts[0], f->paths[k].n, f->paths[k].area2 < 0};
        }
        if (!valid_polygon(rings, f->n_paths, why)) {
            fail_msg("%u/%u/%u %s %u: %s", z, x, y, l->name, (unsigned)f->id, why);
        }
        n++;
    }
    return n;
}

/* Small zooms are the hard ones: there a plot is a unit or two wide, and what is left of a border
 * crosses others. */
static void test_all_polygons_are_valid(void **state)
{
    (void)state;
    scene *const scenes[] = {&town, &toy};
    size_t n = 0;
    for (int i = 0; i < 2; i++) {
        for (unsigned z = 3; z <= 18; z++) {
            scene_frame(scenes[i], z);
            const uint32_t step = z > 16 ? (z - 15) * 3 : 1;
            for (uint32_t x = scenes[i]->x0; x <= scenes[i]->x1; x += step) {
                for (uint32_t y = scenes[i]->y0; y <= scenes[i]->y1; y += step) {
                    mvt_tile t = scene_draw(scenes[i], z, x, y);
                    for (size_t k = 0; k < t.n_layers; k++) {
                        n += assert_valid_layer(&t.layers[k], z, x, y);
                    }
                    mvt_free(&t);
                }
            }
        }
    }
    assert_true(n > 20000);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours_share_their_borders_exactly),
        cmocka_unit_test(test_a_level_covers_the_tile_without_gap_or_overlap),
        cmocka_unit_test(test_adjacent_tiles_agree_in_the_buffer),
        cmocka_unit_test(test_all_polygons_are_valid),
        cmocka_unit_test(test_outlines_stay_within_half_a_pixel),
        cmocka_unit_test(test_ranks_and_shades_survive_every_failed_allocation),
        cmocka_unit_test(test_neighbours_have_different_shades),
    };
    return cmocka_run_group_tests(tests, scenes_set_up, scenes_tear_down);
}
