#include "build_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *code_of(const xw_territory *t, size_t i)
{
    return xw_territory_text(t, t->divisions[i].code);
}

/* Does the division have the code, or one above it? */
static bool is_under(const xw_territory *t, size_t i, const char *code)
{
    for (size_t deep = 0; deep <= t->n_divisions; deep++) {
        if (strcmp(code_of(t, i), code) == 0) return true;
        const xw_text up = t->divisions[i].parent_code;
        size_t k = 0;
        while (k < t->n_divisions && (up == 0 || t->divisions[k].code != up)) k++;
        if (k == t->n_divisions) return false;
        i = k;
    }
    return false;
}

static xw_status want(xw__part *p, const char *code, size_t n, xw_error *err)
{
    char full[16] = "000000000000";
    if (n == 0 || n > 12 || strspn(code, "0123456789") < n) {
        return xw_fail(err, XW_INPUT, "division code \"%.*s\": is not of 6, 9 or 12 digits",
                       (int)(n < 40 ? n : 40), code);
    }
    memcpy(full, code, n);
    size_t found = 0;
    for (size_t i = 0; i < p->all->n_divisions; i++) {
        if (p->all->divisions[i].area.n_rings == 0 || !is_under(p->all, i, full)) continue;
        p->n_wanted += !p->wanted[i];
        p->wanted[i] = 1;
        found++;
    }
    return found ? XW_OK
                 : xw_fail(err, XW_NOT_FOUND, "division code %s: none of the %zu divisions has it",
                           full, p->all->n_divisions);
}

static int32_t held(double v, int32_t most)
{
    return (int32_t)(v < -most ? -most : v > most ? most : v);
}

static xw_box grown(xw_box b, double metres)
{
    const xw_scale k = xw_scale_at(b.max.y > -b.min.y ? b.max.y : b.min.y);
    const double dx = ceil(metres / fmax(k.mx, 1e-5)), dy = ceil(metres / k.my);
    return (xw_box){{held(b.min.x - dx, XW_LON_MAX), held(b.min.y - dy, XW_LAT_MAX)},
                    {held(b.max.x + dx, XW_LON_MAX), held(b.max.y + dy, XW_LAT_MAX)}};
}

/* Buildings near the wanted divisions; lines near these and all divisions whose box they meet, so
 * that the neighbours' blocks are whole along the common border. */
static void set_windows(xw__part *p)
{
    const xw_territory *t = p->all;
    for (size_t i = 0; i < t->n_divisions; i++) {
        if (!p->wanted[i]) continue;
        p->built[p->in.n_built++] = grown(xw_area_box(t, t->divisions[i].area), XW__PART_MARGIN_M);
    }
    for (size_t i = 0; i < t->n_divisions; i++) {
        if (t->divisions[i].area.n_rings == 0) continue;
        const xw_box b = xw_area_box(t, t->divisions[i].area);
        bool near = false;
        for (size_t k = 0; k < p->in.n_built && !near; k++) near = xw_box_meets(b, p->built[k]);
        if (!near) continue;
        p->near[i] = 1;
        p->lines[p->in.n_lines++] = grown(b, XW__PART_MARGIN_M);
    }
    p->in.divisions = t;
    p->in.keep = p->near;
    p->in.built = p->built;
    p->in.lines = p->lines;
}

xw_status xw__part_open(const xw_territory *all, const char *codes, xw__part *out, xw_error *err)
{
    const size_t n = all->n_divisions + 1;
    *out = (xw__part){.all = all};
    out->wanted = calloc(n, 1);
    out->near = calloc(n, 1);
    out->built = calloc(n, sizeof *out->built);
    out->lines = calloc(n, sizeof *out->lines);
    xw_status st = out->wanted && out->near && out->built && out->lines
                       ? XW_OK
                       : xw_fail(err, XW_NOMEM, "%zu divisions", n);
    for (const char *at = codes; !st; at++) {
        const size_t len = strcspn(at, ",");
        st = want(out, at, len, err);
        at += len;
        if (*at == '\0') break;
    }
    if (!st) set_windows(out);
    if (st) xw__part_close(out);
    return st;
}

void xw__part_close(xw__part *p)
{
    free(p->wanted);
    free(p->near);
    free(p->built);
    free(p->lines);
    *p = (xw__part){0};
}

xw_status xw__part_cut(const xw__part *p, xw_model *m, xw_error *err)
{
    uint8_t *keep = calloc(m->n_divisions + 1, 1);
    if (!keep) return xw_fail(err, XW_NOMEM, "%zu divisions", m->n_divisions);
    for (size_t i = 0; i < m->n_divisions; i++) {
        const char *const code = xw_model_text(m, m->divisions[i].code);
        for (size_t k = 0; k < p->all->n_divisions && !keep[i]; k++) {
            keep[i] = p->wanted[k] && strcmp(code_of(p->all, k), code) == 0;
        }
    }
    xw_model part;
    const xw_status st = xw_model_part(m, keep, &part, err);
    free(keep);
    if (st) return st;
    xw_model_finish(m);
    *m = part;
    return XW_OK;
}
