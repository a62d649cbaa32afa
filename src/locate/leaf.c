/* One leaf: edges are put into runs, runs into lanes, and the constants follow from the label at
 * the corner, by the evaluation that queries use. */
#include "leaf.h"

#include "eval.h"

#include <string.h>

typedef struct local_edge { /* relative to the middle, the lower face on the left */
    leaf_vertex a, b;
    uint32_t left, right; /* faces, by position; the outside is the last */
} local_edge;

typedef struct sketch {
    uint32_t label[4];
    uint32_t n_labels; /* without the outside */
    local_edge edge[LEAF_EDGES_MAX];
    uint32_t n_edges;
    leaf_vertex v[LINE_LANES + 1];
    uint32_t n_v;
    uint32_t side_mask[LINE_LANES + 1]; /* faces at edge i, as bits; 0 between runs */
    uint32_t n_runs;
} sketch;

static bool same_vertex(leaf_vertex a, leaf_vertex b) { return a.x == b.x && a.y == b.y; }

static bool to_local(int64_t x, int64_t y, const locator_cell *cell, leaf_vertex *out)
{
    const int64_t half = (INT64_C(1) << cell->shift) / 2;
    const int64_t dx = x - cell->x0 - half, dy = y - cell->y0 - half;
    if (dx < -LEAF_REACH || dx > LEAF_REACH || dy < -LEAF_REACH || dy > LEAF_REACH) return false;
    *out = (leaf_vertex){(int16_t)dx, (int16_t)dy};
    return true;
}

static bool add_label(sketch *s, uint32_t label)
{
    uint32_t i = 0;
    if (label == 0) return true;
    while (i < s->n_labels && s->label[i] != label) i++;
    if (i == 4) return false;
    s->label[i] = label;
    if (i == s->n_labels) s->n_labels++;
    return true;
}

static uint32_t face_of(const sketch *s, uint32_t label)
{
    uint32_t i = 0;
    while (i < s->n_labels && s->label[i] != label) i++;
    return i;
}

static bool take_edges(sketch *s, const locator_item *edges, size_t n, const locator_cell *cell)
{
    for (size_t i = 0; i < n; i++) {
        if (!add_label(s, edges[i].left) || !add_label(s, edges[i].right)) return false;
    }
    for (uint32_t i = 1; i < s->n_labels; i++) { /* ascending */
        for (uint32_t k = i; k > 0 && s->label[k] < s->label[k - 1]; k--) {
            const uint32_t t = s->label[k];
            s->label[k] = s->label[k - 1];
            s->label[k - 1] = t;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const locator_item *e = &edges[i];
        leaf_vertex a, b;
        if (!to_local(e->ax, e->ay, cell, &a) || !to_local(e->bx, e->by, cell, &b)) return false;
        const uint32_t l = face_of(s, e->left), r = face_of(s, e->right);
        s->edge[s->n_edges++] = l < r ? (local_edge){a, b, l, r} : (local_edge){b, a, r, l};
    }
    return true;
}

/* An edge that none of the same faces leads into; any, when they all go round. */
static uint32_t first_of_run(const sketch *s, const bool *used)
{
    uint32_t any = s->n_edges;
    for (uint32_t i = s->n_edges; i-- > 0;) {
        if (used[i]) continue;
        any = i;
        const local_edge *e = &s->edge[i];
        bool led = false;
        for (uint32_t k = 0; k < s->n_edges; k++) {
            const local_edge *o = &s->edge[k];
            led = led || (!used[k] && k != i && o->left == e->left && o->right == e->right &&
                          same_vertex(o->b, e->a));
        }
        if (!led) return i;
    }
    return any;
}

static uint32_t next_of_run(const sketch *s, const bool *used, const local_edge *e)
{
    for (uint32_t k = 0; k < s->n_edges; k++) {
        const local_edge *o = &s->edge[k];
        if (!used[k] && o->left == e->left && o->right == e->right && same_vertex(o->a, e->b)) {
            return k;
        }
    }
    return s->n_edges;
}

static bool add_vertex(sketch *s, leaf_vertex v)
{
    if (s->n_v >= LINE_LANES) return false;
    s->v[s->n_v] = v;
    s->side_mask[s->n_v++] = 0;
    return true;
}

/* Lays the runs out one after the other; two that meet share a vertex. */
static bool make_runs(sketch *s)
{
    bool used[LEAF_EDGES_MAX] = {false};
    for (uint32_t left = s->n_edges; left > 0;) {
        uint32_t i = s->n_edges == 1 ? 0 : first_of_run(s, used);
        const bool meets = s->n_v > 0 && same_vertex(s->v[s->n_v - 1], s->edge[i].a);
        if (!meets && !add_vertex(s, s->edge[i].a)) return false;
        s->n_runs++;
        for (; i < s->n_edges; i = next_of_run(s, used, &s->edge[i])) {
            used[i] = true;
            left--;
            const local_edge *e = &s->edge[i];
            s->side_mask[s->n_v - 1] = UINT32_C(1) << e->left | UINT32_C(1) << e->right;
            if (!add_vertex(s, e->b)) return false;
        }
    }
    return true;
}

static bool is_end(leaf_vertex v, const locator_cell *cell)
{
    const int32_t side = INT32_C(1) << cell->shift;
    return v.y >= side - side / 2;
}

static bool make_chain(const sketch *s, const locator_cell *cell, uint32_t label, leaf_bytes *out)
{
    chain_leaf *c = &out->u.chain;
    const int32_t corner = from_middle(0, cell->shift);
    *c = (chain_leaf){{s->label[0], s->n_labels > 1 ? s->label[1] : 0}, {{0, 0}}};
    for (uint32_t i = 0; i < CHAIN_VERTICES; i++) c->v[i] = s->v[i < s->n_v ? i : s->n_v - 1];
    uint32_t flags[2] = {is_end(s->v[s->n_v - 1], cell) ? CHAIN_LAST_END : 0,
                         is_end(s->v[0], cell) ? CHAIN_FIRST_END : 0};
    out->tag = TAG_CHAIN;
    if (label != c->label[0] && label != c->label[1]) return false;
    const chain_leaf bare = {{c->label[0] | flags[0], c->label[1] | flags[1]},
                             {c->v[0], c->v[1], c->v[2], c->v[3], c->v[4], c->v[5]}};
    if (chain_label(&bare, chain_scalar(&bare, corner, corner)) != label) {
        const uint32_t t = c->label[0];
        c->label[0] = c->label[1];
        c->label[1] = t;
        flags[0] |= CHAIN_TURNED;
    }
    c->label[0] |= flags[0];
    c->label[1] |= flags[1];
    return true;
}

static bool make_fan(const sketch *s, uint32_t faces, const locator_cell *cell, uint32_t label,
                     leaf_bytes *out)
{
    fan_leaf *f = &out->u.fan;
    const uint32_t first = 2 * faces;
    const int32_t corner = from_middle(0, cell->shift);
    if (s->n_labels > faces || first + s->n_v > LINE_LANES) return false;
    if (face_of(s, label) == s->n_labels && label != 0) return false;
    memset(f, 0, sizeof *f);
    out->tag = faces == 3 ? TAG_FAN : TAG_FAN4;
    for (uint32_t i = first; i < LINE_LANES; i++) {
        f->v[i] = s->v[i - first < s->n_v ? i - first : s->n_v - 1];
    }
    for (uint32_t k = 0; k < s->n_labels; k++) {
        uint32_t mask = 0, before = 0;
        for (uint32_t i = 0; i < s->n_v; i++) {
            const uint32_t at = s->side_mask[i] >> k & 1;
            mask |= at << (first + i);
            mask |= ((before ^ at) & is_end(s->v[i], cell)) << (16 + first + i);
            before = at;
        }
        f->face[k] = (fan_label){s->label[k], mask};
    }
    const lane_bits b = fan_scalar(f, faces, corner, corner);
    const uint32_t word = (b.crossed & 0xffff) | ~b.east << 16;
    for (uint32_t k = 0; k < s->n_labels; k++) {
        const bool has = __builtin_parity(word & f->face[k].mask);
        f->face[k].mask |= has != (s->label[k] == label);
    }
    return true;
}

bool xw__leaf_encode(const locator_item *edges, size_t n, const locator_cell *cell, uint32_t label,
                     leaf_bytes *out)
{
    sketch s; /* arrays are written as far as their numbers say */
    s.n_labels = s.n_edges = s.n_v = s.n_runs = 0;
    if (n == 0 || n > LEAF_EDGES_MAX || cell->shift > LEAF_SHIFT_MAX) return false;
    if (!take_edges(&s, edges, n, cell) || !make_runs(&s)) return false;
    if (s.n_runs == 1 && s.n_v <= CHAIN_VERTICES) return make_chain(&s, cell, label, out);
    return make_fan(&s, 3, cell, label, out) || make_fan(&s, 4, cell, label, out);
}

static locator_item item_of(const locator_cell *cell, leaf_vertex a, leaf_vertex b, uint32_t left,
                            uint32_t right)
{
    const int64_t half = (INT64_C(1) << cell->shift) / 2;
    const int64_t mx = cell->x0 + half, my = cell->y0 + half;
    const int32_t ax = (int32_t)(mx + a.x), ay = (int32_t)(my + a.y);
    const int32_t bx = (int32_t)(mx + b.x), by = (int32_t)(my + b.y);
    const bool up = a.y < b.y || (a.y == b.y && a.x < b.x);
    return up ? (locator_item){ax, ay, bx, by, left, right}
              : (locator_item){bx, by, ax, ay, right, left};
}

static size_t chain_edges(const locator_cell *cell, const chain_leaf *c, locator_item *own)
{
    const bool turned = c->label[0] & CHAIN_TURNED;
    const uint32_t left = ENTRY_VALUE(c->label[turned]), right = ENTRY_VALUE(c->label[!turned]);
    size_t n = 0;
    for (uint32_t i = 0; i + 1 < CHAIN_VERTICES; i++) {
        if (same_vertex(c->v[i], c->v[i + 1])) continue;
        own[n++] = item_of(cell, c->v[i], c->v[i + 1], left, right);
    }
    return n;
}

static size_t fan_edges(const locator_cell *cell, const fan_leaf *f, uint32_t faces,
                        locator_item *own)
{
    size_t n = 0;
    for (uint32_t i = 2 * faces; i + 1 < LINE_LANES; i++) {
        uint32_t side[2] = {0, 0}, k = 0;
        for (uint32_t j = 0; j < faces && k < 2; j++) {
            if (f->face[j].mask >> i & 1) side[k++] = f->face[j].label;
        }
        if (k > 0) own[n++] = item_of(cell, f->v[i], f->v[i + 1], side[0], side[1]);
    }
    return n;
}

size_t xw__leaf_edges(const locator_cell *cell, const void *leaf, locator_item *own,
                      const locator_item **out)
{
    *out = own;
    switch (ENTRY_TAG(cell->entry)) {
    case TAG_CHAIN:
        return chain_edges(cell, leaf, own);
    case TAG_FAN:
        return fan_edges(cell, leaf, 3, own);
    case TAG_FAN4:
        return fan_edges(cell, leaf, 4, own);
    case TAG_LIST: {
        const list_leaf *list = leaf;
        *out = list->items;
        return list->n;
    }
    default:
        return 0;
    }
}
