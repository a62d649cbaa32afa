/* Numbers, names and measures.
 *
 * Order of the grids of one parent (of a division at the coarsest level): rows from the north, west
 * to east within a row. With n grids of total area A the rows are sqrt(A / n) metres high, counted
 * down from the northernmost label point; within a row the label with the smaller longitude comes
 * first, then the more northern one, then the lower floor, then the smaller first unit. */
#include "plan.h"
#include "rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct draft {           /* one grid before it has a number */
    double area, hx, hy, ax, ay; /* m2; anchors summed, by households and by area */
    uint64_t households;
    uint32_t division, level, local; /* where it is in the plans */
    uint32_t first_unit, n_units;    /* in `units` below */
    uint32_t buildings;
    uint32_t slice_of; /* plot whose other units are elsewhere; XW_NONE */
    uint32_t number, parent, index;
    int64_t row;
    int16_t floor_min, floor_max;
    xw_pt label;
} draft;

typedef struct press {
    xw_model *m;
    const xw_grids_config *c;
    const xw__plan *plans;
    draft *drafts; /* division by division, level by level (coarsest first) */
    size_t n_drafts;
    uint32_t *first; /* drafts of (division, level): first[division * n_levels + level] */
    uint32_t *units; /* of each draft, ascending */
    uint32_t *order; /* drafts in the order of the model: level by level */
} press;

static const xw__plan_level *plan_level(const press *s, const draft *d)
{
    return &s->plans[d->division].levels[d->level];
}

/* Anchors, areas and floors of the plots of a grid, each plot once; units are ascending, hence
 * plots too. */
static void measure(const press *s, draft *d)
{
    const xw_model *m = s->m;
    uint32_t last = XW_NONE, plots = 0;
    d->slice_of = XW_NONE;
    for (uint32_t i = 0; i < d->n_units; i++) {
        const xw_unit *u = &m->units[s->units[d->first_unit + i]];
        const xw_plot *p = &m->plots[u->plot];
        d->households += u->households;
        d->hx += (double)u->households * p->anchor.x;
        d->hy += (double)u->households * p->anchor.y;
        if (u->plot == last) continue;
        last = u->plot;
        plots++;
        d->area += p->area_m2;
        d->ax += p->area_m2 * p->anchor.x;
        d->ay += p->area_m2 * p->anchor.y;
        d->buildings += p->building != XW_NONE;
    }
    if (plots != 1 || d->n_units == m->plots[last].n_units) return;
    d->slice_of = last;
    d->floor_min = INT16_MAX;
    d->floor_max = INT16_MIN;
    for (uint32_t i = 0; i < d->n_units; i++) {
        const xw_unit *u = &m->units[s->units[d->first_unit + i]];
        if (u->floor_min < d->floor_min) d->floor_min = u->floor_min;
        if (u->floor_max > d->floor_max) d->floor_max = u->floor_max;
    }
}

/* The anchor of the plot nearest to the centre of the households (of the land without any). */
static void set_label(const press *s, draft *d)
{
    const xw_model *m = s->m;
    const double w = d->households > 0 ? (double)d->households : d->area;
    const xw_pt some = m->plots[m->units[s->units[d->first_unit]].plot].anchor;
    const double x = w > 0 ? (d->households > 0 ? d->hx : d->ax) / w : some.x;
    const double y = w > 0 ? (d->households > 0 ? d->hy : d->ay) / w : some.y;
    const xw_scale scale = xw_scale_at(some.y);
    double best = -1;
    for (uint32_t i = 0; i < d->n_units; i++) {
        const xw_pt p = m->plots[m->units[s->units[d->first_unit + i]].plot].anchor;
        const double dx = (p.x - x) * scale.mx, dy = (p.y - y) * scale.my;
        const double dist = dx * dx + dy * dy;
        if (best >= 0 && dist >= best) continue;
        best = dist;
        d->label = p;
    }
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Units of a draft at units[*filled] on: its own at the finest level, else its children's. */
static void gather_units(press *s, draft *d, size_t *filled)
{
    const xw__plan_level *p = plan_level(s, d);
    const bool finest = d->level + 1 == s->c->n_levels;
    const size_t from = *filled;
    const draft *down =
        finest ? NULL : s->drafts + s->first[d->division * s->c->n_levels + d->level + 1];
    for (uint32_t i = p->first[d->local]; i < p->first[d->local + 1]; i++) {
        if (finest) {
            s->units[(*filled)++] = p->child[i];
            continue;
        }
        const draft *c = &down[p->child[i]];
        memcpy(s->units + *filled, s->units + c->first_unit, c->n_units * sizeof *s->units);
        *filled += c->n_units;
    }
    qsort(s->units + from, *filled - from, sizeof *s->units, ascending);
    d->first_unit = (uint32_t)from;
    d->n_units = (uint32_t)(*filled - from);
}

static xw_status make_drafts(press *s, xw_error *err)
{
    const xw_model *m = s->m;
    const uint32_t levels = s->c->n_levels;
    size_t n = 0, filled = 0;
    s->first = malloc((m->n_divisions * levels + 1) * sizeof *s->first);
    if (!s->first) return xw_fail(err, XW_NOMEM, "%zu divisions", m->n_divisions);
    for (size_t d = 0; d < m->n_divisions; d++) {
        for (uint32_t l = 0; l < levels; l++) {
            s->first[d * levels + l] = (uint32_t)n;
            n += s->plans[d].levels[l].n;
        }
    }
    if (n >= XW_NONE || (uint64_t)m->n_units * levels >= XW_NONE) {
        return xw_fail(err, XW_LIMIT, "%zu grids over %zu units", n, m->n_units);
    }
    s->n_drafts = n;
    s->drafts = calloc(n + 1, sizeof *s->drafts);
    s->units = malloc((m->n_units * levels + 1) * sizeof *s->units);
    s->order = malloc((n + 1) * sizeof *s->order);
    if (!s->drafts || !s->units || !s->order) return xw_fail(err, XW_NOMEM, "%zu grids", n);
    for (uint32_t l = levels; l-- > 0;) {
        for (size_t d = 0; d < m->n_divisions; d++) {
            draft *row = s->drafts + s->first[d * levels + l];
            for (uint32_t i = 0; i < s->plans[d].levels[l].n; i++) {
                row[i].division = (uint32_t)d;
                row[i].level = l;
                row[i].local = i;
                gather_units(s, &row[i], &filled);
                measure(s, &row[i]);
                set_label(s, &row[i]);
            }
        }
    }
    return XW_OK;
}

static int by_place(const void *x, const void *y)
{
    const draft *a = *(const draft *const *)x, *b = *(const draft *const *)y;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->label.x != b->label.x) return a->label.x < b->label.x ? -1 : 1;
    if (a->label.y != b->label.y) return a->label.y > b->label.y ? -1 : 1;
    if (a->floor_min != b->floor_min) return a->floor_min < b->floor_min ? -1 : 1;
    return (a->first_unit > b->first_unit) - (a->first_unit < b->first_unit);
}

static int by_number(const void *x, const void *y)
{
    const draft *a = *(const draft *const *)x, *b = *(const draft *const *)y;
    return (a->number > b->number) - (a->number < b->number);
}

/* The number a grid keeps; 0: none. */
static uint32_t kept_number(const press *s, const draft *d)
{
    const uint32_t *numbers = plan_level(s, d)->number;
    return numbers ? numbers[d->local] : 0;
}

/* Numbers the grids of one parent and appends them to the order: those that keep a number, and the
 * others from used + 1 on. */
static void number(press *s, draft **grids, uint32_t n, uint32_t parent, uint32_t used, size_t *at)
{
    double area = 0;
    int32_t top = INT32_MIN;
    for (uint32_t i = 0; i < n; i++) {
        area += grids[i]->area;
        if (grids[i]->label.y > top) top = grids[i]->label.y;
    }
    const double my = n > 0 ? xw_scale_at(top).my : 1;
    const double height = n > 0 && area > 0 ? sqrt(area / n) : 1;
    for (uint32_t i = 0; i < n; i++) {
        grids[i]->row = (int64_t)floor(((double)top - grids[i]->label.y) * my / height);
    }
    qsort(grids, n, sizeof(draft *), by_place);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t kept = kept_number(s, grids[i]);
        grids[i]->number = kept ? kept : ++used;
    }
    qsort(grids, n, sizeof(draft *), by_number);
    for (uint32_t i = 0; i < n; i++) {
        grids[i]->parent = parent;
        grids[i]->index = (uint32_t)*at;
        s->order[(*at)++] = (uint32_t)(grids[i] - s->drafts);
    }
}

typedef struct coded {
    const char *code;
    uint32_t division;
} coded;

static int by_code(const void *a, const void *b)
{
    const coded *x = a, *y = b;
    const int c = strcmp(x->code, y->code);
    return c != 0 ? c : (x->division > y->division) - (x->division < y->division);
}

static xw_status number_all(press *s, xw_error *err)
{
    const xw_model *m = s->m;
    const uint32_t levels = s->c->n_levels;
    size_t at = 0;
    draft **list = malloc((s->n_drafts + 1) * sizeof(draft *));
    coded *divisions = malloc((m->n_divisions + 1) * sizeof *divisions);
    if (!list || !divisions) {
        free(list);
        free(divisions);
        return xw_fail(err, XW_NOMEM, "%zu grids", s->n_drafts);
    }
    for (uint32_t d = 0; d < m->n_divisions; d++) {
        divisions[d] = (coded){xw_model_text(m, m->divisions[d].code), d};
    }
    qsort(divisions, m->n_divisions, sizeof *divisions, by_code);
    for (size_t i = 0; i < m->n_divisions; i++) {
        const uint32_t d = divisions[i].division, n = s->plans[d].levels[0].n;
        for (uint32_t k = 0; k < n; k++) list[k] = s->drafts + s->first[d * levels] + k;
        number(s, list, n, XW_NONE, s->plans[d].used, &at);
    }
    free(divisions);
    size_t begin = 0;
    for (uint32_t l = 0; l + 1 < levels; l++) {
        const size_t end = at;
        for (size_t i = begin; i < end; i++) {
            const draft *d = &s->drafts[s->order[i]];
            const xw__plan_level *p = plan_level(s, d);
            draft *down = s->drafts + s->first[d->division * levels + l + 1];
            uint32_t n = 0;
            for (uint32_t k = p->first[d->local]; k < p->first[d->local + 1]; k++) {
                list[n++] = &down[p->child[k]];
            }
            number(s, list, n, d->index, p->used ? p->used[d->local] : 0, &at);
        }
        begin = end;
    }
    free(list);
    return XW_OK;
}

static void set_slice(const xw_model *m, const draft *d, xw_grid *g)
{
    if (d->slice_of == XW_NONE) return;
    g->floor_min = d->floor_min;
    g->floor_max = d->floor_max;
    const uint32_t b = m->plots[d->slice_of].building;
    if (b == XW_NONE || m->buildings[b].floors == 0) return;
    const float floor_m = m->buildings[b].height_m / (float)m->buildings[b].floors;
    g->base_m = d->floor_min > 1 ? (float)(d->floor_min - 1) * floor_m : 0.0F;
    g->height_m = d->floor_max > 0 ? (float)d->floor_max * floor_m : 0.0F;
}

/* What the grid is carved out of the rest as; NULL for an ordinary one. */
static const xw_carved *carved_as(const press *s, const draft *d)
{
    const xw_carving *c = s->c->carving;
    if (d->level + 1 != s->c->n_levels || !c || !c->of) return NULL;
    const uint32_t item = c->of[s->m->units[s->units[d->first_unit]].plot];
    return item == XW_NONE ? NULL : &c->items[item];
}

/* Code and name: the parent's (the division's code, no name) and then the number. */
static xw_status set_texts(xw_model *m, const xw_level_rule *rule, const draft *d, xw_grid *g,
                           xw_error *err)
{
    char code[128], name[256];
    const bool top = d->parent == XW_NONE;
    uint64_t limit = 1;
    for (uint32_t i = 0; i < rule->code_width; i++) limit *= 10;
    const char *up_code =
        xw_model_text(m, top ? m->divisions[d->division].code : m->grids[d->parent].code);
    const char *up_name = top ? "" : xw_model_text(m, m->grids[d->parent].name);
    if (d->number >= limit) {
        return xw_fail(err, XW_LIMIT,
                       "%s: %u digits cannot number %s %u; give smaller divisions, or more "
                       "digits in [level %s] of the configuration",
                       up_code, rule->code_width, rule->key, d->number, rule->key);
    }
    const int a = snprintf(code, sizeof code, "%s%0*u", up_code, (int)rule->code_width, d->number);
    const int b = snprintf(name, sizeof name, "%s%u%s", up_name, d->number, rule->name);
    if (a < 0 || (size_t)a >= sizeof code || b < 0 || (size_t)b >= sizeof name) {
        return xw_fail(err, XW_LIMIT, "%s: code or name of %s %u is too long", up_code, rule->key,
                       d->number);
    }
    const xw_status st = xw_strings_add(&m->text, code, &g->code, err);
    return st ? st : xw_strings_add(&m->text, name, &g->name, err);
}

static xw_status write_grid(press *s, size_t i, size_t *next_child, xw_error *err)
{
    xw_model *m = s->m;
    const draft *d = &s->drafts[s->order[i]];
    const bool finest = d->level + 1 == s->c->n_levels;
    const xw__plan_level *p = plan_level(s, d);
    xw_grid *g = &m->grids[i];
    if (d->households > UINT32_MAX) return xw_fail(err, XW_LIMIT, "grid %zu: households", i);
    g->area_m2 = d->area;
    g->level = d->level;
    g->parent = d->parent;
    g->division = d->division;
    g->households = (uint32_t)d->households;
    g->buildings = d->buildings;
    g->label = d->label;
    g->kind = XW_GRID_BASIC;
    g->first_child = (uint32_t)*next_child;
    g->children = finest ? g->households : p->first[d->local + 1] - p->first[d->local];
    g->n_units = finest ? d->n_units : 0;
    *next_child += finest ? d->n_units : g->children;
    set_slice(m, d, g);
    for (uint32_t k = 0; finest && k < d->n_units; k++) {
        const uint32_t u = s->units[d->first_unit + k];
        m->grid_units[g->first_child + k] = u;
        m->units[u].grid = (uint32_t)i;
    }
    const xw_status st = set_texts(m, &s->c->levels[d->level], d, g, err);
    const xw_carved *own = carved_as(s, d);
    if (!own) return st;
    g->kind = XW_GRID_EXCLUSIVE;
    if (own->name || own->code) g->name = own->name ? own->name : own->code;
    return st;
}

static xw_status write_levels(press *s, xw_error *err)
{
    xw_model *m = s->m;
    const xw_grids_config *c = s->c;
    size_t first = 0;
    xw_status st = xw_strings_add(&m->text, c->net, &m->net, err);
    if (!st) st = xw_strings_add(&m->text, c->net_name, &m->net_name, err);
    m->n_levels = c->n_levels;
    for (uint32_t l = 0; l < c->n_levels && !st; l++) {
        xw_level *v = &m->levels[l];
        memset(v, 0, sizeof *v);
        st = xw_strings_add(&m->text, c->levels[l].key, &v->key, err);
        if (!st) st = xw_strings_add(&m->text, c->levels[l].name, &v->name, err);
        v->cap = c->levels[l].cap;
        v->code_width = c->levels[l].code_width;
        v->floor = c->levels[l].floor;
        v->never = xw__never_at(c, l);
        v->first_grid = (uint32_t)first;
        for (size_t d = 0; d < m->n_divisions; d++) v->n_grids += s->plans[d].levels[l].n;
        first += v->n_grids;
    }
    return st;
}

xw_status xw__plan_publish(xw_model *m, const xw_grids_config *c, const xw__plan *plans,
                           xw_error *err)
{
    press s = {.m = m, .c = c, .plans = plans};
    xw_status st = make_drafts(&s, err);
    if (!st) st = number_all(&s, err);
    if (!st) st = write_levels(&s, err);
    if (st) goto fail;
    m->n_grids = m->n_grid_units = 0;
    if (!xw_grow((void **)&m->grids, &m->cap_grids, s.n_drafts + 1, sizeof *m->grids) ||
        !xw_grow((void **)&m->grid_units, &m->cap_grid_units, m->n_units + 1,
                 sizeof *m->grid_units)) {
        st = xw_fail(err, XW_NOMEM, "%zu grids", s.n_drafts);
        goto fail;
    }
    memset(m->grids, 0, s.n_drafts * sizeof *m->grids);
    m->n_grids = s.n_drafts;
    m->n_grid_units = m->n_units;
    size_t next = m->n_levels > 1 ? m->levels[1].first_grid : 0;
    for (size_t i = 0; i < s.n_drafts && !st; i++) {
        if (i == m->levels[m->n_levels - 1].first_grid) next = 0;
        st = write_grid(&s, i, &next, err);
    }
fail:
    free(s.drafts);
    free(s.first);
    free(s.units);
    free(s.order);
    return st;
}
