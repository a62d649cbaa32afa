#include "xiwang/graph.h"

#include <stdlib.h>
#include <string.h>

void xw_graph_finish(xw_graph *g)
{
    free(g->start);
    free(g->arcs);
    free(g->nodes);
    memset(g, 0, sizeof *g);
}

typedef struct half { /* one direction of a pair */
    uint32_t from;
    xw_arc arc;
} half;

/* One stable pass of a counting sort of the halves, by `to` or by `from`. */
static void sort_pass(const half *in, half *out, size_t n, uint32_t *count, uint32_t nodes,
                      bool by_to)
{
    memset(count, 0, ((size_t)nodes + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++) count[(by_to ? in[i].arc.to : in[i].from) + 1]++;
    for (uint32_t v = 0; v < nodes; v++) count[v + 1] += count[v];
    for (size_t i = 0; i < n; i++) out[count[by_to ? in[i].arc.to : in[i].from]++] = in[i];
}

/* Sums the sorted halves of one (from, to) into arcs and sets the row starts. */
static void join_rows(const half *halves, size_t n, xw_graph *g)
{
    uint32_t made = 0;
    size_t i = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        g->start[v] = made;
        while (i < n && halves[i].from == v) {
            xw_arc a = halves[i].arc;
            for (i++; i < n && halves[i].from == v && halves[i].arc.to == a.to; i++) {
                a.len += halves[i].arc.len;
                a.cost += halves[i].arc.cost;
                if (halves[i].arc.kind > a.kind) a.kind = halves[i].arc.kind;
            }
            g->arcs[made++] = a;
        }
    }
    g->start[g->n] = made;
}

xw_status xw_graph_create(uint32_t n, const xw_graph_pair *pairs, size_t n_pairs, xw_graph *out,
                          xw_error *err)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n_pairs; i++) {
        if (pairs[i].a >= n || pairs[i].b >= n) {
            return xw_fail(err, XW_INPUT, "pair %zu: node %u of %u", i,
                           pairs[i].a >= n ? pairs[i].a : pairs[i].b, n);
        }
    }
    if (n_pairs > UINT32_MAX / 2) return xw_fail(err, XW_LIMIT, "%zu pairs of nodes", n_pairs);
    out->n = n;
    out->start = calloc((size_t)n + 2, sizeof *out->start);
    out->nodes = calloc((size_t)n + 1, sizeof *out->nodes);
    out->arcs = calloc(2 * n_pairs + 1, sizeof *out->arcs);
    half *a = malloc((2 * n_pairs + 1) * sizeof *a), *b = malloc((2 * n_pairs + 1) * sizeof *b);
    uint32_t *count = malloc(((size_t)n + 2) * sizeof *count);
    if (!out->start || !out->nodes || !out->arcs || !a || !b || !count) {
        free(a);
        free(b);
        free(count);
        xw_graph_finish(out);
        return xw_fail(err, XW_NOMEM, "graph of %u nodes", n);
    }
    size_t k = 0;
    for (size_t i = 0; i < n_pairs; i++) {
        const xw_graph_pair p = pairs[i];
        if (p.a == p.b) continue;
        a[k++] = (half){p.a, {p.b, p.len, p.cost, p.kind}};
        a[k++] = (half){p.b, {p.a, p.len, p.cost, p.kind}};
    }
    sort_pass(a, b, k, count, n, true);
    sort_pass(b, a, k, count, n, false);
    join_rows(a, k, out);
    free(a);
    free(b);
    free(count);
    return XW_OK;
}

/* Union of the nodes of each group; the perimeter loses the inner boundary on both its sides. */
static void sum_nodes(const xw_graph *g, const uint32_t *group_of, xw_graph *out)
{
    for (uint32_t v = 0; v < g->n; v++) {
        const xw_graph_node *from = &g->nodes[v];
        xw_graph_node *to = &out->nodes[group_of[v]];
        to->x += from->x * from->area;
        to->y += from->y * from->area;
        to->area += from->area;
        to->perimeter += from->perimeter;
        to->households += from->households;
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            if (group_of[g->arcs[i].to] == group_of[v]) to->perimeter -= (double)g->arcs[i].len;
        }
    }
    for (uint32_t k = 0; k < out->n; k++) {
        xw_graph_node *to = &out->nodes[k];
        if (to->area > 0) {
            to->x /= to->area;
            to->y /= to->area;
        }
        to->weight = 1;
    }
}

xw_status xw_graph_contract(const xw_graph *g, const uint32_t *group_of, uint32_t n_groups,
                            const uint8_t *core, xw_graph *out, xw_error *err)
{
    memset(out, 0, sizeof *out);
    xw_graph_pair *pairs = malloc(((size_t)g->start[g->n] / 2 + 1) * sizeof *pairs);
    if (!pairs) return xw_fail(err, XW_NOMEM, "contraction of %u nodes", g->n);
    size_t k = 0;
    for (uint32_t v = 0; v < g->n; v++) {
        for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
            const xw_arc a = g->arcs[i];
            if (a.to < v || group_of[v] == group_of[a.to]) continue;
            const bool both = !core || (core[v] && core[a.to]);
            pairs[k++] = (xw_graph_pair){group_of[v], group_of[a.to], a.len, a.cost,
                                         both ? a.kind : XW_ARC_SHUT};
        }
    }
    const xw_status st = xw_graph_create(n_groups, pairs, k, out, err);
    free(pairs);
    if (st) return st;
    sum_nodes(g, group_of, out);
    return XW_OK;
}

/* One label a node: its piece of land, by depth-first search over every arc. */
static uint32_t label_pieces(const xw_graph *g, uint32_t *piece, uint32_t *stack)
{
    uint32_t n = 0;
    memset(piece, 0xff, (size_t)g->n * sizeof *piece);
    for (uint32_t s = 0; s < g->n; s++) {
        if (piece[s] != XW_NONE) continue;
        uint32_t depth = 0;
        stack[depth++] = s;
        piece[s] = n;
        while (depth > 0) {
            const uint32_t v = stack[--depth];
            for (uint32_t i = g->start[v]; i < g->start[v + 1]; i++) {
                const uint32_t u = g->arcs[i].to;
                if (piece[u] != XW_NONE) continue;
                piece[u] = n;
                stack[depth++] = u;
            }
        }
        n++;
    }
    return n;
}

/* Ties each piece of land to the nearest node of the main one (most households, then most nodes);
 * nodes with households are preferred on both sides. One line of the result a piece. */
static size_t tie_pieces(const xw_graph *g, const uint32_t *piece, uint32_t n_pieces,
                         uint64_t *score, uint32_t *root, xw_graph_pair *out)
{
    memset(score, 0, (size_t)n_pieces * sizeof *score);
    for (uint32_t p = 0; p < n_pieces; p++) root[p] = XW_NONE;
    for (uint32_t v = 0; v < g->n; v++) {
        score[piece[v]] += ((uint64_t)g->nodes[v].households << 32) + 1;
        uint32_t *r = &root[piece[v]];
        if (*r == XW_NONE || g->nodes[v].households > g->nodes[*r].households) *r = v;
    }
    uint32_t main_piece = 0;
    for (uint32_t p = 1; p < n_pieces; p++) {
        if (score[p] > score[main_piece]) main_piece = p;
    }
    const bool peopled = score[main_piece] >> 32 != 0;
    size_t k = 0;
    for (uint32_t p = 0; p < n_pieces; p++) {
        if (p == main_piece) continue;
        uint32_t best = XW_NONE;
        double best_d = 0;
        for (uint32_t v = 0; v < g->n; v++) {
            if (piece[v] != main_piece || (peopled && g->nodes[v].households == 0)) continue;
            const double dx = g->nodes[v].x - g->nodes[root[p]].x;
            const double dy = g->nodes[v].y - g->nodes[root[p]].y;
            const double d = dx * dx + dy * dy;
            if (best == XW_NONE || d < best_d) {
                best = v;
                best_d = d;
            }
        }
        out[k++] = (xw_graph_pair){root[p], best, 0.0F, 0.0F, XW_ARC_FAR};
    }
    return k;
}

static void place_nodes(const xw_model *m, const xw_model_division *d, xw_graph *g)
{
    const xw_pt origin = m->plots[d->first_plot].anchor;
    const xw_scale scale = xw_scale_at(origin.y);
    for (uint32_t i = 0; i < g->n; i++) {
        const xw_plot *p = &m->plots[d->first_plot + i];
        xw_graph_node *v = &g->nodes[i];
        v->x = ((double)p->anchor.x - origin.x) * scale.mx;
        v->y = ((double)p->anchor.y - origin.y) * scale.my;
        v->area = p->area_m2;
        v->weight = v->households = p->households;
    }
}

/* The pairs inside the division; the perimeters of all plots grow by every edge of theirs. */
static size_t collect_pairs(const xw_model *m, const xw_model_division *d, const uint32_t *edges,
                            size_t n_edges, const xw_barrier_rules *rules, double *perimeter,
                            xw_graph_pair *pairs)
{
    static const xw_barrier_rules none = {0};
    if (!rules) rules = &none;
    size_t k = 0;
    for (size_t i = 0; i < n_edges; i++) {
        const xw_edge *e = &m->edges[edges[i]];
        const uint32_t a = e->left - d->first_plot, b = e->right - d->first_plot;
        const bool has_a = e->left != XW_NONE && e->left >= d->first_plot && a < d->n_plots;
        const bool has_b = e->right != XW_NONE && e->right >= d->first_plot && b < d->n_plots;
        if (has_a) perimeter[a] += (double)e->length_m;
        if (has_b) perimeter[b] += (double)e->length_m;
        if (!has_a || !has_b) continue;
        const xw_class_info *info = xw_class_get(e->cls);
        const uint32_t bit = e->cls < XW_CLASS_COUNT ? UINT32_C(1) << e->cls : 0;
        const bool shut = (info->hard && !(e->flags & XW_EDGE_CROSSED)) || (rules->shut & bit) != 0;
        const float cost = rules->priced & bit ? rules->cost[e->cls] : (float)info->cost;
        pairs[k++] = (xw_graph_pair){a, b, e->length_m, e->length_m * cost,
                                     shut                 ? XW_ARC_SHUT
                                     : rules->apart & bit ? XW_ARC_FAR
                                                          : XW_ARC_OPEN};
    }
    return k;
}

xw_status xw_graph_of_division(const xw_model *m, uint32_t division, const uint32_t *edges,
                               size_t n_edges, const xw_barrier_rules *rules, xw_graph *out,
                               xw_error *err)
{
    const xw_model_division *d = &m->divisions[division];
    const uint32_t n = d->n_plots;
    xw_status st = XW_NOMEM;
    memset(out, 0, sizeof *out);
    xw_graph_pair *pairs = malloc((n_edges + n + 1) * sizeof *pairs);
    double *perimeter = calloc((size_t)n + 1, sizeof *perimeter);
    uint32_t *piece = malloc(((size_t)n + 1) * sizeof *piece);
    uint32_t *stack = malloc(((size_t)n + 1) * sizeof *stack);
    uint64_t *score = malloc(((size_t)n + 1) * sizeof *score);
    if (!pairs || !perimeter || !piece || !stack || !score) {
        st = xw_fail(err, XW_NOMEM, "graph of division %s", xw_model_text(m, d->code));
        goto fail;
    }
    size_t k = collect_pairs(m, d, edges, n_edges, rules, perimeter, pairs);
    st = xw_graph_create(n, pairs, k, out, err);
    if (st) goto fail;
    if (n > 0) place_nodes(m, d, out);
    const uint32_t n_pieces = label_pieces(out, piece, stack);
    if (n_pieces > 1) {
        k += tie_pieces(out, piece, n_pieces, score, stack, pairs + k);
        xw_graph_finish(out);
        st = xw_graph_create(n, pairs, k, out, err);
        if (st) goto fail;
        place_nodes(m, d, out);
    }
    for (uint32_t i = 0; i < n; i++) out->nodes[i].perimeter = perimeter[i];
fail:
    free(pairs);
    free(perimeter);
    free(piece);
    free(stack);
    free(score);
    return st;
}
