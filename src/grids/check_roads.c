/* Grids with households on both sides of what they should not cross: the classes that their level
 * never crosses (a violation), and main roads at the finest level (an exception with its reason).
 */
#include "checking.h"
#include "crossings.h"

#include <stdio.h>

static void tell_never(xw__checker *c, uint32_t line, const xw_crossing *x)
{
    xw__check_hit(c, line, 1, x->at, "%s: %u households on the other side of a %s",
                  xw_model_text(c->m, c->m->grids[x->grid].code), x->households,
                  xw_class_get(x->cls)->code);
}

static void tell_main(xw__checker *c, uint32_t line, const xw_crossing *x)
{
    const xw_grid *g = &c->m->grids[x->grid];
    const char *code = xw_model_text(c->m, g->code), *road = xw_class_get(x->cls)->code;
    c->out->lines[line].value += 1;
    if (x->reason == XW_CROSSING_CUT_OFF) {
        xw__check_except(c, line, x->at,
                         "%s: %u of %u households over a %s: %s, no other grid there", code,
                         x->households, g->households, road, xw_crossing_text(x->reason));
    } else {
        xw__check_except(c, line, x->at,
                         "%s: %u of %u households over a %s: %s, %u others there have room for %u",
                         code, x->households, g->households, road, xw_crossing_text(x->reason),
                         x->others, x->room);
    }
}

static xw_status check_level(xw__checker *c, uint32_t l, uint32_t classes, bool hard,
                             const char *key, const char *text, const char *zh)
{
    xw__crossings all;
    const uint32_t line = xw__check_line_add(c, hard, "", 0, key, text, zh);
    const xw_status st = xw__crossings_make(c->m, &c->edges, l, classes, &all, c->err);
    for (size_t i = 0; i < all.n && !c->failed; i++) {
        (hard ? tell_never : tell_main)(c, line, &all.list[i]);
    }
    xw__crossings_finish(&all);
    return st;
}

xw_status xw__check_roads(xw__checker *c)
{
    const xw_model *m = c->m;
    xw_status st = XW_OK;
    if (m->n_levels == 0) return XW_OK;
    for (uint32_t l = m->n_levels; l-- > 0 && !st;) {
        char key[56];
        if (m->levels[l].never == 0) continue;
        (void)snprintf(key, sizeof key, "%.30ss_across_never", xw_model_text(m, m->levels[l].key));
        st = check_level(c, l, m->levels[l].never, true, key,
                         "grids across a barrier that their level never crosses",
                         "跨越本级不可跨界线的网格");
    }
    if (st) return st;
    return check_level(c, m->n_levels - 1, XW__MAIN_ROADS, false, "across_main_roads",
                       "finest grids across a main road", "跨主干道的最细网格");
}
