#include "support/test.h"
#include "support/toy_model.h"
#include "xiwang/picture.h"

#include <cpl_minixml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct scene {
    xw_model m;
    xw_snapshot *s;
    char path[64];
} scene;

static void open_scene(scene *c, const char *name)
{
    assert_true(toy_model_make(&c->m));
    if (name) assert_int_equal(xw_strings_add(&c->m.text, name, &c->m.name, NULL), XW_OK);
    (void)snprintf(c->path, sizeof c->path, "/tmp/xw-picture-XXXXXX");
    const int fd = mkstemp(c->path);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(xw_snapshot_write(&c->m, c->path, NULL, NULL), XW_OK);
    assert_int_equal(xw_snapshot_open(c->path, &c->s, NULL), XW_OK);
}

static void close_scene(scene *c)
{
    xw_snapshot_close(c->s);
    (void)unlink(c->path);
    xw_model_finish(&c->m);
}

static xw_picture_options all_of(xw_picture_what what, uint32_t level)
{
    return (xw_picture_options){
        .box = XW_BOX_EMPTY, .what = what, .level = level, .focus = XW_NONE, .width = 900};
}

typedef struct picture {
    CPLXMLNode *xml;
    xw_picture_counts n;
} picture;

static picture parse(const scene *c, const xw_picture_options *o)
{
    picture p;
    xw_buf out;
    xw_error err = {XW_OK, ""};
    xw_buf_init(&out, 1 << 24);
    const xw_status st = xw_picture_draw(c->s, o, &out, &p.n, &err);
    if (st) fail_msg("%s", err.text);
    assert_null(strstr(out.data, "nan"));
    p.xml = CPLParseXMLString(out.data);
    assert_non_null(p.xml);
    xw_buf_finish(&out);
    return p;
}

static const CPLXMLNode *group(const CPLXMLNode *at, const char *id)
{
    for (; at; at = at->psNext) {
        if (at->eType != CXT_Element) continue;
        if (strcmp(CPLGetXMLValue(at, "id", ""), id) == 0) return at;
        const CPLXMLNode *below = group(at->psChild, id);
        if (below) return below;
    }
    return NULL;
}

/* Elements of a kind in a group; their titles one after the other into text. */
static size_t count(const picture *p, const char *id, const char *element, char *text, size_t size)
{
    const CPLXMLNode *g = group(p->xml, id);
    size_t n = 0;
    if (text) text[0] = '\0';
    for (const CPLXMLNode *e = g ? g->psChild : NULL; e; e = e->psNext) {
        if (e->eType != CXT_Element || strcmp(e->pszValue, element) != 0) continue;
        n++;
        const size_t used = text ? strlen(text) : 0;
        if (text) {
            (void)snprintf(text + used, size - used, "%s|", CPLGetXMLValue(e, "title", "none"));
        }
    }
    return n;
}

static size_t drawable_buildings(const xw_model *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_buildings; i++) n += m->buildings[i].n_rings > 0;
    return n;
}

/* The two teams of the tower lie on one place and are one element, with the households of both. */
static void test_every_grid_and_building_is_one_element(void **state)
{
    (void)state;
    static const char *const titles[3] = {
        "999101001001001 30户|999101001002001 9户|",
        "99910100100100101 18户|99910100100100102 12户|99910100100200101 9户|",
        ("9991010010010010101 9户|9991010010010010102 9户|9991010010010010201 12户|"
         "9991010010020010101 9户|9991010010020010102 0户|")};
    scene c;
    open_scene(&c, NULL);
    for (uint32_t level = 0; level < 3; level++) {
        const xw_picture_options o = all_of(XW_PICTURE_GRIDS, level);
        char text[4000];
        const picture p = parse(&c, &o);
        assert_int_equal(count(&p, "grids", "path", text, sizeof text), p.n.grids);
        assert_string_equal(text, titles[level]);
        assert_int_equal(count(&p, "buildings", "path", NULL, 0), drawable_buildings(&c.m));
        assert_int_equal(p.n.buildings, drawable_buildings(&c.m));
        assert_int_equal(p.n.lines, 1); /* the river lies farther north */
        assert_true(count(&p, "labels", "text", NULL, 0) >= p.n.labels);
        assert_true(p.n.labels >= p.n.grids);
        CPLDestroyXMLNode(p.xml);
    }
    close_scene(&c);
}

static void test_plots_show_all_edges_and_the_given_none_of_them(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, NULL);
    xw_picture_options o = all_of(XW_PICTURE_PLOTS, 0);
    picture p = parse(&c, &o);
    assert_int_equal(count(&p, "plots", "path", NULL, 0), c.m.n_plots);
    assert_int_equal(p.n.borders, c.m.n_edges);
    CPLDestroyXMLNode(p.xml);

    size_t border = 0; /* only the rim and the line between the two villages */
    for (size_t i = 0; i < c.m.n_edges; i++) border += c.m.edges[i].basis == XW_BASIS_DIVISION;
    o = all_of(XW_PICTURE_GIVEN, 0);
    p = parse(&c, &o);
    assert_null(group(p.xml, "plots"));
    assert_null(group(p.xml, "grids"));
    assert_in_range(p.n.borders, border, border + 1); /* the road across it parts them too */
    assert_int_equal(p.n.buildings, drawable_buildings(&c.m));
    CPLDestroyXMLNode(p.xml);
    close_scene(&c);
}

/* Oracle: a plot whose anchor is in the box is drawn; one that is drawn reaches into it. */
static void test_a_part_holds_what_lies_in_it(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, NULL);
    xw_rng rng = rng_from_env("picture");
    const xw_box all = xw_model_box(&c.m);
    for (int round = 0; round < 60; round++) {
        xw_picture_options o = all_of(XW_PICTURE_PLOTS, 0);
        const xw_pt a = {(int32_t)xw_rng_in(&rng, all.min.x, all.max.x),
                         (int32_t)xw_rng_in(&rng, all.min.y, all.max.y)};
        const xw_pt b = {(int32_t)xw_rng_in(&rng, all.min.x, all.max.x),
                         (int32_t)xw_rng_in(&rng, all.min.y, all.max.y)};
        o.box = xw_box_grow((xw_box){a, a}, b);
        const picture p = parse(&c, &o);
        char text[4000], key[40];
        (void)count(&p, "plots", "path", text, sizeof text);
        assert_true(p.n.box.min.x <= o.box.min.x + 1 && p.n.box.max.y >= o.box.max.y - 1);
        for (uint32_t i = 0; i < c.m.n_plots; i++) {
            (void)snprintf(key, sizeof key, "地块%u %u户|", i + 1, c.m.plots[i].households);
            const bool drawn = strstr(text, key) != NULL;
            if (xw_box_has(o.box, c.m.plots[i].anchor)) assert_true(drawn);
            const xw_box reach = xw_snapshot_shape(c.s, XW_SHAPE_PLOT, i).box;
            if (drawn) assert_true(xw_box_meets(reach, p.n.box));
        }
        CPLDestroyXMLNode(p.xml);
    }
    close_scene(&c);
}

/* The place where the outline of a plot starts. */
static void start_of(const picture *p, const char *title, double *x, double *y)
{
    for (const CPLXMLNode *e = group(p->xml, "plots")->psChild; e; e = e->psNext) {
        if (strcmp(CPLGetXMLValue(e, "title", ""), title) != 0) continue;
        assert_int_equal(sscanf(CPLGetXMLValue(e, "d", ""), "M%lf %lf", x, y), 2);
        return;
    }
    fail_msg("no %s", title);
}

/* Three plots in the corners of the toy, farther apart than a plot is wide. */
static void test_north_is_up_and_east_is_right(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, NULL);
    const xw_picture_options o = all_of(XW_PICTURE_PLOTS, 0);
    const picture p = parse(&c, &o);
    double west_x, west_y, north_x, north_y, east_x, east_y;
    start_of(&p, "地块1 3户", &west_x, &west_y);
    start_of(&p, "地块4 5户", &north_x, &north_y);
    start_of(&p, "地块8 2户", &east_x, &east_y);
    assert_true(north_y < west_y - 200);
    assert_true(east_x > west_x + 200);
    CPLDestroyXMLNode(p.xml);
    close_scene(&c);
}

static void test_texts_are_escaped(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, "<b>&\"'\x01\xff]]>村");
    xw_picture_options o = all_of(XW_PICTURE_GIVEN, 0);
    xw_buf out;
    xw_buf_init(&out, 1 << 24);
    assert_int_equal(xw_picture_draw(c.s, &o, &out, NULL, NULL), XW_OK);
    assert_non_null(strstr(out.data, ">&lt;b&gt;&amp;&quot;'\xEF\xBF\xBD\xEF\xBF\xBD]]&gt;村 · "));
    xw_buf_clear(&out);
    o.title = "</text><script>";
    assert_int_equal(xw_picture_draw(c.s, &o, &out, NULL, NULL), XW_OK);
    assert_non_null(strstr(out.data, ">&lt;/text&gt;&lt;script&gt;</text>"));
    assert_null(strstr(out.data, "<script"));
    xw_buf_finish(&out);
    close_scene(&c);
}

static void assert_refused(const scene *c, xw_picture_options o, xw_status want, const char *says)
{
    xw_buf out;
    xw_error err = {XW_OK, ""};
    xw_buf_init(&out, 1 << 24);
    assert_int_equal(xw_picture_draw(c->s, &o, &out, NULL, &err), want);
    if (!strstr(err.text, says)) fail_msg("%s", err.text);
    xw_buf_finish(&out);
}

static void test_what_does_not_exist_is_refused(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, NULL);
    xw_picture_options o = all_of(XW_PICTURE_GRIDS, 3);
    assert_refused(&c, o, XW_INPUT, "level 3");
    o.level = 0;
    o.focus = (uint32_t)c.m.n_grids;
    assert_refused(&c, o, XW_INPUT, "grid 11");
    o.focus = XW_NONE;
    o.width = XW_PICTURE_WIDTH_MIN - 1;
    assert_refused(&c, o, XW_INPUT, "299 pixels");
    o.width = 900;
    o.box = (xw_box){{0, 0}, {1000, 1000}};
    assert_refused(&c, o, XW_NOT_FOUND, "nothing of the territory");
    o.box = XW_BOX_EMPTY;
    xw_buf out;
    xw_buf_init(&out, 3000);
    assert_int_equal(xw_picture_draw(c.s, &o, &out, NULL, NULL), XW_LIMIT);
    xw_buf_finish(&out);
    close_scene(&c);
}

static void test_the_same_picture_has_the_same_bytes(void **state)
{
    (void)state;
    scene c, d;
    open_scene(&c, NULL);
    open_scene(&d, NULL);
    xw_picture_options o = all_of(XW_PICTURE_GRIDS, 2);
    o.focus = 2;
    xw_buf a, b;
    xw_buf_init(&a, 1 << 24);
    xw_buf_init(&b, 1 << 24);
    assert_int_equal(xw_picture_draw(c.s, &o, &a, NULL, NULL), XW_OK);
    assert_int_equal(xw_picture_draw(d.s, &o, &b, NULL, NULL), XW_OK);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.data, b.data, a.n);
    assert_non_null(strstr(a.data, "class=\"veil\""));
    xw_buf_finish(&a);
    xw_buf_finish(&b);
    close_scene(&c);
    close_scene(&d);
}

static void test_any_failed_allocation_is_reported(void **state)
{
    (void)state;
    scene c;
    open_scene(&c, NULL);
    for (int what = 0; what < 3; what++) {
        const xw_picture_options o = all_of((xw_picture_what)what, 2);
        for (int n = 0;; n++) {
            xw_buf out;
            xw_buf_init(&out, 1 << 24);
            fail_alloc_at(n);
            const xw_status st = xw_picture_draw(c.s, &o, &out, NULL, NULL);
            const bool failed = fail_alloc_stop();
            xw_buf_finish(&out);
            assert_int_equal(st, failed ? XW_NOMEM : XW_OK);
            if (!failed) break;
        }
    }
    close_scene(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_grid_and_building_is_one_element),
        cmocka_unit_test(test_plots_show_all_edges_and_the_given_none_of_them),
        cmocka_unit_test(test_a_part_holds_what_lies_in_it),
        cmocka_unit_test(test_north_is_up_and_east_is_right),
        cmocka_unit_test(test_texts_are_escaped),
        cmocka_unit_test(test_what_does_not_exist_is_refused),
        cmocka_unit_test(test_the_same_picture_has_the_same_bytes),
        cmocka_unit_test(test_any_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
