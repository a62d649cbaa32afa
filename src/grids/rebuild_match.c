/* Old and new: divisions by code, buildings by source id and by footprint, units by floor, land by
 * its anchor. */
#include "rebuild_parts.h"
#include "xiwang/fnv.h"

#include <stdlib.h>
#include <string.h>

enum {
    NEAR = 3000,     /* lattice units, some 30 m */
    CELL_SHIFT = 13, /* cells of some 90 m */
    SAMPLES = 8      /* a side, of the points that compare two footprints */
};
#define TWICE (UINT32_MAX - 1)

/* --- a table from hashes to indices; equal hashes lie in one chain --------------------------- */

typedef struct table {
    uint32_t *head, *next;
    uint64_t *hash;
    size_t mask;
} table;

static bool table_init(table *t, size_t n)
{
    size_t size = 16;
    while (size < 2 * n) size *= 2;
    t->mask = size - 1;
    t->head = malloc(size * sizeof *t->head);
    t->next = malloc((n + 1) * sizeof *t->next);
    t->hash = malloc((n + 1) * sizeof *t->hash);
    if (!t->head || !t->next || !t->hash) return false;
    memset(t->head, 0xff, size * sizeof *t->head);
    return true;
}

static void table_finish(table *t)
{
    free(t->head);
    free(t->next);
    free(t->hash);
}

static void table_add(table *t, uint32_t i, uint64_t hash)
{
    uint32_t *slot = &t->head[hash & t->mask];
    t->hash[i] = hash;
    t->next[i] = *slot;
    *slot = i;
}

/* The first at or after i in its chain with the hash. */
static uint32_t table_at(const table *t, uint32_t i, uint64_t hash)
{
    while (i != XW_NONE && t->hash[i] != hash) i = t->next[i];
    return i;
}

static uint32_t table_find(const table *t, uint64_t hash)
{
    return table_at(t, t->head[hash & t->mask], hash);
}

static uint64_t hash_text(const xw_model *m, xw_text t)
{
    return xw_fnv_text(XW_FNV, xw_model_text(m, t));
}

/* --- divisions ------------------------------------------------------------------------------- */

static xw_status match_divisions(const xw_model *old, const xw_model *m, xw__match *k,
                                 xw_error *err)
{
    table t = {0};
    if (!table_init(&t, old->n_divisions)) {
        table_finish(&t);
        return xw_fail(err, XW_NOMEM, "%zu divisions", old->n_divisions);
    }
    for (uint32_t d = (uint32_t)old->n_divisions; d-- > 0;) {
        table_add(&t, d, hash_text(old, old->divisions[d].code));
    }
    for (uint32_t d = 0; d < m->n_divisions; d++) {
        const char *code = xw_model_text(m, m->divisions[d].code);
        const uint64_t h = hash_text(m, m->divisions[d].code);
        uint32_t o = table_find(&t, h);
        while (o != XW_NONE && strcmp(xw_model_text(old, old->divisions[o].code), code) != 0) {
            o = table_at(&t, t.next[o], h);
        }
        k->division[d] = o;
    }
    table_finish(&t);
    return XW_OK;
}

/* --- buildings ------------------------------------------------------------------------------- */

typedef struct houses {
    const xw_model *old, *m;
    xw_box *old_box, *box;
    uint32_t *of, *to; /* old building of a new one, and back; XW_NONE */
} houses;

static xw_box building_box(const xw_model *m, uint32_t b)
{
    const xw_model_building *x = &m->buildings[b];
    xw_box box = XW_BOX_EMPTY;
    for (uint32_t i = 0; i < x->n_rings; i++) {
        const xw_span s = m->rings[x->first_ring + i];
        for (uint32_t v = 0; v < s.n; v++) box = xw_box_grow(box, m->pts[s.first + v]);
    }
    if (xw_box_is_empty(box) && x->plot != XW_NONE) {
        box = xw_box_grow(box, m->plots[x->plot].anchor);
    }
    return box;
}

static bool are_near(xw_box a, xw_box b)
{
    if (xw_box_is_empty(a) || xw_box_is_empty(b)) return false;
    return (int64_t)a.min.x - NEAR <= b.max.x && (int64_t)b.min.x - NEAR <= a.max.x &&
           (int64_t)a.min.y - NEAR <= b.max.y && (int64_t)b.min.y - NEAR <= a.max.y;
}

/* The one building with the source id, TWICE when there are more, XW_NONE without any. */
static uint32_t find_source(const table *t, const xw_model *m, const char *source, uint64_t h)
{
    uint32_t found = XW_NONE;
    for (uint32_t b = table_find(t, h); b != XW_NONE; b = table_at(t, t->next[b], h)) {
        if (strcmp(xw_model_text(m, m->buildings[b].source), source) != 0) continue;
        if (found != XW_NONE) return TWICE;
        found = b;
    }
    return found;
}

static bool match_sources(houses *k)
{
    table olds = {0}, news = {0};
    bool ok = table_init(&olds, k->old->n_buildings) && table_init(&news, k->m->n_buildings);
    for (uint32_t b = 0; ok && b < k->old->n_buildings; b++) {
        table_add(&olds, b, hash_text(k->old, k->old->buildings[b].source));
    }
    for (uint32_t b = 0; ok && b < k->m->n_buildings; b++) {
        table_add(&news, b, hash_text(k->m, k->m->buildings[b].source));
    }
    for (uint32_t b = 0; ok && b < k->m->n_buildings; b++) {
        const char *source = xw_model_text(k->m, k->m->buildings[b].source);
        if (source[0] == '\0') continue;
        const uint32_t o = find_source(&olds, k->old, source, news.hash[b]);
        if (o >= TWICE || find_source(&news, k->m, source, news.hash[b]) != b) continue;
        if (!are_near(k->old_box[o], k->box[b])) continue;
        k->of[b] = o;
        k->to[o] = b;
    }
    table_finish(&olds);
    table_finish(&news);
    return ok;
}

static bool owns(const xw_model *m, const xw_model_building *b, xw_pt p)
{
    bool in = false; /* parity over all rings: holes count twice */
    for (uint32_t i = 0; i < b->n_rings; i++) {
        const xw_span s = m->rings[b->first_ring + i];
        if (xw_ring_owns((xw_ring){m->pts + s.first, s.n}, p)) in = !in;
    }
    return in;
}

/* How much of the footprint a of one model the footprint b of another covers, in 1 / 1000. */
static uint32_t share(const xw_model *ma, uint32_t a, xw_box box, const xw_model *mb, uint32_t b)
{
    uint32_t own = 0, both = 0;
    for (int64_t i = 0; i < SAMPLES * SAMPLES; i++) {
        const int64_t dx = (2 * (i % SAMPLES) + 1) * ((int64_t)box.max.x - box.min.x);
        const int64_t dy = (2 * (i / SAMPLES) + 1) * ((int64_t)box.max.y - box.min.y);
        const xw_pt p = {(int32_t)(box.min.x + dx / (2 * SAMPLES)),
                         (int32_t)(box.min.y + dy / (2 * SAMPLES))};
        if (!owns(ma, &ma->buildings[a], p)) continue;
        own++;
        both += owns(mb, &mb->buildings[b], p);
    }
    return own ? 1000 * both / own : 0;
}

static uint64_t cell_hash(int64_t x, int64_t y)
{
    return xw_fnv_u64(xw_fnv_u64(XW_FNV, (uint64_t)x), (uint64_t)y);
}

static xw_pt middle(xw_box b)
{
    return (xw_pt){(int32_t)(((int64_t)b.min.x + b.max.x) / 2),
                   (int32_t)(((int64_t)b.min.y + b.max.y) / 2)};
}

typedef struct couple {
    uint32_t score, old, now;
} couple;

static int by_score(const void *x, const void *y)
{
    const couple *a = x, *b = y;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    if (a->now != b->now) return a->now < b->now ? -1 : 1;
    return (a->old > b->old) - (a->old < b->old);
}

/* Appends the old footprints in the cells round b that share half of the smaller of the two. */
static bool couple_up(const houses *k, const table *cells, uint32_t b, couple **out, size_t *n,
                      size_t *cap)
{
    const xw_pt c = middle(k->box[b]);
    for (int i = 0; i < 9; i++) {
        const uint64_t h =
            cell_hash((c.x >> CELL_SHIFT) + i % 3 - 1, (c.y >> CELL_SHIFT) + i / 3 - 1);
        for (uint32_t o = table_find(cells, h); o != XW_NONE;
             o = table_at(cells, cells->next[o], h)) {
            const xw_box x = k->old_box[o], y = k->box[b];
            if (x.min.x > y.max.x || y.min.x > x.max.x || x.min.y > y.max.y || y.min.y > x.max.y) {
                continue;
            }
            uint32_t score = 1000;
            if (!xw_pt_eq(x.min, y.min) || !xw_pt_eq(x.max, y.max)) {
                const uint32_t p = share(k->m, b, y, k->old, o), q = share(k->old, o, x, k->m, b);
                score = p > q ? p : q;
            }
            if (score < 500) continue;
            if (!xw_grow((void **)out, cap, *n + 1, sizeof **out)) return false;
            (*out)[(*n)++] = (couple){score, o, b};
        }
    }
    return true;
}

static bool match_footprints(houses *k)
{
    table cells = {0};
    couple *couples = NULL;
    size_t n = 0, cap = 0;
    bool ok = table_init(&cells, k->old->n_buildings);
    for (uint32_t o = 0; ok && o < k->old->n_buildings; o++) {
        cells.hash[o] = 0;
        if (k->to[o] != XW_NONE || k->old->buildings[o].n_rings == 0) continue;
        const xw_pt c = middle(k->old_box[o]);
        table_add(&cells, o, cell_hash(c.x >> CELL_SHIFT, c.y >> CELL_SHIFT));
    }
    for (uint32_t b = 0; ok && b < k->m->n_buildings; b++) {
        if (k->of[b] != XW_NONE || k->m->buildings[b].n_rings == 0) continue;
        ok = couple_up(k, &cells, b, &couples, &n, &cap);
    }
    if (ok && n > 0) qsort(couples, n, sizeof *couples, by_score);
    for (size_t i = 0; ok && i < n; i++) {
        const couple c = couples[i];
        if (k->of[c.now] != XW_NONE || k->to[c.old] != XW_NONE) continue;
        k->of[c.now] = c.old;
        k->to[c.old] = c.now;
    }
    free(couples);
    table_finish(&cells);
    return ok;
}

/* --- units ----------------------------------------------------------------------------------- */

/* The units of each building in their order: item[start[b]] up to start[b + 1]. */
static bool units_of(const xw_model *m, uint32_t **start, uint32_t **item)
{
    *start = calloc(m->n_buildings + 2, sizeof **start);
    *item = malloc((m->n_units + 1) * sizeof **item);
    if (!*start || !*item) return false;
    for (size_t u = 0; u < m->n_units; u++) {
        if (m->units[u].building != XW_NONE) (*start)[m->units[u].building + 1]++;
    }
    for (size_t b = 0; b < m->n_buildings; b++) (*start)[b + 1] += (*start)[b];
    for (uint32_t u = 0; u < m->n_units; u++) {
        const uint32_t b = m->units[u].building;
        if (b != XW_NONE) (*item)[(*start)[b]++] = u;
    }
    for (size_t b = m->n_buildings; b > 0; b--) (*start)[b] = (*start)[b - 1];
    (*start)[0] = 0;
    return true;
}

/* The old unit that the i-th of n new ones was: by floors, else by place. */
static uint32_t same_unit(const houses *k, const xw_unit *u, uint32_t i, uint32_t n,
                          const uint32_t *olds, uint32_t n_olds)
{
    if (u->floor_min != 0 || u->floor_max != 0) {
        const uint32_t hint = i < n_olds ? i : n_olds - 1; /* most often nothing has changed */
        for (uint32_t j = 0; j < n_olds; j++) {
            const uint32_t at = (hint + j) % n_olds;
            const xw_unit *o = &k->old->units[olds[at]];
            if (o->floor_min == u->floor_min && o->floor_max == u->floor_max) return olds[at];
        }
    }
    return olds[(uint64_t)i * n_olds / n];
}

static void match_building(const houses *k, xw__match *out, const uint32_t *units, uint32_t n,
                           const uint32_t *olds, uint32_t n_olds)
{
    uint64_t was = 0, is = 0;
    if (n == 0 || n_olds == 0) return;
    for (uint32_t i = 0; i < n; i++) {
        const xw_unit *u = &k->m->units[units[i]];
        out->unit[units[i]] = same_unit(k, u, i, n, olds, n_olds);
        is += u->households;
    }
    for (uint32_t i = 0; i < n_olds; i++) was += k->old->units[olds[i]].households;
    out->buildings_changed += was != is;
}

static bool match_units(const houses *k, xw__match *out)
{
    uint32_t *start = NULL, *item = NULL, *old_start = NULL, *old_item = NULL;
    const bool ok = units_of(k->m, &start, &item) && units_of(k->old, &old_start, &old_item);
    for (uint32_t b = 0; ok && b < k->m->n_buildings; b++) {
        const uint32_t o = k->of[b];
        if (o == XW_NONE) continue;
        match_building(k, out, item + start[b], start[b + 1] - start[b], old_item + old_start[o],
                       old_start[o + 1] - old_start[o]);
    }
    free(start);
    free(item);
    free(old_start);
    free(old_item);
    return ok;
}

static uint64_t anchor_hash(xw_pt p)
{
    return xw_fnv_u64(XW_FNV, (uint64_t)(uint32_t)p.x << 32 | (uint32_t)p.y);
}

static bool match_land(const houses *k, xw__match *out)
{
    table t = {0};
    const bool ok = table_init(&t, k->old->n_plots);
    for (uint32_t p = 0; ok && p < k->old->n_plots; p++) {
        t.hash[p] = 0;
        if (k->old->plots[p].building == XW_NONE) {
            table_add(&t, p, anchor_hash(k->old->plots[p].anchor));
        }
    }
    for (uint32_t p = 0; ok && p < k->m->n_plots; p++) {
        const xw_plot *q = &k->m->plots[p];
        if (q->building != XW_NONE) continue;
        const uint64_t h = anchor_hash(q->anchor);
        uint32_t o = table_find(&t, h);
        while (o != XW_NONE && !xw_pt_eq(k->old->plots[o].anchor, q->anchor)) {
            o = table_at(&t, t.next[o], h);
        }
        if (o != XW_NONE) out->unit[q->first_unit] = k->old->plots[o].first_unit;
    }
    table_finish(&t);
    return ok;
}

/* Households that are the same: each old one is met once. */
static void count_same(const xw_model *old, const xw_model *m, xw__match *out)
{
    for (size_t u = 0; u < m->n_units; u++) {
        const uint32_t o = out->unit[u];
        if (o == XW_NONE) continue;
        const uint32_t left = old->units[o].households - out->still[o];
        const uint32_t n = m->units[u].households < left ? m->units[u].households : left;
        out->same[u] = n;
        out->still[o] += n;
    }
}

xw_status xw__match_make(const xw_model *old, const xw_model *m, xw__match *out, xw_error *err)
{
    houses k = {.old = old, .m = m};
    memset(out, 0, sizeof *out);
    out->division = malloc((m->n_divisions + 1) * sizeof *out->division);
    out->unit = malloc((m->n_units + 1) * sizeof *out->unit);
    out->same = calloc(m->n_units + 1, sizeof *out->same);
    out->still = calloc(old->n_units + 1, sizeof *out->still);
    k.old_box = malloc((old->n_buildings + 1) * sizeof *k.old_box);
    k.box = malloc((m->n_buildings + 1) * sizeof *k.box);
    k.of = malloc((m->n_buildings + 1) * sizeof *k.of);
    k.to = malloc((old->n_buildings + 1) * sizeof *k.to);
    bool ok =
        out->division && out->unit && out->same && out->still && k.old_box && k.box && k.of && k.to;
    xw_status st = ok ? match_divisions(old, m, out, err) : XW_OK;
    if (ok && !st) {
        memset(out->unit, 0xff, m->n_units * sizeof *out->unit);
        memset(k.of, 0xff, m->n_buildings * sizeof *k.of);
        memset(k.to, 0xff, old->n_buildings * sizeof *k.to);
        for (uint32_t b = 0; b < old->n_buildings; b++) k.old_box[b] = building_box(old, b);
        for (uint32_t b = 0; b < m->n_buildings; b++) k.box[b] = building_box(m, b);
        ok = match_sources(&k) && match_footprints(&k) && match_units(&k, out) &&
             match_land(&k, out);
    }
    if (ok && !st) {
        count_same(old, m, out);
        for (size_t b = 0; b < m->n_buildings; b++) {
            out->buildings_same += k.of[b] != XW_NONE;
            out->buildings_new += k.of[b] == XW_NONE;
        }
        out->buildings_gone = old->n_buildings - out->buildings_same;
    }
    free(k.old_box);
    free(k.box);
    free(k.of);
    free(k.to);
    if (!ok) st = xw_fail(err, XW_NOMEM, "match of %zu buildings", m->n_buildings);
    if (st) xw__match_finish(out);
    return st;
}

void xw__match_finish(xw__match *k)
{
    free(k->division);
    free(k->unit);
    free(k->same);
    free(k->still);
    memset(k, 0, sizeof *k);
}
