/* The blocks of a scene: their keys, rims and the vertices of their lines. */
#include "edit_state.h"

#include <stdlib.h>
#include <string.h>

int edit_block_order(const edit_block *a, const edit_block *b)
{
    if (!xw_pt_eq(a->key_a, b->key_a)) return xw_pt_less(a->key_a, b->key_a) ? -1 : 1;
    if (!xw_pt_eq(a->key_b, b->key_b)) return xw_pt_less(a->key_b, b->key_b) ? -1 : 1;
    return (a->key_side > b->key_side) - (a->key_side < b->key_side);
}

static int by_point(const void *a, const void *b)
{
    const xw_pt *p = a, *q = b;
    return xw_pt_eq(*p, *q) ? 0 : xw_pt_less(*p, *q) ? -1 : 1;
}

bool edit_block_has_tip(const edit_blocks *all, const edit_block *b, xw_pt p)
{
    return b->n_tip && bsearch(&p, all->tip + b->first_tip, b->n_tip, sizeof p, by_point);
}

static void read_keys(const scene *s, edit_blocks *out)
{
    for (uint32_t i = 0; i < s->n_blocks; i++) out->b[i] = (edit_block){.box = XW_BOX_EMPTY};
    for (size_t f = s->map.n_faces; f-- > 1;) { /* the first face has the last word */
        if (s->block[f] == XW_NONE) continue;
        const uint32_t h = s->map.first[f];
        edit_block *b = &out->b[s->block[f]];
        b->key_a = s->noded.nodes[s->noded.edges[h >> 1].a];
        b->key_b = s->noded.nodes[s->noded.edges[h >> 1].b];
        b->key_side = h & 1;
    }
}

/* Does half-edge h have a block on its left and another, or none, on its right? */
static bool is_rim(const scene *s, uint32_t h)
{
    const uint32_t l = s->block[s->map.face[h]];
    return l != XW_NONE && l != s->block[s->map.face[h ^ 1]];
}

static xw_status read_rims(const scene *s, edit_blocks *out, xw_error *err)
{
    for (uint32_t h = 0; h < s->map.n_halves; h++) {
        if (!is_rim(s, h)) continue;
        out->b[s->block[s->map.face[h]]].n_rim++;
        out->n_rim++;
    }
    out->cap_rim = out->n_rim + 1;
    out->rim = malloc(out->cap_rim * sizeof *out->rim);
    if (!out->rim) return xw_fail(err, XW_NOMEM, "%zu edges of blocks", out->n_rim);
    uint32_t at = 0;
    for (size_t i = 0; i < out->n; i++) {
        out->b[i].first_rim = at;
        at += out->b[i].n_rim;
        out->b[i].n_rim = 0;
    }
    for (uint32_t h = 0; h < s->map.n_halves; h++) {
        if (!is_rim(s, h)) continue;
        edit_block *b = &out->b[s->block[s->map.face[h]]];
        const bool more = s->block[s->map.face[h ^ 1]] != XW_NONE || s->edge[h >> 1].seam != 0;
        const xw_segment r = {xw_map_from(&s->map, h), xw_map_to(&s->map, h), more};
        out->rim[b->first_rim + b->n_rim++] = r;
        b->box = xw_box_grow(xw_box_grow(b->box, r.a), r.b);
    }
    return XW_OK;
}

typedef void take_tip(edit_blocks *out, uint32_t block, xw_pt p);

static void count_tip(edit_blocks *out, uint32_t block, xw_pt p)
{
    (void)p;
    out->b[block].n_tip++;
}

static void place_tip(edit_blocks *out, uint32_t block, xw_pt p)
{
    edit_block *b = &out->b[block];
    out->tip[b->first_tip + b->n_tip++] = p;
}

/* Calls `take` for the nodes on walls and rims through which lines between buildings pass. */
static void visit_tips(const fabric *f, const uint8_t *on_scene, edit_blocks *out, take_tip *take)
{
    for (size_t e = 0; e < f->noded.n_edges; e++) {
        const xw_noded_edge *d = &f->noded.edges[e];
        for (uint32_t i = 0; i < d->n_tags; i++) {
            const uint32_t tag = f->noded.tags[d->first_tag + i] >> 1;
            if (tag < f->n_scene) continue;
            const uint32_t block = f->lines->b[tag - f->n_scene].block;
            if (on_scene[d->a]) take(out, block, f->noded.nodes[d->a]);
            if (on_scene[d->b]) take(out, block, f->noded.nodes[d->b]);
        }
    }
}

/* Ascending in each block, each once, without gaps between the blocks. */
static void pack_tips(edit_blocks *out)
{
    for (size_t i = 0; i < out->n; i++) {
        edit_block *b = &out->b[i];
        xw_pt *tip = out->tip + b->first_tip;
        if (b->n_tip) qsort(tip, b->n_tip, sizeof *tip, by_point);
        const uint32_t first = (uint32_t)out->n_tip;
        for (uint32_t k = 0; k < b->n_tip; k++) {
            if (out->n_tip > first && xw_pt_eq(tip[k], out->tip[out->n_tip - 1])) continue;
            out->tip[out->n_tip++] = tip[k];
        }
        b->first_tip = first;
        b->n_tip = (uint32_t)out->n_tip - first;
    }
}

static xw_status read_tips(const fabric *f, edit_blocks *out, xw_error *err)
{
    uint8_t *on_scene = calloc(f->noded.n_nodes + 1, 1);
    if (!on_scene) return xw_fail(err, XW_NOMEM, "%zu nodes", f->noded.n_nodes);
    for (size_t e = 0; e < f->noded.n_edges; e++) {
        const xw_noded_edge *d = &f->noded.edges[e];
        if (f->noded.tags[d->first_tag] >> 1 >= f->n_scene) continue; /* ascending */
        on_scene[d->a] = on_scene[d->b] = 1;
    }
    visit_tips(f, on_scene, out, count_tip);
    for (size_t i = 0; i < out->n; i++) {
        out->b[i].first_tip = (uint32_t)out->cap_tip;
        out->cap_tip += out->b[i].n_tip;
        out->b[i].n_tip = 0;
    }
    out->tip = malloc(++out->cap_tip * sizeof *out->tip);
    if (out->tip) {
        visit_tips(f, on_scene, out, place_tip);
        pack_tips(out);
    }
    free(on_scene);
    return out->tip ? XW_OK : xw_fail(err, XW_NOMEM, "%zu lines between buildings", f->lines->n);
}

xw_status edit_blocks_read(const fabric *f, edit_blocks *out, xw_error *err)
{
    const scene *s = f->s;
    *out = (edit_blocks){.n = s->n_blocks};
    out->b = malloc((out->n + 1) * sizeof *out->b);
    if (!out->b) return xw_fail(err, XW_NOMEM, "%zu blocks", out->n);
    read_keys(s, out);
    const xw_status st = read_rims(s, out, err);
    return st ? st : read_tips(f, out, err);
}

void edit_blocks_finish(edit_blocks *b)
{
    free(b->b);
    free(b->rim);
    free(b->tip);
    *b = (edit_blocks){0};
}
