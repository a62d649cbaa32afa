#include "xiwang/model.h"

#include <stdlib.h>
#include <string.h>

const char *xw_plot_kind_text(unsigned kind)
{
    static const char *const texts[] = {"building", "open", "water"};
    return kind < 3 ? texts[kind] : "";
}

const char *xw_basis_text(unsigned basis)
{
    static const char *const texts[] = {"road",     "water",    "rail",   "wall",
                                        "division", "building", "between"};
    return basis < 7 ? texts[basis] : "";
}

xw_basis xw_basis_of_class(unsigned cls)
{
    static const uint8_t basis[] = {
#define X(name, code, zh, hard, cost, basis) XW_BASIS_##basis,
        XW_BARRIER_MAP(X)
#undef X
    };
    return cls < XW_CLASS_COUNT ? (xw_basis)basis[cls] : XW_BASIS_BETWEEN;
}

const char *xw_grid_kind_text(unsigned kind)
{
    static const char *const texts[] = {"basic", "exclusive", "reserved"};
    return kind < 3 ? texts[kind] : "";
}

const char *xw_lineage_reason_text(unsigned reason)
{
    static const char *const texts[] = {
#define X(name, text, zh) text,
        XW_LINEAGE_MAP(X)
#undef X
    };
    return reason < XW_LINEAGE_COUNT ? texts[reason] : "";
}

void xw_model_init(xw_model *m) { memset(m, 0, sizeof *m); }

void xw_model_finish(xw_model *m)
{
    if (!m->borrowed) {
        xw_strings_finish(&m->text);
        free(m->pts);
        free(m->rings);
        free(m->divisions);
        free(m->plots);
        free(m->units);
        free(m->buildings);
        free(m->edges);
        free(m->lines);
        free(m->addresses);
        free(m->findings);
        free(m->grids);
        free(m->grid_units);
        free(m->lineage);
    }
    xw_model_init(m);
}

void *xw_model_one_more(void **array, size_t *n, size_t *cap, size_t size)
{
    if (*n >= XW_NONE - 1 || !xw_grow(array, cap, *n + 1, size)) return NULL;
    void *at = (char *)*array + (*n)++ * size;
    memset(at, 0, size);
    return at;
}

xw_status xw_model_add_pts(xw_model *m, const xw_pt *pts, size_t n, uint32_t *first, xw_error *err)
{
    *first = (uint32_t)m->n_pts;
    if (n > XW_NONE - m->n_pts) return xw_fail(err, XW_LIMIT, "more than 4 billion vertices");
    if (!xw_grow((void **)&m->pts, &m->cap_pts, m->n_pts + n, sizeof *m->pts)) {
        return xw_fail(err, XW_NOMEM, "%zu vertices", m->n_pts + n);
    }
    if (n) memcpy(m->pts + m->n_pts, pts, n * sizeof *pts);
    m->n_pts += n;
    return XW_OK;
}

uint32_t xw_model_grid_at(const xw_model *m, uint32_t finest_grid, uint32_t level)
{
    uint32_t g = finest_grid;
    while (g != XW_NONE && m->grids[g].level > level) g = m->grids[g].parent;
    return g;
}

uint32_t xw_model_level(const xw_model *m, const char *key)
{
    for (uint32_t i = 0; i < m->n_levels; i++) {
        if (strcmp(xw_model_text(m, m->levels[i].key), key) == 0) return i;
    }
    return XW_NONE;
}

uint32_t xw_model_grid_by_code(const xw_model *m, const char *code)
{
    for (uint32_t l = 0; l < m->n_levels; l++) {
        uint32_t lo = m->levels[l].first_grid, hi = lo + m->levels[l].n_grids;
        while (lo < hi) {
            const uint32_t mid = lo + (hi - lo) / 2;
            const int c = strcmp(xw_model_text(m, m->grids[mid].code), code);
            if (c == 0) return mid;
            if (c < 0) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }
    }
    return XW_NONE;
}

xw_box xw_model_box(const xw_model *m)
{
    xw_box b = XW_BOX_EMPTY;
    for (size_t i = 0; i < m->n_edges; i++) {
        const xw_edge *e = &m->edges[i];
        for (uint32_t k = 0; k < e->n; k++) b = xw_box_grow(b, m->pts[e->first + k]);
    }
    return b;
}
