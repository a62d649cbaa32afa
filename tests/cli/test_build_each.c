#include "support/test.h"
#include "xiwang/cli.h"
#include "xiwang/outline.h"
#include "xiwang/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <gdal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCES                                                                          \
    "--roads IN:roads --water IN:water --rail IN:rail --buildings IN:buildings "         \
    "--divisions IN:divisions --addresses IN:addresses --effective 2026-01-01T00:00:00Z" \
    " --threads 2 "

static char folder[64];
static char printed[20000];

/* Runs "xiwang …"; IN is the sample, DIR/ the folder of the test. */
static int run(const char *line)
{
    char words[1200];
    static char made[32][200];
    char program[] = "xiwang";
    char *argv[40] = {program};
    int argc = 1;
    (void)snprintf(words, sizeof words, "%s", line);
    char *rest = words;
    for (char *w; (w = strtok_r(rest, " ", &rest)); argc++) {
        if (strncmp(w, "IN", 2) == 0) {
            (void)snprintf(made[argc], sizeof made[argc], "%s/in.gpkg%s", folder, w + 2);
        } else if (strncmp(w, "DIR/", 4) == 0) {
            (void)snprintf(made[argc], sizeof made[argc], "%s/%s", folder, w + 4);
        } else {
            (void)snprintf(made[argc], sizeof made[argc], "%s", w);
        }
        argv[argc] = made[argc];
    }
    char log[128];
    (void)snprintf(log, sizeof log, "%s.log", folder);
    (void)fflush(NULL);
    const int fd = open(log, O_RDWR | O_CREAT | O_TRUNC, 0600);
    const int out = dup(1), err = dup(2);
    (void)dup2(fd, 1);
    (void)dup2(fd, 2);
    const int code = xw_cli_main(argc, argv);
    (void)fflush(NULL);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
    (void)close(out);
    (void)close(err);
    const ssize_t n = pread(fd, printed, sizeof printed - 1, 0);
    printed[n > 0 ? n : 0] = '\0';
    (void)close(fd);
    (void)unlink(log);
    return code;
}

static void assert_run(int code, const char *line, const char *says)
{
    const int got = run(line);
    if (got != code || !strstr(printed, says)) fail_msg("%s: %d, %s", line, got, printed);
}

static int set_up(void **state)
{
    (void)state;
    char line[200];
    const char *seed = getenv("XW_SEED");
    (void)snprintf(folder, sizeof folder, "/tmp/xw-each-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(line, sizeof line, "sample --households 700 --seed %s -o IN", seed ? seed : "7");
    assert_run(0, line, "700 households");
    assert_run(0, "build " SOURCES "-o DIR/whole.gpkg", "700 households");
    return 0;
}

static void remove_all(const char *dir)
{
    char name[400];
    DIR *d = opendir(dir);
    if (!d) return;
    for (const struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        (void)snprintf(name, sizeof name, "%s/%s", dir, e->d_name);
        if (unlink(name) != 0) remove_all(name);
    }
    (void)closedir(d);
    (void)rmdir(dir);
}

static int tear_down(void **state)
{
    (void)state;
    remove_all(folder);
    return 0;
}

static void read_store(const char *name, xw_model *m)
{
    char path[200];
    xw_error err = {XW_OK, ""};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (xw_store_read(path, m, &err)) fail_msg("%s", err.text);
}

static int by_place(const void *a, const void *b)
{
    const xw_pt *p = a, *q = b;
    return xw_pt_eq(*p, *q) ? 0 : xw_pt_less(*p, *q) ? -1 : 1;
}

typedef struct outlines {
    const xw_model *m;
    xw_edge_index ix;
    xw_tracer *tracer;
    xw_outline outline;
    xw_pt *pts;
    size_t n, cap;
} outlines;

static void open_outlines(outlines *o, const xw_model *m)
{
    *o = (outlines){.m = m};
    assert_int_equal(xw_edge_index_create(m, &o->ix, NULL), XW_OK);
    assert_int_equal(xw_tracer_create(m, &o->ix, &o->tracer, NULL), XW_OK);
}

static void close_outlines(outlines *o)
{
    xw_tracer_destroy(o->tracer);
    xw_edge_index_finish(&o->ix);
    xw_outline_finish(&o->outline);
    free(o->pts);
}

/* All vertices of a plot in the order of places, and twice its area. */
static int64_t trace(outlines *o, uint32_t plot)
{
    int64_t area2 = 0;
    o->n = 0;
    assert_int_equal(xw_tracer_trace(o->tracer, &plot, 1, &o->outline, NULL), XW_OK);
    for (size_t r = 0; r < o->outline.n_rings; r++) {
        area2 += o->outline.rings[r].area2;
        assert_int_equal(xw_outline_points(o->m, &o->outline, &o->outline.rings[r], &o->pts, &o->n,
                                           &o->cap, NULL),
                         XW_OK);
    }
    qsort(o->pts, o->n, sizeof *o->pts, by_place);
    return area2;
}

static uint32_t division_of(const xw_model *m, const char *code)
{
    for (uint32_t i = 0; i < m->n_divisions; i++) {
        if (strcmp(xw_model_text(m, m->divisions[i].code), code) == 0) return i;
    }
    fail_msg("no division %s", code);
    return XW_NONE;
}

/* Codes, households and shapes of everything in the part are those of the whole. */
static void assert_part_of(const xw_model *whole, const xw_model *part)
{
    outlines a, b;
    open_outlines(&a, whole);
    open_outlines(&b, part);
    for (uint32_t d = 0; d < part->n_divisions; d++) {
        const xw_model_division *p = &part->divisions[d];
        const xw_model_division *w =
            &whole->divisions[division_of(whole, xw_model_text(part, p->code))];
        if (p->n_plots == 0) continue;
        assert_int_equal(p->n_plots, w->n_plots);
        for (uint32_t i = 0; i < p->n_plots; i++) {
            const xw_plot *x = &whole->plots[w->first_plot + i];
            const xw_plot *y = &part->plots[p->first_plot + i];
            assert_true(xw_pt_eq(x->anchor, y->anchor) && x->area_m2 == y->area_m2);
            assert_int_equal(x->households, y->households);
            const int64_t area2 = trace(&a, w->first_plot + i);
            assert_int_equal(area2, trace(&b, p->first_plot + i));
            assert_int_equal(a.n, b.n);
            assert_memory_equal(a.pts, b.pts, a.n * sizeof *a.pts);
            for (uint32_t u = 0; u < y->n_units; u++) {
                const xw_grid *g = &whole->grids[whole->units[x->first_unit + u].grid];
                const xw_grid *h = &part->grids[part->units[y->first_unit + u].grid];
                assert_string_equal(xw_model_text(whole, g->code), xw_model_text(part, h->code));
            }
        }
    }
    for (size_t i = 0; i < part->n_grids; i++) {
        const xw_grid *g = &part->grids[i];
        const uint32_t k = xw_model_grid_by_code(whole, xw_model_text(part, g->code));
        assert_true(k != XW_NONE);
        assert_int_equal(whole->grids[k].households, g->households);
        assert_int_equal(whole->grids[k].children, g->children);
        assert_string_equal(xw_model_text(whole, whole->grids[k].name),
                            xw_model_text(part, g->name));
    }
    close_outlines(&a);
    close_outlines(&b);
}

static void test_divisions_built_alone_are_those_of_the_whole(void **state)
{
    (void)state;
    assert_run(0, "build " SOURCES "--each village -o DIR/each", "700 households");
    xw_model whole;
    read_store("whole.gpkg", &whole);
    size_t grids = 0, plots = 0, buildings = 0;
    for (size_t i = 0; i < whole.n_divisions; i++) {
        if (whole.divisions[i].n_plots == 0) continue;
        char name[64];
        xw_model part;
        (void)snprintf(name, sizeof name, "each/%s.gpkg",
                       xw_model_text(&whole, whole.divisions[i].code));
        read_store(name, &part);
        assert_part_of(&whole, &part);
        grids += part.n_grids;
        plots += part.n_plots;
        buildings += part.n_buildings;
        xw_model_finish(&part);
    }
    assert_int_equal(grids, whole.n_grids);
    assert_int_equal(plots, whole.n_plots);
    assert_int_equal(buildings, whole.n_buildings);
    xw_model_finish(&whole);
}

/* The town's code stands for all villages under it, given short or full. */
static void test_a_code_stands_for_what_lies_under_it(void **state)
{
    (void)state;
    xw_model whole, part;
    char line[600];
    read_store("whole.gpkg", &whole);
    const char *town = NULL, *village = NULL;
    for (size_t i = 0; i < whole.n_divisions; i++) {
        const char *const level = xw_model_text(&whole, whole.divisions[i].level);
        if (strcmp(level, "town") == 0 && !town)
            town = xw_model_text(&whole, whole.divisions[i].code);
        if (whole.divisions[i].n_plots > 0)
            village = xw_model_text(&whole, whole.divisions[i].code);
    }
    assert_non_null(town);
    assert_non_null(village);
    (void)snprintf(line, sizeof line, "build " SOURCES "--only %.9s -o DIR/town.gpkg --force",
                   town);
    assert_run(0, line, "town.gpkg");
    read_store("town.gpkg", &part);
    for (size_t i = 0; i < whole.n_divisions; i++) {
        const char *const code = xw_model_text(&whole, whole.divisions[i].code);
        if (whole.divisions[i].n_plots > 0 && strncmp(code, town, 9) == 0) {
            assert_true(part.divisions[division_of(&part, code)].n_plots > 0);
        }
    }
    assert_part_of(&whole, &part);
    xw_model_finish(&part);
    (void)snprintf(line, sizeof line, "build " SOURCES "--only %s -o DIR/one.gpkg", village);
    assert_run(0, line, "one.gpkg");
    assert_run(0, "check DIR/one.gpkg", "");
    xw_model_finish(&whole);
}

static void test_finished_parts_are_kept_until_the_input_changes(void **state)
{
    (void)state;
    assert_run(0, "build " SOURCES "--each village -o DIR/again", "(0 kept)");
    assert_run(0, "build " SOURCES "--each village -o DIR/again", "  kept\n");
    assert_null(strstr(printed, "(0 kept)"));
    assert_null(strstr(printed, " s\n"));
    assert_run(0, "build " SOURCES "--each village -o DIR/again --json", "\"stores\":");
    assert_non_null(strstr(printed, "\"households\":700"));
    assert_run(0, "build " SOURCES "--each village -o DIR/again --force", "(0 kept)");
    assert_run(0, "build " SOURCES "--each village -o DIR/again --paths", "(0 kept)");

    char path[200]; /* one store is gone: it alone is made again */
    xw_model whole;
    read_store("whole.gpkg", &whole);
    for (size_t i = 0; i < whole.n_divisions; i++) {
        if (whole.divisions[i].n_plots == 0) continue;
        (void)snprintf(path, sizeof path, "%s/again/%s.gpkg", folder,
                       xw_model_text(&whole, whole.divisions[i].code));
    }
    xw_model_finish(&whole);
    assert_int_equal(unlink(path), 0);
    assert_run(0, "build " SOURCES "--each village -o DIR/again --paths", " kept)");
    assert_null(strstr(printed, "(0 kept)"));
    assert_int_equal(access(path, F_OK), 0);
}

static void test_wrong_use_is_said(void **state)
{
    (void)state;
    assert_run(3, "build " SOURCES "--only 350000 -o DIR/x.gpkg", "none of the");
    assert_run(3, "build " SOURCES "--only 12ab -o DIR/x.gpkg", "is not of 6, 9 or 12 digits");
    assert_run(3, "build " SOURCES "--each castle -o DIR/x", "neither codes nor a level");
    assert_run(2, "build " SOURCES "--each village --only 1 -o DIR/x", "either --only or --each");
    assert_run(2, "build --roads IN:roads --buildings IN:buildings --each village -o DIR/x",
               "needs --divisions");
    assert_run(2, "build --osm IN --only 1 -o DIR/x", "--osm with --division-level");
    assert_run(2, "build " SOURCES "--each village --report DIR/r.json -o DIR/x", "--report goes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divisions_built_alone_are_those_of_the_whole),
        cmocka_unit_test(test_a_code_stands_for_what_lies_under_it),
        cmocka_unit_test(test_finished_parts_are_kept_until_the_input_changes),
        cmocka_unit_test(test_wrong_use_is_said),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
