/* Buildings with their footprints, barriers as given, addresses and findings. */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

typedef struct rings {
    emit *e;
    uint8_t *done; /* by half-edge of the fabric */
    xw_pt *pts;
    size_t n, cap;
} rings;

/* Stores vertices from position `from` of the walk as one ring; corners that became straight and
 * spikes stay as they are, for the edges have the same vertices. */
static xw_status store_ring(rings *r, size_t from, uint32_t building, xw_error *err)
{
    const size_t n = r->n - from;
    if (n < 3) {
        r->n = from;
        return XW_OK;
    }
    xw_span span = {0, (uint32_t)n};
    const xw_status st = xw_model_add_pts(r->e->m, r->pts + from, n, &span.first, err);
    r->n = from;
    if (st) return st;
    xw_span *out = XW_MODEL_ADD(r->e->m, rings);
    if (!out) return xw_fail(err, XW_NOMEM, "%zu rings", r->e->m->n_rings);
    *out = span;
    r->e->m->buildings[building].n_rings++;
    return XW_OK;
}

static bool is_wall(const fabric *f, uint32_t h, uint32_t b)
{
    return fabric_is_footprint(f, f->map.face[h], b) &&
           !fabric_is_footprint(f, f->map.face[h ^ 1], b);
}

/* Walks round the footprint from one wall; where the walk meets itself, a ring has closed. */
static xw_status walk_wall(rings *r, uint32_t start, uint32_t b, xw_error *err)
{
    const xw_map *m = &r->e->f->map;
    uint32_t h = start;
    r->n = 0;
    do {
        r->done[h] = 1;
        const xw_pt p = xw_map_from(m, h);
        for (size_t i = 0; i < r->n; i++) {
            if (!xw_pt_eq(r->pts[i], p)) continue;
            const xw_status st = store_ring(r, i, b, err);
            if (st) return st;
            break;
        }
        if (!xw_grow((void **)&r->pts, &r->cap, r->n + 1, sizeof *r->pts)) {
            return xw_fail(err, XW_NOMEM, "footprint");
        }
        r->pts[r->n++] = p;
        uint32_t g = m->next[h];
        while (!is_wall(r->e->f, g, b)) g = m->next[g ^ 1];
        h = g;
    } while (h != start);
    return store_ring(r, 0, b, err);
}

/* Outer rings before holes, so that every reader may take the first as the outline. */
static void outer_first(xw_model *m, const xw_model_building *b)
{
    if (b->n_rings < 2) return;
    xw_span *s = m->rings + b->first_ring;
    for (uint32_t i = 1; i < b->n_rings; i++) {
        const xw_span at = s[i];
        if (xw_ring_area2((xw_ring){m->pts + at.first, at.n}) <= 0) continue;
        uint32_t k = i;
        for (; k > 0 && xw_ring_area2((xw_ring){m->pts + s[k - 1].first, s[k - 1].n}) < 0; k--) {
            s[k] = s[k - 1];
        }
        s[k] = at;
    }
}

static xw_status trace_footprints(emit *e, xw_error *err)
{
    const fabric *f = e->f;
    const uint32_t n = fabric_buildings(f);
    rings r = {.e = e};
    uint32_t *first = NULL, *next = NULL; /* list of footprint faces by building */
    r.done = calloc(f->map.n_halves + 1, 1);
    first = malloc((n + 1) * sizeof *first);
    next = malloc((f->map.n_faces + 1) * sizeof *next);
    xw_status st = r.done && first && next ? XW_OK : xw_fail(err, XW_NOMEM, "%u footprints", n);
    if (st) goto done;
    memset(first, 0xFF, (n + 1) * sizeof *first);
    for (uint32_t face = (uint32_t)f->map.n_faces; face-- > 0;) {
        const uint32_t b = f->region[face];
        if (b >= n || f->plot[face] != b) continue;
        next[face] = first[b];
        first[b] = face;
    }
    for (uint32_t b = 0; b < n && !st; b++) {
        e->m->buildings[b].first_ring = (uint32_t)e->m->n_rings;
        for (uint32_t face = first[b]; face != XW_NONE && !st; face = next[face]) {
            for (uint32_t k = f->faces.start[face]; k < f->faces.start[face + 1] && !st; k++) {
                const uint32_t h = f->faces.half[k];
                if (!r.done[h] && is_wall(f, h, b)) st = walk_wall(&r, h, b, err);
            }
        }
        outer_first(e->m, &e->m->buildings[b]);
    }
done:
    free(r.done);
    free(r.pts);
    free(first);
    free(next);
    return st;
}

/* The plot where a building without land of its own lies: that of the building or open land at its
 * first vertex in the scene. */
static uint32_t plot_at(const emit *e, uint32_t rank, const uint32_t *plot_of_block)
{
    const scene *s = e->f->s;
    const xw_pt p = scene_building_at(s, rank);
    size_t lo = 0, hi = s->noded.n_edges; /* an edge with that vertex: edges are sorted by node a */
    size_t a = 0, b = s->noded.n_nodes;
    while (a < b) {
        const size_t mid = a + (b - a) / 2;
        if (xw_pt_less(s->noded.nodes[mid], p)) {
            a = mid + 1;
        } else {
            b = mid;
        }
    }
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->noded.edges[mid].a < a) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    if (lo == s->noded.n_edges) return XW_NONE;
    uint32_t found = XW_NONE;
    const uint32_t start = (uint32_t)(2 * lo);
    uint32_t h = start;
    do {
        const uint32_t face = s->map.face[h];
        if (s->building[face] != XW_NONE && e->number[s->building[face]] != XW_NONE) {
            return e->number[s->building[face]];
        }
        if (s->block[face] != XW_NONE) found = plot_of_block[s->block[face]];
        h = s->map.next[h ^ 1];
    } while (h != start);
    return found;
}

static xw_status settle_hidden(emit *e, xw_error *err)
{
    xw_model *m = e->m;
    const size_t n_blocks = e->f->s->n_blocks;
    uint32_t *plot_of_block = malloc((n_blocks + 1) * sizeof *plot_of_block);
    if (!plot_of_block) return xw_fail(err, XW_NOMEM, "%zu blocks", n_blocks);
    memset(plot_of_block, 0xFF, (n_blocks + 1) * sizeof *plot_of_block);
    for (uint32_t p = (uint32_t)m->n_plots; p-- > 0;) plot_of_block[m->plots[p].block] = p;
    for (uint32_t b = 0; b < m->n_buildings; b++) {
        if (m->buildings[b].plot == XW_NONE && e->f->s->outside[b] != 1) {
            m->buildings[b].plot = plot_at(e, b, plot_of_block);
        }
    }
    free(plot_of_block);
    return XW_OK;
}

xw_status emit_buildings(emit *e, xw_error *err)
{
    const scene *s = e->f->s;
    for (uint32_t k = 0; k < s->t->n_buildings; k++) {
        const xw_building *b = scene_building(s, k);
        xw_model_building *out = XW_MODEL_ADD(e->m, buildings);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu buildings", s->t->n_buildings);
        xw_status st = emit_text(e, b->name, &out->name, err);
        if (!st) st = emit_text(e, b->source, &out->source, err);
        if (st) return st;
        out->plot = e->number[k];
        out->households = b->households > 0 ? (uint32_t)b->households : 0;
        out->floors = b->floors;
        out->height_m = b->height_m;
        out->use = b->use;
        out->estimated = b->estimated;
    }
    const xw_status st = trace_footprints(e, err);
    return st ? st : settle_hidden(e, err);
}

/* Barriers that touch the territory, in canonical order of their first vertex. */
typedef struct drawn {
    xw_pt first, last;
    const char *source;
    uint32_t ix;
} drawn;

static int by_line(const void *a, const void *b)
{
    const drawn *p = a, *q = b;
    if (!xw_pt_eq(p->first, q->first)) return xw_pt_less(p->first, q->first) ? -1 : 1;
    if (!xw_pt_eq(p->last, q->last)) return xw_pt_less(p->last, q->last) ? -1 : 1;
    const int c = strcmp(p->source, q->source);
    return c ? c : (p->ix > q->ix) - (p->ix < q->ix);
}

static xw_status emit_lines(emit *e, xw_error *err)
{
    const scene *s = e->f->s;
    const xw_territory *t = s->t;
    uint8_t *inside = calloc(t->n_barriers + 1, 1);
    drawn *d = malloc((t->n_barriers + 1) * sizeof *d);
    xw_status st = inside && d ? XW_OK : xw_fail(err, XW_NOMEM, "%zu barriers", t->n_barriers);
    for (size_t k = 0; k < s->noded.n_edges && !st; k++) {
        if (s->block[s->map.face[2 * k]] == XW_NONE &&
            s->block[s->map.face[2 * k + 1]] == XW_NONE) {
            continue;
        }
        const xw_noded_edge *edge = &s->noded.edges[k];
        for (uint32_t i = 0; i < edge->n_tags; i++) {
            const uint32_t tag = s->noded.tags[edge->first_tag + i] >> 1;
            if (TAG_KIND(tag) == TAG_BARRIER) inside[TAG_INDEX(tag)] = 1;
        }
    }
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_barriers && !st; i++) {
        const xw_barrier *b = &t->barriers[i];
        if (inside[i]) {
            d[n++] = (drawn){t->pts[b->first], t->pts[b->first + b->n - 1],
                             xw_territory_text(t, b->source), i};
        }
    }
    if (!st && n) qsort(d, n, sizeof *d, by_line);
    for (size_t i = 0; i < n && !st; i++) {
        const xw_barrier *b = &t->barriers[d[i].ix];
        xw_line *out = XW_MODEL_ADD(e->m, lines);
        if (!out) {
            st = xw_fail(err, XW_NOMEM, "%zu barriers", n);
            break;
        }
        out->n = b->n;
        out->cls = b->cls;
        out->flags = b->flags;
        st = xw_model_add_pts(e->m, t->pts + b->first, b->n, &out->first, err);
        if (!st) st = emit_text(e, b->name, &out->name, err);
        if (!st) st = emit_text(e, b->source, &out->source, err);
    }
    free(inside);
    free(d);
    return st;
}

static xw_status emit_addresses(emit *e, xw_error *err)
{
    const xw_territory *t = e->f->s->t;
    for (size_t i = 0; i < t->n_addresses; i++) {
        const xw_address *a = &t->addresses[i];
        xw_address *out = XW_MODEL_ADD(e->m, addresses);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu addresses", t->n_addresses);
        out->at = a->at;
        out->building = a->building == XW_NONE ? XW_NONE : e->f->s->rank[a->building];
        xw_status st = emit_text(e, a->text, &out->text, err);
        if (!st) st = emit_text(e, a->street, &out->street, err);
        if (!st) st = emit_text(e, a->number, &out->number, err);
        if (!st) st = emit_text(e, a->place, &out->place, err);
        if (st) return st;
    }
    return XW_OK;
}

static xw_status emit_findings(emit *e, const xw_territory *t, xw_error *err)
{
    for (size_t i = 0; i < t->n_findings; i++) {
        const xw_finding *f = &t->findings[i];
        xw_finding *out = XW_MODEL_ADD(e->m, findings);
        if (!out) return xw_fail(err, XW_NOMEM, "%zu findings", t->n_findings);
        const xw_text in[4] = {f->kind, f->layer, f->source, f->text};
        xw_text *const to[4] = {&out->kind, &out->layer, &out->source, &out->text};
        out->at = f->at;
        for (int k = 0; k < 4; k++) {
            const xw_status st =
                xw_strings_add(&e->m->text, xw_territory_text(t, in[k]), to[k], err);
            if (st) return st;
        }
    }
    return XW_OK;
}

xw_status emit_places(emit *e, xw_error *err)
{
    xw_status st = emit_lines(e, err);
    if (!st) st = emit_addresses(e, err);
    if (!st) st = emit_findings(e, e->f->s->t, err);
    if (!st) st = emit_findings(e, e->f->s->notes, err);
    return st;
}
