/* aggregate-graph GRAPH.json OUT.json [--cap 10] [--groups K] [--steps N] [--seed S]
 * Groups the nodes of a graph file and writes the assignment, for measuring with outside scorers.
 * With --nest 10,10,10 and perhaps --effort 400 (caps, coarsest level first) all levels are made:
 * OUT.json is the finest, OUT.json.1 says for each group of it the group of the next level, and so
 * on.
 */
#include "nest.h"
#include "xiwang/aggregate.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double num(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

/* Cost of a metre by the class of the file: inside a block, main road, secondary, lane. */
static xw_status read_graph(const json_t *doc, xw_graph *g, xw_error *err)
{
    static const double cost[] = {1.0, 0.05, 0.15, 0.30};
    const json_t *cells = json_object_get(doc, "cells"), *edges = json_object_get(doc, "edges");
    const size_t n = json_array_size(cells), m = json_array_size(edges);
    xw_graph_pair *pairs = calloc(m + 1, sizeof *pairs);
    if (!pairs) return xw_fail(err, XW_NOMEM, "%zu edges", m);
    for (size_t i = 0; i < m; i++) {
        const json_t *e = json_array_get(edges, i);
        const double len = num(e, "len");
        const size_t cls = (size_t)num(e, "cls");
        pairs[i] = (xw_graph_pair){(uint32_t)num(e, "a"), (uint32_t)num(e, "b"), (float)len,
                                   (float)(len * cost[cls < 4 ? cls : 0]),
                                   len >= 0.01 ? XW_ARC_OPEN : XW_ARC_SHUT};
    }
    const xw_status st = xw_graph_create((uint32_t)n, pairs, m, g, err);
    free(pairs);
    if (st) return st;
    for (size_t i = 0; i < n; i++) {
        const json_t *c = json_array_get(cells, i);
        const uint32_t h = (uint32_t)num(c, "h");
        g->nodes[i] =
            (xw_graph_node){num(c, "x"), num(c, "y"), num(c, "area"), num(c, "perimeter"), h, h};
    }
    return XW_OK;
}

static int usage(void)
{
    (void)fputs("usage: aggregate-graph GRAPH.json OUT.json [--cap 10] [--groups K] [--steps N] "
                "[--seed S] [--nest 10,10,10 [--effort PER_CENT]]\n",
                stderr);
    return 2;
}

static bool write_assignment(const char *path, const uint32_t *group_of, uint32_t n, double seconds)
{
    FILE *f = fopen(path, "w");
    if (!f) return false;
    (void)fprintf(f, "{\"meta\":{\"method\":\"xiwang\",\"sec\":%.3f},\"assign\":[", seconds);
    for (uint32_t i = 0; i < n; i++) (void)fprintf(f, i ? ",%u" : "%u", group_of[i]);
    (void)fputs("]}\n", f);
    return fclose(f) == 0;
}

static bool read_caps(const char *text, xw__nest_options *o)
{
    char *end = NULL;
    for (o->n_levels = 0; o->n_levels < XW_LEVELS_MAX; text = end + 1) {
        o->caps[o->n_levels++] = (uint32_t)strtoul(text, &end, 10);
        if (*end != ',') break;
    }
    return *end == 0;
}

/* All levels, each into a file of its own. */
static xw_status nest(const xw_graph *g, const xw__nest_options *o, const char *path, xw_error *err)
{
    xw__nest levels;
    struct timespec t0, t1;
    (void)clock_gettime(CLOCK_MONOTONIC, &t0);
    xw_status st = xw__nest_make(g, o, NULL, &levels, err);
    (void)clock_gettime(CLOCK_MONOTONIC, &t1);
    const double sec = (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec);
    for (uint32_t l = o->n_levels, n = g->n, up = 0; l-- > 0 && !st; up++) {
        const xw__nest_level *at = &levels.levels[l];
        uint64_t grids = 0;
        char name[4096];
        (void)snprintf(name, sizeof name, up ? "%s.%u" : "%s", path, up);
        for (uint32_t k = 0; k < at->n; k++) grids += at->pieces[k];
        (void)printf("%llu of %u, %.2f km; ", (unsigned long long)grids, at->bound, at->cut / 1000);
        if (!write_assignment(name, at->of, n, sec)) st = xw_fail(err, XW_IO, "%s", name);
        n = at->n;
    }
    if (!st) (void)printf("%.2f s\n", sec);
    xw__nest_finish(&levels);
    return st;
}

int main(int argc, char **argv)
{
    xw_aggregate_options o = {.cap = 10, .seed = 1};
    xw__nest_options levels = {0};
    if (argc < 3 || argc % 2 == 0) return usage();
    for (int i = 3; i + 1 < argc; i += 2) {
        const unsigned long long v = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--cap") == 0) {
            o.cap = (uint32_t)v;
        } else if (strcmp(argv[i], "--groups") == 0) {
            o.groups = (uint32_t)v;
        } else if (strcmp(argv[i], "--steps") == 0) {
            o.steps = v;
        } else if (strcmp(argv[i], "--seed") == 0) {
            o.seed = v;
        } else if (strcmp(argv[i], "--effort") == 0) {
            levels.effort = (uint32_t)v;
        } else if (strcmp(argv[i], "--nest") != 0 || !read_caps(argv[i + 1], &levels)) {
            return usage();
        }
    }
    levels.seed = o.seed;
    json_error_t je;
    xw_error err = {XW_OK, ""};
    xw_graph g = {0};
    uint32_t n_groups = 0;
    int code = 3;
    json_t *doc = json_load_file(argv[1], 0, &je);
    if (!doc) {
        (void)fprintf(stderr, "aggregate-graph: %s: %s\n", argv[1], je.text);
        return 3;
    }
    xw_status st = read_graph(doc, &g, &err);
    json_decref(doc);
    if (!st && levels.n_levels > 0) {
        st = nest(&g, &levels, argv[2], &err);
        if (st) (void)fprintf(stderr, "aggregate-graph: %s\n", err.text);
        xw_graph_finish(&g);
        return st ? 3 : 0;
    }
    uint32_t *group_of = calloc((size_t)g.n + 1, sizeof *group_of);
    struct timespec t0, t1;
    (void)clock_gettime(CLOCK_MONOTONIC, &t0);
    if (!st && group_of) st = xw_aggregate(&g, &o, NULL, group_of, NULL, &n_groups, &err);
    (void)clock_gettime(CLOCK_MONOTONIC, &t1);
    const double sec = (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec);
    if (st || !group_of) {
        (void)fprintf(stderr, "aggregate-graph: %s\n", err.text);
    } else if (!write_assignment(argv[2], group_of, g.n, sec)) {
        (void)fprintf(stderr, "aggregate-graph: %s cannot be written\n", argv[2]);
    } else {
        (void)printf("%u groups, %.2f s\n", n_groups, sec);
        code = 0;
    }
    free(group_of);
    xw_graph_finish(&g);
    return code;
}
