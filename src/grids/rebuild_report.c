#include "xiwang/rebuild.h"

static void write_level(xw_json *j, const xw_model *m, uint32_t level, const xw_rebuild_level *l)
{
    xw_json_open(j, '{');
    xw_json_kstr(j, "level", xw_model_text(m, m->levels[level].key));
    xw_json_kint(j, "before", l->before);
    xw_json_kint(j, "after", l->after);
    xw_json_kint(j, "kept", l->kept);
    xw_json_kint(j, "begun", l->begun);
    xw_json_kint(j, "ended", l->ended);
    xw_json_kint(j, "households_moved", (int64_t)l->moved);
    xw_json_close(j, '}');
}

static void write_row(xw_json *j, const xw_model *m, const xw_lineage *row)
{
    const char *old = xw_model_text(m, row->old_code), *now = xw_model_text(m, row->new_code);
    xw_json_open(j, '{');
    xw_json_kstr(j, "level", xw_model_text(m, row->level));
    xw_json_kstr(j, "old_code", old[0] ? old : NULL);
    xw_json_kstr(j, "new_code", now[0] ? now : NULL);
    xw_json_kint(j, "households", row->households);
    xw_json_kint(j, "of_households", row->of);
    xw_json_kstr(j, "reason", xw_lineage_reason_text(row->reason));
    xw_json_kbool(j, "old_ends", row->old_ends);
    xw_json_kbool(j, "new_begins", row->new_begins);
    xw_json_key(j, "at");
    xw_json_pt(j, row->at.x, row->at.y);
    xw_json_close(j, '}');
}

void xw_rebuild_write_json(const xw_rebuild_report *r, const xw_model *m, xw_buf *out)
{
    xw_json j = xw_json_on(out);
    xw_json_open(&j, '{');
    xw_json_kint(&j, "revision", r->revision);
    xw_json_kint(&j, "buildings_same", (int64_t)r->buildings_same);
    xw_json_kint(&j, "buildings_new", (int64_t)r->buildings_new);
    xw_json_kint(&j, "buildings_gone", (int64_t)r->buildings_gone);
    xw_json_kint(&j, "buildings_changed", (int64_t)r->buildings_changed);
    xw_json_kint(&j, "households_before", (int64_t)r->households_before);
    xw_json_kint(&j, "households_after", (int64_t)r->households_after);
    xw_json_kint(&j, "households_same", (int64_t)r->households_same);
    xw_json_key(&j, "levels");
    xw_json_open(&j, '[');
    for (uint32_t l = 0; l < r->n_levels; l++) write_level(&j, m, l, &r->levels[l]);
    xw_json_close(&j, ']');
    xw_json_key(&j, "reasons");
    xw_json_open(&j, '{');
    for (unsigned i = 1; i < XW_LINEAGE_COUNT; i++) {
        xw_json_kint(&j, xw_lineage_reason_text(i), (int64_t)r->reasons[i]);
    }
    xw_json_close(&j, '}');
    xw_json_key(&j, "rows");
    xw_json_open(&j, '[');
    for (size_t i = r->first_row; i < m->n_lineage; i++) write_row(&j, m, &m->lineage[i]);
    xw_json_close(&j, ']');
    xw_json_close(&j, '}');
}
