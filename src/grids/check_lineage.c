/* What the lineage says against itself and against the grids: no code is used twice, none is lost.
 * Rows are all that is left of the revisions before, so this is what one store can show. */
#include "checking.h"

#include <stdlib.h>
#include <string.h>

typedef struct event { /* a code is named by a row */
    const char *code;
    uint32_t revision, row;
    bool begins, ends;
} event;

typedef struct story {
    xw__checker *c;
    event *events;
    size_t n;
    uint32_t again, lost; /* lines */
} story;

static int by_code(const void *x, const void *y)
{
    const event *a = x, *b = y;
    const int order = strcmp(a->code, b->code);
    if (order) return order;
    if (a->revision != b->revision) return a->revision < b->revision ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void collect(story *s)
{
    const xw_model *m = s->c->m;
    for (uint32_t i = 0; i < m->n_lineage; i++) {
        const xw_lineage *row = &m->lineage[i];
        const char *old = xw_model_text(m, row->old_code), *now = xw_model_text(m, row->new_code);
        if (old[0]) s->events[s->n++] = (event){old, row->revision, i, false, row->old_ends != 0};
        if (now[0]) s->events[s->n++] = (event){now, row->revision, i, row->new_begins != 0, false};
    }
    if (s->n > 0) qsort(s->events, s->n, sizeof *s->events, by_code);
}

/* The rows of one code, by revision. It is there from its beginning (or from before the first row)
 * to its end, once. */
static void check_code(story *s, const event *e, size_t n)
{
    const xw_model *m = s->c->m;
    const bool there = xw_model_grid_by_code(m, e->code) != XW_NONE;
    uint32_t begun = 0, ended = 0;
    for (size_t i = 0; i < n; i++) {
        const xw_pt at = m->lineage[e[i].row].at;
        const uint32_t revision = e[i].revision;
        const bool late = e[i].begins && i > 0 && begun != revision;
        if ((ended && revision > ended) || late || (e[i].begins && ended)) {
            xw__check_hit(s->c, s->again, 1, at, "%s of revision %u is used again in revision %u",
                          e->code, ended ? ended : e[0].revision, revision);
            return;
        }
        if (e[i].begins) begun = revision;
        if (e[i].ends) ended = revision;
    }
    const xw_pt at = m->lineage[e[n - 1].row].at;
    if (ended && there) {
        xw__check_hit(s->c, s->again, 1, at, "%s was retired with revision %u and is a grid",
                      e->code, ended);
    }
    if (!ended && !there) {
        xw__check_hit(s->c, s->lost, 1, at, "%s was never retired and is no grid", e->code);
    }
}

/* No more households leave a grid than it had. */
static void check_rows(story *s)
{
    const xw_model *m = s->c->m;
    uint64_t left = 0;
    for (uint32_t i = 0; i < m->n_lineage; i++) {
        const xw_lineage *row = &m->lineage[i], *before = i ? row - 1 : NULL;
        const char *old = xw_model_text(m, row->old_code);
        const bool same = before && before->revision == row->revision &&
                          strcmp(xw_model_text(m, before->old_code), old) == 0;
        left = same ? left + row->households : row->households;
        if (!old[0] || left <= row->of) continue;
        xw__check_hit(s->c, s->lost, 1, row->at,
                      "%s had %u households when %llu left it in "
                      "revision %u",
                      old, row->of, (unsigned long long)left, row->revision);
    }
}

/* Households of the newest rows of the finest level: what this revision asked of people. */
static uint64_t moved(const xw_model *m)
{
    uint64_t sum = 0;
    const xw_text finest = m->n_levels ? m->levels[m->n_levels - 1].key : 0;
    for (size_t i = 0; i < m->n_lineage; i++) {
        const xw_lineage *row = &m->lineage[i];
        if (row->revision != m->revision || !xw_model_text(m, row->old_code)[0]) continue;
        if (strcmp(xw_model_text(m, row->level), xw_model_text(m, finest)) != 0) continue;
        sum += row->households;
    }
    return sum;
}

xw_status xw__check_lineage(xw__checker *c)
{
    story s = {.c = c};
    s.again = xw__check_line_add(c, true, "", 0, "codes_used_again", "codes used again",
                                 "重复启用的编码");
    s.lost = xw__check_line_add(c, true, "", 0, "lineage_broken", "codes whose lineage breaks off",
                                "沿革中断的编码");
    (void)xw__check_line_add(c, false, "", (double)moved(c->m), "households_moved",
                             "households with another code since the last revision",
                             "较上一版本变更网格的户数");
    s.events = malloc((2 * c->m->n_lineage + 1) * sizeof *s.events);
    if (!s.events) return xw_fail(c->err, XW_NOMEM, "%zu rows of lineage", c->m->n_lineage);
    collect(&s);
    for (size_t i = 0, n; i < s.n; i += n) {
        n = 1;
        while (i + n < s.n && strcmp(s.events[i].code, s.events[i + n].code) == 0) n++;
        check_code(&s, s.events + i, n);
    }
    check_rows(&s);
    free(s.events);
    return XW_OK;
}
