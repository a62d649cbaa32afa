/* Whose event it is, decided once: the rule, the grids of all levels, the candidates. */
#include "internal.h"

#include "xiwang/when.h"

#include <string.h>

enum { TAIL_MAX = 1 << 16 };

static void grids(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "grids");
    xw_json_open(j, '{');
    for (uint32_t l = 0; l < m->n_levels && a->grid != XW_NONE; l++) {
        const uint32_t g = xw_model_grid_at(m, a->grid, l);
        xw_json_key(j, xw_model_text(m, m->levels[l].key));
        xw_json_open(j, '{');
        xw_json_kstr(j, "code", xw_model_text(m, m->grids[g].code));
        xw_json_knum(j, "probability", a->level_probability[l], 4);
        xw_json_close(j, '}');
    }
    xw_json_close(j, '}');
}

static void candidates(const xw_model *m, const xw_answer *a, xw_json *j)
{
    xw_json_key(j, "candidates");
    xw_json_open(j, '[');
    for (uint32_t i = 0; i < a->n_candidates; i++) {
        const xw_candidate *c = &a->candidates[i];
        xw_json_open(j, '{');
        xw_json_kstr(j, "code", xw_model_text(m, m->grids[c->grid].code));
        xw_json_knum(j, "probability", c->probability, 4);
        xw_json_close(j, '}');
    }
    xw_json_close(j, ']');
}

static void binding(const xw_snapshot *s, const xw_answer *a, const xw__event *ev, xw_json *j)
{
    const xw_model *m = xw_snapshot_model(s);
    xw_json_key(j, "binding");
    xw_json_open(j, '{');
    xw_json_kint(j, "revision", m->revision);
    xw_json_kstr(j, "digest", xw_snapshot_digest(s));
    xw_json_kstr(j, "net", xw_model_text(m, m->net));
    xw_json_kstr(j, "rule", ev->rule);
    xw_json_kstr(j, "certain_to", ev->certain_to);
    xw_json_kbool(j, "on_boundary", a->on_boundary);
    xw_json_knum(j, "distance_m", a->distance_m, 2);
    xw_json_knum(j, "accuracy_m", a->accuracy_m, 2);
    grids(m, a, j);
    candidates(m, a, j);
    xw_json_kstr(j, "suspect_crs", a->suspect_crs);
    xw_json_close(j, '}');
}

static xw_status write_tail(const xw_snapshot *s, const xw_answer *a, xw_events_batch *b,
                            xw__event *ev, xw_error *err)
{
    char when[XW_WHEN_TEXT];
    xw_buf *out = &b->scratch;
    xw_buf_clear(out);
    out->ceiling = TAIL_MAX;
    xw_json j = xw_json_on(out);
    j.comma = true;
    xw_json_kstr(&j, "source", ev->source);
    xw_json_kstr(&j, "source_event_id", ev->source_event_id);
    xw_json_kstr(&j, "service_code", ev->service_code);
    xw_json_kstr(&j, "status", ev->status);
    xw_when_text(ev->received, when);
    xw_json_kstr(&j, "received_datetime", when);
    xw_when_text(ev->requested, when);
    xw_json_kstr(&j, "requested_datetime", when);
    binding(s, a, ev, &j);
    xw_buf_add(out, "}", 1);
    const xw_status st = xw_buf_status(out, "the answer", err);
    if (st) return st;
    char *room = xw__arena_take(&b->arena, XW__ANSWER_HEAD + out->n + 1);
    if (!room) return xw_fail(err, XW_NOMEM, "an event");
    ev->tail = room + XW__ANSWER_HEAD;
    ev->tail_n = out->n;
    memcpy(ev->tail, out->data, out->n + 1);
    return XW_OK;
}

xw_status xw__event_bind(const xw_snapshot *s, const xw_crs *crs, xw_events_batch *b, xw__event *ev,
                         xw_error *err)
{
    xw__arena *arena = &b->arena;
    const xw_model *m = xw_snapshot_model(s);
    const xw_query q = {.x = ev->x,
                        .y = ev->y,
                        .crs = crs,
                        .accuracy_m = ev->has_accuracy ? ev->accuracy : 0,
                        .has_floor = ev->has_floor,
                        .floor = ev->floor,
                        .nearest_m = XW_EVENT_NEAREST_M,
                        .near_only = true,
                        .custody = true};
    xw_answer a;
    const xw_status st = xw_answer_locate(s, &q, &a, err);
    if (st) return st;
    if (a.grid == XW_NONE && a.rule != XW_RULE_RESERVED) {
        return xw_fail(err, XW_NOT_FOUND,
                       "\"long\", \"lat\" %.7g, %.7g is in no grid, and none is within %g m", ev->x,
                       ev->y, XW_EVENT_NEAREST_M);
    }
    ev->at = a.at;
    ev->rule = xw_rule_text(a.rule);
    ev->revision = m->revision;
    /* the model may be gone before the event is written: its texts are copied */
    const char *code = a.grid == XW_NONE ? "" : xw_model_text(m, m->grids[a.grid].code);
    ev->grid = xw__arena_copy(arena, code, strlen(code));
    if (a.certain_level != XW_NONE) {
        const char *key = xw_model_text(m, m->levels[a.certain_level].key);
        ev->certain_to = xw__arena_copy(arena, key, strlen(key));
        if (!ev->certain_to) return xw_fail(err, XW_NOMEM, "an event");
    }
    if (!ev->grid) return xw_fail(err, XW_NOMEM, "an event");
    return write_tail(s, &a, b, ev, err);
}
