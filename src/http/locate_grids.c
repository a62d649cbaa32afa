/* GET /locate/grids: what the numbers of the binary form stand for. */
#include "internal.h"

enum { TABLE_MAX = 1 << 30 };

void xw__get_locate_grids(xw__cx *cx, xw_http_response *rs)
{
    const xw_model *m = cx->m;
    xw_json j = xw__json_body(rs, "application/json", TABLE_MAX);
    xw_json_open(&j, '{');
    xw_json_kint(&j, "revision", m->revision);
    xw_json_kstr(&j, "digest", xw_snapshot_digest(cx->pin.snapshot));
    xw_json_key(&j, "grids");
    xw_json_open(&j, '[');
    for (size_t i = 0; i < m->n_grids && !rs->body.failed; i++) {
        const xw_grid *g = &m->grids[i];
        xw_json_open(&j, '{');
        xw_json_kint(&j, "index", (int64_t)i);
        xw_json_kstr(&j, "code", xw_model_text(m, g->code));
        xw_json_kstr(&j, "name", xw_model_text(m, g->name));
        xw_json_kstr(&j, "level", xw_model_text(m, m->levels[g->level].key));
        xw_json_key(&j, "parent");
        if (g->parent == XW_NONE) {
            xw_json_null(&j);
        } else {
            xw_json_int(&j, g->parent);
        }
        xw_json_close(&j, '}');
    }
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}
