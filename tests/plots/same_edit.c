#include "plots/same_edit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFFERENT(...)                           \
    do {                                         \
        (void)snprintf(text, size, __VA_ARGS__); \
        return false;                            \
    } while (0)

static bool same_text(const xw_model *a, xw_text x, const xw_model *b, xw_text y)
{
    return strcmp(xw_model_text(a, x), xw_model_text(b, y)) == 0;
}

static bool same_pts(const xw_model *a, uint32_t x, const xw_model *b, uint32_t y, uint32_t n)
{
    return memcmp(a->pts + x, b->pts + y, n * sizeof *a->pts) == 0;
}

static bool same_plots(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    for (size_t i = 0; i < a->n_plots; i++) {
        xw_plot p = a->plots[i], q = b->plots[i];
        if (!same_text(a, p.name, b, q.name)) DIFFERENT("plot %zu: name", i);
        p.name = q.name = 0;
        if (!xw_pt_eq(p.anchor, q.anchor)) DIFFERENT("plot %zu: anchor", i);
        if (p.area_m2 != q.area_m2) DIFFERENT("plot %zu: area %g", i, p.area_m2 - q.area_m2);
        if (memcmp(&p, &q, sizeof p) != 0) DIFFERENT("plot %zu", i);
    }
    if (a->n_units && memcmp(a->units, b->units, a->n_units * sizeof *a->units) != 0) {
        DIFFERENT("units");
    }
    return true;
}

static bool same_buildings(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    for (size_t i = 0; i < a->n_buildings; i++) {
        xw_model_building p = a->buildings[i], q = b->buildings[i];
        if (!same_text(a, p.name, b, q.name) || !same_text(a, p.source, b, q.source)) {
            DIFFERENT("building %zu: text", i);
        }
        for (uint32_t k = 0; k < p.n_rings && p.n_rings == q.n_rings; k++) {
            const xw_span s = a->rings[p.first_ring + k], t = b->rings[q.first_ring + k];
            if (s.n != t.n || !same_pts(a, s.first, b, t.first, s.n)) {
                DIFFERENT("building %zu: ring %u of %u and %u", i, k, s.n, t.n);
            }
        }
        p.name = q.name = p.source = q.source = 0;
        p.first_ring = q.first_ring = 0;
        if (p.plot != q.plot) DIFFERENT("building %zu: plot %u and %u", i, p.plot, q.plot);
        if (memcmp(&p, &q, sizeof p) != 0) DIFFERENT("building %zu", i);
    }
    return true;
}

static bool same_edges(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    for (size_t i = 0; i < a->n_edges; i++) {
        xw_edge p = a->edges[i], q = b->edges[i];
        if (p.left != q.left || p.right != q.right) DIFFERENT("edge %zu: sides", i);
        if (p.n != q.n || !same_pts(a, p.first, b, q.first, p.n)) {
            DIFFERENT("edge %zu between %u and %u: vertices", i, p.left, p.right);
        }
        if (!same_text(a, p.name, b, q.name) || !same_text(a, p.source, b, q.source)) {
            DIFFERENT("edge %zu: text %s %s", i, xw_model_text(a, p.source),
                      xw_model_text(b, q.source));
        }
        p.name = q.name = p.source = q.source = 0;
        p.first = q.first = 0;
        if (p.cls != q.cls || p.flags != q.flags) {
            DIFFERENT("edge %zu: class %u %u, flags %u %u", i, p.cls, q.cls, p.flags, q.flags);
        }
        if (memcmp(&p, &q, sizeof p) != 0) DIFFERENT("edge %zu: length or custody", i);
    }
    return true;
}

static bool same_places(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    for (size_t i = 0; i < a->n_addresses; i++) {
        const xw_address *p = &a->addresses[i], *q = &b->addresses[i];
        if (!same_text(a, p->text, b, q->text) || p->building != q->building ||
            !xw_pt_eq(p->at, q->at)) {
            DIFFERENT("address %zu of %d and %d", i, (int)p->building, (int)q->building);
        }
    }
    for (size_t i = 0; i < a->n_lines; i++) {
        const xw_line *p = &a->lines[i], *q = &b->lines[i];
        if (p->n != q->n || p->cls != q->cls || !same_text(a, p->source, b, q->source) ||
            !same_pts(a, p->first, b, q->first, p->n)) {
            DIFFERENT("barrier %zu", i);
        }
    }
    return true;
}

static const xw_model *sorting;

static int by_finding(const void *x, const void *y)
{
    const xw_finding *p = x, *q = y;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    const xw_text in[4] = {p->kind, p->layer, p->source, p->text};
    const xw_text to[4] = {q->kind, q->layer, q->source, q->text};
    for (int k = 0; k < 4; k++) {
        const int c = strcmp(xw_model_text(sorting, in[k]), xw_model_text(sorting, to[k]));
        if (c) return c;
    }
    return 0;
}

/* The findings about buildings. */
static xw_finding *sorted(const xw_model *m, size_t *n)
{
    xw_finding *f = malloc((m->n_findings + 1) * sizeof *f);
    assert(f);
    *n = 0;
    for (size_t i = 0; i < m->n_findings; i++) {
        if (strcmp(xw_model_text(m, m->findings[i].layer), "buildings") != 0) continue;
        f[(*n)++] = m->findings[i];
    }
    sorting = m;
    if (*n) qsort(f, *n, sizeof *f, by_finding);
    return f;
}

static bool same_findings(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    size_t n, k;
    xw_finding *p = sorted(a, &n), *q = sorted(b, &k);
    bool same = n == k;
    size_t i = 0;
    for (; i < n && same; i++) {
        same = xw_pt_eq(p[i].at, q[i].at) && same_text(a, p[i].kind, b, q[i].kind) &&
               same_text(a, p[i].source, b, q[i].source) && same_text(a, p[i].text, b, q[i].text);
    }
    if (!same) {
        const char *x = i > 0 && i <= n ? xw_model_text(a, p[i - 1].text) : "";
        const char *y = i > 0 && i <= k ? xw_model_text(b, q[i - 1].text) : "";
        (void)snprintf(text, size, "finding of %zu and %zu: %s / %s", n, k, x, y);
    }
    free(p);
    free(q);
    return same;
}

#define COUNT(name)                                                        \
    do {                                                                   \
        if (a->n_##name != b->n_##name)                                    \
            DIFFERENT("%s: %zu and %zu", #name, a->n_##name, b->n_##name); \
    } while (0)

bool models_equal(const xw_model *a, const xw_model *b, char *text, size_t size)
{
    COUNT(plots);
    COUNT(units);
    COUNT(buildings);
    COUNT(divisions);
    COUNT(edges);
    COUNT(lines);
    COUNT(addresses);
    return same_plots(a, b, text, size) && same_edges(a, b, text, size) &&
           same_buildings(a, b, text, size) && same_places(a, b, text, size) &&
           same_findings(a, b, text, size);
}
