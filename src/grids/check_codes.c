/* Every code says what it is: digits, its division's first, then its parent's, as many as its level
 * has. That no two are the same is part of the order of the grids. */
#include "checking.h"
#include "xiwang/code.h"

#include <string.h>

void xw__check_codes(xw__checker *c)
{
    const xw_model *m = c->m;
    const uint32_t line =
        xw__check_line_add(c, true, "", 0, "codes_wrong",
                           "codes that do not say their level and parent", "代码不合规的网格");
    for (uint32_t i = 0; i < m->n_grids && !c->failed; i++) {
        const xw_grid *g = &m->grids[i];
        const char *code = xw_model_text(m, g->code);
        const char *up = xw_model_text(m, g->parent == XW_NONE ? m->divisions[g->division].code
                                                               : m->grids[g->parent].code);
        const size_t n = strlen(code), head = strlen(up);
        const uint32_t width = m->levels[g->level].code_width;
        if (head == 0 || n != head + width || strncmp(code, up, head) != 0 ||
            (g->parent == XW_NONE && head != XW_DIVISION_DIGITS)) {
            xw__check_hit(c, line, 1, g->label, "%.60s is not %.60s and %u digits", code, up,
                          width);
        } else if (strspn(code, "0123456789") != n || strspn(code + head, "0") == width) {
            xw__check_hit(c, line, 1, g->label, "%.60s is not a number from 1 at every level",
                          code);
        }
    }
}
