/* Borders of a picture: edges of one style joined into long lines, so that dashes and joints are
 * whole. */
#include "picture_parts.h"

#include "tile_parts.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct border { /* an edge that is drawn */
    uint32_t edge;
    uint8_t rank; /* coarsest level whose grids it parts; n_levels: a line between plots only */
    uint8_t basis;
} border;

static int by_style(const void *a, const void *b)
{
    const border *p = a, *q = b;
    if (p->rank != q->rank) return p->rank > q->rank ? -1 : 1; /* coarse ones come last, on top */
    if (p->basis != q->basis) return p->basis > q->basis ? -1 : 1;
    return (p->edge > q->edge) - (p->edge < q->edge);
}

static bool style_of(const xw__pic *p, uint32_t ix, border *out)
{
    const xw_model *m = p->m;
    const xw_edge *e = &m->edges[ix];
    const bool is_rim = e->left == XW_NONE || e->right == XW_NONE;
    const bool is_division = !is_rim && m->plots[e->left].division != m->plots[e->right].division;
    *out = (border){ix, (uint8_t)m->n_levels, e->basis};
    if (is_rim || is_division) {
        out->rank = 0;
        out->basis = XW_BASIS_DIVISION;
        return true;
    }
    if (p->o->what == XW_PICTURE_GIVEN) return false;
    if (p->o->what == XW_PICTURE_PLOTS) return true;
    for (uint32_t l = 0; l <= p->o->level; l++) {
        if (!xw__grids_differ(m, e->left, e->right, l)) continue;
        out->rank = (uint8_t)l;
        return true;
    }
    out->basis = XW_BASIS_BETWEEN;
    return p->n.m_per_px <= 0.6;
}

/* ---- joining ---- */

typedef struct tip { /* one end of a border: 2 * place, + 1 for its last vertex */
    xw_pt at;
    uint32_t end;
} tip;

static int by_point(const void *a, const void *b)
{
    const tip *p = a, *q = b;
    if (!xw_pt_eq(p->at, q->at)) return xw_pt_less(p->at, q->at) ? -1 : 1;
    return (p->end > q->end) - (p->end < q->end);
}

typedef struct joiner {
    xw__pic *p;
    const border *list;
    size_t n;
    tip *tips;
    uint32_t *mate; /* by end: the end it goes on with, or XW_NONE */
    bool *done;
    xw_buf path;
} joiner;

static xw_pt end_of(const joiner *j, uint32_t end)
{
    const xw_edge *e = &j->p->m->edges[j->list[end >> 1].edge];
    return j->p->m->pts[end & 1 ? e->first + e->n - 1 : e->first];
}

static void find_mates(joiner *j)
{
    const size_t n = 2 * j->n;
    for (uint32_t i = 0; i < n; i++) {
        j->tips[i] = (tip){end_of(j, i), i};
        j->mate[i] = XW_NONE;
    }
    if (n > 0) qsort(j->tips, n, sizeof *j->tips, by_point);
    for (size_t i = 0; i < n;) {
        size_t k = i;
        while (k < n && xw_pt_eq(j->tips[k].at, j->tips[i].at)) k++;
        if (k - i == 2) {
            j->mate[j->tips[i].end] = j->tips[i + 1].end;
            j->mate[j->tips[i + 1].end] = j->tips[i].end;
        }
        i = k;
    }
}

static void take_part(void *user, const xw_tpt *pts, size_t n)
{
    xw__svg_path(user, pts, n, false);
}

/* Walks from an end as far as the style goes; the line is gathered in p->pts and clipped. */
static xw_status walk(joiner *j, uint32_t start, xw_error *err)
{
    xw__pic *p = j->p;
    const xw_model *m = p->m;
    const uint8_t *rank = xw_snapshot_ranks(p->s);
    p->n_pts = 0;
    for (uint32_t end = start; end != XW_NONE && !j->done[end >> 1]; end = j->mate[end ^ 1]) {
        j->done[end >> 1] = true;
        const xw_edge *e = &m->edges[j->list[end >> 1].edge];
        if (!xw_grow((void **)&p->pts, &p->cap_pts, p->n_pts + e->n, sizeof *p->pts)) {
            return xw_fail(err, XW_NOMEM, "border of %zu vertices", p->n_pts + e->n);
        }
        for (uint32_t i = 0; i < e->n; i++) {
            const uint32_t v = e->first + (end & 1 ? e->n - 1 - i : i);
            const bool is_tip = i == 0 || i + 1 == e->n;
            if (!is_tip && rank[v] > p->zoom) continue;
            const xw_tpt t = xw__pic_project(p, m->pts[v]);
            if (p->n_pts == 0 || !xw_tpt_eq(t, p->pts[p->n_pts - 1])) p->pts[p->n_pts++] = t;
        }
    }
    const xw_tbox box = {
        {-XW__PIC_REACH, -XW__PIC_REACH},
        {p->map_w * XW__PIC_UNIT + XW__PIC_REACH, p->map_h * XW__PIC_UNIT + XW__PIC_REACH}};
    return xw_clip_line(&p->clipper, p->pts, p->n_pts, box, take_part, &j->path, err);
}

static void put_path(xw__pic *p, const char *cls, int32_t tenths, const char *path)
{
    xw_buf_fmt(p->out, "<path class=\"%s\" stroke-width=\"", cls);
    xw__svg_tenths(p->out, tenths);
    xw_buf_fmt(p->out, "\" d=\"%s\"/>\n", path);
}

static void put_style(joiner *j, bool halo)
{
    xw__pic *p = j->p;
    const border *b = &j->list[0];
    const bool is_line = b->rank == p->m->n_levels;
    const bool plots = p->o->what == XW_PICTURE_PLOTS;
    const int32_t steps = p->o->what == XW_PICTURE_GRIDS ? (int32_t)p->o->level - b->rank : 1;
    const int32_t tenths = is_line ? (plots ? 13 : 5) : 18 + 11 * (steps > 3 ? 3 : steps);
    if (halo) {
        if (!is_line) put_path(p, "halo", tenths + 24, j->path.data);
        return;
    }
    char cls[32];
    (void)snprintf(cls, sizeof cls, "on-%s", xw_basis_text(b->basis));
    if (is_line && !plots) (void)snprintf(cls, sizeof cls, "plotline");
    put_path(p, cls, tenths, j->path.data);
    if (!is_line || plots) p->bases |= 1u << b->basis;
    if (!is_line) p->ranks |= 1u << b->rank;
    p->n.borders += j->n;
}

static xw_status draw_style(joiner *j, bool halo, xw_error *err)
{
    for (size_t i = 0; i < j->n; i++) j->done[i] = false;
    find_mates(j);
    xw_buf_clear(&j->path);
    xw_status st = XW_OK;
    for (int pass = 0; pass < 2; pass++) { /* open lines from their ends, then rings */
        for (uint32_t i = 0; i < 2 * j->n && !st; i++) {
            if (j->done[i >> 1] || (pass == 0 && j->mate[i] != XW_NONE)) continue;
            st = walk(j, i, err);
        }
    }
    if (!st) st = xw_buf_status(&j->path, "borders", err);
    if (!st && j->path.n > 0) put_style(j, halo);
    return st;
}

static xw_status gather(const xw__pic *p, border **list, size_t *n, xw_error *err)
{
    xw__pic_found f = {0};
    xw_status st = xw__pic_find(p, XW_SHAPE_EDGE, &f, err);
    *list = st ? NULL : malloc((f.n + 1) * sizeof **list);
    *n = 0;
    if (!st && !*list) st = xw_fail(err, XW_NOMEM, "%zu borders", f.n);
    for (size_t i = 0; i < f.n && !st; i++) *n += style_of(p, f.ix[i], &(*list)[*n]);
    if (!st && *n > 0) qsort(*list, *n, sizeof **list, by_style);
    free(f.ix);
    return st;
}

xw_status xw__pic_borders(xw__pic *p, xw_error *err)
{
    border *list = NULL;
    size_t n = 0;
    xw_status st = gather(p, &list, &n, err);
    joiner j = {.p = p};
    xw_buf_init(&j.path, (size_t)1 << 28);
    if (!st) {
        j.tips = malloc((2 * n + 1) * sizeof *j.tips);
        j.mate = malloc((2 * n + 1) * sizeof *j.mate);
        j.done = malloc((n + 1) * sizeof *j.done);
        if (!j.tips || !j.mate || !j.done) st = xw_fail(err, XW_NOMEM, "%zu borders", n);
    }
    xw_buf_text(p->out, "<g id=\"borders\">\n");
    for (size_t i = 0; i < n && !st;) { /* of one level: all light edges, then all colours */
        size_t level_end = i;
        while (level_end < n && list[level_end].rank == list[i].rank) level_end++;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t k = i; k < level_end && !st;) {
                size_t end = k;
                while (end < level_end && list[end].basis == list[k].basis) end++;
                j.list = list + k;
                j.n = end - k;
                st = draw_style(&j, pass == 0, err);
                k = end;
            }
        }
        i = level_end;
    }
    xw_buf_text(p->out, "</g>\n");
    xw_buf_finish(&j.path);
    free(j.tips);
    free(j.mate);
    free(j.done);
    free(list);
    return st;
}
