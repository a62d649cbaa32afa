/* aggregate-graph GRAPH.json OUT.json [--cap 10] [--groups K] [--steps N] [--seed S]
 * Groups the nodes of a graph file and writes the assignment, for measuring with outside scorers.
 */
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
                "[--seed S]\n",
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

int main(int argc, char **argv)
{
    xw_aggregate_options o = {.cap = 10, .seed = 1};
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
        } else {
            return usage();
        }
    }
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
