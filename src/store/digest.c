#include "internal.h"
#include "xiwang/fnv.h"

#include <string.h>

typedef struct hash {
    uint64_t h;
    const xw_model *m;
} hash;

static void add_u64(hash *d, uint64_t v) { d->h = xw_fnv_u64(d->h, v); }

static void add_int(hash *d, int64_t v) { add_u64(d, (uint64_t)v); }

static void add_real(hash *d, double v)
{
    const double plain = v + 0.0; /* SQL knows no negative zero */
    uint64_t bits;
    memcpy(&bits, &plain, sizeof bits);
    add_u64(d, bits);
}

static void add_text(hash *d, xw_text t) { d->h = xw_fnv_text(d->h, xw_model_text(d->m, t)); }

static void add_pts(hash *d, uint32_t first, uint32_t n)
{
    add_u64(d, n);
    for (uint32_t i = 0; i < n; i++) {
        const xw_pt p = d->m->pts[first + i];
        add_u64(d, (uint64_t)(uint32_t)p.x << 32 | (uint32_t)p.y);
    }
}

static void add_land(hash *d)
{
    const xw_model *m = d->m;
    for (size_t i = 0; i < m->n_divisions; i++) {
        const xw_model_division *v = &m->divisions[i];
        const xw_text texts[] = {v->code, v->name, v->level, v->parent_code, v->source};
        for (int k = 0; k < 5; k++) add_text(d, texts[k]);
        add_int(d, v->n_plots);
    }
    for (size_t i = 0; i < m->n_plots; i++) {
        const xw_plot *p = &m->plots[i];
        add_real(d, p->area_m2);
        add_u64(d, (uint64_t)(uint32_t)p->anchor.x << 32 | (uint32_t)p->anchor.y);
        const uint32_t values[] = {p->block,   p->division,   p->building, p->first_unit,
                                   p->n_units, p->households, p->kind};
        for (int k = 0; k < 7; k++) add_int(d, values[k]);
        add_text(d, p->name);
    }
    for (size_t i = 0; i < m->n_units; i++) {
        const xw_unit *u = &m->units[i];
        const int64_t values[] = {u->plot,      u->building,  u->households,
                                  u->floor_min, u->floor_max, u->grid};
        for (int k = 0; k < 6; k++) add_int(d, values[k]);
    }
    for (size_t i = 0; i < m->n_buildings; i++) {
        const xw_model_building *b = &m->buildings[i];
        const uint32_t values[] = {b->plot,   b->households, b->n_rings,
                                   b->floors, b->use,        b->estimated};
        for (int k = 0; k < 6; k++) add_int(d, values[k]);
        add_text(d, b->name);
        add_text(d, b->source);
        add_real(d, (double)b->height_m);
        for (uint32_t k = 0; k < b->n_rings; k++) {
            add_pts(d, m->rings[b->first_ring + k].first, m->rings[b->first_ring + k].n);
        }
    }
}

static void add_lines(hash *d)
{
    const xw_model *m = d->m;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        add_pts(d, e->first, e->n);
        const uint32_t values[] = {e->left, e->right, e->basis, e->cls, e->flags, e->custody};
        for (int k = 0; k < 6; k++) add_int(d, values[k]);
        add_text(d, e->source);
        add_text(d, e->name);
        add_real(d, (double)e->length_m);
    }
    for (size_t i = 0; i < m->n_lines; i++) {
        const xw_line *l = &m->lines[i];
        add_pts(d, l->first, l->n);
        add_text(d, l->name);
        add_text(d, l->source);
        add_int(d, l->cls);
        add_int(d, l->flags);
    }
    for (size_t i = 0; i < m->n_addresses; i++) {
        const xw_address *a = &m->addresses[i];
        const xw_text texts[] = {a->text, a->street, a->number, a->place};
        for (int k = 0; k < 4; k++) add_text(d, texts[k]);
        add_u64(d, (uint64_t)(uint32_t)a->at.x << 32 | (uint32_t)a->at.y);
        add_int(d, a->building);
    }
    for (size_t i = 0; i < m->n_findings; i++) {
        const xw_finding *f = &m->findings[i];
        const xw_text texts[] = {f->kind, f->layer, f->source, f->text};
        for (int k = 0; k < 4; k++) add_text(d, texts[k]);
        add_u64(d, (uint64_t)(uint32_t)f->at.x << 32 | (uint32_t)f->at.y);
    }
}

static void add_grids(hash *d)
{
    const xw_model *m = d->m;
    for (uint32_t i = 0; i < m->n_levels; i++) {
        const xw_level *l = &m->levels[i];
        add_text(d, l->key);
        add_text(d, l->name);
        const uint32_t values[] = {l->cap, l->first_grid, l->n_grids, l->code_width};
        for (int k = 0; k < 4; k++) add_int(d, values[k]);
        if (l->floor || l->never) { /* what older stores could not have does not change theirs */
            add_int(d, l->floor);
            add_int(d, l->never);
        }
    }
    for (size_t i = 0; i < m->n_grids; i++) {
        const xw_grid *g = &m->grids[i];
        add_text(d, g->code);
        add_text(d, g->name);
        const int64_t values[] = {g->level,     g->parent,    g->division, g->households,
                                  g->children,  g->buildings, g->n_units,  g->first_child,
                                  g->floor_min, g->floor_max, g->label.x,  g->label.y,
                                  g->kind};
        for (int k = 0; k < 13; k++) add_int(d, values[k]);
        add_real(d, g->area_m2);
        add_real(d, (double)g->base_m);
        add_real(d, (double)g->height_m);
    }
    for (size_t i = 0; i < m->n_grid_units; i++) add_int(d, m->grid_units[i]);
}

/* Nothing is added where there is none, so that stores from before there was a lineage stay whole.
 */
static void add_lineage(hash *d)
{
    for (size_t i = 0; i < d->m->n_lineage; i++) {
        const xw_lineage *l = &d->m->lineage[i];
        const xw_text texts[] = {l->level, l->old_code, l->new_code};
        for (int k = 0; k < 3; k++) add_text(d, texts[k]);
        const uint32_t values[] = {l->revision, l->households, l->of,
                                   l->reason,   l->old_ends,   l->new_begins};
        for (int k = 0; k < 6; k++) add_int(d, values[k]);
        add_u64(d, (uint64_t)(uint32_t)l->at.x << 32 | (uint32_t)l->at.y);
    }
}

uint64_t xw__model_digest(const xw_model *m)
{
    hash d = {XW_FNV, m};
    const size_t counts[] = {m->n_divisions, m->n_plots, m->n_units,     m->n_buildings,
                             m->n_edges,     m->n_lines, m->n_addresses, m->n_findings,
                             m->n_levels,    m->n_grids, m->n_grid_units};
    for (int i = 0; i < 11; i++) add_u64(&d, counts[i]);
    const xw_text texts[] = {m->name, m->net, m->net_name, m->published};
    for (int i = 0; i < 4; i++) add_text(&d, texts[i]);
    add_int(&d, m->revision);
    add_int(&d, m->effective_unix);
    add_land(&d);
    add_lines(&d);
    add_grids(&d);
    add_lineage(&d);
    return d.h;
}
