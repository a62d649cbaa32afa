/* Map colours by smallest-last order (tile.h). */
#include "tile_parts.h"

#include <stdlib.h>
#include <string.h>

typedef struct pair {
    uint32_t a, b; /* grids that touch, both ways */
} pair;

typedef struct painter {
    const xw_model *m;
    pair *pairs;
    size_t n, cap;
    uint32_t *start;                    /* pairs of grid g: start[g] … */
    uint32_t *degree;                   /* neighbours that are still in */
    uint32_t *order;                    /* grids in the order in which they were taken out */
    uint32_t *bucket, *next, *previous; /* lists of grids by degree */
    bool *is_out;
} painter;

static bool add_pair(painter *p, uint32_t a, uint32_t b)
{
    if (a == b || a == XW_NONE || b == XW_NONE) return true;
    if (!xw_grow((void **)&p->pairs, &p->cap, p->n + 2, sizeof *p->pairs)) return false;
    p->pairs[p->n++] = (pair){a, b};
    p->pairs[p->n++] = (pair){b, a};
    return true;
}

/* Every finest grid of one plot with every one of the other, and the parents of both. */
static bool add_sides(painter *p, uint32_t left, uint32_t right)
{
    const xw_model *m = p->m;
    const xw_plot *l = &m->plots[left], *r = &m->plots[right];
    bool ok = true;
    for (uint32_t i = 0; i < l->n_units && ok; i++) {
        const uint32_t first = m->units[l->first_unit + i].grid;
        if (i > 0 && first == m->units[l->first_unit + i - 1].grid) continue;
        for (uint32_t k = 0; k < r->n_units && ok; k++) {
            uint32_t a = first, b = m->units[r->first_unit + k].grid;
            if (k > 0 && b == m->units[r->first_unit + k - 1].grid) continue;
            while (a != XW_NONE && b != XW_NONE && a != b && ok) {
                ok = add_pair(p, a, b);
                a = m->grids[a].parent;
                b = m->grids[b].parent;
            }
        }
    }
    return ok;
}

static int by_grids(const void *x, const void *y)
{
    const pair *p = x, *q = y;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static xw_status find_pairs(painter *p, xw_error *err)
{
    const xw_model *m = p->m;
    bool ok = true;
    for (size_t i = 0; i < m->n_edges && ok; i++) {
        const xw_edge *e = &m->edges[i];
        if (e->left != XW_NONE && e->right != XW_NONE) ok = add_sides(p, e->left, e->right);
    }
    for (uint32_t i = 0; i < m->n_plots && ok; i++) {
        if (m->plots[i].n_units > 1) ok = add_sides(p, i, i);
    }
    if (!ok) return xw_fail(err, XW_NOMEM, "%zu neighbours", p->n);
    if (p->n > 0) qsort(p->pairs, p->n, sizeof *p->pairs, by_grids);
    size_t keep = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (keep == 0 || by_grids(&p->pairs[keep - 1], &p->pairs[i])) {
            p->pairs[keep++] = p->pairs[i];
        }
    }
    p->n = keep;
    return keep >= XW_NONE ? xw_fail(err, XW_LIMIT, "%zu neighbours", keep) : XW_OK;
}

static xw_status make_tables(painter *p, xw_error *err)
{
    const size_t n = p->m->n_grids;
    uint32_t **const tables[] = {&p->start,  &p->degree, &p->order,
                                 &p->bucket, &p->next,   &p->previous};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        *tables[i] = calloc(n + 2, sizeof(uint32_t));
        if (!*tables[i]) return xw_fail(err, XW_NOMEM, "colours of %zu grids", n);
    }
    p->is_out = calloc(n + 1, sizeof *p->is_out);
    if (!p->is_out) return xw_fail(err, XW_NOMEM, "colours of %zu grids", n);
    for (size_t i = 0; i < p->n; i++) p->start[p->pairs[i].a + 1]++;
    for (size_t g = 0; g < n; g++) {
        p->degree[g] = p->start[g + 1];
        p->start[g + 1] += p->start[g];
    }
    return XW_OK;
}

static void unlink_grid(painter *p, uint32_t g)
{
    const uint32_t d = p->degree[g];
    if (p->previous[g] != XW_NONE) {
        p->next[p->previous[g]] = p->next[g];
    } else {
        p->bucket[d] = p->next[g];
    }
    if (p->next[g] != XW_NONE) p->previous[p->next[g]] = p->previous[g];
}

static void link_grid(painter *p, uint32_t g)
{
    const uint32_t d = p->degree[g];
    p->previous[g] = XW_NONE;
    p->next[g] = p->bucket[d];
    if (p->next[g] != XW_NONE) p->previous[p->next[g]] = g;
    p->bucket[d] = g;
}

/* Takes out a grid with the fewest neighbours left, again and again. */
static void find_order(painter *p)
{
    const uint32_t n = (uint32_t)p->m->n_grids;
    for (uint32_t d = 0; d <= n; d++) p->bucket[d] = XW_NONE;
    for (uint32_t g = n; g-- > 0;) link_grid(p, g);
    uint32_t least = 0;
    for (uint32_t i = 0; i < n; i++) {
        while (p->bucket[least] == XW_NONE) least++;
        const uint32_t g = p->bucket[least];
        unlink_grid(p, g);
        p->is_out[g] = true;
        p->order[i] = g;
        for (uint32_t k = p->start[g]; k < p->start[g + 1]; k++) {
            const uint32_t h = p->pairs[k].b;
            if (p->is_out[h]) continue;
            unlink_grid(p, h);
            p->degree[h]--;
            link_grid(p, h);
        }
        if (least > 0) least--;
    }
}

/* Colours in the reverse order: few neighbours have a colour by then. */
static void paint(const painter *p, uint8_t *shade)
{
    uint64_t used[XW_LEVELS_MAX][XW_TILE_SHADES] = {{0}};
    const uint8_t none = XW_TILE_SHADES;
    memset(shade, none, p->m->n_grids);
    for (size_t i = p->m->n_grids; i-- > 0;) {
        const uint32_t g = p->order[i];
        uint32_t taken[XW_TILE_SHADES + 1] = {0};
        for (uint32_t k = p->start[g]; k < p->start[g + 1]; k++) taken[shade[p->pairs[k].b]]++;
        uint64_t *const often = used[p->m->grids[g].level % XW_LEVELS_MAX];
        uint8_t best = 0;
        for (uint8_t c = 1; c < XW_TILE_SHADES; c++) {
            if (taken[c] < taken[best] || (taken[c] == taken[best] && often[c] < often[best])) {
                best = c;
            }
        }
        shade[g] = best;
        often[best]++;
    }
}

xw_status xw_tile_shades(const xw_model *m, uint8_t *shade, xw_error *err)
{
    painter p = {.m = m};
    xw_status st = find_pairs(&p, err);
    if (!st) st = make_tables(&p, err);
    if (!st) {
        find_order(&p);
        paint(&p, shade);
    }
    free(p.pairs);
    free(p.start);
    free(p.degree);
    free(p.order);
    free(p.bucket);
    free(p.next);
    free(p.previous);
    free(p.is_out);
    return st;
}
